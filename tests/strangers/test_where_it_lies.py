"""Where a form names no unit, the folder or zip it lies in does; a unit on the form wins."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from strangers import national
from strangers.containers import write
from strangers.grid import Sheet
from strangers.judge import Result, run
from strangers.money import Money
from strangers.shapes import SHAPES, Deal, Drawing
from strangers.truth import Project

UNIT = "北关镇人民政府"
MONEY = Money("万元", "label")


def without_unit(deal: Deal) -> Drawing:
    def name_only(sheet: Sheet, deal: Deal, project: Project, words: national.Words) -> None:
        sheet.line(words.name, national.Span(project.name, 8))

    return national.workbook(deal, (name_only, *national.USUAL_BLOCKS[1:]))


def units(result: Result) -> set[str]:
    return {str(row["unit"]) for row in result.projects}


@pytest.fixture
def drawing() -> Drawing:
    return without_unit(SHAPES["F1/usual"].deal(6, MONEY))


def test_the_folder(drawing: Drawing, tmp_path: Path) -> None:
    folder = tmp_path / "报送" / UNIT
    folder.mkdir(parents=True)
    write(drawing.book, "xlsx", folder / "导出表")
    assert units(run(tmp_path / "报送", tmp_path)) == {UNIT}


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_the_zip(drawing: Drawing, encoding: str, tmp_path: Path) -> None:
    """A folder in it; Windows tools write the names as GBK without saying so."""
    form, folder, name = write(drawing.book, "xlsx", tmp_path / "导出表"), tmp_path / "报送", f"{UNIT}/导出表.xlsx"
    folder.mkdir()
    written = name.encode(encoding)
    stand_in = name if encoding == "utf-8" else "x" * len(written)
    with zipfile.ZipFile(folder / "导出.zip", "w") as out:
        out.writestr(stand_in, form.read_bytes())
    if encoding == "gbk":
        path = folder / "导出.zip"
        path.write_bytes(path.read_bytes().replace(stand_in.encode(), written))
    assert units(run(folder, tmp_path)) == {UNIT}


def test_the_form_wins(tmp_path: Path) -> None:
    deal = SHAPES["F1/usual"].deal(6, MONEY)
    folder = tmp_path / "报送" / UNIT
    folder.mkdir(parents=True)
    write(national.f1(deal).book, "xlsx", folder / "导出表")
    assert units(run(tmp_path / "报送", tmp_path)) == {deal.unit}
