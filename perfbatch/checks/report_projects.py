"""RP, projects: names, lists, indicators and problems that the self-evaluation report speaks of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from perfbatch.checks import words
from perfbatch.checks.context import EPSILON, Context, Hit, number
from perfbatch.checks.inputs import named
from perfbatch.checks.register import check
from perfbatch.checks.report_sides import COLUMNS, Sides, sides
from perfbatch.checks.report_text import stated_value, subject
from perfbatch.checks.rows import highest_band, rows
from perfbatch.notation import fold, read_actual, read_target


@check("RP03", scope="batch", columns=COLUMNS)
def completed_with_missed_rows(ctx: Context) -> Iterator[Hit]:
    """The report counts more completed projects than have all their indicators met."""
    both = sides(ctx)
    missed = ctx.by_project("indicators").any(rows(ctx).missed) | (ctx.p["executed"] == 0)
    met = int((both.counted & ~missed).sum())
    completed = both.report.completed
    if completed is not None and completed > met:
        some = "、".join(f"“{both.name(int(at))}”" for at in np.flatnonzero(both.counted & missed)[:5])
        yield both.hit(
            f"{completed}个", f"{met}个",
            f"报告称{completed}个项目完成预期目标，自评表中指标全部达标的只有{met}个（未达标的有{some}等）。",
        )  # fmt: skip


@check("RP04", scope="batch", columns=COLUMNS)
def names_differ(ctx: Context) -> Iterator[Hit]:
    """The report calls a project otherwise than its form, in the list of spot checks or in the narrative."""
    both = sides(ctx)
    said = [item.name for item in both.report.sample]
    said += [name for statement in both.report.statements if (name := subject(statement.text))]
    for name in dict.fromkeys(said):
        if both.find(name) >= 0:
            continue
        at = both.nearest(name)
        other = f"，自评表中相近的是“{both.name(at)}”" if at >= 0 else ""
        yield both.hit(name, both.name(at) if at >= 0 else "", f"报告中的项目名称“{name}”与自评表不一致{other}。")


@check("RP05", scope="batch", columns=COLUMNS)
def unexecuted_differ(ctx: Context) -> Iterator[Hit]:
    """Number or names of the projects without any spending differ between report and tables."""
    both = sides(ctx)
    idle = [int(at) for at in np.flatnonzero(both.counted & (ctx.p["executed"] == 0))]
    count = both.report.unexecuted
    listing = "、".join(f"“{both.name(at)}”" for at in idle[:5])
    if count is not None and count != len(idle):
        yield both.hit(
            f"{count}个", f"{len(idle)}个",
            f"报告称{count}个项目未执行，"
            f"自评表中全年执行数为0的有{len(idle)}个{f'（{listing}）' if idle else ''}。",
        )  # fmt: skip
    for at in idle:
        if not both.report.naming(both.name(at)):
            yield both.hit("", both.name(at), f"项目“{both.name(at)}”全年执行数为0，报告没有提到。", "warning")


@check("RP06", scope="batch", columns=COLUMNS)
def indicators_differ(ctx: Context) -> Iterator[Hit]:
    """A target stated for an indicator, or a figure in its unit beside its project, is not that of the table.

    The first names the indicator and is certain; the second is only tied by unit and therefore a warning.
    """
    both = sides(ctx)
    owner = ctx.owner("indicators")
    live = np.flatnonzero(rows(ctx).figures)
    by_project: dict[int, list[int]] = defaultdict(list)
    for at in live:
        by_project[int(owner[at])].append(int(at))
    for project, members in by_project.items():
        if not both.mentioned[project]:
            continue
        for text in _passages(both, project):
            yield from _stated_targets(both, project, members, text)
            yield from _loose_figures(both, project, members, text)


def _passages(both: Sides, project: int) -> Iterator[str]:
    """The parts of statements that follow a project's name, up to the next 还有 or the end."""
    name = fold(both.name(project))
    for statement in both.report.naming(name):
        if both.counted[project]:
            yield re.split(r";|还有", statement.text[statement.text.index(name) + len(name) :])[0]


def _stated_targets(both: Sides, project: int, members: list[int], text: str) -> Iterator[Hit]:
    ctx = both.ctx
    for at in members:
        name, target = ctx.text("indicators", "level3")[at], ctx.text("indicators", "target_value")[at]
        said = stated_value(text, name) if len(name) > 1 else ""
        reading = read_target(said, name=name) if said else None
        if reading is None or reading.value is None or target is None:
            continue
        unit = ctx.text("indicators", "unit")[at]
        if reading.value != target or (unit and reading.unit != unit):
            table = ctx.text("indicators", "target_text")[at]
            yield both.hit(
                said, table,
                f"报告称项目“{both.name(project)}”指标“{name}”的目标为{said}，自评表为“{table}”。",
            )  # fmt: skip


_FIGURE = re.compile(
    r"(?:只|实际|仅|已|共)?(?:补偿|完成|发放|支付|建成|补助|培训|种植|拨付)了?(\d[\d,]*(?:\.\d+)?)([一-龥]{1,2})"
)


def _loose_figures(both: Sides, project: int, members: list[int], text: str) -> Iterator[Hit]:
    ctx = both.ctx
    units = {ctx.text("indicators", "unit")[at] for at in members} - {""}
    known = {
        (value, ctx.text("indicators", "unit")[at])
        for at in members
        for value in (ctx.text("indicators", "target_value")[at], ctx.text("indicators", "actual_value")[at])
    }
    for found in _FIGURE.finditer(text):
        reading = read_actual(found.group(1) + found.group(2), read_target(""))
        if reading.value is not None and reading.unit in units and (reading.value, reading.unit) not in known:
            yield both.hit(
                found.group(1) + reading.unit, "",
                f"报告称项目“{both.name(project)}”{found.group(0)}，与自评表该项目的指标数据都不相符。"
                "", "warning",
            )  # fmt: skip


@check("RP07", scope="batch", columns=COLUMNS)
def sample_differs(ctx: Context) -> Iterator[Hit]:
    """Amount or number of the spot-checked projects differ from the forms, or from the sample of this run."""
    both = sides(ctx)
    count, listed = both.report.sample_count, both.report.sample
    if count is not None and listed and count != len(listed):
        yield both.hit(f"{count}个", f"{len(listed)}个", f"报告称抽查{count}个项目，列出的是{len(listed)}个。")
    for item in listed:
        at = both.find(item.name)
        own = [ctx.p[column][at] for column in ("executed", "budget_adjusted")] if at >= 0 else []
        slack = float(item.amount.rounding) + float(ctx.setting("tol_money")) + EPSILON
        if own and all(abs(float(item.amount.wan) - value) > slack for value in own):
            yield both.hit(
                item.amount.text, f"{number(own[0])}万元",
                f"报告中抽查项目“{item.name}”为{item.amount.text}，自评表全年执行数{number(own[0])}万元、"
                f"全年预算数{number(own[1])}万元。",
            )  # fmt: skip
    if sample := ctx.extras.get("sample"):
        drawn = {both.name(int(at)) for at in np.flatnonzero(named(ctx, sample) & both.counted)}
        said = {both.name(both.find(item.name)) for item in listed if both.find(item.name) >= 0}
        if listed and drawn != said:
            text = "、".join(sorted(drawn ^ said)[:5])
            yield both.hit("", "", f"报告的抽查项目与本次抽查名单不同：{text}。", "warning")


@check("RP09", scope="batch", columns=COLUMNS)
def problems_differ(ctx: Context) -> Iterator[Hit]:
    """A project with low score and stated problems is not mentioned in the report, or the reverse.

    The reverse: the report speaks of a deviation of a project whose indicators are all met at full points.
    """
    both = sides(ctx)
    high = highest_band(ctx)
    troubled = ~words.saying(ctx, "projects", "problems", "problem_none")
    for at in np.flatnonzero(both.counted & troubled & (both.scores < high - EPSILON)):
        if not both.report.naming(both.name(int(at))):
            yield both.hit(
                "", both.name(int(at)),
                f"项目“{both.name(int(at))}”自评{number(both.scores[at])}分并写有存在问题，报告没有提到。",
            )  # fmt: skip
    clean = ~ctx.by_project("indicators").any(rows(ctx).missed | rows(ctx).short) & (ctx.p["executed"] > 0)
    for at in np.flatnonzero(both.counted & clean & both.mentioned):
        texts = [passage for passage in _passages(both, int(at)) if re.search(r"偏差|扣分|未完成", passage)]
        for text in texts:
            yield both.hit(text[:40], "", f"报告称项目“{both.name(int(at))}”出现偏差，自评表中该项目各指标均已达标。")
