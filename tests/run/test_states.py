"""What became of each check is counted form by form: in run.json and in 读取情况, read back from the disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support import drawing

from perfbatch.checks.register import register
from perfbatch.cli import main

# local header words, as on the form of a Guangdong unit: nothing of the money and no score is known by them
LOCAL = {"执行数": "支付金额数", "预算数": "下达金额数", "执行率": "支付比", "得分": "自评打分数"}


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("states")
    text = drawing.load("F1")["grid"]
    local = text
    for known, other in LOCAL.items():
        local = local.replace(known, other)
    (folder / "input").mkdir()
    drawing.write(folder / "input" / "甲.xlsx", {"自评表": drawing.parse(text)})
    renamed = local.replace("项目名称 │ ", "项目名称 │ 乙", 1)
    drawing.write(folder / "input" / "乙.xlsx", {"自评表": drawing.parse(renamed)})
    main(["run", str(folder / "input"), "--output", str(folder / "output"), "--workers", "1"])
    return folder / "output"


def record(output: Path) -> dict[str, Any]:
    return dict(json.loads((output / "run.json").read_text(encoding="utf-8")))


def test_every_form_has_one_state_of_every_check(output: Path) -> None:
    run = record(output)
    assert set(run["checks"]) == set(register())
    for code, told in run["checks"].items():
        counts = [told[name] for name in ("found", "clear", "unchecked", "not_applicable")]
        assert sum(counts) == run["totals"]["projects"] == 2, (code, told)
        assert sum(told["reasons"].values()) == told["unchecked"] + told["not_applicable"], (code, told)
        assert (told["state"] == "clear") <= (told["unchecked"] == 0)


def test_what_was_not_read_was_not_checked(output: Path) -> None:
    """The form with local header words is 部分读取; no check of its money or scores says 未发现问题 nor a word."""
    run = record(output)
    assert {file["path"]: file["status"] for file in run["files"]} == {"甲.xlsx": "ok", "乙.xlsx": "partial"}
    for code in ("FU01", "FU02", "FU05", "FU08", "SC01", "SC03", "SC04", "SC05", "SC09", "RE01"):
        told = run["checks"][code]
        assert told["unchecked"] == 1 and any("没有识别" in reason for reason in told["reasons"]), (code, told)
    lines = (output / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    codes = {found["code"] for found in map(json.loads, lines) if found["file"] == "乙.xlsx"}
    assert "ST01" in codes and not {code for code in codes if code[:2] in ("FU", "SC")} and "ST11" not in codes


def test_the_list_says_it_in_words(output: Path) -> None:
    book = openpyxl.load_workbook(output / "绩效自评汇总表.xlsx")
    lines = {row[2]: row for row in book["读取情况"].iter_rows(values_only=True) if len(row) > 6}
    assert lines["FU01"][1] == "部分未检查" and "未检查1个项目" in lines["FU01"][6]
    assert lines["HB03"][1] == "不适用" and "只用于河北县级四块自评表（2个）" in lines["HB03"][6]
