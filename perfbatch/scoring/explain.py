"""Why a score is what it is: operands with their cells, formula, clause, rounding, difference, in Chinese.

`remarks` does so for the comments of questioned cells: only rows with a finding are explained.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from perfbatch.decimals import CONTEXT, half_up, percent, plain
from perfbatch.model import Finding, Frames
from perfbatch.notation import shown_actual, shown_target
from perfbatch.rulesets import RANGE_SOURCE, Ruleset
from perfbatch.schema import records
from perfbatch.scoring.rows import LESS, QUANTITATIVE, rule_of

_ROUND_WORDS = {"half_up": "四舍五入", "truncate": "截尾"}
_DIRECTION_WORDS = {
    "positive": "正向（越多越好）", "negative": "反向（越少越好）", "equal": "等于", "range": "区间",
    "date": "日期", "qualitative": "定性", "none": "无法判断",
}  # fmt: skip


class Operand(NamedTuple):
    """One figure of a formula: what it is, its text in the form, the cell it stands in."""

    name: str
    text: str
    cell: str

    def __str__(self) -> str:
        return f"{self.name} {self.text or '空'}" + (f"（{self.cell}）" if self.cell else "")


_COMPUTED = ("÷", "×", "−", "相加")  # what a formula has that ends in a result


@dataclass(frozen=True, slots=True)
class Explanation:
    """One explained score under some `rules`; `basis` cites each parameter used."""

    subject: str
    operands: tuple[Operand, ...]
    formula: str
    unrounded: Decimal | None
    computed: Decimal | None
    declared: Decimal | None
    rules: Ruleset
    basis: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def delta(self) -> Decimal | None:
        """Declared − computed, None where one is missing."""
        known = self.declared is not None and self.computed is not None
        return CONTEXT.subtract(self.declared, self.computed) if known else None  # type: ignore[arg-type]

    def lines(self) -> list[str]:
        """The explanation as Chinese text lines."""
        result = [self.subject, f"数据：{'，'.join(map(str, self.operands))}", self._how()]
        if self._rounded:
            result.append(f"取位：{self._rounding} → {plain(self.computed)}")
        result += [f"说明：{remark}" for remark in self.remarks]
        result += [f"依据：{source}" for source in self.basis]
        return [*result, self._comparison()]

    def short(self) -> str:
        """How the figure comes about, in one line; `perfbatch explain` says it in full."""
        return self._how() + (f"，{self._rounding}为{plain(self.computed)}" if self._rounded else "")

    @property
    def _rounded(self) -> bool:
        return self.computed is not None and self.unrounded not in (None, self.computed)

    @property
    def _rounding(self) -> str:
        return f"{_ROUND_WORDS[self.rules['round_mode']]}，保留 {self.rules['row_round']} 位小数"

    def _how(self) -> str:
        if self.unrounded is None or not any(sign in self.formula for sign in _COMPUTED):
            return f"算法：{self.formula}"  # 得满分 10 says the figure itself
        shown = half_up(self.unrounded, 6)
        return f"算法：{self.formula} = {plain(shown)}{'…' if shown != self.unrounded else ''}"

    def _comparison(self) -> str:
        if self.computed is None:
            return f"结果：不自动计分，自评得分 {plain(self.declared) or '空'}"
        if self.delta is None:
            return f"结果：复算 {plain(self.computed)}，自评得分为空"
        if not self.delta:
            return f"结果：自评 {plain(self.declared)}，复算 {plain(self.computed)}，一致"
        tolerance: Decimal = self.rules["tol_score"]
        within = "在容许差以内" if abs(self.delta) <= tolerance else "超出容许差"
        apart = f"{'+' if self.delta > 0 else ''}{plain(self.delta)}（{within} {plain(tolerance)}）"
        return f"结果：自评 {plain(self.declared)}，复算 {plain(self.computed)}，相差 {apart}"


def explain_indicator(row: Any, rules: Ruleset) -> Explanation:
    """Explain the score of one scored indicator row (named tuple or Series of the indicator frame)."""
    name, figures = row.level3 or row.level2 or row.level1, []
    if row.completion_rate is not None:
        figures.append(f"完成率 {percent(row.completion_rate)}")
    if row.deviation is not None:
        figures.append(f"偏离度 {'+' if row.deviation > 0 else ''}{percent(row.deviation)}")
    remarks = ["，".join(figures), RANGE_SOURCE if row.direction == "range" else "", row.notes]
    return Explanation(
        subject=f"指标“{name}”，方向：{_DIRECTION_WORDS[row.direction]}",
        operands=(
            Operand("目标", shown_target(row.target_text, row.sign_text, row.unit_text), row.cell_target),
            Operand("实际", shown_actual(row.actual_text, row.unit_text), row.cell_actual),
            Operand("分值", plain(row.points if row.points is not None else row.weight_share), row.cell_points),
            Operand("得分", plain(row.score_declared), row.cell_score),
        ),
        formula=row.formula,
        unrounded=row.score_unrounded,
        computed=row.score,
        declared=row.score_declared,
        rules=rules,
        basis=tuple(dict.fromkeys(rules.basis(key) for key in _parameters_used(row, rules))),
        remarks=tuple(filter(None, remarks)),
    )


def explain_execution(row: Any, rules: Ruleset) -> Explanation:
    """Explain the score of the budget execution rate of one scored project row."""
    base = Operand("年初预算数", _money(row.budget_initial, row.initial_text), row.cell_initial)
    if rules["exec_base"] == "adjusted":
        base = Operand("全年预算数", _money(row.budget_adjusted, row.adjusted_text), row.cell_adjusted)
    computed, declared, exact = row.execution_score, row.execution_score_declared, None
    if rules["exec_rule"] == "proportional" and computed is not None:
        exact = CONTEXT.multiply(row.execution_rate, row.execution_points)
        exact = min(exact, row.execution_points) if rules["exec_cap"] else exact
    keys = ["exec_rule", "exec_base", *(["exec_steps"] if rules["exec_rule"] == "steps" else [])]
    return Explanation(
        subject="预算执行率",
        operands=(
            Operand("全年执行数", _money(row.executed, row.executed_text), row.cell_executed),
            base,
            Operand("分值", plain(row.execution_points), row.cell_execution_points),
            Operand("得分", plain(declared), row.cell_execution_score),
        ),
        formula=row.execution_basis,
        unrounded=exact,
        computed=computed,
        declared=declared,
        rules=rules,
        basis=tuple(rules.basis(key) for key in keys),
    )


def explain_total(row: Any, rules: Ruleset) -> Explanation:
    """Explain total, grade and band of one scored project row."""
    remarks = []
    if row.total_recomputed_declared is not None:
        remarks.append(f"各项自评得分相加为 {plain(row.total_recomputed_declared)}")
    if not row.total_complete:
        remarks.append("有的行没有得分，或分值合计不等于总分值，等级按自评总分评定")
    if row.grade:
        remarks.append(f"等级“{row.grade}”，分数段 {row.band}")
    return Explanation(
        subject=f"项目“{row.project_name}”总分",
        operands=(Operand("总分", plain(row.total_declared), row.cell_total),),
        formula="各指标得分（定性等无法复算的行取自评得分）与预算执行率得分相加",
        unrounded=row.total_score,
        computed=row.total_score,
        declared=row.total_declared,
        rules=rules,
        basis=(rules.basis("total_points"), rules.basis("grades"), rules.basis("report_bands")),
        remarks=tuple(remarks),
    )


def _parameters_used(row: Any, rules: Ruleset) -> list[str]:
    """Ruleset parameters that decided this row, the deciding formula first."""
    if not row.applicable:
        return ["na_rule"]
    if row.role == "execution":
        return ["exec_rule", "exec_base"]
    if row.direction == "qualitative":
        keys = ["qual_bands", "qual_labels", "qual_score_mode"]
        return ["direct_rule", *keys] if rules["direct_rule"] == "yes_no" and row.score is not None else keys
    if row.direction not in QUANTITATIVE:
        return []
    rule, rounding, keys = rule_of(row, rules, row.direction), ["row_round", "round_mode"], []
    if rule.satisfaction and rules["satisfaction_rule"] == "steps":
        return ["satisfaction_rule", "satisfaction_steps", *rounding]
    if row.target_base is not None and not row.target_base:
        keys.append("zero_target_rule")
    if row.actual_base is not None and row.actual_base < 0:
        keys.append("negative_actual")
    main = f"{rule.direction}_rule" if rule.direction != "range" else ""
    if rule.direction == "negative" and rule.cost and rules["cost_rule"] == "ceiling":
        main = "cost_rule"
    keys += [main] if main else []
    if row.operator == "none":
        keys.append("bare_target_direction")
    more = rule.direction == "positive" or (main == "equal_rule" and rules["equal_rule"] == "as_positive")
    keys += [key for key in ("pass_threshold", "over_deduction") if more and rules[key]]
    if LESS in row.formula:
        keys.append("deduction_column")
    return [*keys, *rounding]


def _money(value: Decimal | None, text: str) -> str:
    """The amount in 万元; what the cell says where it was not read as one."""
    if value is None:
        return f"“{text}”（未能读作金额，见问题清单）" if text else ""
    return f"{plain(value)} 万元"


# --- comments of questioned cells ---

Place = tuple[str, str]
_SCORED = ("SC", "FU", "HB")  # families whose findings on the actual or on the rate also question the score


def remarks(frames: Frames, findings: Iterable[Finding], rules: Mapping[str, Ruleset]) -> dict[Place, str]:
    """(sheet, A1) → Chinese explanation of the score that a finding at this cell questions.

    Explained are scores of indicators, of the execution rate and the total, each by its formula in one line.
    """
    asked = {(finding.sheet, finding.cell): False for finding in findings}
    asked |= {(finding.sheet, finding.cell): True for finding in findings if finding.code[:2] in _SCORED}
    own = dict(zip(frames.projects["project_id"], frames.projects["ruleset"], strict=True))
    found: dict[Place, str] = {}
    for table, cells, explain in (
        (frames.indicators, ("cell_score", "cell_actual"), explain_indicator),
        (frames.projects, ("cell_execution_score", "cell_rate"), explain_execution),
        (frames.projects, ("cell_total",), explain_total),
    ):
        for place, row in _questioned(table, cells, asked):
            told = getattr(row, "role", "indicator") == "indicator"
            found.setdefault(place, explain(row, rules[own[row.project_id]]).short() if told else "")
    return {place: text for place, text in found.items() if text}


def _questioned(
    table: pd.DataFrame, cells: tuple[str, ...], asked: Mapping[Place, bool]
) -> Iterable[tuple[Place, Any]]:
    """Rows one of whose cells a finding names; of the second and later cells only findings about scores count."""
    wanted: dict[int, Place] = {}
    for column in reversed(cells):
        for at, (sheet, cell) in enumerate(zip(table["sheet"].tolist(), table[column].tolist(), strict=True)):
            if not cell:
                continue
            elsewhere, _, ref = cell.rpartition("!")
            place = elsewhere or sheet, ref
            if ref and place in asked and (column == cells[0] or asked[place]):
                wanted[at] = place
    if not wanted:
        return ()
    at_rows = sorted(wanted)
    return zip((wanted[at] for at in at_rows), records(table.iloc[at_rows]), strict=True)
