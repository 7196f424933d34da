"""Recognition goes by words: inserted rows and columns, permuted columns and other merges give the same frames."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support import drawing
from support.reading import build

from perfbatch.forms import recognise
from perfbatch.model import Book, Cell, Grid, Range

FAMILIES = ("F1", "F2", "F3", "F4", "F6", "F7", "F8", "F13", "F15")
INDICATOR_FACTS = [
    "level1", "level2", "level3", "target_text", "actual_text", "points", "score_declared", "reason", "operator",
    "target_value", "actual_value", "unit", "role",
]  # fmt: skip
PROJECT_FACTS = [
    "project_name", "department", "unit", "year", "budget_initial", "budget_adjusted", "executed",
    "total_declared", "goal_expected", "goal_actual",
]  # fmt: skip


def grid(sheet: drawing.Sheet) -> Grid:
    cells = {at: Cell(*at, text) for at, text in sheet.cells.items()}
    return Grid("a.xlsx", "表", cells, sheet.merges)


def facts(grid_: Grid) -> tuple[list[Any], list[Any], list[Any]]:
    built = build(recognise.recognise(Book("a.xlsx", "xlsx", "", [grid_])).forms)
    return (
        built.projects[PROJECT_FACTS].values.tolist(),
        built.funds[["source", "initial", "adjusted", "executed", "points"]].values.tolist(),
        built.indicators[INDICATOR_FACTS].values.tolist(),
    )


def moved(sheet: drawing.Sheet, rows: dict[int, int], columns: dict[int, int]) -> drawing.Sheet:
    """The sheet with every row and column number mapped; merges follow their corners."""
    cells = {(rows[r], columns[c]): text for (r, c), text in sheet.cells.items()}
    merges = tuple(Range(rows[t], columns[lft], rows[b], columns[r]) for t, lft, b, r in sheet.merges)
    return drawing.Sheet(cells, merges)


def spaced(gaps: list[int], size: int) -> dict[int, int]:
    """1…size with gaps[i] blanks inserted before line i+1."""
    placed, offset = {}, 0
    for line in range(1, size + 1):
        offset += gaps[line - 1] if line - 1 < len(gaps) else 0
        placed[line] = line + offset
    return placed


def extent(sheet: drawing.Sheet) -> tuple[int, int]:
    bottoms = [m.bottom for m in sheet.merges] + [r for r, _ in sheet.cells]
    rights = [m.right for m in sheet.merges] + [c for _, c in sheet.cells]
    return max(bottoms), max(rights)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FAMILIES), st.lists(st.integers(0, 1), max_size=14), st.integers(0, 3))
def test_blank_columns_do_not_matter(family: str, gaps: list[int], first: int) -> None:
    sheet = drawing.parse(drawing.load(family)["grid"])
    rows, columns = extent(sheet)
    shifted = moved(sheet, spaced([first], rows), spaced([first, *gaps], columns))
    assert facts(grid(shifted)) == facts(grid(sheet))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FAMILIES), st.data())
def test_blank_rows_between_lines_do_not_matter(family: str, data: st.DataObject) -> None:
    """Blank rows anywhere but inside a header or between a goal label and its text."""
    sheet = drawing.parse(drawing.load(family)["grid"])
    rows, columns = extent(sheet)
    lines = [entry[7] for entry in drawing.load(family)["expect"]["indicators"]][1:]
    before = data.draw(st.sets(st.sampled_from(lines), max_size=3))
    gaps = [1 if row in before else 0 for row in range(1, rows + 1)]
    shifted = moved(sheet, spaced(gaps, rows), spaced([], columns))
    assert facts(grid(shifted)) == facts(grid(sheet))


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(5, 10)))
def test_order_of_columns_does_not_matter(order: list[int]) -> None:
    """The value columns of the national form in any order (the family may become F2, the facts may not)."""
    sheet = drawing.parse(drawing.load("F1")["grid"])
    header = 12
    total = 21
    place = dict(zip(range(5, 10), order, strict=True))
    cells = {}
    for (row, column), text in sheet.cells.items():
        new = place.get(column, column) if header <= row < total else column
        cells[row, new] = text
    total_cells = {place[c]: t for (r, c), t in sheet.cells.items() if r == total and c >= 7}
    cells = {at: text for at, text in cells.items() if at[0] != total} | {(total, c): t for c, t in total_cells.items()}
    cells[total, 1] = "总分"
    merges = tuple(m for m in sheet.merges if m.top != total)
    assert facts(grid(drawing.Sheet(cells, merges))) == facts(grid(sheet))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(FAMILIES), st.randoms(use_true_random=False))
def test_level_merges_do_not_matter(family: str, random: Any) -> None:
    """Some merged level cells taken apart, the name given once for the group or repeated on every line."""
    sheet = drawing.parse(drawing.load(family)["grid"])
    first = min(entry[7] for entry in drawing.load(family)["expect"]["indicators"])
    merges, cells = [], dict(sheet.cells)
    for area in sheet.merges:
        text = sheet.cells.get((area.top, area.left), "")
        is_level = area.top >= first and area.left == area.right and area.bottom > area.top and "指标" in text
        if not is_level or random.random() < 0.4:
            merges.append(area)
        elif random.random() < 0.5:
            cells |= {(row, area.left): text for row in range(area.top, area.bottom + 1)}
    assert facts(grid(drawing.Sheet(cells, tuple(merges)))) == facts(grid(sheet))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(1, 12), st.integers(1, 8)), st.text(max_size=12), max_size=40), st.data())
def test_no_grid_raises(cells: dict[tuple[int, int], str], data: st.DataObject) -> None:
    """Any text anywhere, header words sprinkled in: recognised or not, never an exception."""
    words = [
        "项目名称",
        "三级指标",
        "年度指标值",
        "实际完成值",
        "全年执行数",
        "全年预算数",
        "总分",
        "分值",
        "得分",
        "预期目标",
    ]
    sprinkled = data.draw(st.dictionaries(st.tuples(st.integers(1, 12), st.integers(1, 8)), st.sampled_from(words)))
    both = {at: Cell(*at, text) for at, text in {**cells, **sprinkled}.items() if text}
    recognition = recognise.recognise(Book("a", "xlsx", "", [Grid("a", "表", both)]))
    build(recognition.forms)
