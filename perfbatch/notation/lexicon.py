"""The word and unit tables (`words.toml`, `units.toml`), loaded once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def _load(name: str) -> dict[str, Any]:
    """One TOML file of this package."""
    with (Path(__file__).parent / name).open("rb") as file:
        return tomllib.load(file)


WORDS: Mapping[str, Any] = _load("words.toml")
UNITS: Mapping[str, Any] = _load("units.toml")


def alternation(words: Iterable[str]) -> str:
    """Regular expression that prefers the longest of `words`."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def inverted(table: Mapping[str, Any], keys: Iterable[str]) -> dict[str, str]:
    """Word → key for the word lists under `keys`."""
    return {word: key for key in keys for word in table[key]}
