"""Word documents: what a cell says as a person sees it, which cell stands where, what is left out and said."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strangers import worddoc
from strangers.grid import Sheet
from strangers.worddoc import paragraph, run

from perfbatch.errors import RefusedFile
from perfbatch.intake import Limits, office, read_book
from perfbatch.intake.grids import Builder, Notes
from perfbatch.intake.word import REPORT_MARK, read_word
from perfbatch.model import Book, Grid, Range

NAME = "自评表.docx"
PICTURE = '<w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"/></w:drawing>'


def cell(inner: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    given = f"<w:trPr>{properties}</w:trPr>" if properties else ""
    return f"<w:tr>{given}{''.join(c if c.startswith('<') else cell(paragraph(c)) for c in cells)}</w:tr>"


def table(*rows: str, grid: tuple[int, ...] = (1000, 1000, 1000)) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in grid)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def read(body: str, folder: Path, parts: dict[str, str] | None = None, **options: object) -> Book:
    return read_book(worddoc.package(body, folder / NAME, parts), name=NAME, **options)  # type: ignore[arg-type]


def shown(grid: Grid) -> dict[str, str]:
    return {c.ref: c.text for c in grid.cells.values()}


def spanned(grid: Grid) -> set[tuple[int, ...]]:
    return {tuple(area) for area in grid.merges}


TEXTS = {
    "several runs": (run("产出") + run("指标"), "产出指标"),
    "break and tab": ("<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:tab/><w:t>丙</w:t></w:r>", "甲\n乙 丙"),
    "inserted": (run("完成") + f"<w:ins w:id='1'>{run('35')}</w:ins>" + run("公里"), "完成35公里"),
    "deleted": (run("35") + "<w:del w:id='1'><w:r><w:delText>40</w:delText></w:r></w:del>", "35"),
    "moved away": (f"<w:moveFrom w:id='1'>{run('旧')}</w:moveFrom>" + run("新"), "新"),
    "hidden": ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>看不见</w:t></w:r>" + run("看得见"), "看得见"),
    "not hidden": ('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>看得见</w:t></w:r>', "看得见"),
    "link": (f"<w:hyperlink>{run('安肃镇')}</w:hyperlink>", "安肃镇"),
    "field": (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>=SUM(ABOVE)</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("100")}<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        "100",
    ),
    "content control": (f"<w:sdt><w:sdtPr/><w:sdtContent>{run('96.5%')}</w:sdtContent></w:sdt>", "96.5%"),
    "prompt of a content control": (
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('单击此处输入文字')}</w:sdtContent></w:sdt>",
        "",
    ),
    "ticked box": (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar>'
        "</w:r>" + run("是"),
        "☑是",
    ),
    "box not ticked": (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/></w:checkBox></w:ffData>'
        "</w:fldChar></w:r>" + run("否"),
        "□否",
    ),
    "chosen entry": (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="优"/>'
        '<w:listEntry w:val="良"/></w:ddList></w:ffData></w:fldChar></w:r>',
        "良",
    ),
    "sign of a symbol font": ('<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>' + run("90%"), "≥90%"),
    "box of a symbol font": ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>' + run("是"), "☑是"),
    "formula in a line": ("<m:oMath><m:r><m:t>≥</m:t></m:r><m:r><m:t>95</m:t></m:r></m:oMath>" + run("分"), "≥95分"),
    "fraction": ("<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num></m:f></m:oMath>", "�"),
    "unknown symbol": ('<w:r><w:sym w:font="Wingdings" w:char="F021"/></w:r>', "�"),
    "ruby": (f"<w:r><w:ruby><w:rt>{run('ān')}</w:rt><w:rubyBase>{run('安')}</w:rubyBase></w:ruby></w:r>", "安"),
    "hyphen that does not break": ("<w:r><w:t>2023</w:t><w:noBreakHyphen/><w:t>1</w:t></w:r>", "2023-1"),
}


@pytest.mark.parametrize("said", TEXTS)
def test_text_of_a_cell(said: str, tmp_path: Path) -> None:
    content, wanted = TEXTS[said]
    book = read(table(row("甲", cell(f"<w:p>{content}</w:p>")), grid=(1000, 1000)), tmp_path)
    assert shown(book.grids[0]).get("B1", "") == wanted
    assert any(note.code == "unreadable_cell" and note.cell == "B1" for note in book.notes) == ("�" in wanted)


def test_deleted_text_is_said(tmp_path: Path) -> None:
    book = read(table(row(cell(f"<w:p>{TEXTS['deleted'][0]}</w:p>"))), tmp_path)
    (note,) = [note for note in book.notes if note.code == "tracked_changes"]
    assert "1 处，如“40”" in note.text and note.text.endswith("接受或拒绝全部修订后再报。")


def test_merges_down_and_across(tmp_path: Path) -> None:
    first = row(cell(paragraph("甲"), '<w:vMerge w:val="restart"/>'), cell(paragraph("乙"), '<w:gridSpan w:val="2"/>'))
    book = read(table(first, row(cell("<w:p/>", "<w:vMerge/>"), "丙", "丁")), tmp_path)
    assert shown(book.grids[0]) == {"A1": "甲", "B1": "乙", "B2": "丙", "C2": "丁"}
    assert spanned(book.grids[0]) == {(1, 1, 2, 1), (1, 2, 1, 3)}


def test_what_a_merge_hides_is_said(tmp_path: Path) -> None:
    book = read(
        table(
            row(cell(paragraph("甲"), '<w:vMerge w:val="restart"/>'), "乙"),
            row(cell(paragraph("看不见"), "<w:vMerge/>"), "丙"),
        ),
        tmp_path,
    )
    assert shown(book.grids[0]) == {"A1": "甲", "B1": "乙", "B2": "丙"}
    assert [(note.code, note.cell) for note in book.notes] == [("covered_value", "A2")]


def test_a_row_that_begins_further_right(tmp_path: Path) -> None:
    book = read(table(row("甲", "乙", "丙"), row("丁", properties='<w:gridBefore w:val="2"/>')), tmp_path)
    assert shown(book.grids[0]) == {"A1": "甲", "B1": "乙", "C1": "丙", "C2": "丁"}


def test_rows_without_spans_stand_by_their_widths(tmp_path: Path) -> None:
    """Programs that write no gridSpan: the second cell of row 1 stands over two of row 2."""

    def wide(text: str, width: int) -> str:
        return cell(paragraph(text), f'<w:tcW w:w="{width}" w:type="dxa"/>')

    body = table(
        row(wide("甲", 1000), wide("乙", 2010)), row(wide("丙", 990), wide("丁", 1000), wide("戊", 1010)), grid=()
    )
    book = read(body, tmp_path)
    assert shown(book.grids[0]) == {"A1": "甲", "B1": "乙", "A2": "丙", "B2": "丁", "C2": "戊"}
    assert spanned(book.grids[0]) == {(1, 2, 1, 3)}


def test_rows_and_cells_in_content_controls(tmp_path: Path) -> None:
    control = "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>".format
    book = read(table(control(row("甲", control(cell(paragraph("乙"))))), row("丙", "丁")), tmp_path)
    assert shown(book.grids[0]) == {"A1": "甲", "B1": "乙", "A2": "丙", "B2": "丁"}


def test_a_deleted_row_is_none_and_an_inserted_one_is(tmp_path: Path) -> None:
    gone, new = row("删", properties='<w:del w:id="1"/>'), row("增", properties='<w:ins w:id="2"/>')
    book = read(table(row("甲"), gone, new), tmp_path)
    assert shown(book.grids[0]) == {"A1": "甲", "A2": "增"}


def test_blank_lines_count_beside_several_lines_only(tmp_path: Path) -> None:
    lines = [cell("".join(map(paragraph, some))) for some in (["甲", "乙"], ["1", ""])]
    book = read(table(row(*lines), row(cell(paragraph("丙") + "<w:p/>"), "2")), tmp_path)
    assert shown(book.grids[0]) == {"A1": "甲\n乙", "B1": "1\n", "A2": "丙", "B2": "2"}


def test_texts_around_a_table(tmp_path: Path) -> None:
    body = (
        paragraph("项目支出绩效自评表")
        + "<w:p/>"
        + paragraph("填报单位：甲\t金额单位：万元")
        + table(row("a", "b", "c"))
    )
    grid = read(body + paragraph("注：本表一式两份。"), tmp_path).grids[0]
    assert shown(grid) == {
        "A1": "项目支出绩效自评表", "A2": "填报单位：甲　　金额单位：万元", "A3": "a", "B3": "b", "C3": "c",
        "A4": "注：本表一式两份。",
    }  # fmt: skip
    assert spanned(grid) == {(1, 1, 1, 3), (2, 1, 2, 3), (4, 1, 4, 3)}


def test_prose_is_left_out_and_said(tmp_path: Path) -> None:
    prose = [
        f"第{n}段，" + "项目按计划实施，资金使用规范，绩效目标如期完成，群众反映良好，具体情况如下所述，不再重复，" * 2
        for n in range(20)
    ]
    body = "".join(map(paragraph, prose)) + paragraph("附件：自评表") + table(row("a"), grid=(1,)) + paragraph(prose[0])
    book = read(body, tmp_path)
    assert shown(book.grids[0]) == {"A1": "附件：自评表", "A2": "a"}
    (note,) = book.notes
    assert note.code == "text_unread" and "21 处，如“第0段，项目按计划" in note.text


def test_a_table_goes_on_after_a_page_break(tmp_path: Path) -> None:
    """The second part has its columns otherwise cut: they stand where they stand on the page."""
    broken = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
    second = table(row("丁", "戊", "己", "庚"), grid=(980, 500, 520, 1000))
    (grid,) = read(table(row("甲", "乙", "丙")) + broken + second, tmp_path).grids
    assert shown(grid) == {"A1": "甲", "B1": "乙", "D1": "丙", "A2": "丁", "B2": "戊", "C2": "己", "D2": "庚"}
    assert spanned(grid) == {(1, 2, 1, 3)}


def test_a_title_behind_a_page_break_begins_a_sheet(tmp_path: Path) -> None:
    broken = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
    body = table(row("甲")) + paragraph("注：一") + broken + paragraph("自评表二") + table(row("乙"))
    first, second = read(body, tmp_path).grids
    assert shown(first) == {"A1": "甲", "A2": "注：一"} and shown(second) == {"A1": "自评表二", "A2": "乙"}
    assert (first.sheet, second.sheet) == ("表1", "表2")


def test_tables_in_cells(tmp_path: Path) -> None:
    """One of a single cell is a way to lay out text; others are read behind, and said."""
    text = cell(table(row("乙"), grid=(1000,)) + "<w:p/>")
    inner = cell(paragraph("丙") + table(row("丁", "戊"), grid=(1500, 1500)) + "<w:p/>")
    book = read(table(row("甲", text, inner)), tmp_path)
    assert shown(book.grids[0]) == {"A1": "甲", "B1": "乙", "D1": "丙", "A2": "丁", "C2": "戊"}
    assert [(note.code, note.cell[1:]) for note in book.notes] == [("nested_table", "1")]


def test_a_frame_around_a_form_is_no_table(tmp_path: Path) -> None:
    book = read(table(row(cell(table(row("甲", "乙"), row("丙", "丁")) + "<w:p/>")), grid=(3000,)), tmp_path)
    assert shown(book.grids[0]) == {"A1": "甲", "B1": "乙", "A2": "丙", "B2": "丁"} and book.notes == []


def test_what_no_reading_reaches_is_said(tmp_path: Path) -> None:
    box = f"<w:p><w:r><w:pict><w:txbxContent>{paragraph('金额单位：万元')}</w:txbxContent></w:pict></w:r></w:p>"
    head = f'<w:hdr xmlns:w="{worddoc.SPACE}">{paragraph("机密文件")}{paragraph("第1页")}</w:hdr>'
    relation = worddoc._RELS.replace('officeDocument" Target="word/document.xml"', 'header" Target="header1.xml"')
    parts = {"word/header1.xml": head, "word/_rels/document.xml.rels": relation}
    book = read(box + table(row("甲", cell(f"<w:p><w:r>{PICTURE}</w:r></w:p>"))), tmp_path, parts)
    told = {note.text.partition("没有读取")[0]: note.text for note in book.notes if note.code == "text_unread"}
    assert set(told) == {"文本框中的文字", "页眉中的文字"} and "1 处，如“金额单位：万元”" in told["文本框中的文字"]
    assert [(note.code, note.cell) for note in book.notes if note.cell] == [("picture_cell", "B1")]


def test_comments_of_people_are_those_of_the_cell(tmp_path: Path) -> None:
    sheet = Sheet("自评")
    sheet.line("指标", "完成值")
    sheet.line("道路", "35公里")
    sheet.notes[2, 2] = "因汛期停工"
    grid = read_book(worddoc.write([sheet], tmp_path / NAME), name=NAME).grids[0]
    assert grid.comments == {(2, 2): "因汛期停工"}


REFUSED = {
    "prose": ("prose", paragraph("关于开展自评的通知")),
    "picture of a table": ("picture_only", f"<w:p><w:r>{PICTURE}</w:r></w:p>"),
    "only a text box": ("no_table", f"<w:p><w:r><w:txbxContent>{paragraph('甲')}</w:txbxContent></w:r></w:p>"),
    "empty table": ("empty", table(row("", ""))),
    "our own report": ("own_output", f'<w:bookmarkStart w:id="0" w:name="{REPORT_MARK}"/>' + table(row("甲"))),
    "not well-formed": ("damaged", "<w:p>"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what: str, tmp_path: Path) -> None:
    code, body = REFUSED[what]
    with pytest.raises(RefusedFile) as refused:
        read(body, tmp_path)
    assert refused.value.code == code
    assert refused.value.message.startswith(f"文件“{NAME}”") and refused.value.message.count("。") == 1


def test_hostile_documents(tmp_path: Path) -> None:
    entity = '<?xml version="1.0"?><!DOCTYPE w:document [<!ENTITY a "b">]><w:document/>'
    wide = table(row(cell(paragraph("甲"), '<w:gridSpan w:val="9999999"/>')), grid=(1000,))
    long = table(*[row("甲")] * 2_000)
    for code, body, parts, limits in (
        ("doctype", "", {"word/document.xml": entity}, Limits()),
        ("too_large", long, None, Limits(page_bytes=50_000)),
        ("too_large", long, None, Limits(cells=100)),
    ):
        with pytest.raises(RefusedFile) as refused:
            read(body, tmp_path, parts, limits=limits)
        assert refused.value.code == code
    assert read(wide, tmp_path).grids[0].merges == (Range(1, 1, 1, 200),)


def test_another_library_writes_it(tmp_path: Path) -> None:
    """python-docx draws the table; its merges are read as it made them."""
    document = docx.Document()
    document.add_paragraph("项目支出绩效自评表")
    drawn = document.add_table(3, 4)
    for r in range(3):
        for c in range(4):
            drawn.cell(r, c).text = f"{r}{c}"
    drawn.cell(0, 1).merge(drawn.cell(1, 2)).text = "合并"
    document.save(tmp_path / NAME)
    grid = read_book(tmp_path / NAME, name=NAME).grids[0]
    assert spanned(grid) == {(1, 1, 1, 4), (2, 2, 3, 3)}
    assert shown(grid)["B2"] == "合并" and shown(grid)["D3"] == "13" and shown(grid)["D4"] == "23"


@st.composite
def drawings(draw: st.DrawFn) -> Sheet:
    """A table of texts with merged areas that do not overlap."""
    height, width = draw(st.integers(2, 6)), draw(st.integers(2, 6))
    sheet, taken = Sheet("表"), set[tuple[int, int]]()
    for r in range(1, height + 1):
        for c in range(1, width + 1):
            if (r, c) in taken:
                continue
            down, across = draw(st.integers(1, height - r + 1)), draw(st.integers(1, width - c + 1))
            area = {(r + i, c + j) for i in range(down) for j in range(across)}
            if area & taken:
                down = across = 1
                area = {(r, c)}
            taken |= area
            sheet.put(r, c, draw(st.sampled_from(["甲", "乙", f"{r}.{c}", "a&b<c>"])), across, down)
    return sheet


@given(drawings())
@settings(max_examples=60, deadline=None)
def test_whatever_is_merged(sheet: Sheet) -> None:
    """Every cell and merged area of a drawn table is where it was drawn."""
    out = io.BytesIO()
    worddoc.package(worddoc.table(sheet, range(1, sheet.height + 1)), out)  # type: ignore[arg-type]
    builder = Builder(NAME, Limits(), Notes())
    read_word(out.getvalue(), builder)
    (grid,) = builder.grids
    assert {at: c.text for at, c in grid.cells.items()} == sheet.cells
    assert spanned(grid) == {tuple(area) for area in sheet.merges}


# --- older formats ---

needs_office = pytest.mark.skipif(not office.office(), reason="needs LibreOffice")


@needs_office
@pytest.mark.parametrize(("kind", "suffix", "writing"), [
    ("doc", ".wps", "MS Word 97"), ("rtf", ".doc", "Rich Text Format"), ("odt", ".odt", "writer8"),
])  # fmt: skip
def test_older_documents(kind: str, suffix: str, writing: str, tmp_path: Path) -> None:
    """By content, whatever the suffix says; the same cells as the .docx it was made from."""
    sheet = Sheet("自评")
    sheet.put(1, 1, "项目名称")
    sheet.put(1, 2, "修路", 2)
    sheet.put(2, 1, "产出指标", 1, 2)
    sheet.line("数量", "≥5公里", column=2)
    sheet.cells |= {(2, 2): "数量", (2, 3): "≥5公里", (3, 2): "质量", (3, 3): "100%"}
    made = worddoc.package(paragraph("自评表") + worddoc.table(sheet, range(1, 4)) + paragraph(""), tmp_path / "a.docx")
    wanted = read_book(made, name=NAME).grids[0]
    office._run([
        office.office(), "--headless", f"-env:UserInstallation={office._profile()}", "--convert-to",
        f"{suffix[1:] if kind == 'odt' else kind}:{writing}", "--outdir", str(tmp_path), str(made),
    ])  # fmt: skip
    path = (tmp_path / f"a.{kind}").rename(tmp_path / f"b{suffix}")
    book = read_book(path, name=path.name)
    assert book.container == kind
    assert shown(book.grids[0]) == shown(wanted) and spanned(book.grids[0]) == spanned(wanted)


def test_without_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "office", lambda: "")
    path = tmp_path / "自评表.rtf"
    path.write_bytes(b"{\\rtf1 a;b;c}")
    with pytest.raises(RefusedFile) as refused:
        read_book(path, name=path.name)
    told = "本机没有安装，未作检查；请用 Word 或 WPS 打开后另存为 .docx 再放入，或安装 LibreOffice 后重新运行。"
    assert refused.value.code == "needs_office" and str(refused.value).endswith(told)
