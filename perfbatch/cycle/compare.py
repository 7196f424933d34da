"""Approved targets against the self-evaluation: every change, and the scores under the approved targets.

Expected is the adjusted target where an adjustment by procedure gives one, else the approved one. What is equal to
either, also in another scale of the same unit (230000元, 23万元), is no change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from perfbatch import notation
from perfbatch.checks.form import less
from perfbatch.cycle import matching
from perfbatch.cycle.approved import Approved, ApprovedRow, Own, Project, Target, goal_key, together
from perfbatch.decimals import half_up, plain
from perfbatch.forms.frames import pair_columns
from perfbatch.forms.records import read_pair
from perfbatch.messages import shorten
from perfbatch.model import Cell, Frames
from perfbatch.notation import Around, Reading, fold, is_nil
from perfbatch.notation.names import bare_direction
from perfbatch.rulesets import Ruleset
from perfbatch.scoring import score

ERROR, WARNING, INFO = "error", "warning", "info"
LOWERED, RESCORED, DROPPED, ADDED, POINTS, UNIT, SIGN = "TG01", "TG02", "TG03", "TG04", "WT07", "TG06", "TG07"
RAISED, BUDGET, GOAL, COPIED, MISSING, PROCEDURE, UNUSABLE = "TG08", "TG09", "TG10", "TG11", "TG12", "TG13", "TG05"
_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "eq": "=", "range": "区间", "none": ""}
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_SCORED = ("indicator", "child", "parent")
FramesOf = Callable[[Sequence[str]], Frames]


class Change(NamedTuple):
    """One difference, placed where a clerk mends it.

    `table` is indicators or projects for a place on a self-evaluation (`row` its row in the sheet), book for one on the
    target sheet. The texts after `message` fill the row of sheet 对照年初目标.
    """

    code: str
    severity: str
    project_id: str
    table: str
    sheet: str
    row: int | None
    cell: str
    file: str
    seen: str
    expected: str
    message: str
    project: str = ""
    unit: str = ""
    level2: str = ""
    name: str = ""
    approved: str = ""
    adjusted: str = ""
    own: str = ""
    actual: str = ""
    points: str = ""
    declared: Decimal | None = None
    rescored: Decimal | None = None
    source: str = ""
    midyear: str = ""


@dataclass(slots=True)
class Compared:
    """What a batch was compared with. `projects` maps a self-evaluation to its approved project, `totals` to its score
    declared, under the approved targets, and the grades of both; `rows` are for `data/targets.parquet`."""

    approved: list[Approved]
    changes: list[Change] = field(default_factory=list)
    projects: dict[str, int] = field(default_factory=dict)
    totals: dict[str, Rescored] = field(default_factory=dict)
    matched_rows: dict[tuple[int, int], Own] = field(default_factory=dict)
    own_of: dict[int, str] = field(default_factory=dict)
    states: dict[tuple[int, int], str] = field(default_factory=dict)
    scores: dict[tuple[int, int], Decimal | None] = field(default_factory=dict)
    departments: list[Any] = field(default_factory=list)  # perfbatch.cycle.overall.Department
    of_departments: list[Change] = field(default_factory=list)
    planned: list[Approved] = field(default_factory=list)  # target sheets of a run without any self-evaluation
    of_planned: list[Change] = field(default_factory=list)
    sheets: Any = None  # the rows of all sheets (`perfbatch.schema.CYCLE`)
    monitored: int = 0  # self-evaluations that a monitoring form was found for

    def of(self, code: str) -> list[Change]:
        """The changes of one check."""
        return [change for change in (*self.changes, *self.of_departments, *self.of_planned) if change.code == code]

    @property
    def kept(self) -> int:
        """Compared projects without a change that is more than information."""
        changed = {
            change.project_id
            for change in self.changes
            if change.severity != INFO and change.code.startswith(("TG", "WT"))  # not what monitoring adds
        }
        return len(self.projects.keys() - changed)


class Rescored(NamedTuple):
    """Score and grade as declared, and under the approved targets."""

    declared: Decimal | None
    grade: str
    rescored: Decimal | None
    would_be: str


PROJECT_COLUMNS = (
    "project_id", "project_code", "project_name", "unit", "department", "year", "file", "sheet", "budget_initial",
    "budget_adjusted", "executed", "execution_rate", "goal_expected", "goal_actual", "family", "ruleset", "cell",
    "cell_initial", "cell_adjusted",
    "cell_goal_expected", "cell_goal_actual", "cell_total", "cell_executed",
)  # fmt: skip
ROW_COLUMNS = (
    "project_id", "sheet", "row", "level2", "level3", "role", "target_text", "target_stored", "sign_text", "unit_text",
    "actual_text", "points", "score_declared", "score", "reason", "cell_target", "cell_points", "cell_sign",
    "cell_unit",    "cell_actual", "cell_level3", "cell_score",
)  # fmt: skip


def compare(
    approved: Sequence[Approved],
    frames: Frames,
    rulesets: Mapping[str, Ruleset],
    frames_of: FramesOf,
    aliases: Mapping[str, Sequence[str]] | None = None,
) -> Compared:
    """Hold the projects that count (`PROJECT_COLUMNS`, `ROW_COLUMNS` of `frames`) against approved ones.

    `frames_of` gives all columns of the projects that have to be scored again.
    """
    own = projects_of(frames, rulesets)
    numbers, known = matching.units(approved, own, aliases)
    brought, of_units = together(approved, numbers)
    matched = matching.projects(brought, of_units, own, known)
    found = Compared(brought)
    again: dict[str, dict[tuple[str, int], tuple[ApprovedRow, int]]] = {}
    waiting: list[tuple[Project, Change, tuple[int, int]]] = []
    for at, number in sorted(matched.of.items()):
        project, plan = own[at], brought[number]
        if plan.versions:
            found.changes.append(_versions(project, plan))
            continue
        found.projects[project.id] = number
        found.own_of[number] = project.id
        for change, pair in _changes(found, project, plan, number):
            if pair is not None and change.code == LOWERED and change.severity != INFO and change.rescored is None:
                row = plan.rows[pair[0]]
                again.setdefault(project.id, {})[change.sheet, change.row or 0] = (row, pair[0])
                waiting.append((project, change, (number, pair[0])))
            found.changes.append(change)
    _rescore(found, own, again, waiting, rulesets, frames_of)
    _unmatched(found, matched, brought, of_units, own, known)
    in_order(found, own)
    return found


def in_order(found: Compared, own: Sequence[Project]) -> None:
    """Changes in the order of the self-evaluations and their rows."""
    order = {project.id: project.at for project in own}
    last = len(order)
    found.changes.sort(
        key=lambda change: (
            order.get(change.project_id, last), change.row or 0, change.code.startswith("MN"), change.code
        )
    )  # fmt: skip


# -- the two sides ------------------------------------------------------------------------------------------------


def projects_of(frames: Frames, rulesets: Mapping[str, Any]) -> list[Project]:
    """The self-evaluations of `frames` with their scored rows and their rulesets."""
    projects, found = frames.projects, []
    by_id: dict[str, Project] = {}
    places: dict[str, str]
    columns = (projects[name].tolist() for name in PROJECT_COLUMNS)
    for at, values in enumerate(zip(*columns, strict=True)):
        row = dict(zip(PROJECT_COLUMNS, values, strict=True))
        places = {name: row[name] for name in PROJECT_COLUMNS if name.startswith("cell")}
        project = Project(
            at, row["project_id"], row["project_code"], row["project_name"], row["unit"], row["department"],
            row["year"], row["file"], row["sheet"], row["budget_initial"], row["budget_adjusted"],
            row["goal_expected"], row["goal_actual"], places, row["family"],
            row["executed"], row["execution_rate"], rulesets[row["ruleset"]],
        )  # fmt: skip
        found.append(project)
        by_id[project.id] = project
    lines = (frames.indicators[name].tolist() for name in ROW_COLUMNS)
    for (key, sheet, number, level2, name, role, text, stored, sign, unit, actual, points, declared, computed,
         reason, *cells) in zip(*lines, strict=True):  # fmt: skip
        if role in _SCORED:
            places = dict(zip(ROW_COLUMNS[-len(cells) :], cells, strict=True))
            target = Target(text, stored or "text", sign, unit)
            by_id[key].rows.append(
                Own(sheet, number, level2, name, role, target, actual, points, declared, computed, places, reason)
            )
    return found


# -- one project --------------------------------------------------------------------------------------------------


def _changes(
    found: Compared, project: Project, plan: Approved, number: int
) -> Iterator[tuple[Change, tuple[int, int] | None]]:
    """The changes of one project; with a row pair where one is about a row on both sides."""
    own_rows, approved_rows = project.rows, plan.rows
    bare = all(row.points is None for row in approved_rows)
    both: tuple[ApprovedRow | Own, ...] = (*approved_rows, *own_rows)
    same = [(row.target.key, "" if bare else plain(row.points)) for row in both]
    rows = matching.rows(approved_rows, own_rows, same)
    lowered = False
    copied: list[str] = []
    moved: list[tuple[ApprovedRow, Own]] = []
    for at, pick in rows.pairs:
        row, own = approved_rows[at], own_rows[pick]
        found.matched_rows[number, at] = own
        states = []
        for change in _row_changes(project, plan, row, own):
            lowered = lowered or change.code == LOWERED
            states.append(change.code)
            yield change, (at, pick)
        if row.expected.key != own.target.key and fold(own.actual) and fold(own.actual) == fold(row.target.text):
            copied.append(row.name)
        if row.points is not None and own.points is not None and (row.adjusted_points or row.points) != own.points:
            moved.append((row, own))
            states.append(POINTS)
        found.states[number, at] = "、".join(states)
    for change in _points(project, moved):
        yield change, None
    if plan.whole:
        for at in rows.dropped:
            found.states[number, at] = DROPPED
        for at, pick in rows.renamed:
            found.states[number, at] = DROPPED
            yield _renamed(project, plan, approved_rows[at], own_rows[pick]), None
        for change in _dropped_and_added(
            project, plan, [approved_rows[at] for at in rows.dropped], [own_rows[at] for at in rows.added]
        ):
            yield change, None
        for change in (*_budget(project, plan, lowered=lowered), *_goal(project, plan)):
            yield change, None
    for change in (*_copied(project, plan, copied), *_procedure(project, plan)):
        yield change, None


def place(project: Project, own: Own | None, *cells: str) -> dict[str, Any]:
    """Where a change stands on the self-evaluation."""
    if own is None:
        at = next((project.cells[name] for name in (*cells, "cell") if project.cells.get(name)), "")
        return {"table": "projects", "sheet": project.sheet, "row": None, "cell": at}
    at = next((own.cells[name] for name in (*cells, "cell_target", "cell_level3") if own.cells.get(name)), "")
    return {"table": "indicators", "sheet": own.sheet, "row": own.row, "cell": at}


def change_of(code: str, severity: str, project: Project, own: Own | None, /, *cells: str, **texts: Any) -> Change:
    given = {"project": project.name, "unit": project.unit, "file": project.file, **texts}
    if own is not None:
        given = {
            "level2": own.level2, "name": own.name, "own": own.target.shown, "actual": own.actual,
            "points": plain(own.points), "declared": own.declared, **given,
        }  # fmt: skip
    return Change(code=code, severity=severity, project_id=project.id, **place(project, own, *cells), **given)


def read_in(target: Target, row_name: str, level2: str, year: int | None) -> Reading:
    return notation.read_target(
        target.text, Around(target.sign, target.unit, row_name, level2, stored=target.stored, year=year)
    )


def _row_changes(project: Project, plan: Approved, row: ApprovedRow, own: Own) -> Iterator[Change]:
    """Target, unit and sign of one row."""
    if own.target.key == row.target.key or (row.adjusted is not None and own.target.key == row.adjusted.key):
        if own.target.key != row.target.key:
            yield from _authorised(project, plan, row, own)
        return
    year = project.year or plan.year
    mine = read_in(own.target, own.name, own.level2, year)
    before = read_in(row.target, row.name, row.level2 or own.level2, year)
    first = list(_differences(before, mine, own))
    if not first:
        return
    if row.adjusted is not None:
        after = read_in(row.adjusted, row.name, row.level2 or own.level2, year)
        rest = list(_differences(after, mine, own))
        if not rest:
            yield from _authorised(project, plan, row, own)
        first = rest
    for code in first:
        yield _said(code, project, plan, row, own)


def _differences(before: Reading, mine: Reading, own: Own) -> Iterator[str]:
    """Codes of what differs between two targets that are not written alike."""
    if before.kind == mine.kind == "date":
        if before.date_to and mine.date_to and before.date_to != mine.date_to:
            yield LOWERED if mine.date_to > before.date_to else RAISED
        return
    if "quantitative" not in (before.kind, mine.kind):
        if goal_key(before.raw) != goal_key(mine.raw):
            yield GOAL
        return
    if before.kind != mine.kind:
        yield UNIT
        return
    if before.op != mine.op and "none" not in (before.op, mine.op):
        yield SIGN
    compared = notation.compare(before, mine)
    if compared.state == "dimension":
        yield UNIT
        return
    if compared.target is None or compared.actual is None:
        return
    way = _way(before, own)
    if compared.target2 is not None or mine.value2 is not None:
        return
    if compared.actual != compared.target:
        if not way:
            yield SIGN
        else:
            yield LOWERED if (compared.actual < compared.target) == (way == "more") else RAISED


def _way(before: Reading, own: Own) -> str:
    """Whether more or less is better: by the approved sign, else by the name."""
    if before.op in ("ge", "gt"):
        return "more"
    if before.op in ("le", "lt"):
        return "less"
    way = bare_direction(own.name, own.level2, before.raw).way
    return way if way != "unclear" else "more" if before.op == "eq" else ""


def _source(plan: Approved, row: ApprovedRow | None = None) -> str:
    return f"{plan.file}“{row.sheet if row else plan.sheet}”{row.cell if row else plan.cell}"


def _told(row: ApprovedRow, own: Own) -> dict[str, Any]:
    adjusted = row.adjusted.shown if row.adjusted is not None else ""
    return {"approved": row.target.shown, "adjusted": adjusted, "seen": own.target.shown}


def _said(code: str, project: Project, plan: Approved, row: ApprovedRow, own: Own) -> Change:
    """The change of a row that no adjustment covers."""
    was, now = row.expected.shown, own.target.shown
    what = "调整后指标值" if row.adjusted is not None else "年初批复的指标值"
    head = f"“{own.name}”{what}为{was}，自评表写{now}"
    day, limit = notation.read_target(own.target.text).kind == "date", "≤" in was or "不超过" in was
    looser = "上限放宽" if limit else "目标推迟" if day else "目标降低"
    severity, message = {
        LOWERED: (WARNING, f"{head}，{looser}，没有调整手续。"),
        RAISED: (INFO, f"{head}，{'时限提前' if day else '目标提高'}。"),
        UNIT: (WARNING, f"{head}，计量口径不同，无法比较，不按年初目标复算。"),
        SIGN: (WARNING, f"{head}，符号（判断方向）改变。"),
        GOAL: (INFO, f"{head}，定性目标的表述改变。"),
    }[code]
    cell = {SIGN: "cell_sign", UNIT: "cell_unit"}.get(code, "cell_target")
    return change_of(
        code, severity, project, own, cell, message=message, source=_source(plan, row), expected=was, **_told(row, own)
    )


def _authorised(project: Project, plan: Approved, row: ApprovedRow, own: Own) -> Iterator[Change]:
    """A change that was adjusted by procedure: information, with what was written as its reason."""
    year = project.year or plan.year
    before = read_in(row.target, row.name, row.level2 or own.level2, year)
    for code in _differences(before, read_in(own.target, own.name, own.level2, year), own):
        why = f"，调整说明：{row.note.strip()}" if row.note.strip() else ""
        message = f"“{own.name}”年初批复的指标值为{row.target.shown}，调整表已调整为{own.target.shown}{why}。"
        yield change_of(
            code, INFO, project, own, message=message, source=_source(plan, row), expected=row.target.shown,
            **_told(row, own),
        )  # fmt: skip


def _points(project: Project, moved: Sequence[tuple[ApprovedRow, Own]]) -> Iterator[Change]:
    """Points that are not the approved ones; an error where they were moved from a missed row to a met one."""
    lost = [own for row, own in moved if less(own.points, row.points) and less(own.score, own.points)]
    for row, own in moved:
        approved = row.adjusted_points or row.points
        gained = less(approved, own.points) and not less(own.score, own.points)
        severity = ERROR if lost and gained else WARNING
        tail = f"，同时未完成的“{lost[0].name}”分值调低" if severity == ERROR else ""
        yield change_of(
            POINTS, severity, project, own, "cell_points", seen=plain(own.points), expected=plain(approved),
            approved=row.target.shown,
            message=f"“{own.name}”年初批复的分值为{plain(approved)}分，自评表为{plain(own.points)}分{tail}。",
        )  # fmt: skip


def _dropped_and_added(
    project: Project, plan: Approved, dropped: Sequence[ApprovedRow], added: Sequence[Own]
) -> Iterator[Change]:
    free = [row.points for row in dropped if row.points]
    for row in dropped:
        severity = ERROR if row.points else WARNING
        worth = f"（{plain(row.points)}分）" if row.points else ""
        yield change_of(
            DROPPED, severity, project, None, seen="", expected=f"{row.name} {row.target.shown}", level2=row.level2,
            name=row.name, approved=row.target.shown, points=plain(row.points), source=_source(plan, row),
            message=f"年初批复的指标“{row.name}”{worth}（{row.target.shown}）在自评表中没有，没有调整手续。",
        )  # fmt: skip
    for own in added:
        if own.role != "indicator":
            continue
        takes = own.points is not None and own.points in free
        severity = ERROR if takes else WARNING
        why = f"，分值{plain(own.points)}分与删去的指标相同" if takes else ""
        yield change_of(
            ADDED, severity, project, own, "cell_level3", seen=own.name, expected="年初批复的指标",
            message=f"指标“{own.name}”（{own.target.shown}）不在年初批复的目标中，是自评时增加的{why}。",
        )  # fmt: skip


def _renamed(project: Project, plan: Approved, row: ApprovedRow, own: Own) -> Change:
    message = (
        f"年初批复的指标“{row.name}”（{row.target.shown}）在自评表中没有，可能改名为“{own.name}”（{own.target.shown}），"
        "请核实；未按同一指标对照。"
    )
    return change_of(
        DROPPED, WARNING, project, own, "cell_level3", seen=own.name, expected=row.name, name=row.name,
        approved=row.target.shown, source=_source(plan, row), message=message,
    )  # fmt: skip


def _budget(project: Project, plan: Approved, *, lowered: bool) -> Iterator[Change]:
    """The initial budget is the approved one; a budget that changed much has targets that were adjusted with it."""
    if plan.budget is None or project.initial is None:
        return
    if project.initial != plan.budget:
        yield change_of(
            BUDGET, ERROR, project, None, "cell_initial", seen=plain(project.initial), expected=plain(plan.budget),
            approved=f"{plain(plan.budget)}万元", own=f"{plain(project.initial)}万元", name="年初预算数",
            source=_source(plan),
            message=f"年初预算数：批复的目标表为{plain(plan.budget)}万元，自评表为{plain(project.initial)}万元。",
        )  # fmt: skip
        return
    least = project.rules["target_budget_cut"]
    if project.adjusted is None or not plan.budget or lowered:
        return
    share = (project.adjusted - plan.budget) / plan.budget
    changed = any(row.adjusted is not None for row in plan.rows)
    if abs(share) >= least and not changed:
        way = "调减" if share < 0 else "调增"
        yield change_of(
            BUDGET, INFO, project, None, "cell_adjusted", seen=plain(project.adjusted), expected=plain(plan.budget),
            approved=f"{plain(plan.budget)}万元", own=f"{plain(project.adjusted)}万元", name="全年预算数",
            source=_source(plan),
            message=(
                f"全年预算数比批复的年初预算{way}{plain(half_up(abs(share) * 100, 2))}%，绩效目标没有相应调整，请说明。"
            ),
        )  # fmt: skip


def _goal(project: Project, plan: Approved) -> Iterator[Change]:
    """The overall goal in other words; a figure in it that fell is asked about."""
    own, approved = goal_key(project.goal), goal_key(plan.goal)
    if not own or not approved or own == approved or own == goal_key(plan.adjusted_goal):
        return
    fell = _fallen(approved, own)
    what = f"，其中{fell}" if fell else ""
    said = f"年初“{shorten(plan.goal, 60)}”，自评表“{shorten(project.goal, 60)}”"
    yield change_of(
        GOAL, WARNING if fell else INFO, project, None, "cell_goal_expected", seen=project.goal.strip(),
        expected=plan.goal.strip(), approved=plan.goal.strip(), own=project.goal.strip(), name="年度总体目标",
        adjusted=plan.adjusted_goal, source=f"{plan.file}“{plan.sheet}”{plan.cell_goal or plan.cell}",
        message=f"年度总体目标与年初批复的目标表述不一致{what}：{said}。",
    )  # fmt: skip


def _fallen(before: str, after: str) -> str:
    """The first figure that fell, where both texts have the same figures in the same words."""
    if _FIGURE.sub("#", before) != _FIGURE.sub("#", after):
        return ""
    pairs = zip(_FIGURE.findall(before), _FIGURE.findall(after), strict=True)
    return next((f"数字由{one}改为{other}" for one, other in pairs if Decimal(other) < Decimal(one)), "")


def _copied(project: Project, plan: Approved, names: Sequence[str]) -> Iterator[Change]:
    """Actuals that repeat the approved target word for word, or a result that is the goal."""
    if len(names) >= project.rules["target_copied_rows"]:
        listed = "、".join(f"“{name}”" for name in names[:5])
        yield change_of(
            COPIED, INFO, project, None, "cell", seen=str(len(names)), expected="实际完成情况", name="实际完成值",
            message=f"{len(names)}条指标（{listed}）的实际完成值与年初批复的指标值逐字相同，请核实是否照抄目标。",
        )  # fmt: skip
    goal, result = goal_key(plan.goal), goal_key(project.result)
    if goal and result == goal and goal_key(project.goal) != goal:
        yield change_of(
            COPIED, INFO, project, None, "cell_goal_actual", seen=project.result.strip(), expected="实际完成情况",
            name="年度总体目标", message="年度总体目标完成情况与年初批复的目标逐字相同，请填写实际完成情况。",
        )  # fmt: skip


def _procedure(project: Project, plan: Approved) -> Iterator[Change]:
    """Adjustments without a reason, or made when the result was known."""
    year = project.year or plan.year
    for row in plan.rows:
        if row.adjusted is None or row.adjusted.key == row.target.key:
            continue
        what = f"“{row.name}”的指标值由{row.target.shown}调整为{row.adjusted.shown}"
        told: dict[str, Any] = {
            "sheet": row.sheet, "row": row.row, "cell": row.cell_adjusted, "file": row.file, "name": row.name,
            "level2": row.level2, "approved": row.target.shown, "adjusted": row.adjusted.shown,
        }  # fmt: skip
        base = Change(
            PROCEDURE, WARNING, project.id, "book", "", None, "", "", "", "", "", project.name, project.unit
        )._replace(**told)  # fmt: skip
        if not row.note.strip() or is_nil(row.note):
            yield base._replace(seen="", expected="调整说明", message=f"{what}，年初目标调整表没有填写调整说明。")
        day = notation.read_target(row.date, Around(year=year)).date_to if row.date else None
        if day and year and day > date(year, 12, 31):
            yield base._replace(
                seen=row.date, expected=f"{year}年12月31日以前",
                message=f"{what}，调整日期{row.date}在年度结束以后，目标是按结果改的。",
            )  # fmt: skip


def _versions(project: Project, plan: Approved) -> Change:
    places = "、".join(other.place() for other in (plan, *plan.versions))
    count = 1 + len(plan.versions)
    told = f"项目“{project.name}”有{count}份内容不同的年初目标表（{places}），没有对照；请只保留批复的一份。"
    return change_of(
        UNUSABLE, WARNING, project, None, seen=str(count), expected="一份批复的目标表", message=told
    )  # fmt: skip


# -- scores under the approved targets ----------------------------------------------------------------------------


def _rescore(
    found: Compared,
    own: Sequence[Project],
    again: Mapping[str, Mapping[tuple[str, int], tuple[ApprovedRow, int]]],
    waiting: Sequence[tuple[Project, Change, tuple[int, int]]],
    rulesets: Mapping[str, Ruleset],
    frames_of: FramesOf,
) -> None:
    """Score the rows whose target was lowered by the approved target, and their projects."""
    if not again:
        return
    frames = frames_of(list(again))
    frames = Frames(frames.projects.copy(), frames.funds, frames.indicators.copy())
    years = dict(zip(frames.projects["project_id"], frames.projects["year"], strict=True))
    declared = dict(zip(frames.projects["project_id"], frames.projects["total_declared"], strict=True))
    grades = dict(zip(frames.projects["project_id"], frames.projects["grade"], strict=True))
    before = dict(zip(frames.projects["project_id"], frames.projects["total_score"], strict=True))
    _replace_targets(frames.indicators, again, years)
    frames.projects["total_declared"] = None
    frames.projects["total_declared"] = frames.projects["total_declared"].astype(object)
    scored = score(frames, rulesets)
    rows = scored.indicators
    scores = dict(zip(zip(rows["project_id"], rows["sheet"], rows["row"], strict=True), rows["score"], strict=True))
    changed = {id(change): (project, pair) for project, change, pair in waiting}
    for at, change in enumerate(found.changes):
        if id(change) not in changed:
            continue
        project, pair = changed[id(change)]
        computed = scores.get((project.id, change.sheet, change.row))
        found.scores[pair] = computed
        found.changes[at] = _with_score(change, computed)
    totals = dict(zip(scored.projects["project_id"], scored.projects["total_score"], strict=True))
    would_be = dict(zip(scored.projects["project_id"], scored.projects["grade"], strict=True))
    by_id = {project.id: project for project in own}
    for key in again:
        total = totals.get(key)
        result = Rescored(declared[key], grades[key], total, would_be[key])
        found.totals[key] = result
        if total is None or total == before[key]:
            continue
        found.changes.append(_of_total(by_id[key], result))


def _replace_targets(
    frame: pd.DataFrame,
    again: Mapping[str, Mapping[tuple[str, int], tuple[ApprovedRow, int]]],
    years: Mapping[str, Any],
) -> None:
    names = frame.columns.tolist()
    places = zip(frame["project_id"], frame["sheet"], frame["row"], strict=True)
    actuals = zip(frame["actual_text"], frame["level3"], frame["level2_text"], strict=True)
    for at, ((key, sheet, number), (actual, name, level2)) in enumerate(zip(places, actuals, strict=True)):
        approved = again.get(key, {}).get((sheet, number))
        if approved is None:
            continue
        target = approved[0].expected
        around = Around(target.sign, target.unit, name, level2, year=years[key])
        wanted, done = read_pair(Cell(1, 1, target.text, target.stored), Cell(1, 1, actual), around)  # type: ignore[arg-type]
        values = pair_columns(wanted, done)
        values |= {"target_text": target.text, "sign_text": target.sign, "unit_text": target.unit}
        for column, value in values.items():
            frame.iat[at, names.index(column)] = value


def _with_score(change: Change, computed: Decimal | None) -> Change:
    """The change with the score by the approved target; an error where the row keeps more points than that."""
    if computed is None or change.declared is None:
        return change._replace(rescored=computed)
    if change.declared <= computed:
        return change._replace(rescored=computed)
    message = change.message.removesuffix("。")
    scores = f"按年初目标应得{plain(computed)}分，自评得{plain(change.declared)}分"
    told = f"{message}；实际完成{change.actual}未达到年初目标，{scores}。"
    return change._replace(rescored=computed, severity=ERROR, message=told)


def _of_total(project: Project, result: Rescored) -> Change:
    grade = (
        f"，等级由{result.grade}变为{result.would_be}" if result.would_be and result.would_be != result.grade else ""
    )
    stated = f"自评{plain(result.declared)}分" if result.declared is not None else "自评未填总分"
    return change_of(
        RESCORED, WARNING if grade else INFO, project, None, "cell_total", "cell", seen=plain(result.declared),
        expected=plain(result.rescored), declared=result.declared, rescored=result.rescored, name="总分",
        message=f"按年初批复的目标复算，项目得{plain(result.rescored)}分（{stated}）{grade}。",
    )  # fmt: skip


# -- projects on one side only ------------------------------------------------------------------------------------


def _unmatched(
    found: Compared,
    matched: matching.Matched,
    approved: Sequence[Approved],
    units: Sequence[int],
    own: Sequence[Project],
    known: Sequence[int],
) -> None:
    """Approved projects without a self-evaluation and the reverse; what cannot be compared is said once."""
    used = set(matched.of.values())
    left = [number for number in range(len(approved)) if number not in used]
    if approved and not matched.of:
        found.changes.append(_nothing_matches(approved, matched, own))
        return
    renamed = dict(matched.renamed)
    for number in left:
        project = approved[number]
        if number in matched.other_year:
            found.changes.append(_aside(project, own[matched.other_year[number]], "年度"))
        elif number in matched.other_unit:
            found.changes.append(_aside(project, own[matched.other_unit[number]], "单位"))
        elif number in renamed:
            found.changes.append(_maybe_renamed(project, own[renamed[number]]))
        elif project.whole:
            told = f"年初批复了项目“{project.name}”的绩效目标，没有找到它的自评表。"
            found.changes.append(_on_sheet(MISSING, ERROR, project, "自评表", told))
    covered = {unit for number, unit in enumerate(units) if number in used} | {known[at] for at in matched.of}
    asked = {*matched.of, *renamed.values(), *matched.other_year.values(), *matched.other_unit.values()}
    for at, one in enumerate(own):
        if at in asked or known[at] not in covered:
            continue
        found.changes.append(
            change_of(
                MISSING, WARNING, one, None, seen="", expected="年初批复的目标表",
                message=f"项目“{one.name}”没有年初批复的绩效目标，是否为追加项目，请说明并补充目标表。",
            )
        )  # fmt: skip


def _on_sheet(code: str, severity: str, project: Approved, expected: str, message: str) -> Change:
    return Change(
        code, severity, "", "book", project.sheet, None, project.cell, project.file, project.name, expected, message,
        project.name, project.unit, source=project.place(),
    )  # fmt: skip


def _aside(project: Approved, other: Project, what: str) -> Change:
    mine, its = (f"{project.year}年度", f"{other.year}年度") if what == "年度" else (project.unit, other.unit)
    message = f"项目“{project.name}”的年初目标表是{mine}的，自评表是{its}的，没有对照；请核对目标表的{what}。"
    return _on_sheet(UNUSABLE, WARNING, project, its, message)


def _maybe_renamed(project: Approved, other: Project) -> Change:
    message = (
        f"年初批复的项目“{project.name}”没有找到自评表，可能改名为“{other.name}”，没有对照；"
        "确属同一项目的，请在目标表上写明与自评表相同的项目编码或名称。"
    )
    return _on_sheet(MISSING, WARNING, project, other.name, message)


def _nothing_matches(approved: Sequence[Approved], matched: matching.Matched, own: Sequence[Project]) -> Change:
    first = approved[0]
    years = {project.year for project in approved if project.year}
    its = {project.year for project in own if project.year}
    why = "请核对单位和年度，并确认项目编码或名称一致"
    if years and its and years.isdisjoint(its):
        why = f"目标表是{min(years)}年度的，自评表是{min(its)}年度的，请换成同一年度的目标表"
    files = "、".join(dict.fromkeys(f"“{project.file}”" for project in approved))
    message = f"{files}中的{len(approved)}个项目的年初目标，没有一个与自评表的项目对应，没有对照；{why}。"
    return _on_sheet(UNUSABLE, WARNING, first, "同一年度、同一单位的自评项目", message)
