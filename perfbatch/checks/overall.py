"""OV: the department's overall form (部门整体支出绩效自评表), checked as what it is."""

from __future__ import annotations

from collections.abc import Iterator

from perfbatch.checks.context import Context, Hit
from perfbatch.checks.register import check
from perfbatch.checks.targets import changes

_WHAT = "部门整体支出绩效自评表（放在同一文件夹）"


@check("OV01", scope="batch")
def points(ctx: Context) -> Iterator[Hit]:
    """The points do not add up to the total."""
    yield from changes(ctx, "OV01", "overall", _WHAT)


@check("OV02", scope="batch")
def sums(ctx: Context) -> Iterator[Hit]:
    """The total is not the sum of the scores."""
    yield from changes(ctx, "OV02", "overall", _WHAT)


@check("OV03", scope="batch")
def parts(ctx: Context) -> Iterator[Hit]:
    """Basic and project expenditure do not make up the total."""
    yield from changes(ctx, "OV03", "overall", _WHAT)


@check("OV04", scope="batch")
def rate(ctx: Context) -> Iterator[Hit]:
    """The execution rate is not executed ÷ budget."""
    yield from changes(ctx, "OV04", "overall", _WHAT)


@check("OV05", scope="batch")
def scores(ctx: Context) -> Iterator[Hit]:
    """A score above its points; a warning for full points where the target was missed."""
    yield from changes(ctx, "OV05", "overall", _WHAT)


@check("OV06", scope="batch")
def formulas(ctx: Context) -> Iterator[Hit]:
    """A rate that the form's own money determines is stated otherwise."""
    yield from changes(ctx, "OV06", "overall", _WHAT)


@check("OV07", scope="batch")
def projects(ctx: Context) -> Iterator[Hit]:
    """Project expenditure is not the sum of the unit's projects, or the rates lie far apart."""
    yield from changes(ctx, "OV07", "overall", _WHAT)


@check("OV08", scope="batch")
def blanks(ctx: Context) -> Iterator[Hit]:
    """An indicator with points has no result or no score."""
    yield from changes(ctx, "OV08", "overall", _WHAT)
