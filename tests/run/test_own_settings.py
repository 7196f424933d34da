"""Checks switched off or regraded and values set by the unit or by its ruleset: the outputs say so and follow it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support import drawing

from perfbatch.cli import main

EDITS = {"H13": "22", "H18": "17.4", "H21": "98.4", "D19": "指标1：管護制度"}  # SC01 H13, SC04 H18 (0.73 off), TX09 D19
RULESET = """\
extends = "national-2020"
name = "bendi"
title = "本地规则"
citation = "某县财政局自评通知"
[values]
checks_off = ["SC01"]
check_severity = { SC04 = "warning" }
"""


class Outputs:
    """What a run wrote: exit code, run.json, findings by (code, cell), the lines of 读取情况 about checks."""

    def __init__(self, folder: Path, code: int) -> None:
        self.code = code
        self.run: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        lines = (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()
        self.findings = {(f["code"], f["cell"]): f for f in map(json.loads, lines)}
        book = openpyxl.load_workbook(folder / "绩效自评汇总表.xlsx")
        self.reading = [[cell.value for cell in row] for row in book["读取情况"]]
        self.rules = [[cell.value for cell in row] for row in book["规则依据"]]

    def check(self, code: str) -> Mapping[str, Any]:
        """The entry of a check in run.json."""
        return dict(self.run["checks"][code])

    def read(self, code: str) -> list[Any]:
        """The line of a check in 读取情况."""
        (line,) = (line for line in self.reading if len(line) > 2 and line[2] == code)
        return line


def ran(folder: Path, monkeypatch: pytest.MonkeyPatch, config: str = "", *options: str) -> Outputs:
    monkeypatch.chdir(folder)
    (folder / "input").mkdir()
    sheet = drawing.parse(drawing.load("F1")["grid"]).edited(EDITS)
    drawing.write(folder / "input" / "表.xlsx", {"自评表": sheet})
    (folder / "perfbatch.toml").write_text(config, encoding="utf-8")
    return Outputs(folder / "output", main(["run", "--workers", "1", *options]))


def test_as_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without settings no check has a remark of its own."""
    got = ran(tmp_path, monkeypatch)
    assert {("SC01", "H13"), ("SC04", "H18"), ("TX09", "D19")} <= set(got.findings)
    for code in ("SC01", "SC04", "TX09"):
        assert got.check(code)["state"] == "found" and got.check(code)["reason"] == ""


def test_switched_off_by_the_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got = ran(tmp_path, monkeypatch, 'off = ["TX09"]\n')
    assert not [place for place in got.findings if place[0] == "TX09"]
    off = got.check("TX09")
    assert (off["state"], off["findings"], off["reason"]) == ("off", 0, "已在配置中关闭")
    assert (off["unchecked"], off["clear"], off["reasons"]) == (1, 0, {"已在配置中关闭": 1})
    assert got.read("TX09")[1] == "已关闭" and "已在配置中关闭" in got.read("TX09")


def test_regraded_by_the_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The finding, its comment, the totals and the exit code follow the new severity; the list of checks says so."""
    got = ran(tmp_path, monkeypatch, 'severity = { SC01 = "info", SC04 = "info" }\n')
    assert got.findings["SC01", "H13"]["severity"] == "info"
    assert got.code == 0 and got.run["totals"]["findings"]["error"] == 0
    assert got.check("SC01")["reason"] == "本单位设置把级别改为提示"
    assert "本单位设置把级别改为提示" in got.read("SC01")
    copy = openpyxl.load_workbook(tmp_path / "output" / "表_批注.xlsx")["自评表"]
    assert copy["H13"].comment.text.startswith("【提示 SC01】")


def test_value_set_by_the_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wider tolerance lets the score pass; 读取情况, run.json and 规则依据 show the value and where it is from."""
    got = ran(tmp_path, monkeypatch, "[parameters]\ntol_score = 1.5\n")
    assert ("SC04", "H18") not in got.findings
    assert got.check("SC04")["reason"] == "本单位设置tol_score = 1.5"
    assert "本单位设置tol_score = 1.5" in got.read("SC04")
    assert got.check("SC01")["reason"] == "", "a check that does not use the value says nothing"
    (line,) = (line for line in got.rules if "tol_score" in line)
    assert "1.5" in map(str, line) and "perfbatch.toml" in line


def test_switched_off_and_regraded_by_the_ruleset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bendi.toml").write_text(RULESET, encoding="utf-8")
    got = ran(tmp_path, monkeypatch, "", "--ruleset", "bendi.toml")
    assert ("SC01", "H13") not in got.findings
    off = got.check("SC01")
    assert (off["state"], off["findings"], off["reason"]) == ("clear", 0, "规则集bendi已关闭本项")
    assert "规则集bendi已关闭本项" in got.read("SC01")
    assert got.findings["SC04", "H18"]["severity"] == "warning"
    assert got.check("SC04")["reason"] == "规则集bendi把级别改为疑问"
    assert "规则集bendi把级别改为疑问" in got.read("SC04")


def test_the_unit_goes_before_its_ruleset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bendi.toml").write_text(RULESET, encoding="utf-8")
    config = 'ruleset = "bendi.toml"\nseverity = { SC04 = "error" }\n'
    got = ran(tmp_path, monkeypatch, config)
    assert got.findings["SC04", "H18"]["severity"] == "error"
    assert got.check("SC04")["reason"] == "本单位设置把级别改为错误"


def test_a_picked_project_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "input").mkdir()
    drawing.write(tmp_path / "input" / "表.xlsx", {"自评表": drawing.parse(drawing.load("F1")["grid"])})
    (tmp_path / "perfbatch.toml").write_text('selected = ["村道养护（虚构）", "没有的项目"]\n', encoding="utf-8")
    assert main(["run"]) in (0, 1)
    said = capsys.readouterr().out
    assert "selected 中“没有的项目”没有对应的项目" in said
    assert len(json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))["totals"]["sample"]) == 1
