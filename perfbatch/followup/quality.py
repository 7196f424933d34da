"""目标设定质量: read back from the results what they say about the targets, with proposals for next year.

Findings of the checks that concern target-setting, one row each, by kind (`quality.toml`). Everything here is
a question to whoever set the target.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from perfbatch.followup.quality_proposals import HOW, Case, Indicator
from perfbatch.identity.names import name_key
from perfbatch.model import BY_PERSON, BY_SETTING, Batch, Finding, Frames
from perfbatch.notation.units import common
from perfbatch.totals.lines import rows


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which a target can be ill set; `when` narrows the codes (``over``, ``under``, ``loose``)."""

    name: str
    title: str
    codes: tuple[str, ...]
    how: str
    without: str
    words: str = ""  # sentence with the figure
    when: str = ""


class Weakness(NamedTuple):
    """One row: what was found about a target and what is proposed for next year."""

    kind: Kind
    finding: Finding
    unit: str
    indicator: str
    target: str
    actual: str
    completion: Decimal | None
    deviation: Decimal | None
    proposal: str
    basis: str
    reason: str


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds in the order of the sheet."""
    table = tomllib.loads(Path(__file__).with_name("quality.toml").read_text(encoding="utf-8"))
    return tuple(
        Kind(
            entry["name"], entry["title"], tuple(entry["codes"]), entry["how"], entry["without"],
            entry.get("with", ""), entry.get("when", ""),
        )
        for entry in table["kind"]
    )  # fmt: skip


@cache
def codes() -> frozenset[str]:
    """Codes of the checks that concern target-setting."""
    return frozenset(code for kind in kinds() for code in kind.codes)


def assess(batch: Batch) -> list[Weakness]:
    """Rows by kind, in the order of the input within a kind."""
    found = _relevant(batch)
    facts = _Facts(batch, {(finding.project_id, finding.sheet, finding.cell) for finding in found})
    order = {kind.name: at for at, kind in enumerate(kinds())}
    listed: dict[tuple[str, str, str], Weakness] = {}
    for finding in found:
        weakness = facts.weakness(finding)
        place = (weakness.kind.name, finding.project_id, finding.cell)
        listed.setdefault(place, weakness)  # IN10 and IN11 on one cell say the same
    return sorted(listed.values(), key=lambda weakness: order[weakness.kind.name])


def _relevant(batch: Batch) -> list[Finding]:
    """Findings about targets, not what somebody has called not applicable.

    Deviations of projects that were not executed at all say nothing about targets.
    """
    idle = {key for key, executed in rows(batch.frames.projects, "project_id", "executed") if executed == 0}
    return [
        finding
        for finding in batch.findings
        if finding.code in codes()
        and (finding.accepted_by not in (BY_PERSON, BY_SETTING) or finding.next_year)
        and not (finding.code in DEVIATIONS and finding.project_id in idle)
    ]


DEVIATIONS = ("IN10", "IN11", "RE03")  # checks that hold a result against its target
_PLACES = ("cell_target", "cell_actual", "cell_level3", "cell_points", "cell_reason")
_NO_ROW = Indicator("", "", "", "", "", "", None, None, "", None, None, "", None, None, "")


@dataclass(slots=True)
class _Facts:
    """Rows and figures of the projects that findings are about; `places` are the cells they are at."""

    batch: Batch
    places: set[tuple[str, str, str]]
    by_cell: dict[tuple[str, str, str], Indicator] = field(init=False)
    by_project: dict[str, list[Indicator]] = field(init=False)
    projects: dict[str, tuple[str, str, str, Decimal | None]] = field(init=False)
    last: Mapping[tuple[str, ...], tuple[str, Decimal]] = field(init=False)

    def __post_init__(self) -> None:
        frames = self.batch.frames
        self.by_cell, self.by_project = {}, {}
        wanted = {key for key, *_ in self.places}
        for sheet, role, *rest in rows(frames.indicators, "sheet", "role", *_PLACES, *Indicator._fields):
            key = rest[len(_PLACES)]
            if key in wanted and role in ("indicator", "child"):
                row = Indicator(*rest[len(_PLACES) :])
                self.by_project.setdefault(key, []).append(row)
                for cell in rest[: len(_PLACES)]:
                    if (key, sheet, cell) in self.places:
                        self.by_cell.setdefault((key, sheet, cell), row)
        columns = ("project_id", "project_name", "unit", "ruleset", "budget_adjusted")
        self.projects = {key: (*rest,) for key, *rest in rows(frames.projects, *columns) if key in wanted}
        self.last = last_actuals(self.batch.previous.frames) if self.batch.previous is not None else {}

    def weakness(self, finding: Finding) -> Weakness:
        """The row of a finding with the proposal for next year, where the data hold a figure."""
        row = self.by_cell.get((finding.project_id, finding.sheet, finding.cell), _NO_ROW)
        kind = _kind_of(finding, row)
        name, unit, ruleset, budget = self.projects.get(finding.project_id, ("", "", "", None))
        rules = self.batch.rulesets[ruleset].plain() if ruleset in self.batch.rulesets else {}
        siblings: Sequence[Indicator] = self.by_project.get(finding.project_id, ())
        case = Case(finding, row, siblings, rules, budget, self._last_year(name, unit, row))
        proposal = HOW[kind.how](case) if kind.how and (row is not _NO_ROW or kind.how == "share") else None
        words = kind.without.format(name=row.level3 or "指标")
        basis = f"本年实际完成值“{row.actual_text}”" if row.actual_text else "见问题说明"
        if proposal:
            words, basis = kind.words.format(figure=proposal.figure), proposal.basis
        return Weakness(
            kind, finding, unit, row.level3 or row.level2, row.target_text, row.actual_text,
            row.completion_rate, row.deviation, words, basis, row.reason,
        )  # fmt: skip

    def _last_year(self, name: str, unit: str, row: Indicator) -> Decimal | None:
        """Last year's actual in the unit of the target, where project and indicator are found again."""
        found = self.last.get(_key(name, unit, row.level2, row.level3))
        if found is None or row is _NO_ROW:
            return None
        own, value = found
        return value if common(row.unit, own)[:3] == ("yes", 1, 1) else None


def last_actuals(previous: Frames) -> dict[tuple[str, ...], tuple[str, Decimal]]:
    """Unit and actual of last year's indicators by project, unit and names; keys met twice are left out."""
    names = {key: pair for key, *pair in rows(previous.projects, "project_id", "project_name", "unit")}
    found: dict[tuple[str, ...], tuple[str, Decimal] | None] = {}
    columns = ("project_id", "level2", "level3", "unit", "actual_value")
    for project, level2, level3, unit, value in rows(previous.indicators, *columns):
        key = _key(*names.get(project, ("", "")), level2, level3)
        found[key] = None if key in found or value is None else (unit, value)
    return {key: pair for key, pair in found.items() if pair is not None}


def _key(*names: str) -> tuple[str, ...]:
    return tuple(map(name_key, names))


def _kind_of(finding: Finding, row: Indicator) -> Kind:
    """The first kind of the finding's code that fits the row."""
    fitting = [kind for kind in kinds() if finding.code in kind.codes]
    wanted = _side(finding, row)
    return next((kind for kind in fitting if kind.when in ("", wanted)), fitting[0])


def _side(finding: Finding, row: Indicator) -> str:
    """Whether a deviation means that a target was too low, too high, or a ceiling too wide."""
    if finding.code == "IN16" or (row.direction == "negative" and (row.deviation or 0) < 0):
        return "loose"
    return "under" if row.completion_rate is not None and row.completion_rate < 1 else "over"


def counts(found: Iterable[Weakness]) -> Iterator[tuple[Kind, int, int]]:
    """Kind, rows and projects, for the kinds met."""
    members: dict[str, list[Weakness]] = {}
    for weakness in found:
        members.setdefault(weakness.kind.name, []).append(weakness)
    for kind in kinds():
        some = members.get(kind.name)
        if some:
            yield kind, len(some), len({weakness.finding.project_id for weakness in some})
