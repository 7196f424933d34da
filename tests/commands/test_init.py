"""`perfbatch init`: the folder it makes works, keeps what is there, and its script speaks to a Windows clerk."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from support import drawing

from perfbatch import config
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
    assert list(tomllib.loads(bare)) == list(config.KEYS)
    assert b"\r\n" in (folder / "perfbatch.toml").read_bytes()


def test_script_is_what_a_chinese_cmd_reads(folder: Path) -> None:
    """CRLF line ends, the code page of a Chinese Windows, and ASCII until that code page is set."""
    data = (folder / "运行.bat").read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n")
    before, _, _ = data.partition(b"chcp 936")
    assert before.isascii() and not data.startswith(b"\xef\xbb\xbf")
    assert "正在处理" in script(folder)


def test_script_finds_its_interpreter_or_py(folder: Path) -> None:
    lines = script(folder).splitlines()
    at = lines.index(f'set "PYTHON={sys.executable}"')
    assert lines[at + 1 : at + 3] == ['if exist "%PYTHON%" goto run', 'set "PYTHON=py"']
    assert '"%PYTHON%" -m perfbatch run %*' in lines and 'pushd "%~dp0"' in lines


def test_script_tells_every_exit_code_and_stays_open(folder: Path) -> None:
    lines = script(folder).splitlines()
    for code in (0, 1, 2, 3):
        assert sum(line.startswith(f'if "%CODE%"=="{code}" echo ') for line in lines) == 1
    assert lines[-3:] == ["pause", "popd", "exit /b %CODE%"]
    labels = {line[1:] for line in lines if line.startswith(":")}
    assert {line.rsplit(" ", 1)[1] for line in lines if "goto " in line} == labels


@pytest.mark.parametrize(
    ("python", "written"),
    [
        (r"C:\Users\张三\100%\python.exe", r"C:\Users\张三\100%%\python.exe"),
        ("C:\\Users\\\U0001f600\\python.exe", "py.exe"),  # beyond the code page: left to the launcher
    ],
)
def test_script_of_an_odd_path(python: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workfolder.sys, "executable", python)
    assert f'set "PYTHON={written}"' in workfolder._run_script().decode("cp936")
