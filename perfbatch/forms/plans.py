"""What stands where on forms of one drawing: worked out once, applied to every form that looks the same.

The sheets of an export carry the same labels in the same places and differ in their values and in the number of
indicators. A plan holds the addresses that the head and the fund blocks of one such form were read from; it is used
again for a form whose cells outside the indicator table look alike: the same labels, and values of the same look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from perfbatch.forms.blocks import Blocks
from perfbatch.forms.form import Form, Line
from perfbatch.forms.kinds import is_title as names_kind
from perfbatch.forms.sheet import Sheet, meanings_of
from perfbatch.forms.titles import is_title, names_year, unit_in_label
from perfbatch.forms.vocabulary import Vocabulary, names_source, stated, stated_amount
from perfbatch.model import Cell
from perfbatch.notation import is_nil, read_points

_MOST_KEPT = 400
_LONG = 60  # a text of this many characters ends a block
_BELOW = 100_000  # rows below the table are counted from here
_GRADES = frozenset("优良中差")
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
class Plans:
    """The plans met so far under one vocabulary."""

    kept: dict[Any, Plan | None] = field(default_factory=dict)

    def get(self, key: Any) -> Plan | None:
        """The plan for a look, if there is one."""
        return self.kept.get(key)

    def put(self, key: Any, plan: Plan | None) -> None:
        """Keep a plan; the oldest ones go when there are very many looks."""
        if len(self.kept) >= _MOST_KEPT:
            self.kept.clear()
        self.kept[key] = plan


@cache
def plans(_vocabulary: Vocabulary) -> Plans:
    """The plans made under a vocabulary (it is compared by identity)."""
    return Plans()


class _Looks(dict[str, Any]):
    """Look of each text: itself where the vocabulary knows it, else what kind of text it is."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, text: str) -> Any:
        if len(self) > 50_000:
            self.clear()
        look = self[text] = _look(self._vocabulary, text)
        return look


@cache
def _looks(vocabulary: Vocabulary) -> _Looks:
    return _Looks(vocabulary)


def _look(vocabulary: Vocabulary, text: str) -> Any:
    fields = meanings_of(vocabulary)[text]
    if "stated" in fields:
        if amount := stated_amount(vocabulary, text):
            return ("amount", amount.label, amount.field)
        return ("stated", tuple(name for name, _ in stated(vocabulary, text)), "元" in text and text)
    if fields or names_source(vocabulary, text) or text in _GRADES:
        return text
    if is_nil(text):
        return "nil"
    if read_points(text) is not None or text.lstrip("¥￥- ")[:1].isdigit():
        return ("year", text) if names_year(text) else "figure"
    if "元" in text and ("单位" in text or unit_in_label(text)):
        return text
    titled = len(text) <= _LONG and (is_title(vocabulary, text) or names_kind(vocabulary, text))
    noted = text[:8] if text.lstrip().startswith(("注", "说明", "备注", "填", "附")) else ""
    return (titled, len(text) >= _LONG, "\n" in text, len(text) <= 20 and names_year(text), noted)


def look_of(sheet: Sheet, blocks: Blocks) -> Any | None:
    """What a form looks like outside its indicator table; None for forms of several tables, which get no plan."""
    if len(blocks.tables) != 1 or blocks.score_bands or not sheet.is_plain:
        return None
    (table,), (band,) = blocks.tables, blocks.indicator_bands
    top, bottom, first, last = blocks.top, blocks.bottom, band.bottom, table.bottom
    areas, looks = sheet.geometry.areas, _looks(sheet.vocabulary)
    left, right = table.left, table.right
    parts = []
    for (row, column), cell in sheet.grid.cells.items():
        if row < top or row > bottom or not cell[2]:
            continue
        if first < row <= last:
            if left <= column <= right:
                continue
            return None  # something stands beside the indicators
        area = areas.get((row, column))
        span = (
            (0, 0)
            if area is None
            else (area.right - area.left, min(area.bottom, first) - row if row <= first else area.bottom - row)
        )
        parts.append((row - top if row <= first else row - last + _BELOW, column, span, looks[cell[2]]))
    name = unit_in_label(f"({sheet.grid.sheet})") or unit_in_label(sheet.grid.sheet)
    return (tuple(parts), sheet.last_column, name, blocks.total_row is None, tuple(band.columns.items()))


def plan_of(sheet: Sheet, blocks: Blocks, form: Form) -> Plan | None:
    """The plan of a form that was read; None where a value is made of its text in another way."""
    try:
        places = _Places(sheet, blocks)
        return Plan(
            {name: places.of(cell) for name, cell in form.head.items()},
            [(places.row(line.row), {name: places.of(c) for name, c in line.cells.items()}) for line in form.funds],
            [places.of(cell) for cell in form.taken],
            [places.of(cell) for cell in form.unlabelled],
            form.money_unit,
            form.rate_base,
        )
    except LookupError:
        return None


class _Places:
    """Addresses of a form, relative to its top and to the end of its table."""

    def __init__(self, sheet: Sheet, blocks: Blocks) -> None:
        self.sheet, self.top = sheet, blocks.top
        self.first, self.last = blocks.indicator_bands[0].bottom, blocks.tables[0].bottom

    def row(self, row: int) -> int:
        if self.first < row <= self.last:
            raise LookupError(row)
        return row - self.top if row <= self.first else row - self.last + _BELOW

    def of(self, cell: Cell) -> Place:
        """How to find a cell again; LookupError where its text is made in a way that another form need not share."""
        row, column = self.row(cell.row), cell.column
        shown = self.sheet.at(cell.row, column)
        vocabulary = self.sheet.vocabulary
        if shown.text == cell.text and shown[:2] == cell[:2]:
            return ("at", row, column, "")
        if not cell.text:
            return ("blank", row, column, "")
        for name, value in stated(vocabulary, shown.text):
            if value == cell.text:
                return ("stated", row, column, name)
        amount = stated_amount(vocabulary, shown.text)
        if amount is not None and amount.figure == cell.text:
            return ("amount", row, column, "")
        if len(cell.text) <= 4 or (amount is not None and amount.label in cell.text):
            return ("as", row, column, cell.text)
        raise LookupError(cell.text)

    def cell(self, place: Place) -> Cell:
        """The cell at a place of this form."""
        how, row, column, text = place
        row = row + self.top if row < _BELOW - 10_000 else row - _BELOW + self.last
        if how == "at":
            return self.sheet.at(row, column)
        if how == "blank":
            return Cell(row, column, "", "empty")
        shown = self.sheet.at(row, column)
        if how == "as":
            return shown._replace(row=row, column=column, text=text)
        if how == "stated":
            return shown._replace(text=dict(reversed(stated(self.sheet.vocabulary, shown.text)))[text])
        amount = stated_amount(self.sheet.vocabulary, shown.text)
        return shown._replace(text=amount.figure if amount else "")

    def line(self, row: int) -> int:
        return row + self.top if row < _BELOW - 10_000 else row - _BELOW + self.last


def apply(plan: Plan, sheet: Sheet, blocks: Blocks, form: Form) -> None:
    """Fill head and funds of a form from the places of a plan."""
    places = _Places(sheet, blocks)
    cell = places.cell
    form.head = {name: cell(place) for name, place in plan.head.items()}
    name = sheet.grid.sheet
    form.funds = [
        Line(places.line(row), {field: cell(place) for field, place in cells.items()}, name)
        for row, cells in plan.funds
    ]
    if not plan.covered:
        form.taken = [cell(place) for place in plan.taken]
        form.unlabelled = [cell(place) for place in plan.unlabelled]
    form.money_unit, form.rate_base = plan.money_unit, plan.rate_base
    form.plan = plan
