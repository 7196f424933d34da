"""What goes into the cells of a new workbook: columns, formulas, links, and text as a cell can hold it."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from perfbatch.schema import storable

TEXT_LIMIT = 32_767  # UTF-16 units of one cell
PADDING = 2  # half-width characters that a cell needs beside its text
CUT = "…（全文见 findings.jsonl）"

Kind = Literal["seq", "text", "code", "money", "rate", "signed", "score", "count", "figure"]
NUMBER_FORMATS = {
    "seq": "0",
    "money": "#,##0.00",
    "rate": "0.00%",
    "signed": "+0.00%;-0.00%;0.00%",
    "score": "0.00",
    "count": "#,##0",
    "figure": "General",
}
# what a spreadsheet may take for a formula, what XML cannot hold, and what XlsxWriter takes for markup
ODD = re.compile("^[=+\\-@\t\r]|[\ud800-\udfff]|^<r>")
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_")
_URL_SPECIAL = '%# "<>[]^`{}'


class Formula(NamedTuple):
    """A live formula with the value it had when written; `value` None or '' shows an empty cell."""

    text: str
    value: Decimal | int | str | None


class Link(NamedTuple):
    """Text that leads to `url` (made by `cell_link`); '' is no link."""

    url: str
    text: str


Value = str | Decimal | int | Formula | Link | None  # what a cell may be given; None leaves it blank


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: heading, kind of cell and the bounds of its width in half-width characters."""

    title: str
    kind: Kind = "text"
    narrowest: float = 6
    widest: float = 30


def cell_link(book: str, sheet: str, cell: str) -> str:
    """Link to a cell of another workbook, or to a document, in the same folder; '' when it cannot be written as one."""
    if not (book and sheet and cell) or not (book + sheet).isprintable():
        return ""
    name = _escaped(book)
    if name.lower().endswith((".docx", ".docm")):
        return f"external:{name}"  # a place in a document cannot be linked to; its comment is there
    quoted = sheet.replace("'", "''")
    return f"external:{name}#'{quoted}'!{cell}"


def file_link(path: str, sheet: str, cell: str) -> str:
    """Link to a file beside or above the output folder, to a cell of it where it is a workbook; '' for none."""
    if not path or not path.isprintable():
        return ""
    if path.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods")) and sheet and cell:
        return cell_link(path, sheet, cell.partition(":")[0])
    return f"external:{_escaped(path)}"


def _escaped(name: str) -> str:
    if re.search("[#%]", name):  # XlsxWriter takes a name with %xx as escaped already and splits at #
        for char in _URL_SPECIAL:
            name = name.replace(char, f"%{ord(char):02x}")
    return name


def clean(text: str) -> str:
    """`text` as a cell can hold it: `storable`, cut at the limit of a cell with a remark."""
    return cut(storable(text), TEXT_LIMIT)


def cut(text: str, longest: int) -> str:
    """`text`, cut to `longest` UTF-16 units with a remark where it has more."""
    if len(text) * 2 <= longest or units16(text) <= longest:
        return text
    return text.encode("utf-16-le")[: (longest - len(CUT)) * 2].decode("utf-16-le", "ignore") + CUT


def units16(text: str) -> int:
    """Length as Excel counts it."""
    return len(text) + sum(char > "\uffff" for char in text)


def is_markup(text: str) -> bool:
    """Whether XlsxWriter would copy `text` into the file as the markup of a rich string."""
    return text.startswith("<r>") and text.endswith("</r>")


def unmarked(text: str) -> str:
    """A text that `is_markup` as two runs can hold it: its first character made full-width if it must be."""
    return f"＜{text[1:]}" if _ESCAPED.search(text) else text


def width_of(text: str) -> int:
    """Width of the longest line in half-width characters (a Chinese character counts two)."""
    if "\n" in text:
        return max(width_of(line) for line in text.split("\n"))
    return len(text) if text.isascii() else len(text.encode("gbk", "replace"))


def lines_of(text: str, room: float) -> int:
    """Lines that `text` takes in a cell of `room` half-width characters."""
    if "\n" in text:
        return sum(lines_of(line, room) for line in text.split("\n"))
    return max(1, -(-width_of(text) // max(int(room - PADDING), 2)))


def parts_of(text: str, room: float, most: int) -> list[str]:
    """`text` in parts of at most `most` lines in a cell of `room` half-width characters, nothing left out."""
    if lines_of(text, room) <= most:
        return [text]
    fits = max(int(room - PADDING), 2) * most
    parts, rest = [], text
    while lines_of(rest, room) > most:
        ends = range(min(len(rest), fits) + 1)  # of beginnings, of which the longest that fits
        longest = max(bisect_right(ends, most, key=lambda end: lines_of(rest[:end], room)) - 1, 1)
        end = max(rest.rfind(mark, 0, longest) for mark in "。；;\n") + 1
        end = end if end > longest // 2 else longest
        parts.append(rest[:end])
        rest = rest[end:]
    return [*parts, rest]


def shortened(text: str, width: float) -> str:
    """`text` on one line, cut with … to `width` half-width characters."""
    text = " ".join(text.split())
    if width_of(text) <= width:
        return text
    while text and width_of(text) > width - 2:
        text = text[:-1]
    return f"{text}…"
