"""From a workbook's grids to its forms: which sheets hold forms or lists, where each form begins and ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from perfbatch.layouts import listing, remarks, vocabulary
from perfbatch.layouts.bands import indicator_bands
from perfbatch.layouts.form import Form
from perfbatch.layouts.geometry import Address
from perfbatch.layouts.gridform import read_form
from perfbatch.layouts.sheet import Sheet
from perfbatch.layouts.titles import is_title
from perfbatch.layouts.vocabulary import Vocabulary, header_forms, stated
from perfbatch.model import Book, Range, SheetReading
from perfbatch.notation import fold

_TITLE_ROWS = 8  # how far above 项目名称 a title is looked for


@dataclass(slots=True)
class Recognition:
    """Forms of a workbook and what became of each sheet."""

    forms: list[Form] = field(default_factory=list)
    sheets: list[SheetReading] = field(default_factory=list)


def recognise(book: Book, words: Vocabulary | None = None) -> Recognition:
    """All forms of a workbook in sheet order; a sheet without one is named with the reason."""
    words = words or vocabulary.load()
    result = Recognition()
    projects: list[Form] = []
    indicators: list[listing.ListedIndicators] = []
    indicator_sheet: Sheet | None = None
    for grid in book.grids:
        sheet = Sheet(grid, words)
        found = listing.find(sheet)
        if found is None:
            forms = grid_forms(sheet)
            if _continues(result.forms, forms):
                _complete(result.forms[-1], forms[0])
                result.sheets.append(_continued(sheet, forms[0], result.forms[-1]))
                continue
            result.forms += forms
            result.sheets.append(_reading(sheet, forms))
        elif found.kind == listing.PROJECT_LIST:
            rows = listing.read_projects(sheet, found)
            projects += rows
            year = remarks.year_from_names(rows[0]) if rows else []
            result.sheets.append(_listed(sheet, listing.PROJECT_LIST, len(rows), 0, "；".join(year)))
        else:
            groups = listing.read_indicators(sheet, found)
            indicators += groups
            indicator_sheet = sheet
            lines = sum(len(group.lines) for group in groups)
            result.sheets.append(_listed(sheet, listing.INDICATOR_LIST, len(groups), lines))
    result.forms += listing.join(projects, indicators, indicator_sheet)
    return result


def _continues(before: list[Form], forms: list[Form]) -> bool:
    """Whether a sheet holds the rest of the form before it: indicators without a head of their own.

    The form before has none yet, or some and no total, which the rest has or whose name says 续.
    """
    if len(forms) != 1 or not before or not forms[0].lines:
        return False
    form, rest = before[-1], forms[0]
    alike = fold(rest.text("project_name")) == fold(form.text("project_name"))
    if "project_name" in rest.head and (rest.funds or not alike):
        return False
    if not form.lines:
        return "project_name" not in rest.head
    return "total" not in form.head and ("total" in rest.head or "续" in rest.sheet + rest.text("title"))


def _complete(form: Form, rest: Form) -> None:
    """Take the lines, the total and what stands below it from the sheet on which a form ends."""
    form.lines += rest.lines
    form.has_points = rest.has_points
    for name, cell in rest.head.items():
        if name in ("total", "total_points", "grade", "conclusion", "problems", "measures", "reason_box"):
            form.elsewhere.setdefault(name, rest.sheet)
            form.head.setdefault(name, cell)


def _continued(sheet: Sheet, rest: Form, form: Form) -> SheetReading:
    remark = f"接工作表“{form.sheet}”的自评表，合并读取"
    return SheetReading(sheet.grid.sheet, form.layout, 0, len(rest.lines), sheet.grid.hidden, remark)


def grid_forms(sheet: Sheet) -> list[Form]:
    """The forms on one sheet, top to bottom; of forms side by side the left ones first."""
    names = _names(sheet)
    if halves := _side_by_side(sheet, names):
        return [form for half in halves for form in grid_forms(half)]
    starts = _starts(sheet, names)
    if not starts and indicator_bands(sheet, 1, sheet.last_row):
        starts = [1]
    if not starts:
        return []
    ends = [start - 1 for start in starts[1:]] + [sheet.last_row]
    forms = []
    for start, end in zip(starts, ends, strict=True):
        form = _form(sheet, Range(start, 1, end, sheet.last_column))
        if form.lines or form.funds:
            forms.append(form)
    return forms


def _side_by_side(sheet: Sheet, names: list[Address]) -> tuple[Sheet, Sheet] | None:
    """The sheet cut in two where a row names two projects and each part has indicators of its own."""
    for (row, _), (same, column) in pairwise(names):
        if row == same:
            left, right = _cut(sheet, column)
            if indicator_bands(left, 1, left.last_row) and indicator_bands(right, 1, right.last_row):
                return left, right
    return None


def _cut(sheet: Sheet, column: int) -> tuple[Sheet, Sheet]:
    """Two sheets of the same addresses: the columns before `column`, and those from it on."""
    grid, parts = sheet.grid, []
    for first, last in ((1, column - 1), (column, sheet.last_column)):
        cells = {at: cell for at, cell in grid.cells.items() if first <= at[1] <= last}
        merges = tuple(merge for merge in grid.merges if first <= merge.left <= last)
        parts.append(Sheet(replace(grid, cells=cells, merges=merges), sheet.vocabulary))
    return parts[0], parts[1]


def _form(sheet: Sheet, region: Range) -> Form:
    entry = family(sheet, region.top, region.bottom)
    words = vocabulary.special(sheet.vocabulary, entry["id"])
    if words is not sheet.vocabulary:
        sheet = Sheet(sheet.grid, words)
    return read_form(sheet, region, entry["id"], unlabelled_score=entry.get("unlabelled_score", False))


def _starts(sheet: Sheet, names: list[Address]) -> list[int]:
    """First row of each form: its title where one stands above 项目名称, else the row of 项目名称."""
    starts: list[int] = []
    floor = 1
    for row, _ in names:
        if row < floor:
            continue
        starts.append(_title_row(sheet, max(floor, row - _TITLE_ROWS), row))
        floor = row + 1
    return starts


def _names(sheet: Sheet) -> list[Address]:
    """Where 项目名称 stands, in reading order."""
    labels = [label for row in sheet.labels.values() for label in row if label[1].get("head") == "project_name"]
    stating = [
        cell[:2]
        for row in sheet.stated.values()
        for cell in row
        if "project_name" in dict(stated(sheet.vocabulary, cell.text))
    ]
    return sorted({*(label[0][:2] for label in labels), *stating})


def _title_row(sheet: Sheet, top: int, row: int) -> int:
    """The highest title row directly above `row`; without one the first row of the run of filled rows."""
    titled = [
        above
        for above in range(top, row)
        if any(c.row == above and is_title(sheet.vocabulary, c.text) for c in sheet.row(above))
    ]
    if titled:
        return titled[-1] if len(titled) == 1 else _first_of_run(titled)
    return row


def _first_of_run(rows: list[int]) -> int:
    first = rows[-1]
    for row in reversed(rows[:-1]):
        if first - row > 2:
            break
        first = row
    return first


def family(sheet: Sheet, top: int, bottom: int) -> Mapping[str, Any]:
    """Family of the form between two rows, by its words, then by the order of its columns."""
    labels = [label.cell.text for row in range(top, bottom + 1) for label in sheet.labels.get(row, ())]
    for entry in _by_words(sheet.vocabulary, frozenset(labels)):
        if not entry.get("points_before_target") or _points_come_first(sheet, top, bottom):
            return entry
    return {"id": "F1"}


@lru_cache(maxsize=256)
def _by_words(vocabulary: Vocabulary, labels: frozenset[str]) -> tuple[Mapping[str, Any], ...]:
    """The families whose words are all on a form; the forms of an export mostly carry the same."""
    words = {form for label in labels for form in header_forms(label)}
    return tuple(
        entry
        for entry in vocabulary.families
        if words.issuperset(entry.get("all", ())) and ("any" not in entry or not words.isdisjoint(entry["any"]))
    )


def _points_come_first(sheet: Sheet, top: int, bottom: int) -> bool:
    bands = indicator_bands(sheet, top, bottom)
    return bool(bands) and _left(bands[0].columns, "points") < _left(bands[0].columns, "target")


def _left(columns: Mapping[str, tuple[int, int]], name: str) -> int:
    return columns[name][0] if name in columns else 10**6


def title_of(layout: str, words: Vocabulary | None = None) -> str:
    """Chinese name of a family."""
    names = {"F11": "一体化系统项目列表", "F12": "一体化系统指标列表"}
    known = (words or vocabulary.load()).families
    return names.get(layout) or next((str(f["title"]) for f in known if f["id"] == layout), layout)


def _reading(sheet: Sheet, forms: list[Form]) -> SheetReading:
    grid = sheet.grid
    layout = "、".join(dict.fromkeys(form.layout for form in forms))
    return SheetReading(
        grid.sheet, layout, len(forms), sum(len(form.lines) for form in forms), grid.hidden, _remark(sheet, forms)
    )


def _remark(sheet: Sheet, forms: list[Form]) -> str:
    if not sheet.grid.cells:
        return "空白工作表，未处理"
    if not forms:
        return remarks.unrecognised(sheet)
    bare = [form.anchor for form in forms if not form.lines]
    parts = [remarks.without_indicators(sheet, bare)] if bare else []
    return "；".join([*parts, *remarks.year_from_names(forms[0])])


def _listed(sheet: Sheet, layout: str, projects: int, lines: int, remark: str = "") -> SheetReading:
    return SheetReading(sheet.grid.sheet, layout, projects, lines, sheet.grid.hidden, remark)
