"""XP, copies: indicator sets and texts pasted from one project into the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from math import ceil
from typing import Any

import numpy as np

from perfbatch.checks import words
from perfbatch.checks.alike import codes, joint
from perfbatch.checks.context import EPSILON, Context, Hit, Mask, Positions
from perfbatch.checks.register import check
from perfbatch.notation import says_nothing

AUDIT = "审计实务（据记忆，未核原文）：绩效目标和自评材料相互照搬"
Keys = tuple[int, ...]  # codes of (name, target), rarest first


@check("XP03", scope="batch", columns={"indicators": ("role", "level3", "target_text", "unit_text")})
def copied_indicator_sets(ctx: Context) -> Iterator[Hit]:
    """Several projects share (nearly) all indicators with their targets: the set was copied."""
    sets = _indicator_sets(ctx)
    share, least = (ctx.threshold("projects", key) for key in ("copy_share", "copy_min_rows"))
    judged = {at: keys for at, keys in sets.items() if len(keys) >= least[at]}
    names = ctx.text("projects", "project_name")
    for group in _similar(judged, share):
        for at in group:
            other = group[1] if at == group[0] else group[0]
            cell = ctx.text("projects", "cell")[at]
            yield Hit(
                "projects", at, cell, f"{len(judged[at])}个指标", "",
                f"项目“{names[at]}”的{len(judged[at])}个指标与"
                f"{_others(ctx, names, at, other, len(group) - 1)}基本相同，疑似照搬。",
            )  # fmt: skip


def _others(ctx: Context, names: Any, at: int, other: int, count: int) -> str:
    """The other projects; one of the same name by its place."""
    name = f"“{names[other]}”"
    if names[at] == names[other]:
        file, sheet = (ctx.text("projects", column)[other] for column in ("file", "sheet"))
        same = file == ctx.text("projects", "file")[at]
        name = f"{'' if same else f'{file} '}工作表“{sheet}”的同名项目"
        return name if count == 1 else f"{name}等{count}个项目"
    return f"项目{name}" if count == 1 else f"{name}等{count}个项目"


def _indicator_sets(ctx: Context) -> dict[int, Keys]:
    """The distinct (name, target) codes of each project, those rare in the batch first."""
    counted = ctx.role("indicator") & ctx.filled("indicators", "level3")
    columns = (codes(ctx, "indicators", column) for column in ("level3", "target_text", "unit_text"))
    key = joint(*columns).codes[counted]
    owner = ctx.owner("indicators")[counted]
    order = np.lexsort((key, np.bincount(key, minlength=1)[key], owner))
    owner, key = owner[order], key[order]
    new = np.ones(len(key), dtype=bool)
    new[1:] = (owner[1:] != owner[:-1]) | (key[1:] != key[:-1])
    projects, first = np.unique(owner[new], return_index=True)
    found = np.split(key[new], first[1:])
    return {at: tuple(keys.tolist()) for at, keys in zip(projects.tolist(), found, strict=False)}


def _similar(sets: dict[int, Keys], share: Any) -> list[list[int]]:
    """Groups of projects whose sets overlap by `share`, each in the order of the frame.

    Equal sets are joined first; of the distinct ones only pairs are compared that share one of their rarest
    keys, which any pair with that overlap must do.
    """
    members: dict[Keys, list[int]] = defaultdict(list)
    for at in sorted(sets):
        members[sets[at]].append(at)
    leaders: dict[Keys, Keys] = {keys: keys for keys in members}
    index: dict[int, list[Keys]] = defaultdict(list)
    for keys in members:
        needed = share[members[keys][0]]
        for key in keys[: len(keys) - ceil(needed * len(keys) - EPSILON) + 1]:
            for other in index[key]:
                _join(leaders, keys, other, needed)
            index[key].append(keys)
    groups: dict[Keys, list[int]] = defaultdict(list)
    for keys, found in members.items():
        groups[_leader(leaders, keys)] += found
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def _leader(leaders: dict[Keys, Keys], keys: Keys) -> Keys:
    while leaders[keys] != keys:
        leaders[keys] = keys = leaders[leaders[keys]]
    return keys


def _join(leaders: dict[Keys, Keys], one: Keys, other: Keys, share: float) -> None:
    roots = _leader(leaders, one), _leader(leaders, other)
    if roots[0] != roots[1]:
        overlap = len(set(one) & set(other))
        if overlap >= share * max(len(one), len(other)) - EPSILON:
            leaders[roots[0]] = roots[1]


@check(
    "XP05",
    scope="batch",
    columns={
        "projects": ("conclusion", "cell_conclusion", "executed"),
        "indicators": ("reason", "cell_reason", "role", "level3"),
    },
)
def same_text_pasted(ctx: Context) -> Iterator[Hit]:
    """The same reason or conclusion stands in many rows or projects: it explains none of them.

    A cell merged over several rows counts once, and so does a project that was not executed at all, whose
    rows have one cause.
    """
    idle = ctx.spread("indicators", ctx.p["executed"] == 0)
    cell = codes(ctx, "indicators", "cell_reason")
    place = joint(ctx.owner("indicators"), np.where(idle, 0, cell)).codes
    told = ctx.role("indicator", "parent", "child") & ctx.where("indicators", "reason", _substantial)
    count = _places(codes(ctx, "indicators", "reason"), place, told)
    many = told & (count >= ctx.threshold("indicators", "same_text_n"))
    many &= joint(place, codes(ctx, "indicators", "reason")).firsts(many)
    yield from ctx.hits(
        "indicators", many,
        cell="cell_reason", seen="reason", count=count,
        message=lambda r: f"偏差原因“{r.reason}”在本批次中出现{r.count}次，没有针对具体指标说明。",
    )  # fmt: skip
    code = codes(ctx, "projects", "conclusion")
    length = ctx.threshold("projects", "reason_min_chars")
    own, texts = ctx.distinct("projects", "conclusion")
    long = np.array([len(text.strip()) for text in texts], dtype=float)[own] >= length
    told = ctx.where("projects", "conclusion", _substantial) & long
    count = _places(code, np.arange(len(code)), told)
    yield from ctx.hits(
        "projects", told & (count >= ctx.threshold("projects", "same_text_n")),
        cell=("cell_conclusion", "cell"), seen="conclusion", count=count,
        message=lambda r: f"项目“{r.project_name}”的评价结论与其他{r.count - 1}个项目完全相同。",
    )  # fmt: skip


def _substantial(text: str) -> bool:
    return not says_nothing(text) and not words.says(text, "no_deviation") and not words.says(text, "survey")


def _places(text: Positions, place: Positions, where: Mask) -> Positions:
    """For each row in how many different places its text stands."""
    found = Counter(code for code, _ in set(zip(text[where].tolist(), place[where].tolist(), strict=True)))
    sizes = np.zeros(int(text.max(initial=0)) + 1, dtype=np.int64)
    for code, size in found.items():
        sizes[code] = size
    return sizes[text]
