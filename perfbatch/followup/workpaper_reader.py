"""A filled workpaper → what reviewers entered, each with its cell; nothing is judged here but legibility.

Columns are found by the words of their headings and rows by the key in the hidden column, so that inserted
rows and columns, renamed sheets and another program's saving do no harm. What was entered is kept in the output folder
(``data/review.json``), not what it led to: every run judges it again by its own figures.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from perfbatch.errors import RefusedFile, UsageError
from perfbatch.followup import items
from perfbatch.followup.items import ENTRY_COLUMNS, KEY, NAME_COLUMN, OPINION, SIGNATURE
from perfbatch.intake import read_book
from perfbatch.model import Cell, Grid, Stored, a1
from perfbatch.notation import fold

NO_WORKPAPER = "no_workpaper"
_COMPLETE, _ACTUAL, _SCORE, _OPINION = ENTRY_COLUMNS
_NEEDED = (_ACTUAL, _SCORE)
_READ = (*ENTRY_COLUMNS, NAME_COLUMN, items.POINTS_COLUMN)


class Entry(NamedTuple):
    """What stands in one row of the table; texts verbatim, `stored` how the workbook holds the two values."""

    key: str
    name: str
    complete: str = ""
    actual: str = ""
    actual_stored: Stored = "empty"
    actual_format: str = ""
    score: str = ""
    opinion: str = ""
    row: int = 0
    cell_actual: str = ""
    cell_score: str = ""
    cell_complete: str = ""

    @property
    def filled(self) -> bool:
        """Whether a reviewer entered anything."""
        return any((self.complete, self.actual, self.score, self.opinion))


@dataclass(slots=True)
class Paper:
    """One sheet of a workpaper."""

    file: str
    sheet: str
    project_id: str
    entries: list[Entry] = field(default_factory=list)
    opinion: str = ""
    reviewer: str = ""
    date: str = ""
    cell_opinion: str = ""

    @property
    def filled(self) -> bool:
        """Whether a reviewer entered anything on this sheet."""
        return any(entry.filled for entry in self.entries) or bool(self.opinion or self.reviewer or self.date)

    @property
    def entered(self) -> tuple[Any, ...]:
        """What was entered on it, wherever the rows stand."""
        filled = (entry for entry in self.entries if entry.filled)
        return self.opinion, *((one.key, one.complete, one.actual, one.score, one.opinion) for one in filled)


@dataclass(slots=True)
class Filled:
    """A workpaper as it came back: its sheets, the digests it was printed with, and what could not be read."""

    file: str
    sha256: str
    papers: list[Paper] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def filled(self) -> bool:
        """Whether a reviewer entered anything at all."""
        return any(paper.filled for paper in self.papers)


def read_workpaper(path: Path) -> Filled:
    """Read a filled workpaper. Raises RefusedFile when it cannot be read or is no workpaper of this program."""
    book = read_book(path, name=path.name)
    found = Filled(path.name, book.sha256)
    for grid in book.grids:
        keys = {  # row → column and key of each cell that holds one
            row: (column, cell.text.strip())
            for (row, column), cell in sorted(grid.cells.items())
            if cell.text.startswith("P") and KEY.fullmatch(cell.text.strip())
        }
        bare = keys and _heading(grid, min(keys)) is None and all(column == 1 for column, _ in keys.values())
        if bare and (min(keys), 2) in grid.cells:  # the hidden sheet of what was measured
            found.digests |= {key: grid.cells[row, 2].text for row, (_, key) in keys.items() if (row, 2) in grid.cells}
        elif keys:
            _read_sheet(grid, keys, found)
    if not found.papers and not found.problems:
        told = f"“{path.name}”不是本程序生成的抽查工作底稿（没有找到隐藏的“校验码”列），"
        raise RefusedFile(NO_WORKPAPER, f"{told}请使用输出文件夹中的抽查工作底稿填写。")
    return found


def _heading(grid: Grid, before: int) -> dict[str, int] | None:
    """Column of each heading word, from the row above `before` that has most of them; None without such a row."""
    rows: dict[int, dict[str, int]] = {}
    for (row, column), cell in grid.cells.items():
        if row < before and (word := fold(cell.text)) in _READ:
            rows.setdefault(row, {}).setdefault(word, column)
    best = max(rows.values(), key=len, default={})
    return best if any(word in best for word in _NEEDED) else None


def _read_sheet(grid: Grid, keys: Mapping[int, tuple[int, str]], found: Filled) -> None:
    where = f"“{found.file}”工作表“{grid.sheet}”"
    columns = _heading(grid, min(keys))
    missing = [word for word in _NEEDED if word not in (columns or {})]
    if columns is None or missing:
        words = "、".join(f"“{word}”" for word in missing)
        found.problems.append(f"{where}的表头中找不到{words}，本表未读取；请恢复表头文字后重新运行。")
        return
    owners = {key.rpartition("-")[0] for _, key in keys.values()}
    if len(owners) > 1:
        found.problems.append(f"{where}里有{len(owners)}个项目的行，本表未读取；请一个项目一张表，勿在表间粘贴整行。")
        return
    paper = Paper(found.file, grid.sheet, owners.pop())
    for row, (_, key) in keys.items():
        end = key.rpartition("-")[2]
        if end == OPINION:
            paper.opinion, paper.cell_opinion = _beside(grid, row, items.OPINION_LABEL)
        elif end == SIGNATURE:
            paper.reviewer = _beside(grid, row, items.REVIEWER_LABEL)[0]
            paper.date = _beside(grid, row, items.DATE_LABEL)[0]
        else:
            paper.entries.append(_entry(grid, row, key, columns))
    found.problems += _strays(grid, keys, columns, where)
    found.papers.append(paper)


def _entry(grid: Grid, row: int, key: str, columns: Mapping[str, int]) -> Entry:
    def cell(word: str) -> Cell:
        return grid.cells.get((row, columns.get(word, 0)), Cell(row, columns.get(word, 0), "", "empty"))

    def ref(word: str) -> str:
        return a1(row, columns[word]) if word in columns else ""

    actual = cell(_ACTUAL)
    texts = (cell(_SCORE).text.strip(), cell(_OPINION).text.strip())
    return Entry(
        key, cell(NAME_COLUMN).text, cell(_COMPLETE).text.strip(), actual.text.strip(), actual.stored,
        actual.format, *texts, row, ref(_ACTUAL), ref(_SCORE), ref(_COMPLETE),
    )  # fmt: skip


def _beside(grid: Grid, row: int, label: str) -> tuple[str, str]:
    """Text and cell of what stands to the right of a label in its row, up to the next label or key."""
    labels = (items.OPINION_LABEL, items.REVIEWER_LABEL, items.DATE_LABEL)
    line = sorted((cell for (at, _), cell in grid.cells.items() if at == row), key=lambda cell: cell.column)
    own = next((cell for cell in line if fold(cell.text) == label), None)
    if own is None:
        return "", ""
    beside = next((cell for cell in line if cell.column > own.column), None)
    if beside is None or fold(beside.text) in labels or KEY.fullmatch(fold(beside.text)):
        return "", a1(row, own.column + 1)
    return beside.text.strip(), beside.ref


def _strays(grid: Grid, keys: Mapping[int, tuple[int, str]], columns: Mapping[str, int], where: str) -> Iterator[str]:
    """Entries in rows without a key, between the first row of the table and the lines below it."""
    table = [row for row, (_, key) in keys.items() if key.rpartition("-")[2] not in (OPINION, SIGNATURE)]
    sums = {cell.row for cell in grid.cells.values() if fold(cell.text) == "合计"}
    entries = {columns[word] for word in _NEEDED}
    for (row, column), cell in sorted(grid.cells.items()):
        inside = table and min(table) < row < max(keys) and row not in keys and row not in sums
        if inside and column in entries and cell.text.strip():
            yield f"{where}的{cell.ref}“{cell.text.strip()[:20]}”所在行没有校验码，未采用；请填在原有的指标行中。"


NAME = "data/review.json"
_FORMAT = 1


def load(folder: Path) -> list[Filled]:
    """The entries kept in an output folder, none without the file. Raises UsageError when it is damaged."""
    path = folder / NAME
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != _FORMAT:
            raise ValueError(record["format"])
        return list(map(_filled, record["workpapers"]))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"抽查复核记录“{path}”无法读取；请删除该文件，再用 perfbatch review 重新读取底稿。") from error


def _filled(book: Mapping[str, Any]) -> Filled:
    """One workbook as `text_of` keeps it."""
    papers = [Paper(**(one | {"entries": [Entry(*entry) for entry in one["entries"]]})) for one in book["papers"]]
    digests = {str(key): str(digest) for key, digest in book["digests"].items()}
    return Filled(str(book["file"]), str(book["sha256"]), papers, digests, list(map(str, book["problems"])))


def text_of(filled: Sequence[Filled]) -> str:
    """The JSON text to keep; same entries, same text."""
    record = {"format": _FORMAT, "workpapers": [asdict(book) for book in filled]}
    return json.dumps(record, ensure_ascii=True, indent=1) + "\n"


def merged(before: Sequence[Filled], now: Sequence[Filled]) -> list[Filled]:
    """Entries of `now`, and of `before` those on projects that `now` says nothing about."""
    renewed = {paper.project_id for book in now for paper in book.papers if paper.filled}
    kept = []
    for book in before:
        if papers := [paper for paper in book.papers if paper.project_id not in renewed]:
            kept.append(Filled(book.file, book.sha256, papers, book.digests))
    return [*kept, *(replace(book, papers=[paper for paper in book.papers if paper.filled]) for book in now)]
