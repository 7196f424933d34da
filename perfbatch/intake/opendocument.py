"""Reader of OpenDocument spreadsheets (.ods, flat .fods): OpenDocument 1.3 Part 3 §9.1 and §19.

Data styles (§16.29, §16.3) become number format codes, so that one drawing serves every container. Repeated rows and
cells are expanded only where they hold something, so a sheet of a million repeated empty rows costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from perfbatch.intake.formats import (
    Shown,
    adds_to_dates,
    agrees,
    beside,
    number_text,
    percent_text,
    shown,
    shown_iso,
    shown_text,
    shows_dates,
)
from perfbatch.intake.grids import Builder, Cells, bare_comment
from perfbatch.intake.guard import refuse
from perfbatch.intake.markup import attribute, forget, local, streamed
from perfbatch.model import LAST_COLUMN, LAST_ROW, Range, a1

DATA_STYLES = (
    "number-style", "currency-style", "percentage-style", "date-style", "time-style", "boolean-style", "text-style",
)  # fmt: skip
_MOST_PLACES = 30
_THOUSAND = 1_000


class Styles:
    """Format codes of the cell styles met so far; cell styles inherit from their parents."""

    def __init__(self) -> None:
        self._cells: dict[str, tuple[str, str]] = {}  # cell style → data style, parent
        self._codes: dict[str, str] = {}
        self._maps: dict[str, list[tuple[str, str]]] = {}  # data style → (condition, data style)

    def take(self, element: Any) -> None:
        """Take a finished ``style:style`` of cells or a data style; a later one of the same name replaces it."""
        name = attribute(element, "name")
        if local(element) == "style":
            if attribute(element, "family") == "table-cell":
                self._cells[name] = attribute(element, "data-style-name"), attribute(element, "parent-style-name")
            return
        self._codes[name] = _code(element)
        maps = [child for child in element if local(child) == "map"]
        self._maps[name] = [(_condition(child), attribute(child, "apply-style-name")) for child in maps]

    def code(self, style: str) -> str:
        """Format code of a cell style; empty where it has none."""
        for _ in range(10):  # as deep as anybody nests styles, and no circle
            data, style = self._cells.get(style, ("", ""))
            if data in self._codes:
                return self._of_data(data)
            if not style:
                break
        return ""

    def _of_data(self, name: str) -> str:
        parts = [f"[{condition}]{self._codes.get(other, '')}" for condition, other in self._maps[name] if condition]
        return ";".join([*parts, self._codes[name]])


def _condition(element: Any) -> str:
    """``value()>=0`` as a code writes it."""
    text = "".join(attribute(element, "condition").split()).removeprefix("value()").replace("!=", "<>")
    return text if text[:1] in "<>=" else ""


def _code(style: Any) -> str:
    """One section: the children of a data style in order."""
    kind = local(style)
    pieces = [_piece(child, kind) for child in style]
    coloured = any(local(child) == "text-properties" and attribute(child, "color") for child in style)
    return ("[Red]" if coloured else "") + "".join(pieces)


def _quoted(text: str) -> str:
    return "".join('\\"' if run == '"' else f'"{run}"' for run in re.findall('[^"]+|"', text))


def _piece(element: Any, kind: str) -> str:
    tag = local(element)
    draw = _PIECES.get(tag)
    if draw is not None:
        return draw(element)
    if tag in ("text", "currency-symbol"):
        text = element.text or ""
        return "%".join(map(_quoted, text.split("%"))) if kind == "percentage-style" else _quoted(text)
    return ""


def _whole(element: Any, name: str, default: int = 0) -> int:
    text = attribute(element, name)
    return min(int(text), _MOST_PLACES) if text.isascii() and text.isdigit() and len(text) < 4 else default


def _number(element: Any) -> str:
    """Places for digits; text among them as ``0\\.0000`` has it, thousands that are not shown as commas."""
    decimals = attribute(element, "decimal-places")
    inner = {
        _whole(child, "position"): _quoted(child.text or "") for child in element if local(child) == "embedded-text"
    }
    if not decimals and not inner:
        return "General"
    least = _whole(element, "min-integer-digits")
    places = ""
    for at in range(max(least, *inner, 1) + 1 if inner else max(least, 1)):
        places = ("0" if at < least else "#") + (inner.get(at, "") if at else "") + places
    places += inner.get(0, "")
    if attribute(element, "grouping") == "true" and not inner:
        places = "#,##" + places if len(places) < 2 else places[:-3] + "," + places[-3:]
    factor = re.fullmatch(r"([0-9]{1,18})(?:\.0*)?", attribute(element, "display-factor"), re.ASCII)
    commas, left = 0, int(factor[1]) if factor else 1
    while left >= _THOUSAND and left % _THOUSAND == 0:
        commas, left = commas + 1, left // _THOUSAND
    wide = _whole(element, "decimal-places")
    return places + ("." + "0" * wide if wide else "") + "," * commas


def _long(element: Any, short: str, long: str) -> str:
    return long if attribute(element, "style") == "long" else short


def _month(element: Any) -> str:
    return _long(element, "mmm", "mmmm") if attribute(element, "textual") == "true" else _long(element, "m", "mm")


def _hours(element: Any) -> str:
    elapsed = "truncate-on-overflow" in str(element.attrib) and attribute(element, "truncate-on-overflow") == "false"
    return _long(element, "[h]", "[hh]") if elapsed else _long(element, "h", "hh")


_PIECES: dict[str, Callable[[Any], str]] = {
    "number": _number,
    "scientific-number": lambda element: "0.00E+00",
    "fraction": lambda element: "# ?/?",
    "text-content": lambda element: "@",
    "year": lambda element: _long(element, "yy", "yyyy"),
    "month": _month,
    "day": lambda element: _long(element, "d", "dd"),
    "day-of-week": lambda element: _long(element, "aaa", "aaaa"),
    "hours": _hours,
    "minutes": lambda element: _long(element, "m", "mm"),
    "seconds": lambda element: _long(element, "s", "ss"),
    "am-pm": lambda element: "AM/PM",
}


_LONGEST_CODE = 255  # of a code as Excel would have it; here every character may be quoted


def read_opendocument(xml: bytes, builder: Builder, styles: bytes = b"") -> None:
    """Add the tables of a ``content.xml`` or a flat document; `styles` is the ``styles.xml`` beside it.

    Raises BrokenPart, RefusedFile past a limit.
    """
    if b"<!DOCTYPE" in xml:
        raise refuse("doctype", builder.file, "含有 DOCTYPE 声明，可能有害")
    reader = _Reader(builder)
    if styles:
        for event, element in streamed(styles, "style", *DATA_STYLES):
            reader.take(event, element)
    for event, element in streamed(xml, "table", "table-row", "table-column", "style", *DATA_STYLES):
        reader.take(event, element)


def _count(element: Any, name: str) -> int:
    text = attribute(element, name)
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 10 else 1


class _Reader:
    """Walks tables and rows, one sheet at a time; a table inside a cell is left out."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._hidden_styles: set[str] = set()
        self._styles = Styles()
        self._depth = 0
        self._start("", "")

    def _start(self, name: str, style: str) -> None:
        self._name, self._hidden = name, style in self._hidden_styles
        self._row = 0
        self._cells: Cells = {}
        self._merges: list[Range] = []
        self._hidden_rows: set[int] = set()
        self._comments: dict[tuple[int, int], str] = {}
        self._columns: list[tuple[int, str]] = []  # last column, default cell style

    def take(self, event: str, element: Any) -> None:
        """One parser event."""
        tag = local(element)
        if tag == "style" or tag in DATA_STYLES:
            if event == "end":
                self._styles.take(element)
                if any(attribute(child, "display") == "false" for child in element):
                    self._hidden_styles.add(attribute(element, "name"))
        elif tag == "table-column":
            if event == "end" and self._depth == 1:
                last = (self._columns[-1][0] if self._columns else 0) + _count(element, "number-columns-repeated")
                self._columns.append((last, attribute(element, "default-cell-style-name")))
        elif tag == "table":
            self._table(event, element)
        elif event == "end" and self._depth == 1:
            self._take_row(element)
            forget(element)

    def _table(self, event: str, element: Any) -> None:
        if event == "start":
            self._depth += 1
            if self._depth == 1:
                self._start(attribute(element, "name"), attribute(element, "style-name"))
            return
        self._depth -= 1
        if self._depth == 0:
            rows = frozenset(self._hidden_rows)
            self._builder.add(
                self._name, self._cells, merges=self._merges, hidden=self._hidden, hidden_rows=rows,
                comments=self._comments,
            )  # fmt: skip
            forget(element)

    def _take_row(self, element: Any) -> None:
        first, times = self._row + 1, _count(element, "number-rows-repeated")
        self._row += times
        hidden = attribute(element, "visibility") in ("collapse", "filter")
        if hidden and times < 10_000 and first <= LAST_ROW:
            self._hidden_rows.update(range(first, self._row + 1))
        column = 0
        for cell in element:
            if local(cell) in ("table-cell", "covered-table-cell"):
                wide = _count(cell, "number-columns-repeated")
                if len(cell) or len(cell.attrib) > 1:
                    self._take_cell(cell, first, times, column + 1, wide)
                column += wide

    def _take_cell(self, element: Any, row: int, times: int, column: int, wide: int) -> None:
        down, across = _count(element, "number-rows-spanned"), _count(element, "number-columns-spanned")
        if down > 1 or across > 1:
            self._merges.append(
                Range(row, column, min(row + down - 1, LAST_ROW), min(column + across - 1, LAST_COLUMN))
            )
        note = next((child for child in element if local(child) == "annotation"), None)
        if note is not None and row <= LAST_ROW and column <= LAST_COLUMN:
            author = "".join(text for child in note if local(child) == "creator" for text in child.itertext())
            self._comments[row, column] = bare_comment(_text(note), author)
        code = self._code(element, column)
        found = self._shown(element, a1(row, column), code)
        if not found.text:
            return
        if len(self._cells) + times * wide > self._builder.room:
            raise self._builder.too_many_cells()
        for at in range(row, min(row + times, LAST_ROW + 1)):
            for across_at in range(column, min(column + wide, LAST_COLUMN + 1)):
                self._builder.take(self._name, self._cells, (at, across_at), found, code)

    def _code(self, cell: Any, column: int) -> str:
        """Format code of a cell: of its own style, its row's, or its column's; empty where nothing is said."""
        style = attribute(cell, "style-name") or attribute(cell.getparent(), "default-cell-style-name")
        if not style:
            style = next((name for last, name in self._columns if column <= last), "")
        code = self._styles.code(style)
        return code if len(code) <= _LONGEST_CODE else ""

    def _shown(self, element: Any, ref: str, code: str) -> Shown:
        displayed = _text(element)
        # LibreOffice marks errors by a second value-type of its own namespace.
        wrong = "error" in element.attrib.values()
        value = {key.rpartition("}")[2]: str(given) for key, given in element.attrib.items()}.get
        formula, kind = value("formula"), value("value-type", "")
        if wrong or (formula and re.fullmatch(r"#[A-Z/0!?]+|Err:\d+", displayed)):
            return Shown(displayed or "#VALUE!", "error")
        if formula and not kind and not displayed:
            self._builder.no_value(self._name, ref)
        number = number_text(value("value", "")) if kind in ("float", "currency", "percentage") else None
        if number is not None and code:
            found = shown(number, code)
            return found if not displayed or agrees(found.text, displayed) else beside(displayed, number)
        if number is not None and kind == "percentage":
            return Shown(percent_text(number), "percent")
        if number is not None:
            return beside(displayed, number)
        if kind == "date":
            found = shown_iso(value("date-value", ""), code)
            return found if shows_dates(code) or _full_date(displayed) else found._replace(text=displayed)
        if kind == "time":
            return Shown(displayed or value("time-value", ""), "date")
        if kind == "boolean":
            return Shown(value("boolean-value", "").upper() or displayed, "bool")
        return shown_text(displayed or value("string-value", ""), code)


def _full_date(displayed: str) -> bool:
    """Whether the displayed text names year, month and day (``12月31日`` and ``2023年12月`` do not) and no more."""
    if adds_to_dates(displayed):
        return False
    figures = len(re.findall(r"\d+", displayed))
    named_month = re.search(r"[A-Za-z]{3}", displayed) is not None
    return not displayed or figures >= 3 or (figures == 2 and named_month)


def _text(cell: Any) -> str:
    """Displayed text: paragraphs as lines, annotations and shapes left out."""
    return "\n".join(_paragraph(child) for child in cell if local(child) == "p")


def _paragraph(element: Any) -> str:
    pieces = [element.text or ""]
    for child in element:
        tag = local(child)
        if tag == "s":
            pieces.append(" " * min(_count(child, "c"), 1_000))
        elif tag in ("tab", "line-break"):
            pieces.append("\t" if tag == "tab" else "\n")
        elif tag in ("span", "a", "ruby", "ruby-base"):
            pieces.append(_paragraph(child))
        pieces.append(child.tail or "")
    return "".join(pieces)
