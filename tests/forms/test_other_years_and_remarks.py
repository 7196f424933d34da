"""The year of the form decides between columns of two years; a remark pinned to a cell is no reason of the row."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from support import drawing
from support.reading import frames_of

from perfbatch.config import Settings
from perfbatch.pipeline import process_workbook

HEAD = """
{title} │ < │ < │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 科普活动（虚构） │ < │ < │ 实施单位 │ 云溪县科技馆 │ < │ < │ < │ <
"""
PLAIN = """
项目资金（万元） │ 资金来源 │ < │ < │ < │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 执行率 │ 得分
^ │ 年度资金总额 │ < │ < │ < │ 60 │ 60 │ 57 │ 95% │ 9.5
"""
MONEY = """
项目资金（万元） │ 资金来源 │ < │ {0} │ < │ {1} │ < │ < │ 执行率 │ 得分
^ │ ^ │ ^ │ 预算数 │ 执行数 │ 年初预算数 │ 全年预算数 │ 全年执行数 │ ^ │ ^
^ │ 年度资金总额 │ < │ 55 │ 52 │ 60 │ 60 │ 57 │ 95% │ 9.5
^ │ 其中：财政拨款 │ < │ 55 │ 52 │ 60 │ 60 │ 57 │ │
"""
ROWS = """
绩效指标 │ 一级指标 │ 二级指标 │ 三级指标 │ {0} │ < │ {1} │ < │ 分值 │ 得分
^ │ ^ │ ^ │ ^ │ 年度指标值 │ 实际完成值 │ 年度指标值 │ 实际完成值 │ ^ │ ^
^ │ 产出指标 │ 数量指标 │ 活动场次 │ ≥36场 │ 37场 │ ≥40场 │ 44场 │ 50 │ 50
^ │ 效益指标 │ 社会效益指标 │ 受众人数 │ ≥200人 │ 230人 │ ≥240人 │ 250人 │ 40 │ 40
总分 │ < │ < │ < │ < │ < │ < │ < │ 100 │ 99.5
"""
TITLE = "2023年度项目支出绩效自评表"
LEFT, RIGHT = ["≥36场", "37场", "E7", "F7"], ["≥40场", "44场", "G7", "H7"]


def written(folder: Path, text: str, *, as_csv: bool) -> Path:
    if not as_csv:
        return drawing.write(folder / "表.xlsx", {"表": drawing.parse(text)})
    rows = [[field.strip(" <^") for field in line.split("│")] for line in text.strip("\n").splitlines()]
    with (folder / "表.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder / "表.csv"


def form(money: str, rows: tuple[str, str], title: str = TITLE) -> str:
    return "\n".join(part.strip("\n") for part in (HEAD.format(title=title), money, ROWS.format(*rows)))


@pytest.mark.parametrize("as_csv", [False, True], ids=["merged", "as csv"])
@pytest.mark.parametrize(
    ("groups", "title", "right"),
    [
        (("上年", "本年"), TITLE, RIGHT), (("上年度（2022年）", "本年度（2023年）"), TITLE, RIGHT),
        (("本年情况", "上年情况"), TITLE, LEFT), (("2022年实绩", "2023年计划及完成"), TITLE, RIGHT),
        (("2023年度（本年）", "2022年度（上年）"), TITLE, LEFT), (("2022年", "2023年"), "项目支出绩效自评表", RIGHT),
        (("2022年", "2023年"), "2022年度项目支出绩效自评表", LEFT),
    ],
    ids=str,
)  # fmt: skip
def test_year_of_the_form_decides(
    groups: tuple[str, str], title: str, right: list[str], as_csv: bool, tmp_path: Path
) -> None:
    """Both columns of last year are told as not read; no years are the units whose columns stand side by side."""
    path = written(tmp_path, form(PLAIN, groups, title), as_csv=as_csv)
    row = frames_of(path).indicators.iloc[0]
    assert [row.target_text, row.actual_text, row.cell_target, row.cell_actual] == right
    result = process_workbook(path, path.name, Settings())
    assert {left.cell for left in result.sheets[0].unread} == set((LEFT if right is RIGHT else RIGHT)[2:])
    assert [one.code for one in result.findings if one.severity == "error"] == []


@pytest.mark.parametrize("as_csv", [False, True], ids=["merged", "as csv"])
@pytest.mark.parametrize(
    "groups", [("2022年", "2023年"), ("上年（2022年）", "本年（2023年）"), ("上年决算", "本年预算执行")], ids=str
)
def test_money_of_last_year_is_no_money_of_the_form(groups: tuple[str, str], as_csv: bool, tmp_path: Path) -> None:
    path = written(tmp_path, form(MONEY.format(*groups), ("上年", "本年")), as_csv=as_csv)
    project = frames_of(path).projects.iloc[0]
    assert [str(project[name]) for name in ("budget_initial", "budget_adjusted", "executed")] == ["60", "60", "57"]
    result = process_workbook(path, path.name, Settings())
    assert [one.code for one in result.findings if one.severity == "error"] == []


def test_groups_of_units_are_still_refused(tmp_path: Path) -> None:
    result = process_workbook(written(tmp_path, form(PLAIN, ("县级", "乡镇")), as_csv=False), "表.xlsx", Settings())
    assert (result.status, "按资金使用单位（县级、乡镇）汇总" in result.reason) == ("refused", True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("张：数字来自签到册", ""), ("得分已核", ""), ("得分是否扣减？——不扣", ""), ("请写明偏差原因", ""),
        ("偏差原因：", ""), ("偏差原因：汛期停工，已顺延。", "汛期停工，已顺延。"), ("未完成原因\n汛期", "汛期"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("cell", ["F18", "H18"])
def test_comment_is_a_reason_where_it_says_so(cell: str, text: str, reason: str, tmp_path: Path) -> None:
    """A colleague's remark silences nothing: the row that fell short still lacks its reason (RE01)."""
    sheet = drawing.parse(drawing.load("F1")["grid"]).edited({"I18": ""})
    path = drawing.write(tmp_path / "表.xlsx", {"表": sheet})
    book = openpyxl.load_workbook(path)
    book.active[cell].comment = Comment(text, "张")
    book.save(path)
    row = frames_of(path).indicators.query("row == 18").iloc[0]
    found = {one.cell for one in process_workbook(path, "表.xlsx", Settings()).findings if one.code == "RE01"}
    assert (row.reason, found) == (reason, set() if reason else {"I18"})


@pytest.mark.parametrize("head", ["资金来源", "资金构成"])
def test_row_below_the_header_of_sources_is_a_source(head: str, tmp_path: Path) -> None:
    """年初预算安排 holds no word of a source: what stands in that column names its row all the same."""
    funds = f"""
项目资金（万元） │ {head} │ < │ < │ < │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 执行率 │ 得分
^ │ 年度资金总额 │ < │ < │ < │ 20 │ 21.8 │ 21.8 │ 100% │ 10
^ │ 其中：年初预算安排 │ < │ < │ < │ 20 │ 20 │ 20 │ │
^ │ 年中追加预算 │ < │ < │ < │ 0 │ 5 │ 5 │ │
^ │ 年末财政收回资金 │ < │ < │ < │ 0 │ -3.2 │ -3.2 │ │
"""
    rows = frames_of(written(tmp_path, form(funds, ("上年", "本年")), as_csv=False)).funds
    assert [[row.role, row.source, str(row.adjusted)] for row in rows.itertuples()] == [
        ["total", "年度资金总额", "21.8"], ["sub", "其中：年初预算安排", "20"], ["sub", "年中追加预算", "5"],
        ["sub", "年末财政收回资金", "-3.2"],
    ]  # fmt: skip


def test_groups_of_years_directly_below_the_money_are_no_money(tmp_path: Path) -> None:
    """The row of three years below the fund block heads indicators (it was read as amounts: 2021年 is no figure)."""
    text = (
        HEAD.format(title=TITLE)
        + """
资金（万元） │ 资金来源 │ 年初预算数 │ 全年预算数 │ 全年执行数 │ < │ < │ 分值 │ 执行率 │ 得分
^ │ 年度资金总额 │ 20 │ 20 │ 20 │ < │ < │ 10 │ 100% │ 10
一级指标 │ 二级指标 │ 三级指标 │ 2021年 │ 2022年 │ 2023年 │ < │ 分值 │ 得分 │ 未完成原因
^ │ ^ │ ^ │ 完成值 │ 完成值 │ 指标值 │ 完成值 │ ^ │ ^ │ ^
产出指标 │ 数量指标 │ 活动场次 │ 2场 │ 3场 │ ≥5场 │ 5场 │ 50 │ 50 │
效益指标 │ 社会效益指标 │ 受众人数 │ 20人 │ 30人 │ ≥50人 │ 50人 │ 40 │ 40 │
总分 │ < │ < │ < │ < │ < │ < │ 100 │ 100 │
"""
    )
    path = written(tmp_path, text.replace("\n\n", "\n"), as_csv=False)
    frames = frames_of(path)
    assert frames.indicators[["target_text", "actual_text"]].iloc[0].tolist() == ["≥5场", "5场"]
    assert frames.funds["role"].tolist() == ["total"]
    errors = [one for one in process_workbook(path, path.name, Settings()).findings if one.severity == "error"]
    assert errors == []
