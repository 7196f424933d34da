"""One indicator row (绩效指标): direction, completion rate, deviation, score and the formula in Chinese.

Figures are exact decimals. A row that cannot be computed keeps null figures and its formula text says why.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from perfbatch.decimals import plain
from perfbatch.notation import fold
from perfbatch.notation.names import bare_direction
from perfbatch.rulesets import Ruleset
from perfbatch.scoring import tables
from perfbatch.scoring.execution import Money, execution_result
from perfbatch.scoring.tables import ONE, ZERO, Case, Figures, Result, Rule, decide, rounder

QUANTITATIVE = ("positive", "negative", "equal", "range")
_UNCLEAR = ("ambiguous", "multiple")
_BY_OPERATOR = {
    "ge": "positive", "gt": "positive", "le": "negative", "lt": "negative", "eq": "equal", "range": "range",
}  # fmt: skip
_BY_KIND = {"date": "date", "qualitative": "qualitative"}
_WAYS = {"more": "positive", "less": "negative", "unclear": "none"}
_ORDINALS = "一二三"
LESS = " − 扣分 "  # in a formula: the score is less what the column takes off
_UNSCORED_ROLES = {
    "child": "“其中”行，只作上级行的佐证，不单独计分",
    "parent": "按组计分，本行不自动计算",
    "process": "过程类指标没有目标值和实际值，只取自评得分",
}


@dataclass(slots=True)
class Scored:
    """The computed columns of a row, named as in `perfbatch.schema`."""

    direction: str
    completion_rate: Decimal | None = None
    deviation: Decimal | None = None
    score_unrounded: Decimal | None = None
    score: Decimal | None = None
    score_delta: Decimal | None = None
    formula: str = ""
    score_low: Decimal | None = None
    score_high: Decimal | None = None

    def take(self, result: Result) -> None:
        """The score that a rule gives, or why it gives none."""
        self.score_unrounded, self.score, self.formula = result

    def give(self, score: Decimal, text: str) -> None:
        """A score that needs no rounding."""
        self.take(Result(score, score, text))


class RowScorer:
    """Scores rows by one ruleset; tables of cases and verdict words are made once."""

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        self._tables: dict[Rule, tuple[list[Case], list[Case], list[Case]]] = {}
        self._rounded = rounder(rules["round_mode"], rules["row_round"])
        self._to_rate = rounder("half_up", rules["rate_round"])

    def score(self, row: Any, money: Money) -> Scored:
        """The computed columns of one row of the indicator frame; `money` is what its project spent."""
        made = Scored(direction_of(row, self.rules))
        points = worth_of(row)
        own = None if row.group_points else points
        worth = own if row.role == "indicator" and row.applicable else None
        compared = worth
        if own is not None and row.role == "indicator" and not row.applicable:
            if self.rules["na_rule"] == "rescale":
                made.formula = "不适用，不考核，总分折算为百分制"
            elif self.rules["na_rule"] == "full_points":
                made.give(own, "不适用，按规则计满分")
            else:
                made.give(ZERO, "不适用，按规则计0分")
        if own is not None and row.role == "execution":
            made.take(execution_result(money, own, self.rules))
            # without a rate in the fund block the row is scored by its own target
            if made.score is None and self.rules["exec_rule"] != "none" and row.applicable:
                compared = own
        clear, bounded = is_clear(row), made.direction != "range" or row.target_base2 is not None
        known = row.target_base is not None and row.actual_base is not None and row.comparison in ("yes", "assumed")
        if clear and known and bounded and made.direction in QUANTITATIVE:
            self._quantitative(row, made, compared)
        if clear and known and made.direction == "none" and row.kind == "quantitative":
            # what is its target to the digit has all points, whichever way the target is meant
            if row.actual_base == row.target_base and row.target_base > ZERO:
                made.completion_rate, made.deviation = ONE, ZERO
                if worth is not None:
                    made.give(worth, f"实际等于目标，越多越好或越少越好都得满分 {plain(worth)}")
            else:
                unclear = "从名称看不出越多越好还是越少越好，不自动计分，请在指标值中写明≥或≤"
                made.formula = made.formula or unclear
        if worth is not None and made.direction == "date" and clear:
            _date(row, made, worth)
        if worth is not None and made.direction == "qualitative":
            self._qualitative(row, made, worth)
        # less the 扣分 column, floor 0, where the ruleset has it (Guangxi)
        if self.rules["deduction_column"] and made.score is not None and _lowers(row, points, made.score):
            made.score = max(made.score - row.deduction, ZERO)
            if made.score_unrounded is not None:
                made.score_unrounded = max(made.score_unrounded - row.deduction, ZERO)
            made.formula += f"{LESS}{plain(row.deduction)}"
        made.formula = made.formula or _gap(row, points)
        if made.score is not None and row.score_declared is not None:
            made.score_delta = row.score_declared - made.score
        return made

    def _quantitative(self, row: Any, made: Scored, points: Decimal | None) -> None:
        """Completion rate and deviation of every comparable row; the score of one with `points` of its own."""
        scaled = row.target_base is not None and row.target_value
        per_unit = row.target_base / row.target_value if scaled else ONE
        rule = rule_of(row, self.rules, made.direction)
        worth = ZERO if points is None else points
        figures = Figures(row.actual_base, row.target_base, row.target_base2, worth, per_unit)
        if rule not in self._tables:
            of_rates = tables.completion_cases(rule, self.rules), tables.deviation_cases(rule)
            self._tables[rule] = *of_rates, tables.score_cases(rule, self.rules)
        completion, deviation, score = self._tables[rule]
        made.completion_rate = decide(completion, figures, self._to_rate, cap=False).rounded
        made.deviation = decide(deviation, figures, self._to_rate, cap=False).rounded
        if points is None or points < ZERO:
            return
        result = decide(score, figures, self._rounded, cap=True)
        if row.operator == "none" and self.rules["bare_target_direction"] == "by_name":
            way = "越少越好" if made.direction == "negative" else "越多越好"
            result = result._replace(text=f"{result.text}（目标无符号，按名称推定{way}）")
        made.take(result)

    def _qualitative(self, row: Any, made: Scored, points: Decimal) -> None:
        """The band of the verdict word, else the whole 0–W; a score only where the ruleset gives one (定性指标).

        The bounds are inclusive. The upper bound of a lower band belongs to the band above, so its `score_high`
        is one unit of the last place below it.
        """
        made.score_low, made.score_high = ZERO, points
        made.formula = f"定性指标，按评判给分，不自动计算，得分应在 0 至 {plain(points)} 之间"
        band = self._labels.get(_key(row.actual_text), -1)
        limits = [ONE, *(bound / 100 for bound in self.rules["qual_bands"]), ZERO]
        if 0 <= band < len(limits) - 1:
            made.score_low, bound = points * limits[band + 1], points * limits[band]
            made.score_high = bound - (Decimal(1).scaleb(-self.rules["row_round"]) if band else ZERO)
            within = f"得分应在 {plain(made.score_low)} 至 {plain(bound)} 之间"
            made.formula = f"定性指标，结论为第{_ORDINALS[band]}档，{within}"
            made.formula += f"（不含 {plain(bound)}）" if band else ""
        shares = self.rules["qual_rule_shares"]
        if self.rules["qual_score_mode"] == "by_rule" and 0 <= band < len(shares):
            made.give(points * shares[band], f"{made.formula}；按规则给分：分值 × {plain(shares[band])}")
        # yes/no targets that are met score in full; a missed one has no stated deduction, so no score
        target, actual = _key(row.target_text), _key(row.actual_text)
        direct = self.rules["direct_rule"] == "yes_no" and target in map(_key, self.rules["direct_words"])
        if direct and target == actual:
            made.score_low = points
            made.give(points, f"直接赋分：目标与实际一致，得满分 {plain(points)}")

    @cached_property
    def _labels(self) -> dict[str, int]:
        """Verdict word → band (0 best) of the label sets in force."""
        bands: dict[str, int] = {}
        for name in self.rules["qual_labels"]:
            bands |= {_key(word): at for at, word in enumerate(self.rules["qual_label_sets"].get(name, ()))}
        for which, words in self.rules["qual_label_extra"].items():
            bands |= {_key(word): int(which) - 1 for word in words}
        return bands


def worth_of(row: Any) -> Decimal | None:
    """The points of a row; the Hebei form prints them as a share in percent of 100."""
    points: Decimal | None = row.points if row.points is not None else row.weight_share
    return points


def _lowers(row: Any, points: Decimal | None, score: Decimal) -> bool:
    """Whether 扣分 is taken off the computed score, and does not only say how many points the formula has lost.

    Clerks fill it so that points − 扣分 = score; the platform takes it off what it computed.
    """
    if row.deduction is None:
        return False
    only_said = points is not None and row.score_declared == points - row.deduction
    return not only_said or row.score_declared == max(score - row.deduction, ZERO)


def direction_of(row: Any, rules: Ruleset) -> str:
    """Direction of a row by its sign; of a target without a sign by `bare_target_direction`.

    A name that does not say whether more or less is better gives ``none``: such a row is asked about.
    """
    if row.kind != "quantitative":
        return _BY_KIND.get(row.kind, "none")
    if signed := _BY_OPERATOR.get(row.operator, ""):
        return signed
    how = rules["bare_target_direction"]
    if how == "by_name":
        return _WAYS[bare_direction(row.level3, row.level2, row.target_text).way]
    return "positive" if how == "positive" else "none"


def rule_of(row: Any, rules: Ruleset, direction: str) -> Rule:
    """Which tables apply to one quantitative row."""
    level = row.level1 + row.level2
    rated = row.unit == "%" and bool(row.target_value) and direction in ("positive", "equal")
    return Rule(
        direction=direction,
        strict=bool(rules["strict_inequality"]) and row.operator in ("gt", "lt"),
        satisfaction="满意度" in level and rated,
        cost="成本" in level,
        open_zero=row.target_base == ZERO and any(word in row.level3 for word in rules["loose_zero_names"]),
    )


def is_clear(row: Any) -> bool:
    """Whether target and actual were read without ambiguity."""
    return row.target_status not in _UNCLEAR and row.actual_status not in _UNCLEAR


def _date(row: Any, made: Scored, points: Decimal) -> None:
    target, actual = row.target_date, row.actual_date
    if not actual and row.comparison == "assumed":
        made.give(points, f"完成值为结论词，视为按期完成，得满分 {plain(points)}")
    elif target and actual and actual <= target:
        made.give(points, f"实际 {actual} 不晚于目标 {target}，得满分 {plain(points)}")
    elif target and actual:
        made.formula = f"实际 {actual} 晚于目标 {target}，没有通用扣分规则，不自动计分"


def _gap(row: Any, points: Decimal | None) -> str:
    """Why a row has no computed score."""
    if row.role in _UNSCORED_ROLES:
        return _UNSCORED_ROLES[row.role]
    if row.role not in ("indicator", "execution"):
        return ""
    if row.group_points:
        return "分值或得分为合并单元格，按组计分，本行不自动计算"
    if points is None:
        return "未列分值，不计算得分"
    if not is_clear(row):
        return "目标或实际写法不明确，不自动计分"
    if row.comparison == "dimension":
        return "目标与实际的单位不同，无法比较，不自动计分"
    return "目标或实际没有可以比较的数值，不自动计分"


def _key(text: str) -> str:
    return fold(text).strip("。;,.")
