"""Rows that are alike: groups over several texts, and the keys by which projects are recognised again."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from perfbatch.checks.context import Context, Groups, Mask, Positions, Table
from perfbatch.notation import fold

_PUNCTUATION = re.compile(r"[^\w]+")


def codes(ctx: Context, table: Table, column: str, key: Callable[[str], str] = fold) -> Positions:
    """Codes of the distinct keys of a text column; equal code, equal key."""
    own, texts = ctx.distinct(table, column)
    keys = np.empty(len(texts), dtype=object)  # np.unique would make each as wide as the longest
    keys[:] = [key(text) for text in texts]
    return pd.factorize(keys)[0].astype(np.int64)[own]


def numbered(values: np.ndarray[tuple[int, ...], np.dtype[np.object_]]) -> Positions:
    """Codes of a column of integers or nulls; null is a value of its own."""
    return np.array([-1 if value is None else int(value) for value in values], dtype=np.int64) + 1


def joint(*columns: Positions) -> Groups:
    """Rows grouped by equal codes in all `columns`."""
    joined = columns[0]
    for own in columns[1:]:
        joined = joined * (int(own.max(initial=0)) + 1) + own
        _, joined = np.unique(joined, return_inverse=True)
    _, joined = np.unique(joined, return_inverse=True)
    return Groups(joined.astype(np.int64), int(joined.max(initial=-1)) + 1)


def repeats(groups: Groups, where: Mask) -> tuple[Mask, Positions]:
    """Rows of `where` that have an earlier such row in their group, and for each row its group's first."""
    return where & ~groups.firsts(where), groups.spread(groups.first(where))


def name_key(name: str) -> str:
    """Project name without width, blanks, punctuation and case, for recognising a project again."""
    return _PUNCTUATION.sub("", fold(name)).lower()
