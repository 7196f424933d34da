"""Amounts of the fund block, printed execution rates, points and scores (NOTATIONS.md sections 4, 6, 7)."""

import re
from decimal import Decimal
from functools import lru_cache

from perfbatch.notation.figures import RUN, blanks_inside, figure
from perfbatch.notation.reading import Money
from perfbatch.notation.units import is_money, unit_of, wan_power
from perfbatch.notation.words import UNITS, WORDS, fold, is_nil, without_mark

_AMOUNT = re.compile(rf"¥?(?P<minus>-?)¥?(?P<run>{RUN.pattern})(?P<tail>[^0-9]*)")
_BARE_SCALES = frozenset(UNITS["scales"])
_RATE = re.compile(rf"(?P<minus>-?)(?P<run>{RUN.pattern})(?P<percent>%?)")
_POINTS = re.compile(rf"(?P<minus>-?)¥?(?P<run>{RUN.pattern})(?:分整?|%)?")
_REMARKED = re.compile(r"([^()（）]+)[(（]([^()（）]+)[)）]\s*")
_CHANGES = re.compile(WORDS["remarks"]["changes"])
_TOLERANCE = Decimal(WORDS["rates"]["proof_tolerance"])
_LIMIT = Decimal(WORDS["rates"]["fraction_limit"])


def without_remark(text: str) -> str:
    """A figure or grade without a mark or the remark in brackets behind it: 92%（四舍五入）, 优（复核后）, 28.5③.

    What may say another one is no remark: （-3）, （万元）, （应为18）.
    """
    text = without_mark(text)
    found = _REMARKED.fullmatch(text)
    return found[1] if found and not _CHANGES.search(fold(found[2])) else text


def _money_unit(tail: str) -> str | None:
    """Unit written in the cell: '' for none, None for something that is no unit of money."""
    if not tail:
        return ""
    if tail in _BARE_SCALES:
        return f"{tail}元"
    unit = unit_of(tail)
    return unit.name if unit.known and not unit.rest and is_money(unit.name) else None


def _refused(note: str) -> Money:
    return Money(None, "", "none", "ambiguous", note)


@lru_cache(maxsize=8192)
def read_money(text: str, heading_unit: str, *, stored: str = "text") -> Money:
    """Amount of a fund cell in 万元, exact.

    The unit is the cell's own, else the heading's (`heading_unit`: 元, 百元, 千元, 万元, 亿元 or ''). Without
    any unit the amount is refused, save zero. A cell that holds only a unit is nil.
    """
    text = without_mark(text)
    if found := _REMARKED.fullmatch(text):
        amount, within = found[1], fold(found[2])
        if _money_unit(within):  # 50（万元）
            return read_money(amount + within, heading_unit, stored=stored)
        read, again = read_money(amount, heading_unit, stored=stored), read_money(within, "").value
        if again not in (None, read.value) or _CHANGES.search(within):  # but 500000元（50万元） is one amount
            return _refused(f"“{text.strip()}”可能是另一个金额")
        return read
    folded = fold(text).rstrip("。；;,，")
    if is_nil(folded):
        return Money(None, "", "none", "nil", "")
    if own := _money_unit(folded):
        return Money(None, own, "cell", "nil", "只有单位没有金额")
    match = _AMOUNT.fullmatch(folded)
    if match is None or stored in {"date", "bool", "error", "percent"}:
        return _refused(f"“{text.strip()}”不是金额")
    if blanks_inside(text.strip()) == "unclear":
        return _refused(f"“{text.strip()}”数字中间有空格，无法确定金额")
    run, heading = figure(match["run"]), fold(heading_unit)
    if run.value is None:
        return _refused(run.note)
    own = _money_unit(match["tail"])
    if own is None:
        return _refused(f"“{match['tail']}”不是金额单位")
    value = -run.value if match["minus"] else run.value
    unit = own or heading
    if not unit:
        return Money(value, "", "none", "ok", "") if value == 0 else _refused("金额单位未注明，无法换算为万元")
    power = wan_power(unit)
    if power is None:
        return _refused(f"“{unit}”不是金额单位")
    notes = [run.note] if run.note else []
    if own and own != heading:
        notes.append(f"按单元格内单位“{own}”读取" + (f"（表头为“{heading}”）" if heading else ""))
    elif own:
        notes.append(f"单元格内重复书写单位“{own}”")
    assumed = (own and own != heading) or run.state == "assumed"
    told = "；".join(notes)
    return Money(value.scaleb(power), unit, "cell" if own else "heading", "assumed" if assumed else "ok", told)


@lru_cache(maxsize=4096)
def read_rate(text: str, *, stored: str = "text", proof: Decimal | None = None) -> tuple[Decimal | None, str]:
    """Printed execution rate as a fraction of one, and its form.

    Forms: ``percent`` (86.19%), ``bare`` (20 for 20 %), ``fraction`` (0.97, 1), ``empty``, ``text``. A bare
    figure below 2 may be either; it is read only where `proof` (executed ÷ budget) proves one of the two,
    within half a percentage point.
    """
    text = without_remark(text)
    folded = fold(text).rstrip("。")
    if is_nil(folded):
        return None, "empty"
    match = _RATE.fullmatch(folded)
    read = figure(match["run"]) if match else None
    if match is None or read is None or read.value is None or blanks_inside(text.strip()) == "unclear":
        return None, "text"
    value = -read.value if match["minus"] else read.value
    if match["percent"]:
        return value.scaleb(-2), "percent"
    if stored == "percent":
        return value, "percent"
    if value == 0 or abs(value) >= _LIMIT:
        return value.scaleb(-2), "bare"
    fraction = proof is not None and abs(value - proof) <= _TOLERANCE
    percent = proof is not None and abs(value.scaleb(-2) - proof) <= _TOLERANCE
    if fraction == percent:
        return None, "fraction"
    return (value, "fraction") if fraction else (value.scaleb(-2), "bare")


@lru_cache(maxsize=4096)
def read_points(text: str, *, stored: str = "text") -> Decimal | None:
    """Points or score of a cell (``10``, ``10分``, ``８.５``, ``20.00%`` of a weight column), else None.

    A fraction stored with a percent format counts in percent, as it is shown.
    """
    match = _POINTS.fullmatch(fold(without_mark(text)))
    if match is None or stored in {"date", "bool", "error"} or blanks_inside(text.strip()):
        return None
    value = figure(match["run"]).value
    if value is None:
        return None
    if stored == "percent" and "%" not in fold(text):
        value = value.scaleb(2)
    return -value if match["minus"] else value


def read_score(text: str, worth: Decimal | None = None, *, stored: str = "text") -> Decimal | None:
    """As `read_points`, with what people write behind a score: 15（满分15）, and 8.8/10 where it is `worth` 10."""
    text = without_remark(text)
    score, _, whole = text.replace("／", "/").partition("/")
    return read_points(score if worth and read_points(whole) == worth else text, stored=stored)
