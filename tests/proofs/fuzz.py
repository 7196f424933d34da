"""Ten minutes of mutated files of every container: read, checked and annotated, or refused with a sentence.

``python tests/proofs/fuzz.py --minutes 10`` goes on from the number in ``fuzz.toml`` and prints where to go on next
time; every case is made from its number alone (`tests/intake/fuzz.py`). What fails is printed and belongs into
``fuzz.toml``, which ``--kept`` runs again. Run by hand, not in CI.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "intake"), str(HERE.parent), str(HERE.parent.parent)]

import fuzz as cases  # noqa: E402  (tests/intake/fuzz.py; this file is __main__)

from perfbatch import pipeline  # noqa: E402
from perfbatch.config import Settings  # noqa: E402
from perfbatch.errors import UnpublishedOutput  # noqa: E402
from perfbatch.outputs.annotate import annotate  # noqa: E402

KEPT = HERE / "fuzz.toml"


def verdict(path: Path) -> str:
    """Empty when a file was read, checked and annotated, or refused; else what came out."""
    if wrong := cases.verdict(path):
        return wrong
    try:
        result = pipeline.process_workbook(path, "变异.xlsx", Settings())
        if result.status == "failed" or any(outcome.state == "errored" for outcome in result.checks):
            return f"{result.reason} {[o.reason for o in result.checks if o.state == 'errored']}"[:600]
        if result.status in ("ok", "partial"):
            annotate(path, path.with_name("变异_批注.xlsx"), result.findings, remarks=result.remarks)
    except UnpublishedOutput:
        return ""  # said, and nothing written
    except BaseException as error:
        return repr(error)[:300]
    return ""


def main() -> int:
    """Run for so many minutes, tell what failed and where to go on."""
    kept = tomllib.loads(KEPT.read_text(encoding="utf-8"))
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--first", type=int, default=kept["next"])
    arguments.add_argument("--kept", action="store_true", help="only the numbers that once failed")
    given = arguments.parse_args()
    cases.limit_memory()
    end, number, failed = time.monotonic() + given.minutes * 60, given.first, 0
    ran: Counter[str] = Counter()
    numbers = iter(kept["failed"]) if given.kept else iter(range(given.first, sys.maxsize))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "变异.xlsx")
        for number in numbers:
            if time.monotonic() > end:
                break
            name, data = cases.case(number)
            path.write_bytes(data)
            ran[name] += 1
            if wrong := verdict(path):
                failed += 1
                print(f"{number} {name}: {wrong}", flush=True)
    print(f"{sum(ran.values())} cases of {len(ran)} containers, {failed} failed; next = {number}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
