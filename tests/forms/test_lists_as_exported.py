"""Rows that systems and clerks put between the rows of a list are no projects and no indicators."""

from __future__ import annotations

from typing import Any

import pytest
from support import drawing
from support.reading import build

from perfbatch.forms import recognise
from perfbatch.model import Book, Cell, Frames, Grid

TITLE = "2023年度绩效自评导出列表（单位：万元） │ < │ < │ < │ < │ < │ < │ <"
HEADER = "项目编码 │ 项目名称 │ 预算单位 │ 全年预算数 │ 调整后预算数 │ 全年执行数 │ 预算执行率 │ 得分"
FIRST = "01 │ 村道养护（虚构） │ 柳溪镇 │ 40 │ 40 │ 36 │ 90% │ 95"
SECOND = "02 │ 路灯（虚构） │ 安肃镇 │ 20 │ 20 │ 20 │ 100% │ 98"
BETWEEN = {
    "小计": "│ 小计 │ │ 40 │ 40 │ 36 │ │",
    "单位小计": "│ 柳溪镇小计 │ │ 40 │ 40 │ 36 │ │",
    "小计在编码列": "小计 │ < │ < │ 40 │ 40 │ 36 │ │",
    "合计带编码占位": "— │ 合计 │ │ 40 │ 40 │ 36 │ │",
    "重复表头": HEADER,
    "重复表题": TITLE,
    "不合并的表题": "2023年度绩效自评导出列表 │ │ │ │ │ │ │",
    "附注": "注：以上金额单位为万元 │ < │ < │ < │ < │ < │ < │ <",
    "不合并的附注": "注：以上金额单位为万元 │ │ │ │ │ │ │",
    "签字": "填报人： │ 张三 │ 联系电话：1234 │ │ │ │ │",
    "签字写在一格": "填报人：张三 │ │ 联系电话：1234 │ │ │ │ │",
}


def built(*drawn: str) -> Frames:
    sheet = drawing.parse("\n".join(part.strip("\n") for part in drawn))
    cells = {at: Cell(*at, text) for at, text in sheet.cells.items()}
    return build(
        recognise.recognise(Book("列表.xlsx", "xlsx", "", [Grid("列表.xlsx", "表", cells, sheet.merges)])).forms
    )


def rows(frame: Any, *names: str) -> list[list[Any]]:
    return frame[list(names)].values.tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", BETWEEN)
def test_no_row_between_is_a_project(name: str) -> None:
    plain = built(TITLE, HEADER, FIRST, SECOND)
    got = built(TITLE, HEADER, FIRST, BETWEEN[name], SECOND)
    facts = ("project_name", "unit", "year", "budget_adjusted", "executed", "total_declared")
    assert rows(got.projects, *facts) == rows(plain.projects, *facts)
    assert rows(got.projects, "cell") == [["B3"], ["B5"]]


def test_the_codes_of_the_columns_below_a_header_are_no_project() -> None:
    codes = "XMBM │ XMMC │ YSDW │ QNYSS │ TZHYSS │ QNZXS │ YSZXL │ DF"
    facts = ("project_name", "unit", "budget_adjusted", "executed", "total_declared")
    plain, got = built(TITLE, HEADER, FIRST, SECOND), built(TITLE, HEADER, codes, FIRST, SECOND)
    assert rows(got.projects, *facts) == rows(plain.projects, *facts)


def test_points_of_the_execution_rate_are_not_those_of_the_indicators() -> None:
    got = built(
        "2023年度绩效自评明细表（单位：万元） │ < │ < │ < │ < │ < │ < │ < │ < │ < │ < │ <",
        "项目编码 │ 项目名称 │ 资金情况 │ < │ 预算执行率 │ < │ 绩效指标 │ < │ < │ < │ < │ 自评总分",
        "^ │ ^ │ 全年预算数 │ 全年执行数 │ 执行率 │ 分值 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分 │ ^",
        "01 │ 村道养护（虚构） │ 40 │ 36 │ 90% │ 10 │ 养护里程 │ ≥30公里 │ 31公里 │ 60 │ 60 │ 99",
        "^ │ ^ │ ^ │ ^ │ ^ │ ^ │ 群众满意度 │ ≥90% │ 93% │ 30 │ 30 │ ^",
    )
    assert rows(got.indicators, "level3", "points", "score_declared") == [["养护里程", 60, 60], ["群众满意度", 30, 30]]


def test_a_project_of_such_a_name_has_a_code() -> None:
    got = built(TITLE, HEADER, FIRST, SECOND.replace("路灯（虚构）", "乡镇运转经费合计"))
    assert rows(got.projects, "project_code", "project_name") == [
        ["01", "村道养护（虚构）"],
        ["02", "乡镇运转经费合计"],
    ]


@pytest.mark.parametrize("merged", [True, False])
def test_columns_under_a_group_of_columns(merged: bool) -> None:
    """资金（万元） stands above the money columns and names their unit."""
    upper = "项目编码 │ 项目名称 │ 预算单位 │ 资金（万元） │ < │ < │ < │ 得分 │ 自评结论"
    lower = "^ │ ^ │ ^ │ 全年预算数 │ 调整后预算数 │ 全年执行数 │ 预算执行率 │ ^ │ ^"
    if not merged:
        upper, lower = upper.replace("<", ""), lower.replace("^", "")
    got = built(upper, lower, FIRST, SECOND)
    assert rows(got.projects, "project_name", "money_unit", "executed", "total_text", "cell") == [
        ["村道养护（虚构）", "万元", 36, "95", "B3"],
        ["路灯（虚构）", "万元", 20, "98", "B4"],
    ]


LINES = "项目编码 │ 项目名称 │ 指标名称 │ 指标值 │ 实际完成值 │ 权重 │ 实际得分"
OF_FIRST = """
01 │ 村道养护（虚构） │ 数量指标 │ │ │ 50 │
^ │ ^ │ 养护里程 │ ≥30公里 │ 31公里 │ 30 │ 30
^ │ ^ │ 受益村庄 │ ≥12个 │ 12个 │ 20 │ 20
"""
OF_SECOND = "02 │ 路灯（虚构） │ 路灯数 │ ≥5盏 │ 5盏 │ 50 │ 50"
WITHIN = {
    "小计": "│ │ 小计 │ │ │ 50 │ 50",
    "重复表头": LINES,
    "附注": "注：由系统导出 │ < │ < │ < │ < │ < │ <",
    "签字": "填报人：张三 │ │ 联系电话：1234 │ │ │ │",
}


@pytest.mark.parametrize("name", WITHIN)
def test_no_row_between_is_an_indicator(name: str) -> None:
    got = built(LINES, OF_FIRST, WITHIN[name], OF_SECOND)
    assert rows(got.projects, "project_name") == [["村道养护（虚构）"], ["路灯（虚构）"]]
    assert rows(got.indicators, "level3", "level2", "row", "cell_actual") == [
        ["养护里程", "数量指标", 3, "E3"],
        ["受益村庄", "数量指标", 4, "E4"],
        ["路灯数", "", 6, "E6"],
    ]


BARE = HEADER.replace(" │ 预算单位", "")
OF_ONE, OF_OTHER = (row.replace("柳溪镇 │ ", "").replace("安肃镇 │ ", "") for row in (FIRST, SECOND))
PAGE = "2023年度绩效自评导出列表 │ < │ < │ < │ < │ < │ <"


@pytest.mark.parametrize(
    "heading", ["填报单位：{1} │ < │ < │ │ │ 金额单位：万元 │ <", "{0}、{1} │ < │ < │ < │ < │ < │ <"]
)
@pytest.mark.parametrize("title", [PAGE, ""])
def test_a_header_printed_again_below_another_unit_begins_its_list(heading: str, title: str) -> None:
    first, second = ("柳溪镇人民政府", "安肃镇人民政府")
    heads = heading.format("一", first), heading.format("二", second)
    got = built(*filter(None, (title, heads[0], BARE, OF_ONE, title, heads[1], BARE, OF_OTHER)))
    assert rows(got.projects, "project_name", "unit") == [["村道养护（虚构）", first], ["路灯（虚构）", second]]


def test_a_unit_between_the_rows_is_nearer_than_the_one_above() -> None:
    heads = ("一、柳溪镇人民政府 │ < │ < │ < │ < │ < │ <", "二、安肃镇人民政府 │ < │ < │ < │ < │ < │ <")
    got = built(heads[0], BARE, OF_ONE, heads[1], OF_OTHER)
    assert rows(got.projects, "unit") == [["柳溪镇人民政府"], ["安肃镇人民政府"]]


def test_the_lines_above_a_further_page_are_no_project() -> None:
    page = "编报单位：柳溪镇财政所 │ < │ < │ │ 单位：万元　　第2页/共2页 │ < │ <"
    got = built(PAGE, page.replace("第2页", "第1页"), BARE, OF_ONE, "", PAGE, page, BARE, OF_OTHER)
    assert rows(got.projects, "project_name", "unit", "money_unit") == [
        ["村道养护（虚构）", "柳溪镇财政所", "万元"],
        ["路灯（虚构）", "柳溪镇财政所", "万元"],
    ]


def test_the_score_below_the_money_is_that_of_its_execution() -> None:
    got = built(
        "序号 │ 项目名称 │ 资金情况（万元） │ < │ < │ < │ 产出指标（80分） │ < │ < │ < │ < │ 自评总分",
        "^ │ ^ │ 全年预算数 │ 全年执行数 │ 执行率 │ 得分 │ 指标名称 │ 目标值 │ 完成值 │ 分值 │ 得分 │ ^",
        "1 │ 村道养护（虚构） │ 40 │ 36 │ 0.9 │ 9 │ 养护里程 │ ≥30公里 │ 31公里 │ 80 │ 80 │ 99",
    )
    facts = ("executed", "execution_score_declared", "total_declared")
    assert rows(got.projects, *facts) == [[36, 9, 99]]


def test_a_row_that_only_names_a_year_dates_the_projects_below() -> None:
    title = "2023—2024年绩效自评导出列表（单位：万元） │ < │ < │ < │ < │ < │ < │ <"
    parts = ("2023年度 │ < │ < │ < │ < │ < │ <", OF_ONE, "2024年度 │ < │ < │ < │ < │ < │ <", OF_OTHER)
    got = built(title, BARE, *parts)
    assert rows(got.projects, "project_name", "year") == [["村道养护（虚构）", 2023], ["路灯（虚构）", 2024]]
    assert rows(got.projects, "title_year") == rows(built(title, BARE, OF_ONE, OF_OTHER).projects, "title_year")


def test_a_unit_alone_on_a_row_without_merges_heads_its_projects() -> None:
    got = built(BARE, "镇党政办 │ │ │ │ │ │", OF_ONE, "镇农业农村办 │ │ │ │ │ │", OF_OTHER)
    assert rows(got.projects, "unit") == [["镇党政办"], ["镇农业农村办"]]
