"""Small workbooks that read well, what a run made of them, and functions for workers that misbehave on purpose."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path
from typing import Any

from perfbatch.model import WorkbookResult
from perfbatch.runs import work
from support import drawing

MARKS = {"坏": "die", "停": "hang", "吃": "eat", "错": "raise"}  # in a file name → what reading it does


def write_forms(folder: Path, *names: str) -> list[Path]:
    """One national form a file; the project is named after the file, so that no two are alike."""
    folder.mkdir(parents=True, exist_ok=True)
    grid = drawing.load("F1")["grid"]
    paths = []
    for name in names:
        sheet = drawing.parse(grid.replace("村道养护（虚构）", f"{name}养护（虚构）"))
        paths.append(drawing.write(folder / f"{name}.xlsx", {f"{name}自评表": sheet}))
    return paths


def outputs(folder: Path) -> dict[str, str]:
    """Relative path → hash of everything the user sees in an output folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".perfbatch" not in path.parts
    }


def read_or_die(one: work.Input, *rest: Any) -> WorkbookResult:
    """`work.read_one`, except that certain names crash, hang, eat memory or raise."""
    for mark, what in MARKS.items():
        if mark in one.name:
            _misbehave(what)
    return work.read_one(one, *rest)


def die_once(one: work.Input, *rest: Any) -> WorkbookResult:
    """`work.read_one`, except that the first attempt at the file named 丁 kills its process after the work."""
    flag = one.path.with_suffix(".died")
    if "丁" in one.name and not flag.exists():
        work.read_one(one, *rest)
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL) if hasattr(signal, "SIGKILL") else os._exit(9)
    return work.read_one(one, *rest)


def _misbehave(what: str) -> None:
    if what == "die":
        os.abort()
    if what == "hang":
        time.sleep(600)
    if what == "eat":
        kept = []
        while True:
            kept.append(bytearray(64 << 20))
    raise RuntimeError("planted")
