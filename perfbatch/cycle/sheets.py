"""Sheets of the budget cycle: what target sheets and adjustment lists say of each project, brought together; and the
self-evaluations that they are held against."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import pandas as pd

from perfbatch.identity.names import code_key, name_key, project_key
from perfbatch.model import Frames
from perfbatch.notation import fold, is_nil
from perfbatch.schema import CYCLE, record, rows

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


class _WithTarget:
    __slots__ = ()

    @property
    def target(self: Any) -> Target:
        """Its target as written."""
        return Target(self.target_text, self.target_stored or "text", self.sign_text, self.unit_text)


class Own(_WithTarget, record(*ROW_COLUMNS)):  # type: ignore[misc]
    """A row of a self-evaluation, its columns as attributes."""

    __slots__ = ()  # there are a hundred thousand of them


class Project(record(*PROJECT_COLUMNS)):  # type: ignore[misc]
    """A self-evaluation, its columns as attributes, with its rows; `rules` are those of its ruleset."""

    unit_number = 0  # of its unit, equal for all spellings; 0 where it is not known
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


class Row(_WithTarget, record(*CYCLE)):  # type: ignore[misc]
    """One indicator of a sheet of the cycle, its columns as attributes, and what it was held against."""

    later: Row | None = None  # its row of an adjustment list
    own: Own | None = None  # its row of the self-evaluation
    changes = ""  # codes of what is otherwise there, empty where it was kept
    score_approved: Decimal | None = None  # that of its row under the approved target, where this was lowered

    @property
    def name(self) -> str:
        """The indicator."""
        return str(self.level3.strip())

    @property
    def key(self) -> str:
        """Name by which the row is found again."""
        return indicator_key(self.name)

    @property
    def own_cell(self) -> str:
        """Where its target stands."""
        return str(self.cell_target or self.cell_name)

    @property
    def place(self) -> str:
        """Where it stands, for a sentence."""
        return f"{self.file}“{self.sheet}”{self.own_cell}"

    @property
    def change(self) -> Row:
        """The row that says how it was adjusted: its own columns, or its row of an adjustment list."""
        return self.later or self

    @property
    def adjusted(self) -> Target | None:
        """The target after an adjustment by procedure, None without one."""
        text = self.change.adjusted_text
        return None if is_nil(text) else self.change.target._replace(text=text, stored="text")

    @property
    def expected(self) -> Target:
        """What the self-evaluation should state."""
        return self.adjusted or self.target

    @property
    def due_points(self) -> Decimal | None:
        """The points after an adjustment, else the approved ones."""
        points: Decimal | None = self.change.adjusted_points or self.points
        return points

    @property
    def note(self) -> str:
        """Why it was adjusted."""
        return str(self.change.adjust_note or self.change.head_note)

    @property
    def date(self) -> str:
        """When it was adjusted."""
        return str(self.change.adjust_date or self.change.head_date)


class Sheet(record(*CYCLE)):  # type: ignore[misc]
    """One sheet of the cycle, or one project of a list: its head as attributes, and its rows."""

    unit_number = 0  # as that of a self-evaluation
    rows: list[Row]
    versions: list[Sheet]  # others of the same project that say something else
    own: Project | None = None  # the self-evaluation that it was held against

    @property
    def whole(self) -> bool:
        """Whether it lists all indicators, not only those that were adjusted."""
        return bool(self.sheet_kind == TARGET)

    @property
    def budget(self) -> Decimal | None:
        """The approved budget."""
        budget: Decimal | None = self.budget_adjusted if self.budget_initial is None else self.budget_initial
        return budget

    @property
    def says(self) -> list[tuple[str, str]]:
        """Its indicators with their targets: two sheets that say the same count once."""
        return sorted((row.key, row.target.key) for row in self.rows)

    @property
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


S = TypeVar("S", bound=Sheet)


def read(frame: pd.DataFrame, kinds: Sequence[str], made: type[S]) -> list[S]:
    """The sheets (and projects of lists) among the rows of `perfbatch.schema.CYCLE` that are of some kinds."""
    found: dict[str, S] = {}
    for row in map(Row._make, rows(frame[frame["sheet_kind"].isin(kinds)], *CYCLE)):
        if row.project_id not in found:
            found[row.project_id] = made._make(row)
            found[row.project_id].rows = []
        if row.role in SCORED and row.name:
            found[row.project_id].rows.append(row)
    return list(found.values())


def together(sheets: Iterable[Sheet]) -> list[Sheet]:
    """One for each project, adjustments laid over its targets; their units are numbered.

    Two sheets that say the same count once; where they differ the later one is kept among the `versions`.
    """
    groups: list[list[Sheet]] = []
    named: dict[str, list[int]] = defaultdict(list)
    for sheet in sheets:
        keys = [key for key in (code_key(sheet.project_code), project_key(sheet.project_name)) if key]
        known = (group for key in keys for group in named[key])
        group = next((group for group in known if _may_be(groups[group], sheet)), len(groups))
        if group == len(groups):
            groups.append([])
        for key in keys:
            if group not in named[key]:
                named[key].append(group)
        groups[group].append(sheet)
    return list(map(_one, groups))


def _may_be(members: Sequence[Sheet], sheet: Sheet) -> bool:
    """Whether a project can be that of others with its code or name: no other unit, code or year."""
    mine = sheet.unit_number, code_key(sheet.project_code), sheet.year
    theirs = ((other.unit_number, code_key(other.project_code), other.year) for other in members)
    return not any(one and two and one != two for other in theirs for one, two in zip(mine, other, strict=True))


def _one(members: Sequence[Sheet]) -> Sheet:
    whole = [sheet for sheet in members if sheet.whole]
    first, *others = whole or members[:1]
    changes = [sheet for sheet in members if not sheet.whole and sheet is not first]

    def stated(column: str, *some: Sheet) -> Any:
        return next((value for sheet in (*some, first) if (value := getattr(sheet, column))), None)

    found: Sheet = first._replace(
        year=stated("year", first, *others),
        project_code=stated("project_code", first, *others, *changes) or "",
        unit_name=stated("unit_name", first, *others, *changes) or "",
        goal_adjusted=stated("goal_adjusted", *reversed(changes)) or "",
    )
    found.unit_number = next((sheet.unit_number for sheet in members if sheet.unit_number), 0)
    found.rows, found.versions = list(first.rows), [other for other in others if other.says != first.says]
    for change in changes:
        known = list(found.rows)
        for row in change.rows:
            if row.adjusted is None and row.adjusted_points is None:
                continue
            same = (one for one in known if one.key == row.key)
            own = next((one for one in same if not row.level2 or one.level2 in ("", row.level2)), None)
            if own is None:
                found.rows.append(row)  # added by the adjustment
            else:
                own.later = row
    return found
