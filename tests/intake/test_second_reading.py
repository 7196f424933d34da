"""openpyxl as a second opinion: agreement is counted, disagreement is a note and a finding at the cell."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import pytest
from support import drawing

from perfbatch.cli import main
from perfbatch.config import Settings
from perfbatch.intake import read_book, second
from perfbatch.intake.second import NOTE, compare
from perfbatch.model import Cell
from perfbatch.pipeline import process_workbook

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", sorted((ROOT / "input_templates").glob("空白*.xlsx")), ids=lambda p: p.stem)
def test_readers_agree_on_our_own_files(path: Path) -> None:
    book = read_book(path, name=path.name)
    compared = compare(book, path.read_bytes())
    assert compared is not None
    assert compared.notes == ()
    assert compared.equal >= sum(len(grid.cells) for grid in book.grids)


def test_numbers_percents_dates_and_booleans_agree(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append([0.1 + 0.2, 12345678901234567, True, "  边空 ", 0.8619])
    page["E1"].number_format = "0.00%"
    page["F1"] = __import__("datetime").date(2023, 12, 31)
    page["G1"], page["H1"], page["I1"] = 20, 0, 98.5
    page["G1"].number_format, page["H1"].number_format, page["I1"].number_format = "yyyy/m/d", "h:mm", "m月d日"
    book.save(tmp_path / "值.xlsx")
    read = read_book(tmp_path / "值.xlsx", name="值.xlsx")
    compared = compare(read, (tmp_path / "值.xlsx").read_bytes())
    assert compared is not None and compared.notes == () and compared.equal == 9


def test_formats_that_show_words_and_pictures_agree(tmp_path: Path) -> None:
    """The number stored is compared, not what its format shows."""
    book = openpyxl.Workbook()
    page = book.active
    codes = ['0!.0000"万元"', '"≥"0.0%', '0"天"', '[=1]"是";0', "0.00,,\n%"]
    for column, code in enumerate(codes, 1):
        page.cell(1, column, 1).number_format = code
    for column, code in enumerate(('yyyy"年"m"月底前"', 'yyyy"年度"', '"第"@"号"'), 1):
        page.cell(2, column, "三" if "@" in code else datetime.date(2023, 12, 31)).number_format = code
    page.cell(3, 1, '=DISPIMG("ID_1",1)').data_type = "s"
    book.save(tmp_path / "值.xlsx")
    read = read_book(tmp_path / "值.xlsx", name="值.xlsx")
    compared = compare(read, (tmp_path / "值.xlsx").read_bytes())
    assert compared is not None
    assert compared.notes == ()


def test_a_difference_is_named_at_its_cell(tmp_path: Path) -> None:
    path = drawing.write(tmp_path / "表.xlsx", {"自评表": drawing.parse(drawing.load("F1")["grid"])})
    book = read_book(path, name=path.name)
    book.grids[0].cells[13, 6] = Cell(13, 6, "35.5公里")
    compared = compare(book, path.read_bytes())
    assert compared is not None
    assert [(note.code, note.sheet, note.cell) for note in compared.notes] == [(NOTE, "自评表", "F13")]
    assert "35.5公里" in compared.notes[0].text and "30.5公里" in compared.notes[0].text


def test_other_containers_have_no_second_opinion(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("项目名称,得分\n甲,90\n", encoding="utf-8")
    assert compare(read_book(path, name=path.name), path.read_bytes()) is None


def test_verified_run_reports_as_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader made to differ on one cell: ST10 names it; without --verify nobody looks."""
    path = drawing.write(tmp_path / "表.xlsx", {"自评表": drawing.parse(drawing.load("F1")["grid"])})
    honest = second._read

    def mistaken(data: bytes) -> dict[str, dict[tuple[int, int], object]]:
        sheets = honest(data)
        sheets["自评表"][13, 6] = "31公里"
        return sheets

    monkeypatch.setattr(second, "_read", mistaken)
    plain = process_workbook(path, path.name, Settings())
    verified = process_workbook(path, path.name, Settings(verify=True))
    extra = {(f.code, f.cell) for f in verified.findings} - {(f.code, f.cell) for f in plain.findings}
    assert extra == {("ST10", "F13")}
    monkeypatch.undo()
    assert main(["inspect", str(path)]) == 0
    assert "逐格核对" in capsys.readouterr().out
