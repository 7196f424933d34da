"""Approved targets of a batch: what target sheets and adjustment lists say of each project, brought together; and the
self-evaluations that they are held against."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

from perfbatch.identity.names import code_key, name_key, project_key
from perfbatch.model import Frames
from perfbatch.notation import fold, is_nil
from perfbatch.schema import record, records, rows

TARGET, ADJUSTMENT = "target", "target_adjustment"
SCORED = ("indicator", "child", "parent")
_ORDINAL = re.compile(r"^[(]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)]?[.、:)](?!\d)")


class Target(NamedTuple):
    """A target as written: its text, how the cell holds it, sign and unit of their own columns."""

    text: str
    stored: str = "text"
    sign: str = ""
    unit: str = ""

    @property
    def key(self) -> str:
        """What makes two of them the same without any reading."""
        return f"{fold(self.sign)}{fold(self.text)}{fold(self.unit)}"

    @property
    def shown(self) -> str:
        """As a sentence names it: sign, figure and unit together."""
        sign = self.sign.strip() if self.sign.strip() in ("≥", "≤", "＞", "＜", ">", "<", "=", "＝") else ""
        text, unit = self.text.strip(), self.unit.strip()
        return f"{'' if text.startswith(sign) else sign}{text}{'' if unit and text.endswith(unit) else unit}"


PROJECT_COLUMNS = (
    "project_id", "project_code", "project_name", "unit", "department", "year", "file", "sheet", "budget_initial",
    "budget_adjusted", "executed", "execution_rate", "goal_expected", "goal_actual", "family", "ruleset", "cell",
    "cell_initial", "cell_adjusted", "cell_goal_expected", "cell_goal_actual", "cell_total", "cell_executed",
)  # fmt: skip
ROW_COLUMNS = (
    "project_id", "sheet", "row", "level2", "level3", "role", "target_text", "target_stored", "sign_text", "unit_text",
    "actual_text", "points", "score_declared", "score", "reason", "cell_target", "cell_points", "cell_sign",
    "cell_unit", "cell_actual", "cell_level3", "cell_score",
)  # fmt: skip


class Own(record(*ROW_COLUMNS)):  # type: ignore[misc]
    """A row of a self-evaluation, its columns as attributes."""

    __slots__ = ()  # there are a hundred thousand of them

    @property
    def target(self) -> Target:
        """Its target as written."""
        return Target(self.target_text, self.target_stored or "text", self.sign_text, self.unit_text)


class Project(record(*PROJECT_COLUMNS)):  # type: ignore[misc]
    """A self-evaluation, its columns as attributes, with its rows; `rules` are those of its ruleset."""

    at: int
    rules: Mapping[str, Any]
    rows: list[Own]


def projects_of(frames: Frames, rulesets: Mapping[str, Any]) -> list[Project]:
    """The self-evaluations of `frames` with their scored rows and their rulesets."""
    found: dict[str, Project] = {}
    for at, project in enumerate(map(Project._make, rows(frames.projects, *PROJECT_COLUMNS))):
        project.at, project.rules, project.rows = at, rulesets[project.ruleset], []
        found[project.project_id] = project
    for own in map(Own._make, rows(frames.indicators, *ROW_COLUMNS)):
        if own.role in SCORED:
            found[own.project_id].rows.append(own)
    return list(found.values())


@dataclass(slots=True)
class ApprovedRow:
    """One approved indicator. `adjusted` is the target after an adjustment by procedure, None without one."""

    level1: str
    level2: str
    name: str
    description: str
    target: Target
    points: Decimal | None
    sheet: str
    row: int | None
    cell: str
    basis: str = ""
    adjusted: Target | None = None
    adjusted_points: Decimal | None = None
    note: str = ""
    date: str = ""
    cell_adjusted: str = ""
    file: str = ""  # of the adjustment
    more: Any = None  # the row of the sheet, its columns (`perfbatch.schema.CYCLE`) as attributes

    @property
    def expected(self) -> Target:
        """What the self-evaluation should state."""
        return self.adjusted or self.target

    @property
    def key(self) -> str:
        """Name by which the row is found again."""
        return indicator_key(self.name)


@dataclass(slots=True)
class Approved:
    """One approved project. `whole`: its sheet lists all indicators, not only those that were adjusted."""

    project_id: str
    code: str
    name: str
    unit: str
    department: str
    year: int | None
    budget: Decimal | None
    goal: str
    file: str
    sheet: str
    cell: str
    cell_budget: str
    cell_goal: str
    rows: list[ApprovedRow] = field(default_factory=list)
    whole: bool = True
    adjusted_goal: str = ""
    note: str = ""
    date: str = ""
    more: Any = None  # the first row of the sheet, its columns as attributes
    versions: list[Approved] = field(default_factory=list)  # others of the same project that say something else

    @property
    def says(self) -> list[tuple[str, str]]:
        """Its indicators with their targets: two sheets that say the same count once."""
        return sorted((row.key, row.target.key) for row in self.rows)

    def place(self) -> str:
        """Where it stands, for a sentence."""
        return f"{self.file}“{self.sheet}”{self.cell}"


@lru_cache(maxsize=1 << 16)
def indicator_key(name: str) -> str:
    """An indicator's name without width, blanks, punctuation and numbering."""
    return name_key(_ORDINAL.sub("", fold(name)))


def goal_key(text: str) -> str:
    """A goal without width, blanks, punctuation and numbering; decimal points stay."""
    lines = (_ORDINAL.sub("", fold(line)) for line in text.splitlines())
    return re.sub(r"[^\w.%]+|(?<!\d)\.|\.(?!\d)", "", "".join(lines))


def read(frame: pd.DataFrame, kinds: Sequence[str] = (TARGET, ADJUSTMENT)) -> list[Approved]:
    """The projects of the rows of `perfbatch.schema.CYCLE` that are of some kinds, one a sheet or list."""
    found: dict[str, Approved] = {}
    for row in records(frame[frame["sheet_kind"].isin(kinds)]):
        project = found.get(row.project_id)
        if project is None:
            budget = row.budget_adjusted if row.budget_initial is None else row.budget_initial
            project = found[row.project_id] = Approved(
                row.project_id, row.project_code, row.project_name, row.unit_name, row.department, row.year, budget,
                row.goal_expected, row.file, row.sheet, row.cell, row.cell_budget, row.cell_goal,
                whole=row.sheet_kind == TARGET, adjusted_goal=row.goal_adjusted, note=row.head_note,
                date=row.head_date, more=row,
            )  # fmt: skip
        if row.role in SCORED and row.level3.strip():
            own = Target(row.target_text, row.target_stored or "text", row.sign_text, row.unit_text)
            adjusted = None if is_nil(row.adjusted_text) else own._replace(text=row.adjusted_text, stored="text")
            project.rows.append(
                ApprovedRow(
                    row.level1, row.level2, row.level3.strip(), row.description, own, row.points, row.sheet, row.row,
                    row.cell_target or row.cell_name, row.target_basis, adjusted, row.adjusted_points,
                    row.adjust_note or row.head_note, row.adjust_date or row.head_date, row.cell_adjusted, row.file,
                    row,
                )
            )  # fmt: skip
    return list(found.values())


def together(projects: Iterable[Approved], units: Sequence[int]) -> tuple[list[Approved], list[int]]:
    """One for each project, adjustments laid over its targets; `units` are the numbers of their units.

    Two sheets that say the same count once; where they differ the later one is kept among the `versions`.
    """
    groups: list[list[tuple[Approved, int]]] = []
    named: dict[str, list[int]] = defaultdict(list)
    for project, unit in zip(projects, units, strict=True):
        keys = [key for key in (code_key(project.code), project_key(project.name)) if key]
        known = (group for key in keys for group in named[key])
        group = next((group for group in known if _may_be(groups[group], project, unit)), len(groups))
        if group == len(groups):
            groups.append([])
        for key in keys:
            if group not in named[key]:
                named[key].append(group)
        groups[group].append((project, unit))
    found = [_one([project for project, _ in members]) for members in groups]
    return found, [next((unit for _, unit in members if unit), 0) for members in groups]


def _may_be(members: Sequence[tuple[Approved, int]], project: Approved, unit: int) -> bool:
    """Whether a project can be that of others with its code or name: no other unit, code or year."""
    code = code_key(project.code)
    return all(
        (not unit or not its or unit == its)
        and (not code or not code_key(other.code) or code == code_key(other.code))
        and (project.year is None or other.year is None or project.year == other.year)
        for other, its in members
    )


def _one(members: Sequence[Approved]) -> Approved:
    whole = [project for project in members if project.whole]
    first = whole[0] if whole else members[0]
    for other in whole[1:]:
        if other.says != first.says:
            first.versions.append(other)
        first.year = first.year or other.year
    changes = [project for project in members if not project.whole and project is not first]
    for other in (*whole[1:], *changes):
        first.code, first.unit = first.code or other.code, first.unit or other.unit
    for change in changes:
        first.adjusted_goal = change.adjusted_goal or first.adjusted_goal
        first.note, first.date = change.note or first.note, change.date or first.date
        known = list(first.rows)
        for row in change.rows:
            if row.adjusted is None and row.adjusted_points is None:
                continue
            same = (one for one in known if one.key == row.key)
            own = next((one for one in same if not row.level2 or not one.level2 or one.level2 == row.level2), None)
            if own is None:
                first.rows.append(row)  # added by the adjustment
                continue
            own.adjusted, own.adjusted_points, own.note = row.adjusted, row.adjusted_points, row.note
            own.date, own.cell_adjusted, own.file, own.sheet = row.date, row.cell_adjusted, row.file, row.sheet
    return first
