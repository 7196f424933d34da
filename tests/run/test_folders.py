"""Which folders are read: never the program's own outputs, wherever they lie."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import drawing
from support.forms import write_forms

from perfbatch.cli import main
from perfbatch.outputs.workpaper import NAME
from perfbatch.sources import find

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the export 甲.xlsx, as the current one."""
    monkeypatch.chdir(tmp_path)
    write_forms(tmp_path, "甲")
    return tmp_path


def names(folder: Path, output: str = "output") -> list[str]:
    return [source.name for source in find([folder], folder / output).files]


def test_outputs_below_the_input_folder_are_not_read(folder: Path, capsys: Capture) -> None:
    """``perfbatch run .`` beside one's exports: the second run finds nothing new."""
    assert main(["run", "."]) in (0, 1)
    assert names(folder) == ["甲.xlsx"]
    assert "以前运行的输出文件夹" not in capsys.readouterr().err
    before = (folder / "output" / "run.json").stat().st_mtime_ns
    assert main(["run", "."]) in (0, 1)
    assert (folder / "output" / "run.json").stat().st_mtime_ns == before


def test_outputs_of_other_runs_are_passed_over_and_said(folder: Path, capsys: Capture) -> None:
    assert main(["run", ".", "--output", "去年"]) in (0, 1)
    assert main(["run", "."]) in (0, 1)
    assert names(folder) == ["甲.xlsx"]
    assert "[已跳过] 去年：以前运行的输出文件夹" in "".join(capsys.readouterr())


def test_an_output_folder_whose_store_was_deleted_is_still_known(folder: Path) -> None:
    """It is the one of this run."""
    (folder / "结果").mkdir()
    write_forms(folder / "结果", "乙")
    assert names(folder, "结果") == ["甲.xlsx"]
    assert names(folder, "别处") == ["甲.xlsx", "结果/乙.xlsx"]


@pytest.mark.parametrize("words", ["run . --output .", "watch . --output .", "run output"])
def test_a_folder_cannot_be_input_and_output(words: str, folder: Path, capsys: Capture) -> None:
    """Said before anything is written."""
    (folder / "output" / ".perfbatch").mkdir(parents=True)
    before = sorted(folder.rglob("*"))
    assert main(words.split()) == 2
    assert "是存放结果的文件夹，不能同时作为输入" in capsys.readouterr().err
    assert sorted(folder.rglob("*")) == before


def test_a_file_of_an_output_folder_may_be_named(folder: Path) -> None:
    """Who names a file means it."""
    main(["run", "."])
    copy = folder / "output" / "甲_批注.xlsx"
    assert [source.name for source in find([copy], folder / "output").files] == ["甲_批注.xlsx"]


def refusals(folder: Path) -> dict[str, Any]:
    """File → why it was not checked, of the run into ``output``."""
    run = json.loads((folder / "output" / "run.json").read_text(encoding="utf-8"))
    return {file["path"]: file["reason"] for file in run["files"] if file["status"] != "ok"}


def test_our_own_workbooks_are_no_forms_whatever_they_are_called(folder: Path) -> None:
    """A filled workpaper, a return slip sent back, a copied summary: all have the headings of a form."""
    sheet = drawing.parse(drawing.load("F1")["grid"].replace("│ 95.67 │", "│ 99 │"))  # a total to be returned
    drawing.write(folder / "甲.xlsx", {"甲自评表": sheet})
    main(["run", "."])
    (folder / "output" / NAME).replace(folder / "填好的底稿.xlsx")
    (folder / "output" / "绩效自评汇总表.xlsx").replace(folder / "汇总.xlsx")
    (folder / "output" / "退回修改意见.xlsx").replace(folder / "甲镇的意见.xlsx")
    assert main(["run", "."]) == 3
    found = refusals(folder)
    assert sorted(found) == sorted(["填好的底稿.xlsx", "汇总.xlsx", "甲镇的意见.xlsx"])
    assert "是本程序生成的退回修改意见" in found["甲镇的意见.xlsx"]
    assert "是本程序生成的抽查工作底稿" in found["填好的底稿.xlsx"] and "perfbatch review" in found["填好的底稿.xlsx"]
    assert "是本程序生成的汇总表" in found["汇总.xlsx"]


def test_inspect_knows_our_own_workbooks(folder: Path, capsys: Capture) -> None:
    main(["run", "."])
    assert main(["inspect", f"output/{NAME}"]) == 3
    assert "是本程序生成的抽查工作底稿" in capsys.readouterr().err


@pytest.fixture
def closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder below the current one that cannot be listed (root may list any, so the system is stood in for)."""
    closed = folder / "乙镇"
    closed.mkdir()
    scandir = os.scandir

    def refusing(path: Any = ".") -> Iterator[os.DirEntry[Any]]:
        if not isinstance(path, int) and Path(path).resolve() == closed:  # shutil.rmtree asks by number
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return closed


def test_a_folder_that_cannot_be_listed_never_passes_for_checked(folder: Path, closed: Path, capsys: Capture) -> None:
    assert main(["run", "."]) == 3
    assert "“乙镇”打不开（没有权限）" in refusals(folder)["乙镇"]
    assert "[未处理] 文件夹“乙镇”打不开" in capsys.readouterr().out
    assert names(closed) == ["乙镇"]


def test_copies_of_earlier_runs_are_named_as_outdated(folder: Path, capsys: Capture) -> None:
    """A renamed input leaves a copy behind that nobody should mend from; once it is deleted nothing is said."""
    main(["run", "."])
    assert "以前运行留下的" not in capsys.readouterr().out
    (folder / "甲.xlsx").rename(folder / "乙.xlsx")
    main(["run", "."])
    assert "[提示] 输出文件夹中的“甲_批注.xlsx”是以前运行留下的" in capsys.readouterr().out
    (folder / "output" / "甲_批注.xlsx").unlink()
    main(["run", "."])
    assert "以前运行留下的" not in capsys.readouterr().out
