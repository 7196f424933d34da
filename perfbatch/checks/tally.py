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
LISTS = ("F11", "F12")  # flat exports: many projects a sheet, no title, no total row
# families that end with a row 总分/合计; in the others the total stands in the head or is not printed
WITH_TOTAL_ROW = ("F1", "F2", "F3", "F4", "F5", "F7", "F13")


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
    def cut(self) -> Mask:
        """Projects without the total row that their family ends with: a fragment, whose last rows may be lost."""
        ctx = self._ctx
        return ctx.layout("projects", *WITH_TOTAL_ROW) & ~ctx.filled("projects", "cell_total")

    @cached_property
    def damaged(self) -> Mask:
        """Projects with so many unreadable cells that nothing is computed from the table as a whole."""
        ctx = self._ctx
        unread = [self.rows & ctx.isin("indicators", f"{name}_status", "ambiguous") for name in ("target", "actual")]
        count = sum(self.projects.size(mask) for mask in unread)
        found: Mask = count >= ctx.threshold("projects", "ocr_max_triggers")
        return found

    @cached_property
    def by_heading(self) -> Mask:
        """Rows without points in a group whose heading prints them (数量指标15分) and none of whose rows has any."""
        ctx, own = self._ctx, self.rows & ~np.isnan(self.points)
        found = np.zeros(len(own), dtype=bool)
        for name, columns in (("level2", ("level1_text", "level2_text")), ("level1", ("level1_text",))):
            groups = ctx.groups("indicators", *columns)
            found |= ~np.isnan(ctx.i[f"{name}_points"]) & ~groups.spread(groups.any(own))
        return self.rows & found

    @cached_property
    def heading_sum(self) -> Floats:
        """Σ points printed in the headings of such groups, level 2 before level 1, per project."""
        ctx = self._ctx
        second = ctx.groups("indicators", "level1_text", "level2_text").firsts(self.by_heading)
        first = ctx.groups("indicators", "level1_text").firsts(self.by_heading & np.isnan(ctx.i["level2_points"]))
        inner, outer = ctx.i["level2_points"], ctx.i["level1_points"]
        return self.projects.sum(inner, second) + self.projects.sum(outer, first)

    @cached_property
    def without_points(self) -> Mask:
        """Rows that were evaluated but have no points, so that sums of points are open."""
        ctx = self._ctx
        used = ~ctx.nil("indicators", "target_text") | ~ctx.nil("indicators", "actual_text")
        used |= ~np.isnan(ctx.i["score_declared"])
        own = self.rows & ~ctx.role("execution") & self.applicable & ~self._read_above("points", self.points)
        found: Mask = own & used & np.isnan(self.points) & ~self.by_heading
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
    def points_known(self) -> Mask:
        """Projects that have points on every row, on a form that is neither cut nor damaged."""
        gaps = self.projects.any(self.without_points | self.by_heading)
        return self.has_points & ~gaps & ~self.cut & ~self.damaged

    @cached_property
    def scores_known(self) -> Mask:
        """Projects with scores, none missing, the execution score included where it has points."""
        ctx = self._ctx
        some = self.projects.any(self.rows & ~np.isnan(ctx.i["score_declared"]))
        open_rate = (self.execution_points > 0) & np.isnan(ctx.p["execution_score_declared"])
        gaps = self.projects.any(self.without_score | self.unread_score)
        return some & ~gaps & ~open_rate & ~self.damaged


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
