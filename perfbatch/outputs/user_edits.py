"""Outputs in which a person has written are never replaced, under whatever name they were published.

What lies under a name may be replaced when its bytes are those that were published (`Published`), or when its
content is: saved again by a spreadsheet program, or the ledger or the list of findings filled in, which the new
summary carries on. Everything else is renamed, and said.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from perfbatch.errors import RefusedFile
from perfbatch.followup import answers, ledger_reader, summaries
from perfbatch.followup.answers import AnswerRow
from perfbatch.followup.ledger_reader import LedgerRow
from perfbatch.intake import read_book
from perfbatch.intake.markup import BrokenPart, parse
from perfbatch.model import Cell, Grid
from perfbatch.sources import ANNOTATED_MARK
from perfbatch.store import renames
from perfbatch.store.fingerprint import of_file
from perfbatch.store.published import Published

_WORKBOOKS = (".xlsx", ".xlsm")
_PICTURES, _DRAWINGS = "xl/media/", "xl/drawings/drawing"
_DRAWN = re.compile(rb"<a:t(?: [^>]*)?>([^<]+)<")


class Edited:
    """Decides for one output folder what may be replaced; `told` are the sentences for the clerk."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self.told: list[str] = []
        self.carried: set[str] = set()  # hashes of files whose whole content the new one carries on

    def admits(self, target: Path, fresh: Path, *, move: bool) -> bool:
        """Whether `fresh` may take the name `target`; noted if so. Work in the way is renamed if `move`.

        Raises UnpublishedOutput when that cannot be noted.
        """
        known = self.published.hashes(target)
        lying: list[str] = []
        try:
            there = renames.patiently(lambda: of_file(target), None if move else 0.0)
        except FileNotFoundError:
            pass
        except OSError:
            return False  # held by another program, or a folder: what is in it is not known
        else:
            if there in known or there in self.carried or there == of_file(fresh):
                lying = [there]
            elif self._as_published(target, fresh):
                lying = known
            elif not move or (aside := put_aside(target)) is None:
                return False
            else:
                what, then = "在生成之后有人改过", "其中填写的内容请自行誊录到新文件"
                if ANNOTATED_MARK in target.stem:
                    what, then = "中的内容有人改过", "改动请同样改到原表或系统中，重新导出后再运行"
                self.told.append(f"“{target.name}”{what}，已改名为“{aside.name}”保留，没有覆盖；{then}。")
        with_bytes = target.suffix in _WORKBOOKS and ANNOTATED_MARK not in target.stem
        self.published.note(target, fresh, lying, with_bytes=with_bytes)
        return True

    def _as_published(self, target: Path, fresh: Path) -> bool:
        if target.suffix == ".docx":
            from perfbatch.outputs.report.carried import untouched  # noqa: PLC0415 - seldom needed

            return untouched(target)
        if target.suffix not in _WORKBOOKS:
            return False
        try:
            then, now = _content(target), _content(fresh)
            if ANNOTATED_MARK in target.stem:  # people mend in it, also by clearing a cell
                return then.cells == now.cells and then.beside <= now.beside
            # against what was published too: what a program did not calculate may miss
            before = (_content(kept) for kept in self.published.versions(target))
            return then.typed <= now.typed and any(
                then.cells <= other.cells and then.beside <= other.beside for other in chain([now], before)
            )
        except (RefusedFile, OSError, zipfile.BadZipFile):
            return False


class _Content(NamedTuple):
    """What a workbook says: its cells; what people may have put beside them; what they wrote into the ledger."""

    cells: Counter[object]
    beside: Counter[object]
    typed: Counter[object]


def _content(path: Path) -> _Content:
    book = read_book(path, name=path.name)
    found = _Content(Counter(), Counter(said(path)), Counter())
    with zipfile.ZipFile(path) as package:  # which was read, so it is within all limits
        for part in package.infolist():
            if part.filename.startswith(_PICTURES):
                found.beside[part.CRC, part.file_size] += 1
            elif part.filename.startswith(_DRAWINGS):  # texts of boxes
                found.beside.update(_DRAWN.findall(package.read(part)))
    for grid in book.grids:
        if summaries.is_sheet(grid, ledger_reader.SHEET, ledger_reader.MEASURES):
            _take(grid, *ledger_reader.rows_of(grid), (*ledger_reader.HUMAN, ledger_reader.CAUSE), found)
        elif summaries.is_sheet(grid, answers.SHEET, answers.REMEDY):
            _take(grid, *answers.rows_of(grid), answers.HUMAN, found)
        else:
            found.cells.update((grid.sheet, at, text_of(cell)) for at, cell in grid.cells.items())
    return found


def _take(
    grid: Grid,
    columns: Mapping[int, str],
    rows: Mapping[int, LedgerRow] | Mapping[int, AnswerRow],
    human: Sequence[str],
    found: _Content,
) -> None:
    """A list that people fill in without its order, which they change, and apart from it what they typed."""
    added = {row for row, line in rows.items() if line.added}
    for line in rows.values():
        texts = line.texts if line.added else line.typed
        found.typed.update((line.key, word, text) for word, text in texts.items())
    for (row, column), cell in grid.cells.items():
        known = columns.get(column, "")
        if not (row in rows and (known in human or (row in added and known))):
            found.cells[(grid.sheet, column, text_of(cell))] += 1


def text_of(cell: Cell) -> str:
    """The text of a cell; of a figure as many digits as survive being calculated again by another program."""
    if cell.stored in ("number", "percent"):
        with contextlib.suppress(ValueError):
            return f"{float(cell.raw or cell.text.rstrip('%')):.12g}"
    return cell.text


def said(path: Path) -> Iterator[tuple[str | None, str]]:
    """All comments, also our own, into which people write; the parts change their names when they are saved again."""
    with zipfile.ZipFile(path) as package:
        for part in package.infolist():
            if not part.filename.lower().endswith(".xml") or "comments" not in part.filename.lower():
                continue
            with contextlib.suppress(BrokenPart):
                for comment in parse(package.read(part)).iter("{*}comment", "{*}threadedComment"):
                    texts = [run.text or "" for run in comment.iter("{*}t")] or [comment.findtext("{*}text") or ""]
                    yield comment.get("ref"), "".join("".join(texts).split())


def put_aside(target: Path) -> Path | None:
    """Rename a file so that nothing replaces it; its new path, None where another program holds it."""
    try:
        return renames.rename(target, free_name(target))
    except OSError:
        return None


def free_name(target: Path) -> Path:
    """The name under which a file is put aside."""
    mark = ANNOTATED_MARK if target.stem.endswith(ANNOTATED_MARK) else ""
    stem = target.stem.removesuffix(mark)
    names = (f"{stem}(已修改{number if number > 1 else ''}){mark}{target.suffix}" for number in count(1))
    return next(path for name in names if not (path := target.with_name(name)).exists())
