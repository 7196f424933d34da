"""Object arrays of exact decimals: the few operations numpy does not have for them.

Arithmetic and comparisons are numpy's own (``a * w / t`` works element by element); callers run them inside
`perfbatch.decimals.CONTEXT` so that no quotient falls on the wrong side of a half.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from perfbatch.decimals import half_up, plain, truncated

Objects = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
ZERO = Decimal(0)


def elementwise(function: Callable[..., Any], *arrays: Any) -> Objects:
    """`function` of the elements of `arrays` (scalars are repeated), as an object array."""
    result: Objects = np.frompyfunc(function, len(arrays), 1)(*arrays)
    return result


def known(values: Objects) -> Mask:
    """Where a value is not null."""
    return np.asarray(pd.notna(values), dtype=np.bool_)


def pick(where: Mask, yes: Any, no: Any) -> Objects:
    """`yes` where the mask holds, else `no`; arrays or scalars."""
    chosen: Objects = np.where(where, yes, no)
    return chosen


def filled(values: Objects, default: Any = ZERO) -> Objects:
    """The values with nulls replaced by `default`, so that they can be compared and summed."""
    return pick(known(values), values, default)


def holds(condition: Any) -> Mask:
    """A comparison of object arrays as a plain mask."""
    return np.asarray(condition, dtype=np.bool_)


def one_of(values: Objects, *words: str) -> Mask:
    """Where a text is one of `words`."""
    found = np.zeros(len(values), dtype=np.bool_)
    for word in words:
        found |= holds(values == word)
    return found


def nulls(count: int) -> Objects:
    """An object array of `count` times None."""
    return np.full(count, None, dtype=object)


def rounder(mode: str, places: int) -> Callable[[Objects], Objects]:
    """Rounding of arrays without nulls by `round_mode` to `places` decimals."""
    cut = half_up if mode == "half_up" else truncated
    return lambda values: elementwise(lambda value: cut(value, places), values)


def texts(values: Objects) -> Objects:
    """Plain notation of decimals, empty for null."""
    return elementwise(plain, values)


def sums(values: Objects, owner: npt.NDArray[np.int64], where: Mask, count: int) -> Objects:
    """Sum of the values at `where` for each of `count` owners; 0 for an owner without any."""
    total = np.full(count, ZERO, dtype=object)
    np.add.at(total, owner[where], values[where])
    return total


def any_of(owner: npt.NDArray[np.int64], where: Mask, count: int) -> Mask:
    """For each of `count` owners whether one of its rows is marked."""
    return holds(np.bincount(owner[where], minlength=count))
