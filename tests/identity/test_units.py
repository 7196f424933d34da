"""Ways to write a unit (`units.toml`)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from perfbatch.identity import units

CASES = tomllib.loads((Path(__file__).parent / "units.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_units(case: dict[str, Any]) -> None:
    files, written, departments = zip(*case["entries"], strict=True)
    found = units.resolve(files, written, departments, case.get("aliases", {}))
    assert [found.names[number] for number in found.of] == case["names"]
    assert [[found.names[one], found.names[other]] for one, other in found.alike] == case.get("alike", [])


def test_the_order_of_the_input_changes_no_unit() -> None:
    for case in CASES:
        entries = case["entries"][::-1]
        files, written, departments = zip(*entries, strict=True)
        found = units.resolve(files, written, departments, case.get("aliases", {}))
        assert [found.names[number] for number in found.of] == case["names"][::-1], case["why"]
