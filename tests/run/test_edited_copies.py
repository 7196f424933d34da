"""Who mends the marked error in the annotated copy itself does not lose the work at the next run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from support.forms import write_forms

from perfbatch.cli import main

Capture = pytest.CaptureFixture[str]
COPY, ASIDE = "甲_批注.xlsx", "甲(已修改)_批注.xlsx"
MENDED = "全镇村道"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work folder after its first run."""
    monkeypatch.chdir(tmp_path)
    write_forms(tmp_path / "input", "甲")
    assert main(["run"]) in (0, 1)
    return tmp_path


def save_again(copy: Path, value: str | None = None) -> None:
    """As a spreadsheet program saves it; with a value, that is typed into a cell of the form first."""
    book = openpyxl.load_workbook(copy)
    if value is not None:
        book.active["B10"].value = value
    book.save(copy)


def copies(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "output").glob("*_批注*.xlsx"))


def test_a_changed_cell_is_carried_on_and_said(folder: Path, capsys: Capture) -> None:
    """More of it in tests/ends/test_mended.py."""
    save_again(folder / "output" / COPY, MENDED)
    capsys.readouterr()
    for _ in range(2):
        assert main(["run"]) in (0, 1)
        assert f"“{COPY}”中有人更正了1处（“甲自评表”B10）" in capsys.readouterr().out
        assert copies(folder) == [COPY]
        assert openpyxl.load_workbook(folder / "output" / COPY).active["B10"].value == MENDED


def test_a_second_change_counts_too(folder: Path) -> None:
    for value in (MENDED, "另一处"):
        save_again(folder / "output" / COPY, value)
        assert main(["run"]) in (0, 1)
    assert copies(folder) == [COPY]
    assert openpyxl.load_workbook(folder / "output" / COPY).active["B10"].value == "另一处"


def unlink_store(folder: Path) -> None:
    shutil.rmtree(folder / "output" / ".perfbatch")


def another_export(folder: Path) -> None:
    save_again(folder / "input" / "甲.xlsx", "新的内容")


@pytest.mark.parametrize("then", [unlink_store, another_export])
def test_a_change_is_kept_whatever_else_has_happened(folder: Path, then: Callable[[Path], None]) -> None:
    save_again(folder / "output" / COPY, MENDED)
    then(folder)
    assert main(["run"]) in (0, 1)
    assert copies(folder) == sorted([COPY, ASIDE])


def resave(folder: Path) -> None:
    save_again(folder / "output" / COPY)


def damage(folder: Path) -> None:
    (folder / "output" / COPY).write_bytes(b"PK\x03\x04 cut off")


@pytest.mark.parametrize("change", [resave, another_export, unlink_store])
def test_nothing_is_put_aside_where_nobody_changed_a_cell(folder: Path, change: Callable[[Path], None]) -> None:
    """Saved again, made of another export, or of a run whose store is gone."""
    change(folder)
    assert main(["run"]) in (0, 1)
    assert copies(folder) == [COPY]
    assert openpyxl.load_workbook(folder / "output" / COPY)
