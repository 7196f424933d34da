"""Copies stay within what Excel opens; cells without references are counted on quickly and rightly."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from support.forms import write_forms

from perfbatch.intake import read_book
from perfbatch.model import Finding
from perfbatch.outputs.annotate import annotate
from perfbatch.outputs.cellstyles import MOST_FORMATS, CellStyles
from perfbatch.outputs.patch import Patch

FINDING = Finding("SC01", "error", "甲.xlsx", "甲自评表", "B10", "P", "项目", "1", "2", "不符。", "改。", "依据")


def crowded(path: Path, formats: int) -> None:
    """A workbook given so many cell formats, no two of them alike."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    styles = parts["xl/styles.xml"].decode("utf-8")
    table = re.search(r"<cellXfs[^>]*>(.*?)</cellXfs>", styles, re.DOTALL)
    assert table
    more = formats - len(re.findall(r"<xf ", table[1]))
    xfs = "".join(
        f'<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"><alignment indent="{i % 250}"'
        f' textRotation="{i // 250 % 180}" relativeIndent="{i // 45_000}"/></xf>'
        for i in range(more)
    )
    parts["xl/styles.xml"] = f"{styles[: table.end(1)]}{xfs}{styles[table.end(1) :]}".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(name, body)


@pytest.mark.parametrize("room", [0, 1])
def test_no_copy_has_more_formats_than_excel_opens(tmp_path: Path, room: int) -> None:
    (source,) = write_forms(tmp_path, "甲")
    crowded(source, MOST_FORMATS - room)
    report = annotate(source, tmp_path / "甲_批注.xlsx", [FINDING])
    assert isinstance(report.marking, Patch) and ("甲自评表", "B10") in report.marking.marked
    assert any("没有着色" in note for note in report.notes) is (room == 0)
    with zipfile.ZipFile(report.path) as package:
        styles = CellStyles(package.read("xl/styles.xml"))
    assert len(styles._xfs) == MOST_FORMATS


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row><c><v>1</v></c><c r="D1"><v>2</v></c><c><v>3</v></c></row><row/>'
    '<row r="7"><c><v>4</v></c></row><row><c/><c><v>5</v></c></row></sheetData></worksheet>'
)


def test_cells_without_references_follow_their_neighbours(tmp_path: Path) -> None:
    (source,) = write_forms(tmp_path, "甲")
    with zipfile.ZipFile(source) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/worksheets/sheet1.xml"] = SHEET.encode()
    with zipfile.ZipFile(source, "w") as package:
        for name, body in parts.items():
            package.writestr(name, body)
    (grid,) = read_book(source, name="甲.xlsx").grids
    assert {cell.ref: cell.text for cell in grid.cells.values()} == {
        "A1": "1",
        "D1": "2",
        "E1": "3",
        "A7": "4",
        "B8": "5",
    }
