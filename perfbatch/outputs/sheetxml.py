"""Marking cells in a sheet part by splicing bytes: nothing but the format number of marked cells changes.

The part is cut into head (before the rows), rows and tail; only start tags of rows and of marked cells are
looked at. Parts that are not plain (another encoding, comments, CDATA, rows or cells without a reference,
which ECMA-376 Part 1 §18.3.1.4 and §18.3.1.73 allow) are first put into plain form with the same content.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Any

from lxml import etree

from perfbatch.intake.markup import BrokenPart, local
from perfbatch.intake.package import is_utf8
from perfbatch.model import Range, a1, column_number
from perfbatch.outputs.marks import parse_ref
from perfbatch.outputs.ooxml import CannotPatch, main_namespace, parse_part, serialised

Place = tuple[int, int]
_ROOT = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?worksheet(?=[\s/>])[^>]*>")
_UNNUMBERED = re.compile(
    rb"<(?:[\w.-]+:)?(?:row(?=[\s/>])(?![^<>]*?\sr=\"[1-9][0-9]*\")"
    rb"|c(?=[\s/>])(?![^<>]*?\sr=\"[A-Z]+[1-9][0-9]*\"))"
)
_ATTRIBUTE = {
    name: re.compile(rb"""(?<![\w:.-])%s\s*=\s*["']([^"']*)["']""" % name)
    for name in (b"r", b"s", b"ht", b"hidden", b"customFormat")
}
_TRUE = (b"1", b"true")
# What must come after <legacyDrawing> by the schema of CT_Worksheet (§18.3.1.99).
_LATER = {
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
    "AlternateContent",
}


class SheetXml:
    """A worksheet part under change."""

    def __init__(self, xml: bytes) -> None:
        if not _is_plain(xml):
            plain = parse_part(xml)
            etree.strip_tags(plain, etree.Comment, etree.ProcessingInstruction)
            number_cells(plain)
            xml = serialised(plain)
        root = _ROOT.search(xml)
        prefix = root[1] + b":" if root and root[1] else b""
        start = re.search(rb"<%ssheetData(?=[\s/>])[^>]*>" % prefix, xml)
        if root is None or start is None:
            raise CannotPatch("工作表部件没有单元格区")
        self._tag = prefix
        self._open = root[0]
        end = start.end()
        if start[0].endswith(b"/>"):
            opened, self._rows = start[0][:-2].rstrip() + b">", b""
        else:
            close = xml.rindex(b"</%ssheetData" % prefix)
            opened, self._rows = start[0], xml[end:close]
            end = xml.index(b">", close) + 1
        self._head, self._opened, self._tail = xml[: start.start()], opened, xml[end:]
        self._row_tag = re.compile(rb"<%srow(?=[\s/>])([^>]*)>" % prefix)
        self._row_close = re.compile(rb"</%srow\s*>" % prefix)
        self._cell_tag = re.compile(rb"<%sc(?=[\s/>])([^>]*)>" % prefix)

    @cached_property
    def head(self) -> Any:
        """Root element holding what stands before the rows."""
        return parse_part(self._head + b"</%sworksheet>" % self._tag)

    @cached_property
    def tail(self) -> Any:
        """Root element holding what stands after the rows."""
        return parse_part(self._open + self._tail)

    @cached_property
    def merges(self) -> list[Range]:
        """Merged areas."""
        areas = []
        for element in self.tail.iterfind("{*}mergeCells/{*}mergeCell"):
            first, _, last = str(element.get("ref")).partition(":")
            corners = (parse_ref(first), parse_ref(last or first))
            if corners[0] and corners[1]:
                areas.append(Range(*corners[0], *corners[1]))
        return areas

    @cached_property
    def drawing(self) -> str | None:
        """Relation id of the drawing part that holds comment boxes and form controls, if there is one."""
        attributes: Any = next((child.attrib for child in self.tail if local(child) == "legacyDrawing"), {})
        return next((str(value) for key, value in attributes.items() if str(key).endswith("}id")), None)

    def set_drawing(self, identity: str, relation_space: str) -> None:
        """Add the reference to the drawing part, at the place the schema demands."""
        element = etree.Element(f"{{{main_namespace(self.tail)}}}legacyDrawing", nsmap={"r": relation_space})
        element.set(f"{{{relation_space}}}id", identity)
        later = next((i for i, child in enumerate(self.tail) if local(child) in _LATER), len(self.tail))
        self.tail.insert(later, element)
        body: bytes = etree.tostring(self.tail)
        self._tail = body[body.index(b">") + 1 :]

    def restyle(self, places: set[Place], style: Callable[[Place, int], int]) -> None:
        """Give every cell of `places` the format `style(place, present format)`; missing cells are added.

        A missing cell's present format is that of its row or, failing that, of its column (§18.3.1.73).
        """
        wanted: dict[int, set[int]] = defaultdict(set)
        for row, column in places:
            wanted[row].add(column)
        pieces, done, left = [], 0, deque(sorted(wanted))
        for match in self._row_tag.finditer(self._rows):
            number = int(_attribute(match[1], b"r"))
            while left and left[0] < number:
                row = left.popleft()
                pieces += [self._rows[done : match.start()], self._new_row(row, wanted[row], style)]
                done = match.start()
            if left and left[0] == number:
                end = match.end()
                if not match[0].endswith(b"/>"):
                    close = self._row_close.search(self._rows, end)
                    if close is None:
                        raise BrokenPart("row without end")
                    end = close.end()
                present = self._rows[match.start() : end]
                marked = self._restyled(present, number, wanted[left.popleft()], style)
                pieces += [self._rows[done : match.start()], marked]
                done = end
        pieces.append(self._rows[done:])
        pieces += [self._new_row(row, wanted[row], style) for row in left]
        self._rows = b"".join(pieces)

    def styled(self, numbers: set[int]) -> set[Place]:
        """Places of the cells that have one of these formats."""
        found = set()
        for match in self._cell_tag.finditer(self._rows):
            if (style := _attribute(match[1], b"s")) and int(style) in numbers:
                place = parse_ref(_attribute(match[1], b"r").decode("ascii", "replace"))
                found |= {place} if place else set()
        return found

    def to_bytes(self) -> bytes:
        """The part as it stands now."""
        close = b"</%ssheetData>" % self._tag
        return self._head + self._opened + self._rows + close + self._tail

    def heights(self) -> tuple[float, Mapping[int, float]]:
        """Height in points of a row by default and of the rows that have their own; hidden rows have 0."""
        default = self._format("defaultRowHeight", 15)
        own = {}
        for match in self._row_tag.finditer(self._rows):
            if b"ht" not in match[1] and b"hidden" not in match[1]:
                continue
            height, hidden = _attribute(match[1], b"ht"), _attribute(match[1], b"hidden")
            if height or hidden:
                points = _float(height.decode("ascii", "replace"), default) * (hidden not in _TRUE)
                own[int(_attribute(match[1], b"r"))] = points
        return default, own

    def widths(self) -> tuple[float, list[tuple[int, int, float]]]:
        """Width of a column in characters by default, and (first, last, width) of those that have one."""
        default = self._format("defaultColWidth", self._format("baseColWidth", 8) + 0.7)
        own = []
        for element in self.head.iterfind("{*}cols/{*}col"):
            shown = element.get("hidden") not in ("1", "true")
            width = _float(element.get("width"), default) * shown
            own.append((int(element.get("min", "")), int(element.get("max", "")), width))
        return default, own

    def _format(self, name: str, default: float) -> float:
        element = self.head.find("{*}sheetFormatPr")
        return default if element is None else _float(element.get(name), default)

    @cached_property
    def _column_styles(self) -> list[tuple[int, int, int]]:
        columns = self.head.iterfind("{*}cols/{*}col")
        return [(int(c.get("min", "")), int(c.get("max", "")), int(c.get("style") or 0)) for c in columns]

    def _column_style(self, column: int) -> int:
        return next((style for first, last, style in self._column_styles if first <= column <= last), 0)

    def _new_row(self, row: int, columns: set[int], style: Callable[[Place, int], int]) -> bytes:
        cells = b"".join(self._new_cell(row, c, self._column_style(c), style) for c in sorted(columns))
        return b'<%srow r="%d">%s</%srow>' % (self._tag, row, cells, self._tag)

    def _new_cell(self, row: int, column: int, present: int, style: Callable[[Place, int], int]) -> bytes:
        number = style((row, column), present)
        return b'<%sc r="%s" s="%d"/>' % (self._tag, a1(row, column).encode("ascii"), number)

    def _restyled(self, xml: bytes, row: int, columns: set[int], style: Callable[[Place, int], int]) -> bytes:
        opened, _, rest = xml.partition(b">")
        own = int(_attribute(opened, b"s") or 0) if _attribute(opened, b"customFormat") in _TRUE else None
        if opened.endswith(b"/"):
            opened, rest = opened[:-1].rstrip(), b"</%srow>" % self._tag
        pieces, done, left = [opened + b">"], 0, sorted(columns)

        def added(column: int) -> bytes:
            return self._new_cell(row, column, self._column_style(column) if own is None else own, style)

        for match in self._cell_tag.finditer(rest):
            column = column_number(_attribute(match[1], b"r").rstrip(b"0123456789").decode("ascii"))
            while left and left[0] < column:
                pieces += [rest[done : match.start()], added(left.pop(0))]
                done = match.start()
            if left and left[0] == column:
                left.pop(0)
                number = style((row, column), int(_attribute(match[1], b"s") or 0))
                pieces += [rest[done : match.start()], _with_style(match[0], number)]
                done = match.end()
        end = rest.rindex(b"</") if left else len(rest)
        pieces += [rest[done:end], *(added(column) for column in left), rest[end:]]
        return b"".join(pieces)


def number_cells(root: Any) -> None:
    """Write out the references that rows and cells of a sheet may leave to be counted."""
    row = 0
    for element in root.iterfind("{*}sheetData/{*}row"):
        row = int(element.get("r") or row + 1)
        element.set("r", str(row))
        column = 0
        for cell in element.iterfind("{*}c"):
            place = parse_ref(cell.get("r") or "")
            column = place[1] if place else column + 1
            cell.set("r", a1(row, column))


def _is_plain(xml: bytes) -> bool:
    """Whether every row and cell states its reference, in UTF-8 markup without comments or CDATA."""
    odd = not is_utf8(xml) or b"<!" in xml or b"\x00" in xml or xml.find(b"<?", 5) >= 0
    return not odd and _UNNUMBERED.search(xml) is None


@lru_cache(maxsize=10_000)  # the rows and cells of forms are alike
def _attribute(attributes: bytes, name: bytes) -> bytes:
    match = _ATTRIBUTE[name].search(attributes)
    return match[1] if match else b""


def _with_style(tag: bytes, number: int) -> bytes:
    """The start tag of a cell with another format number; the order of attributes stays."""
    style = b's="%d"' % number
    if re.search(rb"""(?<=\s)s\s*=\s*["']""", tag):
        return re.sub(rb"""(?<=\s)s\s*=\s*["'][^"']*["']""", style, tag, count=1)
    return re.sub(rb"""((?<=\s)r\s*=\s*["'][^"']*["'])""", rb"\1 " + style, tag, count=1)


def _float(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default
