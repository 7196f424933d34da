"""Records for other programs (design contract): `run.json`, `findings.jsonl`, findings as Parquet.

The frames are written from stored results by `perfbatch.runs.leaves`.

All of them are the same bytes for the same input: nothing here depends on time, place or order of completion.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from perfbatch import __version__
from perfbatch.exact import half_up, plain
from perfbatch.figures.lines import ProjectLine
from perfbatch.figures.totals import Totals, findings_in_order, summarise
from perfbatch.kept import tables as kept
from perfbatch.model import Batch, CheckOutcome, Finding, SheetReading, Size, WorkbookResult
from perfbatch.outputs.wording import money_of, outcome_reason, questions

_LINE_BREAKS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}

RUN, FINDINGS, FINDINGS_TABLE = "run.json", "findings.jsonl", "data/findings.parquet"
_FILES = (FINDINGS, *(f"data/{name}.parquet" for name in kept.FRAMES), FINDINGS_TABLE, RUN)
Writer = Callable[[Path], None]


def writers(batch: Batch, tables: Mapping[str, Writer], *, totals: Totals | None = None) -> dict[str, Writer]:
    """What to write into the output folder: relative name → function that writes it to a path.

    `tables` are those made from stored results and not from the batch: the frames, of a large batch all findings
    too. `run.json` comes last, because it lists the other outputs.
    """
    own: dict[str, Writer] = {
        FINDINGS: lambda path: write_findings(path, batch),
        FINDINGS_TABLE: lambda path: write_findings_frame(path, batch),
        RUN: lambda path: _write_text(path, run_json(batch, totals=totals) + "\n"),
    }
    return {name: (own | dict(tables))[name] for name in _FILES}


def write_findings(target: Path, batch: Batch) -> None:
    """`findings.jsonl`: one finding a line, fields in the order of `Finding`, in the order of the input."""
    target.write_bytes(json_lines(findings_in_order(batch)))


def json_lines(found: Iterable[Finding]) -> bytes:
    """Findings as lines of JSON."""
    lines = []
    for finding in found:
        line = json.dumps(finding._asdict(), ensure_ascii=False)
        for char, escape in _LINE_BREAKS.items():  # legal in JSON, but some readers split lines there
            line = line.replace(char, escape)
        lines.append(_encoded(line) + b"\n")
    return b"".join(lines)


def run_json(batch: Batch, *, totals: Totals | None = None) -> str:
    """The text of `run.json`: `run_record` as indented JSON."""
    return json.dumps(run_record(batch, totals or summarise(batch)), ensure_ascii=False, indent=2)


def run_record(batch: Batch, totals: Totals) -> dict[str, Any]:
    """The content of `run.json` (design contract): what was read, the totals, where the outputs are.

    Money is in 万元 as exact decimal strings, `execution_rate` a fraction of one with 8 decimals at most.
    Keys of `totals.bands` are ``90+``, ``60-90``, ``<60`` for the report bounds 90 and 60 (a bound belongs
    to the band above it), keys of `totals.grades` the grade words; ``未填列`` counts projects without either.
    `ruleset` joins the names with a comma when several were in force; `year` is null when forms differ.
    """
    whole = totals.whole
    return {
        "version": __version__,
        "ruleset": ",".join(sorted(batch.rulesets)),
        "year": totals.year,
        "files": [_file(result, totals.findings_of.get(result.file, 0), batch) for result in batch.results],
        "totals": {
            "projects": whole.projects,
            "indicators": totals.indicators,
            **{f"funds_{column}": _stated(whole.stated(column)) for column in ("initial", "adjusted", "executed")},
            "execution_rate": None if whole.rate is None else plain(half_up(whole.rate, 8)),
            "bands": dict(totals.bands),
            "grades": dict(totals.grades),
            "unexecuted": [_unexecuted(line) for line in totals.unexecuted],
            "sample": list(batch.sample),
            "findings": dict(totals.severities),
        },
        "checks": [_check(outcome) for outcome in batch.checks],
        "questions": questions(batch),
        "outputs": [*(name for name in batch.outputs if name != RUN), RUN],  # the same before and after it is written
        "notes": [*_cut(totals), *unstorable(batch)],
    }


def _cut(totals: Totals) -> Iterator[str]:
    if len(totals.unexecuted) < totals.unexecuted.whole:
        shown, whole = len(totals.unexecuted), totals.unexecuted.whole
        yield f"totals.unexecuted 列出{shown}个，共{whole}个，全部见 data/projects.parquet。"


def _file(result: WorkbookResult, findings: int, batch: Batch) -> dict[str, Any]:
    size = result.size or Size()
    annotated = batch.annotated.get(result.file)
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
        "sheets": [_sheet(sheet) for sheet in result.sheets],
        "money": _money(result),
        "outputs": [annotated] if annotated else [],
    } | ({"traceback": result.traceback} if result.traceback else {})


def _money(result: WorkbookResult) -> dict[str, Any] | None:
    """In which unit the money of a file was read, and how that is known; null where it holds no money."""
    found = money_of(result)
    return None if found is None else {"unit": found.unit or None, "how": found.how, "evidence": found.evidence}


def _sheet(sheet: SheetReading) -> dict[str, Any]:
    told = {"remark": sheet.remark} if sheet.remark else {}
    return {"sheet": sheet.sheet, "kind": sheet.kind, "layout": sheet.layout, "projects": sheet.projects} | told


def _check(outcome: CheckOutcome) -> dict[str, Any]:
    broken = {"traceback": outcome.reason} if outcome.state == "errored" else {}
    return outcome._asdict() | {"reason": outcome_reason(outcome)} | broken


def _stated(value: Decimal | None) -> str | None:
    """Money as an exact decimal string, null when no form states it."""
    return None if value is None else plain(value)


def _unexecuted(line: ProjectLine) -> dict[str, Any]:
    budget = None if line.adjusted is None else plain(line.adjusted)
    return {
        "project_id": line.project_id,
        "project": line.name,
        "budget_adjusted": budget,
        "reason": line.reason,
    }


def write_findings_frame(target: Path, batch: Batch) -> None:
    """`findings.parquet`: the lines of `findings.jsonl` as text columns."""
    with target.open("wb") as sink:  # a path would have to be UTF-8
        pq.write_table(kept.of_findings(findings_in_order(batch)), sink, compression="zstd")


def unstorable(batch: Batch) -> list[str]:
    """One Chinese sentence for each figure that Parquet cannot hold."""
    stored = [text for result in batch.results for text in result.beyond]
    return stored + kept.unstorable(batch.frames)


def _encoded(text: str) -> bytes:
    """UTF-8; a lone surrogate becomes its JSON escape, which reads back as the same text."""
    return text.encode("utf-8", "backslashreplace")


def _write_text(target: Path, text: str) -> None:
    target.write_bytes(_encoded(text))
