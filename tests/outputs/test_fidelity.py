"""`prove` accepts the copy that `annotate` makes and refuses every other difference, one tampering each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.rich_books import FORM, HIDDEN, LIST, Edit, edit, finding, parts_of, png, rich_book, swap

from perfbatch.intake.grids import RULE
from perfbatch.intake.package import Package
from perfbatch.outputs import patch as patch_module
from perfbatch.outputs.annotate import annotate
from perfbatch.outputs.fidelity import Unproven, prove
from perfbatch.outputs.render import Rendering

FINDINGS = [finding(FORM, "B3"), finding(FORM, "C5", "warning"), finding(FORM, "J40", "info"), finding(LIST, "C9")]
MARKED = {(FORM, "B3"), (FORM, "C5"), (FORM, "J40"), (LIST, "C9")}
BOOK, STYLES, TYPES = "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"
FIRST, SECOND, UNMARKED = (f"xl/worksheets/sheet{n}.xml" for n in (1, 2, 4))
RELS, NOTES, OURS = "xl/worksheets/_rels/sheet1.xml.rels", "xl/comments1.xml", "xl/comments3.xml"
VML, NEW_VML = "xl/drawings/vmlDrawing1.vml", "xl/drawings/vmlDrawing3.vml"

TAMPERINGS: dict[str, dict[str, Edit]] = {
    "a value of an unmarked cell": {FIRST: swap(r'(<c r="B4"[^>]*><v>)[^<]*', r"\g<1>999")},
    "the value of a marked cell": {FIRST: swap(r'(<c r="B3"[^>]*><v>)[^<]*', r"\g<1>999")},
    "a cached value": {FIRST: swap(r"(<f>B5/100</f><v>)[^<]*", r"\g<1>0")},
    "a formula": {FIRST: swap("<f>B5/100</f>", "<f>B5/10</f>")},
    "a formula turned into its value": {FIRST: swap("<f>B5/100</f>", "")},
    "the type of a cell": {FIRST: swap(r'(<c r="C3" s="\d+") t="s"', r"\1")},
    "a shared string": {"xl/sharedStrings.xml": swap("指标3", "指标三")},
    "a cell taken away": {FIRST: swap(r'<c r="B7".*?</c>', "")},
    "a row taken away": {FIRST: swap(r'<row r="11".*?</row>', "")},
    "two rows exchanged": {FIRST: swap(r'(<row r="6".*?</row>)(<row r="7".*?</row>)', r"\2\1")},
    "a value in an added cell": {FIRST: swap(r'<c r="J40" s="(\d+)"/>', r'<c r="J40" s="\1"><v>1</v></c>')},
    "a look of an added row": {FIRST: swap('<row r="40">', '<row r="40" hidden="1">')},
    "a merge": {FIRST: swap('ref="A5:A8"', 'ref="A5:A7"')},
    "a column width": {FIRST: swap(r'width="15\.[0-9]+"', 'width="9"')},
    "a row height": {FIRST: swap('ht="30"', 'ht="12"')},
    "the panes": {FIRST: swap('ySplit="2"', 'ySplit="1"')},
    "the paper": {FIRST: swap('paperSize="9"', 'paperSize="1"')},
    "the footer": {FIRST: swap("第 &amp;P 页", "&amp;P")},
    "a validation": {FIRST: swap("优,良,中,差", "优,良")},
    "a conditional format": {FIRST: swap(r"<conditionalFormatting.*?</conditionalFormatting>", "")},
    "a sparkline extension": {FIRST: swap(r"<extLst>.*?</extLst></worksheet>", "</worksheet>")},
    "a link": {FIRST: swap(r"<hyperlink ref=", "<hyperlink tooltip='x' ref=")},
    "the address of a link": {RELS: swap("example.org/help", "example.org/other")},
    "the filter": {SECOND: swap(r"<autoFilter[^>]*/>", "")},
    "a hidden row shown": {SECOND: swap(r'(<row r="6"[^>]*?) hidden="1"', r"\1")},
    "a sheet without marks": {UNMARKED: swap("<v>1</v>", "<v>2</v>")},
    "a format of an unmarked cell": {FIRST: swap(r'(<c r="B4" s=)"\d+"', r'\1"0"')},
    "a fill where no finding is": {
        FIRST: lambda xml: re.sub(
            rb'(<c r="B4" s=")\d+', rb"\g<1>" + re.search(rb'<c r="B3" s="(\d+)', xml)[1], xml, count=1
        )
    },
    "a font": {STYLES: swap('name val="仿宋"', 'name val="黑体"')},
    "a border": {STYLES: swap('<left style="thin">', '<left style="thick">')},
    "a number format": {STYLES: swap("#,##0.00_ ", "#,##0")},
    "an alignment of a marked cell": {STYLES: swap(r'vertical="center"(?!.*vertical="center")', 'vertical="top"')},
    "a border of a marked cell": {STYLES: swap(r'borderId="\d"(?!.*borderId=)', 'borderId="0"')},
    "a mark in a colour of others": {STYLES: swap("FFFF7D7D", "FF00FF00")},
    "a conditional style": {STYLES: swap(r"</cellXfs>(.*?)<dxfs", r"</cellXfs>\1<dxfs x='1'")},
    "a part taken away": {"xl/cellimages.xml": None},
    "the macro-free part of another vendor": {"customXml/item1.xml": b"<other/>"},
    "a part added": {"xl/media/image2.png": png()},
    "a picture": {"xl/media/image1.png": png() + b"0"},
    "a chart": {"xl/charts/chart1.xml": swap("项目一!\\$B\\$5", "项目一!$B$6")},
    "a defined name": {BOOK: swap("项目一!\\$B\\$5", "项目一!$B$6")},
    "a sheet name": {BOOK: swap('name="清单"', 'name="清单2"')},
    "a sheet shown": {BOOK: swap(' state="hidden"', "")},
    "a relation added": {
        RELS: swap("</Relationships>", '<Relationship Id="x" Type="a/oleObject" Target="a.bin"/></Relationships>')
    },
    "a relation turned": {RELS: swap("../drawings/drawing1.xml", "../drawings/drawing2.xml")},
    "a content type": {TYPES: swap("spreadsheetml.styles", "spreadsheetml.theme")},
    "a content type added": {TYPES: swap("<Default ", "<Default Extension='exe' ContentType='x/y'/><Default ")},
    "a comment of the clerk": {NOTES: swap("上年已说明", "上年未说明")},
    "the look of the clerk's comment": {NOTES: swap("Tahoma", "Arial")},
    "the author of the clerk's comment": {NOTES: swap("张三", "赵六")},
    "the clerk's comment taken away": {NOTES: swap(r'<comment ref="C5".*?</comment>', "")},
    "the clerk's box moved": {VML: swap(r"(<x:Anchor>)3,", r"\g<1>7,")},
    "a button": {VML: swap("Button1_Click", "Button9_Click")},
    "a shape of the clerk taken away": {VML: swap(r'<v:shape id="_x0000_s1025".*?</v:shape>', "")},
    "our comment missing": {NOTES: swap(r'<comment ref="B3".*?</comment>', "")},
    "our text below the clerk's missing": {NOTES: swap(rf"\n{RULE}\n", "\n")},
    "our comment elsewhere": {NOTES: swap('ref="B3"', 'ref="B4"')},
    "our comment twice": {NOTES: swap(r'(<comment ref="B3".*?</comment>)', r"\1\1")},
    "a whole comments part missing": {
        OURS: None,
        TYPES: swap(r'<Override PartName="/xl/comments3.xml"[^>]*/>', ""),
        "xl/worksheets/_rels/sheet2.xml.rels": swap(r'<Relationship [^>]*comments3.xml"[^>]*/>', ""),
    },
    "a shape number used twice": {NEW_VML: swap(r"_x0000_s\d+", "_x0000_s1026")},
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pair")
    source = rich_book(folder / "表.xlsx")
    return source, annotate(source, folder / "表_批注.xlsx", FINDINGS).path


def test_the_honest_copy_is_accepted(pair: tuple[Path, Path]) -> None:
    prove(Package(pair[0].read_bytes()), pair[1], MARKED)


@pytest.mark.parametrize("edits", TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_refused(edits: dict[str, Edit], pair: tuple[Path, Path], tmp_path: Path) -> None:
    tampered = edit(pair[1], edits, tmp_path / "tampered.xlsx")
    with pytest.raises(Unproven, match="未发布"):
        prove(Package(pair[0].read_bytes()), tampered, MARKED)


@pytest.mark.parametrize(
    "marked",
    [
        MARKED - {(FORM, "B3")},
        MARKED | {(FORM, "B4")},
        MARKED | {("没有这张表", "A1")},
        MARKED | {(HIDDEN, "A1")},
        MARKED | {(FORM, "B0")},
        set(),
    ],
)
def test_the_marks_must_be_where_they_are_said_to_be(marked: set[tuple[str, str]], pair: tuple[Path, Path]) -> None:
    with pytest.raises(Unproven):
        prove(Package(pair[0].read_bytes()), pair[1], marked)


def test_the_source_itself_is_no_copy_of_it_with_marks(pair: tuple[Path, Path]) -> None:
    with pytest.raises(Unproven, match="批注"):
        prove(Package(pair[0].read_bytes()), pair[0], MARKED)


@pytest.mark.parametrize("body", [b"", b"PK\x05\x06" + bytes(18), b"not a workbook"])
def test_a_copy_that_cannot_be_read_is_refused(body: bytes, pair: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(body)
    with pytest.raises(Unproven, match="无法读回"):
        prove(Package(pair[0].read_bytes()), tmp_path / "broken.xlsx", MARKED)


def test_the_refusal_names_the_place_in_chinese(pair: tuple[Path, Path], tmp_path: Path) -> None:
    tampered = edit(pair[1], TAMPERINGS["a border of a marked cell"], tmp_path / "tampered.xlsx")
    with pytest.raises(Unproven, match=rf"“{FORM}”\w+的格式除底色外还有变化，未发布。|“{LIST}”C9的格式"):
        prove(Package(pair[0].read_bytes()), tampered, MARKED)


def test_an_unproven_copy_is_never_published_in_place(
    pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Unproven("批注副本与原件核对不一致：试验，未发布。")

    monkeypatch.setattr(patch_module, "prove", refuse)
    report = annotate(pair[0], tmp_path / "out.xlsx", FINDINGS)
    assert isinstance(report.marking, Rendering)
    assert "试验" in report.notes[0]
    assert "xl/cellimages.xml" not in parts_of(report.path)
    assert [path.name for path in tmp_path.iterdir()] == ["out.xlsx"]
