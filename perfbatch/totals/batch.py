"""What the workbooks of one run hold together: the part of a `Batch` that figures are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from perfbatch.identity.projects import Identity
from perfbatch.model import CheckOutcome, Finding, Frames, WorkbookResult
from perfbatch.rulesets import Ruleset


@dataclass(slots=True)
class ReadBatch:
    """Everything that was read and found.

    `frames` holds the rows of all workbooks that were read, in input order; of more rows than a list shows only
    those of the projects with the most findings and of the sample. `findings` are in the order of the input, of
    too many the serious ones. `rulesets` maps the names in column ``ruleset`` to the rulesets in force. `sample` lists
    the project_ids drawn for the spot check. `identity` tells which entries are one project.
    """

    results: list[WorkbookResult]
    frames: Frames
    findings: Sequence[Finding]
    checks: list[CheckOutcome]
    rulesets: dict[str, Ruleset]
    sample: list[str] = field(default_factory=list)
    identity: Identity | None = None
