"""Every family reads the same with its merges taken apart, away from A1, beside another form and below one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support import drawing
from support.reading import build

from perfbatch.forms import recognise
from perfbatch.model import Book, Cell, Grid, Range

PROJECT = [
    "layout", "project_name", "department", "unit", "year", "money_unit", "budget_initial", "budget_adjusted",
    "executed", "total_declared", "goal_expected", "goal_actual",
]  # fmt: skip
FUND = ["source", "initial", "adjusted", "arrived", "executed", "points", "score_declared", "role"]
INDICATOR = ["level1", "level2", "level3", "target_text", "actual_text", "points_text", "score_text", "reason", "role"]


def facts(sheet: drawing.Sheet) -> list[list[Any]]:
    cells = {at: Cell(*at, text) for at, text in sheet.cells.items()}
    book = Book("自评.xlsx", "xlsx", "", [Grid("自评.xlsx", "表", cells, sheet.merges)])
    built = build(recognise.recognise(book).forms)
    return [
        built.projects[PROJECT].values.tolist(),
        built.funds[FUND].values.tolist(),
        built.indicators[INDICATOR].values.tolist(),
    ]


def size(sheet: drawing.Sheet) -> tuple[int, int]:
    ends = [(row, column) for row, column in sheet.cells] + [(area.bottom, area.right) for area in sheet.merges]
    return max(row for row, _ in ends), max(column for _, column in ends)


def moved(sheet: drawing.Sheet, down: int, right: int) -> drawing.Sheet:
    cells = {(row + down, column + right): text for (row, column), text in sheet.cells.items()}
    merges = (Range(m.top + down, m.left + right, m.bottom + down, m.right + right) for m in sheet.merges)
    return drawing.Sheet(cells, tuple(merges))


def apart(sheet: drawing.Sheet, *, down: bool, right: bool) -> drawing.Sheet:
    """Without merges; the value of each stands in its first cell, or is filled down, or down and to the right."""
    cells = dict(sheet.cells)
    for area in sheet.merges:
        text = sheet.cells.get((area.top, area.left))
        for row in range(area.top, area.bottom + 1 if down else area.top + 1):
            for column in range(area.left, area.right + 1 if right else area.left + 1):
                if text:
                    cells[row, column] = text
    return drawing.Sheet(cells, ())


def beside(sheet: drawing.Sheet, other: drawing.Sheet) -> drawing.Sheet:
    return drawing.Sheet({**sheet.cells, **other.cells}, (*sheet.merges, *other.merges))


ALONE: dict[str, Callable[[drawing.Sheet], drawing.Sheet]] = {
    "合并单元格拆开，只留第一格": lambda sheet: apart(sheet, down=False, right=False),
    "合并单元格拆开，向下填充": lambda sheet: apart(sheet, down=True, right=False),
    "合并单元格拆开，全部填充": lambda sheet: apart(sheet, down=True, right=True),
    "从D7开始": lambda sheet: moved(sheet, 6, 3),
}
TWICE: dict[str, Callable[[drawing.Sheet], drawing.Sheet]] = {
    "左右并排": lambda sheet: beside(sheet, moved(sheet, 0, size(sheet)[1] + 1)),
    "左右紧邻": lambda sheet: beside(sheet, moved(sheet, 0, size(sheet)[1])),
    "上下紧邻": lambda sheet: beside(sheet, moved(sheet, size(sheet)[0], 0)),
}


@pytest.mark.parametrize("how", [*ALONE, *TWICE])
@pytest.mark.parametrize("family", drawing.families())
def test_reads_the_same(family: str, how: str) -> None:
    sheet = drawing.parse(drawing.load(family)["grid"])
    plain = facts(sheet)
    assert plain[0]
    assert facts((ALONE | TWICE)[how](sheet)) == [rows * (2 if how in TWICE else 1) for rows in plain]
