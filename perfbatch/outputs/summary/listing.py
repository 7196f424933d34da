"""A list sheet: title, remarks, one heading row, one row an item, sums at the foot; prints as A4 pages."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from perfbatch.followup.batch import Batch
from perfbatch.model import column_letters
from perfbatch.outputs.cells import Column, Formula, Kind, Value
from perfbatch.outputs.paper import Page, Paper
from perfbatch.outputs.wording import place
from perfbatch.totals.lines import most_serious


class Row(NamedTuple):
    """What a field sees: the item, its number from 1, and where its row lies in the sheet."""

    item: Any
    at: int
    row: int  # 0-based
    letters: Mapping[str, str]

    def cell(self, title: str) -> str:
        """A1 reference of the cell under the heading `title` in this row."""
        return f"{self.letters[title]}{self.row + 1}"


class Field(NamedTuple):
    """A `Column`, how its cells are filled, and what the line of sums says of it: the sum, else another value."""

    title: str
    value: Callable[[Row], Value]
    kind: Kind
    narrowest: float = 6
    widest: float = 30
    total: Decimal | int | None = None
    foot: Callable[[Row], Value] | None = None


def place_field(
    batch: Batch,
    narrowest: float,
    widest: float = 30,
    *,
    of: Callable[[Any], Any] = lambda item: item,
    told: Callable[[Batch, str, str, str], Value] = place,
) -> Field:
    """单元格: what has a file, a sheet and a cell (the item, or `of` it) leads to the annotated copy."""

    def value(row: Row) -> Value:
        where = of(row.item)
        return told(batch, where.file, where.sheet, where.cell)

    return Field("单元格", value, "code", narrowest, widest)


_NUMBER = Field("序号", lambda r: r.at, "seq", 5)


class Rest(NamedTuple):
    """What is said of a list that is too long for a sheet: what it counts, the file that holds all of it, how many
    there are where the items are not all of them, and which items go first (`rank`, in words `order`)."""

    what: str
    file: str
    whole: int = 0
    rank: Callable[[Any], Any] = lambda item: 0
    order: str = "排在前面的"

    def of(self, items: Sequence[Any]) -> tuple[Sequence[Any], list[str]]:
        """The items to list, and the remark about the others, if there are any."""
        shown = most_serious(items, self.rank)
        whole = max(len(items), self.whole)
        if len(shown) == whole:
            return shown, []
        return shown, [f"共{whole}{self.what}，本表列出{self.order}{len(shown)}{self.what}，全部见 {self.file}。"]


class Listed(NamedTuple):
    """A list that was written: its sheet, its headings, the rows (0-based) of its first and last item."""

    page: Page
    titles: Sequence[str]
    first: int
    last: int

    def highlight_unequal(self, title: str) -> None:
        """Mark the figures below `title` that are not zero, by a fill that also shows when printed in grey."""
        column, look = self.titles.index(title), self.page.paper.look(bold=True, bg_color="#D9D9D9")
        for criteria in (">", "<"):
            rule = {"type": "cell", "criteria": criteria, "value": 0, "format": look}
            self.page.sheet.conditional_format(self.first, column, self.last, column, rule)

    def hide_last(self) -> None:
        """Hide the last column, which holds keys, and leave it out of print."""
        last = len(self.titles) - 1
        self.page.sheet.set_column(last, last, None, None, {"hidden": True})
        self.page.printed(self.last, last)


def write_list(
    paper: Paper,
    name: str,
    title: str,
    fields: Sequence[Field],
    items: Sequence[Any],
    *,
    notes: Sequence[str] = (),
    frozen: int = 2,
    numbered: bool = True,
    summed: bool = False,
    rest: Rest | None = None,
) -> Listed:
    """Write one landscape sheet, `numbered` with 序号 in front; without items a row says 无.

    A list that may be too long for a sheet says where the `rest` is; a list that was cut has no line of sums.
    """
    page = paper.page(name, landscape=True)
    if rest is not None:
        items, cut = rest.of(items)
        notes, summed = [*notes, *cut], summed and not cut
    fields = [*([_NUMBER] if numbered else []), *fields]
    columns = [Column(some.title, some.kind, some.narrowest, some.widest) for some in fields]
    header, last = 1 + len(notes), 1 + len(notes) + len(items)
    letters = {column.title: column_letters(at) for at, column in enumerate(columns, start=1)}
    values = [some.value for some in fields]
    made = (Row(item, at, header + at, letters) for at, item in enumerate(items, start=1))
    lines = ([value(row) for value in values] for row in made)
    after = page.listed(f"{paper.whose}{title}", notes, columns, lines, frozen=frozen)
    if summed and items:
        _write_foot(page, fields, letters, header + 1, last)
        page.printed(after, len(columns))
    return Listed(page, [some.title for some in fields], header + 1, max(last, header + 1))


def _write_foot(page: Page, fields: Sequence[Field], letters: Mapping[str, str], first: int, last: int) -> None:
    row = Row(None, 0, last + 1, letters)
    for at, some in enumerate(fields):
        look = page.paper.body(some.kind, bold=True, font_name="黑体", top=2)
        letter = row.letters[some.title]
        value: Value = "合计" if at == 1 else ""
        if some.total is not None:
            value = Formula(f"=SUM({letter}{first + 1}:{letter}{last + 1})", some.total)
        elif some.foot is not None:
            value = some.foot(row)
        page.value(row.row, at, value, look)


def difference(minuend: str, subtrahend: str, figure: Callable[[Row], Decimal | None]) -> Callable[[Row], Value]:
    """Fills a column with the live difference of two others of the row; blank where `figure` is not known."""

    def value(row: Row) -> Value:
        known = figure(row)
        return None if known is None else Formula(f"={row.cell(minuend)}-{row.cell(subtrahend)}", known)

    return value
