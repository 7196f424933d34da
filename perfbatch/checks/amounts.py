"""Amounts of money written in running text, exact, in 万元."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from perfbatch.notation import fold

_AMOUNT = re.compile(r"(?<![\d.])(?<!\d,)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(亿元|千万元|百万元|万元|千元|百元|元)")
# each unit in 万元, as a power of ten
_POWERS = {"亿元": 4, "千万元": 3, "百万元": 2, "万元": 0, "千元": -1, "百元": -2, "元": -4}
_PER_HEAD = re.compile(r"^(?:/|每)")
_EACH = re.compile(r"(?:每[一-龥]{0,4}|人均|户均|亩均|单价|标准)(?:为|约|发放|补助|补贴)?$")
_LOOKBACK = 12


class Amount(NamedTuple):
    """One amount: text, 万元, half a unit of the last printed place, the text before, and what it is.

    `per_head` is a price or rate of support (1000元/人), `alone` the whole text, `start` its
    position in the folded text.
    """

    text: str
    wan: Decimal
    rounding: Decimal
    before: str
    per_head: bool
    alone: bool
    start: int


@lru_cache(maxsize=16_384)
def amounts_in(text: str) -> list[Amount]:
    """All amounts of a text in order; malformed thousands groups are passed over."""
    folded, found = fold(text), []
    for match in _AMOUNT.finditer(folded):
        whole, fraction, power = match[1].replace(",", ""), match[2] or "", _POWERS[match[3]]
        start, after = match.start(), folded[match.end() :]
        before, places = folded[max(0, start - _LOOKBACK) : start], max(len(fraction) - 1, 0)
        wan, rounding = Decimal(whole + fraction).scaleb(power), Decimal(5).scaleb(power - places - 1)
        per_head, alone = bool(_PER_HEAD.match(after) or _EACH.search(before)), start == 0 and after in ("", "。")
        found.append(Amount(match[0], wan, rounding, before, per_head, alone, start))
    return found
