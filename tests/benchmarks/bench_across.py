"""What crosses files, for a province on one machine: ``python tests/benchmarks/bench_across.py [PROJECTS] [DIR]``.

Bundles of 83 projects and 996 indicators are made as workers would leave them (default: a million projects), each
project with its own code, name, amounts and texts; then the driver's part of a run is done in a fresh process:
checks across files, the look at every workbook, all outputs of the whole run. Printed: wall and CPU seconds and
peak memory after each stage, and whether the totals are the generator's. Nothing is asserted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perfbatch.config import Settings
from perfbatch.model import CheckOutcome, Finding, SheetReading, Size, WorkbookResult
from perfbatch.store import tables
from perfbatch.store.plain import to_plain
from perfbatch.store.results import Store

PER_UNIT, ROWS = 83, 12
RULESET = "national-2020"
DECIMAL = tables.arrow_schema("projects").field("executed").type
Columns = dict[str, Any]


# --- bundles ---


def cents(values: Any) -> pa.Array:
    """Whole cents as the decimals of a frame."""
    hundredth = pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))
    return pc.multiply(pc.cast(pa.array(values), pa.decimal128(19, 0)), hundredth).cast(DECIMAL)


def table(name: str, rows: int, given: Columns) -> pa.Table:
    """A table of the store: the columns `given` (values, or the one of all rows), others empty."""
    blank = {pa.string(): "", pa.bool_(): True}
    arrays = []
    for one in tables.arrow_schema(name):
        values = given.get(one.name, blank.get(one.type))
        if values is None or isinstance(values, str | int):
            values = [values] * rows
        arrays.append(values if isinstance(values, pa.Array) else pa.array(values, one.type))
    return pa.Table.from_arrays(arrays, schema=tables.arrow_schema(name))


@dataclass
class Unit:
    """The tables of one workbook, and what they add up to (money in cents)."""

    number: int
    tables: dict[str, pa.Table] = field(default_factory=dict)
    sums: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """Unit and file."""
        return f"第{self.number:05d}号单位"

    def fill(self) -> Unit:
        """Invent the projects, with everything of their own."""
        chance, at, file = np.random.default_rng(self.number), np.arange(PER_UNIT), f"{self.name}.xlsx"
        initial = chance.integers(100, 9_000_000, PER_UNIT)
        adjusted = initial + chance.integers(0, 500_000, PER_UNIT)
        idle = chance.random(PER_UNIT) < 0.02
        executed = np.where(idle, 0, adjusted - chance.integers(0, 100, PER_UNIT))
        total = chance.integers(5_500, 10_001, PER_UNIT)
        ids = [f"P{self.number:06d}{i:03d}" for i in at]
        place: Columns = {"file": file, "sheet": [f"{i:02d}表" for i in at]}
        names = [f"{self.name}第{i}号工程建设及维护（{self.number * PER_UNIT + i}）" for i in at]
        projects: Columns = place | {
            "project_id": ids, "project_code": [f"1306{self.number:06d}P{i:010d}" for i in at], "project_name": names,
            "unit": self.name, "department": self.name,
            "year": 2023, "category": [f"类别{i % 5}" for i in at],
            "origin": ["追加预算" if i % 6 == 0 else "年初预算" for i in at], "layout": "F1",
            "ruleset": RULESET, "budget_initial": cents(initial), "budget_adjusted": cents(adjusted),
            "executed": cents(executed), "total_declared": cents(total), "total_score": cents(total),
            "grade": ["优" if t >= 9_000 else "良" for t in total],
            "band": ["90+" if t >= 9_000 else "60-90" if t >= 6_000 else "<60" for t in total],
            "goal_expected": [f"完成{name}，投入{a / 100:.2f}万元。" for name, a in zip(names, adjusted, strict=True)],
            "goal_actual": [f"{name}已支付{e / 100:.2f}万元。" for name, e in zip(names, executed, strict=True)],
            "fund_reason": [f"{name}的资金未支付" if none else "" for name, none in zip(names, idle, strict=True)],
            "cell": "A1",
        }  # fmt: skip
        own, number = np.repeat(at, ROWS), np.tile(np.arange(ROWS), PER_UNIT)
        count = len(own)
        target = chance.integers(1_000, 900_000, count)
        short = chance.random(count) < 0.06
        actual = np.where(short, target - chance.integers(1, 1_000, count), target)
        points = np.where(number % 3 == 0, 1_000, 750)
        pairs = zip(actual.tolist(), target.tolist(), strict=True)
        rates = [(Decimal(a) / t).quantize(Decimal(1).scaleb(-18)) for a, t in pairs]
        items = [f"第{self.number}-{i}-{k}项" for i, k in zip(own, number, strict=True)]
        rows: Columns = {
            "file": file, "sheet": [f"{i:02d}表" for i in own], "row": (number + 10).tolist(),
            "project_id": [ids[i] for i in own], "level1": "产出指标", "level2": "数量指标",
            "level3": [f"{item}工作完成数量" for item in items],
            "kind": "quantitative", "operator": "ge", "role": "indicator",
            "target_text": [f"≥{t / 100:.2f}" for t in target], "actual_text": [f"{a / 100:.2f}" for a in actual],
            "target_value": cents(target), "actual_value": cents(actual), "target_base": cents(target),
            "actual_base": cents(actual), "unit": "个", "unit_text": [f"个{k}" for k in number],
            "points": cents(points), "score_declared": cents(np.where(short, points - 100, points)),
            "score": cents(np.where(short, points - 100, points)), "score_delta": cents(np.zeros(count, np.int64)),
            "completion_rate": pa.array(rates, DECIMAL), "deviation": pa.array([rate - 1 for rate in rates], DECIMAL),
            "reason": [f"因{item}未完成。" if missed else "" for item, missed in zip(items, short, strict=True)],
            "cell_target": [f"E{k + 10}" for k in number], "cell_actual": [f"F{k + 10}" for k in number],
            "cell_points": [f"G{k + 10}" for k in number], "cell_score": [f"H{k + 10}" for k in number],
            "comparison": "yes", "direction": "positive",
        }  # fmt: skip
        severities = [("error", "warning", "info")[i % 3] for i in at]
        texts = [f"第{self.number}-{i}号问题，应改正。" for i in at]
        found = [
            Finding("SC06", level, file, f"{i:02d}表", "H12", ids[i], names[i], "9", "8", text, "改", "依据")
            for i, level, text in zip(at, severities, texts, strict=True)
        ]
        funds: Columns = place | {"project_id": ids, "role": "total", "executed": cents(executed)}
        self.tables = {
            "projects": table("projects", PER_UNIT, projects), "funds": table("funds", PER_UNIT, funds),
            "indicators": table("indicators", count, rows), "findings": tables.of_findings(found),
        }  # fmt: skip
        money = {"initial": initial, "adjusted": adjusted, "executed": executed, "declared": total}
        self.sums = Counter({name: int(values.sum()) for name, values in money.items()})
        self.sums += Counter(projects=PER_UNIT, rows=count, unexecuted=int(idle.sum()), findings=len(found))
        self.sums["under"] = int((short & ~idle[own]).sum())
        return self

    def result(self) -> WorkbookResult:
        """The rest of the bundle."""
        sheets = [SheetReading(f"{i:02d}表", "F1", 1, ROWS, False, "") for i in range(PER_UNIT)]
        count = PER_UNIT * ROWS
        size = Size(("F1",), PER_UNIT, count, count, ((self.name, PER_UNIT),), (RULESET,))
        checks = [CheckOutcome("SC06", "found", PER_UNIT, "")]
        return WorkbookResult(f"{self.name}.xlsx", "0" * 64, "ok", sheets=sheets, checks=checks, size=size)


def make(folder: Path, first: int, after: int) -> Counter[str]:
    """Write the bundles of some units; what they add up to."""
    sums: Counter[str] = Counter()
    for number in range(first, after):
        unit = Unit(number).fill()
        bundle = Store(folder).bundle(f"{number:08d}").folder
        bundle.mkdir(parents=True, exist_ok=True)
        for name, rows in unit.tables.items():
            (bundle / f"{name}.arrows").write_bytes(tables.to_bytes(tables.coded(rows)))
        body = {"result": to_plain(unit.result(), ("frames", "findings", "remarks")), "parts": {}}
        (bundle / "result.json").write_text(json.dumps({"body": body}), encoding="ascii")
        sums += unit.sums
    return sums


# --- the driver's part of a run ---


class Stages:
    """Tells what each stage cost."""

    def __init__(self) -> None:
        self.start, self.cpu = time.perf_counter(), time.process_time()

    def done(self, what: str) -> None:
        """Print time so far and peak memory."""
        status = Path("/proc/self/status")
        peak = int(status.read_text().split("VmHWM:")[1].split()[0]) // 1024 if status.exists() else 0
        wall, cpu = time.perf_counter() - self.start, time.process_time() - self.cpu
        sys.stdout.write(f"  {what:28} {wall:7.1f} s wall {cpu:7.1f} s CPU   peak {peak} MB\n")
        sys.stdout.flush()


def drive(folder: Path, units: int, output: Path) -> None:
    """Everything after the files were read."""
    from perfbatch.outputs import records, report, summary, workpaper
    from perfbatch.runs import across
    from perfbatch.runs.earlier_work import Followup
    from perfbatch.runs.once import Once

    stages, store, settings = Stages(), Store(folder), Settings(sample="1%")
    bundles = [store.bundle(f"{number:08d}") for number in range(units)]
    parts = []
    for at, bundle in enumerate(bundles):
        result = bundle.described()
        result.checks, result.sheets = [], result.sheets if at < 1_000 else []
        parts.append(across.Part(result, bundle))
    results = [part.result for part in parts]
    stages.done("results")
    made, where = Once(parts, settings, {}), output / "parts"
    stages.done("identity")
    spanned = across.spanning(made, settings, {}, where)
    stages.done("checks across files")
    batch, frames = across.gather(results, made, spanned, settings, Followup(), "2024-03-18", where)
    stages.done("look at every workbook")
    summary.write_summary(output / "s.xlsx", batch)
    stages.done("summary workbook")
    report.write_report(output / "r.docx", batch, settings)
    workpaper.write_workpaper(output / "w.xlsx", batch)
    stages.done("report, workpaper")
    (output / "data").mkdir()
    for name, write in records.writers(batch, frames).items():
        write(output / name)
    stages.done("records, data/")
    whole, totals = batch.totals.whole, batch.totals
    found = {name: int((whole.stated(name) or 0) * 100) for name in ("initial", "adjusted", "executed")}
    found |= {"projects": whole.projects, "rows": totals.rows, "unexecuted": len(totals.unexecuted)}
    found |= {"under": totals.off["under"], "declared": int(sum(line.declared or 0 for line in totals.lines) * 100)}
    found["findings"] = sum(count.findings for count in totals.codes if count.code == "SC06")
    sys.stdout.write(json.dumps(found) + "\n")


def main(projects: int, folder: Path) -> None:
    """Make the bundles, do the driver's part, compare."""
    units = -(-projects // PER_UNIT)
    cores = os.cpu_count() or 1
    bounds = [units * at // cores for at in range(cores + 1)]
    with ProcessPoolExecutor(cores) as pool:
        made = pool.map(partial(make, folder), bounds[:-1], bounds[1:])
        expected: Counter[str] = sum(made, Counter())
    sys.stdout.write(f"{expected['projects']} projects, {expected['rows']} indicators in {units} bundles\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(dir=folder) as output:
        command = [sys.executable, __file__, "--drive", str(folder), str(units), output]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)
    *lines, found = done.stdout.splitlines()
    same = Counter(json.loads(found)) == expected
    told = "the totals are the generator's" if same else f"totals differ: {found} against {dict(expected)}"
    sys.stdout.write("\n".join([*lines, told]) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--drive"]:
        drive(Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
        if len(sys.argv) > 2:
            main(count, Path(sys.argv[2]))
        else:
            with tempfile.TemporaryDirectory() as temporary:
                main(count, Path(temporary))
