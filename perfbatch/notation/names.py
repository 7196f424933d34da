"""What an indicator's name tells about its cells: sign, unit, percentage, money, date; and which way is better.

Directions are data (`directions.toml`). A name is read from its end, as Chinese builds it: what is measured stands
last, what it is about stands before (刑事案件发案率, 隐患整改率, 培训费用).
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from perfbatch.messages import shipped
from perfbatch.notation.figures import change_of
from perfbatch.notation.reading import Op
from perfbatch.notation.signs import SIGNS, written
from perfbatch.notation.units import cell_unit, unit_of
from perfbatch.notation.words import WORDS, alternation, fold, inverted

_TEMPLATE = re.compile(rf"\(({SIGNS.pattern})?\**([^()*]*)\)")  # 公猪舍(≥**平方米), 新增床位数(张)
_GLOSS = re.compile(r"\([^()]*\)")
_TAIL = re.compile(rf"(?:{SIGNS.pattern})?[0-9.]*%?:?$")  # 增长率≥5%:
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
        if match[2] and unit.whole:
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
    found = _CHANGE.findall(_core(name))[-1:]
    return {True: "up", False: "down"}[found[0] in _UP] if found else ""


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


def says_money(name: str, level2: str) -> bool:
    """Whether the row is about money, so that 万 means 万元."""
    return any(stem in name or stem in level2 for stem in WORDS["money_names"]["stems"])


def says_date(name: str, level2: str) -> bool:
    """Whether the row is about a date or period."""
    return any(stem in name or stem in level2 for stem in WORDS["date_names"]["stems"])


def says_bad(name: str) -> bool:
    """Whether the name counts something unwanted (事故, 投诉 …), so that 无 is a value."""
    return any(stem in name for stem in WORDS["bad_things"]["stems"])


def over_hundred(name: str, *, actual: bool) -> bool:
    """Whether a percentage above 100 is legitimate under the name (增长率; 完成率 of an actual)."""
    words = WORDS["damage"]["over_hundred_names"] + WORDS["damage"]["over_hundred_actual_names"] * actual
    return any(word in name for word in words)


Way = Literal["more", "less", "unclear"]


class Direction(NamedTuple):
    """More or less is better, or unclear; `sure` when a word of the name says so, not only that it counts."""

    way: Way
    sure: bool


_UNCLEAR = Direction("unclear", sure=False)
_COUNTED = Direction("more", sure=False)
_MORE, _LESS = Direction("more", sure=True), Direction("less", sure=True)
_OTHER: Mapping[Way, Way] = {"more": "less", "less": "more", "unclear": "unclear"}
_LEVEL: Mapping[str, Way] = {"up_to": "more", "down_to": "less"}


_DATA = shipped("notation/directions.toml")
_HEADS, _CARRIERS = (inverted(_DATA[name], _DATA[name]) for name in ("heads", "carriers"))
_WORDS = inverted(_DATA["words"], ("less", "more"))
_TIMES = dict.fromkeys(_DATA["words"]["waits"], "less") | dict.fromkeys(_DATA["words"]["lasts"], "more")
_BEGINS, _REDUCES, _TAINTED, _QUOTA, _FINE, _DENIED = (
    tuple(_DATA["words"][name]) for name in ("begins", "reduces", "tainted", "quota", "fine", "denied")
)
_RECKONED = re.compile(rf"^(?:{_DATA['words']['reckoned']})+(?={alternation(_REDUCES)})")
_DOUBTFUL = frozenset(_DATA["characters"]["doubtful"])
_HANDLED = re.compile(alternation(_DATA["words"]["anywhere"]))
_HARM = re.compile(alternation(_DATA["words"]["less"]))

_LABEL = re.compile(r"^(?:(?:指标|目标)[0-9一二三四五六七八九十]{0,2}[::.、]?|[0-9一二三四五六七八九十]{1,2}[:.、])")
_FIGURE = re.compile(
    r"(?:(?:[≥≤><=]+|不[低少高超大小][于过]?)[0-9][0-9.,]*[%‰一-龥]{0,4}|[0-9][0-9.,]*[%‰]?)(?:以上|以下|以内)?$"
)
_ENDS = "。.、,;::*★"


@lru_cache(maxsize=8192)
def direction_of(name: str, group: str = "") -> Direction:
    """Direction of the indicator `name` under the level-2 name `group` of its form."""
    folded = _GLOSS.sub("", fold(name)).lower()
    bare = _FIGURE.sub("", folded.strip(_ENDS))
    # without its number, a figure at its end, punctuation, and for whom something is spared
    core = _RECKONED.sub("", (_LABEL.sub("", bare) or bare).strip(_ENDS))
    found = _read(core)
    if found.sure or core.endswith(tuple(_DATA["groups"]["settled"])):
        return found
    for way in ("less", "more"):
        if group in _DATA["groups"][way]:
            return Direction(way, sure=False)
    return found


@lru_cache(maxsize=8192)
def bare_direction(name: str, group: str, target: str) -> Direction:
    """Direction of a target without a sign: what the target itself says (下降3%, 降至5%), else the name.

    A fall or rise that is itself the target is to be reached in full; a level that is fallen to is not to be passed.
    """
    change = change_of(target)
    if change in _LEVEL:
        return Direction(_LEVEL[change], sure=True)
    return Direction("more", sure=True) if change else direction_of(name, group)


def _suffix(text: str, words: Mapping[str, str]) -> str:
    """The longest of some words that ends `text`."""
    return next((text[at:] for at in range(len(text)) if text[at:] in words), "")


def _read(text: str) -> Direction:
    """Direction of a name or of the part of it before a head."""
    if not text:
        return _UNCLEAR
    head, carrier = _suffix(text, _HEADS), _suffix(text, _CARRIERS)
    if head and len(head) >= len(carrier):
        return _of_head(_HEADS[head], text[: -len(head)], text)
    if carrier:
        return _of_carrier(_CARRIERS[carrier], text[: -len(carrier)], text)
    if text.startswith((*_REDUCES, *_BEGINS)):
        return _MORE
    return _said(text) or _plain(text)


def _of_head(kind: str, before: str, text: str) -> Direction:
    if kind in {"fall", "rise"}:
        found = _read(before)
        way = found.way if found.sure else "unclear"
        return _MORE if way == "unclear" else Direction(_OTHER[way] if kind == "fall" else way, sure=True)
    if kind == "open":
        return _UNCLEAR
    if kind == "money":
        if text.startswith((*_REDUCES, *_BEGINS)) or before.endswith(_REDUCES):
            return _MORE
        said = _said(before)
        return _UNCLEAR if said is None else said._replace(sure=False)
    if kind == "more" or (before and text.startswith(_REDUCES)):
        return _MORE
    return _UNCLEAR if before.endswith(_REDUCES) else _LESS  # 企业降低成本, but 垃圾压缩费用


def _of_carrier(kind: str, before: str, text: str) -> Direction:
    if kind == "rate":
        if said := _said(before):
            return said
        if before.startswith(_TAINTED) and not _HANDLED.search(before):
            return _LESS
        return _UNCLEAR if not before or set(before) & _DOUBTFUL else _COUNTED
    if kind == "time":
        if word := _suffix(before, _TIMES):
            return _LESS if _TIMES[word] == "less" else _MORE
        return _LESS if before.startswith(_TAINTED) else _UNCLEAR
    if kind == "share":  # of a whole: the direction of the thing, where a word of it is good or bad
        if before.startswith(_TAINTED) and not _HANDLED.search(before):
            return _LESS
        if said := _said(before):
            return said
        found = _read(before) if _suffix(before, _CARRIERS) else _UNCLEAR
        if found.sure or _HARM.search(before):
            return found if found.sure else _LESS
        return _MORE if before.startswith(_FINE) else _UNCLEAR
    if text.startswith((*_REDUCES, *_BEGINS)):
        return _MORE
    if kind == "case":
        bad = _suffix(before, _WORDS) and _HARM.search(before)
        return _MORE if _HANDLED.search(before) else _LESS if bad or "事件" in text else _UNCLEAR
    if said := _said(before):
        return said
    if before.startswith(_QUOTA) or before.endswith(_QUOTA):
        return _UNCLEAR
    deeper = _read(before) if _suffix(before, _CARRIERS) or _suffix(before, _HEADS) else None
    return deeper if deeper and (deeper.sure or deeper.way == "unclear") else _plain(before)


def _plain(text: str) -> Direction:
    """A thing that is counted: the more the better, unless it is itself bad or the name only speaks of harm."""
    if _HANDLED.search(text):
        return _MORE
    if text.startswith(_TAINTED):
        return _LESS
    return _UNCLEAR if _HARM.search(text) else _COUNTED


def _said(text: str) -> Direction | None:
    """What the word at the end of `text` says; a good thing denied is bad."""
    word = _suffix(text, _WORDS)
    if not word:
        return None
    bad = (_WORDS[word] == "less") != text[: -len(word)].endswith(_DENIED)
    return _LESS if bad else _MORE
