"""What humans wrote into sheet 整改台账 of a summary workbook, so that no later run loses it.

The sheet is found by its name, columns by the words of their headings, rows by the hidden key. Rows without a
key are entries that somebody added; they are kept too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from perfbatch.errors import RefusedFile
from perfbatch.intake.grids import Builder, Notes
from perfbatch.intake.guard import Limits, refuse
from perfbatch.intake.markup import BrokenPart
from perfbatch.intake.ooxml import read_package
from perfbatch.intake.package import Package, Sheet
from perfbatch.layouts import own
from perfbatch.layouts.own import KEY_COLUMN
from perfbatch.model import Cell, Grid
from perfbatch.notation import fold

SUMMARY, SHEET = "绩效自评汇总表.xlsx", "整改台账"
PROJECT, UNIT, INDICATOR = "项目名称", "填报单位", "指标"
PROBLEM, BASIS, CAUSE, CODE, STATE = "问题", "依据", "原因", "编号", "状态"
MEASURES, PERSON, DEADLINE, PROGRESS = "整改措施", "责任人", "时限", "进展"
HUMAN = (MEASURES, PERSON, DEADLINE, PROGRESS)
SLOT = "【待填写】"
_WORDS = (KEY_COLUMN, PROJECT, UNIT, INDICATOR, PROBLEM, BASIS, CAUSE, CODE, STATE, *HUMAN)


MENDED = "已整改"


class LedgerRow(NamedTuple):
    """One row as it stands on the sheet: texts by heading; `key` is empty for a row that somebody added."""

    key: str
    texts: Mapping[str, str]

    @property
    def typed(self) -> dict[str, str]:
        """What humans wrote: the columns for them that hold more than the slot."""
        return {word: text for word in HUMAN if (text := self.texts.get(word, "")) and text != SLOT}

    @property
    def mended(self) -> bool:
        """Whether the sheet says 已整改, as this program or a person wrote it there."""
        return self.texts.get(STATE, "").strip().startswith(MENDED)

    @property
    def added(self) -> bool:
        """Whether somebody wrote this row: it has neither key nor code of a finding."""
        return not self.key and not self.texts.get(CODE)


@dataclass(frozen=True, slots=True)
class LedgerSheet:
    """The ledger of one output folder. `remark` says in Chinese why there is none to read, if there should be."""

    rows: tuple[LedgerRow, ...] = ()
    remark: str = ""
    by_key: Mapping[str, LedgerRow] = field(default_factory=dict)
    refused: bool = False  # there is a summary, but what stands in its ledger is not known


def read_ledger(folder: Path) -> LedgerSheet:
    """The ledger in the summary workbook of an output folder; empty, with a remark, where it cannot be read."""
    path = folder / SUMMARY
    try:
        names = sorted(book.name for book in folder.iterdir())
        asides = sorted((name for name in names if _ASIDE.fullmatch(name)), key=lambda name: (len(name), name))
        books = [path] if SUMMARY in names else [folder / name for name in asides[-1:]]
        books += [folder / name for name in names if _BESIDE.fullmatch(name)]
    except OSError:
        books = []
    if not books:
        return LedgerSheet(remark=f"“{folder.name}”中没有{SUMMARY}，没有可沿用的整改台账。")
    remark, refused = "", False
    grids = []
    for book in books:
        try:
            grids.append(_sheet(book))
        except RefusedFile as refusal:
            remark, refused = f"未能沿用整改台账：{refusal}", refused or (book == path and _is_workbook(path))
    if not remark and not any(grids):
        remark = f"“{SUMMARY}”中没有“{SHEET}”工作表，没有可沿用的整改台账。"
    joined = _joined([row for grid in grids if grid for row in rows_of(grid)[1].values()])
    return replace(joined, remark=remark, refused=refused)


_BESIDE = re.compile(rf"{Path(SUMMARY).stem}\(\d+\)\.xlsx")  # published there while the summary was open elsewhere
_ASIDE = re.compile(
    rf"{Path(SUMMARY).stem}\(已修改\d*\)\.xlsx"
)  # the summary, where a run was killed before the new one


def _is_workbook(path: Path) -> bool:
    """Whether a file may hold what somebody typed: a package or an older workbook, as far as its head tells."""
    try:
        with path.open("rb") as stream:
            return stream.read(2) in (b"PK", b"\xd0\xcf")
    except OSError:
        return True


def _joined(rows: list[LedgerRow]) -> LedgerSheet:
    """Rows of several summaries as one ledger: of a key the first row that somebody wrote into."""
    by_key: dict[str, LedgerRow] = {}
    added: list[LedgerRow] = []
    for row in rows:
        if row.key and (row.key not in by_key or not by_key[row.key].typed):
            by_key[row.key] = row
        elif not row.key and all(row.texts != other.texts for other in added):
            added.append(row)
    return LedgerSheet((*by_key.values(), *added), by_key=by_key)


class _OneSheet(Package):
    """A package that shows the ledger sheet only, so that a long summary costs little."""

    def sheets(self) -> list[Sheet]:
        """The sheet by its name; all, if somebody has renamed it."""
        sheets = super().sheets()
        return [sheet for sheet in sheets if sheet.name == SHEET] or sheets


def _sheet(path: Path) -> Grid | None:
    limits = Limits()
    builder = Builder(path.name, limits, Notes())
    try:
        if path.stat().st_size > limits.file_bytes:
            raise refuse("too_large", path.name, "过大", "请自行核对整改台账")
        read_package(_OneSheet(path.read_bytes(), name=path.name, limits=limits), builder)
    except OSError as error:
        raise refuse("unreadable", path.name, "打不开", "请关闭该文件后重新运行") from error
    except BrokenPart as error:
        raise refuse("damaged", path.name, "的内部结构残缺", "请用 Excel 或 WPS 另存后重新运行") from error
    return next(filter(is_ledger, builder.grids), None)


def is_ledger(grid: Grid) -> bool:
    """Whether a sheet is the ledger, by its name or by its headings."""
    return grid.sheet == SHEET or own.stand_together(grid, KEY_COLUMN, MEASURES)


def rows_of(grid: Grid) -> tuple[dict[int, str], dict[int, LedgerRow]]:
    """Columns with the words of their headings, and rows below the heading that has most of our words."""
    lines: dict[int, list[Cell]] = {}
    for (row, _), cell in sorted(grid.cells.items()):
        lines.setdefault(row, []).append(cell)
    heading = max(lines, key=lambda row: len({fold(c.text) for c in lines[row]} & set(_WORDS)), default=0)
    columns = {cell.column: fold(cell.text) for cell in lines.get(heading, ()) if fold(cell.text) in _WORDS}
    if PROBLEM not in columns.values():
        return {}, {}
    found = {}
    for row, line in lines.items():
        texts = {columns[cell.column]: cell.text.strip() for cell in line if cell.column in columns}
        if row > heading and any(text and text != SLOT for text in texts.values()):
            found[row] = LedgerRow(texts.pop(KEY_COLUMN, ""), texts)
    return columns, found
