"""Dates, deadlines and periods: as texts, as cells in their row, in a sentence, with a figure (NOTATIONS.md 8)."""

import re
from calendar import monthrange
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

from perfbatch.notation.figures import RUN, One, chinese, one, years_in_digits
from perfbatch.notation.names import label_hint, says_date, says_percent
from perfbatch.notation.reading import Around, Draft, Reading
from perfbatch.notation.signs import SIGNS, written
from perfbatch.notation.units import is_time
from perfbatch.notation.words import WORDS, alternation, fold

_HEADS = re.compile(f"^(?:{alternation(WORDS['dates']['heads'])})")
_TAILS = re.compile(f"(?:{alternation(WORDS['dates']['tails'])})$")
_BEFORE = re.compile(f"(?:{alternation(WORDS['dates']['before'])})$")
_EVERY = re.compile("[每逐]")
_DATED = re.compile(
    rf"[年月季旬日号]|^(?:{alternation(WORDS['dates']['heads'])})?"
    r"(?:(?:19|20)[0-9]{2}[-./][0-9]{1,2}|[0-9]{2}([-./])[0-9]{1,2}\1[0-9]{1,2})"
)
_NUMERAL = re.compile("(?:十[一二]|[一二三四五六七八九十])(?=月|季)")  # 十二月, 三季度

# a year named by its place beside the form's, and one of two digits where no number of years can be meant
_BESIDE = {word: int(step) for step, words in WORDS["dates"]["beside"].items() for word in words}
_RELATIVE = re.compile(
    f"(?:{alternation(_BESIDE)})(?=度?(?:全年|[0-9]{{1,2}}月|[初底末终]|第?[1-4一二三四]季|[上下]半年))"
)
# 23年6月底
_SHORT = re.compile("(?<![0-9])([0-9]{2})年(?=年?[初底末终]|[0-9]{1,2}月|第?[1-4一二三四]季|[上下]半年|全年|度)")
_SHORT_DAY = re.compile(r"(?<![0-9])([0-9]{2})([-./])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])(?=$|[日前之以完])")  # 23.6.30
_NEAR: int = WORDS["dates"]["two_digits_within"]
# the time of day of a timestamp, blanks taken out: 00:00:00, T08:00:00.000Z, T08:00:00+08:00
_HOUR = "(?:(?:2[0-4]|1?[0-9])[时点](?:[0-9]{1,2}分)?)?"  # 12月31日24时
_CLOCK = r"(?:T?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_YEAR = r"(?P<y>(?:19|20)[0-9]{2})"
_PARTS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "初": (1, 10), "中": (11, 20)}
_DAY = re.compile(
    rf"(?:(?:{_YEAR}年)?(?P<m>[0-9]{{1,2}})月(?P<d>[0-9]{{1,2}})[日号]{_HOUR}"
    rf"|(?P<y2>(?:19|20)[0-9]{{2}})(?P<sep>[-./])(?P<m2>[0-9]{{1,2}})(?P=sep)(?P<d2>[0-9]{{1,2}}){_CLOCK})"
)
_MONTH = re.compile(
    rf"(?:(?:{_YEAR}年)?(?P<m>[0-9]{{1,2}})月份?(?P<part>上旬|中旬|下旬|初|中|底|末)?|(?P<y2>(?:19|20)[0-9]{{2}})-(?P<m2>[0-9]{{1,2}}))"
)
_PART = re.compile(rf"(?:{_YEAR}年)?(?:第?(?P<q>[1-4])季度?|(?P<h>[上下])半年)(?P<part>底|末|内)?")
_WHOLE = re.compile(rf"(?:{_YEAR}年度?|(?:当年度?|本年度?|今年|年度)?)(?P<part>全年度?|全年内|年?[底末终内])?")
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]')
_SPAN = re.compile(r"(.+?)(?:-|~|—+|–|至|到)(.+)")
_INSIDE = re.compile(  # the dates in a sentence
    r"(?:(?:19|20)[0-9]{2}年)?[0-9]{1,2}月(?:[0-9]{1,2}[日号]|上旬|中旬|下旬|底|末|初)?(?:之前|以前|前)?"
    r"|(?:19|20)[0-9]{2}年(?:年?[底末终])?(?:之前|以前|前)?"
)
_DIGIT = re.compile("[0-9]")


class Period(NamedTuple):
    """First and last day, whether the year is written, the end is meant (底, 末, a day), it is only a year."""

    first: date
    last: date
    has_year: bool
    ends: bool
    whole_year: bool = False


class Dated(NamedTuple):
    """What a date text says: `start` is None for "before …"; `notes` are the conventions assumed."""

    start: date | None
    end: date
    notes: tuple[str, ...]
    whole_year: bool = False


class DateError(Exception):
    """A text of the form of a date that names no day of the calendar, or lacks its year."""


def looks_dated(text: str) -> bool:
    """Cheap test before the date patterns are tried."""
    return _DATED.search(text) is not None


def with_years(text: str, year: int | None) -> tuple[str, tuple[str, ...]]:
    """The text with its years in four digits, and what was assumed: 次年1月20日, 23年6月底前, 23.6.30.

    Two digits are a year only near the form's; raises DateError where they may be something else.
    """
    if text[:4].isdigit():  # the usual: the year is there
        return text, ()
    notes: list[str] = []

    def beside(match: re.Match[str]) -> str:
        if year is None:
            raise DateError(f"“{match[0]}”所对的年度未知")
        notes.append(f"“{match[0]}”按{year + _BESIDE[match[0]]}年理解")
        return f"{year + _BESIDE[match[0]]}年"

    def full(match: re.Match[str]) -> str:
        written = 2000 + int(match[1])
        if year is None or abs(written - year) > _NEAR:
            raise DateError(f"“{match[0]}”可能是{written}年，也可能不是年份")
        if match[0][2] == "年":
            notes.append(f"“{match[1]}年”按{written}年理解")
            return f"{written}年"
        notes.append(f"“{match[0]}”的年份按{written}年理解")
        return f"{written}{match[0][2:]}"

    text = _RELATIVE.sub(beside, text)
    return _SHORT_DAY.sub(full, _SHORT.sub(full, text), count=1), tuple(notes)


def _period(text: str, year: int | None) -> Period | None:
    """The period that the whole text names; ValueError when the calendar has no such day."""
    if match := _DAY.fullmatch(text):
        written = match["y"] or match["y2"]
        day = date(_year(written, year), int(match["m"] or match["m2"]), int(match["d"] or match["d2"]))
        return Period(day, day, bool(written), True)
    if match := _MONTH.fullmatch(text):
        written = match["y"] or match["y2"]
        named, month, part = _year(written, year), int(match["m"] or match["m2"]), match["part"] or ""
        days = monthrange(named, month)[1]
        begin, stop = _PARTS.get(part, (1, days))
        day = date(named, month, min(stop, days))
        return Period(day.replace(day=begin), day, bool(written), bool(part))
    if match := _PART.fullmatch(text):
        named, ends = _year(match["y"], year), match["part"] in {"底", "末"}
        months = 3 if match["q"] else 6
        last = 3 * int(match["q"]) if match["q"] else {"上": 6, "下": 12}[match["h"]]
        end = date(named, last, monthrange(named, last)[1])
        return Period(date(named, last if ends else last - months + 1, 1), end, bool(match["y"]), ends)
    if "年" in text and (match := _WHOLE.fullmatch(text)):
        whole = _year(match["y"], year)
        ends = (match["part"] or "")[-1:] in {"底", "末", "终"}
        first = date(whole, 12 if ends else 1, 1)
        return Period(first, date(whole, 12, 31), bool(match["y"]), ends, whole_year=not ends)
    return None


def _year(written: str | None, year: int | None) -> int:
    """The written year, else the form's."""
    if written:
        return int(written)
    if year is None:
        raise DateError("日期未写年份，且表内年度未知")
    return year


def _span(text: str, year: int | None) -> Period | None:
    """A period "from – to": 2021年1月-12月, 1-12月, 2020-2022年."""
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    left, right = match.groups()
    if left.isdigit():
        left += right.lstrip("0123456789")[:1]
    elif re.fullmatch(r"(?:19|20)[0-9]{2}年[0-9]{1,2}", left) and re.match("[0-9]{1,2}月(?![0-9])", right):
        left += "月"
    if right.isdigit() and left[-1:] in "年月日":
        right += left[-1:]
    start = _period(left, year)
    end = _period(right, start.first.year if start else year)
    if start is None or end is None:
        return None
    if end.last < start.first:
        raise DateError(f"起止日期颠倒：“{text}”")
    return Period(start.first, end.last, start.has_year, True, end.whole_year)


def _core(text: str) -> tuple[str, bool]:
    """Text without 于…, …完成 and 前, and whether 前 was there."""
    while (shorter := _HEADS.sub("", text)) and shorter != text:
        text = shorter
    before = False
    while True:
        shorter = _TAILS.sub("", text)
        if not before and _BEFORE.search(shorter):
            shorter, before = _BEFORE.sub("", shorter), True
        if shorter == text or not shorter:
            return text, before
        text = shorter


def dated(text: str, year: int | None) -> Dated | None:
    """Period or deadline that the folded text names, None when it is no date.

    Raises DateError, with a Chinese reason, for a text of the form of a date that fixes no day.
    """
    if _EVERY.search(text):
        return None
    text = _NUMERAL.sub(lambda match: str(chinese(match[0])), years_in_digits(text))
    core, before = _core(text)
    try:
        period = _period(core, year) or _span(core, year)
    except (ValueError, OverflowError):
        raise DateError(f"日期“{core}”不存在") from None
    if period is None:
        return None
    notes = [] if period.has_year else [f"日期未写年份，按表内年度{year}年理解"]
    if core[-2:] in {"上旬", "中旬", "下旬"} or core[-1:] in {"初", "中"}:
        notes.append(f"“{core}”按{period.last.day}日止理解")
    if not before:
        return Dated(period.first, period.last, tuple(notes), period.whole_year)
    if period.ends:
        return Dated(None, period.last, tuple(notes))
    last = period.first - timedelta(days=1)
    return Dated(None, last, (*notes, f"“{core}前”按{last.month}月{last.day}日止理解，各地用法不一"))


def fill(draft: Draft, found: Dated) -> Reading:
    """The reading of a date, with its assumptions."""
    draft.kind, draft.date_from, draft.date_to = "date", found.start, found.end
    for note in found.notes:
        draft.assume(note)
    return draft.done()


def is_date_format(number_format: str) -> bool:
    """Whether a number format code shows a date with its year."""
    code = _LITERAL.sub("", number_format.lower())
    return "y" in code and ("m" in code or "d" in code)


_BARE_YEARS = re.compile("([0-9]{2})年(?:以?内|之?前|以前)?")  # 23年: of the form, or so many years?
_SIGNED = re.compile(rf"({SIGNS.pattern})(.*)")
_BARE_MONTH = re.compile("[0-9]{1,2}月")
_BARE_YEAR = re.compile("(?:19|20)[0-9]{2}")
_BARE_SPAN = re.compile("([0-9]{1,4})-([0-9]{1,4})")
_YEAR_MONTH = re.compile(r"((?:19|20)[0-9]{2})[./]([0-9]{1,2})(?![0-9./])")  # 2023.6
_SHOWN_MONTH = re.compile("((?:19|20)[0-9]{2})[-./年]([0-9]{1,2})月?")
_MONTH_DAY = re.compile("[0-9]{1,2}月(?:1[3-9]|2[0-9]|3[01])[日号]")
_POINTED = re.compile(r"(0?[1-9]|1[0-2])\.(0[1-9]|[12][0-9]|3[01])")  # 12.31
_COMPACT = re.compile("((?:19|20)[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])")  # 20231231
_FORMATTED = re.compile("[^0-9年月日号时分秒上下午星期周一二三四五六A-Za-z:./-]")  # words of a format's own
_SERIAL = re.compile("[3-7][0-9]{4}")  # 45291: what is left of a date whose format was lost
_DATE_END = re.compile("[前日月年底末]")
_AFTER_DATE = tuple(WORDS["dates"]["tails"])


def read_stored(draft: Draft, folded: str, row: Around) -> Reading | None:
    """A cell that the workbook stores as a date, or a number that may be a date's serial number."""
    if row.stored == "date":
        if row.number_format.lower() in {"", "general"} or is_date_format(row.number_format):  # with its year
            with suppress(ValueError):
                day = date.fromisoformat(draft.raw.strip()[:10])
                return fill(draft, Dated(day, day, ()))
        if found := _displayed(folded, row):
            return fill(draft, found)
        if _FORMATTED.search(folded):
            return None  # 2023年12月底前 by its number format: what the clerk sees is read as if it were typed
        return draft.refuse("单元格为日期格式但不显示年份，可能由“1-12”之类的输入自动转换而来", "date")
    if row.stored != "number" or not _SERIAL.fullmatch(folded):
        return None
    if is_date_format(row.number_format):
        day = date(1899, 12, 30) + timedelta(days=int(folded))  # the 1900 date system
        return fill(draft, Dated(day, day, ()))
    if says_date(row.name, row.level2) and not row.unit:
        return draft.refuse(f"“{folded}”可能是未设日期格式的日期序列号，也可能是数字", "date")
    return None


def _displayed(folded: str, row: Around) -> Dated | None:
    """Date of a cell whose format shows less than a full date, from what it shows.

    A month with its year is one, and where a date is expected a day of the form's year: not the first twelve
    days of a month, which 1-12 typed for a period turns into.
    """
    try:
        if shown := _SHOWN_MONTH.fullmatch(folded):
            return dated(f"{shown[1]}年{shown[2]}月", None)
        late = _MONTH_DAY.fullmatch(folded) and says_date(row.name, row.level2)
        return dated(folded, row.year) if late else None
    except DateError:
        return None


def read_date(draft: Draft, text: str, row: Around, target: Reading | None) -> Reading | None:
    """Dates, deadlines, periods, and a deadline with a figure; None when the text is none of them."""
    # 12.31 under the name of a date, where neither unit nor target says that it is a figure
    bare = not row.unit and not label_hint(row.name).unit and (not target or target.value is None)
    if (pointed := _POINTED.fullmatch(text)) and bare and says_date(row.name, ""):
        return draft.refuse(f"“{text}”可能是{int(pointed[1])}月{int(pointed[2])}日，也可能是数字", "date")
    if not (looks_dated(text) or _BARE_SPAN.fullmatch(text) or _BARE_YEAR.match(text)):
        return None
    if target is not None and target.value is not None and is_time(target.unit) and not target.date_to:
        return None
    in_context = says_date(row.name, row.level2) or (target is not None and target.kind == "date")
    text, sign = _completed(text, row, in_context=in_context)
    if sign and _BARE_MONTH.fullmatch(text):
        return None
    assumed: tuple[str, ...] = ()
    if in_context and (years := _BARE_YEARS.fullmatch(text)) and row.year == 2000 + int(years[1]):
        return draft.refuse(f"“{text}”可能是{row.year}年，也可能是{years[1]}年的时长", "date")
    try:
        text, assumed = with_years(text, row.year)
        found = dated(text, row.year)
        both = None if found or (target and target.value is not None) else _with_figure(text, row.year)
        found = found or (None if both else _in_sentence(draft, text, row, in_context))
    except DateError as refusal:
        return draft.refuse(str(refusal), "date")
    for note in assumed if both or found else ():
        draft.assume(note)
    if both:  # only the figure can be compared
        deadline, figure = both
        draft.date_to, draft.unit = deadline.end, figure.unit.name
        draft.kind, draft.status, draft.value = "quantitative", "multiple", figure.value
        return draft.done("一格填写了期限和数字，只能比较数字，期限请人工核对")
    if found is None:
        return None
    draft.op = written(sign) or "none"
    return fill(draft, found)


def _completed(text: str, row: Around, *, in_context: bool) -> tuple[str, str]:
    """Text of a date without its sign, completed from the unit cell or the date context; and the sign."""
    match = _SIGNED.fullmatch(text)
    sign, text = (match[1], match[2]) if match and written(match[1]) else ("", text)
    if row.unit and _BARE_YEAR.fullmatch(text) and fold(row.unit) in {"年", "年度"}:
        return f"{text}年", sign
    if not in_context:
        return text, sign
    if compact := _COMPACT.fullmatch(text):
        return f"{compact[1]}年{compact[2]}月{compact[3]}日", sign
    span = _BARE_SPAN.fullmatch(text)
    if span and all(1 <= int(side) <= 12 for side in span.groups()):
        return f"{text}月", sign
    if span and all(_BARE_YEAR.fullmatch(side) for side in span.groups()):
        return f"{text}年", sign
    return _YEAR_MONTH.sub(r"\1年\2月", text), sign


def _with_figure(text: str, year: int | None) -> tuple[Dated, One] | None:
    """Deadline and figure of 11月底完成100%; a bare year before a figure is no deadline."""
    for match in _DATE_END.finditer(text):
        rest = text[match.end() :]
        found = one(rest) if RUN.search(rest) else None
        if found is None or found.value is None or found.noun or (found.head and not says_percent(found.head)):
            continue
        deadline = dated(text[: match.end()], year)
        if deadline and not deadline.whole_year and found.unit.name and not is_time(found.unit.name):
            return deadline, found
    return None


def _in_sentence(draft: Draft, text: str, row: Around, in_context: bool) -> Dated | None:
    """A date that opens a sentence (2023年12月底前完成全部任务), or the only one where a date is expected."""
    for match in reversed(list(_DATE_END.finditer(text))):
        rest = text[match.end() :]
        if rest.startswith(_AFTER_DATE) and not RUN.search(rest) and (found := dated(text[: match.end()], row.year)):
            draft.assume("取文字开头的日期")
            return found
    inside = _INSIDE.findall(text)
    if not in_context or len(inside) != 1 or _EVERY.search(text) or _DIGIT.search(_INSIDE.sub("", text)):
        return None
    found = dated(inside[0], row.year)
    if found is None or found.whole_year:
        return None
    draft.assume("取文字中唯一的日期")
    return found
