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
from perfbatch.cycle.sheets import Own, Project, Row, Sheet, Target, goal_key, projects_of, together
from perfbatch.decimals import half_up, plain
from perfbatch.forms.frames import pair_columns, read_pair
from perfbatch.identity.units import Aliases
from perfbatch.messages import shorten
from perfbatch.model import Cell, Frames
from perfbatch.notation import Around, Reading, fold, is_nil
from perfbatch.notation.names import bare_direction
from perfbatch.rulesets import Ruleset
from perfbatch.schema import records
from perfbatch.scoring import score

ERROR, WARNING, INFO = "error", "warning", "info"
LOWERED, RESCORED, DROPPED, ADDED, POINTS, UNIT, SIGN = "TG01", "TG02", "TG03", "TG04", "WT07", "TG06", "TG07"
RAISED, BUDGET, GOAL, COPIED, MISSING, PROCEDURE, UNUSABLE = "TG08", "TG09", "TG10", "TG11", "TG12", "TG13", "TG05"
_WAYS = {"ge": "more", "gt": "more", "le": "less", "lt": "less"}  # by the approved sign, else by the name
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
FramesOf = Callable[[Sequence[str]], Frames]
_PLACE = ("project_id", "sheet", "row")
Lowered = dict[tuple[str, str, int], Row]  # by its place on the self-evaluation: to be scored again


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
    declared, under the approved targets, and the grades of both."""

    approved: list[Sheet]
    changes: list[Change] = field(default_factory=list)
    projects: dict[str, Sheet] = field(default_factory=dict)
    totals: dict[str, Rescored] = field(default_factory=dict)
    departments: list[Any] = field(default_factory=list)  # perfbatch.cycle.overall.Department
    of_departments: list[Change] = field(default_factory=list)
    planned: list[Sheet] = field(default_factory=list)  # target sheets of a run without any self-evaluation
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

    def targets(self) -> Iterator[dict[str, Any]]:
        """The approved indicators in the order of their sheets as rows of `perfbatch.schema.TARGETS`, each with the row
        of the self-evaluation that it was held against."""
        for plan in self.approved:
            head = {name: getattr(plan, name) for name in ("project_code", "project_name", "year", "goal_expected")}
            head |= {"unit": plan.unit_name, "budget_initial": plan.budget}
            head["project_id"] = plan.own.project_id if plan.own else ""
            for row in plan.rows:
                found = head | {name: getattr(row, name) for name in _OF_ROW}
                found |= {"level3": row.name, "adjust_note": row.note, "cell_target": row.own_cell}
                found["adjusted_text"] = row.adjusted.text if row.adjusted else ""
                if own := row.own:
                    found |= {
                        "own_sheet": own.sheet, "own_row": own.row, "own_target": own.target.shown,
                        "own_actual": own.actual_text, "own_points": own.points, "score_declared": own.score_declared,
                    }  # fmt: skip
                yield found


_OF_ROW = (
    "level1", "level2", "target_text", "sign_text", "unit_text", "points", "file", "sheet", "row", "score_approved",
    "changes",
)  # fmt: skip


class Rescored(NamedTuple):
    """Score and grade as declared, and under the approved targets."""

    declared: Decimal | None
    grade: str
    rescored: Decimal | None
    would_be: str


def compare(
    approved: Sequence[Sheet], frames: Frames, rulesets: Mapping[str, Ruleset], frames_of: FramesOf, aliases: Aliases
) -> Compared:
    """Hold the projects that count (`PROJECT_COLUMNS`, `ROW_COLUMNS` of `frames`) against approved ones.

    `frames_of` gives all columns of the projects that have to be scored again.
    """
    own = projects_of(frames, rulesets)
    matching.number_units(approved, own, aliases)
    brought = together(approved)
    matched = matching.projects(brought, own)
    found, lowered = Compared(brought), Lowered()
    for at, number in sorted(matched.of.items()):
        project, plan = own[at], brought[number]
        if plan.versions:
            places = [other.place for other in (plan, *plan.versions)]
            several = f"{len(places)}份内容不同的年初目标表（{'、'.join(places)}）"
            told = f"项目“{project.project_name}”有{several}，没有对照；请只保留批复的一份。"
            texts = {"seen": str(len(places)), "expected": "一份批复的目标表", "message": told}
            found.changes.append(change_of(UNUSABLE, WARNING, project, None, **texts))
            continue
        found.projects[project.project_id], plan.own = plan, project
        found.changes += _changes(project, plan, lowered)
    _rescore(found, lowered, own, rulesets, frames_of)
    _unmatched(found, matched, brought, own)
    in_order(found, own)
    return found


def in_order(found: Compared, own: Sequence[Project]) -> None:
    """Changes in the order of the self-evaluations and their rows."""
    order = {project.project_id: project.at for project in own}

    def key(change: Change) -> tuple[int, int, bool, str]:
        return order.get(change.project_id, len(order)), change.row or 0, change.code.startswith("MN"), change.code

    found.changes.sort(key=key)


# -- one project --------------------------------------------------------------------------------------------------


def _changes(project: Project, plan: Sheet, lowered: Lowered) -> Iterator[Change]:
    """The changes of one project; what became of each approved row is noted there, and in `lowered`."""
    bare = all(row.points is None for row in plan.rows)

    def same(row: Row | Own) -> str:
        return row.target.key and f"{row.target.key} {'' if bare else plain(row.points)}"

    rows = matching.rows(plan.rows, project.rows, same)
    easier = False
    copied: list[str] = []
    moved: list[tuple[Row, Own]] = []
    for row, own in rows.pairs:
        codes, written = [], own.target.key
        for change in _row_changes(project, plan, row, own) if written != row.target.key else ():
            codes.append(change.code)
            if change.code == LOWERED:
                easier = True
                if change.severity != INFO:
                    lowered[project.project_id, own.sheet, own.row] = row
            yield change
        actual = fold(own.actual_text)
        if actual and actual == fold(row.target.text) and row.expected.key != written:
            copied.append(row.name)
        if row.points is not None and own.points is not None and row.due_points != own.points:
            moved.append((row, own))
            codes.append(POINTS)
        row.own, row.changes = own, "、".join(codes)
    yield from _points(project, moved)
    if plan.whole:
        for row in (*rows.dropped, *(row for row, _ in rows.renamed)):
            row.changes = DROPPED
        for row, own in rows.renamed:
            told = f"年初批复的指标“{row.name}”（{row.target.shown}）在自评表中没有，"
            told += f"可能改名为“{own.level3}”（{own.target.shown}），请核实；未按同一指标对照。"
            yield change_of(
                DROPPED, WARNING, project, own, "cell_level3", seen=own.level3, expected=row.name, name=row.name,
                approved=row.target.shown, source=row.place, message=told,
            )  # fmt: skip
        yield from _dropped_and_added(project, rows.dropped, rows.added)
        yield from _budget(project, plan, lowered=easier)
        yield from _goal(project, plan)
    yield from _copied(project, plan, copied)
    yield from _procedure(project, plan)


def change_of(code: str, severity: str, project: Project, own: Own | None, /, *cells: str, **texts: Any) -> Change:
    """A change at the first of some cells that a row of a self-evaluation has, or its head (`own` None)."""
    where: Any = project if own is None else own
    names = (*cells, "cell") if own is None else (*cells, "cell_target", "cell_level3")
    given = {
        "table": "projects", "sheet": where.sheet, "row": None, "project": project.project_name, "unit": project.unit,
        "file": project.file, "cell": next((at for name in names if (at := getattr(where, name, ""))), ""),
    }  # fmt: skip
    if own is not None:
        given |= {
            "table": "indicators", "row": own.row, "level2": own.level2, "name": own.level3, "own": own.target.shown,
            "actual": own.actual_text, "points": plain(own.points), "declared": own.score_declared,
        }  # fmt: skip
    return Change(code=code, severity=severity, project_id=project.project_id, **given | texts)


def read_in(target: Target, row_name: str, level2: str, year: int | None) -> Reading:
    """A target as the form reads it, beside the name of its row."""
    around = Around(target.sign, target.unit, row_name, level2, stored=target.stored, year=year)
    return notation.read_target(target.text, around)


def _row_changes(project: Project, plan: Sheet, row: Row, own: Own) -> Iterator[Change]:
    """Target, unit and sign of a row that is not written alike; information where it was adjusted by procedure."""
    year, level2, now = project.year or plan.year, row.level2 or own.level2, own.target.shown
    mine = read_in(own.target, own.level3, own.level2, year)
    codes = list(_differences(read_in(row.target, row.name, level2, year), mine, own))
    if not codes:
        return
    told: dict[str, Any] = {"approved": row.target.shown, "adjusted": "", "seen": now, "source": row.place}
    if row.adjusted is not None:
        told["adjusted"] = row.adjusted.shown
        left = list(_differences(read_in(row.adjusted, row.name, level2, year), mine, own))
        if own.target.key == row.adjusted.key or not left:
            why = f"，调整说明：{row.note.strip()}" if row.note.strip() else ""
            message = f"“{own.level3}”年初批复的指标值为{row.target.shown}，调整表已调整为{now}{why}。"
            for code in codes:
                yield change_of(code, INFO, project, own, message=message, expected=row.target.shown, **told)
            return
        codes = left
    was = row.expected.shown
    head = f"“{own.level3}”{'年初批复的指标值' if row.adjusted is None else '调整后指标值'}为{was}，自评表写{now}"
    day = notation.read_target(own.target.text).kind == "date"
    looser = "上限放宽" if "≤" in was or "不超过" in was else "目标推迟" if day else "目标降低"
    severities = {
        LOWERED: (WARNING, "cell_target", f"{looser}，没有调整手续"),
        RAISED: (INFO, "cell_target", "时限提前" if day else "目标提高"),
        UNIT: (WARNING, "cell_unit", "计量口径不同，无法比较，不按年初目标复算"),
        SIGN: (WARNING, "cell_sign", "符号（判断方向）改变"),
        GOAL: (INFO, "cell_target", "定性目标的表述改变"),
    }
    for code in codes:
        severity, cell, what = severities[code]
        yield change_of(code, severity, project, own, cell, message=f"{head}，{what}。", expected=was, **told)


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
    if compared.target is None or compared.actual is None or compared.actual == compared.target:
        return
    if compared.target2 is not None or mine.value2 is not None:
        return
    way = _WAYS.get(before.op) or bare_direction(own.level3, own.level2, before.raw).way
    if way == "unclear" and before.op != "eq":
        yield SIGN
    else:
        yield RAISED if (compared.actual < compared.target) == (way == "less") else LOWERED


def _points(project: Project, moved: Sequence[tuple[Row, Own]]) -> Iterator[Change]:
    """Points that are not the approved ones; an error where they were moved from a missed row to a met one."""
    lost = [own for row, own in moved if less(own.points, row.points) and less(own.score, own.points)]
    for row, own in moved:
        gained = less(row.due_points, own.points) and not less(own.score, own.points)
        severity = ERROR if lost and gained else WARNING
        tail = f"，同时未完成的“{lost[0].level3}”分值调低" if severity == ERROR else ""
        yield change_of(
            POINTS, severity, project, own, "cell_points", seen=plain(own.points), expected=plain(row.due_points),
            approved=row.target.shown,
            message=f"“{own.level3}”年初批复的分值为{plain(row.due_points)}分，自评表为{plain(own.points)}分{tail}。",
        )  # fmt: skip


def _dropped_and_added(project: Project, dropped: Sequence[Row], added: Sequence[Own]) -> Iterator[Change]:
    free = [row.points for row in dropped if row.points]
    for row in dropped:
        severity, worth = (ERROR, f"（{plain(row.points)}分）") if row.points else (WARNING, "")
        yield change_of(
            DROPPED, severity, project, None, seen="", expected=f"{row.name} {row.target.shown}", level2=row.level2,
            name=row.name, approved=row.target.shown, points=plain(row.points), source=row.place,
            message=f"年初批复的指标“{row.name}”{worth}（{row.target.shown}）在自评表中没有，没有调整手续。",
        )  # fmt: skip
    for own in (own for own in added if own.role == "indicator"):
        takes = own.points is not None and own.points in free
        severity, why = (ERROR, f"，分值{plain(own.points)}分与删去的指标相同") if takes else (WARNING, "")
        yield change_of(
            ADDED, severity, project, own, "cell_level3", seen=own.level3, expected="年初批复的指标",
            message=f"指标“{own.level3}”（{own.target.shown}）不在年初批复的目标中，是自评时增加的{why}。",
        )  # fmt: skip


def _budget(project: Project, plan: Sheet, *, lowered: bool) -> Iterator[Change]:
    """The initial budget is the approved one; a budget that changed much has targets that were adjusted with it."""
    if plan.budget is None or project.budget_initial is None:
        return
    approved, initial, adjusted = plain(plan.budget), plain(project.budget_initial), plain(project.budget_adjusted)
    told = {"expected": approved, "approved": f"{approved}万元", "source": plan.place}
    if project.budget_initial != plan.budget:
        yield change_of(
            BUDGET, ERROR, project, None, "cell_initial", **told, seen=initial, own=f"{initial}万元", name="年初预算数",
            message=f"年初预算数：批复的目标表为{approved}万元，自评表为{initial}万元。",
        )  # fmt: skip
        return
    if not adjusted or not plan.budget or lowered or any(row.adjusted is not None for row in plan.rows):
        return
    share = (project.budget_adjusted - plan.budget) / plan.budget
    if abs(share) >= project.rules["target_budget_cut"]:
        by = f"{'调减' if share < 0 else '调增'}{plain(half_up(abs(share) * 100, 2))}%"
        yield change_of(
            BUDGET, INFO, project, None, "cell_adjusted", **told, seen=adjusted, own=f"{adjusted}万元",
            name="全年预算数", message=f"全年预算数比批复的年初预算{by}，绩效目标没有相应调整，请说明。",
        )  # fmt: skip


def _goal(project: Project, plan: Sheet) -> Iterator[Change]:
    """The overall goal in other words; a figure in it that fell is asked about."""
    before, after = goal_key(plan.goal_expected), goal_key(project.goal_expected)
    if not after or not before or after == before or after == goal_key(plan.goal_adjusted):
        return
    fell = ""
    if _FIGURE.sub("#", before) == _FIGURE.sub("#", after):  # the same words with other figures
        figures = zip(_FIGURE.findall(before), _FIGURE.findall(after), strict=True)
        fell = next((f"，其中数字由{one}改为{other}" for one, other in figures if Decimal(other) < Decimal(one)), "")
    approved, own = plan.goal_expected.strip(), project.goal_expected.strip()
    said = f"年初“{shorten(plan.goal_expected, 60)}”，自评表“{shorten(project.goal_expected, 60)}”"
    yield change_of(
        GOAL, WARNING if fell else INFO, project, None, "cell_goal_expected", seen=own, expected=approved,
        approved=approved, own=own, name="年度总体目标", adjusted=plan.goal_adjusted,
        source=f"{plan.file}“{plan.sheet}”{plan.cell_goal or plan.cell}",
        message=f"年度总体目标与年初批复的目标表述不一致{fell}：{said}。",
    )  # fmt: skip


def _copied(project: Project, plan: Sheet, names: Sequence[str]) -> Iterator[Change]:
    """Actuals that repeat the approved target word for word, or a result that is the goal."""
    if len(names) >= project.rules["target_copied_rows"]:
        listed = "、".join(f"“{name}”" for name in names[:5])
        yield change_of(
            COPIED, INFO, project, None, "cell", seen=str(len(names)), expected="实际完成情况", name="实际完成值",
            message=f"{len(names)}条指标（{listed}）的实际完成值与年初批复的指标值逐字相同，请核实是否照抄目标。",
        )  # fmt: skip
    goal, result = goal_key(plan.goal_expected), goal_key(project.goal_actual)
    if goal and result == goal and goal_key(project.goal_expected) != goal:
        yield change_of(
            COPIED, INFO, project, None, "cell_goal_actual", seen=project.goal_actual.strip(), expected="实际完成情况",
            name="年度总体目标", message="年度总体目标完成情况与年初批复的目标逐字相同，请填写实际完成情况。",
        )  # fmt: skip


def _procedure(project: Project, plan: Sheet) -> Iterator[Change]:
    """Adjustments without a reason, or made when the result was known."""
    year = project.year or plan.year
    for row in plan.rows:
        if row.adjusted is None or row.adjusted.key == row.target.key:
            continue
        what = f"“{row.name}”的指标值由{row.target.shown}调整为{row.adjusted.shown}"
        told: dict[str, Any] = {
            "table": "book", "sheet": row.change.sheet, "row": row.row, "cell": row.change.cell_adjusted,
            "file": row.change.file, "name": row.name, "level2": row.level2, "approved": row.target.shown,
            "adjusted": row.adjusted.shown,
        }  # fmt: skip
        if not row.note.strip() or is_nil(row.note):
            message = f"{what}，年初目标调整表没有填写调整说明。"
            yield change_of(PROCEDURE, WARNING, project, None, **told, seen="", expected="调整说明", message=message)
        day = notation.read_target(row.date, Around(year=year)).date_to if row.date else None
        if day and year and day > date(year, 12, 31):
            message = f"{what}，调整日期{row.date}在年度结束以后，目标是按结果改的。"
            told |= {"seen": row.date, "expected": f"{year}年12月31日以前", "message": message}
            yield change_of(PROCEDURE, WARNING, project, None, **told)


# -- scores under the approved targets ----------------------------------------------------------------------------


def put(frame: pd.DataFrame, at: int, values: Mapping[str, Any]) -> None:
    """Set some columns of one row."""
    names = frame.columns.tolist()
    for column, value in values.items():
        frame.iat[at, names.index(column)] = value


def _rescore(
    found: Compared, lowered: Lowered, own: Sequence[Project], rulesets: Mapping[str, Ruleset], frames_of: FramesOf
) -> None:
    """Score the rows whose target was lowered by the approved target, and their projects."""
    again = list(dict.fromkeys(key for key, _, _ in lowered))
    if not again:
        return
    frames = frames_of(again)
    frames = Frames(frames.projects.copy(), frames.funds, frames.indicators.copy())
    heads = ("project_id", "year", "total_declared", "total_score", "grade")
    before = {project.project_id: project for project in records(frames.projects, *heads)}
    _put_approved(frames.indicators, lowered, {key: project.year for key, project in before.items()})
    frames.projects["total_declared"] = pd.Series([None] * len(frames.projects), frames.projects.index, dtype=object)
    scored = score(frames, rulesets)
    _tell_rows(found, lowered, scored.indicators)
    by_id = {project.project_id: project for project in own}
    for after in records(scored.projects, "project_id", "total_score", "grade"):
        was = before[after.project_id]
        found.totals[after.project_id] = Rescored(was.total_declared, was.grade, after.total_score, after.grade)
        if after.total_score is not None and after.total_score != was.total_score:
            found.changes.append(_total_change(by_id[after.project_id], was, after))


def _put_approved(indicators: pd.DataFrame, lowered: Lowered, years: Mapping[str, int | None]) -> None:
    """Put the approved target into the rows whose target was lowered."""
    for at, row in enumerate(records(indicators, *_PLACE, "level3", "level2_text", "actual_text")):
        if approved := lowered.get((row.project_id, row.sheet, row.row)):
            target = approved.expected
            around = Around(target.sign, target.unit, row.level3, row.level2_text, year=years[row.project_id])
            texts = {"target_text": target.text, "sign_text": target.sign, "unit_text": target.unit}
            wanted = Cell(1, 1, target.text, target.stored)  # type: ignore[arg-type]
            put(indicators, at, pair_columns(*read_pair(wanted, Cell(1, 1, row.actual_text), around)) | texts)


def _tell_rows(found: Compared, lowered: Lowered, scored: pd.DataFrame) -> None:
    """Say with each lowered target what its row scores under the approved one."""
    scores = {(row.project_id, row.sheet, row.row): row.score for row in records(scored, *_PLACE, "score")}
    for at, change in enumerate(found.changes):
        key = change.project_id, change.sheet, change.row or 0
        if change.code == LOWERED and change.severity != INFO and key in lowered:
            computed = lowered[key].score_approved = scores.get(key)
            severity, told = change.severity, change.message
            if less(computed, change.declared):  # the row keeps more points than that
                due = f"按年初目标应得{plain(computed)}分，自评得{plain(change.declared)}分"
                severity, told = ERROR, f"{told.removesuffix('。')}；实际完成{change.actual}未达到年初目标，{due}。"
            found.changes[at] = change._replace(rescored=computed, severity=severity, message=told)


def _total_change(project: Project, was: Any, after: Any) -> Change:
    """The total of a project and perhaps its grade, as declared (`was`) and under the approved targets (`after`)."""
    changed = after.grade and after.grade != was.grade
    grade = f"，等级由{was.grade}变为{after.grade}" if changed else ""
    declared, total = plain(was.total_declared), after.total_score
    stated = f"自评{declared}分" if declared else "自评未填总分"
    return change_of(
        RESCORED, WARNING if grade else INFO, project, None, "cell_total", "cell",
        seen=declared, expected=plain(total), declared=was.total_declared, rescored=total, name="总分",
        message=f"按年初批复的目标复算，项目得{plain(total)}分（{stated}）{grade}。",
    )  # fmt: skip


# -- projects on one side only ------------------------------------------------------------------------------------


def _unmatched(found: Compared, matched: matching.Matched, approved: Sequence[Sheet], own: Sequence[Project]) -> None:
    """Approved projects without a self-evaluation and the reverse; what cannot be compared is said once."""
    if approved and not matched.of:
        found.changes.append(_nothing_matches(approved, own))
        return
    used, renamed = set(matched.of.values()), dict(matched.renamed)
    for number, project in enumerate(approved):
        if number in used:
            continue
        told = f"项目“{project.project_name}”的年初目标表是{{}}的，自评表是{{}}的，没有对照；请核对目标表的{{}}。"
        if number in matched.other_year:
            its = f"{own[matched.other_year[number]].year}年度"
            change = _not_compared(UNUSABLE, WARNING, project, its, told.format(f"{project.year}年度", its, "年度"))
        elif number in matched.other_unit:
            its = own[matched.other_unit[number]].unit
            change = _not_compared(UNUSABLE, WARNING, project, its, told.format(project.unit_name, its, "单位"))
        elif number in renamed:
            other = own[renamed[number]].project_name
            told = f"年初批复的项目“{project.project_name}”没有找到自评表，可能改名为“{other}”，没有对照；"
            told += "确属同一项目的，请在目标表上写明与自评表相同的项目编码或名称。"
            change = _not_compared(MISSING, WARNING, project, other, told)
        elif project.whole:
            told = f"年初批复了项目“{project.project_name}”的绩效目标，没有找到它的自评表。"
            change = _not_compared(MISSING, ERROR, project, "自评表", told)
        else:
            continue
        found.changes.append(change)
    covered = {one.unit_number for at, number in matched.of.items() for one in (own[at], approved[number])}
    asked = {*matched.of, *renamed.values(), *matched.other_year.values(), *matched.other_unit.values()}
    for at, one in enumerate(own):
        if at not in asked and one.unit_number in covered:
            told = f"项目“{one.project_name}”没有年初批复的绩效目标，是否为追加项目，请说明并补充目标表。"
            texts = {"seen": "", "expected": "年初批复的目标表", "message": told}
            found.changes.append(change_of(MISSING, WARNING, one, None, **texts))


def on_sheet(code: str, severity: str, sheet: Sheet, expected: str, message: str, *, seen: str) -> Change:
    """A change at the head of a sheet of the cycle."""
    return Change(
        code, severity, "", "book", sheet.sheet, None, sheet.cell, sheet.file, seen, expected, message,
        sheet.project_name, sheet.unit_name,
    )  # fmt: skip


def _not_compared(code: str, severity: str, sheet: Sheet, expected: str, message: str) -> Change:
    told = on_sheet(code, severity, sheet, expected, message, seen=sheet.project_name)
    return told._replace(source=sheet.place)


def _nothing_matches(approved: Sequence[Sheet], own: Sequence[Project]) -> Change:
    years, its = ({project.year for project in some if project.year} for some in (approved, own))
    why = "请核对单位和年度，并确认项目编码或名称一致"
    if years and its and years.isdisjoint(its):
        why = f"目标表是{min(years)}年度的，自评表是{min(its)}年度的，请换成同一年度的目标表"
    files = "、".join(dict.fromkeys(f"“{project.file}”" for project in approved))
    message = f"{files}中的{len(approved)}个项目的年初目标，没有一个与自评表的项目对应，没有对照；{why}。"
    return _not_compared(UNUSABLE, WARNING, approved[0], "同一年度、同一单位的自评项目", message)
