"""Which folders are read: never the program's own outputs, wherever they lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.forms import write_forms

from perfbatch.cli import main
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
