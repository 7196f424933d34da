"""Supporting documents: how many a minute, how much memory, and how often 找到一致 is right.

    python tests/benchmarks/bench_evidence.py [DOCUMENTS]

For the 83 projects of the reference case documents are drawn from their own indicators, in other words and among other
figures (periods, copies, pages, the same number about something else), as Word, Excel, CSV, PDF and text, until there
are DOCUMENTS (1000). Every line knows which figure it states. Two workers. Nothing is asserted.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "benchmarks"), str(ROOT)]

from measure import run  # noqa: E402
from support import papers  # noqa: E402

FORMS = ROOT / "input_templates" / "安肃镇2023年度绩效自评表（示例）.xlsx"
TAILS = re.compile("(?:数量|总数|人数|户数|次数|金额|标准|成本|时间|率)$")
DECOYS = (
    "本合同一式{n}份，双方各执一份。", "质保期{n}年，期满后无息退还保证金。", "会议第{n}次研究，参会{n}人。",
    "附件共{n}页。",
    "滞纳金按日万分之{n}计算。", "联系人办公室在{n}楼，编号{n}。", "上年同期为{n}。", "自签订之日起{n}个工作日内交付。",
)  # fmt: skip


def drawn(project: Any, rows: pd.DataFrame, lots: random.Random) -> Iterator[papers.Paper]:
    """Documents of one project; a line ends with the indicators that it is about."""
    name, wan = project.project_name, f"{project.executed.normalize():f}"
    yuan = f"{project.executed * 10000:,.2f}"
    said, dated, asked = [], [], []
    for row in rows.itertuples():
        if row.actual_date:
            dated.append(f"{_core(row.level3)}日期：{row.actual_text}｜{row.level3}")
        elif row.actual_value is not None and row.kind == "quantitative":
            line = lots.choice(["{0}{1}。", "全年{0}共{1}。", "经核实，{0}为{1}。", "实际{0}达到{1}。"])
            text = line.format(_core(row.level3), row.actual_text) + f"｜{row.level3}"
            (asked if "满意" in row.level3 else said).append(text)
    noise = [lots.choice(DECOYS).format(n=lots.choice([1, 2, 3, 4, 5, 6, 8, 10, 12, 20, 30])) for _ in range(6)]
    money = f"金额（小写）：￥{yuan}元｜全年执行数"
    plan = [f"{name}合同", "甲方：安肃镇人民政府　　乙方：某某公司", f"合同价款{wan}万元。｜全年执行数", *noise]
    yield {"project": name, "file": "合同.docx", "lines": plan}
    yield {
        "project": name,
        "file": "验收单.docx",
        "lines": ["验收单", *lots.sample(said, len(said)), *noise[:3], *dated],
    }
    yield {"project": name, "file": "工作总结.txt", "lines": ["工作总结", *said, *noise[3:]]}
    yield {
        "project": name,
        "file": "支付凭证.pdf",
        "pages": [["国库集中支付凭证", "凭证号：0031", "支付日期：2023年12月20日", money]],
    }
    yield {
        "project": name,
        "file": "问卷统计.csv",
        "table": ["满意度问卷统计 │ ", "发放问卷 │ 100", *(t.replace("。", "", 1) for t in asked)],
    }
    cells = [
        f"{at} │ {_core(row.level3)} │ {row.actual_text}｜{row.level3}"
        for at, row in enumerate(rows.itertuples(), 1)
        if row.actual_value is not None
    ]
    yield {
        "project": name,
        "file": "完成情况统计表.xlsx",
        "table": ["完成情况统计表", "序号 │ 项目 │ 完成数 │ 备注", *cells],
    }


def _core(name: str) -> str:
    return TAILS.sub("", name) or name


def main() -> None:
    """Draw, run, print."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        command = [
            sys.executable,
            "-m",
            "perfbatch",
            "run",
            str(FORMS),
            "--output",
            str(folder / "out"),
            "--workers",
            "2",
        ]
        run(command)
        alone = run([*command, "--seed", "6"])  # the forms are kept by then, as they are in the runs below
        data = folder / "out" / "data"
        rows, projects = (pd.read_parquet(data / f"{table}.parquet") for table in ("indicators", "projects"))
        tagged, lots = {}, random.Random(0)
        written = 0
        while written < wanted:
            for project in projects.itertuples():
                for paper in drawn(project, rows[rows["project_id"] == project.project_id], lots):
                    number = written // (len(projects) * 6)
                    paper["file"] = f"{number}{paper['file']}" if number else paper["file"]
                    papers.write(folder / "佐证资料", [paper])
                    tagged[paper["project"], paper["file"]] = paper
                    written += 1
        command += ["--evidence", str(folder / "佐证资料"), "--evidence-of", "all"]
        first, again = run(command), run([*command, "--seed", "7"])
        spent = first.seconds - alone.seconds
        rest = max(again.seconds - alone.seconds, 0.1)
        print(f"{written} documents: {spent:.1f} s more than without ({60 * written / spent:.0f} a minute)")
        print(f"a second run, nothing read again: {rest:.1f} s more ({spent / rest:.1f} times faster)")
        print(f"memory of the largest process {first.largest_mb:.0f} MB, of all {first.tree_mb:.0f} MB")
        _judge(
            pd.read_parquet(data / "evidence.parquet"),
            tagged,
            {row.project_id: row.project_name for row in projects.itertuples()},
        )


def _judge(places: pd.DataFrame, tagged: dict[tuple[str, str], papers.Paper], names: dict[str, str]) -> None:
    """Precision and recall of 找到一致, and false contradictions: the documents state what the forms do."""
    right = wrong = 0
    shown = []
    for row in places[places["agrees"]].itertuples():
        paper = tagged[names[row.project_id], Path(row.document).name]
        if row.indicator in papers.tags(paper, row):
            right += 1
        else:
            wrong += 1
            shown.append((row.indicator, row.stated, Path(row.document).name, row.words))
    states = places.drop_duplicates(["project_id", "indicator"])["state"].value_counts().to_dict()
    share = right / (right + wrong)
    print(f"places of agreement: {right + wrong}, right {right} ({share:.2%}); figures by state: {states}")
    for line in shown[:10]:
        print("   wrong:", *line)


if __name__ == "__main__":
    main()
