"""How a source is cited to a form: without the rules of other regions, without marks of what was not verified.

Whether a text was verified stands in the manuals, in ``perfbatch rulesets`` and in one footnote of 规则依据; a
finding, a comment or a workpaper that an office issues names the document and no doubt of ours.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache

from perfbatch.rulesets.parameters import FOLDER

ELSEWHERE = "参考其他地区做法，非本地规定"
_MARK = re.compile("（[^（）]*(?:据记忆|未核|仅为线索)[^（）]*）")
_DOUBTFUL = re.compile("未核|据记忆|没有核对")


@lru_cache(maxsize=1)
def _regions() -> dict[str, str]:
    """Word of a source → the region it belongs to."""
    table = tomllib.loads((FOLDER / "choice.toml").read_text(encoding="utf-8"))["citing"]
    return {word: region for region, words in table.items() for word in words}


def unmarked(text: str) -> str:
    """The text without the marks of what was not verified."""
    return _MARK.sub("", text)


def plainly(note: str, region: str) -> str:
    """A note without the sentences that only tell what was not verified, or what other regions do."""
    parts = unmarked(note).split("；")
    return "；".join(part for part in parts if not _DOUBTFUL.search(part) and _of(part) <= {region})


@lru_cache(maxsize=4096)
def fitting(basis: str, *regions: str) -> str:
    """The sources of `basis` (joined by ；) that hold in `regions`; where none does, that it is only a reference."""
    parts = [part for part in unmarked(basis).split("；") if part]
    own = [part for part in parts if _of(part) <= {*regions}]
    return "；".join(own) if own or not parts else ELSEWHERE


def _of(part: str) -> set[str]:
    return {region for word, region in _regions().items() if word in part}
