"""Lists as query pages export them: a project or an indicator a row, both on one sheet, pages, subtotals, trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from strangers.grid import Sheet, Span, Value
from strangers.money import Money
from strangers.shapes import EVERYTHING, Deal, Drawing, shape
from strangers.truth import Indicator, Project

D = Decimal
# Not the printed rate: a list's rate may have another base, so one that differs is a question and no error.
PROJECT = frozenset({"initial", "adjusted", "executed", "total", "unit", "code"})
ROWS = frozenset({"indicators", "level1", "level2", "points", "score", "reason"})
BARE = ("header", "sheet", "cost", "cost-same", "split", "size", "decimals", "nothing")  # lists without a title
ALONE = ("header", "sheet", "size", "decimals", "nothing")  # without indicators there are no votes
TITLED = ("title", "cell", "pair", "header", "note", "size", "decimals", "nothing")


class Column(NamedTuple):
    """A column of a list of projects (or of indicators): its header, what stands in it, whether it is money."""

    head: str
    of: Callable[..., Value | None]
    money: bool = False


def money_column(deal: Deal, head: str, field: str) -> Column:
    """An amount."""
    return Column(head, lambda p: deal.money.of(getattr(p.money, field)), True)


def rate(style: str) -> Callable[[Project], Value]:
    """97.50%, or 97.50 without the sign."""
    return lambda p: f"{p.rate_printed}{style}"


def number(deal: Deal) -> Column:
    """序号."""
    return Column("序号", lambda p: deal.projects.index(p) + 1)


NAMED = (Column("项目编码", lambda p: p.code), Column("项目名称", lambda p: p.name))
UNIT = Column("预算单位", lambda p: f"{p.unit_code}-{p.unit}")
RESULT = (Column("得分", lambda p: p.total), Column("自评结论", lambda p: p.grade))


def amounts(deal: Deal, *, platform: bool) -> tuple[Column, ...]:
    """Initial, adjusted, executed: on the platform 全年预算数 │ 调整后预算数, elsewhere 年初预算数 │ 全年预算数."""
    first, second = ("全年预算数", "调整后预算数") if platform else ("年初预算数", "全年预算数")
    return (
        money_column(deal, first, "initial"),
        money_column(deal, second, "adjusted"),
        money_column(deal, "全年执行数", "executed"),
    )


def platform(deal: Deal) -> list[Column]:
    """The platform's own columns."""
    return [
        number(deal), Column("状态", lambda p: "终审"), *NAMED, UNIT, Column("业务处室", lambda p: "006-乡财股"),
        *amounts(deal, platform=True), Column("预算执行率", rate("")), *RESULT, Column("自评预警", lambda p: None),
        Column("截止天数", lambda p: 0),
    ]  # fmt: skip


def common(deal: Deal) -> list[Column]:
    """Columns of a list made at a bureau."""
    return [number(deal), *NAMED, UNIT, *amounts(deal, platform=False), Column("执行率", rate("%")), *RESULT]


def head_words(money: Money, columns: Sequence[Column]) -> list[str]:
    """Headers; the unit in those of money where it stands there."""
    return [money.header(c.head) if c.money else c.head for c in columns]


def put_list(sheet: Sheet, deal: Deal, columns: Sequence[Column], items: Sequence[object]) -> None:
    """Header and a row an item."""
    sheet.line(*head_words(deal.money, columns))
    for item in items:
        sheet.line(*(c.of(item) for c in columns))


def put_title(sheet: Sheet, deal: Deal, words: str, width: int, *, who: str = "填报单位") -> None:
    """Title with the year, below it unit and unit of money."""
    money = deal.money
    sheet.line(Span(f"{deal.year}年度{words}", width))
    if money.pair():
        sheet.line(Span(f"{who}：{deal.unit}", width - 2), *money.pair())
    elif money.cell():
        sheet.line(Span(f"{who}：{deal.unit}", width - 2), None, money.cell())
    else:
        sheet.line(Span(f"{who}：{deal.unit}{money.title()}", width))


def row_columns(*, code: str = "≥") -> list[Column]:
    """The columns of an indicator; `code` tells how the sign is written (≥, or 1 for the platform's codes)."""
    codes = {"≥": "1", "＞": "2", "=": "3", "＜": "4", "≤": "5", "定性": "6"}
    return [
        Column("指标名称", lambda r: r.name),
        Column("计算符号", lambda r: codes[r.sign] if code == "1" else r.sign),
        Column("指标值", lambda r: r.target if r.in_words else D(r.target)),
        Column("实际完成值", lambda r: r.actual if r.in_words else D(r.actual)),
        Column("计量单位", lambda r: r.unit),
        Column("权重设定值", lambda r: None),
        Column("权重", lambda r: r.points),
        Column("实际得分", lambda r: r.score),
        Column("偏差原因及改进措施", lambda r: r.reason),
    ]


LEVELS = (Column("一级指标", lambda r: r.level1), Column("二级指标", lambda r: r.level2))
JOINED = [  # target and unit in one cell
    *LEVELS,
    Column("三级指标", lambda r: r.name),
    Column("年度指标值", lambda r: r.target_text),
    Column("实际完成值", lambda r: r.actual_text),
    Column("分值", lambda r: r.points),
    Column("得分", lambda r: r.score),
    Column("偏差原因及改进措施", lambda r: r.reason),
]


def paired(deal: Deal) -> list[tuple[Project, Indicator]]:
    """Every indicator with its project."""
    return [(project, row) for project in deal.projects for row in project.indicators]


def of_pair(columns: Sequence[Column], rows: Sequence[Column]) -> list[Column]:
    """Columns over (project, indicator)."""
    first = [Column(c.head, lambda x, c=c: c.of(x[0]), c.money) for c in columns]
    return first + [Column(c.head, lambda x, c=c: c.of(x[1])) for c in rows]


def rows_sheet(deal: Deal, name: str = "指标完成情况", code: str = "≥") -> Sheet:
    """The indicator list of its own."""
    sheet = Sheet(name)
    put_list(sheet, deal, of_pair(NAMED, [*LEVELS, *row_columns(code=code)]), paired(deal))
    return sheet


def export(deal: Deal, columns: Sequence[Column], name: str = "导出数据") -> Sheet:
    """A bare list."""
    sheet = Sheet(deal.money.sheet(name))
    put_list(sheet, deal, columns, deal.projects)
    return sheet


def drawn(deal: Deal, *book: Sheet, rows: bool = False, carries: frozenset[str] = PROJECT, **more: object) -> Drawing:
    """A drawing of lists; the first sheet is the project list, a second one the indicator list."""
    kinds = {sheet.name: kind for sheet, kind in zip(book, ("project_list", "indicator_list"), strict=False)}
    carries = carries | ROWS if rows else carries
    return Drawing(list(book), deal.projects, carries, kinds, **more)  # type: ignore[arg-type]


@shape("list/platform", places=ALONE, count=6)
def platform_list(deal: Deal) -> Drawing:
    """The platform's 导出列表: header in the first row, no title, 全年预算数 beside 调整后预算数."""
    return drawn(deal, export(deal, platform(deal)))


@shape("list/platform-with-rows", places=BARE, count=4)
def platform_and_rows(deal: Deal) -> Drawing:
    """The same with the indicator list on a second sheet."""
    return drawn(deal, export(deal, platform(deal)), rows_sheet(deal), rows=True)


@shape("list/all-text", places=BARE, count=4)
def all_text(deal: Deal) -> Drawing:
    """Every cell is text, also amounts, scores and values."""
    return drawn(deal, export(deal, platform(deal)).as_text(), rows_sheet(deal).as_text(), rows=True)


@shape("list/text-with-separators", places=TITLED, count=5)
def separators(deal: Deal) -> Drawing:
    """Amounts are texts with thousands separators, under a title."""
    sheet = Sheet(deal.money.sheet("自评列表"))
    columns = common(deal)
    put_title(sheet, deal, "项目支出绩效自评列表", len(columns))
    shown = [c._replace(of=lambda p, c=c: f"{c.of(p):,}") if c.money else c for c in columns]
    put_list(sheet, deal, shown, deal.projects)
    put_note(sheet, deal)
    return drawn(deal, sheet, carries=PROJECT | {"year"})


def put_note(sheet: Sheet, deal: Deal) -> None:
    """The unit in a note below."""
    if deal.money.note():
        sheet.line(Span(deal.money.note(), 8))


def sums(deal: Deal, projects: Sequence[Project], columns: Sequence[Column], word: str) -> list[Value | None]:
    """A row of sums under the money columns."""
    row: list[Value | None] = [sum((c.of(p) for p in projects), D(0)) if c.money else None for c in columns]
    row[0] = word
    return row


@shape("list/summary", places=TITLED, count=5)
def summary(deal: Deal) -> Drawing:
    """自评结果汇总表: title, 填报单位, 主管部门 │ 实施单位, 全年预算数 as the adjusted budget, 合计 as last row."""
    sheet = Sheet(deal.money.sheet("汇总"))
    columns = [
        number(deal),
        Column("项目名称", lambda p: p.name),
        Column("主管部门", lambda p: p.department),
        Column("实施单位", lambda p: p.unit),
        money_column(deal, "全年预算数", "adjusted"),
        money_column(deal, "全年执行数", "executed"),
        Column("执行率", rate("%")),
        Column("自评得分", lambda p: p.total),
        Column("自评等级", lambda p: p.grade),
        Column("备注", lambda p: None),
    ]
    put_title(sheet, deal, "项目支出绩效自评结果汇总表", len(columns))
    put_list(sheet, deal, columns, deal.projects)
    sheet.line(*sums(deal, deal.projects, columns, "合计"))
    put_note(sheet, deal)
    return drawn(deal, sheet, carries=(PROJECT | {"year"}) - {"initial", "code"})


@shape("list/sum-under-header", places=("header", "sheet", "size", "nothing"), count=5)
def sum_first(deal: Deal) -> Drawing:
    """合计 stands directly under the header."""
    columns, sheet = platform(deal), Sheet(deal.money.sheet("导出数据"))
    sheet.line(*head_words(deal.money, columns))
    sheet.line(*sums(deal, deal.projects, columns, "合计"))
    for project in deal.projects:
        sheet.line(*(c.of(project) for c in columns))
    return drawn(deal, sheet)


@shape("list/pages", places=("title", "cell", "pair", "header", "size"), count=7)
def pages(deal: Deal) -> Drawing:
    """Printed pages: title, unit line and header repeated, 本页小计 and page number below each, 总计 at the end."""
    sheet, columns = Sheet("Sheet1"), common(deal)
    parts = [deal.projects[k : k + 3] for k in range(0, len(deal.projects), 3)]
    for k, part in enumerate(parts, 1):
        put_title(sheet, deal, "项目支出绩效自评列表", len(columns), who="单位名称")
        put_list(sheet, deal, columns, part)
        sheet.line(*sums(deal, part, columns, "本页小计"))
        if k == len(parts):
            sheet.line(*sums(deal, deal.projects, columns, "总计"))
        sheet.line(Span(f"第{k}页 共{len(parts)}页", len(columns)))
    return drawn(deal, sheet, carries=PROJECT | {"year"})


@shape("list/goes-on-without-header", places=("header", "size", "cost"), count=6)
def goes_on(deal: Deal) -> Drawing:
    """Split over two sheets; the second goes on without a header."""
    columns = platform(deal)
    first, second = Sheet("导出数据"), Sheet("导出数据2")
    put_list(first, deal, columns, deal.projects[:4])
    for project in deal.projects[4:]:
        second.line(*(c.of(project) for c in columns))
    rows = rows_sheet(deal)
    drawing = drawn(deal, first, rows=True)
    drawing.book = [first, second, rows]
    drawing.kinds = {"导出数据": "project_list", "导出数据2": "project_list", rows.name: "indicator_list"}
    return drawing


@shape("list/goes-on-with-header", places=("header", "size"), count=6)
def goes_on_repeated(deal: Deal) -> Drawing:
    """Split over two sheets, the header repeated."""
    columns, book = platform(deal), []
    for name, part in (("导出数据", deal.projects[:3]), ("导出数据(2)", deal.projects[3:])):
        sheet = Sheet(name)
        put_list(sheet, deal, columns, part)
        book.append(sheet)
    drawing = drawn(deal, *book)
    drawing.kinds = dict.fromkeys(drawing.kinds, "project_list")
    return drawing


@shape("list/two-on-one-sheet", places=("header", "cost", "size", "nothing"), count=4)
def two_lists(deal: Deal) -> Drawing:
    """Project list and indicator list one below the other on one sheet."""
    sheet = export(deal, platform(deal))
    sheet = sheet.joined(rows_sheet(deal), sheet.height + 2)
    drawing = drawn(deal, sheet, rows=True)
    drawing.kinds = {sheet.name: "project_list|indicator_list"}
    return drawing


@shape("list/two-on-one-sheet-titled", places=("title", "pair", "header", "cost"), count=4)
def two_lists_titled(deal: Deal) -> Drawing:
    """Both on one sheet, each under a title of its own, no blank row between."""
    sheet, columns = Sheet("导出"), common(deal)
    put_title(sheet, deal, "项目支出绩效自评列表", len(columns))
    put_list(sheet, deal, columns, deal.projects)
    sheet.line(Span("项目指标完成情况", 11))
    sheet = sheet.joined(rows_sheet(deal), sheet.height)
    drawing = drawn(deal, sheet, rows=True, carries=PROJECT | {"year"})
    drawing.kinds = {sheet.name: "project_list|indicator_list"}
    return drawing


def grouped_header(deal: Deal, columns: Sequence[Column], groups: dict[str, str], *, repeat: bool) -> Sheet:
    """Two header rows: group words over their columns, the others over both rows; merged, or every word repeated."""
    sheet, words = Sheet(deal.money.sheet("导出数据")), head_words(deal.money, columns)
    k = 0
    while k < len(columns):
        group = groups.get(columns[k].head)
        width = 1
        while group and k + width < len(columns) and groups.get(columns[k + width].head) == group:
            width += 1
        if group:
            sheet.put(1, k + 1, deal.money.group(group) if columns[k].money else group, width)
            for j in range(width):
                sheet.put(2, k + 1 + j, words[k + j])
        else:
            sheet.put(1, k + 1, words[k], 1, 2)
        k += width
    sheet.row = 3
    for project in deal.projects:
        sheet.line(*(c.of(project) for c in columns))
    return sheet.repeated([1]) if repeat else sheet


GROUPS = {
    "全年预算数": "预算执行情况",
    "调整后预算数": "预算执行情况",
    "全年执行数": "预算执行情况",
    "预算执行率": "预算执行情况",
    "得分": "自评情况",
    "自评结论": "自评情况",
}


@shape("list/two-row-header-merged", places=("group", "header", "sheet", "size", "nothing"), count=5)
def header_merged(deal: Deal) -> Drawing:
    """Column groups as merged cells above the header."""
    return drawn(deal, grouped_header(deal, platform(deal), GROUPS, repeat=False))


@shape("list/two-row-header-repeated", places=("group", "header", "size", "cost"), count=5)
def header_repeated(deal: Deal) -> Drawing:
    """The same two rows with every word repeated instead of merged; indicators on a second sheet."""
    return drawn(deal, grouped_header(deal, platform(deal), GROUPS, repeat=True), rows_sheet(deal), rows=True)


def one_row_an_indicator(deal: Deal) -> list[Column]:
    """The project's columns, then the indicator's."""
    project = [
        *NAMED,
        UNIT,
        *amounts(deal, platform=False),
        Column("预算执行率", rate("%")),
        Column("自评总分", lambda p: p.total),
    ]
    return of_pair(project, JOINED)


@shape("list/row-an-indicator-repeated", places=("title", "pair", "header", "cost", "size"), count=4)
def repeated_rows(deal: Deal) -> Drawing:
    """One row an indicator, the project's columns repeated in every row."""
    sheet, columns = Sheet("自评明细"), one_row_an_indicator(deal)
    put_title(sheet, deal, "项目绩效自评明细表", len(columns))
    put_list(sheet, deal, columns, paired(deal))
    drawing = drawn(deal, sheet, rows=True, carries=PROJECT | {"year"})
    drawing.kinds = {sheet.name: "project_list|indicator_list"}
    return drawing


@shape("list/row-an-indicator-merged", places=("title", "pair", "header", "cost", "size"), count=4)
def merged_rows(deal: Deal) -> Drawing:
    """One row an indicator, the project's columns merged down over its rows."""
    return _once_a_project(deal, merged=True)


@shape("list/row-an-indicator-first-only", places=("title", "header", "cost"), count=4)
def first_rows(deal: Deal) -> Drawing:
    """One row an indicator, the project's columns only in its first row."""
    return _once_a_project(deal, merged=False)


def _once_a_project(deal: Deal, merged: bool) -> Drawing:
    sheet, columns = Sheet("自评明细"), one_row_an_indicator(deal)
    put_title(sheet, deal, "项目绩效自评明细表", len(columns))
    sheet.line(*head_words(deal.money, columns))
    of_project = len(columns) - len(JOINED)
    for project in deal.projects:
        top = sheet.row
        for k, row in enumerate(project.indicators):
            values = [c.of((project, row)) for c in columns]
            sheet.line(*([None] * of_project if k else values[:of_project]), *values[of_project:])
        for column in range(1, of_project + 1) if merged and len(project.indicators) > 1 else ():
            sheet.put(top, column, None, 1, len(project.indicators))
    drawing = drawn(deal, sheet, rows=True, carries=PROJECT | {"year"})
    drawing.kinds = {sheet.name: "project_list|indicator_list"}
    return drawing


@shape("list/wide", places=("title", "cell", "header", "cost", "size"), count=4)
def wide(deal: Deal) -> Drawing:
    """One row a project, indicators in repeated column groups 指标1名称 │ 指标1目标值 │ 指标1完成值 …"""
    return _wide(deal, lambda k, word: f"指标{k}{word}")


@shape("list/wide-two-rows", places=("title", "header", "cost"), count=4)
def wide_two_rows(deal: Deal) -> Drawing:
    """The same with 指标1, 指标2 … as group heads over repeated 名称 │ 目标值 │ 完成值 │ 分值 │ 得分."""
    return _wide(deal, None)


def _wide(deal: Deal, named: Callable[[int, str], str] | None) -> Drawing:
    parts = (("名称", lambda r: r.name), ("目标值", lambda r: r.target_text), ("完成值", lambda r: r.actual_text),
             ("分值", lambda r: r.points), ("得分", lambda r: r.score))  # fmt: skip
    columns = common(deal)
    most = max(len(p.indicators) for p in deal.projects)
    sheet = Sheet("自评情况")
    put_title(sheet, deal, "项目绩效自评情况汇总表", len(columns))
    if named:
        sheet.line(*head_words(deal.money, columns), *(named(k, w) for k in range(1, most + 1) for w, _ in parts))
    else:
        sheet.line(*(Span(w, 1, 2) for w in head_words(deal.money, columns)),
                   *(Span(f"指标{k}", len(parts)) for k in range(1, most + 1)))  # fmt: skip
        sheet.line(*[None] * len(columns), *(w for _ in range(most) for w, _ in parts))
    for project in deal.projects:
        sheet.line(*(c.of(project) for c in columns), *(of(r) for r in project.indicators for _, of in parts))
    drawing = drawn(deal, sheet, carries=PROJECT | {"year", "indicators", "points", "score"})
    drawing.kinds = {sheet.name: "project_list|indicator_list"}
    return drawing


@shape("list/codes-before-names", places=("header", "cost", "size"), count=4)
def codes_first(deal: Deal) -> Drawing:
    """Codes stand before names and units, in the platform's three styles: #c-#n, [c]n, c-n."""
    styles = ("#{0}-#{1}", "[{0}]{1}", "{0}-{1}")
    style = styles[deal.rng.randrange(3)]
    columns = [number(deal), Column("项目名称", lambda p: style.format(p.code, p.name)),
               Column("预算单位", lambda p: style.format(p.unit_code, p.unit)), *amounts(deal, platform=True),
               Column("预算执行率%", rate("")), *RESULT]  # fmt: skip
    rows = Sheet("指标完成情况")
    put_list(rows, deal, of_pair([columns[1]], [*LEVELS, *row_columns()]), paired(deal))
    return drawn(deal, export(deal, columns), rows, rows=True)


@shape("list/sign-codes", places=("header", "cost"), count=4)
def sign_codes(deal: Deal) -> Drawing:
    """计算符号 as the dictionary's codes: 1 ≥, 3 ＝, 5 ≤, 6 定性."""
    return drawn(deal, export(deal, platform(deal)), rows_sheet(deal, code="1"), rows=True)


@shape("list/damaged-codes", places=("header", "cost"), count=5)
def damaged(deal: Deal) -> Drawing:
    """Codes of 18 digits were turned into numbers by Excel, so several are alike; names differ."""
    return _damaged(deal, lambda p: D(f"1306092300000{deal.projects.index(p):05d}"))


@shape("list/codes-as-exponents", places=("header", "cost"), count=5)
def exponents(deal: Deal) -> Drawing:
    """Codes read 1.30609E+17 on every row."""
    return _damaged(deal, lambda p: "1.30609E+17")


def _damaged(deal: Deal, code: Callable[[Project], Value]) -> Drawing:
    columns = [c._replace(of=code) if c.head == "项目编码" else c for c in platform(deal)]
    rows = Sheet("指标完成情况")
    put_list(rows, deal, of_pair([Column("项目编码", code), NAMED[1]], [*LEVELS, *row_columns()]), paired(deal))
    return drawn(deal, export(deal, columns), rows, rows=True, carries=PROJECT - {"code"})


@shape("list/hidden-guid", places=("header", "cost", "size"), count=4)
def guid(deal: Deal) -> Drawing:
    """A hidden GUID column in front."""
    column = Column("GUID", lambda p: f"D158BD7176352DF2E0533315A8C{deal.projects.index(p):05d}")
    sheet = export(deal, [column, *platform(deal)])
    sheet.hidden_columns = {1}
    return drawn(deal, sheet, rows_sheet(deal), rows=True)


@shape("list/tree", places=("header", "cost"), count=4)
def tree(deal: Deal) -> Drawing:
    """Level rows stand as rows of their own, names indented, weights of the levels in 权重设定值."""
    rows, columns = Sheet("指标完成情况"), row_columns()
    rows.line(*(c.head for c in (*NAMED, *columns)))
    for project in deal.projects:
        above: tuple[str, str] = ("", "")
        for row in project.indicators:
            if row.level1 != above[0]:
                whole = sum(r.points for r in project.indicators if r.level1 == row.level1)
                rows.line(project.code, project.name, row.level1, *[None] * 4, whole)
            if (row.level1, row.level2) != above:
                rows.line(project.code, project.name, f"　{row.level2}")
            above = (row.level1, row.level2)
            rows.line(project.code, project.name, f"　　{row.name}", *(c.of(row) for c in columns[1:]))
    return drawn(deal, export(deal, platform(deal)), rows, rows=True)


@shape("list/unit-only-above", places=("title", "cell", "pair", "header", "size"), count=4)
def unit_above(deal: Deal) -> Drawing:
    """Unit and year stand only in the lines above (编制单位)."""
    sheet = Sheet("列表")
    columns = [c for c in common(deal) if c.head != "预算单位"]
    put_title(sheet, deal, "项目支出绩效自评情况表", len(columns), who="编制单位")
    put_list(sheet, deal, columns, deal.projects)
    return drawn(deal, sheet, carries=PROJECT | {"year"})


@shape("list/same-name-two-units", places=("title", "header", "size"), count=4)
def two_units(deal: Deal) -> Drawing:
    """A county's list: the same project name under two townships, told apart by the unit column; no codes."""
    other = "北关镇人民政府"
    twins = [replace(p, unit=other, unit_code="888001", code=f"T{p.code}") for p in deal.projects[:2]]
    odd = [replace(p, name=q.name) for p, q in zip(twins, deal.projects[2:], strict=True)]
    every = (*deal.projects, *odd)
    sheet = Sheet("汇总")
    columns = [Column("序号", lambda p: every.index(p) + 1), NAMED[1], UNIT, *amounts(deal, platform=False),
               Column("执行率", rate("%")), *RESULT]  # fmt: skip
    sheet.line(Span(f"全县{deal.year}年度项目支出绩效自评结果汇总表{deal.money.title()}", len(columns)))
    put_list(sheet, deal, columns, every)
    drawing = drawn(deal, sheet, carries=(PROJECT | {"year"}) - {"code"})
    drawing.projects = every
    return drawing


@shape("list/initial-and-yearly-target", places=("header", "cost"), count=4)
def two_targets(deal: Deal) -> Drawing:
    """年初指标值 beside 年度指标值 (the one that counts), 得失分依据及原因 beside 偏差原因."""
    rows = Sheet("指标完成情况")
    columns = row_columns()
    columns[2] = columns[2]._replace(head="年度指标值")
    columns.insert(2, Column("年初指标值", lambda r: r.target if r.in_words or r.unit == "%" else D(r.target) + 5))
    columns[-1] = columns[-1]._replace(head="偏差原因")
    columns.append(
        Column("得失分依据及原因", lambda r: "未达到年度指标值，按比例扣分" if r.reason else "达到年度指标值，得满分")
    )
    put_list(rows, deal, of_pair(NAMED, [*LEVELS, *columns]), paired(deal))
    return drawn(deal, export(deal, platform(deal)), rows, rows=True)


@shape("list/columns-in-another-order", places=("header", "size", "cost"), count=4)
def shuffled(deal: Deal) -> Drawing:
    """The columns of both lists stand in any order."""
    columns = platform(deal)
    deal.rng.shuffle(columns)
    pairs = of_pair(NAMED, [*LEVELS, *row_columns()])
    deal.rng.shuffle(pairs)
    rows = Sheet("指标完成情况")
    put_list(rows, deal, pairs, paired(deal))
    return drawn(deal, export(deal, columns), rows, rows=True)


@shape("list/local-words", places=("title", "header", "size"), count=5)
def local_list(deal: Deal) -> Drawing:
    """A list in the words of forms: 支出项目名称, 用款单位, 年初预算资金总额, 实际支出数, 自评分数."""
    pick = deal.rng.choice
    columns = [
        number(deal),
        Column(pick(("支出项目名称", "二级项目名称", "专项资金名称")), lambda p: p.name),
        Column(pick(("用款单位", "项目承担单位", "项目执行单位")), lambda p: p.unit),
        money_column(deal, "年初预算资金总额", "initial"),
        money_column(deal, pick(("全年（调整）预算数", "调整后的预算", "预算安排数")), "adjusted"),
        money_column(deal, pick(("实际支出数", "支出金额", "实际投入资金额")), "executed"),
        Column("预算执行率(%)", rate("")),
        Column(pick(("自评分数", "自评得分")), lambda p: p.total),
    ]
    sheet = Sheet("列表")
    put_title(sheet, deal, "项目绩效自评一览表", len(columns))
    put_list(sheet, deal, columns, deal.projects)
    return drawn(deal, sheet, carries=(PROJECT | {"year"}) - {"code"})


@shape("list/shown-in-wan", places=("header", "cell"), count=4, containers=("xlsx", "inline", "xls"))
def shown_in_wan(deal: Deal) -> Drawing:
    """Amounts in 元 under a number format that shows them in 万元 (0!.0000), headed 万元: the shown figure counts."""
    money = Money("万元", deal.money.place)
    whole = replace_deal(deal, money)
    sheet, columns = Sheet("列表"), common(whole)
    put_title(sheet, whole, "项目支出绩效自评列表", len(columns))
    sheet.line(*head_words(money, columns))
    for project in deal.projects:
        for k, column in enumerate(columns):
            value = column.of(project)
            if column.money:
                assert not isinstance(value, str) and value is not None
                sheet.formats[sheet.row, k + 1] = "0!.0000"
                sheet.put(sheet.row, k + 1, D(value) * 10000)
            else:
                sheet.put(sheet.row, k + 1, value)
        sheet.row += 1
    return replace(drawn(deal, sheet, carries=PROJECT | {"year"}), unit_shown="万元")


def replace_deal(deal: Deal, money: Money) -> Deal:
    """The same projects, money written otherwise."""
    return replace(deal, money=money)


@shape("list/beside-forms", places=("title", "cost"), count=3)
def beside_forms(deal: Deal) -> Drawing:
    """The summary list stands in front of the forms it sums up; every project counts once."""
    from strangers import national

    stated = replace_deal(deal, Money(deal.money.unit, "label"))
    forms = national.f1(stated)
    front = summary(replace_deal(deal, Money(deal.money.unit, "title"))).book[0]
    return Drawing([front, *forms.book], deal.projects, EVERYTHING, {**forms.kinds, front.name: "project_list"})
