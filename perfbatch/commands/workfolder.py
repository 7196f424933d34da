"""`perfbatch init`: a folder in which a clerk can work by dropping files and double-clicking."""

import os
import shlex
import sys
from importlib import resources
from pathlib import Path

from perfbatch.config import CONFIG_NAME, KEYS
from perfbatch.errors import UnpublishedOutput, why

_BATCH_FILE = "运行.bat"
_BLANKS, _SAMPLE = "空白模板", "示例"
_CODE_PAGE = "cp936"  # what a Chinese Windows reads .bat files in; UTF-8 with chcp 65001 is misread by older ones
# pushd, not cd: it also takes a shared folder (\\\\server\\...). What is dropped on the icon stands in cmdcmdline; of
# what stands in %* cmd has cut off all behind an & (`perfbatch.dropped`). The codes of the program are raised by ten,
# so that 1 of a broken Python is not taken for findings. exit, not exit /b, after a drop: cmd would go on with what
# stands behind the &.
_RUN = """\
@echo off
chcp 936 >nul
title 预算项目绩效自评
setlocal DisableDelayedExpansion
pushd "%~dp0"
set ARGS=%*
set "PERFBATCH_SCRIPT=%~nx0"
set "PYTHON_WANTED={python}"
set "PYTHON=%PYTHON_WANTED%"
if not exist "%PYTHON%" goto other
"%PYTHON%" -m perfbatch --version >nul 2>nul
if "%ERRORLEVEL%"=="0" goto run

:other
set "PYTHON=py"
py -m perfbatch --version >nul 2>nul
if not "%ERRORLEVEL%"=="0" goto missing

:run
echo 正在处理，请不要关闭本窗口……
setlocal EnableDelayedExpansion
set "PERFBATCH_LINE=!cmdcmdline!"
"!PYTHON!" -m perfbatch run !ARGS!
set "CODE=!ERRORLEVEL!"
echo.
if "!CODE!"=="10" echo 处理完成，没有发现错误。结果在 output 文件夹。
if "!CODE!"=="11" echo 处理完成，发现有错误。请打开 output 文件夹中的“_批注”文件，按标色单元格的批注修改后重新运行。
if "!CODE!"=="12" echo 没有运行。请按上面的提示改正后，再双击本文件。
if "!CODE!"=="13" echo 有文件没有处理成功，其余的结果在 output 文件夹。请按上面的提示处理后，再双击本文件。
if "!CODE!"=="14" echo 没有完成。output 文件夹中如有结果，是以前的。请按上面的提示处理后，再双击本文件。
for %%C in (10 11 13) do if "!CODE!"=="%%C" if exist output start "" output
for %%C in (10 11 12 13 14) do if "!CODE!"=="%%C" goto end
echo 程序异常结束（代码 !CODE!），没有完成。output 文件夹中如有结果，可能是以前的。请把本窗口中的文字交给维护人员。
goto end

:missing
setlocal EnableDelayedExpansion
set "CODE=12"
echo 找不到安装了 perfbatch 的 Python：
echo     "!PYTHON_WANTED!"
echo 程序可能已被移动或删除。请按程序文件夹中 README.md 的第一条命令重新安装，
echo 再用 perfbatch init 在本文件夹重新生成“运行.bat”（先删除旧的）。

:end
echo.
pause
popd
for %%C in (10 11 12 13) do if "!CODE!"=="%%C" set /a CODE=CODE-10
if "!CODE!"=="14" set "CODE=3"
if not "!cmdcmdline:%~nx0=!"=="!cmdcmdline!" exit !CODE!
exit /b !CODE!
"""


# For Linux (UOS, Kylin). Names given are made absolute before cd. A window that was opened by a double-click would be
# gone with the last line, so it waits for a key there and only there.
_SHELL_FILE = "运行.sh"
_RUN_SHELL = """\
#!/bin/sh
for name do
    shift
    case $name in /*|-*) ;; *) [ ! -e "$name" ] || name="$PWD/$name" ;; esac
    set -- "$@" "$name"
done
cd "$(dirname "$0")" || exit 3
PROGRAM={program}
[ -x "$PROGRAM" ] || chmod +x "$PROGRAM" 2>/dev/null
if "$PROGRAM" -m perfbatch --version >/dev/null 2>&1; then
    echo 正在处理，请不要关闭本窗口……
    "$PROGRAM" -m perfbatch run "$@"
    CODE=$?
    case $CODE in
    0|1|3) echo; echo "结果在 $PWD/output" ;;
    2) ;;
    *) echo "程序异常结束（代码 $CODE），没有完成；请把本窗口中的文字交给维护人员。"; CODE=3 ;;
    esac
else
    echo "找不到程序或不能运行：$PROGRAM"
    echo "请不要移动本文件夹中的“程序”，也不要在运行时移动本文件夹；仍不能运行的，请重新解压或重新安装。"
    CODE=2
fi
if [ -t 0 ] && [ -n "$DISPLAY$WAYLAND_DISPLAY" ]; then
    printf '按回车键关闭本窗口……'
    read -r _
fi
exit $CODE
"""


_SCRIPTS = {_BATCH_FILE: "Windows 上双击运行", _SHELL_FILE: "Linux（统信、麒麟）上双击运行"}


def create(folder: Path, *, python: str = "") -> str:
    """Make the work folder (existing files are kept) and say in Chinese what to do next.

    `python` is what `运行.bat` calls, for a folder put together for Windows elsewhere; else it is this program. Raises
    UnpublishedOutput when the folder cannot be written.
    """
    try:
        for name in ("input", "output", _BLANKS, _SAMPLE):
            (folder / name).mkdir(parents=True, exist_ok=True)
        kept = [_write(folder / CONFIG_NAME, _config()), *_write_scripts(folder, python)]
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
        *(
            f"  {name}        {what}，也可以把表格拖到它上面"
            for name, what in _SCRIPTS.items()
            if (folder / name).exists()
        ),
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
    for key in KEYS.values():
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
        text = _RUN_SHELL.replace("{program}", f"'./{own}'" if own else shlex.quote(sys.executable))
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
    python = python or sys.executable.replace("%", "%%")
    try:
        return _with_line_breaks(_RUN.format(python=python)).encode(_CODE_PAGE)
    except UnicodeEncodeError:
        return _with_line_breaks(_RUN.format(python="py.exe")).encode(_CODE_PAGE)


def _with_line_breaks(text: str) -> str:
    return text.replace("\n", "\r\n")
