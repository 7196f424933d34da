"""Every rule with numbers as a table of cases; each case alone and as one row among thousands."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.scored import changed, indicator, project, scored

from perfbatch.decimals import CONTEXT

_TABLES = tomllib.loads(Path(__file__).with_name("row_cases.toml").read_text(encoding="utf-8"))["table"]
_TEXTS = {"direction"}
_VERDICT = {"kind": "qualitative", "operator": "none", "t": "", "a": "", "w": "10"}


def _cases(table: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(indicator row, expected results) for each line of a table."""
    width = len(table["columns"])
    assert all(len(line) == width + len(table["expect"]) for line in table["cases"]), table["title"]
    return [
        (
            {**table["row"], **dict(zip(table["columns"], line[:width], strict=True))},
            dict(zip(table["expect"], line[width:], strict=True)),
        )
        for line in table["cases"]
    ]


def _assert_row(row: Any, expected: dict[str, Any], title: str) -> None:
    for name, wanted in expected.items():
        value = getattr(row, name)
        if name in _TEXTS:
            assert value == wanted, (title, name)
        else:
            assert value == (Decimal(wanted) if wanted else None), (title, name, value, row.formula)


@pytest.mark.parametrize("table", _TABLES, ids=[table["title"] for table in _TABLES])
def test_rule_gives_the_figures_of_its_table(table: dict[str, Any]) -> None:
    rules = changed(table.get("ruleset", "national-2020"), table.get("changes", {}))
    for given, expected in _cases(table):
        frames = scored([project(ruleset="R")], [indicator(**given)], {"R": rules})
        (row,) = frames.indicators.itertuples(index=False)
        _assert_row(row, expected, f"{table['title']} {given}")
        assert row.formula or row.role == "placeholder"


def test_same_figures_as_one_row_among_thousands() -> None:
    """All cases of all tables in one frame, each project under its own ruleset, many times over."""
    projects, rows, wanted, rulesets = [], [], [], {}
    for at, table in enumerate(_TABLES):
        rulesets[f"R{at}"] = changed(table.get("ruleset", "national-2020"), table.get("changes", {}))
        projects.append(project(f"P{at}", f"R{at}"))
        for given, expected in _cases(table):
            rows.append(indicator(f"P{at}", **given))
            wanted.append((expected, table["title"]))
    times = 4000 // len(rows) + 1
    order = pd.Series(range(len(rows) * times)).sample(frac=1, random_state=7)
    frames = scored(projects, [rows[at % len(rows)] for at in order], rulesets)
    assert len(frames.indicators) >= 4000
    for at, row in zip(order, frames.indicators.itertuples(index=False), strict=True):
        _assert_row(row, *wanted[at % len(rows)])


def test_unrounded_value_stays_beside_the_rounded_one() -> None:
    frames = scored([project()], [indicator(t="7", a="5", w="6", s="4.28")])
    row = frames.indicators.iloc[0]
    assert row["score"] == Decimal("4.29")
    assert row["score_delta"] == Decimal("-0.01")
    assert row["score_unrounded"] == CONTEXT.divide(Decimal(30), Decimal(7)), "fifty digits"


@pytest.mark.parametrize(
    ("given", "changes", "text"),
    [
        ({"t": "156.9", "a": "116.95", "w": "10"}, {}, "实际 116.95 ÷ 目标 156.9 × 分值 10"),
        ({"t": "20", "a": "25", "w": "6"}, {}, "实际 25 ≥ 目标 20，得满分 6"),
        ({"t": "20", "a": "25", "w": "6", "operator": "le"}, {}, "（1 −（实际 25 − 目标 20）÷ 目标 20）× 分值 6"),
        ({"t": "", "a": "25", "w": "6", "comparison": "none"}, {}, "目标或实际没有可以比较的数值，不自动计分"),
        ({"t": "50", "a": "25", "w": "6", "comparison": "dimension"}, {}, "目标与实际的单位不同，无法比较，不自动计分"),
        ({"t": "50", "a": "25", "w": ""}, {}, "未列分值，不计算得分"),
        ({"t": "50", "a": "25", "w": "6", "role": "child"}, {}, "“其中”行，只作上级行的佐证，不单独计分"),
        ({"t": "0", "a": "3", "w": "6"}, {}, "目标为0没有约束力，实际 3，得满分 6"),
        ({"t": "50", "a": "25", "w": "6", "role": "placeholder"}, {}, ""),
        ({"applicable": False, "w": "6"}, {"na_rule": "full_points"}, "不适用，按规则计满分"),
        (_VERDICT | {"actual_text": "达成"}, {}, "定性指标，结论为第一档，得分应在 8 至 10 之间"),
        (_VERDICT | {"actual_text": "部分达成"}, {}, "定性指标，结论为第二档，得分应在 6 至 8 之间（不含 8）"),
        (_VERDICT | {"actual_text": "很好"}, {}, "定性指标，按评判给分，不自动计算，得分应在 0 至 10 之间"),
        (
            _VERDICT | {"actual_text": "部分达成"}, {"qual_score_mode": "by_rule"},
            "定性指标，结论为第二档，得分应在 6 至 8 之间（不含 8）；按规则给分：分值 × 0.6",
        ),
        (
            _VERDICT | {"target_text": "是", "actual_text": "是"}, {"direct_rule": "yes_no"},
            "直接赋分：目标与实际一致，得满分 10",
        ),
    ],
)  # fmt: skip
def test_formula_is_a_sentence_with_the_row_s_own_figures(
    given: dict[str, Any], changes: dict[str, Any], text: str
) -> None:
    rules = changed("national-2020", changes)
    assert scored([project(ruleset="R")], [indicator(**given)], {"R": rules}).indicators.iloc[0]["formula"] == text


def test_a_direction_taken_from_the_name_is_said() -> None:
    row = scored([project()], [indicator(operator="none", t="200", a="230", w="10", level3="单价")]).indicators.iloc[0]
    assert row["formula"].endswith("（目标无符号，按名称推定越少越好）")
