"""Every shape in which a person lays out self-evaluations is read to the figure, whatever the container."""

from __future__ import annotations

from pathlib import Path

import pytest
from strangers.cases import Case, few


@pytest.mark.parametrize("case", list(few()), ids=str)
def test_shape(case: Case, tmp_path: Path) -> None:
    assert case.differences(tmp_path) == []
