"""The main job against the obvious script on the 83-form workbook.

``python tests/benchmarks/bench_main.py [N]`` from the root of the repository, with perfbatch installed. Both
run alternately in fresh processes, all outputs included; N pairs (default 5) after one warm-up of each. The package is
compiled before, as pip does when it installs it: a checkout in which Python may write no bytecode compiles 250 files in
every run, half a second that no user has.
Prints medians and the ratio. Nothing is asserted: a busy machine is no defect.
"""

from __future__ import annotations

import compileall
import sys
import tempfile
from pathlib import Path
from statistics import median

from measure import Cost, run

import perfbatch
from tools import samples

PEER = Path(__file__).with_name("peer_script.py")
OK_CODES = (0, 1)  # 1: errors found in the forms, all outputs written


def commands(source: Path, folder: Path) -> dict[str, list[str]]:
    """The two commands on the same workbook, each with its own output folder."""
    python = sys.executable
    return {
        "perfbatch": [python, "-m", "perfbatch", "run", str(source), "--output", str(folder / "perfbatch")],
        "peer": [python, str(PEER), str(source), str(folder / "peer")],
    }


def measure(source: Path, rounds: int) -> dict[str, list[Cost]]:
    """Costs by command; every run writes to a new folder, so nothing is remembered between runs."""
    costs: dict[str, list[Cost]] = {}
    for turn in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            for name, command in commands(source, Path(folder)).items():
                cost = run(command)
                if cost.code not in OK_CODES:
                    raise SystemExit(f"{name} ended with code {cost.code}: {' '.join(command)}")
                if turn:
                    costs.setdefault(name, []).append(cost)
    return costs


def report(costs: dict[str, list[Cost]]) -> str:
    """Medians a command, then the ratio of wall times."""
    lines = [f"{'':10} {'median s':>9} {'min s':>7} {'max s':>7} {'largest MB':>11} {'tree MB':>8}"]
    for name, runs in costs.items():
        seconds = [cost.seconds for cost in runs]
        largest = max((cost.largest_mb for cost in runs if cost.largest_mb is not None), default=None)
        tree = max((cost.tree_mb for cost in runs if cost.tree_mb is not None), default=None)
        lines.append(
            f"{name:10} {median(seconds):9.2f} {min(seconds):7.2f} {max(seconds):7.2f}"
            f" {_mb(largest):>11} {_mb(tree):>8}"
        )
    ratio = median(c.seconds for c in costs["perfbatch"]) / median(c.seconds for c in costs["peer"])
    return "\n".join([*lines, f"perfbatch / peer: {ratio:.2f} (at most 0.5 is wanted; memory under 300 MB)"])


def _mb(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0f}"


def main(rounds: int) -> None:
    """Measure on a freshly generated sample and print."""
    compileall.compile_dir(Path(perfbatch.__file__).parent, quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        source = next(path for path in samples.write_samples(Path(folder)) if path.name == samples.NATIONAL)
        sys.stdout.write(report(measure(source, rounds)) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
