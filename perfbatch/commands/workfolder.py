"""`perfbatch init`: a folder in which a clerk can work by dropping files and double-clicking."""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

from perfbatch.config import CONFIG_NAME, KEYS
from perfbatch.errors import UnpublishedOutput, why

_BATCH_FILE = "运行.bat"
_BLANKS, _SAMPLE = "空白模板", "示例"
_CODE_PAGE = "cp936"  # what a Chinese Windows reads .bat files in; UTF-8 with chcp 65001 is misread by older ones
# pushd, not cd: it also takes a shared folder (\\\\server\\...). Files dropped on the icon arrive as %*.
_RUN = """\
@echo off
chcp 936 >nul
title 预算项目绩效自评
pushd "%~dp0"
set "PYTHON={python}"
if exist "%PYTHON%" goto run
set "PYTHON=py"
py -m perfbatch --version >nul 2>nul
if errorlevel 1 goto missing

:run
echo 正在处理，请不要关闭本窗口……
"%PYTHON%" -m perfbatch run %*
set "CODE=%ERRORLEVEL%"
echo.
if "%CODE%"=="0" echo 处理完成，没有发现错误。结果在 output 文件夹。
if "%CODE%"=="1" echo 处理完成，发现有错误。请打开 output 文件夹中的“_批注”文件，按标色单元格的批注修改后重新运行。
if "%CODE%"=="2" echo 没有运行。请按上面的提示改正后，再双击本文件。
if "%CODE%"=="3" echo 有文件没有处理成功。请按上面的提示处理后，再双击本文件。
if not "%CODE%"=="2" if exist "%~dp0output" start "" "%~dp0output"
goto end

:missing
set "CODE=2"
echo 找不到安装了 perfbatch 的 Python：
echo     "{python}"
echo 程序可能已被移动或删除。请按程序文件夹中 README.md 的第一条命令重新安装，
echo 再用 perfbatch init 在本文件夹重新生成“运行.bat”（先删除旧的）。

:end
echo.
pause
popd
exit /b %CODE%
"""


def create(folder: Path) -> str:
    """Make the work folder (existing files are kept) and say in Chinese what to do next.

    Raises UnpublishedOutput when the folder cannot be written.
    """
    try:
        for name in ("input", "output", _BLANKS, _SAMPLE):
            (folder / name).mkdir(parents=True, exist_ok=True)
        kept = [_write(folder / CONFIG_NAME, _config()), _write(folder / _BATCH_FILE, _run_script())]
        kept += _write_templates(folder)
    except OSError as error:
        raise UnpublishedOutput(f"无法在“{folder}”建立工作文件夹（{why(error)}），请换一个文件夹后重试。") from None
    lines = [
        f"已建立工作文件夹“{folder}”：",
        "  input           把一体化系统导出的表格放在这里",
        "  output          结果在这里",
        f"  {_BLANKS}        可打印填写的空白表",
        f"  {_SAMPLE}            一份填好的表，可复制到 input 试用",
        f"  {CONFIG_NAME}  本单位的设置（可不改）",
        f"  {_BATCH_FILE}        Windows 上双击运行，也可以把表格拖到它上面",
        "",
        f"下一步：把表格放入“{folder / 'input'}”，双击“{_BATCH_FILE}”；不用 Windows 时，进入该文件夹运行：",
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
    for key in KEYS.values():
        lines += ["", f"# {key.meaning}：", *(f"# {line}" for line in key.example.split("\n"))]
    return _with_line_breaks("\n".join([*lines, ""])).encode("utf-8")


def _run_script() -> bytes:
    """The script; an interpreter whose path the code page cannot hold is left to ``py``."""
    python = sys.executable.replace("%", "%%")
    try:
        return _with_line_breaks(_RUN.format(python=python)).encode(_CODE_PAGE)
    except UnicodeEncodeError:
        return _with_line_breaks(_RUN.format(python="py.exe")).encode(_CODE_PAGE)


def _with_line_breaks(text: str) -> str:
    return text.replace("\n", "\r\n")
