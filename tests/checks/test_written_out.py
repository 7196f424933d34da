"""What all checks say about all case forms, held against `written_out.txt`.

Under each case stand the codes of all checks that speak on its forms (a case of one check is a passing case of
most others) and, in full, the findings of its own check. After a wanted change look at the difference that
``python tests/checks/test_written_out.py`` makes in the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from support.cases import CASES, Case, all_findings_together, embeddable, findings, load

from perfbatch.checks import register
from perfbatch.model import Finding

WRITTEN = Path(__file__).parent / "written_out.txt"


def written_out() -> Iterator[str]:
    """All lines of the file."""
    cases = [case for path in sorted(CASES.glob("*.toml")) for case in load(path)]
    joined = [case for case in cases if embeddable(case) and case.kind != "skipping"]
    together = dict(zip(map(str, joined), all_findings_together(joined), strict=True))
    for case in cases:
        company = together.get(str(case))
        yield f"{case}: {_codes(company or [])}".rstrip()
        if company is None or register.register()[case.code].scope == "batch":
            own, outcome = findings(case)
            yield from [f"  {outcome.reason}"] if case.kind == "skipping" else []
        else:
            own = [finding for finding in company if finding.code == case.code]
        yield from _texts(case, own)


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


def test_findings_are_those_written_out() -> None:
    """Line by line; the file is what a reviewer reads."""
    assert list(written_out()) == WRITTEN.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    WRITTEN.write_text("\n".join(written_out()) + "\n", encoding="utf-8", newline="\n")
