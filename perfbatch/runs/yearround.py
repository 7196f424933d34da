"""What a run knows of the year around the self-evaluation: approved targets, held against the projects that count."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from perfbatch import schema
from perfbatch.config import Settings
from perfbatch.cycle import compare, monitoring, overall, planned, sheets
from perfbatch.cycle.compare import Compared
from perfbatch.model import Frames
from perfbatch.notation import is_nil
from perfbatch.outputs.records import write_rows
from perfbatch.runs.once import Once
from perfbatch.store import tables
from perfbatch.store.results import Bundle

CYCLE, MONITORING, LEDGER, EVALUATION = "cycle", "monitoring", "rectification", "evaluation"
_FULL = 100
_INPUTS = (("targets", "approved"), ("monitoring", "monitored"), ("overall", "departments"), ("planned", "planned"))


def sheets_of(bundles: Sequence[Bundle]) -> pd.DataFrame:
    """The sheets of the budget cycle of some workbooks."""
    found = [bundle.table(CYCLE) for bundle in bundles]
    return tables.to_frame(pa.concat_tables([tables.empty(CYCLE), *found]))


def compared(
    made: Once, frame: pd.DataFrame, settings: Settings, mended: Collection[str] = (), previous: Frames | None = None
) -> Compared | None:
    """The projects that count against the approved targets and the monitoring forms that lie beside them (`frame`).

    None without any of these, or without projects. `mended` are projects with an entry in the ledger.
    """
    plans = sheets.read(frame, (sheets.TARGET, sheets.ADJUSTMENT), sheets.Sheet)
    monitored = sheets.read(frame, (MONITORING,), sheets.Sheet)
    departments = overall.read(frame)
    whole = [plan for plan in plans if plan.whole]
    if not (departments or whole or ((plans or monitored) and made.parts)):
        return None
    own = Frames(
        made.rows("projects", sheets.PROJECT_COLUMNS), pd.DataFrame(), made.rows("indicators", sheets.ROW_COLUMNS)
    )

    def frames_of(ids: Sequence[str]) -> Frames:
        homes = set(own.projects[own.projects["project_id"].isin(set(ids))]["file"])
        return Frames(*(made.rows(name, wanted=ids, files=homes) for name in tables.FRAMES))

    found = Compared([])
    projects = sheets.projects_of(own, made.rulesets)
    if not made.parts:
        found.planned, found.of_planned = whole, planned.check(whole, settings.year, previous)
    elif plans:
        found = compare.compare(plans, own, made.rulesets, frames_of, settings.units)
    if monitored:
        monitoring.compare(found, monitored, projects, settings.units, mended)
        compare.in_order(found, projects)
    found.departments, found.sheets = departments, frame
    found.of_departments = overall.check(departments, projects, settings.units)
    return found


def beside(frame: pd.DataFrame, before: Mapping[str, Any]) -> dict[str, Any]:
    """What sheets beside the forms add to the inputs of checks across files that earlier work gave.

    By the name of the project: measures of a ledger of rectification, and scores that evaluations of the department
    or the finance bureau give; full marks are 100.
    """
    columns = ("sheet_kind", "project_name", "measures", "total_declared", "total_points", "file", "sheet")
    written: dict[str, dict[str, str]] = {}
    evaluated: dict[str, dict[str, Any]] = {}
    for kind, name, measures, score, points, file, sheet in schema.rows(frame, *columns):
        if kind == LEDGER and name and not is_nil(measures):
            written[name] = {"measures": measures}
        elif kind == EVALUATION and name.strip() and score is not None and points in (None, _FULL):
            evaluated.setdefault(name.strip(), {"score": score, "source": f"{file}“{sheet}”"})
    found = {"rectification": written | before.get("rectification", {})} if written else {}
    return found | ({"evaluated": evaluated} if evaluated else {})


def inputs(found: Compared | None) -> dict[str, Any]:
    """What checks across files get of it."""
    return {key: found for key, of in _INPUTS if found is not None and getattr(found, of)}


def writers(found: Compared | None) -> dict[str, Callable[[Path], None]]:
    """What publishes the frames of the sheets that were there: name in the output folder → writer."""
    if found is None:
        return {}
    told: dict[str, Callable[[Path], None]] = {}
    if found.approved:  # each target with the row it was compared with
        told["data/targets.parquet"] = lambda path: write_rows(
            path, "targets", schema.frame(list(found.targets()), schema.TARGETS)
        )
    for kind in ("monitoring", "overall"):
        of_kind = found.sheets[found.sheets["sheet_kind"] == kind]
        if len(of_kind):
            told[f"data/{kind}.parquet"] = partial(write_rows, name=kind, rows=of_kind)
    return told
