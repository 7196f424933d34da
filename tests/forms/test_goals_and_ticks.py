"""Goals, ticked columns and section lines are read in every way units draw them; what is not read is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import drawing

from perfbatch.config import Settings
from perfbatch.model import WorkbookResult
from perfbatch.pipeline import process_workbook

HEAD = """
2023年度项目支出绩效自评表 │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 水库巡查（虚构） │ < │ < │ 实施单位 │ 云溪县水库管理所 │ < │ <
"""
FUNDS = """
项目资金（万元） │ 资金来源 │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 分值 │ 执行率 │ 得分
^ │ 年度资金总额 │ 20 │ 20 │ 20 │ 10 │ 100% │ 10
"""
ROWS = """
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分 │ 未完成原因
产出指标 │ 数量指标 │ 巡查次数 │ ≥2400次 │ 2436次 │ 50 │ 50 │
效益指标 │ 社会效益指标 │ 受益村庄 │ ≥26个 │ 26个 │ 40 │ 40 │
总分 │ < │ < │ < │ < │ 100 │ 100 │
"""
GOAL, DONE = "对18座水库开展巡查，汛前检查全部完成。", "全年巡查2436次，18座水库检查于4月完成。"
WORDS = [
    ("年 度 绩 效 目 标", "目 标 完 成 情 况"), ("年度目标", "完成情况"), ("绩效目标", "绩效目标完成情况"),
    ("年度绩效目标", "年度绩效目标完成情况"), ("年度总体目标", "实际完成情况"), ("当年绩效目标", "实际完成目标"),
]  # fmt: skip


def read(folder: Path, *parts: str, merged: bool = True) -> WorkbookResult:
    text = "".join(part.strip("\n") + "\n" for part in parts)
    path = drawing.write(folder / "表.xlsx", {"表": drawing.parse(text if merged else unmerged(text))})
    return process_workbook(path, path.name, Settings())


def unmerged(text: str) -> str:
    """As in a csv."""
    return text.replace("<", "").replace("^", "")


def goals(result: WorkbookResult) -> tuple[str, ...]:
    assert result.frames is not None
    project = result.frames.projects.iloc[0]
    return tuple(project[name] for name in ("goal_expected", "goal_actual", "cell_goal_expected", "cell_goal_actual"))


def errors(result: WorkbookResult) -> list[str]:
    return [f"{one.code} {one.cell}" for one in result.findings if one.severity == "error"]


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "as csv"])
@pytest.mark.parametrize("words", WORDS, ids=lambda words: words[0])
def test_goal_and_result_beside_their_labels(words: tuple[str, str], merged: bool, tmp_path: Path) -> None:
    """In one row (财政支出项目绩效自评表 of a county), or in a row each; the label may also be the name of a block."""
    one_row = f"{words[0]} │ {GOAL} │ < │ < │ {words[1]} │ {DONE} │ < │ <"
    result = read(tmp_path, HEAD, one_row, FUNDS, ROWS, merged=merged)
    assert (result.status, goals(result), errors(result)) == ("ok", (GOAL, DONE, "B3", "F3"), [])
    two_rows = f"{words[0]} │ {GOAL} │ < │ < │ < │ < │ < │ <\n{words[1]} │ {DONE} │ < │ < │ < │ < │ < │ <"
    result = read(tmp_path, HEAD, FUNDS, two_rows, ROWS, merged=merged)
    assert (result.status, goals(result), errors(result)) == ("ok", (GOAL, DONE, "B5", "B6"), [])


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "as csv"])
def test_goal_and_result_below_their_headings(merged: bool, tmp_path: Path) -> None:
    """Also where one heading has words that are not known; its text is told then, and is no value of the other."""
    block = f"年度目标完成情况 │ 预期目标 │ < │ < │ 实际完成目标 │ < │ < │ <\n^ │ {GOAL} │ < │ < │ {DONE} │ < │ < │ <"
    result = read(tmp_path, HEAD, FUNDS, block, ROWS, merged=merged)
    assert (result.status, goals(result)) == ("ok", (GOAL, DONE, "B6", "E6"))
    result = read(tmp_path, HEAD, FUNDS, block.replace("实际完成目标", "本年度实现程度"), ROWS, merged=merged)
    assert (result.status, goals(result)) == ("partial", (GOAL, "", "B6", ""))
    assert [left.cell for left in result.sheets[0].unread][-1] == "E6"
    unsure = "预期目标 │ 保障机关运转 │ < │ < │ < │ < │ < │ <\n本年度实现程度 │ 已保障 │ < │ < │ < │ < │ < │ <"
    result = read(tmp_path, HEAD, FUNDS, unsure, ROWS, merged=merged)
    assert (goals(result)[0], [left.cell for left in result.sheets[0].unread]) == ("", ["B5", "A6", "B6"])


def test_a_goal_beside_its_tall_label_over_several_rows(tmp_path: Path) -> None:
    block = f"年度绩效目标 │ 目标1：{GOAL} │ < │ < │ < │ < │ < │ <\n^ │ 目标2：保障供水。 │ < │ < │ < │ < │ < │ <"
    result = read(tmp_path, HEAD, FUNDS, block, ROWS)
    assert (result.status, goals(result)[0]) == ("ok", f"目标1：{GOAL}\n目标2：保障供水。")


def test_a_label_is_no_value_of_the_label_above(tmp_path: Path) -> None:
    """A goal left blank stays blank: 完成情况 below it is the next label."""
    result = read(tmp_path, HEAD, FUNDS, f"预期目标 │ │ │ │ │ │ │\n实际完成情况 │ {DONE} │ < │ < │ < │ < │ < │ <", ROWS)
    assert goals(result) == ("", DONE, "B5", "B6")


def test_keys_with_their_values_beside_the_name_of_the_block(tmp_path: Path) -> None:
    block = f"年度总体目标 │ 预期目标：{GOAL} │ < │ < │ 实际完成：{DONE} │ < │ < │ <"
    result = read(tmp_path, HEAD, FUNDS, block, ROWS)
    assert (result.status, goals(result)) == ("ok", (GOAL, DONE, "B5", "E5"))


def test_a_second_value_of_a_field_is_told(tmp_path: Path) -> None:
    more = (
        f"绩效目标 │ {GOAL} │ < │ < │ < │ < │ < │ <\n年度目标 │ 另一段目标文字，没有地方可放。 │ < │ < │ < │ < │ < │ <"
    )
    result = read(tmp_path, HEAD, FUNDS, more, ROWS)
    assert (result.status, [left.cell for left in result.sheets[0].unread]) == ("partial", ["B6"])


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "as csv"])
def test_the_text_below_a_section_line(merged: bool, tmp_path: Path) -> None:
    """Of a line that does not reach the edge of the sheet too (four blocks of Hebei, whose funds are wider)."""
    below = "五、存在问题、原因及下一步整改措施 │ < │ < │ < │ <\n个别指标进度偏慢，2024年起按季度调度。 │ < │ < │ < │ <"
    result = read(tmp_path, HEAD, FUNDS, ROWS, below, merged=merged)
    assert result.frames is not None
    assert (result.status, result.frames.projects.iloc[0]["problems"]) == (
        "ok",
        "个别指标进度偏慢，2024年起按季度调度。",
    )


@pytest.mark.parametrize("last", ["全年预算数 │ 全年执行数 │ 执行率（%）", "全年预算数 │ 执行率（%） │ 全年执行数"])
@pytest.mark.parametrize("words", [("年初绩效目标", "全年目标实际完成情况"), ("年初任务", "年末成效")])
def test_money_ends_where_words_stand_below_its_stages(words: tuple[str, str], last: str, tmp_path: Path) -> None:
    """The form of Chongqing has no column of sources; the goals stand in the columns of its amounts."""
    money = f"预算执行情况（万元） │ 年初预算数 │ < │ {last} │ 分值 │ 得分\n^ │ 100 │ < │ 100 │ 100 │ 100 │ 10 │ 10"
    block = f"自评目标 │ {words[0]} │ < │ < │ {words[1]} │ < │ < │ <\n^ │ {GOAL} │ < │ < │ {DONE} │ < │ < │ <"
    result = read(tmp_path, HEAD, money, block, ROWS)
    assert result.frames is not None
    assert result.frames.funds["row"].tolist() == [4]
    left = [one.cell for one in result.sheets[0].unread]
    if words[0] == "年初任务":
        assert {"B6", "E6"} <= set(left)
    else:
        assert goals(result) == (GOAL, DONE, "B6", "E6")


TICKS = """
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 完成情况（在相应栏内打√） │ < │ < │ 分值 │ 得分
^ │ ^ │ ^ │ ^ │ 完成 │ 基本完成 │ 未完成 │ ^ │ ^
产出指标 │ 数量指标 │ 宣传活动 │ 按季度开展 │ √ │ │ │ 40 │ 40
^ │ 质量指标 │ 整改落实 │ 整改到位 │ │ √ │ │ 30 │ 20
效益指标 │ 社会效益指标 │ 安全意识 │ 明显提高 │ √ │ │ │ 30 │ 30
总分 │ < │ < │ < │ < │ < │ < │ 100 │ 90
"""


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "as csv"])
@pytest.mark.parametrize(("tick", "box"), [("√", ""), ("☑", "□")])
def test_the_heading_of_the_ticked_column_is_the_actual(tick: str, box: str, merged: bool, tmp_path: Path) -> None:
    table = TICKS.replace("│ √ │ │ │", f"│ {tick} │ {box} │ {box} │").replace(
        "│ │ √ │ │", f"│ {box} │ {tick} │ {box} │"
    )
    result = read(tmp_path, HEAD, table, merged=merged)
    assert result.frames is not None
    rows = result.frames.indicators
    assert [*zip(rows["actual_text"], rows["cell_actual"], strict=True)] == [
        ("完成", "E5"), ("基本完成", "F6"), ("完成", "E7"),
    ]  # fmt: skip
    assert errors(result) == [] and result.sheets[0].unread == ()


def test_no_tick_is_no_actual_and_two_are_told(tmp_path: Path) -> None:
    result = read(tmp_path, HEAD, TICKS.replace("│ │ √ │ │", "│ │ │ │"))
    assert errors(result) == ["IN01 E6"]
    result = read(tmp_path, HEAD, TICKS.replace("│ │ √ │ │", "│ │ √ │ √ │"))
    assert result.frames is not None
    assert result.frames.indicators["actual_text"].tolist() == ["完成", "基本完成、未完成", "完成"]
    assert errors(result) == [] and "F6、G6 同时打了勾，不能确定完成情况" in result.sheets[0].remark


def test_ticks_below_the_words_of_a_grade_are_told(tmp_path: Path) -> None:
    """No actual is made of them, and the header beside is no grade of the project; that in the head is (绩效等级)."""
    table = TICKS.replace("完成情况（在相应栏内打√）", "自评等级（打√）")
    table = table.replace("│ 完成 │ 基本完成 │ 未完成", "│ 优 │ 良 │ 中")
    result = read(tmp_path, HEAD, table)
    assert result.frames is not None
    assert (errors(result), result.frames.projects.iloc[0]["grade_declared"]) == ([], "")
    assert [left.cell for left in result.sheets[0].unread] == ["E5", "F6"]
    result = read(tmp_path, HEAD, "自评得分 │ 90 │ < │ < │ 绩效等级 │ 优 │ < │ <", ROWS)
    assert result.frames is not None and result.frames.projects.iloc[0]["grade_declared"] == "优"


def test_of_half_years_below_the_actual_the_whole_year_counts(tmp_path: Path) -> None:
    """The first of them was the actual (20 of 50 reached); the others are told as unread."""
    table = """
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ < │ < │ 分值 │ 得分
^ │ ^ │ ^ │ ^ │ 上半年 │ 下半年 │ 全年 │ ^ │ ^
产出指标 │ 数量指标 │ 巡查次数 │ ≥50次 │ 20次 │ 32次 │ 52次 │ 60 │ 60
效益指标 │ 社会效益指标 │ 受益村庄 │ ≥26个 │ 26个 │ 26个 │ 26个 │ 40 │ 40
总分 │ < │ < │ < │ < │ < │ < │ 100 │ 100
"""
    result = read(tmp_path, HEAD, table)
    assert result.frames is not None
    assert result.frames.indicators["cell_actual"].tolist() == ["G5", "G6"]
    assert (errors(result), [left.cell for left in result.sheets[0].unread]) == ([], ["E5", "F5"])


def test_a_sentence_is_no_title(tmp_path: Path) -> None:
    """Words of a kind of sheet stand in it (监控); a section line of unknown words has no field for it."""
    below = "八、其他情形 │ < │ < │ <\n个别点位监控设备老化；自评表已公开。 │ < │ < │ < │ < │ < │ < │ <"
    result = read(tmp_path, HEAD, FUNDS, ROWS, below)
    assert [left.text for left in result.sheets[0].unread][-1:] == ["个别点位监控设备老化；自评表已公开。"]
