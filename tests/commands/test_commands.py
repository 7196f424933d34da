"""inspect, explain, rules, rulesets: what they print, and what they ask back."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from support import drawing

from perfbatch.checks.register import register
from perfbatch.cli import main
from perfbatch.rulesets import names

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "input_templates" / "安肃镇2023年度绩效自评表（示例）.xlsx"

utf8_names = pytest.mark.skipif(
    sys.getfilesystemencoding() != "utf-8",
    reason="the checkout's file names are UTF-8, this locale reads them otherwise",
)


def printed(capsys: Capture, *arguments: str, code: int = 0) -> str:
    assert main(list(arguments)) == code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.out + captured.err
    return captured.out if code == 0 else captured.err


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return drawing.write(tmp_path / "表.xlsx", {"自评表": drawing.parse(drawing.load("F1")["grid"])})


def test_inspect_names_columns_cells_and_first_values(form: Path, capsys: Capture) -> None:
    text = printed(capsys, "inspect", str(form))
    assert "工作表“自评表”" in text and "F1 项目支出绩效自评表" in text
    assert "E → 指标值" in text and "F → 实际完成值" in text
    assert "D13 养护里程：目标“≥30公里”→ ≥30公里；完成“30.5公里”→ 30.5公里" in text
    assert "金额单位：万元" in text


@pytest.mark.parametrize("family", drawing.families())
def test_inspect_shows_no_internal_name(family: str, tmp_path: Path, capsys: Capture) -> None:
    document = drawing.load(family)
    grids = document.get("sheets") or {"表": document["grid"]}
    path = drawing.write(tmp_path / "表.xlsx", {name: drawing.parse(grid) for name, grid in grids.items()})
    text = printed(capsys, "inspect", str(path))
    assert set(re.findall(r"[a-z_]{3,}", text)) <= {"xlsx", "openpyxl"}


def test_inspect_names_the_nearest_words_for_a_missing_column(tmp_path: Path, capsys: Capture) -> None:
    grid = drawing.load("F1")["grid"].replace("年度指标值", "年度指标情况")
    path = drawing.write(tmp_path / "缺列.xlsx", {"表": drawing.parse(grid.replace("实际完成值", "办结说明"))})
    text = printed(capsys, "inspect", str(path))
    assert "年度指标值（可用的写法" in text and "年度指标情况" in text


@utf8_names
def test_explain_one_indicator_with_cells_formula_and_clause(capsys: Capture) -> None:
    text = printed(capsys, "explain", str(SAMPLE), "--project", "绿道绿廊土地租金", "--indicator", "补偿面积")
    assert "目标 =156.9亩（E14）" in text and "实际 116.95亩（F14）" in text
    assert "116.95 ÷ 目标 156.9 × 分值 15" in text and "→ 11.18" in text
    assert "依据：" in text and "一致" in text


def test_explain_a_project_ends_with_total_and_findings(form: Path, capsys: Capture) -> None:
    text = printed(capsys, "explain", str(form))
    assert "执行 36 ÷ 全年预算数 40 × 分值 10" in text
    assert "项目“村道养护（虚构）”总分" in text


@utf8_names
def test_explain_asks_back(form: Path, capsys: Capture) -> None:
    assert "--project" in printed(capsys, "explain", str(SAMPLE), code=2)
    assert "绿道绿廊土地租金" in printed(capsys, "explain", str(SAMPLE), "--project", "绿道绿廊租金土地", code=2)
    wrong = printed(capsys, "explain", str(form), "--indicator", "养护里数", code=2)
    assert "养护里程" in wrong
    assert "没有识别到" in printed(capsys, "explain", str(_no_form(form.parent)), code=3)


def test_explain_lists_what_a_part_of_a_name_may_mean(tmp_path: Path, capsys: Capture) -> None:
    form = _several(tmp_path, "甲村养护", "乙村养护", "乙村养护", "河道")
    asked = printed(capsys, "explain", str(form), "--project", "村养护", code=2)
    assert "有2个项目的名称含“村养护”：“甲村养护”、“乙村养护”，请写完整名称" in asked
    assert "有的是“甲村养护”、“乙村养护”、“河道”。" in printed(capsys, "explain", str(form), "--project", "啊", code=2)
    assert "有2个指标的名称含“养护”" not in printed(capsys, "explain", str(form), "--project", "河道")


def test_explain_tells_projects_of_one_name_one_after_another(tmp_path: Path, capsys: Capture) -> None:
    """A complete name is all that can be asked for."""
    form = _several(tmp_path, "甲村养护", "乙村养护", "乙村养护")
    text = printed(capsys, "explain", str(form), "--project", "乙村养护")
    assert "工作表“表2”" in text and "工作表“表3”" in text and "工作表“表1”" not in text


@pytest.mark.parametrize("typed", ["“甲村养护”", "《甲村养护》", '"甲村养护"', "甲村 养护", "甲村"])
def test_explain_takes_a_name_copied_with_its_quotes(typed: str, tmp_path: Path, capsys: Capture) -> None:
    form = _several(tmp_path, "甲村养护", "乙村养护")
    assert printed(capsys, "explain", str(form), "--project", typed).startswith("甲村养护（")


def test_explain_finds_a_project_without_a_name_by_its_sheet(tmp_path: Path, capsys: Capture) -> None:
    form = _several(tmp_path, "甲村养护", "")
    assert "例如“甲村养护”、“表2”" in printed(capsys, "explain", str(form), code=2)
    assert "工作表“表2”" in printed(capsys, "explain", str(form), "--project", "表2")


def _several(folder: Path, *names: str) -> Path:
    """A workbook with one form a sheet: 表1, 表2 …"""
    grid = drawing.load("F1")["grid"]
    sheets = {f"表{at}": drawing.parse(grid.replace("村道养护（虚构）", name)) for at, name in enumerate(names, 1)}
    return drawing.write(folder / "几个项目.xlsx", sheets)


def _no_form(folder: Path) -> Path:
    return drawing.write(folder / "日志.xlsx", {"日志": drawing.parse("序号 │ 内容\n1 │ 开会")})


@pytest.mark.parametrize("typed", ["sc05", "ＳＣ０５", " SC05"])
def test_a_code_in_any_case_and_width(typed: str, capsys: Capture) -> None:
    assert printed(capsys, "rules", typed).startswith("SC05 ")


def test_a_code_without_its_zero_is_answered_with_the_code(capsys: Capture) -> None:
    assert "最接近的是 SC01；" in printed(capsys, "rules", "sc1", code=2)


@pytest.mark.parametrize("code", list(register()))
def test_every_check_has_a_page(code: str, capsys: Capture) -> None:
    text = printed(capsys, "rules", code.lower())
    assert text.startswith(code)
    for part in ("级别：", "依据：", "参数：", "会标出：", "不标出：", "怎样改："):
        assert part in text


def test_rules_lists_all_and_refuses_unknown(capsys: Capture) -> None:
    text = printed(capsys, "rules")
    assert all(code in text for code in register())
    assert "XX99" in printed(capsys, "rules", "XX99", code=2)


@pytest.mark.parametrize("name", names())
def test_every_ruleset_page_shows_sources(name: str, capsys: Capture) -> None:
    text = printed(capsys, "rulesets", name)
    assert text.startswith(name)
    assert "positive_rule" in text and "未核对" in text and "Decimal(" not in text
