"""The arithmetic checks against a second computation, on free figures: found exactly where it is wrong.

Many forms are drawn, put into one frame and checked at once; what must be found in each is computed here in
plain decimals, row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support import cases

from perfbatch import rulesets
from perfbatch.checks import register
from perfbatch.checks.register import Context

TENTH, CENT = Decimal("0.1"), Decimal("0.01")
RULES = rulesets.load("platform-default")

points = st.decimals(1, 40, places=1)
whole = st.integers(1, 60)


@st.composite
def indicator(draw: st.DrawFn) -> dict[str, Any]:
    """A row ≥T 个 → A 个 with points and a score that is often, but not always, the right one."""
    worth, target, actual = draw(points), draw(whole), draw(whole)
    right = worth if actual >= target else (worth * actual / target).quantize(CENT, ROUND_HALF_UP)
    score = draw(st.sampled_from([right, worth, worth * Decimal("0.5"), right - TENTH, worth + 1]))
    return {"worth": worth, "target": target, "actual": actual, "right": right, "score": max(score, Decimal(0))}


@st.composite
def form(draw: st.DrawFn) -> dict[str, Any]:
    """Indicators, three amounts, a rate and a total, each of them sometimes wrong."""
    rows = draw(st.lists(indicator(), min_size=1, max_size=5))
    parts = draw(st.lists(st.decimals(0, 90, places=2), min_size=2, max_size=2))
    budget = sum(parts) + draw(st.sampled_from([Decimal(0), Decimal(0), CENT, Decimal(3)]))
    executed = draw(st.decimals(0, 60, places=2))
    rate = (executed / budget * 100).quantize(CENT, ROUND_HALF_UP) if budget else None
    printed = rate + draw(st.sampled_from([0, TENTH, Decimal("0.2"), 5])) if rate is not None else None
    total = sum(row["score"] for row in rows) + 9 + draw(st.sampled_from([0, TENTH, Decimal("0.35"), Decimal(2)]))
    return {"rows": rows, "parts": parts, "budget": budget, "executed": executed, "printed": printed, "total": total}


def findings(forms: Sequence[Mapping[str, Any]], *codes: str) -> list[set[tuple[str, str]]]:
    """For each form the (code, cell) pairs found."""
    built = [cases._form(_table(form), "自评表", f"{n}.xlsx") for n, form in enumerate(forms)]
    frames = cases.scored(built, ["platform-default"] * len(built), {"platform-default": RULES})
    context = Context(frames, {"platform-default": RULES})
    found, outcomes = register.run(context, only=frozenset(codes))
    assert {outcome.state for outcome in outcomes} <= {"clear", "found"}
    return [{(f.code, f.cell) for f in found if f.file == f"{n}.xlsx"} for n in range(len(forms))]


def _table(form: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        f"产出指标 │ 数量指标 │ 指标{n} │ ≥{row['target']}个 │ {row['actual']}个 │ {row['worth']} │ {row['score']}"
        for n, row in enumerate(form["rows"])
    ]
    rate = f"{form['printed']}%" if form["printed"] is not None else ""
    first, second = form["parts"]
    funds = [
        f"年度资金总额 │ │ {form['budget']} │ {form['executed']} │ {rate} │ 10 │ 9",
        f"其中：当年财政拨款 │ │ {first} │ │ │ — │ —",
        f"其他资金 │ │ {second} │ │ │ — │ —",
    ]
    return {"rows": lines, "funds": funds, "total": str(form["total"])}


@settings(max_examples=20, deadline=None)
@given(st.lists(form(), min_size=1, max_size=12))
def test_scores_of_rows(forms: list[dict[str, Any]]) -> None:
    """SC01, SC05, SC07 and SC04 share out the wrong scores: one code a row, none on a right one."""
    found = findings(forms, "SC01", "SC04", "SC05", "SC07")
    for form, got in zip(forms, found, strict=True):
        assert got == {wanted for n, row in enumerate(form["rows"], 1) for wanted in _wrong_score(row, f"I{60 + n}")}


def _wrong_score(row: Mapping[str, Any], cell: str) -> set[tuple[str, str]]:
    score, worth, right = row["score"], row["worth"], row["right"]
    wrong = {("SC01", cell)} if score > worth else set()
    if row["actual"] < row["target"] and score >= worth > right:
        return wrong | {("SC05", cell)}
    if row["actual"] >= row["target"] and worth - score > TENTH:
        return wrong | {("SC07", cell)}
    return wrong or ({("SC04", cell)} if abs(score - right) > TENTH else set())


@settings(max_examples=20, deadline=None)
@given(st.lists(form(), min_size=1, max_size=12))
def test_sums_and_rates(forms: list[dict[str, Any]]) -> None:
    """Totals of points, scores and money and the execution rate are reported exactly where they are wrong."""
    found = findings(forms, "WT01", "SC03", "FU01", "FU04")
    for form, got in zip(forms, found, strict=True):
        assert got == set(_wrong_sums(form))


def _wrong_sums(form: Mapping[str, Any]) -> list[tuple[str, str]]:
    worth = sum(row["worth"] for row in form["rows"]) + 10
    scores = sum(row["score"] for row in form["rows"]) + 9
    budget, executed, printed = form["budget"], form["executed"], form["printed"]
    wrong = {
        ("WT01", _cell("total_points")): abs(worth - 100) > CENT,
        ("SC03", _cell("total")): abs(form["total"] - scores) > TENTH,
        ("FU04", "C41"): abs(budget - sum(form["parts"])) > CENT,
        ("FU01", "G41"): printed is not None and abs(executed / budget * 100 - printed) > TENTH,
    }
    return [place for place, is_wrong in wrong.items() if is_wrong]


def _cell(name: str) -> str:
    return cases._named_cell(name).ref
