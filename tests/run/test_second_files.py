"""What people wrote into any output is never lost, under whatever name it was published and whatever is open."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from support import writing
from support.held import held_open, scanned

from perfbatch.cli import main
from perfbatch.followup.summaries import SUMMARY
from perfbatch.store import renames

Capture = pytest.CaptureFixture[str]
COPY, REPORT, PAPER, RETURNS = "甲_批注.xlsx", "绩效自评报告.docx", "抽查工作底稿.xlsx", "退回修改意见.xlsx"
ALL = (COPY, SUMMARY, REPORT, PAPER, RETURNS, "findings.jsonl", "run.json")


def second(name: str, number: int = 2) -> str:
    return f"{Path(name).stem}({number}){Path(name).suffix}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work folder after its first run."""
    monkeypatch.chdir(tmp_path)
    writing.export(tmp_path / "input", 0)
    assert main(["run"]) in (0, 1)
    return tmp_path


def test_second_files_are_never_overwritten(folder: Path, capsys: Capture) -> None:
    """Bug B03: everything is open, the second files are edited, everything is still open."""
    output = folder / "output"
    writing.export(folder / "input", 1)
    with held_open(*ALL):
        assert main(["run"]) in (0, 1)
    assert all((output / second(name)).is_file() for name in ALL)
    writing.cell(output / second(COPY), None, "B10", "人改的目标")
    writing.cell(output / second(SUMMARY), "汇总", "A2", "人改的标题")
    writing.ledger(output / second(SUMMARY), "人写的措施")
    writing.report(output / second(REPORT), "人写的一句话。")
    writing.paper(output / second(PAPER), "人写的意见")
    writing.cell(output / second(RETURNS), None, "A3", "人写的退回")
    (output / "findings(2).jsonl").write_text("人写的一行", encoding="utf-8")
    writing.export(folder / "input", 2)
    capsys.readouterr()
    with held_open(*ALL):
        assert main(["run"]) in (0, 1)
    written = ("目标", "标题", "措施", "一句话", "意见", "退回", "一行")
    words = writing.words_of(folder / "output")
    assert [word for word in written if f"人{'改' if word in ('目标', '标题') else '写'}的{word}" not in words] == []
    told = capsys.readouterr().out
    for name in (COPY, SUMMARY, REPORT, PAPER, RETURNS, "findings.jsonl"):
        assert f"“{name}”正被其他程序打开或设为只读，结果已另存为“{second(name, 3)}”" in told, name
        assert f"“{second(name)}”" in told
    assert "其中有人改过，予以保留" in told


def test_second_files_are_outdated_once_their_own_names_are_free(folder: Path, capsys: Capture) -> None:
    """Bug B20; the run is made again though nothing but the lock has changed."""
    writing.export(folder / "input", 1)
    with held_open(*ALL):
        main(["run"])
    writing.report(folder / "output" / second(REPORT), "人写的一句话。")
    capsys.readouterr()
    main(["run"])
    told = capsys.readouterr().out
    line = next(line for line in told.splitlines() if "内容可能已过时" in line)
    for name in (SUMMARY, PAPER, RETURNS, "findings.jsonl", "run.json"):
        assert f"“{second(name)}”" in line, name
    assert second(REPORT) not in line
    assert f"“{second(REPORT)}”是以前运行留下的，本次没有重新生成，其中有人改过，予以保留" in told
    assert "第1次的目标" in writing.words_of(folder / "output")
    assert json.loads((folder / "output" / "run.json").read_text(encoding="utf-8"))["outputs"][0] == COPY
    main(["run"])
    assert "没有重新生成。" in capsys.readouterr().out


def comment(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["A1"].comment = Comment("人写的批注", "局长")
    book.save(path)


def picture(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/media/image9.png", b"a photograph")


def new_sheet(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book.create_sheet("备忘")["A1"].value = "人写的备忘"
    book.save(path)


def figure(path: Path) -> None:
    writing.cell(path, "汇总", "A2", "人改的标题")


def locked(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


@pytest.mark.parametrize("change", [comment, picture, new_sheet, locked])
@pytest.mark.parametrize("name", [COPY, PAPER, RETURNS])
def test_whatever_a_person_put_into_a_workbook_is_kept(
    folder: Path, capsys: Capture, name: str, change: Callable[[Path], None]
) -> None:
    change(folder / "output" / name)
    kept = (folder / "output" / name).read_bytes()
    writing.export(folder / "input", 1)
    main(["run"])
    assert kept in [path.read_bytes() for path in (folder / "output").glob("*.xlsx")]
    assert f"“{name}”" in capsys.readouterr().out


@pytest.mark.parametrize("change", [comment, picture, new_sheet, figure])
def test_a_summary_is_kept_for_more_than_its_ledger(folder: Path, change: Callable[[Path], None]) -> None:
    writing.ledger(folder / "output" / SUMMARY, "人写的措施")
    change(folder / "output" / SUMMARY)
    writing.export(folder / "input", 1)
    main(["run"])
    assert (folder / "output" / "绩效自评汇总表(已修改).xlsx").is_file()
    book = openpyxl.load_workbook(folder / "output" / SUMMARY)
    assert "人写的措施" in [cell.value for row in book["整改台账"].iter_rows() for cell in row]


def test_a_ledger_filled_in_is_carried_on_without_a_second_file(folder: Path) -> None:
    for number in (1, 2):
        writing.ledger(folder / "output" / SUMMARY, f"人写的措施{number}", number)
        writing.export(folder / "input", number)
        main(["run"])
    assert not list((folder / "output").glob("*(已修改)*"))
    assert all(f"人写的措施{number}" in writing.words_of(folder / "output") for number in (1, 2))


def test_two_ledgers_that_say_different_things_are_both_kept(folder: Path) -> None:
    writing.export(folder / "input", 1)
    with held_open(SUMMARY):
        main(["run"])
    writing.ledger(folder / "output" / SUMMARY, "甲写的措施")
    writing.ledger(folder / "output" / second(SUMMARY), "乙写的措施")
    for number in (2, 3):
        writing.export(folder / "input", number)
        with held_open(SUMMARY):
            main(["run"])
    words = writing.words_of(folder / "output")
    assert "甲写的措施" in words and "乙写的措施" in words


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
@pytest.mark.parametrize("store", [True, False])
def test_what_another_program_merely_saved_again_is_replaced(folder: Path, tmp_path: Path, store: bool) -> None:
    """LibreOffice calculates everything anew and writes other bytes."""
    output = folder / "output"
    for name in (COPY, SUMMARY, PAPER, RETURNS):
        command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "xlsx"]
        subprocess.run([*command, "--outdir", tmp_path / "saved", output / name], check=True, capture_output=True)
        shutil.copy(tmp_path / "saved" / name, output / name)
    if not store:
        shutil.rmtree(output / ".perfbatch")
    assert main(["run"]) in (0, 1)
    assert not list(output.glob("*(已修改)*"))


@pytest.mark.parametrize("times", [1, 3])
def test_a_scanner_that_lets_go_costs_nothing(folder: Path, capsys: Capture, times: int) -> None:
    """Bug B04: every rename of a run, of files and of folders, is refused at first."""
    writing.export(folder / "input", 1)
    with scanned(times) as met:
        assert main(["run", "--workers", "1"]) in (0, 1)
    assert any("results" in name for name in met) and any(".perfbatch-tmp" in name for name in met)
    assert not list((folder / "output").glob("*(2)*"))
    assert "占用" not in capsys.readouterr().out


def test_a_scanner_that_never_lets_go_is_named(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    writing.export(folder / "input", 1)
    monkeypatch.setattr(renames, "PATIENCE", 0.02)
    with scanned(10**6):
        assert main(["run", "--workers", "1"]) == 3
    told = capsys.readouterr().out
    assert "一直被其他程序占用" in told
    assert "另存为 .xlsx" not in told and "--output" not in told
