"""Kinds of files that were read wrongly, made anew with other values: what a person sees is read and checked."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from support import drawing
from support import workbooks as wb
from xlsxwriter import Workbook

from perfbatch import sources
from perfbatch.config import Settings
from perfbatch.intake import aside, read_book, sniff
from perfbatch.model import Book, ReadingNote, SheetReading, WorkbookResult
from perfbatch.pipeline import process_workbook
from perfbatch.runs import archives

FORM = drawing.parse(drawing.load("F1")["grid"])
Change = Callable[[openpyxl.Workbook], None]


def process(folder: Path, change: Change, name: str = "表.xlsx") -> WorkbookResult:
    """The F1 form changed in openpyxl, saved and worked through."""
    path = drawing.write(folder / name, {"自评表": FORM})
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    result = process_workbook(path, name, Settings())
    assert result.status == "ok", result.reason
    return result


def said(result: WorkbookResult) -> list[tuple[str, str, str]]:
    """Findings but for the note that a format shows another number."""
    listed = [(f.code, f.severity, f.cell) for f in result.findings if "按数字格式" not in f.message]
    return sorted(listed)


def read(folder: Path, data: bytes, name: str = "表.xlsx") -> Book:
    path = folder / name
    path.write_bytes(data)
    return read_book(path, name=name)


# Cells of the form: the number stored, its format, and what is typed in the twin.
SHOWN: dict[str, dict[str, tuple[float, str, str]]] = {
    "signs and units": {
        "E13": (30, '"≥"0"公里"', "≥30公里"), "F13": (30.5, '0"公里"', "30.5公里"),
        "E18": (12, '"不少于"0"个"', "不少于12个"), "F18": (10, "0个", "10个"),
    },
    "an upper limit that is kept": {"E13": (35, '"≤"0"公里"', "≤35公里"), "F13": (30, '0"公里"', "30公里")},
    "an upper limit that is not kept": {"E13": (30, '"≤"0"公里"', "≤30公里"), "F13": (35, '0"公里"', "35公里")},
    "a percent sign in quotes": {"E15": (98, '"≥"0"%"', "≥98%"), "F15": (91, '0"%"', "91%")},
    "a percent sign of the format": {"E15": (0.98, '"≥"0%', "≥98%"), "F15": (0.91, "0.0%", "91%")},
    "per mille": {"E15": (5, '"≤"0‰', "≤5‰"), "F15": (7, '0"‰"', "7‰")},
    "a deadline as a date": {"E16": (45291, 'yyyy"年"m"月底前"', "2023年12月底前")},
    "ten thousands by an escaped point": {
        "E17": (400_000, '"≤"0\\.0000"万元"', "≤40万元"), "F17": (360_000, '0\\.0,"万元"', "36万元"),
    },
    "ten thousands by a hidden percent": {
        "D6": (400_000, "0.00,,\n%", "40"), "E6": (400_000, "0.00,,\n%", "40"), "F6": (360_000, "0.00,,\n%", "36"),
        "D7": (400_000, "0.00,,\n%", "40"), "E7": (400_000, "0.00,,\n%", "40"), "F7": (360_000, "0.00,,\n%", "36"),
    },
    "ten thousands by an escaped point, funds": {
        "D6": (400_000, "0!.0000", "40"), "E6": (400_000, "0!.0000", "40"), "F6": (300_000, "0!.0000", "30"),
        "D7": (400_000, "0!.0000", "40"), "E7": (400_000, "0!.0000", "40"), "F7": (300_000, "0!.0000", "30"),
    },
    "scores with their word": {"H13": (20, '0"分"', "20分"), "G15": (10, '0"分"', "10分")},
}  # fmt: skip


@pytest.mark.parametrize("case", SHOWN)
def test_a_formatted_number_is_checked_as_the_text_it_shows(tmp_path: Path, case: str) -> None:
    def formatted(book: openpyxl.Workbook) -> None:
        for ref, (number, code, _) in SHOWN[case].items():
            book.active[ref], book.active[ref].number_format = number, code

    def typed(book: openpyxl.Workbook) -> None:
        for ref, (_, _, text) in SHOWN[case].items():
            book.active[ref] = text

    seen, twin = process(tmp_path, formatted), process(tmp_path, typed, "打字.xlsx")
    assert said(seen) == said(twin)
    assert seen.frames is not None and twin.frames is not None
    for name in ("budget_adjusted", "executed"):
        assert list(seen.frames.projects[name]) == list(twin.frames.projects[name])
    for name in ("target_value", "actual_value", "operator", "unit", "target_date", "points"):
        assert list(seen.frames.indicators[name]) == list(twin.frames.indicators[name]), name


def test_a_number_shown_otherwise_is_said_once_a_format(tmp_path: Path) -> None:
    def wan(book: openpyxl.Workbook) -> None:
        for ref in ("D6", "E6", "D7", "E7"):
            book.active[ref], book.active[ref].number_format = 400_000, '0\\.0000"万元"'

    result = process(tmp_path, wan)
    (found,) = [finding for finding in result.findings if "按数字格式" in finding.message]
    assert (found.code, found.severity, found.cell) == ("ST10", "info", "D6")
    assert "等4处" in found.message and "40万元" in found.message and "400000" in found.message


@pytest.mark.parametrize("hidden", [False, True])
def test_a_helper_sheet_is_said_in_one_note(tmp_path: Path, hidden: bool) -> None:
    def helped(book: openpyxl.Workbook) -> None:
        page = book.create_sheet("取数")
        page.append(["代码", "名称"])
        for at in range(70):
            page.append([at, "#N/A" if at % 2 else "#REF!"])
        if hidden:
            page.sheet_state = "hidden"

    result = process(tmp_path, helped)
    found = [finding for finding in result.findings if finding.code == "ST10"]
    assert [(f.severity, f.sheet) for f in found] == [("info", "取数")]
    assert "公式错误值 70 处" in found[0].message
    assert ("隐藏的工作表" in found[0].message) == hidden
    assert [(note.code, note.sheet) for note in result.notes] == [("sheet_aside", "取数")]


def test_an_error_on_the_form_stays_an_error(tmp_path: Path) -> None:
    def broken(book: openpyxl.Workbook) -> None:
        book.active["H6"] = "#DIV/0!"

    found = [f for f in process(tmp_path, broken).findings if f.code == "ST10"]
    assert [(f.severity, f.cell) for f in found] == [("error", "H6")]


def test_notes_beside_forms_keep_their_count_when_they_were_cut() -> None:
    notes = [ReadingNote("error_cell", "辅助", f"A{n}", "x") for n in range(1, 51)]
    notes += [ReadingNote("error_cell", "自评表", "B1", "y"), ReadingNote("macro_workbook", "", "", "z")]
    notes += [ReadingNote("more_notes", "辅助", "", "“公式错误值”共 812 处，这里只列前 50 处。")]
    sheets = [SheetReading("自评表", "F1", 1, 8, False, ""), SheetReading("辅助", "", 0, 0, False, "")]
    kept = aside(notes, sheets)
    assert [(note.code, note.cell) for note in kept] == [
        ("sheet_aside", "A1"),
        ("error_cell", "B1"),
        ("macro_workbook", ""),
    ]
    assert kept[0].text == "工作表“辅助”不是自评表，其中有公式错误值 812 处，不影响自评表的核对。"


def test_a_formula_without_its_result_is_not_an_empty_cell(tmp_path: Path) -> None:
    def computed(book: openpyxl.Workbook) -> None:
        for ref in ("I6", "H6", "E6", "H21"):
            book.active[ref] = "=1+1"

    found = process(tmp_path, computed).findings
    for ref in ("I6", "H6", "E6", "H21"):
        assert [(f.code, f.severity) for f in found if f.cell == ref] == [("ST10", "warning")], ref


def test_a_picture_that_excel_placed_in_a_cell_is_no_error(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="str"><v>甲</v></c><c r="B1" t="e" vm="1"><v>#VALUE!</v></c></row>'
    plain = {"表": wb.sheet(rows)}
    assert [note.code for note in read(tmp_path, wb.xlsx(plain)).notes] == ["error_cell"]
    rich = wb.xlsx(plain, extra={"xl/richData/richValueRel.xml": "<richValueRels/>"})
    assert [note.code for note in read(tmp_path, rich).notes] == ["picture_cell"]


def test_struck_out_text_is_read_and_told(tmp_path: Path) -> None:
    """Colleagues strike out what they take back: a whole cell, or the old words in front of the new ones."""
    path = tmp_path / "表.xlsx"
    with Workbook(str(path)) as book:
        page, struck, plain = book.add_worksheet("表"), book.add_format({"font_strikeout": True}), book.add_format()
        page.write_string("A1", "甲")
        page.write_string("A2", "930人", struck)
        page.write_number("B2", 12.5, struck)
        page.write_rich_string("C2", struck, "≥15场", plain, "≥18场")
        page.write_rich_string("D2", plain, "约", book.add_format({"bold": True}), "18场")
        page.write_blank("E2", None, struck)
        page.write_string("F2", "930人")
    book = read_book(path, name=path.name)
    texts = {cell.ref: (cell.text, cell.stored) for cell in book.grids[0].cells.values()}
    assert texts == {
        "A1": ("甲", "text"), "A2": ("930人", "text"), "B2": ("12.5", "number"), "C2": ("≥15场≥18场", "text"),
        "D2": ("约18场", "text"), "F2": ("930人", "text"),
    }  # fmt: skip
    assert [(note.code, note.cell) for note in book.notes] == [("struck_out", ref) for ref in ("A2", "B2", "C2")]


def test_struck_out_figures_are_asked_about(tmp_path: Path) -> None:
    def strike(book: openpyxl.Workbook) -> None:
        book.active["H6"].font = Font(strike=True)

    assert [(f.code, f.severity) for f in process(tmp_path, strike).findings if f.cell == "H6"] == [("ST10", "warning")]


# ---- pictures and comments -------------------------------------------------------------------------------

PICTURE = '=DISPIMG("ID_0A1B2C",1)'
PICTURES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a formula with its text": (
        "表.xlsx",
        lambda: wb.xlsx({"表": wb.sheet(
            '<row r="1"><c r="A1" t="str"><v>甲</v></c><c r="B1" t="str"><f>_xlfn.DISPIMG("ID_0A1B2C",1)</f>'
            f"<v>{PICTURE}</v></c></row>"
        )}),
    ),
    "a formula that Excel could not compute": (
        "表.xlsx",
        lambda: wb.xlsx({"表": wb.sheet(
            '<row r="1"><c r="A1" t="str"><v>甲</v></c><c r="B1" t="e"><f>_xlfn.DISPIMG("ID_0A1B2C",1)</f>'
            "<v>#NAME?</v></c></row>"
        )}),
    ),
    "a shared string": (
        "表.xlsx",
        lambda: wb.xlsx({"表": wb.sheet(
            '<row r="1"><c r="A1" t="str"><v>甲</v></c><c r="B1" t="s"><v>0</v></c></row>'
        )}, texts=[f"<t>{PICTURE}</t>"]),
    ),
    "xls": ("表.xls", lambda: wb.ole({"Workbook": wb.biff8("表", [(0, 0, "甲", 0), (0, 1, PICTURE, 0)])})),
    "xlsb": ("表.xlsb", lambda: wb.xlsb("表", wb.xlsb_sheet([(0, 0, "甲", 0), (0, 1, PICTURE, 0)]))),
    "csv": ("表.csv", lambda: f'甲,"{PICTURE.replace(chr(34), chr(34) * 2)}"\n,\n'.encode()),
    "html": ("表.xls", lambda: f"<table><tr><td>甲</td><td>{PICTURE}</td></tr></table>".encode()),
}  # fmt: skip


@pytest.mark.parametrize("case", PICTURES)
def test_a_picture_in_a_cell_has_no_text(tmp_path: Path, case: str) -> None:
    name, make = PICTURES[case]
    book = read(tmp_path, make(), name)
    assert [cell.text for cell in book.grids[0].cells.values()] == ["甲"]
    assert [(note.code, note.cell) for note in book.notes] == [("picture_cell", "B1")]


THREADS = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"


def _commented_xlsx() -> bytes:
    notes = (
        f'{wb.HEAD}<comments xmlns="{wb.MAIN}"><authors><author>张某</author><author/></authors><commentList>'
        '<comment ref="A1" authorId="0"><text><r><rPr><b/></rPr><t>张某:</t></r><r><t>\n因汛期停工</t></r></text>'
        "</comment>"
        '<comment ref="B2" authorId="1"><text><t>[Threaded comment]\n旧版说明</t></text></comment>'
        "</commentList></comments>"
    )
    threads = (
        f'{wb.HEAD}<ThreadedComments xmlns="{THREADS}"><threadedComment ref="B2" id="{{1}}"><text>为何未完成？</text>'
        '</threadedComment><threadedComment ref="B2" id="{2}" parentId="{1}"><text>资金晚到</text></threadedComment>'
        "</ThreadedComments>"
    )
    parts = wb.xlsx_parts({"表": wb.sheet('<row r="1"><c r="A1"><v>8</v></c></row>')})
    types = str(parts["[Content_Types].xml"]).replace(
        "</Types>",
        '<Override PartName="/xl/c1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
        'comments+xml"/></Types>',
    )
    relations = wb.relations([("r1", "comments", "../c1.xml"), ("r2", "threadedComment", "../threads/t1.xml")])
    return wb.zipped(
        parts
        | {"[Content_Types].xml": types, "xl/c1.xml": notes, "xl/threads/t1.xml": threads}
        | {"xl/worksheets/_rels/sheet1.xml.rels": relations}
    )


def _commented_ods() -> bytes:
    note = '<office:annotation><dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">张某</dc:creator>'
    cell = f"{note}<text:p>因汛期停工</text:p></office:annotation><text:p>8</text:p>"
    row = f'<table:table-row><table:table-cell office:value-type="float" office:value="8">{cell}</table:table-cell>'
    return wb.ods(f'<table:table table:name="表">{row}</table:table-row></table:table>')


def _commented_xml2003() -> bytes:
    text = '<ss:Data xmlns="urn:html"><B>张某:</B><Font>&#10;因汛期停工</Font></ss:Data>'
    note = f'<Comment ss:Author="张某">{text}</Comment>'
    row = f'<Row><Cell><Data ss:Type="Number">8</Data>{note}</Cell></Row>'
    return wb.xml2003(f'<Worksheet ss:Name="表"><Table>{row}</Table></Worksheet>').encode()


COMMENTED: dict[str, Callable[[], bytes]] = {
    "xlsx": _commented_xlsx,
    "xls": lambda: wb.ole(
        {"Workbook": wb.biff8("表", [(0, 0, 8.0, 0)], more=wb.biff_comment(0, 0, "张某:\n因汛期停工", "张某"))}
    ),
    "ods": _commented_ods,
    "xml2003": _commented_xml2003,
}


@pytest.mark.parametrize("container", COMMENTED)
def test_comments_on_cells_are_read(tmp_path: Path, container: str) -> None:
    book = read(tmp_path, COMMENTED[container]())
    expected = {(1, 1): "因汛期停工"}
    if container == "xlsx":
        expected[2, 2] = "为何未完成？\n资金晚到"
    assert book.grids[0].comments == expected
    assert [cell.text for cell in book.grids[0].cells.values()] == ["8"]


def test_a_broken_part_of_comments_costs_the_comments_only(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(_commented_xlsx())) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    book = read(tmp_path, wb.zipped(parts | {"xl/c1.xml": "<comments>"}))
    assert [cell.text for cell in book.grids[0].cells.values()] == ["8"]
    assert book.grids[0].comments == {}
    assert [note.code for note in book.notes] == ["unreadable_cell"]


# ---- .xls that xlrd half reads ---------------------------------------------------------------------------

_CELLS: list[tuple[int, int, object, int]] = [(0, 0, "项目", 0), (1, 0, 0.75, 1), (1, 1, 30.0, 2)]


def _xls() -> bytes:
    return wb.biff8(
        "表", _CELLS, formats=(0, "0.00%", '"≤"0"天"'), merges=[(0, 0, 0, 2), (2, 3, 0, 1)], hidden_rows=[1]
    )


def _record_at(stream: bytes, kind: int) -> int:
    at = 0
    while struct.unpack_from("<H", stream, at)[0] != kind:
        at += 4 + struct.unpack_from("<H", stream, at + 2)[0]
    return at


def _damaged(kind: str) -> bytes:
    stream = bytearray(_xls())
    at = _record_at(stream, 0xE5)
    if kind == "more areas counted than there are":
        struct.pack_into("<H", stream, at + 4, 40)
    elif kind == "fewer areas counted than there are":
        struct.pack_into("<H", stream, at + 4, 1)
    else:
        struct.pack_into("<H", stream, at, 0x1B8)  # a link of a few bytes, at which xlrd gives up
    return bytes(stream)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("kind", "merges"),
    [("more areas counted than there are", 2), ("fewer areas counted than there are", 1), ("a broken link", 0)],
)
def test_damaged_looks_of_an_xls_cost_no_number_format(tmp_path: Path, kind: str, merges: int, packed: bool) -> None:
    data = _damaged(kind)
    book = read(tmp_path, wb.ole({"Workbook": data}) if packed else data, "表.xls")
    (grid,) = book.grids
    assert [cell.text for cell in grid.cells.values()] == ["项目", "75%", "≤30天"]
    assert len(grid.merges) == merges
    assert grid.hidden_rows == {2}
    assert [note.code for note in book.notes if note.code == "formats_lost"] == ["formats_lost"]


def test_an_xls_without_any_readable_style_says_what_was_lost(tmp_path: Path) -> None:
    stream = bytearray(_xls())
    at = _record_at(stream, 0x208)  # the look of a row, which xlrd only reads with formats
    struct.pack_into("<H", stream, at + 2, 4)
    stream[at + 8 : at + 20] = struct.pack("<HH8x", 0xFFF0, 8)
    book = read(tmp_path, bytes(stream), "表.xls")
    assert [note.code for note in book.notes] == ["formats_lost"]
    assert "百分比" in book.notes[0].text
    assert [cell.text for cell in book.grids[0].cells.values()] == ["项目", "0.75", "30"]


# ---- one line of markup, names twice in an archive -------------------------------------------------------


def _long(head: str, tail: str) -> str:
    return head + "".join(f"<tr><td>指标{n}</td><td>{n}</td></tr>" for n in range(9_000)) + tail


LONG: dict[str, tuple[str, bytes]] = {
    "html": ("html", _long("<html><body><table>", "</table></body></html>").encode()),
    "html in GBK": ("html", _long("<table>", "</table>").encode("gbk")),
    "html in UTF-16": ("html", _long("<table>", "</table>").encode("utf-16")),
    "html behind a line": ("html", _long("\n<!-- 导出 -->\n<table>", "</table>").encode()),
    "xml2003 behind its declaration": (
        "xml2003",
        wb.xml2003(
            '<Worksheet ss:Name="表"><Table>'
            + "".join(f'<Row><Cell><Data ss:Type="String">指标{n}</Data></Cell></Row>' for n in range(9_000))
            + "</Table></Worksheet>"
        ).encode(),
    ),
}


@pytest.mark.parametrize("case", LONG)
@pytest.mark.parametrize("shift", range(3))
def test_markup_in_one_long_line_is_known(tmp_path: Path, case: str, shift: int) -> None:
    container, data = LONG[case]
    if "UTF-16" not in case and "xml" not in case:
        data = data.replace(b"<table>", b"<table>" + b" " * shift, 1)  # every place within a character is cut once
    assert len(data) > 1 << 17
    assert sniff(data) == container
    book = read(tmp_path, data, "导出.xls")
    assert book.grids[0].cells[9_000, 1].text == "指标8999"


@pytest.mark.parametrize("names", [("表.xlsx", "表.xlsx"), ("表.xlsx", "表.XLSX"), ("甲/表.xlsx", "甲\\表.xlsx")])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_a_name_twice_is_read_whole(tmp_path: Path, names: tuple[str, str]) -> None:
    path = tmp_path / "各单位.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in zip(names, (b"first", b"second"), strict=True):
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, body)
    found = archives.unpacked(sources.find([path]), tmp_path / "out").files
    assert sorted(source.path.read_bytes() for source in found) == [b"first", b"second"]
    shown = [source.name for source in found]
    assert len({name.lower() for name in shown}) == 2
    assert sum("(2)" in name for name in shown) == 1


def test_a_bomb_in_an_archive_gets_advice_that_fits_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "各单位.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("大.xlsx", bytes(40 << 20))
    (found,) = archives.unpacked(sources.find([path]), tmp_path / "out").files
    assert found.refusal is not None
    assert found.refusal[0] == "bomb"
    assert "解压" in found.refusal[1] and "另存为 .xlsx" not in found.refusal[1]
