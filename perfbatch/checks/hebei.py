"""HB: the four-block form of Hebei counties and the red cells of the platform's Hebei mode."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from perfbatch.checks.context import EPSILON, Context, Hit, Mask, Row, number
from perfbatch.checks.funds import COLUMNS
from perfbatch.checks.register import check
from perfbatch.checks.rows import actual_of, target_of
from perfbatch.checks.rows import rows as shared_rows
from perfbatch.checks.tally import tally
from perfbatch.exact import divide, half_up, percent
from perfbatch.notation import fold

FORM = "F6"
_RULESET = "hebei"
_WHOLE = 100.0
_DONE = ("完成", "已完成", "达成", "全部完成", "超额完成")
_NOT_DONE = ("未完成", "未达成", "没有完成", "部分完成", "部分达成", "基本完成")
_UNITS = ("万元", "元")


def weighed(ctx: Context) -> Mask:
    """Rows of the form that have both a score on the 0–100 scale and a share in percent."""
    found: Mask = tally(ctx).rows & ~np.isnan(ctx.i["item_score"]) & (ctx.i["weight_share"] > 0)
    return found & ctx.layout("indicators", FORM)


def typed_points(ctx: Context) -> Mask:
    """Projects whose item scores are points instead of 0–100: none exceeds its share, each equals it or is folded."""
    return ctx.once("typed points", lambda: _typed_points(ctx))


def shrunk_points(ctx: Context) -> Mask:
    """Projects whose item scores are points multiplied by their share again: no score of them means anything."""
    rows, mine = ctx.by_project("indicators"), weighed(ctx)
    item, share, folded = ctx.i["item_score"], ctx.i["weight_share"], ctx.i["score_declared"]
    reduced = mine & (item > 0) & (np.abs(folded - item * share / _WHOLE) <= EPSILON)
    found: Mask = typed_points(ctx) & rows.any(reduced)
    return found


def _typed_points(ctx: Context) -> Mask:
    rows, mine = ctx.by_project("indicators"), weighed(ctx)
    item, share = ctx.i["item_score"], ctx.i["weight_share"]
    repeated = (np.abs(item - share) <= EPSILON) | (np.abs(ctx.i["score_declared"] - item) <= EPSILON)
    same = mine & repeated & (item <= share + EPSILON) & (share < _WHOLE)
    found: Mask = (rows.size(mine) > 1) & (rows.size(same) == rows.size(mine))
    return found & ~ctx.chosen("projects", "hebei_item_scale", "points")


@check("HB01")
def wrong_folded_score(ctx: Context) -> Iterator[Hit]:
    """The folded score is not item score × share; where points were typed as item scores HB02 reports."""
    item, share = ctx.i["item_score"], ctx.i["weight_share"]
    due = item * share / _WHOLE
    off = np.abs(ctx.i["score_declared"] - due) > ctx.threshold("indicators", "tol_score") + EPSILON
    off &= weighed(ctx) & ~ctx.spread("indicators", typed_points(ctx))
    off &= ctx.chosen("indicators", "hebei_item_scale", "hundred", "auto")
    yield from ctx.hits(
        "indicators", off, cell="cell_score", seen="score_text", due=due, expected="{due}",
        message="折算得分应为单项得分{item_score}×权重占比{weight_share}%＝{due}，填报{score_declared}。",
    )  # fmt: skip


@check("HB02")
def points_as_item_scores(ctx: Context) -> Iterator[Hit]:
    """Every item score equals its share: points were typed where a score of 0–100 belongs.

    Where the folded scores were computed from them (20 × 20 % = 4) the total is certainly wrong; where the
    points were simply repeated the scale itself is in doubt, a warning.
    """
    rows, mine = ctx.by_project("indicators"), weighed(ctx)
    item, share, folded = ctx.i["item_score"], ctx.i["weight_share"], ctx.i["score_declared"]
    reduced = rows.any(mine & (item > 0) & (np.abs(folded - item * share / _WHOLE) <= EPSILON))
    first = rows.firsts(mine & rows.spread(typed_points(ctx)))
    yield from ctx.hits(
        "indicators", first, cell="cell_item_score", seen=lambda r: number(r.item_score),
        expected="0到100的得分",
        severity=lambda r: "" if rows.spread(reduced)[r.at] else "warning",
        message="各行单项得分都不超过权重占比（如{item_score}与{weight_share}%），像是填了分值，没有按百分制填写。",
    )  # fmt: skip


@check("HB03")
def shares_total(ctx: Context) -> Iterator[Hit]:
    """The shares of all rows do not add up to 100; silent while a row has none."""
    rows, share = ctx.by_project("indicators"), ctx.i["weight_share"]
    line = tally(ctx).rows & ctx.layout("indicators", FORM) & ctx.filled("indicators", "cell_weight_share")
    known = rows.any(line & ~ctx.role("execution")) & ~rows.any(line & np.isnan(share) & ~tally(ctx).merged)
    total, whole = rows.sum(share, line), ctx.threshold("projects", "total_points")
    off = known & (np.abs(total - whole) > ctx.threshold("projects", "tol_points") + EPSILON)
    yield from ctx.hits(
        "indicators", rows.firsts(line & rows.spread(off)), cell="cell_weight_share",
        total=rows.spread(total),
        whole=rows.spread(whole), seen=lambda r: number(r.total), expected="{whole}",
        message="各行权重占比合计{total}%，应为{whole}%。",
    )  # fmt: skip


@check("HB04")
def points_and_share_apart(ctx: Context) -> Iterator[Hit]:
    """Points and share of a row are both filled and differ, though both describe its part of 100."""
    apart = np.abs(ctx.i["points"] - ctx.i["weight_share"]) > ctx.threshold("indicators", "tol_points") + EPSILON
    yield from ctx.hits(
        "indicators", tally(ctx).rows & apart & ctx.layout("indicators", FORM), cell="cell_points",
        seen="points_text", expected="{weight_share}",
        message="指标分值为{points}，权重占比为{weight_share}%，两者不一致。",
    )  # fmt: skip


@check("HB05")
def parts_do_not_add_up(ctx: Context) -> Iterator[Hit]:
    """Budget, arrived or executed is not the sum of fiscal and other money."""
    total, sub = ctx.isin("funds", "role", "total"), ctx.isin("funds", "role", "sub")
    blocks = ctx.by_project("funds")
    for name in ("adjusted", "arrived", "executed"):
        values = ctx.f[name]
        unread = sub & np.isnan(values) & ~ctx.nil("funds", f"{name}_text")
        usable = blocks.any(sub & ~np.isnan(values)) & ~blocks.any(unread)
        sums = blocks.spread(blocks.sum(values, sub))
        off = blocks.firsts(total) & ctx.layout("funds", FORM) & blocks.spread(usable)
        off &= np.abs(values - sums) > ctx.threshold("funds", "tol_money") + EPSILON
        title = {**COLUMNS, "adjusted": "预算数", "executed": "执行数"}[name]
        yield from ctx.hits(
            "funds", off, cell=f"cell_{name}", seen=f"{name}_text", sums=sums, expected="{sums}万元",
            message=f"{title}为{{{name}}}万元，财政资金与其他资金之和为{{sums}}万元，两者不符。",
        )  # fmt: skip


@check("HB06")
def more_than_came_in(ctx: Context) -> Iterator[Hit]:
    """More was executed than arrived, or more arrived than was budgeted."""
    slack = ctx.threshold("funds", "tol_money") + EPSILON
    form, f = ctx.layout("funds", FORM), ctx.f
    for name, limit, title, other in (
        ("executed", "arrived", "执行数", "到位数"),
        ("arrived", "adjusted", "到位数", "预算数"),
    ):
        yield from ctx.hits(
            "funds", form & (f[name] > f[limit] + slack), cell=f"cell_{name}", seen=f"{name}_text",
            expected=f"不超过{{{limit}}}万元",
            message=f"“{{source}}”{title}{{{name}}}万元大于{other}{{{limit}}}万元。",
        )  # fmt: skip


@check("HB07")
def wrong_progress(ctx: Context) -> Iterator[Hit]:
    """The printed progress is not executed ÷ budget; right in whole percent is information only."""
    base, executed, printed = ctx.f["adjusted"], ctx.f["executed"], ctx.f["rate_declared"]
    known = (base > 0) & ~np.isnan(executed) & ~np.isnan(printed) & ctx.layout("funds", FORM)
    rate = np.divide(executed, base, out=np.full(len(base), np.nan), where=known)
    off = known & (np.abs(rate - printed) * _WHOLE > ctx.threshold("funds", "tol_rate") + EPSILON)

    def due(row: Row) -> str:
        return percent(divide(row.executed, row.adjusted))

    yield from ctx.hits(
        "funds", off, cell="cell_rate", seen="rate_text", expected=due,
        severity=lambda r: "info" if half_up(divide(r.executed, r.adjusted), 2) == r.rate_declared else "",
        message=lambda r: (
            f"预算执行进度应为执行数{number(r.executed)}÷预算数{number(r.adjusted)}＝{due(r)}，"
            f"表中为{r.rate_text.strip()}。"
        ),
    )  # fmt: skip


@check("HB08")
def verdict_contradicts(ctx: Context) -> Iterator[Hit]:
    """The verdict 完成/未完成 contradicts the comparison of target and actual.

    A warning where a convention was needed to read the figures.
    """
    marks = shared_rows(ctx)
    done, not_done = (ctx.where("indicators", "verdict", partial(_is_word, said)) for said in (_DONE, _NOT_DONE))
    met = marks.compared & ~marks.missed & ~ctx.isin("indicators", "direction", "none", "")
    bad = (done & marks.missed) | (not_done & met)
    yield from ctx.hits(
        "indicators", bad, cell="cell_verdict", seen="verdict", met=met,
        expected=lambda r: "完成" if r.met else "未完成",
        severity=lambda r: "warning" if r.comparison == "assumed" else "",
        message=lambda r: (
            f"目标{target_of(r)}，实际{actual_of(r)}，"
            f"{'已完成' if r.met else '没有完成'}目标，而完成情况填“{r.verdict.strip()}”。"
        ),
    )  # fmt: skip


def _is_word(words: tuple[str, ...], text: str) -> bool:
    return fold(text).rstrip("。") in words


@check("HB09")
def overall_rate_contradicts(ctx: Context) -> Iterator[Hit]:
    """The overall completion says 100 % although a row missed its target, or less although all rows met it."""
    marks, rows = shared_rows(ctx), ctx.by_project("indicators")
    own = tally(ctx).rows & ctx.role("indicator")
    missed = rows.any(marks.missed & own)
    all_met = (rows.size(own) > 0) & (rows.size(own & marks.compared & ~marks.missed) == rows.size(own))
    rate = ctx.p["goal_completion"]
    bad = ((rate >= _WHOLE) & missed) | ((rate < _WHOLE) & all_met)
    yield from ctx.hits(
        "projects", bad, cell=("cell_goal_completion", "cell"), seen=lambda r: number(r.goal_completion),
        missed=missed, message=lambda r: (
            f"总体完成率为{number(r.goal_completion)}%，而"
            + ("有指标没有完成目标。" if r.missed else "各项指标都完成了目标。")
        ),
    )  # fmt: skip


@check("HB10")
def rate_row_wrong(ctx: Context) -> Iterator[Hit]:
    """The last group 预算执行率 is missing on the Hebei form, or its value is not that of block two."""
    rows, execution = ctx.by_project("indicators"), ctx.role("execution")
    form = ctx.layout("projects", FORM) & (rows.size(np.ones(len(execution), dtype=bool)) > 0)
    yield from ctx.hits(
        "projects", form & ~rows.any(execution), cell=("cell_rate", "cell"), expected="预算执行率指标行",
        message="绩效指标中没有“预算执行率”一组。",
    )  # fmt: skip
    rate = ctx.spread("indicators", ctx.p["execution_rate"]) * _WHOLE
    value = ctx.i["actual_value"]
    off = execution & ctx.layout("indicators", FORM) & ctx.isin("indicators", "actual_unit", "%", "")
    off &= np.abs(value - rate) > ctx.threshold("indicators", "tol_rate") + EPSILON
    yield from ctx.hits(
        "indicators", off, cell="cell_actual", seen="actual_text", rate=rate,
        expected=lambda r: f"{number(r.rate, 2)}%",
        message=lambda r: f"预算执行率指标填{r.actual_text.strip()}，资金栏为{number(r.rate, 2)}%，"
        "两处不一致。",
    )  # fmt: skip


@check("HB11", scope="batch", columns={"indicators": ("level1_text", "cell_level1", "level1")})
def mixed_level_names(ctx: Context) -> Iterator[Hit]:
    """One batch calls the same level 1 效果指标 here and 效益指标 there; the first of the rarer is named."""
    form = ctx.layout("indicators", FORM) & ctx.isin("indicators", "level1", "效益指标")
    found = {word: form & ctx.where("indicators", "level1_text", partial(_holds, word)) for word in ("效果", "效益")}
    counts = {word: int(mask.sum()) for word, mask in found.items()}
    if not all(counts.values()):
        return
    rarer = min(counts, key=lambda word: counts[word])
    first = np.zeros(len(form), dtype=bool)
    first[np.flatnonzero(found[rarer])[:1]] = True
    yield from ctx.hits(
        "indicators", first, cell="cell_level1", seen="level1_text",
        message=f"本批自评表一级指标既有“效果指标”（{counts['效果']}行）又有“效益指标”（"
        f"{counts['效益']}行），名称不统一。",
    )  # fmt: skip


def _holds(word: str, text: str) -> bool:
    return word in text


@check("HB12")
def red_without_reason(ctx: Context) -> Iterator[Hit]:
    """A cell the platform's Hebei mode paints red, without an explanation.

    Red: ≥ exceeded by the flag ratio, ≤ exceeded, = different. Forms without a reason column may explain at
    the end of the form.
    """
    marks = shared_rows(ctx)
    hebei = ctx.where("projects", "ruleset", lambda name: name.startswith(_RULESET))
    hebei |= ctx.layout("projects", FORM)
    target, actual = ctx.i["target_base"], ctx.i["actual_base"]
    over = marks.ratio >= ctx.threshold("indicators", "over_flag_ratio")
    over &= ctx.isin("indicators", "direction", "positive")
    above = ctx.isin("indicators", "direction", "negative") & (actual > target + EPSILON)
    other = ctx.isin("indicators", "direction", "equal") & (np.abs(actual - target) > EPSILON)
    told = np.zeros(len(ctx.projects), dtype=bool)
    for column in ("problems", "measures", "reason_box"):
        told |= ~ctx.nil("projects", column)
    boxed = ~ctx.filled("indicators", "cell_reason") & ctx.spread("indicators", told)
    bad = marks.compared & (over | above | other) & marks.silent & ~boxed & ctx.spread("indicators", hebei)
    yield from ctx.hits(
        "indicators", bad, cell=("cell_reason", "cell_actual"), seen="actual_text", expected="说明偏差原因",
        message=lambda r: f"目标{target_of(r)}，实际{actual_of(r)}，系统会标红，没有说明偏差原因。",
    )  # fmt: skip


@check("HB13")
def money_unit_missing(ctx: Context) -> Iterator[Hit]:
    """The field 金额单位 is empty or neither 万元 nor 元, so the amounts of block two cannot be read."""
    stated = ctx.filled("projects", "cell_money_unit")  # a form without the field: FU10 tells how the unit was found
    blank = ~ctx.isin("projects", "money_how", "stated", "")
    other = ~ctx.where("projects", "money_unit", lambda text: fold(text) in _UNITS)
    bad = ctx.layout("projects", FORM) & stated & (blank | other)
    yield from ctx.hits(
        "projects", bad, cell=("cell_money_unit", "cell"), expected="万元或元",
        seen=lambda r: r.money_unit if r.money_how == "stated" else "",
        message=lambda r: (
            f"金额单位“{r.money_unit}”不是万元或元。" if r.money_how == "stated" else "金额单位没有填写。"
        ),
    )  # fmt: skip
