"""Figures proposed for next year's targets, each with the basis it was derived from.

A proposal is this year's actual, last year's, the mean of both, the budget, or a bound of the ruleset, never
anything that the data do not hold; without a figure there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from perfbatch.decimals import divide, half_up, plain
from perfbatch.model import Finding
from perfbatch.notation.signs import SIGN_OF as SIGNS

_CEILINGS = ("le", "lt")
_WAN = {"万元": Decimal(1), "元": Decimal(10_000), "亿元": Decimal("0.0001"), "千元": Decimal(10)}


class Indicator(NamedTuple):
    """The row a finding is about (fields of the indicators frame)."""

    project_id: str
    level2: str
    level3: str
    operator: str
    target_text: str
    actual_text: str
    target_value: Decimal | None
    actual_value: Decimal | None
    unit: str
    target_base: Decimal | None
    actual_base: Decimal | None
    direction: str
    completion_rate: Decimal | None
    deviation: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a proposal may use: the finding, its row, the rows of the same project, ruleset, last year."""

    finding: Finding
    row: Indicator
    siblings: Sequence[Indicator] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)
    budget: Decimal | None = None
    last_year: Decimal | None = None  # in the unit of the target


class Proposal(NamedTuple):
    """A figure as it would be written in the form, and what it rests on."""

    figure: str
    basis: str


def actual_of(row: Indicator) -> Decimal | None:
    """This year's actual in the unit of the target."""
    if row.actual_base is None:
        return None
    if row.target_base and row.target_value:
        return divide(row.actual_base * row.target_value, row.target_base)
    return row.actual_value


def experience(case: Case) -> Proposal | None:
    """What was reached: the mean of two years where both are known, else this year's actual."""
    row, actual = case.row, actual_of(case.row)
    if actual is None or actual <= 0:
        return None
    if case.last_year is None:
        return _written(row, actual, f"本年实际完成值{_exact(row, actual)}")
    mean = divide(actual + case.last_year, Decimal(2))
    told = f"上年实际{_exact(row, case.last_year)}、本年实际{_exact(row, actual)}"
    least = _least(case, actual)
    if least is not None and mean < least:
        ratio = plain(case.rules["last_year_ratio"])
        return _written(row, least, f"{told}，两年平均低于本年实际的{ratio}倍，取本年实际的{ratio}倍")
    return _written(row, mean, f"{told}，取两年平均")


def _least(case: Case, actual: Decimal) -> Decimal | None:
    """What a more-is-better target must not fall below, or XP06 would ask about it next year."""
    ratio = case.rules.get("last_year_ratio")
    return actual * ratio if ratio is not None and case.row.operator not in _CEILINGS else None


def ceiling(case: Case) -> Proposal | None:
    """The budget for a cost in money of the whole project, else this year's actual."""
    scale = _WAN.get(case.row.unit)
    if case.finding.code == "IN16" and scale is not None and case.budget is not None:
        return Proposal(f"≤{plain(case.budget * scale)}{case.row.unit}", f"全年预算数{plain(case.budget)}万元")
    return experience(case)


def budget(case: Case) -> Proposal | None:
    """The budget as ceiling of a cost, for an amount that stands as a quantity."""
    if case.budget is None or case.row.level2 != "数量指标":
        return None
    return Proposal(f"≤{plain(case.budget)}万元", f"全年预算数{plain(case.budget)}万元")


def price(case: Case) -> Proposal | None:
    """The target cost at the price that was paid: quantity target × actual cost ÷ actual quantity."""
    quantity, cost = _paired(case), actual_of(case.row)
    done = actual_of(quantity) if quantity else None
    if quantity is None or not done or cost is None or quantity.target_value is None:
        return None
    figure = divide(quantity.target_value * cost, done)
    told = (
        f"{quantity.level3}目标{plain(quantity.target_value)}{quantity.unit}×实际单价"
        f"（{plain(cost)}{case.row.unit}÷{plain(done)}{quantity.unit}）"
    )
    return _written(case.row, figure, told)


def _paired(case: Case) -> Indicator | None:
    """The quantity whose implied price the finding quotes (``3136.55元/亩``)."""
    quoted, _, unit = case.finding.seen.partition("元/")
    scale = _WAN.get(case.row.unit)
    for row in case.siblings:
        alike = row.level2 == "数量指标" and row.unit == unit and row.target_value
        if alike and scale and case.row.target_value is not None and row.target_value is not None:
            implied = divide(case.row.target_value * _WAN["元"], scale * row.target_value)
            if plain(half_up(implied, 2)) == quoted:
                return row
    return None


def last_year(case: Case) -> Proposal | None:
    """Last year's actual."""
    if case.last_year is not None:
        return _written(case.row, case.last_year, f"上年实际完成值{_exact(case.row, case.last_year)}")
    reached = case.finding.expected  # printed on the form itself
    return Proposal(f"{SIGNS.get(case.row.operator, '')}{reached}", f"上年实际完成值{reached}") if reached else None


def share(case: Case) -> Proposal | None:
    """The largest share of the points that the ruleset lets pass for one indicator."""
    most, total = case.rules.get("max_share"), case.rules.get("total_points")
    if most is None or total is None:
        return None
    return Proposal(
        f"不超过{plain(most * total)}分", f"单个指标分值不超过总分值的{plain(most * 100)}%（规则参数 max_share）"
    )


def satisfaction(case: Case) -> Proposal | None:
    """This year's actual where it reaches the ruleset's least satisfaction, else that least."""
    least, actual = case.rules.get("sat_min"), actual_of(case.row)
    if least is None:
        return None
    if actual is not None and actual >= least:
        return experience(case)
    return Proposal(f"≥{plain(least)}%", f"满意度指标值一般不低于{plain(least)}%（规则参数 sat_min）")


def sign(case: Case) -> Proposal | None:
    """The target with the sign that its meaning asks for; a floor of zero becomes this year's actual."""
    row = case.row
    if case.finding.code == "IN27":
        actual = actual_of(row)
        usable = actual is not None and actual > 0
        return Proposal(f"≥{_exact(row, actual)}", "本年实际完成值") if usable and actual is not None else None
    if row.target_value is None:
        return None
    turned = "≤" if case.finding.code == "IN26" or row.operator in ("ge", "gt") else "≥"
    return Proposal(f"{turned}{_exact(row, row.target_value)}", "指标含义（越多越好用≥，限额、成本用≤）")


HOW: Mapping[str, Callable[[Case], Proposal | None]] = {
    "experience": experience, "ceiling": ceiling, "budget": budget, "price": price, "last_year": last_year,
    "share": share, "satisfaction": satisfaction, "sign": sign,
}  # fmt: skip


def _exact(row: Indicator, value: Decimal | None) -> str:
    """A figure with the unit, to as many decimals as target and actual are written with."""
    return f"{plain(_rounded(row, value))}{row.unit}" if value is not None else ""


def _written(row: Indicator, value: Decimal, basis: str) -> Proposal:
    return Proposal(f"{SIGNS.get(row.operator, '')}{_exact(row, value)}", basis)


def _rounded(row: Indicator, value: Decimal) -> Decimal:
    places = max(_places(row.target_value), _places(row.actual_value))
    return half_up(value, places)


def _places(value: Decimal | None) -> int:
    exponent = value.as_tuple().exponent if value is not None else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0
