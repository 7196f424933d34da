"""WordprocessingML as text: the one place where texts of the input become XML, so nothing escapes escaping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from perfbatch.schema import storable

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TEXT_WIDTH = 8844  # twips between the margins of the page, 156 mm
MOST_UNBROKEN = 200  # characters of a cell up to which its row stays on one page
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BREAK = re.compile("\r\n?")
_SHARED = re.compile("[“”‘’—…·×÷±°≥≤]")  # signs that Chinese and Latin fonts both have; Word would take the Latin
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_HINT = '<w:rFonts w:hint="eastAsia"/>'
_SLOT = f'<w:rPr>{_HINT}<w:highlight w:val="yellow"/></w:rPr>'


class Slot(NamedTuple):
    """A place that only a human can fill; `prompt` says with what. Printed as 【待填写：prompt】.

    With `lead` 待核实 it is a figure that cannot be right and must not stand in a report as a fact, with `lead`
    沿用上年 what last year's report said there. Only of a `lasting` one last year's words may still hold.
    """

    prompt: str
    lead: str = "待填写"
    lasting: bool = False

    @property
    def text(self) -> str:
        """What the page shows."""
        return f"【{self.lead}：{self.prompt}】"


Piece = str | Slot


class Column(NamedTuple):
    """One column of a table: heading, share of the width, paragraph style of its cells."""

    title: str
    width: float
    style: str = "TableText"


@dataclass(frozen=True, slots=True)
class Table:
    """A bordered table over the whole width, its headings repeated on every page.

    A row is a list of texts in the order of the columns; a row of one text is a subheading over all columns.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


def legible(text: str) -> str:
    """`text` as XML can hold it: illegal control characters go, lone surrogates become U+FFFD, one kind of break."""
    if text.isascii() and text.isprintable():
        return text
    return _BREAK.sub("\n", _ILLEGAL.sub("", storable(text)))


def inline(text: str) -> str:
    """`text` for a sentence: outer blanks and the final stop go, breaks become blanks."""
    return " ".join(part for line in legible(text).splitlines() if (part := line.strip())).rstrip("。；;")


def escaped(text: str) -> str:
    """`text` as the content of an element, `legible`."""
    return legible(text).translate(_ESCAPES)


def run(text: str, properties: str = "") -> str:
    """One run; breaks and tabs become elements of their own."""
    clean = legible(text)
    if not properties and _SHARED.search(clean):
        properties = f"<w:rPr>{_HINT}</w:rPr>"
    plain = clean.translate(_ESCAPES)
    if "\n" in plain or "\t" in plain:
        pieces = re.split("([\n\t])", plain)
        marks = {"\n": "<w:br/>", "\t": "<w:tab/>"}
        inner = "".join(marks.get(piece) or _text(piece) for piece in pieces if piece)
    else:
        inner = _text(plain)
    return f"<w:r>{properties}{inner}</w:r>"


def _text(escaped: str) -> str:
    return f'<w:t xml:space="preserve">{escaped}</w:t>'


def paragraph(style: str, pieces: Iterable[Piece], *, properties: str = "", note: int | None = None) -> str:
    """A paragraph of texts and slots; `note` is the number of a comment on the whole of it."""
    runs = "".join(run(piece.text, _SLOT) if isinstance(piece, Slot) else run(piece) for piece in pieces if piece)
    if note is not None:
        reference = f'<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:commentReference w:id="{note}"/></w:r>'
        runs = f'<w:commentRangeStart w:id="{note}"/>{runs}<w:commentRangeEnd w:id="{note}"/>{reference}'
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{runs}</w:p>'


def comment(number: int, text: str, author: str, moment: str) -> str:
    """A comment in the margin, one paragraph a line of `text`; `moment` as ``2024-01-31T00:00:00Z``."""
    sign = '<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:annotationRef/></w:r>'
    lines = (
        f'<w:p><w:pPr><w:pStyle w:val="CommentText"/></w:pPr>{"" if at else sign}{run(line) if line else ""}</w:p>'
        for at, line in enumerate(text.split("\n"))
    )
    said = f'w:author="{author}" w:initials="核" w:date="{moment}"'
    return f'<w:comment w:id="{number}" {said}>{"".join(lines)}</w:comment>'


def comments(some: Iterable[str]) -> str:
    """The part that holds all comments."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f'{head}<w:comments xmlns:w="{NAMESPACE}">{"".join(some)}</w:comments>'


def table(content: Table) -> str:
    """A table of fixed column widths."""
    whole = sum(column.width for column in content.columns)
    widths = [round(column.width / whole * TEXT_WIDTH) for column in content.columns]
    head = "".join(
        _cell(column.title, "TableHead", width) for column, width in zip(content.columns, widths, strict=True)
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = "".join(_row(row, content.columns, widths) for row in content.rows)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>{rows}</w:tbl>"
    )


def _row(row: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    if len(row) == 1:
        cells = _cell(row[0], "TableHead", sum(widths), span=len(widths))
        return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"
    whole = "<w:trPr><w:cantSplit/></w:trPr>" if max(map(len, row)) <= MOST_UNBROKEN else ""
    cells = "".join(_cell(text, column.style, width) for text, column, width in zip(row, columns, widths, strict=True))
    return f"<w:tr>{whole}{cells}</w:tr>"


def _cell(text: str, style: str, width: int, *, span: int = 1) -> str:
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}<w:vAlign w:val="center"/></w:tcPr>'
        f"{paragraph(style, [text])}</w:tc>"
    )
