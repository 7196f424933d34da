"""Readers of what is text inside, whatever the suffix says: CSV, TSV, HTML saved as .xls, single-file web pages (MHT).

As Excel does on opening such a page, all its tables are stacked in one sheet, a blank row between them. A table of a
single cell inside a cell is how some systems lay out a text: it belongs to the text of that cell.
"""

import csv
import email
import email.policy
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from typing import Any

from lxml import html

from perfbatch.intake.formats import Shown, beside, number_text
from perfbatch.intake.grids import Builder, SheetDraft
from perfbatch.intake.guard import refuse
from perfbatch.intake.markup import BrokenPart, whole
from perfbatch.intake.sniff import encoding_of
from perfbatch.model import Range

# Web systems write ="0012" so that Excel keeps the zeros; the clerk sees 0012.
_FORCED_TEXT = re.compile(r'="([^"]*)"')
_DIRECTIVE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def decoded(data: bytes, builder: Builder) -> str:
    """Text of a file; where no encoding fits whole, the likeliest with the broken bytes marked, and a note."""
    encoding, fits = encoding_of(data) or ("gb18030", False)
    if not fits:
        text = f"文字编码不完整，按 {encoding.upper()} 读取，个别字可能显示为“�”，请核对原表。"
        builder.notes.add("encoding_assumed", "", "", text)
    return data.decode(encoding, "replace").replace("\0", "")


def read_delimited(data: bytes, builder: Builder, kind: str) -> None:
    """Add the one sheet of a CSV or TSV (`kind`), named after the file. Cells are text as written."""
    text = decoded(data, builder)
    head = text[:4096]
    lines = [line for line in head.splitlines()[:20] if line.strip()]
    # Web systems end a long code with a tab so that Excel keeps it as text: such a file has commas between all cells.
    guarded = all(line.count(",") > line.count("\t") for line in lines if "\t" in line)
    if kind == "tsv" and not (lines and guarded and any("," in line for line in lines)):
        separator = "\t"
    else:
        separator = "," if head.count(",") >= head.count(";") else ";"
    if directive := _DIRECTIVE.match(text):
        separator, text = directive[1], text[directive.end() :]
    draft = SheetDraft(PurePath(builder.file).stem)
    for row, values in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
        for column, value in enumerate(values, 1):
            if value:
                forced = _FORCED_TEXT.fullmatch(value)
                builder.take(draft, (row, column), Shown(forced[1] if forced else value, "text"))
    builder.add(draft)


_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_NAME = re.compile(r"<x:Name>([^<]{1,31})</x:Name>")
_UNSEEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_UNSHOWN = ("script", "style", "hidden", "checkbox", "radio", "button", "submit", "reset", "image", "file")
_CHOSEN = "string(.//option[@selected or not(ancestor::select//option[@selected])])"  # the first where none is
_SPAN = 1_000  # the most a browser takes


def read_html(data: bytes, builder: Builder) -> None:
    """Add the tables of a page as one sheet. Raises RefusedFile (``no_table``) when there is none."""
    if not _add_page(decoded(data, builder), PurePath(builder.file).stem, builder):
        raise refuse("no_table", builder.file, "是网页，里面没有表格", "请在系统中重新导出 Excel")


def read_mht(data: bytes, builder: Builder) -> None:
    """Add every page with a table of a MIME archive, one sheet each. Raises RefusedFile (``no_table``)."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
    added = 0
    for part in pages:
        body = part.get_payload(decode=True)
        if isinstance(body, bytes):
            added += _add_page(decoded(body, builder), f"表{added + 1}", builder, named=len(pages) == 1)
    if not added:
        raise refuse("no_table", builder.file, "是网页存档，里面没有表格", "请在系统中重新导出 Excel")


def _add_page(page: str, sheet: str, builder: Builder, *, named: bool = True) -> bool:
    """Add the tables of one page as a sheet, which the page itself may have `named`; False when it has none."""
    if not page.strip():
        return False
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    document = html.document_fromstring(page.encode("utf-8"), parser)
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        raise BrokenPart("the parser gave up within the page")  # what follows would be lost in silence
    tables = [table for table in document.xpath("//table") if not _is_text(table)]
    if not tables:
        return False
    name = _NAME.search(page) if named else None
    draft, row, reserved = SheetDraft(name[1] if name else sheet), 1, 0
    for table in tables:
        top, before = row, len(draft.cells)
        taken: dict[int, int] = {}  # column → the last row that a span from above reaches
        for line in _own(table, "tr"):
            if _UNSEEN.search(line.get("style") or ""):
                draft.hidden_rows.add(row)
            reserved += _take_row(line, row, taken, draft, builder)
            builder.check("cells", max(len(draft.cells), reserved, len(draft.merges)))
            row += 1
        row = row + 1 if len(draft.cells) > before else top  # a table without any text takes no room
    builder.add(draft)
    return True


def _take_row(line: Any, row: int, taken: dict[int, int], draft: SheetDraft, builder: Builder) -> int:
    """Add the cells of one row, spans as merges; returns how many columns it reserves for rows below."""
    column, reserved = 1, 0
    for cell in _own(line, "td"):
        while taken.get(column, 0) >= row:
            column += 1
        down, across = (min(max(whole(cell, name, 1), 1), _SPAN) for name in ("rowspan", "colspan"))
        if down > 1:
            reserved += across
            taken.update(dict.fromkeys(range(column, column + across), row + down - 1))
        if down > 1 or across > 1:
            draft.merges.append(Range(row, column, row + down - 1, column + across - 1))
        lines = "".join(_pieces(cell)).split("\v")  # as a browser shows them: blanks folded
        text = "\n".join(_BLANKS.sub(" ", line).strip() for line in lines).strip("\n")
        number = number_text(cell.get("x:num") or "")  # where Excel put the exact number into the tag
        builder.take(draft, (row, column), Shown(text, "text") if number is None else beside(text, number))
        column += across
    return reserved


def _is_text(table: Any) -> bool:
    """Whether a table stands in a cell and has but one of its own (which may hold such a table again)."""
    if next(table.iterancestors("td", "th"), None) is None:
        return False
    innermost = (cell for cell in table.iter("td", "th") if next(cell.iterdescendants("td", "th"), None) is None)
    return len(list(islice(innermost, 2))) == 1


def _own(table: Any, tag: str) -> Iterator[Any]:
    """Rows of a table (cells of a row), those of tables inside left out."""
    for child in table:
        if child.tag == tag or (tag == "td" and child.tag == "th"):
            yield child
        elif tag == "tr" and child.tag in ("thead", "tbody", "tfoot"):
            yield from _own(child, tag)


def _pieces(element: Any) -> Iterator[str]:
    """Text nodes in order; a vertical tab stands for a line break of the page."""
    yield element.text or ""
    for child in element:
        if child.tag == "br":
            yield "\v"
        elif child.tag == "input":  # pages of a system saved by script, with their entry fields
            yield "" if child.type in _UNSHOWN else child.get("value", "")
        elif child.tag == "select":
            yield child.xpath(_CHOSEN)
        elif isinstance(child.tag, str) and child.tag not in _UNSHOWN and (child.tag != "table" or _is_text(child)):
            block = child.tag in ("p", "div", "li", "table")
            if block and child.getprevious() is not None:
                yield "\v"
            yield from _pieces(child)
        yield child.tail or ""
