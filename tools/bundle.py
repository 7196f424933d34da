"""``python tools/bundle.py``: a folder 绩效自评/ that runs without Python and without a network, and its zip.

On the system it runs on, PyInstaller (extra ``bundle``) puts the program with all extras into 绩效自评/程序; the
program then makes its own work folder around it. It cannot be built for another system: ``--windows EMBED.zip``
assembles a folder for Windows from the embeddable package of python.org, which the user gives, and wheels for Windows
(`tools.wheels`). That one has never been run on Windows, and the folder says so.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tools import wheels  # noqa: E402 - run as a script, too

NAME, INNER, LIBRARY = "绩效自评", "程序", "库"
MOST_UNPACKED, MOST_ZIPPED = 320, 120  # MB
NOTES = "请先读我.txt"
# never imported by a run: other services and formats of Arrow, headers, tests of libraries, build leftovers
_UNUSED = (
    "*/pyarrow/include/*", "*/pyarrow/src/*", "*/pyarrow/tests/*", "*/pyarrow/*.px[id]", "*/pyarrow/*.pyx",
    "*/pyarrow/*.h",
    "*/pyarrow/*flight*", "*/pyarrow/*gandiva*", "*/pyarrow/*_s3*", "*/pyarrow/_orc*",
    "*/pyarrow/*_gcsfs*", "*/pyarrow/*_azurefs*", "*/pyarrow/*_hdfs*", "*/pyarrow/*cuda*", "*/pyarrow/*.lib",
    "*/pandas/tests/*", "*/numpy/*/tests/*", "*/numpy/tests/*", "*/numpy/f2py/*", "*/numpy/_core/include/*",
    "*/numpy/*.lib", "*/numpy/*.a", "*/dask/tests/*", "*/dask/*/tests/*", "*/distributed/tests/*",
    "*/distributed/*/tests/*", "*/tornado/test/*", "*/psutil/tests/*", "*/lxml/includes/*", "*/setuptools*",
    "*/openpyxl/*/tests/*", "*/__pycache__/*",
)  # fmt: skip
_NOT_IMPORTED = (
    "pytest", "tkinter", "IPython", "matplotlib", "PIL", "pyarrow.flight", "pyarrow.substrait", "pyarrow.tests",
    "pandas.tests", "numpy.f2py", "numpy.tests", "setuptools", "pip", "bokeh",
)  # fmt: skip
_ENTRY = """\
import multiprocessing
multiprocessing.freeze_support()
from perfbatch.frozen import main
if __name__ == "__main__":
    raise SystemExit(main())
"""


def build(target: Path) -> Path:
    """The folder for the system this runs on, made in `target` by PyInstaller; Raises CalledProcessError."""
    home = target / NAME
    shutil.rmtree(home, ignore_errors=True)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        entry = Path(scratch, "entry.py")
        entry.write_text(_ENTRY, encoding="utf-8")
        unused = [word for name in _NOT_IMPORTED for word in ("--exclude-module", name)]
        extras = [word for name in ("docx", "msoffcrypto", "distributed", "dask") for word in ("--collect-all", name)]
        subprocess.run(  # noqa: S603
            [
                sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", "--name", "perfbatch",
                "--contents-directory", LIBRARY, "--collect-all", "perfbatch", *extras, *unused,
                "--distpath", scratch, "--workpath", f"{scratch}/work", "--specpath", scratch, str(entry),
            ],
            check=True,
            cwd=scratch,
        )  # fmt: skip
        shutil.copytree(Path(scratch, "perfbatch"), home / INNER, symlinks=True)
    prune(home / INNER)
    program = home / INNER / ("perfbatch.exe" if os.name == "nt" else "perfbatch")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    subprocess.run([str(program), "init", str(home)], check=True, stdout=subprocess.DEVNULL, env=environment)  # noqa: S603
    (home / NOTES).write_text(_notes(_system(home)), encoding="utf-8-sig")
    return home


def assemble(embedded: Path, target: Path, *, more: Iterable[str] = (), project: Path | None = None) -> Path:
    """A folder for Windows of the embeddable package and wheels, made in `target`; SystemExit for another zip."""
    home = target / f"{NAME}_Windows" / NAME
    shutil.rmtree(home.parent, ignore_errors=True)
    inner = home / INNER
    with zipfile.ZipFile(embedded) as package:
        names = package.namelist()
        paths = [name for name in names if re.fullmatch(r"python3\d+\._pth", name)]
        if "python.exe" not in names or not paths:
            raise SystemExit(f"“{embedded}”不是 Python 的 embeddable package（缺少 python.exe 或 python3xx._pth）。")
        package.extractall(inner)
    python = re.sub(r"python3(\d+)\._pth", r"3.\1", paths[0])
    (inner / paths[0]).write_text(f"{paths[0][:-5]}.zip\n.\nLib\\site-packages\n", encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        found = wheels.collect("win_amd64", Path(scratch), python=python, more=list(more), project=project)
        lost = wheels.missing(found, "win_amd64", python)
        if lost:
            raise SystemExit("缺少安装包：" + "；".join(lost))
        for wheel in found:
            install(wheel, inner / "Lib" / "site-packages")
    prune(inner)
    from perfbatch.commands import workfolder  # noqa: PLC0415 - only this needs the program here

    workfolder.create(home, python=rf"%~dp0{INNER}\python.exe")
    told = "64 位 Windows（Windows 8.1 以上；此文件夹由别的系统拼装，没有在 Windows 上试运行过）"
    (home / NOTES).write_text(_notes(told), encoding="utf-8-sig")
    return home


def install(wheel: Path, packages: Path) -> None:
    """Unpack a wheel as pip would put it there, without the scripts."""
    with zipfile.ZipFile(wheel) as package:
        for info in package.infolist():
            parts = Path(info.filename).parts
            if parts[0].endswith(".data"):
                if parts[1] not in ("purelib", "platlib"):
                    continue
                parts = parts[2:]
            if not info.is_dir() and ".." not in parts:
                path = packages.joinpath(*parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(package.read(info))


def prune(folder: Path) -> None:
    """Delete what no run needs, and copies of a library under the names it is linked by."""
    for path in sorted(folder.rglob("*"), reverse=True):
        name = path.as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.is_symlink() or any(fnmatch.fnmatch(name, pattern) for pattern in _UNUSED):
            path.unlink()  # links: memory sticks have none; each library finds its own beside it
    for path in folder.rglob("*.so"):
        for longer in path.parent.glob(f"{path.name}.*.*.*"):  # libarrow_python.so, .2600 and .2600.1.0 are one
            soname = path.with_name(longer.name.rsplit(".", 2)[0])
            if soname.exists() and soname.read_bytes() == longer.read_bytes():
                longer.unlink()
                if path.is_file() and path.read_bytes() == soname.read_bytes():
                    path.unlink()


def packed(home: Path) -> Path:
    """The folder as a zip beside it, with the permission to run."""
    system = "Windows" if (home / INNER / "python.exe").exists() or os.name == "nt" else platform.system()
    target = home.parent / f"{NAME}_{system}_{platform.machine() if system != 'Windows' else 'x64'}.zip"
    target.unlink(missing_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
        for path in sorted(home.rglob("*")):
            name = f"{NAME}/{path.relative_to(home).as_posix()}"
            out.write(path, name + "/" if path.is_dir() else name)
    return target


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def glibc_of(folder: Path) -> tuple[int, int]:
    """The newest version of glibc that a library of the folder asks for: the oldest it runs on."""
    found = [(2, 0)]
    for path in _libraries(folder):
        found += [(int(a), int(b)) for a, b in re.findall(rb"GLIBC_(\d)\.(\d+)", path.read_bytes())]
    return max(found)


def _libraries(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                if stream.read(4) == b"\x7fELF":
                    yield path


def _system(home: Path) -> str:
    if sys.platform == "linux":
        major, minor = glibc_of(home)
        return f"Linux {platform.machine()}，glibc {major}.{minor} 以上（运行 ldd --version 查看；统信 UOS、麒麟等）"
    return f"{platform.system()} {platform.machine()}"


def _notes(system: str) -> str:
    script = "运行.bat" if "Windows" in system else "运行.sh"
    return (
        f"预算项目绩效自评批量核查\n\n适用：{system}。\n"
        "不需要安装 Python，不需要网络；整个文件夹可以改名、移动、放在 U 盘上，但不要在运行时移动。\n\n"
        f"1. 把自评表（Excel 或 Word）放进 input 文件夹（先试用可把“示例”中的表复制进去）；\n"
        f"2. 双击“{script}”，也可以把文件拖到它上面；\n3. 结果在 output 文件夹：带“_批注”的是标出问题的原表。\n\n"
        f"其他命令在本文件夹打开终端运行，例如：{INNER}/perfbatch --help\n"
    )


def main() -> None:
    """Build, measure, zip; exit code 1 where it has grown too large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=ROOT / "dist", metavar="DIR", help="where the folder is made")
    parser.add_argument("--windows", type=Path, metavar="EMBED.zip", help="Python's embeddable package (amd64)")
    asked = parser.parse_args()
    began = time.perf_counter()
    home = assemble(asked.windows, asked.to) if asked.windows else build(asked.to)
    archive = packed(home)
    unpacked, zipped = size_of(home) / 1e6, archive.stat().st_size / 1e6
    sys.stdout.write(
        f"{home}\n{archive}\n{unpacked:.0f} MB, zipped {zipped:.0f} MB, made in {time.perf_counter() - began:.0f} s\n"
    )
    if unpacked > MOST_UNPACKED or zipped > MOST_ZIPPED:
        raise SystemExit(f"larger than {MOST_UNPACKED} MB, or {MOST_ZIPPED} MB zipped")


if __name__ == "__main__":
    main()
