"""Scores again, with what reviewers found in place of what the form says was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from perfbatch import notation
from perfbatch.layouts.values import columns
from perfbatch.lines import rows
from perfbatch.model import Batch, Frames
from perfbatch.review.items import Item, items_of
from perfbatch.review.reading import Entry
from perfbatch.scoring import score

UNREADABLE, OTHER_UNIT = "unreadable", "other_unit"


class Rescored(NamedTuple):
    """The score by the reviewed actual (None where no rule gives one), how, and what was wrong with the entry."""

    score: Decimal | None
    formula: str
    defect: str = ""


def rescore(batch: Batch, entries: Mapping[str, Sequence[Entry]]) -> dict[str, Rescored]:
    """Scores of the rows for which a reviewed actual was entered, by their key; `entries` by project."""
    frames = _part(batch.frames, entries)
    items = {item.key: item for some in items_of(frames, entries).values() for item in some}
    changes: dict[str, str] = {}
    for entry in (entry for some in entries.values() for entry in some):
        if entry.actual and entry.key in items:
            item = items[entry.key]
            changes[entry.key] = (_execution if item.at < 0 else _indicator)(frames, item, entry)
    scored = score(frames, batch.rulesets)
    after = {item.key: item for some in items_of(scored, entries).values() for item in some}
    formulas = scored.indicators["formula"].tolist()
    basis = dict(rows(scored.projects, "project_id", "execution_basis"))

    def rescored(item: Item, defect: str) -> Rescored:
        told = formulas[item.at] if item.at >= 0 else basis[item.project_id]
        return Rescored(None, "", defect) if defect else Rescored(item.computed, told)

    return {key: rescored(after[key], defect) for key, defect in changes.items()}


def _part(frames: Frames, project_ids: Iterable[str]) -> Frames:
    """Copies of the rows of some projects."""
    wanted = set(project_ids)
    parts = (
        frame[frame["project_id"].isin(wanted)].reset_index(drop=True).copy()
        for frame in (frames.projects, frames.funds, frames.indicators)
    )
    return Frames(*parts)


def _execution(frames: Frames, item: Item, entry: Entry) -> str:
    """Take the reviewed amount as what was spent; returns the defect of the entry."""
    money = notation.read_money(entry.actual, "万元", stored=_stored(entry))
    if money.value is None:
        return UNREADABLE
    _put(frames.projects, _position(frames.projects, item.project_id), {"executed": money.value})
    return ""


def _position(projects: pd.DataFrame, project_id: str) -> int:
    return projects["project_id"].tolist().index(project_id)


def _indicator(frames: Frames, item: Item, entry: Entry) -> str:
    """Read the reviewed actual as the form's own would be read; returns the defect of the entry."""
    frame, at = frames.indicators, item.at
    own = next(rows(frame.iloc[at : at + 1], *_OWN))
    name, level2, sign, unit, target_text, *was = own
    year = frames.projects["year"].tolist()[_position(frames.projects, item.project_id)]
    context: dict[str, Any] = {"name": name, "level2": level2, "year": year, "sign": sign, "unit": unit}
    target = notation.read_target(target_text, **context)
    actual = notation.read_actual(
        entry.actual, target, stored=_stored(entry), number_format=entry.actual_format, **context
    )
    changes = columns(target, actual)
    if [target.kind, target.op, target.value, target.unit] != was:  # the cell's own format told more than its text
        changes = {key: value for key, value in changes.items() if not key.startswith(("target", "kind", "operator"))}
    _put(frame, at, changes | {"actual_text": entry.actual})
    if target.kind == "quantitative" and (actual.value is None or actual.status in ("ambiguous", "multiple")):
        return UNREADABLE
    return OTHER_UNIT if changes["comparison"] == "dimension" else ""


_OWN = (
    "level3", "level2_text", "sign_text", "unit_text", "target_text", "kind", "operator", "target_value", "unit",
)  # fmt: skip


def _stored(entry: Entry) -> Any:
    return entry.actual_stored


def _put(frame: pd.DataFrame, at: int, values: Mapping[str, Any]) -> None:
    names = frame.columns.tolist()
    for column, value in values.items():
        frame.iat[at, names.index(column)] = value
