"""What is written opens in Excel and Word (no error by `openxml-audit` on any output), and how many pages it prints."""

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
import xlwt
from openxml_audit import OpenXmlValidator
from support.batches import batch, indicator, project, township
from support.rich_books import finding as rich_finding
from support.rich_books import macro_book, rich_book
from support.workpapers import fill

from perfbatch.cli import main
from perfbatch.config import REPORTS, Settings
from perfbatch.followup.review import review
from perfbatch.followup.workpaper_reader import read_workpaper
from perfbatch.outputs.annotate import annotate
from perfbatch.outputs.patch import Patch
from perfbatch.outputs.render import Rendering
from perfbatch.outputs.report import write_report
from perfbatch.outputs.summary import write_summary
from perfbatch.outputs.workpaper import write_workpaper

ROOT = Path(__file__).parents[2]
SAMPLES = {
    "national": ROOT / "input_templates" / "安肃镇2023年度绩效自评表（示例）.xlsx",
    "hebei": ROOT / "input_templates" / "安肃镇2023年度河北预算项目绩效自评表（示例）.xlsx",
}
SOFFICE, PDFTOTEXT = shutil.which("soffice"), shutil.which("pdftotext")


def errors(path: Path) -> list[str]:
    """Errors in the part, place and words of the validator."""
    return [f"{error.part_uri} {error.description}" for error in OpenXmlValidator().validate(str(path)).errors]


@pytest.fixture(scope="module", params=SAMPLES)
def output(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    assert main(["run", str(SAMPLES[request.param]), "--output", str(folder), "--workers", "1"]) in (0, 1)
    return folder


def test_every_output_of_a_run_is_valid(output: Path):
    files = [*output.glob("*.xlsx"), *output.glob("*.docx")]
    assert len(files) >= 4
    assert {path.name: errors(path) for path in files} == {path.name: [] for path in files}


def test_reports_workpapers_and_summaries_of_other_batches_are_valid(tmp_path: Path):
    made = township(40, 6)
    for family in REPORTS:
        write_report(tmp_path / f"{family}.docx", made, Settings(report=family, unit_name="示例镇"))
    write_workpaper(tmp_path / "底稿.xlsx", made)
    entries = {1: {"完成数量11": {"核查分数": 6}}}
    made.review = review(made, [read_workpaper(fill(tmp_path / "底稿.xlsx", tmp_path / "填好.xlsx", entries))])
    write_summary(tmp_path / "复核.xlsx", made)
    units = batch([project(at, unit=f"单位{at % 7}") for at in range(30)], [indicator(at, 9) for at in range(30)])
    write_summary(tmp_path / "单位.xlsx", units)
    files = [path for path in tmp_path.iterdir() if path.name != "填好.xlsx"]  # that one openpyxl wrote
    assert {path.name: errors(path) for path in files} == {path.name: [] for path in files}


@pytest.mark.parametrize("make", [rich_book, macro_book])
def test_marks_add_no_error_to_a_workbook(make, tmp_path: Path):
    source = make(tmp_path / ("表.xlsm" if make is macro_book else "表.xlsx"))
    name = openpyxl.load_workbook(source).sheetnames[0]
    report = annotate(source, tmp_path / f"批注{source.suffix}", [rich_finding(name, "B3")], forms=11)
    assert isinstance(report.marking, Patch)
    assert set(errors(report.path)) <= set(errors(source))


def pages(path: Path, folder: Path) -> list[str]:
    """The text of each printed page."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [SOFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    text = subprocess.run(
        [PDFTOTEXT, "-layout", str(folder / f"{path.stem}.pdf"), "-"], check=True, capture_output=True
    ).stdout
    return text.decode("utf-8").split("\f")[:-1]


rendered = pytest.mark.skipif(not (SOFFICE and PDFTOTEXT), reason="LibreOffice or pdftotext is not installed")


@rendered
def test_pages_of_what_is_handed_in(output: Path, tmp_path: Path):
    """Three pages to attach, the report in at most twenty-one, a sheet of the workpaper on one page or two."""
    summary = pages(output / "绩效自评汇总表.xlsx", tmp_path)
    own = [page for page in summary if "页，共" in page.replace(" ", "")]
    assert 2 <= len(own) <= 3
    assert own == summary[: len(own)]
    report = pages(output / "绩效自评报告.docx", tmp_path)
    assert len(report) <= 21
    assert all(page.strip() for page in report)
    paper = pages(output / "抽查工作底稿.xlsx", tmp_path)
    sheets = len(openpyxl.load_workbook(output / "抽查工作底稿.xlsx").sheetnames) - 1
    assert sheets <= len(paper) <= 2 * sheets
    assert not [page for page in (*summary, *report, *paper) if "###" in page]


@rendered
def test_a_rendered_copy_of_an_xls_prints_one_page_wide(tmp_path: Path):
    """As the original did: a page shows the first and the last column of the form."""
    source, book = tmp_path / "旧表.xls", xlwt.Workbook()
    sheet = book.add_sheet("自评表")
    for row in range(5):
        for column in range(14):
            sheet.write(row, column, f"第{row}行{column}的文字内容")
    book.save(str(source))
    report = annotate(source, tmp_path / "批注.xlsx", [rich_finding("自评表", "B3")])
    assert isinstance(report.marking, Rendering)
    (page,) = pages(report.path, tmp_path)
    assert all(f"第1行{column}的文字内容" in page.replace(" ", "") for column in (0, 13))
