"""The OOXML package: which sheet is which part, and the raw cells of a sheet part.

Two ways through a sheet part, giving the same cells in the same order: the plain markup that Excel, WPS, POI
and XlsxWriter write is cut at ``<c `` and each piece must fit one regular expression; a streaming XML parser
takes everything else (comments, CDATA, prefixes, cells without a reference, rich inline text). A piece that
does not fit, or a cell tag that was not cut, sends the rest of the part the second way, so nothing can be lost.
Vocabulary: ECMA-376 Part 1 §18.3.1 and §18.4.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple, TypeVar

from perfbatch.intake.guard import Limits, SafeZip
from perfbatch.intake.markup import BrokenPart, forget, local, parse, streamed
from perfbatch.model import column_letters

__all__ = [
    "BrokenPart",
    "Package",
    "RawCell",
    "Sheet",
    "cells_by",
    "column_number",
    "filled_cell",
    "is_plain",
    "local",
    "parse",
    "raw_cell",
    "raw_cells",
    "text_of_runs",
    "unescape",
]

T = TypeVar("T")
_BATCH = 1 << 14
_CHUNK = 1 << 20
_PRESERVE = r'(?: xml:space="preserve")?'
_CELL = re.compile(
    r'r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,6})")?(?: t="([a-zA-Z]+)")?(?: [cv]m="[0-9]+")*'
    r"(?:/>|>(?:(<f(?: [^<>]*)?)(?:/>|>([^<]*)</f>))?"
    rf"(?:<v{_PRESERVE}>([^<]*)</v>|<v/>|<is><t{_PRESERVE}>([^<]*)</t></is>)?</c>)"
)
_OTHER_OPENINGS = ("<c>", "<c/", "<c\n", "<c\t")
_CONTENT = 5  # first group of `_CELL` that is content and not position, style or type
_CLOSED = re.compile(rb"</(?:worksheet|sst)>\s*$")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([\w-]+)["']""")
_ENTITY = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_RELATION_ID = re.compile(r"\{[^}]*/relationships\}id$")


class Sheet(NamedTuple):
    """One sheet of the workbook: its part, ``visible``/``hidden``/``veryHidden``, and what it is
    (``worksheet``, ``chartsheet``, ``dialogsheet``, ``xlMacrosheet``)."""

    name: str
    part: str
    state: str
    kind: str


class RawCell(NamedTuple):
    """A ``<c>`` as written; `kind` is the ``t`` attribute (``n`` when absent), `style` the ``s`` attribute.

    `value` is the text of ``<v>``, or the text runs of an inline string, references resolved but ``_x000D_`` not;
    `formula` the text of ``<f>`` (empty for the followers of a shared formula). Both are None where there is none.
    """

    letters: str
    row: str
    kind: str
    style: int
    value: str | None
    formula: str | None


_new = partial(tuple.__new__, RawCell)


class _OddMarkup(ValueError):
    """A cell that the plain way does not understand."""


def unescape(text: str) -> str:
    """XML text without the five named and the numeric references."""
    return _ENTITY.sub(_referred, text) if "&" in text else text


def _referred(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2] or 0)
    if match[3]:
        return _NAMED[match[3]]
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match[0]


class Package:
    """An opened OOXML package (.xlsx, .xlsm, .xlsb): safe part access and the list of sheets.

    `name` is the file name for messages. Raises RefusedFile from the container guard, BrokenPart when
    the workbook part or its relations are missing or malformed.
    """

    def __init__(self, data: bytes, *, name: str = "", limits: Limits | None = None) -> None:
        self.zip = SafeZip(data, name, limits or Limits())
        self.names = self.zip.names
        self.workbook_part = self._main_part()
        self.relations = self.relations_of(self.workbook_part)

    def read(self, part: str) -> bytes:
        """Bytes of a part; BrokenPart when it is missing."""
        try:
            return self.zip.read(part)
        except KeyError as error:
            raise BrokenPart(f"no part {part}") from error

    def relations_of(self, part: str) -> dict[str, tuple[str, str]]:
        """Relations of a part: id → (last word of the type, target part or external address)."""
        folder, file = posixpath.split(part)
        rels = self.zip.find(posixpath.join(folder, "_rels", file + ".rels"))
        if rels is None:
            return {}
        found: dict[str, tuple[str, str]] = {}
        for relation in parse(self.zip.read(rels)):
            target = str(relation.get("Target") or "").replace("\\", "/")
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[str(relation.get("Id"))] = (str(relation.get("Type")).rpartition("/")[2], target)
        return found

    def related(self, kind: str) -> str | None:
        """The stored name of the workbook's first part related by this kind (``styles`` …)."""
        target = next((target for word, target in self.relations.values() if word == kind), None)
        return None if target is None else self.zip.find(target)

    def sheets(self) -> list[Sheet]:
        """Sheets in workbook order (.xlsx/.xlsm); the same name may occur twice in a broken file."""
        sheets: list[Sheet] = []
        for element in parse(self.read(self.workbook_part)).iterfind("{*}sheets/{*}sheet"):
            reference = next((v for k, v in element.attrib.items() if _RELATION_ID.search(k)), "")
            kind, target = self.relations.get(reference, ("", ""))
            part = self.zip.find(target) or target
            sheets.append(Sheet(element.get("name") or "", part, element.get("state") or "visible", kind))
        return sheets

    def _main_part(self) -> str:
        roots = self.relations_of("").values()
        main = next((self.zip.find(target) for kind, target in roots if kind == "officeDocument"), None)
        found = main or self.zip.find("xl/workbook.xml") or self.zip.find("xl/workbook.bin")
        if found is None:
            raise BrokenPart("no workbook part")
        return found


def raw_cells(xml: bytes) -> Iterator[RawCell]:
    """Every ``<c>`` of a sheet part, in document order; empty styled cells are included.

    Raises BrokenPart on malformed XML that the plain way cannot take.
    """
    return chain.from_iterable(cells_by(xml, lambda pieces: list(map(raw_cell, pieces)), lambda raw: raw))


def cells_by(
    xml: bytes, of_pieces: Callable[[list[str]], list[T]], of_raw: Callable[[RawCell], T]
) -> Iterator[list[T]]:
    """What two functions make of every cell, in lists of many: of pieces of plain markup, or of a raw cell.

    `of_pieces` gives for each what `of_raw` would give for its `raw_cell`. It may remember pieces: they are all
    of a cell, its reference too, and the forms of an export repeat most of them.
    """
    given = 0
    if is_plain(xml):
        try:
            for pieces in _pieces(xml):
                found = of_pieces(pieces)
                given += len(found)
                yield found
            return
        except _OddMarkup:
            pass
    rest = islice(_parsed_cells(xml), given, None)
    while batch := [of_raw(raw) for raw in islice(rest, _BATCH)]:
        yield batch


def raw_cell(piece: str) -> RawCell:
    """The cell at the beginning of a piece of markup cut behind ``<c ``."""
    filled = filled_cell(piece)
    if filled is not None:
        return filled
    letters, row, style, kind = _CELL.match(piece).groups()[:4]  # type: ignore[union-attr]
    return RawCell(letters, row, kind or "n", int(style or 0), None, None)


def filled_cell(piece: str) -> RawCell | None:
    """As `raw_cell`, None for a cell without value and formula (in many sheets most are)."""
    match = _CELL.match(piece)
    if match is None:
        raise _OddMarkup
    if match.lastindex < _CONTENT:  # type: ignore[operator]
        return None
    letters, row, style, kind, formula_tag, formula, value, inline = match.groups()
    content = inline if value is None else value
    if content and "&" in content:
        content = unescape(content)
    if formula_tag:
        formula_tag = unescape(formula or "")
    return _new((letters, row, kind or "n", int(style or 0), content, formula_tag))


def is_plain(xml: bytes) -> bool:
    """UTF-8, no comment, CDATA or DOCTYPE, complete: what the regular expression may be let loose on."""
    declared = _ENCODING.match(xml[:200].removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        return False
    # Excel ends the declaration with CR LF; any other CR needs the line-end rules of XML.
    if (b"!" in xml and b"<!" in xml) or xml.find(b"\r", 120) >= 0 or not _CLOSED.search(xml[-64:]):
        return False
    return b":c" not in xml or not any(prefixed in xml for prefixed in (b":c ", b":c>", b":c/"))


def _pieces(xml: bytes) -> Iterator[list[str]]:
    """The part cut behind each ``<c ``, in lists that end at a row, so that memory stays flat."""
    start = 0
    while start < len(xml):
        end = xml.find(b"</row>", start + _CHUNK)
        end = len(xml) if end < 0 else end + 6
        try:
            text = xml[start:end].decode("utf-8")
        except UnicodeDecodeError as error:
            raise BrokenPart(str(error)) from error
        pieces = text.split("<c ")
        others = text.count("<c") - len(pieces) + 1
        if others and others != text.count("<col") and any(tag in text for tag in _OTHER_OPENINGS):
            raise _OddMarkup
        del pieces[0]
        yield pieces
        start = end


def _parsed_cells(xml: bytes) -> Iterator[RawCell]:
    """The thorough way: streaming parser, cells without reference counted on from their neighbour."""
    row = column = 0
    for event, element in streamed(xml, "row", "c"):
        if local(element) == "row":
            if event == "end":
                forget(element)
            else:
                row, column = _number(element.get("r"), row + 1), 0
        elif event == "end":
            letters, digits = _position(element.get("r"), row, column + 1)
            row, column = int(digits), column_number(letters)
            style = _number(element.get("s"), 0)
            yield RawCell(letters, digits, element.get("t") or "n", style, *_content(element))


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else default


def _position(reference: str | None, row: int, column: int) -> tuple[str, str]:
    match = re.fullmatch(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})", (reference or "").strip())
    return (match[1].upper(), match[2]) if match else (column_letters(column), str(max(row, 1)))


def column_number(letters: str) -> int:
    """1-based number of column letters: A → 1, XFD → 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _content(cell: Any) -> tuple[str | None, str | None]:
    value = formula = None
    for child in cell:
        tag = local(child)
        if tag == "v":
            value = child.text or ""
        elif tag == "f":
            formula = child.text or ""
        elif tag == "is":
            value = text_of_runs(child)
    return value, formula


def text_of_runs(element: Any) -> str:
    """Text of a string item: its own ``<t>`` and those of its runs, phonetic runs (§18.4.6) left out."""
    pieces = []
    for child in element:
        tag = local(child)
        if tag == "t":
            pieces.append(child.text or "")
        elif tag == "r":
            pieces.extend(run.text or "" for run in child if local(run) == "t")
    return "".join(pieces)
