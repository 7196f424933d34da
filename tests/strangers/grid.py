"""A workbook as the person at the screen made it: cells, merged areas, comments, hidden columns; no file format yet.

Rows and columns are 1-based. A value is a text or an exact number; a number may have a number format. What a person may
do to a sheet without changing what it says (moving it, blank rows and columns, merging and taking merges apart) are
methods that give a new sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

Value = str | Decimal | int
At = tuple[int, int]


class Span(NamedTuple):
    """A value over several cells, merged."""

    value: Value | None
    across: int = 1
    down: int = 1


class Area(NamedTuple):
    """A merged area, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


Entry = Value | Span | None


@dataclass
class Sheet:
    """One sheet under the pen; `row` is the next row that `line` writes."""

    name: str
    cells: dict[At, Value] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    notes: dict[At, str] = field(default_factory=dict)
    formats: dict[At, str] = field(default_factory=dict)
    hidden_columns: set[int] = field(default_factory=set)
    row: int = 1

    def put(self, row: int, column: int, value: Value | None, across: int = 1, down: int = 1) -> None:
        """A value at a place, merged over `across` columns and `down` rows."""
        if value is not None and value != "":
            self.cells[row, column] = value
        if across > 1 or down > 1:
            self.merges.append(Area(row, column, row + down - 1, column + across - 1))

    def line(self, *entries: Entry, column: int = 1, down: int = 1) -> int:
        """One row of entries from `column` on; gives the row it stands in and goes `down` rows on."""
        for entry in entries:
            span = entry if isinstance(entry, Span) else Span(entry)
            self.put(self.row, column, span.value, span.across, span.down)
            column += span.across
        self.row += down
        return self.row - down

    def side(self, top: int, column: int, value: Value, across: int = 1) -> None:
        """A label merged down from `top` to the last row written."""
        self.put(top, column, value, across, self.row - top)

    @property
    def height(self) -> int:
        """Last row that holds anything."""
        return max([row for row, _ in self.cells] + [area.bottom for area in self.merges], default=0)

    @property
    def width(self) -> int:
        """Last column that holds anything."""
        return max([column for _, column in self.cells] + [area.right for area in self.merges], default=0)

    def mapped(self, rows: Callable[[int], int], columns: Callable[[int], int]) -> Sheet:
        """Every row and column at another place; the order is kept."""
        at = lambda here: (rows(here[0]), columns(here[1]))  # noqa: E731
        return Sheet(
            self.name,
            {at(k): v for k, v in self.cells.items()},
            [Area(rows(a.top), columns(a.left), rows(a.bottom), columns(a.right)) for a in self.merges],
            {at(k): v for k, v in self.notes.items()},
            {at(k): v for k, v in self.formats.items()},
            {columns(k) for k in self.hidden_columns},
            rows(self.row),
        )

    def moved(self, rows: int = 0, columns: int = 0) -> Sheet:
        """The whole sheet further down and to the right."""
        return self.mapped(lambda r: r + rows, lambda c: c + columns)

    def with_blank_row(self, before: int) -> Sheet:
        """A row inserted; merged areas around it grow as in Excel."""
        return self.mapped(lambda r: r + (r >= before), lambda c: c)

    def with_blank_column(self, before: int) -> Sheet:
        """A column inserted; merged areas around it grow as in Excel."""
        return self.mapped(lambda r: r, lambda c: c + (c >= before))

    def unmerged(self, *, keep: Callable[[Area], bool] = lambda area: False) -> Sheet:
        """Merged areas taken apart: the value stays in the first cell, the others are empty."""
        return replace(self, merges=[area for area in self.merges if keep(area)])

    def repeated(self, rows: Iterable[int]) -> Sheet:
        """In these rows merged areas are taken apart and the value is written into each of their cells."""
        chosen, cells = set(rows), dict(self.cells)
        apart = [area for area in self.merges if area.top in chosen]
        for area in apart:
            for r in range(area.top, area.bottom + 1):
                for c in range(area.left, area.right + 1):
                    if (area.top, area.left) in self.cells:
                        cells[r, c] = self.cells[area.top, area.left]
        return replace(self, cells=cells, merges=[area for area in self.merges if area.top not in chosen])

    def worded(self, change: Callable[[str], str]) -> Sheet:
        """Every text through a function."""
        return replace(self, cells={k: change(v) if isinstance(v, str) else v for k, v in self.cells.items()})

    def as_text(self, rows: Callable[[int], bool] = lambda row: True) -> Sheet:
        """Numbers of these rows written as text, as systems export them."""
        return replace(self, cells={k: plain(v) if rows(k[0]) else v for k, v in self.cells.items()})

    def joined(self, other: Sheet, rows: int = 0, columns: int = 0) -> Sheet:
        """Another sheet's content on this one, `rows` down and `columns` to the right."""
        there = other.moved(rows, columns)
        return replace(
            self,
            cells=self.cells | there.cells,
            merges=self.merges + there.merges,
            notes=self.notes | there.notes,
            formats=self.formats | there.formats,
            row=max(self.row, there.row),
        )

    def transposed(self) -> Sheet:
        """Rows become columns (paste special, transpose)."""
        return Sheet(
            self.name,
            {(c, r): v for (r, c), v in self.cells.items()},
            [Area(a.left, a.top, a.right, a.bottom) for a in self.merges],
            {(c, r): v for (r, c), v in self.notes.items()},
        )

    def shown(self) -> str:
        """The sheet as a person reads it, ``│`` between cells, ``<`` and ``^`` in merged areas; for looking at."""
        covered = {
            (r, c): "<" if c > a.left else "^"
            for a in self.merges
            for r in range(a.top, a.bottom + 1)
            for c in range(a.left, a.right + 1)
            if (r, c) != (a.top, a.left)
        }
        lines = [f"[{self.name}]"]
        for r in range(1, self.height + 1):
            row = [plain(self.cells.get((r, c), covered.get((r, c), ""))) for c in range(1, self.width + 1)]
            lines.append(f"{r:>3} " + "│".join(text.replace("\n", "⏎") for text in row))
        return "\n".join(lines + [f"    comment at {at}: {text}" for at, text in self.notes.items()])


def plain(value: Value) -> str:
    """A value as text: no exponent, no trailing zeros of our own making."""
    return value if isinstance(value, str) else f"{value:f}" if isinstance(value, Decimal) else str(value)
