"""Aggregates of one run: every figure that outputs print and nobody else computes.

Pure functions from `ReadBatch` to `Totals`. Money is in 万元 and exact, rates are fractions of one, means are rounded
half up to two decimals. A project whose figure is unknown is left out of that sum and counted in `Group.unknown`, so
that an output can say so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from perfbatch import model
from perfbatch.decimals import divide, mean, total
from perfbatch.identity.projects import Identity, main_year
from perfbatch.rulesets import Ruleset
from perfbatch.schema import grouped
from perfbatch.scoring import band_names
from perfbatch.totals.digest import MONEY_IN_ANOTHER_UNIT, Digest
from perfbatch.totals.lines import DEVIATIONS, ProjectLine, by_weight, most_serious
from perfbatch.totals.reached import Amounts, Completion

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


class Group(Amounts):
    """Figures of some projects: what adds up over them, and the means that follow."""

    def __init__(self, name: str, lines: Sequence[ProjectLine], bands: Sequence[str] = ()) -> None:
        super().__init__()
        self.name, self.lines = name, lines
        for line in lines:
            self.count(line.initial, line.adjusted, line.executed)
        declared = [line.declared for line in lines if line.declared is not None]
        computed = [line.computed for line in lines if line.computed is not None]
        weighed = [(line.declared, line.adjusted) for line in lines if line.declared is not None and line.adjusted]
        self.scored = len(declared)
        mine, other = mean(total(declared), len(declared)), mean(total(computed), len(computed))
        self.declared_mean, self.computed_mean = mine, other  # of the totals
        self.delta = None if mine is None or other is None else mine - other
        # each declared total weighted by the adjusted budget
        products = (score * budget for score, budget in weighed)
        self.declared_weighted = mean(total(products), total(budget for _, budget in weighed))
        # by declared score, by computed where none is declared
        self.bands = _counted(Counter(line.band for line in lines), bands)
        self.bands_computed = _counted(Counter(line.band_computed for line in lines), bands)
        # whether the recomputed scores, where there are any, make other bands than the declared ones
        known = {name: count for name, count in self.bands_computed.items() if name != UNSTATED}
        self.bands_differ = any(known.values()) and any(self.bands.get(name, 0) != known[name] for name in known)
        self.unexecuted = sum(line.executed == 0 for line in lines)
        self.errors = sum(line.errors for line in lines)
        self.warnings = sum(line.warnings for line in lines)


class Totals:
    """All aggregates of one run: what a digest of its workbooks comes to. Of the batch only sample, results and
    findings are read.

    Lists of projects are complete; of deviating rows `off` says how many there are of each kind, and the lists
    hold the worst, as many as an output shows.
    """

    def __init__(self, digest: Digest, batch: ReadBatch) -> None:
        parameters, lines = digest.parameters, tuple(digest.lines)
        used = dict.fromkeys(line.ruleset for line in lines)
        known = (parameters[name]["report_bands"] for name in used if name in parameters)
        names = list(dict.fromkeys(band for bounds in known for band in band_names(bounds)))
        # the one unit (or department) of the batch, empty when there are several
        self.unit: str = _only(line.unit.strip() for line in lines) or _only(digest.departments)
        self.year = main_year(digest.years)  # that of the greater part of the projects
        self.lines, self.rows, self.indicators = lines, digest.rows, digest.indicators  # rows: of all roles
        self.whole = Group("合计", lines, names)
        self.bands: Mapping[str, int] = self.whole.bands
        words = dict.fromkeys(word for values in parameters.values() for word in values["grade_words"])
        self.grades = _counted(Counter(line.grade for line in lines), words)
        self.categories, self.origins, self.units = (
            _groups(lines, column, names) for column in ("category", "origin", "unit")
        )
        # units by mean declared score, the best first
        ranked = sorted(self.units, key=lambda g: (g.declared_mean is None, -(g.declared_mean or Decimal(0)), g.name))
        self.ranking = tuple(ranked)
        self.unexecuted = tuple(line for line in lines if line.executed == 0)
        limits = {name: values.get("low_exec") for name, values in parameters.items()}
        executed = ((line, limits.get(line.ruleset)) for line in lines if line.executed and line.rate is not None)
        # executed, but below the ruleset's low_exec
        self.low = tuple(line for line, limit in executed if limit is not None and line.rate < limit)
        self.above = tuple(line for line in lines if line.rate is not None and line.rate > 1)  # more than budgeted
        doubted = {finding.project_id for finding in batch.findings if finding.code == MONEY_IN_ANOTHER_UNIT}
        self.doubted = tuple(line for line in lines if line.project_id in doubted)
        by_id = {line.project_id: line for line in lines} if batch.sample else {}
        self.sample = tuple(by_id[key] for key in batch.sample if key in by_id)
        self.drawn = Group("抽查", self.sample, names)
        money = (group.money["executed"] for group in (self.drawn, self.whole))
        self.drawn_shares = share(self.drawn.projects, self.whole.projects), share(*money)
        self.under, self.over, self.lost, self.idle = (
            tuple(sorted(most_serious(digest.worst[kind], by_weight), key=by_weight)) for kind in DEVIATIONS
        )
        self.off = {kind: digest.off[kind] for kind in DEVIATIONS}  # rows by kind of deviation
        declared = [line.declared for line in lines if line.declared is not None]
        self.highest, self.lowest = max(declared, default=None), min(declared, default=None)
        # projects: met (no quantitative row below target), missed, idle (unexecuted)
        met = self.whole.projects - digest.missed - len(self.unexecuted)
        self.goals = {"met": met, "missed": digest.missed, "idle": len(self.unexecuted)}
        # scored rows: equal, near (within tol_score), different, open (not computable)
        self.agreement = {state: digest.agreement[state] for state in ("equal", "near", "different", "open")}
        self.severities = _counted(digest.severities, [s.value for s in model.Severity])  # of open findings
        # the others, by what ended them (`Finding.accepted_by`)
        ends = (model.BY_FORM, model.BY_APPROVAL, model.BY_PERSON, model.BY_SETTING)
        self.accepted = {by: digest.accepted[by] for by in ends}
        self.deferred = self.accepted[model.BY_APPROVAL]  # can be mended only when targets are set again
        self.explained = sum(self.accepted.values()) - self.deferred  # ended by a reason
        ranks = {severity.value: at for at, severity in enumerate(model.Severity)}
        codes = digest.codes.values()  # the serious first, then the frequent
        self.codes = tuple(sorted(codes, key=lambda c: (ranks.get(c.severity, len(ranks)), -c.findings, c.code)))
        self.doubtful = digest.doubtful  # projects with a finding on how targets were set
        read = [result for result in batch.results if result.reason_code != model.PASSED_OVER]
        states: Counter[str] = Counter(result.status for result in read)
        self.files = _counted(states, ["ok", "partial", "skipped", "refused", "failed"])
        self.findings_of = dict(digest.files)  # by file
        self.completion = Completion(lines, digest.completion, parameters)
        self.rulings = dict(digest.rulings)  # projects by ruleset and why it was chosen
        self.reached = digest.reached  # indicators by level-1 group, degrees of satisfaction, money by source

    def places(self) -> dict[str, int]:
        """Place of each unit by mean declared score; equal means share a place."""
        first: dict[Decimal | None, int] = {}
        return {unit.name: first.setdefault(unit.declared_mean, at) for at, unit in enumerate(self.ranking, start=1)}


def summarise(batch: ReadBatch) -> Totals:
    """All aggregates of `batch`."""
    digest = Digest({name: ruleset.plain() for name, ruleset in batch.rulesets.items()})
    digest.add(batch.frames, batch.findings)
    return Totals(digest, batch)


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """`part` ÷ `whole` as a fraction, None when there is no positive whole."""
    return divide(Decimal(part), Decimal(whole)) if whole > 0 else None


def merged_tail(groups: Sequence[Group], most: int) -> list[Group]:
    """At most `most` groups, the last ones put together as 其他."""
    if len(groups) <= most:
        return list(groups)
    tail = [line for group in groups[most - 1 :] for line in group.lines]
    return [*groups[: most - 1], Group("其他", tail)]


def _groups(lines: Iterable[ProjectLine], column: str, bands: Sequence[str]) -> tuple[Group, ...]:
    """The groups of a column by descending budget, the unstated one last."""
    members = grouped((getattr(line, column).strip(), line) for line in lines)
    made = [Group(name or UNSTATED, some, bands) for name, some in members.items()]
    return tuple(sorted(made, key=lambda g: (g.name == UNSTATED, -g.money["adjusted"], -g.projects, g.name)))


def _only(values: Iterable[Any]) -> Any:
    distinct = {value for value in values if value}
    return distinct.pop() if len(distinct) == 1 else ""


def _counted(counts: Mapping[str, int], order: Iterable[str]) -> dict[str, int]:
    """Counts with every name of `order` present, then other names met; blanks last, as `UNSTATED`."""
    named = {name: count for name, count in counts.items() if name and name != UNSTATED}
    blank = counts.get("", 0) + counts.get(UNSTATED, 0)
    return dict.fromkeys(order, 0) | named | ({UNSTATED: blank} if blank else {})
