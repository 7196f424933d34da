"""The sheets of the budget cycle as one frame (`perfbatch.schema.CYCLE`): a row an indicator, its head repeated."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pandas as pd

from perfbatch import notation, schema
from perfbatch.forms.form import Form, Line
from perfbatch.forms.records import of
from perfbatch.forms.vocabulary import Vocabulary
from perfbatch.notation import fold, is_nil
from perfbatch.records import Indicator, Project

_LIKELY = ("sure", "maybe", "never")
_SAYS = {"never": ("不可能", "不能"), "maybe": ("可能",), "sure": ("确定", "能", "可以")}  # tried in this order
_TEXTS = {
    "sign_text": "sign", "target_text": "target", "unit_text": "unit", "adjusted_text": "adjusted_target",
    "initial_target": "initial_target", "actual_text": "actual", "forecast_text": "forecast",
    "reason": "reason", "measures": "measures", "rectify": "rectify", "rectified": "rectified",
    "target_basis": "target_basis", "last_year": "last_year", "level2_text": "level2", "description": "description",
    "adjust_note": "adjust_note", "adjust_date": "adjust_date",
}  # fmt: skip
_CELLS = {
    "cell_name": "level3", "cell_target": "target", "cell_actual": "actual", "cell_points": "points",
    "cell_score": "score", "cell_adjusted": "adjusted_target", "cell_forecast": "forecast",
    "cell_likelihood": "likelihood",
}  # fmt: skip
_CAUSES = ("cause_funds", "cause_rules", "cause_staff", "cause_hardware", "cause_other")


def frame(forms: Iterable[Form], words: Vocabulary, year: int | None) -> pd.DataFrame:
    """One frame of all sheets; dates without a year are read in `year`."""
    forms = list(forms)
    rows: list[dict[str, Any]] = []
    for form, project in zip(forms, of(forms, words, year), strict=True):
        head = _head(form, project)
        if not project.indicators:
            rows.append({**head, "role": "head"})
        for line, indicator in zip(form.lines, project.indicators, strict=True):
            rows.append({**head, **_line(line, indicator)})
    return schema.frame(rows, schema.CYCLE)


def _head(form: Form, project: Project) -> dict[str, Any]:
    total = project.fund_total

    def money(name: str) -> Decimal | None:
        cell = form.head.get(name)
        return None if cell is None else notation.read_money(cell.text, form.money_unit, stored=cell.stored).value

    row: dict[str, Any] = {
        "project_id": project.id,
        "sheet_kind": form.kind,
        "project_code": project.code,
        "project_name": project.name,
        "department": form.text("department").strip(),
        "unit_name": project.unit,
        "year": project.year,
        "total_declared": project.total,
        "total_points": project.total_points,
        "grade": form.text("grade").strip() or form.text("conclusion").strip(),
        "goal_expected": form.text("goal_expected"),
        "goal_adjusted": form.text("goal_adjusted"),
        "goal_actual": form.text("goal_actual"),
        "basic": money("basic"),
        "projects": money("projects"),
        "forecast_executed": money("forecast"),
        "months": int(form.text("months")) if form.text("months").isdigit() else None,
        "measures": form.text("measures").strip(),
        "head_note": form.text("adjust_note").strip(),
        "head_date": form.text("adjust_date").strip(),
        "file": form.file,
        "sheet": form.sheet,
        "cell": project.ref("project_name") or project.anchor,
        "cell_goal": project.ref("goal_expected"),
        "cell_total": project.ref("total"),
    }
    if total is not None:
        row |= {
            "budget_initial": total.amount("initial"),
            "budget_adjusted": total.amount("adjusted"),
            "executed": total.amount("executed"),
            "execution_rate": total.rate,
            "execution_points": project.execution_points,
            "execution_score": total.score,
            "cell_budget": total.ref("initial") or total.ref("adjusted"),
            "cell_executed": total.ref("executed"),
        }
    return row


def _line(line: Line, indicator: Indicator) -> dict[str, Any]:
    target, actual = indicator.target, indicator.actual
    own = line.cells.get("adjusted_points")
    row: dict[str, Any] = {column: line.text(name).strip() for column, name in _TEXTS.items()}
    return (
        row
        | {
            "row": line.row,
            "role": indicator.role,
            "level1": indicator.level1,
            "level2": indicator.level2,
            "level3": indicator.level3,
            "target_stored": line.cells["target"].stored if "target" in line.cells else "",
            "kind": target.kind,
            "operator": target.op,
            "target_value": target.value,
            "target_value2": target.value2,
            "target_date": target.date_to.isoformat() if target.date_to else "",
            "unit": target.unit,
            "target_status": target.status,
            "points": indicator.points,
            "adjusted_points": None if own is None else notation.read_points(own.text, stored=own.stored),
            "actual_value": actual.value,
            "actual_unit": actual.unit,
            "score_declared": indicator.score,
            "likelihood": _likelihood(line),
            "reason": _reason(line),
        }
        | {column: indicator.ref(name) for column, name in _CELLS.items()}
        | _likely_cell(line, indicator)
    )


def _likelihood(line: Line) -> str:
    """Which of 确定能, 有可能, 完全不可能 is ticked, or written in one column."""
    ticked = [name for name in _LIKELY if not is_nil(line.text(f"likely_{name}"))]
    if len(ticked) == 1:
        return ticked[0]
    text = fold(line.text("likelihood"))
    return next((name for name, words in _SAYS.items() if any(word in text for word in words)), "")


def _likely_cell(line: Line, indicator: Indicator) -> dict[str, str]:
    ticked = [name for name in _LIKELY if not is_nil(line.text(f"likely_{name}"))]
    return {"cell_likelihood": indicator.ref(f"likely_{ticked[0]}")} if len(ticked) == 1 else {}


def _reason(line: Line) -> str:
    """The stated reason, with the ticked or written columns of causes."""
    causes = [line.text(name).strip() for name in _CAUSES]
    return "；".join(filter(None, [line.text("reason").strip(), *causes]))
