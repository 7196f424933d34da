"""Header bands: which rows are headers, and which column of a block holds which field.

A header may be split over rows (``年初`` above ``预算数``), grouped (``预期指标值`` over ``符号 值 单位``) or merged
down; the band says so once, and the readers below it only fetch cells by field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from perfbatch.layouts.sheet import Sheet
from perfbatch.model import Cell
from perfbatch.notation import fold

LEVELS = ("level1", "level2", "level3")
_MOST_HEADER_ROWS = 3
_FIGURE = re.compile(r"^[^(（]*\d")  # a digit outside brackets: a value, never half of a header word


@dataclass(slots=True)
class Band:
    """Header of a block: its rows, and for each field the first and last column it spans."""

    kind: str  # indicator, fund, listing
    top: int
    bottom: int
    columns: dict[str, tuple[int, int]]
    headers: dict[str, Cell] = field(default_factory=dict)
    unknown: list[Cell] = field(default_factory=list)

    def cell(self, sheet: Sheet, row: int, name: str) -> Cell | None:
        """Cell of a field on a data row: the first filled one of the columns its header spans."""
        span = self.columns.get(name)
        if span is None:
            return None
        first = sheet.at(row, span[0])
        if first.text or span[0] == span[1]:
            return first
        return next((c for c in (sheet.at(row, col) for col in range(span[0] + 1, span[1] + 1)) if c.text), first)


def indicator_bands(sheet: Sheet, top: int, bottom: int) -> list[Band]:
    """Indicator headers between two rows, in order (the Hubei form repeats its header per goal)."""
    return _bands(sheet, top, bottom, "indicator", _is_indicator_header)


def fund_bands(sheet: Sheet, top: int, bottom: int) -> list[Band]:
    """Fund headers between two rows, in order."""
    return _bands(sheet, top, bottom, "fund", _is_fund_header)


def _is_indicator_header(fields: set[str]) -> bool:
    if {"content", "points", "score"} <= fields:  # process part of the Guangshui form: no targets
        return True
    return bool(fields & {"level2", "level3"}) and bool(fields & {"target", "actual"}) and len(fields) >= 3


def _is_fund_header(fields: set[str]) -> bool:
    money = {name.split("@")[0] for name in fields} & {"initial", "adjusted", "arrived", "executed", "left_over"}
    return len(money) >= 2 or ("executed" in money and "rate" in fields)


def _bands(sheet: Sheet, top: int, bottom: int, kind: str, is_header) -> list[Band]:  # type: ignore[no-untyped-def]
    bands: list[Band] = []
    row = top
    while row <= bottom:
        band = _band_at(sheet, row, bottom, kind, is_header)
        if band is None:
            row += 1
            continue
        bands.append(band)
        row = band.bottom + 1
    return bands


def _band_at(sheet: Sheet, row: int, last: int, kind: str, is_header) -> Band | None:  # type: ignore[no-untyped-def]
    """The best band that starts at `row`: one row as a rule, more when joining rows names more fields."""
    if row not in sheet.labels and row + 1 not in sheet.labels:
        if not _split_candidate(sheet, row):
            return None
    best: Band | None = None
    for height in range(1, _MOST_HEADER_ROWS + 1):
        if row + height - 1 > last:
            break
        if height > 1 and not _may_join(sheet, row + height - 1):
            break
        band = _read_band(sheet, row, row + height - 1, kind)
        if not is_header(set(band.columns)) or (best is not None and len(band.columns) <= len(best.columns)):
            continue
        if height > 1 and len(_read_band(sheet, row + 1, row + height - 1, kind).columns) >= len(band.columns):
            continue  # the top row adds nothing: it is no part of this header
        best = band
    return best


def _split_candidate(sheet: Sheet, row: int) -> bool:
    """Whether a row without any header word may be the upper half of split words (``年度`` / ``指标值``)."""
    cells = list(sheet.row(row))
    return len(cells) >= 3 and all(len(cell.text) <= 8 and cell.stored == "text" for cell in cells)


def _may_join(sheet: Sheet, bottom: int) -> bool:
    """Whether the row at `bottom` can belong to the header: no figures, only short words."""
    own = [cell for cell in sheet.row(bottom) if cell.row == bottom]
    return bool(own) and all(_is_word(cell) for cell in own)


def _is_word(cell: Cell) -> bool:
    return cell.stored == "text" and len(cell.text) <= 24 and not _FIGURE.search(cell.text)


def _read_band(sheet: Sheet, top: int, bottom: int, kind: str) -> Band:
    columns: dict[str, tuple[int, int]] = {}
    headers: dict[str, Cell] = {}
    unknown: list[Cell] = []
    column = 1
    while column <= sheet.last_column:
        stack = _stack(sheet, top, bottom, column)
        right = min(sheet.area(cell).right for cell in stack) if stack else column
        name = _field(sheet, stack, kind) if stack else None
        if name and name not in columns:
            columns[name] = (column, right)
            headers[name] = stack[-1]
        elif stack and not name:
            unknown.append(stack[-1])
        column = max(right, column) + 1
    return Band(kind, top, bottom, columns, headers, unknown)


def _stack(sheet: Sheet, top: int, bottom: int, column: int) -> list[Cell]:
    """Distinct non-empty cells of a column from top to bottom; block labels merged down the side are left out."""
    cells: list[Cell] = []
    for row in range(top, bottom + 1):
        cell = sheet.at(row, column)
        if cell.text and cell not in cells and sheet.area(cell).bottom <= bottom:
            cells.append(cell)
    return cells


def _field(sheet: Sheet, stack: list[Cell], kind: str) -> str | None:
    """Field of a header column: group and sub-word, the lowest word, the words joined, the top word."""
    match = sheet.vocabulary.match
    texts = [fold(cell.text) for cell in stack]
    if kind == "fund" and (sourced := _sourced(sheet, texts)):
        return sourced
    if len(texts) == 1:
        return match(texts[0], kind)
    for upper in texts[:-1]:
        if name := match(f"{upper.rstrip(':')}>{texts[-1]}", kind):
            return name
    return match("".join(texts), kind) or match(texts[-1], kind) or match(texts[0], kind)


def _sourced(sheet: Sheet, texts: list[str]) -> str | None:
    """``field@source`` where a fund header gives each source of money a column of its own (F6, F9)."""
    raw, group = sheet.vocabulary.raw, None
    if texts[-1] in raw["fund_sources"]:
        field, source = "adjusted", raw["fund_sources"][texts[-1]]
    else:
        group = next((g for t in texts[:-1] if (g := sheet.vocabulary.match(t, "fund_groups"))), None)
        if group is None or texts[-1] not in raw["fund_group_sources"]:
            return None
        field, source = group, raw["fund_group_sources"][texts[-1]]
    return f"{field}@{source}" if source else field
