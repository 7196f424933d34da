"""The Hebei four-block form (预算项目绩效自评表) as people may draw it: the template is not public."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from strangers.grid import Entry, Sheet, Span
from strangers.shapes import EVERYTHING, Deal, Drawing, shape
from strangers.truth import Fund, Indicator, Project, bare

D = Decimal
WIDE = 12
CARRIES = EVERYTHING - {"initial", "reason"}  # the score of execution stands in the row 预算执行率
PLACES = ("cell", "pair", "title", "label", "group", "header", "sheet", "note", "cost", "nothing")
STAGES = (  # group, its amount, field of the money
    ("预算安排情况（调整后）", "预算数", "adjusted"),
    ("资金到位情况", "到位数", "adjusted"),
    ("资金执行情况", "执行数", "executed"),
)
RATE = "预算执行进度（%）"


def lines(project: Project) -> list[tuple[str, Fund]]:
    """The three lines of a group: the whole (named by the group), 财政, 其他."""
    fiscal, other = project.two_sources
    return [("", project.money), ("其中：财政资金", fiscal), ("其他", other)]


@dataclass(frozen=True)
class Style:
    """Choices inside the indicator block."""

    hundred: bool = True  # item scores on 0–100, else in points
    described: bool = True  # column 指标描述
    execution_row: bool = True  # 预算执行率 as the last indicator
    total_row: str = "自评总分"
    levels_merged: bool = False


Block = Callable[[Sheet, Deal, Project], None]


def title(sheet: Sheet, deal: Deal) -> None:
    """Title with the year; the unit may follow in the next line."""
    sheet.line(Span(f"{deal.year}年度预算项目绩效自评表", WIDE))
    if deal.money.title():
        sheet.line(Span(deal.money.title().strip("　"), WIDE))


def basics(sheet: Sheet, deal: Deal, project: Project) -> None:
    """Block one: name, special fund, unit with its code, unit of money."""
    money = deal.money
    sheet.line(Span("一、基本情况", WIDE))
    last: list[Entry] = [Span(money.cell(), 2)] if money.cell() else list(money.pair()) or [Span(None, 2)]
    sheet.line("项目名称", Span(project.name, 4), "是否为专项资金", "否", "实施(主管)单位",
               Span(f"{project.unit_code}-{project.unit}", 2), *last)  # fmt: skip


def heading(sheet: Sheet, deal: Deal) -> None:
    """Title of block two."""
    sheet.line(Span(deal.money.label("二、预算执行情况"), WIDE))


def pairs_in_rows(colon: str = "", value: int = 3) -> Block:
    """Under each group head three rows of label │ value; the value over `value` columns."""

    def block(sheet: Sheet, deal: Deal, project: Project) -> None:
        money, each = deal.money, 1 + value
        heading(sheet, deal)
        sheet.line(*(Span(money.group(group), each) for group, _, _ in STAGES), Span(RATE, 2))
        top = sheet.row
        for word, fund in lines(project):
            sheet.line(
                *(
                    x
                    for _, amount, field in STAGES
                    for x in ((word or money.header(amount)) + colon, Span(money.of(getattr(fund, field)), value))
                )
            )
        sheet.put(top, 3 * each + 1, project.rate_printed, 2, 3)

    return block


def table(sheet: Sheet, deal: Deal, project: Project) -> None:
    """A table: groups, under each three columns 预算数 │ 其中：财政资金 │ 其他, one row of amounts."""
    money, made = deal.money, lines(project)
    heading(sheet, deal)
    sheet.line(*(Span(money.group(group), 3) for group, _, _ in STAGES), Span(RATE, 3, 2))
    sheet.line(*(word or money.header(amount) for _, amount, _ in STAGES for word, _ in made))
    sheet.line(*(money.of(getattr(fund, field)) for _, _, field in STAGES for _, fund in made),
               Span(project.rate_printed, 3))  # fmt: skip


def table_rate_below(sheet: Sheet, deal: Deal, project: Project) -> None:
    """The same table over the full width, the rate as a pair in a row below."""
    money, made = deal.money, lines(project)
    heading(sheet, deal)
    sheet.line(*(Span(money.group(group), 4) for group, _, _ in STAGES))
    sheet.line(*(Span(word or money.header(amount), 2 if k == 0 else 1) for _, amount, _ in STAGES
                 for k, (word, _) in enumerate(made)))  # fmt: skip
    sheet.line(*(Span(money.of(getattr(fund, field)), 2 if k == 0 else 1) for _, _, field in STAGES
                 for k, (_, fund) in enumerate(made)))  # fmt: skip
    sheet.line(Span("预算执行进度(%)", 4), Span(f"{project.rate_printed}", 8))


def groups_down(sheet: Sheet, deal: Deal, project: Project) -> None:
    """Groups merged down the side, three lines each, amounts to the right."""
    money = deal.money
    heading(sheet, deal)
    for group, amount, field in STAGES:
        top = sheet.row
        for word, fund in lines(project):
            sheet.line(Span(word or money.header(amount), 3), Span(money.of(getattr(fund, field)), 7), column=3)
        sheet.side(top, 1, money.group(group), 2)
    sheet.line(Span(RATE, 5), Span(project.rate_printed, 7))


def line_a_group(colon: str = "") -> Block:
    """One line a group: 预算安排情况 │ 预算数 │ 6.84 │ 其中：财政资金 │ 6.84 │ 其他 │ 0."""

    def block(sheet: Sheet, deal: Deal, project: Project) -> None:
        money = deal.money
        heading(sheet, deal)
        for group, amount, field in STAGES:
            sheet.line(Span(money.group(group), 2), *(
                x for word, fund in lines(project)
                for x in ((word or money.header(amount)) + colon, Span(money.of(getattr(fund, field)), 2))
            ))  # fmt: skip
        sheet.line(Span(RATE, 2), Span(project.rate_printed, 10))

    return block


def sources_down(sheet: Sheet, deal: Deal, project: Project) -> None:
    """Sources down the side, groups across."""
    money = deal.money
    heading(sheet, deal)
    sheet.line("资金来源", *(Span(money.header(money.group(group)), 3) for group, _, _ in STAGES), Span(RATE, 2))
    top = sheet.row
    for word, fund in lines(project):
        sheet.line(word or "合计", *(Span(money.of(getattr(fund, field)), 3) for _, _, field in STAGES))
    sheet.put(top, 11, project.rate_printed, 2, 3)


def one_cell(sheet: Sheet, deal: Deal, project: Project) -> None:
    """Label and value in one cell: 预算数：16.81."""
    money = deal.money
    heading(sheet, deal)
    sheet.line(*(Span(money.group(group), 4) for group, _, _ in STAGES))
    for word, fund in lines(project):
        sheet.line(*(Span(f"{word or money.header(amount)}：{money.of(getattr(fund, field))}", 4)
                     for _, amount, field in STAGES))  # fmt: skip
    sheet.line(Span(f"{RATE}：{project.rate_printed}", WIDE))


def pairs_without_groups(sheet: Sheet, deal: Deal, project: Project) -> None:
    """As the published text reads: 预算数 │ 到位数 │ 执行数 as pairs, no group heads, the rate as a fourth pair."""
    money = deal.money
    heading(sheet, deal)
    top = sheet.row
    for word, fund in lines(project):
        sheet.line(*(x for _, amount, field in STAGES
                     for x in (word or money.header(amount), Span(money.of(getattr(fund, field)), 2))))  # fmt: skip
    sheet.put(top, 10, RATE, 1, 3)
    sheet.put(top, 11, project.rate_printed, 2, 3)


def goals(sheet: Sheet, deal: Deal, project: Project) -> None:
    """Block three."""
    sheet.line(Span("三、目标完成情况", WIDE))
    sheet.line(Span("年度预期目标", 5), Span("具体完成情况", 5), Span("总体完成率(%)", 2))
    sheet.line(Span(project.goal, 5), Span(project.goal_done, 5), Span(D(100), 2))


def execution(project: Project) -> Indicator:
    """预算执行率 as an indicator of 10 points."""
    rate = f"{project.rate_printed}"
    return Indicator("预算执行率", "预算执行率", "预算执行率", "≥", "100", "%", rate, D(10), project.execution_score)


def grid(style: Style = Style()) -> Block:
    """Block four."""

    def block(sheet: Sheet, deal: Deal, project: Project) -> None:
        sheet.line(Span("四、年度绩效指标完成情况", WIDE))
        described = [Span("指标描述", 1, 2)] if style.described else []
        top = sheet.row
        sheet.line(Span("一级指标", 1, 2), Span("二级指标", 1, 2), Span("三级指标", 1, 2), *described,
                   Span("预期指标值", 3), Span("单项指标实际完成值", 1, 2), Span("单项指标完成情况", 1, 2),
                   Span("自评得分", 3))  # fmt: skip
        at = 4 + style.described
        sheet.line(
            "符号", "值", "单位(文字描述)", None, None, "单项指标得分", "权重占比(%)", "单项指标折算得分", column=at
        )
        first = sheet.row
        rows = [*project.indicators, *([execution(project)] if style.execution_row else [])]
        for row in rows:
            level1 = "效果指标" if row.level1 == "效益指标" else row.level1
            part = [None] if style.described else []
            sheet.line(level1, row.level2, row.name, *part, *_target(row), row.actual_text, _verdict(row),
                       *_scores(row, style.hundred))  # fmt: skip
        assert first == top + 2
        if style.levels_merged:
            _merge_levels(sheet, first, len(rows))
        sheet.line(Span(style.total_row, WIDE - 1 - (not style.described)), project.total)

    return block


def _merge_levels(sheet: Sheet, first: int, count: int) -> None:
    for column in (1, 2):
        start = first
        for row in range(first + 1, first + count + 1):
            if row < first + count and sheet.cells[row, column] == sheet.cells[start, column]:
                continue
            value = sheet.cells[start, column]
            for inner in range(start, row):
                del sheet.cells[inner, column]
            sheet.put(start, column, value, 1, row - start)
            start = row


def _target(row: Indicator) -> list[Entry]:
    if row.in_words:
        return ["文字描述", None, row.target]
    sign = {"≥": ">=", "≤": "<=", "=": "="}[row.sign]
    return [sign, D(row.target), "%(百分比)" if row.unit == "%" else row.unit]


def _verdict(row: Indicator) -> str:
    return "未完成" if row.missed else "完成"


def _scores(row: Indicator, hundred: bool) -> list[Entry]:
    share = bare(row.score / row.points * 100) if hundred else row.score
    return [bare(share.quantize(D("0.0001"))), row.points, row.score]


def problems(sheet: Sheet, deal: Deal, project: Project) -> None:
    """Block five, and the note where the unit stands there."""
    sheet.line(Span("五、存在问题、原因及下一步整改措施", WIDE))
    sheet.line(Span("个别指标进度偏慢，2024年起按季度调度；下一步加强项目管理。", WIDE))
    if deal.money.note():
        sheet.line(Span(deal.money.note(), WIDE))


def workbook(
    deal: Deal, funds: Block, style: Style = Style(), first: Block = basics, blocks: Sequence[Block] = ()
) -> Drawing:
    """A sheet a project."""
    book = []
    for k, project in enumerate(deal.projects, 1):
        sheet = Sheet(deal.money.sheet(f"自评表{k}"))
        title(sheet, deal)
        for block in blocks or (first, funds, goals, grid(style), problems):
            block(sheet, deal, project)
        book.append(sheet)
    return Drawing(book, deal.projects, CARRIES, {sheet.name: "self" for sheet in book},
                   execution_row=style.execution_row, sources="two")  # fmt: skip


@shape("hebei/pairs-in-rows", places=PLACES)
def pairs_rows(deal: Deal) -> Drawing:
    """Label │ value pairs in three rows under the group words, values merged over three columns."""
    return workbook(deal, pairs_in_rows())


@shape("hebei/pairs-with-colons", places=PLACES)
def pairs_colons(deal: Deal) -> Drawing:
    """The labels of the pairs end with colons; the value is one cell."""
    return workbook(deal, pairs_in_rows("：", 1))


@shape("hebei/pairs-without-groups", places=tuple(p for p in PLACES if p != "group"))
def pairs_no_groups(deal: Deal) -> Drawing:
    """Pairs in three rows without group words; rate beside them."""
    return workbook(deal, pairs_without_groups)


@shape("hebei/table", places=PLACES)
def three_by_three(deal: Deal) -> Drawing:
    """A 3 × 3 table under group heads, rate beside."""
    return workbook(deal, table)


@shape("hebei/table-rate-below", places=PLACES)
def three_by_three_below(deal: Deal) -> Drawing:
    """A 3 × 3 table under group heads, rate in a row below."""
    return workbook(deal, table_rate_below)


@shape("hebei/table-unmerged", places=PLACES)
def three_by_three_unmerged(deal: Deal) -> Drawing:
    """The 3 × 3 table and everything else with all merges taken apart."""
    drawing = workbook(deal, table)
    drawing.book = [sheet.unmerged() for sheet in drawing.book]
    return drawing


@shape("hebei/table-repeated", places=PLACES)
def three_by_three_repeated(deal: Deal) -> Drawing:
    """Header words are repeated in every cell instead of merged, in both tables."""
    drawing = workbook(deal, table)
    heads = ("预算安排情况", "一级指标")
    drawing.book = [
        sheet.repeated({row for (row, _), v in sheet.cells.items() if isinstance(v, str) and v.startswith(heads)})
        for sheet in drawing.book
    ]
    return drawing


@shape("hebei/groups-down", places=PLACES)
def down(deal: Deal) -> Drawing:
    """Groups merged down the side; levels of the indicators merged too."""
    return workbook(deal, groups_down, Style(levels_merged=True))


@shape("hebei/groups-down-unmerged", places=PLACES)
def down_unmerged(deal: Deal) -> Drawing:
    """Groups down the side, not merged: the word stands in the first of three rows."""
    drawing = workbook(deal, groups_down)
    drawing.book = [sheet.unmerged(keep=lambda a: a.bottom == a.top) for sheet in drawing.book]
    return drawing


@shape("hebei/line-a-group", places=PLACES)
def group_lines(deal: Deal) -> Drawing:
    """One line a group; item scores in points."""
    return workbook(deal, line_a_group(), Style(hundred=False))


@shape("hebei/line-a-group-colons", places=PLACES)
def group_lines_colons(deal: Deal) -> Drawing:
    """One line a group, labels with colons; no column 指标描述."""
    return workbook(deal, line_a_group("："), Style(described=False))


@shape("hebei/sources-down", places=PLACES)
def sources_at_side(deal: Deal) -> Drawing:
    """Sources down the side, groups across; total row called 合计."""
    return workbook(deal, sources_down, Style(hundred=False, total_row="合计"))


@shape("hebei/one-cell", places=PLACES)
def label_and_value(deal: Deal) -> Drawing:
    """Label and value in one cell, the rate too."""
    return workbook(deal, one_cell)


@shape("hebei/basics-down", places=("cell", "pair", "label", "cost"))
def basics_down(deal: Deal) -> Drawing:
    """The pairs of block one stand one below the other."""

    def one_a_line(sheet: Sheet, deal: Deal, project: Project) -> None:
        money = deal.money
        sheet.line(Span("一、基本情况", WIDE))
        sheet.line(Span("项目名称", 2), Span(project.name, 10))
        sheet.line(Span("实施(主管)单位", 2), Span(f"{project.unit_code}-{project.unit}", 10))
        sheet.line(Span("是否为专项资金", 2), Span("否", 10))
        if money.pair():
            sheet.line(Span("金额单位", 2), Span(money.unit, 10))
        elif money.cell():
            sheet.line(Span(money.cell(), WIDE))

    return workbook(deal, table, first=one_a_line)


@shape("hebei/stacked", places=("cell", "pair", "header", "cost"), count=3)
def stacked(deal: Deal) -> Drawing:
    """Several forms one below the other on one sheet."""
    drawing = workbook(deal, pairs_in_rows())
    sheet, *rest = drawing.book
    for other in rest:
        sheet = sheet.joined(other, sheet.height + 2)
    return Drawing([sheet], deal.projects, CARRIES, {sheet.name: "self"}, execution_row=True, sources="two")


@shape("hebei/blocks-apart", places=("cell", "pair", "label", "cost"))
def blocks_apart(deal: Deal) -> Drawing:
    """Blank rows between the blocks, a blank column in front, the block titles without numbers."""
    drawing = workbook(deal, table)
    book = []
    for sheet in drawing.book:
        starts = [
            r for (r, _), v in sheet.cells.items() if isinstance(v, str) and v[:2] in ("二、", "三、", "四、", "五、")
        ]
        for row in sorted(starts, reverse=True):
            sheet = sheet.with_blank_row(row)
        book.append(sheet.with_blank_column(1).worded(lambda v: v[2:] if v[1:2] == "、" else v))
    drawing.book = book
    return drawing


@shape("hebei/amounts-as-text", places=("cell", "group", "header", "cost"))
def as_text(deal: Deal) -> Drawing:
    """Everything is text, amounts with two decimals and separators (1,234.50)."""
    drawing = workbook(deal, sources_down)
    for sheet in drawing.book:
        sheet.cells = {k: v if isinstance(v, str) else f"{v:,}" for k, v in sheet.cells.items()}
    return drawing
