"""Aggregates of one run: every figure that outputs print and nobody else computes.

Pure functions from `perfbatch.model.Batch` to `Totals`. Money is in 万元 and exact, rates are fractions of
one, means are rounded half up to two decimals. A project whose figure is unknown is left out of that sum and
counted in `Group.unknown`, so that an output can say so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from perfbatch.exact import divide, half_up, total
from perfbatch.figures.completion import Completion
from perfbatch.figures.digest import MONEY, Code, Digest, Sums, digest_of, lines_of
from perfbatch.figures.lines import DEVIATIONS, Deviation, Parameters, ProjectLine
from perfbatch.figures.shortlist import Shortlist
from perfbatch.model import Batch, Finding, Severity
from perfbatch.scoring import band_names

UNSTATED = "未填列"  # group name of projects that state no category, origin or unit
_A1 = re.compile(r"([A-Z]+)([0-9]+)")


@dataclass(frozen=True, slots=True)
class Group:
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
    bands: Mapping[str, int]
    unexecuted: int
    unknown: Mapping[str, int]
    errors: int
    warnings: int

    def stated(self, column: str) -> Decimal | None:
        """Sum of a money column, None when no project states a figure (a form without that column, no form)."""
        return None if self.unknown[column] == self.projects else getattr(self, column)

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
    """All aggregates of one run. Lists know how long they are in all; of a large batch they hold what is shown."""

    unit: str  # the one unit (or department) of the batch, empty when there are several
    year: int | None  # the one year of the batch
    whole: Group
    indicators: int
    bands: Mapping[str, int]
    grades: Mapping[str, int]
    categories: tuple[Group, ...]
    origins: tuple[Group, ...]
    units: tuple[Group, ...]
    ranking: tuple[Group, ...]  # units by mean declared score, the best first
    lines: Shortlist[ProjectLine]
    unexecuted: Shortlist[ProjectLine]  # executed = 0
    low: Shortlist[ProjectLine]  # executed, but below the ruleset's low_exec
    sample: Shortlist[ProjectLine]
    drawn: Group  # the sample as a group
    drawn_shares: tuple[Decimal | None, Decimal | None]  # of the projects, of the executed money
    under: Shortlist[Deviation]
    over: Shortlist[Deviation]
    lost: Shortlist[Deviation]
    idle: Shortlist[Deviation]
    highest: Decimal | None  # declared totals
    lowest: Decimal | None
    goals: Mapping[str, int]  # projects: met (no quantitative row below target), missed, idle (unexecuted)
    agreement: Mapping[str, int]  # scored rows: equal, near (within tol_score), different, open (not computable)
    severities: Mapping[str, int]
    codes: tuple[CodeCount, ...]
    doubtful: int  # projects with a finding on how targets were set
    files: Mapping[str, int]  # ok, refused, failed
    findings_of: Mapping[str, int]  # by file
    completion: Completion
    rows: int = 0  # of the indicators frame, all roles

    def rank(self, unit: Group) -> int:
        """Place of a unit by mean declared score; equal means share a place."""
        means = [group.declared_mean or Decimal(-1) for group in self.units]
        return 1 + sum(mean > (unit.declared_mean or Decimal(-1)) for mean in means)


def summarise(batch: Batch) -> Totals:
    """All aggregates of `batch`; those that it brings along, where its workbooks were summed up one by one."""
    if batch.totals is not None:
        return batch.totals  # type: ignore[no-any-return]
    ordered = replace(batch, findings=findings_in_order(batch))
    lines = lines_of(batch)
    digest = digest_of(ordered, lines)
    by_id = {line.project_id: line for line in lines}
    return concluded(digest, batch, Shortlist(by_id[key] for key in batch.sample if key in by_id))


def concluded(digest: Digest, batch: Batch, sample: Shortlist[ProjectLine], drawn: Sums | None = None) -> Totals:
    """The aggregates of a digest of all workbooks of `batch`, of which only the rulesets and results are read.

    `drawn` are the sums over the sample where `sample` does not hold all of it.
    """
    parameters = {name: ruleset.plain() for name, ruleset in batch.rulesets.items()}
    names = _ordered_bands(digest.rulesets, parameters)
    by = {column: _groups(sums, names) for column, sums in digest.groups.items()}
    if drawn is None:
        drawn = Sums()
        for line in sample:
            drawn.add(line)
    whole, of_sample = _group("合计", digest.whole, names), _group("抽查", drawn, names)
    lists = {kind: digest.deviations.get(kind, Shortlist()) for kind in DEVIATIONS}
    lowest, highest = digest.scores or (None, None)
    missed, idle = digest.goals["missed"], digest.goals["idle"]
    return Totals(
        unit=_only(group for group in digest.groups["unit"]) or _only(digest.departments),
        year=_only(digest.years) or None,
        whole=whole,
        indicators=digest.indicators,
        bands=_counted(digest.whole.bands, names),
        grades=_counted(digest.grades, _grade_words(parameters)),
        categories=by["category"],
        origins=by["origin"],
        units=by["unit"],
        ranking=tuple(sorted(by["unit"], key=lambda g: (-(g.declared_mean or Decimal(-1)), g.name))),
        lines=digest.lines,
        unexecuted=digest.unexecuted,
        low=digest.low,
        sample=sample,
        drawn=of_sample,
        drawn_shares=(share(of_sample.projects, whole.projects), share(of_sample.executed, whole.executed)),
        **lists,
        highest=highest,
        lowest=lowest,
        goals={"met": whole.projects - missed - idle, "missed": missed, "idle": idle},
        agreement={state: digest.agreement[state] for state in ("equal", "near", "different", "open")},
        severities=_counted(digest.severities, [s.value for s in Severity]),
        codes=_code_counts(digest.codes),
        doubtful=digest.doubtful,
        files=_counted(Counter(result.status for result in batch.results), ["ok", "partial", "skipped", "refused", "failed"]),
        findings_of=dict(digest.files),
        completion=digest.completion,
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
        unknown=unknown,
        **counts,
    )
    return [*groups[: most - 1], other]


class Ordered(Sequence[Finding]):
    """Findings that are in the order of `findings_in_order` already."""


def findings_in_order(batch: Batch) -> Sequence[Finding]:
    """Findings by file and sheet in input order, then row, column, code and text: the same for any engine."""
    if isinstance(batch.findings, Ordered):
        return batch.findings
    files = {result.file: at for at, result in enumerate(batch.results)}
    sheets = {(result.file, sheet.sheet): at for result in batch.results for at, sheet in enumerate(result.sheets)}
    last = len(sheets) + len(files)

    def key(finding: Finding) -> tuple[Any, ...]:
        place = (finding.file, finding.sheet)
        return (
            files.get(finding.file, last),
            sheets.get(place, last),
            *place,
            *_position(finding.cell),
            finding,
        )

    return sorted(batch.findings, key=key)


def _position(cell: str) -> tuple[int, int, str]:
    match = _A1.match(cell)
    return (int(match[2]), len(match[1]), match[1]) if match else (0, 0, "")


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


def _ordered_bands(rulesets: Iterable[str], parameters: Parameters) -> list[str]:
    used = (name for name in rulesets if name in parameters)
    return list(dict.fromkeys(band for name in used for band in band_names(parameters[name]["report_bands"])))


def _grade_words(parameters: Parameters) -> list[str]:
    return list(dict.fromkeys(word for values in parameters.values() for word in values["grade_words"]))


def _code_counts(codes: Mapping[tuple[str, str], Code]) -> tuple[CodeCount, ...]:
    """Counts by code and severity, the serious first, then the frequent."""
    order = {severity.value: at for at, severity in enumerate(Severity)}
    counts = [CodeCount(code, severity, *count) for (severity, code), count in codes.items()]
    return tuple(sorted(counts, key=lambda c: (order.get(c.severity, len(order)), -c.findings, c.code)))
