"""Figures in tables: cells with the words of their row and column, sums of columns, counts of rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from perfbatch.decimals import total
from perfbatch.evidence.figures import Figure, folded, in_text
from perfbatch.evidence.words import one_of
from perfbatch.model import Cell, Grid, a1
from perfbatch.notation import fold
from perfbatch.notation.figures import RUN, figure
from perfbatch.notation.money import read_money
from perfbatch.notation.units import unit_of

Table = Grid
_MOST_HEADERS = 3  # filled cells from which a row of words may be the header of a list
_LEAST_ROWS = 2
_UNIT_LINE = re.compile(r"单位[:：]?(元|百元|千元|万元|亿元)")
_BRACKETS = re.compile(r"[(（]([^()（）]{1,6})[)）]")
_PLAIN = re.compile(r"[¥￥]?-?[0-9][0-9,]*(?:\.[0-9]+)?")
_MONEY_WORDS = re.compile("金额|合计|小计|总价|单价|价款|补助|补偿款|补偿费|租金|工资|费用|款|支付|元")
_LABEL = 30  # characters of a label that are kept
_ROWS = 5_000  # rows of one list whose cells are kept one by one


def figures_of(grid: Table) -> tuple[list[Figure], str]:
    """The figures of a sheet or table, and what it says (folded)."""
    return _Sheet(grid).figures()


class _List:
    """A header row and the rows below it."""

    def __init__(self, row: int, headers: dict[int, str]) -> None:
        self.row, self.headers = row, headers
        self.persons = sum(one_of("persons").search(text) is not None for text in headers.values())
        self.rows: list[int] = []
        self.totals: list[int] = []

    @property
    def personal(self) -> bool:
        """Whether its rows are persons, of whom nothing is kept one by one."""
        return self.persons > 0


class _Sheet:
    """One sheet while it is read."""

    def __init__(self, grid: Table) -> None:
        self.grid = grid
        self.rows: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in sorted(grid.cells.items()):
            if cell.text.strip():
                self.rows.setdefault(row, {})[column] = cell
        self.spans = {(m.top, m.left): m for m in grid.merges}
        self.said = "\n".join("\t".join(folded(cell.text) for cell in cells.values()) for cells in self.rows.values())
        found = _UNIT_LINE.search(self.said)
        self.money = found[1] if found else ""
        self.title = next((fold(cell.text) for cells in self.rows.values() for cell in cells.values()), "")[:_LABEL]

    def figures(self) -> tuple[list[Figure], str]:
        found: list[Figure] = []
        listed = self._lists()
        of_row = {row: one for one in listed for row in (*one.rows, *one.totals)}
        headers: dict[int, str] = {}
        for row, cells in self.rows.items():
            one = of_row.get(row)
            if one is None or not (one.personal or len(one.rows) > _ROWS) or row in one.totals:
                found += self._row(row, cells, one.headers if one else headers, within=one)
            for column, cell in cells.items():
                if not _is_figure(cell) and one is None:
                    span = self.spans.get((row, column))
                    for below in range(column, (span.right if span else column) + 1):
                        headers[below] = fold(cell.text)[:_LABEL]
        for one in listed:
            found += self._of_list(one)
        return found, self.said

    def _lists(self) -> list[_List]:
        """Rows of words with rows below that fill the same columns."""
        found: list[_List] = []
        current: _List | None = None
        last = 0
        for row, cells in self.rows.items():
            if current is not None and row == last + 1 and self._belongs(cells, current):
                first = " ".join(fold(cell.text) for cell in list(cells.values())[:2])
                into = current.totals if one_of("totals").search(first) else current.rows
                into.append(row)
            else:
                current = self._header(row, cells)
                if current is not None:
                    found.append(current)
            last = row
        return [one for one in found if len(one.rows) >= _LEAST_ROWS]

    def _header(self, row: int, cells: dict[int, Cell]) -> _List | None:
        words = {column: fold(cell.text)[:_LABEL] for column, cell in cells.items()}
        first = next(iter(words.values()), "")
        least = 2 if one_of("heads").fullmatch(first) else _MOST_HEADERS
        if len(words) < least or any(_is_figure(cell) for cell in cells.values()):
            return None
        return _List(row, words)

    def _belongs(self, cells: dict[int, Cell], current: _List) -> bool:
        """A data row: fills half of the headed columns and has a figure (the number of the row is one)."""
        inside = [column for column in cells if column in current.headers]
        total_row = any(one_of("totals").search(fold(cell.text)) for cell in list(cells.values())[:2])
        return (len(inside) * 2 >= len(current.headers) or total_row) and any(map(_is_figure, cells.values()))

    def _row(self, row: int, cells: dict[int, Cell], headers: dict[int, str], *, within: _List | None) -> list[Figure]:
        found: list[Figure] = []
        label, own_unit = "", ""
        columns = list(cells)
        for at, column in enumerate(columns):
            cell = cells[column]
            header = headers.get(column, "")
            if not _is_figure(cell):
                text = fold(cell.text)
                if RUN.search(text) or "元" in text:
                    found += in_text(cell.text, before=f"{label[-_LABEL:]} ", sheet=self.grid.sheet, cell=cell.ref)
                unit = unit_of(text)
                if unit.known and not unit.rest and len(text) <= 4:
                    own_unit = unit.name
                elif len(text) <= 3 * _LABEL:
                    label = text
                continue
            beside = cells.get(columns[at + 1]) if at + 1 < len(columns) else None
            found += self._cell(cell, label, header, own_unit, beside, within)
        return found

    def _cell(
        self, cell: Cell, label: str, header: str, own_unit: str, beside: Cell | None, within: _List | None
    ) -> list[Figure]:
        before = f"{label[-_LABEL:]} {header} " if within or not label else f"{label[-_LABEL:]} "
        words = f"{before}#".strip()
        if cell.stored == "date" or not _PLAIN.fullmatch(fold(cell.text)):
            return in_text(cell.text, before=before, sheet=self.grid.sheet, cell=cell.ref)
        value = figure(fold(cell.text).lstrip("¥-")).value
        if value is None or "序号" in header or "编号" in header:
            return []
        unit = (_bracketed(header) if within or not label else "") or _bracketed(label) or own_unit
        if not unit and beside is not None:
            after = unit_of(fold(beside.text))
            unit = after.name if after.known and not after.rest else ""
        if not unit and self.money and _MONEY_WORDS.search(header + label):
            unit = self.money
        planned = one_of("planned").search(label + header) is not None
        return [Figure(value, unit, "", self.grid.sheet, cell.ref, 0, 0, words, "", planned)]

    def _of_list(self, one: _List) -> list[Figure]:
        """The number of rows, and the sum of each column of figures."""
        first, last = one.rows[0], one.rows[-1]
        named = min(one.headers)
        heads = " ".join(one.headers.values())[: 2 * _LABEL]
        place = f"{a1(first, named)}:{a1(last, named)}"
        found = []
        if not one_of("periods").match(one.headers[named]):
            words = f"{self.title} {heads} #"
            found.append(Figure(Decimal(len(one.rows)), "", "", self.grid.sheet, place, 0, 0, words, "count"))
        for column, header in one.headers.items():
            values = self._column(one.rows, column)
            if values is None or "序号" in header or "编号" in header or one_of("persons").search(header):
                continue
            unit = _bracketed(header) or (self.money if _MONEY_WORDS.search(header) else "")
            place = f"{a1(first, column)}:{a1(last, column)}"
            words = f"{self.title} {header} #"
            found.append(Figure(total(values), unit, "", self.grid.sheet, place, 0, 0, words, "sum"))
        return found

    def _column(self, rows: Sequence[int], column: int) -> list[Decimal] | None:
        """The figures of a column, None unless all that stands in it is figures."""
        values: list[Decimal] = []
        for row in rows:
            cell = self.rows[row].get(column)
            if cell is None:
                continue
            text = fold(cell.text)
            money = read_money(text, "元")
            if _PLAIN.fullmatch(text) and (value := figure(text.lstrip("¥-")).value) is not None and text[0] != "-":
                values.append(value)
            elif money.value is not None and money.unit == "元":
                values.append(money.value.scaleb(4))
            else:
                return None
        return values if len(values) >= _LEAST_ROWS else None


def _is_figure(cell: Cell) -> bool:
    """Whether a cell is a figure or date and not a text with one in it."""
    if cell.stored in ("number", "percent", "date"):
        return True
    text = fold(cell.text)
    return text[:1].isdigit() and (_PLAIN.fullmatch(text) is not None or _only_unit(text))


def _only_unit(text: str) -> bool:
    run = RUN.match(text)
    if run is None:
        return False
    unit = unit_of(text[run.end() :])
    return unit.known and not unit.rest and unit.name != ""


def _bracketed(text: str) -> str:
    """The unit in the brackets of a header: 面积（亩） → 亩."""
    for inner in _BRACKETS.findall(text):
        unit = unit_of(fold(inner).removeprefix("单位").lstrip(":"))
        if unit.known and not unit.rest and unit.name:
            return unit.name
    return ""
