"""A finding whose reason the form gives, or that nobody can mend this year, is not open; all others are."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from support.ends import Listed, Run, form

from perfbatch.checks.register import register

ROOT = Path(__file__).parents[2]
REASON = "沿线群众要求增加3条村道，经镇政府同意追加；下一步按实际需要设定目标。"
OVER = {"F13": "45公里"}  # 150 % of the target
VAGUE = {"E19": "进一步提升", "F19": "达成预期指标"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_of(edits: dict[str, str], config: str = "") -> Run:
    form(Path("input/表.xlsx"), edits)
    Path("perfbatch.toml").write_text(config, encoding="utf-8")
    return Run()


@pytest.mark.parametrize(("reason", "code"), [("", "RE03"), ("无", "RE03"), ("需要", "IN10")])
def test_without_a_reason_a_deviation_is_open(reason: str, code: str) -> None:
    """Neither a nil word nor a word or two is a reason."""
    made = run_of(OVER | {"I13": reason})
    assert made.one(code)["state"] == "open" and made.one(code)["accepted_by"] == ""


def test_the_reason_on_the_form_ends_the_question_of_its_row_only() -> None:
    made = run_of(OVER | {"I13": REASON, "F16": "2024年1月20日", "H16": "8"})
    found = made.one("IN10")
    assert (found["state"], found["accepted_by"], found["reason"]) == ("accepted", "form", REASON)
    assert made.one("IN22")["state"] == "open"  # late, and not a word about it
    assert made.one("RE01")["state"] == "open"


def test_a_reason_does_not_excuse_an_error() -> None:
    made = run_of({"H13": "22", "I13": REASON})
    assert made.one("SC01")["state"] == "open" and made.code == 1


def test_what_is_approved_is_for_next_year(capsys: pytest.CaptureFixture[str]) -> None:
    made = run_of(VAGUE)
    found = made.one("IN12")
    assert (found["severity"], found["state"], found["accepted_by"]) == ("warning", "accepted", "approval")
    assert "改为可核对的数值" in found["next_year"] and "本年的指标值已经批复" in found["hint"]
    assert "留待下年改进1条" in capsys.readouterr().out
    rows = Listed(made.output).rows()
    assert rows[-1]["编号"] == "IN12" and rows[-1]["状态"] == "下年改进"
    (later,) = (row for row in Listed(made.output, "下年改进清单").rows() if row["编号"] == "IN12")
    assert later["处数"] == 1 and "村道养护（虚构）（进一步提升）" in later["项目和内容"]
    comment = openpyxl.load_workbook(made.output / "表_批注.xlsx").active["E19"].comment
    assert comment.text.startswith("【下年改进 IN12】") and "下年：改为可核对的数值" in comment.text


def test_a_unit_that_calls_it_an_error_has_to_mend_it() -> None:
    made = run_of(VAGUE, 'severity = { IN12 = "error" }')
    assert made.one("IN12")["state"] == "open" and made.code == 1


def test_every_finding_is_counted_once() -> None:
    totals = (made := run_of(OVER | VAGUE | {"I13": REASON, "H15": "11"})).record["totals"]
    assert sum(totals["findings"].values()) + totals["accepted"] == len(made.findings)
    assert totals["accepted_by"] == {
        by: sum(f["accepted_by"] == by for f in made.findings) for by in ("form", "approval", "person", "setting")
    }
    assert totals["accepted_by"]["form"] == 1 and totals["accepted_by"]["approval"] == 1


def test_of_the_reference_sample_at_most_ten_doubts_are_open() -> None:
    Path("input").mkdir()
    shutil.copy(ROOT / "input_templates/安肃镇2023年度绩效自评表（示例）.xlsx", "input")
    made = Run()
    assert len(made.open("warning")) <= 10 and made.open("error") == [] and made.code == 0
    assert made.one("IN16")["accepted_by"] == "form" and "财力紧张" in made.one("IN16")["reason"]


def test_consequences_are_of_checks_that_exist_and_never_go_in_a_circle() -> None:
    entries = register()

    def before(code: str, seen: tuple[str, ...] = ()) -> None:
        assert code in entries and code not in seen, (*seen, code)
        for other in entries[code].follows:
            before(other, (*seen, code))

    for code in entries:
        before(code)
