"""How a figure was rounded, and how many decimals it has."""

from __future__ import annotations

from decimal import Decimal

from perfbatch.decimals import half_up, plain, truncated


def other_rounding(exact: Decimal | None, declared: Decimal | None, most: int = 2) -> str:
    """How `declared` comes from `exact` at fewer places or by cutting (Chinese), or '' when it does not."""
    if exact is None or declared is None:
        return ""
    for places in range(most + 1):
        where = f"保留{places}位小数" if places else "取整数"
        if half_up(exact, places) == declared:
            return f"四舍五入{where}"
        if truncated(exact, places) == declared:
            return f"截尾{where}"
    return ""


def decimals(value: Decimal | None) -> int:
    """Number of decimals written (trailing zeros do not count)."""
    text = plain(value)
    return len(text.partition(".")[2])
