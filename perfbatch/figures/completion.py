"""What reports say of a batch beyond sums: projects completed on the whole, rows short of target or points.

A project is completed on the whole when money was spent and its score lies in the highest report band. The
score is the declared one, the computed one where none is declared. Where the money spent or the score is not
known, nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from perfbatch.exact import CONTEXT
from perfbatch.figures.lines import Deviation, Parameters, ProjectLine
from perfbatch.figures.shortlist import Shortlist
from perfbatch.notation import says_nothing
from perfbatch.scoring import band_names

_COUNTS = ("executed", "met", "open", "short", "short_rows", "over", "wide", "wide_projects", "unexplained")


@dataclass(slots=True)
class Completion:
    """Counts over some projects; those of parts add up.

    `missed` are the projects not completed on the whole, `unclear` those of which that cannot be said.
    """

    bands: Counter[str] = field(default_factory=Counter)  # by report band of the score, "" without one
    missed: Shortlist[ProjectLine] = field(default_factory=Shortlist)
    unclear: Shortlist[ProjectLine] = field(default_factory=Shortlist)
    idle_budget: Decimal = Decimal(0)  # 全年预算数 of projects without any execution, 万元
    executed: int = 0  # projects on which money was spent
    met: int = 0  # of these, projects whose rows all reached target and points
    open: int = 0  # of these, projects without rows, or with rows of which nothing tells that, and none short
    short: int = 0  # projects with such rows
    short_rows: int = 0
    over: int = 0  # projects with rows far above target
    wide: int = 0  # rows below target by more than the audit limit
    wide_projects: int = 0
    unexplained: int = 0  # rows short of points without any reason

    def merge(self, more: Completion, limit: int | None) -> None:
        """Add what comes after everything added before."""
        self.bands.update(more.bands)
        self.missed = self.missed.joined(more.missed, limit)
        self.unclear = self.unclear.joined(more.unclear, limit)
        self.idle_budget = CONTEXT.add(self.idle_budget, more.idle_budget)
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(more, name))


def completion_of(
    lines: Sequence[ProjectLine],
    found: Mapping[str, Sequence[Deviation]],
    judged: Collection[str],
    parameters: Parameters,
    limit: int | None = None,
) -> Completion:
    """The counts over `lines` with their deviations by kind; report bands are those of the first ruleset.

    `judged`: ids of the projects all of whose rows can be judged (`perfbatch.figures.lines.judged`).
    """
    bounds: Sequence[Decimal] = next(iter(parameters.values()), {}).get("report_bands") or ()
    made = Completion()
    names = band_names(bounds) if bounds else []
    missed, unclear = [], []
    for line in lines:
        place = None if line.score is None or not bounds else sum(line.score < bound for bound in bounds)
        made.bands["" if place is None else names[place]] += 1
        if line.executed is None or (line.executed and place is None):
            unclear.append(line)
        elif not line.executed or place != 0:
            missed.append(line)
    made.missed, made.unclear = (Shortlist(some[:limit], len(some)) for some in (missed, unclear))
    short = [*found.get("under", ()), *found.get("lost", ())]
    owners = {row.project.project_id for row in short}
    executed = [line.project_id for line in lines if line.executed]
    made.executed = len(executed)
    made.met = sum(key in judged and key not in owners for key in executed)
    made.open = sum(key not in judged and key not in owners for key in executed)
    made.short, made.short_rows = len(owners), len(short)
    made.over = len({row.project.project_id for row in found.get("over", ())})
    wide = [row for row in found.get("under", ()) if is_wide(row, parameters)]
    made.wide, made.wide_projects = len(wide), len({row.project.project_id for row in wide})
    made.unexplained = sum(bool(row.lost) and says_nothing(row.reason) for row in short)
    for line in lines:
        if line.executed == 0 and line.adjusted is not None:
            made.idle_budget = CONTEXT.add(made.idle_budget, line.adjusted)
    return made


def is_wide(row: Deviation, parameters: Parameters) -> bool:
    """Whether a row is below target by more than the audit limit (`audit_dev`) of its ruleset."""
    limit = parameters.get(row.project.ruleset, {}).get("audit_dev")
    return row.deviation is not None and limit is not None and abs(row.deviation) > limit
