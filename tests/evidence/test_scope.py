"""Whose documents are read: of the projects drawn, or of all; and what a run keeps of them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from support.forms import write_forms

from perfbatch import config
from perfbatch.cli import main
from perfbatch.decimals import plain
from perfbatch.outputs import console

Capture = pytest.CaptureFixture[str]
SAMPLE = Path(__file__).parents[2] / "input_templates" / "安肃镇2023年度绩效自评表（示例）.xlsx"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two projects with a document each, of which 甲 is picked for the spot check."""
    monkeypatch.chdir(tmp_path)
    write_forms(tmp_path / "input", "甲", "乙")
    for name in ("甲", "乙"):
        paper(tmp_path / "input" / "佐证资料", name)
    (tmp_path / "perfbatch.toml").write_text('selected = ["甲养护（虚构）"]\n', encoding="utf-8")
    return tmp_path


def paper(home: Path, name: str) -> Path:
    path = home / f"{name}养护（虚构）" / "验收单.txt"
    path.parent.mkdir(parents=True)
    path.write_text(f"{name}路验收单\n共养护里程30.5公里，验收合格率100%。", encoding="utf-8")
    return path


def record(folder: Path, *words: str) -> dict[str, Any]:
    assert main(["run", "--workers", "1", *words]) in (0, 1)
    found: dict[str, Any] = json.loads((folder / "output" / "run.json").read_text(encoding="utf-8"))
    return found


def statuses(found: dict[str, Any]) -> dict[str, str]:
    return {Path(one["path"]).parent.name[0]: one["status"] for one in found["evidence"]["documents"]}


def test_of_the_projects_drawn_unless_all_are_asked_for(folder: Path, capsys: Capture) -> None:
    assert statuses(record(folder)) == {"甲": "read", "乙": "left"}
    told = capsys.readouterr().out
    assert "佐证资料2份，2份对应到2个项目" in told
    assert "其中1份属于没有抽中的1个项目，没有读取；要核对全部项目，请加 --evidence-of all" in told
    sheet = openpyxl.load_workbook(folder / "output" / "绩效自评汇总表.xlsx")["佐证材料清单"]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[1] == "乙养护（虚构）"]
    assert [row[5] for row in rows] == ["未读取：所属项目没有抽中，没有读取"]
    assert statuses(record(folder, "--evidence-of", "all")) == {"甲": "read", "乙": "read"}
    assert "没有抽中" not in capsys.readouterr().out
    (folder / "perfbatch.toml").write_text('evidence_of = "all"\nselected = ["甲养护（虚构）"]\n', encoding="utf-8")
    assert statuses(record(folder)) == {"甲": "read", "乙": "read"}
    places = pd.read_parquet(folder / "output" / "data" / "evidence.parquet")
    assert places["project_id"].nunique() == 2


def test_another_word_than_sample_or_all(folder: Path, capsys: Capture) -> None:
    (folder / "perfbatch.toml").write_text('evidence_of = "一半"\n', encoding="utf-8")
    assert main(["run"]) == 2
    assert "“一半”无效，只能是 sample、all" in capsys.readouterr().err


def test_documents_never_change_who_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents that contradict a project nobody has drawn: it has the most findings then, and is not drawn for it."""
    monkeypatch.chdir(tmp_path)
    run = functools.partial(record, tmp_path, str(SAMPLE), "--seed", "3")
    before = run()["totals"]["sample"]
    data = tmp_path / "output" / "data"
    rows, projects = pd.read_parquet(data / "indicators.parquet"), pd.read_parquet(data / "projects.parquet")
    names = dict(zip(projects["project_id"], projects["project_name"], strict=True))
    counted = rows[(rows["kind"] == "quantitative") & (rows["actual_value"] > 1) & ~rows["project_id"].isin(before)]
    for project, some in counted.groupby("project_id"):
        lines = [
            f"{row.level3}为{plain(row.actual_value + 7)}{row.actual_unit or row.unit}。" for row in some.itertuples()
        ]
        path = tmp_path / "佐证资料" / names[project] / "验收单.txt"
        path.parent.mkdir(parents=True)
        path.write_text("\n".join(["验收单", *lines]), encoding="utf-8")
    found = run("--evidence", "佐证资料", "--evidence-of", "all")
    assert found["checks"]["EV01"]["findings"] > 20
    assert found["totals"]["sample"] == before


def test_paths_in_the_settings_are_beside_them(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper(folder / "底稿附件", "甲")
    (folder / "perfbatch.toml").write_text('evidence = "底稿附件"\nselected = ["甲养护（虚构）"]\n', encoding="utf-8")
    assert len(record(folder)["evidence"]["documents"]) == 3
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    settings = config.load(folder / "perfbatch.toml")
    assert settings.evidence == str(folder / "底稿附件")
    given = config.load(folder / "perfbatch.toml", evidence="别处")
    assert given.evidence == "别处", "what is given on the command line is sought where the command is given"


def test_what_is_kept_goes_with_the_document(folder: Path) -> None:
    def kept() -> int:
        return len(list((folder / "output" / ".perfbatch" / "papers").glob("*.json")))

    record(folder, "--evidence-of", "all")
    assert kept() == 2
    (folder / "input" / "佐证资料" / "乙养护（虚构）" / "验收单.txt").unlink()
    record(folder, "--evidence-of", "all")
    assert kept() == 1
    (folder / "input" / "佐证资料" / "甲养护（虚构）" / "验收单.txt").unlink()
    record(folder)
    assert kept() == 0


def test_a_line_tells_how_far_the_reading_is(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(console, "_PLAIN_EVERY", 0.0)
    monkeypatch.setattr(console, "_PLAIN_AFTER", 0.0)
    record(folder, "--evidence-of", "all")
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("正在读取佐证资料")]
    assert told == ["正在读取佐证资料 1/2", "正在读取佐证资料 2/2"]
    record(folder, "--evidence-of", "all", "--seed", "5")
    assert "佐证资料" not in capsys.readouterr().err, "nothing is read again"
