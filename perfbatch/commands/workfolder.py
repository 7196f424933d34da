"""`perfbatch init`: a folder in which a clerk can work by dropping files and double-clicking."""

import os
import shlex
import sys
from importlib import resources
from pathlib import Path

from perfbatch.config import CONFIG_NAME, keys
from perfbatch.errors import UnpublishedOutput, why

_BATCH_FILE = "运行.bat"
_BLANKS, _SAMPLE = "空白模板", "示例"
_CODE_PAGE = "cp936"  # what a Chinese Windows reads .bat files in; UTF-8 with chcp 65001 is misread by older ones
# Of run.bat: pushd, not cd, also takes a shared folder (\\\\server\\...). What is dropped on the icon stands in
# cmdcmdline; of what stands in %* cmd has cut off all behind an & (`perfbatch.dropped`). The codes of the program are
# raised by ten, so that 1 of a broken Python is not taken for findings. exit, not exit /b, after a drop: cmd would go
# on with what stands behind the &. Of run.sh (UOS, Kylin): names given are made absolute before cd; a window that was
# opened by a double-click would be gone with the last line, so it waits for a key there and only there.
_SHELL_FILE = "运行.sh"
_SCRIPTS = {_BATCH_FILE: "Windows 上双击运行", _SHELL_FILE: "Linux（统信、麒麟）上双击运行"}


def create(folder: Path, *, python: str = "") -> str:
    """Make the work folder (existing files are kept) and say in Chinese what to do next.

    `python` is what `运行.bat` calls, for a folder put together for Windows elsewhere; else it is this program. Raises
    UnpublishedOutput when the folder cannot be written.
    """
    try:
        for name in ("input", "output", _BLANKS, _SAMPLE):
            (folder / name).mkdir(parents=True, exist_ok=True)
        kept = [_write(folder / CONFIG_NAME, _config()), *_write_scripts(folder, python), *_write_templates(folder)]
    except OSError as error:
        raise UnpublishedOutput(f"无法在“{folder}”建立工作文件夹（{why(error)}），请换一个文件夹后重试。") from None
    scripts = [name for name in _SCRIPTS if (folder / name).exists()]
    lines = [
        f"已建立工作文件夹“{folder}”：",
        "  input           把一体化系统导出的表格放在这里",
        "  output          结果在这里",
        f"  {_BLANKS}        可打印填写的空白表",
        f"  {_SAMPLE}            一份填好的表，可复制到 input 试用",
        f"  {CONFIG_NAME}  本单位的设置（可不改）",
        *(f"  {name}        {_SCRIPTS[name]}，也可以把表格拖到它上面" for name in scripts),
        "",
        f"下一步：把表格放入“{folder / 'input'}”，双击脚本；或进入该文件夹运行：",
        f'  "{sys.executable}" -m perfbatch run',
    ]
    return "\n".join([*lines, *(f"（已有的 {name} 没有改动）" for name in kept if name)])


def _write_templates(folder: Path) -> list[str]:
    """Blank forms and the sample that are not there yet; names of the kept ones, which somebody may have filled in."""
    shipped = sorted(resources.files("perfbatch").joinpath("blanks").iterdir(), key=lambda blank: blank.name)
    homes = [folder / (_SAMPLE if "（示例）" in blank.name else _BLANKS) for blank in shipped]
    return [_write(home / blank.name, blank.read_bytes()) for home, blank in zip(homes, shipped, strict=True)]


def _write(path: Path, data: bytes) -> str:
    """Write a file unless it exists; the name of a kept one, else empty."""
    if path.exists():
        return path.name
    path.write_bytes(data)
    return ""


def _config() -> bytes:
    """Every key with its meaning and an example, all commented out; Notepad's line breaks."""
    lines = ["# 本单位的设置。去掉行首的“# ”后生效；不写的按默认处理。文件编码为 UTF-8。"]
    for key in keys().values():
        lines += ["", f"# {key.meaning}：", *(f"# {line}" for line in key.example.split("\n"))]
    return _with_line_breaks("\n".join([*lines, ""])).encode("utf-8")


def _write_scripts(folder: Path, python: str) -> list[str]:
    """What one double-clicks: for Windows, and elsewhere for Linux too; a folder with the program in it has its own."""
    own = _own_program(folder)
    kept = []
    if python or not own or os.name == "nt":
        inside = rf"%~dp0{own}".replace("/", "\\") if own else ""
        kept.append(_write(folder / _BATCH_FILE, _run_script(python or inside)))
    if not python and os.name != "nt":
        script = folder / _SHELL_FILE
        text = _shipped("run.sh").replace("{program}", f"'./{own}'" if own else shlex.quote(sys.executable))
        kept.append(_write(script, text.encode("utf-8")))
        script.chmod(script.stat().st_mode | 0o111)
    return kept


def _own_program(folder: Path) -> str:
    """The program as seen from a folder that holds it (a folder that needs no Python), else empty."""
    program = Path(sys.executable)
    if getattr(sys, "frozen", False) and program.is_relative_to(folder.resolve()):
        return program.relative_to(folder.resolve()).as_posix()
    return ""


def _run_script(python: str = "") -> bytes:
    """The script for Windows; an interpreter whose path the code page cannot hold is left to ``py``."""
    text, python = _shipped("run.bat"), python or sys.executable.replace("%", "%%")
    try:
        return _with_line_breaks(text.format(python=python)).encode(_CODE_PAGE)
    except UnicodeEncodeError:
        return _with_line_breaks(text.format(python="py.exe")).encode(_CODE_PAGE)


def _shipped(script: str) -> str:
    return Path(__file__).with_name(script).read_text(encoding="utf-8")


def _with_line_breaks(text: str) -> str:
    return text.replace("\n", "\r\n")
