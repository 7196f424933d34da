"""What all checks say about all case forms, held against `written_out.txt`.

Under each case stand the codes of all checks that speak on its forms (a case of one check is a passing case of
most others) and, in full, the findings of its own check. After a wanted change look at the difference that
``PYTHONPATH=tests python tests/checks/test_written_out.py`` makes in the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.cases import CASES, Case, all_findings_together, embeddable, findings, findings_together, load

from perfbatch.checks import register
from perfbatch.model import Finding

WRITTEN = Path(__file__).parent / "written_out.txt"
CODES = [path.stem for path in sorted(CASES.glob("*.toml"))]


def companies() -> Iterator[str]:
    """A line for each case: what all checks find on its forms among all others."""
    cases = [case for code in CODES for case in load(CASES / f"{code}.toml")]
    joined = [case for case in cases if _joins(case)]
    together = dict(zip(map(str, joined), all_findings_together(joined), strict=True))
    for case in cases:
        yield f"{case}: {_codes(together.get(str(case), []))}".rstrip()


def own(code: str) -> dict[str, list[str]]:
    """Case → the findings of its check in full, all cases of the check in one frame where they may be."""
    cases = load(CASES / f"{code}.toml")
    joined = [case for case in cases if _joins(case) and register.register()[code].scope != "batch"]
    together = dict(zip(map(str, joined), findings_together(joined) if joined else [], strict=True))
    return {str(case): list(_own(case, together.get(str(case)))) for case in cases}


def _joins(case: Case) -> bool:
    return embeddable(case) and case.kind != "skipping"


def _own(case: Case, found: Sequence[Finding] | None) -> Iterator[str]:
    if found is None:
        found, outcome = findings(case)
        yield from [f"  {outcome.reason}"] if case.kind == "skipping" else []
    yield from _texts(case, found)


def _codes(found: Sequence[Finding]) -> str:
    codes = Counter(finding.code for finding in found)
    return " ".join(f"{code}×{count}" for code, count in sorted(codes.items()))


def _texts(case: Case, own: Sequence[Finding]) -> Iterator[str]:
    entry = register.register()[case.code]
    for finding in own:
        basis = "" if finding.basis == entry.basis else f" │ {finding.basis}"
        place = f"{finding.sheet}!{finding.cell}"
        severity = "" if finding.severity == entry.severity else f"{finding.severity} "
        yield f"  {severity}{place} {finding.seen!r} ≠ {finding.expected!r} {finding.message}{basis}"


def _written() -> dict[str, list[str]]:
    """Line of a case → the lines below it, as the file has them."""
    blocks: dict[str, list[str]] = {}
    for line in WRITTEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            blocks[list(blocks)[-1]].append(line)
        else:
            blocks[line] = []
    return blocks


@pytest.mark.parametrize("code", CODES)
def test_own_findings_are_those_written_out(code: str) -> None:
    """Line by line; the file is what a reviewer reads."""
    written = {line.partition(":")[0]: below for line, below in _written().items()}
    assert own(code) == {case: below for case, below in written.items() if case.startswith(f"{code}-")}


def test_findings_in_company_are_those_written_out() -> None:
    """What all checks say about all cases at once."""
    assert list(companies()) == list(_written())


if __name__ == "__main__":
    below = {case: lines for code in CODES for case, lines in own(code).items()}
    lines = [text for line in companies() for text in (line, *below[line.partition(":")[0]])]
    WRITTEN.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
