"""IN, repetition inside one project: the same indicator, the same figures, the same words again and again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from perfbatch.checks import words
from perfbatch.checks.alike import codes, joint, repeats
from perfbatch.checks.context import Context, Groups, Hit
from perfbatch.checks.register import check
from perfbatch.checks.rows import actual_of, name_of, rows, target_of


def _grouped(ctx: Context, *columns: str) -> Groups:
    """Rows grouped by project and equal folded texts."""
    return joint(ctx.owner("indicators"), *(codes(ctx, "indicators", column) for column in columns))


@check("IN17")
def duplicate_indicator(ctx: Context) -> Iterator[Hit]:
    """The same name with the same target stands twice in one project, so the result is counted twice."""
    named = ~ctx.nil("indicators", "level3")
    counted = ctx.role("indicator", "parent") & named
    texts = ("level3", "sign_text", "target_text", "unit_text")
    groups = _grouped(ctx, *texts)
    again, first = repeats(groups, counted)
    places = ctx.text("indicators", "cell_level3")
    yield from ctx.hits(
        "indicators", again,
        cell=("cell_level3", "cell_target"), seen="level3", first=places[first],
        message=lambda r: f"指标{name_of(r)}（指标值“{target_of(r)}”）"
        f"与{r.first}处的指标重复。",
    )  # fmt: skip


@check("IN29")
def same_pair_of_values(ctx: Context) -> Iterator[Hit]:
    """Two differently named indicators share target and actual to several digits: rarely by chance."""
    groups = _grouped(ctx, "target_text", "actual_text")
    compared = rows(ctx).compared
    telling = compared & (groups.spread(groups.size(compared)) > 1)
    values, least = ctx.text("indicators", "actual_value"), ctx.threshold("indicators", "same_pair_digits")
    for at in np.flatnonzero(telling):
        telling[at] = _significant(values[at]) >= least[at]
    again, first = repeats(groups, telling)
    names = ctx.text("indicators", "level3")
    earlier = names[first]
    places = ctx.text("indicators", "cell_actual")
    yield from ctx.hits(
        "indicators", again & (names != earlier),
        cell="cell_actual", seen="actual_text", earlier=earlier,
        place=places[first],
        message=lambda r: f"指标{name_of(r)}与“{r.earlier}”（{r.place}）的目标、实际完全相同"
        f"（“{target_of(r)}”→“{actual_of(r)}”）。",
    )  # fmt: skip


def _significant(value: object) -> int:
    """Significant digits of a decimal, trailing zeros not counted."""
    if value is None:
        return 0
    return len(str(value).replace(".", "").replace("-", "").strip("0"))


@check("IN31")
def same_verdict_everywhere(ctx: Context) -> Iterator[Hit]:
    """Nearly every actual of a project is the same verdict word: nothing was measured row by row."""
    by = ctx.by_project("indicators")
    answered = ctx.role("indicator", "child") & ~ctx.isin("indicators", "actual_kind", "nil")
    word = answered & ctx.where("indicators", "actual_text", _is_word)
    groups = _grouped(ctx, "actual_text")
    alike, total = groups.spread(groups.size(word)), by.spread(by.size(answered))
    share, least = (ctx.threshold("indicators", key) for key in ("same_share", "copy_min_rows"))
    bad = word & (total >= least) & (alike >= share * total)
    yield from ctx.hits(
        "indicators", by.firsts(bad),
        cell="cell_actual", seen="actual_text", expected="各指标的实际数值", alike=alike, total=total,
        message=lambda r: f"{r.total}个指标中有{r.alike}个的实际完成值都是“{actual_of(r)}”，"
        "看不出各项实际情况。",
    )  # fmt: skip


def _is_word(text: str) -> bool:
    """Whether a text is words without a figure; 已完成100% is, a bare 100% is a measured value."""
    worded = any(c.isalpha() for c in text)
    return worded and (not any(c.isdigit() for c in text) or words.says(text, "only_done"))
