"""A filled workpaper comes back whole, whatever people and programs did to the file; what does not fit is named."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from support.batches import batch, indicator, project, township
from support.workpapers import beside, enter, fill, heading, row_of

from perfbatch.errors import RefusedFile
from perfbatch.followup import workpaper_reader
from perfbatch.followup.review import review
from perfbatch.followup.workpaper_reader import Filled, read_workpaper
from perfbatch.outputs.summary.sample import level_words
from perfbatch.outputs.workpaper import place_for, write_workpaper

SOFFICE = shutil.which("soffice")
ENTRIES = {
    1: {"完成数量11": {"佐证材料是否齐全": "是", "核查完成值": "8个", "核查分数": 6, "核查意见": "@少2个"}},
    2: {"完成数量12": {"核查完成值": 9}},
}


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("blank") / "抽查工作底稿.xlsx"
    write_workpaper(target, township(24, 6))
    return target


@pytest.fixture
def filled(blank: Path, tmp_path: Path) -> Path:
    return fill(blank, tmp_path / "填好.xlsx", ENTRIES, opinion="基本属实")


def entered(book: Filled) -> dict[str, tuple[str, ...]]:
    return {
        entry.key: (entry.complete, entry.actual, entry.score, entry.opinion)
        for paper in book.papers
        for entry in paper.entries
        if entry.filled
    }


EXPECTED = {"P0003-02": ("是", "8个", "6", "@少2个"), "P0016-03": ("", "9", "", "")}


def test_entries_opinion_and_digests_are_read(filled):
    book = read_workpaper(filled)
    assert entered(book) == EXPECTED
    assert [paper.opinion for paper in book.papers] == ["基本属实", "基本属实", ""]
    assert [paper.project_id for paper in book.papers] == ["P0003", "P0016", "P0021"]
    assert len(book.digests) == 3 * (7 + 5)
    assert book.problems == []


def change(path: Path, do) -> Path:
    book = openpyxl.load_workbook(path)
    do(book)
    book.save(path)
    return path


def inserted(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets[1:3]:
        sheet.insert_rows(1, 2)
        sheet.insert_rows(heading(sheet)[0] + 3)
        sheet.insert_cols(3, 2)


def renamed(book: openpyxl.Workbook) -> None:
    for at, sheet in enumerate(book.worksheets):
        sheet.title = f"第{at}张"


def columns_moved(book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[1]
    _, columns = heading(sheet)
    score, reason = columns["核查分数"], columns["偏差原因"]
    for row in range(1, sheet.max_row + 1):
        one, other = sheet.cell(row, score), sheet.cell(row, reason)
        if type(one).__name__ == type(other).__name__ == "Cell":
            one.value, other.value = other.value, one.value


def rows_sorted(book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[1]
    top, columns = heading(sheet)
    last = max(columns.values())
    rows = [[sheet.cell(r, c).value for c in range(1, last + 1)] for r in range(top + 1, top + 8)]
    for at, values in enumerate(reversed(rows)):
        for column, value in enumerate(values, start=1):
            sheet.cell(top + 1 + at, column).value = value


def headings_broken_over_lines(book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[1]
    top, columns = heading(sheet)
    sheet.cell(top, columns["核查分数"]).value = "核查\n分数"
    sheet.cell(top, columns["核查完成值"]).value = " 核查完成值 "


@pytest.mark.parametrize(
    "do", [inserted, renamed, columns_moved, rows_sorted, headings_broken_over_lines], ids=lambda do: do.__name__
)
def test_survives_what_people_do_to_sheets(filled, do):
    book = read_workpaper(change(filled, do))
    assert entered(book) == EXPECTED
    assert book.problems == []
    found = review(township(24, 6), [book])
    assert found.problems == ()
    assert [project.project_id for project in found.projects] == ["P0003", "P0016"]


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_survives_another_program(filled, tmp_path, kind):
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    folder = tmp_path / "saved"
    command = [SOFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(filled)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    book = read_workpaper(folder / f"填好.{kind}")
    assert entered(book) == EXPECTED
    assert review(township(24, 6), [book]).problems == ()


def problems(path: Path, do) -> tuple[str, ...]:
    return review(township(24, 6), [read_workpaper(change(path, do))]).problems


def test_a_row_in_between_is_named(filled):
    def do(book):
        sheet = book.worksheets[1]
        sheet.insert_rows(row_of(sheet, "完成数量12"))
        sheet.cell(row_of(sheet, "完成数量12") - 1, heading(sheet)[1]["核查分数"]).value = 3

    (told,) = problems(filled, do)
    assert "“填好.xlsx”工作表“01农村公路日常养护及桥涵修缮补助资金（示例3）”" not in told or "没有校验码" in told
    assert "没有校验码，未采用" in told


def test_a_changed_key_is_named_and_the_rest_is_taken(filled):
    def do(book):
        sheet = book.worksheets[1]
        sheet.cell(row_of(sheet, "完成数量11"), heading(sheet)[1]["校验码"]).value = "P0003-03"

    told = problems(filled, do)
    assert any("校验码与三级指标“完成数量11”不符" in text for text in told)


def test_a_copied_row_is_named(filled):
    def do(book):
        sheet = book.worksheets[1]
        row, columns = row_of(sheet, "完成数量11"), heading(sheet)[1]
        sheet.insert_rows(row + 1)
        for column in columns.values():
            sheet.cell(row + 1, column).value = sheet.cell(row, column).value

    assert any("校验码相同，未采用" in text for text in problems(filled, do))


def test_a_deleted_row_counts_at_the_self_score_and_is_named(filled):
    """A row that is gone would otherwise lower the score by its points and say nothing."""
    whole = review(township(24, 6), [read_workpaper(filled)]).of("P0003")

    def do(book):
        sheet = book.worksheets[1]
        sheet.delete_rows(row_of(sheet, "完成数量13"))
        sheet.delete_rows(row_of(sheet, "完成数量12"))

    found = review(township(24, 6), [read_workpaper(change(filled, do))])
    assert found.of("P0003").score == whole.score
    assert (found.of("P0003").reviewed, found.of("P0003").open) == (whole.reviewed, whole.open)
    (told,) = found.problems
    assert "中没有“完成数量12”、“完成数量13”的行，按自评得分计" in told


def test_a_row_that_was_refused_counts_at_the_self_score_and_is_named_once(filled):
    def do(book):
        sheet = book.worksheets[1]
        sheet.cell(row_of(sheet, "完成数量12"), heading(sheet)[1]["校验码"]).value = None
        sheet.cell(row_of(sheet, "完成数量12"), heading(sheet)[1]["核查分数"]).value = 0

    found = review(township(24, 6), [read_workpaper(change(filled, do))])
    assert next(row for row in found.of("P0003").rows if row.item.name == "完成数量12").score is None
    assert sum("完成数量12" in text for text in found.problems) == 1


def test_a_project_of_which_only_the_reviewer_is_named_is_not_reviewed(blank, tmp_path):
    shutil.copy(blank, tmp_path / "签名.xlsx")

    def do(book):
        beside(book.worksheets[1], "核查人").value = "核查组"

    found = review(township(24, 6), [read_workpaper(change(tmp_path / "签名.xlsx", do))])
    (own,) = found.projects
    assert (own.score, own.level, own.reviewed) == (None, "", 0)
    assert level_words(own) == "未核查"
    assert found.scores() == {}


def test_a_heading_that_is_gone_is_named(filled):
    def do(book):
        sheet = book.worksheets[1]
        top, columns = heading(sheet)
        sheet.cell(top, columns["核查分数"]).value = "分数"

    (told,) = problems(filled, do)
    assert "表头中找不到“核查分数”" in told


def test_a_form_that_changed_meanwhile_is_named(filled):
    made = batch([project(3)], [indicator(3, row, target_text="≥99个") for row in range(10, 16)], sample=["P0003"])
    found = review(made, [read_workpaper(filled)])
    assert any("在底稿生成后有改动" in text for text in found.problems)
    assert any("不在本次自评表中" in text for text in found.problems)


def test_two_papers_on_one_project_are_named_unless_they_agree(filled, blank, tmp_path):
    other = fill(blank, tmp_path / "另一份.xlsx", {1: {"完成数量11": {"核查分数": 2}}})
    one = read_workpaper(filled)
    found = review(township(24, 6), [one, read_workpaper(other)])
    assert any("同一个项目而内容不同" in text for text in found.problems)
    assert review(township(24, 6), [one, one]).problems == ()


def test_without_the_hidden_sheet_rows_are_known_by_key_and_name(filled):
    book = read_workpaper(change(filled, lambda book: book.remove(book["校验"])))
    assert book.digests == {}
    assert review(township(24, 6), [book]).problems == ()


def test_other_workbooks_are_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "核查分数"
    book.save(tmp_path / "别的.xlsx")
    with pytest.raises(RefusedFile, match="不是本程序生成的抽查工作底稿"):
        read_workpaper(tmp_path / "别的.xlsx")


def test_signature_is_read_with_a_date_or_text(filled):
    def do(book):
        sheet = book.worksheets[1]
        beside(sheet, "核查人").value = "核查组"
        beside(sheet, "核查日期").value = __import__("datetime").date(2024, 4, 1)

    paper = read_workpaper(change(filled, do)).papers[0]
    assert (paper.reviewer, paper.date) == ("核查组", "2024-04-01")


def test_entries_are_kept_as_json_and_come_back_the_same(filled, tmp_path):
    book = read_workpaper(filled)
    (tmp_path / "data").mkdir()
    (tmp_path / workpaper_reader.NAME).write_text(workpaper_reader.text_of([book]), encoding="utf-8")
    assert workpaper_reader.load(tmp_path) == [book]


def test_a_later_paper_replaces_the_project_and_leaves_the_others(filled, blank, tmp_path):
    later = read_workpaper(fill(blank, tmp_path / "后来.xlsx", {1: {"完成数量11": {"核查分数": 2}}}))
    both = workpaper_reader.merged([read_workpaper(filled)], [later])
    assert [(book.file, [paper.project_id for paper in book.papers]) for book in both] == [
        ("填好.xlsx", ["P0016", "P0021"]),
        ("后来.xlsx", ["P0003"]),
    ]


def test_a_filled_paper_is_never_replaced(blank, tmp_path):
    made = township(24, 6)
    folder = tmp_path / "out"
    folder.mkdir()
    assert place_for(folder, made) == (folder / "抽查工作底稿.xlsx", True)
    shutil.copy(blank, folder / "抽查工作底稿.xlsx")
    assert place_for(folder, made) == (folder / "抽查工作底稿.xlsx", True)
    fill(blank, folder / "抽查工作底稿.xlsx", ENTRIES)
    assert place_for(folder, made) == (folder / "抽查工作底稿.xlsx", False)
    made.sample = made.sample[:1]
    assert place_for(folder, made) == (folder / "抽查工作底稿(2).xlsx", True)
    (folder / "抽查工作底稿.xlsx").write_bytes(b"something else")
    assert place_for(folder, made) == (folder / "抽查工作底稿(2).xlsx", True)


def test_text_in_a_score_cell_is_kept_verbatim(blank, tmp_path):
    def do(book):
        enter(book.worksheets[1], "完成数量11", 核查分数="六分左右")

    shutil.copy(blank, tmp_path / "填好.xlsx")
    book = read_workpaper(change(tmp_path / "填好.xlsx", do))
    assert entered(book) == {"P0003-02": ("", "", "六分左右", "")}
