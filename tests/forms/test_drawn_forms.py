"""Every form family, drawn in `tests/forms/drawn`, is read to the cell; a derived invalid adds its findings only."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import drawing
from support.reading import frames_of

from perfbatch.config import Settings
from perfbatch.model import Finding
from perfbatch.pipeline import process_workbook

FAMILIES = drawing.families()
HEAD = (
    "layout", "project_name", "project_code", "department", "unit", "year", "category", "goal_expected", "goal_actual",
    "grade_declared", "conclusion", "problems", "measures", "reason_box", "fund_reason",
)  # fmt: skip
FIGURES = (
    "budget_initial", "budget_adjusted", "arrived", "executed", "left_over", "total_declared",
    "execution_score_declared",
)  # fmt: skip


def written(family: str, folder: Path, edits: dict[str, str] | None = None) -> Path:
    document = drawing.load(family)
    sheet = drawing.parse(document["grid"]).edited(edits or {})
    return drawing.write(folder / f"{family}.xlsx", {"自评表": sheet})


@pytest.mark.parametrize("family", FAMILIES)
def test_head_and_money(family: str, tmp_path: Path) -> None:
    expected = drawing.load(family)["expect"]
    frames = frames_of(written(family, tmp_path))
    assert len(frames.projects) == 1
    project = frames.projects.iloc[0]
    assert {k: project[k] for k in HEAD if k in expected} == {k: expected[k] for k in HEAD if k in expected}
    for name in FIGURES:
        if name in expected:
            assert project[name] == Decimal(expected[name]), name
    assert len(frames.funds) == expected["funds"]


@pytest.mark.parametrize("family", FAMILIES)
def test_indicators_verbatim_at_their_rows(family: str, tmp_path: Path) -> None:
    expected = drawing.load(family)["expect"]
    rows = frames_of(written(family, tmp_path)).indicators
    columns = ["level1", "level2", "level3", "target_text", "actual_text", "points_text", "score_text", "row"]
    assert rows[columns].values.tolist() == expected["indicators"]


@pytest.mark.parametrize("family", FAMILIES)
def test_sign_value_and_unit_parsed(family: str, tmp_path: Path) -> None:
    expected = drawing.load(family)["expect"].get("parsed", [])
    rows = frames_of(written(family, tmp_path)).indicators
    got = [
        [row.operator, _plain(row.target_value), row.unit, _plain(row.actual_value), row.actual_unit]
        for row in rows.head(len(expected)).itertuples()
    ]
    assert got == expected


def _plain(value: Decimal | None) -> str:
    return "" if value is None else str(value)


@pytest.mark.parametrize("family", FAMILIES)
def test_cells_lead_back_to_the_sheet(family: str, tmp_path: Path) -> None:
    """Each value of an indicator stands, verbatim, in the cell the frame names."""
    cells = drawing.parse(drawing.load(family)["grid"]).cells
    by_ref = {f"{drawing.a1(row, column)}": text for (row, column), text in cells.items()}
    for row in frames_of(written(family, tmp_path)).indicators.itertuples():
        for name in ("target", "actual", "points", "score"):
            ref = getattr(row, f"cell_{name}")
            if ref:
                assert by_ref.get(ref, "") == getattr(row, f"{name}_text")


def found(path: Path) -> list[Finding]:
    result = process_workbook(path, path.name, Settings())
    assert result.status == "ok", result.traceback or result.reason
    assert [c for c in result.checks if c.state == "errored"] == []
    return result.findings


def cases() -> list[Any]:
    return [
        pytest.param(family, case["edit"], case["expect"], id=f"{family}-{case['why']}")
        for family in FAMILIES
        for case in drawing.load(family).get("derived", [])
    ]


@pytest.fixture(scope="module")
def parents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """The findings of every family's clean form."""
    folder = tmp_path_factory.mktemp("clean")
    return {family: found(written(family, folder)) for family in FAMILIES}


@pytest.mark.parametrize(("family", "edit", "expect"), cases())
def test_derived_invalid(
    family: str, edit: dict[str, str], expect: list[list[str]], parents: dict[str, list[Finding]], tmp_path: Path
) -> None:
    """One edit of a clean form adds exactly the named findings, of every severity, at exactly these cells."""
    before = {(f.code, f.cell) for f in parents[family]}
    after = {(f.code, f.cell): f.message for f in found(written(family, tmp_path, edit))}
    added = {place: message for place, message in after.items() if place not in before}
    assert set(added) == {tuple(pair) for pair in expect}, added


@pytest.mark.parametrize("family", FAMILIES)
def test_clean_form_has_no_error_and_no_warning(family: str, parents: dict[str, list[Finding]]) -> None:
    raised = [(f.code, f.cell, f.message) for f in parents[family] if f.severity != "info"]
    assert raised == []


@pytest.mark.parametrize("family", FAMILIES)
def test_derived_invalids_are_many_and_mixed(family: str) -> None:
    """At least four for every layout, of at least four families of checks."""
    derived = drawing.load(family)["derived"]
    assert len({code[:2] for case in derived for code, _ in case["expect"]}) >= 4


def test_year_in_numerals_is_the_year_of_the_form(tmp_path: Path) -> None:
    """（二〇二三年度） reads like （2023年度）, and dates without a year are of that year."""
    edits = {"A2": "（二〇二三年度）", "E17": "12月底前"}
    frames = frames_of(written("F1", tmp_path, edits))
    assert frames.projects["year"].tolist() == [2023]
    assert "2023-12-31" in frames.indicators["target_date"].tolist()


def test_dates_of_a_form_without_year_are_of_the_year_of_the_run(tmp_path: Path) -> None:
    """Without one they cannot be read; what the user states is not printed on the form and stays asked for."""
    path = written("F1", tmp_path, {"A2": "", "E17": "12月底前"})
    without = process_workbook(path, "表.xlsx", Settings())
    given = process_workbook(path, "表.xlsx", Settings(year=2023))
    assert without.frames is not None and given.frames is not None
    assert ("ST09", "E17") in {(f.code, f.cell) for f in without.findings}
    assert ("ST09", "E17") not in {(f.code, f.cell) for f in given.findings}
    assert "2023-12-31" in given.frames.indicators["target_date"].tolist()
    assert given.frames.projects["year"].isna().all()
