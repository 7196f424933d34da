"""An actual in words that denies what its target asks for is seen, and no prose that only speaks of shortcomings."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfbatch.notation.compare import contradiction

PAIRS = tomllib.loads((Path(__file__).parent / "cases" / "claims.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("target", "actual"), PAIRS["contradict"])
def test_a_denial_or_an_opposite_contradicts(target: str, actual: str) -> None:
    found = contradiction(target, actual)
    assert found is not None
    assert found.sure


@pytest.mark.parametrize(("target", "actual"), PAIRS["ask"])
def test_what_is_only_partly_denied_is_a_question(target: str, actual: str) -> None:
    found = contradiction(target, actual)
    assert found is not None
    assert not found.sure


@pytest.mark.parametrize(("target", "actual"), PAIRS["agree"])
def test_prose_that_agrees_is_left_alone(target: str, actual: str) -> None:
    assert contradiction(target, actual) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_it_and_none_contradicts_itself(target: str, actual: str) -> None:
    contradiction(target, actual)
    assert contradiction(target, target) is None
