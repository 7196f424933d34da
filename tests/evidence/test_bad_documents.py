"""Documents that cannot be read cost themselves only: one sentence each, and never the exit code."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from support import papers
from support.forms import write_forms

from perfbatch.cli import main
from perfbatch.evidence.document import Document, read_document
from perfbatch.evidence.figures import capital, in_text

Capture = pytest.CaptureFixture[str]
PROJECT = "甲养护（虚构）"


def word(*lines: str) -> bytes:
    document, sink = docx.Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line)
    document.save(sink)
    return sink.getvalue()


def with_doctype(data: bytes) -> bytes:
    """A Word document whose text is put together from entities."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(sink, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "word/document.xml":
                part = part.replace(b"?>", b'?><!DOCTYPE w [<!ENTITY a "aaaa">]>', 1)
            target.writestr(name, part)
    return sink.getvalue()


def bomb() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", "<a/>")
        target.writestr("word/document.xml", b"<a>" + b" " * (64 << 20) + b"</a>")
    return sink.getvalue()


def encrypted_pdf() -> bytes:
    from pypdf import PdfWriter

    writer, sink = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("geheim", algorithm="RC4-128")
    writer.write(sink)
    return sink.getvalue()


def blank_pdf() -> bytes:
    from pypdf import PdfWriter

    writer, sink = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(sink)
    return sink.getvalue()


def locked_zip() -> bytes:
    """A zip whose one member says that it is encrypted."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as target:
        target.writestr("合同.docx", b"x" * 40)
    data = bytearray(sink.getvalue())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    return bytes(data)


OLE = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504)
CASES: dict[str, tuple[Any, str, str]] = {
    "合同.docx": (lambda: word("合同")[:900], "unread", "损坏"),
    "加密.docx": (lambda: OLE + "EncryptedPackage".encode("utf-16-le") + bytes(2048), "unread", "加密"),
    "实体.docx": (lambda: with_doctype(word("合同")), "unread", "DOCTYPE"),
    "膨胀.docx": (bomb, "unread", "压缩比异常"),
    "老文档.doc": (lambda: OLE + "WordDocument".encode("utf-16-le") + bytes(2048), "unread", "旧版 Word 文档"),
    "加密.xlsx": (lambda: OLE + "EncryptedPackage".encode("utf-16-le") + bytes(2048), "unread", "加密"),
    "残缺.xls": (lambda: OLE + "Workbook".encode("utf-16-le") + bytes(2048), "unread", "损坏"),
    "残缺.rtf": (lambda: b"{\\rtf1" + bytes(200), "unread", "RTF 文档"),
    "有密码.zip": (locked_zip, "unread", "压缩包"),
    "没下载完.zip": (lambda: b"PK\x03\x04" + bytes(20), "unread", "损坏"),
    "加密.pdf": (encrypted_pdf, "unread", "加密"),
    "扫描件.pdf": (blank_pdf, "picture", "扫描件"),
    "残缺.pdf": (lambda: b"%PDF-1.7\n1 0 obj <<", "unread", "损坏"),
    "空.txt": (lambda: b"", "unread", "空文件"),
    "照片.JPG": (lambda: b"\xff\xd8\xff", "picture", "图片"),
    "改名.txt": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(64), "picture", "图片"),
    "录像.mp4": (lambda: b"x", "unread", "录像"),
    "资料.rar": (lambda: b"Rar!\x1a\x07\x00" + bytes(64), "unread", "解压"),
    "坏.xlsx": (lambda: b"PK\x03\x04" + bytes(100), "unread", "损坏"),
    "乱.bin": (lambda: bytes(range(256)) * 8, "unread", "不是可识别"),
}


@pytest.mark.parametrize("name", CASES)
def test_one_phrase_each(name: str, tmp_path: Path) -> None:
    make, state, words = CASES[name]
    (tmp_path / name).write_bytes(make())
    found = read_document(tmp_path / name, name)
    assert (found.state, found.figures) == (state, ())
    assert words in found.reason and not found.reason.startswith(("“", "的")) and not found.reason.endswith("。")


def test_all_of_them_at_once_are_listed_and_the_run_is_complete(
    tmp_path: Path, monkeypatch: Any, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    write_forms(tmp_path / "input", "甲")
    home = tmp_path / "input" / "佐证资料" / PROJECT
    home.mkdir(parents=True)
    for name, (make, _, _) in CASES.items():
        (home / name).write_bytes(make())
    assert main(["run"]) in (0, 1)
    told = capsys.readouterr().out
    assert "3份是图片或扫描件，只列出名称" in told and "原因见汇总表的“佐证材料清单”" in told
    record = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))
    listed = {Path(one["path"]).name: one for one in record["evidence"]["documents"]}
    assert {name: one["status"] for name, one in listed.items()} == {name: case[1] for name, case in CASES.items()}
    assert all(one["problem"] for one in listed.values())
    assert "EV06" not in {finding["code"] for finding in findings(tmp_path)}  # nobody knows what the pictures say


def findings(folder: Path) -> list[dict[str, str]]:
    lines = (folder / "output" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_document_that_kills_its_reader_costs_itself_only(tmp_path: Path, monkeypatch: Any) -> None:
    from perfbatch.runs import papers as of_run

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(of_run, "read_document", papers.read_or_die)
    write_forms(tmp_path / "input", "甲")
    home = tmp_path / "input" / "佐证资料" / PROJECT
    home.mkdir(parents=True)
    for name in ("坏.txt", "好.txt", "又好.txt"):
        (home / name).write_text("验收单 共养护3处", encoding="utf-8")
    assert main(["run", "--workers", "2"]) in (0, 1)
    record = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))
    listed = {Path(one["path"]).name: one for one in record["evidence"]["documents"]}
    assert {name: one["status"] for name, one in listed.items()} == {
        "坏.txt": "unread",
        "好.txt": "read",
        "又好.txt": "read",
    }
    assert "使读取程序异常退出" in listed["坏.txt"]["problem"]
    assert record["totals"]["projects"] == 1


def test_a_video_of_two_gigabytes_is_not_looked_into(tmp_path: Path) -> None:
    for name in ("大.mp4", "大.xlsx"):
        with (tmp_path / name).open("wb") as stream:
            stream.truncate(2 << 30)
        began = time.perf_counter()
        found = read_document(tmp_path / name, name)
        assert found.state == "unread" and found.sha256 == ""
        assert time.perf_counter() - began < 1


def test_hostile_names_and_places_in_a_whole_run(tmp_path: Path, monkeypatch: Any, capsys: Capture) -> None:
    """Each of them one line in the list; the run is complete and quick."""
    monkeypatch.chdir(tmp_path)
    write_forms(tmp_path / "input", "甲")
    home = tmp_path / "input" / "佐证资料"
    own = home / PROJECT
    (own / "一" / "二" / "三").mkdir(parents=True)
    (home / "别批次的项目").mkdir()
    for path in (own / "一" / "二" / "三" / "验收单.txt", home / "别批次的项目" / "验收单.txt"):
        path.write_text("验收单 共养护3处", encoding="utf-8")
    for name in ("大录像.mp4", "大表.xlsx"):
        with (own / name).open("wb") as stream:
            stream.truncate(2 << 30)
    (own / "换行\n名.bin").write_bytes(bytes(range(256)) * 8)
    (own / "=cmd|' !A1.txt").write_text("合同", encoding="utf-8")
    expected = {"验收单.txt": "read", "大录像.mp4": "unread", "大表.xlsx": "unread", "换行\n名.bin": "unread"}
    expected["=cmd|' !A1.txt"] = "read"
    with contextlib.suppress(OSError, UnicodeError):  # a name in GBK on a system of UTF-8
        (own / os.fsdecode("合同.txt".encode("gbk"))).write_text("合同", encoding="utf-8")
    began = time.perf_counter()
    assert main(["run", "--workers", "1"]) in (0, 1)
    assert time.perf_counter() - began < 60
    record = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))
    listed = {Path(one["path"]).name: one for one in record["evidence"]["documents"] if one["project_id"]}
    assert {name: one["status"] for name, one in listed.items() if name in expected} == expected
    assert "超过 64 MB" in listed["大表.xlsx"]["problem"]
    assert all(one["status"] == "read" for name, one in listed.items() if name not in expected)
    told = capsys.readouterr().out
    assert "“佐证资料/别批次的项目/验收单.txt”没有对应的项目" in told
    assert "名.bin”不是可识别的文件" in told and "换行\n名" not in told, "a name never breaks a line of the console"
    assert record["totals"]["projects"] == 1


def test_text_of_a_document_is_never_a_formula(tmp_path: Path, monkeypatch: Any) -> None:
    import openpyxl

    monkeypatch.chdir(tmp_path)
    write_forms(tmp_path / "input", "甲")
    home = tmp_path / "input" / "佐证资料" / PROJECT
    home.mkdir(parents=True)
    (home / "=1+1.txt").write_text('=HYPERLINK("http://x","y") 新增就业人数50人', encoding="utf-8")
    assert main(["run"]) in (0, 1)
    book = openpyxl.load_workbook(tmp_path / "output" / "绩效自评汇总表.xlsx")
    cells = [cell for name in ("佐证索引", "佐证材料清单") for row in book[name].iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]


def test_results_are_kept_by_content(tmp_path: Path, monkeypatch: Any) -> None:
    """A second run reads no document again; one whose content changed is read, whatever its time says."""
    from perfbatch.runs import papers as of_run

    monkeypatch.chdir(tmp_path)
    write_forms(tmp_path / "input", "甲")
    paper = tmp_path / "input" / "佐证资料" / PROJECT / "验收单.txt"
    paper.parent.mkdir(parents=True)
    paper.write_text("验收单 共养护3处", encoding="utf-8")
    read: list[str] = []
    monkeypatch.setattr(of_run, "read_document", lambda path, name: (read.append(name), read_document(path, name))[1])

    def again(seed: str) -> int:
        before = len(read)
        assert main(["run", "--seed", seed, "--workers", "1"]) in (0, 1)
        return len(read) - before

    assert [again("1"), again("2")] == [1, 0]
    paper.write_text("验收单 共养护4处", encoding="utf-8")
    assert [again("3"), again("4")] == [1, 0]
    paper.rename(paper.with_name("情况说明.txt"))  # its kind comes from its name too
    assert again("5") == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("共整改厕所3个，合格率达100%", ["3个", "100%"]),
        ("合同价款：人民币壹拾万零柒佰元整", ["100700元"]),
        ("29.2375万元，即292,375.00元", ["29.2375万元", "292375元"]),
        ("2021年9月8日开工，2021.10.25竣工，2021-10-26验收", ["2021-09-08", "2021-10-25", "2021-10-26"]),
        ("2022年6月兑付", ["2022-06"]),
        ("铁市场厕所   3   座   21.44 万元", ["3座", "21.44万元"]),
        ("电话13812345678，身份证130622199001011234，账号：6222 0000 1111", []),
        ("第3条 GB50300 K3+200 凭证号：0031 2023年度", []),
        ("1.总则 （2）附则", []),
        ("2023年2月30日", []),
    ],
)  # fmt: skip
def test_figures_in_a_text(text: str, shown: list[str]) -> None:
    assert [figure.shown() for figure in in_text(text) if not (figure.how == "" and figure.value == 1111)] == shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("壹拾陆万捌仟壹佰元整", "168100"), ("陆拾肆万叁仟叁佰元", "643300"), ("壹亿零伍万元整", "100050000"),
        ("叁佰贰拾元伍角捌分", "320.58"), ("玖元玖角", "9.9"),
    ],
)  # fmt: skip
def test_amounts_in_capitals(text: str, value: str) -> None:
    assert str(capital(text)) == value


def test_a_word_document_with_a_nested_table_and_a_deletion(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("验收单")
    outer = document.add_table(rows=2, cols=2)
    outer.cell(0, 0).text, outer.cell(0, 1).text = "竣工日期", "2021年10月25日"
    outer.cell(1, 0).text = "工程量"
    outer.cell(1, 1).add_table(rows=1, cols=2).cell(0, 1).text = "整改厕所3个"
    gone = document.add_paragraph("整改厕所9个")
    deleted = gone._p.makeelement(gone._p.tag.replace("}p", "}del"), {})
    deleted.append(gone.runs[0]._r)
    gone._p.append(deleted)
    document.save(str(tmp_path / "验收单.docx"))
    found = read_document(tmp_path / "验收单.docx", "验收单.docx")
    told = [(figure.shown(), figure.sheet, figure.cell) for figure in found.figures]
    assert told == [("2021-10-25", "第1个表", "B1"), ("3个", "第1个表", "B2")]


def test_a_document_is_the_same_after_a_rest_in_the_store(tmp_path: Path) -> None:
    from perfbatch.store.plain import of_plain, to_plain

    (tmp_path / "a.txt").write_text("验收单\n2021年10月26日验收，共3处，合同价壹万元整。", encoding="utf-8")
    found = read_document(tmp_path / "a.txt", "a.txt")
    assert len(found.figures) == 3
    assert of_plain(json.loads(json.dumps(to_plain(found))), Document) == found
