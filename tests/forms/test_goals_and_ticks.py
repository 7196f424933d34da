"""Goals, ticked columns and section lines are read in every way units draw them; what is not read is told."""

from __future__ import annotations

import csv
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


CONTAINERS = ["merged", "unmerged", "filled", "csv"]


def read_in(container: str, folder: Path, text: str, head: str = HEAD) -> WorkbookResult:
    """A form below HEAD in a workbook with merges, without them, with each filled into its former merge, or as csv."""
    if container == "merged":
        return read(folder, head, text)
    sheet = drawing.parse(f"{head.strip()}\n{text.strip()}".strip())
    cells = dict(sheet.cells)
    for top, left, bottom, right in sheet.merges if container == "filled" else ():
        around = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
        cells |= dict.fromkeys(around, cells.get((top, left), ""))
    if container != "csv":
        path = drawing.write(folder / "表.xlsx", {"表": drawing.Sheet({at: c for at, c in cells.items() if c}, ())})
        return process_workbook(path, path.name, Settings())
    path = folder / "表.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows, columns = (range(1, max(at) + 1) for at in zip(*cells, strict=True))
        csv.writer(file).writerows([cells.get((row, column), "") for column in columns] for row in rows)
    return process_workbook(path, path.name, Settings())


def actuals(result: WorkbookResult) -> list[tuple[str, str]]:
    assert result.frames is not None
    rows = result.frames.indicators
    return [*zip(rows["actual_text"], rows["cell_actual"], strict=True)]


def unread(result: WorkbookResult) -> list[str]:
    return [left.cell for left in result.sheets[0].unread]


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
    assert actuals(result) == [("完成", "E5"), ("", ""), ("完成", "E7")]
    assert errors(result) == [] and "F6、G6 同时打了勾，不能确定完成情况" in result.sheets[0].remark
    assert unread(result) == ["F6", "G6"]
    every = TICKS.replace("│ √ │ │ │", "│ √ │ √ │ │").replace("│ │ √ │ │", "│ │ √ │ √ │")
    result = read(tmp_path, HEAD, every)  # not even one actual: the column is not missing
    assert (actuals(result), errors(result)) == ([("", "")] * 3, [])


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


def divided(heads: str, first: str, second: str, group: str = "实际完成值", targets: str = "≥50次 ≥26个") -> str:
    """A form whose actual (or what `group` says) is divided by a second row of headings."""
    more = " │ ".join(["<"] * heads.count("│"))
    one, two = targets.split()
    return f"""
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ {group} │ {more} │ 分值 │ 得分
^ │ ^ │ ^ │ ^ │ {heads} │ ^ │ ^
产出指标 │ 数量指标 │ 巡查次数 │ {one} │ {first} │ 60 │ 60
效益指标 │ 社会效益指标 │ 受益村庄 │ {two} │ {second} │ 40 │ 40
总分 │ < │ < │ < │ < │ {more} │ 100 │ 100
"""


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(
    ("heads", "first", "second"),
    [
        ("上半年 │ 下半年 │ 全年", "20次 │ 32次 │ 52次", "10个 │ 16个 │ 26个"),
        ("1-6月 │ 7-12月 │ 合计", "20次 │ 32次 │ 52次", "10个 │ 16个 │ 26个"),
        ("第1季度 │ 1—9月 │ 1—12月", "20次 │ 32次 │ 52次", "10个 │ 16个 │ 26个"),
        ("甲村 │ 乙村 │ 小计（次、个）", "20 │ 32 │ 52", "10 │ 16 │ 26"),
        ("全年累计 │ 其中：汛期 │ 说明", "52次 │ 32次 │ 按月", "26个 │ 16个 │ "),
    ],
)
def test_the_whole_of_parts_is_the_actual(heads: str, first: str, second: str, container: str, tmp_path: Path) -> None:
    """A csv, or a workbook without merges, had the headings for an indicator and the first part for the actual."""
    result = read_in(container, tmp_path, divided(heads, first, second))
    column = "E" if heads.startswith("全年") else "G"
    assert [text[:2] for text, _ in actuals(result)] == ["52", "26"]
    assert ([cell for _, cell in actuals(result)], errors(result)) == ([f"{column}5", f"{column}6"], [])
    assert unread(result) == [f"{at}5" for at in "EFG" if at != column]


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(
    ("heads", "first", "second", "targets"),
    [
        ("上半年 │ 下半年", "20次 │ 32次", "10个 │ 16个", "≥50次 ≥26个"),
        ("1—6月 │ 7—12月", "20 │ 32", "10 │ 16", "≥50 ≥26"),
        ("甲村 │ 乙村", "已巡查 │ 未巡查", "已受益 │ 已受益", "按月巡查 全部受益"),
        ("上半年 │ 下半年", "√ │ ", " │ √", "≥50次 ≥26个"),
        ("上半年 │ 下半年", "√ │ ", " │ √", "按月巡查 全部受益"),
        ("已完成 │ 未完成", "40次 │ 10次", "26个 │ 0个", "≥50次 ≥26个"),
    ],
)
def test_no_part_is_taken_for_the_whole(
    heads: str, first: str, second: str, targets: str, container: str, tmp_path: Path
) -> None:
    """Nothing is guessed: the actual is unread, that is a question at each column, and no error rests on it."""
    result = read_in(container, tmp_path, divided(heads, first, second, targets=targets))
    cells = [at for at, text in zip(("E5", "F5"), first.split(" │ "), strict=True) if text]
    cells += [
        at for at, text in zip(("E6", "F6"), second.split(" │ "), strict=True) if text and at[0] + "5" not in cells
    ]
    assert (actuals(result), errors(result), result.status) == ([("", ""), ("", "")], [], "partial")
    assert unread(result) == cells
    told = [one for one in result.findings if one.code == "ST01"]
    assert [one.cell for one in told] == cells
    part = heads.split(" │ ")[0]
    assert told[0].message.startswith(f"表头“实际完成值：{part}”与相邻的列不能确定取哪一列")


@pytest.mark.parametrize("container", CONTAINERS)
def test_parts_of_the_actual_in_a_list(container: str, tmp_path: Path) -> None:
    """Without merges the row of headings was an indicator of a project without a name."""
    rows = """
预算单位 │ 项目名称 │ 一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ < │ < │ 分值 │ 得分
^ │ ^ │ ^ │ ^ │ ^ │ ^ │ 上半年 │ 下半年 │ 全年 │ ^ │ ^
水库所（虚构） │ 水库巡查 │ 产出指标 │ 数量指标 │ 巡查次数 │ ≥50次 │ 20次 │ 32次 │ 52次 │ 60 │ 60
水库所（虚构） │ 水库巡查 │ 效益指标 │ 社会效益指标 │ 受益村庄 │ ≥26个 │ 10个 │ 16个 │ 26个 │ 40 │ 40
"""
    result = read_in(container, tmp_path, rows, head="")
    assert (actuals(result), errors(result)) == ([("52次", "I3"), ("26个", "I4")], [])
    result = read_in(container, tmp_path, rows.replace("全年", "其中：汛期"), head="")
    assert (actuals(result), errors(result)) == ([("", "")] * 2, [])
    assert unread(result) == ["G3", "H3", "I3"]


@pytest.mark.parametrize("container", CONTAINERS)
def test_parts_named_in_brackets(container: str, tmp_path: Path) -> None:
    """In one row; a bracket that stands once is a remark (打√, A)."""
    rows = """
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值（A） │ 完成值（上半年） │ 完成值（下半年） │ 完成值（全年） │ 分值 │ 得分
产出指标 │ 数量指标 │ 巡查次数 │ ≥50次 │ 20次 │ 32次 │ 52次 │ 60 │ 60
效益指标 │ 社会效益指标 │ 受益村庄 │ ≥26个 │ 10个 │ 16个 │ 26个 │ 40 │ 40
总分 │ < │ < │ < │ < │ < │ < │ 100 │ 100
"""
    result = read_in(container, tmp_path, rows)
    assert (actuals(result), errors(result)) == ([("52次", "G4"), ("26个", "G5")], [])
    assert unread(result) == ["E4", "F4"]
    result = read_in(container, tmp_path, rows.replace("（全年）", "（备案）"))
    assert (actuals(result), errors(result), unread(result)) == ([("", "")] * 2, [], ["E4", "F4", "G4"])


def test_a_target_is_divided_too(tmp_path: Path) -> None:
    """The target of the first half year was held against the actual of the year."""
    table = divided("上半年 │ 下半年 │ 全年", "25次 │ 25次 │ ≥50次", "13个 │ 13个 │ ≥26个", "年度指标值", "52次 26个")
    result = read(tmp_path, HEAD, table.replace("年度指标值 │ 年度指标值", "实际完成值 │ 年度指标值"))
    assert result.frames is not None
    assert (result.frames.indicators["cell_target"].tolist(), errors(result)) == (["G5", "G6"], [])


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(
    ("heads", "first", "second", "expected"),
    [
        ("完成 │ 基本完成 │ 未完成", "√ │ │ ", " │ 完成80% │ ", ["完成", "完成80%"]),
        ("完成 │ 基本完成 │ 未完成", "1 │ │ ", " │ 1 │ ", ["完成", "基本完成"]),
        ("完成 │ 基本完成 │ 未完成", "1 │ 0 │ 0", "0 │ 1 │ 0", ["完成", "基本完成"]),
        ("超额完成 │ 完成 │ 未完成", " │ V │ ", "v │ / │ /", ["完成", "超额完成"]),
        ("达标 │ 不达标 │ 说明", "● │ ○ │ ", "○ │ ● │ ", ["达标", "不达标"]),
        ("优 │ 良 │ 差", "（√） │ （ ） │ （ ）", "（ ） │ （√） │ （ ）", ["优", "良"]),
        ("是 │ 部分 │ 否", "✔ │ × │ ×", "🗹 │ □ │ □", ["是", "是"]),
        ("完成 │ 基本完成 │ 未完成", "√ │ │ ", " │ │ 因汛期推迟", ["完成", "因汛期推迟"]),
        ("完成 │ 未完成 │ 其他", "√ │ │ ", "26个 │ │ ", ["完成", "26个"]),
    ],
)
@pytest.mark.parametrize("targets", ["按月巡查 全部受益", "≥50次 ≥26个"])
def test_every_way_of_ticking(
    heads: str, first: str, second: str, expected: list[str], targets: str, container: str, tmp_path: Path
) -> None:
    """One row with a text, or a 1 for each tick, and the first column was the actual (IN01, IN06)."""
    table = divided(heads, first, second, "完成情况（打√）", targets)
    result = read_in(container, tmp_path, table)
    assert [text for text, _ in actuals(result)] == expected
    rash = [one for one in errors(result) if not one.startswith("SC")]  # 不达标 with all its points is one of those
    assert (rash, unread(result)) == ([], [])


def test_a_lone_circle_ticks_nothing_for_sure(tmp_path: Path) -> None:
    """○ is an empty box beside ●, and a ring around the choice for others; × below 完成 may mean either."""
    table = divided("完成 │ 基本完成 │ 未完成", "○ │ │ ", "× │ │ ", "完成情况", "按月巡查 全部受益")
    result = read(tmp_path, HEAD, table)
    assert (actuals(result), errors(result), unread(result)) == ([("", ""), ("", "")], [], ["E5"])
    assert result.sheets[0].unread[0].cells == 2


def test_figures_below_verdicts_are_no_ticks(tmp_path: Path) -> None:
    """完成值 below its group has a word of its own, a unit or a rate beside it is none of its parts."""
    result = read(tmp_path, HEAD, divided("完成值 │ 完成率", "52次 │ 104%", "26个 │ 100%", "实际完成情况"))
    assert (actuals(result), errors(result)) == ([("52次", "E5"), ("26个", "E6")], [])
    result = read(tmp_path, HEAD, divided("数值 │ 单位", "52 │ 次", "26 │ 个", targets="≥50 ≥26"))
    assert (actuals(result), errors(result), unread(result)) == ([("52", "E5"), ("26", "E6")], [], ["F5"])


def test_a_sentence_is_no_title(tmp_path: Path) -> None:
    """Words of a kind of sheet stand in it (监控); a section line of unknown words has no field for it."""
    below = "八、其他情形 │ < │ < │ <\n个别点位监控设备老化；自评表已公开。 │ < │ < │ < │ < │ < │ < │ <"
    result = read(tmp_path, HEAD, FUNDS, ROWS, below)
    assert [left.text for left in result.sheets[0].unread][-1:] == ["个别点位监控设备老化；自评表已公开。"]


SHARES = """
资金情况（万元） │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 执行率 │ 权重 │ 得分
年度资金总额 │ 20 │ 20 │ 20 │ 100% │ {money} │ 10
一级指标 │ 二级指标 │ 三级指标 │ 权重 │ 年度指标值 │ 实际完成值 │ 得分
产出指标 │ 数量指标 │ 巡查次数 │ {first} │ ≥2400次 │ 2436次 │ 50
效益指标 │ 社会效益指标 │ 受益村庄 │ 0.4 │ ≥26个 │ 26个 │ {score}
合计 │ │ │ {whole} │ │ │ {total}
"""


@pytest.mark.parametrize("money", ["0.1", "10%", "10"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_points_that_are_shares_of_one_count_in_percent(tmp_path: Path, container: str, money: str) -> None:
    """Column 权重 of many units: 0.15 beside a score of 15 was a score above its points in every row."""
    result = read_in(container, tmp_path, SHARES.format(money=money, first=0.5, score=40, whole=1, total=100))
    assert result.frames is not None
    assert list(result.frames.indicators["points"]) == [50, 40]
    assert list(result.frames.projects["total_points"]) == [100]
    assert list(result.frames.projects["execution_points"]) == [10]
    assert "按权重读取（0.15即15分）" in result.sheets[0].remark
    assert [finding for finding in result.findings if finding.severity == "error"] == []


def test_shares_are_checked_as_points(tmp_path: Path) -> None:
    result = read_in("merged", tmp_path, SHARES.format(money=0.1, first=0.5, score=41, whole=1, total=101))
    assert [(finding.code, finding.seen) for finding in result.findings if finding.severity == "error"] == [
        ("SC01", "41")
    ]


def test_points_below_one_that_make_no_whole_stay_points(tmp_path: Path) -> None:
    result = read_in("merged", tmp_path, SHARES.format(money=0.1, first=0.3, score=40, whole=0.8, total=100))
    assert result.frames is not None
    assert [str(points) for points in result.frames.indicators["points"]] == ["0.3", "0.4"]


@pytest.mark.parametrize(
    ("target", "shown", "actual", "codes"),
    [
        ("及时", "☑及时  □较及时  □不及时", "及时", []),
        ("健全", "□未达成 □部分达成 ■达成", "达成", []),
        ("及时", "□及时  □较及时  ☑不及时", "不及时", ["SC05 error"]),
        ("≥90%", "□90%以下  ☑96%", "96%", []),
        ("及时", "及时√  较及时  不及时", "及时√  较及时  不及时", ["SC05 warning"]),  # a mark on which side?
    ],
)
def test_a_word_ticked_among_others_is_the_actual(
    target: str, shown: str, actual: str, codes: list[str], tmp_path: Path
) -> None:
    """The words that are not ticked made false errors."""
    drawn = f"""
项目支出绩效自评表（2023年度） │ < │ < │ < │ < │ <
项目名称 │ 社区矫正（虚构） │ < │ 实施单位 │ 河滨县司法局 │ <
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分
产出指标 │ 时效指标 │ 故障响应 │ {target} │ {shown} │ 100 │ 100
总分 │ < │ < │ < │ < │ 100 │ 100
"""
    path = drawing.write(tmp_path / "表.xlsx", {"表": drawing.parse(drawn)})
    result = process_workbook(path, path.name, Settings())
    assert result.frames is not None and result.frames.indicators["actual_text"].tolist() == [actual]
    assert [f"{one.code} {one.severity}" for one in result.findings if one.code in ("SC05", "IN30")] == codes
