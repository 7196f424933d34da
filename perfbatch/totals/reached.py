"""Indicators reached by level-1 group with their mean scores, satisfaction, and the money by source.

Counted one workbook after the other. Money is in 万元 and exact. A project whose sources do not add up to its own
amounts is counted under no source (`UNLISTED`), so that the rows always add up to the total.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

import pandas as pd

from perfbatch.decimals import CONTEXT, divide, mean, total
from perfbatch.messages import shipped
from perfbatch.model import Frames
from perfbatch.notation import says_nothing
from perfbatch.schema import rows
from perfbatch.totals.lines import Deviation, Indicator, Parameters, ProjectLine, lost_points

MONEY = {"initial": "年初预算数", "adjusted": "全年预算数", "executed": "全年执行数"}
UNLISTED = "来源未列明"
_SATISFACTION = "满意度"
_SOURCES = shipped("totals/sources.toml")
COLUMNS = ("project_id", "role", "source", *MONEY)  # of the fund lines


@dataclass
class Amounts:
    """The money of some projects: sums by column, and how many of them state no figure (`unknown`).

    What follows from the sums is told only of figures that all of them state.
    """

    projects: int = 0
    money: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(MONEY, Decimal(0)))
    unknown: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MONEY, 0))

    def count(self, *amounts: Decimal | None) -> None:
        """Count one more project by its amounts, in the order of `MONEY`."""
        self.projects += 1
        for name, amount in zip(MONEY, amounts, strict=True):
            if amount is None:
                self.unknown[name] += 1
            else:
                self.money[name] = CONTEXT.add(self.money[name], amount)

    def stated(self, column: str) -> Decimal | None:
        """Sum of a money column, None when no project states a figure (a form without that column, no form)."""
        return None if self.unknown[column] == self.projects else self.money[column]

    @property
    def rate(self) -> Decimal | None:
        """Executed ÷ budget, of what is stated."""
        executed, budget = self.stated("executed"), self.stated("adjusted")
        return divide(executed, budget) if executed is not None and budget is not None and budget > 0 else None

    @property
    def adjustment(self) -> Decimal | None:
        """Budget of the year minus that of its beginning; None where a project lacks one of the two."""
        return self._between("adjusted", "initial")

    @property
    def left_over(self) -> Decimal | None:
        """Budget of the year minus what was executed; None where a project lacks one of the two."""
        return self._between("adjusted", "executed")

    def _between(self, more: str, less: str) -> Decimal | None:
        if not self.projects or self.unknown[more] or self.unknown[less]:
            return None
        return CONTEXT.subtract(self.money[more], self.money[less])


@dataclass(slots=True)
class Level:
    """One level-1 group: its indicators and what became of them, and the scores of its scored rows."""

    rows: Counter[str] = field(default_factory=Counter)  # met, short, unclear
    points: Decimal = Decimal(0)
    scores: Decimal = Decimal(0)
    projects: int = 0  # with scored rows of the group

    def score(self, points: Decimal, lost: Decimal) -> None:
        """Count the points of one more row, of which some were lost."""
        self.points = CONTEXT.add(self.points, points)
        self.scores = CONTEXT.add(self.scores, points - lost)

    @property
    def indicators(self) -> int:
        """All rows."""
        return self.rows.total()

    @property
    def met_share(self) -> Decimal | None:
        """Rows that reached their target ÷ all rows."""
        return divide(Decimal(self.rows["met"]), Decimal(self.indicators)) if self.indicators else None

    @property
    def mean_points(self) -> Decimal | None:
        """Points of the group in the mean of the projects that have it."""
        return mean(self.points, self.projects)

    @property
    def mean_score(self) -> Decimal | None:
        """Its score in the mean of the projects that have it."""
        return mean(self.scores, self.projects)

    @property
    def rate(self) -> Decimal | None:
        """Score ÷ points."""
        return divide(self.scores, self.points) if self.points > 0 else None


@dataclass(slots=True)
class Reached:
    """What was counted so far; groups and sources in the order in which they were met."""

    levels: dict[str, Level] = field(default_factory=lambda: defaultdict(Level))
    execution: Level = field(default_factory=Level)  # the execution of the budgets, where it is scored
    sources: dict[str, Amounts] = field(default_factory=lambda: defaultdict(Amounts))
    satisfied: Counter[Decimal] = field(default_factory=Counter)  # degrees that executed projects state in per cent

    def add(self, frames: Frames, own: Iterable[Indicator], lines: Sequence[ProjectLine]) -> None:
        """Look at the rows of one more workbook, of which `own` are the indicators and `lines` the projects."""
        self._rows(own, {line.project_id for line in lines if line.executed == 0})
        for line in lines:
            lost = lost_points(line.execution_points, line.execution_declared, line.execution_score)
            if lost is not None and line.execution_points is not None:
                self.execution.score(line.execution_points, lost)
                self.execution.projects += 1
        self._funds(frames.funds, lines)

    def _rows(self, own: Iterable[Indicator], idle: set[str]) -> None:
        scored: dict[str, set[str]] = defaultdict(set)
        for row in own:
            if row.role != "indicator":
                continue
            level, lost = self.levels[row.level1], row.lost
            unclear = not row.applicable or row.untold
            level.rows["short" if row.short else "unclear" if unclear else "met"] += 1
            if lost is not None:
                level.score(row.points, lost)
                scored[row.level1].add(row.project_id)
            satisfied = _SATISFACTION in row.level1 or _SATISFACTION in row.level2
            if satisfied and row.actual_unit == "%" and row.actual_value is not None and row.project_id not in idle:
                self.satisfied[row.actual_value] += 1
        for level1, keys in scored.items():
            self.levels[level1].projects += len(keys)

    def _funds(self, funds: pd.DataFrame, lines: Iterable[ProjectLine]) -> None:
        stated: dict[str, dict[str, tuple[list[Decimal], ...]]] = defaultdict(dict)  # by project, source and column
        for key, role, source, *amounts in rows(funds, *COLUMNS):
            if role != "sub" or all(amount is None for amount in amounts):
                continue
            own = stated[key].setdefault(named(source), ([], [], []))
            for column, amount in zip(own, amounts, strict=True):
                if amount is not None:
                    column.append(amount)
        for line in lines:
            whole = (line.initial, line.adjusted, line.executed)
            mine: dict[str, tuple[Decimal | None, ...]] = {
                source: tuple(total(column) if column else None for column in own)
                for source, own in stated.get(line.project_id, {}).items()
            }
            if not mine or not _closes(whole, mine.values()):
                mine = {UNLISTED: whole}
            elif any(whole):
                mine = {source: sums for source, sums in mine.items() if any(sums)}
            for source, sums in mine.items():
                self.sources[source].count(*sums)

    @property
    def by_source(self) -> dict[str, Amounts]:
        """The sources in the order of the model form, those of which nothing is known last."""
        return {name: self.sources[name] for name in (*_SOURCES["printed"], UNLISTED) if name in self.sources}

    @property
    def whole(self) -> Level:
        """All indicators, without scores: those of different groups have no mean."""
        return Level(sum((level.rows for level in self.levels.values()), Counter()))


def _closes(whole: Sequence[Decimal | None], parts: Iterable[Sequence[Decimal | None]]) -> bool:
    """Whether the sources add up to what the project states, in every column."""
    for amount, column in zip(whole, zip(*parts, strict=True), strict=True):
        known = [figure for figure in column if figure is not None]
        if total(known) != amount if known else amount:
            return False
    return True


@lru_cache(maxsize=4096)
def named(source: str) -> str:
    """Under which name a source is told."""
    found = (rule["name"] for rule in _SOURCES["source"] if re.search(rule["pattern"], source))
    return str(next(found, _SOURCES["otherwise"]["name"]))


class Completion:
    """Counts over all projects, the `row_counts` of all workbooks added up, and the projects that are not completed
    (the unexecuted ones first) or of which that cannot be said. Report bands are those of the first ruleset."""

    def __init__(self, lines: Sequence[ProjectLine], counts: Counter[str], parameters: Parameters) -> None:
        bounds: Sequence[Decimal] = next(iter(parameters.values()), {}).get("report_bands") or ()
        self.missed: list[ProjectLine] = []
        self.unclear: list[ProjectLine] = []
        for line in lines:
            place = None if line.score is None or not bounds else sum(line.score < bound for bound in bounds)
            if line.executed is None or (line.executed and place is None):
                self.unclear.append(line)
            elif not line.executed or place != 0:
                self.missed.append(line)
        self.missed.sort(key=lambda line: line.executed != 0)
        self.completed = len(lines) - len(self.missed) - len(self.unclear)  # on the whole
        # 全年预算数 of projects without any execution, 万元
        self.idle_budget = total(line.adjusted for line in lines if line.executed == 0 and line.adjusted is not None)
        self.executed = counts["executed"]  # projects on which money was spent
        self.met = counts["met"]  # of these, projects whose rows all reached target and points
        self.open = counts["open"]  # of these, those without rows, or with rows of which nothing tells that, none short
        self.short, self.short_rows = counts["short"], counts["short_rows"]  # projects with such rows, and these
        self.over = counts["over"]  # projects with rows far above target
        # rows below target by more than the audit limit, and their projects
        self.wide, self.wide_projects = counts["wide"], counts["wide_projects"]
        self.unexplained = counts["unexplained"]  # rows short of points without any reason


def row_counts(
    lines: Sequence[ProjectLine], found: Mapping[str, Sequence[Deviation]], judged: set[str], parameters: Parameters
) -> dict[str, int]:
    """What the rows of one workbook count for in `Completion`.

    `found`: its deviations by kind; `judged`: ids of the projects all of whose rows can be judged
    (`perfbatch.totals.lines.judged`).
    """
    short = [*found["under"], *found["lost"]]
    owners = {row.project.project_id for row in short}
    executed = [line.project_id for line in lines if line.executed]
    wide = [row for row in found["under"] if is_wide(row, parameters)]
    return {
        "executed": len(executed),
        "met": sum(key in judged and key not in owners for key in executed),
        "open": sum(key not in judged and key not in owners for key in executed),
        "short": len(owners),
        "short_rows": len(short),
        "over": len({row.project.project_id for row in found["over"]}),
        "wide": len(wide),
        "wide_projects": len({row.project.project_id for row in wide}),
        "unexplained": sum(bool(row.indicator.lost) and says_nothing(row.indicator.reason) for row in short),
    }


def is_wide(row: Deviation, parameters: Parameters) -> bool:
    """Whether a row is below target by more than the audit limit (`audit_dev`) of its ruleset."""
    limit = parameters.get(row.project.ruleset, {}).get("audit_dev")
    deviation = row.indicator.deviation
    return deviation is not None and limit is not None and abs(deviation) > limit
