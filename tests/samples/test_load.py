"""The load generator plants what it says it plants, and the measuring helper measures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import openpyxl
from benchmarks.make_load import FAULTS, make
from benchmarks.measure import run


def test_planted_faults_are_listed_with_their_sheet(tmp_path: Path) -> None:
    (path,) = make(tmp_path, 1, seed=7)
    book = openpyxl.load_workbook(path)
    planted = [json.loads(line) for line in (tmp_path / "planted.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(book.sheetnames) == 83
    assert planted
    for fault in planted:
        sheet = book[fault["sheet"]]
        rows = [row for row in sheet.iter_rows(min_row=14, values_only=True) if isinstance(row[6], int | float)]
        scored = [row for row in rows if row[0] != "总分"]
        shown = {
            "SC01": any(row[7] > row[6] for row in scored),
            "IN01": any(not row[5] for row in scored),
            "WT01": sum(row[6] for row in scored) == 85,
            "TX04": any("100字以内" in (row[8] or "") for row in scored),
        }
        assert fault["code"] in FAULTS
        assert fault["project"] == sheet["C3"].value
        assert [code for code, true in shown.items() if true] == [fault["code"]] * (fault["code"] in shown)


def test_same_seed_same_bytes_and_another_seed_other_faults(tmp_path: Path) -> None:
    folders = [(tmp_path / "一", 3), (tmp_path / "二", 3), (tmp_path / "三", 4)]
    first, second, third = (make(folder, 1, seed=seed)[0] for folder, seed in folders)
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes() != third.read_bytes()


def test_a_process_is_timed_and_its_exit_code_kept() -> None:
    cost = run([sys.executable, "-c", "import time; x = bytearray(60_000_000); time.sleep(0.1); raise SystemExit(3)"])
    assert cost.code == 3
    assert cost.seconds > 0.1
    assert all(mb is None or mb > 55 for mb in (cost.largest_mb, cost.tree_mb))
