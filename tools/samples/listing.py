"""The flat lists of the integrated budget system: one row a project (F11) and one row an indicator (F12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from tools.samples.facts import QUALITATIVE, Head, Indicator, Project, decimal_of
from tools.samples.sheets import Page, Value, page, workbook

# (header, width, style). 项目类别, 预算来源, 年度目标, 实际完成情况, 执行率分值, 执行率得分, 执行偏差原因 are
# not columns of the platform's default list; a list that carries them states everything the form states.
PROJECT_COLUMNS = (
    ("状态", 8, "centre"), ("项目编码", 25, "text"), ("项目名称", 36, "text"), ("预算单位", 26, "text"),
    ("预算单位名称", 18, "text"), ("预算单位编码", 14, "centre"), ("业务处室", 14, "text"),
    ("项目类别", 13, "category"), ("预算来源", 11, "origin"), ("全年预算数", 13, "money"),
    ("调整后预算数", 13, "money"), ("全年执行数", 13, "money"), ("预算执行率", 11, "rate"),
    ("执行率分值", 11, "points"), ("执行率得分", 11, "score"), ("得分", 9, "score"),
    ("自评结论", 9, "centre"), ("自评预警", 10, "centre"), ("截止天数", 9, "centre"),
    ("年度目标", 46, "text"), ("实际完成情况", 36, "text"), ("执行偏差原因", 36, "text"),
)  # fmt: skip
INDICATOR_COLUMNS = (
    ("项目编码", 25, "text"), ("项目名称", 36, "text"), ("指标名称", 26, "text"), ("计算符号", 9, "sign"),
    ("指标值", 16, "centre"), ("实际完成值", 22, "centre"), ("计量单位", 11, "centre"),
    ("权重设定值", 11, "points"), ("权重", 7, "points"), ("实际得分", 9, "score"),
    ("偏差原因及改进措施", 46, "text"),
)  # fmt: skip
Columns = Sequence[tuple[str, float, str]]


def write_lists(path: Path, head: Head, projects: Sequence[Project]) -> Path:
    """Write both lists to one workbook, a sheet each."""
    with workbook(path) as book:
        draw_lists(book, head, projects)
    return path


def draw_lists(book: Any, head: Head, projects: Sequence[Project], *, empty_rows: int = 0) -> tuple[Page, Page]:
    """Draw both lists, with `empty_rows` bordered rows to fill in below them; the two sheets."""
    year = head.year or "20__"
    sheets = (
        page(book, "项目列表", tuple(c[1] for c in PROJECT_COLUMNS), landscape=True, pages=(2, 0)),
        page(book, "指标完成情况", tuple(c[1] for c in INDICATOR_COLUMNS), landscape=True),
    )
    titles = f"{year}年度预算项目绩效自评导出列表", f"{year}年度预算项目绩效指标完成情况"
    lists = (
        [_project_row(head, project) for project in projects],
        [row for project in projects for row in _indicator_rows(project)],
    )
    for sheet, title, columns, rows in zip(sheets, titles, (PROJECT_COLUMNS, INDICATOR_COLUMNS), lists, strict=True):
        empty: list[list[Value]] = [[""] * len(columns)] * empty_rows
        _draw(sheet, title, head, columns, rows + empty)
    return sheets


def _draw(sheet: Page, title: str, head: Head, columns: Columns, rows: Sequence[Sequence[Value]]) -> None:
    last = len(columns) - 1
    sheet.headline(title, "title", last)
    sheet.put(0, f"填报单位：{head.unit}", "note", to=3)
    sheet.put(4, "金额单位：万元", "note", to=5)
    sheet.finish()
    for column, (word, _, _) in enumerate(columns):
        sheet.put(column, word, "label")
    sheet.finish()
    sheet.sheet.repeat_rows(sheet.row - 1)
    sheet.sheet.repeat_columns(0, 2)
    sheet.sheet.freeze_panes(sheet.row, 3)
    sheet.sheet.autofilter(sheet.row - 1, 0, sheet.row - 1 + len(rows), last)
    for row in rows:
        for column, (value, (_, _, style)) in enumerate(zip(row, columns, strict=True)):
            sheet.put(column, value, style)
        sheet.finish(*((c, c, value) for c, value in enumerate(row) if isinstance(value, str)))


def _project_row(head: Head, project: Project) -> list[Value]:
    unexecuted = "未执行" if project.executed == 0 else ""
    return [
        "已审核", project.code, project.name, f"{head.unit_code}-{head.unit}", head.unit, head.unit_code,
        head.office, project.category, project.origin, project.initial, project.adjusted, project.executed,
        project.printed_rate, project.execution_points, project.execution_score, project.total, project.grade,
        unexecuted, "", project.goal_expected, project.goal_actual, project.fund_reason,
    ]  # fmt: skip


def _indicator_rows(project: Project) -> Iterator[list[Value]]:
    """Level rows stand before their indicators with the points set for them and nothing else."""
    keys: list[Value] = [project.code, project.name]
    for level1, group in groupby(project.indicators, key=lambda i: i.level1):
        rows = list(group)
        yield [*keys, level1, "", "", "", "", _points(rows), "", "", ""]
        for level2, members in groupby(rows, key=lambda i: i.level2):
            leaves = list(members)
            yield [*keys, level2, "", "", "", "", _points(leaves), "", "", ""]
            for leaf in leaves:
                yield [*keys, *_leaf(leaf)]


def _points(rows: Sequence[Indicator]) -> Decimal:
    return sum((row.points for row in rows if row.points is not None), Decimal(0))


def _leaf(row: Indicator) -> list[Value]:
    sign = row.sign if row.quantitative else QUALITATIVE
    target, actual = (_number(text) for text in (row.target, row.actual))
    return [row.name, sign, target, actual, row.unit, row.points, row.points, row.score, row.reason]


def _number(text: str) -> Value:
    number = decimal_of(text)
    return text if number is None else number
