"""IN, results: target against actual: over-completion, deviations, money, dates and sums of sub-rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from perfbatch.checks import words
from perfbatch.checks.context import EPSILON, Context, Floats, Hit, Mask, Row, number
from perfbatch.checks.register import check
from perfbatch.checks.rows import actual_of, name_of, rows, target_of
from perfbatch.exact import percent, plain
from perfbatch.notation import says_nothing
from perfbatch.notation.units import dimension

AUDIT = "审计规则：实际与目标偏离超过20%为目标偏差"
_RESULT = "cell_actual"


@check("IN10")
def over_completed(ctx: Context) -> Iterator[Hit]:
    """The actual is a multiple of a more-is-better target; from the review ratio on, the target was too low.

    Only a reduction is proposed there, no score is changed: no document states a scale. A reason closes
    the question and leaves information.
    """
    view = rows(ctx)
    flag, review = (ctx.threshold("indicators", f"over_{which}_ratio") for which in ("flag", "review"))
    upward, told = ctx.isin("indicators", "direction", "positive"), explained(ctx)
    least = np.fmin(flag, review)  # either tier may be switched off
    yield from ctx.hits(
        "indicators", upward & (view.ratio >= least - EPSILON),
        cell=_RESULT, seen="actual_text", expected=target_of, ratio=view.ratio, review=review, told=told,
        severity=lambda r: "info" if r.told else "",
        message=lambda r: f"指标{name_of(r)}目标“{target_of(r)}”，实际“{actual_of(r)}”，"
        f"为目标的{number(r.ratio, 2)}倍" + ("，已填写原因。" if r.told else over_remark(r)),
    )  # fmt: skip


def explained(ctx: Context) -> Mask:
    """Rows whose reason, or the form's box for reasons, says something: the question is answered."""
    boxed = ctx.spread("indicators", ~ctx.where("projects", "reason_box", says_nothing))
    answered: Mask = ~rows(ctx).silent | boxed
    return answered


def over_remark(row: Any) -> str:
    """End of a sentence about over-completion: from the review ratio on it questions the target."""
    if row.ratio >= row.review - EPSILON:
        return "，目标值可能明显偏低，建议核对目标并考虑酌减得分。"
    return "，请核对数据并分析原因。"


@check("IN11")
def beyond_audit_limit(ctx: Context) -> Iterator[Hit]:
    """The actual lies farther from the target than the audit rule allows, in either direction.

    Staying far below a ceiling is not a failure, only a sign of a loose target: information. A reason closes the
    question and leaves information.
    """
    view = rows(ctx)
    limit, deviation = ctx.threshold("indicators", "audit_dev"), ctx.i["deviation"]
    far = view.compared & (np.abs(deviation) > limit + EPSILON)
    saved = ctx.isin("indicators", "direction", "negative") & (deviation < 0)
    yield from ctx.hits(
        "indicators", far,
        cell=_RESULT, seen="actual_text", expected=lambda r: f"偏离目标不超过{number(r.limit * 100)}%",
        severity=lambda r: "info" if r.saved or r.told else "", saved=saved, limit=limit, told=explained(ctx),
        message=lambda r: f"指标{name_of(r)}目标“{target_of(r)}”，实际“{actual_of(r)}”，"
        f"偏离{percent(r.deviation)}，超过±{number(r.limit * 100)}%" + ("，已填写原因。" if r.told else "。"),
    )  # fmt: skip


def _budget(ctx: Context) -> Floats:
    """Adjusted budget of each row's project in 万元, else the initial one."""
    adjusted = ctx.p["budget_adjusted"]
    budget: Floats = rows(ctx).spread(np.where(np.isnan(adjusted), ctx.p["budget_initial"], adjusted))
    return budget


def _close(left: Floats, right: Floats, slack: Floats) -> Mask:
    return np.abs(left - right) <= slack + EPSILON


@check("IN14")
def budget_as_quantity(ctx: Context) -> Iterator[Hit]:
    """The budget amount stands as a quantity indicator, which says nothing about output.

    A single cost row that repeats budget and expenditure is information only: it is true but tells nothing.
    """
    view = rows(ctx)
    slack, budget = ctx.threshold("indicators", "tol_money"), _budget(ctx)
    target, actual = view.wan
    unitless = ctx.isin("indicators", "unit", "") & view.figures
    bare = np.where(unitless, ctx.i["target_value"], np.nan)
    amount = ~np.isnan(target) | _close(bare, budget, slack)
    quantity = view.live & ctx.isin("indicators", "level2", "数量指标") & view.named("money_names")
    yield from ctx.hits(
        "indicators", quantity & amount,
        cell="cell_target", seen="target_text", expected="实物产出的数量",
        message=lambda r: f"数量指标{name_of(r)}填的是资金额“{target_of(r)}”，不能反映产出数量。",
    )  # fmt: skip
    spent = view.spread(ctx.p["executed"])
    same = _close(target, budget, slack) & _close(actual, target, slack) & _close(actual, spent, slack)
    only = ctx.by_project("indicators")
    single = only.spread(only.size(view.live & view.cost) == 1)
    yield from ctx.hits(
        "indicators", view.live & view.cost & same & single,
        cell="cell_target", seen="target_text", expected="单位成本或分项成本", severity="info",
        message=lambda r: f"成本指标{name_of(r)}的目标和实际都等于预算数，未反映成本控制情况。",
    )  # fmt: skip


def _project_total(ctx: Context) -> Mask:
    """Money rows that mean the cost of the whole project, by name or by equalling the budget."""
    view = rows(ctx)
    target, _ = view.wan
    slack = ctx.threshold("indicators", "tol_money")
    initial = view.spread(ctx.p["budget_initial"])
    equal = _close(target, _budget(ctx), slack) | _close(target, initial, slack)
    social = ctx.isin("indicators", "level2", "社会成本指标", "生态环境成本指标")
    return view.live & view.cost & ~social & (equal | view.named("project_total_names"))


@check("IN15")
def cost_differs_from_spending(ctx: Context) -> Iterator[Hit]:
    """The actual of a whole-project cost row differs from the money spent according to the fund block."""
    _, actual = rows(ctx).wan
    spent, slack = rows(ctx).spread(ctx.p["executed"]), ctx.threshold("indicators", "tol_money")
    differs = np.abs(actual - spent) > slack + EPSILON
    yield from ctx.hits(
        "indicators", _project_total(ctx) & rows(ctx).readable & differs,
        cell=_RESULT, seen="actual_text", expected=lambda r: f"{number(r.spent)}万元",
        spent=spent, actual=actual,
        message=lambda r: f"成本指标{name_of(r)}实际为{number(r.actual)}万元，"
        f"与全年执行数{number(r.spent)}万元不一致。",
    )  # fmt: skip


@check("IN16")
def cost_ceiling_off_budget(ctx: Context) -> Iterator[Hit]:
    """A cost ceiling far above the budget is no control; below the money spent it is broken.

    The second is asked only of rows that mean the cost of the whole project.
    """
    view = rows(ctx)
    target, _ = view.wan
    budget, spent = _budget(ctx), view.spread(ctx.p["executed"])
    ceiling = view.figures & view.cost & ctx.isin("indicators", "operator", "le", "lt", "eq", "none")
    ceiling &= ~ctx.isin("indicators", "level2", "社会成本指标", "生态环境成本指标")
    above = (budget > 0) & (target > budget * (1 + ctx.threshold("indicators", "cost_gap")) + EPSILON)
    below = _project_total(ctx) & (target < spent - ctx.threshold("indicators", "tol_money") - EPSILON)
    for bad, what, other in ((above, "全年预算数", budget), (below & ~above, "全年执行数", spent)):
        yield from ctx.hits(
            "indicators", ceiling & bad,
            cell="cell_target", seen="target_text", expected=lambda r: f"{number(r.other)}万元",
            target=target, other=other,
            message=lambda r, what=what: f"成本指标{name_of(r)}上限{number(r.target)}万元，"
            ""  # type: ignore[misc]
            f"与{what}{number(r.other)}万元差距过大。",
        )  # fmt: skip


@check("IN22")
def dates_out_of_order(ctx: Context) -> Iterator[Hit]:
    """Finished after the deadline or not at all, due after the year, or done before it.

    That a late row still has all its points is said at its score (SC05).
    """
    view = rows(ctx)
    dated = view.live & view.readable & ctx.isin("indicators", "kind", "date") & ctx.filled("indicators", "target_date")
    done = dated & ctx.filled("indicators", "actual_date")
    late = done & view.late
    yield from ctx.hits(
        "indicators", late,
        cell=_RESULT, seen="actual_text", expected=target_of,
        message=lambda r: f"指标{name_of(r)}要求“{target_of(r)}”，实际“{actual_of(r)}”，已逾期。",
    )  # fmt: skip
    undone = view.live & view.readable & ctx.isin("indicators", "kind", "date") & view.contradicted
    yield from ctx.hits(
        "indicators", undone & view.full,
        cell=_RESULT, seen="actual_text", expected=target_of,
        message=lambda r: f"指标{name_of(r)}要求“{target_of(r)}”，实际“{actual_of(r)}”，没有按期完成。",
    )  # fmt: skip
    year = view.spread(ctx.p["year"])
    after, before = _year_of(ctx, "target_date") > year, _year_of(ctx, "actual_date") < year
    yield from ctx.hits(
        "indicators", dated & ~late & after,
        cell="cell_target", seen="target_text", expected=lambda r: f"{number(r.year)}年内", year=year,
        message=lambda r: f"指标{name_of(r)}的目标时间“{target_of(r)}”晚于{number(r.year)}年度。",
    )  # fmt: skip
    yield from ctx.hits(
        "indicators", done & ~late & ~after & before,
        cell=_RESULT, seen="actual_text", expected=lambda r: f"{number(r.year)}年内",
        severity="info", year=year,
        message=lambda r: f"指标{name_of(r)}的工作在{number(r.year)}年度之前已完成（“{actual_of(r)}”），"
        "本年支付的是以前的款项。",
    )  # fmt: skip


def _year_of(ctx: Context, column: str) -> Floats:
    codes, dates = ctx.distinct("indicators", column)
    return np.array([float(text[:4]) if text else np.nan for text in dates], dtype=float)[codes]


@check("IN23")
def children_do_not_add_up(ctx: Context) -> Iterator[Hit]:
    """At least two sub-rows in the parent's own unit do not add up to the parent, in target or in actual.

    One sub-row may be one part of many, and percentages cannot be added: not judged. Mixed units (只, 头) are
    not added either, but said.
    """
    child = ctx.role("child")
    if not child.any():
        return
    parents = {key: at for at, key in enumerate(_places(ctx, "row"))}
    families: dict[int, list[int]] = {}
    owners = _places(ctx, "parent_row")
    for at in np.flatnonzero(child):
        if owners[at] in parents:
            families.setdefault(parents[owners[at]], []).append(int(at))
    slack = ctx.threshold("indicators", "tol_sum")
    for parent, children in families.items():
        for side in ("target", "actual"):
            yield from _sum_of_children(ctx, parent, children, side, slack[parent])


def _places(ctx: Context, column: str) -> list[tuple[Any, Any, Any]]:
    names = ("project_id", "sheet", column)
    return list(zip(*(ctx.text("indicators", name) for name in names), strict=True))


def _sum_of_children(ctx: Context, parent: int, children: list[int], side: str, slack: float) -> Iterator[Hit]:
    unit = ctx.text("indicators", "unit" if side == "target" else "actual_unit")
    values = ctx.text("indicators", f"{side}_value")
    parts = [values[at] for at in children]
    if len(children) < 2 or values[parent] is None or None in parts or dimension(unit[parent]) in ("", "share"):
        return
    text, cell, name = (ctx.text("indicators", n)[parent] for n in (f"{side}_text", f"cell_{side}", "level3"))
    what = "指标值" if side == "target" else "实际完成值"
    units = {unit[at] for at in (parent, *children)}
    if len(units) > 1:
        message = f"指标“{name}”的{what}{text}，各“其中”行单位不一（{'、'.join(sorted(units))}），合计未核对。"
        yield Hit("indicators", parent, cell, text, "同一单位", message, "info")
        return
    total = sum(parts)
    if abs(float(total - values[parent])) <= slack + EPSILON:
        return
    yield Hit(
        "indicators", parent, cell, text, plain(total) + unit[parent],
        f"指标“{name}”的{what}{text}，"
        f"各“其中”行之和为{plain(total)}{unit[parent]}（{'+'.join(map(plain, parts))}），不相等。",
    )  # fmt: skip


@check("IN28")
def implied_prices_differ(ctx: Context) -> Iterator[Hit]:
    """Cost ÷ quantity of the targets differs from cost ÷ quantity of the actuals: a question, not a verdict.

    Only a missed quantity is paired with a cost that departs from its target (doing as much for less is no
    defect); of several quantities the one whose price changes least is taken, so that one good explanation
    silences the check. A cost that is a price for one already is not divided again.
    """
    view = rows(ctx)
    target, actual = view.wan
    moved = view.compared & (np.abs(ctx.i["target_base"] - ctx.i["actual_base"]) > EPSILON)
    positive = (ctx.i["target_value"] > 0) & (ctx.i["actual_value"] > 0)
    cost = view.cost & moved & positive & ~np.isnan(target) & ~np.isnan(actual)
    cost &= ~words.saying(ctx, "indicators", "level3", "unit_price_names")
    counted = ctx.where("indicators", "unit", lambda unit: dimension(unit) in _QUANTITIES)
    quantity = ctx.isin("indicators", "level2", "数量指标") & view.missed & positive & counted
    owner, limit = ctx.owner("indicators"), ctx.threshold("indicators", "price_dev")
    with_both = ctx.by_project("indicators")
    both = with_both.any(cost) & with_both.any(quantity)
    amounts: dict[int, list[int]] = {}
    for at in np.flatnonzero(quantity & with_both.spread(both)):
        amounts.setdefault(int(owner[at]), []).append(int(at))
    for at in np.flatnonzero(cost & with_both.spread(both)):
        change, other = min((abs(_price_change(ctx, int(at), q)), q) for q in amounts[int(owner[at])])
        if change > limit[at] + EPSILON:
            yield _price_hit(ctx, int(at), other)


_QUANTITIES = ("area", "length", "mass", "volume", "count")
_WAN = 10_000  # 元 in one 万元


def _price_change(ctx: Context, cost: int, quantity: int) -> float:
    """Relative change of the implied price from target to actual."""
    target, actual = rows(ctx).wan
    base_t, base_a = ctx.i["target_base"][quantity], ctx.i["actual_base"][quantity]
    return float((actual[cost] / base_a) / (target[cost] / base_t) - 1)


def _price_hit(ctx: Context, cost: int, quantity: int) -> Hit:
    money, amount = (Row(lambda name: ctx.text("indicators", name), at) for at in (cost, quantity))
    base = ctx.i["target_base"][quantity] / ctx.i["target_value"][quantity]  # common base unit → unit as written
    figures = ctx.i["target_value"][quantity], ctx.i["actual_base"][quantity] / base
    target, actual = (
        f"{number(total[cost] * _WAN / figure, 2)}元/{amount.unit}"
        for total, figure in zip(rows(ctx).wan, figures, strict=True)
    )
    change = number(abs(_price_change(ctx, cost, quantity)) * 100, 1)
    message = (
        f"按目标（{amount.level3}“{target_of(amount)}”、{money.level3}“{target_of(money)}”）折算单价{target}，"
        f"按实际（“{actual_of(amount)}”、“{actual_of(money)}”）折算{actual}，相差{change}%，"
        "请核对两个目标是否按同一价格测算。"
    )
    return Hit("indicators", cost, money.cell_target, target, actual, message)
