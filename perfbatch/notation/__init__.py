"""From the text of a cell to an operator, a value, a unit and a kind (指标值、完成值、金额、执行率、分值).

Pure functions: text in, frozen value out; they never raise for bad data and never guess. What cannot be read
is returned with status ``ambiguous`` or ``multiple``, without a value, and a Chinese note that says why.
"""

from perfbatch.notation.cells import read_actual, read_target
from perfbatch.notation.compare import compare, contradiction, on_time
from perfbatch.notation.damage import is_damaged
from perfbatch.notation.money import read_money, read_points, read_rate, read_score, without_remark
from perfbatch.notation.names import label_hint
from perfbatch.notation.reading import Around, Comparison, Money, Reading
from perfbatch.notation.signs import Quoted, shown_actual, shown_target
from perfbatch.notation.values import denies_survey
from perfbatch.notation.words import chosen, fold, is_nil, is_template, says_nothing, tick, ticked, verdict

__all__ = [
    "Around", "Comparison", "Money", "Quoted", "Reading", "chosen", "compare", "contradiction", "denies_survey",
    "fold", "is_damaged", "is_nil", "is_template", "label_hint", "on_time", "read_actual", "read_money", "read_points",
    "read_rate", "read_score", "read_target", "says_nothing", "shown_actual", "shown_target", "tick", "ticked",
    "verdict", "without_remark",
]  # fmt: skip
