"""Every case file: exactly the findings it names, alone and together with all other cases of the check."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.cases import CASES, Case, embeddable, expected, findings, findings_together, load, yielded

from perfbatch.checks import register
from perfbatch.model import Finding

FILES = sorted(CASES.glob("*.toml"))
ALL = [case for path in FILES for case in load(path)]


@pytest.mark.parametrize("case", ALL, ids=str)
def test_exact_findings(case: Case) -> None:
    """A failing case gives exactly its hits in order, a passing one none, a skipping one its reason."""
    found, outcome = findings(case)
    assert outcome.state != "errored", outcome.reason
    assert (outcome.state == "unchecked") == (case.kind == "skipping"), outcome.reason
    if case.kind == "skipping":
        assert case.table.get("reason", "") in outcome.reason
        return
    assert bool(expected(case)) == (case.kind == "failing"), "failing cases name hits, passing ones do not"
    assert_hits(case, found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_same_findings_in_company(path: object) -> None:
    """Vectorised over many forms and rulesets at once a check finds in each form what it finds in it alone."""
    cases = [case for case in ALL if case.code == path.stem and case.kind != "skipping" and embeddable(case)]  # type: ignore[attr-defined]
    if not cases or register.register()[cases[0].code].scope == "batch":
        pytest.skip("the check compares forms or files with each other")
    for case, found in zip(cases, findings_together(cases), strict=True):
        assert_hits(case, found)


def assert_hits(case: Case, found: Sequence[Finding]) -> None:
    """The findings are those that the case names: place, order and whatever else it states."""
    wanted, entry = expected(case), register.register()[case.code]
    places = [(f.sheet, f.cell) for f in found]
    if places != [(w["sheet"], w["cell"]) for w in wanted]:
        pytest.fail("\n".join([f"{case} names {wanted}, found was {found}", *yielded(case)]))
    for finding, want in zip(found, wanted, strict=True):
        want = {"severity": entry.severity.value, **want}
        for name in {"severity", "seen", "expected", "basis", "file"} & set(want):
            assert getattr(finding, name) == want[name], finding
        assert want.get("message", "") in finding.message
        assert finding.message.endswith("。"), "a message is one sentence"
        assert finding.hint and finding.basis
        assert finding.file or not finding.cell  # of the batch
