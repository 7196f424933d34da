"""A Word document in the official layout of GB/T 9704, written from the top down.

The page, the styles and the page numbers come from the parts in ``template/``; this module adds content.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from perfbatch.intake.word import REPORT_MARK
from perfbatch.outputs.report import markup
from perfbatch.outputs.report.carried import Carried
from perfbatch.outputs.report.markup import Piece, Slot, Table, escaped, legible

AUTHOR = "perfbatch"
TITLE_LINE = 20  # characters of the title that one line holds
_FOLDER = Path(__file__).parent / "template"
_MARK = f'<w:bookmarkStart w:id="0" w:name="{REPORT_MARK}"/><w:bookmarkEnd w:id="0"/>'  # never read as a form
_CORE, _DOCUMENT = "docProps/core.xml", "word/document.xml"
_PARTS = {
    "content_types.xml": "[Content_Types].xml",
    "package.rels.xml": "_rels/.rels",
    "app.xml": "docProps/app.xml",
    "core.xml": _CORE,
    "document.xml": _DOCUMENT,
    "document.rels.xml": "word/_rels/document.xml.rels",
    "styles.xml": "word/styles.xml",
    "settings.xml": "word/settings.xml",
    "fontTable.xml": "word/fontTable.xml",
    "theme.xml": "word/theme/theme1.xml",
    "footer_odd.xml": "word/footer_odd.xml",
    "footer_even.xml": "word/footer_even.xml",
}
_COMMENTS = "word/comments.xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: files carry no clock
_COMMENT_LONGEST = 2000


class Draft:
    """The document while it grows; `slots` counts the places left to a human."""

    def __init__(self, title: str, *, unit: str = "", run_date: str = "", carried: Carried | None = None) -> None:
        self._carried, self._heading = carried or Carried(), ""
        self._title, self._unit, self._moment = title, unit, _moment(run_date)
        self._body: list[str] = []
        self._comments: list[str] = []
        self._annexes = 0
        self.slots = 0

    def title(self, *pieces: Piece, new_page: bool = False, note: str = "") -> None:
        """The title of the document, or of the next report in it on a new page."""
        self._add("Title", pieces, properties="<w:pageBreakBefore/>" if new_page else "", note=note)

    def heading(self, level: int, text: str, *pieces: Piece) -> None:
        """A heading: level 1 ``一、``, 2 ``（一）``, 3 ``1.``"""
        self._heading = text
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
        document = _before(_template()[_DOCUMENT], "<w:sectPr>", "".join([_MARK, *self._body]))
        parts = _template() | {_CORE: self._core(_digest(document.encode("utf-8"))), _DOCUMENT: document}
        if self._comments:
            parts[_COMMENTS] = markup.comments(self._comments)
            parts["[Content_Types].xml"] = _before(parts["[Content_Types].xml"], "</Types>", _COMMENTS_TYPE)
            relations = "word/_rels/document.xml.rels"
            parts[relations] = _before(parts[relations], "</Relationships>", _COMMENTS_RELATION)
        with zipfile.ZipFile(target, "w") as package:
            for name, text in parts.items():
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system, entry.external_attr = 3, 0o600 << 16  # the same on every system
                package.writestr(entry, text.encode("utf-8"))

    def _core(self, digest: str) -> str:
        """Title, unit, time, state and digest of the document."""
        moment = f'xsi:type="dcterms:W3CDTF">{self._moment}'
        properties = (
            f"<dc:title>{escaped(self._title[:255])}</dc:title><dc:creator>{escaped(self._unit[:255])}</dc:creator>"
            f"<cp:lastModifiedBy>{AUTHOR}</cp:lastModifiedBy>"
            f"<dcterms:created {moment}</dcterms:created><dcterms:modified {moment}</dcterms:modified>"
            f"<cp:contentStatus>{'草稿' if self.slots else '待审定'}</cp:contentStatus>"
            f"<dc:identifier>{digest}</dc:identifier>"
        )
        return _before(_template()[_CORE], "</cp:coreProperties>", properties)

    def _add(self, style: str, pieces: Iterable[Piece], *, properties: str = "", note: str = "") -> None:
        filled = self._carried.paragraph(self._heading, (piece for piece in pieces if piece))
        self.slots += sum(isinstance(piece, Slot) for piece in filled)
        number = self._comment(note) if note else None
        self._body.append(markup.paragraph(style, filled, properties=properties, note=number))

    def _comment(self, note: str) -> int:
        text = legible(note)
        cut = text if len(text) <= _COMMENT_LONGEST else text[: _COMMENT_LONGEST - 1] + "…"
        self._comments.append(markup.comment(len(self._comments), cut, AUTHOR, self._moment))
        return len(self._comments) - 1


def untouched(path: Path) -> bool:
    """Whether a report is as `Draft.save` left it; of what cannot be opened, nobody can say so."""
    try:
        with zipfile.ZipFile(path) as package:
            return f">{_digest(package.read(_DOCUMENT))}<".encode() in package.read(_CORE)
    except (zipfile.BadZipFile, zlib.error, OSError, KeyError):  # cut off, locked by a password, open, of another kind
        return False


def _digest(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


_COMMENTS_TYPE = (
    f'<Override PartName="/{_COMMENTS}" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.comments+xml"/>'
)
_COMMENTS_RELATION = (
    '<Relationship Id="rId6" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"'
    ' Target="comments.xml"/>'
)


@cache
def _template() -> dict[str, str]:
    """The parts of an empty document of the official layout."""
    return {name: (_FOLDER / file).read_text(encoding="utf-8") for file, name in _PARTS.items()}


def _before(part: str, mark: str, addition: str) -> str:
    """`part` with `addition` put in before its only `mark`."""
    head, tail = part.split(mark)
    return f"{head}{addition}{mark}{tail}"


def _moment(run_date: str) -> str:
    """Midnight of the run's date as Office writes it; without one the earliest time a zip knows."""
    try:
        day = datetime.fromisoformat(run_date)
    except ValueError:
        day = datetime(*_EPOCH)
    return day.strftime("%Y-%m-%dT%H:%M:%SZ")
