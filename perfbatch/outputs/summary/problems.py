"""Sheets of what is to be mended: 问题清单, 下年改进清单, 系统更正清单 and 整改台账.

问题清单 has one row a finding, leading to its cell in the annotated workbook, and what has become of it.

What can only be mended when targets are set again stands at its end, and once more on 下年改进清单, a row a problem.
系统更正清单: what was mended in annotated copies and has to be changed in the platform, in its order. The columns of
整改台账 for humans survive the next run.
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from perfbatch.checks.coverage import fields
from perfbatch.checks.register import register
from perfbatch.config import CONFIG_NAME
from perfbatch.followup import answers, ledger_reader, quality, rectify
from perfbatch.followup.answers import HANDLING, HANDLINGS, Answer, Answers, Where
from perfbatch.followup.batch import Batch
from perfbatch.followup.quality import Weakness
from perfbatch.followup.summaries import SLOT
from perfbatch.forms.own_outputs import KEY_COLUMN
from perfbatch.model import BY_APPROVAL, BY_FORM, BY_SETTING, Change, Finding
from perfbatch.outputs.cells import Value
from perfbatch.outputs.paper import LINK_LIMIT, Paper
from perfbatch.outputs.summary.listing import Field, Rest, Row, place_field, write_list
from perfbatch.outputs.wording import SEVERITY, cell_alone, place, rank, state_word
from perfbatch.schema import grouped, rows
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
    rest = Rest("条问题", "findings.jsonl", whole, lambda line: rank(line.finding), "先错误、后疑问、再提示的")
    lines = _lines(batch, totals)
    several = len({line.finding.file for line in lines} - {""}) > 1

    def project(row: Row) -> str:
        finding: Finding = row.item.finding
        return finding.project if finding.file or row.item.gone else WHOLE

    fields = [
        Field("级别", lambda r: SEVERITY.get(r.item.finding.severity, r.item.finding.severity), "code", 6),
        Field(answers.CODE, lambda r: r.item.finding.code, "code", 6),
        *([Field("文件", lambda r: r.item.finding.file or WHOLE, "text", 10, 14)] if several else []),
        Field("工作表", lambda r: r.item.finding.sheet, "text", 7, 10),
        place_field(batch, 7, of=lambda line: line.finding, told=cell_alone),
        Field(answers.PROJECT, project, "text", 10, 16),
        Field(answers.SEEN, lambda r: r.item.finding.seen, "text", 8, 13),
        Field("应为", lambda r: r.item.finding.expected, "text", 8, 13),
        Field("问题说明", lambda r: r.item.finding.message, "text", 24, 32),
        Field(answers.REMEDY, lambda r: r.item.finding.hint, "text", 14, 22),
        Field("下年怎样改", lambda r: r.item.finding.next_year, "text", 10, 16),
        Field("依据", lambda r: r.item.finding.basis, "text", 10, 16),
        Field("状态", lambda r: r.item.state, "text", 8, 12),
        Field(HANDLING, lambda r: r.item.answer.handling if r.item.answer else "", "code", 8),
        Field(answers.REASON, lambda r: r.item.answer.reason if r.item.answer else "", "text", 14, 20),
        Field(KEY_COLUMN, lambda r: r.item.key, "code", 6),
    ]
    listed = write_list(paper, answers.SHEET, "绩效自评问题清单", fields, lines, notes=notes, frozen=0, rest=rest)
    column = listed.titles.index(HANDLING)
    listed.page.sheet.data_validation(listed.first, column, listed.last, column, {
        "validate": "list", "source": list(HANDLINGS), "error_title": HANDLING,
        "error_message": f"请从下拉列表中选择：{'、'.join(HANDLINGS)}。",
    })  # fmt: skip
    listed.hide_last()


class _Line(NamedTuple):
    """A row: a finding, its key and what a person answered; of an answer without a finding (`gone`) only that."""

    finding: Finding
    key: str
    answer: Answer | None = None
    gone: bool = False
    cause: str = ""  # code of the finding above of which it is a consequence

    @property
    def state(self) -> str:
        """What has become of the finding."""
        if self.gone:
            return "未再发现"
        word = state_word(self.finding)
        if self.cause:
            return f"{word}（随上面的{self.cause}更正）"
        if self.finding.accepted_by == BY_FORM:
            return f"{word}（表上已写明原因）"
        return f"{word}（{CONFIG_NAME}）：{self.finding.reason}" if self.finding.accepted_by == BY_SETTING else word


def _lines(batch: Batch, totals: Totals) -> list[_Line]:
    """Open findings with their consequences, explained ones, those for next year, answers to what is found no more."""
    known: Answers = batch.answers or Answers()
    columns = ("project_id", "sheet", "row", "level3")
    indicators = {(key, sheet, row): name for key, sheet, row, name in rows(batch.frames.indicators, *columns)}
    units = {line.project_id: line.unit for line in totals.lines}
    if (identity := batch.identity) is not None:
        units |= {key: identity.unit(at) for at, key in enumerate(identity.entries.project_id)}
    found, where = list(batch.findings), Where(units, {}, indicators)
    keys = answers.keys(found, where)
    ordered = answers.in_order(found, where)
    lines = [_Line(found[at], keys[at], known.by_key.get(keys[at]), cause=cause) for at, cause in ordered]
    lines.sort(key=lambda line: (not line.finding.open, line.finding.accepted_by == BY_APPROVAL))
    for answer in known.gone():
        finding = Finding(answer.code, "", "", "", "", "", answer.project, answer.seen, "", "", "", "")
        lines.append(_Line(finding, answer.key, answer, gone=True))
    return lines


def write_next_year(paper: Paper, batch: Batch, totals: Totals) -> None:
    """What next year's targets and points should be like: a row a problem, with the places where it stands."""
    idle = {line.project_id for line in totals.unexecuted}  # nothing was done: that says nothing about targets
    titles = {code: entry.title for code, entry in register().items()}
    later = (f for f in batch.findings if f.next_year and not (f.code in quality.DEVIATIONS and f.project_id in idle))
    problems = grouped(((finding.code, finding.next_year), finding) for finding in later)
    if not problems:
        return
    fields = [  # of all findings of a check with the same remedy
        Field("问题", lambda r: titles.get(r.item[0].code, ""), "text", 16, 28),
        Field("编号", lambda r: r.item[0].code, "code", 6),
        Field("处数", lambda r: len(r.item), "count", 6),
        Field("项目个数", lambda r: len({f.project_id for f in r.item if f.project_id}), "count", 8),
        Field("下年怎样改", lambda r: r.item[0].next_year, "text", 20, 34),
        Field("项目和内容", lambda r: _places(r.item), "text", 40, 90),
    ]
    listed = sorted(problems.values(), key=len, reverse=True)
    notes = [f"共{len(listed)}类。指标、指标值和分值本年已经批复，下列各项在设定下年目标时改进。"]
    rest = Rest("类", "findings.jsonl")
    write_list(paper, NEXT_YEAR, "绩效目标下年改进清单", fields, listed, notes=notes, rest=rest)


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


NAME = "系统更正清单"
_EMPTY = "（空白）"


class _Correction(NamedTuple):
    """A cell that was mended: where, from what to what, the project, the indicator and what people call the field."""

    file: str
    sheet: str
    cell: str
    change: Change
    project_id: str = ""
    indicator: str = ""
    word: str = ""


def write_corrections(paper: Paper, batch: Batch, totals: Totals) -> None:
    """A row a cell; nothing where no copy was mended."""
    changed = {(one.file, change.sheet, change.cell): change for one in batch.mended for change in one.changes}
    if not changed:
        return
    known = _facts(batch, changed)
    lines = [_Correction(*key, change, *known.get(key, ())) for key, change in changed.items()]
    projects = {line.project_id: line for line in totals.lines}
    several = len({line.file for line in lines}) > 1

    def own(row: Row, name: str) -> str:
        return str(getattr(projects.get(row.item.project_id), name, ""))

    fields = [
        Field("项目编码", lambda r: own(r, "code"), "text", 12, 24),
        Field("项目名称", lambda r: own(r, "name"), "text", 16, 30),
        Field("指标", lambda r: r.item.indicator, "text", 12, 26),
        Field("栏目", lambda r: r.item.word, "text", 10, 16),
        Field("系统中现为", lambda r: r.item.change.present or _EMPTY, "text", 14, 34),
        Field("应改为", lambda r: r.item.change.right or _EMPTY, "text", 14, 34),
        *([Field("文件", lambda r: r.item.file, "text", 12, 24)] if several else []),
        Field("工作表", lambda r: r.item.sheet, "text", 8, 16),
        place_field(batch, 7, told=cell_alone),
        Field("已在系统中更正", lambda _: "", "code", 8),
    ]
    notes = [
        f"共{len(lines)}处。下列内容已在批注文件中更正，本次按更正后的内容核对；正式数据以系统为准，"
        "请按本表在系统中逐项更正后重新导出，再次运行。"
    ]
    write_list(paper, NAME, "绩效自评系统更正清单", fields, lines, notes=notes, rest=Rest("处", "各批注文件"))


def _facts(batch: Batch, wanted: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], tuple[str, str, str]]:
    """Project, indicator and field of some cells (file, sheet, A1), by the columns that say where each was read."""
    found: dict[tuple[str, str, str], tuple[str, str, str]] = {}
    for table in ("indicators", "funds", "projects"):
        words = {field.place: field.word for field in fields().values() if field.table == table and field.place}
        frame = getattr(batch.frames, table)
        words = {column: word for column, word in words.items() if column in frame.columns}
        names = frame["level3" if table == "indicators" else "source" if table == "funds" else "project_name"].tolist()
        own = rows(frame, "project_id", "file", "sheet", *words)
        for (project_id, file, sheet, *cells), name in zip(own, names, strict=True):
            for cell, word in zip(cells, words.values(), strict=True):
                if (file, sheet, cell) in wanted:
                    indicator = "" if table == "projects" else str(name)
                    found.setdefault((file, sheet, cell), (project_id, indicator, word))
    return found


_WIDTHS = dict(zip(ledger_reader.HUMAN, ((18, 26), (10, 12), (10, 12), (10, 16)), strict=True))


def write_rectification(paper: Paper, batch: Batch, totals: Totals, weak: Sequence[Weakness]) -> None:
    """One row a problem; the columns for humans hold what they wrote before, else a slot."""
    entries = rectify.ledger(batch, totals, weak)

    def cell(row: Row) -> Value:
        entry = row.item
        return place(batch, entry.file, entry.sheet, entry.cell) if entry.cell else ""

    def typed(word: str) -> Callable[[Row], Value]:
        slot = "" if word == ledger_reader.PROGRESS else SLOT
        return lambda row: row.item.typed.get(word, slot)

    def key(row: Row) -> str:
        return f"{row.item.key}:{ledger_reader.marked(row.item.printed)}" if row.item.key else ""

    fields = [
        Field(ledger_reader.PROJECT, lambda r: r.item.project, "text", 14, 20),
        *([Field(ledger_reader.UNIT, lambda r: r.item.unit, "text", 10, 14)] if len(totals.units) != 1 else []),
        Field(ledger_reader.INDICATOR, lambda r: r.item.indicator, "text", 9, 30),
        Field(ledger_reader.PROBLEM, lambda r: r.item.problem, "text", 24, 42),
        Field(ledger_reader.BASIS, lambda r: r.item.basis, "text", 14, 24),
        Field(ledger_reader.CAUSE, lambda r: r.item.cause, "text", 16, 32),
        *[Field(word, typed(word), "text", *widths) for word, widths in _WIDTHS.items()],
        Field(ledger_reader.STATE, lambda r: r.item.state, "code", 8, 12),
        Field(ledger_reader.CODE, lambda r: r.item.code, "code", 6),
        Field("单元格", cell, "code", 6, 10),
        Field(KEY_COLUMN, key, "code", 6),
    ]
    open_ones = sum(not entry.mended for entry in entries)
    notes = [
        f"共{len(entries)}条，未整改{open_ones}条。原因摘自自评表的已注明，可以改写；{SLOT}处由单位填写。",
        "填写原因、整改措施、责任人、时限、进展后保存即可：重新运行时按“校验码”（隐藏列）带入所填内容；"
        "下年运行时用 --previous 指定本年输出文件夹，未整改的沿用，不再发现的标为已整改"
        f"（判断方法：{rectify.HOW_MENDED}）。",
    ]
    if batch.previous is not None:
        notes.append(batch.previous.ledger.remark or "已带入上年整改台账中未整改的问题。")
    rest = Rest("条", "findings.jsonl", rank=lambda entry: not entry.typed, order="有人填写过的和排在前面的")
    listed = write_list(paper, ledger_reader.SHEET, "绩效自评问题整改台账", fields, entries, notes=notes, rest=rest)
    listed.hide_last()
