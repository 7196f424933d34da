"""The comments of one sheet: their texts (comments part) and their boxes (VML drawing part).

Texts of others are kept; ours stand below, after a rule line, when a cell has a comment already. Boxes are
spliced into the VML text, which Office does not always write as well-formed XML. Shape ids come from blocks
of 1 024 that no other part of the workbook claims. Sources: ECMA-376 Part 1 §18.7 (comments), Part 4
§19.1–19.4 (VML; the anchor of a comment is column, pixels, row, pixels of two corners).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any

from lxml import etree

from perfbatch.intake.grids import AUTHOR, RULE, author_of, is_ours
from perfbatch.intake.markup import local
from perfbatch.intake.package import text_of_runs
from perfbatch.model import LAST_COLUMN, LAST_ROW
from perfbatch.outputs.cells import TEXT_LIMIT, units16
from perfbatch.outputs.marks import FONT, PIXELS, Mark, box, clean, parse_ref
from perfbatch.outputs.ooxml import CannotPatch, main_namespace, parse_part, serialised
from perfbatch.outputs.sheetxml import Place, SheetXml

COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
BLOCK = 1024
_DIGIT_PIXELS = 7.0
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
SHAPE = re.compile(rb"<(?:\w+:)?shape\s[^>]*(?<!/)>.*?</(?:\w+:)?shape\s*>", re.DOTALL)
_ROW = re.compile(rb"<(?:\w+:)?Row>\s*(\d+)\s*</")
_COLUMN = re.compile(rb"<(?:\w+:)?Column>\s*(\d+)\s*</")
ANCHOR = re.compile(rb"(<(?:\w+:)?Anchor>)([\s\d,]+)(</)")
SHAPE_ID = re.compile(rb"_x0000_s(\d+)")
IDMAP = re.compile(rb"""(<(?:\w+:)?idmap\b[^>]*\bdata\s*=\s*["'])([\d,\s]+)""")
HEIGHT = re.compile(rb"(?<![\w-])height\s*:\s*([\d.]+)\s*(pt|px)")
_HAS_TYPE = re.compile(rb"""<(?:\w+:)?shapetype\s[^>]*\bid\s*=\s*["']_x0000_t202["']""")
_THREAD = "tc={"
_EMPTY_COMMENTS = '<comments xmlns="{}"><authors/><commentList/></comments>'
_SPACES = (
    b'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    b'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
NOTE_TYPE = (
    b"<v:shapetype " + _SPACES + b' id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    b'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    b'<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_NEW_VML = b"<xml " + _SPACES + b'><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="%d"/></o:shapelayout></xml>'
_NOTE = (
    '<v:shape {spaces} id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:{left:g}pt;'
    'margin-top:{top:g}pt;width:{width:g}pt;height:{height:g}pt;z-index:{z};visibility:hidden" '
    'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


class Comments:
    """The comments part of a sheet; None for a sheet that has none (namespace given)."""

    def __init__(self, xml: bytes | None, namespace: str = "") -> None:
        self._root = parse_part(_EMPTY_COMMENTS.format(namespace).encode() if xml is None else xml)
        self._space = main_namespace(self._root)
        authors = next((child for child in self._root if local(child) == "authors"), None)
        listed = next((child for child in self._root if local(child) == "commentList"), None)
        if authors is None or listed is None:
            raise CannotPatch("批注部件不完整")
        self._authors, self._list = authors, listed
        found = ((parse_ref(element.get("ref") or ""), element) for element in listed)
        self._places = {place: element for place, element in found if place}

    def is_thread(self, place: Place) -> bool:
        """Whether the comment of a cell is the shadow of a threaded one, which Office 365 shows instead."""
        return self._author(self._places[place]).startswith(_THREAD)

    def _author(self, element: Any) -> str:
        return author_of(element, [name.text or "" for name in self._authors])

    def strip_ours(self) -> tuple[set[Place], set[Place]]:
        """Remove what an earlier run wrote: places of whole comments, and of texts below others' comments."""
        whole, below = set(), set()
        for place, element in list(self._places.items()):
            if is_ours("".join(map(text_of_runs, element)), self._author(element)):
                self._list.remove(self._places.pop(place))
                whole.add(place)
            elif self._strip_below(element):
                below.add(place)
        return whole, below

    def add(self, place: Place, ref: str, text: str) -> tuple[bool, str]:
        """Say `text` at a cell; returns whether the cell had a comment already, and the whole text now."""
        element = self._places.get(place)
        if element is None:
            names = [name.text for name in self._authors]
            if AUTHOR not in names:
                etree.SubElement(self._authors, self._tag("author")).text = AUTHOR
                names.append(AUTHOR)
            element = etree.SubElement(self._list, self._tag("comment"), ref=ref)
            element.set("authorId", str(names.index(AUTHOR)))
            self._places[place] = element
            self._run(etree.SubElement(element, self._tag("text")), text)
            return False, text
        body = next((child for child in element if local(child) == "text"), None)
        if body is None:
            body = etree.SubElement(element, self._tag("text"))
        theirs = text_of_runs(body)
        plain = next((child for child in body if local(child) == "t"), None)
        if plain is not None:  # becomes a run, so that runs can follow
            run = etree.Element(self._tag("r"))
            body.replace(plain, run)
            run.append(plain)
        ours = clean(f"\n{RULE}\n{text}", max(TEXT_LIMIT - units16(theirs), len(RULE) + 40))
        self._run(body, ours)
        return True, theirs + ours

    def sort(self) -> None:
        """Our comments in order of row and column, after those of others."""
        ours = [element for element in self._list if self._author(element) == AUTHOR]
        for element in sorted(ours, key=lambda e: parse_ref(e.get("ref")) or (0, 0)):
            self._list.append(element)

    def to_bytes(self) -> bytes:
        """The part as it stands now."""
        return serialised(self._root)

    def _tag(self, name: str) -> str:
        return f"{{{self._space}}}{name}"

    def _run(self, body: Any, text: str) -> None:
        """Append a run; phonetic data, where present, must stay behind the runs."""
        run = etree.Element(self._tag("r"))
        look = etree.SubElement(run, self._tag("rPr"))
        etree.SubElement(look, self._tag("sz"), val=str(FONT[1]))
        etree.SubElement(look, self._tag("color"), indexed="81")
        etree.SubElement(look, self._tag("rFont"), val=FONT[0])
        etree.SubElement(look, self._tag("charset"), val="134")
        content = etree.SubElement(run, self._tag("t"))
        content.text = _ESCAPED.sub("_x005F_", text)
        content.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        at = next((n for n, child in enumerate(body) if local(child) in ("rPh", "phoneticPr")), len(body))
        body.insert(at, run)

    def _strip_below(self, element: Any) -> bool:
        texts = [(run, run.findtext(self._tag("t"), "")) for run in element.iter(self._tag("r"))]
        ours = [run for run, text in texts if text.startswith(f"\n{RULE}\n")]
        for run in ours:
            run.getparent().remove(run)
        return bool(ours)


def claimed(parts: Iterable[bytes]) -> Counter[int]:
    """How many of all VML parts of a workbook claim each block of shape ids."""
    return Counter(block for vml in parts for block in _claims(vml))


class Boxes:
    """The VML part of a sheet: shapes spliced in before its end; None for a sheet that has none.

    `vml` is the part as it stands now. `blocks` are those `claimed` in the workbook, to which it adds its own.
    """

    def __init__(self, vml: bytes | None, blocks: Counter[int]) -> None:
        self._blocks = blocks
        self.vml = _NEW_VML % self._claim() if vml is None else vml
        if b"\x00" in self.vml or self._end() < 0:
            raise CannotPatch("批注框部件的编码无法识别")

    def strip(self, places: set[Place]) -> None:
        """Remove the comment boxes of these cells."""
        if places:
            self.vml = SHAPE.sub(lambda m: b"" if note_place(m[0]) in places else m[0], self.vml)

    def add(self, marks: Iterable[tuple[Mark, str]], geometry: Geometry) -> None:
        """Boxes for new comments, sized to their text."""
        shapes = []
        for z, ((mark, text), number) in enumerate(zip(marks, self._numbers(), strict=False), 1):
            width, height = box(text)
            anchor, left, top = geometry.right_of(mark.row, mark.right, width, height)
            place = {"left": left, "top": top, "width": width, "height": height}
            shapes.append(_NOTE.format(
                spaces=_SPACES.decode(), id=number, z=z, anchor=", ".join(map(str, anchor)), row=mark.row - 1,
                column=mark.column - 1, **{name: round(points, 2) for name, points in place.items()},
            ))  # fmt: skip
        body = "".join(shapes).encode("utf-8")
        if body and not _HAS_TYPE.search(self.vml):
            body = NOTE_TYPE + body
        end = self._end()
        self.vml = self.vml[:end] + body + self.vml[end:]

    def grow(self, texts: dict[Place, str], geometry: Geometry) -> None:
        """Let the boxes of others' comments reach further down, so that the text added below shows."""

        def grown(match: re.Match[bytes]) -> bytes:
            """A box with the lower edge moved down where the text needs it; left, top, width and look stay."""
            shape, place = match[0], note_place(match[0])
            if place not in texts:
                return shape
            needed = box(texts[place])[1] * PIXELS
            found = ANCHOR.search(shape)
            figures = [int(figure) for figure in found[2].split(b",")] if found else []
            if found and len(figures) == 8:
                _, _, top, above, _, _, bottom, below = figures
                if geometry.height(top, above, bottom, below) >= needed:
                    return shape
                figures[6:] = geometry.down(top, above + needed)
                shape = shape[: found.start(2)] + ", ".join(map(str, figures)).encode() + shape[found.end(2) :]

            def taller(match: re.Match[bytes]) -> bytes:
                present = float(match[1]) * (PIXELS if match[2] == b"pt" else 1)
                return match[0] if present >= needed else b"height:%gpt" % round(needed / PIXELS, 2)

            return HEIGHT.sub(taller, shape, count=1)

        if texts:
            self.vml = SHAPE.sub(grown, self.vml)

    def _end(self) -> int:
        return self.vml.rfind(b"</xml")

    def _numbers(self) -> Any:
        """Free shape numbers: after the highest here, in a block that is this part's alone."""
        own = sorted(_claims(self.vml))
        block = own[-1] if own and self._blocks[own[-1]] <= 1 else self._extend()
        used = [int(n) for n in SHAPE_ID.findall(self.vml) if int(n) // BLOCK == block]
        first = max([block * BLOCK, *used]) + 1
        while True:
            yield from range(first, (block + 1) * BLOCK)
            block = self._extend()
            first = block * BLOCK + 1

    def _claim(self) -> int:
        """The next block that no part claims."""
        block = max(self._blocks, default=0) + 1
        self._blocks[block] += 1
        return block

    def _extend(self) -> int:
        block = self._claim()
        if IDMAP.search(self.vml):
            self.vml = IDMAP.sub(lambda m: m[0] + b",%d" % block, self.vml, count=1)
        return block


class Geometry:
    """Where rows and columns lie on a sheet, in pixels at 96 dpi."""

    def __init__(self, sheet: SheetXml) -> None:
        self._row, self._rows = sheet.heights()
        self._own = sorted(self._rows)
        self._above = list(accumulate((self._rows[row] for row in self._own), initial=0.0))
        self._column, self._columns = sheet.widths()

    def right_of(self, row: int, column: int, width: float, height: float) -> tuple[list[int], float, float]:
        """Anchor of a box of this size (points) beside a 1-based cell, and its left and top in points."""
        start = (column if column < LAST_COLUMN - 8 else column - 8, max(row - 2, 0))
        above = 10 if row > 1 else 2
        count = bisect_right(self._own, start[1])  # rows above that have a height of their own
        top = (self._above[count] + (start[1] - count) * self._row) * PIXELS + above
        left = sum(self._width(c) for c in range(1, start[0] + 1)) + 15
        right = _reached(start[0], 15 + width * PIXELS, self._width, LAST_COLUMN)
        anchor = [start[0], 15, start[1], above, *right, *self.down(start[1], above + height * PIXELS)]
        return anchor, left / PIXELS, top / PIXELS

    def down(self, row: int, pixels: float) -> tuple[int, int]:
        """0-based row and offset that lie `pixels` below the top of 0-based `row`."""
        return _reached(row, pixels, self._height, LAST_ROW)

    def height(self, top: int, above: int, bottom: int, below: int) -> float:
        """Pixels between two vertical positions, each a 0-based row and an offset."""
        return sum(self._height(row + 1) for row in range(top, bottom)) - above + below

    def _height(self, row: int) -> float:
        return round(self._rows.get(row, self._row) * PIXELS)

    def _width(self, column: int) -> float:
        own = next((width for first, last, width in self._columns if first <= column <= last), self._column)
        return int(own * _DIGIT_PIXELS + 0.5)


def _reached(at: int, pixels: float, size: Callable[[int], float], last: int) -> tuple[int, int]:
    """0-based row or column and offset that lie `pixels` behind the beginning of another; `size` takes 1-based ones."""
    while pixels >= (own := size(at + 1)) and at < last - 1:
        pixels, at = pixels - own, at + 1
    return at, int(pixels)


def note_place(shape: bytes) -> Place | None:
    """1-based cell of a comment box; None for any other shape."""
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    if row is None or column is None or b'"Note"' not in shape.replace(b"'", b'"'):
        return None
    return int(row[1]) + 1, int(column[1]) + 1


def _claims(vml: bytes) -> set[int]:
    """Blocks of shape ids that a VML part claims or uses."""
    mapped = {int(n) for match in IDMAP.finditer(vml) for n in match[2].split(b",") if n.strip()}
    return mapped | {int(n) // BLOCK for n in SHAPE_ID.findall(vml)}
