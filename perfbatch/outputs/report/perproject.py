"""A report on every project, in the form of Hubei and of Baoshan in Yunnan: conclusion first, then the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from perfbatch.decimals import half_up, plain
from perfbatch.notation import says_nothing
from perfbatch.outputs.report.annexes import selected
from perfbatch.outputs.report.draft import TITLE_LINE, Column, Draft, Table
from perfbatch.outputs.report.facts import Facts, Row
from perfbatch.outputs.report.phrases import (
    Piece,
    Slot,
    a_project,
    amount,
    causes,
    day,
    execution,
    inline,
    plans,
    points,
)
from perfbatch.outputs.report.projectwords import measures, problems, result
from perfbatch.totals.lines import ProjectLine

MOST = 200  # projects that get a report; one takes about two pages
_CENTRED = "表格居中"
_COLUMNS = (
    Column("一级指标", 14, _CENTRED), Column("二级指标", 15, _CENTRED), Column("三级指标", 21),
    Column("指标值", 14, _CENTRED), Column("完成值", 14, _CENTRED), Column("分值", 11, _CENTRED),
    Column("得分", 11, _CENTRED), Column("偏差原因及改进措施", 25),
)  # fmt: skip


def write(draft: Draft, facts: Facts) -> None:
    """All projects, each on a new page; of too many the first ones, and which."""
    lines = [line for _, line in selected(facts, MOST, described=True)]
    for at, line in enumerate(lines):
        _project(draft, facts, line, first=at == 0)
    if facts.totals.whole.projects > len(lines):
        draft.text(
            f"注：共{facts.totals.whole.projects}个项目，本报告列出{len(lines)}个（未执行、得分低、金额大的项目优先）；"
            "其余项目请分批运行。"
        )


def _project(draft: Draft, facts: Facts, line: ProjectLine, *, first: bool) -> None:
    rows = facts.rows_of(line.project_id)
    year = f"{facts.year}年度" if facts.year else ""
    title = f"{year}{a_project(line.name)}"
    ending = "\n绩效自评报告" if len(title) > TITLE_LINE - 6 else "绩效自评报告"
    draft.title(title + ending, new_page=not first, note=_note(line))
    draft.heading(1, "一、自评结论")
    draft.heading(2, "（一）自评得分")
    draft.text(*_score(line))
    draft.heading(2, "（二）绩效目标完成情况")
    draft.heading(3, "1. 预算执行情况")
    draft.text(*_execution(facts, line))
    draft.heading(3, "2. 完成的绩效目标")
    draft.text(_row_by_row([row for row in rows if row.met]) or "没有达到指标值的指标。")
    draft.heading(3, "3. 未完成的绩效目标")
    draft.text(_missed(rows))
    draft.heading(2, "（三）存在的问题和原因")
    draft.text(*problems(facts, line))
    draft.heading(2, "（四）下一步拟改进措施")
    draft.text(*measures(facts, line))
    draft.heading(1, "二、佐证材料")
    draft.heading(2, "（一）项目基本情况")
    draft.text(*_basics(facts, line))
    draft.heading(2, "（二）自评工作开展情况")
    draft.text(Slot("自评组织、方法和过程"), "。")
    draft.heading(2, "（三）绩效评价指标分析")
    _analysis(draft, rows)
    signed = inline(line.unit or facts.unit) or Slot("单位名称")
    draft.signature(signed, day(facts.settings.report_date) or Slot("成文日期"))


def _note(line: ProjectLine) -> str:
    if not line.errors and not line.warnings:
        return ""
    return f"该项目自评表核查尚有错误{line.errors}条、疑问{line.warnings}条，见《绩效自评汇总表》的“问题清单”。"


def _score(line: ProjectLine) -> Iterator[Piece]:
    score = line.score
    yield f"{a_project(line.name)}绩效自评得分"
    yield Slot("自评得分") if score is None else points(score)
    yield f"，评价等级为“{line.grade}”。" if line.grade else "。"


def _execution(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    doubted = line.project_id in facts.doubted
    for what, value in (("年初预算数", line.initial), ("全年预算数", line.adjusted), ("全年执行数", line.executed)):
        yield what
        yield amount(value, what, doubted=doubted)
        yield "；" if what == "年初预算数" else "，" if what == "全年预算数" else ""
    yield from ("，", execution(line.rate, doubted=doubted), "。") if line.rate is not None else ("。",)


def _missed(rows: Sequence[Row]) -> str:
    """Rows that fell short, and how many say too little to tell."""
    if not rows:
        return "自评表没有绩效指标。"
    unclear = [row for row in rows if row.open]
    short = _row_by_row([row for row in rows if row.short], reasons=True)
    if not unclear:
        return short or "各项指标均已达到指标值。"
    names = "、".join(inline(row.name) for row in unclear)
    return f"{short}{'另有' if short else ''}{len(unclear)}条指标没有完成值或得分，不能判断是否完成：{names}。"


def _row_by_row(rows: Sequence[Row], *, reasons: bool = False) -> str:
    """Rows by level-1 group: name, target and value done; with `reasons` the points lost and why."""
    parts = []
    for level1, some in groupby(rows, key=lambda row: row.level1):
        told = "；".join(_one(row, reasons) for row in some)
        parts.append(f"{inline(level1)}：{told}。" if level1 else f"{told}。")
    return "".join(parts)


def _one(row: Row, reasons: bool) -> str:
    text = result(row)
    if not reasons:
        return text
    lost = f"，扣{plain(row.lost)}分" if row.lost and row.lost > 0 else ""
    return f"{text}{lost}，{_why(row)}"


def _why(row: Row) -> str:
    return "没有填写原因" if says_nothing(row.reason) else f"原因是：{causes(row.reason) or plans(row.reason)}"


def _basics(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    form = facts.forms[line.project_id]
    kind = f"{inline(line.origin)}安排的" if line.origin.strip() else ""
    yield f"{a_project(line.name)}为{facts.this_year}{kind}{inline(line.category)}项目，"
    yield "项目依据"
    yield Slot("立项依据，如政策文件、批示、会议纪要、协议")
    yield "。"
    if goal := inline(form.goal_expected):
        yield f"年度绩效目标为：{goal}。"
    if done := inline(form.goal_actual):
        yield f"完成情况为：{done}。"


def _analysis(draft: Draft, rows: Sequence[Row]) -> None:
    if not rows:
        draft.text("自评表没有绩效指标。")
        return
    met = sum(row.met for row in rows)
    which = f"其中{met}条" if met < len(rows) else "均" if met > 1 else ""
    draft.text(f"项目共设置{len(rows)}条绩效指标，{which}达到指标值，逐条情况如下：")
    cells = [
        [
            row.level1, row.level2, row.level3, row.target, row.actual, _points(row.points),
            _points(row.declared if row.declared is not None else row.score), row.reason,
        ]
        for row in rows
    ]  # fmt: skip
    draft.table(Table(_COLUMNS, cells))


def _points(value: Decimal | None) -> str:
    return "—" if value is None else plain(half_up(value, 2))
