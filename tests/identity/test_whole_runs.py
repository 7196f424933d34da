"""One truth a batch: however the forms and the list of one township are handed in, every figure counts a project once.

Read back from the files that a run wrote and from what it printed. 83 projects, 4660.46 万元 and 81 / 0 / 2 are copied
by hand from the township's report for 2023.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import docx
import openpyxl
import pandas as pd
import pytest
from support import drawing

from perfbatch.cli import main

TEMPLATES = Path(__file__).parents[2] / "input_templates"
FORMS = TEMPLATES / "安肃镇2023年度绩效自评表（示例）.xlsx"
HEBEI = TEMPLATES / "安肃镇2023年度河北预算项目绩效自评表（示例）.xlsx"
LISTS = TEMPLATES / "安肃镇2023年度一体化导出列表（示例）.xlsx"


def again(target: Path, sheets: slice) -> None:
    """Some of the forms handed in again, with a reason made longer."""
    book = openpyxl.load_workbook(FORMS)
    kept = book.sheetnames[sheets]
    for name in set(book.sheetnames) - set(kept):
        del book[name]
    for name in kept:
        cell = next(c for row in book[name].iter_rows() for c in row if c.value == "绩效指标")
        book[name].cell(cell.row, 20, "").value = None
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


def beside(folder: Path) -> None:
    """Forms, list and the forms of another family in one folder."""
    for path in (FORMS, LISTS, HEBEI):
        shutil.copy2(path, folder)


def zipped(folder: Path) -> None:
    """All in a zip, some forms in two further submissions, the zip copied."""
    again(folder / "补报" / "安肃镇（二次报送）.xlsx", slice(3, 9))
    again(folder / "安肃镇自评表20240315.xlsx", slice(6, 11))
    with zipfile.ZipFile(folder / "报送.zip", "w") as archive:
        for path in (FORMS, LISTS):
            archive.write(path, f"安肃镇/{path.name}")
    shutil.copy2(folder / "报送.zip", folder / "报送（副本）.zip")


def scattered(folder: Path) -> None:
    """List and forms in folders of their own, some forms handed in again."""
    for path, name in ((FORMS, "自评表"), (LISTS, "清单"), (FORMS, "备份")):
        (folder / name).mkdir()
        shutil.copy2(path, folder / name)
    again(folder / "退回后重报" / "安肃镇自评表（第2次）.xlsx", slice(0, 4))


class Output(NamedTuple):
    """What a run wrote and said."""

    folder: Path
    console: str
    run: dict[str, object]


def run(source: Path, target: Path) -> Output:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(["run", str(source), "--output", str(target), "--workers", "1"])
    assert code in (0, 1), said.getvalue()
    return Output(target, said.getvalue(), json.loads((target / "run.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module", params=[beside, zipped, scattered])
def output(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Output]:
    draw: Callable[[Path], None] = request.param
    folder = tmp_path_factory.mktemp(draw.__name__)
    (folder / "input").mkdir()
    draw(folder / "input")
    yield run(folder / "input", folder / "output")


def cells(output: Output, sheet: str) -> list[list[object]]:
    book = openpyxl.load_workbook(output.folder / "绩效自评汇总表.xlsx", data_only=True, read_only=True)
    return [list(row) for row in book[sheet].iter_rows(values_only=True)]


def test_run_json_and_console(output: Output) -> None:
    totals = output.run["totals"]
    assert isinstance(totals, dict)
    assert (totals["projects"], totals["funds_executed"]) == (83, "4660.46")
    assert list(totals["bands"].values())[:3] == [81, 0, 2]
    for said in ("83个项目", "4,660.46万元", "90分以上（含90分）81个", "60分以下2个", "[同一项目]"):
        assert said in output.console


def test_frames(output: Output) -> None:
    """Anybody's sum over data/ is right with `counted`; what does not count names what does."""
    projects = pd.read_parquet(output.folder / "data" / "projects.parquet")
    counted = projects[projects["counted"]]
    assert len(projects) > 2 * len(counted) - 40 and len(counted) == 83
    assert sum(map(Decimal, counted["executed"].map(str)), Decimal(0)) == Decimal("4660.46")
    named = projects.loc[~projects["counted"] & (projects["project_name"] != ""), "same_as"]
    assert set(named) <= set(counted["project_id"]) and len(named)
    assert set(counted["unit_id"]) == {"徐水区安肃镇人民政府"} or len(set(counted["unit_id"])) == 1


def test_cover_units_and_projects(output: Output) -> None:
    cover = "\n".join(str(value) for row in cells(output, "汇总") for value in row if value is not None)
    assert "4660.46" in cover and "各计一次" in cover
    rows = cells(output, "项目得分")
    head = next(row for row in rows if "项目名称" in row)
    names = [row[head.index("项目名称")] for row in rows[rows.index(head) + 1 :]]
    assert len([name for name in names if name and name != "合计"]) == 83
    if any("单位" in sheet for sheet in openpyxl.load_workbook(output.folder / "绩效自评汇总表.xlsx").sheetnames):
        units = cells(output, "单位汇总")
        assert sum("安肃镇" in str(row) for row in units[1:]) <= 2


def test_report_and_annexes(output: Output) -> None:
    document = docx.Document(str(output.folder / "绩效自评报告.docx"))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    tables = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert "83份" in text and "4660.46万元" in text and "90分以上的81个" in text and "60分以下2个" in text
    assert "4660.46" in tables.replace(",", "")
    assert "166" not in text and "9320.92" not in text.replace(",", "")


def test_findings_are_said_once(output: Output) -> None:
    """The rows of the list beside the forms repeat nothing, and nothing is called a duplicate that is none."""
    lines = (output.folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    assert not [finding for finding in found if finding["code"] in ("XP02", "XP04", "XP17")]
    assert not [finding for finding in found if finding["code"] == "XP01" and finding["severity"] == "error"]
    said = [(finding["code"], finding["project"], finding["seen"], finding["cell"]) for finding in found]
    assert len(said) == len(set(said))


# --- units, years, money ---


def form(folder: Path, name: str, unit: str, **edits: str) -> None:
    """One national form of a project of its own."""
    grid = drawing.load("F1")["grid"].replace("柳溪镇人民政府", unit).replace("村道养护（虚构）", f"{name}养护")
    for old, new in edits.items():
        grid = grid.replace(*new.split("→")) if old.startswith("e") else grid
    drawing.write(folder / f"{name}.xlsx", {"自评表": drawing.parse(grid)})


SPELLINGS = (
    "柳溪镇人民政府", "601001-柳溪镇人民政府", "[601001]柳溪镇人民政府", "柳溪镇 人民政府", "柳溪镇人民政府（本级）",
    "柳溪镇政府", "河滨县水利局", "河滨县水利局 ", "602-河滨县水利局", "河滨县教育局", "河滨县教育局(本级)",
    "河滨县教育局（本级）",
)  # fmt: skip


def test_three_units_in_twelve_spellings(tmp_path: Path) -> None:
    source = tmp_path / "input"
    source.mkdir()
    for number, unit in enumerate(SPELLINGS):
        form(source, "甲乙丙丁戊己庚辛壬癸子丑"[number], unit)
    made = run(source, tmp_path / "output")
    projects = pd.read_parquet(made.folder / "data" / "projects.parquet")
    assert projects["unit_id"].value_counts().to_dict() == {
        "柳溪镇人民政府": 6, "河滨县水利局": 3, "河滨县教育局": 3,
    }  # fmt: skip
    rows = [row for row in cells(made, "单位汇总") if row and str(row[1]).endswith(("政府", "局"))]
    assert sorted((row[1], row[2]) for row in rows) == [
        ("柳溪镇人民政府", 6), ("河滨县教育局", 3), ("河滨县水利局", 3),
    ]  # fmt: skip


def test_the_odd_year_is_marked_and_the_batch_keeps_its_own(tmp_path: Path) -> None:
    source = tmp_path / "input"
    source.mkdir()
    for name in "甲乙丙丁":
        form(source, name, "柳溪镇人民政府")
    form(source, "戊", "柳溪镇人民政府", e1="（2023年度）→（2022年度）")
    made = run(source, tmp_path / "output")
    assert made.run["year"] == 2023
    found = [json.loads(line) for line in (made.folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    odd = [finding for finding in found if finding["code"] == "ST04"]
    assert [(f["file"], f["cell"], f["seen"], f["expected"]) for f in odd] == [
        ("戊.xlsx", "A2", "2022年度", "2023年度")
    ]


def test_money_in_another_unit_is_no_fact(tmp_path: Path) -> None:
    """元 in a form in 万元: named on console and cover, marked at its own cell, to be verified in the report."""
    source = tmp_path / "input"
    source.mkdir()
    for name in "甲乙丙丁戊":
        form(source, name, "柳溪镇人民政府")
    form(source, "己", "柳溪镇人民政府", e1="│ 40 │ 40 │ 36 │ 10 │→│ 400000 │ 400000 │ 360000 │ 10 │")
    made = run(source, tmp_path / "output")
    assert "[请核实] 项目“己养护”可能填错了金额单位" in made.console
    cover = "\n".join(str(value) for row in cells(made, "汇总") for value in row if value is not None)
    assert "项目“己养护”可能填错了金额单位" in cover
    found = [json.loads(line) for line in (made.folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(f["file"], f["cell"]) for f in found if f["code"] == "XP17"} == {
        ("己.xlsx", "D6"), ("己.xlsx", "E6"), ("己.xlsx", "F6"),
    }  # fmt: skip
    report = docx.Document(str(made.folder / "绩效自评报告.docx"))
    text = "\n".join(paragraph.text for paragraph in report.paragraphs)
    assert "【待核实：400200万元，其中己养护可能填错了金额单位】" in text


def test_what_is_said_of_the_batch_stands_on_the_batch(tmp_path: Path) -> None:
    """Crowded scores are nobody's cell: a row of their own on 问题清单, a margin note in the report, no file."""
    source = tmp_path / "input"
    source.mkdir()
    for number in range(21):
        form(source, "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌"[number], "柳溪镇人民政府")
    made = run(source, tmp_path / "output")
    found = [json.loads(line) for line in (made.folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    crowded = [finding for finding in found if finding["code"] == "XP10"]
    assert [(f["file"], f["cell"], f["project"], f["seen"]) for f in crowded] == [("", "", "", "21/21")]
    row = next(row for row in cells(made, "问题清单") if "XP10" in row)
    assert "（本批次）" in row
    with zipfile.ZipFile(made.folder / "绩效自评报告.docx") as package:
        assert "关于整批：柳溪镇人民政府21个项目中21个得分在最高分数段" in package.read("word/comments.xml").decode()


def test_a_list_that_disagrees_with_its_forms(tmp_path: Path) -> None:
    """The list row is evidence against the form: XP04 names both places."""
    source = tmp_path / "input"
    source.mkdir()
    form(source, "甲", "柳溪镇人民政府")
    listed = (
        "项目名称 │ 预算单位 │ 年度 │ 调整后预算数（万元） │ 全年执行数（万元） │ 自评得分\n"
        "甲养护 │ 柳溪镇人民政府 │ 2023 │ 40 │ 35 │ 95.67\n乙养护 │ 柳溪镇人民政府 │ 2023 │ 10 │ 9 │ 90\n"
    )
    drawing.write(source / "清单.xlsx", {"清单": drawing.parse(listed)})
    made = run(source, tmp_path / "output")
    found = [json.loads(line) for line in (made.folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    across = [(f["code"], f["file"], f["cell"], f["seen"]) for f in found if f["code"] in ("XP02", "XP04")]
    assert across == [("XP04", "清单.xlsx", "E2", "35"), ("XP02", "清单.xlsx", "A3", "乙养护")]
    totals = made.run["totals"]
    assert isinstance(totals, dict) and (totals["projects"], totals["funds_executed"]) == (2, "45")


# --- nothing true of nothing ---


def test_a_survey_that_was_not_made_is_no_satisfaction(tmp_path: Path) -> None:
    """0%（未开展调查）, with its points or without: unknown in every figure, verbatim where it is quoted."""
    source = tmp_path / "input"
    source.mkdir()
    book = openpyxl.load_workbook(FORMS)
    for name in book.sheetnames[3:]:
        del book[name]
    for name, (actual, score, reason) in zip(
        book.sheetnames,
        [("0%（未开展调查）", 10, ""), ("0%", 0, "年内未开展满意度调查，下年补做"), ("95%", 10, "发放问卷60份")],
        strict=True,
    ):
        at = next(c for row in book[name].iter_rows() for c in row if c.value == "服务对象满意度指标").row
        for column, value in (("F", actual), ("H", score), ("I", reason)):
            book[name][f"{column}{at}"].value = value
    book.save(source / "自评表.xlsx")
    made = run(source, tmp_path / "output")
    frame = pd.read_parquet(made.folder / "data" / "indicators.parquet")
    rows = frame[frame["level2"] == "服务对象满意度指标"]
    assert rows["actual_value"].isna().tolist() == [True, True, False]
    assert rows["completion_rate"].isna().tolist() == [True, True, False]
    assert rows["actual_text"].tolist() == ["0%（未开展调查）", "0%", "95%"]
    document = docx.Document(str(made.folder / "绩效自评报告.docx"))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "满意度0%" not in text and "满意度为0%" not in text
    # the second project lost points, of the first nothing tells whether it met its goals
    assert (
        "1个项目完成全部绩效目标，1个项目有指标未达到指标值或未得满分" in text
        and "1个项目没有绩效指标或有指标没有完成值" in text
    )
    groups = {str(row[0]): [value for value in row if value is not None] for row in cells(made, "汇总")}
    # of three rows one is reached, one short of points, one unknown
    assert groups["满意度指标"][1:5] == [3, 1, 1, 1]
    assert groups["产出指标"][1] == groups["产出指标"][2] and groups["产出指标"][4] == 0
    found = [json.loads(line) for line in (made.folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    said = [(one["code"], one["severity"]) for one in found if one["seen"] in ("0%（未开展调查）", "0%")]
    assert ("IN20", "warning") in said and ("IN20", "info") in said and "error" not in {level for _, level in said}


@pytest.mark.parametrize("sheets", [("科普", "科普 (2)"), ("科普 (2)", "科普")])
def test_a_hidden_copy_does_not_count_beside_the_form(
    sheets: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The draft that a clerk has hidden was the last sheet, and its figures were the project's."""
    monkeypatch.chdir(tmp_path)
    drawn = {
        name: drawing.parse(drawing.load("F1")["grid"].replace("│ 36 │", f"│ {'30' if '2' in name else '36'} │"))
        for name in sheets
    }
    (tmp_path / "input").mkdir()
    path = drawing.write(tmp_path / "input" / "表.xlsx", drawn)
    book = openpyxl.load_workbook(path)
    book["科普 (2)"].sheet_state = "hidden"
    book.save(path)
    with contextlib.redirect_stdout(io.StringIO()):
        main(["run", "input", "--output", "output"])
    found = pd.read_parquet(tmp_path / "output" / "data" / "projects.parquet").set_index("sheet")
    assert found["counted"].to_dict() == {"科普": True, "科普 (2)": False}
    assert found["executed"].map(str).str.startswith("36")["科普"]
