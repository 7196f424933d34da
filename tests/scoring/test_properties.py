"""What must hold for any figures: bounds, monotony, independence of the order of rows."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scored import changed, indicator, project, scored

from perfbatch.rulesets import load, names

figures = st.decimals(min_value=-50, max_value=500, places=2, allow_nan=False).map(str)
points = st.decimals(min_value=0, max_value=40, places=2, allow_nan=False).map(str)
operators = st.sampled_from(["ge", "gt", "le", "lt", "eq", "none"])
shipped = st.sampled_from(names())
rows = st.lists(st.tuples(operators, figures, figures, points), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(rows=rows, name=shipped)
def test_score_lies_between_zero_and_the_points(rows: list[tuple[str, str, str, str]], name: str) -> None:
    result = scored([project(ruleset=name)], [indicator(operator=o, t=t, a=a, w=w) for o, t, a, w in rows])
    for row in result.indicators.itertuples(index=False):
        assert row.score is None or 0 <= row.score <= row.points, row.formula


@settings(deadline=None, max_examples=60)
@given(
    target=st.integers(min_value=1, max_value=400),
    actuals=st.lists(st.integers(min_value=0, max_value=900), min_size=2, max_size=10),
    operator=st.sampled_from(["ge", "le"]),
    rule=st.sampled_from(["linear", "ratio", "ceiling"]),
)
def test_better_results_never_score_less(target: int, actuals: list[int], operator: str, rule: str) -> None:
    ordered = sorted(actuals, reverse=operator == "le")
    result = scored(
        [project(ruleset="R")],
        [indicator(operator=operator, t=str(target), a=str(actual), w="10") for actual in ordered],
        {"R": changed("national-2020", {"negative_rule": rule})},
    )
    values = list(result.indicators["score"])
    assert values == sorted(values)


@settings(deadline=None, max_examples=40)
@given(rows=rows, seed=st.integers(min_value=0, max_value=99))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[str, str, str, str]], seed: int) -> None:
    made = [indicator(operator=o, t=t, a=a, w=w, row=at) for at, (o, t, a, w) in enumerate(rows)]
    order = pd.Series(range(len(made))).sample(frac=1, random_state=seed)
    straight = scored([project(budget_adjusted="10", executed="7")], made)
    mixed = scored([project(budget_adjusted="10", executed="7")], [made[at] for at in order])
    back = mixed.indicators.sort_values("row", ignore_index=True)
    pd.testing.assert_frame_equal(straight.indicators, back)
    pd.testing.assert_frame_equal(straight.projects, mixed.projects)


@settings(deadline=None, max_examples=80)
@given(
    target=st.integers(min_value=1, max_value=10**7),
    actual=st.integers(min_value=0, max_value=10**7),
    worth=st.integers(min_value=1, max_value=4000),
)
def test_rounding_is_exact_half_up_of_the_true_fraction(target: int, actual: int, worth: int) -> None:
    """Checked against whole-number arithmetic, which knows no precision."""
    weight = Decimal(worth).scaleb(-2)
    row = scored([project()], [indicator(t=str(target), a=str(actual), w=str(weight))]).indicators.iloc[0]
    exact = min(Fraction(actual, target), Fraction(1)) * worth
    assert row["score"] * 100 == (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


@settings(deadline=None, max_examples=40)
@given(values=st.lists(st.decimals(min_value=0, max_value=100, places=2, allow_nan=False), min_size=1, max_size=20))
def test_every_total_falls_in_exactly_one_class(values: list[Decimal]) -> None:
    result = scored([project(f"P{at}", total_declared=str(value)) for at, value in enumerate(values)], [])
    rules = load("national-2020")
    for row in result.projects.itertuples(index=False):
        above = sum(row.total_declared >= bound for bound in rules["grades"])
        assert row.grade == rules["grade_words"][len(rules["grades"]) - above]
        assert row.band in ("90+", "60-90", "<60")
