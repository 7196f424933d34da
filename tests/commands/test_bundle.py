"""Wheels for another system are found by its own markers; a folder for Windows is put together of them anywhere."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tools import bundle, wheels

OFFLINE = ("--no-index", "--find-links")


def wheel(folder: Path, name: str, *needs: str, tag: str = "py3-none-any", extras: str = "", **files: str) -> Path:
    """A wheel of nothing but what it needs and some files."""
    path, info = folder / f"{name}-1.0-{tag}.whl", f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    metadata += "".join(f"Provides-Extra: {extra}\n" for extra in extras.split())
    metadata += "".join(f"Requires-Dist: {need}\n" for need in needs)
    content = {
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    with zipfile.ZipFile(path, "w") as out:
        for inner, text in (content | files | {f"{info}/RECORD": ""}).items():
            out.writestr(inner, text)
    return path


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """What a package index has: one project with a wheel for each system, another that only Windows needs."""
    folder = tmp_path / "index"
    folder.mkdir()
    wheel(
        folder, "numbers1", "zones1; sys_platform == 'win32'", "posix1; os_name == 'posix'", tag="cp311-cp311-win_amd64"
    )
    wheel(folder, "numbers1", "zones1; sys_platform == 'win32'", "posix1; os_name == 'posix'",
          tag="cp311-cp311-manylinux_2_17_x86_64")  # fmt: skip
    wheel(folder, "zones1")
    wheel(folder, "posix1")
    wheel(folder, "locks1", "fast1; extra == 'fast'", extras="fast")
    wheel(
        folder,
        "fast1",
        **{"pyarrow/lib.cp311-win_amd64.pyd": "", "pyarrow/lib.pxd": "", "pyarrow/arrow_flight.dll": ""},
    )
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    needs = ("numbers1>=1", "old1; python_version < '3'", "locks1[fast]; extra == 'legacy'")
    return wheel(
        tmp_path,
        "perfbatch",
        *needs,
        extras="legacy",
        **{"perfbatch/__init__.py": "", "perfbatch-1.0.data/scripts/x": ""},
    )


@pytest.mark.parametrize(("platform", "own"), [("win_amd64", "zones1"), ("linux_x86_64", "posix1")])
def test_markers_of_the_platform_decide(platform: str, own: str, index: Path, project: Path, tmp_path: Path) -> None:
    found = wheels.collect(platform, tmp_path / "to", project=project, more=[*OFFLINE, str(index)])
    names = {path.name.split("-")[0] for path in found}
    assert names == {"perfbatch", "numbers1", own, "locks1", "fast1"}
    assert any(("win" if "win" in platform else "linux") in path.name for path in found)
    assert wheels.missing(found, platform) == []
    other = "linux_x86_64" if own == "zones1" else "win_amd64"
    assert [line.partition(": ")[2] for line in wheels.missing(found, other)] == [
        "posix1" if own == "zones1" else "zones1"
    ]


def test_every_extra_somebody_may_run() -> None:
    assert {"legacy", "cluster"} <= set(wheels.extras_to_run()) and "dev" not in wheels.extras_to_run()


def embeddable(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        for name in names:
            out.writestr(name, "python311.zip\n.\n#import site\n" if name.endswith("_pth") else "x")
    return path


def test_a_folder_for_windows(index: Path, project: Path, tmp_path: Path) -> None:
    embedded = embeddable(tmp_path / "embed.zip", "python.exe", "python311._pth", "python311.zip")
    home = bundle.assemble(embedded, tmp_path / "made", project=project, more=[*OFFLINE, str(index)])
    packages = home / "程序" / "Lib" / "site-packages"
    assert (home / "程序" / "python311._pth").read_text().split() == ["python311.zip", ".", "Lib\\site-packages"]
    assert (packages / "perfbatch" / "__init__.py").exists() and not (packages / "perfbatch-1.0.data").exists()
    assert {path.name.split("-")[0] for path in packages.glob("*.dist-info")} >= {"numbers1", "zones1", "fast1"}
    assert [path.name for path in (packages / "pyarrow").iterdir()] == ["lib.cp311-win_amd64.pyd"]
    script = (home / "运行.bat").read_bytes().decode("cp936")
    assert r"%~dp0程序\python.exe" in script and not (home / "运行.sh").exists()
    assert [len(list((home / name).glob("*.xlsx"))) for name in ("空白模板", "示例")] == [3, 1]
    assert "没有在 Windows 上试运行过" in (home / "请先读我.txt").read_text("utf-8-sig")
    with zipfile.ZipFile(bundle.packed(home)) as archive:
        assert {"绩效自评/input/", "绩效自评/程序/python.exe", "绩效自评/运行.bat"} <= set(archive.namelist())


def test_another_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="不是 Python 的 embeddable package"):
        bundle.assemble(embeddable(tmp_path / "a.zip", "python.exe"), tmp_path / "made")
