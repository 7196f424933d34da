"""Which documents a reviewer would ask for, by kind of indicator (`evidence.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from perfbatch.rulesets import unmarked


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("evidence.toml").read_text(encoding="utf-8"))


@cache
def evidence_for(level1: str, level2: str, name: str = "") -> str:
    """Typical documents for an indicator, joined by 、; the kind is told by level 2, then 1, then the name."""
    for text in (level2, level1, name):
        for kind in _table()["kind"]:
            if any(word in text for word in kind["words"]):
                return "、".join(kind["evidence"])
    return str(_table()["other"])


def remark() -> str:
    """Where the list comes from, in one Chinese phrase."""
    return f"{unmarked(_table()['citation'])}，可按实际增减"
