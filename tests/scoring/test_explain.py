"""The explanation of a score names figures, cells, formula, rounding, clause and difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import drawing
from support.scored import changed, indicator, project, scored

from perfbatch.config import Settings
from perfbatch.pipeline import process_workbook
from perfbatch.rulesets import load, names
from perfbatch.scoring import explain_execution, explain_indicator, explain_total

_STEPS = {"satisfaction_rule": "steps"}
_VERDICT = {"kind": "qualitative", "operator": "none", "t": "", "a": "", "comparison": "none"}


def _row(name: str = "national-2020", changes: dict[str, Any] | None = None, **given: Any) -> tuple[Any, Any]:
    rules = changed(name, changes or {})
    (row,) = scored([project(ruleset="R")], [indicator(**given)], {"R": rules}).indicators.itertuples(index=False)
    return row, rules


def test_explanation_of_a_missed_target() -> None:
    row, rules = _row(
        t="156.9", a="116.95", w="10", s="7.5", operator="eq", level3="补偿面积", sign_text="=",
        target_text="156.9亩", actual_text="116.95亩", cell_target="F12", cell_actual="G12", cell_points="H12",
        cell_score="I12",
    )  # fmt: skip
    assert explain_indicator(row, rules).lines() == [
        "指标“补偿面积”，方向：等于",
        "数据：目标 =156.9亩（F12），实际 116.95亩（G12），分值 10（H12），得分 7.5（I12）",
        "算法：实际 116.95 ÷ 目标 156.9 × 分值 10 = 7.453792…",
        "取位：四舍五入，保留 2 位小数 → 7.45",
        "说明：完成率 74.54%，偏离度 -25.46%",
        f"依据：{rules.basis('equal_rule')}",
        f"依据：{rules.basis('row_round')}",
        f"依据：{rules.basis('round_mode')}",
        "结果：自评 7.5，复算 7.45，相差 +0.05（在容许差以内 0.1）",
    ]


def test_sign_and_unit_of_cells_of_their_own_stand_with_the_figures() -> None:
    row, rules = _row(t="156.9", a="116.95", sign_text="=", target_text="156.9", actual_text="116.95", unit_text="亩")
    assert [operand.text for operand in explain_indicator(row, rules).operands[:2]] == ["=156.9亩", "116.95亩"]


@pytest.mark.parametrize(
    ("given", "changes", "keys"),
    [
        ({"operator": "le", "t": "5", "a": "6"}, {}, ["negative_rule"]),
        ({"operator": "ge", "t": "0", "a": "6"}, {}, ["zero_target_rule", "positive_rule"]),
        ({"operator": "ge", "t": "5", "a": "-1"}, {}, ["negative_actual", "positive_rule"]),
        ({"operator": "none", "t": "5", "a": "1"}, {}, ["bare_target_direction"]),
        ({"operator": "ge", "t": "5", "a": "1"}, {"pass_threshold": 0.6}, ["pass_threshold"]),
        ({"operator": "ge", "t": "5", "a": "9"}, {"over_deduction": [[1.5, 0.1]]}, ["over_deduction"]),
        ({"operator": "le", "t": "5", "a": "9", "level2": "成本指标"}, {"cost_rule": "ceiling"}, ["cost_rule"]),
        (
            {"operator": "ge", "t": "90", "a": "85", "unit": "%", "level1": "满意度指标"},
            _STEPS, ["satisfaction_steps"],
        ),
        ({"operator": "eq", "t": "90", "a": "85", "unit": "%", "level1": "满意度指标"}, _STEPS, ["satisfaction_steps"]),
        (_VERDICT, {}, ["qual_bands", "qual_labels"]),
        (_VERDICT | {"target_text": "是", "actual_text": "是"}, {"direct_rule": "yes_no"}, ["direct_rule"]),
        ({"t": "5", "a": "5", "deduction": "1"}, {"deduction_column": True}, ["deduction_column"]),
        ({"t": "5", "a": "5", "applicable": False}, {}, ["na_rule"]),
        ({"t": "5", "a": "5", "role": "execution"}, {}, ["exec_rule", "exec_base"]),
    ],
)  # fmt: skip
def test_every_deciding_parameter_is_cited(given: dict[str, Any], changes: dict[str, Any], keys: list[str]) -> None:
    row, rules = _row(changes=changes, w="10", **given)
    cited = explain_indicator(row, rules).basis
    assert {rules.basis(key) for key in keys} <= set(cited)


@pytest.mark.parametrize(
    ("given", "changes", "keys"),
    [
        ({"operator": "ge", "t": "5", "a": "0.5"}, {}, ["negative_actual"]),
        ({"operator": "ge", "t": "5", "a": "0"}, {}, ["negative_actual"]),
        ({"operator": "ge", "t": "90", "a": "85", "unit": "分", "level1": "满意度指标"}, _STEPS, ["satisfaction_rule"]),
        ({"operator": "le", "t": "10", "a": "9", "unit": "%", "level1": "满意度指标"}, _STEPS, ["satisfaction_rule"]),
        ({"operator": "ge", "t": "90", "a": "85", "unit": "%", "level2": "质量指标"}, _STEPS, ["satisfaction_rule"]),
        (_VERDICT | {"target_text": "是", "actual_text": "否"}, {"direct_rule": "yes_no"}, ["direct_rule"]),
        (_VERDICT | {"actual_text": "达成"}, {"qual_score_mode": "by_rule"}, ["direct_rule"]),
    ],
)
def test_no_parameter_is_cited_that_did_not_decide(
    given: dict[str, Any], changes: dict[str, Any], keys: list[str]
) -> None:
    row, rules = _row(changes=changes, w="10", **given)
    assert not {rules.basis(key) for key in keys} & set(explain_indicator(row, rules).basis)


def test_uncomputed_row_says_why_and_invents_nothing() -> None:
    row, rules = _row(t="50", a="", w="10", s="10", comparison="none", cell_actual="G7")
    told = explain_indicator(row, rules)
    assert told.computed is None and told.delta is None
    assert told.lines()[1].endswith("实际 空（G7），分值 10，得分 10")
    assert told.lines()[-1] == "结果：不自动计分，自评得分 10"


def test_execution_is_explained_with_its_cells() -> None:
    given = project(
        budget_adjusted="60", executed="45", execution_points="10", execution_score_declared="9",
        cell_executed="E8", cell_adjusted="D8", cell_execution_points="H8", cell_execution_score="I8",
    )  # fmt: skip
    (row,) = scored([given], []).projects.itertuples(index=False)
    told = explain_execution(row, load("national-2020")).lines()
    assert told[1] == "数据：全年执行数 45 万元（E8），全年预算数 60 万元（D8），分值 10（H8），得分 9（I8）"
    assert told[2] == "算法：执行 45 ÷ 全年预算数 60 × 分值 10；执行率 75%（表上分值） = 7.5"
    assert told[-1] == "结果：自评 9，复算 7.5，相差 +1.5（超出容许差 0.1）"


def test_amounts_that_were_not_read_are_quoted() -> None:
    given = project(executed_text="约45", adjusted_text="六拾", cell_executed="E8", cell_adjusted="D8")
    (row,) = scored([given], []).projects.itertuples(index=False)
    told = explain_execution(row, load("national-2020")).lines()[1]
    assert "全年执行数 “约45”（未能读作金额，见问题清单）（E8）" in told
    assert "全年预算数 “六拾”（未能读作金额，见问题清单）（D8）" in told


def test_total_is_explained_with_grade_and_band() -> None:
    given = project(budget_adjusted="60", executed="60", execution_points="10", total_declared="96", cell_total="J20")
    (row,) = scored([given], [indicator(t="9", a="8", w="90", s="80")]).projects.itertuples(index=False)
    told = explain_total(row, load("national-2020")).lines()
    assert "说明：等级“优”，分数段 90+" in told
    assert told[-1] == "结果：自评 96，复算 90，相差 +6（超出容许差 0.1）"


@pytest.mark.parametrize("name", names())
def test_every_ruleset_explains_every_direction(name: str) -> None:
    rows = [
        indicator(operator=operator, t="5", a="4", u="6", w="10", s="8")
        for operator in ("ge", "gt", "le", "lt", "eq", "range", "none")
    ]
    rows += [indicator(kind=kind, t="", a="", w="10") for kind in ("qualitative", "date", "nil")]
    result = scored([project(ruleset=name, budget_adjusted="5", executed="4")], rows)
    for row in result.indicators.itertuples(index=False):
        lines = explain_indicator(row, load(name)).lines()
        assert lines[-1].startswith("结果：") and all(lines)
    for row in result.projects.itertuples(index=False):
        assert explain_execution(row, load(name)).lines()[-1].startswith("结果：")
        assert explain_total(row, load(name)).lines()[-1].startswith("结果：")


@pytest.mark.parametrize("deadline", ["2023年6月底前", "6月底前"])
def test_a_period_that_spans_its_deadline_gets_no_score_and_says_why(deadline: str, tmp_path: Path) -> None:
    grid = drawing.load("F1")["grid"].replace("2023年12月底前 │ 2023年11月20日", f"{deadline} │ 2023年")
    result = process_workbook(drawing.write(tmp_path / "表.xlsx", {"表": drawing.parse(grid)}), "表.xlsx", Settings())
    assert result.frames is not None
    (row,) = (r for r in result.frames.indicators.itertuples(index=False) if r.level3 == "完成时间")
    lines = explain_indicator(row, load("national-2020")).lines()
    assert row.score is None
    assert any("不能判断是否按期" in line for line in lines)
