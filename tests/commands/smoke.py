"""Every command of an installed perfbatch, the outputs read back: ``VENV/bin/python -I tests/commands/smoke.py``.

For an interpreter with the wheel and its dependencies only: no pytest, no support modules, nothing of the source tree.
With the path of a program (the folder that needs no Python) it is that which is run, with no Python on its PATH.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq

import perfbatch
from perfbatch.cli import parser

BLANK = Path("空白模板", "空白模板_项目支出绩效自评表.xlsx")
ENTRIES = {  # label → value of the cell to its right
    "项目名称": "村道养护", "主管部门": "河滨县交通运输局", "实施单位": "柳溪镇人民政府",
}  # fmt: skip
INDICATOR = {"三级指标": "养护里程", "年度指标值": "≥30公里", "实际完成值": "15公里", "分值": 90, "得分": 90}
FUNDS = {"年初预算数": 40, "全年预算数": 40, "全年执行数": 36, "分值": 10, "得分": 9}


PROGRAM = [str(Path(sys.argv[1]).absolute())] if len(sys.argv) > 1 else [sys.executable, "-I", "-m", "perfbatch"]


def environment() -> dict[str, str]:
    """Of the programs that are run: nothing that leads to another Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | ({"PATH": os.devnull} if len(sys.argv) > 1 else {"PYTHONUTF8": "1"})


def call(*words: str, code: int = 0) -> str:
    """Run one command in the current folder; its standard output. Fails on another exit code or a traceback."""
    command = [*PROGRAM, *words]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment())
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done.stdout + done.stderr


def fill_in(source: Path, target: Path) -> None:
    """The blank national form with one project whose indicator claims full points for half the target."""
    book = openpyxl.load_workbook(source)
    sheet = book.active
    cells = {str(cell.value).replace("\n", ""): cell for row in sheet.iter_rows() for cell in row if cell.value}
    for label, value in ENTRIES.items():
        sheet.cell(cells[label].row, right_of(sheet, cells[label])).value = value
    for head, row in ((INDICATOR, cells["三级指标"].row), (FUNDS, cells["年初预算数"].row)):
        columns = {str(cell.value).replace("\n", ""): cell.column for cell in sheet[row] if cell.value}
        for word, value in head.items():
            sheet.cell(row + 1, columns[word]).value = value
    book.save(target)


def right_of(sheet: openpyxl.worksheet.worksheet.Worksheet, cell: openpyxl.cell.Cell) -> int:
    """Column of the cell right of a label that may be merged."""
    own = next((area for area in sheet.merged_cells.ranges if cell.coordinate in area), None)
    return (own.max_col if own else cell.column) + 1


def enter_a_review(paper: Path, target: Path) -> None:
    """The workpaper with one reviewed score."""
    book = openpyxl.load_workbook(paper)
    sheet = book.worksheets[1]
    head = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "核查分数")
    sheet.cell(head.row + 2, head.column).value = 1
    book.save(target)


def _init() -> None:
    assert "下一步" in call("init", ".")
    fill_in(BLANK, Path("input", "自评表.xlsx"))


def _run() -> None:
    assert "错误" in call("run", code=1)
    findings = [json.loads(line) for line in Path("output/findings.jsonl").read_text("utf-8").splitlines()]
    assert "SC05" in [finding["code"] for finding in findings]
    assert json.loads(call("run", "--json", code=1))["totals"]["projects"] == 1
    (copy,) = Path("output").glob("*_批注.xlsx")
    marked = openpyxl.load_workbook(copy).active
    assert any(cell.comment for row in marked.iter_rows() for cell in row)
    assert openpyxl.load_workbook("output/绩效自评汇总表.xlsx").sheetnames[0] == "汇总"
    assert pq.read_table("output/data/indicators.parquet").num_rows >= 1
    with zipfile.ZipFile("output/绩效自评报告.docx") as report:
        assert "村道养护" in report.read("word/document.xml").decode("utf-8")


def _review() -> None:
    enter_a_review(Path("output/抽查工作底稿.xlsx"), Path("底稿.xlsx"))
    assert "村道养护" in call("review", "底稿.xlsx")
    assert "复核结果" in openpyxl.load_workbook("output/绩效自评汇总表.xlsx").sheetnames


def _inspect() -> None:
    assert "养护里程" in call("inspect", "input/自评表.xlsx")


def _explain() -> None:
    assert "÷ 目标 30" in call("explain", "input/自评表.xlsx", "--indicator", "养护里程")


def _rules() -> None:
    assert "SC05" in call("rules") and "为什么：" in call("rules", "SC05")


def _rulesets() -> None:
    assert "national-2020" in call("rulesets") and "含义：" in call("rulesets", "national-2020")


def _watch() -> None:
    """What is in the folder is processed, into an output folder of its own."""
    command = [*PROGRAM, "watch", "--output", "监视"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as watching:
        end = time.monotonic() + 60
        while not Path("监视", "run.json").exists() and time.monotonic() < end:
            time.sleep(0.1)
        watching.kill()
    assert json.loads(Path("监视", "run.json").read_text("utf-8"))["totals"]["projects"] == 1


# in an order that tells a story; the dictionary must name every command
STEPS = {
    "init": _init, "run": _run, "inspect": _inspect, "explain": _explain, "review": _review,
    "rules": _rules, "rulesets": _rulesets, "watch": _watch,
}  # fmt: skip


def main() -> None:
    """Run all steps in a new folder; an AssertionError names what failed."""
    commands = next(a.choices for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    assert set(STEPS) == set(commands), set(STEPS) ^ set(commands)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, step in STEPS.items():
            step()
            print(f"perfbatch {name}: ok")
    print(f"perfbatch {perfbatch.__version__} from {PROGRAM[0] if len(sys.argv) > 1 else perfbatch.__path__[0]}")


if __name__ == "__main__":
    main()
