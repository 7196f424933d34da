"""The flat lists of the integrated system: a project a row (F11), an indicator a row (F12), joined into forms."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import drawing
from support.reading import build

from perfbatch.config import Settings
from perfbatch.forms import recognise
from perfbatch.forms.recognise import Recognition
from perfbatch.model import Book, Cell, Frames, Grid
from perfbatch.pipeline import process_workbook

PROJECTS = """
2023年度项目绩效自评导出列表 │ < │ < │ < │ < │ < │ < │ < │ <
填报单位：河滨县水务局 │ < │ < │ 金额单位：元 │ < │ < │ │ │
状态 │ 项目编码 │ 项目名称 │ 预算单位名称 │ 全年预算数 │ 调整后预算数 │ 全年执行数 │ 执行率得分 │ 得分
已审核 │ 01 │ 渠道清淤（虚构） │ 水务局 │ 200000 │ 150000 │ 120000 │ 8 │ 91.5
已审核 │ 02 │ 泵站维修（虚构） │ 水务局 │ 50000 │ 50000 │ 50000 │ 10 │ 100
│ │ │ │ │ │ │ │
│ │ 合计 │ │ 250000 │ 200000 │ 170000 │ │
"""
INDICATORS = """
项目编码 │ 项目名称 │ 指标名称 │ 计算符号 │ 指标值 │ 实际完成值 │ 计量单位 │ 权重 │ 实际得分
01 │ 渠道清淤（虚构） │ 产出指标 │ │ │ │ │ 50 │
01 │ 渠道清淤（虚构） │ 数量指标 │ │ │ │ │ 50 │
01 │ 渠道清淤（虚构） │ 清淤长度 │ ≥ │ 3 │ 3.2 │ 公里 │ 50 │ 50
01 │ 渠道清淤（虚构） │ 满意度指标 │ │ │ │ │ 40 │
01 │ 渠道清淤（虚构） │ 服务对象满意度指标 │ │ │ │ │ 40 │
01 │ 渠道清淤（虚构） │ 农户满意度 │ ≥ │ 90 │ 88 │ % │ 40 │ 33.5
01 │ 渠道清淤（虚构） │ 总分 │ │ │ │ │ 90 │ 83.5
│ 泵站维修（虚构） │ 成本指标 │ │ │ │ │ │
│ 泵站维修（虚构） │ 维修成本 │ ≤ │ 5 │ 5 │ 万元 │ 90 │ 90
03 │ 堤坝加固（虚构） │ 加固长度 │ ≥ │ 1 │ 1 │ 公里 │ 90 │ 90
"""


def grid(drawn: str, name: str = "表") -> Grid:
    sheet = drawing.parse(drawn)
    return Grid("列表.xlsx", name, {at: Cell(*at, text) for at, text in sheet.cells.items()}, sheet.merges)


def recognised(*grids: Grid) -> Recognition:
    return recognise.recognise(Book("列表.xlsx", "xlsx", "", list(grids)))


def built(*grids: Grid) -> Frames:
    return build(recognised(*grids).forms)


def rows(frame: Any, *names: str) -> list[list[Any]]:
    return frame[list(names)].values.tolist()  # type: ignore[no-any-return]


def test_a_project_list_gives_a_form_a_row() -> None:
    """Head, money in the unit printed above, and the cells; sum rows and blank rows are no projects."""
    got = built(grid(PROJECTS))
    head = rows(got.projects, "layout", "project_code", "project_name", "unit", "year", "status_text", "cell")
    assert head == [
        ["F11", "01", "渠道清淤（虚构）", "水务局", 2023, "已审核", "C4"],
        ["F11", "02", "泵站维修（虚构）", "水务局", 2023, "已审核", "C5"],
    ]
    assert rows(got.projects, "budget_initial", "budget_adjusted", "executed", "total_declared") == [
        [Decimal(20), Decimal(15), Decimal(12), Decimal("91.5")],
        [Decimal(5), Decimal(5), Decimal(5), Decimal(100)],
    ]
    assert rows(got.projects, "cell_total", "money_unit", "cell_title") == [["I4", "元", "A1"], ["I5", "元", "A1"]]
    assert rows(got.funds, "role", "score_declared", "cell_source", "cell_executed", "row") == [
        ["total", Decimal(8), "E4", "G4", 4],
        ["total", Decimal(10), "E5", "G5", 5],
    ]
    assert [(s.layout, s.projects, s.indicators) for s in recognised(grid(PROJECTS)).sheets] == [("F11", 2, 0)]


def test_an_indicator_list_alone_gives_a_form_a_project() -> None:
    """Level rows become levels of what follows, the total row the total; nothing is known of the money."""
    recognition = recognised(grid(INDICATORS))
    assert [(s.layout, s.projects, s.indicators) for s in recognition.sheets] == [("F12", 3, 4)]
    got = build(recognition.forms)
    assert rows(got.projects, "layout", "project_code", "project_name", "cell", "total_text", "cell_total") == [
        ["F12", "01", "渠道清淤（虚构）", "B2", "83.5", "I8"],
        ["F12", "", "泵站维修（虚构）", "B9", "", ""],
        ["F12", "03", "堤坝加固（虚构）", "B11", "", ""],
    ]
    assert rows(got.indicators, "level1", "level2", "level3", "operator", "target_value", "unit", "points", "row") == [
        ["产出指标", "数量指标", "清淤长度", "ge", Decimal(3), "公里", Decimal(50), 4],
        ["满意度指标", "服务对象满意度指标", "农户满意度", "ge", Decimal(90), "%", Decimal(40), 7],
        # 成本指标 names a level 1 and a level 2; without a level 2 behind it is the level 2
        ["", "成本指标", "维修成本", "le", Decimal(5), "万元", Decimal(90), 10],
        ["", "", "加固长度", "ge", Decimal(1), "公里", Decimal(90), 11],
    ]
    assert len(got.funds) == 0


@pytest.mark.parametrize("swapped", [False, True])
def test_both_lists_are_joined_by_code_else_by_name(swapped: bool) -> None:
    """Wherever the lists stand, 01 is joined by its code, 泵站维修 by its name, 03 is a form of its own."""
    sheets = [grid(PROJECTS, "项目列表"), grid(INDICATORS, "指标完成情况")]
    got = built(*(sheets[::-1] if swapped else sheets))
    assert rows(got.projects, "layout", "project_name", "sheet", "total_text") == [
        ["F11", "渠道清淤（虚构）", "项目列表", "91.5"],  # the total of the project list stands
        ["F11", "泵站维修（虚构）", "项目列表", "100"],
        ["F12", "堤坝加固（虚构）", "指标完成情况", ""],
    ]
    names = dict(rows(got.projects, "project_id", "project_name"))
    lines = rows(got.indicators, "project_id", "level3", "sheet")
    assert [(names[project], level3, sheet) for project, level3, sheet in lines] == [
        ("渠道清淤（虚构）", "清淤长度", "指标完成情况"),
        ("渠道清淤（虚构）", "农户满意度", "指标完成情况"),
        ("泵站维修（虚构）", "维修成本", "指标完成情况"),
        ("堤坝加固（虚构）", "加固长度", "指标完成情况"),
    ]


def test_the_unit_above_a_list_that_goes_on_is_named_where_it_stands() -> None:
    projects = """
项目编码 │ 项目名称 │ 全年预算数（元） │ 全年执行数（元） │ 得分
01 │ 渠道清淤（虚构） │ 20 │ 20 │ 90
02 │ 泵站维修（虚构） │ 50 │ 50 │ 90
"""
    first = """
填报单位：河滨县水务局 │ < │ < │ < │ < │ <
项目编码 │ 项目名称 │ 指标名称 │ 指标值 │ 实际完成值 │ 权重 │ 实际得分
01 │ 渠道清淤（虚构） │ 清淤长度 │ ≥3公里 │ 3公里 │ 90 │ 80
"""
    further = "02 │ 泵站维修（虚构） │ 维修台数 │ ≥3台 │ 3台 │ 90 │ 80"
    forms = recognised(grid(projects, "项目"), grid(first, "指标一"), grid(further, "指标二")).forms
    assert [(form.text("unit"), form.ref("unit"), len(form.lines)) for form in forms] == [
        ("河滨县水务局", "指标一!A1", 1)
    ] * 2


def test_keys_merged_or_left_out_below_the_first_row_go_on() -> None:
    """A project named once for its rows keeps them; the levels begin anew with the next project."""
    got = built(
        grid("""
项目编码 │ 项目名称 │ 指标名称 │ 指标值 │ 实际完成值 │ 权重
01 │ 甲（虚构） │ 产出指标 │ │ │ 10
│ │ 数量指标 │ │ │ 10
│ │ 长度 │ ≥3公里 │ 3公里 │ 10
02 │ 乙（虚构） │ 宽度 │ ≥3米 │ 3米 │ 10
""")
    )
    names = dict(rows(got.projects, "project_id", "project_name"))
    assert [(names[p], *rest) for p, *rest in rows(got.indicators, "project_id", "level1", "level2", "level3")] == [
        ("甲（虚构）", "产出指标", "数量指标", "长度"),
        ("乙（虚构）", "", "", "宽度"),
    ]


def test_the_money_unit_stands_in_a_header_or_nowhere() -> None:
    """A unit in a header holds; a unit nobody wrote is not guessed, the text stays."""
    stated = "项目名称 │ 预算单位 │ 全年预算数（万元） │ 全年执行数（万元） │ 得分\n甲 │ 水务局 │ 20 │ 10 │ 90\n"
    assert rows(built(grid(stated)).projects, "money_unit", "executed", "cell") == [["万元", Decimal(10), "A2"]]
    silent = built(grid(stated.replace("（万元）", "")))
    assert rows(silent.projects, "money_unit", "executed", "executed_text") == [["", None, "10"]]


def test_a_list_of_codes_only_is_anchored_at_its_code() -> None:
    drawn = "项目编码 │ 预算单位 │ 年度 │ 自评等级 │ 得分\n01 │ 水务局 │ 2023 │ 优 │ 95\n"
    got = built(grid(drawn))
    assert rows(got.projects, "project_code", "year", "grade_declared", "cell") == [["01", 2023, "优", "A2"]]
    assert len(got.funds) == 0  # the list has no money columns


def test_the_unit_of_a_cost_indicator_is_none_of_the_money() -> None:
    """In the last rows of a list notes may state the unit; a 元 below 计量单位 is that of the indicator."""
    drawn = INDICATORS.replace("项目名称 │", "项目名称 │ 全年预算数 │ 全年执行数 │").replace("│ 公里 │ 90", "│ 元 │ 90")
    drawn = drawn.replace("（虚构） │", "（虚构） │ 216.00 │ 216.00 │")
    for sheet, above, value in (
        ("完成情况（万元）", "", 216),
        ("完成情况", "单位：万元 │ │ │ │ │ │ │ │ │ │ \n", 216),
        ("完成情况（元）", "", Decimal("0.0216")),
    ):
        got = build(recognise.recognise(Book("列表.xlsx", "xlsx", "", [grid(above + drawn.strip(), sheet)])).forms)
        assert {row[0] for row in rows(got.projects, "executed")} == {value}
    below = drawn.strip() + "\n填表人：甲 │ │ │ │ │ 金额单位：元 │ │ │ │ │ "
    assert {row[0] for row in rows(built(grid(below)).projects, "executed")} == {Decimal("0.0216")}


@pytest.mark.parametrize(
    "drawn",
    [
        "项目名称 │ 预算单位 │ 年度 │ 得分\n甲 │ 乙 │ 2023 │ 9",  # four headers
        "项目名称 │ 预算单位 │ 年度 │ 状态 │ 自评等级\n甲 │ 乙 │ 2023 │ 已审核 │ 优",  # no money and no score
        "预算单位 │ 年度 │ 状态 │ 全年执行数 │ 得分\n乙 │ 2023 │ 已审核 │ 3 │ 9",  # names no project
    ],
)
def test_what_is_no_list(drawn: str) -> None:
    recognition = recognised(grid(drawn))
    assert recognition.forms == []
    assert "未处理" in recognition.sheets[0].remark


def test_year_only_in_the_name_of_the_sheet_is_said() -> None:
    drawn = "项目名称 │ 预算单位 │ 调整后预算数 │ 全年执行数 │ 得分\n甲（虚构） │ 水务局 │ 20 │ 10 │ 90\n"
    recognition = recognised(grid(drawn, "2022年度"))
    assert recognition.sheets[0].remark == "表中没有写年度，按工作表名取2022年"
    assert build(recognition.forms).projects["year"].tolist() == [2022]
    empty = drawn.splitlines()[0] + "\n合计 │ │ 20 │ 10 │\n"
    assert recognised(grid(empty, "2022年度")).sheets[0].remark == "空白的列表，只有表头、没有项目，没有计入"


def test_rows_above_the_first_project_begin_at_their_own_cell() -> None:
    """A list whose first rows name no project: a form told by where it stands; level rows alone make none."""
    nameless = INDICATORS.replace("01 │ 渠道清淤（虚构） │", "│ │")
    forms = recognised(grid(nameless)).forms
    assert [(form.anchor, form.text("project_name"), len(form.lines)) for form in forms] == [
        ("C4", "", 2), ("B9", "泵站维修（虚构）", 1), ("B11", "堤坝加固（虚构）", 1),
    ]  # fmt: skip
    levels = "\n".join(line for line in nameless.splitlines() if "清淤长度" not in line and "农户" not in line)
    levels = "\n".join(line for line in levels.splitlines() if "总分" not in line)
    names = [form.text("project_name") for form in recognised(grid(levels)).forms]
    assert names == ["泵站维修（虚构）", "堤坝加固（虚构）"]


@pytest.mark.parametrize(
    "marks",
    ["栏次 │ 1 │ 2 │ 3 │ 4 │ 5 │ 6", "甲 │ 乙 │ 丙 │ 1 │ 2 │ 3 │ 4", "（A） │ （B） │ C │ D │ E │ F=E/D×100% │ ③"],
)
def test_a_row_that_numbers_the_columns_is_no_project(marks: str) -> None:
    got = built(
        grid(f"""
序号 │ 项目名称 │ 实施单位 │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 自评得分
{marks}
1 │ 村道养护（虚构） │ 柳溪镇 │ 40 │ 40 │ 36 │ 95.5
""")
    )
    assert rows(got.projects, "project_name", "total_declared") == [["村道养护（虚构）", Decimal("95.5")]]


def test_a_sum_that_names_its_unit_is_no_project() -> None:
    """小计（柳溪镇） merged over number, name and unit; a project whose name begins with 合计 is one."""
    got = built(
        grid("""
序号 │ 项目名称 │ 实施单位 │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 自评得分
1 │ 村道养护（虚构） │ 柳溪镇 │ 40 │ 40 │ 36 │ 95.5
2 │ 合计划生育奖励（虚构） │ 柳溪镇 │ 10 │ 10 │ 10 │ 100
小计（柳溪镇） │ < │ < │ 50 │ 50 │ 46 │
总计：全镇 │ < │ < │ 50 │ 50 │ 46 │
""")
    )
    assert got.projects["project_name"].tolist() == ["村道养护（虚构）", "合计划生育奖励（虚构）"]


def test_indicators_under_headers_of_another_kind() -> None:
    """指标类别, 指标类型 and 绩效指标 name the levels of a list; the score of a row is no total of its project."""
    head = "序号 │ 项目名称 │ 实施单位 │ 全年预算 │ 全年执行 │ 执行得分 │ "
    head += "指标类别 │ 指标类型 │ 绩效指标 │ 目标值 │ 完成值 │ 分值 │ 自评得分 │ 偏差情况说明"
    drawn = f"""
{head}
1 │ 山塘加固（虚构） │ 水利站 │ 240 │ 240 │ 10 │ 产出指标 │ 数量指标 │ 加固数量 │ ≥6座 │ 5座 │ 50 │ 41.67 │ 一座未完成
 │ │ │ │ │ │ 满意度指标 │ 服务对象满意度指标 │ 农户满意度 │ ≥90% │ 91% │ 40 │ 40 │
小计 │ │ │ │ │ │ │ │ │ │ │ 90 │ 91.67 │
"""
    got = built(grid(drawn))
    assert rows(got.projects, "project_name", "execution_score_declared", "total_declared") == [
        ["山塘加固（虚构）", Decimal(10), None]
    ]
    assert rows(got.indicators, "level1", "level3", "score_text", "reason") == [
        ["产出指标", "加固数量", "41.67", "一座未完成"],
        ["满意度指标", "农户满意度", "40", ""],
    ]


def test_headings_of_units_and_parts_are_no_projects() -> None:
    """A row without a unit that is called as the unit of others, or 其中：…; neither is counted a second time."""
    drawn = """
序号 │ 项目名称 │ 实施单位 │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 自评得分
一 │ 柳溪镇人民政府 │ │ 60 │ 60 │ 56 │
1 │ 村道养护（虚构） │ 柳溪镇人民政府 │ 40 │ 40 │ 36 │ 95.5
 │ 其中：上级资金 │ │ 30 │ 30 │ 26 │
2 │ 环境整治（虚构） │ 柳溪镇人民政府 │ 20 │ 20 │ 20 │ 99
3 │ 无单位的项目（虚构） │ │ 5 │ 5 │ 5 │ 90
"""
    names = built(grid(drawn)).projects["project_name"].tolist()
    assert names == ["村道养护（虚构）", "环境整治（虚构）", "无单位的项目（虚构）"]


def test_letters_below_the_headers_of_a_form_are_no_amounts() -> None:
    drawn = """
项目支出绩效自评表 │ < │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 村道养护（虚构） │ < │ < │ 实施单位 │ 柳溪镇人民政府 │ < │ < │ <
项目资金（万元） │ │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 分值 │ 执行率 │ 得分 │
 │ │ （A） │ （B） │ （C） │ │ （C/B） │ │
 │ 年度资金总额 │ 40 │ 40 │ 36 │ 10 │ 90% │ 9 │
绩效指标 │ 一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分 │ 偏差原因分析及改进措施
 │ 1 │ 2 │ 3 │ 4 │ 5 │ 6 │ 7 │ 8
 │ 产出指标 │ 数量指标 │ 养护里程 │ ≥30公里 │ 30公里 │ 90 │ 90 │
总分 │ │ │ │ │ │ 100 │ 99 │
"""
    got = built(grid(drawn))
    assert rows(got.projects, "budget_initial", "budget_adjusted", "executed") == [
        [Decimal(40), Decimal(40), Decimal(36)]
    ]
    assert got.indicators["level3"].tolist() == ["养护里程"]


def test_a_ledger_with_headings_of_units_and_sums_of_pages() -> None:
    """In a list without a column for the unit a heading names it; 过次页 and 承前页 carry sums to the next page."""
    head = "行次 │ 项目名称 │ 摘要 │ 预算数 │ 支出数 │ 执行率 │ 自评得分 │ 等次"
    got = built(
        grid(f"""
河滨县2023年度项目支出绩效自评结果登记簿 │ < │ < │ < │ < │ < │ < │ <
 │ │ │ │ │ │ │ 万元
{head}
 │ 一、柳溪镇人民政府（1个项目） │ │ │ │ │ │
1 │ 村道养护（虚构） │ 本年安排 │ 40 │ 36 │ 90% │ 95 │ 优
 │ 过次页 │ │ 40 │ 36 │ 90% │ │
河滨县2023年度项目支出绩效自评结果登记簿 │ < │ < │ < │ < │ < │ < │ <
{head}
 │ 承前页 │ │ 40 │ 36 │ 90% │ │
 │ 小计（柳溪镇人民政府） │ │ 40 │ 36 │ 90% │ │
 │ （二）县水务局 │ │ │ │ │ │
2 │ 渠道清淤（虚构） │ 〃 │ 20 │ 20 │ 100% │ 98 │ 优
 │ 本年合计 │ │ 60 │ 56 │ │ │
""")
    )
    assert rows(got.projects, "project_name", "unit", "year", "executed", "grade_declared") == [
        ["村道养护（虚构）", "柳溪镇人民政府", 2023, 36, "优"],
        ["渠道清淤（虚构）", "县水务局", 2023, 20, "优"],
    ]


def test_a_score_with_its_grade_and_a_rate_with_a_remark_are_read_in_a_list_too() -> None:
    drawn = """
序号 │ 项目名称 │ 全年预算数（万元） │ 全年执行数（万元） │ 执行率 │ 自评得分
1 │ 村道养护（虚构） │ 50（含追加） │ 49 │ 92%（含追加） │ 88.8（优）
"""
    facts = ("budget_adjusted", "rate_declared", "total_declared", "grade_declared")
    assert rows(built(grid(drawn)).projects, *facts) == [[50, Decimal("0.92"), Decimal("88.8"), "优"]]


def test_headings_of_units_with_their_sums_are_counted_once() -> None:
    """A heading is numbered, called as a unit is, and has no score; what has one is a project of such a name."""
    got = built(
        grid("""
序号 │ 项目名称 │ 年初预算数（万元） │ 全年预算数（万元） │ 全年执行数（万元） │ 自评得分
 │ 合计 │ 65 │ 65 │ 61 │
 │ 一、柳溪镇人民政府（2个项目） │ 50 │ 50 │ 46 │
1 │ 村道养护（虚构） │ 40 │ 40 │ 36 │ 95
2 │ 环境整治（虚构） │ 10 │ 10 │ 10 │ 99
 │ （二）县水务局 │ 15 │ 15 │ 15 │
3 │ 渠道清淤（虚构） │ 10 │ 10 │ 10 │ 98
 │ 三、村级服务中心 │ 5 │ 5 │ 5 │ 97
""")
    )
    assert rows(got.projects, "project_name", "unit", "executed") == [
        ["村道养护（虚构）", "柳溪镇人民政府", 36],
        ["环境整治（虚构）", "柳溪镇人民政府", 10],
        ["渠道清淤（虚构）", "县水务局", 10],
        ["三、村级服务中心", "县水务局", 5],
    ]


def test_sources_below_a_project_and_parts_beside_an_amount() -> None:
    """Rows without code are sources of the project above; of 年初预算数 over 小计 and 其中 the 小计 is the amount."""
    recognition = recognised(
        grid(
            """
序号 │ 项目名称及资金来源 │ 项目编码 │ 项目单位 │ 年初预算数 │ < │ 全年预算数 │ < │ 全年执行数 │ 自评总分
^ │ ^ │ ^ │ ^ │ 小计 │ 其中：上年结转 │ 小计 │ 其中：上年结转 │ ^ │ ^
1 │ 村道养护（虚构） │ 13060923P000000000001 │ 柳溪镇 │ 40 │ 5 │ 44 │ 5 │ 36 │ 95
 │ 其中：一般公共预算拨款 │ │ │ 35 │ 0 │ 39 │ 0 │ 31 │
 │ 上年结转结余 │ │ │ 5 │ 5 │ 5 │ 5 │ 5 │
""".replace("年初预算数", "年初预算数（万元）")
            .replace("全年预算数", "全年预算数（万元）")
            .replace("执行数", "执行数（万元）")
        )
    )
    got = build(recognition.forms)
    assert rows(got.projects, "project_name", "budget_initial", "budget_adjusted", "executed") == [
        ["村道养护（虚构）", 40, 44, 36]
    ]
    assert {entry.header for entry in recognition.sheets[0].unread} >= {"其中：上年结转"}


def test_two_rows_a_project_are_refused() -> None:
    """The two rows of the header name a field each: what a row means is not guessed."""
    recognition = recognised(
        grid("""
序号 │ 项目名称 │ 年初预算数 │ 全年预算数 │ 执行率 │ 自评总分
 │ 实施单位 │ 上年结转 │ 全年执行数 │ 执行率得分 │ 自评等级
1 │ 村道养护（虚构） │ 40 │ 40 │ 90% │ 95
 │ 柳溪镇 │ 0 │ 36 │ 9 │ 优
""")
    )
    assert recognition.forms == []
    assert recognition.sheets[0].remark == "表头两行各是一项，每个项目占两行，没有读取；请改为每个项目一行后重新导出"
    assert recognition.sheets[0].told


TREE = """
 │ 项目 │ 年初预算数（元） │ 预算执行数（元） │ 指标名称 │ 计算符号 │ 指标值 │ 计量单位 │ 实际完成值 │ 权重 │ 实际得分
合计 │ │ 500000 │ 500000 │ │ │ │ │ │ │
1 │ #13060923P000000000001-#村道养护（虚构） │ 500000 │ 500000 │ 预算执行率 │ ＝ │ 100 │ % │ 100 │ 10 │ 10
2 │ #13060923P000000000001-#村道养护（虚构） │ 500000 │ 500000 │ 产出指标 │ │ │ │ │ 50 │ 50
3 │ #13060923P000000000001-#村道养护（虚构） │ 500000 │ 500000 │ 养护里程 │ ≥ │ 30 │ 公里 │ 31 │ 50 │ 50
4 │ #13060923P000000000001-#村道养护（虚构） │ 500000 │ 500000 │ 效益指标 │ │ │ │ │ 30 │ 30
5 │ #13060923P000000000001-#村道养护（虚构） │ 500000 │ 500000 │ 受益村庄 │ ≥ │ 12 │ 个 │ 12 │ 30 │ 30
6 │ #13060923P000000000001-#村道养护（虚构） │ 500000 │ 500000 │ 满意度指标 │ │ │ │ │ 10 │ 10
7 │ #13060923P000000000001-#村道养护（虚构） │ 500000 │ 500000 │ 群众满意度 │ ≥ │ 90 │ % │ 93 │ 10 │ 10
"""


def test_a_tree_of_one_level_below_a_sum_of_all() -> None:
    """合计 above the first project is none, 项目 heads its names; 满意度指标 is a level 1 where there is no level 2."""
    got = built(grid(TREE.replace(" │ 项目 │", "序号 │ 项目 │", 1)))
    assert rows(got.projects, "project_name", "budget_initial") == [["村道养护（虚构）", 50]]
    assert rows(got.indicators, "level1", "level3", "role") == [
        ["", "预算执行率", "execution"],
        ["产出指标", "养护里程", "indicator"],
        ["效益指标", "受益村庄", "indicator"],
        ["满意度指标", "群众满意度", "indicator"],
    ]


def test_the_sum_of_a_project_merged_over_its_values_and_numbers_below_three_headers() -> None:
    got = built(
        grid("""
项目信息 │ < │ 资金（万元） │ < │ 绩效目标 │ < │ < │ 完成情况 │ < │ <
项目编码 │ 项目名称 │ 年初预算 │ 支出数 │ 一级指标 │ 指标名称 │ 目标值 │ 完成值 │ 权重 │ 自评分
（1） │ （2） │ （3） │ （4） │ （5） │ （6） │ （7） │ （8）=（7）/（6） │ （9） │ （10）
01 │ 村道养护（虚构） │ 40 │ 36 │ 项目小计 │ < │ < │ < │ 90 │ 88
^ │ ^ │ ^ │ ^ │ 产出指标 │ 养护里程 │ ≥30公里 │ 30公里 │ 50 │ 50
^ │ ^ │ ^ │ ^ │ 效益指标 │ 受益村庄 │ ≥12个 │ 11个 │ 40 │ 38
""")
    )
    assert rows(got.projects, "project_name", "executed", "total_declared") == [["村道养护（虚构）", 36, Decimal(88)]]
    assert got.indicators["level3"].tolist() == ["养护里程", "受益村庄"]


SUMMARY = """
2023年度项目绩效自评汇总表 │ < │ < │ < │ < │ < │ < │ <
金额单位：万元 │ < │ < │ < │ < │ < │ < │ <
序号 │ 项目名称 │ 实施单位 │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 执行率 │ 自评总分
1 │ 农民培训 │ 河滨县农广校 │ 20 │ 20 │ 18 │ 90% │ 99
2 │ 良种补贴 │ 河滨县农广校 │ 50 │ 50 │ 50 │ 100% │ 100
"""
ALONE = """
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分 │ 未完成原因
产出指标 │ 数量指标 │ {name} │ ≥40人 │ 42人 │ 60 │ 60 │
满意度指标 │ 服务对象满意度指标 │ 学员满意度 │ ≥90% │ 95% │ 30 │ 30 │
"""


@pytest.mark.parametrize(
    ("sheets", "lines"),
    [
        (("1", "2"), ("绩效指标完成情况", "绩效指标完成情况")),
        (("附表1", "附表2"), ("绩效指标完成情况", "绩效指标完成情况")),
        (("农民培训", "良种补贴"), ("绩效指标完成情况", "绩效指标完成情况")),
        (("甲", "乙"), ("农民培训项目绩效指标完成情况", "良种补贴项目绩效指标完成情况")),
        (("甲", "乙"), ("项目名称：农民培训", "项目名称：良种补贴")),
    ],
)
def test_indicators_of_listed_projects_on_sheets_of_their_own(
    tmp_path: Path, sheets: tuple[str, str], lines: tuple[str, str]
) -> None:
    """One sheet lists the projects with their money, one sheet each holds the indicators: they are one project."""
    drawn = {"汇总": drawing.parse(SUMMARY)}
    for sheet, line, name in zip(sheets, lines, ("培训人数", "补贴人数"), strict=True):
        drawn[sheet] = drawing.parse(f"{line} │ < │ < │ < │ < │ < │ < │ <\n" + ALONE.strip().format(name=name))
    path = drawing.write(tmp_path / "表.xlsx", drawn)
    result = process_workbook(path, path.name, Settings())
    assert result.frames is not None and [one.code for one in result.findings if one.severity == "error"] == []
    frames = result.frames
    assert frames.projects[["project_name", "executed", "total_declared"]].astype(str).values.tolist() == [
        ["农民培训", "18", "99"], ["良种补贴", "50", "100"],
    ]  # fmt: skip
    names = dict(frames.projects[["project_id", "project_name"]].values.tolist())
    rows = frames.indicators[["project_id", "sheet", "level3"]].values.tolist()
    assert [(names[project], sheet, name) for project, sheet, name in rows] == [
        ("农民培训", sheets[0], "培训人数"), ("农民培训", sheets[0], "学员满意度"),
        ("良种补贴", sheets[1], "补贴人数"), ("良种补贴", sheets[1], "学员满意度"),
    ]  # fmt: skip
    assert [(sheet.projects, sheet.unread) for sheet in result.sheets] == [(2, ()), (0, ()), (0, ())]
    assert "农民培训" in result.sheets[1].remark


def test_indicators_of_a_project_that_no_list_names_stay_by_themselves(tmp_path: Path) -> None:
    alone = drawing.parse(
        "项目名称：农民培训二期 │ < │ < │ < │ < │ < │ < │ <\n" + ALONE.strip().format(name="培训人数")
    )
    path = drawing.write(tmp_path / "表.xlsx", {"汇总": drawing.parse(SUMMARY), "1": alone})
    result = process_workbook(path, path.name, Settings())
    assert result.frames is not None
    assert sorted(result.frames.projects["project_name"]) == ["农民培训", "农民培训二期", "良种补贴"]


def test_a_listed_project_with_indicators_of_its_own_takes_none_from_a_sheet(tmp_path: Path) -> None:
    listed = """
    2023年度项目绩效自评汇总表 │ < │ < │ < │ < │ < │ < │ < │ < │ < │ <
    金额单位：万元 │ < │ < │ < │ < │ < │ < │ < │ < │ < │ <
    序号 │ 项目名称 │ 预算单位 │ 年初预算 │ 全年预算 │ 执行数 │ 自评总分 │ {group1} │ {group2}
    1 │ 农民培训 │ 河滨县农广校 │ 20 │ 20 │ 18 │ 99 │ 培训人数 │ ≥40人 │ 42人 │ 满意度 │ ≥90% │ 95%
    """
    groups = {f"group{at}": f"指标{at}名称 │ 指标{at}目标值 │ 指标{at}完成值" for at in (1, 2)}
    alone = drawing.parse("绩效指标完成情况 │ < │ < │ < │ < │ < │ <\n" + ALONE.strip().format(name="培训期数"))
    path = drawing.write(tmp_path / "表.xlsx", {"汇总": drawing.parse(listed.format(**groups)), "1": alone})
    result = process_workbook(path, path.name, Settings())
    assert result.frames is not None
    named = dict(result.frames.projects[["project_id", "project_name"]].values.tolist())
    rows = result.frames.indicators[["project_id", "level3"]].values.tolist()
    assert [name for project, name in rows if named[project] == "农民培训"] == ["培训人数", "满意度"]


GROUPED = """
河滨县2023年度项目支出绩效自评结果汇总表 │ < │ < │ < │ < │ < │ < │ < │ < │ <
序号 │ 单位名称 │ 项目名称 │ 预算资金（万元） │ < │ < │ {group} │ < │ < │ < │ 等级
^ │ ^ │ ^ │ 年初预算数 │ 全年预算数 │ 执行数 │ 预算执行（10分） │ 产出（50分） │ 效益和满意度（40分） │ 总分 │ ^
1 │ 河滨县档案馆 │ 档案抢救 │ 42 │ 42 │ 42 │ 10 │ 50 │ 40 │ 100 │ 优
2 │ 河滨县气象局 │ 人工增雨 │ 86 │ 90 │ 88.2 │ 9.8 │ 50 │ 38 │ 97.8 │ 优
"""


@pytest.mark.parametrize("group", ["自评得分", "得分情况", "自评得分情况"])
def test_below_a_score_in_parts_the_sum_is_the_score(group: str) -> None:
    """The first part was the total: 9.8, with a false error about the grade."""
    found = recognised(grid(GROUPED.format(group=group)))
    got = build(found.forms)
    assert rows(got.projects, "total_declared", "execution_score_declared") == [
        [Decimal(100), Decimal(10)], [Decimal("97.8"), Decimal("9.8")],
    ]  # fmt: skip
    assert [(left.cell, left.header) for left in found.sheets[0].unread] == [
        ("H4", "产出（50分）"), ("I4", "效益和满意度（40分）"),
    ]  # fmt: skip


WIDE = """
序号 │ 项目名称 │ 实施单位 │ 全年预算数（万元） │ 全年执行数（万元） │ 执行率 │ {one} │ {two} │ 总得分
1 │ 路灯维护 │ 市政所 │ 62 │ 62 │ 100% │ 亮灯率 │ ≥98% │ 95% │ 50 │ 48 │ 灯具老化 │ 路灯 │ ≥9盏 │ 9盏 │ 40 │ 40 │  │ 98
"""


@pytest.mark.parametrize("reason", ["偏差原因", "未完成原因", "原因分析"])
def test_each_indicator_of_a_row_has_its_reason(reason: str) -> None:
    """It was that of the money of the project."""
    names = ("名称", "目标值", "完成值", "分值", "得分", reason)
    one, two = (" │ ".join(f"指标{number}{name}" for name in names) for number in (1, 2))
    got = built(grid(WIDE.format(one=one, two=two)))
    assert rows(got.indicators, "level3", "target_text", "score_text", "reason") == [
        ["亮灯率", "≥98%", "48", "灯具老化"], ["路灯", "≥9盏", "40", ""],
    ]  # fmt: skip
    assert rows(got.projects, "fund_reason", "total_declared") == [["", Decimal(98)]]


def test_unread_columns_of_indicators_are_not_checked(tmp_path: Path) -> None:
    """All indicators of a project in one cell: 没有得分 was said of a list with a column 指标得分."""
    drawn = """
河滨县2023年度项目绩效自评情况一览表 │ < │ < │ < │ < │ < │ < │ <
序号 │ 项目名称 │ 实施单位 │ 预算数（万元） │ 执行数（万元） │ 绩效指标及目标值 │ 实际完成值 │ 指标得分 │ 总分
1 │ 道路养护 │ 交通服务站 │ 22 │ 22 │ 1.里程≥38公里；2.完好率≥90% │ 1.38公里；2.91% │ 1.50；2.40 │ 100
"""
    path = drawing.write(tmp_path / "表.xlsx", {"表": drawing.parse(drawn)})
    result = process_workbook(path, path.name, Settings())
    (covered,) = result.covered
    told = dict(covered.unchecked)
    assert "没有读到" in told["SC04"] and "没有读到" in told["SC05"]
    assert [left.header for left in result.sheets[0].unread] == ["绩效指标及目标值", "实际完成值", "指标得分"]


@pytest.mark.parametrize("tail", ["（盖章）                单位：万元", "　　(单位:万元)", " 金额单位：万元", ""])
def test_the_unit_of_money_behind_the_unit_is_none_of_its_name(tail: str) -> None:
    drawn = PROJECTS.replace(
        "填报单位：河滨县水务局 │ < │ < │ 金额单位：元", f"填报单位：河滨县水务局{tail} │ < │ < │ < "
    )
    drawn = drawn.replace("│ 预算单位名称 │", "│ 审核意见 │")
    got = built(grid(drawn, "列表" if tail else "列表（万元）"))
    assert rows(got.projects, "unit", "executed") == [["河滨县水务局", 120000], ["河滨县水务局", 50000]]


def test_stages_in_short_below_their_group_and_a_title_without_table() -> None:
    """A list of a bureau of transport: 预算执行情况 over 年初批复, 调整后 and 支出 was not read, nor was the year."""
    drawn = """
河滨市交通局所属单位2023年度项目绩效自评汇总 │ < │ < │ < │ < │ < │ <
单位：元 │ < │ < │ < │ < │ < │ <
序号 │ 项目名称 │ 预算执行情况 │ < │ < │ 执行率（%） │ 自评总分
^ │ ^ │ 年初批复 │ 调整后 │ 支出 │ ^ │ ^
1 │ 公路养护 │ 6200000 │ 6300000 │ 6200000 │ 98.41 │ 99.5
"""
    got = built(grid(drawn))
    assert rows(got.projects, "year", "budget_initial", "budget_adjusted", "executed") == [[2023, 620, 630, 620]]
