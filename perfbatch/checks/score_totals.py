"""SC, second part: totals and grade, thresholds and special columns, roundings within a form."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from perfbatch.checks import words
from perfbatch.checks.context import EPSILON, Context, Floats, Hit, Mask, Row, number
from perfbatch.checks.register import check
from perfbatch.checks.rows import rows as shared_rows
from perfbatch.checks.tally import LISTS, WITH_TOTAL_ROW, tally
from perfbatch.exact import half_up
from perfbatch.notation import fold

_WHOLE = 100.0
_SCORES_ONLY = ("F5",)  # the Hubei form has no points column
# grade words as clerks write them → place in the ruleset's `grade_words`, best first
_GRADE_PLACE = {
    "优": 0, "优秀": 0, "良": 1, "良好": 1, "中": 2, "中等": 2, "一般": 2, "合格": 2, "及格": 2,
    "差": 3, "较差": 3, "不合格": 3, "不及格": 3,
}  # fmt: skip


@check("SC03")
def total_not_sum(ctx: Context) -> Iterator[Hit]:
    """The printed total is not the sum of the row scores and the execution score.

    While a score is missing only a total is wrong that no score of those rows could give. A total that is the rounded
    sum is information; one rescaled for rows that do not apply, or lowered by the deduction column, is right. A
    platform list prints no execution score: there the computed one is added, and without it nothing is said.
    """
    shared, total = tally(ctx), ctx.p["total_declared"]
    hidden, slack = _execution_unprinted(ctx), ctx.threshold("projects", "tol_score") + EPSILON
    due = ctx.p["total_recomputed_declared"] + np.where(hidden, ctx.p["execution_score"], 0.0)
    cut = shared.projects.sum(ctx.i["deduction"], shared.rows)
    lowered = ctx.chosen("projects", "deduction_column", True) & (np.abs(total - (due - cut)) <= slack)
    rescaled = np.abs(total - _rescaled(ctx)) <= slack
    off = shared.scores_known & (np.abs(total - due) > slack) & ~lowered & ~rescaled
    lost = _rows_lost(ctx)
    yield from ctx.hits(
        "projects", off, cell="cell_total", seen="total_text", expected=lambda r: number(r.due), due=due,
        lost=lost, hidden=hidden, severity=lambda r: _rounded(r) or ("warning" if r.lost else ""),
        message=lambda r: (
            f"{_summed(r)}，总分填{number(r.total_declared)}"
            + ("（四舍五入所致）。" if _rounded(r) else "，可能缺少指标行。" if r.lost else "。")
        ),
    )  # fmt: skip
    least, most = _reach(ctx)
    beyond = ~shared.scores_known & ((total > most + slack) | (total < least - slack))
    yield from ctx.hits(
        "projects", beyond, cell="cell_total", seen="total_text", least=least, most=most,
        expected=lambda r: f"{number(r.least)}至{number(r.most)}",
        message=lambda r: f"有的行没有读到得分，各项得分合计只能在{number(r.least)}至{number(r.most)}之间，"
        f"总分填{number(r.total_declared)}。",
    )  # fmt: skip
    unread = np.isnan(total) & ~ctx.nil("projects", "total_text") & ctx.filled("projects", "cell_total")
    yield from ctx.hits(
        "projects", unread, cell="cell_total", seen="total_text", expected="数字", severity="warning",
        message="总分“{total_text}”不是数字，没有核对。",
    )  # fmt: skip
    empty = ctx.nil("projects", "total_text") & ctx.filled("projects", "cell_total") & shared.scores_known
    yield from ctx.hits(
        "projects", empty & ctx.layout("projects", *WITH_TOTAL_ROW) & (due > 0), cell="cell_total",
        seen="total_text", expected=lambda r: number(r.due), severity="warning", due=due, hidden=hidden,
        message=lambda r: f"{_summed(r)}，总分没有填写。",
    )  # fmt: skip


def _reach(ctx: Context) -> tuple[Floats, Floats]:
    """Least and most that a total can be while scores are missing: nothing or all the points of such rows.

    NaN where a row without a score has no points either, where rows do not apply, and on cut or damaged forms.
    """
    shared, score = tally(ctx), ctx.i["score_declared"]
    open_ = shared.rows & shared.applicable & np.isnan(score)
    lost = shared.without_score | (shared.unread_score & (shared.points > 0))
    told = ctx.p["execution_score_declared"]
    rate_points = np.nan_to_num(shared.execution_points)
    known = shared.projects.sum(score, shared.rows) + np.nan_to_num(told)
    most = known + shared.projects.sum(shared.points, lost) + np.where(np.isnan(told), rate_points, 0.0)
    vague = shared.projects.any(open_ & ~lost & ~shared.merged & ~ctx.nil("indicators", "actual_text"))
    vague |= shared.projects.any(shared.rows & ~shared.applicable) | shared.cut | shared.damaged
    vague |= _execution_unprinted(ctx) | ~shared.projects.any(lost) | shared.projects.any(shared.merged)
    vague |= shared.projects.any(shared.rows & (ctx.i["deduction"] > 0))
    return np.where(vague, np.nan, known), np.where(vague, np.nan, most)


def _execution_unprinted(ctx: Context) -> Mask:
    """Projects of platform lists whose total holds an execution score that the list does not print."""
    room = ctx.threshold("projects", "total_points") - tally(ctx).points_sum - ctx.p["execution_points"]
    found: Mask = ctx.layout("projects", *LISTS) & ~ctx.filled("projects", "cell_execution_score") & (room > -EPSILON)
    return found


def _summed(row: Row) -> str:
    if row.hidden:
        return (
            f"各指标得分合计{number(row.total_recomputed_declared)}，加复算的执行率得分{number(row.execution_score)}"
            f"为{number(row.due)}"
        )
    return f"各项得分与执行率得分合计{number(row.due)}"


def _rounded(row: Row) -> str:
    """``info`` when the printed total is the sum at fewer decimals."""
    exact, declared = row.total_recomputed_declared, row.total_declared
    exact += row.execution_score if row.hidden else 0
    return "info" if any(half_up(exact, places) == declared for places in (0, 1)) else ""


def _rows_lost(ctx: Context) -> Mask:
    """Projects whose printed total is more than their rows are worth, or whose rows have no points at all.

    Rows may be missing then, in the file or in the reading. Families that print scores only are not meant.
    """
    shared = tally(ctx)
    worth = shared.points_sum + shared.heading_sum + np.nan_to_num(ctx.p["execution_points"])
    short = worth < ctx.threshold("projects", "total_points") - ctx.threshold("projects", "tol_points") - EPSILON
    found: Mask = short & (ctx.p["total_declared"] > worth + EPSILON) & ~ctx.layout("projects", *_SCORES_ONLY)
    return found


def _rescaled(ctx: Context) -> Floats:
    """Declared total on a hundred-point basis without the rows that do not apply; NaN where all rows apply."""
    shared = tally(ctx)
    points, score = shared.points, ctx.i["score_declared"]
    absent = shared.rows & ~shared.applicable & (points > 0)
    rows = shared.rows & shared.applicable
    with_rate = ctx.chosen("projects", "na_includes_exec", True)
    rate_points = np.nan_to_num(shared.execution_points)
    rate_score = np.nan_to_num(ctx.p["execution_score_declared"])
    top = shared.projects.sum(score, rows) + np.where(with_rate, rate_score, 0.0)
    bottom = shared.projects.sum(points, rows) + np.where(with_rate, rate_points, 0.0)
    whole = ctx.threshold("projects", "total_points") - np.where(with_rate, 0.0, rate_points)
    usable = shared.projects.any(absent) & (bottom > 0) & ctx.chosen("projects", "na_rule", "rescale")
    share = np.divide(top, bottom, out=np.full(len(top), np.nan), where=usable)
    total: Floats = share * whole + np.where(with_rate, 0.0, rate_score)
    return total


@check("SC09")
def perfect_in_spite(ctx: Context) -> Iterator[Hit]:
    """The total is full although money was left, a target was missed, or the form itself states problems.

    Money that was left costs no points where the execution rate is only shown.
    """
    full = ctx.p["total_declared"] >= ctx.threshold("projects", "total_points") - EPSILON
    unspent = ctx.p["execution_rate"] < 1 - ctx.threshold("projects", "tol_rate") / _WHOLE
    unspent &= ctx.p["execution_score"] < ctx.p["execution_points"] - EPSILON
    missed = ctx.by_project("indicators").any(shared_rows(ctx).missed)
    stated = ~ctx.nil("projects", "problems") & ~ctx.where(
        "projects", "problems", lambda text: words.says(text, "problem_none")
    )
    facts = {"执行率不到100%": unspent, "有指标没有完成目标": missed, "表中写明存在问题": stated}
    yield from ctx.hits(
        "projects", full & (unspent | missed | stated), cell="cell_total", seen="total_text",
        expected=lambda r: "" if r.total_score == r.total_declared else number(r.total_score),
        message=lambda r: f"总分为满分，而{'、'.join(name for name, mask in facts.items() if mask[r.at])}。",
    )  # fmt: skip


@check("SC10")
def wrong_grade(ctx: Context) -> Iterator[Hit]:
    """The grade word printed on the form is not the one its printed total falls in.

    Lists of the platform have no grade column; there the grade word stands under 自评结论.
    """
    codes, names = ctx.distinct("projects", "ruleset")
    due = np.full(len(codes), -1)
    title = np.full(len(codes), "", dtype=object)
    for at, name in enumerate(names):
        mine, rules = codes == at, ctx.parameters[name]
        bounds = [float(bound) for bound in rules["grades"]]
        place = sum((ctx.p["total_declared"] < bound - EPSILON).astype(int) for bound in bounds)
        due[mine] = np.asarray(place)[mine]
        title[mine] = np.array([*rules["grade_words"]], dtype=object)[due[mine]]
    graded = ctx.filled("projects", "grade_declared")
    for name, here in (("grade_declared", graded), ("conclusion", ~graded)):
        told, texts = ctx.distinct("projects", name)
        said = np.array([_GRADE_PLACE.get(fold(text), -1) for text in texts])[told]
        bad = here & (said >= 0) & ~np.isnan(ctx.p["total_declared"]) & (said != due)
        cell = "cell_grade" if name == "grade_declared" else "cell_conclusion"
        yield from ctx.hits(
            "projects", bad, cell=(cell, "cell_total"), seen=name, expected="{title_due}",
            title_due=title, clause=ctx.clause("projects", "grades"), basis="{clause}",
            message=f"总分{{total_declared}}分应为“{{title_due}}”，表中填“{{{name}}}”。",
        )  # fmt: skip


@check("SC11")
def mixed_rounding(ctx: Context) -> Iterator[Hit]:
    """Scores of one form are rounded to different places: 6.67 here, 7 for 6.67 there.

    Only scores that had to be rounded tell; a whole score among decimals is natural.
    """
    exact, declared = ctx.i["score_unrounded"], ctx.i["score_declared"]
    near = shared_rows(ctx).scored & (np.abs(exact - declared) > EPSILON) & (np.abs(exact - declared) < 1)
    places = np.full(len(near), np.nan)
    unrounded, told = ctx.text("indicators", "score_unrounded"), ctx.text("indicators", "score_declared")
    for at in np.flatnonzero(near):
        places[at] = _places(unrounded[at], told[at])
    used = ~np.isnan(places)
    rows = ctx.by_project("indicators")
    first = rows.first(used)
    reference = np.append(places, np.nan)[first]  # -1, for a form without such rows, is the null at the end
    differs = used & (np.abs(places - rows.spread(reference)) > EPSILON)
    yield from ctx.hits(
        "indicators", rows.firsts(differs), cell="cell_score", seen="score_text", places=places,
        usual=rows.spread(reference), expected="保留{usual}位小数",
        message="本行得分保留{places}位小数，同一张表其他得分保留{usual}位小数，取位不一致。",
    )  # fmt: skip


def _places(exact: Decimal, declared: Decimal) -> float:
    """Fewest decimals at which `exact` rounds to `declared`, NaN when it never does."""
    return next((float(n) for n in range(3) if half_up(exact, n) == declared), np.nan)


@check("SC12")
def scored_below_threshold(ctx: Context) -> Iterator[Hit]:
    """The completion rate is below the pass threshold of the ruleset and the row still has a score.

    Off unless a ruleset sets `pass_threshold`.
    """
    low = ctx.i["completion_rate"] < ctx.threshold("indicators", "pass_threshold") - EPSILON
    low &= shared_rows(ctx).scored & (ctx.i["score_declared"] > EPSILON)
    yield from ctx.hits(
        "indicators", low, cell="cell_score", seen="score_text", expected="0",
        clause=ctx.clause("indicators", "pass_threshold"), basis="{clause}",
        done=ctx.i["completion_rate"] * _WHOLE, limit=ctx.threshold("indicators", "pass_threshold") * _WHOLE,
        message="完成率{done}%低于及格门槛{limit}%，应得0分，填报{score_declared}分。",
    )  # fmt: skip


@check("SC13")
def deduction_not_applied(ctx: Context) -> Iterator[Hit]:
    """A deduction is entered but the score exceeds the points less the deduction, or the total is negative."""
    points, cut = ctx.i["points"], ctx.i["deduction"]
    limit = np.maximum(points - cut, 0)
    bad = tally(ctx).rows & (cut > 0) & ctx.chosen("indicators", "deduction_column", True)
    bad &= ctx.i["score_declared"] > limit + ctx.threshold("indicators", "tol_score") + EPSILON
    yield from ctx.hits(
        "indicators", bad, cell="cell_score", seen="score_text", limit=limit, expected="不超过{limit}",
        message="分值{points}、扣分{deduction}，得分应不超过{limit}，填报{score_declared}分。",
    )  # fmt: skip
    yield from ctx.hits(
        "projects", ctx.p["total_declared"] < 0, cell="cell_total", seen="total_text", expected="不小于0",
        message="总分{total_declared}为负数。",
    )  # fmt: skip


@check("SC14")
def not_rescaled(ctx: Context) -> Iterator[Hit]:
    """A row that does not apply was counted as zero or in full instead of being left out and the rest rescaled."""
    shared, total, due = tally(ctx), ctx.p["total_declared"], _rescaled(ctx)
    off = shared.scores_known & (np.abs(total - due) > ctx.threshold("projects", "tol_score") + EPSILON)
    count = shared.projects.size(shared.rows & ~shared.applicable)
    yield from ctx.hits(
        "projects", off, cell="cell_total", seen="total_text", due=np.round(due, 2), count=count,
        clause=ctx.clause("projects", "na_rule"), basis="{clause}",
        expected="{due}",
        message="有{count}行指标不适用，其余得分折算为百分制应为{due}分，总分填{total_declared}。",
    )  # fmt: skip


@check("SC15")
def default_cost_too_heavy(ctx: Context) -> Iterator[Hit]:
    """The cost row that the platform adds by itself carries more points than its limit (one province's branch)."""
    added = ctx.role("indicator") & ctx.where("indicators", "level3", lambda t: fold(t) in ("", "成本指标", "成本"))
    added &= ctx.isin("indicators", "level1", "成本指标") | ctx.isin("indicators", "level2", "成本指标")
    limit = ctx.threshold("indicators", "default_cost_row")
    worth = np.fmax(ctx.i["points"], ctx.i["score_declared"])
    yield from ctx.hits(
        "indicators", added & (worth > limit + EPSILON), cell=("cell_points", "cell_score"),
        seen="points_text",
        limit=limit, expected="不超过{limit}", message="系统默认的成本指标分值{points}，超过上限{limit}分。",
    )  # fmt: skip
