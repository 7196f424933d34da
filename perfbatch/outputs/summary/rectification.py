"""Sheet 整改台账: problems to be mended, with columns for humans that survive the next run."""

from __future__ import annotations

from perfbatch.followup import rectify
from perfbatch.followup.ledger_reader import (
    BASIS,
    CAUSE,
    CODE,
    DEADLINE,
    HUMAN,
    INDICATOR,
    MEASURES,
    PERSON,
    PROBLEM,
    PROGRESS,
    PROJECT,
    SHEET,
    STATE,
    UNIT,
    marked,
)
from perfbatch.followup.summaries import SLOT
from perfbatch.forms.own_outputs import KEY_COLUMN
from perfbatch.model import Batch
from perfbatch.outputs.cells import Value
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary.listing import Field, Rest, Row, field_of, hide_last, write_list
from perfbatch.outputs.wording import heading, place
from perfbatch.totals.sums import Totals

_WIDTHS = {MEASURES: (18, 26), PERSON: (10, 12), DEADLINE: (10, 12), PROGRESS: (10, 16)}


def write_rectification(paper: Paper, batch: Batch, totals: Totals) -> None:
    """One row a problem; the columns for humans hold what they wrote before, else a slot."""
    entries = rectify.ledger(batch, totals)

    def cell(row: Row) -> Value:
        entry = row.item
        return place(batch, entry.file, entry.sheet, entry.cell) if entry.cell else ""

    fields = [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of(PROJECT, lambda r: r.item.project, "text", 14, 20),
        *([field_of(UNIT, lambda r: r.item.unit, "text", 10, 14)] if len(totals.units) != 1 else []),
        field_of(INDICATOR, lambda r: r.item.indicator, "text", 9, 30),
        field_of(PROBLEM, lambda r: r.item.problem, "text", 24, 42),
        field_of(BASIS, lambda r: r.item.basis, "text", 14, 24),
        field_of(CAUSE, lambda r: r.item.cause, "text", 16, 32),
        *[_human(word) for word in HUMAN],
        field_of(STATE, lambda r: r.item.state, "code", 8, 12),
        field_of(CODE, lambda r: r.item.code, "code", 6),
        field_of("单元格", cell, "code", 6, 10),
        field_of(KEY_COLUMN, lambda r: f"{r.item.key}:{marked(r.item.printed)}" if r.item.key else "", "code", 6),
    ]
    notes = [
        f"共{len(entries)}条，未整改{rectify.open_count(entries)}条。原因摘自自评表的已注明，可以改写；{SLOT}处由单位填写。",
        "填写原因、整改措施、责任人、时限、进展后保存即可：重新运行时按“校验码”（隐藏列）带入所填内容；"
        "下年运行时用 --previous 指定本年输出文件夹，未整改的沿用，不再发现的标为已整改"
        f"（判断方法：{rectify.HOW_MENDED}）。",
        *_last_year(batch),
    ]
    title, rest = (
        f"{heading(totals)}绩效自评问题整改台账",
        Rest("条", "findings.jsonl", rank=lambda entry: not entry.typed, order="有人填写过的和排在前面的"),
    )
    listed = write_list(paper, SHEET, title, fields, entries, notes=notes, frozen=2, rest=rest)
    hide_last(listed, len(fields))


def _human(word: str) -> Field:
    slot = "" if word == PROGRESS else SLOT
    narrowest, widest = _WIDTHS[word]
    return field_of(word, lambda r: r.item.typed.get(word, slot), "text", narrowest, widest)


def _last_year(batch: Batch) -> list[str]:
    if batch.previous is None:
        return []
    return [batch.previous.ledger.remark or "已带入上年整改台账中未整改的问题。"]
