"""Each project once: seconds for 100 000 projects, and that twice as many take twice as long.

    python tests/benchmarks/bench_identity.py

Half of the entries are list rows of the other half's forms, one form in ten was handed in again, a unit is written in
four ways. Nothing is asserted; the figures are for reading.
"""

from __future__ import annotations

import random
import time
from decimal import Decimal

from perfbatch.identity import projects, units
from perfbatch.identity.entries import FORM, PROJECT_LIST, Entries

PER_UNIT = 80
WAYS = ("{code}-{name}", "[{code}]{name}", "{name}", "{name}（本级）")


def drawn(count: int) -> Entries:
    """Some `count` entries."""
    lots, found = random.Random(0), Entries()

    def add(at: int, kind: int, file: str, way: str) -> None:
        unit = at // PER_UNIT
        values = {
            "project_id": f"{file}#{at}", "file": file, "sheet": "表", "cell": f"C{at % 999 + 4}", "layout": "F1",
            "code": f"1301{unit:05d}P{at:06d}" if at % 3 else "", "name": f"第{at}号道路养护项目",
            "unit": way.format(code=f"6{unit:05d}", name=f"第{unit}中心小学"), "department": "林泉县教育局",
            "year": 2023, "initial": Decimal(at % 977), "adjusted": Decimal(at % 977), "executed": Decimal(at % 971),
            "total": Decimal(95), "grade": "", "kind": kind,
        }  # fmt: skip
        for name in Entries.__slots__:
            getattr(found, name).append(values.get(name, ""))

    forms = count * 10 // 21
    for at in range(forms):
        add(at, FORM, f"{at // PER_UNIT}/{at}.xlsx", lots.choice(WAYS))
    for at in range(0, forms, 10):
        add(at, FORM, f"{at // PER_UNIT}/{at}(2).xlsx", lots.choice(WAYS))
    for at in range(forms):
        add(at, PROJECT_LIST, f"{at // PER_UNIT}.xlsx", lots.choice(WAYS))
    return found


def seconds(count: int) -> tuple[float, int]:
    """Time for `count` entries, and how many projects they are."""
    entries = drawn(count)
    begin = time.process_time()
    named = units.resolve(entries.file, entries.unit, entries.department, {})
    found = projects.identify(entries, named)
    spent = time.process_time() - begin
    return spent, sum(found.counts(at) for at in range(len(entries)))


def main() -> None:
    """Print the seconds of 50, 100 and 200 thousand entries."""
    for count in (50_000, 100_000, 200_000):
        spent, counted = seconds(count)
        print(f"{count:>7} entries, {counted:>6} projects: {spent:.2f} s of CPU, {spent / count * 1e6:.1f} µs an entry")


if __name__ == "__main__":
    main()
