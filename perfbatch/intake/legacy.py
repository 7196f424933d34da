"""Reader of BIFF workbooks (.xls, and .et of WPS, which is BIFF8 inside) over xlrd.

xlrd is pure Python, takes the right code pages and never crashed on hostile files (shared READERS notes). What it
gives up on for a record that only dresses cells is mended, so that number formats and merged areas are not lost.
"""

import io
import struct
from typing import Any

import xlrd
from xlrd.compdoc import CompDoc

from perfbatch.intake.formats import format_code, shown_as
from perfbatch.intake.grids import Builder, SheetDraft, bare_comment
from perfbatch.intake.guard import LockedError
from perfbatch.model import Range, a1

_OLE = b"\xd0\xcf\x11\xe0"
# [MS-XLS] §2.3: the merged areas of a sheet, and records that hold looks alone: fonts, palette, named styles,
# widths, conditional formats, panes, views, links and tips.
_MERGED = 0xE5
_LOOKS = frozenset((0x31, 0x231, 0x92, 0x293, 0x7D, 0x55, 0x99, 0x1B0, 0x1B1, 0x41, 0x3E, 0x23E, 0x1B8, 0x800))
_IGNORED = 0xFFF0  # no record of this number exists
_KINDS = {xlrd.XL_CELL_TEXT: "text", xlrd.XL_CELL_BOOLEAN: "bool", xlrd.XL_CELL_ERROR: "error"}  # others are numbers


def read_biff(data: bytes, builder: Builder) -> None:
    """Add every worksheet of a BIFF workbook to the builder.

    Raises LockedError when it is encrypted, any exception of xlrd when broken, RefusedFile past a limit.
    """
    try:
        book = _book(data)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise LockedError from None
        raise
    except MemoryError:
        raise
    except Exception:
        # its merge records cut to what they hold, then without looks, at last without any formats
        lost = "合并单元格或样式的记录有损坏，只读了完好的部分，请核对合并的单元格，或另存为 .xlsx 再放入。"
        book = _mended_book(data, looks=True) or _mended_book(data, looks=False)
        if book is None:
            book = _book(data, styled=False)
            lost = "样式的记录已损坏，数字格式（如百分比）、合并区域和隐藏的行没有读到，请另存为 .xlsx 再放入。"
        builder.notes.add("formats_lost", "", "", lost)
    own = {key: entry.format_str or "" for key, entry in book.format_map.items()}
    # the zh-cn built-in formats are not in xlrd's table
    codes = [format_code(xf.format_key, own) or format_code(xf.format_key, {}) for xf in book.xf_list]
    for sheet in book.sheets():
        _add(book, sheet, codes, builder)


def _book(data: bytes, *, styled: bool = True) -> Any:
    return xlrd.open_workbook(file_contents=data, formatting_info=styled, ragged_rows=True, logfile=io.StringIO())


def _mended_book(data: bytes, *, looks: bool) -> Any:
    """The book of the mended stream; None where xlrd gives that up too."""
    try:
        stream = stream_of(data, "Workbook", "Book") if data.startswith(_OLE) else data
        return _book(_mended(stream, looks=looks))
    except MemoryError:
        raise
    except Exception:  # xlrd raises almost anything
        return None


def stream_of(data: bytes, *names: str) -> bytes:
    """The first of some streams that stands at the top of an OLE file; empty where none does, or it is broken."""
    try:
        document = CompDoc(data, logfile=io.StringIO())
        return bytes(next(filter(None, map(document.get_named_stream, names)), b""))
    except MemoryError:
        raise
    except Exception:  # xlrd raises almost anything
        return b""


def is_locked(data: bytes) -> bool:
    """Whether a Word 97 document is encrypted ([MS-DOC] §2.5.2, FibBase.fEncrypted)."""
    head = stream_of(data, "WordDocument")[:12]
    return len(head) == 12 and bool(struct.unpack_from("<H", head, 10)[0] & 0x0100)


def _mended(stream: bytes, *, looks: bool) -> bytes:
    """The stream with no merge record that counts more areas than it holds; without `looks`, less those records."""
    mended, at = bytearray(stream), 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == _MERGED and size >= 2:
            held = (min(size, len(stream) - at - 4) - 2) // 8
            (count,) = struct.unpack_from("<H", stream, at + 4)
            if count != held or 2 + 8 * held != size:
                held = min(count, held)
                struct.pack_into("<H", mended, at + 4, held)
                end = at + 6 + 8 * held
                if 2 + 8 * held + 4 <= size:  # what is left over becomes a record of its own
                    struct.pack_into("<H", mended, at + 2, 2 + 8 * held)
                    struct.pack_into("<HH", mended, end, _IGNORED, size - 2 - 8 * held - 4)
                elif 2 + 8 * held != size:
                    struct.pack_into("<H", mended, at, _IGNORED)
        elif not looks and kind in _LOOKS:
            struct.pack_into("<H", mended, at, _IGNORED)
        at += 4 + size
    return bytes(mended)


def _add(book: Any, sheet: Any, codes: list[str], builder: Builder) -> None:
    draft = SheetDraft(sheet.name, sheet.visibility > 0)
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
            held = str(xlrd.error_text_from_code.get(value, "") if kind == xlrd.XL_CELL_ERROR else value)
            found = shown_as(_KINDS.get(kind, "number"), held, code, from_1904=book.datemode == 1)
            if "\0" in found.text:
                ref = a1(row + 1, column + 1)
                builder.notes.tell("unreadable_cell", sheet.name, ref, reason="含有无法显示的字符，已略去")
                found = found._replace(text=found.text.replace("\0", ""))
            builder.take(draft, (row + 1, column + 1), found, code)
    draft.merges = [Range(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells]
    draft.hidden_rows = {row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden}
    for (row, column), note in sheet.cell_note_map.items():
        if text := bare_comment(note.text or "", note.author or ""):
            draft.comments[row + 1, column + 1] = text
    builder.add(draft)
