"""What is summed up of some workbooks: figures that add up, and lists that stay short.

A `Digest` of one part of a batch is made where its rows are (in a worker); digests of parts that follow each
other merge into that of both, in any grouping, so that a tree of workers can reduce a province without its
rows ever meeting in one place. Money is in 万元 and exact.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import NamedTuple, TypeVar

from perfbatch.exact import CONTEXT
from perfbatch.figures.completion import Completion, completion_of
from perfbatch.figures.lines import COLUMNS as READ
from perfbatch.figures.lines import (
    DEVIATIONS,
    Deviation,
    Parameters,
    ProjectLine,
    deviations,
    judged,
    project_lines,
    rows,
    worst_first,
)
from perfbatch.figures.shortlist import Shortlist
from perfbatch.model import Batch, CheckOutcome, Finding, Frames, Severity

BY = ("category", "origin", "unit")  # columns of a project that groups are made by
MONEY = ("initial", "adjusted", "executed")
# checks about how targets were set, as the report's section on it names them
TARGET_SETTING = (
    "IN28", "IN04", "IN10", "IN14", "IN16", "IN25", "IN26", "IN27", "IN18", "IN12", "WT01", "WT02", "WT04", "WT05",
    "WT06", "XP03", "XP06",
)  # fmt: skip
# all that a digest reads of the frames
COLUMNS = READ | {"projects": (*READ["projects"], "department", "year")}
_WORST = ("passed", "off", "skipped", "found", "errored")
T = TypeVar("T")
_BOTH = 2  # distinct names kept where it matters only whether there is exactly one


class Code(NamedTuple):
    """How often a check reported, and in how many projects."""

    findings: int
    projects: int


@dataclass(slots=True)
class Sums:
    """What adds up over projects. `unknown` counts projects without a figure, by column."""

    projects: int = 0
    money: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(MONEY, Decimal(0)))
    unknown: Counter[str] = field(default_factory=Counter)
    declared: Decimal = Decimal(0)
    scored: int = 0
    weighted: Decimal = Decimal(0)  # declared score × adjusted budget
    weight: Decimal = Decimal(0)
    computed: Decimal = Decimal(0)
    recomputed: int = 0
    bands: Counter[str] = field(default_factory=Counter)
    unexecuted: int = 0
    errors: int = 0
    warnings: int = 0

    def add(self, line: ProjectLine) -> None:
        """Count one more project."""
        self.projects += 1
        for name in MONEY:
            value = getattr(line, name)
            if value is None:
                self.unknown[name] += 1
            else:
                self.money[name] = CONTEXT.add(self.money[name], value)
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
        self.unexecuted += line.executed == 0
        self.errors += line.errors
        self.warnings += line.warnings

    def merge(self, more: Sums) -> None:
        """Count the projects of `more` too."""
        for name in MONEY:
            self.money[name] = CONTEXT.add(self.money[name], more.money[name])
        for name in ("declared", "weighted", "weight", "computed"):
            setattr(self, name, CONTEXT.add(getattr(self, name), getattr(more, name)))
        for name in ("projects", "scored", "recomputed", "unexecuted", "errors", "warnings"):
            setattr(self, name, getattr(self, name) + getattr(more, name))
        self.unknown.update(more.unknown)
        self.bands.update(more.bands)


@dataclass(slots=True)
class Digest:
    """The sums and short lists of some workbooks; `limit` bounds each list, None keeps all.

    `findings` holds the most serious ones by severity, each list in the order of the input; `files` counts
    findings by file, `doubtful` the projects with a finding of `TARGET_SETTING`.
    """

    limit: int | None = None
    whole: Sums = field(default_factory=Sums)
    groups: dict[str, dict[str, Sums]] = field(default_factory=lambda: {name: {} for name in BY})
    departments: dict[str, None] = field(default_factory=dict)
    years: dict[int, None] = field(default_factory=dict)
    rulesets: dict[str, None] = field(default_factory=dict)
    grades: Counter[str] = field(default_factory=Counter)
    indicators: int = 0
    rows: int = 0
    agreement: Counter[str] = field(default_factory=Counter)
    goals: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0
    severities: Counter[str] = field(default_factory=Counter)
    codes: dict[tuple[str, str], Code] = field(default_factory=dict)  # by severity and code
    files: Counter[str] = field(default_factory=Counter)
    scores: tuple[Decimal, Decimal] | None = None  # lowest and highest declared total
    lines: Shortlist[ProjectLine] = field(default_factory=Shortlist)
    unexecuted: Shortlist[ProjectLine] = field(default_factory=Shortlist)
    low: Shortlist[ProjectLine] = field(default_factory=Shortlist)
    deviations: dict[str, Shortlist[Deviation]] = field(default_factory=dict)
    completion: Completion = field(default_factory=Completion)
    findings: dict[str, Shortlist[Finding]] = field(default_factory=dict)
    outcomes: dict[str, CheckOutcome] = field(default_factory=dict)

    def merge(self, more: Digest) -> None:
        """Add what comes after everything added before."""
        self.whole.merge(more.whole)
        for name, groups in more.groups.items():
            for key, sums in groups.items():
                self.groups[name].setdefault(key, Sums()).merge(sums)
        _keep_some(self.departments, more.departments)
        _keep_some(self.years, more.years)
        self.rulesets |= dict.fromkeys(name for name in more.rulesets if name not in self.rulesets)
        for name in ("grades", "agreement", "goals", "severities", "files"):
            getattr(self, name).update(getattr(more, name))
        for name in ("indicators", "rows", "doubtful"):
            setattr(self, name, getattr(self, name) + getattr(more, name))
        for severity_and_code, count in more.codes.items():
            self._count(severity_and_code, count)
        if more.scores:
            low, high = self.scores or more.scores
            self.scores = min(low, more.scores[0]), max(high, more.scores[1])
        for name in ("lines", "unexecuted", "low"):
            setattr(self, name, getattr(self, name).joined(getattr(more, name), self.limit))
        self.completion.merge(more.completion, self.limit)
        self._merge_lists(more)
        self.outcomes = outcomes_of([self.outcomes.values(), more.outcomes.values()])

    def _count(self, key: tuple[str, str], more: Code) -> None:
        before = self.codes.get(key, Code(0, 0))
        self.codes[key] = Code(before.findings + more.findings, before.projects + more.projects)

    def _merge_lists(self, more: Digest) -> None:
        for kind in DEVIATIONS:
            mine, theirs = (some.deviations.get(kind, Shortlist()) for some in (self, more))
            self.deviations[kind] = mine.joined(theirs, self.limit, worst_first)
        for severity in (*self.findings, *(name for name in more.findings if name not in self.findings)):
            kept, new = (some.findings.get(severity, Shortlist()) for some in (self, more))
            self.findings[severity] = kept.joined(new, self.limit)

    def add_findings(self, found: Sequence[Finding]) -> None:
        """Count findings, which come after all those added before and concern other projects or codes."""
        owners: dict[tuple[str, str], list[str]] = defaultdict(list)
        by_severity: dict[str, list[Finding]] = defaultdict(list)
        for finding in found:
            owners[finding.severity, finding.code].append(finding.project_id)
            by_severity[finding.severity].append(finding)
            self.files[finding.file] += 1
        for key, ids in owners.items():
            self._count(key, Code(len(ids), len(set(ids))))
        for severity, some in by_severity.items():
            self.severities[severity] += len(some)
            kept = self.findings.get(severity, Shortlist())
            self.findings[severity] = kept.joined(Shortlist(some), self.limit)
        self.doubtful += len({f.project_id for f in found if f.code in TARGET_SETTING and f.project_id})

    def count_for(self, line: ProjectLine, severity: str) -> None:
        """Count an error or warning found later for a project that is counted already."""
        name = {Severity.ERROR.value: "errors", Severity.WARNING.value: "warnings"}.get(severity)
        if name is None:
            return
        for sums in (self.whole, *(self.groups[by][group_key(getattr(line, by))] for by in BY)):
            setattr(sums, name, getattr(sums, name) + 1)
        more = replace(line, **{name: getattr(line, name) + 1})
        for listed in ("lines", "unexecuted", "low"):
            some: Shortlist[ProjectLine] = getattr(self, listed)
            if any(one.project_id == line.project_id for one in some):
                kept = (more if one.project_id == line.project_id else one for one in some)
                setattr(self, listed, Shortlist(kept, some.whole))


def group_key(name: str) -> str:
    """How a category, origin or unit is grouped: without outer blanks, empty for those that state none."""
    return name.strip()


def lines_of(part: Batch, before: int = 0) -> list[ProjectLine]:
    """The projects of `part` as lines, placed after the `before` projects of the workbooks before it."""
    lines = project_lines(part)
    return [replace(line, at=line.at + before) for line in lines] if before else lines


def digest_of(part: Batch, lines: Sequence[ProjectLine], *, limit: int | None = None, rows_before: int = 0) -> Digest:
    """The digest of the workbooks of `part`, whose findings are in order and whose projects are `lines`.

    `rows_before` counts indicator rows of the workbooks before them; of the projects of the whole batch the
    first `limit` stay in the list.
    """
    parameters = {name: ruleset.plain() for name, ruleset in part.rulesets.items()}
    made = Digest(limit)
    for line in lines:
        _add_line(made, line)
    made.lines = Shortlist((line for line in lines if limit is None or line.at < limit), len(lines))
    idle = [line for line in lines if line.executed == 0]
    low = [line for line in lines if _is_low(line, parameters)]
    made.unexecuted, made.low = (Shortlist(some[:limit], len(some)) for some in (idle, low))
    by_kind = deviations(part.frames, lines, parameters)
    made.completion = completion_of(lines, by_kind, judged(part.frames), parameters, limit)
    for kind, found in by_kind.items():
        moved = [row._replace(at=row.at + rows_before) for row in found] if rows_before else found
        made.deviations[kind] = Shortlist(moved[:limit], len(moved))
        if kind == "under":
            made.goals["missed"] = len({row.project.project_id for row in moved})
    made.goals["idle"] = len({line.project_id for line in idle})
    roles = part.frames.indicators["role"].tolist()
    made.indicators, made.rows = roles.count("indicator"), len(roles)
    made.agreement = _agreement(part.frames, parameters)
    _keep_some(made.departments, part.frames.projects["department"])
    _keep_some(made.years, (year for year in part.frames.projects["year"] if year is not None))
    made.add_findings(part.findings)
    made.outcomes = outcomes_of([part.checks])
    return made


def _add_line(made: Digest, line: ProjectLine) -> None:
    made.whole.add(line)
    for by in BY:
        made.groups[by].setdefault(group_key(getattr(line, by)), Sums()).add(line)
    made.rulesets.setdefault(line.ruleset)
    made.grades[line.grade] += 1
    if line.declared is not None:
        low, high = made.scores or (line.declared, line.declared)
        made.scores = min(low, line.declared), max(high, line.declared)


def outcomes_of(parts: Iterable[Iterable[CheckOutcome]]) -> dict[str, CheckOutcome]:
    """One outcome a check over all parts: the worst state, findings added up, the first reason kept."""
    found: dict[str, CheckOutcome] = {}
    for outcome in (outcome for part in parts for outcome in part):
        before = found.get(outcome.code)
        if before is None:
            found[outcome.code] = outcome
            continue
        state = max(before.state, outcome.state, key=_WORST.index)
        reason = before.reason if before.state == state else outcome.reason
        findings = before.findings + outcome.findings
        found[outcome.code] = CheckOutcome(outcome.code, state, findings, reason or before.reason)
    return found


def _keep_some(kept: dict[T, None], more: Iterable[T]) -> None:
    """Add what differs and says something, up to `_BOTH` names."""
    for name in more:
        if len(kept) >= _BOTH:
            return
        if name:
            kept.setdefault(name)


def _is_low(line: ProjectLine, parameters: Parameters) -> bool:
    limit = parameters.get(line.ruleset, {}).get("low_exec")
    return bool(line.executed) and line.rate is not None and limit is not None and line.rate < limit


def _agreement(frames: Frames, parameters: Parameters) -> Counter[str]:
    """Scored rows whose declared and computed scores are equal, near, different, or not computable."""
    rulesets: Mapping[str, str] = dict(rows(frames.projects, "project_id", "ruleset"))
    state = partial(_state, parameters)
    columns = ("project_id", "role", "score_declared", "score")
    return Counter(
        state(rulesets[key], declared, score)
        for key, role, declared, score in rows(frames.indicators, *columns)
        if role == "indicator" and declared is not None
    )


def _state(parameters: Parameters, ruleset: str, declared: Decimal, score: Decimal | None) -> str:
    if score is None:
        return "open"
    if declared == score:
        return "equal"
    tolerance = parameters.get(ruleset, {}).get("tol_score")
    return "near" if tolerance is not None and abs(declared - score) <= tolerance else "different"
