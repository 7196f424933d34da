"""Reading: milliseconds a form against a bare calamine read, peak memory, and layouts × containers.

    python tests/benchmarks/bench_read.py

Then whether the time grows with the size: a list of 50,000 rows against one of 5,000, a workbook of 1,000 forms
against one of 100. The table converts every drawn form with LibreOffice (skipped where it is not installed) and
reads it back.
"""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import python_calamine  # noqa: E402
import xlsxwriter  # noqa: E402
from strangers import worddoc  # noqa: E402
from strangers.grid import Area, Sheet  # noqa: E402
from support import drawing  # noqa: E402
from support.reading import build  # noqa: E402
from tabulate import tabulate  # noqa: E402

from perfbatch.errors import RefusedFile  # noqa: E402
from perfbatch.forms import recognise  # noqa: E402
from perfbatch.intake import read_book, uncollected  # noqa: E402

SAMPLE = ROOT / "input_templates" / "安肃镇2023年度绩效自评表（示例）.xlsx"
CONTAINERS = ("xlsx", "xls", "ods", "fods", "html", "csv", "docx")
_FILTERS = {"csv": "csv:Text - txt - csv (StarCalc):44,34,76"}  # comma, quotes, UTF-8


def fastest(work: Sequence[Callable[[], Any]], runs: int = 25) -> list[float]:
    """CPU milliseconds of the fastest of several runs of each, in turn: a machine that slows down slows all of them."""
    best = [float("inf")] * len(work)
    for _ in range(runs):
        for at, each in enumerate(work):
            with uncollected():  # as the pipeline does
                start = time.process_time()
                each()
                best[at] = min(best[at], time.process_time() - start)
    return [seconds * 1000 for seconds in best]


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
    work = (
        bare,
        lambda: read_book(SAMPLE, name=SAMPLE.name),
        lambda: recognise.recognise(book),
        lambda: build(recognition.forms),
    )
    floor, read, found, built = fastest(work)
    rows = [("calamine", floor), ("read", read), ("recognise", found), ("frames", built)]
    print(tabulate([(n, round(ms, 1), round(ms / forms, 3), round(ms / floor, 2)) for n, ms in rows],
                   headers=("stage", "ms", "ms a form", "of calamine")))  # fmt: skip
    print(f"reading and recognising / calamine: {(read + found) / floor:.2f} (at most 4.5 is wanted)")
    tracemalloc.start()
    recognise.recognise(read_book(SAMPLE, name=SAMPLE.name))
    print(f"peak memory of Python objects while reading {forms} forms: {tracemalloc.get_traced_memory()[1] >> 20} MB")


_COLUMNS = (
    "序号", "项目编码", "项目名称", "预算单位", "年初预算数", "全年预算数", "全年执行数", "执行率", "自评得分",
)  # fmt: skip


def a_list(path: Path, rows: int) -> Path:
    """A platform list of `rows` projects."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("项目列表")
    sheet.write_row(0, 0, ["2023年度项目绩效自评情况表"])
    sheet.write_row(1, 0, ["金额单位：万元"])
    sheet.write_row(2, 0, _COLUMNS)
    for row in range(rows):
        code = f"13060923P{row:012d}"
        sheet.write_row(3 + row, 0, [row + 1, code, f"虚构项目{row}", f"虚构单位{row % 60}", 10, 12, 12, "100%", 98])
    book.close()
    return path


def many_forms(path: Path, forms: int) -> Path:
    """A workbook of `forms` national forms."""
    grid = drawing.load("F1")["grid"]
    sheets = {f"{at}": drawing.parse(grid.replace("村道养护（虚构）", f"虚构项目{at}")) for at in range(forms)}
    return drawing.write(path, sheets)


def linear() -> None:
    """CPU milliseconds a row or form at two sizes."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, draw, sizes in (("list, rows", a_list, (5_000, 50_000)), ("forms", many_forms, (100, 1_000))):
            each = []
            for size in sizes:
                path = draw(Path(folder, f"{size}.xlsx"), size)
                with uncollected():
                    start = time.process_time()
                    read = recognise.recognise(read_book(path, name=path.name))
                    build(read.forms)
                    spent = time.process_time() - start
                each.append(spent * 1000 / size)
                assert len(read.forms) == size
                del read
                gc.collect()  # the next one must not pay for looking through this one
            rows.append((name, *sizes, *(round(ms, 3) for ms in each), round(each[1] / each[0], 2)))
    print(tabulate(rows, headers=("", "small", "large", "ms each", "ms each", "large / small")))


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
        for path in sources:
            _as_word(path)
        for container in CONTAINERS[1:-1]:
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


def _as_word(path: Path) -> None:
    """The drawn form typed into Word, beside the workbook; LibreOffice makes no document of a workbook."""
    drawn = drawing.parse(drawing.load(path.stem)["grid"])
    page = Sheet("表")
    page.cells = {at: str(text) for at, text in drawn.cells.items() if text not in (None, "")}
    page.merges = [Area(*merge) for merge in drawn.merges]
    worddoc.write([page], path.with_suffix(".docx"))


def _lines(family: str) -> int:
    return len(drawing.load(family)["expect"]["indicators"])


if __name__ == "__main__":
    speed()
    linear()
    table()
