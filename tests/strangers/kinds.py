"""Sheets of the budget cycle that are no project's self-evaluation (FORMS.md): what each is, and that it adds nothing.

Each drawer gives the kind of every sheet in the words of DESIGN.md section 5. A title may be left out (`titled`): the
words that only this kind has must then do. Project sheets beside them are drawn by `national` and `lists`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from strangers import lists, national, others
from strangers.grid import Entry, Sheet, Span
from strangers.money import Money
from strangers.shapes import EVERYTHING, Deal, Drawing
from strangers.truth import Indicator, Project

D = Decimal
DrawOther = Callable[[Deal, bool], Sheet]


@dataclass(frozen=True)
class Other:
    """A sheet of another kind: what `run.json` must call it, its drawer, whether it is known without title."""

    name: str
    kind: str
    draw: DrawOther
    untitled: bool = True

    @property
    def says(self) -> str:
        """What it is."""
        return " ".join((self.draw.__doc__ or "").split())


OTHERS: dict[str, Other] = {}


def other(name: str, kind: str, *, untitled: bool = True) -> Callable[[DrawOther], DrawOther]:
    """Registers a drawer."""

    def registered(draw: DrawOther) -> DrawOther:
        OTHERS[name] = Other(name, kind, draw, untitled)
        return draw

    return registered


def begin(name: str, title: str, deal: Deal, titled: bool, width: int, year: bool = True) -> Sheet:
    """A sheet with its title and year, or without both."""
    sheet = Sheet(name)
    if titled:
        sheet.line(Span(title, width))
        if year:
            sheet.line(Span(f"（{deal.year}年度）", width))
    return sheet


OVERALL = (
    ("投入", "预算配置", "在职人员控制率", "≤100%", "96%", 5, 5, ""),
    ("投入", "预算配置", "“三公经费”变动率", "≤0%", "-3.2%", 5, 5, ""),
    ("过程", "预算执行", "预算完成率", "=100%", "91.4%", 10, D("9.14"), "两个项目未付尾款，次年支付。"),
    ("过程", "预算执行", "预算调整率", "=0%", "20%", 5, 3, "年中压减道路项目。"),
    ("过程", "预算管理", "公用经费控制率", "≤100%", "98%", 5, 5, ""),
    ("过程", "预算管理", "政府采购执行率", "=100%", "100%", 10, 10, ""),
    ("产出", "职责履行", "重点工作实际完成率", "=100%", "100%", 30, 30, ""),
    ("效果", "履职效益", "社会效益", "群众办事更方便", "新增代办点4个", 10, 9, ""),
    ("效果", "满意度", "社会公众满意度", "≥90%", "92%", 10, 10, ""),
)


def overall_rows(sheet: Sheet) -> None:
    """F1 columns with the words of departments."""
    top = sheet.row
    sheet.line(
        "一级指标",
        "二级指标",
        "三级指标",
        "年度指标值",
        "实际完成值",
        "分值",
        "得分",
        "偏差原因分析及改进措施",
        column=2,
    )
    for row in OVERALL:
        sheet.line(*row, column=2)
    sheet.side(top, 1, "绩效指标")
    sheet.line(Span("总分", 6), D(100), D("95.28"))


@other("a-i", "overall")
def overall_by_nature(deal: Deal, titled: bool) -> Sheet:
    """部门整体, funds by nature of revenue and of expenditure (Hunan)."""
    sheet = begin("部门整体", "部门整体支出绩效自评表", deal, titled, 9)
    sheet.line(Span("预算部门名称", 2), Span(deal.unit, 7))
    top = sheet.row
    sheet.line(Span(None, 2), "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分", column=2)
    sheet.line(Span("年度资金总额", 2), D(2260), D(2110), D("1928.5"), D(10), "91.40%", D("9.14"), column=2)
    sheet.line(Span("按收入性质分：", 4), Span("按支出性质分：", 4), column=2)
    sheet.line(
        Span("其中：一般公共预算", 2), Span(D("2080.5"), 2), Span("其中：基本支出", 2), Span(D("986.4"), 2), column=2
    )
    sheet.line(Span("政府性基金拨款", 2), Span(D("29.5"), 2), Span("项目支出", 2), Span(D("942.1"), 2), column=2)
    sheet.side(top, 1, "年度预算申请（万元）")
    top = sheet.row
    sheet.line(Span("预期目标", 4), Span("实际完成情况", 4), column=2)
    sheet.line(Span("做好民生、道路和文化工作。", 4), Span("重点工作全部完成。", 4), column=2)
    sheet.side(top, 1, "年度总体目标")
    overall_rows(sheet)
    return sheet


@other("a-ii", "overall|evaluation")
def overall_score_table(deal: Deal, titled: bool) -> Sheet:
    """部门整体计分表: three points columns, neither target nor actual."""
    sheet = begin("计分表", "部门整体支出绩效评价指标计分表", deal, titled, 9)
    sheet.line("一级指标", "分值", "二级指标", "分值", "三级指标", "分值", "指标解释", "评价标准", "得分")
    for first, second, third, _, _, points, score, _ in OVERALL:
        sheet.line(
            first,
            D(20),
            second,
            D(10),
            third,
            points,
            f"{third}的计算口径",
            "达到目标得满分，每差一个百分点扣0.5分",
            score,
        )
    sheet.line(Span("合计", 5), D(90), None, None, D("86.14"))
    return sheet


@other("a-iii", "overall")
def overall_chongqing(deal: Deal, titled: bool) -> Sheet:
    """部门整体, Chongqing: no levels, 指标性质 and weights, 全年(调整)预算数."""
    sheet = begin("整体自评", "部门（单位）整体支出绩效目标自评表", deal, titled, 10)
    sheet.line(
        "主管部门",
        Span(deal.unit, 2),
        "财政处室",
        Span("乡财科", 2),
        "自评总分（分）",
        D("99.14"),
        "部门联系人",
        "李明",
    )
    sheet.line(
        Span("部门预算执行情况（万元）", 1, 2),
        Span("年初预算数", 2),
        Span("全年（调整）预算数", 2),
        Span("全年执行数", 2),
        "执行率（%）",
        "执行率权重",
        "执行率得分",
    )
    sheet.line(None, Span(D(2260), 2), Span(D(2110), 2), Span(D("1928.5"), 2), D("91.4"), D(10), D("9.14"))
    sheet.line(
        "当年绩效目标", Span("年初绩效目标", 3), Span("全年（调整）绩效目标", 3), Span("全年目标实际完成情况", 3)
    )
    sheet.line(None, Span("做好民生工作。", 3), Span("做好民生工作。", 3), Span("全部完成。", 3))
    sheet.line(
        "指标名称",
        "计量单位",
        "指标性质",
        "年初指标值",
        "调整指标值",
        "全年完成值",
        "得分系数（%）",
        "指标权重（分）",
        "指标得分（分）",
        "是否核心指标",
    )
    for name, unit, sign, value, done, weight in (
        ("民生项目完成率", "%", "≥", 95, 97, 40),
        ("化解矛盾数", "件", "≥", 120, 126, 30),
        ("群众满意度", "%", "≥", 90, 92, 20),
    ):
        sheet.line(name, unit, sign, value, None, done, D(100), D(weight), D(weight), "是")
    return sheet


@other("a-iv", "overall", untitled=False)
def overall_grid(deal: Deal, titled: bool) -> Sheet:
    """部门整体指标 of the platform: 指标度量单位, 备注 as reason."""
    sheet = begin("部门整体指标", "部门整体绩效自评指标", deal, titled, 8)
    sheet.line("指标名称", "计算符号", "指标值", "实际完成值", "指标度量单位", "权重", "实际得分", "备注")
    for _, _, name, target, actual, points, score, reason in OVERALL:
        figure = target[0] in "≥≤="
        signed = (target[0], target[1:-1], actual, "%") if figure else ("定性", target, actual, None)
        sheet.line(name, *signed, points, score, reason)
    return sheet


@other("a-v", "overall")
def overall_list(deal: Deal, titled: bool) -> Sheet:
    """部门整体列表 of the platform: 部门编码, 部门名称."""
    sheet = begin("部门整体列表", "部门整体绩效自评列表", deal, titled, 9, year=False)
    sheet.line("状态", "部门编码", "部门名称", "业务处室", "预算执行率%", "得分", "自评结论", "自评预警", "截止天数")
    sheet.line("已送审", "316", deal.unit, "乡镇股", D("91.4"), D("96.14"), "优", None, 0)
    sheet.line("已送审", "317", "河口镇人民政府", "乡镇股", D("98.2"), D("97.5"), "优", None, 0)
    return sheet


@other("a-vi", "overall")
def overall_project_words(deal: Deal, titled: bool) -> Sheet:
    """部门整体 in the words of the project form: 部门（单位）名称, 其中：基本支出."""
    sheet = begin("整体", "部门整体支出绩效自评表", deal, titled, 9)
    sheet.line("部门（单位）名称", Span(deal.unit, 8))
    top = sheet.row
    sheet.line(Span(None, 2), "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分", column=2)
    sheet.line(Span("年度资金总额", 2), D(2260), D(2110), D("1928.5"), D(10), "91.40%", D("9.14"), column=2)
    sheet.line(Span("其中：基本支出", 2), D(1000), D(990), D("986.4"), "—", None, "—", column=2)
    sheet.line(Span("项目支出", 2), D(1260), D(1120), D("942.1"), "—", None, "—", column=2)
    sheet.side(top, 1, "部门资金（万元）")
    overall_rows(sheet)
    return sheet


@other("a-vii", "overall", untitled=False)
def overall_hebei(deal: Deal, titled: bool) -> Sheet:
    """部门职责—工作活动 tree with 优 / 良 / 中 / 差."""
    sheet = begin("部门职责", "部门整体绩效自评表（河北）", deal, titled, 8)
    sheet.line("部门名称", Span(deal.unit, 7))
    sheet.line("职责活动", "年度预算（万元）", "绩效目标", "绩效指标", "优", "良", "中", "差")
    sheet.line("综合管理", D(120), "保障机关运转", "工作完成率", "100%", "90%", "80%", "80%以下")
    sheet.line("民生服务", D(360), "做好民生服务", "服务覆盖率", "100%", "90%", "85%", "85%以下")
    return sheet


def rows_of(sheet: Sheet, project: Project, *values: Callable[[Indicator], Entry], column: int = 2) -> None:
    """The indicators with levels and these values."""
    for row in project.indicators:
        sheet.line(row.level1, row.level2, row.name, *(value(row) for value in values), column=column)


@other("c-i", "target")
def target_two_halves(deal: Deal, titled: bool) -> Sheet:
    """绩效目标申报表: mid-term half left, annual half right."""
    project, sheet = deal.projects[0], begin("目标申报", "项目支出绩效目标申报表", deal, titled, 9)
    sheet.line(Span("项目名称", 2), Span(project.name, 7))
    sheet.line(
        Span("主管部门及代码", 2), Span(f"316{project.department}", 2), Span("实施单位", 2), Span(project.unit, 3)
    )
    sheet.line(Span("项目属性", 2), Span("延续项目", 2), Span("项目期", 2), Span("2022—2024年", 3))
    top = sheet.row
    for word in ("资金总额：", "财政拨款", "其他资金"):
        left, right = (f"中期{word}", f"年度{word}") if word == "资金总额：" else (f"其中：{word}",) * 2
        amount = project.money.adjusted if "其他" not in word else D(0)
        sheet.line(Span(left, 2), Span(amount * 3, 2), Span(right, 2), Span(amount, 2), column=2)
    sheet.side(top, 1, "项目资金（万元）")
    top = sheet.row
    sheet.line(Span("中期目标（2022年—2024年）", 4), Span("年度目标", 4), column=2)
    sheet.line(Span(f"三年内{project.goal}", 4), Span(project.goal, 4), column=2)
    sheet.side(top, 1, "总体目标")
    top = sheet.row
    sheet.line("一级指标", "二级指标", "三级指标", "指标值", "二级指标", "三级指标", "指标值", column=2)
    for r in project.indicators:
        sheet.line(r.level1, r.level2, r.name, r.target_text, r.level2, r.name, r.target_text, column=2)
    sheet.side(top, 1, "绩效指标")
    return sheet


@other("c-ii", "target")
def target_two_tables(deal: Deal, titled: bool) -> Sheet:
    """Older county form: 长期绩效指标 and 年度绩效指标 one below the other, 指标内容."""
    project, sheet = deal.projects[0], begin("目标表", "项目绩效目标申报表", deal, titled, 6)
    sheet.line("项目名称", Span(project.name, 2), "项目属性", Span("新增□ 延续√", 2))
    sheet.line("项目起止时间", Span("2022年1月—2024年12月", 2), "资金总额（万元）", Span(project.money.adjusted, 2))
    for label, text in (
        ("立项依据", "县政府会议纪要"),
        ("项目实施进度计划", "6月底前完成50%，12月底前全部完成"),
        ("项目长期目标", project.goal),
        ("项目年度目标", project.goal),
    ):
        sheet.line(label, Span(text, 5))
    for word in ("长期绩效指标", "年度绩效指标"):
        top = sheet.row
        sheet.line("一级指标", "二级指标", "指标内容", "指标值", "备注", column=2)
        for r in project.indicators:
            sheet.line(r.level1, r.level2, r.name, r.target_text, None, column=2)
        sheet.side(top, 1, word)
    return sheet


@other("c-iii", "target")
def target_with_points(deal: Deal, titled: bool) -> Sheet:
    """Annual targets with points, without actuals."""
    project, sheet = deal.projects[0], begin("目标", "项目支出绩效目标表", deal, titled, 7)
    sheet.line("项目名称", Span(project.name, 6))
    sheet.line("主管部门", Span(project.department, 2), "实施单位", Span(project.unit, 3))
    sheet.line(
        "年度资金总额（万元）", Span(project.money.adjusted, 2), "其中：财政拨款", Span(project.funds[0].adjusted, 3)
    )
    sheet.line("年度绩效目标", Span(project.goal, 6))
    sheet.line("一级指标", "二级指标", "三级指标", "年度指标值", "分值（权重）", "备注", column=2)
    rows_of(sheet, project, lambda r: r.target_text, lambda r: r.points)
    return sheet


@other("c-iv", "target")
def target_hebei(deal: Deal, titled: bool) -> Sheet:
    """Hebei publication: several tables on one sheet, 绩效指标描述, 指标值确定依据, 资金支出计划."""
    sheet = Sheet("项目绩效目标")
    for project in deal.projects:
        if titled:
            sheet.line(Span(f"{project.name}绩效目标表", 7))
        sheet.line(Span(f"{project.unit_code}{project.unit}", 5), Span("单位：万元", 2))
        sheet.line("项目编码", Span(project.code, 2), "项目名称", Span(project.name, 3))
        sheet.line(
            "预算规模及资金用途",
            "预算数",
            project.money.adjusted,
            "其中：财政资金",
            project.funds[0].adjusted,
            "其他资金",
            D(0),
        )
        sheet.line(Span("资金支出计划（%）", 1, 2), "3月底", "6月底", "10月底", "12月底")
        sheet.line(None, "20.00", "50.00", "80.00", "100.00")
        sheet.line("绩效目标", Span(f"1.{project.goal}", 6))
        sheet.line("一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", Span("指标值确定依据", 2))
        for r in project.indicators:
            sheet.line(r.level1, r.level2, r.name, f"反映{r.name}", r.target_text, Span("工作计划", 2))
        sheet.row += 1
    return sheet


@other("c-v", "target", untitled=False)
def target_hubei(deal: Deal, titled: bool) -> Sheet:
    """Hubei: 绩效标准 and 当年预期实现值 beside two past years."""
    project, sheet = deal.projects[0], begin("目标表", "项目支出绩效目标表", deal, titled, 8)
    sheet.line("项目名称", Span(project.name, 7))
    sheet.line("项目预算（万元）", Span(project.money.adjusted, 7))
    sheet.line("一级指标", "二级指标", "指标名称", "绩效标准", "前年", "上年", "当年预期实现值", column=2)
    rows_of(sheet, project, lambda r: "计划标准", lambda r: None, lambda r: None, lambda r: r.target_text)
    return sheet


@other("c-vi", "target", untitled=False)
def target_daqing(deal: Deal, titled: bool) -> Sheet:
    """Daqing: 上年度实际水平 beside 本年度计划水平."""
    project, sheet = deal.projects[0], begin("目标表", "项目绩效目标申报表", deal, titled, 6)
    sheet.line("项目名称", Span(project.name, 5))
    sheet.line("一级指标", "二级指标", "指标名称", "上年度实际水平", "本年度计划水平", "指标内容/计算公式")
    rows_of(sheet, project, lambda r: None, lambda r: r.target_text, lambda r: f"反映{r.name}", column=1)
    return sheet


@other("c-vii", "target")
def target_platform(deal: Deal, titled: bool) -> Sheet:
    """Annual indicators of the platform: 计算符号, 指标值, 目标值说明, no actual."""
    sheet = begin("年度绩效指标", "年度绩效指标", deal, titled, 8)
    columns = [lists.Column("指标名称", lambda r: r.name), lists.Column("计算符号", lambda r: r.sign),
               lists.Column("指标值", lambda r: r.target), lists.Column("计量单位", lambda r: r.unit),
               lists.Column("目标值说明", lambda r: "按工作计划")]  # fmt: skip
    lists.put_list(sheet, deal, lists.of_pair(lists.NAMED, columns), lists.paired(deal))
    return sheet


@other("c-viii", "target_adjustment")
def target_adjusted(deal: Deal, titled: bool) -> Sheet:
    """绩效目标调整表: 调整后指标值, 数据状态, 调整说明."""
    sheet = begin("目标调整", "项目绩效目标调整表", deal, titled, 11, year=False)
    columns = [
        *lists.LEVELS,
        lists.Column("三级指标", lambda r: r.name),
        lists.Column("计算符号", lambda r: r.sign),
        lists.Column("指标值", lambda r: r.target),
        lists.Column("计量单位", lambda r: r.unit),
        lists.Column("调整后指标值", lambda r: None if r.in_words else r.target),
        lists.Column("数据状态", lambda r: "修改"),
        lists.Column("调整说明", lambda r: "年中预算调减"),
    ]
    lists.put_list(sheet, deal, lists.of_pair([*lists.NAMED, lists.UNIT], columns), lists.paired(deal))
    return sheet


@other("d-i", "monitoring")
def monitoring_national(deal: Deal, titled: bool) -> Sheet:
    """绩效目标执行监控表 for January to July, causes and likelihood."""
    project, sheet = deal.projects[0], begin("监控", "项目支出绩效目标执行监控表", deal, titled, 15)
    sheet.line(Span("项目名称", 2), Span(project.name, 13))
    sheet.line(Span("主管部门及代码", 2), Span(project.department, 5), Span("实施单位", 2), Span(project.unit, 6))
    top, whole = sheet.row, project.money
    sheet.line(
        Span(None, 2),
        Span("年初预算数", 2),
        Span("1—7月执行数", 3),
        Span("1—7月执行率", 3),
        Span("全年预计执行数", 4),
        column=2,
    )
    for word, amount in (
        ("年度资金总额：", whole.adjusted),
        ("其中：本年财政拨款", project.funds[0].adjusted),
        ("其他资金", D(0)),
    ):
        sheet.line(
            Span(word, 2),
            Span(amount, 2),
            Span(amount * D("0.4"), 3),
            Span("40%" if amount else None, 3),
            Span(amount, 4),
            column=2,
        )
    sheet.side(top, 1, "项目资金（万元）")
    sheet.line("年度总体目标", Span(project.goal, 14))
    top = sheet.row
    sheet.line(
        *(
            Span(w, 1, 2)
            for w in ("一级指标", "二级指标", "三级指标", "年度指标值", "1—7月执行情况", "全年预计完成情况")
        ),
        Span("偏差原因分析", 5),
        Span("完成目标可能性", 3),
        column=2,
    )
    sheet.line("经费保障", "制度保障", "人员保障", "硬件条件保障", "其他", "确定能", "有可能", "完全不可能", column=8)
    rows_of(sheet, project, lambda r: r.target_text, lambda r: r.actual_text, lambda r: r.target_text,
            *[lambda r: None] * 5, lambda r: "√")  # fmt: skip
    sheet.side(top, 1, "绩效指标")
    return sheet


@other("d-ii", "monitoring")
def monitoring_hubei(deal: Deal, titled: bool) -> Sheet:
    """Half-year monitoring: 1-6月执行数, 半年度指标执行情况."""
    project, sheet = deal.projects[0], begin("半年监控", "项目绩效运行监控表", deal, titled, 7)
    sheet.line("项目名称", Span(project.name, 6))
    sheet.line(
        "项目资金（万元）",
        "年初预算数",
        project.money.initial,
        "1-6月执行数",
        project.money.executed * D("0.5"),
        "全年预计执行数",
        project.money.executed,
    )
    sheet.line("一级指标", "指标名称", "指标值", "半年度指标执行情况", "完成目标可能性", Span("备注", 2))
    for r in project.indicators:
        sheet.line(r.level1, r.name, r.target_text, r.actual_text, "确定能", Span(None, 2))
    sheet.line("偏差或不能完成目标原因分析", Span("无", 6))
    sheet.line("相关建议或举措", Span("无", 6))
    return sheet


@other("d-iii", "monitoring")
def monitoring_grid(deal: Deal, titled: bool) -> Sheet:
    """Monitoring grid of the platform: 当前完成值, 完成可能性分析, 序时进度预警."""
    sheet = begin("运行监控", "绩效运行监控指标", deal, titled, 12)
    columns = [lists.Column("指标名称", lambda r: r.name), lists.Column("年度指标值", lambda r: r.target),
               lists.Column("当前完成值", lambda r: r.actual), lists.Column("计算符号", lambda r: r.sign),
               lists.Column("计量单位", lambda r: r.unit), lists.Column("完成可能性分析", lambda r: "确定能"),
               lists.Column("序时进度预警", lambda r: "正常"), lists.Column("偏差原因分析", lambda r: None),
               lists.Column("备注", lambda r: None)]  # fmt: skip
    lists.put_list(sheet, deal, lists.of_pair(lists.NAMED, columns), lists.paired(deal))
    return sheet


@other("d-iv", "monitoring", untitled=False)
def monitoring_funds(deal: Deal, titled: bool) -> Sheet:
    """Stage form of the platform: 累计支出, 项目指标结余."""
    sheet = begin("监控资金", "项目支出绩效监控资金情况", deal, titled, 9)
    amount = lambda field: lambda p: getattr(p.money, field)  # noqa: E731
    columns = [
        *lists.NAMED,
        lists.Column("年初预算(万元)", amount("initial")),
        lists.Column("年度预算调整(万元)", lambda p: D(0)),
        lists.Column("调整后的预算(万元)", amount("adjusted")),
        lists.Column("累计支出(万元)", amount("executed")),
        lists.Column("预算执行率%", lists.rate("")),
        lists.Column("项目指标结余", lambda p: p.money.adjusted - p.money.executed),
    ]
    lists.put_list(sheet, deal, columns, deal.projects)
    return sheet


@other("d-v", "monitoring")
def monitoring_exchange(deal: Deal, titled: bool) -> Sheet:
    """Exchange record: 项目预算全年预计执行情况, 是否需要整改, 整改结果和结论."""
    sheet = begin("监控沟通", "绩效监控沟通记录", deal, titled, 12)
    words = (
        "项目名称",
        "绩效目标",
        "项目预算执行情况",
        "项目预算全年预计执行情况",
        "三级指标",
        "指标值",
        "完成情况",
        "全年预计完成情况",
        "偏差原因分析",
        "完成目标可能性",
        "是否需要整改",
        "整改要求和建议",
        "整改结果和结论",
    )
    sheet.line(*words)
    for p, r in lists.paired(deal):
        sheet.line(
            p.name,
            p.goal,
            "40%",
            "100%",
            r.name,
            r.target_text,
            r.actual_text,
            r.target_text,
            None,
            "确定能",
            "否",
            None,
            None,
        )
    return sheet


@other("d-self-words", "monitoring", untitled=False)
def monitoring_self_words(deal: Deal, titled: bool) -> Sheet:
    """Monitoring in the words of the self-evaluation, told by title and 完成目标可能性."""
    project, sheet = deal.projects[0], begin("监控", "项目支出绩效运行监控表", deal, titled, 9)
    sheet.line("项目名称", Span(project.name, 8))
    sheet.line("主管部门", Span(project.department, 3), "实施单位", Span(project.unit, 4))
    top = sheet.row
    sheet.line(Span(None, 2), "全年预算数", Span("执行数", 2), "执行率", Span("备注", 2), column=2)
    sheet.line(
        Span("年度资金总额", 2),
        project.money.adjusted,
        Span(project.money.executed * D("0.4"), 2),
        "40%",
        Span(None, 2),
        column=2,
    )
    sheet.side(top, 1, "项目资金（万元）")
    sheet.line(
        "一级指标",
        "二级指标",
        "三级指标",
        "年度指标值",
        "完成情况",
        "全年预计完成情况",
        "完成目标可能性",
        "偏差原因分析及改进措施",
        column=2,
    )
    rows_of(
        sheet, project, lambda r: r.target_text, lambda r: r.actual_text, lambda r: r.target_text, lambda r: "确定能"
    )
    return sheet


@other("b-iv", "target", untitled=False)
def transfer_target(deal: Deal, titled: bool) -> Sheet:
    """区域绩效目标表, given with transfer money."""
    project, sheet = deal.projects[0], begin("区域目标", "转移支付区域绩效目标表", deal, titled, 5)
    sheet.line("专项名称", Span(project.name, 4))
    sheet.line("省级财政部门", Span("省财政厅", 1), "省级主管部门", Span("省民政厅", 2))
    sheet.line(Span("资金情况（万元）", 1, 3), "年度金额：", Span(project.money.adjusted, 3))
    sheet.line(None, "其中：中央补助", Span(project.funds[0].adjusted, 3))
    sheet.line(None, "地方资金", Span(D(0), 3))
    sheet.line("年度目标", Span(project.goal, 4))
    sheet.line("一级指标", "二级指标", "三级指标", Span("指标值", 2))
    for r in project.indicators:
        sheet.line(r.level1, r.level2, r.name, Span(r.target_text, 2))
    return sheet


@other("e-social", "social_fund")
def social_fund(deal: Deal, titled: bool) -> Sheet:
    """社会保险基金: 基金名称, 经办机构, revenue and expenditure; no project."""
    sheet = begin("基金自评", "社会保险基金预算绩效自评表", deal, titled, 6)
    sheet.line("基金名称", Span("城乡居民基本养老保险基金", 2), "经办机构", Span("县社会保险中心", 2))
    sheet.line(Span("基金预算执行（万元）", 1, 3), "项目", "预算数", "执行数", "执行率", "得分")
    sheet.line(None, "基金收入", D(8600), D(8523), "99.10%", D(10))
    sheet.line(None, "基金支出", D(7900), D(7812), "98.89%", D(10))
    sheet.line("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "得分")
    sheet.line("产出指标", "数量指标", "参保人数", "≥52000人", "52310人", D(20))
    sheet.line("满意度指标", "服务对象满意度指标", "参保人满意度", "≥90%", "93%", D(10))
    return sheet


@other("f", "evaluation")
def evaluation(deal: Deal, titled: bool) -> Sheet:
    """财政评价 score sheet: 决策, 过程, 产出, 效益; 指标解释, 评价标准, 扣分原因."""
    sheet = begin("评分表", f"{deal.projects[0].name}项目支出绩效评价指标体系评分表", deal, titled, 10, year=False)
    sheet.line("一级指标", "分值", "二级指标", "分值", "三级指标", "分值", "指标解释", "评价标准", "得分", "扣分原因")
    for first, second, third, points, score in (
        ("决策", "项目立项", "立项依据充分性", 10, 10), ("决策", "绩效目标", "绩效目标合理性", 10, 8),
        ("过程", "资金管理", "资金到位率", 10, 10), ("过程", "组织实施", "管理制度健全性", 10, 9),
        ("产出", "产出数量", "实际完成率", 30, 28), ("效益", "项目效益", "社会效益", 30, 27),
    ):  # fmt: skip
        sheet.line(first, D(20), second, D(10), third, points, f"考核{third}", "符合得满分，否则酌情扣分", score, None)
    sheet.line(Span("合计", 5), D(100), None, None, D(92))
    return sheet


@other("g-ii", "unit_list")
def by_unit(deal: Deal, titled: bool) -> Sheet:
    """汇总表 by unit: 项目个数, 自评个数, 平均分, numbers by score."""
    sheet = begin("按单位汇总", "项目支出绩效自评情况汇总表", deal, titled, 12)
    if titled:
        sheet.line(Span("金额单位：万元", 12))
    sheet.line(
        "序号",
        "单位名称",
        "项目个数",
        "自评个数",
        "预算数",
        "执行数",
        "执行率",
        "平均分",
        "90分以上",
        "80-90分",
        "60-80分",
        "60分以下",
    )
    sheet.line(1, deal.unit, 83, 83, D("4872.33"), D("4660.46"), "95.65%", D("98.2"), 81, 1, 1, 0)
    sheet.line(2, "河口镇人民政府", 61, 60, D(2210), D("2100.5"), "95.05%", D("97.1"), 58, 1, 1, 0)
    sheet.line("合计", None, 144, 143, D("7082.33"), D("6760.96"), "95.46%", None, 139, 2, 2, 0)
    return sheet


@other("h-platform", "rectification")
def ledger_platform(deal: Deal, titled: bool) -> Sheet:
    """整改 list of the platform: 整改标题, 整改类型, 是否完成整改."""
    sheet = begin("整改", "绩效整改列表", deal, titled, 10, year=False)
    sheet.line(
        "整改标题",
        "任务名称",
        "任务阶段",
        "整改类型",
        "发现问题",
        "整改措施",
        "是否发起整改",
        "是否完成整改",
        "预算调整建议",
        "业务处室预算调整意见",
    )
    for project in deal.projects:
        sheet.line(
            f"{project.name}整改",
            f"{deal.year}年自评",
            "自评",
            "自评整改",
            "资料归档不及时",
            "限期归档",
            "是",
            "否",
            None,
            None,
        )
    return sheet


@other("h-local", "rectification")
def ledger_local(deal: Deal, titled: bool) -> Sheet:
    """整改台账: 存在问题, 整改措施, 责任人, 整改时限, 进展."""
    sheet = begin("整改台账", "绩效自评问题整改台账", deal, titled, 7)
    sheet.line("序号", "项目名称", "存在问题", "整改措施", "责任人", "整改时限", "进展")
    for k, project in enumerate(deal.projects, 1):
        sheet.line(k, project.name, "资料归档不及时", "限期归档", "李明", f"{deal.year + 1}年6月底前", "整改中")
    return sheet


@other("blank-template", "other", untitled=False)
def blank(deal: Deal, titled: bool) -> Sheet:
    """The blank national form: placeholders 指标1：, ……, nothing filled in."""
    sheet = Sheet("空白表")
    sheet.line(Span("项目支出绩效自评表", 9))
    sheet.line(Span("（　　　　年度）", 9))
    sheet.line("项目名称", Span(None, 8))
    sheet.line("主管部门", Span(None, 3), "实施单位", Span(None, 4))
    top = sheet.row
    sheet.line(Span(None, 2), "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分", column=2)
    for word in ("年度资金总额", "其中：当年财政拨款", "上年结转资金", "其他资金"):
        sheet.line(Span(word, 2), None, None, None, D(10) if word == "年度资金总额" else "—", column=2)
    sheet.side(top, 1, "项目资金（万元）")
    sheet.line("年度总体目标", Span("预期目标", 4), Span("实际完成情况", 4))
    sheet.line(None, Span(None, 4), Span(None, 4))
    sheet.line(
        "绩效指标",
        "一级指标",
        "二级指标",
        "三级指标",
        "年度指标值",
        "实际完成值",
        "分值",
        "得分",
        "偏差原因分析及改进措施",
    )
    for level1, level2 in (
        ("产出指标", "数量指标"),
        ("产出指标", "质量指标"),
        ("效益指标", "社会效益指标"),
        ("满意度指标", "服务对象满意度指标"),
    ):
        for word in ("指标1：", "指标2：", "……"):
            sheet.line(level1, level2, word, column=2)
    sheet.line(Span("总分", 6), D(100), None)
    return sheet


@other("example", "other", untitled=False)
def example(deal: Deal, titled: bool) -> Sheet:
    """填写示例: a filled form with invented content, named and titled as an example."""
    sample = national.form(Deal(deal.projects, Money("万元", "label"), deal.rng), deal.projects[-1], name="填写示例")
    return sample.worded(
        lambda v: (
            "项目支出绩效自评表（填写示例）"
            if v == "项目支出绩效自评表"
            else "××项目（示例）"
            if v == deal.projects[-1].name
            else "××镇人民政府"
            if v == deal.unit
            else v
        )
    )


@other("cover", "other", untitled=False)
def cover(deal: Deal, titled: bool) -> Sheet:
    """A cover with unit, year, date."""
    sheet = Sheet("封面")
    sheet.row = 6
    sheet.line(Span(f"{deal.year}年度项目支出绩效自评材料", 8), column=2, down=4)
    sheet.line(Span(f"填报单位（盖章）：{deal.unit}", 8), column=2, down=2)
    sheet.line(Span(f"填报日期：{deal.year + 1}年3月18日", 8), column=2)
    return sheet


@other("instructions", "other", untitled=False)
def instructions(deal: Deal, titled: bool) -> Sheet:
    """填报说明: prose that names all the fields."""
    sheet = Sheet("填报说明")
    sheet.line(Span("填报说明", 6))
    for text in (
        "1.项目名称：按预算批复的项目名称填写，不得简写。",
        "2.年初预算数、全年预算数、全年执行数：单位为万元，保留两位小数；执行率=全年执行数÷全年预算数。",
        "3.年度指标值按年初批复的绩效目标填写，实际完成值填写截至12月31日的完成情况。",
        "4.得分：定量指标达到指标值的记满分；未达到的按完成率计分。三级指标分值合计为90分，预算执行率10分。",
        "5.偏差原因分析及改进措施：未完成或超过指标值30%的应逐项说明。",
    ):
        sheet.line(Span(text, 6))
    return sheet


def alone(name: str, deal: Deal, titled: bool = True) -> Drawing:
    """A workbook that holds only this kind: no project."""
    sheet = OTHERS[name].draw(deal, titled)
    return Drawing([sheet], (), frozenset(), {sheet.name: OTHERS[name].kind})


def beside_forms(name: str, deal: Deal, first: bool) -> Drawing:
    """Self-evaluation forms of the same projects, this sheet in front of or behind them."""
    drawing = national.f1(deal)
    sheet = OTHERS[name].draw(deal, True)
    drawing.book = [sheet, *drawing.book] if first else [*drawing.book, sheet]
    drawing.kinds[sheet.name] = OTHERS[name].kind
    return drawing


def below_transfer(name: str, deal: Deal) -> Drawing:
    """Behind transfer forms, which have no total row to end them."""
    drawing = others.f8(deal)
    sheet = OTHERS[name].draw(deal, True)
    drawing.book = [*drawing.book, sheet]
    drawing.kinds[sheet.name] = OTHERS[name].kind
    return drawing


def beside_list(name: str, deal: Deal) -> Drawing:
    """A project list in the same workbook."""
    drawing = lists.platform_list(deal)
    sheet = OTHERS[name].draw(deal, True)
    drawing.book = [*drawing.book, sheet]
    drawing.kinds[sheet.name] = OTHERS[name].kind
    return drawing


def last_year(deal: Deal, before: Deal) -> Drawing:
    """Last year's forms lie in the same workbook: they are another year's and add nothing to this year's sums."""
    this, past = national.f1(deal), national.f1(before)
    for sheet in past.book:
        sheet.name = f"上年{sheet.name}"
    return Drawing([*this.book, *past.book], (*deal.projects, *before.projects), EVERYTHING,
                   {sheet.name: "self" for sheet in (*this.book, *past.book)}, counted=len(deal.projects))  # fmt: skip
