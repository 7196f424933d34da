"""Reader of BIFF workbooks (.xls, and .et of WPS, which is BIFF8 inside) over xlrd.

xlrd is pure Python, takes the right code pages and never crashed on hostile files (shared READERS notes).
"""

from __future__ import annotations

import io
from typing import Any

import xlrd

from perfbatch.intake.formats import format_code, shown
from perfbatch.intake.grids import Builder, Cells
from perfbatch.intake.guard import LockedError
from perfbatch.model import Cell, Range, Stored, a1

_GENERAL = ("general", "@", "g/通用格式")


def read_biff(data: bytes, builder: Builder) -> None:
    """Add every worksheet of a BIFF workbook to the builder.

    Raises LockedError when it is encrypted, any exception of xlrd when broken, RefusedFile past a limit.
    """
    book = _opened(data)
    codes = [_code(book, xf) for xf in book.xf_list]
    for sheet in book.sheets():
        _add(book, sheet, codes, builder)


def _opened(data: bytes) -> Any:
    """The xlrd book; without formats where the style records are what is broken."""
    silent = io.StringIO()
    try:
        return xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=silent)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise LockedError from None
        raise
    except MemoryError:
        raise
    except Exception:
        return xlrd.open_workbook(file_contents=data, ragged_rows=True, logfile=silent)


def _code(book: Any, xf: Any) -> str:
    """Format code of a style; the zh-cn built-in formats are not in xlrd's table."""
    entry = book.format_map.get(xf.format_key)
    code = (entry.format_str if entry else "") or ""
    if code.lower() in ("", *_GENERAL):
        code = format_code(xf.format_key, {})
    return "" if code.lower() in _GENERAL else code


def _add(book: Any, sheet: Any, codes: list[str], builder: Builder) -> None:
    cells: Cells = {}
    styled = bool(codes) and book.formatting_info
    for row in range(sheet.nrows):
        types, values = sheet.row_types(row), sheet.row_values(row)
        for column, (kind, value) in enumerate(zip(types, values, strict=True)):
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) or value == "":
                continue
            style = sheet.cell_xf_index(row, column) if styled else len(codes)
            code = codes[style] if style < len(codes) else ""
            if kind == xlrd.XL_CELL_DATE and not code:
                code = "yyyy-mm-dd"
            text, stored = _value(kind, value, code, from_1904=book.datemode == 1)
            if "\0" in text:
                builder.unreadable(sheet.name, a1(row + 1, column + 1), "含有无法显示的字符，已略去")
            at = (row + 1, column + 1)
            kept = code if stored in ("number", "percent", "date") else ""
            cells[at] = cell = Cell(*at, text.replace("\0", ""), stored, kept)
            if stored == "error":
                builder.error(sheet.name, cell)
        if len(cells) > builder.room:
            raise builder.too_many_cells()
    hidden_rows = frozenset(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
    merges = [Range(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells]
    builder.add(sheet.name, cells, merges=merges, hidden=sheet.visibility > 0, hidden_rows=hidden_rows)


def _value(kind: int, value: Any, code: str, *, from_1904: bool) -> tuple[str, Stored]:
    if kind == xlrd.XL_CELL_TEXT:
        return str(value), "text"
    if kind == xlrd.XL_CELL_BOOLEAN:
        return ("TRUE" if value else "FALSE"), "bool"
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#UNKNOWN!")), "error"
    return shown(repr(float(value)), code, from_1904=from_1904)
