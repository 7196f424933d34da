"""What became of last year's projects and targets: a project under another name, a target that was only lowered."""

import difflib
from typing import Any

from perfbatch.checks.form import less, more
from perfbatch.followup.batch import Batch
from perfbatch.identity.names import name_key
from perfbatch.model import Frames
from perfbatch.schema import record, records, rows

_ALIKE = 0.6  # of two names, so that one is suggested for the other; own convention


class _Project(record("project_id", "project_code", "project_name", "unit")):  # type: ignore[misc]
    """A project of either year, its targets by the key of the indicator's name."""

    key: str
    targets: dict[str, Any]


class YearAfter:
    """Last year's projects beside this year's; knows nothing where there is no last year."""

    def __init__(self, batch: Batch) -> None:
        self._now = _projects(batch.frames)
        self._before = [] if batch.previous is None else _projects(batch.previous.frames)

    @property
    def strangers(self) -> tuple[str, str] | None:
        """A unit of last year and one of this year, where none is in both."""
        before, now = ({name_key(one.unit): one.unit for one in some if one.unit} for some in (self._before, self._now))
        if not before or not now or before.keys() & now.keys():
            return None
        return next(iter(before.values())), next(iter(now.values()))

    def renamed(self, name: str, unit: str) -> str:
        """The project of this year that one of last year may have become: by its code, else by its name."""
        known = {one.key for one in self._before}
        fresh = [one for one in self._now if one.key not in known and _same_unit(one.unit, unit)]
        codes = {one.project_code for one in self._before if one.key == name_key(name)} - {""}
        if by_code := next((one.project_name for one in fresh if one.project_code in codes), ""):
            return str(by_code)
        keys = {one.key: one.project_name for one in fresh}
        return next(map(keys.__getitem__, difflib.get_close_matches(name_key(name), list(keys), 1, _ALIKE)), "")

    def lowered(self, name: str, unit: str, indicators: str) -> str:
        """How the target of an indicator that a text names was made easier since last year; empty if none was."""
        before, now = (
            next((one.targets for one in some if one.key == name_key(name) and _same_unit(one.unit, unit)), {})
            for some in (self._before, self._now)
        )
        for indicator, old in before.items():
            new = now.get(indicator)
            if new is None or indicator not in name_key(indicators) or old.unit != new.unit:
                continue
            lower, higher = less(new.target_value, old.target_value), more(new.target_value, old.target_value)
            if {"positive": lower, "negative": higher}.get(old.direction):
                return f"目标由“{old.target_text}”改为“{new.target_text}”"
        return ""


def _same_unit(one: str, other: str) -> bool:
    """Whether two units may be one; a ledger of one unit alone does not name it."""
    return not one or not other or name_key(one) == name_key(other)


def _projects(frames: Frames) -> list[_Project]:
    found: dict[str, _Project] = {}
    for project in map(_Project._make, rows(frames.projects, *_Project._fields)):
        project.key, project.targets = name_key(project.project_name), {}
        found[project.project_id] = project
    columns = ("project_id", "level3", "target_text", "target_value", "unit", "direction")
    for target in records(frames.indicators, *columns):
        if target.level3 and target.project_id in found:
            found[target.project_id].targets.setdefault(name_key(target.level3), target)
    return list(found.values())
