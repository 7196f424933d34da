"""Forms that were handed in again: what was mended, what is still open, what is new."""

import re
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from perfbatch.model import Finding
from perfbatch.schema import grouped
from perfbatch.totals.lines import ASKED

_QUOTED = re.compile("“([^”]*)”")


class Resubmitted(NamedTuple):
    """A project whose form replaces an older one; findings that had or have to be mended."""

    project_id: str
    mended: tuple[Finding, ...]
    still: tuple[Finding, ...]
    new: tuple[Finding, ...]


def compare(project_id: str, before: Iterable[Finding], now: Iterable[Finding]) -> Resubmitted:
    """Match what was said of the older form with what is said of the newer one of a project.

    The same finding is the same check at the same cell; else about the same indicator or project (what the message
    quotes), wherever it has moved to; else any of the same check.
    """
    old, new = ([finding for finding in some if finding.severity in ASKED and finding.open] for some in (before, now))
    open_: list[Finding] = []
    keys: tuple[Callable[[Finding], Hashable], ...] = (
        lambda f: (f.code, f.cell, f.seen), lambda f: (f.code, f.cell), lambda f: (f.code, *_QUOTED.findall(f.message)),
        lambda f: f.code,
    )  # fmt: skip
    for key in keys:
        there = grouped((key(finding), finding) for finding in old)
        rest = []
        for finding in new:
            if same := there[key(finding)]:
                old.remove(same.pop(0))
                open_.append(finding)
            else:
                rest.append(finding)
        new = rest
    return Resubmitted(project_id, tuple(old), tuple(open_), tuple(new))
