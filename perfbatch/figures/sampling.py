"""Spot check (抽查): which projects are drawn, reproducibly and with the riskiest among them for certain.

The default share is the ruleset's `sample_share` (15 % of each unit's projects, at least one; platform 抽评).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from perfbatch.errors import UsageError
from perfbatch.exact import divide, percent, total
from perfbatch.figures.lines import rows
from perfbatch.model import Finding, Frames

COLUMNS = (  # all that a draw reads of the projects
    "project_id", "project_name", "project_code", "unit", "category", "origin", "budget_adjusted",
    "budget_initial", "executed", "total_declared", "total_score",
)  # fmt: skip
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


class Entry(NamedTuple):
    """What the draw needs to know of a project; `gap` is its self-score minus the computed one."""

    project_id: str
    name: str
    code: str
    unit: str
    category: str
    origin: str
    money: Decimal
    executed: Decimal | None
    gap: Decimal | None
    findings: int


def entries_of(frames: Frames, findings: Iterable[Finding]) -> list[Entry]:
    """One entry a project, in the order of the frame."""
    counts = Counts(findings)
    found = []
    for row in rows(frames.projects, *COLUMNS):
        key, name, code, unit, category, origin, adjusted, initial, executed, declared, computed = row
        gap = declared - computed if declared is not None and computed is not None else None
        money = adjusted or initial or Decimal(0)
        found.append(Entry(key, name, code, unit, category, origin, money, executed, gap, counts.get(key, 0)))
    return found


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
    entries = entries_of(frames, findings)
    wanted = size or (Size(number=0) if selected else rule)
    counts = Counter(entry.unit for entry in entries)
    chosen = draw_units(entries, quotas(counts, wanted), seed=seed, selected=selected)
    ids = {drawn.project_id for drawn in chosen}
    money = (money_of(entry for entry in entries if entry.project_id in ids), money_of(entries))
    return Sample(tuple(chosen), note(chosen, counts, money, size, rule=rule, seed=seed, selected=selected))


def draw_units(
    entries: Sequence[Entry], places: Mapping[str, int], *, seed: int, selected: Sequence[str]
) -> list[Drawn]:
    """The drawn projects of the units of `entries`, which are there with all their projects, in their order."""
    by_hand = {entry.project_id for entry in entries if entry.name in selected or entry.code in selected}
    picked = {pid: Drawn(pid, "selected", "人工选取") for pid in by_hand}
    by_unit: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_unit[entry.unit].append(entry)
    for unit, members in by_unit.items():
        open_places = places[unit] - sum(entry.project_id in picked for entry in members)
        for drawn in _draw_unit(members, picked, open_places, seed):
            picked[drawn.project_id] = drawn
    return [picked[entry.project_id] for entry in entries if entry.project_id in picked]


class Counts(dict[str, int]):
    """Findings by project, errors counted before warnings."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__()
        for finding in findings:
            if finding.project_id and finding.severity != "info":
                self[finding.project_id] = self.get(finding.project_id, 0) + 1


def quotas(counts: Mapping[str, int], size: Size) -> dict[str, int]:
    """How many of each unit (`counts` of its projects): its share rounded up and at least one, or a number split
    by largest remainder."""
    if size.share is not None:
        return {unit: max(1, math.ceil(size.share * count)) for unit, count in counts.items()}
    whole = sum(counts.values())
    number = min(size.number or 0, whole)
    exact = {unit: Decimal(number * count) / whole for unit, count in counts.items()}
    parts = {unit: int(part) for unit, part in exact.items()}
    for unit in sorted(exact, key=lambda u: (parts[u] - exact[u], u))[: number - sum(parts.values())]:
        parts[unit] += 1
    return parts


_RISKS: tuple[tuple[str, Callable[[Entry], Decimal]], ...] = (  # only positive measures count
    ("金额最大", lambda entry: entry.money),
    ("未执行", lambda entry: entry.money if entry.executed == 0 else Decimal(0)),
    ("自评得分高于复算得分最多", lambda entry: entry.gap or Decimal(0)),
    ("问题最多", lambda entry: Decimal(entry.findings)),
)


def _draw_unit(members: Sequence[Entry], picked: Mapping[str, Drawn], places: int, seed: int) -> list[Drawn]:
    """Certain ones first, one risk after the other, then chance over category and origin in turn."""
    free = [entry for entry in members if entry.project_id not in picked]
    places = min(places, len(free))
    if places <= 0:
        return []
    drawn: list[Drawn] = []
    taken: set[str] = set()
    for why, measure in _RISKS:
        candidates = [entry for entry in free if entry.project_id not in taken and measure(entry) > 0]
        if len(drawn) < math.ceil(places / CERTAIN_SHARE) and candidates:
            most = max(measure(entry) for entry in candidates)
            first = max((e.project_id for e in candidates if measure(e) == most), key=lambda pid: _lot(pid, seed))
            drawn.append(Drawn(first, "certain", why))
            taken.add(first)
    strata: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entry in free:
        if entry.project_id not in taken:
            strata[entry.category, entry.origin].append(entry.project_id)
    queues = [sorted(ids, key=lambda p: _lot(p, seed)) for _, ids in sorted(strata.items(), key=lambda s: -len(s[1]))]
    while len(drawn) < places and any(queues):
        for queue in queues:
            if queue and len(drawn) < places:
                drawn.append(Drawn(queue.pop(0), "random", "随机抽取"))
    return drawn


def _lot(project_id: str, seed: int) -> str:
    """A project's lot: fixed by the seed, independent of the order of files and of the platform."""
    return hashlib.sha256(f"{seed}:{project_id}".encode()).hexdigest()


def money_of(entries: Iterable[Entry]) -> Decimal:
    """Executed money of some projects, in 万元."""
    return total(entry.executed for entry in entries if entry.executed is not None)


def note(
    chosen: Sequence[Drawn],
    counts: Mapping[str, int],
    money: tuple[Decimal, Decimal],
    size: Size | None,
    *,
    rule: Size,
    seed: int,
    selected: Sequence[str],
) -> str:
    """How was drawn, and the share covered by number and by `money` (executed: of the sample, of all projects).

    Where fewer were drawn than the ruleset's share asks for, that is said too.
    """
    projects = sum(counts.values())
    if not projects:
        return ""
    share = percent(divide(Decimal(len(chosen)), Decimal(projects)))
    of_money = percent(divide(*money)) if money[1] else "0%"
    wanted, by = "按人工选取的名单", size or (None if selected else rule)
    if by is not None:
        wanted = f"按{percent(by.share)}抽取（每单位至少1个）" if by.share is not None else f"抽取{by.number}个"
        wanted += f"，随机种子{seed}"
    hows = {"selected": "人工选取", "certain": "按风险确定", "random": "随机"}
    parts = [f"{title}{n}个" for how, title in hows.items() if (n := sum(d.how == how for d in chosen))]
    said = f"{wanted}，共{len(chosen)}个项目（{'、'.join(parts)}），占项目数的{share}，占执行金额的{of_money}。"
    due = sum(quotas(counts, rule).values())
    if rule.share is None or len(chosen) >= due:
        return said
    return f"{said}按规则比例{percent(rule.share)}（每单位至少1个）应抽{due}个。"
