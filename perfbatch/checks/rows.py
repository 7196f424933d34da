"""Masks over indicator rows that several checks share: scored rows, comparable rows, groups, shortfalls.

Made once per context and kept there; each mask has the length of the indicator frame.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from perfbatch.checks import words
from perfbatch.checks.context import EPSILON, Context, Floats, Mask, Table
from perfbatch.notation import contradiction, fold, says_nothing, shown_actual, shown_target
from perfbatch.notation.nil import verdict
from perfbatch.notation.units import wan_power

COST = words.table("kinds")["成本"]
SATISFACTION = words.table("kinds")["满意度"]
_UNREADABLE = ("ambiguous", "multiple")
WHOLE = 100.0  # a percentage of everything


class Rows:
    """The indicator rows of one context."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def _is(self, column: str, *values: str) -> Mask:
        return self._ctx.isin("indicators", column, *values)

    def _flag(self, column: str) -> Mask:
        flags: Mask = self._ctx.text("indicators", column).astype(bool)
        return flags

    def named(self, name: str) -> Mask:
        """Rows whose indicator name says a word of a list in `words.toml`."""
        return words.saying(self._ctx, "indicators", "level3", name)

    def verdict(self, level: str) -> Mask:
        """Rows whose actual is a verdict word of a level: ``full``, ``part`` or ``missed``."""
        return self._ctx.where("indicators", "actual_text", lambda text: verdict(fold(text)) == level)

    def place(self, name: str) -> Mask:
        """Rows of forms that have a cell for the field `name`."""
        return self._ctx.filled("indicators", f"cell_{name}")

    @cached_property
    def live(self) -> Mask:
        """Rows that are indicators of their own and apply."""
        return self._ctx.role("indicator") & self._flag("applicable")

    @cached_property
    def own(self) -> Mask:
        """Live rows whose points, if any, are their own and not those of a merged group."""
        return self.live & ~self._flag("group_points")

    @cached_property
    def scored(self) -> Mask:
        """Own rows with points."""
        return self.own & (self.worth > 0)

    @cached_property
    def rated(self) -> Mask:
        """Rows that are the execution rate itself, with points of their own and a computed score."""
        own = self._ctx.role("execution") & ~self._flag("group_points") & (self._ctx.i["points"] > 0)
        known: Mask = own & self._flag("applicable") & ~np.isnan(self._ctx.i["score"])
        return known

    @cached_property
    def readable(self) -> Mask:
        """Rows whose target and actual could both be read."""
        return ~self._is("target_status", *_UNREADABLE) & ~self._is("actual_status", *_UNREADABLE)

    @cached_property
    def figures(self) -> Mask:
        """Live rows with a readable quantitative target."""
        return self.live & self._is("kind", "quantitative") & ~self._is("target_status", *_UNREADABLE)

    @cached_property
    def compared(self) -> Mask:
        """Live rows whose target and actual are figures in one unit."""
        known = ~np.isnan(self._ctx.i["target_base"]) & ~np.isnan(self._ctx.i["actual_base"])
        return self.live & self._is("comparison", "yes", "assumed") & known & self.readable

    @cached_property
    def ratio(self) -> Floats:
        """Actual ÷ target of compared rows with a positive target, else NaN."""
        target, actual = self._ctx.i["target_base"], self._ctx.i["actual_base"]
        ratio: Floats = np.full(len(target), np.nan)
        return np.divide(actual, target, out=ratio, where=self.compared & (target > 0))

    @cached_property
    def missed(self) -> Mask:
        """Compared rows on the wrong side of their target."""
        ctx = self._ctx
        target, actual, upper = ctx.i["target_base"], ctx.i["actual_base"], ctx.i["target_base2"]
        below, above = actual < target - EPSILON, actual > target + EPSILON
        wrong: Mask = (
            (self._is("direction", "positive", "equal", "range") & below)
            | (self._is("direction", "negative") & above)
            | (self._is("direction", "range") & (actual > upper + EPSILON))
            | (self._is("direction", "equal") & (target == 0) & above)
            | self.at_strict_bound
        )
        return self.compared & wrong

    @cached_property
    def at_strict_bound(self) -> Mask:
        """Compared rows whose actual only equals a target of > or <."""
        ctx = self._ctx
        strict = self._is("operator", "gt", "lt") & ctx.chosen("indicators", "strict_inequality", True)
        bound: Mask = self.compared & strict & (ctx.i["actual_base"] == ctx.i["target_base"])
        return bound

    @property
    def applies(self) -> Mask:
        """Rows that are not said to be inapplicable."""
        return self._flag("applicable")

    @cached_property
    def late(self) -> Mask:
        """Live rows whose deadline had passed when they were done."""
        ctx = self._ctx
        dated = self.live & self.readable & self._is("kind", "date")
        target, actual = (ctx.text("indicators", f"{side}_date").astype(str) for side in ("target", "actual"))
        found: Mask = dated & (target != "") & (actual != "") & (actual > target)
        return found

    @cached_property
    def _claims(self) -> tuple[Mask, Mask]:
        """Where words contradict the target, and where they do so without a doubt; asked once a pair of texts."""
        ctx = self._ctx
        worded = self.live & self._is("kind", "qualitative", "date")
        target, actual = ctx.text("indicators", "target_text"), ctx.text("indicators", "actual_text")
        any_, sure = np.zeros(len(worded), dtype=bool), np.zeros(len(worded), dtype=bool)
        for at in np.flatnonzero(worded):
            found = contradiction(target[at], actual[at])
            any_[at], sure[at] = found is not None, found is not None and found.sure
        return any_, sure

    @property
    def contradicted(self) -> Mask:
        """Live rows whose actual in words denies what the target asks for (及时 → 不及时, 优 → 良)."""
        return self._claims[0]

    @property
    def surely_contradicted(self) -> Mask:
        """The same where the actual says nothing else."""
        return self._claims[1]

    @cached_property
    def short(self) -> Mask:
        """Scored rows with a score below their points."""
        return self.scored & (self._ctx.i["score_declared"] < self.worth - EPSILON)

    @cached_property
    def full(self) -> Mask:
        """Scored rows with all their points."""
        return self.scored & (self._ctx.i["score_declared"] >= self.worth - EPSILON)

    @cached_property
    def worth(self) -> Floats:
        """Points of each row; its share of 100 where the form has no column of points (Hebei)."""
        points, share = self._ctx.i["points"], self._ctx.i["weight_share"]
        return np.where(np.isnan(points), share, points)

    @cached_property
    def silent(self) -> Mask:
        """Rows whose reason says nothing: empty, a nil word (the ruleset's too) or template text."""
        return self._ctx.where("indicators", "reason", says_nothing) | self._listed_as_nil()

    def _listed_as_nil(self) -> Mask:
        ctx = self._ctx
        codes, texts = ctx.distinct("indicators", "reason")
        bad = np.zeros(len(codes), dtype=bool)
        rulesets = ctx.spread("indicators", ctx.text("projects", "ruleset"))
        for name, values in ctx.parameters.items():
            listed = frozenset(values.get("nil_words") or ())
            bad |= (rulesets == name) & np.array([fold(text) in listed for text in texts], dtype=bool)[codes]
        return bad

    @cached_property
    def cost(self) -> Mask:
        """Cost indicators, by either level."""
        return self._is("level2", *COST) | self._is("level1", *COST)

    @cached_property
    def satisfaction(self) -> Mask:
        """Satisfaction indicators, by either level or by name."""
        by_level = self._is("level2", *SATISFACTION) | self._is("level1", *SATISFACTION)
        return by_level | self.named("satisfaction")

    @cached_property
    def survey(self) -> Mask:
        """Rows whose texts or listed evidence name a survey."""
        found = np.zeros(len(self._ctx.indicators), dtype=bool)
        for column in ("reason", "method", "evidence", "target_basis", "actual_text"):
            found |= words.saying(self._ctx, "indicators", column, "survey")
        return found

    @cached_property
    def wan(self) -> tuple[Floats, Floats]:
        """Target and actual in 万元 where the unit is plain money, else NaN."""
        target, actual = self._ctx.i["target_value"], self._ctx.i["actual_value"]
        return target * self._factor("unit"), actual * self._factor("actual_unit")

    def _factor(self, column: str) -> Floats:
        codes, units = self._ctx.distinct("indicators", column)
        powers = [wan_power(unit) for unit in units]
        return np.array([np.nan if power is None else 10.0**power for power in powers], dtype=float)[codes]

    def spread(self, per_project: Any) -> Any:
        """A per-project array repeated for each row."""
        return self._ctx.spread("indicators", per_project)


def per_ruleset(ctx: Context, table: Table, key: str, read: Callable[[Any], Any], dtype: type = float) -> Any:
    """`read` of the parameter `key`, called once for each ruleset, for each row of `table`."""
    codes, names = ctx.distinct("projects", "ruleset")
    values: npt.NDArray[Any] = np.array([read(ctx.parameters[name].get(key)) for name in names], dtype=dtype)
    return values[codes[ctx.owner(table)]]


def highest_band(ctx: Context) -> Floats:
    """Lower bound of the highest report band, for each project."""
    bounds: Floats = per_ruleset(ctx, "projects", "report_bands", lambda b: float(b[0]) if b else np.nan)
    return bounds


def rows(ctx: Context) -> Rows:
    """The shared masks of a context."""
    return ctx.once("indicator rows", lambda: Rows(ctx))


def project_of(row: Any) -> str:
    """The project as messages call it."""
    return f"项目“{row.project_name}”" if row.project_name else "本表"


def target_of(row: Any) -> str:
    """The target as messages quote it: sign, text and unit, which some forms keep in cells of their own."""
    return shown_target(row.target_text, row.sign_text, row.unit_text)


def actual_of(row: Any) -> str:
    """The actual as messages quote it, with the unit of the form's unit cell when it has none."""
    return shown_actual(row.actual_text, row.unit_text)


def name_of(row: Any) -> str:
    """The indicator as messages call it."""
    return f"“{row.level3 or row.level2 or row.level1 or '未命名指标'}”"
