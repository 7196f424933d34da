"""The department's overall form (部门整体支出绩效自评表): a kind of its own, never a project, never averaged with them.

Its points and scores are added up, its money held against its parts and against the unit's projects, and the rates
that its own fund block determines are worked out. Negative rates of change are normal here.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import pandas as pd

from perfbatch import notation
from perfbatch.cycle.approved import Project
from perfbatch.cycle.compare import ERROR, INFO, WARNING, Change
from perfbatch.decimals import percent, plain, total
from perfbatch.identity import units as identity_units
from perfbatch.identity.names import name_key
from perfbatch.notation import fold, is_nil

OVERALL = "overall"
POINTS, SUM, PARTS, RATE, SCORES, FORMULA, PROJECTS = "OV01", "OV02", "OV03", "OV04", "OV05", "OV06", "OV07"
BLANKS = "OV08"
_SCORED = ("indicator", "child")


class Row(NamedTuple):
    """One indicator of an overall form."""

    name: str
    target: str
    sign: str
    unit: str
    actual: str
    points: Decimal | None
    score: Decimal | None
    role: str
    cells: Mapping[str, str]
    sheet: str = ""  # where it stands when not on the sheet of its form


@dataclass(slots=True)
class Department:
    """One overall form, or one line of the platform's list of departments, with the rows of its list of indicators.

    `joined` says by what these were brought together, `apart` that a list of indicators names no department and fits
    none or several.
    """

    name: str
    year: int | None
    initial: Decimal | None
    adjusted: Decimal | None
    executed: Decimal | None
    rate: Decimal | None
    execution_points: Decimal | None
    execution_score: Decimal | None
    total: Decimal | None
    total_points: Decimal | None
    grade: str
    basic: Decimal | None
    projects: Decimal | None
    file: str
    sheet: str
    cells: Mapping[str, str]
    rows: list[Row] = field(default_factory=list)
    joined: str = ""
    apart: bool = False

    @property
    def computed_rate(self) -> Decimal | None:
        """Executed ÷ adjusted budget."""
        return self.executed / self.adjusted if self.executed is not None and self.adjusted else None


@cache
def _rules() -> Mapping[str, Any]:
    text = resources.files("perfbatch.cycle").joinpath("overall.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def read(frame: pd.DataFrame) -> list[Department]:
    """The overall forms among the rows of `perfbatch.schema.CYCLE`."""
    found: dict[str, Department] = {}
    names = list(frame.columns)
    for values in zip(*(frame[name].tolist() for name in names), strict=True):
        row = dict(zip(names, values, strict=True))
        if row["sheet_kind"] != OVERALL:
            continue
        form = found.get(row["project_id"])
        if form is None:
            cells = {name: row[name] for name in names if name.startswith("cell")}
            form = found[row["project_id"]] = Department(
                row["project_name"].strip() or row["unit_name"], row["year"], row["budget_initial"],
                row["budget_adjusted"], row["executed"], row["execution_rate"], row["execution_points"],
                row["execution_score"], row["total_declared"], row["total_points"], row["grade"], row["basic"],
                row["projects"], row["file"], row["sheet"], cells,
            )  # fmt: skip
        if row["role"] in _SCORED and row["level3"].strip():
            cells = {name: row[name] for name in names if name.startswith("cell")}
            form.rows.append(
                Row(
                    row["level3"].strip(), row["adjusted_text"] or row["target_text"], row["sign_text"],
                    row["unit_text"], row["actual_text"], row["points"], row["score_declared"], row["role"], cells,
                )
            )  # fmt: skip
    return _joined(list(found.values()))


def _joined(forms: list[Department]) -> list[Department]:
    """The platform exports departments and indicators as two lists: each list of indicators with its department.

    By the department's name, else by the scores: within a file the rows can be those of only one department whose total
    leaves for the execution rate no more than the points that are left.
    """
    lines = [form for form in forms if form.name and not form.rows and form.total is not None]
    taken: set[int] = set()
    for bare in forms:
        if not bare.rows or bare.total is not None or bare.executed is not None or not lines:
            continue
        fitting = [line for line in lines if line.file == bare.file and not line.rows]
        by = "部门名称"
        if bare.name:
            fitting = [line for line in fitting if name_key(line.name) == name_key(bare.name)]
        else:
            by, fitting = "得分", [line for line in fitting if _fits(line, bare)]
        if len(fitting) != 1:
            bare.apart = not bare.name
            continue
        (line,) = fitting
        line.rows = [row._replace(sheet=bare.sheet) for row in bare.rows]
        line.joined, line.execution_points = by, max(_left(bare)[0], Decimal(0))
        taken.add(id(bare))
    return [form for form in forms if id(form) not in taken]


def _left(bare: Department) -> tuple[Decimal, Decimal]:
    """Points that the indicators leave of the usual total, and their scores."""
    rows = [row for row in bare.rows if row.role == "indicator"]
    points, scores = (total([value for value in some if value is not None]) for some in (
        [row.points for row in rows], [row.score for row in rows]
    ))  # fmt: skip
    return Decimal(str(_rules()["total_points"]["value"])) - points, scores


def _fits(line: Department, bare: Department) -> bool:
    left, scores = _left(bare)
    return line.total is not None and 0 <= line.total - scores <= left


def check(
    forms: Sequence[Department], own: Sequence[Project], aliases: Mapping[str, Sequence[str]] | None = None
) -> list[Change]:
    """What is wrong on the overall forms, and between them and the projects of their units."""
    names = [*(form.name for form in forms), *(project.unit for project in own)]
    files = [*(form.file for form in forms), *(project.file for project in own)]
    departments = [""] * len(forms) + [project.department for project in own]
    numbers = identity_units.resolve(files, names, departments, aliases or {}).of
    found: list[Change] = []
    for form, unit in zip(forms, numbers, strict=False):
        mine = [p for p, number in zip(own, numbers[len(forms) :], strict=True) if unit and number == unit]
        found += [*_own(form), *_against_projects(form, mine)]
    return found


def _said(
    code: str, severity: str, form: Department, cell: str, seen: str, expected: str, message: str, sheet: str = ""
) -> Change:
    name = f"部门整体（{form.name}）" if form.name else "部门整体"
    return Change(
        code, severity, "", "book", sheet or form.sheet, None, cell or form.cells["cell"], form.file, seen, expected,
        f"{name}：{message}", project="", unit=form.name,
    )  # fmt: skip


def _own(form: Department) -> Iterator[Change]:
    if form.rows:
        yield from _points(form)
        yield from _sum(form)
        yield from _blanks(form)
    yield from _parts(form)
    yield from _rate(form)
    for row in form.rows:
        yield from _row(form, row)


def _points(form: Department) -> Iterator[Change]:
    """Points add up to what the form states, else to the usual total."""
    given = [row.points for row in form.rows if row.points is not None and row.role == "indicator"]
    if not given:
        return
    whole = total([*given, form.execution_points or Decimal(0)])
    usual = Decimal(str(_rules()["total_points"]["value"]))
    wanted = form.total_points or usual
    stated = form.total_points is not None or form.execution_points is not None
    if whole != wanted if stated else whole > usual:  # a bare list of indicators may leave the execution rate out
        yield _said(
            POINTS, ERROR, form, form.cells["cell_total"], plain(whole), plain(wanted),
            f"各项分值合计{plain(whole)}分，应为{plain(wanted)}分。",
        )  # fmt: skip


def _sum(form: Department) -> Iterator[Change]:
    scores = [row.score for row in form.rows if row.role == "indicator"]
    if form.total is None or any(score is None for score in scores):
        return
    if form.execution_points and form.execution_score is None:
        return
    whole = total([*(score for score in scores if score is not None), form.execution_score or Decimal(0)])
    if whole != form.total:
        yield _said(
            SUM, ERROR, form, form.cells["cell_total"], plain(form.total), plain(whole),
            f"各项得分合计{plain(whole)}分，总分写{plain(form.total)}分。",
        )  # fmt: skip


def _parts(form: Department) -> Iterator[Change]:
    """基本支出 and 项目支出 make up what was spent, or one of the budgets, as the block is drawn."""
    if form.basic is None or form.projects is None:
        return
    whole = form.basic + form.projects
    stages = [value for value in (form.executed, form.adjusted, form.initial) if value is not None]
    if stages and all(value != whole for value in stages):
        yield _said(
            PARTS, ERROR, form, form.cells["cell_executed"] or form.cells["cell_budget"], plain(whole),
            plain(stages[0]),
            f"基本支出{plain(form.basic)}万元与项目支出{plain(form.projects)}万元合计{plain(whole)}万元，"
            f"与年度资金总额{plain(stages[0])}万元不符。",
        )  # fmt: skip


def _rate(form: Department) -> Iterator[Change]:
    computed, slack = form.computed_rate, Decimal(str(_rules()["tolerance"]["rate"]))
    if computed is None or form.rate is None or abs(computed - form.rate) <= slack:
        return
    yield _said(
        RATE, ERROR, form, form.cells["cell_executed"], percent(form.rate), percent(computed),
        f"预算执行率{percent(form.rate)}，按全年执行数÷全年预算数计算为{percent(computed)}。",
    )  # fmt: skip


def _blanks(form: Department) -> Iterator[Change]:
    """Indicators without a result or a score."""
    for row in form.rows:
        if row.role != "indicator":
            continue
        empty = [what for what, blank in (("实际完成值", is_nil(row.actual)), ("得分", row.score is None)) if blank]
        if empty and row.points:
            yield _said(
                BLANKS, WARNING, form, row.cells["cell_actual"] or row.cells["cell_name"], "", "、".join(empty),
                f"“{row.name}”没有填写{'、'.join(empty)}。", row.sheet,
            )  # fmt: skip


def _row(form: Department, row: Row) -> Iterator[Change]:
    """A score above its points, full points for a missed target, a rate that the fund block gives otherwise."""
    if row.points is not None and row.score is not None and row.score > row.points:
        yield _said(
            SCORES, ERROR, form, row.cells["cell_score"], plain(row.score), plain(row.points),
            f"“{row.name}”得分{plain(row.score)}高于分值{plain(row.points)}。", row.sheet,
        )  # fmt: skip
    elif row.points and row.score == row.points and _missed(row):
        yield _said(
            SCORES, WARNING, form, row.cells["cell_score"], plain(row.score), "按评分标准扣分",
            f"“{row.name}”目标{_shown(row)}，实际{row.actual}没有达到，得了满分{plain(row.points)}分。",
            row.sheet,
        )  # fmt: skip
    yield from _formula(form, row)


def _shown(row: Row) -> str:
    return f"{row.sign if row.sign in ('≥', '≤', '=', '>', '<') else ''}{row.target}" + (
        "" if row.target.endswith(row.unit) else row.unit
    )


def _missed(row: Row) -> bool:
    target = notation.read_target(row.target, notation.Around(row.sign, row.unit, row.name))
    actual = notation.read_actual(row.actual, target, notation.Around(unit=row.unit, name=row.name))
    compared = notation.compare(target, actual)
    if compared.state != "yes" or compared.target is None or compared.actual is None or compared.target2 is not None:
        return False
    if target.op in ("ge", "gt"):
        return compared.actual < compared.target
    if target.op in ("le", "lt"):
        return compared.actual > compared.target
    return False  # = : which side is the better one is judged by the indicator's own ladder


def _formula(form: Department, row: Row) -> Iterator[Change]:
    """预算完成率, 结转结余率 and 预算调整率 follow from the money of the form itself."""
    rule = next((rule for rule in _rules()["rate"] if name_key(row.name) in map(name_key, rule["names"])), None)
    if rule is None or form.executed is None or not form.adjusted:
        return
    values = {"initial": form.initial, "adjusted": form.adjusted, "executed": form.executed}
    over, under = _amount(rule["over"], values), _amount(rule["under"], values)
    if over is None or not under:
        return
    target = notation.read_target(row.target, notation.Around(row.sign, row.unit, row.name))
    stated = notation.read_actual(row.actual, target, notation.Around(unit=row.unit, name=row.name))
    if stated.value is None or stated.unit != "%":
        return
    computed, value = abs(over) / under if rule.get("absolute") else over / under, stated.value / 100
    slack = Decimal(str(_rules()["tolerance"]["rate"]))
    wrong = value < computed - slack if rule.get("at_least") else abs(value - computed) > slack
    if wrong:
        yield _said(
            FORMULA, WARNING, form, row.cells["cell_actual"], row.actual, percent(computed),
            f"“{row.name}”写{row.actual}，按表上资金（{rule['how']}）计算为{percent(computed)}。",
            row.sheet,
        )  # fmt: skip


def _amount(terms: Sequence[str], values: Mapping[str, Decimal | None]) -> Decimal | None:
    """A sum of amounts, those with a minus taken off."""
    whole = Decimal(0)
    for term in terms:
        value = values[term.lstrip("-")]
        if value is None:
            return None
        whole += -value if term.startswith("-") else value
    return whole


def _against_projects(form: Department, mine: Sequence[Project]) -> Iterator[Change]:
    """项目支出 against the unit's projects, and the rate against theirs; both are asked, not judged."""
    spent = [project.executed for project in mine if project.executed is not None]
    if not spent:
        return
    whole = total(spent)
    if form.projects is not None and form.projects != whole:
        yield _said(
            PROJECTS, WARNING, form, form.cells["cell_executed"], plain(form.projects), plain(whole),
            f"项目支出{plain(form.projects)}万元，本次自评的该单位{len(spent)}个项目全年执行数合计{plain(whole)}万元，"
            "相差的项目是否没有自评，请核实。",
        )  # fmt: skip
    budget = total([project.adjusted for project in mine if project.adjusted is not None])
    rate = form.rate if form.rate is not None else form.computed_rate
    gap = Decimal(str(_rules()["tolerance"]["projects_rate"]))
    if rate is not None and budget and abs(rate - whole / budget) > gap:
        yield _said(
            PROJECTS, INFO, form, form.cells["cell_executed"], percent(rate), percent(whole / budget),
            f"部门预算执行率{percent(rate)}，该单位项目合计执行率{percent(whole / budget)}，相差较大，请核实。",
        )  # fmt: skip


def told(form: Department) -> str:
    """One line on the cover: the department's money, rate and score, apart from the projects."""
    parts = [form.name or form.file]
    for what, value in (("全年预算", form.adjusted), ("全年执行", form.executed)):
        if value is not None:
            parts.append(f"{what}{plain(value)}万元")
    rate = form.rate if form.rate is not None else form.computed_rate
    if rate is not None:
        parts.append(f"执行率{percent(rate)}")
    if form.total is not None:
        parts.append(f"自评{plain(form.total)}分")
    if form.grade:
        parts.append(fold(form.grade))
    if form.joined:
        parts.append(f"{len(form.rows)}条指标按{form.joined}对应")
    if form.apart:
        parts.append(f"{len(form.rows)}条指标没有写明部门，与部门列表对应不上")
    return "，".join(parts)
