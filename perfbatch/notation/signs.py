"""Operators: written signs, sign words, the sign cell, and cells shown with them (NOTATIONS.md sections 1 to 3)."""

import re
from collections.abc import Iterable
from typing import cast

from perfbatch.notation.reading import Op
from perfbatch.notation.words import WORDS, alternation, fold, inverted, is_nil

OPS = ("ge", "gt", "le", "lt", "eq")
SIGN_OF = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "eq": "="}

_WRITTEN = inverted(WORDS["written_signs"], OPS)
_CELL = inverted(WORDS["cell_signs"], (*OPS, "qualitative", "plain", "no_arithmetic"))
_BEFORE = inverted(WORDS["sign_words"], OPS)
_AFTER = inverted(WORDS["sign_suffixes"], ("ge", "le"))
LOOKALIKES = frozenset(WORDS["written_signs"]["lookalikes"])
INCLUSIVE = frozenset(WORDS["sign_suffixes"]["inclusive"])
SIGN_CHARACTERS = "".join(sorted({char for sign in _WRITTEN for char in sign}))

BEFORE = re.compile(alternation(_BEFORE))
AFTER = re.compile(f"({alternation(_AFTER)})$")
SIGNS = re.compile(f"[{re.escape(SIGN_CHARACTERS)}≠]+")


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


_GLOSS = re.compile(r"(?<=[^/每])[(（][^()（）]*[)）]$")  # %(百分比), but not 元/(人·月)


def shown_target(text: str, sign: str = "", unit: str = "") -> str:
    """The target cell with the texts of its sign and unit cells: ``156.9``, ``=``, ``亩`` → ``=156.9亩``.

    The sign that a word or code (正向, 2) stands for is shown before a bare figure only; 定性 and / are no sign.
    """
    meaning = cell_sign(sign)
    if meaning == "unknown" or written(fold(sign)):
        shown = "" if text.startswith(sign) else sign
    else:
        shown = SIGN_OF.get(meaning, "") if text[:1].isdigit() else ""
    return shown + shown_actual(text, unit)


class Quoted:
    """Rows of indicators as messages and reports quote them, for records with the columns of the frame."""

    __slots__ = ()
    target_text: str
    sign_text: str
    unit_text: str
    actual_text: str

    @property
    def target(self) -> str:
        """Sign, text and unit of the target, which some forms keep in cells of their own."""
        return shown_target(self.target_text, self.sign_text, self.unit_text)

    @property
    def actual(self) -> str:
        """The actual, with the unit of the form's unit cell when it has none."""
        return shown_actual(self.actual_text, self.unit_text)


def shown_actual(text: str, unit: str = "") -> str:
    """The actual cell, with the text of the unit cell when it is a bare figure: ``116.95``, ``亩`` → ``116.95亩``."""
    bare = bool(text) and not any(char.isalpha() or char in "%％‰" for char in text)
    return text + _GLOSS.sub("", unit) if bare and not is_nil(unit) else text
