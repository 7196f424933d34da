"""The same small table in every container: the same cells, at the same places, stored as the same kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import workbooks as wb
from support.containers import AS_TEXT, EXPECTED, GRID, MERGE, TYPED, ods_tables

from perfbatch.intake import formats, read_book, sniff
from perfbatch.model import Book, Range

SUFFIXES = (".xlsx", ".xls", ".et")


def read(folder: Path, data: bytes, name: str = "导出.xlsx") -> Book:
    path = folder / name
    path.write_bytes(data)
    return read_book(path, name=name)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("case", TYPED)
def test_typed_containers_give_the_same_cells(tmp_path: Path, case: str, suffix: str) -> None:
    container, make = TYPED[case]
    book = read(tmp_path, make(), "导出" + suffix)
    (grid,) = book.grids
    assert book.container == container
    assert {cell.ref: (cell.text, cell.stored) for cell in grid.cells.values()} == EXPECTED
    assert (grid.sheet, grid.merges, grid.hidden_rows) == ("自评表", (MERGE,), frozenset({5}))
    assert [(note.code, note.cell) for note in book.notes] == [("error_cell", "B5"), ("hidden_rows", "A5")]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("case", AS_TEXT)
def test_text_containers_give_the_same_texts(tmp_path: Path, case: str, suffix: str) -> None:
    container, make = AS_TEXT[case]
    book = read(tmp_path, make(), "导出" + suffix)
    (grid,) = book.grids
    assert book.container == container
    expected = {(r, c): text for r, row in enumerate(GRID, 1) for c, text in enumerate(row, 1)}
    assert {at: cell.text for at, cell in grid.cells.items()} == expected
    assert {cell.stored for cell in grid.cells.values()} == {"text"}


@pytest.mark.parametrize("case", [*TYPED, *AS_TEXT])
def test_sniff_names_the_container(case: str) -> None:
    container, make = (TYPED | AS_TEXT)[case]
    assert sniff(make()) == container


def test_a_table_of_one_cell_within_a_cell_is_its_text(tmp_path: Path) -> None:
    """Some web systems lay out a text that way; tables of more cells stand below, as Excel puts them."""
    layer = "<table><tr><td>{}</td></tr></table>"
    page = (
        f"<table><tr><td>数量指标</td><td>{layer.format('指标1：')}</td><td>{layer.format(layer.format('养护<br>里程'))}</td></tr>"
        "<tr><td>外层<table><tr><td>甲</td><td>乙</td></tr></table></td></tr></table>"
    )
    path = tmp_path / "导出.xls"
    path.write_bytes(page.encode("gb18030"))
    grid = read_book(path, name="导出.xls").grids[0]
    assert {cell.ref: cell.text for cell in grid.cells.values()} == {
        "A1": "数量指标", "B1": "指标1：", "C1": "养护\n里程", "A2": "外层", "A4": "甲", "B4": "乙",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ('<input value="36个">', "36个"),
        ('<INPUT TYPE="TEXT" VALUE=" 95.5 ">', "95.5"),
        ('<input type="number" value="108.9">万元', "108.9万元"),
        ('<input type="hidden" value="id7"><input value="甲">', "甲"),
        ('<INPUT TYPE=HIDDEN VALUE=id7>乙<input type="button" value="选择">', "乙"),
        ("<select><option>请选择<option selected>县水利局<option>县生态环境局</select>", "县水利局"),
        ("<select><option>是</option><option>否</option></select>", "是"),
        ("<select><optgroup><option>甲</optgroup><optgroup><option selected>乙</optgroup></select>", "乙"),
        ("<select></select>", ""),
        ("<textarea>监测断面36个。\n按月报送。</textarea>", "监测断面36个。 按月报送。"),
    ],
)
def test_html_with_entry_fields(tmp_path: Path, field: str, shown: str) -> None:
    """The page of a system saved by script: a cell says what its field shows."""
    page = f"<table><tr><td>实际完成值</td><td>{field}</td></tr></table>"
    cells = read(tmp_path, page.encode("utf-8"), "表.xls").grids[0].cells
    assert {cell.ref: cell.text for cell in cells.values()} == {"A1": "实际完成值"} | ({"B1": shown} if shown else {})


def test_html_spans_become_merges_and_hidden_rows(tmp_path: Path) -> None:
    page = (
        "<table><tr><td rowspan=2>产出指标</td><td>数量&nbsp;指标<br>（万粒）</td></tr>"
        "<tr style='display:none'><td>质量指标</td></tr></table><p>外面的字</p><table><tr><td>合计</td></tr></table>"
    )
    book = read(tmp_path, page.encode())
    (grid,) = book.grids
    texts = {cell.ref: cell.text for cell in grid.cells.values()}
    assert texts == {"A1": "产出指标", "B1": "数量 指标\n（万粒）", "B2": "质量指标", "A4": "合计"}
    assert grid.merges == (Range(1, 1, 2, 1),)
    assert grid.hidden_rows == {2}
    assert [note.code for note in book.notes] == ["hidden_rows"]


def test_web_systems_force_text_by_a_formula(tmp_path: Path) -> None:
    book = read(tmp_path, 'sep=;\n编码;名称\n="00120";"甲;乙"\n'.encode("gbk"), "列表.csv")
    assert {cell.ref: cell.text for cell in book.grids[0].cells.values()} == {
        "A1": "编码", "B1": "名称", "A2": "00120", "B2": "甲;乙",
    }  # fmt: skip
    assert book.grids[0].sheet == "列表"


def test_ods_repeats_are_expanded_only_where_there_is_something(tmp_path: Path) -> None:
    tables = (
        '<table:table table:name="表" table:style-name="ta2">'
        '<table:table-row><table:table-cell office:value-type="float" office:value="10"'
        ' table:number-columns-repeated="3"><text:p>10</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="16381"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048575">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    hidden = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    book = read(tmp_path, wb.ods(tables, automatic=hidden))
    assert [cell.ref for cell in book.grids[0].cells.values()] == ["A1", "B1", "C1"]
    assert book.grids[0].hidden
    assert [note.code for note in book.notes] == ["hidden_sheet"]


def test_dates_of_the_1904_system(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" s="1"><v>43829</v></c></row>'
    data = wb.xlsx({"表": wb.sheet(rows)}, formats=(0, 14), properties='<workbookPr date1904="1"/>')
    biff = wb.biff8("表", [(0, 0, 43829.0, 1)], formats=(0, 14), from_1904=True)
    for body in (data, biff):
        assert read(tmp_path, body).grids[0].cells[1, 1].text == "2023-12-31"


@pytest.mark.parametrize("from_1904", [False, True])
def test_a_score_under_a_format_of_dates(tmp_path: Path, from_1904: bool) -> None:
    """20, which Excel shows as 1900/1/20 (1904/1/21), in every container; said once for its format."""
    properties = f'<workbookPr date1904="{from_1904:d}"/>'
    rows = "".join(f'<row r="{row}"><c r="A{row}" s="1"><v>20</v></c></row>' for row in (1, 2))
    data = wb.xlsx({"表": wb.sheet(rows)}, formats=(0, 14), properties=properties)
    biff = wb.biff8("表", [(row, 0, 20.0, 1) for row in (0, 1)], formats=(0, 14), from_1904=from_1904)
    for body in (data, biff):
        book = read(tmp_path, body)
        assert [(cell.text, cell.stored) for cell in book.grids[0].cells.values()] == [("20", "number")] * 2
        assert [(note.code, note.cell) for note in book.notes] == [("shown_otherwise", "A1")]


@pytest.mark.parametrize(
    ("excel", "value"), [(True, "1900-01-20T00:00:00.000"), (True, "1900-01-20"), (False, "1900-01-19")]
)
def test_a_score_as_a_date_in_iso(excel: bool, value: str) -> None:
    """Excel counts a 29 February 1900, LibreOffice none."""
    assert formats.shown_iso(value, "yyyy/m/d", excel=excel)[:2] == ("20", "number")
    for day in ("1898-05-04", "2023-12-31"):
        assert formats.shown_iso(day, "yyyy/m/d", excel=excel)[:2] == (day, "date")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_character_cut_in_half_costs_that_character_only(tmp_path: Path, encoding: str) -> None:
    whole = "项目名称,完成情况\n" + "镇村道路维修,已完成\n" * 20
    data = whole.encode(encoding) + "绿".encode(encoding)[:-1] + ",未完成\n".encode(encoding)
    book = read(tmp_path, data, "列表.xls")
    cells = book.grids[0].cells
    assert cells[2, 1].text == "镇村道路维修"
    assert "�" in cells[22, 1].text
    assert [note.code for note in book.notes] == ["encoding_assumed"]


def test_ods_part_names_in_capitals(tmp_path: Path) -> None:
    parts = {"Mimetype": "application/vnd.oasis.opendocument.spreadsheet", "Content.xml": wb.ods_content(ods_tables())}
    assert len(read(tmp_path, wb.zipped(parts)).grids[0].cells) == len(EXPECTED)
