"""The national form 项目支出绩效自评表 (grid of 财预〔2020〕10号, layout F1): one sheet a project."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from tools.samples.facts import Head, Indicator, Project
from tools.samples.levels import draw_levels
from tools.samples.sheets import Page, Value, page, sheet_name, workbook

WIDTHS = (6.0, 11.0, 15.0, 18.0, 13.5, 13.5, 8.0, 9.0, 24.0)
LAST = len(WIDTHS) - 1
FUND_HEADERS = ("年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")
INDICATOR_HEADERS = (
    "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施",
)  # fmt: skip


def write_forms(path: Path, head: Head, projects: Sequence[Project]) -> Path:
    """Write one workbook with a form for each project."""
    with workbook(path) as book:
        for number, project in enumerate(projects, 1):
            draw_form(page(book, sheet_name(number, project.name), WIDTHS), head, project)
    return path


def draw_form(sheet: Page, head: Head, project: Project) -> None:
    """Draw one form; a project without figures gives a blank form."""
    sheet.headline("项目支出绩效自评表", "title", LAST)
    sheet.headline(f"（{head.year or '        '}年度）", "caption", LAST)
    _head(sheet, head, project)
    _funds(sheet, project)
    _goals(sheet, project)
    _indicators(sheet, project.indicators)
    points = sum((i.points for i in project.indicators if i.points), project.execution_points)
    sheet.put(0, "总分", "label", to=5)
    sheet.put(6, Decimal(100) if project.total is None else points, "centre")
    sheet.put(7, project.total, "score")
    sheet.put(8, "", "text")
    sheet.finish()


def _head(sheet: Page, head: Head, project: Project) -> None:
    sheet.put(0, "项目名称", "label", to=1)
    sheet.put(2, project.name, "text", to=LAST)
    sheet.finish((2, LAST, project.name))
    for left, first, style, right, second, other in (
        ("主管部门", head.department, "text", "实施单位", head.unit, "text"),
        ("项目类别", project.category, "category", "资金来源", project.origin, "origin"),
    ):
        sheet.put(0, left, "label", to=1)
        sheet.put(2, first, style, to=4)
        sheet.put(5, right, "label")
        sheet.put(6, second, other, to=LAST)
        sheet.finish((2, 4, first), (6, LAST, second))


def _funds(sheet: Page, project: Project) -> None:
    sheet.put(0, "项目资金（万元）", "label", to=1, down=4)
    _fund_row(sheet, "", FUND_HEADERS, "label")
    points = project.execution_points
    figures = (
        project.initial,
        project.adjusted,
        project.executed,
        points,
        project.printed_rate,
        project.execution_score,
    )
    _fund_row(sheet, "年度资金总额", figures)
    carried = project.carried
    own = [None if money is None else money - (carried or 0) for money in figures[:3]]
    mark = "—"
    _fund_row(sheet, "其中：当年财政拨款", (*own, mark, "", mark))
    _fund_row(sheet, "上年结转资金", (carried, carried, carried, mark, "", mark))
    _fund_row(sheet, "其他资金", (None, None, None, mark, "", mark))


def _fund_row(sheet: Page, name: str, values: Sequence[Value], style: str = "") -> None:
    styles = [style] * 6 if style else ["money", "money", "money", "points", "rate", "score"]
    sheet.put(2, name, style or "text")
    for column, (value, kind) in enumerate(zip(values, styles, strict=True), 3):
        sheet.put(column, value, "centre" if value == "—" else kind)
    sheet.finish((2, 2, name))


def _goals(sheet: Page, project: Project) -> None:
    sheet.put(0, "年度总体目标", "label", down=1)
    sheet.put(1, "预期目标", "label", to=4)
    sheet.put(5, "实际完成情况", "label", to=LAST)
    sheet.finish()
    sheet.put(1, project.goal_expected, "text", to=4)
    sheet.put(5, project.goal_actual, "text", to=LAST)
    sheet.finish((1, 4, project.goal_expected), (5, LAST, project.goal_actual), least=3)


def _indicators(sheet: Page, rows: Sequence[Indicator]) -> None:
    top = sheet.row
    sheet.put(0, "绩效指标", "upright", down=len(rows))
    for column, word in enumerate(INDICATOR_HEADERS, 1):
        sheet.put(column, word, "label")
    sheet.finish()
    for row in rows:
        sheet.put(3, row.name, "text")
        sheet.put(4, row.target_text, "centre")
        sheet.put(5, row.actual_text, "centre")
        sheet.put(6, row.points, "points")
        sheet.put(7, row.score, "score")
        sheet.put(8, row.reason, "text")
        sheet.finish(
            (3, 3, row.name),
            (4, 4, row.target_text),
            (5, 5, row.actual_text),
            (8, 8, row.reason),
            (2, 2, row.level2),
        )
    draw_levels(sheet, rows, top + 1, ((1, lambda i: i.level1), (2, lambda i: i.level2)))
