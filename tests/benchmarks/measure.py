"""Run a command in a fresh process and say what it cost: wall time and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MB = 1024 * 1024


@dataclass(frozen=True)
class Cost:
    """Wall seconds, exit code, and megabytes: of the largest single process, and of the whole process tree.

    Memory is None where the system does not tell (no `os.wait4`, as on Windows; no ``/proc`` for the tree).
    The tree figure adds resident sets sampled every 10 ms, so shared pages count once a process: an upper
    bound, unless a peak is shorter than the sampling.
    """

    seconds: float
    code: int
    largest_mb: float | None
    tree_mb: float | None


def run(command: Sequence[str]) -> Cost:
    """Run `command` with its output thrown away; UTF-8 mode, so that Chinese paths print on any console."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    start = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        tree = _TreeWatch(process.pid)
        largest = None
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            largest = usage.ru_maxrss / (MB if sys.platform == "darwin" else 1024)
        code = process.wait()
        seconds = time.perf_counter() - start
        return Cost(seconds, code, largest, tree.stop())


class _TreeWatch(threading.Thread):
    """Largest sum of resident memory over a process and its descendants, from ``/proc``."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0.0, threading.Event()
        self.known = Path("/proc/self/statm").exists()
        if self.known:
            self.start()

    def run(self) -> None:
        while not self.over.wait(0.01):
            self.peak = max(self.peak, sum(_resident(pid) for pid in _descendants(self.pid)))

    def stop(self) -> float | None:
        """End the watch; megabytes, or None where the system does not tell."""
        self.over.set()
        return self.peak if self.known else None


def _descendants(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
        except (OSError, ValueError):
            continue
    return found


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / MB
