"""The values that travel between the rooms: cells, grids, findings, the result of one workbook.

All of them are plain data: picklable, comparable, without behaviour that reads or writes files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

Stored = Literal["text", "number", "percent", "date", "bool", "error", "empty", "ticked"]
Status = Literal["ok", "partial", "refused", "failed", "skipped"]  # contract of `files[].status` in run.json
BESIDE = "beside"  # reason code of a file that holds no project, and sheets of the budget cycle that were read
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of a sheet in Excel
PASSED_OVER = "passed_over"  # reason code of files of other kinds: in the record, but no forms that were handed in
FILE_BYTES, ARCHIVE_BYTES = 100 << 20, 1 << 30  # of one input; an archive holds some thousand exports of a county


class Severity(StrEnum):
    """How serious a finding is: must be corrected, a human decides, or for information."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def word(self) -> str:
        """What the clerk reads: 错误, 疑问, 提示."""
        return {"error": "错误", "warning": "疑问", "info": "提示"}[self.value]


def column_letters(column: int) -> str:
    """Letters of a 1-based column: 1 → A, 27 → AA."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=1 << 14)
def a1(row: int, column: int) -> str:
    """A1 reference of a 1-based row and column."""
    return f"{column_letters(column)}{row}"


def column_number(letters: str) -> int:
    """1-based number of column letters: A → 1, XFD → 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


_A1 = re.compile(r"([A-Z]{1,3})([1-9][0-9]*)")


def position(reference: str) -> tuple[int, int]:
    """1-based row and column of an A1 reference; (0, 0) for a whole sheet."""
    found = _A1.fullmatch(reference)
    return (int(found[2]), column_number(found[1])) if found else (0, 0)


class Cell(NamedTuple):
    """One cell as read.

    `text` is what the clerk sees, with all digits the number has and not only those of its format: at most 15
    significant ones and no exponent, percent-formatted numbers as ``86.19%``, dates as ``2023-12-31``; words, signs
    and scales of the format are in it (``≤30天``, ``16.81万元`` for 168100). `stored` says how the workbook holds it,
    so that a bare 0.96 and a 96 % cell stay apart. `format` is the number format code where the reader knows it, else
    empty. `raw` is the number (or text) that is stored, where `text` is not that; else empty.
    """

    row: int
    column: int
    text: str
    stored: Stored = "text"
    format: str = ""
    raw: str = ""

    @property
    def ref(self) -> str:
        """A1 reference."""
        return a1(self.row, self.column)


class Range(NamedTuple):
    """A merged area, 1-based and inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Grid:
    """One sheet: its non-empty cells by (row, column), both 1-based, its merged areas, the comments on its cells.

    `struck` are cells that are wholly struck through.
    """

    file: str
    sheet: str
    cells: dict[tuple[int, int], Cell]
    merges: tuple[Range, ...] = ()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    struck: frozenset[tuple[int, int]] = frozenset()


class ReadingNote(NamedTuple):
    """Something intake met that must not be silent: error cell, formula without a value, hidden sheet …

    `code` is one of the words listed in `perfbatch.intake`; `cell` may be empty when a whole sheet is meant.
    """

    code: str
    sheet: str
    cell: str
    text: str


@dataclass(slots=True)
class Book:
    """A workbook read into grids. `container` is the sniffed format (``xlsx``, ``xls``, ``ods``, ``html`` …)."""

    file: str
    container: str
    sha256: str
    grids: list[Grid]
    notes: list[ReadingNote] = field(default_factory=list)


OPEN, ACCEPTED = "open", "accepted"  # contract of `state` in findings.jsonl
BY_FORM, BY_APPROVAL, BY_PERSON, BY_SETTING = "form", "approval", "person", "setting"  # contract of `accepted_by`


class Finding(NamedTuple):
    """One defect at one cell; the fields and their order are the contract of `findings.jsonl`.

    `hint` is what can be done this year, `next_year` what only when targets are set again. A finding that needs no
    more attention has the `state` ``accepted`` with a `reason`, and `accepted_by`: the reason on the ``form`` itself,
    an ``approval`` that nobody changes this year, a ``person`` who answered on 问题清单, a ``setting``.
    """

    code: str
    severity: str
    file: str
    sheet: str
    cell: str
    project_id: str
    project: str
    seen: str
    expected: str
    message: str
    hint: str
    basis: str
    next_year: str = ""
    state: str = OPEN
    reason: str = ""
    accepted_by: str = ""

    @property
    def open(self) -> bool:
        """Whether somebody has to look at it."""
        return self.state == OPEN


class Change(NamedTuple):
    """A cell that somebody has mended in an annotated copy: what the form says, and what the copy."""

    sheet: str
    cell: str
    present: str
    right: str


class Mended(NamedTuple):
    """An annotated copy that is read in place of its form, and its changes in the order of the form.

    `grown`: rows, columns or sheets were put in or taken out, so that the changes cannot be listed by cell.
    """

    file: str
    copy: str
    changes: tuple[Change, ...]
    grown: bool


class Unread(NamedTuple):
    """Filled cells of a form or list that were not understood: the first, its header, how many.

    `nearest` is the known word that the header looks most like. `bears`: they stand among the money or the
    indicators and hold figures, so that something to be checked may be missing.
    """

    cell: str
    header: str
    text: str
    cells: int
    nearest: str
    bears: bool
    block: str = ""  # fund or indicator where they stand there, empty elsewhere


class ListSum(NamedTuple):
    """An amount in the last row 合计 of a list: its cell, field and text as written, and the unit of its column, empty
    where that is the unit of the list. `since` is the row of the 合计 before, or 0: it may sum up what follows that."""

    cell: str
    field: str
    text: str
    unit: str
    since: int


class SheetReading(NamedTuple):
    """What became of one sheet, or of one kind of table on it (读取情况, `perfbatch inspect`, run.json).

    `kind` is a word of the contract (``self``, ``project_list``, ``target`` …); empty only where nothing was looked at.
    """

    sheet: str
    layout: str
    projects: int
    indicators: int
    hidden: bool
    remark: str
    kind: str = ""
    told: bool = True  # False: nothing to be checked stands on it (blank, an example, instructions)
    unread: tuple[Unread, ...] = ()
    sums: tuple[ListSum, ...] = ()


class MoneyUnit(NamedTuple):
    """In which unit the money of a list, or of the forms of a workbook, is read, and how that is known.

    `unit` is 元, 万元 …, empty where nothing decides. `how`: ``stated`` on the sheet, ``decided`` on `evidence` (a
    Chinese sentence), ``setting`` of the user, ``unknown``. `against` is the unit that the figures prove where the
    setting says another. `cell` is where the unit stands, or the first amount without one.
    """

    unit: str
    how: str
    evidence: str
    sheet: str = ""
    cell: str = ""
    against: str = ""


class CheckOutcome(NamedTuple):
    """What became of one check, and of how many forms: found something, found nothing, could not look, not meant.

    `state` is ``found``, ``clear``, ``unchecked`` (with the reason), ``not_applicable``, ``off`` or ``errored``; of a
    whole run ``unchecked`` also where that holds for some forms only. `reasons` count forms that were not looked at.
    """

    code: str
    state: Literal["found", "clear", "unchecked", "not_applicable", "off", "errored"]
    findings: int
    reason: str
    found: int = 0
    clear: int = 0
    unchecked: int = 0
    not_applicable: int = 0
    reasons: tuple[tuple[str, int], ...] = ()


class Covered(NamedTuple):
    """Forms of which the same was read: the checks that could not look at them, and those that are not meant for
    them, each with the reason."""

    projects: tuple[str, ...]
    unchecked: tuple[tuple[str, str], ...]
    not_applicable: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Frames:
    """The three tables of `perfbatch.schema`, each with a plain RangeIndex."""

    projects: pd.DataFrame
    funds: pd.DataFrame
    indicators: pd.DataFrame


class Size(NamedTuple):
    """What a workbook holds: layout families in order, projects, scored indicators, all indicator rows.

    `units` are its units with their numbers of projects, `rulesets` the names in force, both in order; `traits` those
    of its layouts (`perfbatch.schema`).
    """

    layouts: tuple[str, ...] = ()
    projects: int = 0
    indicators: int = 0
    rows: int = 0
    units: tuple[tuple[str, int], ...] = ()
    rulesets: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()


def in_order(findings: Iterable[Finding], sheets: Iterable[tuple[str, str]]) -> list[Finding]:
    """Findings by file and sheet in the order of `sheets`, then by row, column and code, else as they were said."""
    files: dict[str, int] = {}
    places: dict[tuple[str, str], int] = {}
    for place in sheets:
        files.setdefault(place[0], len(files))
        places.setdefault(place, len(places))
    last = len(places)

    def key(finding: Finding) -> tuple[int | str, ...]:
        place = (finding.file, finding.sheet)
        where = (files.get(finding.file, last), places.get(place, last), *place, *position(finding.cell))
        return (*where, finding.code, finding.project_id)

    return sorted(findings, key=key)


@dataclass(slots=True)
class WorkbookResult:
    """Everything known about one input file.

    `frames` is None where nothing was read, and in the results of a batch, whose rows are in `Batch.frames`;
    `size` is None only where nothing was read. `beyond` says which figures are too large for Parquet. `remarks`
    explains questioned scores: (sheet, A1) → text for the comment; empty in the results of a batch.
    """

    file: str
    sha256: str
    status: Status
    reason: str = ""
    reason_code: str = ""
    traceback: str = ""
    container: str = ""
    frames: Frames | None = None
    findings: list[Finding] = field(default_factory=list)
    sheets: list[SheetReading] = field(default_factory=list)
    notes: list[ReadingNote] = field(default_factory=list)
    checks: list[CheckOutcome] = field(default_factory=list)
    covered: list[Covered] = field(default_factory=list)
    size: Size | None = None
    beyond: tuple[str, ...] = ()
    money: list[MoneyUnit] = field(default_factory=list)
    remarks: dict[tuple[str, str], str] = field(default_factory=dict)
    cycle: Any = None  # a frame: sheets beside the self-evaluation (`perfbatch.schema.CYCLE`), None without any

    def in_order(self, findings: Iterable[Finding]) -> list[Finding]:
        """Findings on this file in the order of its sheets."""
        return in_order(findings, [(self.file, sheet.sheet) for sheet in self.sheets])
