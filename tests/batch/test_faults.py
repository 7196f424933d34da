"""Killed or out of disk at any write step: the same command afterwards ends as if nothing had happened."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.faults import Server
from support.forms import outputs, write_forms

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
POINTS = 24  # of the write steps of a run, spread evenly; each costs two runs


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if ".perfbatch-tmp" in path.name or path.name.endswith(".tmp")]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    warm = Server()
    yield warm
    warm.close()


@pytest.fixture(scope="module")
def whole(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], int]:
    """Inputs, the outputs of an undisturbed run and how many write steps it has."""
    folder = tmp_path_factory.mktemp("whole")
    write_forms(folder / "in", "甲单位", "乙单位")
    code, steps, text = server.run("none", 0, folder / "in", folder / "out")
    assert code in (0, 1), text
    assert steps > 60
    return folder / "in", outputs(folder / "out"), steps


@pytest.mark.parametrize("point", range(POINTS))
def test_killed_at_a_write_step(
    server: Server, whole: tuple[Path, dict[str, str], int], tmp_path: Path, point: int
) -> None:
    source, expected, steps = whole
    step = 1 + point * (steps - 1) // (POINTS - 1)
    code, met, _ = server.run("kill", step, source, tmp_path / "out")
    assert (code, met) == (-9, step)
    for name, sha256 in outputs(tmp_path / "out").items():
        if ".perfbatch-tmp" not in name:
            assert expected.get(name) == sha256, f"{name} is neither absent nor whole"
    code, _, text = server.run("none", 0, source, tmp_path / "out")
    assert code in (0, 1), text
    assert outputs(tmp_path / "out") == expected
    assert leftovers(tmp_path / "out") == []


@pytest.mark.parametrize("point", range(8))
def test_disk_full_from_a_write_step_on(
    server: Server, whole: tuple[Path, dict[str, str], int], tmp_path: Path, point: int
) -> None:
    source, expected, steps = whole
    code, _, text = server.run("full", 1 + point * (steps - 24) // 7, source, tmp_path / "out")
    assert code == 3
    assert "磁盘空间不足" in text
    assert "Traceback" not in text
    assert leftovers(tmp_path / "out") == []
    code, _, _ = server.run("none", 0, source, tmp_path / "out")
    assert outputs(tmp_path / "out") == expected


@pytest.mark.parametrize("part", ["projects.arrows", "indicators.arrows", "findings.arrows", "result.json"])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_bundle_is_made_again(
    server: Server, whole: tuple[Path, dict[str, str], int], tmp_path: Path, part: str, damage: str
) -> None:
    source, expected, _ = whole
    shutil.copytree(source.parent / "out", tmp_path / "out")
    victim = sorted((tmp_path / "out" / ".perfbatch" / "results").glob(f"*/*/{part}"))[0]
    data = victim.read_bytes()
    if damage == "gone":
        victim.unlink()
    else:
        middle = len(data) // 2
        victim.write_bytes(data[:middle] if damage == "cut" else data[:middle] + b"!" + data[middle + 1 :])
    (tmp_path / "out" / "绩效自评汇总表.xlsx").unlink()  # so that there is something to do
    code, _, _ = server.run("none", 0, source, tmp_path / "out")
    assert code in (0, 1)
    assert outputs(tmp_path / "out") == expected
    assert victim.read_bytes() == data
