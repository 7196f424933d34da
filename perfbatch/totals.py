"""Aggregates of one run: every figure that outputs print and nobody else computes.

Pure functions from `perfbatch.model.Batch` to `Totals`. Money is in 万元 and exact, rates are fractions of
one, means are rounded half up to two decimals. A project whose figure is unknown is left out of that sum and
counted in `Group.unknown`, so that an output can say so.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from perfbatch.exact import CONTEXT, divide, half_up
from perfbatch.lines import Deviation, Parameters, ProjectLine, deviations, project_lines, rows, worst_first
from perfbatch.model import Batch, Finding, Frames, Severity
from perfbatch.scoring import band_names

UNSTATED = "未填列"  # group name of projects that state no category, origin or unit
_A1 = re.compile(r"([A-Z]+)([0-9]+)")


@dataclass(frozen=True, slots=True)
class Group:
    """Sums over some projects. `unknown` counts projects without a figure, by column name."""

    name: str
    projects: int
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
        """Sum of a money column, None when no project states a figure (a form without that column)."""
        return None if self.projects and self.unknown[column] == self.projects else getattr(self, column)

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
    """All aggregates of one run; lists of projects and deviations are complete, outputs cut them."""

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
    lines: tuple[ProjectLine, ...]
    unexecuted: tuple[ProjectLine, ...]  # executed = 0
    low: tuple[ProjectLine, ...]  # executed, but below the ruleset's low_exec
    sample: tuple[ProjectLine, ...]
    drawn: Group  # the sample as a group
    drawn_shares: tuple[Decimal | None, Decimal | None]  # of the projects, of the executed money
    under: tuple[Deviation, ...]
    over: tuple[Deviation, ...]
    lost: tuple[Deviation, ...]
    idle: tuple[Deviation, ...]
    highest: Decimal | None  # declared totals
    lowest: Decimal | None
    goals: Mapping[str, int]  # projects: met (no quantitative row below target), missed, idle (unexecuted)
    agreement: Mapping[str, int]  # scored rows: equal, near (within tol_score), different, open (not computable)
    severities: Mapping[str, int]
    codes: tuple[CodeCount, ...]
    files: Mapping[str, int]  # ok, refused, failed
    rows: int = 0  # of the indicators frame, all roles

    def rank(self, unit: Group) -> int:
        """Place of a unit by mean declared score; equal means share a place."""
        means = [group.declared_mean or Decimal(-1) for group in self.units]
        return 1 + sum(mean > (unit.declared_mean or Decimal(-1)) for mean in means)


@dataclass(slots=True)
class Tally:
    """What is summed up of some workbooks; tallies of parts in input order add up to that of the whole."""

    lines: list[ProjectLine] = field(default_factory=list)
    deviations: dict[str, list[Deviation]] = field(default_factory=dict)
    indicators: int = 0
    rows: int = 0
    agreement: Counter[str] = field(default_factory=Counter)

    def add(self, part: Batch) -> None:
        """Add the workbooks of `part`, whose rows come after all those added before."""
        parameters = {name: ruleset.plain() for name, ruleset in part.rulesets.items()}
        before = len(self.lines)
        lines = [replace(line, at=line.at + before) if before else line for line in project_lines(part)]
        for kind, found in deviations(part.frames, lines, parameters).items():
            moved = [row._replace(at=row.at + self.rows) for row in found] if self.rows else found
            self.deviations.setdefault(kind, []).extend(moved)
        self.lines += lines
        roles = part.frames.indicators["role"].tolist()
        self.indicators += roles.count("indicator")
        self.rows += len(roles)
        self.agreement.update(_agreement(part.frames, parameters))


def summarise(batch: Batch) -> Totals:
    """All aggregates of `batch`; those that it brings along, where its workbooks were summed up one by one."""
    if batch.totals is not None:
        return batch.totals  # type: ignore[no-any-return]
    tally = Tally()
    tally.add(batch)
    return concluded(tally, batch)


def concluded(tally: Tally, batch: Batch) -> Totals:
    """The aggregates of a tally of all workbooks of `batch`, of which only projects and findings are read."""
    parameters = {name: ruleset.plain() for name, ruleset in batch.rulesets.items()}
    lines = tally.lines
    names = _ordered_bands(lines, parameters)

    def group(name: str, members: Sequence[ProjectLine]) -> Group:
        return _group(name, members, names)

    found = {kind: worst_first(tally.deviations.get(kind, ())) for kind in ("under", "over", "lost", "idle")}
    by_id = {line.project_id: line for line in lines}
    declared = [line.declared for line in lines if line.declared is not None]
    sample = tuple(by_id[key] for key in batch.sample if key in by_id)
    drawn = group("抽查", sample)
    whole = group("合计", lines)
    units = _groups(lines, lambda line: line.unit, group)
    return Totals(
        unit=_only(line.unit for line in lines) or _only(batch.frames.projects["department"]),
        year=_only(year for year in batch.frames.projects["year"] if year is not None) or None,
        whole=whole,
        indicators=tally.indicators,
        bands=_counted((line.band for line in lines), names),
        grades=_counted((line.grade for line in lines), _grade_words(parameters)),
        categories=_groups(lines, lambda line: line.category, group),
        origins=_groups(lines, lambda line: line.origin, group),
        units=units,
        ranking=tuple(sorted(units, key=lambda g: (-(g.declared_mean or Decimal(-1)), g.name))),
        lines=tuple(lines),
        unexecuted=tuple(line for line in lines if line.executed == 0),
        low=tuple(line for line in lines if _is_low(line, parameters)),
        sample=sample,
        drawn=drawn,
        drawn_shares=(share(drawn.projects, whole.projects), share(drawn.executed, whole.executed)),
        under=found["under"],
        over=found["over"],
        lost=found["lost"],
        idle=found["idle"],
        highest=max(declared, default=None),
        lowest=min(declared, default=None),
        goals=_goals(lines, found["under"]),
        agreement={state: tally.agreement[state] for state in ("equal", "near", "different", "open")},
        severities=_counted((finding.severity for finding in batch.findings), [s.value for s in Severity]),
        codes=_code_counts(batch.findings),
        files=_counted((result.status for result in batch.results), ["ok", "refused", "failed"]),
        rows=tally.rows,
    )


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """`part` ÷ `whole` as a fraction, None when there is no positive whole."""
    return divide(Decimal(part), Decimal(whole)) if whole > 0 else None


def merged_tail(groups: Sequence[Group], most: int) -> list[Group]:
    """At most `most` groups, the last ones put together as 其他 (its means and bands are left empty)."""
    if len(groups) <= most:
        return list(groups)
    tail = groups[most - 1 :]
    initial, adjusted, executed = (_sum(getattr(g, c) for g in tail) for c in ("initial", "adjusted", "executed"))
    counts = {c: sum(getattr(g, c) for g in tail) for c in ("projects", "unexecuted", "errors", "warnings")}
    rate = share(executed, adjusted)
    other = Group(
        "其他",
        counts["projects"],
        initial,
        adjusted,
        executed,
        rate,
        None,
        None,
        None,
        {},
        counts["unexecuted"],
        {},
        counts["errors"],
        counts["warnings"],
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


def _group(name: str, members: Sequence[ProjectLine], bands: Sequence[str]) -> Group:
    initial, adjusted, executed = (_sum(getattr(m, c) for m in members) for c in ("initial", "adjusted", "executed"))
    declared = [(m.declared, m.adjusted) for m in members if m.declared is not None]
    weighted = [(score, money) for score, money in declared if money]
    weight = _sum(money for _, money in weighted)
    return Group(
        name=name,
        projects=len(members),
        initial=initial,
        adjusted=adjusted,
        executed=executed,
        rate=share(executed, adjusted),
        declared_mean=_mean([score for score, _ in declared]),
        declared_weighted=half_up(divide(_sum(s * m for s, m in weighted), weight), 2) if weight > 0 else None,
        computed_mean=_mean([m.computed for m in members if m.computed is not None]),
        bands=_counted((m.band for m in members), bands),
        unexecuted=sum(m.executed == 0 for m in members),
        unknown={c: sum(getattr(m, c) is None for m in members) for c in ("initial", "adjusted", "executed")},
        errors=sum(m.errors for m in members),
        warnings=sum(m.warnings for m in members),
    )


def _groups(
    lines: Sequence[ProjectLine],
    key: Callable[[ProjectLine], str],
    group: Callable[[str, Sequence[ProjectLine]], Group],
) -> tuple[Group, ...]:
    """Groups by descending budget, the unstated one last."""
    members = defaultdict(list)
    for line in lines:
        members[key(line).strip() or UNSTATED].append(line)
    made = [group(name, some) for name, some in members.items()]
    return tuple(sorted(made, key=lambda g: (g.name == UNSTATED, -g.adjusted, -g.projects, g.name)))


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    total = Decimal(0)
    for value in values:
        if value is not None:
            total = CONTEXT.add(total, value)
    return total


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return half_up(divide(_sum(values), Decimal(len(values))), 2) if values else None


def _only(values: Iterable[Any]) -> Any:
    distinct = {value for value in values if value}
    return distinct.pop() if len(distinct) == 1 else ""


def _counted(values: Iterable[str], order: Iterable[str]) -> dict[str, int]:
    """Counts with every name of `order` present, then other values met; blanks last, as `UNSTATED`."""
    counts = Counter(value or UNSTATED for value in values)
    blank = counts.pop(UNSTATED, 0)
    return dict.fromkeys(order, 0) | dict(counts) | ({UNSTATED: blank} if blank else {})


def _ordered_bands(lines: Sequence[ProjectLine], parameters: Parameters) -> list[str]:
    used = dict.fromkeys(line.ruleset for line in lines)
    names = [band for name in used if name in parameters for band in band_names(parameters[name]["report_bands"])]
    return list(dict.fromkeys(names))


def _grade_words(parameters: Parameters) -> list[str]:
    return list(dict.fromkeys(word for values in parameters.values() for word in values["grade_words"]))


def _is_low(line: ProjectLine, parameters: Parameters) -> bool:
    limit = parameters.get(line.ruleset, {}).get("low_exec")
    return bool(line.executed) and line.rate is not None and limit is not None and line.rate < limit


def _goals(lines: Sequence[ProjectLine], under: Sequence[Deviation]) -> dict[str, int]:
    missed = {row.project.project_id for row in under}
    idle = {line.project_id for line in lines if line.executed == 0}
    return {"met": len(lines) - len(missed) - len(idle), "missed": len(missed), "idle": len(idle)}


def _agreement(frames: Frames, parameters: Parameters) -> dict[str, int]:
    rulesets = dict(rows(frames.projects, "project_id", "ruleset"))
    counts = {"equal": 0, "near": 0, "different": 0, "open": 0}
    for key, role, declared, score in rows(frames.indicators, "project_id", "role", "score_declared", "score"):
        if role != "indicator" or declared is None:
            continue
        tolerance = parameters.get(rulesets[key], {}).get("tol_score")
        if score is None:
            counts["open"] += 1
        elif declared == score:
            counts["equal"] += 1
        elif tolerance is not None and abs(declared - score) <= tolerance:
            counts["near"] += 1
        else:
            counts["different"] += 1
    return counts


def _code_counts(findings: Sequence[Finding]) -> tuple[CodeCount, ...]:
    """Counts by code and severity, the serious first, then the frequent."""
    members = defaultdict(list)
    for finding in findings:
        members[finding.severity, finding.code].append(finding.project_id)
    order = {severity.value: at for at, severity in enumerate(Severity)}
    counts = [CodeCount(code, severity, len(ids), len(set(ids))) for (severity, code), ids in members.items()]
    return tuple(sorted(counts, key=lambda c: (order.get(c.severity, len(order)), -c.findings, c.code)))
