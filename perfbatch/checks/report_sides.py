"""The two sides of the RP checks: the report as read, and the tables it speaks of."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from perfbatch.checks.alike import name_key
from perfbatch.checks.context import Context, Floats, Hit, Mask, Table
from perfbatch.checks.inputs import given
from perfbatch.checks.report_text import Report, read_report
from perfbatch.notation import fold
from perfbatch.schema import INDICATOR_LIST, PROJECT_LIST

_QUOTED = 80  # characters of a sentence that are quoted
_LIKELY = 0.6  # similarity of names below which no suggestion is made (difflib ratio)
COLUMNS: dict[Table, tuple[str, ...]] = {
    "projects": (
        "project_code", "year", "budget_initial", "budget_adjusted", "executed", "total_declared", "total_score",
        "problems", "measures",
    ),
    "indicators": (
        "role", "applicable", "group_points", "level3", "level2", "level1", "target_text", "actual_text",
        "target_value", "actual_value", "target_base", "target_base2", "actual_base", "unit", "actual_unit",
        "comparison", "target_status", "actual_status", "direction", "points", "score_declared", "kind", "operator",
        "weight_share",
    ),
}  # fmt: skip


@dataclass
class Sides:
    """The report on one side, the tables on the other. Of forms and list rows only the forms count."""

    ctx: Context
    report: Report

    @cached_property
    def counted(self) -> Mask:
        """The projects the report speaks of."""
        listed = self.ctx.trait("projects", PROJECT_LIST, INDICATOR_LIST)
        return np.ones(len(listed), dtype=bool) if listed.all() else ~listed

    @cached_property
    def scores(self) -> Floats:
        """Declared totals, computed ones where none is declared."""
        declared = self.ctx.p["total_declared"]
        scores: Floats = np.where(np.isnan(declared), self.ctx.p["total_score"], declared)
        return scores

    @cached_property
    def names(self) -> dict[str, int]:
        """Name key → position of the project."""
        texts = self.ctx.text("projects", "project_name")
        return {name_key(texts[at]): int(at) for at in np.flatnonzero(self.counted) if texts[at]}

    @cached_property
    def mentioned(self) -> Mask:
        """The projects whose names stand in the report."""
        text = self.report.text
        return self.ctx.where("projects", "project_name", lambda name: bool(name) and fold(name) in text)

    def find(self, name: str) -> int:
        """Position of the project of exactly that name (the word 项目 at its end does not matter), else -1."""
        key = name_key(name)
        return self.names.get(key, self.names.get(key.removesuffix("项目"), -1))

    def nearest(self, name: str) -> int:
        """Position of the project whose name is most alike, -1 when none is likely."""
        found = difflib.get_close_matches(name_key(name), self.names, n=1, cutoff=_LIKELY)
        return self.names[found[0]] if found else -1

    def sum(self, column: str) -> float:
        """Sum of a money column in 万元."""
        return float(np.nansum(self.ctx.p[column][self.counted]))

    def name(self, at: int) -> str:
        """Name of a project as its form has it."""
        return str(self.ctx.text("projects", "project_name")[at])

    def hit(self, seen: str, expected: str, message: str, severity: str = "") -> Hit:
        """A finding in the report itself, which has no cells: the sentence that says so is quoted."""
        said = next((s for s in self.report.statements if seen and fold(seen) in s.text), None)
        if said is not None and "原文" not in message:
            whole = said.text.rstrip("。")
            quoted = whole if len(whole) <= _QUOTED else whole[:_QUOTED] + "…"
            message = f"{message.removesuffix('。')}；第{said.paragraph}段原文：“{quoted}”。"
        file = str(self.ctx.extras.get("report_file", "自评报告"))
        return Hit("book", -1, "", seen, expected, message, severity, file=file)


def sides(ctx: Context) -> Sides:
    """Report and tables of a run; `Skipped` when no report was given."""
    text = given(ctx, "report", "自评报告")
    return ctx.once("report sides", lambda: Sides(ctx, read_report(str(text))))
