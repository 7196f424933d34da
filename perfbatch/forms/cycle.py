"""Sheets of the budget cycle beside the self-evaluation: approved targets, adjustments, monitoring, overall forms.

They are read with the reader of the self-evaluation forms, under words of their own (`cycle.toml`). What only they
have is settled here: of a target sheet with a mid-term and an annual half (side by side, or two tables below each
other) only the annual half is the year's target; its budget stands beside a label and heads no column.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from itertools import islice

from perfbatch.forms import coverage, listing
from perfbatch.forms.bands import Band, indicator_bands
from perfbatch.forms.form import Form, Line
from perfbatch.forms.gridform import read_form
from perfbatch.forms.sheet import Address, Label, Sheet
from perfbatch.forms.vocabulary import Vocabulary, header_forms, names_source, of_cycle
from perfbatch.model import Cell, Range, Unread, position
from perfbatch.notation import fold, is_nil, read_points

TARGET, ADJUSTMENT, MONITORING, OVERALL = "target", "target_adjustment", "monitoring", "overall"
RECTIFICATION, EVALUATION = "rectification", "evaluation"
READ = (TARGET, ADJUSTMENT, MONITORING, OVERALL, RECTIFICATION, EVALUATION)
_WHOLE = (TARGET, ADJUSTMENT, MONITORING, OVERALL)  # of which every cell is read or named
_MONTHS = re.compile(r"1月?[-—–~至到]+(\d{1,2})月|截至(\d{1,2})月|(半年度)")


def read(sheet: Sheet, region: Range, kind: str) -> list[Form]:
    """The form of a kind in a region; none where nothing of it was understood."""
    if kind not in READ:
        return []
    own = _under(sheet, region, kind)
    if kind in (RECTIFICATION, EVALUATION):
        return _ledger(own, region) if kind == RECTIFICATION else _evaluation(own, region)
    form = read_form(own, region, kind)
    form.kind = kind
    long = _long_tables(own, region)
    form.lines = [line for line in form.lines if not any(area.top <= line.row <= area.bottom for area in long)]
    cell = form.head.pop("budget", None)
    form.taken += [one for one in (cell, form.head.pop("budget_long", None)) if one is not None]
    if cell is not None and not form.funds and _is_amount(cell):  # beside a label and not below stages: the total line
        source = Cell(cell.row, max(cell.column - 1, 1), "合计", "text")
        form.funds.append(Line(cell.row, {"source": source, "initial": cell}, sheet.grid.sheet))
    _take_parts(own, region, form)
    _take_sources(own, region, form)
    if kind == MONITORING:  # until which month it goes is written in its headers (1—7月执行数) or its title
        cells = own.begun(region.top, region.bottom)
        said = ((cell, months) for cell in cells if (months := _MONTHS.search(fold(cell.text))))
        for cell, months in islice(said, 1):
            form.head.setdefault("months", cell._replace(text=months[1] or months[2] or "6"))
    if form.lines or (form.funds and form.text("project_name").strip()):
        return [form]
    # a list of the platform: 部门编码 │ 部门名称 │ … │ 得分
    return _of_lists(own, kind) if kind == OVERALL else []


def _under(sheet: Sheet, region: Range, kind: str) -> Sheet:
    """The sheet under the words of a kind, of a target sheet its annual half."""
    own = _worded(sheet, kind)
    whole = kind not in (TARGET, ADJUSTMENT)
    return own if whole else sheet.once(("annual", kind, region), lambda: _annual(own, region))


def _worded(sheet: Sheet, kind: str) -> Sheet:
    return sheet.once(("cycle", kind), lambda: Sheet(sheet.grid, of_cycle(sheet.vocabulary, kind)))


def unread(sheet: Sheet, region: Range, part: listing.Listing | None, forms: list[Form]) -> list[Unread]:
    """What stands in a region and was not read; of ledgers and score sheets only one thing is wanted.

    The mid-term half and long-term tables of a target sheet are left out on purpose.
    """
    kind = forms[0].kind
    if kind not in _WHOLE:
        return []
    own = _under(sheet, region, kind)
    listed = [some for some in listing.find(own) if part is None or some.top == part.top]
    if part is not None or (listed and not any(form.lines for form in forms)):
        return [one for some in listed for one in coverage.of_list(own, some, forms)]
    long = _long_tables(own, region)
    left = coverage.of_forms(own, region, forms)
    return [one for one in left if not any(area.top <= position(one.cell)[0] <= area.bottom for area in long)]


def read_list(sheet: Sheet, part: listing.Listing, kind: str) -> list[Form]:
    """The projects of a list of a kind, each with its rows."""
    return _of_lists(_worded(sheet, kind), kind, part.top) if kind in READ else []


def _of_lists(own: Sheet, kind: str, top: int = 0) -> list[Form]:
    """The projects (or departments) of the lists on a sheet, or of the one whose header begins on row `top`."""
    parts = [part for part in listing.find(own) if top in (0, part.top)]
    forms = [form for part in parts for form in listing.read(own, part)]
    for form in forms:
        form.kind = form.layout = kind
    return forms


def _ledger(sheet: Sheet, region: Range) -> list[Form]:
    """The projects of a ledger of rectification, each with what is to be done about it: one a row below the header."""
    rows = (sheet.fields(row, "head") for row in range(region.top, region.bottom + 1))
    header = next((named for named in rows if {"project_name", "measures"} <= named.keys()), None)
    if header is None:
        return []
    forms = []
    for below in range(header["project_name"].area.bottom + 1, region.bottom + 1):
        cells = {name: sheet.at(below, header[name].area.left) for name in ("project_name", "measures")}
        name = cells["project_name"]
        if name.row == below and not is_nil(name.text):
            own = sheet.grid.file, sheet.grid.sheet, RECTIFICATION
            forms.append(Form(*own, anchor=name.ref, kind=RECTIFICATION, head=cells))
    return forms


# -- score sheets of evaluations ----------------------------------------------------------------------------------

_SCORE = re.compile(r"(?:评价|复核|专家|评审|最终|实际)?(?:得分|评分)$")
_TOTAL = re.compile(r"(?:合计|总计|总分|总得分|得分合计)(?:得分)?$")
_FEWEST_HEADERS = 4
_NAMED = re.compile(
    r"^(?:\d{4}年度?)?(.{4,60}?)(?:项目)?(?:支出|资金)?(?:绩效)评价(?:指标体系)?(?:及)?(?:评分|计分|打分).*$"
)


def _evaluation(sheet: Sheet, region: Range) -> list[Form]:
    """The project that a score sheet names and its total; none where either is not there or two columns score.

    The project stands beside 项目名称, else before 绩效评价 in the title.
    """
    name = _evaluated(sheet, region)
    for header in range(region.top, region.bottom + 1):
        cells = list(sheet.begun(header, header))
        scores = [cell for cell in cells if _SCORE.match(fold(cell.text))]
        if scores and len(cells) >= _FEWEST_HEADERS:
            break
    if name is None or len(scores) != 1:  # of the unit, of the experts …: nobody can say which one counts
        return []
    for row in range(region.bottom, header, -1):
        first = next(sheet.begun(row, row), None)
        if first is not None and _TOTAL.match(fold(first.text)):
            score = sheet.at(row, scores[0].column)
            if read_points(score.text, stored=score.stored) is None:
                return []
            form = Form(sheet.grid.file, sheet.grid.sheet, EVALUATION, anchor=name.ref, kind=EVALUATION)
            form.head |= {"project_name": name, "total": score}
            worth = (sheet.at(row, c.column) for c in cells if fold(c.text) in ("分值", "权重", "标准分", "满分"))
            for points in (p for p in worth if read_points(p.text, stored=p.stored) is not None):
                form.head["total_points"] = points
            return [form]
    return []


def _evaluated(sheet: Sheet, region: Range) -> Cell | None:
    """The cell that names the project of a score sheet, its text the name."""
    for label in sheet.begun_labels(region.top, region.bottom):
        if label.fields.get("head") == "project_name":
            value = sheet.beside(label)
            return value if not is_nil(value.text) else None
    for name, cell in sheet.stated_fields(region.top, region.bottom):
        if name == "project_name":
            return cell
    for row in range(region.top, min(region.top + 3, region.bottom) + 1):
        cells = list(sheet.begun(row, row))
        if len(cells) == 1 and (found := _NAMED.match(cells[0].text.strip())) and found[1] not in ("项目", "项目支出"):
            return cells[0]._replace(text=found[1])
    return None


# -- mid-term and annual halves -----------------------------------------------------------------------------------


def _annual(sheet: Sheet, region: Range) -> Sheet:
    """The sheet without the mid-term half of a form that has both side by side; itself where it has one."""
    bands = indicator_bands(sheet, region.top, region.bottom)
    first = bands[0].top if bands else region.bottom + 1
    aside: set[Address] = set()
    halves = [(row, found) for row in range(region.top, first) if (found := _halves(sheet.labels.get(row, ())))]
    stops = [*(row for row, _ in halves[1:]), first]
    for (row, (long, annual)), stop in zip(halves, stops, strict=False):
        aside.update((at, column) for at in range(row, stop) for column in range(long.area.left, annual.area.left))
    for band in bands if halves else ():
        again = {name for name, _, _ in band.again}
        starts = [span[0] for name, span, _ in band.again if name in ("level2", "level3", "target")]
        if "target" not in again:
            continue
        # the left one of two groups of columns over the same levels; a level 1 that both share stays
        own = [span for name, span in band.columns.items() if name != "level1" or "level1" in again]
        left = min((span[0] for span in own), default=min(starts))
        rows = range(band.top, _bottom(bands, band, region) + 1)
        aside.update((row, column) for row in rows for column in range(left, min(starts)))
    if not aside:
        return sheet
    grid = sheet.grid
    cells = {at: cell for at, cell in grid.cells.items() if at not in aside}
    merges = tuple(merge for merge in grid.merges if (merge.top, merge.left) not in aside)
    return Sheet(replace(grid, cells=cells, merges=merges), sheet.vocabulary)


def _halves(labels: Iterable[Label]) -> tuple[Label, Label] | None:
    """A mid-term label and the annual one right of it on a row."""
    long: Label | None = None
    for label in labels:
        name = label.fields.get("head", "")
        if name in ("goal_long", "budget_long"):
            long = label
        elif long is not None and name in ("goal_expected", "budget"):
            return long, label
    return None


def _bottom(bands: list[Band], band: Band, region: Range) -> int:
    return min((other.top - 1 for other in bands if other.top > band.bottom), default=region.bottom)


def _long_tables(sheet: Sheet, region: Range) -> list[Range]:
    """Indicator tables that a label beside or above them calls those of the whole period."""
    bands = indicator_bands(sheet, region.top, region.bottom)

    def is_long(band: Band) -> bool:
        heads = (o.fields.get("head", "") for row in (band.top, band.top - 1) for o in sheet.labels.get(row, ()))
        return next((name for name in heads if name.startswith("table_")), "") == "table_long"

    return [Range(b.top, region.left, _bottom(bands, b, region), region.right) for b in bands if is_long(b)]


# -- money --------------------------------------------------------------------------------------------------------


def _is_amount(cell: Cell) -> bool:
    return read_points(cell.text.rstrip("亿万千百元 ")) is not None


def _take_parts(sheet: Sheet, region: Range, form: Form) -> None:
    """Figures beside labels that the block of the money has only on forms of some kind (项目支出, 全年预计执行数)."""
    total = form.funds[0].row if form.funds else 0
    for name, words in _parts(sheet.vocabulary).items():
        for line in form.funds:
            if _bare(line.text("source")) in words and "executed" in line.cells and not is_nil(line.text("executed")):
                form.head[name] = line.cells["executed"]
        for cell in sheet.begun(region.top, region.bottom):
            plain = _bare(cell.text)
            if name in form.head or not words.intersection((plain, *header_forms(plain))):
                continue
            value: Cell | None = sheet.at(total, cell.column)
            if name != "forecast" or total <= cell.row:  # the first amount right of the label
                following = sheet.part(cell.row, sheet.area(cell).right + 1, sheet.last_column)
                value = next(filter(_is_amount, following), None)
            if value is not None and not is_nil(value.text):
                form.head[name] = value


def _take_sources(sheet: Sheet, region: Range, form: Form) -> None:
    """The lines that split a budget by source or kind of expenditure, of which only the total is needed."""
    parts = frozenset[str]().union(*_parts(sheet.vocabulary).values())
    lines = {line.row for line in form.lines}
    for row in (row for row in range(region.top, region.bottom + 1) if row not in lines):
        own = False
        for cell in sheet.row(row):
            if not _is_amount(cell):  # the amounts behind the name of a part are its own
                part = names_source(sheet.vocabulary, cell.text) or _bare(cell.text) in parts
                own = cell.row == row and part
            if own:
                form.taken.append(cell)
    aside = sheet.vocabulary.words("cycle_aside", "words")
    for label in sheet.begun_labels(region.top, region.bottom):
        if aside.intersection(header_forms(label.cell.text)):
            below = label.area.bottom + 1  # the figures, where the label is not merged over them
            rows = [*range(label.area.top, below), *([below] if below not in sheet.labels else [])]
            form.taken += [cell for each in rows for cell in sheet.part(each, label.area.right + 1, region.right)]
    for line in form.funds:  # a column that this block has besides those of the forms (全年预计执行数)
        form.taken += [cell for cell in sheet.row(line.row) if read_points(cell.text) is not None]


def _bare(text: str) -> str:
    return fold(text).removeprefix("其中:").rstrip(":")


@cache
def _parts(vocabulary: Vocabulary) -> Mapping[str, frozenset[str]]:
    return {name: vocabulary.words("cycle_parts", name) for name in vocabulary.raw["cycle_parts"]}
