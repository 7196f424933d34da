"""Target and actual cells: the order in which the notations are tried (NOTATIONS.md sections 0 to 13)."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from perfbatch.notation import damage, dates
from perfbatch.notation.actuals import actual_figure, actual_words, nothing_done
from perfbatch.notation.figures import One, one
from perfbatch.notation.fold import fold
from perfbatch.notation.labels import says_bad, says_date, says_progress
from perfbatch.notation.lexicon import WORDS
from perfbatch.notation.nil import NONE_WORDS, NOT_APPLICABLE, is_nil, is_progress, is_template, verdict
from perfbatch.notation.numerals import RUN, blanks_inside
from perfbatch.notation.reading import Draft, Reading, Row
from perfbatch.notation.several import figures_in, is_ratio, is_scoring_rule, read_several, without_references
from perfbatch.notation.signs import RUN as SIGNS
from perfbatch.notation.signs import cell_sign, written
from perfbatch.notation.targets import target_figure, target_words
from perfbatch.notation.units import unit_of

_ENDS = "。；;，,、"
_WIDE = re.compile("[\uff01-\uff5e\u3000]")
_BLANKS = re.compile(r"\s")
_SQUARED = re.compile(r"(?<=[0-9千百万亿])(km|m|hm)\^?([23])(?![0-9])")
_POWERS = {"2": "²", "3": "³"}
_SIGNED = re.compile(rf"({SIGNS.pattern})(.*)")
_BARE_MONTH = re.compile("[0-9]{1,2}月")
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_BARE_SPAN = re.compile("([0-9]{1,4})-([0-9]{1,4})")
_SERIAL = re.compile("[3-7][0-9]{4}")
_DATE_END = re.compile("[前日月年底末]")
_AFTER_DATE = tuple(WORDS["dates"]["tails"])
_SPANS = frozenset({"年", "月", "天", "日", "季度", "周"})
_SHORT = 40  # longer texts are prose, where a stray character is no sign of damage


def read_target(
    text: str,
    *,
    sign: str = "",
    unit: str = "",
    name: str = "",
    level2: str = "",
    stored: str = "text",
    year: int | None = None,
    points: Decimal | None = None,
    number_format: str = "",
) -> Reading:
    """Reading of a target cell (指标值).

    `sign` and `unit` are the texts of their own cells where the form has them, `name` and `level2` the labels
    of the row, `stored` and `number_format` those of the cell, `year` the form's, `points` the row's (分值).
    """
    return _target(text, Row(sign, unit, name, level2, stored, year, points, number_format))


def read_actual(
    text: str,
    target: Reading,
    *,
    unit: str = "",
    name: str = "",
    level2: str = "",
    stored: str = "text",
    year: int | None = None,
    points: Decimal | None = None,
    number_format: str = "",
    sign: str = "",
) -> Reading:
    """Reading of an actual cell (实际完成值) beside its target.

    A missing unit is taken from the unit cell or the target; a repeated sign stays in `op` with the status
    ``assumed``. `sign` (the row's sign cell) only tells that a leading 2 cannot be a misread ≥.
    """
    return _actual(text, target, Row(sign, unit, name, level2, stored, year, points, number_format))


@lru_cache(maxsize=8192)
def _target(text: str, row: Row) -> Reading:
    draft = Draft(text)
    folded = _prepared(draft, text)
    early = _nothing(draft, folded, row) or _stored(draft, folded, row)
    if early:
        return early
    sign = cell_sign(row.sign)
    if sign in {"qualitative", "no_arithmetic"}:
        digits = RUN.search(folded) is not None
        draft.note(
            "指标性质为定性" + ("，指标值却是数字" if digits else "")
            if sign == "qualitative"
            else f"计算符号“{row.sign.strip()}”不参与计算"
        )
        return draft.words()
    found = _value(draft, folded, row, None)
    if isinstance(found, Reading):
        return found
    return target_figure(draft, found, row, sign) if found else target_words(draft, folded)


@lru_cache(maxsize=8192)
def _actual(text: str, target: Reading, row: Row) -> Reading:
    draft = Draft(text)
    folded = _prepared(draft, text)
    early = (
        nothing_done(draft, folded, target, row)
        or _nothing(draft, folded, row)
        or _stored(draft, folded, row)
    )
    if early:
        return early
    found = _value(draft, folded, row, target)
    if isinstance(found, Reading):
        return found
    return actual_figure(draft, found, target, row) if found else actual_words(draft, folded, target)


def _prepared(draft: Draft, text: str) -> str:
    """Folded text without closing punctuation, each normalisation noted."""
    bare = text.strip()
    folded = fold(bare)
    if folded != bare:
        if _WIDE.search(bare):
            draft.note("全角转半角")
        if _BLANKS.search(bare):
            draft.note("去除空白")
    if folded[-1:] and folded[-1] in _ENDS and folded.rstrip(_ENDS):
        folded = folded.rstrip(_ENDS)
        draft.note("去除句末标点")
    return _SQUARED.sub(lambda match: match[1] + _POWERS[match[2]], folded)


def _nothing(draft: Draft, folded: str, row: Row) -> Reading | None:
    """Nil words, 不适用, template text and a bare unit."""
    if row.stored == "empty" or not folded:
        return draft.nil()
    if folded.lower() in NOT_APPLICABLE:
        draft.applicable = False
        return draft.nil("不适用")
    if folded in NONE_WORDS and says_bad(row.name):
        return draft.words("“无”是指标值：指标为不应发生的事项")
    if is_nil(folded):
        return draft.nil()
    if is_template(folded):
        return draft.nil("模板提示文字未替换")
    unit = unit_of(folded)
    if unit.known and not unit.rest:
        draft.unit, draft.scale = unit.name, unit.scale
        return draft.nil("只有计量单位，没有数值")
    return None


def _stored(draft: Draft, folded: str, row: Row) -> Reading | None:
    """Cells that the workbook stores as a date, truth value or error, and date serial numbers."""
    if row.stored == "error":
        return draft.refuse(f"单元格为错误值“{folded}”")
    if row.stored == "bool":
        return draft.words()
    if row.stored == "date":
        found = dates.stored_date(draft.raw, row.number_format)
        if found is None:
            return draft.refuse("单元格为日期格式但不显示年份，可能由“1-12”之类的输入自动转换而来", "date")
        dates.fill(draft, found)
        return draft.done()
    if row.stored != "number" or not _SERIAL.fullmatch(folded):
        return None
    if dates.is_date_format(row.number_format):
        day = dates.serial_date(int(folded))
        dates.fill(draft, dates.Dated(day, day, "day", ()))
        return draft.done()
    if says_date(row.name, row.level2) and not row.unit:
        return draft.refuse(f"“{folded}”可能是未设日期格式的日期序列号，也可能是数字", "date")
    return None


def _value(draft: Draft, text: str, row: Row, target: Reading | None) -> Reading | One | None:
    """The notation of a non-empty cell: a finished reading, one figure, or None for words."""
    if len(text) <= _SHORT and (broken := damage.in_text(text)):
        return draft.refuse(broken)
    blanks = blanks_inside(draft.raw.strip())
    if blanks == "unclear" and len(text) <= _SHORT and not dates.looks_dated(text):
        return draft.refuse("数字中间有空格，可能是一个数也可能是多个数")
    if blanks == "group":
        draft.assume("数字中的不间断空格按千位分隔处理")
    if is_scoring_rule(text):
        return draft.several("内容为评分规则，不是指标值", "qualitative")
    if verdict(text) and not _progress_value(text, row, target):
        return None
    if reading := _date(draft, text, row, target):
        return reading
    found = one(text)
    if found and not found.prose:
        return found
    return _longer(draft, text, found, target)


def _progress_value(text: str, row: Row, target: Reading | None) -> bool:
    """Whether 已完成100% is a value: only under a name that itself measures progress."""
    return is_progress(text) and says_progress(row.name) and (target is None or target.unit in {"", "%"})


def _date(draft: Draft, text: str, row: Row, target: Reading | None) -> Reading | None:
    """Dates, deadlines, periods, and a deadline with a percentage."""
    if not (dates.looks_dated(text) or _BARE_SPAN.fullmatch(text) or row.unit):
        return None
    if target is not None and target.value is not None and target.unit in _SPANS:
        return None
    text, signed = _date_text(text, row)
    if signed and _BARE_MONTH.fullmatch(text):
        return None
    try:
        both = dates.deadline_with_percent(text, row.year)
        found = None if both else dates.dated(text, row.year) or _opening_date(draft, text, row.year)
    except dates.DateError as refusal:
        return draft.refuse(str(refusal), "date")
    if both:
        draft.date_from, draft.date_to, draft.grain = None, both[0].end, both[0].grain
        draft.kind, draft.status, draft.value, draft.unit = "quantitative", "multiple", Decimal(both[1]), "%"
        draft.note("一格填写了期限和百分比，只能比较百分比")
        return draft.done()
    if found is None:
        return None
    if signed:
        draft.op = written(signed) or "none"
    dates.fill(draft, found)
    return draft.done()


def _date_text(text: str, row: Row) -> tuple[str, str]:
    """Text of a date without its sign, completed from the unit cell or the date context of the row."""
    match = _SIGNED.fullmatch(text)
    signed, text = (match[1], match[2]) if match and written(match[1]) else ("", text)
    if row.unit and _YEAR.fullmatch(text) and fold(row.unit) in {"年", "年度"}:
        return f"{text}年", signed
    span = _BARE_SPAN.fullmatch(text)
    if span and says_date(row.name, row.level2):
        if all(1 <= int(side) <= 12 for side in span.groups()):
            return f"{text}月", signed
        if all(_YEAR.fullmatch(side) for side in span.groups()):
            return f"{text}年", signed
    return text, signed


def _opening_date(draft: Draft, text: str, year: int | None) -> dates.Dated | None:
    """A date at the start of a sentence that goes on without figures: 2023年12月底前完成全部建设任务."""
    for match in reversed(list(_DATE_END.finditer(text))):
        rest = text[match.end() :]
        if rest.startswith(_AFTER_DATE) and not RUN.search(rest):
            found = dates.dated(text[: match.end()], year)
            if found:
                draft.assume("取文字开头的日期")
                return found
    return None


def _longer(draft: Draft, text: str, found: One | None, target: Reading | None) -> Reading | One | None:
    """Several figures, or one figure in prose."""
    if is_ratio(text):
        return draft.words("比例，只与比例比较")
    if RUN.search(text) is None:
        return found
    several = read_several(draft, text) if found is None else None
    if isinstance(several, One) and target is not None:
        return draft.several("完成值为区间，无法确定实际数值")
    return several or _prose(draft, text)


def _prose(draft: Draft, text: str) -> Reading | One | None:
    """Figures in a sentence: the only one, several, or none that is a value."""
    bare = without_references(text)
    runs = figures_in(bare)
    if len(runs) > 1:
        return draft.several(f"文字中有多个数字：{'、'.join(runs[:4])}", "qualitative")
    if not runs:
        draft.note("文中的日期、文号或标准不作为指标值")
        return None
    return one(bare)
