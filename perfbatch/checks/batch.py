"""What a check of the batch sees: every form and list row of every file, which of them are one project, which counts.

A check of the batch is a function of a `Batch` that yields hits on its entries, also on those that do not count (list
rows beside a form, forms that another one replaces)::

    @check("XP04", of="batch")
    def list_figures_differ(batch: Batch) -> Iterator[Hit]:
        for project in batch.projects:
            for row in project.listed:
                if project.form and row.total != project.form.total:
                    yield row.hit("total", …)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from perfbatch.checks.context import Hit
from perfbatch.identity.entries import FORM, INDICATOR_LIST, PROJECT_LIST, Entries
from perfbatch.identity.projects import Identity
from perfbatch.model import Frames
from perfbatch.notation.units import wan_power

MONEY = {"initial": "年初预算数", "adjusted": "全年预算数", "executed": "全年执行数"}


class Cost(NamedTuple):
    """A cost indicator of a form: its target or actual in 万元, and its cell."""

    value: Decimal
    cell: str


def cost(level: str, value: Decimal | None, unit: str, cell: str) -> Cost | None:
    """A figure of an indicator (its level 2) as the amount it is, where it is a cost in money."""
    power = wan_power(unit) if value and "成本" in level else None
    return None if value is None or power is None else Cost(value.scaleb(power), cell)


class Entry:
    """One form or list row. Its columns (`perfbatch.identity.entries.Entries`) are attributes; money is in 万元."""

    __slots__ = ("_batch", "at")

    project_id: str
    file: str
    sheet: str
    cell: str
    family: str
    traits: str
    code: str
    name: str
    unit: str  # as written; `unit_name` is the one name of the unit
    department: str
    year: int | None  # as stated; `judged_year` is that of the batch where none is
    initial: Decimal | None
    adjusted: Decimal | None
    executed: Decimal | None
    total: Decimal | None
    grade: str
    kind: int

    def __init__(self, batch: Batch, at: int) -> None:
        self._batch, self.at = batch, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch.identity.entries, name)[self.at]

    @property
    def is_form(self) -> bool:
        """Whether this is a form and no list row."""
        return self.kind == FORM

    @property
    def counted(self) -> bool:
        """Whether its project counts by this entry."""
        return self._batch.identity.counts(self.at)

    @property
    def blank(self) -> bool:
        """Whether nobody has filled it in: no project at all."""
        return self.at in self._batch.identity.blank

    @property
    def unit_number(self) -> int:
        """Number of the unit, 0 where none is known; equal for all its spellings."""
        return self._batch.identity.units.of[self.at]

    @property
    def unit_name(self) -> str:
        """The one name of the unit, empty where none is stated."""
        return self._batch.identity.unit(self.at)

    @property
    def judged_year(self) -> int | None:
        """Its year, or that of the batch."""
        return self._batch.identity.years[self.at]

    @property
    def later_by(self) -> str:
        """By what another form of its project is known to be the later one; empty where it counts or nothing tells."""
        return self._batch.identity.how.get(self.at, "")

    @property
    def place(self) -> str:
        """File, sheet and cell, for a sentence."""
        return self._batch.identity.entries.place(self.at)

    @property
    def called(self) -> str:
        """The project as messages call it."""
        return f"项目“{self.name}”" if self.name else "本表"

    def rule(self, key: str) -> Any:
        """The value of the ruleset in force for this entry; None where it is switched off."""
        value = self._batch.parameters.get(self.ruleset, {}).get(key)
        return None if value == "off" else value

    def hit(
        self, field: str, message: str, *, seen: str = "", expected: str = "", severity: str = "", basis: str = ""
    ) -> Hit:
        """A hit at the cell of a field (``total``), or of the entry where the form has no such cell."""
        cell = (getattr(self, f"cell_{field}", "") if field else "") or self.cell
        return Hit("entries", self.at, cell, seen, expected, message, severity, basis=basis)


@dataclass(frozen=True, slots=True)
class Project:
    """The entries of one project, in the order of the input; `counted` is the one by which it counts."""

    counted: Entry
    entries: Sequence[Entry]

    @property
    def form(self) -> Entry | None:
        """The form that counts, None where the project is only in lists."""
        return self.counted if self.counted.is_form else None

    @property
    def listed(self) -> list[Entry]:
        """Its rows in lists."""
        return [entry for entry in self.entries if not entry.is_form]

    def of_kind(self, kind: int) -> list[Entry]:
        """Its forms, its rows in project lists or in indicator lists."""
        return [entry for entry in self.entries if entry.kind == kind]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two entries of which it is not certain whether they are one project (`perfbatch.identity.projects.Doubt`)."""

    kind: str
    entry: Entry
    other: Entry
    one: bool


class Batch:
    """All entries of a batch. `parameters` maps a ruleset name to its values; `given_year` is that of the settings.

    `costs` are the cost indicators of projects, at least of those with an amount that may be in another unit;
    `previous` are last year's frames.
    """

    def __init__(
        self,
        identity: Identity,
        parameters: Mapping[str, Mapping[str, Any]],
        *,
        given_year: int | None = None,
        costs: Mapping[str, Sequence[Cost]] | None = None,
        previous: Frames | None = None,
    ) -> None:
        self.identity, self.parameters, self.given_year = identity, parameters, given_year
        self.costs, self.previous = costs or {}, previous

    @property
    def year(self) -> int | None:
        """The year of the batch, None where no year has the greater part."""
        return self.identity.year

    @cached_property
    def entries(self) -> list[Entry]:
        """Every form and list row, in the order of the input."""
        return [Entry(self, at) for at in range(len(self.identity.entries))]

    @cached_property
    def projects(self) -> list[Project]:
        """Every project with its entries, in the order of the entries that count; blank forms are none."""
        groups = {group[0]: sorted(group) for group in self.identity.groups()}
        entries = self.entries
        return [
            Project(entry, [entries[at] for at in groups.get(entry.at, [entry.at])])
            for entry in entries
            if entry.counted
        ]

    @property
    def doubts(self) -> list[Doubt]:
        """Pairs of entries of which it was decided, without being certain, whether they are one project."""
        entries = self.entries
        return [Doubt(d.kind, entries[d.at], entries[d.other], d.one) for d in self.identity.doubts]


__all__ = ["FORM", "INDICATOR_LIST", "MONEY", "PROJECT_LIST", "Batch", "Cost", "Doubt", "Entries", "Entry", "Project"]
