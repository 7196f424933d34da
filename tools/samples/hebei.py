"""The Hebei county form 预算项目绩效自评表 in blocks 一 to 五 (layout F6): one sheet a project.

The grid follows the reading order of a published county form (2020); its column letters were not seen. Row
项目类别/资金来源 and row 合计 are additions of ours, 指标描述 and block 五 are optional on that form.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from perfbatch.decimals import divide, half_up, plain
from tools.samples.facts import Head, Indicator, Project
from tools.samples.levels import draw_levels
from tools.samples.sheets import Page, Value, page, sheet_name, workbook

WIDTHS = (11.0, 18.0, 19.0, 17.0, 8.5, 7.0, 14.0, 12.0, 16.0, 10.0, 10.0, 10.0, 10.0)
LAST = len(WIDTHS) - 1
_SIGNS = {"≥": ">=", "≤": "<=", "=": "=", ">": ">", "<": "<"}
_FUND_GROUPS = (("预算安排情况(调整后)", "预算数"), ("资金到位情况", "到位数"), ("资金执行情况", "执行数"))
_FUND_COLUMNS = (((0, 0), (1, 1), (2, 2)), ((3, 3), (4, 5), (6, 6)), ((7, 7), (8, 8), (9, 9)))
_HEADERS = (
    "一级指标", "二级指标", "三级指标", "指标描述", "指标分值", "符号", "值", "单位(文字描述)",
    "单项指标实际完成值", "单项指标完成情况", "单项指标得分", "权重占比(%)", "单项指标折算得分",
)  # fmt: skip
_UPPER = {5: ("预期指标值", 7), 10: ("自评得分", 12)}


def write_forms(path: Path, head: Head, projects: Sequence[Project]) -> Path:
    """Write one workbook with a form for each project."""
    with workbook(path) as book:
        for number, project in enumerate(projects, 1):
            sheet = page(book, sheet_name(number, project.name), WIDTHS, landscape=True, pages=(1, 1))
            draw_form(sheet, head, project)
    return path


def draw_form(sheet: Page, head: Head, project: Project) -> None:
    """Draw one form; a project without figures gives a blank form."""
    sheet.headline(f"{head.year or '20__'}年度预算项目绩效自评表", "title", LAST)
    _basics(sheet, head, project)
    _funds(sheet, project)
    _goals(sheet, project)
    _indicators(sheet, project)
    sheet.headline("五、存在问题、原因及下一步整改措施", "section", LAST)
    problems = project.fund_reason if project.executed == 0 else "".join(project.reasons)
    text = "" if project.total is None else problems or "无"
    sheet.put(0, text, "text", to=LAST)
    sheet.finish((0, LAST, text), least=3)


def _basics(sheet: Page, head: Head, project: Project) -> None:
    sheet.headline("一、基本情况", "section", LAST)
    owner = f"{head.unit_code}-{head.unit}" if head.unit_code else head.unit
    special = "" if project.total is None else "否"
    for left, first, style, right, second, other in (
        ("项目名称", project.name, "text", "是否为专项资金", special, "special"),
        ("实施(主管)单位", owner, "text", "金额单位", "万元", "money unit"),
        ("项目类别", project.category, "category", "资金来源", project.origin, "origin"),
    ):
        sheet.put(0, left, "label", to=1)
        sheet.put(2, first, style, to=6)
        sheet.put(7, right, "label", to=8)
        sheet.put(9, second, other, to=LAST)
        sheet.finish((2, 6, first))


def _funds(sheet: Page, project: Project) -> None:
    sheet.headline("二、预算执行情况", "section", LAST)
    for (group, _), columns in zip(_FUND_GROUPS, _FUND_COLUMNS, strict=True):
        sheet.put(columns[0][0], group, "label", to=columns[-1][1])
    sheet.put(10, "预算执行进度(%)", "label", to=LAST, down=1)
    sheet.finish()
    for (_, total), columns in zip(_FUND_GROUPS, _FUND_COLUMNS, strict=True):
        for (column, to), word in zip(columns, (total, "其中：财政资金", "其他"), strict=True):
            sheet.put(column, word, "label", to=to)
    sheet.finish(least=2)
    # The report says nothing of money received: what was spent must have arrived.
    for money, columns in zip((project.adjusted, project.executed, project.executed), _FUND_COLUMNS, strict=True):
        values = (money, money, None if money is None else Decimal(0))
        for (column, to), value in zip(columns, values, strict=True):
            sheet.put(column, value, "money", to=to)
    sheet.put(10, _hundred(project.printed_rate), "score", to=LAST)
    sheet.finish()


def _hundred(fraction: Decimal | None) -> Decimal | None:
    return None if fraction is None else half_up(fraction * 100, 2)


def _goals(sheet: Page, project: Project) -> None:
    sheet.headline("三、目标完成情况", "section", LAST)
    for column, word, to in ((0, "年度预期目标", 4), (5, "具体完成情况", 9), (10, "总体完成率(%)", LAST)):
        sheet.put(column, word, "label", to=to)
    sheet.finish()
    done = sum((i.score for i in project.indicators if i.score is not None), Decimal(0))
    planned = sum((i.points for i in project.indicators if i.points is not None), Decimal(0))
    sheet.put(0, project.goal_expected, "text", to=4)
    sheet.put(5, project.goal_actual, "text", to=9)
    sheet.put(10, None if project.total is None else _hundred(divide(done, planned)), "score", to=LAST)
    sheet.finish((0, 4, project.goal_expected), (5, 9, project.goal_actual), least=3)


def _indicators(sheet: Page, project: Project) -> None:
    sheet.headline("四、年度绩效指标完成情况", "section", LAST)
    _indicator_headers(sheet)
    rows = (*project.indicators, execution_row(project))
    top = sheet.row
    for row in rows:
        _indicator(sheet, row)
    draw_levels(sheet, rows, top, ((0, lambda i: i.level1.replace("效益", "效果")), (1, lambda i: i.level2)))
    sheet.put(0, "合计", "label", to=3)
    sheet.put(4, Decimal(100), "centre")
    sheet.put(5, "", "text", to=10)
    sheet.put(11, Decimal(100), "score")
    sheet.put(12, project.total, "score")
    sheet.finish()


def _indicator_headers(sheet: Page) -> None:
    for column, (word, to) in _UPPER.items():
        sheet.put(column, word, "label", to=to)
    grouped = {column for first, (_, to) in _UPPER.items() for column in range(first, to + 1)}
    for column, word in enumerate(_HEADERS):
        if column in grouped:
            sheet.put(column, word, "label", row=sheet.row + 1)
        else:
            sheet.put(column, word, "label", down=1)
    sheet.finish()
    sheet.finish(least=2)


def execution_row(project: Project) -> Indicator:
    """The last row of the form: the execution rate as an indicator of its own group."""
    actual = "" if project.printed_rate is None else plain(project.printed_rate * 100)
    return Indicator("预算执行率", "预算执行率", "=", "100", "%", actual, project.execution_points)


def _indicator(sheet: Page, row: Indicator) -> None:
    blank, unit = not row.actual, "%(百分比)" if row.unit == "%" else row.unit
    description = "" if blank else f"反映{row.name}"
    verdict = "" if blank else "完成" if row.degree == 1 else "部分完成" if row.degree else "未完成"
    item, score = None if blank else half_up(row.degree * 100, 2), row.score
    cells: tuple[tuple[Value, str], ...] = (
        (row.name, "text"), (description, "text"), (row.points, "points"),
        (_SIGNS.get(row.sign, ""), "sign"), (row.target, "centre"), (unit, "centre"),
        (row.actual_text, "centre"), (verdict, "verdict"), (item, "score"), (row.points, "score"),
        (score, "score"),
    )  # fmt: skip
    for column, (value, style) in enumerate(cells, 2):
        sheet.put(column, value, style)
    sheet.finish(*((column, column, value) for column, (value, _) in enumerate(cells, 2) if isinstance(value, str)))
