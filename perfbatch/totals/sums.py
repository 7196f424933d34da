"""Aggregates of one run: every figure that outputs print and nobody else computes.

Pure functions from `ReadBatch` to `Totals`. Money is in 万元 and exact, rates are fractions of one, means are rounded
half up to two decimals. A project whose figure is unknown is left out of that sum and counted in `Group.unknown`, so
that an output can say so.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from perfbatch import model
from perfbatch.decimals import CONTEXT, divide, half_up, total
from perfbatch.identity.projects import Identity, main_year
from perfbatch.rulesets import Ruleset
from perfbatch.scoring import band_names
from perfbatch.totals.digest import MONEY_IN_ANOTHER_UNIT, CodeCount, Digest
from perfbatch.totals.lines import Deviation, ProjectLine, by_weight, most_serious
from perfbatch.totals.reached import MONEY, Amounts, Completion, Reached, completion_of

UNSTATED = "未填列"  # group name of projects that state no category, origin or unit


@dataclass(slots=True)
class ReadBatch:
    """What the workbooks of one run hold together: the part of a `Batch` that figures are made of.

    `frames` holds the rows of all workbooks that were read, in input order; of more rows than a list shows only
    those of the projects with the most findings and of the sample. `findings` are in the order of the input, of
    too many the serious ones. `rulesets` maps the names in column ``ruleset`` to the rulesets in force. `sample` lists
    the project_ids drawn for the spot check. `identity` tells which entries are one project.
    """

    results: list[model.WorkbookResult]
    frames: model.Frames
    findings: Sequence[model.Finding]
    checks: list[model.CheckOutcome]
    rulesets: dict[str, Ruleset]
    sample: list[str] = field(default_factory=list)
    identity: Identity | None = None


@dataclass(slots=True)
class Group(Amounts):
    """Figures of some projects: what adds up over them, and the means that follow."""

    name: str = ""
    scored: int = 0  # with a declared total
    declared: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)  # declared total × adjusted budget
    weight: Decimal = Decimal(0)
    recomputed: int = 0
    computed: Decimal = Decimal(0)
    bands: Counter[str] = field(default_factory=Counter)  # by declared score, by computed where none is declared
    bands_computed: Counter[str] = field(default_factory=Counter)
    unexecuted: int = 0
    errors: int = 0
    warnings: int = 0

    def add(self, line: ProjectLine) -> None:
        """Count one more project."""
        self.count(line.initial, line.adjusted, line.executed)
        if line.declared is not None:
            self.scored += 1
            self.declared = CONTEXT.add(self.declared, line.declared)
            if line.adjusted:
                self.weighted = CONTEXT.add(self.weighted, line.declared * line.adjusted)
                self.weight = CONTEXT.add(self.weight, line.adjusted)
        if line.computed is not None:
            self.recomputed += 1
            self.computed = CONTEXT.add(self.computed, line.computed)
        self.bands[line.band] += 1
        self.bands_computed[line.band_computed] += 1
        self.unexecuted += line.executed == 0
        self.errors += line.errors
        self.warnings += line.warnings

    @property
    def declared_mean(self) -> Decimal | None:
        """Mean declared total."""
        return half_up(divide(self.declared, Decimal(self.scored)), 2) if self.scored else None

    @property
    def declared_weighted(self) -> Decimal | None:
        """The same, each total weighted by the adjusted budget."""
        return half_up(divide(self.weighted, self.weight), 2) if self.weight > 0 else None

    @property
    def computed_mean(self) -> Decimal | None:
        """Mean computed total."""
        return half_up(divide(self.computed, Decimal(self.recomputed)), 2) if self.recomputed else None

    @property
    def bands_differ(self) -> bool:
        """Whether the recomputed scores, where there are any, make other bands than the declared ones."""
        computed = {name: count for name, count in self.bands_computed.items() if name != UNSTATED}
        return any(computed.values()) and any(self.bands.get(name, 0) != count for name, count in computed.items())

    @property
    def delta(self) -> Decimal | None:
        """Mean declared minus mean computed total."""
        declared, computed = self.declared_mean, self.computed_mean
        return None if declared is None or computed is None else declared - computed


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
    codes: tuple[CodeCount, ...]  # the serious first, then the frequent
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
        return self.accepted[model.BY_APPROVAL]

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
    categories, origins, units = (_groups(lines, column, names) for column in ("category", "origin", "unit"))
    by_id = {line.project_id: line for line in lines} if batch.sample else {}
    sample = tuple(by_id[key] for key in batch.sample if key in by_id)
    whole, drawn = _group("合计", lines, names), _group("抽查", sample, names)
    declared = [line.declared for line in lines if line.declared is not None]
    ranks = {severity.value: at for at, severity in enumerate(model.Severity)}
    unexecuted = tuple(line for line in lines if line.executed == 0)
    limits = {name: values.get("low_exec") for name, values in parameters.items()}
    executed = ((line, limits.get(line.ruleset)) for line in lines if line.executed and line.rate is not None)
    low = tuple(line for line, limit in executed if limit is not None and line.rate < limit)
    met = whole.projects - digest.missed - len(unexecuted)
    shares = share(drawn.projects, whole.projects), share(drawn.money["executed"], whole.money["executed"])
    worst = {kind: tuple(sorted(most_serious(some, by_weight), key=by_weight)) for kind, some in digest.worst.items()}
    files: Counter[str] = Counter(result.status for result in batch.results if result.reason_code != model.PASSED_OVER)
    grades = Counter(line.grade for line in lines)
    words = dict.fromkeys(word for values in parameters.values() for word in values["grade_words"])
    doubted = {finding.project_id for finding in batch.findings if finding.code == MONEY_IN_ANOTHER_UNIT}
    return Totals(
        unit=_only(line.unit.strip() for line in lines) or _only(digest.departments),
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
        low=low,
        above=tuple(line for line in lines if line.rate is not None and line.rate > 1),
        doubted=tuple(line for line in lines if line.project_id in doubted),
        sample=sample,
        drawn=drawn,
        drawn_shares=shares,
        **worst,
        off={kind: digest.off[kind] for kind in digest.worst},
        highest=max(declared, default=None),
        lowest=min(declared, default=None),
        goals={"met": met, "missed": digest.missed, "idle": len(unexecuted)},
        agreement={state: digest.agreement[state] for state in ("equal", "near", "different", "open")},
        severities=_counted(digest.severities, [s.value for s in model.Severity]),
        accepted={
            by: digest.accepted[by] for by in (model.BY_FORM, model.BY_APPROVAL, model.BY_PERSON, model.BY_SETTING)
        },
        codes=tuple(
            sorted(digest.codes.values(), key=lambda c: (ranks.get(c.severity, len(ranks)), -c.findings, c.code))
        ),
        doubtful=digest.doubtful,
        files=_counted(files, ["ok", "partial", "skipped", "refused", "failed"]),
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
    """At most `most` groups, the last ones put together as 其他 (of which only projects and money are known)."""
    if len(groups) <= most:
        return list(groups)
    tail = groups[most - 1 :]
    other = Group(
        sum(group.projects for group in tail), {name: total(group.money[name] for group in tail) for name in MONEY},
        {name: sum(group.unknown[name] for group in tail) for name in MONEY}, "其他",
    )  # fmt: skip
    return [*groups[: most - 1], other]


def _group(name: str, lines: Iterable[ProjectLine], bands: Sequence[str]) -> Group:
    group = Group(name=name)
    for line in lines:
        group.add(line)
    group.bands = Counter(_counted(group.bands, bands))
    group.bands_computed = Counter(_counted(group.bands_computed, bands))
    return group


def _groups(lines: Iterable[ProjectLine], column: str, bands: Sequence[str]) -> tuple[Group, ...]:
    """The groups of a column by descending budget, the unstated one last."""
    members: dict[str, list[ProjectLine]] = defaultdict(list)
    for line in lines:
        members[getattr(line, column).strip()].append(line)
    made = [_group(name or UNSTATED, some, bands) for name, some in members.items()]
    return tuple(sorted(made, key=lambda g: (g.name == UNSTATED, -g.money["adjusted"], -g.projects, g.name)))


def _only(values: Iterable[Any]) -> Any:
    distinct = {value for value in values if value}
    return distinct.pop() if len(distinct) == 1 else ""


def _counted(counts: Mapping[str, int], order: Iterable[str]) -> dict[str, int]:
    """Counts with every name of `order` present, then other names met; blanks last, as `UNSTATED`."""
    named = {name: count for name, count in counts.items() if name and name != UNSTATED}
    blank = counts.get("", 0) + counts.get(UNSTATED, 0)
    return dict.fromkeys(order, 0) | named | ({UNSTATED: blank} if blank else {})
