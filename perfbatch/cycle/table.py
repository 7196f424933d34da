"""Approved targets as rows of `data/targets.parquet`, each with the row of the self-evaluation it was held against."""

from collections.abc import Iterator
from typing import Any

from perfbatch.cycle.compare import Compared


def rows(found: Compared) -> Iterator[dict[str, Any]]:
    """One row an approved indicator, in the order of the target sheets."""
    for number, project in enumerate(found.approved):
        head = {
            "project_code": project.code, "project_name": project.name, "unit": project.unit, "year": project.year,
            "budget_initial": project.budget, "goal_expected": project.goal,
            "project_id": found.own_of.get(number, ""),
        }  # fmt: skip
        for at, row in enumerate(project.rows):
            own = found.matched_rows.get((number, at))
            yield head | {
                "level1": row.level1,
                "level2": row.level2,
                "level3": row.name,
                "target_text": row.target.text,
                "sign_text": row.target.sign,
                "unit_text": row.target.unit,
                "points": row.points,
                "adjusted_text": row.adjusted.text if row.adjusted is not None else "",
                "adjust_note": row.note,
                "file": project.file,
                "sheet": row.sheet,
                "row": row.row,
                "cell_target": row.cell,
                "own_sheet": own.sheet if own else "",
                "own_row": own.row if own else None,
                "own_target": own.target.shown if own else "",
                "own_actual": own.actual_text if own else "",
                "own_points": own.points if own else None,
                "score_declared": own.score_declared if own else None,
                "score_approved": found.scores.get((number, at)),
                "changes": found.states.get((number, at), ""),
            }
