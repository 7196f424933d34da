"""A Word document in the official layout of GB/T 9704, written from the top down.

The page, the styles and the page numbers come from the parts in ``template/``; this module adds content.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.parser import parse_xml

from perfbatch.outputs.report import markup
from perfbatch.outputs.report.markup import NAMESPACE, Piece, Slot, Table, legible

AUTHOR = "perfbatch"
TITLE_LINE = 20  # characters of the title that one line holds
_FOLDER = Path(__file__).parent / "template"
_PARTS = {
    "content_types.xml": "[Content_Types].xml",
    "package.rels.xml": "_rels/.rels",
    "app.xml": "docProps/app.xml",
    "core.xml": "docProps/core.xml",
    "document.xml": "word/document.xml",
    "document.rels.xml": "word/_rels/document.xml.rels",
    "styles.xml": "word/styles.xml",
    "settings.xml": "word/settings.xml",
    "fontTable.xml": "word/fontTable.xml",
    "footer_odd.xml": "word/footer_odd.xml",
    "footer_even.xml": "word/footer_even.xml",
}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: files carry no clock
_COMMENT_LONGEST = 2000


class Draft:
    """The document while it grows; `slots` counts the places left to a human."""

    def __init__(self, title: str, *, unit: str = "", run_date: str = "") -> None:
        self._document: Any = docx.Document(io.BytesIO(_template()))
        self._body: list[str] = []
        self._annexes = 0
        self._commented = False
        self._run_date = run_date
        self.slots = 0
        properties = self._document.core_properties
        properties.title, properties.author = legible(title)[:255], legible(unit)[:255]
        properties.last_modified_by = AUTHOR
        properties.created = properties.modified = _moment(run_date)

    def title(self, *pieces: Piece, new_page: bool = False, note: str = "") -> None:
        """The title of the document, or of the next report in it on a new page."""
        self._add("Title", pieces, properties="<w:pageBreakBefore/>" if new_page else "", note=note)

    def heading(self, level: int, text: str, *pieces: Piece) -> None:
        """A heading: level 1 ``一、``, 2 ``（一）``, 3 ``1.``"""
        self._add(f"Heading{level}", [text, *pieces])

    def text(self, *pieces: Piece, note: str = "", kept: bool = False) -> None:
        """A paragraph of running text; `note` becomes a comment in its margin.

        `kept`: on one page with what follows, so that the signature never stands on a page of its own.
        """
        self._add("BodyText", pieces, properties="<w:keepNext/><w:keepLines/>" if kept else "", note=note)

    def signature(self, unit: Piece, date: Piece) -> None:
        """Who signs, centred over the date, which stands four characters from the right margin."""
        self._add("Normal", [" "], properties="<w:keepNext/>")
        widths = [len(piece.text if isinstance(piece, Slot) else piece) for piece in (unit, date)]
        right = round(max(200, 400 + (widths[1] * 0.8 - widths[0]) * 50))  # figures are half as wide
        indent = f'<w:keepNext/><w:ind w:rightChars="{right}" w:right="{right * 16 // 5}"/>'
        self._add("Signature", [unit], properties=indent)
        self._add("Signature", [date])

    def enclosures(self, titles: Sequence[str]) -> None:
        """The list of annexes below the text, their titles aligned."""
        for number, title in enumerate(titles, 1):
            first = number == 1
            indent = f'<w:keepNext/><w:ind w:left="2080" w:hanging="{1440 if first else 480}"/><w:jc w:val="left"/>'
            self._add("Normal", [f"{'附件：' if first else ''}{number}. {title}"], properties=indent)

    def annex(self, title: str) -> None:
        """A new page headed 附件N and the title of the annex."""
        self._annexes += 1
        self._add("Annex", [f"附件{self._annexes}"])
        self._add("AnnexTitle", [title])

    def table(self, content: Table, *, above: str = "", below: str = "") -> None:
        """A table with a remark above (unit of money) and below it."""
        if above:
            self._add("TableNote", [above], properties='<w:keepNext/><w:jc w:val="right"/>')
        self._body.append(markup.table(content))
        # Word wants a paragraph after a table; without a remark one that cannot open a page of its own
        self._add("TableNote" if below else "TableEnd", [below])

    def save(self, target: Path) -> None:
        """Write the file; same content, same bytes."""
        self._document.core_properties.content_status = "草稿" if self.slots else "待审定"
        body = self._document.element.body
        fragment = parse_xml(f'<w:body xmlns:w="{NAMESPACE}">{"".join(self._body)}</w:body>')
        end = body[-1]  # the section with the page layout stays last
        for element in list(fragment):
            end.addprevious(element)
        self._date_comments()
        raw = io.BytesIO()
        self._document.save(raw)
        _rewritten(raw, target)

    def _add(self, style: str, pieces: Any, *, properties: str = "", note: str = "") -> None:
        pieces = [piece for piece in pieces if piece]
        self.slots += sum(isinstance(piece, Slot) for piece in pieces)
        number = self._comment(note) if note else None
        self._body.append(markup.paragraph(style, pieces, properties=properties, note=number))

    def _comment(self, note: str) -> int:
        text = legible(note)
        cut = text if len(text) <= _COMMENT_LONGEST else text[: _COMMENT_LONGEST - 1] + "…"
        self._commented = True
        comment = self._document.comments.add_comment(cut, author=AUTHOR, initials="核")
        return int(comment.comment_id)

    def _date_comments(self) -> None:
        if not self._commented:
            return
        for comment in self._document.part.part_related_by(RELATIONSHIP_TYPE.COMMENTS).element:
            comment.set(f"{{{NAMESPACE}}}date", _moment(self._run_date).strftime("%Y-%m-%dT%H:%M:%SZ"))


@cache
def _template() -> bytes:
    """An empty document of the official layout."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as package:
        for file, name in _PARTS.items():
            package.writestr(zipfile.ZipInfo(name, _EPOCH), (_FOLDER / file).read_bytes())
    return packed.getvalue()


def _moment(run_date: str) -> datetime:
    """Midnight of the run's date; without one the earliest time a zip knows."""
    try:
        return datetime.fromisoformat(run_date).replace(tzinfo=UTC)
    except ValueError:
        return datetime(*_EPOCH, tzinfo=UTC)


def _rewritten(raw: io.BytesIO, target: Path) -> None:
    """Pack again without the times that python-docx stamps on the parts."""
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for entry in source.infolist():
            fixed = zipfile.ZipInfo(entry.filename, _EPOCH)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.create_system, fixed.external_attr = 3, 0o600 << 16  # the same on every system
            package.writestr(fixed, source.read(entry.filename))
