"""Sheets with one row an indicator: 指标明细 (live formulas) and 偏差分析."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import make_dataclass
from typing import Any

from perfbatch.model import Batch
from perfbatch.outputs.cells import Formula, Value
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary.formulas import IndicatorFormulas, difference
from perfbatch.outputs.summary.listing import Field, Rest, Row, field_of, write_list
from perfbatch.outputs.wording import DEVIATION, DIRECTION, NO_REASON, heading, place
from perfbatch.totals.lines import rows
from perfbatch.totals.sums import Totals

_ROLES = ("indicator", "child", "execution", "process")
_COLUMNS = (
    "project_id", "role", "level1", "level2", "level3", "target_text", "actual_text", "direction", "operator",
    "unit", "applicable", "target_value", "target_base", "target_base2", "actual_base", "completion_rate",
    "deviation", "points", "score_declared", "score", "score_delta", "deduction", "formula", "reason",
    "cell_actual",
)  # fmt: skip
_Item = make_dataclass("_Item", [*_COLUMNS, "name", "rules"], frozen=True, slots=True)


def write_indicators(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 指标明细: every indicator with its figures, completion, deviation and both scores."""
    items = _items(batch, totals)
    texts = IndicatorFormulas()

    def live(which: str, column: str) -> Callable[[Row], Value]:
        def value(row: Row) -> Value:
            figure = getattr(row.item, column)
            text = getattr(texts.of(row), which) if figure is not None else ""
            return Formula(text, figure) if text else figure

        return value

    fields = [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("项目名称", lambda r: r.item.name, "text", 14, 22),
        field_of("二级指标", lambda r: r.item.level2, "text", 9, 12),
        field_of("三级指标", lambda r: r.item.level3, "text", 12, 19),
        field_of("指标值", lambda r: r.item.target_text, "text", 8, 13),
        field_of("实际完成值", lambda r: r.item.actual_text, "text", 8, 13),
        field_of("方向", lambda r: DIRECTION.get(r.item.direction, ""), "code", 5, 6),
        field_of("目标数", lambda r: r.item.target_base, "figure", 8),
        *_where(items, "target_base2", field_of("目标上限", lambda r: r.item.target_base2, "figure", 8)),
        field_of("完成数", lambda r: r.item.actual_base, "figure", 8),
        field_of("完成率", live("completion", "completion_rate"), "rate", 9),
        field_of("偏差", live("deviation", "deviation"), "signed", 9),
        field_of("分值", lambda r: r.item.points, "figure", 6),
        *_where(items, "deduction", field_of("扣分", lambda r: r.item.deduction, "figure", 6)),
        field_of("自评得分", lambda r: r.item.score_declared, "score", 6),
        field_of("复算得分", live("score", "score"), "score", 6),
        field_of("差额", _delta, "score", 6),
        field_of("计算说明", lambda r: r.item.formula, "text", 14, 25),
        field_of("偏差原因", lambda r: r.item.reason, "text", 10, 18),
        field_of("单元格", lambda r: r.item.cell_actual, "code", 6),
    ]
    notes = [
        "完成率、偏差、复算得分、差额为公式，可点击查看算法；目标数、完成数为换算到同一计量单位的数值；"
        "差额＝自评得分－复算得分，不为0的以灰底标出；不能自动计分的写明原因；单元格所在的工作表见“项目得分”。",
        _agreement(totals),
    ]
    listed = write_list(
        paper,
        "指标明细",
        f"{heading(totals)}绩效指标完成情况明细表",
        fields,
        items,
        notes=notes,
        frozen=4,
        rest=Rest("条指标", "data/indicators.parquet", totals.indicators, order="问题最多的项目的"),
    )
    column = [field.column.title for field in fields].index("差额")
    listed.page.highlight_unequal(column, listed.first, listed.last)


def _agreement(totals: Totals) -> str:
    counts = totals.agreement
    return (
        f"自评得分与复算得分：一致{counts['equal']}条，容许差以内{counts['near']}条，"
        f"不一致{counts['different']}条，不能复算{counts['open']}条。"
    )


def _where(items: Sequence[Any], column: str, field: Field) -> list[Field]:
    """`field`, if any item has something in `column`."""
    return [field] if any(getattr(item, column) is not None for item in items) else []


def _items(batch: Batch, totals: Totals) -> list[Any]:
    held = set(batch.frames.projects["project_id"])
    owners = {line.project_id: line for line in totals.lines if line.project_id in held}
    found = []
    for row in rows(batch.frames.indicators, *_COLUMNS):
        if row[1] in _ROLES:
            line = owners[row[0]]
            found.append(_Item(*row, line.name, batch.rulesets.get(line.ruleset)))
    return found


def _delta(row: Row) -> Value:
    if row.item.score_delta is None:
        return None
    return Formula(difference(row.cell("自评得分"), row.cell("复算得分")), row.item.score_delta)


def write_deviations(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 偏差分析: indicators not reached, far exceeded, or with points lost otherwise; the worst first."""
    items = [*totals.under, *totals.over, *totals.lost, *totals.idle]
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
        "，".join(f"{word}{totals.off[kind]}条" for kind, word in DEVIATION.items())
        + "，各类按偏差绝对值由大到小排列；偏差＝（实际完成值－指标值）÷指标值；"
        "超额完成的界限见“规则依据”（over_flag_ratio）。",
    ]
    write_list(
        paper,
        "偏差分析",
        f"{heading(totals)}绩效指标偏差分析表",
        fields,
        items,
        notes=notes,
        frozen=4,
        rest=Rest("条指标", "data/indicators.parquet", sum(totals.off.values())),
    )
