"""Sheets about the targets: 目标设定质量 (what the results say of them) and 对照年初目标 (against those approved).

Of target sheets that were handed in alone a workbook of their own, 绩效目标审核问题清单.xlsx.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from perfbatch.cycle.compare import Compared
from perfbatch.followup import quality
from perfbatch.followup.batch import Batch
from perfbatch.messages import shipped
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary.listing import Field, Rest, place_field, write_list
from perfbatch.outputs.wording import SEVERITY, rank
from perfbatch.totals.lines import LISTED
from perfbatch.totals.sums import Totals

_SERIOUS = "先错误、后疑问、再提示的"


def write_quality(paper: Paper, batch: Batch, totals: Totals, found: Sequence[quality.Weakness]) -> None:
    """One row a target that the results call into question, by kind."""
    several = len(totals.units) > 1
    fields = [
        Field("类型", lambda r: r.item.kind.title, "text", 12, 16),
        Field("项目名称", lambda r: r.item.finding.project, "text", 14, 22),
        *([Field("填报单位", lambda r: r.item.unit, "text", 10, 16)] if several else []),
        Field("三级指标", lambda r: r.item.indicator, "text", 10, 16),
        Field("指标值", lambda r: r.item.row.target_text, "text", 8, 13),
        Field("实际完成值", lambda r: r.item.row.actual_text, "text", 8, 13),
        Field("完成率", lambda r: r.item.row.completion_rate, "rate", 8),
        Field("问题说明", lambda r: r.item.finding.message, "text", 24, 40),
        Field("下年目标建议", lambda r: r.item.proposal, "text", 20, 30),
        Field("建议依据", lambda r: r.item.basis, "text", 16, 28),
        Field("编号", lambda r: r.item.finding.code, "code", 6),
        Field("所在工作表", lambda r: r.item.finding.sheet, "code", 8, 14),
        place_field(batch, 6, 10, of=lambda item: item.finding),
    ]
    counts = [f"{kind.title}{rows}条（{projects}个项目）" for kind, rows, projects in quality.counts(found)]
    last = "没有提供上年结果（--previous），未与上年实际比较，建议值只依据本年数据。"
    if batch.previous is not None:
        year = f"（{batch.previous.year}年）" if batch.previous.year else ""
        last = f"已与上年结果{year}比较；同一单位、项目和指标名称的，建议值参考两年实际。"
    notes = [
        "由自评结果倒查目标设定，所列均为需要核实的疑问，不是结论；建议值由表上数据推算，供下年申报目标时参考，由单位确定。"
        "未执行项目的完成情况不据以评价目标；界限见“规则依据”。",
        "；".join(counts) + "。" if counts else "未发现目标设定方面的疑问。",
        last,
    ]
    rest = Rest("条", "findings.jsonl")
    write_list(paper, "目标设定质量", "绩效目标设定质量分析", fields, found, notes=notes, frozen=3, rest=rest)


_WHAT: dict[str, str] = shipped("outputs/summary/targets.toml")["what"]


def write_compared(paper: Paper, batch: Batch, totals: Totals) -> None:
    """One row a change; nothing is written where there were no approved targets."""
    found = batch.compared
    if found is None or not (found.approved or found.monitored):
        return
    several = len(totals.units) > 1
    fields = [
        Field("项目名称", lambda r: r.item.project, "text", 14, 22),
        *([Field("填报单位", lambda r: r.item.unit, "text", 10, 16)] if several else []),
        Field("三级指标", lambda r: r.item.name, "text", 10, 18),
        Field("对照结果", lambda r: _WHAT.get(r.item.code, r.item.code), "code", 8, 14),
        Field("级别", lambda r: SEVERITY.get(r.item.severity, r.item.severity), "code", 6),
        Field("年初指标值", lambda r: r.item.approved, "text", 8, 14),
        Field("调整后指标值", lambda r: r.item.adjusted, "text", 8, 14),
        Field("自评指标值", lambda r: r.item.own, "text", 8, 14),
        Field("实际完成值", lambda r: r.item.actual, "text", 8, 14),
        *([Field("监控情况", lambda r: r.item.midyear, "text", 10, 20)] if found.monitored else []),
        Field("自评得分", lambda r: r.item.declared, "score", 7),
        Field("按年初目标得分", lambda r: r.item.rescored, "score", 7),
        Field("说明", lambda r: r.item.message, "text", 24, 44),
        Field("编号", lambda r: r.item.code, "code", 6),
        Field("所在工作表", lambda r: r.item.sheet, "code", 8, 14),
        place_field(batch, 6, 10),
        Field("年初目标出处", lambda r: r.item.source, "text", 12, 26),
    ]
    rest = Rest("条", "data/targets.parquet", rank=rank, order=_SERIOUS)
    title, remarks = "自评表与年初批复绩效目标对照表", notes(found, totals)
    write_list(paper, "对照年初目标", title, fields, found.changes, notes=remarks, frozen=3, rest=rest)


def notes(found: Compared, totals: Totals) -> list[str]:
    """How many projects were compared and what came of it."""
    whole = totals.whole.projects
    files = list(dict.fromkeys(f"“{project.file}”" for project in found.approved))
    named = "、".join(files[:3]) + ("等" if len(files) > 3 else "")
    counts = Counter(_WHAT.get(change.code, change.code) for change in found.changes)
    if found.approved:
        told = [
            f"年初目标取自{named}，共{len(found.approved)}个项目；"
            f"自评的{whole}个项目中对照了{len(found.projects)}个，其中{found.kept}个没有错误和疑问。"
        ]
    else:
        told = ["没有提供年初批复的绩效目标表，只与运行监控表对照。"]
    if found.monitored:
        told.append(f"{found.monitored}个项目有运行监控表；监控数据是年中的，不作为全年完成值。")
    if counts:
        told.append("；".join(f"{what}{count}条" for what, count in counts.items()) + "。")
    told.append(
        "有调整手续的按调整后指标值对照；同一数额换了单位（230000元、23万元）不算变动；“按年初目标得分”按本表采用的评分规则复算。"
    )
    return told


PLANNED = "绩效目标审核问题清单.xlsx"


def write_planned(target: Path, batch: Batch, found: Compared) -> None:
    """What was found on target sheets that were handed in alone, and the targets themselves."""
    problems = [
        Field("级别", lambda r: SEVERITY.get(r.item.severity, r.item.severity), "code", 6),
        Field("编号", lambda r: r.item.code, "code", 6),
        Field("文件", lambda r: r.item.file, "text", 12, 24),
        Field("工作表", lambda r: r.item.sheet, "text", 8, 16),
        place_field(batch, 7),
        Field("项目名称", lambda r: r.item.project, "text", 14, 24),
        Field("三级指标", lambda r: r.item.name, "text", 10, 18),
        Field("指标值", lambda r: r.item.approved, "text", 8, 16),
        Field("应为", lambda r: r.item.expected, "text", 10, 20),
        Field("问题说明", lambda r: r.item.message, "text", 24, 50),
    ]
    counts = Counter(change.severity for change in found.of_planned)
    told = "，".join(f"{word}{counts.get(name, 0)}条" for name, word in SEVERITY.items())
    notes = [
        f"审核了{len(found.planned)}个项目的绩效目标（年初目标表，没有完成情况和得分）：{told}。",
        "检查的含义和依据见 perfbatch rules；点击“单元格”可打开批注文件中的对应位置。",
    ]
    rest = Rest("条问题", "findings.jsonl", rank=rank, order=_SERIOUS)
    targets = [
        Field("项目名称", lambda r: r.item[0].project_name, "text", 14, 24),
        Field("单位", lambda r: r.item[0].unit_name, "text", 10, 18),
        Field("预算（万元）", lambda r: r.item[0].budget, "money", 9),
        Field("二级指标", lambda r: r.item[1].level2, "text", 8, 16),
        Field("三级指标", lambda r: r.item[1].name, "text", 12, 24),
        Field("指标值", lambda r: r.item[1].target.shown, "text", 8, 18),
        Field("分值", lambda r: r.item[1].points, "score", 6),
    ]
    rows = [(project, row) for project in found.planned for row in project.rows]
    title = "绩效目标审核问题清单"
    with Paper(target, title=title, run_date=batch.run_date) as paper:
        write_list(paper, "目标审核问题", title, problems, found.of_planned, notes=notes, frozen=3, rest=rest)
        write_list(paper, "绩效目标一览", "绩效目标一览表", targets, rows[:LISTED], frozen=2)
