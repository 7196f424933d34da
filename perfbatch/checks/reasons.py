"""RE: is what fell short, or went far beyond, explained, and does the explanation say something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from perfbatch.checks import words
from perfbatch.checks.context import EPSILON, Context, Floats, Hit, Mask, Table, number
from perfbatch.checks.indicators_results import explained, over_remark
from perfbatch.checks.register import check
from perfbatch.checks.rows import actual_of, name_of, per_ruleset, project_of, rows, target_of
from perfbatch.exact import percent
from perfbatch.notation import fold, says_nothing


def _required(ctx: Context, table: Table, trigger: str) -> Mask:
    """Rows whose ruleset makes a reason mandatory for `trigger`."""
    required: Mask = per_ruleset(ctx, table, "reason_rule", lambda rule: trigger in (rule or ()), bool)
    return required


def _says(ctx: Context, table: Table, column: str, name: str) -> Mask:
    return words.saying(ctx, table, column, name)


@check("RE01")
def shortfall_without_reason(ctx: Context) -> Iterator[Hit]:
    """A score below the points and an empty reason cell; the platform refuses to save such a row.

    A form without points (transfer payments) asks for the reason of what was missed all the same: a warning.
    """
    view = rows(ctx)
    blank = ctx.where("indicators", "reason", lambda text: not fold(text))
    pointless = view.live & ~ctx.spread("indicators", ctx.by_project("indicators").any(ctx.i["points"] > 0))
    unmet = view.missed | view.contradicted | view.late | (view.live & view.verdict("missed"))
    yield from ctx.hits(
        "indicators", pointless & unmet & view.place("reason") & ~explained(ctx),
        cell="cell_reason", seen="reason", expected="偏差原因及改进措施", severity="warning",
        message=lambda r: f"指标{name_of(r)}目标“{target_of(r)}”，实际“{actual_of(r)}”，没有完成，也没有填写原因。",
    )  # fmt: skip
    asked = view.short & view.place("reason") & _required(ctx, "indicators", "below_points")
    yield from ctx.hits(
        "indicators", asked & blank,
        cell="cell_reason", seen="reason", expected="偏差原因及改进措施",
        message=lambda r: f"指标{name_of(r)}目标“{target_of(r)}”，实际“{actual_of(r)}”，"
        f"得{number(r.score_declared)}分（分值{number(r.points)}），没有填写原因。",
    )  # fmt: skip


@check("RE02")
def reason_box_empty(ctx: Context) -> Iterator[Hit]:
    """The form's own box for reasons is empty although rows were missed or points were lost.

    Reasons given in a column of the rows themselves count as an answer.
    """
    view, by = rows(ctx), ctx.by_project("indicators")
    box = ctx.filled("projects", "cell_reason_box") & ctx.where("projects", "reason_box", says_nothing)
    lost = ctx.p["total_declared"] < _full_marks(ctx) - EPSILON
    missed = by.any(view.missed) | by.any(view.short)
    answered = by.any(ctx.role("indicator") & ~view.silent)
    yield from ctx.hits(
        "projects", box & (lost | missed) & ~answered,
        cell="cell_reason_box", seen="reason_box", expected="未完成原因分析",
        message=lambda r: f"{project_of(r)}有指标未完成或得分未满"
        f"（总分{number(r.total_declared) or '未填'}），表末原因分析栏却没有填写。",
    )  # fmt: skip


def _full_marks(ctx: Context) -> Floats:
    printed = ctx.p["total_points"]
    return np.where(np.isnan(printed), ctx.threshold("projects", "total_points"), printed)


@check("RE03")
def overshoot_without_reason(ctx: Context) -> Iterator[Hit]:
    """The actual is far above a more-is-better target and nobody says why.

    With a target of zero the ratio is undefined; there a fixed figure stands in for it.
    """
    view = rows(ctx)
    review = ctx.threshold("indicators", "over_review_ratio")
    far = view.ratio >= ctx.threshold("indicators", "over_reason_ratio") - EPSILON
    zero = view.compared & (ctx.i["target_base"] == 0)
    zero &= ctx.i["actual_base"] >= ctx.threshold("indicators", "over_zero_target_limit")
    asked = ctx.isin("indicators", "direction", "positive") & _required(ctx, "indicators", "over_ratio")
    open_ = view.place("reason") & ~explained(ctx)
    yield from ctx.hits(
        "indicators", asked & (far | zero) & open_,
        cell="cell_reason", seen="reason", expected="超额完成的原因", ratio=view.ratio, review=review,
        message=lambda r: f"指标{name_of(r)}目标“{target_of(r)}”，实际“{actual_of(r)}”"
        + (f"，为目标的{number(r.ratio, 2)}倍，"
        f"没有说明原因{over_remark(r)}" if r.ratio > 0 else "，没有说明原因。"),
    )  # fmt: skip


@check("RE04")
def reason_says_nothing(ctx: Context) -> Iterator[Hit]:
    """A row with lost points has a nil word (0, /, 无), template text or a few characters as its reason."""
    view = rows(ctx)
    filled = ctx.where("indicators", "reason", lambda text: bool(fold(text)))
    yield from ctx.hits(
        "indicators", view.short & filled & (view.silent | _brief(ctx)),
        cell="cell_reason", seen="reason", expected="具体原因和改进措施",
        message=lambda r: f"指标{name_of(r)}得{number(r.score_declared)}分（分值{number(r.points)}），"
        f"原因只写了“{r.reason}”，没有说明问题。",
    )  # fmt: skip


def _brief(ctx: Context) -> Mask:
    """Rows whose reason is shorter than the ruleset's minimum."""
    codes, texts = ctx.distinct("indicators", "reason")
    length = np.array([len(fold(text)) for text in texts], dtype=float)[codes]
    short: Mask = length < ctx.threshold("indicators", "reason_min_chars")
    return short


@check("RE05")
def reason_without_shortfall(ctx: Context) -> Iterator[Hit]:
    """A reason for deviation stands beside a full score although the result neither misses nor far exceeds.

    Where the ruleset asks for the grounds of every qualitative score, such rows are meant to be filled.
    """
    view = rows(ctx)
    grounds = ctx.isin("indicators", "kind", "qualitative") & _required(ctx, "indicators", "qualitative")
    over = view.ratio >= ctx.threshold("indicators", "over_flag_ratio") - EPSILON
    far = np.abs(ctx.i["deviation"]) > ctx.threshold("indicators", "audit_dev")
    talk = ~view.silent & ~_says(ctx, "indicators", "reason", "no_deviation") & ~view.survey
    yield from ctx.hits(
        "indicators", view.full & talk & ~(view.missed | over | far | grounds),
        cell="cell_reason", seen="reason",
        message=lambda r: f"指标{name_of(r)}已得满分{number(r.points)}分，"
        f"又填写了偏差原因“{_cut(r.reason)}”，请核对。",
    )  # fmt: skip


def _cut(text: str, length: int = 30) -> str:
    """A quotation for a message."""
    return text if len(text) <= length else text[:length] + "…"


@check("RE06")
def half_an_explanation(ctx: Context) -> Iterator[Hit]:
    """The reason of a shortfall names a cause without a measure, or a measure without a cause.

    A hint by words only; a box for measures at the end of the form counts as the measure.
    """
    view = rows(ctx)
    told = view.short & ~view.silent & ~_brief(ctx)
    cause, measure = (ctx.where("indicators", "reason", test) for test in (_has_cause, _has_measure))
    boxed = ctx.spread("indicators", ~ctx.where("projects", "measures", says_nothing))
    halves = ((told & cause & ~measure & ~boxed, "改进措施"), (told & measure & ~cause, "原因"))
    for bad, lacking in halves:
        yield from ctx.hits(
            "indicators", bad,
            cell="cell_reason", seen="reason", expected=lacking,
            message=lambda r: f"指标{name_of(r)}的偏差说明“{_cut(r.reason)}”只写了一半，"
            "原因和改进措施应当都有。",
        )  # fmt: skip


def _clauses(text: str) -> list[str]:
    return [clause for clause in re.split(r"[,;。]", fold(text)) if clause]


def _has_measure(text: str) -> bool:
    return any(words.says(clause, "measure") for clause in _clauses(text))


def _has_cause(text: str) -> bool:
    """Whether any clause is not merely a measure: causes have too many wordings to be listed."""
    return any(words.says(clause, "cause") or not words.says(clause, "measure") for clause in _clauses(text))


@check("RE07")
def reason_contradicts_figures(ctx: Context) -> Iterator[Hit]:
    """The reason says completed while points are lost, or says unspent while the budget is fully executed."""
    view = rows(ctx)
    yield from ctx.hits(
        "indicators", view.short & _says(ctx, "indicators", "reason", "claims_done"),
        cell="cell_reason", seen="reason",
        message=lambda r: f"指标{name_of(r)}得{number(r.score_declared)}分（分值{number(r.points)}），"
        f"原因却写“{_cut(r.reason)}”，前后矛盾。",
    )  # fmt: skip
    spent = ctx.p["execution_rate"] >= 1 - EPSILON
    yield from ctx.hits(
        "projects", spent & _says(ctx, "projects", "fund_reason", "claims_unspent"),
        cell=("cell_fund_reason", "cell_executed"), seen="fund_reason",
        message=lambda r: f"{project_of(r)}预算执行率{percent(r.execution_rate)}，"
        f"资金说明却写“{_cut(r.fund_reason)}”，前后矛盾。",
    )  # fmt: skip


@check("RE08")
def grounds_missing(ctx: Context) -> Iterator[Hit]:
    """A scored qualitative row without the grounds of its score, where the ruleset asks for them."""
    view = rows(ctx)
    scored = view.scored & ~np.isnan(ctx.i["score_declared"]) & ctx.isin("indicators", "kind", "qualitative")
    asked = view.place("reason") & _required(ctx, "indicators", "qualitative")
    yield from ctx.hits(
        "indicators", scored & asked & view.silent,
        cell="cell_reason", seen="reason", expected="得失分依据",
        message=lambda r: f"定性指标{name_of(r)}得{number(r.score_declared)}分，没有填写得失分依据。",
    )  # fmt: skip


@check("RE09")
def low_execution_explained_elsewhere(ctx: Context) -> Iterator[Hit]:
    """Low execution is explained only in an indicator row, or only in the report, not beside the money.

    Asked only of forms that have a place for it there.
    """
    rate = ctx.p["execution_rate"]
    low = (rate < ctx.threshold("projects", "reason_exec_below") - EPSILON) & _fund_part_silent(ctx)
    low &= ctx.filled("projects", "cell_fund_reason") | ctx.filled("projects", "cell_reason_box")
    money = (
        ~rows(ctx).silent & _says(ctx, "indicators", "reason", "money_reason") & ctx.filled("indicators", "cell_reason")
    )
    first = ctx.by_project("indicators").first(money)
    cells = ctx.text("indicators", "cell_reason")
    elsewhere = np.array([cells[at] if at >= 0 else "" for at in first], dtype=object)
    elsewhere[(elsewhere == "") & low & _explained_in_report(ctx)] = "自评报告"
    yield from ctx.hits(
        "projects", low & (elsewhere != ""),
        cell=("cell_fund_reason", "cell_reason_box"), seen="fund_reason",
        expected="执行率偏低的原因",
        elsewhere=elsewhere,
        message=lambda r: f"{project_of(r)}预算执行率{percent(r.execution_rate)}，"
        f"原因只写在{_where(r.elsewhere)}，资金部分没有说明。",
    )  # fmt: skip


def _explained_in_report(ctx: Context) -> Mask:
    """Projects that a sentence of last report names together with words about money."""
    sentences = [fold(part) for part in re.split(r"[。；\n]", str(ctx.extras.get("report", "")))]
    telling = [sentence for sentence in sentences if words.says(sentence, "money_reason")]
    return ctx.where("projects", "project_name", lambda name: any(name and fold(name) in s for s in telling))


def _fund_part_silent(ctx: Context) -> Mask:
    told = ~ctx.where("projects", "fund_reason", says_nothing) | ~ctx.where("projects", "reason_box", says_nothing)
    return ~told & ~ctx.by_project("funds").any(~ctx.where("funds", "reason", says_nothing))


def _where(place: Any) -> str:
    return str(place) if place == "自评报告" else f"指标行（{place}）"
