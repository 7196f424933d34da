"""The one way this program writes a new workbook with XlsxWriter: typed cells, official look, fixed bytes.

Text stays text (never a formula, a link or a number, threat list 1, 26, 27), numbers are numbers, and a
refused write is an exception because it is our own fault.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isinf
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from perfbatch.errors import UnpublishedOutput
from perfbatch.exact import plain

ROW_LIMIT = 1_048_576
LINK_LIMIT = 65_530  # hyperlinks of one sheet
TEXT_LIMIT = 32_767  # UTF-16 units of one cell
CUT = "…（全文见 findings.jsonl）"
STREAM_FROM = 20_000  # rows from which sheets are streamed to disk instead of being built in memory

Kind = Literal["seq", "text", "code", "money", "rate", "signed", "score", "count", "figure"]
_NUMBER_FORMATS = {
    "seq": "0",
    "money": "#,##0.00",
    "rate": "0.00%",
    "signed": "+0.00%;-0.00%;0.00%",
    "score": "0.00",
    "count": "#,##0",
    "figure": "General",
}
_CENTRED = ("seq", "code")
_WIDE, _WIDEST = Decimal(10) ** 20, 34
_ODD = re.compile("^[=+\\-@\t\r]|[\ud800-\udfff]|^<r>")
_SURROGATES = re.compile("[\ud800-\udfff]")
_HEADER_FILL = "#E7E6E6"


class Formula(NamedTuple):
    """A live formula with the value it had when written; `value` None or '' shows an empty cell."""

    text: str
    value: Decimal | int | str | None


class Link(NamedTuple):
    """Text that leads to `url` (``internal:'sheet'!A1`` or made by `cell_link`); '' is no link."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: heading, kind of cell and the bounds of its width in half-width characters."""

    title: str
    kind: Kind = "text"
    narrowest: float = 6
    widest: float = 30


def cell_link(book: str, sheet: str, cell: str) -> str:
    """Link to a cell of another workbook in the same folder, '' when it cannot be written as one."""
    if not (book and sheet and cell) or not (book + sheet).isprintable():
        return ""
    quoted = sheet.replace("'", "''")
    name = book
    if re.search("[#%]", book):  # XlsxWriter takes a name with %xx as escaped already and splits at #
        for char in '%# "<>[]^`{}':
            name = name.replace(char, f"%{ord(char):02x}")
    return f"external:{name}#'{quoted}'!{cell}"


def storable(text: str) -> str:
    """`text` as UTF-8 can hold it: lone surrogates become U+FFFD."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def clean(text: str) -> str:
    """`text` as a cell can hold it: `storable`, cut at the limit of a cell with a remark."""
    text = storable(text)
    if len(text) * 2 > TEXT_LIMIT:
        units = text.encode("utf-16-le")
        if len(units) > TEXT_LIMIT * 2:
            return units[: (TEXT_LIMIT - len(CUT)) * 2].decode("utf-16-le", "ignore") + CUT
    return text


def width_of(text: str) -> int:
    """Width of the longest line in half-width characters (a Chinese character counts two)."""
    if "\n" in text:
        return max(width_of(line) for line in text.split("\n"))
    return len(text.encode("gbk", "replace")) if not text.isascii() else len(text)


class _Sheet(Worksheet):  # type: ignore[misc]
    """Worksheet without the search for 80 functions newer than Excel 2007, none of which we use."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class _Workbook(Workbook):  # type: ignore[misc]
    worksheet_class = _Sheet


class Paper:
    """A workbook being written; a context manager that closes the file also when writing fails."""

    def __init__(self, target: Path, *, title: str, run_date: str, streamed: bool = False) -> None:
        self.cut = 0  # texts that did not fit a cell
        self._looks: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._book = _Workbook(
            str(target),
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
                "constant_memory": streamed,
                "default_format_properties": {"font_name": "宋体", "font_size": 10},
            },
        )
        day = datetime.datetime.fromisoformat(run_date or "2000-01-01")
        self._book.set_properties({"title": title, "author": "perfbatch", "created": day})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._book.close()
        except (XlsxWriterException, OSError) as failure:
            if kind is None:  # otherwise the first error is the one to report
                raise UnpublishedOutput(
                    f"汇总工作簿写入失败：{failure}，请检查磁盘空间和文件夹权限。"
                ) from failure

    def page(self, name: str, *, landscape: bool = False) -> Page:
        """A new A4 sheet; `name` is ours and legal."""
        return Page(self, self._book.add_worksheet(name), name, landscape=landscape)

    def chart(self, kind: str, subtype: str | None = None) -> Any:
        """A native chart of XlsxWriter."""
        return self._book.add_chart({"type": kind} | ({"subtype": subtype} if subtype else {}))

    def look(self, **properties: Any) -> Format:
        """A cell format, made once per set of properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._looks:
            self._looks[key] = self._book.add_format(
                {"font_name": "宋体", "font_size": 10, "valign": "vcenter"} | properties
            )
        return self._looks[key]

    def body(self, kind: Kind, **more: Any) -> Format:
        """The format of a bordered body cell of that kind."""
        properties: dict[str, Any] = {"border": 1}
        if kind in _NUMBER_FORMATS:
            properties["num_format"] = _NUMBER_FORMATS[kind]
        if kind in _CENTRED:
            properties["align"] = "center"
        if kind in ("text", "code"):
            properties["text_wrap"] = True
        return self.look(**(properties | more))

    def heading(self, **more: Any) -> Format:
        """The format of a table heading: grey, bold, centred."""
        properties = {
            "font_name": "黑体",
            "align": "center",
            "border": 1,
            "bg_color": _HEADER_FILL,
            "text_wrap": True,
        }
        return self.look(**(properties | more))

    def quoted(self, look: Format) -> Format:
        """The twin of `look` that keeps Excel from reading the text as a formula when the cell is edited."""
        key = (("quoted", id(look)),)
        if key not in self._looks:
            properties = next(dict(known) for known, made in self._looks.items() if made is look)
            self._looks[key] = self.look(**properties, quote_prefix=True)
        return self._looks[key]


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
        sheet.set_footer('&C&"宋体"&9第 &P 页，共 &N 页')
        sheet.hide_gridlines(2)
        if landscape:
            sheet.set_landscape()

    def text(self, row: int, column: int, value: str, look: Format) -> None:
        """Text exactly as given (see `clean` for what no cell can hold)."""
        if not value:
            _sure(self.sheet.write_blank(row, column, None, look))
            return
        if _ODD.search(value) or len(value) * 2 > TEXT_LIMIT:
            self._odd_text(row, column, value, look)
            return
        _sure(self.sheet.write_string(row, column, value, look))

    def _odd_text(self, row: int, column: int, value: str, look: Format) -> None:
        text = clean(value)
        self.paper.cut += text.endswith(CUT) and not value.endswith(CUT)
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter would copy such a text into the file as markup; as two runs it is escaped
            _sure(self.sheet.write_rich_string(row, column, text[:1], look, text[1:], look))
            return
        _sure(self.sheet.write_string(row, column, text, self.paper.quoted(look)))

    def number(self, row: int, column: int, value: Decimal | int | None, look: Format) -> None:
        """A number, or a blank cell for None."""
        if value is None:
            _sure(self.sheet.write_blank(row, column, None, look))
        elif isinf(figure := float(value)):
            self.text(row, column, plain(Decimal(value)), look)
        else:
            _sure(self.sheet.write_number(row, column, figure, look))

    def formula(self, row: int, column: int, formula: Formula, look: Format) -> None:
        """A live formula with its cached value."""
        value = formula.value
        cached = "" if value is None else value if isinstance(value, str) else float(value)
        _sure(self.sheet.write_formula(row, column, formula.text, look, cached))

    def link(self, row: int, column: int, link: Link, look: Format) -> None:
        """Linked text, plain text where there is no link or the sheet holds no more of them."""
        if link.url and self.links < LINK_LIMIT and len(link.url) < 2000 and not _ODD.search(link.text):
            self.links += 1
            _sure(self.sheet.write_url(row, column, link.url, look, link.text))
        else:
            self.text(row, column, link.text, look)

    def value(self, row: int, column: int, value: Any, look: Format) -> None:
        """Any of the above, by the type of `value`."""
        if value is None or isinstance(value, Decimal | int):
            self.number(row, column, value, look)
        elif isinstance(value, str):
            self.text(row, column, value, look)
        elif isinstance(value, Formula):
            self.formula(row, column, value, look)
        else:
            self.link(row, column, value, look)

    def merged(self, row: int, first: int, last: int, value: Any, look: Format) -> None:
        """`value` in the cells `first`..`last` of one row, merged."""
        if first != last:
            _sure(self.sheet.merge_range(row, first, row, last, "", look))
        self.value(row, first, value, look)

    def title(self, title: str, columns: int, notes: Sequence[str] = ()) -> int:
        """Title and remarks over `columns` columns from row 0; returns the next free row."""
        self.merged(0, 0, columns - 1, title, self.paper.look(font_name="黑体", font_size=16, align="center"))
        self.tall(0, 30)
        for row, note in enumerate(notes, start=1):
            look = self.paper.look(font_size=9, text_wrap=True, align="left")
            self.merged(row, 0, columns - 1, note, look)
        return 1 + len(notes)

    def tall(self, row: int, points: float) -> None:
        """Give a row a height; merged cells get none by themselves."""
        self._height[row] = points
        self.sheet.set_row(row, points)

    def height(self, first: int, after: int) -> float:
        """Height in points of the rows `first` up to `after`, which were given one by `tall`."""
        return sum(self._height[row] for row in range(first, after))

    def table(self, top: int, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
        """A bordered list with its heading at row `top`; returns the row after the last."""
        for at, column in enumerate(columns):
            self.text(top, at, column.title, self.paper.heading())
            self._widen(at, min(width_of(column.title), 12))
        writers = [self._writer(column.kind) for column in columns]
        row = top + 1
        for row, values in enumerate(rows, start=top + 1):
            for at, (value, write) in enumerate(zip(values, writers, strict=True)):
                write(row, at, value)
            row += 1
        return row

    def _writer(self, kind: Kind) -> Callable[[int, int, Any], None]:
        look = self.paper.body(kind)
        linked = self.paper.body(kind, font_color="#1F4E79", underline=1)

        def write(row: int, column: int, value: Any) -> None:
            if value.__class__ is str:
                self._widen(column, width_of(value))
                self.text(row, column, value, look)
            elif value.__class__ is Link:
                self._widen(column, width_of(value.text))
                self.link(row, column, value, linked if value.url else look)
            else:
                figure = value.value if value.__class__ is Formula else value
                if figure.__class__ is Decimal:  # shown in full or not at all: a number does not wrap
                    self._widen(column, len(f"{figure:,.2f}") if abs(figure) < _WIDE else _WIDEST)
                self.value(row, column, value, look)

        return write

    def _widen(self, column: int, width: int) -> None:
        if width > self._width.get(column, 0):
            self._width[column] = width

    def fit(self, columns: Sequence[Column]) -> None:
        """Set the column widths from what was written, within the bounds of `columns`."""
        for at, column in enumerate(columns):
            needed = max(self._width.get(at, 0) + 1, column.narrowest)
            self.sheet.set_column(
                at, at, needed if column.kind in _NUMBER_FORMATS else min(needed, column.widest)
            )

    def frame(self, header: int, last_row: int, columns: int, *, frozen: int = 0) -> None:
        """Heading row repeated on every page and frozen with `frozen` columns, filter on the list."""
        self.sheet.repeat_rows(header)
        self.sheet.freeze_panes(header + 1, frozen)
        self.sheet.autofilter(header, 0, max(last_row, header), columns - 1)

    def highlight_unequal(self, title: str, columns: Sequence[Column], first: int, last: int) -> None:
        """Bold the figures under `title` that are not zero (a format that also shows when printed in grey)."""
        at = [column.title for column in columns].index(title)
        look = self.paper.look(bold=True, bg_color="#D9D9D9")
        for criteria in (">", "<"):
            self.sheet.conditional_format(
                first,
                at,
                max(first, last),
                at,
                {"type": "cell", "criteria": criteria, "value": 0, "format": look},
            )

    def printed(self, last_row: int, columns: int, *, pages_high: int = 0) -> None:
        """Print area from A1, one page wide and `pages_high` high (0: as many as needed)."""
        self.sheet.print_area(0, 0, last_row, columns - 1)
        self.sheet.fit_to_pages(1, pages_high)


def _sure(code: int) -> None:
    if code:
        raise RuntimeError(f"XlsxWriter refused a cell (code {code})")
