"""Packages as other programs write them: prefixes, encodings, missing parts, implied references, many comments."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from support.rich_books import FORM, LIST, LOCKED, edit, finding, parts_of, rich_book, swap

from perfbatch.intake import read_book
from perfbatch.intake.grids import AUTHOR
from perfbatch.outputs.annotate import annotate
from perfbatch.outputs.marks import PALETTE
from perfbatch.outputs.patch import Patch
from perfbatch.outputs.render import Rendering

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
RED = "FF" + PALETTE["error"]


def plain_book(path: Path) -> Path:
    """Two sheets with a few cells and nothing else."""
    book = xlsxwriter.Workbook(str(path))
    for name in ("甲", "乙"):
        sheet = book.add_worksheet(name)
        sheet.write_column("A1", ["标题", "指标", "合计"])
        sheet.write_column("B2", [10, 20], book.add_format({"num_format": "0.00"}))
    book.close()
    return path


def marked(source: Path, tmp_path: Path, *cells: str, sheet: str = "甲") -> openpyxl.worksheet.worksheet.Worksheet:
    """The sheet of the copy, annotated in place at the cells, and again with the same bytes."""
    findings = [finding(sheet, cell) for cell in cells]
    report = annotate(source, tmp_path / "out.xlsx", findings)
    assert isinstance(report.marking, Patch) and report.notes == ()
    again = annotate(report.path, tmp_path / "again.xlsx", findings)
    assert again.path.read_bytes() == report.path.read_bytes()
    copy = openpyxl.load_workbook(report.path)[sheet]
    for cell in cells:
        assert copy[cell].fill.fgColor.rgb == RED
        assert copy[cell].comment.author == AUTHOR
    return copy


def unprefixed_to_prefixed(xml: bytes) -> bytes:
    """The same part with the prefix x: on every element of the main namespace."""
    text = re.sub(r"<(/?)([A-Za-z]+)(?=[\s/>])", r"<\1x:\2", xml.decode())
    return text.replace(' xmlns="', ' xmlns:x="').encode()


def implied(xml: bytes) -> bytes:
    """The same sheet with rows and cells that leave their references to be counted."""
    return re.sub(r'(<row|<c) r="[A-Z]*\d+"', r"\1", xml.decode()).encode()


def with_an_xml_comment(xml: bytes) -> bytes:
    return xml.replace(b'<c r="B2"', b'<!-- <row r="2"> --><c r="B2"')


def apostrophes(xml: bytes) -> bytes:
    return re.sub(r"(<(?:row|c) [^>]*>)", lambda m: m[1].replace('"', "'"), xml.decode()).encode()


def in_utf16(xml: bytes) -> bytes:
    return xml.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")


@pytest.mark.parametrize("change", [unprefixed_to_prefixed, with_an_xml_comment, apostrophes, in_utf16])
def test_markup_of_other_writers(change: object, tmp_path: Path) -> None:
    source = edit(plain_book(tmp_path / "in.xlsx"), {SHEET: change})  # type: ignore[dict-item]
    sheet = marked(source, tmp_path, "B2", "B3", "D2", "C7")
    assert [sheet[cell].value for cell in ("A2", "B2", "B3")] == ["指标", 10, 20]
    assert sheet["B2"].number_format == "0.00"


def test_references_left_to_be_counted(tmp_path: Path) -> None:
    source = edit(plain_book(tmp_path / "in.xlsx"), {SHEET: implied})
    assert marked(source, tmp_path, "A2", "B3")["B3"].value == 20


def test_a_prefixed_style_part(tmp_path: Path) -> None:
    source = edit(plain_book(tmp_path / "in.xlsx"), {"xl/styles.xml": unprefixed_to_prefixed})
    assert marked(source, tmp_path, "B2")["B2"].number_format == "0.00"


def test_an_empty_sheet_and_an_empty_row(tmp_path: Path) -> None:
    empty = edit(plain_book(tmp_path / "in.xlsx"), {SHEET: swap(r"<sheetData>.*</sheetData>", "<sheetData/>")})
    marked(empty, tmp_path, "A1", "B7")
    row = edit(plain_book(tmp_path / "in.xlsx"), {SHEET: swap(r'(<row r="2"[^>]*)>.*?</row>', r"\1/>")})
    assert marked(row, tmp_path, "C2", "B3")["B3"].value == 20


def no_styles(path: Path) -> Path:
    return edit(
        path,
        {
            "xl/styles.xml": None,
            "xl/_rels/workbook.xml.rels": swap(r'<Relationship [^>]*?/styles"[^>]*/>', ""),
            "[Content_Types].xml": swap(r'<Override PartName="/xl/styles.xml"[^>]*/>', ""),
            SHEET: swap(r' s="1"', "", count=9),
            "xl/worksheets/sheet2.xml": swap(r' s="[12]"', "", count=9),
        },
    )


def test_a_workbook_without_style_part_gets_one(tmp_path: Path) -> None:
    marked(no_styles(plain_book(tmp_path / "in.xlsx")), tmp_path, "B2")


@pytest.mark.parametrize("table", ["fills", "cellXfs", "fonts"])
def test_a_style_part_without_a_table_is_completed(table: str, tmp_path: Path) -> None:
    lacking = {"xl/styles.xml": swap(rf"<{table} .*?</{table}>", "")}
    source = edit(plain_book(tmp_path / "in.xlsx"), lacking)
    cell = marked(source, tmp_path, "A1")["A1"]
    assert cell.value == "标题"


def test_formats_wrapped_in_alternatives_keep_their_numbers(tmp_path: Path) -> None:
    space = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    wrap = rf'<mc:AlternateContent xmlns:mc="{space}"><mc:Choice xmlns:hs="http://example.org/hs" Requires="hs">' + (
        r"\1</mc:Choice><mc:Fallback>\1</mc:Fallback></mc:AlternateContent></cellXfs>"
    )
    source = edit(plain_book(tmp_path / "in.xlsx"), {"xl/styles.xml": swap(r"(<xf [^>]*/>)</cellXfs>", wrap)})
    report = annotate(source, tmp_path / "out.xlsx", [finding("乙", "B2")])
    assert isinstance(report.marking, Patch)
    styles = parts_of(report.path)["xl/styles.xml"].decode()
    base = re.search(r"<mc:Fallback><xf ([^>]*)/>", styles)[1]
    derived = re.search(r"</mc:AlternateContent><xf ([^>]*)/></cellXfs>", styles)[1]
    assert re.search(r'numFmtId="\d+"', derived)[0] == re.search(r'numFmtId="\d+"', base)[0]


def test_content_types_declared_by_extension(tmp_path: Path) -> None:
    book_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    source = edit(
        plain_book(tmp_path / "in.xlsx"),
        {
            "[Content_Types].xml": lambda xml: re.sub(
                r'<Override PartName="/xl/workbook.xml"[^>]*/>',
                "",
                xml.decode().replace(
                    'Extension="xml" ContentType="application/xml"', f'Extension="xml" ContentType="{book_type}"'
                ),
            ).encode()
        },
    )
    marked(source, tmp_path, "A1")


def test_comments_written_by_openpyxl(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("甲", "乙"):
        sheet = book.create_sheet(name)
        sheet["A1"], sheet["B2"] = "标题", 10
        sheet["A1"].comment = Comment("科室意见", "王五", width=300, height=50)
    book.save(tmp_path / "in.xlsx")
    findings = [finding(name, cell) for name in ("甲", "乙") for cell in ("A1", "B2")]
    report = annotate(tmp_path / "in.xlsx", tmp_path / "out.xlsx", findings)
    copy = openpyxl.load_workbook(report.path)
    assert [copy[name]["A1"].comment.author for name in ("甲", "乙")] == ["王五", "王五"]
    assert copy["甲"]["A1"].comment.text.startswith("科室意见\n")
    assert copy["乙"]["B2"].comment.author == AUTHOR
    drawings = [body.decode() for name, body in parts_of(report.path).items() if name.endswith(".vml")]
    ours = [n for body in drawings for n in re.findall(r'xmlns:x="[^"]*" id="_x0000_s(\d+)"', body)]
    assert len(ours) == len(set(ours)) == 2  # the two of openpyxl share one number, ours stay out of its block


def test_a_sheet_with_more_comments_than_a_block_of_numbers_holds(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "in.xlsx"))
    sheet = book.add_worksheet("甲")
    for row in range(2_500):
        sheet.write_number(row, 0, row)
    book.close()
    report = annotate(
        tmp_path / "in.xlsx", tmp_path / "out.xlsx", [finding("甲", f"A{row + 1}") for row in range(2_500)]
    )
    body = parts_of(report.path)["xl/drawings/vmlDrawing1.vml"].decode()
    numbers = [int(n) for n in re.findall(r'id="_x0000_s(\d+)"', body)]
    assert len(set(numbers)) == 2_500
    blocks = [int(b) for b in re.search(r'data="([\d,]+)"', body)[1].split(",")]
    assert {n // 1024 for n in numbers} == set(blocks)
    assert len(blocks) == 3


def test_the_drawing_stands_where_the_schema_wants_it(tmp_path: Path) -> None:
    report = annotate(
        rich_book(tmp_path / "in.xlsx"), tmp_path / "out.xlsx", [finding(LIST, "A2"), finding(FORM, "B2")]
    )
    table = plain_book(tmp_path / "table.xlsx")
    edit(table, {SHEET: swap("</worksheet>", "<tableParts count='0'/><extLst/></worksheet>")})
    copy = annotate(table, tmp_path / "table_out.xlsx", [finding("甲", "A1")])
    assert re.search(rb"<legacyDrawing [^>]*/><tableParts", parts_of(copy.path)[SHEET])
    for name in ("sheet1", "sheet2"):
        assert parts_of(report.path)[f"xl/worksheets/{name}.xml"].count(b"<legacyDrawing ") == 1


def test_findings_on_one_sheet_leave_the_comments_of_others_alone(tmp_path: Path) -> None:
    source = rich_book(tmp_path / "in.xlsx")
    report = annotate(source, tmp_path / "out.xlsx", [finding(LIST, "A2")])
    before, after = parts_of(source), parts_of(report.path)
    for part in ("xl/comments1.xml", "xl/drawings/vmlDrawing1.vml", SHEET, "xl/worksheets/sheet3.xml"):
        assert before[part] == after[part]
    assert LOCKED in openpyxl.load_workbook(report.path).sheetnames


@pytest.mark.parametrize("number", ["x", "99", ""])
def test_a_comment_of_an_author_that_does_not_exist_stays(number: str, tmp_path: Path) -> None:
    edits = {"xl/comments1.xml": swap('authorId="[0-9]+"', f'authorId="{number}"')}
    source = edit(rich_book(tmp_path / "表.xlsx"), edits)
    report = annotate(source, tmp_path / "out.xlsx", [finding(FORM, "B3")])
    before, after = ([g.comments for g in read_book(path, name="表").grids] for path in (source, report.path))
    assert isinstance(report.marking, Patch) and before == after and any(before)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, '(<col [^>]*min=")[0-9]+', r"\1x"), (SHEET, '(<col [^>]*)max="[0-9]+"', r"\1"),
        (SHEET, '(<row [^>]*r=")[0-9]+', r"\1x"), (BOOK, '(<sheet [^>]*sheetId=")[0-9]+', r"\1x"),
        (BOOK, '(<definedName [^>]*localSheetId=")[0-9]+', r"\1x"),
    ],
)  # fmt: skip
def test_a_number_that_is_none_costs_the_look_and_not_the_copy(part: str, old: str, new: str, tmp_path: Path) -> None:
    source = edit(rich_book(tmp_path / "表.xlsx"), {part: swap(old, new)})
    report = annotate(source, tmp_path / "out.xlsx", [finding(FORM, "B3")], forms=11)
    assert isinstance(report.marking, Rendering)
    assert "（原件的内部结构不规范）" in report.notes[0]
