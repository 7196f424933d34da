"""SC: the score of each indicator row against its points and its formula."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from perfbatch.checks import words
from perfbatch.checks.context import EPSILON, Context, Floats, Hit, Mask, Row, number
from perfbatch.checks.hebei import shrunk_points
from perfbatch.checks.register import check
from perfbatch.checks.rows import actual_of, target_of
from perfbatch.checks.rows import rows as shared_rows
from perfbatch.checks.tally import decimals, other_rounding, tally
from perfbatch.exact import divide, half_up, plain
from perfbatch.rulesets import RANGE_SOURCE


@check("SC01")
def score_above_points(ctx: Context) -> Iterator[Hit]:
    """A score above the points of its row, or of its group where the cells are merged.

    The platform resets such a score to zero.
    """
    shared, score = tally(ctx), ctx.i["score_declared"]
    limit = np.maximum(_points_of_cell(ctx, "score"), _points_of_cell(ctx, "points"))
    bad = shared.rows & (limit > 0) & (score > limit + EPSILON)
    yield from ctx.hits(
        "indicators", bad, cell="cell_score", seen="score_text", limit=limit, expected="不超过{limit}",
        message="得分{score_declared}高于分值{limit}。",
    )  # fmt: skip
    over = ctx.p["execution_score_declared"] > shared.execution_points + EPSILON
    yield from ctx.hits(
        "projects", over, cell="cell_execution_score", seen="execution_score_text",
        expected="不超过{execution_points}",
        message="预算执行率得分{execution_score_declared}高于分值{execution_points}。",
    )  # fmt: skip


def _points_of_cell(ctx: Context, name: str) -> Floats:
    """Σ points over the rows that share the score (points) cell of a row; 0 where no points are known."""
    cells = ctx.groups("indicators", "sheet", f"cell_{name}")
    own = np.nan_to_num(tally(ctx).points)
    filled = ctx.filled("indicators", f"cell_{name}")
    return np.where(filled, cells.spread(cells.sum(own, tally(ctx).rows)), own)


@check("SC02")
def bad_score(ctx: Context) -> Iterator[Hit]:
    """A score that is no number or negative, or none on a row that has points and an actual value.

    A form on which every score is missing is reported once.
    """
    shared, score = tally(ctx), ctx.i["score_declared"]
    place = ctx.filled("indicators", "cell_score")
    wrong = place & (shared.unread_score | (shared.rows & (score < 0)))
    yield from ctx.hits(
        "indicators", wrong, cell="cell_score", seen="score_text", expected="0到分值之间的数字",
        message="“{level3}”得分“{score_text}”不是0到分值之间的数字。",
    )  # fmt: skip
    missing = place & shared.without_score & ~shared.unread_score & ~ctx.nil("indicators", "actual_text")
    missing &= ctx.role("indicator", "execution") & ~ctx.spread("indicators", shared.damaged)
    missing &= ~ctx.unread("indicators", "cell_score")
    some = ctx.spread("indicators", shared.projects.any(~np.isnan(score)))
    yield from ctx.hits(
        "indicators", missing & some, cell="cell_score", expected="填写得分",
        message="“{level3}”有实际完成值和分值{points}，没有填写得分。",
    )  # fmt: skip
    yield from _missing_rate_score(ctx)
    count = shared.projects.spread(shared.projects.size(missing))
    yield from ctx.hits(
        "indicators", shared.projects.firsts(missing & ~some), cell="cell_score", expected="填写得分",
        count=count,
        message="本表{count}行指标有实际完成值和分值，都没有填写得分。",
    )  # fmt: skip


def _missing_rate_score(ctx: Context) -> Iterator[Hit]:
    """Points and figures of the execution rate without a score, unless the whole form is still blank."""
    rows = ctx.by_project("indicators")
    scored = ~np.isnan(ctx.i["score_declared"]) | ~ctx.nil("indicators", "actual_text")
    blank = rows.any(ctx.role("indicator", "parent")) & ~rows.any(scored)
    bare = (tally(ctx).execution_points > 0) & ~np.isnan(ctx.p["execution_rate"]) & ~blank
    bare &= ctx.nil("projects", "execution_score_text") & ctx.filled("projects", "cell_execution_score")
    bare &= ~ctx.unread("projects", "cell_execution_score")
    yield from ctx.hits(
        "projects", bare, cell="cell_execution_score", expected="填写得分",
        message="预算执行率有分值{execution_points}和执行数，没有填写得分。",
    )  # fmt: skip


@check("SC04")
def differs_from_computed(ctx: Context) -> Iterator[Hit]:
    """The declared score of a quantitative row is not what the formula of its direction gives.

    Certain only where target and actual are plain figures and the ruleset's formula is the only one: a score
    that is right at another rounding is information; a warning where a convention was needed to read the
    row, where the row prints its own scoring rule, where the other documented formula fits, or where a
    target was met and a reason is given for the deduction. An execution rate among the indicators is judged alike.
    """
    marks = shared_rows(ctx)
    declared, computed = ctx.i["score_declared"], ctx.i["score"]
    off = np.abs(declared - computed) > ctx.threshold("indicators", "tol_score") + EPSILON
    off &= ((marks.scored & marks.compared) | marks.rated) & ~ctx.spread("indicators", shrunk_points(ctx))
    met = computed >= ctx.i["points"] - EPSILON
    yield from ctx.hits(
        "indicators", off, cell="cell_score", seen="score_text", expected="{score}",
        severity=lambda r: _doubt(r)[0], explained=met & ~marks.silent, message=_computed_message,
        clause=_formula_clause(ctx), basis="{clause}",
    )  # fmt: skip


def _formula_clause(ctx: Context) -> npt.NDArray[Any]:
    """The source of the formula by which each row is scored."""
    clause = ctx.clause("indicators", "positive_rule").copy()
    for direction in ("negative", "equal"):
        mine = ctx.isin("indicators", "direction", direction)
        clause[mine] = ctx.clause("indicators", f"{direction}_rule")[mine]
    clause[ctx.isin("indicators", "direction", "range")] = RANGE_SOURCE
    rated = shared_rows(ctx).rated
    clause[rated] = ctx.clause("indicators", "exec_rule")[rated]
    return clause


def _computed_message(row: Row) -> str:
    doubt = _doubt(row)[1]
    formula = row.formula.rstrip("。")
    return f"按公式应得{number(row.score)}分（{formula}），填报{number(row.score_declared)}分{doubt}。"


def _doubt(row: Row) -> tuple[str, str]:
    """Severity of a differing score where it is not certain, and the words that say why."""
    rounding = other_rounding(row.score_unrounded, row.score_declared)
    if rounding:
        return "info", f"，{rounding}后一致"
    other = _other_formula(row)
    if other is not None and _same(other, row.score_declared):
        return "warning", "，与另一种通行公式的结果一致，请确认本地采用的公式"
    if any(char.isdigit() for char in row.method):
        return "warning", "，本行另有评分规则，请核对"
    if row.explained:
        return "warning", "，目标已完成而少计分，已填写原因，请核对是否恰当"
    if row.comparison == "assumed" and row.role != "execution":
        return "warning", "，目标或实际的写法按惯例读取，请核对"
    if row.direction == "range":
        return "warning", "，区间目标没有通用公式，请核对"
    return "", ""


def _other_formula(row: Row) -> Decimal | None:
    """Score by the documented formula for negative rows that the ruleset does not use: T÷A×W or 1−(A−T)÷T."""
    target, actual, points = row.target_base, row.actual_base, row.points
    if row.direction != "negative" or not target or not actual or actual <= target:
        return None
    ratio = divide(target * points, actual)
    if _same(ratio, row.score):
        return max(divide((2 * target - actual) * points, target), Decimal(0))
    return ratio


def _same(one: Decimal, other: Decimal | None) -> bool:
    return other is not None and any(half_up(one, places) == other for places in (2, 1))


@check("SC05")
def missed_with_full_score(ctx: Context) -> Iterator[Hit]:
    """The target was missed (or the ceiling exceeded) and the row still has all its points.

    A full score that only comes from the form's own rounding (4.9 printed as 5 on a whole-point form) is
    information; a row that was read by a convention is a warning, and so is one above its range, which may be
    better than was asked, and one that only equals a strict bound (>3 → 3). Words that deny the target are a miss as
    well (及时 → 不及时, 优 → 良), and so is what does not apply.
    """
    marks, computed = shared_rows(ctx), ctx.i["score"]
    at_bound = marks.at_strict_bound
    bad = marks.missed & marks.full & (at_bound | ~(computed >= marks.worth - EPSILON))
    bad &= ~ctx.spread("indicators", shrunk_points(ctx))
    beyond = (ctx.i["actual_base"] > ctx.i["target_base2"]) & ~ctx.where("indicators", "target_text", _tolerance)
    places = _places(ctx, bad)
    yield from ctx.hits(
        "indicators", bad, cell="cell_score", seen="score_text", expected="{score}", places=places,
        clause=_formula_clause(ctx), basis="{clause}", beyond=beyond,
        severity=lambda r: (
            "warning" if r.at_bound or r.beyond or r.comparison == "assumed" else "info" if _by_rounding(r) else ""
        ),
        at_bound=at_bound,
        message=lambda r: (
            f"目标{target_of(r)}，实际{actual_of(r)}，"
            f"{'高于目标区间' if r.beyond else '恰等于目标' if r.at_bound else '没有完成目标'}却得满分"
            + number(r.score_declared)
            + ("" if r.score is None or r.at_bound else f"，按公式应得{number(r.score)}分")
            + ("（取整所致）。" if _by_rounding(r) and not r.at_bound else "。")
        ),
    )  # fmt: skip
    yield from _denied(ctx)
    idle = ctx.role("indicator") & ctx.isin("indicators", "actual_kind", "nil") & ~shared_rows(ctx).applies
    idle &= ~ctx.chosen("indicators", "na_rule", "full_points") & (ctx.i["points"] > 0)
    yield from ctx.hits(
        "indicators", idle & (ctx.i["score_declared"] >= ctx.i["points"] - EPSILON),
        cell="cell_score", seen="score_text", expected="不计分，总分折算", basis="{clause}",
        clause=ctx.clause("indicators", "na_rule"),
        message=lambda r: f"实际填“{actual_of(r)}”，表示本项不适用，却得满分{number(r.score_declared)}。",
    )  # fmt: skip


def _denied(ctx: Context) -> Iterator[Hit]:
    """Words that deny what the target asks for (及时 → 不及时, 无 → 发生1起) and late dates, with all points.

    A bare …月前 is used both with and without the month itself, so that such a late date is only a warning.
    """
    marks = shared_rows(ctx)
    named = (ctx.i["score_low"] > 0) | (ctx.i["score_high"] < ctx.i["points"])  # a verdict of the form: SC08
    worded = ctx.isin("indicators", "kind", "qualitative") & ~named
    worded |= ctx.isin("indicators", "kind", "date") & marks.readable
    yield from ctx.hits(
        "indicators", marks.own & marks.full & marks.contradicted & worded,
        cell="cell_score", seen="score_text", sure=marks.surely_contradicted,
        expected="小于{points}", severity=lambda r: "" if r.sure else "warning",
        message=lambda r: (
            f"目标“{target_of(r)}”，实际“{actual_of(r)}”，"
            + ("没有完成目标" if r.sure else "可能没有全部完成目标") + f"却得满分{number(r.score_declared)}。"
        ),
    )  # fmt: skip
    vague = words.saying(ctx, "indicators", "target_text", "not_a_deadline")
    yield from ctx.hits(
        "indicators", marks.full & marks.late,
        cell="cell_score", seen="score_text", expected="小于{points}", vague=vague,
        severity=lambda r: "warning" if r.vague else "",
        message=lambda r: f"要求“{target_of(r)}”，实际“{actual_of(r)}”，已逾期，却得满分{number(r.score_declared)}。",
    )  # fmt: skip


def _tolerance(text: str) -> bool:
    """Whether a range is written as a tolerance (30±2), which binds on both sides."""
    return "±" in text


def _by_rounding(row: Row) -> bool:
    exact = row.score_unrounded
    return exact is not None and bool(half_up(exact, int(row.places)) == row.score_declared)


def _places(ctx: Context, bad: Mask) -> Floats:
    """Decimals of the scores on the form of each row of `bad`, the execution score included."""
    owner, scores = ctx.owner("indicators"), ctx.text("indicators", "score_declared")
    execution = ctx.text("projects", "execution_score_declared")
    places = np.zeros(len(bad))
    for project in np.unique(owner[bad]):
        mine = np.flatnonzero(owner == project)
        places[mine] = max(map(decimals, (*scores[mine], execution[project])))
    return places


@check("SC06")
def equal_target_exceeded(ctx: Context) -> Iterator[Hit]:
    """A target with = was exceeded, the row has all its points and nothing explains the difference."""
    marks = shared_rows(ctx)
    above = ctx.i["actual_base"] > ctx.i["target_base"] + EPSILON
    bad = marks.compared & marks.full & above & ctx.isin("indicators", "direction", "equal") & marks.silent
    yield from ctx.hits(
        "indicators", bad, cell="cell_actual", seen="actual_text", expected=target_of,
        clause=ctx.clause("indicators", "equal_rule"), basis="{clause}",
        message=lambda r: f"“等于”类目标{target_of(r)}，实际{actual_of(r)}，两者不同却得满分，也没有说明原因。",
    )  # fmt: skip


@check("SC07")
def met_but_scored_down(ctx: Context) -> Iterator[Hit]:
    """The target was met, the score is below the points and no reason is given.

    Typical: the actual percentage multiplied with the points. A warning where a convention was needed to read
    the row, or where the target was far exceeded and a reduction may be meant.
    """
    marks, points = shared_rows(ctx), ctx.i["points"]
    low = points - ctx.i["score_declared"] > ctx.threshold("indicators", "tol_score") + EPSILON
    bad = ((marks.scored & marks.compared) | marks.rated) & low & (ctx.i["score"] >= points - EPSILON)
    bad &= marks.silent & ~_explained_below(ctx) & ~ctx.spread("indicators", shrunk_points(ctx))
    far = marks.ratio >= ctx.threshold("indicators", "over_flag_ratio")
    yield from ctx.hits(
        "indicators", bad, cell="cell_score", seen="score_text", expected="{points}", far=far,
        clause=_formula_clause(ctx), basis="{clause}",
        severity=lambda r: (
            "warning"
            if (r.comparison == "assumed" and r.role != "execution") or r.far or r.method.strip()
            else ""
        ),
        message=lambda r: (
            f"目标{target_of(r)}，实际{actual_of(r)}，已完成目标，"
            f"应得{number(r.points)}分，"
            f"填报{number(r.score_declared)}分，没有说明原因" + (_as_share(r)) + "。"
        ),
    )  # fmt: skip


def _explained_below(ctx: Context) -> Mask:
    """Rows of forms without a reason column whose reasons stand in one box at the end."""
    box = ctx.spread("indicators", ~ctx.nil("projects", "reason_box"))
    found: Mask = ~ctx.filled("indicators", "cell_reason") & box
    return found


def _as_share(row: Row) -> str:
    if row.actual_unit != "%" or row.actual_value is None:
        return ""
    typed = row.actual_value * row.points / 100
    return f"（像是按实际{plain(row.actual_value)}%×分值计算）" if _same(typed, row.score_declared) else ""


@check("SC08")
def outside_band(ctx: Context) -> Iterator[Hit]:
    """The score of a qualitative row lies outside the band that its verdict word stands for.

    Only the option words of the ruleset name a band; of any other text nothing is concluded here (SC05).
    """
    low, high, score = ctx.i["score_low"], ctx.i["score_high"], ctx.i["score_declared"]
    named = (low > 0) | (high < ctx.i["points"])
    bad = shared_rows(ctx).scored & named & ((score < low - EPSILON) | (score > high + EPSILON))
    yield from ctx.hits(
        "indicators", bad, cell="cell_score", seen="score_text", expected="{score_low}～{score_high}",
        clause=ctx.clause("indicators", "qual_bands"), basis="{clause}",
        message="完成情况为“{actual_text}”，得分应在{score_low}～{score_high}之间，填报{score_declared}分。",
    )  # fmt: skip
