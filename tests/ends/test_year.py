"""The year of a unit, done with files: mend, answer, run again, draw, review, ledger, next year; nothing is lost."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from support import writing
from support.ends import SUMMARY, Listed, Run, form

from perfbatch.cli import main

Capture = pytest.CaptureFixture[str]
LEDGER, NAME = "整改台账", "村道养护（虚构）"
COPY, PAPER = Path("output/表_批注.xlsx"), Path("output/抽查工作底稿.xlsx")
# SC01 and SC03, IN05, IN12; 受益村庄 has missed its target and lost points
THIS_YEAR = {"H13": "22", "F15": "≥96%", "E19": "进一步提升"}
WORDS = {
    "原因": "道路改线，由县交通局统一安排",
    "整改措施": "列入2024年养护计划",
    "责任人": "张三",
    "时限": "2024年6月",
}
NEXT_YEAR = {"A2": "（2024年度）", "E16": "2024年12月底前", "F16": "2024年11月20日", "F15": "≥96%", "E19": "进一步提升"}
MET = {"F18": "12个", "H18": "20", "H21": "99", "I18": ""}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    form(Path("input/表.xlsx"), THIS_YEAR)
    return tmp_path


def ledger(output: str | Path = "output") -> dict[str, dict[str, str]]:
    """The rows by code."""
    return {row["编号"]: row for row in Listed(Path(output), LEDGER).rows()}


def write(sheet: str, code: str, **words: str) -> None:
    listed = Listed(Path("output"), sheet)
    listed.fill(listed.row(编号=code), **words)
    listed.save()


def first_year() -> Run:
    """All that a clerk does with the first year's forms."""
    made = Run()
    assert made.open("error") == ["SC01", "SC03"] and made.open("warning") == ["IN05"] and made.code == 1
    writing.cell(COPY, None, "H13", "20")
    write("问题清单", "IN05", 处理="属实", 说明="一体化系统中就是这样填的，数值无误。")
    made = Run("--sample", "1", "--seed", "1")
    assert made.code == 0 and made.open("warning") == []
    writing.paper(PAPER, "佐证材料齐全")
    assert main(["review", str(PAPER)]) == 0
    write(LEDGER, "失分", **WORDS)
    return Run("--sample", "1", "--seed", "1")


def test_the_first_year() -> None:
    made = first_year()
    assert made.code == 0 and made.one("IN05")["accepted_by"] == "person"
    assert made.one("IN12")["accepted_by"] == "approval"
    row = ledger()["失分"]
    assert row["指标"] == "受益村庄" and {word: row[word] for word in WORDS} == WORDS
    assert "佐证材料齐全" in writing.words_of(Path("output"))
    assert Listed(made.output, "系统更正清单").row(单元格="H13")["应改为"] == "20"
    assert not list(made.output.glob("*已修改*"))


def test_another_year_that_met_its_target_is_mended(capsys: Capture) -> None:
    first_year()
    form(Path("next/表.xlsx"), NEXT_YEAR | MET)
    made = Run("next", "--previous", "output", output="later")
    rows = ledger(made.output)
    assert rows["失分"]["状态"] == "已整改（本年未再发现）" and rows["失分"]["整改措施"] == "列入2024年养护计划"
    assert rows["失分"]["原因"] == "道路改线，由县交通局统一安排"
    assert rows["IN12"]["状态"] == "上年沿用"
    assert "不是同一单位" not in capsys.readouterr().out


def test_a_lowered_target_is_not_mended() -> None:
    first_year()
    form(Path("next/表.xlsx"), NEXT_YEAR | MET | {"E18": "≥10个", "F18": "10个"})
    rows = ledger(Run("next", "--previous", "output", output="later").output)
    assert rows["失分"]["状态"] == "上年沿用（目标由“≥12个”改为“≥10个”，降低目标不算整改）"
    assert rows["失分"]["整改措施"] == "列入2024年养护计划"


def test_a_renamed_project_is_suggested() -> None:
    first_year()
    form(Path("next/表.xlsx"), NEXT_YEAR | MET, "村道管护（虚构）")
    rows = ledger(Run("next", "--previous", "output", output="later").output)
    assert rows["失分"]["状态"] == "未核对（本年没有这个项目，是否改名为“村道管护（虚构）”？）"
    assert rows["失分"]["责任人"] == "张三"


def test_the_ledger_of_another_unit_is_said_and_listed(capsys: Capture) -> None:
    first_year()
    form(Path("next/表.xlsx"), NEXT_YEAR | MET | {"F4": "青石镇人民政府"}, "水渠清淤（虚构）")
    capsys.readouterr()
    rows = ledger(Run("next", "--previous", "output", output="later").output)
    assert "“柳溪镇人民政府”的结果，本次是“青石镇人民政府”，不是同一单位" in capsys.readouterr().out
    assert rows["失分"]["状态"] == "未核对（本年没有这个项目）" and rows["失分"]["责任人"] == "张三"


def test_what_is_written_beside_the_lists_is_kept_and_said(capsys: Capture) -> None:
    """The name of the head of the unit on the first sheet, a column of one's own on two others."""
    first_year()
    book = openpyxl.load_workbook(Path("output", SUMMARY))
    first = book.worksheets[0]
    place = next(cell for row in first.iter_rows() for cell in row if str(cell.value).startswith("单位负责人"))
    place.value = f"{place.value}李四"
    for name in (LEDGER, "项目得分"):
        book[name].cell(4, book[name].max_column + 2).value = f"{name}旁边的话"
    book.save(Path("output", SUMMARY))
    capsys.readouterr()
    Run("--sample", "1", "--seed", "1")
    assert "绩效自评汇总表(已修改).xlsx”保留" in capsys.readouterr().out
    words = writing.words_of(Path("output"))
    assert all(word in words for word in ("李四", "整改台账旁边的话", "项目得分旁边的话"))
    assert ledger()["失分"]["责任人"] == "张三"


def test_weak_targets_of_one_kind_are_one_row() -> None:
    for name in ("桥梁养护（虚构）", "水渠养护（虚构）"):
        form(Path(f"input/{name}.xlsx"), {"E19": "明显改善"}, name)
    row = ledger(Run().output)["IN12"]
    assert row["问题"].endswith("：3个项目的3个指标。")
    for name, target in ((NAME, "进一步提升"), ("桥梁养护（虚构）", "明显改善"), ("水渠养护（虚构）", "明显改善")):
        assert f"{name}：管护制度（{target}）" in row["指标"]


@pytest.mark.parametrize("change", ["row", "sheet"])
def test_a_ledger_half_deleted_loses_nothing(change: str) -> None:
    first_year()
    listed = Listed(Path("output"), LEDGER)
    if change == "row":
        listed.sheet.delete_rows(listed.row(编号="失分")["row"])
    else:
        del listed.book[LEDGER]
    listed.save()
    Run("--sample", "1", "--seed", "1")
    assert {word: ledger()["失分"][word] for word in WORDS} == WORDS


def test_what_is_cleared_is_taken_back() -> None:
    first_year()
    write(LEDGER, "失分", **dict.fromkeys(WORDS, ""))
    for _ in range(2):
        Run("--sample", "1", "--seed", "1")
        row = ledger()["失分"]
        assert row["整改措施"] == "【待填写】" and row["原因"].endswith("（摘自自评表）")
