"""The two ways through a sheet part agree, and the quick one takes what common writers produce."""

from __future__ import annotations

import io
import weakref
from collections.abc import Callable
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import workbooks as wb
from support.workbooks import cells_of_part, raw_cells

from perfbatch.intake import package as pk
from perfbatch.intake import uncollected
from perfbatch.intake.markup import BrokenPart
from perfbatch.intake.package import Package

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=["Cc", "Cs"]), max_size=6)
_STYLE = st.sampled_from(["", ' s="3"', ' s="12"'])
_TYPE = st.sampled_from(["", ' t="s"', ' t="str"', ' t="b"', ' t="e"', ' t="n"', ' cm="1"'])
_FORMULA = st.one_of(
    st.just(""), st.just('<f t="shared" si="0"/>'), _TEXT.map(lambda text: f"<f>{escape(text)}</f>"),
    _TEXT.map(lambda text: f'<f t="shared" ref="A1:B2" si="1">{escape(text)}</f>'),
)  # fmt: skip
_VALUE = st.one_of(
    st.just(""), st.just("<v/>"), st.just("<v></v>"), _TEXT.map(lambda text: f"<v>{escape(text)}</v>"),
    _TEXT.map(lambda text: f'<is><t xml:space="preserve">{escape(text)}</t></is>'),
    _TEXT.map(lambda text: f"<v><!--{text.replace('-', '')}-->{escape(text)}</v>"),
    _TEXT.map(lambda text: f"<is><r><t>{escape(text)}</t></r><rPh><t>x</t></rPh></is>"),
)  # fmt: skip
_REF = st.sampled_from(["A", "H", "AB", "XFD"])


def thorough(xml: bytes) -> list[pk.RawCell]:
    """The cells of a part by the streaming parser."""
    return list(pk.SheetPart(xml)._parsed_cells())


@st.composite
def _rows(draw: st.DrawFn) -> str:
    rows = []
    for number in sorted(draw(st.sets(st.integers(1, 1_048_576), max_size=3))):
        cells = ""
        for letters in draw(st.lists(_REF, max_size=4, unique=True)):
            body = draw(_FORMULA) + draw(_VALUE)
            attributes = f' r="{letters}{number}"{draw(_STYLE)}{draw(_TYPE)}'
            cells += f"<c{attributes}>{body}</c>" if body else f"<c{attributes}/>"
        rows.append(f'<row r="{number}" spans="1:8">{cells}</row>')
    return "".join(rows)


@settings(suppress_health_check=[HealthCheck.too_slow])  # drawing nested lists is slow on a busy machine
@given(_rows())
def test_both_ways_give_the_same_cells(rows: str) -> None:
    xml = wb.sheet(rows).encode()
    plain = [cell if cell[4] or cell[4] is None else (*cell[:4], None, cell[5]) for cell in raw_cells(xml)]
    parsed = [cell if cell[4] or cell[4] is None else (*cell[:4], None, cell[5]) for cell in thorough(xml)]
    assert plain == parsed


def _xlsxwriter() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page, bold = book.add_worksheet(), book.add_format({"bold": True, "num_format": "0.00%"})
    page.write_row(0, 0, ["产出指标", 50, True, "=A1&B1"])
    page.write_rich_string(1, 0, "数量", bold, "指标")
    page.write_formula(1, 1, "=1/0", bold, "#DIV/0!")
    page.write_blank(1, 2, None, bold)
    page.add_table(3, 0, 6, 2)
    book.close()
    return out.getvalue()


def _openpyxl(write_only: bool) -> Callable[[], bytes]:
    def make() -> bytes:
        book = openpyxl.Workbook(write_only=write_only)
        page = book.create_sheet("表")
        for row in (["产出指标", 50, True, "=SUM(A1:B1)"], [None, 0.5, "甲 & <乙>", "#N/A"]):
            page.append(row)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return make


@pytest.mark.parametrize("make", [_xlsxwriter, _openpyxl(True), _openpyxl(False)])
def test_common_writers_are_read_the_quick_way(make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    package = Package(make())
    parts = [package.read(sheet.part) for sheet in package.sheets()]
    parsed = [thorough(part) for part in parts]

    def forbidden(part: pk.SheetPart) -> None:
        raise AssertionError("the thorough way was taken")

    monkeypatch.setattr(pk.SheetPart, "_parsed_cells", forbidden)
    assert [list(raw_cells(part)) for part in parts] == parsed
    assert any(parsed)


def test_excel_ends_the_declaration_with_cr_lf() -> None:
    xml = wb.sheet('<row r="1"><c r="A1"><v>1</v></c></row>').replace("?>\n", "?>\r\n").encode()
    assert pk.is_plain(xml)
    assert list(cells_of_part(xml)) == [("A1", "n", 0, "1", None)]


def test_utf16_part_is_read() -> None:
    xml = wb.sheet('<row r="1"><c r="A1" t="str"><v>甲</v></c></row>').replace("UTF-8", "UTF-16").encode("utf-16")
    assert list(cells_of_part(xml)) == [("A1", "str", 0, "甲", None)]


def test_positions_without_references_are_counted_on() -> None:
    rows = '<row><c><v>1</v></c><c r="D1"><v>2</v></c><c><v>3</v></c></row>'
    rows += '<row><c><v>4</v></c></row><row r="9"><c/></row>'
    found = [(ref, value) for ref, _, _, value, _ in cells_of_part(wb.sheet(rows).encode())]
    assert found == [("A1", "1"), ("D1", "2"), ("E1", "3"), ("A2", "4"), ("A9", None)]


@pytest.mark.parametrize("xml", [b"", b"<worksheet>", b"\xff\xfe\x00", b"<worksheet><sheetData><row><c></row>"])
def test_malformed_parts_are_broken(xml: bytes) -> None:
    with pytest.raises(BrokenPart):
        list(cells_of_part(xml))


def test_cells_come_from_several_pieces() -> None:
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>' for r in range(1, 60_001))
    xml = wb.sheet(rows).encode()
    assert len(xml) > 2 * pk._CHUNK
    assert [value for _, _, _, value, _ in cells_of_part(xml)] == [str(r) for r in range(1, 60_001)]


def test_package_lists_sheets_in_workbook_order_with_their_parts() -> None:
    package = Package(wb.xlsx([("乙", wb.sheet("")), ("甲", wb.sheet(""))], states={"甲": "veryHidden"}))
    assert [tuple(sheet) for sheet in package.sheets()] == [
        ("乙", "xl/worksheets/sheet1.xml", "visible", "worksheet"),
        ("甲", "xl/worksheets/sheet2.xml", "veryHidden", "worksheet"),
    ]


def test_parts_are_found_whatever_the_case_and_the_slash() -> None:
    parts = wb.xlsx_parts({"表": wb.sheet("")})
    parts["XL\\Worksheets\\Sheet1.xml"] = parts.pop("xl/worksheets/sheet1.xml")
    package = Package(wb.zipped(parts))
    assert package.read(package.sheets()[0].part).startswith(b"<?xml")


def test_a_package_goes_without_the_collector() -> None:
    """Workbooks are read without it: a package that holds itself would keep all its bytes."""
    package = Package(wb.xlsx({"表": wb.sheet("")}))
    package.related("styles", package.sheets()[0].part)
    gone = weakref.ref(package)
    with uncollected():
        del package
        assert gone() is None
