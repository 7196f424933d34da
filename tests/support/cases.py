"""Case files of the checks: tests as documents.

A case file `tests/checks/cases/<CODE>.toml` holds forms on which one check must speak (``[[failing]]``),
must stay silent (``[[passing]]``) or must be skipped for want of input (``[[skipping]]``). Texts are what a
clerk types. A case is a one-edit child of the form `CLEAN` below: what it does not mention comes from there.

    code = "SC01"

    [[failing]]
    why = "a score above the points of its row"
    edit = { "score@2" = "12.6" }                  # change single cells of the form
    hits = ["score@2"]                             # exactly these findings, in reading order

    [[failing]]
    why = "the same, with the whole indicator block spelt out and the message looked at"
    rows = ["产出指标 │ 数量指标 │ 维修路灯 │ ≥40盏 │ 40盏 │ 6 │ 6.6 │ "]
    hits = [{ cell = "score@1", seen = "6.6", severity = "error", message = "6.6" }]

Keys of a case, or of each table in its list `forms` when it takes several (`hits` then say ``2:score@1``):

`edit`     cell name → text; the row or fund line must exist.
`rows`     the indicator block; a text with ``│`` between the cells, in the order of `columns` (default
           level1 │ level2 │ level3 │ target │ actual │ points │ score │ reason), or a table field → text.
           ``〃`` = merged with the cell above. Fields: see `perfbatch.forms.form.Line`.
`columns`  the order of the cells in `rows`, and the columns that the form has at all.
`funds`    the fund block, likewise, in the order of `fund_columns` (default
           source │ initial │ adjusted │ executed │ rate │ points │ score │ reason).
head fields project_name, department, unit, year, title, goal_expected, total, grade … as texts.
`absent`   fields that the form does not have: head fields, or ``fund.initial``.
`layout`, `money_unit`, `has_points`, `sheet`, `file`, `top` (rows by which the form is moved down).
`stored`   cell name → how the workbook stores it (percent, number, date).

Keys of a case only: `ruleset` (default platform-default), `parameters` (overlay), `batch_year`, `extras` (as
they come to `Context.extras`), `papers` (supporting documents: file, text, project when it is not the first; ``│``
parts the cells of a table), `previous` (forms of last year, → ``extras["previous"]``), `notes` (reading
notes), `approved` (projects of approved target sheets: name, code, unit, year, budget, goal, `adjustment = true` for
an adjustment list, and `rows`: level2 │ name │ target │ points │ adjusted target │ reason │ date), `monitored`
(monitoring forms: name, months, executed, forecast, and `rows`: level2 │ name │ target │ actual │ forecast │
likelihood │ reason │ to mend │ mended), `mended` (projects in the ledger), `departments` (overall forms: name, money,
totals, and `rows`: name │ target │ actual │ points │ score), `planned` (target sheets alone, as `approved`; the eighth
part of a row is last year's actual), `sheets` (sheet readings), `alone = true` (do not embed among other forms; never
needed for checks of rows), `off = true` (the checks it yields to are switched off) and, for skipping cases, `reason` (a
part of the reason given).

Geometry, so that cells can be named: head field n of `HEAD` stands in B<n>; fund line n in row 40+n, columns
A… in the order of `FUND`; indicator line n in row 60+n, columns A… in the order of `LINE`. ``score@2`` is
the score of indicator line 2, ``fund.rate@1`` the rate of fund line 1, ``total`` a head field, ``B7`` itself;
a hit about the workbook is ``{ cell = "book", sheet = "表1", at = "C3" }``. A total that the case does not
give is the sum of the scores typed.

Each case is run alone and, unless the check is of scope ``batch`` or the case speaks of its workbook or run,
together with all cases of its check and clean forms in one frame, each under its own ruleset: the hits must
be the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from perfbatch import rulesets, scoring
from perfbatch.checks import register
from perfbatch.checks.batch import Cost, cost
from perfbatch.cycle import monitoring, overall, planned
from perfbatch.cycle.compare import Compared, compare
from perfbatch.cycle.sheets import ADJUSTMENT, TARGET, Row, Sheet, projects_of
from perfbatch.forms.form import Form, Line
from perfbatch.model import Cell, CheckOutcome, Finding, Frames, ListSum, ReadingNote, SheetReading
from perfbatch.notation import read_points
from perfbatch.schema import CYCLE
from support.papers import supporting
from support.reading import build

DEFAULT = "platform-default"
CASES = Path(__file__).parent.parent / "checks" / "cases"
HEAD = (
    "title", "project_name", "project_code", "department", "unit", "year", "category", "origin",
    "money_unit", "status", "goal_expected", "goal_actual", "goal_completion", "total", "total_points",
    "grade", "conclusion", "problems", "measures", "reason_box", "footnotes", "fund_reason",
    "execution_points",
)  # fmt: skip
FUND = (
    "source", "initial", "adjusted", "arrived", "executed", "left_over", "rate", "points", "score", "reason",
)  # fmt: skip
LINE = (
    "level1", "level2", "level3", "sign", "target", "unit", "actual", "points", "score", "reason",
    "method", "completion", "verdict", "item_score", "weight_share", "review_score", "deduction", "evidence",
    "score_basis", "last_year", "initial_target", "target_basis",
)  # fmt: skip
FUND_TOP, LINE_TOP = 40, 60
FUND_COLUMNS = ("source", "initial", "adjusted", "executed", "rate", "points", "score", "reason")
COLUMNS = ("level1", "level2", "level3", "target", "actual", "points", "score", "reason")
ABOVE = "〃"

CLEAN: Mapping[str, Any] = {
    "title": "项目支出绩效自评表（2023年度）",
    "project_name": "农村实用技术培训",
    "department": "河滨县农业农村局",
    "unit": "河滨县农技推广中心",
    "year": "2023年度",
    "goal_expected": "全年举办农村实用技术培训6期，培训300人次，帮助参训农民就近就业。",
    "goal_actual": "全年举办培训6期，培训312人次，结业考核合格率96.5%，54%的参训农民当年就业。",
    "total_points": "100",
    "grade": "优",
    "problems": "部分用工企业推迟开工，参训农民就业推迟。",
    "measures": "与三家企业签订用工意向，次年一季度跟踪就业情况。",
    "money_unit": "万元",
    "layout": "F1",
    "funds": (
        "年度资金总额 │ 36 │ 36 │ 33.48 │ 93% │ 10 │ 9.3",
        "其中：当年财政拨款 │ 36 │ 36 │ 33.48 │ 93% │ — │ —",
        "上年结转资金 │ │ │ │ │ — │ —",
        "其他资金 │ │ │ │ │ — │ —",
    ),
    "rows": (
        "产出指标 │ 数量指标 │ 举办培训期数 │ ≥6期 │ 6期 │ 12 │ 12",
        "〃 │ 〃 │ 参训人次 │ ≥300人次 │ 312人次 │ 12 │ 12",
        "〃 │ 质量指标 │ 结业考核合格率 │ ≥95% │ 96.5% │ 10 │ 10",
        "〃 │ 时效指标 │ 培训完成时间 │ 2023年12月31日前 │ 2023年11月20日 │ 8 │ 8",
        "〃 │ 成本指标 │ 培训总成本 │ ≤36万元 │ 33.48万元 │ 8 │ 8",
        "效益指标 │ 社会效益指标 │ 参训农民就业率 │ ≥60% │ 54% │ 20 │ 18 │ "
        "两家用工企业推迟开工，就业推迟到次年；已签订用工意向，一季度跟踪落实。",
        "〃 │ 可持续影响指标 │ 培训档案建档率 │ ≥98% │ 99.2% │ 10 │ 10",
        "满意度指标 │ 服务对象满意度指标 │ 参训农民满意度 │ ≥90% │ 94.6% │ 10 │ 10 │ 问卷调查210份",
    ),
}
APPROVED = (  # the targets of `CLEAN` as they were approved
    "数量指标 │ 举办培训期数 │ ≥6期 │ 12",
    "数量指标 │ 参训人次 │ ≥300人次 │ 12",
    "质量指标 │ 结业考核合格率 │ ≥95% │ 10",
    "时效指标 │ 培训完成时间 │ 2023年12月31日前 │ 8",
    "成本指标 │ 培训总成本 │ ≤36万元 │ 8",
    "社会效益指标 │ 参训农民就业率 │ ≥60% │ 20",
    "可持续影响指标 │ 培训档案建档率 │ ≥98% │ 10",
    "服务对象满意度指标 │ 参训农民满意度 │ ≥90% │ 10",
)
_NOT_HEAD = {
    "rows", "columns", "funds", "fund_columns", "edit", "absent", "layout", "has_points", "sheet", "top",
    "file", "stored", "forms", "hits", "why", "ruleset", "parameters", "batch_year", "extras", "previous",
    "notes", "sheets", "alone", "off", "reason", "approved",
    "monitored", "mended", "departments", "planned", "papers",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One case: `kind` is failing, passing or skipping; `number` counts within its kind from 1."""

    code: str
    kind: str
    number: int
    table: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.code}-{self.kind}-{self.number}"


def load(path: Path) -> list[Case]:
    """The cases of one file; raises ValueError for an unknown key or a case without `why`."""
    document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    code = document.pop("code")
    if stray := set(document) - {"failing", "passing", "skipping"}:
        raise ValueError(f"{path.name}: unknown {sorted(stray)}")
    numbered = ((kind, n, table) for kind, tables in document.items() for n, table in enumerate(tables, 1))
    cases = [Case(code, kind, n, table) for kind, n, table in numbered]
    for case in cases:
        _check_keys(path, case)
    return cases


def _check_keys(path: Path, case: Case) -> None:
    for table in (case.table, *case.table.get("forms", ())):
        if stray := set(table) - _NOT_HEAD - set(HEAD):
            raise ValueError(f"{path.name}, {case}: unknown {sorted(stray)}")
    if not case.table.get("why"):
        raise ValueError(f"{path.name}, {case}: say why")


def expected(case: Case) -> list[dict[str, str]]:
    """The findings a case asks for: dicts of sheet, cell, and what else it names."""
    hits = [{"cell": hit} if isinstance(hit, str) else hit for hit in case.table.get("hits", ())]
    return [_resolved(case, hit) for hit in hits]


def _resolved(case: Case, hit: Mapping[str, str]) -> dict[str, str]:
    tables = _form_tables(case.table)
    at, _, name = hit["cell"].rpartition(":")
    if name == "book":
        return {"sheet": "", **hit, "cell": hit.get("at", "")} | {"at": ""}
    at_form = int(at or 1) - 1
    table = tables[at_form] if tables else {}
    top = table.get("top", 0)
    sheet = hit.get("sheet", table.get("sheet", f"表{at_form + 1}"))
    return {**hit, "sheet": sheet, "cell": _named_cell(name, top).ref if name else ""}


def _named_cell(name: str, top: int = 0) -> Cell:
    kind, _, line = name.partition("@")
    if not line:
        if name in HEAD:
            return Cell(HEAD.index(name) + 1 + top, 2, "")
        digits = name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return Cell(int(digits), ord(name[0]) - 64, "")
    if kind.startswith("fund."):
        return Cell(FUND_TOP + int(line) + top, FUND.index(kind[5:]) + 1, "")
    return Cell(LINE_TOP + int(line) + top, LINE.index(kind) + 1, "")


def _form_tables(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(table["forms"]) if "forms" in table else [table]


def forms_of(case: Case, file: str = "案例.xlsx") -> list[Form]:
    """The forms of a case at their documented places."""
    return [_form(table, f"表{n}", file) for n, table in enumerate(_form_tables(case.table), 1)]


def _form(table: Mapping[str, Any], sheet: str, file: str) -> Form:
    table = {**CLEAN, **table}
    top, absent = table.get("top", 0), set(table.get("absent", ()))
    columns = tuple(table.get("columns", COLUMNS))
    form = Form(
        file=table.get("file", file),
        sheet=table.get("sheet", sheet),
        layout=table["layout"],
        anchor=_named_cell("title", top).ref,
        money_unit=table["money_unit"],
        has_points=table.get("has_points", "points" in columns or "weight_share" in columns),
    )
    fund_columns = tuple(table.get("fund_columns", FUND_COLUMNS))
    form.funds = _lines(table["funds"], fund_columns, FUND, FUND_TOP + top, form)
    form.lines = _lines(table["rows"], columns, LINE, LINE_TOP + top, form)
    heads = {"total": "", **{name: table[name] for name in HEAD if name in table}}
    for name, text in heads.items():
        if name not in absent and (name != "money_unit" or table["layout"] == "F6"):
            form.head[name] = _named_cell(name, top)._replace(text=text)
    for line in form.funds:
        line.cells = {name: cell for name, cell in line.cells.items() if f"fund.{name}" not in absent}
    _edit(form, table)
    if "total" not in table and "total" in form.head and "total" not in table.get("edit", {}):
        form.head["total"] = form.head["total"]._replace(text=_sum(form))
    return form


def _lines(rows: Any, columns: tuple[str, ...], order: tuple[str, ...], top: int, form: Form) -> list[Line]:
    lines: list[Line] = []
    for number, row in enumerate(rows, 1):
        if isinstance(row, str):
            texts = [part.strip() for part in row.split("│")]
            if len(texts) > len(columns):
                raise ValueError(f"more cells than columns: {row}")
            row = dict(zip(columns, texts + [""] * (len(columns) - len(texts)), strict=True))
        else:
            row = dict.fromkeys(columns, "") | dict(row)
        lines.append(_line(row, lines, order, top + number, form))
    return lines


def _line(row: Mapping[str, str], above: list[Line], order: tuple[str, ...], at: int, form: Form) -> Line:
    line = Line(at, {}, form.sheet)
    for name, text in row.items():
        column = order.index(name) + 1
        if text == ABOVE:
            line.cells[name] = above[-1].cells[name]
            if not name.startswith("level"):
                origin = next(other for other in above if other.row == line.cells[name].row)
                origin.shared |= {name}
                line.shared |= {name}
        else:
            line.cells[name] = Cell(at, column, text, "text" if text else "empty")
    return line


def _edit(form: Form, table: Mapping[str, Any]) -> None:
    changes = [(name, "text", text) for name, text in table.get("edit", {}).items()]
    changes += [(name, "stored", stored) for name, stored in table.get("stored", {}).items()]
    for name, what, value in changes:
        place, key = _place(form, name)
        place[key] = place.get(key, _named_cell(name, table.get("top", 0)))._replace(**{what: value})


def _place(form: Form, name: str) -> tuple[dict[str, Cell], str]:
    kind, _, line = name.partition("@")
    if not line:
        return form.head, name
    if kind.startswith("fund."):
        return form.funds[int(line) - 1].cells, kind[5:]
    return form.lines[int(line) - 1].cells, kind


def _sum(form: Form) -> str:
    texts = [line.text("score") for line in (*form.funds[:1], *form.lines)]
    scores = [score for text in texts if (score := read_points(text)) is not None]
    return f"{sum(scores).normalize():f}" if scores else ""


@cache
def _background() -> tuple[Form, ...]:
    """Clean forms of other files, one without the grade."""
    names = ("河道巡查服务", "校舍维修改造", "农村道路养护", "图书馆开放补助", "残疾人康复服务")
    forms = [_form({"project_name": name}, "自评表", f"其他{n}.xlsx") for n, name in enumerate(names)]
    forms[1].head["grade"] = forms[1].head["grade"]._replace(text="")
    return tuple(forms)


def findings(case: Case) -> tuple[list[Finding], CheckOutcome]:
    """Findings and outcome of the check of `case` on its forms, with the checks it yields to running too."""
    return _run(case.code, _context(case), yielding="off" not in case.table)


def yielded(case: Case) -> list[str]:
    """The hits that the check leaves to another one (`yields_to` of its entry), a sentence each."""
    entry, context = register.register()[case.code], _context(case)

    def places(*codes: str) -> set[tuple[str, str]]:
        found, _ = register.run(context, scope=entry.scope, only=frozenset((case.code, *codes)))
        return {(finding.sheet, finding.cell) for finding in found if finding.code == case.code}

    alone = places()
    return [
        f"the hit at {sheet}!{cell} yields to {other}, which reports on the same row (`yields_to` in its entry)"
        for other in entry.yields_to
        for sheet, cell in sorted(alone - places(other))
    ]


def embeddable(case: Case) -> bool:
    """Whether a case says nothing about its workbook or run, so that it can stand among other forms."""
    forms = _form_tables(case.table)
    about_the_run = {"alone", "off", "notes", "sheets", "extras", "papers", "previous", "batch_year"} & set(case.table)
    return not about_the_run and not any("file" in form for form in forms)


def findings_together(cases: Sequence[Case]) -> list[list[Finding]]:
    """Findings of each of `cases` (of one check), all of them and clean forms in one frame.

    Every case keeps its own ruleset and parameters: what holds for one form must not touch another.
    """
    found, outcome = _run(cases[0].code, _company(cases))
    assert outcome.state != "errored", outcome.reason
    by_case = [[f for f in found if f.file == f"案例{number}.xlsx"] for number in range(len(cases))]
    stray = [f for f in found if f.file.startswith("其他")]
    assert not stray, f"the clean forms have findings: {stray}"
    return by_case


def all_findings_together(cases: Sequence[Case]) -> list[list[Finding]]:
    """What all checks of a workbook find on each of `cases` (of any check), all of them in one frame."""
    found, outcomes = register.run(_company(cases))
    assert not [outcome for outcome in outcomes if outcome.state == "errored"], outcomes
    by_file: dict[str, list[Finding]] = {}
    for finding in found:
        by_file.setdefault(finding.file, []).append(finding)
    return [by_file.get(f"案例{number}.xlsx", []) for number in range(len(cases))]


def _company(cases: Sequence[Case]) -> register.Context:
    """All forms of `cases` among clean ones, each under the ruleset and the parameters of its case."""
    clean = list(_background())
    forms, names = clean[:2], ["national-2020"] * 2
    in_force = {"national-2020": rulesets.load("national-2020")}
    for number, case in enumerate(cases):
        own = forms_of(case, f"案例{number}.xlsx")
        name = f"案例{number}" if "parameters" in case.table else case.table.get("ruleset", DEFAULT)
        in_force[name] = _ruleset(case.table)
        forms, names = forms + own, names + [name] * len(own)
    forms, names = forms + clean[2:], names + ["national-2020"] * len(clean[2:])
    return register.Context(scored(forms, names, in_force), in_force)


def _run(code: str, context: register.Context, *, yielding: bool = True) -> tuple[list[Finding], CheckOutcome]:
    entry = register.register()[code]
    only = frozenset((code, *(entry.yields_to if yielding else ())))
    found, outcomes = register.run(context, scope=entry.scope, only=only)
    outcome = next(outcome for outcome in outcomes if outcome.code == code)
    return [finding for finding in found if finding.code == code], outcome


def _context(case: Case) -> register.Context:
    table, forms = case.table, forms_of(case)
    in_force = {"案例": _ruleset(table)}
    extras = dict(table.get("extras", {}))
    if "previous" in table:
        last_year = [_form(form, f"表{n}", "上年.xlsx") for n, form in enumerate(table["previous"], 1)]
        extras["previous"] = scored(last_year, ["案例"] * len(last_year), in_force)
    frames = scored(forms, ["案例"] * len(forms), in_force)
    extras["costs"] = _costs(frames)
    if "approved" in table:
        plans = [_approved(plan, n) for n, plan in enumerate(table["approved"], 1)]
        extras["targets"] = compare(plans, frames, in_force, lambda ids: _rows_of(frames, ids), {})
    if "monitored" in table:
        found = extras.get("targets") or Compared([])
        sheets = [_monitored(sheet, n) for n, sheet in enumerate(table["monitored"], 1)]
        monitoring.compare(found, sheets, projects_of(frames, in_force), {}, table.get("mended", ()))
        extras["monitoring"] = found
    if "planned" in table:
        plans = [_approved(plan, n) for n, plan in enumerate(table["planned"], 1)]
        extras["planned"] = Compared([], of_planned=planned.check(plans, 2023, extras.get("previous")))
    if "departments" in table:
        forms = [_department(form, n) for n, form in enumerate(table["departments"], 1)]
        extras["overall"] = Compared([], of_departments=overall.check(forms, projects_of(frames, in_force), {}))
    if "papers" in table:
        extras["papers"] = supporting(table["papers"], frames)
    return register.Context(
        frames,
        in_force,
        notes=tuple(_note(note) for note in table.get("notes", ())),
        batch_year=table.get("batch_year"),
        file="案例.xlsx",
        sheets=tuple(_reading(reading) for reading in table.get("sheets", ())),
        extras=extras,
    )


def _approved(table: Mapping[str, Any], number: int) -> Sheet:
    """An approved project of a case; its sheet is 目标<number>, its rows begin at row 11."""
    head = {
        "project_id": f"T{number}", "project_code": table.get("code", ""),
        "project_name": table.get("name", CLEAN["project_name"]), "unit_name": table.get("unit", CLEAN["unit"]),
        "year": table.get("year", 2023), "budget_initial": table.get("budget", Decimal(36)) or None,
        "goal_expected": table.get("goal", CLEAN["goal_expected"]), "file": table.get("file", "年初目标.xlsx"),
        "sheet": f"目标{number}", "cell": "B3", "cell_budget": "D6", "cell_goal": "B9",
        "sheet_kind": ADJUSTMENT if table.get("adjustment") else TARGET,
    }  # fmt: skip
    names = ("level2", "level3", "target_text", "points", "adjusted_text", "adjust_note", "adjust_date", "last_year")
    return _sheet(Sheet, head, names, table.get("rows", APPROVED), "E")


def _monitored(table: Mapping[str, Any], number: int) -> Sheet:
    """A monitoring form of a case."""
    head = {
        "project_id": f"M{number}", "project_name": table.get("name", CLEAN["project_name"]),
        "unit_name": CLEAN["unit"], "year": 2023, "file": "监控.xlsx", "sheet": f"监控{number}", "cell": "B3",
        "cell_executed": "F6", "months": table.get("months"), "executed": table.get("executed"),
        "forecast_executed": table.get("forecast"),
    }  # fmt: skip
    names = (
        "level2", "level3", "target_text", "actual_text", "forecast_text", "likelihood", "reason", "rectify",
        "rectified",
    )  # fmt: skip
    return _sheet(Sheet, head, names, table.get("rows", ()), "E")


S = TypeVar("S", bound=Sheet)


def _sheet(made: type[S], head: dict[str, Any], names: Sequence[str], rows: Iterable[str], target: str) -> S:
    """A sheet of the cycle with rows from row 11 on, whose cells are parted by ``│``; targets in column `target`."""
    sheet = made(**(_BLANK | head))
    sheet.rows = []
    for at, text in enumerate(rows, 11):
        line = dict(zip(names, map(str.strip, text.split("│")), strict=False))
        line |= {name: read_points(line.get(name, "")) for name in ("points", "score_declared") if name in names}
        cells = {
            "cell_target": f"{target}{at}",
            "cell_actual": f"F{at}",
            "cell_adjusted": f"G{at}",
            "cell_score": f"H{at}",
        }
        sheet.rows.append(Row(**(_BLANK | head | {"row": at, "role": "indicator"} | cells | line)))
    return sheet


_MONEY_OF = {
    "initial": "budget_initial",
    "adjusted": "budget_adjusted",
    "rate": "execution_rate",
    "total": "total_declared",
}


def _department(table: Mapping[str, Any], number: int) -> overall.Department:
    """An overall form of a case; it balances unless the case says otherwise."""
    figures = {
        "initial": 120, "adjusted": 100, "executed": Decimal("91.4"), "rate": Decimal("0.914"), "execution_points": 10,
        "execution_score": Decimal("9.14"), "total": Decimal("99.14"), "total_points": 100, "basic": Decimal("57.92"),
        "projects": Decimal("33.48"), **{name: value for name, value in table.items() if name != "rows"},
    }  # fmt: skip
    given = {name: Decimal(value) for name, value in figures.items() if name not in ("name", "unknown")}
    for name in table.get("unknown", ()):
        given[name] = None  # type: ignore[assignment]
    head = {_MONEY_OF.get(name, name): value for name, value in given.items()} | {
        "project_name": table.get("name", CLEAN["unit"]), "year": 2023, "grade": "优", "file": "整体.xlsx",
        "sheet": f"整体{number}", "cell": "B3", "cell_total": "H20", "cell_executed": "F5", "cell_budget": "D5",
    }  # fmt: skip
    names, default = (
        ("level3", "target_text", "actual_text", "points", "score_declared"),
        "重点工作完成率 │ =100% │ 100% │ 90 │ 90",
    )
    return _sheet(overall.Department, head, names, table.get("rows", (default,)), "D")


_BLANK: dict[str, Any] = {name: "" if kind == "str" else None for name, kind in CYCLE.items()}


def _rows_of(frames: Frames, ids: Sequence[str]) -> Frames:
    parts = (frame[frame["project_id"].isin(ids)] for frame in (frames.projects, frames.funds, frames.indicators))
    return Frames(*(part.reset_index(drop=True) for part in parts))


def _costs(frames: Frames) -> dict[str, list[Cost]]:
    """Cost indicators by project."""
    costs: dict[str, list[Cost]] = {}
    for names in (("target_value", "unit", "cell_target"), ("actual_value", "actual_unit", "cell_actual")):
        columns = (frames.indicators[name] for name in ("project_id", "level2", *names))
        for key, level, *figure in zip(*columns, strict=True):
            if (found := cost(level, *figure)) is not None:
                costs.setdefault(key, []).append(found)
    return costs


def _ruleset(table: Mapping[str, Any]) -> rulesets.Ruleset:
    chosen = rulesets.load(table.get("ruleset", DEFAULT))
    return chosen.with_values(table["parameters"], "本案例设定") if "parameters" in table else chosen


def _note(table: Mapping[str, str]) -> ReadingNote:
    return ReadingNote(table["code"], table["sheet"], table.get("cell", ""), table["text"])


def _reading(table: Mapping[str, Any]) -> SheetReading:
    empty = {"layout": "", "projects": 0, "indicators": 0, "hidden": False, "remark": ""}
    sums = tuple(ListSum(**one) for one in table.get("sums", ()))
    return SheetReading(**{**empty, **table, "sums": sums})


def scored(forms: list[Form], names: list[str], in_force: Mapping[str, rulesets.Ruleset]) -> Frames:
    """Frames of `forms`, each under the ruleset of that name, scored."""
    frames = build(forms)
    frames.projects["ruleset"] = pd.Series(names, dtype=object, index=frames.projects.index)
    return scoring.score(frames, in_force)
