"""Who mends a marked cell in the annotated copy has mended the form: it is read, checked, and written out clean."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet
from support.ends import SUMMARY, Listed, Run, form

Capture = pytest.CaptureFixture[str]
FORM, COPY, ASIDE = Path("input/表.xlsx"), Path("output/表_批注.xlsx"), Path("output/表(已修改)_批注.xlsx")
GREEN = "FFE2EFDA"
LIST = "系统更正清单"


def exported(score: str = "22", total: str = "95.67") -> None:
    """The form as the platform exports it: a score above its points (SC01), so that the total is wrong too (SC03)."""
    form(FORM, {"H13": score, "H21": total})
    book = openpyxl.load_workbook(FORM)
    book.active["H13"].fill = PatternFill("solid", fgColor=GREEN)
    book.save(FORM)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    exported()
    return tmp_path


def mend(path: Path = COPY, **cells: object) -> None:
    """Type into the annotated copy, as a person would."""
    edit(lambda sheet: [sheet.__setitem__(ref, value) for ref, value in cells.items()], path)


def edit(how: Callable[[Worksheet], object], path: Path = COPY) -> None:
    book = openpyxl.load_workbook(path)
    how(book.active)
    book.save(path)


def tips(capsys: Capture) -> str:
    return "\n".join(line for line in capsys.readouterr().out.splitlines() if line.startswith(("[提示]", "[已跳过]")))


def test_the_copy_is_the_newest_version(capsys: Capture) -> None:
    first = Run()
    assert first.open("error") == ["SC01", "SC03"]
    marked = openpyxl.load_workbook(COPY).active["H13"]
    assert marked.fill.fgColor.rgb == "FFFF7D7D" and marked.comment is not None
    before = FORM.read_bytes()
    mend(H13=20)
    capsys.readouterr()
    made = Run()
    assert made.code == 0 and made.open("error") == []
    assert "“表_批注.xlsx”中有人更正了1处（“自评表”H13）" in tips(capsys)
    assert [file["path"] for file in made.record["files"]] == ["表.xlsx"]
    cell = openpyxl.load_workbook(COPY).active["H13"]
    assert (cell.value, cell.comment, cell.fill.fgColor.rgb) == (20, None, GREEN)
    assert not ASIDE.exists() and FORM.read_bytes() == before


def test_the_marks_of_unmended_cells_stay_and_their_colour_is_not_forgotten() -> None:
    Run()
    mend(H21=90)  # the wrong cell: SC01 stays
    assert Run().open("error") == ["SC01", "SC03"]
    cell = openpyxl.load_workbook(COPY).active["H13"]
    assert cell.comment.text.startswith("【错误 SC01】") and cell.fill.fgColor.rgb == "FFFF7D7D"
    mend(H13=20, H21=95.67)
    assert Run().open("error") == []
    cell = openpyxl.load_workbook(COPY).active["H13"]
    assert (cell.comment, cell.fill.fgColor.rgb) == (None, GREEN)


def test_what_has_to_be_changed_in_the_platform_is_listed(capsys: Capture) -> None:
    Run()
    mend(H13=20, F15="97%", H6=41)
    made = Run()
    rows = [
        (row["项目名称"], row["指标"], row["栏目"], row["系统中现为"], row["应改为"], row["单元格"])
        for row in Listed(made.output, LIST).rows()
    ]
    name = "村道养护（虚构）"
    assert rows == [
        (name, "年度资金总额", "年初预算数", "40", "41", "D6"),
        (name, "养护里程", "得分", "22", "20", "H13"),
        (name, "验收合格率", "实际完成值", "96%", "97%", "F15"),
    ] or rows[1:] == [
        (name, "养护里程", "得分", "22", "20", "H13"),
        (name, "验收合格率", "实际完成值", "96%", "97%", "F15"),
    ]  # fmt: skip
    assert "“系统更正清单”更正后重新导出" in tips(capsys)


def test_it_holds_until_the_platform_is_mended() -> None:
    Run()
    mend(H13=20)
    for _ in range(3):
        made = Run()
        assert made.code == 0 and LIST in openpyxl.load_workbook(made.output / SUMMARY).sheetnames
    exported(score="20")
    made = Run()
    assert made.code == 0 and LIST not in openpyxl.load_workbook(made.output / SUMMARY).sheetnames
    assert not ASIDE.exists()


@pytest.mark.parametrize("read_before", [False, True])
def test_where_both_have_changed_the_export_counts_and_nothing_is_lost(capsys: Capture, read_before: bool) -> None:
    Run()
    mend(H13=20)
    if read_before:
        assert Run().code == 0
    exported(score="21")
    capsys.readouterr()
    made = Run()
    assert made.one("SC01")["seen"] == "21" and made.code == 1
    told = tips(capsys)
    assert "“表.xlsx”重新导出过，“表_批注.xlsx”也有人更正过，按“表.xlsx”核对和统计" in told
    assert "与新表不同的有1处（“自评表”H13）" in told and "已改名为“表(已修改)_批注.xlsx”保留" in told
    assert openpyxl.load_workbook(ASIDE).active["H13"].value == 20


@pytest.mark.parametrize("where", ["input", "given", "input alone"])
def test_a_copy_among_the_inputs(capsys: Capture, where: str, tmp_path: Path) -> None:
    Run()
    mend(H13=20)
    moved = Path("input" if where != "given" else "elsewhere", COPY.name)
    moved.parent.mkdir(exist_ok=True)
    shutil.move(COPY, moved)
    if where == "input alone":
        FORM.unlink()
        shutil.rmtree("output")
    capsys.readouterr()
    made = Run(*(["input", str(moved)] if where == "given" else []))
    assert made.code == 0 and made.open("error") == [] and made.record["totals"]["projects"] == 1
    if where != "input alone":
        assert [file["path"] for file in made.record["files"]] == ["表.xlsx"]
        told = tips(capsys)
        assert "“表_批注.xlsx”中有人更正了1处" in told and "[已跳过]" not in told
        assert openpyxl.load_workbook(COPY).active["H13"].value == 20


def test_an_older_copy_among_the_inputs_is_passed_over_and_named(capsys: Capture) -> None:
    """The export is newer than the copy that somebody put beside it."""
    Run()
    mend(H13=20)
    shutil.move(COPY, FORM.with_name(COPY.name))
    exported(score="21")
    capsys.readouterr()
    assert Run().one("SC01")["seen"] == "21"
    assert "“表.xlsx”重新导出过，“表_批注.xlsx”也有人更正过" in tips(capsys)
    assert openpyxl.load_workbook(FORM.with_name(COPY.name)).active["H13"].value == 20


def test_saved_again_without_a_change_is_no_version(capsys: Capture) -> None:
    Run()
    mend()
    capsys.readouterr()
    assert Run().open("error") == ["SC01", "SC03"]
    assert "更正" not in tips(capsys) and not ASIDE.exists()


def test_rows_put_in_are_read_and_no_list_of_cells_is_guessed(capsys: Capture) -> None:
    Run()

    def more(sheet: Worksheet) -> None:
        comments = {ref: sheet[ref].comment for ref in ("H13", "H21")}
        sheet.insert_rows(1)
        for area in list(sheet.merged_cells.ranges):
            area.shift(row_shift=1)
        assert comments
        sheet["H14"] = 20

    edit(more)
    capsys.readouterr()
    made = Run()
    assert made.open("error") == []
    assert "“表_批注.xlsx”增减了行列或工作表，“表.xlsx”按它的内容核对和统计" in tips(capsys)
    assert LIST not in openpyxl.load_workbook(made.output / SUMMARY).sheetnames
    assert openpyxl.load_workbook(COPY).active["H14"].value == 20


def test_a_copy_that_cannot_be_read_is_no_version(capsys: Capture) -> None:
    Run()
    COPY.write_bytes(b"PK\x03\x04broken")
    made = Run()
    assert made.open("error") == ["SC01", "SC03"] and made.code == 1
    assert ASIDE.read_bytes() == b"PK\x03\x04broken"


def test_without_the_notes_of_the_program_an_edited_copy_is_kept_aside(capsys: Capture) -> None:
    """Nobody knows then of which export it was made."""
    Run()
    mend(H13=20)
    shutil.rmtree("output/.perfbatch")
    assert Run().open("error") == ["SC01", "SC03"]
    assert openpyxl.load_workbook(ASIDE).active["H13"].value == 20


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_saved_by_another_program(tmp_path: Path) -> None:
    """LibreOffice forgets who wrote a comment: ours are no reasons for deviation, and go."""
    Run()
    mend(H13=20)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", "saved", COPY], check=True, capture_output=True)
    shutil.copy(Path("saved", COPY.name), COPY)
    made = Run()
    assert made.code == 0 and made.findings == [] and not ASIDE.exists()
    cell = openpyxl.load_workbook(COPY).active["H13"]
    assert (cell.value, cell.comment, cell.fill.fgColor.rgb) == (20, None, GREEN)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_the_copy_of_an_older_format_is_mended_alike(tmp_path: Path) -> None:
    """It is a new workbook, in which no cell has a colour but by a mark."""
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "xls"]
    subprocess.run([*command, "--outdir", "input", FORM], check=True, capture_output=True)
    FORM.unlink()
    assert Run().open("error") == ["SC01", "SC03"]
    mend()
    assert Run().open("error") == ["SC01", "SC03"]
    mend(H13=20)
    made = Run()
    assert made.code == 0 and [file["path"] for file in made.record["files"]] == ["表.xls"]
    cell = openpyxl.load_workbook(COPY).active["H13"]
    assert (cell.value, cell.comment, cell.fill.patternType) == (20, None, None)


def test_what_somebody_wrote_into_our_comment_is_kept(capsys: Capture) -> None:
    Run()

    def reply(sheet: Worksheet) -> None:
        sheet["H13"] = 20
        sheet["H21"].comment.text += "\n财政所：已核对"

    edit(reply)
    capsys.readouterr()
    assert Run().code == 0
    assert "“表_批注.xlsx”的批注中有人写了字，原件另存为“表(已修改)_批注.xlsx”保留" in tips(capsys)
    assert openpyxl.load_workbook(ASIDE).active["H21"].comment.text.endswith("财政所：已核对")
    Run()
    assert len(list(Path("output").glob("*已修改*"))) == 1


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_a_copy_saved_in_another_format_under_its_name(tmp_path: Path) -> None:
    Run()
    mend(H13=20)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "xls"]
    subprocess.run([*command, "--outdir", "saved", COPY], check=True, capture_output=True)
    shutil.copy(Path("saved", COPY.with_suffix(".xls").name), COPY)
    made = Run()
    assert made.code == 0 and made.findings == []
    assert openpyxl.load_workbook(COPY).active["H13"].value == 20
