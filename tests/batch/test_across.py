"""A batch of which outputs show a part says what one that is shown whole says; a broken check costs itself only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from support.forms import write_forms

from perfbatch import sources
from perfbatch.checks import register
from perfbatch.config import Settings
from perfbatch.runs import batch
from perfbatch.totals import lines

SAME = ["findings.jsonl", "data/projects.parquet", "data/funds.parquet", "data/indicators.parquet",
        "data/findings.parquet"]  # fmt: skip
CUT = 20  # rows; the batch has some ninety
Both = tuple[Path, Path, batch.RunReport, batch.RunReport]


def run(source: Path, output: Path) -> batch.RunReport:
    settings = Settings(sample="2", selected=["第0单位养护（虚构）", "没有的"])
    return batch.run(sources.find([source]), output, settings, workers=1, run_date="2024-03-18")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    folder = tmp_path_factory.mktemp("across")
    write_forms(folder / "in", *(f"第{n}单位" for n in range(7)))
    write_forms(folder / "in" / "再一份", "第3单位")  # so that checks across files find something
    whole = run(folder / "in", folder / "whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "LISTED", CUT)
        for room in ("store.tables", "outputs.records"):
            patch.setattr(f"perfbatch.{room}.ROWS", 30)
        part = run(folder / "in", folder / "part")
    return folder / "whole", folder / "part", whole, part


def rows(path: Path) -> list[dict[str, object]]:
    return pq.read_table(path).to_pylist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", SAME)
def test_same_records(both: Both, name: str) -> None:
    whole, part, *_ = both
    if name.endswith(".jsonl"):
        assert (part / name).read_bytes() == (whole / name).read_bytes()
    else:
        assert rows(part / name) == rows(whole / name)
        assert len(rows(part / name)) > 3


def test_same_run_record_sample_and_sums(both: Both) -> None:
    whole, part, one, other = both
    assert (part / "run.json").read_bytes() == (whole / "run.json").read_bytes()
    assert other.batch.sample == one.batch.sample
    assert "没有的" in "".join(one.notices) and "没有的" in "".join(other.notices)
    totals, cut = one.batch.totals, other.batch.totals
    assert (cut.whole, cut.units, cut.off, cut.codes) == (totals.whole, totals.units, totals.off, totals.codes)
    assert cut.lines == totals.lines


def test_held_are_the_projects_with_the_most_findings_and_the_sample(both: Both) -> None:
    *_, one, other = both
    held = other.batch.frames.projects["project_id"].tolist()
    assert len(held) < len(one.batch.frames.projects)
    assert set(other.batch.sample) < set(held)
    most = max(one.batch.totals.lines, key=lambda line: (line.errors, line.warnings))
    assert most.project_id in held
    for name in ("projects", "funds", "indicators"):
        frames = [getattr(report.batch.frames, name) for report in (one, other)]
        own = [frame[frame["project_id"].isin(held)].to_dict("records") for frame in frames]
        assert own[1] == own[0] and len(own[1]) == len(frames[1])


def test_lists_are_cut_and_say_so(both: Both) -> None:
    _, part, *_ = both
    book = openpyxl.load_workbook(part / "绩效自评汇总表.xlsx", read_only=True)
    said = "".join(str(cell) for row in book["指标明细"].iter_rows(max_row=6, values_only=True) for cell in row)
    assert "全部见 data/indicators.parquet" in said


def broken(failure: Callable[[], Any]) -> register.Check:
    def run_it(_: Any) -> Iterator[register.Hit]:
        raise failure()

    return replace(register.register()["XP05"], run=run_it)


@pytest.mark.parametrize("failure", [MemoryError, ZeroDivisionError])
def test_a_check_across_files_that_fails_costs_itself_only(
    both: Both, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, failure: type[Exception]
) -> None:
    whole, *_ = both
    monkeypatch.setitem(register._REGISTER, "XP05", broken(failure))
    report = run(whole.parent / "in", tmp_path / "out")
    outcome = next(one for one in report.batch.checks if one.code == "XP05")
    assert outcome.state == "errored" and failure.__name__ in outcome.reason
    assert report.exit_code == 3
    found, expected = (
        [json.loads(line) for line in (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
        for folder in (tmp_path / "out", whole)
    )
    assert found == [finding for finding in expected if finding["code"] != "XP05"]
    assert len(found) < len(expected)
