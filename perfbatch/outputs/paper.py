"""The one way this program writes a new workbook with XlsxWriter: typed cells, official look, fixed bytes.

Text stays text (never a formula, a link or a number, threat list 1, 26, 27), numbers are numbers, and a
refused write is an exception because it is our own fault.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from inspect import unwrap
from math import inf, isinf
from pathlib import Path
from typing import Any, Self

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from perfbatch.decimals import plain
from perfbatch.errors import UnpublishedOutput
from perfbatch.outputs import cells
from perfbatch.outputs.cells import Column, Formula, Kind, Link, Value

LINK_LIMIT = 65_530  # hyperlinks of one sheet
STREAM_FROM = 20_000  # rows from which sheets are streamed to disk instead of being built in memory
LINE = 13.5  # points of one line of text
_TALLEST = 400.0  # points; Excel allows 409 for a row
_HEADER_FILL = "#E7E6E6"
_WIDE, _WIDEST = Decimal(10) ** 20, 34
# rows and columns are numbers here: looking at each cell for a reference like A1 took a tenth of the time
_string, _number, _blank, _formula = map(
    unwrap, (Worksheet.write_string, Worksheet.write_number, Worksheet.write_blank, Worksheet.write_formula)
)


class Paper:
    """A workbook being written; a context manager that closes the file also when writing fails."""

    def __init__(self, target: Path, *, title: str, run_date: str, streamed: bool = False, whose: str = "") -> None:
        self.whose = whose  # unit and year, with which the titles of lists begin
        self.cut = 0  # texts that did not fit a cell
        self.streamed = streamed
        self._looks: dict[tuple[tuple[str, Any], ...], Format] = {}
        self.book = Workbook(
            str(target),
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
                "constant_memory": streamed,
                "in_memory": not streamed,  # no temporary file for each part
                "default_format_properties": {"font_name": "宋体", "font_size": 10},
                "default_row_height": 22,
            },
        )
        day = datetime.datetime.fromisoformat(run_date or "2000-01-01")
        self.book.set_properties({"title": title, "author": "perfbatch", "created": day})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            self.book.close()
        except (XlsxWriterException, OSError) as failure:
            if kind is None:  # otherwise the first error is the one to report
                raise UnpublishedOutput(f"工作簿写入失败：{failure}，请检查磁盘空间和文件夹权限。") from failure
        finally:
            for part in (*self.book.worksheets(), self.book):
                vars(part).clear()  # the collector is off, and they name each other

    def page(self, name: str, *, landscape: bool = False) -> Page:
        """A new A4 sheet; `name` is ours and legal."""
        return Page(self, self.book.add_worksheet(name), name, landscape=landscape)

    def look(self, **properties: Any) -> Format:
        """A cell format, made once per set of properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._looks:
            self._looks[key] = self.book.add_format({"valign": "vcenter"} | properties)
        return self._looks[key]

    def body(self, kind: Kind, **more: Any) -> Format:
        """The format of a bordered body cell of that kind."""
        properties: dict[str, Any] = {"border": 1}
        if kind in cells.NUMBER_FORMATS:
            properties["num_format"] = cells.NUMBER_FORMATS[kind]
        if kind in ("seq", "code"):
            properties["align"] = "center"
        if kind in ("text", "code"):
            properties["text_wrap"] = True
        if kind == "text":  # kept apart from a number at its left
            properties |= {"align": "left", "indent": 1}
        return self.look(**(properties | more))

    def heading(self, **more: Any) -> Format:
        """The format of a table heading: grey, bold, centred."""
        properties = {"font_name": "黑体", "align": "center", "border": 1, "bg_color": _HEADER_FILL, "text_wrap": True}
        return self.look(**(properties | more))

    def quoted(self, look: Format) -> Format:
        """The twin of `look` that keeps Excel from reading the text as a formula when the cell is edited."""
        key = (("quoted", id(look)),)
        if key not in self._looks:
            properties = next(dict(known) for known, made in self._looks.items() if made is look)
            self._looks[key] = self.look(**properties, quote_prefix=True)
        return self._looks[key]


class _OldFunctions(str):
    """A formula of functions that every Excel has.

    XlsxWriter looks for thirty newer ones in each formula that does not hold an ``_xlfn.`` already: half of the time
    that a summary of many units takes.
    """

    def __contains__(self, part: object) -> bool:
        return part == "_xlfn." or super().__contains__(str(part))


class Page:
    """One sheet: cells, lists and the settings that make it print as an official table."""

    def __init__(self, paper: Paper, sheet: Worksheet, name: str, *, landscape: bool) -> None:
        self.paper, self.sheet, self.name = paper, sheet, name
        self.links = 0
        self._width: dict[int, int] = {}
        self._height: dict[int, float] = {}
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.center_horizontally()
        sheet.set_footer('&C&"宋体"&9&A　第 &P 页')  # the number of all pages would be that of the workbook
        sheet.set_start_page(1)
        sheet.hide_gridlines(2)
        if landscape:
            sheet.set_landscape()

    def text(self, row: int, column: int, value: str, look: Format) -> None:
        """Text exactly as given (see `clean` for what no cell can hold)."""
        if not value:
            sure(_blank(self.sheet, row, column, None, look))
            return
        if not _is_odd(value):
            sure(_string(self.sheet, row, column, value, look))
            return
        text = cells.clean(value)
        self.paper.cut += text.endswith(cells.CUT) and not value.endswith(cells.CUT)
        if cells.is_markup(text) and (text := cells.unmarked(text))[0] == "<":
            sure(self.sheet.write_rich_string(row, column, text[:1], look, text[1:], look))
        else:
            sure(self.sheet.write_string(row, column, text, self.paper.quoted(look)))

    def link(self, row: int, column: int, link: Link, look: Format) -> None:
        """Linked text, plain text where there is no link or the sheet holds no more of them."""
        fits = self.links < LINK_LIMIT and len(link.url) < 2000
        told = link.text.isprintable() and not cells.ODD.search(link.text)  # the text is an attribute too
        if link.url and fits and told:
            self.links += 1
            sure(self.sheet.write_url(row, column, link.url, look, link.text))
        else:
            self.text(row, column, link.text, look)

    def formula(self, row: int, column: int, formula: Formula, look: Format) -> None:
        """A live formula with its cached value."""
        known = formula.value
        cached = known if isinstance(known, str) else "" if known is None or isinf(float(known)) else float(known)
        sure(_formula(self.sheet, row, column, _OldFunctions(formula.text.removeprefix("=")), look, cached))

    def value(self, row: int, column: int, value: Value, look: Format) -> None:
        """A cell by the type of `value`: text, a number, a live formula with its cached value, a link, nothing."""
        if value is None:
            sure(_blank(self.sheet, row, column, None, look))
        elif isinstance(value, Formula):
            self.formula(row, column, value, look)
        elif isinstance(value, str):
            self.text(row, column, value, look)
        elif isinstance(value, Link):
            self.link(row, column, value, look)
        elif isinf(figure := float(value)):
            self.text(row, column, plain(Decimal(value)), look)
        else:
            sure(_number(self.sheet, row, column, figure, look))

    def merged(self, row: int, first: int, last: int, value: Value, look: Format) -> None:
        """`value` in the cells `first`..`last` of one row, merged."""
        if first != last:
            sure(self.sheet.merge_range(row, first, row, last, "", look))
        self.value(row, first, value, look)

    def title(self, title: str, columns: Sequence[Column], notes: Sequence[str] = ()) -> int:
        """Title and remarks over all `columns` from row 0; returns the next free row."""
        last, room = len(columns) - 1, sum(column.narrowest for column in columns)
        self.merged(0, 0, last, title, self.paper.look(font_name="黑体", font_size=16, align="center"))
        self.tall(0, 32)
        look = self.paper.look(font_size=9, text_wrap=True, align="left")
        for row, note in enumerate(notes, start=1):
            self.merged(row, 0, last, note, look)
            self.tall(row, cells.lines_of(note, room) * LINE + 3)
        return 1 + len(notes)

    def tall(self, row: int, points: float) -> None:
        """Give a row a height: not every program makes rows fit their text by itself, none does for merged cells."""
        self._height[row] = min(points, _TALLEST)
        self.sheet.set_row(row, self._height[row])

    def height(self, first: int, after: int) -> float:
        """Height in points of the rows `first` up to `after`, which were given one by `tall`."""
        return sum(self._height[row] for row in range(first, after))

    def table(self, top: int, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> int:
        """A bordered list with its heading (two lines high) at row `top`; returns the row after the last."""
        for at, column in enumerate(columns):
            self.text(top, at, column.title, self.paper.heading())
            self._widen(at, -(-cells.width_of(column.title) // 4) * 2)
        self.tall(top, 2 * LINE + 3)
        writers = [self._writers(at, column) for at, column in enumerate(columns)]
        after = top + 1
        for values in rows:
            lines = max([write[type(value)](after, value) for write, value in zip(writers, values, strict=True)])
            if lines > 1:
                self.tall(after, lines * LINE + 3)
            after += 1
        if self.paper.streamed:
            self._forget(top + 1, after - 1)
        return after

    def _forget(self, first: int, after: int) -> None:
        """Drop the heights of rows that are on the disk: of long lists XlsxWriter keeps some 300 bytes a row."""
        for known in (self._height, *(getattr(self.sheet, one, {}) for one in ("row_info", "set_rows", "row_sizes"))):
            for row in range(first, after):
                known.pop(row, None)

    def _writers(self, at: int, column: Column) -> Mapping[type, Callable[[int, Any], int]]:
        """Functions that write a value of a type under `column` and return the lines it takes."""
        sheet, look = self.sheet, self.paper.body(column.kind)
        linked = self.paper.body(column.kind, font_color="#1F4E79", underline=1)
        low, high = inf, -inf
        known: dict[str, int] = {}  # lines of plain texts; texts repeat a lot
        room = max(int(column.widest - cells.PADDING), 2)

        def measured(text: str) -> int:
            width = cells.width_of(text)
            self._widen(at, width)
            return cells.lines_of(text, column.widest) if "\n" in text else max(1, -(-width // room))

        def string(row: int, text: str) -> int:
            if lines := known.get(text):
                sure(_string(sheet, row, at, text, look))
                return lines
            if not text:
                return blank(row, None)
            if _is_odd(text):
                self.text(row, at, text, look)
                return measured(text)
            known[text] = measured(text)
            return string(row, text)

        def link(row: int, link: Link) -> int:
            self.link(row, at, link, linked if link.url else look)
            return measured(link.text)

        def blank(row: int, _: None) -> int:
            sure(_blank(sheet, row, at, None, look))
            return 1

        def number(row: int, value: Decimal) -> int:
            if isinf(figure := float(value)):
                return other(row, value)
            sure(_number(sheet, row, at, figure, look))
            spread(value, figure)
            return 1

        def spread(value: Decimal, figure: float) -> None:
            nonlocal low, high
            if not low <= figure <= high:
                low, high = min(low, figure), max(high, figure)
                self._widen(at, len(f"{value:,.2f}") if abs(value) < _WIDE else _WIDEST)

        def formula(row: int, formula: Formula) -> int:
            self.formula(row, at, formula, look)
            if isinstance(formula.value, Decimal):
                spread(formula.value, float(formula.value))
            return 1

        def other(row: int, value: Value) -> int:
            if isinstance(value, str):  # of a type derived from str
                return string(row, value)
            self.value(row, at, value, look)
            if isinstance(value, Decimal):
                spread(value, float(value))
            return 1

        writers: dict[type, Callable[[int, Any], int]] = defaultdict(lambda: other)
        writers |= {str: string, Link: link, type(None): blank, Decimal: number, Formula: formula}
        return writers

    def _widen(self, column: int, width: int) -> None:
        if width > self._width.get(column, 0):
            self._width[column] = width

    def fit(self, columns: Sequence[Column]) -> None:
        """Set the column widths from what was written; texts within the bounds of `columns`, numbers in full."""
        for at, column in enumerate(columns):
            needed = max(self._width.get(at, 0) + cells.PADDING, column.narrowest)
            wraps = column.kind in ("text", "code")  # numbers do not
            self.sheet.set_column(at, at, min(needed, column.widest) if wraps else needed)

    def listed(
        self,
        title: str,
        notes: Sequence[str],
        columns: Sequence[Column],
        rows: Iterable[Sequence[Value]],
        *,
        frozen: int = 0,
        filtered: bool = True,
    ) -> int:
        """A whole sheet of one list with its heading on every page; without rows one says 无. Returns the row after."""
        header = self.title(title, columns, notes)
        after = self.table(header, columns, rows)
        if filtered:
            self.sheet.autofilter(header, 0, after - 1, len(columns) - 1)
        if after == header + 1:
            self.merged(after, 0, len(columns) - 1, "无", self.paper.body("code"))
            after += 1
        self.fit(columns)
        self.sheet.repeat_rows(header)
        self.sheet.freeze_panes(header + 1, frozen)
        self.printed(after - 1, len(columns))
        return after

    def printed(self, last_row: int, columns: int, *, pages_high: int = 0) -> None:
        """Print area from A1, one page wide and `pages_high` high (0: as many as needed)."""
        self.sheet.print_area(0, 0, last_row, columns - 1)
        area = xl_range(0, 0, last_row, columns - 1)  # texts of digits are meant as texts
        self.sheet.ignore_errors({"number_stored_as_text": area, "formula_differs": area})
        self.sheet.fit_to_pages(1, pages_high)


def _is_odd(text: str) -> bool:
    return cells.ODD.search(text) is not None or len(text) * 2 > cells.TEXT_LIMIT


def sure(code: int) -> None:
    """Raise RuntimeError when XlsxWriter reports that it did not write a cell: our own fault."""
    if code:
        raise RuntimeError(f"XlsxWriter refused a cell (code {code})")
