"""Scores of indicator rows: direction, completion rate, deviation, score and the formula in Chinese.

Everything is done on whole columns, one ruleset at a time; figures are exact decimals. A row that cannot be
computed keeps null figures and its formula text says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

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
    one_of,
    pick,
    texts,
)  # fmt: skip
from perfbatch.scoring.block import COMPUTED, Block
from perfbatch.scoring.cases import Rows, decide
from perfbatch.scoring.direction import directions
from perfbatch.scoring.execution import Money, execution_figures
from perfbatch.scoring.qualitative import fill_bands
from perfbatch.scoring.tables import Rule, completion_cases, deviation_cases, score_cases

_UNSCORED_ROLES = {
    "child": "“其中”行，只作上级行的佐证，不单独计分",
    "parent": "按组计分，本行不自动计算",
    "process": "过程类指标没有目标值和实际值，只取自评得分",
}


def score_rows(
    frame: pd.DataFrame, names: Objects, rulesets: Mapping[str, Ruleset], money: Money
) -> dict[str, Objects]:
    """Computed columns of the indicator frame.

    `names` is the ruleset name of each row; `money` holds for each row what its project executed and the base
    of its rate, for rows that are the execution rate themselves.
    """
    columns = {name: nulls(len(frame)) for name in COMPUTED}
    for name in dict.fromkeys(names):
        at = np.flatnonzero(names == name)
        block = Block(frame, at, rulesets[name])
        _score_block(block, money.at(at))
        for column, values in block.out.items():
            columns[column][at] = values
    return columns


def _score_block(block: Block, money: Money) -> None:
    block.out["direction"] = directions(block)
    scored = one_of(block["role"], "indicator") & ~block.grouped & known(block.points)
    _not_applicable(block, scored & ~block.applicable)
    _execution_rows(block, money)
    _quantitative(block, (scored | _rates_without_money(block)) & block.applicable)
    _met_exactly(block, scored & block.applicable)
    _dates(block, scored & block.applicable)
    fill_bands(block, scored & block.applicable & one_of(block.out["direction"], "qualitative"))
    _deductions(block)
    _explain_gaps(block)
    both = known(block.out["score"]) & known(block["score_declared"])
    block.out["score_delta"][both] = block["score_declared"][both] - block.out["score"][both]


def _quantitative(block: Block, scored: Mask) -> None:
    places = block.rules["rate_round"]
    columns = (
        block["actual_base"], block["target_base"], block["target_base2"], block.points, _per_unit(block),
    )  # fmt: skip
    for rule, at in _rules_of_rows(block, np.flatnonzero(block.comparable())):
        rows = Rows(*(column[at] for column in columns))
        completion = decide(completion_cases(rule, block.rules), rows, "half_up", places, cap=False)
        block.out["completion_rate"][at] = completion.rounded
        deviation = decide(deviation_cases(rule), rows, "half_up", places, cap=False)
        block.out["deviation"][at] = deviation.rounded
        worth = scored[at] & holds(filled(rows.w) >= ZERO)
        _fill(block, at[worth], rule, rows.at(worth))


def _met_exactly(block: Block, scored: Mask) -> None:
    """A figure that is its target to the digit has all points, whichever way the target is meant."""
    here = block.clear() & one_of(block["kind"], "quantitative") & one_of(block.out["direction"], "none")
    here &= known(block["target_base"]) & known(block["actual_base"]) & one_of(block["comparison"], "yes", "assumed")
    met = here & holds(block["actual_base"] == block["target_base"]) & holds(filled(block["target_base"]) > ZERO)
    block.out["completion_rate"][met], block.out["deviation"][met] = Decimal(1), ZERO
    given = met & scored
    told = "实际等于目标，越多越好或越少越好都得满分 " + texts(block.points[given])
    block.give(given, block.points[given], told)
    block.say(here & ~met, "从名称看不出越多越好还是越少越好，不自动计分，请在指标值中写明≥或≤")


def _rules_of_rows(block: Block, at: npt.NDArray[np.int64]) -> list[tuple[Rule, npt.NDArray[np.int64]]]:
    """The `Rule`s that choose the tables of the rows at `at`, each with the positions it applies to."""
    direction = block.out["direction"].astype(str)
    strict = one_of(block["operator"], "gt", "lt") & bool(block.rules["strict_inequality"])
    level = block["level1"] + block["level2"]
    satisfaction = holds(elementwise(lambda text: "满意度" in text, level)) & one_of(block["unit"], "%")
    satisfaction &= holds(filled(block["target_value"]) != ZERO) & one_of(direction, "positive", "equal")
    cost = holds(elementwise(lambda text: "成本" in text, level))
    loose = tuple(block.rules["loose_zero_names"])
    open_zero = known(block["target_base"]) & holds(filled(block["target_base"]) == ZERO)
    open_zero[open_zero] = [any(word in name for word in loose) for name in block["level3"][open_zero]]
    keys = pd.MultiIndex.from_arrays([column[at] for column in (direction, strict, satisfaction, cost, open_zero)])
    numbers, combinations = pd.factorize(keys)
    return [
        (Rule(str(name), *(bool(flag) for flag in flags)), at[numbers == number])
        for number, (name, *flags) in enumerate(combinations)
    ]


def _per_unit(block: Block) -> Objects:
    """How many base units one written unit of the target is, null where it cannot be told."""
    usable = known(block["target_base"]) & holds(filled(block["target_value"]) != ZERO)
    factor = nulls(block.count)
    factor[usable] = block["target_base"][usable] / block["target_value"][usable]
    return factor


def _fill(block: Block, at: npt.NDArray[np.int64], rule: Rule, rows: Rows) -> None:
    rules = block.rules
    figures = decide(score_cases(rule, rules), rows, rules["round_mode"], rules["row_round"], cap=True)
    block.out["score_unrounded"][at], block.out["score"][at] = figures.unrounded, figures.rounded
    guessed = one_of(block["operator"][at], "none") & (rules["bare_target_direction"] == "by_name")
    way = pick(one_of(block.out["direction"][at], "negative"), "越少越好", "越多越好").astype(object)
    told = figures.text + "（目标无符号，按名称推定" + way + "）"
    block.out["formula"][at] = pick(guessed, told, figures.text)


def _execution_rows(block: Block, money: Money) -> None:
    """A row that is the execution rate itself is scored by the fund block, where that gives a rate."""
    mine = one_of(block["role"], "execution") & ~block.grouped & known(block.points)
    figures = execution_figures(money.at(mine), block.points[mine], block.rules)
    block.out["score_unrounded"][mine], block.out["score"][mine] = figures.unrounded, figures.rounded
    block.out["formula"][mine] = figures.text


def _rates_without_money(block: Block) -> Mask:
    """Rows that are the execution rate itself where the fund block gives none: scored by their own target."""
    mine = one_of(block["role"], "execution") & ~block.grouped & known(block.points)
    return mine & ~known(block.out["score"]) & bool(block.rules["exec_rule"] != "none")


def _dates(block: Block, scored: Mask) -> None:
    actual, target = block["actual_date"], block["target_date"]
    here = scored & block.clear() & one_of(block.out["direction"], "date")
    here &= ~one_of(target, "") & ~one_of(actual, "")
    met = here & holds(actual <= target)
    points = block.points[met]
    told = "实际 " + actual[met] + " 不晚于目标 " + target[met] + "，得满分 "
    block.give(met, points, told + texts(points))
    said = scored & block.clear() & one_of(block.out["direction"], "date") & one_of(actual, "")
    said &= one_of(block["comparison"], "assumed")
    block.give(said, block.points[said], "完成值为结论词，视为按期完成，得满分 " + texts(block.points[said]))
    late = here & ~met
    told = "实际 " + actual[late] + " 晚于目标 " + target[late] + "，没有通用扣分规则，不自动计分"
    block.out["formula"][late] = told


def _not_applicable(block: Block, here: Mask) -> None:
    rule = block.rules["na_rule"]
    if rule == "rescale":
        block.say(here, "不适用，不考核，总分折算为百分制")
    elif rule == "full_points":
        block.give(here, block.points[here], "不适用，按规则计满分")
    else:
        block.give(here, np.full(int(here.sum()), ZERO, dtype=object), "不适用，按规则计0分")


def _deductions(block: Block) -> None:
    """Subtract the 扣分 column, floor 0, where the ruleset has it (Guangxi)."""
    if not block.rules["deduction_column"]:
        return
    here = known(block.out["score"]) & known(block["deduction"])
    cut = block["deduction"][here]
    for column in ("score_unrounded", "score"):
        left = block.out[column][here] - cut
        block.out[column][here] = pick(holds(left < ZERO), ZERO, left)
    block.out["formula"][here] += " − 扣分 " + texts(cut)


def _explain_gaps(block: Block) -> None:
    """Say why a row has no computed score; one that has has its formula already."""
    for role, text in _UNSCORED_ROLES.items():
        block.say(one_of(block["role"], role), text)
    silent = one_of(block["role"], "indicator", "execution")
    block.say(silent & block.grouped, "分值或得分为合并单元格，按组计分，本行不自动计算")
    block.say(silent & ~known(block.points), "未列分值，不计算得分")
    block.say(silent & ~block.clear(), "目标或实际写法不明确，不自动计分")
    block.say(silent & one_of(block["comparison"], "dimension"), "目标与实际的单位不同，无法比较，不自动计分")
    block.say(silent, "目标或实际没有可以比较的数值，不自动计分")
