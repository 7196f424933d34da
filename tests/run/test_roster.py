"""A roster: who handed in nothing stands on the first sheet and in the console; a wrong list stops a run at once."""

from pathlib import Path

import openpyxl
import pytest

from perfbatch.cli import main

ROOT = Path(__file__).parents[2]
LISTS = ROOT / "input_templates" / "安肃镇2023年度一体化导出列表（示例）.xlsx"


def front(folder: Path) -> list[str]:
    sheet = openpyxl.load_workbook(folder / "绩效自评汇总表.xlsx", data_only=True)["汇总"]
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_units_of_the_list_that_handed_in_nothing_are_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "单位名单.txt").write_text("安肃镇\n东塘镇人民政府\n", encoding="utf-8")
    (tmp_path / "perfbatch.toml").write_text('roster = "单位名单.txt"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(LISTS), "--output", "out", "--workers", "1"]) in (0, 1)
    assert "[单位名单] 应报送2个单位，已报送1个，未报送1个：东塘镇人民政府。" in capsys.readouterr().out
    texts = front(tmp_path / "out")
    assert "一、各单位情况（1个单位，应报送2个，未报送1个；名次按平均自评得分由高到低）" in texts
    assert texts[texts.index("东塘镇人民政府") + 1] == "未报送"


@pytest.mark.parametrize("content", [None, ""])
def test_a_list_that_is_missing_or_empty_is_told_before_anything_is_read(tmp_path, monkeypatch, capsys, content):
    if content is not None:
        (tmp_path / "名单.txt").write_text(content, encoding="utf-8")
    (tmp_path / "perfbatch.toml").write_text('roster = "名单.txt"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(LISTS), "--output", "out"]) == 2
    assert "单位名单“名单.txt”" in capsys.readouterr().err
    assert not (tmp_path / "out" / "run.json").exists()
