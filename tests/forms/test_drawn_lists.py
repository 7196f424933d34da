"""The platform's two lists, drawn: a clean pair raises nothing, a derived invalid adds exactly its findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import drawing

from perfbatch.config import Settings
from perfbatch.model import Finding
from perfbatch.pipeline import process_workbook

DOCUMENT = drawing.load("lists")
SHEETS = {"P": ("项目列表", "projects"), "I": ("指标完成情况", "indicators")}
SHORT = {name: letter for letter, (name, _) in SHEETS.items()}


def found(folder: Path, edits: dict[str, str]) -> list[Finding]:
    """Findings of the pair of lists with some cells replaced (``P!J4`` → text)."""
    sheets = {}
    for letter, (name, key) in SHEETS.items():
        own = {ref.partition("!")[2]: text for ref, text in edits.items() if ref.startswith(f"{letter}!")}
        sheets[name] = drawing.parse(DOCUMENT[key]).edited(own)
    result = process_workbook(drawing.write(folder / "列表.xlsx", sheets), "列表.xlsx", Settings())
    assert result.status == "ok" and result.size is not None, result.traceback or result.reason
    assert (result.size.layouts, result.size.projects, result.size.indicators) == (("F11",), 2, 12)
    return result.findings


def places(findings: list[Finding]) -> dict[tuple[str, str], str]:
    return {(f.code, f"{SHORT[f.sheet]}!{f.cell}"): f.message for f in findings}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    return found(tmp_path_factory.mktemp("lists"), {})


def test_clean_lists_raise_no_error_and_no_warning(clean: list[Finding]) -> None:
    assert [(f.code, f.sheet, f.cell, f.message) for f in clean if f.severity != "info"] == []


@pytest.mark.parametrize("case", DOCUMENT["derived"], ids=[case["why"] for case in DOCUMENT["derived"]])
def test_derived_invalid(case: dict[str, Any], clean: list[Finding], tmp_path: Path) -> None:
    before = places(clean)
    after = places(found(tmp_path, case["edit"]))
    added = {place: message for place, message in after.items() if place not in before}
    assert set(added) == {tuple(pair) for pair in case["expect"]}, added
