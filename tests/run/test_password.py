"""Protected workbooks: refused with advice, read with a password file, and the password is in nothing we write."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from support import drawing

from perfbatch.cli import main

msoffcrypto = pytest.importorskip("msoffcrypto")
SECRET = "绩效-Geheim-7391"


@pytest.fixture
def protected(tmp_path: Path) -> Path:
    from msoffcrypto.format.ooxml import OOXMLFile

    plain = drawing.write(tmp_path / "明.xlsx", {"自评表": drawing.parse(drawing.load("F1")["grid"])})
    data = plain.read_bytes()
    data += bytes(-len(data) % 4096)  # the library cannot decrypt what it wrote for some lengths
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(plain.read_bytes())).encrypt(SECRET, out)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "加密表.xlsx").write_bytes(out.getvalue())
    plain.unlink()
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
