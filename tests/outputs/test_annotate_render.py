"""Sources that cannot be marked in place: a new workbook with the same cells at the same addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import containers
from support.rich_books import FORM, edit, finding, parts_of, rich_book, swap

from perfbatch.errors import UnpublishedOutput
from perfbatch.intake import read_book
from perfbatch.model import Book, Cell, Finding, Grid, Range
from perfbatch.outputs import render as render_module
from perfbatch.outputs.annotate import annotate
from perfbatch.outputs.files import publish
from perfbatch.outputs.marks import PALETTE
from perfbatch.outputs.render import Rendering

CELLS = [
    Cell(1, 1, "2023年度项目支出绩效自评表"),
    Cell(2, 1, "项目名称"),
    Cell(2, 2, '=HYPERLINK("http://x")'),
    Cell(3, 1, "000123"),
    Cell(3, 2, "492125", "number", "#,##0.00"),
    Cell(3, 3, "86.19%", "percent", "0.00%"),
    Cell(3, 4, "33.3333333333%", "percent"),
    Cell(3, 5, "2023-12-31", "date", "yyyy-mm-dd"),
    Cell(3, 6, "2023-12-31 08:30", "date"),
    Cell(4, 1, "TRUE", "bool"),
    Cell(4, 2, "#DIV/0!", "error"),
    Cell(4, 3, "第一行\n第二行"),
    Cell(4, 4, "0.285", "number"),
    Cell(4, 5, "434.999999999999", "number"),
    Cell(4, 6, "-0.5", "number"),
    Cell(6, 2, "合并"),
]


def book_of(*grids: Grid) -> Book:
    return Book("旧表.xls", "xls", "0" * 64, list(grids))


def grid_of(cells: list[Cell], sheet: str = "自评表", **more: object) -> Grid:
    return Grid("旧表.xls", sheet, {(cell.row, cell.column): cell for cell in cells}, **more)  # type: ignore[arg-type]


def render(book: Book, target: Path, findings: list[Finding], *, indexed: bool = False) -> SimpleNamespace:
    made = Rendering(book, findings, {}, indexed=indexed)
    path = publish(target, made.save, made.prove)
    return SimpleNamespace(path=path, marked=made.marked, notes=made.notes)


def test_the_copy_prints_one_page_wide(tmp_path: Path) -> None:
    wide = grid_of([Cell(1, column, "绩效指标的实际完成值和偏差原因说明") for column in range(1, 9)], "宽表")
    done = render(book_of(grid_of(CELLS), wide), tmp_path / "out.xlsx", [finding("自评表", "C3")])
    book = openpyxl.load_workbook(done.path)
    for sheet in book.worksheets:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight, sheet.page_setup.paperSize) == (1, 0, 9)
    assert book["自评表"].print_area == "'自评表'!$A$1:$F$6"
    assert [sheet.page_setup.orientation for sheet in book.worksheets] == ["portrait", "landscape"]


def test_a_new_workbook_of_many_forms_has_the_list_too(tmp_path: Path) -> None:
    grid = grid_of(CELLS, sheet="a/b")
    done = render(book_of(grid), tmp_path / "out.xlsx", [finding("a/b", "C3")], indexed=True)
    book = openpyxl.load_workbook(done.path)
    assert book.sheetnames == ["问题索引", "a_b"]
    (link,) = [cell.hyperlink for row in book["问题索引"].iter_rows() for cell in row if cell.hyperlink]
    assert link.location == "'a_b'!C3"
    assert book.active.title == "a_b"


def test_the_same_cells_stand_at_the_same_addresses(tmp_path: Path) -> None:
    merges = (Range(1, 1, 1, 6), Range(6, 2, 7, 3), Range(9, 9, 9, 9), Range(7, 3, 8, 4))
    grid = grid_of(CELLS, merges=merges, hidden_rows=frozenset({3}))
    done = render(book_of(grid), tmp_path / "out.xlsx", [finding("自评表", "C3"), finding("自评表", "C7", "info")])
    sheet = openpyxl.load_workbook(done.path)["自评表"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ('=HYPERLINK("http://x")', "s")
    assert (sheet["A3"].value, sheet["B3"].value, sheet["C3"].value) == ("000123", 492125, 0.8619)
    assert (sheet["B3"].number_format, sheet["C3"].number_format) == ("#,##0.00", "0.00%")
    assert (sheet["E3"].value.isoformat(), sheet["F3"].value.isoformat()) == (
        "2023-12-31T00:00:00",
        "2023-12-31T08:30:00",
    )
    assert (sheet["A4"].value, sheet["B4"].value, sheet["C4"].value) == (True, "#DIV/0!", "第一行\n第二行")
    assert (sheet["D4"].value, sheet["E4"].value) == (0.285, 434.999999999999)
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A1:F1", "B6:C7"]
    assert sheet.row_dimensions[3].hidden
    assert sheet["C3"].fill.fgColor.rgb == "FF" + PALETTE["error"]
    assert sheet["B6"].fill.fgColor.rgb == "FF" + PALETTE["info"]
    assert "得分超过该指标分值" in sheet["C3"].comment.text
    assert done.marked == {("自评表", "C3"), ("自评表", "B6")}


def test_reading_the_result_gives_what_was_read(tmp_path: Path) -> None:
    grid = grid_of(CELLS, merges=(Range(1, 1, 1, 6),))
    back = read_book(render(book_of(grid), tmp_path / "out.xlsx", []).path, name="旧表.xls").grids[0]
    assert {place: cell.text for place, cell in back.cells.items()} == {
        place: cell.text for place, cell in grid.cells.items()
    }
    assert back.merges == grid.merges


def test_sheets_keep_order_and_hiding_and_illegal_names_are_told(tmp_path: Path) -> None:
    names = ["说明", "收入/支出", "收入:支出", "History", "x" * 40, "x" * 35, "'引号'"]
    grids = [grid_of([Cell(1, 1, str(n))], name, hidden=n == 0) for n, name in enumerate(names)]
    done = render(book_of(*grids), tmp_path / "out.xlsx", [finding("收入:支出", "A1"), finding("没有", "A1")])
    book = openpyxl.load_workbook(done.path)
    assert [sheet["A1"].value for sheet in book.worksheets] == [str(n) for n in range(7)]
    assert book.worksheets[0].sheet_state == "hidden"
    assert book.active.title == "收入_支出"
    assert book.worksheets[2].title == "收入_支出(2)"
    assert book.worksheets[2]["A1"].comment
    assert len(done.notes) == 6
    assert all("Excel 不允许" in note for note in done.notes)
    assert done.marked == {("收入:支出", "A1")}


def test_all_sheets_hidden_still_opens(tmp_path: Path) -> None:
    grids = [grid_of([Cell(1, 1, "x")], name, hidden=True) for name in ("甲", "乙")]
    book = openpyxl.load_workbook(render(book_of(*grids), tmp_path / "out.xlsx", []).path)
    assert {sheet.sheet_state for sheet in book.worksheets} == {"visible"}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(st.text(st.characters(codec=None, exclude_categories=()), min_size=1, max_size=30), max_size=6))
def test_any_text_stays_text(texts: list[str], tmp_path: Path) -> None:
    cells = [Cell(1, 1, "表头"), *(Cell(row, 1, text) for row, text in enumerate(texts, start=2))]
    done = render(book_of(grid_of(cells)), tmp_path / "out.xlsx", [finding("自评表", "A2", seen="".join(texts))])
    sheet = openpyxl.load_workbook(done.path)["自评表"]
    assert all(cell.data_type in "sn" for (cell,) in sheet.iter_rows(max_col=1))
    assert not any(name.startswith("xl/worksheets") and b"<f>" in body for name, body in parts_of(done.path).items())


def test_a_result_that_reads_back_differently_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = book_of(grid_of([Cell(1, 1, "别的")]))
    monkeypatch.setattr(render_module, "read_book", lambda *_, **__: spoilt)
    with pytest.raises(UnpublishedOutput, match="“自评表”的批注副本与读到的内容不一致"):
        render(book_of(grid_of(CELLS)), tmp_path / "out.xlsx", [])
    assert list(tmp_path.iterdir()) == []


HTML = "<table><tr><td colspan=2>绩效自评表</td></tr><tr><td>数量</td><td>12</td></tr></table>"


def test_a_table_of_another_format_is_annotated_on_a_new_workbook(tmp_path: Path) -> None:
    source = tmp_path / "自评.xls"
    source.write_text(f"<html><meta charset='utf-8'>{HTML}</html>", encoding="utf-8")
    sheet = read_book(source, name="自评.xls").grids[0].sheet
    report = annotate(source, tmp_path / "自评_批注.xlsx", [finding(sheet, "B2")])
    assert isinstance(report.marking, Rendering)
    assert report.marking.marked == {(sheet, "A1"), (sheet, "B2")}
    copy = openpyxl.load_workbook(report.path)
    page = copy.worksheets[0]
    assert page["A2"].value == "数量"
    assert page["B2"].comment.text.startswith("【错误 SC01】")
    assert page["A1"].comment.text == report.notes[0]
    assert report.notes[0].startswith("“自评.xls”无法在原件上直接批注（原件不是 .xlsx 格式），")
    assert "另存为 .xlsx 后重新运行" in report.notes[0]
    assert copy.properties.title == report.notes[0][:255]


def test_a_package_the_patcher_must_refuse_is_written_anew_without_macro_suffix(tmp_path: Path) -> None:
    source = edit(rich_book(tmp_path / "表.xlsx"), {"xl/worksheets/_rels/sheet1.xml.rels": swap("vmlDrawing1", "gone")})
    report = annotate(source, tmp_path / "表_批注.xlsm", [finding(FORM, "B3")])
    assert isinstance(report.marking, Rendering) and report.path.name == "表_批注_xlsm.xlsx"
    assert "批注框部件不存在" in report.notes[0]
    assert re.search("无法在原件上直接批注（[^（）]+），", report.notes[0])


@pytest.mark.parametrize("make", [containers.xls, containers.xlsb, containers.mht, containers.xml2003])
def test_the_reason_is_ours_and_not_what_a_reader_of_packages_thinks(make: Callable[[], bytes], tmp_path: Path) -> None:
    source = tmp_path / "导出.xls"
    source.write_bytes(make())
    report = annotate(source, tmp_path / "导出_批注.xlsx", [])
    assert report.notes[0].startswith("“导出.xls”无法在原件上直接批注（原件不是 .xlsx 格式），")


def test_a_source_nobody_can_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(UnpublishedOutput, match=r"没有生成“坏\.xlsx”的批注副本"):
        annotate(tmp_path / "坏.xlsx", tmp_path / "out.xlsx", [])
