"""What people do in a work folder: hand a form in again, write into any output; and all that stands in a folder."""

from __future__ import annotations

import html
import zipfile
from pathlib import Path

import docx
import openpyxl

from support.forms import write_forms


def export(inputs: Path, number: int) -> None:
    """The form handed in, each time with another goal and with a mistake."""
    (path,) = write_forms(inputs, "甲")
    book = openpyxl.load_workbook(path)
    sheet = book.active
    sheet["B10"].value = f"第{number}次的目标"
    for row in sheet.iter_rows():
        for one in row:
            if str(one.value) == "16.67":
                one.value = 19
    book.save(path)


def cell(path: Path, sheet: str | None, ref: str, text: str) -> None:
    """Write into a cell of a sheet, of the first one if it is not named."""
    book = openpyxl.load_workbook(path)
    (book[sheet] if sheet else book.worksheets[0])[ref].value = text
    book.save(path)


def ledger(path: Path, text: str, at: int = 1) -> None:
    """Write a measure into a row of the ledger."""
    book = openpyxl.load_workbook(path)
    sheet = book["整改台账"]
    top = next(row[0].row for row in sheet.iter_rows() if row[0].value == "序号")
    column = next(one.column for one in sheet[top] if one.value == "整改措施")
    sheet.cell(top + at, column).value = text
    book.save(path)


def paper(path: Path, text: str) -> None:
    """Write an opinion into a workpaper."""
    book = openpyxl.load_workbook(path)
    for sheet in book:
        for row in sheet.iter_rows():
            for one in row:
                if one.value == "核查意见":
                    sheet.cell(one.row + 1, one.column).value = text
                    book.save(path)
                    return
    raise AssertionError("no column for opinions")


def report(path: Path, text: str) -> None:
    """Add a paragraph to a report."""
    document = docx.Document(str(path))
    document.add_paragraph(text)
    document.save(str(path))


def words_of(output: Path) -> str:
    """All that stands in any file of an output folder (of packages their parts), not in what the program keeps."""
    found = []
    for path in output.rglob("*"):
        if ".perfbatch" in path.parts or not path.is_file() or ".perfbatch-tmp" in path.name:
            continue
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                parts = (package.read(name).decode("utf-8", "replace") for name in package.namelist())
                found += map(html.unescape, parts)  # openpyxl writes characters by their numbers
        else:
            found.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(found)
