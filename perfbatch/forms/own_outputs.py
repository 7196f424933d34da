"""Workbooks this program wrote for people to fill in: they look like forms and must never be read as such.

Known by what stands in them, since people rename files, sheets and folders and save with other programs.
"""

from perfbatch.errors import RefusedFile
from perfbatch.model import Book, Grid
from perfbatch.notation import fold

OWN_OUTPUT = "own_output"
KEY_COLUMN = "校验码"  # heading of the hidden column by which entries are found again
RETURNED = "处理情况（单位填写）"  # heading of the column of a return slip in which the unit answers
INDEX = "问题索引"  # the sheet of an annotated copy that lists its findings; the copy itself is a form
INDEX_HEADS = ("序号", "级别", "编号", "工作表", "单元格", "项目名称", "问题（全文见汇总表）")
_KINDS = {  # two headings that stand in one row → what the workbook is, and what to do with it
    (KEY_COLUMN, "核查完成值"): ("抽查工作底稿", "填好后请运行 perfbatch review 读回，不要和自评表放在一起"),
    (KEY_COLUMN, "整改措施"): ("汇总表", "请把它移出自评表所在的文件夹"),
    (KEY_COLUMN, "本年怎样改"): ("问题清单", "请把它移出自评表所在的文件夹"),
    (RETURNED, "修改要求"): ("退回修改意见", "请把它移出自评表所在的文件夹"),
}


def without_index(book: Book) -> None:
    """Take the list of findings out of an annotated copy that comes back: it is no form and holds none."""
    pair = INDEX_HEADS[2], INDEX_HEADS[6]
    book.grids = [grid for grid in book.grids if not (grid.sheet == INDEX and stand_together(grid, *pair))]


def refuse(book: Book) -> None:
    """Raise RefusedFile for a workpaper, summary or return slip of this program, with what to do instead."""
    for (one, other), (what, then) in _KINDS.items():
        if any(stand_together(grid, one, other) for grid in book.grids):
            raise RefusedFile(OWN_OUTPUT, f"“{book.file}”是本程序生成的{what}，不是自评表，未作检查；{then}。")


def stand_together(grid: Grid, one: str, other: str) -> bool:
    """Whether the words are cells of one row."""
    rows = {at[0] for at, cell in grid.cells.items() if cell.text == one}
    return bool(rows) and any(at[0] in rows and fold(cell.text) == fold(other) for at, cell in grid.cells.items())
