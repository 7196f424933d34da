"""Sheets 规则依据 and 读取情况: which rules were in force, and what was read, checked, skipped and refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from perfbatch.exact import plain
from perfbatch.model import Batch, CheckOutcome, WorkbookResult
from perfbatch.outputs.paper import Column, Paper
from perfbatch.outputs.summary.listing import field_of, write_list
from perfbatch.outputs.summary.wording import STATE, STATUS, heading, out_of
from perfbatch.rulesets import STATUSES, parameters
from perfbatch.totals import Totals, rows

_WIDTHS = (24, 18, 14, 12, 12, 12, 60)


def write_rules(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 规则依据: every value in force with its source, documented ones before the program's own."""
    meanings = parameters()
    items = [
        (ruleset, key, value)
        for _, ruleset in sorted(batch.rulesets.items())
        for key, value in sorted(ruleset.values.items(), key=lambda item: item[1].status == "option")
    ]
    several = len(batch.rulesets) > 1
    fields = [
        field_of("序号", lambda r: r.at, "seq", 5),
        *([field_of("规则集", lambda r: r.item[0].title, "text", 14, 24)] if several else []),
        field_of("参数", lambda r: r.item[1], "text", 14, 22),
        field_of("含义", lambda r: meanings[r.item[1]].meaning, "text", 24, 40),
        field_of("取值", lambda r: in_words(r.item[2].value), "text", 12, 30),
        field_of("出处", lambda r: r.item[2].citation, "text", 20, 32),
        field_of("条款或说明", lambda r: r.item[2].clause, "text", 16, 30),
        field_of("施行日期", lambda r: r.item[2].since, "code", 10),
        field_of("核实情况", lambda r: STATUSES[r.item[2].status], "code", 12, 16),
        field_of("备注", lambda r: r.item[2].note, "text", 16, 36),
    ]
    title = f"{heading(totals)}绩效自评评分规则及依据"
    write_list(paper, "规则依据", title, fields, items, notes=list(_choices(batch)), frozen=0)


def _choices(batch: Batch) -> Iterator[str]:
    """Which ruleset was taken for how many projects, and why."""
    pairs = sorted(rows(batch.frames.projects, "ruleset", "ruleset_reason"))
    for (name, reason), members in groupby(pairs):
        title = batch.rulesets[name].title if name in batch.rulesets else name
        yield f"{len(list(members))}个项目适用《{title}》：{reason or '按默认规则'}"


def in_words(value: Any) -> str:
    """A ruleset value as text: lists joined, tables as 名称=值, None as 不启用."""
    if value is None:
        return "不启用"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        return "；".join(f"{key}={in_words(part)}" for key, part in value.items()) or "（空）"
    if isinstance(value, list | tuple | set | frozenset):
        return "、".join(in_words(part) for part in value) or "（空）"
    return value if isinstance(value, str) else plain(value)


def write_reading(paper: Paper, batch: Batch, totals: Totals, limit: int) -> None:
    """Sheet 读取情况: per file, per sheet and per check what became of it."""
    page = paper.page("读取情况", landscape=True)
    kinds = (len(batch.results), totals.files["ok"], totals.files["refused"], totals.files["failed"])
    note = "共{}个文件：已读取{}个，未读取{}个，处理失败{}个；读取{}个项目、{}条指标。".format(
        *kinds, totals.whole.projects, totals.indicators
    )
    row = page.title(f"{heading(totals)}读取和检查情况", len(_WIDTHS), [note])
    header = row + 1
    for title, headings, kinds_of, items in (
        ("一、文件", ("文件", "状态", "格式", "项目", "指标", "问题", "说明"), "tcccctt", _files(batch)),
        (
            "二、工作表",
            ("文件", "工作表", "版式", "项目", "指标", "是否隐藏", "说明"),
            "ttcccct",
            _sheets(batch),
        ),
        (
            "三、读取时发现的情况",
            ("文件", "工作表", "单元格", "类别", "", "", "说明"),
            "ttcccct",
            _notes(batch),
        ),
        ("四、检查项目", ("检查", "结果", "编号", "问题数", "", "", "说明"), "ttcccct", _checks(batch)),
    ):
        section = list(items)
        page.merged(row, 0, len(_WIDTHS) - 1, title, paper.look(font_name="黑体", font_size=11, align="left"))
        columns = [
            Column(text, "code" if kind == "c" else "text")
            for text, kind in zip(headings, kinds_of, strict=False)
        ]
        row = page.table(row + 1, columns, section[:limit])
        if not section:
            page.merged(row, 0, len(_WIDTHS) - 1, "无", paper.body("code"))
            row += 1
        for text in out_of(min(limit, len(section)), len(section), "行", "run.json"):
            page.merged(row, 0, len(_WIDTHS) - 1, text, paper.look(font_size=9, align="left"))
            row += 1
        row += 1
    page.fit([Column("", "text", width, width) for width in _WIDTHS])
    page.sheet.repeat_rows(0)
    page.sheet.freeze_panes(header - 1, 0)
    page.printed(row - 1, len(_WIDTHS))


def _files(batch: Batch) -> Iterator[Sequence[Any]]:
    counts: dict[str, int] = {}
    for finding in batch.findings:
        counts[finding.file] = counts.get(finding.file, 0) + 1
    for result in batch.results:
        sizes = _sizes(result)
        made = batch.annotated.get(result.file)
        text = result.reason or (f"批注文件：{made}" if made else "未生成批注文件")
        yield (
            result.file,
            STATUS[result.status],
            result.container,
            *sizes,
            str(counts.get(result.file, 0)),
            text,
        )


def _sizes(result: WorkbookResult) -> tuple[str, str]:
    if result.frames is None:
        return "—", "—"
    return str(len(result.frames.projects)), str(
        sum(r == "indicator" for r in result.frames.indicators["role"])
    )


def _sheets(batch: Batch) -> Iterator[Sequence[Any]]:
    for result in batch.results:
        for sheet in result.sheets:
            hidden = "是" if sheet.hidden else ""
            sizes = (str(sheet.projects), str(sheet.indicators))
            yield (result.file, sheet.sheet, sheet.layout or "未识别", *sizes, hidden, sheet.remark)


def _notes(batch: Batch) -> Iterator[Sequence[Any]]:
    for result in batch.results:
        for note in result.notes:
            yield (result.file, note.sheet, note.cell, note.code, "", "", note.text)


def _checks(batch: Batch) -> Iterator[Sequence[Any]]:
    titles = _titles()
    for outcome in batch.checks:
        reason = _last_line(outcome) if outcome.state == "errored" else outcome.reason
        number = str(outcome.findings) if outcome.findings else ""
        yield (titles.get(outcome.code, ""), STATE[outcome.state], outcome.code, number, "", "", reason)


def _titles() -> dict[str, str]:
    from perfbatch.checks.register import register  # noqa: PLC0415 - importing the families takes a while

    return {code: check.title for code, check in register().items()}


def _last_line(outcome: CheckOutcome) -> str:
    """The traceback stays in the log; its last line says what broke."""
    return (
        f"程序内部错误，其他检查不受影响：{outcome.reason.strip().splitlines()[-1]}"
        if outcome.reason.strip()
        else ""
    )
