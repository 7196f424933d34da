"""XP, further inputs: last year, rectification, evidence, submission dates, spot check and review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from perfbatch.checks.alike import name_key
from perfbatch.checks.context import EPSILON, Context, Floats, Hit, Mask, Skipped, number
from perfbatch.checks.inputs import figures, given, named, per_project
from perfbatch.checks.register import check
from perfbatch.checks.rows import name_of, per_ruleset, project_of
from perfbatch.model import Frames
from perfbatch.notation import fold, read_target
from perfbatch.notation.units import common

_NAMES = ("project_code", "unit")


@check(
    "XP06",
    scope="batch",
    columns={
        "projects": _NAMES,
        "indicators": (
            "level3",
            "level2",
            "level1",
            "role",
            "unit",
            "unit_text",
            "target_text",
            "target_value",
            "direction",
            "target_status",
            "last_year",
            "cell_target",
        ),
    },
)
def target_below_last_year(ctx: Context) -> Iterator[Hit]:
    """A more-is-better target lies far below what was reached last year (form column, or last year's run)."""
    printed, previous = ctx.filled("indicators", "last_year"), ctx.extras.get("previous")
    if not printed.any() and previous is None:
        raise Skipped("没有提供上年结果（--previous），表中也没有上年完成值，本项未检查")
    upward = ctx.isin("indicators", "direction", "positive") & ctx.role("indicator")
    clear = ~ctx.isin("indicators", "target_status", "ambiguous", "multiple")
    reached = np.full(len(ctx.indicators), np.nan)
    for at in np.flatnonzero(upward & printed):
        reached[at] = _printed_last_year(ctx, int(at))
    if previous is not None:
        _take_from(ctx, previous, reached, upward & np.isnan(reached))
    low = ctx.i["target_value"] < reached * ctx.threshold("indicators", "last_year_ratio") - EPSILON
    yield from ctx.hits(
        "indicators", upward & clear & low,
        cell="cell_target", seen="target_text", reached=reached,
        expected=lambda r: f"{number(r.reached)}{r.unit}",
        message=lambda r: f"指标{name_of(r)}的目标“{r.target_text}”，上年实际{number(r.reached)}{r.unit}，"
        "目标明显低于上年实际。",
    )  # fmt: skip


def _printed_last_year(ctx: Context, at: int) -> float:
    """The form's own 上年完成值 in the unit of the target, NaN when it is no such figure."""
    columns = ("last_year", "unit_text", "unit", "level3", "level2")
    text, unit_cell, unit, name, level2 = (ctx.text("indicators", column)[at] for column in columns)
    reading = read_target(text, unit=unit_cell, name=name, level2=level2)
    alike = reading.unit in ("", unit)
    return float(reading.value) if reading.value is not None and alike else np.nan


def _take_from(ctx: Context, previous: Frames, reached: Floats, wanted: Mask) -> None:
    """Fill last year's actuals by project (name and unit) and indicator name; ambiguous keys give nothing."""
    last = Context(previous, {})
    actual, unit = last.i["actual_value"], last.text("indicators", "unit")
    known: dict[tuple[str, ...], int | None] = {}
    for at, key in enumerate(_keys(last)):
        known[key] = None if key in known else at
    own = ctx.text("indicators", "unit")
    for at, key in enumerate(_keys(ctx)):
        found = known.get(key)
        if wanted[at] and found is not None and common(own[at], unit[found])[:3] == ("yes", 1, 1):
            reached[at] = actual[found]


def _keys(ctx: Context) -> list[tuple[str, ...]]:
    projects = [ctx.text("projects", name)[ctx.owner("indicators")] for name in ("project_name", "unit")]
    columns = [*projects, ctx.text("indicators", "level2"), ctx.text("indicators", "level3")]
    return [tuple(map(name_key, texts)) for texts in zip(*columns, strict=True)]


@check(
    "XP08",
    scope="batch",
    columns={
        "projects": (
            *_NAMES,
            "total_declared",
            "grade",
            "executed",
            "problems",
            "measures",
            "reason_box",
            "cell_measures",
        )
    },
)
def no_rectification(ctx: Context) -> Iterator[Hit]:
    """A project below the second grade, or not executed at all, has neither measures nor a ledger entry.

    Forms without a box for measures are judged only when a ledger is given.
    """
    ledger = ctx.extras.get("rectification")
    place = ctx.filled("projects", "cell_measures")
    if ledger is None and not place.any():
        raise Skipped("没有提供整改台账，表中也没有改进措施栏，本项未检查")
    second = per_ruleset(ctx, "projects", "grades", lambda bounds: float(bounds[1]))
    idle = ctx.p["executed"] == 0
    low = ctx.p["total_declared"] < second - EPSILON
    entered = ~ctx.nil("projects", "measures")
    if ledger is not None:
        entered |= named(ctx, ledger)
        place = np.ones(len(place), dtype=bool)
    yield from ctx.hits(
        "projects", (low | idle) & place & ~entered,
        cell=("cell_measures", "cell"), seen="measures", expected="整改措施和时限", idle=idle,
        message=lambda r: f"{project_of(r)}"
        + ("未执行" if r.idle else f"自评{number(r.total_declared)}分") + "，没有整改措施或整改登记。",
    )  # fmt: skip


@check(
    "XP09",
    scope="batch",
    columns={
        "projects": _NAMES,
        "indicators": ("role", "level3", "level2", "level1", "evidence", "points", "cell_level3", "cell_target"),
    },
)
def evidence_missing(ctx: Context) -> Iterator[Hit]:
    """A scored indicator lists no document, where the form has such a column in use or a list was given.

    With a sample, only the projects drawn are asked.
    """
    listed, sample = ctx.extras.get("evidence"), ctx.extras.get("sample")
    filled = ~ctx.nil("indicators", "evidence")
    asked = ctx.by_project("indicators").any(filled)
    if listed is None and not filled.any():
        raise Skipped("表中没有填写佐证资料栏，也没有提供佐证材料清单，本项未检查")
    drawn = named(ctx, sample) if sample else np.ones(len(ctx.projects), dtype=bool)
    if listed is not None:
        lists = per_project(ctx, listed)
        given_any = np.array([found is not None for found in lists], dtype=bool)
        yield from ctx.hits(
            "projects", drawn & ~given_any & ~asked, cell="cell", expected="佐证材料",
            message=lambda r: f"{project_of(r)}没有提供佐证材料。",
        )  # fmt: skip
        filled = filled | _documented(ctx, lists)
        asked |= given_any
    scored = ctx.role("indicator") & (ctx.i["points"] > 0)
    lacking = _lacking(ctx, per_project(ctx, ctx.extras.get("lacking", {})))
    yield from ctx.hits(
        "indicators", scored & ctx.spread("indicators", asked & drawn) & ~filled,
        cell=("cell_level3", "cell_target"), expected=lambda r: r.lacking or "佐证材料", lacking=lacking,
        message=lambda r: f"指标{name_of(r)}缺少佐证材料：{r.lacking}。" if r.lacking
        else f"指标{name_of(r)}没有列出佐证材料。",
    )  # fmt: skip


def _lacking(ctx: Context, lists: Any) -> npt.NDArray[Any]:
    """For each indicator the papers that it lacks, where that is known."""
    by_name = [{fold(name): papers for name, papers in (found or {}).items()} for found in lists]
    names, owner = ctx.text("indicators", "level3"), ctx.owner("indicators")
    return np.array([by_name[at].get(fold(name), "") for name, at in zip(names, owner, strict=True)], dtype=object)


def _documented(ctx: Context, lists: Any) -> Mask:
    """Rows whose indicator is named in the evidence list of their project."""
    keys = [frozenset(map(fold, found)) if found is not None else frozenset() for found in lists]
    names, owner = ctx.text("indicators", "level3"), ctx.owner("indicators")
    return np.array([fold(name) in keys[at] for name, at in zip(names, owner, strict=True)], dtype=bool)


@check("XP12", scope="batch", columns={"projects": _NAMES})
def late_submission(ctx: Context) -> Iterator[Hit]:
    """A form came in after the end of the task, or no submission is recorded."""
    task = given(ctx, "task", "列有提交时间的项目列表（或 --published 清单）和自评截止时间")
    end = date.fromisoformat(task["end"])
    dates = per_project(ctx, task["submitted"])  # None: not on the list; empty: listed without a time
    late = np.array([text is not None and (not text or date.fromisoformat(text) > end) for text in dates], dtype=bool)
    yield from ctx.hits(
        "projects", late,
        cell="cell", seen=lambda r: r.dates or "", dates=dates, expected=task["end"],
        message=lambda r: f"{project_of(r)}自评截止{task['end']}，" + _submitted(r.dates, end),
    )  # fmt: skip


def _submitted(text: str | None, end: date) -> str:
    if not text:
        return "没有提交记录。"
    return f"{text}提交，逾期{(date.fromisoformat(text) - end).days}天。"


def _own_review(ctx: Context) -> tuple[Floats, Floats]:
    """Self score and review score of each project over the rows that were reviewed on the form itself."""
    reviewed = ctx.role("indicator", "parent", "process") & ~np.isnan(ctx.i["review_score"])
    by = ctx.by_project("indicators")
    own, review = (
        np.where(by.any(reviewed), by.sum(ctx.i[column], reviewed), np.nan)
        for column in ("score_declared", "review_score")
    )
    return own, review


@check(
    "XP13",
    scope="batch",
    columns={
        "projects": (*_NAMES, "total_declared", "cell_total"),
        "indicators": ("role", "score_declared", "review_score"),
    },
)
def self_score_above_review(ctx: Context) -> Iterator[Hit]:
    """The self score exceeds by far the review score of the form, of the review results, or of an evaluation."""
    own, review = _own_review(ctx)
    sources = np.full(len(ctx.projects), "", dtype=object)
    if "evaluated" in ctx.extras:
        results = figures(ctx, ctx.extras["evaluated"], "score")
        own = np.where(np.isnan(results), own, ctx.p["total_declared"])
        review = np.where(np.isnan(results), review, results)
        for at, found in enumerate(per_project(ctx, ctx.extras["evaluated"])):
            sources[at] = found["source"] if found else ""
    if "review" in ctx.extras:
        results = figures(ctx, ctx.extras["review"], "score")
        own = np.where(np.isnan(results), own, ctx.p["total_declared"])
        review = np.where(np.isnan(results), review, results)
        sources = np.where(np.isnan(results), sources, "")
    if np.isnan(review).all():
        named_only = "、".join(f"“{name}”" for name in ctx.extras.get("evaluated", ()))
        if named_only:
            raise Skipped(f"绩效评价评分表上的项目{named_only}与自评项目对应不上，没有复核得分，本项未检查")
        raise Skipped("没有复核得分和绩效评价得分，本项未检查")
    yield from ctx.hits(
        "projects", own - review > ctx.threshold("projects", "review_gap") + EPSILON,
        cell=("cell_total", "cell"), seen=lambda r: number(r.own), expected=lambda r: number(r.review),
        own=own, review=review, source=sources,
        message=lambda r: f"{project_of(r)}自评{number(r.own)}分，"
        + (f"绩效评价{number(r.review)}分（{r.source}），" if r.source else f"复核{number(r.review)}分，")
        + f"高出{number(r.own - r.review)}分。",
    )  # fmt: skip


@check("XP14", scope="batch", columns={"projects": _NAMES})
def sample_too_small(ctx: Context) -> Iterator[Hit]:
    """Fewer projects of a unit were drawn than the share asks for, or a drawn project has no review result.

    The units and their numbers are those of the draw itself; what is lacking is said once, of the batch.
    """
    drawn = named(ctx, given(ctx, "sample", "抽查名单"))
    lacking = [one for one in ctx.extras.get("drawn", ()) if one[2] < one[3]]
    if lacking:
        unit, projects, taken, due = lacking[0]
        told = f"{unit or '本批次'}共{projects}个项目，抽查{taken}个，按比例应不少于{due}个。"
        if len(lacking) > 1:
            told = f"有{len(lacking)}个单位抽查数量不足，如{told}"
        sums = (sum(one[at] for one in lacking) for at in (2, 3))
        seen, expected = (f"{count}个" for count in sums)
        yield Hit("book", -1, "", seen, expected, told)
    if "review" in ctx.extras:
        unreviewed = drawn & np.isnan(figures(ctx, ctx.extras["review"], "score"))
        yield from ctx.hits(
            "projects", unreviewed, cell="cell", expected="复核得分",
            message=lambda r: f"抽查{project_of(r)}没有复核结果。",
        )  # fmt: skip


@check(
    "XP15",
    scope="batch",
    columns={
        "projects": _NAMES,
        "indicators": (
            "role",
            "level3",
            "level2",
            "level1",
            "points",
            "score_declared",
            "review_score",
            "cell_review_score",
        ),
    },
)
def review_score_out_of_range(ctx: Context) -> Iterator[Hit]:
    """A review score above the points, or none on a scored row of a project that was reviewed or drawn."""
    review, place = ctx.i["review_score"], ctx.filled("indicators", "cell_review_score")
    if not place.any():
        raise Skipped("表中没有核查分数（复核分）栏，本项未检查")
    yield from ctx.hits(
        "indicators", review > ctx.i["points"] + EPSILON,
        cell="cell_review_score", seen="review_score", expected=lambda r: f"不超过{number(r.points)}",
        message=lambda r: f"指标{name_of(r)}核查{number(r.review_score)}分，超过分值{number(r.points)}分。",
    )  # fmt: skip
    begun = ctx.by_project("indicators").any(~np.isnan(review))
    if sample := ctx.extras.get("sample"):
        begun |= named(ctx, sample)
    scored = ctx.role("indicator", "process") & (ctx.i["score_declared"] >= 0) & place & np.isnan(review)
    yield from ctx.hits(
        "indicators", scored & ctx.spread("indicators", begun),
        cell="cell_review_score", expected="核查分数",
        message=lambda r: f"指标{name_of(r)}自评{number(r.score_declared)}分，没有填写核查分数。",
    )  # fmt: skip
