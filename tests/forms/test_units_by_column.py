"""Headers of money columns that state different units: each is right about its own column, and nothing else is guessed.

The right figures are written beside each drawing; they were computed by hand before the first run.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from support import drawing

from perfbatch.config import Settings
from perfbatch.model import WorkbookResult
from perfbatch.pipeline import process_workbook

TOP = ("序号", "项目编码", "项目名称", "预算单位")
END = ("执行率", "自评得分")


def listed(folder: Path, money: tuple[str, str, str], amounts: tuple[object, ...], *above: str) -> WorkbookResult:
    """A list of two projects, the second of which has spent half of its budget."""
    book = openpyxl.Workbook()
    sheet = book.active
    for line in above:
        sheet.append([line])
    sheet.append([*TOP, *money, *END])
    sheet.append([1, "1306001", "道路养护（虚构）", "柳溪镇人民政府", *amounts, "100%", 98])
    half = (*amounts[:2], amounts[2] / 2)  # type: ignore[operator]
    sheet.append([2, "1306002", "水渠修建（虚构）", "柳溪镇人民政府", *half, "50%", 90])
    path = folder / "列表.xlsx"
    book.save(path)
    return process_workbook(path, path.name, Settings())


def money(result: WorkbookResult) -> list[tuple[Decimal | None, ...]]:
    assert result.frames is not None
    columns = ("budget_initial", "budget_adjusted", "executed")
    return list(zip(*(result.frames.projects[name].tolist() for name in columns), strict=True))


def rates_wrong(result: WorkbookResult) -> list[str]:
    return [finding.message for finding in result.findings if finding.code in ("FU01", "FU03", "FU04")]


@pytest.mark.parametrize(
    ("headers", "amounts", "above"),
    [
        (("年初预算数（万元）", "全年预算数（万元）", "全年执行数（元）"), (10, 12, 120000), ()),
        (("年初预算数（元）", "全年预算数（万元）", "全年执行数（千元）"), (100000, 12, 120), ()),
        # the column without a unit has the one that stands above the list
        (("年初预算数（万元）", "全年预算数（元）", "全年执行数"), (10, 120000, 120000), ("金额单位：元",)),
    ],
)
def test_each_column_in_its_own_unit(
    headers: tuple[str, str, str], amounts: tuple[object, ...], above: tuple[str, ...], tmp_path: Path
) -> None:
    result = listed(tmp_path, headers, amounts, *above)
    assert money(result) == [(10, 12, 12), (10, 12, 6)]
    assert rates_wrong(result) == [] and [unit.how for unit in result.money] == ["stated"]
    assert result.frames is not None
    assert result.frames.projects["execution_rate"].tolist() == [1, Decimal("0.5")]


@pytest.mark.parametrize(
    ("headers", "above"),
    [
        (("年初预算数", "全年预算数", "全年执行数（元）"), ("金额单位：万元",)),
        (("年初预算数（万元）", "全年预算数", "全年执行数（元）"), ()),  # of one column nothing says anything
    ],
)
def test_what_may_be_in_two_units_is_asked_and_no_rate_is_made_of_it(
    headers: tuple[str, str, str], above: tuple[str, ...], tmp_path: Path
) -> None:
    result = listed(tmp_path, headers, (10, 12, 120000), *above)
    assert money(result) == [(None, None, None)] * 2 and rates_wrong(result) == []
    (unit,) = result.money
    assert unit.how == "unknown" and "写明的金额单位不一致" in unit.evidence
    assert unit.evidence.startswith("“列表.xlsx”“Sheet”表上")


def test_a_form_whose_columns_differ(tmp_path: Path) -> None:
    """年初预算数（万元） │ 全年预算数（万元） │ 全年执行数（元）, no unit in the label of the block."""
    grid = drawing.load("F1")["grid"]
    grid = grid.replace("项目资金⏎（万元）", "项目资金").replace(
        "│ 年初预算数 │ 全年预算数 │ 全年执行数", "│ 年初预算数（万元） │ 全年预算数（万元） │ 全年执行数（元）"
    )
    grid = grid.replace("│ 40 │ 40 │ 36 │", "│ 40 │ 40 │ 360000 │")
    path = drawing.write(tmp_path / "表.xlsx", {"自评表": drawing.parse(grid)})
    result = process_workbook(path, path.name, Settings())
    assert money(result) == [(40, 40, 36)] and rates_wrong(result) == []


def test_an_own_cell_against_the_label_of_the_block(tmp_path: Path) -> None:
    """金额单位：元 above 项目资金（万元）: two statements, so neither is taken."""
    grid = drawing.load("F1")["grid"].replace(
        "（2023年度） │ < │ < │ < │ < │ < │ < │ <", "（2023年度） │ < │ < │ < │ < │ < │ 金额单位：元 │ <"
    )
    path = drawing.write(tmp_path / "表.xlsx", {"自评表": drawing.parse(grid)})
    result = process_workbook(path, path.name, Settings())
    (unit,) = result.money
    assert money(result) == [(None, None, None)] and unit.how == "unknown" and rates_wrong(result) == []
    assert "写元" in unit.evidence and "写万元" in unit.evidence
    answered = process_workbook(path, path.name, Settings(money_unit="万元"))
    assert money(answered) == [(40, 40, 36)]
