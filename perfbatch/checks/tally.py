"""What the weight and score checks share: which rows count, what is missing, and other roundings.

A sum may be called wrong only when every operand of it could be read; the gaps are kept here.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

import numpy as np

from perfbatch.checks.context import Context, Floats, Groups, Mask, Positions
from perfbatch.exact import half_up, plain, truncated

_PRINTED = "（表上分值）"  # end of `projects.execution_basis` as `perfbatch.scoring` writes it
COUNTED = ("indicator", "parent", "process", "execution")


class Tally:
    """Points and scores of one context, per row and per project."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    @cached_property
    def rows(self) -> Mask:
        """Indicator rows that count in the totals."""
        return self._ctx.role(*COUNTED)

    @cached_property
    def merged(self) -> Mask:
        """Rows whose points or score stand in a cell merged over several rows."""
        return self._ctx.text("indicators", "group_points").astype(bool)

    @cached_property
    def applicable(self) -> Mask:
        """Rows that are not marked 不适用."""
        return self._ctx.text("indicators", "applicable").astype(bool)

    @cached_property
    def points(self) -> Floats:
        """Points of each row; on the Hebei form, which may print only a share of 100, that share."""
        points = self._ctx.i["points"]
        return np.where(np.isnan(points), self._ctx.i["weight_share"], points)

    @cached_property
    def projects(self) -> Groups:
        """Indicator rows by project."""
        return self._ctx.by_project("indicators")

    @cached_property
    def fund_total(self) -> Positions:
        """Position of the total line of each project in `funds`, -1 where there is none."""
        return self._ctx.by_project("funds").first(self._ctx.isin("funds", "role", "total"))

    def of_fund_total(self, values: Floats) -> Floats:
        """A column of `funds` at the total line of each project, NaN where there is none."""
        result = np.full(len(self._ctx.projects), np.nan)
        has = self.fund_total >= 0
        result[has] = values[self.fund_total[has]]
        return result

    @cached_property
    def execution_points(self) -> Floats:
        """Points of the execution rate as printed in the fund block or its label, NaN where none are.

        `projects.execution_points` also holds what the ruleset assumes; its basis says where it is from.
        """
        printed = self._ctx.where("projects", "execution_basis", lambda basis: basis.endswith(_PRINTED))
        return np.where(printed, self._ctx.p["execution_points"], np.nan)

    @cached_property
    def has_points(self) -> Mask:
        """Projects with points on at least one row."""
        return self.projects.any(self.rows & ~np.isnan(self.points))

    @cached_property
    def without_points(self) -> Mask:
        """Rows that were evaluated but have no points, so that sums of points are open."""
        ctx = self._ctx
        used = ~ctx.nil("indicators", "target_text") | ~ctx.nil("indicators", "actual_text")
        used |= ~np.isnan(ctx.i["score_declared"])
        own = self.rows & ~ctx.role("execution") & self.applicable & ~self._read_above("points", self.points)
        found: Mask = own & used & np.isnan(self.points)
        return found

    @cached_property
    def without_score(self) -> Mask:
        """Rows with points but no readable score, so that sums of scores are open."""
        ctx, score = self._ctx, self._ctx.i["score_declared"]
        cells = ctx.groups("indicators", "sheet", "cell_points")
        scored_below = self.merged & cells.spread(cells.any(self.rows & ~np.isnan(score)))
        own = self.rows & self.applicable & ~scored_below & ~self._read_above("score", score)
        found: Mask = own & np.isnan(score) & (self.points > 0)
        return found

    @cached_property
    def unread_score(self) -> Mask:
        """Rows with a text in the score cell that is no number."""
        ctx, score = self._ctx, self._ctx.i["score_declared"]
        own = self.rows & ~self._read_above("score", score) & ~ctx.nil("indicators", "score_text")
        found: Mask = own & np.isnan(score)
        return found

    def _read_above(self, name: str, values: Floats) -> Mask:
        """Rows whose value was read on an earlier row of the same merged cell."""
        ctx = self._ctx
        cells = ctx.groups("indicators", "sheet", f"cell_{name}")
        shared = cells.spread(cells.any(~np.isnan(values))) & ctx.filled("indicators", f"cell_{name}")
        found: Mask = shared & np.isnan(values)
        return found

    @cached_property
    def points_sum(self) -> Floats:
        """Σ points of the rows of each project, without the fund block."""
        return self.projects.sum(self.points, self.rows)

    @cached_property
    def score_sum(self) -> Floats:
        """Σ declared scores of the rows of each project, without the fund block."""
        return self.projects.sum(self._ctx.i["score_declared"], self.rows)

    @cached_property
    def points_known(self) -> Mask:
        """Projects that have points, all of them readable."""
        return self.has_points & ~self.projects.any(self.without_points)

    @cached_property
    def scores_known(self) -> Mask:
        """Projects with scores, none missing, the execution score included where it has points."""
        ctx = self._ctx
        some = self.projects.any(self.rows & ~np.isnan(ctx.i["score_declared"]))
        open_rate = (self.execution_points > 0) & np.isnan(ctx.p["execution_score_declared"])
        return some & ~self.projects.any(self.without_score | self.unread_score) & ~open_rate


def tally(ctx: Context) -> Tally:
    """The shared sums of a context."""
    return ctx.once("tally", lambda: Tally(ctx))


def other_rounding(exact: Decimal | None, declared: Decimal | None, most: int = 2) -> str:
    """How `declared` comes from `exact` at fewer places or by cutting (Chinese), or '' when it does not."""
    if exact is None or declared is None:
        return ""
    for places in range(most + 1):
        where = f"保留{places}位小数" if places else "取整数"
        if half_up(exact, places) == declared:
            return f"四舍五入{where}"
        if truncated(exact, places) == declared:
            return f"截尾{where}"
    return ""


def decimals(value: Decimal | None) -> int:
    """Number of decimals written (trailing zeros do not count)."""
    text = plain(value)
    return len(text.partition(".")[2])
