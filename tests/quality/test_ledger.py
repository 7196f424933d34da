"""整改台账: what goes in, what humans typed stays, what becomes of last year's rows, how it is read back."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from support.batches import D, batch, finding, indicator, project, township

from perfbatch.followup import quality, rectify
from perfbatch.followup.batch import Batch
from perfbatch.followup.ledger_reader import HUMAN, LedgerSheet, read_ledger
from perfbatch.followup.previous import Previous
from perfbatch.followup.summaries import SLOT, SUMMARY
from perfbatch.model import CheckOutcome, Finding
from perfbatch.outputs.summary import write_summary
from perfbatch.totals.sums import summarise

SOFFICE = shutil.which("soffice")


def entries(made: Batch) -> list[rectify.LedgerEntry]:
    return rectify.ledger(made, summarise(made), quality.assess(made))


def table(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    for row in sheet.iter_rows():
        if row[0].value == "序号":
            return row[0].row, {cell.value: cell.column for cell in row}
    raise AssertionError("no heading")


def write(made: Batch, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    write_summary(folder / SUMMARY, made)
    return folder / SUMMARY


def typed(path: Path, number: int, **words: str) -> None:
    """Type into the row of that number, as a person would."""
    book = openpyxl.load_workbook(path)
    top, columns = table(book["整改台账"])
    for word, text in words.items():
        book["整改台账"].cell(top + number, columns[word]).value = text
    book.save(path)


def small(*findings: Finding) -> Batch:
    return batch([project(1)], [indicator(1, 10)], findings)


def test_what_goes_in():
    made = township(24, 6)
    found = entries(made)
    assert {entry.code for entry in found} == {"未执行", "SC06", "IN12"}
    idle = [entry for entry in found if entry.code == "未执行"]
    assert [entry.cause for entry in idle] == ["财力紧张，未安排支付（摘自自评表）"] * 2
    missed = next(entry for entry in found if entry.code == "SC06")
    assert missed.cause.startswith("因财力紧张等原因") and missed.cause.endswith("（摘自自评表）")
    assert all(entry.state == "新增" and not entry.typed for entry in found)
    assert len({entry.key for entry in found}) == len(found)


def test_a_clause_that_several_reason_cells_repeat_stands_once():
    reasons = (
        "因财力紧张，项目未执行；下一步积极筹措资金。", "因财力紧张，项目未执行，未开展认定。",
        "未发生支出，项目未执行；下一步列入预算。", "因财力紧张，项目未执行。", "（请填写原因）",
    )  # fmt: skip
    rows = [indicator(1, 10 + at, reason=reason) for at, reason in enumerate(reasons)]
    (entry,) = entries(batch([project(1, executed=D(0))], rows))
    said = "因财力紧张，项目未执行；下一步积极筹措资金；未开展认定；未发生支出；下一步列入预算"
    assert entry.cause == f"{said}（摘自自评表）"


def test_one_reason_is_copied_as_it_stands():
    reason = "资金不足，进度慢。人手不足，进度慢。"
    (entry,) = entries(batch([project(1, executed=D(0))], [indicator(1, 10, reason=reason)]))
    assert entry.cause == f"{reason.rstrip('。')}（摘自自评表）"


def test_lost_points_go_in_where_no_finding_names_the_row():
    row = {"actual_text": "8个", "actual_value": D(8), "actual_base": D(8), "score_declared": D(6)}
    made = batch([project(1)], [indicator(1, 10, **row)])
    (entry,) = entries(made)
    assert (entry.code, entry.indicator) == ("失分", "完成数量10")
    assert "完成率80%，扣1.5分" in entry.problem
    assert entry.cause == SLOT


def test_poor_grades_go_in_and_warnings_that_concern_no_target_do_not():
    made = batch([project(1, total_declared=D(50), grade="差")], [indicator(1, 10)], [finding(1, severity="warning")])
    made.frames.projects["grade"] = ["差"]
    assert [entry.code for entry in entries(made)] == ["等级"]


def test_keys_do_not_depend_on_file_or_sheet():
    one, other = small(finding(1)), small(finding(1, sheet="别的表", file="别的.xlsx"))
    assert [e.key for e in entries(one)] == [e.key for e in entries(other)]


def test_the_second_problem_of_one_kind_has_a_key_of_its_own():
    found = entries(small(finding(1, message="甲"), finding(1, message="乙")))
    assert len({entry.key for entry in found}) == 2


def test_typed_text_comes_back_and_is_written_again(tmp_path):
    made = small(finding(1, "E10"))
    path = write(made, tmp_path)
    words = {"整改措施": "=按季核对", "责任人": "财政所", "时限": "2024年6月底前", "进展": "已开始"}
    book = openpyxl.load_workbook(path)
    top, columns = table(book["整改台账"])
    for word, text in words.items():
        cell = book["整改台账"].cell(top + 1, columns[word])
        cell.value, cell.data_type = text, "s"
    book.save(path)
    made.typed = read_ledger(tmp_path)
    (entry,) = entries(made)
    assert entry.typed == words
    write(made, tmp_path)
    again = openpyxl.load_workbook(path)["整改台账"]
    assert {word: again.cell(top + 1, columns[word]).value for word in HUMAN} == words
    assert again.cell(top + 1, columns["整改措施"]).data_type == "s"


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_typed_text_survives_another_program(tmp_path):
    path = write(small(finding(1, "E10")), tmp_path / "one")
    typed(path, 1, 整改措施="按季核对")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [SOFFICE, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "two"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (row,) = read_ledger(tmp_path / "two").rows
    assert row.typed == {"整改措施": "按季核对"}


def test_rows_that_somebody_added_are_kept(tmp_path):
    made = small(finding(1))
    path = write(made, tmp_path)
    typed(path, 2, 项目名称="示例项目1", 问题="档案不全", 整改措施="补档")
    made.typed = read_ledger(tmp_path)
    added = entries(made)[-1]
    assert (added.problem, added.state, added.typed) == ("档案不全", "人工登记", {"整改措施": "补档"})
    write(made, tmp_path)
    made.typed = read_ledger(tmp_path)
    assert [entry.problem for entry in entries(made)].count("档案不全") == 1


def previous(made: Batch, folder: Path, **words: str) -> Previous:
    """Last year's folder with the ledger of `made`, `words` typed into its first row."""
    path = write(made, folder)
    if words:
        typed(path, 1, **words)
    return Previous(made.frames, read_ledger(folder), 2022)


def states(made: Batch) -> list[tuple[str, str]]:
    return [(entry.code, entry.state) for entry in entries(made)]


def test_open_rows_of_last_year_are_carried_over_with_what_was_typed(tmp_path):
    made = small(finding(1, "E10"))
    made.previous = previous(small(finding(1, "E10")), tmp_path, 整改措施="按季核对")
    (entry,) = entries(made)
    assert (entry.state, entry.typed) == ("上年沿用", {"整改措施": "按季核对"})


def test_this_year_s_text_goes_before_last_year_s(tmp_path):
    made = small(finding(1, "E10"))
    made.previous = previous(small(finding(1, "E10")), tmp_path / "last", 整改措施="按季核对", 责任人="甲所")
    path = write(made, tmp_path / "now")
    typed(path, 1, 整改措施="按月核对")
    made.typed = read_ledger(tmp_path / "now")
    assert entries(made)[0].typed == {"整改措施": "按月核对", "责任人": "甲所"}


def test_rows_whose_finding_is_gone_are_marked_as_mended_once(tmp_path):
    made = small()
    made.previous = previous(small(finding(1, "E10")), tmp_path / "last", 整改措施="按季核对")
    (entry,) = entries(made)
    assert entry.state == "已整改（本年未再发现）"
    assert (entry.problem, entry.typed) == ("自评得分与复算得分不一致。", {"整改措施": "按季核对"})
    later = small()
    later.previous = previous(made, tmp_path / "later")
    assert entries(later) == []


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda made: made.frames.projects.__setitem__("project_name", ["另一项目"]), "未核对（本年没有这个项目）"),
        (lambda made: made.checks.append(CheckOutcome("SC06", "off", 0, "")), "未核对（本年没有做SC06检查）"),
        (lambda made: made.checks.append(CheckOutcome("SC06", "errored", 0, "")), "未核对（本年没有做SC06检查）"),
    ],
)
def test_what_was_not_looked_at_is_not_called_mended(change, state, tmp_path):
    made = small()
    made.checks.clear()
    made.previous = previous(small(finding(1, "E10")), tmp_path)
    change(made)
    assert states(made) == [("SC06", state)]


def test_a_problem_that_came_back_is_new_again(tmp_path):
    mended = small()
    mended.previous = previous(small(finding(1, "E10")), tmp_path / "one")
    made = small(finding(1, "E10"))
    made.previous = previous(mended, tmp_path / "two")
    assert states(made) == [("SC06", "新增")]


def test_without_a_ledger_it_is_said(tmp_path):
    assert "没有可沿用的整改台账" in read_ledger(tmp_path).remark
    openpyxl.Workbook().save(tmp_path / SUMMARY)
    assert "没有“整改台账”工作表" in read_ledger(tmp_path).remark
    (tmp_path / SUMMARY).write_bytes(b"PK\x03\x04 broken")
    found = read_ledger(tmp_path)
    assert found.remark.startswith("未能沿用整改台账：") and found.rows == ()


def test_measures_entered_are_handed_to_the_checks(tmp_path):
    path = write(small(finding(1)), tmp_path)
    assert rectify.measures([read_ledger(tmp_path), None]) == {}
    typed(path, 1, 整改措施="按季核对")
    assert rectify.measures([read_ledger(tmp_path)]) == {"示例项目1": "按季核对"}


@pytest.mark.parametrize("text", ["=1+1", "@x", "<r>x</r>", "\u202e反", "a\nb", "长" * 33_000])
def test_text_of_findings_stays_text(tmp_path, text):
    path = write(small(finding(1, message=text)), tmp_path)
    sheet = openpyxl.load_workbook(path)["整改台账"]
    top, columns = table(sheet)
    cell = sheet.cell(top + 1, columns["问题"])
    assert cell.data_type == "s"
    assert cell.value == text or (len(text) > 32_000 and cell.value.endswith("（全文见 findings.jsonl）"))


def test_an_empty_ledger_is_a_page_that_says_none(tmp_path):
    path = write(batch([project(1)], [indicator(1, 10)]), tmp_path)
    assert "共0条" in str(openpyxl.load_workbook(path)["整改台账"]["A2"].value)
    assert read_ledger(tmp_path) == LedgerSheet()


def test_what_was_typed_into_a_numbered_summary_counts_too(tmp_path):
    made = small(finding(1, "E10"))
    path = write(made, tmp_path)
    shutil.copy(path, tmp_path / "绩效自评汇总表(2).xlsx")
    typed(tmp_path / "绩效自评汇总表(2).xlsx", 1, 整改措施="按季核对")
    found = read_ledger(tmp_path)
    assert [row.typed for row in found.rows] == [{"整改措施": "按季核对"}]


def rerun(first: Batch, second: Batch, folder: Path) -> list[tuple[str, str]]:
    """Codes and states of `second`, run after somebody wrote a person into the ledger of `first`."""
    typed(write(first, folder), 1, 责任人="张三")
    second.typed = read_ledger(folder)
    assert [entry.typed["责任人"] for entry in entries(second)] == ["张三"]
    return states(second)


def test_entries_for_a_problem_that_is_gone_say_why(tmp_path):
    """Mended is only what was looked at again: not a project that is missing this time, nor a check switched off."""
    first = small(finding(1, "E10"))
    assert rerun(first, small(), tmp_path) == [("SC06", "已整改（本次未再发现）")]
    renamed = small()
    renamed.frames.projects["project_name"] = ["另一项目"]
    assert rerun(first, renamed, tmp_path) == [("SC06", "未核对（本次没有这个项目）")]
    off = small()
    off.checks.append(CheckOutcome("SC06", "off", 0, ""))
    assert rerun(first, off, tmp_path) == [("SC06", "未核对（本次没有做SC06检查）")]


def test_the_project_of_another_unit_is_not_the_same(tmp_path):
    """Where a ledger holds several units, a namesake of another unit does not answer for the missing one."""
    first = batch([project(1, unit="甲镇"), project(2, unit="乙镇")], [indicator(1, 10)], [finding(1, "E10")])
    second = batch([project(2, unit="乙镇"), project(3, unit="丙镇")], [indicator(2, 10)])
    second.frames.projects["project_name"] = ["示例项目1", "示例项目1"]
    assert rerun(first, second, tmp_path) == [("SC06", "未核对（本次没有这个项目）")]


@pytest.mark.parametrize("words", [{"问题": "台账没有登记"}, {"项目名称": "示例项目1", "整改措施": "补登"}])
def test_an_added_row_needs_no_particular_column(words, tmp_path):
    path = write(small(finding(1)), tmp_path)
    typed(path, 2, **words)
    made = small(finding(1))
    made.typed = read_ledger(tmp_path)
    last = entries(made)[-1]
    assert (last.state, last.problem or last.typed["整改措施"]) == ("人工登记", words.get("问题", "补登"))
    write(made, tmp_path)
    made.typed = read_ledger(tmp_path)
    assert len(entries(made)) == 2


def test_a_renamed_ledger_sheet_is_found_by_its_headings(tmp_path):
    path = write(small(finding(1)), tmp_path)
    typed(path, 1, 整改措施="按季核对")
    book = openpyxl.load_workbook(path)
    book["整改台账"].title = "台账"
    book.save(path)
    assert [row.typed for row in read_ledger(tmp_path).rows] == [{"整改措施": "按季核对"}]
