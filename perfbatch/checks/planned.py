"""TS: target sheets alone (绩效目标表), before there is any self-evaluation."""

from __future__ import annotations

from collections.abc import Iterator

from perfbatch.checks.context import Context, Hit
from perfbatch.checks.register import check
from perfbatch.checks.targets import changes

_WHAT = "只有绩效目标表（没有自评表）的文件夹"


@check("TS01", scope="batch")
def complete(ctx: Context) -> Iterator[Hit]:
    """Name, budget, goal, indicators or targets are missing."""
    yield from changes(ctx, "TS01", "planned", _WHAT)


@check("TS02", scope="batch")
def measurable(ctx: Context) -> Iterator[Hit]:
    """A target that nobody can measure afterwards."""
    yield from changes(ctx, "TS02", "planned", _WHAT)


@check("TS03", scope="batch")
def signed(ctx: Context) -> Iterator[Hit]:
    """A figure without sign or unit."""
    yield from changes(ctx, "TS03", "planned", _WHAT)


@check("TS04", scope="batch")
def points(ctx: Context) -> Iterator[Hit]:
    """The points do not add up, or a row has none."""
    yield from changes(ctx, "TS04", "planned", _WHAT)


@check("TS05", scope="batch")
def deadline(ctx: Context) -> Iterator[Hit]:
    """A deadline outside the year."""
    yield from changes(ctx, "TS05", "planned", _WHAT)


@check("TS06", scope="batch")
def cost(ctx: Context) -> Iterator[Hit]:
    """A limit of the whole cost above the budget."""
    yield from changes(ctx, "TS06", "planned", _WHAT)


@check("TS07", scope="batch")
def kinds(ctx: Context) -> Iterator[Hit]:
    """A kind of indicator that a project needs is missing."""
    yield from changes(ctx, "TS07", "planned", _WHAT)


@check("TS08", scope="batch")
def copied(ctx: Context) -> Iterator[Hit]:
    """Indicators repeated, or copied from another project as a whole."""
    yield from changes(ctx, "TS08", "planned", _WHAT)


@check("TS09", scope="batch")
def before(ctx: Context) -> Iterator[Hit]:
    """A target below what was reached last year."""
    yield from changes(ctx, "TS09", "planned", _WHAT)
