"""Batches made by hand for tests of the outputs: small frames, scored by the real scoring, invented names."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from perfbatch import rulesets, schema
from perfbatch.followup.batch import Batch
from perfbatch.model import CheckOutcome, Finding, Frames, ReadingNote, SheetReading, WorkbookResult
from perfbatch.pipeline import size_of
from perfbatch.scoring import score
from perfbatch.totals.sampling import Sample

RULESET = "national-2020"
FILE = "自评表.xlsx"
D = Decimal


def project(at: int, **values: Any) -> dict[str, Any]:
    """A fully executed project of 10 万元 with a declared total of 100."""
    return {
        "project_id": f"P{at:04d}", "project_name": f"示例项目{at}",
        "department": "示例镇人民政府", "unit": "示例镇人民政府",
        "year": 2023, "category": "运转保障", "origin": "年初预算", "layout": "F1", "ruleset": RULESET,
        "ruleset_reason": "按全国通用规则", "budget_initial": D(10), "budget_adjusted": D(10), "executed": D(10),
        "execution_points": D(10), "execution_score_declared": D(10), "total_declared": D(100), "file": FILE,
        "sheet": f"表{at}", "cell": "A1",
    } | values  # fmt: skip


def indicator(at: int, row: int, **values: Any) -> dict[str, Any]:
    """A quantitative row of 7.5 points, target ≥10个, done 10个, full score."""
    return {
        "project_id": f"P{at:04d}", "level1": "产出指标", "level2": "数量指标", "level3": f"完成数量{row}",
        "kind": "quantitative", "operator": "ge", "target_text": "≥10个", "target_value": D(10), "actual_text": "10个",
        "actual_value": D(10), "unit": "个", "actual_unit": "个", "points": D("7.5"), "score_declared": D("7.5"),
        "target_status": "ok", "actual_status": "ok", "target_base": D(10), "actual_base": D(10),
        "comparison": "yes", "applicable": True, "role": "indicator", "file": FILE, "sheet": f"表{at}", "row": row,
        "cell_target": f"D{row}", "cell_actual": f"E{row}", "cell_points": f"F{row}", "cell_score": f"G{row}",
        "cell_reason": f"H{row}",
    } | values  # fmt: skip


def finding(at: int, cell: str = "E9", severity: str = "error", code: str = "SC06", **values: str) -> Finding:
    """A finding about project `at`."""
    fields = {
        "code": code, "severity": severity, "file": FILE, "sheet": f"表{at}", "cell": cell, "project_id": f"P{at:04d}",
        "project": f"示例项目{at}", "seen": "9", "expected": "6.71", "message": "自评得分与复算得分不一致。",
        "hint": "请按完成率重新计算得分。", "basis": "财预〔2020〕10号",
    }  # fmt: skip
    return Finding(**(fields | values))


def batch(
    projects: list[dict[str, Any]],
    indicators: list[dict[str, Any]],
    findings: Sequence[Finding] = (),
    **values: Any,
) -> Batch:
    """A batch of one file with these rows, scored."""
    in_force = {RULESET: rulesets.load(RULESET)}
    frames = Frames(
        schema.frame(projects, schema.PROJECTS),
        schema.frame([], schema.FUNDS),
        schema.frame(indicators, schema.INDICATORS),
    )
    frames = score(frames, in_force)
    sheets = [SheetReading(row["sheet"], row["layout"], 1, 12, False, "") for row in projects]
    result = WorkbookResult(
        FILE, "0" * 64, "ok", container="xlsx", frames=frames, findings=list(findings), sheets=sheets,
        size=size_of(frames),
    )  # fmt: skip
    checks = [CheckOutcome("SC06", "found" if findings else "clear", len(findings), "")]
    ordered = result.in_order(findings)
    defaults = {"annotated": {FILE: "自评表_批注.xlsx"}, "run_date": "2024-03-18"}
    return Batch([result], frames, ordered, checks, dict(in_force), **(defaults | values))


_CATEGORIES = ("运转保障", "工程建设", "政策保障", "设备采购", "安置补偿")
_NAMES = (
    "政府机关维护运行经费", "农村公路日常养护及桥涵修缮补助资金", "人民调解工作经费", "应急保障设备购置",
    "道路拓宽临时占地补偿",
)  # fmt: skip
_IDLE = (7, 11)  # projects of `township` without any execution


def township(count: int = 83, rows: int = 12) -> Batch:
    """A township: `count` projects of `rows` indicators, two unexecuted, some off target, five drawn."""
    projects = [_project(at) for at in range(1, count + 1)]
    places = [(at, row) for at in range(1, count + 1) for row in range(10, 10 + rows)]
    indicators = [indicator(at, row, **_row(at, row - 10, rows)) for at, row in places]
    findings = [finding(at, f"G{row}") for at, row in places if _short(at, row - 10)]
    findings += [finding(at, f"E{row}", "warning", "IN12") for at, row in places if _over(at, row - 10)]
    drawn = [f"P{at:04d}" for at in (3, 16, 21, 34, 50) if at <= count]
    made = batch(projects, indicators, findings, sample=drawn, draw=Sample((), "按单位抽取，种子2020，抽取5个项目。"))
    hidden = "工作表“数据字典”是隐藏的，已照常读取。"
    made.results[0].notes.append(ReadingNote("hidden_sheet", "数据字典", "", hidden))
    reason = "“损坏.xlsx”不完整，请重新导出。"
    made.results.append(WorkbookResult("损坏.xlsx", "1" * 64, "refused", reason, "truncated"))
    return made


def _project(at: int) -> dict[str, Any]:
    money = D(at) * D("3.17")
    added = at % 4 == 0
    values: dict[str, Any] = {
        "project_name": f"{_NAMES[at % 5]}（示例{at}）", "category": _CATEGORIES[at % 5],
        "origin": "追加预算" if added else "年初预算", "budget_initial": D(0) if added else money,
        "budget_adjusted": money, "executed": money,
    }  # fmt: skip
    if at in _IDLE:
        values |= {"executed": D(0), "total_declared": D(15), "execution_score_declared": D(0)}
        values |= {"fund_reason": "财力紧张，未安排支付"}
    return project(at, **values)


def _row(at: int, index: int, rows: int) -> dict[str, Any]:
    """What sets a row of `township` apart from the plain one."""
    if index >= rows - 2:
        return {
            "level1": "效益指标", "level2": "社会效益指标", "level3": "群众生产生活条件改善情况",
            "kind": "qualitative", "operator": "none", "target_text": "明显改善", "target_value": None,
            "target_base": None, "actual_text": "达成年度指标", "actual_value": None, "actual_base": None,
            "comparison": "none", "unit": "",
        }  # fmt: skip
    if at in _IDLE:
        return {"actual_text": "0", "actual_value": D(0), "actual_base": D(0), "score_declared": D(0)}
    if _short(at, index):
        return {
            "level3": "补偿面积", "operator": "eq", "target_text": "=156.9亩", "target_value": D("156.9"),
            "target_base": D("156.9"), "actual_text": "116.95亩", "actual_value": D("116.95"),
            "actual_base": D("116.95"), "unit": "亩", "actual_unit": "亩", "score_declared": D("6.00"),
            "reason": "因财力紧张等原因，项目无法全部完成，只补偿了部分地块",
        }  # fmt: skip
    if _over(at, index):
        return {"actual_text": "25个", "actual_base": D(25), "actual_value": D(25)}
    return {}


def _short(at: int, index: int) -> bool:
    return at % 9 == 0 and index == 0


def _over(at: int, index: int) -> bool:
    return at % 10 == 0 and index == 1
