"""The department's overall form (部门整体支出绩效自评表): a kind of its own, never a project, never averaged with them.

Its points and scores are added up, its money held against its parts and against the unit's projects, and the rates
that its own fund block determines are worked out. Negative rates of change are normal here.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from perfbatch import notation
from perfbatch.checks.form import apart, less, more
from perfbatch.cycle import sheets
from perfbatch.cycle.compare import ERROR, INFO, WARNING, Change, on_sheet
from perfbatch.cycle.sheets import Project, Row, Sheet
from perfbatch.decimals import percent, plain, total
from perfbatch.identity.names import name_key
from perfbatch.identity.units import Aliases, resolve
from perfbatch.messages import shipped
from perfbatch.notation import fold, is_nil

OVERALL = "overall"
POINTS, SUM, PARTS, RATE, SCORES, FORMULA, PROJECTS = "OV01", "OV02", "OV03", "OV04", "OV05", "OV06", "OV07"
BLANKS = "OV08"
_ZERO = Decimal(0)


class Department(Sheet):
    """One overall form, or one line of the platform's list of departments, with the rows of its list of indicators.

    `joined` says by what these were brought together (then `left` are the points that they leave to the execution
    rate), `apart` that a list of indicators names no department and fits none or several.
    """

    joined = ""
    left: Decimal | None = None
    apart = False

    @property
    def name(self) -> str:
        """The department."""
        return self.project_name.strip() or str(self.unit_name)

    @property
    def rate_points(self) -> Decimal | None:
        """Points of the execution rate."""
        points: Decimal | None = self.left if self.joined else self.execution_points
        return points

    @property
    def rate(self) -> Decimal | None:
        """The execution rate as printed, else executed ÷ adjusted budget."""
        printed: Decimal | None = self.execution_rate
        return self.computed_rate if printed is None else printed

    @property
    def computed_rate(self) -> Decimal | None:
        """Executed ÷ adjusted budget."""
        known = self.executed is not None and self.budget_adjusted
        return self.executed / self.budget_adjusted if known else None

    def sum(self, column: str) -> Decimal:
        """Σ points or scores of its indicators, as far as they are known."""
        values = (getattr(row, column) for row in self.rows if row.role == "indicator")
        return total(value for value in values if value is not None)


def _rules() -> Mapping[str, Any]:
    return shipped("cycle/overall.toml", Decimal)


def read(frame: pd.DataFrame) -> list[Department]:
    """The overall forms among the rows of `perfbatch.schema.CYCLE`.

    The platform exports departments and indicators as two lists: each list of indicators is brought to its department,
    by the department's name, else by the scores: within a file the rows can be those of only one department whose total
    leaves for the execution rate no more than the points that are left.
    """
    forms = sheets.read(frame, (OVERALL,), Department)
    for form in forms:
        form.rows = [row for row in form.rows if row.role != "parent"]
    lines = [form for form in forms if form.name and not form.rows and form.total_declared is not None]
    joined: set[str] = set()
    for bare in forms:
        if not bare.rows or bare.total_declared is not None or bare.executed is not None or not lines:
            continue
        fitting = [line for line in lines if line.file == bare.file and not line.rows]
        left, scores = _usual_points() - bare.sum("points"), bare.sum("score_declared")
        if bare.name:
            fitting = [line for line in fitting if name_key(line.name) == name_key(bare.name)]
        else:
            fitting = [line for line in fitting if 0 <= line.total_declared - scores <= left]
        if len(fitting) != 1:
            bare.apart = not bare.name
            continue
        (line,) = fitting
        line.rows, line.left, line.joined = bare.rows, max(left, _ZERO), "部门名称" if bare.name else "得分"
        joined.add(bare.project_id)
    return [form for form in forms if form.project_id not in joined]


def _usual_points() -> Decimal:
    return Decimal(_rules()["total_points"]["value"])


def check(forms: Sequence[Department], own: Sequence[Project], aliases: Aliases) -> list[Change]:
    """What is wrong on the overall forms, and between them and the projects of their units."""
    names = [*(form.name for form in forms), *(project.unit for project in own)]
    files = [*(form.file for form in forms), *(project.file for project in own)]
    departments = [""] * len(forms) + [project.department for project in own]
    numbers = resolve(files, names, departments, aliases).of
    found: list[Change] = []
    for form, unit in zip(forms, numbers, strict=False):
        mine = [p for p, number in zip(own, numbers[len(forms) :], strict=True) if unit and number == unit]
        found += [*_sums(form), *_money(form)]
        for row in form.rows:
            found += _row(form, row)
        found += _against_projects(form, mine)
    return found


def _said(
    code: str, severity: str, form: Department, cell: str, seen: str, expected: str, message: str, sheet: str = ""
) -> Change:
    name = f"部门整体（{form.name}）" if form.name else "部门整体"
    told = on_sheet(code, severity, form, expected, f"{name}：{message}", seen=seen)
    return told._replace(sheet=sheet or form.sheet, cell=cell or form.cell, project="", unit=form.name)


def _sums(form: Department) -> Iterator[Change]:
    """Points add up to what the form states, else to the usual total, scores to the total; no indicator is blank."""
    rows = [row for row in form.rows if row.role == "indicator"]
    whole, usual = form.sum("points") + (form.rate_points or _ZERO), _usual_points()
    wanted, stated = form.total_points or usual, form.total_points is not None or form.rate_points is not None
    # a bare list of indicators may leave the execution rate out
    if any(row.points is not None for row in rows) and (whole != wanted if stated else whole > usual):
        told = f"各项分值合计{plain(whole)}分，应为{plain(wanted)}分。"
        yield _said(POINTS, ERROR, form, form.cell_total, plain(whole), plain(wanted), told)
    scores, printed = form.sum("score_declared") + (form.execution_score or _ZERO), form.total_declared
    known = not (form.rate_points and form.execution_score is None) and None not in [row.score_declared for row in rows]
    if form.rows and known and printed is not None and scores != printed:
        told = f"各项得分合计{plain(scores)}分，总分写{plain(printed)}分。"
        yield _said(SUM, ERROR, form, form.cell_total, plain(printed), plain(scores), told)
    for row in rows:
        blanks = {"实际完成值": is_nil(row.actual_text), "得分": row.score_declared is None}
        if row.points and any(blanks.values()):
            empty, cell = "、".join(what for what, blank in blanks.items() if blank), row.cell_actual or row.cell_name
            yield _said(BLANKS, WARNING, form, cell, "", empty, f"“{row.name}”没有填写{empty}。", row.sheet)


def _money(form: Department) -> Iterator[Change]:
    """基本支出 and 项目支出 make up what was spent, or one of the budgets, as the block is drawn; the rate is right."""
    stages = [value for value in (form.executed, form.budget_adjusted, form.budget_initial) if value is not None]
    if form.basic is not None and form.projects is not None and stages:
        whole, seen, expected = form.basic + form.projects, plain(form.basic + form.projects), plain(stages[0])
        if whole not in stages:
            told = f"基本支出{plain(form.basic)}万元与项目支出{plain(form.projects)}万元合计{seen}万元，"
            told += f"与年度资金总额{expected}万元不符。"
            yield _said(PARTS, ERROR, form, form.cell_executed or form.cell_budget, seen, expected, told)
    if apart(form.computed_rate, form.execution_rate, _rules()["tolerance"]["rate"]):
        seen, expected = percent(form.execution_rate), percent(form.computed_rate)
        told = f"预算执行率{seen}，按全年执行数÷全年预算数计算为{expected}。"
        yield _said(RATE, ERROR, form, form.cell_executed, seen, expected, told)


def _row(form: Department, row: Row) -> Iterator[Change]:
    """A score above its points, full points for a missed target, a rate that the fund block gives otherwise."""
    score, points = plain(row.score_declared), plain(row.points)
    if more(row.score_declared, row.points):
        told = f"“{row.name}”得分{score}高于分值{points}。"
        yield _said(SCORES, ERROR, form, row.cell_score, score, points, told, row.sheet)
    elif row.points and row.score_declared == row.points and _missed(row):
        told = f"“{row.name}”目标{row.expected.shown}，实际{row.actual_text}没有达到，得了满分{points}分。"
        yield _said(SCORES, WARNING, form, row.cell_score, score, "按评分标准扣分", told, row.sheet)
    # 预算完成率, 结转结余率 and 预算调整率 follow from the money of the form itself
    rule = next((rule for rule in _rules()["rate"] if name_key(row.name) in map(name_key, rule["names"])), None)
    if rule is None or form.executed is None or not form.budget_adjusted:
        return
    over, under = _amount(rule["over"], form), _amount(rule["under"], form)
    _, stated = _readings(row)
    if over is None or not under or stated.value is None or stated.unit != "%":
        return
    computed, value = abs(over) / under if rule.get("absolute") else over / under, stated.value / 100
    slack = _rules()["tolerance"]["rate"]
    if value < computed - slack if rule.get("at_least") else abs(value - computed) > slack:
        told = f"“{row.name}”写{row.actual_text}，按表上资金（{rule['how']}）计算为{percent(computed)}。"
        yield _said(FORMULA, WARNING, form, row.cell_actual, row.actual_text, percent(computed), told, row.sheet)


def _readings(row: Row) -> tuple[notation.Reading, notation.Reading]:
    target = row.expected
    reading = notation.read_target(target.text, notation.Around(target.sign, target.unit, row.name))
    return reading, notation.read_actual(row.actual_text, reading, notation.Around(unit=target.unit, name=row.name))


def _missed(row: Row) -> bool:
    """Whether a target with ≥ or ≤ was missed; with = which side is better the indicator's own ladder says."""
    target, actual = _readings(row)
    compared = notation.compare(target, actual)
    if compared.state != "yes" or compared.target2 is not None:
        return False
    below, above = less(compared.actual, compared.target), more(compared.actual, compared.target)
    return (target.op in ("ge", "gt") and below) or (target.op in ("le", "lt") and above)


def _amount(terms: Sequence[str], form: Department) -> Decimal | None:
    """A sum of amounts, those with a minus taken off; None where one is not known."""
    values = [(getattr(form, term.lstrip("-")), -1 if term.startswith("-") else 1) for term in terms]
    return None if any(value is None for value, _ in values) else total(value * sign for value, sign in values)


def _against_projects(form: Department, mine: Sequence[Project]) -> Iterator[Change]:
    """项目支出 against the unit's projects, and the rate against theirs; both are asked, not judged."""
    spent = [project.executed for project in mine if project.executed is not None]
    if not spent:
        return
    whole = total(spent)
    if form.projects is not None and form.projects != whole:
        those = f"本次自评的该单位{len(spent)}个项目全年执行数合计{plain(whole)}万元"
        told = f"项目支出{plain(form.projects)}万元，{those}，相差的项目是否没有自评，请核实。"
        yield _said(PROJECTS, WARNING, form, form.cell_executed, plain(form.projects), plain(whole), told)
    budget = total(project.budget_adjusted for project in mine if project.budget_adjusted is not None)
    theirs = whole / budget if budget else None
    if apart(form.rate, theirs, _rules()["tolerance"]["projects_rate"]):
        told = f"部门预算执行率{percent(form.rate)}，该单位项目合计执行率{percent(theirs)}，相差较大，请核实。"
        yield _said(PROJECTS, INFO, form, form.cell_executed, percent(form.rate), percent(theirs), told)


def told(form: Department) -> str:
    """One line on the cover: the department's money, rate and score, apart from the projects."""
    parts = [
        form.name or form.file,
        "" if form.budget_adjusted is None else f"全年预算{plain(form.budget_adjusted)}万元",
        "" if form.executed is None else f"全年执行{plain(form.executed)}万元",
        "" if form.rate is None else f"执行率{percent(form.rate)}",
        "" if form.total_declared is None else f"自评{plain(form.total_declared)}分",
        fold(form.grade),
        f"{len(form.rows)}条指标按{form.joined}对应" if form.joined else "",
        f"{len(form.rows)}条指标没有写明部门，与部门列表对应不上" if form.apart else "",
    ]
    return "，".join(filter(None, parts))
