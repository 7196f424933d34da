"""The shorter way of writing cells gives the very file that XlsxWriter gives."""

import zipfile

import pytest
import xlsxwriter

from perfbatch.outputs.quick import Book

TEXTS = [
    "普通文字", "a<b>&c", " 前后空白 ", "行一\n行二", "制表\t符", "\x07控制\x0b", "_x0041_", "_xyz", "\r回车",
    "尾换行\n", "\ufffe", "=1+1", '"引号"', "x", "",
]  # fmt: skip
NUMBERS = [0, 1, -2, 1e20, 1e-7, 0.1 + 0.2, 123456789.123456]
FORMULAS = [("=A1+B1", 1.5), ("=A1*2", 3.0), ('=IF(A1<>"","&",1)', 2.0), ("=SUM(A1:A3)", ""), ("=A1", "文字")]


def written(path, book_class, *, streamed):
    """The parts of a workbook with every kind of cell."""
    book = book_class(str(path), {"constant_memory": streamed, "strings_to_formulas": False, "strings_to_urls": False})
    look, sheet = book.add_format({"border": 1}), book.add_worksheet()
    for column in (0, 70):  # within and beyond the columns that go the shorter way
        for made in (look, None):
            row = sheet.dim_rowmax + 1 if sheet.dim_rowmax is not None else 0
            for text in TEXTS:
                sheet.write_string(row, column, text, made)
                sheet.write_blank(row, column + 1, None, look)
                row += 1
            for number in NUMBERS:
                sheet.write_number(row, column, number, made)
                row += 1
            for formula, value in FORMULAS:
                sheet.write_formula(row, column, formula, made, value)
                row += 1
    book.close()
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist() if name != "docProps/core.xml"}


@pytest.mark.parametrize("streamed", [False, True])
def test_same_parts_as_xlsxwriter(tmp_path, streamed):
    ours = written(tmp_path / "ours.xlsx", Book, streamed=streamed)
    assert ours == written(tmp_path / "theirs.xlsx", xlsxwriter.Workbook, streamed=streamed)
    assert ours["xl/worksheets/sheet1.xml"].count(b"<c ") > 4 * (len(NUMBERS) + len(FORMULAS))
