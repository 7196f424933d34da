"""Protected workbooks: refused with advice, read with a password file, and the password is in nothing we write."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from support import drawing

from perfbatch.cli import main

msoffcrypto = pytest.importorskip("msoffcrypto")
SECRET = "绩效-Geheim-7391"


def encrypted(data: bytes) -> bytes:
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(SECRET, out)
    return out.getvalue()


def as_template(data: bytes) -> bytes:
    """The same workbook declared as a template, which cannot be annotated in place."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as template:
        for part in book.namelist():
            template.writestr(part, book.read(part).replace(b"sheet.main+xml", b"template.main+xml"))
    return out.getvalue()


@pytest.fixture
def plain(tmp_path: Path) -> bytes:
    path = drawing.write(tmp_path / "明.xlsx", {"自评表": drawing.parse(drawing.load("F1")["grid"])})
    data = path.read_bytes()
    path.unlink()
    return data


@pytest.fixture
def protected(tmp_path: Path, plain: bytes) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "加密表.xlsx").write_bytes(encrypted(plain))
    return folder


def everything_written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_read_with_a_password_file(protected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "密码.txt").write_text(SECRET + "\n", encoding="utf-8")
    output = tmp_path / "out"
    code = main(["run", str(protected), "--output", str(output), "--password-file", str(tmp_path / "密码.txt")])
    shown = capsys.readouterr()
    assert code in (0, 1), shown.out
    copy = openpyxl.load_workbook(output / "加密表_批注.xlsx")
    assert copy["自评表"]["F13"].value == "30.5公里"
    assert "没有密码保护" in shown.out
    assert SECRET not in shown.out + shown.err
    assert SECRET.encode() not in everything_written(output)


def test_what_must_be_written_anew_is_read_again_with_the_password(
    tmp_path: Path, plain: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in" / "加密模板.xltx"
    source.parent.mkdir()
    source.write_bytes(encrypted(as_template(plain)))
    (tmp_path / "密码.txt").write_text(SECRET, encoding="utf-8")
    output = tmp_path / "out"
    code = main(["run", str(source), "--output", str(output), "--password-file", str(tmp_path / "密码.txt")])
    shown = capsys.readouterr()
    assert code in (0, 1), shown.out
    assert openpyxl.load_workbook(output / "加密模板_批注.xlsx")["自评表"]["F13"].value == "30.5公里"
    assert "没有密码保护" in shown.out


def test_refused_without_and_with_a_wrong_password(
    protected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(protected), "--output", str(tmp_path / "a")]) == 3
    assert "--password-file" in capsys.readouterr().out
    (tmp_path / "密码.txt").write_text("wrong-" + SECRET, encoding="utf-8")
    arguments = ["run", str(protected), "--output", str(tmp_path / "b"), "--password-file", str(tmp_path / "密码.txt")]
    assert main(arguments) == 3
    shown = capsys.readouterr()
    assert "密码不对" in shown.out
    assert SECRET not in shown.out + shown.err
    assert SECRET.encode() not in everything_written(tmp_path / "b")


def test_missing_password_file_is_a_usage_error(protected: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(protected), "--password-file", "没有.txt"]) == 2
    assert "没有.txt" in capsys.readouterr().err


# ---- Word documents -------------------------------------------------------------------------------------------


def as_docx(path: Path) -> Path:
    """The form as a table of a Word document."""
    sheet = drawing.parse(drawing.load("F1")["grid"])
    document = docx.Document()
    document.add_paragraph("项目支出绩效自评表")
    height, width = max(row for row, _ in sheet.cells), max(column for _, column in sheet.cells)
    table = document.add_table(height, width)
    for (row, column), text in sheet.cells.items():
        table.cell(row - 1, column - 1).text = str(text)
    for top, left, bottom, right in sheet.merges:
        table.cell(top - 1, left - 1).merge(table.cell(bottom - 1, right - 1))
    document.save(str(path))
    return path


def test_a_word_form_with_a_password(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = as_docx(tmp_path / "自评表.docx")
    source.write_bytes(encrypted(source.read_bytes()))
    assert main(["run", str(source), "--output", str(tmp_path / "a")]) == 3
    assert "--password-file" in capsys.readouterr().out
    (tmp_path / "密码.txt").write_text(SECRET, encoding="utf-8")
    code = main(["run", str(source), "--output", str(tmp_path / "b"), "--password-file", str(tmp_path / "密码.txt")])
    shown = capsys.readouterr().out
    assert code in (0, 1) and "1个项目" in shown and "没有密码保护" in shown, shown
    copy = docx.Document(str(tmp_path / "b" / "自评表_批注.docx"))
    assert any("30.5公里" in cell.text for row in copy.tables[0].rows for cell in row.cells)
    assert SECRET.encode() not in everything_written(tmp_path / "b")


@pytest.mark.parametrize("edit", ["readOnly", "forms", "comments"])
def test_a_word_form_locked_for_editing_is_read_and_annotated(
    edit: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """限制编辑 keeps people from typing, not from reading; the copy keeps the lock."""
    source = as_docx(tmp_path / "自评表.docx")
    document = docx.Document(str(source))
    lock = document.settings.element.makeelement(qn("w:documentProtection"), {})
    lock.set(qn("w:edit"), edit)
    lock.set(qn("w:enforcement"), "1")
    document.settings.element.insert(0, lock)
    document.save(str(source))
    assert main(["run", str(source), "--output", str(tmp_path / "out")]) in (0, 1), capsys.readouterr().out
    copy = docx.Document(str(tmp_path / "out" / "自评表_批注.docx"))
    assert copy.settings.element.find(qn("w:documentProtection")).get(qn("w:edit")) == edit
