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
