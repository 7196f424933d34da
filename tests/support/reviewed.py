"""The reviewer's list for the published tables, and what the program found on each, side by side."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from perfbatch.config import Settings
from perfbatch.model import Finding
from perfbatch.pipeline import process_workbook
from support import render_tables as tables

_LIST = Path(__file__).parent.parent / "data" / "tables" / "reviewed.toml"
_FIELD_CELLS = {"f": "funds", "i": "indicators"}


@dataclass
class Compared:
    """One table: what was wanted and found or missed, errors nobody wanted, and warnings by code."""

    name: str
    found: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    missed_arithmetic: list[str] = field(default_factory=list)
    errors: int = 0
    false_errors: list[Finding] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)


def compare(name: str, folder: Path) -> Compared:
    """Render one table, run the program on it, hold its findings against the list."""
    wanted = tomllib.loads(_LIST.read_text(encoding="utf-8"))[name[:3]]
    rendered = tables.render([tables.load(name)], folder / f"{name}.xlsx")
    result = process_workbook(rendered.path, rendered.path.name, Settings())
    assert result.status != "failed", result.traceback
    places = {(f.code, f.cell) for f in result.findings}
    codes = {f.code for f in result.findings}
    outcome = Compared(name)
    for kind in ("arithmetic", "other"):
        for entry in wanted.get(kind, ()):
            code, _, place = entry.partition("@")
            hit = (code, _cell(rendered.forms[0], place)) in places if place else code in codes
            (outcome.found if hit else outcome.missed).append(entry)
            if not hit and kind == "arithmetic":
                outcome.missed_arithmetic.append(entry)
    entries = [e.partition("@") for kind in ("arithmetic", "other", "open") for e in wanted.get(kind, ())]
    anywhere = {code for code, _, place in entries if not place}
    at = {(code, _cell(rendered.forms[0], place)) for code, _, place in entries if place}
    errors = [f for f in result.findings if f.severity == "error"]
    outcome.errors = len(errors)
    outcome.false_errors = [f for f in errors if f.code not in anywhere and (f.code, f.cell) not in at]
    outcome.warnings = Counter(f.code for f in result.findings if f.severity == "warning")
    return outcome


def _cell(form: tables.FormCells, place: str) -> str:
    row, _, name = place.partition(".")
    entries = getattr(form, _FIELD_CELLS[row[0]])
    return str(entries[int(row[1:])][name])
