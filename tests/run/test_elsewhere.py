"""A console that has only ASCII, and a Windows that knows no path over 260 characters."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import drawing

LONGEST = 90  # characters of our own names below output/: what is left of Windows' 260 is the user's


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with forms in folders and a zip, a Word document, a file that is refused, and evidence."""
    folder = tmp_path_factory.mktemp("别处")
    source = folder / "input" / "柳溪镇人民政府" / "报送"
    source.mkdir(parents=True)
    for family in ("F1", "F6"):
        sheets = {"自评表": drawing.parse(drawing.load(family)["grid"])}
        drawing.write(source / f"{family}项目支出绩效自评表（报送稿）.xlsx", sheets)
    shutil.make_archive(str(folder / "input" / "补报"), "zip", source)
    (source / "说明.pdf").write_bytes(b"%PDF-1.4\n")
    (source / "坏表.xlsx").write_bytes(b"PK\x03\x04 broken")
    papers = folder / "input" / "佐证资料" / "村道养护（虚构）"
    papers.mkdir(parents=True)
    (papers / "验收单.txt").write_text("村道养护验收30.5公里", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ascii_run(place: Path) -> subprocess.CompletedProcess[bytes]:
    """A run, twice over, on a console that takes ASCII only."""
    for _ in range(2):
        found = run(place, PYTHONIOENCODING="ascii:strict", LC_ALL="C")
    return found


def run(place: Path, **told: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "perfbatch", "run", "input", "--output", "output", "--workers", "2"]
    return subprocess.run(command, cwd=place, env={**os.environ, **told}, capture_output=True, check=False)


def test_a_console_of_ascii_gets_no_traceback(ascii_run: subprocess.CompletedProcess[bytes], place: Path) -> None:
    said = ascii_run.stdout + ascii_run.stderr
    assert said.isascii() and b"Traceback" not in said and b"Error" not in said
    assert ascii_run.returncode == 3  # the broken workbook, not the console
    names = {path.name for path in (place / "output").iterdir()}
    assert {"绩效自评汇总表.xlsx", "绩效自评报告.docx", "run.json"} <= names
    assert "F1项目支出绩效自评表（报送稿）_批注.xlsx" in {path.name for path in (place / "output").rglob("*_批注.xlsx")}


@pytest.mark.skipif(sys.platform == "win32", reason="file names are UTF-16 there")
def test_file_names_of_ascii_are_said_at_once(place: Path) -> None:
    """Where even names are ASCII no output could have its name; what to set survives on the poorest console."""
    found = run(place, PYTHONIOENCODING="ascii:strict", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert found.returncode == 2 and b"Traceback" not in found.stderr and b"PYTHONUTF8=1" in found.stderr


def test_our_own_paths_are_short(ascii_run: subprocess.CompletedProcess[bytes], place: Path) -> None:
    """Bundles, papers, archives unpacked, answers kept: by keys, not by the names of what was handed in."""
    output = place / "output"
    own = [path.relative_to(output) for path in output.rglob("*") if ".perfbatch" in path.parts or "data" in path.parts]
    assert len(own) > 20
    longest = max(own, key=lambda path: len(str(path)))
    assert len(str(longest)) < LONGEST, longest
