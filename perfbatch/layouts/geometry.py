"""How the merged areas of a sheet lie. The sheets of an export share a few geometries, each worked out once."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import TYPE_CHECKING

from perfbatch.model import Range

if TYPE_CHECKING:
    from perfbatch.layouts.bands import Band

_SMALL = 4_000  # addresses of a sheet worth remembering
_MOST_BANDS = 200
Address = tuple[int, int]


class Geometry:
    """Merged areas cut to the used rows and columns of a sheet.

    `areas` holds them by anchor, `tall` the anchors of those over several rows, `sources` the anchor of every
    other cell under one. `plain` is whether no cell lies under two. `bands` remembers headers by what their
    rows show, where `shared`.
    """

    def __init__(self, merges: tuple[Range, ...], last_row: int, last_column: int, *, shared: bool) -> None:
        self.last_row, self.last_column, self.shared = last_row, last_column, shared
        self.areas = {(m.top, m.left): m for m in merges}
        self.tall = frozenset(anchor for anchor, area in self.areas.items() if area.bottom > area.top)
        self.sources: dict[Address, Address] = {}
        self.bands: dict[Hashable, Band] = {}
        self._rows: dict[int, list[Address]] = {}
        covered = 0
        for top, left, bottom, right in merges:
            anchor = (top, left)
            for row in range(top, min(bottom, last_row) + 1):
                for column in range(left, min(right, last_column) + 1):
                    if (row, column) != anchor:
                        covered += 1
                        self.sources[row, column] = anchor
        self.plain = covered == len(self.sources) and self.sources.keys().isdisjoint(self.areas)

    def row(self, row: int) -> list[Address]:
        """Where to look for what a row shows, from left to right, each merged area once."""
        addresses = self._rows.get(row)
        if addresses is None:
            own = [(row, column) for column in range(1, self.last_column + 1)]
            addresses = list(dict.fromkeys(self.sources.get(at, at) for at in own))
            if self.shared:
                self._rows[row] = addresses
        return addresses

    def remember(self, key: Hashable, band: Band) -> Band:
        """Keep a header for the other sheets of this geometry."""
        if self.shared:
            if len(self.bands) >= _MOST_BANDS:
                self.bands.clear()
            self.bands[key] = band
        return band


def geometry(merges: tuple[Range, ...], last_row: int, last_column: int) -> Geometry:
    """The geometry of a sheet; that of a small sheet is shared with other sheets."""
    if last_row * last_column > _SMALL or len(merges) > _SMALL:
        return Geometry(merges, last_row, last_column, shared=False)
    return _shared(merges, last_row, last_column)


@lru_cache(maxsize=64)
def _shared(merges: tuple[Range, ...], last_row: int, last_column: int) -> Geometry:
    return Geometry(merges, last_row, last_column, shared=True)
