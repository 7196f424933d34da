"""The notations of the reference, line by line: every row of `cases/*.toml` is one test.

A row gives `text` (a target) and, where the actual is meant, `actual`; `row` is what stands around both cells,
`row_actual` what stands around the actual only. Fields that an expectation does not name must have their empty
value, so a row pins the whole reading. `note` words must occur in the notes.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perfbatch.notation import Around, Comparison, Reading, compare, on_time, read_actual, read_target

CASES = Path(__file__).parent / "cases"
EMPTY = {
    "kind": None, "status": "ok", "op": "none", "value": None, "value2": None, "unit": "",
    "date_from": None, "date_to": None, "applicable": True,
}  # fmt: skip
DECIMALS = {"value", "value2", "target", "target2", "actual", "points"}


def rows(pattern: str) -> list[Any]:
    """All cases of the files that match, with readable ids."""
    found = []
    for path in sorted(CASES.glob(pattern)):
        for number, case in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["case"], 1):
            shown = case["text"] + (f" → {case['actual']}" if "actual" in case else "")
            found.append(pytest.param(case, id=f"{path.stem} {number}: {shown}"))
    return found


def decoded(values: dict[str, Any]) -> dict[str, Any]:
    """Expectation with decimals for figures."""
    return {key: Decimal(value) if key in DECIMALS else value for key, value in values.items()}


def assert_reading(reading: Reading, expected: dict[str, Any], raw: str) -> None:
    """Every field of the reading, the ones not named being empty."""
    expected = dict(expected)
    note, silent = expected.pop("note", ""), expected.pop("no_notes", False)
    assert reading.raw == raw
    shown = {item.name: getattr(reading, item.name) for item in fields(reading)}
    assert {name: shown[name] for name in EMPTY} == EMPTY | decoded(expected), reading.notes
    assert note in "；".join(reading.notes)
    assert not (silent and reading.notes)
    if reading.status != "ok":
        assert reading.notes, "an assumption or a refusal must say why"


@pytest.mark.parametrize("case", rows("[01]*.toml"))
def test_notation(case: dict[str, Any]) -> None:
    """One line of the reference."""
    around = decoded(case.get("row", {}))
    target = read_target(case["text"], Around(**around))
    if "expect" in case:
        assert_reading(target, case["expect"], case["text"])
    if "actual" not in case:
        return
    beside = {key: value for key, value in around.items() if key not in {"stored", "number_format", "sign"}}
    actual = read_actual(case["actual"], target, Around(**beside | decoded(case.get("row_actual", {}))))
    if "expect_actual" in case:
        assert_reading(actual, case["expect_actual"], case["actual"])
    if "compare" in case:
        assert_comparison(compare(target, actual), case["compare"])
    if "on_time" in case:
        assert on_time(target, actual) is {"yes": True, "no": False, "unclear": None}[case["on_time"]]


def assert_comparison(result: Comparison, expected: dict[str, Any]) -> None:
    """State and figures, absent figures being None; anything but a plain yes says why or rests on a status."""
    expected = decoded(expected)
    assert result.state == expected["state"], result.note
    assert (result.target, result.target2, result.actual) == tuple(
        expected.get(name) for name in ("target", "target2", "actual")
    )
    assert expected.get("note", "") in result.note
    if result.state in {"dimension", "none"}:
        assert result.note


def test_every_section_of_the_reference_has_cases() -> None:
    """Sections 1 to 14 of the reference each have their file."""
    assert [path.stem[:2] for path in sorted(CASES.glob("[01]*.toml"))] == [f"{n:02}" for n in range(1, 15)]


def test_dates_in_expectations_are_dates() -> None:
    """TOML dates compare with `date`, so that a date case cannot pass by accident."""
    case = tomllib.loads((CASES / "08_dates.toml").read_text(encoding="utf-8"))["case"][0]
    assert isinstance(case["expect"]["date_to"], date)
