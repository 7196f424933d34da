"""One figure in its text: sign, fillers, value, unit, and the words that none of them explains.

NOTATIONS.md sections 1, 2, 5, 7 and 10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from perfbatch.notation import numerals
from perfbatch.notation.lexicon import WORDS, alternation
from perfbatch.notation.reading import DAMAGE, Op
from perfbatch.notation.signs import (
    AFTER,
    BEFORE,
    INCLUSIVE,
    LOOKALIKES,
    RUN,
    SIGN_CHARACTERS,
    worded,
    written,
)
from perfbatch.notation.units import NO_UNIT, Unit, free_unit, is_time, unit_of

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
_HEAD = re.compile(
    f"(?P<up_to>{_TO['up']}|(?:{_BY['up']}){_LEVEL})|(?P<down_to>{_TO['down']}|(?:{_BY['down']}){_LEVEL})"
    f"|(?P<run>{RUN.pattern})|(?P<sign>{BEFORE.pattern})|(?P<up>{_BY['up']})|(?P<down>{_BY['down']})"
    f"|(?P<filler>{WORDS['change']['compared']}|{alternation(_FILLERS)})|(?P<approx>{alternation(_APPROX)})|(?P<rest>.)",
    re.S,
)
# a negation that no sign word holds: 不突破 is a limit, 未完成10个 is no value
_NEGATED = re.compile(f"(?:未能|未|没有|没)(?:{alternation(_FILLERS)}|{_BY['up']}|{_BY['down']})")
_LABEL = re.compile(r"[^0-9:]{1,12}:")
_SCALED = re.compile(f"([十百千万亿]+)({alternation(_APPROX_INFIX)})(?!种)")
_SYMBOLS = re.compile(r"[^\w]+|[A-Za-z]")
_QUICK = re.compile(rf"([{re.escape(SIGN_CHARACTERS)}]*)({numerals.RUN.pattern})([^0-9]*)")
_SUFFIXES = WORDS["sign_suffixes"]["ge"] + WORDS["sign_suffixes"]["le"]
_AFTER_START = re.compile(f"^(?:{alternation(word for word in _SUFFIXES if word != '内')})")
_HUNDRED = {"百分之百": "100%", "百分百": "100%"}
_CHINESE = re.compile(rf"(?P<of>百分之)?(?P<number>{numerals.CHINESE.pattern})(?P<tail>[^0-9]*)")


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
        """Take a written sign."""
        op = written(run)
        if op is None:
            self.refused = f"符号“{run}”含义不明"
            return
        self.ops.append(op)
        if LOOKALIKES.intersection(run):
            self.notes.append(f"相似符号“{run}”按规范符号处理")

    def built(self, figure: numerals.Figure, unit: Unit, head: str = "", noun: str = "", *, minus: bool = False) -> One:
        """The analysed text."""
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
        if unit.known and not unit.rest:
            if quick[1]:
                parts.sign(quick[1])
            return parts.built(numerals.figure(quick[2]), unit)
    match = numerals.RUN.search(text)
    if match is None:
        return _in_numerals(text)
    if numerals.RUN.search(text, match.end()):
        return None
    head, minus = _head(parts, text[: match.start()])
    unit, noun = _tail(parts, text[match.end() :])
    if not noun and (unit.name or not head.isalnum()) and _SYMBOLS.fullmatch(head):
        parts.refused = f"{DAMAGE}“{text}”含有数字书写以外的字符"
    return parts.built(numerals.figure(match[0]), unit, head, noun, minus=minus)


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
    rest = _suffix(parts, unit.rest if unit.known else text, timed=is_time(unit.name))
    if unit.known:
        return unit._replace(rest=""), _noun(rest)
    if free_unit(rest) and not any(stem in rest for stem in _BAD):
        parts.assumed.append(f"单位“{rest}”不在单位表内，按原文")
        return Unit(rest, Decimal(1), "", False, ""), ""
    return NO_UNIT, _noun(rest)


def _noun(rest: str) -> str:
    """Words after the unit without punctuation."""
    return rest.strip(f"()、,。;:{BLANK}")


def _suffix(parts: _Parts, rest: str, *, timed: bool) -> str:
    """Take sign suffixes and 左右 off the words after the unit; 内 only after times (not 内设机构)."""
    for word in _APPROX_AFTER:
        if rest.endswith(word):
            parts.assumed.append(f"“{word}”为约数，按原数读取")
            rest = rest.removesuffix(word)
    match = AFTER.search(rest) or _AFTER_START.search(rest)
    word = match[0] if match else "内" if timed and rest.startswith("内") else ""
    if not word or (word == "内" and rest != "内" and not timed):
        return rest
    parts.ops.append(worded(word))
    if word not in INCLUSIVE:
        parts.assumed.append(f"“{word}”按含本数理解")
    return rest.replace(word, "", 1)


def _in_numerals(text: str) -> One | None:
    """A figure written wholly in Chinese numerals: 三十二, 至少三次, 百分之九十五."""
    for words, digits in _HUNDRED.items():
        if text.endswith(words):
            return one(text.removesuffix(words) + digits)
    found = list(_CHINESE.finditer(text))
    value = numerals.chinese(found[0]["number"]) if len(found) == 1 else None
    if value is None:
        return None
    match, parts = found[0], _Parts()
    head, _ = _head(parts, text[: match.start()])
    unit, noun = _tail(parts, match["tail"])
    if noun or head or not unit.known:
        return None
    if match["of"] and not unit.name:
        unit = unit_of("%")
    if numerals.is_clipped(match["number"]):
        told = f"中文数字“{match['number']}”有两种读法，无法确定数值"
        return parts.built(numerals.Figure(None, "ambiguous", told), unit)
    return parts.built(numerals.Figure(value, "ok", f"中文数字“{match['number']}”转为阿拉伯数字"), unit)
