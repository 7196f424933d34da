"""The one record of a project: what a form or list says of it, each value with its cell and its reading.

A project is read once into these records. Checks of one form are functions of them, the frames are made from them
once (`perfbatch.forms.frames`). All are frozen; `cells` holds the printed cells by field. A cell with empty text
still tells where the value should stand; a field that the form does not have at all is absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from perfbatch.model import Cell
from perfbatch.notation import Money, Reading


@dataclass(frozen=True, slots=True)
class Printed:
    """Cells by field, and their texts and addresses."""

    cells: Mapping[str, Cell]

    def text(self, name: str) -> str:
        """Verbatim text of a field, empty when there is no such field."""
        cell = self.cells.get(name)
        return cell.text if cell is not None else ""

    def ref(self, name: str) -> str:
        """A1 reference of a field, empty without such a field."""
        cell = self.cells.get(name)
        return cell.ref if cell is not None else ""


@dataclass(frozen=True, slots=True)
class FundLine(Printed):
    """One line of the fund block. Money in 万元 (null where not read), `rate` a fraction of one.

    `raw` are the amounts as written, without any unit: a rate needs none.
    """

    sheet: str
    row: int
    role: str  # total, sub
    money: Mapping[str, Money]
    raw: Mapping[str, Decimal]
    rate: Decimal | None
    points: Decimal | None
    score: Decimal | None
    doubts: tuple[str, ...] = ()

    def amount(self, name: str) -> Decimal | None:
        """An amount in 万元, None where it was not read."""
        money = self.money.get(name)
        return money.value if money is not None else None


@dataclass(frozen=True, slots=True)
class Indicator(Printed):
    """One line of the indicator block with its readings.

    `role`: indicator, child, parent, placeholder, execution, process (see `perfbatch.schema`).
    """

    sheet: str
    row: int
    level1: str
    level2: str
    level3: str
    role: str
    parent_row: int | None
    core: bool
    group_points: bool
    points: Decimal | None
    score: Decimal | None
    numbers: Mapping[str, Decimal | None]  # the other figures of the line by field
    target: Reading
    actual: Reading


@dataclass(frozen=True, slots=True)
class Project(Printed):
    """One project: its head, its money, its indicators. `elsewhere` names the sheet of cells on a later sheet."""

    id: str
    file: str
    sheet: str
    anchor: str
    kind: str
    layout: str
    family: str  # the shipped one that the layout is, or is like
    traits: str  # of the layout, between blanks
    name: str
    code: str
    unit: str
    year: int | None
    title_year: int | None
    money_unit: str
    money_how: str
    rate_base: str
    total: Decimal | None
    total_points: Decimal | None
    goal_completion: Decimal | None
    execution_points: Decimal | None
    funds: tuple[FundLine, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def fund_total(self) -> FundLine | None:
        """The total line of the fund block; None where several lines stand without one."""
        return next((line for line in self.funds if line.role == "total"), None)

    def ref(self, name: str) -> str:
        """A1 reference of a head field (``sheet!A1`` when it stands on another sheet), empty without such a field."""
        cell = self.cells.get(name)
        if cell is None:
            return ""
        return f"{self.elsewhere[name]}!{cell.ref}" if name in self.elsewhere else cell.ref
