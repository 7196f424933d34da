"""The folder without Python writes what the wheel writes: ``VENV/bin/python -I tests/commands/bundled.py PROGRAM``.

On the shipped sample, in worker processes; the script with an empty folder, with a file dropped on it, and where the
program has been taken away. Prints the times of start beside those of the wheel.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = Path(sys.argv[1]).absolute()
HOME = PROGRAM.parent.parent
WHEEL = [sys.executable, "-I", "-m", "perfbatch"]
BARE = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
COMPARED = ("findings.jsonl", "绩效自评汇总表.xlsx", "抽查工作底稿.xlsx", "绩效自评报告.docx", "退回修改意见.xlsx")


def ran(command: list[str], folder: Path, *, bare: bool = True) -> subprocess.CompletedProcess[str]:
    """One call, without any way to a Python where it is `bare`."""
    environment = {"PATH": os.devnull, "LANG": "C.UTF-8"} if bare else dict(os.environ)
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=folder, env=environment)


def same_outputs(folder: Path) -> int:
    """Run both on the same files; the number of files that were compared byte by byte."""
    inputs = folder / "input"
    inputs.mkdir()
    sample = next((HOME / "示例").glob("*.xlsx"))
    shutil.copy(sample, inputs / "甲 镇.xlsx")
    shutil.copy(next((HOME / "空白模板").glob("*.xlsx")), inputs / "空白.xlsx")
    codes = [
        ran([*program, "run", "--workers", "2", "--output", out], folder, bare=bare).returncode
        for program, out, bare in (([str(PROGRAM)], "one", True), (WHEEL, "two", False))
    ]
    assert codes[0] == codes[1], codes
    one, two = (written(folder / out) for out in ("one", "two"))
    assert one.keys() == two.keys(), one.keys() ^ two.keys()
    differ = [str(name) for name in one if name.name != "run.json" and one[name].read_bytes() != two[name].read_bytes()]
    assert not differ, differ
    assert {str(name) for name in one} >= set(COMPARED[:2])
    totals = [json.loads((folder / out / "run.json").read_text("utf-8"))["totals"] for out in ("one", "two")]
    assert totals[0] == totals[1]
    return len(one)


def written(output: Path) -> dict[Path, Path]:
    """The files of an output folder, but for what it keeps for the next run."""
    files = (path for path in output.rglob("*") if path.is_file() and ".perfbatch" not in path.parts)
    return {path.relative_to(output): path for path in files}


def script(folder: Path) -> None:
    """Double-clicked, with a file dropped on it, and what it says where it cannot work."""
    shutil.copytree(HOME, folder / "绩效 自评", symlinks=True)
    home = folder / "绩效 自评"
    empty = subprocess.run(["sh", str(home / "运行.sh")], capture_output=True, encoding="utf-8", env=BARE)
    assert empty.returncode == 2 and "想先试一试" in empty.stderr, (empty.stdout, empty.stderr)
    dropped = next((home / "示例").glob("*.xlsx"))
    done = subprocess.run(["sh", str(home / "运行.sh"), str(dropped)], capture_output=True, encoding="utf-8", env=BARE)
    assert done.returncode in (0, 1) and "【" in done.stdout and (home / "output" / "run.json").exists(), done
    (home / "程序").rename(home / "程序x")
    gone = subprocess.run(["sh", str(home / "运行.sh")], capture_output=True, encoding="utf-8", env=BARE)
    assert gone.returncode == 2 and "找不到程序" in gone.stdout, gone


def moved(folder: Path) -> None:
    """Moved while it works: one sentence or a whole run, never a traceback; from the new place all is right."""
    shutil.copytree(HOME, folder / "旧处", symlinks=True)
    home, place = folder / "旧处", folder / "资料"
    for at in range(6):
        (place / "input").mkdir(parents=True, exist_ok=True)
        shutil.copy(next((home / "示例").glob("*.xlsx")), place / "input" / f"{at}.xlsx")
    program = home / "程序" / "perfbatch"
    command = [str(program), "run", "--workers", "2"]
    run = subprocess.Popen(command, cwd=place, env=BARE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(1.5)
    home.rename(folder / "新处")
    said = run.communicate()[0].decode("utf-8")
    whole = run.returncode == 0
    assert "Traceback" not in said and (whole or "被移动或删除" in said), said
    again = ran([str(folder / "新处" / "程序" / "perfbatch"), "run", "--workers", "2"], place)
    assert again.returncode in (0, 1) and "没有读到" not in again.stdout, again.stdout
    print(f"moved while it ran: {'the run was through' if whole else 'said so'}")


def start(command: list[str], folder: Path, *, bare: bool) -> float:
    """The shortest of five starts that load everything a run needs."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        done = ran([*command, "inspect", str(next((HOME / "空白模板").glob("*一体化*.xlsx")))], folder, bare=bare)
        times.append(time.perf_counter() - began)
        assert done.returncode == 0, done.stderr
    return min(times)


def main() -> None:
    """All of it; an AssertionError names what differs."""
    with tempfile.TemporaryDirectory() as scratch:
        print(f"{same_outputs(Path(scratch))} outputs equal to those of the wheel")
    with tempfile.TemporaryDirectory() as scratch:
        script(Path(scratch))
        print("the script: ok")
        moved(Path(scratch))
        ours, wheel = start([str(PROGRAM)], Path(scratch), bare=True), start(WHEEL, Path(scratch), bare=False)
        print(f"start: {ours:.2f} s, the wheel {wheel:.2f} s, {ours / wheel:.2f} times")


if __name__ == "__main__":
    main()
