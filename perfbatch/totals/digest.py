"""What the figures of a batch need of its workbooks, looked at one after the other in the order of the input.

Held is a line a project, the worst rows (`perfbatch.totals.lines.LISTED` of each kind) and counts; the rows
themselves pass by. Money is in 万元 and exact.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from perfbatch.model import BY_APPROVAL, BY_FORM, CheckOutcome, Covered, Finding, Frames
from perfbatch.schema import rows
from perfbatch.totals import reached
from perfbatch.totals.lines import COLUMNS as READ
from perfbatch.totals.lines import (
    DEVIATIONS,
    Deviation,
    Indicator,
    Parameters,
    ProjectLine,
    by_weight,
    deviations,
    indicators,
    judged,
    keep_serious,
    project_lines,
)
from perfbatch.totals.reached import row_counts

MONEY_IN_ANOTHER_UNIT = "XP17"  # the check whose amounts no sum should be trusted with
# checks about how targets were set, as the report's section on it names them
TARGET_SETTING = (
    "IN28", "IN04", "IN10", "IN14", "IN16", "IN25", "IN26", "IN27", "IN18", "IN12", "WT01", "WT02", "WT04", "WT05",
    "WT06", "XP03", "XP06",
)  # fmt: skip
_STILL_WEAK = (BY_APPROVAL, BY_FORM)  # what ends a finding without making its target any better
# all that a digest reads of the frames
COLUMNS = {
    "projects": (*READ["projects"], "department", "year", "ruleset_reason"),
    "funds": tuple(dict.fromkeys((*READ["funds"], *reached.COLUMNS))),
    "indicators": READ["indicators"],
}
_WORST = ("not_applicable", "clear", "off", "unchecked", "found", "errored")


class CodeCount(NamedTuple):
    """How often a check reported, and in how many projects."""

    code: str
    severity: str
    findings: int = 0
    projects: int = 0


_IDLE = ("unchecked", "off", "errored")  # states of a check that looked at nothing of a workbook, or of a batch


@dataclass(slots=True)
class Looked:
    """What was seen so far; counts are of forms that count, reasons by code."""

    forms: int = 0
    found: Counter[str] = field(default_factory=Counter)
    unchecked: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    not_applicable: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def see(
        self,
        ids: Sequence[str],
        findings: Iterable[Finding],
        outcomes: Iterable[CheckOutcome],
        covered: Iterable[Covered],
    ) -> None:
        """Look at one workbook: the forms that count, all findings about it, what became of its own checks."""
        self.forms += len(ids)
        pairs = {(finding.code, finding.project_id) for finding in findings if finding.project_id}
        self.found.update(code for code, _ in pairs)
        whole = {outcome.code: outcome.reason for outcome in outcomes if outcome.state in _IDLE}
        for code, reason in whole.items():
            self.unchecked[code][reason] += len(ids)
        known = set(ids)
        for group in covered:
            own = known.intersection(group.projects)
            for told, into in ((group.unchecked, self.unchecked), (group.not_applicable, self.not_applicable)):
                for code, reason in told:
                    if code not in whole and (left := sum((code, pid) not in pairs for pid in own)):
                        into[code][reason] += left

    def outcome(self, outcome: CheckOutcome) -> CheckOutcome:
        """The outcome of a check over all workbooks, with the number of forms of each state."""
        code, found = outcome.code, self.found[outcome.code]
        unchecked, absent = self.unchecked.get(code, Counter()), self.not_applicable.get(code, Counter())
        if outcome.state in _IDLE and not unchecked:  # a check across files
            unchecked, absent = Counter({outcome.reason: self.forms - found}), Counter()
        counts = unchecked.total(), absent.total()
        clear = max(self.forms - found - sum(counts), 0)
        state = outcome.state
        if state == "clear" and counts[0]:
            state = "unchecked"
        elif state == "clear" and counts[1] and not clear:
            state = "not_applicable"
        reasons = tuple(sorted(((unchecked + absent).items()), key=lambda item: (-item[1], item[0])))
        return outcome._replace(
            state=state, found=found, clear=clear, unchecked=counts[0], not_applicable=counts[1], reasons=reasons
        )


@dataclass(slots=True)
class Digest:
    """What was seen so far. `off` counts deviating rows by kind, of which `worst` holds the worst.

    `findings` counts by file, `doubtful` the projects with a finding of `TARGET_SETTING`, `missed` those with
    rows under target, `rulings` projects by ruleset and why it was chosen.
    """

    parameters: Parameters
    lines: list[ProjectLine] = field(default_factory=list)
    worst: dict[str, list[Deviation]] = field(default_factory=lambda: {kind: [] for kind in DEVIATIONS})
    off: Counter[str] = field(default_factory=Counter)
    completion: Counter[str] = field(default_factory=Counter)
    departments: set[str] = field(default_factory=set)
    years: Counter[int] = field(default_factory=Counter)
    rulings: Counter[tuple[str, str]] = field(default_factory=Counter)
    indicators: int = 0
    rows: int = 0
    agreement: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    doubtful: int = 0
    severities: Counter[str] = field(default_factory=Counter)  # of open findings
    accepted: Counter[str] = field(default_factory=Counter)  # of the others, by what ended them
    codes: dict[tuple[str, str], CodeCount] = field(default_factory=dict)  # by code and severity
    files: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, CheckOutcome] = field(default_factory=dict)
    looked: Looked = field(default_factory=Looked)
    reached: reached.Reached = field(default_factory=reached.Reached)

    def add(
        self,
        frames: Frames,
        findings: Sequence[Finding],
        outcomes: Sequence[CheckOutcome] = (),
        covered: Sequence[Covered] = (),
    ) -> None:
        """Look at one more workbook: its rows, all findings about it in order, what became of its checks, and what
        was read of its forms."""
        own = indicators(frames)
        lines = project_lines(frames, findings)
        self.lines += lines
        found = deviations(own, lines, self.parameters, self.rows)
        for kind, some in found.items():
            self.worst[kind] += some
            self.off[kind] += len(some)
            keep_serious(self.worst[kind], by_weight)
        self.missed += len({row.project.project_id for row in found["under"]})
        self.completion.update(row_counts(lines, found, judged(own), self.parameters))
        self.reached.add(frames, own, lines)
        self.departments.update(filter(None, frames.projects["department"]))
        self.years.update(filter(None, frames.projects["year"]))
        self.rulings.update(rows(frames.projects, "ruleset", "ruleset_reason"))
        self.indicators += sum(row.role == "indicator" for row in own)
        self.rows += len(own)
        self.agreement.update(_agreement(own, lines, self.parameters))
        self._count(findings)
        self.outcomes = outcomes_of([self.outcomes.values(), outcomes])
        self.looked.see([line.project_id for line in lines], findings, outcomes, covered)

    def add_late(self, findings: Sequence[Finding]) -> None:
        """Count findings about projects that have been looked at, from checks that needed all of them."""
        self._count(findings)
        self.looked.found.update(code for code, _ in {(f.code, f.project_id) for f in findings if f.project_id})
        late = Counter((finding.project_id, finding.severity) for finding in findings if finding.open)
        for at, line in enumerate(self.lines if late else ()):
            errors, warnings = late[line.project_id, "error"], late[line.project_id, "warning"]
            if errors or warnings:
                self.lines[at] = replace(line, errors=line.errors + errors, warnings=line.warnings + warnings)

    def _count(self, found: Sequence[Finding]) -> None:
        """Count findings, which concern other projects or codes than those counted before."""
        owners: dict[tuple[str, str], list[str]] = defaultdict(list)
        for finding in found:
            owners[finding.code, finding.severity].append(finding.project_id)
            if finding.open:
                self.severities[finding.severity] += 1
            else:
                self.accepted[finding.accepted_by] += 1
            self.files[finding.file] += 1
        for key, ids in owners.items():
            before = self.codes.get(key, CodeCount(*key))
            self.codes[key] = CodeCount(*key, before.findings + len(ids), before.projects + len(set(ids)))
        doubted = (f for f in found if f.code in TARGET_SETTING and (f.open or f.accepted_by in _STILL_WEAK))
        self.doubtful += len({finding.project_id for finding in doubted if finding.project_id})


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


def _agreement(own: Iterable[Indicator], lines: Iterable[ProjectLine], parameters: Parameters) -> Counter[str]:
    """Scored rows whose declared and computed scores are equal, near, different, or not computable."""
    rulesets = {line.project_id: line.ruleset for line in lines}
    counts: Counter[str] = Counter()
    for row in own:
        declared, score = row.score_declared, row.score
        if row.role != "indicator" or declared is None:
            continue
        if score is None:
            counts["open"] += 1
        elif declared == score:
            counts["equal"] += 1
        else:
            tolerance = parameters.get(rulesets[row.project_id], {}).get("tol_score")
            counts["near" if tolerance is not None and abs(declared - score) <= tolerance else "different"] += 1
    return counts
