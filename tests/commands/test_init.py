"""`perfbatch init`: the folder it makes works, keeps what is there, and its script speaks to a Windows clerk."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from support import drawing
from support.forms import write_forms

from perfbatch import config, dropped
from perfbatch.cli import main
from perfbatch.commands import workfolder

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, capsys: Capture) -> Path:
    assert main(["init", str(tmp_path / "自评")]) == 0
    assert "下一步" in capsys.readouterr().out
    return tmp_path / "自评"


def script(folder: Path) -> str:
    return (folder / "运行.bat").read_bytes().decode("cp936")


def test_the_folder_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {"input", "output", "空白模板", "示例", "perfbatch.toml", "运行.bat", "运行.sh"}
    assert {p.name for p in folder.iterdir()} == wanted
    assert [len(list((folder / name).glob("*.xlsx"))) for name in ("空白模板", "示例")] == [3, 1]
    drawing.write(folder / "input" / "表.xlsx", {"表": drawing.parse(drawing.load("F1")["grid"])})
    monkeypatch.chdir(folder)
    assert main(["run", "--workers", "1"]) in (0, 1)
    assert (folder / "output" / "绩效自评汇总表.xlsx").exists()


def test_what_is_there_is_kept(folder: Path, capsys: Capture) -> None:
    """A second init must not take settings or a template somebody has filled in."""
    kept = [folder / "perfbatch.toml", folder / "运行.bat", *(folder / "空白模板").iterdir()]
    for path in kept:
        path.write_bytes(b"mine")
    assert main(["init", str(folder)]) == 0
    told = capsys.readouterr().out
    assert [path.name for path in kept if path.read_bytes() != b"mine" or f"{path.name} 没有改动" not in told] == []


def test_a_folder_that_cannot_be_made(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "文件").write_text("")
    assert main(["init", str(tmp_path / "文件" / "自评")]) == 3
    message = capsys.readouterr().err
    assert "是文件而不是文件夹" in message and "换一个文件夹" in message


def test_configuration_offers_every_key_commented_out(folder: Path) -> None:
    text = (folder / "perfbatch.toml").read_text(encoding="utf-8")
    assert config.load(folder / "perfbatch.toml") == config.Settings()
    bare = "\n".join(
        line[2:] for line in text.splitlines() if line.startswith("# ") and not line.endswith(("：", "。"))
    )
    assert list(tomllib.loads(bare)) == list(config.keys())
    assert b"\r\n" in (folder / "perfbatch.toml").read_bytes()


def test_script_is_what_a_chinese_cmd_reads(folder: Path) -> None:
    """CRLF line ends, the code page of a Chinese Windows, and ASCII until that code page is set."""
    data = (folder / "运行.bat").read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n")
    before, _, _ = data.partition(b"chcp 936")
    assert before.isascii() and not data.startswith(b"\xef\xbb\xbf")
    assert "正在处理" in script(folder)


def test_script_finds_its_interpreter_or_py(folder: Path) -> None:
    """Only one in which the program is: a Python that lost it ends with 1, which is no finding."""
    lines = script(folder).splitlines()
    at = lines.index(f'set "PYTHON_WANTED={sys.executable}"')
    assert lines[at + 1 : at + 5] == [
        'set "PYTHON=%PYTHON_WANTED%"',
        'if not exist "%PYTHON%" goto other',
        '"%PYTHON%" -m perfbatch --version >nul 2>nul',
        'if "%ERRORLEVEL%"=="0" goto run',
    ]
    assert '"!PYTHON!" -m perfbatch run !ARGS!' in lines and 'pushd "%~dp0"' in lines
    assert 'if not "%ERRORLEVEL%"=="0" goto missing' in lines


def test_script_tells_every_exit_code_and_opens_nothing_old(folder: Path) -> None:
    lines = script(folder).splitlines()
    for code in (10, 11, 12, 13, 14):
        assert sum(line.startswith(f'if "!CODE!"=="{code}" echo ') for line in lines) == 1
    assert any(line.startswith("echo 程序异常结束（代码 !CODE!）") for line in lines)
    assert [line for line in lines if "start " in line] == [
        'for %%C in (10 11 13) do if "!CODE!"=="%%C" if exist output start "" output'
    ]
    assert "pause" in lines and lines[-1] == "exit /b !CODE!"
    labels = {line[1:] for line in lines if line.startswith(":")}
    assert {line.rsplit(" ", 1)[1] for line in lines if "goto " in line} == labels


def test_script_expands_nothing_that_names_of_files_could_break(folder: Path) -> None:
    """Once delayed expansion is on, what comes of users stands between exclamation marks; before, between quotes."""
    before, _, after = script(folder).partition("setlocal EnableDelayedExpansion")
    assert "%*" in before and "set ARGS=%*" in before.splitlines()
    assert set(re.findall(r"%[^%\s]*%|%\*|%~\w+", after.replace("%%C", ""))) <= {"%~nx0"}


WINDOWS = "C:\\Windows\\system32\\cmd.exe"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f'{WINDOWS} /c ""D:\\绩效\\运行.bat" "', []),
        (f'{WINDOWS} /c ""D:\\绩效\\运行.bat" D:\\甲.xlsx"', ["D:\\甲.xlsx"]),
        (f'{WINDOWS} /c ""D:\\绩效\\运行.bat" D:\\甲&乙.xlsx"', ["D:\\甲&乙.xlsx"]),
        (
            f'{WINDOWS} /c ""D:\\绩 效\\运行.bat" D:\\甲&乙.xlsx "D:\\丙 & 丁(1).xlsx" D:\\50%^!.zip"',
            ["D:\\甲&乙.xlsx", "D:\\丙 & 丁(1).xlsx", "D:\\50%^!.zip"],
        ),
        (f'{WINDOWS} /c ""\\\\二号机\\共享\\运行.bat" "D:\\运行.bat 的说明.xlsx""', ["D:\\运行.bat 的说明.xlsx"]),
        (f'"{WINDOWS}"', []),
        (f'{WINDOWS} /c "D:\\运行.bat" --year 2023', []),
    ],
)
def test_dropped_files_are_found_in_the_line_of_windows(
    line: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERFBATCH_SCRIPT", "运行.bat")
    monkeypatch.setenv("PERFBATCH_LINE", line)
    assert [str(path) for path in dropped.files()] == found


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda folder: None, 10),
        (lambda folder: (folder / "input" / "坏.xlsx").write_bytes(b"x"), 13),
        (lambda folder: (folder / "output").write_bytes(b"a file"), 14),
        (lambda folder: (folder / "perfbatch.toml").write_text("year = ["), 12),
    ],
    ids=["clean", "a file failed", "nothing written", "wrong settings"],
)
def test_exit_codes_that_the_script_asks_for(make: Callable[[Path], object], code: int, tmp_path: Path) -> None:
    """Raised by ten, and 14 where no output is of this run; files come from the raw line."""
    (form,) = write_forms(tmp_path / "input", "甲")
    make(tmp_path)
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PERFBATCH_SCRIPT": "运行.bat",
        "PERFBATCH_LINE": f'cmd /c ""运行.bat" "{form.parent}""', "PYTHONIOENCODING": "utf-8",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "perfbatch", "run"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.returncode == code, done.stderr.decode("utf-8")


@pytest.mark.parametrize(
    ("python", "written"),
    [
        (r"C:\Users\张三\100%\python.exe", r"C:\Users\张三\100%%\python.exe"),
        ("C:\\Users\\\U0001f600\\python.exe", "py.exe"),  # beyond the code page: left to the launcher
    ],
)
def test_script_of_an_odd_path(python: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workfolder.sys, "executable", python)
    assert f'set "PYTHON_WANTED={written}"' in workfolder._run_script().decode("cp936")
