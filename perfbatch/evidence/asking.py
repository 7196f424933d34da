"""What is looked up for a project: its executed amount, and each indicator's figure or date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from perfbatch.decimals import plain
from perfbatch.evidence.index import EXECUTED, Asked
from perfbatch.evidence.project import Row
from perfbatch.notation import fold

# columns of the frames that are read
PROJECTS = ("project_id", "project_name", "executed", "sheet", "cell", "cell_executed")
INDICATORS = (
    "project_id", "role", "level1", "level2", "level3", "kind", "actual_text", "actual_value", "actual_unit", "unit",
    "actual_date", "actual_status", "target_value", "target_date", "sheet", "row", "cell_actual",
)  # fmt: skip
_WHOLE_DAY = re.compile(r"[0-9][日号]|[0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}")
Values = Mapping[str, Any]


def asked_of(project: Values, rows: Iterable[Values]) -> tuple[list[Asked], list[Row]]:
    """What is looked up of a row of `projects` and its rows of `indicators`, and what papers are asked for."""
    own = [row for row in rows if row["role"] == "indicator"]
    asked = [*_executed(project), *(one for row in own if (one := _asked(row)) is not None)]
    return asked, [Row(row["sheet"], row["row"], row["level1"], row["level2"], row["level3"]) for row in own]


def _executed(project: Values) -> list[Asked]:
    executed = project["executed"]
    if executed is None:
        return []
    value = _bare(executed)
    return [
        Asked(
            project["project_id"], EXECUTED, "", "", value, "万元", "", "", f"{value}万元", None,
            project["sheet"], 0, project["cell_executed"] or project["cell"],
        )
    ]  # fmt: skip


def _asked(row: Values) -> Asked | None:
    """What is looked up for an indicator: its figure or its date; None for words and what could not be read."""
    place = row["sheet"], row["row"], row["cell_actual"]
    if row["actual_status"] in ("ambiguous", "multiple"):
        return None
    named = row["project_id"], row["level3"], row["level1"], row["level2"]
    if row["actual_date"]:
        day = row["actual_date"] if _WHOLE_DAY.search(fold(row["actual_text"])) else row["actual_date"][:7]
        return Asked(*named, None, "", day, row["target_date"], row["actual_text"], None, *place)
    if not row["actual_value"] or row["kind"] != "quantitative":
        return None  # of nothing done there is no document
    value, unit = _bare(row["actual_value"]), row["actual_unit"] or row["unit"]
    target = None if row["target_value"] is None else _bare(row["target_value"])
    return Asked(*named, value, unit, "", "", row["actual_text"], target, *place)


def _bare(value: Decimal) -> Decimal:
    """A figure of a frame without the zeros of its column."""
    return Decimal(plain(value))
