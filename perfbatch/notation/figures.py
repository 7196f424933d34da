"""The figures of a text: how one is written, a single one with sign, unit and words, several in one text.

NOTATIONS.md sections 1, 2, 4 to 7, 10 and 11.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple, cast

from perfbatch.decimals import plain
from perfbatch.notation.reading import DAMAGE, Draft, Op, Reading
from perfbatch.notation.signs import AFTER, BEFORE, INCLUSIVE, LOOKALIKES, SIGN_CHARACTERS, SIGNS, worded, written
from perfbatch.notation.units import FREE, NO_UNIT, Unit, common, is_time, measure, unit_of
from perfbatch.notation.words import WORDS, alternation, fold

RUN = re.compile(r"[0-9](?:[0-9,.]*[0-9])?(?:[eE][+-]?[0-9]{1,3}(?![0-9A-Za-z]))?")

_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")  # 12,300.5, not 7,00.0,77
# 1.68E+05, 1.30609E+17
_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}")
_MAX_DIGITS: int = WORDS["damage"]["max_digits"]
_BLANK_INSIDE = re.compile(r"[0-9.,][ \t\r\n\u3000]+(?=[0-9.])")
# 12 300 with a no-break blank
_GROUP_BLANK = re.compile(r"(?<![0-9])[0-9]{1,3}(?:[\u00a0\u202f\u2009][0-9]{3})+(?![0-9])")
_ANY_BLANK = re.compile(r"[0-9]\s+(?=[0-9])")

_TEN = ("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {char: value for value, chars in enumerate(_TEN) for char in chars}
_STEPS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_CLIPPED = re.compile("[百佰千仟][一壹二贰两三叁四肆五伍六陆七柒八捌九玖]$")
NUMERALS = re.compile("[零〇一壹二贰两三叁四肆五伍六陆七柒八捌九玖十拾百佰千仟]+(?:点[零〇一二三四五六七八九]+)?")

_CHINESE_YEAR = re.compile("二[〇零○][〇零○一二三四五六七八九]{2}(?=年)")  # 二〇二三年
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


BLANK = "〓"  # stands where a date, document number or standard per head was taken out of the text

_APPROX = frozenset(WORDS["approximate"]["before"])
_APPROX_AFTER = tuple(WORDS["approximate"]["after"])
_APPROX_INFIX = frozenset(WORDS["approximate"]["infix"])
_FILLERS = frozenset(WORDS["fillers"]["before"])
_CHANGE_TO = ("up_to", "down_to")
_LEVEL = f"(?:{alternation(WORDS['change']['level'])})"
_TO = {way: alternation(WORDS["change"][f"{way}_to"]) for way in ("up", "down")}
_BY = {way: alternation(WORDS["change"][way]) for way in ("up", "down")}
_BAD = tuple(WORDS["bad_things"]["stems"])
_SILENT = frozenset("(),。:、+-") | {BLANK}
_PUNCTUATION = f"()、,。;:{BLANK}"
_HEAD = re.compile(
    f"(?P<up_to>{_TO['up']}|(?:{_BY['up']}){_LEVEL})|(?P<down_to>{_TO['down']}|(?:{_BY['down']}){_LEVEL})"
    f"|(?P<run>{SIGNS.pattern})|(?P<sign>{BEFORE.pattern})|(?P<up>{_BY['up']})|(?P<down>{_BY['down']})"
    f"|(?P<filler>{WORDS['change']['compared']}|{alternation(_FILLERS)})|(?P<approx>{alternation(_APPROX)})|(?P<rest>.)",
    re.S,
)
# a negation that no sign word holds: 不突破 is a limit, 未完成10个 is no value
_NEGATED = re.compile(f"(?:未能|未|没有|没)(?:{alternation(_FILLERS)}|{_BY['up']}|{_BY['down']})")
_LABEL = re.compile(r"[^0-9:]{1,12}:")  # 数量:5个
_SCALED = re.compile(f"([十百千万亿]+)({alternation(_APPROX_INFIX)})(?!种)")  # 1.2万余株, but not 3万多种
_SYMBOLS = re.compile(r"[^\w]+|[A-Za-z]")
_QUICK = re.compile(rf"([{re.escape(SIGN_CHARACTERS)}]*)({RUN.pattern})([^0-9]*)")
_SUFFIXES = WORDS["sign_suffixes"]["ge"] + WORDS["sign_suffixes"]["le"]
_AFTER_START = re.compile(f"^(?:{alternation(word for word in _SUFFIXES if word != '内')})")
_HUNDRED = {"百分之百": "100%", "百分百": "100%"}
_IN_NUMERALS = re.compile(rf"(?P<of>百分之)?(?P<number>{NUMERALS.pattern})(?P<tail>[^0-9]*)")


Change = Literal["", "up", "down", "up_to", "down_to"]


class One(NamedTuple):
    """A text with exactly one figure; `head` and `noun` are words that no sign, filler or unit explains.

    `change` tells that the figure is an amount by which something rises or falls, or what it rises or falls to.

    `refused` is the reason when the figure cannot be read (`value` is None); `assumed` are conventions used.
    """

    value: Decimal | None
    unit: Unit
    ops: tuple[Op, ...] = ()
    head: str = ""
    noun: str = ""
    refused: str = ""
    notes: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    change: Change = ""

    @property
    def prose(self) -> bool:
        """Whether words remain that are not part of a value."""
        return bool(self.head or self.noun)


@dataclass(slots=True)
class _Parts:
    """What the words around a figure say, collected while they are scanned."""

    ops: list[Op] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    refused: str = ""
    change: Change = ""

    def sign(self, run: str) -> None:
        op = written(run)
        if op is None:
            self.refused = f"符号“{run}”含义不明"
            return
        self.ops.append(op)
        if LOOKALIKES.intersection(run):
            self.notes.append(f"相似符号“{run}”按规范符号处理")

    def built(self, figure: Figure, unit: Unit, head: str = "", noun: str = "", *, minus: bool = False) -> One:
        if figure.note:
            (self.assumed if figure.state == "assumed" else self.notes).append(figure.note)
        if unit.note:
            self.notes.append(unit.note)
        refused = self.refused or (figure.note if figure.value is None else "")
        value = None if refused or figure.value is None else -figure.value if minus else figure.value
        notes, assumed = tuple(self.notes), tuple(self.assumed)
        return One(value, unit, tuple(self.ops), head, noun, refused, notes, assumed, self.change)


@lru_cache(maxsize=8192)
def one(text: str) -> One | None:
    """The only figure of a folded text; None when it has none or several."""
    parts = _Parts()
    if quick := _QUICK.fullmatch(text):
        unit = unit_of(quick[3])
        if unit.whole:
            if quick[1]:
                parts.sign(quick[1])
            return parts.built(figure(quick[2]), unit)
    match = RUN.search(text)
    if match is None:
        return _in_numerals(text)
    if RUN.search(text, match.end()):
        return None
    head, minus = _head(parts, text[: match.start()])
    unit, noun = _tail(parts, text[match.end() :])
    if not noun and (unit.name or not head.isalnum()) and _SYMBOLS.fullmatch(head):
        parts.refused = f"{DAMAGE}“{text}”含有数字书写以外的字符"
    return parts.built(figure(match[0]), unit, head, noun, minus=minus)


def _head(parts: _Parts, text: str) -> tuple[str, bool]:
    """Take signs, sign words and fillers before the figure; what is left, and whether a minus is there."""
    if label := _LABEL.fullmatch(text):
        parts.assumed.append(f"取“{label[0]}”之后的数字")
        return "", False
    dash = text.endswith("-")
    rest, last = [], ""
    for match in _HEAD.finditer(text.removesuffix("-")):
        last, word = match.lastgroup or "", match[0]
        if last == "run":
            parts.sign(word)
        elif last == "sign":
            parts.ops.append(worded(word))
        elif last in _TO or last in _CHANGE_TO:
            parts.change = cast("Change", last)
            parts.assumed.append(f"“{word}”后的数字按{'增减的数量' if last in _TO else '达到的水平'}读取")
        elif last == "approx":
            parts.assumed.append(f"“{word}”为约数，按原数读取")
        elif last == "filler":
            parts.assumed.append(f"忽略数字前的“{word}”")
        elif word == BLANK:
            parts.assumed.append("忽略文字中的日期、文号或标准")
        elif word not in _SILENT:
            rest.append(word)
    if _NEGATED.search(BEFORE.sub("", text)):
        parts.refused = f"“{text}”含有否定，不能确定数字的意思"
    if dash and last == "rest":
        parts.refused = "数字前的“-”可能是负号，也可能是连接号"
    return "".join(rest), dash


def _tail(parts: _Parts, text: str) -> tuple[Unit, str]:
    """Take unit, sign suffix (以上, 以内) and 左右 after the figure; the unit and the words that are left."""
    if scaled := _SCALED.match(text):  # 1.2万余株
        parts.assumed.append(f"“{scaled[2]}”为约数，按原数读取")
        text = scaled[1] + text[scaled.end() :]
    if text[:1] in _APPROX_INFIX:
        parts.assumed.append(f"“{text[0]}”为约数，按原数读取")
        text = text[1:]
    unit = unit_of(text)
    rest, timed = unit.rest if unit.known else text, is_time(unit.name)
    for word in _APPROX_AFTER:
        if rest.endswith(word):
            parts.assumed.append(f"“{word}”为约数，按原数读取")
            rest = rest.removesuffix(word)
    match = AFTER.search(rest) or _AFTER_START.search(rest)
    word = match[0] if match else "内" if timed and rest.startswith("内") else ""
    if word and (word != "内" or rest == "内" or timed):  # 内 only after times (not 内设机构)
        parts.ops.append(worded(word))
        if word not in INCLUSIVE:
            parts.assumed.append(f"“{word}”按含本数理解")
        rest = rest.replace(word, "", 1)
    if unit.known:
        return unit._replace(rest=""), rest.strip(_PUNCTUATION)
    if FREE.fullmatch(rest) and not any(stem in rest for stem in _BAD):
        parts.assumed.append(f"单位“{rest}”不在单位表内，按原文")
        return Unit(rest, "", False, ""), ""
    return NO_UNIT, rest.strip(_PUNCTUATION)


def _in_numerals(text: str) -> One | None:
    """A figure written wholly in Chinese numerals: 三十二, 至少三次, 百分之九十五."""
    for words, digits in _HUNDRED.items():
        if text.endswith(words):
            return one(text.removesuffix(words) + digits)
    found = list(_IN_NUMERALS.finditer(text))
    value = chinese(found[0]["number"]) if len(found) == 1 else None
    if value is None:
        return None
    match, parts = found[0], _Parts()
    head, _ = _head(parts, text[: match.start()])
    unit, noun = _tail(parts, match["tail"])
    if noun or head or not unit.known:
        return None
    if match["of"] and not unit.name:
        unit = unit_of("%")
    if is_clipped(match["number"]):
        told = f"中文数字“{match['number']}”有两种读法，无法确定数值"
        return parts.built(Figure(None, "ambiguous", told), unit)
    return parts.built(Figure(value, "ok", f"中文数字“{match['number']}”转为阿拉伯数字"), unit)


_SEPARATOR = re.compile(r"-|~|—+|–|至|到")  # 3-5, 3至5
_BETWEEN_BOUNDS = re.compile(r"(?<=[\d%])(?:-|~|–|—+|至|到)(?=\d)")  # between the bounds of 下降3%—5%
_TOLERANCE = re.compile(rf"(.*?{RUN.pattern})(?:%|[一-龥]*)±({RUN.pattern}.*)")  # 10±2℃
RATIO = re.compile(rf"(?:{SIGNS.pattern})?[0-9.]+:[0-9.]+(?::[0-9.]+)*")  # 1:3
_SPLIT = re.compile(r"[/;、|且和及]|(?<![0-9]),|,(?![0-9]{3}(?![0-9]))")  # not the commas of 42,025
_NOT_VALUES = re.compile("|".join(f"(?:{pattern})" for pattern in WORDS["prose"]["not_values"]))
_FIGURE = re.compile(f"{RUN.pattern}(?=([^0-9]{{0,2}}))")
_NEXT = re.compile("[,;。、/()].*")
SCORING_RULE = re.compile(WORDS["prose"]["scoring_rule"])  # points for results (≥70%得3分): of the method column
_LOWER, _UPPER = (("ge",), ("gt",)), (("le",), ("lt",))  # signs of one figure


def without_references(text: str) -> str:
    """Text with dates, document numbers, list numbers and standards per head taken out."""
    return _NOT_VALUES.sub(BLANK, text)


@lru_cache(maxsize=8192)
def change_of(raw: str) -> Change:
    """Whether the only figure or range of a cell says by how much something changes (``up``, ``down``), or to what."""
    text = without_references(fold(raw))
    found = one(text) or one(_BETWEEN_BOUNDS.split(text)[0])
    return found.change if found else ""


def figures_in(text: str) -> list[str]:
    """The figures of a text as written, each with the first two characters after it."""
    return [match[0] + _NEXT.sub("", match[1]) for match in _FIGURE.finditer(text)]


def read_several(draft: Draft, text: str, *, unit: bool = False) -> Reading | One | None:
    """A range (in the draft, returned as its lower figure), a refusal, a ``multiple``, or None for prose.

    `unit` tells that the row has a unit cell, so that a bare 1-12 is a range.
    """
    if tolerance := _TOLERANCE.fullmatch(text):  # 10±2 → 8 to 12
        middle, spread = one(tolerance[1]), one(tolerance[2])
        if not middle or not spread or middle.value is None or spread.value is None or middle.prose or spread.prose:
            return None
        if middle.ops or set(spread.ops) - {"le"}:  # 10±2以内 is the tolerance itself
            return draft.refuse(f"“{text}”同时写有符号和公差，无法确定")
        if not spread.value:
            return draft.refuse(f"“{text}”的公差为0，无法确定")
        draft.op, draft.value2 = "range", middle.value + spread.value
        draft.note(f"按公差读为{plain(middle.value - spread.value)}至{plain(draft.value2)}")
        return spread._replace(value=middle.value - spread.value, notes=middle.notes + spread.notes)
    for match in _SEPARATOR.finditer(text):
        left, right = one(text[: match.start()]), one(text[match.end() :])
        if left and right and not left.prose and not right.prose:
            return _range(draft, text, left, right, unit=unit)
    parts = [one(part) for part in _SPLIT.split(text)]
    figures = [part for part in parts if part is not None and not part.prose]
    return _list(draft, text, figures) if len(figures) == len(parts) > 1 else None


def _range(draft: Draft, text: str, left: One, right: One, *, unit: bool = True) -> Reading | One:
    """A range from – to, ascending, in one unit."""
    if left.value is None or right.value is None or left.ops or right.ops:
        return draft.refuse(left.refused or right.refused or f"“{text}”同时写有符号和区间，无法确定")
    shared = _shared(left.unit, right.unit)
    years = not right.unit.name and all(1900 <= side <= 2100 for side in (left.value, right.value))
    months = not unit and not right.unit.name and right.value <= 12 and right.value == int(right.value)
    if shared is None or left.value >= right.value or months or years:
        return draft.refuse(f"“{text}”可能是区间、编号或日期，无法确定")
    draft.op, draft.value2 = "range", right.value
    draft.note(f"按区间读为{plain(left.value)}至{plain(right.value)}")
    return left._replace(unit=shared, notes=left.notes + right.notes, assumed=left.assumed + right.assumed)


def _shared(left: Unit, right: Unit) -> Unit | None:
    """The unit of both ends of a range; the first may leave it to the second."""
    if not left.name or left.name == right.name:
        return right
    if not measure(left.name).base and measure(left.name).power == measure(right.name).power:
        return right  # 3万-5万元
    return right if right.name and common(left.name, right.name)[:3] == ("yes", 1, 1) else None


def _list(draft: Draft, text: str, parts: list[One]) -> Reading | One:
    """Several plain figures: two limits, a ladder, pairs, or an unclear list."""
    if any(part.value is None for part in parts):
        return draft.refuse(next(part.refused for part in parts if part.refused))
    low, *_, high = sorted(parts, key=lambda part: part.ops not in _LOWER)
    if len(parts) == 2 and low.ops in _LOWER and high.ops in _UPPER:  # ≥80%且≤100%
        return _range(draft, text, low._replace(ops=()), high._replace(ops=()))
    if not any(part.unit.name for part in parts) and not all(part.ops for part in parts):
        return draft.refuse(f"“{text}”可能是分数、日期或多个数字，无法确定")
    shown = "、".join(_SPLIT.split(text))
    if len(parts) > 2 and len({part.unit.name for part in parts}) == 1:
        repeated = any(a.value == b.value for a, b in pairwise(parts))
        return draft.several(f"分级目标：{shown}" + ("，相邻两级相同" if repeated else ""))
    return draft.several(f"一格填写了多个数字：{shown}")
