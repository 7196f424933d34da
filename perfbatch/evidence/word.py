"""All that a Word document (.docx) says; the reader of forms keeps only what belongs to a table."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from perfbatch.intake.guard import refuse
from perfbatch.intake.markup import BrokenPart, parse
from perfbatch.intake.package import Package
from perfbatch.intake.word import (
    below,
    blocks,
    body_of,
    cells_of,
    child,
    is_word,
    number,
    rows_of,
    text_of,
    texts_around,
    value,
)  # fmt: skip
from perfbatch.model import Cell, Grid

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
    try:
        package = Package(data, name=name)
        body = body_of(parse(package.read(package.workbook_part)))
        # sections repeat headers and footers, which also hold the numbers of pages
        beside = {title: list(dict.fromkeys(_lines(texts))) for title, texts in texts_around(package).items()}
    except BrokenPart as error:
        raise refuse("damaged", name, "的内部结构残缺") from error
    lines: list[str] = []
    grids: list[Grid] = []
    for block in blocks(body):
        if is_word(block, "p"):
            lines += text_of(block).split("\n")
        else:
            grids.append(_grid(block, name, f"第{len(grids) + 1}个表"))
    aside = {title: [text for text in some if not _OF_A_PAGE.fullmatch(text)] for title, some in beside.items()}
    # each box once: programs store it a second time for older readers
    boxes = dict.fromkeys(tuple(_lines(map(text_of, below(box, "p")))) for box in below(body, "txbxContent"))
    aside["文本框"] = [line for box in boxes for line in box]
    return Said([line for line in lines if line.strip()], grids, {title: some for title, some in aside.items() if some})


def _lines(texts: Iterable[str]) -> list[str]:
    return [said for text in texts for line in text.split("\n") if (said := line.strip())]


def _grid(table: Any, name: str, title: str) -> Grid:
    cells: dict[tuple[int, int], Cell] = {}
    for row, line in enumerate(rows_of(table), 1):
        column = 1
        for cell in cells_of(line):
            properties = child(cell, "tcPr")
            merge = child(properties, "vMerge")
            text = _said(cell).strip()
            if text and (merge is None or value(merge) == "restart"):
                cells[row, column] = Cell(row, column, text)
            column += number(child(properties, "gridSpan"), default=1)
    return Grid(name, title, cells)


def _said(cell: Any) -> str:
    """The text of a cell, paragraphs and nested tables on lines of their own."""
    lines: list[str] = []
    for block in blocks(cell):
        if is_word(block, "p"):
            lines.append(text_of(block))
        else:
            lines += [_said(one) for row in rows_of(block) for one in cells_of(row)]
    return "\n".join(lines)
