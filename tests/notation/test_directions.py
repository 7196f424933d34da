"""Names without a sign are read in the right direction, or asked about: more than a thousand, judged one by one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from perfbatch.notation.names import bare_direction, direction_of

JUDGED = tomllib.loads((Path(__file__).parent / "cases" / "directions.toml").read_text(encoding="utf-8"))
SHARE_RIGHT = 0.97


def test_names_are_read_as_judged_or_asked_about() -> None:
    """No judged name is read the wrong way round, and few have to be asked about."""
    names = [(name, "unclear" if way == "equal" else way) for way, judged in JUDGED.items() for name in judged]
    read = [(name, way, direction_of(name).way) for name, way in names]
    wrong = [(name, way, got) for name, way, got in read if got not in (way, "unclear")]
    right = sum(way == got for _, way, got in read)
    asked = len(read) - right - len(wrong)
    print(f"{len(read)} 个名称，方向正确 {right}（{right / len(read):.1%}），询问 {asked}，错 {len(wrong)}")
    assert len(read) >= 1000
    assert wrong == []
    assert right / len(read) >= SHARE_RIGHT


@pytest.mark.parametrize(
    ("name", "group", "way"),
    [
        ("水泥路面", "经济成本指标", "less"), ("成本节约率", "经济成本指标", "more"),
        ("发放标准", "经济成本指标", "unclear"),
        ("总体评价", "服务对象满意度指标", "more"), ("指标1：培训人数≥100人", "数量指标", "more"),
        ("PM2.5浓度", "生态效益指标", "less"), ("未办结件数", "", "less"), ("不合格率", "", "less"),
        ("", "", "unclear"),
    ],
)  # fmt: skip
def test_the_group_settles_what_the_name_leaves_open(name: str, group: str, way: str) -> None:
    """Cost and satisfaction groups decide where the name does not; a word of the name outweighs the group."""
    assert direction_of(name, group).way == way


@pytest.mark.parametrize(
    ("name", "target", "way"),
    [
        ("上访次数", "下降10%", "more"), ("上访次数", "下降至5次", "less"), ("失业率", "4.5%", "less"),
        ("群众满意度", "提高到95%", "more"), ("二氧化碳排放量", "减少5吨", "more"), ("二氧化碳排放量", "5吨", "less"),
    ],
)  # fmt: skip
def test_a_target_that_is_a_change_says_its_own_direction(name: str, target: str, way: str) -> None:
    """A fall that is asked for is to be reached in full; the level it should fall to is a ceiling."""
    assert bare_direction(name, "", target).way == way
