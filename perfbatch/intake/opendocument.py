"""Reader of OpenDocument spreadsheets (.ods, flat .fods): OpenDocument 1.3 Part 3 §9.1 and §19.

Data styles (§16.29, §16.3) become number format codes, so that one drawing serves every container. Repeated rows and
cells are expanded only where they hold something, so a sheet of a million repeated empty rows costs nothing.
"""

import re
from typing import Any

from perfbatch.intake import formats
from perfbatch.intake.grids import Builder, SheetDraft, bare_comment
from perfbatch.intake.guard import refuse
from perfbatch.intake.markup import attribute, forget, local, streamed, whole
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
        self._maps[name] = []
        for child in element:
            if local(child) == "map":  # value()>=0 as a code writes it
                text = "".join(attribute(child, "condition").split()).removeprefix("value()").replace("!=", "<>")
                if text[:1] in ("<", ">", "="):
                    self._maps[name].append((text, attribute(child, "apply-style-name")))

    def code(self, style: str) -> str:
        """Format code of a cell style; empty where it has none."""
        for _ in range(10):  # as deep as anybody nests styles, and no circle
            data, style = self._cells.get(style, ("", ""))
            if data in self._codes:
                parts = [f"[{condition}]{self._codes.get(other, '')}" for condition, other in self._maps[data]]
                return ";".join([*parts, self._codes[data]])
            if not style:
                break
        return ""


def _code(style: Any) -> str:
    """One section: the children of a data style in order."""
    kind = local(style)
    pieces = []
    for child in style:
        if local(child) in ("text", "currency-symbol"):
            parts = (child.text or "").split("%") if kind == "percentage-style" else [child.text or ""]
            pieces.append("%".join(map(_quoted, parts)))
        else:
            pieces.append(_piece(child))
    coloured = any(local(child) == "text-properties" and attribute(child, "color") for child in style)
    return ("[Red]" if coloured else "") + "".join(pieces)


def _quoted(text: str) -> str:
    return "".join('\\"' if run == '"' else f'"{run}"' for run in re.findall('[^"]+|"', text))


def _number(element: Any) -> str:
    """Places for digits; text among them as ``0\\.0000`` has it, thousands that are not shown as commas."""
    decimals = attribute(element, "decimal-places")
    among = [child for child in element if local(child) == "embedded-text"]
    inner = {min(whole(child, "position"), _MOST_PLACES): _quoted(child.text or "") for child in among}
    if not decimals and not inner:
        return "General"
    least = min(whole(element, "min-integer-digits"), _MOST_PLACES)
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
    wide = min(whole(element, "decimal-places"), _MOST_PLACES)
    return places + ("." + "0" * wide if wide else "") + "," * commas


_PARTS = {  # of moments → their codes, short and long
    "year": ("yy", "yyyy"), "month": ("m", "mm"), "day": ("d", "dd"), "day-of-week": ("aaa", "aaaa"),
    "hours": ("h", "hh"), "minutes": ("m", "mm"), "seconds": ("s", "ss"),
}  # fmt: skip
_OTHERS = {"scientific-number": "0.00E+00", "fraction": "# ?/?", "text-content": "@", "am-pm": "AM/PM"}


def _piece(element: Any) -> str:
    name = local(element)
    if name == "number":
        return _number(element)
    if name not in _PARTS:
        return _OTHERS.get(name, "")
    code = _PARTS[name][attribute(element, "style") == "long"]
    if name == "month" and attribute(element, "textual") == "true":
        return "mm" + code
    return f"[{code}]" if name == "hours" and attribute(element, "truncate-on-overflow") == "false" else code


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


class _Reader:
    """Walks tables and rows, one sheet at a time; a table inside a cell is left out."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._hidden_styles: set[str] = set()
        self._styles = Styles()
        self._depth = 0
        self._draft, self._row = SheetDraft(""), 0
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
                repeated = whole(element, "number-columns-repeated", 1) or 1
                last = (self._columns[-1][0] if self._columns else 0) + repeated
                self._columns.append((last, attribute(element, "default-cell-style-name")))
        elif tag == "table" and event == "start":
            self._depth += 1
            if self._depth == 1:
                hidden = attribute(element, "style-name") in self._hidden_styles
                self._draft, self._row, self._columns = SheetDraft(attribute(element, "name"), hidden), 0, []
        elif tag == "table":
            self._depth -= 1
            if self._depth == 0:
                self._builder.add(self._draft)
                forget(element)
        elif event == "end" and self._depth == 1:
            self._take_row(element)
            forget(element)

    def _take_row(self, element: Any) -> None:
        first, times = self._row + 1, (whole(element, "number-rows-repeated", 1) or 1)
        self._row += times
        hidden = attribute(element, "visibility") in ("collapse", "filter")
        if hidden and times < 10_000 and first <= LAST_ROW:
            self._draft.hidden_rows.update(range(first, self._row + 1))
        column = 0
        for cell in element:
            if local(cell) in ("table-cell", "covered-table-cell"):
                wide = whole(cell, "number-columns-repeated", 1) or 1
                if len(cell) or len(cell.attrib) > 1:
                    self._take_cell(cell, first, times, column + 1, wide)
                column += wide

    def _take_cell(self, element: Any, row: int, times: int, column: int, wide: int) -> None:
        down, across = (whole(element, f"number-{which}-spanned", 1) or 1 for which in ("rows", "columns"))
        if down > 1 or across > 1:
            bottom, right = min(row + down - 1, LAST_ROW), min(column + across - 1, LAST_COLUMN)
            self._draft.merges.append(Range(row, column, bottom, right))
        note = next((child for child in element if local(child) == "annotation"), None)
        if note is not None and row <= LAST_ROW and column <= LAST_COLUMN:
            author = "".join(text for child in note if local(child) == "creator" for text in child.itertext())
            self._draft.comments[row, column] = bare_comment(_text(note), author)
        code = self._code(element, column)
        found = self._shown(element, a1(row, column), code)
        if not found.text:
            return
        self._builder.check("cells", len(self._draft.cells) + times * wide)
        for at in range(row, min(row + times, LAST_ROW + 1)):
            for across_at in range(column, min(column + wide, LAST_COLUMN + 1)):
                self._builder.take(self._draft, (at, across_at), found, code)

    def _code(self, cell: Any, column: int) -> str:
        """Format code of a cell: of its own style, its row's, or its column's; empty where nothing is said."""
        style = attribute(cell, "style-name") or attribute(cell.getparent(), "default-cell-style-name")
        if not style:
            style = next((name for last, name in self._columns if column <= last), "")
        code = self._styles.code(style)
        return code if len(code) <= _LONGEST_CODE else ""

    def _shown(self, element: Any, ref: str, code: str) -> formats.Shown:
        displayed = _text(element)
        # LibreOffice marks errors by a second value-type of its own namespace.
        wrong = "error" in element.attrib.values()
        value = {key.rpartition("}")[2]: str(given) for key, given in element.attrib.items()}.get
        formula, kind = value("formula"), value("value-type", "")
        if wrong or (formula and re.fullmatch(r"#[A-Z/0!?]+|Err:\d+", displayed)):
            return formats.Shown(displayed or "#VALUE!", "error")
        if formula and not kind and not displayed:
            self._builder.notes.tell("formula_without_value", self._draft.name, ref)
        number = formats.number_text(value("value", "")) if kind in ("float", "currency", "percentage") else None
        if number is not None and code:
            found = formats.shown(number, code)
            if not displayed or formats.agrees(found.text, displayed):
                return found
        elif number is not None and kind == "percentage":
            return formats.Shown(formats.percent_text(number), "percent")
        if number is not None:
            return formats.beside(displayed, number)
        if kind == "date":
            found = formats.shown_iso(value("date-value", ""), code)
            figures, named = len(re.findall(r"\d+", displayed)), re.search(r"[A-Za-z]{3}", displayed)
            # a displayed 12月31日 or 2023年12月 names no full day, and what adds words to one says more
            full = not displayed or figures >= 3 or (figures == 2 and named)
            plain = full and formats.OF_DATES.fullmatch(re.sub(r"[0-9]+|[A-Za-z]{3,}", "", displayed))
            dated = bool(code) and formats.code_of(code).sections[0].is_date
            return found if dated or plain else found._replace(text=displayed)
        if kind == "time":
            return formats.Shown(displayed or value("time-value", ""), "date")
        if kind == "boolean":
            return formats.Shown(value("boolean-value", "").upper() or displayed, "bool")
        return formats.shown_text(displayed or value("string-value", ""), code)


def _text(cell: Any) -> str:
    """Displayed text: paragraphs as lines, annotations and shapes left out."""
    return "\n".join(_paragraph(child) for child in cell if local(child) == "p")


def _paragraph(element: Any) -> str:
    pieces = [element.text or ""]
    for child in element:
        tag = local(child)
        if tag == "s":
            pieces.append(" " * min((whole(child, "c", 1) or 1), 1_000))
        elif tag in ("tab", "line-break"):
            pieces.append("\t" if tag == "tab" else "\n")
        elif tag in ("span", "a", "ruby", "ruby-base"):
            pieces.append(_paragraph(child))
        pieces.append(child.tail or "")
    return "".join(pieces)
