"""Nil words, left-over template text and verdict words (NOTATIONS.md sections 9 and 12)."""

from __future__ import annotations

import re
from functools import lru_cache

from perfbatch.notation.fold import fold
from perfbatch.notation.lexicon import WORDS

_NIL = frozenset(WORDS["nil"]["words"])
_REASON = _NIL | frozenset(WORDS["nil"]["reason"])
NOT_APPLICABLE = frozenset(WORDS["nil"]["not_applicable"])
_NOT_APPLICABLE_STARTS = tuple(WORDS["nil"]["not_applicable_starts"])
NONE_WORDS = frozenset(WORDS["nil"]["none_words"])
_TEMPLATE_EXACT = frozenset(WORDS["template"]["exact"])
_TEMPLATE = re.compile("|".join(f"(?:{pattern})" for pattern in WORDS["template"]["patterns"]))
_VERDICTS = {word: level for level in ("full", "part", "missed", "other") for word in WORDS["verdicts"][level]}
_PROGRESS = re.compile("|".join(WORDS["verdicts"]["progress"]))
_PICTURE = re.compile(r"\s*=?\s*(?:_xlfn\.)?(?:_xlws\.)?(?:dispimg|image)\(", re.IGNORECASE)
_ENDS = "。；;，,、！!"


def unpunctuated(folded: str) -> str:
    """The text without closing marks (不适用！, 无。), unless it consists of them."""
    return folded.rstrip(_ENDS) or folded


def is_nil(text: str, *, reason: bool = False) -> bool:
    """Whether the text says nothing: blank or a nil word; in a `reason` cell a bare ``0`` too."""
    folded = fold(text).lower()
    if is_picture(folded):
        return True
    words = _REASON if reason else _NIL
    return not folded or folded in words or unpunctuated(folded) in words


def is_picture(text: str) -> bool:
    """Whether the text is the formula behind a picture in a cell (WPS: ``=DISPIMG("ID_…",1)``), which says nothing."""
    return '("' in text and _PICTURE.match(text) is not None


@lru_cache(maxsize=4096)
def is_template(text: str) -> bool:
    """Whether the text is left over from the blank form: 指标2：, ……, (100字以内), 对照年度目标…"""
    folded = fold(text)
    return bool(folded) and (folded in _TEMPLATE_EXACT or _TEMPLATE.search(folded) is not None)


@lru_cache(maxsize=4096)
def says_nothing(text: str) -> bool:
    """Whether a cell for words (reasons, measures) gives none: blank, a nil word, ``0`` or template text."""
    return is_nil(text, reason=True) or is_template(text)


def not_applicable(folded: str) -> bool:
    """Whether the text says that the indicator does not apply (不适用, 没有轮换、动用库存)."""
    bare = folded.lower().rstrip(_ENDS)
    return bare in NOT_APPLICABLE or (bare.startswith(_NOT_APPLICABLE_STARTS) and not any(map(str.isdigit, bare)))


def verdict(folded: str) -> str:
    """Level of a verdict word: ``full``, ``part``, ``missed``, ``other``, or '' when the text is none."""
    bare = folded.rstrip(_ENDS)
    return _VERDICTS.get(bare) or ("full" if _PROGRESS.fullmatch(bare) else "")


def is_progress(folded: str) -> bool:
    """Whether the text reports progress (已完成100%) rather than a measured value."""
    return _PROGRESS.fullmatch(folded.rstrip(_ENDS)) is not None
