"""Print the published tables of `tests/data/tables` as workbooks in the national layout (F1).

Every figure is written verbatim as text in the column where it belongs, and the returned map says in which
cell it stands. `Geometry` varies what a clerk's Excel may do to a form without changing its facts: blank rows
and columns, a longer title, headers split over two rows, columns in another order, level cells merged or not,
several forms in one sheet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

TABLES = Path(__file__).parent.parent / "data" / "tables"
Table = dict[str, Any]

FUND_WORDS = {
    "initial": "年初预算数", "annual": "全年预算数", "executed": "全年执行数",
    "points": "分值", "rate": "执行率", "score": "得分",
}  # fmt: skip
INDICATOR_WORDS = {
    "level1": "一级指标", "level2": "二级指标", "level3": "三级指标", "target": "年度指标值",
    "actual": "实际完成值", "points": "分值", "score": "得分", "reason": "偏差原因分析及改进措施",
}  # fmt: skip


@dataclass(frozen=True)
class Geometry:
    """How the same facts lie on the sheet.

    `title`: rows above the head, ``{year}`` is filled in. `blank_rows`: block (title head funds goals
    indicators total) → empty rows before it. `blank_lines`: indicator indices with an empty row before them.
    `blank_columns`: base columns (0-8) with an empty column before them; 0 is a left margin.
    `split_headers`: long header words printed over two rows. `levels`: level cells merged down, printed in
    the first row only, or in every row.
    """

    title: tuple[str, ...] = ("项目支出绩效自评表", "（{year}年度）")
    blank_rows: Mapping[str, int] = field(default_factory=dict)
    blank_lines: frozenset[int] = frozenset()
    blank_columns: tuple[int, ...] = ()
    split_headers: bool = False
    fund_order: tuple[str, ...] = tuple(FUND_WORDS)
    indicator_order: tuple[str, ...] = tuple(INDICATOR_WORDS)
    levels: Literal["merged", "first", "every"] = "merged"


@dataclass
class FormCells:
    """Where one form's facts stand: A1 references by field; one mapping a fund row and one an indicator."""

    sheet: str
    table: Table
    head: dict[str, str] = field(default_factory=dict)
    funds: list[dict[str, str]] = field(default_factory=list)
    indicators: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Rendered:
    """A written workbook and the cells of its forms, in the order of the tables."""

    path: Path
    forms: list[FormCells]


def names() -> list[str]:
    """File stems of all published tables, sorted."""
    return sorted(path.stem for path in TABLES.glob("*.json"))


def load(name: str) -> Table:
    """One published table by file stem or by its number (``"007"``)."""
    path = next(iter(sorted(TABLES.glob(f"{name}*.json"))))
    table: Table = json.loads(path.read_text(encoding="utf-8"))
    return table


def render(
    tables: Sequence[Table],
    path: Path,
    geometry: Geometry | None = None,
    *,
    stacked: bool = False,
    gap: int = 2,
) -> Rendered:
    """Write `tables` to `path`, one sheet each, or all in one sheet with `gap` empty rows between."""
    with xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        style = book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter", "font_name": "宋体"})
        forms: list[FormCells] = []
        page: _Page | None = None
        for number, table in enumerate(tables, 1):
            if page is None or not stacked:
                sheet = book.add_worksheet("自评表" if stacked else f"表{number:02d}")
                page = _Page(sheet, style, geometry or Geometry())
            elif stacked:
                page.row += gap
            forms.append(page.form(table))
    return Rendered(path, forms)


class _Page:
    """Writes forms downwards on one worksheet; `row` is the next free 0-based row."""

    def __init__(self, sheet: Any, style: Any, geometry: Geometry) -> None:
        self.sheet, self.style, self.geometry, self.row = sheet, style, geometry, 0

    def column(self, base: int) -> int:
        """Physical 0-based column of a base column."""
        return base + sum(before <= base for before in self.geometry.blank_columns)

    def put(self, base: int, text: str, *, to: int | None = None, down: int = 0, row: int | None = None) -> str:
        """Write text as text, merged over base columns `base`-`to` and `down` more rows; its A1 reference."""
        top = self.row if row is None else row
        left, right = self.column(base), self.column(base if to is None else to)
        if (left, down) == (right, 0):
            self.sheet.write_string(top, left, text, self.style)
        else:
            self.sheet.merge_range(top, left, top + down, right, "", self.style)
            self.sheet.write_string(top, left, text, self.style)
        return xl_rowcol_to_cell(top, left)

    def skip(self, block: str) -> None:
        self.row += self.geometry.blank_rows.get(block, 0)

    def form(self, table: Table) -> FormCells:
        """Write one form and say where its facts stand."""
        cells = FormCells(self.sheet.name, table)
        self._head(table, cells)
        if table["funds"]["rows"]:
            self._funds(table["funds"], cells)
        self._goals(table, cells)
        self._indicators(table["indicators"], cells)
        if table["total_points"] or table["total_score"]:
            self._total(table, cells)
        return cells

    def _head(self, table: Table, cells: FormCells) -> None:
        self.skip("title")
        for text in self.geometry.title:
            self.put(0, text.format(year=table["year"] or "    "), to=8)
            self.row += 1
        self.skip("head")
        self.put(0, "项目名称")
        cells.head["project_name"] = self.put(1, table["project_name"], to=8)
        self.row += 1
        self.put(0, "主管部门")
        cells.head["department"] = self.put(1, table["department"], to=3)
        self.put(4, "实施单位")
        cells.head["unit"] = self.put(5, table["unit"], to=8)
        self.row += 1

    def _header(self, words: Sequence[tuple[int, int, str]]) -> int:
        """Header words at (first base column, last, word), over one row or, when split, two; rows used."""
        if not self.geometry.split_headers:
            for base, to, word in words:
                self.put(base, word, to=to)
            return 1
        for base, to, word in words:
            if len(word) > 4:
                half = len(word) // 2
                self.put(base, word[:half], to=to)
                self.put(base, word[half:], to=to, row=self.row + 1)
            else:
                self.put(base, word, to=to, down=1)
        return 2

    def _funds(self, funds: dict[str, Any], cells: FormCells) -> None:
        self.skip("funds")
        order = self.geometry.fund_order
        top = self.row
        self.row += self._header([(1, 2, ""), *((3 + i, 3 + i, FUND_WORDS[f]) for i, f in enumerate(order))])
        for line in funds["rows"]:
            refs = {"name": self.put(1, line["name"], to=2)}
            refs |= {name: self.put(3 + i, line[name]) for i, name in enumerate(order)}
            cells.funds.append(refs)
            self.row += 1
        unit = f"（{funds['unit']}）" if funds["unit"] else ""
        self.put(0, f"项目资金{unit}", down=self.row - top - 1, row=top)

    def _goals(self, table: Table, cells: FormCells) -> None:
        self.skip("goals")
        self.put(0, "年度总体目标", down=1)
        self.put(1, "预期目标", to=4)
        self.put(5, "实际完成情况", to=8)
        self.row += 1
        cells.head["goal_expected"] = self.put(1, table["goal_expected"], to=4)
        cells.head["goal_actual"] = self.put(5, table["goal_actual"], to=8)
        self.row += 1

    def _indicators(self, lines: Sequence[dict[str, str]], cells: FormCells) -> None:
        self.skip("indicators")
        place = {name: 1 + i for i, name in enumerate(self.geometry.indicator_order)}
        top = self.row
        self.row += self._header([(base, base, INDICATOR_WORDS[name]) for name, base in place.items()])
        rows = []
        for index, line in enumerate(lines):
            self.row += index in self.geometry.blank_lines
            rows.append(self.row)
            refs = {n: self.put(base, line[n]) for n, base in place.items() if n not in ("level1", "level2")}
            cells.indicators.append(refs)
            self.row += 1
        for name, keys in (("level1", ("level1",)), ("level2", ("level1", "level2"))):
            self._levels(place[name], name, [tuple(line[k] for k in keys) for line in lines], rows, cells)
        down = self.row - top - 1
        if down:
            self.put(0, "绩效指标", down=down, row=top)
        else:
            self.put(0, "绩效指标", row=top)

    def _levels(self, base: int, name: str, keys: list[tuple[str, ...]], rows: list[int], cells: FormCells) -> None:
        start = 0
        for end in range(1, len(keys) + 1):
            if end < len(keys) and keys[end] == keys[start]:
                continue
            down = rows[end - 1] - rows[start]
            merged = self.geometry.levels == "merged"
            ref = self.put(base, keys[start][-1], down=down if merged else 0, row=rows[start])
            for index in range(start, end):
                if self.geometry.levels == "every":
                    ref = self.put(base, keys[index][-1], row=rows[index])
                cells.indicators[index][name] = ref
            start = end

    def _total(self, table: Table, cells: FormCells) -> None:
        self.skip("total")
        order = self.geometry.indicator_order
        points, score = 1 + order.index("points"), 1 + order.index("score")
        first = min(points, score)
        self.put(0, "总分", to=first - 1 if first > 1 else None)
        cells.head["total_points"] = self.put(points, table["total_points"])
        cells.head["total_score"] = self.put(score, table["total_score"])
        self.row += 1
