"""Scores of projects: execution rate, totals, grade and report band; the entry point `score`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from perfbatch.decimals import CONTEXT, percent, plain
from perfbatch.model import Frames
from perfbatch.rulesets import Ruleset
from perfbatch.scoring.arrays import (
    ZERO,
    Mask,
    Objects,
    any_of,
    elementwise,
    filled,
    holds,
    known,
    nulls,
    one_of,
    pick,
    rounder,
    sums,
)  # fmt: skip
from perfbatch.scoring.execution import Money, execution_figures
from perfbatch.scoring.rows import score_rows

_COMPUTED = (
    "execution_rate", "execution_points", "execution_points_printed", "execution_score", "execution_basis",
    "total_recomputed_declared",
    "total_score", "total_complete", "grade", "band", "band_computed",
)  # fmt: skip
Positions = npt.NDArray[np.int64]
_BASES = {"adjusted": "budget_adjusted", "initial": "budget_initial"}


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
    projects, indicators = frames.projects.copy(), frames.indicators.copy()
    position = {pid: at for at, pid in enumerate(projects["project_id"])}
    owner = indicators["project_id"].map(position).to_numpy(dtype=np.int64)
    with localcontext(CONTEXT):
        book = _Book(projects, indicators, owner, rulesets)
        computed = score_rows(indicators, book.names[owner], rulesets, book.money.at(owner))
        for name, values in computed.items():
            indicators[name] = pd.Series(values, index=indicators.index, dtype=object)
        book.execute(book.finished(indicators["score"].to_numpy(dtype=object)))
        book.total(indicators["score"].to_numpy(dtype=object))
    for name in _COMPUTED:
        kind: Any = bool if name in ("total_complete", "execution_points_printed") else object
        projects[name] = pd.Series(book.out[name], index=projects.index, dtype=kind)
    return Frames(projects, frames.funds, indicators)


class _Book:
    """Columns of the projects and of the rows that count in their totals."""

    def __init__(
        self, projects: pd.DataFrame, rows: pd.DataFrame, owner: Positions, rulesets: Mapping[str, Ruleset]
    ) -> None:
        self._projects, self._rows, self.owner, self.rulesets = projects, rows, owner, rulesets
        self.count = len(projects)
        self.names = self["ruleset"]
        self.out: dict[str, Objects] = {name: nulls(self.count) for name in _COMPUTED}
        self.money = self._money()
        points = self.row("points")
        self.worth = pick(known(points), points, self.row("weight_share"))
        self.declared = self.row("score_declared")
        counted = ~one_of(self.row("role"), "child")
        self.counts_points = counted & known(self.worth) & _first(rows, "cell_points", known(self.worth))
        self.counts_score = counted & known(self.declared) & _first(rows, "cell_score", known(self.declared))
        self.executions = one_of(self.row("role"), "execution") & (self.counts_points | self.counts_score)

    def __getitem__(self, column: str) -> Objects:
        return self._projects[column].to_numpy(dtype=object)

    def row(self, column: str) -> Objects:
        """A column of the indicator frame."""
        return self._rows[column].to_numpy(dtype=object)

    def groups(self) -> list[tuple[Ruleset, Positions]]:
        """Every ruleset in use with the positions of its projects."""
        names = dict.fromkeys(self.names)
        return [(self.rulesets[name], np.flatnonzero(self.names == name)) for name in names]

    def _money(self) -> Money:
        """What was executed and the divisor of the rate by `exec_base`; as written where no unit is known."""
        base, spent, bare = nulls(self.count), self["executed"].copy(), one_of(self["money_how"], "unknown")
        for rules, at in self.groups():
            marked = self["rate_base"][at]  # the budget that the form itself marks as (A) comes before the rule
            for column in _BASES:
                mine = at[(marked == column) | ((marked == "") & (rules["exec_base"] == column))]
                base[mine] = self[_BASES[column]][mine]
                written = mine[bare[mine]]
                base[written] = self[f"{column}_raw"][written]
        spent[bare] = self["executed_raw"][bare]
        return Money(spent, base)

    def sum_rows(self, values: Objects, where: Mask) -> Objects:
        """Sum per project of the rows at `where`."""
        return sums(values, self.owner, where, self.count)

    def finished(self, computed: Objects) -> Mask:
        """Projects with scored indicators, all of which were reached: full scores, by formula else as declared."""
        own = one_of(self.row("role"), "indicator", "parent") & self.counts_points & holds(filled(self.worth) > ZERO)
        own &= self._rows["applicable"].to_numpy(dtype=bool)
        value = pick(known(computed), computed, self.declared)
        short = own & ~(known(value) & holds(filled(value) >= filled(self.worth)))
        return any_of(self.owner, own, self.count) & ~any_of(self.owner, short, self.count)

    def execute(self, finished: Mask) -> None:
        """Execution rate, points, score and their basis."""
        points, source = self._execution_points()
        for rules, at in self.groups():
            money = self.money.at(at)
            figures = execution_figures(money, points[at], rules, finished[at])
            self.out["execution_rate"][at] = rate = money.rates(rules["rate_round"])
            self.out["execution_score"][at] = figures.rounded
            self.out["execution_basis"][at] = _basis(rate, figures.text, source[at])
        self.out["execution_points"] = points

    def _execution_points(self) -> tuple[Objects, Objects]:
        """Points of the execution rate: printed in the fund block, on an execution row, else the ruleset's.

        The ruleset's points are taken only where the indicators leave room for them and the form scores at
        all (a list without indicators may): elsewhere the rate is shown and not scored.
        """
        points = self["execution_points"].copy()
        source = np.full(self.count, "表上分值", dtype=object)
        on_row = ~known(points) & any_of(self.owner, self.executions & known(self.worth), self.count)
        row_points = self.sum_rows(self.worth, self.executions & self.counts_points)
        points[on_row], source[on_row] = row_points[on_row], "指标行上的分值"
        printed = known(points) & ~on_row
        used, scores = self.sum_rows(self.worth, self.counts_points), self._scores_at_all()
        for rules, at in self.groups():
            always = rules["exec_points_source"] == "ruleset"
            room = holds(used[at] + rules["exec_points"] <= rules["total_points"])
            scored = known(self["execution_score_declared"][at])
            default = always | (~known(points[at]) & scores[at] & (room | scored))
            points[at[default]], printed[at[default]] = rules["exec_points"], False
            source[at[default]] = f"规则集 {rules.name} 的分值"
        self.out["execution_points_printed"] = printed
        why = pick(scores, "表上没有执行率分值，指标分值已占满总分", "表上没有任何分值和得分").astype(object)
        return points, pick(known(points), source, why + "，执行率不计分")

    def _scores_at_all(self) -> Mask:
        """Forms with any points or scores, and lists that carry no indicators."""
        printed = any_of(self.owner, self.counts_points | self.counts_score, self.count)
        printed |= known(self["total_declared"]) | known(self["execution_score_declared"])
        return printed | holds(np.bincount(self.owner, minlength=self.count) == 0)

    def total(self, computed: Objects) -> None:
        """Totals, grades and bands from the row scores in `computed`."""
        apart, execution = self._execution_apart(), self["execution_score_declared"]
        declared_rows = any_of(self.owner, self.counts_score, self.count)
        total = self.sum_rows(self.declared, self.counts_score)
        total = total + pick(apart, filled(execution), ZERO)
        self.out["total_recomputed_declared"] = pick(declared_rows, total, None)
        parts = _Parts(self, computed, apart)
        for rules, at in self.groups():
            self._finish(rules, at, parts)

    def _execution_apart(self) -> Mask:
        """Projects whose execution score stands outside the indicator rows, so that it is added once."""
        cell, sheet = self["cell_execution_score"], self["sheet"]
        same = (self.row("cell_score") == cell[self.owner]) & (self.row("sheet") == sheet[self.owner])
        same &= self.row("cell_score") != ""
        printed = known(self["execution_points"]) | known(self["execution_score_declared"])
        in_rows = any_of(self.owner, self.executions, self.count) & ~printed
        return ~in_rows & ~any_of(self.owner, same & self.counts_score, self.count)

    def _finish(self, rules: Ruleset, at: Positions, parts: _Parts) -> None:
        value, complete = parts.totals(rules, at)
        idle = holds(self["executed"][at] == ZERO)
        if rules["unexecuted_rule"] == "zero":
            value, complete = pick(idle, ZERO, value), complete | idle
        if rules["unexecuted_rule"] == "exclude":
            value, complete = pick(idle, None, value), complete & ~idle
        some = known(value)
        value[some] = rounder(rules["round_mode"], rules["total_round"])(value[some])
        self.out["total_score"][at], self.out["total_complete"][at] = value, complete
        excluded = idle & (rules["unexecuted_rule"] == "exclude")
        declared, recomputed = pick(excluded, None, self["total_declared"][at]), pick(complete, value, None)
        # 88 of the 90 points that apply is a declared sum, not a score out of a hundred
        partial_sum = parts.rescaled[at] & holds(filled(declared) == filled(self.out["total_recomputed_declared"][at]))
        judged = pick(known(declared) & ~(partial_sum & complete), declared, recomputed)
        self.out["grade"][at] = _classed(judged, rules["grades"], rules["grade_words"])
        names = band_names(rules["report_bands"])
        self.out["band"][at] = _classed(judged, rules["report_bands"], names)
        self.out["band_computed"][at] = _classed(recomputed, rules["report_bands"], names)


class _Parts:
    """What a total is made of: value and points of every counted row and of the execution score."""

    def __init__(self, book: _Book, computed: Objects, apart: Mask) -> None:
        self._book = book
        declared = pick(book.counts_score, book.declared, None)
        self.value = pick(known(computed), computed, declared)
        self.scored = (book.counts_points & holds(filled(book.worth) != ZERO)) | book.counts_score
        self.absent = ~book._rows["applicable"].to_numpy(dtype=bool) & known(book.worth)
        score, own = book.out["execution_score"], book["execution_score_declared"]
        self.execution = pick(apart, pick(known(score), score, own), None)
        points = book.out["execution_points"]
        due = apart & holds(filled(points) > ZERO)
        rated = np.array([book.rulesets[name]["exec_rule"] != "none" for name in book.names], dtype=bool)
        self.execution_open = due & rated & ~known(self.execution)
        self.execution_points = pick(apart, filled(points), ZERO)
        self.rescaled = np.zeros(book.count, dtype=bool)  # projects of which some rows do not apply
        self.points_sum = book.sum_rows(book.worth, book.counts_points) + self.execution_points

    def totals(self, rules: Ruleset, at: Positions) -> tuple[Objects, Mask]:
        """Unrounded totals of the projects at `at`, null without any valued row, and whether complete."""
        book, rescaled = self._book, rules["na_rule"] == "rescale"
        rows = self.scored & ~(self.absent & rescaled)
        valued = rows & known(self.value)
        value = book.sum_rows(self.value, valued)[at]
        execution = filled(self.execution[at])
        some = any_of(book.owner, valued, book.count)[at]
        gaps = any_of(book.owner, rows & ~known(self.value), book.count) | self.execution_open
        off = holds(abs(self.points_sum - rules["total_points"]) > rules["tol_points"])
        complete = some & ~gaps[at] & ~off[at]
        total = pick(some, value + execution, None)
        if rescaled:
            todo = np.flatnonzero(some & any_of(book.owner, self.scored & self.absent, book.count)[at])
            self.rescaled[at[todo]] = True
            total[todo] = self._rescaled(rules, at[todo], value[todo], execution[todo], rows=rows)
        return total, complete & known(total)

    def _rescaled(self, rules: Ruleset, at: Positions, value: Objects, execution: Objects, *, rows: Mask) -> Objects:
        """Σ S ÷ Σ W × total points over the applicable rows; null where the points of one are unknown."""
        book = self._book
        worth = book.sum_rows(filled(book.worth), rows)[at]
        unknown = any_of(book.owner, rows & ~known(book.worth), book.count)[at]
        points = self.execution_points[at]
        with_execution = rules["na_includes_exec"]
        top = value + execution if with_execution else value
        bottom = worth + points if with_execution else worth
        whole = rules["total_points"] - (ZERO if with_execution else points)
        result = nulls(len(at))
        usable = ~unknown & holds(bottom > ZERO)
        share = (top * whole)[usable] / bottom[usable]
        result[usable] = share if with_execution else share + execution[usable]
        return result


def _first(rows: pd.DataFrame, column: str, filled: Mask) -> Mask:
    """False where a value repeats that of the same cell (a merged cell read once for each of its rows).

    Indicators that share a row, one below the other in every cell, have a value each.
    """
    cells = rows.loc[filled, ["project_id", "sheet", column, "level3"]].copy()
    shared = rows.loc[filled, ["project_id", "sheet", "row"]].duplicated(keep=False)
    cells.loc[~shared, "level3"] = ""
    repeated = cells.duplicated().to_numpy() & (cells[column].to_numpy(dtype=object) != "")
    result = np.ones(len(rows), dtype=bool)
    result[np.flatnonzero(filled)[repeated]] = False
    return result


def _basis(rate: Objects, formula: Objects, source: Objects) -> Objects:
    def told(r: Decimal | None, f: str, s: str) -> str:
        parts = [f] if f else []
        return "；".join([*parts, f"执行率 {percent(r)}"] if r is not None else parts) + f"（{s}）"

    return elementwise(told, rate, formula, source)


def _classed(value: Objects, bounds: Sequence[Decimal], words: Sequence[str]) -> Objects:
    """Word of the class each value falls in, a bound belonging to the class above; empty for null."""
    result = np.full(len(value), "", dtype=object)
    left = known(value)
    result[left] = words[len(bounds)]
    for bound, word in reversed(list(zip(bounds, words, strict=False))):
        result[left & holds(filled(value) >= bound)] = word
    return result


def band_names(bounds: Sequence[Decimal]) -> list[str]:
    """Names of the report bands, highest first (90, 60: ``90+ 60-90 <60``); a bound belongs above."""
    between = [f"{plain(low)}-{plain(high)}" for high, low in pairwise(bounds)]
    return [f"{plain(bounds[0])}+", *between, f"<{plain(bounds[-1])}"]
