"""The blank templates are blank, print on A4 and guide the clerk where a choice or a number is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tools.samples import templates

FOLDER = Path(__file__).parents[2] / "input_templates"
A4 = 9


def sheets() -> list[tuple[str, Any]]:
    names = (templates.NATIONAL, templates.HEBEI, templates.LISTS)
    return [(name, sheet) for name in names for sheet in openpyxl.load_workbook(FOLDER / name)]


@pytest.mark.parametrize(("name", "sheet"), sheets(), ids=lambda value: getattr(value, "title", None))
def test_every_sheet_prints_on_a4_and_holds_no_figures_but_fixed_points(name: str, sheet: Any) -> None:
    numbers = sorted(cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "n" and cell.value)
    expected = {templates.NATIONAL: [10, 100], templates.HEBEI: [10, 10, 100, 100], templates.LISTS: []}[name]
    assert sheet.page_setup.paperSize == A4
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert numbers == expected


def validated(sheet: Any, kind: str) -> dict[str, str]:
    """Cell → rule of the validations of one kind."""
    rules = [rule for rule in sheet.data_validations.dataValidation if rule.type == kind]
    return {str(area): f"{rule.formula1}..{rule.formula2}" for rule in rules for area in rule.sqref.ranges}


def cell_right_of(sheet: Any, word: str) -> str:
    """The next cell of the row that is not part of the label's merged area."""
    label = next(cell for row in sheet.iter_rows() for cell in row if cell.value == word)
    merged = next((m for m in sheet.merged_cells.ranges if label.coordinate in m), None)
    return str(sheet.cell(label.row, (merged.max_col if merged else label.column) + 1).coordinate)


def test_choices_and_number_bounds_stand_where_they_are_asked_for() -> None:
    for name in (templates.NATIONAL, templates.HEBEI):
        sheet = openpyxl.load_workbook(FOLDER / name).active
        assert "年初预算,追加预算" in validated(sheet, "list")[cell_right_of(sheet, "资金来源")]
        assert "工程建设类" in validated(sheet, "list")[cell_right_of(sheet, "项目类别")]
        assert set(validated(sheet, "decimal").values()) == {"0..100", "0..100000000"}
    indicators = openpyxl.load_workbook(FOLDER / templates.LISTS)["指标完成情况"]
    signs = [rule for rule in validated(indicators, "list").values() if "≥" in rule]
    assert signs
    assert all("定性" in rule for rule in signs)
