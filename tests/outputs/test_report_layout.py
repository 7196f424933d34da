"""The Word report keeps the official layout of GB/T 9704, is the same for the same data, and opens everywhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from support.batches import township
from support.reports import REFERENCE, Written, reference, written
from xlsxwriter import Workbook

from perfbatch.errors import UsageError
from perfbatch.outputs.report import write_report
from perfbatch.outputs.report.draft import TEMPLATE
from tools.report_template import __main__ as report_template

SOFFICE, PDFTOTEXT = shutil.which("soffice"), shutil.which("pdftotext")
BODY, HEAD = "仿宋_GB2312", "黑体"


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Written:
    return written(tmp_path_factory.mktemp("layout"), reference("national"))


def test_the_page_is_that_of_the_standard(report):
    (section,) = report.document.sections
    near = pytest.approx
    assert (section.page_width, section.page_height) == (near(Mm(210), abs=1000), near(Mm(297), abs=1000))
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert margins == tuple(near(Mm(value), abs=1000) for value in (37, 35, 28, 26))


def east_asian(style) -> str:
    while style is not None:
        fonts = style.element.rPr.find(qn("w:rFonts")) if style.element.rPr is not None else None
        if fonts is not None:
            return str(fonts.get(qn("w:eastAsia")))
        style = style.base_style
    return ""


@pytest.mark.parametrize(
    ("style", "font", "size"),
    [("Title", "方正小标宋简体", 22), ("heading 1", HEAD, 16), ("heading 2", "楷体_GB2312", 16),
     ("heading 3", BODY, 16), ("表头", HEAD, 10.5), ("footer", "宋体", 14)],
)  # fmt: skip
def test_fonts_of_the_styles(report, style, font, size):
    (found,) = [s for s in report.document.styles if s.element.name_val == style]
    assert east_asian(found) == font
    assert found.font.size == Pt(size)


def test_running_text_is_fangsong_of_size_three_with_fixed_line_spacing(report):
    defaults = report.document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    assert defaults.find(qn("w:rFonts")).get(qn("w:eastAsia")) == BODY
    assert defaults.find(qn("w:sz")).get(qn("w:val")) == "32"
    normal, body = report.document.styles["Normal"], report.document.styles["Body Text"]
    assert Pt(28) <= normal.paragraph_format.line_spacing <= Pt(29)
    assert body.element.find(f".//{qn('w:ind')}").get(qn("w:firstLineChars")) == "200"


def test_fonts_that_are_not_installed_have_a_stand_in(report):
    with zipfile.ZipFile(report.path) as package:
        table = package.read("word/fontTable.xml").decode("utf-8")
    instead = dict(re.findall(r'w:name="([^"]+)"><w:altName w:val="([^"]+)"', table))
    assert (instead["方正小标宋简体"], instead[BODY], instead["楷体_GB2312"]) == ("宋体", "仿宋", "楷体")


def test_pages_are_numbered_outside(report):
    (section,) = report.document.sections
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        xml = footer._element.xml
        assert re.sub(r"\s", "", footer.paragraphs[0].text) == "—1—"
        assert "PAGE" in xml
        assert f'<w:jc w:val="{side}"/>' in xml
    assert report.document.settings.odd_and_even_pages_header_footer


def test_headings_of_tables_are_repeated_and_short_rows_stay_whole(report):
    for table in report.document.tables:
        first, *rest = table._tbl.tr_lst
        assert first.find(f".//{qn('w:tblHeader')}") is not None
        assert all(row.find(f".//{qn('w:tblHeader')}") is None for row in rest)
        widths = [int(cell.get(qn("w:w"))) for cell in table._tbl.tblGrid]
        assert sum(widths) <= round(Mm(156).twips) + 5
        split = [row for row in rest if row.find(f".//{qn('w:cantSplit')}") is None]
        assert all(max(len("".join(cell.itertext())) for cell in row.tc_lst) > 200 for row in split)


def test_the_signature_is_never_alone_on_a_page(report):
    end = report.paragraphs.index("附件1")
    kept = [paragraph.paragraph_format.keep_with_next for paragraph in report.document.paragraphs[:end]]
    closing = next(at for at, text in enumerate(report.paragraphs) if "为契机" in text)
    assert all(kept[closing : end - 1])
    assert not kept[end - 1]


@pytest.mark.parametrize("family", ["township", "hubei", "public"])
def test_the_same_data_give_the_same_bytes(tmp_path, family):
    settings = type(REFERENCE)(report=family)
    for name in ("a", "b"):
        write_report(tmp_path / name, township(20, 5), settings)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with zipfile.ZipFile(tmp_path / "a") as package:
        assert package.testzip() is None
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_no_clock_and_no_person_is_in_the_file(report):
    core = report.document.core_properties
    assert {core.created.date(), core.modified.date()} == {date(2024, 3, 10)}
    assert {comment.timestamp.date() for comment in report.document.comments} == {date(2024, 3, 10)}
    assert (core.author, core.last_modified_by, core.language) == ("安肃镇", "perfbatch", "zh-CN")


def test_every_table_says_what_it_is_to_who_cannot_see_it(report):
    for table in report.document.tables:
        caption, described = (table._tbl.tblPr.find(qn(f"w:tbl{name}")) for name in ("Caption", "Description"))
        assert caption.get(qn("w:val")) in report.paragraphs
        assert described.get(qn("w:val")).startswith(f"各列为{table.cell(0, 0).text}、")


def test_annexes_are_numbered_by_fields_that_word_counts_anew(report):
    heads = [p for p in report.document.paragraphs if p.style.name == "附件序号"]
    codes = [[code.text for code in head._p.iter(qn("w:instrText"))] for head in heads]
    assert len(heads) >= 3 and codes == [["SEQ 附件 \\* ARABIC"]] * len(heads)
    assert [head.text for head in heads] == [f"附件{number}" for number in range(1, len(heads) + 1)]
    marks = [mark.get(qn("w:fldCharType")) for mark in heads[0]._p.iter(qn("w:fldChar"))]
    assert marks == ["begin", "separate", "end"]


def test_the_template_is_packed_from_the_parts_in_tools(tmp_path):
    report_template.write(tmp_path / "template.docx")
    assert (tmp_path / "template.docx").read_bytes() == TEMPLATE.read_bytes()


def test_a_report_restyled_in_word_is_a_template_for_the_next(tmp_path, report):
    document = docx.Document(str(report.path))
    document.styles["Heading 1"].font.size = Pt(18)
    document.save(str(tmp_path / "模板.docx"))
    own = written(tmp_path, reference("national"), replace(REFERENCE, report_template=str(tmp_path / "模板.docx")))
    assert own.document.styles["Heading 1"].font.size == Pt(18)
    assert (own.text, own.comments, own.slots) == (report.text, report.comments, report.slots)


@pytest.mark.parametrize(
    ("name", "said"),
    [("没有.docx", "打不开报告模板"), ("文本.docx", "打不开报告模板"), ("表.docx", "打不开报告模板"),
     ("普通.docx", "缺少样式“Signature”、“附件序号”、“附件标题”")],
)  # fmt: skip
def test_a_template_that_cannot_be_used_is_told_in_a_sentence(tmp_path, name, said):
    (tmp_path / "文本.docx").write_text("文字", encoding="utf-8")
    with Workbook(tmp_path / "表.docx") as book:
        book.add_worksheet()
    docx.Document().save(str(tmp_path / "普通.docx"))
    with pytest.raises(UsageError, match=said) as raised:
        written(tmp_path, reference("national"), replace(REFERENCE, report_template=str(tmp_path / name)))
    assert name in str(raised.value) and "没有写报告" in str(raised.value)


@pytest.fixture(scope="module")
def pages(report, tmp_path_factory) -> list[str]:
    if not (SOFFICE and PDFTOTEXT):
        pytest.skip("LibreOffice or pdftotext is not installed")
    folder: Path = tmp_path_factory.mktemp("pages")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [SOFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(report.path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pdf = folder / f"{report.path.stem}.pdf"
    text = subprocess.run([PDFTOTEXT, "-layout", str(pdf), "-"], check=True, capture_output=True).stdout
    return text.decode("utf-8").split("\f")[:-1]


def first(page: str) -> str:
    """The first line of a page without blanks."""
    return re.sub(r"\s", "", page.strip().splitlines()[0])


def test_every_page_has_content_and_its_number(pages):
    for number, page in enumerate(pages, 1):
        lines = [line.strip() for line in page.splitlines() if line.strip()]
        assert re.sub(r"\s", "", lines[-1]) == f"—{number}—"
        assert len(lines) > 3, f"page {number} is empty"
    assert 10 <= len(pages) <= 25


def test_annexes_begin_on_pages_of_their_own_and_no_heading_ends_a_page(pages):
    assert [first(page) for page in pages if re.fullmatch("附件[0-9]", first(page))] == [
        "附件1",
        "附件2",
        "附件3",
        "附件4",
    ]
    for page in pages:
        last = [line.strip() for line in page.splitlines() if line.strip()][-2]
        assert not re.match("[一二三四]、|（[一二三四]）", last)


def test_headings_of_the_list_of_projects_are_on_each_of_its_pages(pages):
    start = next(at for at, page in enumerate(pages) if first(page) == "附件2")
    end = next(at for at, page in enumerate(pages) if first(page) == "附件3")
    assert end - start > 2
    assert all("自评得分" in page and "全年执行数" in page for page in pages[start:end])
