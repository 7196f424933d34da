"""Lists of the integrated system and those that people hand in: one row a project, or one row an indicator.

A header row anywhere begins a list: two lists may stand on one sheet, a header is repeated on each printed page, a
sheet may go on without one. Columns are known by the words of the forms, over one or more header rows. Of a list with
a row an indicator the columns of the project are repeated, merged down or written once; in a list with a row a
project the indicators may stand in repeated groups of columns (指标1名称 │ 指标1目标值 │ …).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from perfbatch.decimals import half_up, total
from perfbatch.forms import bands
from perfbatch.forms.form import MONEY, Form, Line, is_damaged_code
from perfbatch.forms.kinds import INDICATOR_LIST, PROJECT_LIST, find_title, is_aside, is_title, says, year_cell
from perfbatch.forms.money_unit import StatedUnit, may_state_unit, stated_units, unit_of_columns
from perfbatch.forms.sheet import DATED, Sheet
from perfbatch.forms.vocabulary import INDICATOR_COLUMNS, PROJECT_COLUMNS, header_forms, is_numbered, names_source
from perfbatch.model import Cell, ListSum
from perfbatch.notation import fold, is_nil, read_money, read_points

_FEWEST_COLUMNS = 5  # fewer header words in a row make no list
_HEAD = (
    "project_code", "project_name", "department", "unit_name", "year", "category", "origin", "conclusion", "grade",
    "goal_expected", "goal_actual", "status", "problems", "measures", "submitted", "deadline", "head_total",
)  # fmt: skip
_IN_HEAD = {"unit_name": "unit", "head_total": "total"}
_ABOVE = ("unit", "department", "year")  # fields of a list that stand above it
_KEYS: tuple[str, ...] = ("project_code", "project_name", "unit_name", "year")
_NAMES = ("project_name", "project_code", "level3")
_VALUES = ("adjusted", "executed", "target", "actual", "points", "score", "head_total")
_FUNDS = (*MONEY, "rate")
_SAID_ONCE = frozenset(
    [*_FUNDS, "head_total", "execution_score", "target", "actual", "score", "reason", "sign", "unit"]
)
_OF_PROJECT = frozenset([*_HEAD, *_FUNDS, "head_total", "execution_score", "serial", "unit_code", "remarks", "warning"])
_MARKS = ("serial", "project_code", "unit_name", "head_total", "level3", "target", "actual", "points", "score")
Span = tuple[int, int]


@dataclass(slots=True)
class Listing(bands.Band):
    """A list on a sheet: its header, and the rows that belong to it, from below the header to `last`.

    `groups` are the columns of each indicator of a list with a row a project; `weight` is the second column of
    points, if any: levels have 权重设定值, indicators their own 权重.
    """

    groups: list[dict[str, Span]] = field(default_factory=list)
    weight: Span | None = None
    repeats: set[int] = field(default_factory=set)  # rows on which the same header is printed again
    right: int = 0  # last column of the header
    holds_two_rows: bool = False  # its two rows name a field each: a project takes two rows
    origin: tuple[str, int] = ("", 0)  # sheet and row of the header, also for a sheet without one that goes on with it
    above: int = 1  # first row of the lines above the header, which name unit and year
    last: int = 0
    sums: tuple[ListSum, ...] = ()  # of its projects, as printed

    @property
    def fields(self) -> set[str]:
        """All fields of the header."""
        return {*self.columns, *self.parts, *(name for group in self.groups for name in group)}


def find(sheet: Sheet) -> list[Listing]:
    """The lists on a sheet from top to bottom; none where the sheet holds no list."""
    found: list[Listing] = []
    floor = 1
    for row in sorted(row for row, labels in sheet.labels.items() if len(labels) >= _FEWEST_COLUMNS - 1):
        # the row or the two below it, which may hold its sub-words, have a column for the project
        labels = [label for at in range(row, row + 3) for label in sheet.labels.get(at, ())]
        named = {label.fields.get(block) for label in labels for block in ("head", INDICATOR_COLUMNS)}
        named_so = row >= floor and not named.isdisjoint(("project_name", "project_code"))
        if not named_so or (part := _header(sheet, row)) is None:
            continue
        floor = part.bottom + 1
        before = found[-1] if found else part
        part.above = top = part.top if found else 1
        while top - 1 > before.bottom and len(list(sheet.begun(top - 1, top - 1))) < 3:
            part.above = top = top - 1  # the title and the unit, which each printed page has above its header
        same = (part.kind, part.columns, part.groups) == (before.kind, before.columns, before.groups)
        if found and same and not _names_another(sheet, before, part):
            before.repeats.update(range(part.top, part.bottom + 1))
            continue
        if found:
            before.last, part.above = top - 1, min(_last_row(sheet, before, part.top) + 1, top)
            part.origin = before.origin if same else part.origin  # whose unit of money holds where none is stated again
        found.append(part)
    return found


def _names_another(sheet: Sheet, before: Listing, part: Listing) -> bool:
    """Whether the lines above a header that is printed again name another unit or year: the list of another unit."""
    known = {name: fold(cell.text) for name, cell in _above(sheet, before).items()}
    return any(known.get(name) != fold(cell.text) for name, cell in _above(sheet, part).items())


def _last_row(sheet: Sheet, part: Listing, before: int) -> int:
    """Last row above `before` that shows a project of the list above."""
    first = next((part.columns[name][0] for name in _NAMES if name in part.columns), 1)
    named = ((row, sheet.at(row, first)) for row in (range(before - 1, part.bottom, -1) if first > 1 else ()))
    own = (row for row, name in named if name.text and name.row == row)
    return next((row for row in own if len(list(sheet.begun(row, row))) > _FEWEST_COLUMNS - 2), part.bottom)


def _header(sheet: Sheet, row: int) -> Listing | None:
    """The header that begins on `row`, with the rows of sub-words below it."""
    bottom = row
    best = _read_header(sheet, row, row)
    while bottom < min(sheet.last_row, row + 2) and _is_sub_header(sheet, bottom + 1):
        bottom += 1
        wider = _read_header(sheet, row, bottom)
        if wider is not None and (best is None or len(wider.fields) >= len(best.fields)):
            best = wider
    if best is None:
        return None
    covered = [area.bottom for cell in sheet.row(row) if (area := sheet.area(cell)).top <= row]
    best.right = max(sheet.area(cell).right for cell in sheet.row(row))
    best.origin, best.last = (sheet.grid.sheet, best.top), sheet.last_row
    best.holds_two_rows = _names_two_rows(sheet, row)
    bottom = max(best.bottom, min(max(covered, default=row), row + 2))
    best.bottom = bands.numbering_below(sheet, bottom, sheet.last_row)
    return best


def _names_two_rows(sheet: Sheet, row: int) -> bool:
    """Whether a row and the one below it name another field each in most columns: 全年预算数 over 全年执行数."""
    both = []
    for _, _, stack in bands.header_columns(sheet, row, row + 1):
        names = {sheet.vocabulary.match(cell.text, PROJECT_COLUMNS) for cell in stack}
        spans = {sheet.area(cell)[1::2] for cell in stack}
        both.append(len(names) == 2 and None not in names and len(spans) == 1)
    return sum(both) > len(both) // 3


def _is_sub_header(sheet: Sheet, row: int) -> bool:
    """Whether a row can be the lower part of a header: short words and no figures.

    At least two of them are known, or all stand below groups of columns (年初预算数 over 小计 and 其中：上年结转).
    """
    own = list(sheet.begun(row, row))
    words = all(cell.stored == "text" and len(cell.text) <= 24 for cell in own)
    figures = any(cell.text[0].isdigit() and not cell.text.endswith(("月", "名称")) for cell in own)
    above = [sheet.at(row - 1, cell.column) for cell in own]  # merged, or blank but for the first (csv)
    grouped = len(own) > 1 and all(not cell.text or sheet.area(cell).right > cell.column for cell in above[1:])
    return words and not figures and (grouped or len(list(sheet.begun_labels(row, row))) >= 2)


def _read_header(sheet: Sheet, top: int, bottom: int) -> Listing | None:
    stacks = list(bands.header_columns(sheet, top, bottom))
    names = [at for at, (_, _, stack) in enumerate(stacks) if bands.field_of(sheet, stack, "indicator") == "level3"]
    if len(names) > 1 or (names and is_numbered(stacks[names[0]][2][0].text)):
        return _wide_header(sheet, top, bottom, stacks, names)
    kind, band = INDICATOR_LIST, bands.band_of(sheet, top, bottom, INDICATOR_COLUMNS)
    if "level3" not in band.columns or {"target", "actual", "target_and_actual"}.isdisjoint(band.columns):
        kind, band = PROJECT_LIST, bands.band_of(sheet, top, bottom, PROJECT_COLUMNS)
    if not _is_list(kind, band.columns):
        return None
    columns = {name: span for name, span in band.columns.items() if name != "extra"}
    weight = next((span for name, span, _ in band.again if name == "points"), None)
    again = [cell for name, _, cell in band.again if name in _SAID_ONCE]
    unknown = [*band.unknown, *again]  # 预算单位 and 预算单位名称 say the same, two columns of amounts do not
    return Listing(kind, band.top, band.bottom, columns, dict(band.headers), unknown, parts=band.parts, weight=weight)


def _is_list(kind: str, columns: Mapping[str, Span]) -> bool:
    if not {"project_name", "project_code"} & columns.keys() or len(columns) < _FEWEST_COLUMNS:
        return False
    return kind == INDICATOR_LIST or bool({"initial", "adjusted", "executed", "head_total"} & columns.keys())


def _wide_header(
    sheet: Sheet, top: int, bottom: int, stacks: Sequence[tuple[int, int, list[Cell]]], names: Sequence[int]
) -> Listing | None:
    """A list with a row a project whose indicators stand in groups of columns; each begins with its name.

    Levels may stand before the name; what stands behind the last group and belongs to none is the project's.
    """
    made, words = Listing(PROJECT_LIST, top, bottom, {}), sheet.vocabulary
    groups = made.groups
    pending: dict[str, Span] = {}
    for at, (first, last, stack) in enumerate(stacks):
        name = bands.field_of(sheet, stack, "indicator")
        if at in names:
            groups.append({**pending, "level3": (first, last)})
            pending = {}
        elif name in ("level1", "level2"):
            pending[name] = (first, last)
        elif name and groups and name not in groups[-1] and (len(groups) == 1 or name in groups[0]):
            groups[-1][name] = (first, last)
        else:
            name = bands.field_of(sheet, stack, PROJECT_COLUMNS) or words.like(stack[-1].text, PROJECT_COLUMNS)
            if name and name not in made.columns:
                made.columns[name], made.headers[name] = (first, last), stack[-1]
            else:
                made.unknown.append(stack[-1])
    if not groups or not _is_list(PROJECT_LIST, made.columns):
        return None
    made.columns.pop("extra", None)
    return made


class _Rows:
    """The rows of a list, read into forms: one a project."""

    def __init__(self, sheet: Sheet, part: Listing) -> None:
        self.sheet, self.part, self.columns = sheet, part, part.columns
        self._head = _above(sheet, part)
        self.money_unit = _unit(sheet, part)
        self.title = find_title(sheet, part.above, part.top - 1)
        self._family = sheet.vocabulary.family_with(part.kind)

        rows = range(part.bottom + 1, part.last + 1)
        self._filled = [row for row in rows if sheet.row(row) and row not in part.repeats]

    def _rows(self) -> Iterator[int]:
        return filter(self._is_own, self._filled)

    def _sums_up(self, row: int) -> bool:
        """Whether the names or the number of a row say that it adds up others."""
        serial = self.text(row, "serial")
        named = self.text(row, "project_name"), self.text(row, "project_code")
        return _sums_up(self.sheet, (*named, "" if serial[:1].isdigit() else serial))

    def _name(self, row: int) -> Cell:
        """The cell that names a row that is not empty: that of the project, else (csv: without merges) the first."""
        cell = self.at(row, "project_name")
        return cell if cell and cell.text.strip() else self.sheet.row(row)[0]

    @cached_property
    def _marked(self) -> frozenset[int]:
        """The rows with something that only projects have: a number, a code, a unit, a score."""
        return frozenset(row for row in self._filled if any(self._marks(row)))

    def _marks(self, row: int) -> Iterator[tuple[str, Cell]]:
        """What a row holds beside its name that only projects have, by field."""
        name, cells = self._name(row), ((field, self.at(row, field)) for field in _MARKS)
        shown = ((field, cell) for field, cell in cells if cell and cell != name and not is_nil(cell.text))
        return ((field, cell) for field, cell in shown if field != "serial" or cell.text[:1].isdigit())

    @cached_property
    def _parts(self) -> frozenset[int]:
        """The rows with parts of the money of the project above, which has a number, a code or a score of its own.

        其中：…, 1.1 or ① and what follows without any of these while money is left, or several rows that add up to it.
        What is called as a unit, or numbered 一、, may head projects: it is a part only where all add up.
        """
        (mark,) = self.sheet.vocabulary.patterns("total_rows", "part")
        found, run = set[int](), list[int]()
        above, rest, begun = 0, Decimal(0), False
        for row in self._filled:
            own = ((field, cell) for field, cell in self._marks(row) if field != "unit_name" and cell.row == row)
            if any(field != "serial" or not mark.match(fold(cell.text)) for field, cell in own):
                above, run, begun = row, [], False
            elif above:  # a sum is more than what is left
                name, amount = self._name(row), self._amount(row)
                place, _, is_unit = _heading(self.sheet, name)
                marked = any(mark.match(fold(text)) for text in (self.text(row, "serial"), name.text))
                rest = (rest if run else self._amount(above)) - amount
                run.append(row)
                begun, above = begun or marked, above if rest >= 0 else 0
                found.update(run if rest == 0 != amount and len(run) > 1 else ())
                found.update([row] if above and begun and (marked or not (is_unit or place[1])) else ())
        return frozenset(found)

    @cached_property
    def _sections(self) -> Mapping[int, Cell | None]:
        """Rows that head the projects below, each with the unit that it names: 一、双塔乡政府（3个项目）, 残联 │ 40.

        Such a row has nothing that only projects have, and no amounts or the sums of those below up to a further one.
        Its text is a unit where it is called as one, or stands where others that are stand (二、残疾人之家).
        """
        words = self.sheet.vocabulary
        others = [row for row in self._filled if row not in self._marked and not self._sums_up(row)]
        named = ((row, self._name(row)) for row in others if row not in self._parts and not is_aside(self.sheet, row))
        some = ((row, cell) for row, cell in named if not (cell.text[:1].isdigit() or is_title(words, cell.text)))
        heads = {row: _heading(self.sheet, cell) for row, cell in some}
        projects = sorted(row for row in self._marked - self._parts if not self._sums_up(row)) if heads else []
        numbered = any(self.text(row, "project_code") or self.text(row, "serial")[:1].isdigit() for row in projects)
        summed, before = Decimal(0), {}
        for row in sorted((*heads, *projects)):
            before[row] = summed
            summed += 0 if row in heads else self._amount(row)
        ends = {half_up(before[row], 2) for row in heads} | {half_up(summed, 2)}
        places = {place for place, _, is_unit in heads.values() if is_unit}
        found: dict[int, Cell | None] = {}
        for row, (place, unit, _) in heads.items():
            own, sure = self._amount(row), numbered or place[1]
            sums = not own or half_up(before[row] + own, 2) in ends
            if place in places and (sure or sums or len(self.sheet.row(row)) == 1):
                found[row] = unit
            elif sure and sums and any(project > row for project in projects[-1:]):
                found[row] = None
        return found

    def _amount(self, row: int) -> Decimal:
        cells = (bands.first_filled(self.sheet, row, *self.columns[name]) for name in MONEY if name in self.columns)
        return total(read_money(cell.text, "万元", stored=cell.stored).value or Decimal(0) for cell in cells)

    def _year_named(self, row: int) -> Cell | None:
        """The year of the projects that follow, where a row says nothing else: 2023年度."""
        cells = self.sheet.row(row)
        return cells[0] if len(cells) == 1 and DATED.fullmatch(header_forms(cells[0].text)[-1]) else None

    def _is_between(self, row: int) -> bool:
        """Whether a row is no project but names the year or the unit of those below: nearer than what stands above."""
        if dated := self._year_named(row):
            self._head = {name: cell for name, cell in self._head.items() if name != "unit"} | {"year": dated}
        elif unit := self._sections.get(row):
            self._head = self._head | {"unit": unit}
        return dated is not None or row in self._sections

    def _is_project(self, row: int) -> bool:
        """Whether a row is a project: no sum, and without a unit no heading of one (一 │ 柳溪镇人民政府) and no part of
        what is above (其中：上级资金)."""
        name, code = self.text(row, "project_name"), self.text(row, "project_code")
        sample = says(self.sheet.vocabulary, "placeholders", self.text(row, "unit_name") or name)
        if not (name or code) or sample or row in self._parts or self._sums_up(row):
            return False
        if row in self._marked:
            return bool(self.text(row, "unit_name")) or fold(name) not in self._units
        parts = tuple(self.sheet.vocabulary.words("total_rows", "parts"))
        return not names_source(self.sheet.vocabulary, name) and not fold(name).startswith(parts)

    @cached_property
    def _units(self) -> frozenset[str]:
        return frozenset(fold(unit) for row in self._rows() if (unit := self.text(row, "unit_name")))

    def at(self, row: int, name: str) -> Cell | None:
        return self.part.cell(self.sheet, row, name)

    def text(self, row: int, name: str) -> str:
        return cell.text.strip() if (cell := self.at(row, name)) else ""

    def _is_own(self, row: int) -> bool:
        """Whether a row belongs to the list: no note, signature or page number, no text across it, no header again."""
        sheet = self.sheet
        plain = row in self._marked and row not in sheet.labels and row not in sheet.stated
        if plain or row in self._sections or self._year_named(row):
            return True
        shown = {name: cell for name, cell in self.part.cells(sheet, row).items() if cell.text}
        stated = any(name in _ABOVE for name, _ in sheet.stated_fields(row, row))  # 编报单位：甲 above a further page
        if not shown or stated:
            return False
        names = [shown[name] for name in _NAMES if name in shown]
        values = [shown[value] for value in _VALUES if value in shown]
        across = bool(values) and all(any(value is name for name in names) for value in values)
        labels = self.part.headers
        repeated = sum(name in labels and fold(c.text) == fold(labels[name].text) for name, c in shown.items())
        return not across and repeated < _FEWEST_COLUMNS - 1 and not is_aside(sheet, row)

    def projects(self) -> list[Form]:
        forms = []
        for row in (row for row in self._rows() if not self._is_between(row) and self._is_project(row)):
            form = self._form(self.part.cells(self.sheet, row), row)
            groups = (bands.cells_of(self.sheet, row, group) for group in self.part.groups)  # each of an indicator
            form.lines += [Line(row, some, form.sheet) for some in groups if not is_nil(some["level3"].text)]
            form.has_points = any("points" in group for group in self.part.groups)
            forms.append(form)
        if forms and self.part.top and self.part.above == 1 and self.part.last == self.sheet.last_row:
            self.part.sums = tuple(self._sums())  # of the only list of a sheet; else a sum may be that of several
        return forms

    def _sums(self) -> Iterator[ListSum]:
        """The amounts of the last row called 合计."""
        totals = self.sheet.vocabulary.blocks["total_rows"]
        *before, last = [0, *(row for row in self._filled if fold(self._name(row).text) in totals)]
        for name in (name for name in MONEY if name in self.columns and last):
            cell = bands.first_filled(self.sheet, last, *self.columns[name])
            yield ListSum(cell.ref, name, cell.text, self.money_unit.columns.get(name, ""), before[-1])

    def _form(self, cells: Mapping[str, Cell], row: int) -> Form:
        """The project of a row: its head, what stands above the list, and its money as one total line."""
        grid, kind = self.sheet.grid, self.part.kind
        anchor = cells.get("project_name") or cells.get("project_code")
        form = Form(grid.file, grid.sheet, self._family, anchor.ref if anchor else f"A{row}", kind)
        form.list_part = self.part.origin
        form.head |= {_IN_HEAD.get(name, name): cells[name] for name in _HEAD if name in cells}
        form.head |= {name: cell for name, cell in self._head.items() if not form.text(name).strip()}
        form.head |= {"title": self.title} if self.title else {}
        self.money_unit.give(form)
        money = {name: cells[name] for name in _FUNDS if name in cells}
        money |= {name: cells[f"execution_{name}"] for name in ("score", "points") if f"execution_{name}" in cells}
        if kind == PROJECT_LIST:
            money |= {name: cells[name] for name in ("points", "reason") if name in cells}
        if money:
            name = next(iter(money))
            source = Cell(row, (self.part.headers.get(name) or money[name]).column, "合计", "text")
            form.funds.append(Line(row, {"source": source, **money}, grid.sheet))
        return form

    def indicators(self) -> list[Form]:
        """Rows grouped by project in order of appearance; level rows become levels of what follows."""
        forms: dict[tuple[str, ...], Form] = {}
        current: Form | None = None
        levels: dict[str, Cell] = {}
        last: tuple[str, ...] = ()
        rows = [(row, self.part.cells(self.sheet, row)) for row in self._rows()]
        rows = [(row, cells) for row, cells in rows if any(cell.text for cell in cells.values())]
        for at, (row, cells) in enumerate(rows):
            if self._is_between(row):
                continue
            own = {name: cells[name] for name in _KEYS if name in cells}
            # code, name and unit together tell projects apart: a damaged code stands for several
            key = tuple(fold(own[name].text) if name in own else "" for name in _KEYS)
            if any(cell.text.strip() for cell in own.values()) and key != last:
                if _sums_up(self.sheet, [cell.text for cell in own.values()][:2]):
                    continue
                last, levels = key, {}
                current = forms.get(key)
            if current is None and self._sums_up(row):
                continue  # 合计 above the first project
            if current is None:
                current = forms[last] = self._form(cells, row)
            self._line(current, row, cells, levels, rows[at + 1][1] if at + 1 < len(rows) else None)
        found = [form for form in forms.values() if form.lines or form.funds or form.text("total")]
        for form in found:
            if form.lines and not form.text("project_name").strip() and not form.text("project_code").strip():
                line = form.lines[0]  # rows above the first project begin at their own cell
                form.anchor = next(cell.ref for cell in line.cells.values() if cell.row == line.row and cell.text)
        return found

    def _line(
        self, form: Form, row: int, cells: dict[str, Cell], levels: dict[str, Cell], following: dict[str, Cell] | None
    ) -> None:
        self._compare(form, row, cells)
        which = _sum_named(self.sheet, cells) or bands.level_of(self.sheet, cells, form.lines, following)
        spans = [span for span in (self.columns.get("points"), self.part.weight) if span]
        given = [bands.first_filled(self.sheet, row, *span) for span in spans]
        if given := [cell for cell in given if not is_nil(cell.text)] or given:
            cells["points"] = given[0] if which else given[-1]  # set ones of a level, own ones of an indicator
        if which in ("level1", "level2"):
            bands.enter_level(levels, which, cells)
        elif which == "total":
            if "score" in cells:
                form.head.setdefault("total", cells["score"])
        elif which != "subtotal":
            shown = {name: cell for name, cell in cells.items() if name not in _OF_PROJECT}
            if any(cell.text and cell.row == row for cell in shown.values()):
                form.lines.append(Line(row, {**levels, **shown}, self.sheet.grid.sheet))

    def _compare(self, form: Form, row: int, cells: Mapping[str, Cell]) -> None:
        """What the rows of one project say of it must agree; where a row differs, the value is read from none."""
        money = form.funds[0].cells if form.funds and form.funds[0].row != row else {}
        for name in _FUNDS:
            cell, first = cells.get(name), money.get(name)
            if cell is None or first is None or not cell.text or cell is first:
                continue
            if not first.text:
                money[name] = cell
            elif fold(cell.text) != fold(first.text) and name not in form.contradicted:
                form.contradicted[name] = (first, cell)


def read(sheet: Sheet, part: Listing) -> list[Form]:
    """The projects of a list, each with its money as one line and the indicators that the list gives it."""
    rows = _Rows(sheet, part)
    return rows.projects() if part.kind == PROJECT_LIST else rows.indicators()


def go_on(before: Listing, sheet: Sheet) -> Listing | None:
    """The rows of a sheet without a header that goes on with the list before it, else None.

    It has no labels of its own, no more columns, and its first rows hold the same kinds of values.
    """
    wanted = [span for name, span in before.columns.items() if name in (*_FUNDS, "head_total", "points", "score")]
    names = [before.columns[name] for name in _NAMES if name in before.columns]
    rows = [row for row in range(1, sheet.last_row + 1) if sheet.row(row)][:3]
    if not rows or sheet.last_column > before.right:
        return None
    for row in rows:
        named = any(bands.first_filled(sheet, row, *span).text for span in names)
        figures = [cell.text for span in wanted if (cell := bands.first_filled(sheet, row, *span)).text]
        if not named or not figures or any(read_points(text) is None and not is_nil(text) for text in figures):
            return None
    return replace(before, top=0, bottom=0, repeats=set(), above=1, last=sheet.last_row)


def _above(sheet: Sheet, part: Listing) -> dict[str, Cell]:
    """Unit, department and year that stand above a list, beside their labels or in one cell with them."""
    found: dict[str, Cell] = {}
    for row in range(part.above, part.top):
        labels = [label for label in sheet.labels.get(row, ()) if "head" in label.fields]
        named = [*sheet.stated_fields(row, row), *((label.fields["head"], sheet.beside(label)) for label in labels)]
        for name, cell in named:
            if name in _ABOVE and cell.text:
                found.setdefault(name, cell)
        for cell in sheet.row(row):
            place, unit, is_unit = _heading(sheet, cell)
            if len(sheet.row(row)) == 1 and place[1] and is_unit:
                found.setdefault("unit", unit)  # 一、甲镇人民政府
    if "year" not in found and (year := year_cell(sheet, part.above, part.top - 1)):
        found["year"] = year
    return found


def _heading(sheet: Sheet, cell: Cell) -> tuple[tuple[int, int], Cell, bool]:
    """Place of a heading: column and way of numbering (一、 or 部门：), 0 for none; what it names; if as a unit."""
    number, unit = (sheet.vocabulary.patterns("names_of_units", which)[0] for which in ("heading", "pattern"))
    match = number.match(text := cell.text.strip())
    named = header_forms(text[match.end() :] if match else text)[-1]  # without its number and （3个项目）
    return (cell.column, match.lastindex or 0 if match else 0), cell._replace(text=named), bool(unit.search(named))


def _unit(sheet: Sheet, part: Listing) -> StatedUnit:
    """The unit of money stated in the header, above it, in a note below the list, or in the sheet's name."""
    labels: dict[str, Cell] = {}
    for name, label in ((name, part.headers[name]) for name in MONEY if name in part.headers):
        groups = [sheet.at(row, label.column) for row in range(max(part.top - 1, 1), label.row)]
        labels[name] = next((cell for cell in (label, *reversed(groups)) if stated_units([cell])), label)
    above, notes = range(part.above, part.top), range(max(part.last - 2, part.bottom + 1), part.last + 1)
    around = [cell for row in above for cell in sheet.row(row) if may_state_unit(cell.text)]
    around += [cell for row in notes for cell in sheet.row(row) if "单位" in cell.text]  # 元 alone: an indicator's
    heads = (label for row in above for label in sheet.labels.get(row, ()))
    around += [sheet.beside(label) for label in heads if label.fields.get("head") == "money_unit"]
    return unit_of_columns(sheet, labels, around)


def _sums_up(sheet: Sheet, names: Iterable[str]) -> bool:
    """Whether the names of a row say that it adds up others; a project of such a name has a code."""
    words, texts = sheet.vocabulary, [name for name in names if name.strip()]
    total = any(fold(text) in words.blocks["total_rows"] for text in texts)
    return total or (bool(texts) and all(map(words.names_a_sum, texts)))


def _sum_named(sheet: Sheet, cells: Mapping[str, Cell]) -> str:
    """Whether a row without values is the ``total`` of a project, or a ``subtotal``; else empty."""
    name = cells.get("level3")
    if name is not None and not name.text.strip() and "serial" in cells:
        name = cells["serial"]  # 小计 in the column of numbers, below the rows of a project
    if name is None or bands.has_values(cells):
        return ""
    if fold(name.text) in sheet.vocabulary.blocks["total_rows"]:
        return "total"
    return "subtotal" if _sums_up(sheet, [name.text]) else ""


def join(projects: list[Form], indicators: list[Form]) -> tuple[list[Form], list[str]]:
    """Give each project of a project list its rows of an indicator list; the rest become projects of their own.

    Joined by code where it names one project and is whole, else by name and unit. Returns the forms and what has to
    be said of it: codes that stand for several names.
    """
    by_code: dict[str, list[Form]] = {}
    by_name: dict[str, list[Form]] = {}
    for form in projects:
        by_code.setdefault(form.text("project_code").strip(), []).append(form)
        by_name.setdefault(fold(form.text("project_name")), []).append(form)
    joined, told = list(projects), []
    for rows in indicators:
        project, doubt = _partner(rows, by_code, by_name)
        told.append(doubt)
        if project is None:
            joined.append(rows)
            continue
        project.lines.extend(rows.lines)
        project.has_points = project.has_points or rows.has_points
        project.funds = project.funds or rows.funds
        for name, cell in rows.head.items():
            if name not in ("title", "year", "money_unit") and not project.text(name).strip():
                project.head[name] = cell
                project.elsewhere[name] = rows.elsewhere.get(name, rows.sheet)
    return joined, list(dict.fromkeys(filter(None, told)))


def _partner(
    rows: Form, by_code: Mapping[str, list[Form]], by_name: Mapping[str, list[Form]]
) -> tuple[Form | None, str]:
    code, name = rows.text("project_code").strip(), fold(rows.text("project_name"))
    same_code = by_code.get(code, []) if code else []
    if len(same_code) == 1 and (not name or name == fold(same_code[0].text("project_name"))):
        return same_code[0], ""
    unit = _bare_unit(rows)
    same_name = [form for form in by_name.get(name, []) if name and (not unit or _bare_unit(form) in ("", unit))]
    if code and (len(same_code) > 1 or (same_code and is_damaged_code(same_code[0].head.get("project_code")))):
        told = f"项目编码{code}对应几个不同的项目名称（编码可能按数字导出而损坏），按项目名称对应指标"
        return (same_name[0] if len(same_name) == 1 else None), told
    if same_code and not same_name:
        names = f"{same_code[0].text('project_name')}、{rows.text('project_name')}"
        return same_code[0], f"项目编码{code}在两张表上的项目名称不同（{names}），按编码对应"
    return (same_name[0] if len(same_name) == 1 else None), ""


def _bare_unit(form: Form) -> str:
    """The unit of a form without the number before it."""
    return re.sub(r"^\W*\d*\W*", "", fold(form.text("unit")))
