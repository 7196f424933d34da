"""Reader of SpreadsheetML 2003 ("XML 表格 2003"), which web systems save as .xls.

Source: Microsoft, XML Spreadsheet Reference (2001), elements Worksheet, Row, Cell, Data, NumberFormat.
"""

from collections.abc import Mapping
from typing import Any

from perfbatch.intake.formats import DATA, shown_as
from perfbatch.intake.grids import Builder, SheetDraft, bare_comment
from perfbatch.intake.guard import refuse
from perfbatch.intake.markup import attribute, forget, local, streamed, whole
from perfbatch.model import LAST_COLUMN, LAST_ROW, Range, a1

_KINDS = {"Number": "number", "DateTime": "date", "Boolean": "bool", "Error": "error"}


def read_xml2003(data: bytes, builder: Builder) -> None:
    """Add every worksheet. Raises BrokenPart on malformed XML, RefusedFile on a DOCTYPE or past a limit."""
    if b"<!DOCTYPE" in data or b"<!\0D\0O\0C" in data:
        raise refuse("doctype", builder.file, "含有 DOCTYPE 声明，可能有害")
    codes: dict[str, str] = {}  # style → number format
    draft, row = SheetDraft(""), 0
    for event, element in streamed(data, "Worksheet", "Row", "Style", "Visible"):
        tag = local(element)
        if tag == "Worksheet" and event == "start":
            draft, row = SheetDraft(attribute(element, "Name")), 0
        elif tag == "Worksheet":
            builder.add(draft)
            forget(element)
        elif event == "start":
            continue
        elif tag == "Style":
            formats = [attribute(child, "Format") for child in element if local(child) == "NumberFormat"]
            codes[attribute(element, "ID")] = DATA["named"].get(formats[0], formats[0]) if formats else ""
        elif tag == "Visible":
            draft.hidden = (element.text or "").strip() in ("SheetHidden", "SheetVeryHidden")
        else:
            first = max(whole(element, "Index", 0), row + 1)  # rows only go down
            row = first + whole(element, "Span", 0)
            if attribute(element, "Hidden") == "1" and first <= row <= first + 10_000 and first <= LAST_ROW:
                draft.hidden_rows.update(range(first, row + 1))
            column = 0
            for cell in element:
                if local(cell) == "Cell":
                    column = whole(cell, "Index", column + 1)
                    if first <= LAST_ROW and column <= LAST_COLUMN:
                        column = _take_cell(cell, first, column, draft, codes, builder)
            forget(element)


def _take_cell(
    element: Any, row: int, column: int, draft: SheetDraft, codes: Mapping[str, str], builder: Builder
) -> int:
    """Add one cell; returns the last column it covers."""
    down, across = whole(element, "MergeDown", 0), whole(element, "MergeAcross", 0)
    if down or across:
        draft.merges.append(Range(row, column, min(row + down, LAST_ROW), min(column + across, LAST_COLUMN)))
    data = next((child for child in element if local(child) == "Data"), None)
    for note in [child for child in element if local(child) == "Comment"][:1]:
        if text := bare_comment("".join(note.itertext()), attribute(note, "Author")):
            draft.comments[row, column] = text
    if data is not None:
        code = codes.get(attribute(element, "StyleID"), "")
        kind, text = _KINDS.get(attribute(data, "Type"), "text"), "".join(data.itertext())
        builder.take(draft, (row, column), shown_as(kind, text, code), code)
    elif attribute(element, "Formula"):
        builder.notes.tell("formula_without_value", draft.name, a1(row, column))
    return column + across
