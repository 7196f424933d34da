"""Workpapers as reviewers fill them in: cells are found by heading and indicator, as a person would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

Entries = Mapping[str, Mapping[str, Any]]


def heading(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    """Row of the table heading and the column of each word in it."""
    for row in sheet.iter_rows():
        words = {cell.value: cell.column for cell in row if cell.value}
        if "核查分数" in words:
            return row[0].row, words
    raise AssertionError(f"no table on sheet {sheet.title}")


def row_of(sheet: Worksheet, indicator: str) -> int:
    """Row of an indicator."""
    top, columns = heading(sheet)
    for row in range(top + 1, sheet.max_row + 1):
        if sheet.cell(row, columns["三级指标"]).value == indicator:
            return row
    raise AssertionError(f"no indicator {indicator} on {sheet.title}")


def enter(sheet: Worksheet, indicator: str, **values: Any) -> None:
    """Put `values` (by heading) into the row of an indicator."""
    _, columns = heading(sheet)
    for word, value in values.items():
        sheet.cell(row_of(sheet, indicator), columns[word]).value = value


def beside(sheet: Worksheet, label: str) -> Any:
    """The cell to the right of a label."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == label:
                own = next((area for area in sheet.merged_cells.ranges if cell.coordinate in area), None)
                return sheet.cell(cell.row, (own.max_col if own else cell.column) + 1)
    raise AssertionError(f"no label {label}")


def fill(path: Path, target: Path, entries: Mapping[int, Entries], opinion: str = "") -> Path:
    """A copy of the workpaper at `path` with entries: sheet number → indicator → heading → value."""
    book = openpyxl.load_workbook(path)
    for number, by_indicator in entries.items():
        sheet = book.worksheets[number]
        for indicator, values in by_indicator.items():
            enter(sheet, indicator, **values)
        if opinion:
            beside(sheet, "项目核查意见").value = opinion
    book.save(target)
    return target
