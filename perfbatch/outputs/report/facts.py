"""What the report states, taken or counted from the batch; nothing here is worded."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from perfbatch.config import Settings
from perfbatch.followup import quality
from perfbatch.followup.batch import Batch
from perfbatch.followup.rectify import LedgerEntry, ledger
from perfbatch.followup.review import ReviewedProject
from perfbatch.model import BY_APPROVAL, Finding
from perfbatch.outputs.report.phrases import Piece, Slot, causes, clipped, day, inline, ourselves
from perfbatch.schema import grouped, records
from perfbatch.totals.digest import TARGET_SETTING
from perfbatch.totals.lines import Deviation, Indicator, ProjectLine, indicators
from perfbatch.totals.reached import is_wide

_LASTING = ("organisation", "supervision", "measures", "results")  # of these last year's words may still hold
EXAMPLES = 3  # findings kept of each kind
_QUOTED = re.compile("“[^”]*”|[0-9.,]+")  # what differs between findings of one kind


@dataclass(slots=True)
class Kind:
    """Findings of one check on how targets were set: how many, about how many projects, the first few."""

    code: str
    title: str
    findings: int = 0
    projects: int = 0
    examples: list[Finding] = field(default_factory=list)
    open: int = 0  # of those held, findings that nobody has answered
    answers: set[tuple[str, str]] = field(default_factory=set)  # of the others: by what, and why

    @property
    def answer(self) -> str:
        """How the findings that need nothing more were answered, '' where none was."""
        if {by for by, _ in self.answers} == {BY_APPROVAL}:
            return "指标值已批复，下年设定目标时改进"
        reasons = {reason for _, reason in self.answers}
        if len(reasons) == 1 and (reason := clipped(causes(reasons.pop()))):
            return f"已说明：{reason}"
        return "原因已逐条说明" if self.answers else ""


class Facts:
    """Everything a report states about one batch."""

    def __init__(self, batch: Batch, settings: Settings) -> None:
        totals = batch.summed()
        self.batch, self.totals, self.settings = batch, totals, settings
        self.unit = settings.unit_name or totals.unit  # who reports; '' where there are several and none is configured
        self.several = len(totals.units) > 1
        self.we = "各单位" if self.several else ourselves(self.unit)  # how the reporting unit speaks of itself
        self.year = settings.year or totals.year
        self.period = f"{self.year}年度" if self.year else ""  # in a title
        self.this_year = f"{self.year}年" if self.year else "本年度"  # in a sentence
        self.day: Piece = day(settings.report_date) or Slot("成文日期")  # on which the report is signed
        self.bounds: Sequence[Decimal] = self.limit("report_bands") or ()  # lower bounds, the highest first
        self.completion = totals.completion
        self.low = frozenset(line.project_id for line in totals.low)  # spent less than the ruleset's `low_exec`
        # with an amount that is probably in another unit: no figure of these projects is a fact
        self.doubted = frozenset(line.project_id for line in totals.doubted)

    def told(self, name: str, prompt: str) -> Piece:
        """What the settings say for a place of the report, else the place left open."""
        return inline(str(self.settings.report_text.get(name, ""))) or Slot(prompt, lasting=name in _LASTING)

    def basis(self, line: ProjectLine) -> str:
        """On what a project rests, as the settings say; '' where they do not."""
        some = self.settings.report_text.get("projects", {})
        return inline(str(some.get(line.name) or some.get(line.code) or "")) if line.name or line.code else ""

    def owner(self, line: ProjectLine) -> str:
        """Whose project it is, to stand before its name in a sentence; '' where there is one unit only."""
        return f"{inline(line.unit)}的" if self.several and inline(line.unit) else ""

    def owned(self, lines: Iterable[ProjectLine]) -> list[str]:
        """Names of projects as a sentence lists them, each with whose it is."""
        return [self.owner(line) + line.name for line in lines]

    def limit(self, name: str) -> Any:
        """A value of the first ruleset in force."""
        ruleset = next(iter(self.batch.rulesets.values()), None)
        return None if ruleset is None else ruleset.plain().get(name)

    @cached_property
    def wide(self) -> tuple[Deviation, ...]:
        """Rows below target by more than the audit limit, in reading order."""
        parameters = {name: rules.plain() for name, rules in self.batch.rulesets.items()}
        rows_off = (row for row in self.totals.under if is_wide(row, parameters))
        return tuple(sorted(rows_off, key=lambda row: row.at))

    @cached_property
    def forms(self) -> Mapping[str, Any]:
        """Texts of the forms that the batch holds, by project; a very large one does not hold all."""
        texts = ("goal_expected", "goal_actual", "problems", "measures", "fund_reason")
        return {row.project_id: row for row in records(self.batch.frames.projects, "project_id", *texts)}

    @cached_property
    def rows_of(self) -> Mapping[str, list[Indicator]]:
        """Scored indicators by project, none of those that the batch does not hold."""
        return grouped((row.project_id, row) for row in indicators(self.batch.frames) if row.role == "indicator")

    @cached_property
    def doubts(self) -> tuple[Kind, ...]:
        """Findings on how targets were set, by check."""
        from perfbatch.checks.register import register  # noqa: PLC0415 - all checks, needed for their titles only

        checks, shapes = register(), set()
        kinds = {code: Kind(code, checks[code].title) for code in TARGET_SETTING}
        for count in self.totals.codes:
            if kind := kinds.get(count.code):
                kind.findings += count.findings
                kind.projects += count.projects
        for finding in self.batch.findings:
            if (kind := kinds.get(finding.code)) is None:
                continue
            kind.open += finding.open
            if not finding.open:
                kind.answers.add((finding.accepted_by, finding.reason))
            if len(kind.examples) < EXAMPLES:
                shape = (finding.code, _QUOTED.sub("", finding.message))
                if shape not in shapes:  # two examples of one kind tell no more than one
                    shapes.add(shape)
                    kind.examples.append(finding)
        return tuple(kind for kind in kinds.values() if kind.findings)

    @cached_property
    def ledger(self) -> list[LedgerEntry]:
        """The rectification ledger with what people wrote into it."""
        return ledger(self.batch, self.totals, quality.assess(self.batch))

    @cached_property
    def sampled(self) -> Mapping[str, list[Finding]]:
        """Open errors and warnings about each project of the sample."""
        found: dict[str, list[Finding]] = {key: [] for key in self.batch.sample}
        for finding in self.batch.findings:
            if finding.project_id in found and finding.open and finding.severity != "info":
                found[finding.project_id].append(finding)
        return found

    def reviewed(self, project_id: str) -> ReviewedProject | None:
        """What a filled workpaper says about a project; None without one."""
        return self.batch.review.of(project_id) if self.batch.review else None
