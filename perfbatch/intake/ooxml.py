"""Reader of .xlsx and .xlsm, transitional and Strict: own scan instead of a native reader.

Measured on 83 forms: three times the time of python-calamine, a twentieth of openpyxl's, with what neither
gives together: error cells, number formats, formulas without a value, no abort on a far cell
(shared READERS notes). ECMA-376 Part 1 §18.3 (sheets), §18.4 (strings), §18.8 (styles).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice

from perfbatch.intake.formats import format_code, kind_of, number_text, shown, shown_iso
from perfbatch.intake.grids import Builder, Cells
from perfbatch.intake.package import (
    Package,
    Sheet,
    column_number,
    is_plain,
    parse,
    raw_cells,
    text_of_runs,
    unescape,
)
from perfbatch.model import Cell, Range, Stored, a1

_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_STRING = re.compile(r'<si>(?:<t(?: xml:space="preserve")?>([^<]*)</t>|<t/>)</si>|(<si>|<si/>|<si )')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MERGE = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^<>]*?ref\s*=\s*["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})["']"""
)
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^<>]*?hidden\s*=\s*["'](?:1|true)["'][^<>]*>""")
_COLUMN = re.compile(rb"""<(?:\w+:)?col\s[^<>]*?hidden\s*=\s*["'](?:1|true)["'][^<>]*>""")
_NUMBER_OF = re.compile(rb"""\s(?:r|min)\s*=\s*["'](\d{1,7})["']""")
Style = tuple[Stored, str]
_PLAIN: Style = ("number", "")


def read_package(package: Package, builder: Builder) -> None:
    """Add every worksheet of the package to the builder, in workbook order, with the notes of the book.

    Raises BrokenPart on a missing or malformed part, RefusedFile past a limit.
    """
    sheets = package.sheets()
    builder.check_sheets(len(sheets))
    _note_package(package, sheets, builder)
    strings, styles = _strings(package), _styles(package)
    from_1904 = _from_1904(package)
    read: set[str] = set()
    for sheet in sheets:
        if not sheet.part or sheet.part in read:
            text = f"工作表“{sheet.name}”没有自己的内容，无法读取，请核对原表。"
            builder.notes.add("unreadable_cell", sheet.name, "", text)
        elif sheet.kind == "worksheet":
            read.add(sheet.part)
            reader = _SheetReader(sheet.name, strings, styles, from_1904, builder)
            reader.read(package.read(sheet.part), sheet)
        else:
            builder.notes.add("not_a_worksheet", sheet.name, "", f"“{sheet.name}”不是普通工作表，未读取。")


def decode_escapes(text: str) -> str:
    """``_x000D_`` and its like as the characters meant (ST_Xstring, §22.9.2.19); NUL and surrogates stay."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda m: m[0] if _unfit(int(m[1], 16)) else chr(int(m[1], 16)), text)


def _unfit(code: int) -> bool:
    return code == 0 or 0xD800 <= code < 0xE000 or code >= 0xFFFE


def _note_package(package: Package, sheets: list[Sheet], builder: Builder) -> None:
    kinds = {kind for kind, _ in package.relations.values()}
    notes = builder.notes
    if "vbaProject" in kinds:
        notes.add("macro_workbook", "", "", "工作簿含有宏；本程序不运行宏，只读取单元格。")
    if "externalLink" in kinds:
        notes.add("external_links", "", "", "工作簿引用了其他工作簿，读取的是上次保存的结果。")
    if any(kind == "origin" for kind, _ in package.relations_of("").values()):
        notes.add("digital_signature", "", "", "工作簿有数字签名，批注副本中的签名将失效。")
    names = Counter(sheet.name.lower() for sheet in sheets)
    for name in sorted({sheet.name for sheet in sheets if names[sheet.name.lower()] > 1}):
        notes.add("duplicate_sheet_names", name, "", f"有两个工作表都叫“{name}”，问题位置可能混淆，请改名。")


def _strings(package: Package) -> dict[str, str]:
    """Shared strings by their index as the cells write it."""
    part = package.related("sharedStrings")
    return {} if part is None else {str(index): text for index, text in enumerate(_items(package.read(part)))}


def _items(xml: bytes) -> list[str]:
    if is_plain(xml) and b":si>" not in xml:
        text = xml.decode("utf-8", "replace")
        found = _STRING.findall(text)
        if not any(rich for _, rich in found) and len(found) == len(re.findall(r"<si[\s/>]", text)):
            return [decode_escapes(unescape(plain)) for plain, _ in found]
    return [decode_escapes(text_of_runs(item)) for item in parse(xml).iterfind("{*}si")]


def _styles(package: Package) -> list[Style]:
    """Kind and format code of every cell style (index = the ``s`` attribute)."""
    part = package.related("styles")
    if part is None:
        return []
    root = parse(package.read(part))
    custom: dict[int, str] = {}
    for element in root.iterfind("{*}numFmts/{*}numFmt"):
        custom[_integer(element.get("numFmtId"))] = element.get("formatCode") or ""
    codes = [format_code(_integer(xf.get("numFmtId")), custom) for xf in root.iterfind("{*}cellXfs/{*}xf")]
    return [(kind_of(code) if code else "number", "" if _is_general(code) else code) for code in codes]


def _is_general(code: str) -> bool:
    return code.strip().lower() in ("", "general", "g/通用格式", "@")


def _integer(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"\s*\d{1,9}\s*", text, re.ASCII) else -1


def _from_1904(package: Package) -> bool:
    properties = parse(package.read(package.workbook_part)).find("{*}workbookPr")
    return properties is not None and properties.get("date1904") in ("1", "true", "on")


class _SheetReader:
    """Turns the raw cells of one sheet part into Cells, noting what cannot be given as the clerk sees it."""

    def __init__(
        self, sheet: str, strings: dict[str, str], styles: list[Style], from_1904: bool, builder: Builder
    ) -> None:
        self._sheet = sheet
        self._strings = strings
        self._styles = styles
        self._from_1904 = from_1904
        self._builder = builder

    def read(self, xml: bytes, sheet: Sheet) -> None:
        cells = self._cells(xml)
        merges = list(islice(_merges(xml), self._builder.limits.merges + 1)) if b"mergeCell" in xml else []
        rows: frozenset[int] = frozenset()
        if b"hidden" in xml:
            rows = frozenset(int(n[1]) for m in _ROW.finditer(xml) if (n := _NUMBER_OF.search(m[0])))
            self._note_columns(xml)
        hidden = sheet.state in ("hidden", "veryHidden")
        self._builder.add(self._sheet, cells, merges=merges, hidden=hidden, hidden_rows=rows)

    def _cells(self, xml: bytes) -> Cells:
        cells: Cells = {}
        columns: dict[str, int] = {}
        strings, styles, room = self._strings, self._styles, self._builder.room
        new = partial(tuple.__new__, Cell)  # a quarter of the time of this loop is Cell.__new__
        known = len(styles)
        for letters, digits, kind, style, value, formula in raw_cells(xml):
            if value is None or (not value and kind != "s"):
                if formula is not None and (value is None or kind != "str"):
                    self._builder.no_value(self._sheet, letters + digits)
                continue
            column = columns.get(letters) or columns.setdefault(letters, column_number(letters))
            row = int(digits)
            if row > _LAST_ROW or column > _LAST_COLUMN:
                self._builder.unreadable(self._sheet, letters + digits, "超出工作表范围，未读取")
                continue
            if kind == "s" and value in strings:
                cell = new((row, column, strings[value], "text", ""))
            elif kind == "n":
                stored, code = styles[style] if style < known else _PLAIN
                if stored == "number" and (text := number_text(value)) is not None:
                    cell = new((row, column, text, stored, code))
                else:
                    cell = Cell(row, column, *shown(value, code, from_1904=self._from_1904), code)
            else:
                cell = self._other(row, column, kind, value, styles[style][1] if style < known else "")
            if cell[2]:
                cells[row, column] = cell
                if len(cells) > room:
                    raise self._builder.too_many_cells()
        return cells

    def _other(self, row: int, column: int, kind: str, value: str, code: str) -> Cell:
        """Booleans, errors, ISO dates, text, and references to strings that are not there."""
        if kind == "b":
            return Cell(row, column, "TRUE" if value.strip() in ("1", "true") else "FALSE", "bool")
        if kind == "e":
            cell = Cell(row, column, value.strip(), "error")
            self._builder.error(self._sheet, cell)
            return cell
        if kind == "d":
            text, stored = shown_iso(value, code)
            return Cell(row, column, text, stored, code)
        if kind == "s":
            return Cell(row, column, self._string(row, column, value))
        return Cell(row, column, decode_escapes(value))

    def _string(self, row: int, column: int, value: str) -> str:
        """A string index with blanks around it is legal XML; any other oddity has no text."""
        text = self._strings.get(str(_integer(value)))
        if text is not None:
            return text
        self._builder.unreadable(self._sheet, a1(row, column), "指向不存在的文字，按空白处理")
        return ""

    def _note_columns(self, xml: bytes) -> None:
        hidden = [int(n[1]) for m in _COLUMN.finditer(xml) if (n := _NUMBER_OF.search(m[0]))]
        if hidden:
            text = f"从 {a1(1, hidden[0])[:-1]} 列起有隐藏的列，已一并读取。"
            self._builder.notes.add("hidden_columns", self._sheet, a1(1, hidden[0]), text)


def _merges(xml: bytes) -> Iterator[Range]:
    for match in _MERGE.finditer(xml, xml.find(b"mergeCells") - 40):
        left, right = column_number(match[1].decode()), column_number(match[3].decode())
        top, bottom = int(match[2]), int(match[4])
        merge = Range(min(top, bottom), min(left, right), max(top, bottom), max(left, right))
        if merge.bottom <= _LAST_ROW and merge.right <= _LAST_COLUMN and merge.top and merge[:2] != merge[2:]:
            yield merge
