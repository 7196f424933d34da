"""Spot check (抽查): which projects are drawn, reproducibly and with the riskiest among them for certain.

The default share is the ruleset's `sample_share` (15 % of each unit's projects, at least one; platform 抽评).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfbatch.errors import UsageError
from perfbatch.exact import divide, percent
from perfbatch.model import Finding, Frames

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([%％]?)")
CERTAIN_SHARE = 2  # at most one in so many of a unit's draws is taken for its risk, the rest at random


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawn project: how it came in (``certain``, ``random``, ``selected``) and why (Chinese)."""

    project_id: str
    how: str
    why: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The drawn projects in the order of the frames, and a Chinese sentence on how and how much."""

    drawn: tuple[Drawn, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Size:
    """How many to draw: a share of each unit's projects, or a number over all units."""

    share: Decimal | None = None
    number: int | None = None


def size_of(text: str) -> Size:
    """Parse ``5`` or ``15%``. Raises UsageError for anything else."""
    found = _AMOUNT.fullmatch(text.strip())
    if found:
        amount = Decimal(found.group(1))
        if found.group(2) and 0 < amount <= 100:
            return Size(share=amount / 100)
        if not found.group(2) and amount == amount.to_integral_value() and amount > 0:
            return Size(number=int(amount))
    raise UsageError(f"抽查数量“{text}”无效，请写项目个数（如 5）或比例（如 15%）。")


def draw(
    frames: Frames,
    findings: Iterable[Finding],
    size: Size | None,
    *,
    rule: Size,
    seed: int = 0,
    selected: Sequence[str] = (),
) -> Sample:
    """Draw a sample, stratified by unit, category and origin.

    `selected` are project names or codes picked by hand: they are always in and never replaced; without a
    wanted `size` they are the whole sample, else `rule` (the ruleset's share) holds. Of the rest of each unit's
    share, half goes to the riskiest projects and half to chance; the same seed, projects and figures give the
    same draw.
    """
    wanted = size or (Size(number=0) if selected else rule)
    projects = frames.projects
    rows: list[Any] = list(projects.itertuples(index=False))
    by_hand = {row.project_id for row in rows if row.project_name in selected or row.project_code in selected}
    picked = {pid: Drawn(pid, "selected", "人工选取") for pid in by_hand}
    quotas = _quotas(rows, wanted)
    risks = _risks(rows, Counts(findings))
    by_unit: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_unit[row.unit].append(row)
    for unit, quota in quotas.items():
        members = by_unit[unit]
        open_places = quota - sum(row.project_id in picked for row in members)
        for drawn in _draw_unit(members, picked, open_places, risks, seed):
            picked[drawn.project_id] = drawn
    chosen = tuple(picked[row.project_id] for row in rows if row.project_id in picked)
    note = _note(rows, chosen, None if not size and selected else wanted, seed)
    return Sample(chosen, note + _by_rule(rows, chosen, rule))


class Counts(dict[str, int]):
    """Findings by project, errors counted before warnings."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__()
        for finding in findings:
            if finding.project_id and finding.severity != "info":
                self[finding.project_id] = self.get(finding.project_id, 0) + 1


def _quotas(rows: Sequence[Any], size: Size) -> dict[str, int]:
    """How many of each unit: its share rounded up and at least one, or a number split by largest remainder."""
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.unit] += 1
    if size.share is not None:
        return {unit: max(1, math.ceil(size.share * count)) for unit, count in counts.items()}
    number = min(size.number or 0, len(rows))
    exact = {unit: Decimal(number * count) / len(rows) for unit, count in counts.items()}
    quotas = {unit: int(part) for unit, part in exact.items()}
    for unit in sorted(exact, key=lambda u: (quotas[u] - exact[u], u))[: number - sum(quotas.values())]:
        quotas[unit] += 1
    return quotas


def _risks(rows: Sequence[Any], counts: Mapping[str, int]) -> list[tuple[str, dict[str, Decimal]]]:
    """The four risks, each with its measure per project; only positive measures count."""
    zero = Decimal(0)
    money = {row.project_id: row.budget_adjusted or row.budget_initial or zero for row in rows}
    return [
        ("金额最大", money),
        ("未执行", {row.project_id: money[row.project_id] for row in rows if row.executed == 0}),
        (
            "自评得分高于复算得分最多",
            {
                row.project_id: row.total_declared - row.total_score
                for row in rows
                if row.total_declared is not None and row.total_score is not None
            },
        ),
        ("问题最多", {row.project_id: Decimal(counts.get(row.project_id, 0)) for row in rows}),
    ]


def _draw_unit(
    members: Sequence[Any],
    picked: Mapping[str, Drawn],
    places: int,
    risks: Sequence[tuple[str, Mapping[str, Decimal]]],
    seed: int,
) -> list[Drawn]:
    """Certain ones first, one risk after the other, then chance over category and origin in turn."""
    free = [row.project_id for row in members if row.project_id not in picked]
    places = min(places, len(free))
    drawn: list[Drawn] = []
    taken: set[str] = set()
    certain = math.ceil(places / CERTAIN_SHARE) if places > 0 else 0
    for why, measure in risks:
        candidates = [pid for pid in free if pid not in taken and measure.get(pid, Decimal(0)) > 0]
        if len(drawn) < certain and candidates:
            pid = max(candidates, key=lambda p: (measure[p], _lot(p, seed)))
            drawn.append(Drawn(pid, "certain", why))
            taken.add(pid)
    strata: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in members:
        if row.project_id in free and row.project_id not in taken:
            strata[row.category, row.origin].append(row.project_id)
    queues = [sorted(ids, key=lambda p: _lot(p, seed)) for _, ids in sorted(strata.items(), key=lambda s: -len(s[1]))]
    while len(drawn) < places and any(queues):
        for queue in queues:
            if queue and len(drawn) < places:
                drawn.append(Drawn(queue.pop(0), "random", "随机抽取"))
    return drawn


def _lot(project_id: str, seed: int) -> str:
    """A project's lot: fixed by the seed, independent of the order of files and of the platform."""
    return hashlib.sha256(f"{seed}:{project_id}".encode()).hexdigest()


def _by_rule(rows: Sequence[Any], chosen: Sequence[Drawn], rule: Size) -> str:
    """What the ruleset's share would give, where fewer were drawn."""
    due = sum(_quotas(rows, rule).values()) if rows else 0
    if rule.share is None or len(chosen) >= due:
        return ""
    return f"按规则比例{percent(rule.share)}（每单位至少1个）应抽{due}个。"


def _note(rows: Sequence[Any], chosen: Sequence[Drawn], size: Size | None, seed: int) -> str:
    if not rows:
        return ""
    ids = {drawn.project_id for drawn in chosen}
    total = sum((row.executed or Decimal(0) for row in rows), Decimal(0))
    money = sum((row.executed or Decimal(0) for row in rows if row.project_id in ids), Decimal(0))
    share = percent(divide(Decimal(len(ids)), Decimal(len(rows))))
    of_money = percent(divide(money, total)) if total else "0%"
    wanted = "按人工选取的名单"
    if size is not None:
        wanted = f"按{percent(size.share)}抽取（每单位至少1个）" if size.share is not None else f"抽取{size.number}个"
        wanted += f"，随机种子{seed}"
    hows = {"selected": "人工选取", "certain": "按风险确定", "random": "随机"}
    parts = [f"{title}{n}个" for how, title in hows.items() if (n := sum(d.how == how for d in chosen))]
    return f"{wanted}，共{len(ids)}个项目（{'、'.join(parts)}），占项目数的{share}，占执行金额的{of_money}。"
