"""Which ruleset a form gets, and the sentence that says why."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from perfbatch.errors import UsageError
from perfbatch.forms import vocabulary
from perfbatch.rulesets import choose, names, parameters

_ROWS = [
    # layout, year, text, wanted → ruleset, words of the reason
    ("F1", 2023, "安肃镇人民政府 项目支出绩效自评表", None, "national-2020", "10号文表样"),
    ("F1", 2022, "廊坊市教育局 市第一学校", None, "hebei", "廊坊市"),
    ("F1", 2023, "某单位 项目支出绩效自评表（河北）", None, "hebei", "“河北”"),
    ("F1", 2022, "天津市河北区教育局", None, "national-2020", "10号文表样"),
    ("F1", 2022, "山东路街道办事处", None, "national-2020", "10号文表样"),
    ("F1", 2022, "安徽省财政厅", None, "anhui", "安徽省"),
    ("F1", 2022, "河北省 安徽省", None, "national-2020", "同时出现“河北省”“安徽省”"),
    ("F2", 2022, "眉山市", None, "sichuan", "眉山市"),
    ("F3", 2022, "河北省", None, "sichuan", "四川省表样"),
    ("F4", 2022, "", None, "yunnan", "云南"),
    ("F5", 2021, "保山市水务局", None, "hubei", "湖北省表样"),
    ("F6", 2020, "", None, "hebei", "四段式"),
    ("F7", 2016, "", None, "beijing", "得分计算方法"),
    ("F7", 2016, "海淀区", None, "beijing", "海淀区"),
    ("F1", 2023, "徐水区财政局", None, "hebei", "徐水区"),
    ("F1", 2023, "定州市教育局", None, "hebei", "定州市"),
    ("F1", 2023, "涿州市第一中学", None, "hebei", "涿州市"),
    ("F1", 2023, "雄县人民政府", None, "hebei", "雄县"),
    ("F1", 2023, "红河州财政局", None, "yunnan", "红河州"),
    ("F1", 2023, "凉山彝族自治州民政局", None, "sichuan", "凉山彝族自治州"),
    ("F1", 2023, "恩施州林业局", None, "hubei", "恩施州"),
    ("F1", 2023, "湘西州水利局", None, "hunan", "湘西州"),
    ("F1", 2023, "仙桃财政局", None, "hubei", "仙桃"),
    ("F1", 2023, "潜江市", None, "hubei", "潜江市"),
    # names that several provinces share, that only end like one, or that only sound like one
    ("F1", 2023, "长安区教育局", None, "national-2020", "10号文表样"),
    ("F1", 2023, "当雄县教育局", None, "national-2020", "10号文表样"),
    ("F1", 2023, "容易县级项目", None, "national-2020", "10号文表样"),
    ("F1", 2023, "成都路小学", None, "national-2020", "10号文表样"),
    ("F7", 2019, "济南市历城区", None, "shandong", "济南市"),
    ("F8", 2020, "衡阳市", None, "hunan", "衡阳市"),
    ("F8", 2021, "广元市", None, "national-2020", "中央转移支付"),
    ("F9", 2021, "", None, "hubei", "广水"),
    ("F11", 2023, "", None, "platform-default", "项目列表"),
    ("F12", 2023, "南宁市", None, "guangxi", "南宁市"),
    ("F12", 2023, "长沙市", None, "platform-default", "指标列表"),
    ("F14", 2020, "", None, "hunan", "台账"),
    ("F15", 2023, "", None, "national-2020", "新疆"),
    ("", 2023, "", None, "national-2020", "默认"),
    ("F3", 2022, "", "national-2021", "national-2021", "用户指定"),
]


@pytest.mark.parametrize(("layout", "year", "text", "wanted", "name", "words"), _ROWS)
def test_form_gets_its_ruleset(layout: str, year: int, text: str, wanted: str | None, name: str, words: str) -> None:
    ruleset, reason = choose(layout, year, text, wanted)
    assert ruleset.name == name
    assert words in reason and name in reason
    assert re.fullmatch(r"[^。\n]+。", reason), "one sentence"


@pytest.mark.parametrize(
    ("layout", "year", "words"),
    [
        ("F1", 2018, "2018年度早于该规则集已知的最早年份2020年"),
        ("F1", 2020, ""),
        ("F1", 2024, ""),
        ("F1", 2026, ""),
        ("F1", 2027, "2027年度晚于该规则集最近见到的2024年"),
        ("F5", 2025, "2025年度晚于该规则集最近见到的2022年"),
        ("F7", 2016, ""),
        ("F1", None, "未读到年度"),
    ],
)
def test_year_outside_the_known_edition_is_said(layout: str, year: int | None, words: str) -> None:
    _, reason = choose(layout, year, "", None)
    assert words in reason
    assert ("；" in reason) == bool(words)


def test_user_s_file_wins_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "本县.toml"
    path.write_text('extends = "hebei"\ncitation = "本单位规定"', encoding="utf-8")
    ruleset, reason = choose("F5", 2022, "湖北省", str(path))
    assert ruleset.name == "本县"
    assert reason == "按用户指定采用规则集“本县”。"


def test_unknown_wish_is_refused() -> None:
    with pytest.raises(UsageError, match="是否应为“national-202"):
        choose("F1", 2022, "", "national-20")


def test_every_family_leads_to_a_shipped_ruleset() -> None:
    folder = Path(__file__).parents[2] / "perfbatch" / "rulesets"
    table = tomllib.loads((folder / "choice.toml").read_text(encoding="utf-8"))
    known = {family["id"] for family in vocabulary.load().families} | {"F11", "F12"}
    assert set(table["layouts"]) == known
    for family in table["layouts"].values():
        assert family["ruleset"] in names()
        assert family["regions"] in ("any", "none") or set(family["regions"]) <= set(names())
    assert set(table["regions"]) <= set(names())
    words = [word for words in table["regions"].values() for word in words]
    assert len(words) == len(set(words)), "a place belongs to one region"


def test_a_division_belongs_to_one_region() -> None:
    """No name stands in two lists, and each list is that of a shipped ruleset."""
    folder = Path(__file__).parents[2] / "perfbatch" / "rulesets"
    divisions = tomllib.loads((folder / "divisions.toml").read_text(encoding="utf-8"))
    assert set(divisions) - {"elsewhere"} <= set(names())
    for kind in ("names", "bare"):
        words = [word for entry in divisions.values() for word in entry.get(kind, ())]
        assert len(words) == len(set(words))


def test_profiles_of_the_choice_exist_as_parameters() -> None:
    profiles = parameters()["weights_profile"].choices
    assert set(parameters()["weights_compare"].choices) - {"off"} <= set(profiles)
