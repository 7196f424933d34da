"""Sheet 问题清单: one row a finding, each leading to its cell in the annotated workbook."""

from __future__ import annotations

from collections.abc import Sequence

from perfbatch.figures.totals import Totals
from perfbatch.model import Batch, Finding
from perfbatch.outputs.cells import Value
from perfbatch.outputs.paper import LINK_LIMIT, Paper
from perfbatch.outputs.summary.listing import Field, Rest, Row, field_of, write_list
from perfbatch.outputs.wording import SEVERITY, heading, place, rank

WHOLE = "（本批次）"  # in place of file and project of what is said of the whole batch


def write_problems(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Findings by file, sheet and row; of too many the serious ones, and it is said."""
    found, whole = batch.findings, sum(totals.severities.values())
    counts = "，".join(f"{word}{totals.severities.get(name, 0)}条" for name, word in SEVERITY.items())
    notes = [f"共{whole}条：{counts}。点击“单元格”可打开批注文件中的对应位置（批注文件应与本表放在同一文件夹）。"]
    if len(found) > LINK_LIMIT:
        notes.append(f"受 Excel 限制，只有前{LINK_LIMIT}条带有链接，其余请按文件、工作表、单元格查找。")
    title = f"{heading(totals)}绩效自评问题清单"
    rest = Rest("条问题", "findings.jsonl", whole, lambda finding: rank(finding.severity), "先错误、后疑问、再提示的")
    write_list(paper, "问题清单", title, _fields(batch, found), found, notes=notes, frozen=0, rest=rest)


def _fields(batch: Batch, shown: Sequence[Finding]) -> list[Field]:
    several = len({finding.file for finding in shown}) > 1

    def cell(row: Row) -> Value:
        finding: Finding = row.item
        link = place(batch, finding.file, finding.sheet, finding.cell)
        return link if link.url else finding.cell  # the sheet has a column of its own

    return [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("级别", lambda r: SEVERITY.get(r.item.severity, r.item.severity), "code", 6),
        field_of("编号", lambda r: r.item.code, "code", 6),
        *([field_of("文件", lambda r: r.item.file or WHOLE, "text", 12, 24)] if several else []),
        field_of("工作表", lambda r: r.item.sheet, "text", 8, 16),
        field_of("单元格", cell, "code", 7),
        field_of("项目名称", lambda r: r.item.project if r.item.file else WHOLE, "text", 14, 24),
        field_of("表上内容", lambda r: r.item.seen, "text", 10, 20),
        field_of("应为", lambda r: r.item.expected, "text", 10, 20),
        field_of("问题说明", lambda r: r.item.message, "text", 24, 44),
        field_of("修改建议", lambda r: r.item.hint, "text", 20, 34),
        field_of("依据", lambda r: r.item.basis, "text", 14, 26),
    ]
