"""A user's own words and layouts come from `perfbatch.toml`: no Python, and mistakes in them are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import drawing

from perfbatch.config import Settings, load
from perfbatch.errors import UsageError
from perfbatch.forms.vocabulary import load as load_words
from perfbatch.model import WorkbookResult
from perfbatch.pipeline import process_workbook
from perfbatch.store import fingerprint

HOME_MADE = """
柳溪镇项目绩效打分表（2023年度） │ < │ < │ < │ < │ <
项目名称 │ 田间道路（虚构） │ < │ 实施单位 │ 柳溪镇人民政府 │ <
资金（万元） │ │ 全年预算数 │ 全年执行数 │ 执行率 │ 得分
^ │ 年度资金总额 │ 30 │ 30 │ 100% │ 10
大类 │ 小类 │ 任务内容 │ 计划 │ 干成 │ 给分 │ 评定
产出指标 │ 数量指标 │ 道路长度 │ ≥3公里 │ 3.2公里 │ 60 │ 60
满意度指标 │ 服务对象满意度指标 │ 农户满意度 │ ≥90% │ 95% │ 30 │ 30
合计 │ < │ < │ │ │ 100 │ 100
"""
CONFIG = """
[[layout]]
id = "柳溪"
title = "柳溪镇打分表"
any = ["任务内容"]

[synonyms.indicator]
level1 = ["大类"]
level2 = ["小类"]
level3 = ["任务内容"]
target = ["计划"]
actual = ["干成"]
points = ["给分"]
score = ["评定"]
"""


def process(tmp_path: Path, config: str) -> WorkbookResult:
    path = drawing.write(tmp_path / "自制.xlsx", {"表": drawing.parse(HOME_MADE)})
    toml = tmp_path / "perfbatch.toml"
    toml.write_text(config, encoding="utf-8")
    return process_workbook(path, path.name, load(toml))


def test_home_made_form_is_read_by_the_words_given(tmp_path: Path) -> None:
    result = process(tmp_path, CONFIG)
    assert result.status == "ok" and result.frames is not None
    rows = result.frames.indicators
    assert rows[["level3", "target_text", "actual_text"]].values.tolist() == [
        ["道路长度", "≥3公里", "3.2公里"],
        ["农户满意度", "≥90%", "95%"],
    ]
    assert rows["score"].tolist() == [60, 30]
    assert result.frames.projects["layout"].tolist() == ["柳溪"]


def test_without_the_words_the_reason_names_what_is_missing(tmp_path: Path) -> None:
    result = process(tmp_path, "")
    assert result.status == "refused"
    assert any("三级指标" in sheet.remark for sheet in result.sheets)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("[synonyms.indicatr]\ntarget = ['计划']", "indicator"),
        ("[synonyms.indicator]\ntaget = ['计划']", "target"),
        ("[[layout]]\nid = '柳溪'\nal = ['任务内容']", "all"),
        ("[[layout]]\nid = '柳溪'", "all 或 any"),
        ("[[layout]]\nid = '柳溪'\nany = ['任务内容']\nlike = 'F99'", "like 中“F99”无法识别"),
        ("[[layout]]\nid = '柳溪'\nany = ['任务内容']\nlike = 'F11'", "like 中“F11”无法识别"),  # a list is no form
        ("[[layout]]\nid = '柳溪'\nany = ['任务内容']\n[layout.words.indicators]\nunit = ['计']", "indicator"),
        ("[[layout]]\nid = '柳溪'\nany = ['任务内容']\n[layout.words.indicator]\nunits = ['计']", "unit"),
    ],
)
def test_mistakes_are_named(config: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=says):
        process(tmp_path, config)


@pytest.mark.parametrize("family", [f"F{number}" for number in (*range(1, 11), *range(13, 18))])
def test_a_layout_of_ones_own_loses_no_check(family: str, tmp_path: Path) -> None:
    """A form of every family under a name of the user's: like that family, all findings and states are the same."""
    drawn = drawing.load(family)
    grid = drawing.parse(drawn["grid"])
    path = drawing.write(tmp_path / "表.xlsx", {"自评表": grid})
    shipped = process_workbook(path, path.name, Settings())
    assert shipped.frames is not None and shipped.frames.projects["layout"].tolist() == [family]
    known = next(entry for entry in load_words().families if entry["id"] == family)
    by = {key: known[key] for key in ("all", "any", "points_before_target") if key in known} or {"any": ["三级指标"]}
    own = Settings(layout=({"id": "柳溪", **by, "like": family},))
    result = process_workbook(path, path.name, own)
    assert result.frames is not None and result.frames.projects["layout"].tolist() == ["柳溪"]
    assert [(f.code, f.severity, f.cell, f.message) for f in result.findings] == [
        (f.code, f.severity, f.cell, f.message) for f in shipped.findings
    ]
    assert [covered[1:] for covered in result.covered] == [covered[1:] for covered in shipped.covered]


def test_settings_travel_with_their_layouts() -> None:
    import pickle

    settings = Settings(layout=({"id": "柳溪", "any": ["任务内容"]},))
    assert pickle.loads(pickle.dumps(settings)) == settings
    keys = [fingerprint.of_settings(some, whole_run=False) for some in (settings, Settings())]
    assert keys[0] != keys[1]
