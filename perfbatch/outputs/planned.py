"""绩效目标审核问题清单.xlsx: what was found on target sheets that were handed in alone, and the targets themselves."""

from collections import Counter
from pathlib import Path

from perfbatch.cycle.compare import Compared
from perfbatch.followup.batch import Batch
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary.listing import Rest, field_of, place_field, write_list
from perfbatch.outputs.wording import SEVERITY, rank
from perfbatch.totals.lines import LISTED

NAME = "绩效目标审核问题清单.xlsx"


def write(target: Path, batch: Batch, found: Compared) -> None:
    """One sheet of problems, one of all targets."""
    problems = [
        field_of("级别", lambda r: SEVERITY.get(r.item.severity, r.item.severity), "code", 6),
        field_of("编号", lambda r: r.item.code, "code", 6),
        field_of("文件", lambda r: r.item.file, "text", 12, 24),
        field_of("工作表", lambda r: r.item.sheet, "text", 8, 16),
        place_field(batch, 7),
        field_of("项目名称", lambda r: r.item.project, "text", 14, 24),
        field_of("三级指标", lambda r: r.item.name, "text", 10, 18),
        field_of("指标值", lambda r: r.item.approved, "text", 8, 16),
        field_of("应为", lambda r: r.item.expected, "text", 10, 20),
        field_of("问题说明", lambda r: r.item.message, "text", 24, 50),
    ]
    counts = Counter(change.severity for change in found.of_planned)
    told = "，".join(f"{word}{counts.get(name, 0)}条" for name, word in SEVERITY.items())
    notes = [
        f"审核了{len(found.planned)}个项目的绩效目标（年初目标表，没有完成情况和得分）：{told}。",
        "检查的含义和依据见 perfbatch rules；点击“单元格”可打开批注文件中的对应位置。",
    ]
    rest = Rest("条问题", "findings.jsonl", rank=lambda change: rank(change.severity), order="先错误、后疑问、再提示的")
    targets = [
        field_of("项目名称", lambda r: r.item[0].project_name, "text", 14, 24),
        field_of("单位", lambda r: r.item[0].unit_name, "text", 10, 18),
        field_of("预算（万元）", lambda r: r.item[0].budget, "money", 9),
        field_of("二级指标", lambda r: r.item[1].level2, "text", 8, 16),
        field_of("三级指标", lambda r: r.item[1].name, "text", 12, 24),
        field_of("指标值", lambda r: r.item[1].target.shown, "text", 8, 18),
        field_of("分值", lambda r: r.item[1].points, "score", 6),
    ]
    rows = [(project, row) for project in found.planned for row in project.rows]
    title = "绩效目标审核问题清单"
    with Paper(target, title=title, run_date=batch.run_date) as paper:
        write_list(paper, "目标审核问题", title, problems, found.of_planned, notes=notes, frozen=3, rest=rest)
        write_list(paper, "绩效目标一览", "绩效目标一览表", targets, rows[:LISTED], frozen=2)
