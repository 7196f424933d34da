"""What a stored number looks like to the clerk: plain numbers, percents, dates by their number format.

Format codes: ECMA-376 Part 1 §18.8.30 (built-in ids, with the zh-cn table for 27–36 and 50–58) and §18.8.31
(the language of the codes). Only what decides *kind and reading* is interpreted; decorations are not drawn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from perfbatch.exact import plain
from perfbatch.model import Stored

_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 37: "#,##0;-#,##0",
    38: "#,##0;[Red]-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;[Red]-#,##0.00", 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"', 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"',
    54: 'm"月"d"日"', 55: '上午/下午h"时"mm"分"', 56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"',
    58: 'm"月"d"日"',
}  # fmt: skip
_LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|e[+-]|g/通用格式|general', re.IGNORECASE)
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_.|\*.|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]'
    r"|(?P<half>AM/PM|A/P|上午/下午)|(?P<code>y+|e+|m+|d+|h+|s+|aaaa?)|(?P<fraction>\.0+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_SHORT = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]*[1-9])?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_SECTION = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LAST_SERIAL = 2_958_466
_DAY = 86_400
_LONGEST_CODE = 255  # Excel takes no longer ones


class Moment(NamedTuple):
    """A serial number taken apart; `weekday` is 0 for Monday, `serial` as stored (for elapsed hours)."""

    year: int
    month: int
    day: int
    weekday: int
    seconds: int
    serial: float


def format_code(number: int, custom: Mapping[int, str]) -> str:
    """Format code of a `numFmtId`: the workbook's own, else the built-in one, else empty (General)."""
    return custom.get(number, _BUILT_IN.get(number, ""))


@lru_cache(maxsize=4096)
def kind_of(code: str) -> Stored:
    """``percent``, ``date`` or ``number``: what the first section of a format code makes of a number."""
    if len(code) > _LONGEST_CODE:
        return "number"
    bare = _LITERAL.sub("", code.replace("AM/PM", "h").replace("上午/下午", "h")).split(";")[0].lower()
    if "%" in bare:
        return "percent"
    placeholders = re.search(r"[0#?]", re.sub(r"s\]?\.0+", "s", bare))
    return "date" if re.search(r"[ymdhse]|aaa", bare) and not placeholders else "number"


def number_text(raw: str) -> str | None:
    """A stored number in plain notation with at most 15 significant digits; None when it is not a number."""
    return _number_text(raw) if len(raw) < 40 else _number_text.__wrapped__(raw)


@lru_cache(maxsize=1 << 14)
def _number_text(raw: str) -> str | None:
    if len(raw) <= 16 and _SHORT.fullmatch(raw) and raw != "-0":
        return raw
    if not _NUMBER.fullmatch(raw := raw.strip()):
        return None
    value = Decimal(f"{float(raw):.15g}")
    return (plain(value) if value else "0") if value.is_finite() else None


def percent_text(number: str) -> str:
    """A number text as percent with all its digits: ``0.8619`` → ``86.19%``."""
    return plain(Decimal(number).scaleb(2)) + "%"


def shown(raw: str, code: str, *, from_1904: bool = False) -> tuple[str, Stored]:
    """Text and kind of a stored number under a format code; text that is no number comes back as ``text``.

    Dates are ISO (``2023-12-31``, with time when the format shows one); a date whose format shows no full
    date is given as displayed (``1月12日``), because the hidden year was never the clerk's statement.
    """
    text = number_text(raw)
    if text is None:
        return raw, "text"
    kind = kind_of(code) if code else "number"
    if kind == "percent":
        return percent_text(text), kind
    if kind == "date":
        moment = _moment(float(text), from_1904)
        return (date_text(moment, code), kind) if moment else (text, "number")
    return text, kind


def shown_iso(raw: str, code: str) -> tuple[str, Stored]:
    """As `shown`, for a date stored as ISO 8601 text (``t="d"`` cells, OpenDocument, SpreadsheetML 2003)."""
    try:
        moment = datetime.fromisoformat(raw.strip().removesuffix("Z"))
    except ValueError:
        return raw, "date" if re.fullmatch(r"\d\d:\d\d(:\d\d(\.\d+)?)?", raw) else "text"
    days = moment.date().toordinal() - date(1899, 12, 30).toordinal()
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    serial = days + seconds / _DAY
    parts = Moment(moment.year, moment.month, moment.day, moment.weekday(), seconds, serial)
    kind = kind_of(code)
    return date_text(parts, code if kind == "date" else "yyyy-mm-dd h" if seconds else "yyyy-mm-dd"), "date"


def _moment(serial: float, from_1904: bool) -> Moment | None:
    """Serial date number → calendar, with Excel's 1900-01-00 and 1900-02-29; None outside Excel's range."""
    if not 0 <= serial < _LAST_SERIAL:
        return None
    days, seconds = divmod(round(serial * _DAY), _DAY)
    if days >= _LAST_SERIAL - (1462 if from_1904 else 0):
        return None
    if from_1904:
        days += 1462
    if days in (0, 60):
        return Moment(1900, 1 if days == 0 else 2, 0 if days == 0 else 29, 6, seconds, serial)
    day = date(1899, 12, 30 if days > 60 else 31) + timedelta(days=days)
    return Moment(day.year, day.month, day.day, day.weekday(), seconds, serial)


def date_text(moment: Moment, code: str) -> str:
    """Text of a moment: ISO when the format shows year, month and day, else drawn as the format says."""
    tokens = list(_TOKEN.finditer(_SECTION.split(code, maxsplit=1)[0]))
    letters = {_letter(token) for token in tokens}
    hour, rest = divmod(moment.seconds, 3600)
    if letters & {"y", "e"} and {"m", "d"} <= letters:
        day = f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
        clock = f" {hour:02}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")
        return day + (clock if "h" in letters else "")
    halves = any(t["half"] for t in tokens)
    return "".join(_drawn(tokens, i, moment, halves) for i in range(len(tokens))).strip()


def _letter(token: re.Match[str]) -> str:
    """First letter of a date code, lower case; empty for anything else."""
    return str(token["code"] or token["elapsed"] or "")[:1].lower()


def _drawn(tokens: list[re.Match[str]], index: int, moment: Moment, halves: bool) -> str:
    token = tokens[index]
    if token["half"]:
        morning, afternoon = token["half"].split("/")
        return afternoon if moment.seconds >= _DAY // 2 else morning
    if token["elapsed"]:
        unit = {"h": 3600, "m": 60, "s": 1}[token["elapsed"][0].lower()]
        return str(round(moment.serial * _DAY) // unit).zfill(len(token["elapsed"]))
    if not token["code"]:
        return token["quoted"] or token["escaped"] or token["other"] or ""
    code = token["code"].lower()
    if code[0] == "m" and _is_minute(tokens, index):
        return str(moment.seconds % 3600 // 60).zfill(min(len(code), 2))
    return _field(code, moment, halves)


def _is_minute(tokens: list[re.Match[str]], index: int) -> bool:
    """An ``m`` next to hours before or seconds after is minutes, not a month."""
    before = next(filter(None, map(_letter, reversed(tokens[:index]))), "")
    after = next(filter(None, map(_letter, tokens[index + 1 :])), "")
    return before == "h" or after == "s"


def _field(code: str, moment: Moment, halves: bool) -> str:
    letter, wide = code[0], len(code)
    hour = moment.seconds // 3600
    if letter in "ye":
        return f"{moment.year % 100:02}" if letter == "y" and wide < 3 else str(moment.year)
    if letter == "h":
        return str((hour % 12 or 12) if halves else hour).zfill(min(wide, 2))
    if letter == "s":
        return str(moment.seconds % 60).zfill(min(wide, 2))
    if letter == "m":
        name = _MONTHS[moment.month - 1]
        return {1: str(moment.month), 2: f"{moment.month:02}", 3: name[:3], 5: name[0]}.get(wide, name)
    return _day_field(letter, wide, moment)


def _day_field(letter: str, wide: int, moment: Moment) -> str:
    if letter == "a":
        return ("星期" if wide > 3 else "") + "一二三四五六日"[moment.weekday]
    if wide < 3:
        return str(moment.day).zfill(wide)
    return _DAYS[moment.weekday][: 3 if wide == 3 else None]
