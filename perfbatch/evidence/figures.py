"""Figures, amounts and dates in texts and tables, each with the words around it; sums of columns, counts of rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from perfbatch.decimals import plain, total
from perfbatch.evidence.kinds import one_of
from perfbatch.model import Cell, Grid, a1
from perfbatch.notation import fold
from perfbatch.notation.figures import RUN, chinese, figure, years_in_digits
from perfbatch.notation.money import read_money
from perfbatch.notation.units import is_money, unit_of

_APART = re.compile(r"(?<=[0-9])[ \t\u3000\xa0]+(?=[0-9])")  # 3 4 are two figures
_CLAUSE = re.compile(r"[。;!?\n]|,(?![0-9]{3}(?![0-9]))|(?<![0-9]),")
_DATE = re.compile(
    r"(?P<y>(?:19|20)[0-9]{2})年(?P<m>[0-9]{1,2})月(?:(?P<d>[0-9]{1,2})[日号])?"
    r"|(?<![0-9])(?P<y2>(?:19|20)[0-9]{2})(?P<s>[-./])(?P<m2>[0-9]{1,2})(?P=s)(?P<d2>[0-9]{1,2})(?![0-9])"
)
_CAPITAL = re.compile("[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{2,}[元圆](?:整|[零壹贰叁肆伍陆柒捌玖角分]*)")
_TAIL = re.compile(r"[^0-9]{0,12}")
_NUMBERED = re.compile(r"(?:^|(?<=[。;]))\(?[0-9]{1,2}(?:\)|[.、](?![0-9]))")
_LONGEST_CODE = 14  # digits: longer runs are numbers of cards, accounts and invoices
_PHONE = re.compile("1[3-9][0-9]{9}")
_BEFORE, _AFTER, _NEAR = 24, 14, 8  # characters kept around a figure; those that say that it is a plan
_NAMES_A_THING = ("号", "条", "章", "页", "款", "版", "期", "栋", "单元", "室", "路", "楼")
_OPEN = re.compile("(?:[A-Za-z+_*#第-]|(?:号|代码|号码|编码|编号|电话|手机)[:：]?)$")
_YEAR = re.compile("(?:19|20)[0-9]{2}")


class Figure(NamedTuple):
    """One figure of a document.

    `value` is as written, None for a date; `unit` normalised, empty where none is stated; `day` an ISO date, of which a
    month alone has no day (``2022-06``). `sheet`, `cell` (a range for what was added up or counted), `page` and `line`
    (from 1) say where, as far as the document has such. `words` are those around it, folded, ``#`` in its place. `how`:
    empty, ``sum`` of a column, ``count`` of rows, ``capital`` an amount in capitals. `planned`: a plan or limit.
    """

    value: Decimal | None
    unit: str
    day: str
    sheet: str
    cell: str
    page: int
    line: int
    words: str
    how: str = ""
    planned: bool = False

    def shown(self) -> str:
        """As a person would write it."""
        return self.day if self.value is None else f"{plain(self.value)}{'行' if self.how == 'count' else self.unit}"


def folded(text: str) -> str:
    """`text` folded, figures that only a blank separates kept apart."""
    return fold(_APART.sub("；", text))


def in_text(
    text: str, *, before: str = "", sheet: str = "", cell: str = "", page: int = 0, line: int = 0
) -> list[Figure]:
    """The figures of a text (not folded); `before` are words that stand before each, such as those of its header."""
    found = []
    for clause in _CLAUSE.split(folded(text)):
        if (clause and any(map(str.isdigit, clause))) or "元" in clause or "圆" in clause:
            found += [
                Figure(value, unit, day, sheet, cell, page, line, before + words, how, planned)
                for value, unit, day, how, words, planned in _clause(clause)
            ]
    return found


_Part = tuple[Decimal | None, str, str, str, str, bool]


@lru_cache(maxsize=4096)
def _clause(clause: str) -> tuple[_Part, ...]:
    return tuple(_found(years_in_digits(clause)))


def _found(clause: str) -> Iterator[_Part]:
    taken: list[tuple[int, int]] = []
    for match in _DATE.finditer(clause):
        taken.append(match.span())
        if day := _day(match):
            yield None, "", day, "", *_around(clause, *match.span())
    for match in _CAPITAL.finditer(clause):
        taken.append(match.span())
        if (amount := capital(match[0])) is not None:
            yield amount, "元", "", "capital", *_around(clause, *match.span())
    for match in RUN.finditer(clause):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        before, rest = clause[: match.start()], clause[match.end() :]
        tail = _TAIL.match(rest)
        unit = unit_of(tail[0] if tail else "")
        value = _value(match[0], before, rest)
        if value is None or (not unit.known and rest.startswith(_NAMES_A_THING)):
            continue
        end = match.end() + (len(tail[0]) - len(unit.rest) if tail and unit.known else 0)
        yuan = before.endswith("¥") and not is_money(unit.name)
        yield value, "元" if yuan else unit.name, "", "", *_around(clause, match.start(), end)


def _value(run: str, before: str, after: str) -> Decimal | None:
    """The figure of a run of digits, None where it is a code, the number of an item or a telephone."""
    digits = run.replace(",", "").replace(".", "")
    if len(digits) > _LONGEST_CODE or _PHONE.fullmatch(run) or _OPEN.search(before):
        return None
    if (run[0] == "0" and run[1:2] not in ("", ".")) or (after[:1].isascii() and after[:1].isalpha()):
        return None
    if _YEAR.fullmatch(run) and after.startswith(("年", "-", "/")):
        return None
    if (_NUMBERED.match(f"{run}{after}") and not before) or (before.endswith("(") and after.startswith(")")):
        return None
    return figure(run).value


def _day(match: re.Match[str]) -> str:
    """ISO date, of a month without its day ``2022-06``; empty where the calendar has no such day."""
    year, month = int(match["y"] or match["y2"]), int(match["m"] or match["m2"])
    written = match["d"] or match["d2"]
    try:
        found = date(year, month, int(written or 1))
    except ValueError:
        return ""
    return found.isoformat() if written else found.isoformat()[:7]


def _around(clause: str, start: int, end: int) -> tuple[str, bool]:
    """The words around a figure with ``#`` in its place, and whether it is a plan or a limit."""
    before, after = clause[max(0, start - _BEFORE) : start], clause[end : end + _AFTER]
    near = re.split("[:(、]", before)[-1] or before[-_NEAR:]
    planned = one_of("planned").search(near) is not None or after.startswith(("以上", "以下", "以内"))
    return f"{before}#{after}", planned


def capital(text: str) -> Decimal | None:
    """An amount in capitals in 元: 壹拾万零柒佰元整 → 100700; None where it is not one."""
    whole, _, small = text.removesuffix("整").replace("圆", "元").partition("元")
    parts: list[tuple[str, int]] = []
    for word, places in (("亿", 8), ("万", 4)):
        if word in whole:
            head, whole = whole.rsplit(word, 1)
            parts.append((head, places))
    total = Decimal(0)
    for part, places in (*parts, (whole, 0)):
        bare = part.strip("零")
        value = chinese(bare) if bare else Decimal(0)
        if value is None:
            return None
        total += value.scaleb(places)
    for word, places in (("角", -1), ("分", -2)):
        if found := re.search(f"([壹贰叁肆伍陆柒捌玖]){word}", small):
            total += (chinese(found[1]) or Decimal(0)).scaleb(places)
    return total or None


_MOST_HEADERS = 3  # filled cells from which a row of words may be the header of a list
_LEAST_ROWS = 2
_UNIT_LINE = re.compile(r"单位[:：]?(元|百元|千元|万元|亿元)")
_BRACKETS = re.compile(r"[(（]([^()（）]{1,6})[)）]")
_PLAIN = re.compile(r"[¥￥]?-?[0-9][0-9,]*(?:\.[0-9]+)?")
_MONEY_WORDS = re.compile("金额|合计|小计|总价|单价|价款|补助|补偿款|补偿费|租金|工资|费用|款|支付|元")
_NUMBER = re.compile("序号|编号")
_LABEL = 30  # characters of a label that are kept
_ROWS = 5_000  # rows of one list whose cells are kept one by one


@dataclass
class _List:
    """A header row by column, and the rows below it; of `personal` ones, whose rows are persons, none is kept."""

    headers: dict[int, str]
    personal: bool
    rows: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)


class Table:
    """A sheet or table; `said` is all its text, folded."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.rows: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in sorted(grid.cells.items()):
            if cell.text.strip():
                self.rows.setdefault(row, {})[column] = cell
        self.spans = {(m.top, m.left): m for m in grid.merges}
        self.said = "\n".join("\t".join(folded(cell.text) for cell in cells.values()) for cells in self.rows.values())
        found = _UNIT_LINE.search(self.said)
        self.money = found[1] if found else ""
        self.title = next((fold(cell.text) for cells in self.rows.values() for cell in cells.values()), "")[:_LABEL]

    def figures(self) -> list[Figure]:
        """All figures, those of its lists added up and counted too."""
        found: list[Figure] = []
        listed = self._lists()
        of_row = {row: one for one in listed for row in (*one.rows, *one.totals)}
        headers: dict[int, str] = {}
        for row, cells in self.rows.items():
            one = of_row.get(row)
            if one is None or not (one.personal or len(one.rows) > _ROWS) or row in one.totals:
                found += self._row(cells, one.headers if one else headers, one)
            for column, cell in cells.items():
                if not _is_figure(cell) and one is None:
                    span = self.spans.get((row, column))
                    for below in range(column, (span.right if span else column) + 1):
                        headers[below] = fold(cell.text)[:_LABEL]
        for one in listed:
            found += self._of_list(one)
        return found

    def _lists(self) -> list[_List]:
        """Rows of words with rows below that fill the same columns."""
        found: list[_List] = []
        current: _List | None = None
        last = 0
        for row, cells in self.rows.items():
            # a data row fills half of the headed columns and has a figure (the number of the row is one)
            heads = current.headers if current is not None else {}
            sums = any(one_of("totals").search(fold(cell.text)) for cell in list(cells.values())[:2])
            filled = sums or 2 * len(cells.keys() & heads.keys()) >= len(heads)
            if current is not None and row == last + 1 and filled and any(map(_is_figure, cells.values())):
                (current.totals if sums else current.rows).append(row)
            else:
                words = {column: fold(cell.text)[:_LABEL] for column, cell in cells.items()}
                least = 2 if one_of("heads").fullmatch(next(iter(words.values()), "")) else _MOST_HEADERS
                current = None
                if len(words) >= least and not any(map(_is_figure, cells.values())):
                    current = _List(words, any(map(one_of("persons").search, words.values())))
                    found.append(current)
            last = row
        return [one for one in found if len(one.rows) >= _LEAST_ROWS]

    def _row(self, cells: dict[int, Cell], headers: dict[int, str], within: _List | None) -> list[Figure]:
        found: list[Figure] = []
        label, own_unit = "", ""
        following = [*list(cells.values())[1:], None]
        for (column, cell), beside in zip(cells.items(), following, strict=True):
            text, header = fold(cell.text), headers.get(column, "")
            before = f"{label[-_LABEL:]} {header} " if within or not label else f"{label[-_LABEL:]} "
            if not _is_figure(cell):
                if RUN.search(text) or "元" in text:
                    found += in_text(cell.text, before=f"{label[-_LABEL:]} ", sheet=self.grid.sheet, cell=cell.ref)
                unit = unit_of(text)
                if unit.whole and len(text) <= 4:
                    own_unit = unit.name
                elif len(text) <= 3 * _LABEL:
                    label = text
            elif cell.stored == "date" or not _PLAIN.fullmatch(text):
                found += in_text(cell.text, before=before, sheet=self.grid.sheet, cell=cell.ref)
            elif not _NUMBER.search(header) and (value := figure(text.lstrip("¥-")).value) is not None:
                named = (_bracketed(header) if within or not label else "") or _bracketed(label) or own_unit
                if not named and beside is not None and (after := unit_of(fold(beside.text))).whole:
                    named = after.name
                if not named and self.money and _MONEY_WORDS.search(header + label):
                    named = self.money
                planned = one_of("planned").search(label + header) is not None
                words = f"{before}#".strip()
                found.append(Figure(value, named, "", self.grid.sheet, cell.ref, 0, 0, words, "", planned))
        return found

    def _of_list(self, one: _List) -> list[Figure]:
        """The number of rows, and the sum of each column of figures."""
        first, last = one.rows[0], one.rows[-1]
        named = min(one.headers)
        heads = " ".join(one.headers.values())[: 2 * _LABEL]
        place = f"{a1(first, named)}:{a1(last, named)}"
        found = []
        if not one_of("periods").match(one.headers[named]):
            words = f"{self.title} {heads} #"
            found.append(Figure(Decimal(len(one.rows)), "", "", self.grid.sheet, place, 0, 0, words, "count"))
        for column, header in one.headers.items():
            values = self._column(one.rows, column)
            if values is None or _NUMBER.search(header) or one_of("persons").search(header):
                continue
            unit = _bracketed(header) or (self.money if _MONEY_WORDS.search(header) else "")
            place = f"{a1(first, column)}:{a1(last, column)}"
            words = f"{self.title} {header} #"
            found.append(Figure(total(values), unit, "", self.grid.sheet, place, 0, 0, words, "sum"))
        return found

    def _column(self, rows: Sequence[int], column: int) -> list[Decimal] | None:
        """The figures of a column, None unless all that stands in it is figures."""
        values: list[Decimal] = []
        for row in rows:
            cell = self.rows[row].get(column)
            if cell is None:
                continue
            text = fold(cell.text)
            money = read_money(text, "元")
            if _PLAIN.fullmatch(text) and (value := figure(text.lstrip("¥-")).value) is not None and text[0] != "-":
                values.append(value)
            elif money.value is not None and money.unit == "元":
                values.append(money.value.scaleb(4))
            else:
                return None
        return values if len(values) >= _LEAST_ROWS else None


def _is_figure(cell: Cell) -> bool:
    """Whether a cell is a figure or date and not a text with one in it."""
    if cell.stored in ("number", "percent", "date"):
        return True
    text = fold(cell.text)
    if (run := RUN.match(text)) is None:
        return False
    unit = unit_of(text[run.end() :])
    return _PLAIN.fullmatch(text) is not None or (unit.whole and unit.name != "")


def _bracketed(text: str) -> str:
    """The unit in the brackets of a header: 面积（亩） → 亩."""
    for inner in _BRACKETS.findall(text):
        unit = unit_of(fold(inner).removeprefix("单位").lstrip(":"))
        if unit.whole and unit.name:
            return unit.name
    return ""
