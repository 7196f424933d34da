"""Runs the program on a drawn workbook and compares what it wrote to disk with the truth: one line per difference."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pandas as pd
from strangers.money import Money
from strangers.shapes import Drawing
from strangers.truth import Fund, Indicator, Project

from perfbatch.cli import main

D = Decimal
Row = dict[str, Any]
SOURCE_WORDS = {"财政": ("财政", "中央"), "结转": ("结转",), "其他": ("其他",)}


@dataclass
class Result:
    """What a run wrote: run.json, findings and the rows of the frames; console as printed."""

    run: Row
    findings: list[Row]
    projects: list[Row]
    funds: dict[str, list[Row]]
    indicators: dict[str, list[Row]]
    console: str
    code: int

    @property
    def files(self) -> list[Row]:
        """Entries of the input files."""
        return list(self.run.get("files", []))

    @property
    def sheets(self) -> list[Row]:
        """Entries of their sheets."""
        return [sheet for file in self.files for sheet in file.get("sheets", [])]


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """In a working folder without settings."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def run(path: Path, folder: Path, *words: str) -> Result:
    """`perfbatch run` on a file or folder, output read back."""
    out = folder / "output"
    shutil.rmtree(out, ignore_errors=True)
    said = io.StringIO()
    with inside(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(["run", str(path), "--output", str(out), "--workers", "1", *words])
    lines = (
        (out / "findings.jsonl").read_text(encoding="utf-8").splitlines() if (out / "findings.jsonl").exists() else []
    )
    return Result(
        json.loads((out / "run.json").read_text(encoding="utf-8")) if (out / "run.json").exists() else {},
        [json.loads(line) for line in lines],
        _frame(out, "projects"),
        _grouped(_frame(out, "funds")),
        _grouped(_frame(out, "indicators")),
        said.getvalue(),
        code,
    )


def _frame(out: Path, name: str) -> list[Row]:
    path = out / "data" / f"{name}.parquet"
    return pd.read_parquet(path).to_dict("records") if path.exists() else []


def _grouped(rows: list[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["project_id"]].append(row)
    return groups


def null(value: Any) -> bool:
    """None or not a number."""
    return (
        value is None or value is pd.NA or (isinstance(value, float) and value != value) or str(value) in ("NaN", "NaT")
    )


def number(value: Any) -> Decimal | None:
    """A figure, or None."""
    try:
        found = D(str(value).strip())
    except (InvalidOperation, ValueError):
        return None
    return found if found.is_finite() else None


def same(got: Any, want: Decimal | None, tolerance: str = "0.000001") -> bool:
    """Equal amounts; nothing equals nothing."""
    figure = None if null(got) else number(got)
    return figure is want if want is None or figure is None else abs(figure - want) <= D(tolerance)


def folded(text: Any) -> str:
    """A text without what people add to it: blanks, width, brackets with points, a trailing colon."""
    raw = "" if null(text) else str(text)
    table = {ord(a): b for a, b in zip("（）：，％", "():,%", strict=True)}
    return "".join(raw.translate(table).split()).rstrip(":")


def differences(drawing: Drawing, money: Money, result: Result) -> list[str]:
    """Everything that is not as it should be."""
    why = list(_run_level(drawing, money, result))
    got = defaultdict(list)
    for row in result.projects:
        if null(row.get("counted")) or row["counted"]:
            got[folded(row["project_name"])].append(row)
    want = {folded(project.name) for project in drawing.projects}
    why += [
        f"surplus project “{name}” ({rows[0]['sheet']}!{rows[0]['cell']})"
        for name, rows in got.items()
        if name not in want
    ]
    excused = drawing.may_refuse and _said(result)
    for project in drawing.projects:
        rows = [row for row in got.get(folded(project.name), []) if _same_unit(row, project, drawing)]
        if len(rows) != 1:
            why += [] if excused and not rows else [f"{project.name}: {len(rows)} projects of this name and unit"]
            continue
        row = rows[0]
        why += list(_project(drawing, money, project, row, excused))
        if _text(row["money_unit"]):
            why += list(_funds(drawing, money, project, result.funds[row["project_id"]], excused))
        why += list(_indicators(drawing, project, result.indicators[row["project_id"]], excused))
    if not excused:
        why += list(_findings(drawing, money, result))
    else:
        why += [x for x in _findings(drawing, money, result) if x.startswith("false error") and "ST" not in x]
    return why


def _same_unit(row: Row, project: Project, drawing: Drawing) -> bool:
    twins = [p for p in drawing.projects if p.name == project.name]
    return len(twins) == 1 or folded(project.unit) in folded(row["unit"])


def _said(result: Result) -> bool:
    """Whether a sentence says that something was not read."""
    statuses = {file["status"] for file in result.files}
    unread = any(sheet.get("unread") for sheet in result.sheets)
    return (
        bool(statuses - {"ok"}) or unread or any(f["code"] in ("ST01", "ST08", "ST11", "ST10") for f in result.findings)
    )


def _run_level(drawing: Drawing, money: Money, result: Result) -> Iterator[str]:
    if "Traceback" in result.console or not result.run:
        yield f"no run.json or a traceback: {result.console[-200:]}"
        return
    failed = [file for file in result.files if file["status"] == "failed"]
    yield from (f"{file['path']} failed: {file['reason']}" for file in failed)
    if drawing.projects and not drawing.may_refuse:
        bad = [f for f in result.files if f["status"] not in ("ok", "partial")]
        yield from (f"file {file['status']}: {file['reason'][:120]}" for file in bad)
    kinds = {sheet["sheet"]: sheet.get("kind") for sheet in result.sheets}
    if len(kinds) == 1 == len(drawing.book):  # CSV and HTML do not keep the sheet's name
        kinds = {drawing.book[0].name: next(iter(kinds.values()))}
    in_words = any(str(file["path"]).endswith(".docx") for file in result.files)
    in_one = {sheet.get("kind") for sheet in result.sheets} if in_words else set()
    for name, kind in drawing.kinds.items():
        allowed = kind.split("|")
        if in_one:  # the pages of a document have no names
            if in_one.isdisjoint(allowed):
                yield f"sheet “{name}”: kinds {in_one} for {kind}"
        elif kinds.get(name) not in allowed:
            yield f"sheet “{name}”: kind {kinds.get(name)} for {kind}"
    totals = result.run.get("totals", {})
    counted = len(drawing.projects) if drawing.counted is None else drawing.counted
    if not drawing.may_refuse and totals.get("projects") != counted:
        yield f"{totals.get('projects')} projects counted for {counted}"
    if "executed" in drawing.carries and drawing.projects and drawing.counted is None and not drawing.may_refuse:
        whole = sum((p.money.executed for p in drawing.projects), D(0)) if money.decided else None
        if not same(totals.get("funds_executed"), whole):
            yield f"run.json funds_executed {totals.get('funds_executed')} for {whole or 'null (unit unknown)'}"
    if drawing.projects and not drawing.may_refuse and drawing.carries & {"adjusted", "executed"}:
        if not money.decided and not result.run.get("questions"):
            yield "the unit of money is not asked (questions in run.json)"
        if money.decided and result.run.get("questions"):
            yield f"asks without need: {result.run['questions']}"


FIELDS = (("initial", "budget_initial"), ("adjusted", "budget_adjusted"), ("executed", "executed"))


def _project(drawing: Drawing, money: Money, project: Project, row: Row, excused: bool) -> Iterator[str]:
    name, carries, whole = project.name, drawing.carries, project.money
    for field, column in FIELDS:
        if money.decided and not _text(row["money_unit"]) and null(row[column]):
            continue  # the line on the unit says it all
        want = getattr(whole, field) if field in carries and money.decided else None
        if not same(row[column], want) and not (excused and null(row[column])):
            unit = _text(row["money_unit"]) or "∅"
            yield f"{name}: {column} {_text(row[column])} for {want} 万元 (unit read: {unit})"
    unit = (drawing.unit_shown or money.unit) if money.decided else ""
    if carries & {"adjusted", "executed"} and _text(row["money_unit"]) != unit and not excused:
        yield f"{name}: money_unit {_text(row['money_unit']) or '∅'} for {unit or '∅ (ask)'}"
    checks = [
        ("total", "total_declared", project.total),
        ("execution_score", "execution_score_declared", project.execution_score),
    ]
    for field, column, value in checks:
        if field == "execution_score" and drawing.execution_row:
            continue  # it is the score of an indicator there
        if not same(row[column], value if field in carries else None, "0.001") and not (excused and null(row[column])):
            yield f"{name}: {column} {_text(row[column])} for {value if field in carries else None}"
    if {"adjusted", "executed"} <= carries and whole.adjusted and not excused:
        rate = whole.executed / whole.adjusted
        if not same(row["execution_rate"], rate, "0.0001"):
            yield f"{name}: execution_rate {_text(row['execution_rate'])} for {rate:.4f}"
    texts = [
        ("unit", "unit", project.unit),
        ("goal", "goal_expected", project.goal),
        ("goal", "goal_actual", project.goal_done),
        ("code", "project_code", project.code),
    ]
    for field, column, value in texts:
        if field in carries and folded(value) not in folded(row[column]) and not excused:
            yield f"{name}: {column} “{_text(row[column])}” for “{value}”"
    if "year" in carries and not same(row["year"], D(project.year)):
        yield f"{name}: year {_text(row['year'])} for {project.year}"


def _text(value: Any) -> str:
    return "" if null(value) else str(value)


def _funds(drawing: Drawing, money: Money, project: Project, rows: list[Row], excused: bool) -> Iterator[str]:
    if "sources" not in drawing.carries or not money.decided:
        return
    lines: tuple[Fund, ...] = project.funds if drawing.sources == "three" else project.two_sources
    fields = [field for field, _ in FIELDS if field in drawing.carries]
    for line in lines:
        if not any(getattr(line, field) for field in fields):
            continue
        near = [
            r
            for r in rows
            if any(word in _text(r["source"]) for word in SOURCE_WORDS[line.source]) and r.get("role") != "total"
        ]
        good = [r for r in near if all(same(r[field], getattr(line, field)) for field in fields)]
        if not good and not (excused and not near):
            read = [[_text(r["source"])] + [_text(r[f]) for f in fields] for r in rows]
            want = [f"{getattr(line, f)}" for f in fields]
            yield f"{project.name}: source {line.source} {want} not among {read}"


def _indicators(drawing: Drawing, project: Project, rows: list[Row], excused: bool) -> Iterator[str]:
    want = [] if "indicators" not in drawing.carries else list(project.indicators)
    names = {folded(w.name) for w in want} | ({"预算执行率"} if drawing.execution_row else set())
    for row in rows:
        if row["role"] == "indicator" and folded(row["level3"]) not in names and not excused:
            yield f"{project.name}: surplus row “{_text(row['level3'])[:40]}” ({row['sheet']} row {row['row']})"
    for indicator in want:
        found = [r for r in rows if folded(r["level3"]) == folded(indicator.name) and r["role"] == "indicator"]
        if len(found) != 1:
            if not (excused and not found):
                yield f"{project.name}/{indicator.name}: {len(found)} rows"
            continue
        yield from _indicator(drawing, project, indicator, found[0], excused)


def _indicator(drawing: Drawing, project: Project, want: Indicator, row: Row, excused: bool) -> Iterator[str]:
    where = f"{project.name}/{want.name}"
    if want.in_words:
        target = row["target_text"] if _text(row["target_text"]).strip() else row["unit_text"]
        for label, got, value in (("target", target, want.target), ("actual", row["actual_text"], want.actual)):
            if folded(value) != folded(got) and not (excused and not _text(got)):
                yield f"{where}: {label} “{_text(got)}” for “{value}”"
    else:
        for label, column, value in (("target", "target_value", want.target), ("actual", "actual_value", want.actual)):
            if not same(row[column], D(value)) and not (excused and null(row[column])):
                yield f"{where}: {label} {_text(row[column])} (“{_text(row[label + '_text'])}”) for {value}"
        operator = {"≥": "ge", "≤": "le", "=": "eq"}[want.sign]
        if row["operator"] != operator and not excused:
            yield f"{where}: operator {row['operator']} for {operator}"
        unit = _text(row["unit"]) or _text(row["unit_text"])
        if folded(want.unit) not in folded(unit) and not excused:
            yield f"{where}: unit “{unit}” for “{want.unit}”"
    points = row["weight_share"] if null(row["points"]) else row["points"]
    for label, got, value in (("points", points, want.points), ("score", row["score_declared"], want.score)):
        expected = value if label in drawing.carries else None
        if not same(got, expected, "0.001") and not (excused and null(got)):
            yield f"{where}: {label} {_text(got)} for {expected}"
    if (
        "reason" in drawing.carries
        and folded(row["reason"]) != folded(want.reason)
        and not (excused and not _text(row["reason"]))
    ):
        yield f"{where}: reason “{_text(row['reason'])[:30]}” for “{want.reason[:30]}”"
    for level in ("level1", "level2"):
        if level in drawing.carries and _level(getattr(want, level)) not in _level(row[level]) and not excused:
            yield f"{where}: {level} “{_text(row[level])}” for “{getattr(want, level)}”"


def _level(text: Any) -> str:
    return folded(text).replace("指标", "").replace("效果", "效益")


COMPARED = "TG"  # target sheets are drawn with figures of their own, which differ from those of the forms beside them


def _findings(drawing: Drawing, money: Money, result: Result) -> Iterator[str]:
    """Errors that are not true, planted defects that no error names."""
    defective = {
        folded(p.name): p.defect for p in drawing.projects
        if p.defect and p.defect.needs <= drawing.carries and "indicators" in drawing.carries
    }  # fmt: skip
    hit, false = set(), defaultdict(list)
    for finding in result.findings:
        if finding["severity"] != "error" or finding["code"].startswith(COMPARED):
            continue
        name = folded(finding["project"])
        defect = defective.get(name)
        if defect and finding["code"][:2] in defect.families:
            hit.add(name)
        elif not (finding["code"][:2] in ("FU", "HB") and not money.decided and "单位" in finding["message"]):
            false[finding["code"]].append(f"{finding['sheet']}!{finding['cell']} {finding['message'][:70]}")
    yield from (f"false error {code} ×{len(where)}: {where[0]}" for code, where in sorted(false.items()))
    yield from (f"missed: {name}: {defect.kind}" for name, defect in defective.items() if name not in hit)
