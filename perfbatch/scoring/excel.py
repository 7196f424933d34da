"""Live spreadsheet formulas that give the program's own figures to the last digit.

They are built from the same tables of cases as the figures themselves. The cells they name hold numbers in
the common base unit of target and actual (`target_base`, `actual_base`, `target_base2`) and the points.
Binary noise is taken off at the twelfth decimal before the official rounding, since a quotient such as
2.675 may be held a hair below its tie.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from perfbatch.decimals import divide, plain
from perfbatch.rulesets import Ruleset
from perfbatch.scoring.rows import LESS, QUANTITATIVE, rule_of
from perfbatch.scoring.tables import NO_FIGURE, Case, Rule, completion_cases, deviation_cases, score_cases

_NOISE = 12  # decimals that a double holds exactly enough for scores up to a hundred


class Cells(NamedTuple):
    """A1 references of the numbers a row's formulas read; `upper` for ranges, `deduction` for 扣分."""

    target: str
    actual: str
    points: str
    upper: str = ""
    deduction: str = ""


class Formulas(NamedTuple):
    """Live formulas of one row, empty where the program's figure is null or rests on other rows."""

    score: str
    completion: str
    deviation: str


def row_formulas(row: Any, rules: Ruleset, cells: Cells) -> Formulas:
    """Formulas of a scored indicator row (named tuple or Series of the indicator frame)."""
    if row.direction not in QUANTITATIVE:
        return Formulas("", "", "")
    rule = rule_of(row, rules, row.direction)
    scaled = row.target_base and row.target_value
    per_unit = divide(row.target_base, row.target_value) if scaled else Decimal(1)
    computed = row.score is not None and row.role == "indicator" and row.applicable and row.points is not None
    cut = cells if LESS in row.formula else cells._replace(deduction="")
    return Formulas(
        score_formula(rule, rules, cut, per_unit=per_unit) if computed else "",
        rate_formula(completion_cases(rule, rules), rule, rules, cells) if row.completion_rate is not None else "",
        rate_formula(deviation_cases(rule), rule, rules, cells) if row.deviation is not None else "",
    )


def score_formula(rule: Rule, rules: Ruleset, cells: Cells, *, per_unit: Decimal = Decimal(1)) -> str:
    """``=IF(…)`` for the rounded score; `per_unit` is base units per written unit (satisfaction steps)."""
    cut = "ROUND" if rules["round_mode"] == "half_up" else "ROUNDDOWN"

    def finish(value: str, exact: bool) -> str:
        if not exact:
            value = f"MIN({{w}},{cut}(ROUND({value},{_NOISE}),{rules['row_round']}))"
        return f"MAX(0,ROUND({value}-{cells.deduction},{_NOISE}))" if cells.deduction else value

    inputs = [cells.target, cells.actual, cells.points]
    return _formula(score_cases(rule, rules), finish, rule, cells, inputs=inputs, per_unit=per_unit)


def rate_formula(cases: Sequence[Case], rule: Rule, rules: Ruleset, cells: Cells) -> str:
    """``=IF(…)`` for the completion rate or the signed deviation, as a fraction."""

    def finish(value: str, exact: bool) -> str:
        return value if exact else f"ROUND({value},{rules['rate_round']})"

    return _formula(cases, finish, rule, cells, inputs=[cells.target, cells.actual])


def execution_formula(rules: Ruleset, executed_cell: str, base_cell: str, points_cell: str) -> str:
    """``=IF(…)`` for the score of the execution rate; empty if the ruleset does not score it.

    Empty as well where saved money costs a finished project nothing: that rests on its indicators.
    """
    steps = rules["exec_rule"] == "steps"
    if rules["exec_rule"] == "none" or (steps and rules["exec_saved"] != "steps"):
        return ""
    cut = "ROUND" if rules["round_mode"] == "half_up" else "ROUNDDOWN"
    e, b, w = executed_cell, base_cell, points_cell

    def rounded(value: str) -> str:
        figure = f"{cut}(ROUND({value},{_NOISE}),{rules['row_round']})"
        return f"MIN({w},{figure})" if rules["exec_cap"] else figure

    if steps:
        value = NO_FIGURE
        for bound, share in reversed(rules["exec_steps"]):
            points = w if share == 1 else rounded(f"{w}*{plain(share)}")
            value = f"IF({e}>={b}*{plain(bound)},{points},{value})"
        value = f"IF({e}>{b},{NO_FIGURE},{value})"
    else:
        value = rounded(f"MAX({e},0)*{w}/{b}")
        if rules["exec_cap"]:
            value = f"IF({e}>={b},{w},{value})"
    return f"=IF(COUNT({e},{b},{w})<3,{NO_FIGURE},IF({b}<=0,{NO_FIGURE},{value}))"


def _formula(
    cases: Sequence[Case], finish: Callable[[str, bool], str], rule: Rule, cells: Cells, *, inputs: list[str],
    per_unit: Decimal = Decimal(1),
) -> str:  # fmt: skip
    """Nested IFs in the order of the table, empty while a number they need is missing."""
    value = NO_FIGURE
    for case in reversed(cases):
        own = NO_FIGURE if case.value is None else finish(case.excel, case.exact)
        value = f"IF({case.excel_when},{own},{value})" if case.excel_when else own
    upper = [cells.upper] if rule.direction == "range" else []
    needed = [*inputs, *upper]
    text = f"=IF(COUNT({','.join(needed)})<{len(needed)},{NO_FIGURE},{value})"
    named = {"t": cells.target, "a": cells.actual, "w": cells.points, "u": cells.upper, "k": plain(per_unit)}
    return text.format(**named, n=f"MAX({cells.actual},0)")
