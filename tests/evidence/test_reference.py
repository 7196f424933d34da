"""The five spot-checked projects of the reference case with their documents: all that was planted, nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import pytest
from support import papers

from perfbatch.cli import main

ROOT = Path(__file__).parents[2]
FORMS = ROOT / "input_templates" / "安肃镇2023年度绩效自评表（示例）.xlsx"
TABLE = papers.load()
PROJECTS = list(dict.fromkeys(paper["project"] for paper in TABLE["paper"]))


class Run(NamedTuple):
    """A run over the forms and a folder of documents."""

    output: Path
    record: dict[str, Any]
    findings: list[dict[str, str]]


def run(folder: Path, drawn: list[papers.Paper]) -> Run:
    papers.write(folder / "佐证资料", drawn)
    chosen = "、".join(f'"{name}"' for name in PROJECTS).replace("、", ", ")
    (folder / "perfbatch.toml").write_text(f"selected = [{chosen}]\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["run", str(FORMS), "--evidence", "佐证资料", "--workers", "1"]) in (0, 1)
    output = folder / "output"
    lines = (output / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    found = [finding for finding in map(json.loads, lines) if finding["code"][:2] == "EV" or finding["code"] == "XP09"]
    return Run(output, json.loads((output / "run.json").read_text(encoding="utf-8")), found)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("honest"), TABLE["paper"])


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("planted"), papers.planted(TABLE))


def test_honest_documents_raise_nothing(honest: Run) -> None:
    assert honest.findings == []
    assert honest.record["evidence"]["figures"] == {"agrees": 31, "differs": 0, "missing": 0, "pictures": 0}
    assert {document["status"] for document in honest.record["evidence"]["documents"]} == {"read"}


def test_every_plant_is_found_and_no_other(planted: Run) -> None:
    told = Counter((f["code"], _indicator(f)) for f in planted.findings if f["code"] not in ("EV06", "XP09"))
    assert told == Counter((plant["code"], plant["indicator"]) for plant in TABLE["plant"])


def _indicator(finding: dict[str, str]) -> str:
    """The indicator that a message opens with."""
    if finding["code"] == "EV05":
        return ""
    return "全年执行数" if finding["code"] == "EV02" else finding["message"].split("”")[0].lstrip("“")


def test_every_missing_paper_is_named_and_no_other(planted: Run) -> None:
    told = sorted(f["message"].split("”")[0].split("“")[1] for f in planted.findings if f["code"] == "XP09")
    assert told == sorted(name for drop in TABLE["drop"] for name in drop["lacks"])
    assert all("缺少佐证材料：" in f["message"] for f in planted.findings if f["code"] == "XP09")


def test_what_is_nowhere_is_said_once_for_a_project(planted: Run) -> None:
    """Five of the six papers held figures that stand nowhere else."""
    told = {f["project"]: f["message"] for f in planted.findings if f["code"] == "EV06"}
    assert len(told) == 4
    assert "“服务考核合格率”97%" in told["政府机关维护运行(运转保障)"]


def test_the_places_of_agreement_are_places_of_that_figure(honest: Run, planted: Run) -> None:
    """Precision of 找到一致 by the tags of the lines that the documents were drawn from."""
    judged = [right for done in (honest, planted) for right in judge(done)]
    print(f"找到一致的位置：{len(judged)}处，正确{sum(judged)}处")
    assert len(judged) >= 80
    assert all(judged)


def judge(done: Run) -> Iterator[bool]:
    """For every place of agreement whether it is a line about that indicator."""
    places = pd.read_parquet(done.output / "data" / "evidence.parquet")
    for place in places[places["agrees"]].itertuples():
        named = [one for one in TABLE["paper"] if one["file"] == Path(place.document).name]
        home = Path(place.document).parent.name
        paper = next((one for one in named if one["project"].replace("(", "（").replace(")", "）") == home), named[0])
        yield place.indicator in papers.tags(paper, place)


def index(done: Run) -> list[dict[str, Any]]:
    """Rows of the sheet 佐证索引."""
    rows = list(openpyxl.load_workbook(done.output / "绩效自评汇总表.xlsx")["佐证索引"].iter_rows(values_only=True))
    head = next(at for at, row in enumerate(rows) if row[0] == "序号")
    return [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :] if isinstance(row[0], int | float)]


def test_the_index_shows_them(planted: Run) -> None:
    rows = [row for row in index(planted) if row["指标"] == "整改厕所数量"]
    assert [(row["状态"], row["材料中为"], row["是否一致"], row["佐证材料"], row["位置"]) for row in rows] == [
        ("找到不同", "2个", "不同", "竣工验收单.docx", "第1个表!B4"),
        ("找到不同", "3个", "一致", "施工合同.docx", "第3段"),
    ]
    (row,) = [row for row in index(planted) if row["指标"] == "市场商户及群众满意度"]
    assert (row["状态"], row["佐证材料"], row["缺少的材料"]) == ("未找到", None, "调查问卷")


def test_the_workpaper_says_where_to_look(planted: Run) -> None:
    book = openpyxl.load_workbook(planted.output / "抽查工作底稿.xlsx")
    sheet = next(sheet for sheet in book.worksheets if "铁市场" in sheet.title)
    rows = list(sheet.iter_rows(values_only=True))
    head = next(at for at, row in enumerate(rows) if row[0] == "序号")
    names = list(rows[head])
    told = {row[names.index("三级指标")]: row[names.index("佐证材料")] for row in rows[head + 1 : head + 9]}
    assert told["整改厕所数量"] == "找到不同：竣工验收单.docx第1个表!B4为2个"
    assert told["市场商户及群众满意度"] == "未找到；缺：调查问卷"
    assert "找到一致：" in told["平均每座厕所改造成本"] and "工程结算审定表.xlsx" in told["平均每座厕所改造成本"]
    links = [cell.hyperlink.target for row in sheet.iter_rows() for cell in row if cell.value == "打开"]
    assert any("竣工验收单.docx" in str(link) for link in links)


def test_the_report_counts(planted: Run) -> None:
    import docx

    text = "\n".join(p.text for p in docx.Document(str(planted.output / "绩效自评报告.docx")).paragraphs)
    assert "抽查项目中有5个提供了佐证材料，共27份" in text
    assert (
        "核对执行数、完成值和完成时间31项，找到一致的18项，找到不同的5项，未找到的8项；7条指标缺少应备的佐证材料。"
        in text
    )


def test_the_marks_are_in_the_annotated_copy(planted: Run) -> None:
    copy = next(name for name in planted.record["outputs"] if "_批注" in name)
    book = openpyxl.load_workbook(planted.output / copy)
    finding = next(f for f in planted.findings if f["code"] == "EV02")
    comment = book[finding["sheet"]][finding["cell"]].comment
    assert comment is not None and "EV02" in comment.text
