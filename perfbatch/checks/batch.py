"""What a check of the batch sees: every form and list row of every file, which of them are one project, which counts.

A check of the batch is a function of a `Batch` that yields hits on its entries, also on those that do not count (list
rows beside a form, forms that another one replaces)::

    @check("XP04", of="batch")
    def list_figures_differ(batch: Batch) -> Iterator[Hit]:
        for project in batch.projects:
            for row in project.listed:
                if project.form and row.total != project.form.total:
                    yield row.hit("total", …)

or on the forms that count, with their indicator rows as a check of one form sees them (`perfbatch.checks.form`)::

    @check("XP07", of="batch")
    def decimals_differ(batch: Batch) -> Iterator[Hit]:
        for form in batch.forms:
            if decimals(form.total_declared) > form["total_round"]:
                yield form.hit("cell_total", …)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from perfbatch.checks.context import Columns, Context, Hit, Skipped, Subject
from perfbatch.checks.form import Form, Row
from perfbatch.evidence.project import Evidence
from perfbatch.identity import units
from perfbatch.identity.entries import FORM, INDICATOR_LIST, PROJECT_LIST, Entries
from perfbatch.identity.names import name_key
from perfbatch.identity.projects import Identity, identify
from perfbatch.model import Frames
from perfbatch.notation.units import wan_power

MONEY = {"initial": "年初预算数", "adjusted": "全年预算数", "executed": "全年执行数"}
T = TypeVar("T")
# The columns that checks of the batch may read of forms that count. They alone are put together for thousands of
# workbooks (`perfbatch.runs.across`), and of these a check has in memory what it asks for.
ACROSS: Mapping[str, tuple[str, ...]] = {
    "projects": (
        "project_id", "project_code", "project_name", "unit", "ruleset", "family", "traits", "year", "file", "sheet",
        "cell", "budget_initial", "budget_adjusted", "executed", "total_declared", "total_score", "grade", "conclusion",
        "problems", "measures", "reason_box", "cell_total", "cell_executed", "cell_conclusion", "cell_measures",
    ),
    "funds": ("project_id",),
    "indicators": (
        "project_id", "sheet", "row", "role", "applicable", "group_points", "level1", "level2", "level3", "level1_text",
        "kind", "direction", "operator", "comparison", "target_text", "target_status", "target_value", "target_base",
        "target_base2", "actual_text", "actual_status", "actual_value", "actual_base", "unit", "unit_text",
        "actual_unit", "last_year", "points", "weight_share", "score_declared", "review_score", "reason", "evidence",
        "cell_level1", "cell_level3", "cell_target", "cell_reason", "cell_review_score",
    ),
}  # fmt: skip
# what is read for hits whose place is known already (`perfbatch.checks.relay`)
PLACES: Mapping[str, tuple[str, ...]] = {
    "projects": ("project_id", "project_name", "ruleset", "family", "file", "sheet", "cell"),
    "funds": ("project_id",),
    "indicators": ("project_id", "sheet", "row"),
}


class Cost(NamedTuple):
    """A cost indicator of a form: its target or actual in 万元, and its cell."""

    value: Decimal
    cell: str


def cost(level: str, value: Decimal | None, unit: str, cell: str) -> Cost | None:
    """A figure of an indicator (its level 2) as the amount it is, where it is a cost in money."""
    power = wan_power(unit) if value and "成本" in level else None
    return None if value is None or power is None else Cost(value.scaleb(power), cell)


class Entry(Subject):
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
    def project_name(self) -> str:
        """Its name, as a form calls it."""
        return self.name

    @property
    def called(self) -> str:
        """The project as messages call it."""
        return f"项目“{self.name}”" if self.name else "本表"

    def rule(self, key: str) -> Any:
        """The value of the ruleset in force for this entry; None where it is switched off."""
        return self._batch.rulesets[self.ruleset][key]

    def hit(self, field: str, message: str, *, seen: str = "", expected: str = "", severity: str = "") -> Hit:
        """A hit at the cell of a field (``total``), or of the entry where the form has no such cell."""
        cell = (getattr(self, f"cell_{field}", "") if field else "") or self.cell
        return Hit(self, cell, seen, expected, message, severity)


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


class _BatchRow(Row):
    def __init__(self, form: _BatchForm, columns: Columns, at: int) -> None:
        self.form, self._columns, self.at = form, columns, at

    def __getattr__(self, name: str) -> Any:
        return self._columns[name][self.at]


class _BatchForm(Form):
    def __init__(self, context: Context, at: int) -> None:
        self.context, self._columns, self.at = context, context.columns("projects"), at

    def __getattr__(self, name: str) -> Any:
        return self._columns[name][self.at]

    @property
    def rows(self) -> list[Row]:
        """Made anew each time: whoever keeps a form does not keep its lines. `funds` are not to be had in a batch."""
        columns, places = self.context.columns("indicators"), self.context.rows_of_projects
        return [_BatchRow(self, columns, at) for at in places[self.at]]


def by_project(named: Mapping[str, T]) -> Callable[[Form], T | None]:
    """Finds what is given for a form, in inputs that name a project by project_id, code or name."""
    known = {name_key(name): value for name, value in named.items()}

    def of(form: Form) -> T | None:
        names = (form.project_id, form.project_code, form.project_name) if known else ()
        return next((known[key] for name in names if name and (key := name_key(name)) in known), None)

    return of


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What only some runs have; None where a run does not. Keys are projects, by project_id, code or name."""

    previous: Frames | None = None  # last year's run
    report: str | None = None  # text of the self-evaluation report
    report_file: str = "自评报告"
    sample: Collection[str] | None = None  # projects drawn for the spot check
    drawn: Sequence[tuple[str, int, int, int]] = ()  # unit, projects, drawn, due by the ruleset
    review: Mapping[str, Mapping[str, Decimal | None]] | None = None  # → score
    evaluated: Mapping[str, Mapping[str, Any]] | None = None  # → score, source (部门评价, 财政评价: file and sheet)
    published: Mapping[str, Mapping[str, Decimal | None]] | None = None  # → score, executed (with the final accounts)
    evidence: Mapping[str, Collection[str]] | None = None  # → indicators for which a document is listed
    lacking: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # → indicator → the papers that it lacks
    papers: Evidence | None = None  # supporting documents, and the doubts they give
    task: Mapping[str, Any] | None = None  # end: ISO date; submitted: project → ISO date
    rectification: Mapping[str, Any] | None = None  # → entry of the rectification ledger
    costs: Mapping[str, Sequence[Cost]] = field(default_factory=dict)  # cost indicators of amounts that may be in 元
    # what was compared before the checks run (`perfbatch.cycle`): `of(code)` gives the changes of a check
    targets: Any = None
    monitoring: Any = None
    planned: Any = None
    overall: Any = None


class Batch:
    """All entries of a batch, the forms that count, and what only some runs have (`given`)."""

    def __init__(self, context: Context) -> None:
        self._context, self.rulesets, self.given_year = context, context.rulesets, context.batch_year
        self.given = Inputs(**context.extras)

    @cached_property
    def identity(self) -> Identity:
        """Which entries are one project; of the forms alone where a run has not brought them together."""
        if self._context.identity is not None:
            return self._context.identity
        found = Entries()
        found.add(self._context.frames.projects)
        return identify(found, units.resolve(found.file, found.unit, found.department, {}), year=self.given_year)

    @property
    def forms(self) -> Iterator[Form]:
        """The forms (and projects of lists) that count, each made anew: what a check keeps of them it keeps itself."""
        return (_BatchForm(self._context, at) for at in range(len(self._context.frames.projects)))

    @property
    def rows(self) -> Iterator[Row]:
        """The lines of the indicator blocks of these forms."""
        return (row for form in self.forms for row in form.rows)

    def values(self, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Some columns of these lines: a tenth of the time of `rows`, for what is counted over the whole batch."""
        return zip(*(self._context.column("indicators", name) for name in columns), strict=True)

    def row(self, at: int) -> Row:
        """The line at a place of `values`."""
        form = _BatchForm(self._context, self._context.owner[at])
        return _BatchRow(form, self._context.columns("indicators"), at)

    def find(self, project_id: str, sheet: str, row: int | None) -> Row | Form | None:
        """What a hit on a row of a sheet is about: its indicator, else its project, else no form."""
        places = zip(*(self._context.column("indicators", name) for name in PLACES["indicators"]), strict=True)
        rows = self._context.once("places", lambda: {place: at for at, place in enumerate(places)})
        if (at := rows.get((project_id, sheet, row))) is not None:
            return self.row(at)
        project = self._context.project_at.get(project_id)
        return None if project is None else _BatchForm(self._context, project)

    def rule(self, key: str) -> Any:
        """The value of a ruleset where one must hold for the whole batch: that of its first form."""
        return next((form[key] for form in self.forms), None)

    def needed(self, given: T | None, what: str) -> T:
        """Something of `given`, or `Skipped` with a reason that names it in Chinese."""
        if given is None or given == "":
            raise Skipped(f"没有提供{what}，本项未检查")
        return given

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
        groups, entries = {group[0]: sorted(group) for group in self.identity.groups()}, self.entries
        counted = (entry for entry in entries if entry.counted)
        return [Project(entry, [entries[at] for at in groups.get(entry.at, [entry.at])]) for entry in counted]


__all__ = ["FORM", "INDICATOR_LIST", "MONEY", "PROJECT_LIST", "Batch", "Cost", "Entry", "Inputs", "Project"]
