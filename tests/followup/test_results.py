"""From entries to reviewed scores: case by case, rows no rule scores, projects, gaps, checks of the spot check."""

from __future__ import annotations

import tomllib
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from support.batches import batch, indicator, project
from support.workpapers import fill

from perfbatch.config import Settings
from perfbatch.followup.batch import Batch
from perfbatch.followup.review import Review, ReviewedRow, review
from perfbatch.followup.workpaper_reader import Filled, read_workpaper
from perfbatch.outputs.workpaper import write_workpaper
from perfbatch.runs.earlier_work import Followup
from perfbatch.totals.sampling import Due, Sample

CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))["case"]
QUALITATIVE = {
    "kind": "qualitative", "operator": "none", "target_text": "明显改善", "target_value": None, "target_base": None,
    "actual_text": "达成年度指标", "actual_value": None, "actual_base": None, "comparison": "none", "unit": "",
}  # fmt: skip


def made(rows: list[dict[str, Any]] | None = None, **values: Any) -> Batch:
    """One drawn project of ten quantitative rows of 9 points and its execution, unless other rows are given."""
    rows = rows or [indicator(1, 10), *(indicator(1, 10 + n, points=D(9), score_declared=D(9)) for n in range(1, 9))]
    return batch([project(1, **values)], rows, sample=["P0001"])


def paper(made: Batch, folder: Path, entries: dict[str, dict[str, Any]]) -> Filled:
    write_workpaper(folder / "blank.xlsx", made)
    return read_workpaper(fill(folder / "blank.xlsx", folder / "filled.xlsx", {1: entries}))


def reviewed(made: Batch, folder: Path, entries: dict[str, dict[str, Any]]) -> Review:
    return review(made, [paper(made, folder, entries)])


def row(found: Review, name: str) -> ReviewedRow:
    return next(row for row in found.projects[0].rows if row.item.name == name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_one_entry(case, tmp_path):
    found = reviewed(made(), tmp_path, {"完成数量10": case["entry"]})
    own = row(found, "完成数量10")
    assert own.score == (D(case["score"]) if case["score"] else None)
    assert own.basis == case["basis"]
    told = [(f.code, f.severity) for f in found.findings if "没有有效的核查分数" not in f.message]
    assert told == [tuple(pair) for pair in case.get("findings", [])]
    for finding in found.findings:
        assert (finding.file, finding.project_id) == ("filled.xlsx", "P0001")
        assert finding.cell and finding.sheet.startswith("01")


def test_the_score_of_a_project_takes_self_scores_where_nothing_was_reviewed(tmp_path):
    found = reviewed(made(), tmp_path, {"完成数量10": {"核查分数": 5}})
    (own,) = found.projects
    assert own.score == D(10) + D(5) + 8 * D(9)
    assert (own.reviewed, own.open) == (1, 9)
    assert "有9条指标没有有效的核查分数" in found.findings[-1].message


CHECKLIST = {
    "填报完整、按时": 20, "目标值与批复一致": 15, "完成值真实、有佐证": 25, "得分计算准确": 10,
    "偏差原因和改进措施具体": 10,
}  # fmt: skip


def test_the_quality_of_the_self_evaluation_counts_by_its_share(tmp_path):
    """0.4 × 80 of the checklist + 0.6 × 87 of the indicators (V3 of the verified values)."""
    entries = {"完成数量10": {"核查分数": 5}, **{name: {"核查分数": score} for name, score in CHECKLIST.items()}}
    (own,) = reviewed(made(), tmp_path, entries).projects
    assert (own.quality_score, own.indicator_score) == (D(80), D(87))
    assert own.score == D("84.2")
    assert (own.reviewed, own.open) == (1, 9), "the checklist is no indicator"


def test_a_checklist_that_is_not_finished_does_not_count(tmp_path):
    entries = {"完成数量10": {"核查分数": 5}, "得分计算准确": {"核查分数": 10}, "填报完整、按时": {"核查分数": 21}}
    found = reviewed(made(), tmp_path, entries)
    assert found.projects[0].score == D(87)
    told = [finding.message for finding in found.findings if "自评质量" in finding.message]
    assert any("超过分值20分" in text for text in told)
    assert any("4项没有有效的分数" in text for text in told)


def test_the_target_is_the_one_that_was_read_from_the_form(tmp_path):
    """Its cell told more than its text (a fraction with a percent format)."""
    read = {"target_text": "0.9", "target_value": D(90), "target_base": D(90), "unit": "%", "target_status": "assumed"}
    read["target_stored"] = "percent"
    was = {"actual_text": "90%", "actual_value": D(90), "actual_base": D(90), "actual_unit": "%"}
    made_of = [indicator(1, 10, points=D(90), score_declared=D(90), **read, **was)]
    own = row(reviewed(made(made_of), tmp_path, {"完成数量10": {"核查完成值": "45%"}}), "完成数量10")
    assert (own.score, own.basis, own.defect) == (D(45), "recomputed", "")


@pytest.mark.parametrize("entry", ["6万元", "执行6万元", "执行 6"])  # the paper itself prints 执行10万元
def test_execution_is_recomputed_from_the_amount_found(entry, tmp_path):
    found = reviewed(made(), tmp_path, {"预算执行率": {"核查完成值": entry}})
    own = row(found, "预算执行率")
    assert (own.score, own.basis) == (D(6), "recomputed")


@pytest.mark.parametrize(
    ("entry", "score", "code"),
    [({"核查完成值": "有改善"}, None, "XP15"), ({"核查完成值": "有改善", "核查分数": 6}, D(6), "")],
)
def test_a_row_that_no_rule_scores_asks_for_a_score(entry, score, code, tmp_path):
    found = reviewed(made([indicator(1, 10, level3="环境", **QUALITATIVE)]), tmp_path, {"环境": entry})
    assert row(found, "环境").score == score
    told = [f.code for f in found.findings if f.severity == "error"]
    assert told == ([code] if code else [])


def test_a_row_without_points_takes_no_score(tmp_path):
    rows = [indicator(1, 10), indicator(1, 11, role="child", points=None, score_declared=None)]
    found = reviewed(made(rows), tmp_path, {"完成数量11": {"核查分数": 3}, "完成数量10": {"核查分数": 7}})
    assert row(found, "完成数量11").score is None
    assert found.projects[0].score == D(17)
    assert any("没有单独的分值" in finding.message for finding in found.findings)


@pytest.mark.parametrize(("score", "level"), [(7.5, "equal"), (7, "within"), (2.5, "within"), (2.4, "large")], ids=str)
def test_the_difference_is_graded_by_the_ruleset(score, level, tmp_path):
    declared = D(10) + D("7.5") + 8 * D(9)
    found = reviewed(made(total_declared=declared), tmp_path, {"完成数量10": {"核查分数": score}})
    (own,) = found.projects
    assert own.gap == D(5)
    assert (own.level, own.difference) == (level, D("7.5") - D(str(score)))


def test_a_sheet_left_blank_is_no_review(tmp_path):
    found = reviewed(made(), tmp_path, {})
    assert found.projects == ()


def checked(made: Batch, filled: list[Filled], **settings: Any) -> list[tuple[str, str, str]]:
    found = Followup(filled=filled).finish(made, Settings(**settings))
    return [(f.code, f.severity, f.file) for f in found]


def test_the_checks_of_the_spot_check_report_at_the_workpaper(tmp_path):
    batch_ = made(total_declared=D("89.5"))
    filled = paper(batch_, tmp_path, {"完成数量10": {"核查分数": 0}})
    assert ("XP13", "warning", "filled.xlsx") in checked(batch_, [filled])
    assert {o.code: o.state for o in batch_.checks}["XP13"] == "found"
    assert batch_.review.scores() == {"P0001": {"score": D(82)}}


def test_settings_hold_for_findings_about_entries(tmp_path):
    filled = paper(made(), tmp_path, {"完成数量10": {"核查分数": 99}})
    assert ("XP15", "error", "filled.xlsx") in checked(made(), [filled])
    assert ("XP15", "info", "filled.xlsx") in checked(made(), [filled], severity={"XP15": "info"})
    assert not [code for code, *_ in checked(made(), [filled], off=frozenset(["XP15"])) if code == "XP15"]


def test_a_sample_below_the_share_is_told_with_and_without_reviews():
    projects = [project(at) for at in range(1, 41)]
    batch_ = batch(projects, [indicator(at, 10) for at in range(1, 41)], sample=["P0001", "P0002", "P0003"])
    batch_.draw = Sample((), "", (Due("", 40, 3, 6),))
    assert checked(batch_, []) == [("XP14", "warning", "抽查工作底稿.xlsx")]
    batch_.sample = [f"P{at:04d}" for at in range(1, 7)]
    batch_.draw = Sample((), "", (Due("", 40, 6, 6),))
    assert checked(batch_, []) == []


def test_a_drawn_project_without_review_is_told_once_reviews_came_in(tmp_path):
    batch_ = batch([project(1), project(2)], [indicator(1, 10), indicator(2, 10)], sample=["P0001", "P0002"])
    filled = paper(batch_, tmp_path, {"完成数量10": {"核查分数": 7.5}, "预算执行率": {"核查分数": 10}})
    told = Followup(filled=[filled]).finish(batch_, Settings())
    assert [f.message for f in told if f.code == "XP14"] == ["抽查项目“示例项目2”没有复核结果。"]


EXECUTION = {
    "role": "execution", "level1": "预算执行率", "level2": "预算执行率", "level3": "预算执行率", "unit": "%",
    "target_text": "=100%", "target_value": D(100), "target_base": D(1), "points": D(10), "score_declared": D(10),
    "actual_text": "100%", "actual_value": D(100), "actual_base": D(1),
}  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "score"), [("80%", D(8)), ("6万元", D(6)), ("0.8", None), ("80", None), ("大部分", None)]
)
def test_an_execution_row_of_the_form_takes_a_rate_or_an_amount_with_its_unit(entry, score, tmp_path):
    made_ = made([indicator(1, 10), indicator(1, 11, **EXECUTION)], execution_points=None)
    found = reviewed(made_, tmp_path, {"预算执行率": {"核查完成值": entry}})
    assert row(found, "预算执行率").score == score
    assert bool(row(found, "预算执行率").defect) == (score is None)
