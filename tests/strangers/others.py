"""Other provinces' forms (F2, F3, F4, F5, F7, F16) and the transfer form F8, with the words of LAYOUTS.md."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from strangers.grid import Sheet, Span
from strangers.national import (
    USUAL,
    Words,
    cells_of,
    funds,
    goals,
    head,
    indicators,
    levels,
    note,
    percent,
    total,
    total_under,
    workbook,
)
from strangers.shapes import EVERYTHING, Deal, Drawing, shape
from strangers.truth import Project

D = Decimal
PLACES = ("label", "title", "cell", "pair", "header", "note", "sheet", "cost", "nothing")


@shape("F2/assistance", places=PLACES)
def f2(deal: Deal) -> Drawing:
    """The assistance form: no initial budget, points before the target."""

    def two_columns(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        money, top = deal.money, sheet.row
        fiscal, other = project.two_sources
        sheet.line(Span(None, 2), money.header("全年预算数(A)"), Span(money.header("全年执行数(B)"), 2), "分值",
                   "执行率(B/A)", "得分", column=2)  # fmt: skip
        whole = project.money
        sheet.line(Span("年度资金总额：", 2), money.of(whole.adjusted), Span(money.of(whole.executed), 2), D(10),
                   percent(project), project.execution_score, column=2)  # fmt: skip
        for word, fund in (("其中：本年财政拨款", fiscal), ("其他资金", other)):
            sheet.line(
                Span(word, 2), money.of(fund.adjusted), Span(money.of(fund.executed), 2), "—", None, "—", column=2
            )
        sheet.side(top, 1, money.label("资金情况"))

    rows = cells_of(
        ("分值", lambda r: r.points), ("年度指标值", lambda r: r.target_text), ("全年实际值", lambda r: r.actual_text),
        ("得分", lambda r: r.score), ("未完成原因及拟采取的改进措施", lambda r: r.reason),
    )  # fmt: skip
    words = replace(USUAL, title="项目支出绩效目标自评表", expected="年初设定目标", done="年度总体目标完成情况综述")
    return workbook(
        deal,
        (head, two_columns, goals, rows, total_under(5, 8)),
        words,
        carries=EVERYTHING - {"initial"},
        sources="two",
    )


def sichuan_funds(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
    """预算执行情况(10分) with 权重 and a reason column of its own."""
    money, top, whole = deal.money, sheet.row, project.money
    sheet.line(
        money.group("年度预算数"),
        money.header("年初预算"),
        money.header("调整后预算数"),
        money.header("预算执行数"),
        "预算执行率",
        "权重",
        "得分",
        Span("原因", 2),
        column=2,
    )
    sheet.line("总额", money.of(whole.initial), money.of(whole.adjusted), money.of(whole.executed), percent(project),
               D(10), project.execution_score, Span(None, 2), column=2)  # fmt: skip
    fiscal, other = project.two_sources
    for word, fund in (("其中：财政资金", fiscal), ("财政专户管理资金", None), ("单位资金", None), ("其他资金", other)):
        amounts = [money.of(x) for x in (fund.initial, fund.adjusted, fund.executed)] if fund else [D(0)] * 3
        sheet.line(word, *amounts, None, "/", "/", Span(None, 2), column=2)
    sheet.side(top, 1, money.label("预算执行情况(10分)"))


def sichuan_rows(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
    """绩效指标(90分)."""
    top = sheet.row
    sheet.line(
        "一级指标",
        "二级指标",
        "三级指标",
        "指标性质",
        "指标值",
        "度量单位",
        "完成值",
        "权重",
        "得分",
        "未完成原因分析",
        column=2,
    )
    first = sheet.row
    for r in project.indicators:
        target = r.target if r.in_words else D(r.target)
        actual = r.actual if r.in_words else D(r.actual)
        sheet.line(None, None, r.name, r.sign, target, r.unit, actual, r.points, r.score, r.reason, column=2)
    levels(sheet, project.indicators, first, 2)
    sheet.side(top, 1, "绩效指标(90分)")


@shape("F3/sichuan", places=PLACES)
def f3(deal: Deal) -> Drawing:
    """Sichuan 0013zp: code before the name, sign │ value │ unit, 合计 as total row, conclusions below."""

    def code_name(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line(
            "项目名称",
            Span(f"51000021R0000000{project.unit_code[:4]}{deal.projects.index(project)}-{project.name}", 10),
        )
        sheet.line("主管部门", Span(project.department, 5), "实施单位（盖章）", Span(project.unit, 4))

    def year_goal(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line("项目年度目标", Span(project.goal, 5), "年度目标完成情况", Span(project.goal_done, 4))

    def whole(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line(Span("合计", 8), D(100), project.total, None)
        sheet.line("评价结论", Span("项目总体完成较好，自评得分较高。", 10))
        sheet.line("存在问题", Span("无", 10))
        sheet.line("改进措施", Span("无", 10))
        sheet.line("项目负责人：李明", Span(None, 4), "财务负责人：王芳", Span(None, 5))
        note(sheet, deal)

    words = replace(USUAL, title="部门预算项目支出绩效自评表")
    return workbook(deal, (code_name, year_goal, sichuan_funds, sichuan_rows, whole), words, sources="two")


@shape("F4/yunnan", places=PLACES)
def f4(deal: Deal) -> Drawing:
    """Yunnan: 年度指标值 printed over sign, value and unit; grade word after the total."""

    def rows(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        top = sheet.row
        sheet.line(
            *(Span(w, 1, 2) for w in ("一级指标", "二级指标", "三级指标")),
            Span("年度指标值", 3),
            *(Span(w, 1, 2) for w in ("实际完成值", "分值", "得分", "偏差原因分析及改进措施")),
            column=2,
        )
        sheet.line("指标性质", "指标值", "度量单位", column=5)
        first = sheet.row
        for r in project.indicators:
            target = r.target if r.in_words else D(r.target)
            sheet.line(None, None, r.name, r.sign, target, r.unit, r.actual_text, r.points, r.score, r.reason, column=2)
        levels(sheet, project.indicators, first, 2)
        sheet.side(top, 1, "绩效指标")

    def whole(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line("其他需要说明事项", Span("无", 10))
        sheet.line(Span("总分", 8), D(100), project.total, project.grade)
        note(sheet, deal)

    return workbook(deal, (head, funds, goals, rows, whole), replace(USUAL, title="公开14表 项目支出绩效自评表"))


@shape("F7/beijing", places=PLACES)
def f7(deal: Deal) -> Drawing:
    """Beijing: (A)/(B) in the headers, 得分计算方法 beside the scores."""

    def rated(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        money, top, whole = deal.money, sheet.row, project.money
        sheet.line(
            Span(None, 2),
            money.header("年初预算数"),
            money.header("全年预算数（A）"),
            money.header("全年执行数（B）"),
            "分值（10分）",
            "执行率（B/A）",
            "得分",
            "得分计算方法",
            column=2,
        )
        for word, fund in (
            ("年度资金总额", whole),
            ("其中：本年财政拨款", project.two_sources[0]),
            ("其他资金", project.two_sources[1]),
        ):
            top_row = fund is whole
            amounts = [money.of(x) for x in (fund.initial, fund.adjusted, fund.executed)]
            sheet.line(
                Span(word, 2),
                *amounts,
                D(10) if top_row else "—",
                percent(project) if top_row else None,
                project.execution_score if top_row else "—",
                "执行率×分值" if top_row else None,
                column=2,
            )
        sheet.side(top, 1, money.label("项目资金"))

    rows = cells_of(
        ("分值", lambda r: r.points),
        ("年度指标值（A）", lambda r: r.target_text),
        ("全年实际值（B）", lambda r: r.actual_text),
        ("得分计算方法", lambda r: "完成率×该指标分值，最高不超过分值上限"),
        ("得分", lambda r: r.score),
        ("未完成原因分析", lambda r: r.reason),
    )

    def whole_row(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line(Span("总分", 4), D(100), Span(None, 3), project.total, None)
        note(sheet, deal)

    words = replace(USUAL, department="主管部门及代码")
    return workbook(deal, (head, rated, goals, rows, whole_row), words, sources="two")


MANAGEMENT = (
    "分配科学性",
    "下达及时性",
    "拨付合规性",
    "使用规范性",
    "执行准确性",
    "预算绩效管理情况",
    "支出责任履行情况",
)
TRANSFER = EVERYTHING - {"initial", "execution_score", "total", "points", "score"}


@shape("F8/transfer", places=PLACES)
def f8(deal: Deal) -> Drawing:
    """The central transfer form: no points, no scores, seven texts on fund management."""
    return _transfer(deal, managed=True)


@shape("F8/transfer-short", places=("label", "title", "cost"))
def f8_short(deal: Deal) -> Drawing:
    """The transfer form without the block on fund management, totals by 中央补助 and 地方资金."""
    return _transfer(deal, managed=False)


def _transfer(deal: Deal, managed: bool) -> Drawing:
    def names(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line("转移支付（项目）名称", Span(project.name, 8))
        sheet.line("中央主管部门", Span("农业农村部", 8))
        sheet.line("地方主管部门", Span(project.department, 3), "资金使用单位", Span(project.unit, 4))

    def block(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        money, top = deal.money, sheet.row
        fiscal, other = project.two_sources
        sheet.line(Span(None, 3), Span(money.header("全年预算数（A）"), 2), Span(money.header("全年执行数（B）"), 2),
                   "预算执行率（B/A×100%）", column=2)  # fmt: skip
        words_of = ("年度资金总额：", "其中：中央财政资金" if managed else "其中：中央补助", "其他资金")
        for word, fund in zip(words_of, (project.money, fiscal, other), strict=True):
            rate = percent(project) if fund.source == "合计" else None
            sheet.line(
                Span(word, 3), Span(money.of(fund.adjusted), 2), Span(money.of(fund.executed), 2), rate, column=2
            )
        sheet.side(top, 1, money.label("资金投入情况"))

    def management(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        top = sheet.row
        sheet.line(Span(None, 3), Span("情况说明", 3), Span("存在问题和改进措施", 2), column=2)
        for word in MANAGEMENT:
            sheet.line(Span(word, 3), Span("符合要求。", 3), Span("无", 2), column=2)
        sheet.side(top, 1, "资金管理情况")

    def grid(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        top = sheet.row
        sheet.line(
            "一级指标",
            "二级指标",
            "三级指标",
            "指标值",
            Span("全年实际完成值", 2),
            Span("未完成原因和改进措施", 2),
            column=2,
        )
        first = sheet.row
        for r in project.indicators:
            sheet.line(None, None, r.name, r.target_text, Span(r.actual_text, 2), Span(r.reason, 2), column=2)
        levels(sheet, project.indicators, first, 2)
        sheet.side(top, 1, "绩效指标")

    def remarks(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line("说明", Span("无", 8))
        sheet.line(
            Span(
                "注：1.资金使用单位按项目绩效目标填报，主管部门汇总时按区域绩效目标填报。2.全年执行数是指按照国库集中支付制度要求支付到商品和劳务供应者的资金。",
                9,
            )
        )
        note(sheet, deal)

    words = replace(USUAL, title="转移支付区域（项目）绩效自评表", goal="总体目标完成情况", expected="总体目标",
                    done="全年实际完成情况")  # fmt: skip
    blocks = (names, block, management, goals, grid, remarks) if managed else (names, block, goals, grid, remarks)
    return workbook(deal, blocks, words, "transfer", carries=TRANSFER, sources="central")


@shape("F16/bond", places=("title", "cell", "cost", "nothing"))
def f16(deal: Deal) -> Drawing:
    """The bond project form: fund management as an indicator of ten points, spent before allotted."""

    def names(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        sheet.line("项目名称", Span(project.name, 4), "投向领域", Span("农林水利", 3))
        sheet.line("项目主管部门", Span(project.department, 4), "项目单位", Span(project.unit, 3))
        sheet.line("项目实施内容", Span("按批复内容实施。", 8))

    def bond(sheet: Sheet, deal: Deal, project: Project, words: Words) -> None:
        money, top, whole = deal.money, sheet.row, project.money
        sheet.line("指标", money.header("实际支出金额"), money.header("下达额度"), "实际完成值", "分值", "得分",
                   Span("偏差原因分析及改进措施", 2), column=2)  # fmt: skip
        sheet.line(
            "总体支出进度（当年实际支出金额/项目当年下达额度）",
            money.of(whole.executed),
            money.of(whole.adjusted),
            percent(project),
            D(10),
            project.execution_score,
            Span(None, 2),
            column=2,
        )
        sheet.side(top, 1, "债券资金管理指标（10分）")

    words = replace(
        USUAL, title="专项债券项目资金绩效自评表", done="全年实际完成情况", goal="年度绩效目标", target="目标值"
    )
    return workbook(deal, (names, goals, bond, indicators, total), words, "bond",
                    carries=EVERYTHING - {"initial", "sources"})  # fmt: skip
