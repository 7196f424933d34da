"""Texts of the live formulas; those of an indicator come from `perfbatch.scoring.excel`."""

from __future__ import annotations

from typing import Any

from perfbatch.decimals import divide
from perfbatch.outputs.summary.listing import Row
from perfbatch.rulesets import Ruleset
from perfbatch.scoring.excel import Cells, Formulas, execution_formula, row_formulas
from perfbatch.scoring.rows import rule_of

_ROW = "\x00"  # stands for the row number in a text that is kept for other rows
_HEADINGS = ("目标数", "完成数", "分值", "目标上限", "扣分")
_NONE = Formulas("", "", "")


class IndicatorFormulas:
    """Formulas of indicator rows. Rows under the same rule share one text, so it is built once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Formulas] = {}
        self._last: tuple[int, Formulas] = (-1, _NONE)

    def of(self, row: Row) -> Formulas:
        """Formulas of the item of `row`, naming its own cells; empty texts where a figure is not computed."""
        if self._last[0] != row.row:  # asked once for each formula of a row
            self._last = (row.row, self._of(row))
        return self._last[1]

    def _of(self, row: Row) -> Formulas:
        item, rules = row.item, row.item.rules
        if rules is None:
            return _NONE
        key = self._key(item, rules)
        if key not in self._known:
            named = (f"{row.letters[title]}{_ROW}" if title in row.letters else "" for title in _HEADINGS)
            self._known[key] = row_formulas(item, rules, Cells(*named))
        number = str(row.row + 1)
        return Formulas(*[text.replace(_ROW, number) for text in self._known[key]])

    @staticmethod
    def _key(item: Any, rules: Ruleset) -> tuple[Any, ...]:
        unit = divide(item.target_base, item.target_value) if item.target_base and item.target_value else None
        unknown = (
            item.completion_rate is None,
            item.deviation is None,
            item.score is None,
            item.points is None,
        )
        flags = (item.role, item.applicable, item.deduction is None)
        return (rules.name, rule_of(item, rules, item.direction), unit, *unknown, *flags)


def execution_rate(executed: str, base: str, rules: Ruleset | None) -> str:
    """Execution rate of two cells, rounded as the ruleset says."""
    quotient = f"{executed}/{base}" if rules is None else f"ROUND({executed}/{base},{rules['rate_round']})"
    return f'=IF(N({base})=0,"",{quotient})'


def execution_score(executed: str, base: str, points: str, rules: Ruleset | None) -> str:
    """Score of the execution rate, empty text where the ruleset gives none."""
    return execution_formula(rules, executed, base, points) if rules is not None else ""


def difference(minuend: str, subtrahend: str) -> str:
    """Difference of two cells."""
    return f"={minuend}-{subtrahend}"


def base_heading(rules: Ruleset | None) -> str:
    """Heading of the budget that the execution rate is measured by (exec_base)."""
    return "年初预算" if rules is not None and rules["exec_base"] == "initial" else "全年预算"
