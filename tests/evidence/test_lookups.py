"""What a document says of a figure, case by case."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.papers import typed

from perfbatch.evidence.index import Asked, look_up

CASES = tomllib.loads(Path(__file__).with_name("lookups.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_what_a_document_says(case: dict[str, Any]) -> None:
    name, figure, *unit = case["asked"]
    value, day = (Decimal(figure), "") if unit else (None, figure)
    asked = Asked("P", name, value, unit[0] if unit else "", day, "", figure, None, "表", 9, "F9")
    file, text = case["paper"]
    found = look_up(asked, [typed({"file": file, "text": text}, "P", "项目")])
    assert found.state == case["state"], [place.figure for place in found.places]
    if "place" in case:
        assert found.places[0].figure.cell == case["place"]
