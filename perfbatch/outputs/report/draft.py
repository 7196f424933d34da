"""The report as a Word document, written from the top down with python-docx.

Page, fonts, styles and page numbers (GB/T 9704) come from ``template.docx`` beside this file, or from the document that
`report_template` names; this module adds content in the styles of that document.
"""

import contextlib
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Twips
from docx.text.paragraph import Paragraph
from docx.text.parfmt import ParagraphFormat
from lxml.etree import XMLSyntaxError

from perfbatch.decimals import half_up, plain
from perfbatch.errors import UsageError
from perfbatch.intake.word import REPORT_MARK
from perfbatch.messages import shipped
from perfbatch.outputs.report.carried import Carried, digest
from perfbatch.outputs.report.phrases import AMBIGUOUS, Piece, Slot, legible

AUTHOR = "perfbatch"
TITLE_LINE = 20  # characters of the title that one line holds
TEXT_WIDTH = 8844  # twips between the margins of the page, 156 mm
MOST_UNBROKEN = 200  # characters of a cell up to which its row stays on one page
TEMPLATE = Path(__file__).with_name("template.docx")
STYLES = (
    "Title", "Heading 1", "Heading 2", "Heading 3", "Normal", "Body Text", "Signature", "附件序号", "附件标题", "表头",
    "表格文字", "表格数字", "表格居中", "表注", "表后", "待填", "Table Grid",
)  # fmt: skip
_STYLES = {"text": "表格文字", "money": "表格数字"}  # of cells by kind; all others are centred
Figure = str | int | Decimal | None  # what a cell of a table is made of
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: files carry no clock
_COMMENT_LONGEST = 2000
_CORE_LONGEST = 255


class _Counted(str):
    """A number that Word counts anew (F9) when somebody has moved or dropped an annex."""

    __slots__ = ()


class Column(NamedTuple):
    """One column of a table: heading, share of the width, kind of its cells as tables.toml beside this file has it."""

    title: str
    width: float
    kind: str = "text"

    def shown(self, value: Figure) -> str:
        """A cell as it is printed: a dash for what is unknown, two decimals, thousands apart; shares in per cent."""
        if value is None:
            return "—"
        if not isinstance(value, Decimal):
            return str(value)
        if self.kind == "rate":
            return f"{half_up(value * 100, 2)}%"
        return plain(half_up(value, 2)) if self.kind == "points" else f"{half_up(value, 2):,}"


TABLES = {name: [Column(*one) for one in columns] for name, columns in shipped("outputs/report/tables.toml").items()}


class Draft:
    """The document while it grows; `slots` counts the places left to a human.

    Raises UsageError for a `template` that is no Word document or lacks a style.
    """

    def __init__(
        self, title: str, *, unit: str = "", run_date: str = "", carried: Carried | None = None, template: str = ""
    ) -> None:
        self._carried, self._heading = carried or Carried(), ""
        self._title, self._unit = title, unit
        self._moment = datetime(*_EPOCH)
        with contextlib.suppress(ValueError):
            self._moment = datetime.fromisoformat(run_date)
        self._document = _opened(template)
        self._styles = {style.name: style for style in self._document.styles}
        if missing := [name for name in STYLES if name not in self._styles]:
            raise UsageError(
                f"报告模板“{template}”缺少样式{'、'.join(f'“{name}”' for name in missing)}，没有写报告；"
                "请在本程序生成的报告中改样式，另存为模板。"
            )
        mark = {qn("w:id"): "0", qn("w:name"): REPORT_MARK}
        body = self._document.element.body
        body.insert(0, OxmlElement("w:bookmarkStart", mark))  # never read as a form
        body.insert(1, OxmlElement("w:bookmarkEnd", {qn("w:id"): "0"}))
        self._annexes = 0
        self.slots = 0

    def title(self, *pieces: Piece, new_page: bool = False, note: str = "") -> None:
        """The title of the document, or of the next report in it on a new page."""
        self._add("Title", pieces, note=note).page_break_before = new_page or None

    def heading(self, level: int, text: str, *pieces: Piece) -> None:
        """A heading: level 1 ``一、``, 2 ``（一）``, 3 ``1.``"""
        self._heading = text
        self._add(f"Heading {level}", [text, *pieces])

    def text(self, *pieces: Piece, note: str = "", kept: bool = False) -> None:
        """A paragraph of running text; `note` becomes a comment in its margin.

        `kept`: on one page with what follows, so that the signature never stands on a page of its own.
        """
        look = self._add("Body Text", pieces, note=note)
        look.keep_with_next = look.keep_together = kept or None

    def signature(self, unit: Piece, date: Piece) -> None:
        """Who signs, centred over the date, which stands four characters from the right margin."""
        self._add("Normal", [" "]).keep_with_next = True
        widths = [len(piece.text if isinstance(piece, Slot) else piece) for piece in (unit, date)]
        look = self._add("Signature", [unit])
        look.keep_with_next = True
        look.right_indent = Twips(round(max(640, 1280 + (widths[1] * 0.8 - widths[0]) * 160)))  # figures are narrower
        self._add("Signature", [date])

    def enclosures(self, titles: Sequence[str]) -> None:
        """The list of annexes below the text, their titles aligned."""
        for number, title in enumerate(titles, 1):
            look = self._add("Normal", [f"{'附件：' if number == 1 else ''}{number}. {title}"])
            look.keep_with_next, look.alignment = True, WD_ALIGN_PARAGRAPH.LEFT
            look.left_indent, look.first_line_indent = Twips(2080), Twips(-1440 if number == 1 else -480)

    def annex(self, title: str) -> None:
        """A new page headed 附件N and the title of the annex."""
        self._annexes += 1
        self._add("附件序号", ["附件", _Counted(self._annexes)])
        self._heading = title
        self._add("附件标题", [title])

    def table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Figure]], *, above: str = "", below: str = ""
    ) -> None:
        """A bordered table over the whole width, its headings repeated on every page; the last heading describes it.

        A row is what its cells hold in the order of the columns; a row of one text is a subheading over all columns.
        A remark stands `above` (unit of money) and `below` it.
        """
        if above:
            look = self._add("表注", [above])
            look.keep_with_next, look.alignment = True, WD_ALIGN_PARAGRAPH.RIGHT
        table = self._document.add_table(1 + len(rows), len(columns), self._styles["Table Grid"])
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        whole = sum(column.width for column in columns)
        widths = [Twips(round(column.width / whole * TEXT_WIDTH)) for column in columns]
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        element = self._document.element.body.tbl_lst[-1]
        element.tblPr.append(OxmlElement("w:tblCaption", {qn("w:val"): self._heading}))
        described = f"各列为{'、'.join(column.title for column in columns)}，共{len(rows)}行"
        element.tblPr.append(OxmlElement("w:tblDescription", {qn("w:val"): described}))
        heading = [column.title for column in columns]
        for at, (row, values) in enumerate(zip(table.rows, [heading, *rows], strict=True)):
            texts = [column.shown(value) for column, value in zip(columns, values, strict=False)]
            cells = row.cells
            if len(texts) == 1:
                cells = (cells[0].merge(cells[-1]),)
            head = at == 0 or len(texts) == 1
            for cell, text, column, width in zip(cells, texts, columns, widths, strict=False):
                if not head or at == 0:
                    cell.width = width
                self._style(cell.paragraphs[0], "表头" if head else _STYLES.get(column.kind, "表格居中"))
                _write(cell.paragraphs[0], text)
            properties = element.tr_lst[at].get_or_add_trPr()
            if head or max(map(len, texts)) <= MOST_UNBROKEN:
                properties.append(OxmlElement("w:cantSplit"))
            if at == 0:
                properties.append(OxmlElement("w:tblHeader"))
        # Word wants a paragraph after a table; without a remark one that cannot open a page of its own
        self._add("表注" if below else "表后", [below])

    def save(self, target: Path) -> None:
        """Write the file; same content, same bytes."""
        core = self._document.core_properties
        core.title, core.author = legible(self._title)[:_CORE_LONGEST], legible(self._unit)[:_CORE_LONGEST]
        core.last_modified_by, core.created, core.modified = AUTHOR, self._moment, self._moment
        core.content_status, core.language = "草稿" if self.slots else "待审定", "zh-CN"
        core.identifier = digest(self._document.part.blob)
        if len(self._document.comments):
            part = self._document.part.part_related_by(RELATIONSHIP_TYPE.COMMENTS)
            for comment in part.element if isinstance(part, XmlPart) else ():
                comment.date = self._moment  # python-docx takes the clock
        made = BytesIO()
        self._document.save(made)
        with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w") as package:
            for name in source.namelist():
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system, entry.external_attr = 3, 0o600 << 16  # the same on every system
                package.writestr(entry, source.read(name))

    def _add(self, style: str, pieces: Iterable[Piece], *, note: str = "") -> ParagraphFormat:
        """A paragraph of texts and slots in `style`; returns what says how it stands on the page."""
        filled = self._carried.paragraph(self._heading, (piece for piece in pieces if piece))
        paragraph = self._document.add_paragraph()
        look = self._style(paragraph, style)
        for piece in filled:
            if isinstance(piece, Slot):
                self.slots += 1
                _write(paragraph, piece.text)
                paragraph.runs[-1].style = self._styles["待填"]
            elif isinstance(piece, _Counted):
                _field(paragraph, "SEQ 附件 \\* ARABIC", piece)
            else:
                _write(paragraph, piece)
        if note:
            text = legible(note)
            cut = text if len(text) <= _COMMENT_LONGEST else text[: _COMMENT_LONGEST - 1] + "…"
            self._document.add_comment(paragraph.runs, cut, AUTHOR, "核")
        return look

    def _style(self, paragraph: Paragraph, name: str) -> ParagraphFormat:
        # python-docx looks for the default style at each `paragraph.style = `, which is half of the time
        look: ParagraphFormat = paragraph.paragraph_format
        look.element.style = self._styles[name].style_id
        return look


def _write(paragraph: Paragraph, text: str) -> None:
    """Add `text` as one run; breaks and tabs become elements of their own."""
    run = paragraph.add_run(legible(text))
    if AMBIGUOUS.search(text):
        run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")


def _field(paragraph: Paragraph, code: str, result: str) -> None:
    """Add a field of Word with the result that it shows until somebody updates it."""

    def mark(kind: str) -> None:
        paragraph.add_run().element.append(OxmlElement("w:fldChar", {qn("w:fldCharType"): kind}))

    instruction = OxmlElement("w:instrText")
    instruction.text = code
    mark("begin")
    paragraph.add_run().element.append(instruction)
    mark("separate")
    paragraph.add_run(result)
    mark("end")


def _opened(template: str) -> Document:
    """The unit's own template, else the one shipped, without content. Raises UsageError where it cannot be opened."""
    try:
        document = docx.Document(template or str(TEMPLATE))
    except (PackageNotFoundError, zipfile.BadZipFile, OSError, KeyError, ValueError, XMLSyntaxError) as error:
        raise UsageError(
            f"打不开报告模板“{template}”，没有写报告；请核对 perfbatch.toml 中 report_template 的文件名，"
            "并确认是 Word 的 .docx 文档。"
        ) from error
    document.element.body.clear_content()
    for key, relation in list(document.part.rels.items()):
        if "omments" in relation.reltype or relation.reltype.endswith("/people"):  # Word keeps them in five parts
            del document.part.rels[key]
    return document
