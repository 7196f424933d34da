"""A row with part of the money of the project above is no project; it is told, and its money counts once.

Counties print 其中：… below a project of their list, the mark on the first row only, or 1.1, ①, （1）, —, or only an
indent. Counted as projects, their money counts twice.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from support import drawing

from perfbatch.config import Settings
from perfbatch.model import WorkbookResult
from perfbatch.pipeline import process_workbook

BOTH = pytest.mark.parametrize("container", ["xlsx", "csv"])
TOP = """
清平县2023年度项目支出绩效自评汇总表 │ < │ < │ < │ < │ < │ < │ < │ <
单位：万元 │ < │ < │ < │ < │ < │ < │ < │ <
序号 │ 项目名称 │ 实施单位 │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 预算执行率 │ 自评得分 │ 自评等级
1 │ 衔接资金 │ 县乡村振兴局 │ 300 │ 300 │ 297 │ 99% │ 98.9 │ 优"""
REST = """
2 │ 公益事业奖补 │ 县农业农村局 │ 150 │ 150 │ 150 │ 100% │ 97 │ 优
合计 │ < │ < │ 450 │ 450 │ 447 │ 99.33% │ │"""
NAMES = ["衔接资金", "公益事业奖补"]


def read(folder: Path, container: str, *drawn: str) -> WorkbookResult:
    text = "".join(part.rstrip("\n") for part in drawn).strip("\n")
    path = folder / f"表.{container}"
    if container == "xlsx":
        drawing.write(path, {"表": drawing.parse(text)})
    else:
        rows = [[cell.strip() for cell in line.split("│")] for line in text.splitlines()]
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([["" if cell in ("<", "^") else cell for cell in row] for row in rows])
    return process_workbook(path, path.name, Settings())


def names(result: WorkbookResult) -> list[str]:
    assert result.frames is not None
    return list(result.frames.projects["project_name"])


def told(result: WorkbookResult) -> list[str]:
    return [left.cell for left in result.sheets[0].unread]


MONEY = "150 │ 150 │ 148.5 │ │ │"


@BOTH
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (" │ 其中：产业道路", " │ 其中：灌溉渠道"), (" │ 其中：产业道路", " │ 灌溉渠道"),
        (" │ ①产业道路", " │ ②灌溉渠道"), (" │ （1）产业道路", " │ （2）灌溉渠道"),
        (" │ —产业道路", " │ —灌溉渠道"), ("1.1 │ 产业道路", "1.2 │ 灌溉渠道"),
        ("① │ 产业道路", "② │ 灌溉渠道"), ("其中 │ 产业道路", " │ 灌溉渠道"), (" │ 产业道路", " │ 灌溉渠道"),
        ("— │ 产业道路", "— │ 灌溉渠道"), (" │ 其中：甲镇", " │ 乙镇"), ("1-1 │ 产业经费", "1-2 │ 灌溉经费"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("unit", ["", "县乡村振兴局"])
def test_parts_of_a_project_are_told_and_not_counted(
    unit: str, first: str, second: str, container: str, tmp_path: Path
) -> None:
    parts = "".join(f"\n{part} │ {unit} │ {MONEY}" for part in (first, second))
    result = read(tmp_path, container, TOP, parts, REST)
    assert names(result) == NAMES
    assert (result.status, [cell[1:] for cell in told(result)]) == ("partial", ["5", "6"])


@BOTH
def test_parts_below_a_merged_unit_and_a_part_of_the_parts(container: str, tmp_path: Path) -> None:
    """Named are only some of the parts; what follows with a number, a code or a score is a project again."""
    parts = """
 │ 其中：产业道路 │ ^ │ 100 │ 100 │ 99 │ 99% │ │
 │ 灌溉渠道 │ ^ │ 80 │ 80 │ 79 │ 98.75% │ │
 │ 村部修缮 │ 县民政局 │ 20 │ 20 │ 20 │ 100% │ 96 │ 优"""
    assert names(read(tmp_path, container, TOP, parts, REST)) == ["衔接资金", "村部修缮", "公益事业奖补"]


@BOTH
@pytest.mark.parametrize(
    ("rows", "projects"),
    [
        # not scored, and more or less than the project above: a project that nobody has numbered
        (["产业道路 │ │ 150 │ 150 │ 148", "灌溉渠道 │ │ 160 │ 160 │ 160"], ["产业道路", "灌溉渠道"]),
        (["产业道路 │ │ 50 │ 50 │ 50", "灌溉渠道 │ │ 60 │ 60 │ 60"], ["产业道路", "灌溉渠道"]),
        (["产业道路 │ │ 300 │ 300 │ 297"], ["产业道路"]),  # one of the same amounts may be another
        (["其中：产业道路 │ │ 290 │ 290 │ 290", "灌溉渠道 │ │ 60 │ 60 │ 60"], ["灌溉渠道"]),  # more than is left
    ],
)
def test_what_does_not_add_up_is_a_project(
    rows: list[str], projects: list[str], container: str, tmp_path: Path
) -> None:
    drawn = "".join(f"\n │ {row} │ │ │" for row in rows)
    assert names(read(tmp_path, container, TOP, drawn, REST)) == [NAMES[0], *projects, NAMES[1]]


@BOTH
def test_a_unit_below_a_project_with_parts_heads_the_next_ones(container: str, tmp_path: Path) -> None:
    header = "序号 │ 项目名称 │ 全年预算数（万元） │ 全年执行数（万元） │ 自评得分 │ 备注"
    rows = [
        header, " │ 甲县民政局 │ 100 │ 100 │ │", "1 │ 低保 │ 100 │ 100 │ 100 │", " │ 其中：城市 │ 40 │ 40 │ │",
        " │ 甲县残联 │ 30 │ 30 │ │", "2 │ 康复救助 │ 30 │ 30 │ 98 │", "合计 │ │ 130 │ 130 │ │",
    ]  # fmt: skip
    result = read(tmp_path, container, "\n".join(rows))
    assert result.frames is not None
    found = result.frames.projects[["project_name", "unit"]].values.tolist()
    assert found == [["低保", "甲县民政局"], ["康复救助", "甲县残联"]]


@BOTH
@pytest.mark.parametrize("numbers", [("1.1", "1.2"), ("①", "②"), ("（1）", "（2）"), ("", "")])
def test_a_list_numbered_so_throughout_holds_projects(numbers: tuple[str, str], container: str, tmp_path: Path) -> None:
    """Of rows that are all numbered alike none is a part of another, nor without numbers and scores."""
    header = "序号 │ 项目名称 │ 年初预算数（万元） │ 全年预算数（万元） │ 全年执行数（万元）"
    rows = [header, *(f"{number} │ {name} │ 5 │ 5 │ 5" for number, name in zip(numbers, ("低保", "救助"), strict=True))]
    assert names(read(tmp_path, container, "\n".join(rows))) == ["低保", "救助"]


@BOTH
@pytest.mark.parametrize("called", ["××项目 │ ", "公路养护 │ XX局"])
def test_an_example_in_a_list_is_told_and_not_counted(called: str, container: str, tmp_path: Path) -> None:
    result = read(tmp_path, container, TOP, f"\n例 │ {called} │ 10 │ 10 │ 10 │ 100% │ 100 │ 优", REST)
    assert (names(result), [cell[1:] for cell in told(result)]) == (NAMES, ["5"])


def summed(result: WorkbookResult) -> list[str]:
    return [f"{one.cell} {one.message}" for one in result.findings if one.code == "FU19"]


@BOTH
@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("合计 │ < │ < │ 450 │ 450 │ 447 │ │ │", ""),
        ("合计 │ < │ < │ 450.01 │ 450 │ 447 │ │ │", ""),  # rounded
        ("合计 │ < │ < │ 436 │ 450 │ 447 │ │ │", "D6 列表的合计为436万元，表中2个项目之和为450万元，两者不符。"),
        (" │ 总计 │ │ │ 450 │ 440 │ │ │", "F6 列表的合计为440万元，表中2个项目之和为447万元，两者不符。"),
        ("合计 │ < │ < │ 436万元 │ 450 │ 447 │ │ │", ""),  # with a unit of its own, or not read: nothing is sure
        ("合计 │ < │ < │ 约436 │ 450 │ 447 │ │ │", ""),
        ("小计 │ < │ < │ 436 │ 450 │ 447 │ │ │", ""),
        (
            "合计 │ < │ < │ 300 │ 300 │ 297 │ │ │\n3 │ 渠道 │ 局 │ 9 │ 9 │ 9 │ │ 90 │\n合计 │ < │ < │ 9 │ 9 │ 9 │ │ │",
            "",
        ),
    ],
)
def test_a_sum_that_is_not_that_of_the_projects_is_told(last: str, said: str, container: str, tmp_path: Path) -> None:
    result = read(tmp_path, container, TOP, REST.rpartition("\n")[0], f"\n{last}")
    assert summed(result) == ([said] if said else [])


@BOTH
def test_a_sum_of_projects_and_their_parts_is_told(container: str, tmp_path: Path) -> None:
    """An amount that was not read leaves its column out; lists of two units have a sum of both."""
    wrong = REST.replace("450 │ 450 │ 447", "750 │ 750 │ 744")
    parts = f"\n │ 其中：产业道路 │ │ {MONEY}\n │ 灌溉渠道 │ │ {MONEY}"
    told = summed(read(tmp_path, container, TOP, parts, wrong))
    assert told[0] == "D8 列表的合计为750万元，表中2个项目之和为450万元，两者不符。" and len(told) == 3
    unread = read(tmp_path, container, TOP.replace("│ 300 │ 300 │ 297", "│ 约三百 │ 约三百 │ 约三百"), REST)
    assert summed(unread) == []
