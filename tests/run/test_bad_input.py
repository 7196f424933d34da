"""Files that cannot be processed: one clear Chinese sentence each, the good file is processed, exit code 3."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from strangers import worddoc
from support import drawing

from perfbatch.cli import main

GOOD = "好表.xlsx"


def good_bytes(folder: Path) -> bytes:
    path = drawing.write(folder / "g.xlsx", {"自评表": drawing.parse(drawing.load("F1")["grid"])})
    data = path.read_bytes()
    path.unlink()
    return data


def encrypted() -> bytes:
    """The first sectors of an OLE file with an EncryptedPackage stream name, as Office writes them."""
    name = "EncryptedPackage".encode("utf-16-le")
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + bytes.fromhex("3E000300FEFF0900") + bytes(480)
    return header + name + bytes(2048)


def without_forms(folder: Path) -> bytes:
    path = drawing.write(folder / "n.xlsx", {"工作日志": drawing.parse("序号 │ 内容 │ 备注\n1 │ 开会 │ 无")})
    return path.read_bytes()


def two_rows_a_project(folder: Path) -> bytes:
    drawn = """
序号 │ 项目名称 │ 年初预算数 │ 全年预算数 │ 执行率 │ 自评总分
 │ 实施单位 │ 上年结转 │ 全年执行数 │ 执行率得分 │ 自评等级
1 │ 村道养护（虚构） │ 40 │ 40 │ 90% │ 95
 │ 柳溪镇 │ 0 │ 36 │ 9 │ 优
"""
    return drawing.write(folder / "z.xlsx", {"一览": drawing.parse(drawn)}).read_bytes()


def without_indicators(folder: Path) -> bytes:
    grid = "\n".join(drawing.load("F1")["grid"].strip().splitlines()[:12])
    return drawing.write(folder / "h.xlsx", {"自评表": drawing.parse(grid)}).read_bytes()


CASES = {
    "空文件.xlsx": (lambda folder: b"", "空"),
    "截断.xlsx": (lambda folder: good_bytes(folder)[:3000], "截断|损坏|不完整"),
    "文本改名.xlsx": (lambda folder: "这不是表格".encode(), "不是"),
    "加密.xlsx": (lambda folder: encrypted(), "密码"),
    "没有表.xlsx": (without_forms, "没有识别到"),
    "两行一个.xlsx": (two_rows_a_project, "“一览”表头两行各是一项，每个项目占两行，没有读取"),
    "没有指标.xlsx": (without_indicators, "没有任何指标行"),
}


@pytest.mark.parametrize("name", CASES)
def test_refused_with_reason_while_others_go_on(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make, words = CASES[name]
    inputs, output = tmp_path / "in", tmp_path / "out"
    inputs.mkdir()
    (inputs / GOOD).write_bytes(good_bytes(tmp_path))
    (inputs / name).write_bytes(make(tmp_path))
    before = (inputs / name).read_bytes()

    code = main(["run", str(inputs), "--output", str(output), "--workers", "1"])

    printed = capsys.readouterr()
    assert code == 3
    assert "Traceback" not in printed.out + printed.err
    record = json.loads((output / "run.json").read_text(encoding="utf-8"))
    by_name = {entry["path"]: entry for entry in record["files"]}
    assert by_name[GOOD]["status"] == "ok"
    assert by_name[name]["status"] == "refused"
    reason = by_name[name]["reason"]
    assert name in reason and reason.endswith("。")
    assert any(word in reason for word in words.split("|")), reason
    assert reason in printed.out
    assert (output / "好表_批注.xlsx").exists()
    assert (inputs / name).read_bytes() == before


def test_owner_files_and_dotfiles_are_mentioned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    (inputs / GOOD).write_bytes(good_bytes(tmp_path))
    (inputs / f"~${GOOD}").write_bytes(bytes(165))
    (inputs / ".隐藏.xlsx").write_bytes(b"x")
    worddoc.package(worddoc.paragraph("关于开展自评的通知"), inputs / "通知.docx")
    code = main(["run", str(inputs), "--output", str(tmp_path / "out"), "--workers", "1"])
    shown = capsys.readouterr().out
    assert code in (0, 1)
    assert f"~${GOOD}" in shown and ".隐藏.xlsx" in shown and "通知.docx" in shown


def test_nothing_to_do_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "in"
    empty.mkdir()
    assert main(["run", str(empty)]) == 2
    assert f"“{empty}”中没有找到要处理的表格" in capsys.readouterr().err
    assert main(["run", str(tmp_path / "缺失.xlsx")]) == 2
    assert "缺失.xlsx" in capsys.readouterr().err
    assert main(["run", "--nonsense"]) == 2


def test_input_is_never_changed_and_runs_repeat_exactly(tmp_path: Path) -> None:
    """Same input, same settings: the same findings byte for byte, and the source untouched."""
    source = tmp_path / GOOD
    source.write_bytes(good_bytes(tmp_path))
    before = source.read_bytes()
    for name in ("a", "b"):
        main(["run", str(source), "--output", str(tmp_path / name), "--workers", "1"])
    assert source.read_bytes() == before
    for name in ("findings.jsonl", "data/indicators.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    with zipfile.ZipFile(io.BytesIO((tmp_path / "a" / "好表_批注.xlsx").read_bytes())) as one:
        assert one.testzip() is None
