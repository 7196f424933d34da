"""How much of a list an output shows: all of it up to `LISTED` rows, of a longer one the serious part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

LISTED = 200_000  # a county has some 130 000 indicators; with more rows a workbook no longer opens in an office PC
T = TypeVar("T")


def most_serious(items: Sequence[T], rank: Callable[[T], Any]) -> Sequence[T]:
    """All `items`, or the `LISTED` of lowest `rank`, in the order they stand in."""
    if len(items) <= LISTED:
        return items
    by_rank = sorted(range(len(items)), key=lambda at: rank(items[at]))
    return [items[at] for at in sorted(by_rank[:LISTED])]


def keep_serious(growing: list[T], rank: Callable[[T], Any]) -> None:
    """Drop what `most_serious` would drop, once the list has grown to twice its length."""
    if len(growing) > 2 * LISTED:
        growing[:] = most_serious(growing, rank)
