"""What is drawn is what stands in the file: independent readers find every cell and every merged area."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlrd
from python_calamine import CalamineWorkbook
from strangers import cases
from strangers.grid import Sheet
from strangers.money import Money
from strangers.shapes import SHAPES

DRAWN = {"hebei/pairs-in-rows": "cell", "F4/yunnan": "label", "list/row-an-indicator-merged": "title"}


def merged(path: Path, name: str) -> set[tuple[int, ...]] | None:
    """Merged areas as another library reads them; None where none does."""
    if path.suffix == ".xlsx":
        ranges = openpyxl.load_workbook(path)[name].merged_cells.ranges
        return {(area.min_row, area.min_col, area.max_row, area.max_col) for area in ranges}
    if path.suffix == ".xls":
        areas = xlrd.open_workbook(path, formatting_info=True).sheet_by_name(name).merged_cells
        return {(top + 1, left + 1, bottom, right) for top, bottom, left, right in areas}
    return None


def same(sheet: Sheet, rows: list[list[object]]) -> bool:
    def at(row: int, column: int) -> object:
        return rows[row - 1][column - 1] if row <= len(rows) and column <= len(rows[row - 1]) else ""

    def equal(got: object, drawn: object) -> bool:
        return got == drawn if isinstance(drawn, str) else abs(float(str(got or 0)) - float(str(drawn))) < 1e-9

    return all(equal(at(*place), value) for place, value in sheet.cells.items())


@pytest.mark.parametrize("container", ["xlsx", "inline", "xls", "ods"])
@pytest.mark.parametrize("name", DRAWN)
def test_cells_and_merges(name: str, container: str, tmp_path: Path) -> None:
    drawing = cases.Case(SHAPES[name], Money("万元", DRAWN[name]), container, 3).drawing()
    path = cases.write(drawing.book, container, tmp_path / "表")
    book = CalamineWorkbook.from_path(str(path))
    for sheet in drawing.book:
        assert same(sheet, book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False))
        assert merged(path, sheet.name) in (None, {tuple(area) for area in sheet.merges})
