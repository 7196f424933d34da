"""The explanation of every questioned score, for the comment of its cell: only rows with a finding are explained."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from perfbatch.model import Finding, Frames
from perfbatch.rulesets import Ruleset
from perfbatch.scoring.explain import Explanation, explain_execution, explain_indicator, explain_total

Place = tuple[str, str]
_SCORED = ("SC", "FU", "HB")  # families whose findings on the actual or on the rate also question the score


def remarks(frames: Frames, findings: Iterable[Finding], rules: Mapping[str, Ruleset]) -> dict[Place, str]:
    """(sheet, A1) → Chinese explanation of the score that a finding at this cell questions.

    Explained are scores of indicators, of the execution rate and the total, each by its formula in one line.
    """
    asked = {(finding.sheet, finding.cell): False for finding in findings}
    asked |= {(finding.sheet, finding.cell): True for finding in findings if finding.code[:2] in _SCORED}
    own = dict(zip(frames.projects["project_id"], frames.projects["ruleset"], strict=True))
    found: dict[Place, str] = {}
    for table, cells, explain in (
        (frames.indicators, ("cell_score", "cell_actual"), explain_indicator),
        (frames.projects, ("cell_execution_score", "cell_rate"), explain_execution),
        (frames.projects, ("cell_total",), explain_total),
    ):
        for place, row in _questioned(table, cells, asked):
            found.setdefault(place, _text(explain, row, rules[own[row.project_id]]))
    return {place: text for place, text in found.items() if text}


def _questioned(
    table: pd.DataFrame, cells: tuple[str, ...], asked: Mapping[Place, bool]
) -> Iterable[tuple[Place, Any]]:
    """Rows one of whose cells a finding names; of the second and later cells only findings about scores count."""
    wanted: dict[int, Place] = {}
    for column in reversed(cells):
        for at, (sheet, cell) in enumerate(zip(table["sheet"].tolist(), table[column].tolist(), strict=True)):
            if not cell:
                continue
            elsewhere, _, ref = cell.rpartition("!")
            place = elsewhere or sheet, ref
            if ref and place in asked and (column == cells[0] or asked[place]):
                wanted[at] = place
    if not wanted:
        return ()
    at_rows = sorted(wanted)
    record = _record(tuple(table.columns))
    rows = [record(*values) for values in table.iloc[at_rows].to_numpy(dtype=object)]
    return zip((wanted[at] for at in at_rows), rows, strict=True)


@lru_cache(maxsize=8)
def _record(columns: tuple[str, ...]) -> Callable[..., Any]:
    """A named tuple of these columns; `itertuples` makes its class anew each time, at the cost of fifty rows."""
    return namedtuple("Row", columns)


def _text(explain: Callable[[Any, Ruleset], Explanation], row: Any, rules: Ruleset) -> str:
    if getattr(row, "role", "indicator") != "indicator":
        return ""
    return explain(row, rules).short()
