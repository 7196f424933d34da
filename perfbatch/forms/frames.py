"""The frames of `perfbatch.schema`, made once from the records: texts verbatim, parsed values beside them.

The sheets of the budget cycle make one frame (`CYCLE`): a row an indicator, its head repeated.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any

import pandas as pd

from perfbatch import notation, schema
from perfbatch.forms.form import MONEY
from perfbatch.model import Cell, Frames, a1
from perfbatch.notation import Reading, fold, is_nil
from perfbatch.records import FundLine, Indicator, Printed, Project

_FUND_TEXTS = {name: f"{name}_text" for name in (*MONEY, "rate", "points", "score")}
_LINE_TEXTS = {name: f"{name}_text" for name in ("level3", "sign", "unit", "points", "score", "completion")}
_LINE_TEXTS |= {
    name: name
    for name in ("method", "verdict", "evidence", "last_year", "initial_target", "target_basis", "score_basis")
}
_HEAD_TEXTS = (
    "department", "category", "origin", "goal_expected", "goal_actual", "conclusion", "problems",
    "measures", "reason_box", "footnotes", "title", "submitted", "deadline",
)  # fmt: skip
_OF_TOTAL = {"points": "execution_points", "score": "execution_score", "reason": "fund_reason"}  # cells of the total


# fields of the records that are columns under their own names
_OF_PROJECT = (
    "unit", "year", "title_year", "layout", "family", "traits", "file", "sheet", "money_unit", "money_how", "rate_base",
    "total_points", "goal_completion",
)  # fmt: skip
_OF_LINE = ("sheet", "row", "level1", "level2", "level3", "role", "parent_row", "core", "group_points", "points")
_VALUES_OF_LINE = attrgetter(*_OF_LINE)
_FUND_PLACES, _LINE_PLACES, _HEAD_PLACES = (  # field → the column that names its cell
    {name.removeprefix("cell_"): name for name in columns if name.startswith("cell_")}
    for columns in (schema.FUNDS, schema.INDICATORS, schema.PROJECTS)
)


def of(projects: Iterable[Project]) -> Frames:
    """Frames of `projects`; the computed columns stay empty until `perfbatch.scoring.score`, `ruleset` until chosen."""
    heads, funds, lines = [], [], []
    for project in projects:
        heads.append(_project(project))
        funds += [_fund(project, line) for line in project.funds]
        lines += [_indicator(project, line) for line in project.indicators]
    columns = (schema.PROJECTS, schema.FUNDS, schema.INDICATORS)
    return Frames(*map(schema.frame, (heads, funds, lines), columns))


def _project(project: Project) -> dict[str, Any]:
    row: dict[str, Any] = {
        "project_id": project.id,
        "counted": True,  # until a batch knows of other entries of the same project
        "project_code": project.code,
        "project_name": project.name,
        "cell": project.ref("project_name") or project.anchor,
        "total_text": project.text("total"),
        "total_declared": project.total,
        "grade_declared": project.text("grade").strip(),
        "status_text": project.text("status").strip(),
        "cell_title": project.ref("title") or project.anchor,
    }
    row |= {name: getattr(project, name) for name in _OF_PROJECT}
    row |= {name: project.text(name) for name in _HEAD_TEXTS}
    row = {_HEAD_PLACES[name]: project.ref(name) for name in project.cells if name in _HEAD_PLACES} | row
    if (total := project.fund_total) is None:
        return row
    row |= {
        "budget_initial": total.amount("initial"),
        "budget_adjusted": total.amount("adjusted"),
        "rate_text": total.text("rate"),
        "rate_declared": total.rate,
        "execution_points": project.execution_points,
        "execution_score_declared": total.score,
        "execution_score_text": total.text("score"),
        "fund_reason": project.text("fund_reason") or total.text("reason"),
    }
    row |= {name: total.amount(name) for name in ("arrived", "executed", "left_over")}
    for name in ("initial", "adjusted", "executed"):
        row |= {f"{name}_raw": total.raw.get(name), f"{name}_text": total.text(name)}
    for name, cell in total.cells.items():
        if (column := _HEAD_PLACES.get(_OF_TOTAL.get(name, name))) is not None:
            row[column] = cell.ref
    return row


def _fund(project: Project, line: FundLine) -> dict[str, Any]:
    row: dict[str, Any] = {
        "project_id": project.id,
        "source": line.text("source").strip(),
        "file": project.file,
        "reason": line.text("reason"),
        "score_declared": line.score,
        "rate_declared": line.rate,
        "money_status": "；".join(line.doubts),
    }
    row |= {name: getattr(line, name) for name in ("sheet", "row", "role", "points")}
    row |= {name: money.value for name, money in line.money.items()}
    row |= {f"{name}_raw": line.raw.get(name) for name in ("initial", "adjusted", "executed")}
    row |= {column: line.text(name) for name, column in _FUND_TEXTS.items()}
    return row | _refs(line, _FUND_PLACES)


def _refs(line: Printed, places: Mapping[str, str]) -> dict[str, str]:
    """A1 references of the fields that have a column for it."""
    return {places[name]: a1(cell[0], cell[1]) for name, cell in line.cells.items() if name in places}


_NOTHING = Cell(1, 1, "", "empty")


def _indicator(project: Project, line: Indicator) -> dict[str, Any]:
    texts = {name: cell[2] for name, cell in line.cells.items()}
    row: dict[str, Any] = {
        "project_id": project.id,
        "file": project.file,
        "level1_text": texts.get("level1", ""),
        "level2_text": texts.get("level2", ""),
        "score_declared": line.score,
        "reason": texts.get("reason", ""),
        "target_text": texts.get("target", ""),
        "target_stored": line.cells.get("target", _NOTHING).stored,
        "actual_text": texts.get("actual", ""),
    }
    row |= zip(_OF_LINE, _VALUES_OF_LINE(line), strict=True)
    row |= pair_columns(line.target, line.actual)
    row |= line.numbers
    row |= {column: texts.get(name, "") for name, column in _LINE_TEXTS.items()}
    return row | _refs(line, _LINE_PLACES)


def pair_columns(target: Reading, actual: Reading) -> dict[str, Any]:
    """Columns of the readings of one line, and of both figures in their common base unit."""
    compared = notation.compare(target, actual)
    # a deadline is judged by the last day of a period that ends in time, by the first of a late one
    met, unclear = notation.on_time(target, actual), ""
    done = actual.date_to if met else actual.date_from or actual.date_to
    if met is None and target.kind == actual.kind == "date" and actual.date_from is not None:
        done, unclear = None, "完成时间跨过目标时间，不能判断是否按期"  # 2023年 for 2023年6月底前 cannot be compared
    notes = (*target.notes, *actual.notes, compared.note, unclear)
    return {
        "kind": target.kind,
        "operator": target.op,
        "target_value": target.value,
        "target_value2": target.value2,
        "unit": target.unit,
        "target_status": target.status,
        "target_date": target.date_to.isoformat() if target.date_to else "",
        "actual_kind": actual.kind,
        "actual_operator": actual.op,
        "actual_value": actual.value,
        "actual_unit": actual.unit,
        "actual_status": actual.status,
        "actual_date": done.isoformat() if done else "",
        "applicable": target.applicable and actual.applicable,
        "comparison": "none" if unclear else compared.state,
        "target_base": compared.target,
        "target_base2": compared.target2,
        "actual_base": compared.actual,
        "notes": "；".join(dict.fromkeys(filter(None, notes))),
    }


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


def cycle_frame(projects: Iterable[Project]) -> pd.DataFrame:
    """One frame of all sheets beside the self-evaluation: a row an indicator, or one ``head`` of a sheet without."""
    rows: list[dict[str, Any]] = []
    for project in projects:
        head = _cycle_head(project)
        rows += [head | _cycle_line(project, line) for line in project.indicators] or [head | {"role": "head"}]
    return schema.frame(rows, schema.CYCLE)


def _cycle_head(project: Project) -> dict[str, Any]:
    total = project.fund_total

    def money(name: str) -> Decimal | None:
        cell = project.cells.get(name)
        return None if cell is None else notation.read_money(cell.text, project.money_unit, stored=cell.stored).value

    row = _project(project) | {  # columns of the same names; those that no such sheet has are left out by the frame
        "sheet_kind": project.kind,
        "department": project.text("department").strip(),
        "unit": "",  # of the indicator here
        "unit_name": project.unit,
        "grade": project.text("grade").strip() or project.text("conclusion").strip(),
        "basic": money("basic"),
        "projects": money("projects"),
        "forecast_executed": money("forecast"),
        "months": int(project.text("months")) if project.text("months").isdigit() else None,
        "measures": project.text("measures").strip(),
        "head_note": project.text("adjust_note").strip(),
        "head_date": project.text("adjust_date").strip(),
        "goal_adjusted": project.text("goal_adjusted"),
        "cell_goal": project.ref("goal_expected"),
        "cell_total": project.ref("total"),
    }
    if total is not None:
        row["execution_rate"], row["execution_score"] = total.rate, total.score
        row["cell_budget"] = total.ref("initial") or total.ref("adjusted")
    return row


def _cycle_line(project: Project, line: Indicator) -> dict[str, Any]:
    own = line.cells.get("adjusted_points")
    row = _indicator(project, line) | {column: line.text(name).strip() for column, name in _TEXTS.items()}
    row |= {column: line.ref(name) for column, name in _CELLS.items()}
    row |= {
        "target_stored": line.cells["target"].stored if "target" in line.cells else "",
        "adjusted_points": None if own is None else notation.read_points(own.text, stored=own.stored),
        "reason": "；".join(filter(None, (line.text(name).strip() for name in ("reason", *_CAUSES)))),
    }
    # which of 确定能, 有可能, 完全不可能 is ticked, or written in one column
    ticked = [name for name in _LIKELY if not is_nil(line.text(f"likely_{name}"))]
    if len(ticked) == 1:
        return row | {"likelihood": ticked[0], "cell_likelihood": line.ref(f"likely_{ticked[0]}")}
    text = fold(line.text("likelihood"))
    said = (name for name, words in _SAYS.items() if any(word in text for word in words))
    return row | {"likelihood": next(said, "")}
