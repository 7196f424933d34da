"""The blocks of a form: where the rows under each header band begin and end, and which row is the total."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from perfbatch.layouts.asides import is_note
from perfbatch.layouts.bands import Band, fund_bands, indicator_bands
from perfbatch.layouts.sheet import Label, Sheet
from perfbatch.model import Range
from perfbatch.notation import fold, read_points

_AFTER = ("conclusion", "problems", "measures", "reason_box", "remarks", "manager")


class Blocks:
    """The blocks of one form: its header bands, and where the rows under each of them end.

    `total_row` is the row of the grand total, None without one.
    """

    def __init__(self, sheet: Sheet, region: Range) -> None:
        self.sheet, self.top, self.bottom = sheet, region.top, region.bottom
        self._ends: dict[tuple[str, int], int] = {}
        self.indicator_bands = indicator_bands(sheet, self.top, self.bottom)
        first = self.indicator_bands[0].top if self.indicator_bands else self.bottom + 1
        self.fund_bands = [b for b in fund_bands(sheet, self.top, self.bottom) if b.top < first]
        self.total_row = self._find_total_row()

    def take_last_column_as_score(self) -> None:
        """For forms whose score column has no header."""
        last = (self.sheet.last_column, self.sheet.last_column)
        self.indicator_bands = [
            replace(band, columns={**band.columns, "score": band.columns.get("score", last)})
            for band in self.indicator_bands
        ]

    def first_block(self) -> int:
        """First row of the first block, past the form when it has none."""
        tops = [band.top for band in (*self.fund_bands, *self.indicator_bands)]
        return min(tops, default=self.bottom + 1)

    def rows(self) -> set[int]:
        """All rows of the blocks, headers too."""
        rows: set[int] = set()
        for band in self.fund_bands:
            rows.update(range(band.top, self.fund_end(band) + 1))
        for band in self.indicator_bands:
            rows.update(range(band.top, self.indicator_end(band) + 1))
        return rows

    def next_stop(self, row: int) -> int:
        """First header row from `row` on, past the form when there is none."""
        tops = [b.top for b in (*self.fund_bands, *self.indicator_bands) if b.top >= row]
        return min(tops, default=self.bottom + 1)

    def fund_end(self, band: Band) -> int:
        """Last row of the fund block: before the next goal label, header or indicator block."""
        return self._end(band, self.next_stop(band.bottom + 1), partial(self._ends_funds, band))

    def _end(self, band: Band, stop: int, is_past: Callable[[int], bool]) -> int:
        """Last row under a header before `stop` and before the first row that `is_past`; worked out once."""
        key = (band.kind, band.bottom)
        if key not in self._ends:
            rows = range(band.bottom + 1, stop)
            self._ends[key] = next((row for row in rows if is_past(row)), max(stop, band.bottom + 1)) - 1
        return self._ends[key]

    def _ends_funds(self, band: Band, row: int) -> bool:
        for label in self.sheet.labels.get(row, ()):
            fields = label.fields
            ends = "head" in fields or ("blocks" in fields and "fund" not in fields)
            if ends and label.cell.row == row and not self._repeats(band, label):
                return True
        return False

    def _repeats(self, band: Band, label: Label) -> bool:
        """Whether a label also stands beside the header: taken out of its merge, it was filled down."""
        return any(label.cell.text == beside.cell.text for beside in self.sheet.labels.get(band.top, ()))

    def indicator_end(self, band: Band) -> int:
        """Last row of an indicator block: before the next header, the total or what follows (signatures, notes)."""
        limit = min(self.first_column(band, name) for name in ("level3", "target", "points", "score"))
        stops = [other.top for other in self.indicator_bands if other.top > band.bottom]
        stop = min([*stops, self.bottom + 1, self.total_row or self.bottom + 1])
        return self._end(band, stop, partial(self._is_after, limit))

    def _is_after(self, limit: int, row: int) -> bool:
        """Whether a row belongs to what follows the indicators (conclusion, footnotes …)."""
        for label in self.sheet.labels.get(row, ()):
            if label.fields.get("head") in _AFTER and label.cell.row == row and label.area.left < limit:
                return True
        stated = self.sheet.stated.get(row)
        if stated and any(cell.column < limit for cell in stated):  # 填报人：甲
            return True
        return is_note(self.sheet, row)

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
        for row in range(band.bottom + 1, self.bottom + 1):
            for label in self.sheet.labels.get(row, ()):
                if "total_rows" not in label.fields or label.cell.row != row or label.area.left >= limit:
                    continue
                if found is None or any(self._is_measured(band, between) for between in range(found + 1, row)):
                    found = row  # the one before summed up a part
        return found

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
