"""The unit of money: stated wins, else evidence decides and is said, else it is asked once."""

from __future__ import annotations

from pathlib import Path

import pytest
from strangers import cases  # noqa: F401  (registers the shapes)
from strangers.containers import write
from strangers.judge import Result, differences, run
from strangers.money import Money
from strangers.shapes import SHAPES, Drawing

CALLED = {"F1/usual": "form", "hebei/table": "form", "list/platform-with-rows": "list"}


def processed(name: str, money: Money, folder: Path, setting: str = "", seed: int = 4) -> tuple[Drawing, Result]:
    drawing = SHAPES[name].draw(SHAPES[name].deal(seed, money))
    if setting:
        (folder / "perfbatch.toml").write_text(f'money_unit = "{setting}"\n', encoding="utf-8")
    return drawing, run(write(drawing.book, "xlsx", folder / "导出表"), folder)


def read_as(result: Result) -> dict[str, object]:
    (file,) = result.files
    return file.get("money") or {}


@pytest.mark.parametrize("name", CALLED)
def test_stated(name: str, tmp_path: Path) -> None:
    _, result = processed(name, Money("元", "header"), tmp_path)
    assert read_as(result).get("unit") == "元" and not result.run.get("questions")


@pytest.mark.parametrize("name", CALLED)
@pytest.mark.parametrize("unit", ["元", "万元"])
def test_decided_by_cost_and_said(name: str, unit: str, tmp_path: Path) -> None:
    """The console names the decision and the setting that would reverse it."""
    drawing, result = processed(name, Money(unit, "cost"), tmp_path)
    assert read_as(result).get("unit") == unit and read_as(result).get("evidence")
    said = [line for line in result.console.splitlines() if "money_unit" in line]
    assert len(said) == 1 and unit in said[0]
    assert differences(drawing, Money(unit, "cost"), result) == []


@pytest.mark.parametrize("name", CALLED)
@pytest.mark.parametrize("place", ["nothing", "split"])
def test_asked(name: str, place: str, tmp_path: Path) -> None:
    """One question, no amount in any sum, none shown as 0."""
    _, result = processed(name, Money("元", place), tmp_path)
    assert len(result.run.get("questions") or []) == 1
    assert result.run["totals"]["funds_executed"] is None and read_as(result).get("unit") in (None, "")
    assert "0.00万元" not in result.console and "money_unit" in result.console


@pytest.mark.parametrize("name", CALLED)
def test_the_answer_is_a_setting(name: str, tmp_path: Path) -> None:
    drawing, result = processed(name, Money("元", "nothing"), tmp_path, setting="元")
    assert differences(drawing, Money("元", "header"), result) == []


@pytest.mark.parametrize("name", CALLED)
def test_a_setting_against_the_evidence_is_used_and_warned_of(name: str, tmp_path: Path) -> None:
    _, result = processed(name, Money("元", "cost"), tmp_path, setting="万元")
    assert {row["money_unit"] for row in result.projects} == {"万元"}
    assert any("money_unit" in line and "元" in line for line in result.console.splitlines())


@pytest.mark.parametrize("name", CALLED)
def test_one_finding_a_file_not_one_a_project(name: str, tmp_path: Path) -> None:
    _, result = processed(name, Money("元", "cost"), tmp_path)
    assert len([f for f in result.findings if f["code"] == "FU10"]) <= 1
