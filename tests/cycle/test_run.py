"""`perfbatch run` beside approved targets: findings, the sheet, the frame and the report, read back from disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from support import drawing
from support.reports import Written

from perfbatch.cli import main

GRID = drawing.load("F1")["grid"]
TARGET = """
2023年度项目支出绩效目标表 │ < │ < │ < │ <
项目名称 │ 村道养护（虚构） │ < │ 实施单位 │ 柳溪镇人民政府
年度资金总额（万元） │ 40 │ < │ < │ <
年度目标 │ 养护村道30公里，保障群众出行。 │ < │ < │ <
一级指标 │ 二级指标 │ 三级指标 │ 指标值 │ 分值
产出指标 │ 数量指标 │ 养护里程 │ ≥30公里 │ 20
产出指标 │ 质量指标 │ 验收合格率 │ ≥95% │ 10
产出指标 │ 时效指标 │ 完成时间 │ 2023年12月底前 │ 10
产出指标 │ 成本指标 │ 养护成本 │ ≤400000元 │ 10
效益指标 │ 社会效益指标 │ 受益村庄 │ ≥12个 │ 20
效益指标 │ 可持续影响指标 │ 管护制度 │ 健全 │ 10
满意度指标 │ 服务对象满意度指标 │ 群众满意度 │ ≥90% │ 10
"""
ADJUSTED = """
绩效目标调整表 │ < │ < │ < │ < │ < │ < │ <
项目编码 │ 项目名称 │ 预算单位 │ 二级指标 │ 三级指标 │ 指标值 │ 调整后指标值 │ 调整说明
 │ 村道养护（虚构） │ 柳溪镇人民政府 │ 数量指标 │ 养护里程 │ ≥36公里 │ ≥30公里 │ 预算调减
"""


def run(folder: Path, sheets: Mapping[str, Mapping[str, str]], *words: str) -> list[dict[str, Any]]:
    """Findings of the family TG after a run over drawn workbooks in `folder`/input."""
    (folder / "input").mkdir(exist_ok=True)
    for name, grids in sheets.items():
        path = folder / (name if "/" in name else f"input/{name}")
        path.parent.mkdir(exist_ok=True)
        drawing.write(path, {sheet: drawing.parse(grid) for sheet, grid in grids.items()})
    assert main(["run", "--workers", "1", *words]) in (0, 1)
    lines = (folder / "output" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return [found for line in lines if (found := json.loads(line))["code"].startswith("TG")]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lowered() -> str:
    return TARGET.replace("≥30公里", "≥36公里")


def test_nothing_to_say_where_nothing_changed(tmp_path: Path) -> None:
    """The same targets, one of them in another scale: compared, and said so."""
    assert run(tmp_path, {"自评.xlsx": {"自评表": GRID}, "目标.xlsx": {"目标": TARGET}}) == []
    told = Written(tmp_path / "output" / "绩效自评报告.docx").text
    assert "1个项目与年初批复的绩效目标逐条对照，目标、指标、分值和预算均与批复一致" in told
    sheet = openpyxl.load_workbook(tmp_path / "output" / "绩效自评汇总表.xlsx")["对照年初目标"]
    assert any("对照了1个，其中1个没有错误和疑问" in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_points_that_a_target_sheet_does_not_have_are_not_compared(tmp_path: Path) -> None:
    """Moved points cannot be seen there, and the report does not claim that they agree.

    So it is with `shared/cycle/m3`: its three target sheets (申报1 to 3) have no column of points, and all figures of
    theirs that stand alone in a cell are amounts of money (rows 6 to 8); of the two changes that its `check.py` counts
    as lost (抽查合格率 15 → 10, 保洁及时率 5 → 10) the approved points stand nowhere in the file.
    """
    bare = "\n".join(line.rpartition(" │ ")[0] if "指标" in line else line for line in TARGET.splitlines())
    assert "分值" not in bare
    moved = (
        str(GRID)
        .replace("│ 96% │ 10 │ 10 │", "│ 96% │ 15 │ 15 │")
        .replace("│ 30.5公里 │ 20 │ 20 │", "│ 30.5公里 │ 15 │ 15 │")
    )
    assert run(tmp_path, {"自评.xlsx": {"自评表": moved}, "目标.xlsx": {"目标": bare}}) == []
    told = Written(tmp_path / "output" / "绩效自评报告.docx").text
    assert "目标、指标和预算均与批复一致" in told and "1个项目的年初目标表没有分值，分值没有对照" in told


def test_without_targets_no_comparison_is_claimed(tmp_path: Path) -> None:
    assert run(tmp_path, {"自评.xlsx": {"自评表": GRID}}) == []
    told = Written(tmp_path / "output" / "绩效自评报告.docx").text
    assert "没有提供年初批复的绩效目标表，未与年初绩效目标对照" in told and "对比倒查" not in told
    assert not (tmp_path / "output" / "data" / "targets.parquet").exists()
    record = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))
    states = {told["state"] for code, told in record["checks"].items() if code.startswith("TG")}
    assert states == {"unchecked"}


@pytest.mark.parametrize("where", ["same workbook", "same folder", "option"])
def test_a_lowered_target(tmp_path: Path, where: str) -> None:
    """≥36 approved, ≥30 evaluated, 30.5 done: found wherever the target sheet lies, with the score it would give."""
    files = {
        "same workbook": {"自评.xlsx": {"自评表": GRID, "目标": lowered()}},
        "same folder": {"自评.xlsx": {"自评表": GRID}, "目标.xlsx": {"目标": lowered()}},
        "option": {"自评.xlsx": {"自评表": GRID}, "批复/目标.xlsx": {"目标": lowered()}},
    }[where]
    found = run(tmp_path, files, *(["--targets", "批复"] if where == "option" else []))
    places = [(one["code"], one["severity"], one["file"], one["sheet"], one["cell"]) for one in found]
    assert places == [
        ("TG01", "error", "自评.xlsx", "自评表", "E13"),
        ("TG02", "info", "自评.xlsx", "自评表", "H21"),
    ]
    assert "按年初目标应得16.94分，自评得20分" in found[0]["message"]
    assert found[1]["expected"] == "92.61"
    output = tmp_path / "output"
    (row,) = [row for row in pq.read_table(output / "data" / "targets.parquet").to_pylist() if row["changes"]]
    assert (row["level3"], row["own_target"], row["changes"]) == ("养护里程", "≥30公里", "TG01")
    assert (float(row["score_declared"]), float(row["score_approved"])) == (20, 16.94)
    annotated = openpyxl.load_workbook(output / "自评_批注.xlsx")["自评表"]["E13"].comment
    assert annotated is not None and "TG01" in annotated.text
    told = Written(output / "绩效自评报告.docx").text
    assert "养护里程年初为≥36公里，自评表为≥30公里，实际完成30.5公里，自评20分，按年初目标应得16.94分" in told
    record = json.loads((output / "run.json").read_text(encoding="utf-8"))
    assert record["totals"]["projects"] == 1


def test_an_adjustment_makes_it_lawful(tmp_path: Path) -> None:
    files = {"自评.xlsx": {"自评表": GRID}, "目标.xlsx": {"目标": lowered(), "调整": ADJUSTED}}
    (found,) = run(tmp_path, files)
    assert (found["code"], found["severity"]) == ("TG01", "info") and "调整说明：预算调减" in found["message"]
    (row,) = [row for row in pq.read_table("output/data/targets.parquet").to_pylist() if row["changes"]]
    assert (row["file"], row["sheet"], row["cell_target"]) == ("目标.xlsx", "目标", "D6"), "not the list's sheet"
    page = openpyxl.load_workbook("output/绩效自评汇总表.xlsx")["对照年初目标"]
    assert any(cell.value == "目标.xlsx“目标”D6" for line in page.iter_rows() for cell in line)


def test_limits_are_those_of_the_ruleset(tmp_path: Path) -> None:
    """A budget cut by a quarter is mentioned; not where the unit's own settings ask from a half on."""
    cut = str(GRID).replace("│ 40 │ 40 │ 36 │ 10 │ 90% │ 9", "│ 40 │ 30 │ 27 │ 10 │ 90% │ 9")
    found = run(tmp_path, {"自评.xlsx": {"自评表": cut}, "目标.xlsx": {"目标": TARGET}})
    assert [(one["code"], one["severity"]) for one in found] == [("TG09", "info")]
    (tmp_path / "perfbatch.toml").write_text("parameters = { target_budget_cut = 0.5 }\n", encoding="utf-8")
    assert run(tmp_path, {"自评.xlsx": {"自评表": cut}, "目标.xlsx": {"目标": TARGET}}) == []


def test_an_approved_project_without_a_self_evaluation(tmp_path: Path) -> None:
    """It is said at its own sheet, though that file holds no project."""
    other = TARGET.replace("村道养护", "饮水安全管网")
    (found,) = run(tmp_path, {"自评.xlsx": {"自评表": GRID}, "目标.xlsx": {"一": TARGET, "二": other}})
    assert (found["code"], found["severity"], found["file"], found["sheet"]) == ("TG12", "error", "目标.xlsx", "二")
    sheet = openpyxl.load_workbook(tmp_path / "output" / "绩效自评汇总表.xlsx")["问题清单"]
    assert any("饮水安全管网" in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_targets_of_another_year(tmp_path: Path) -> None:
    (found,) = run(tmp_path, {"自评.xlsx": {"自评表": GRID}, "目标.xlsx": {"目标": lowered().replace("2023", "2022")}})
    assert found["code"] == "TG05" and "2022年度" in found["message"] and "没有对照" in found["message"]


def test_self_evaluations_among_the_targets_do_not_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"自评.xlsx": {"自评表": GRID}, "批复/上年.xlsx": {"自评表": GRID.replace("村道养护", "旧桥改造")}}
    assert run(tmp_path, files, "--targets", "批复") == []
    assert "用 --targets 指定的，其中的自评表没有计入" in capsys.readouterr().out
    record = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))
    assert record["totals"]["projects"] == 1


def test_a_path_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawing.write(tmp_path / "自评.xlsx", {"自评表": drawing.parse(GRID)})
    assert main(["run", "自评.xlsx", "--targets", "没有的文件夹"]) == 2
    assert "没有的文件夹" in capsys.readouterr().err


MONITORED = """
2023年度绩效运行监控表 │ < │ < │ < │ < │ <
项目名称 │ 村道养护（虚构） │ < │ 实施单位 │ 柳溪镇人民政府 │ <
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 1—7月执行情况 │ 完成目标可能性
产出指标 │ 数量指标 │ 养护里程 │ ≥36公里 │ 33公里 │ 确定能
"""
OVERALL = """
2023年度部门整体支出绩效自评表 │ < │ < │ < │ < │ < │ < │ <
部门名称 │ 柳溪镇人民政府 │ < │ < │ < │ < │ < │ <
预算执行情况（万元） │ │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 分值 │ 执行率 │ 得分
^ │ 年度资金总额 │ 100 │ 100 │ 91 │ 10 │ 91% │ 9.1
^ │ 其中：基本支出 │ 60 │ 60 │ 55 │ │ │
^ │ 项目支出 │ 40 │ 40 │ 36 │ │ │
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分
过程 │ 预算管理 │ “三公经费”变动率 │ ≤0% │ -3.2% │ 90 │ 90
总分 │ < │ < │ < │ < │ 100 │ 98
"""


def of_family(folder: Path, family: str) -> list[tuple[str, str, str, str, str]]:
    lines = (folder / "output" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    found = (json.loads(line) for line in lines)
    return [
        (one["code"], one["severity"], one["file"], one["sheet"], one["cell"])
        for one in found
        if one["code"].startswith(family)
    ]


def test_monitoring_is_never_the_year(tmp_path: Path) -> None:
    """July's 33 km are more than the year's 30.5: an error at the result; the change of the target is dated."""
    run(tmp_path, {"自评.xlsx": {"自评表": GRID}, "周边.xlsx": {"目标": lowered(), "监控": MONITORED}})
    assert of_family(tmp_path, "MN") == [
        ("MN01", "error", "自评.xlsx", "自评表", "F13"),
        ("MN02", "info", "自评.xlsx", "自评表", "F13"),
    ]
    output = tmp_path / "output"
    (row,) = pq.read_table(output / "data" / "monitoring.parquet").to_pylist()
    assert (row["months"], row["actual_text"], row["likelihood"]) == (7, "33公里", "sure")
    sheet = openpyxl.load_workbook(output / "绩效自评汇总表.xlsx")["对照年初目标"]
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert "监控情况" in texts and "目标≥36公里，1—7月完成33公里，确定能" in texts
    (project,) = pq.read_table(output / "data" / "projects.parquet").to_pylist()
    assert float(project["executed"]) == 36


def test_a_department_is_no_project(tmp_path: Path) -> None:
    """Its wrong total is found at its cell and marked; its money is in no sum; cover and report have a line of it."""
    run(tmp_path, {"自评.xlsx": {"自评表": GRID, "整体": OVERALL}})
    assert of_family(tmp_path, "OV") == [("OV02", "error", "自评.xlsx", "整体", "G9")]
    output = tmp_path / "output"
    record = json.loads((output / "run.json").read_text(encoding="utf-8"))
    assert (record["totals"]["projects"], record["totals"]["funds_executed"]) == (1, "36")
    assert "OV02" in openpyxl.load_workbook(output / "自评_批注.xlsx")["整体"]["G9"].comment.text
    front = openpyxl.load_workbook(output / "绩效自评汇总表.xlsx").worksheets[0]
    told = "柳溪镇人民政府，全年预算100万元，全年执行91万元，执行率91%，自评98分"
    assert any(told in str(cell.value) for row in front.iter_rows() for cell in row)
    assert told in Written(output / "绩效自评报告.docx").text
    rows = pq.read_table(output / "data" / "overall.parquet").to_pylist()
    assert [(row["level3"], float(row["projects"])) for row in rows] == [("“三公经费”变动率", 36)]


def test_departments_alone(tmp_path: Path) -> None:
    """A folder without any project: the overall form is checked all the same."""
    run(tmp_path, {"整体.xlsx": {"整体": OVERALL}})
    assert of_family(tmp_path, "OV") == [("OV02", "error", "整体.xlsx", "整体", "G9")]


def test_targets_alone(tmp_path: Path) -> None:
    """The work of January: no self-evaluation yet; the targets are checked, marked, and listed under their own name."""
    weak = TARGET.replace("≥30公里", "按要求养护").replace("2023年12月底前", "2024年6月底前")
    run(tmp_path, {"目标.xlsx": {"目标": weak}})
    assert of_family(tmp_path, "TS") == [
        ("TS02", "warning", "目标.xlsx", "目标", "D6"),
        ("TS05", "warning", "目标.xlsx", "目标", "D8"),
    ]
    output = tmp_path / "output"
    assert "TS05" in openpyxl.load_workbook(output / "目标_批注.xlsx")["目标"]["D8"].comment.text
    book = openpyxl.load_workbook(output / "绩效目标审核问题清单.xlsx")
    assert book.sheetnames == ["目标审核问题", "绩效目标一览"]
    texts = [str(cell.value) for row in book["目标审核问题"].iter_rows() for cell in row if cell.value]
    assert any("不在2023年度内" in text for text in texts)
    record = json.loads((output / "run.json").read_text(encoding="utf-8"))
    assert record["totals"]["projects"] == 0 and "绩效目标审核问题清单.xlsx" in record["outputs"]
    assert not (output / "绩效自评报告.docx").exists()


EVALUATED = """
{title} │ < │ < │ < │ < │ < │ < │ < │ <
项目名称 │ {name} │ < │ < │ < │ 评价机构 │ 某某事务所 │ < │ <
一级指标 │ 分值 │ 二级指标 │ 分值 │ 三级指标 │ 分值 │ 指标解释 │ 评分标准 │ 得分
决策 │ 20 │ 项目立项 │ 20 │ 立项依据充分性 │ 20 │ 依据是否充分 │ 充分得满分 │ 18
产出 │ 80 │ 产出数量 │ 80 │ 实际完成率 │ 80 │ 完成情况 │ 按比例 │ 60
总分 │ 100 │  │ 100 │  │ 100 │  │  │ 78
"""


def test_the_score_of_an_evaluation_beside_the_self_score(tmp_path: Path) -> None:
    """95.67 of the unit, 78 of the evaluators: asked about, with the sheet named; the sheet is no project."""
    sheet = EVALUATED.format(title="项目支出绩效评价指标体系评分表", name="村道养护（虚构）")
    run(tmp_path, {"自评.xlsx": {"自评表": GRID}, "评价.xlsx": {"评分": sheet}})
    lines = (tmp_path / "output" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    (found,) = [one for line in lines if (one := json.loads(line))["code"] == "XP13"]
    assert (found["file"], found["seen"], found["expected"]) == ("自评.xlsx", "95.67", "78")
    assert "自评95.67分，绩效评价78分（评价.xlsx“评分”），高出17.67分" in found["message"]
    record = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))
    assert record["totals"]["projects"] == 1
    (other,) = [file for file in record["files"] if file["path"] == "评价.xlsx"]
    assert other["sheets"][0]["kind"] == "evaluation" and "读取了1个项目的评价得分" in other["reason"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("项目名称 │ 村道养护（虚构）", "评价对象 │ 全镇"),  # names no project
        ("│ 得分\n", "│ 自评得分 │ 评价得分\n"),  # which of the two
        ("总分 │ 100 │  │ 100 │  │ 100 │", "总分 │ 50 │  │ 50 │  │ 50 │"),  # of another number of points
        ("│ 78\n", "│ 良好\n"),
    ],
)  # fmt: skip
def test_a_score_sheet_that_says_too_little(old: str, new: str, tmp_path: Path) -> None:
    sheet = EVALUATED.format(title="项目支出绩效评价指标体系评分表", name="村道养护（虚构）")
    assert old in sheet
    run(tmp_path, {"自评.xlsx": {"自评表": GRID}, "评价.xlsx": {"评分": sheet.replace(old, new)}})
    record = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))
    assert record["checks"]["XP13"]["state"] == "unchecked" and record["totals"]["projects"] == 1


def test_an_evaluation_of_a_project_that_is_not_there(tmp_path: Path) -> None:
    sheet = EVALUATED.format(title="项目支出绩效评价指标体系评分表", name="旧桥改造")
    run(tmp_path, {"自评.xlsx": {"自评表": GRID}, "评价.xlsx": {"评分": sheet}})
    told = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))["checks"]["XP13"]
    assert told["state"] == "unchecked" and "“旧桥改造”与自评项目对应不上" in told["reason"]


def test_the_project_stands_in_the_title_of_the_score_sheet(tmp_path: Path) -> None:
    sheet = EVALUATED.format(title="村道养护（虚构）项目绩效评价评分表", name="").replace(
        "项目名称 │  │ < │ < │ < │ 评价机构", "评价机构"
    )
    run(
        tmp_path,
        {
            "自评.xlsx": {"自评表": GRID},
            "评价.xlsx": {"评分": sheet.replace("│ 某某事务所 │ < │ <", "│ 某某事务所 │ < │ < │ < │ < │ < │ <")},
        },
    )
    assert [found[0] for found in of_family(tmp_path, "XP13")] == ["XP13"]


LISTED = """
状态 │ 部门编码 │ 部门名称 │ 业务处室 │ 预算执行率% │ 得分 │ 自评结论
已送审 │ 316 │ 柳溪镇人民政府 │ 乡镇股 │ 91.4 │ {first} │ 优
已送审 │ 317 │ 河口镇人民政府 │ 乡镇股 │ 98.2 │ {second} │ 优
"""
INDICATORS = """
指标名称 │ 计算符号 │ 指标值 │ 实际完成值 │ 指标度量单位 │ 权重 │ 实际得分 │ 备注
“三公经费”变动率 │ ≤ │ 0 │ -3.2% │ % │ 40 │ 40 │
重点工作实际完成率 │ = │ 100 │ 100% │ % │ 30 │ 30 │
社会公众满意度 │ ≥ │ 90 │ 88% │ % │ 20 │ 20 │
"""


@pytest.mark.parametrize(
    ("first", "second", "whose"),
    [
        ("99.14", "82.5", "柳溪镇人民政府"),  # 90 for the indicators: the second has less in all
        ("89.9", "99.82", "河口镇人民政府"),
        ("99.14", "99.82", ""),  # either may be it
    ],
)  # fmt: skip
def test_the_list_of_departments_and_its_indicators(first: str, second: str, whose: str, tmp_path: Path) -> None:
    """Two exports of the platform: the indicators belong to the one department whose total they can make up."""
    book = {"部门列表": LISTED.format(first=first, second=second), "部门指标": INDICATORS}
    run(tmp_path, {"整体.xlsx": book, "自评.xlsx": {"自评表": GRID}})
    texts = [
        str(cell.value)
        for row in openpyxl.load_workbook(tmp_path / "output" / "绩效自评汇总表.xlsx").worksheets[0].iter_rows()
        for cell in row
    ]
    lines = (tmp_path / "output" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    found = [one for line in lines if (one := json.loads(line))["code"].startswith("OV")]
    (missed,) = [one for one in found if one["code"] == "OV05"]
    assert (missed["file"], missed["sheet"], missed["cell"]) == ("整体.xlsx", "部门指标", "G4")
    assert "OV02" not in {one["code"] for one in found}, "what the execution rate scored is on neither list"
    if whose:
        assert missed["message"].startswith(f"部门整体（{whose}）")
        assert any(text.count("3条指标按得分对应") and whose in text for text in texts)
    else:
        assert missed["message"].startswith("部门整体：")
        assert any("3条指标没有写明部门，与部门列表对应不上" in text for text in texts)


def test_what_of_a_target_sheet_was_not_read_is_listed(tmp_path: Path) -> None:
    """As of a form: in run.json and 读取情况; parts of the budget, the mid-term half and labels are not among it."""
    odd = TARGET.replace(
        "年度目标 │", "其中：财政拨款 │ 40 │ < │ < │ <\n审核意见栏 │ 同意按此执行 │ < │ < │ <\n年度目标 │"
    )
    run(tmp_path, {"自评.xlsx": {"自评表": GRID}, "目标.xlsx": {"目标": odd}})
    record = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))
    (file,) = [file for file in record["files"] if file["path"] == "目标.xlsx"]
    (sheet,) = file["sheets"]
    assert [(left["cell"], left["text"]) for left in sheet["unread"]] == [("A5", "审核意见栏"), ("B5", "同意按此执行")]
    assert file["status"] == "skipped" and "有2格内容没有识别（如工作表“目标”" in file["reason"]
    page = openpyxl.load_workbook(tmp_path / "output" / "绩效自评汇总表.xlsx")["读取情况"]
    assert any("审核意见栏" in str(cell.value) for row in page.iter_rows() for cell in row)


def test_shapes_of_overall_forms_that_are_not_read(tmp_path: Path) -> None:
    """Refused by the name of the shape, with what to give instead."""
    duties = """
2023年度部门整体支出绩效自评表 │ < │ < │ < │ < │ < │ < │ <
部门名称 │ 河滨县农业农村局 │ < │ < │ < │ < │ < │ <
部门职责 │ 工作活动 │ 年度绩效目标 │ 绩效指标 │ 优 │ 良 │ 中 │ 差
农业生产管理 │ 高标准农田建设 │ 建成5万亩 │ 建成面积 │ ≥5万亩 │ ≥4.5万亩 │ ≥4万亩 │ <4万亩
"""
    points = EVALUATED.format(title="部门整体支出绩效自评计分表", name="").replace(
        "项目名称 │  │ < │ < │ < │", "部门名称 │ 甲局 │ < │ < │ < │"
    )
    run(tmp_path, {"自评.xlsx": {"自评表": GRID}, "整体.xlsx": {"职责": duties, "计分": points}})
    record = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))
    (file,) = [file for file in record["files"] if file["path"] == "整体.xlsx"]
    assert {sheet["kind"] for sheet in file["sheets"]} == {"overall"}
    assert "部门职责—工作活动绩效表（部门整体，按优、良、中、差评定）" in file["reason"]
    assert "部门整体支出绩效计分表（没有指标值和完成值）" in file["reason"]
    assert file["reason"].count("请另附") == 2


LEDGER = """
绩效问题整改台账 │ < │ < │ < │ <
序号 │ 项目名称 │ 存在问题 │ 整改措施 │ 责任人 │ 整改时限
1 │ 村道养护（虚构） │ 没有执行 │ 次年一季度开工 │ 某某 │ 2024年3月
"""


def test_a_ledger_beside_the_forms(tmp_path: Path) -> None:
    """A project that was not executed asks for a rectification; an entry of the ledger in the folder answers."""
    idle = drawing.parse(GRID).edited({"F6": "0", "F7": "0", "H6": "0%", "I6": "0", "H21": "86.67"})
    (tmp_path / "input").mkdir()
    drawing.write(tmp_path / "input" / "自评.xlsx", {"自评表": idle})
    other = LEDGER.replace("村道养护", "旧桥改造")
    run(tmp_path, {"台账.xlsx": {"台账": other}})
    assert [found[0] for found in of_family(tmp_path, "XP08")] == ["XP08"]
    run(tmp_path, {"台账.xlsx": {"台账": LEDGER}})
    assert of_family(tmp_path, "XP08") == []
