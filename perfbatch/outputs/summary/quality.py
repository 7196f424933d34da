"""Sheet 目标设定质量: what the results say about the targets, with proposals for next year."""

from __future__ import annotations

from perfbatch.followup import quality
from perfbatch.model import Batch
from perfbatch.outputs.cells import Value
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary.listing import Rest, Row, field_of, write_list
from perfbatch.outputs.wording import heading, place
from perfbatch.totals.sums import Totals


def write_quality(paper: Paper, batch: Batch, totals: Totals) -> None:
    """One row a target that the results call into question, by kind."""
    found = quality.assess(batch)
    several = len(totals.units) > 1

    def cell(row: Row) -> Value:
        finding = row.item.finding
        return place(batch, finding.file, finding.sheet, finding.cell)

    fields = [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("类型", lambda r: r.item.kind.title, "text", 12, 16),
        field_of("项目名称", lambda r: r.item.finding.project, "text", 14, 22),
        *([field_of("填报单位", lambda r: r.item.unit, "text", 10, 16)] if several else []),
        field_of("三级指标", lambda r: r.item.indicator, "text", 10, 16),
        field_of("指标值", lambda r: r.item.target, "text", 8, 13),
        field_of("实际完成值", lambda r: r.item.actual, "text", 8, 13),
        field_of("完成率", lambda r: r.item.completion, "rate", 8),
        field_of("问题说明", lambda r: r.item.finding.message, "text", 24, 40),
        field_of("下年目标建议", lambda r: r.item.proposal, "text", 20, 30),
        field_of("建议依据", lambda r: r.item.basis, "text", 16, 28),
        field_of("编号", lambda r: r.item.finding.code, "code", 6),
        field_of("所在工作表", lambda r: r.item.finding.sheet, "code", 8, 14),
        field_of("单元格", cell, "code", 6, 10),
    ]
    counts = [f"{kind.title}{rows}条（{projects}个项目）" for kind, rows, projects in quality.counts(found)]
    notes = [
        "由自评结果倒查目标设定，所列均为需要核实的疑问，不是结论；建议值由表上数据推算，供下年申报目标时参考，由单位确定。"
        "未执行项目的完成情况不据以评价目标；界限见“规则依据”。",
        "；".join(counts) + "。" if counts else "未发现目标设定方面的疑问。",
        _last_year(batch),
    ]
    title, rest = f"{heading(totals)}绩效目标设定质量分析", Rest("条", "findings.jsonl")
    write_list(paper, "目标设定质量", title, fields, found, notes=notes, frozen=3, rest=rest)


def _last_year(batch: Batch) -> str:
    if batch.previous is None:
        return "没有提供上年结果（--previous），未与上年实际比较，建议值只依据本年数据。"
    year = f"（{batch.previous.year}年）" if batch.previous.year else ""
    return f"已与上年结果{year}比较；同一单位、项目和指标名称的，建议值参考两年实际。"
