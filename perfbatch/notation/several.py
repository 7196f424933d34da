"""Texts with more than one figure: ranges, tolerances, ladders, pairs (NOTATIONS.md 4, 10 and 11)."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from perfbatch.decimals import plain
from perfbatch.notation import numerals
from perfbatch.notation.figures import BLANK, Change, One, one
from perfbatch.notation.fold import fold
from perfbatch.notation.lexicon import WORDS
from perfbatch.notation.reading import Draft, Reading
from perfbatch.notation.signs import RUN as SIGNS
from perfbatch.notation.units import Unit, common, measure

_SEPARATOR = re.compile(r"-|~|—+|–|至|到")
_TOLERANCE = re.compile(rf"(.*?{numerals.RUN.pattern})(?:%|[一-龥]*)±({numerals.RUN.pattern}.*)")
_RATIO = re.compile(rf"(?:{SIGNS.pattern})?[0-9.]+:[0-9.]+(?::[0-9.]+)*")
_SPLIT = re.compile(r"[/;、|且和及]|(?<![0-9]),|,(?![0-9]{3}(?![0-9]))")
_NOT_VALUES = re.compile("|".join(f"(?:{pattern})" for pattern in WORDS["prose"]["not_values"]))
_FIGURE = re.compile(f"{numerals.RUN.pattern}(?=([^0-9]{{0,2}}))")
_NEXT = re.compile("[,;。、/()].*")
_SCORING = re.compile(WORDS["prose"]["scoring_rule"])
_LIMITS = ({"ge", "gt"}, {"le", "lt"})


def without_references(text: str) -> str:
    """Text with dates, document numbers, list numbers and standards per head taken out."""
    return _NOT_VALUES.sub(BLANK, text)


@lru_cache(maxsize=8192)
def change_of(raw: str) -> Change:
    """Whether the only figure of a cell says by how much something changes (``up``, ``down``), or to what."""
    found = one(without_references(fold(raw)))
    return found.change if found else ""


def figures_in(text: str) -> list[str]:
    """The figures of a text as written, each with the first two characters after it."""
    return [match[0] + _NEXT.sub("", match[1]) for match in _FIGURE.finditer(text)]


def is_scoring_rule(text: str) -> bool:
    """Whether the text gives points for results (≥70%得3分), which belongs to the method column."""
    return _SCORING.search(text) is not None


def is_ratio(text: str) -> bool:
    """Whether the text is a ratio such as 1:3."""
    return _RATIO.fullmatch(text) is not None


def read_several(draft: Draft, text: str, *, unit: bool = False) -> Reading | One | None:
    """A range (in the draft, returned as its lower figure), a refusal, a ``multiple``, or None for prose.

    `unit` tells that the row has a unit cell, so that a bare 1-12 is a range.
    """
    tolerance = _TOLERANCE.fullmatch(text)
    if tolerance:
        return _tolerance(draft, tolerance)
    for match in _SEPARATOR.finditer(text):
        left, right = one(text[: match.start()]), one(text[match.end() :])
        if left and right and not left.prose and not right.prose:
            return _range(draft, text, left, right, unit=unit)
    parts = [one(part) for part in _SPLIT.split(text)]
    if len(parts) > 1 and all(part is not None and not part.prose for part in parts):
        return _list(draft, text, [part for part in parts if part is not None])
    return None


def _tolerance(draft: Draft, match: re.Match[str]) -> Reading | One | None:
    """A figure with ± tolerance: 10±2 → 8 to 12."""
    middle, spread = one(match[1]), one(match[2])
    if not middle or not spread or middle.value is None or spread.value is None or middle.prose or spread.prose:
        return None
    if middle.ops or set(spread.ops) - {"le"}:  # 10±2以内 is the tolerance itself
        return draft.refuse(f"“{match[0]}”同时写有符号和公差，无法确定")
    if not spread.value:
        return draft.refuse(f"“{match[0]}”的公差为0，无法确定")
    draft.op, draft.value2 = "range", middle.value + spread.value
    draft.note(f"按公差读为{plain(middle.value - spread.value)}至{plain(draft.value2)}")
    return spread._replace(value=middle.value - spread.value, notes=middle.notes + spread.notes)


def _range(draft: Draft, text: str, left: One, right: One, *, unit: bool = True) -> Reading | One:
    """A range from – to, ascending, in one unit."""
    if left.value is None or right.value is None or left.ops or right.ops:
        return draft.refuse(left.refused or right.refused or f"“{text}”同时写有符号和区间，无法确定")
    shared = _shared(left.unit, right.unit)
    months = not unit and not right.unit.name and right.value <= 12 and right.value == int(right.value)
    if shared is None or left.value >= right.value or months or _years(left, right):
        return draft.refuse(f"“{text}”可能是区间、编号或日期，无法确定")
    draft.op, draft.value2 = "range", right.value
    draft.note(f"按区间读为{plain(left.value)}至{plain(right.value)}")
    return left._replace(unit=shared, notes=left.notes + right.notes, assumed=left.assumed + right.assumed)


def _shared(left: Unit, right: Unit) -> Unit | None:
    """The unit of both ends of a range; the first may leave it to the second."""
    if not left.name or left.name == right.name:
        return right
    bare_scale = not measure(left.name).base and measure(left.name).power == measure(right.name).power
    return (
        right
        if bare_scale
        or (
            right.name
            and common(left.name, right.name).first == 1
            and common(left.name, right.name).second == 1
            and common(left.name, right.name).state == "yes"
        )
        else None
    )


def _years(left: One, right: One) -> bool:
    """Whether both ends look like calendar years without a unit."""
    return not right.unit.name and all(
        Decimal(1900) <= side.value <= Decimal(2100) for side in (left, right) if side.value is not None
    )


def _list(draft: Draft, text: str, parts: list[One]) -> Reading | One:
    """Several plain figures: two limits, a ladder, pairs, or an unclear list."""
    if any(part.value is None for part in parts):
        return draft.refuse(next(part.refused for part in parts if part.refused))
    if len(parts) == 2 and _limits(parts):
        low, high = sorted(parts, key=lambda part: part.ops[0] not in _LIMITS[0])
        return _range(draft, text, low._replace(ops=()), high._replace(ops=()))
    if not any(part.unit.name for part in parts) and not all(part.ops for part in parts):
        return draft.refuse(f"“{text}”可能是分数、日期或多个数字，无法确定")
    shown = "、".join(part for part in _SPLIT.split(text))
    if len(parts) > 2 and len({part.unit.name for part in parts}) == 1:
        repeated = any(a.value == b.value for a, b in pairwise(parts))
        return draft.several(f"分级目标：{shown}" + ("，相邻两级相同" if repeated else ""))
    return draft.several(f"一格填写了多个数字：{shown}")


def _limits(parts: list[One]) -> bool:
    """Whether two figures are a lower and an upper limit (≥80%且≤100%)."""
    ops = [part.ops[0] if len(part.ops) == 1 else "" for part in parts]
    return bool(({ops[0]} & _LIMITS[0] and {ops[1]} & _LIMITS[1]) or ({ops[0]} & _LIMITS[1] and {ops[1]} & _LIMITS[0]))
