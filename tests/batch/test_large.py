"""A large batch, whose rows pass by one workbook after the other, says what a small one says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support.forms import write_forms

from perfbatch import sources
from perfbatch.config import Settings
from perfbatch.figures.totals import Totals
from perfbatch.runs import across, batch, gather, leaves

SAME = ["findings.jsonl", "data/projects.parquet", "data/funds.parquet", "data/indicators.parquet",
        "data/findings.parquet"]  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, batch.RunReport, batch.RunReport]:
    folder = tmp_path_factory.mktemp("large")
    write_forms(folder / "in", *(f"第{n}单位" for n in range(7)))
    write_forms(folder / "in" / "再一份", "第3单位")  # so that checks across files find something
    found = sources.find([folder / "in"])
    settings = Settings(sample="2")
    small = batch.run(found, folder / "small", settings, workers=1, run_date="2024-03-18")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather, "LISTED", 20)
        patch.setattr(leaves, "ROWS", 16)
        patch.setattr(leaves, "_ROW_GROUP", 30)
        large = batch.run(found, folder / "large", settings, workers=1, run_date="2024-03-18")
    return folder / "small", folder / "large", small, large


def rows(path: Path) -> list[dict[str, object]]:
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pylist()


@pytest.mark.parametrize("name", SAME)
def test_same_records(both: tuple[Path, Path, batch.RunReport, batch.RunReport], name: str) -> None:
    small, large, *_ = both
    if name.endswith(".jsonl"):
        assert (large / name).read_bytes() == (small / name).read_bytes()
    else:
        assert rows(large / name) == rows(small / name)
        assert len(rows(large / name)) > 3


def test_same_totals_and_run_record(both: tuple[Path, Path, batch.RunReport, batch.RunReport]) -> None:
    small, large, one, other = both
    assert isinstance(one.batch.totals, Totals)
    assert other.batch.totals == one.batch.totals
    assert json.loads((large / "run.json").read_text(encoding="utf-8")) == json.loads(
        (small / "run.json").read_text(encoding="utf-8")
    )


def test_the_sample_is_whole(both: tuple[Path, Path, batch.RunReport, batch.RunReport]) -> None:
    *_, one, other = both
    assert other.batch.sample == one.batch.sample
    assert len(other.batch.sample) == 2
    for name in ("projects", "indicators"):
        frames = [getattr(report.batch.frames, name) for report in (one, other)]
        drawn = [frame[frame["project_id"].isin(one.batch.sample)].to_dict("records") for frame in frames]
        assert drawn[1] == drawn[0]
        assert drawn[0]


def test_lists_are_cut_and_say_so(both: tuple[Path, Path, batch.RunReport, batch.RunReport]) -> None:
    _, large, _, _ = both
    book = openpyxl.load_workbook(large / "绩效自评汇总表.xlsx", read_only=True)
    said = "".join(str(cell) for row in book["指标明细"].iter_rows(max_row=6, values_only=True) for cell in row)
    assert "全部见 data/indicators.parquet" in said


def test_a_check_across_files_that_fails_costs_itself_only(
    both: tuple[Path, Path, batch.RunReport, batch.RunReport], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small, *_ = both
    whole = across.findings

    def broken(wanted: Sequence[str], *rest: Any) -> Any:
        if "XP01" in wanted:
            raise MemoryError
        return whole(wanted, *rest)

    monkeypatch.setattr(gather, "LISTED", 20)
    monkeypatch.setattr(leaves, "ROWS", 16)
    monkeypatch.setattr(across, "findings", broken)
    report = batch.run(
        sources.find([small.parent / "in"]), tmp_path / "out", Settings(sample="2"), workers=1, run_date="2024-03-18"
    )
    outcome = next(one for one in report.batch.checks if one.code == "XP01")
    assert (outcome.state, outcome.reason) == ("errored", "处理时内存不足")
    assert report.exit_code == 3
    found, expected = (
        [json.loads(line) for line in (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
        for folder in (tmp_path / "out", small)
    )
    assert found == [finding for finding in expected if finding["code"] != "XP01"]
    assert len(found) < len(expected)
