"""Reading: milliseconds a form against a bare calamine read, peak memory, and layouts × containers.

    python tests/benchmarks/bench_read.py

The table converts every drawn form with LibreOffice (skipped where it is not installed) and reads it back.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import python_calamine  # noqa: E402
from support import drawing  # noqa: E402
from tabulate import tabulate  # noqa: E402

from perfbatch.errors import RefusedFile  # noqa: E402
from perfbatch.intake import read_book  # noqa: E402
from perfbatch.layouts import frames, recognise  # noqa: E402

SAMPLE = ROOT / "input_templates" / "安肃镇2023年度绩效自评表（示例）.xlsx"
CONTAINERS = ("xlsx", "xls", "ods", "fods", "html", "csv")
_FILTERS = {"csv": "csv:Text - txt - csv (StarCalc):44,34,76"}  # comma, quotes, UTF-8


def fastest(work: Callable[[], Any], runs: int = 15) -> float:
    """CPU milliseconds of the fastest of several runs."""
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000


def bare() -> None:
    """What calamine needs for the same cells."""
    book = python_calamine.CalamineWorkbook.from_path(str(SAMPLE))
    for at in range(len(book.sheet_names)):
        book.get_sheet_by_index(at).to_python(skip_empty_area=False)


def speed() -> None:
    """Milliseconds a form for reading, recognising and building frames, against calamine."""
    book = read_book(SAMPLE, name=SAMPLE.name)
    recognition = recognise.recognise(book)
    forms = len(recognition.forms)
    floor = fastest(bare)
    read = fastest(lambda: read_book(SAMPLE, name=SAMPLE.name))
    found = fastest(lambda: recognise.recognise(book))
    built = fastest(lambda: frames.build(recognition.forms))
    rows = [("calamine", floor), ("read", read), ("recognise", found), ("frames", built)]
    print(tabulate([(n, round(ms, 1), round(ms / forms, 3), round(ms / floor, 2)) for n, ms in rows],
                   headers=("stage", "ms", "ms a form", "of calamine")))  # fmt: skip
    print(f"reading and recognising / calamine: {(read + found) / floor:.2f} (at most 4 is wanted)")
    tracemalloc.start()
    recognise.recognise(read_book(SAMPLE, name=SAMPLE.name))
    print(f"peak memory of Python objects while reading {forms} forms: {tracemalloc.get_traced_memory()[1] >> 20} MB")


def outcome(path: Path, expected: int) -> str:
    """``ok`` when all indicator lines came out, their number when some did not, else the refusal's code."""
    try:
        forms = recognise.recognise(read_book(path, name=path.name)).forms
    except RefusedFile as refusal:
        return refusal.code
    lines = sum(len(form.lines) for form in forms)
    return "ok" if lines == expected else f"{lines} of {expected}"


def table() -> None:
    """Layouts × containers."""
    soffice = shutil.which("soffice")
    if soffice is None:
        print("LibreOffice is not installed: no table of layouts and containers")
        return
    with tempfile.TemporaryDirectory() as folder:
        sources = [
            drawing.write(Path(folder, f"{f}.xlsx"), {"表": drawing.parse(drawing.load(f)["grid"])})
            for f in drawing.families()
        ]
        for container in CONTAINERS[1:]:
            command = [
                soffice,
                "--headless",
                "--convert-to",
                _FILTERS.get(container, container),
                "--outdir",
                folder,
                *map(str, sources),
            ]
            subprocess.run(command, check=True, capture_output=True, timeout=300)
        rows = [
            [path.stem, *(outcome(path.with_suffix(f".{c}"), _lines(path.stem)) for c in CONTAINERS)]
            for path in sources
        ]
    print(tabulate(rows, headers=("layout", *CONTAINERS)))


def _lines(family: str) -> int:
    return len(drawing.load(family)["expect"]["indicators"])


if __name__ == "__main__":
    speed()
    table()
