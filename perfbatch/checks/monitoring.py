"""MN: the self-evaluation against what was monitored within the year (绩效运行监控表)."""

from __future__ import annotations

from collections.abc import Iterator

from perfbatch.checks.context import Context, Hit, Table
from perfbatch.checks.register import check
from perfbatch.checks.targets import changes

_COLUMNS: dict[Table, tuple[str, ...]] = {"indicators": ("cell_target",)}
_WHAT = "绩效运行监控表（放在同一文件夹，或用 --targets 指定）"


@check("MN01", scope="batch", columns=_COLUMNS)
def fell(ctx: Context) -> Iterator[Hit]:
    """A count, or the money spent, is smaller at the end of the year than it was at monitoring."""
    yield from changes(ctx, "MN01", "monitoring", _WHAT)


@check("MN02", scope="batch", columns=_COLUMNS)
def dated(ctx: Context) -> Iterator[Hit]:
    """The target at monitoring tells when a target was changed: before or after it."""
    yield from changes(ctx, "MN02", "monitoring", _WHAT)


@check("MN03", scope="batch", columns=_COLUMNS)
def judged(ctx: Context) -> Iterator[Hit]:
    """确定能 at monitoring and missed without a reason, or 完全不可能 and full points."""
    yield from changes(ctx, "MN03", "monitoring", _WHAT)


@check("MN04", scope="batch", columns=_COLUMNS)
def copied(ctx: Context) -> Iterator[Hit]:
    """The year's results equal the forecasts of the monitoring form in every row."""
    yield from changes(ctx, "MN04", "monitoring", _WHAT)


@check("MN05", scope="batch", columns=_COLUMNS)
def unexplained(ctx: Context) -> Iterator[Hit]:
    """Doubt about a target, or a count far behind the months, without reason, measure or adjustment."""
    yield from changes(ctx, "MN05", "monitoring", _WHAT)


@check("MN06", scope="batch", columns=_COLUMNS)
def rush(ctx: Context) -> Iterator[Hit]:
    """Spending missed its forecast by far, or came in the last months of the year."""
    yield from changes(ctx, "MN06", "monitoring", _WHAT)


@check("MN07", scope="batch", columns=_COLUMNS)
def unmended(ctx: Context) -> Iterator[Hit]:
    """Something was to be rectified, and neither the form nor the ledger tells of a result."""
    yield from changes(ctx, "MN07", "monitoring", _WHAT)
