"""Workbooks this program wrote for people to fill in: they look like forms and must never be read as such.

Known by what stands in them, since people rename files, sheets and folders and save with other programs.
"""

from __future__ import annotations

from perfbatch.errors import RefusedFile
from perfbatch.model import Book, Grid
from perfbatch.notation import fold

OWN_OUTPUT = "own_output"
KEY_COLUMN = "校验码"  # heading of the hidden column by which entries are found again
_KINDS = {  # a heading that stands beside the hidden column → what the workbook is, and what to do with it
    "核查完成值": ("抽查工作底稿", "填好后请运行 perfbatch review 读回，不要和自评表放在一起"),
    "整改措施": ("汇总表", "请把它移出自评表所在的文件夹"),
}


def refuse(book: Book) -> None:
    """Raise RefusedFile for a workpaper or a summary workbook of this program, with what to do instead."""
    for grid in book.grids:
        beside = _beside(grid, KEY_COLUMN)
        for word, (what, then) in _KINDS.items():
            if word in beside:
                text = f"“{book.file}”是本程序生成的{what}，不是自评表，未作检查；{then}。"
                raise RefusedFile(OWN_OUTPUT, text)


def stand_together(grid: Grid, one: str, other: str) -> bool:
    """Whether the words are cells of one row."""
    return other in _beside(grid, one)


def _beside(grid: Grid, word: str) -> set[str]:
    """The texts, folded, in the rows that have a cell with this word."""
    rows = {at[0] for at, cell in grid.cells.items() if cell.text == word}
    return {fold(cell.text) for at, cell in grid.cells.items() if at[0] in rows} if rows else set()
