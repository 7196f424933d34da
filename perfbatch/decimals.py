"""Exact decimal arithmetic for money, rates and scores.

Frames keep `decimal.Decimal` objects, so 2.675 rounds to 2.68 as the clerk computes by hand (四舍五入).
"""

from collections.abc import Iterable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from functools import cache, reduce

# Wide enough that the one division in a formula cannot fall on the wrong side of a half.
CONTEXT = Context(prec=50, rounding=ROUND_HALF_UP)


def half_up(value: Decimal, places: int) -> Decimal:
    """Round half up (四舍五入) to `places` decimals."""
    return value.quantize(_unit(places), rounding=ROUND_HALF_UP, context=CONTEXT)


@cache
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def truncated(value: Decimal, places: int) -> Decimal:
    """Cut to `places` decimals without rounding."""
    return value.quantize(_unit(places), rounding=ROUND_DOWN, context=CONTEXT)


def total(values: Iterable[Decimal]) -> Decimal:
    """Exact sum."""
    return reduce(CONTEXT.add, values, Decimal(0))


def divide(numerator: Decimal, denominator: Decimal) -> Decimal:
    """Quotient with 50 significant digits; the caller guards the zero."""
    return CONTEXT.divide(numerator, denominator)


def mean(whole: Decimal, count: Decimal | int) -> Decimal | None:
    """Sum ÷ count (or weight), rounded half up to two decimals; None where nothing counts."""
    return half_up(divide(whole, Decimal(count)), 2) if count > 0 else None


def plain(value: Decimal | None) -> str:
    """Shortest plain notation: ``12.50`` → ``12.5``, ``1E+3`` → ``1000``, None → empty."""
    if value is None:
        return ""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def percent(value: Decimal | None, places: int = 2) -> str:
    """A fraction as percent, rounded half up and without trailing zeros: 0.86190 → ``86.19%``."""
    return "" if value is None else f"{plain(half_up(value * 100, places))}%"


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
    return len(plain(value).partition(".")[2])
