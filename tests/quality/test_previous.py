"""``--previous DIR`` from the command line: two years of one form, comparison, ledger, wrong folders."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support import drawing

from perfbatch.cli import main
from perfbatch.errors import UsageError
from perfbatch.followup import previous
from perfbatch.followup.summaries import SUMMARY

GRID = drawing.parse(drawing.load("F1")["grid"])
FORM = "自评表.xlsx"
LAST = {"A2": "（2022年度）", "F13": "48公里", "F16": "2022年11月20日", "E16": "2022年12月底前"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work folder: last year's run in ``去年``, this year's form in ``input``."""
    monkeypatch.chdir(tmp_path)
    for name in ("旧", "input"):
        (tmp_path / name).mkdir()
    drawing.write(tmp_path / "旧" / FORM, {"2022": GRID.edited(LAST)})
    drawing.write(tmp_path / "input" / FORM, {"2023": GRID})
    assert main(["run", "旧", "--output", "去年"]) in (0, 1)
    return tmp_path


def _write(table: pa.Table, path: Path) -> None:
    """Opened by Python: pyarrow takes every name for UTF-8."""
    with path.open("wb") as stream:
        pq.write_table(table, stream)


def findings(folder: Path) -> list[dict[str, str]]:
    lines = (folder / "output" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def ledger(path: Path) -> list[dict[str, object]]:
    lines = [[cell.value for cell in row] for row in openpyxl.load_workbook(path)["整改台账"].iter_rows()]
    top = next(at for at, line in enumerate(lines) if line[0] == "序号")
    return [dict(zip(lines[top], line, strict=True)) for line in lines[top + 1 :]]


def test_a_target_below_last_year_is_asked_about_with_a_proposal(folder):
    main(["run"])
    assert "XP06" not in {finding["code"] for finding in findings(folder)}
    main(["run", "--previous", "去年"])
    (found,) = [finding for finding in findings(folder) if finding["code"] == "XP06"]
    assert (found["cell"], found["seen"], found["expected"]) == ("E13", "≥30公里", "48公里")
    sheet = openpyxl.load_workbook(folder / "output" / SUMMARY)["目标设定质量"]
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert "建议下年指标值≥48公里" in texts and "上年实际完成值48公里" in texts
    assert any("已与上年结果（2022年）比较" in text for text in texts)


def test_the_ledger_of_last_year_is_carried_over_and_closed(folder):
    path = folder / "去年" / SUMMARY
    before = ledger(path)
    lost = next(row for row in before if row["指标"] == "受益村庄")
    over = next(row for row in before if row["指标"] == "养护里程")
    book = openpyxl.load_workbook(path)
    sheet = book["整改台账"]
    top = next(row[0].row for row in sheet.iter_rows() if row[0].value == "序号")
    columns = {cell.value: cell.column for cell in sheet[top]}
    sheet.cell(top + int(str(lost["序号"])), columns["责任人"]).value = "农业办"
    book.save(path)
    main(["run", "--previous", "去年"])
    now = {row["校验码"]: row for row in ledger(folder / "output" / SUMMARY)}
    assert (now[lost["校验码"]]["状态"], now[lost["校验码"]]["责任人"]) == ("上年沿用", "农业办")
    assert now[over["校验码"]]["状态"] == "已整改（本年未再发现）"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: "没有的文件夹", "不存在"),
        (lambda folder: "input", "里没有 data/projects.parquet"),
        (lambda folder: str((folder / "input" / FORM).relative_to(folder)), "不是文件夹"),
    ],
)
def test_a_wrong_folder_is_a_usage_error_and_nothing_is_written(make, words, folder, capsys):
    assert main(["run", "--previous", make(folder)]) == 2
    assert words in capsys.readouterr().err
    assert not (folder / "output" / SUMMARY).exists()


def test_this_run_s_own_folder_is_no_last_year(folder, capsys):
    assert main(["run", "--output", "去年", "--previous", "去年"]) == 2
    assert "不能与本次的输出文件夹" in capsys.readouterr().err


def test_a_summary_whose_ledger_cannot_be_read_is_kept_aside(folder, capsys):
    main(["run"])
    (folder / "output" / SUMMARY).write_bytes(b"PK\x03\x04 broken")
    main(["run"])
    assert "请自行誊录" in capsys.readouterr().out
    assert (folder / "output" / "绩效自评汇总表_原表.xlsx").read_bytes() == b"PK\x03\x04 broken"
    assert ledger(folder / "output" / SUMMARY)
    (folder / "output" / SUMMARY).write_bytes(b"PK\x03\x04 broken again")
    main(["run"])
    assert (folder / "output" / "绩效自评汇总表_原表.xlsx").read_bytes() == b"PK\x03\x04 broken"
    assert (folder / "output" / "绩效自评汇总表_原表(2).xlsx").read_bytes() == b"PK\x03\x04 broken again"
    assert "“绩效自评汇总表_原表(2).xlsx”保留" in capsys.readouterr().out


def test_damaged_data_are_a_usage_error(folder):
    (folder / "去年" / "data" / "indicators.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(UsageError, match="无法读取"):
        previous.load(folder / "去年")


def test_columns_an_older_version_did_not_write_are_blank(folder):
    path = folder / "去年" / "data" / "indicators.parquet"
    kept = pq.read_table(io.BytesIO(path.read_bytes())).drop_columns(["operator"])
    _write(kept, path)
    found = previous.load(folder / "去年")
    assert set(found.frames.indicators["operator"]) == {""}
    assert found.year == 2022


def test_data_of_another_kind_are_a_usage_error(folder):
    path = folder / "去年" / "data" / "indicators.parquet"
    _write(pa.table({"project_id": ["P1"], "actual_value": ["many"]}), path)
    with pytest.raises(UsageError, match="无法读取"):
        previous.load(folder / "去年")


def test_without_last_year_s_summary_the_comparison_still_runs(folder):
    (folder / "去年" / SUMMARY).unlink()
    assert main(["run", "--previous", "去年"]) in (0, 1)
    assert "XP06" in {finding["code"] for finding in findings(folder)}
    head = openpyxl.load_workbook(folder / "output" / SUMMARY)["整改台账"]
    assert any("没有可沿用的整改台账" in str(row[0].value) for row in head.iter_rows(max_row=6))
