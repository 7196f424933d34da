"""The words and limits of this room (`evidence.toml`)."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from perfbatch.notation import fold


@cache
def table() -> dict[str, Any]:
    """All of `evidence.toml`."""
    return tomllib.loads(Path(__file__).with_name("evidence.toml").read_text(encoding="utf-8"))


@cache
def one_of(key: str) -> re.Pattern[str]:
    """Pattern of the words `key`, longest first."""
    return re.compile("|".join(map(re.escape, sorted(map(fold, table()["words"][key]), key=len, reverse=True))))


def limit(key: str) -> int:
    """One of the limits."""
    return int(table()["limits"][key])


@lru_cache(maxsize=1 << 14)
def event_of(text: str) -> int:
    """The group of events that a folded text speaks of by the last of its words, -1 for none."""
    found = [
        (text.rfind(word) + len(word), at)
        for at, event in enumerate(table()["event"])
        for word in event["words"]
        if word in text
    ]
    return max(found)[1] if found else -1


@cache
def events_in(name: str) -> frozenset[int]:
    """All groups of events that a folded name speaks of: 车辆购置完成时间 is a 购置 and a 完成."""
    return frozenset(at for at, event in enumerate(table()["event"]) if any(word in name for word in event["words"]))
