"""Scores of projects: execution rate, totals, grade and report band; the entry point `score`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

from perfbatch.decimals import CONTEXT, percent, plain
from perfbatch.model import Frames
from perfbatch.rulesets import Ruleset
from perfbatch.schema import grouped, record
from perfbatch.scoring.execution import Money, execution_result
from perfbatch.scoring.rows import RowScorer, Scored, worth_of
from perfbatch.scoring.tables import ZERO, rounder

_BASES = {"adjusted": "budget_adjusted", "initial": "budget_initial"}


@dataclass(slots=True)
class Result:
    """The computed columns of a project, named as in `perfbatch.schema`."""

    execution_rate: Decimal | None = None
    execution_points: Decimal | None = None
    execution_points_printed: bool = False
    execution_score: Decimal | None = None
    execution_basis: str = ""
    total_recomputed_declared: Decimal | None = None
    total_score: Decimal | None = None
    total_complete: bool = False
    grade: str = ""
    band: str = ""
    band_computed: str = ""


def score(frames: Frames, rulesets: Mapping[str, Ruleset]) -> Frames:
    """Frames with every computed column filled; the input is left alone.

    `projects.ruleset` names one of `rulesets` for each form. Figures are exact decimals: scores are rounded
    as the ruleset says, completion rate, deviation and execution rate half up to `rate_round` decimals,
    `score_unrounded` keeps the formula's own value. A figure that no rule gives is null, and `formula` or
    `execution_basis` says why.

    `total_score` sums computed scores, and declared ones where nothing can be computed (qualitative rows,
    group scores). `total_complete` is False if a scored row has neither, or if the points that could be read
    do not add up to the ruleset's total, so that the sum is no hundred-point total (a cut or broken form, a
    form without a points column). Grade and band follow `total_declared`, which is what units report, and
    `total_score` where none is declared and that is complete; `band_computed` follows `total_score` alone.
    `total_recomputed_declared` is the plain sum of what the form declares, each cell once, children left out.
    """
    scorers = {name: RowScorer(rules) for name, rules in rulesets.items()}
    tables = (frames.projects, frames.indicators)
    projects, indicators = (
        map(record(*table.columns)._make, table.to_numpy(dtype=object).tolist()) for table in tables
    )
    rows = grouped((row.project_id, (at, row)) for at, row in enumerate(indicators))
    scored: dict[int, Scored] = {}
    results = []
    with localcontext(CONTEXT):
        for project in projects:
            rules, own = rulesets[project.ruleset], rows[project.project_id]
            money = _money(project, rules)
            made = [scorers[project.ruleset].score(row, money) for _, row in own]
            scored |= dict(zip((at for at, _ in own), made, strict=True))
            results.append(_Form(project, rules, _lines([row for _, row in own], made)).result(money))
    of_rows = [scored[at] for at in range(len(frames.indicators))]
    return Frames(_filled(frames.projects, results, Result), frames.funds, _filled(frames.indicators, of_rows, Scored))


def _filled(frame: pd.DataFrame, made: Sequence[Any], kind: type) -> pd.DataFrame:
    columns = {}
    for column in fields(kind):
        kept_as = bool if isinstance(column.default, bool) else object
        values = [getattr(one, column.name) for one in made]
        columns[column.name] = pd.Series(values, index=frame.index, dtype=kept_as)
    return frame.assign(**columns)


def _money(project: Any, rules: Ruleset) -> Money:
    """What was executed and the divisor of the rate by `exec_base`; as written where no unit is known."""
    which = project.rate_base or rules["exec_base"]  # the budget that the form itself marks as (A) comes first
    if project.money_how == "unknown":
        return Money(project.executed_raw, getattr(project, f"{which}_raw", None))
    return Money(project.executed, getattr(project, _BASES.get(which, ""), None))


class _Line(NamedTuple):
    """A row as totals see it: a merged cell counts once, at its first row, and children not at all."""

    row: Any
    computed: Decimal | None
    worth: Decimal | None
    counts_points: bool
    counts_score: bool

    @property
    def value(self) -> Decimal | None:
        """Its computed score, else the declared one."""
        if self.computed is not None:
            return self.computed
        declared: Decimal | None = self.row.score_declared if self.counts_score else None
        return declared

    @property
    def scored(self) -> bool:
        """Whether it belongs to the total."""
        return (self.counts_points and bool(self.worth)) or self.counts_score

    @property
    def absent(self) -> bool:
        """Not applicable, its points to be left out."""
        return not self.row.applicable and self.worth is not None


def _lines(rows: Sequence[Any], scored: Sequence[Scored]) -> list[_Line]:
    worths = [worth_of(row) for row in rows]
    with_points = _first(rows, "cell_points", [worth is not None for worth in worths])
    with_score = _first(rows, "cell_score", [row.score_declared is not None for row in rows])
    return [
        _Line(row, made.score, worth, row.role != "child" and points, row.role != "child" and declared)
        for row, made, worth, points, declared in zip(rows, scored, worths, with_points, with_score, strict=True)
    ]


def _first(rows: Sequence[Any], column: str, filled: Sequence[bool]) -> list[bool]:
    """Where a value stands for the first time: a merged cell is read once for each of its rows.

    Indicators that share a row, one below the other in every cell, have a value each.
    """
    cells = [(row.sheet, cell) for row in rows if (cell := getattr(row, column))]
    if len(set(cells)) == len(cells):
        return list(filled)
    mine = [row for row, has in zip(rows, filled, strict=True) if has]
    shared = Counter((row.sheet, row.row) for row in mine)
    seen: set[tuple[str, str, str]] = set()
    first = []
    for row, has in zip(rows, filled, strict=True):
        cell = getattr(row, column)
        key = row.sheet, cell, row.level3 if shared[row.sheet, row.row] > 1 else ""
        first.append(has and not (cell and key in seen))
        if has:
            seen.add(key)
    return first


class _Form:
    """One form with its rows: execution rate, totals, grade and bands."""

    def __init__(self, project: Any, rules: Ruleset, lines: Sequence[_Line]) -> None:
        self.project, self.rules, self.lines = project, rules, lines
        self.used = sum((line.worth for line in lines if line.counts_points and line.worth), ZERO)
        counted = [line for line in lines if line.counts_points or line.counts_score]
        self.executions = [line for line in counted if line.row.role == "execution"]
        self.made = Result()

    def result(self, money: Money) -> Result:
        made, rules = self.made, self.rules
        source = self._execution_points()
        execution = execution_result(money, made.execution_points, rules, finished=self._finished())
        made.execution_rate, made.execution_score = money.rate(rules["rate_round"]), execution.rounded
        rate = "" if made.execution_rate is None else f"执行率 {percent(made.execution_rate)}"
        made.execution_basis = f"{'；'.join(filter(None, (execution.text, rate)))}（{source}）"
        self._total()
        return made

    def _finished(self) -> bool:
        """Whether there are scored indicators, all with full scores, by formula else as declared."""
        any_scored = False
        for line in self.lines:
            own = line.row.role in ("indicator", "parent") and line.row.applicable and line.counts_points
            if not own or line.worth is None or line.worth <= ZERO:
                continue
            value = line.row.score_declared if line.computed is None else line.computed
            if value is None or value < line.worth:
                return False
            any_scored = True
        return any_scored

    def _execution_points(self) -> str:
        """Take the points of the execution rate: printed, of an execution row, else the ruleset's; their source.

        The ruleset's points are taken only where the indicators leave room for them and the form scores at
        all (a list without indicators may): elsewhere the rate is shown and not scored.
        """
        project, rules = self.project, self.rules
        points, source, printed = project.execution_points, "表上分值", True
        if points is None and any(line.worth is not None for line in self.executions):
            points = sum((line.worth for line in self.executions if line.counts_points and line.worth), ZERO)
            source, printed = "指标行上的分值", False
        # any points or scores, or an entry of a list that carries no indicators
        scores = project.total_declared is not None or project.execution_score_declared is not None or not self.lines
        scores = scores or any(line.counts_points or line.counts_score for line in self.lines)
        room = self.used + rules["exec_points"] <= rules["total_points"]
        wanted = points is None and scores and (room or project.execution_score_declared is not None)
        if wanted or rules["exec_points_source"] == "ruleset":
            points, source, printed = rules["exec_points"], f"规则集 {rules.name} 的分值", False
        self.made.execution_points, self.made.execution_points_printed = points, printed and points is not None
        if points is not None:
            return source
        why = "表上没有执行率分值，指标分值已占满总分" if scores else "表上没有任何分值和得分"
        return f"{why}，执行率不计分"

    def _total(self) -> None:
        made, project, rules = self.made, self.project, self.rules
        # the execution score is added once: where it stands outside the indicator rows
        scored = {(line.row.sheet, line.row.cell_score) for line in self.lines if line.counts_score}
        own_cell = bool(project.cell_execution_score) and (project.sheet, project.cell_execution_score) in scored
        printed = project.execution_points is not None or project.execution_score_declared is not None
        apart = (printed or not self.executions) and not own_cell
        declared = [line.row.score_declared for line in self.lines if line.counts_score]
        if declared:
            own = project.execution_score_declared if apart else None
            made.total_recomputed_declared = sum(declared, ZERO) + (own or ZERO)
        value, complete, rescaled = self._value(apart)
        idle = project.executed == ZERO
        if idle and rules["unexecuted_rule"] == "zero":
            value, complete = ZERO, True
        excluded = idle and rules["unexecuted_rule"] == "exclude"
        if excluded:
            value, complete = None, False
        if value is not None:
            value = rounder(rules["round_mode"], rules["total_round"])(value)
        made.total_score, made.total_complete = value, complete
        stated, recomputed = None if excluded else project.total_declared, value if complete else None
        # 88 of the 90 points that apply is a declared sum, not a score out of a hundred
        partial_sum = rescaled and complete and (stated or ZERO) == (made.total_recomputed_declared or ZERO)
        judged = recomputed if stated is None or partial_sum else stated
        made.grade = _class_of(judged, rules["grades"], rules["grade_words"])
        names = band_names(rules["report_bands"])
        made.band = _class_of(judged, rules["report_bands"], names)
        made.band_computed = _class_of(recomputed, rules["report_bands"], names)

    def _value(self, apart: bool) -> tuple[Decimal | None, bool, bool]:
        """The unrounded total, null without any valued row; whether it is complete, and whether it was rescaled."""
        made, rules = self.made, self.rules
        execution = made.execution_score if made.execution_score is not None else self.project.execution_score_declared
        points = (made.execution_points if apart else None) or ZERO
        open_execution = apart and points > ZERO and rules["exec_rule"] != "none" and execution is None
        own = (execution if apart else None) or ZERO
        scored = [line for line in self.lines if line.scored]
        rescaled = rules["na_rule"] == "rescale" and any(line.absent for line in scored)
        rows = [line for line in scored if not line.absent] if rescaled else scored
        valued = [line.value for line in rows if line.value is not None]
        if not valued:
            return None, False, False
        off = abs(self.used + points - rules["total_points"]) > rules["tol_points"]
        complete = len(valued) == len(rows) and not open_execution and not off
        value = sum(valued, ZERO)
        if not rescaled:
            return value + own, complete, False
        # Σ S ÷ Σ W × total points over the applicable rows; null where the points of one are unknown
        worths, whole, with_rate = [line.worth for line in rows], rules["total_points"], rules["na_includes_exec"]
        worth = sum((worth for worth in worths if worth is not None), points if with_rate else ZERO)
        if None in worths or worth <= ZERO:
            return None, False, True
        total = (value + own) * whole / worth if with_rate else value * (whole - points) / worth + own
        return total, complete, True


def _class_of(value: Decimal | None, bounds: Sequence[Decimal], words: Sequence[str]) -> str:
    """Word of the class a value falls in, a bound belonging to the class above; empty for null."""
    if value is None:
        return ""
    return next((word for bound, word in zip(bounds, words, strict=False) if value >= bound), words[len(bounds)])


def band_names(bounds: Sequence[Decimal]) -> list[str]:
    """Names of the report bands, highest first (90, 60: ``90+ 60-90 <60``); a bound belongs above."""
    between = [f"{plain(low)}-{plain(high)}" for high, low in pairwise(bounds)]
    return [f"{plain(bounds[0])}+", *between, f"<{plain(bounds[-1])}"]
