"""Reader of Word forms (.docx, .docm): the tables of a document, one below another, a new sheet where a page begins.

The text before a table (title, unit line) and the notes behind it stand in rows of their own; prose is left out and
said. Tables with no text between them are one table that goes on, also over a page break: their columns are laid over
one another by where they lie on the page. `layout` says in which cell of the document each cell of the sheet stands,
for reading and for the comments of the annotated copy.

Text is what a person sees: tracked insertions count, deletions and hidden text do not; fields show their result,
content controls what was filled in and not their prompt. Vocabulary: ECMA-376 Part 1 §17.3 (runs), §17.4 (tables),
§17.5.2 (content controls), §17.13 (comments, revisions), §17.16 (fields and form fields), §22.1 (formulas).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, compress, pairwise, takewhile
from typing import Any, NamedTuple

from perfbatch.intake.formats import Shown
from perfbatch.intake.grids import AUTHOR, Builder, SheetDraft
from perfbatch.intake.guard import refuse
from perfbatch.intake.markup import BrokenPart, children, local, namespace, parse
from perfbatch.intake.package import Package
from perfbatch.messages import shorten
from perfbatch.model import Range, a1

WORD = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_FORMULAS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
    "{http://purl.oclc.org/ooxml/officeDocument/math}",
)
DELETED = ("del", "moveFrom")
# what only surrounds content: content controls, insertions, links, tags, simple fields, text direction
_AROUND = ("ins", "moveTo", "hyperlink", "smartTag", "customXml", "fldSimple", "sdt", "sdtContent", "bdo", "dir")
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}
_SYMBOLS = {  # characters of symbol fonts, by font and code
    "symbol": {0xB3: "≥", 0xA3: "≤", 0xB1: "±", 0xB4: "×", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xB0: "°", 0xB7: "·"},
    "wingdings": {0xFE: "☑", 0xFD: "☒", 0xA8: "□", 0x6F: "□", 0xFC: "√", 0xFB: "×", 0x6E: "■", 0x9F: "·", 0x6C: "●"},
    "wingdings 2": {0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "□", 0x2A: "□", 0x50: "√", 0x4F: "×"},
}
_UNKNOWN = "\ufffd"
_PICTURES = ("blip", "imagedata", "svgBlip")
_BLANKS = re.compile(r"[ \t\xa0\u3000]+")


def is_word(element: Any, *names: str) -> bool:
    """Whether an element is one of WordprocessingML with one of these names."""
    tag = element.tag
    return isinstance(tag, str) and tag.startswith(WORD) and local(element) in names


def is_on(element: Any, name: str) -> bool:
    """Whether a property is switched on below `element` (rPr, trPr …)."""
    found = child(element, name)
    return found is not None and value(found) not in ("0", "false", "off", "none")


def child(element: Any, name: str) -> Any:
    """The first child of WordprocessingML with this name, None where there is none."""
    if element is None:
        return None
    return next((one for one in element if is_word(one, name)), None)


def value(element: Any, name: str = "val") -> str:
    """An attribute of WordprocessingML, empty where there is none."""
    if element is None:
        return ""
    return next((str(text) for key, text in element.attrib.items() if key in [space + name for space in WORD]), "")


def number(element: Any, name: str = "val", default: int = 0) -> int:
    """A whole number in an attribute; `default` where it holds none."""
    text = value(element, name)
    return int(text) if re.fullmatch(r"-?[0-9]{1,7}", text) else default


def below(element: Any, *names: str) -> Iterator[Any]:
    """Every element of WordprocessingML below one, itself too, with one of these names."""
    yield from element.iter(*[space + name for space in WORD for name in names])


def _within(element: Any, *names: str) -> Iterator[Any]:
    """Elements with one of these names below one, within what only surrounds them too."""
    for one in children(element):
        if is_word(one, *names):
            yield one
        elif is_word(one, *_AROUND):
            yield from _within(one, *names)


def blocks(element: Any) -> Iterator[Any]:
    """Paragraphs and tables of a body or cell, those in content controls and insertions too, deleted ones left out."""
    return _within(element, "p", "tbl")


def text_of(paragraph: Any) -> str:
    """Text of a paragraph; tabs stay, line breaks of the page are line breaks."""
    return "".join(_pieces(paragraph))


def _pieces(element: Any) -> Iterator[str]:
    for one in children(element):
        name = local(one)
        if one.tag in _MATH:
            yield _formula(one)
        elif not is_word(one, name):
            continue
        elif name in _AROUND:
            if name != "sdt" or not is_on(child(one, "sdtPr"), "showingPlcHdr"):  # else its prompt (单击此处输入文字)
                yield from _pieces(one)
        elif name == "r" and not is_on(child(one, "rPr"), "vanish"):
            yield from _run(one)


_MATH = [space + name for space in _FORMULAS for name in ("oMath", "oMathPara")]


def _run(run: Any) -> Iterator[str]:
    for one in children(run):
        name = local(one)
        if not is_word(one, name):
            continue
        if name == "t":
            yield one.text or ""
        elif name in _BREAKS:
            yield "" if name == "br" and value(one, "type") in ("page", "column") else _BREAKS[name]
        elif name == "sym":
            yield _symbol(value(one, "font"), value(one, "char"))
        elif name == "fldChar":
            yield _form_field(one)
        elif name == "ruby":
            base = child(one, "rubyBase")
            yield "" if base is None else "".join(_pieces(base))


def _symbol(font: str, code: str) -> str:
    """A character of a symbol font; fonts put theirs into the private area from F000 on."""
    if not re.fullmatch("[0-9a-fA-F]{1,6}", code):
        return _UNKNOWN
    place = int(code, 16)
    if 0xF000 <= place <= 0xF0FF:
        place -= 0xF000
    known = _SYMBOLS.get(font.strip().lower())
    if known is not None:
        return known.get(place, _UNKNOWN)
    return chr(place) if 0x20 <= place < 0xD800 else _UNKNOWN


def _form_field(mark: Any) -> str:
    """What an old form field shows by itself: a ticked box; the chosen entry of a list that stores but its number."""
    data = child(mark, "ffData")
    box, entries = child(data, "checkBox"), child(data, "ddList")
    if box is not None:
        state = "default" if child(box, "checked") is None else "checked"
        return "☑" if is_on(box, state) else "□"
    if entries is not None:
        listed = [value(one) for one in entries if is_word(one, "listEntry")]
        at = number(child(entries, "result"), default=number(child(entries, "default")))
        return listed[at] if 0 <= at < len(listed) else ""
    return ""


def _formula(element: Any) -> str:
    """A formula written side by side; � for one with fractions, roots or powers, whose text would say another thing."""
    said = []
    for one in element.iter():
        if not isinstance(one.tag, str) or not one.tag.startswith(_FORMULAS):
            continue
        name = local(one)
        if name == "t":
            said.append(one.text or "")
        elif name in ("f", "rad", "sSup", "sSub", "sSubSup", "sPre", "nary", "m", "limLow", "limUpp", "func", "eqArr"):
            return _UNKNOWN
    return "".join(said)


def has_picture(element: Any) -> bool:
    """Whether a paragraph or cell holds a picture."""
    return any(isinstance(one.tag, str) and local(one) in _PICTURES for one in element.iter())


def boxed_texts(element: Any) -> list[str]:
    """Texts of the text boxes below an element, each once (programs store a box twice for older readers)."""
    boxes = (one_line(" ".join(map(text_of, below(box, "p")))) for box in below(element, "txbxContent"))
    return list(dict.fromkeys(filter(None, boxes)))


def one_line(text: str) -> str:
    """Text with blanks and breaks folded."""
    return _BLANKS.sub(" ", " ".join(text.split())).strip()


REPORT_MARK = "_perfbatch_report"  # bookmark of the reports that this program writes
_SNAP = 60  # twips (a millimetre) within which two edges of cells are one
_WIDEST_SNAP = 400
_COLUMN = 1_000  # twips of a column without a width
_MOST_COLUMNS = 200
_MOST_LINES = 12  # texts between two tables beyond which they are prose
_LONGEST_LINE = 60  # characters of a title or unit line
_NEAR = 6  # lines kept above a table, and of notes below one, where prose stands between
_LONGEST_CONTINUED = 12
_NOTE = re.compile(r"\s*(?:注|备注|说明|填表|填报|审核|负责|联系|单位|经办|日期)")


class Place(NamedTuple):
    """Where a cell of the sheet stands in the document: its area, the ``w:tc`` or ``w:p``, its text."""

    area: Range
    element: Any
    text: str


@dataclass
class Page:
    """One sheet of a document: the tables up to a page break that a text follows."""

    name: str
    places: list[Place] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    nested: list[str] = field(default_factory=list)  # A1 of cells that hold a table of their own
    covered: list[tuple[str, str]] = field(default_factory=list)  # cells whose text a merged one hides, and that one
    next_row: int = 1


@dataclass
class Layout:
    """The sheets of a document, and the texts outside of its tables that were taken for prose."""

    pages: list[Page] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


_WITHOUT_TABLE = {
    "picture_only": ("文档，里面只有图片、没有表格，图片中的表读不出来", "请填写 Word 或 Excel 格式的自评表再放入"),
    "no_table": ("文档，文字在文本框里，没有表格", "请把自评表做成表格再放入"),
    "prose": ("文字材料，里面没有表格，不是自评表", "如果是自评表，请改成表格形式再放入"),
}


def read_word(data: bytes, builder: Builder) -> None:
    """Add the tables of a document as one sheet.

    Raises RefusedFile where there is none, or for a report that this program wrote; BrokenPart, or RefusedFile past a
    limit.
    """
    package = Package(data, name=builder.file, limits=builder.limits)
    xml = package.read(package.workbook_part)
    if len(xml) > builder.limits.page_bytes:
        raise refuse("too_large", builder.file, "的正文过长", "请把其中的自评表另存为单独的文档再放入")
    root = parse(xml)
    body = body_of(root)
    if is_own(package, root):
        what = "是本程序生成的自评报告，不是自评表"
        raise refuse("own_output", builder.file, what, "请把它移出自评表所在的文件夹")
    made = layout(body)
    if not made.pages:
        kind = "picture_only" if has_picture(body) else "no_table" if boxed_texts(body) else "prose"
        what, advice = _WITHOUT_TABLE[kind]
        raise refuse(kind, builder.file, f"是 Word {what}", advice)
    _say(package, body, made, builder)
    remarks = _remarks(package)
    for page in made.pages:
        _read_page(page, remarks, builder)


def _read_page(page: Page, remarks: dict[str, str], builder: Builder) -> None:
    draft = SheetDraft(page.name, hidden_rows=page.hidden_rows)
    for place in page.places:
        at = (place.area.top, place.area.left)
        if not place.text and is_word(place.element, "tc") and has_picture(place.element):
            builder.notes.tell("picture_cell", page.name, a1(*at))
        if "\ufffd" in place.text:
            reason = "含有无法转成文字的符号或算式（显示为“�”）"
            builder.notes.tell("unreadable_cell", page.name, a1(*at), reason=reason)
        builder.take(draft, at, Shown(place.text, "text"))
    for ref in page.nested:
        builder.notes.tell("nested_table", page.name, ref)
    for ref, above in page.covered:
        builder.notes.tell("covered_value", page.name, ref, above=above)
    draft.merges = [place.area for place in page.places if place.area[:2] != place.area[2:]]
    comments: dict[tuple[int, int], list[str]] = {}  # by the cell they stand at
    for place in page.places if remarks else ():
        for mark in below(place.element, "commentReference"):
            if text := remarks.get(value(mark, "id"), ""):
                comments.setdefault((place.area.top, place.area.left), []).append(text)
    draft.comments = {at: "\n".join(texts) for at, texts in comments.items()}
    builder.add(draft)


def body_of(root: Any) -> Any:
    """The body of a document part. Raises BrokenPart for a part that is none."""
    body = child(root, "body") if namespace(root) in WORD else None
    if body is None:
        raise BrokenPart("no document part with a body")
    return body


def is_own(package: Package, root: Any) -> bool:
    """Whether a document is a report of this program, saved by whatever program since; its annexes look like lists."""
    marks = below(root, "bookmarkStart")
    if any(value(mark, "name") == REPORT_MARK for mark in marks):
        return True
    part = package.zip.find("docProps/app.xml")
    return part is not None and b"<Application>perfbatch</Application>" in package.read(part)


# --- what must be said ---


def _say(package: Package, body: Any, made: Layout, builder: Builder) -> None:
    notes = builder.notes
    taken = ("".join(one.text or "" for one in below(part, "delText", "t")) for part in below(body, *DELETED))
    deleted = [text for text in map(one_line, taken) if text]
    if deleted:
        told = f"{len(deleted)} 处，如“{shorten(deleted[0])}”"
        what = f"文档带有修订痕迹，按接受修订后的内容读取，删去的文字没有读取（{told}）"
        notes.add("tracked_changes", "", "", f"{what}，请在 Word 或 WPS 中接受或拒绝全部修订后再报。")
    elif next(below(body, "ins"), None) is not None:
        notes.add("tracked_changes", "", "", "文档带有修订痕迹，插入的文字已读取，请接受或拒绝全部修订后再报。")
    where = {"表格以外的文字": made.left_out, "文本框中的文字": boxed_texts(body)}
    for title, around in texts_around(package).items():  # page numbers and what has no letter left out
        lines = [one_line(text) for text in around]
        letters = [re.search(r"[^\W\d_]{2,}", re.sub(r"第\d*页|共\d*页", "", line)) for line in lines]
        where[f"{title}中的文字"] = list(compress(lines, letters))
    for what, texts in where.items():
        if texts:
            told = f"{what}没有读取（{len(texts)} 处，如“{shorten(texts[0])}”），其中如有自评内容，请移到表格里。"
            notes.add("text_unread", "", "", told)
    if any(kind == "vbaProject" for kind, _ in package.relations.values()):
        notes.add("macro_workbook", "", "", "文档含有宏；本程序不运行宏，只读取表格。")


def texts_around(package: Package) -> dict[str, list[str]]:
    """Texts of the paragraphs of headers, footers and notes, by what they are called."""
    found: dict[str, list[str]] = {}
    for called, title in (("header", "页眉"), ("footer", "页脚"), ("footnotes", "脚注"), ("endnotes", "尾注")):
        for part in sorted({part for kind, part in package.relations.values() if kind == called}):
            if stored := package.zip.find(part):
                found.setdefault(title, []).extend(map(text_of, below(parse(package.read(stored)), "p")))
    return found


def _remarks(package: Package) -> dict[str, str]:
    """Comments of people by their id."""
    part = package.related("comments")
    texts: dict[str, str] = {}
    for comment in parse(package.read(part)) if part else ():
        if is_word(comment, "comment") and value(comment, "author") != AUTHOR:
            lines = (text_of(p) for p in below(comment, "p"))
            texts[value(comment, "id")] = "\n".join(lines).strip()
    return texts


# --- from the document to the sheet ---


def layout(body: Any) -> Layout:
    """Every cell and every line of text with its place on a sheet, in document order."""
    made = Layout()
    above: list[Any] = []  # paragraphs since the last table
    run: list[_Table] = []
    for block in blocks(body):
        if is_word(block, "p"):
            above.append(block)
            continue
        for table in _unfolded(block):
            if not table.rows:
                continue
            lines = _lines(above)
            # nothing between two tables, or 续表: the second goes on with the first
            continued = len(lines) == 1 and "续" in lines[0][1] and len(lines[0][1]) <= _LONGEST_CONTINUED
            if not run or (lines and not continued):
                _put(made, run)
                _begin(made, above, table.width)
                run = []
            elif lines:
                run.append(_Table([[_Cell(0, 0, *line)] for line in lines]))  # each over the whole width
            above = []
            run.append(table)
    _put(made, run)
    if made.pages:
        _put_lines(made, _lines(above), _width(made.pages[-1]), before=False)
    return made


def _begin(made: Layout, above: list[Any], width: int) -> None:
    """Put the texts before a table, on a new sheet where a page begins among them."""
    at = _page_begins(above) if made.pages else 0
    if made.pages and (at is None or not _lines(above[at:])):
        _put_lines(made, _lines(above), width)
        return
    if made.pages:
        _put_lines(made, _lines(above[:at]), _width(made.pages[-1]), before=False)
    made.pages.append(Page(f"表{len(made.pages) + 1}"))
    _put_lines(made, _lines(above[at:]), width, after=False)


def _width(page: Page) -> int:
    return max((place.area.right for place in page.places), default=1)


def _page_begins(paragraphs: Sequence[Any]) -> int | None:
    """The first paragraph behind the last page or section break among some; None where there is no break."""
    begins = None
    for at, paragraph in enumerate(paragraphs):
        properties = child(paragraph, "pPr")
        if is_on(properties, "pageBreakBefore"):
            begins = at
        broken = [one for one in below(paragraph, "br") if value(one, "type") == "page"]
        if broken:
            ahead = takewhile(lambda one: one is not broken[-1], paragraph.iter())  # noqa: B023 - used up at once
            before = any(is_word(one, "t") and one.text and one.text.strip() for one in ahead)
            begins = at + 1 if before else at
        if child(properties, "sectPr") is not None:
            begins = at + 1
    return begins


Line = tuple[Any, str]
_Rows = Sequence[tuple[Any, Sequence[Any]]]  # of a table, each with its cells


def _lines(paragraphs: Iterable[Any]) -> list[Line]:
    """Paragraphs that say something, with their text."""
    texts = ((paragraph, text_of(paragraph).replace("\t", "　　").strip()) for paragraph in paragraphs)
    return [(paragraph, text) for paragraph, text in texts if text]


def _put_lines(made: Layout, lines: list[Line], width: int, *, after: bool = True, before: bool = True) -> None:
    """Give the texts behind (`after`) or above (`before`) tables a row each; prose among them is left out.

    What belongs to a table are notes behind it and short lines above it; all, where they are few and short.
    """
    page, kept = made.pages[-1], lines
    if len(lines) > _MOST_LINES or any(len(text) > _LONGEST_LINE and not _NOTE.match(text) for _, text in lines):
        notes = list(takewhile(lambda line: _NOTE.match(line[1]), lines[:_NEAR])) if after else []
        rest = reversed(lines[len(notes) :][-_NEAR:]) if before else ()
        above = list(takewhile(lambda line: len(line[1]) <= _LONGEST_LINE and line[1][-1] not in "。；", rest))
        kept = notes + above[::-1]
    made.left_out += [text for line, text in lines if (line, text) not in kept]
    for paragraph, text in kept:
        row, page.next_row = page.next_row, page.next_row + 1
        page.places.append(Place(Range(row, 1, row, max(width, 1)), paragraph, text))


@dataclass
class _Cell:
    """A cell of a table between two edges (twips from the left)."""

    left: int
    right: int
    element: Any
    text: str
    goes_on: bool = False  # the lower part of a cell merged down
    nested: bool = False


@dataclass
class _Table:
    """Rows of cells, hidden rows by their number, the edges of the columns."""

    rows: list[list[_Cell]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    edges: list[int] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Number of columns."""
        return max(len(self.edges) - 1, 1)


def _unfolded(element: Any) -> Iterator[_Table]:
    """A table, then the tables inside its cells; of a table that only frames others, these alone."""
    table, inner = _table(element)
    if any(cell.text for row in table.rows for cell in row) or not inner:
        yield table
    for one in inner:
        yield from _unfolded(one)


def _table(element: Any) -> tuple[_Table, list[Any]]:
    """The cells of a table between its edges, and the tables in its cells that are more than a text."""
    table, inner = _Table(), list[Any]()
    rows = [(row, list(cells_of(row))) for row in rows_of(element)]
    edges, spans = _placed(element, rows)
    table.edges = edges
    for at, (row, cells) in enumerate(rows):
        line = []
        for (left, right), cell in zip(spans[at], cells, strict=True):
            text, further = _content(cell)
            inner += further
            merge = child(child(cell, "tcPr"), "vMerge")
            goes_on = merge is not None and value(merge) != "restart"
            line.append(_Cell(edges[left], edges[right], cell, text, goes_on, bool(further)))
        if not any("\n" in cell.text.strip() for cell in line):  # blank lines count beside a⏎b⏎c, else they are none
            line = [replace(cell, text=cell.text.strip()) for cell in line]
        table.rows.append(line)
        if is_on(child(row, "trPr"), "hidden"):
            table.hidden.add(at)
    return table, inner


def _placed(element: Any, rows: _Rows) -> tuple[list[int], list[list[tuple[int, int]]]]:
    """The edges of a table from left to right, and between which of them each cell of each row lies.

    Where rows differ in width, only the widths of cells tell what stands below what.
    """
    spans = [_spans(row, cells) for row, cells in rows]
    declared = child(element, "tblGrid")
    columns = () if declared is None else (one for one in declared if is_word(one, "gridCol"))
    grid = [number(one, "w", _COLUMN) for one in columns]
    behind = [max(number(child(child(row, "trPr"), "gridAfter")), 0) for row, _ in rows]
    ends = {row[-1][1] + after for row, after in zip(spans, behind, strict=True) if row}
    ragged = len(ends) > 1 or (bool(ends) and bool(grid) and max(ends) > len(grid))
    if ragged and (measured := _measured(rows)) is not None:
        return measured
    widths = [width if width > 0 else _COLUMN for width in grid[:_MOST_COLUMNS]]  # a usual one where none is given
    widths += [_COLUMN] * (max((s[-1][1] for s in spans if s), default=0) - len(widths))
    return list(accumulate([0, *widths])), spans


def rows_of(element: Any) -> Iterator[Any]:
    """Rows of a table, those in content controls too; rows that tracked changes take away left out."""
    for row in _within(element, "tr"):
        if not any(child(child(row, "trPr"), name) is not None for name in DELETED):
            yield row


def cells_of(row: Any) -> Iterator[Any]:
    """Cells of a row, those in content controls too."""
    return _within(row, "tc")


def _spans(row: Any, cells: Sequence[Any]) -> list[tuple[int, int]]:
    """First column and the one behind the last of each cell, by the spans it names."""
    at = max(number(child(child(row, "trPr"), "gridBefore")), 0)
    found: list[tuple[int, int]] = []
    for cell in cells:
        wide = min(max(number(child(child(cell, "tcPr"), "gridSpan"), default=1), 1), _MOST_COLUMNS)
        found.append((at, at + wide))
        at += wide
    return found


def _measured(rows: _Rows) -> tuple[list[int], list[list[tuple[int, int]]]] | None:
    """Edges and spans by the widths of the cells; None where a cell has none."""
    lines: list[list[int]] = []
    for row, cells in rows:
        ends = [max(number(child(child(row, "trPr"), "wBefore"), "w"), 0)]
        for cell in cells:
            width = child(child(cell, "tcPr"), "tcW")
            if width is None or value(width, "type") not in ("dxa", "") or number(width, "w") <= 0:
                return None
            ends.append(ends[-1] + number(width, "w"))
        lines.append(ends)
    edges: list[int] = []
    for edge in sorted({x for line in lines for x in line}):
        if not edges or edge - edges[-1] > _SNAP:  # those within a millimetre of the one before are that one
            edges.append(edge)
    if len(edges) > _MOST_COLUMNS:
        return None
    spans = []
    for line in lines:
        places = [min(range(len(edges)), key=lambda at, x=x: abs(edges[at] - x)) for x in line]  # type: ignore[misc]
        if any(one >= other for one, other in pairwise(places)):
            return None
        spans.append(list(pairwise(places)))
    return edges, spans


def _content(cell: Any) -> tuple[str, list[Any]]:
    """Text of a cell, a paragraph a line, and the tables in it that are more than a text."""
    lines, inner = [], []
    for block in blocks(cell):
        if is_word(block, "p"):
            lines.append(text_of(block).replace("\t", " "))
        elif len(within := [one for row in rows_of(block) for one in cells_of(row)]) == 1:
            text, further = _content(within[0])
            lines.append(text.strip())
            inner += further
        else:
            inner.append(block)
    return "\n".join(line.strip() for line in lines), inner


def _put(made: Layout, run: list[_Table]) -> None:
    """Put tables that are one onto the last sheet."""
    if not run:
        return
    page = made.pages[-1]
    edges, columns_of = _common([table for table in run if table.edges])
    for table in run:
        columns = columns_of.get(id(table))
        above: dict[tuple[int, int], int] = {}  # columns of the cells in the row above → where in `places`
        for at, line in enumerate(table.rows):
            here: dict[tuple[int, int], int] = {}
            for cell in line:
                span = (columns[cell.left], columns[cell.right] - 1) if columns else (1, len(edges) - 1)
                here[span] = _put_cell(page, cell, span, above)
            above = here
            if at in table.hidden:
                page.hidden_rows.add(page.next_row)
            page.next_row += 1


def _put_cell(page: Page, cell: _Cell, span: tuple[int, int], above: dict[tuple[int, int], int]) -> int:
    """Put a cell, or its part of the cell above that is merged down; where that stands in `places`."""
    row, (left, right) = page.next_row, span
    anchor = None
    if cell.goes_on:
        anchor = above.get(span) or next((n for (first, _), n in above.items() if first == left), None)
    if anchor is None:
        page.places.append(Place(Range(row, left, row, max(right, left)), cell.element, cell.text))
        if cell.nested:
            page.nested.append(a1(row, left))
        return len(page.places) - 1
    place = page.places[anchor]
    page.places[anchor] = place._replace(area=place.area._replace(bottom=row))
    if cell.text not in ("", place.text):  # Word does not show it
        page.covered.append((a1(row, left), a1(place.area.top, place.area.left)))
    return anchor


def _common(run: Sequence[_Table]) -> tuple[list[int], dict[int, dict[int, int]]]:
    """The edges of all tables of a run, and for each table its edges → 1-based columns.

    Tables of as many columns have the same ones; else an edge near one of the tables before is that edge.
    """
    edges = list(run[0].edges)
    mapped: list[tuple[_Table, dict[int, int]]] = []  # edge of the table → edge of the run
    for table in run:
        if len(table.edges) == len(run[0].edges):
            mapped.append((table, dict(zip(table.edges, run[0].edges, strict=True))))
            continue
        own = _snapped(table.edges, edges)
        together = sorted({*edges, *own.values()})
        if len(together) > _MOST_COLUMNS:  # nobody's table goes on like this
            together = sorted({*edges, *table.edges[len(edges) :]})[: max(len(edges), len(table.edges))]
            own = dict(zip(table.edges, together, strict=False))
        edges = together
        mapped.append((table, own))
    columns = {edge: at for at, edge in enumerate(edges, 1)}
    return edges, {id(table): {edge: columns[to] for edge, to in own.items()} for table, own in mapped}


def _snapped(edges: Sequence[int], known: Sequence[int]) -> dict[int, int]:
    """Each edge of a table → the known one near it, else itself; no two go to one, and their order stays."""
    own: dict[int, int] = {}
    taken: set[int] = set()
    for at, edge in enumerate(edges):
        beside = [edges[n] for n in (at - 1, at + 1) if 0 <= n < len(edges)]
        room = min(_WIDEST_SNAP, min(abs(edge - other) for other in beside) // 3)
        gap, near = min(((abs(one - edge), one) for one in known if one not in taken), default=(0, edge))
        if gap > room or (taken and near <= max(taken)):
            near = edge
        own[edge] = near
        taken.add(near)
    return own
