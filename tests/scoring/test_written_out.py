"""Formulas and explanations in full, as a clerk sees them, held against `written_out.txt`.

Other tests prove that the formulas compute what the program computes; this pins their text under the
national ruleset and under every changed value that decides something. After a wanted change look at the difference that
``PYTHONPATH=tests python tests/scoring/test_written_out.py`` makes in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.scored import changed, indicator, project, scored

from perfbatch.scoring import (
    Cells,
    execution_formula,
    explain_execution,
    explain_indicator,
    explain_total,
    row_formulas,
)

WRITTEN = Path(__file__).parent / "written_out.txt"
CHANGES: list[dict[str, Any]] = [
    {"round_mode": "truncate"},
    {"row_round": 0},
    {"equal_rule": "symmetric"},
    {"equal_rule": "strict"},
    {"strict_inequality": False},
    {"negative_rule": "ratio"},
    {"negative_rule": "ceiling"},
    {"deduction_column": True},
    {"cost_rule": "ceiling"},
    {"exec_cap": False},
    {"exec_rule": "none"},
    {"exec_base": "initial"},
    {"exec_rule": "steps", "exec_steps": [[1, 1], [0.8, 0.5]]},
    {"exec_rule": "steps", "exec_steps": [[0.9, 0.95]], "exec_cap": False, "round_mode": "truncate"},
    {"over_deduction": [[1.5, 0.2], [1.3, 0.1]]},
    {"over_deduction": [[1.5, 0.2]], "equal_rule": "as_positive"},
    {"pass_threshold": 0.6},
    {"satisfaction_rule": "steps"},
    {"direct_rule": "yes_no"},
    {"zero_target_rule": "refuse", "negative_actual": "refuse"},
    {"na_rule": "zero"},
]
CELLS = Cells("T5", "A5", "W5", "U5", "K5")
ROWS = [
    indicator(
        operator="ge",
        t="5",
        a="4",
        w="10",
        s="8",
        sign_text="≥",
        target_text="5个",
        actual_text="4个",
        cell_target="D9",
    ),
    indicator(operator="ge", t="5", a="4", w="10", s="8.1"),
    indicator(operator="ge", t="5", a="4", w="10", s="8.11"),
    indicator(operator="ge", t="5", a="9", w="10", s="10", deduction="1"),
    indicator(operator="ge", t="3", a="1", w="10"),
    indicator(operator="ge", t="0", a="1", w="10", s="10"),
    indicator(operator="ge", t="5", a="-1", w="10", s="0"),
    indicator(operator="gt", t="5", a="5", w="10", s="10"),
    indicator(operator="le", t="5", a="6", w="10", s="8"),
    indicator(operator="lt", t="5", a="5", w="10", s="10"),
    indicator(operator="le", t="5", a="6", w="10", level2="成本指标"),
    indicator(operator="eq", t="5", a="4", w="10", s="8"),
    indicator(operator="eq", t="5", a="6", w="10", s="10"),
    indicator(operator="range", t="4", u="6", a="3", w="10"),
    indicator(operator="range", t="4", u="6", a="8", w="10", s="1"),
    indicator(operator="none", t="5", a="4", w="10", s="8"),
    indicator(operator="none", t="5", a="4", w=""),
    indicator(operator="ge", t="90", a="85", unit="%", level1="满意度指标", w="10", s="9"),
    indicator(operator="ge", t="50000", a="60000", target_value="5", actual_value="60000", w="10", s="10"),
    indicator(kind="qualitative", operator="none", t="", a="", comparison="none", w="10", s="9", target_text="有"),
    indicator(kind="qualitative", operator="none", t="", a="", comparison="none", w="10", target_text="良好"),
    indicator(kind="date", t="", a="", target_date="2023-09-30", actual_date="2023-10-01", w="10", s="10"),
    indicator(t="50", a="", comparison="none", w="10", s="10"),
    indicator(t="50", a="4", comparison="dimension", w="10"),
    indicator(t="5", a="5", applicable=False, w="10", s="10"),
    indicator(t="100", a="90", role="execution", w="10", s="9"),
    indicator(t="", a="5", w="10"),
    indicator(t="5", a="", w="10", comparison="yes"),
    indicator(t="", a="", w="", s="3", weight_share="20", level2="质量指标", level3=""),
    indicator(t="5", a="4", w="10", s="8", notes="表内注明"),
    indicator(t="5", a="4", w="10", s="8", group_points=True),
    indicator(t="5", a="4", w="10", actual_status="ambiguous"),
    indicator(kind="date", t="", a="", target_date="2023-09-30", actual_date="2023-09-30", w="10", s="10"),
    indicator(kind="date", t="", a="", target_date="", actual_date="2023-09-30", w="10"),
    indicator(kind="date", t="", a="", target_date="2023-09-30", actual_date="", w="10"),
    indicator(kind="date", t="", a="", target_date="2023-09-30", actual_date="", w="10", comparison="assumed"),
    indicator(
        kind="qualitative", operator="none", t="", a="", comparison="none", w="10", completion_text="达成预期指标"
    ),
    indicator(
        kind="qualitative", operator="none", t="", a="", comparison="none", w="10", actual_text="部分达成预期指标"
    ),
    indicator(
        kind="qualitative",
        operator="none",
        t="",
        a="",
        comparison="none",
        w="10",
        target_text="优",
        actual_text="。优；",
    ),
    indicator(t="50000", a="45000", target_value="5", actual_value="4.5", level1="满意度指标", unit="%", w="10", s="9"),
]
_BOUNDS = (  # operator, target, upper bound, actual: where one case of a formula ends and the next begins
    *(("range", "4", "6", a) for a in ("4", "5", "6", "-1")),
    *(("range", "-2", "3", a) for a in ("-3", "-2", "5")),
    *(("range", "0", "6", a) for a in ("-1", "0", "7")),
    *(("range", "-6", "-4", a) for a in ("-7", "-6", "-4", "-3")),
    *(("range", "-1", "0", a) for a in ("-2", "0", "1")),
    ("range", "4", "", "5"),
    *((op, "-5", "", a) for op in ("ge", "le", "eq") for a in ("-6", "-5", "-4", "0")),
    *((op, "0", "", a) for op in ("ge", "gt", "le", "lt", "eq") for a in ("-1", "0", "1")),
    *(("gt", "5", "", a) for a in ("6", "5", "-1")),
    *(("lt", "5", "", a) for a in ("4", "5", "0", "-1")),
    *(("le", "5", "", a) for a in ("5", "10", "9.99", "0")),
    *(("eq", "5", "", a) for a in ("5", "10", "0", "-1")),
)
FIGURES = [indicator(operator=op, t=t, u=u, a=a, w="10") for op, t, u, a in _BOUNDS]
MONEY = {
    "budget_initial": "50",
    "budget_adjusted": "60",
    "execution_points": "10",
    "cell_adjusted": "D8",
    "cell_initial": "C8",
}
PROJECTS = [
    project(executed="45", execution_score_declared="7.5", total_declared="96", **MONEY),
    project(executed="70", execution_score_declared="9", **MONEY),
    project(executed="0", **MONEY),
    project(executed="54", execution_score_declared="9.05", **MONEY),
    project(**{**MONEY, "budget_adjusted": "0"}, executed="1"),
    project(executed="55", execution_points="3"),
]


def written_out() -> Iterator[str]:
    """All lines of the file: everything under the national ruleset, of each change what differs."""
    yield from section({})
    for changes in CHANGES:
        yield f"# {changes}"
        yield from section(changes)


def section(changes: dict[str, Any]) -> Iterator[str]:
    """The lines below the heading of one change."""
    if not changes:
        yield from (line for entry in _base() for line in entry)
        return
    for number, (entry, before) in enumerate(zip(_under(changes), _base(), strict=True), 1):
        yield from (f"{number} {line}".rstrip() for line in entry if line not in before)


@cache
def _base() -> list[list[str]]:
    return _under({})


def _under(changes: dict[str, Any]) -> list[list[str]]:
    """For every row and project its formulas and explanations under one change."""
    rules = changed("national-2020", changes)
    projects = [{**given, "ruleset": "R", "project_id": f"P{number}"} for number, given in enumerate(PROJECTS, 1)]
    rows = [*ROWS, indicator("P2", t="5", a="4", w="90", s="72"), *FIGURES]
    result = scored(projects, rows, {"R": rules})
    entries = []
    for row in result.indicators.iloc[: -len(FIGURES)].itertuples(index=False):
        formulas = [f"  {formula}" for formula in row_formulas(row, rules, CELLS) if formula]
        entries.append([*explain_indicator(row, rules).lines(), *formulas])
    for row in result.projects.itertuples(index=False):
        entries.append([*explain_execution(row, rules).lines(), *explain_total(row, rules).lines()])
    entries.append([f"  {execution_formula(rules, 'E8', 'D8', 'H8')}".rstrip()])
    return entries + [[_figures(row)] for row in result.indicators.iloc[-len(FIGURES) :].itertuples(index=False)]


def _figures(row: Any) -> str:
    """One row with what is computed of it."""
    bound = "" if row.target_base2 is None else f"—{row.target_base2}"
    given = f"{row.operator} {row.target_base}{bound}，{row.actual_base}"
    return f"{given} → {row.score} {row.completion_rate} {row.deviation} │ {row.formula}"


def _sections() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"# {}": []}
    for line in WRITTEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            found[line] = []
        else:
            found[list(found)[-1]].append(line)
    return found


@pytest.mark.parametrize("changes", [{}, *CHANGES], ids=str)
def test_formulas_and_explanations_are_those_written_out(changes: dict[str, Any]) -> None:
    """Line by line; the file is what a reviewer reads."""
    assert list(section(changes)) == _sections()[f"# {changes}"]


def test_every_section_is_of_a_change() -> None:
    assert list(_sections()) == [f"# {changes}" for changes in ({}, *CHANGES)]


def test_formula_reads_like_the_rule() -> None:
    rules = changed("national-2020", {})
    row = scored([project()], [indicator(t="200", a="100", w="10")]).indicators.iloc[0]
    formulas = row_formulas(row, rules, Cells("G5", "H5", "J5"))
    assert formulas.score.startswith('=IF(COUNT(G5,H5,J5)<3,"",')
    assert "MIN(J5,ROUND(ROUND(MAX(H5,0)*J5/G5,12),2))" in formulas.score
    assert formulas.deviation.endswith("ROUND((H5-G5)/G5,8)))")


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "qualitative", "operator": "none", "t": "", "a": "", "comparison": "none"},
        {"kind": "date", "t": "", "a": "", "target_date": "2023-09-30", "actual_date": "2023-09-01"},
        {"t": "50", "a": "", "comparison": "none"},
        {"t": "50", "a": "40", "comparison": "dimension"},
    ],
    ids=["定性", "日期", "缺实际", "单位不同"],
)
def test_no_formula_where_there_is_no_arithmetic(given: dict[str, Any]) -> None:
    row = scored([project()], [indicator(w="10", **given)]).indicators.iloc[0]
    assert row_formulas(row, changed("national-2020", {}), Cells("A1", "B1", "C1")) == ("", "", "")


if __name__ == "__main__":
    WRITTEN.write_text("\n".join(written_out()) + "\n", encoding="utf-8", newline="\n")
