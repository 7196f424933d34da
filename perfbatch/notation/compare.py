"""Target against actual in one exact common unit (NOTATIONS.md section 14)."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from perfbatch.notation.fold import fold
from perfbatch.notation.lexicon import WORDS
from perfbatch.notation.nil import verdict
from perfbatch.notation.reading import Comparison, Reading
from perfbatch.notation.units import common, is_scale, measure, near, other_scale

_RATIO = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?):([0-9]{1,9}(?:\.[0-9]{1,9})?)")
_LIMIT = Decimal(WORDS["rates"]["fraction_limit"])
_REFUSED = {"ambiguous": "目标值或完成值无法确定，未比较", "multiple": "目标值或完成值含多个数字，未比较"}


def _none(note: str) -> Comparison:
    return Comparison("none", None, None, None, note)


@lru_cache(maxsize=8192)
def compare(target: Reading, actual: Reading) -> Comparison:
    """Target and actual as exact decimals in one unit, or why they cannot be compared.

    ``yes`` same unit or exact conversion; ``assumed`` a unit was taken from the other side, its wording
    differs, or a side is itself ``assumed``; ``dimension`` the units measure different things; ``none`` one
    side has no figure. Two dates give ``yes`` without figures: ask `on_time`.
    """
    for reading in (target, actual):
        if reading.status in _REFUSED and reading.value is None:
            return _none(_REFUSED[reading.status])
    if target.kind == "date":
        return _with_date(target, actual)
    if target.value is not None and actual.value is not None:
        return _figures(target, actual)
    return _ratios(target, actual) or _none("目标值或完成值没有可比较的数字")


def _with_date(target: Reading, actual: Reading) -> Comparison:
    """A date target against whatever the actual says."""
    if actual.kind == "date":
        assumed = "assumed" in {target.status, actual.status}
        return Comparison("assumed" if assumed else "yes", None, None, None, "")
    if actual.kind == "qualitative" and verdict(fold(actual.raw)) == "full":
        return Comparison("assumed", None, None, None, "完成值为结论词，视为按期完成")
    return _none("目标为日期，完成值不是日期，无法判断是否按期")


def _figures(target: Reading, actual: Reading) -> Comparison:
    """Two figures, brought into the smaller of the two units."""
    assert target.value is not None
    assert actual.value is not None
    unit = common(target.unit, actual.unit)
    if unit.state == "dimension":
        return _each(target, actual) or Comparison("dimension", None, None, None, unit.note)
    if unit.state == "assumed" and is_scale(unit.name):
        return _none(f"一侧写有“{unit.name}”，另一侧未写，未比较")
    if unit.state == "assumed" and _percent_or_fraction(target, actual):
        return _none("一侧为百分数，另一侧数字可能是百分数也可能是小数，未比较")
    if target.unit == actual.unit == "%" and _fraction_of(target.value, actual.value):
        return _none("目标可能把百分数写成了小数，未比较")
    if not target.unit and (doubt := other_scale(target.value, actual.value, actual.unit, "实际")):
        return _none(f"{doubt}，未比较")
    assumed = "assumed" in (unit.state, target.status, actual.status) or target.status == "multiple"
    second = target.value2 * unit.first if target.value2 is not None else None
    return Comparison(
        "assumed" if assumed else "yes",
        target.value * unit.first,
        second,
        actual.value * unit.second,
        unit.note,
    )


def _each(target: Reading, actual: Reading) -> Comparison | None:
    """1000元/人 beside 980元: where one side leaves out for what, and the figures are alike, it is the same price."""
    a, b = measure(target.unit), measure(actual.unit)
    alike = a.base == b.base == "元" and bool(a.per) != bool(b.per) and target.value2 is None
    if not alike or target.value is None or actual.value is None:
        return None
    power = min(a.power, b.power)
    first, second = target.value * 10 ** (a.power - power), actual.value * 10 ** (b.power - power)
    if first <= 0 or not near(second, first):
        return None
    return Comparison("assumed", first, None, second, f"一侧写“{target.unit}”、一侧写“{actual.unit}”，按同一口径比较")


def _fraction_of(target: Decimal, actual: Decimal) -> bool:
    """Whether a target of at most 1 % is the fraction of an actual a hundred times as large (0.95 beside 96)."""
    return 0 < target <= 1 and actual >= _LIMIT and target * 50 <= actual <= target * 200


def _percent_or_fraction(target: Reading, actual: Reading) -> bool:
    """Whether one side is a percentage and the other a bare figure that may be a fraction of one."""
    if "%" not in (target.unit, actual.unit):
        return False
    bare = actual if target.unit == "%" else target
    return bare.value is not None and bare.value != 0 and abs(bare.value) < _LIMIT


def _ratios(target: Reading, actual: Reading) -> Comparison | None:
    """Two ratios a:b, cross-multiplied so that the figures stay exact."""
    first, second = _RATIO.fullmatch(fold(target.raw)), _RATIO.fullmatch(fold(actual.raw))
    if first is None or second is None:
        return None
    a, b, c, d = (Decimal(part) for part in (*first.groups(), *second.groups()))
    if not b or not d:
        return None
    return Comparison("assumed", a * d, None, c * b, f"按比值比较：{first[0]}与{second[0]}通分后")


def on_time(target: Reading, actual: Reading) -> bool | None:
    """Whether a deadline was met; None when it cannot be told (other kinds, a coarser or open actual).

    Late when the actual begins after the target ends; in time when it ends by then. A full verdict word
    counts as in time (`compare` then says ``assumed``).
    """
    if target.kind != "date" or target.date_to is None:
        return None
    if actual.kind == "qualitative":
        return True if verdict(fold(actual.raw)) == "full" else None
    if actual.kind != "date" or actual.date_to is None:
        return None
    if actual.date_to <= target.date_to:
        return True
    return False if actual.date_from is not None and actual.date_from > target.date_to else None
