"""All that a Word document (.docx) says; the reader of forms keeps only what belongs to a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from perfbatch.intake import Limits
from perfbatch.intake.guard import SafeZip, refuse
from perfbatch.intake.markup import BrokenPart, children, parse
from perfbatch.intake.word import WORD, blocks, child, is_word, number, text_of, value
from perfbatch.model import Cell, Grid

_BODY = "word/document.xml"
_AROUND = ("sdt", "sdtContent", "customXml", "ins", "moveTo")  # what may stand between a table, its rows and cells
_ASIDE = (("header", "页眉"), ("footer", "页脚"), ("footnotes", "脚注"), ("endnotes", "尾注"))
_BOX = "文本框"
_OF_A_PAGE = re.compile(r"[-—\s第共页/、,，0-9]*|PAGE.*")  # 第3页 共12页, - 3 -


class Said(NamedTuple):
    """The lines of the text in order, each table as a grid (第1个表 …), and lines beside the text.

    Those beside it are given by where they stand: 页眉, 页脚, 脚注, 尾注, 文本框.
    """

    lines: list[str]
    grids: list[Grid]
    aside: dict[str, list[str]]


def read_word(data: bytes, name: str) -> Said:
    """What a document says; a nested table is text of its cell. Deleted text is left out. Raises RefusedFile."""
    package = SafeZip(data, name, Limits())
    try:
        document = _part(package, _BODY)
        body = child(document, "body")
        beside = {title: _lines_of(_parts(package, part)) for part, title in _ASIDE}
    except BrokenPart as error:
        raise refuse("damaged", name, "的内部结构残缺") from error
    if body is None:
        raise refuse("damaged", name, "的内部结构残缺")
    lines: list[str] = []
    grids: list[Grid] = []
    for block in blocks(body):
        if is_word(block, "p"):
            lines += text_of(block).split("\n")
        else:
            grids.append(_grid(block, name, f"第{len(grids) + 1}个表"))
    beside[_BOX] = _boxed(body)
    return Said(
        [line for line in lines if line.strip()], grids, {title: some for title, some in beside.items() if some}
    )


def _part(package: SafeZip, name: str) -> Any:
    """The root of a part, None where there is none."""
    part = package.find(name)
    return None if part is None else parse(package.read(part))


def _parts(package: SafeZip, kind: str) -> Iterator[Any]:
    """The roots of header1.xml, header2.xml … in order."""
    wanted = re.compile(rf"word/{kind}[0-9]*\.xml", re.IGNORECASE)
    for name in sorted(name for name in package.names if wanted.fullmatch(name)):
        yield _part(package, name)


def _lines_of(roots: Iterable[Any]) -> list[str]:
    """The paragraphs of headers and the like, each text once (sections repeat them), without numbers of pages."""
    texts = (line for root in roots for line in _paragraphs(root))
    return [text for text in dict.fromkeys(texts) if not _OF_A_PAGE.fullmatch(text)]


def _boxed(body: Any) -> list[str]:
    """The paragraphs of text boxes, each box once: programs store it a second time for older readers."""
    boxes = [tuple(_paragraphs(box)) for box in body.iter(*[space + "txbxContent" for space in WORD])]
    return [line for box in dict.fromkeys(boxes) for line in box]


def _paragraphs(element: Any) -> Iterator[str]:
    for paragraph in element.iter(*[space + "p" for space in WORD]):
        yield from (line.strip() for line in text_of(paragraph).split("\n") if line.strip())


def _grid(table: Any, name: str, title: str) -> Grid:
    cells: dict[tuple[int, int], Cell] = {}
    for row, line in enumerate(_inside(table, "tr"), 1):
        column = 1
        for cell in _inside(line, "tc"):
            properties = child(cell, "tcPr")
            merge = child(properties, "vMerge")
            text = _said(cell).strip()
            if text and (merge is None or value(merge) == "restart"):
                cells[row, column] = Cell(row, column, text)
            column += number(child(properties, "gridSpan"), default=1)
    return Grid(name, title, cells)


def _inside(element: Any, tag: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, those in content controls and insertions too."""
    for one in children(element):
        if is_word(one, tag):
            yield one
        elif is_word(one, *_AROUND):
            yield from _inside(one, tag)


def _said(cell: Any) -> str:
    """The text of a cell, paragraphs and nested tables on lines of their own."""
    lines: list[str] = []
    for block in blocks(cell):
        inner = () if is_word(block, "p") else (one for row in _inside(block, "tr") for one in _inside(row, "tc"))
        lines += [text_of(block)] if is_word(block, "p") else map(_said, inner)
    return "\n".join(lines)
