"""Digests of parts, merged in any grouping, are the digest of the whole; lists are cut, counts are not."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from support.batches import batch, finding, indicator, project

from perfbatch.figures.digest import Digest, digest_of, lines_of
from perfbatch.figures.lines import DEVIATIONS
from perfbatch.figures.totals import findings_in_order
from perfbatch.model import Batch, CheckOutcome, Frames

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
    made = batch(projects, rows)
    made.checks = [CheckOutcome("SC06", "found", COUNT, ""), CheckOutcome("IN10", "passed", 0, "")]
    return replace(made, findings=findings_in_order(replace(made, findings=found)))


def part(made: Batch, first: int, after: int) -> Batch:
    """The projects `first` up to `after` of a batch, with their rows and findings."""
    projects = made.frames.projects.iloc[first:after].reset_index(drop=True)
    ids = set(projects["project_id"])
    indicators = made.frames.indicators
    own = indicators[indicators["project_id"].isin(ids)].reset_index(drop=True)
    found = [one for one in made.findings if one.project_id in ids]
    outcomes = made.checks if first == 0 else [CheckOutcome("SC06", "skipped", 0, "无"), *made.checks[1:]]
    return replace(made, frames=Frames(projects, made.frames.funds.iloc[:0], own), findings=found, checks=outcomes)


def digested(made: Batch, first: int, after: int, limit: int | None) -> Digest:
    some = part(made, first, after)
    return digest_of(some, lines_of(some, first), limit=limit, rows_before=2 * first)


WHOLE = whole()


def plain(digest: Digest) -> dict[str, object]:
    """Everything of a digest that can be compared, without what the outcomes of the parts add."""
    return {one.name: getattr(digest, one.name) for one in fields(digest) if one.name not in ("limit", "outcomes")}


@given(cuts=st.lists(st.integers(1, COUNT - 1), unique=True).map(sorted), left=st.booleans())
def test_any_grouping_gives_the_whole(cuts: list[int], left: bool) -> None:
    bounds = [0, *cuts, COUNT]
    parts = [digested(WHOLE, first, after, None) for first, after in pairwise(bounds)]
    if left:
        merged, *others = parts
        for more in others:
            merged.merge(more)
    else:  # from the right, as a tree may
        merged = parts.pop()
        while parts:
            before = parts.pop()
            before.merge(merged)
            merged = before
    assert plain(merged) == plain(digested(WHOLE, 0, COUNT, None))
    assert merged.outcomes["SC06"] == CheckOutcome("SC06", "found", COUNT, "")


@given(cut=st.integers(1, COUNT - 1), limit=st.integers(1, 5))
def test_lists_are_cut_and_counts_are_not(cut: int, limit: int) -> None:
    short, long = digested(WHOLE, 0, cut, limit), digested(WHOLE, 0, COUNT, None)
    short.merge(digested(WHOLE, cut, COUNT, limit))
    assert short.whole == long.whole
    assert short.codes == long.codes
    lists = [(getattr(short, name), getattr(long, name)) for name in ("lines", "unexecuted", "low")]
    lists += [(short.completion.missed, long.completion.missed)]
    lists += [(short.deviations[kind], long.deviations[kind]) for kind in DEVIATIONS]
    lists += [(short.findings[severity], long.findings[severity]) for severity in long.findings]
    for kept, all_of_them in lists:
        assert kept.whole == all_of_them.whole == len(all_of_them)
        assert kept.items == all_of_them.items[:limit]


def test_the_batch_has_something_to_merge() -> None:
    made = digested(WHOLE, 0, COUNT, None)
    assert made.whole.projects == COUNT
    assert made.unexecuted.whole == 2
    assert min(made.deviations[kind].whole for kind in ("under", "over", "idle")) > 0
    assert made.completion.missed.whole > made.completion.met > 0
    assert made.doubtful == COUNT
    assert len(made.groups["unit"]) == 3
