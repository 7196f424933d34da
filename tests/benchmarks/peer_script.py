"""The script one would write instead: ``python peer_script.py IN.xlsx OUTDIR``.

Reads every sheet with pandas, marks a handful of cells a sheet with openpyxl (fill and comment), and writes a
summary with DataFrame.to_excel. It reads the national form at fixed words and knows no rules; it is the measure
for time and memory only.
"""

from __future__ import annotations

import sys
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

RED = PatternFill("solid", fgColor="FFC7CE")
YELLOW = PatternFill("solid", fgColor="FFEB9C")


def read(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Projects and indicators of all sheets."""
    projects, indicators = [], []
    for sheet, grid in pd.read_excel(path, sheet_name=None, header=None).items():
        first = grid[0].astype(str)
        funds = grid[grid[2] == "年度资金总额"].iloc[0]
        total = grid[first == "总分"].iloc[0]
        name = grid[first == "项目名称"].iloc[0][2]
        projects.append((sheet, name, funds[3], funds[4], funds[5], total[7]))
        start = grid.index[grid[3] == "三级指标"][0] + 1
        block = grid.loc[start : total.name - 1, 1:8]
        block.columns = ["一级", "二级", "三级", "目标", "实际", "分值", "得分", "原因"]
        block[["一级", "二级"]] = block[["一级", "二级"]].ffill()
        indicators.append(block.assign(sheet=sheet, row=block.index + 1))
    columns = ["sheet", "项目", "年初", "全年", "执行", "得分"]
    return pd.DataFrame(projects, columns=columns), pd.concat(indicators, ignore_index=True)


def mark(source: Path, target: Path, indicators: pd.DataFrame, projects: pd.DataFrame) -> None:
    """Fill and comment the score, reason, target and total cells of each sheet."""
    book = openpyxl.load_workbook(source)
    for sheet, rows in indicators.groupby("sheet", sort=False):
        page = book[sheet]
        worst = rows.sort_values("得分").head(4)
        for row in worst.itertuples():
            marks = ((8, RED, f"得分 {row.得分} / 分值 {row.分值}"), (5, YELLOW, f"目标 {row.目标}"))
            for column, fill, text in marks:
                cell = page.cell(row.row, column)
                cell.fill = fill
                cell.comment = Comment(text, "核对", width=240, height=80)
    for row in projects.itertuples():
        page = book[row.sheet]
        page["A1"].comment = Comment(f"总分 {row.得分}", "核对")
    book.save(target)


def main(source: Path, folder: Path) -> None:
    """Annotated copy and summary of one workbook."""
    folder.mkdir(parents=True, exist_ok=True)
    projects, indicators = read(source)
    mark(source, folder / f"{source.stem}_批注.xlsx", indicators, projects)
    projects["执行率"] = projects["执行"] / projects["全年"]
    scores = projects["得分"].astype(float)
    projects["等级"] = pd.cut(scores, [-1, 60, 80, 90, 101], right=False, labels=list("差中良优"))
    with pd.ExcelWriter(folder / "汇总.xlsx") as writer:
        projects.to_excel(writer, sheet_name="汇总", index=False)
        indicators.to_excel(writer, sheet_name="指标", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
