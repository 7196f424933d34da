"""What checks read and what they yield: the scored frames with all that is known beside them, and hits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

import pandas as pd

from perfbatch.decimals import half_up, plain
from perfbatch.identity.projects import Identity
from perfbatch.model import Frames, ReadingNote, SheetReading
from perfbatch.rulesets import Ruleset

Table = Literal["projects", "funds", "indicators"]
S = TypeVar("S")
T = TypeVar("T")
NO_VALUE = ("error_cell", "formula_without_value", "unreadable_cell")  # codes of notes of intake


class kept(Generic[S, T]):  # noqa: N801 - a decorator
    """A property worked out once: `functools.cached_property` without its lock, which costs more than most of them."""

    def __init__(self, make: Callable[[S], T]) -> None:
        self._make, self._name, self.__doc__ = make, make.__name__, make.__doc__

    def __get__(self, one: S, kind: type[S]) -> T:
        made = one.__dict__[self._name] = self._make(one)
        return made


class Subject:
    """What a hit can be about, its columns as attributes: a form, a line of one, or a form or list row of the batch."""

    __slots__ = ()
    at: int  # its position among its like

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    @property
    def head(self) -> "Subject":
        """What names the project: the form of a line, else itself."""
        return self


class Hit(NamedTuple):
    """One failing row, not yet a finding: the register adds code, project, file, title, hint and basis.

    `about` is None for something about the workbook or a sheet without a form; then `file`, `sheet` and `cell` say
    where.
    """

    about: Subject | None
    cell: str
    seen: str
    expected: str
    message: str
    severity: str = ""  # only where it differs from the check's own
    sheet: str = ""  # only where it differs from the row's own
    basis: str = ""  # only where the ruleset gives a narrower one
    file: str = ""  # only of what is about no form
    explained: str = ""  # the reason that the form gives for its row, where it says something


class Skipped(Exception):
    """Raised by a check whose input is absent; the text (Chinese) goes to 读取情况."""


class Columns(dict[str, list[Any]]):
    """The columns of a frame. In a batch nothing is in memory but those that were asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__()
        self._frame = frame

    def __missing__(self, name: str) -> list[Any]:
        self[name] = self._frame[name].to_numpy(dtype=object).tolist()
        return self[name]


@dataclass
class Context:
    """What a check may read: the scored frames, the rulesets in force, the notes of intake.

    `rulesets` are those in force by name (column `projects.ruleset`), with the user's own thresholds laid over them.
    `file` and `sheets` are the workbook in hand and what became of its sheets, empty in a batch run; `extras` what only
    some runs have, the fields of `perfbatch.checks.batch.Inputs`. `identity` tells which entries of a batch are one
    project.
    """

    frames: Frames
    rulesets: Mapping[str, Ruleset]
    notes: tuple[ReadingNote, ...] = ()
    batch_year: int | None = None
    file: str = ""
    sheets: tuple[SheetReading, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)
    identity: Identity | None = None

    def __post_init__(self) -> None:
        self._cache: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """The value of `make`, made on the first call for `key` and kept."""
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]  # type: ignore[no-any-return]

    def columns(self, table: Table) -> Columns:
        """The columns of a frame."""
        return self.once(("columns", table), lambda: Columns(getattr(self.frames, table)))

    def column(self, table: Table, name: str) -> list[Any]:
        """One column of a frame."""
        return self.columns(table)[name]

    @kept
    def owner(self) -> list[int]:
        """For each row of `indicators` the position of its project in `projects`."""
        return list(map(self.project_at.__getitem__, self.column("indicators", "project_id")))

    @kept
    def project_at(self) -> dict[str, int]:
        """The position of each project_id in `projects`."""
        return {pid: at for at, pid in enumerate(self.column("projects", "project_id"))}

    @kept
    def unread_places(self) -> set[tuple[str, str]]:
        """Sheets and cells without a value that could be read, as notes of intake say (ST10)."""
        return {(note.sheet, note.cell) for note in self.notes if note.code in NO_VALUE}

    @kept
    def rows_of_projects(self) -> list[list[int]]:
        """The positions of the rows of `indicators`, for each project."""
        found: list[list[int]] = [[] for _ in self.column("projects", "project_id")]
        for at, project in enumerate(self.owner):
            found[project].append(at)
        return found


def number(value: Decimal | float | None, places: int = 4) -> str:
    """A figure for a message: at most `places` decimals, no trailing zeros, empty when null."""
    if value is None:
        return ""
    return plain(half_up(value if isinstance(value, Decimal) else Decimal(repr(float(value))), places))
