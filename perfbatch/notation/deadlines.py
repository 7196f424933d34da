"""Date cells in their row: stored dates, deadlines in a sentence, a deadline with a figure (section 8)."""

from __future__ import annotations

import re

from perfbatch.notation import dates
from perfbatch.notation.figures import One, one
from perfbatch.notation.fold import fold
from perfbatch.notation.labels import label_hint, says_date, says_percent
from perfbatch.notation.lexicon import WORDS
from perfbatch.notation.numerals import RUN
from perfbatch.notation.reading import Draft, Reading, Row
from perfbatch.notation.signs import RUN as SIGNS
from perfbatch.notation.signs import written
from perfbatch.notation.targets import set_unit
from perfbatch.notation.units import is_time

_BARE_YEARS = re.compile("([0-9]{2})年(?:以?内|之?前|以前)?")
_SIGNED = re.compile(rf"({SIGNS.pattern})(.*)")
_BARE_MONTH = re.compile("[0-9]{1,2}月")
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_BARE_SPAN = re.compile("([0-9]{1,4})-([0-9]{1,4})")
_YEAR_MONTH = re.compile(r"((?:19|20)[0-9]{2})[./]([0-9]{1,2})(?![0-9./])")
_SHOWN_MONTH = re.compile("((?:19|20)[0-9]{2})[-./年]([0-9]{1,2})月?")
_MONTH_DAY = re.compile("[0-9]{1,2}月(?:1[3-9]|2[0-9]|3[01])[日号]")
_POINTED = re.compile(r"(0?[1-9]|1[0-2])\.(0[1-9]|[12][0-9]|3[01])")
_COMPACT = re.compile("((?:19|20)[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])")
_FORMATTED = re.compile("[^0-9年月日号时分秒上下午星期周一二三四五六A-Za-z:./-]")  # words of a format's own
_SERIAL = re.compile("[3-7][0-9]{4}")
_DATE_END = re.compile("[前日月年底末]")
_AFTER_DATE = tuple(WORDS["dates"]["tails"])


def read_stored(draft: Draft, folded: str, row: Row) -> Reading | None:
    """A cell that the workbook stores as a date, or a number that may be a date's serial number."""
    if row.stored == "date":
        found = dates.stored_date(draft.raw, row.number_format) or _displayed(folded, row)
        if found is None and _FORMATTED.search(folded):
            return None  # 2023年12月底前 by its number format: what the clerk sees is read as if it were typed
        if found is None:
            return draft.refuse("单元格为日期格式但不显示年份，可能由“1-12”之类的输入自动转换而来", "date")
        return dates.fill(draft, found)
    if row.stored != "number" or not _SERIAL.fullmatch(folded):
        return None
    if dates.is_date_format(row.number_format):
        day = dates.serial_date(int(folded))
        return dates.fill(draft, dates.Dated(day, day, "day", ()))
    if says_date(row.name, row.level2) and not row.unit:
        return draft.refuse(f"“{folded}”可能是未设日期格式的日期序列号，也可能是数字", "date")
    return None


def _displayed(folded: str, row: Row) -> dates.Dated | None:
    """Date of a cell whose format shows less than a full date, from what it shows.

    A month with its year is one, and where a date is expected a day of the form's year: not the first twelve
    days of a month, which 1-12 typed for a period turns into.
    """
    try:
        if shown := _SHOWN_MONTH.fullmatch(folded):
            return dates.dated(f"{shown[1]}年{shown[2]}月", None)
        late = _MONTH_DAY.fullmatch(folded) and says_date(row.name, row.level2)
        return dates.dated(folded, row.year) if late else None
    except dates.DateError:
        return None


def read_date(draft: Draft, text: str, row: Row, target: Reading | None) -> Reading | None:
    """Dates, deadlines, periods, and a deadline with a figure; None when the text is none of them."""
    if pointed := _month_and_day(text, row, target):
        return draft.refuse(f"“{text}”可能是{pointed}，也可能是数字", "date")
    if not (dates.looks_dated(text) or _BARE_SPAN.fullmatch(text) or _YEAR.match(text)):
        return None
    if target is not None and target.value is not None and is_time(target.unit) and not target.date_to:
        return None
    in_context = says_date(row.name, row.level2) or (target is not None and target.kind == "date")
    text, sign = _completed(text, row, in_context=in_context)
    if sign and _BARE_MONTH.fullmatch(text):
        return None
    assumed: tuple[str, ...] = ()
    if in_context and (bare := _BARE_YEARS.fullmatch(text)) and row.year == 2000 + int(bare[1]):
        return draft.refuse(f"“{text}”可能是{row.year}年，也可能是{bare[1]}年的时长", "date")
    try:
        text, assumed = dates.with_years(text, row.year)
        found = dates.dated(text, row.year)
        both = None if found or (target and target.value is not None) else _with_figure(text, row.year)
        found = found or (None if both else _in_sentence(draft, text, row, in_context))
    except dates.DateError as refusal:
        return draft.refuse(str(refusal), "date")
    for note in assumed if both or found else ():
        draft.assume(note)
    if both:
        return _both(draft, *both)
    if found is None:
        return None
    draft.op = written(sign) or "none"
    return dates.fill(draft, found)


def _month_and_day(text: str, row: Row, target: Reading | None) -> str:
    """The day that 12.31 may mean under a name of a date where neither unit nor target says that it is a figure."""
    match = _POINTED.fullmatch(text)
    if not match or row.unit or label_hint(row.name).unit or not says_date(row.name, ""):
        return ""
    return "" if target and target.value is not None else f"{int(match[1])}月{int(match[2])}日"


def _both(draft: Draft, deadline: dates.Dated, found: One) -> Reading:
    """A deadline and a figure in one cell: only the figure can be compared."""
    draft.date_to, draft.grain = deadline.end, deadline.grain
    draft.kind, draft.status, draft.value = "quantitative", "multiple", found.value
    set_unit(draft, found.unit.name)
    draft.note("一格填写了期限和数字，只能比较数字，期限请人工核对")
    return draft.done()


def _completed(text: str, row: Row, *, in_context: bool) -> tuple[str, str]:
    """Text of a date without its sign, completed from the unit cell or the date context; and the sign."""
    match = _SIGNED.fullmatch(text)
    sign, text = (match[1], match[2]) if match and written(match[1]) else ("", text)
    if row.unit and _YEAR.fullmatch(text) and fold(row.unit) in {"年", "年度"}:
        return f"{text}年", sign
    if not in_context:
        return text, sign
    if compact := _COMPACT.fullmatch(text):
        return f"{compact[1]}年{compact[2]}月{compact[3]}日", sign
    span = _BARE_SPAN.fullmatch(text)
    if span and all(1 <= int(side) <= 12 for side in span.groups()):
        return f"{text}月", sign
    if span and all(_YEAR.fullmatch(side) for side in span.groups()):
        return f"{text}年", sign
    return _YEAR_MONTH.sub(r"\1年\2月", text), sign


def _with_figure(text: str, year: int | None) -> tuple[dates.Dated, One] | None:
    """Deadline and figure of 11月底完成100%; a bare year before a figure is no deadline."""
    for match in _DATE_END.finditer(text):
        rest = text[match.end() :]
        found = one(rest) if RUN.search(rest) else None
        if found is None or found.value is None or found.noun or (found.head and not says_percent(found.head)):
            continue
        deadline = dates.dated(text[: match.end()], year)
        if deadline and not _whole_year(deadline) and found.unit.name and not is_time(found.unit.name):
            return deadline, found
    return None


def _whole_year(found: dates.Dated) -> bool:
    """Whether the date is only a year."""
    return found.grain == "year" and found.start is not None


def _in_sentence(draft: Draft, text: str, row: Row, in_context: bool) -> dates.Dated | None:
    """A date that opens a sentence (2023年12月底前完成全部任务), or the only one where a date is expected."""
    for match in reversed(list(_DATE_END.finditer(text))):
        rest = text[match.end() :]
        if rest.startswith(_AFTER_DATE) and not RUN.search(rest):
            found = dates.dated(text[: match.end()], row.year)
            if found:
                draft.assume("取文字开头的日期")
                return found
    found = dates.sole(text, row.year) if in_context else None
    if found is None or _whole_year(found):
        return None
    draft.assume("取文字中唯一的日期")
    return found
