"""What a person answers to a finding holds for what it is about, from run to run, and nothing written is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from support import drawing
from support.ends import SUMMARY, Listed, Run, form

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
WRONG = {"H13": "22"}  # SC01 at H13 and SC03 at H21: two errors
WHY = "超出部分为镇政府会议确定的加分，见会议纪要。"
ACCEPT = '[[accept]]\ncode = "{code}"\nproject = "{project}"\nindicator = "{indicator}"\nreason = "{reason}"\n'
KEPT = Path("output/data/answers.json")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    form(Path("input/表.xlsx"), WRONG)
    return tmp_path


def settings(text: str) -> None:
    Path("perfbatch.toml").write_text(text, encoding="utf-8")


def answer(made: Run, code: str, handling: str | None, reason: str | None) -> None:
    listed = Listed(made.output)
    listed.fill(listed.row(编号=code), 处理=handling, 说明=reason)
    listed.save()


def tips(capsys: Capture) -> str:
    """What a run has told besides its table."""
    return "\n".join(line for line in capsys.readouterr().out.splitlines() if line.startswith(("[提示]", "【")))


def test_accepted_errors_are_no_reason_to_fail(capsys: Capture) -> None:
    made = Run()
    assert made.code == 1 and made.open("error") == ["SC01", "SC03"]
    answer(made, "SC01", "属实", WHY)
    answer(made, "SC03", "不适用", "总分按纪要计算。")
    made = Run()
    assert made.code == 0 and made.open("error") == []
    found = made.one("SC01")
    assert (found["state"], found["accepted_by"], found["reason"]) == ("accepted", "person", WHY)
    assert made.record["totals"]["findings"]["error"] == 0 and made.record["totals"]["accepted_by"]["person"] == 2
    row = Listed(made.output).row(编号="SC01")
    assert (row["状态"], row["处理"], row["说明"]) == ("已说明", "属实", WHY)
    comment = openpyxl.load_workbook(made.output / "表_批注.xlsx").active["H13"].comment.text
    assert comment.startswith("【已说明 SC01】") and f"说明：{WHY}" in comment
    assert "【可以报送】" in tips(capsys) and not list(made.output.glob("*已修改*"))


def test_it_holds_wherever_the_cell_has_moved_to() -> None:
    answer(Run(), "SC01", "属实", WHY)
    sheet = drawing.parse(drawing.load("F1")["grid"]).edited(WRONG)
    path = drawing.write(Path("input/表.xlsx"), {"另一个名字": sheet})
    book = openpyxl.load_workbook(path)
    book.active.insert_rows(1, 3)
    for area in list(book.active.merged_cells.ranges):
        area.shift(row_shift=3)
    book.save(path)
    made = Run()
    assert made.one("SC01")["cell"] == "H16" and made.one("SC01")["accepted_by"] == "person"


def test_it_does_not_hold_for_another_figure_or_project(capsys: Capture) -> None:
    answer(Run(), "SC01", "属实", WHY)
    form(Path("input/表.xlsx"), {"H13": "25"})
    assert Run().one("SC01")["state"] == "open"
    assert "SC01“村道养护（虚构）”的表上内容已经改变，原来的说明不再适用" in tips(capsys)
    form(Path("input/表.xlsx"), WRONG, "桥梁养护（虚构）")
    assert Run().one("SC01")["state"] == "open"
    assert "SC01“村道养护（虚构）”原来的说明没有对应的问题" in tips(capsys)
    form(Path("input/表.xlsx"), WRONG)
    assert Run().one("SC01")["reason"] == WHY


def test_an_answer_without_its_finding_stays_listed() -> None:
    answer(Run(), "SC01", "属实", WHY)
    form(Path("input/表.xlsx"), {})
    for _ in range(2):
        row = Listed(Run().output).row(编号="SC01")
        assert (row["状态"], row["处理"], row["说明"]) == ("未再发现", "属实", WHY)
    listed = Listed(Path("output"))
    listed.fill(listed.row(编号="SC01"), 处理=None, 说明=None)
    listed.save()
    assert not any(row["编号"] == "SC01" for row in Listed(Run().output).rows())
    assert json.loads(KEPT.read_text(encoding="ascii"))["answers"] == []


@pytest.mark.parametrize(("handling", "reason", "told"), [
    ("属实", None, "选了处理而没有写说明，仍列为待处理"),
    (None, WHY, "不是已更正、属实、不适用之一，仍列为待处理"),
    ("情况属实", WHY, "不是已更正、属实、不适用之一，仍列为待处理"),
    ("已更正", "已改为20", "但读到的表上仍是原来的内容"),
])  # fmt: skip
def test_half_an_answer_ends_nothing_and_is_said(
    handling: str | None, reason: str | None, told: str, capsys: Capture
) -> None:
    answer(Run(), "SC01", handling, reason)
    made = Run()
    assert made.one("SC01")["state"] == "open" and made.code == 1
    assert told in tips(capsys)
    row = Listed(made.output).row(编号="SC01")
    assert (row["处理"], row["说明"]) == (handling, reason)


@pytest.mark.parametrize("change", ["the sheet is gone", "the sheet is renamed", "the row is gone", "sorted"])
def test_nothing_written_is_lost(change: str) -> None:
    answer(Run(), "SC01", "属实", WHY)
    Run()
    listed = Listed(Path("output"))
    if change == "the sheet is gone":
        del listed.book["问题清单"]
    elif change == "the sheet is renamed":
        listed.sheet.title = "镇里的清单"
    elif change == "the row is gone":
        listed.sheet.delete_rows(listed.row(编号="SC01")["row"])
    else:
        rows = listed.rows()
        for row, other in zip(rows, reversed(rows), strict=True):
            listed.fill(row, **{name: text for name, text in other.items() if name != "row"})
    listed.save()
    made = Run()
    assert made.one("SC01")["reason"] == WHY
    assert Listed(made.output).row(编号="SC01")["说明"] == WHY
    assert bool(list(made.output.glob("*已修改*"))) == (change == "the sheet is renamed")


def test_the_sheet_alone_is_enough() -> None:
    answer(Run(), "SC01", "属实", WHY)
    Run()
    KEPT.unlink()
    assert Run().one("SC01")["reason"] == WHY and KEPT.exists()


def test_a_damaged_record_is_said_and_kept_aside(capsys: Capture) -> None:
    answer(Run(), "SC01", "属实", WHY)
    Run()
    KEPT.write_text("{}", encoding="ascii")
    assert Run().one("SC01")["reason"] == WHY
    assert "“data/answers.json”无法读取" in tips(capsys)
    assert (KEPT.parent / "answers(已修改).json").read_text(encoding="ascii") == "{}"


def test_settings_name_what_is_accepted() -> None:
    settings(ACCEPT.format(code="sc01", project="村道养护（虚构）", indicator="养护里程", reason=WHY))
    made = Run()
    found = made.one("SC01")
    assert (found["state"], found["accepted_by"], found["reason"]) == ("accepted", "setting", WHY)
    assert made.open("error") == ["SC03"]
    assert Listed(made.output).row(编号="SC01")["状态"] == f"已说明（perfbatch.toml）：{WHY}"


def test_without_project_and_indicator_all_are_meant() -> None:
    form(Path("input/另.xlsx"), WRONG, "桥梁养护（虚构）")
    settings('[[accept]]\ncode = "SC01"\nreason = "会议纪要"\n[[accept]]\ncode = "SC03"\nreason = "会议纪要"\n')
    made = Run()
    assert len([f for f in made.findings if f["code"] == "SC01"]) == 2 and made.code == 0


def test_settings_win_over_the_sheet_and_that_is_said(capsys: Capture) -> None:
    answer(Run(), "SC01", "属实", "另一个理由")
    settings(ACCEPT.format(code="SC01", project="", indicator="", reason=WHY))
    made = Run()
    assert made.one("SC01")["accepted_by"] == "setting" and made.one("SC01")["reason"] == WHY
    assert "SC01“村道养护（虚构）”的处理与 perfbatch.toml 的 [[accept]] 不一致，以 perfbatch.toml 为准" in tips(capsys)
    assert Listed(made.output).row(编号="SC01")["说明"] == "另一个理由"


@pytest.mark.parametrize(("code", "project", "indicator", "told"), [
    ("SC01", "桥梁养护", "", "的第1个 [[accept]]（SC01，“桥梁养护”）没有对应的问题"),
    ("SC01", "", "受益村庄", "的第1个 [[accept]]（SC01，“受益村庄”）没有对应的问题"),
    ("SC99", "", "", "的第1个 [[accept]]（SC99）没有对应的问题，因为没有这个编号的检查"),
])  # fmt: skip
def test_a_setting_that_fits_nothing_is_said(
    code: str, project: str, indicator: str, told: str, capsys: Capture
) -> None:
    settings(ACCEPT.format(code=code, project=project, indicator=indicator, reason=WHY))
    assert Run().open("error") == ["SC01", "SC03"]
    assert told in tips(capsys)


@pytest.mark.parametrize(("text", "told"), [
    ('[[accept]]\ncode = "SC01"\n', "“reason”没有填写"),
    ('[[accept]]\nreason = "理由"\n', "“code”没有填写"),
    ('[[accept]]\ncode = "SC01"\nreason = "理由"\nprojekt = "村道"\n', "键“projekt”无法识别"),
    ('[[accept]]\ncode = 1\nreason = "理由"\n', "“code”应为带英文双引号的文字"),
    ('accept = ["SC01"]\n', "写法无效，每一段以 [[accept]] 开头"),
    ('accept = "SC01"\n', "“accept”应为方括号中的列表"),
])  # fmt: skip
def test_a_wrong_setting_is_refused(text: str, told: str, capsys: Capture) -> None:
    from perfbatch.cli import main

    settings(text)
    assert main(["run"]) == 2
    assert told in capsys.readouterr().err
    assert not Path("output", SUMMARY).exists()


def test_the_list_taken_out_is_no_form(capsys: Capture) -> None:
    listed = Listed(Run().output)
    for name in set(listed.book.sheetnames) - {"问题清单"}:
        del listed.book[name]
    listed.book.save("input/清单.xlsx")
    assert Run().code == 3
    assert "“清单.xlsx”是本程序生成的问题清单，不是自评表" in capsys.readouterr().out


def test_one_worker_or_two_mark_alike() -> None:
    form(Path("input/另.xlsx"), WRONG, "桥梁养护（虚构）")
    made = Run()
    listed = Listed(made.output)
    row = listed.row(编号="SC01", 项目名称="桥梁养护（虚构）")
    listed.fill(row, 处理="属实", 说明=WHY)
    listed.save()
    Run("--workers", "2")
    texts = {
        name: openpyxl.load_workbook(f"output/{name}_批注.xlsx").active["H13"].comment.text for name in ("表", "另")
    }
    assert texts["另"].startswith("【已说明 SC01】") and texts["表"].startswith("【错误 SC01】")


def test_an_answer_changes_no_sample() -> None:
    """Of three places the second goes to the project with most doubts, also when these are answered."""
    for name in ("桥梁", "河道", "水渠", "林带", "路灯", "公厕"):
        form(Path(f"input/{name}.xlsx"), {}, f"{name}养护（虚构）")
    form(Path("input/表.xlsx"), {"F15": "≥96%"})
    settings('sample = "3"\n')
    first = Run()
    assert first.one("IN05")["state"] == "open"
    drawn = first.record["totals"]["sample"]
    assert len(drawn) == 3 and first.one("IN05")["project_id"] in drawn
    settings('sample = "3"\n[[accept]]\ncode = "IN05"\nreason = "会议纪要"\n')
    again = Run()
    assert again.one("IN05")["state"] == "accepted" and again.record["totals"]["sample"] == drawn


def test_a_consequence_stands_under_its_cause() -> None:
    """A wrong total (SC03) comes of a wrong score (SC01) of its own form, not of another one."""
    form(Path("input/另.xlsx"), {"H21": "90"}, "桥梁养护（虚构）")
    rows = [row for row in Listed(Run().output).rows() if row["编号"] in ("SC01", "SC03")]
    assert [(row["项目名称"][:2], row["编号"], row["状态"]) for row in rows] == [
        ("桥梁", "SC03", "待处理"), ("村道", "SC01", "待处理"), ("村道", "SC03", "待处理（随上面的SC01更正）"),
    ]  # fmt: skip


def test_a_consequence_on_a_row_has_its_cause_on_the_same_row() -> None:
    """A late row with all its points (SC05) comes of IN22 there; one that missed its target comes of nothing else."""
    form(Path("input/表.xlsx"), {"F16": "2024年1月20日", "F15": "60%"})
    rows = {row["单元格"]: row["状态"] for row in Listed(Run().output).rows() if row["编号"] == "SC05"}
    assert rows == {"H16": "待处理（随上面的IN22更正）", "H15": "待处理"}


def test_a_clerk_brings_every_question_of_the_reference_sample_to_an_end() -> None:
    shutil.copy(ROOT / "input_templates/安肃镇2023年度绩效自评表（示例）.xlsx", "input")
    Path("input/表.xlsx").unlink()
    made = Run()
    listed = Listed(made.output)
    rows = [row for row in listed.rows() if row["状态"] == "待处理"]
    assert 0 < len(rows) <= 10
    for row in rows:
        listed.fill(row, 处理="属实", 说明="已核对原始凭证，数据无误。")
    listed.save()
    made = Run()
    assert [f for f in made.findings if f["state"] == "open"] == []
    assert made.record["totals"]["findings"] == {"error": 0, "warning": 0, "info": 0}
    assert not list(made.output.glob("*已修改*"))


def test_every_answer_on_the_list_is_found_again() -> None:
    """Whatever a row is about (a list row beside its form, a workbook, the batch, the workpaper), its key holds."""
    form(Path("input/另.xlsx"), {"E19": "明显改善"}, "桥梁养护（虚构）")
    shutil.copy(ROOT / "input_templates/安肃镇2023年度一体化导出列表（示例）.xlsx", "input")
    listed = Listed(Run().output)
    rows = listed.rows()
    assert len({row["校验码"] for row in rows}) > 3
    for row in rows:
        listed.fill(row, 处理="不适用", 说明="经核对不适用。")
    listed.save()
    made = Run()
    assert [f for f in made.findings if f["accepted_by"] != "person"] == []
