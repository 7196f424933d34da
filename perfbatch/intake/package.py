"""The OOXML package: which sheet is which part, and the raw cells of a sheet part.

Two ways through a sheet part, giving the same cells in the same order: of the plain markup that Excel, WPS, POI
and XlsxWriter write, the rows are cut at ``<c `` and each piece must be one cell and tags of rows to its last
character, by regular expressions; what stands around the rows (columns, merged areas) is parsed. A streaming XML
parser takes everything else (another encoding, comments, instructions, CDATA, prefixes, foreign elements,
AlternateContent, cells without a reference, rich inline text), and the rest of a part in which a piece does not fit.
Vocabulary: ECMA-376 Part 1 §18.3.1 and §18.4; markup compatibility: Part 3.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import chain, islice
from typing import Any, NamedTuple, TypeVar

from perfbatch.intake.guard import Limits, SafeZip
from perfbatch.intake.markup import BrokenPart, children, forget, local, namespace, parse, stands_in, streamed
from perfbatch.model import LAST_COLUMN, LAST_ROW, Range, column_letters, column_number

T = TypeVar("T")
_BATCH = 1 << 14
_CHUNK = 1 << 20
_PRESERVE = r'(?: xml:space="preserve")?'
_CELL = re.compile(
    r'r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,6})")?(?: t="([a-zA-Z]+)")?(?: [cv]m="[0-9]+")*'
    r"(?:/>|>(?:(<f(?: [^<>]*)?)(?:/>|>([^<]*)</f>))?"
    rf"(?:<v{_PRESERVE}>([^<]*)</v>|<v/>|<is><t{_PRESERVE}>([^<]*)</t></is>)?</c>)"
)
_BETWEEN = re.compile(r"(?:\s*</?row(?:\s[^<>]*)?>)*\s*")  # what may stand between two cells
_ROWS = re.compile(rb"<sheetData(?:\s[^<>]*)?>")
_HIDDEN_ROW = re.compile(rb"""<row\s[^<>]*?hidden\s*=\s*["'](?:1|true)["'][^<>]*>""")
_ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d{1,7})["']""")
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_AREA = re.compile(r"\s*\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})\s*", re.ASCII)
_SHORT_FRAME = 1 << 14  # bytes around the rows worth remembering
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
    if "&" not in text:
        return text

    def meant(match: re.Match[str]) -> str:
        if match[3]:
            return _NAMED[match[3]]
        code = int(match[1], 16) if match[1] else int(match[2] or 0)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match[0]

    return _ENTITY.sub(meant, text)


class Package:
    """An opened OOXML package (.xlsx, .xlsm, .xlsb): safe part access and the list of sheets.

    `name` is the file name for messages. Raises RefusedFile from the container guard, BrokenPart when
    the workbook part or its relations are missing or malformed.
    """

    def __init__(self, data: bytes, *, name: str = "", limits: Limits | None = None) -> None:
        self.zip = SafeZip(data, name, limits or Limits())
        self.names = self.zip.names
        self._known: dict[str, dict[str, tuple[str, str]]] = {}  # relations by part, which are asked again and again
        roots = self.relations_of("").values()
        main = next((self.zip.find(target) for kind, target in roots if kind == "officeDocument"), None)
        main = main or self.zip.find("xl/workbook.xml") or self.zip.find("xl/workbook.bin")
        if main is None:
            raise BrokenPart("no workbook part")
        self.workbook_part = main
        self.relations = self.relations_of(self.workbook_part)

    def read(self, part: str) -> bytes:
        """Bytes of a part; BrokenPart when it is missing."""
        try:
            return self.zip.read(part)
        except KeyError as error:
            raise BrokenPart(f"no part {part}") from error

    def relations_of(self, part: str) -> Mapping[str, tuple[str, str]]:
        """Relations of a part: id → (last word of the type, target part or external address)."""
        if part in self._known:
            return self._known[part]
        folder, file = posixpath.split(part)
        rels = self.zip.find(posixpath.join(folder, "_rels", file + ".rels"))
        found: dict[str, tuple[str, str]] = {}
        for relation in () if rels is None else parse(self.zip.read(rels)):
            target = str(relation.get("Target") or "").replace("\\", "/")
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[str(relation.get("Id"))] = (str(relation.get("Type")).rpartition("/")[2], target)
        self._known[part] = found
        return found

    def related(self, kind: str, part: str = "") -> str | None:
        """The stored name of the first part related by this kind (``styles`` …) to the workbook, else to `part`."""
        targets = (target for word, target in self.relations_of(part or self.workbook_part).values() if word == kind)
        return next((found for target in targets if (found := self.zip.find(target))), None)

    def sheets(self) -> list[Sheet]:
        """Sheets in workbook order (.xlsx/.xlsm); the same name may occur twice in a broken file."""
        sheets: list[Sheet] = []
        for element in parse(self.read(self.workbook_part)).iterfind("{*}sheets/{*}sheet"):
            reference = next((v for k, v in element.attrib.items() if _RELATION_ID.search(k)), "")
            kind, target = self.relations.get(reference, ("", ""))
            part = self.zip.find(target) or target
            sheets.append(Sheet(element.get("name") or "", part, element.get("state") or "visible", kind))
        return sheets


# what a sheet part says besides cells: its merged areas, and its first hidden column (0 for none)
Frame = tuple[tuple[Range, ...], int]


class SheetPart:
    """A worksheet part: its cells, then what else it says of them.

    `frame` and `hidden_rows` are known when all cells were taken. Raises BrokenPart on malformed XML.
    """

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._rows = _plain_rows(xml)
        self.frame: Frame = ((), 0)
        self.hidden_rows: frozenset[int] = frozenset()

    def cells_by(self, of_pieces: Callable[[list[str]], list[T]], of_raw: Callable[[RawCell], T]) -> Iterator[list[T]]:
        """What two functions make of every cell, in lists of many: of pieces of plain markup, or of a raw cell.

        `of_pieces` gives for each what `of_raw` would give for its raw cell. It may remember pieces: they are all
        of a cell, its reference too, and the forms of an export repeat most of them.
        """
        given = 0
        if self._rows:
            try:
                start, end = self._rows
                around = self._xml[:start] + self._xml[end:]
                self.frame = _frame(around) if len(around) < _SHORT_FRAME else _frame.__wrapped__(around)
                for pieces in _pieces(self._xml, start, end):
                    found = of_pieces(pieces)
                    given += len(found)
                    yield found
                self.hidden_rows = _hidden_rows(self._xml, start, end)
                return
            except _OddMarkup:
                pass
        rest = islice(self._parsed_cells(), given, None)
        while batch := [of_raw(raw) for raw in islice(rest, _BATCH)]:
            yield batch

    def _parsed_cells(self) -> Iterator[RawCell]:
        """The thorough way: streaming parser, cells without reference counted on from their neighbour.

        Only cells in rows of the sheet's own data count, and only its own merged areas and columns.
        """
        row = column = 0
        own, within = "", False
        merges: list[Range] = []
        columns: list[int] = []
        hidden: set[int] = set()
        for event, element in streamed(self._xml, "row", "c", "mergeCell", "col"):
            own = own or namespace(element.getroottree().getroot())
            if element.tag == own + "row":
                if event == "end":
                    forget(element)
                elif within := stands_in(element, own + "sheetData", own + "worksheet"):
                    row, column = _number(element.get("r"), row + 1), 0
                    if element.get("hidden") in ("1", "true"):
                        hidden.add(row)
            elif event == "end" and element.tag == own + "c":
                if within and stands_in(element, own + "row"):
                    if place := _PLACE.fullmatch((element.get("r") or "").strip()):
                        letters, digits = place[1].upper(), place[2]
                        row, column = int(digits), column_number(letters)
                    else:
                        row, column = max(row, 1), column + 1
                        letters, digits = _letters(column), str(row)
                    style = _number(element.get("s"), 0)
                    yield RawCell(letters, digits, element.get("t") or "n", style, *_content(element, own))
            elif event == "end" and stands_in(element, own + "mergeCells", own + "worksheet"):
                merges += _range(element.get("ref"))
            elif event == "end" and stands_in(element, own + "cols", own + "worksheet"):
                columns += _hidden_column(element)
        self.frame, self.hidden_rows = (tuple(merges), columns[0] if columns else 0), frozenset(hidden)


def _hidden_rows(xml: bytes, start: int, end: int) -> frozenset[int]:
    """The hidden ones of rows in plain markup."""
    if xml.find(b"hidden", start, end) < 0:
        return frozenset()
    rows = [_ROW_NUMBER.search(match[0]) for match in _HIDDEN_ROW.finditer(xml, start, end)]
    if None in rows:
        raise _OddMarkup  # its number follows from the rows before
    return frozenset(int(row[1]) for row in rows if row)


def _plain_rows(xml: bytes) -> tuple[int, int] | None:
    """Where the rows of a sheet part begin and end; None where the markup is not plain."""
    if not is_plain(xml):
        return None
    start = _ROWS.search(xml)
    if start is None or xml.find(b"<sheetData", start.end()) >= 0:
        return None
    end = start.end() if start[0].endswith(b"/>") else xml.find(b"</sheetData>", start.end())
    return None if end < 0 else (start.end(), end)


@lru_cache(maxsize=64)
def _frame(xml: bytes) -> Frame:
    """Frame of a sheet part whose rows were cut out; raises _OddMarkup where they were not the sheet's own data.

    The forms of an export share a few of them.
    """
    root = parse(xml)
    own = namespace(root)
    parts = [child for child in children(root) if child.tag.startswith(own)]
    if sum(part.tag == own + "sheetData" for part in parts) != 1:
        raise _OddMarkup
    areas = (area for part in parts if part.tag == own + "mergeCells" for area in children(part))
    columns = (column for part in parts if part.tag == own + "cols" for column in children(part))
    merges = chain.from_iterable(_range(area.get("ref")) for area in areas if area.tag == own + "mergeCell")
    hidden = chain.from_iterable(_hidden_column(column) for column in columns if column.tag == own + "col")
    return tuple(merges), next(hidden, 0)


def _range(reference: str | None) -> list[Range]:
    """A merged area within the sheet and of more than one cell, else none."""
    match = _AREA.fullmatch(reference or "")
    if match is None:
        return []
    left, right, top, bottom = column_number(match[1]), column_number(match[3]), int(match[2]), int(match[4])
    merge = Range(min(top, bottom), min(left, right), max(top, bottom), max(left, right))
    within = merge.bottom <= LAST_ROW and merge.right <= LAST_COLUMN and merge.top > 0
    return [merge] if within and merge[:2] != merge[2:] else []


def _hidden_column(column: Any) -> list[int]:
    """The first column of a hidden ``<col>``, else none."""
    first = _number(column.get("min"), 0)
    return [first] if column.get("hidden") in ("1", "true") and first else []


def filled_cell(piece: str) -> RawCell | None:
    """The cell at the beginning of a piece of markup cut behind ``<c ``; None for one without value and formula."""
    match = _CELL.match(piece)
    if match is None or (match.end() < len(piece) and not _BETWEEN.fullmatch(piece, match.end())):
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


def is_utf8(xml: bytes) -> bool:
    """Whether a part declares no other encoding than UTF-8 or what is part of it."""
    declared = _ENCODING.match(xml[:200].removeprefix(b"\xef\xbb\xbf"))
    return declared is None or declared[1].lower() in (b"utf-8", b"us-ascii", b"ascii")


def is_plain(xml: bytes) -> bool:
    """UTF-8, no comment, CDATA, DOCTYPE or instruction, complete: what regular expressions may be let loose on."""
    start = xml.find(b"?>", 0, 200) + 2 if xml.startswith((b"<?xml", b"\xef\xbb\xbf<?xml")) else 0
    if (b"!" in xml and b"<!" in xml) or (xml.count(b"?", start) and xml.find(b"<?", start) >= 0):
        return False
    # Excel ends the declaration with CR LF; any other CR needs the line-end rules of XML.
    return is_utf8(xml) and xml.find(b"\r", 120) < 0 and _CLOSED.search(xml[-64:]) is not None


def _pieces(xml: bytes, start: int, stop: int) -> Iterator[list[str]]:
    """The rows cut behind each ``<c ``, in lists that end at a row, so that memory stays flat."""
    while start < stop:
        end = xml.find(b"</row>", start + _CHUNK, stop)
        end = stop if end < 0 else end + 6
        try:
            text = xml[start:end].decode("utf-8")
        except UnicodeDecodeError as error:
            raise BrokenPart(str(error)) from error
        before, *pieces = text.split("<c ")
        if not _BETWEEN.fullmatch(before):
            raise _OddMarkup
        yield pieces
        start = end


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else default


_letters = lru_cache(maxsize=LAST_COLUMN)(column_letters)


def _content(cell: Any, own: str) -> tuple[str | None, str | None]:
    value = formula = None
    for child in children(cell):
        if child.tag == own + "v":
            value = child.text or ""
        elif child.tag == own + "f":
            formula = child.text or ""
        elif child.tag == own + "is":
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
