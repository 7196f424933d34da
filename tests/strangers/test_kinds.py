"""Sheets that are no project's self-evaluation are named for what they are and add nothing, alone or beside forms."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from strangers import kinds
from strangers.containers import write
from strangers.judge import differences, run
from strangers.money import Money
from strangers.shapes import Deal, Drawing
from strangers.truth import projects

STATED = Money("万元", "label")
IN_HEADER = Money("万元", "header")
CONTAINERS = ("xlsx", "xls", "ods", "inline", "xml2003")


def deal(seed: int, money: Money = STATED, count: int = 2, year: int = 2023) -> Deal:
    return Deal(projects(seed, count, amounts=money.amounts, year=year), money, random.Random(seed))


def judged(drawing: Drawing, money: Money, folder: Path, container: str = "xlsx") -> list[str]:
    return differences(drawing, money, run(write(drawing.book, container, folder / "表格"), folder))


# What a clerk must read on the console of a file that holds only this kind.
CALLED = {
    "overall": "部门整体", "evaluation": "评价", "target": "绩效目标", "target_adjustment": "调整",
    "monitoring": "监控", "unit_list": "汇总", "social_fund": "基金", "rectification": "整改",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name, other in kinds.OTHERS.items() if other.kind != "other"])
def test_a_sentence_says_what_it_is(name: str, tmp_path: Path) -> None:
    """The file is named, not refused; where nothing of it was read, the run is no success and says so first."""
    result = run(write(kinds.alone(name, deal(2)).book, "xlsx", tmp_path / "表格"), tmp_path)
    said = result.console + "".join(str(file.get("reason")) for file in result.files)
    assert any(CALLED[kind] in said for kind in kinds.OTHERS[name].kind.split("|"))
    assert {file["status"] for file in result.files} <= {"ok", "partial", "skipped"}
    assert (result.code == 3) == ("【没有读到自评表】" in result.console)


@pytest.mark.parametrize(("name", "k"), [(name, k) for k, name in enumerate(kinds.OTHERS)])
def test_alone(name: str, k: int, tmp_path: Path) -> None:
    """Neither projects nor money; one sentence says what it is; a file that holds no forms at all is no failure."""
    drawing = kinds.alone(name, deal(k))
    path = write(drawing.book, CONTAINERS[k % len(CONTAINERS)], tmp_path / "表格")
    result = run(path, tmp_path)
    assert differences(drawing, STATED, result) == []
    assert [f for f in result.findings if f["severity"] == "error"] == []


@pytest.mark.parametrize("name", [name for name, other in kinds.OTHERS.items() if other.untitled])
def test_without_title(name: str, tmp_path: Path) -> None:
    """Known by the words that only this kind has."""
    assert judged(kinds.alone(name, deal(7), titled=False), STATED, tmp_path) == []


@pytest.mark.parametrize(("name", "k"), [(name, k) for k, name in enumerate(kinds.OTHERS)])
def test_beside_forms(name: str, k: int, tmp_path: Path) -> None:
    """The forms are read as if the sheet were not there; it is not merged into a neighbour."""
    assert judged(kinds.beside_forms(name, deal(k + 40), first=k % 2 == 0), STATED, tmp_path) == []


@pytest.mark.parametrize(("name", "k"), [(name, k) for k, name in enumerate(kinds.OTHERS)])
def test_beside_a_list(name: str, k: int, tmp_path: Path) -> None:
    assert judged(kinds.beside_list(name, deal(k + 80, IN_HEADER, 4)), IN_HEADER, tmp_path) == []


@pytest.mark.parametrize(("name", "k"), [(name, k) for k, name in enumerate(kinds.OTHERS)])
def test_below_forms_without_total(name: str, k: int, tmp_path: Path) -> None:
    """A transfer form ends where the next sheet begins, whatever that is."""
    assert judged(kinds.below_transfer(name, deal(k + 120)), STATED, tmp_path) == []


def test_last_years_forms_are_another_years(tmp_path: Path) -> None:
    drawing = kinds.last_year(deal(3), deal(3, year=2022))
    result = run(write(drawing.book, "xlsx", tmp_path / "表格"), tmp_path)
    assert result.run["totals"]["projects"] == drawing.counted
    kinds_read = {sheet["sheet"]: sheet.get("kind") for sheet in result.sheets}
    assert kinds_read == drawing.kinds
