"""Where the time of one workbook goes, against the floor: ``python tests/benchmarks/bench_stages.py [UNITS]``.

CPU milliseconds per workbook in the steady state of a worker (every stage warmed up once), for the load of
`make_load`. The floor is what no program of this kind can avoid: read the cells (calamine), write an annotated
copy (excelize, one comment a finding) and one sheet of the same cells (XlsxWriter). Nothing is asserted.
"""

from __future__ import annotations

import gc
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import excelize
import make_load
import python_calamine
import xlsxwriter

from perfbatch import pipeline, scoring
from perfbatch.checks import register
from perfbatch.config import Settings
from perfbatch.forms import frames as framing
from perfbatch.forms import money_unit, recognise, vocabulary
from perfbatch.intake import read_book, uncollected
from perfbatch.model import Finding, WorkbookResult
from perfbatch.outputs import annotate, records, summary
from perfbatch.runs import across, work
from perfbatch.runs.earlier_work import Followup
from perfbatch.runs.once import Once
from perfbatch.store import tables
from perfbatch.store.results import Store

SETTINGS = Settings()
PER_UNIT = 83


class Clock:
    """CPU seconds by stage, in the order of first use."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to `name`."""
        start = time.process_time()
        yield
        self.spent[name] = self.spent.get(name, 0.0) + time.process_time() - start


def read(clock: Clock, path: Path) -> WorkbookResult:
    """The pipeline of one workbook, stage by stage (as `pipeline.process_workbook` does it)."""
    with clock.stage("intake"):
        book = read_book(path, name=path.name)
    with clock.stage("recognise"):
        words = vocabulary.load(SETTINGS.synonyms)
        found = recognise.recognise(book, words)
    with clock.stage("frames, notation"):
        money_unit.settle(found.forms, SETTINGS.money_unit)
        frames = framing.of(found.forms, words)
    with clock.stage("scoring"):
        chosen = pipeline.assign_rulesets(frames, SETTINGS)
        frames = scoring.score(frames, chosen)
    with clock.stage("checks"):
        extras = {"file": book.file, "sheets": tuple(found.sheets)}
        findings, outcomes = register.run(register.Context(frames, chosen, tuple(book.notes), extras=extras))
    return WorkbookResult(
        path.name, book.sha256, "ok", container=book.container, frames=frames, findings=findings,
        sheets=found.sheets, checks=outcomes, size=pipeline.size_of(frames),
    )  # fmt: skip


@uncollected()  # as in a worker
def worker(clock: Clock, path: Path, folder: Path) -> WorkbookResult:
    """What a worker does with one workbook."""
    result = read(clock, path)
    store = Store(folder / "store")
    with clock.stage("store"):
        store.put(path.stem, result)
    with clock.stage("annotated copy"):
        findings = tables.to_findings(store.bundle(path.stem).table("findings"))
        annotate.annotate(path, folder / f"{path.stem}_批注.xlsx", findings)
    return work.slim(result)


@uncollected()  # as the command, which is without the collector to its end
def parent(clock: Clock, results: list[WorkbookResult], folder: Path) -> None:
    """What the parent does once for all workbooks."""
    store = Store(folder / "store")
    with clock.stage("look across"):
        parts = [across.Part(result, store.bundle(Path(result.file).stem)) for result in results]
        made, where = Once(parts, SETTINGS, {}), folder / "parts"
        spanned = across.spanning(made, SETTINGS, {}, where)
        batch, frames = across.gather(results, made, spanned, SETTINGS, Followup(), "2024-01-01", where)
    with clock.stage("summary workbook"):
        summary.write_summary(folder / "s.xlsx", batch)
    for name, write in records.writers(batch, frames).items():
        with clock.stage(_family(name)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write(folder / name)


def _family(name: str) -> str:
    return "records, data/" if name.endswith((".json", ".jsonl", ".parquet")) else name


def floor(clock: Clock, path: Path, folder: Path) -> None:
    """The unavoidable part."""
    findings = register_findings(path)
    with clock.stage("floor: calamine"):
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    with clock.stage("floor: excelize copy"):
        copy = excelize.open_file(str(path))
        fill = excelize.Fill(type="pattern", color=["FFFF00"], pattern=1)
        style = copy.new_style(excelize.Style(fill=fill))
        for (sheet, cell), texts in findings.items():
            copy.set_cell_style(sheet, cell, cell, style)
            copy.add_comment(sheet, excelize.Comment(cell=cell, author="p", text="\n".join(texts)))
        copy.save_as(str(folder / "floor.xlsx"))
        copy.close()
    with clock.stage("floor: XlsxWriter"), xlsxwriter.Workbook(str(folder / "x.xlsx")) as target:
        page = target.add_worksheet()
        row = 0
        for cells in sheets.values():
            for values in cells:
                for column, value in enumerate(values):
                    if value != "":
                        page.write(row, column, value)
                row += 1


def register_findings(path: Path) -> dict[tuple[str, str], list[str]]:
    """Texts of the findings of a workbook by sheet and cell."""
    found: dict[tuple[str, str], list[str]] = {}
    some: list[Finding] = pipeline.process_workbook(path, path.name, SETTINGS).findings
    for finding in some:
        if finding.sheet and finding.cell:
            found.setdefault((finding.sheet, finding.cell), []).append(finding.message)
    return found


def table(spent: dict[str, float], count: int, base: float) -> str:
    """Stage × milliseconds per workbook × share × against the floor."""
    whole = sum(spent.values())
    lines = [f"{'stage':24} {'ms/workbook':>11} {'share':>7} {'× floor':>8} {'core h per million projects':>28}"]
    for name, seconds in [*spent.items(), ("all", whole)]:
        each = seconds / count
        hours = each / PER_UNIT * 1_000_000 / 3600
        lines.append(f"{name:24} {each * 1000:11.1f} {seconds / whole:7.1%} {seconds / base:8.2f} {hours:28.2f}")
    return "\n".join(lines)


def main(units: int) -> None:
    """Measure and print."""
    logging.disable()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        paths = make_load.make(folder / "in", units + 1)
        warm, ours, theirs = Clock(), Clock(), Clock()
        for path in paths[:1]:
            worker(warm, path, folder / "warm")
            floor(warm, path, folder)
        gc.freeze()  # as a worker and the command do once they are loaded
        for path in paths[1:]:
            floor(theirs, path, folder)
        results = [worker(ours, path, folder) for path in paths[1:]]
        in_worker = sum(ours.spent.values())
        parent(ours, results, folder)
        base = sum(theirs.spent.values())
        lines = [table(ours.spent, units, base), "", table(theirs.spent, units, base), ""]
        lines.append(f"worker / floor: {in_worker / base:.2f} (at most 2.5 is wanted)")
        lines.append(f"worker and parent / floor: {sum(ours.spent.values()) / base:.2f}")
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
