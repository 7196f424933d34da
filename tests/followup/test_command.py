"""`perfbatch review` from the command line: outputs made again, exit codes, messages, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from support import drawing
from support.workpapers import fill
from wcwidth import wcswidth

from perfbatch.cli import main

GRID = drawing.parse(drawing.load("F1")["grid"])
FORM, PAPER, SUMMARY = "自评表.xlsx", "抽查工作底稿.xlsx", "绩效自评汇总表.xlsx"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work folder in which one form was run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "input").mkdir()
    drawing.write(tmp_path / "input" / FORM, {"自评表": GRID})
    assert main(["run"]) in (0, 1)
    return tmp_path


def review(*arguments: object) -> int:
    return main(["review", *map(str, arguments)])


def rows(path: Path, sheet: str) -> list[dict[str, object]]:
    """Rows of a list by heading."""
    lines = [[cell.value for cell in line] for line in openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows()]
    top = next(at for at, line in enumerate(lines) if line[0] == "序号")
    return [dict(zip(lines[top], line, strict=True)) for line in lines[top + 1 :] if line[0] not in (None, "无")]


def test_reviewed_scores_go_into_the_summary(folder, capsys):
    fill(folder / "output" / PAPER, folder / PAPER, {1: {"受益村庄": {"核查完成值": "6个", "佐证材料是否齐全": "是"}}})
    assert review(folder / PAPER) == 0
    found = {row["三级指标"]: row for row in rows(folder / "output" / SUMMARY, "复核结果")}
    assert found["受益村庄"]["核查得分"] == 10
    assert found["受益村庄"]["差额"] == pytest.approx(6.67)
    assert found["受益村庄"]["核查得分来源"] == "按核查完成值复算"
    assert found["养护里程"]["核查得分来源"] == "未核查"
    (drawn,) = rows(folder / "output" / SUMMARY, "抽查名单")
    assert (drawn["核查得分"], drawn["佐证材料"], drawn["核查结论"]) == (89, "是1条", "偏差较大（自评偏高）")
    assert drawn["核查差额"] == pytest.approx(6.67)
    out = capsys.readouterr().out
    assert "村道养护（虚构）" in out and "89.00" in out and "偏差较大" in out
    assert max(wcswidth(line) for line in out.splitlines() if line[:1] in "+|") <= 80
    codes = [finding.as_py() for finding in pq.read_table(folder / "output" / "data" / "findings.parquet")["code"]]
    assert "XP13" in codes
    (ledger,) = [row for row in rows(folder / "output" / SUMMARY, "整改台账") if row["编号"] == "XP13"]
    assert "复核89分" in ledger["问题"]


def test_a_paper_in_its_output_folder_needs_no_other_word(folder, monkeypatch):
    paper = fill(folder / "output" / PAPER, folder / "output" / PAPER, {1: {"受益村庄": {"核查完成值": "6个"}}})
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert review(folder / "output" / PAPER, "--input", folder / "input") in (0, 1), paper
    found = {row["三级指标"]: row for row in rows(folder / "output" / SUMMARY, "复核结果")}
    assert found["受益村庄"]["核查得分"] == 10
    assert not (elsewhere / "output").exists()


def test_what_reviewers_write_for_complete_evidence_counts(folder):
    words = {"受益村庄": {"佐证材料是否齐全": "齐全", "核查完成值": "6个"}}
    fill(folder / "output" / PAPER, folder / PAPER, {1: words})
    assert review(folder / PAPER) == 0
    (drawn,) = rows(folder / "output" / SUMMARY, "抽查名单")
    assert drawn["佐证材料"] == "是1条"


def test_a_run_afterwards_keeps_the_review_and_the_filled_paper(folder, capsys):
    paper = folder / "output" / PAPER
    fill(paper, paper, {1: {"受益村庄": {"核查分数": 9}}})
    before = paper.read_bytes()
    assert review(paper) == 0
    main(["run", "--seed", "7"])
    assert paper.read_bytes() == before
    found = {row["三级指标"]: row for row in rows(folder / "output" / SUMMARY, "复核结果")}
    assert found["受益村庄"]["核查得分"] == 9
    outputs = json.loads((folder / "output" / "run.json").read_text(encoding="utf-8"))["outputs"]
    assert PAPER in outputs and "data/review.json" in outputs


def test_a_changed_form_drops_what_no_longer_fits_and_says_so(folder, capsys):
    fill(folder / "output" / PAPER, folder / PAPER, {1: {"受益村庄": {"核查分数": 9}}})
    assert review(folder / PAPER) == 0
    drawing.write(folder / "input" / FORM, {"自评表": GRID.edited({"E18": "≥99个"})})
    capsys.readouterr()
    main(["run"])
    assert "“受益村庄”的指标值或分值在底稿生成后有改动，未采用" in capsys.readouterr().out


def test_a_score_above_the_points_is_an_error_at_its_cell(folder, capsys):
    fill(folder / "output" / PAPER, folder / PAPER, {1: {"受益村庄": {"核查分数": 21}}})
    assert review(folder / PAPER) == 1
    assert "核查21分，超过分值20分，未采用" in capsys.readouterr().out
    lines = (folder / "output" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    (found,) = [finding for finding in map(json.loads, lines) if finding["code"] == "XP15" and finding["seen"]]
    assert (found["file"], found["sheet"], found["seen"]) == (PAPER, "01村道养护（虚构）", "21")
    assert found["cell"].startswith("N")


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda folder: folder / "没有.xlsx", 2, "找不到“"),
        (lambda folder: folder / "output" / PAPER, 3, "没有填写任何核查内容"),
        (lambda folder: folder / "output" / SUMMARY, 3, "不是本程序生成的抽查工作底稿"),
        (lambda folder: folder / "input" / FORM, 3, "不是本程序生成的抽查工作底稿"),
    ],
)
def test_what_is_no_filled_workpaper_is_named(make, code, words, folder, capsys):
    assert review(make(folder)) == code
    said = capsys.readouterr()
    assert words in said.out + said.err


def test_one_refused_file_does_not_cost_the_other(folder, capsys):
    fill(folder / "output" / PAPER, folder / PAPER, {1: {"受益村庄": {"核查分数": 9}}})
    assert review(folder / "output" / SUMMARY, folder / PAPER) == 3
    out = capsys.readouterr().out
    assert "不是本程序生成的抽查工作底稿" in out
    assert {row["三级指标"] for row in rows(folder / "output" / SUMMARY, "复核结果")} >= {"受益村庄"}


def test_without_a_run_before_it_says_what_to_do(folder, capsys):
    fill(folder / "output" / PAPER, folder / PAPER, {1: {"受益村庄": {"核查分数": 9}}})
    assert review(folder / PAPER, "--output", folder / "elsewhere") == 2
    assert "perfbatch run" in capsys.readouterr().err


def test_inputs_that_moved_are_asked_for_and_can_be_given(folder, capsys):
    fill(folder / "output" / PAPER, folder / PAPER, {1: {"受益村庄": {"核查分数": 9}}})
    summary = (folder / "output" / SUMMARY).read_bytes()
    (folder / "input" / FORM).rename(folder / FORM)
    assert review(folder / PAPER) == 2
    assert "--input" in capsys.readouterr().err
    assert (folder / "output" / SUMMARY).read_bytes() == summary
    assert review(folder / PAPER, "--input", folder / FORM) == 0
    (folder / FORM).unlink()
    (folder / "input").rmdir()
    assert review(folder / PAPER) == 2


def test_a_damaged_record_of_reviews_is_told(folder, capsys):
    (folder / "output" / "data" / "review.json").write_text("{", encoding="utf-8")
    assert main(["run", "--seed", "3"]) == 2
    assert "抽查复核记录" in capsys.readouterr().err


def test_above_sixty_projects_each_unit_has_its_own_paper_and_the_folder_is_read_back(tmp_path, monkeypatch, capsys):
    sample = Path(__file__).parents[2] / "input_templates" / "安肃镇2023年度绩效自评表（示例）.xlsx"
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(sample), "--sample", "100%", "--workers", "1"]) in (0, 1)
    papers = tmp_path / "output" / "抽查工作底稿"
    (paper,) = papers.glob("*.xlsx")
    assert paper.name == "抽查工作底稿_安肃镇人民政府.xlsx"
    assert not (tmp_path / "output" / PAPER).exists()
    assert "底稿按单位分为" not in capsys.readouterr().out, "there is one"
    fill(paper, paper, {1: {"预算执行率": {"核查分数": 5}}})
    before = paper.read_bytes()
    assert review(papers) in (0, 1)
    drawn = rows(tmp_path / "output" / SUMMARY, "抽查名单")
    assert sum(row["核查结论"] == "未核查" for row in drawn) == 82
    assert paper.read_bytes() == before
    outputs = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))["outputs"]
    assert f"抽查工作底稿/{paper.name}" in outputs
    front = openpyxl.load_workbook(tmp_path / "output" / SUMMARY, data_only=True)["汇总"]
    values = [[cell.value for cell in row if cell.value is not None] for row in front.iter_rows()]
    top = next(at for at, row in enumerate(values) if "抽查项目" in str(row[:1]))
    assert values[top + 1][-1] == "核查得分"
    own = [row[-1] for row in values[top + 2 :] if len(row) == 7 and isinstance(row[0], int)][:83]
    assert own.count("未核查") == 82
    assert sum(isinstance(value, int | float) for value in own) == 1


def test_a_folder_without_papers_is_told(folder, capsys):
    (folder / "空").mkdir()
    assert review(folder / "空") == 2
    assert "文件夹“空”里没有抽查工作底稿" in capsys.readouterr().err.replace(str(folder) + "/", "")
