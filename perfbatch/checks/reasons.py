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

PLATFORM = "预算管理一体化系统：得分低于分值必须填写偏差原因及改进措施，否则不能保存"
PRACTICE = "自评表“偏差原因分析及改进措施”栏（填报实务）"


def _required(ctx: Context, table: Table, trigger: str) -> Mask:
    """Rows whose ruleset makes a reason mandatory for `trigger`."""
    required: Mask = per_ruleset(ctx, table, "reason_rule", lambda rule: trigger in (rule or ()), bool)
    return required


def _says(ctx: Context, table: Table, column: str, name: str) -> Mask:
    return words.saying(ctx, table, column, name)


@check(
    "RE01", severity="error", title="未达目标（得分低于分值）未填原因",
    basis=PLATFORM,
    hint="填写偏差原因和改进措施。",
    failing="≥40 → 30 │8│6，原因空白", passing="≥40 → 30 │8│6，“雨季停工两月，已顺延”",
    parameters=("reason_rule",), yields_to=("SC07",),
)  # fmt: skip
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


@check(
    "RE02", severity="error", title="表末“偏差大或目标未完成原因分析”未填",
    basis="湖北省项目支出绩效自评表：偏差大或目标未完成的须在表末填写原因分析",
    hint="在表末原因分析栏写明未完成的指标、原因和改进措施。",
    failing="原因分析栏空白，总分88", passing="原因分析栏已填写", parameters=("total_points",),
)  # fmt: skip
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


@check(
    "RE03", severity="warning", title="大幅超额完成未说明原因",
    basis="预算管理一体化系统（广西分支）：实际值达到目标值130%须说明原因",
    hint="在偏差原因栏说明超额完成的原因。",
    failing="≥20场 → 30场，原因空白", passing="≥20场 → 30场，“新增3个村申请”",
    parameters=("over_reason_ratio", "over_zero_target_limit", "over_review_ratio", "reason_rule"),
)  # fmt: skip
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


@check(
    "RE04", severity="warning", title="偏差原因言之无物",
    basis=PRACTICE,
    hint="写清具体原因（时间、环节、数量）和改进措施。",
    failing="│8│6，原因“-”", passing="│8│6，“设备到货晚20天，已催交并扣违约金”",
    parameters=("nil_words", "reason_min_chars"),
)  # fmt: skip
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


@check(
    "RE05", severity="info", title="得满分却填写了偏差原因",
    basis=PRACTICE,
    hint="核对该指标是否确有偏差；没有偏差的删去原因。",
    failing="│6│6，“人数动态变化”", passing="│6│5，“人数动态变化”",
    parameters=("over_flag_ratio", "audit_dev", "reason_rule"),
)  # fmt: skip
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


@check(
    "RE06", severity="info", title="只有原因没有措施（或只有措施没有原因）",
    basis="自评表栏名“偏差原因分析及改进措施”",
    hint="原因和改进措施都要写。",
    failing="“资金未到位”", passing="“资金未到位；已列入明年预算”", parameters=("reason_min_chars",),
)  # fmt: skip
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


@check(
    "RE07", severity="warning", title="偏差原因与数据矛盾",
    basis=PRACTICE,
    hint="核对得分和原因，改正其中不实的一处。",
    failing="“已全部完成”，完成率75%", passing="“设备到货晚20天”，完成率75%",
)  # fmt: skip
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


@check(
    "RE08", severity="warning", title="定性指标未填得失分依据",
    basis="预算管理一体化系统（广西分支）：定性指标必须填写得失分依据",
    hint="写明评分依据，例如检查结果、问卷得分。",
    failing="定性指标│10│9，得失分依据空白", passing="“问卷92分”",
    parameters=("reason_rule",), yields_to=("RE01", "RE04"),
)  # fmt: skip
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


@check(
    "RE09", severity="info", title="执行率偏低的原因没有写在资金部分",
    basis="财预〔2020〕10号（据记忆，未核原文）：执行率低的须单独说明原因和改进措施",
    hint="在预算执行部分（或单独说明中）写明执行率偏低的原因和措施。",
    failing="资金部分空白，"
    "原因只写在指标行", passing="资金部分和报告写明同一原因", parameters=("reason_exec_below",),
)  # fmt: skip
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
