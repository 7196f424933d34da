"""Execution rate, totals, grades and bands: a table of small forms."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.scored import changed, frames, indicator, project, scored

from perfbatch import schema
from perfbatch.model import Frames
from perfbatch.rulesets import load
from perfbatch.scoring import band_names, score

_CASES = tomllib.loads(Path(__file__).with_name("project_cases.toml").read_text(encoding="utf-8"))["case"]


def _assert_project(row: Any, case: dict[str, Any]) -> None:
    for name, wanted in case["expect"].items():
        value = getattr(row, name)
        if schema.PROJECTS[name] == "decimal":
            wanted = Decimal(wanted) if wanted else None
        assert value == wanted, (case["title"], name, value)


@pytest.mark.parametrize("case", _CASES, ids=[case["title"] for case in _CASES])
def test_form_gives_its_totals(case: dict[str, Any]) -> None:
    rules = changed(case.get("ruleset", "national-2020"), case.get("changes", {}))
    result = scored(
        [project(ruleset="R", **case["project"])], [indicator(**row) for row in case.get("rows", ())], {"R": rules}
    )
    (row,) = result.projects.itertuples(index=False)
    _assert_project(row, case)
    assert row.execution_basis


def test_forms_do_not_mix_when_scored_together() -> None:
    """All forms of the table in one frame, rows interleaved, give what each gives alone."""
    projects, rows, rulesets = [], [], {}
    for at, case in enumerate(_CASES):
        rulesets[f"R{at}"] = changed(case.get("ruleset", "national-2020"), case.get("changes", {}))
        projects.append(project(f"P{at}", f"R{at}", **case["project"]))
        rows += [indicator(f"P{at}", **row) for row in case.get("rows", ())]
    shuffled = [rows[at] for at in pd.Series(range(len(rows))).sample(frac=1, random_state=3)]
    result = scored(projects, shuffled, rulesets)
    for row, case in zip(result.projects.itertuples(index=False), _CASES, strict=True):
        _assert_project(row, case)


def test_basis_says_where_the_points_come_from() -> None:
    money = {"budget_adjusted": "60", "executed": "45"}
    printed, default = scored([project("A", execution_points="10", **money), project("B", **money)], []).projects[
        "execution_basis"
    ]
    assert printed == "执行 45 ÷ 全年预算数 60 × 分值 10；执行率 75%（表上分值）"
    assert default == "执行 45 ÷ 全年预算数 60 × 分值 10；执行率 75%（规则集 national-2020 的分值）"


def test_input_frames_are_left_alone_and_empty_frames_are_scored() -> None:
    given = frames([project(total_declared="90")], [indicator(t="50", a="40", w="10")])
    before = given.indicators.copy(deep=True), given.projects.copy(deep=True)
    score(given, {"national-2020": load("national-2020")})
    pd.testing.assert_frame_equal(given.indicators, before[0])
    pd.testing.assert_frame_equal(given.projects, before[1])
    nothing = score(frames([], []), {})
    assert list(nothing.indicators.columns) == list(schema.INDICATORS)
    assert list(nothing.projects.columns) == list(schema.PROJECTS)


def test_frames_cut_out_of_larger_ones_keep_their_rows() -> None:
    """What is computed stands beside its own row, whatever the numbers of the rows; the fund table is handed on."""
    whole = frames(
        [project("A", total_declared="1"), project("B", budget_adjusted="60", executed="45", execution_points="10")],
        [indicator("A", t="50", a="25", w="10"), indicator("B", t="50", a="50", w="90", s="90")],
    )
    part = Frames(whole.projects.iloc[1:], whole.funds, whole.indicators.iloc[1:])
    result = score(part, {"national-2020": load("national-2020")})
    assert result.projects["total_score"].to_dict() == {1: Decimal("97.5")}
    assert result.projects["total_complete"].dtype == bool
    assert result.indicators["score"].to_dict() == {1: Decimal(90)}
    assert result.funds is whole.funds


def test_execution_row_keeps_the_capped_value_unrounded() -> None:
    """More than the budget gives all points; without the cap the value itself, points under it a fraction."""
    row = indicator(role="execution", t="100", a="75", w="10")
    for executed, changes, unrounded in (
        ("90", {}, "10"), ("90", {"exec_cap": False}, "15"), ("45", {}, "7.5"), ("-6", {}, "0"),
    ):  # fmt: skip
        given = project(ruleset="R", budget_adjusted="60", executed=executed)
        result = scored([given], [row], {"R": changed("national-2020", changes)})
        assert result.indicators.iloc[0]["score_unrounded"] == Decimal(unrounded), (executed, changes)


def test_band_names_follow_the_bounds() -> None:
    assert band_names((Decimal(90), Decimal(60))) == ["90+", "60-90", "<60"]
    assert band_names((Decimal("92.5"),)) == ["92.5+", "<92.5"]
