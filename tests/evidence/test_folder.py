"""What lies in a folder 佐证资料 is evidence: never a form, never counted, never a cause of exit code 3."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from support.forms import write_forms

from perfbatch.cli import main
from perfbatch.sources import find, is_evidence

Capture = pytest.CaptureFixture[str]
PROJECT = "甲养护（虚构）"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work folder with one form in input/."""
    monkeypatch.chdir(tmp_path)
    write_forms(tmp_path / "input", "甲")
    return tmp_path


def record(folder: Path, output: str = "output") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / output / "run.json").read_text(encoding="utf-8"))
    return found


def documents(folder: Path) -> dict[str, str]:
    """Path → project of every document of the last run."""
    listed = record(folder)["evidence"]["documents"]
    return {one["path"]: one["project_id"] for one in listed}


def odd_things(into: Path) -> None:
    """What people put beside forms: another form, Word, a picture, an archive that no program opens, rubbish."""
    into.mkdir(parents=True)
    shutil.copy(Path("input/甲.xlsx"), into / "上报的自评表.xlsx")
    for name in ("合同.docx", "验收.doc", "照片.jpg", "材料.rar", "材料.7z", "扫描件.pdf", "说明.txt", "录像.mp4"):
        (into / name).write_bytes(b"\x00nothing that any reader knows")
    (into / "Thumbs.db").write_bytes(b"x")
    (into / "~$合同.docx").write_bytes(b"x")


def test_nothing_below_it_is_read_as_a_form(folder: Path, capsys: Capture) -> None:
    assert main(["run", "--output", "ohne"]) in (0, 1)
    odd_things(folder / "input" / "佐证资料" / PROJECT)
    capsys.readouterr()
    assert main(["run"]) in (0, 1)
    with_papers, without = record(folder), record(folder, "ohne")
    assert with_papers["totals"] == without["totals"]
    assert [file["path"] for file in with_papers["files"]] == ["甲.xlsx"]
    listed = documents(folder)
    assert len(listed) == 9 and set(listed.values()) == {with_papers["totals"]["sample"][0]}
    assert f"佐证资料/{PROJECT}/材料.rar" in listed
    assert "[佐证资料] 佐证资料9份，9份对应到1个项目" in capsys.readouterr().out


def test_a_folder_given_by_option_wherever_it_lies(folder: Path, capsys: Capture) -> None:
    odd_things(folder / "底稿附件" / PROJECT)
    assert main(["run", "--evidence", "底稿附件"]) in (0, 1)
    assert len(documents(folder)) == 9
    (folder / "底稿附件").rename(folder / "input" / "底稿附件")  # below the input, under a name that says nothing
    assert main(["run", "--evidence", "input/底稿附件"]) in (0, 1)
    assert len(documents(folder)) == 9 and [file["path"] for file in record(folder)["files"]] == ["甲.xlsx"]
    capsys.readouterr()
    assert main(["run", "--evidence", "没有"]) == 2
    assert "找不到佐证资料文件夹" in capsys.readouterr().err
    assert main(["run", "--evidence", "input"]) == 2
    assert "既是输入又是佐证资料" in capsys.readouterr().err


def test_what_is_nobodys_is_named_with_what_to_do(folder: Path, capsys: Capture) -> None:
    odd_things(folder / "input" / "佐证资料" / "另一个项目")
    (folder / "input" / "佐证资料" / "合同.docx").write_bytes(b"x")
    assert main(["run"]) in (0, 1)
    told = capsys.readouterr().out
    assert "“另一个项目”（9份）没有对应的项目" in told
    assert "“佐证资料/合同.docx”没有对应的项目" in told


def test_inside_archives_too(folder: Path) -> None:
    """A zip of documents, with names in GBK as Chinese Windows packs them, and a zip of forms with their documents."""
    home = folder / "input" / "佐证资料"
    home.mkdir()
    name = "合同/施工合同.txt"
    plain = "a" * len(name.encode("gbk"))
    with zipfile.ZipFile(home / f"{PROJECT}.zip", "w") as archive:
        archive.writestr(plain, "合同")
    raw = (home / f"{PROJECT}.zip").read_bytes()  # packed without the flag that says UTF-8
    (home / f"{PROJECT}.zip").write_bytes(raw.replace(plain.encode(), name.encode("gbk")))
    with zipfile.ZipFile(folder / "input" / "乙镇.zip", "w") as archive:
        archive.write(write_forms(folder, "乙")[0], "报送/乙.xlsx")
        archive.writestr("报送/佐证资料/乙养护（虚构）/乙.xlsx", b"no workbook")
    assert main(["run"]) in (0, 1)
    listed = documents(folder)
    assert set(listed) == {f"佐证资料/{PROJECT}.zip/{name}", "乙镇.zip/报送/佐证资料/乙养护（虚构）/乙.xlsx"}
    assert all(listed.values())
    assert [file["path"] for file in record(folder)["files"]] == ["乙镇.zip/报送/乙.xlsx", "甲.xlsx"]


def test_links_are_not_followed(folder: Path) -> None:
    home = folder / "input" / "佐证资料" / PROJECT
    home.mkdir(parents=True)
    (home / "合同.txt").write_text("合同", encoding="utf-8")
    (home / "绕回").symlink_to(home.parent, target_is_directory=True)
    assert main(["run"]) in (0, 1)
    assert list(documents(folder)) == [f"佐证资料/{PROJECT}/合同.txt"]


def test_a_document_that_changes_makes_the_run_anew(folder: Path, capsys: Capture) -> None:
    paper = folder / "input" / "佐证资料" / PROJECT / "合同.txt"
    paper.parent.mkdir(parents=True)
    paper.write_text("一", encoding="utf-8")
    assert main(["run"]) in (0, 1)
    assert main(["run"]) in (0, 1)
    assert "没有重新生成" in capsys.readouterr().out
    paper.write_text("二二", encoding="utf-8")
    assert main(["run"]) in (0, 1)
    assert "没有重新生成" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("佐证资料", True), ("佐证材料", True), ("附件3：佐证资料", True), ("3.抽查项目佐证资料（2023年度）", True),
        ("（二）绩效自评佐证材料", True), ("2023年度佐证资料", True), ("自评表及佐证材料", False), ("资料", False),
        ("佐证资料汇总", False), ("佐证", False),
    ],
)  # fmt: skip
def test_folders_that_hold_documents(name: str, expected: bool) -> None:
    assert is_evidence(name) is expected


def test_a_file_of_that_name_is_no_folder(folder: Path) -> None:
    write_forms(folder / "input", "佐证资料")
    assert [source.name for source in find([folder / "input"]).files] == ["佐证资料.xlsx", "甲.xlsx"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_and_a_link_are_listed_and_not_opened(folder: Path) -> None:
    home = folder / "input" / "佐证资料" / PROJECT
    home.mkdir(parents=True)
    os.mkfifo(home / "管道.txt")
    (home / "链接.txt").symlink_to(folder / "input" / "甲.xlsx")
    assert main(["run"]) in (0, 1)
    told = {Path(one["path"]).name: one["problem"] for one in record(folder)["evidence"]["documents"]}
    assert told == {"管道.txt": "不是普通文件，没有读取", "链接.txt": "是链接，没有读取"}
