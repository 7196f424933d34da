"""Findings that are consequences of another one stand under it: who mends the cause mends them, or looks again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from perfbatch.checks.register import register
from perfbatch.followup.answers import Where
from perfbatch.model import Finding


class Placed(NamedTuple):
    """A finding by its position, and the code of its cause; empty for one that stands by itself."""

    at: int
    cause: str = ""


def in_order(findings: Sequence[Finding], where: Where) -> list[Placed]:
    """The findings in their order, but each consequence right behind its cause. Only open ones have consequences."""
    follows = {code: entry.follows for code, entry in register().items() if entry.follows}
    of_projects: dict[str, list[int]] = defaultdict(list)
    for at, finding in enumerate(findings):
        if finding.project_id and finding.open:
            of_projects[finding.project_id].append(at)
    causes: dict[int, int] = {}
    for own in of_projects.values():
        by_code: dict[str, list[int]] = defaultdict(list)
        for at in own:
            by_code[findings[at].code].append(at)
        for at in own:
            for code in follows.get(findings[at].code, ()):
                if code in by_code and (cause := _cause(findings, by_code[code], at, where)) is not None:
                    causes[at] = cause
                    break
    consequences: dict[int, list[int]] = defaultdict(list)
    for at, cause in causes.items():
        consequences[cause].append(at)

    def placed(at: int) -> Iterator[Placed]:
        yield Placed(at, findings[causes[at]].code if at in causes else "")
        for other in consequences[at]:
            yield from placed(other)

    return [one for at in range(len(findings)) if at not in causes for one in placed(at)]


def _cause(findings: Sequence[Finding], candidates: Sequence[int], at: int, where: Where) -> int | None:
    """The first of the candidates that may be the cause: on the same row where both are about an indicator."""
    own = where.row(findings[at])
    for other in candidates:
        place = where.row(findings[other])
        if not own or not place or own == place:
            return other
    return None
