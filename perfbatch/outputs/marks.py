"""What a mark looks like, wherever it is drawn: colour by severity, text of the comment, size of its box."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from perfbatch.model import LAST_COLUMN, LAST_ROW, Finding, Range, Severity, a1, column_number
from perfbatch.outputs.cells import PADDING, TEXT_LIMIT, cut, lines_of, width_of
from perfbatch.outputs.wording import RANKS, SEVERITY, state_word
from perfbatch.schema import grouped

FONT = ("宋体", 9)
PIXELS = 96 / 72  # of a point
_LINE_POINTS = 12.5
_UNIT_POINTS = 4.6
_WIDEST, _NARROWEST, _HIGHEST = 330.0, 140.0, 400.0
_ROOM = (_WIDEST - 12) / _UNIT_POINTS  # half-width characters of a line of the widest box
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})$")


# The three fills keep black text readable and stay apart on a grey print: brightness 164, 208 and 234 of 255.
# Light blue and green are avoided: headings of forms are filled with them.
PALETTE = {"error": "FF7D7D", "warning": "FFD24D", "info": "F1E4FB"}  # fills by severity, as RRGGBB
_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Mark(NamedTuple):
    """One marked cell: 1-based row and column, fill (RRGGBB, empty for a remark without finding), comment.

    `right` is the last column of the merged area that the cell shows, its own column where there is none.
    """

    row: int
    column: int
    rgb: str
    text: str
    right: int

    @property
    def place(self) -> tuple[int, int]:
        """Row and column."""
        return self.row, self.column

    @property
    def ref(self) -> str:
        """A1 reference."""
        return a1(self.row, self.column)


Beneath = Mapping[str, Mapping[str, str]]  # fills below marks: sheet → A1 → markup
Remarks = Mapping[tuple[str, str], str]  # further text of comments: (sheet, A1) → text


class Marking:
    """The findings of one file on their way to its cells, sheet by sheet; what can be saved and proven in the end.

    `marked` are the commented cells as (sheet, A1), `notes` Chinese sentences for the clerk, `beneath` the fills that
    the marked cells had.
    """

    suffix = ".xlsx"  # that fits the content, whatever the source was called

    def __init__(self, findings: Sequence[Finding], remarks: Remarks) -> None:
        self.marked: set[tuple[str, str]] = set()
        self.notes: list[str] = []
        self.beneath: dict[str, dict[str, str]] = defaultdict(dict)
        self._found = grouped((finding.sheet, finding) for finding in findings)
        self._said: dict[str, dict[str, str]] = defaultdict(dict)
        for (sheet, cell), text in remarks.items():
            self._said[sheet][cell] = text

    def marks(self, sheet: str, merges: Iterable[Range]) -> list[Mark]:
        """The marks of a sheet in order of row and column; asked once for each."""
        return marks_of(self._found.pop(sheet, []), self._said.pop(sheet, {}), merges)

    def save(self, path: Path) -> None:
        """Write the file with its marks."""
        raise NotImplementedError

    def prove(self, path: Path) -> None:
        """Raise Unproven unless what was written is the source plus the marks."""
        raise NotImplementedError


@lru_cache(maxsize=10_000)  # the sheets of a workbook are alike
def parse_ref(ref: str) -> tuple[int, int] | None:
    """1-based row and column of an A1 reference inside the sheet limits, else None."""
    match = _REFERENCE.match(ref.strip())
    if match is None:
        return None
    row, column = int(match[2]), column_number(match[1].upper())
    return (row, column) if row <= LAST_ROW and column <= LAST_COLUMN else None


def marks_of(findings: Sequence[Finding], remarks: Mapping[str, str], merges: Iterable[Range]) -> list[Mark]:
    """The marks of one sheet in order of row and column.

    `remarks` maps A1 references to further text. What lies in a merged area is marked at its first cell; a
    finding without a cell belongs to the title, A1, one at a cell that does not exist has no mark.
    """
    areas = _areas([*(finding.cell or "A1" for finding in findings), *remarks], merges)
    right = {area[:2]: area.right for area in areas.values()}

    def shown_at(ref: str) -> tuple[int, int] | None:
        place = parse_ref(ref)
        return areas[place][:2] if place in areas else place

    at = grouped((place, finding) for finding in findings if (place := shown_at(finding.cell or "A1")) is not None)
    said = grouped((place, text) for ref, text in remarks.items() if text and (place := shown_at(ref)) is not None)
    marks = []
    for place in sorted({*at, *said}):
        ranked = sorted(dict.fromkeys(at[place]), key=lambda f: (RANKS.get(_shown(f), len(RANKS)), f.code))
        fill, text = fill_of(ranked[0]) if ranked else "", comment_text(ranked, said[place])
        marks.append(Mark(*place, fill, text, right.get(place, place[1])))
    return marks


def comment_text(findings: Sequence[Finding], remarks: Sequence[str] = ()) -> str:
    """Text of one comment, at most `LINES` lines of its box: what is wrong, what should stand there, what to do.

    Of several findings at a cell first what is wrong with each; what has no room is named by its code and stands in
    问题清单. Of further `remarks` (how a score came about, a notice about the copy) the beginning comes last.
    """
    notices: list[str] = []
    for text in remarks:
        # a formula that stands in a message already says nothing more
        formula = text.partition("：")[2].partition(" = ")[0].partition("；")[0]
        if text and not (formula and any(formula in finding.message for finding in findings)) and len(notices) < 2:
            notices.append(_short(" ".join(text.split()), 2 if findings else LINES))
    room = LINES - min(sum(map(_lines, notices)), LINES - 2)
    told = [_Told(finding, long=len(findings) == 1) for finding in findings]
    left: list[Finding] = []
    for at, one in enumerate(told):
        need = _lines(one.head) + (len(told) - at > 1)  # the line that names the others
        if at and need > room:
            left = list(findings[at:])
            break
        one.said, room = [one.head], room - _lines(one.head)
    rest: list[str] = []
    if left:
        codes = "、".join(dict.fromkeys(finding.code for finding in left))
        rest, room = [_short(f"另有{codes}，见“问题清单”。", 1)], room - 1
    for which in range(_PARTS):
        for one in told:
            if one.said and which < len(one.more) and _lines(one.more[which]) <= room:
                one.said.append(one.more[which])
                room -= _lines(one.more[which])
    return clean("\n".join([*(line for one in told for line in one.said), *rest, *notices]))


class _Told:
    """What may be said of a finding: a head, then what should be and what to do, as far as there is room."""

    def __init__(self, finding: Finding, *, long: bool) -> None:
        word = SEVERITY.get(finding.severity, SEVERITY["info"]) if finding.open else state_word(finding)
        message = " ".join(finding.message.split())
        self.head = _short(f"【{word} {finding.code}】{message}", 2 if long else 1)
        do = ("处理", finding.hint) if finding.open else ("说明", finding.reason)
        parts = (("应为", finding.expected), do, ("下年", finding.next_year))
        self.more = [_short(f"{label}：{' '.join(text.split())}", 2 if long else 1) for label, text in parts if text]
        self.said: list[str] = []


LINES = 6  # of a comment; more hides the form behind it
_PARTS = 3


@lru_cache(maxsize=2_000)  # what to do is the same for many findings
def _short(text: str, most: int) -> str:
    """`text` within `most` lines of the widest box, cut behind a sentence or clause where there is one."""
    if _lines(text) <= most:
        return text
    fits = text
    while _lines(fits) > most or width_of(fits) > most * int(_ROOM - PADDING) - 2:
        fits = fits[:-1]
    stop = max(fits.rfind(mark) for mark in "。；，")
    return f"{fits[:stop]}…" if stop > len(fits) // 2 else f"{fits}…"


@lru_cache(maxsize=2_000)
def _lines(text: str) -> int:
    return lines_of(text, _ROOM)


def clean(text: str, longest: int = TEXT_LIMIT) -> str:
    """`text` without what XML cannot hold, cut to `longest` UTF-16 units with a note that it was cut."""
    return cut(_ILLEGAL.sub("\ufffd", re.sub("\r\n?", "\n", text)), longest)


def box(text: str) -> tuple[float, float]:
    """Width and height in points of a comment box that shows `text`; wide characters count two."""
    width = min(max((width_of(text) + PADDING) * _UNIT_POINTS + 16, _NARROWEST), _WIDEST)
    lines = lines_of(text, (width - 12) / _UNIT_POINTS)
    return width, min(lines * _LINE_POINTS + 12, _HIGHEST)


def _shown(finding: Finding) -> str:
    """The severity a mark shows: what is accepted is no more than a hint."""
    return finding.severity if finding.open else Severity.INFO.value


def fill_of(finding: Finding) -> str:
    """The fill (RRGGBB) of a cell with a finding."""
    return PALETTE.get(_shown(finding), PALETTE["info"])


def _areas(refs: Iterable[str], merges: Iterable[Range]) -> dict[tuple[int, int], Range]:
    """The merged area around each place that lies in one."""
    columns: dict[int, set[int]] = defaultdict(set)
    for row, column in filter(None, map(parse_ref, refs)):
        columns[row].add(column)
    rows = sorted(columns)
    found: dict[tuple[int, int], Range] = {}
    for area in merges:
        for row in rows[bisect_left(rows, area.top) : bisect_right(rows, area.bottom)]:
            for column in columns[row]:
                if area.left <= column <= area.right:
                    found.setdefault((row, column), area)
    return found
