"""The annotated copy is the clerk's workbook plus marks: asserted on the file read back with other libraries."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from support.rich_books import (
    CHART,
    FORM,
    HIDDEN,
    LIST,
    LOCKED,
    edit,
    finding,
    macro_book,
    parts_of,
    rich_book,
    swap,
)
from support.workbooks import cells_of_part

from perfbatch.errors import UnpublishedOutput
from perfbatch.forms import own_outputs
from perfbatch.intake import read_book
from perfbatch.intake.grids import AUTHOR, RULE
from perfbatch.intake.package import Package
from perfbatch.outputs.annotate import AnnotationReport, annotate
from perfbatch.outputs.fidelity import Unproven, prove
from perfbatch.outputs.marks import PALETTE
from perfbatch.outputs.patch import Patch

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
FINDINGS = [
    finding(FORM, "B3"),
    finding(FORM, "C4", "warning", "RS01"),
    finding(FORM, "D6", "info", "NT02"),
    finding(FORM, "C4", "error", "SC02", message="分值合计不是100分。"),
    finding(FORM, "A7", "warning", "MG01"),
    finding(FORM, "C5", "error", "RS03"),
    finding(FORM, "G3", "error", "RS04"),
    finding(LIST, "C9", "warning", "FD01"),
    finding(LOCKED, "A1", "info", "NT01"),
    finding(LOCKED, "B1", "info", "NT01"),
    finding(HIDDEN, "A1"),
]
FILLS = {
    (FORM, "B3"): "error",
    (FORM, "C4"): "error",
    (FORM, "D6"): "info",
    (FORM, "A5"): "warning",
    (FORM, "C5"): "error",
    (FORM, "G3"): "error",
    (LIST, "C9"): "warning",
    (LOCKED, "A1"): "info",
    (LOCKED, "B1"): "info",
    (HIDDEN, "A1"): "error",
}


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AnnotationReport]:
    folder = tmp_path_factory.mktemp("rich")
    source = rich_book(folder / "表.xlsx")
    before = source.read_bytes()
    report = annotate(source, folder / "表_批注.xlsx", FINDINGS)
    assert source.read_bytes() == before
    return source, report


def sheets_of(path: Path) -> dict[str, Worksheet]:
    return {sheet.title: sheet for sheet in openpyxl.load_workbook(path, rich_text=True).worksheets}


def test_marks_stand_where_the_findings_are(rich: tuple[Path, AnnotationReport]) -> None:
    source, report = rich
    assert isinstance(report.marking, Patch) and report.notes == ()
    assert report.marking.marked == frozenset(FILLS)
    copy, original = sheets_of(report.path), sheets_of(source)
    ours = {
        (name, cell.coordinate): cell.fill.fgColor.rgb
        for name, sheet in copy.items()
        for row in sheet.iter_rows()
        for cell in row
        if repr(cell.fill) != repr(original[name][cell.coordinate].fill)
    }
    assert ours == {place: "FF" + PALETTE[severity] for place, severity in FILLS.items()}
    commented = {
        (name, cell.coordinate)
        for name, sheet in copy.items()
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment and (cell.comment.author == AUTHOR or RULE in cell.comment.text)
    }
    assert commented == set(FILLS)


def test_a_comment_says_what_is_wrong_worst_first(rich: tuple[Path, AnnotationReport]) -> None:
    text = sheets_of(rich[1].path)[FORM]["C4"].comment.text
    assert text == (
        "【错误 SC02】分值合计不是100分。\n应为：≤10\n处理：请核对后修改\n"
        "【疑问 RS01】得分超过该指标分值。\n应为：≤10\n处理：请核对后修改"
    )


def test_marked_cells_differ_in_their_fill_alone(rich: tuple[Path, AnnotationReport]) -> None:
    source, report = rich
    original, copy = sheets_of(source), sheets_of(report.path)
    for name, sheet in original.items():
        for row in sheet.iter_rows():
            for cell in row:
                twin = copy[name][cell.coordinate]
                for look in ("value", "font", "border", "number_format", "alignment", "protection"):
                    assert repr(getattr(twin, look)) == repr(getattr(cell, look)), (cell.coordinate, look)
                if (name, cell.coordinate) not in FILLS:
                    assert repr(twin.fill) == repr(cell.fill)


def test_every_cell_keeps_type_raw_value_and_formula(rich: tuple[Path, AnnotationReport]) -> None:
    packages = [Package(path.read_bytes()) for path in (rich[0], rich[1].path)]
    for sheet in packages[0].sheets():
        if sheet.kind == "worksheet":
            before, after = ([(r, t, v, f) for r, t, _, v, f in cells_of_part(p.read(sheet.part))] for p in packages)
            added = [cell for cell in after if cell not in before]
            assert [cell for cell in after if cell not in added] == before
            assert all(cell[2:] == (None, None) for cell in added)


def test_only_declared_parts_change(rich: tuple[Path, AnnotationReport]) -> None:
    before, after = parts_of(rich[0]), parts_of(rich[1].path)
    changed = {name for name, body in before.items() if after.get(name) != body}
    touched = r"xl/(worksheets/(_rels/)?sheet[1-4]\.xml(\.rels)?|styles\.xml|comments\d\.xml|drawings/vml\w+\.vml)"
    assert all(name == "[Content_Types].xml" or re.fullmatch(touched, name) for name in changed), changed
    assert set(before) <= set(after)
    assert all(re.fullmatch(touched, name) for name in set(after) - set(before))
    for kept in ("xl/cellimages.xml", "customXml/item1.xml", "xl/media/image1.png", "xl/workbook.xml"):
        assert kept not in changed


def test_sheet_parts_change_in_format_numbers_and_the_drawing_alone(rich: tuple[Path, AnnotationReport]) -> None:
    before, after = parts_of(rich[0]), parts_of(rich[1].path)
    name = "xl/worksheets/sheet1.xml"
    bare = [re.sub(rb' s="\d+"', b"", xml) for xml in (before[name], after[name])]
    assert bare[0] == bare[1]
    drawn = re.sub(rb"<legacyDrawing[^>]*/>", b"", after["xl/worksheets/sheet2.xml"])
    assert re.sub(rb' s="\d+"', b"", drawn) == re.sub(rb' s="\d+"', b"", before["xl/worksheets/sheet2.xml"])


def test_a_comment_of_the_clerk_stays_and_ours_stands_below(rich: tuple[Path, AnnotationReport]) -> None:
    old, new = sheets_of(rich[0])[FORM]["C5"].comment, sheets_of(rich[1].path)[FORM]["C5"].comment
    assert new.author == "张三"
    assert new.text.startswith(old.text + f"\n{RULE}\n【错误 RS03】")
    runs = parts_of(rich[1].path)["xl/comments1.xml"]
    assert re.search('<rFont val="Tahoma"/>.*?<t>上年已说明</t>'.encode(), runs)


def test_the_box_of_the_clerks_comment_only_grows_downwards(rich: tuple[Path, AnnotationReport]) -> None:
    anchors, rest = [], []
    for path in (rich[0], rich[1].path):
        shapes = parts_of(path)["xl/drawings/vmlDrawing1.vml"].decode()
        shape = next(s for s in re.findall(r"<v:shape .*?</v:shape>", shapes) if "<x:Row>4</x:Row>" in s)
        anchors.append([int(n) for n in re.search(r"<x:Anchor>(.*?)</x:Anchor>", shape)[1].split(",")])
        rest.append(re.sub(r"<x:Anchor>.*?</x:Anchor>|height:[\d.]+pt", "", shape))
    assert rest[0] == rest[1]
    assert anchors[0][:6] == anchors[1][:6]
    assert anchors[1][6] > anchors[0][6]


def test_shape_numbers_are_unique_and_every_shape_has_its_type(rich: tuple[Path, AnnotationReport]) -> None:
    drawings = [body.decode() for name, body in parts_of(rich[1].path).items() if name.endswith(".vml")]
    numbers = [n for body in drawings for n in re.findall(r'<v:shape [^>]*?id="_x0000_s(\d+)"', body)]
    assert len(numbers) == len(set(numbers)) == len(FILLS) + 1  # the button
    for body in drawings:
        blocks = {int(b) for b in re.search(r'idmap[^>]*data="([\d,]+)"', body)[1].split(",")}
        assert {int(n) // 1024 for n in re.findall(r'id="_x0000_s(\d+)"', body)} <= blocks
        assert set(re.findall(r'type="#(\w+)"', body)) <= set(re.findall(r'<v:shapetype [^>]*?id="(\w+)"', body))
    claimed = [b for body in drawings for b in re.search(r'idmap[^>]*data="([\d,]+)"', body)[1].split(",")]
    assert len(claimed) == len(set(claimed))


def test_annotating_the_copy_again_gives_the_same_bytes(rich: tuple[Path, AnnotationReport], tmp_path: Path) -> None:
    again = annotate(rich[1].path, tmp_path / "again.xlsx", FINDINGS)
    assert again.path.read_bytes() == rich[1].path.read_bytes()
    assert again.notes == ()


def test_what_was_mended_loses_its_comment_and_the_left_fill_is_told(
    rich: tuple[Path, AnnotationReport], tmp_path: Path
) -> None:
    again = annotate(rich[1].path, tmp_path / "again.xlsx", FINDINGS[1:5])
    sheet = sheets_of(again.path)[FORM]
    assert sheet["B3"].comment is None
    assert sheet["C5"].comment.text == sheets_of(rich[0])[FORM]["C5"].comment.text
    assert again.marking.marked == {(FORM, "C4"), (FORM, "D6"), (FORM, "A5")}
    assert any(f"“{FORM}”" in note and "B3" in note and "手工清除" in note for note in again.notes)


def test_our_reader_reads_the_copy_as_the_source(rich: tuple[Path, AnnotationReport]) -> None:
    before, after = (read_book(path, name="表.xlsx") for path in (rich[0], rich[1].path))
    assert [(g.sheet, g.cells, g.merges, g.hidden) for g in before.grids] == [
        (g.sheet, g.cells, g.merges, g.hidden) for g in after.grids
    ]


def test_findings_without_a_place_are_not_marked_and_those_without_a_cell_go_to_the_title(tmp_path: Path) -> None:
    source = rich_book(tmp_path / "表.xlsx")
    lost = [finding(CHART, "A1"), finding("没有这张表", "A1"), finding(FORM, "ZZZZ1"), finding(FORM, "A1048577")]
    report = annotate(source, tmp_path / "out.xlsx", [*lost, finding(FORM, "")])
    assert report.marking.marked == {(FORM, "A1")}


def test_cells_that_do_not_exist_take_the_look_of_their_row_or_column(tmp_path: Path) -> None:
    source = rich_book(tmp_path / "表.xlsx")
    cells = ("J15", "J21", "B21", "M40", "J1")
    report = annotate(source, tmp_path / "out.xlsx", [finding(FORM, cell) for cell in cells])
    sheet = sheets_of(report.path)[FORM]
    assert (sheet["J15"].number_format, sheet["J15"].font.italic) == ("0.00%", True)
    assert (sheet["J21"].font.name, sheet["J21"].number_format) == ("仿宋", "General")
    assert sheet["B21"].font.name == "仿宋"
    assert sheet["M40"].number_format == "General"
    assert all(sheet[cell].value is None and sheet[cell].comment for cell in cells)


def test_remarks_join_the_comment_and_a_remark_alone_brings_no_colour(tmp_path: Path) -> None:
    source = rich_book(tmp_path / "表.xlsx")
    remarks = {(FORM, "B3"): "复算得分 9.5", (FORM, "B4"): "复算得分 10"}
    report = annotate(source, tmp_path / "out.xlsx", [finding(FORM, "B3")], remarks=remarks)
    sheet = sheets_of(report.path)[FORM]
    assert sheet["B3"].comment.text.endswith("处理：请核对后修改\n复算得分 9.5")
    assert sheet["B4"].comment.text == "复算得分 10"
    assert repr(sheet["B4"].fill) == repr(sheets_of(source)[FORM]["B4"].fill)


def test_no_findings_gives_the_source_itself(tmp_path: Path) -> None:
    source = rich_book(tmp_path / "表.xlsx")
    report = annotate(source, tmp_path / "out.xlsx", [])
    assert parts_of(report.path) == parts_of(source)


def test_protection_and_macros_stay(tmp_path: Path) -> None:
    source = macro_book(tmp_path / "表.xlsm")
    report = annotate(source, tmp_path / "表_批注.xlsm", FINDINGS)
    before, after = parts_of(source), parts_of(report.path)
    assert report.path.name == "表_批注.xlsm"
    assert after["xl/vbaProject.bin"] == before["xl/vbaProject.bin"]
    guard = re.compile(rb"<sheetProtection[^>]*>")
    assert guard.search(after["xl/worksheets/sheet3.xml"])[0] == guard.search(before["xl/worksheets/sheet3.xml"])[0]


def test_a_name_that_lies_about_macros_gets_both_suffixes(tmp_path: Path) -> None:
    source = macro_book(tmp_path / "表.xlsx")
    assert annotate(source, tmp_path / "表_批注.xlsx", FINDINGS).path.name == "表_批注_xlsx.xlsm"


def test_a_signature_and_a_thread_are_told(tmp_path: Path) -> None:
    source = rich_book(tmp_path / "表.xlsx")
    edit(source, {"_xmlsignatures/sig1.xml": b"<Signature/>", "xl/comments1.xml": swap("张三", "tc={0B1C}")})
    notes = annotate(source, tmp_path / "out.xlsx", FINDINGS).notes
    assert any("数字签名" in note for note in notes)
    assert any("C5" in note and "会话" in note for note in notes)


def test_a_workbook_of_many_forms_opens_with_a_list_of_its_findings(tmp_path: Path) -> None:
    """A line and a link a finding; nothing else in the workbook moves, and the sheet that was open stays open."""
    source = rich_book(tmp_path / "表.xlsx")
    report = annotate(source, tmp_path / "out.xlsx", [*FINDINGS, finding("没有这张表", "A1")], forms=11)
    before, book = openpyxl.load_workbook(source), openpyxl.load_workbook(report.path)
    assert isinstance(report.marking, Patch)
    assert book.sheetnames == ["问题索引", *before.sheetnames]
    assert book.active.title == before.active.title
    for sheet in before.worksheets:
        assert book[sheet.title].print_area == sheet.print_area
        assert book[sheet.title].defined_names.keys() == sheet.defined_names.keys()
    rows = list(book["问题索引"].iter_rows(min_row=3))
    assert len(rows) == len(FINDINGS), "what has no place has no link"
    assert [row[1].value for row in rows] == sorted((row[1].value for row in rows), key=["错误", "疑问", "提示"].index)
    links = {(row[3].value, row[4].value): row[4].hyperlink.location for row in rows}
    assert links[FORM, "C4"] == f"'{FORM}'!C4"
    assert len(links) == len({(f.sheet, f.cell) for f in FINDINGS})
    assert all(row[6].value and "\n" not in row[6].value for row in rows)
    prove(Package(source.read_bytes()), report.path, report.marking.marked)


def test_with_few_forms_or_no_findings_there_is_no_list(tmp_path: Path) -> None:
    source = rich_book(tmp_path / "表.xlsx")
    assert "问题索引" not in openpyxl.load_workbook(annotate(source, tmp_path / "a.xlsx", FINDINGS, forms=10).path)
    assert parts_of(annotate(source, tmp_path / "b.xlsx", [], forms=11).path) == parts_of(source)


def test_the_list_of_an_earlier_run_is_written_again_and_is_no_form(tmp_path: Path) -> None:
    source = rich_book(tmp_path / "表.xlsx")
    first = annotate(source, tmp_path / "一.xlsx", FINDINGS, forms=11).path
    again = annotate(first, tmp_path / "二.xlsx", FINDINGS[:2], forms=11).path
    book = openpyxl.load_workbook(again)
    assert book.sheetnames.count("问题索引") == 1
    assert [row[4].value for row in book["问题索引"].iter_rows(min_row=3)] == ["B3", "C4"]
    read = read_book(again, name="二.xlsx")
    own_outputs.without_index(read)
    assert "问题索引" not in [grid.sheet for grid in read.grids]


@pytest.mark.parametrize(
    "edits",
    [
        {"xl/workbook.xml": swap('<sheet name="问题索引"', '<sheet state="hidden" name="问题索引"')},
        {"xl/workbook.xml": swap('localSheetId="[1-9]"', 'localSheetId="0"')},
        {"xl/workbook.xml": swap("<definedNames>", '<definedNames><definedName name="x">1</definedName>')},
    ],
)
def test_the_proof_notices_a_workbook_part_that_changed_otherwise(edits: dict, tmp_path: Path) -> None:
    source = rich_book(tmp_path / "表.xlsx")
    report = annotate(source, tmp_path / "out.xlsx", FINDINGS, forms=11)
    with pytest.raises(Unproven):
        prove(Package(source.read_bytes()), edit(report.path, edits, tmp_path / "tampered.xlsx"), report.marking.marked)


def test_a_source_that_changed_since_it_was_read_is_not_annotated(tmp_path: Path) -> None:
    source = rich_book(tmp_path / "表.xlsx")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    assert isinstance(annotate(source, tmp_path / "out.xlsx", FINDINGS, sha256=digest).marking, Patch)
    (tmp_path / "out.xlsx").unlink()
    edit(source, {"customXml/item1.xml": b"<other/>"})
    with pytest.raises(UnpublishedOutput, match="处理过程中被修改"):
        annotate(source, tmp_path / "out.xlsx", FINDINGS, sha256=digest)
    source.unlink()
    with pytest.raises(UnpublishedOutput, match="未能再次读取"):
        annotate(source, tmp_path / "out.xlsx", FINDINGS)
    assert list(tmp_path.iterdir()) == []
