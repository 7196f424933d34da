"""目标设定质量: read back from the results what they say about the targets, with proposals for next year.

Findings of the checks that concern target-setting, one row each, by kind (`quality.toml`). Everything here is
a question to whoever set the target.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from perfbatch.decimals import divide, half_up, plain
from perfbatch.followup.batch import Batch
from perfbatch.identity.names import name_key
from perfbatch.model import BY_PERSON, BY_SETTING, Finding, Frames
from perfbatch.notation.signs import SIGN_OF as SIGNS
from perfbatch.notation.units import common
from perfbatch.schema import rows

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
    unit: str
    indicator: str
    target: str
    actual: str
    completion: Decimal | None
    deviation: Decimal | None
    proposal: str
    basis: str
    reason: str


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds in the order of the sheet."""
    table = tomllib.loads(Path(__file__).with_name("quality.toml").read_text(encoding="utf-8"))
    return tuple(
        Kind(
            entry["name"], entry["title"], tuple(entry["codes"]), entry["how"], entry["without"],
            entry.get("with", ""), entry.get("when", ""),
        )
        for entry in table["kind"]
    )  # fmt: skip


@cache
def codes() -> frozenset[str]:
    """Codes of the checks that concern target-setting."""
    return frozenset(code for kind in kinds() for code in kind.codes)


def assess(batch: Batch) -> list[Weakness]:
    """Rows by kind, in the order of the input within a kind."""
    found = _relevant(batch)
    facts = _Facts(batch, {(finding.project_id, finding.sheet, finding.cell) for finding in found})
    order = {kind.name: at for at, kind in enumerate(kinds())}
    listed: dict[tuple[str, str, str], Weakness] = {}
    for finding in found:
        weakness = facts.weakness(finding)
        place = (weakness.kind.name, finding.project_id, finding.cell)
        listed.setdefault(place, weakness)  # IN10 and IN11 on one cell say the same
    return sorted(listed.values(), key=lambda weakness: order[weakness.kind.name])


def _relevant(batch: Batch) -> list[Finding]:
    """Findings about targets, not what somebody has called not applicable.

    Deviations of projects that were not executed at all say nothing about targets.
    """
    idle = {key for key, executed in rows(batch.frames.projects, "project_id", "executed") if executed == 0}
    return [
        finding
        for finding in batch.findings
        if finding.code in codes()
        and (finding.accepted_by not in (BY_PERSON, BY_SETTING) or finding.next_year)
        and not (finding.code in DEVIATIONS and finding.project_id in idle)
    ]


DEVIATIONS = ("IN10", "IN11", "RE03")  # checks that hold a result against its target
_PLACES = ("cell_target", "cell_actual", "cell_level3", "cell_points", "cell_reason")
_NO_ROW = Indicator("", "", "", "", "", "", None, None, "", None, None, "", None, None, "")


@dataclass(slots=True)
class _Facts:
    """Rows and figures of the projects that findings are about; `places` are the cells they are at."""

    batch: Batch
    places: set[tuple[str, str, str]]
    by_cell: dict[tuple[str, str, str], Indicator] = field(init=False)
    by_project: dict[str, list[Indicator]] = field(init=False)
    projects: dict[str, tuple[str, str, str, Decimal | None]] = field(init=False)
    last: Mapping[tuple[str, ...], tuple[str, Decimal]] = field(init=False)

    def __post_init__(self) -> None:
        frames = self.batch.frames
        self.by_cell, self.by_project = {}, {}
        wanted = {key for key, *_ in self.places}
        for sheet, role, *rest in rows(frames.indicators, "sheet", "role", *_PLACES, *Indicator._fields):
            key = rest[len(_PLACES)]
            if key in wanted and role in ("indicator", "child"):
                row = Indicator(*rest[len(_PLACES) :])
                self.by_project.setdefault(key, []).append(row)
                for cell in rest[: len(_PLACES)]:
                    if (key, sheet, cell) in self.places:
                        self.by_cell.setdefault((key, sheet, cell), row)
        columns = ("project_id", "project_name", "unit", "ruleset", "budget_adjusted")
        self.projects = {key: (*rest,) for key, *rest in rows(frames.projects, *columns) if key in wanted}
        self.last = last_actuals(self.batch.previous.frames) if self.batch.previous is not None else {}

    def weakness(self, finding: Finding) -> Weakness:
        """The row of a finding with the proposal for next year, where the data hold a figure."""
        row = self.by_cell.get((finding.project_id, finding.sheet, finding.cell), _NO_ROW)
        kind = _kind_of(finding, row)
        name, unit, ruleset, budget = self.projects.get(finding.project_id, ("", "", "", None))
        rules = self.batch.rulesets[ruleset].plain() if ruleset in self.batch.rulesets else {}
        siblings: Sequence[Indicator] = self.by_project.get(finding.project_id, ())
        case = Case(finding, row, siblings, rules, budget, self._last_year(name, unit, row))
        proposal = HOW[kind.how](case) if kind.how and (row is not _NO_ROW or kind.how == "share") else None
        words = kind.without.format(name=row.level3 or "指标")
        basis = f"本年实际完成值“{row.actual_text}”" if row.actual_text else "见问题说明"
        if proposal:
            words, basis = kind.words.format(figure=proposal.figure), proposal.basis
        return Weakness(
            kind, finding, unit, row.level3 or row.level2, row.target_text, row.actual_text,
            row.completion_rate, row.deviation, words, basis, row.reason,
        )  # fmt: skip

    def _last_year(self, name: str, unit: str, row: Indicator) -> Decimal | None:
        """Last year's actual in the unit of the target, where project and indicator are found again."""
        found = self.last.get(_key(name, unit, row.level2, row.level3))
        if found is None or row is _NO_ROW:
            return None
        own, value = found
        return value if common(row.unit, own)[:3] == ("yes", 1, 1) else None


def last_actuals(previous: Frames) -> dict[tuple[str, ...], tuple[str, Decimal]]:
    """Unit and actual of last year's indicators by project, unit and names; keys met twice are left out."""
    names = {key: pair for key, *pair in rows(previous.projects, "project_id", "project_name", "unit")}
    found: dict[tuple[str, ...], tuple[str, Decimal] | None] = {}
    columns = ("project_id", "level2", "level3", "unit", "actual_value")
    for project, level2, level3, unit, value in rows(previous.indicators, *columns):
        key = _key(*names.get(project, ("", "")), level2, level3)
        found[key] = None if key in found or value is None else (unit, value)
    return {key: pair for key, pair in found.items() if pair is not None}


def _key(*names: str) -> tuple[str, ...]:
    return tuple(map(name_key, names))


def _kind_of(finding: Finding, row: Indicator) -> Kind:
    """The first kind of the finding's code that fits the row."""
    fitting = [kind for kind in kinds() if finding.code in kind.codes]
    wanted = _side(finding, row)
    return next((kind for kind in fitting if kind.when in ("", wanted)), fitting[0])


def _side(finding: Finding, row: Indicator) -> str:
    """Whether a deviation means that a target was too low, too high, or a ceiling too wide."""
    if finding.code == "IN16" or (row.direction == "negative" and (row.deviation or 0) < 0):
        return "loose"
    return "under" if row.completion_rate is not None and row.completion_rate < 1 else "over"


def counts(found: Iterable[Weakness]) -> Iterator[tuple[Kind, int, int]]:
    """Kind, rows and projects, for the kinds met."""
    members: dict[str, list[Weakness]] = {}
    for weakness in found:
        members.setdefault(weakness.kind.name, []).append(weakness)
    for kind in kinds():
        some = members.get(kind.name)
        if some:
            yield kind, len(some), len({weakness.finding.project_id for weakness in some})
