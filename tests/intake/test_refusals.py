"""Every broken, hostile or foreign file ends as a refusal with its code and one clear Chinese sentence."""

from __future__ import annotations

import io
import os
import re
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from support import workbooks as wb

from perfbatch import intake
from perfbatch.errors import RefusedFile
from perfbatch.intake import Limits, office, read_book, reader

ROWS = '<row r="1"><c r="A1" t="str"><v>甲</v></c></row>'
NAME = "自评表（2023）.xlsx"


def good() -> bytes:
    return wb.xlsx({"表": wb.sheet(ROWS)})


def with_part(name: str, body: str | bytes) -> bytes:
    return wb.zipped(wb.xlsx_parts({"表": wb.sheet(ROWS)}, extra={name: body}))


def without(*names: str) -> bytes:
    parts = wb.xlsx_parts({"表": wb.sheet(ROWS)})
    return wb.zipped({name: body for name, body in parts.items() if name not in names})


def bomb() -> bytes:
    return with_part("xl/media/image1.bin", b"\0" * (20 << 20))


def lying_bomb() -> bytes:
    """The directory and the local header claim 100 bytes for a part that inflates to 20 MB."""
    data = bytearray(bomb())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.rfind(b"xl/media/image1.bin") if signature == b"PK\x01\x02" else data.find(b"xl/media/image1.bin")
        start = data.rfind(signature, 0, at)
        struct.pack_into("<I", data, start + offset, 100)
    return bytes(data)


def broken_crc() -> bytes:
    data = bytearray(good())
    start = data.find(b"xl/worksheets/sheet1.xml")
    body = start + len(b"xl/worksheets/sheet1.xml") + 40
    data[body] ^= 0xFF
    return bytes(data)


def overlapping() -> bytes:
    """Two directory entries over the same bytes, as in the bombs that repeat one member."""
    data = good()
    first = data.find(b"PK\x01\x02")
    size = 46 + sum(struct.unpack_from("<HHH", data, first + 28))
    end = data.find(b"PK\x05\x06")
    copy = bytearray(data[first : first + size])
    copy[46] = ord("X")
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, *(n + 1 for n in struct.unpack_from("<HH", tail, 8)), end - first + size)
    return data[:end] + bytes(copy) + bytes(tail)


def doctype(part: str) -> bytes:
    body = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'
    return with_part(part, body)


def utf16_doctype() -> bytes:
    body = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
    return with_part("docProps/custom.xml", body.encode("utf-16"))


def repeated_parts(second: str) -> bytes:
    pairs = list(wb.xlsx_parts({"表": wb.sheet(ROWS)}).items())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return wb.zipped([*pairs, (second, "<x/>")])


def many_parts() -> bytes:
    return wb.zipped({**wb.xlsx_parts({"表": wb.sheet(ROWS)}), **{f"x/{k}": b"" for k in range(6_000)}})


def encrypted_zip() -> bytes:
    data = bytearray(good())
    at = data.find(b"PK\x01\x02")
    struct.pack_into("<H", data, at + 8, 1)
    return bytes(data)


def truncated(share: float) -> bytes:
    data = good()
    return data[: int(len(data) * share)]


def unfinished_sheet() -> bytes:
    parts = wb.xlsx_parts({"表": wb.sheet(ROWS)})
    parts["xl/worksheets/sheet1.xml"] = str(parts["xl/worksheets/sheet1.xml"])[:-40]
    return wb.zipped(parts)


def archive_of_books() -> bytes:
    return wb.zipped({"甲.xlsx": good(), "乙.xlsx": good()})


def locked_ods() -> bytes:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"\x01\x02"}
    return wb.zipped({**parts, "META-INF/manifest.xml": manifest})


def locked_biff() -> bytes:
    """A BIFF8 stream with a FILEPASS record right after its BOF."""
    stream = wb.biff8("表", [(0, 0, "甲", 0)])
    return wb.ole({"Workbook": stream[:20] + struct.pack("<HHH", 0x2F, 54, 1) + b"\0" * 52 + stream[20:]})


CASES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty file": ("empty", lambda: b""),
    "no cells": ("empty", lambda: wb.xlsx({"表": wb.sheet("")})),
    "no sheets": ("empty", lambda: wb.xlsx({})),
    "truncated after the signature": ("damaged", lambda: good()[:10]),
    "truncated in the middle": ("damaged", lambda: truncated(0.5)),
    "truncated at the end": ("damaged", lambda: truncated(0.99)),
    "bytes before cut": ("unknown_format", lambda: good()[7:]),
    "CRC broken": ("damaged", broken_crc),
    "overlapping members": ("damaged", overlapping),
    "sheet part unfinished": ("damaged", unfinished_sheet),
    "sheet part missing": ("damaged", lambda: without("xl/worksheets/sheet1.xml")),
    "workbook part missing": ("damaged", lambda: without("xl/workbook.xml")),
    "strings missing": ("ok", lambda: without("xl/sharedStrings.xml")),
    "styles missing": ("ok", lambda: without("xl/styles.xml")),
    "content types missing": ("damaged", lambda: without("[Content_Types].xml")),
    "bomb": ("bomb", bomb),
    "bomb with a lying header": ("damaged", lying_bomb),
    "too many parts": ("too_many_parts", many_parts),
    "entities in strings": ("doctype", lambda: doctype("xl/sharedStrings.xml")),
    "entities in a sheet": ("doctype", lambda: doctype("xl/worksheets/sheet1.xml")),
    "entities in relations": ("doctype", lambda: doctype("xl/_rels/workbook.xml.rels")),
    "entities in properties": ("doctype", lambda: doctype("docProps/core.xml")),
    "entities in UTF-16": ("doctype", utf16_doctype),
    "part twice": ("duplicate_parts", lambda: repeated_parts("xl/workbook.xml")),
    "part twice but for the case": ("duplicate_parts", lambda: repeated_parts("XL/Workbook.xml")),
    "part name climbs out": ("unsafe_part_name", lambda: with_part("xl/../../etc/x.xml", "<x/>")),
    "part name climbs out by backslash": ("unsafe_part_name", lambda: with_part("xl\\..\\..\\x.xml", "<x/>")),
    "absolute part name": ("unsafe_part_name", lambda: with_part("/etc/x.xml", "<x/>")),
    "part name with a drive": ("unsafe_part_name", lambda: with_part("C:/x.xml", "<x/>")),
    "zip member with a password": ("encrypted", encrypted_zip),
    "zip of workbooks": ("archive", archive_of_books),
    "locked xls": ("encrypted", locked_biff),
    "locked xlsx": ("encrypted", lambda: wb.ole({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"\0"})),
    "locked ods": ("encrypted", locked_ods),
    "OLE without a workbook": ("unknown_format", lambda: wb.ole({"Contents": b"x"})),
    "OLE header alone": ("unknown_format", lambda: wb.ole({"Workbook": b""})[:600]),
    "OLE with an empty workbook": ("unreadable", lambda: wb.ole({"Workbook": b""})),
    "BIFF cut off": ("unreadable", lambda: wb.biff8("表", [(0, 0, "甲", 0)])[:90]),
    "xlsb cut off": ("damaged", lambda: wb.xlsb("表", wb.xlsb_sheet([(0, 0, "甲", 0)])[:-9])),
    "Word document": ("damaged", lambda: wb.zipped({"[Content_Types].xml": "", "word/document.xml": ""})),
    "old Word document": ("damaged" if office.office() else "needs_office", lambda: wb.ole({"WordDocument": b"x"})),
    "PDF": ("not_a_workbook", lambda: b"%PDF-1.7\n\x80\x81\x82\x00"),
    "image": ("not_a_workbook", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    "text renamed": ("not_a_workbook", lambda: "这不是表格，只是一段文字。".encode()),
    "GBK text renamed": ("not_a_workbook", lambda: "这不是表格，\n只是两段文字。".encode("gbk")),
    "page without a table": ("no_table", lambda: b"<html><body><p>404</p></body></html>"),
    "page with an empty table": ("empty", lambda: b"<html><body><table><tr><td></td></tr></table></body></html>"),
    "page nested too deep": ("damaged", lambda: b"<p></b>" * 5_000 + b"<table><tr><td>x" * 300),
    "other XML": ("unknown_format", lambda: b"<?xml version='1.0'?><note>x</note>"),
    "XML 2003 cut off": ("damaged", lambda: wb.xml2003("<Worksheet ss:Name='a'>").encode()[:-20]),
    "XML 2003 with a DOCTYPE": (
        "doctype",
        lambda: wb.xml2003("").replace("<Workbook", '<!DOCTYPE x [<!ENTITY a "b">]><Workbook', 1).encode(),
    ),
    "RAR": ("archive", lambda: b"Rar!\x1a\x07\x01\x00" + bytes(range(256))),
    "random bytes": ("unknown_format", lambda: bytes((k * 7919 + k * k) % 256 for k in range(4_000))),
    "zeros": ("unknown_format", lambda: b"\0" * 4_000),
}


def outcome(path: Path, name: str = NAME, **options: object) -> str:
    """``ok`` or the refusal code; the sentence is checked on the way."""
    try:
        read_book(path, name=name, **options)  # type: ignore[arg-type]
    except RefusedFile as refusal:
        assert re.fullmatch(r"文件“[^\n]+”[^\n]+，未作检查；请[^\n]+。", refusal.message), refusal.message
        assert refusal.message.count("。") == 1
        assert name in refusal.message
        return refusal.code
    return "ok"


@pytest.mark.parametrize("case", CASES)
def test_outcome(tmp_path: Path, case: str) -> None:
    code, make = CASES[case]
    path = tmp_path / NAME
    path.write_bytes(make())
    assert outcome(path) == code


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.et", "a.ods", "a.csv", "a"])
def test_the_suffix_does_not_matter(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(good())
    assert outcome(path, name) == "ok"
    path.write_bytes(b"")
    assert outcome(path, name) == "empty"


def test_folder_named_like_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").mkdir()
    assert outcome(tmp_path / "x.xlsx") == "not_a_file"


def test_missing_file(tmp_path: Path) -> None:
    assert outcome(tmp_path / "没有.xlsx") == "unreadable"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFO on this system")
def test_fifo_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.xlsx")
    assert outcome(tmp_path / "x.xlsx") == "not_a_file"


def test_link_to_itself(tmp_path: Path) -> None:
    link = tmp_path / "x.xlsx"
    try:
        link.symlink_to(link)
    except OSError:
        pytest.skip("no links on this system")
    assert outcome(link) == "unreadable"


LIMITS: dict[str, Limits] = {
    "file": Limits(file_bytes=100),
    "inflated": Limits(inflated_bytes=2_000),
    "cells": Limits(cells=0),
    "sheets": Limits(sheets=0),
    "merges": Limits(merges=0),
}


@pytest.mark.parametrize("which", LIMITS)
def test_limits_are_refusals(tmp_path: Path, which: str) -> None:
    path = tmp_path / NAME
    merges = '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>'
    path.write_bytes(wb.xlsx({"表": wb.sheet(ROWS, after=merges)}))
    assert outcome(path) == "ok"
    assert outcome(path, limits=LIMITS[which]) == "too_large"


def test_long_unzipped_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes("甲,乙\n1,2\n".encode())
    assert outcome(path) == "ok"
    assert outcome(path, limits=Limits(unzipped_bytes=8)) == "too_large"


class Panic(BaseException):
    """What a native reader raises past `except Exception`."""


@pytest.mark.parametrize("error", [MemoryError, RecursionError, Panic, KeyError])
def test_whatever_a_reader_raises_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def explode(data: bytes, builder: object) -> None:
        raise error("内部细节")

    monkeypatch.setitem(reader._READERS, "xlsx", explode)
    path = tmp_path / NAME
    path.write_bytes(good())
    assert outcome(path) == ("too_large" if error is MemoryError else "unreadable")


def test_interrupt_is_not_swallowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(data: bytes, builder: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(reader._READERS, "xlsx", interrupt)
    path = tmp_path / NAME
    path.write_bytes(good())
    with pytest.raises(KeyboardInterrupt):
        read_book(path, name=NAME)


def _locked(password: str) -> bytes:
    crypto = pytest.importorskip("msoffcrypto.format.ooxml")
    plain = bytearray(with_part("xl/media/image1.bin", os.urandom(5_000)))
    # msoffcrypto-tool 6 writes what it cannot read back unless the size is a multiple of the block length.
    plain[-2:] = struct.pack("<H", -len(plain) % 4096)
    plain += b" " * (-len(plain) % 4096)
    out = io.BytesIO()
    crypto.OOXMLFile(io.BytesIO(bytes(plain))).encrypt(password, out)
    return out.getvalue()


def test_password(tmp_path: Path) -> None:
    secret = "口令-7Q!z"
    path = tmp_path / NAME
    path.write_bytes(_locked(secret))
    assert outcome(path) == "encrypted"
    assert outcome(path, password="错的") == "encrypted"
    book = read_book(path, name=NAME, password=secret)
    assert book.grids[0].cells[1, 1].text == "甲"
    assert book.container == "xlsx"
    with pytest.raises(RefusedFile) as caught:
        read_book(path, name=NAME, password=secret + "x")
    assert secret not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"


def test_default_password_opens_without_asking(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(_locked("VelvetSweatshop"))
    assert [note.code for note in read_book(path, name=NAME).notes] == ["default_password"]


def test_sheet_protection_is_not_encryption(tmp_path: Path) -> None:
    path = tmp_path / NAME
    locked = wb.sheet(ROWS, after='<sheetProtection sheet="1" password="CC1A"/>')
    path.write_bytes(wb.xlsx({"表": locked}, properties='<workbookProtection lockStructure="1"/>'))
    assert outcome(path) == "ok"


def test_every_code_is_documented() -> None:
    documented = set(re.findall(r"``(\w+)``", str(intake.__doc__)))
    of_word = {"prose", "picture_only", "own_output", "needs_office"}  # test_word.py
    assert {code for code, _ in CASES.values()} - {"ok"} | {"too_large", "not_a_file"} | of_word == documented


def test_helper_makes_a_valid_zip() -> None:
    assert zipfile.ZipFile(io.BytesIO(good())).testzip() is None
