"""What a check reads and what it yields: the scored frames as arrays, and hits.

Everything per row is an array of the length of its frame; everything per project or per group is computed
once and cached, so that a hundred checks over a hundred thousand rows cost a few passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from perfbatch.decimals import half_up, plain
from perfbatch.identity.projects import Identity
from perfbatch.model import Frames, ReadingNote, SheetReading
from perfbatch.notation import is_nil

Table = Literal["projects", "funds", "indicators"]
Place = Literal["projects", "funds", "indicators", "book", "entries"]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]
Says = Callable[[Any], str] | str
T = TypeVar("T")
NO_VALUE = ("error_cell", "formula_without_value", "unreadable_cell")  # codes of notes of intake
EPSILON = 1e-9  # slack for comparing exact decimals as floats; far below any tolerance of a ruleset


class Hit(NamedTuple):
    """One failing row, not yet a finding: the register adds code, project, file, title, hint and basis.

    `table` is ``book`` for something about the workbook or a sheet without a form; then `file`, `sheet` and
    `cell` say where, and `row` is -1. It is ``entries`` for a form or list row of the batch (`perfbatch.checks.batch`).
    """

    table: Place
    row: int  # position in the frame
    cell: str
    seen: str
    expected: str
    message: str
    severity: str = ""  # only where it differs from the check's own
    sheet: str = ""  # only where it differs from the row's own
    basis: str = ""  # only where the ruleset gives a narrower one
    file: str = ""  # only for table "book"
    explained: str = ""  # the reason that the form gives for its row, where it says something


class Skipped(Exception):
    """Raised by a check whose input is absent; the text (Chinese) goes to 读取情况."""


class Numbers:
    """Float views of decimal columns (NaN where null), made once per frame and column."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._cache: dict[str, Floats] = {}

    def __getitem__(self, column: str) -> Floats:
        if column not in self._cache:
            values = self._frame[column].to_numpy(dtype=object)
            known = np.asarray(pd.notna(values), dtype=bool)
            floats = np.full(len(values), np.nan)
            floats[known] = values[known].astype(float)
            self._cache[column] = floats
        return self._cache[column]


class Groups:
    """Rows of one frame sorted into groups: `codes` gives the group of each row, `count` their number."""

    def __init__(self, codes: Positions, count: int) -> None:
        self.codes = codes
        self.count = count

    def sum(self, values: Floats, where: Mask | None = None) -> Floats:
        """Sum per group over the rows of `where`; null counts as nothing."""
        usable = ~np.isnan(values) if where is None else where & ~np.isnan(values)
        sums = np.bincount(self.codes[usable], weights=values[usable], minlength=self.count)
        return sums.astype(np.float64)

    def size(self, where: Mask) -> Positions:
        """Number of rows of `where` per group."""
        return np.bincount(self.codes[where], minlength=self.count)

    def any(self, where: Mask) -> Mask:
        """Groups with at least one row of `where`."""
        return self.size(where) > 0

    def first(self, where: Mask) -> Positions:
        """Position of the first row of `where` in each group, -1 where there is none."""
        rows = np.flatnonzero(where)
        groups, at = np.unique(self.codes[rows], return_index=True)
        found = np.full(self.count, -1, dtype=np.int64)
        found[groups] = rows[at]
        return found

    def firsts(self, where: Mask) -> Mask:
        """`where`, but only the first such row of each group."""
        found = self.first(where)
        kept = np.zeros(len(where), dtype=bool)
        kept[found[found >= 0]] = True
        return kept

    def spread(self, per_group: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A per-group array repeated for each row."""
        return per_group[self.codes]


class Row:
    """One row as a message sees it: a column (or a given array) as attribute, `at` its position.

    As an item (``{name}`` in a template) the same value is shown: figures plain, texts without outer blanks.
    """

    __slots__ = ("_column", "at")

    def __init__(self, column: Callable[[str], npt.NDArray[Any]], at: int) -> None:
        self._column = column
        self.at = at

    def __getattr__(self, name: str) -> Any:
        return self._column(name)[self.at]

    def __getitem__(self, name: str) -> str:
        value = self._column(name)[self.at]
        return value.strip() if isinstance(value, str) else number(value)


@dataclass
class Context:
    """What a check may read: the scored frames, the parameters in force, the notes of intake.

    `parameters` maps a ruleset name (column `projects.ruleset`) to its plain values (key → value), already
    overlaid with the user's own thresholds. All three frames have a plain RangeIndex. `extras` carries what
    only some runs have: ``file`` and ``sheets`` of the workbook, previous year, review results, report text.
    `identity` tells which entries of a batch are one project.
    `clauses` has the same keys as `parameters` and gives the source of each value as one Chinese phrase,
    `regions` the region whose rules the ruleset holds, `recalled` the keys whose source was not verified.
    """

    frames: Frames
    parameters: Mapping[str, Mapping[str, Any]]
    notes: tuple[ReadingNote, ...] = ()
    batch_year: int | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    clauses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    recalled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    identity: Identity | None = None

    def __post_init__(self) -> None:
        self._cache: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """The value of `make`, made on the first call for `key` and kept."""
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]  # type: ignore[no-any-return]

    @property
    def projects(self) -> pd.DataFrame:
        """One row a form."""
        return self.frames.projects

    @property
    def funds(self) -> pd.DataFrame:
        """One row a line of a fund block."""
        return self.frames.funds

    @property
    def indicators(self) -> pd.DataFrame:
        """One row a line of an indicator block."""
        return self.frames.indicators

    @property
    def file(self) -> str:
        """The workbook in hand; empty in a batch run."""
        return str(self.extras.get("file", ""))

    @property
    def sheets(self) -> tuple[SheetReading, ...]:
        """What became of each sheet of the workbook in hand."""
        return tuple(self.extras.get("sheets", ()))

    @cached_property
    def p(self) -> Numbers:
        """Numeric views of `projects`."""
        return Numbers(self.projects)

    @cached_property
    def i(self) -> Numbers:
        """Numeric views of `indicators`."""
        return Numbers(self.indicators)

    @cached_property
    def project_row(self) -> dict[str, int]:
        """Position of each project_id in `projects`."""
        return {pid: at for at, pid in enumerate(self.projects["project_id"])}

    def owner(self, table: Table) -> Positions:
        """For each row of `table` the position of its project in `projects`."""
        return self.once(("owner", table), lambda: self._owner(table))

    def _owner(self, table: Table) -> Positions:
        if table == "projects":
            return np.arange(len(self.projects), dtype=np.int64)
        codes, ids = self.distinct(table, "project_id")
        return np.array([self.project_row[pid] for pid in ids], dtype=np.int64)[codes]

    def by_project(self, table: Table) -> Groups:
        """The rows of `table` grouped by their project; group numbers are positions in `projects`."""
        return self.once(("by", table), lambda: Groups(self.owner(table), len(self.projects)))

    def parameter(self, table: Table, key: str) -> npt.NDArray[Any]:
        """The ruleset value `key` for each row of `table` (rows of one frame may have different rulesets)."""
        return self.once(("parameter", table, key), lambda: self._parameter(table, key))

    def _parameter(self, table: Table, key: str) -> npt.NDArray[Any]:
        codes, names = self.distinct("projects", "ruleset")
        values = np.empty(len(names), dtype=object)
        for at, name in enumerate(names):
            values[at] = self.parameters[name].get(key)
        return values[codes[self.owner(table)]]

    def threshold(self, table: Table, key: str) -> Floats:
        """Like `parameter`, as floats; ``off``/None becomes NaN, so that every comparison is false."""
        return self.once(("threshold", table, key), lambda: self._threshold(table, key))

    def _threshold(self, table: Table, key: str) -> Floats:
        codes, names = self.distinct("projects", "ruleset")
        return _floats([self.parameters[name].get(key) for name in names])[codes[self.owner(table)]]

    def chosen(self, table: Table, key: str, *values: Any) -> Mask:
        """Where the ruleset value `key` is one of `values`."""
        codes, names = self.distinct("projects", "ruleset")
        has = np.array([self.parameters[name].get(key) in values for name in names], dtype=bool)
        return has[codes][self.owner(table)]

    def setting(self, key: str) -> Any:
        """The value of `key` where one value must hold for the whole frame: that of the first project."""
        values = self.parameter("projects", key)
        return values[0] if len(values) else None

    def spread(self, table: Table, per_project: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A per-project array repeated for each row of `table`."""
        return per_project[self.owner(table)]

    def text(self, table: Table, column: str) -> npt.NDArray[Any]:
        """A text column as an object array."""
        return self.once(("text", table, column), lambda: getattr(self.frames, table)[column].to_numpy(dtype=object))

    def distinct(self, table: Table, column: str) -> tuple[Positions, npt.NDArray[Any]]:
        """For each row the position of its text among the distinct texts of the column, and those texts."""

        def make() -> tuple[Positions, npt.NDArray[Any]]:
            codes, found = pd.factorize(self.text(table, column), use_na_sentinel=False)
            return codes.astype(np.int64), np.asarray(found, dtype=object)

        return self.once(("distinct", table, column), make)

    def where(self, table: Table, column: str, test: Callable[[str], bool]) -> Mask:
        """Where `test` holds for the text of a column; asked once for each distinct text."""
        codes, found = self.distinct(table, column)
        return np.array([test(text) for text in found], dtype=bool)[codes]

    def isin(self, table: Table, column: str, *texts: str) -> Mask:
        """Where a text column has one of `texts`."""
        return self.where(table, column, set(texts).__contains__)

    def filled(self, table: Table, column: str) -> Mask:
        """Where a text column is not empty."""
        return self.once(("filled", table, column), lambda: self.text(table, column).astype(bool))

    def nil(self, table: Table, column: str) -> Mask:
        """Where a text column is empty or a nil word such as ``/``, ``—``, ``无``."""
        return self.once(("nil", table, column), lambda: self.where(table, column, is_nil))

    def role(self, *roles: str) -> Mask:
        """Indicator rows of one of `roles` (see `perfbatch.schema`)."""
        return self.once(("role", roles), lambda: self.isin("indicators", "role", *roles))

    def trait(self, table: Table, *traits: str) -> Mask:
        """Rows of forms whose layout has one of `traits` (`perfbatch/forms/families.toml`)."""
        of_project = self.where("projects", "traits", lambda told: not set(traits).isdisjoint(told.split()))
        return of_project if table == "projects" else self.spread(table, of_project)

    def hits(
        self,
        table: Table,
        bad: Mask,
        *,
        cell: str | tuple[str, ...],
        message: Says,
        seen: Says = "",
        expected: Says = "",
        severity: Says = "",
        basis: Says = "",
        **given: npt.NDArray[Any],
    ) -> Iterator[Hit]:
        """A `Hit` for each true position of `bad`.

        `cell` and a string `seen` name columns (of several cells the first that is not empty). The other
        texts are templates or callables of a `Row`; in both, the columns of `table` and the arrays `given`
        go by their names (``得分{score_declared}高于分值{points}。``).
        """

        def column(name: str) -> npt.NDArray[Any]:
            return given[name] if name in given else self.text(table, name)

        cells = (cell,) if isinstance(cell, str) else cell
        for position in np.flatnonzero(bad):
            row = Row(column, int(position))
            yield Hit(
                table=table,
                row=int(position),
                cell=next((found for name in cells if (found := getattr(row, name))), ""),
                seen=str(getattr(row, seen)) if isinstance(seen, str) and seen else _say(seen, row),
                expected=_say(expected, row),
                message=_say(message, row),
                severity=_say(severity, row),
                basis=_say(basis, row),
            )


def number(value: Decimal | float | None, places: int = 4) -> str:
    """A figure for a message: at most `places` decimals, no trailing zeros, empty when null."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is the null of float arrays
        return ""
    return plain(half_up(value if isinstance(value, Decimal) else Decimal(repr(float(value))), places))


def _say(what: Says, row: Row) -> str:
    if callable(what):
        return what(row)
    return what.format_map(row) if "{" in what else what


def _floats(values: Sequence[Any]) -> Floats:
    return np.array([np.nan if v is None or isinstance(v, str | bool) else float(v) for v in values], dtype=float)
