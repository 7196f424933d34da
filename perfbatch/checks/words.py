"""The words of `words.toml`: each list as one pattern, asked of a text or of a whole column."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from perfbatch.checks.context import Context, Mask, Table
from perfbatch.notation import fold


@cache
def _document() -> dict[str, Any]:
    file = resources.files("perfbatch.checks").joinpath("words.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def table(name: str) -> dict[str, Any]:
    """One table of the document."""
    found: dict[str, Any] = _document()[name]
    return found


@cache
def pattern(name: str) -> re.Pattern[str]:
    """All stems and patterns of a list as one expression, for folded text."""
    entry = table(name)
    return re.compile("|".join([*map(re.escape, entry.get("stems", ())), *entry.get("patterns", ())]))


@cache
def _cancelling(name: str) -> re.Pattern[str] | None:
    patterns = table(name).get("unless")
    return re.compile("|".join(patterns)) if patterns else None


def says(text: str, name: str) -> bool:
    """Whether a text contains a word of the list `name` and none of its exceptions."""
    return _matches(fold(text), pattern(name), _cancelling(name))


def saying(ctx: Context, table: Table, column: str, name: str) -> Mask:
    """Where a text column says a word of the list `name`; asked once for each distinct text."""
    return ctx.once(("says", table, column, name), lambda: _saying(ctx, table, column, name))


def _saying(ctx: Context, table: Table, column: str, name: str) -> Mask:
    codes, texts = ctx.distinct(table, column)
    folded = ctx.once(("folded", table, column), lambda: [fold(text) for text in texts])
    search, unless = pattern(name), _cancelling(name)
    return np.array([_matches(text, search, unless) for text in folded], dtype=bool)[codes]


def _matches(folded: str, search: re.Pattern[str], unless: re.Pattern[str] | None) -> bool:
    return search.search(folded) is not None and not (unless and unless.search(folded))
