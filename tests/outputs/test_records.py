"""run.json, findings.jsonl and the Parquet files, read back as another program would."""

import json
from dataclasses import replace
from decimal import Decimal as D
from functools import partial

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.batches import batch, finding, indicator, project, township

from perfbatch import __version__, schema
from perfbatch.model import CheckOutcome, Finding, WorkbookResult
from perfbatch.outputs import records
from perfbatch.outputs.summary import write_summary
from perfbatch.store.results import Store
from perfbatch.store.tables import FRAMES, unstorable


def stored(made, folder):
    """Writers of frames and findings as a run has them: from the stored result of the workbook, and from files."""
    store = Store(folder / "store")
    store.put("key", replace(made.results[0], frames=made.frames))
    with records.FindingsFiles(folder / "parts") as files:
        for found in made.findings:  # in pieces, as from several workbooks
            files.add([found])
    bundle = store.bundle("key")
    frames = {
        f"data/{name}.parquet": partial(records.write_frame, name=name, parts=[bundle.table(name)]) for name in FRAMES
    }
    return frames | files.writers()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("records")
    (target / "data").mkdir()
    made = township()
    made.outputs = ["自评表_批注.xlsx", "绩效自评汇总表.xlsx"]
    for name, write in records.writers(made, stored(made, target)).items():
        write(target / name)
    return target


def test_the_files_are_those_of_the_contract_and_run_json_comes_last(tmp_path):
    made = batch([], [])
    names = list(records.writers(made, stored(made, tmp_path)))
    assert sorted(names) == sorted([
        "run.json", "findings.jsonl", "data/projects.parquet", "data/funds.parquet", "data/indicators.parquet",
        "data/findings.parquet",
    ])  # fmt: skip
    assert names[-1] == "run.json"


def test_run_json_has_the_keys_and_figures_of_the_contract(folder):
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert (run["version"], run["ruleset"], run["year"]) == (__version__, "national-2020", 2023)
    total = sum(D(at) * D("3.17") for at in range(1, 84))
    totals = run["totals"]
    assert (totals["projects"], totals["indicators"]) == (83, 996)
    assert totals["funds_adjusted"] == str(total)
    assert D(totals["funds_executed"]) == total - 18 * D("3.17")
    assert totals["execution_rate"] == "0.99483649"
    assert totals["bands"] == {"90+": 81, "60-90": 0, "<60": 2}
    assert totals["grades"] == {"优": 81, "良": 0, "中": 0, "差": 2}
    assert [p["project_id"] for p in totals["unexecuted"]] == ["P0007", "P0011"]
    assert totals["unexecuted"][0] == {
        "project_id": "P0007", "project": "人民调解工作经费（示例7）", "budget_adjusted": "22.19",
        "reason": "财力紧张，未安排支付",
    }  # fmt: skip
    assert totals["findings"] == {"error": 9, "warning": 8, "info": 0}


def test_run_json_says_for_every_file_what_became_of_it(folder):
    read, refused = json.loads((folder / "run.json").read_text(encoding="utf-8"))["files"]
    sheets = read.pop("sheets")
    assert len(sheets) == 83 and set(sheets[0]) == {"sheet", "kind", "layout", "projects", "unread"}
    assert read == {
        "path": "自评表.xlsx", "sha256": "0" * 64, "status": "ok", "reason": "", "reason_code": "", "layouts": ["F1"],
        "projects": 83, "indicators": 996, "findings": 17, "outputs": ["自评表_批注.xlsx"],
        "money": None,
    }  # fmt: skip
    assert (refused["status"], refused["outputs"]) == ("refused", [])
    assert refused["reason"] == "“损坏.xlsx”不完整，请重新导出。"


def test_money_keeps_every_digit():
    made = batch([project(1, budget_adjusted=D("49.2125")), project(2, budget_adjusted=D("0.00000000000001"))], [])
    run = json.loads(records.run_json(made))
    assert run["totals"]["funds_adjusted"] == "49.21250000000001"


def test_run_json_is_the_same_before_and_after_it_is_published():
    made = batch([project(1)], [])
    made.outputs = ["绩效自评汇总表.xlsx"]
    before = records.run_json(made)
    made.outputs.append("run.json")
    assert records.run_json(made) == before
    assert json.loads(before)["outputs"] == ["绩效自评汇总表.xlsx", "run.json"]


def test_years_that_differ_give_no_year_and_rulesets_are_joined():
    made = batch([project(1), project(2, year=2022)], [])
    made.rulesets["another"] = made.rulesets["national-2020"]
    run = json.loads(records.run_json(made))
    assert (run["year"], run["ruleset"]) == (None, "another,national-2020")


def test_tracebacks_stand_apart_from_reasons():
    trace = "Traceback:\nKeyError: 'x'\n"
    made = batch([], [])
    made.checks = [CheckOutcome("SC01", "errored", 0, trace)]
    made.results = [WorkbookResult("a.xlsx", "", "failed", "程序内部出错", "internal", traceback=trace)]
    run = json.loads(records.run_json(made))
    assert run["checks"]["SC01"] == {
        "state": "errored", "findings": 0, "reason": "程序内部错误，其他检查不受影响：KeyError: 'x'",
        "traceback": trace, "found": 0, "clear": 0, "unchecked": 0, "not_applicable": 0, "reasons": {},
    }  # fmt: skip
    assert (run["files"][0]["reason"], run["files"][0]["traceback"]) == ("程序内部出错", trace)


def test_findings_are_one_json_object_a_line_in_the_order_of_the_fields(folder):
    lines = (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    assert {tuple(item) for item in found} == {Finding._fields}
    assert [item["sheet"] for item in found][:3] == ["表9", "表10", "表18"]
    assert "自评得分" in lines[0]  # readable, not escaped


def test_findings_agree_with_the_workbook(folder, tmp_path):
    write_summary(tmp_path / "s.xlsx", township())
    sheet = openpyxl.load_workbook(tmp_path / "s.xlsx")["问题清单"]
    cells = [row[4] for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
    found = [json.loads(line) for line in (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert cells == [item["cell"] for item in found]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=20), min_size=1, max_size=5))
def test_any_text_survives_json_lines_as_one_line(tmp_path_factory, texts):
    target = tmp_path_factory.mktemp("jsonl") / "findings.jsonl"
    made = batch([project(1)], [], [finding(1, f"A{at}", seen=text) for at, text in enumerate(texts, 1)])
    stored(made, target.parent)["findings.jsonl"](target)
    lines = target.read_bytes().decode("utf-8").splitlines()
    merged = [text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass") for text in texts]
    assert [json.loads(line)["seen"] for line in lines] == merged


@pytest.mark.parametrize(
    ("name", "columns"),
    [("projects", schema.PROJECTS), ("funds", schema.FUNDS), ("indicators", schema.INDICATORS)],
)
def test_parquet_has_the_columns_and_types_of_the_schema(folder, name, columns):
    types = {"str": pa.string(), "int": pa.int64(), "bool": pa.bool_(), "decimal": pa.decimal128(38, 18)}
    table = pq.read_table(folder / f"data/{name}.parquet")
    assert {field.name: field.type for field in table.schema} == {c: types[kind] for c, kind in columns.items()}
    assert table.column_names == list(columns)


def test_parquet_keeps_values_exactly(folder):
    made = township()
    table = pq.read_table(folder / "data/indicators.parquet").to_pydict()
    frame = made.frames.indicators
    for column in ("target_base", "points", "completion_rate", "score", "actual_text", "row", "applicable"):
        assert table[column] == frame[column].tolist()


def test_pandas_reads_the_frames_as_they_are(folder):
    frame = pd.read_parquet(folder / "data/projects.parquet")
    assert frame["budget_adjusted"].sum() == sum(D(at) * D("3.17") for at in range(1, 84))


def test_findings_parquet_holds_the_lines_of_findings_jsonl(folder):
    table = pq.read_table(folder / "data/findings.parquet")
    lines = (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    assert table.to_pylist() == [json.loads(line) for line in lines]


def test_quotients_are_rounded_half_up_and_monstrous_figures_are_named(tmp_path):
    third, monster = D(1) / D(3), D(10) ** 20
    made = batch([project(1)], [indicator(1, 9)])
    made.frames.indicators["score_unrounded"] = [D("0.0000000000000000005")]
    made.frames.indicators["deduction"] = [third]
    made.frames.projects["arrived"] = pd.Series([monster], dtype=object)
    writers = stored(made, tmp_path)
    writers["data/indicators.parquet"](tmp_path / "i.parquet")
    writers["data/projects.parquet"](tmp_path / "p.parquet")
    row = pq.read_table(tmp_path / "i.parquet").to_pylist()[0]
    assert row["score_unrounded"] == D("0.000000000000000001")
    assert row["deduction"] == D("0.333333333333333333")
    assert pq.read_table(tmp_path / "p.parquet")["arrived"].to_pylist() == [None]
    assert unstorable(made.frames) == [
        "“自评表.xlsx”工作表“表1”的数值 100000000000000000000 超过20位整数，data/projects.parquet 的 arrived 列留空。"
    ]
    made.results[0].beyond = ("一句话。",)  # as work.read_one notes them
    assert json.loads(records.run_json(made))["notes"] == ["一句话。"]


def test_lone_surrogates_do_not_stop_parquet(tmp_path):
    made = batch([project(1, project_name="前\ud800后")], [], [finding(1, seen="\udfff")])
    writers = stored(made, tmp_path)
    writers["data/projects.parquet"](tmp_path / "p.parquet")
    writers["data/findings.parquet"](tmp_path / "f.parquet")
    assert pq.read_table(tmp_path / "p.parquet")["project_name"].to_pylist() == ["前\ufffd后"]
    assert pq.read_table(tmp_path / "f.parquet")["seen"].to_pylist() == ["\ufffd"]


def test_same_batch_same_bytes(folder, tmp_path):
    made = township()
    made.outputs = ["自评表_批注.xlsx", "绩效自评汇总表.xlsx"]
    (tmp_path / "data").mkdir()
    for name, write in records.writers(made, stored(made, tmp_path)).items():
        write(tmp_path / name)
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name
