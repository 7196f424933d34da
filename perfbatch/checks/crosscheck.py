"""XP: projects of one batch against each other: duplicates, lists, scores, names of indicators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from perfbatch.checks.alike import codes, joint, name_key, numbered
from perfbatch.checks.context import (
    EPSILON,
    Context,
    Groups,
    Hit,
    Mask,
    Positions,
    Skipped,
    Table,
    number,
)
from perfbatch.checks.register import check
from perfbatch.checks.rows import highest_band, name_of, project_of
from perfbatch.checks.tally import LISTS
from perfbatch.exact import plain
from perfbatch.notation.units import common

_KEYS = ("project_code", "unit", "department", "year")
_IDENTITY: dict[Table, tuple[str, ...]] = {"projects": _KEYS}


def _years(ctx: Context) -> Positions:
    return numbered(ctx.text("projects", "year"))


def _place(ctx: Context, at: int) -> str:
    """File, sheet and cell of a project, for a message."""
    parts = [ctx.text("projects", name)[at] for name in ("file", "sheet", "cell")]
    return f"{parts[0]}“{parts[1]}”{parts[2]}"


def _listed(ctx: Context) -> Mask:
    return ctx.layout("projects", *LISTS)


@check("XP01", scope="batch", columns=_IDENTITY)
def project_twice(ctx: Context) -> Iterator[Hit]:
    """The same project has two forms (or two list rows) of one year: by code, or by name and unit.

    A list row beside a form is no duplicate. Equal names without a unit on both sides are only a warning, and
    forms with different codes are different projects. The two lists of the platform belong together, but are
    joined inside a workbook only: rows of one project in two files count twice, which is said.
    """
    kind = _listed(ctx).astype(np.int64)
    code, unit = (codes(ctx, "projects", column, name_key) for column in ("project_code", "unit"))
    name = codes(ctx, "projects", "project_name", name_key)
    coded, unitless = ctx.filled("projects", "project_code"), ~ctx.filled("projects", "unit")
    by_code, by_name = joint(kind, code, _years(ctx)), joint(kind, name, unit, _years(ctx))
    first_code, first_name = (_first_other(groups, where) for groups, where in (
        (by_code, coded), (by_name, ctx.filled("projects", "project_name"))
    ))  # fmt: skip
    differ = coded & (first_name >= 0) & coded[first_name] & (code != code[first_name])
    first = np.where(first_code >= 0, first_code, np.where(differ, -1, first_name))
    other = _other_list(ctx, code, name)
    first = np.where(first >= 0, first, other)
    apart = (first >= 0) & (first == other)
    yield from ctx.hits(
        "projects", first >= 0,
        cell="cell", seen="project_name", first=first, apart=apart,
        severity=lambda r: "" if r.certain else "warning", certain=(first_code >= 0) | ~unitless | apart,
        message=lambda r: f"{project_of(r)}{_code(r)}{(_apart if r.apart else _twice)(_place(ctx, r.first))}。",
    )  # fmt: skip


def _other_list(ctx: Context, code: Positions, name: Positions) -> Positions:
    """For each row of a list the first row of the other list with its code, or its name where a unit or code is
    missing on one side; else -1."""
    which = np.array([ctx.layout("projects", layout) for layout in LISTS]).T @ np.array([1, 2])
    coded, united, dated = (ctx.filled("projects", column) for column in ("project_code", "unit", "year"))
    found = np.full(len(which), -1, dtype=np.int64)
    named = ctx.filled("projects", "project_name")
    for groups, where, sure in ((joint(name), named, False), (joint(code), coded, True)):
        firsts = np.array([groups.spread(groups.first(where & (which == kind))) for kind in (2, 1)])
        at = np.where(which == 1, firsts[0], firsts[1])
        same = (at >= 0) & where & (which > 0) & ((_years(ctx) == _years(ctx)[at]) | ~(dated & dated[at]))
        same &= sure | (~(coded & coded[at]) & ~(united & united[at]))
        found = np.where(same & (at < np.arange(len(which))), at, found)
    return found


def _twice(place: str) -> str:
    return f"与{place}处的项目重复"


def _apart(place: str) -> str:
    return f"的项目列表和指标列表分在两个文件（另一处在{place}），没有合并，按两个项目统计"


def _first_other(groups: Groups, where: Mask) -> Positions:
    """For each row of `where` the first such row of its group when that is another one, else -1."""
    first = groups.spread(groups.first(where))
    return np.where(where & (first != np.arange(len(where))), first, -1)


def _code(row: Any) -> str:
    return f"（编码{row.project_code}）" if row.project_code else ""


def _pairs(ctx: Context) -> tuple[Positions, Mask]:
    """For each project its partner of the other kind (list row ↔ form) or -1, and which projects are judged.

    Judged are only units of which both a list and forms were given: a list of the whole county does not
    condemn the units whose forms are not part of this batch.
    """
    listed = _listed(ctx)
    if not listed.any() or listed.all():
        raise Skipped("批次中没有同时提供项目清单和自评表，清单与自评表未核对")
    name, unit = (codes(ctx, "projects", column, name_key) for column in ("project_name", "unit"))
    code = codes(ctx, "projects", "project_code", name_key)
    units = joint(unit, _years(ctx))
    both = units.spread(units.any(listed) & units.any(~listed))
    partner = np.full(len(listed), -1, dtype=np.int64)
    for groups, where in (
        (joint(name, unit, _years(ctx)), np.ones(len(listed), dtype=bool)),
        (joint(code, _years(ctx)), ctx.filled("projects", "project_code")),
    ):
        row, form = (groups.spread(groups.first(where & kind)) for kind in (listed, ~listed))
        other = np.where(listed, form, row)
        partner = np.where(where & (other >= 0), other, partner)
    return partner, both


@check("XP02", scope="batch", columns=_IDENTITY)
def list_and_forms_differ(ctx: Context) -> Iterator[Hit]:
    """A project of the list has no form, or a form's project is not on the list of its unit."""
    partner, both = _pairs(ctx)
    listed = _listed(ctx)
    for bad, text in ((listed, "在项目清单中，没有对应的自评表"), (~listed, "有自评表，不在项目清单中")):
        yield from ctx.hits(
            "projects", bad & both & (partner < 0),
            cell="cell", seen="project_name",
            message=_named(text),
        )  # fmt: skip


def _named(text: str) -> Any:
    return lambda r: f"{project_of(r)}{text}。"


_COMPARED = (
    ("budget_adjusted", "cell_adjusted", "全年预算数", "万元", "tol_money"),
    ("executed", "cell_executed", "全年执行数", "万元", "tol_money"),
    ("total_declared", "cell_total", "自评得分", "分", "tol_score"),
)


@check(
    "XP04",
    scope="batch",
    columns={"projects": (*_KEYS, *(name for row in _COMPARED for name in row[:2]), "grade_declared", "cell_grade")},
)
def list_figures_differ(ctx: Context) -> Iterator[Hit]:
    """Budget, expenditure, score or grade of the list differ from the project's own form."""
    partner, _ = _pairs(ctx)
    paired = _listed(ctx) & (partner >= 0)
    for column, cell, label, unit, tolerance in _COMPARED:
        own = ctx.p[column]
        other = own[partner]
        differs = np.abs(own - other) > ctx.threshold("projects", tolerance) + EPSILON
        yield from ctx.hits(
            "projects", paired & differs,
            cell=(cell, "cell"), seen=lambda r: number(r.own), expected=lambda r: number(r.other),
            own=own, other=other, partner=partner, message=_differing(ctx, label, unit),
        )  # fmt: skip
    grade = ctx.text("projects", "grade_declared")
    differs = (grade != grade[partner]) & (grade != "") & (grade[partner] != "")
    yield from ctx.hits(
        "projects", paired & differs,
        cell=("cell_grade", "cell"), seen="grade_declared", expected=lambda r: grade[r.partner],
        partner=partner,
        message=lambda r: f"{project_of(r)}清单等级为{r.grade_declared}，"
        f"自评表（{_place(ctx, r.partner)}）为{grade[r.partner]}。",
    )  # fmt: skip


def _differing(ctx: Context, label: str, unit: str) -> Any:
    return lambda r: (
        f"{project_of(r)}清单的{label}为{number(r.own)}{unit}，"
        f"自评表（{_place(ctx, r.partner)}）为{number(r.other)}{unit}。"
    )


@check("XP07", scope="batch", columns={"projects": ("total_declared", "cell_total")})
def decimals_differ(ctx: Context) -> Iterator[Hit]:
    """Some totals carry more decimals than the ruleset keeps while others of the batch do not."""
    places = np.array([_decimals(value) for value in ctx.text("projects", "total_declared")], dtype=float)
    limit = ctx.threshold("projects", "total_round")
    many = places > limit
    if (places <= limit).any():
        yield from ctx.hits(
            "projects", many,
            cell=("cell_total", "cell"), seen=lambda r: plain(r.total_declared), limit=limit,
            expected=lambda r: f"{number(r.limit)}位小数",
            message=lambda r: f"{project_of(r)}"
            f"总分{plain(r.total_declared)}的小数位数与其他项目不一致。",
        )  # fmt: skip


def _decimals(value: Any) -> float:
    if value is None:
        return np.nan
    text = plain(value)
    return len(text.partition(".")[2])


@check("XP10", scope="batch", columns={"projects": ("unit", "total_declared", "cell_total")})
def scores_crowd_at_the_top(ctx: Context) -> Iterator[Hit]:
    """Nearly all projects of a unit are in the highest band, or all have exactly the same full score.

    The share is judged only where one project outside the band would already fall below it.
    """
    units, total = joint(codes(ctx, "projects", "unit", name_key)), ctx.p["total_declared"]
    known = ~np.isnan(total)
    high = known & (total >= highest_band(ctx) - EPSILON)
    count, above = units.spread(units.size(known)), units.spread(units.size(high))
    share = ctx.threshold("projects", "share_high")
    crowded = (count * (1 - share) >= 1 - EPSILON) & (above >= share * count - EPSILON)
    top = units.spread(units.size(known & (total == 100)))
    perfect = (top == count) & (count >= ctx.threshold("projects", "copy_min_rows"))
    yield from ctx.hits(
        "projects", units.firsts(known & (crowded | perfect)),
        cell=("cell_total", "cell"), count=count, above=above, seen=lambda r: f"{r.above}/{r.count}",
        message=lambda r: f"{r.unit or '本批次'}{r.count}个项目中{r.above}个得分在最高分数段，"
        "得分高度集中，建议抽查。",
    )  # fmt: skip


@check(
    "XP11",
    scope="batch",
    columns={"indicators": ("level3", "level2", "level1", "role", "kind", "unit", "direction", "cell_target")},
)
def indicator_defined_differently(ctx: Context) -> Iterator[Hit]:
    """One indicator name is counted in units that cannot be compared, or has opposite directions, in a batch.

    Reported once a name, at the first row that departs from the most frequent definition.
    """
    counted = ctx.role("indicator") & ctx.isin("indicators", "kind", "quantitative")
    counted &= ctx.filled("indicators", "unit")
    counted &= ctx.where("indicators", "level3", lambda text: len(text) > 2)  # 数量, 面积 say nothing
    name = codes(ctx, "indicators", "level3")
    columns = [ctx.distinct("indicators", column)[0] for column in ("unit", "direction")]
    variants, names = joint(name, *columns), joint(name)
    first = variants.first(counted)
    sizes = variants.size(counted)
    by_name: dict[int, list[int]] = {}
    met = np.flatnonzero(first >= 0)
    of = names.codes[first[met]]
    for variant in met[np.bincount(of, minlength=1)[of] > 1]:
        by_name.setdefault(int(names.codes[first[variant]]), []).append(int(variant))
    for found in by_name.values():
        yield from _variant_hits(ctx, sorted(found, key=lambda v: (-sizes[v], first[v])), first)


_DIRECTION = {"positive": "越多越好", "negative": "越少越好"}


def _variant_hits(ctx: Context, variants: list[int], first: Positions) -> Iterator[Hit]:
    unit, direction = ctx.text("indicators", "unit"), ctx.text("indicators", "direction")
    owner = ctx.owner("indicators")
    usual = int(first[variants[0]])
    for variant in variants[1:]:
        at = int(first[variant])
        opposed = {direction[at], direction[usual]} == {"positive", "negative"}
        if owner[at] != owner[usual] and (opposed or common(unit[at], unit[usual]).state == "dimension"):
            place = _place(ctx, int(owner[usual]))
            ways = (_DIRECTION[direction[at]], _DIRECTION[direction[usual]]) if opposed else None
            yield from _variant_hit(ctx, at, ways or (unit[at], unit[usual]), "方向" if ways else "单位", place)
            return


def _variant_hit(ctx: Context, at: int, kinds: tuple[str, str], what: str, place: str) -> Iterator[Hit]:
    """The row `at`, whose unit or direction (`what`) is the first of `kinds`; at `place` it is the second."""
    here, there = kinds
    where = np.zeros(len(ctx.indicators), dtype=bool)
    where[at] = True
    yield from ctx.hits(
        "indicators", where, cell="cell_target", seen=lambda _: here, expected=lambda _: there,
        message=lambda r: f"指标{name_of(r)}在此处{what}为“{here}”，在{place}的项目中为“{there}”，定义不一致。",
    )  # fmt: skip
