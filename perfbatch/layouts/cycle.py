"""Sheets of the budget cycle beside the self-evaluation: approved targets, adjustments, monitoring, overall forms.

They are read with the reader of the self-evaluation forms, under words of their own (`cycle.toml`). What only they
have is settled here: of a target sheet with a mid-term and an annual half (side by side, or two tables below each
other) only the annual half is the year's target; its budget stands beside a label and heads no column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from perfbatch.layouts import listing
from perfbatch.layouts.bands import Band, indicator_bands
from perfbatch.layouts.form import Form, Line
from perfbatch.layouts.geometry import Address
from perfbatch.layouts.gridform import read_form
from perfbatch.layouts.sheet import Label, Sheet
from perfbatch.layouts.vocabulary import INDICATOR_COLUMNS, PROJECT_COLUMNS, Vocabulary, header_forms
from perfbatch.model import Cell, Range
from perfbatch.notation import fold, is_nil, read_points

TARGET, ADJUSTMENT, MONITORING, OVERALL = "target", "target_adjustment", "monitoring", "overall"
RECTIFICATION = "rectification"
READ = (TARGET, ADJUSTMENT, MONITORING, OVERALL, RECTIFICATION)
_LISTS = (PROJECT_COLUMNS, INDICATOR_COLUMNS)


@cache
def words_of(base: Vocabulary, kind: str) -> Vocabulary:
    """`base` with the words that mean something else on sheets of a kind."""
    blocks = {block: dict(words) for block, words in base.blocks.items()}
    for block, fields in base.raw["cycle"].get(kind, {}).items():
        own = {fold(word): name for name, words in fields.items() for word in words}
        blocks[block] |= own
        if block == "indicator":
            blocks[INDICATOR_COLUMNS] |= own
        elif block == "head":
            columns = {word: name for word, name in own.items() if name in ("project_name", "project_code")}
            for some in _LISTS:
                blocks[some] |= columns
    return replace(base, blocks=blocks)


def read(sheet: Sheet, region: Range, kind: str) -> list[Form]:
    """The form of a kind in a region; none where nothing of it was understood."""
    if kind not in READ:
        return []
    words = words_of(sheet.vocabulary, kind)
    own = sheet.once(("cycle", kind), lambda: Sheet(sheet.grid, words))
    if kind == RECTIFICATION:
        return _ledger(own, region)
    if kind in (TARGET, ADJUSTMENT):
        own = _annual(own, region)
    form = read_form(own, region, kind)
    form.kind = kind
    long = _long_tables(own, region)
    form.lines = [line for line in form.lines if not any(area.top <= line.row <= area.bottom for area in long)]
    _take_budget(own, form)
    _take_parts(own, region, form)
    if kind == MONITORING:
        _take_months(own, region, form)
    found = [form] if form.lines or (form.funds and form.text("project_name").strip()) else []
    return found or (read_departments(sheet) if kind == OVERALL else [])


def read_list(sheet: Sheet, part: listing.Part, kind: str) -> list[Form]:
    """The projects of a list of a kind, each with its rows."""
    if kind not in READ:
        return []
    own = sheet.once(("cycle", kind), lambda: Sheet(sheet.grid, words_of(sheet.vocabulary, kind)))
    found = next((some for some in listing.find(own) if some.header.top == part.header.top), None)
    forms = [] if found is None else listing.read(own, found)
    for form in forms:
        form.kind = form.layout = kind
    return forms


def read_departments(sheet: Sheet) -> list[Form]:
    """The departments of a list of the platform (部门编码 │ 部门名称 │ … │ 得分), where a sheet holds one."""
    own = sheet.once(("cycle", OVERALL), lambda: Sheet(sheet.grid, words_of(sheet.vocabulary, OVERALL)))
    forms = [form for part in listing.find(own) for form in listing.read(own, part)]
    for form in forms:
        form.kind = form.layout = OVERALL
    return forms


def _ledger(sheet: Sheet, region: Range) -> list[Form]:
    """The projects of a ledger of rectification, each with what is to be done about it: one a row below the header."""
    for row in range(region.top, region.bottom + 1):
        named = sheet.fields(row, "head")
        if "project_name" in named and "measures" in named:
            break
    else:
        return []
    columns = {name: named[name].area.left for name in ("project_name", "measures")}
    forms = []
    for below in range(named["project_name"].area.bottom + 1, region.bottom + 1):
        cells = {name: sheet.at(below, column) for name, column in columns.items()}
        name = cells["project_name"]
        if name.row != below or is_nil(name.text):
            continue
        form = Form(sheet.grid.file, sheet.grid.sheet, RECTIFICATION, anchor=name.ref, kind=RECTIFICATION)
        form.head |= cells
        forms.append(form)
    return forms


# -- mid-term and annual halves -----------------------------------------------------------------------------------


def _annual(sheet: Sheet, region: Range) -> Sheet:
    """The sheet without the mid-term half of a form that has both side by side; itself where it has one."""
    bands = indicator_bands(sheet, region.top, region.bottom)
    first = bands[0].top if bands else region.bottom + 1
    aside: set[Address] = set()
    split = 0
    for row in range(region.top, first):
        halves = _halves(sheet.labels.get(row, ()))
        if halves:
            split = row
            left, right = halves
            stop = _next_halves(sheet, row + 1, first)
            for at in range(row, stop):
                aside.update((at, column) for column in range(left.area.left, right.area.left))
    for band in bands:
        if split:
            aside |= _left_half(sheet, band, _bottom(bands, band, region))
    if not aside:
        return sheet
    grid = sheet.grid
    cells = {at: cell for at, cell in grid.cells.items() if at not in aside}
    merges = tuple(merge for merge in grid.merges if (merge.top, merge.left) not in aside)
    return Sheet(replace(grid, cells=cells, merges=merges), sheet.vocabulary)


def _halves(labels: Iterable[Label]) -> tuple[Label, Label] | None:
    """A mid-term label and the annual one right of it on a row."""
    long: Label | None = None
    for label in labels:
        name = label.fields.get("head", "")
        if name in ("goal_long", "budget_long"):
            long = label
        elif long is not None and name in ("goal_expected", "budget"):
            return long, label
    return None


def _next_halves(sheet: Sheet, row: int, stop: int) -> int:
    return next((at for at in range(row, stop) if _halves(sheet.labels.get(at, ()))), stop)


def _left_half(sheet: Sheet, band: Band, bottom: int) -> set[Address]:
    """Cells of the left one of two groups of columns over the same levels; a level 1 that both share stays."""
    starts = [span[0] for name, span, _ in band.again if name in ("level2", "level3", "target")]
    if not starts or "target" not in {name for name, _, _ in band.again}:
        return set()
    shared = "level1" not in {name for name, _, _ in band.again}
    own = [span for name, span in band.columns.items() if span[0] < min(starts) and not (shared and name == "level1")]
    if not own:
        return set()
    columns = range(min(span[0] for span in own), min(starts))
    return {(row, column) for row in range(band.top, bottom + 1) for column in columns}


def _bottom(bands: list[Band], band: Band, region: Range) -> int:
    return min((other.top - 1 for other in bands if other.top > band.bottom), default=region.bottom)


def _long_tables(sheet: Sheet, region: Range) -> list[Range]:
    """Indicator tables that a label beside or above them calls those of the whole period."""
    bands = indicator_bands(sheet, region.top, region.bottom)
    found = []
    for band in bands:
        labels = [label for row in (band.top, band.top - 1) for label in sheet.labels.get(row, ())]
        named = [label.fields["head"] for label in labels if label.fields.get("head", "").startswith("table_")]
        if named[:1] == ["table_long"]:
            found.append(Range(band.top, region.left, _bottom(bands, band, region), region.right))
    return found


# -- money --------------------------------------------------------------------------------------------------------


def _take_budget(sheet: Sheet, form: Form) -> None:
    """The budget of a target sheet as its total line, where it stands beside a label and not below stages."""
    cell = form.head.pop("budget", None)
    form.head.pop("budget_long", None)
    if cell is None or form.funds:
        return
    if read_points(cell.text.rstrip("亿万千百元 ")) is None:
        return
    source = Cell(cell.row, max(cell.column - 1, 1), "合计", "text")
    form.funds.append(Line(cell.row, {"source": source, "initial": cell}, sheet.grid.sheet))


def _take_parts(sheet: Sheet, region: Range, form: Form) -> None:
    """Figures beside labels that the block of the money has only on forms of some kind (项目支出, 全年预计执行数)."""
    total = form.funds[0].row if form.funds else 0
    for name, words in _parts(sheet.vocabulary).items():
        for line in form.funds:
            said = fold(line.text("source")).removeprefix("其中:").rstrip(":")
            if said in words and "executed" in line.cells and not is_nil(line.text("executed")):
                form.head[name] = line.cells["executed"]
        for row in range(region.top, region.bottom + 1):
            for cell in sheet.row(row):
                plain = fold(cell.text).removeprefix("其中:").rstrip(":")
                if cell.row != row or name in form.head or not words.intersection((plain, *header_forms(plain))):
                    continue
                value = sheet.at(total, cell.column) if name == "forecast" and total > row else _figure(sheet, cell)
                if value is not None and not is_nil(value.text):
                    form.head[name] = value


_MONTHS = re.compile(r"1月?[-—–~至到]+(\d{1,2})月|截至(\d{1,2})月|(半年度)")


def _take_months(sheet: Sheet, region: Range, form: Form) -> None:
    """Until which month a monitoring form goes: written in its headers (1—7月执行数) or its title."""
    for row in range(region.top, region.bottom + 1):
        for cell in sheet.row(row):
            if cell.row == row and (found := _MONTHS.search(fold(cell.text))):
                form.head.setdefault("months", cell._replace(text=found[1] or found[2] or "6"))
                return


@cache
def _parts(vocabulary: Vocabulary) -> Mapping[str, frozenset[str]]:
    raw: Mapping[str, Any] = vocabulary.raw["cycle_parts"]
    return {name: frozenset(fold(word) for word in words) for name, words in raw.items()}


def _figure(sheet: Sheet, label: Cell) -> Cell | None:
    """The first amount right of a label on its row."""
    following = sheet.part(label.row, sheet.area(label).right + 1, sheet.last_column)
    return next((cell for cell in following if read_points(cell.text.rstrip("亿万千百元 ")) is not None), None)
