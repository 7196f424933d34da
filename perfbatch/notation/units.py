"""Units: spelling, scale words, compounds and exact conversion (NOTATIONS.md sections 5 and 7)."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from perfbatch.decimals import plain
from perfbatch.notation.words import UNITS, alternation, fold

_ALIASES: dict[str, str] = {alias: unit for unit, aliases in UNITS["aliases"].items() for alias in aliases}
_SCALES: dict[str, int] = UNITS["scales"]
_FAMILIES: dict[str, tuple[str, int]] = {
    unit: (family, factor) for family, members in UNITS["families"].items() for unit, factor in members.items()
}
_EQUAL = [frozenset(group) for group in UNITS["sameness"]["equal"]]
_WORDING = [frozenset(group) for group in UNITS["sameness"]["wording"]]
_KNOWN = frozenset(UNITS["counts"]["words"]) | frozenset(_ALIASES) | frozenset(UNITS["aliases"]) | frozenset(_FAMILIES)
_MONEY = frozenset(UNITS["money"]["units"])
# without the words that may mean something else than a count: 分 minutes or points, 度 kWh or degrees …
COUNTED = frozenset(UNITS["counts"]["words"]) - frozenset("分度厘字成倍岁里")
_WAN = 4  # 万元 is 10⁴ 元
_YEARLY: dict[str, int] = UNITS["yearly"]
_TIMES = frozenset(UNITS["families"]["span"]) | frozenset(UNITS["families"]["time"]) | {"工作日"}

_ONE = alternation(_KNOWN)
_UNIT = re.compile(
    rf"(?:(?P<plain>{_ONE})|(?P<scale>{alternation(_SCALES)})(?P<scaled>{_ONE})?)"
    rf"(?P<per>(?:(?:/每?|每)(?:{_ONE}|[一-龥]{{1,3}}(?![一-龥]))|[·*、](?:{_ONE}))*)"
)
_PER = re.compile(r"/每?|[·*、每]")
_GLOSS = re.compile(r"(.+?)\(([^()]*)\)")
_BARE_GLOSS = re.compile(r"\(([^()]*)\)")
_BRACKETED_PER = re.compile(r"/\(([^()]+)\)")  # 元/(人·月)
FREE = re.compile(r"[一-龥A-Za-z²³㎡]{1,4}")  # an unknown text that may stand as a unit


class Unit(NamedTuple):
    """A unit read at the start of a text: normalised name with scale word, what follows it."""

    name: str
    rest: str
    known: bool
    note: str

    @property
    def whole(self) -> bool:
        """Whether the text is a known unit and nothing else."""
        return self.known and not self.rest


class Measure(NamedTuple):
    """A unit taken apart for comparison."""

    power: int
    base: str
    per: tuple[str, ...]


NO_UNIT = Unit("", "", True, "")


def _joined(base: str, per: str) -> str:
    """Compound unit with ``/`` before the first and ``·`` between the further denominators."""
    if not per:
        return base
    words = [_ALIASES.get(word, word) for word in _PER.split(per) if word]
    compound = f"{base}·{'·'.join(words)}"
    compound = _ALIASES.get(compound, compound)  # one word for it in the table
    if "·" not in compound:
        return compound
    return f"{base}/{'·'.join(words)}" if per[0] in "/每" else compound


@lru_cache(maxsize=4096)
def unit_of(tail: str) -> Unit:
    """Unit at the start of the folded text after a figure; `rest` is what the unit does not explain."""
    if not tail:
        return NO_UNIT
    if tail in _ALIASES:
        return Unit(_ALIASES[tail], "", True, f"单位“{tail}”按“{_ALIASES[tail]}”")
    tail = _BRACKETED_PER.sub(r"/\1", tail)
    gloss = _GLOSS.fullmatch(tail)
    if gloss and gloss[2] and unit_of(gloss[1]).whole:
        return unit_of(gloss[1])._replace(note=f"去除单位后的括注“{gloss[2]}”")
    if bare := _BARE_GLOSS.fullmatch(tail):
        return unit_of(bare[1])
    match = _UNIT.match(tail)
    if match is None:
        return Unit("", tail, False, "")
    word, scale = match["plain"] or match["scaled"] or "", match["scale"] or ""
    name = scale + _joined(_ALIASES.get(word, word), match["per"])
    alias = f"单位“{match[0]}”按“{name}”" if name != match[0] else ""
    return Unit(name, tail[match.end() :], True, alias)


@lru_cache(maxsize=2048)
def cell_unit(text: str) -> Unit:
    """Unit of a unit cell (度量单位); an unknown wording is kept verbatim, nil words give no unit."""
    folded = fold(text)
    unit = unit_of(folded)
    if unit.whole:
        return unit
    if folded in {"/", "-", "—", "无", "*", ""} or any(char.isdigit() for char in folded):
        return NO_UNIT
    return Unit(folded, "", False, "")


@lru_cache(maxsize=2048)
def measure(name: str) -> Measure:
    """Scale, base unit and denominators of a normalised unit name."""
    if name in _KNOWN:
        return Measure(0, name, ())
    head, *per = re.split(r"[/·]", name)
    for length in (2, 1):
        scale = head[:length]
        if scale in _SCALES and head not in _KNOWN:
            return Measure(_SCALES[scale], head[length:], tuple(per))
    return Measure(0, head, tuple(per))


def is_scale(name: str) -> bool:
    """Whether the unit is only a scale word such as 万."""
    return bool(name) and not measure(name).base


def with_base(scale: str, base: str) -> str:
    """A scale word with its unit: 万 → 万元, 万/辆 → 万元/辆."""
    word = re.split("[/·]", scale, maxsplit=1)[0]
    return word + base + scale.removeprefix(word)


def near(value: Decimal, goal: Decimal) -> bool:
    """Whether a figure is of the size of another: within half and double."""
    return goal / 2 <= value <= goal * 2


def other_scale(bare: Decimal | None, figure: Decimal | None, unit: str, beside: str) -> str:
    """Why a bare figure cannot take the unit of the one `beside` it: 40万元 beside 400000 or 400000元 beside 40."""
    if not bare or not figure or not unit:
        return ""
    base, power = measure(unit).base, measure(unit).power
    other, factor = (base, -power) if power >= _WAN else (f"万{unit}", _WAN) if not power else ("", 0)
    if not other or not base or not near(bare.scaleb(factor), figure):
        return ""
    times = "一万" if abs(factor) == _WAN else "成千上万"
    return f"“{plain(bare)}”没有写单位，按“{unit}”与{beside}相差约{times}倍，可能是{plain(bare)}{other}"


def is_time(name: str) -> bool:
    """Whether the unit is a length of time (天, 个月, 年, 工作日)."""
    return name in _TIMES


def is_money(name: str) -> bool:
    """Whether the unit is plain money (元, 万元 …), not a price per head."""
    taken = measure(name)
    return taken.base in _MONEY and not taken.per


def wan_power(name: str) -> int | None:
    """Power of ten from a unit of plain money into 万元 (元 → −4, 亿元 → 4); None for any other unit."""
    return measure(name).power - _WAN if is_money(name) else None


@lru_cache(maxsize=2048)
def dimension(name: str) -> str:
    """What a normalised unit measures: a family of the unit table, money, count, or '' when that is open."""
    taken = measure(name)
    if taken.per or not name:
        return ""
    if is_money(name):
        return "money"
    if found := _FAMILIES.get(taken.base):
        return "time" if found[0] == "span" else found[0]
    return "count" if taken.base in COUNTED else ""


class Common(NamedTuple):
    """How two units compare: whole factors into the smaller of the two, and the unit's name."""

    state: Literal["yes", "assumed", "dimension"]
    first: int
    second: int
    name: str
    note: str


def _same(first: str, second: str) -> Literal["yes", "assumed", "dimension"]:
    """Whether two base units mean the same thing: by table, by wording only, or not."""
    if first == second or any(first in group and second in group for group in _EQUAL):
        return "yes"
    if not first or not second or any(first in group and second in group for group in _WORDING):
        return "assumed"
    return "dimension"


@lru_cache(maxsize=4096)
def common(first: str, second: str) -> Common:
    """Common unit of two normalised unit names; ``dimension`` when no exact conversion exists."""
    if first == second:
        return Common("yes", 1, 1, first, "")
    if not first or not second:
        unit = first or second
        return Common("assumed", 1, 1, unit, f"一侧未写单位，按“{unit}”比较")
    a, b = measure(first), measure(second)
    refused = Common("dimension", 1, 1, "", f"计量单位不一致：“{first}”与“{second}”不能比较")
    if len(a.per + b.per) == 1 and (yearly := _yearly(a, b, second if a.per else first)):
        return yearly
    states = {_same(x, y) for x, y in zip(a.per, b.per, strict=False)}
    (family, one), (other_family, other) = (_FAMILIES.get(base, ("", 1)) for base in (a.base, b.base))
    if not family or family != other_family:
        states.add(_same(a.base, b.base))
        one = other = 1
    if "dimension" in states or len(a.per) != len(b.per):
        return refused
    large, other = one * 10**a.power, other * 10**b.power
    small = min(large, other)
    if large % small or other % small:
        return refused._replace(note=f"“{first}”与“{second}”不能精确换算，未比较")
    name = first if large == small else second
    if "assumed" in states:
        told = f"计量单位“{first}”与“{second}”写法不同，按同一单位比较"
        return Common("assumed", large // small, other // small, name, told)
    told = f"“{first}”与“{second}”按“{name}”换算比较" if large != other else f"“{first}”与“{second}”同义"
    return Common("yes", large // small, other // small, name, told)


def times_a_year(name: str) -> int:
    """How many of its periods a unit such as 次/月 has in a year; 0 for a unit of no such period."""
    per = measure(name).per
    return _YEARLY.get(per[0], 0) if len(per) == 1 else 0


def _yearly(a: Measure, b: Measure, whole: str) -> Common | None:
    """3次/月 beside a plain count, which is the year's: twelve times as much."""
    per = (a.per or b.per)[0]
    if a.base != b.base or a.power != b.power or per not in _YEARLY or (_YEARLY[per] > 1 and a.base not in COUNTED):
        return None
    times = _YEARLY[per]
    note = f"“{whole}/{per}”与“{whole}”按全年比较"
    if times > 1:
        note = f"“{whole}/{per}”按全年{times}个{per}与“{whole}”比较"
    return Common("assumed", times if a.per else 1, times if b.per else 1, whole, note)
