"""Rows that stand among the rows of a table and are none of them: notes, signatures, repeated titles and headers."""

from __future__ import annotations

import re

from perfbatch.forms.sheet import Sheet
from perfbatch.forms.titles import is_title


def is_note(sheet: Sheet, row: int) -> bool:
    """Whether a row begins with a note (注：…)."""
    return row in sheet.notes and sheet.row(row)[0] is sheet.notes[row]


def is_aside(sheet: Sheet, row: int) -> bool:
    """Whether a row of a list is a note, a line of signatures (填报人：甲) or nothing but a title."""
    shown = sheet.row(row)
    if not shown or shown[0].row != row:
        return False
    first = shown[0]
    if is_note(sheet, row) or any(cell is first for cell in sheet.stated.get(row, ())):
        return True
    if len(shown) == 1 and (is_title(sheet.vocabulary, first.text) or _is_page(sheet, first.text)):
        return True
    labels = sheet.labels.get(row, ())
    return any(label.cell is first and label.fields.get("head") == "manager" for label in labels)


def _is_page(sheet: Sheet, text: str) -> bool:
    """Whether a text is a page number printed between rows (第1页，共2页)."""
    return re.match(sheet.vocabulary.raw["notes"]["pages"], text.strip()) is not None
