"""How the merged areas of a sheet lie. The sheets of an export share a few geometries, each worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, TypeVar

from perfbatch.model import Range

_SMALL = 4_000  # addresses of a sheet worth remembering
_MOST_KEPT = 200
Address = tuple[int, int]
T = TypeVar("T")


class Geometry:
    """Merged areas cut to the used rows and columns of a sheet.

    `areas` holds them by anchor, `tall` the anchors of those over several rows, `sources` the anchor of every
    other cell under one. `plain` is whether no cell lies under two. A `shared` one keeps what was worked out
    for one of its sheets and holds for the others (`once`).
    """

    def __init__(self, merges: tuple[Range, ...], last_row: int, last_column: int, *, shared: bool) -> None:
        self.last_row, self.last_column, self.shared = last_row, last_column, shared
        self.areas = {(m.top, m.left): m for m in merges}
        self.tall = frozenset(anchor for anchor, area in self.areas.items() if area.bottom > area.top)
        self.sources: dict[Address, Address] = {}
        self._kept: dict[Hashable, Any] = {}
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

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of `make` for `key`, which names all of a sheet that the value depends on."""
        if key in self._kept:
            return self._kept[key]  # type: ignore[no-any-return]
        made = make()
        if self.shared:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = made
        return made


def geometry(merges: tuple[Range, ...], last_row: int, last_column: int) -> Geometry:
    """The geometry of a sheet; that of a small sheet is shared with other sheets."""
    if last_row * last_column > _SMALL or len(merges) > _SMALL:
        return Geometry(merges, last_row, last_column, shared=False)
    return _shared(merges, last_row, last_column)


@lru_cache(maxsize=64)
def _shared(merges: tuple[Range, ...], last_row: int, last_column: int) -> Geometry:
    return Geometry(merges, last_row, last_column, shared=True)
