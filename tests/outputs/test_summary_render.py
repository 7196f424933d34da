"""The summary as LibreOffice shows it: pages, nothing cut to ###, live formulas equal to the figures written."""

import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from support.batches import township

from perfbatch.outputs.summary import write_summary

SOFFICE, PDFTOTEXT = shutil.which("soffice"), shutil.which("pdftotext")
pytestmark = pytest.mark.skipif(not (SOFFICE and PDFTOTEXT), reason="LibreOffice or pdftotext is not installed")


def convert(source: Path, kind: str, folder: Path) -> Path:
    """`source` converted by LibreOffice with a profile of its own."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [SOFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / f"{source.stem}.{kind}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("render")


@pytest.fixture(scope="module")
def path(folder: Path) -> Path:
    target = folder / "summary.xlsx"
    write_summary(target, township(24, 6))
    return target


@pytest.fixture(scope="module")
def pages(path, folder) -> list[str]:
    pdf = convert(path, "pdf", folder)
    text = subprocess.run([PDFTOTEXT, "-layout", str(pdf), "-"], check=True, capture_output=True).stdout
    return text.decode("utf-8").split("\f")[:-1]


def test_the_first_sheet_has_the_pages_that_its_footer_states_and_the_next_one_begins_after_it(pages):
    assert "预算项目绩效自评汇总表" in pages[0]
    (total,) = {int(number) for page in pages for number in re.findall(r"共\s*(\d+)\s*页", page)}
    own = pages[:total]
    assert [re.findall(r"第\s*(\d+)\s*页，共\s*(\d+)\s*页", page) for page in own] == [
        [(str(at), str(total))] for at in range(1, total + 1)
    ]
    assert "填表日期" in own[-1]
    assert "预算项目得分表" in pages[total]


def test_nothing_is_cut_to_hashes_and_the_pages_of_every_list_are_numbered_from_one(pages):
    assert not [page for page in pages if "###" in page]
    numbered = [re.findall(r"(\S+)\s+第\s*(\d+)\s*页\s*$", page.rstrip()) for page in pages]
    lists: dict[str, list[int]] = {}
    for found in numbered:
        for name, number in found:
            lists.setdefault(name, []).append(int(number))
    assert {"项目得分", "指标明细", "偏差分析", "问题清单", "整改台账", "读取情况"} <= lists.keys()
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in lists.values())


def test_headings_are_repeated_on_every_page_of_a_list(pages):
    first = next(at for at, page in enumerate(pages) if "绩效指标完成情况明细表" in page)
    last = next(at for at, page in enumerate(pages) if "绩效指标偏差分析表" in page)
    assert last - first > 1
    assert all("三级指标" in page for page in pages[first:last])


def test_formulas_give_the_figures_that_were_written(path, folder):
    bare = folder / "bare.xlsx"
    openpyxl.load_workbook(path).save(bare)  # drops the cached values, so that they must be computed
    computed = openpyxl.load_workbook(convert(bare, "xlsx", folder / "computed"), data_only=True)
    live, cached = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    compared = 0
    for sheet in live:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    mine = cached[sheet.title][cell.coordinate].value
                    theirs = computed[sheet.title][cell.coordinate].value
                    assert theirs == pytest.approx(mine, abs=1e-9), (sheet.title, cell.coordinate, cell.value)
                    compared += 1
    assert compared > 400
