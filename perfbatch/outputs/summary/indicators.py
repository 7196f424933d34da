"""Sheets with one row an indicator: 指标明细 (live formulas) and 偏差分析."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from perfbatch.model import Batch
from perfbatch.outputs.paper import Formula, Paper
from perfbatch.outputs.summary import formulas
from perfbatch.outputs.summary.listing import Row, field_of, write_list
from perfbatch.outputs.summary.wording import DEVIATION, DIRECTION, NO_REASON, heading, out_of, place
from perfbatch.totals import Totals, rows

_ROLES = ("indicator", "child", "execution", "process")
_COLUMNS = (
    "project_id",
    "role",
    "level2",
    "level3",
    "target_text",
    "actual_text",
    "direction",
    "target_base",
    "target_base2",
    "actual_base",
    "completion_rate",
    "deviation",
    "points",
    "score_declared",
    "score",
    "score_delta",
    "reason",
    "sheet",
    "cell_actual",
)
_Item = namedtuple("_Item", (*_COLUMNS, "name", "rules"))


def write_indicators(paper: Paper, batch: Batch, totals: Totals, limit: int) -> None:
    """Sheet 指标明细: every indicator with its figures, completion, deviation and both scores."""
    items = _items(batch, totals)
    ranged = any(item.target_base2 is not None for item in items)
    fields = [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("项目名称", lambda r: r.item.name, "text", 16, 26),
        field_of("二级指标", lambda r: r.item.level2, "text", 9, 13),
        field_of("三级指标", lambda r: r.item.level3, "text", 14, 24),
        field_of("指标值", lambda r: r.item.target_text, "text", 8, 16),
        field_of("实际完成值", lambda r: r.item.actual_text, "text", 8, 16),
        field_of("方向", lambda r: DIRECTION.get(r.item.direction, r.item.direction), "code", 5, 8),
        field_of("目标数", lambda r: r.item.target_base, "figure", 8),
        *([field_of("目标上限", lambda r: r.item.target_base2, "figure", 8)] if ranged else []),
        field_of("完成数", lambda r: r.item.actual_base, "figure", 8),
        field_of("完成率", _completion, "rate", 9),
        field_of("偏差", _deviation, "signed", 9),
        field_of("分值", lambda r: r.item.points, "figure", 5),
        field_of("自评得分", lambda r: r.item.score_declared, "score", 7),
        field_of("复算得分", _score, "score", 7),
        field_of("差额", _delta, "score", 7),
        field_of("偏差原因", lambda r: r.item.reason, "text", 12, 24),
        field_of("位置", lambda r: f"{r.item.sheet}!{r.item.cell_actual}", "code", 10, 16),
    ]
    notes = [
        "完成率、偏差、复算得分、差额为公式，可点击查看算法；目标数、完成数为换算到同一计量单位的数值；"
        "差额＝自评得分－复算得分；定性指标不自动计分。",
        *out_of(min(limit, len(items)), len(items), "条指标", "data/indicators.parquet"),
    ]
    page = write_list(
        paper,
        "指标明细",
        f"{heading(totals)}绩效指标完成情况明细表",
        fields,
        items[:limit],
        notes=notes,
        frozen=4,
    )
    page.highlight_unequal("差额", [some.column for some in fields], len(notes) + 1, min(limit, len(items)))


def _items(batch: Batch, totals: Totals) -> list[Any]:
    owners = {line.project_id: line for line in totals.lines}
    rules = {name: ruleset.plain() for name, ruleset in batch.rulesets.items()}
    found = []
    for row in rows(batch.frames.indicators, *_COLUMNS):
        if row[1] in _ROLES:
            line = owners[row[0]]
            found.append(_Item(*row, line.name, rules.get(line.ruleset, {})))
    return found


def _completion(row: Row) -> Any:
    item = row.item
    if item.completion_rate is None:
        return None
    text = formulas.completion(item, row.cell("目标数"), row.cell("完成数"))
    return Formula(text, item.completion_rate) if text else item.completion_rate


def _deviation(row: Row) -> Any:
    item = row.item
    if item.deviation is None:
        return None
    text = formulas.deviation(item, row.cell("目标数"), row.cell("完成数"))
    return Formula(text, item.deviation) if text else item.deviation


def _score(row: Row) -> Any:
    item = row.item
    if item.score is None or item.target_base is None:
        return item.score
    upper = row.cell("目标上限") if item.target_base2 is not None else ""
    text = formulas.score(item, row.cell("目标数"), row.cell("完成数"), row.cell("分值"), upper)
    return Formula(text, item.score) if text else item.score


def _delta(row: Row) -> Any:
    if row.item.score_delta is None:
        return None
    return Formula(formulas.difference(row.cell("自评得分"), row.cell("复算得分")), row.item.score_delta)


def write_deviations(paper: Paper, batch: Batch, totals: Totals, limit: int) -> None:
    """Sheet 偏差分析: indicators not reached, far exceeded, or with points lost otherwise; the worst first."""
    items = [*totals.under, *totals.over, *totals.lost]
    fields = [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("情形", lambda r: DEVIATION[r.item.kind], "code", 9),
        field_of("项目名称", lambda r: r.item.project.name, "text", 18, 32),
        field_of("指标名称", lambda r: r.item.indicator, "text", 16, 28),
        field_of("指标值", lambda r: r.item.target, "text", 8, 18),
        field_of("实际完成值", lambda r: r.item.actual, "text", 8, 18),
        field_of("完成率", lambda r: r.item.completion, "rate", 9),
        field_of("偏差", lambda r: r.item.deviation, "signed", 9),
        field_of("分值", lambda r: r.item.points, "figure", 6),
        field_of("扣分", lambda r: r.item.lost, "score", 7),
        field_of("偏差原因", lambda r: r.item.reason or NO_REASON, "text", 20, 40),
        field_of("所在工作表", lambda r: r.item.sheet, "code", 9, 16),
        field_of("单元格", lambda r: place(batch, r.item.project.file, r.item.sheet, r.item.cell), "code", 7),
    ]
    notes = [
        f"未达目标{len(totals.under)}条，超额完成{len(totals.over)}条，其他失分{len(totals.lost)}条，各类按偏差绝对值由大到小排列；"
        "偏差＝（实际完成值－指标值）÷指标值；超额完成的界限见“规则依据”（over_flag_ratio）。",
        *out_of(min(limit, len(items)), len(items), "条指标", "data/indicators.parquet"),
    ]
    write_list(
        paper,
        "偏差分析",
        f"{heading(totals)}绩效指标偏差分析表",
        fields,
        items[:limit],
        notes=notes,
        frozen=4,
    )
