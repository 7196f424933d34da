"""Every check that is shipped speaks when `perfbatch run` reads files: none waits for an input that nobody can give.

The failing cases of `tests/checks/cases` are written as workbooks, documents and settings (`support.booked`). What
needs forms alone lies in one folder; what needs other files beside them is run by itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support import booked, cases
from support.cases import Case

from perfbatch.checks import register
from perfbatch.cli import main

_BESIDE = ("extras", "previous", "papers", "approved", "monitored", "departments", "planned", "notes", "sheets",
           "parameters", "ruleset", "batch_year")  # fmt: skip
_ALONE = (
    "XP10",
    "ST03",
)  # of a whole batch, and one whose first case speaks of forms that a sheet cannot be drawn with


def failing(code: str) -> list[Case]:
    return [case for case in cases.load(cases.CASES / f"{code}.toml") if case.kind == "failing"]


def of_forms_alone(code: str) -> list[Case]:
    """Its cases that speak of nothing but forms."""
    return [case for case in failing(code) if not any(key in case.table for key in _BESIDE)]


CODES = sorted(register.register())
TOGETHER = [code for code in CODES if of_forms_alone(code) and code not in _ALONE]
APART = [code for code in CODES if code not in TOGETHER]


def raised(folder: Path, *words: str) -> set[str]:
    """The checks that spoke in a run in `folder`."""
    assert main(["run", *words, "--output", "output", "--workers", "1"]) in (0, 1, 3)
    lines = (folder / "output" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["code"] for line in lines}


def test_checks_of_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "input").mkdir()
    for code in TOGETHER:
        booked.books_of(of_forms_alone(code)[0], tmp_path / "input", code)
    assert sorted(set(TOGETHER) - raised(tmp_path)) == []


def _a_strange_sheet(case: Case, folder: Path) -> list[str]:
    """A sheet beside the form that is neither a form nor a list."""
    words = booked.folder_of(case, folder)
    path = folder / "input" / "案例.xlsx"
    book = openpyxl.load_workbook(path)
    book.create_sheet("城关镇")["A1"].value = "城关镇2023年工作台账"
    book.save(path)
    return words


def _an_error(case: Case, folder: Path) -> list[str]:
    """A cell that holds #DIV/0!."""
    words = booked.folder_of(case, folder)
    path = folder / "input" / "案例.xlsx"
    book = openpyxl.load_workbook(path)
    cell = next(cell for row in book.active.iter_rows() for cell in row if cell.value == "93%")
    cell.value = "#DIV/0!"
    book.save(path)
    return words


def _few_drawn(case: Case, folder: Path) -> list[str]:
    """One of eight projects of a unit, of which the share asks for two."""
    table: dict[str, Any] = {"why": "", "forms": [{"project_name": f"农机操作培训{n}"} for n in range(8)]}
    return [*booked.folder_of(Case(case.code, "failing", 1, table), folder), "--sample", "1"]


def _a_wrong_sum(case: Case, folder: Path) -> list[str]:
    """The row 合计 below a list, which the cases do not draw."""
    words = booked.folder_of(case, folder)
    path = folder / "input" / "案例项目列表.xlsx"
    book = openpyxl.load_workbook(path)
    page = book.active
    assert page is not None
    column = next(cell.column for row in page.iter_rows() for cell in row if cell.value == "全年预算数")
    page.cell(page.max_row + 1, 1).value = "合计"
    page.cell(page.max_row, column).value = 436
    book.save(path)
    return words


OWN: dict[str, Callable[[Case, Path], list[str]]] = {
    "FU19": _a_wrong_sum, "ST01": _a_strange_sheet, "ST10": _an_error, "XP14": _few_drawn,
}  # fmt: skip


@pytest.mark.parametrize("code", APART)
def test_checks_that_need_more_than_forms(code: str, tmp_path: Path) -> None:
    """The first of its cases that files can be written for."""
    assert any(code in found for found in _runs(code, tmp_path))


def _runs(code: str, home: Path) -> Iterator[set[str]]:
    before = Path.cwd()
    for case in failing(code):
        folder = home / str(case)
        folder.mkdir()
        os.chdir(folder)
        try:
            yield raised(folder, *OWN.get(code, booked.folder_of)(case, folder))
        finally:
            os.chdir(before)
