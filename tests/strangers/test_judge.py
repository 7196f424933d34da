"""The judge sees what it must see: a truth changed in one place gives a line that names the place."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from strangers import cases
from strangers.judge import differences, run
from strangers.money import Money
from strangers.shapes import SHAPES, Drawing
from strangers.truth import Project

MONEY = Money("万元", "label")


def first(drawing: Drawing, change: dict[str, object]) -> Drawing:
    project, *others = drawing.projects
    return replace(drawing, projects=(replace(project, **change), *others))  # type: ignore[arg-type]


def row(project: Project, **change: object) -> dict[str, object]:
    return {"indicators": (replace(project.indicators[0], **change), *project.indicators[1:])}  # type: ignore[arg-type]


def fund(project: Project, **change: object) -> dict[str, object]:
    return {"funds": (replace(project.funds[0], **change), *project.funds[1:])}  # type: ignore[arg-type]


CHANGED = {
    "score ": lambda p: row(p, score=Decimal("1.23")),
    "points ": lambda p: row(p, points=Decimal(1)),
    "target ": lambda p: row(p, target="99999"),
    "actual ": lambda p: row(p, actual="99999"),
    "operator ": lambda p: row(p, sign="≤"),
    "unit ": lambda p: row(p, unit="光年"),
    "reason ": lambda p: row(p, reason="另一个原因"),
    "level1 ": lambda p: row(p, level1="过程指标"),
    "0 rows": lambda p: row(p, name="另一个指标"),
    "0 projects": lambda p: {"name": "另一个项目"},
    "budget_adjusted ": lambda p: fund(p, adjusted=p.funds[0].adjusted + 1),
    "source 财政": lambda p: fund(p, executed=p.funds[0].executed + 1),
    "total_declared ": lambda p: {"total": p.total + 1},
    "execution_score_declared ": lambda p: {"execution_score": Decimal("0.01")},
    "goal_actual ": lambda p: {"goal_done": "没有完成"},
    "year ": lambda p: {"year": 1999},
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Drawing, object]:
    case = cases.Case(SHAPES["F1/usual"], MONEY, "xlsx", 2)
    folder, drawing = tmp_path_factory.mktemp("judge"), case.drawing()
    return drawing, run(cases.write(drawing.book, "xlsx", folder / "表"), folder)


def test_nothing_is_wrong(drawn: tuple[Drawing, object]) -> None:
    assert [line for line in differences(*_args(drawn)) if "kind" not in line] == []


def _args(drawn: tuple[Drawing, object]) -> tuple[Drawing, Money, object]:
    return drawn[0], MONEY, drawn[1]


@pytest.mark.parametrize("line", CHANGED)
def test_a_difference_is_named(line: str, drawn: tuple[Drawing, object]) -> None:
    drawing, result = drawn
    changed = first(drawing, CHANGED[line](drawing.projects[0]))
    assert any(line in why for why in differences(changed, MONEY, result))  # type: ignore[arg-type]


def test_a_defect_nobody_reports_is_missed(drawn: tuple[Drawing, object]) -> None:
    drawing, result = drawn
    from strangers.truth import DEFECTS

    changed = first(drawing, {"defect": DEFECTS["over"]})
    assert any(why.startswith("missed") for why in differences(changed, MONEY, result))  # type: ignore[arg-type]


def test_an_error_without_defect_is_false(tmp_path: Path) -> None:
    case = cases.Case(SHAPES["F1/usual"], MONEY, "xlsx", 5)
    drawing = case.drawing()
    innocent = replace(drawing, projects=[replace(p, defect=None) for p in drawing.projects])
    result = run(cases.write(drawing.book, "xlsx", tmp_path / "表"), tmp_path)
    assert any(why.startswith("false error") for why in differences(innocent, MONEY, result))
