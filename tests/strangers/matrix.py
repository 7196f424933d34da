"""Prints what is read rightly, shape × container; with a shape's name also every difference.

python tests/strangers/matrix.py                  every shape × statement × container, one seed
python tests/strangers/matrix.py --few            the cases of the tests only
python tests/strangers/matrix.py F1/usual         one shape (or all whose name starts so), with the differences
python tests/strangers/matrix.py F1/usual --show  the drawings as text, nothing is run
--seeds N   more projects    --save DIR   keep the drawn workbooks
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from strangers.cases import Case, all_cases, few
from strangers.containers import CONTAINERS, write


def main() -> int:
    """The table; exit code 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--without-kinds", action="store_true", help="leave kinds and questions of run.json out")
    parser.add_argument("--container", help="one container only")
    asked = parser.parse_args()

    cases = list(few() if asked.few else all_cases(asked.seeds))
    if asked.names:
        cases = [case for case in cases if case.shape.name.startswith(tuple(asked.names))]
    if asked.show:
        return _show(cases)
    if asked.container:
        cases = [case for case in cases if case.container == asked.container]
    table: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        for case in cases:
            if asked.save:
                asked.save.mkdir(parents=True, exist_ok=True)
                write(case.drawing().book, case.container, asked.save / str(case).replace("/", "_"))
            folder = Path(scratch)
            for old in folder.glob("导出表*"):
                old.unlink()
            why = case.differences(folder)
            if asked.without_kinds:
                why = [line for line in why if not line.startswith(("sheet “", "the unit of money is not asked"))]
            table[case.shape.name][case.container].append(not why)
            if asked.names:
                print("ok " if not why else "NOT", case)
                for line in why:
                    print("     ", line)
    _print(table)
    print(f"{time.perf_counter() - began:.0f} s")
    return int(any(not ok for row in table.values() for cell in row.values() for ok in cell))


def _show(cases: list[Case]) -> int:
    shown = set()
    for case in cases:
        if (key := (case.shape.name, case.money.place)) not in shown:
            shown.add(key)
            print(f"\n== {case}: {case.shape.says}")
            print("\n\n".join(sheet.shown() for sheet in case.drawing().book))
    return 0


def _print(table: dict[str, dict[str, list[bool]]]) -> None:
    print(f"{'':28}" + "".join(f"{name:>9}" for name in CONTAINERS))
    for shape, row in table.items():
        cells = (f"{sum(row[c])}/{len(row[c])}" if c in row else "" for c in CONTAINERS)
        print(f"{shape:28}" + "".join(f"{cell:>9}" for cell in cells))
    every = [ok for row in table.values() for cell in row.values() for ok in cell]
    print(f"{sum(every)} of {len(every)} workbooks wholly right")


if __name__ == "__main__":
    sys.exit(main())
