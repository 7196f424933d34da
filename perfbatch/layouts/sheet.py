"""One sheet seen through the words of the forms: labels by row, cells through merged areas.

Recognition looks at label cells only (some thirty a form); data cells are fetched by address afterwards. That
keeps reading a form near the cost of the bare reader.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from perfbatch.layouts.vocabulary import Vocabulary, header_forms
from perfbatch.model import Cell, Grid, Range

if TYPE_CHECKING:
    from perfbatch.layouts.bands import Band

_LONGEST_LABEL = 40
_MOST_REMEMBERED = 50_000


class Label(NamedTuple):
    """A cell whose text is a header word: its fields by block, and the columns and rows it covers."""

    cell: Cell
    fields: dict[str, str]
    area: Range

    def field(self, block: str) -> str | None:
        """What the word means in `block`."""
        return self.fields.get(block)


class Sheet:
    """A grid with its labels, and cells looked up through merged areas."""

    def __init__(self, grid: Grid, vocabulary: Vocabulary) -> None:
        self.grid = grid
        self.vocabulary = vocabulary
        self.last_row = max((row for row, _ in grid.cells), default=0)
        self.last_column = max((column for _, column in grid.cells), default=0)
        self._areas = {(m.top, m.left): m for m in grid.merges}
        self._shown = dict(grid.cells)
        self._anchors: dict[tuple[int, int], tuple[int, int]] = {}
        self._cover(grid.merges)
        self.labels: dict[int, list[Label]] = self._find_labels()
        self.bands: dict[tuple[str, int, int], list[Band]] = {}  # headers already found, by kind and rows

    def _cover(self, merges: tuple[Range, ...]) -> None:
        """Let every cell of a merged area show its anchor; areas without text keep their anchor's address."""
        for top, left, bottom, right in merges:
            anchor = (top, left)
            shown = self.grid.cells.get(anchor)
            for row in range(top, min(bottom, self.last_row) + 1):
                for column in range(left, min(right, self.last_column) + 1):
                    if shown is not None:
                        self._shown[row, column] = shown
                    else:
                        self._anchors[row, column] = anchor

    def _find_labels(self) -> dict[int, list[Label]]:
        fields_of = _FIELDS.setdefault(self.vocabulary, {})
        if len(fields_of) > _MOST_REMEMBERED:
            fields_of.clear()
        found: dict[int, list[Label]] = defaultdict(list)
        for cell in self.grid.cells.values():
            text = cell.text
            if len(text) > _LONGEST_LABEL:
                continue
            fields = fields_of.get(text)  # most texts repeat from form to form
            if fields is None:
                fields = fields_of[text] = _fields(self.vocabulary, text)
            if fields:
                area = self.area(cell)
                for row in range(area.top, min(area.bottom, self.last_row) + 1):
                    found[row].append(Label(cell, fields, area))
        for labels in found.values():
            labels.sort(key=lambda label: label.area.left)
        return found

    def area(self, cell: Cell) -> Range:
        """The merged area of an anchor cell, or the cell itself."""
        row, column = cell.row, cell.column
        return self._areas.get((row, column)) or Range(row, column, row, column)

    def is_tall(self, cell: Cell) -> bool:
        """Whether a cell is merged over several rows."""
        area = self._areas.get((cell.row, cell.column))
        return area is not None and area.bottom > area.top

    def at(self, row: int, column: int) -> Cell:
        """The cell at an address; inside a merged area its anchor; an empty cell where nothing stands."""
        shown = self._shown.get((row, column))
        if shown is not None:
            return shown
        row, column = self._anchors.get((row, column), (row, column))
        return Cell(row, column, "", "empty")

    def row(self, row: int, first: int = 1, last: int | None = None) -> Iterator[Cell]:
        """Non-empty cells met on a row from left to right, a merged area once."""
        seen: Cell | None = None
        for column in range(first, (self.last_column if last is None else last) + 1):
            cell = self.at(row, column)
            if cell.text and cell is not seen:
                yield cell
                seen = cell

    def fields(self, row: int, block: str) -> dict[str, Label]:
        """Fields of `block` named on a row (the leftmost label wins)."""
        named: dict[str, Label] = {}
        for label in self.labels.get(row, ()):
            field = label.field(block)
            if field:
                named.setdefault(field, label)
        return named

    def beside(self, label: Label) -> Cell:
        """The first filled cell right of a label (blank columns between are passed over), else the next cell."""
        following = self.row(label.cell.row, label.area.right + 1)
        return next(following, None) or self.at(label.cell.row, label.area.right + 1)

    def below(self, label: Label) -> Cell:
        """The cell under a label."""
        return self.at(label.area.bottom + 1, label.area.left)

    def is_label(self, cell: Cell) -> bool:
        """Whether a cell holds a header word."""
        return any(label.cell is cell for label in self.labels.get(cell.row, ()))


_FIELDS: dict[Vocabulary, dict[str, dict[str, str]]] = {}


def _fields(vocabulary: Vocabulary, text: str) -> dict[str, str]:
    """Meaning of a text in each block; empty for anything that is no header word."""
    if not text or text[0].isdigit() or not text.strip():
        return {}
    forms = header_forms(text)
    fields: dict[str, str] = {}
    for block, words in vocabulary.blocks.items():
        for form in forms:
            if form in words:
                fields[block] = words[form]
                break
    return fields
