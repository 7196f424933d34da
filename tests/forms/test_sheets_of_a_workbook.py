"""Which sheets and regions of a workbook are forms: several on a sheet, one over two sheets, remarks on the rest."""

from __future__ import annotations

from decimal import Decimal

import pytest
from support import drawing
from support.reading import build

from perfbatch.forms import recognise, vocabulary
from perfbatch.forms.recognise import Recognition
from perfbatch.model import Book, Cell, Grid

HEAD = """
2023年度项目支出绩效自评表 │ < │ < │ < │ <
项目名称 │ 敬老院修缮（虚构） │ < │ 实施单位 │ 河滨县民政局
项目资金（万元） │ │ 全年预算数 │ 全年执行数 │ 执行率
^ │ 年度资金总额 │ 30 │ 27 │ 90%
"""
LINES = """
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分
产出指标 │ 数量指标 │ 修缮房间 │ ≥12间 │ 13间 │ 50 │ 50
满意度指标 │ 服务对象满意度指标 │ 老人满意度 │ ≥90% │ 96% │ 40 │ 40
总分 │ < │ < │ │ │ 90 │ 90
存在问题 │ 尾款未付 │ < │ < │ < │ < │ <
"""


def grid(drawn: str, name: str = "表1", *, hidden: bool = False) -> Grid:
    sheet = drawing.parse(drawn)
    cells = {at: Cell(*at, text) for at, text in sheet.cells.items()}
    return Grid("自评.xlsx", name, cells, sheet.merges, hidden)


def recognised(*grids: Grid) -> Recognition:
    return recognise.recognise(Book("自评.xlsx", "xlsx", "", list(grids)))


def stacked(*drawn: str) -> str:
    return "\n".join(part.strip("\n") for part in drawn)


def test_indicators_on_the_next_sheet_belong_to_the_form_before() -> None:
    """Lines, total and what stands below come from the second sheet, and their cells say so."""
    recognition = recognised(grid(HEAD, "表一"), grid(LINES, "表二"))
    got = build(recognition.forms)
    project = got.projects.iloc[0]
    assert len(got.projects) == 1
    assert (project["project_name"], project["executed"], project["total_declared"], project["problems"]) == (
        "敬老院修缮（虚构）", Decimal(27), Decimal(90), "尾款未付",
    )  # fmt: skip
    assert (project["cell"], project["cell_total"]) == ("B2", "表二!G4")
    assert got.indicators[["level3", "sheet", "cell_actual"]].values.tolist() == [
        ["修缮房间", "表二", "E2"],
        ["老人满意度", "表二", "E3"],
    ]
    assert [(s.projects, s.indicators) for s in recognition.sheets] == [(1, 0), (0, 2)]
    assert recognition.sheets[1].remark == "接工作表“表一”的自评表，合并读取"


@pytest.mark.parametrize("sheets", [2, 1])
def test_what_is_unread_on_the_next_sheet_or_page_is_said(sheets: int) -> None:
    """A column 核验情况 beside the rest of the indicators, on a sheet of their own or below 续表."""
    first, second, *rest = LINES.strip("\n").splitlines()
    below = stacked(f"{first} │ 核验情况", f"{rest[0]} │ 已核", *rest[1:])
    above = stacked(HEAD, first, second)
    if sheets == 2:
        recognition = recognised(grid(above, "表一"), grid(below, "表二"))
    else:
        recognition = recognised(
            grid(stacked(above, "2023年度项目支出绩效自评表（续表） │ < │ < │ < │ < │ < │ <", below), "表一")
        )
    assert [(form.text("project_name"), len(form.lines)) for form in recognition.forms] == [("敬老院修缮（虚构）", 2)]
    assert [left.text for left in recognition.sheets[-1].unread] == ["已核"]


def test_a_form_that_has_its_indicators_takes_no_further_sheet() -> None:
    """A second sheet of indicators after a whole form is a form of its own, without a head."""
    recognition = recognised(grid(stacked(HEAD, LINES), "表一"), grid(LINES, "表二"))
    assert [(len(form.lines), form.text("project_name"), form.sheet) for form in recognition.forms] == [
        (2, "敬老院修缮（虚构）", "表一"),
        (2, "", "表二"),
    ]
    alone = recognised(grid(LINES, "表二"))
    assert [(form.sheet, len(form.lines)) for form in alone.forms] == [("表二", 2)]


def test_two_forms_on_a_sheet_begin_at_their_titles() -> None:
    """With the number of its annex and a title of two rows; without a title the form begins at 项目名称."""
    second = stacked("附件2 │ │ │ │\n县级项目支出 │ │ │ │", HEAD, LINES).replace("敬老院修缮", "食堂改造")
    third = stacked(HEAD.strip("\n").partition("\n")[2], LINES).replace("敬老院修缮", "浴室改造")
    recognition = recognised(grid(stacked(HEAD, LINES, second, third)))
    forms = recognition.forms
    assert [(form.text("project_name"), len(form.lines), form.anchor) for form in forms] == [
        ("敬老院修缮（虚构）", 2, "A1"),
        ("食堂改造（虚构）", 2, "A10"),
        ("浴室改造（虚构）", 2, "A21"),
    ]
    assert [(s.projects, s.indicators) for s in recognition.sheets] == [(3, 6)]


@pytest.mark.parametrize(
    ("gap", "anchor"),
    [("", "A1"), ("\n│ │ │ │", "A1"), ("\n│ │ │ │\n│ │ │ │", "A4")],
)
def test_a_title_broken_over_rows_begins_with_its_first_row(gap: str, anchor: str) -> None:
    """Title rows belong together over one blank row, not over two."""
    drawn = stacked("项目支出绩效自评表（一）" + gap, HEAD, LINES)
    assert recognised(grid(drawn)).forms[0].anchor == anchor


def test_sheets_without_a_form_say_why() -> None:
    prose = "本年度我单位认真组织开展绩效自评工作，逐项核对了各项绩效指标的完成情况，对发现的问题提出了整改措施。" * 2
    bare = "项目名称 │ 甲 │ 实施单位 │ 乙\n主管部门 │ 丙 │ 一级指标 │ 二级指标"
    whole = "三级指标 │ 年度指标值\n实际完成值 │ 项目名称"
    drawn = {"空": "", "说明": prose, "其他": "你好 │ 世界", "缺表头": bare, "散": whole}
    recognition = recognised(*(grid(text, name) for name, text in drawn.items()), grid("", "隐", hidden=True))
    remarks = {reading.sheet: reading.remark for reading in recognition.sheets}
    assert remarks["空"] == "空白工作表，未处理"
    assert remarks["说明"] == "内容是文字叙述，不是表格，无法逐项核对；请改填自评表后重新导出"
    assert remarks["其他"] == "未识别到自评表或导出列表的表头，未处理"
    assert remarks["缺表头"].startswith("像自评表，但缺少必需的表头：三级指标（可用的写法：三级指标、指标名称、")
    assert "表中最接近的是：一级指标、二级指标" in remarks["缺表头"]
    assert remarks["散"] == "像自评表，但没有完整的指标表头，未处理"
    assert [reading.sheet for reading in recognition.sheets if reading.hidden] == ["隐"]


def test_a_form_without_indicator_lines_is_kept_and_named() -> None:
    """The words looked for and the nearest on the sheet follow; the year comes from the name of the file."""
    drawn = HEAD.replace("2023年度", "") + "三级指 │ 目标 │ 完成 │ │"
    recognition = recognise.recognise(Book("2022年.xlsx", "xlsx", "", [grid(drawn)]))
    assert len(recognition.forms) == 1
    remark = recognition.sheets[0].remark
    assert remark.startswith("A1 起的表只有表头和资金，没有指标行，缺少必需的表头：三级指标（")
    assert "表中最接近的是：三级指" in remark


def test_a_goal_written_over_several_rows_is_joined() -> None:
    """The rows under side-by-side goal labels belong to one goal, up to a blank cell or the next block."""
    goals = """
预期目标 │ < │ 实际完成情况 │ < │ <
修缮房间12间。 │ < │ 修缮房间13间。 │ < │ <
改善居住条件。 │ < │ 条件改善。 │ < │ <
│ │ 老人满意。 │ < │ <
"""
    project = build(recognised(grid(stacked(HEAD, goals, LINES))).forms).projects.iloc[0]
    assert project["goal_expected"] == "修缮房间12间。\n改善居住条件。"
    assert project["goal_actual"] == "修缮房间13间。\n条件改善。\n老人满意。"


@pytest.mark.parametrize(
    ("layout", "title"),
    [("F11", "一体化系统项目列表"), ("F12", "一体化系统指标列表"), ("F6", "河北县级四块自评表"), ("F99", "F99")],
)
def test_titles_of_layouts(layout: str, title: str) -> None:
    assert vocabulary.load().family(layout).get("title", layout) == title


def test_words_of_a_family_hold_on_its_forms_only() -> None:
    """评价指标 names the indicator on the Jiangsu form and nothing elsewhere."""
    words = vocabulary.load()
    assert vocabulary.special(words, "F1") is words
    assert words.match("评价指标", "indicator") is None
    assert vocabulary.special(words, "F10").match("评价指标", "indicator") == "level3"


@pytest.mark.parametrize("name", ["填报示例（请勿删除）", "自评表样例", "自评表（示例）"])
def test_a_filled_example_is_no_project(name: str) -> None:
    recognition = recognised(grid(stacked(HEAD, LINES), name), grid(stacked(HEAD, LINES), "示例单位自评"))
    assert [form.sheet for form in recognition.forms] == ["示例单位自评"]
    assert recognition.sheets[0].remark == "填写示例，不是本单位的自评表，没有计入"


BLANK = """
项目支出绩效自评表 │ < │ < │ < │ < │ < │ <
项目名称 │ {name} │ < │ < │ 实施单位 │ {unit} │ <
项目资金（万元） │ │ 全年预算数 │ 全年执行数 │ 执行率 │ 分值 │ 得分
^ │ 年度资金总额 │ {zero} │ {zero} │ {rate} │ 10 │ {zero}
年度总体目标 │ 预期目标 │ < │ < │ 实际完成情况 │ < │ <
^ │ {goal} │ < │ < │ {goal} │ < │ <
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分
产出指标 │ 数量指标 │ 指标1： │ │ │ │ {zero}
总分 │ < │ < │ │ │ 100 │ {zero}
"""


@pytest.mark.parametrize(
    "filled",
    [
        {}, {"zero": "0"}, {"zero": "0.00", "rate": "0.00%"}, {"zero": "￥0.00", "rate": "#DIV/0!", "name": "0"},
        {"zero": "0万元", "goal": "目标1：", "unit": "河滨县民政局"}, {"zero": "0", "goal": "目标1：\n目标2：\n……"},
    ],
)  # fmt: skip
def test_a_template_is_blank_whatever_its_formulas_make_of_empty_cells(filled: dict[str, str]) -> None:
    plain = {"name": "", "unit": "", "zero": "", "rate": "", "goal": ""}
    recognition = recognised(grid(BLANK.format(**plain | filled)))
    assert [reading.remark for reading in recognition.sheets] == [recognise.BLANK]
    for own in ({"name": "敬老院修缮"}, {"goal": "修缮房间12间"}, {"zero": "10"}):
        assert len(recognised(grid(BLANK.format(**plain | {"zero": "0"} | own))).forms) == 1
