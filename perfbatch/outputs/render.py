"""A new workbook with the same cells at the same addresses, for sources that cannot be marked in place.

Used for .xls, .et, .xlsb, .ods, HTML, text and for packages that the patcher must refuse. Cells come from
what intake read: text stays text, numbers stay numbers with their format, merges and hidden rows stay. Fonts,
widths, pictures and formulas of the source are lost, which the caller's notice says on the first cell.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from perfbatch.errors import RefusedFile
from perfbatch.intake import read_book
from perfbatch.intake.grids import AUTHOR
from perfbatch.model import Book, Cell, Finding, Grid, Range
from perfbatch.outputs import indexsheet
from perfbatch.outputs.cells import Column, Kind, Link, Value, width_of
from perfbatch.outputs.fidelity import Unproven
from perfbatch.outputs.marks import FONT, PIXELS, Mark, Marking, Remarks, box, clean
from perfbatch.outputs.paper import Page, Paper, sure

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_NARROWEST, _WIDEST = 8.0, 40.0
_PORTRAIT = 130.0  # characters across that an upright A4 page still shows legibly


class Rendering(Marking):
    """The cells of a book with marks, decided before anything is written.

    With `indexed` a first sheet lists the findings. `notice` stands in the document properties and in the comment on
    A1 of the first sheet.
    """

    def __init__(
        self, book: Book, findings: Sequence[Finding], remarks: Remarks, notice: str = "", *, indexed: bool = False
    ) -> None:
        if notice and book.grids:
            key = (book.grids[0].sheet, "A1")
            remarks = {**remarks, key: "\n\n".join(filter(None, (remarks.get(key), notice)))}
        super().__init__(findings, remarks)
        self._book, self._notice = book, notice
        self._names = _legal_names([grid.sheet for grid in book.grids])
        shown_as = dict(reversed([(grid.sheet, name) for grid, name in zip(book.grids, self._names, strict=True)]))
        for grid, name in zip(book.grids, self._names, strict=True):
            if grid.sheet != name:
                self.notes.append(f"工作表“{grid.sheet}”的名称 Excel 不允许，批注副本中改为“{name}”。")
        self._index: list[indexsheet.Line] = []
        if indexed and indexsheet.NAME not in self._names:
            own = [f._replace(sheet=shown_as[f.sheet]) for f in findings if f.sheet in shown_as]
            self._index, self._listed = indexsheet.lines(own, self._names)
        self._marks = [self.marks(grid.sheet, grid.merges) for grid in book.grids]
        for grid, marks in zip(book.grids, self._marks, strict=True):
            self.marked |= {(grid.sheet, mark.ref) for mark in marks}
        for sheet, ref in self.marked:  # a rendered cell has no fill but ours
            self.beneath[sheet][ref] = ""

    def save(self, path: Path) -> None:
        """Write the workbook."""
        with Paper(path, title=clean(self._notice, 255), run_date="") as paper:
            if self._index:
                _write_index(paper, self._index, self._listed)
            grids = self._book.grids
            first = next((number for number, grid in enumerate(grids) if not grid.hidden), None)
            for number, (grid, name, marks) in enumerate(zip(grids, self._names, self._marks, strict=True)):
                page = paper.page(name)
                _write_sheet(paper, page, grid, marks)
                if number == first:
                    page.sheet.activate()
                elif grid.hidden and first is not None:
                    page.sheet.hide()

    def prove(self, path: Path) -> None:
        """Read the file back: the same cells, every text with its kind, and the same merges."""
        try:
            again = read_book(path, name=self._book.file)
        except RefusedFile as error:
            raise Unproven(f"“{self._book.file}”的批注副本无法读回（{error}），未发布。") from error
        back = {grid.sheet: grid for grid in again.grids}
        for grid, name in zip(self._book.grids, self._names, strict=True):
            new = back.get(name)
            if new is None or _texts(grid) != _texts(new) or set(_apart(grid.merges)) != set(new.merges):
                where = f"“{self._book.file}”工作表“{grid.sheet}”"
                raise Unproven(f"{where}的批注副本与读到的内容不一致，未发布。")


def _write_index(paper: Paper, found: Sequence[indexsheet.Line], total: int) -> None:
    page = paper.page(indexsheet.NAME, landscape=True)
    kinds: Sequence[Kind] = ("code", "code", "code", "text", "code", "text", "text")
    made = zip(indexsheet.HEADS, kinds, indexsheet.WIDTHS, strict=True)
    columns = [Column(head, kind, width, width) for head, kind, width in made]
    rows: list[Sequence[Value]] = [
        (*line.texts[:4], Link(f"internal:{line.location}", line.texts[4]), *line.texts[5:]) for line in found
    ]
    page.listed(indexsheet.NAME, [indexsheet.title(found, total)], columns, rows)


def _write_sheet(paper: Paper, page: Page, grid: Grid, marks: Sequence[Mark]) -> None:
    fills = {mark.place: mark.rgb for mark in marks if mark.rgb}
    merges = _apart(grid.merges)
    for area in merges:
        anchor = (area.top, area.left)
        look = _look(paper, grid.cells.get(anchor), fills.get(anchor, ""), centred=area.right > area.left)
        sure(page.sheet.merge_range(area.top - 1, area.left - 1, area.bottom - 1, area.right - 1, "", look))
    wide = {(area.top, area.left) for area in merges if area.right > area.left}
    for place in sorted({*grid.cells, *fills}):
        cell, row, column = grid.cells.get(place), place[0] - 1, place[1] - 1
        look = _look(paper, cell, fills.get(place, ""), centred=place in wide)
        if cell is None or cell.stored == "empty":
            sure(page.sheet.write_blank(row, column, None, look))
        elif cell.stored == "bool":
            sure(page.sheet.write_boolean(row, column, cell.text.upper() in ("TRUE", "1"), look))
        elif (figure := _figure(cell)) is not None:
            sure(page.sheet.write_number(row, column, figure, look))
        else:
            page.text(row, column, clean(cell.text), look)
    for mark in marks:
        width, height = box(mark.text)
        options = {"author": AUTHOR, "width": width * PIXELS, "height": height * PIXELS}
        options |= {"font_name": FONT[0], "font_size": FONT[1]}
        sure(page.sheet.write_comment(mark.row - 1, mark.column - 1, mark.text, options))
    widths: dict[int, float] = defaultdict(lambda: _NARROWEST)  # in characters, by texts outside of merged areas
    for place, written in grid.cells.items():
        if place not in wide:
            widths[written.column] = min(max(widths[written.column], width_of(written.text) + 2.0), _WIDEST)
    for column, width in widths.items():
        page.sheet.set_column(column - 1, column - 1, width)
    if grid.cells:
        last_row, last_column = (max(places) for places in zip(*grid.cells, strict=True))
        across = sum(widths.get(column, _NARROWEST) for column in range(1, last_column + 1))
        if across > _PORTRAIT:
            page.sheet.set_landscape()
        page.printed(last_row - 1, last_column)
    for row in grid.hidden_rows:
        page.sheet.set_row(row - 1, None, None, {"hidden": True})


def _figure(cell: Cell) -> float | None:
    """The number a cell holds; None for text, and for what reads as a number only by its looks."""
    try:
        if cell.stored in ("number", "percent") and cell.raw:
            return float(Decimal(cell.raw))  # its own format shows the text again
        if cell.stored == "number":
            return float(Decimal(cell.text))
        if cell.stored == "percent":
            return float(Decimal(cell.text.rstrip("%")) / 100)
        if cell.stored == "date":
            moment = datetime.datetime.fromisoformat(cell.text)
            return (moment - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1)
    except (InvalidOperation, ValueError):
        return None
    return None


def _look(paper: Paper, cell: Cell | None, rgb: str, *, centred: bool) -> Any:
    properties: dict[str, Any] = {"border": 1, "text_wrap": True}
    if rgb:
        properties["bg_color"] = f"#{rgb}"
    if centred:
        properties["align"] = "center"
    if cell is not None and cell.stored in ("number", "percent", "date"):
        code = cell.format  # its own, or one that shows the same kind of figure
        if cell.stored == "percent" and "%" not in code:
            code = "0." + "0" * max(len(cell.text.rstrip("%").partition(".")[2]), 2) + "%"
        elif cell.stored == "date" and not code:
            code = "yyyy-mm-dd hh:mm:ss" if ":" in cell.text else "yyyy-mm-dd"
        if code:
            properties["num_format"] = code
    return paper.look(**properties)


def _apart(merges: Sequence[Range]) -> list[Range]:
    """Merged areas of more than one cell that do not overlap an earlier one, which Excel would refuse."""
    kept: list[Range] = []
    by_row: dict[int, list[Range]] = defaultdict(list)
    for area in merges:
        if (area.top, area.left) == (area.bottom, area.right):
            continue
        rows = range(area.top, area.bottom + 1)
        if any(a.left <= area.right and area.left <= a.right for row in rows for a in by_row[row]):
            continue
        kept.append(area)
        for row in rows:
            by_row[row].append(area)
    return kept


def _texts(grid: Grid) -> dict[tuple[int, int], tuple[str, str]]:
    """Text and kind of each cell; what could only be written as text counts as text."""
    return {
        place: (clean(cell.text), cell.stored if cell.stored == "bool" or _figure(cell) is not None else "text")
        for place, cell in grid.cells.items()
        if cell.text
    }


def _legal_names(names: Sequence[str]) -> list[str]:
    """Sheet names that Excel accepts, each different without regard to case; legal ones stay."""
    taken: set[str] = set()
    legal = []
    for name in names:
        plain = _FORBIDDEN.sub("_", clean(name).replace("\n", " ")).strip("'")
        plain = plain[:_LONGEST_NAME].rstrip("'") or "工作表"
        plain = plain + "_" if plain.casefold() == "history" else plain
        candidates = [plain] + [f"{plain[:26]}({n})" for n in range(2, len(names) + 2)]
        legal.append(next(candidate for candidate in candidates if candidate.casefold() not in taken))
        taken.add(legal[-1].casefold())
    return legal
