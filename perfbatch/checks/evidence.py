"""EV, supporting documents: what they say against the form; doubts for a person to look at, never verdicts."""

from __future__ import annotations

from collections.abc import Iterator

from perfbatch.checks.context import Context, Hit, Place, Skipped
from perfbatch.checks.register import check

_NONE = "没有提供佐证资料（--evidence 或输入文件夹中的“佐证资料”），本项未检查"


@check("EV01", scope="batch")
def contradicted(ctx: Context) -> Iterator[Hit]:
    """A document of what was done names the indicator with another figure, and no document has the form's."""
    yield from _doubts(ctx, "EV01")


@check("EV02", scope="batch")
def vouchers(ctx: Context) -> Iterator[Hit]:
    """The vouchers (without any: the invoices) of a project, all understood, do not add up to what was executed."""
    yield from _doubts(ctx, "EV02")


@check("EV03", scope="batch")
def late(ctx: Context) -> Iterator[Hit]:
    """A document dates the very event of a time indicator after its deadline, which the form says was kept."""
    yield from _doubts(ctx, "EV03")


@check("EV04", scope="batch")
def short_roster(ctx: Context) -> Iterator[Hit]:
    """The lists of what an indicator counts have fewer rows, all of them together."""
    yield from _doubts(ctx, "EV04")


@check("EV05", scope="batch")
def used_twice(ctx: Context) -> Iterator[Hit]:
    """A contract, invoice, voucher … of the same content, or an invoice number, stands in two projects."""
    yield from _doubts(ctx, "EV05")


@check("EV06", scope="batch")
def none_found(ctx: Context) -> Iterator[Hit]:
    """Figures that none of the documents of a project states, where all of them were read; once for a project."""
    yield from _doubts(ctx, "EV06")


def _doubts(ctx: Context, code: str) -> Iterator[Hit]:
    """What the documents of the run give for one check, each at the row of its form."""
    papers = ctx.extras.get("papers")
    if papers is None:
        raise Skipped(_NONE)
    found = [doubt for doubt in papers.doubts if doubt.code == code]
    if not found:
        return
    places = zip(*(ctx.text("indicators", name) for name in ("project_id", "sheet", "row")), strict=True)
    rows = {place: at for at, place in enumerate(places)}
    for doubt in found:
        at = rows.get((doubt.project_id, doubt.sheet, doubt.row), -1)
        table: Place = "indicators" if at >= 0 else "projects"
        yield Hit(
            table=table, row=at if at >= 0 else ctx.project_row[doubt.project_id], cell=doubt.cell,
            sheet=doubt.sheet, seen=doubt.seen, expected=doubt.expected, message=doubt.message,
        )  # fmt: skip
