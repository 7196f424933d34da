"""The annotated copy of a Word form is the clerk's document plus comments: read back with python-docx, and proven."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from strangers import worddoc
from strangers.grid import Sheet
from strangers.worddoc import paragraph
from support.rich_books import finding

from perfbatch.intake import office, read_book
from perfbatch.intake.grids import AUTHOR
from perfbatch.intake.package import Package
from perfbatch.outputs.annotate import AnnotationReport, annotate
from perfbatch.outputs.cells import cell_link
from perfbatch.outputs.fidelity import Unproven
from perfbatch.outputs.files import output_names
from perfbatch.outputs.render import Rendering
from perfbatch.outputs.wordmarks import WordPatch
from perfbatch.outputs.wordproof import prove

PAGE = "表1"


def sheet() -> Sheet:
    drawn = Sheet("自评")
    drawn.line("项目支出绩效自评表")
    drawn.line("项目名称", "修路", "")
    drawn.put(3, 1, "产出指标", 1, 2)
    drawn.cells |= {(3, 2): "数量\n其中一期", (3, 3): "≥5公里", (4, 2): "质量"}
    drawn.notes[3, 3] = "以批复为准"
    return drawn


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return worddoc.write([sheet()], tmp_path / "甲.docx")


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def said(path: Path) -> dict[str, str]:
    """Our comments by the text they stand at, as python-docx reads them; ∅ for an empty cell."""
    document = docx.Document(str(path))
    texts = {str(c.comment_id): c.text for c in document.comments if c.author == AUTHOR}
    found = {}
    for mark in document.element.body.iter(f"{{{worddoc.SPACE}}}commentReference"):
        identity = mark.get(f"{{{worddoc.SPACE}}}id")
        if identity in texts:
            cell = next(mark.iterancestors(f"{{{worddoc.SPACE}}}tc"), None)
            cell = mark.getparent().getparent() if cell is None else cell
            found["".join(t.text for t in cell.iter(f"{{{worddoc.SPACE}}}t")) or "∅"] = texts[identity]
    return found


def marked(form: Path, *cells: str, sheet: str = PAGE, **more: object) -> AnnotationReport:
    findings = [finding(sheet, cell) for cell in cells]
    return annotate(form, form.with_name("甲_批注.docx"), findings, **more)  # type: ignore[arg-type]


def test_comments_stand_at_the_cells(form: Path) -> None:
    """A cell, an empty one, one of two paragraphs, the lower part of a merged one, and the title for the whole form."""
    report = marked(form, "B2", "C2", "B3", "A4", "", remarks={(PAGE, "C3"): "复算得9.5分。"})
    assert isinstance(report.marking, WordPatch) and report.path.name == "甲_批注.docx" and report.notes == ()
    assert report.marking.marked == {(PAGE, ref) for ref in ("A1", "B2", "C2", "B3", "A3", "C3")}
    texts = said(report.path)
    assert set(texts) == {"项目支出绩效自评表", "修路", "∅", "数量其中一期", "产出指标", "≥5公里"}
    assert texts["修路"].startswith("【错误 ") and texts["≥5公里"] == "复算得9.5分。"


def test_everything_else_keeps_its_bytes(form: Path) -> None:
    report = marked(form, "B2")
    before, after = parts_of(form), parts_of(report.path)
    assert before.keys() == after.keys()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"word/document.xml", "word/comments.xml"}
    grids = [read_book(path, name="甲").grids for path in (form, report.path)]
    assert [(g.cells, g.merges, g.comments) for g in grids[0]] == [(g.cells, g.merges, g.comments) for g in grids[1]]


def test_a_document_without_comments_gets_the_part(form: Path) -> None:
    drawn = sheet()
    drawn.notes = {}
    plain = worddoc.write([drawn], form)
    report = marked(plain, "B2")
    assert parts_of(report.path).keys() - parts_of(plain).keys() == {
        "word/comments.xml",
        "word/_rels/document.xml.rels",
    }
    assert set(said(report.path)) == {"修路"}


def test_without_findings_nothing_changes(form: Path) -> None:
    assert parts_of(marked(form).path) == parts_of(form)


def test_what_has_no_place_is_not_marked(form: Path) -> None:
    assert marked(form, "B2", "Z99").marking.marked == {(PAGE, "B2")}
    assert marked(form, "B2", sheet="表9").marking.marked == set()


def test_an_annotated_copy_annotated_again(form: Path) -> None:
    """The clerk mended the copy and renamed it: our old comments go, those of people stay."""
    first = marked(form, "B2", "C3").path.rename(form.with_name("甲改.docx"))
    report = annotate(first, form.with_name("甲改_批注.docx"), [finding(PAGE, "B3")])
    assert set(said(report.path)) == {"数量其中一期"}
    assert read_book(report.path, name="甲").grids[0].comments == {(3, 3): "以批复为准"}


def test_several_pages(tmp_path: Path) -> None:
    path = worddoc.write([sheet(), sheet()], tmp_path / "甲.docx")
    report = annotate(path, tmp_path / "甲_批注.docx", [finding("表1", "B2"), finding("表2", "B3")])
    assert set(said(report.path)) == {"修路", "数量其中一期"} and len(report.marking.marked) == 2


def replaced(part: str, old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert old.encode() in parts[part]
        parts[part] = parts[part].replace(old.encode(), new.encode(), 1)

    return change


TAMPERED = {
    "a text": replaced("word/document.xml", "修路", "修桥"),
    "a merged cell": replaced("word/document.xml", '<w:vMerge w:val="restart"/>', ""),
    "a comment of the clerk": replaced("word/comments.xml", "以批复为准", "以合同为准"),
    "a comment of ours goes": replaced("word/comments.xml", f'w:author="{AUTHOR}"', 'w:author="甲"'),
    "another part": replaced("_rels/.rels", "rId1", "rId9"),
    "a content type": replaced("[Content_Types].xml", "application/xml", "text/xml"),
    "a part more": lambda parts: parts.update({"word/evil.xml": b"<x/>"}),
    "a part less": lambda parts: parts.pop("word/comments.xml"),
    "not well-formed": replaced("word/document.xml", "</w:body>", ""),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_the_proof_notices(what: str, form: Path) -> None:
    report = marked(form, "B2", "C2")
    parts = parts_of(report.path)
    TAMPERED[what](parts)
    with zipfile.ZipFile(report.path, "w") as out:
        for name, body in parts.items():
            out.writestr(name, body)
    with pytest.raises(Unproven):
        prove(Package(form.read_bytes()), report.path, report.marking.marked)


def test_the_proof_notices_a_comment_elsewhere(form: Path) -> None:
    report = marked(form, "B2")
    prove(Package(form.read_bytes()), report.path, {(PAGE, "B2")})
    for wrong in ({(PAGE, "B3")}, {(PAGE, "B2"), (PAGE, "B3")}, set[tuple[str, str]]()):
        with pytest.raises(Unproven):
            prove(Package(form.read_bytes()), report.path, wrong)


def test_what_cannot_be_marked_is_written_as_a_workbook(tmp_path: Path) -> None:
    bare = "<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc></w:tc></w:tr></w:tbl>"
    form = worddoc.package(paragraph("自评表") + bare, tmp_path / "甲.docx")
    report = marked(form, "B2")
    assert isinstance(report.marking, Rendering) and report.path.name == "甲_批注_docx.xlsx"
    assert "无法在原件上直接批注（有的单元格里没有段落）" in report.notes[0]
    assert report.notes[0].endswith("请用 Word 或 WPS 另存为 .docx 后重新运行。")


@pytest.mark.skipif(not office.office(), reason="needs LibreOffice")
def test_an_older_document(form: Path) -> None:
    office._run([
        office.office(), "--headless", f"-env:UserInstallation={office._profile()}", "--convert-to", "doc:MS Word 97",
        "--outdir", str(form.parent), str(form),
    ])  # fmt: skip
    old = form.with_suffix(".doc").rename(form.with_name("乙.wps"))
    report = annotate(old, old.with_name(output_names([old.name])[old.name]), [finding(PAGE, "B2")])
    assert (
        report.path.name == "乙_批注.docx"
        and isinstance(report.marking, WordPatch)
        and set(said(report.path)) == {"修路"}
    )
    assert report.notes == ("“乙.wps”不是 .docx，批注写在转换成的 Word 文档上，版面可能与原件略有不同。",)


def test_links_lead_to_the_document() -> None:
    assert cell_link("甲_批注.docx", "表1", "B2") == "external:甲_批注.docx"
