"""All paragraphs and tables of a Word document (.docx); the reader of forms keeps only what belongs to a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfbatch.intake import Limits
from perfbatch.intake.guard import SafeZip, refuse
from perfbatch.intake.markup import BrokenPart, children, parse
from perfbatch.intake.wordtext import blocks, child, is_word, number, text_of, value
from perfbatch.model import Cell, Grid

_BODY = "word/document.xml"
_AROUND = ("sdt", "sdtContent", "customXml", "ins", "moveTo")  # what may stand between a table, its rows and cells


def read_word(data: bytes, name: str) -> tuple[list[str], list[Grid]]:
    """The lines of text in order, and each table as a grid (第1个表 …); a nested one is text of its cell.

    Deleted text is left out. Raises RefusedFile.
    """
    package = SafeZip(data, name, Limits())
    part = package.find(_BODY)
    try:
        body = None if part is None else child(parse(package.read(part)), "body")
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
    return [line for line in lines if line.strip()], grids


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
