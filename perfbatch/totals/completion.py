"""What reports say of a batch beyond sums: projects completed on the whole, rows short of target or points.

A project is completed on the whole when money was spent and its score lies in the highest report band. The
score is the declared one, the computed one where none is declared. Where the money spent or the score is not
known, nothing is said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfbatch.decimals import total
from perfbatch.notation import says_nothing
from perfbatch.totals.lines import Deviation, Parameters, ProjectLine


@dataclass(frozen=True, slots=True)
class Completion:
    """Counts over all projects, and the projects that are not completed or of which that cannot be said."""

    missed: tuple[ProjectLine, ...]
    unclear: tuple[ProjectLine, ...]
    idle_budget: Decimal  # 全年预算数 of projects without any execution, 万元
    executed: int = 0  # projects on which money was spent
    met: int = 0  # of these, projects whose rows all reached target and points
    open: int = 0  # of these, projects without rows, or with rows of which nothing tells that, and none short
    short: int = 0  # projects with such rows
    short_rows: int = 0
    over: int = 0  # projects with rows far above target
    wide: int = 0  # rows below target by more than the audit limit
    wide_projects: int = 0
    unexplained: int = 0  # rows short of points without any reason


def completion_of(lines: Sequence[ProjectLine], counts: Mapping[str, int], parameters: Parameters) -> Completion:
    """Completion of the projects `lines`, with the `row_counts` of all workbooks added up.

    Report bands are those of the first ruleset.
    """
    bounds: Sequence[Decimal] = next(iter(parameters.values()), {}).get("report_bands") or ()
    missed, unclear = [], []
    for line in lines:
        place = None if line.score is None or not bounds else sum(line.score < bound for bound in bounds)
        if line.executed is None or (line.executed and place is None):
            unclear.append(line)
        elif not line.executed or place != 0:
            missed.append(line)
    idle = total(line.adjusted for line in lines if line.executed == 0 and line.adjusted is not None)
    return Completion(tuple(missed), tuple(unclear), idle, **counts)


def row_counts(
    lines: Sequence[ProjectLine],
    found: Mapping[str, Sequence[Deviation]],
    judged: Collection[str],
    parameters: Parameters,
) -> dict[str, int]:
    """What the rows of one workbook count for in `Completion`.

    `found`: its deviations by kind; `judged`: ids of the projects all of whose rows can be judged
    (`perfbatch.totals.lines.judged`).
    """
    short = [*found["under"], *found["lost"]]
    owners = {row.project.project_id for row in short}
    executed = [line.project_id for line in lines if line.executed]
    wide = [row for row in found["under"] if is_wide(row, parameters)]
    return {
        "executed": len(executed),
        "met": sum(key in judged and key not in owners for key in executed),
        "open": sum(key not in judged and key not in owners for key in executed),
        "short": len(owners),
        "short_rows": len(short),
        "over": len({row.project.project_id for row in found["over"]}),
        "wide": len(wide),
        "wide_projects": len({row.project.project_id for row in wide}),
        "unexplained": sum(bool(row.lost) and says_nothing(row.reason) for row in short),
    }


def is_wide(row: Deviation, parameters: Parameters) -> bool:
    """Whether a row is below target by more than the audit limit (`audit_dev`) of its ruleset."""
    limit = parameters.get(row.project.ruleset, {}).get("audit_dev")
    return row.deviation is not None and limit is not None and abs(row.deviation) > limit
