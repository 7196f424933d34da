"""Target and actual as one reads them, where a form keeps sign and unit in cells of their own."""

from __future__ import annotations

import re

from perfbatch.notation.fold import fold
from perfbatch.notation.nil import is_nil
from perfbatch.notation.signs import CHINESE, cell_sign, written

_GLOSS = re.compile(r"(?<=[^/每])[(（][^()（）]*[)）]$")  # %(百分比), but not 元/(人·月)


def shown_target(text: str, sign: str = "", unit: str = "") -> str:
    """The target cell with the texts of its sign and unit cells: ``156.9``, ``=``, ``亩`` → ``=156.9亩``."""
    return _sign(sign, text) + shown_actual(text, unit)


def shown_actual(text: str, unit: str = "") -> str:
    """The actual cell, with the text of the unit cell when it is a bare figure: ``116.95``, ``亩`` → ``116.95亩``."""
    bare = bool(text) and not any(char.isalpha() or char in "%％‰" for char in text)
    return text + _GLOSS.sub("", unit) if bare and not is_nil(unit) else text


def _sign(sign: str, text: str) -> str:
    """A sign as written; the sign that a word or code (正向, 2) stands for before a bare figure; no 定性, no /."""
    meaning = cell_sign(sign)
    if meaning == "unknown" or written(fold(sign)):
        return "" if text.startswith(sign) else sign
    return CHINESE.get(meaning, "") if text[:1].isdigit() else ""
