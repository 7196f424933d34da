"""Precision and recall on the published tables, against the reviewer's list in tests/data/tables/reviewed.toml.

python tests/benchmarks/bench_recall.py
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import render_tables, reviewed  # noqa: E402


def main() -> None:
    """Print what was missed and marked wrongly, how often each warning fired, then recall and precision."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [reviewed.compare(name, Path(folder)) for name in render_tables.names()]
    for row in rows:
        for entry in row.missed:
            print(f"missed  {row.name[:3]}  {entry}")
        for finding in row.false_errors:
            print(f"false   {row.name[:3]}  {finding.code} {finding.cell} {finding.message}")
    wanted = sum(len(row.found) + len(row.missed) for row in rows)
    found = sum(len(row.found) for row in rows)
    errors = sum(row.errors for row in rows)
    false = sum(len(row.false_errors) for row in rows)
    missed = sum(len(row.missed_arithmetic) for row in rows)
    warnings = sum((row.warnings for row in rows), Counter())
    for code, count in warnings.most_common():
        print(f"warning {code}  {count} times on {sum(code in row.warnings for row in rows)} of {len(rows)} tables")
    print(f"warnings per table: {warnings.total() / len(rows):.1f}")
    print(f"recall {found}/{wanted} = {found / wanted:.1%}; arithmetic defects missed: {missed}")
    print(f"precision of errors {errors - false}/{errors} = {(errors - false) / max(errors, 1):.1%}")


if __name__ == "__main__":
    main()
