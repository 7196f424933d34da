"""How many forms each check looked at: found something, found nothing, could not look (why), was not meant for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from perfbatch.model import CheckOutcome, Covered, Finding

_IDLE = ("unchecked", "off", "errored")  # states of a check that looked at nothing of a workbook, or of a batch


@dataclass(slots=True)
class Looked:
    """What was seen so far; counts are of forms that count, reasons by code."""

    forms: int = 0
    found: Counter[str] = field(default_factory=Counter)
    unchecked: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    not_applicable: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def see(
        self,
        ids: Sequence[str],
        findings: Iterable[Finding],
        outcomes: Iterable[CheckOutcome],
        covered: Iterable[Covered],
    ) -> None:
        """Look at one workbook: the forms that count, all findings about it, what became of its own checks."""
        self.forms += len(ids)
        pairs = {(finding.code, finding.project_id) for finding in findings if finding.project_id}
        self.found.update(code for code, _ in pairs)
        whole = {outcome.code: outcome.reason for outcome in outcomes if outcome.state in _IDLE}
        for code, reason in whole.items():
            self.unchecked[code][reason] += len(ids)
        known = set(ids)
        for group in covered:
            own = known.intersection(group.projects)
            for told, into in ((group.unchecked, self.unchecked), (group.not_applicable, self.not_applicable)):
                for code, reason in told:
                    if code not in whole and (left := sum((code, pid) not in pairs for pid in own)):
                        into[code][reason] += left

    def late(self, findings: Iterable[Finding]) -> None:
        """Findings of checks that needed all workbooks."""
        self.found.update(code for code, _ in {(f.code, f.project_id) for f in findings if f.project_id})

    def outcome(self, outcome: CheckOutcome) -> CheckOutcome:
        """The outcome of a check over all workbooks, with the number of forms of each state."""
        code, found = outcome.code, self.found[outcome.code]
        unchecked, absent = self.unchecked.get(code, Counter()), self.not_applicable.get(code, Counter())
        if outcome.state in _IDLE and not unchecked:  # a check across files
            unchecked, absent = Counter({outcome.reason: self.forms - found}), Counter()
        counts = unchecked.total(), absent.total()
        clear = max(self.forms - found - sum(counts), 0)
        state = outcome.state
        if state == "clear" and counts[0]:
            state = "unchecked"
        elif state == "clear" and counts[1] and not clear:
            state = "not_applicable"
        reasons = tuple(sorted(((unchecked + absent).items()), key=lambda item: (-item[1], item[0])))
        return outcome._replace(
            state=state, found=found, clear=clear, unchecked=counts[0], not_applicable=counts[1], reasons=reasons
        )
