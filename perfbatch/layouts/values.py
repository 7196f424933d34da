"""Target and actual of each line: read by `perfbatch.notation`, compared, and laid out as columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from perfbatch import notation
from perfbatch.layouts.form import Line
from perfbatch.model import Cell
from perfbatch.notation import Reading, fold
from perfbatch.notation.nil import not_applicable
from perfbatch.notation.units import measure

Pair = tuple[Reading, Reading]


def read(lines: Sequence[Line], rows: Sequence[dict[str, Any]], year: int | None) -> list[Pair]:
    """Readings of target and actual for each line of one form.

    Figures that merely begin with the row's points (``10500`` at 10 points) are suspected of being glued to
    them only on a form that shows other damage; on a clean export that would refuse good cells.
    """
    pairs = [_pair(line, row, year, glued=False) for line, row in zip(lines, rows, strict=True)]
    if any(notation.is_damaged(reading) for pair in pairs for reading in pair):
        pairs = [_pair(line, row, year, glued=True) for line, row in zip(lines, rows, strict=True)]
    return pairs


def _pair(line: Line, row: dict[str, Any], year: int | None, *, glued: bool) -> Pair:
    empty = Cell(line.row, 1, "", "empty")
    target_cell, actual_cell = line.cells.get("target", empty), line.cells.get("actual", empty)
    context = {
        "name": row["level3"],
        "level2": line.text("level2"),
        "year": year,
        "points": row["points"] if glued else None,
        "sign": line.text("sign"),
        "unit": line.text("unit"),
    }
    target = notation.read_target(
        target_cell.text, stored=target_cell.stored, number_format=target_cell.format, **context
    )
    actual = notation.read_actual(
        actual_cell.text, target, stored=actual_cell.stored, number_format=actual_cell.format, **context
    )
    return target, actual


TARGET = (
    "target_text", "kind", "target_status", "operator", "target_value", "target_value2", "unit", "target_date",
)  # fmt: skip


def target_reading(*held: Any) -> Reading:
    """The reading of a target out of its columns `TARGET`, without notes and the beginning of a period.

    Nothing that an actual is read or compared by is missing: `columns` of it gives the same columns again.
    """
    text, kind, status, op, value, value2, unit, day = held
    return Reading(
        kind, status, op, value, value2, Decimal(10 ** measure(unit).power), unit, date_from=None,
        date_to=date.fromisoformat(day) if day else None, grain="",
        applicable=not (kind == "nil" and not_applicable(fold(text))), raw=text, notes=(),
    )  # fmt: skip


def columns(target: Reading, actual: Reading) -> dict[str, Any]:
    """Frame columns of one pair: parsed values, and both figures in their common base unit."""
    both = notation.compare(target, actual)
    done, unclear = _done(target, actual)
    return {
        "kind": target.kind,
        "operator": target.op,
        "target_value": target.value,
        "target_value2": target.value2,
        "unit": target.unit,
        "actual_value": actual.value,
        "actual_unit": actual.unit,
        "actual_kind": actual.kind,
        "actual_operator": actual.op,
        "target_status": target.status,
        "actual_status": actual.status,
        "target_date": target.date_to.isoformat() if target.date_to else "",
        "actual_date": done.isoformat() if done else "",
        "applicable": target.applicable and actual.applicable,
        "notes": "；".join(dict.fromkeys(filter(None, (*target.notes, *actual.notes, both.note, unclear)))),
        "comparison": "none" if unclear else both.state,
        "target_base": both.target,
        "target_base2": both.target2,
        "actual_base": both.actual,
    }


def _done(target: Reading, actual: Reading) -> tuple[date | None, str]:
    """The day by which a deadline is judged: the last of a period that ends in time, the first of a late one.

    None, with a note, for a period that spans the deadline (``2023年`` for ``2023年6月底前``): it cannot be compared.
    """
    met = notation.on_time(target, actual)
    if met is None and target.kind == actual.kind == "date" and actual.date_from is not None:
        return None, "完成时间跨过目标时间，不能判断是否按期"
    return actual.date_to if met else actual.date_from or actual.date_to, ""
