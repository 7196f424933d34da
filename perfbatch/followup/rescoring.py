"""Scores again, with what reviewers found in place of what the form says was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from perfbatch import notation
from perfbatch.followup.items import EXECUTED, Item, items_of
from perfbatch.followup.workpaper_reader import Entry
from perfbatch.forms.frames import pair_columns
from perfbatch.forms.records import judged_day, read_pair
from perfbatch.model import Batch, Cell, Frames
from perfbatch.rulesets import Ruleset
from perfbatch.scoring import score
from perfbatch.totals.lines import rows

UNREADABLE, OTHER_UNIT = "unreadable", "other_unit"


class Rescored(NamedTuple):
    """The score by the reviewed actual (None where no rule gives one), how, and what was wrong with the entry."""

    score: Decimal | None
    formula: str
    defect: str = ""


class ReviewedRow(NamedTuple):
    """One row as reviewed: `score` is the reviewed score, None where the row was not reviewed.

    `basis`: ``entered`` (the reviewer's own score), ``recomputed`` (from the reviewed actual), ``""``. `defect`
    says why a reviewed actual could not be used.
    """

    item: Item
    entry: Entry
    score: Decimal | None
    recomputed: Decimal | None
    basis: str
    formula: str
    defect: str = ""

    @property
    def difference(self) -> Decimal | None:
        """Self-score minus reviewed score."""
        declared = self.item.declared
        return None if self.score is None or declared is None else declared - self.score


def rescore(batch: Batch, entries: Mapping[str, Sequence[Entry]]) -> dict[str, Rescored]:
    """Scores of the rows for which a reviewed actual was entered, by their key; `entries` by project."""
    frames = _part(batch.frames, entries)
    items = {item.key: item for some in items_of(frames, entries).values() for item in some}
    changes: dict[str, str] = {}
    for entry in (entry for some in entries.values() for entry in some):
        if entry.actual and entry.key in items:
            item = items[entry.key]
            take = _execution if item.role == "execution" else _indicator
            changes[entry.key] = take(frames, batch.rulesets, item, entry)
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


def _execution(frames: Frames, rulesets: Mapping[str, Ruleset], item: Item, entry: Entry) -> str:
    """Take the reviewed amount, or the amount of the reviewed rate, as what was spent; returns the defect."""
    at = _position(frames.projects, item.project_id)
    spent = _spent(frames.projects, rulesets, at, item, entry)
    if spent is None:
        return UNREADABLE
    _put(frames.projects, at, {"executed": spent})
    return ""


def _spent(
    projects: pd.DataFrame, rulesets: Mapping[str, Ruleset], at: int, item: Item, entry: Entry
) -> Decimal | None:
    """万元; a bare figure is an amount only where the paper shows amounts, and a rate only with its %."""
    text = entry.actual.strip().removeprefix(EXECUTED)  # written as the paper itself writes what was done
    rate, form = notation.read_rate(text, stored=entry.actual_stored)
    if form == "percent":
        ruleset, *budgets = next(rows(projects.iloc[at : at + 1], "ruleset", "budget_initial", "budget_adjusted"))
        base = budgets[0 if rulesets[ruleset]["exec_base"] == "initial" else 1]
        return None if base is None or rate is None else base * rate
    money = notation.read_money(text, "万元" if item.at < 0 else "", stored=entry.actual_stored)
    return money.value


def _position(projects: pd.DataFrame, project_id: str) -> int:
    return projects["project_id"].tolist().index(project_id)


def _indicator(frames: Frames, _rulesets: Mapping[str, Ruleset], item: Item, entry: Entry) -> str:
    """Read the reviewed actual as the form's own would be read; returns the defect of the entry."""
    frame, at = frames.indicators, item.at
    text, stored, name, level2, sign, unit = next(rows(frame.iloc[at : at + 1], *_OWN))
    year = frames.projects["year"].tolist()[_position(frames.projects, item.project_id)]
    typed = Cell(1, 1, entry.actual, entry.actual_stored, entry.actual_format)
    target, actual = read_pair(Cell(1, 1, text, stored), typed, notation.Around(sign, unit, name, level2, year=year))
    done, unclear = judged_day(target, actual)
    changes = pair_columns(target, actual, notation.compare(target, actual), done, unclear)
    _put(frame, at, changes | {"actual_text": entry.actual})
    if target.kind == "quantitative" and (actual.value is None or actual.status in ("ambiguous", "multiple")):
        return UNREADABLE
    return OTHER_UNIT if changes["comparison"] == "dimension" else ""


_OWN = ("target_text", "target_stored", "level3", "level2_text", "sign_text", "unit_text")


def _put(frame: pd.DataFrame, at: int, values: Mapping[str, Any]) -> None:
    names = frame.columns.tolist()
    for column, value in values.items():
        frame.iat[at, names.index(column)] = value
