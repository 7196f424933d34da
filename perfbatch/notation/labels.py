"""What an indicator's name tells about its cells: sign template, unit, percentage, money, date context."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from perfbatch.notation.fold import fold
from perfbatch.notation.lexicon import WORDS, alternation
from perfbatch.notation.reading import Op
from perfbatch.notation.signs import RUN, written
from perfbatch.notation.units import cell_unit, unit_of

_TEMPLATE = re.compile(rf"\(({RUN.pattern})?\**([^()*]*)\)")
_GLOSS = re.compile(r"\([^()]*\)")
_TAIL = re.compile(rf"(?:{RUN.pattern})?[0-9.]*%?:?$")
_PERCENT = tuple(WORDS["percent_names"]["endings"])
_NO_PERCENTAGE = Decimal(WORDS["percent_names"]["beyond"])
_UP = frozenset(WORDS["change"]["up"])
_CHANGE = re.compile(alternation([*WORDS["change"]["up"], *WORDS["change"]["down"]]))
_NOT_PERCENT = tuple(WORDS["percent_names"]["exceptions"])


class Hint(NamedTuple):
    """Sign and unit printed in a label such as 公猪舍(≥**平方米) or 新增床位数(张)."""

    op: Op
    unit: str


@lru_cache(maxsize=4096)
def label_hint(name: str) -> Hint:
    """Sign and unit that the name carries in brackets; ``none`` and '' when it carries none."""
    folded = fold(name)
    for match in _TEMPLATE.finditer(folded):
        op = written(match[1]) if match[1] else None
        if op or "**" in match[0]:
            return Hint(op or "none", cell_unit(match[2]).name)
        unit = unit_of(match[2])
        if match[2] and unit.known and not unit.rest:
            return Hint("none", unit.name)
    return Hint("none", "")


def label_unit(name: str, value: Decimal | None) -> str:
    """Unit that the name carries, unless it is a (%) beside a figure that is no percentage (产值(%) 8000)."""
    unit = label_hint(name).unit
    beyond = unit == "%" and value is not None and abs(value) >= _NO_PERCENTAGE
    return "" if beyond and not says_percent(name) else unit


@lru_cache(maxsize=4096)
def name_change(name: str) -> str:
    """``up`` or ``down`` for a name that is itself a rise or a fall (增长率, 能耗下降率), else ''."""
    found = list(_CHANGE.finditer(_core(name)))
    return "" if not found else "up" if found[-1][0] in _UP else "down"


@lru_cache(maxsize=4096)
def _core(name: str) -> str:
    """Name without brackets, trailing figure and colon."""
    return _TAIL.sub("", _GLOSS.sub("", fold(name)))


def says_percent(name: str) -> bool:
    """Whether values under the name are percentages (ends in 率, 满意度 …)."""
    core = _core(name)
    return core.endswith(_PERCENT) and not core.endswith(_NOT_PERCENT)


def says_progress(name: str) -> bool:
    """Whether the name itself measures progress (完成率, 进度 …)."""
    return _core(name).endswith(tuple(WORDS["percent_names"]["progress"]))


def _has(table: str, *names: str) -> bool:
    return any(stem in name for stem in WORDS[table]["stems"] for name in names)


def says_money(name: str, level2: str) -> bool:
    """Whether the row is about money, so that 万 means 万元."""
    return _has("money_names", name, level2)


def says_date(name: str, level2: str) -> bool:
    """Whether the row is about a date or period."""
    return _has("date_names", name, level2)


def says_bad(name: str) -> bool:
    """Whether the name counts something unwanted (事故, 投诉 …), so that 无 is a value."""
    return _has("bad_things", name)


def over_hundred(name: str, *, actual: bool) -> bool:
    """Whether a percentage above 100 is legitimate under the name (增长率; 完成率 of an actual)."""
    words = WORDS["damage"]["over_hundred_names"]
    return any(word in name for word in (words + WORDS["damage"]["over_hundred_actual_names"] if actual else words))
