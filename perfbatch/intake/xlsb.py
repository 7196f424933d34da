"""Reader of .xlsb (BIFF12): [MS-XLSB] §2.1.4 (records), §2.4 (cells, styles, strings), §2.5.123 (RkNumber).

Own, because the native reader panics on ordinary files, blanks error cells and knows no number formats.
"""

import struct
from collections.abc import Iterator, Sequence

from perfbatch.intake.formats import Shown, format_code, shown, shown_text
from perfbatch.intake.grids import Builder, SheetDraft
from perfbatch.intake.markup import BrokenPart
from perfbatch.intake.package import Package
from perfbatch.model import LAST_COLUMN, LAST_ROW, Range

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
_ROW, _MERGE, _COLUMN, _STRING, _FORMAT, _XF, _PROPERTIES, _SHEET = 0, 176, 60, 19, 44, 47, 153, 156
_CELL_STYLES, _CELL_STYLES_END = 617, 618
# Record id → what it holds; the "short" twins (12–18) leave the column out.
_KINDS = {
    2: "rk", 3: "error", 4: "bool", 5: "real", 6: "text", 7: "shared", 8: "text", 9: "real", 10: "bool",
    11: "error", 13: "rk", 14: "error", 15: "bool", 16: "real", 17: "text", 18: "shared", 62: "rich",
}  # fmt: skip
_SHORT = range(12, 19)


def read_binary_package(package: Package, builder: Builder) -> None:
    """Add every worksheet of an .xlsb package. Raises BrokenPart, or RefusedFile past a limit."""
    strings = [_wide(body, 1)[0] for kind, body in _records_of(package, "sharedStrings") if kind == _STRING]
    codes = _codes(package)
    sheets, from_1904 = [], False
    for kind, body in _records(package.read(package.workbook_part)):
        if kind == _PROPERTIES:
            from_1904 = bool(body[:1] and body[0] & 1)
        elif kind == _SHEET:
            relation, end = _wide(body, 8)
            sheets.append((_wide(body, end)[0], relation, struct.unpack_from("<I", body)[0]))
    for name, relation, state in sheets:
        word, part = package.relations.get(relation, ("", ""))
        if word == "worksheet":
            draft = SheetDraft(name, state > 0)
            try:
                for at, found, code in _cells(package.read(part), draft, strings, codes, from_1904, builder):
                    builder.take(draft, at, found, code)
            except (struct.error, IndexError) as error:
                raise BrokenPart("cell record cut off") from error
            builder.add(draft)
        else:
            builder.notes.tell("not_a_worksheet", name)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(record id, body) of a binary part; BrokenPart when it ends within a record."""
    at, end = 0, len(data)
    while at < end:
        try:
            kind = data[at]
            at += 1
            if kind & 0x80:
                kind = (kind & 0x7F) | (data[at] << 7)
                at += 1
            size = shift = 0
            while shift < 28:
                byte = data[at]
                at += 1
                size |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    break
        except IndexError as error:
            raise BrokenPart("record cut off") from error
        if at + size > end:
            raise BrokenPart("record cut off")
        yield kind, data[at : at + size]
        at += size


def _records_of(package: Package, relation: str) -> Iterator[tuple[int, bytes]]:
    part = package.related(relation)
    return iter(()) if part is None else _records(package.read(part))


def _wide(body: bytes, at: int) -> tuple[str, int]:
    """A counted UTF-16 string and the position after it; a null string (count −1) is empty."""
    if at + 4 > len(body):
        raise BrokenPart("string cut off")
    (count,) = struct.unpack_from("<I", body, at)
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    if end > len(body):
        raise BrokenPart("string cut off")
    return body[at + 4 : end].decode("utf-16-le", "replace").replace("\0", ""), end


def _codes(package: Package) -> list[str]:
    """Format code of every cell style."""
    custom: dict[int, str] = {}
    numbers: list[int] = []
    within = False
    for kind, body in _records_of(package, "styles"):
        if kind == _FORMAT:
            custom[struct.unpack_from("<H", body)[0]] = _wide(body, 2)[0]
        elif kind in (_CELL_STYLES, _CELL_STYLES_END):
            within = kind == _CELL_STYLES
        elif kind == _XF and within:
            numbers.append(struct.unpack_from("<2H", body)[1])
    return [format_code(number, custom) for number in numbers]


def _rk(body: bytes, at: int) -> str:
    """An RkNumber: 30 bits of an integer or of a double, perhaps divided by 100."""
    (raw,) = struct.unpack_from("<I", body, at)
    value: float
    if raw & 2:
        value = (raw >> 2) - (1 << 30 if raw >> 31 else 0)
    else:
        (value,) = struct.unpack("<d", struct.pack("<Q", (raw & 0xFFFFFFFC) << 32))
    return repr(value / 100 if raw & 1 else value)


def _cells(
    data: bytes, draft: SheetDraft, strings: Sequence[str], codes: Sequence[str], from_1904: bool, builder: Builder
) -> Iterator[tuple[tuple[int, int], Shown, str]]:
    """Address, content and format code of each cell of a sheet part; merged areas and hidden rows go into the draft."""
    row, column = 0, 0
    for kind, body in _records(data):
        if kind == _ROW:
            row, column = struct.unpack_from("<I", body)[0] + 1, 0
            if body[11] & 0x10:
                draft.hidden_rows.add(row)
        elif kind == _MERGE:
            top, bottom, left, right = struct.unpack_from("<4I", body)
            draft.merges.append(Range(top + 1, left + 1, bottom + 1, right + 1))
            builder.check("merges", len(draft.merges))
        elif kind in _KINDS or kind in (1, 12):
            column = column + 1 if kind in _SHORT else struct.unpack_from("<I", body)[0] + 1
            if kind in _KINDS and row <= LAST_ROW and column <= LAST_COLUMN:
                at = 4 if kind in _SHORT else 8
                style = int.from_bytes(body[at - 4 : at - 1], "little")
                code = codes[style] if style < len(codes) else ""
                yield (row, column), _shown(_KINDS[kind], body, at, code, strings, from_1904), code


def _shown(kind: str, body: bytes, at: int, code: str, strings: Sequence[str], from_1904: bool) -> Shown:
    if kind in ("text", "rich"):
        return shown_text(_wide(body, at + (kind == "rich"))[0], code)
    if kind == "shared":
        index = struct.unpack_from("<I", body, at)[0]
        return shown_text(strings[index] if index < len(strings) else "", code)
    if kind == "bool":
        return Shown("TRUE" if body[at] else "FALSE", "bool")
    if kind == "error":
        return Shown(ERRORS.get(body[at], "#UNKNOWN!"), "error")
    raw = _rk(body, at) if kind == "rk" else repr(struct.unpack_from("<d", body, at)[0])
    return shown(raw, code, from_1904=from_1904)
