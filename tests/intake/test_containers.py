"""The same small table in every container: the same cells, at the same places, stored as the same kind."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from support import workbooks as wb

from perfbatch.intake import read_book, sniff
from perfbatch.model import Book, Range

FORMATS = (0, "0.00%", "yyyy/m/d", 'm"月"d"日"')
# (row, column, value, style), 0-based; row 4 is hidden and C1 is merged into A1.
ROWS = [
    (0, 0, "项目支出绩效自评表", 0), (1, 0, "预算数", 0), (1, 1, 492125.5, 0), (1, 2, 50, 0),
    (2, 0, "执行率", 0), (2, 1, 0.8619, 1), (2, 2, 45291.0, 2), (3, 0, "备注\n＜甲＞ & “乙”", 0),
    (3, 1, 45303.0, 3), (4, 0, True, 0), (4, 1, "#DIV/0!", 0), (4, 2, "0012", 0),
]  # fmt: skip
EXPECTED = {
    "A1": ("项目支出绩效自评表", "text"), "A2": ("预算数", "text"), "B2": ("492125.5", "number"),
    "C2": ("50", "number"), "A3": ("执行率", "text"), "B3": ("86.19%", "percent"),
    "C3": ("2023-12-31", "date"), "A4": ("备注\n＜甲＞ & “乙”", "text"), "B4": ("1月12日", "date"),
    "A5": ("TRUE", "bool"), "B5": ("#DIV/0!", "error"), "C5": ("0012", "text"),
}  # fmt: skip
MERGE = Range(1, 1, 1, 3)
GRID = [["项目支出绩效自评表"], ["预算数", "492125.5", "50"], ["执行率", "86.19%", "2023-12-31"]]
GRID += [["备注甲乙", "1月12日"], ["TRUE", "#DIV/0!", "0012"]]


def xlsx() -> bytes:
    texts = ["项目支出绩效自评表", "预算数", "执行率", "备注&#10;＜甲＞ &amp; “乙”", "0012"]
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"/></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>492125.5</v></c><c r="C2"><v>50</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3" s="1"><v>0.86190000000000011</v></c>'
        '<c r="C3" s="2"><v>45291</v></c></row>'
        '<row r="4"><c r="A4" t="s"><v>3</v></c><c r="B4" s="3"><v>45303</v></c></row>'
        '<row r="5" hidden="1"><c r="A5" t="b"><v>1</v></c><c r="B5" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="C5" t="s"><v>4</v></c></row>'
    )
    merges = '<mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>'
    part = wb.sheet(rows, after=merges)
    return wb.xlsx({"自评表": part}, texts=[f"<t>{t}</t>" for t in texts], formats=FORMATS)


def strict() -> bytes:
    texts = ["项目支出绩效自评表", "预算数", "执行率", "备注&#10;＜甲＞ &amp; “乙”", "0012"]
    parts = wb.xlsx_parts(
        {"自评表": wb.sheet("")}, texts=[f"<t>{t}</t>" for t in texts], formats=FORMATS
    )
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>492125.5</v></c><c r="C2"><v>50</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3" s="1"><v>0.8619</v></c>'
        '<c r="C3" s="2" t="d"><v>2023-12-31T00:00:00</v></c></row>'
        '<row r="4"><c r="A4" t="s"><v>3</v></c><c r="B4" s="3" t="d"><v>2024-01-12</v></c></row>'
        '<row r="5" hidden="1"><c r="A5" t="b"><v>1</v></c><c r="B5" t="e"><v>#DIV/0!</v></c>'
        '<c r="C5" t="s"><v>4</v></c></row>'
    )
    merges = '<mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>'
    parts["xl/worksheets/sheet1.xml"] = wb.sheet(rows, after=merges)
    swap = (wb.MAIN, wb.STRICT), (wb.RELATION, wb.RELATION.replace("schemas.openxmlformats", "purl.oclc"))
    for name, body in parts.items():
        text = str(body)
        for old, new in swap:
            text = text.replace(old, new)
        parts[name] = text
    return wb.zipped(parts)


def xls() -> bytes:
    return wb.ole({"Workbook": raw_biff()})


def raw_biff() -> bytes:
    return wb.biff8("自评表", ROWS, formats=FORMATS, merges=[(0, 0, 0, 2)], hidden_rows=[4])


def xlsb() -> bytes:
    return wb.xlsb("自评表", wb.xlsb_sheet(ROWS, merges=[(0, 0, 0, 2)], hidden_rows=[4]), formats=FORMATS)


def ods_tables() -> str:
    def cell(kind: str, shown: str, attributes: str = "") -> str:
        lines = "".join(f"<text:p>{line}</text:p>" for line in shown.split("\n"))
        return f'<table:table-cell office:value-type="{kind}" {attributes}>{lines}</table:table-cell>'

    error = 'table:formula="of:=1/0" office:string-value="" calcext:value-type="error"'
    rows = [
        [cell("string", "项目支出绩效自评表", 'table:number-columns-spanned="3"')],
        [
            cell("string", "预算数"),
            cell("float", "492,125.50", 'office:value="492125.5"'),
            cell("float", "50", 'office:value="50"'),
        ],
        [
            cell("string", "执行率"),
            cell("percentage", "86%", 'office:value="0.8619"'),
            cell("date", "2023/12/31", 'office:date-value="2023-12-31"'),
        ],
        [cell("string", "备注\n＜甲＞ &amp; “乙”"), cell("date", "1月12日", 'office:date-value="2024-01-12"')],
        [
            cell("boolean", "TRUE", 'office:boolean-value="true"'),
            cell("string", "#DIV/0!", error),
            cell("string", "0012"),
        ],
    ]
    hidden = ["", "", "", "", ' table:visibility="collapse"']
    lines = (f"<table:table-row{h}>{''.join(r)}</table:table-row>" for h, r in zip(hidden, rows, strict=True))
    return f'<table:table table:name="自评表">{"".join(lines)}</table:table>'


def xml2003() -> bytes:
    def cell(kind: str, text: str, attributes: str = "") -> str:
        return f'<Cell {attributes}><Data ss:Type="{kind}">{text}</Data></Cell>'

    rows = [
        cell("String", "项目支出绩效自评表", 'ss:MergeAcross="2"'),
        cell("String", "预算数") + cell("Number", "492125.5") + cell("Number", "50"),
        cell("String", "执行率") + cell("Number", "0.8619", 'ss:StyleID="p"')
        + cell("DateTime", "2023-12-31T00:00:00.000", 'ss:StyleID="d"'),
        cell("String", "备注&#10;＜甲＞ &amp; “乙”") + cell("DateTime", "2024-01-12T00:00:00.000", 'ss:StyleID="m"'),
        cell("Boolean", "1") + cell("Error", "#DIV/0!", 'ss:Formula="=1/0"') + cell("String", "0012"),
    ]
    styles = (
        '<Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style>'
        '<Style ss:ID="d"><NumberFormat ss:Format="Short Date"/></Style>'
        '<Style ss:ID="m"><NumberFormat ss:Format="m&quot;月&quot;d&quot;日&quot;"/></Style>'
    )
    hidden = ["", "", "", "", ' ss:Hidden="1"']
    lines = "".join(f"<Row{h}>{row}</Row>" for h, row in zip(hidden, rows, strict=True))
    table = f'<Worksheet ss:Name="自评表"><Table>{lines}</Table></Worksheet>'
    return wb.xml2003(table, styles=styles).encode()


TYPED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "xlsx": ("xlsx", xlsx),
    "strict": ("xlsx", strict),
    "xls": ("xls", xls),
    "biff-without-ole": ("xls", raw_biff),
    "xlsb": ("xlsb", xlsb),
    "ods": ("ods", lambda: wb.ods(ods_tables())),
    "fods": ("fods", lambda: wb.ods_content(ods_tables()).encode()),
    "xml2003": ("xml2003", xml2003),
}


def html(encoding: str = "utf-8", charset: str = "utf-8") -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in GRID[1:])
    page = (
        f'<html><head><meta charset="{charset}"></head><body><table>'
        f'<tr><th colspan="3">{GRID[0][0]}</th></tr>{rows}</table></body></html>'
    )
    return page.encode(encoding)


def mht() -> bytes:
    head = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
    part = "Content-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return (head + part).encode() + base64.encodebytes(html("gb18030", "gb2312")) + b"\r\n--b--\r\n"


def lines(separator: str, encoding: str) -> bytes:
    return "\r\n".join(separator.join(row) for row in GRID).encode(encoding)


AS_TEXT: dict[str, tuple[str, Callable[[], bytes]]] = {
    "html": ("html", html),
    "html-gbk": ("html", lambda: html("gb18030", "gb2312")),
    "mht": ("mht", mht),
    "csv": ("csv", lambda: lines(",", "utf-8")),
    "csv-mark": ("csv", lambda: lines(",", "utf-8-sig")),
    "csv-gbk": ("csv", lambda: lines(",", "gbk")),
    "tsv-gbk": ("tsv", lambda: lines("\t", "gbk")),
    "tsv-utf16": ("tsv", lambda: lines("\t", "utf-16")),
}
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
