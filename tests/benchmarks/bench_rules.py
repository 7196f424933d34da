"""Scoring and all checks of one large frame: ``python tests/benchmarks/bench_rules.py [PROJECTS]``.

Projects of invented units (`make_load`, one in eight with a planted fault) are read once and copied under other
names, with indicator names of their own, to 12 indicators a project; then scored and checked at a quarter, half
and all of PROJECTS (default 10 000, 120 000 indicators). Prints wall and CPU seconds and rows a second; equal
rates mean linear. Wanted: under 10 s at full size on two cores. Nothing is asserted: a busy machine is no defect.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import make_load

from perfbatch import pipeline, schema, scoring
from perfbatch.checks import register
from perfbatch.config import Settings
from perfbatch.forms import frames as framing
from perfbatch.forms import money_unit, recognise, vocabulary
from perfbatch.intake import read_book
from perfbatch.model import Frames

ROWS = 12  # indicators a project
UNITS = 4  # units that are read; the others are copies under other names
Records = list[dict[str, Any]]


def read_units() -> list[tuple[Records, Records, Records]]:
    """Projects, fund lines and indicators of a few units, as read and not yet scored."""
    words, units = vocabulary.load(Settings().synonyms), []
    with tempfile.TemporaryDirectory() as folder:
        for path in make_load.make(Path(folder), UNITS):
            forms = recognise.recognise(read_book(path, name=path.name), words).forms
            money_unit.settle(forms)
            frames = framing.of(forms, words)
            units.append(tuple(f.to_dict("records") for f in (frames.projects, frames.funds, frames.indicators)))
    return units


def enlarged(units: list[tuple[Records, Records, Records]], wanted: int) -> Frames:
    """`wanted` projects with `ROWS` indicators each."""
    tables: tuple[Records, Records, Records] = [], [], []
    turn = 0
    while len(tables[0]) < wanted:
        projects, funds, indicators = units[turn % len(units)]
        kept = {p["project_id"] for p in projects[: wanted - len(tables[0])]}
        for table, records in zip(tables, (projects, funds, _split(indicators)), strict=True):
            table.extend(_renamed(record, turn) for record in records if record["project_id"] in kept)
        turn += 1
    columns = (schema.PROJECTS, schema.FUNDS, schema.INDICATORS)
    return Frames(*(schema.frame(table, names) for table, names in zip(tables, columns, strict=True)))


def _renamed(record: dict[str, Any], turn: int) -> dict[str, Any]:
    changed = {"project_id": f"{turn}-{record['project_id']}", "file": f"{turn}-{record['file']}"}
    for name in ("project_name", "unit", "department", "level3"):
        if record.get(name):
            changed[name] = f"{record[name]}{turn:04d}"
    return record | changed


def _split(indicators: Records) -> Iterator[dict[str, Any]]:
    """The first rows of each project cut in two of half the points, until it has `ROWS`."""
    sizes: dict[str, int] = {}
    for row in indicators:
        sizes[row["project_id"]] = sizes.get(row["project_id"], 0) + 1
    for row in indicators:
        if sizes[row["project_id"]] >= ROWS or row["points"] is None or row["score_declared"] is None:
            yield row
            continue
        sizes[row["project_id"]] += 1
        half = {name: row[name] / Decimal(2) for name in ("points", "score_declared")}
        yield row | half
        yield row | half | {"level3": f"{row['level3']}（二）"}


def measured(frames: Frames) -> dict[str, tuple[float, float]]:
    """Wall and CPU seconds of scoring, of the checks of a workbook and of those across projects."""
    spent: dict[str, tuple[float, float]] = {}
    rules = pipeline.assign_rulesets(frames, Settings())
    scored = _timed(spent, "scoring", lambda: scoring.score(frames, rules))
    context = register.Context(scored, rules)
    found: list[Any] = []
    for scope in ("workbook", "batch"):
        findings, outcomes = _timed(spent, f"checks ({scope})", lambda scope=scope: register.run(context, scope=scope))
        broken = [outcome.code for outcome in outcomes if outcome.state == "errored"]
        if broken:
            raise SystemExit(f"checks failed: {broken}")
        found += findings
    print(f"  {len(found)} findings", flush=True)
    return spent


def _timed(spent: dict[str, tuple[float, float]], name: str, do: Callable[[], Any]) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    result = do()
    spent[name] = time.perf_counter() - wall, time.process_time() - cpu
    return result


def main() -> None:
    """Print one block a size."""
    full = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    units = read_units()
    measured(enlarged(units, 100))  # warm: imports, word lists, rulesets
    for wanted in (full // 4, full // 2, full):
        frames = enlarged(units, wanted)
        count = len(frames.indicators)
        print(f"{wanted} projects, {count} indicators")
        spent = measured(frames)
        wall, cpu = (sum(times) for times in zip(*spent.values(), strict=True))
        for name, (seconds, processor) in spent.items():
            print(f"  {name:18} {seconds:6.2f} s wall  {processor:6.2f} s CPU")
        print(f"  {'all':18} {wall:6.2f} s wall  {cpu:6.2f} s CPU  {count / cpu:9.0f} rows a CPU second")


if __name__ == "__main__":
    main()
