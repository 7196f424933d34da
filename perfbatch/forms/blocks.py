"""The blocks of a form: its indicator tables, its fund blocks, where each ends, which row is the total.

Fund blocks are drawn in many ways: one row a source below the stages of the money; label and amount in pairs; sources
across and stages down; groups merged over their lines or down their side; label and amount in one cell. None of
these is described as a whole. A cell that is a known label is never a value; a value takes its stage (年初, 全年,
到位, 执行) from the label that touches it on the left, else from the nearest label above in its columns, else from
one further left in its row, and its source of money in the same way. Where left and above name different stages,
the reading whose arithmetic closes is taken (sources add up, rate = executed ÷ budget); where neither closes, the
block is left unread and said.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Literal, NamedTuple

from perfbatch.decimals import divide
from perfbatch.forms.bands import LEVELS, Band, first_filled, fund_bands, indicator_bands, numbers_columns, score_bands
from perfbatch.forms.form import MONEY, Form, Line
from perfbatch.forms.kinds import is_note
from perfbatch.forms.sheet import Address, Label, Sheet
from perfbatch.forms.vocabulary import Amount, is_total_source, names_source, source_key, stated_amounts
from perfbatch.model import Cell, Range
from perfbatch.notation import fold, is_nil, read_points, tick, verdict

STAGES = frozenset(MONEY)
_ATTRIBUTES = frozenset(["rate", "points", "score", "reason", "method", "deduction"])
_WORDS = frozenset(["reason", "method"])
_FIELDS = STAGES | _ATTRIBUTES
_OF_MONEY = ("fund", "blocks")
_FIGURE = re.compile(r"[¥-]*\d(?!\d?[.、]\D|\d{3}年)[\d.,]*+%?+[百千万亿]*+[元分]?+整?+(?![一-龥])")
_TOTAL = "合计"  # what a total is called that the form does not name
_LONG_TEXT = 60  # a text of this many characters is prose: at the latest there the block has ended
_TOLERANCE = Decimal("0.011")  # printed amounts of two places may miss their sum by a hundredth each
_RATE_TOLERANCE = Decimal("0.006")
Prefer = Literal["left", "above"]


class Word(NamedTuple):
    """What a label of the block says: a stage or attribute, and (or) a source; `group`: its lines name the sources."""

    field: str = ""
    source: str | None = None
    group: bool = False


class _Value(NamedTuple):
    cell: Cell
    field: str
    source: Cell  # the label that names the source; its text is _TOTAL where nothing names one
    by_row: bool  # the source is the label of the row, so all values of the row are one line


def fund_areas(sheet: Sheet, region: Range, indicators: Sequence[Range]) -> list[Range]:
    """Where the fund blocks of a region stand, outside the indicator tables `indicators`.

    A block begins with a row that names stages of the money (at least two, or what was executed and its rate, over
    all its rows) and ends before the next block, a head field or prose.
    """
    found: list[Range] = []
    row = region.top
    while row <= region.bottom:
        stages = _stages(sheet, row, region, indicators)
        below = (band.columns for band in fund_bands(sheet, region.top, region.bottom) if band.top == row + 1)
        said_again = len(stages) == 1 and any(stages <= columns.keys() for columns in below)  # 合同金额 above them
        if not stages or said_again or (len(stages) == 1 and not _has_figure(sheet, row)):
            row += 1
            continue
        left, right = _own_columns(sheet, row, *_free_columns(row, region, indicators))
        names, last, at = set(stages), row, row + 1
        while at <= region.bottom and not _is_past(sheet, row, at, left, right, indicators):
            more = _stages(sheet, at, region, indicators)
            names |= more
            own = any(cell.row == at for cell in sheet.part(at, left, right))
            if more or (own and not _words_below(sheet, row, at, left, right)):
                last = at
            elif at - last > 1:
                break
            at += 1
        if len(names & STAGES) >= 2 or {"executed", "rate"} <= names:
            above = [c for c in sheet.part(row - 1, left, right) if c.row == row - 1] if row > region.top else []
            sources = sum(names_source(sheet.vocabulary, c.text) for c in above)
            top = row - 1 if sources > 1 and not any(map(is_figure, above)) else row  # sources across, stages down
            found.append(Range(top, left, last, right))
        row = max(at, row + 1)
    return found


def _free_columns(row: int, region: Range, indicators: Sequence[Range]) -> tuple[int, int]:
    """The columns of a row outside the indicator table on it (a block may stand beside the indicators)."""
    for table in indicators:
        if table.top <= row <= table.bottom:
            if region.right - table.right >= table.left - region.left:
                return table.right + 1, region.right
            return region.left, table.left - 1
    return region.left, region.right


def _has_figure(sheet: Sheet, row: int) -> bool:
    """Whether a single stage on a row has an amount beside or below it; else it is a value (资金来源：年初预算)."""
    for label in sheet.begun_labels(row, row):
        if (label.fields.get("fund_groups") or label.fields.get("fund")) in STAGES:
            right = [sheet.beside(label)] if label.area.right < sheet.last_column else []
            if any(map(sheet.is_label, right)) or any(map(is_figure, (*right, sheet.below(label)))):
                return True
    return bool(sheet.amounts.get(row))


def _own_columns(sheet: Sheet, row: int, left: int, right: int) -> tuple[int, int]:
    """The columns of a block in its first row: between labels of another block that stand beside it (goals)."""
    cells = list(sheet.part(row, left, right))
    money = [cell.column for cell in cells if _names_money(sheet, cell)]
    keys = (cell for cell in cells if "head" in (own := sheet.fields_of(cell)) and own.keys().isdisjoint(_OF_MONEY))
    others = [c for c in keys if money and c.column not in money and not sheet.vocabulary.like(c.text, "fund")]
    left = max([left, *(sheet.area(cell).right + 1 for cell in others if cell.column < money[0])])
    return left, min([right, *(cell.column - 1 for cell in others if cell.column > money[-1])])


def _names_money(sheet: Sheet, cell: Cell) -> bool:
    fields = sheet.fields_of(cell)
    named = fields.get("fund") in STAGES or "fund_groups" in fields
    return named or bool(stated_amounts(sheet.vocabulary, cell.text))


def _stages(sheet: Sheet, row: int, region: Range, indicators: Sequence[Range]) -> set[str]:
    """Stages and the rate that labels standing on a row name, or words split over this row and the next."""
    left, right = _free_columns(row, region, indicators)
    names: set[str] = set()
    for band in fund_bands(sheet, region.top, region.bottom):
        if band.top <= row <= band.bottom:
            names.update(name for name, (first, _) in band.columns.items() if left <= first <= right)
    for label in sheet.begun_labels(row, row):
        name = label.fields.get("fund_groups") or label.fields.get("fund", "")
        if left <= label.area.left <= right and name in STAGES | {"rate"}:
            names.add(name)
    for cell in sheet.amounts.get(row, ()):
        if left <= cell.column <= right:
            names.update(amount.field for amount in stated_amounts(sheet.vocabulary, cell.text))
    return set() if names == {"rate"} else names & (STAGES | {"rate"})  # 预算执行率 alone is an indicator or a text


def _is_past(sheet: Sheet, top: int, row: int, left: int, right: int, indicators: Sequence[Range]) -> bool:
    """Whether a row below the first row `top` of a block belongs to what follows it."""
    if any(table.top == row and not (left > table.right or right < table.left) for table in indicators):
        return True
    for label in sheet.labels.get(row, ()):
        fields = label.fields
        if label.cell.row != row or not left <= label.area.left <= right or "fund" in fields or "fund_groups" in fields:
            continue
        ends = "head" in fields or "blocks" in fields or fields.keys() == {"kinds"}
        # a label that also stands beside the header was taken out of its merge and filled down
        if ends and all(label.cell.text != beside.cell.text for beside in sheet.labels.get(top, ())):
            return True
    if any(cell.row == row and left <= cell.column <= right for cell in sheet.stated.get(row, ())):
        return True
    own = [cell for cell in sheet.part(row, left, right) if cell.row == row]
    long = any(len(cell.text) >= _LONG_TEXT for cell in own) and not any(read_points(cell.text) for cell in own)
    return long or _words_below(sheet, top, row, left, right) > 1


def _words_below(sheet: Sheet, top: int, row: int, left: int, right: int) -> int:
    """How many words stand below the headers of amounts, on a row that is none of money: 目标1 │ 整治3条."""
    own = [cell for cell in sheet.part(row, left, right) if cell.row == row]
    heads = {o.area.left for o in sheet.begun_labels(top, row - 1) if o.fields.get("fund") in _FIELDS - _WORDS}
    under = [cell for cell in own if cell.column in heads]  # where no source of money is named
    money = any(is_figure(c) or is_nil(c.text) or sheet.is_label(c) for c in own)
    money = money or any(names_source(sheet.vocabulary, c.text) for c in own if c not in under)
    return 0 if money or not any(map(is_figure, sheet.begun(top, row))) else len(under)


def read_funds(form: Form, sheet: Sheet, area: Range, region: Range) -> bool:
    """Take the lines of the block in `area` of a form that takes the rows of `region`; the total is first where named.

    Whether two readings were possible or figures were compared, so that this form decided; where neither reading
    closes, that is said.
    """
    reader = _Reader(sheet, area, region)
    lines, more, compared = _lines(sheet, reader.values("left"))
    if reader.conflicts:
        other, further, _ = _lines(sheet, reader.values("above"))
        first, second = _closes(lines), _closes(other)
        if second > first:
            lines, more = other, further
        elif first == second and first <= 0 and _shown(lines) != _shown(other):
            named = "、".join(cell.ref for cell in reader.conflicts[:3])
            form.doubts.append(f"资金栏 {named} 左边和上边的栏目名称不同，数据又不能相互验证，没有读取")
            form.taken += reader.labels
            return True
    form.funds += lines
    form.taken += reader.labels
    form.unlabelled += [*reader.unlabelled, *more]
    return bool(reader.conflicts) or compared


class _Row(NamedTuple):
    """A row of a block: its cells, what each says as a label (None: nothing), and which of them name a source."""

    number: int
    cells: Sequence[Cell]
    words: list[Word | None]
    sources: Mapping[int, Cell]


class _Reader:
    """One walk over the rows of a block; `conflicts` are values whose left and upper labels name different stages."""

    def __init__(self, sheet: Sheet, area: Range, region: Range) -> None:
        self.sheet, self.area, self.vocabulary = sheet, area, sheet.vocabulary
        self.labels: list[Cell] = []
        self.unlabelled: list[Cell] = []
        self.conflicts: list[Cell] = []
        # header cells whose words are split over rows or stand in brackets mean what the header bands say; what stands
        # below 资金构成 is what its rows are called, no value
        bands = fund_bands(sheet, region.top, region.bottom)
        heads = [item for band in bands for item in band.headers.items()]
        some = (cell[:2] for band in bands for parts in band.parts.values() for cell in parts.values())
        self._parts = frozenset(some) - {cell[:2] for _, cell in heads}  # 一季度 beside 合计
        self._joined = {c[:2]: Word(name.replace("source", "")) for name, c in heads if area.top <= c[0] <= area.bottom}

    def _word(self, cell: Cell) -> Word | None:
        """What a cell says as a label, None where it is none."""
        joined, fields = self._joined.get(cell[:2]), self.sheet.fields_of(cell)
        if "fund_groups" in fields and joined in (None, Word(fields["fund_groups"])):
            return Word(fields["fund_groups"], group=True)
        if joined is not None:
            return joined
        if fields.get("fund") in _FIELDS and cell[:2] not in self._parts:
            return Word(fields["fund"])
        if (sourced := self.vocabulary.raw["fund_sources"].get(fold(cell.text))) is not None:
            return Word("adjusted", sourced or _TOTAL)
        known = (fields or cell[:2] in self._parts) and not names_source(self.vocabulary, cell.text)
        return Word() if known or "blocks" in fields else None  # a label is never a value

    def values(self, prefer: Prefer) -> list[_Value]:
        """The values of the block with what they say, in reading order."""
        self.labels, self.unlabelled, self.conflicts = [], [], []
        self._stage: dict[int, Word] = {}  # column → the nearest label above that names a stage or an attribute
        self._source: dict[int, Cell] = {}  # column → the nearest label above that names a source
        self._columns: dict[int, str] = {}  # first column of a header that has its values below → its field
        found: list[_Value] = []
        for row in range(self.area.top, self.area.bottom + 1):
            cells = list(self.sheet.part(row, self.area.left, self.area.right))
            own = [cell for cell in cells if cell.row == row]
            if own and self._columns and numbers_columns(self.sheet, row):
                self.labels += own
            elif own:
                found += self._row(row, cells, prefer)
        return found

    def _row(self, number: int, cells: list[Cell], prefer: Prefer) -> Iterator[_Value]:
        words = [self._word(cell) for cell in cells]
        self._take_row_name(cells, words)
        self._take_unknown_headers(cells, words)
        row = _Row(number, cells, words, self._sources(number, cells, words))
        heads, met = dict(self._columns), set[str]()
        for at, cell in enumerate(cells):
            # a header merged down into the first row is one, whatever stands beside its upper part
            if cell.row != number and (number > self.area.top or words[at] is None):
                continue
            if words[at] is not None or at in row.sources:
                self.labels.append(cell)
                self._take_label(row, at)
                continue
            if amounts := stated_amounts(self.vocabulary, cell.text):
                yield from [self._stated(row, at, amount) for amount in amounts]
            elif value := self._value(row, at, prefer):
                met.add(value.field)
                yield value
            else:
                self.unlabelled.append(cell)
        own = _distinct(source for source in row.sources.values() if source.row == number)
        if heads and (met or own) and not any(word and word.field for word in words):
            yield from self._missing(number, heads, met, own)

    def _take_row_name(self, cells: Sequence[Cell], words: list[Word | None]) -> None:
        """A stage that heads a row below a header of stages only names the row (实际支出 below 全年预算数)."""
        first = next((at for at, word in enumerate(words) if word != Word()), None)
        word = words[first] if first is not None else None
        if first is None or word is None or word.group or word.field not in STAGES or any(words[first + 1 :]):
            return
        rest = [cell for cell in cells[first + 1 :] if is_figure(cell)]
        if rest and all(self.sheet.area(cell).left in self._columns for cell in rest):
            words[first] = None

    def _take_unknown_headers(self, cells: Sequence[Cell], words: list[Word | None]) -> None:
        """Beside headers of stages a text heads a column of which nothing is known (追加、追减): it is no value."""
        stages = {word.field for word in words if word is not None} & STAGES
        if len(stages) < 2 or any(is_figure(cell) or is_nil(cell.text) for cell in cells):
            return
        for at, cell in enumerate(cells):
            known = names_source(self.vocabulary, cell.text) or stated_amounts(self.vocabulary, cell.text)
            if words[at] is None and not known:
                words[at] = Word()
                if not is_figure(self.sheet.at(self.sheet.area(cell).bottom + 1, cell.column)):
                    self.unlabelled.append(cell)  # nothing below it will be listed under its name

    def _missing(self, row: int, heads: Mapping[int, str], met: set[str], own: Sequence[Cell]) -> Iterator[_Value]:
        """The blank cells of a row below the headers: where a value should stand."""
        for column, name in heads.items():
            cell = self.sheet.at(row, column)
            if name in met or cell.text:
                continue
            if len(own) == 1:
                yield _Value(cell, name, own[0], by_row=True)
            elif not own:
                yield _Value(cell, name, self._source.get(column, cell._replace(text=_TOTAL)), by_row=False)

    def _sources(self, row: int, cells: Sequence[Cell], words: Sequence[Word | None]) -> dict[int, Cell]:
        """Which cells of a row name a source: by what they are called, or the text before the first figure."""
        figures = [at for at, cell in enumerate(cells) if words[at] is None and is_figure(cell)]
        texts = [words[at] is None and at not in figures for at in range(len(cells))]
        areas = map(self.sheet.area, cells)  # a text merged down beside further texts is called as the block: 经费
        side = [at for at, area in enumerate(areas) if area.top < area.bottom and any(texts[at + 1 : at + 2])]
        found = {}
        for at, cell in enumerate(cells):
            known = names_source(self.vocabulary, cell.text)
            if not texts[at] or (at in side and not known):
                continue
            above = self._stage_above(cell)
            merged = cell.row != row and at + 1 < len(cells)
            if above is not None and (merged or above.field in ("reason", "method")):
                continue
            # a text of unknown words left of all figures of its row, below no label of its own, names the row
            first = bool(figures) and at < figures[0] and not (above or is_nil(cell.text))
            if known or (first and all(words[i] or i in side for i in range(at))):
                found[at] = cell
        return found

    def _stage_above(self, cell: Cell) -> Word | None:
        word = self._stage.get(self.sheet.area(cell).left)
        return word if word is not None and word.field else None

    def _take_label(self, row: _Row, at: int) -> None:
        """Remember what a label says for the columns below it."""
        cell, word = row.cells[at], row.words[at]
        touches = at + 1 < len(row.cells) and row.words[at + 1] is None and at + 1 not in row.sources
        area = self.sheet.area(cell)
        right = area.right
        if word is not None and word.group and right == area.left and row.number < self.area.bottom:
            # a group in the first of its columns goes on to the next cell where sub-words stand below the blanks
            stop = row.cells[at + 1].column if at + 1 < len(row.cells) else self.area.right + 1
            below = [c for c in self.sheet.part(row.number + 1, cell.column + 1, stop - 1) if c.row == row.number + 1]
            right = stop - 1 if below and not any(map(is_figure, below)) else right
        for column in range(area.left, right + 1):
            if word is not None and (word.field or cell[:2] in self._parts):  # a quarter heads no amount of the year
                self._stage[column] = word
                self._source.pop(column, None)
                self._columns.pop(column, None)
                if word.source is not None:
                    self._source[column] = cell._replace(text=word.source)
            elif at in row.sources and not touches:
                self._source[column] = cell
        if word is not None and word.field and not word.group and not touches:
            self._columns[area.left] = word.field

    def _stated(self, row: _Row, at: int, amount: Amount) -> _Value:
        """A label and its amount in one cell; a source takes its stage from above, from the left, or a cell before."""
        cell, name = row.cells[at], amount.field
        if name:
            source = cell._replace(text=_TOTAL)
            for column in range(cell.column, self.sheet.area(cell).right + 1):
                self._stage[column] = Word(name)
                self._source.pop(column, None)
        else:
            source = cell._replace(text=amount.label)
            labels = (self._stage.get(cell.column), *reversed(row.words[:at]))
            before = (some for c in reversed(row.cells[:at]) for some in stated_amounts(self.vocabulary, c.text))
            name = next((word.field for word in (*labels, *before) if word is not None and word.field), "")
        return _Value(cell._replace(text=amount.figure), name, source, by_row=False)

    def _value(self, row: _Row, at: int, prefer: Prefer) -> _Value | None:
        """Stage and source of a value; None where no label names a stage."""
        cell, beside = row.cells[at], row.words[at - 1] if at else None
        if beside is not None and not (beside.field and self.sheet.area(row.cells[at - 1]).right < cell.column):
            beside = None
        above = self._stage_above(cell)
        if beside is not None and above is not None and above.field != beside.field and not above.group:
            self.conflicts.append(cell)
        first = (beside or above) if prefer == "left" else (above or beside)
        if first is not None:
            name = first.field
        elif at - 1 not in row.sources and self.sheet.area(cell).left not in self._source:
            return None  # a figure behind a figure, below no label: nothing says what it is
        elif at - 1 in row.sources and (over := self._stage_above(row.cells[at - 1])):
            name = over.field  # a pair whose label stands below the stage: 预算数 over 其中：财政资金
        else:
            name = next((word.field for word in reversed(row.words[:at]) if word is not None and word.field), "")
        if not name or (name not in _WORDS and ":" in fold(cell.text) and not is_figure(cell)):
            return None  # a label of its own with its value (执行率：百分之百) is no amount
        # the label of its source: beside it, above it in its column, at the head of its row
        sources, column = row.sources, self.sheet.area(cell).left
        columnar = column in self._columns  # its stage heads the column: the row is one line
        source = self._source.get(column)
        part = source is not None and source[:2] in self._parts  # a column of one source, beside their sum
        if part and not all(is_total_source(self.vocabulary, one.text) for one in sources.values()):
            return None  # that source of another one
        if at - 1 in sources and beside is None and not part:
            return _Value(cell, name, sources[at - 1], columnar and len(_distinct(sources.values())) == 1)
        if source is not None and not (beside is not None and name in _ATTRIBUTES):
            return _Value(cell, name, source, by_row=False)
        before = _distinct(one for i, one in sources.items() if i < at)
        if before and beside is None:
            return _Value(cell, name, before[-1], by_row=columnar and len(before) == 1)
        return _Value(cell, name, cell._replace(text=_TOTAL), by_row=False)


def _distinct(cells: Iterable[Cell]) -> list[Cell]:
    """The cells of different texts: a merge taken apart leaves its text several times."""
    return list({cell.text: cell for cell in cells}.values())


def is_figure(cell: Cell) -> bool:
    """Whether a cell begins with an amount, if need be with its unit or typed wrongly (14,37.5,1): it is no label.

    The number of a line is none (1.一般公共预算), nor a year (2022年执行数), nor a count (3条公路全部整治).
    """
    return _FIGURE.match(fold(cell.text)) is not None


def ticked_as(said: str, cell: Cell) -> Cell:
    """The cell of a tick as what it says: a figure, or a word that is none whatever is asked for."""
    said_so = cell._replace(text=said, stored="text")
    return said_so if is_figure(said_so) else said_so._replace(stored="ticked")


def _lines(sheet: Sheet, values: Iterable[_Value]) -> tuple[list[Line], list[Cell], bool]:
    """One line a source: the values of a row that its label names, and those of one source on several rows.

    Second values of a field that say another thing come beside: nothing tells which of the two is meant. Last, whether
    any were compared.
    """
    compared = False
    more: list[Cell] = []
    lines: list[tuple[str, Line]] = []
    of_row: dict[tuple[int, Address], Line] = {}
    for value in values:
        key = (value.cell.row, value.source[:2])
        line = of_row.get(key) if value.by_row else None
        total = is_total_source(sheet.vocabulary, value.source.text)
        name = _TOTAL if total else source_key(sheet.vocabulary, value.source.text)
        compared |= any(known == name and value.field in other.cells for known, other in lines) and not value.by_row
        if line is None:
            line = _line_of(lines, name, value, sheet.grid.sheet)
            if value.by_row:
                of_row[key] = line
        before = line.cells.get(value.field)
        compared |= before is not None
        if before is None or not before.text:
            line.cells[value.field] = value.cell
        elif fold(before.text) != fold(value.cell.text) and not is_nil(value.cell.text):
            more.append(value.cell)
        else:
            line.cells[f"{value.field}_again"] = value.cell
    filled = (any(cell.text for which, cell in line.cells.items() if which != "source") for _, line in lines)
    shown = [line for (name, line), some in zip(lines, filled, strict=True) if some or name != _TOTAL]
    return shown, more, compared


def _line_of(lines: list[tuple[str, Line]], name: str, value: _Value, sheet: str) -> Line:
    """The line of a source: the one begun before, unless it has this field or the source has rows of its own."""
    for known, line in lines:
        taken = line.cells.get(value.field)
        repeated = taken is not None and taken.text == value.cell.text and taken.row == value.cell.row
        if known == name and (taken is None or repeated) and not (value.by_row and line.row != value.cell.row):
            return line
    line = Line(value.cell.row, {"source": value.source}, sheet)
    lines.append((name, line))
    return line


def _shown(lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    return sorted((name, cell.ref, cell.text) for line in lines for name, cell in line.cells.items())


def _closes(lines: Sequence[Line]) -> int:
    """How many sums and rates of the block hold, less those that do not."""
    if not lines:
        return 0
    total, score = lines[0], 0
    for name in STAGES & total.cells.keys():
        figures = [_figure(line, name) for line in lines[1:] if name in line.cells]
        whole, known = _figure(total, name), [figure for figure in figures if figure is not None]
        if whole is None or not known or len(known) < len(figures):
            continue
        score += 1 if abs(sum(known) - whole) <= _TOLERANCE * len(known) else -1
    base = _figure(total, "adjusted") or _figure(total, "initial")
    executed, rate = _figure(total, "executed"), _figure(total, "rate")
    if base and executed is not None and rate is not None:
        proved = divide(executed, base)
        held = min(abs(rate - proved), abs(rate / 100 - proved)) <= _RATE_TOLERANCE
        score += 1 if held else -1
    return score


def _figure(line: Line, name: str) -> Decimal | None:
    cell = line.cells.get(name)
    return None if cell is None else read_points(cell.text)


_AFTER = ("conclusion", "problems", "measures", "reason_box", "remarks", "manager")


class Blocks:
    """The blocks of one form. Each is a rectangle: blocks may stand below one another or side by side.

    `total_row` is the row of the grand total, None without one.
    """

    def __init__(self, sheet: Sheet, region: Range, *, unlabelled_score: bool = False) -> None:
        self.sheet, self.top, self.bottom, self.region = sheet, region.top, region.bottom, region
        self._ends: dict[tuple[int, tuple[int, int]], int] = {}
        halves = chain.from_iterable(map(_halves, indicator_bands(sheet, self.top, self.bottom)))
        self.indicator_bands = list(map(_points_by_level, halves))
        if unlabelled_score:  # of 分段赋分自评表 the last column has no header
            last = (sheet.last_column, sheet.last_column)
            self.indicator_bands = [replace(b, columns={"score": last} | b.columns) for b in self.indicator_bands]
        self.score_bands = score_bands(sheet, self.top, self.bottom, self.indicator_bands)
        self.repeated: list[Cell] = []  # points that stand twice
        self.total_row = self._find_total_row()
        self.tables: list[Range] = []
        self.indicator_bands = [self._one_of_ticks(self._one_of_points(band)) for band in self.indicator_bands]
        for band in self.indicator_bands:
            spans = [*band.columns.values(), *(at for some in band.parts.values() for at in some)]
            self.tables.append(Range(band.top, min(spans)[0], self.indicator_end(band), max(last for _, last in spans)))

    def _one_of_points(self, band: Band) -> Band:
        """A band whose two columns of points, side by side and never different, are one: 权重设定值 of levels beside
        权重 of indicators (指标完成情况 of the platform)."""
        for other in band.again:
            name, (first, last), _ = other
            own = band.columns[name]
            if name != "points" or first != own[1] + 1:
                continue
            rows = range(band.bottom + 1, self.indicator_end(band) + 1)
            pairs = [(first_filled(self.sheet, row, *own), self.sheet.at(row, first)) for row in rows]
            pairs = [pair for pair in pairs if pair[0].text and pair[1].text]
            if all(fold(one.text) == fold(two.text) for one, two in pairs):
                self.repeated += [two for _, two in pairs]
                again = [one for one in band.again if one is not other]
                return replace(band, columns={**band.columns, name: (own[0], last)}, again=again)
        return band

    def _one_of_ticks(self, band: Band) -> Band:
        """A band whose parts of the actual are verdicts, of which a row ticks one: 完成 │ 基本完成 │ 未完成."""
        heads = {first: cell for (first, _), cell in band.parts.get("actual", {}).items()}
        if "actual" in band.columns or not any(verdict(fold(c.text).rpartition(":")[2]) for c in heads.values()):
            return band
        rows = range(band.bottom + 1, self.indicator_end(band) + 1)
        marks = [tick(text) for row in rows for column in heads if (text := self.sheet.at(row, column).text)]
        if marks.count(None) > marks.count(True):  # how many were finished and how many not
            return band
        unknown = [cell for cell in band.unknown if cell.column not in heads]
        return replace(band, columns={**band.columns, "actual": (min(heads), max(heads))}, ticks=heads, unknown=unknown)

    @cached_property
    def fund_areas(self) -> list[Range]:
        """Where the fund blocks stand."""
        return fund_areas(self.sheet, self.region, self.tables)

    @cached_property
    def _all(self) -> Sequence[Range]:
        return (*self.fund_areas, *self.tables)

    def holds(self, cell: Cell) -> bool:
        """Whether a cell stands inside a block."""
        (row, column), last = cell[:2], self.sheet.area(cell).bottom  # 资金来源 may begin above the stages beside it
        return any(b.top <= last and row <= b.bottom and b.left <= column <= b.right for b in self._all)

    def next_block(self, row: int = 0) -> int:
        """First row from `row` on at which a block begins, past the form when there is none."""
        return min((block.top for block in self._all if block.top >= row), default=self.bottom + 1)

    def indicator_end(self, band: Band) -> int:
        """Last row of an indicator block: before the next header, the total or what follows (signatures, notes)."""
        key = band.bottom, band.columns.get("level3", (0, 0))  # of two halves each has its own
        if key not in self._ends:
            limit = min(self.first_column(band, name) for name in ("level3", "target", "points", "score"))
            total, columns = self.total_row or 0, [b.columns for b in self.indicator_bands if b.bottom == band.bottom]
            if any(min(other.values()) > max(band.columns.values()) for other in columns):
                total += not self.sheet.is_label(self.sheet.at(total, limit))  # 总分 below the right half alone
            stops = (*(b.top for b in (*self.indicator_bands, *self.score_bands)), total, self.bottom + 1)
            stop = min((row for row in stops if row > band.bottom), default=0)
            after = (row for row in self.sheet.marked_rows(band.bottom + 1, stop - 1) if self._is_after(limit, row))
            self._ends[key] = next(after, max(stop, band.bottom + 1)) - 1
        return self._ends[key]

    def _is_after(self, limit: int, row: int) -> bool:
        """Whether a row belongs to what follows the indicators (conclusion, footnotes, a fund block below them)."""
        labels = [label for label in self.sheet.labels.get(row, ()) if label[0][0] == row]
        headed = any(label[1].get("head") in _AFTER and label[2].left < limit for label in labels)
        stated = any(cell.column < limit for cell in self.sheet.stated.get(row, ()))  # 填报人：甲
        return headed or stated or _names_stages(labels, limit) or is_note(self.sheet, row)

    def goes_on(self, before: Band, band: Band) -> bool:
        """Whether a header only repeats the one before, as on each printed page: same columns, no block of its own."""
        if before.columns != band.columns:
            return False
        blocks = [self.sheet.part(b.top, 1, min(b.columns.values())[0] - 1) for b in (before, band)]
        first, second = ([fold(cell.text) for cell in block] for block in blocks)
        return not second or first == second

    def _find_total_row(self) -> int | None:
        if not self.indicator_bands:
            return None
        band = self.indicator_bands[-1]
        limit = min(self.first_column(band, "target"), self.first_column(band, "points"))

        def is_measured(row: int) -> bool:
            """Whether an indicator with its values, and with points where the form has them, stands on a row."""
            cells = band.cells(self.sheet, row)
            named = [cells[name] for name in ("level3", "target", "actual") if name in cells]
            own = {cell[:2] for cell in named if cell.text and cell.row == row}
            return len(own) == len(named) and ("points" not in cells or read_points(cells["points"].text) is not None)

        found: int | None = None
        for row in self.sheet.marked_rows(band.bottom + 1, self.bottom):
            labels = [label for label in self.sheet.labels.get(row, ()) if label[0][0] == row]
            if _names_stages(labels, limit):
                break
            total = any("total_rows" in label.fields and label.area.left < limit for label in labels)
            if total and (found is None or any(map(is_measured, range(found + 1, row)))):
                found = row  # the one before summed up a part
        return found

    def first_column(self, band: Band, name: str) -> int:
        """First column of a field, or past the sheet when the band has none."""
        return band.columns.get(name, (self.sheet.last_column + 1, 0))[0]


def _halves(band: Band) -> list[Band]:
    """A band, or its two halves where a table is folded so that its second half stands beside the first (A3 forms)."""
    again = {name: (span, cell) for name, span, cell in band.again}
    edge = min((span[0] for span, _ in again.values()), default=0)
    if not {"level3", "target", "actual"} <= again.keys() or max(band.columns[name][1] for name in again) >= edge:
        return [band]
    right = {name: span for name, span in band.columns.items() if span[0] > edge}  # the reasons may stand there alone
    columns = right | {name: span for name, (span, _) in again.items()}
    headers = {name: band.headers[name] for name in right} | {name: cell for name, (_, cell) in again.items()}
    left = {name: span for name, span in band.columns.items() if name not in right}
    unknown = [[cell for cell in band.unknown if (cell.column < edge) == first] for first in (True, False)]
    first = replace(band, columns=left, again=[], unknown=unknown[0])
    return [first, Band(band.kind, band.top, band.bottom, columns, headers, unknown[1])]


def _points_by_level(band: Band) -> Band:
    """A band in which columns of points belong to the levels before them: 一级 │ 分值 │ 二级 │ 分值 │ 三级 │ 分值.

    Those of the indicators stand right of their names, else last before them.
    """
    others = [item for item in band.again if item[0] == "points"]
    if not others or "level3" not in band.columns:
        return band
    headers = {span: cell for _, span, cell in others} | {band.columns["points"]: band.headers["points"]}
    chosen = min((span for span in headers if span[0] > band.columns["level3"][0]), default=max(headers))
    columns, again = {**band.columns, "points": chosen}, [item for item in band.again if item[0] != "points"]
    levels = {band.columns[level][1]: level for level in LEVELS[:2] if level in band.columns}
    for span, cell in headers.items():
        if span != chosen and (level := levels.get(span[0] - 1)):
            columns[f"{level}_points"] = span
        elif span != chosen:
            again.append(("points", span, cell))
    return replace(band, columns=columns, headers={**band.headers, "points": headers[chosen]}, again=again)


def _names_stages(labels: Sequence[Label], limit: int) -> bool:
    """Whether a row below the indicators heads a fund block: two stages of the money, from its left part on."""
    names = {n for label in labels if (n := label.fields.get("fund_groups") or label.fields.get("fund"))}
    return len(names & STAGES) > 1 and any(label.area.left <= limit for label in labels)
