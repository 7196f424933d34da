"""Qualitative rows (定性指标): the band of the declared score; a score only where a ruleset gives one."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt

from perfbatch.decimals import plain
from perfbatch.notation import fold
from perfbatch.rulesets import Ruleset
from perfbatch.scoring.arrays import ZERO, Mask, elementwise, holds, texts
from perfbatch.scoring.block import Block

_ORDINALS = "一二三"


def fill_bands(block: Block, here: Mask) -> None:
    """Set `score_low` and `score_high` at `here`: the band of the verdict word, else the whole 0–W.

    The bounds are inclusive. The upper bound of a lower band belongs to the band above, so its `score_high`
    is one unit of the last place below it.
    """
    band = _bands(block, here)
    low, high, points = block.out["score_low"], block.out["score_high"], block.points
    low[here], high[here] = ZERO, points[here]
    told = "定性指标，按评判给分，不自动计算，得分应在 0 至 " + texts(points[here]) + " 之间"
    block.out["formula"][here] = told
    lows, highs = band_limits(block.rules)
    last_place = Decimal(1).scaleb(-block.rules["row_round"])
    for at, (lower, upper) in enumerate(zip(lows, highs, strict=True)):
        mine = here & (band == at)
        low[mine], bound = points[mine] * lower, points[mine] * upper
        high[mine] = bound - (last_place if at else ZERO)
        told = f"定性指标，结论为第{_ORDINALS[at]}档，得分应在 " + texts(low[mine]) + " 至 " + texts(bound) + " 之间"
        block.out["formula"][mine] = told + ("（不含 " + texts(bound) + "）" if at else "")
    _scores_by_rule(block, here, band)
    _direct_scores(block, here)


def labels(rules: Ruleset) -> dict[str, int]:
    """Verdict word → band (0 best) of the label sets in force."""
    bands: dict[str, int] = {}
    for name in rules["qual_labels"]:
        bands |= {_key(word): at for at, word in enumerate(rules["qual_label_sets"].get(name, ()))}
    for which, words in rules["qual_label_extra"].items():
        bands |= {_key(word): int(which) - 1 for word in words}
    return bands


def band_limits(rules: Ruleset) -> tuple[list[Decimal], list[Decimal]]:
    """Lower and upper limits of the bands as shares of the points, best band first."""
    bounds = [bound / 100 for bound in rules["qual_bands"]]
    return [*bounds, ZERO], [Decimal(1), *bounds]


def _key(text: str) -> str:
    return fold(text).strip("。;,.")


def _bands(block: Block, here: Mask) -> npt.NDArray[np.int64]:
    known_words = labels(block.rules)
    result = np.full(block.count, -1, dtype=np.int64)
    words = elementwise(_key, block["actual_text"][here])
    result[here] = elementwise(lambda word: known_words.get(word, -1), words).astype(np.int64)
    return result


def _scores_by_rule(block: Block, here: Mask, band: npt.NDArray[np.int64]) -> None:
    if block.rules["qual_score_mode"] != "by_rule":
        return
    for at, share in enumerate(block.rules["qual_rule_shares"]):
        mine = here & (band == at)
        told = block.out["formula"][mine] + f"；按规则给分：分值 × {plain(share)}"
        block.give(mine, block.points[mine] * share, told)


def _direct_scores(block: Block, here: Mask) -> None:
    """Yes/no targets that are met score in full; a missed one has no stated deduction, so no score."""
    if block.rules["direct_rule"] != "yes_no":
        return
    words = {_key(word) for word in block.rules["direct_words"]}
    target, actual = (elementwise(_key, block[column]) for column in ("target_text", "actual_text"))
    yes_no = holds(elementwise(words.__contains__, target))
    met = here & yes_no & holds(target == actual)
    block.out["score_low"][met] = points = block.points[met]
    block.give(met, points, "直接赋分：目标与实际一致，得满分 " + texts(points))
