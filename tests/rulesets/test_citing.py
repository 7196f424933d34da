"""A finding cites what holds for its form: no rule of another region, no mark of what was not verified."""

from __future__ import annotations

import pytest

from perfbatch.rulesets import fitting, load, names, plainly, region_of_family
from perfbatch.rulesets.ruleset import ELSEWHERE


@pytest.mark.parametrize(
    ("basis", "regions", "cited"),
    [
        ("一体化系统（广西分支）：达到130%须说明", ("河北",), ELSEWHERE),
        ("一体化系统（广西分支）：达到130%须说明", ("广西",), "一体化系统（广西分支）：达到130%须说明"),
        ("一体化系统配置；上海2022年、四川2022—2023年表样", ("河北",), "一体化系统配置"),
        ("一体化系统配置；四川表样", ("四川", ""), "一体化系统配置；四川表样"),
        ("财预〔2020〕10号（据记忆，未核原文）：执行率低的单独说明", ("",), "财预〔2020〕10号：执行率低的单独说明"),
        ("河北县级四块自评表栏目", ("", "河北"), "河北县级四块自评表栏目"),
        ("填报实务", ("",), "填报实务"),
    ],
)  # fmt: skip
def test_only_sources_that_fit_are_cited(basis: str, regions: tuple[str, ...], cited: str) -> None:
    assert fitting(basis, *regions) == cited


def test_a_note_keeps_what_tells_something() -> None:
    assert (
        plainly("条文未核对；各地表上分值不同，以表上印的为准；广西分支为必填", "河北")
        == "各地表上分值不同，以表上印的为准"
    )


@pytest.mark.parametrize("name", names())
def test_no_ruleset_cites_another_region(name: str) -> None:
    """Neither in the basis of a value nor, in its words, a doubt of ours."""
    rules = load(name)
    others = {load(other).region for other in names()} - {rules.region, ""}
    for key in rules.values:
        told = rules.basis(key)
        assert not [region for region in others if region in told], told
        assert "未核" not in told


def test_a_family_of_forms_belongs_to_its_region() -> None:
    assert (region_of_family("F6"), region_of_family("F3"), region_of_family("F1")) == ("河北", "四川", "")
