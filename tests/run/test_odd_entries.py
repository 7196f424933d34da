"""Nothing odd in a folder stops the run: each entry is refused or passed over by name, the rest is done."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support.forms import write_forms

from perfbatch import passed, sources
from perfbatch.cli import main
from perfbatch.console_io import json_text, say
from perfbatch.model import FILE_BYTES

Capture = pytest.CaptureFixture[str]
POSIX = pytest.mark.skipif(os.name == "nt", reason="needs links, pipes and devices")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work folder with one good form in ``input``."""
    monkeypatch.chdir(tmp_path)
    write_forms(tmp_path / "input", "好")
    return tmp_path


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "output" / "run.json").read_text(encoding="utf-8"))
    return found


def files_of(folder: Path) -> dict[str, dict[str, Any]]:
    return {file["path"]: file for file in record(folder)["files"]}


def listed(folder: Path) -> str:
    sheet = openpyxl.load_workbook(folder / "output" / "绩效自评汇总表.xlsx")["读取情况"]
    return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)


# --- entries that are no files ---


def deep(folder: Path) -> None:
    """More than 4 096 bytes of path, made from below as programs do that unpack archives."""
    before = Path.cwd()
    os.chdir(folder)
    for _ in range(25):
        os.mkdir("深" * 60)  # noqa: PTH102 - relative, because the whole path is too long
        os.chdir("深" * 60)
    os.chdir(before)


@contextlib.contextmanager
def listening(path: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(path.parent)  # the address of a socket must be short
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(path.name)
        os.chdir(before)
        yield


def hostile(inputs: Path) -> dict[str, str]:
    """Every odd entry at once; name → words of the sentence about it."""
    (inputs / "环a.xlsx").symlink_to("环b.xlsx")
    (inputs / "环b.xlsx").symlink_to("环a.xlsx")
    (inputs / "断.xlsx").symlink_to("没有.xlsx")
    (inputs / "零.xlsx").symlink_to("/dev/zero")
    os.mkfifo(inputs / "管.xlsx")
    (inputs / "夹.xlsx").mkdir()
    elsewhere = inputs.parent / "别处"
    elsewhere.mkdir(exist_ok=True)
    write_forms(elsewhere, "别处")
    (inputs / "链").symlink_to(elsewhere)
    (inputs / "回").symlink_to(inputs)
    with (inputs / "大.xlsx").open("wb") as stream:
        stream.truncate(FILE_BYTES * 200)  # 20 GB that take no room
    (inputs / "深").mkdir()
    deep(inputs / "深")
    (inputs / "行\n\x1b[31m红.rar").write_bytes(b"Rar!")
    (inputs / "反\u202excod.xlsx").write_bytes(b"nothing")
    return {
        "环a.xlsx": "是指回自身的链接",
        "环b.xlsx": "是指回自身的链接",
        "断.xlsx": "是链接，它指向的文件不存在",
        "零.xlsx": "是设备",
        "管.xlsx": "是管道",
        "口.xlsx": "是套接字",
        "夹.xlsx": "是文件夹，不是表格文件",
        "链": "是指向其他文件夹的链接",
        "大.xlsx": "超过 100 MB",
        "行\n\x1b[31m红.rar": "是压缩包",
        "反\u202excod.xlsx": "是普通文字",
    }


@POSIX
def test_every_odd_entry_at_once(folder: Path, capsys: Capture) -> None:
    expected = hostile(folder / "input")
    before = time.monotonic()
    with listening(folder / "input" / "口.xlsx"):
        assert main(["run", "--workers", "1"]) == 3
    assert time.monotonic() - before < 60  # a pipe waits for ever, a device has no end
    files = files_of(folder)
    for name, words in expected.items():
        assert files[name]["status"] == "refused", name
        assert words in files[name]["reason"].replace("的内容", ""), files[name]["reason"]
        assert files[name]["reason"].endswith("。")
    (too_deep,) = (name for name in files if name.startswith("深/"))
    assert "其中的表格都未作检查" in files[too_deep]["reason"] and len(files[too_deep]["reason"]) < 300
    assert files["好.xlsx"]["status"] == "ok"
    assert "别处.xlsx" not in files  # nor is the link back to the folder itself a reason to complain
    assert "回" not in files
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    assert not set(told.out) & {"\x1b", "\u202e", "\r"}
    assert "[未处理] “行 [31m红.rar”" in told.out.replace("  ", " ")
    assert main(["run", "--workers", "1"]) == 3


@POSIX
@pytest.mark.parametrize("name", ["环a.xlsx", "断.xlsx", "管.xlsx", "零.xlsx", "大.xlsx"])
def test_an_odd_entry_that_is_named(folder: Path, name: str, capsys: Capture) -> None:
    """Who names it is told the same; inspect and explain do not wait for it either."""
    hostile(folder / "input")
    for command in (["run"], ["inspect"]):
        assert main([*command, f"input/{name}"]) == 3
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err


def test_a_path_that_no_system_takes_is_a_usage_error(folder: Path, capsys: Capture) -> None:
    assert main(["run", "长" * 3000]) == 2
    assert "打不开" in capsys.readouterr().err


AS_OTHERS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]


@POSIX
def test_a_folder_that_can_be_listed_but_not_entered(folder: Path) -> None:
    root = os.getuid() == 0  # may enter any, unless that is taken from it
    if root and shutil.which("setpriv") is None:
        pytest.skip("needs setpriv")
    inner = folder / "input" / "甲镇"
    (inner / "子").mkdir(parents=True)
    shutil.copy(folder / "input" / "好.xlsx", inner / "甲.xlsx")
    inner.chmod(0o444)
    try:
        done = subprocess.run(
            [*(AS_OTHERS if root else []), sys.executable, "-m", "perfbatch", "run", "--workers", "1"],
            capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
    finally:
        inner.chmod(0o755)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    files = files_of(folder)
    assert "“甲镇/甲.xlsx”打不开（没有权限）" in files["甲镇/甲.xlsx"]["reason"]
    assert "甲镇/子" in files and files["好.xlsx"]["status"] == "ok"


# --- files of other kinds ---

MAY_HOLD = ["a.rar", "b.7z", "c.tar.gz", "h.ofd", "g.pdf", "i.numbers", "j.uos", "k.eml", "l.lnk", "m.crdownload"]
OTHERS = ["照片.jpg", "说明.txt", "汇报.pptx", "程序.exe"]
RUBBISH = ["~$好.xlsx", "Thumbs.db", ".DS_Store", "desktop.ini", "~wrl0001.tmp"]


def test_what_was_passed_over_is_on_record(folder: Path, capsys: Capture) -> None:
    for name in (*MAY_HOLD, *OTHERS, *RUBBISH):
        (folder / "input" / name).write_bytes(b"x")
    assert main(["run"]) == 3
    files, told, sheet = files_of(folder), capsys.readouterr().out, listed(folder)
    for name in MAY_HOLD:
        assert files[name]["status"] == "refused" and "请" in files[name]["reason"], name
        assert f"[未处理] {files[name]['reason']}" in told
    for name in OTHERS:
        assert files[name]["status"] == "skipped" and files[name]["reason_code"] == "passed_over"
        assert f"[已跳过] {name}：" in told
    for name in (*MAY_HOLD, *OTHERS):
        assert files[name]["reason"] in sheet
    assert not set(RUBBISH) & set(files)
    (line,) = (line for line in told.splitlines() if "临时文件" in line)
    assert f"临时文件{len(RUBBISH)}个" in line and "读到的是上次保存的内容" in line
    assert line.removeprefix("[已跳过] ") in sheet and line.removeprefix("[已跳过] ") in record(folder)["notes"]
    assert "共11个文件" in sheet and "另有4个其他文件" in sheet


@pytest.mark.parametrize("name", OTHERS)
def test_what_holds_no_form_costs_no_exit_code(folder: Path, name: str) -> None:
    (folder / "input" / name).write_bytes(b"x")
    assert main(["run"]) in (0, 1)
    assert files_of(folder)[name]["status"] == "skipped"


def test_the_same_inside_an_archive(folder: Path) -> None:
    with zipfile.ZipFile(folder / "input" / "上报.zip", "w") as archive:
        archive.write(folder / "input" / "好.xlsx", "甲镇/" + "很长的名称" * 20 + ".xlsx")
        for name in (*MAY_HOLD, *OTHERS, *RUBBISH, "内.zip", "__MACOSX/._好.xlsx"):
            archive.writestr(f"甲镇/{name}", b"x")
    (folder / "input" / "好.xlsx").unlink()
    assert main(["run"]) == 3
    files = files_of(folder)
    assert files.pop(f"上报.zip/甲镇/{'很长的名称' * 20}.xlsx")["status"] == "ok"
    states = {name.rpartition("/")[2]: file["status"] for name, file in files.items()}
    assert states == dict.fromkeys([*MAY_HOLD, "内.zip"], "refused") | dict.fromkeys(OTHERS, "skipped")
    assert len([name for name in record(folder)["notes"] if "临时文件6个" in name]) == 1


def test_a_folder_of_what_cannot_be_read_is_not_clean(folder: Path) -> None:
    (folder / "input" / "好.xlsx").rename(folder / "input" / "好.rar")
    assert main(["run"]) == 3
    assert files_of(folder)["好.rar"]["status"] == "refused"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
@pytest.mark.parametrize(
    ("suffix", "filter_name"), [("xlt", "MS Excel 97 Vorlage/Template"), ("ots", ""), ("fods", "")]
)
def test_templates_are_read(folder: Path, suffix: str, filter_name: str) -> None:
    command = ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless", "--convert-to"]
    kind = f"{suffix}:{filter_name}" if filter_name else suffix
    subprocess.run([*command, kind, "--outdir", "input", "input/好.xlsx"], check=True, capture_output=True)
    (folder / "input" / "好.xlsx").unlink()
    assert main(["run"]) in (0, 1)
    assert files_of(folder)[f"好.{suffix}"]["projects"] == 1


# --- sentences that are true for the file ---


def changed(path: Path, target: Path, *, without: str = "", part: str = "", content: bytes = b"") -> None:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if name != without:
                new.writestr(name, content if name == part else old.read(name))


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="%d">'
    b'<c r="%b" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'
)


def damaged_zip(good: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(good, "甲.xlsx")
    data = bytearray(target.read_bytes())
    data[3000:3010] = bytes(10)
    target.write_bytes(data)


TRUE = {
    "无目录.xlsx": (
        lambda good, path: changed(good, path, without="[Content_Types].xml"),
        "[Content_Types].xml",
        "解压",
    ),
    "远.xlsx": (
        lambda good, path: changed(
            good, path, part="xl/worksheets/sheet1.xml", content=SHEET % (1048576, b"XFD1048576")
        ),
        "XFD1048576：远离表格的单元格未读取",
        "没有任何内容",
    ),
    "外.xlsx": (
        lambda good, path: changed(good, path, part="xl/worksheets/sheet1.xml", content=SHEET % (1048577, b"A1048577")),
        "A1048577",
        "没有任何内容",
    ),
    "坏成员.zip": (damaged_zip, "压缩包已损坏", "Excel"),
    "坏.xml": (
        lambda good, path: path.write_text('<?xml version="1.0"?><a><b></a>'),
        "不是可识别的表格文件",
        "mismatch",
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_said_is_true_for_the_file(folder: Path, name: str, capsys: Capture) -> None:
    make, words, never = TRUE[name]
    make(folder / "input" / "好.xlsx", folder / "input" / name)
    assert main(["run"]) == 3
    reason = files_of(folder)[name]["reason"]
    assert words in reason and never not in reason
    assert reason in capsys.readouterr().out


# --- the console ---


def test_control_characters_never_reach_a_terminal() -> None:
    stream = io.StringIO()
    say("a\x1b[2J\x07\x9b31m\u202eb\rc\nd\te", stream)
    assert stream.getvalue() == "a?[2J??31m?b?c\nd\te\n"


def test_json_on_the_console_says_the_same_with_escapes() -> None:
    text = json.dumps({"a": "\x9b\u202e\x1b好\n"}, ensure_ascii=False, indent=1)
    stream = io.StringIO()
    say(json_text(text), stream)
    assert json.loads(stream.getvalue()) == json.loads(text)
    assert "\x9b" not in stream.getvalue() and "好" in stream.getvalue()


def test_every_suffix_has_one_kind_and_none_that_is_read() -> None:
    table = tomllib.loads(Path(passed.__file__).with_name("passed_over.toml").read_text(encoding="utf-8"))["kind"]
    suffixes = [suffix for kind in table for suffix in kind["suffixes"]]
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes)
    assert passed.kind_of("甲.RAR").holds and not passed.kind_of("甲").holds
    assert all(not sources.reason_to_skip(Path(f"甲{suffix}"), explicit=False) for suffix in sources.SUFFIXES)
