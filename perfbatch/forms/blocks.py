"""The blocks of a form: its indicator tables, its fund blocks, where each ends, and which row is the total."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial

from perfbatch.forms import funds
from perfbatch.forms.asides import is_note
from perfbatch.forms.bands import Band, indicator_bands, score_bands
from perfbatch.forms.sheet import Label, Sheet
from perfbatch.model import Cell, Range
from perfbatch.notation import fold, read_points

_AFTER = ("conclusion", "problems", "measures", "reason_box", "remarks", "manager")


class Blocks:
    """The blocks of one form. Each is a rectangle: blocks may stand below one another or side by side.

    `total_row` is the row of the grand total, None without one.
    """

    def __init__(self, sheet: Sheet, region: Range, *, unlabelled_score: bool = False) -> None:
        self.sheet, self.top, self.bottom, self.region = sheet, region.top, region.bottom, region
        self._ends: dict[int, int] = {}
        self.indicator_bands = indicator_bands(sheet, self.top, self.bottom)
        if unlabelled_score:
            self._take_last_column_as_score()
        self.score_bands = score_bands(sheet, self.top, self.bottom, self.indicator_bands)
        self.total_row = self._find_total_row()
        self.tables = [self._table(band) for band in self.indicator_bands]

    @cached_property
    def fund_areas(self) -> list[Range]:
        """Where the fund blocks stand."""
        return funds.areas(self.sheet, self.region, self.tables)

    def _take_last_column_as_score(self) -> None:
        """For forms whose score column has no header."""
        last = (self.sheet.last_column, self.sheet.last_column)
        self.indicator_bands = [
            replace(band, columns={**band.columns, "score": band.columns.get("score", last)})
            for band in self.indicator_bands
        ]

    def _table(self, band: Band) -> Range:
        """The rectangle of an indicator table, its header too."""
        spans = band.columns.values()
        return Range(band.top, min(s[0] for s in spans), self.indicator_end(band), max(s[1] for s in spans))

    def first_block(self) -> int:
        """First row of the first block, past the form when it has none."""
        return min((block.top for block in (*self.fund_areas, *self.tables)), default=self.bottom + 1)

    def holds(self, cell: Cell) -> bool:
        """Whether a cell stands inside a block."""
        row, column = cell[:2]
        return any(b.top <= row <= b.bottom and b.left <= column <= b.right for b in (*self.fund_areas, *self.tables))

    def next_stop(self, row: int) -> int:
        """First row from `row` on at which a block begins, past the form when there is none."""
        tops = [block.top for block in (*self.fund_areas, *self.tables) if block.top >= row]
        return min(tops, default=self.bottom + 1)

    def indicator_end(self, band: Band) -> int:
        """Last row of an indicator block: before the next header, the total or what follows (signatures, notes)."""
        if band.bottom not in self._ends:
            limit = min(self.first_column(band, name) for name in ("level3", "target", "points", "score"))
            others = (*self.indicator_bands, *self.score_bands)
            stops = [other.top for other in others if other.top > band.bottom]
            stop = min([*stops, self.bottom + 1, self._total_below(band)])
            is_after: Callable[[int], bool] = partial(self._is_after, limit)
            rows = self.sheet.marked_rows(band.bottom + 1, stop - 1)
            self._ends[band.bottom] = next(filter(is_after, rows), max(stop, band.bottom + 1)) - 1
        return self._ends[band.bottom]

    def _total_below(self, band: Band) -> int:
        total = self.total_row
        return total if total is not None and total > band.bottom else self.bottom + 1

    def _is_after(self, limit: int, row: int) -> bool:
        """Whether a row belongs to what follows the indicators (conclusion, footnotes, a fund block below them)."""
        labels = self._labels(row)
        if any(label[1].get("head") in _AFTER and label[2].left < limit for label in labels):
            return True
        stated = self.sheet.stated.get(row)
        if stated and any(cell.column < limit for cell in stated):  # 填报人：甲
            return True
        return _names_stages(labels, limit) or is_note(self.sheet, row)

    def goes_on(self, before: Band, band: Band) -> bool:
        """Whether a header only repeats the one before, as on each printed page: same columns, no block of its own."""
        if before.columns != band.columns:
            return False
        blocks = [self.sheet.part(b.top, 1, min(b.columns.values())[0] - 1) for b in (before, band)]
        first, second = ([fold(cell.text) for cell in block] for block in blocks)
        return not second or first == second

    def _find_total_row(self) -> int | None:
        if not self.indicator_bands:
            return None
        band = self.indicator_bands[-1]
        limit = min(self.first_column(band, "target"), self.first_column(band, "points"))
        found: int | None = None
        for row in self.sheet.marked_rows(band.bottom + 1, self.bottom):
            labels = self._labels(row)
            if _names_stages(labels, limit):
                break
            for label in labels:
                if "total_rows" not in label.fields or label.area.left >= limit:
                    continue
                if found is None or any(self._is_measured(band, between) for between in range(found + 1, row)):
                    found = row  # the one before summed up a part
        return found

    def _labels(self, row: int) -> list[Label]:
        """Labels that begin on a row."""
        return [label for label in self.sheet.labels.get(row, ()) if label[0][0] == row]

    def _is_measured(self, band: Band, row: int) -> bool:
        """Whether an indicator with its values, and with points where the form has them, stands on a row."""
        names = ("level3", "target", "actual")
        cells = [band.cell(self.sheet, row, name) for name in names]
        own = {cell[:2] for cell in cells if cell is not None and cell.text and cell.row == row}
        points = band.cell(self.sheet, row, "points")
        return len(own) == len(names) and (points is None or read_points(points.text) is not None)

    def first_column(self, band: Band, name: str) -> int:
        """First column of a field, or past the sheet when the band has none."""
        return band.columns.get(name, (self.sheet.last_column + 1, 0))[0]


def _names_stages(labels: Sequence[Label], limit: int) -> bool:
    """Whether a row below the indicators heads a fund block: two stages of the money, from its left part on."""
    if len(labels) < 2:
        return False
    names = {n for label in labels if (n := label.fields.get("fund_groups") or label.fields.get("fund"))}
    return len(names & funds.STAGES) > 1 and any(label.area.left <= limit for label in labels)
