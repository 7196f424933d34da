"""A filled cell is read, or told as unread: at the edges of blocks, in columns of remarks, below boxes and headings."""

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
项目名称 │ 公交补贴（虚构） │ < │ < │ 实施单位 │ 云溪县公交公司 │ < │ <
"""
FUNDS = """
项目资金（万元） │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 执行率 │ 分值 │ 得分 │
^ │ 20 │ 20 │ 20 │ 100% │ 10 │ 10 │
"""
ROWS = """
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分 │ 未完成原因
产出指标 │ 数量指标 │ 开行班次 │ ≥2400次 │ 2436次 │ 50 │ 50 │
效益指标 │ 社会效益指标 │ 受益村庄 │ ≥26个 │ 26个 │ 40 │ 40 │
总分 │ < │ < │ < │ < │ 100 │ 100 │
"""
BOTH = pytest.mark.parametrize("container", ["xlsx", "csv"])


def read(folder: Path, container: str, *parts: str) -> WorkbookResult:
    grid = drawing.parse("".join(part.strip("\n") + "\n" for part in parts))
    path = folder / f"表.{container}"
    if container == "xlsx":
        drawing.write(path, {"表": grid})
    else:
        lines = [["" if cell in ("<", "^") else cell for cell in row] for row in rows_of(parts)]
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(lines)
    return process_workbook(path, path.name, Settings())


def rows_of(parts: tuple[str, ...]) -> list[list[str]]:
    lines = "".join(part.strip("\n") + "\n" for part in parts).splitlines()
    return [[cell.strip() for cell in line.split("│")] for line in lines]


def told(result: WorkbookResult) -> list[str]:
    return [left.cell for left in result.sheets[0].unread]


def codes(result: WorkbookResult, *severities: str) -> list[str]:
    some = (one for one in result.findings if one.severity in (severities or ("error",)))
    return [f"{one.code} {one.cell}" for one in some if one.code != "IN18"]  # kinds of indicators that forms lack


@BOTH
@pytest.mark.parametrize(
    ("goal", "done"),
    [("整治公路3条。", "3条公路全部整治。"), ("按时拨付补助资金", "已拨付补助资金"), ("100%发放补贴", "100%发放")],
)
def test_money_ends_where_a_row_is_none_of_money(goal: str, done: str, container: str, tmp_path: Path) -> None:
    """A numbered goal below the amounts was a source of money, its text an amount."""
    goals = f"目标1 │ {goal} │ < │ < │ 目标1完成情况 │ {done} │ < │ <\n目标2 │ 甲 │ < │ < │ 目标2完成情况 │ 乙 │ < │ <"
    result = read(tmp_path, container, HEAD, FUNDS, goals, ROWS)
    assert result.frames is not None
    assert len(result.frames.funds) == 1
    project = result.frames.projects.iloc[0]
    assert (project["goal_expected"], project["goal_actual"]) == (f"{goal}\n甲", f"{done}\n乙")
    assert (told(result), codes(result)) == ([], [])
    unknown = goals.replace("目标", "任务").replace("完成情况", "落实")
    result = read(tmp_path, container, HEAD, FUNDS, unknown, ROWS)
    assert result.frames is not None and len(result.frames.funds) == 1
    assert told(result) == ["A5", "B5", "E5", "F5", "A6", "B6", "E6", "F6"]


@BOTH
def test_numbered_goals_in_columns(container: str, tmp_path: Path) -> None:
    block = "年度绩效目标 │ 序号 │ 目标内容 │ < │ < │ 完成情况 │ < │ <\n"
    block += "^ │ 目标1 │ 整治公路3条。 │ < │ < │ 已整治。 │ < │ <\n^ │ 目标2 │ 新建站台。 │ < │ < │ 已新建。 │ < │ <"
    result = read(tmp_path, container, HEAD, FUNDS, block, ROWS)
    assert result.frames is not None
    project = result.frames.projects.iloc[0]
    assert (project["goal_expected"], project["goal_actual"]) == ("整治公路3条。\n新建站台。", "已整治。\n已新建。")


@BOTH
def test_one_text_below_an_amount_ends_the_money_unless_money_follows(container: str, tmp_path: Path) -> None:
    result = read(tmp_path, container, HEAD, FUNDS, "任务1 │ 整治公路3条 │ < │ < │ < │ < │ < │ <", ROWS)
    assert result.frames is not None and len(result.frames.funds) == 1
    assert told(result) == ["A5", "B5"]
    funds = FUNDS + "社会力量 │ │ │ 未到位 │ │ │ │\n其他资金 │ 0 │ 0 │ 0 │ │ │ │"
    result = read(tmp_path, container, HEAD, funds, ROWS)
    assert result.frames is not None and "其他资金" in result.frames.funds["source"].tolist()


@BOTH
@pytest.mark.parametrize("word", ["备注", "未完成原因", "原因说明", "说明", "预算调整情况说明"])
def test_a_column_of_remarks_beside_the_money_is_its_reason(word: str, container: str, tmp_path: Path) -> None:
    """It was the remark of the form, which no check looks at, and FU07 and FU09 asked for what it says."""
    funds = FUNDS.replace("│ 得分 │", f"│ 得分 │ {word}").replace("20 │ 20 │ 20 │ 100%", "20 │ 18 │ 3 │ 16.67%")
    funds = funds.replace("│ 10 │ 10 │", "│ 10 │ 1.67 │ {}")
    rows = ROWS.replace("100 │ 100 │", "100 │ 91.67 │")
    result = read(tmp_path, container, HEAD, funds.format("经人大批准调减；工程款未付"), rows)
    assert result.frames is not None
    assert result.frames.funds["reason"].tolist() == ["经人大批准调减；工程款未付"]
    asked = ("FU07", "FU08", "FU09")
    assert not [code for code in codes(result, "error", "warning") if code.startswith(asked)]
    result = read(tmp_path, container, HEAD, funds.format(""), rows)
    assert {code[:4] for code in codes(result, "warning")} >= {"FU07", "FU09"}


@BOTH
def test_remarks_below_the_table_explain_the_money_too(container: str, tmp_path: Path) -> None:
    funds = FUNDS.replace("│ 20 │ 20 │ 20 │", "│ 20 │ 18 │ 18 │")
    result = read(tmp_path, container, HEAD, funds, ROWS, "备注 │ 调减2万元，经人大批准 │ < │ < │ < │ < │ < │ <")
    assert result.frames is not None
    assert result.frames.projects.iloc[0]["remarks"] == "调减2万元，经人大批准"
    assert codes(result, "error", "warning") == []
    result = read(tmp_path, container, HEAD, funds, ROWS)
    assert [code[:4] for code in codes(result, "warning")] == ["FU07"]


@BOTH
def test_the_department_of_the_place_and_the_one_above_it(container: str, tmp_path: Path) -> None:
    """中央主管部门 is the department of a transfer only where the form names no other; a third is told."""
    above = "中央主管部门 │ 交通运输部 │ < │ < │ │ │ │"
    place = "中央主管部门 │ 交通运输部 │ < │ < │ 地方主管部门 │ 云溪县交通运输局 │ < │ <"
    more = "主管部门 │ 云溪县住建局 │ < │ < │ │ │ │"
    for parts, department, left in (
        ((above,), "交通运输部", []),
        ((place,), "云溪县交通运输局", []),
        ((place, more), "云溪县交通运输局", ["B4"]),
    ):
        result = read(tmp_path, container, HEAD, *parts, FUNDS, ROWS)
        assert result.frames is not None
        assert (result.frames.projects.iloc[0]["department"], told(result)) == (department, left)


@BOTH
def test_headings_between_indicators_are_no_indicators(container: str, tmp_path: Path) -> None:
    """IN02 advised to join them with the row above; the levels that stand on their row are those of the rows below."""
    rows = """
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分 │ 未完成原因
产出指标 │ 数量指标 │ （一）公路工程 │ │ │ │ │
 │ │ 整治公路 │ ≥3条 │ 3条 │ 20 │ 20 │
 │ │ （二）站台工程 │ │ │ │ │
 │ │ 新建站台 │ ≥5座 │ 5座 │ 30 │ 30 │
效益指标 │ 社会效益指标 │ 受益村庄 │ ≥26个 │ 26个 │ 40 │ 40 │
总分 │ < │ < │ < │ < │ 100 │ 100 │
"""
    for drawn, first in (
        (rows, "（一）公路工程"),
        (rows.replace("（一）", "一、").replace("（二）", "二、"), "一、公路工程"),
    ):
        result = read(tmp_path, container, HEAD, FUNDS, drawn)
        assert result.frames is not None
        lines = result.frames.indicators
        assert lines["level3"].tolist() == ["整治公路", "新建站台", "受益村庄"]
        assert lines["level2_text"].tolist() == ["数量指标", "数量指标", "社会效益指标"]
        assert f"C6“{first}”只有名称，是下面各行指标的标题，不是指标" in result.sheets[0].remark
        assert (told(result), codes(result, "error", "warning")) == ([], [])
    # a number that other indicators have too: one of them was not filled in
    unfilled = rows.replace("整治公路 │", "（三）整治公路 │")
    assert codes(read(tmp_path, container, HEAD, FUNDS, unfilled), "warning") == ["IN02 C6", "IN02 C8"]


def test_a_heading_merged_over_the_values_leaves_its_levels(tmp_path: Path) -> None:
    rows = ROWS.replace("产出指标 │ 数量指标 │ 开行", "产出指标 │ 数量指标 │ （一）线路 │ < │ < │ < │ < │ <\n │ │ 开行")
    result = read(tmp_path, "xlsx", HEAD, FUNDS, rows)
    assert result.frames is not None
    assert result.frames.indicators["level2_text"].tolist() == ["数量指标", "社会效益指标"]
    assert (told(result), codes(result, "error", "warning")) == (["C6"], [])


@BOTH
def test_a_tick_is_not_a_wrong_number(container: str, tmp_path: Path) -> None:
    """Nothing certain is wrong where a figure was asked for and a box was ticked: no error, but asked for."""
    rows = ROWS.replace("2436次", "√").replace("│ 26个 │", "│ ☑完成 □未完成 │")
    result = read(tmp_path, container, HEAD, FUNDS, rows)
    assert (codes(result), codes(result, "warning")) == ([], ["IN06 E6", "IN06 E7"])
    table = """
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 完成情况 │ < │ 分值 │ 得分
^ │ ^ │ ^ │ ^ │ 完成 │ 未完成 │ ^ │ ^
产出指标 │ 数量指标 │ 开行班次 │ ≥2400次 │ √ │ │ 50 │ 50
效益指标 │ 社会效益指标 │ 受益村庄 │ ≥26个 │ √ │ │ 40 │ 40
总分 │ < │ < │ < │ < │ < │ 100 │ 100
"""
    result = read(tmp_path, container, HEAD, FUNDS, table)
    assert (codes(result), codes(result, "warning")[:2]) == ([], ["IN06 E7", "IN06 E8"])
    assert codes(read(tmp_path, container, HEAD, FUNDS, ROWS.replace("2436次", "完成"))) == ["IN06 E6"]


@BOTH
def test_several_ticks_in_one_field_are_told(container: str, tmp_path: Path) -> None:
    boxes = "项目类别 │ ☑经常性 ☑一次性 │ < │ < │ 预算来源 │ ☑年初预算 □追加预算 │ < │ <"
    result = read(tmp_path, container, HEAD, boxes, FUNDS, ROWS)
    assert result.frames is not None
    project = result.frames.projects.iloc[0]
    assert (project["category"], project["origin"]) == ("☑经常性 ☑一次性", "年初预算")
    assert "B3 勾选了“经常性”“一次性”，不能确定是哪一项，按原文读取" in result.sheets[0].remark


@BOTH
def test_no_title_stands_beside_other_texts(container: str, tmp_path: Path) -> None:
    """Words of a kind of sheet (转移支付) in a field that is not known: it was passed over as a title."""
    boxes = "资金性质 │ ☑一般公共预算 ☑上级转移支付 │ < │ < │ │ │ │"
    result = read(tmp_path, container, HEAD, boxes, FUNDS, ROWS)
    assert (result.status, told(result)) == ("partial", ["B3"])


@BOTH
@pytest.mark.parametrize("name", ["XX项目", "××项目", "项目名称", "某某项目", "公交补贴"])
def test_a_template_of_zeros_is_no_project(name: str, container: str, tmp_path: Path) -> None:
    """Its name stands for one; with a name of its own it is a project that was not carried out."""
    head = HEAD.replace("公交补贴（虚构）", name)
    funds = FUNDS.replace("20 │ 20 │ 20 │ 100% │ 10 │ 10", "0 │ 0 │ 0 │ 0% │ 10 │ 0")
    rows = """
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分 │ 未完成原因
产出指标 │ 数量指标 │ 指标1： │ │ 0 │ 50 │ 0 │
效益指标 │ 社会效益指标 │ 指标1： │ │ 0 │ 40 │ 0 │
总分 │ < │ < │ < │ < │ 100 │ 0 │
"""
    result = read(tmp_path, container, head, funds, rows)
    assert result.reason_code == ("" if name == "公交补贴" else "blank")
    goals = "年度目标 │ 全年开行2400次。 │ < │ < │ 完成情况 │ 未实施。 │ < │ <"
    assert read(tmp_path, container, head, funds, goals, rows).reason_code == ("blank" if name[0] in "X×" else "")


@BOTH
@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("XX项目", "XX局"),
        ("××镇××项目", "××镇人民政府"),
        ("**工程", ""),
        ("XX项目", "云溪县公交公司"),
        ("公交补贴", "xx县XX局"),
        ("XXX经费", ""),
    ],
)
def test_a_filled_form_of_a_project_that_has_no_name_is_an_example(
    name: str, unit: str, container: str, tmp_path: Path
) -> None:
    """Guides show a form filled in for XX项目 of XX局: its money was counted."""
    head = HEAD.replace("公交补贴（虚构）", name).replace("云溪县公交公司", unit)
    result = read(tmp_path, container, head, FUNDS, ROWS)
    assert (result.status, result.reason_code) == ("refused", "blank")
    assert "填写示例（项目名称或单位写着XX、××或**），没有计入" in result.reason


@BOTH
@pytest.mark.parametrize(
    "name", ["XXL号校服采购", "5*8米桥涵", "A×B路口改造", "MAXX系统维护", "某项目", "XX专项经费", "××镇××工程"]
)
def test_signs_in_a_name_are_no_placeholders(name: str, container: str, tmp_path: Path) -> None:
    result = read(tmp_path, container, HEAD.replace("公交补贴（虚构）", name), FUNDS, ROWS)
    assert result.frames is not None and result.frames.projects["project_name"].tolist() == [name]


@BOTH
@pytest.mark.parametrize(
    ("target", "actual"),
    [(("2023年11月", "30日前"), ("2023年11月", "18日")), (("2023年11月30", "日前"), ("2023年11月18", "日"))],
)
def test_a_date_broken_over_two_rows(
    target: tuple[str, str], actual: tuple[str, str], container: str, tmp_path: Path
) -> None:
    """The month alone was compared: 2023年11月 for the 30th, and the day was an indicator of 18 days."""
    broken = f"产出指标 │ 时效指标 │ 完工时间 │ {target[0]} │ {actual[0]} │ 10 │ 10 │\n"
    broken += f" │ │ │ {target[1]} │ {actual[1]} │ │ │\n"
    rows = ROWS.replace("│ 50 │ 50 │", "│ 40 │ 40 │").replace("效益指标 │ 社会", f"{broken}效益指标 │ 社会", 1)
    result = read(tmp_path, container, HEAD, FUNDS, rows)
    assert result.frames is not None
    lines = result.frames.indicators
    assert lines["target_date"].tolist()[1:2] == ["2023-11-30"] and lines["actual_date"].tolist()[1:2] == ["2023-11-18"]
    assert (len(lines), codes(result, "error", "warning")) == (3, [])
