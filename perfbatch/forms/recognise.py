"""From a workbook's grids to its projects: what kind each sheet or region is, where each form begins and ends.

What the clerk is told of a sheet stands first: why it is no form, which words were looked for, where the year is from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, islice, pairwise
from operator import itemgetter
from pathlib import PurePosixPath
from typing import Any

from perfbatch.forms import coverage, cycle, kinds, listing, vocabulary
from perfbatch.forms.bands import LEVELS, Band, indicator_bands
from perfbatch.forms.form import MONEY, Form, year_in
from perfbatch.forms.gridform import read_form
from perfbatch.forms.kinds import Kind, is_title
from perfbatch.forms.sheet import Address, Sheet
from perfbatch.forms.vocabulary import Vocabulary, header_forms
from perfbatch.model import Book, Cell, Range, SheetReading, Unread, column_letters
from perfbatch.notation import fold, is_nil, read_points, says_nothing

_PROSE_LENGTH = 60  # a text of this many characters is a sentence, not a header or a value
_LIKE_A_FORM = 3  # so many header words make a sheet look like a form


EMPTY = "空白工作表，未处理"
SAMPLE = "填写示例，不是本单位的自评表，没有计入"
UNNAMED = "填写示例（项目名称或单位写着XX、××或**），没有计入；要计入请写明项目名称和单位"
MIXED = "几张表并排或交错，分不开，没有读取；请把每张表单独放在一个工作表中"
EMPTY_LIST = "空白的列表，只有表头、没有项目，没有计入"
BLANK = "空白的自评表，没有填写项目名称、资金和完成情况，没有计入"
UNFILLED = (BLANK, EMPTY_LIST, UNNAMED)
INSTRUCTIONS = "封面或填写说明，不是自评表，没有读取"


def transposed(sheet: Sheet, region: Range) -> str:
    """That the names of the columns stand below one another in a form turned on its side, else empty."""
    columns: dict[int, set[str]] = {}
    several: dict[int, int] = {}  # column of names → projects beside 项目名称
    for label in sheet.begun_labels(region.top, region.bottom):
        names = {label.fields[block] for block in ("indicator", "fund", "head") if block in label.fields}
        columns.setdefault(label.area.left, set()).update(names)
        values = [cell for cell in sheet.part(label.cell.row, label.area.right + 1, region.right) if cell.text]
        if "project_name" in names and not any(map(sheet.is_label, values)):
            several[label.area.left] = len({cell.text for cell in values})
    for column, names in columns.items():
        where = f"竖排在{column_letters(column)}列（行列转置的表），没有读取；请把表格行列对调后重新导出"
        if {"project_name", "executed"} <= names and several.get(column, 0) > 1 and len(names & set(MONEY)) > 1:
            return f"每列一个项目，栏目{where}"
        if {"level3", "target", "actual"} <= names and len(names) >= 4:
            return f"指标名称、指标值等栏目{where}"
    return ""


def unrecognised(sheet: Sheet) -> str:
    """Why a sheet was not read: prose, a form without a needed column (with the nearest words), or no form."""
    labels = {label.cell.text for row in sheet.labels.values() for label in row}
    if len(labels) >= _LIKE_A_FORM:
        missing = "；".join(nearest_words(sheet))
        return f"像自评表，但缺少必需的表头：{missing}；未处理" if missing else "像自评表，但没有完整的指标表头，未处理"
    texts = [cell.text for cell in sheet.grid.cells.values()]
    if any(len(text) >= _PROSE_LENGTH and "绩效" in text for text in texts):
        return "内容是文字叙述，不是表格，无法逐项核对；请改填自评表后重新导出"
    return "未识别到自评表或导出列表的表头，未处理"


def nearest_words(sheet: Sheet) -> list[str]:
    """For each needed header that is absent: the words looked for and the nearest words on the sheet."""
    words = sheet.vocabulary
    texts = [cell.text for cell in sheet.grid.cells.values()]
    lines = []
    for block, name, title in words.raw["wanted"]["fields"]:
        if any(label.fields.get(block) == name for row in sheet.labels.values() for label in row):
            continue
        wanted = "、".join([word for word, field in words.blocks[block].items() if field == name][:4])
        near = words.nearest(texts, block, name)
        lines.append(f"{title}（可用的写法：{wanted}等；表中最接近的是：{'、'.join(near) or '无'}）")
    return lines


_TITLE_ROWS = 8  # how far above 项目名称 a title is looked for
_BESIDE_TARGETS = ("actual", "score", "target_and_actual", "points_and_score", "verdict", "item_score")
_FEWEST_LABELS = 3  # fewer header words below a title make no form
# what the sheet on which a form ends holds of it besides indicators
_BELOW = frozenset(["total", "total_points", "grade", "conclusion", "problems", "measures", "reason_box"])


@dataclass(slots=True)
class Recognition:
    """Forms of a workbook, what became of each sheet, and the regions they were read from.

    `beside` are sheets of the budget cycle that are no projects (approved targets and the like).
    """

    forms: list[Form] = field(default_factory=list)
    beside: list[Form] = field(default_factory=list)
    sheets: list[SheetReading] = field(default_factory=list)
    regions: list[Found] = field(default_factory=list)
    vocabulary: Vocabulary = field(default_factory=vocabulary.load)


@dataclass(slots=True)
class Found:
    """One region of a sheet: its kind and the forms read from it (projects only where the kind counts)."""

    sheet: Sheet
    region: Range
    kind: Kind
    forms: list[Form] = field(default_factory=list)
    part: listing.Listing | None = None
    remark: str = ""

    def unread(self) -> list[Unread]:
        """What stands in the region and was not read."""
        if not self.forms:
            return []
        if not self.kind.counts:
            return cycle.unread(self.sheet, self.region, self.part, self.forms)
        if self.part is not None:
            return coverage.of_list(self.sheet, self.part, self.forms)
        return coverage.of_forms(self.sheet, self.region, self.forms)


def recognise(book: Book, words: Vocabulary | None = None) -> Recognition:
    """All projects of a workbook in sheet order; a sheet without one is named with its kind or the reason."""
    words = words or vocabulary.load()
    result = Recognition(vocabulary=words)
    lists: dict[str, list[Form]] = {name: [] for name in kinds.LISTS}
    before: Found | None = None
    for grid in book.grids:
        sheet = Sheet(grid, words)
        regions = _pages_joined(read_sheet(sheet, before))
        result.regions += regions
        before = next((found for found in reversed(regions) if found.part), None)
        if len(regions) == 1 and _continues(result.forms, regions[0]):
            form, rest = result.forms[-1], regions[0].forms[0]
            left = tuple(regions[0].unread())
            _join(form, rest)
            told = f"接工作表“{form.sheet}”的自评表，合并读取"
            said = (grid.sheet, form.layout, 0, len(rest.lines), grid.hidden, told, form.kind)
            result.sheets.append(SheetReading(*said, unread=left))
            continue
        for found in regions:
            own = result.forms if found.kind.counts else result.beside
            if _is_named_by_list(found, lists[kinds.PROJECT_LIST]):
                own = lists[kinds.INDICATOR_LIST]
            lists.get(found.kind.id, own).extend(found.forms)
        result.sheets += _readings(sheet, regions)
    projects, indicators = lists.values()
    joined, doubts = listing.join(projects, indicators)
    result.forms += joined
    for at, reading in enumerate(result.sheets if doubts else ()):
        if reading.sheet == (projects or indicators)[0].sheet:
            result.sheets[at] = reading._replace(remark="；".join(filter(None, [reading.remark, *doubts])))
            break
    _leave_out_other_years(result)
    return result


def _is_named_by_list(found: Found, projects: list[Form]) -> bool:
    """Whether the indicators that stand alone on a sheet are those of a project of the list on the sheets before.

    It is the one that they, their first line or their sheet name, else the one of the number of their sheet (表2), else
    the only one.
    """
    form = found.forms[0] if len(found.forms) == 1 and found.kind.counts and found.part is None else None
    if form is None or not projects or not form.lines or form.funds or "total" in form.head:
        return False
    first = next(found.sheet.begun(found.region.top, found.region.bottom))
    own, said = fold(form.text("project_name")), (fold(form.sheet), fold(first.text))
    names = {name: project for project in projects if (name := fold(project.text("project_name")))}
    named = own or max((name for name in names if any(name in text for text in said)), key=len, default="")
    project, numbered = names.get(named), _NUMBERED_SHEET.fullmatch(said[0])
    if not named and (at := int(numbered[1]) if numbered else len(projects) == 1):
        project = next(iter(projects[at - 1 : at]), None)
    if project is None or project.lines:  # or its own row holds the indicators
        return False
    form.taken += [first, *filter(None, [form.head.get("project_name")])]
    form.head["project_name"], form.elsewhere["project_name"] = project.head["project_name"], project.sheet
    form.doubts.append(f"指标属于工作表“{project.sheet}”中的项目“{project.text('project_name').strip()}”，合并读取")
    return True


_NUMBERED_SHEET = re.compile(r"(?:项目|附?表)?\(?(\d{1,3})\)?")


def read_sheet(sheet: Sheet, before: Found | None = None) -> list[Found]:
    """The regions of a sheet with their kinds and forms; `before` is a list that a sheet without header may go on."""
    if not sheet.grid.cells:
        return []
    if parts := _side_by_side(sheet):
        return parts
    if lists := listing.find(sheet):
        found = [_list(sheet, part) for part in lists]
        return [each for each in found if each.remark == MIXED][:1] or found
    if before is not None and before.part and not sheet.grid.merges and (part := listing.go_on(before.part, sheet)):
        goes_on = _list(sheet, part, "接上一工作表的列表继续读取")
        for first in before.forms[:1]:  # unit, year and title stand above the header on the sheet before
            for form in goes_on.forms:
                for name in ("title", "unit", "department", "year"):
                    if name in first.head and not form.text(name).strip():
                        form.head[name] = first.head[name]
                        form.elsewhere[name] = first.elsewhere.get(name, first.sheet)
        return [goes_on]
    return grid_forms(sheet)


def _list(sheet: Sheet, part: listing.Listing, remark: str = "") -> Found:
    region = Range(part.above, 1, part.last, sheet.last_column)
    kind = kinds.decide(sheet, region, part.fields, part.kind)
    if not kind.counts:
        forms = cycle.read_list(sheet, part, kind.id)
        return Found(sheet, region, kind, forms, part, kinds.told(kind, len(forms)))
    if kinds.is_sample(sheet, region):
        return Found(sheet, region, kinds.kind(sheet.vocabulary, kinds.OTHER), remark=SAMPLE)
    labels = (o for o in sheet.begun_labels(part.bottom + 1, part.last) if "project_name" in part.columns)
    below = (o.fields for o in labels if o.area.left == part.columns["project_name"][0])
    if any("blocks" in fields or fields.get("indicator") in LEVELS for fields in below):  # no project is 绩效指标
        return Found(sheet, region, kinds.kind(sheet.vocabulary, part.kind), remark=MIXED)
    if part.holds_two_rows:
        remark = "表头两行各是一项，每个项目占两行，没有读取；请改为每个项目一行后重新导出"
        return Found(sheet, region, kinds.kind(sheet.vocabulary, part.kind), remark=remark)
    forms = listing.read(sheet, part)
    kind = kinds.kind(sheet.vocabulary, part.kind)
    return Found(sheet, region, kind, forms, part, remark if forms else EMPTY_LIST)


def _pages_joined(regions: Sequence[Found]) -> list[Found]:
    """Regions of a sheet in which a form that goes on on the next printed page (续表) is one."""
    pages: list[Found] = []
    for found in regions:
        if pages and _continues(pages[-1].forms, found):
            page, form = pages[-1], pages[-1].forms[-1]
            _join(form, found.forms[0])
            page.region = page.region._replace(bottom=found.region.bottom)
            form.plan = None  # what it was read by does not hold for two tables
        else:
            pages.append(found)
    return pages


def _join(form: Form, rest: Form) -> None:
    """Add the rest of a form that goes on on another sheet or page."""
    form.lines += rest.lines
    form.has_points = rest.has_points
    form.tables += rest.tables if rest.sheet == form.sheet else ()
    form.taken += (*rest.taken, *rest.head.values()) if rest.sheet == form.sheet else ()
    lent = {name: cell for name, cell in rest.head.items() if name in _BELOW and name not in form.head}
    form.head |= lent
    form.elsewhere |= dict.fromkeys(lent, rest.sheet) if rest.sheet != form.sheet else {}


def _continues(before: list[Form], found: Found) -> bool:
    """Whether a region holds the rest of the form before it: indicators without a head of their own.

    It has no title of its own and the columns of what it continues. The form before has no indicators yet, or some and
    no total, which the rest has or whose name says 续.
    """
    if len(found.forms) != 1 or not found.kind.counts or not before or not found.forms[0].lines:
        return False
    form, rest = before[-1], found.forms[0]
    if form.kind in kinds.LISTS or rest.kind in kinds.LISTS:
        return False
    title = fold(rest.text("title"))
    if title and "续" not in title and title != fold(form.text("title")):
        return False
    named = "project_name" in rest.head
    own, other = (_YEAR_BESIDE.sub("", fold(some.text("project_name"))) for some in (rest, form))
    if named and (rest.funds or not own or own != other):
        return False
    if not form.lines:  # with a title of its own only where that says 续, or names the project again
        return not named or bool(form.funds)
    follows = "total" in rest.head or "续" in rest.sheet + rest.text("title")
    return rest.columns == form.columns and "total" not in form.head and follows


_YEAR_BESIDE = re.compile(r"\((20\d\d)年?度?\)$")  # 项目名称：甲（2021年度）


def grid_forms(sheet: Sheet) -> list[Found]:
    """The forms on one sheet, top to bottom."""
    names = [row for row, _ in _names(sheet)]
    starts = _starts(sheet, names)
    bands = indicator_bands(sheet, 1, sheet.last_row) if len(names) == 1 else []
    if bands and bands[-1].bottom < names[0]:
        starts = [start for start in starts if start < names[0]] or [1]  # the head stands at the foot of the form
    if not starts:
        whole = Range(1, 1, sheet.last_row, sheet.last_column)
        kind = kinds.decide(sheet, whole, _head_fields(sheet, whole), kinds.OTHER)
        titled = kinds.first_title(sheet, whole) is not None and sheet.last_row > 2
        known = (titled or sum(map(len, sheet.labels.values())) >= _FEWEST_LABELS) and kind.id != kinds.OTHER
        if not indicator_bands(sheet, 1, sheet.last_row) and (kind.counts or not known):
            return []
        starts = [1]
    found: list[Found] = []
    for (top, end), (following, _) in pairwise([*kinds.spans(sheet, starts), (sheet.last_row + 1, 0)]):
        if (each := _region(sheet, Range(top, 1, end, sheet.last_column))) is not None:
            for cell in islice(sheet.begun(end + 1, following - 1), 1):
                told = f"{cell.ref}“{cell.text}”在两张表之间，看不出属于哪一张，没有读取"
                each.remark = f"{each.remark}；{told}".removeprefix("；")
            found.append(each)
    forms = [form for each in found for form in each.forms]
    for form in forms[1:]:  # below one another under a single title they have its year
        if "title" not in form.head and "year" not in form.head and "year" in forms[0].head:
            form.head["year"] = forms[0].head["year"]
    return found


def _region(sheet: Sheet, region: Range) -> Found | None:
    """The form in some rows of a sheet, or what kind of other sheet stands there; None for neither."""
    bands = indicator_bands(sheet, region.top, region.bottom)
    fields = {name for band in bands for name in band.columns} | _head_fields(sheet, region)
    kind = kinds.decide(sheet, region, fields)
    # an indicator block with room for targets alone: no actual, no score
    if kind.counts and bands and fields.isdisjoint(_BESIDE_TARGETS) and not kinds.first_title(sheet, region):
        kind = kinds.kind(sheet.vocabulary, kinds.TARGET)
    if not kind.counts:
        forms = cycle.read(sheet, region, kind.id)
        return Found(sheet, region, kind, forms, remark=kinds.told(kind, len(forms)))
    if units := _side_groups(sheet, bands) or _stacked_groups(sheet, bands, region):
        named = "、".join(units[:4]) + ("等" if len(units) > 4 else "")
        told = f"{kind.name}按资金使用单位（{named}）汇总，没有读取；请导出各资金使用单位自己的自评表"
        return Found(sheet, region, kind, remark=told)
    if remark := transposed(sheet, region) if not bands else "":
        return Found(sheet, region, kind, remark=remark)
    entry = family(sheet, region.top, region.bottom)
    words = vocabulary.special(sheet.vocabulary, entry["id"])
    under = sheet if words is sheet.vocabulary else Sheet(sheet.grid, words)
    form = read_form(under, region, entry["id"], unlabelled_score=entry.get("unlabelled_score", False))
    form.kind = kind.id
    if not form.lines and not form.funds:
        return None
    # nothing has been filled in: no project, no amount, no actual and no score; without goals 0 and XX项目 are no more
    money = (c.text for line in form.funds for name, c in line.cells.items() if name not in ("source", "points"))
    values = (line.text(name) for line in form.lines for name in ("target", "actual", "score"))
    goals = all(says_nothing(form.text(name)) for name in ("goal_expected", "goal_actual"))
    (unfilled,) = sheet.vocabulary.patterns("placeholders", "unfilled")
    texts = (t for t in chain([form.text("project_name")], money, values) if not (goals and unfilled.match(fold(t))))
    blank = all(map(is_nil, texts))
    name, who = form.text("project_name"), (form.text("unit") or form.text("department")).strip()
    named = who if who and not unfilled.match(fold(name)) else name  # units may leave a name out (XX专项); none is XX局
    unnamed = kinds.says(sheet.vocabulary, "placeholders", named)
    if remark := SAMPLE if kinds.is_sample(sheet, region) else BLANK if blank else UNNAMED if unnamed else "":
        return Found(sheet, region, kinds.kind(sheet.vocabulary, kinds.OTHER), remark=remark)
    return Found(sheet, region, kind, [form])


def _head_fields(sheet: Sheet, region: Range) -> set[str]:
    rows = (sheet.labels.get(row, ()) for row in range(region.top, region.bottom + 1))
    found = {label.fields["head"] for labels in rows for label in labels if "head" in label.fields}
    stated = {name for name, _ in sheet.stated_fields(region.top, region.bottom)}
    return (found & {"project_name", "project_code"}) | stated


def _side_groups(sheet: Sheet, bands: Iterable[Band]) -> list[str]:
    """What several groups of target and actual columns over the same indicators belong to (县级、乡镇), else empty."""
    for band in bands:
        actuals = [span for name, span, _ in band.again if name == "actual"]
        targets = [span for name, span, _ in band.again if name == "target"]
        folded = any(name == "level3" for name, _, _ in band.again)  # one table in two halves beside one another
        if actuals and targets and "actual" in band.columns and not folded:
            spans = sorted([band.columns["target"], *targets])
            cells = [sheet.at(band.top - above, span[0]) for span in spans for above in (0, 1) if band.top - above > 0]
            labels = {id(label.cell) for row in (band.top, band.top - 1) for label in sheet.labels.get(row, ())}
            named = (c.text for c in cells if c.text and id(c) not in labels and read_points(c.text) is None)
            return list(dict.fromkeys(named)) or ["多组"]
    return []


def _stacked_groups(sheet: Sheet, bands: Iterable[Band], region: Range) -> list[str]:
    """The units whose indicators stand below one another under a column 资金使用单位, else empty."""
    for band in bands:
        first = min(span[0] for span in band.columns.values())
        units = (o.area.left for o in sheet.begun_labels(band.top, band.top) if o.fields.get("head") == "unit")
        for column in (column for column in units if column < first):
            cells = (sheet.at(row, column) for row in range(band.bottom + 1, region.bottom + 1))
            named = dict.fromkeys(cell.text for cell in cells if cell.text and not is_nil(cell.text))
            if len(named) > 1:
                return list(named)
    return []


def _side_by_side(sheet: Sheet) -> list[Found]:
    """What stands left and right where forms stand side by side, level or not; empty where they do not.

    Each side has indicators of its own; only a title or note alone on its row reaches over both.
    """
    labels = chain.from_iterable(sheet.labels.values())
    levels = {(name, o[2][1]) for o in labels if (name := o[1].get("indicator")) in LEVELS}
    if len(levels) == len(dict(levels)):
        return []  # no level heads two columns
    heads = (cell[:2] for cell in _like_titles(sheet) if kinds.names_kind(sheet.vocabulary, cell.text))
    used = {cell.column for cell in sheet.grid.cells.values() if cell.text}
    for column in sorted({column for _, column in chain(_names(sheet), heads)})[1:]:
        edge = next((at + 1 for at in range(column - 1, 0, -1) if at not in used), column)  # behind an empty column
        if any(m.left < edge <= m.right and len(sheet.row(m.top)) > 1 for m in sheet.grid.merges):
            continue
        halves = []  # of the same addresses
        for first, last in ((1, edge - 1), (edge, sheet.last_column)):
            cells = {at: cell for at, cell in sheet.grid.cells.items() if first <= at[1] <= last}
            merges = tuple(merge for merge in sheet.grid.merges if first <= merge.left <= last)
            halves.append(Sheet(replace(sheet.grid, cells=cells, merges=merges), sheet.vocabulary))
        if all(indicator_bands(half, 1, half.last_row) for half in halves):
            return [found for half in halves for found in read_sheet(half)]
    return []


def _starts(sheet: Sheet, names: Iterable[int]) -> list[int]:
    """First row of each form: its title where one stands above 项目名称 (rows `names`), else the row of 项目名称.

    A title of any kind begins a region of its own where enough header words stand below it.
    """
    starts: list[int] = []
    floor = 1
    for row in names:
        if row >= floor:
            starts.append(_title_row(sheet, max(floor, row - _TITLE_ROWS), row))
            floor = row + 1
    seen = {fold(cell.text) for start in starts for cell in sheet.row(start)}
    for row in sorted({cell.row for cell in _like_titles(sheet)} - sheet.labels.keys()):
        cells = [cell for cell in sheet.row(row) if cell[0] == row]
        if len(cells) != 1 or len(cells[0].text) > 40 or not kinds.names_kind(sheet.vocabulary, cells[0].text):
            continue
        title = fold(cells[0].text)
        if any(start <= row <= start + _TITLE_ROWS // 2 for start in starts) or title in seen:
            continue  # part of a title, or the title again at the head of a printed page
        seen.add(title)
        following = min((start for start in starts if start > row), default=sheet.last_row + 1)
        labels = sum(len(sheet.labels.get(below, ())) for below in range(row + 1, following))
        if labels >= _FEWEST_LABELS and (starts or row > 1):
            starts = sorted([*starts, row])
    return starts


def _like_titles(sheet: Sheet) -> list[Cell]:
    """Cells that end as titles do."""
    return [cell for cell in sheet.grid.cells.values() if cell[2] and cell[2][-1] in "表)）"]


def _names(sheet: Sheet) -> list[Address]:
    """Where 项目名称 (or the name of a department with an overall form) stands, in reading order."""
    whole = sheet.vocabulary.words("names_of_departments", "words")
    named = (
        cell
        for cell, fields, _ in chain.from_iterable(sheet.labels.values())
        if fields.get("head") == "project_name" or ("kinds" in fields and not whole.isdisjoint(header_forms(cell[2])))
    )
    stated = (cell for name, cell in sheet.stated_fields(1, sheet.last_row) if name == "project_name")
    return sorted({cell[:2] for cell in chain(named, stated)})


def _title_row(sheet: Sheet, top: int, row: int) -> int:
    """The highest title row directly above `row`; without one the first row of the run of filled rows."""
    first = row
    for above in range(row - 1, top - 1, -1):
        texts = (cell[2] for cell in sheet.begun(above, above))
        titled = any(is_title(sheet.vocabulary, text) or kinds.names_kind(sheet.vocabulary, text) for text in texts)
        if titled and not kinds.line_fields(sheet, above):  # 自评等级：优 is none
            if first < row and first - above > 2:
                break
            first = above
    return first


def family(sheet: Sheet, top: int, bottom: int) -> Mapping[str, Any]:
    """Family of the form between two rows, by its words, then by the order of its columns."""
    labels = [label.cell.text for row in range(top, bottom + 1) for label in sheet.labels.get(row, ())]

    def points_first() -> bool:
        columns = next((band.columns for band in indicator_bands(sheet, top, bottom)), {})
        return "points" in columns and ("target" not in columns or columns["points"] < columns["target"])

    return next(  # the last family asks for no words
        entry
        for entry in _by_words(sheet.vocabulary, frozenset(labels))
        if not entry.get("points_before_target") or points_first()
    )


@lru_cache(maxsize=256)
def _by_words(vocabulary: Vocabulary, labels: frozenset[str]) -> tuple[Mapping[str, Any], ...]:
    """The families whose words are all on a form; the forms of an export mostly carry the same."""
    words = {form for label in labels for form in header_forms(label)}
    forms = (entry for entry in vocabulary.families if not entry.get("list") and words.issuperset(entry.get("all", ())))
    return tuple(entry for entry in forms if "any" not in entry or not words.isdisjoint(entry["any"]))


def _readings(sheet: Sheet, regions: list[Found]) -> list[SheetReading]:
    """What became of a sheet: one entry for each kind on it, with what has to be said of it."""
    grid = sheet.grid
    if not regions:
        remark, told = unrecognised(sheet), True
        if not grid.cells or kinds.says(sheet.vocabulary, "instructions", grid.sheet):
            remark, told = INSTRUCTIONS if grid.cells else EMPTY, False
        return [SheetReading(grid.sheet, "", 0, 0, grid.hidden, remark, kinds.OTHER, told=told)]
    readings = []
    for name in dict.fromkeys(found.kind.id for found in regions):
        some = [found for found in regions if found.kind.id == name]
        forms = [form for found in some for form in found.forms if found.kind.counts]
        layout = "、".join(dict.fromkeys(form.layout for form in forms))
        remarks = [*(found.remark for found in some), *_remarks(sheet, forms)]
        if (named := sum(len(found.forms) for found in some)) and not some[0].kind.counts:
            remarks = [kinds.told(some[0].kind, named)]  # beside the self-evaluation: how many projects they name
        remark = "；".join(dict.fromkeys(filter(None, remarks)))
        lines = sum(len(form.lines) for form in forms)
        harmless = name == kinds.OTHER and not forms  # a blank form or an example
        left = tuple(entry for found in some for entry in found.unread())
        own = sum("project_name" not in form.elsewhere for form in forms)
        sums = tuple(chain.from_iterable(found.part.sums for found in some if found.part is not None))
        read = (layout, own, lines, grid.hidden, remark, name)
        readings.append(SheetReading(grid.sheet, *read, told=not harmless, unread=left, sums=sums))
    return readings


def _remarks(sheet: Sheet, forms: list[Form]) -> list[str]:
    """What has to be said of forms: those without indicators, doubts, a year that stands on no form."""
    if not forms:
        return []
    parts = []
    if bare := [form.anchor for form in forms if not form.lines and form.kind not in kinds.LISTS]:
        missing = "；".join(nearest_words(sheet))
        why = f"，缺少必需的表头：{missing}" if missing else ""
        parts.append(f"{'、'.join(bare)} 起的表只有表头和资金，没有指标行{why}")
    parts += [doubt for form in forms for doubt in form.doubts]
    if forms[0].printed_year is None:
        names = (("工作表名", forms[0].sheet), ("文件名", PurePosixPath(forms[0].file).stem))
        parts += [f"表中没有写年度，按{source}取{year}年" for source, name in names if (year := year_in(name))][:1]
    return parts


def _leave_out_other_years(result: Recognition) -> None:
    """Of two forms of one project the older year's is last year's: it stays in the workbook and is not counted."""
    named = ((form, (fold(form.text("project_name")), fold(form.text("unit")))) for form in result.forms)
    dated = [(form, project, year) for form, project in named if (year := form.year) is not None]
    newest = {project: year for _, project, year in sorted(dated, key=itemgetter(2))}  # codes contain the year
    latest = max(newest.values(), default=0)
    for form, project, year in dated:
        name = fold(form.sheet)
        says_earlier = any(word in name for word in (str(year), "上年", "去年", "上一年", "往年"))
        if year == newest[project] and not (year < latest and says_earlier):
            continue
        result.forms.remove(form)
        for at, reading in enumerate(result.sheets):
            if reading.sheet == form.sheet and reading.kind == form.kind:
                told = f"{year}年度的自评表，本次自评年度为{latest}年，没有计入"
                remark = "；".join(filter(None, [reading.remark, told]))
                rest = (max(reading.projects - 1, 0), max(reading.indicators - len(form.lines), 0))
                result.sheets[at] = reading._replace(projects=rest[0], indicators=rest[1], remark=remark)
