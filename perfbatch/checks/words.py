"""The words of `words.toml`: each list as one pattern, asked of a text."""

import re
from functools import cache, lru_cache
from typing import Any

from perfbatch.messages import shipped
from perfbatch.notation import fold


def table(name: str) -> dict[str, Any]:
    """One table of the document."""
    found: dict[str, Any] = shipped("checks/words.toml")[name]
    return found


@cache
def pattern(name: str) -> re.Pattern[str]:
    """All stems and patterns of a list as one expression, for folded text."""
    entry = table(name)
    return re.compile("|".join([*map(re.escape, entry.get("stems", ())), *entry.get("patterns", ())]))


@lru_cache(maxsize=8192)
def says(text: str, name: str) -> bool:
    """Whether a text contains a word of the list `name` and none of its exceptions."""
    folded, unless = fold(text), table(name).get("unless")
    return pattern(name).search(folded) is not None and not (unless and re.search("|".join(unless), folded))
