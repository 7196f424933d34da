"""The report that a unit wrote, and what it published, held against the forms by the command line itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import docx
import pytest
from support import drawing

from perfbatch.cli import main

GRID = drawing.load("F1")["grid"]
NAME = "绩效自评报告.docx"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    drawing.write(tmp_path / "自评.xlsx", {"自评表": drawing.parse(GRID)})


def run(folder: Path, *words: str, family: str = "RP") -> list[dict[str, Any]]:
    assert main(["run", "自评.xlsx", "--workers", "1", *words]) in (0, 1)
    lines = (folder / "output" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return [found for line in lines if (found := json.loads(line))["code"].startswith(family)]


def written(path: Path, *paragraphs: str) -> Path:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(str(path))
    return path


REPORT = (
    "柳溪镇人民政府2023年度预算项目绩效自评报告",
    "2023年度预算项目共1个，全年预算总计40万元，全年执行总计36万元，预算执行率90%。绩效自评情况如下。",
    "自评得分90分以上的项目1个，60分至90分的项目0个，60分以下的项目0个。",
)


def test_a_report_that_agrees(tmp_path: Path) -> None:
    written(tmp_path / "报告.docx", *REPORT)
    assert run(tmp_path, "--report", "报告.docx") == []


def test_a_report_that_does_not(tmp_path: Path) -> None:
    """Each defect is said of the report, with what it states."""
    told = [text.replace("36万元", "46万元").replace("以上的项目1个", "以上的项目2个") for text in REPORT]
    written(tmp_path / "报告.docx", *told)
    found = run(tmp_path, "--report", "报告.docx")
    assert {(one["code"], one["file"]) for one in found} >= {("RP01", "报告.docx"), ("RP02", "报告.docx")}
    assert any("46万元" in one["message"] for one in found)


def test_the_filled_report_of_the_output_folder(tmp_path: Path) -> None:
    """What a person wrote into the draft is checked by the next run, without an option; the draft itself is not."""
    assert run(tmp_path) == []
    path = tmp_path / "output" / NAME
    document = docx.Document(str(path))
    document.paragraphs[3].add_run("全年执行总计46万元。")
    document.save(str(path))
    found = run(tmp_path)
    assert [(one["code"], one["file"]) for one in found if "46万元" in one["message"]] == [("RP01", NAME)]


def test_text_that_was_struck_out_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path / "报告.docx", *REPORT)
    document = docx.Document(str(path))
    body = document.element.body
    paragraph = document.add_paragraph("全年执行总计46万元。")._p
    deleted = body.makeelement("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}del", {})
    for run_ in list(paragraph.r_lst):
        deleted.append(run_)
    paragraph.append(deleted)
    document.save(str(path))
    assert run(tmp_path, "--report", "报告.docx") == []


def test_a_document_that_is_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "会议纪要.docx", "关于召开年度工作会议的通知。" * 10, "全年执行总计46万元。")
    assert run(tmp_path, "--report", "会议纪要.docx") == []
    assert "“会议纪要.docx”不是绩效自评报告" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["没有.docx", "坏.docx"])
def test_a_report_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / "坏.docx").write_bytes("这不是 Word 文档".encode())
    assert main(["run", "自评.xlsx", "--report", name]) == 2
    assert name in capsys.readouterr().err


PUBLISHED = """
2023年度绩效自评结果公开表 │ < │ < │ < │ < │ < │ <
序号 │ 项目名称 │ 实施单位 │ 全年预算数（万元） │ 全年执行数（万元） │ 自评得分 │ 提交时间 │ 截止时间
1 │ 村道养护（虚构） │ 柳溪镇人民政府 │ 40 │ 36 │ 98 │ 2024年4月2日 │ 2024年3月31日
"""


def test_published_results(tmp_path: Path) -> None:
    """Another score than on the form, handed in too late; the list adds no project."""
    drawing.write(tmp_path / "公开.xlsx", {"表": drawing.parse(PUBLISHED)})
    found = run(tmp_path, "--published", "公开.xlsx", family="")
    codes = {one["code"]: one for one in found if one["code"] in ("RP13", "XP12")}
    assert codes["RP13"]["file"] == "自评.xlsx" and "公开的是98分，自评表为95.67分" in codes["RP13"]["message"]
    assert "逾期2天" in codes["XP12"]["message"]
    record = json.loads((tmp_path / "output" / "run.json").read_text(encoding="utf-8"))
    assert record["totals"]["projects"] == 1


def test_what_was_filled_in_is_carried_into_the_next_draft(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A slot in a sentence and a whole paragraph: the next draft has what was written, though the data changed."""
    run(tmp_path)
    path = tmp_path / "output" / NAME
    document = docx.Document(str(path))
    slots = [r for paragraph in document.paragraphs for r in paragraph.runs if r.text.startswith("【待填写")]
    notice, organised, alone = slots[0], slots[1], next(r for r in slots if "重点工作" in r.text)
    alone.text = "全年完成重点工作12项。"
    notice.text, organised.text = "县财政局《关于开展绩效自评的通知》", "成立了由镇长任组长的领导小组"
    document.save(str(path))
    changed = drawing.parse(GRID).edited({"F6": "38", "H6": "95%", "I6": "9.5", "H21": "96.17"})
    drawing.write(tmp_path / "自评.xlsx", {"自评表": changed})
    run(tmp_path)
    told = capsys.readouterr().out
    assert "您填写过的3处已带入" in told
    again = docx.Document(str(tmp_path / "output" / "绩效自评报告(2).docx"))
    text = "\n".join(paragraph.text for paragraph in again.paragraphs)
    assert "县财政局《关于开展绩效自评的通知》" in text and "成立了由镇长任组长的领导小组" in text
    assert "38万元" in text and "全年完成重点工作12项。" in text
    assert text.count("【待填写") == len(slots) - 3
    kept = "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
    assert "36万元" in kept, "the report that somebody wrote into stays as it is"
