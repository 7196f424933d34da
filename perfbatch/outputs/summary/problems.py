"""Sheet 问题清单: one row a finding, each leading to its cell in the annotated workbook, and what has become of it.

What can only be mended when targets are set again stands at its end, and once more on 下年改进清单, a row a problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perfbatch.checks.register import register
from perfbatch.config import CONFIG_NAME
from perfbatch.followup import answers, causes, quality
from perfbatch.followup.answers import HANDLING, HANDLINGS, Answer, Answers, Where
from perfbatch.forms.own_outputs import KEY_COLUMN
from perfbatch.identity.projects import Identity
from perfbatch.model import BY_APPROVAL, BY_FORM, BY_SETTING, Batch, Finding
from perfbatch.outputs.cells import Value
from perfbatch.outputs.paper import LINK_LIMIT, Paper
from perfbatch.outputs.summary.listing import Field, Rest, Row, field_of, hide_last, write_list
from perfbatch.outputs.wording import SEVERITY, heading, place, rank, state_word
from perfbatch.totals.lines import rows
from perfbatch.totals.sums import Totals

WHOLE = "（本批次）"  # in place of file and project of what is said of the whole batch
NEXT_YEAR = "下年改进清单"
_NAMED = 40  # places that a row of the list for next year names


def write_problems(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Findings by state, file, sheet and row; of too many the serious ones, and it is said."""
    found, whole = batch.findings, sum(totals.severities.values()) + sum(totals.accepted.values())
    counts = "，".join(f"{word}{totals.severities.get(name, 0)}条" for name, word in SEVERITY.items())
    told = f"共{whole}条，待处理{sum(totals.severities.values())}条：{counts}"
    told += f"；已说明{totals.explained}条" if totals.explained else ""
    told += f"；指标和分值已批复、留待下年改进{totals.deferred}条，列在最后" if totals.deferred else ""
    how = f"属实或不适用的，在“{HANDLING}”中选择、在“{answers.REASON}”中写明理由，保存后重新运行即不再列为待处理"
    notes = [f"{told}。{how}。", "点击“单元格”可打开批注文件中的对应位置（批注文件应与本表放在同一文件夹）。"]
    if len(found) > LINK_LIMIT:
        notes.append(f"受 Excel 限制，只有前{LINK_LIMIT}条带有链接，其余请按文件、工作表、单元格查找。")
    title = f"{heading(totals)}绩效自评问题清单"
    rest = Rest("条问题", "findings.jsonl", whole, lambda line: rank(line.finding.severity), "先错误、后疑问、再提示的")
    lines = _lines(batch, totals)
    fields = _fields(batch, lines)
    listed = write_list(paper, answers.SHEET, title, fields, lines, notes=notes, frozen=0, rest=rest)
    column = next(at for at, some in enumerate(fields) if some.column.title == HANDLING)
    listed.page.sheet.data_validation(listed.first, column, listed.last, column, {
        "validate": "list", "source": list(HANDLINGS), "error_title": HANDLING,
        "error_message": f"请从下拉列表中选择：{'、'.join(HANDLINGS)}。",
    })  # fmt: skip
    hide_last(listed, len(fields))


class _Line(NamedTuple):
    """A row: a finding, its key and what a person answered; of an answer without a finding (`gone`) only that."""

    finding: Finding
    key: str
    answer: Answer | None = None
    gone: bool = False
    cause: str = ""  # code of the finding above of which it is a consequence


def _lines(batch: Batch, totals: Totals) -> list[_Line]:
    """Open findings, each with its consequences, then explained ones, then those for next year; last, answers to what
    is found no more."""
    known: Answers = batch.answers or Answers()
    found, where = list(batch.findings), _where(batch, totals)
    keys = answers.keys(found, where)
    lines = [
        _Line(found[at], keys[at], known.by_key.get(keys[at]), cause=cause)
        for at, cause in causes.in_order(found, where)
    ]
    lines.sort(key=lambda line: (not line.finding.open, line.finding.accepted_by == BY_APPROVAL))
    return [*lines, *(_Line(_of_answer(answer), answer.key, answer, gone=True) for answer in known.gone())]


def _where(batch: Batch, totals: Totals) -> Where:
    columns = ("project_id", "sheet", "row", "level3")
    indicators = {(key, sheet, row): name for key, sheet, row, name in rows(batch.frames.indicators, *columns)}
    units = {line.project_id: line.unit for line in totals.lines}
    identity: Identity | None = batch.identity
    if identity is not None:
        units |= {key: identity.unit(at) for at, key in enumerate(identity.entries.project_id)}
    return Where(units, {}, indicators)


def _of_answer(answer: Answer) -> Finding:
    return Finding(answer.code, "", "", "", "", "", answer.project, answer.seen, "", "", "", "")


def _fields(batch: Batch, shown: Sequence[_Line]) -> list[Field]:
    several = len({line.finding.file for line in shown} - {""}) > 1

    def cell(row: Row) -> Value:
        finding: Finding = row.item.finding
        link = place(batch, finding.file, finding.sheet, finding.cell)
        return link if link.url else finding.cell  # the sheet has a column of its own

    def project(line: _Line) -> str:
        return line.finding.project if line.finding.file or line.gone else WHOLE

    return [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("级别", lambda r: SEVERITY.get(r.item.finding.severity, r.item.finding.severity), "code", 6),
        field_of(answers.CODE, lambda r: r.item.finding.code, "code", 6),
        *([field_of("文件", lambda r: r.item.finding.file or WHOLE, "text", 10, 14)] if several else []),
        field_of("工作表", lambda r: r.item.finding.sheet, "text", 7, 10),
        field_of("单元格", cell, "code", 7),
        field_of(answers.PROJECT, lambda r: project(r.item), "text", 10, 16),
        field_of(answers.SEEN, lambda r: r.item.finding.seen, "text", 8, 13),
        field_of("应为", lambda r: r.item.finding.expected, "text", 8, 13),
        field_of("问题说明", lambda r: r.item.finding.message, "text", 24, 32),
        field_of(answers.REMEDY, lambda r: r.item.finding.hint, "text", 14, 22),
        field_of("下年怎样改", lambda r: r.item.finding.next_year, "text", 10, 16),
        field_of("依据", lambda r: r.item.finding.basis, "text", 10, 16),
        field_of("状态", lambda r: _state(r.item), "text", 8, 12),
        field_of(HANDLING, lambda r: r.item.answer.handling if r.item.answer else "", "code", 8),
        field_of(answers.REASON, lambda r: r.item.answer.reason if r.item.answer else "", "text", 14, 20),
        field_of(KEY_COLUMN, lambda r: r.item.key, "code", 6),
    ]


def _state(line: _Line) -> str:
    if line.gone:
        return "未再发现"
    word = state_word(line.finding)
    if line.cause:
        return f"{word}（随上面的{line.cause}更正）"
    if line.finding.accepted_by == BY_FORM:
        return f"{word}（表上已写明原因）"
    return f"{word}（{CONFIG_NAME}）：{line.finding.reason}" if line.finding.accepted_by == BY_SETTING else word


class _Problem(NamedTuple):
    """What is to be mended next year, of one check and remedy."""

    title: str
    code: str
    remedy: str
    found: list[Finding]


def write_next_year(paper: Paper, batch: Batch, totals: Totals) -> None:
    """What next year's targets and points should be like: a row a problem, with the places where it stands."""
    idle = {line.project_id for line in totals.unexecuted}  # nothing was done: that says nothing about targets
    titles = {code: entry.title for code, entry in register().items()}
    problems: dict[tuple[str, str], _Problem] = {}
    for finding in batch.findings:
        if finding.next_year and not (finding.code in quality.DEVIATIONS and finding.project_id in idle):
            problem = _Problem(titles.get(finding.code, ""), finding.code, finding.next_year, [])
            problems.setdefault((finding.code, finding.next_year), problem).found.append(finding)
    if not problems:
        return
    fields = [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("问题", lambda r: r.item.title, "text", 16, 28),
        field_of("编号", lambda r: r.item.code, "code", 6),
        field_of("处数", lambda r: len(r.item.found), "count", 6),
        field_of("项目个数", lambda r: len({f.project_id for f in r.item.found if f.project_id}), "count", 8),
        field_of("下年怎样改", lambda r: r.item.remedy, "text", 20, 34),
        field_of("项目和内容", lambda r: _places(r.item.found), "text", 40, 90),
    ]
    listed = sorted(problems.values(), key=lambda problem: -len(problem.found))
    notes = [f"共{len(listed)}类。指标、指标值和分值本年已经批复，下列各项在设定下年目标时改进。"]
    rest = Rest("类", "findings.jsonl")
    write_list(paper, NEXT_YEAR, f"{heading(totals)}绩效目标下年改进清单", fields, listed, notes=notes, rest=rest)


def _places(found: Sequence[Finding]) -> str:
    """The projects with what stands there, each project once; of very many the first."""
    of: dict[str, list[str]] = {}
    for finding in found:
        texts = of.setdefault(finding.project if finding.file else WHOLE, [])
        if finding.seen and finding.seen not in texts:
            texts.append(finding.seen)
    named = [f"{project}（{'、'.join(texts)}）" if texts else project for project, texts in of.items()]
    left = len(named) - _NAMED
    return "；".join(named[:_NAMED]) + (f"；另有{left}个项目，见“问题清单”" if left > 0 else "")
