"""Operators: written signs, sign words, and the sign cell (NOTATIONS.md sections 1 to 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

from perfbatch.notation.fold import fold
from perfbatch.notation.lexicon import WORDS, alternation, inverted
from perfbatch.notation.reading import Op

OPS = ("ge", "gt", "le", "lt", "eq")
CHINESE = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "eq": "="}

_WRITTEN = inverted(WORDS["written_signs"], OPS)
_CELL = inverted(WORDS["cell_signs"], (*OPS, "qualitative", "plain", "no_arithmetic"))
_BEFORE = inverted(WORDS["sign_words"], OPS)
_AFTER = inverted(WORDS["sign_suffixes"], ("ge", "le"))
LOOKALIKES = frozenset(WORDS["written_signs"]["lookalikes"])
INCLUSIVE = frozenset(WORDS["sign_suffixes"]["inclusive"])
SIGN_CHARACTERS = "".join(sorted({char for sign in _WRITTEN for char in sign}))

BEFORE = re.compile(alternation(_BEFORE))
AFTER = re.compile(f"({alternation(_AFTER)})$")
RUN = re.compile(f"[{re.escape(SIGN_CHARACTERS)}≠]+")


def written(run: str) -> Op | None:
    """Operator of a run of sign characters; None when the run is no known sign (``≥≤``)."""
    return cast("Op | None", _WRITTEN.get(run))


def worded(word: str) -> Op:
    """Operator of a sign word before or after a figure."""
    return cast(Op, _BEFORE.get(word) or _AFTER[word])


def cell_sign(text: str) -> str:
    """Meaning of a sign cell: an operator, ``qualitative``, ``plain``, ``no_arithmetic``, ``unknown``, ''."""
    folded = fold(text)
    if not folded or folded in WORDS["nil"]["words"]:
        return ""
    return _WRITTEN.get(folded) or _CELL.get(folded, "unknown")


def merged(ops: Iterable[Op]) -> tuple[Op, bool]:
    """One operator out of several of the same direction, and whether they contradict each other."""
    found = set(ops)
    if len(found) <= 1:
        return (found.pop() if found else "none"), False
    if found <= {"ge", "gt"}:
        return "ge", False
    if found <= {"le", "lt"}:
        return "le", False
    return "none", True
