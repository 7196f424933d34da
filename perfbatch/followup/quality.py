"""目标设定质量: read back from the results what they say about the targets, with proposals for next year.

Findings of the checks that concern target-setting, one row each, by kind (`quality.toml`). Everything here is
a question to whoever set the target.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from perfbatch.checks.crosscheck_inputs import last_actual, last_actuals
from perfbatch.decimals import divide, half_up, plain
from perfbatch.followup.batch import Batch
from perfbatch.messages import shipped
from perfbatch.model import BY_PERSON, BY_SETTING, Finding
from perfbatch.notation.signs import SIGN_OF as SIGNS
from perfbatch.schema import INDICATORS, blank, record, rows

_WAN = {"万元": Decimal(1), "元": Decimal(10_000), "亿元": Decimal("0.0001"), "千元": Decimal(10)}
_PLACES = ("cell_target", "cell_actual", "cell_level3", "cell_points", "cell_reason")
_ROW = (
    "project_id", "sheet", "role", "level2", "level3", "operator", "target_text", "actual_text", "target_value",
    "actual_value", "unit", "target_base", "actual_base", "direction", "completion_rate", "deviation", "reason",
    *_PLACES,
)  # fmt: skip


class Indicator(record(*_ROW)):  # type: ignore[misc]
    """The row a finding is about, its columns as attributes."""


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
    value: Decimal | None = row.actual_value
    return value


def experience(case: Case) -> Proposal | None:
    """What was reached: the mean of two years where both are known, else this year's actual."""
    row, actual = case.row, actual_of(case.row)
    if actual is None or actual <= 0:
        return None
    if case.last_year is None:
        return _written(row, actual, f"本年实际完成值{_exact(row, actual)}")
    mean, ratio = divide(actual + case.last_year, Decimal(2)), case.rules.get("last_year_ratio")
    told = f"上年实际{_exact(row, case.last_year)}、本年实际{_exact(row, actual)}"
    # below that share of this year's actual XP06 would ask about a more-is-better target next year
    if ratio is not None and row.operator not in ("le", "lt") and mean < actual * ratio:
        times = f"{plain(ratio)}倍"
        return _written(row, actual * ratio, f"{told}，两年平均低于本年实际的{times}，取本年实际的{times}")
    return _written(row, mean, f"{told}，取两年平均")


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
    """The target cost at the price that was paid: quantity target × actual cost ÷ actual quantity.

    The quantity is the one whose implied price the finding quotes (``3136.55元/亩``).
    """
    quoted, _, unit = case.finding.seen.partition("元/")
    target, cost, scale = case.row.target_value, actual_of(case.row), _WAN.get(case.row.unit)
    if cost is None or target is None or scale is None:
        return None
    for row in case.siblings:
        if row.level2 == "数量指标" and row.unit == unit and row.target_value:
            implied, done = divide(target * _WAN["元"], scale * row.target_value), actual_of(row)
            if plain(half_up(implied, 2)) == quoted:
                if not done:
                    return None
                told = f"{row.level3}目标{plain(row.target_value)}{unit}×实际单价"
                told += f"（{plain(cost)}{case.row.unit}÷{plain(done)}{unit}）"
                return _written(case.row, divide(row.target_value * cost, done), told)
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
    basis = f"单个指标分值不超过总分值的{plain(most * 100)}%（规则参数 max_share）"
    return Proposal(f"不超过{plain(most * total)}分", basis)


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
        return None if actual is None or actual <= 0 else Proposal(f"≥{_exact(row, actual)}", "本年实际完成值")
    turned = "≤" if case.finding.code == "IN26" or row.operator in ("ge", "gt") else "≥"
    figure = _exact(row, row.target_value)
    return Proposal(f"{turned}{figure}", "指标含义（越多越好用≥，限额、成本用≤）") if figure else None


HOW: Mapping[str, Callable[[Case], Proposal | None]] = {
    "experience": experience, "ceiling": ceiling, "budget": budget, "price": price, "last_year": last_year,
    "share": share, "satisfaction": satisfaction, "sign": sign,
}  # fmt: skip


def _exact(row: Indicator, value: Decimal | None) -> str:
    """A figure with the unit, to as many decimals as target and actual are written with."""
    if value is None:
        return ""
    exponents = [one.as_tuple().exponent for one in (row.target_value, row.actual_value) if one is not None]
    places = max((-exponent for exponent in exponents if isinstance(exponent, int)), default=0)
    return f"{plain(half_up(value, max(places, 0)))}{row.unit}"


def _written(row: Indicator, value: Decimal, basis: str) -> Proposal:
    return Proposal(f"{SIGNS.get(row.operator, '')}{_exact(row, value)}", basis)


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which a target can be ill set; `when` narrows the codes (``over``, ``under``, ``loose``)."""

    name: str
    title: str
    codes: tuple[str, ...]
    how: str
    without: str
    words: str = ""  # sentence with the figure
    when: str = ""


class Weakness(NamedTuple):
    """One row: what was found about a target and what is proposed for next year."""

    kind: Kind
    finding: Finding
    row: Indicator  # blank where the finding is at none
    unit: str
    proposal: str
    basis: str

    @property
    def indicator(self) -> str:
        """What the row is called."""
        return str(self.row.level3 or self.row.level2)


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds in the order of the sheet."""
    entries = shipped("followup/quality.toml")["kind"]
    return tuple(Kind(**entry | {"codes": tuple(entry["codes"])}) for entry in entries)


@cache
def codes() -> frozenset[str]:
    """Codes of the checks that concern target-setting."""
    return frozenset(code for kind in kinds() for code in kind.codes)


def assess(batch: Batch) -> list[Weakness]:
    """Rows by kind, in the order of the input within a kind.

    Not what somebody has called not applicable; and deviations of projects that were not executed at all say nothing
    about targets.
    """
    idle = {key for key, executed in rows(batch.frames.projects, "project_id", "executed") if executed == 0}
    found = [
        finding
        for finding in batch.findings
        if finding.code in codes()
        and (finding.accepted_by not in (BY_PERSON, BY_SETTING) or finding.next_year)
        and not (finding.code in DEVIATIONS and finding.project_id in idle)
    ]
    facts = _Facts(batch, {(finding.project_id, finding.sheet, finding.cell) for finding in found})
    listed: dict[tuple[str, str, str], Weakness] = {}
    for finding in found:
        weakness = facts.weakness(finding)
        place = (weakness.kind.name, finding.project_id, finding.cell)
        listed.setdefault(place, weakness)  # IN10 and IN11 on one cell say the same
    return sorted(listed.values(), key=lambda weakness: kinds().index(weakness.kind))


DEVIATIONS = ("IN10", "IN11", "RE03")  # checks that hold a result against its target
_NO_ROW = Indicator(**blank({name: INDICATORS[name] for name in _ROW}))


class _Facts:
    """Rows and figures of the projects that findings are about; `places` are the cells they are at."""

    def __init__(self, batch: Batch, places: set[tuple[str, str, str]]) -> None:
        self.batch, frames, wanted = batch, batch.frames, {key for key, *_ in places}
        self.by_cell: dict[tuple[str, str, str], Indicator] = {}
        self.by_project: dict[str, list[Indicator]] = {}
        for row in map(Indicator._make, rows(frames.indicators, *_ROW)):
            if row.project_id in wanted and row.role in ("indicator", "child"):
                self.by_project.setdefault(row.project_id, []).append(row)
                for name in _PLACES:
                    place = row.project_id, row.sheet, getattr(row, name)
                    if place in places:
                        self.by_cell.setdefault(place, row)
        columns = ("project_id", "project_name", "unit", "ruleset", "budget_adjusted")
        self.projects = {key: rest for key, *rest in rows(frames.projects, *columns) if key in wanted}
        self.last = last_actuals(batch.previous.frames) if batch.previous is not None else {}

    def weakness(self, finding: Finding) -> Weakness:
        """The row of a finding with the proposal for next year, where the data hold a figure."""
        row = self.by_cell.get((finding.project_id, finding.sheet, finding.cell), _NO_ROW)
        side = "under" if row.completion_rate is not None and row.completion_rate < 1 else "over"
        if finding.code == "IN16" or (row.direction == "negative" and (row.deviation or 0) < 0):
            side = "loose"  # a ceiling too wide, no target too low or too high
        fitting = [kind for kind in kinds() if finding.code in kind.codes]
        kind = next((kind for kind in fitting if kind.when in ("", side)), fitting[0])
        name, unit, ruleset, budget = self.projects.get(finding.project_id, ("", "", "", None))
        rules = self.batch.rulesets[ruleset].plain() if ruleset in self.batch.rulesets else {}
        siblings: Sequence[Indicator] = self.by_project.get(finding.project_id, ())
        before = last_actual(self.last, row.unit, name, unit, row.level2, row.level3) if row is not _NO_ROW else None
        case = Case(finding, row, siblings, rules, budget, before)
        proposal = HOW[kind.how](case) if kind.how and (row is not _NO_ROW or kind.how == "share") else None
        words = kind.without.format(name=row.level3 or "指标")
        basis = f"本年实际完成值“{row.actual_text}”" if row.actual_text else "见问题说明"
        if proposal:
            words, basis = kind.words.format(figure=proposal.figure), proposal.basis
        return Weakness(kind, finding, row, unit, words, basis)


def counts(found: Sequence[Weakness]) -> Iterator[tuple[Kind, int, int]]:
    """Kind, rows and projects, for the kinds met."""
    for kind in kinds():
        if owners := [weakness.finding.project_id for weakness in found if weakness.kind.name == kind.name]:
            yield kind, len(owners), len(set(owners))
