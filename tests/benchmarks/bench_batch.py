"""Many units on one machine: ``python tests/benchmarks/bench_batch.py [UNITS ...] [--keep DIR]``.

For every number of units (default 100) the load of `make_load` (83 projects each) is run with all outputs in a
fresh process with as many workers as cores, then run again with nothing changed. Printed: wall and CPU
seconds, projects a second by both, peak memory of the parent, the share of the second run, and what a million
projects would take. Nothing is asserted: a busy machine is no defect, so compare CPU figures and ratios.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import make_load

PER_UNIT = 83
MILLION = 1_000_000


@dataclass(frozen=True)
class Run:
    """Cost of one command: wall and CPU seconds of the whole tree; of its first process peak megabytes and CPU."""

    wall: float
    cpu: float
    parent_mb: float | None
    parent_cpu: float | None


def run(source: Path, output: Path) -> Run:
    """One `perfbatch run` in a fresh process."""
    command = [sys.executable, "-m", "perfbatch", "run", str(source), "--output", str(output)]
    before, start = _children_cpu(), time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        watch = _Peak(process.pid)
        code = process.wait()
    if code not in (0, 1):
        raise SystemExit(f"ended with code {code}: {' '.join(command)}")
    return Run(time.perf_counter() - start, _children_cpu() - before, watch.peak, watch.cpu)


def _children_cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


class _Peak(threading.Thread):
    """Largest resident memory and CPU seconds of one process, from ``/proc``; None elsewhere."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.status, self.stat = Path(f"/proc/{pid}/status"), Path(f"/proc/{pid}/stat")
        self.peak: float | None = None
        self.cpu: float | None = None
        self.start()

    def run(self) -> None:
        while True:
            try:
                text = self.status.read_text(encoding="ascii", errors="replace")
                self.peak = int(text.split("VmHWM:")[1].split()[0]) / 1024
                fields = self.stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
                self.cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            except (OSError, IndexError):
                return
            time.sleep(0.1)


def report(units: int, first: Run, second: Run) -> str:
    """One paragraph of figures."""
    projects = units * PER_UNIT
    cores = os.cpu_count() or 1
    million = first.cpu / projects * MILLION
    return "\n".join(
        [
            f"{units} workbooks, {projects} projects, {cores} cores",
            f"  first run   {first.wall:8.1f} s wall  {first.cpu:8.1f} s CPU  {projects / first.wall:6.0f} projects/s"
            f"  {projects / first.cpu * cores:6.0f} projects/s if the cores were ours  parent {_mb(first.parent_mb)}",
            f"  second run  {second.wall:8.2f} s wall  {second.cpu:8.2f} s CPU  {second.cpu / first.cpu:6.1%} of"
            f" the first (wall {second.wall / first.wall:.1%})",
            f"  a million projects: {million / 3600:.1f} core hours at {first.cpu / projects * 1000:.2f} ms a project",
            *_driver(first, projects),
        ]
    )


def _driver(first: Run, projects: int) -> list[str]:
    """What the driver does alone, and how many workers it keeps busy at that rate."""
    if not first.parent_cpu:
        return []
    each = first.parent_cpu / projects * 1000
    others = (first.cpu - first.parent_cpu) / first.parent_cpu
    return [f"  driver {first.parent_cpu:.1f} s CPU, {each:.2f} ms a project: enough for {others:.0f} workers"]


def _mb(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0f} MB"


def main() -> None:
    """Make the loads, run them, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", type=int, nargs="*", default=[100])
    parser.add_argument("--keep", type=Path, help="folder for loads and outputs (a load that is there is used)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        for units in options.units:
            load = folder / f"load{units}"
            if len(list(load.glob("*.xlsx"))) != units:
                make_load.make(load, units)
            with tempfile.TemporaryDirectory(dir=folder) as output:
                first, second = (run(load, Path(output)) for _ in range(2))
            sys.stdout.write(report(units, first, second) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
