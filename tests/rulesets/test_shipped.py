"""The shipped rulesets: complete, cited, honest about what was verified, and true to the reference."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perfbatch.rulesets import STATUSES, load, names, parameters

# Section 13 of the reference on scoring: parameter → default of national-2020 (plain values; None is "off").
_SECTION_13: dict[str, Any] = {
    "weights_profile": "free", "weights_compare": "std_2020", "total_points": 100, "exec_points": 10,
    "exec_points_source": "printed", "exec_base": "adjusted", "exec_rule": "proportional", "exec_cap": True,
    "positive_rule": "ratio", "negative_rule": "linear", "equal_rule": "as_positive",
    "zero_target_rule": "le_zero_full", "strict_inequality": True, "negative_actual": "zero",
    "bare_target_direction": "by_name", "qual_bands": (80, 60), "qual_labels": ("A", "B", "short"),
    "qual_score_mode": "check_only", "satisfaction_rule": "as_indicator", "over_flag_ratio": Decimal("1.2"),
    "over_reason_ratio": Decimal("1.3"), "over_zero_target_limit": 30, "over_review_ratio": 2,
    "over_deduction": None, "pass_threshold": None, "na_rule": "rescale", "na_includes_exec": True,
    "row_round": 2, "total_round": 2, "round_mode": "half_up", "tol_score": Decimal("0.1"),
    "tol_rate": Decimal("0.1"), "grades": (90, 80, 60), "report_bands": (90, 60),
    "reason_rule": ("below_points", "over_ratio", "exec_below"), "reason_exec_below": Decimal("0.9"),
    "reason_min_chars": 5, "unexecuted_rule": "rows", "hebei_item_scale": "auto", "deduction_column": False,
    "default_cost_row": None, "money_unit": "by_header", "aggregate_rule": "none",
    "sample_share": Decimal("0.15"), "sample_scope": "department", "sample_round": "ceil",
    "penalty_late": Decimal("0.1"), "penalty_none": Decimal("0.2"),
}  # fmt: skip
# What the reference states for the others and where they differ from national-2020.
_OWN: dict[str, dict[str, Any]] = {
    "national-2021": {
        "exec_rule": "steps", "pass_threshold": Decimal("0.6"), "satisfaction_rule": "steps", "cost_rule": "ceiling",
        "weights_compare": "cost_2021", "direct_rule": "yes_no",
        "exec_saved": "finished_full", "qual_labels": ("C", "A", "B", "short"),
    },
    "platform-default": {},
    "hebei": {},
    "guangxi": {
        "deduction_column": True, "check_severity": {"RE03": "error", "RE08": "error"},
        "reason_rule": ("below_points", "over_ratio", "qualitative", "exec_below"),
    },
    "shanxi": {"default_cost_row": 5},
    "hubei": {
        "exec_points": 20, "negative_rule": "ratio", "qual_bands": (80, 50), "weights_compare": "hubei_20",
        "aggregate_rule": "sum_abs_weighted_rel",
    },
    "sichuan": {
        "negative_rule": "ratio", "weights_compare": "sichuan_10_90",
        "reason_rule": ("below_points", "exec_below", "adjusted"),
    },
    "yunnan": {"weights_compare": None},
    "beijing": {"exec_base": "initial", "negative_rule": "ratio"},
    "shandong": {"negative_rule": "ratio", "qual_bands": (80, 50)},
    "anhui": {},
    "shanghai": {},
    "hunan": {"weights_profile": "none", "weights_compare": None, "exec_points": 0, "exec_rule": "none"},
}  # fmt: skip


def test_closing_table_of_the_reference_is_complete() -> None:
    plain = load("national-2020").plain()
    assert {key: plain[key] for key in _SECTION_13} == _SECTION_13
    assert plain["nil_words"] == ("0", "/", "—", "-", "无", "暂无")
    assert set(plain["weight_profiles"]) == {
        "std_2020", "cost_2021", "std_no_satisfaction", "hubei_20", "hubei_20_80", "no_exec", "sichuan_10_90",
        "guangshui_85", "hebei_chengan", "equal_no_exec", "gansu_county", "bond_10", "none",
    }  # fmt: skip


def test_all_rulesets_are_listed_national_ones_first() -> None:
    assert names()[:3] == ["national-2020", "national-2021", "platform-default"]
    assert set(names()) == {"national-2020", *_OWN}


@pytest.mark.parametrize("name", _OWN)
def test_ruleset_differs_from_the_national_one_only_where_a_source_says_so(name: str) -> None:
    mine, national = load(name).plain(), load("national-2020").plain()
    different = {key: value for key, value in mine.items() if value != national[key]}
    if name == "platform-default":  # states its own labels, without those of 101号
        assert set(different.pop("qual_label_sets")) == {"A", "B", "short"}
    assert different == _OWN[name]


@pytest.mark.parametrize("name", ["national-2020", *_OWN])
def test_every_value_is_complete_and_cited(name: str) -> None:
    ruleset = load(name)
    assert list(ruleset.values) == list(parameters())
    for key, value in ruleset.values.items():
        assert value.citation, key
        assert value.status in STATUSES, key
        assert value.since or "日期" in value.note, key
        assert value.origin in {"conventions", "national-2020", name}, key
        assert value.status != "option" or value.origin == "conventions", key
        assert "未核" not in ruleset.basis(key), "what was not verified stands in the manuals"


@pytest.mark.parametrize("name", [name for name in _OWN if name.startswith("national") or name == "hebei"])
def test_unverified_paragraphs_are_never_marked_seen(name: str) -> None:
    for key, value in load(name).values.items():
        if "〔2020〕10号" in value.citation or value.citation.startswith("财预〔2021〕101号"):
            assert value.status.startswith("recalled"), key


def test_conventions_are_no_ruleset_to_choose() -> None:
    assert "conventions" not in names()
    assert load("conventions").abstract


def test_weight_profiles_add_up_to_a_hundred() -> None:
    profiles = load("national-2020")["weight_profiles"]
    for name in ("std_2020", "cost_2021", "std_no_satisfaction", "hubei_20", "hubei_20_80", "no_exec", "gansu_county"):
        assert sum(profiles[name].values()) == 100, name


def test_every_parameter_says_what_it_means() -> None:
    for key, parameter in parameters().items():
        assert len(parameter.meaning) >= 6, key


def test_no_path_of_a_ruleset_is_too_long_for_windows() -> None:
    folder = Path(__file__).parents[2] / "perfbatch" / "rulesets"
    assert all(len(str(path.relative_to(folder.parents[1]))) < 80 for path in folder.iterdir())
