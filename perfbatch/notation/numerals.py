"""Figures: separators, exponents, Chinese numerals, and the malformed ones (NOTATIONS.md section 6)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

from perfbatch.notation.lexicon import WORDS

RUN = re.compile(r"[0-9](?:[0-9,.]*[0-9])?(?:[eE][+-]?[0-9]{1,3}(?![0-9A-Za-z]))?")

_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}")
_MAX_DIGITS: int = WORDS["damage"]["max_digits"]
_BLANK_INSIDE = re.compile(r"[0-9.,][ \t\r\n\u3000]+(?=[0-9.])")
_GROUP_BLANK = re.compile(r"(?<![0-9])[0-9]{1,3}(?:[\u00a0\u202f\u2009][0-9]{3})+(?![0-9])")
_ANY_BLANK = re.compile(r"[0-9]\s+(?=[0-9])")

_DIGITS = {
    char: value
    for value, chars in enumerate(("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
_STEPS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_CLIPPED = re.compile("[百佰千仟][一壹二贰两三叁四肆五伍六陆七柒八捌九玖]$")
CHINESE = re.compile("[零〇一壹二贰两三叁四肆五伍六陆七柒八捌九玖十拾百佰千仟]+(?:点[零〇一二三四五六七八九]+)?")

_CHINESE_YEAR = re.compile("二[〇零○][〇零○一二三四五六七八九]{2}(?=年)")
_YEAR_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")


class Figure(NamedTuple):
    """A figure as read; `note` says what was done to it or why it was refused."""

    value: Decimal | None
    state: Literal["ok", "assumed", "ambiguous"]
    note: str


def figure(run: str) -> Figure:
    """Exact decimal of one run of digits, separators and an exponent."""
    if len(run) > _MAX_DIGITS and sum(char.isdigit() for char in run) > _MAX_DIGITS:
        return Figure(None, "ambiguous", f"数字“{run[:20]}…”过长，疑似多个单元格内容连在一起")
    if _PLAIN.fullmatch(run):
        return Figure(Decimal(run), "ok", "")
    if _GROUPED.fullmatch(run):
        return Figure(Decimal(run.replace(",", "")), "ok", "去除千位分隔符")
    if _EXPONENT.fullmatch(run):
        return Figure(Decimal(format(Decimal(run), "f")), "assumed", f"科学计数法“{run}”已展开")
    return Figure(None, "ambiguous", f"数字“{run}”书写不规范，无法确定数值")


def blanks_inside(text: str) -> Literal["", "group", "unclear"]:
    """Whether blanks stand between digits: ``group`` for no-break blanks in threes, else ``unclear``."""
    if not _ANY_BLANK.search(text):
        return ""
    rest = _GROUP_BLANK.sub("", text)
    return "unclear" if _ANY_BLANK.search(rest) or _BLANK_INSIDE.search(text) else "group"


def years_in_digits(text: str) -> str:
    """The text with years of this century in digits: 二〇二三年 → 2023年."""
    return _CHINESE_YEAR.sub(lambda match: match[0].translate(_YEAR_DIGITS), text)


def is_clipped(text: str) -> bool:
    """Whether the last step of a number in Chinese numerals is left out: 一百五 is spoken for 150, not 105."""
    return bool(_CLIPPED.search(text))


def chinese(text: str) -> Decimal | None:
    """Value of a number written wholly in Chinese numerals (三十二, 叁, 一百零五, 九点五), else None."""
    whole, _, fraction = text.partition("点")
    total, digit, seen = 0, None, False
    for char in whole:
        if char in _DIGITS:
            if digit:
                return None
            digit, seen = _DIGITS[char], True
        else:
            step = _STEPS[char]
            if digit is None and (step != 10 or total):
                return None
            total, digit, seen = total + (1 if digit is None else digit) * step, None, True
    if not seen:
        return None
    tail = "".join(str(_DIGITS[char]) for char in fraction)
    return Decimal(f"{total + (digit or 0)}.{tail}" if tail else total + (digit or 0))
