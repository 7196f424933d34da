"""Flat lists of the integrated budget system: one row a project (F11), one row an indicator (F12)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from perfbatch.layouts.asides import is_aside
from perfbatch.layouts.form import Form, Line
from perfbatch.layouts.gridform import unit_in_label
from perfbatch.layouts.sheet import Label, Sheet
from perfbatch.layouts.titles import find_title
from perfbatch.model import Cell
from perfbatch.notation import fold, is_nil

PROJECT_LIST, INDICATOR_LIST = "F11", "F12"
_FEWEST_COLUMNS = 5  # fewer header words in a row make no list
_HEAD = (
    "project_code", "project_name", "department", "unit", "year", "category", "origin", "conclusion", "grade",
    "goal_expected", "goal_actual", "status",
)  # fmt: skip
_KEYS: tuple[str, ...] = ("project_code", "project_name", "unit_name", "year")
_NAMES = ("project_name", "project_code", "level3")
_VALUES = ("adjusted", "executed", "target", "actual", "points", "score")
_FUNDS = ("initial", "adjusted", "executed", "rate", "points", "reason")


@dataclass(slots=True)
class Listing:
    """A list found on a sheet: its header row and, for each field, its column.

    `weight` is the second column of points, if any: levels have 权重设定值, indicators their own 权重.
    """

    kind: str
    header: int
    columns: dict[str, int]
    labels: dict[str, Label]
    money_unit: str = ""
    title: Cell | None = None
    weight: int | None = None

    def points(self, sheet: Sheet, row: int, *, level: bool) -> Cell | None:
        """The cell with the points of a row: set ones of a level, own ones of an indicator, else the others."""
        cells = [sheet.at(row, column) for column in (self.columns.get("points"), self.weight) if column]
        filled = [cell for cell in cells if not is_nil(cell.text)] or cells
        return None if not filled else filled[0] if level else filled[-1]


@dataclass(slots=True)
class ListedIndicators:
    """The indicator rows of one project in an F12 list, with the cells that name the project."""

    keys: dict[str, Cell]
    lines: list[Line] = field(default_factory=list)
    total: Cell | None = None


def find(sheet: Sheet) -> Listing | None:
    """The list on a sheet, or None; a list has its project name or code as a column among at least four others."""
    for row in sorted(row for row, labels in sheet.labels.items() if len(labels) >= _FEWEST_COLUMNS):
        for kind, block in ((INDICATOR_LIST, "indicator"), (PROJECT_LIST, "listing")):
            named = {
                name: label
                for name, label in sheet.fields(row, block).items()
                if row in (label.area.bottom, label.cell.row)
            }
            if _is_list(kind, named):
                named = _with_lower_words(sheet, block, named)
                columns = {name: label.area.left for name, label in named.items()}
                bottom = max(label.area.bottom for label in named.values())
                weights = [label.area.left for label in sheet.labels[row] if label.field(block) == "points"]
                return Listing(
                    kind, bottom, columns, named, _unit(sheet, row, named.values()), find_title(sheet, 1, row - 1),
                    weights[1] if len(weights) > 1 else None,
                )  # fmt: skip
    return None


def _is_list(kind: str, named: dict[str, Label]) -> bool:
    if not {"project_name", "project_code"} & set(named) or len(named) < _FEWEST_COLUMNS:
        return False
    if kind == INDICATOR_LIST:
        return "level3" in named and bool({"target", "actual"} & set(named))
    return bool({"adjusted", "executed", "score"} & set(named))


def _with_lower_words(sheet: Sheet, block: str, named: dict[str, Label]) -> dict[str, Label]:
    """The fields of a header and those of its last row (预算数 under 资金), or of a row below without a project."""
    bottom = max(label.area.bottom for label in named.values())
    whose = [label.area.left for name, label in named.items() if name in ("project_name", "project_code")]
    for row in (bottom, bottom + 1):
        if row > bottom and any(sheet.at(row, column).text for column in whose):
            continue
        named = {name: label for name, label in sheet.fields(row, block).items() if label.area.bottom == row} | named
    return named


def _unit(sheet: Sheet, header: int, labels: Collection[Label]) -> str:
    money = {label.area.left: label.area.bottom for label in labels}
    groups = [sheet.at(row, column) for column, bottom in money.items() for row in range(header, bottom)]
    for cell in (*(label.cell for label in labels), *groups):
        if unit := unit_in_label(cell.text):
            return unit
    for row in range(1, header):
        for cell in sheet.row(row):
            if "单位" in cell.text and (unit := unit_in_label(cell.text)):
                return unit
    return ""


def read_projects(sheet: Sheet, found: Listing) -> list[Form]:
    """One form a row: head and a single total line of funds; the score column is the total."""
    return [_project(sheet, found, row) for row in _rows(sheet, found, "project_name", "project_code")]


def _rows(sheet: Sheet, found: Listing, *keys: str) -> list[int]:
    rows = []
    for row in range(found.header + 1, sheet.last_row + 1):
        cells = [sheet.at(row, found.columns[key]) for key in keys if key in found.columns]
        if any(cell.text.strip() for cell in cells) and _is_own(sheet, found, row) and not _is_sum(sheet, cells):
            rows.append(row)
    return rows


def _is_own(sheet: Sheet, found: Listing, row: int) -> bool:
    """Whether a row belongs to the list: no note or signature, no text across it, no header repeated."""
    if row not in sheet.labels and row not in sheet.stated and _has_values(sheet, found, row):
        return True
    cells = {name: sheet.at(row, column) for name, column in found.columns.items()}
    shown = {name: cell for name, cell in cells.items() if cell.text}
    repeated = [name for name, cell in shown.items() if fold(cell.text) == fold(found.labels[name].cell.text)]
    names = [shown[name] for name in _NAMES if name in shown]
    across = any(shown.get(value) is name for name in names for value in _VALUES)
    return not across and len(repeated) < _FEWEST_COLUMNS and not is_aside(sheet, row)


def _has_values(sheet: Sheet, found: Listing, row: int) -> bool:
    """Whether a cell of its own stands in a value column (most rows, told apart quickly)."""
    own, columns = sheet.own, found.columns
    values = [cell for name in _VALUES if name in columns and (cell := own.get((row, columns[name]))) and cell[2]]
    return bool(values) and all(own.get((row, columns[name])) is not values[-1] for name in _NAMES if name in columns)


def _is_sum(sheet: Sheet, cells: list[Cell]) -> bool:
    """Whether a row adds up others: its names end in 小计 or 合计; a project of that name has a code."""
    texts = [fold(cell.text) for cell in cells if cell.text.strip()]
    sums, totals = tuple(sheet.vocabulary.words("total_rows", "sums")), sheet.vocabulary.blocks["total_rows"]
    return any(text in totals for text in texts) or (bool(texts) and all(text.endswith(sums) for text in texts))


def _project(sheet: Sheet, found: Listing, row: int) -> Form:
    def at(name: str) -> Cell | None:
        column = found.columns.get(name)
        return sheet.at(row, column) if column else None

    anchor = at("project_name") or at("project_code")
    form = Form(
        sheet.grid.file, sheet.grid.sheet, PROJECT_LIST, anchor=anchor.ref if anchor else f"A{row}",
        money_unit=found.money_unit,
    )  # fmt: skip
    for name in _HEAD:
        if (cell := at(name)) is not None:
            form.head[name] = cell
    if found.title:
        form.head["title"] = found.title
    if (total := at("score")) is not None:
        form.head["total"] = total
    cells = {name: cell for name in _FUNDS if (cell := at(name)) is not None}
    if (score := at("execution_score")) is not None:
        cells["score"] = score
    if cells:
        source = Cell(row, found.labels[next(iter(cells))].area.left, "合计", "text")
        form.funds.append(Line(row, {"source": source, **cells}, sheet.grid.sheet))
    return form


def read_indicators(sheet: Sheet, found: Listing) -> list[ListedIndicators]:
    """Indicator rows grouped by project in order of appearance; level rows become levels of what follows."""
    groups: dict[tuple[str, str], ListedIndicators] = {}
    keys: dict[str, Cell] = {}
    levels: dict[str, Cell] = {}
    rows = _filled_rows(sheet, found)
    for at, (row, cells) in enumerate(rows):
        own = {name: cells[name] for name in _KEYS if name in cells}
        if any(cell.text for cell in own.values()) and _key(own) != _key(keys):
            keys, levels = own, {}
        group = groups.setdefault(_key(keys), ListedIndicators(keys))
        which = _level_of(sheet, cells, rows[at + 1][1] if at + 1 < len(rows) else None)
        if points := found.points(sheet, row, level=which is not None):
            cells["points"] = points
        if which in ("level1", "level2"):
            above = {name: cell for name, cell in levels.items() if which == "level2" and name.startswith("level1")}
            levels = {**above, which: cells["level3"]}
            if "points" in cells:
                levels[f"{which}_points"] = cells["points"]
        elif which == "total":
            group.total = cells.get("score")
        elif which != "subtotal":
            shown = {name: cell for name, cell in cells.items() if name not in own}
            group.lines.append(Line(row, {**levels, **shown}, sheet.grid.sheet))
    return list(groups.values())


def _filled_rows(sheet: Sheet, found: Listing) -> list[tuple[int, dict[str, Cell]]]:
    rows = []
    for row in range(found.header + 1, sheet.last_row + 1):
        cells = {name: sheet.at(row, column) for name, column in found.columns.items()}
        if any(cell.text for cell in cells.values()) and _is_own(sheet, found, row):
            rows.append((row, cells))
    return rows


def _key(keys: dict[str, Cell]) -> tuple[str, str]:
    code, name = (keys[k].text.strip() if k in keys else "" for k in ("project_code", "project_name"))
    return (code, "" if code else fold(name))


def _level_of(sheet: Sheet, cells: dict[str, Cell], following: dict[str, Cell] | None) -> str | None:
    """Whether a row only names a level or the total (points set, no values), else None.

    成本指标 and 满意度指标 name a level 1 and a level 2: they are the level 1 when a level 2 follows.
    """
    names = _level_names(sheet, cells)
    if names == {"level1", "level2"}:
        return "level1" if following and "level2" in _level_names(sheet, following) else "level2"
    return next(iter(names), None)


def _level_names(sheet: Sheet, cells: dict[str, Cell]) -> set[str]:
    name = cells.get("level3")
    if name is None or any(not is_nil(cells[f].text) for f in ("target", "actual") if f in cells):
        return set()
    if fold(name.text) in sheet.vocabulary.blocks["total_rows"]:
        return {"total"}
    if _is_sum(sheet, [name]):
        return {"subtotal"}
    return {which for which in ("level1", "level2") if sheet.vocabulary.level(name.text, which)}


def join(projects: list[Form], indicators: list[ListedIndicators], sheet: Sheet | None) -> list[Form]:
    """Give each project of an F11 list its F12 rows, by code, else by name; the rest become forms of their own."""
    by_code = {form.text("project_code").strip(): form for form in projects if form.text("project_code").strip()}
    by_name = {fold(form.text("project_name")): form for form in projects}
    joined = list(projects)
    for group in indicators:
        code, name = (group.keys[k].text.strip() if k in group.keys else "" for k in ("project_code", "project_name"))
        form = by_code.get(code) or by_name.get(fold(name))
        if form is None:
            anchor = _first_cell(group)
            if anchor is None:  # level rows above the first project: nothing to tell
                continue
            form = _orphan(group, sheet, anchor)
            joined.append(form)
        form.lines.extend(group.lines)
        if group.total is not None:
            form.head.setdefault("total", group.total)
        form.has_points = True
    return joined


def _first_cell(group: ListedIndicators) -> Cell | None:
    """Where a project of an F12 list begins; rows that name none begin at their first own cell."""
    own = (cell for line in group.lines[:1] for cell in line.cells.values() if cell.row == line.row)
    return next((cell for cell in (*group.keys.values(), *own, group.total) if cell is not None), None)


def _orphan(group: ListedIndicators, sheet: Sheet | None, first: Cell) -> Form:
    grid = sheet.grid if sheet else None
    form = Form(grid.file if grid else "", grid.sheet if grid else "", INDICATOR_LIST, anchor=first.ref)
    form.head = {("unit" if name == "unit_name" else name): cell for name, cell in group.keys.items()}
    return form
