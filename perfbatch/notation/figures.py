"""One figure in its text: sign, fillers, value, unit, and the words that none of them explains.

NOTATIONS.md sections 1, 2, 5, 7 and 10.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from perfbatch.notation import numerals
from perfbatch.notation.lexicon import WORDS, alternation
from perfbatch.notation.reading import Op
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
from perfbatch.notation.units import NO_UNIT, Unit, free_unit, unit_of

_APPROX_BEFORE = frozenset(WORDS["approximate"]["before"])
_APPROX_AFTER = tuple(WORDS["approximate"]["after"])
_FILLERS = frozenset(WORDS["fillers"]["before"])
_SILENT = frozenset("(),。:、¥-")
_HEAD = re.compile(
    f"(?P<run>{RUN.pattern})|(?P<sign>{BEFORE.pattern})|(?P<approx>{alternation(_APPROX_BEFORE)})"
    f"|(?P<filler>{alternation(_FILLERS)})|(?P<rest>.)",
    re.S,
)
_QUICK = re.compile(rf"([{re.escape(SIGN_CHARACTERS)}]*)({numerals.RUN.pattern})([^0-9]*)")
_AFTER_START = re.compile(
    f"^(?:{alternation(w for w in WORDS['sign_suffixes']['ge'] + WORDS['sign_suffixes']['le'] if w != '内')})"
)
_WITHIN = re.compile(f"^内(?:{alternation(WORDS['dates']['tails'])})")
_PERCENT_OF = "百分之"
_HUNDRED = {"百分之百": "100%", "百分百": "100%"}
_CHINESE = re.compile(rf"(?P<of>{_PERCENT_OF})?(?P<number>{numerals.CHINESE.pattern})(?P<tail>[^0-9]*)")


class One(NamedTuple):
    """A text with exactly one figure; `head` and `noun` are words that no sign, filler or unit explains.

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

    @property
    def prose(self) -> bool:
        """Whether words remain that are not part of a value."""
        return bool(self.head or self.noun)


class _Head(NamedTuple):
    ops: list[Op]
    minus: bool
    rest: str
    refused: str
    notes: list[str]
    assumed: list[str]


class _Tail(NamedTuple):
    ops: list[Op]
    unit: Unit
    noun: str
    assumed: list[str]


@lru_cache(maxsize=8192)
def one(text: str) -> One | None:
    """The only figure of a folded text; None when it has none or several."""
    quick = _QUICK.fullmatch(text)
    if quick:
        unit = unit_of(quick[3])
        if unit.known and not unit.rest and (not quick[1] or written(quick[1])):
            return _built(numerals.figure(quick[2]), _signed(quick[1]), _Tail([], unit, "", []))
    match = numerals.RUN.search(text)
    if match is None:
        return _in_numerals(text)
    if numerals.RUN.search(text, match.end()):
        return None
    tail = _tail(text[match.end() :])
    return _built(numerals.figure(match[0]), _head(text[: match.start()]), tail)


def _signed(run: str) -> _Head:
    """Head that consists of a written sign or nothing."""
    op = written(run) if run else None
    notes = [f"相似符号“{run}”按规范符号处理"] if run and LOOKALIKES.intersection(run) else []
    return _Head([op] if op else [], False, "", "", notes, [])


def _built(figure: numerals.Figure, head: _Head, tail: _Tail) -> One:
    """The analysed parts put together."""
    value = -figure.value if head.minus and figure.value is not None else figure.value
    exact = (figure.note,) if figure.note and figure.state == "ok" else ()
    notes = (*head.notes, *exact, *((tail.unit.note,) if tail.unit.note else ()))
    assumed = (*head.assumed, *((figure.note,) if figure.state == "assumed" else ()), *tail.assumed)
    refused = head.refused or (figure.note if figure.value is None else "")
    return One(
        None if refused else value,
        tail.unit,
        (*head.ops, *tail.ops),
        head.rest,
        tail.noun,
        refused,
        notes,
        assumed,
    )


def _head(text: str) -> _Head:
    """Signs, sign words and fillers before the figure."""
    minus = text.endswith("-") and (
        len(text) == 1 or text[-2] in SIGN_CHARACTERS or _HEAD.sub("", text[:-1]) == ""
    )
    head = _Head([], minus, "", "", [], [])
    rest, refused = [], ""
    for match in _HEAD.finditer(text[:-1] if minus else text):
        kind, word = match.lastgroup, match[0]
        if kind == "run":
            op = written(word)
            if op is None:
                refused = f"符号“{word}”含义不明"
            else:
                head.ops.append(op)
                head.notes.extend(_signed(word).notes)
        elif kind == "sign":
            head.ops.append(worded(word))
        elif kind == "approx":
            head.assumed.append(f"“{word}”为约数，按原数读取")
        elif kind == "filler":
            head.assumed.append(f"忽略数字前的“{word}”")
        elif word not in _SILENT:
            rest.append(word)
    return head._replace(rest="".join(rest), refused=refused)


def _tail(text: str) -> _Tail:
    """Unit, sign suffix (以上, 以内), approximation and remaining words after the figure."""
    assumed: list[str] = []
    if text[:1] in {"余", "多"}:
        assumed.append(f"“{text[0]}”为约数，按原数读取")
        text = text[1:]
    unit = unit_of(text)
    rest = unit.rest if unit.known else text
    ops: list[Op] = []
    rest = _suffix(rest, ops, assumed)
    if not unit.known:
        if free_unit(rest):
            return _Tail(
                ops,
                Unit(rest, Decimal(1), "", False, ""),
                "",
                [*assumed, f"单位“{rest}”不在单位表内，按原文"],
            )
        unit = NO_UNIT
    return _Tail(ops, unit._replace(rest=""), rest.strip("()、,。;:"), assumed)


def _suffix(rest: str, ops: list[Op], assumed: list[str]) -> str:
    """Take sign suffixes and 左右 off the words after the unit."""
    for word in _APPROX_AFTER:
        if rest.endswith(word) and len(word) > 1:
            assumed.append(f"“{word}”为约数，按原数读取")
            rest = rest[: -len(word)]
    match = AFTER.search(rest) or _AFTER_START.search(rest)
    if match is None and not _WITHIN.search(rest):
        return rest
    word = match[0] if match else "内"
    if word == "内" and not (rest == "内" or _WITHIN.search(rest)):
        return rest
    ops.append(worded(word))
    if word not in INCLUSIVE:
        assumed.append(f"“{word}”按含本数理解")
    return rest.replace(word, "", 1)


def _in_numerals(text: str) -> One | None:
    """A figure written wholly in Chinese numerals: 三十二, 至少三次, 百分之九十五."""
    for words, digits in _HUNDRED.items():
        if text.endswith(words):
            return one(text.removesuffix(words) + digits)
    match = None
    for found in _CHINESE.finditer(text):
        if match is not None:
            return None
        match = found
    if match is None:
        return None
    value = numerals.chinese(match["number"])
    tail = _tail(match["tail"])
    if match["of"] and not tail.unit.name:
        tail = tail._replace(unit=unit_of("%"))
    head = _head(text[: match.start()])
    if value is None or tail.noun or head.rest or not tail.unit.known:
        return None
    built = _built(numerals.Figure(value, "ok", f"中文数字“{match['number']}”转为阿拉伯数字"), head, tail)
    return built


def quick(text: str) -> bool:
    """Whether the folded text is nothing but a sign, a figure and a known unit."""
    found = one(text)
    return found is not None and not found.prose and found.value is not None
