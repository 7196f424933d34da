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
FORM_BASIS = "河北县级四块自评表栏目"
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


@check(
    "HB01", severity="error", title="折算得分与单项得分、权重占比不符",
    basis=f"{FORM_BASIS}：折算得分＝单项得分×权重占比",
    hint="请按单项得分×权重占比重新计算折算得分。", parameters=("tol_score", "hebei_item_scale"),
    failing="单项得分92、权重占比20%，折算得分18", passing="单项得分92、权重占比20%，折算得分18.4",
)  # fmt: skip
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


@check(
    "HB02", severity="error", title="单项得分填成了分值（应按百分制填写）",
    basis=f"{FORM_BASIS}（百分制为推断，未核原文）",
    hint="请把单项得分改为0到100之间的百分制得分，再折算。", parameters=("hebei_item_scale",),
    failing="单项得分20、权重占比20%，折算得分4", passing="单项得分100、权重占比20%，折算得分20",
)  # fmt: skip
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


@check(
    "HB03", severity="error", title="权重占比合计不等于100%", basis=FORM_BASIS,
    parameters=("tol_points", "total_points"),
    hint="请调整各行权重占比，使合计为100%。", failing="合计95", passing="合计100",
)  # fmt: skip
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


@check(
    "HB04", severity="warning", title="指标分值与权重占比不一致", basis=FORM_BASIS,
    parameters=("tol_points",),
    hint="请核对指标分值和权重占比，使两者一致。", failing="分值15、权重占比20", passing="分值20、权重占比20",
)  # fmt: skip
def points_and_share_apart(ctx: Context) -> Iterator[Hit]:
    """Points and share of a row are both filled and differ, though both describe its part of 100."""
    apart = np.abs(ctx.i["points"] - ctx.i["weight_share"]) > ctx.threshold("indicators", "tol_points") + EPSILON
    yield from ctx.hits(
        "indicators", tally(ctx).rows & apart & ctx.layout("indicators", FORM), cell="cell_points",
        seen="points_text", expected="{weight_share}",
        message="指标分值为{points}，权重占比为{weight_share}%，两者不一致。",
    )  # fmt: skip


@check(
    "HB05", severity="error", title="资金合计与财政资金、其他资金之和不符", basis=FORM_BASIS,
    parameters=("tol_money",),
    hint="请核对预算数、到位数、执行数与财政资金、其他资金。", failing="预算数50＝财政40＋其他5",
    passing="预算数50＝财政45＋其他5",
)  # fmt: skip
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


@check(
    "HB06", severity="warning", title="执行数大于到位数，或到位数大于预算数", basis=FORM_BASIS,
    parameters=("tol_money",),
    hint="请核对预算数、到位数和执行数。", failing="到位20、执行23", passing="到位23、执行23",
)  # fmt: skip
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


@check(
    "HB07", severity="error", title="预算执行进度与执行数、预算数不符",
    basis=f"{FORM_BASIS}：预算执行进度＝执行数÷预算数",
    hint="请按执行数÷预算数重新计算预算执行进度。", parameters=("tol_rate",),
    failing="预算50、执行45，进度95", passing="预算50、执行45，进度90",
)  # fmt: skip
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


@check(
    "HB08", severity="error", title="单项指标完成情况与数值矛盾", basis=FORM_BASIS,
    hint="请核对单项指标完成情况、预期指标值和实际完成值。", failing="≥90 → 70，完成",
    passing="≥90 → 93，完成",
)  # fmt: skip
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


@check(
    "HB09", severity="warning", title="总体完成率与各行完成情况不符", basis=FORM_BASIS,
    hint="请按各行完成情况核对总体完成率。", failing="总体完成率100，有一行未完成", passing="总体完成率96",
)  # fmt: skip
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


@check(
    "HB10", severity="error", title="缺少预算执行率指标，或其数值与资金栏不一致", basis=FORM_BASIS,
    parameters=("tol_rate",),
    hint="请在最后一组填写预算执行率，数值与预算执行进度一致。", failing="指标行85，资金栏90",
    passing="指标行90，资金栏90",
)  # fmt: skip
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


@check(
    "HB11", severity="info", title="同一批次混用“效果指标”和“效益指标”",
    basis="填报实践中常见的问题（无文件条款）",
    hint="请统一一级指标名称。", failing="同一批次既有效果指标又有效益指标", passing="统一使用一种名称",
    scope="batch",
    columns={"indicators": ("level1_text", "cell_level1", "level1")},
)  # fmt: skip
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


@check(
    "HB12", severity="warning", title="系统标红的偏差没有说明",
    basis="一体化系统校验规则（河北模式）：偏差标红须说明",
    hint="请说明该行实际与目标偏差的原因。", parameters=("over_flag_ratio",),
    yields_to=("IN10", "RE01", "RE03", "SC05", "SC06"), failing="=10 → 12，原因空白",
    passing="=10 → 12，已说明原因",
)  # fmt: skip
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


@check(
    "HB13", severity="error", title="金额单位没有填写或不是万元、元", basis=FORM_BASIS,
    hint="请在基本情况中填写金额单位：万元或元。", failing="金额单位空白", passing="金额单位：万元",
)  # fmt: skip
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
