"""All that a Word document (.docx) says, in reading order: for reports and supporting documents, which are prose.

The reader of forms (`perfbatch.intake.word`) keeps only what belongs to a table.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from perfbatch.errors import RefusedFile, UsageError, why
from perfbatch.intake import word
from perfbatch.intake.guard import refuse
from perfbatch.intake.markup import BrokenPart, parse
from perfbatch.intake.package import Package
from perfbatch.intake.word import below, blocks, body_of, cells_of, child, is_word, rows_of, text_of, value
from perfbatch.model import Cell, Grid

_MOST = 64 << 20  # bytes of the main part, unpacked


def paragraphs(path: Path) -> list[str]:
    """Texts of the paragraphs of a .docx; a row of a table is one of its own, its cells joined by tabs.

    Text in tracked deletions is left out. Raises UsageError for what is no such document.
    """
    try:
        package = Package(path.read_bytes(), name=path.name)
        xml = package.read(package.workbook_part)
        if len(xml) > _MOST:
            raise UsageError(f"“{path.name}”的正文过大，没有读取；请删去图片以外的附件后再试。")
        return [text for text in _texts(body_of(parse(xml))) if text.strip()]
    except OSError as error:
        raise UsageError(f"“{path}”读不出来（{why(error)}），请确认文件没有被占用后重新运行。") from error
    except (RefusedFile, BrokenPart) as error:
        told = f"“{path.name}”不是可读取的 Word 文档（.docx）；请用 Word 或 WPS 打开后另存为 .docx。"
        raise UsageError(told) from error


def _texts(element: Any) -> Iterator[str]:
    for block in blocks(element):
        if is_word(block, "p"):
            yield text_of(block)
        else:
            yield from ("\t".join("".join(_texts(cell)) for cell in cells_of(row)) for row in rows_of(block))


_OF_A_PAGE = re.compile(r"[-—\s第共页/、,，0-9]*|PAGE.*")  # 第3页 共12页, - 3 -


def read_all(data: bytes, name: str) -> tuple[list[str], list[Grid], dict[str, list[str]]]:
    """The lines of a document in order, each table as a grid (第1个表 …), and lines beside the text (页眉, 文本框 …).

    A nested table is text of its cell. Deleted text is left out. Raises RefusedFile.
    """
    try:
        package = Package(data, name=name)
        body = body_of(parse(package.read(package.workbook_part)))
        # sections repeat headers and footers, which also hold the numbers of pages
        beside = {title: list(dict.fromkeys(_lines(texts))) for title, texts in word.texts_around(package).items()}
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
    return [line for line in lines if line.strip()], grids, {title: some for title, some in aside.items() if some}


def _lines(texts: Iterable[str]) -> list[str]:
    return [said for text in texts for line in text.split("\n") if (said := line.strip())]


def _grid(table: Any, name: str, title: str) -> Grid:
    cells: dict[tuple[int, int], Cell] = {}
    for row, line in enumerate(rows_of(table), 1):
        column = 1
        for cell in cells_of(line):
            properties = child(cell, "tcPr")
            merge = child(properties, "vMerge")
            text = "\n".join(_said(cell)).strip()
            if text and (merge is None or value(merge) == "restart"):
                cells[row, column] = Cell(row, column, text)
            column += word.number(child(properties, "gridSpan"), default=1)
    return Grid(name, title, cells)


def _said(cell: Any) -> Iterator[str]:
    """The texts of the paragraphs of a cell, those of nested tables too."""
    for block in blocks(cell):
        if is_word(block, "p"):
            yield text_of(block)
        else:
            yield from (text for row in rows_of(block) for one in cells_of(row) for text in _said(one))
