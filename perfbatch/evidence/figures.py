"""Figures, amounts and dates in a text, each with the words around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from perfbatch.decimals import plain
from perfbatch.evidence.words import one_of
from perfbatch.notation import fold
from perfbatch.notation.figures import RUN, chinese, figure, years_in_digits
from perfbatch.notation.units import is_money, unit_of

_APART = re.compile(r"(?<=[0-9])[ \t\u3000\xa0]+(?=[0-9])")  # 3 4 are two figures
_CLAUSE = re.compile(r"[。;!?\n]|,(?![0-9]{3}(?![0-9]))|(?<![0-9]),")
_DATE = re.compile(
    r"(?P<y>(?:19|20)[0-9]{2})年(?P<m>[0-9]{1,2})月(?:(?P<d>[0-9]{1,2})[日号])?"
    r"|(?<![0-9])(?P<y2>(?:19|20)[0-9]{2})(?P<s>[-./])(?P<m2>[0-9]{1,2})(?P=s)(?P<d2>[0-9]{1,2})(?![0-9])"
)
_CAPITAL = re.compile("[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{2,}[元圆](?:整|[零壹贰叁肆伍陆柒捌玖角分]*)")
_TAIL = re.compile(r"[^0-9]{0,12}")
_NUMBERED = re.compile(r"(?:^|(?<=[。;]))\(?[0-9]{1,2}(?:\)|[.、](?![0-9]))")
_LONGEST_CODE = 14  # digits: longer runs are numbers of cards, accounts and invoices
_PHONE = re.compile("1[3-9][0-9]{9}")
_BEFORE, _AFTER, _NEAR = 24, 14, 8  # characters kept around a figure; those that say that it is a plan
_NAMES_A_THING = ("号", "条", "章", "页", "款", "版", "期", "栋", "单元", "室", "路", "楼")
_OPEN = re.compile("[A-Za-z+_*#]$|(?:号|代码|号码|编码|编号|电话|手机)[:：]?$")
_YEAR = re.compile("(?:19|20)[0-9]{2}")


class Figure(NamedTuple):
    """One figure of a document.

    `value` is as written, None for a date; `unit` normalised, empty where none is stated; `day` an ISO date, of which a
    month alone has no day (``2022-06``). `sheet`, `cell` (a range for what was added up or counted), `page` and `line`
    (from 1) say where, as far as the document has such. `words` are those around it, folded, ``#`` in its place. `how`:
    empty, ``sum`` of a column, ``count`` of rows, ``capital`` an amount in capitals. `planned`: a plan or limit.
    """

    value: Decimal | None
    unit: str
    day: str
    sheet: str
    cell: str
    page: int
    line: int
    words: str
    how: str = ""
    planned: bool = False

    def shown(self) -> str:
        """As a person would write it."""
        return self.day if self.value is None else f"{plain(self.value)}{'行' if self.how == 'count' else self.unit}"


def folded(text: str) -> str:
    """`text` folded, figures that only a blank separates kept apart."""
    return fold(_APART.sub("；", text))


def in_text(
    text: str, *, before: str = "", sheet: str = "", cell: str = "", page: int = 0, line: int = 0
) -> list[Figure]:
    """The figures of a text (not folded); `before` are words that stand before each, such as those of its header."""
    found = []
    for clause in _CLAUSE.split(folded(text)):
        if (clause and any(map(str.isdigit, clause))) or "元" in clause or "圆" in clause:
            found += [
                Figure(value, unit, day, sheet, cell, page, line, before + words, how, planned)
                for value, unit, day, words, how, planned in _clause(clause)
            ]
    return found


_Part = tuple[Decimal | None, str, str, str, str, bool]


@lru_cache(maxsize=4096)
def _clause(clause: str) -> tuple[_Part, ...]:
    return tuple(_found(years_in_digits(clause)))


def _found(clause: str) -> Iterator[_Part]:
    taken: list[tuple[int, int]] = []
    for match in _DATE.finditer(clause):
        taken.append(match.span())
        if day := _day(match):
            yield None, "", day, *_around(clause, *match.span())
    for match in _CAPITAL.finditer(clause):
        taken.append(match.span())
        if (amount := capital(match[0])) is not None:
            words, _, planned = _around(clause, *match.span())
            yield amount, "元", "", words, "capital", planned
    for match in RUN.finditer(clause):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        value = _value(match[0], clause[: match.start()], clause[match.end() :])
        if value is None:
            continue
        tail = _TAIL.match(clause, match.end())
        unit = unit_of(tail[0] if tail else "")
        rest = clause[match.end() :]
        if not unit.known and rest.startswith(_NAMES_A_THING):
            continue
        end = match.end() + (len(tail[0]) - len(unit.rest) if tail and unit.known else 0)
        if clause[: match.start()].endswith("¥") and not is_money(unit.name):
            yield value, "元", "", *_around(clause, match.start(), end)
        else:
            yield value, unit.name if unit.known else "", "", *_around(clause, match.start(), end)


def _value(run: str, before: str, after: str) -> Decimal | None:
    """The figure of a run of digits, None where it is a code, the number of an item or a telephone."""
    digits = run.replace(",", "").replace(".", "")
    if (
        len(digits) > _LONGEST_CODE
        or _PHONE.fullmatch(run)
        or _OPEN.search(before)
        or before.endswith(("第", "No", "-"))
    ):
        return None
    if (run[0] == "0" and run[1:2] not in ("", ".")) or (after[:1].isascii() and after[:1].isalpha()):
        return None
    if _YEAR.fullmatch(run) and after.startswith(("年", "-", "/")):
        return None
    if (_NUMBERED.match(f"{run}{after}") and not before) or (before.endswith("(") and after.startswith(")")):
        return None
    return figure(run).value


def _day(match: re.Match[str]) -> str:
    """ISO date, of a month without its day ``2022-06``; empty where the calendar has no such day."""
    year, month = int(match["y"] or match["y2"]), int(match["m"] or match["m2"])
    written = match["d"] or match["d2"]
    try:
        found = date(year, month, int(written or 1))
    except ValueError:
        return ""
    return found.isoformat() if written else found.isoformat()[:7]


def _around(clause: str, start: int, end: int) -> tuple[str, str, bool]:
    """The words around a figure with ``#`` in its place, no way of finding, and whether it is a plan or a limit."""
    before, after = clause[max(0, start - _BEFORE) : start], clause[end : end + _AFTER]
    near = re.split("[:(、]", before)[-1] or before[-_NEAR:]
    planned = one_of("planned").search(near) is not None or after.startswith(("以上", "以下", "以内"))
    return f"{before}#{after}", "", planned


def capital(text: str) -> Decimal | None:
    """An amount in capitals in 元: 壹拾万零柒佰元整 → 100700; None where it is not one."""
    whole, _, small = re.sub("整$", "", text).replace("圆", "元").partition("元")
    total = Decimal(0)
    for scale, word in ((8, "亿"), (4, "万")):
        if word in whole:
            head, whole = whole.rsplit(word, 1)
            part = _section(head)
            if part is None:
                return None
            total += part.scaleb(scale)
    rest = _section(whole)
    if rest is None:
        return None
    total += rest
    for word, places in (("角", -1), ("分", -2)):
        if found := re.search(f"([壹贰叁肆伍陆柒捌玖]){word}", small):
            digit = chinese(found[1])
            total += (digit or Decimal(0)).scaleb(places)
    return total if total else None


def _section(text: str) -> Decimal | None:
    text = text.strip("零")
    return chinese(text) if text else Decimal(0)
