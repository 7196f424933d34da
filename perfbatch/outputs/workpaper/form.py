"""One sheet of the workpaper: the figures of a project as on its form, and blank columns for the reviewer."""

import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from xlsxwriter.format import Format

from perfbatch.decimals import percent, plain
from perfbatch.evidence.index import STATES
from perfbatch.evidence.kinds import evidence_for, missing, remark
from perfbatch.evidence.project import spot
from perfbatch.followup import items
from perfbatch.followup.batch import Batch
from perfbatch.followup.items import Item
from perfbatch.forms.own_outputs import KEY_COLUMN
from perfbatch.model import Finding, column_letters
from perfbatch.outputs.cells import Column, Formula, Kind, Link, Value, file_link, lines_of
from perfbatch.outputs.files import safe_name
from perfbatch.outputs.paper import LINE, Page, Paper
from perfbatch.outputs.wording import SEVERITY, place, rank, state_word
from perfbatch.schema import grouped, records
from perfbatch.totals.lines import ASKED, ProjectLine

_BEFORE = (
    Column("序号", "seq", 4.5), Column("一级指标", "code", 9), Column("二级指标", "code", 10),
    Column(items.NAME_COLUMN, "text", 16), Column("指标值", "text", 11), Column("实际完成值", "text", 12),
    Column(items.POINTS_COLUMN, "figure", 6), Column("自评得分", "score", 7), Column("复算得分", "score", 7),
)  # fmt: skip
_COMPLETE, _ACTUAL, _SCORE, _OPINION = items.ENTRY_COLUMNS
_ENTRIES = (
    Column(_COMPLETE, "code", 9), Column(_ACTUAL, "text", 13), Column(_SCORE, "score", 10),
    Column(_OPINION, "text", 22),
)  # fmt: skip
_OF_WHICH = re.compile("^其中[:：]?")
_LONGEST = 31  # UTF-16 units of the name of a sheet
_PLACES = 2  # of a figure that a row names
FOUND, OPEN = "佐证材料", "查看"  # what the documents that were given say of a row; leads to the first of them


class Layout:
    """The columns of a sheet, and what follows from them; with those of the documents only where there are any."""

    def __init__(self, columns: Sequence[Column], pairs: Sequence[tuple[int, int, int]]) -> None:
        self.columns, self.pairs = columns, pairs  # pairs: label from, label to, value to
        self.letters = {column.title: column_letters(at) for at, column in enumerate(columns, start=1)}
        self.at = {column.title: at for at, column in enumerate(columns)}
        self.last = len(columns) - 1
        self.keys = len(columns)  # the hidden column to the right

    def room(self, first: int, last: int) -> float:
        """Width of some columns."""
        return sum(column.narrowest for column in self.columns[first : last + 1])


PLAIN = Layout(
    (*_BEFORE, Column("偏差原因", "text", 22), Column("应备佐证材料", "text", 20), *_ENTRIES),
    ((0, 1, 5), (6, 8, 9), (10, 10, 12), (13, 13, 14)),
)
WITH_PAPERS = Layout(
    (
        *_BEFORE, Column("偏差原因", "text", 16), Column("应备佐证材料", "text", 14), Column(FOUND, "text", 20),
        Column(OPEN, "code", 7), *_ENTRIES,
    ),
    ((0, 1, 5), (6, 8, 9), (10, 10, 14), (15, 15, 16)),
)  # fmt: skip
_ONE_PAGE = 830  # points of rows that still print legibly on one sheet: its width alone takes it to about 60 %
_ANCHOR = "→"  # text of a link until the value takes its place
ENTRY_FILL = "#FFF8DC"  # shows as white when printed in grey
_NOTES = (
    "填写说明：浅色栏由核查人员填写。“核查完成值”填核查认定的实际完成值（写法与“实际完成值”相同），"
    "“核查分数”不得超过分值；只填核查完成值、不填核查分数的，由程序按评分规则复算；两项都不填的视为未核查。",
    "可以增加、删除、移动行和列，可以改工作表名称；请不要改动表头文字和隐藏的“校验码”列。"
    "填好后运行 perfbatch review 本文件。",
)


class Form(NamedTuple):
    """What one sheet shows: the project, its rows, the name of the sheet."""

    line: ProjectLine
    items: Sequence[Item]
    name: str
    sources: str
    drawn: str
    quality: Sequence[Item] = ()
    quality_share: Decimal | None = None
    layout: Layout = PLAIN
    findings: Sequence[Finding] = ()  # errors and doubts about the form
    project: Any = None  # columns of the projects frame: code, year, goal, what was done


def sheet_names(projects: Sequence[str]) -> list[str]:
    """``01项目名称`` for each project, legal in Excel and different without regard to case."""
    digits, legal = max(2, len(str(len(projects)))), str.maketrans("[]'", "()_")
    names = (f"{at:0{digits}}{safe_name(name).translate(legal)}" for at, name in enumerate(projects, start=1))
    return [name.encode("utf-16-le")[: _LONGEST * 2].decode("utf-16-le", "ignore").rstrip() for name in names]


def forms_of(batch: Batch, lines: Sequence[ProjectLine]) -> list[Form]:
    """What the sheets of these projects show, in their order."""
    ids = [line.project_id for line in lines]
    rows, wanted, files = items.items_of(batch.frames, ids), set(ids), {result.file for result in batch.results}
    drawn = {entry.project_id: entry.told for entry in batch.draw.drawn}
    columns = ("project_id", "ruleset", "project_code", "year", "goal_expected", "goal_actual")
    projects = {row.project_id: row for row in records(batch.frames.projects, *columns) if row.project_id in rows}
    sources: dict[str, list[str]] = defaultdict(list)  # of the money, with what was executed, as the form lists them
    for row in records(batch.frames.funds, "project_id", "role", "source", "adjusted", "executed"):
        if row.project_id in wanted and row.role == "sub" and (row.adjusted or row.executed):
            name = _OF_WHICH.sub("", row.source)
            text = f"{name}全年预算{plain(row.adjusted) or '—'}、执行{plain(row.executed) or '—'}"
            sources[row.project_id].append(text)
    asked = (f for f in batch.findings if f.project_id in wanted and f.severity in ASKED and f.file in files)
    found = grouped((finding.project_id, finding) for finding in asked)  # about the forms, not about their workpapers
    layout = WITH_PAPERS if batch.evidence is not None else PLAIN
    forms = []
    for line, key, name in zip(lines, ids, sheet_names([line.name for line in lines]), strict=True):
        project, serious = projects[key], sorted(found[key], key=rank)
        rules = batch.rulesets[project.ruleset]
        told, share = "；".join(sources[key]), rules["review_quality_share"]
        quality = items.quality_items(key, rules)
        forms.append(Form(line, rows[key], name, told, drawn.get(key, ""), quality, share, layout, serious, project))
    return forms


def write_form(paper: Paper, batch: Batch, form: Form) -> str:
    """Add the sheet of one project; returns the cells of the reviewed scores (``N9:N20``), for the list sheet."""
    page, layout = paper.page(form.name, landscape=True), form.layout
    page.sheet.set_column(layout.keys, layout.keys, 4, None, {"hidden": True})
    header = _head(page, form)
    for at, column in enumerate(layout.columns):
        page.sheet.set_column(at, at, column.narrowest)
        page.text(header, at, column.title, paper.heading())
    page.text(header, layout.keys, KEY_COLUMN, paper.look())
    page.tall(header, 2 * LINE + 4)
    before, looks = ("", ""), _looks(paper, layout)
    for number, item in enumerate(form.items, start=1):
        levels = (item.level1, item.level2)
        values = _values(batch, item, number, ("", "") if levels == before else levels)
        _write_row(page, layout, header + number, values, looks)
        page.text(header + number, layout.keys, item.key, paper.look())
        before = levels
    after = header + 1 + len(form.items)
    _sums(page, form, header + 1, after)
    bottom = _below(page, form, _doubts(page, batch, form, _quality(page, form, after + 1)))
    page.sheet.repeat_rows(header)
    page.sheet.freeze_panes(header + 1, 4)
    high = page.height(0, bottom)
    page.printed(bottom - 1, len(layout.columns), pages_high=1 if high <= _ONE_PAGE else 0)
    score = layout.letters[_SCORE]
    return f"{score}{header + 2}:{score}{after}"


def _head(page: Page, form: Form) -> int:
    """Title and the figures of the project; returns the row of the table heading."""
    paper, line, layout = page.paper, form.line, form.layout
    project, year = form.project, form.project.year
    page.merged(0, 0, layout.last, "绩效自评抽查工作底稿", paper.look(font_name="黑体", font_size=16, align="center"))
    page.tall(0, 30)
    page.tall(1, 18)
    page.merged(1, 0, 5, f"填报单位：{line.unit}", paper.look(align="left"))
    page.merged(1, 6, 9, f"{year}年度" if year else "", paper.look(align="center"))
    page.merged(1, 10, layout.last, "金额单位：万元", paper.look(align="right"))
    facts: Sequence[Sequence[tuple[str, Value, Kind]]] = (
        (
            ("项目名称", line.name, "text"), ("项目编码", project.project_code, "text"),
            ("项目类别", line.category, "text"), ("预算安排", line.origin, "text"),
        ),
        (
            ("抽取方式", form.drawn, "text"), ("年初预算数", line.initial, "money"),
            ("全年预算数", line.adjusted, "money"), ("全年执行数", line.executed, "money"),
        ),
        (
            ("资金来源", form.sources, "text"), ("自评总分", line.declared, "score"),
            ("复算总分", line.computed, "score"), ("预算执行率", line.rate, "rate"),
        ),
        (("年度目标", project.goal_expected, "text"),),
        (("目标完成情况", project.goal_actual, "text"),),
    )  # fmt: skip
    for row, pairs in enumerate(facts, start=2):
        lines, places = 1, layout.pairs if len(pairs) > 1 else [(0, 1, layout.last)]
        for (first, label_to, last), (label, value, kind) in zip(places, pairs, strict=True):
            page.merged(row, first, label_to, label, paper.heading())
            look = paper.body(kind) if kind == "text" else paper.body(kind, shrink=True)
            page.merged(row, label_to + 1, last, value, look)
            if isinstance(value, str):
                lines = max(lines, lines_of(value, layout.room(label_to + 1, last)))
        page.tall(row, max(lines * LINE + 4, 20))
    return 2 + len(facts)


_Linked = tuple[Value, str]  # a value, and the link to its cell of the annotated form ('' for none)


def _values(batch: Batch, item: Item, number: int, levels: tuple[str, str]) -> list[_Linked]:
    def linked(cell: str, value: Value) -> _Linked:
        elsewhere, _, own = cell.rpartition("!")  # ``表二!B3`` names a cell of another sheet
        return value, place(batch, item.file, elsewhere or item.sheet, own).url if cell else ""

    evidence = evidence_for(item.level1, item.level2, item.name)
    return [
        (number, ""), (levels[0], ""), (levels[1], ""), (item.name, ""), linked(item.cell_target, item.target),
        linked(item.cell_actual, item.actual), linked(item.cell_points, item.points),
        linked(item.cell_score, item.declared), (item.computed, ""), linked(item.cell_reason, item.reason),
        (evidence, ""), *_found(batch, item), ("", ""), ("", ""), (None, ""), ("", ""),
    ]  # fmt: skip


def _found(batch: Batch, item: Item) -> list[_Linked]:
    """What the documents say of a row (the state, where to look, which papers lack), and what leads to the first."""
    if (evidence := batch.evidence) is None:
        return []
    if (made := evidence.projects.get(item.project_id)) is None:
        return [("没有佐证材料", ""), ("", "")]
    told, url = [], ""
    entry = made.entry(item.sheet, item.cell_actual)
    if entry is not None:
        shown: dict[str, None] = {}
        for at in entry.places:
            if at.agrees == (entry.state == "agrees"):
                other = "" if at.agrees else f"为{at.figure.shown()}"
                shown[f"{PurePosixPath(at.paper.paper.name).name}{spot(at.figure)}{other}"] = None
        word = STATES[entry.state]
        told.append(f"{word}：{'、'.join(list(shown)[:_PLACES])}" if entry.places else word)
        for first in entry.places[:1]:
            url = file_link(evidence.links.get(first.paper.paper.name, ""), first.figure.sheet, first.figure.cell)
    told += [f"缺：{papers}" for papers in missing(item.level1, item.level2, item.name, made.there)]
    if not told:
        told = ["材料齐全"]
    elif made.unclear and len(told) > (entry is not None):
        told.append(f"另有{len(made.unread)}份未读")
    return [("；".join(told), ""), ("打开" if url else "", url)]


def _looks(paper: Paper, layout: Layout) -> list[Format]:
    entered = {"bg_color": ENTRY_FILL}
    return [paper.body(some.kind, **(entered if some.title in items.ENTRY_COLUMNS else {})) for some in layout.columns]


def _write_row(page: Page, layout: Layout, row: int, values: Sequence[_Linked], looks: Sequence[Format]) -> None:
    lines = 1
    for at, ((value, url), column, look) in enumerate(zip(values, layout.columns, looks, strict=True)):
        taken = lines_of(value, column.narrowest) if isinstance(value, str) else 1
        linked = url and taken == 1 and value not in ("", None)  # LibreOffice does not wrap linked text
        if linked and isinstance(value, str):
            page.link(row, at, Link(url, value), look)
        else:
            if linked:
                page.link(row, at, Link(url, _ANCHOR), look)
            page.value(row, at, value, look)  # in place of the text that came with the link
        lines = max(lines, taken)
    page.tall(row, max(lines * LINE + 4, 24))


def _sums(page: Page, form: Form, first: int, row: int) -> None:
    """The line of sums below the table at `row`, and the rules for what may be entered above it."""
    layout = form.layout
    looks = [page.paper.body(column.kind, bold=True, top=2) for column in layout.columns]
    for at in range(len(layout.columns)):
        page.text(row, at, "合计" if at == 1 else "", looks[at])
    figures = {
        items.POINTS_COLUMN: [item.points for item in form.items], "自评得分": [item.declared for item in form.items],
        "复算得分": [item.computed for item in form.items], _SCORE: [],
    }  # fmt: skip
    for title, values in figures.items():
        cells = f"{layout.letters[title]}{first + 1}:{layout.letters[title]}{max(row, first + 1)}"
        total = sum((value for value in values if value is not None), Decimal(0))
        formula = Formula(f"=SUM({cells})", total)
        if title == _SCORE:  # nothing is entered yet
            formula = Formula(f'=IF(COUNT({cells})=0,"",SUM({cells}))', "")
        elif title == "复算得分":  # the sum of some rows would look like points lost
            declared = cells.replace(layout.letters[title], layout.letters["自评得分"])
            some = sum(value is not None for value in values) < sum(item.declared is not None for item in form.items)
            formula = Formula(f'=IF(COUNT({cells})<COUNT({declared}),"",SUM({cells}))', "" if some else total)
        page.value(row, layout.at[title], formula, looks[layout.at[title]])
    page.tall(row, 22)
    _validate(page, layout, first, row - 1)


def _validate(page: Page, layout: Layout, first: int, last: int) -> None:
    if last < first:
        return
    complete, score = layout.at[_COMPLETE], layout.at[_SCORE]
    page.sheet.data_validation(first, complete, last, complete, {
        "validate": "list", "source": list(items.COMPLETENESS),
        "error_title": "佐证材料是否齐全", "error_message": "请选择：是、部分、否。",
    })  # fmt: skip
    page.sheet.data_validation(first, score, last, score, {
        "validate": "decimal", "criteria": "between", "minimum": 0,
        "maximum": f"=${layout.letters[items.POINTS_COLUMN]}{first + 1}",
        "input_title": "核查分数", "input_message": "不小于0，不超过本行分值。",
        "error_title": "核查分数超出范围", "error_message": "核查分数应为数字，不小于0，不超过本行的分值。",
    })  # fmt: skip


def _quality(page: Page, form: Form, row: int) -> int:
    """The checklist of the quality of the self-evaluation below the table; returns the row after it."""
    if not form.quality or form.quality_share is None:
        return row
    paper, share, layout = page.paper, form.quality_share, form.layout
    whole = plain(sum((item.points or Decimal(0) for item in form.quality), Decimal(0)))
    counted = f"核查得分＝本项得分×{percent(share)}＋上表核查分数合计×{percent(1 - share)}"
    heading = f"{items.QUALITY_LABEL}（满分{whole}分；各项都填写的，{counted}）"
    page.merged(row, 0, layout.last, heading, paper.heading())
    page.tall(row, LINE + 6)
    first = row + 1
    looks = _looks(paper, layout)
    for number, item in enumerate(form.quality, start=1):
        row += 1
        values: list[Value] = [None if column.kind in ("score", "figure") else "" for column in layout.columns]
        values[0], values[layout.at[items.NAME_COLUMN]] = number, item.name
        values[layout.at[items.POINTS_COLUMN]] = item.points
        values[1] = items.QUALITY_LABEL if number == 1 else ""
        _write_row(page, layout, row, [(value, "") for value in values], looks)
        page.text(row, layout.keys, item.key, paper.look())
    _validate(page, layout, first, row)
    return row + 1


def _doubts(page: Page, batch: Batch, form: Form, row: int) -> int:
    """What the checks found on the form, for the reviewer to look into; returns the row after it."""
    if not form.findings:
        return row
    paper, layout = page.paper, form.layout
    page.merged(row, 0, layout.last, f"自评表核对发现的问题（{len(form.findings)}条，请一并核实）", paper.heading())
    page.tall(row, LINE + 6)
    for number, finding in enumerate(form.findings, start=1):
        row += 1
        reason = f"（{state_word(finding)}：{finding.reason}）" if finding.reason else ""
        told = f"{finding.message.rstrip('。')}。{reason}"
        page.value(row, 0, number, paper.body("seq"))
        page.text(row, 1, SEVERITY[finding.severity], paper.body("code"))
        page.text(row, 2, finding.code, paper.body("code"))
        page.link(row, 3, place(batch, finding.file, finding.sheet, finding.cell), paper.body("code"))
        page.merged(row, 4, layout.last, told, paper.body("text"))
        page.tall(row, max(lines_of(told, layout.room(4, layout.last)) * LINE + 4, 20))
    return row + 1


def _below(page: Page, form: Form, row: int) -> int:
    """Opinion, signature and remarks; returns the row after the last."""
    paper, layout = page.paper, form.layout
    entry = paper.body("text", bg_color=ENTRY_FILL)
    page.merged(row, 0, 1, items.OPINION_LABEL, paper.heading())
    page.merged(row, 2, layout.last, "", entry)
    page.tall(row, 62)
    page.text(row, layout.keys, f"{form.line.project_id}-{items.OPINION}", paper.look())
    row += 1
    for (first, label_to, last), label in zip(layout.pairs, (items.REVIEWER_LABEL, items.DATE_LABEL), strict=False):
        page.merged(row, first, label_to, label, paper.heading())
        look = paper.body("text", bg_color=ENTRY_FILL, num_format='yyyy"年"m"月"d"日"')
        page.merged(row, label_to + 1, last, "", look)
    page.merged(row, 10, layout.last, "", paper.body("text"))
    page.tall(row, 24)
    page.text(row, layout.keys, f"{form.line.project_id}-{items.SIGNATURE}", paper.look())
    small = paper.look(font_size=9, text_wrap=True, align="left", valign="top")
    for note in (*_NOTES, f"{remark()}。"):
        row += 1
        page.merged(row, 0, layout.last, note, small)
        page.tall(row, lines_of(note, layout.room(0, layout.last) * 1.1) * LINE + 2)
    return row + 1
