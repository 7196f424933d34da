"""Sheets of a summary workbook in which people write, read back from an output folder.

A sheet is found by its name, or by the headings that stand together only there; columns by the words of their
headings; rows by the hidden key.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from perfbatch.errors import RefusedFile
from perfbatch.forms.own_outputs import KEY_COLUMN, stand_together
from perfbatch.intake.grids import Builder, Notes
from perfbatch.intake.guard import Limits, refuse
from perfbatch.intake.markup import BrokenPart
from perfbatch.intake.ooxml import read_package
from perfbatch.intake.package import Package, Sheet
from perfbatch.model import Grid
from perfbatch.notation import fold
from perfbatch.schema import grouped

SUMMARY = "绩效自评汇总表.xlsx"
SLOT = "【待填写】"
_BESIDE = re.compile(rf"{Path(SUMMARY).stem}\(\d+\)\.xlsx")  # published there while the summary was open elsewhere
_ASIDE = re.compile(rf"{Path(SUMMARY).stem}\(已修改\d*\)\.xlsx")  # left of a run that was killed before the new one
Texts = Mapping[str, str]  # of a row, by heading


class Found(NamedTuple):
    """The sheets of one kind in an output folder; `remark` says in Chinese what could not be read.

    `refused`: there is a summary, but what stands in it is not known. `books`: whether there is any summary at all.
    """

    grids: list[Grid]
    remark: str
    refused: bool
    books: bool


def is_sheet(grid: Grid, name: str, heading: str) -> bool:
    """Whether a sheet is the one called `name`, or was: it alone has the `heading` beside that of the keys."""
    return grid.sheet == name or stand_together(grid, KEY_COLUMN, heading)


def find(folder: Path, name: str, heading: str) -> Found:
    """A sheet (`is_sheet`) in the summary of a folder, and in those that were published beside it."""
    path = folder / SUMMARY
    try:
        names = sorted(book.name for book in folder.iterdir())
    except OSError:
        names = []
    asides = sorted((name for name in names if _ASIDE.fullmatch(name)), key=lambda name: (len(name), name))
    books = [path] if SUMMARY in names else [folder / name for name in asides[-1:]]
    books += [folder / name for name in names if _BESIDE.fullmatch(name)]
    remark, refused, grids = "", False, []
    for book in books:
        try:
            grids.append(_sheet(book, name, heading))
        except RefusedFile as refusal:
            remark, refused = f"未能沿用{name}：{refusal}", refused or (book == path and _is_workbook(path))
    return Found([grid for grid in grids if grid is not None], remark, refused, bool(books))


def _is_workbook(path: Path) -> bool:
    """Whether a file may hold what somebody typed: a package or an older workbook, as far as its head tells."""
    try:
        with path.open("rb") as stream:
            return stream.read(2) in (b"PK", b"\xd0\xcf")
    except OSError:
        return True


class _OneSheet(Package):
    """A package that shows one sheet only, so that a long summary costs little."""

    only = ""

    def sheets(self) -> list[Sheet]:
        """The sheet by its name; all, if somebody has renamed it."""
        sheets = super().sheets()
        return [sheet for sheet in sheets if sheet.name == self.only] or sheets


def _sheet(path: Path, name: str, heading: str) -> Grid | None:
    limits = Limits()
    builder = Builder(path.name, limits, Notes())
    try:
        if path.stat().st_size > limits.file_bytes:
            raise refuse("too_large", path.name, "过大", f"请自行核对{name}")
        package = _OneSheet(path.read_bytes(), name=path.name, limits=limits)
        package.only = name
        read_package(package, builder)
    except OSError as error:
        raise refuse("unreadable", path.name, "打不开", "请关闭该文件后重新运行") from error
    except BrokenPart as error:
        raise refuse("damaged", path.name, "的内部结构残缺", "请用 Excel 或 WPS 另存后重新运行") from error
    return next((grid for grid in builder.grids if is_sheet(grid, name, heading)), None)


def rows_of(grid: Grid, words: Collection[str], must: str) -> tuple[dict[int, str], dict[int, tuple[str, Texts]]]:
    """Columns with the words of their headings; key and texts of the rows below the heading with most of our words.

    Nothing where the heading `must` is not there.
    """
    lines = grouped((row, cell) for (row, _), cell in sorted(grid.cells.items()))
    heading = max(lines, key=lambda row: len({fold(c.text) for c in lines[row]} & {*words}), default=0)
    columns = {cell.column: fold(cell.text) for cell in lines.get(heading, ()) if fold(cell.text) in words}
    if must not in columns.values():
        return {}, {}
    found: dict[int, tuple[str, Texts]] = {}
    for row, line in lines.items():
        texts = {columns[cell.column]: cell.text.strip() for cell in line if cell.column in columns}
        if row > heading and any(text and text != SLOT for text in texts.values()):
            found[row] = texts.pop(KEY_COLUMN, ""), texts
    return columns, found
