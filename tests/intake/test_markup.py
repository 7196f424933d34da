"""Whatever else stands in the markup of a sheet, cells, merged areas and hidden rows are those of its clean twin.

The rows of plain markup are cut by regular expressions; whatever could fool them must send the part to the parser.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from support import workbooks as wb
from support.workbooks import raw_cells

from perfbatch.intake import read_book
from perfbatch.intake.markup import BrokenPart
from perfbatch.intake.package import SheetPart
from perfbatch.model import Grid, Range

MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
X14 = 'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
ROWS = (
    '<row r="1"><c r="A1" t="str"><v>项目名称</v></c><c r="C1"><v>16.81</v></c></row>'
    '<row r="2" hidden="1"><c r="A2" t="str"><v>甲</v></c><c r="C2" t="str"><v>乙</v></c></row>'
    '<row r="4"><c r="B4"><v>12.5</v></c></row>'
)
COLUMNS = '<cols><col min="1" max="2" width="9"/><col min="4" max="5" width="9" hidden="1"/></cols>'
MERGES = '<mergeCells count="2"><mergeCell ref="A1:B1"/><mergeCell ref="C2:D3"/></mergeCells>'
CLEAN = wb.sheet(ROWS, before=COLUMNS, after=MERGES)
CELL = '<c r="C1"><v>99</v></c>'
AREA = '<mergeCell ref="A1:I9"/>'
ROW = '<row r="4" hidden="1"/>'


def _behind(tag: str, extra: str) -> str:
    assert CLEAN.count(tag) >= 1
    return CLEAN.replace(tag, tag + extra, 1)


def _extension(inner: str) -> str:
    return CLEAN.replace("</worksheet>", f"<extLst><ext {X14} uri='x'>{inner}</ext></extLst></worksheet>")


def _alternate(known: str, fallback: str, needs: str = "x14") -> str:
    choice = f"<mc:Choice Requires='{needs}'>{known}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback>"
    return f"<mc:AlternateContent {MC} {X14} xmlns:own='urn:own'>{choice}</mc:AlternateContent>"


# What stands in the part → whether openpyxl and calamine take it as meant.
ODD: dict[str, tuple[str | bytes, bool]] = {
    "an instruction among the rows": (_behind("</row>", f"<?note {CELL}?>"), True),
    "an instruction among the cells": (_behind("</c>", f"<?note {CELL}?>"), True),
    "an instruction among the merged areas": (_behind('<mergeCell ref="A1:B1"/>', f"<?note {AREA}?>"), True),
    "an instruction before the root": (CLEAN.replace("?>\n", f"?>\n<?note {CELL}{AREA}{ROW}?>", 1), True),
    "an instruction in a part without a declaration": (
        _behind("</row>", f"<?note {CELL}?>").partition("?>")[2].strip(), True,
    ),
    "a comment among the rows": (_behind("</row>", f"<!-- {CELL}{ROW} -->"), True),
    "a comment among the merged areas": (_behind('<mergeCell ref="A1:B1"/>', f"<!-- {AREA} -->"), True),
    "a comment behind the root": (CLEAN + f"<!-- {CELL}{AREA} -->", True),
    "CDATA": (CLEAN.replace("<v>甲</v>", "<v><![CDATA[甲]]></v>"), False),
    "markup as text": (CLEAN.replace("甲", "&lt;c r=&quot;C1&quot;&gt;").replace("<v>&lt;", "<v>&lt;"), True),
    "UTF-16": (CLEAN.replace("UTF-8", "UTF-16").encode("utf-16"), False),
    "UTF-16 without a declaration": (CLEAN.partition("?>")[2].strip().encode("utf-16"), False),
    "GB18030": (CLEAN.replace("UTF-8", "GB18030").encode("gb18030"), False),
    "a byte order mark": (b"\xef\xbb\xbf" + CLEAN.encode(), True),
    "cells of an extension in a namespace of their own": (_extension(f"<x14:c r='C1'>{CELL}</x14:c>"), False),
    "rows of an extension": (_extension(f"<x14:row r='4' hidden='1'>{CELL}</x14:row>"), False),
    "merged areas of an extension": (_extension(f"<x14:mergeCells>{AREA}</x14:mergeCells>"), False),
    "merged areas of an extension, prefixed": (_extension("<x14:mergeCell ref='A1:I9'/>"), True),
    "columns of an extension": (_extension("<x14:cols><col min='1' max='9' hidden='1'/></x14:cols>"), False),
    "a foreign element among the cells": (_behind("</c>", f"<own:x xmlns:own='urn:own'>{CELL}</own:x>"), False),
    "a foreign element of the same name": (_behind("</c>", '<c xmlns="urn:own" r="C1"><v>99</v></c>'), False),
    "a foreign value in a cell": (CLEAN.replace("<v>16.81</v>", '<v>16.81</v><v xmlns="urn:own">99</v>'), False),
    "an extension in a cell": (
        CLEAN.replace("<v>16.81</v>", "<v>16.81</v><extLst><ext uri='x'><v>99</v></ext></extLst>"), False,
    ),
    "alternatives for controls": (
        CLEAN.replace("</worksheet>", _alternate("<controls/>", "") + "</worksheet>"), True,
    ),
    "alternatives among the rows, of which Excel takes the fallback": (
        _behind("</row>", _alternate(f'<row r="3">{CELL}</row>', '<row r="3"/>', needs="own")), False,
    ),
    "alternatives among the rows, of which Excel takes the first": (
        _behind("</row>", _alternate('<row r="3"/>', f'<row r="3">{CELL}</row>')), False,
    ),
    "alternative merged areas": (
        CLEAN.replace(MERGES, _alternate(MERGES, f"<mergeCells>{AREA}</mergeCells>")), False,
    ),
    "prefixes": (re.sub(r"<(/?)(\w)", r"<\1x:\2", CLEAN.partition("?>")[2]).replace("xmlns=", "xmlns:x="), True),
    "attributes in another order": (
        CLEAN.replace('r="C1"', 'ph="1" r="C1"').replace('hidden="1"', "hidden='true'"), True,
    ),
    "blanks and line ends in tags": (CLEAN.replace("<row ", "<row\n ").replace("</row>", "</row >"), True),
    "a greater-than in an attribute": (CLEAN.replace('<row r="2"', '<row r="2" spans=">"'), False),
    "rows without numbers": (
        CLEAN.replace('<row r="1"', "<row").replace('<row r="2"', "<row").replace('r="A2" ', ""), False,
    ),
}  # fmt: skip


def _grid(folder: Path, part: str | bytes) -> Grid:
    parts = wb.xlsx_parts({"表": CLEAN})
    parts["xl/worksheets/sheet1.xml"] = part
    path = folder / "表.xlsx"
    path.write_bytes(wb.zipped(parts))
    (grid,) = read_book(path, name="表.xlsx").grids
    return grid


@pytest.mark.parametrize("case", ODD)
def test_odd_markup_reads_as_its_clean_twin(tmp_path: Path, case: str) -> None:
    clean, odd = _grid(tmp_path, CLEAN), _grid(tmp_path, ODD[case][0])
    texts = {at: cell.text for at, cell in odd.cells.items()}
    if case == "markup as text":
        assert texts.pop((2, 1)) == '<c r="C1">'
        clean.cells.pop((2, 1))
    assert texts == {at: cell.text for at, cell in clean.cells.items()}
    assert odd.merges == clean.merges == (Range(1, 1, 1, 2), Range(2, 3, 3, 4))
    assert odd.hidden_rows == clean.hidden_rows == {2}


@pytest.mark.parametrize("case", [case for case, (_, shared) in ODD.items() if shared])
def test_the_other_readers_agree(tmp_path: Path, case: str) -> None:
    """Independent readers on the same bytes, where they take the markup at all."""
    grid = _grid(tmp_path, ODD[case][0])
    data = (tmp_path / "表.xlsx").read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    ours = {at: cell.text for at, cell in grid.cells.items()}
    cells = (cell for row in page.iter_rows() for cell in row if cell.value is not None)
    assert {(cell.row, cell.column): str(cell.value) for cell in cells} == ours
    merged = {(area.min_row, area.min_col, area.max_row, area.max_col) for area in page.merged_cells.ranges}
    assert merged == set(map(tuple, grid.merges))
    hidden = {row for row, look in page.row_dimensions.items() if look.hidden}
    assert hidden == set(grid.hidden_rows)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    found = {(r, c): str(value) for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1) if value != ""}
    assert found == ours


_PIECES: list[Callable[[str], str]] = [
    lambda xml: xml.replace("</row>", "</row><!-- <c r='C1'><v>99</v></c> -->", 1),
    lambda xml: xml.replace("</c>", "</c><?x <row hidden='1' r='1'>?>", 1),
    lambda xml: xml.replace("<mergeCells", "<!-- <mergeCell ref='A1:Z9'/> --><mergeCells"),
    lambda xml: xml.replace("</worksheet>", f"<extLst><x14:mergeCell {X14} ref='A1:Z9'/></extLst></worksheet>"),
    lambda xml: xml.replace("<v>12.5</v>", "<v>12<!-- 3 -->.5</v>"),
    lambda xml: xml.replace("<sheetData>", "<sheetData >"),
    lambda xml: xml.replace("<row r=", "<row spans='1:9' r="),
    lambda xml: xml.replace("</row><row", "</row>\n  <row"),
]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(st.lists(st.sampled_from(_PIECES), max_size=5), st.sampled_from(["UTF-8", "UTF-16", "GB18030"]))
def test_oddities_together(tmp_path: Path, pieces: list[Callable[[str], str]], encoding: str) -> None:
    xml = CLEAN
    for piece in pieces:
        xml = piece(xml)
    odd, clean = _grid(tmp_path, xml.replace("UTF-8", encoding).encode(encoding)), _grid(tmp_path, CLEAN)
    assert odd == clean


def test_what_is_cut_within_a_part_is_read_on_by_the_parser() -> None:
    """Oddities late in a long part: the cells before them came from the quick way, none is lost or given twice."""
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>' for r in range(1, 60_001))
    plain = wb.sheet(rows)
    late = plain.replace('<row r="59000">', '<x xmlns="urn:own"><c r="A1"><v>9</v></c></x><row r="59000">').encode()
    assert SheetPart(late)._rows is not None
    assert list(raw_cells(late)) == list(raw_cells(plain.encode()))


def test_two_areas_of_rows_are_left_to_the_parser() -> None:
    twice = CLEAN.replace(
        "</worksheet>", f"<own:a xmlns:own='urn:own'><sheetData>{ROWS}</sheetData></own:a></worksheet>"
    )
    assert len(list(raw_cells(twice.encode()))) == len(list(raw_cells(CLEAN.encode())))


@pytest.mark.parametrize("tail", ["</worksheet", "", "<x></worksheet>"])
def test_cut_parts_are_broken(tail: str) -> None:
    with pytest.raises(BrokenPart):
        list(raw_cells(CLEAN.replace("</worksheet>", tail).encode()))
