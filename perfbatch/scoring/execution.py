"""Budget execution rate and its score (预算执行率)."""

from decimal import Decimal
from typing import NamedTuple

from perfbatch.decimals import half_up, percent, plain
from perfbatch.rulesets import Ruleset
from perfbatch.scoring.tables import ZERO, Result, rounder

BASE_WORDS = {"adjusted": "全年预算数", "initial": "年初预算数"}


class Money(NamedTuple):
    """What a project executed and the base of its rate, in 万元 (as written where no unit is known), null if unread."""

    executed: Decimal | None
    base: Decimal | None

    def usable(self) -> tuple[Decimal, Decimal] | None:
        """Both where a rate exists: a base of 0 gives none, though the platform divides by 1 there."""
        if self.executed is None or self.base is None or self.base <= ZERO:
            return None
        return self.executed, self.base

    def rate(self, places: int) -> Decimal | None:
        """Executed ÷ base rounded half up to `places` decimals, null where none exists."""
        both = self.usable()
        return None if both is None else half_up(both[0] / both[1], places)


def execution_result(money: Money, points: Decimal | None, rules: Ruleset, *, finished: bool = False) -> Result:
    """Score of the execution rate by `exec_rule`, with its Chinese formula; null where there is none.

    `finished` tells that all indicators were reached: with `exec_saved` such a project loses nothing by steps for
    having spent less than its budget.
    """
    both, word = money.usable(), BASE_WORDS[rules["exec_base"]]
    if both is None:
        return Result(None, None, f"{word}为空或为0，或执行数为空，不计算执行率")
    if rules["exec_rule"] == "none" or points is None:
        return Result(None, None, "只列执行率，不计分" if rules["exec_rule"] == "none" else "")
    spent, base = both
    if rules["exec_rule"] == "steps":
        saved = finished and ZERO < spent <= base and rules["exec_saved"] == "finished_full"
        rate, value, text = spent / base, None, ""
        if saved:
            value, text = points, "各项指标已完成，支出不超预算，得满分"
        elif rate > 1:
            text = "执行数超过预算，分档办法没有规定，不自动计分"
        elif step := next((step for step in rules["exec_steps"] if rate >= step[0]), None):
            value, reached = points * step[1], f"执行率 {percent(rate)}，达到 {percent(step[0])} 一档"
            text = f"{reached}：分值 × {plain(step[1])}"
    else:
        value = max(spent, ZERO) * points / base
        over = "，以分值为上限" if rules["exec_cap"] and spent > base else ""
        text = f"执行 {plain(spent)} ÷ {word} {plain(base)} × 分值 {plain(points)}{over}"
        if rules["exec_cap"]:
            value = min(value, points)
    if value is None:
        return Result(None, None, text)
    final = rounder(rules["round_mode"], rules["row_round"])(value)
    # rounding to the form's decimals may not lift a score over its points, nor cut full points
    if value == points or (final > points and rules["exec_cap"]):
        final = points
    return Result(value, final, text)
