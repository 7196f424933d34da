"""The workpaper and the sheets for people as LibreOffice prints them: pages, headings, nothing cut to ###."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from support.batches import D, batch, indicator, project, township

from perfbatch.outputs.workpaper import write_workpaper

SOFFICE, PDFTOTEXT = shutil.which("soffice"), shutil.which("pdftotext")
pytestmark = pytest.mark.skipif(not (SOFFICE and PDFTOTEXT), reason="LibreOffice or pdftotext is not installed")


def pages(path: Path, folder: Path) -> list[str]:
    """The text of each printed page."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [SOFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pdf = folder / f"{path.stem}.pdf"
    text = subprocess.run([PDFTOTEXT, "-layout", str(pdf), "-"], check=True, capture_output=True).stdout
    return text.decode("utf-8").split("\f")[:-1]


def test_one_page_a_project_and_one_for_the_list(tmp_path):
    write_workpaper(tmp_path / "w.xlsx", township(40, 9))
    found = pages(tmp_path / "w.xlsx", tmp_path)
    assert len(found) == 1 + 4
    assert "目录" in found[0]
    for page in found[1:]:
        assert "绩效自评抽查工作底稿" in page and "项目核查意见" in page and "填写说明" in page
        assert "校验码" not in page.replace("“校验码”", "")
    assert not [page for page in found if "###" in page or "P00" in page]
    assert all(re.search(r"\S+\s+第\s*1\s*页\s*$", page.rstrip()) for page in found), "each sheet has its own number"


def test_a_long_project_goes_over_pages_with_its_heading(tmp_path):
    rows = [indicator(1, 10 + n, reason="因天气原因推迟，已于次年一季度补做" * 4) for n in range(30)]
    write_workpaper(tmp_path / "w.xlsx", batch([project(1)], rows, sample=["P0001"]))
    found = pages(tmp_path / "w.xlsx", tmp_path)
    assert len(found) > 3
    assert all("核查完成值" in page for page in found[1:])
    assert "###" not in "".join(found)


def test_large_figures_are_not_cut(tmp_path):
    made = batch([project(1, executed=D(10) ** 9, budget_adjusted=D(10) ** 9)], [indicator(1, 10)], sample=["P0001"])
    write_workpaper(tmp_path / "w.xlsx", made)
    assert "###" not in "".join(pages(tmp_path / "w.xlsx", tmp_path))


def test_it_opens_without_repair_and_saves_the_same(tmp_path):
    write_workpaper(tmp_path / "w.xlsx", township(24, 6))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [SOFFICE, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "again")]
    subprocess.run([*command, str(tmp_path / "w.xlsx")], check=True, capture_output=True, timeout=120)
    mine, theirs = (openpyxl.load_workbook(p / "w.xlsx", data_only=True) for p in (tmp_path, tmp_path / "again"))
    assert theirs.sheetnames == mine.sheetnames
    for sheet in mine.worksheets:
        other = theirs[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value not in (None, "", 0):
                    assert other[cell.coordinate].value == pytest.approx(cell.value), cell
