"""What was read of a form or list, and what was not: every filled cell is a value, furniture, or named as unread.

Furniture is a closed list: labels of the vocabulary, titles, the year and unit lines, notes, signatures, serial
numbers, page numbers, sums and repeated headers of lists, marks (□ √), blank signs and the template's own words. A
number is furniture only as a serial or page number. What stands beside or below a known label that no check needs
(联系电话) is that label's value. Everything else was not understood.
"""

import re
from collections.abc import Iterator, Sequence

from perfbatch.forms.form import Form, Table
from perfbatch.forms.kinds import is_aside, is_note, is_page, is_title, names_kind
from perfbatch.forms.listing import Listing
from perfbatch.forms.sheet import Sheet
from perfbatch.forms.vocabulary import Vocabulary, header_forms, stated
from perfbatch.model import Cell, Range, Unread
from perfbatch.notation import fold, is_nil, read_points, tick

_LABELLED = re.compile(r"([^\s:：]{2,20})[:：]\s*[¥￥-]?\d")  # 年初预算数（元）：472,000.00  全年预算数（元）：…
_MOST_ABOVE = 8  # rows above an amount in which its header is looked for
_MOST = 40  # entries of one sheet
_BESIDE = ("manager", "unit")  # what is told and not checked: who filled it in, a 填报单位 beside the 实施单位


def of_forms(sheet: Sheet, region: Range, forms: Sequence[Form]) -> list[Unread]:
    """What stands in a region and was read into none of its forms."""
    plan = forms[0].plan if len(forms) == 1 else None
    known = plan is not None and plan.covered  # a form of the same look: what stands outside the table was understood
    taken = {cell[:2] for form in forms for cell in _cells(form, outside=not known)}
    found: list[Unread] = []
    for form in forms:
        for table in form.tables:
            for header in table.unknown:
                cells = [c for c in _below(sheet, header, table.area) if c[:2] not in taken]
                taken.update(c[:2] for c in (header, *cells))
                if cells:
                    found.append(_entry(sheet, header.text, cells, "indicator"))
        for cell in form.unlabelled:
            if cell[:2] not in taken and not is_nil(cell.text) and not _is_furniture(sheet, cell):
                taken.add(cell[:2])
                found.append(_entry(sheet, _head_of_column(sheet, cell), [cell], "fund"))
    rows = range(region.top, region.bottom + 1)
    if known:
        rows = range(forms[0].tables[0].first, forms[0].tables[0].area.bottom + 1)
    rest = [cell for at, cell in sheet.grid.cells.items() if at[0] in rows and at not in taken and cell[2]]
    tables = [table for form in forms for table in form.tables]
    notes: set[int] = set()  # rows of notes: from 注： on, those without any label of their own
    for row in range(region.top, region.bottom + 1) if rest else ():
        own = row in sheet.labels or row in sheet.stated
        if is_note(sheet, row) or (row - 1 in notes and not own):
            notes.add(row)
    for cell in rest:
        if len(found) >= _MOST:
            break  # a sheet of something else beside a form: no more are told
        said_nothing = cell.row in notes or is_nil(cell.text) or _is_furniture(sheet, cell) or is_page(sheet, cell.row)
        if not said_nothing and not _has_label(sheet, cell, region, tables):
            money = any(sheet.vocabulary.match(label, "fund") for label in _LABELLED.findall(cell.text))
            found.append(_entry(sheet, "" if money else _header_of(sheet, cell), [cell], "fund" if money else ""))
    if plan is not None:
        plan.covered = plan.covered or not found
    return found[:_MOST]


def of_list(sheet: Sheet, part: Listing, forms: Sequence[Form]) -> list[Unread]:
    """Columns of a list whose header was not understood and that hold something."""
    found = []
    span = Range(part.bottom, 1, part.last, sheet.last_column)
    rows = {cell.row for form in forms for cell in _cells(form, outside=True)}
    for header in part.unknown:
        if cells := [cell for cell in _below(sheet, header, span) if cell.row in rows and not is_nil(cell.text)]:
            named = part.kind == "indicator_list" or sheet.vocabulary.match(header.text, "indicator")
            block = "indicator" if named else "fund"
            found.append(_entry(sheet, header.text, cells, block))
    words, totals = sheet.vocabulary, sheet.vocabulary.blocks["total_rows"]
    names = part.columns.get("level3")
    read = part.repeats | rows
    for row in range(part.bottom + 1, part.last + 1):
        if row in read or row in sheet.stated or is_aside(sheet, row):
            continue
        cells = [c for c in sheet.row(row) if c.row == row and not is_nil(c.text)]
        sums = any(fold(c.text) in totals or words.names_a_sum(c.text) for c in cells[:4])
        name = sheet.at(row, names[0]).text if names else ""  # a level alone: its points count for the rows below
        if sums or (name and any(words.level(name, which) for which in ("level1", "level2"))):
            continue
        if left := [c for c in cells if not _is_furniture(sheet, c)]:
            found.append(_entry(sheet, "", left, ""))
    return found[:_MOST]


def _cells(form: Form, *, outside: bool) -> Iterator[Cell]:
    """The cells that a form was read from, those `outside` its indicator tables too."""
    yield from form.taken
    for line in (*form.lines, *(form.funds if outside else ())):
        yield from line.cells.values()
    if outside:
        yield from form.head.values()


def _below(sheet: Sheet, header: Cell, table: Range) -> list[Cell]:
    """Filled cells of their own below a header, inside its table."""
    area = sheet.area(header)
    rows = range(area.bottom + 1, table.bottom + 1)
    own = (cell for row in rows for cell in sheet.part(row, header.column, area.right) if cell.row == row)
    return [cell for cell in own if not is_nil(cell.text) and not sheet.is_label(cell)]


def _entry(sheet: Sheet, header: str, cells: Sequence[Cell], block: str) -> Unread:
    figures = any(read_points(c.text.rstrip("元万%％ ")) is not None or _LABELLED.search(c.text) for c in cells)
    near = sheet.vocabulary.nearest_word(header, block) if header else ""
    bears = bool(block) and (figures or "：" in header[:-1])  # 实际完成值：上半年
    return Unread(cells[0].ref, header, cells[0].text, len(cells), near, bears, block)


def _head_of_column(sheet: Sheet, cell: Cell) -> str:
    """The text above the figures of a column, by which a person would call an amount; else that beside it."""
    above = (sheet.at(row, cell.column).text for row in range(cell.row - 1, max(cell.row - _MOST_ABOVE, 0), -1))
    text = next((text for text in above if not text or read_points(text) is None), "")
    return text[:30] or _header_of(sheet, cell)


def _header_of(sheet: Sheet, cell: Cell) -> str:
    """The text left of a cell, else above it, by which a person would call it."""
    above = [sheet.at(cell.row - 1, cell.column)] if cell.row > 1 else []
    around = [c.text for c in (*above, *sheet.part(cell.row, 1, cell.column - 1)) if read_points(c.text) is None]
    return around[-1][:30] if around else ""


def _is_furniture(sheet: Sheet, cell: Cell) -> bool:
    """Whether a cell is furniture where it stands: no title stands beside other texts (资金类别 │ 上级转移支付)."""
    groups = sheet.years.get(cell.row, {})  # 上年 │ 本年 over their columns
    if sheet.is_label(cell) or (len(groups) > 1 and cell in groups):
        return True
    if not _is_titled(sheet.vocabulary, cell.text):
        return says_nothing(sheet.vocabulary, cell.text)
    return all(says_nothing(sheet.vocabulary, other.text) for other in sheet.row(cell.row))


def _is_titled(vocabulary: Vocabulary, text: str) -> bool:
    """Whether a text may be a title: none is a sentence (申请更换监控设备；增加人员; 总分100分，自评得分99分)."""
    return set(text).isdisjoint("。；;，,") and (is_title(vocabulary, text) or names_kind(vocabulary, text))


def says_nothing(vocabulary: Vocabulary, text: str) -> bool:
    """Whether a text is furniture, a title of a form where it stands alone."""
    text = text.strip()
    if read_points(text) is not None:
        return False
    if tick(text) is not None or _is_told(vocabulary, text):
        return True
    patterns = (*vocabulary.patterns("furniture", "patterns"), *vocabulary.patterns("placeholders", "names"))
    return _is_titled(vocabulary, text) or any(pattern.search(fold(text)) for pattern in patterns)


def _has_label(sheet: Sheet, cell: Cell, region: Range, tables: Sequence[Table]) -> bool:
    """Whether a cell outside the tables is the value of a known label: beside it, or below one; or heads a column."""
    if any(t.area.top <= cell.row <= t.area.bottom and t.area.left <= cell.column <= t.area.right for t in tables):
        return False
    if any(table.area.top <= cell.row < table.first for table in tables):
        return True  # beside the header of a table: what stands below it is told
    if cell in sheet.stated.get(cell.row, ()) and any(n in _BESIDE for n, _ in stated(sheet.vocabulary, cell.text)):
        return True
    left = list(sheet.part(cell.row, region.left, cell.column - 1))
    if left and (_has_value(sheet, left[-1]) or (left[-1].text == cell.text and read_points(cell.text) is None)):
        return True  # its value, or its text again, filled into its former merge
    rows, left_most = range(cell.row - 1, max(region.top, cell.row - 4) - 1, -1), sheet.area(cell).left
    above = next((one for row in rows if (one := sheet.at(row, left_most)).text), None)
    beside = above and next(sheet.part(above.row, sheet.area(above).right + 1, sheet.last_column), None)
    return above is not None and _has_value(sheet, above) and (beside is None or sheet.is_label(beside))


def _has_value(sheet: Sheet, cell: Cell) -> bool:
    """Whether a cell is the label of something that is told and not checked: what is checked, a form has taken."""
    row = sheet.row(cell.row) if sheet.is_label(cell) else [cell]  # 支出内容 │ 实际支出数 │ 会计凭证号
    return sheet.fields_of(cell).get("head") in _BESIDE or any(_is_told(sheet.vocabulary, c.text) for c in row)


def names_block(sheet: Sheet, cell: Cell) -> bool:
    """Whether a label has no value and names what follows: labels directly beside it, or below a section line.

    年度目标完成情况 beside 预期目标, merged down beside both; 三、目标完成情况 over their row, also filled in.
    """
    area = sheet.area(cell)
    rows = (sheet.part(row, area.right + 1, sheet.last_column) for row in range(area.top, area.bottom + 1))
    beside = [one for cells in rows if (one := next((c for c in cells if c.text != cell.text), None))]
    under = sheet.at(area.bottom + 1, area.left)
    bare = "blocks" in sheet.fields_of(cell) and (not under.text or sheet.is_label(under))
    named = (one for one in beside if sheet.is_label(one) or one in sheet.stated.get(one.row, ()))
    goals = sheet.fields_of(under).get("head", "").startswith("goal") and len(sheet.labels[under.row]) > 1
    again = sheet.at(cell.row, cell.column - 1).text == cell.text
    return again or (goals and not beside) or any(bare or sheet.area(one).bottom < area.bottom for one in named)


def _is_told(vocabulary: Vocabulary, text: str) -> bool:
    return not vocabulary.words("told", "words").isdisjoint(header_forms(text))
