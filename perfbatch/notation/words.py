"""The word tables, and texts without their dress: folded for comparing, nil words, template text, verdicts.

Words are `words.toml` and `units.toml`; what they mean: NOTATIONS.md sections 9 and 12.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from operator import methodcaller
from typing import Any

from perfbatch.messages import shipped

WORDS: Mapping[str, Any] = shipped("notation/words.toml")
UNITS: Mapping[str, Any] = shipped("notation/units.toml")


def alternation(words: Iterable[str]) -> str:
    """Regular expression that prefers the longest of `words`."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def inverted(table: Mapping[str, Any], keys: Iterable[str]) -> dict[str, str]:
    """Word → key for the word lists under `keys`."""
    return {word: key for key in keys for word in table[key]}


# Blank to the eye and no format characters: fillers, combining joiner, object replacement (an embedded picture)
_BLANK_TO_THE_EYE = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc"
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
# Text copied from a PDF brings radicals for characters: ⽉ 月, ⻓ 长. Kangxi radicals decompose by the Unicode data,
# a few of them into the traditional character; those of the supplement mostly do not (EquivalentUnifiedIdeograph).
_RADICALS = range(0x2F00, 0x2FD6)
_COMPATIBLE = range(0xF900, 0xFB00)
_SIMPLIFIED: Mapping[str, str] = WORDS["fold"]["simplified"]


class _Folding(dict[int, str | None]):
    """What each character becomes, None where it is dropped: worked out when it is first met, which is rare."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        folded: str | None = char
        if code in _RADICALS or code in _COMPATIBLE:
            folded = unicodedata.normalize("NFKC", char)
            folded = _SIMPLIFIED.get(folded, folded)
        elif (
            char.isspace()
            or unicodedata.category(char) in ("Cc", "Cf")
            or char in _BLANK_TO_THE_EYE
            or any(code in selectors for selectors in _SELECTORS)
        ):
            folded = None
        elif 0xFF01 <= code <= 0xFF5E:
            folded = chr(code - 0xFEE0)
        self[code] = folded
        return folded


_TABLE = _Folding({ord(char): plain for plain, chars in WORDS["fold"]["alike"].items() for char in chars})
_TABLE |= {
    ord(radical): char
    for some, chars in WORDS["fold"]["radicals"].items()
    for radical, char in zip(some, chars, strict=True)
}
_MOST_KEPT = 200  # characters: longer cells are prose, which repeats less and fills memory
_kept: Callable[[str], str] = lru_cache(maxsize=8192)(methodcaller("translate", _TABLE))


def fold(text: str) -> str:
    """Full-width to half-width, blanks and invisible marks removed, brackets, dashes, radicals unified.

    Idempotent. Sign look-alikes (≧, ═ …), the em dash and units such as ㎡ stay: they have their own tables.
    """
    return _kept(text) if len(text) <= _MOST_KEPT else text.translate(_TABLE)


_NIL, NOT_APPLICABLE, NONE_WORDS = (frozenset(WORDS["nil"][of]) for of in ("words", "not_applicable", "none_words"))
_REASON = _NIL | frozenset(WORDS["nil"]["reason"])
_NOT_APPLICABLE_STARTS = tuple(WORDS["nil"]["not_applicable_starts"])
_TEMPLATE = re.compile("|".join(f"(?:{pattern})" for pattern in WORDS["template"]["patterns"]))
_VERDICTS = {word: level for level in ("full", "part", "missed", "other") for word in WORDS["verdicts"][level]}
_PROGRESS = re.compile("|".join(WORDS["verdicts"]["progress"]))
_PICTURE = re.compile(r"\s*=?\s*(?:_xlfn\.)?(?:_xlws\.)?(?:dispimg|image)\(", re.IGNORECASE)
_TICKS: Mapping[str, Any] = WORDS["ticks"]
_TYPED: Mapping[str, bool] = _TICKS["columns"]
_TICKED, _EMPTY = (frozenset(_TICKS[name] + _TICKS["typed"][name]) for name in ("ticked", "empty"))
_BETWEEN, _NUMBER, _BOX = _TICKS["between"], re.compile(_TICKS["number"]), re.compile(_TICKS["box"].format(**_TICKS))
_ENDS = "。；;，,、！!"
# A text without the mark of a footnote behind its last figure
without_mark: Callable[[str], str] = lru_cache(maxsize=4096)(partial(re.compile(WORDS["marks"]["behind"]).sub, r"\1"))


def unpunctuated(folded: str) -> str:
    """The text without closing marks (不适用！, 无。), unless it consists of them."""
    return folded.rstrip(_ENDS) or folded


def is_nil(text: str, *, reason: bool = False) -> bool:
    """Whether the text says nothing: blank or a nil word; in a `reason` cell a bare ``0`` too."""
    return (_is_nil if len(text) <= _MOST_KEPT else _is_nil.__wrapped__)(text, reason)


@lru_cache(maxsize=8192)
def _is_nil(text: str, reason: bool) -> bool:
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
    return bool(folded) and (folded in WORDS["template"]["exact"] or _TEMPLATE.search(folded) is not None)


@lru_cache(maxsize=4096)
def says_nothing(text: str) -> bool:
    """Whether a cell for words (reasons, measures) gives none: blank, a nil word, ``0`` or template text."""
    return is_nil(text, reason=True) or is_template(text)


def not_applicable(folded: str) -> bool:
    """Whether the text says that the indicator does not apply (不适用, 没有轮换、动用库存)."""
    bare = folded.lower().rstrip(_ENDS)
    return bare in NOT_APPLICABLE or (bare.startswith(_NOT_APPLICABLE_STARTS) and not any(map(str.isdigit, bare)))


def chosen(text: str) -> list[str]:
    """The words whose boxes are ticked (□经常性 ☑一次性); none where words stand on both sides of the boxes."""
    if _TICKED.isdisjoint(text):
        return []
    before, *rest = (part.strip(_BETWEEN) for part in _BOX.split(text))
    boxes, words = rest[::2], rest[1::2] if not before else [before, *rest[1:-1:2]]
    sure = len(boxes) > 1 and not (before and rest[-1])
    return [word for box, word in zip(boxes, words, strict=False) if sure and not _TICKED.isdisjoint(box)]


def ticked(text: str) -> str:
    """The word whose box alone is ticked; the text itself where none or several are."""
    words = chosen(text)
    return _NUMBER.sub("", words[0]) or text if len(words) == 1 else text


def tick(text: str) -> bool | None:
    """Whether a cell of nothing but a mark is ticked (√, （V）, 1) or not (□, ×, 0); None for other texts."""
    marks = set(fold(text).strip("()"))
    return _TYPED.get(fold(text)) if not marks <= _TICKED | _EMPTY else not marks.isdisjoint(_TICKED)


def verdict(folded: str) -> str:
    """Level of a verdict word: ``full``, ``part``, ``missed``, ``other``, or '' when the text is none."""
    bare = folded.rstrip(_ENDS)
    return _VERDICTS.get(bare) or ("full" if _PROGRESS.fullmatch(bare) else "")


def is_progress(folded: str) -> bool:
    """Whether the text reports progress (已完成100%) rather than a measured value."""
    return _PROGRESS.fullmatch(folded.rstrip(_ENDS)) is not None
