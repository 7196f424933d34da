"""All outputs of one unit of 83 projects against a bare write: ``python tests/benchmarks/bench_outputs.py [UNITS]``.

CPU milliseconds of summary, report, workpaper and return slips, warm, the best of some rounds; then the first call of
each in a fresh process. The bare write puts the same cells with the same values (for the report its paragraphs and
table cells) into as many plain sheets with XlsxWriter: typed calls, one bordered format for text and one for numbers,
results in place of formulas (which XlsxWriter would search for new functions), nothing else. With UNITS (1 by
default) the outputs are those of that many units. Nothing is asserted.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import docx
import make_load
import openpyxl
import xlsxwriter

from perfbatch import pipeline
from perfbatch.config import Settings
from perfbatch.followup.batch import Batch
from perfbatch.outputs import report, returns, summary, workpaper
from perfbatch.runs import across
from perfbatch.runs.earlier_work import Followup
from perfbatch.runs.once import Once
from perfbatch.runs.work import slim
from perfbatch.store.results import Store

SETTINGS = Settings()
ROUNDS = 5
Sheets = list[list[tuple[int, int, object]]]


def batch_of(paths: list[Path], folder: Path) -> Batch:
    """The batch as the parent process has it when the outputs are written."""
    store, results = Store(folder), []
    for path in paths:
        result = pipeline.process_workbook(path, path.name, SETTINGS)
        store.put(path.stem, result)
        results.append(slim(result))
    parts = [across.Part(result, store.bundle(path.stem)) for path, result in zip(paths, results, strict=True)]
    made = Once(parts, SETTINGS, {})
    spanned = across.spanning(made, SETTINGS, {}, folder / "parts")
    earlier, where = Followup(), folder / "parts"
    batch, _ = across.gather(results, made, spanned, SETTINGS, earlier, "2024-01-01", where)
    batch.workpapers = {workpaper.NAME: workpaper.NAME}
    batch.annotated = {path.name: f"{path.stem}_批注.xlsx" for path in paths}
    return batch


def writers(batch: Batch, folder: Path) -> dict[str, tuple[Path, Callable[[], object]]]:
    """Output → where it goes and the call that writes it."""
    some: dict[str, tuple[str, Callable[[Path], object]]] = {
        "summary": ("s.xlsx", partial(summary.write_summary, batch=batch)),
        "report": ("r.docx", partial(report.write_report, batch=batch, settings=SETTINGS)),
        "workpaper": ("w.xlsx", partial(workpaper.write_workpaper, batch=batch)),
        "returns": ("z.xlsx", partial(returns.write_returns, batch=batch)),
    }
    return {name: (folder / file, partial(write, folder / file)) for name, (file, write) in some.items()}


def seconds(call: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def cells_of(path: Path) -> Sheets:
    """What stands in an output: its cells, or the paragraphs and table cells of a document in one sheet."""
    if path.suffix == ".docx":
        return [[(row, 0, text) for row, text in enumerate(_texts(path))]]
    sheets = []
    for sheet in openpyxl.load_workbook(path, data_only=True).worksheets:
        sheets.append(
            [
                (cell.row - 1, cell.column - 1, cell.value)
                for row in sheet.iter_rows()
                for cell in row
                if cell.value is not None
            ]
        )
    return sheets


def _texts(path: Path) -> Iterator[str]:
    document = docx.Document(str(path))
    yield from (paragraph.text for paragraph in document.paragraphs if paragraph.text)
    for table in document.tables:
        for cell in table._cells:
            yield cell.text


def bare(target: Path, sheets: Sheets) -> None:
    """The least that writes these cells."""
    with xlsxwriter.Workbook(str(target)) as book:
        text = book.add_format({"border": 1, "text_wrap": True})
        number = book.add_format({"border": 1, "num_format": "0.00"})
        for cells in sheets:
            page = book.add_worksheet()
            for row, column, value in cells:
                if not isinstance(value, str):
                    page.write_number(row, column, float(value), number)  # type: ignore[arg-type]
                else:
                    page.write_string(row, column, value, text)


def measured(batch: Batch, folder: Path) -> list[tuple[str, int, float, float]]:
    """Output, its cells, its seconds, the seconds of the bare write; the outputs all together last."""
    found = []
    everything: Sheets = []
    for name, (path, write) in writers(batch, folder).items():
        write()
        sheets = cells_of(path)
        if name != "report":
            everything += sheets
        ours = min(seconds(write) for _ in range(ROUNDS))
        floor = min(seconds(partial(bare, folder / "b.xlsx", sheets)) for _ in range(ROUNDS))
        found.append((name, sum(map(len, sheets)), ours, floor))
    floor = min(seconds(partial(bare, folder / "b.xlsx", everything)) for _ in range(ROUNDS))
    others = [line for line in found if line[0] != "report"]  # a document is no sheet: it is measured apart
    found.append(("all others", *(sum(line[at] for line in others) for at in (1, 2)), floor))
    return found


def table(lines: list[tuple[str, int, float, float]]) -> str:
    """Output × cells × milliseconds × bare write × ratio."""
    shown = [f"{'output':12} {'cells':>8} {'ms':>9} {'bare ms':>9} {'ratio':>7}"]
    for name, cells, ours, floor in lines:
        shown.append(f"{name:12} {cells:8} {ours * 1000:9.1f} {floor * 1000:9.1f} {ours / floor:7.2f}")
    return "\n".join(shown)


def first_calls(units: int) -> str:
    """What the first write of each output costs in a process that has just read the forms."""
    command = [sys.executable, __file__, str(units), "--first"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    parts = (f"{name} {spent * 1000:.0f} ms" for name, spent in json.loads(told).items())
    return f"first call in a fresh process: {', '.join(parts)}"


def main(units: int, *, first: bool) -> None:
    """Measure and print."""
    logging.disable()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        batch = batch_of(make_load.make(folder / "in", units), folder / "store")
        if first:
            spent = {name: seconds(write) for name, (_, write) in writers(batch, folder).items()}
            sys.stdout.write(json.dumps(spent))
            return
        lines = measured(batch, folder)
        sys.stdout.write(table(lines) + "\n\n" + first_calls(units) + "\n")
        ratio = lines[-1][2] / lines[-1][3]
        sys.stdout.write(f"all outputs but the report / bare write: {ratio:.2f} (at most 1.6 is wanted)\n")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    main(numbers[0] if numbers else 1, first="--first" in sys.argv)
