"""Which questioned scores are explained, and at which cell."""

from __future__ import annotations

import pytest
from support.scored import changed, indicator, project, scored

from perfbatch.model import Finding, Severity
from perfbatch.rulesets import load
from perfbatch.scoring import remarks

RULES = {"national-2020": load("national-2020"), "截断": changed("national-2020", {"round_mode": "truncate"})}
PLACES = {"sheet": "表1", "cell_score": "H9", "cell_actual": "F9"}
FRAMES = scored(
    [
        project(
            sheet="表1", executed="45", budget_adjusted="60", execution_points="10", execution_score_declared="7.5",
            total_declared="96", cell_execution_score="I6", cell_rate="H6", cell_total="H21",
        ),
        project("P2", "截断", sheet="表2", total_declared="90", cell_total="表3!H21"),
    ],
    [
        indicator(t="7", a="5", w="6", s="4.28", **PLACES),
        indicator(t="7", a="5", w="6", s="4.28", role="child", **(PLACES | {"cell_score": "H10", "cell_actual": ""})),
        indicator("P2", t="7", a="5", w="6", s="4.28", sheet="表2", cell_score="表3!H9", cell_actual="F9"),
        indicator("P2", t="7", a="6", w="6", s="5.15", sheet="表2", cell_score="表3!H9", cell_actual="F10"),
    ],
    RULES,
)  # fmt: skip
# how the score comes about, in the one line that a comment has room for
OF_ROW = "算法：实际 5 ÷ 目标 7 × 分值 6 = 4.285714…，四舍五入，保留 2 位小数为4.29"
OF_EXECUTION = "算法：执行 45 ÷ 全年预算数 60 × 分值 10；执行率 75%（表上分值） = 7.5"
CUT_OFF = ("算法：实际 5 ÷ 目标 7 × 分值 6 = 4.285714…，截尾，保留 2 位小数为4.28",
           "算法：实际 6 ÷ 目标 7 × 分值 6 = 5.142857…，截尾，保留 2 位小数为5.14")  # fmt: skip
SUM = "算法：各指标得分（定性等无法复算的行取自评得分）与预算执行率得分相加 = "


@pytest.mark.parametrize(
    ("code", "sheet", "cell", "explanation"),
    [
        ("SC04", "表1", "H9", OF_ROW),
        ("IN05", "表1", "H9", OF_ROW),
        ("SC10", "表1", "F9", OF_ROW),
        ("HB01", "表1", "F9", OF_ROW),
        ("IN05", "表1", "F9", None),  # questions the actual, not the score
        ("SC04", "表1", "H10", None),  # a row that is not scored
        ("SC04", "表2", "H9", None),
        ("SC04", "表1", "", None),
        ("SC04", "表3", "H9", CUT_OFF[0]),  # of a cell that two rows share the first speaks
        ("SC04", "表2", "F10", CUT_OFF[1]),
        ("FU02", "表1", "I6", OF_EXECUTION),
        ("TX01", "表1", "I6", OF_EXECUTION),
        ("FU02", "表1", "H6", OF_EXECUTION),
        ("TX01", "表1", "H6", None),
        ("TX01", "表1", "H21", f"{SUM}11.79"),
        ("SC03", "表3", "H21", f"{SUM}9.42"),
    ],
)  # fmt: skip
def test_explained_cell(code: str, sheet: str, cell: str, explanation: str | None) -> None:
    found = remarks(FRAMES, [_finding(code, sheet, cell)], RULES)
    if explanation is None:
        assert found == {}
    else:
        assert found == {(sheet, cell): explanation}


def test_every_questioned_cell_of_a_row_is_explained_once() -> None:
    """A row questioned at its score and at its actual is explained at the score."""
    cells = [("SC10", "F9"), ("TX01", "H9"), ("TX01", "H21")]
    found = remarks(FRAMES, [_finding(code, "表1", cell) for code, cell in cells], RULES)
    assert set(found) == {("表1", "H9"), ("表1", "H21")}


def test_a_finding_about_the_score_counts_beside_another_at_the_same_cell() -> None:
    found = remarks(FRAMES, [_finding(code, "表1", "F9") for code in ("SC10", "IN05")], RULES)
    assert set(found) == {("表1", "F9")}


def _finding(code: str, sheet: str, cell: str) -> Finding:
    return Finding(
        code=code, severity=Severity.ERROR, file="表.xlsx", sheet=sheet, cell=cell, project_id="P1", project="示例",
        seen="", expected="", message="说明。", hint="", basis="",
    )  # fmt: skip
