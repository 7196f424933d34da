"""Records for other programs (design contract): `run.json`, `findings.jsonl`, findings as Parquet.

All of them are the same bytes for the same input: nothing here depends on time, place or order of completion.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from perfbatch import __version__, schema
from perfbatch.decimals import half_up, plain
from perfbatch.evidence.index import STATES
from perfbatch.evidence.project import Evidence, kinds_of
from perfbatch.followup.batch import Batch
from perfbatch.model import CheckOutcome, Finding, Size, WorkbookResult
from perfbatch.outputs.wording import money_of, outcome_reason, questions, rubbish
from perfbatch.store.tables import FRAMES, ROWS, arrow_schema, joined, of_findings, of_frame
from perfbatch.totals.reached import MONEY

SCHEMA_VERSION = 3  # of run.json; a program that reads it may rely on names and meanings of one version
_JSON = json.JSONEncoder(ensure_ascii=False)
_LINE_BREAKS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}

RUN, FINDINGS, FINDINGS_TABLE = "run.json", "findings.jsonl", "data/findings.parquet"
PLACES = "data/evidence.parquet"
_FILES = (FINDINGS, *(f"data/{name}.parquet" for name in FRAMES), FINDINGS_TABLE)
Writer = Callable[[Path], object]


def writers(batch: Batch, tables: Mapping[str, Writer]) -> dict[str, Writer]:
    """What to write into the output folder: relative name → function that writes it to a path.

    `tables` are the frames and findings, which may be too many to be in the batch. `run.json` comes last, because
    it lists the other outputs.
    """
    run: dict[str, Writer] = {RUN: lambda path: path.write_bytes(_encoded(run_json(batch) + "\n"))}
    if (evidence := batch.evidence) is not None:
        run[PLACES] = lambda path: _write_places(path, evidence)
    named = run | dict(tables)
    return {name: named[name] for name in (*_FILES, *(name for name in named if name not in (*_FILES, RUN)), RUN)}


def write_frame(target: Path, name: str, parts: Iterable[pa.Table]) -> None:
    """One frame of all workbooks, some thousand rows at a time."""
    with target.open("wb") as sink, pq.ParquetWriter(sink, arrow_schema(name), compression="zstd") as writer:
        for table in joined(parts, name):
            writer.write_table(table, row_group_size=ROWS)
    pa.default_memory_pool().release_unused()


def write_rows(target: Path, name: str, rows: pd.DataFrame) -> None:
    """A frame that is held whole, or as much of it as `perfbatch.store.tables.COLUMNS` names."""
    with target.open("wb") as sink:
        pq.write_table(of_frame(rows, name), sink, compression="zstd")


class FindingsFiles:
    """`findings.jsonl` and `findings.parquet` while workbooks are looked at one by one; a context manager.

    One finding a line, fields in the order of `Finding`, findings in the order of `add`.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.lines, self.table = folder / "findings.lines", folder / "findings.columns"
        self._waiting: list[Finding] = []

    def add(self, found: Sequence[Finding]) -> None:
        """Write more findings."""
        lines = "".join(f"{_JSON.encode(finding._asdict())}\n" for finding in found)
        for char, escape in _LINE_BREAKS.items():  # legal in JSON, but some readers split lines there
            lines = lines.replace(char, escape)
        self._lines.write(_encoded(lines))
        self._waiting += found
        if len(self._waiting) >= ROWS:
            self._flush()

    def _flush(self) -> None:
        self._table.write_table(of_findings(self._waiting))
        self._waiting = []

    def writers(self) -> dict[str, Writer]:
        """What publishes the two files, once they are closed."""
        return {FINDINGS: partial(shutil.copyfile, self.lines), FINDINGS_TABLE: partial(shutil.copyfile, self.table)}

    def __enter__(self) -> Self:
        self._lines = self.lines.open("wb")
        self._sink = self.table.open("wb")  # a path would have to be UTF-8
        self._table = pq.ParquetWriter(self._sink, arrow_schema("findings"), compression="zstd")
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with self._lines, self._sink:
            try:
                if kind is None:
                    self._flush()
            finally:
                self._table.close()


def run_json(batch: Batch) -> str:
    """The text of `run.json` (design contract): what was read, the totals, where the outputs are.

    Money is in 万元 as exact decimal strings, `execution_rate` a fraction of one with 8 decimals at most.
    Keys of `totals.bands` (by declared score) and `totals.bands_computed` are ``90+``, ``60-90``, ``<60`` for the
    report bounds 90 and 60 (a bound belongs to the band above it), keys of `totals.grades` the grade words;
    ``未填列`` counts projects without either.
    `ruleset` joins the names with a comma when several were in force; `year` is null when forms differ.
    """
    totals, whole = batch.summed(), batch.summed().whole
    told = {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "ruleset": ",".join(sorted(batch.rulesets)),
        "year": totals.year,
        "files": [_file(result, totals.findings_of.get(result.file, 0), batch) for result in batch.results],
        "totals": {
            "projects": whole.projects,
            "indicators": totals.indicators,
            **{f"funds_{column}": plain(whole.stated(column)) or None for column in MONEY},
            "execution_rate": None if whole.rate is None else plain(half_up(whole.rate, 8)),
            "bands": dict(totals.bands),
            "bands_computed": dict(whole.bands_computed),
            "grades": dict(totals.grades),
            "unexecuted": [
                {
                    "project_id": line.project_id,
                    "project": line.name,
                    "budget_adjusted": plain(line.adjusted) or None,
                    "reason": line.reason,
                }
                for line in totals.unexecuted
            ],
            "sample": list(batch.sample),
            "findings": dict(totals.severities),
            "accepted": sum(totals.accepted.values()),
            "accepted_by": dict(totals.accepted),
        },
        "checks": {outcome.code: _check(outcome) for outcome in batch.checks},
        "evidence": _evidence(batch),
        "questions": questions(batch),
        "outputs": [*(name for name in batch.outputs if name != RUN), RUN],  # the same before and after it is written
        "notes": [*(text for result in batch.results for text in result.beyond), *rubbish(batch)],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _file(result: WorkbookResult, findings: int, batch: Batch) -> dict[str, Any]:
    size = result.size or Size()
    annotated, money = batch.annotated.get(result.file), money_of(result)
    sheets = [
        {
            "sheet": sheet.sheet, "kind": sheet.kind, "layout": sheet.layout, "projects": sheet.projects,
            "unread": [entry._asdict() for entry in sheet.unread],
        }
        | ({"remark": sheet.remark} if sheet.remark else {})
        for sheet in result.sheets
    ]  # fmt: skip
    return {
        "path": result.file,
        "sha256": result.sha256,
        "status": result.status,
        "reason": result.reason,
        "reason_code": result.reason_code,
        "layouts": list(size.layouts),
        "projects": size.projects,
        "indicators": size.indicators,
        "findings": findings,
        "sheets": sheets,
        "money": money and {"unit": money.unit or None, "how": money.how, "evidence": money.evidence},
        "outputs": [annotated] if annotated else [],
    } | ({"traceback": result.traceback} if result.traceback else {})


def _check(outcome: CheckOutcome) -> dict[str, Any]:
    told = outcome._asdict() | {"reason": outcome_reason(outcome), "reasons": dict(outcome.reasons)}
    del told["code"]
    return told | ({"traceback": outcome.reason} if outcome.state == "errored" else {})


def _evidence(batch: Batch) -> dict[str, Any]:
    """Every supporting document: whose it is and by what, what was read; how many figures were found and not."""
    evidence = batch.evidence
    if evidence is None:
        return {"documents": [], "figures": {}}
    return {
        "documents": [
            {
                "path": one.paper.name,
                "project_id": one.project_id,
                "matched_by": one.how,
                "status": document.state if document is not None else "unmatched",
                "kinds": list(kinds_of(one.paper.below, document)) if document is not None else [],
                "problem": one.problem or (document.reason if document is not None else ""),
            }
            for one, document in evidence.pairs
        ],
        "figures": {state: evidence.states[state] for state in STATES},
    }


def _write_places(target: Path, evidence: Evidence) -> None:
    rows = []
    for made in evidence.projects.values():
        for entry in made.entries:
            own: dict[str, Any] = {"project_id": made.project_id, "state": entry.state}
            own |= {"indicator": entry.asked.name, "stated": entry.asked.shown}
            late = [place for place in entry.late if place not in entry.places]
            for place in (*entry.places, *late):
                figure = place.figure
                rows.append(own | {
                    "agrees": place.agrees, "value": figure.value, "unit": figure.unit, "day": figure.day,
                    "document": place.paper.paper.name, "sheet": figure.sheet, "cell": figure.cell,
                    "page": figure.page or None, "line": figure.line or None, "words": figure.words,
                    "late": place in entry.late,
                })  # fmt: skip
            if not entry.places and not late:
                rows.append(own)
    write_rows(target, "evidence", schema.frame(rows, schema.EVIDENCE))


def _encoded(text: str) -> bytes:
    """UTF-8; a lone surrogate becomes its JSON escape, which reads back as the same text."""
    return text.encode("utf-8", "backslashreplace")
