"""Branch coverage of the rooms by their own tests; exit code 1 under 95 % in any.

    python tests/proofs/branch_coverage.py [-n 2]          # further arguments go to pytest

Only the tests of a room count for it, so that a line reached by chance from a whole run is no proof.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("notation", "scoring", "checks", "forms")
LEAST = 95.0  # per cent


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        measured = Path(folder) / "coverage.json"
        status = pytest.main(
            [
                *(f"--cov=perfbatch.{room}" for room in ROOMS),
                "--cov-branch", f"--cov-report=json:{measured}",
                *(str(ROOT / "tests" / room) for room in ROOMS),
                *sys.argv[1:],
            ]
        )  # fmt: skip
        if status:
            return int(status)
        files = json.loads(measured.read_text(encoding="utf-8"))["files"]
    return int(min(_table(files)) < LEAST)


def _table(files: dict[str, dict[str, dict[str, int]]]) -> list[float]:
    """Print one line a room; the shares of branches taken."""
    sums = {room: Counter[str]() for room in ROOMS}
    for path, file in files.items():
        sums[Path(path).parent.name].update(file["summary"])
    print("\nroom │ branches │ taken │ % │ lines %")
    shares = []
    for room, total in sums.items():
        branches, taken = total["num_branches"], total["covered_branches"]
        shares.append(100 * taken / branches)
        lines = 100 * total["covered_lines"] / total["num_statements"]
        print(f"{room} │ {branches} │ {taken} │ {shares[-1]:.1f} │ {lines:.1f}")
    return shares


if __name__ == "__main__":
    sys.exit(main())
