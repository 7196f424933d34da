"""A row that heads the projects of a unit is known by what it holds, not by its words, and is never a project.

Ledgers of counties print 甲县残联 │ 40 │ 39 above the projects of 甲县残联: counted as one, its money counts twice.
"""

from __future__ import annotations

from typing import Any

import pytest
from support import drawing
from support.reading import build

from perfbatch.forms import recognise
from perfbatch.model import Book, Cell, Grid

HEADER = "序号 │ 项目名称 │ 全年预算数（万元） │ 全年执行数（万元） │ 执行率 │ 自评得分 │ 备注"
FIRST = ("1 │ 低保 │ 100 │ 100 │ 100% │ 100 │", "2 │ 临时救助 │ 20 │ 19 │ 95% │ 99.5 │")
SECOND = ("1 │ 康复救助 │ 30 │ 30 │ 100% │ 98 │", "2 │ 辅具适配 │ 10 │ 9 │ 90% │ 97 │")
SUM = "合计 │ < │ 160 │ 158 │ 98.75% │ │"
NAMES = ["低保", "临时救助", "康复救助", "辅具适配"]


def read(*drawn: str) -> tuple[list[list[Any]], list[str]]:
    """Name and unit of each project that is counted, and the cells that are said to be unread."""
    sheet = drawing.parse("\n".join(drawn))
    cells = {at: Cell(*at, text) for at, text in sheet.cells.items()}
    recognition = recognise.recognise(Book("列表.xlsx", "xlsx", "", [Grid("列表.xlsx", "表", cells, sheet.merges)]))
    unread = [entry.text for one in recognition.sheets for entry in one.unread]
    return build(recognition.forms).projects[["project_name", "unit"]].values.tolist(), unread


def between(first: str, second: str, *, header: str = HEADER) -> tuple[list[list[Any]], list[str]]:
    return read(header, first, *FIRST, second, *SECOND, SUM)


MERGED, IN_NAMES, IN_FIRST = "{} │ < │ {}", " │ {} │ {}", "{} │ │ {}"
NO_MONEY, MONEY = (" │ │ │ │", " │ │ │ │"), ("120 │ 119 │ 99.17% │ │", "40 │ 39 │ 97.5% │ │")


@pytest.mark.parametrize("money", [NO_MONEY, MONEY])
@pytest.mark.parametrize("where", [MERGED, IN_NAMES, IN_FIRST])  # the last without merges, as in csv
@pytest.mark.parametrize("numbers", [("", ""), ("一、", "二、"), ("（一）", "（二）"), ("部门：", "部门：")])
@pytest.mark.parametrize("units", [("甲县民政局", "甲县残联"), ("甲县民政局", "残疾人之家"), ("妇联", "甲县红十字会")])
def test_a_unit_above_its_projects(
    units: tuple[str, str], numbers: tuple[str, str], where: str, money: tuple[str, str]
) -> None:
    """By its word or by standing where another unit stands, with the sums of its projects or nothing beside it."""
    headings = [number + unit for number, unit in zip(numbers, units, strict=True)]
    found, unread = between(*map(where.format, headings, money))
    assert found == [[name, unit] for name, unit in zip(NAMES, (units[0], units[0], units[1], units[1]), strict=True)]
    assert unread == []


@pytest.mark.parametrize("numbers", [("", ""), ("一、", "二、")])
@pytest.mark.parametrize("money", [NO_MONEY, MONEY])
def test_a_kind_of_projects_is_no_project_and_no_unit(numbers: tuple[str, str], money: tuple[str, str]) -> None:
    """Nobody knows what 民生类 heads: it is said, and counted twice by none."""
    headings = [number + kind for number, kind in zip(numbers, ("民生类", "救助类"), strict=True)]
    found, unread = between(*map(MERGED.format, headings, money))
    assert found == [[name, ""] for name in NAMES]
    assert unread == headings


def test_a_kind_of_projects_below_its_unit_leaves_them_to_it() -> None:
    found, unread = read(
        HEADER, "一、甲县民政局 │ < │ 160 │ 158 │ 98.75% │ │", "（一）救助类 │ < │ 120 │ 119 │ │ │", *FIRST,
        "（二）康复类 │ < │ 40 │ 39 │ │ │", *SECOND, SUM,
    )  # fmt: skip
    assert found == [[name, "甲县民政局"] for name in NAMES]
    assert unread == ["（一）救助类", "（二）康复类"]


def test_sums_that_are_not_those_of_the_projects_leave_a_unit_one() -> None:
    """In a list of numbered projects a unit without a number heads them whatever it adds up."""
    found, _ = between(*map(MERGED.format, ("甲县民政局", "甲县残联"), ("121 │ 119 │ │ │", "40 │ 40 │ │ │")))
    assert found == [[name, unit] for name, unit in zip(NAMES, ["甲县民政局"] * 2 + ["甲县残联"] * 2, strict=True)]


def test_a_project_without_number_and_score_is_one() -> None:
    """What adds up nothing, or heads nothing, is a project that nobody has scored; parts of one above are none."""
    found, _ = read(
        HEADER, *FIRST, " │ 其中：中央资金 │ 15 │ 15 │ │ │", " │ 春节慰问 │ 7 │ 7 │ 100% │ │", *SECOND,
        " │ 孤儿养育 │ 8 │ 8 │ 100% │ │", SUM,
    )  # fmt: skip
    assert [name for name, _ in found] == ["低保", "临时救助", "春节慰问", "康复救助", "辅具适配", "孤儿养育"]


def test_in_a_list_without_numbers_the_sum_tells_a_unit_from_a_project_called_so() -> None:
    header, *rows = (row.partition(" │ ")[2] for row in (HEADER, *FIRST, *SECOND))
    unit, project = "第三幼儿园 │ 120 │ 119 │ │ │", "第四幼儿园 │ 5 │ 5 │ │ │"
    found, _ = read(f"{header} │ 单位负责人", unit, *rows[:2], project, *rows[2:])
    assert found == [[name, "第三幼儿园"] for name in ("低保", "临时救助", "第四幼儿园", "康复救助", "辅具适配")]


@pytest.mark.parametrize("unit", ["二、甲县残联 │ < │ < │ < │ < │ < │ <", "甲县残联 │ │ │ │ │ │"])
def test_a_unit_between_the_projects_of_a_list_of_indicators(unit: str) -> None:
    found, _ = read(
        "序号 │ 项目名称 │ 全年执行数（万元） │ 指标名称 │ 指标值 │ 实际完成值 │ 得分",
        unit.replace("二", "一").replace("残联", "民政局"), "1 │ 低保 │ 100 │ 人数 │ ≥3人 │ 3人 │ 10", unit,
        "1 │ 康复救助 │ 30 │ 人数 │ ≥3人 │ 3人 │ 10", " │ │ │ 次数 │ ≥3次 │ 3次 │ 10",
    )  # fmt: skip
    assert found == [["低保", "甲县民政局"], ["康复救助", "甲县残联"]]
