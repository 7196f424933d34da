"""Checks of the batch speak of every form and list row, also of those that do not count; read back from a whole run."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from perfbatch.cli import main

SAMPLES = Path(__file__).parents[2] / "input_templates"
FORMS, LIST = "安肃镇2023年度绩效自评表（示例）.xlsx", "安肃镇2023年度一体化导出列表（示例）.xlsx"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """Findings on the township's forms beside its list, in which two figures differ and one project is another one."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "input").mkdir()
    (folder / "input" / FORMS).write_bytes((SAMPLES / FORMS).read_bytes())
    book = openpyxl.load_workbook(SAMPLES / LIST)
    sheet = book.worksheets[0]
    header = {str(cell.value): cell.column for cell in sheet[3]}
    row = next(row for row in range(4, sheet.max_row) if sheet.cell(row, header["全年执行数"]).value)
    sheet.cell(row, header["全年执行数"]).value += 3
    sheet.cell(row + 1, header["得分"]).value = 12
    sheet.cell(row + 2, header["项目名称"]).value = "农民画培训班场地租赁"
    sheet.cell(row + 2, header["项目编码"]).value = "13060923P000000000999"
    sheet.cell(row + 2, header["调整后预算数"]).value = 4321
    book.save(folder / "input" / "列表.xlsx")
    main(["run", str(folder / "input"), "--output", str(folder / "output"), "--workers", "1"])
    lines = (folder / "output" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return [found for found in map(json.loads, lines) if found["code"] in ("XP01", "XP02", "XP04")]


def test_list_rows_beside_forms_are_compared(found: list[dict[str, str]]) -> None:
    """At the row of the list, although the form counts."""
    told = [(f["code"], f["file"], f["cell"]) for f in found if f["code"] == "XP04"]
    assert len(told) == 2 and {file for _, file, _ in told} == {"列表.xlsx"}


def test_what_is_on_one_side_only(found: list[dict[str, str]]) -> None:
    """A project of the list without a form, and the form that is not on the list."""
    told = {(f["file"], f["message"].rpartition("”")[2]) for f in found if f["code"] == "XP02"}
    assert told == {(FORMS, "有自评表，不在项目清单中。"), ("列表.xlsx", "在项目清单中，没有对应的自评表。")}


def test_nothing_is_called_twice(found: list[dict[str, str]]) -> None:
    assert [f for f in found if f["code"] == "XP01"] == []
