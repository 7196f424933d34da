"""Lists that outputs show a part of and know the length of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar, overload

T = TypeVar("T")


class Shortlist(Sequence[T], Generic[T]):
    """The items of a list that outputs may show; `whole` says how many there are in all."""

    __slots__ = ("items", "whole")

    def __init__(self, items: Iterable[T] = (), whole: int | None = None) -> None:
        self.items = tuple(items)
        self.whole = len(self.items) if whole is None else whole

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...
    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        return self.items[at]

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shortlist) and (self.items, self.whole) == (other.items, other.whole)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Shortlist({self.items!r}, {self.whole})"

    def joined(
        self, more: Shortlist[T], limit: int | None, order: Callable[[Sequence[T]], Sequence[T]] = tuple
    ) -> Shortlist[T]:
        """Both lists, in `order`, cut to `limit`."""
        return Shortlist(order((*self.items, *more.items))[:limit], self.whole + more.whole)
