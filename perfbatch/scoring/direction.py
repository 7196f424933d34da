"""Direction of an indicator: more is better, less is better, equal, range, date, qualitative or none."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from perfbatch.scoring.arrays import Objects, elementwise, pick
from perfbatch.scoring.block import Block

_BY_OPERATOR = {
    "ge": "positive", "gt": "positive", "le": "negative", "lt": "negative", "eq": "equal", "range": "range",
}  # fmt: skip
_BY_KIND = {"date": "date", "qualitative": "qualitative"}


def directions(block: Block) -> Objects:
    """Direction of every row by its sign; targets without a sign by `bare_target_direction`."""
    signed = elementwise(lambda operator: _BY_OPERATOR.get(operator, ""), block["operator"])
    by_kind = elementwise(lambda kind: _BY_KIND.get(kind, "none"), block["kind"])
    result = pick(block["kind"] == "quantitative", signed, by_kind)
    bare = np.flatnonzero(result == "")
    how = block.rules["bare_target_direction"]
    if how == "by_name":
        result[bare] = _by_name(block, bare)
    else:
        result[bare] = "positive" if how == "positive" else "none"
    return result


def _by_name(block: Block, at: npt.NDArray[np.int64]) -> Objects:
    """Less is better if name or group says so (成本, 事故 …), unless the name itself says more (整改率 …).

    The last word of a name outweighs what it is about: 培训费用 and 办结时限 are less-is-better, 节约成本 is not.
    A target that is itself a reduction (上访次数 下降10%) is more-is-better.
    """
    more, less, saving = (_stems(block.rules[f"{which}_name_stems"]) for which in ("positive", "negative", "saving"))
    reduction = re.compile(f"(?:{saving.pattern})(?![至到为])")  # 下降至5% is a level
    ends = tuple(block.rules["negative_name_endings"])
    names = block["level3"][at]
    whole = block["level1"][at] + block["level2"][at] + names

    def read(name: str, text: str, target: str) -> str:
        if reduction.search(target):
            return "positive"
        if name.endswith(ends) and not saving.search(name):
            return "negative"
        return "negative" if less.search(text) and not more.search(name) else "positive"

    return elementwise(read, names, whole, block["target_text"][at])


def _stems(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)) or r"(?!)")
