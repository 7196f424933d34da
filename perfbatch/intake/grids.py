"""What every reader shares: the notes of a reading, and the finishing of a sheet into a Grid."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any

from perfbatch.intake.formats import Shown
from perfbatch.intake.guard import Limits, refuse
from perfbatch.messages import shipped
from perfbatch.model import Cell, Grid, Range, ReadingNote, SheetReading, a1

WORDS = shipped("intake/words.toml")
NOTE_CODES: Mapping[str, str] = WORDS["notes"]
AUTHOR = "perfbatch"  # of our own comments, which are never read as the clerk's
RULE = f"──────── {AUTHOR} ────────"  # before what we say below somebody's comment
_OPENING = re.compile(r"【(?:错误|疑问|提示|已说明|下年改进)\s*[A-Z]{2}[0-9]{2}】")  # of our comments
_MOST_NOTES = 50
_MORE = re.compile("“(.+)”共 ([0-9]+) 处，这里只列前 [0-9]+ 处。")
_SPLIT = "请拆分成几个文件再放入"
_COUNTED = {"cells": "非空单元格", "merges": "合并区域", "sheets": "工作表"}
_ROW_GAP = 1_000
_COLUMN_GAP = 256
_LEADING_ROWS = 20_000
_BIG_MERGE = 100_000
_SMALL_COVER = 2_000  # covered cells worth remembering
_PICTURE = re.compile(r"\s*=?\s*(?:_xlfn\.)?DISPIMG\s*\(")
Cells = dict[tuple[int, int], Cell]


class Notes:
    """Collects the notes of one book, at most 50 of a kind per sheet, and says when there were more."""

    def __init__(self) -> None:
        self._notes: list[ReadingNote] = []
        self._count: dict[tuple[str, str], int] = {}

    def add(self, code: str, sheet: str, cell: str, text: str) -> None:
        """Add a note; `code` is a key of `NOTE_CODES`."""
        count = self._count[code, sheet] = self._count.get((code, sheet), 0) + 1
        if count <= _MOST_NOTES:
            self._notes.append(ReadingNote(code, sheet, cell, text))

    def tell(self, code: str, sheet: str = "", cell: str = "", **said: object) -> None:
        """Add a note in the sentence that `words.toml` has for its code."""
        self.add(code, sheet, cell, WORDS["told"][code].format(sheet=sheet, cell=cell, **said))

    def all(self) -> list[ReadingNote]:
        """The notes in the order met, with one closing note for each kind that was cut."""
        cut = [(NOTE_CODES[code], sheet, n) for (code, sheet), n in self._count.items() if n > _MOST_NOTES]
        return self._notes + [
            ReadingNote("more_notes", sheet, "", f"“{what}”共 {count} 处，这里只列前 {_MOST_NOTES} 处。")
            for what, sheet, count in cut
        ]


@dataclass(slots=True)
class SheetDraft:
    """A sheet while it is read: what stands on it, and what of it is hidden."""

    name: str
    hidden: bool = False
    cells: Cells = field(default_factory=dict)
    merges: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    struck: set[tuple[int, int]] = field(default_factory=set)


class Builder:
    """Finishes sheets into Grids of one book and keeps count of the cells and merges allowed."""

    def __init__(self, file: str, limits: Limits, notes: Notes) -> None:
        self.file, self.limits, self.notes = file, limits, notes
        self.grids: list[Grid] = []
        self._used: Counter[str] = Counter()  # by the name of its limit
        self._characters = 0
        # format → first cell of the sheet being read that shows another number than it stores, and how many
        self._otherwise: dict[str, tuple[Cell, int]] = {}

    def check(self, what: str, count: int) -> None:
        """Refuse a book of more cells, merges or sheets than allowed, with `count` more of the sheet being read."""
        most = getattr(self.limits, what)
        if self._used[what] + count > most:
            raise refuse("too_large", self.file, f"的{_COUNTED[what]}超过 {most} 个", _SPLIT)

    def take(self, sheet: SheetDraft, at: tuple[int, int], shown: Shown, code: str = "") -> None:
        """Add one cell as it shows, with the notes that are due; an empty one and a picture have no text."""
        text, stored, raw, apart = shown
        if not text:
            return
        if stored == "text" and is_picture(text):
            self.notes.tell("picture_cell", sheet.name, a1(*at))
            return
        sheet.cells[at] = cell = Cell(*at, text, stored, code if stored in ("number", "percent", "date") else "", raw)
        if apart:  # said once a format when the sheet is finished
            first, count = self._otherwise.get(cell.format, (cell, 0))
            self._otherwise[cell.format] = first, count + 1
        if stored == "error":
            self.notes.tell("error_cell", sheet.name, cell.ref, text=cell.text)
        self.check("cells", len(sheet.cells))

    def add(self, draft: SheetDraft) -> None:
        """Finish one sheet: stray far cells and values under merges left out, hidden parts noted."""
        sheet, comments, kept = draft.name, draft.comments, tuple(draft.merges)
        cells = self._without_far_cells(sheet, draft.cells)
        counts = {"merges": len(kept), "sheets": 1, "cells": len(cells)}
        for what, count in counts.items():
            self.check(what, count)
        self._used.update(counts)
        self._characters += sum(map(len, map(itemgetter(2), cells.values()))) + sum(map(len, comments.values()))
        if self._characters > self.limits.characters:
            raise refuse("too_large", self.file, "的文字过多", _SPLIT)
        covered = _covered(kept) if len(kept) < _SMALL_COVER else None
        if covered is None or not covered.isdisjoint(cells):
            kept = tuple(self._clipped(sheet, merge, cells) for merge in kept)
            self._uncover(sheet, cells, kept)
        hidden_rows = frozenset(draft.hidden_rows)
        if used := hidden_rows and hidden_rows.intersection(row for row, _ in cells):
            self.notes.tell("hidden_rows", sheet, a1(min(used), 1), count=len(used))
        if draft.hidden and cells:
            self.notes.tell("hidden_sheet", sheet)
        self._say_otherwise(sheet)
        struck = frozenset(draft.struck)
        self.grids.append(Grid(self.file, sheet, cells, kept, draft.hidden, hidden_rows, comments, struck))

    def _say_otherwise(self, sheet: str) -> None:
        """One note for each format of the sheet that shows other numbers than are stored."""
        for code, (cell, count) in self._otherwise.items():
            where = f"单元格{cell.ref}" + (f"等{count}处" if count > 1 else "")
            named = f"按数字格式“{' '.join(code.split())}”" if code else ""
            raw = cell.raw or cell.text
            what = f"显示为“{cell.text}”，而存储的是 {raw}，已按显示的内容读取"
            if not cell.raw:
                what = f"不显示存储的数 {raw}，已按存储的数读取"
            self.notes.add("shown_otherwise", sheet, cell.ref, f"{where}{named}{what}，请核对。")
        self._otherwise = {}

    def _without_far_cells(self, sheet: str, cells: Cells) -> Cells:
        """Cut what lies behind a gap no form has: one stray space in row 1 000 000 must not cost the form."""
        if not cells:
            return cells
        rows, columns = set(map(itemgetter(0), cells)), set(map(itemgetter(1), cells))
        last_row = _before_gap(rows, _ROW_GAP, _LEADING_ROWS)
        last_column = _before_gap(columns, _COLUMN_GAP, _COLUMN_GAP)
        if last_row == max(rows) and last_column == max(columns):
            return cells
        far = [cell for cell in cells.values() if cell.row > last_row or cell.column > last_column]
        named = next((cell for cell in far if cell.text.strip()), far[0])
        self.notes.tell("far_cell_ignored", sheet, named.ref, count=len(far))
        return {at: cell for at, cell in cells.items() if at[0] <= last_row and at[1] <= last_column}

    def _clipped(self, sheet: str, merge: Range, cells: Cells) -> Range:
        """A merge of whole columns or rows, cut to the used area so that nobody expands it in full."""
        if (merge.bottom - merge.top + 1) * (merge.right - merge.left + 1) <= _BIG_MERGE:
            return merge
        bottom = min(merge.bottom, max((row for row, _ in cells), default=0))
        right = min(merge.right, max((column for _, column in cells), default=0))
        self.notes.tell("merge_clipped", sheet, a1(merge.top, merge.left))
        return Range(merge.top, merge.left, max(bottom, merge.top), max(right, merge.left))

    def _uncover(self, sheet: str, cells: Cells, merges: Sequence[Range]) -> None:
        """Drop values the clerk cannot see because a merge covers them; say so when they differ."""
        for top, left, bottom, right in merges:
            if (bottom - top + 1) * (right - left + 1) > len(cells):
                covered = [at for at in cells if top <= at[0] <= bottom and left <= at[1] <= right]
            else:
                area = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
                covered = [at for at in area if at in cells]
            shown = cells.get((top, left))
            for at in covered:
                if at == (top, left):
                    continue
                cell = cells.pop(at)
                if shown is None or cell.text.strip() not in ("", shown.text.strip()):
                    self.notes.tell("covered_value", sheet, cell.ref, above=a1(top, left))


def aside(notes: Sequence[ReadingNote], readings: Iterable[SheetReading]) -> list[ReadingNote]:
    """The notes of a book; those on each sheet of which no form or list was read made into one.

    A helper sheet full of #N/A, or hidden, is no error of the self-evaluation: it is said once what was met there.
    """
    readings = list(readings)
    read = {sheet.sheet for sheet in readings if sheet.projects or sheet.indicators}
    sheets = {sheet.sheet for sheet in readings} - read
    met: dict[str, Counter[str]] = {}
    for note in notes:
        if note.sheet in sheets:
            kinds = met.setdefault(note.sheet, Counter())
            if found := _MORE.fullmatch(note.text):
                kinds[found[1]] = int(found[2])  # of a kind that was cut, the closing note knows how many there were
            elif kinds[NOTE_CODES[note.code]] < _MOST_NOTES:
                kinds[NOTE_CODES[note.code]] += 1
    kept: list[ReadingNote] = []
    for note in notes:
        if note.sheet not in met:
            kept.append(note)
        elif kinds := met[note.sheet]:
            what = "、".join(f"{word} {count} 处" for word, count in kinds.items())
            text = f"工作表“{note.sheet}”不是自评表，其中有{what}，不影响自评表的核对。"
            kept.append(ReadingNote("sheet_aside", note.sheet, note.cell, text))
            met[note.sheet] = Counter()
    return kept


def author_of(comment: Any, authors: Sequence[str]) -> str:
    """Who wrote a comment, of the authors of its part; empty where it does not say."""
    number = str(comment.get("authorId") or "")
    return authors[int(number)] if re.fullmatch("[0-9]{1,6}", number) and int(number) < len(authors) else ""


def is_ours(text: str, author: str) -> bool:
    """Whether this program wrote a comment; LibreOffice keeps the text but not who wrote it."""
    return author.strip() == AUTHOR or (not author.strip() and _OPENING.match(text.lstrip()) is not None)


def bare_comment(text: str, author: str) -> str:
    """Text of a comment without the line that programs open it with: its author and a colon.

    What this program wrote into an annotated copy is nobody's remark on the form: left out, also below a remark.
    """
    if is_ours(text, author):
        return ""
    text = text.partition(RULE)[0].replace("\r\n", "\n").replace("\r", "\n").strip()
    return re.sub(rf"^{re.escape(author.strip())}\s*[:：]\s*", "", text) if author.strip() else text


def is_picture(text: str) -> bool:
    """Whether a text is the formula by which WPS puts a picture into a cell."""
    return "DISPIMG" in text and _PICTURE.match(text) is not None


@lru_cache(maxsize=64)
def _covered(merges: tuple[Range, ...]) -> frozenset[tuple[int, int]] | None:
    """The cells under merged areas, their anchors left out; None where these are too many to list."""
    if sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in merges) > _SMALL_COVER:
        return None
    return frozenset(
        (row, column)
        for top, left, bottom, right in merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    )


def _before_gap(used: set[int], gap: int, leading: int) -> int:
    """The last used line before the first gap longer than `gap` (or than `leading` at the start; then 0)."""
    if max(used) - min(used) <= gap and min(used) <= leading:
        return max(used)
    last = 0
    for line in sorted(used):
        if line - last > (gap if last else leading):
            break
        last = line
    return last
