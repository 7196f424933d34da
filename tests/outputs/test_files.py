"""Publishing: nothing half-written, nothing lost, names that every system accepts."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path, PureWindowsPath

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from perfbatch.errors import UnpublishedOutput
from perfbatch.outputs import files, report
from perfbatch.outputs.files import clean_leftovers, moved, output_names, publish, safe_name
from perfbatch.store import renames


def writing(text: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(text, encoding="utf-8") and None


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_published_under_its_name_and_replacing_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "输出" / "汇总.xlsx"
    assert publish(target, writing("一")) == target
    assert publish(target, writing("二")) == target
    assert target.read_text(encoding="utf-8") == "二"
    assert names_in(target.parent) == ["汇总.xlsx"]


def test_the_temporary_file_lies_beside_the_target_with_its_suffix(tmp_path: Path) -> None:
    seen: list[Path] = []

    def write(path: Path) -> None:
        seen.append(path)
        path.write_bytes(b"1")

    publish(tmp_path / "表.xlsx", write, seen.append)
    assert seen[0] == seen[1]
    assert seen[0].parent == tmp_path
    assert seen[0].suffix == ".xlsx"


@pytest.mark.parametrize("failure", [ValueError("x"), KeyboardInterrupt(), SystemExit(3), MemoryError()])
@pytest.mark.parametrize("when", ["write", "prove"])
def test_a_failure_leaves_the_old_file_and_no_other(failure: BaseException, when: str, tmp_path: Path) -> None:
    target = tmp_path / "表.xlsx"
    target.write_text("旧", encoding="utf-8")

    def fail(path: Path) -> None:
        path.write_text("半", encoding="utf-8")
        raise failure

    with pytest.raises(type(failure)):
        publish(target, fail if when == "write" else writing("新"), fail)
    assert target.read_text(encoding="utf-8") == "旧"
    assert names_in(tmp_path) == ["表.xlsx"]


def locked(monkeypatch: pytest.MonkeyPatch, refusals: dict[str, int]) -> None:
    """Let `replace` refuse the named targets so many times, as Windows does while Excel holds them."""
    replace = Path.replace

    def refusing(self: Path, target: Path) -> Path:
        if refusals.get(target.name, 0) > 0:
            refusals[target.name] -= 1
            raise PermissionError(errno.EACCES, "另一个程序正在使用此文件", str(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refusing)
    monkeypatch.setattr(renames, "PATIENCE", 0.3)


def test_a_lock_that_is_let_go_costs_only_patience(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked(monkeypatch, {"表.xlsx": 2})
    assert publish(tmp_path / "表.xlsx", writing("新")).name == "表.xlsx"


def test_a_lock_that_stays_sends_the_file_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "表.xlsx"
    target.write_text("开着", encoding="utf-8")
    locked(monkeypatch, {"表.xlsx": 99, "表(2).xlsx": 1})
    path = publish(target, writing("新"))
    assert path.name == "表(3).xlsx"
    assert path.read_text(encoding="utf-8") == "新"
    assert target.read_text(encoding="utf-8") == "开着"
    assert names_in(tmp_path) == ["表(3).xlsx", "表.xlsx"]
    assert moved(target, path) == ["“表.xlsx”正被其他程序打开或设为只读，结果已另存为“表(3).xlsx”。"]
    assert moved(target, target) == []


def test_a_numbered_name_that_is_locked_is_counted_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked(monkeypatch, {"表(2).xlsx": 99, "表(3).xlsx": 1})
    assert publish(tmp_path / "表(2).xlsx", writing("新")).name == "表(4).xlsx"


def test_when_every_name_is_locked_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked(monkeypatch, {f"表{n}.xlsx": 99 for n in ["", *(f"({i})" for i in range(2, 100))]})
    with pytest.raises(UnpublishedOutput, match=r"“表\.xlsx”未能写出：文件被占用"):
        publish(tmp_path / "表.xlsx", writing("新"))
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("winerror", [5, 32, 33])
def test_windows_locks_are_known_by_their_numbers(winerror: int) -> None:
    error = OSError(errno.EIO, "x")
    assert not renames.is_held(error)
    error.winerror = winerror  # type: ignore[attr-defined]
    assert renames.is_held(error)


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(UnpublishedOutput, match=r"“表\.xlsx”未能写出：磁盘空间不足；请清理磁盘后重新运行。"):
        publish(tmp_path / "表.xlsx", full)
    assert names_in(tmp_path) == []


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "输出").write_text("", encoding="utf-8")
    with pytest.raises(UnpublishedOutput, match=r"“表\.xlsx”未能写出"):
        publish(tmp_path / "输出" / "表.xlsx", writing("新"))


def test_an_error_that_xlsxwriter_wraps_is_seen_through(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        book = Workbook(str(path))
        book.add_worksheet()
        path.unlink()
        path.mkdir()  # a name that cannot be written to
        try:
            book.close()
        finally:
            path.rmdir()

    with pytest.raises(UnpublishedOutput, match=r"“表\.xlsx”未能写出"):
        publish(tmp_path / "表.xlsx", write)


def test_an_error_about_another_file_is_not_blamed_on_the_output(tmp_path: Path) -> None:
    for other in (tmp_path / "原件.xlsx", tmp_path / "别处" / "原件.xlsx"):

        def write(_: Path, other: Path = other) -> None:
            other.read_bytes()

        with pytest.raises(FileNotFoundError):
            publish(tmp_path / "输出" / "表.xlsx", write)
    assert names_in(tmp_path / "输出") == []


KILLED = """
import os, signal, sys
from pathlib import Path
from perfbatch.store import renames
from perfbatch.outputs import files, report

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def write(path):
    path.write_text("半", encoding="utf-8")
    if sys.argv[2] == "write":
        die()

if sys.argv[2] == "flush":
    os.fsync = die
if sys.argv[2] == "rename":
    Path.replace = die
files.publish(Path(sys.argv[1]), write, die if sys.argv[2] == "prove" else None)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
@pytest.mark.parametrize("step", ["write", "flush", "prove", "rename"])
def test_what_a_killed_run_left_is_gone_at_the_next_start(step: str, tmp_path: Path) -> None:
    target = tmp_path / "表.xlsx"
    target.write_text("旧", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", KILLED, str(target), step], check=False)
    assert done.returncode == -signal.SIGKILL
    left = [name for name in names_in(tmp_path) if name != "表.xlsx"]
    assert len(left) == 1
    assert clean_leftovers(tmp_path) == left
    assert names_in(tmp_path) == ["表.xlsx"]
    assert target.read_text(encoding="utf-8") == "旧"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_leftovers_of_a_process_that_nobody_has_asked_about_go(tmp_path: Path) -> None:
    """An orphan that was killed stays in the table of processes until somebody takes note of its end."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        left = tmp_path / f"表.{ended.pid}-{files._host()}{files.UNFINISHED}.xlsx"
        left.touch()
        assert clean_leftovers(tmp_path) == [left.name]


def test_leftovers_of_the_living_and_of_other_machines_stay(tmp_path: Path) -> None:
    live = tmp_path / f"a.{os.getpid()}-{files._host()}{files.UNFINISHED}.xlsx"
    foreign = tmp_path / f"b.1-ffffff{files.UNFINISHED}.xlsx"
    old = tmp_path / f"c.1-eeeeee{files.UNFINISHED}.xlsx"
    clerk = tmp_path / f"我的{files.UNFINISHED}.xlsx"
    for path in (live, foreign, old, clerk):
        path.write_bytes(b"")
    os.utime(old, (0, 0))
    assert clean_leftovers(tmp_path) == [old.name]
    assert clean_leftovers(tmp_path / "没有") == []
    assert len(names_in(tmp_path)) == 3


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("道路养护", "道路养护"),
        ('a/b\\c:d*e?f"g<h>i|j', "a_b_c_d_e_f_g_h_i_j"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("CON", "_CON"),
        ("nul.xlsx", "_nul.xlsx"),
        ("com1.表", "_com1.表"),
        ("console", "console"),
        ("末尾. . ", "末尾"),
        ("\u202e反转\u200b\x00\n", "反转"),
        ("制\t表", "制 表"),
        ("", "未命名"),
        ("...", "未命名"),
        ("e\u0301", "é"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_long_names_with_a_common_beginning_stay_apart() -> None:
    one, two = safe_name("项目" * 60 + "甲"), safe_name("项目" * 60 + "乙")
    assert one != two
    assert one.startswith("项目项目")
    assert max(len(name.encode()) for name in (one, two)) <= 120


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=200))
def test_any_text_becomes_one_component_legal_everywhere(text: str) -> None:
    name = safe_name(text)
    assert name and name not in (".", "..")
    assert len(name.encode("utf-8")) <= 120
    assert PureWindowsPath(name).name == name
    assert not PureWindowsPath(name).is_reserved()
    assert name == name.strip() == name.rstrip(".")
    assert not any(unicodedata.category(char)[0] == "C" or char in '<>:"/\\|?*' for char in name)
    assert safe_name(text) == name
    assert safe_name(name) == name


def test_the_annotated_copy_is_named_after_its_source() -> None:
    assert output_names(["自评表.xlsx", "宏表.XLSM", "旧表.xls", "网页.et", "a.b.xlsx"]) == {
        "自评表.xlsx": "自评表_批注.xlsx",
        "宏表.XLSM": "宏表_批注.xlsm",
        "旧表.xls": "旧表_批注.xlsx",
        "网页.et": "网页_批注.xlsx",
        "a.b.xlsx": "a.b_批注.xlsx",
    }


def test_equal_stems_get_names_of_their_own() -> None:
    given_files = ["表.xlsx", "甲镇/表.xlsx", "乙镇\\表.xls", "表.ods", "甲镇/子/../表.xlsx", "表.XLSX"]
    names = output_names(given_files)
    assert list(names.values()) == [
        "表_批注.xlsx",
        "表_甲镇_批注.xlsx",
        "表_乙镇_批注.xlsx",
        "表(2)_批注.xlsx",
        "表_甲镇_子_批注.xlsx",
        "表(3)_批注.xlsx",
    ]


@given(st.lists(st.text(st.sampled_from("aA/\\.表x ~"), min_size=1, max_size=8), max_size=12))
def test_no_two_inputs_share_an_output(paths: list[str]) -> None:
    names = output_names(paths)
    assert set(names) == set(paths)
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert output_names(paths) == names


def test_what_a_killed_run_left_is_no_report(tmp_path: Path) -> None:
    """Half a report under its temporary name, newer than the one that somebody filled in (walk of the steps, 67)."""
    written = docx.Document()
    written.add_paragraph("我镇按要求开展了自评。")
    written.save(str(tmp_path / "绩效自评报告.docx"))
    half = tmp_path / f"绩效自评报告(3).20257-5bce98{files.UNFINISHED}.docx"
    half.write_bytes(b"PK\x03\x04")
    os.utime(tmp_path / "绩效自评报告.docx", (1, 1))
    assert report.filled(tmp_path) == tmp_path / "绩效自评报告.docx"
