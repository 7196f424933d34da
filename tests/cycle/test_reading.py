"""Sheets of the budget cycle are read to the cell: the year's targets, not the mid-term ones, never as projects."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import drawing

from perfbatch.config import Settings
from perfbatch.cycle.sheets import Row, Sheet, read
from perfbatch.decimals import plain
from perfbatch.pipeline import process_workbook

FORMS = tomllib.loads((Path(__file__).parent / "forms.toml").read_text(encoding="utf-8"))["form"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["why"])
def test_sheets_of_the_cycle(form: dict[str, Any], tmp_path: Path) -> None:
    path = drawing.write(tmp_path / "表.xlsx", {"表": drawing.parse(form["grid"])})
    result = process_workbook(path, path.name, Settings())
    assert [sheet.kind for sheet in result.sheets] == [form["kind"]]
    assert result.status == "skipped" and result.frames is None, "no project"
    (project,) = read(result.cycle, [form["kind"]], Sheet)
    assert (project.project_name, project.project_code, project.year) == (
        form["project"],
        form.get("code", ""),
        form.get("year"),
    )
    assert project.budget == (Decimal(form["budget"]) if "budget" in form else None)
    assert project.goal_expected == form.get("goal", "")
    assert {name: shown(getattr(project, name)) for name in form.get("more", {})} == as_texts(form.get("more", {}))
    for row, line in zip(project.rows, form.get("lines", ()), strict=False):
        assert {name: shown(getattr(row, name)) for name in line} == line
    assert [told(row) for row in project.rows] == [wanted(row) for row in form["rows"]]


def shown(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


def as_texts(table: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in table.items()}


def told(row: Row) -> list[Any]:
    adjusted = row.adjusted.shown if row.adjusted else ""
    return [row.name, row.target.shown, row.points, adjusted, row.note if adjusted else ""]


def wanted(text: str) -> list[Any]:
    name, target, points, adjusted, note = [part.strip() for part in text.split("│")] + [""] * (4 - text.count("│"))
    return [name, target, Decimal(points) if points else None, adjusted, note]
