"""IN, target setting: is the target measurable, in the right group, in the right direction, complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from perfbatch.checks import words
from perfbatch.checks.context import Context, Hit, Mask, number
from perfbatch.checks.register import check
from perfbatch.checks.rows import WHOLE, actual_of, name_of, project_of, rows, target_of
from perfbatch.checks.tally import tally
from perfbatch.notation import fold
from perfbatch.notation.directions import direction_of
from perfbatch.notation.several import change_of
from perfbatch.notation.units import dimension

AUDIT = "审计规则：没有数值、验收标准和佐证的目标不可衡量"


@check("IN08")
def rate_name_with_counts(ctx: Context) -> Iterator[Hit]:
    """An indicator named 率, 比例 or 占比 carries a count, or one named …人数, …数量 carries a percentage."""
    view = rows(ctx)
    counted = ctx.where("indicators", "unit", lambda unit: dimension(unit) not in ("", "share", "time"))
    percent = ctx.isin("indicators", "unit", "%", "‰")
    odd = (view.named("rate_names") & counted, "百分比"), (view.named("count_names") & percent, "数量和单位")
    for bad, wanted in odd:
        yield from ctx.hits(
            "indicators", view.figures & bad,
            cell="cell_target", seen="target_text", expected=wanted,
            message=lambda r: f"指标{name_of(r)}的名称与指标值“{target_of(r)}”"
            "不是同一类数值，请核对。",
        )  # fmt: skip


@check("IN09")
def percent_out_of_range(ctx: Context) -> Iterator[Hit]:
    """A percentage above 100 or below 0 where the whole cannot be exceeded, or a 1 that stands for 100 %.

    Growth and completion rates are on an exception list; a target that no name list covers is only warned of.
    """
    view = rows(ctx)
    changed = ctx.where("indicators", "target_text", lambda text: bool(change_of(text)))
    bounded = view.live & ~view.named("unlimited_percent") & ~changed
    target, actual = ctx.i["target_value"], ctx.i["actual_value"]
    for side, value, unit in (("target", target, "unit"), ("actual", actual, "actual_unit")):
        outside = ctx.isin("indicators", unit, "%") & ((value > WHOLE) | (value < 0))
        yield from ctx.hits(
            "indicators", bounded & outside,
            cell=f"cell_{side}", seen=f"{side}_text", expected="0至100%",
            message=_out_of_range(side),
        )  # fmt: skip
    shared = view.compared & ctx.isin("indicators", "unit", "%") & (actual > 0) & (actual <= 1)
    yield from ctx.hits(
        "indicators", shared & (target > 1) & (actual * WHOLE >= target),
        cell="cell_actual", seen="actual_text", expected=lambda r: f"{number(r.actual_value * 100)}%",
        message=lambda r: f"指标{name_of(r)}的目标为{target_of(r)}，实际填“{actual_of(r)}”，"
        f"疑似应为{number(r.actual_value * 100)}%。",
    )  # fmt: skip


def _out_of_range(side: str) -> Any:
    what = "指标值" if side == "target" else "实际完成值"
    return lambda r: f"指标{name_of(r)}的{what}“{getattr(r, f'{side}_text')}”超出0至100%。"


@check("IN12")
def target_not_measurable(ctx: Context) -> Iterator[Hit]:
    """A qualitative target of vague words (进一步, 有所, 明显提升) without figure or criterion.

    A hint on wording: a method column that states the criterion lets the row pass.
    """
    view = rows(ctx)
    vague = words.saying(ctx, "indicators", "target_text", "vague")
    worded = view.live & ctx.isin("indicators", "kind", "qualitative")
    yield from ctx.hits(
        "indicators", worded & vague & ctx.nil("indicators", "method"),
        cell="cell_target", seen="target_text", expected="数值或可核对的标准",
        message=lambda r: f"指标{name_of(r)}的指标值“{target_of(r)}”没有数值也没有标准，无法衡量是否完成。",
    )  # fmt: skip


@check("IN13")
def actual_copies_target(ctx: Context) -> Iterator[Hit]:
    """The actual repeats a qualitative target word for word, so that it proves nothing."""
    view = rows(ctx)
    worded = view.live & ctx.isin("indicators", "kind", "qualitative")
    worded &= ~words.saying(ctx, "indicators", "target_text", "yes_no")
    at = np.flatnonzero(worded)
    target, actual = ctx.text("indicators", "target_text"), ctx.text("indicators", "actual_text")
    same = np.zeros(len(worded), dtype=bool)
    same[at] = [bool(target[i]) and fold(target[i]) == fold(actual[i]) for i in at]
    yield from ctx.hits(
        "indicators", same,
        cell="cell_actual", seen="actual_text", expected="实际完成情况",
        message=lambda r: f"指标{name_of(r)}的实际完成值与指标值都是“{target_of(r)}”，看不出实际情况。",
    )  # fmt: skip


@check("IN18")
def kinds_missing(ctx: Context) -> Iterator[Hit]:
    """A project has no indicator of a required kind (quality, timeliness, satisfaction …).

    Only forms whose level names could be read are judged; the missing kinds are named in one finding. It is
    information where only kinds are missing that depend on the project (cost, satisfaction), and on a
    fragment, whose lost rows may hold the kind.
    """
    by = ctx.by_project("indicators")
    counted = ctx.role("indicator", "parent", "child")
    required, optional = (ctx.parameter("projects", f"{which}_kinds") for which in ("required", "optional"))
    missing = np.empty(len(ctx.projects), dtype=object)
    missing[:] = [[] for _ in missing]
    for kind, names in _kinds().items():
        there = ctx.isin("indicators", "level2", *names) | ctx.isin("indicators", "level1", *names)
        for at in np.flatnonzero(~by.any(counted & there)):
            if kind in (required[at] or ()):
                missing[at].append(kind)
    classed = by.any(counted & _known_level2(ctx))
    bad = classed & np.array([bool(kinds) for kinds in missing], dtype=bool)
    first = by.first(counted)
    places = ctx.text("indicators", "cell_level1")
    lesser = [set(kinds) <= set(may or ()) for kinds, may in zip(missing, optional, strict=True)]
    lesser = tally(ctx).cut | np.array(lesser, dtype=bool)
    place = np.array([places[row] if row >= 0 else "" for row in first], dtype=object)
    yield from ctx.hits(
        "projects", bad,
        cell=("place", "cell"), expected=lambda r: "、".join(r.missing), missing=missing, place=place,
        severity=lambda r: "info" if r.lesser else "", lesser=lesser,
        message=lambda r: f"{project_of(r)}没有设置{'、'.join(r.missing)}方面的指标。",
    )  # fmt: skip


def _known_level2(ctx: Context) -> Mask:
    return ctx.isin("indicators", "level2", *(name for names in _kinds().values() for name in names))


def _kinds() -> dict[str, list[str]]:
    """Kind → canonical level names that satisfy it."""
    return {kind: names for kind, names in words.table("kinds").items() if kind not in ("for", "source")}


@cache
def _wrong_group(name: str, level2: str) -> str:
    """The group in which an indicator of that name belongs, when `level2` is a wrong one, else ''."""
    folded = re.sub(r"\([^()]*\)", "", fold(name))
    for rule in words.table("group_stems")["rules"]:
        if level2 in rule["wrong"] and re.search(rule["pattern"], folded):
            return str(rule["right"])
    return ""


@check("IN19")
def wrong_group(ctx: Context) -> Iterator[Hit]:
    """An indicator whose name clearly belongs to one kind stands under another (合格率 under 经济效益)."""
    alike = ctx.alike("indicators", "level3", "level2")
    names, groups = ctx.text("indicators", "level3"), ctx.text("indicators", "level2")
    right = np.empty(alike.count, dtype=object)
    right[:] = [_wrong_group(names[at], groups[at]) for at in alike.first(np.ones(len(names), dtype=bool))]
    belongs = alike.spread(right)
    yield from ctx.hits(
        "indicators", rows(ctx).live & (belongs != ""),
        cell=("cell_level3", "cell_level2"), seen="level2", expected=lambda r: r.belongs, belongs=belongs,
        message=lambda r: f"指标{name_of(r)}列在“{r.level2}”下，从名称看应属“{r.belongs}”。",
    )  # fmt: skip


@check("IN20")
def satisfaction_without_survey(ctx: Context) -> Iterator[Hit]:
    """Satisfaction of exactly 100 % or exactly the target while no text of the row names a survey."""
    view = rows(ctx)
    actual = ctx.i["actual_value"]
    percent = ctx.isin("indicators", "actual_unit", "%") & view.compared
    smooth = (actual == WHOLE) | (ctx.i["actual_base"] == ctx.i["target_base"])
    yield from ctx.hits(
        "indicators", view.satisfaction & percent & smooth & ~view.survey,
        cell="cell_actual", seen="actual_text", expected="有调查依据的数值",
        message=lambda r: f"满意度指标{name_of(r)}实际填“{actual_of(r)}”（目标“{target_of(r)}”），"
        "表中没有问卷、样本等调查依据。",
    )  # fmt: skip


@check("IN21")
def satisfaction_target_low(ctx: Context) -> Iterator[Hit]:
    """A satisfaction target below the usual minimum."""
    view = rows(ctx)
    limit = ctx.threshold("indicators", "sat_min")
    low = ctx.isin("indicators", "unit", "%") & (ctx.i["target_value"] < limit)
    upward = ctx.isin("indicators", "direction", "positive", "equal")
    yield from ctx.hits(
        "indicators", view.figures & view.satisfaction & low & upward,
        cell="cell_target", seen="target_text", expected=lambda r: f"≥{number(r.limit)}%", limit=limit,
        message=lambda r: f"满意度指标{name_of(r)}的目标“{target_of(r)}”低于{number(r.limit)}%。",
    )  # fmt: skip


_DOWN = frozenset({"≤", "≦", "<=", "<", "不高于", "不超过", "不大于", "不多于"})
_CLASHES = {(True, "ge"), (True, "gt"), (False, "le"), (False, "lt")}


@cache
def _label_clash(name: str, target: str, sign: str, operator: str) -> str:
    """The sign in the label when it contradicts the sign of the cell, else ''."""
    folded = fold(name)
    template = words.pattern("label_sign").search(folded)
    limit = words.pattern("label_limit").search(folded)
    same = limit is not None and _same_figure(limit.group(2), folded[limit.end() :], fold(target))
    found = template.group(1) if template else limit.group(1) if limit and same else ""
    own = operator if operator != "none" else _written(fold(target)) or _written(fold(sign))
    return found if found and (found in _DOWN, own) in _CLASHES else ""


def _same_figure(figure: str, after: str, target: str) -> bool:
    """Whether the target holds the label's figure, with the same unit where both sides write one."""
    unit = re.match(r"[%‰一-龥]?", after)
    found = re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d.])([%‰一-龥]?)", target)
    return found is not None and unit is not None and len({unit.group(), found.group(1)} - {""}) <= 1


def _written(text: str) -> str:
    if re.match(r"≥|≧|>", text):
        return "ge"
    return "le" if re.match(r"≤|≦|<", text) else ""


@check("IN24")
def label_sign_contradicts(ctx: Context) -> Iterator[Hit]:
    """The sign printed in the label (as a template, or before the same figure) contradicts the cell."""
    hinted = rows(ctx).named("label_sign") | rows(ctx).named("label_limit")
    columns = [ctx.text("indicators", c) for c in ("level3", "target_text", "sign_text", "operator")]
    clash = np.full(len(ctx.indicators), "", dtype=object)
    for at in np.flatnonzero(rows(ctx).live & hinted):
        clash[at] = _label_clash(*(column[at] for column in columns))
    yield from ctx.hits(
        "indicators", clash != "",
        cell="cell_target", seen=target_of, expected=lambda r: r.clash,
        clash=clash,
        message=lambda r: f"指标{name_of(r)}的名称写“{r.clash}”，指标值却是“{target_of(r)}”"
        "，方向相反。",
    )  # fmt: skip


@check("IN25")
def wrong_direction(ctx: Context) -> Iterator[Hit]:
    """≤ where more is better, or ≥ on costs, accidents and complaints: full points come from doing badly.

    Only names whose head says so; a count is questioned where it is of a kind that is a task (培训人数), since many
    counts are also limits (接待批次, 会议次数).
    """
    view = rows(ctx)
    task = ctx.isin("indicators", "unit", "%") | view.named("more_is_better")
    down = view.figures & ctx.isin("indicators", "operator", "le", "lt") & task & ~view.cost
    down &= ~(ctx.isin("indicators", "unit", "%") & (ctx.i["target_value"] >= WHOLE))  # ≤100% forbids nothing good
    up = view.figures & ctx.isin("indicators", "operator", "ge", "gt")
    names = ctx.text("indicators", "level3")
    for signed, way in ((down, "more"), (up, "less")):
        signed[signed] = [direction_of(name) == (way, True) for name in names[signed]]
    for bad, sign in ((down, "≥"), (up, "≤")):
        yield from ctx.hits(
            "indicators", view.figures & bad,
            cell="cell_target", seen=target_of, expected=sign,
            message=lambda r: f"指标{name_of(r)}的指标值为“{target_of(r)}”，"
            "符号方向与指标含义相反。",
        )  # fmt: skip


@check("IN26")
def limit_without_sign(ctx: Context) -> Iterator[Hit]:
    """A cost or limit target is a bare figure: whether less is better has to be assumed."""
    view = rows(ctx)
    bare = ctx.isin("indicators", "operator", "none") & ~np.isnan(ctx.i["target_value"])
    yield from ctx.hits(
        "indicators", view.figures & view.cost & bare & view.named("limit_rows"),
        cell="cell_target", seen="target_text", expected=lambda r: f"≤{target_of(r)}",
        message=lambda r: f"成本类指标{name_of(r)}的指标值“{target_of(r)}”没有写“≤”。",
    )  # fmt: skip


@check("IN27")
def zero_floor(ctx: Context) -> Iterator[Hit]:
    """A floor of zero is met by every result, so the row's points are given away."""
    floor = ctx.isin("indicators", "operator", "ge") & (ctx.i["target_value"] == 0)
    yield from ctx.hits(
        "indicators", rows(ctx).figures & floor,
        cell="cell_target", seen=target_of, expected="大于0的目标，或“=0”",
        message=lambda r: f"指标{name_of(r)}的目标“{target_of(r)}”任何结果都能达到，"
        "完成率无法计算。",
    )  # fmt: skip
