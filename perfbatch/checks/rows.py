"""Masks over indicator rows that several checks share: scored rows, comparable rows, groups, shortfalls.

Made once per context and kept there; each mask has the length of the indicator frame.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from perfbatch.checks.context import EPSILON, Context, Floats, Mask, Table
from perfbatch.notation import shown_actual, shown_target

_UNREADABLE = ("ambiguous", "multiple")


class Rows:
    """The indicator rows of one context."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def _is(self, column: str, *values: str) -> Mask:
        return self._ctx.isin("indicators", column, *values)

    def _flag(self, column: str) -> Mask:
        flags: Mask = self._ctx.text("indicators", column).astype(bool)
        return flags

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

    @cached_property
    def short(self) -> Mask:
        """Scored rows with a score below their points."""
        return self.scored & (self._ctx.i["score_declared"] < self.worth - EPSILON)

    @cached_property
    def worth(self) -> Floats:
        """Points of each row; its share of 100 where the form has no column of points (Hebei)."""
        points, share = self._ctx.i["points"], self._ctx.i["weight_share"]
        return np.where(np.isnan(points), share, points)


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
