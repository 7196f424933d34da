"""Amounts, printed rates, points and scores: every row of `cases/{money,rates,points,scores}.toml` is one test."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perfbatch.notation import Money, read_money, read_points, read_rate, read_score

CASES = Path(__file__).parent / "cases"


def rows(name: str) -> list[Any]:
    """The cases of one file, with readable ids."""
    cases = tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))["case"]
    return [pytest.param(case, id=f"{number}: {case['text']!r}") for number, case in enumerate(cases, 1)]


def decimal_or_none(text: str | None) -> Decimal | None:
    """Figure of a case file."""
    return None if text is None else Decimal(text)


@pytest.mark.parametrize("case", rows("money"))
def test_amount(case: dict[str, Any]) -> None:
    """An amount is read in 万元, once, with the unit it was read in; without a unit it is refused."""
    expected = case["expect"]
    money = read_money(case["text"], case["heading"], stored=case.get("stored", "text"))
    assert money == Money(
        decimal_or_none(expected.get("value")), expected.get("unit", ""), expected["unit_source"],
        expected["status"], money.note,
    )  # fmt: skip
    assert expected.get("note", "") in money.note
    assert money.note or money.status in {"ok", "nil"}


@pytest.mark.parametrize("case", rows("rates"))
def test_rate(case: dict[str, Any]) -> None:
    """A bare figure below 2 is read only where the fund figures prove one reading."""
    expected = case["expect"]
    found = read_rate(case["text"], stored=case.get("stored", "text"), proof=decimal_or_none(case.get("proof")))
    assert found == (decimal_or_none(expected.get("rate")), expected["form"])


@pytest.mark.parametrize("case", rows("points"))
def test_points(case: dict[str, Any]) -> None:
    """What is no number is None, never zero."""
    assert read_points(case["text"], stored=case.get("stored", "text")) == decimal_or_none(case.get("value"))


@pytest.mark.parametrize("case", rows("scores"))
def test_score(case: dict[str, Any]) -> None:
    """One clear figure with a remark is that figure; nothing that may say another one."""
    assert read_score(case["text"], decimal_or_none(case.get("worth"))) == decimal_or_none(case.get("value"))
