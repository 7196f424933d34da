"""Header bands: which rows are headers, and which column of a block holds which field.

A header may be split over rows (``年初`` above ``预算数``), grouped (``预期指标值`` over ``符号 值 单位``) or merged
down; the band says so once, and the readers below it only fetch cells by field.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from perfbatch.forms.form import MONEY, Line
from perfbatch.forms.sheet import Sheet
from perfbatch.forms.vocabulary import Vocabulary, header_forms, names_source
from perfbatch.model import Cell
from perfbatch.notation import fold, is_nil

LEVELS = ("level1", "level2", "level3")
_KEYS = frozenset(["project_name", "project_code", "unit_name", "year"])  # columns of lists; on a form, keys above it
_OVER_NAMES = "content"  # 评价内容 stands over the level and the name of a row
_DIVIDED = frozenset(["target", "actual", "head_total", *MONEY])  # of which no part may stand for the whole
_FIGURE = re.compile(r"^[^(（]*\d")  # a digit outside brackets: a value, never half of a header word


@dataclass(slots=True)
class Band:
    """Header of a block: its rows, and for each field the first and last column it spans. Shared, never changed."""

    kind: str  # whose words head its columns: indicator, fund, or of a list, project_list, indicator_list
    top: int
    bottom: int
    columns: dict[str, tuple[int, int]]
    headers: dict[str, Cell] = field(default_factory=dict)
    unknown: list[Cell] = field(default_factory=list)
    again: list[tuple[str, tuple[int, int], Cell]] = field(default_factory=list)  # further columns of a field
    # field → columns that divide it: 上半年 │ 下半年
    parts: dict[str, dict[tuple[int, int], Cell]] = field(default_factory=dict)
    ticks: Mapping[int, Cell] = field(default_factory=dict)  # column → heading, where a tick below it is the actual

    def cell(self, sheet: Sheet, row: int, name: str) -> Cell | None:
        """Cell of a field on a data row: the first filled one of the columns its header spans."""
        span = self.columns.get(name)
        return None if span is None else first_filled(sheet, row, *span)

    def cells(self, sheet: Sheet, row: int) -> dict[str, Cell]:
        """Cells of all fields on a data row."""
        return cells_of(sheet, row, self.columns)


def cells_of(sheet: Sheet, row: int, columns: Mapping[str, tuple[int, int]]) -> dict[str, Cell]:
    """Cells of some fields on a row: each the first filled one of the columns of the field."""
    own, cells = sheet.own, {}
    for name, (first, last) in columns.items():
        cell = own.get((row, first))  # most cells stand where the header says
        cells[name] = cell if cell is not None and cell[2] else first_filled(sheet, row, first, last)
    return cells


def first_filled(sheet: Sheet, row: int, first: int, last: int) -> Cell:
    """The first filled cell of a row between two columns, else the first one."""
    cell = sheet.at(row, first)
    if first == last or cell.text:
        return cell
    return next((c for c in (sheet.at(row, column) for column in range(first + 1, last + 1)) if c.text), cell)


def has_values(cells: Mapping[str, Cell]) -> bool:
    """Whether a row has a target or an actual, other than a name that is merged over their columns."""
    values = map(cells.get, ("target", "actual"))
    return any(cell and cell is not cells.get("level3") and not is_nil(cell[2]) for cell in values)


def level_of(
    sheet: Sheet, cells: Mapping[str, Cell], before: Sequence[Line], following: Mapping[str, Cell] | None
) -> str:
    """The level that a row of a tree only names, above its indicators (产出指标, its points set); empty for others.

    成本指标 and 满意度指标 are names of both levels: the first where a level 2 stands on the row `following`, or where
    the tree has none (the last indicator `before` stands below a level 1 alone).
    """
    named = _levels_named(sheet, cells)
    if len(named) == 2:
        below = following is not None and "level2" in _levels_named(sheet, following)
        flat = bool(before) and "level1" in before[-1].cells and "level2" not in before[-1].cells
        return "level1" if below or flat else "level2"
    return next(iter(named), "")


def _levels_named(sheet: Sheet, cells: Mapping[str, Cell]) -> list[str]:
    name = cells.get("level3")
    if name is None or has_values(cells):
        return []
    return [which for which in LEVELS[:2] if sheet.vocabulary.level(name.text, which)]


def enter_level(levels: dict[str, Cell], which: str, cells: Mapping[str, Cell]) -> None:
    """Go on below a level that a row named: its name and points are those of the indicators that follow."""
    if which == "level1":
        levels.clear()
    levels.pop("level2_points", None)
    levels[which] = cells["level3"]
    if "points" in cells:
        levels[f"{which}_points"] = cells["points"]


def indicator_bands(sheet: Sheet, top: int, bottom: int) -> list[Band]:
    """Indicator headers between two rows, in order (the Hubei form repeats its header per goal)."""
    return _bands(sheet, top, bottom, "indicator", _is_indicator_header)


def score_bands(sheet: Sheet, top: int, bottom: int, indicators: Sequence[Band]) -> list[Band]:
    """Headers of tables that give the indicators above them their scores, by name (三级指标 │ 分值 │ 得分)."""
    if not indicators or any("score" in band.columns for band in indicators):
        return []
    found = _bands(sheet, indicators[0].bottom + 1, bottom, "indicator", _is_score_header)
    return [band for band in found if all(band.top != other.top for other in indicators)]


def fund_bands(sheet: Sheet, top: int, bottom: int) -> list[Band]:
    """Fund headers between two rows, in order."""
    return _bands(sheet, top, bottom, "fund", _is_fund_header)


def _is_indicator_header(fields: set[str]) -> bool:
    if {"content", "points", "score"} <= fields:  # process part of the Guangshui form: no targets
        return True
    return bool(fields & {"level2", "level3"}) and bool(fields & {"target", "actual"}) and len(fields) >= 3


def _is_score_header(fields: set[str]) -> bool:
    return {"level3", "score"} <= fields and fields.isdisjoint(("target", "actual"))


def _is_fund_header(fields: set[str]) -> bool:
    money = fields.intersection(MONEY)
    return len(money) >= 2 or ("executed" in money and "rate" in fields)


Test = Callable[[set[str]], bool]


def _bands(sheet: Sheet, top: int, bottom: int, kind: str, is_header: Test) -> list[Band]:
    """Bands around rows whose own words make a header; without any, around rows of half words."""

    def found() -> list[Band]:
        filled = (row for row in range(top, bottom + 1) if len(sheet.labels.get(row, ())) > 1)
        rows = [row for row in filled if len(named := sheet.fields(row, kind)) > 1 and is_header(set(named))]
        whole = _around(sheet, rows, (top, bottom), kind, is_header)
        # without any, rows that may be the upper half of words split over rows: 年度 above 指标值
        shown = ((row, [c for c in sheet.row(row) if c not in sheet.years.get(row, ())]) for row in range(top, bottom))
        halves = (row for row, cells in shown if len(cells) >= 3 and all(_is_word(cell, 8) for cell in cells))
        return whole or _around(sheet, halves, (top, bottom), kind, is_header)

    return sheet.once(("bands", kind, top, bottom, is_header), found)


def _around(sheet: Sheet, rows: Iterable[int], bounds: tuple[int, int], kind: str, is_header: Test) -> list[Band]:
    bands: list[Band] = []
    floor, last = bounds
    for row in rows:
        if row >= floor and (band := _best_band(sheet, row, (floor, last), kind, is_header)):
            years = kind == "indicator" and len(sheet.years.get(band.top - 1, ())) > 1  # 2022年 │ 2023年 above it
            bands.append(replace(band, top=band.top - years, bottom=numbering_below(sheet, band.bottom, last)))
            floor = bands[-1].bottom + 1
    return bands


def numbering_below(sheet: Sheet, bottom: int, last: int) -> int:
    """The last row of a header that ends at `bottom`, with a row below it that only numbers the columns."""
    return bottom + 1 if bottom < last and numbers_columns(sheet, bottom + 1) else bottom


def numbers_columns(sheet: Sheet, row: int) -> bool:
    """Whether a row only numbers the columns of the header above it, or gives their codes: it holds no figures.

    Forms of Beijing put （A） and （B） below the words, printed lists 栏次 1 2 3 … or 甲 乙 1 2, exports XMMC, NCYSS.
    """
    mark, code = (sheet.vocabulary.patterns("columns", which)[0] for which in ("mark", "code"))
    own = [fold(cell.text) for cell in sheet.row(row) if cell.row == row]
    coded = len(own) > 2 and all(map(code.fullmatch, own))
    if coded or not own or not all(map(mark.fullmatch, own)):
        return coded
    numbers = [int(text) for text in own if text.isdecimal()]
    return not numbers or (len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))))


# Rows above and below a header row that may belong to it, tried from none to most.
_EXTENTS = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0))


def _best_band(sheet: Sheet, row: int, bounds: tuple[int, int], kind: str, is_header: Test) -> Band | None:
    """The band at `row` that names most fields; a further row must add fields and hold no figures."""
    best: Band | None = None
    floor, last = bounds
    for above, below in _EXTENTS:
        if best is not None and _is_complete(sheet, best):
            break
        first, final = row - above, row + below
        if first < floor or final > last or not all(_may_join(sheet, r) for r in range(first, final + 1) if r != row):
            continue
        band = _read_band(sheet, first, final, kind)
        if not is_header(band.columns.keys() | band.parts) or (best and _says(sheet, band) <= _says(sheet, best)):
            continue
        if final == first or _says(sheet, _read_band(sheet, first + 1, final, kind))[0] < _says(sheet, band)[0]:
            best = band  # else the top row adds nothing: it is no part of this header
    return best


def _says(sheet: Sheet, band: Band) -> tuple[int, int]:
    """How many fields a band names, and into how many parts its last row divides them, where it says no more."""
    parts = {at for some in band.parts.values() if len(some) > 1 or band.kind == "indicator" for at, _ in some}
    own = (cell for cell in sheet.row(band.bottom) if cell.row == band.bottom and cell.column not in parts)
    return len((band.columns.keys() | band.parts) - _KEYS), len(parts) if all(map(sheet.is_label, own)) else 0


def _is_complete(sheet: Sheet, band: Band) -> bool:
    """Whether no neighbouring row can add to a band: all its words clear, none of its kind above or below."""
    if band.unknown or band.again:
        return False
    starts = {first for first, _ in band.columns.values()}
    labels = (label for row in (band.top - 1, band.bottom + 1) for label in sheet.labels.get(row, ()))
    if any(label.fields.get(band.kind) and label.area.left not in starts for label in labels):
        return False
    # words below a group of columns that is merged, or blank but for the first (csv)
    below = (c.column for c in sheet.row(band.bottom + 1) if c.row > band.bottom and c.column > min(starts))
    return all((above := sheet.at(band.bottom, at)).text and above.column == at for at in below)


def _may_join(sheet: Sheet, bottom: int) -> bool:
    """Whether the row at `bottom` can belong to the header: only short words, no figures but years and months."""
    own = [cell for cell in sheet.row(bottom) if cell.row == bottom]
    dated = sheet.years.get(bottom, ())
    return bool(own) and all(_is_word(cell, 24) and (cell in dated or _is_heading(sheet, cell)) for cell in own)


def _is_heading(sheet: Sheet, cell: Cell) -> bool:
    """Whether a cell holds no figure but months or a year."""
    (period,) = sheet.vocabulary.patterns("columns", "period")
    return not _FIGURE.search(cell.text) or period.fullmatch(fold(cell.text)) is not None


def _is_word(cell: Cell, longest: int) -> bool:
    return cell.stored == "text" and len(cell.text) <= longest


def _read_band(sheet: Sheet, top: int, bottom: int, kind: str) -> Band:
    """The header in some rows; forms of one geometry whose rows show the same share it."""
    if not sheet.is_plain:
        return band_of(sheet, top, bottom, kind)
    shown = tuple(cell for row in range(top, bottom + 1) for cell in sheet.row(row))
    key = (kind, top, bottom, sheet.vocabulary, shown, frozenset(sheet.earlier))  # by the years in the row above
    return sheet.geometry.once(key, partial(band_of, sheet, top, bottom, kind))


def band_of(sheet: Sheet, top: int, bottom: int, kind: str) -> Band:
    """The header in some rows by the words of the block `kind`."""
    band, vocabulary = Band(kind, top, bottom, {}), sheet.vocabulary
    columns = band.columns
    for column, last, stack in header_columns(sheet, top, bottom):
        span, name, upper = (column, last), _own_field(sheet, stack, kind), _group(sheet, top, stack)
        over = vocabulary.match(upper, kind)
        heading = kind == "fund" and _is_heading(sheet, stack[-1]) and not names_source(vocabulary, stack[-1].text)
        if over is None and heading:
            over = vocabulary.match(upper, "fund_groups")  # 资金执行情况 over 一季度 │ 二季度
        name = name or (_beneath(vocabulary, upper, stack[-1].text, kind) if upper else None)
        if over in _DIVIDED and (name is None or name == over in MONEY):  # 当年预算数 below 全年预算数 may be a part
            band.parts.setdefault(over, {})[span] = stack[-1]._replace(text=f"{upper}：{stack[-1].text}")
            if name is None:
                continue
        name = name or (over if len(stack) > 1 else None)
        if name is None and (name := vocabulary.like(stack[-1].text, kind)) in columns:
            name = None  # the column with the known word is the one
        if stack[-1] in sheet.earlier:
            name = None
        if name == _OVER_NAMES and not sheet.geometry.areas:  # without merges (csv): before the next heading
            following = range(column + 1, sheet.last_column + 1)
            span = column, next((at for at in following if _stack(sheet, top, bottom, at)), column + 1) - 1
        if name == _OVER_NAMES and name in columns:  # filled into its former merge
            columns[name] = (columns[name][0], span[1])
            continue
        if name in columns:
            name = _beside(vocabulary, name, stack[-1], band)
        if not name:
            band.unknown.append(stack[-1])
        elif name in columns:
            band.again.append((name, span, stack[-1]))
        else:
            columns[name], band.headers[name] = span, stack[-1]
    for name in _DIVIDED & columns.keys():  # 实际完成值（上半年） │ 实际完成值（下半年）
        alike = {columns[name]: band.headers[name]} | {at: cell for other, at, cell in band.again if other == name}
        tailed = ((at, text) for at, cell in alike.items() if (text := fold(cell.text)).endswith(")"))
        parts = {at: alike[at]._replace(text=text[:-1].replace("(", "：", 1)) for at, text in tailed}
        if len({cell.text for cell in parts.values()}) == len(alike) > 1:
            band.parts[name] = parts
            del columns[name]
            band.again[:] = [one for one in band.again if one[0] != name]
    (whole,) = vocabulary.patterns("beneath", "whole")
    for name, some in band.parts.items():  # of villages or half years the sum is the value; without one none is
        wholes = [at for at, cell in some.items() if len(some) == 1 or whole.search(fold(cell.text).rpartition(":")[2])]
        if len(wholes) == 1 and columns.get(name, wholes[0]) in some:
            columns[name], band.headers[name] = wholes[0], some[wholes[0]]
        band.again[:] = [one for one in band.again if one[1] not in some]
        rest = (cell for at, cell in some.items() if at != columns.get(name))
        band.unknown += [c._replace(text=c.text.split("：", 1)[1]) if name in columns else c for c in rest]
    if "unread" in columns:  # known, but of no use here
        band.parts["unread"] = {columns.pop("unread"): band.headers["unread"]}
        band.unknown.append(band.headers.pop("unread"))
    return band


def header_columns(sheet: Sheet, top: int, bottom: int) -> Iterator[tuple[int, int, list[Cell]]]:
    """First and last column of each header between two rows, with its texts from top to bottom."""
    column = 1
    while column <= sheet.last_column:
        stack = _stack(sheet, top, bottom, column)
        if not stack or (len(stack) == 1 and sheet.area(stack[0]).left < column):
            column += 1  # a blank column, also inside a group of headers
            continue
        right = min(sheet.area(cell).right for cell in stack)
        yield column, right, stack
        column = max(right, column) + 1


def _beside(vocabulary: Vocabulary, name: str, header: Cell, band: Band) -> str:
    """Field of a second column of one meaning: what its word, or that of the first, means beside the other."""
    columns, headers = band.columns, band.headers
    for meant in (one for one in vocabulary.raw["beside"].get(name, {}) if one not in columns):
        words = vocabulary.words("beside", name, meant)
        if not words.isdisjoint(header_forms(header.text)):
            return str(meant)
        if not words.isdisjoint(header_forms(headers[name].text)):
            columns[meant], headers[meant] = columns.pop(name), headers.pop(name)
            return name
    return name


def _group(sheet: Sheet, top: int, stack: Sequence[Cell]) -> str:
    """The word above a sub-word; above blanks, unmerged (csv), it stands above the first of the sub-words."""
    row, column = stack[0][:2]
    if len(stack) > 1 or row == top or sheet.at(top, column).text:
        return stack[0].text if len(stack) > 1 else ""
    return next((cell.text for cell in reversed(sheet.row(top)) if cell.column < column), "")


def _beneath(vocabulary: Vocabulary, upper: str, word: str, kind: str) -> str | None:
    """Field of a sub-word below a group of columns, by both words: 符号, 值, 单位 below whatever names the target."""
    group = header_forms(upper)[-1]
    if name := vocabulary.match(f"{group}>{word}", kind):
        return name
    over = vocabulary.match(upper, kind) == "target" or group in vocabulary.words("beneath", "over")
    parts = ("sign", "target", "unit") if over and "indicator" in kind else ()
    return next((part for part in parts if fold(word) in vocabulary.words("beneath", part)), None)


def _stack(sheet: Sheet, top: int, bottom: int, column: int) -> list[Cell]:
    """Distinct non-empty cells of a column from top to bottom; block labels merged down the side are left out."""
    cells = dict.fromkeys(sheet.at(row, column) for row in range(top, bottom + 1))
    return [cell for cell in cells if cell.text and sheet.area(cell).bottom <= bottom]


def field_of(sheet: Sheet, stack: Sequence[Cell], kind: str) -> str | None:
    """Field of a header column: group and sub-word, the lowest word, the words joined, the top word."""
    return _own_field(sheet, stack, kind) or sheet.vocabulary.match(stack[0].text, kind)


def _own_field(sheet: Sheet, stack: Sequence[Cell], kind: str) -> str | None:
    """The same, but not by the top word alone."""
    match, word = sheet.vocabulary.match, stack[-1].text
    beneath = (name for cell in stack[:-1] if (name := _beneath(sheet.vocabulary, cell.text, word, kind)))
    return next(beneath, None) or match("".join(cell.text for cell in stack), kind) or match(word, kind)
