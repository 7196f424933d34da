"""A form as recognised: fields with the cells they stand in, before any parsing.

Every field holds a `Cell`. A cell with empty text still tells where the value should stand; a field that the
form does not have at all is absent from the dict.
"""

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath

from perfbatch.model import Cell, Range
from perfbatch.notation import fold
from perfbatch.notation.figures import years_in_digits

_YEAR, _BARE_YEAR = re.compile(r"(20\d\d)\s*年"), re.compile(r"(20\d\d)")
_YEARS = re.compile(r"20\d\d\s*年?度?\s*(?:[-~–、]|—+|至)\s*20\d\d\s*年")
_MOST_DIGITS = 15  # a spreadsheet keeps no more digits of a number: a longer code typed as one is damaged
MONEY = ("initial", "adjusted", "arrived", "executed", "left_over")  # stages of the fund block


@dataclass(slots=True)
class Line:
    """One line of an indicator or fund block.

    Indicator fields: level1 level2 level3 sign target unit actual points score reason method completion
    verdict item_score weight_share review_score deduction evidence last_year initial_target target_basis.
    Fund fields: source initial adjusted arrived executed left_over rate points score reason.
    `shared` names the fields whose cell is merged over several lines (points given once for a group).
    """

    row: int
    cells: dict[str, Cell]
    sheet: str
    shared: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        """Verbatim text of a field, empty when the line has no such field."""
        cell = self.cells.get(name)
        return "" if cell is None else cell[2]


@dataclass(slots=True)
class Table:
    """An indicator table of a form: where it stands, and the headers that name no known field."""

    area: Range
    first: int  # row below its header
    columns: dict[str, tuple[int, int]]  # field → first and last column
    unknown: list[Cell] = field(default_factory=list)


Place = tuple[str, int, int, str]  # how a cell is found again: what to do, row, column, a constant text


@dataclass(slots=True)
class Plan:
    """Where head and funds of a form stand; rows count from the top of the form, or from the end of its table."""

    head: dict[str, Place]
    funds: list[tuple[int, dict[str, Place]]]
    taken: list[Place]
    unlabelled: list[Place]
    money_unit: str
    rate_base: str
    covered: bool = False  # nothing outside the table was left unread


@dataclass(slots=True)
class Form:
    """One self-evaluation form (or one project of a flat list).

    `head` fields: title project_name project_code department unit year category origin money_unit
    goal_expected goal_actual goal_completion total total_points grade execution_points conclusion problems measures
    reason_box footnotes status. `money_unit` is the word printed in a heading (万元, 元, 亿元) or empty.
    `has_points` is False for families without a points column.
    """

    file: str
    sheet: str
    layout: str
    anchor: str
    kind: str = "self"
    head: dict[str, Cell] = field(default_factory=dict)
    money_unit: str = ""
    rate_base: str = ""  # the budget marked (A) where the rate is headed (B/A): initial or adjusted
    money_conflict: str = ""  # two statements of the unit that differ
    units: dict[str, str] = field(default_factory=dict)  # of money columns whose own headers state different units
    mixed: bool = False  # the columns may be in different units, so that no rate is one of figures as written
    money_how: str = ""  # stated, decided, contradicted, setting, unknown; empty where no amount stands
    funds: list[Line] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    has_points: bool = True
    elsewhere: dict[str, str] = field(default_factory=dict)  # head fields that stand on another sheet
    columns: frozenset[str] = frozenset()  # fields of its indicator columns
    list_part: tuple[str, int] | None = None  # of a list: the sheet and the row of its header
    contradicted: dict[str, tuple[Cell, Cell]] = field(default_factory=dict)  # fields that rows of a list state twice
    tables: list[Table] = field(default_factory=list)
    unlabelled: list[Cell] = field(default_factory=list)  # cells of a fund block that no label names
    taken: list[Cell] = field(default_factory=list)  # further cells that were read (goals over several rows)
    plan: Plan | None = None  # the plan that its head and funds were read by, or that was made from it
    doubts: list[str] = field(default_factory=list)  # what stands on the form and could not be read, each a sentence

    def text(self, name: str) -> str:
        """Verbatim text of a head field, empty when the form has no such field."""
        cell = self.head.get(name)
        return "" if cell is None else cell[2]

    def ref(self, name: str) -> str:
        """A1 reference of a head field (``sheet!A1`` when it stands on another sheet), empty without such a field."""
        cell = self.head.get(name)
        if cell is None:
            return ""
        return f"{self.elsewhere[name]}!{cell.ref}" if name in self.elsewhere else cell.ref

    @property
    def id(self) -> str:
        """Identity within a run: the same file, sheet and place give the same id."""
        key = "\0".join((self.file, self.sheet, self.anchor))
        return "P" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def printed_year(self) -> int | None:
        """The year printed on the form itself (its year field, else its title)."""
        return year_in(self.text("year")) or year_in(self.text("title"))

    @property
    def year(self) -> int | None:
        """The year of the form: printed on it, else in the name of its sheet or file."""
        return self.printed_year or year_in(self.sheet) or year_in(PurePosixPath(self.file).stem)


@lru_cache(maxsize=4096)
def year_in(text: str) -> int | None:
    """The first year named in a text (``2023年度``) or standing alone in it, else None."""
    folded = years_in_digits(fold(text))
    if _YEARS.search(folded):
        return None  # 2023—2024年: of neither
    found = _YEAR.search(folded) or _BARE_YEAR.fullmatch(folded)
    return int(found[1]) if found else None


def is_damaged_code(cell: Cell | None) -> bool:
    """Whether a code was exported as a number and lost digits (1.30609E+17, or 18 digits ending in zeros)."""
    if cell is None:
        return False
    text = cell.text.strip()
    long = cell.stored == "number" and len(text) > _MOST_DIGITS and text.isdigit()
    return long or re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", text) is not None
