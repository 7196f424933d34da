"""Rows that are alike: groups over several texts, and the keys by which projects are recognised again."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from perfbatch.checks.context import Context, Groups, Positions, Table
from perfbatch.notation import fold

_PUNCTUATION = re.compile(r"[^\w]+")


def codes(ctx: Context, table: Table, column: str, key: Callable[[str], str] = fold) -> Positions:
    """Codes of the distinct keys of a text column; equal code, equal key."""
    own, texts = ctx.distinct(table, column)
    keys = np.empty(len(texts), dtype=object)  # np.unique would make each as wide as the longest
    keys[:] = [key(text) for text in texts]
    return pd.factorize(keys)[0].astype(np.int64)[own]


def joint(*columns: Positions) -> Groups:
    """Rows grouped by equal codes in all `columns`."""
    joined = columns[0]
    for own in columns[1:]:
        joined = joined * (int(own.max(initial=0)) + 1) + own
        _, joined = np.unique(joined, return_inverse=True)
    _, joined = np.unique(joined, return_inverse=True)
    return Groups(joined.astype(np.int64), int(joined.max(initial=-1)) + 1)


def name_key(name: str) -> str:
    """Project name without width, blanks, punctuation and case, for recognising a project again."""
    return _PUNCTUATION.sub("", fold(name)).lower()
