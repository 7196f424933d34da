"""What a run knows of the year around the self-evaluation: approved targets, held against the projects that count."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from perfbatch import pipeline, schema
from perfbatch.config import Settings
from perfbatch.cycle import compare, monitoring, overall, planned, sheets
from perfbatch.cycle.compare import Compared
from perfbatch.model import Frames
from perfbatch.notation import is_nil
from perfbatch.runs.once import Once, Part
from perfbatch.store import tables
from perfbatch.store.results import Bundle

CYCLE, MONITORING, LEDGER, EVALUATION = "cycle", "monitoring", "rectification", "evaluation"
_FULL = 100
_INPUTS = (("targets", "approved"), ("monitoring", "monitored"), ("overall", "departments"), ("planned", "planned"))
TARGETS = "data/targets.parquet"


def sheets_of(bundles: Sequence[Bundle]) -> pd.DataFrame | None:
    """The sheets of the budget cycle of some workbooks, None where there is none."""
    found = [bundle.table(CYCLE) for bundle in bundles if bundle.has(CYCLE)]
    return tables.to_frame(pa.concat_tables(found)) if found else None


def compared(
    parts: Sequence[Part],
    made: Once,
    bundles: Sequence[Bundle],
    settings: Settings,
    mended: Collection[str] = (),
    previous: Frames | None = None,
) -> Compared | None:
    """The projects that count against the approved targets and the monitoring forms that lie beside them.

    None without any of these, or without projects. `mended` are projects with an entry in the ledger.
    """
    frame = sheets_of(bundles)
    plans = [] if frame is None else sheets.approved(frame)
    monitored = [] if frame is None else sheets.read(frame, [MONITORING], sheets.Sheet)
    departments = [] if frame is None else overall.read(frame)
    whole = [plan for plan in plans if plan.whole]
    if not (departments or whole or ((plans or monitored) and parts)):
        return None
    if not parts:
        found = Compared([], departments=departments, sheets=frame, planned=whole)
        found.of_departments = overall.check(departments, [])
        found.of_planned = planned.check(whole, settings.year, previous)
        return found
    names = {name for part in parts if part.result.size for name in part.result.size.rulesets}
    own = Frames(
        _whole("projects", parts, made, sheets.PROJECT_COLUMNS),
        pd.DataFrame(),
        _whole("indicators", parts, made, sheets.ROW_COLUMNS),
    )

    def frames_of(ids: Sequence[str]) -> Frames:
        homes = set(own.projects[own.projects["project_id"].isin(set(ids))]["file"])
        some = [part for part in parts if part.result.file in homes]
        wanted = pa.array(sorted(ids), pa.string())
        return tables.to_frames({name: _rows(name, some, wanted) for name in tables.FRAMES})

    found = Compared([])
    in_force = pipeline.in_force(names, settings)
    projects = sheets.projects_of(own, in_force)
    if plans:
        found = compare.compare(plans, own, in_force, frames_of, settings.units)
    if monitored:
        monitoring.compare(found, monitored, projects, settings.units, mended)
        compare.in_order(found, projects)
    found.departments, found.sheets = departments, frame
    found.of_departments = overall.check(departments, projects, settings.units)
    return found


def ledger(bundles: Sequence[Bundle]) -> dict[str, dict[str, str]]:
    """Projects that a ledger of rectification beside the forms has measures for, by name."""
    frame = sheets_of(bundles)
    if frame is None:
        return {}
    rows_of = zip(*(frame[name].tolist() for name in ("sheet_kind", "project_name", "measures")), strict=True)
    return {name: {"measures": told} for kind, name, told in rows_of if kind == LEDGER and name and not is_nil(told)}


def beside(bundles: Sequence[Bundle], before: Mapping[str, Any]) -> dict[str, Any]:
    """What sheets beside the forms add to the inputs of checks across files that earlier work gave."""
    found: dict[str, Any] = {}
    if written := ledger(bundles):
        found["rectification"] = {**written, **before.get("rectification", {})}
    if scores := evaluated(bundles):
        found["evaluated"] = scores
    return found


def evaluated(bundles: Sequence[Bundle]) -> dict[str, dict[str, Any]]:
    """Scores that evaluations of the department or the finance bureau give, by project name; full marks are 100."""
    frame = sheets_of(bundles)
    if frame is None:
        return {}
    columns = ("sheet_kind", "project_name", "total_declared", "total_points", "file", "sheet")
    found: dict[str, dict[str, Any]] = {}
    for kind, name, score, points, file, sheet in zip(*(frame[one].tolist() for one in columns), strict=True):
        if kind == EVALUATION and name.strip() and score is not None and points in (None, _FULL):
            found.setdefault(name.strip(), {"score": score, "source": f"{file}“{sheet}”"})
    return found


def inputs(found: Compared | None) -> dict[str, Any]:
    """What checks across files get of it."""
    if found is None:
        return {}
    return {key: found for key, of in _INPUTS if getattr(found, of)}


def _whole(name: str, parts: Sequence[Part], made: Once, columns: Sequence[str]) -> pd.DataFrame:
    return tables.to_frame(pa.concat_tables([made.of_projects(part, name, columns) for part in parts]))


def _rows(name: str, parts: Sequence[Part], wanted: pa.Array) -> pa.Table:
    some = [tables.arrow_schema(name).empty_table()]
    for part in parts:
        table = part.bundle.table(name)
        some.append(table.filter(pc.is_in(table.column("project_id"), value_set=wanted)))
    return pa.concat_tables(some)


def writers(found: Compared | None) -> dict[str, Callable[[Path], None]]:
    """What publishes the frames of the sheets that were there: name in the output folder → writer."""
    if found is None:
        return {}
    told: dict[str, Callable[[Path], None]] = {}
    if found.approved:
        told[TARGETS] = partial(write_targets, found=found)
    for kind, columns in (("monitoring", schema.MONITORING), ("overall", schema.OVERALL)):
        rows_of = found.sheets[found.sheets["sheet_kind"] == kind] if found.sheets is not None else ()
        if len(rows_of):
            told[f"data/{kind}.parquet"] = partial(_write, columns=columns, values=rows_of)
    return told


def _write(path: Path, columns: Mapping[str, str], values: Any) -> None:
    """Some columns of rows as Parquet."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - with the writer alone

    arrays = [tables.array(list(values[name]), kind) for name, kind in columns.items()]
    named = pa.schema([(name, array.type) for name, array in zip(columns, arrays, strict=True)])
    with path.open("wb") as sink:
        pq.write_table(pa.Table.from_arrays(arrays, schema=named), sink, compression="zstd")


def write_targets(path: Path, found: Compared) -> None:
    """The approved targets, each with the row it was compared with."""
    _write(path, schema.TARGETS, schema.frame(list(found.targets()), schema.TARGETS))
