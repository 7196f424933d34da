"""What became of last year's projects and targets: a project under another name, a target that was only lowered."""

import difflib
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from perfbatch.checks.form import less, more
from perfbatch.followup.batch import Batch
from perfbatch.identity.names import name_key
from perfbatch.model import Frames
from perfbatch.schema import rows

_ALIKE = 0.6  # of two names, so that one is suggested for the other; own convention
_PROJECT = ("project_id", "project_code", "project_name", "unit")
_TARGET = ("project_id", "level3", "target_text", "target_value", "unit", "direction")


class _Project(NamedTuple):
    project_id: str
    code: str
    name: str
    unit: str


class _Target(NamedTuple):
    text: str
    value: Decimal | None
    unit: str
    direction: str


class YearAfter:
    """Last year's frames beside this year's; knows nothing where there is no last year."""

    def __init__(self, batch: Batch) -> None:
        before: Frames | None = None if batch.previous is None else batch.previous.frames
        self._now = [_Project(*values) for values in rows(batch.frames.projects, *_PROJECT)]
        self._before = [] if before is None else [_Project(*values) for values in rows(before.projects, *_PROJECT)]
        self._targets_now = _targets(batch.frames)
        self._targets_before = {} if before is None else _targets(before)

    @property
    def strangers(self) -> tuple[str, str] | None:
        """A unit of last year and one of this year, where none is in both."""
        before, now = ({name_key(one.unit): one.unit for one in some if one.unit} for some in (self._before, self._now))
        if not before or not now or before.keys() & now.keys():
            return None
        return next(iter(before.values())), next(iter(now.values()))

    def renamed(self, name: str, unit: str) -> str:
        """The project of this year that one of last year may have become: by its code, else by its name."""
        known = {name_key(one.name) for one in self._before}
        fresh = [one for one in self._now if name_key(one.name) not in known and _same_unit(one.unit, unit)]
        codes = {one.code for one in self._before if one.code and name_key(one.name) == name_key(name)}
        if by_code := next((one.name for one in fresh if one.code in codes), ""):
            return by_code
        keys = {name_key(one.name): one.name for one in fresh}
        return next(map(keys.__getitem__, difflib.get_close_matches(name_key(name), list(keys), 1, _ALIKE)), "")

    def lowered(self, name: str, unit: str, indicators: str) -> str:
        """How the target of an indicator that a text names was made easier since last year; empty if none was."""
        before = self._of(self._before, self._targets_before, name, unit)
        now = self._of(self._now, self._targets_now, name, unit)
        for indicator, old in before.items():
            new = now.get(indicator)
            if new is None or indicator not in name_key(indicators) or old.unit != new.unit:
                continue
            easier = {"positive": less(new.value, old.value), "negative": more(new.value, old.value)}
            if easier.get(old.direction):
                return f"目标由“{old.text}”改为“{new.text}”"
        return ""

    @staticmethod
    def _of(
        projects: list[_Project], targets: dict[str, dict[str, _Target]], name: str, unit: str
    ) -> dict[str, _Target]:
        same = (one for one in projects if name_key(one.name) == name_key(name) and _same_unit(one.unit, unit))
        return next((targets.get(one.project_id, {}) for one in same), {})


def _same_unit(one: str, other: str) -> bool:
    """Whether two units may be one; a ledger of one unit alone does not name it."""
    return not one or not other or name_key(one) == name_key(other)


def _targets(frames: Frames) -> dict[str, dict[str, _Target]]:
    found: dict[str, dict[str, _Target]] = defaultdict(dict)
    for project_id, indicator, *target in rows(frames.indicators, *_TARGET):
        if indicator:
            found[project_id].setdefault(name_key(indicator), _Target(*target))
    return found
