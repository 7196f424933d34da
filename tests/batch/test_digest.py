"""Workbooks looked at one after the other give the figures of all of them; lists are cut, counts are not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.batches import batch, finding, indicator, project

from perfbatch.followup.batch import Batch
from perfbatch.model import CheckOutcome, Frames
from perfbatch.totals import lines
from perfbatch.totals.digest import Digest
from perfbatch.totals.sums import Totals

D = Decimal
COUNT = 12


def whole() -> Batch:
    """Twelve projects of three units: executed, unexecuted, short, over, without a score, with findings."""
    projects, rows, found = [], [], []
    for at in range(1, COUNT + 1):
        executed = D(0) if at % 5 == 0 else D(at) if at % 3 else D(10)
        total = None if at == 7 else D(100 - 6 * at)
        unit, category = f"第{at % 3}单位", "" if at == 4 else f"类{at % 2}"
        values = {"unit": unit, "category": category, "executed": executed, "total_declared": total}
        projects.append(project(at, **values))
        done = D(0) if not executed else D(4 * (at % 6))
        figures = {"actual_text": f"{done}个", "actual_value": done, "actual_base": done}
        rows.append(indicator(at, 9, **figures, reason="" if at % 2 else "天气"))
        rows.append(indicator(at, 10))
        found += [finding(at, severity=("error", "warning", "info")[at % 3]), finding(at, "D9", "warning", "IN10")]
    return batch(projects, rows, found, sample=["P0002", "P0010"])


def parts(made: Batch, cuts: list[int]) -> list[Batch]:
    """The batch in pieces of some projects each, with their rows, findings and outcomes."""
    found = []
    for first, after in pairwise([0, *cuts, COUNT]):
        projects = made.frames.projects.iloc[first:after].reset_index(drop=True)
        ids = set(projects["project_id"])
        indicators = made.frames.indicators
        own = indicators[indicators["project_id"].isin(ids)].reset_index(drop=True)
        some = [one for one in made.findings if one.project_id in ids]
        outcome = CheckOutcome("SC06", "unchecked", 0, "无") if first else CheckOutcome("SC06", "found", 4, "")
        frames = Frames(projects, made.frames.funds.iloc[:0], own)
        found.append(replace(made, frames=frames, findings=some, checks=[outcome]))
    return found


def digested(made: Batch, cuts: list[int]) -> Digest:
    digest = Digest({name: ruleset.plain() for name, ruleset in made.rulesets.items()})
    for part in parts(made, cuts):
        digest.add(part.frames, part.findings, part.checks)
    return digest


WHOLE = whole()
ONCE = Totals(digested(WHOLE, []), WHOLE)
LISTS = ("under", "over", "lost", "idle")  # of rows; those of projects are always whole


def figures(made: Totals) -> dict[str, Any]:
    """All figures by name, those of groups as well."""
    of_groups = {name: list(map(vars, getattr(made, name))) for name in ("categories", "origins", "units", "ranking")}
    return vars(made) | of_groups | {name: vars(getattr(made, name)) for name in ("whole", "drawn", "completion")}


@given(st.lists(st.integers(1, COUNT - 1), unique=True).map(sorted))
def test_any_cut_into_workbooks_gives_the_whole(cuts: list[int]) -> None:
    assert figures(Totals(digested(WHOLE, cuts), WHOLE)) == figures(ONCE)


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("cuts", [[], [3, 6, 9], list(range(1, COUNT))])
def test_lists_are_cut_to_the_worst_and_counts_are_not(
    cuts: list[int], limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LISTED", limit)
    short = Totals(digested(WHOLE, cuts), WHOLE)
    assert max(len(getattr(ONCE, name)) for name in LISTS) > limit or limit == 3
    cut = figures(short)
    for name, expected in figures(ONCE).items():
        assert cut[name] == (expected[:limit] if name in LISTS else expected), name


def test_outcomes_are_the_worst_of_all_workbooks() -> None:
    assert digested(WHOLE, [4]).outcomes["SC06"] == CheckOutcome("SC06", "found", 4, "")


def test_late_findings_count_for_their_projects() -> None:
    digest = digested(WHOLE, [5])
    digest.add_late([finding(2, code="XP13"), finding(2, code="XP13", severity="info"), finding(99, code="XP13")])
    now = Totals(digest, WHOLE)
    before, after = ((made.lines[1].errors, made.lines[1].warnings) for made in (ONCE, now))
    assert after == (before[0] + 1, before[1])
    assert (now.severities["error"], now.severities["info"]) == (
        ONCE.severities["error"] + 2, ONCE.severities["info"] + 1,
    )  # fmt: skip
    assert now.whole.errors == ONCE.whole.errors + 1
    assert now.sample[0] == now.lines[1]


def test_the_batch_has_something_to_add_up() -> None:
    assert ONCE.whole.projects == COUNT
    assert len(ONCE.unexecuted) == 2
    assert min(len(getattr(ONCE, kind)) for kind in ("under", "over", "idle")) > 0
    assert len(ONCE.completion.missed) > ONCE.completion.met > 0
    assert ONCE.doubtful == COUNT
    assert len(ONCE.units) == 3


def test_of_many_items_the_serious_stay_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LISTED", 3)
    items = [5, 1, 4, 1, 5, 0]
    assert lines.most_serious(items, lambda item: item) == [1, 1, 0]
    assert lines.most_serious(items[:3], lambda item: item) == [5, 1, 4]
    growing: list[int] = []
    for item in items * 4:
        growing.append(item)
        lines.keep_serious(growing, lambda one: one)
        assert len(growing) <= 6
    assert lines.most_serious(growing, lambda item: item) == [0, 0, 0]
