"""The spot check: reproducible, stratified, with the riskiest for certain, and a hand-picked list never replaced."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfbatch import schema
from perfbatch.errors import UsageError
from perfbatch.model import Frames
from perfbatch.totals.lines import ProjectLine, project_lines
from perfbatch.totals.sampling import Sample, Size, draw, size_of

RULE = Size(share=Decimal("0.15"))


def lines(count: int, units: int = 1, **special: dict[str, Any]) -> list[ProjectLine]:
    rows = [
        {
            "project_id": f"P{n:03d}", "project_name": f"项目{n}", "unit": f"单位{n % units}", "category": f"类{n % 3}",
            "origin": "年初预算" if n % 2 else "追加预算", "budget_adjusted": Decimal(10 + n),
            "executed": Decimal(10), "total_declared": Decimal(95), "total_score": Decimal(95), "total_complete": True,
        }
        | special.get(f"P{n:03d}", {})
        for n in range(count)
    ]  # fmt: skip
    empty = schema.frame([], schema.FUNDS), schema.frame([], schema.INDICATORS)
    return project_lines(Frames(schema.frame(rows, schema.PROJECTS), *empty), [])


def ids(sample: Sample) -> list[str]:
    return [drawn.project_id for drawn in sample.drawn]


def test_default_share_rounded_up_per_unit() -> None:
    assert len(draw(lines(83), None, rule=RULE).drawn) == 13  # 12.45 rounded up
    by_unit = draw(lines(9, units=3), None, rule=RULE)
    assert len(by_unit.drawn) == 3  # at least one of each unit of three


def test_what_is_due_is_counted_as_it_is_drawn() -> None:
    """By unit and at least one, or of the whole batch; rounded up or to the nearest (XP14 reads the same numbers)."""
    found = draw(lines(9, units=3), Size(number=2), rule=RULE)
    assert [(one.unit, one.projects, one.due) for one in found.due] == [(f"单位{n}", 3, 1) for n in range(3)]
    assert sum(one.drawn for one in found.due) == 2 and "应抽3个" in found.note
    whole = Size(share=Decimal("0.15"), whole=True, nearest=True)
    assert [(one.unit, one.projects, one.drawn, one.due) for one in draw(lines(9, units=3), None, rule=whole).due] == [
        ("", 9, 1, 1)
    ]
    assert whole.of(10) == 2 and Size(share=Decimal("0.14"), nearest=True).of(10) == 1


def test_same_seed_same_draw_whatever_the_order() -> None:
    whole = lines(60)
    turned = whole[::-1]
    first = set(ids(draw(whole, Size(number=12), rule=RULE, seed=7)))
    assert first == set(ids(draw(turned, Size(number=12), rule=RULE, seed=7)))
    assert first != set(ids(draw(whole, Size(number=12), rule=RULE, seed=8)))


def test_riskiest_are_certain() -> None:
    special = {
        "P003": {"budget_adjusted": Decimal(9000)},
        "P011": {"executed": Decimal(0), "budget_adjusted": Decimal(50)},
        "P020": {"total_declared": Decimal(99), "total_score": Decimal(70)},
    }
    sample = draw(lines(40, **special), Size(number=8), rule=RULE)
    why = {drawn.project_id: drawn.why for drawn in sample.drawn if drawn.how == "certain"}
    assert why["P003"] == "金额最大"
    assert why["P011"] == "未执行"
    assert why["P020"] == "自评得分高于复算得分最多"


def test_hand_picked_list_is_kept_and_compared_with_the_rule() -> None:
    names = ("项目1", "项目5", "项目9", "项目30", "项目70")
    sample = draw(lines(83), None, rule=RULE, selected=names)
    assert ids(sample) == ["P001", "P005", "P009", "P030", "P070"]
    assert "人工选取5个" in sample.note and "6.02%" in sample.note and "应抽13个" in sample.note
    more = draw(lines(83), Size(number=8), rule=RULE, selected=names)
    assert len(more.drawn) == 8 and set(ids(sample)) <= set(ids(more))


def test_share_of_money_is_stated() -> None:
    sample = draw(lines(10), Size(number=5), rule=RULE)
    assert "占项目数的50%" in sample.note and "占执行金额的50%" in sample.note


@pytest.mark.parametrize("text", ["0", "-1", "5.5", "0%", "101%", "很多", ""])
def test_wrong_size_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="无效"):
        size_of(text)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 4), st.integers(1, 80), st.integers(0, 5))
def test_any_number_is_drawn_exactly_and_once(count: int, units: int, number: int, seed: int) -> None:
    drawn = ids(draw(lines(count, units), Size(number=number), rule=RULE, seed=seed))
    assert len(drawn) == len(set(drawn)) == min(number, count)
