"""The entries of a batch: one a form or list row, as columns."""

from dataclasses import dataclass, field, fields
from decimal import Decimal

import pandas as pd

from perfbatch import schema

FORM, PROJECT_LIST, INDICATOR_LIST = range(3)  # what an entry is; the first that a project has counts
_LISTS = {schema.PROJECT_LIST: PROJECT_LIST, schema.INDICATOR_LIST: INDICATOR_LIST}


@dataclass(slots=True)
class Entries:
    """Columns of equal length, in the order of the input. Money in 万元, `kind` one of FORM, PROJECT_LIST,
    INDICATOR_LIST."""

    project_id: list[str] = field(default_factory=list)
    file: list[str] = field(default_factory=list)
    sheet: list[str] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    family: list[str] = field(default_factory=list)
    traits: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    department: list[str] = field(default_factory=list)
    year: list[int | None] = field(default_factory=list)
    initial: list[Decimal | None] = field(default_factory=list)
    adjusted: list[Decimal | None] = field(default_factory=list)
    executed: list[Decimal | None] = field(default_factory=list)
    total: list[Decimal | None] = field(default_factory=list)
    grade: list[str] = field(default_factory=list)
    cell_year: list[str] = field(default_factory=list)
    cell_adjusted: list[str] = field(default_factory=list)
    cell_initial: list[str] = field(default_factory=list)
    cell_executed: list[str] = field(default_factory=list)
    cell_total: list[str] = field(default_factory=list)
    cell_grade: list[str] = field(default_factory=list)
    cell_unit: list[str] = field(default_factory=list)
    ruleset: list[str] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.project_id)

    def add(self, projects: pd.DataFrame) -> None:
        """Append the rows of a frame `projects` (its columns `COLUMNS`)."""
        for name, source in _SOURCES.items():
            getattr(self, name).extend(projects[source].tolist())
        for traits in projects["traits"].tolist():
            self.kind.append(next((kind for trait, kind in _LISTS.items() if trait in traits.split()), FORM))

    def place(self, at: int) -> str:
        """File, sheet and cell of an entry, for a sentence."""
        return f"{self.file[at]}“{self.sheet[at]}”{self.cell[at]}"

    def money(self, at: int) -> tuple[Decimal, ...]:
        """What is known of the money of an entry: initial and adjusted budget, executed."""
        return tuple(v for v in (self.initial[at], self.adjusted[at], self.executed[at]) if v is not None)

    def blank(self, at: int) -> bool:
        """Whether an entry names no project and has no figure: a form nobody has filled in."""
        named = self.name[at].strip() or self.code[at].strip()
        return not named and self.total[at] is None and not any(self.money(at))


_RENAMED = {
    "code": "project_code", "name": "project_name", "initial": "budget_initial", "adjusted": "budget_adjusted",
    "total": "total_declared", "grade": "grade_declared",
}  # fmt: skip
_SOURCES = {one.name: _RENAMED.get(one.name, one.name) for one in fields(Entries) if one.name != "kind"}
COLUMNS = tuple(_SOURCES.values())  # of the frame `projects`
