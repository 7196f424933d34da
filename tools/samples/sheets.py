"""Drawing on worksheets: safe options, one set of formats, merged cells, row heights for Chinese text."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

Value = str | Decimal | int | None

_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_CREATED = dt.datetime(2024, 3, 18, tzinfo=dt.UTC).replace(tzinfo=None)
_BODY = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True, "border": 1}
_CENTRED = {**_BODY, "align": "center"}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"font_name": "宋体", "font_size": 16, "bold": True, "align": "center", "valign": "vcenter"},
    "caption": {"font_name": "宋体", "font_size": 11, "align": "center", "valign": "vcenter"},
    "note": {"font_name": "仿宋", "font_size": 10, "valign": "vcenter", "text_wrap": True},
    "section": {**_BODY, "bold": True, "bg_color": "#F2F2F2"},
    "label": {**_CENTRED, "bold": True},
    "upright": {**_CENTRED, "bold": True, "rotation": 270},
    "text": {**_BODY, "align": "left"},
    "centre": _CENTRED,
    "money": {**_BODY, "align": "right", "num_format": "#,##0.00##"},
    "score": {**_CENTRED, "num_format": "0.00"},
    "rate": {**_CENTRED, "num_format": "0.00%"},
}
# Cells to fill in: like their neighbours, but named, so that a template can offer choices for them.
_STYLES |= dict.fromkeys(("category", "origin", "special", "money unit"), _STYLES["text"])
_STYLES |= dict.fromkeys(("points", "sign", "verdict"), _CENTRED)
_LINE_POINTS = 13.5  # height of one printed line of 10-point text
_LEAST_POINTS = 22.0
_TITLES = {"title": 28.0, "caption": 18.0}


class Page:
    """A worksheet that is filled downwards; rows and columns are 0-based, `row` is the next free row.

    `blanks` lists the empty cells as (row, column, style): the places a clerk fills in.
    """

    def __init__(self, sheet: Any, formats: dict[str, Any], widths: tuple[float, ...]) -> None:
        self.sheet, self.formats, self.widths, self.row = sheet, formats, widths, 0
        self.blanks: list[tuple[int, int, str]] = []
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)

    def put(
        self,
        column: int,
        value: Value,
        style: str,
        *,
        to: int | None = None,
        row: int | None = None,
        down: int = 0,
    ) -> None:
        """Write text as text and numbers as numbers; merged over columns `column`-`to`, `down` more rows."""
        top, right, form = self.row if row is None else row, column if to is None else to, self.formats[style]
        if right > column or down:
            self.sheet.merge_range(top, column, top + down, right, "", form)
        if value is None or value == "":
            self.sheet.write_blank(top, column, None, form)
            self.blanks.append((top, column, style))
        elif isinstance(value, str):
            self.sheet.write_string(top, column, value, form)
        else:
            self.sheet.write_number(top, column, float(value), form)

    def finish(self, *cells: tuple[int, int, str], least: int = 1) -> None:
        """End the row: make it as high as its longest text ``(first column, last column, text)`` needs."""
        lines = [math.ceil(_width(text) / (sum(self.widths[a : b + 1]) - 0.8)) for a, b, text in cells]
        self.sheet.set_row(self.row, max(_LEAST_POINTS, 6 + _LINE_POINTS * max([least, *lines])))
        self.row += 1

    def headline(self, text: str, style: str, last: int) -> None:
        """A line over the whole width: title, year or note."""
        self.put(0, text, style, to=last)
        if style in _TITLES:
            self.sheet.set_row(self.row, _TITLES[style])
            self.row += 1
        else:
            self.finish((0, last, text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@contextmanager
def workbook(path: Path) -> Iterator[Any]:
    """A new workbook with fixed creation date, so that the same facts give the same bytes."""
    with xlsxwriter.Workbook(path, _SAFE) as book:
        book.set_properties({"title": path.stem, "created": _CREATED})
        book.perfbatch_formats = {name: book.add_format(style) for name, style in _STYLES.items()}
        yield book


def page(
    book: Any,
    name: str,
    widths: tuple[float, ...],
    *,
    landscape: bool = False,
    pages: tuple[int, int] = (1, 0),
) -> Page:
    """Add an A4 sheet that prints on so many `pages` (across, down; 0 = as many as it takes)."""
    sheet = book.add_worksheet(name)
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(*pages)
    sheet.center_horizontally()
    if landscape:
        sheet.set_landscape()
    return Page(sheet, book.perfbatch_formats, widths)


def sheet_name(number: int, name: str) -> str:
    """Unique sheet name from a running number and a project name without its bracketed parts."""
    bare = name.partition("(")[0].partition("（")[0]
    return f"{number:02d}{bare}"[:31]
