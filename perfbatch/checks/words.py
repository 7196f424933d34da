"""The words of `words.toml`: each list as one pattern, asked of a text."""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

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
    folded, unless = fold(text), _cancelling(name)
    return pattern(name).search(folded) is not None and not (unless and unless.search(folded))
