"""The forty published tables as Word documents give the same frames as the workbooks, and so do .doc files of them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from strangers import worddoc
from strangers.grid import Area, Sheet
from support import drawing, render_tables

from perfbatch.config import Settings
from perfbatch.intake import office
from perfbatch.model import WorkbookResult
from perfbatch.pipeline import process_workbook

OWN = ["file", "sheet", "project_id"]  # columns that name the file itself


def drawn(path: Path) -> Sheet:
    """The lone sheet of a workbook as a drawing."""
    page = openpyxl.load_workbook(path).worksheets[0]
    sheet = Sheet(page.title)
    sheet.cells = {
        (c.row, c.column): str(c.value) for line in page.iter_rows() for c in line if c.value not in (None, "")
    }
    sheet.merges = [Area(a.min_row, a.min_col, a.max_row, a.max_col) for a in page.merged_cells.ranges]
    return sheet


def frames(result: WorkbookResult) -> list[pd.DataFrame]:
    assert result.frames is not None, result.reason
    found = (result.frames.projects, result.frames.funds, result.frames.indicators)
    return [frame.drop(columns=[name for name in OWN if name in frame]) for frame in found]


def findings(result: WorkbookResult) -> list[tuple[str, str, str]]:
    return [(f.code, f.cell, f.message) for f in result.findings]


@pytest.mark.parametrize("name", render_tables.names())
def test_as_word(name: str, tmp_path: Path) -> None:
    book = render_tables.render([render_tables.load(name)], tmp_path / "表.xlsx").path
    document = worddoc.write([drawn(book)], tmp_path / "表.docx")
    wanted, read = (process_workbook(path, "表", Settings()) for path in (book, document))
    for one, other in zip(frames(wanted), frames(read), strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert findings(read) == findings(wanted)


@pytest.mark.parametrize("family", drawing.families())
def test_every_family_as_word(family: str, tmp_path: Path) -> None:
    """The drawn form of each family typed into Word, one table a sheet: the same frames and findings."""
    document = drawing.load(family)
    sheets = document.get("sheets") or {"表": document["grid"]}
    parsed = {name: drawing.parse(text) for name, text in sheets.items()}
    book = drawing.write(tmp_path / "表.xlsx", parsed)
    pages = []
    for name, one in parsed.items():
        page = Sheet(name)
        page.cells = {at: str(text) for at, text in one.cells.items() if text not in (None, "")}
        page.merges = [Area(*merge) for merge in one.merges]
        pages.append(page)
    typed = worddoc.write(pages, tmp_path / "表.docx")
    wanted, read = (process_workbook(path, "表", Settings()) for path in (book, typed))
    kept = {"indicators": ["level3", "target_text", "actual_text", "points", "score_declared", "reason"]}
    kept["projects"] = ["project_name", "unit", "year", "layout", "budget_adjusted", "executed", "total_declared"]
    for table, columns in kept.items():
        one, other = (getattr(result.frames, table)[columns] for result in (wanted, read))
        pd.testing.assert_frame_equal(one, other)
    assert sorted((f.code, f.message) for f in read.findings) == sorted((f.code, f.message) for f in wanted.findings)


@pytest.mark.skipif(not office.office(), reason="needs LibreOffice")
def test_as_old_word(tmp_path: Path) -> None:
    """Four of the tables in one .doc."""
    sheets = [
        drawn(render_tables.render([render_tables.load(name)], tmp_path / f"{name}.xlsx").path)
        for name in render_tables.names()[::10]
    ]
    document = worddoc.write(sheets, tmp_path / "表.docx")
    office._run([
        office.office(), "--headless", f"-env:UserInstallation={office._profile()}", "--convert-to", "doc:MS Word 97",
        "--outdir", str(tmp_path), str(document),
    ])  # fmt: skip
    wanted, read = (process_workbook(path, "表", Settings()) for path in (document, tmp_path / "表.doc"))
    assert (wanted.container, read.container) == ("docx", "doc")
    for one, other in zip(frames(wanted), frames(read), strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert findings(read) == findings(wanted)
