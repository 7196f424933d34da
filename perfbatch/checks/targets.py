"""TG: the self-evaluation against the targets that were approved with the budget (年初批复的绩效目标).

What differs is worked out before the checks run (`perfbatch.cycle`), since the scoring engine and whole forms are
needed for it; a check here says what of it is its own. WT07 is among them.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfbatch.checks.context import Context, Hit, Table
from perfbatch.checks.inputs import given
from perfbatch.checks.register import check

_WHAT = "年初批复的绩效目标表（放在同一文件夹，或用 --targets 指定）"
_COLUMNS: dict[Table, tuple[str, ...]] = {"indicators": ("cell_target",)}


def changes(ctx: Context, code: str, key: str = "targets", what: str = _WHAT) -> Iterator[Hit]:
    """The changes of a check, placed on the rows of the frames; `Skipped` without the input `key`, `what` it is."""
    found = given(ctx, key, what)
    rows = ctx.once("rows by place", lambda: _places(ctx))
    for change in found.of(code):
        project = ctx.project_row.get(change.project_id, -1)
        told = (change.seen, change.expected, change.message, change.severity)
        if change.table == "indicators" and (row := rows.get((change.project_id, change.sheet, change.row), -1)) >= 0:
            yield Hit("indicators", row, change.cell, *told)
        elif change.table != "book" and project >= 0:
            yield Hit("projects", project, change.cell, *told)
        else:
            yield Hit("book", -1, change.cell, *told, sheet=change.sheet, file=change.file)


def _places(ctx: Context) -> dict[tuple[str, str, int], int]:
    columns = (ctx.text("indicators", name) for name in ("project_id", "sheet", "row"))
    return {place: at for at, place in enumerate(zip(*columns, strict=True))}


@check("TG01", scope="batch", columns=_COLUMNS)
def lowered(ctx: Context) -> Iterator[Hit]:
    """A target was lowered or a limit loosened against the approved one, without an adjustment.

    An error where the actual misses the approved target and the row keeps more points than that gives.
    """
    yield from changes(ctx, "TG01")


@check("TG02", scope="batch", columns=_COLUMNS)
def rescored(ctx: Context) -> Iterator[Hit]:
    """The score and grade that a project would have under its approved targets."""
    yield from changes(ctx, "TG02")


@check("TG03", scope="batch", columns=_COLUMNS)
def dropped(ctx: Context) -> Iterator[Hit]:
    """An approved indicator is not on the self-evaluation; a probable rename is asked about."""
    yield from changes(ctx, "TG03")


@check("TG04", scope="batch", columns=_COLUMNS)
def added(ctx: Context) -> Iterator[Hit]:
    """An indicator was added with the self-evaluation; an error where it takes the points of a dropped one."""
    yield from changes(ctx, "TG04")


@check("WT07", scope="batch", columns=_COLUMNS)
def points_moved(ctx: Context) -> Iterator[Hit]:
    """Points differ from the approved ones; an error where they went from a missed indicator to a met one."""
    yield from changes(ctx, "WT07")


@check("TG05", scope="batch", columns=_COLUMNS)
def unusable(ctx: Context) -> Iterator[Hit]:
    """Target sheets of another year or unit, in two versions, or that match nothing: said once, nothing compared."""
    yield from changes(ctx, "TG05")


@check("TG06", scope="batch", columns=_COLUMNS)
def unit_changed(ctx: Context) -> Iterator[Hit]:
    """The unit measures something else than the approved one; the same amount in another scale is nothing."""
    yield from changes(ctx, "TG06")


@check("TG07", scope="batch", columns=_COLUMNS)
def sign_changed(ctx: Context) -> Iterator[Hit]:
    """The sign of a target differs from the approved one, and with it what counts as met."""
    yield from changes(ctx, "TG07")


@check("TG08", scope="batch", columns=_COLUMNS)
def raised(ctx: Context) -> Iterator[Hit]:
    """A target is higher than the approved one."""
    yield from changes(ctx, "TG08")


@check("TG09", scope="batch", columns=_COLUMNS)
def budget_differs(ctx: Context) -> Iterator[Hit]:
    """The initial budget is not the approved one; or the budget changed much while the targets stayed."""
    yield from changes(ctx, "TG09")


@check("TG10", scope="batch", columns=_COLUMNS)
def goal_changed(ctx: Context) -> Iterator[Hit]:
    """The overall goal, or a target in words, reads otherwise than approved; a warning where a figure in it fell."""
    yield from changes(ctx, "TG10")


@check("TG11", scope="batch", columns=_COLUMNS)
def copied(ctx: Context) -> Iterator[Hit]:
    """Actuals repeat the approved targets word for word, though the form states other targets."""
    yield from changes(ctx, "TG11")


@check("TG12", scope="batch", columns=_COLUMNS)
def one_side_only(ctx: Context) -> Iterator[Hit]:
    """An approved project has no self-evaluation, or the reverse in a unit that has approved targets."""
    yield from changes(ctx, "TG12")


@check("TG13", scope="batch", columns=_COLUMNS)
def adjusted_without_reason(ctx: Context) -> Iterator[Hit]:
    """A target was adjusted without a stated reason, or after the year whose result was then known."""
    yield from changes(ctx, "TG13")
