"""XP: projects of one batch against each other: duplicates, lists, scores, names of indicators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from perfbatch.checks.alike import codes, joint, name_key
from perfbatch.checks.context import (
    EPSILON,
    Context,
    Hit,
    Positions,
    number,
)
from perfbatch.checks.register import check
from perfbatch.checks.rows import highest_band, name_of, project_of
from perfbatch.decimals import plain
from perfbatch.notation.units import common


def _place(ctx: Context, at: int) -> str:
    """File, sheet and cell of a project, for a message."""
    parts = [ctx.text("projects", name)[at] for name in ("file", "sheet", "cell")]
    return f"{parts[0]}“{parts[1]}”{parts[2]}"


@check("XP07", scope="batch", columns={"projects": ("total_declared", "cell_total")})
def decimals_differ(ctx: Context) -> Iterator[Hit]:
    """Some totals carry more decimals than the ruleset keeps while others of the batch do not."""
    places = np.array([_decimals(value) for value in ctx.text("projects", "total_declared")], dtype=float)
    limit = ctx.threshold("projects", "total_round")
    many = places > limit
    if (places <= limit).any():
        yield from ctx.hits(
            "projects", many,
            cell=("cell_total", "cell"), seen=lambda r: plain(r.total_declared), limit=limit,
            expected=lambda r: f"{number(r.limit)}位小数",
            message=lambda r: f"{project_of(r)}"
            f"总分{plain(r.total_declared)}的小数位数与其他项目不一致。",
        )  # fmt: skip


def _decimals(value: Any) -> float:
    if value is None:
        return np.nan
    text = plain(value)
    return len(text.partition(".")[2])


@check("XP10", scope="batch", columns={"projects": ("unit", "total_declared")})
def scores_crowd_at_the_top(ctx: Context) -> Iterator[Hit]:
    """Nearly all projects of a unit are in the highest band, or all have the same full score: said of the batch.

    The share is judged only where one project outside the band would already fall below it.
    """
    units, total = joint(codes(ctx, "projects", "unit", name_key)), ctx.p["total_declared"]
    known = ~np.isnan(total)
    high = known & (total >= highest_band(ctx) - EPSILON)
    count, above = units.spread(units.size(known)), units.spread(units.size(high))
    share = ctx.threshold("projects", "share_high")
    crowded = (count * (1 - share) >= 1 - EPSILON) & (above >= share * count - EPSILON)
    top = units.spread(units.size(known & (total == 100)))
    perfect = (top == count) & (count >= ctx.threshold("projects", "copy_min_rows"))
    for at in np.flatnonzero(units.firsts(known & (crowded | perfect))):
        unit = ctx.text("projects", "unit")[at] or "本批次"
        told = f"{unit}{count[at]}个项目中{above[at]}个得分在最高分数段，得分高度集中，建议抽查。"
        yield Hit("book", -1, "", f"{above[at]}/{count[at]}", "", told)


@check(
    "XP11",
    scope="batch",
    columns={"indicators": ("level3", "level2", "level1", "role", "kind", "unit", "direction", "cell_target")},
)
def indicator_defined_differently(ctx: Context) -> Iterator[Hit]:
    """One indicator name is counted in units that cannot be compared, or has opposite directions, in a batch.

    Reported once a name, at the first row that departs from the most frequent definition.
    """
    counted = ctx.role("indicator") & ctx.isin("indicators", "kind", "quantitative")
    counted &= ctx.filled("indicators", "unit")
    counted &= ctx.where("indicators", "level3", lambda text: len(text) > 2)  # 数量, 面积 say nothing
    name = codes(ctx, "indicators", "level3")
    columns = [ctx.distinct("indicators", column)[0] for column in ("unit", "direction")]
    variants, names = joint(name, *columns), joint(name)
    first = variants.first(counted)
    sizes = variants.size(counted)
    by_name: dict[int, list[int]] = {}
    met = np.flatnonzero(first >= 0)
    of = names.codes[first[met]]
    for variant in met[np.bincount(of, minlength=1)[of] > 1]:
        by_name.setdefault(int(names.codes[first[variant]]), []).append(int(variant))
    for found in by_name.values():
        yield from _variant_hits(ctx, sorted(found, key=lambda v: (-sizes[v], first[v])), first)


_DIRECTION = {"positive": "越多越好", "negative": "越少越好"}


def _variant_hits(ctx: Context, variants: list[int], first: Positions) -> Iterator[Hit]:
    unit, direction = ctx.text("indicators", "unit"), ctx.text("indicators", "direction")
    owner = ctx.owner("indicators")
    usual = int(first[variants[0]])
    for variant in variants[1:]:
        at = int(first[variant])
        opposed = {direction[at], direction[usual]} == {"positive", "negative"}
        if owner[at] != owner[usual] and (opposed or common(unit[at], unit[usual]).state == "dimension"):
            place = _place(ctx, int(owner[usual]))
            ways = (_DIRECTION[direction[at]], _DIRECTION[direction[usual]]) if opposed else None
            yield from _variant_hit(ctx, at, ways or (unit[at], unit[usual]), "方向" if ways else "单位", place)
            return


def _variant_hit(ctx: Context, at: int, kinds: tuple[str, str], what: str, place: str) -> Iterator[Hit]:
    """The row `at`, whose unit or direction (`what`) is the first of `kinds`; at `place` it is the second."""
    here, there = kinds
    where = np.zeros(len(ctx.indicators), dtype=bool)
    where[at] = True
    yield from ctx.hits(
        "indicators", where, cell="cell_target", seen=lambda _: here, expected=lambda _: there,
        message=lambda r: f"指标{name_of(r)}在此处{what}为“{here}”，在{place}的项目中为“{there}”，定义不一致。",
    )  # fmt: skip
