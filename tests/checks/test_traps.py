"""The traps across units: how each row is read and scored, and every finding it adds, from a drawn form."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import drawing

from perfbatch.config import Settings
from perfbatch.model import WorkbookResult
from perfbatch.pipeline import process_workbook

TRAPS = tomllib.loads(Path(__file__).with_name("traps.toml").read_text(encoding="utf-8"))["trap"]


def checked(folder: Path, trap: dict[str, Any]) -> WorkbookResult:
    sheet = drawing.parse(drawing.load("F1")["grid"]).edited(trap.get("edit", {}))
    path = drawing.write(folder / "表.xlsx", {"自评表": sheet})
    return process_workbook(path, path.name, Settings(parameters=trap.get("parameters", {})))


@pytest.mark.parametrize("trap", TRAPS, ids=[trap["why"] for trap in TRAPS])
def test_trap(trap: dict[str, Any], tmp_path: Path) -> None:
    clean = {(f.code, f.cell) for f in checked(tmp_path, {}).findings}
    result = checked(tmp_path, trap)
    assert result.frames is not None, result.traceback or result.reason
    (row,) = (r for r in result.frames.indicators.itertuples() if r.row == trap["row"])
    read = {
        "direction": row.direction, "comparison": row.comparison, "target": row.target_base,
        "upper": row.target_base2, "actual": row.actual_base, "score": row.score,
        "total": result.frames.projects.iloc[0]["total_score"],
    }  # fmt: skip
    figures = ("target", "upper", "actual", "score", "total")
    wanted = trap["read"] | {name: Decimal(trap["read"][name]) if trap["read"][name] else None for name in figures}
    assert read == wanted, row.formula
    added = [f"{f.severity} {f.code} {f.cell}" for f in result.findings if (f.code, f.cell) not in clean]
    assert sorted(added) == sorted(trap["adds"]), [f.message for f in result.findings]


def test_every_trap_of_the_list_is_here() -> None:
    assert len({trap["why"] for trap in TRAPS}) == len(TRAPS) >= 45
