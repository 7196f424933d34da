"""No check falls over forms that lack whole blocks, columns or any value."""

from __future__ import annotations

from typing import Any

import pytest
from support import cases
from support.cases import Case

from perfbatch.checks import register

EMPTY_ROW = "产出指标 │ 数量指标 │ 举办培训期数"
ODD: dict[str, dict[str, Any]] = {
    "no indicator at all": {"rows": []},
    "no fund line": {"funds": []},
    "nothing but a name": {"rows": [], "funds": [], "absent": ["problems", "measures", "total_points", "grade"]},
    "rows without values": {"rows": [EMPTY_ROW, EMPTY_ROW]},
    "no points column": {
        "columns": ["level1", "level2", "level3", "target", "actual"],
        "rows": [EMPTY_ROW + " │ ≥6 │ 6"],
    },
    "no year, no unit": {"year": "", "title": "自评表", "unit": "", "money_unit": ""},
    "ambiguous cells": {"rows": [EMPTY_ROW + " │ 1,25 │ 12..5 │ l5 │ 满分 │ 0"]},
    "zero budget": {"funds": ["年度资金总额 │ 0 │ 0 │ 0 │ │ 10 │ 0"]},
    "several at once": {"forms": [{"rows": []}, {}, {"funds": []}, {"layout": "F11", "rows": []}]},
}
EXTRAS: dict[str, Any] = {
    "report": "2023年度自评报告\n预算项目支出总计0万元。农村实用技术培训是2023年项目，自评得分90分。",
    "sample": ["农村实用技术培训"],
    "review": {"农村实用技术培训": {"score": 1}},
    "evidence": {"农村实用技术培训": []},
    "task": {"end": "2024-03-31", "submitted": {}},
    "rectification": {},
    "published": {"农村实用技术培训": {"score": 1}},
}


@pytest.mark.parametrize("extras", [{}, EXTRAS], ids=["bare", "with all inputs"])
@pytest.mark.parametrize("what", ODD)
def test_no_check_crashes(what: str, extras: dict[str, Any]) -> None:
    """Every check ends with a verdict, whatever the frames lack."""
    context = cases._context(Case("IN01", "passing", 1, {**ODD[what], "extras": extras}))
    if extras:
        context.extras = {**context.extras, "previous": context.frames}
    for scope in ("workbook", "batch"):
        _, outcomes = register.run(context, scope=scope)
        broken = {outcome.code: outcome.reason for outcome in outcomes if outcome.state == "errored"}
        assert not broken
