"""A form as clerks and other programs rearrange it says what the plain one says: same project, funds, indicators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font
from support import drawing
from support.reading import build

from perfbatch.config import Settings
from perfbatch.forms import recognise
from perfbatch.forms.recognise import Recognition
from perfbatch.model import Book, Cell, Grid
from perfbatch.pipeline import process_workbook

TITLE = "2023年度项目支出绩效自评表 │ < │ < │ < │ < │ < │ < │ < │ <"
KEYS = """
项目名称 │ 村道养护（虚构） │ < │ < │ < │ < │ < │ < │ <
主管部门 │ 河滨县交通运输局 │ < │ < │ 实施单位 │ 柳溪镇人民政府 │ < │ < │ <
"""
FUNDS = """
项目资金（万元） │ │ < │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 分值 │ 执行率 │ 得分
^ │ 年度资金总额 │ < │ 40 │ 40 │ 36 │ 10 │ 90% │ 9
^ │ 其他资金 │ < │ 40 │ 40 │ 36 │ — │ │ —
"""
HEADER = "绩效指标 │ 一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分 │ 偏差原因分析及改进措施"
OUTPUT = """
^ │ 产出指标 │ 数量指标 │ 养护里程 │ ≥30公里 │ 30.5公里 │ 30 │ 30 │
^ │ ^ │ 质量指标 │ 验收合格率 │ ≥95% │ 96% │ 20 │ 20 │
"""
EFFECT = """
^ │ 效益指标 │ 社会效益指标 │ 受益村庄 │ ≥12个 │ 10个 │ 30 │ 25 │ 两个村改线
^ │ 满意度指标 │ 服务对象满意度指标 │ 群众满意度 │ ≥90% │ 93.5% │ 10 │ 10 │
"""
TOTAL = "总分 │ < │ < │ < │ < │ < │ 100 │ 94 │"
BROKEN = """
^ │ 产出指标 │ 数量指标 │ 养护 │ ≥30 │ 30.5 │ 30 │ 30 │
^ │ ^ │ ^ │ 里程 │ 公里 │ 公里 │ │ │
^ │ ^ │ 质量指标 │ 验收合格率 │ ≥95% │ 96% │ 20 │ 20 │
^ │ 效益指标 │ 社会效益指标 │ 受益 │ ≥12个 │ 10个 │ 30 │ 25 │ 两个
^ │ ^ │ ^ │ 村 │ │ │ │ │ 村
^ │ ^ │ ^ │ 庄 │ │ │ │ │ 改线
^ │ 满意度指标 │ 服务对象满意度指标 │ 群众 │ ≥90% │ 93.5% │ 10 │ 10 │
^ │ ^ │ ^ │ 满意度 │ │ │ │ │
"""  # as PDF converters break long cells over rows
PROJECT = ["project_name", "department", "unit", "year", "budget_adjusted", "executed", "total_declared"]
INDICATOR = ["role", "level1", "level2", "level3", "target_text", "actual_text", "points_text", "score_text", "reason"]


def stacked(*drawn: str) -> str:
    return "\n".join(part.strip("\n") for part in drawn)


PLAIN = stacked(TITLE, KEYS, FUNDS, HEADER, OUTPUT, EFFECT, TOTAL)
STATED = stacked("项目名称：村道养护（虚构） │ < │ < │ < │ < │ < │ < │ < │ <",
                 "主管部门：河滨县交通运输局 │ < │ < │ < │ 实施单位：柳溪镇人民政府 │ < │ < │ < │ <")  # fmt: skip


def grid(drawn: str, name: str = "表1") -> Grid:
    return laid(drawing.parse(drawn), name)


def laid(sheet: drawing.Sheet, name: str = "表1") -> Grid:
    cells = {at: Cell(*at, text) for at, text in sheet.cells.items()}
    return Grid("自评.xlsx", name, cells, sheet.merges)


def recognised(*grids: Grid) -> Recognition:
    return recognise.recognise(Book("自评.xlsx", "xlsx", "", list(grids)))


def facts(*grids: Grid) -> tuple[list[Any], list[Any], list[Any]]:
    built = build(recognised(*grids).forms)
    return (
        built.projects[PROJECT].values.tolist(),
        built.funds[["source", "initial", "adjusted", "executed", "role"]].values.tolist(),
        built.indicators[INDICATOR].values.tolist(),
    )


def test_the_plain_form() -> None:
    projects, funds, indicators = facts(grid(PLAIN))
    assert [(len(funds), len(indicators), projects[0][:4])] == [
        (2, 4, ["村道养护（虚构）", "河滨县交通运输局", "柳溪镇人民政府", 2023])
    ]


@pytest.mark.parametrize("word", ["总　　分", "总分（100分）：", "合计", "自评总分", "项目总得分", "得分合计"])
def test_words_of_the_total_row(word: str) -> None:
    assert facts(grid(PLAIN.replace("总分", word))) == facts(grid(PLAIN))


@pytest.mark.parametrize("text", ["得分：94（优）", "94分（优）", "94（优）", "得分 94 分，等级 优", "94优"])
@pytest.mark.parametrize("label", ["综合得分", "总分", "自评得分"])
def test_a_total_and_its_grade_in_one_cell(label: str, text: str) -> None:
    total = f"{label} │ < │ {text} │ < │ < │ < │ < │ < │ <"
    drawn = grid(stacked(TITLE, KEYS, FUNDS, HEADER, OUTPUT, EFFECT, total))
    got = build(recognised(drawn).forms)
    assert got.projects[["total_declared", "grade_declared"]].values.tolist() == [[94, "优"]]


SUBTOTAL = "^ │ {} │ < │ < │ │ │ 50 │ 50 │"
ACROSS = "{} │ < │ < │ < │ < │ < │ < │ < │ <"
SAME = {
    "键和值写在一格": (TITLE, STATED, FUNDS, HEADER, OUTPUT, EFFECT, TOTAL),
    "两对键和值写在一格": (
        TITLE, ACROSS.format("项目名称：村道养护（虚构）"),
        ACROSS.format("主管部门：河滨县交通运输局　　实施单位：柳溪镇人民政府"), FUNDS, HEADER, OUTPUT, EFFECT, TOTAL,
    ),
    "值旁边的格写着下一个键和值": (
        TITLE, "项目名称 │ 村道养护（虚构） │ < │ < │ < │ < │ < │ < │ <",
        "主管部门 │ 河滨县交通运输局 │ < │ < │ 实施单位：柳溪镇人民政府 │ < │ < │ < │ <", FUNDS, HEADER, OUTPUT,
        EFFECT, TOTAL,
    ),
    "每页重复表头": (TITLE, KEYS, FUNDS, HEADER, OUTPUT.replace("\n^ │ ^", f"\n{HEADER}\n^ │ "), EFFECT, TOTAL),
    "每页重复表题和表头": (
        TITLE, KEYS, FUNDS, HEADER,
        OUTPUT.replace("\n^ │ ^", f"\n{TITLE}\n{ACROSS.format('（2023年度）')}\n{HEADER}\n^ │ "), EFFECT, TOTAL,
    ),
    "块后有小计": (TITLE, KEYS, FUNDS, HEADER, OUTPUT, SUBTOTAL.format("小计"), EFFECT, TOTAL),
    "块后有合计": (TITLE, KEYS, FUNDS, HEADER, OUTPUT, SUBTOTAL.format("合计"), EFFECT, TOTAL),
    "块后有名称带小计的行": (TITLE, KEYS, FUNDS, HEADER, OUTPUT, SUBTOTAL.format("产出指标小计"), EFFECT, TOTAL),
    "小计在二级指标列": (TITLE, KEYS, FUNDS, HEADER, OUTPUT, "^ │ ^ │ 小计 │ │ │ │ 50 │ 50 │", EFFECT, TOTAL),
    "表头下一行是各列的编码": (
        TITLE, KEYS, FUNDS, HEADER, "│ YJZB │ EJZB │ SJZB │ NDZBZ │ SJWCZ │ FZ │ DF │ PCYY", OUTPUT, EFFECT, TOTAL,
    ),
    "键前有编号，字间有空格": (
        TITLE, ACROSS.format("1．项 目 名 称：村道养护（虚构）"), ACROSS.format("2．主管部门：河滨县交通运输局"),
        ACROSS.format("3．实 施 单 位：柳溪镇人民政府（公章）"), FUNDS, HEADER, OUTPUT, EFFECT, TOTAL,
    ),
    "表头写明年度": (
        TITLE, KEYS, FUNDS.replace("年初预算数", "2023年年初预算数").replace("全年执行数", "2023年决算数"),
        HEADER.replace("年度指标值", "2023年度指标值").replace("实际完成值", "2023年完成值"), OUTPUT, EFFECT, TOTAL,
    ),
    "旁边一列是上年的": (
        TITLE, KEYS, FUNDS, HEADER.replace("实际完成值", "2022年完成值 │ 2023年完成值"),
        OUTPUT.replace("里 │ 30.5", "里 │ 29公里 │ 30.5").replace("% │ 96", "% │ 94% │ 96"),
        EFFECT.replace("个 │ 10", "个 │ 9个 │ 10").replace("% │ 93", "% │ 91% │ 93"),
        TOTAL.replace("< │ 100", "< │ < │ 100"),
    ),
    "旁边几列是上年的，年度在上一行": (
        TITLE, KEYS, FUNDS,
        "绩效指标 │ 一级指标 │ 二级指标 │ 三级指标 │ 2022年 │ < │ 2023年度 │ < │ 分值 │ 得分 │ 偏差原因分析及改进措施",
        "^ │ ^ │ ^ │ ^ │ 指标值 │ 完成值 │ 指标值 │ 完成值 │ ^ │ ^ │ ^",
        *("\n".join(line.replace(" │ ≥", " │ ≥8 │ 9 │ ≥") for line in part.strip("\n").splitlines())
          for part in (OUTPUT, EFFECT)),
        TOTAL.replace("< │ 100", "< │ < │ < │ 100"),
    ),
    "旁边几列是上年的，年度在上一行，没有合并": (
        TITLE, KEYS, FUNDS,
        "绩效指标 │ 一级指标 │ 二级指标 │ 三级指标 │ 2022年 │ │ 2023年 │ │ 分值 │ 得分 │ 偏差原因分析及改进措施",
        " │ │ │ │ 指标值 │ 完成值 │ 指标值 │ 完成值 │ │ │",
        *("\n".join(f" {line[1:]}".replace(" │ ≥", " │ ≥8 │ 9 │ ≥") for line in part.strip("\n").splitlines())
          for part in (OUTPUT, EFFECT)),
        TOTAL.replace("< │ 100", "< │ < │ < │ 100"),
    ),
    "分页印成续表": (
        TITLE, KEYS, FUNDS, HEADER, OUTPUT, ACROSS.format("2023年度项目支出绩效自评表（续表）"),
        "项目名称 │ 村道养护（虚构） │ < │ < │ < │ < │ < │ < │ <", HEADER, EFFECT, TOTAL,
    ),
    "资金表头有一列不认识，来源有编号": (
        TITLE, KEYS, FUNDS.replace("全年预算数", "追加（+）追减（△） │ 全年预算数").replace("40 │ 40", "40 │ △0.5 │ 40")
        .replace("其他资金", "1.其他资金"), HEADER, OUTPUT, EFFECT, TOTAL,
    ),
    "PDF转换把文字拆在几行": (TITLE, KEYS, FUNDS, HEADER, BROKEN, TOTAL),
    "PDF转换把文字拆在几行，没有合并": (TITLE, KEYS, FUNDS, HEADER, BROKEN.replace("│ ^", "│ "), TOTAL),
    "PDF转换把文字拆在几行，级次逐行重复": (
        TITLE, KEYS, FUNDS, HEADER, BROKEN.replace("^ │ ^ │ ^ │ 里程", "^ │ 产出指标 │ 数量指标 │ 里程"), TOTAL,
    ),
    "项目名称紧接指标表头": (TITLE, *KEYS.strip("\n").splitlines()[::-1], HEADER, OUTPUT, EFFECT, TOTAL),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_says_what_the_plain_form_says(name: str) -> None:
    projects, funds, indicators = facts(grid(PLAIN))
    got = facts(grid(stacked(*SAME[name])))
    assert got[2] == indicators
    if FUNDS in SAME[name]:
        assert got[:2] == (projects, funds)
    assert got[0][0][0] == "村道养护（虚构）"


def broken(*drawn: str) -> tuple[list[list[Any]], str]:
    """Name, target and reason of the lines of a form, the remark on its sheet; nothing on it is unread."""
    recognition = recognised(grid(stacked(TITLE, KEYS, FUNDS, HEADER, *drawn)))
    (reading,) = recognition.sheets
    assert reading.unread == ()
    return build(recognition.forms).indicators[["level3", "target_text", "reason"]].values.tolist(), reading.remark


def test_rows_put_together_are_named() -> None:
    rows, remark = broken(BROKEN, TOTAL)
    assert [row[0] for row in rows] == ["养护里程", "验收合格率", "受益村庄", "群众满意度"]
    assert remark == "第9、12、13、15行没有分值和得分，只接着写上一行的文字，按上一行的指标合并读取"


BARE = "^ │ ^ │ ^ │ {} │ │ │ │ │"


def test_a_row_of_a_name_alone_may_be_an_indicator_not_filled_in() -> None:
    """One such row among many stays an indicator, which IN02 asks about."""
    rows, remark = broken(OUTPUT, BARE.format("返修次数"), EFFECT, TOTAL)
    assert ([row[0] for row in rows][1:3], remark) == (["验收合格率", "返修次数"], "")


def test_a_remark_of_an_indicator_not_filled_in_is_its_own() -> None:
    rows, remark = broken(OUTPUT, "^ │ ^ │ ^ │ 返修次数 │ │ │ │ │ 本年没有返修", EFFECT, TOTAL)
    assert ([row[::2] for row in rows][1:3], remark) == ([["验收合格率", ""], ["返修次数", "本年没有返修"]], "")


@pytest.mark.parametrize("name", ["其中：县道", "2.返修次数", "（2）返修次数", "②返修次数", "指标2：返修次数"])
def test_names_that_begin_another_row_are_the_rest_of_none(name: str) -> None:
    rows, _ = broken(OUTPUT, BARE.format(name), EFFECT, BARE.format(name), TOTAL)
    assert (len(rows), rows[1][0]) == (6, "验收合格率")


@pytest.mark.parametrize("values", ["≥5公里 │ 6公里", "达标 │ 达标"])
def test_rows_with_values_of_their_own_are_the_rest_of_none(values: str) -> None:
    child = f"^ │ ^ │ ^ │ 县道 │ {values} │ │ │"
    rows, remark = broken(
        *OUTPUT.strip("\n").splitlines()[:1], child, *OUTPUT.strip("\n").splitlines()[1:], EFFECT, TOTAL
    )
    assert (len(rows), remark) == (5, "")


def test_broken_rows_of_a_form_whose_points_make_no_whole_stay() -> None:
    """Their names are nobody's, as one may be an indicator without points; but no value and no reason is cut short."""
    rows, remark = broken(BROKEN.replace("│ 20 │ 20", "│ 15 │ 15"), TOTAL)
    assert [row for row in rows if row[0] in ("养护", "受益")] == [
        ["养护", "≥30公里", ""],
        ["受益", "≥12个", "两个村改线"],
    ]
    assert (len(rows), remark) == (8, "")


def test_rows_of_a_form_without_points_are_indicators_each() -> None:
    drawn = BROKEN.replace("30 │ 30 │", "│ │").replace("20 │ 20 │", "│ │").replace("10 │ 10 │", "│ │")
    assert len(broken(drawn.replace("30 │ 25 │", "│ │"))[0]) == 8


def test_a_remark_alone_below_an_indicator_is_no_reason_of_it() -> None:
    rows, _ = broken(OUTPUT, EFFECT, "^ │ ^ │ ^ │ │ │ │ │ │ （转下表）", TOTAL)
    assert rows[3] == ["群众满意度", "≥90%", ""]


@pytest.mark.parametrize("how", ["第一格", "整行", "整块"])
def test_merged_cells_taken_apart(how: str) -> None:
    """The value stands in the first cell only, or was filled down, or into every cell of the former merge."""
    sheet = drawing.parse(PLAIN)
    cells = dict(sheet.cells)
    for area in sheet.merges if how != "第一格" else ():
        right = area.right if how == "整块" else area.left
        for row in range(area.top, area.bottom + 1):
            for column in range(area.left, right + 1):
                if (area.top, area.left) in cells:
                    cells[row, column] = cells[area.top, area.left]
    assert facts(laid(drawing.Sheet(cells, ()))) == facts(grid(PLAIN))


@pytest.mark.parametrize(
    "footer",
    [
        "填报人：张三 │ < │ < │ 联系电话：0312-1234567 │ < │ < │ 填报日期：2024年3月1日 │ < │ <",
        "填报人：张三 │ │ │ 联系电话：0312-1234567 │ │ │ │ │",
        "填报人 │ 张三 │ < │ 联系电话 │ 0312-1234567 │ < │ 填报日期 │ 2024年3月1日 │ <",
        "单位负责人： │ < │ < │ 财务负责人： │ < │ < │ 填表人：李四 │ < │ <",
        "填报说明：本表一式三份 │ < │ < │ < │ < │ < │ < │ < │ <",
        "以上情况属实 │ < │ < │ < │ < │ < │ < │ < │ <",
    ],
)
def test_signatures_below_a_form_without_a_total_are_no_indicators(footer: str) -> None:
    assert facts(grid(stacked(TITLE, KEYS, FUNDS, HEADER, OUTPUT, EFFECT, footer)))[2] == facts(grid(PLAIN))[2]


def test_signatures_below_the_total_leave_it_the_total() -> None:
    signed = "填报人 │ 张三 │ │ 联系电话 │ 0312-1234567 │ 填报日期 │ 2024年3月1日 │ │\n合计 │ │ │ │ │ │ │ │"
    assert facts(grid(stacked(PLAIN, signed))) == facts(grid(PLAIN))


def test_a_level_across_the_whole_table_is_the_level_of_the_rows_below() -> None:
    across = ACROSS.format("二、效益指标（40分）")
    below = " │ │ 社会效益指标 │ 受益村庄 │ ≥12个 │ 10个 │ 30 │ 25 │"
    rows = facts(grid(stacked(TITLE, KEYS, HEADER, OUTPUT, across, below, TOTAL)))[2]
    assert [row[1:4] for row in rows][2:] == [["效益指标", "社会效益指标", "受益村庄"]]


def test_a_repeated_header_of_another_block_inherits_nothing() -> None:
    """Each goal of the Hubei form has a header of its own: its first row must say its level itself."""
    second = HEADER.replace("绩效指标", "年度绩效目标2", 1)
    below = "^ │ │ │ 受益村庄 │ ≥12个 │ 10个 │ 30 │ 25 │"
    rows = facts(grid(stacked(TITLE, KEYS, HEADER, OUTPUT, second, below, TOTAL)))[2]
    assert [row[1:4] for row in rows][2:] == [["", "", "受益村庄"]]


def test_stacked_forms_that_state_key_and_value_in_one_cell_are_two() -> None:
    first = stacked(TITLE, STATED, FUNDS, HEADER, OUTPUT, EFFECT, TOTAL)
    forms = recognised(grid(stacked(first, first.replace("村道", "桥梁")))).forms
    assert [(form.text("project_name"), form.ref("project_name"), len(form.lines)) for form in forms] == [
        ("村道养护（虚构）", "A2", 4),
        ("桥梁养护（虚构）", "A14", 4),
    ]


@pytest.mark.parametrize("gap", ["", " │ "])
def test_forms_side_by_side_are_both_read(gap: str) -> None:
    """The left form first; the cells of the right one lead to its own columns."""
    left = PLAIN.splitlines()
    right = PLAIN.replace("村道", "桥梁").splitlines()
    lines = [f"{a}{' │' * (8 - a.count('│'))} │ {gap}{b}" for a, b in zip(left, right, strict=True)]
    forms = recognised(grid("\n".join(lines))).forms
    shift = 10 if gap else 9
    assert [(form.text("project_name"), len(form.funds), len(form.lines)) for form in forms] == [
        ("村道养护（虚构）", 2, 4),
        ("桥梁养护（虚构）", 2, 4),
    ]
    first, second = (form.lines[0].cells["actual"] for form in forms)
    assert (first.ref, second.row, second.column) == ("F8", 8, 6 + shift)


REST = {
    "只有表头": ("续", stacked(HEADER, EFFECT, TOTAL)),
    "重复表题": ("表2", stacked(TITLE.replace("自评表", "自评表（续表）"), HEADER, EFFECT, TOTAL)),
    "重复表题和项目名称": ("表2", stacked(TITLE, KEYS.strip("\n").splitlines()[0], HEADER, EFFECT, TOTAL)),
}  # fmt: skip


@pytest.mark.parametrize("name", REST)
def test_a_form_broken_within_its_indicators_goes_on_on_the_next_sheet(name: str) -> None:
    begun = grid(stacked(TITLE, KEYS, FUNDS, HEADER, OUTPUT), "表1")
    sheet, rest = REST[name]
    recognition = recognised(begun, grid(rest, sheet))
    assert facts(begun, grid(rest, sheet)) == facts(grid(PLAIN))
    assert [(reading.projects, reading.indicators) for reading in recognition.sheets] == [(1, 2), (0, 2)]
    assert recognition.sheets[1].remark == "接工作表“表1”的自评表，合并读取"
    assert recognition.forms[0].ref("total").startswith(f"{sheet}!")


@pytest.mark.parametrize("name", ["村道养护（虚构）", "村道养护（虚构）（2023年度）"])
def test_a_form_whose_indicators_stand_on_a_sheet_of_their_own_is_one_project(name: str) -> None:
    begun = grid(stacked(TITLE, KEYS, FUNDS), "1基本情况")
    head = (TITLE.replace("自评表", "自评表（续）"), ACROSS.format(f"项目名称：{name}"))
    rest = grid(stacked(*head, HEADER, OUTPUT, EFFECT, TOTAL), "1绩效指标")
    assert facts(begun, rest) == facts(grid(PLAIN))
    other = grid(
        stacked(head[0], ACROSS.format("项目名称：桥梁养护（虚构）"), HEADER, OUTPUT, EFFECT, TOTAL), "2绩效指标"
    )
    assert len(recognised(begun, other).forms) == 2


TREE = """
指标名称 │ 年度指标值 │ 实际完成值 │ 权重设定值 │ 权重 │ 得分 │ 偏差原因分析及改进措施
产出指标 │ │ │ 50 │ │ │
　　数量指标 │ │ │ 30 │ │ │
　　　　养护里程 │ ≥30公里 │ 30.5公里 │ │ 30 │ 30 │
　　质量指标 │ │ │ 20 │ │ │
　　　　验收合格率 │ ≥95% │ 96% │ │ 20 │ 20 │
效益指标 │ │ │ 30 │ │ │
　　社会效益指标 │ │ │ 30 │ │ │
　　　　受益村庄 │ ≥12个 │ 10个 │ │ 30 │ 25 │ 两个村改线
满意度指标 │ │ │ 10 │ │ │
　　服务对象满意度指标 │ │ │ 10 │ │ │
　　　　群众满意度 │ ≥90% │ 93.5% │ │ 10 │ 10 │
总分 │ │ │ │ 100 │ 94 │
"""


def test_levels_as_rows_of_their_own_are_no_indicators() -> None:
    """指标完成情况 of the platform: 权重设定值 of the levels and 权重 of the indicators are one column of points."""
    recognition = recognised(grid(stacked(TITLE, KEYS, FUNDS, TREE)))
    projects, funds, indicators = facts(grid(stacked(TITLE, KEYS, FUNDS, TREE)))
    plain = facts(grid(PLAIN))
    assert (projects, funds) == plain[:2]
    names = [INDICATOR.index(name) for name in ("level1", "level2", "level3")]
    for row, wanted in zip(indicators, plain[2], strict=True):
        assert [row[at].strip() for at in names] == [wanted[at] for at in names]
        assert [text for at, text in enumerate(row) if at not in names] == [
            text for at, text in enumerate(wanted) if at not in names
        ]
    assert build(recognition.forms).indicators["level2_points"].tolist() == [30, 20, 30, 10]
    assert not recognition.sheets[0].unread


AMOUNTS = (
    "年初预算数（万元）：40  全年预算数（万元）：40  全年执行数（万元）：36  {}：90%  执行率分值：10  执行率得分：9"
)


def test_a_line_of_labels_with_their_amounts_is_the_fund_block() -> None:
    line = AMOUNTS.format("预算执行率")
    parts = (HEADER, OUTPUT, EFFECT, TOTAL)
    drawn = grid(stacked(TITLE, KEYS, ACROSS.format(line), *parts))
    assert facts(drawn) == facts(grid(stacked(TITLE, KEYS, ACROSS.format(f"{line.replace('  ', '；')}。"), *parts)))
    projects, funds, _ = facts(drawn)
    assert projects == facts(grid(PLAIN))[0]
    assert [row[1:] for row in funds] == [[40, 40, 36, "total"]]
    assert not recognised(drawn).sheets[0].unread


def test_a_line_of_amounts_with_an_unknown_label_is_told_whole() -> None:
    drawn = stacked(TITLE, KEYS, ACROSS.format(AMOUNTS.format("某某情况")), HEADER, OUTPUT, EFFECT, TOTAL)
    (sheet,) = recognised(grid(drawn)).sheets
    assert [(left.cell, left.header, left.bears) for left in sheet.unread] == [("A4", "", True)]


def test_points_that_stand_in_both_columns_are_read_once() -> None:
    twice = TREE
    for worth in ("30 │ 30", "20 │ 20", "30 │ 25", "10 │ 10"):
        twice = twice.replace(f"│ │ {worth}", f"│ {worth[:2]} │ {worth}")
    drawn = grid(stacked(TITLE, KEYS, FUNDS, twice))
    assert facts(drawn) == facts(grid(stacked(TITLE, KEYS, FUNDS, TREE)))
    assert twice.count("│ 30 │ 30 │") == 2 and not recognised(drawn).sheets[0].unread


def test_two_columns_of_points_that_disagree_are_told() -> None:
    (sheet,) = recognised(grid(stacked(TITLE, KEYS, FUNDS, TREE.replace("│ │ 30 │ 30 │", "│ 25 │ 30 │ 30 │")))).sheets
    assert [(left.header, left.cells, left.bears) for left in sheet.unread] == [("权重", 4, True)]


def test_a_form_beside_the_overall_form_of_its_department_is_read_alone() -> None:
    overall = stacked(
        "2023年度部门整体支出绩效自评表 │ < │ < │ < │ < │ <", "部门名称 │ 柳溪镇人民政府 │ < │ < │ < │ <",
        "资金 │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 执行率 │ 得分",
        "资金总额 │ 946.5 │ 946.5 │ 934.42 │ 98.72% │ 9.87",
        "一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 得分",
        "投入 │ 预算配置 │ 在职人员控制率 │ ≤100% │ 98% │ 20", "产出 │ 职责履行 │ 重点工作完成率 │ ≥100% │ 100% │ 30",
        "总分 │ │ │ │ │ 59.87",
    ).splitlines()  # fmt: skip
    left = PLAIN.splitlines()
    lines = [f"{a}{' │' * (8 - a.count('│'))} │ │ {b}" for a, b in zip(left, overall + [""] * 9, strict=False)]
    assert facts(grid("\n".join(lines))) == facts(grid(PLAIN))


def test_a_second_amount_of_a_field_is_told_and_not_dropped() -> None:
    twice = FUNDS.replace("年初预算数 │ 全年预算数", "调整后预算数 │ 调整后预算").replace("│ 40 │ 40", "│ 40 │ 38")
    (sheet,) = recognised(grid(stacked(TITLE, KEYS, twice, HEADER, OUTPUT, EFFECT, TOTAL))).sheets
    assert [(left.cell, left.header, left.bears) for left in sheet.unread] == [
        ("E5", "调整后预算", True),
        ("E6", "调整后预算", True),
    ]


def test_another_project_on_the_next_sheet_is_not_the_rest_of_a_form() -> None:
    begun = grid(stacked(TITLE, KEYS, FUNDS, HEADER, OUTPUT), "表1")
    other = stacked(TITLE, KEYS.replace("村道", "桥梁"), HEADER, EFFECT, TOTAL)
    assert [form.text("project_name") for form in recognised(begun, grid(other, "表2")).forms] == [
        "村道养护（虚构）",
        "桥梁养护（虚构）",
    ]


def test_numbered_amounts_in_words_and_figures() -> None:
    """1．年初预算数：…元（大写：…）; what stands in a line of its own and is no amount stays unread and is said."""
    lines = [ACROSS.format(f"{n}．{text}") for n, text in enumerate((
        "年初预算数：400,000.00元", "全年预算数：400,000.00元（大写：人民币肆拾万元整）",
        "全年执行数：360,000.00元（大写：人民币叁拾陆万元整）", "执行率：百分之九十（分值10分，得9分）",
    ), 1)]  # fmt: skip
    above = (TITLE, KEYS, ACROSS.format("二、资金情况（单位：元）"))
    recognition = recognised(grid(stacked(*above, *lines, HEADER, OUTPUT, EFFECT, TOTAL)))
    project = build(recognition.forms).projects.iloc[0]
    assert project[["budget_initial", "budget_adjusted", "executed"]].tolist() == [40, 40, 36]
    assert [entry.text for entry in recognition.sheets[0].unread] == ["4．执行率：百分之九十（分值10分，得9分）"]


def test_points_behind_the_names() -> None:
    header = HEADER.replace("三级指标", "三级指标及分值").replace(" │ 分值", "")
    output = OUTPUT.replace("里程", "里程（30分）").replace("率 │", "率（20分） │").replace("里 │ 30 │", "里 │")
    output = output.replace("96% │ 20 │", "96% │")
    drawn = stacked(TITLE, KEYS, FUNDS, header, output, TOTAL.replace("100 │ ", ""))
    built = build(recognised(grid(drawn)).forms).indicators
    assert built[["points", "score_text"]].values.tolist() == [[30, "30"], [20, "20"]]


def test_a_project_called_after_a_year_heads_no_column() -> None:
    called = facts(grid(PLAIN.replace("村道养护（虚构）", "2022年结余资金")))
    assert called[0][0][0] == "2022年结余资金"
    assert (called[0][0][1:], *called[1:]) == (facts(grid(PLAIN))[0][0][1:], *facts(grid(PLAIN))[1:])


def test_amounts_of_an_earlier_year_are_told_once() -> None:
    dated = (
        FUNDS.replace("年初预算数", "2022年执行数").replace("全年执行数", "2023年执行数").replace("40 │ 40", "33 │ 40")
    )
    recognition = recognised(grid(stacked(TITLE, KEYS, dated, HEADER, OUTPUT, EFFECT, TOTAL)))
    assert build(recognition.forms).funds[["initial", "adjusted", "executed"]].values.tolist() == [[None, 40, 36]] * 2
    assert [(left.header, left.text) for left in recognition.sheets[0].unread] == [("2022年执行数", "33")] * 2


def test_the_unit_of_money_alone_above_the_form() -> None:
    drawn = stacked(TITLE, "│ │ │ │ │ │ │ │ 万元", KEYS, FUNDS.replace("（万元）", ""), HEADER, OUTPUT, EFFECT, TOTAL)
    assert facts(grid(drawn)) == facts(grid(PLAIN))


@pytest.mark.parametrize(
    "line", ["（2023年度）　　　　　　　　　　　　　　　　　　　　　　　　金额单位：元", "2023年度"]
)
def test_the_year_beside_the_unit_of_money(line: str) -> None:
    drawn = stacked(
        ACROSS.format("项目支出绩效自评表"), ACROSS.format(line), KEYS, FUNDS, HEADER, OUTPUT, EFFECT, TOTAL
    )
    assert facts(grid(drawn))[0][0][3] == 2023


@pytest.mark.parametrize(("first", "second"), [("附件2", "请各单位填写"), ("□", "甲乙丙丁")])
def test_what_was_understood_of_one_form_is_asked_again_of_the_next(first: str, second: str) -> None:
    """Forms that look alike share where their values stand, not what stands around them."""

    def drawn(text: str) -> str:
        return stacked(PLAIN, f"{text} │ │ │ │ │ │ │ │")

    assert not recognised(grid(drawn(first))).sheets[0].unread
    assert [left.text for left in recognised(grid(drawn(second))).sheets[0].unread] == [second]


def test_amounts_that_are_the_same_in_one_form_and_not_in_the_next() -> None:
    funds = "\n".join(FUNDS.strip("\n").splitlines()[:2])
    funds = funds.replace("年初预算数 │ 全年预算数", "调整后预算数 │ 调整后预算")

    def left(budget: int) -> list[str]:
        drawn = stacked(TITLE, KEYS, funds.replace("40 │ 40", f"40 │ {budget}"), HEADER, OUTPUT, EFFECT, TOTAL)
        return [unread.cell for unread in recognised(grid(drawn)).sheets[0].unread]

    assert [left(40), left(38), left(40)] == [[], ["E5"], []]


def test_a_row_that_is_struck_out_is_no_indicator(tmp_path: Path) -> None:
    """A colleague took an indicator back: its points made a false error; a struck figure alone counts."""
    rows = [
        ("产出指标", "数量指标", "举办培训", "≥5期", "5期", 50, 50),
        ("产出指标", "数量指标", "编印手册", "≥100册", "100册", 10, 10),
        ("效益指标", "社会效益指标", "就业人数", "≥20人", "21人", 30, 30),
        ("满意度指标", "服务对象满意度指标", "学员满意度", "≥90%", "95%", 20, 20),
    ]
    head = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (
        ["项目支出绩效自评表（2023年度）"],
        ["项目名称", "就业培训（虚构）"],
        head,
        *rows,
        ["总分", *[""] * 4, 100, 100],
    ):
        page.append(row)
    for cell in (*page[5][2:], page["E6"]):  # the whole second indicator, and one figure of the third
        cell.font = Font(strike=True)
    path = tmp_path / "表.xlsx"
    book.save(path)
    result = process_workbook(path, path.name, Settings())
    assert result.frames is not None
    assert result.frames.indicators["level3"].tolist() == ["举办培训", "就业人数", "学员满意度"]
    assert [one for one in result.findings if one.severity == "error"] == [] and "第5行整行划去" in result.sheets[
        0
    ].remark
    told = [one.cell for one in result.findings if one.code == "ST10"]
    assert told == ["C5", "D5", "E5", "F5", "G5", "E6"]
