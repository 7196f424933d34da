"""目标设定质量: kinds, proposals with their basis, what is left out, the reference case, the sheet."""

from __future__ import annotations

import tomllib
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support.batches import batch, finding, indicator, project, township
from support.reports import reference

from perfbatch import schema
from perfbatch.checks.register import register
from perfbatch.followup import quality
from perfbatch.followup.batch import Batch
from perfbatch.followup.ledger_reader import LedgerSheet
from perfbatch.followup.previous import Previous
from perfbatch.followup.quality import HOW
from perfbatch.model import Frames
from perfbatch.outputs.summary import write_summary

CASES = tomllib.loads((Path(__file__).parent / "proposals.toml").read_text(encoding="utf-8"))["case"]
_FIGURES = ("target_value", "target_base", "actual_value", "actual_base")


def row_of(values: dict[str, Any]) -> dict[str, Any]:
    return {key: (D(v) if v else None) if key in _FIGURES else v for key, v in values.items()}


def last_year(row: dict[str, Any], last: dict[str, Any]) -> Previous:
    own = indicator(1, 10) | row | {"actual_value": D(last["actual_value"]), "unit": last["unit"]}
    frames = Frames(
        schema.frame([project(1)], schema.PROJECTS), schema.frame([], schema.FUNDS),
        schema.frame([own], schema.INDICATORS),
    )  # fmt: skip
    return Previous(frames, LedgerSheet(), 2022)


def made(case: dict[str, Any]) -> Batch:
    row = row_of(case.get("row", {}))
    about = finding(1, "D10", "warning", case["code"], **case.get("finding", {"expected": ""}))
    found = batch([project(1)], [indicator(1, 10, **row)], [about])
    if "last" in case:
        found.previous = last_year(row, case["last"])
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['code']} {case['why']}")
def test_proposal(case):
    (weak,) = quality.assess(made(case))
    assert weak.kind.name == case["kind"]
    assert case.get("figure", "") in weak.proposal
    assert case.get("words", "") in weak.proposal
    assert weak.basis == case.get("basis", weak.basis)
    assert case.get("basis_has", "") in weak.basis


def test_every_kind_is_tried_and_made_of_known_parts():
    tried = {case["kind"] for case in CASES}
    untried = {"price", "copied", "points", "missing"}  # `price` below, the others have words only
    assert tried | untried == {kind.name for kind in quality.kinds()}
    for kind in quality.kinds():
        assert set(kind.codes) <= set(register())
        assert (kind.how in HOW) == bool(kind.words)


def test_proposals_are_never_verdicts():
    for kind in quality.kinds():
        assert "建议" in kind.without or "请" in kind.without or "先分析" in kind.without
        assert not set(kind.title + kind.without + kind.words) & set("！!")


def test_unexecuted_projects_say_nothing_about_targets():
    about = [finding(1, "D10", "warning", code) for code in ("IN10", "IN11", "IN12")]
    found = quality.assess(batch([project(1, executed=D(0))], [indicator(1, 10)], about))
    assert [weak.finding.code for weak in found] == ["IN12"]


def test_two_findings_on_one_cell_that_say_the_same_are_one_row():
    row = row_of({"actual_text": "25个", "actual_value": "25", "actual_base": "25"})
    about = [finding(1, "E10", "warning", code) for code in ("IN10", "IN11")]
    assert len(quality.assess(batch([project(1)], [indicator(1, 10, **row)], about))) == 1


def test_rows_come_by_kind_and_within_a_kind_in_the_order_of_the_findings():
    made_ = township(40, 6)
    more = [finding(at, "D10", "warning", "IN12") for at in range(1, 41)]
    made_.findings = made_.results[0].in_order([*made_.findings, *more])
    ordered = quality.assess(made_)
    assert [weak.finding for weak in ordered if weak.finding.cell == "D10"] == more
    kinds = [weak.kind.name for weak in ordered]
    order = [kind.name for kind in quality.kinds()]
    assert kinds == sorted(kinds, key=order.index)


def test_a_finding_without_a_row_keeps_its_place_and_takes_words():
    (weak,) = quality.assess(batch([project(1)], [], [finding(1, "Z99", "warning", "IN10")]))
    assert weak.proposal == "建议参照实际完成情况提高下年指标值"


@pytest.mark.parametrize("form", ["national", "hebei"])
def test_the_reference_case_states_the_findings_of_the_seed_report(form):
    found = quality.assess(reference(form))
    named = {(weak.finding.project, weak.indicator) for weak in found if weak.kind.name == "under"}
    assert {
        ("绿道绿廊土地租金", "补偿面积"), ("绿道绿廊土地租金", "预算项目控制数"), ("稳定经费", "排查化解矛盾纠纷数量"),
        ("乡镇武装工作经费(运转保障)", "征兵数量"),
    } <= named  # fmt: skip
    (price,) = [weak for weak in found if weak.kind.name == "price"]
    assert "392250元" in price.proposal  # 156.9亩 × 2500元/亩, computed by hand
    assert "292375元÷116.95亩" in price.basis


def test_the_sheet_lists_proposals_as_text_with_links(tmp_path):
    write_summary(tmp_path / "s.xlsx", reference("national"))
    sheet = openpyxl.load_workbook(tmp_path / "s.xlsx")["目标设定质量"]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    top = next(at for at, line in enumerate(lines) if line[0] == "序号")
    rows = [dict(zip(lines[top], line, strict=True)) for line in lines[top + 1 :]]
    assert [row["序号"] for row in rows] == list(range(1, len(rows) + 1))
    assert any("建议参考值=116.95亩" in row["下年目标建议"] for row in rows)
    assert "不是结论" in lines[1][0]
    assert any("没有提供上年结果（--previous）" in str(line[0]) for line in lines[:top])
