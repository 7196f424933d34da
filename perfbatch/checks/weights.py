"""WT: points (权重) — their sums, their split, their form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from perfbatch.checks.context import EPSILON, Context, Floats, Groups, Hit, Mask, Row, Skipped, number
from perfbatch.checks.register import check
from perfbatch.checks.tally import decimals, tally
from perfbatch.notation import fold

# level-1 word of a weight profile → canonical level-1 names it covers
_PARTS: Mapping[str, tuple[str, ...]] = {
    "产出": ("产出指标",), "效益": ("效益指标",), "满意度": ("满意度指标",), "成本": ("成本指标",),
    "效益和满意度": ("效益指标", "满意度指标"), "债券资金管理": ("债券资金管理指标",),
}  # fmt: skip
_NOTED = {
    "产出": re.compile(r"产出(?:指标)?[^\d分]{0,6}(\d+(?:\.\d+)?)分"),
    "效益": re.compile(r"(?:效益|效果)(?:指标)?[^\d分]{0,6}(\d+(?:\.\d+)?)分"),
    "满意度": re.compile(r"满意度(?:指标)?[^\d分]{0,6}(\d+(?:\.\d+)?)分"),
    "成本": re.compile(r"成本(?:指标)?[^\d分]{0,6}(\d+(?:\.\d+)?)分"),
}
_EXECUTION = "执行率"
_SINGLE = {"产出", "效益", "满意度", "成本", _EXECUTION}  # 债券资金管理 and the like are compared with nothing
_ORDER = (_EXECUTION, *_PARTS)
_NAMED = frozenset(_ORDER)
_TOTAL_CELLS = ("cell_total_points", "cell_total", "cell")


@check("WT01")
def points_total(ctx: Context) -> Iterator[Hit]:
    """The points of all rows and of the execution rate do not add up to the total.

    The platform refuses such a form, and a score out of another total compares with nothing. Silent while a
    row has no points (WT05). A form whose own printed total is the sum is only warned about.
    """
    shared = tally(ctx)
    printed = shared.execution_points
    rows, whole = shared.points_sum, ctx.threshold("projects", "total_points")
    slack = ctx.threshold("projects", "tol_points") + EPSILON
    total = rows + np.nan_to_num(printed)
    default = ctx.threshold("projects", "exec_points")
    room = np.isnan(printed) & (np.abs(rows + default - whole) <= slack)
    again = np.where(printed > 0, shared.projects.sum(shared.points, ctx.role("execution")), 0.0)
    room |= np.abs(total - again - whole) <= slack  # the rate scored twice: FU15 reports it
    off = shared.points_known & (np.abs(total - whole) > slack) & ~room & ~ctx.layout("projects", "F6")
    own = np.abs(total - ctx.p["total_points"]) <= slack
    yield from ctx.hits(
        "projects", off, cell=_TOTAL_CELLS, seen=lambda r: number(r.total), expected="{whole}", total=total,
        whole=whole, rows=rows, printed=printed, severity=lambda r: "warning" if own[r.at] else "",
        message=lambda r: (
            f"指标分值合计{number(r.rows)}分"
            + (f"，加执行率{number(r.printed)}分，共{number(r.total)}分" if r.printed > 0 else "")
            + f"，应为{number(r.whole)}分。"
        ),
    )  # fmt: skip


@check("WT02")
def group_points_total(ctx: Context) -> Iterator[Hit]:
    """The points of the rows of a group do not add up to the points printed in its heading, 产出指标(50分)."""
    for name, columns in (("level1", ("level1_text",)), ("level2", ("level1_text", "level2_text"))):
        groups = ctx.groups("indicators", *columns)
        heading = ctx.i[f"{name}_points"]
        sums = groups.spread(groups.sum(ctx.i["points"], tally(ctx).rows))
        known = groups.any(tally(ctx).rows & ~np.isnan(ctx.i["points"]))
        known &= ~groups.any(tally(ctx).without_points)
        slack = ctx.threshold("indicators", "tol_points") + EPSILON
        off = groups.spread(known) & (np.abs(sums - heading) > slack) & ~_maybe_cut(ctx, groups)
        yield from ctx.hits(
            "indicators", groups.firsts(off & tally(ctx).rows), cell=f"cell_{name}", seen=f"{name}_text",
            sums=sums, expected=f"{{{name}_points}}分",
            message=f"“{{{name}_text}}”所列分值为{{{name}_points}}分，本组各行分值合计{{sums}}分，两者不符。",
        )  # fmt: skip


def _maybe_cut(ctx: Context, groups: Groups) -> Mask:
    """Rows of damaged forms, and of the last group of a fragment, some of whose rows may be lost."""
    shared = tally(ctx)
    rows = np.arange(len(groups.codes))
    last = np.zeros(len(ctx.projects), dtype=np.int64)
    np.maximum.at(last, ctx.owner("indicators"), rows)
    in_last = groups.codes == groups.codes[shared.projects.spread(last)]
    found: Mask = ctx.spread("indicators", shared.damaged) | (in_last & ctx.spread("indicators", shared.cut))
    return found


@check("WT03")
def unusual_shares(ctx: Context) -> Iterator[Hit]:
    """The points by level 1 differ from the ruleset's profile and no note on the form says why.

    Real forms deviate constantly, and the rule allows it in special cases: information, not an error.
    """
    shares = _shares(ctx)
    usable = tally(ctx).points_known & ctx.nil("projects", "footnotes") & _complete(ctx)
    slack = ctx.threshold("projects", "tol_points") + EPSILON
    expected, *others = _profiles(ctx)
    off = usable & ~np.any([_fits(shares, profile, slack) for profile in (expected, *others)], axis=0)
    yield from ctx.hits(
        "projects", off, cell=_TOTAL_CELLS, seen=partial(_parts_with_points, shares, expected),
        expected=partial(_parts_with_points, expected, expected),
        message=lambda r: f"一级指标分值为{_parts_with_points(shares, expected, r)}，与通用结构不同，没有说明。",
    )  # fmt: skip


def _parts_with_points(shares: Mapping[str, Floats], expected: Mapping[str, Floats], row: Row) -> str:
    named = [part for part in _ORDER if part in expected and not np.isnan(expected[part][row.at])]
    return "、".join(f"{part}{number(shares[part][row.at])}" for part in named if part in shares)


def _fits(shares: Mapping[str, Floats], profile: Mapping[str, Floats], slack: Floats) -> Mask:
    """Projects whose shares are those of the profile; parts that the profile leaves open do not matter."""
    off = [np.abs(shares[part] - wanted) > slack for part, wanted in profile.items()]
    found: Mask = ~np.any(off, axis=0) if off else np.ones(len(slack), dtype=bool)
    return found


def _complete(ctx: Context) -> Mask:
    """Forms whose points add up to the total and all stand under level-1 names of the profiles."""
    shares = _shares(ctx)
    total = np.sum([shares[part] for part in _SINGLE], axis=0)
    found: Mask = np.abs(total - ctx.threshold("projects", "total_points")) <= EPSILON
    return found


def _shares(ctx: Context) -> dict[str, Floats]:
    """Points of each part of a profile, per project."""
    shared, rows = tally(ctx), ctx.by_project("indicators")
    level = {part: ctx.isin("indicators", "level1", *names) for part, names in _PARTS.items()}
    shares = {part: rows.sum(shared.points, shared.rows & mine) for part, mine in level.items()}
    in_rows = rows.sum(shared.points, ctx.role("execution"))
    shares[_EXECUTION] = np.nan_to_num(shared.execution_points) + in_rows
    return shares


def _profiles(ctx: Context) -> list[dict[str, Floats]]:
    """The profile to compare with, then the others that would do; points of each part, per project.

    A ruleset that takes the points as printed (``free``) accepts every complete profile it knows: 成本 20 is
    as good as none. NaN where the profile leaves a part open, infinite where it does not count for a project.
    """
    codes, names = ctx.distinct("projects", "ruleset")
    profiles: dict[str, dict[str, Floats]] = {}
    main: dict[str, Floats] = {}
    for at, name in enumerate(names):
        rules = ctx.parameters[name]
        free, known = rules["weights_profile"] == "free", rules["weight_profiles"]
        chosen = rules["weights_compare"] if free else rules["weights_profile"]
        _put(main, known.get(chosen or "", {}), codes == at, np.nan)
        for other, points in known.items() if free else ():
            if sum(points.values()) == rules["total_points"] and set(points) <= _NAMED:
                parts = dict.fromkeys(_SINGLE, 0) | points if set(points) <= _SINGLE else points
                _put(profiles.setdefault(other, {}), parts, codes == at, np.inf)
    return [main, *profiles.values()]


def _put(profile: dict[str, Floats], points: Mapping[str, Any], where: Mask, default: float) -> None:
    for part in (part for part in points if part in _NAMED):
        profile.setdefault(part, np.full(len(where), default))[where] = float(points[part])


@check("WT04")
def heavy_row(ctx: Context) -> Iterator[Hit]:
    """One indicator carries more than a large share of all points, so that it alone decides the result."""
    shared = tally(ctx)
    total = np.fmax(
        shared.points_sum + np.nan_to_num(shared.execution_points), ctx.threshold("projects", "total_points")
    )
    limit = ctx.spread("indicators", total) * ctx.threshold("indicators", "max_share")
    heavy = ctx.role("indicator") & ~shared.merged
    heavy &= shared.points > limit + EPSILON
    yield from ctx.hits(
        "indicators", heavy, cell="cell_points", seen="points_text", expected="不超过{limit}", limit=limit,
        total=ctx.spread("indicators", total), share=ctx.threshold("indicators", "max_share") * 100,
        message="“{level3}”分值{points_text}，超过总分值{total}分的{share}%，一个指标决定了总分。",
    )  # fmt: skip


_SCORES_ONLY = ("F5", "F6")  # their points stand elsewhere or nowhere by design


@check("WT05")
def bad_points(ctx: Context) -> Iterator[Hit]:
    """A scored row has no points, points that are no number, or points that are not positive.

    A row that only has an actual value is warned about: it may be meant as an illustration. Scores on a form with
    points nowhere are said once: none of them could be checked.
    """
    shared, points = tally(ctx), ctx.i["points"]
    bare = shared.rows & ~np.isnan(ctx.i["score_declared"]) & ~ctx.layout("indicators", *_SCORES_ONLY)
    printed = ctx.i["level1_points"] > 0
    printed = shared.projects.any(printed | (ctx.i["level2_points"] > 0)) | shared.has_points
    count = shared.projects.spread(shared.projects.size(bare))
    yield from ctx.hits(
        "indicators", shared.projects.firsts(bare & ~ctx.spread("indicators", printed)),
        cell=("cell_points", "cell_score"), expected="各行分值", count=count,
        severity="info",
        message="本表{count}行指标有得分而没有任何分值，得分是否正确无法核对，请补填分值。",
    )  # fmt: skip
    due = shared.rows & ctx.filled("indicators", "cell_points") & ctx.spread("indicators", shared.has_points)
    due &= shared.applicable & ~ctx.layout("indicators", "F6") & ~ctx.role("execution")
    scored = ~np.isnan(ctx.i["score_declared"])
    missing = due & shared.without_points
    unread = missing & ~ctx.nil("indicators", "points_text")
    empty = missing & ~unread & (scored | ~ctx.nil("indicators", "actual_text")) & ~ctx.role("process")
    low = due & (points <= 0) & (scored | ~ctx.nil("indicators", "actual_text"))
    yield from ctx.hits(
        "indicators", unread | low, cell="cell_points", seen="points_text", expected="大于0的分值",
        message="“{level3}”分值“{points_text}”不是大于0的数字。",
    )  # fmt: skip
    yield from ctx.hits(
        "indicators", empty, cell="cell_points", seen="points_text", expected="大于0的分值",
        severity=lambda r: "" if scored[r.at] else "warning",
        message=lambda r: f"“{r.level3}”没有填写分值" + (f"，"
        f"却有得分{r.score_text.strip()}。" if scored[r.at] else "。"),
    )  # fmt: skip


@check("WT06")
def note_contradicts(ctx: Context) -> Iterator[Hit]:
    """The weight note printed on the form (产出指标50分、效益指标30分 …) contradicts its own groups."""
    groups = ctx.groups("indicators", "level1")
    headed = ctx.i["level1_points"]
    sums = groups.spread(groups.sum(tally(ctx).points, tally(ctx).rows))
    sums[~ctx.spread("indicators", tally(ctx).points_known)] = np.nan
    own = np.where(np.isnan(headed), sums, headed)
    for part, pattern in _NOTED.items():
        noted = ctx.spread("indicators", _noted(ctx, pattern))
        off = ctx.isin("indicators", "level1", *_PARTS[part]) & tally(ctx).rows
        off &= np.abs(own - noted) > ctx.threshold("indicators", "tol_points") + EPSILON
        yield from ctx.hits(
            "indicators", groups.firsts(off), cell="cell_level1", seen="level1_text", own=own, noted=noted,
            expected="{noted}分", message=f"附注写明{part}指标{{noted}}分，表中该组为{{own}}分，两处矛盾。",
        )  # fmt: skip


def _noted(ctx: Context, pattern: re.Pattern[str]) -> Floats:
    codes, texts = ctx.distinct("projects", "footnotes")
    found = [pattern.search(fold(text)) for text in texts]
    return np.array([float(match.group(1)) if match else np.nan for match in found], dtype=float)[codes]


@check("WT07")
def differs_from_approved(ctx: Context) -> Iterator[Hit]:
    """The points of an indicator differ from the target sheet approved with the budget.

    Needs that sheet: `Context.extras["approved"]`, rows of project, indicator and points.
    """
    approved = ctx.extras.get("approved")
    if not approved:
        raise Skipped("没有提供已批复的绩效目标表，本项未检查")
    known: dict[Any, Any] = {(fold(r["project"]), fold(r["indicator"])): r["points"] for r in approved}
    projects = ctx.spread("indicators", ctx.text("projects", "project_name"))
    names = ctx.text("indicators", "level3")
    wanted = np.array(
        [float(known.get((fold(p), fold(n)), np.nan)) for p, n in zip(projects, names, strict=True)], dtype=float
    )
    off = tally(ctx).rows & (np.abs(wanted - ctx.i["points"]) > EPSILON)
    yield from ctx.hits(
        "indicators", off, cell="cell_points", seen="points_text", wanted=wanted, expected="{wanted}",
        message="“{level3}”批复的分值为{wanted}，自评表为{points}。",
    )  # fmt: skip


@check("WT08")
def odd_points(ctx: Context) -> Iterator[Hit]:
    """Points with many decimals, or a group split into equal fractions: computed, not judged by importance."""
    points = ctx.i["points"]
    places = ctx.parameter("indicators", "max_point_decimals")
    broken = tally(ctx).rows & (np.abs(points - np.round(points)) > EPSILON)
    long = broken.copy()
    at = np.flatnonzero(broken)
    exact = ctx.text("indicators", "points")
    long[at] = [decimals(exact[n]) > places[n] for n in at]
    yield from ctx.hits(
        "indicators", long, cell="cell_points", seen="points_text", expected="整数或一位小数",
        message="“{level3}”分值{points_text}小数位过多。",
    )  # fmt: skip
    groups = ctx.groups("indicators", "level1_text", "level2_text")
    equal = groups.spread(_all_equal(groups, points, tally(ctx).rows & ~np.isnan(points)))
    yield from ctx.hits(
        "indicators", groups.firsts(broken & ~long & equal), cell="cell_points", seen="points_text",
        message="“{level2}”各行分值都是{points_text}，像是平均分配。",
    )  # fmt: skip


@check("WT09")
def equal_points(ctx: Context) -> Iterator[Hit]:
    """Every indicator of a form has the same points, however many there are: a mechanical split."""
    points, rows = ctx.i["points"], ctx.by_project("indicators")
    own = ctx.role("indicator") & ~np.isnan(points) & ~tally(ctx).merged
    same = _all_equal(rows, points, own) & (rows.size(own) >= ctx.threshold("projects", "min_rows"))
    yield from ctx.hits(
        "indicators", rows.firsts(own & rows.spread(same)), cell="cell_points", seen="points_text",
        count=rows.spread(rows.size(own)),
        message="本表{count}个指标的分值都是{points_text}，没有区分重要程度。",
    )  # fmt: skip


def _all_equal(groups: Groups, values: Floats, where: Mask) -> Mask:
    """Groups of at least two rows in which all values are the same."""
    count = np.maximum(groups.size(where), 1)
    mean = groups.sum(values, where) / count
    spread = groups.sum(np.abs(values - groups.spread(mean)), where)
    found: Mask = (groups.size(where) > 1) & (spread <= EPSILON * count)
    return found
