"""What the report states, taken or counted from the batch; nothing here is worded."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from perfbatch.config import Settings
from perfbatch.followup.batch import Batch
from perfbatch.followup.rectify import LedgerEntry, ledger
from perfbatch.followup.review import Review, ReviewedProject
from perfbatch.model import BY_APPROVAL, Finding
from perfbatch.notation import shown_actual, shown_target
from perfbatch.outputs.report.phrases import Piece, Slot, causes, clipped, inline, ourselves
from perfbatch.schema import rows
from perfbatch.totals.digest import TARGET_SETTING
from perfbatch.totals.lines import Deviation, ProjectLine, is_open, is_short, lost_points
from perfbatch.totals.reached import Completion, is_wide
from perfbatch.totals.sums import CodeCount, Totals

_LASTING = ("organisation", "supervision", "measures", "results")  # of these last year's words may still hold
EXAMPLES = 3  # findings kept of each kind
_ROW = (
    "project_id", "role", "level1", "level2", "level3", "operator", "target_text", "actual_text", "kind", "points",
    "score_declared", "score", "completion_rate", "reason", "actual_kind", "sign_text", "unit_text",
)  # fmt: skip
_PROJECT = (
    "project_id", "goal_expected", "goal_actual", "problems", "measures", "fund_reason",
)  # fmt: skip


_QUOTED = re.compile("“[^”]*”|[0-9.,]+")  # what differs between findings of one kind


class Row(NamedTuple):
    """One scored indicator of a project that the report describes."""

    project_id: str
    role: str
    level1: str
    level2: str
    level3: str
    operator: str
    target: str
    actual: str
    kind: str
    points: Decimal | None
    declared: Decimal | None
    score: Decimal | None
    completion: Decimal | None
    reason: str
    actual_kind: str

    @property
    def name(self) -> str:
        """What the row is called."""
        return self.level3 or self.level2

    @property
    def lost(self) -> Decimal | None:
        """Points minus score (the declared one, else the computed one)."""
        return lost_points(self.points, self.declared, self.score)

    @property
    def short(self) -> bool:
        """Below its target or short of points."""
        return is_short(self.completion, self.lost)

    @property
    def open(self) -> bool:
        """Neither short nor known to have reached its target."""
        return not self.short and is_open(self.completion, self.lost, self.actual_kind)

    @property
    def met(self) -> bool:
        """Known to have reached its target and all points."""
        return not self.short and not self.open


class Form(NamedTuple):
    """Texts of one form that the report may quote."""

    project_id: str
    goal_expected: str
    goal_actual: str
    problems: str
    measures: str
    fund_reason: str


class Kind(NamedTuple):
    """Findings of one check on how targets were set: how many, about which projects, the first few."""

    code: str
    title: str
    findings: int
    projects: int
    examples: tuple[Finding, ...]
    open: int = 0  # of those held, findings that nobody has answered
    answer: str = ""  # why the others need nothing more, where it is the same for all


@dataclass(slots=True)
class _Found:
    """Findings sorted for the report: examples of each check on target-setting, and those about sampled projects."""

    examples: dict[str, list[Finding]] = field(default_factory=lambda: defaultdict(list))
    shapes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    open: Counter[str] = field(default_factory=Counter)
    answers: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    sampled: dict[str, list[Finding]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Facts:
    """Everything a report states about one batch."""

    batch: Batch
    totals: Totals
    settings: Settings

    def told(self, name: str, prompt: str) -> Piece:
        """What the settings say for a place of the report, else the place left open."""
        return inline(str(self.settings.report_text.get(name, ""))) or Slot(prompt, lasting=name in _LASTING)

    def basis(self, line: ProjectLine) -> str:
        """On what a project rests, as the settings say; '' where they do not."""
        some = self.settings.report_text.get("projects", {})
        return inline(str(some.get(line.name) or some.get(line.code) or "")) if line.name or line.code else ""

    @property
    def checked(self) -> int:
        """Projects of the sample that were reviewed."""
        sample = self.totals.sample
        return sum(1 for line in sample if (done := self.reviewed(line.project_id)) and done.score is not None)

    @property
    def attendance(self) -> list[str]:
        """Who of the roster handed in, a sentence or none."""
        return self.batch.attendance.told() if self.batch.attendance is not None else []

    @cached_property
    def unit(self) -> str:
        """Who reports: as configured, else the one unit of the batch, else ''."""
        return self.settings.unit_name or self.totals.unit

    def owner(self, line: ProjectLine) -> str:
        """Whose project it is, to stand before its name in a sentence; '' where there is one unit only."""
        return f"{inline(line.unit)}的" if self.several and inline(line.unit) else ""

    @property
    def several(self) -> bool:
        """Whether the batch holds the forms of several units."""
        return len(self.totals.units) > 1

    @cached_property
    def we(self) -> str:
        """How the reporting unit speaks of itself."""
        return "各单位" if self.several else ourselves(self.unit)

    @property
    def year(self) -> int | None:
        """The year reported on."""
        return self.settings.year or self.totals.year

    @property
    def this_year(self) -> str:
        """The year in a sentence."""
        return f"{self.year}年" if self.year else "本年度"

    def owned(self, lines: Iterable[ProjectLine]) -> list[str]:
        """Names of projects as a sentence lists them, each with whose it is."""
        return [self.owner(line) + line.name for line in lines]

    def is_low(self, line: ProjectLine) -> bool:
        """Whether money was spent, but a smaller part of the budget than the ruleset's `low_exec`."""
        limit = self.limit("low_exec", line)
        return bool(line.executed) and line.rate is not None and limit is not None and line.rate < limit

    def limit(self, name: str, line: ProjectLine | None = None) -> Any:
        """A ruleset value: of the ruleset of `line`, else of the first in force."""
        rules = self.batch.rulesets
        ruleset = rules.get(line.ruleset) if line else next(iter(rules.values()), None)
        return None if ruleset is None or name not in ruleset.plain() else ruleset[name]

    @cached_property
    def bounds(self) -> Sequence[Decimal]:
        """Lower bounds of the report bands, the highest first."""
        return tuple(self.limit("report_bands") or ())

    @property
    def completion(self) -> Completion:
        """Counts of projects completed, of rows short of target or points."""
        return self.totals.completion

    @property
    def completed(self) -> int:
        """Projects completed on the whole."""
        return self.totals.whole.projects - len(self.completion.missed) - len(self.completion.unclear)

    @cached_property
    def missed(self) -> tuple[ProjectLine, ...]:
        """The projects that are not completed, the unexecuted ones first."""
        return tuple(sorted(self.completion.missed, key=lambda line: line.executed != 0))

    @cached_property
    def wide(self) -> tuple[Deviation, ...]:
        """Rows below target by more than the audit limit, in reading order."""
        parameters = {name: rules.plain() for name, rules in self.batch.rulesets.items()}
        rows_off = (row for row in self.totals.under if is_wide(row, parameters))
        return tuple(sorted(rows_off, key=lambda row: row.at))

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """Texts of the forms that the batch holds, by project."""
        return {values[0]: Form(*values) for values in rows(self.batch.frames.projects, *_PROJECT)}

    def rows_of(self, project_id: str) -> list[Row]:
        """Scored indicators of one project, where the batch holds it."""
        return [_row(values) for values in self._rows.get(project_id, ())]

    def holds(self, line: ProjectLine) -> bool:
        """Whether the batch holds the rows of a project; a very large one does not hold all."""
        return line.project_id in self.forms

    @cached_property
    def _rows(self) -> Mapping[str, list[tuple[Any, ...]]]:
        found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for values in rows(self.batch.frames.indicators, *_ROW):
            if values[1] == "indicator":
                found[values[0]].append(values)
        return found

    def row_of(self, deviation: Deviation) -> Row | None:
        """The indicator behind a deviation, None where the batch no longer holds it."""
        mine = self.rows_of(deviation.project.project_id)
        same = (deviation.indicator, deviation.target, deviation.actual)
        return next((row for row in mine if (row.name, row.target, row.actual) == same), None)

    @cached_property
    def doubts(self) -> tuple[Kind, ...]:
        """Findings on how targets were set, by check."""
        from perfbatch.checks.register import register  # noqa: PLC0415 - all checks, needed for their titles only

        checks = register()
        found: dict[str, list[CodeCount]] = defaultdict(list)
        for count in self.totals.codes:
            found[count.code].append(count)
        return tuple(
            Kind(
                code, checks[code].title, sum(c.findings for c in found[code]), sum(c.projects for c in found[code]),
                tuple(self._found.examples[code]), self._found.open[code], self._answer(code),
            )
            for code in TARGET_SETTING
            if found[code]
        )  # fmt: skip

    def _answer(self, code: str) -> str:
        """How the findings of a check that need nothing more were answered, '' where it differs or none was."""
        answers = self._found.answers[code]
        if {by for by, _ in answers} == {BY_APPROVAL}:
            return "指标值已批复，下年设定目标时改进"
        reasons = {reason for _, reason in answers}
        if len(reasons) == 1 and (reason := clipped(causes(reasons.pop()))):
            return f"已说明：{reason}"
        return "原因已逐条说明" if answers else ""

    @cached_property
    def ledger(self) -> list[LedgerEntry]:
        """The rectification ledger with what people wrote into it."""
        return ledger(self.batch, self.totals)

    @cached_property
    def doubted(self) -> frozenset[str]:
        """Projects with an amount that is probably in another unit: no figure with it is a fact."""
        return frozenset(line.project_id for line in self.totals.doubted)

    @property
    def of_batch(self) -> str:
        """What was found about the batch as a whole, for a margin note."""
        found = [finding.message.rstrip("。") for finding in self.batch.findings if not finding.file]
        return f"关于整批：{'；'.join(dict.fromkeys(found))}。" if found else ""

    def findings_of(self, project_id: str) -> list[Finding]:
        """Errors and warnings about one project of the sample."""
        return [finding for finding in self._found.sampled[project_id] if finding.open and finding.severity != "info"]

    @cached_property
    def _found(self) -> _Found:
        """One pass over the findings that are held."""
        found, sample, wanted = _Found(), set(self.batch.sample), frozenset(TARGET_SETTING)
        for finding in self.batch.findings:
            if finding.project_id in sample:
                found.sampled[finding.project_id].append(finding)
            if finding.code not in wanted:
                continue
            found.open[finding.code] += finding.open
            if not finding.open:
                found.answers[finding.code].add((finding.accepted_by, finding.reason))
            shape = _QUOTED.sub("", finding.message)
            if len(found.examples[finding.code]) < EXAMPLES and shape not in found.shapes[finding.code]:
                found.shapes[finding.code].add(shape)  # two examples of one kind tell no more than one
                found.examples[finding.code].append(finding)
        return found

    def reviewed(self, project_id: str) -> ReviewedProject | None:
        """What a filled workpaper says about a project; None without one."""
        review: Review | None = self.batch.review
        return review.of(project_id) if review else None


def _row(values: tuple[Any, ...]) -> Row:
    *own, sign, unit = values
    row = Row(*own)
    return row._replace(target=shown_target(row.target, sign, unit), actual=shown_actual(row.actual, unit))
