"""The rows that a spot check asks about: one per scored indicator, and the execution of the budget.

The workpaper is written from these items and read back against them. A row is recognised by its `key`, which
travels in a hidden column; `digest` says what was measured when the paper was printed.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from perfbatch.decimals import plain
from perfbatch.model import Frames
from perfbatch.notation import fold, shown_actual, shown_target
from perfbatch.rulesets import Ruleset
from perfbatch.schema import records

OPINION, SIGNATURE = "O", "S"  # key endings of the two lines below the table
ENTRY_COLUMNS = ("佐证材料是否齐全", "核查完成值", "核查分数", "核查意见")
COMPLETENESS = ("是", "部分", "否")
_SAME = {  # what reviewers write instead
    "齐全": "是", "齐": "是", "完整": "是", "不齐全": "部分", "不齐": "部分", "不全": "部分", "部分齐全": "部分",
    "没有": "否", "无": "否", "未提供": "否",
}  # fmt: skip
NAME_COLUMN, POINTS_COLUMN = "三级指标", "分值"
OPINION_LABEL, REVIEWER_LABEL, DATE_LABEL = "项目核查意见", "核查人", "核查日期"
CHECK_SHEET = "校验"
EXECUTION = "预算执行率"
EXECUTED = "执行"  # stands before the amount spent
QUALITY_LABEL = "自评质量核查"
KEY = re.compile(r"(P\w+)-(\d{2,}|E|O|S|Q\d{1,2})")
QUALITY = "quality"
_ASKED = ("indicator", "child", "parent", "process", "execution")
_EXECUTION_END = "E"


class Item(NamedTuple):
    """One row of the paper. `at` is its position in the indicators frame, -1 for the execution of the budget.

    `points` is None where a row has none of its own (其中 rows, groups): such a row takes no score. Cells are
    A1 references of the form, on sheet `sheet` unless they name another (``表二!B3``).
    """

    key: str
    project_id: str
    at: int
    role: str
    level1: str
    level2: str
    name: str
    target: str = ""
    actual: str = ""
    points: Decimal | None = None
    declared: Decimal | None = None
    computed: Decimal | None = None
    reason: str = ""
    file: str = ""
    sheet: str = ""
    cell_target: str = ""
    cell_actual: str = ""
    cell_points: str = ""
    cell_score: str = ""
    cell_reason: str = ""

    @property
    def digest(self) -> str:
        """What is measured: indicator, target and points; the same until the form is changed there."""
        parts = (self.name, self.target, plain(self.points))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


_COLUMNS = (
    "project_id", "role", "level1", "level2", "level3", "sign_text", "target_text", "actual_text", "unit_text",
    "points", "weight_share", "score_declared", "score", "reason", "file", "sheet",
    "cell_target", "cell_actual", "cell_points", "cell_score", "cell_reason",
)  # fmt: skip
_MONEY = (
    "project_id", "budget_adjusted", "budget_initial", "executed", "execution_points", "execution_score_declared",
    "execution_score", "fund_reason", "file", "sheet", "cell_adjusted", "cell_executed", "cell_execution_points",
    "cell_execution_score", "cell_fund_reason",
)  # fmt: skip


def items_of(frames: Frames, project_ids: Iterable[str]) -> dict[str, list[Item]]:
    """Items of each of these projects, the execution of the budget first, then the rows of the form in order."""
    wanted = dict.fromkeys(project_ids)
    found: dict[str, list[Item]] = {key: [] for key in wanted}
    numbers: dict[str, int] = defaultdict(int)
    own_execution = set()
    places, own = _of_projects(frames.indicators, wanted)
    for at, row in zip(places, records(own, *_COLUMNS), strict=True):
        if row.role in _ASKED:
            numbers[row.project_id] += 1
            if row.role == "execution":
                own_execution.add(row.project_id)
            found[row.project_id].append(_indicator(row, at, f"{row.project_id}-{numbers[row.project_id]:02d}"))
    for item in _executions(frames, wanted):
        if item.project_id not in own_execution:
            found[item.project_id].insert(0, item)
    return found


def _of_projects(frame: pd.DataFrame, wanted: Collection[str]) -> tuple[list[int], pd.DataFrame]:
    """The rows of some projects and where they stand; asked for each unit of a county, so never row by row."""
    own = frame["project_id"].isin(list(wanted))
    return own.to_numpy().nonzero()[0].tolist(), frame[own]


def quality_items(project_id: str, rules: Ruleset) -> list[Item]:
    """The rows that ask about the quality of the self-evaluation itself; none where it does not count."""
    if rules["review_quality_share"] is None:
        return []
    return [
        Item(f"{project_id}-Q{number}", project_id, -1, QUALITY, QUALITY_LABEL, "", name, points=points)
        for number, (name, points) in enumerate(rules["review_quality"].items(), start=1)
    ]


def _indicator(row: Any, at: int, key: str) -> Item:
    points = row.points if row.points is not None else row.weight_share  # the Hebei form prints shares of 100
    return Item(
        key, row.project_id, at, row.role, row.level1, row.level2, row.level3 or row.level2 or row.level1,
        shown_target(row.target_text, row.sign_text, row.unit_text), shown_actual(row.actual_text, row.unit_text),
        points, row.score_declared, row.score, row.reason, row.file, row.sheet,
        row.cell_target, row.cell_actual, row.cell_points, row.cell_score, row.cell_reason,
    )  # fmt: skip


def _executions(frames: Frames, wanted: Collection[str]) -> Iterator[Item]:
    """The execution of the budget of each project that has amounts, as a row like the others."""
    for row in records(_of_projects(frames.projects, wanted)[1], *_MONEY):
        budget = row.budget_adjusted if row.budget_adjusted is not None else row.budget_initial
        if budget is not None or row.executed is not None:
            yield Item(
                f"{row.project_id}-{_EXECUTION_END}", row.project_id, -1, "execution", "预算执行", "",
                EXECUTION, _wan("预算", budget), _wan(EXECUTED, row.executed), row.execution_points,
                row.execution_score_declared, row.execution_score, row.fund_reason, row.file, row.sheet,
                row.cell_adjusted, row.cell_executed, row.cell_execution_points, row.cell_execution_score,
                row.cell_fund_reason,
            )  # fmt: skip


def _wan(word: str, value: Decimal | None) -> str:
    return "" if value is None else f"{word}{plain(value)}万元"


def completeness(text: str) -> str:
    """One of `COMPLETENESS` for what a reviewer wrote, else the text folded."""
    word = fold(text)
    return _SAME.get(word, word)
