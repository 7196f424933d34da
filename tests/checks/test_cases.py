"""Every case file: exactly the findings it names, alone and embedded among other forms."""

from __future__ import annotations

from typing import Any

import pytest
from support.cases import CASES, Case, expected, findings, load

from perfbatch.checks import register

ALL = [case for path in sorted(CASES.glob("*.toml")) for case in load(path)]


@pytest.mark.parametrize("embedded", [False, True], ids=["alone", "embedded"])
@pytest.mark.parametrize("case", ALL, ids=str)
def test_exact_findings(case: Case, embedded: bool) -> None:
    """A failing case gives exactly its hits in order, a passing one none, a skipping one its reason."""
    entry = register.register()[case.code]
    if embedded and (case.table.get("alone") or entry.scope == "batch"):
        pytest.skip("the check compares forms with each other")
    found, outcome = findings(case, embedded=embedded)
    assert outcome.state != "errored", outcome.reason
    if case.kind == "skipping":
        assert outcome.state == "skipped"
        assert case.table.get("reason", "") in outcome.reason
        return
    assert outcome.state != "skipped", outcome.reason
    wanted = expected(case)
    assert bool(wanted) == (case.kind == "failing"), "failing cases name hits, passing ones do not"
    assert [(f.sheet, f.cell) for f in found] == [(w["sheet"], w["cell"]) for w in wanted], found
    for finding, want in zip(found, wanted, strict=True):
        _compare(finding, {"severity": entry.severity.value, **want})


def _compare(finding: Any, want: dict[str, str]) -> None:
    for name in ("severity", "seen", "expected", "basis"):
        if name in want:
            assert getattr(finding, name) == want[name], finding
    assert want.get("message", "") in finding.message
    assert finding.message.endswith("。"), "a message is one sentence"
    assert finding.hint and finding.basis and finding.file
