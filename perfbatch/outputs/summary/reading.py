"""Sheets 规则依据 and 读取情况: which rules were in force, and what was read, checked, skipped and refused."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from xlsxwriter.format import Format

from perfbatch.checks.register import register
from perfbatch.followup.batch import Batch
from perfbatch.outputs.cells import Column, Value, lines_of
from perfbatch.outputs.paper import LINE, Page, Paper
from perfbatch.outputs.summary.listing import Field, Rest, write_list
from perfbatch.outputs.wording import SEVERITY, STATUS, looked_at, outcome_reason, rubbish, state_of
from perfbatch.rulesets import fitting, in_words, parameters, plainly, unmarked
from perfbatch.totals.sums import Totals

T = TypeVar("T")
_WIDTHS = (38, 28, 10, 8, 8, 10, 46)  # of the four lists of 读取情况, one under the other


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
        *([Field("规则集", lambda r: r.item[0].title, "text", 14, 24)] if several else []),
        Field("参数", lambda r: r.item[1], "text", 14, 22),
        Field("含义", lambda r: meanings[r.item[1]].meaning, "text", 24, 40),
        Field("取值", lambda r: in_words(r.item[2].value), "text", 12, 30),
        Field("出处", lambda r: fitting(r.item[2].citation, r.item[0].region), "text", 20, 32),
        Field("条款或说明", lambda r: unmarked(r.item[2].clause), "text", 16, 30),
        Field("施行日期", lambda r: r.item[2].since, "code", 10),
        Field("备注", lambda r: plainly(r.item[2].note, r.item[0].region), "text", 16, 36),
    ]
    notes = []
    for (name, reason), projects in sorted(totals.rulings.items()):
        of = batch.rulesets[name].title if name in batch.rulesets else name
        notes.append(f"{projects}个项目适用《{of}》：{reason or '按默认规则'}")
    keys = dict.fromkeys(key for _, ruleset in sorted(batch.rulesets.items()) for key in sorted(ruleset.recalled()))
    if keys:
        notes.append(f"以下参数的文件条文据记忆列出、没有核对原文，请以文件为准：{'、'.join(keys)}。")
    write_list(paper, "规则依据", "绩效自评评分规则及依据", fields, items, notes=notes, frozen=0)


def write_reading(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 读取情况: per file, per sheet and per check what became of it."""
    page = paper.page("读取情况", landscape=True)
    files = totals.files
    others = len(batch.results) - sum(files.values())
    # what always may happen is said also where it did not
    said = [state for state in files if files[state] or state in ("ok", "refused", "failed")]
    counts = "，".join(f"{STATUS[state]}{files[state]}个" for state in said)
    passed = f"另有{others}个其他文件或文件夹没有读取；" if others else ""
    read = f"读取{totals.whole.projects}个项目、{totals.indicators}条指标。"
    note = f"共{sum(files.values())}个文件：{counts}；{passed}{read}"
    cut = [f"有{paper.cut}处文字超过一个单元格的容量，已截短并注明。"] if paper.cut else []
    grid = _columns("文件", "状态", "格式", "项目", "指标", "问题", "说明")
    row = page.title(f"{paper.whose}读取和检查情况", grid, [note, *rubbish(batch), *cut])
    sheets = _columns("文件", "工作表", "版式", "项目", "指标", "是否隐藏", "说明")
    checks = _columns("检查", "结果", "编号", "级别", "问题", "涉及项目", "说明")
    look = paper.look(font_name="黑体", font_size=11, align="left")
    read_files: list[Sequence[Value]] = []
    read_sheets: list[Sequence[Value]] = []
    for result in batch.results:
        made = batch.annotated.get(result.file)
        text = result.reason or (f"批注文件：{made}" if made else "未生成批注文件")
        sizes = (None, None) if result.size is None else (result.size.projects, result.size.indicators)
        state, found = STATUS[result.status], totals.findings_of.get(result.file, 0)
        read_files.append((result.file, state, result.container, *sizes, found, text))
        for sheet in result.sheets:
            hidden, layout = "是" if sheet.hidden else "否", sheet.layout or "未识别"
            left = [f"{u.cell}（{u.header or '无表头'}）" for u in sheet.unread]
            unread = f"没有识别：{'、'.join(left[:5])}{'等' if len(left) > 5 else ''}" if left else ""
            told = "；".join(filter(None, (sheet.remark, unread)))
            read_sheets.append((result.file, sheet.sheet, layout, sheet.projects, sheet.indicators, hidden, told))
    for title, columns, items in (
        ("一、文件", grid, read_files),
        ("二、工作表", sheets, read_sheets),
        ("三、检查", checks, list(_checks(batch, totals))),
    ):
        shown, remarks = _shown(items)
        row = page.table(_across(page, row, look, title), columns, shown)
        row = _across(page, row, paper.body("text"), *remarks) + 1
    row = _across(page, row, look, "四、读取时发现的情况")
    row = _notes(page, row, batch)
    page.fit(grid)
    page.printed(row - 1, len(grid))


def _columns(*titles: str) -> list[Column]:
    numbers = ("项目", "指标", "问题", "涉及项目")
    return [
        Column(title, "count" if title in numbers else "text" if width > 15 else "code", width, width)
        for title, width in zip(titles, _WIDTHS, strict=True)
    ]


def _across(page: Page, row: int, look: Format, *texts: str) -> int:
    """Texts over all columns, one below the other; returns the next free row."""
    for text in texts:
        page.merged(row, 0, len(_WIDTHS) - 1, text, look)
        row += 1
    return row


def _shown(items: Sequence[T]) -> tuple[Sequence[T], list[str]]:
    """What is listed of a section, and the remark below it."""
    return Rest("行", "run.json").of(items) if items else ([], ["无"])


def _checks(batch: Batch, totals: Totals) -> Iterator[Sequence[Value]]:
    known = register()
    projects: Counter[str] = Counter()
    for count in totals.codes:
        projects[count.code] += count.projects
    for outcome in batch.checks:
        check = known.get(outcome.code)
        title, severity = (check.title, SEVERITY[check.severity]) if check else ("", "")
        sizes = (outcome.findings, projects[outcome.code])
        told = "；".join(filter(None, (outcome_reason(outcome), looked_at(outcome))))
        yield (title, state_of(outcome), outcome.code, severity, *sizes, told)


def _notes(page: Page, row: int, batch: Batch) -> int:
    """Notes of intake, their text over the last four columns; returns the next free row."""
    last, room = len(_WIDTHS) - 1, sum(_WIDTHS[3:])
    notes, remarks = _shown([(result.file, *note) for result in batch.results for note in result.notes])
    if notes:
        for at, title in enumerate(("文件", "工作表", "单元格")):
            page.text(row, at, title, page.paper.heading())
        page.merged(row, 3, last, "说明", page.paper.heading())
        row += 1
    for file, _, sheet, cell, text in notes:
        for at, value in enumerate((file, sheet, cell)):
            page.text(row, at, value, page.paper.body("text" if at < 2 else "code"))
        page.merged(row, 3, last, text, page.paper.body("text"))
        lines = max(lines_of(text, room), lines_of(file, _WIDTHS[0]), lines_of(sheet, _WIDTHS[1]))
        page.tall(row, lines * LINE + 6)
        row += 1
    return _across(page, row, page.paper.body("text"), *remarks)
