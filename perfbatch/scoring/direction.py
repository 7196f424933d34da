"""Direction of an indicator: more is better, less is better, equal, range, date, qualitative or none."""

from __future__ import annotations

import numpy as np

from perfbatch.notation.names import bare_direction
from perfbatch.scoring.arrays import Objects, elementwise, pick
from perfbatch.scoring.block import Block

_BY_OPERATOR = {
    "ge": "positive", "gt": "positive", "le": "negative", "lt": "negative", "eq": "equal", "range": "range",
}  # fmt: skip
_BY_KIND = {"date": "date", "qualitative": "qualitative"}
_WAYS = {"more": "positive", "less": "negative", "unclear": "none"}


def directions(block: Block) -> Objects:
    """Direction of every row by its sign; targets without a sign by `bare_target_direction`.

    A name that does not say whether more or less is better gives ``none``: such a row is asked about.
    """
    signed = elementwise(lambda operator: _BY_OPERATOR.get(operator, ""), block["operator"])
    by_kind = elementwise(lambda kind: _BY_KIND.get(kind, "none"), block["kind"])
    result = pick(block["kind"] == "quantitative", signed, by_kind)
    bare = np.flatnonzero(result == "")
    how = block.rules["bare_target_direction"]
    if how == "by_name":
        names = (block[column][bare] for column in ("level3", "level2", "target_text"))
        result[bare] = elementwise(lambda *words: _WAYS[bare_direction(*words).way], *names)
    else:
        result[bare] = "positive" if how == "positive" else "none"
    return result
