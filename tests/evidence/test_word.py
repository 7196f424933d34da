"""Everything that a Word document says is read, whatever its age and wherever on the page it stands."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

from perfbatch.evidence.document import Document, read_document
from perfbatch.evidence.project import spot
from perfbatch.intake import office

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BOX = f"""<w:p xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml">
<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx><w:txbxContent>
<w:p><w:r><w:t>验收面积116.95亩</w:t></w:r></w:p><w:p><w:r><w:t>验收日期2023年10月26日</w:t></w:r></w:p>
</w:txbxContent></wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>
<w:p><w:r><w:t>验收面积116.95亩</w:t></w:r></w:p><w:p><w:r><w:t>验收日期2023年10月26日</w:t></w:r></w:p>
</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"""
needs_office = pytest.mark.skipif(not office.office(), reason="needs LibreOffice")


def places(found: Document) -> list[tuple[str, str]]:
    return [(figure.shown(), spot(figure)) for figure in found.figures]


def test_headers_footers_and_text_boxes(tmp_path: Path) -> None:
    """Each once, with where it stands; numbers of pages are none of its figures."""
    document = docx.Document()
    document.add_paragraph("竣工验收单")
    document.add_paragraph("整改厕所3座")
    document.element.body.insert(1, parse_xml(BOX))
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = "合同金额：42,025.00元"
    section.first_page_header.paragraphs[0].text = "合同金额：42,025.00元"
    table = section.footer.add_table(1, 2, 3_000_000)
    table.cell(0, 0).text, table.cell(0, 1).text = "核定人数", "15人"
    section.footer.add_paragraph("第 3 页 共 12 页")
    section.footer.add_paragraph("- 7 -")
    document.save(str(tmp_path / "验收单.docx"))
    found = read_document(tmp_path / "验收单.docx", "验收单.docx")
    assert found.kinds == ("acceptance",)
    assert places(found) == [
        ("3座", "第2段"), ("42025元", "页眉第1段"), ("15人", "页脚第2段"), ("116.95亩", "文本框第1段"),
        ("2023-10-26", "文本框第2段"),
    ]  # fmt: skip


def test_footnotes(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("工作总结，全年服务农户。")
    note = "<w:footnote><w:p><w:r><w:t>其中脱贫户251户</w:t></w:r></w:p></w:footnote>"
    blob = f'<w:footnotes xmlns:w="{W}">{note}</w:footnotes>'.encode()
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, blob, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    document.save(str(tmp_path / "a.docx"))
    assert places(read_document(tmp_path / "a.docx", "a.docx")) == [("251户", "脚注第1段")]


@needs_office
@pytest.mark.parametrize(("suffix", "writing"), [
    ("doc", "MS Word 97"), ("wps", "MS Word 97"), ("rtf", "Rich Text Format"), ("odt", "writer8"),
])  # fmt: skip
def test_older_documents(suffix: str, writing: str, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("劳务派遣合同")
    document.add_paragraph("派遣人员共9名，合同价款168,100.00元。")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "签订日期", "2023年1月5日"
    document.sections[0].header.paragraphs[0].text = "履约人数12人"
    document.save(str(tmp_path / "合同.docx"))
    kind = "doc" if suffix == "wps" else suffix
    office._run([
        office.office(), "--headless", f"-env:UserInstallation={office._profile()}", "--convert-to",
        f"{kind}:{writing}", "--outdir", str(tmp_path), str(tmp_path / "合同.docx"),
    ])  # fmt: skip
    path = (tmp_path / f"合同.{kind}").rename(tmp_path / f"合同正本.{suffix}")
    found = read_document(path, path.name)
    assert (found.state, found.kinds) == ("read", ("contract",))
    told = places(found)
    assert ("9名", "第2段") in told and ("168100元", "第2段") in told and ("2023-01-05", "第1个表!B1") in told
    assert ("12人", "页眉第1段") in told and len(told) == 4


def test_without_libreoffice_it_is_named_as_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "office", lambda: "")
    (tmp_path / "合同.rtf").write_bytes(b"{\\rtf1 a}")
    found = read_document(tmp_path / "合同.rtf", "合同.rtf")
    assert found.state == "unread" and found.kinds == ()
    assert found.reason == "是RTF 文档，读取它要用 LibreOffice 转换，本机没有安装"
