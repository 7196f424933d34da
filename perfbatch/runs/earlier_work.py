"""What a run takes from earlier work: filled workpapers, last year's output, the ledger humans wrote into.

Loaded before anything is read, so that a wrong ``--previous`` is told at once; applied when the sample is drawn.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perfbatch import schema
from perfbatch.checks import register
from perfbatch.config import Settings
from perfbatch.errors import UsageError
from perfbatch.evidence.project import Evidence
from perfbatch.followup import answers, rectify, workpaper_reader
from perfbatch.followup import previous as last_year
from perfbatch.followup.answers import Answers
from perfbatch.followup.batch import Batch
from perfbatch.followup.ledger_reader import LedgerSheet, read_ledger
from perfbatch.followup.review import CODES, Review, review
from perfbatch.followup.summaries import SUMMARY
from perfbatch.followup.workpaper_reader import Filled
from perfbatch.followup.yearafter import YearAfter
from perfbatch.intake.guard import distinct
from perfbatch.model import CheckOutcome, Finding, Frames
from perfbatch.outputs import workpaper
from perfbatch.runs import documents
from perfbatch.store import renames

SAMPLED = ("XP13", "XP14")  # checks that need the sample or the review
LATER = ("RP07",)  # checks across files that run only once the sample is drawn
_PAPERS = "XP09"  # which papers lack, of the projects drawn; only where documents were given


@dataclass(frozen=True, slots=True)
class Followup:
    """Earlier work on the same output folder, and last year's."""

    filled: Sequence[Filled] = ()
    typed: LedgerSheet | None = None
    previous: last_year.Previous | None = None
    documents: Mapping[str, Any] = field(default_factory=dict)  # inputs of the checks on the report
    about_documents: str = ""  # what has to be said of them
    evidence: Evidence | None = None
    answers: Answers = field(default_factory=Answers)

    def extras(self) -> dict[str, Any]:
        """Inputs of the checks across files (`perfbatch.checks.batch.Inputs`)."""
        found: dict[str, Any] = {}
        if self.previous is not None:
            found["previous"] = self.previous.frames
        ledgers = [self.typed, self.previous.ledger if self.previous else None]
        if written := rectify.measures(ledgers):
            found["rectification"] = written
        if self.evidence is not None:
            found["papers"] = self.evidence
        return found

    def set_aside(self, output: Path) -> list[str]:
        """Move a summary whose ledger could not be read out of the way; returns what to tell the clerk."""
        path = output / SUMMARY
        if self.typed is None or not self.typed.refused or not path.exists():
            return []
        there = {other.name.lower() for other in output.iterdir()}
        kept = path.with_name(distinct(f"{path.stem}_原表.xlsx", there))
        try:
            renames.rename(path, kept)
        except OSError:
            return []  # open in another program: the new one is published beside it
        return [f"原“{SUMMARY}”的整改台账无法读取，已改名为“{kept.name}”保留；其中填写的内容请自行誊录。"]

    def told(self, batch: Batch) -> list[str]:
        """What the clerk must know of last year's folder: that it is of another unit."""
        if self.previous is None or (units := YearAfter(batch).strangers) is None:
            return []
        before, now = units
        return [
            f"--previous 指定的是“{before}”的结果，本次是“{now}”，不是同一单位；上年整改台账照列在台账中，标为未核对，"
            "请核对文件夹。"
        ]

    def finish(self, batch: Batch, settings: Settings) -> list[Finding]:
        """Judge sample and reviews once the sample is drawn; returns findings, updates outcomes and `batch`."""
        batch.previous, batch.typed, batch.evidence = self.previous, self.typed, self.evidence
        if not len(batch.frames.projects):
            return []
        if self.filled:
            batch.review = review(batch, self.filled)
        found, outcomes = _sampled(batch, settings, self.documents)
        if batch.review is not None:
            severity: Mapping[str, str] = settings.severity
            entries = [one for one in batch.review.findings if one.code not in settings.off]
            own = [one._replace(severity=severity.get(one.code, one.severity)) for one in entries]
            counts = Counter(one.code for one in own)
            found += own
            outcomes += [CheckOutcome(code, "found" if counts[code] else "clear", counts[code], "") for code in CODES]
        batch.checks = _with(batch.checks, outcomes)
        return found


def load(output: Path, settings: Settings) -> Followup:
    """Everything earlier that this run builds on. Raises UsageError for an unreadable ``--previous``."""
    extras, told = documents.load(output, settings)
    kept = workpaper_reader.load(output)
    if settings.previous and Path(settings.previous).resolve() == output.resolve():
        raise UsageError(f"--previous 应指向上一年度的输出文件夹，不能与本次的输出文件夹“{output}”相同。")
    before = last_year.load(settings.previous) if settings.previous else None
    typed, answered = read_ledger(output), answers.load(output, settings.accept)
    return Followup(kept, typed, before, extras, told, answers=answered)


def _sampled(batch: Batch, settings: Settings, given: Mapping[str, Any]) -> tuple[list[Finding], list[CheckOutcome]]:
    """The checks about the spot check, their findings placed in the workpaper."""
    results: Review | None = batch.review
    extras: dict[str, Any] = {"sample": list(batch.sample), "drawn": list(batch.draw.due), **given}
    if results is not None:
        extras["review"] = results.scores()
    only, rows = frozenset((*SAMPLED, *LATER)), schema.frame([], schema.INDICATORS)
    if batch.evidence is not None:
        extras |= {"evidence": batch.evidence.asked(), "lacking": batch.evidence.lacking()}
        only, rows = only | {_PAPERS}, batch.frames.indicators
    frames = Frames(batch.frames.projects, schema.frame([], schema.FUNDS), rows)
    if extras.get("report"):
        frames = batch.frames
    context = register.Context(frames, batch.rulesets, batch_year=settings.year, extras=extras)
    found, outcomes = register.run(
        context, scope="batch", off=settings.off, severities=settings.severity, only=only, changed=settings.parameters
    )
    known = {(finding.code, finding.project_id) for finding in batch.findings if finding.code in only}
    home = workpaper.NAME if len(batch.sample) <= workpaper.TOGETHER else workpaper.FOLDER
    fresh = [_placed(finding, results, home) for finding in found if (finding.code, finding.project_id) not in known]
    return fresh, outcomes


def _placed(finding: Finding, results: Review | None, home: str) -> Finding:
    """The finding at the reviewed sheet of its project, else at the list of the workpaper (or in the report)."""
    if finding.code in (*LATER, _PAPERS):
        return finding
    project = results.of(finding.project_id) if results is not None else None
    if project is None:
        return finding._replace(file=home, sheet=workpaper.CONTENTS, cell="")
    return finding._replace(file=project.paper.file, sheet=project.paper.sheet, cell=project.paper.cell_opinion)


def _with(outcomes: Sequence[CheckOutcome], more: Sequence[CheckOutcome]) -> list[CheckOutcome]:
    """Outcomes with those of a second look added: it counts where it did look (or none did before), findings add up."""
    merged = {outcome.code: outcome for outcome in outcomes}
    for new in more:
        old = merged.get(new.code, new)
        if old is new or (old.state == "unchecked" != new.state):
            merged[new.code] = new
        elif new.state in ("found", "errored"):
            merged[new.code] = new._replace(findings=old.findings + new.findings)
    return list(merged.values())
