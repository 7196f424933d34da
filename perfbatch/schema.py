"""Columns of the three frames, with type and meaning.

Types: ``str`` (object of str, empty string when blank), ``decimal`` (object of `decimal.Decimal`, None when
null), ``int`` (object of int, None when null), ``bool``. Money is in 万元, rates are fractions of one, points
and scores are points. ``cell_*`` columns are A1 references; they name the place where a value stands or, when
it is missing, where it should stand (empty only if the form has no such place).
"""

import re
from collections import defaultdict, namedtuple
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np
import pandas as pd

K = TypeVar("K")
V = TypeVar("V")
# Traits of layouts that Python asks for by name in several rooms (`traits` below; families.toml names all)
PROJECT_LIST, INDICATOR_LIST, CONVERTED = "project_list", "indicator_list", "converted"


def _cells(fields: str) -> dict[str, str]:
    """The columns that name the cells of some fields."""
    return {f"cell_{field}": "str" for field in fields.split()}


# Contract columns first (design contract: other programs rely on names and meaning), ours after the gap.
PROJECTS: dict[str, str] = {
    "project_id": "str",
    "project_code": "str",
    "project_name": "str",
    "department": "str",
    "unit": "str",
    "year": "int",
    "category": "str",
    "origin": "str",
    "layout": "str",
    "ruleset": "str",
    "budget_initial": "decimal",
    "budget_adjusted": "decimal",
    "executed": "decimal",
    "execution_rate": "decimal",
    "execution_points": "decimal",
    "execution_score_declared": "decimal",
    "execution_score": "decimal",
    "total_declared": "decimal",
    "total_recomputed_declared": "decimal",
    "total_score": "decimal",
    "grade": "str",
    "band": "str",
    "goal_expected": "str",
    "goal_actual": "str",
    "file": "str",
    "sheet": "str",
    "cell": "str",
    "counted": "bool",  # whether the project counts by this entry; totals are sums over these
    "same_as": "str",  # the project_id of the entry that counts instead, empty where this one does
    "unit_id": "str",  # the unit under its one name, however the form writes it
    "family": "str",  # the shipped family its layout is, or is like; the ruleset follows it
    "traits": "str",  # how forms of its layout differ (`perfbatch/forms/families.toml`), between blanks
    # printed on the form, verbatim or parsed
    "title": "str",
    "title_year": "int",
    "money_unit": "str",
    "rate_text": "str",
    "rate_declared": "decimal",
    "execution_score_text": "str",
    "total_text": "str",
    "total_points": "decimal",
    "grade_declared": "str",
    "fund_reason": "str",
    "conclusion": "str",
    "problems": "str",
    "measures": "str",
    "reason_box": "str",
    "remarks": "str",
    "footnotes": "str",
    "executed_text": "str",
    "adjusted_text": "str",
    "initial_text": "str",
    "goal_completion": "decimal",
    "arrived": "decimal",
    "left_over": "decimal",
    # amounts as written, without their unit: a rate needs none (null where the cell says its unit itself)
    "initial_raw": "decimal",
    "adjusted_raw": "decimal",
    "executed_raw": "decimal",
    "rate_base": "str",  # initial or adjusted where the form marks the base of its rate with (A), else empty
    "money_how": "str",  # stated, decided, contradicted, setting, unknown; empty without amounts
    "status_text": "str",
    "submitted": "str",  # when it was handed in, and until when that was due (lists)
    "deadline": "str",
    # how the ruleset was chosen and whether the figures stand on a documented convention
    "ruleset_reason": "str",
    "execution_basis": "str",
    "execution_points_printed": "bool",  # on the form, in the fund block or its label; else a row's or the ruleset's
    "total_complete": "bool",
    "band_computed": "str",  # band of the recomputed total; `band` is that of the declared one
    **_cells(
        "title department unit year money_unit initial adjusted arrived executed rate "
        "execution_points execution_score fund_reason total total_points grade goal_expected "
        "goal_actual goal_completion conclusion problems measures reason_box"
    ),
}

FUNDS: dict[str, str] = {
    "project_id": "str",
    "source": "str",
    "initial": "decimal",
    "adjusted": "decimal",
    "arrived": "decimal",
    "executed": "decimal",
    "rate_declared": "decimal",
    "points": "decimal",
    "score_declared": "decimal",
    "file": "str",
    "sheet": "str",
    "row": "int",
    "role": "str",  # total, sub (其中 and the other sources); 'note' for rows without any figure
    "left_over": "decimal",
    "initial_raw": "decimal",
    "adjusted_raw": "decimal",
    "executed_raw": "decimal",
    "reason": "str",
    "initial_text": "str",
    "adjusted_text": "str",
    "arrived_text": "str",
    "executed_text": "str",
    "left_over_text": "str",
    "rate_text": "str",
    "points_text": "str",
    "score_text": "str",
    "money_status": "str",  # '' or the reason why a figure of the row is null though text stands there
    **_cells("source initial adjusted arrived executed left_over rate points score reason"),
}

INDICATORS: dict[str, str] = {
    "project_id": "str",
    "level1": "str",
    "level2": "str",
    "level3": "str",
    "kind": "str",
    "operator": "str",
    "target_text": "str",
    "target_value": "decimal",
    "actual_text": "str",
    "actual_value": "decimal",
    "unit": "str",
    "actual_unit": "str",
    "direction": "str",
    "points": "decimal",
    "score_declared": "decimal",
    "completion_rate": "decimal",
    "deviation": "decimal",
    "score": "decimal",
    "score_delta": "decimal",
    "reason": "str",
    "file": "str",
    "sheet": "str",
    "row": "int",
    **_cells("target actual points score reason"),
    # role: indicator (scored row) · child (其中 row, no points) · parent (points, no values, has children)
    #       · placeholder (指标2：, ……, /) · execution (预算执行率 as a row) · process (决策/管理, no values)
    "role": "str",
    "parent_row": "int",
    "core": "bool",
    "target_level": "str",
    "level1_text": "str",
    "level2_text": "str",
    "level3_text": "str",
    "level1_points": "decimal",
    "level2_points": "decimal",
    "group_points": "bool",
    "sign_text": "str",
    "unit_text": "str",
    "points_text": "str",
    "score_text": "str",
    # notation: statuses ok/assumed/ambiguous/multiple, notes in Chinese joined by '；'
    "target_status": "str",
    "actual_status": "str",
    "actual_kind": "str",
    "actual_operator": "str",
    "target_value2": "decimal",
    "target_stored": "str",
    "target_date": "str",
    "actual_date": "str",
    "notes": "str",
    # exact figures in the common base unit of target and actual; null unless `comparison` is yes or assumed
    "target_base": "decimal",
    "target_base2": "decimal",
    "actual_base": "decimal",
    "comparison": "str",  # yes · assumed · dimension (units differ) · none (nothing to compare)
    "applicable": "bool",
    "formula": "str",
    "score_unrounded": "decimal",
    "score_low": "decimal",
    "score_high": "decimal",  # qualitative: the band [score_low, score_high] the declared score must lie in
    "method": "str",
    "completion_text": "str",
    "verdict": "str",
    "item_score": "decimal",
    "weight_share": "decimal",
    "review_score": "decimal",
    "deduction": "decimal",
    "evidence": "str",
    "last_year": "str",
    "initial_target": "str",
    "target_basis": "str",
    "score_basis": "str",
    **_cells(
        "level1 level2 level3 sign unit completion verdict item_score weight_share review_score "
        "deduction initial_target"
    ),
}

# Sheets of the budget cycle beside the self-evaluation (`perfbatch.forms.cycle`): one row an indicator, the head of
# its sheet repeated; a sheet without indicators has one row of role "head". `sheet_kind` is the contract's word.
CYCLE: dict[str, str] = {
    "project_id": "str",  # of the sheet, not of the self-evaluation
    "sheet_kind": "str",
    "project_code": "str",
    "project_name": "str",
    "department": "str",
    "unit_name": "str",
    "year": "int",
    "budget_initial": "decimal",
    "budget_adjusted": "decimal",
    "executed": "decimal",
    "execution_rate": "decimal",
    "execution_points": "decimal",
    "execution_score": "decimal",
    "total_declared": "decimal",
    "total_points": "decimal",
    "grade": "str",
    "goal_expected": "str",
    "goal_adjusted": "str",
    "goal_actual": "str",
    "basic": "decimal",
    "projects": "decimal",
    "forecast_executed": "decimal",
    "months": "int",  # of a monitoring form: until which month
    "head_note": "str",
    "head_date": "str",
    "file": "str",
    "sheet": "str",
    "cell": "str",
    **_cells("budget goal total executed"),
    "row": "int",
    "role": "str",
    "level1": "str",
    "level2": "str",
    "level3": "str",
    "level2_text": "str",
    "description": "str",
    "sign_text": "str",
    "target_text": "str",
    "target_stored": "str",
    "unit_text": "str",
    "kind": "str",
    "operator": "str",
    "target_value": "decimal",
    "target_value2": "decimal",
    "target_date": "str",
    "unit": "str",
    "target_status": "str",
    "points": "decimal",
    "adjusted_text": "str",
    "adjusted_points": "decimal",
    "adjust_note": "str",
    "adjust_date": "str",
    "initial_target": "str",
    "actual_text": "str",
    "actual_value": "decimal",
    "actual_unit": "str",
    "score_declared": "decimal",
    "forecast_text": "str",
    "likelihood": "str",  # sure, maybe, never or empty
    "reason": "str",
    "measures": "str",
    "rectify": "str",
    "rectified": "str",
    "target_basis": "str",
    "last_year": "str",
    **_cells("name target actual points score adjusted forecast likelihood"),
}

_SHEET = "project_code project_name unit_name department year file sheet row"
_TARGET = "level1 level2 level3 role sign_text target_text unit_text operator target_value unit"


def _of_cycle(fields: str) -> dict[str, str]:
    return {name: CYCLE[name] for name in fields.split()}


MONITORING = _of_cycle(
    f"{_SHEET} months budget_initial budget_adjusted executed execution_rate forecast_executed "
    f"{_TARGET} actual_text actual_value actual_unit forecast_text likelihood reason measures "
    "rectify rectified"
)
OVERALL = _of_cycle(
    f"{_SHEET} budget_initial budget_adjusted executed execution_rate execution_points "
    "execution_score basic projects total_declared total_points grade goal_expected "
    f"goal_actual {_TARGET} adjusted_text actual_text actual_value actual_unit points "
    "score_declared reason"
)

# Approved targets as published: one row an approved indicator, with the row that it was held against.
TARGETS = _of_cycle(
    "project_code project_name unit year budget_initial goal_expected level1 level2 level3 "
    "target_text sign_text unit_text points adjusted_text adjust_note file sheet row cell_target"
) | {
    "project_id": "str",  # of the self-evaluation, empty without one
    "own_sheet": "str",
    "own_row": "int",
    "own_target": "str",
    "own_actual": "str",
    "own_points": "decimal",
    "score_declared": "decimal",
    "score_approved": "decimal",  # under the approved target, where it was lowered
    "changes": "str",  # codes of the checks, empty where the row was kept; null project: not compared
}

EVIDENCE: dict[str, str] = {  # one row a place of a figure in a supporting document, one without place where none is
    "project_id": "str",
    "indicator": "str",
    "stated": "str",
    "state": "str",  # agrees, differs, missing, pictures
    "agrees": "bool",
    "value": "decimal",
    "unit": "str",
    "day": "str",
    "document": "str",
    "sheet": "str",
    "cell": "str",
    "page": "int",
    "line": "int",
    "words": "str",
    "late": "bool",
}

_SURROGATES = re.compile("[\ud800-\udfff]")
_EMPTY: dict[str, Any] = {"str": "", "decimal": None, "int": None, "bool": False}


def storable(text: str) -> str:
    """`text` as UTF-8 can hold it: lone surrogates become U+FFFD."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def blank(columns: dict[str, str]) -> dict[str, Any]:
    """One row of empty values for `columns`."""
    return {name: _EMPTY[kind] for name, kind in columns.items()}


def frame(rows: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    """Frame with exactly `columns` in order; keys missing from a row take the empty value of their type."""
    given = set().union(*rows)
    made: dict[str, Any] = {}
    for name, kind in columns.items():
        empty = _EMPTY[kind]
        if kind == "bool":
            made[name] = np.array([row.get(name, False) for row in rows], dtype=bool)
        elif name not in given:
            made[name] = empty
        else:
            try:
                made[name] = list(map(itemgetter(name), rows))
            except KeyError:  # some rows have it, some have not
                made[name] = [row.get(name, empty) for row in rows]
    return of_columns(made, len(rows))


def of_columns(columns: Mapping[str, Any], length: int) -> pd.DataFrame:
    """Frame of whole columns, each a sequence or one value for all rows: arrays of flags stay such, others are objects.

    Objects lie in one block: pandas looks at a Series a column ten times as long.
    """
    flags = {name for name, values in columns.items() if isinstance(values, np.ndarray) and values.dtype == bool}
    names = [name for name in columns if name not in flags]
    block = np.empty((len(names), length), dtype=object)
    for at, name in enumerate(names):
        block[at] = columns[name]
    result = pd.DataFrame(block.T, columns=names, dtype=object, copy=False)
    for at, (name, values) in enumerate(columns.items()):
        if name in flags:
            result.insert(at, name, values)
    return result


def rows(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Tuples of the named columns, row by row."""
    return zip(*(np.asarray(frame[column], dtype=object) for column in columns), strict=True)


def records(frame: pd.DataFrame, *columns: str) -> Iterator[Any]:
    """The same, each row with its columns as attributes (of all columns without any named).

    A column put in the middle shifts no figure. `itertuples` makes the class anew each time, at the cost of fifty rows.
    """
    named = columns or tuple(frame.columns)
    return map(record(*named)._make, rows(frame, *named))


def grouped(pairs: Iterable[tuple[K, V]]) -> defaultdict[K, list[V]]:
    """The values of each key, in the order of the pairs; a key without any has an empty list."""
    found: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


@cache
def record(*columns: str) -> Any:
    """The class of tuples of some columns."""
    return namedtuple("Record", columns)
