"""The comment of a questioned score says how the score comes about; read back from the annotated workbooks of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support import drawing

from perfbatch.cli import main
from perfbatch.config import Settings
from perfbatch.pipeline import process_workbook


def comments(folder: Path, family: str, edits: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Cell → text of the comments in the annotated copy that `perfbatch run` writes."""
    monkeypatch.chdir(folder)
    (folder / "input").mkdir(exist_ok=True)
    sheet = drawing.parse(drawing.load(family)["grid"]).edited(dict(edits))
    drawing.write(folder / "input" / "表.xlsx", {"自评表": sheet})
    main(["run", "--workers", "1"])
    page = openpyxl.load_workbook(folder / "output" / "表_批注.xlsx")["自评表"]
    return {cell.coordinate: cell.comment.text for row in page for cell in row if cell.comment}


def test_score_execution_score_and_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The formula once, in the message or below it; operands, clause and difference are told by `perfbatch explain`."""
    said = comments(tmp_path, "F1", {"H18": "18", "I6": "10", "H21": "99"}, monkeypatch)
    row, execution, total = said["H18"], said["I6"], said["H21"]
    assert "【错误 SC04】" in row and row.count("实际 10 ÷ 目标 12 × 分值 20") == 1
    assert "【错误 FU02】" in execution and execution.count("执行 36 ÷ 全年预算数 40 × 分值 10") == 1
    assert "【错误 SC03】" in total
    for text in (row, execution, total):
        assert text.count("\n") < 6
        assert "应为：" in text and "处理：" in text


def test_a_formula_that_the_message_does_not_state_stands_below_it(tmp_path: Path, monkeypatch: Any) -> None:
    """SC06 stands at the actual; a finding on words there (IN05) explains no score."""
    said = comments(tmp_path, "F15", {"J11": "126人", "K11": "105%"}, monkeypatch)
    assert "【疑问 SC06】" in said["J11"] and said["J11"].splitlines()[-1].startswith("算法：")
    said = comments(tmp_path, "F4", {"H13": "≥98"}, monkeypatch)
    assert "IN05" in said["H13"] and "算法：" not in said["H13"]


def test_explain_tells_the_whole(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    comments(tmp_path, "F1", {"H18": "18"}, monkeypatch)
    capsys.readouterr()
    main(["explain", "input/表.xlsx"])
    said = capsys.readouterr().out
    for part in (
        "目标 ≥12个（E18），实际 10个（F18），分值 20（G18），得分 18（H18）",
        "实际 10 ÷ 目标 12 × 分值 20 = 16.666667…",
        "四舍五入，保留 2 位小数 → 16.67", "财预〔2020〕10号", "自评 18，复算 16.67，相差 +1.33（超出容许差 0.1）",
    ):  # fmt: skip
        assert part in said


@pytest.mark.parametrize("family", drawing.families())
def test_nothing_to_explain_on_a_clean_form(family: str, tmp_path: Path) -> None:
    """Remarks are made for questioned scores only, so a clean form costs nothing."""
    sheet = drawing.parse(drawing.load(family)["grid"])
    path = drawing.write(tmp_path / "表.xlsx", {"自评表": sheet})
    assert process_workbook(path, path.name, Settings()).remarks == {}


def test_remarks_stand_where_a_finding_stands(tmp_path: Path) -> None:
    """Every explanation belongs to a marked cell, on forms full of defects as well."""
    for family in drawing.families():
        for case in drawing.load(family)["derived"]:
            sheet = drawing.parse(drawing.load(family)["grid"]).edited(case["edit"])
            path = drawing.write(tmp_path / "表.xlsx", {"自评表": sheet})
            result = process_workbook(path, path.name, Settings())
            assert set(result.remarks) <= {(f.sheet, f.cell) for f in result.findings}
