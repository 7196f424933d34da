"""One sheet seen through the words of the forms: labels by row, cells through merged areas.

Recognition looks at label cells only (some thirty a form); data cells are fetched by address afterwards. That keeps
reading a form near the cost of the bare reader. The sheets of an export share a few geometries of merged areas, each
worked out once.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from itertools import compress
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from perfbatch.forms.vocabulary import Vocabulary, header_forms, meanings, stated, stated_amounts
from perfbatch.model import Cell, Grid, Range
from perfbatch.notation import fold

_SMALL = 4_000  # addresses of a sheet worth remembering
_MOST_KEPT = 200
Address = tuple[int, int]
T = TypeVar("T")


class Geometry:
    """Merged areas cut to the used rows and columns of a sheet.

    `areas` holds them by anchor, `tall` the anchors of those over several rows, `sources` the anchor of every
    other cell under one. `plain` is whether no cell lies under two. A `shared` one keeps what was worked out
    for one of its sheets and holds for the others (`once`).
    """

    def __init__(self, merges: tuple[Range, ...], last_row: int, last_column: int, *, shared: bool) -> None:
        self.last_row, self.last_column, self.shared = last_row, last_column, shared
        self.areas = {(m.top, m.left): m for m in merges}
        self.tall = frozenset(anchor for anchor, area in self.areas.items() if area.bottom > area.top)
        self.sources: dict[Address, Address] = {}
        self._kept: dict[Hashable, Any] = {}
        self._rows: dict[int, list[Address]] = {}
        covered = 0
        for top, left, bottom, right in merges:
            anchor = (top, left)
            for row in range(top, min(bottom, last_row) + 1):
                for column in range(left, min(right, last_column) + 1):
                    if (row, column) != anchor:
                        covered += 1
                        self.sources[row, column] = anchor
        self.plain = covered == len(self.sources) and self.sources.keys().isdisjoint(self.areas)

    def row(self, row: int) -> list[Address]:
        """Where to look for what a row shows, from left to right, each merged area once."""
        addresses = self._rows.get(row)
        if addresses is None:
            own = [(row, column) for column in range(1, self.last_column + 1)]
            addresses = list(dict.fromkeys(self.sources.get(at, at) for at in own))
            if self.shared:
                self._rows[row] = addresses
        return addresses

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of `make` for `key`, which names all of a sheet that the value depends on."""
        if key in self._kept:
            return self._kept[key]  # type: ignore[no-any-return]
        made = make()
        if self.shared:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = made
        return made


def geometry(merges: tuple[Range, ...], last_row: int, last_column: int) -> Geometry:
    """The geometry of a sheet; that of a small sheet is shared with other sheets."""
    if last_row * last_column > _SMALL or len(merges) > _SMALL:
        return Geometry(merges, last_row, last_column, shared=False)
    return _shared(merges, last_row, last_column)


_shared = lru_cache(maxsize=64)(partial(Geometry, shared=True))


_EMPTY = partial(tuple.__new__, Cell)  # Cell.__new__ takes three times as long
_LONGEST_LABEL = 40
_MOST_REMEMBERED = 50_000


class Label(NamedTuple):
    """A cell whose text is a header word: its fields by block, and the columns and rows it covers."""

    cell: Cell
    fields: dict[str, str]
    area: Range


_LABEL, _RANGE = partial(tuple.__new__, Label), partial(tuple.__new__, Range)


class Sheet:
    """A grid with its labels, and cells looked up through merged areas."""

    def __init__(self, grid: Grid, vocabulary: Vocabulary) -> None:
        self.grid = grid
        self.vocabulary = vocabulary
        self.last_row: int = max(map(itemgetter(0), grid.cells), default=0)
        self.last_column: int = max(map(itemgetter(1), grid.cells), default=0)
        self.geometry = geometry(grid.merges, self.last_row, self.last_column)
        self.is_plain = self.geometry.plain and self.geometry.sources.keys().isdisjoint(grid.cells)
        self.own: Mapping[Address, Cell] = grid.cells  # cells that `at` gives where they stand
        self._sources: Mapping[Address, Address] = self.geometry.sources
        if not self.is_plain:
            self.own, self._sources = self._covered(), {}
        self._rows: dict[int, list[Cell]] = {}
        self._fields: dict[tuple[int, str], dict[str, Label]] = {}
        self.stated: dict[int, list[Cell]] = defaultdict(list)  # cells that hold a key and its value (项目名称：甲)
        self.amounts: dict[int, list[Cell]] = defaultdict(list)  # cells that hold a label and its amount (预算数：3)
        self.years: dict[int, dict[Cell, str]] = defaultdict(dict)  # cells that may name the year of the columns below
        self.earlier: set[Cell] = set()  # headers of columns of another year (2024年完成值 beside 2025年完成值)
        self.notes: dict[int, Cell] = {}  # the first text of a row that opens like a note (注：…)
        self.labels: dict[int, list[Label]] = self._find_labels()
        self.marked: list[int] = sorted({*self.labels, *self.stated, *self.notes})  # rows with any words of a form
        self._kept: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of `make`, worked out on the first call for `key` and kept with the sheet."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]  # type: ignore[no-any-return]

    def _covered(self) -> dict[Address, Cell]:
        """Every cell under merged areas that overlap or hide something: the last area with a text wins."""
        shown = dict(self.grid.cells)
        blank: dict[Address, Cell] = {}
        for top, left, bottom, right in self.grid.merges:
            anchor = self.grid.cells.get((top, left))
            for row in range(top, min(bottom, self.last_row) + 1):
                for column in range(left, min(right, self.last_column) + 1):
                    if anchor is not None:
                        shown[row, column] = anchor
                    else:
                        blank[row, column] = Cell(top, left, "", "empty")
        return blank | shown

    def _find_labels(self) -> dict[int, list[Label]]:
        known = meanings_of(self.vocabulary)
        found: dict[int, list[Label]] = defaultdict(list)
        cells, areas = self.grid.cells.values(), self.geometry.areas
        meant = list(map(known.__getitem__, map(itemgetter(2), cells)))
        dated = False
        for cell, fields in zip(compress(cells, meant), filter(None, meant), strict=True):
            row, column = cell[:2]
            if fields is _NOTE:
                self.notes.setdefault(row, cell)
                continue
            if "stated" in fields:
                (self.stated if fields is _KEY_AND_VALUE else self.amounts)[row].append(cell)
                continue
            if "year" in fields:
                self.years[row][cell] = fields["year"]
                continue
            dated = dated or cell[2].startswith("20")
            area = areas.get((row, column)) or _RANGE((row, column, row, column))
            label = _LABEL((cell, fields, area))
            for row in range(area.top, min(area.bottom, self.last_row) + 1):
                found[row].append(label)
        for row, labels in found.items():
            if len(labels) > 1:
                again = len(set(map(id, map(itemgetter(1), labels)))) < len(labels)  # a word twice
                if again or row - 1 in self.years or dated:
                    self._leave_other_years(labels)
                labels.sort(key=lambda label: label[2][1])  # by its left column
        return found

    def _leave_other_years(self, labels: list[Label]) -> None:
        """Take out of a row what is of another year: 2024年完成值 beside 完成值, what stands below 上年 beside 本年."""
        years = {}
        for label in labels:
            row, column, text = label.cell[:3]
            # the group above may be merged over its columns, or stand above the first of them only (csv)
            groups = (self.years.get(row - 1, {}).get(c, _OWN) for c in reversed(self.row(row - 1)) if c[1] <= column)
            years[label.cell] = named[1] if (named := DATED.match(text)) else next(groups, _OWN)
        own = "" if set(years.values()) == {_OWN} else self._year_above(labels[0].cell.row)
        for label in list(labels):
            beside = set(self.years.get(label.cell.row - 1, {}).values())  # 上年 │ 本年
            rivals = {years[other.cell] for other in labels if other.fields == label.fields}
            rivals |= beside if years[label.cell] in beside else set()
            if years[label.cell] != (own if own in rivals and _OWN not in rivals else max(rivals)):
                self.earlier.add(label.cell)
        labels[:] = [label for label in labels if label.cell not in self.earlier]

    def _year_above(self, row: int) -> str:
        """The year of the form with its header on a row, by the nearest line above that is its year or its title."""
        above = (cell for at in range(row - 1, 0, -1) for cell in self.row(at) if cell not in self.years.get(at, ()))
        return next((found[1] for cell in above if (found := _YEAR_OF_FORM.match(fold(cell.text)))), "")

    def area(self, cell: Cell) -> Range:
        """The merged area of an anchor cell, or the cell itself."""
        row, column = cell[:2]
        return self.geometry.areas.get((row, column)) or Range(row, column, row, column)

    def at(self, row: int, column: int) -> Cell:
        """The cell at an address; inside a merged area its anchor; an empty cell where nothing stands."""
        cell = self.own.get((row, column))
        if cell is not None:
            return cell
        source = self._sources.get((row, column), (row, column))
        return self.own.get(source) or _EMPTY((*source, "", "empty", "", ""))

    def row(self, row: int) -> list[Cell]:
        """Non-empty cells met on a row from left to right, a merged area once."""
        met = self._rows.get(row)
        if met is None:
            if self.is_plain:
                cells = map(self.own.get, self.geometry.row(row))
                met = [cell for cell in cells if cell is not None and cell[2]]
            else:
                met = list(self.part(row, 1, self.last_column))
            self._rows[row] = met
        return met

    def part(self, row: int, first: int, last: int) -> Iterator[Cell]:
        """As `row`, between two columns."""
        seen: Cell | None = None
        for column in range(first, last + 1):
            cell = self.at(row, column)
            if cell.text and cell is not seen:
                yield cell
                seen = cell

    def begun(self, first: int, last: int) -> Iterator[Cell]:
        """The filled cells that begin on some rows, in reading order."""
        return (cell for row in range(first, min(last, self.last_row) + 1) for cell in self.row(row) if cell[0] == row)

    def begun_labels(self, first: int, last: int) -> Iterator[Label]:
        """The labels that begin on some rows, in reading order."""
        return (label for row in range(first, last + 1) for label in self.labels.get(row, ()) if label[0][0] == row)

    def stated_fields(self, first: int, last: int) -> Iterator[tuple[str, Cell]]:
        """Head fields that share their cell with their value (项目名称：甲): each with the cell, its text the value."""
        cells = (cell for row in sorted(self.stated) if first <= row <= last for cell in self.stated[row])
        return ((name, cell._replace(text=text)) for cell in cells for name, text in stated(self.vocabulary, cell.text))

    def fields(self, row: int, block: str) -> dict[str, Label]:
        """Fields of `block` named on a row (the leftmost label wins)."""
        named = self._fields.get((row, block))
        if named is None:
            labels = reversed(self.labels.get(row, ()))
            named = self._fields[row, block] = {label.fields[block]: label for label in labels if block in label.fields}
        return named

    def beside(self, label: Label) -> Cell:
        """The first filled cell right of a label, else the next cell.

        Blank columns between are passed over, and the label itself where it was filled into its former merge.
        """
        own = label.cell.text
        following = (c for c in self.part(label.cell.row, label.area.right + 1, self.last_column) if c[2] != own)
        return next(following, None) or self.at(label.cell.row, label.area.right + 1)

    def below(self, label: Label) -> Cell:
        """The cell under a label."""
        return self.at(label.area.bottom + 1, label.area.left)

    def fields_of(self, cell: Cell) -> Mapping[str, str]:
        """What a cell means as a label in each block; empty for one that is none."""
        return next((label.fields for label in self.labels.get(cell.row, ()) if label.cell is cell), {})

    def is_label(self, cell: Cell) -> bool:
        """Whether a cell holds a header word."""
        return any(label.cell is cell for label in self.labels.get(cell.row, ()))

    def marked_rows(self, first: int, last: int) -> Sequence[int]:
        """Rows between two with labels, keys or notes; all others hold values alone."""
        return self.marked[bisect_left(self.marked, first) : bisect_right(self.marked, last)]


class _Meanings(dict[str, dict[str, str]]):
    """Meaning of each text met so far, by block; most texts repeat from form to form."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, text: str) -> dict[str, str]:
        if len(text) > _LONGEST_LABEL:
            return _said(self._vocabulary, text)
        if len(self) > _MOST_REMEMBERED:
            self.clear()
        fields = self[text] = _fields(self._vocabulary, text)
        return fields


DATED = re.compile(r"(20\d\d)年度?")
_YEAR_OF_FORM = re.compile(r"\(?(20\d\d)年度?(?:\)|.*表|$)")
_OWN, _LAST = "9999", "0000"  # the form's own year, a year before it
_KEY_AND_VALUE = {"stated": "head"}
_KEY_AND_AMOUNT = {"stated": "fund"}
_NOTE = {"note": "note"}
_PART = re.compile(r"\s*目标\d+\s*[:：]")  # of a text, also where it is left to be filled in
# words that open with a figure: 1—7月执行数, 1.项目名称, 2025年完成值
_OPENING = re.compile(r"1\s*[-—–~－至到]\s*\d+\s*月|\d+月|\d{1,2}[.．、]\s*\D|20\d\d年(?!\d)")


@cache
def meanings_of(vocabulary: Vocabulary) -> _Meanings:
    """Meanings of texts under a vocabulary, kept as they are met."""
    return _Meanings(vocabulary)


def _fields(vocabulary: Vocabulary, text: str) -> dict[str, str]:
    """Meaning of a text in each block; empty for anything that is no header word."""
    if not text.strip() or (text[0].isdigit() and not _OPENING.match(text)) or _PART.match(text):
        return {}
    forms = header_forms(text)
    table = meanings(vocabulary)
    known = [table[form] for form in forms if form in table]
    if known:
        return {block: name for fields in reversed(known) for block, name in fields.items()}
    if "年" in text and (found := re.fullmatch(vocabulary.raw["years"]["group"], fold(text))):
        return {"year": _LAST if found["last"] else _OWN if found["own"] else found["year"]}
    return _said(vocabulary, text)


def _said(vocabulary: Vocabulary, text: str) -> dict[str, str]:
    """What a text that is no header word holds: keys with their values, labels with their amounts, a note."""
    if stated(vocabulary, text):
        return _KEY_AND_VALUE
    if stated_amounts(vocabulary, text):
        return _KEY_AND_AMOUNT
    return _NOTE if re.match(vocabulary.raw["notes"]["pattern"], text.strip()) else {}
