"""Results of reading a cell, and the draft they are built from."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

Kind = Literal["quantitative", "qualitative", "date", "nil"]
Status = Literal["ok", "assumed", "ambiguous", "multiple"]
Op = Literal["ge", "gt", "le", "lt", "eq", "range", "none"]

_WORDS = re.compile(r'"[^"]*"|[\\!].|\n.*', re.DOTALL)  # of a number format: quoted, escaped, on a line nobody sees
DAMAGE = "疑似识别或转换错误："  # opens the note of every OCR or conversion trigger


@dataclass(frozen=True, slots=True)
class Reading:
    """What one target or actual cell says (NOTATIONS.md section 0).

    `value`/`value2` are the figures as written; `unit` keeps its scale word (万元). A date has `date_from`/`date_to`
    (inclusive; `date_from` is None for "before …"). Status ``ambiguous`` never carries a value; ``multiple`` only where
    one part alone may be compared.
    """

    kind: Kind
    status: Status
    op: Op
    value: Decimal | None
    value2: Decimal | None
    unit: str
    date_from: date | None
    date_to: date | None
    applicable: bool
    raw: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Target and actual in one common unit, exact (NOTATIONS.md section 14)."""

    state: Literal["yes", "assumed", "dimension", "none"]
    target: Decimal | None = None
    target2: Decimal | None = None
    actual: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in 万元, exact, with the unit it was read in and where that unit stood."""

    value: Decimal | None
    unit: str
    unit_source: Literal["heading", "cell", "none"]
    status: Literal["ok", "assumed", "ambiguous", "nil"]
    note: str


class Around(NamedTuple):
    """What stands around a cell, empty where the form has none of it.

    `sign` and `unit` are the texts of their own cells, `name` and `level2` the labels of the row, `stored` and
    `number_format` those of the cell, `year` the form's, `points` and `remark` (the reason) the row's.
    """

    sign: str = ""
    unit: str = ""
    name: str = ""
    level2: str = ""
    stored: str = "text"
    year: int | None = None
    points: Decimal | None = None
    number_format: str = ""
    remark: str = ""

    @property
    def percent_stored(self) -> bool:
        """Whether the cell holds a fraction that is shown as a percentage."""
        shown = _WORDS.sub("", self.number_format)
        return self.stored == "percent" or (self.stored == "number" and "%" in shown)


@dataclass(slots=True)
class Draft:
    """A reading under construction: the readers fill it in and note every normalisation."""

    raw: str
    kind: Kind = "qualitative"
    status: Status = "ok"
    op: Op = "none"
    value: Decimal | None = None
    value2: Decimal | None = None
    unit: str = ""
    date_from: date | None = None
    date_to: date | None = None
    applicable: bool = True
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Record one normalisation."""
        if text and text not in self.notes:
            self.notes.append(text)

    def take(self, value: Decimal | None, notes: tuple[str, ...], assumed: tuple[str, ...]) -> None:
        """Take a figure with what was done to read it."""
        self.value = value
        for text in notes:
            self.note(text)
        for text in assumed:
            self.assume(text)

    def assume(self, text: str) -> None:
        """Record that a documented convention was needed."""
        if self.status == "ok":
            self.status = "assumed"
        self.note(text)

    def refuse(self, text: str, kind: Kind = "quantitative") -> Reading:
        """More than one reading is possible: no value, and the note says why."""
        self.kind, self.status, self.op = kind, "ambiguous", "none"
        self.value = self.value2 = self.date_from = self.date_to = None
        return self.done(text)

    def several(self, text: str, kind: Kind = "quantitative") -> Reading:
        """More than one figure: no value, and the note names them."""
        self.kind, self.status, self.op = kind, "multiple", "none"
        self.value = self.value2 = None
        return self.done(text)

    def nil(self, text: str = "") -> Reading:
        """The cell says nothing, or nothing that is a value."""
        self.kind, self.value, self.value2 = "nil", None, None
        return self.done(text)

    def words(self, text: str = "") -> Reading:
        """The cell is qualitative text."""
        self.kind, self.op, self.value, self.value2 = "qualitative", "none", None, None
        return self.done(text)

    def done(self, text: str = "") -> Reading:
        """The finished reading, `text` its last note."""
        self.note(text)
        return Reading(
            self.kind, self.status, self.op, self.value, self.value2, self.unit, self.date_from, self.date_to,
            self.applicable, self.raw, tuple(self.notes),
        )  # fmt: skip
