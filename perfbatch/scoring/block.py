"""The indicator rows under one ruleset: their columns as arrays, and the computed columns being filled in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from perfbatch.rulesets import Ruleset
from perfbatch.scoring.arrays import Mask, Objects, known, nulls, one_of, pick

COMPUTED = (
    "direction", "completion_rate", "deviation", "score_unrounded", "score", "score_delta", "formula",
    "score_low", "score_high",
)  # fmt: skip
QUANTITATIVE = ("positive", "negative", "equal", "range")
_COLUMNS = (
    "kind", "operator", "role", "comparison", "target_status", "actual_status", "target_date", "actual_date",
    "level1", "level2", "level3", "target_text", "actual_text", "unit", "points", "weight_share",
    "target_value", "target_base", "target_base2", "actual_base", "deduction", "score_declared",
)  # fmt: skip
_UNCLEAR = ("ambiguous", "multiple")


class Block:
    """Columns by name (``block["points"]``), results in `out`, all arrays of equal length."""

    def __init__(self, frame: pd.DataFrame, at: npt.NDArray[np.int64], rules: Ruleset) -> None:
        self.rules, self.count = rules, len(at)
        self._columns: dict[str, Objects] = {name: frame[name].to_numpy(dtype=object)[at] for name in _COLUMNS}
        self.applicable: Mask = frame["applicable"].to_numpy(dtype=np.bool_)[at]
        self.grouped: Mask = frame["group_points"].to_numpy(dtype=np.bool_)[at]
        self.out: dict[str, Objects] = {name: nulls(self.count) for name in COMPUTED}
        self.out["formula"] = np.full(self.count, "", dtype=object)
        # the Hebei form prints the weight as a share in percent of 100 points
        self.points = pick(known(self["points"]), self["points"], self["weight_share"])

    def __getitem__(self, column: str) -> Objects:
        return self._columns[column]

    def clear(self) -> Mask:
        """Rows whose target and actual were read without ambiguity."""
        return ~one_of(self["target_status"], *_UNCLEAR) & ~one_of(self["actual_status"], *_UNCLEAR)

    def comparable(self) -> Mask:
        """Quantitative rows whose target and actual are known in one unit and without ambiguity."""
        direction = self.out["direction"]
        both = known(self["target_base"]) & known(self["actual_base"])
        both &= ~one_of(direction, "range") | known(self["target_base2"])
        compared = one_of(self["comparison"], "yes", "assumed")
        return self.clear() & both & compared & one_of(direction, *QUANTITATIVE)

    def give(self, where: Mask, value: Objects, text: str | Objects) -> None:
        """Set score, unrounded score and formula of the rows at `where`; the arrays are as long as those."""
        self.out["score"][where] = self.out["score_unrounded"][where] = value
        self.out["formula"][where] = text

    def say(self, where: Mask, text: str) -> None:
        """Set the formula text of the rows at `where` that have none."""
        self.out["formula"][where & one_of(self.out["formula"], "")] = text
