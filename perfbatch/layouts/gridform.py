"""Grid layouts: one form in a region of a sheet, block by block, by the words of its headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from perfbatch.layouts.bands import LEVELS, Band, fund_bands, indicator_bands
from perfbatch.layouts.form import Form, Line
from perfbatch.layouts.sheet import Label, Sheet
from perfbatch.layouts.titles import find_title
from perfbatch.layouts.vocabulary import printed_points
from perfbatch.model import Cell, Range
from perfbatch.notation import fold, read_points
from perfbatch.notation.numerals import years_in_digits

_UNIT = re.compile(r"\(?(?:单位|金额单位)?[:]?(亿元|万元|千元|百元|元)[)]?")
_UNIT_IN_LABEL = re.compile(r"[(:](亿元|万元|千元|百元|元)\)?")
_YEAR = re.compile(r"20\d\d\s*年")
_GRADES = ("优", "良", "中", "差")
_GOALS = ("goal_expected", "goal_actual", "goal_completion")
_AFTER = ("conclusion", "problems", "measures", "reason_box", "remarks")
_TOTAL_SOURCE = "合计"  # a total that the form does not name, its sources having columns of their own
_FOOTNOTE = re.compile(r"^(注|说明|备注|填表说明)\d*[:：、.]")


def read_form(sheet: Sheet, region: Range, layout: str, *, unlabelled_score: bool = False) -> Form:
    """The form standing in `region` (rows only are used).

    `unlabelled_score`: the last column holds scores though its header does not say so.
    """
    reader = _Reader(sheet, region)
    if unlabelled_score:
        for band in reader.indicator_bands:
            band.columns.setdefault("score", (sheet.last_column, sheet.last_column))
    form = Form(sheet.grid.file, sheet.grid.sheet, layout, anchor=reader.anchor())
    reader.read_head(form)
    reader.read_funds(form)
    if unlabelled_score:
        reader.read_goal_scores(form)
    reader.read_indicators(form)
    reader.read_total(form)
    return form


class _Reader:
    def __init__(self, sheet: Sheet, region: Range) -> None:
        self.sheet, self.top, self.bottom = sheet, region.top, region.bottom
        self._ends: dict[tuple[str, int], int] = {}
        self.indicator_bands = indicator_bands(sheet, self.top, self.bottom)
        first = self.indicator_bands[0].top if self.indicator_bands else self.bottom + 1
        self.fund_bands = [b for b in fund_bands(sheet, self.top, self.bottom) if b.top < first]
        self.total_row = self._find_total_row()

    def anchor(self) -> str:
        """Where the form begins: its first non-empty cell."""
        rows = range(self.top, self.bottom + 1)
        return next(cell.ref for row in rows for cell in self.sheet.row(row))

    # -- head ---------------------------------------------------------------------------------------------

    def read_head(self, form: Form) -> None:
        """Title, key–value fields, goals, money unit."""
        title = find_title(self.sheet, self.top, self._first_block() - 1)
        if title:
            form.head["title"] = title
        for label in self._free_labels():
            name = label.field("head")
            if name is None or name == "manager" or _is_side_label(label):
                continue
            if name in _GOALS:
                form.head.setdefault(name, self._goal(label))
            elif name == "head_total":
                form.head.setdefault("total", self._value(label))
            else:
                form.head.setdefault(name, self._value(label))
        form.money_unit = self._money_unit(form)
        if "year" not in form.head and (year := self._year_cell()):
            form.head["year"] = year

    def _first_block(self) -> int:
        tops = [band.top for band in (*self.fund_bands, *self.indicator_bands)]
        return min(tops, default=self.bottom + 1)

    def _free_labels(self) -> Iterator[Label]:
        """Labels outside the header bands and data rows, each once, in reading order."""
        seen: set[int] = set()
        inside = self._block_rows()
        for row in range(self.top, self.bottom + 1):
            if row in inside:
                continue
            for label in self.sheet.labels.get(row, ()):
                if label.cell.row == row and id(label.cell) not in seen:
                    seen.add(id(label.cell))
                    yield label

    def _block_rows(self) -> set[int]:
        rows: set[int] = set()
        for band in self.fund_bands:
            rows.update(range(band.top, self._fund_end(band) + 1))
        for band in self.indicator_bands:
            rows.update(range(band.top, self._indicator_end(band) + 1))
        return rows

    def _value(self, label: Label) -> Cell:
        """Value of a key: the cell to the right, unless that is the next key."""
        if label.area.right >= self.sheet.last_column:  # a section line: its text stands below
            below = self.sheet.below(label)
            return below if not self.sheet.is_label(below) else below._replace(text="", stored="empty")
        cell = self.sheet.beside(label)
        if cell.text and self.sheet.is_label(cell) and "head" in _fields_of(self.sheet, cell):
            return Cell(label.cell.row, label.area.right + 1, "", "empty")
        return cell

    def _goal(self, label: Label) -> Cell:
        """Value of a goal label: below it when goal labels stand side by side, else beside it."""
        row_labels = self.sheet.labels.get(label.cell.row, ())
        others = [o for o in row_labels if o.cell is not label.cell and o.field("head") in _GOALS]
        right = self.sheet.beside(label)
        if others or not right.text or self.sheet.is_label(right):
            return self._joined_below(label)
        return right

    def _joined_below(self, label: Label) -> Cell:
        """The cells under a goal label, joined when the goal is written over several rows."""
        first = self.sheet.below(label)
        texts = [first.text] if first.text else []
        row = self.sheet.area(first).bottom + 1
        while row <= self.bottom and row < self._next_stop(label.area.bottom + 1) and row not in self.sheet.labels:
            cell = self.sheet.at(row, label.area.left)
            if not cell.text:
                break
            if cell.row == row:
                texts.append(cell.text)
            row += 1
        return first._replace(text="\n".join(texts)) if len(texts) > 1 else first

    def _next_stop(self, row: int) -> int:
        tops = [b.top for b in (*self.fund_bands, *self.indicator_bands) if b.top >= row]
        return min(tops, default=self.bottom + 1)

    def _year_cell(self) -> Cell | None:
        for row in range(self.top, self._first_block()):
            for cell in self.sheet.row(row):
                text = cell[2]
                if "年" in text and cell[0] == row and len(text) <= 20 and _YEAR.search(years_in_digits(fold(text))):
                    return cell
        return None

    def _money_unit(self, form: Form) -> str:
        stated = form.head.get("money_unit")
        if stated and (found := _UNIT.search(fold(stated.text))):
            return found.group(1)
        last = self.indicator_bands[0].top if self.indicator_bands else self.bottom + 1
        for row in range(self.top, last):
            for cell in self.sheet.row(row):
                text = cell[2]
                unit = unit_in_label(text) if "元" in text and cell[0] == row and len(text) <= 40 else ""
                if unit and (self.sheet.is_label(cell) or "单位" in text):
                    form.head["money_unit"] = cell
                    return unit
        return ""

    # -- funds --------------------------------------------------------------------------------------------

    def read_funds(self, form: Form) -> None:
        """Lines of the fund block, the source taken from the columns left of the figures."""
        for band in self.fund_bands:
            self._take_block_points(form, band)
            if pair := self._pair(band):
                form.funds += self._paired_lines(band, *pair)
                continue
            for row in range(band.bottom + 1, self._fund_end(band) + 1):
                line = self._fund_line(band, row)
                if line:
                    form.funds += self._by_source(band, line)

    def _take_block_points(self, form: Form, band: Band) -> None:
        """Points printed in the label of the block: ``预算执行情况（20分）``."""
        for label in self.sheet.labels.get(band.top, ()):
            if "blocks" in label.fields and printed_points(label.cell.text):
                form.head.setdefault("execution_points", label.cell)

    def _pair(self, band: Band) -> tuple[int, int] | None:
        """Value columns of a block printed as ``预算数： 2.38 执行数： 2.38`` instead of columns, else None."""
        columns = [band.columns.get(name) for name in ("adjusted", "executed")]
        if band.top != band.bottom or None in columns:
            return None
        first, second = (span[1] + 1 for span in columns if span)
        values = [self.sheet.at(band.top, column) for column in (first, second)]
        return (first, second) if all(map(_holds_figure, values)) else None

    def _paired_lines(self, band: Band, first: int, second: int) -> list[Line]:
        """The labelled pair is the total; pairs below it are its sources. A score may stand behind the pair."""
        lines = []
        for row in range(band.top, self._fund_end(band) + 1):
            cells = {"adjusted": self.sheet.at(row, first), "executed": self.sheet.at(row, second)}
            source = self.sheet.at(row, first - 1)
            cells["source"] = source._replace(text=_TOTAL_SOURCE) if row == band.top else source
            behind = self.sheet.at(row, second + 1)
            if _holds_figure(behind):
                cells["score"] = behind
            if any(cell.text for name, cell in cells.items() if name != "source"):
                lines.append(Line(row, cells, self.sheet.grid.sheet))
        return lines

    def _by_source(self, band: Band, line: Line) -> list[Line]:
        """One line a source where the header gives each source its own columns, else the line itself."""
        sources = dict.fromkeys(name.split("@")[1] for name in band.columns if "@" in name)
        if not sources:
            return [line]
        plain = {name: cell for name, cell in line.cells.items() if "@" not in name}
        plain["source"] = plain["source"]._replace(text=_TOTAL_SOURCE)
        lines = [Line(line.row, plain, line.sheet)]
        for source in sources:
            cells = {name.split("@")[0]: cell for name, cell in line.cells.items() if name.endswith(f"@{source}")}
            header = next(band.headers[name] for name in band.columns if name.endswith(f"@{source}"))
            lines.append(Line(line.row, {"source": header._replace(text=source), **cells}, line.sheet))
        return lines

    def _fund_end(self, band: Band) -> int:
        """Last row of the fund block: before the next goal label, header or indicator block."""
        if (band.kind, band.bottom) in self._ends:
            return self._ends[band.kind, band.bottom]
        stop = self._next_stop(band.bottom + 1)
        row = band.bottom + 1
        while row < stop and not self._ends_funds(row):
            row += 1
        self._ends[band.kind, band.bottom] = row - 1
        return row - 1

    def _ends_funds(self, row: int) -> bool:
        for label in self.sheet.labels.get(row, ()):
            fields = label.fields
            if label.cell.row == row and ("head" in fields or ("blocks" in fields and "fund" not in fields)):
                return True
        return False

    def _fund_line(self, band: Band, row: int) -> Line | None:
        first_money = min(left for left, _ in band.columns.values())
        source = self._source(band, row, first_money)
        cells = band.cells(self.sheet, row)
        cells.pop("source", None)
        own = [cell for cell in cells.values() if cell.text and cell.row == row]
        if not own and not (source and source.row == row and source.text):
            return None
        if source is None:
            source = Cell(row, max(1, first_money - 1), "", "empty")
        return Line(row, {"source": source, **cells}, self.sheet.grid.sheet)

    def _source(self, band: Band, row: int, first_money: int) -> Cell | None:
        if "source" in band.columns:
            return band.cell(self.sheet, row, "source")
        cells = [c for c in self.sheet.part(row, 1, first_money - 1) if c.row == row]
        return cells[-1] if cells else None

    def read_goal_scores(self, form: Form) -> None:
        """Scores given to the goal block as a whole, in the unlabelled last column."""
        first = self.indicator_bands[0].top if self.indicator_bands else self.bottom + 1
        start = max((self._fund_end(band) + 1 for band in self.fund_bands), default=self.top)
        block: Cell | None = None
        for row in range(start, first):
            score, label = self.sheet.at(row, self.sheet.last_column), self.sheet.at(row, 1)
            block = label if label.text else block  # a file without merges names the block on its first row only
            if _holds_figure(score) and block is not None:
                cells = {"level1": block, "level3": block, "score": score}
                form.lines.append(Line(row, cells, self.sheet.grid.sheet))

    # -- indicators ---------------------------------------------------------------------------------------

    def read_indicators(self, form: Form) -> None:
        """Lines of the indicator blocks with levels inherited inside the same parent."""
        form.has_points = any("points" in band.columns for band in self.indicator_bands)
        for band in self.indicator_bands:
            inherited: dict[str, Cell] = {}
            for row in range(band.bottom + 1, self._indicator_end(band) + 1):
                line = self._indicator_line(band, row, inherited)
                if line:
                    form.lines.append(line)

    def _indicator_end(self, band: Band) -> int:
        if (band.kind, band.bottom) in self._ends:
            return self._ends[band.kind, band.bottom]
        limit = min(self.first_column(band, name) for name in ("level3", "target", "points", "score"))
        stops = [other.top for other in self.indicator_bands if other.top > band.bottom]
        stop = min([*stops, self.bottom + 1, self.total_row or self.bottom + 1])
        row = band.bottom + 1
        while row < stop and not self._is_after(row, limit):
            row += 1
        self._ends[band.kind, band.bottom] = row - 1
        return row - 1

    def _is_after(self, row: int, limit: int) -> bool:
        """Whether a row belongs to what follows the indicators (conclusion, footnotes …)."""
        for label in self.sheet.labels.get(row, ()):
            if label.fields.get("head") in _AFTER and label.cell.row == row and label.area.left < limit:
                return True
        shown = self.sheet.row(row)
        return bool(shown) and shown[0].row == row and bool(_FOOTNOTE.match(shown[0].text.strip()))

    def _indicator_line(self, band: Band, row: int, inherited: dict[str, Cell]) -> Line | None:
        cells = band.cells(self.sheet, row)
        if "content" in cells:
            self._spread_content(cells, band, row)
        if not any(cell.text and cell.row == row for cell in cells.values()):
            return None
        self._inherit(cells, inherited)
        tall = self.sheet.geometry.tall
        shared = frozenset([name for name, cell in cells.items() if cell[:2] in tall and name not in LEVELS[:2]])
        for name in ("target", "actual", "sign", "unit", "level3"):
            if name in cells and name in shared and cells[name].row != row:
                cells[name] = Cell(row, cells[name].column, "", "empty")
        return Line(row, cells, self.sheet.grid.sheet, shared)

    def _spread_content(self, cells: dict[str, Cell], band: Band, row: int) -> None:
        """评价内容 spans the level and the name of a process row (Guangshui form)."""
        first, last = band.columns["content"]
        del cells["content"]
        cells["level1"] = self.sheet.at(row, first)
        names = [c for c in self.sheet.part(row, first + 1, last) if c.row == row]
        if names:
            cells["level2"] = cells["level3"] = names[0]

    def _inherit(self, cells: dict[str, Cell], inherited: dict[str, Cell]) -> None:
        """Fill level 1 and 2 from above, but never across a change of the level above."""
        for at, name in enumerate(LEVELS[:2]):
            if name not in cells:
                continue
            if cells[name].text:
                if name not in inherited or not _same(inherited[name], cells[name]):
                    for lower in LEVELS[at + 1 :]:
                        inherited.pop(lower, None)
                inherited[name] = cells[name]
            elif name in inherited:
                cells[name] = inherited[name]

    # -- total --------------------------------------------------------------------------------------------

    def _find_total_row(self) -> int | None:
        if not self.indicator_bands:
            return None
        band = self.indicator_bands[-1]
        limit = min(self.first_column(band, "target"), self.first_column(band, "points"))
        for row in range(band.bottom + 1, self.bottom + 1):
            for label in self.sheet.labels.get(row, ()):
                if label.cell.row == row and "total_rows" in label.fields and label.area.left < limit:
                    return row
        return None

    def first_column(self, band: Band, name: str) -> int:
        """First column of a field, or past the sheet when the band has none."""
        return band.columns.get(name, (self.sheet.last_column + 1, 0))[0]

    def read_total(self, form: Form) -> None:
        """Total points, total score and the grade word of the total line."""
        if self.total_row is None:
            return
        band = self.indicator_bands[-1]
        for name, key in (("points", "total_points"), ("score", "total")):
            cell = band.cell(self.sheet, self.total_row, name)
            if cell is not None and not self.sheet.is_label(cell):
                form.head.setdefault(key, cell)
        for cell in self.sheet.row(self.total_row):
            if fold(cell.text) in _GRADES:
                form.head.setdefault("grade", cell)


def _holds_figure(cell: Cell) -> bool:
    """Whether a number stands in a cell; what it means is read with the frames (out of the cache)."""
    return read_points(cell.text) is not None


def _same(one: Cell, other: Cell) -> bool:
    return one is other or one.text == other.text or fold(one.text) == fold(other.text)


def _is_side_label(label: Label) -> bool:
    """A block label merged down the side of its block names no value."""
    return "blocks" in label.fields and label.area.bottom > label.area.top


def _fields_of(sheet: Sheet, cell: Cell) -> dict[str, str]:
    return next((label.fields for label in sheet.labels.get(cell.row, ()) if label.cell is cell), {})


@lru_cache(maxsize=4096)
def unit_in_label(text: str) -> str:
    """Money unit printed in a heading: ``项目资金（万元）`` → ``万元``, else empty."""
    found = _UNIT_IN_LABEL.search(fold(text))
    return found.group(1) if found else ""
