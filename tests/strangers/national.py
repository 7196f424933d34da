"""The national form (F1, 财预〔2020〕10号) and its relatives F2, F3, F4, F7, F8, F16, as people rearrange them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from strangers.grid import Entry, Sheet, Span
from strangers.money import Money
from strangers.shapes import EVERYTHING, Deal, Drawing, shape
from strangers.truth import Fund, Indicator, Project, bare

D = Decimal
NAMES = {"财政": "其中：当年财政拨款", "结转": "上年结转资金", "其他": "其他资金"}


@dataclass(frozen=True)
class Words:
    """The local words of a form; the usual ones, to be replaced one by one."""

    title: str = "项目支出绩效自评表"
    name: str = "项目名称"
    department: str = "主管部门"
    unit: str = "实施单位"
    funds: str = "项目资金"
    initial: str = "年初预算数"
    adjusted: str = "全年预算数"
    executed: str = "全年执行数"
    rate: str = "执行率"
    points: str = "分值"
    score: str = "得分"
    whole: str = "年度资金总额"
    goal: str = "年度总体目标"
    expected: str = "预期目标"
    done: str = "实际完成情况"
    block: str = "绩效指标"
    level1: str = "一级指标"
    level2: str = "二级指标"
    level3: str = "三级指标"
    target: str = "年度指标值"
    actual: str = "实际完成值"
    row_points: str = "分值"
    row_score: str = "得分"
    reason: str = "偏差原因分析及改进措施"
    total: str = "总分"


USUAL = Words()
Rows = Callable[[Sheet, Deal, Project, Words], None]


def percent(project: Project) -> str:
    """97.50%."""
    return f"{project.rate_printed}%"


def title(sheet: Sheet, deal: Deal, words: Words, width: int = 9) -> None:
    """Title, year, and the unit of money where it stands here."""
    money = deal.money
    sheet.line(Span(words.title, width))
    year = f"（{deal.year}年度）{money.title()}"
    if money.pair():
        sheet.line(Span(year, width - 2), *money.pair())
    elif money.cell():
        sheet.line(Span(year, width - 2), Span(money.cell(), 2))
    else:
        sheet.line(Span(year, width))


def head(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
    """Name; department and unit."""
    sheet.line(words.name, Span(project.name, 8))
    sheet.line(words.department, Span(project.department, 3), words.unit, Span(project.unit, 4))


def fund_entries(money: Money, fund: Fund) -> list[Decimal]:
    """The three amounts as written."""
    return [money.of(fund.initial), money.of(fund.adjusted), money.of(fund.executed)]


def funds(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
    """The fund block: total row with points and score, three sources."""
    money, top = deal.money, sheet.row
    sheet.line(Span(None, 2), *(money.header(w) for w in (words.initial, words.adjusted, words.executed)),
               words.points, words.rate, words.score, column=2)  # fmt: skip
    sheet.line(Span(words.whole, 2), *fund_entries(money, project.money), D(10), percent(project),
               project.execution_score, column=2)  # fmt: skip
    for fund in project.funds:
        sheet.line(Span(NAMES[fund.source], 2), *fund_entries(money, fund), "—", None, "—", column=2)
    sheet.side(top, 1, money.label(words.funds))


def goals(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
    """Goal and result."""
    top = sheet.row
    sheet.line(Span(words.expected, 4), Span(words.done, 4), column=2)
    sheet.line(Span(project.goal, 4), Span(project.goal_done, 4), column=2)
    sheet.side(top, 1, words.goal)


def levels(sheet: Sheet, rows: Sequence[Indicator], top: int, column: int) -> None:
    """Level 1 and 2 merged down over their rows."""
    for part, at in (("level1", column), ("level2", column + 1)):
        start = 0
        for k in range(1, len(rows) + 1):
            here = [getattr(r, part) for r in rows]
            same = (
                k < len(rows) and here[k] == here[start] and (part == "level1" or rows[k].level1 == rows[start].level1)
            )
            if not same:
                sheet.put(top + start, at, here[start], 1, k - start)
                start = k


def indicators(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
    """Eight columns, the levels merged down."""
    top = sheet.row
    sheet.line(words.level1, words.level2, words.level3, words.target, words.actual, words.row_points,
               words.row_score, words.reason, column=2)  # fmt: skip
    first = sheet.row
    for row in project.indicators:
        sheet.line(None, None, row.name, row.target_text, row.actual_text, row.points, row.score, row.reason, column=2)
    levels(sheet, project.indicators, first, 2)
    sheet.side(top, 1, words.block)


def total(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
    """总分 │ 100 │ the score."""
    sheet.line(Span(words.total, 6), D(100), project.total)
    note(sheet, deal)


def total_under(points: int, score: int) -> Rows:
    """The total row where the points stand in column `points` and the scores in column `score`."""

    def block(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.put(sheet.row, 1, words.total, min(points, score) - 1)
        sheet.put(sheet.row, points, D(100))
        sheet.put(sheet.row, score, project.total)
        sheet.row += 1
        note(sheet, deal)

    return block


def note(sheet: Sheet, deal: Deal) -> None:
    """A note below where the unit stands there."""
    if deal.money.note():
        sheet.line(Span(deal.money.note(), 9))


USUAL_BLOCKS: tuple[Rows, ...] = (head, funds, goals, indicators, total)


def form(
    deal: Deal, project: Project, blocks: Sequence[Rows] = USUAL_BLOCKS, words: Words = USUAL, name: str = ""
) -> Sheet:
    """One form on a sheet of its own."""
    sheet = Sheet(deal.money.sheet(name or f"自评{deal.projects.index(project) + 1}"))
    title(sheet, deal, words)
    for block in blocks:
        block(sheet, deal, project, words)
    return sheet


def workbook(
    deal: Deal, blocks: Sequence[Rows] = USUAL_BLOCKS, words: Words = USUAL, kind: str = "self", **owed: object
) -> Drawing:
    """A sheet a project."""
    book = [form(deal, project, blocks, words) for project in deal.projects]
    return Drawing(book, deal.projects, kinds={sheet.name: kind for sheet in book}, **owed)  # type: ignore[arg-type]


@shape("F1/usual")
def f1(deal: Deal) -> Drawing:
    """The form as printed."""
    return workbook(deal)


@shape("F1/one-form", count=1, places=("label", "title", "cost", "nothing"))
def f1_single(deal: Deal) -> Drawing:
    """A file with a single form; one vote decides the unit there."""
    return workbook(deal)


@shape("F1/total-on-top")
def f1_total_on_top(deal: Deal) -> Drawing:
    """The total score stands in the head, as 自评总分."""

    def top_total(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line("自评总分", Span(project.total, 3), "自评等级", Span(project.grade, 4))

    return workbook(deal, (head, top_total, funds, goals, indicators, lambda s, d, p, w: note(s, d)))


@shape("F1/total-below-goal")
def f1_total_between(deal: Deal) -> Drawing:
    """The total row stands above the indicators."""

    def between(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line(Span(words.total, 6), D(100), project.total)

    return workbook(deal, (head, funds, goals, between, indicators, lambda s, d, p, w: note(s, d)))


@shape("F1/funds-below")
def f1_funds_below(deal: Deal) -> Drawing:
    """The fund block stands below the indicators."""
    return workbook(deal, (head, goals, indicators, funds, total))


@shape("F1/funds-right")
def f1_funds_right(deal: Deal) -> Drawing:
    """The fund block stands to the right of goals and indicators."""
    book = []
    for project in deal.projects:
        sheet = Sheet(deal.money.sheet(f"自评{deal.projects.index(project) + 1}"))
        title(sheet, deal, USUAL)
        head(sheet, deal, project, USUAL)
        top = sheet.row
        for block in (goals, indicators, total):
            block(sheet, deal, project, USUAL)
        side = Sheet("")
        funds(side, deal, project, USUAL)
        book.append(sheet.joined(side, top - 1, 10))
    return Drawing(book, deal.projects, kinds={sheet.name: "self" for sheet in book})


@shape("F1/scores-apart")
def f1_scores_apart(deal: Deal) -> Drawing:
    """Points and scores stand in a block of their own below the indicators, one line an indicator."""

    def bare_rows(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        top = sheet.row
        sheet.line(
            words.level1, words.level2, words.level3, words.target, words.actual, Span(words.reason, 3), column=2
        )
        first = sheet.row
        for row in project.indicators:
            sheet.line(None, None, row.name, row.target_text, row.actual_text, Span(row.reason, 3), column=2)
        levels(sheet, project.indicators, first, 2)
        sheet.side(top, 1, words.block)

    def scores(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        top = sheet.row
        sheet.line(Span(words.level3, 3), words.row_points, words.row_score, column=2)
        for row in project.indicators:
            sheet.line(Span(row.name, 3), row.points, row.score, column=2)
        sheet.side(top, 1, "指标得分情况")

    return workbook(deal, (head, funds, goals, bare_rows, scores, total_under(5, 6)), may_refuse=True)


@shape("F1/levels-repeated")
def f1_levels_repeated(deal: Deal) -> Drawing:
    """Nothing is merged; words are repeated in every cell they cover."""
    drawing = f1(deal)
    drawing.book = [sheet.repeated(range(4, sheet.height)) for sheet in drawing.book]
    return drawing


@shape("F1/merges-apart")
def f1_merges_apart(deal: Deal) -> Drawing:
    """All merges taken apart; covered cells are empty."""
    drawing = f1(deal)
    drawing.book = [sheet.unmerged() for sheet in drawing.book]
    return drawing


@shape("F1/label-with-value")
def f1_label_with_value(deal: Deal) -> Drawing:
    """Head fields have label and value in one cell: 项目名称：甲."""

    def one_cell(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line(Span(f"{words.name}：{project.name}", 9))
        sheet.line(Span(f"{words.department}：{project.department}", 4), Span(f"{words.unit}：{project.unit}", 5))

    return workbook(deal, (one_cell, funds, goals, indicators, total))


@shape("F1/colons")
def f1_colons(deal: Deal) -> Drawing:
    """Every label ends with a colon, some with blanks inside."""
    words = replace(USUAL, name="项目名称：", department="主管部门:", unit="实施单位：", whole="年度资金总额：",
                    expected="预期目标：", done="实际完成情况：", total="总 分：", score="得 分", points="分 值",
                    row_points="分 值", row_score="得 分")  # fmt: skip
    return workbook(deal, words=words)


@shape("F1/two-row-header")
def f1_two_row_header(deal: Deal) -> Drawing:
    """The indicator header has two rows, group words not merged but standing in the first cell."""

    def rows(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        top = sheet.row
        sheet.line("指标名称", None, None, "目标与完成", None, "评分情况", None, words.reason, column=2)
        sheet.line(words.level1, words.level2, words.level3, words.target, words.actual, words.row_points,
                   words.row_score, None, column=2)  # fmt: skip
        first = sheet.row
        for row in project.indicators:
            sheet.line(None, None, row.name, row.target_text, row.actual_text, row.points, row.score, row.reason,
                       column=2)  # fmt: skip
        levels(sheet, project.indicators, first, 2)
        sheet.side(top, 1, words.block)

    return workbook(deal, (head, funds, goals, rows, total))


@shape("F1/two-line-fund-header")
def f1_two_line_fund_header(deal: Deal) -> Drawing:
    """The fund header is split over two rows: 年初 / 预算数."""

    def two(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        money, top = deal.money, sheet.row
        sheet.line(
            Span(None, 2),
            "年初",
            "全年",
            "全年",
            Span("分值", 1, 2),
            Span("执行率", 1, 2),
            Span("得分", 1, 2),
            column=2,
        )
        sheet.line(Span(None, 2), money.header("预算数"), money.header("预算数"), money.header("执行数"), column=2)
        sheet.line(Span(words.whole, 2), *fund_entries(money, project.money), D(10), percent(project),
                   project.execution_score, column=2)  # fmt: skip
        for fund in project.funds:
            sheet.line(Span(NAMES[fund.source], 2), *fund_entries(money, fund), "—", None, "—", column=2)
        sheet.side(top, 1, money.label(words.funds))

    return workbook(deal, (head, two, goals, indicators, total))


@shape("F1/head-other-order")
def f1_head_other_order(deal: Deal) -> Drawing:
    """The pairs of the head stand in another order, with local pairs between."""

    def mixed(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line(
            words.unit, Span(project.unit, 2), "项目负责人", Span("李明", 2), "联系电话", Span("0312-5550123", 2)
        )
        sheet.line("项目编码", Span(project.code, 3), words.name, Span(project.name, 4))
        sheet.line("项目类别", Span("经常性项目", 3), words.department, Span(project.department, 4))

    return workbook(deal, (mixed, funds, goals, indicators, total), carries=EVERYTHING | {"code"})


@shape("F1/head-three-in-a-row")
def f1_head_one_row(deal: Deal) -> Drawing:
    """Name, department and unit stand in one row."""

    def one_row(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line(words.name, Span(project.name, 2), words.department, Span(project.department, 2), words.unit,
                   Span(project.unit, 3))  # fmt: skip

    return workbook(deal, (one_row, funds, goals, indicators, total))


@shape("F1/goals-stacked")
def f1_goals_stacked(deal: Deal) -> Drawing:
    """Goal and result are pairs one below the other, not columns side by side."""

    def stacked(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line(words.expected, Span(project.goal, 8))
        sheet.line(words.done, Span(project.goal_done, 8))

    return workbook(deal, (head, funds, stacked, indicators, total))


@shape("F1/long-text-below")
def f1_long_text(deal: Deal) -> Drawing:
    """Problems, measures, notes with figures, and signatures follow below the total."""

    def after(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line("存在问题", Span("部分资料归档不及时，2022年遗留的3户档案仍在补充。", 8))
        sheet.line(
            "下一步改进措施", Span("1.加强资料管理；2.每季度检查一次；3.提前做好2024年预算编制，控制在50万元以内。", 8)
        )
        sheet.line(
            Span(
                "注：1.得分一档最高不能超过该指标分值上限。2.定性指标按完成程度分为三档，分别按100%-80%、80%-60%、60%-0%计分。",
                9,
            )
        )
        sheet.line(
            Span("填表人：李明", 3), Span("联系电话：0312-5550123", 3), Span(f"填报日期：{deal.year + 1}年3月18日", 3)
        )

    return workbook(deal, (*USUAL_BLOCKS, after))


@shape("F1/blank-lines")
def f1_blank_lines(deal: Deal) -> Drawing:
    """Blank rows stand between the blocks and a blank column in front and in the middle."""
    drawing = f1(deal)
    spread = []
    for sheet in drawing.book:
        goal_row = next(r for (r, c), v in sheet.cells.items() if c == 1 and v == USUAL.goal)
        grid_row = next(r for (r, c), v in sheet.cells.items() if c == 1 and v == USUAL.block)
        for before in (grid_row, goal_row, 5, 3):
            sheet = sheet.with_blank_row(before)
        spread.append(sheet.with_blank_column(8).with_blank_column(1))
    drawing.book = spread
    return drawing


@shape("F1/stacked", places=("label", "header", "sheet", "cost", "nothing"), count=3)
def f1_stacked(deal: Deal) -> Drawing:
    """Several forms stand one below the other on one sheet."""
    sheet = Sheet(deal.money.sheet("自评表"))
    for project in deal.projects:
        title(sheet, deal, USUAL)
        for block in USUAL_BLOCKS:
            block(sheet, deal, project, USUAL)
        sheet.row += 2
    return Drawing([sheet], deal.projects, kinds={sheet.name: "self"})


@shape("F1/stacked-close", places=("label", "header", "cost"), count=3)
def f1_stacked_close(deal: Deal) -> Drawing:
    """Forms follow each other without blank rows and without titles of their own."""
    sheet = Sheet(deal.money.sheet("自评表"))
    title(sheet, deal, USUAL)
    for project in deal.projects:
        for block in USUAL_BLOCKS:
            block(sheet, deal, project, USUAL)
    return Drawing([sheet], deal.projects, kinds={sheet.name: "self"})


@shape("F1/side-by-side", places=("label", "header", "title", "cost"))
def f1_side_by_side(deal: Deal) -> Drawing:
    """Two forms stand side by side on one sheet."""
    first, second = (form(deal, project) for project in deal.projects)
    sheet = first.joined(second, 0, first.width + 1)
    return Drawing([sheet], deal.projects, kinds={sheet.name: "self"})


@shape("F1/continuation", places=("label", "header", "cost"), count=1)
def f1_continuation(deal: Deal) -> Drawing:
    """The last indicators and the total go on on a second sheet, under the same column heads, without title."""
    (project,) = deal.projects
    half = max(1, len(project.indicators) - 3)
    first = form(
        deal, replace_rows(project, project.indicators[:half]), (head, funds, goals, indicators), name="自评表"
    )
    second = Sheet("续表")
    indicators(second, deal, replace_rows(project, project.indicators[half:]), USUAL)
    total(second, deal, project, USUAL)
    return Drawing([first, second], deal.projects, kinds={"自评表": "self", "续表": "self"})


def replace_rows(project: Project, rows: Sequence[Indicator]) -> Project:
    """The project with other indicators (equal to itself where it is looked up)."""
    return replace(project, indicators=tuple(rows))


def cells_of(*columns: tuple[str, Callable[[Indicator], Entry]]) -> Rows:
    """An indicator block of other columns after the three levels."""

    def block(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        top = sheet.row
        sheet.line(words.level1, words.level2, words.level3, *(name for name, _ in columns), column=2)
        first = sheet.row
        for row in project.indicators:
            sheet.line(None, None, row.name, *(value(row) for _, value in columns), column=2)
        levels(sheet, project.indicators, first, 2)
        sheet.side(top, 1, words.block)

    return block


@shape("F1/score-of-points")
def f1_score_of_points(deal: Deal) -> Drawing:
    """The score is written 9.5/10 beside the points."""
    rows = cells_of(
        ("年度指标值", lambda r: r.target_text), ("实际完成值", lambda r: r.actual_text), ("分值", lambda r: r.points),
        ("得分", lambda r: f"{bare(r.score)}/{bare(r.points)}"), ("偏差原因分析及改进措施", lambda r: r.reason),
    )  # fmt: skip
    return workbook(deal, (head, funds, goals, rows, total), may_refuse=True)


@shape("F1/target-and-actual")
def f1_target_and_actual(deal: Deal) -> Drawing:
    """Target and actual stand in one column: 目标值：≥50个，完成值：52个."""
    rows = cells_of(
        ("年度指标值/实际完成值", lambda r: f"{r.target_text}/{r.actual_text}"), ("分值", lambda r: r.points),
        ("得分", lambda r: r.score), ("偏差原因分析及改进措施", lambda r: Span(r.reason, 2)),
    )  # fmt: skip
    return workbook(deal, (head, funds, goals, rows, total_under(6, 7)), may_refuse=True)


@shape("F1/lines-in-cells", places=("label", "header", "cost"))
def f1_lines_in_cells(deal: Deal) -> Drawing:
    """All indicators of a second level stand in one row, separated by line breaks in every cell."""

    def rows(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        top = sheet.row
        sheet.line(words.level1, words.level2, words.level3, words.target, words.actual, words.row_points,
                   words.row_score, words.reason, column=2)  # fmt: skip
        groups: dict[tuple[str, str], list[Indicator]] = {}
        for row in project.indicators:
            groups.setdefault((row.level1, row.level2), []).append(row)
        for (level1, level2), members in groups.items():
            joined = lambda get: "\n".join(str(get(m)) for m in members)  # noqa: B023, E731
            alone = len(members) == 1
            sheet.line(level1, level2, joined(lambda m: m.name), joined(lambda m: m.target_text),
                       joined(lambda m: m.actual_text),
                       members[0].points if alone else joined(lambda m: bare(m.points)),
                       members[0].score if alone else joined(lambda m: bare(m.score)),
                       joined(lambda m: m.reason) if any(m.reason for m in members) else None, column=2)  # fmt: skip
        sheet.side(top, 1, words.block)

    return workbook(deal, (head, funds, goals, rows, total), may_refuse=True)


@shape("F1/reasons-as-comments", containers=("xlsx",), places=("label", "title", "cost"))
def f1_reasons_as_comments(deal: Deal) -> Drawing:
    """There is no reason column; the reasons are comments on the scores, which say so."""
    rows = cells_of(
        ("年度指标值", lambda r: r.target_text), ("实际完成值", lambda r: r.actual_text), ("分值", lambda r: r.points),
        ("得分", lambda r: r.score),
    )  # fmt: skip

    def commented(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        first = sheet.row + 1
        rows(sheet, deal, project, words)
        for k, row in enumerate(project.indicators):
            if row.reason:
                sheet.notes[first + k, 8] = f"偏差原因：{row.reason}"

    return workbook(deal, (head, funds, goals, commented, total), may_refuse=True)


@shape("F1/transposed", places=("label",))
def f1_transposed(deal: Deal) -> Drawing:
    """The whole form was pasted transposed."""
    drawing = f1(deal)
    drawing.book = [sheet.transposed() for sheet in drawing.book]
    drawing.may_refuse = True
    return drawing


@shape("F1/points-before-target")
def f1_points_before_target(deal: Deal) -> Drawing:
    """Points stand before the target (F2 words), the reason before the score."""
    rows = cells_of(
        ("分值", lambda r: r.points), ("年度指标值", lambda r: r.target_text), ("全年实际值", lambda r: r.actual_text),
        ("未完成原因及拟采取的改进措施", lambda r: r.reason), ("得分", lambda r: r.score),
    )  # fmt: skip
    return workbook(deal, (head, funds, goals, rows, total_under(5, 9)))


@shape("F1/serial-numbers")
def f1_serial(deal: Deal) -> Drawing:
    """The indicators are numbered in a column of their own, their names also carry numbers 1. 2. 3."""

    def rows(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line("序号", words.level1, words.level2, words.level3, words.target, words.actual, words.row_points,
                   words.row_score, words.reason)  # fmt: skip
        first = sheet.row
        for k, row in enumerate(project.indicators, 1):
            sheet.line(k, None, None, row.name, row.target_text, row.actual_text, row.points, row.score, row.reason)
        levels(sheet, project.indicators, first, 2)

    return workbook(deal, (head, funds, goals, rows, total))


@shape("F1/level-points-in-words", places=("label", "cost"))
def f1_level_points(deal: Deal) -> Drawing:
    """Levels carry their points, as in Anhui: 产出指标(50分)."""
    drawing = f1(deal)
    add = {"产出指标": "产出指标(50分)", "效益指标": "效益指标（30分）", "满意度指标": "满意度指标\n（10分）"}
    for sheet in drawing.book:
        sheet.cells = {k: add.get(v, v) if k[1] == 2 and isinstance(v, str) else v for k, v in sheet.cells.items()}
    return drawing


@shape("F1/funds-label-value")
def f1_funds_label_value(deal: Deal) -> Drawing:
    """The fund block is label │ value pairs in a row, without sources: 年初预算数 │ 16.81 │ 全年预算数 │ …"""

    def pairs(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        money, whole, top = deal.money, project.money, sheet.row
        sheet.line(money.header(words.initial), Span(money.of(whole.initial), 1), money.header(words.adjusted),
                   money.of(whole.adjusted), money.header(words.executed), Span(money.of(whole.executed), 3),
                   column=2)  # fmt: skip
        sheet.line("预算执行率", percent(project), "分值", D(10), "得分", Span(project.execution_score, 3), column=2)
        sheet.side(top, 1, money.label("资金情况"))

    return workbook(deal, (head, pairs, goals, indicators, total), sources="none", carries=EVERYTHING - {"sources"})


@shape("F1/funds-one-cell")
def f1_funds_one_cell(deal: Deal) -> Drawing:
    """Amounts stand in their labels' cells: 全年预算数：16.81."""

    def one_cell(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        money, whole, top = deal.money, project.money, sheet.row
        sheet.line(Span(f"{money.header(words.initial)}：{money.of(whole.initial)}", 2),
                   Span(f"{money.header(words.adjusted)}：{money.of(whole.adjusted)}", 2),
                   Span(f"{money.header(words.executed)}：{money.of(whole.executed)}", 4), column=2)  # fmt: skip
        sheet.line(
            Span(f"执行率：{percent(project)}", 2),
            Span("分值：10", 2),
            Span(f"得分：{project.execution_score}", 4),
            column=2,
        )
        sheet.side(top, 1, money.label("预算执行情况"))

    return workbook(deal, (head, one_cell, goals, indicators, total), carries=EVERYTHING - {"sources"})


@shape("F1/funds-sources-across")
def f1_sources_across(deal: Deal) -> Drawing:
    """The fund table is turned: sources across, 年初/全年/执行 down."""

    def turned(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        money, top = deal.money, sheet.row
        columns = [project.money, *project.funds]
        sheet.line(
            Span("资金来源", 2), *("合计", "当年财政拨款", "上年结转资金", "其他资金"), "执行率", "得分", column=2
        )
        for label, field in ((words.initial, "initial"), (words.adjusted, "adjusted"), (words.executed, "executed")):
            sheet.line(Span(money.header(label), 2), *(money.of(getattr(f, field)) for f in columns),
                       percent(project) if field == "executed" else None,
                       project.execution_score if field == "executed" else None, column=2)  # fmt: skip
        sheet.side(top, 1, money.label(words.funds))

    return workbook(deal, (head, turned, goals, indicators, total))


LOCAL = {  # field → how counties name it
    "name": ("专项资金名称", "二级项目名称", "支出项目名称", "项目名称"),
    "department": ("县级主管部门", "市级主管部门", "主管预算部门", "主管部门及代码"),
    "unit": ("项目执行单位", "项目承担单位", "用款单位", "项目实施单位"),
    "initial": ("年初预算资金总额", "年初预算", "年初预算数"),
    "adjusted": ("全年（调整）预算数", "预算安排数", "安排金额", "调整后预算数"),
    "executed": ("实际支出数", "支出金额", "实际投入资金额", "预算执行数"),
    "target": ("预期指标值", "年度目标值", "年初目标值"),
    "actual": ("实际完成指标值", "全年完成值", "实际完成值"),
    "row_points": ("指标权重（分）", "指标分值", "权重"),
    "row_score": ("自评分数", "自评得分", "指标得分"),
    "reason": ("未完成原因分析", "偏差原因及改进措施", "偏差原因分析及改进措施"),
}


@shape("F1/local-words", count=3)
def f1_local_words(deal: Deal) -> Drawing:
    """Every county names the fields in its own words, freely combined."""
    picked = {field: deal.rng.choice(words) for field, words in LOCAL.items() if deal.rng.random() < 0.7}
    return workbook(deal, words=replace(USUAL, **picked))


@shape("F1/unit-column")
def f1_unit_column(deal: Deal) -> Drawing:
    """Sign, value and unit of the target stand apart (指标性质 │ 指标值 │ 指标度量单位), as in Yunnan and Sichuan."""
    rows = cells_of(
        ("指标性质", lambda r: r.sign), ("指标值", lambda r: r.target if r.in_words else D(r.target)),
        ("指标度量单位", lambda r: r.unit), ("实际完成值", lambda r: r.actual if r.in_words else D(r.actual)),
        ("分值", lambda r: r.points), ("得分", lambda r: r.score), ("偏差原因分析及改进措施", lambda r: r.reason),
    )  # fmt: skip
    return workbook(deal, (head, funds, goals, rows, total_under(9, 10)))
