"""A work folder for the tests of how findings end: one form with chosen cells, what a run wrote about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl

from perfbatch.cli import main
from support import drawing

SUMMARY, LIST = "绩效自评汇总表.xlsx", "问题清单"
FORM = "村道养护（虚构）"


def form(path: Path, edits: Mapping[str, str] | None = None, name: str = FORM) -> Path:
    """A national form; cells by A1 reference as they are to be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    grid = drawing.load("F1")["grid"].replace(FORM, name)
    return drawing.write(path, {"自评表": drawing.parse(grid).edited(dict(edits or {}))})


class Run:
    """What a run in the current folder wrote: exit code, findings, run.json."""

    def __init__(self, *options: str, output: str = "output") -> None:
        self.code = main(["run", "--workers", "1", "--output", output, *options])
        self.output = Path(output)
        self.record: dict[str, Any] = json.loads((self.output / "run.json").read_text(encoding="utf-8"))
        lines = (self.output / "findings.jsonl").read_text(encoding="utf-8").splitlines()
        self.findings: list[dict[str, str]] = [json.loads(line) for line in lines]

    def one(self, code: str, cell: str | None = None) -> dict[str, str]:
        """The one finding of a check, at a cell if one is named."""
        (found,) = (f for f in self.findings if f["code"] == code and cell in (None, f["cell"]))
        return found

    def open(self, severity: str) -> list[str]:
        """Codes of the open findings of a severity."""
        return [f["code"] for f in self.findings if f["severity"] == severity and f["state"] == "open"]


class Listed:
    """A list sheet of the summary as a person sees and fills it; kept when `save` is called."""

    def __init__(self, output: Path, sheet: str = LIST, heading: str = "序号") -> None:
        self.path = output / SUMMARY
        self.book = openpyxl.load_workbook(self.path)
        self.sheet = self.book[sheet]
        self.top = next(row[0].row for row in self.sheet.iter_rows() if row[0].value == heading)
        self.columns = {cell.value: cell.column for cell in self.sheet[self.top]}

    def rows(self) -> list[dict[str, Any]]:
        """The rows by heading, in their order."""
        found = []
        for row in range(self.top + 1, self.sheet.max_row + 1):
            values = {name: self.sheet.cell(row, at).value for name, at in self.columns.items()}
            if any(value is not None for value in values.values()):
                found.append(values | {"row": row})
        return found

    def row(self, **wanted: str) -> dict[str, Any]:
        """The one row with these values."""
        (found,) = (row for row in self.rows() if all(row[name] == value for name, value in wanted.items()))
        return found

    def fill(self, row: Mapping[str, Any], **words: str | None) -> None:
        """Type into the cells of a row."""
        for name, text in words.items():
            self.sheet.cell(row["row"], self.columns[name]).value = text

    def save(self) -> None:
        """As a spreadsheet program does."""
        self.book.save(self.path)
