"""The comment of a questioned score says how the score comes about; read back from the annotated workbooks of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
from support import drawing

from perfbatch.cli import main
from perfbatch.config import Settings
from perfbatch.pipeline import process_workbook

HEAD = "【得分怎样算出】"


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
    """Operands with their cells, formula, unrounded value, rounding, clause, difference."""
    said = comments(tmp_path, "F1", {"H18": "18", "I6": "10", "H21": "99"}, monkeypatch)
    row, execution, total = said["H18"], said["I6"], said["H21"]
    assert row.count(HEAD) == execution.count(HEAD) == total.count(HEAD) == 1
    for part in (
        "【错误 SC04】", "目标 ≥12个（E18），实际 10个（F18），分值 20（G18），得分 18（H18）",
        "实际 10 ÷ 目标 12 × 分值 20 = 16.666667…", "四舍五入，保留 2 位小数 → 16.67", "完成率 83.33%",
        "财预〔2020〕10号", "自评 18，复算 16.67，相差 +1.33（超出容许差 0.1）",
    ):  # fmt: skip
        assert part in row
    for part in ("【错误 FU02】", "全年执行数 36 万元（F6）", "全年预算数 40 万元（E6）", "自评 10，复算 9，相差 +1"):
        assert part in execution
    assert "取位" not in execution, "nothing was rounded"
    for part in ("【错误 SC03】", "总分 99（H21）", "各项自评得分相加为 98", "自评 99，复算 95.67"):
        assert part in total


def test_rounding_of_the_execution_score_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edits = {"F6": "34.47", "F7": "34.47", "H6": "86.18%", "I6": "9.5", "H21": "96.17"}
    text = comments(tmp_path, "F1", edits, monkeypatch)["I6"]
    assert "取位：四舍五入，保留 2 位小数 → 8.62" in text


def test_a_questioned_actual_carries_the_score_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SC06 stands at the actual; a finding on words there (IN05) explains no score."""
    said = comments(tmp_path, "F15", {"J11": "126人", "K11": "105%"}, monkeypatch)
    assert "【疑问 SC06】" in said["J11"] and "分值 20（G11），得分 20（L11）" in said["J11"]
    said = comments(tmp_path, "F4", {"H13": "≥98"}, monkeypatch)
    assert "IN05" in said["H13"] and HEAD not in said["H13"]


def test_hebei_form_multiplies_the_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = comments(tmp_path, "F6", {"L16": "12.00"}, monkeypatch)["L16"]
    assert "HB01" in text and HEAD in text and "复算 15" in text


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
