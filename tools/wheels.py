"""``python -m tools.wheels --platform win_amd64 --to 安装包``: the wheels for a computer without a network.

pip resolves for another platform's tags but with the markers of the machine it runs on: a set of wheels for Windows
made on Linux lacks tzdata and colorama. So the requirements are walked here, level by level, with the markers of the
platform asked for; pip only downloads, in the versions of constraints.txt.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from email.parser import BytesParser
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).parents[1]
_NOT_TO_RUN = {"dev", "proofs", "bundle"}  # extras for who works on the program
PYTHON = "3.11"


class Platform(NamedTuple):
    """A kind of computer: the tags of wheels that run on it, and what its Python says of itself in markers."""

    tags: tuple[str, ...]
    markers: dict[str, str]


def _linux(machine: str) -> Platform:
    newest, oldest = 34, 17  # glibc 2.x
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, oldest - 1, -1)]
    says = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": machine}
    return Platform((*tags, f"manylinux2014_{machine}"), says)


PLATFORMS = {
    "win_amd64": Platform(
        ("win_amd64",),
        {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    ),
    "linux_x86_64": _linux("x86_64"),
    "linux_aarch64": _linux("aarch64"),
}


def extras_to_run() -> list[str]:
    """The extras of the program that somebody may want who runs it."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    return sorted(set(declared) - _NOT_TO_RUN)


def collect(
    platform: str,
    folder: Path,
    *,
    python: str = PYTHON,
    extras: Sequence[str] | None = None,
    more: Sequence[str] = (),
    project: Path | None = None,
) -> list[Path]:
    """Put the wheel of the program and all it needs on `platform` into `folder`; the wheels there.

    `more` are further arguments for pip (``--no-index --find-links DIR``), `project` a wheel to begin with instead of
    the program's own. Raises CalledProcessError where pip finds no wheel, which it has said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if project is not None:
        project = Path(shutil.copy(project, folder))
    else:
        _pip("wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT))
        project = next(folder.glob("perfbatch-*.whl"))
    known: dict[str, set[str]] = {}  # project → extras that were followed
    follow_first = set(extras_to_run() if extras is None else extras)
    asked: dict[str, tuple[set[str], Path]] = {str(parse_wheel_filename(project.name)[0]): (follow_first, project)}
    while asked:
        wanted: dict[str, tuple[set[str], Requirement]] = {}
        for name, (follow, wheel) in asked.items():
            known[name] = known.get(name, set()) | follow
            for requirement in requirements(wheel, platform, python, known[name]):
                key = canonicalize_name(requirement.name)
                if key not in known or not requirement.extras <= known[key]:
                    wanted.setdefault(key, (set(), requirement))[0].update(requirement.extras)
        fresh = [requirement for key, (_, requirement) in wanted.items() if key not in known]
        if fresh:
            _download(fresh, platform, python, folder, more)
        asked = {str(key): (follow, _wheel(folder, key)) for key, (follow, _) in wanted.items()}
    return sorted(folder.glob("*.whl"))


def requirements(wheel: Path, platform: str, python: str, extras: set[str]) -> Iterator[Requirement]:
    """What a wheel needs on a platform, with these extras."""
    with zipfile.ZipFile(wheel) as package:
        inner = next(name for name in package.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = BytesParser().parsebytes(package.read(inner))
    for text in metadata.get_all("Requires-Dist") or ():
        requirement = Requirement(text)
        if applies(requirement.marker, platform, python, extras):
            requirement.marker = None
            yield requirement


def applies(marker: Marker | None, platform: str, python: str, extras: set[str]) -> bool:
    """Whether a marker holds on a platform, with one of the extras or none."""
    says = PLATFORMS[platform].markers | {
        "python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython",
        "platform_python_implementation": "CPython", "implementation_version": f"{python}.0",
    }  # fmt: skip
    return marker is None or any(marker.evaluate(says | {"extra": extra}) for extra in ("", *extras))


def missing(wheels: Sequence[Path], platform: str, python: str = PYTHON) -> list[str]:
    """Requirements that no wheel of a set meets: empty where it can be installed without a network."""
    versions = {canonicalize_name(parse_wheel_filename(w.name)[0]): parse_wheel_filename(w.name)[1] for w in wheels}
    lost = []
    for wheel in wheels:
        follow = set(extras_to_run()) if wheel.name.startswith("perfbatch-") else set[str]()
        for requirement in requirements(wheel, platform, python, follow):
            version = versions.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                lost.append(f"{wheel.name}: {requirement}")
    return lost


def _download(wanted: Sequence[Requirement], platform: str, python: str, folder: Path, more: Sequence[str]) -> None:
    tags = [word for tag in PLATFORMS[platform].tags for word in ("--platform", tag)]
    _pip(
        "download", "-q", "--no-deps", "--only-binary", ":all:", *tags, "--python-version", python,
        "--implementation", "cp", "-c", str(ROOT / "constraints.txt"), "-d", str(folder), *more, *map(str, wanted),
    )  # fmt: skip


def _wheel(folder: Path, name: str) -> Path:
    return next(w for w in folder.glob("*.whl") if canonicalize_name(parse_wheel_filename(w.name)[0]) == name)


def _pip(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", *words], check=True)  # noqa: S603


def main() -> None:
    """Collect the wheels and say how to install them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--platform", choices=sorted(PLATFORMS), required=True)
    parser.add_argument("--python", default=PYTHON, help="Python version on that computer (default 3.11)")
    parser.add_argument("--to", type=Path, default=Path("安装包"), metavar="DIR")
    asked = parser.parse_args()
    wheels = collect(asked.platform, asked.to, python=asked.python)
    lost = missing(wheels, asked.platform, asked.python)
    if lost:
        raise SystemExit("这组安装包不完整：" + "；".join(lost))
    size = sum(wheel.stat().st_size for wheel in wheels) >> 20
    extras = ",".join(extras_to_run())
    sys.stdout.write(
        f"“{asked.to}”中有 {len(wheels)} 个安装包，共 {size} MB。拷到不能上网的电脑（Python {asked.python}），运行：\n"
        f'  python -m pip install --no-index --find-links {asked.to} "perfbatch[{extras}]"\n'
    )


if __name__ == "__main__":
    main()
