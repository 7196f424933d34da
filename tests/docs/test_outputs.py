"""OUTPUTS.md against files that the program has written: nothing undescribed, nothing described that is not there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from support import drawing, writing
from support.workpapers import heading

from perfbatch.cli import main
from perfbatch.model import Unread
from tools import handbook

TOLD = handbook.meanings()
SUMMARY, PAPER = "绩效自评汇总表.xlsx", "抽查工作底稿.xlsx"
TARGETS = """
2023年度项目绩效目标表 │ < │ < │ < │ <
项目名称 │ 村道养护（虚构） │ < │ 实施单位 │ 柳溪镇人民政府
一级指标 │ 二级指标 │ 三级指标 │ 指标值 │ 分值
产出指标 │ 数量指标 │ 养护里程 │ ≥40公里 │ 20
"""
MONITORING = """
2023年度绩效运行监控表 │ < │ < │ < │ < │ <
项目名称 │ 村道养护（虚构） │ < │ 实施单位 │ 柳溪镇人民政府 │ <
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 1—7月执行情况 │ 完成目标可能性
产出指标 │ 数量指标 │ 养护里程 │ ≥30公里 │ 20公里 │ 确定能
"""
OVERALL = """
2023年度部门整体支出绩效自评表 │ < │ < │ < │ < │ < │ <
部门名称 │ 柳溪镇人民政府 │ < │ < │ < │ < │ <
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分
过程 │ 预算执行 │ 预算完成率 │ =100% │ 96% │ 100 │ 96
"""
ONE_PROJECT = "每个项目一张"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All drawn forms in one run, reviewed: every sheet and every optional column is there."""
    folder = tmp_path_factory.mktemp("outputs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (folder / "input").mkdir()
        for family in drawing.families():
            document = drawing.load(family)
            grids = document.get("sheets") or {"表": document["grid"]}
            sheets = {name: drawing.parse(grid) for name, grid in grids.items()}
            drawing.write(folder / "input" / f"{family}.xlsx", sheets)
        grid = drawing.load("F1")["grid"]  # under other names: the same one would count once
        odd, form = (drawing.parse(grid.replace("村道养护", name)) for name in ("村道绿化", "村道照明"))
        odd = odd.edited({"E13": "30—50公里", "J12": "扣分", "J18": "3.33"})
        drawing.write(folder / "input" / "区间.xlsx", {"表": odd})
        drawing.write(folder / "input" / "监控.xlsx", {"表": drawing.parse(MONITORING), "整体": drawing.parse(OVERALL)})
        drawing.write(folder / "input" / "年初目标.xlsx", {"表": drawing.parse(TARGETS)})
        blank = {f"{column}{row}": "" for row in range(13, 22) for column in "GH"}
        drawing.write(folder / "input" / "无得分.xlsx", {"表": form.edited(blank | {"I6": "", "F6": "0", "F7": "0"})})
        paper = folder / "input" / "佐证资料" / "村道绿化（虚构）" / "验收单.txt"
        paper.parent.mkdir(parents=True)
        paper.write_text("验收单\n共完成3处。", encoding="utf-8")
        assert main(["run", "--workers", "1"]) in (0, 1, 3)
        for name in ("区间", "无得分"):
            writing.cell(folder / "output" / f"{name}_批注.xlsx", "表", "F13", "40公里")
        assert main(["run", "--workers", "1"]) in (0, 1, 3)
        main(["review", str(_filled(folder / "output" / PAPER, folder / PAPER))])
    return folder / "output"


def _filled(paper: Path, target: Path) -> Path:
    """The workpaper with one score entered."""
    book = openpyxl.load_workbook(paper)
    row, columns = heading(book.worksheets[1])
    book.worksheets[1].cell(row + 1, columns["核查分数"]).value = 1
    book.save(target)
    return target


FRAMES = ["projects", "funds", "indicators", "targets", "monitoring", "overall", "evidence", "findings"]


@pytest.mark.parametrize("name", FRAMES)
def test_every_column_of_the_frames(name: str, output: Path) -> None:
    columns = pq.read_schema(output / "data" / f"{name}.parquet").names
    assert [column for column in columns if not column.startswith("cell_")] == list(TOLD[name])
    page = handbook.pages()["OUTPUTS.md"]
    assert [column for column in columns if f"| `{column}` |" not in page] == []


def test_places_are_described_by_a_word() -> None:
    """`cell_executed` → 执行数: no column name leaks into the meaning."""
    for line in handbook.pages()["OUTPUTS.md"].splitlines():
        if line.startswith("| `cell_"):
            assert not any(char.isascii() and char.isalpha() for char in line.split("|")[3]), line


def test_every_field_of_findings(output: Path) -> None:
    lines = (output / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines and all(list(json.loads(line)) == list(TOLD["findings"]) for line in lines)


def fields(record: Any, above: str = "") -> set[str]:
    """Dotted names of all fields; a list counts with its items."""
    if isinstance(record, list):
        return set().union(*(fields(item, above) for item in record))
    if not isinstance(record, Mapping):
        return set()
    names = {f"{above}.{key}" if above else str(key) for key in record}
    return names.union(*(fields(value, f"{above}.{key}" if above else str(key)) for key, value in record.items()))


def test_every_field_of_run_json(output: Path) -> None:
    record = json.loads((output / "run.json").read_text(encoding="utf-8"))
    record["checks"] = [told | {"reasons": {}} for told in record["checks"].values()]  # keys are codes, and sentences
    named_by_rule = ("totals.bands.", "totals.bands_computed.", "totals.grades.")  # keys are words of the ruleset
    of_our_faults = {"files.traceback", "checks.traceback"}  # tests/batch/test_faults.py has them
    unread = {f"files.sheets.unread.{name}" for name in Unread._fields}  # tests/strangers has these and the questions
    elsewhere = {*unread, "files.sheets.remark", *(f"questions.{name}" for name in ("setting", "question", "files"))}
    found = {name for name in fields(record) if not name.startswith(named_by_rule)}
    assert found | of_our_faults | elsewhere == set(TOLD["run"])


def headings(sheet: Any) -> list[str]:
    """The first table heading of a sheet: its first row that opens with a known word."""
    opening = ("序号", "名次", "文件")
    row = next(row for row in sheet.iter_rows(values_only=True) if row[0] in opening)
    return [str(text) for text in row if text is not None]


def described(group: str, sheet: str) -> list[str]:
    return [name for name in TOLD[group][sheet] if name]


def test_every_sheet_and_heading_of_the_summary(output: Path) -> None:
    book = openpyxl.load_workbook(output / SUMMARY)
    assert book.sheetnames == list(TOLD["summary"])
    for sheet in book.worksheets[1:]:
        assert headings(sheet) == described("summary", sheet.title), sheet.title


def test_every_heading_of_the_workpaper(output: Path) -> None:
    book = openpyxl.load_workbook(output / PAPER)
    assert book.sheetnames[0] == "目录" and list(TOLD["workpaper"]) == ["目录", ONE_PROJECT]
    assert headings(book["目录"]) == described("workpaper", "目录")
    assert headings(book.worksheets[1]) == described("workpaper", ONE_PROJECT)


def test_every_file_is_in_the_readme(output: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    names = {path.name for path in output.iterdir() if not path.name.startswith(".")}
    shown = {"原文件名_批注.xlsx" if "_批注" in name else "data/" if name == "data" else name for name in names}
    assert [name for name in sorted(shown) if f"`{name}`" not in readme] == []
