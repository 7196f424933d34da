"""Spot check (抽查): which projects are drawn, reproducibly and with the riskiest among them for certain.

The default share is the ruleset's `sample_share` (15 % of each unit's projects, at least one; platform 抽评).
"""

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from perfbatch.decimals import divide, half_up, percent, total
from perfbatch.errors import UsageError
from perfbatch.schema import grouped
from perfbatch.totals.lines import ProjectLine

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([%％]?)")
CERTAIN_SHARE = 2  # at most one in so many of a unit's draws is taken for its risk, the rest at random


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawn project: how it came in (``certain``, ``random``, ``selected``) and why (Chinese)."""

    project_id: str
    how: str
    why: str

    @property
    def told(self) -> str:
        """How and why, in Chinese."""
        return f"按风险确定（{self.why}）" if self.how == "certain" else self.why


class Due(NamedTuple):
    """How many projects of a unit (empty: of the batch) were drawn, and how many the ruleset asks for."""

    unit: str
    projects: int
    drawn: int
    due: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The drawn projects in the order of the frames, and a Chinese sentence on how and how much."""

    drawn: tuple[Drawn, ...] = ()
    note: str = ""
    due: tuple[Due, ...] = ()


@dataclass(frozen=True, slots=True)
class Size:
    """How many to draw: a share of each unit's projects (of the `whole` batch), or a number over all units."""

    share: Decimal | None = None
    number: int | None = None
    whole: bool = False
    nearest: bool = False  # rounded half up instead of up; at least one either way

    def of(self, count: int) -> int:
        """The share of so many projects."""
        exact = (self.share or Decimal(0)) * count
        return max(1, int(half_up(exact, 0)) if self.nearest else math.ceil(exact))


def size_of(text: str) -> Size:
    """Parse ``5`` or ``15%``. Raises UsageError for anything else."""
    if found := _AMOUNT.fullmatch(text.strip()):
        amount = Decimal(found.group(1))
        if found.group(2) and 0 < amount <= 100:
            return Size(share=amount / 100)
        if not found.group(2) and amount == amount.to_integral_value() and amount > 0:
            return Size(number=int(amount))
    raise UsageError(f"抽查数量“{text}”无效，请写项目个数（如 5）或比例（如 15%）。")


def draw(
    lines: Sequence[ProjectLine], size: Size | None, *, rule: Size, seed: int = 0, selected: Sequence[str] = ()
) -> Sample:
    """Draw a sample, stratified by unit, category and origin.

    `selected` are project names or codes picked by hand: they are always in and never replaced; without a wanted `size`
    they are the whole sample, else `rule` (the ruleset's share) holds. Of the rest of each unit's share, half goes to
    the riskiest projects and half to chance; the same seed, projects and figures give the same draw.
    """
    by_unit = grouped(("" if rule.whole else line.unit, line) for line in lines)
    places = quotas({unit: len(some) for unit, some in by_unit.items()}, size or (_NONE if selected else rule))
    picked: dict[str, Drawn] = {}
    for unit, members in by_unit.items():
        own = [line for line in members if line.name in selected or line.code in selected] if selected else []
        by_hand = {line.project_id: Drawn(line.project_id, "selected", "人工选取") for line in own}
        free = [line for line in members if line.project_id not in by_hand]
        picked |= by_hand | {drawn.project_id: drawn for drawn in _draw_unit(free, places[unit] - len(own), seed)}
    taken = [line for line in lines if line.project_id in picked]
    chosen = tuple(picked[line.project_id] for line in taken)
    due = tuple(
        Due(unit, len(some), sum(line.project_id in picked for line in some), rule.of(len(some)))
        for unit, some in by_unit.items()
    )
    if not lines:
        return Sample(chosen, "", due)
    share = percent(divide(Decimal(len(chosen)), Decimal(len(lines))))
    money = [total(line.executed for line in some if line.executed is not None) for some in (taken, lines)]
    of_money = percent(divide(*money)) if money[1] else "0%"
    least = "至少1个" if rule.whole else "每单位至少1个"
    wanted, by = "按人工选取的名单", size or (None if selected else rule)
    if by is not None:
        wanted = f"按{percent(by.share)}抽取（{least}）" if by.share is not None else f"抽取{by.number}个"
        wanted += f"，随机种子{seed}"
    hows = {"selected": "人工选取", "certain": "按风险确定", "random": "随机"}
    parts = [f"{title}{n}个" for how, title in hows.items() if (n := sum(d.how == how for d in chosen))]
    note = f"{wanted}，共{len(chosen)}个项目（{'、'.join(parts)}），占项目数的{share}，占执行金额的{of_money}。"
    asked = sum(one.due for one in due)
    if rule.share is not None and len(chosen) < asked:
        note += f"按规则比例{percent(rule.share)}（{least}）应抽{asked}个。"
    return Sample(chosen, note, due)


def quotas(counts: Mapping[str, int], size: Size) -> dict[str, int]:
    """How many of each unit (`counts` of its projects): its share rounded up and at least one, or a number split
    by largest remainder."""
    if size.share is not None:
        return {unit: size.of(count) for unit, count in counts.items()}
    whole = sum(counts.values())
    number = min(size.number or 0, whole)
    exact = {unit: Decimal(number * count) / whole for unit, count in counts.items()}
    parts = {unit: int(part) for unit, part in exact.items()}
    for unit in sorted(exact, key=lambda u: (parts[u] - exact[u], u))[: number - sum(parts.values())]:
        parts[unit] += 1
    return parts


def _money(line: ProjectLine) -> Decimal:
    return line.adjusted or line.initial or Decimal(0)


_NONE = Size(number=0)
_RISKS: tuple[tuple[str, Callable[[ProjectLine], Decimal]], ...] = (  # only positive measures count
    ("金额最大", _money),
    ("未执行", lambda line: _money(line) if line.executed == 0 else Decimal(0)),
    ("自评得分高于复算得分最多", lambda line: line.delta or Decimal(0)),
    ("问题最多", lambda line: Decimal(line.asked)),
)


def _draw_unit(free: Sequence[ProjectLine], places: int, seed: int) -> list[Drawn]:
    """Certain ones first, one risk after the other, then chance over category and origin in turn."""
    places = min(places, len(free))
    if places <= 0:
        return []
    drawn: list[Drawn] = []
    taken: set[str] = set()
    for why, measure in _RISKS:
        candidates = [line for line in free if line.project_id not in taken and measure(line) > 0]
        if len(drawn) < math.ceil(places / CERTAIN_SHARE) and candidates:
            most = max(measure(line) for line in candidates)
            first = max((c.project_id for c in candidates if measure(c) == most), key=lambda pid: _lot(pid, seed))
            drawn.append(Drawn(first, "certain", why))
            taken.add(first)
    left = (line for line in free if line.project_id not in taken)
    strata = grouped(((line.category, line.origin), line.project_id) for line in left)
    queues = [sorted(ids, key=lambda p: _lot(p, seed)) for _, ids in sorted(strata.items(), key=lambda s: -len(s[1]))]
    while len(drawn) < places and any(queues):
        for queue in queues:
            if queue and len(drawn) < places:
                drawn.append(Drawn(queue.pop(0), "random", "随机抽取"))
    return drawn


def _lot(project_id: str, seed: int) -> str:
    """A project's lot: fixed by the seed, independent of the order of files and of the platform."""
    return hashlib.sha256(f"{seed}:{project_id}".encode()).hexdigest()
