"""Aggregates of one run: every figure that outputs print and nobody else computes.

Pure functions from `perfbatch.model.ReadBatch` to `Totals`. Money is in 万元 and exact, rates are fractions of
one, means are rounded half up to two decimals. A project whose figure is unknown is left out of that sum and
counted in `Group.unknown`, so that an output can say so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from perfbatch.decimals import divide, half_up, total
from perfbatch.identity.projects import main_year
from perfbatch.model import (
    BY_APPROVAL,
    BY_FORM,
    BY_PERSON,
    BY_SETTING,
    PASSED_OVER,
    Severity,
)
from perfbatch.scoring import band_names
from perfbatch.totals.batch import ReadBatch
from perfbatch.totals.digest import MONEY_IN_ANOTHER_UNIT, Code, Digest, Sums, sums_by, sums_of
from perfbatch.totals.lines import Deviation, ProjectLine, by_weight, most_serious
from perfbatch.totals.reached import MONEY, Amounts, Completion, Reached, completion_of

UNSTATED = "未填列"  # group name of projects that state no category, origin or unit


@dataclass(frozen=True, slots=True)
class Group(Amounts):
    """Figures of some projects. `unknown` counts projects without a figure, by column name."""

    name: str
    projects: int
    scored: int  # with a declared total
    initial: Decimal
    adjusted: Decimal
    executed: Decimal
    rate: Decimal | None
    declared_mean: Decimal | None
    declared_weighted: Decimal | None  # by adjusted budget
    computed_mean: Decimal | None
    bands: Mapping[str, int]  # by declared score, by computed where none is declared
    bands_computed: Mapping[str, int]
    unexecuted: int
    unknown: Mapping[str, int]
    errors: int
    warnings: int

    def amount(self, column: str) -> Decimal:
        """Sum of a money column."""
        found: Decimal = getattr(self, column)
        return found

    @property
    def bands_differ(self) -> bool:
        """Whether the recomputed scores, where there are any, make other bands than the declared ones."""
        computed = {name: count for name, count in self.bands_computed.items() if name != UNSTATED}
        return any(computed.values()) and any(self.bands.get(name, 0) != count for name, count in computed.items())

    @property
    def delta(self) -> Decimal | None:
        """Mean declared minus mean computed total."""
        both = self.declared_mean is not None and self.computed_mean is not None
        return self.declared_mean - self.computed_mean if both else None  # type: ignore[operator]


class CodeCount(NamedTuple):
    """How often a check reported, and in how many projects."""

    code: str
    severity: str
    findings: int
    projects: int


@dataclass(frozen=True, slots=True)
class Totals:
    """All aggregates of one run.

    Lists of projects are complete; of deviating rows `off` says how many there are of each kind, and the lists
    hold the worst, as many as an output shows.
    """

    unit: str  # the one unit (or department) of the batch, empty when there are several
    year: int | None  # the year of the batch, that of the greater part of its projects
    whole: Group
    indicators: int
    bands: Mapping[str, int]
    grades: Mapping[str, int]
    categories: tuple[Group, ...]
    origins: tuple[Group, ...]
    units: tuple[Group, ...]
    ranking: tuple[Group, ...]  # units by mean declared score, the best first
    lines: tuple[ProjectLine, ...]
    unexecuted: tuple[ProjectLine, ...]  # executed = 0
    low: tuple[ProjectLine, ...]  # executed, but below the ruleset's low_exec
    above: tuple[ProjectLine, ...]  # more executed than budgeted
    doubted: tuple[ProjectLine, ...]  # with an amount that is probably in another unit
    sample: tuple[ProjectLine, ...]
    drawn: Group  # the sample as a group
    drawn_shares: tuple[Decimal | None, Decimal | None]  # of the projects, of the executed money
    under: tuple[Deviation, ...]
    over: tuple[Deviation, ...]
    lost: tuple[Deviation, ...]
    idle: tuple[Deviation, ...]
    off: Mapping[str, int]  # rows by kind of deviation
    highest: Decimal | None  # declared totals
    lowest: Decimal | None
    goals: Mapping[str, int]  # projects: met (no quantitative row below target), missed, idle (unexecuted)
    agreement: Mapping[str, int]  # scored rows: equal, near (within tol_score), different, open (not computable)
    severities: Mapping[str, int]  # of open findings
    accepted: Mapping[str, int]  # the others, by what ended them (`Finding.accepted_by`)
    codes: tuple[CodeCount, ...]
    doubtful: int  # projects with a finding on how targets were set
    files: Mapping[str, int]  # ok, refused, failed
    findings_of: Mapping[str, int]  # by file
    completion: Completion
    rulings: Mapping[tuple[str, str], int]  # projects by ruleset and why it was chosen
    reached: Reached  # indicators by level-1 group, satisfaction, money by source
    rows: int = 0  # of the indicators frame, all roles

    @property
    def explained(self) -> int:
        """Findings that a reason has ended."""
        return sum(self.accepted.values()) - self.deferred

    @property
    def deferred(self) -> int:
        """Findings that can be mended only when targets are set again."""
        return self.accepted[BY_APPROVAL]

    def places(self) -> dict[str, int]:
        """Place of each unit by mean declared score; equal means share a place."""
        found: dict[str, int] = {}
        mean, place = None, 0
        for at, unit in enumerate(self.ranking, start=1):
            if at == 1 or unit.declared_mean != mean:
                mean, place = unit.declared_mean, at
            found[unit.name] = place
        return found


def summarise(batch: ReadBatch) -> Totals:
    """All aggregates of `batch`."""
    digest = Digest({name: ruleset.plain() for name, ruleset in batch.rulesets.items()})
    digest.add(batch.frames, batch.findings)
    return concluded(digest, batch)


def concluded(digest: Digest, batch: ReadBatch) -> Totals:
    """The aggregates of a digest of all workbooks of `batch`, of which only sample and results are read."""
    parameters, lines = digest.parameters, digest.lines
    used = dict.fromkeys(line.ruleset for line in lines)
    known = (parameters[name]["report_bands"] for name in used if name in parameters)
    names = list(dict.fromkeys(band for bounds in known for band in band_names(bounds)))
    groups = {column: sums_by(lines, column) for column in ("category", "origin", "unit")}
    categories, origins, units = (_groups(sums, names) for sums in groups.values())
    by_id = {line.project_id: line for line in lines} if batch.sample else {}
    sample = tuple(by_id[key] for key in batch.sample if key in by_id)
    whole, drawn = _group("合计", sums_of(lines), names), _group("抽查", sums_of(sample), names)
    declared = [line.declared for line in lines if line.declared is not None]
    unexecuted = tuple(line for line in lines if line.executed == 0)
    worst = {kind: tuple(sorted(most_serious(some, by_weight), key=by_weight)) for kind, some in digest.worst.items()}
    grades = Counter(line.grade for line in lines)
    words = dict.fromkeys(word for values in parameters.values() for word in values["grade_words"])
    doubted = {finding.project_id for finding in batch.findings if finding.code == MONEY_IN_ANOTHER_UNIT}
    return Totals(
        unit=_only(groups["unit"]) or _only(digest.departments),
        year=main_year(digest.years),
        whole=whole,
        indicators=digest.indicators,
        bands=whole.bands,
        grades=_counted(grades, words),
        categories=categories,
        origins=origins,
        units=units,
        ranking=tuple(sorted(units, key=lambda g: (-(g.declared_mean or Decimal(-1)), g.name))),
        lines=tuple(lines),
        unexecuted=unexecuted,
        low=tuple(digest.low()),
        above=tuple(line for line in lines if line.rate is not None and line.rate > 1),
        doubted=tuple(line for line in lines if line.project_id in doubted),
        sample=sample,
        drawn=drawn,
        drawn_shares=(share(drawn.projects, whole.projects), share(drawn.executed, whole.executed)),
        **worst,
        off={kind: digest.off[kind] for kind in digest.worst},
        highest=max(declared, default=None),
        lowest=min(declared, default=None),
        goals={
            "met": whole.projects - digest.missed - len(unexecuted),
            "missed": digest.missed,
            "idle": len(unexecuted),
        },
        agreement={state: digest.agreement[state] for state in ("equal", "near", "different", "open")},
        severities=_counted(digest.severities, [s.value for s in Severity]),
        accepted={by: digest.accepted[by] for by in (BY_FORM, BY_APPROVAL, BY_PERSON, BY_SETTING)},
        codes=_code_counts(digest.codes),
        doubtful=digest.doubtful,
        files=_counted(
            Counter(result.status for result in batch.results if result.reason_code != PASSED_OVER),
            ["ok", "partial", "skipped", "refused", "failed"],
        ),
        findings_of=dict(digest.files),
        completion=completion_of(lines, digest.completion, parameters),
        rulings=dict(digest.rulings),
        reached=digest.reached,
        rows=digest.rows,
    )


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """`part` ÷ `whole` as a fraction, None when there is no positive whole."""
    return divide(Decimal(part), Decimal(whole)) if whole > 0 else None


def merged_tail(groups: Sequence[Group], most: int) -> list[Group]:
    """At most `most` groups, the last ones put together as 其他 (its means and bands are left empty)."""
    if len(groups) <= most:
        return list(groups)
    tail = groups[most - 1 :]
    initial, adjusted, executed = (total(getattr(g, c) for g in tail) for c in MONEY)
    counted = ("projects", "scored", "unexecuted", "errors", "warnings")
    counts = {name: sum(getattr(group, name) for group in tail) for name in counted}
    unknown = {column: sum(group.unknown[column] for group in tail) for column in MONEY}
    other = Group(
        name="其他",
        initial=initial,
        adjusted=adjusted,
        executed=executed,
        rate=share(executed, adjusted) if any(group.rate is not None for group in tail) else None,
        declared_mean=None,
        declared_weighted=None,
        computed_mean=None,
        bands={},
        bands_computed={},
        unknown=unknown,
        **counts,
    )
    return [*groups[: most - 1], other]


def _group(name: str, sums: Sums, bands: Sequence[str]) -> Group:
    initial, adjusted, executed = (sums.money[column] for column in MONEY)
    unknown = {column: sums.unknown[column] for column in MONEY}
    known = sums.projects not in (unknown["adjusted"], unknown["executed"])
    weighted = half_up(divide(sums.weighted, sums.weight), 2) if sums.weight > 0 else None
    return Group(
        name=name,
        projects=sums.projects,
        scored=sums.scored,
        initial=initial,
        adjusted=adjusted,
        executed=executed,
        rate=share(executed, adjusted) if known else None,
        declared_mean=_mean(sums.declared, sums.scored),
        declared_weighted=weighted,
        computed_mean=_mean(sums.computed, sums.recomputed),
        bands=_counted(sums.bands, bands),
        bands_computed=_counted(sums.bands_computed, bands),
        unexecuted=sums.unexecuted,
        unknown=unknown,
        errors=sums.errors,
        warnings=sums.warnings,
    )


def _groups(found: Mapping[str, Sums], bands: Sequence[str]) -> tuple[Group, ...]:
    """Groups by descending budget, the unstated one last."""
    made = [_group(name or UNSTATED, sums, bands) for name, sums in found.items()]
    return tuple(sorted(made, key=lambda g: (g.name == UNSTATED, -g.adjusted, -g.projects, g.name)))


def _mean(total: Decimal, count: int) -> Decimal | None:
    return half_up(divide(total, Decimal(count)), 2) if count else None


def _only(values: Iterable[Any]) -> Any:
    distinct = {value for value in values if value}
    return distinct.pop() if len(distinct) == 1 else ""


def _counted(counts: Mapping[str, int], order: Iterable[str]) -> dict[str, int]:
    """Counts with every name of `order` present, then other names met; blanks last, as `UNSTATED`."""
    named = {name: count for name, count in counts.items() if name and name != UNSTATED}
    blank = counts.get("", 0) + counts.get(UNSTATED, 0)
    return dict.fromkeys(order, 0) | named | ({UNSTATED: blank} if blank else {})


def _code_counts(codes: Mapping[tuple[str, str], Code]) -> tuple[CodeCount, ...]:
    """Counts by code and severity, the serious first, then the frequent."""
    order = {severity.value: at for at, severity in enumerate(Severity)}
    counts = [CodeCount(code, severity, *count) for (severity, code), count in codes.items()]
    return tuple(sorted(counts, key=lambda c: (order.get(c.severity, len(order)), -c.findings, c.code)))
