"""Budget execution rate and its score (预算执行率), whole columns at a time."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from perfbatch.decimals import percent, plain
from perfbatch.rulesets import Ruleset
from perfbatch.scoring.arrays import (
    ZERO,
    Mask,
    Objects,
    elementwise,
    filled,
    holds,
    known,
    nulls,
    pick,
    rounder,
)
from perfbatch.scoring.cases import Figures

BASE_WORDS = {"adjusted": "全年预算数", "initial": "年初预算数"}


class Money(NamedTuple):
    """What was executed and the base of the rate, in 万元, null where not read."""

    executed: Objects
    base: Objects

    def at(self, where: npt.NDArray[np.int64] | Mask) -> Money:
        """The figures at some positions."""
        return Money(self.executed[where], self.base[where])

    def usable(self) -> Mask:
        """Where a rate exists: a base of 0 gives none, though the platform divides by 1 there."""
        return known(self.executed) & known(self.base) & holds(filled(self.base) > ZERO)

    def rates(self, places: int) -> Objects:
        """Executed ÷ base rounded half up to `places` decimals, null where none exists."""
        result, here = nulls(len(self.base)), self.usable()
        result[here] = rounder("half_up", places)(self.executed[here] / self.base[here])
        return result


def execution_figures(money: Money, points: Objects, rules: Ruleset, finished: Mask | None = None) -> Figures:
    """Score of the execution rate by `exec_rule`, with its Chinese formula; null where there is none.

    `finished` marks projects whose indicators were all reached: with `exec_saved` they lose nothing by steps for
    having spent less than their budget.
    """
    count, usable = len(points), money.usable()
    result = Figures(nulls(count), nulls(count), np.full(count, "", dtype=object))
    result.text[~usable] = f"{BASE_WORDS[rules['exec_base']]}为空或为0，或执行数为空，不计算执行率"
    if rules["exec_rule"] == "none":
        result.text[usable] = "只列执行率，不计分"
        return result
    here = usable & known(points)
    if rules["exec_rule"] == "steps":
        saved = here & holds(filled(money.executed) <= filled(money.base)) & holds(filled(money.executed) > ZERO)
        saved &= np.zeros(count, dtype=bool) if finished is None else finished
        saved &= rules["exec_saved"] == "finished_full"
        result.unrounded[saved] = points[saved]
        result.text[saved] = "各项指标已完成，支出不超预算，得满分"
        _steps(result, here & ~saved, money, points, rules)
    else:
        _proportional(result, here, money, points, rules)
    scored = known(result.unrounded)
    value, worth = result.unrounded[scored], points[scored]
    final = rounder(rules["round_mode"], rules["row_round"])(value)
    # rounding to the form's decimals may not lift a score over its points, nor cut full points
    keep = holds(value == worth) | (holds(final > worth) & bool(rules["exec_cap"]))
    result.rounded[scored] = pick(keep, worth, final)
    return result


def _proportional(result: Figures, here: Mask, money: Money, points: Objects, rules: Ruleset) -> None:
    (spent, base), worth = money.at(here), points[here]
    value = pick(holds(spent < ZERO), ZERO, spent) * worth / base
    result.unrounded[here] = pick(holds(value > worth) & bool(rules["exec_cap"]), worth, value)
    word = BASE_WORDS[rules["exec_base"]]

    def told(e: Decimal, b: Decimal, w: Decimal) -> str:
        over = "，以分值为上限" if rules["exec_cap"] and e > b else ""
        return f"执行 {plain(e)} ÷ {word} {plain(b)} × 分值 {plain(w)}{over}"

    result.text[here] = elementwise(told, spent, base, worth)


def _steps(result: Figures, here: Mask, money: Money, points: Objects, rules: Ruleset) -> None:
    """Steps say nothing about more than 100 %: such a rate gets no automatic score."""
    rate = np.full(len(points), ZERO, dtype=object)
    rate[here] = money.executed[here] / money.base[here]
    over = here & holds(rate > 1)
    result.text[over] = "执行数超过预算，分档办法没有规定，不自动计分"
    left = here & ~over
    for bound, share in rules["exec_steps"]:
        mine = left & holds(rate >= bound)
        result.unrounded[mine] = points[mine] * share
        told = f"，达到 {percent(bound)} 一档：分值 × {plain(share)}"
        result.text[mine] = "执行率 " + elementwise(percent, rate[mine]) + told
        left &= ~mine
