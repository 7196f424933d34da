"""XP17: amounts in another unit than the sheet says, known by what else was handed in; in 万元 and exact."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import permutations
from statistics import median
from typing import NamedTuple

from perfbatch.checks.batch import MONEY, Batch, Entry
from perfbatch.checks.context import Hit, number
from perfbatch.checks.register import check
from perfbatch.identity.names import code_key, name_key, project_key

_FACTORS = (1000, 10000)  # 千元 and 元 typed under 万元, or 元 under 千元
_YUAN = 10000  # 元 in 1万元


class _Off(NamedTuple):
    """An amount of an entry that is too large: which one, what it should be about, and how that is known."""

    entry: Entry
    field: str
    usual: Decimal
    told: str


@check("XP17", of="batch")
def money_in_another_unit(batch: Batch) -> Iterator[Hit]:
    """An amount is 10³ or 10⁴ times what it should be, and is marked at its own cell.

    By its list row or form, another amount or a cost indicator of its own form, last year's, or the usual size of the
    unit's (else the batch's) projects.
    """
    said: set[tuple[int, str]] = set()
    for evidence in (_beside_list, _beside_own, _beside_costs, _beside_last_year, _beside_habit):
        for entry, field, usual, told in evidence(batch):
            if (entry.at, field) not in said:
                said.add((entry.at, field))
                amount = number(getattr(entry, field))
                yield entry.hit(
                    field, f"{entry.called}的{MONEY[field]}{amount}万元，{told}，可能填错了金额单位。",
                    seen=f"{amount}万元", expected=f"{number(usual)}万元左右",
                )  # fmt: skip


def times(amount: Decimal | None, other: Decimal | None, entry: Entry) -> int:
    """How many times of another amount this one is, where that is about 10³ or 10⁴; else 0.

    `entry`: whose ruleset says how near (`unit_ratio_tol`, a relative difference).
    """
    tolerance = entry.rule("unit_ratio_tol")
    if not amount or not other or other < 0 or tolerance is None:
        return 0
    close = Decimal(str(tolerance))
    return next((f for f in _FACTORS if abs(amount - f * other) <= f * other * close), 0)


def _beside_list(batch: Batch) -> Iterator[_Off]:
    for project in batch.projects:
        for row in project.entries:
            for field in MONEY if row.at != project.counted.at else ():
                for one, other in permutations((row, project.counted)):
                    if factor := times(getattr(one, field), getattr(other, field), one):
                        less = getattr(other, field)
                        yield _Off(one, field, less, f"是{other.place}处{number(less)}万元的{factor}倍")


def _beside_own(batch: Batch) -> Iterator[_Off]:
    """One amount beside another of its form. Only 10⁴: a thousandth may well have been executed."""
    for project in batch.projects:
        entry = project.counted
        for field, other in permutations(MONEY, 2):
            less = getattr(entry, other)
            if times(getattr(entry, field), less, entry) == _YUAN:
                yield _Off(entry, field, less, f"约为同一张表{MONEY[other]}{number(less)}万元的一万倍")


def _beside_costs(batch: Batch) -> Iterator[_Off]:
    """An amount beside a cost indicator of its form; a cost indicator that is too large itself is FU10."""
    costs = batch.given.costs
    for project in batch.projects if costs else ():
        entry = project.counted
        for cost in costs.get(entry.project_id, ()):
            for field in MONEY:
                if times(getattr(entry, field), cost.value, entry) == _YUAN:
                    told = f"约为成本指标（{cost.cell}）{number(cost.value)}万元的一万倍"
                    yield _Off(entry, field, cost.value, told)


def _beside_last_year(batch: Batch) -> Iterator[_Off]:
    known = _last_year(batch)
    for project in batch.projects if known else ():
        entry = project.counted
        keys = (code_key(entry.code), f"{project_key(entry.name)} {name_key(entry.unit_name)}")
        before = next((known[key] for key in keys if key and key in known), None)
        for field, less in zip(("adjusted", "executed"), before or (), strict=False):
            amount = getattr(entry, field)
            if amount and less and amount >= _FACTORS[0] * less:
                yield _Off(entry, field, less, f"是上年{number(less)}万元的{number(amount / less, 0)}倍")


def _last_year(batch: Batch) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    """Code and name of last year's projects → adjusted budget and executed, where they name one."""
    if batch.given.previous is None:
        return {}
    found: dict[str, tuple[Decimal | None, Decimal | None]] = {}
    several: set[str] = set()
    columns = ("project_code", "project_name", "unit", "budget_adjusted", "executed")
    for code, name, unit, adjusted, executed in zip(*(batch.given.previous.projects[c] for c in columns), strict=True):
        for key in filter(None, (code_key(code), f"{project_key(name)} {name_key(unit)}")):
            several.update({key} & found.keys())
            found[key] = (adjusted, executed)
    return {key: money for key, money in found.items() if key not in several}


class _Habit(NamedTuple):
    projects: int
    middle: Decimal
    total: Decimal

    def exceeded(self, amount: Decimal, excess: float) -> bool:
        """Whether an amount, one of them, is out of all proportion: a large project among small ones is not."""
        return amount >= _FACTORS[0] * self.middle and amount > Decimal(str(excess)) * (self.total - amount)


def _beside_habit(batch: Batch) -> Iterator[_Off]:
    """Against the other projects of the unit, else of the batch."""
    counted = [project.counted for project in batch.projects]
    for field in ("adjusted", "executed"):
        of_units: dict[int, list[Decimal]] = defaultdict(list)
        for entry in counted:
            if amount := getattr(entry, field):
                of_units[entry.unit_number].append(amount)
        usual = {unit: _habit(some) for unit, some in of_units.items()}
        whole = _habit([amount for some in of_units.values() for amount in some])
        for entry in counted:
            amount, least, excess = getattr(entry, field), entry.rule("habit_projects"), entry.rule("habit_excess")
            if not amount or least is None or excess is None:
                continue
            own = usual[entry.unit_number].projects > least
            habit = usual[entry.unit_number] if own else whole
            if habit.projects > least and habit.exceeded(amount, excess):
                who = entry.unit_name if own and entry.unit_name else "本批"
                told = f"是{who}{habit.projects}个项目中间值{number(habit.middle)}万元的"
                yield _Off(entry, field, habit.middle, f"{told}{number(amount / habit.middle, 0)}倍")


def _habit(amounts: Sequence[Decimal]) -> _Habit:
    return _Habit(len(amounts), median(amounts) if amounts else Decimal(0), sum(amounts, Decimal(0)))
