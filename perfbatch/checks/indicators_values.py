"""IN, cells: empty, unreadable or contradictory target and actual cells of an indicator row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from perfbatch.checks import words
from perfbatch.checks.context import EPSILON, Context, Hit, Mask, number
from perfbatch.checks.register import check
from perfbatch.checks.rows import actual_of, name_of, rows, target_of
from perfbatch.notation import fold
from perfbatch.notation.units import common, dimension

_MARKED_NONE = frozenset({"无", "没有", "未发生", "零"})


def _is_none_word(text: str) -> bool:
    return fold(text) in _MARKED_NONE


@check("IN01")
def actual_empty_but_scored(ctx: Context) -> Iterator[Hit]:
    """The actual cell is empty or a nil word although the row has a score above zero.

    The platform refuses to save such a row. A warning where a row with a target has neither actual nor score
    while other rows of its form were filled: one was forgotten, and the total is open. 无 stands for a value
    where something unwanted is counted, so it is let pass unless the target is a positive figure.
    """
    view = rows(ctx)
    a_value = ctx.where("indicators", "actual_text", _is_none_word) & ~(ctx.i["target_value"] > 0)
    bad = view.own & view.place("actual") & ctx.isin("indicators", "actual_kind", "nil") & ~a_value
    yield from ctx.hits(
        "indicators", bad & (ctx.i["score_declared"] > 0),
        cell="cell_actual", seen="actual_text", expected="实际完成值",
        message=lambda r: f"指标{name_of(r)}没有填写实际完成值，却得了{number(r.score_declared)}分。",
    )  # fmt: skip
    filled = ctx.by_project("indicators").any(~ctx.nil("indicators", "actual_text"))
    forgotten = bad & np.isnan(ctx.i["score_declared"]) & ctx.nil("indicators", "score_text")
    forgotten &= ~ctx.nil("indicators", "target_text") & ctx.spread("indicators", filled)
    yield from ctx.hits(
        "indicators", forgotten, cell="cell_actual", seen="actual_text", expected="实际完成值", severity="warning",
        message=lambda r: f"指标{name_of(r)}的目标为“{target_of(r)}”，没有填写实际完成值，本行未自评。",
    )  # fmt: skip


def _no_target(ctx: Context) -> Mask:
    return rows(ctx).own & rows(ctx).place("target") & ctx.isin("indicators", "kind", "nil")


@check("IN02")
def target_empty(ctx: Context) -> Iterator[Hit]:
    """The target cell is empty on a row with points (on a form without points: with an actual)."""
    view = rows(ctx)
    answered = ~view.place("points") & ~ctx.isin("indicators", "actual_kind", "nil")
    yield from ctx.hits(
        "indicators", _no_target(ctx) & (view.scored | answered),
        cell="cell_target", seen="target_text", expected="年度指标值",
        message=lambda r: f"指标{name_of(r)}没有填写年度指标值，无法判断是否完成。",
    )  # fmt: skip


@check("IN03")
def target_inside_label(ctx: Context) -> Iterator[Hit]:
    """The target cell is empty while the indicator's name carries the figure.

    The figure is offered as a suggestion and never used for scoring (LAYOUTS, trap T12).
    """
    bad = _no_target(ctx) & rows(ctx).named("label_target")
    yield from ctx.hits(
        "indicators", bad & (rows(ctx).scored | ctx.filled("indicators", "actual_text")),
        cell="cell_target", seen="target_text", expected=_label_target,
        message=lambda r: f"指标{name_of(r)}的指标值为空，数值“{_label_target(r)}”只写在名称里。",
    )  # fmt: skip


def _label_target(row: Any) -> str:
    found = words.pattern("label_target").search(fold(row.level3))
    return found.group(0) if found else ""


@check("IN04")
def points_typed_as_value(ctx: Context) -> Iterator[Hit]:
    """Target and actual are bare figures equal to points and score: the points were typed as the value.

    A whole number under a name that counts something (…人数, …次数) is let pass: it may well agree.
    """
    view = rows(ctx)
    points, score = ctx.i["points"], ctx.i["score_declared"]
    actual = ctx.i["actual_value"]
    same = (ctx.i["target_value"] == points) & ((actual == points) | (actual == score))
    bare = _bare(ctx, "target_text") & _bare(ctx, "actual_text") & ctx.nil("indicators", "unit_text")
    yield from ctx.hits(
        "indicators", view.scored & same & bare & ~(view.named("count_names") & (points % 1 == 0)),
        cell="cell_target", seen="target_text", expected="指标本身的数值和单位",
        message=lambda r: f"指标{name_of(r)}的指标值{target_of(r)}、"
        f"完成值{actual_of(r)}与分值{number(r.points)}相同"
        "且没有单位，疑似把分值填成了指标值。",
    )  # fmt: skip


def _bare(ctx: Context, column: str) -> Mask:
    return words.saying(ctx, "indicators", column, "bare_number")


@check("IN05")
def sign_on_actual(ctx: Context) -> Iterator[Hit]:
    """The actual cell carries a sign, usually copied from the target: what was really reached is unknown."""
    signed = ctx.isin("indicators", "actual_operator", "ge", "gt", "le", "lt", "eq")
    yield from ctx.hits(
        "indicators", rows(ctx).live & signed & ctx.isin("indicators", "actual_kind", "quantitative"),
        cell="cell_actual", seen="actual_text", expected="不带符号的实际数值",
        message=lambda r: f"指标{name_of(r)}的实际完成值“{actual_of(r)}”带有符号，看不出实际达到多少。",
    )  # fmt: skip


@check("IN06")
def actual_not_a_figure(ctx: Context) -> Iterator[Hit]:
    """A quantitative target is answered by words (完成, 已落实) or a date, or a date by a figure (100%).

    An error where the target is a plain figure and the actual has none; only a warning where the target's
    figure had to be read out of prose, or the actual holds a figure that could not be read.
    """
    view = rows(ctx)
    plain = words.saying(ctx, "indicators", "target_text", "plain_figure")
    worded = ctx.isin("indicators", "actual_kind", "qualitative")
    readable = view.figures & ~ctx.isin("indicators", "actual_status", "ambiguous", "multiple")
    figure = ctx.where("indicators", "actual_text", lambda text: any(c.isdigit() for c in text))
    figure &= ~words.saying(ctx, "indicators", "actual_text", "only_done")
    yield from ctx.hits(
        "indicators", readable & (worded | ctx.isin("indicators", "actual_kind", "date")),
        cell="cell_actual", seen="actual_text", expected="数值",
        message=lambda r: f"指标{name_of(r)}的目标“{target_of(r)}”是数值，实际完成值“{actual_of(r)}”"
        "不是数值，无法比较。",
        severity=lambda r: "error" if r.certain else "warning", certain=plain & worded & ~figure,
    )  # fmt: skip
    dated = view.live & view.readable & ctx.isin("indicators", "kind", "date")
    yield from ctx.hits(
        "indicators", dated & ctx.isin("indicators", "actual_kind", "quantitative"),
        cell="cell_actual", seen="actual_text", expected="完成日期", severity="warning",
        message=lambda r: f"指标{name_of(r)}的目标“{target_of(r)}”是日期，实际完成值“{actual_of(r)}”不是日期，"
        "不能判断是否按期完成。",
    )  # fmt: skip


@check("IN07")
def units_differ(ctx: Context) -> Iterator[Hit]:
    """Target and actual are in units that cannot be compared, or that may not count the same thing.

    An error only where both units are written and measure different things; two count words (人, 户) or a
    unit outside the table are a warning, and so are words that may count different things (场, 次) and a unit on one
    side only that the other side cannot share (500000 beside 50万元). What converts exactly (公里, 米) is no matter.
    """
    view = rows(ctx)
    differ = view.live & view.readable & ctx.isin("indicators", "comparison", "dimension")
    written = ~_bare(ctx, "target_text") | ctx.filled("indicators", "unit_text")
    written &= ~_bare(ctx, "actual_text")
    codes, distinct = _unit_pairs(ctx)
    certain = np.array([_contradict(*pair) for pair in distinct], dtype=bool)[codes] & written
    yield from ctx.hits(
        "indicators", differ,
        cell="cell_actual", seen="actual_text", expected=lambda r: r.unit or r.target_text,
        message=lambda r: f"指标{name_of(r)}的目标“{target_of(r)}”与实际“{actual_of(r)}”"
        "计量单位不同，"
        "不能比较，完成率未计算。",
        severity=lambda r: "error" if r.certain else "warning", certain=certain,
    )  # fmt: skip
    alike = np.array([_other_word(*pair) for pair in distinct], dtype=bool)[codes]
    yield from ctx.hits(
        "indicators", view.compared & alike,
        cell="cell_actual", seen="actual_text", expected=lambda r: r.unit, severity="warning",
        message=lambda r: f"指标{name_of(r)}的目标用“{r.unit}”、实际用“{r.actual_unit}”，按同一单位比较，"
        "请确认是同一种数量。",
    )  # fmt: skip
    for bad, side, other in _one_sided(ctx):
        yield from ctx.hits(
            "indicators", bad & ctx.isin("indicators", "comparison", "none"),
            cell=f"cell_{side}", seen=f"{side}_text", expected=lambda r: r.other, severity="warning",
            other=ctx.text("indicators", f"{other}_text"),
            message=lambda r: f"指标{name_of(r)}的目标“{target_of(r)}”与实际“{actual_of(r)}”只有一侧写了单位，"
            "另一侧按哪个单位读取不能确定，没有比较，完成率未计算。",
        )  # fmt: skip


def _unit_pairs(ctx: Context) -> tuple[np.ndarray[Any, Any], list[tuple[str, str]]]:
    own, units = ctx.distinct("indicators", "unit")
    other, actual_units = ctx.distinct("indicators", "actual_unit")
    pairs, codes = np.unique(own * max(len(actual_units), 1) + other, return_inverse=True)
    return codes, [(units[p // len(actual_units)], actual_units[p % len(actual_units)]) for p in pairs]


def _contradict(unit: str, actual_unit: str) -> bool:
    known = dimension(unit), dimension(actual_unit)
    return "" not in known and known[0] != known[1]


def _other_word(unit: str, actual_unit: str) -> bool:
    """Whether the units are different words that may count different things (场, 次), not periods of one (次/月)."""
    if not unit or not actual_unit or unit == actual_unit:
        return False
    return common(unit, actual_unit).state == "assumed" and ("/" in unit) == ("/" in actual_unit)


@check("IN30")
def two_figures_in_one_cell(ctx: Context) -> Iterator[Hit]:
    """One cell holds several figures (a count and a rate), so that the row cannot be scored by formula.

    Information where the figures are the grades of a ladder: nothing is to be split, but nothing was recomputed.
    """
    live = rows(ctx).live
    graded = words.saying(ctx, "indicators", "target_text", "graded_target")
    target = live & ctx.isin("indicators", "target_status", "multiple")
    actual = live & ctx.isin("indicators", "actual_status", "multiple") & ~target
    for bad, column in ((target, "target"), (actual, "actual")):
        yield from ctx.hits(
            "indicators", bad,
            cell=f"cell_{column}", seen=f"{column}_text", expected="一个数值",
            words=ctx.text("indicators", f"{column}_text"),
            severity=lambda r: "info" if r.graded else "", graded=graded,
            message=lambda r: f"指标{name_of(r)}的"
            + (f"目标“{r.words}”分档填写，得分没有复算，请按所在档次核对。" if r.graded
               else f"单元格“{r.words}”含多个数值，不能自动计算完成率和得分。"),
        )  # fmt: skip


@check("IN32")
def adjusted_target_empty(ctx: Context) -> Iterator[Hit]:
    """The target of the start of the year exists but the adjusted one is empty: the row escapes scoring."""
    yield from ctx.hits(
        "indicators", _no_target(ctx) & ~ctx.nil("indicators", "initial_target"),
        cell="cell_target", seen="target_text", expected=lambda r: r.initial_target,
        message=lambda r: f"指标{name_of(r)}的年初指标值为“{r.initial_target}”，调整后的年度指标值却为空。",
    )  # fmt: skip


_DIGIT = re.compile(r"\d")
# letters, and the signs that are units by themselves: ℃ ㎞ ㎡ ²
_UNIT = re.compile(r"[^\W\d_]|[%‰‱°²³\u2100-\u214f\u3300-\u33ff]")


def _without_unit(text: str) -> bool:
    folded = fold(text)
    return _DIGIT.search(folded) is not None and _UNIT.search(folded) is None


@check("IN33")
def unit_missing_on_one_side(ctx: Context) -> Iterator[Hit]:
    """Only one of target and actual names a unit; the other is read in the same unit by convention."""
    for bad, side, other in _one_sided(ctx):
        yield from ctx.hits(
            "indicators", bad & ~ctx.isin("indicators", "comparison", "none"),
            cell=f"cell_{side}", seen=f"{side}_text", expected=lambda r: r.other,
            other=ctx.text("indicators", f"{other}_text"),
            message=lambda r: f"指标{name_of(r)}的目标“{target_of(r)}”与实际“{actual_of(r)}”"
            "只有一侧写了单位，"
            "按同一单位比较。",
        )  # fmt: skip


def _one_sided(ctx: Context) -> Iterator[tuple[Mask, str, str]]:
    """Readable rows of figures with a unit on one side only: a mask, the side without, the side with it."""
    figures = rows(ctx).figures & ctx.isin("indicators", "actual_kind", "quantitative") & rows(ctx).readable
    figures &= ctx.nil("indicators", "unit_text")
    target, actual = (ctx.where("indicators", f"{side}_text", _without_unit) for side in ("target", "actual"))
    yield figures & target & ~actual, "target", "actual"
    yield figures & actual & ~target, "actual", "target"


@check("IN34")
def comparison_is_assumed(ctx: Context) -> Iterator[Hit]:
    """Target and actual were compared under a documented convention (a bare target, a borrowed unit, a year).

    The direction that a bare target was given is named. A name that does not say which way is better is a question,
    and the row is not scored unless the actual is the target itself. A date stands at the cell that is unclear.
    """
    view = rows(ctx)
    bare = ctx.isin("indicators", "operator", "none")
    open_ = view.compared & bare & ctx.isin("indicators", "direction", "none")
    differs = open_ & (np.abs(ctx.i["actual_base"] - ctx.i["target_base"]) > EPSILON)
    yield from ctx.hits(
        "indicators", differs,
        cell="cell_target", seen="target_text", expected="带≥、≤或＝的指标值", severity="warning",
        message=lambda r: f"指标{name_of(r)}的指标值“{target_of(r)}”没有符号，从名称看不出越多越好还是越少越好，"
        "没有计分，请写明≥或≤。",
    )  # fmt: skip
    told = np.logical_or.reduce([mask for mask, _, _ in _one_sided(ctx)]) & ~bare  # IN33
    yield from ctx.hits(
        "indicators", view.compared & ~differs & ~told & ctx.isin("indicators", "comparison", "assumed"),
        cell="cell_target", seen="target_text", expected="带符号和单位的指标值",
        message=lambda r: f"指标{name_of(r)}按推定的读法比较：{r.notes or '目标没有写明符号'}"
        + (f"；按“{_WAYS[r.direction]}”计分。" if r.operator == "none" and r.direction in _WAYS else "。"),
    )  # fmt: skip
    dated = view.live & ctx.isin("indicators", "kind", "date") & ctx.isin("indicators", "comparison", "assumed")
    early = dated & ctx.where("indicators", "target_date", _late_in_year)
    early &= ctx.where("indicators", "actual_date", _early_in_year)
    early &= ~ctx.where("indicators", "actual_text", _with_year)
    for side, unclear in (("target", np.zeros(len(dated), dtype=bool)), ("actual", early)):
        found = dated & ctx.isin("indicators", f"{side}_status", "assumed") & ctx.filled("indicators", f"{side}_date")
        yield from ctx.hits(
            "indicators", found, cell=f"cell_{side}", seen=f"{side}_text", expected=lambda r: r.day,
            day=ctx.text("indicators", f"{side}_date"), unclear=unclear, words=ctx.text("indicators", f"{side}_text"),
            severity=lambda r: "warning" if r.unclear else "",
            message=lambda r: f"指标{name_of(r)}的时间“{r.words}”按{r.day}理解"
            + ("，如为次年请写明年份。" if r.unclear else "，请核对年份和日期。"),
        )  # fmt: skip


_WAYS = {"positive": "越多越好", "negative": "越少越好"}


def _with_year(text: str) -> bool:
    return _YEAR.search(fold(text)) is not None


def _late_in_year(day: str) -> bool:
    return day[5:7] in {"10", "11", "12"}


def _early_in_year(day: str) -> bool:
    return day[5:7] in {"01", "02", "03"}


_YEAR = re.compile("(?:19|20)[0-9]{2}|[次明来翌下今本当上去]年|[0-9]{2}年")


@check("IN35")
def figure_not_compared(ctx: Context) -> Iterator[Hit]:
    """A target with a digit that nothing was compared with: a grade, a rank, a sentence, an actual of another kind.

    Nothing unread may look checked; where another check says so, this one is silent.
    """
    view = rows(ctx)
    digit = ctx.where("indicators", "target_text", lambda text: _DIGIT.search(fold(text)) is not None)
    compared = ctx.isin("indicators", "comparison", "yes", "assumed")
    yield from ctx.hits(
        "indicators", view.live & digit & ~compared & ~ctx.nil("indicators", "actual_text"),
        cell="cell_target", seen="target_text", expected="符号＋一个数值＋单位",
        message=lambda r: f"指标{name_of(r)}的指标值“{target_of(r)}”含有数字，没有按数值比较"
        + (f"（{r.notes}）" if r.notes else "") + "，请人工核对。",
    )  # fmt: skip
