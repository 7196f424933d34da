"""Zips of workbooks: members as files, names as the packer meant them, nothing outside the folder."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from support import workbooks as wb

from perfbatch.errors import RefusedFile
from perfbatch.intake import Limits, read_book, unpack

BOOK = wb.xlsx({"表": wb.sheet('<row r="1"><c r="A1" t="str"><v>甲</v></c></row>')})


def packed(names: list[str]) -> bytes:
    """A zip of the same workbook under several names."""
    return wb.zipped([(name, BOOK) for name in names])


def unflagged(name: str, encoding: str) -> bytes:
    """A zip of one workbook whose name is stored in an encoding the zip does not declare, as Windows does."""
    stored = name.encode(encoding)
    placeholder = "x" * len(stored)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(placeholder), BOOK)
    return out.getvalue().replace(placeholder.encode(), stored)


def test_members_become_files(tmp_path: Path) -> None:
    path = tmp_path / "各单位.zip"
    names = ["乙镇/自评表.xlsx", "甲镇/自评表.xls", "__MACOSX/甲镇/._自评表.xls", ".DS_Store", "甲镇/说明"]
    path.write_bytes(packed(names))
    found = unpack(path, tmp_path / "out", name="收件/各单位.zip")
    assert [name for name, _ in found] == [
        "收件/各单位.zip/乙镇/自评表.xlsx", "收件/各单位.zip/甲镇/自评表.xls", "收件/各单位.zip/甲镇/说明",
    ]  # fmt: skip
    assert [file.name for _, file in found] == ["00001.xlsx", "00002.xls", "00003"]
    assert all(file.parent == tmp_path / "out" and file.read_bytes() == BOOK for _, file in found)
    assert read_book(found[0][1], name=found[0][0]).file == "收件/各单位.zip/乙镇/自评表.xlsx"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_stored_without_their_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(unflagged("甲镇自评表.xlsx", encoding))
    assert unpack(path, tmp_path / "out", name="a.zip")[0][0] == "a.zip/甲镇自评表.xlsx"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("unsafe_part_name", ["../x.xlsx"]),
        ("unsafe_part_name", ["C:/x.xlsx"]),
        ("duplicate_parts", ["a.xlsx", "A.XLSX"]),
    ],
)
def test_hostile_archives_are_refused(tmp_path: Path, code: str, names: list[str]) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed(names))
    with pytest.raises(RefusedFile) as caught:
        unpack(path, tmp_path / "out", name="a.zip")
    assert caught.value.code == code
    assert not (tmp_path / "out").exists()


def test_archive_over_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed(["a.xlsx", "b.xlsx"]))
    with pytest.raises(RefusedFile) as caught:
        unpack(path, tmp_path / "out", name="a.zip", limits=Limits(inflated_bytes=len(BOOK) + 1))
    assert caught.value.code == "too_large"


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed(["a.xlsx"]))
    with pytest.raises(RefusedFile) as caught:
        unpack(path, path, name="a.zip")
    assert caught.value.code == "unreadable"
