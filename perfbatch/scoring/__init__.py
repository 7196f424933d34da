"""Scoring (得分复算): fills the computed columns of the three frames by dated and cited rulesets.

`score` computes, `explain_*` and `remarks` say why, `excel` builds live formulas that
give the same figures.
"""

from perfbatch.scoring.excel import Cells, Formulas, execution_formula, row_formulas
from perfbatch.scoring.explain import Explanation, Operand, explain_execution, explain_indicator, explain_total, remarks
from perfbatch.scoring.projects import band_names, score

__all__ = [
    "Cells", "Explanation", "Formulas", "Operand", "band_names", "execution_formula", "explain_execution",
    "explain_indicator", "explain_total", "remarks", "row_formulas", "score",
]  # fmt: skip
