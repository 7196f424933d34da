"""One run as outputs see it: what was read, what people wrote, and what lies around the year."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from perfbatch.cycle.compare import Compared
from perfbatch.evidence.project import Evidence
from perfbatch.followup.answers import Answers
from perfbatch.followup.ledger_reader import LedgerSheet
from perfbatch.followup.previous import Previous
from perfbatch.followup.review import Review
from perfbatch.identity.roster import Attendance
from perfbatch.model import Mended
from perfbatch.totals.resubmitted import Resubmitted
from perfbatch.totals.sampling import Sample
from perfbatch.totals.sums import ReadBatch, Totals, summarise


@dataclass(slots=True)
class Batch(ReadBatch):
    """One run: what `perfbatch.outputs` writes from.

    `totals` holds the aggregates of all rows and findings, as soon as all workbooks have been looked at. `annotated`
    maps an input file (column ``file``) to the name of its annotated copy in the output folder, `workpapers` the name
    of each workpaper to the one that it has there. `draw` says how the sample was drawn. `review` is what filled
    workpapers say, `previous` last year's output, `typed` what people wrote into the ledger that this run replaces,
    `answers` what they answered to findings, `compared` the approved targets held against the projects, `evidence`
    the supporting documents, `attendance` the units that are to hand in; each None without any.
    `run_date` is an ISO date that the caller passes in. `rubbish` are names of temporary files among the inputs.
    """

    totals: Totals | None = None
    annotated: dict[str, str] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    workpapers: dict[str, str] = field(default_factory=dict)
    draw: Sample = field(default_factory=Sample)
    run_date: str = ""
    review: Review | None = None
    previous: Previous | None = None
    typed: LedgerSheet | None = None
    answers: Answers | None = None
    resubmitted: Sequence[Resubmitted] = ()
    compared: Compared | None = None
    evidence: Evidence | None = None
    attendance: Attendance | None = None
    mended: Sequence[Mended] = ()
    rubbish: Sequence[str] = ()

    def summed(self) -> Totals:
        """All aggregates: those that it brings along, where its workbooks were looked at one by one."""
        return summarise(self) if self.totals is None else self.totals

    @property
    def other_forms(self) -> int:
        """Forms that were checked though they are no projects: departments' overall forms, target sheets alone."""
        return 0 if self.compared is None else len(self.compared.departments) + len(self.compared.planned)
