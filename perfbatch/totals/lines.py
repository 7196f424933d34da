"""Projects and indicators as outputs list them: what stands on the form, joined with what was computed."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from perfbatch.model import BY_PERSON, BY_SETTING, Finding, Frames
from perfbatch.notation import Quoted, says_nothing
from perfbatch.schema import grouped, record, records, rows

Parameters = Mapping[str, Mapping[str, Any]]  # ruleset name → plain values
DEVIATIONS = ("under", "over", "lost", "idle")  # kinds of `Deviation`
ASKED = ("error", "warning")  # severities that somebody has to answer
_CLAUSE = re.compile("([^，。；;]*)([，。；;]?)")


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project as lists print it, with what its lists and the spot check need of its form.

    `computed` is None where the sum of the computed scores is no total (`total_complete` is False): beside a
    declared total it would look like a difference. `execution_…` are points, declared and computed score of the
    execution of the budget, `parts_declared` is the sum of all declared scores of the form, `rows` the number of
    its rows in the indicators frame.
    """

    project_id: str
    code: str
    name: str
    unit: str
    category: str
    origin: str
    ruleset: str
    initial: Decimal | None
    adjusted: Decimal | None
    executed: Decimal | None
    rate: Decimal | None
    declared: Decimal | None
    computed: Decimal | None
    grade: str
    band: str
    band_computed: str
    reason: str
    file: str
    sheet: str
    cell: str
    execution_points: Decimal | None
    execution_declared: Decimal | None
    execution_score: Decimal | None
    parts_declared: Decimal | None
    rows: int = 0
    errors: int = 0
    warnings: int = 0
    asked: int = 0  # errors and warnings, also those that a person has answered: an answer changes no sample

    @property
    def score(self) -> Decimal | None:
        """The declared total, the computed one where none is declared; None where neither is known."""
        return self.declared if self.declared is not None else self.computed

    @property
    def delta(self) -> Decimal | None:
        """Declared minus computed total."""
        return None if self.declared is None or self.computed is None else self.declared - self.computed


_PROJECT = (
    "project_id", "project_code", "project_name", "unit", "category", "origin", "ruleset", "budget_initial",
    "budget_adjusted", "executed", "execution_rate", "total_declared", "total_score", "total_complete", "grade", "band",
    "band_computed", "file", "sheet", "cell", "execution_points", "execution_score_declared", "execution_score",
    "total_recomputed_declared",
)  # fmt: skip
_INDICATOR = (
    "project_id", "role", "level1", "level2", "level3", "operator", "target_text", "actual_text", "sign_text",
    "unit_text", "applicable", "completion_rate", "deviation", "points", "score_declared", "score", "reason", "sheet",
    "cell_actual", "actual_kind", "actual_value", "actual_unit",
)  # fmt: skip


class Indicator(Quoted, record(*_INDICATOR)):  # type: ignore[misc]
    """One row of the indicators frame, its columns as attributes."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """What the row is called."""
        return str(self.level3 or self.level2)

    @property
    def lost(self) -> Decimal | None:
        """Points minus score (the declared one, else the computed one)."""
        return lost_points(self.points, self.score_declared, self.score)

    @property
    def short(self) -> bool:
        """Whether it is below its target or short of points."""
        below = self.completion_rate is not None and self.completion_rate < 1
        return bool(below or (self.lost and self.lost > 0))

    @property
    def untold(self) -> bool:
        """Whether nothing tells if it was reached: no comparison, and no score or no value done to score.

        A score alone tells nothing: full points beside 0%（未开展调查） do not make a satisfied public.
        """
        return self.completion_rate is None and (self.actual_kind == "nil" or self.lost is None)

    @property
    def open(self) -> bool:
        """Neither short nor known to have reached its target."""
        return self.untold and not self.short

    @property
    def met(self) -> bool:
        """Known to have reached its target and all points."""
        return not self.untold and not self.short


class Deviation(NamedTuple):
    """One indicator off its target.

    `kind`: ``under`` (not reached), ``over`` (exceeded by the ruleset's over_flag_ratio), ``lost`` (points
    lost without a computable deviation, as in qualitative rows), ``idle`` (a row of a project that was not
    executed at all, which the list of those projects explains).
    """

    kind: str
    at: int  # number of the row among those of all workbooks
    project: ProjectLine
    indicator: Indicator


def indicators(frames: Frames) -> list[Indicator]:
    """The rows of the indicators frame, of all roles."""
    return list(map(Indicator._make, rows(frames.indicators, *_INDICATOR)))


# all that this module reads; `perfbatch.totals.digest` adds its own
COLUMNS = {
    "projects": (*_PROJECT, "fund_reason", "reason_box"),
    "funds": ("project_id", "reason"),
    "indicators": _INDICATOR,
}


def project_lines(frames: Frames, findings: Sequence[Finding]) -> list[ProjectLine]:
    """One line a project, in the order of the frame; `findings` are those about them, of which the open ones count."""
    reasons = _reasons(frames)
    found = Counter((finding.project_id, finding.severity) for finding in findings if finding.open)
    asked = Counter(
        finding.project_id
        for finding in findings
        if finding.severity in ASKED and (finding.open or finding.accepted_by in (BY_PERSON, BY_SETTING))
    )
    numbers = Counter(frames.indicators["project_id"].tolist())
    return [
        ProjectLine(
            project_id=(key := row.project_id), code=row.project_code, name=row.project_name, unit=row.unit,
            category=row.category, origin=row.origin, ruleset=row.ruleset, initial=row.budget_initial,
            adjusted=row.budget_adjusted, executed=row.executed, rate=row.execution_rate, declared=row.total_declared,
            computed=row.total_score if row.total_complete else None, grade=row.grade, band=row.band,
            band_computed=row.band_computed, reason=reasons.get(key, ""), file=row.file, sheet=row.sheet, cell=row.cell,
            execution_points=row.execution_points, execution_declared=row.execution_score_declared,
            execution_score=row.execution_score, parts_declared=row.total_recomputed_declared, rows=numbers[key],
            errors=found[key, "error"], warnings=found[key, "warning"], asked=asked[key],
        )
        for row in records(frames.projects, *_PROJECT)
    ]  # fmt: skip


def _reasons(frames: Frames) -> dict[str, str]:
    """Reasons written on each form: those of the fund block, else the box, else those of the indicators."""
    funds: Mapping[str, list[str]] = grouped(rows(frames.funds, "project_id", "reason"))
    of_rows: Mapping[str, list[str]] = grouped(rows(frames.indicators, "project_id", "reason"))
    found = {}
    for key, fund, box in rows(frames.projects, "project_id", "fund_reason", "reason_box"):
        for texts in ([fund, *funds[key]], [box], of_rows[key]):
            if kept := dict.fromkeys(text.strip() for text in texts if not says_nothing(text)):
                found[key] = joined(kept)
                break
    return found


def joined(texts: Iterable[str]) -> str:
    """The texts after each other, without the clauses that an earlier text says word for word."""
    said: set[str] = set()
    kept = []
    for text in texts:
        clauses = [(clause, end) for clause, end in _CLAUSE.findall(text) if clause.strip()]
        again = any(clause.strip() in said for clause, _ in clauses)
        kept.append((_without(clauses, said) if again else text).rstrip("，。；;" if again else "。；;"))
        said.update(clause.strip() for clause, _ in clauses)
    return "；".join(filter(None, kept))


def _without(clauses: Iterable[tuple[str, str]], said: set[str]) -> str:
    """Clauses and the marks after them, save those said; the full stop of a clause left out stays."""
    kept: list[tuple[str, str]] = []
    for clause, end in clauses:
        if clause.strip() not in said:
            kept.append((clause, end))
        elif kept and end != "，":
            kept[-1] = (kept[-1][0], end)
    return "".join(clause + end for clause, end in kept)


def deviations(
    own: Iterable[Indicator], lines: Sequence[ProjectLine], parameters: Parameters, before: int = 0
) -> dict[str, list[Deviation]]:
    """Deviating indicators by kind, in the order of the frame; `before` counts the rows of earlier workbooks."""
    owner = {line.project_id: line for line in lines}
    flags = {name: values.get("over_flag_ratio") for name, values in parameters.items()}
    found: dict[str, list[Deviation]] = {kind: [] for kind in DEVIATIONS}
    for at, row in enumerate(own, before):
        if row.role != "indicator":
            continue
        line, lost, completion = owner[row.project_id], row.lost, row.completion_rate
        flag = flags.get(line.ruleset)
        if completion is not None and completion < 1:
            kind = "idle" if line.executed == 0 else "under"
        # by the signed deviation, so that a cost far below its ceiling is not called over-completion
        elif completion is not None and row.deviation is not None and flag is not None and row.deviation + 1 >= flag:
            kind = "over"
        elif lost is not None and lost > 0:
            kind = "idle" if line.executed == 0 else "lost"
        else:
            continue
        found[kind].append(Deviation(kind, at, line, row))
    return found


def lost_points(points: Decimal | None, declared: Decimal | None, score: Decimal | None) -> Decimal | None:
    """Points minus the score given (the declared one, else the computed one); None where either is unknown."""
    given = declared if declared is not None else score
    return points - given if points is not None and given is not None else None


def judged(own: Iterable[Indicator]) -> set[str]:
    """Ids of the projects that have indicators, none of them `untold` or all such ones not applicable."""
    some: set[str] = set()
    unclear: set[str] = set()
    for row in own:
        if row.role == "indicator" and row.applicable:
            (unclear if row.untold else some).add(row.project_id)
    return some - unclear


def by_weight(row: Deviation) -> tuple[Decimal, Decimal, int]:
    """Sort key: the largest deviation first, then the most points lost, then in reading order."""
    return (-abs(row.indicator.deviation or Decimal(0)), -(row.indicator.lost or Decimal(0)), row.at)


def by_trouble(line: ProjectLine) -> tuple[int, int]:
    """Sort key: the projects with the most errors first, then with the most warnings."""
    return (-line.errors, -line.warnings)


LISTED = 200_000  # a county has some 130 000 indicators; with more rows a workbook no longer opens in an office PC
T = TypeVar("T")


def most_serious(items: Sequence[T], rank: Callable[[T], Any]) -> Sequence[T]:
    """All `items`, or the `LISTED` of lowest `rank`, in the order they stand in."""
    if len(items) <= LISTED:
        return items
    by_rank = sorted(range(len(items)), key=lambda at: rank(items[at]))
    return [items[at] for at in sorted(by_rank[:LISTED])]


def keep_serious(growing: list[T], rank: Callable[[T], Any]) -> None:
    """Drop what `most_serious` would drop, once the list has grown to twice its length."""
    if len(growing) > 2 * LISTED:
        growing[:] = most_serious(growing, rank)
