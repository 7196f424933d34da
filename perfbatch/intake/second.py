"""A second opinion: the same .xlsx read by openpyxl, compared cell by cell with our own reading.

Two readers are unlikely to share a mistake, so what they agree on can be trusted. It costs some twenty times
the first reading, hence on request (`perfbatch run --verify`) and in `perfbatch inspect`.
"""

import io
import warnings
from datetime import date, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from perfbatch.intake.grids import is_picture
from perfbatch.intake.ooxml import decode_escapes
from perfbatch.model import Book, Cell, ReadingNote, a1

CONTAINERS = ("xlsx", "xlsm")
NOTE = "second_reader_differs"
_MOST_NOTES = 20


class Comparison(NamedTuple):
    """How many cells both readers gave alike, and the notes on those they did not (at most twenty)."""

    equal: int
    notes: tuple[ReadingNote, ...]


def compare(book: Book, data: bytes) -> Comparison | None:
    """Our grids against openpyxl's; None where openpyxl cannot speak (another container, Strict, its own error).

    `data` are the very bytes that `book` was read from.
    """
    if book.container not in CONTAINERS:
        return None
    try:
        theirs = _read(data)
    except Exception:  # openpyxl raises almost anything; its failure is no word on the file
        return None
    if not theirs:
        return None
    equal = 0
    notes: list[ReadingNote] = []
    for grid in book.grids:
        page = theirs.get(grid.sheet, {})
        for place in sorted({*grid.cells, *page}):
            ours, other = grid.cells.get(place), page.get(place)
            if _agree(ours, other):
                equal += 1
            elif len(notes) < _MOST_NOTES:
                first = f"“{ours.text}”" if ours and ours.text else "空"
                second = f"“{other}”" if other is not None else "空"
                told = f"两个读取器读到的内容不同：本程序读到{first}，openpyxl 读到{second}，请打开原表核对。"
                notes.append(ReadingNote(NOTE, grid.sheet, a1(*place), told))
    return Comparison(equal, tuple(notes))


def _read(data: bytes) -> dict[str, dict[tuple[int, int], object]]:
    import openpyxl  # noqa: PLC0415 - heavy, and only for this

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return {
        page.title: {
            (cell.row, cell.column): cell.value
            for row in page.iter_rows()
            for cell in row
            if cell.value is not None and cell.value != ""
        }
        for page in book.worksheets
    }


def _agree(ours: Cell | None, theirs: object) -> bool:
    """Whether a cell and openpyxl's value say the same; how a date is displayed is not compared."""
    if ours is None:
        return theirs is None or not str(theirs).strip() or is_picture(str(theirs))
    if isinstance(theirs, bool):
        return ours.text == str(theirs).upper()
    if ours.stored == "number" and isinstance(theirs, date | time):  # under a format of dates by mistake
        return isinstance(theirs, time) or theirs.year in (1900, 1904)
    if isinstance(theirs, date):
        parts = (f"{theirs.year}-{theirs.month:02d}", f"{theirs.month}月", f"{theirs.year}年")
        return any(part in ours.text for part in parts)
    if ours.stored == "date" or isinstance(theirs, time | timedelta):
        return ours.stored == "date"  # openpyxl gives Chinese built-in formats and times as plain numbers
    if isinstance(theirs, int | float):
        fraction = ours.stored == "percent" and not ours.raw
        try:
            value = Decimal(ours.text[:-1]) / 100 if fraction else Decimal(ours.raw or ours.text)
        except ArithmeticError:
            return False
        return value == Decimal(f"{theirs:.15g}")
    if theirs is None:
        return not ours.text.strip()
    return decode_escapes(str(theirs)).replace("\r\n", "\n") == (ours.raw or ours.text).replace("\r\n", "\n")
