"""Grid layouts: one form in a region of a sheet, block by block, by the words of its headers.

The sheets of an export carry the same labels in the same places and differ in their values and in the number of
indicators. A plan holds the addresses that the head and the fund blocks of one such form were read from; it is used
again for a form whose cells outside the indicator table look alike: the same labels, and values of the same look.
"""

import re
from collections.abc import Hashable, Iterator
from decimal import Decimal
from functools import cache
from itertools import compress, pairwise, takewhile

from perfbatch.forms.bands import LEVELS, Band, enter_level, has_values, level_of
from perfbatch.forms.blocks import Blocks, is_figure, read_funds, ticked_as
from perfbatch.forms.coverage import names_block, says_nothing
from perfbatch.forms.form import MONEY, Form, Line, Place, Plan, Table
from perfbatch.forms.kinds import find_title, is_note, is_page, is_title, names_kind, names_year, year_cell
from perfbatch.forms.money_unit import may_state_unit, sheet_unit, unit_in_label, unit_of_columns
from perfbatch.forms.sheet import Label, Sheet, meanings_of
from perfbatch.forms.vocabulary import Vocabulary, names_source, printed_points, stated, stated_amounts
from perfbatch.model import Cell, Range
from perfbatch.notation import chosen, fold, is_nil, read_points, read_target, tick

_MOST_KEPT, _MOST_LOOKS = 400, 50_000
_LONG = 60  # a text of this many characters ends a block
_BELOW = 100_000  # rows below the table are counted from here


Look = str | tuple[Hashable, ...]


@cache
def _known(_vocabulary: Vocabulary) -> tuple[dict[Hashable, Plan | None], dict[str, Look]]:
    """Under a vocabulary (compared by identity): the plans made so far by look, and the looks of texts met so far."""
    return {}, {}


def _look(vocabulary: Vocabulary, text: str) -> Look:
    """Look of a text: itself where the vocabulary knows it, else what kind of text it is."""
    fields = meanings_of(vocabulary)[text]
    if "stated" in fields:
        if amounts := stated_amounts(vocabulary, text):
            return ("amount", tuple((amount.label, amount.field) for amount in amounts))
        return ("stated", tuple(name for name, _ in stated(vocabulary, text)), "元" in text and text)
    if fields or names_source(vocabulary, text) or text in _GRADES:
        return text
    if is_nil(text):
        return "nil"
    if read_points(text) is not None or text.lstrip("¥￥- ")[:1].isdigit():
        return ("year", text) if names_year(text) else ("figure", is_figure(_NOTHING._replace(text=text)))
    if may_state_unit(text) or ("元" in text and unit_in_label(text)):
        return text
    titled = len(text) <= _LONG and (is_title(vocabulary, text) or names_kind(vocabulary, text))
    noted = text[:8] if text.lstrip().startswith(("注", "说明", "备注", "填", "附")) else ""
    plain = says_nothing(vocabulary, text)
    return ("text", titled, len(text) >= _LONG, "\n" in text, len(text) <= 20 and names_year(text), noted, plain)


def look_of(sheet: Sheet, blocks: Blocks) -> Hashable | None:
    """What a form looks like outside its indicator table; None for forms of several tables, which get no plan."""
    if len(blocks.tables) != 1 or blocks.score_bands or not sheet.is_plain:
        return None
    (table,), (band,) = blocks.tables, blocks.indicator_bands
    top, bottom, first, last = blocks.top, blocks.bottom, band.bottom, table.bottom
    areas, looks = sheet.geometry.areas, _known(sheet.vocabulary)[1]
    if len(looks) > _MOST_LOOKS:
        looks.clear()
    parts = []
    texts: dict[str, int] = {}  # those of which only the kind is known: the same ones may be joined
    for (row, column), cell in sheet.grid.cells.items():
        if row < top or row > bottom or not cell[2]:
            continue
        if first < row <= last:
            if table.left <= column <= table.right:
                continue
            return None  # something stands beside the indicators
        text = cell[2]
        if (look := looks.get(text)) is None:
            look = looks[text] = _look(sheet.vocabulary, text)
        at = row - top if row <= first else row - last + _BELOW
        wide = high = 0
        if (area := areas.get((row, column))) is not None:
            wide = area.right - column
            high = (min(area.bottom, first) if row <= first else area.bottom) - row
        same = texts.setdefault(text, len(texts)) if look[0] == "text" else -1
        parts.append((at, column, wide, high, look, same))
    return (tuple(parts), sheet.last_column, sheet_unit(sheet), blocks.total_row is None, tuple(band.columns.items()))


def plan_of(sheet: Sheet, blocks: Blocks, form: Form) -> Plan | None:
    """The plan of a form that was read; None where a value is made of its text in another way."""
    try:
        places = _Places(sheet, blocks)
        return Plan(
            {name: places.of(cell) for name, cell in form.head.items()},
            [(places.row(line.row), {name: places.of(c) for name, c in line.cells.items()}) for line in form.funds],
            [places.of(cell) for cell in form.taken],
            [places.of(cell) for cell in form.unlabelled],
            form.money_unit,
            form.rate_base,
        )
    except LookupError:
        return None


class _Places:
    """Addresses of a form, relative to its top and to the end of its table."""

    def __init__(self, sheet: Sheet, blocks: Blocks) -> None:
        self.sheet, self.top = sheet, blocks.top
        self.first, self.last = blocks.indicator_bands[0].bottom, blocks.tables[0].bottom

    def row(self, row: int) -> int:
        if self.first < row <= self.last:
            raise LookupError(row)
        return row - self.top if row <= self.first else row - self.last + _BELOW

    def line(self, row: int) -> int:
        """The row of this form for one of `row`."""
        return row + self.top if row < _BELOW - 10_000 else row - _BELOW + self.last

    def of(self, cell: Cell) -> Place:
        """How to find a cell again; LookupError where its text is made in a way that another form need not share."""
        row, column = self.row(cell.row), cell.column
        shown = self.sheet.at(cell.row, column)
        vocabulary = self.sheet.vocabulary
        if shown.text == cell.text and shown[:2] == cell[:2]:
            return ("at", row, column, "")
        if not cell.text:
            return ("blank", row, column, "")
        for name, value in stated(vocabulary, shown.text):
            if value == cell.text:
                return ("stated", row, column, name)
        amounts = stated_amounts(vocabulary, shown.text)
        if len(named := [amount.label for amount in amounts if amount.figure == cell.text]) == 1:
            return ("amount", row, column, named[0])
        if not named and (len(cell.text) <= 4 or any(amount.label in cell.text for amount in amounts)):
            return ("as", row, column, cell.text)
        raise LookupError(cell.text)

    def cell(self, place: Place) -> Cell:
        """The cell at a place of this form."""
        how, row, column, text = place
        row = self.line(row)
        if how == "blank":
            return Cell(row, column, "", "empty")
        shown = self.sheet.at(row, column)
        if how == "at":
            return shown
        if how == "as":
            return shown._replace(row=row, column=column, text=text)
        if how == "stated":
            return shown._replace(text=dict(reversed(stated(self.sheet.vocabulary, shown.text)))[text])
        amounts = stated_amounts(self.sheet.vocabulary, shown.text)
        return shown._replace(text=next((amount.figure for amount in amounts if amount.label == text), ""))


def apply(plan: Plan, sheet: Sheet, blocks: Blocks, form: Form) -> None:
    """Fill head and funds of a form from the places of a plan."""
    places = _Places(sheet, blocks)
    cell = places.cell
    form.head = {name: cell(place) for name, place in plan.head.items()}
    for row, cells in plan.funds:
        own = {name: cell(place) for name, place in cells.items()}
        form.funds.append(Line(places.line(row), own, sheet.grid.sheet))
    if not plan.covered:
        form.taken = [cell(place) for place in plan.taken]
        form.unlabelled = [cell(place) for place in plan.unlabelled]
    form.money_unit, form.rate_base = plan.money_unit, plan.rate_base
    form.plan = plan


_PAIR = re.compile(r"[/／\n;；]|[，,](?=实际|完成)")
_SAID = re.compile(r"^(年度|全年)?(指标值|目标值|目标|实际完成值|实际完成|实际|完成值|完成)[:：]?\s*")
_LABELLED = re.compile(r"\s*([^:：\n]{2,20})[:：\n]\s*(\S.*)", re.DOTALL)
_FRACTION = re.compile(r"(\d+(?:\.\d+)?)分?/(\d+(?:\.\d+)?)分?")
_NOTHING = Cell(1, 1, "", "empty")
_GRADES = ("优", "良", "中", "差")
_GOALS = ("goal_expected", "goal_actual", "goal_completion")
_WORD = re.compile(r"[^\d，。；、：,;:\n]{1,12}")  # as short as a heading, without figures and stops
_NUMBERED = re.compile(r"\s*目标\d")  # of several goals, each with its text beside it
_WHOSE = ("project_name", "project_code", "department", "unit", "manager")
_REST_OF_DATE = re.compile(r"\s*\d{0,2}\s*[月日]")
_BROKEN = frozenset(["level3", "target", "actual", "unit", "reason", "method", "evidence"])  # texts over two rows
_OF_ONE_LINE = frozenset(["target", "actual", "sign", "unit", "level3"])  # of a merged cell the first line has them


def read_form(sheet: Sheet, region: Range, layout: str, *, unlabelled_score: bool = False) -> Form:
    """The form standing in `region` (rows only are used).

    `unlabelled_score`: the last column holds scores though its header does not say so.
    """
    reader = _Reader(sheet, region, unlabelled_score=unlabelled_score)
    first = next(cell for row in range(region.top, region.bottom + 1) for cell in sheet.row(row))
    form = Form(sheet.grid.file, sheet.grid.sheet, layout, anchor=first.ref)
    look = None if unlabelled_score else look_of(sheet, reader.blocks)
    known = _known(sheet.vocabulary)[0]
    if look is not None and (plan := known.get(look)) is not None:
        apply(plan, sheet, reader.blocks, form)
    else:
        reader.read_head(form)
        reader.read_funds(form)
        if look is not None and not (form.doubts or form.money_conflict or form.units or reader.weighed):
            form.plan = plan_of(sheet, reader.blocks, form)
            if len(known) >= _MOST_KEPT:
                known.clear()
            known[look] = form.plan
    if unlabelled_score:
        reader.read_goal_scores(form)
    reader.read_indicators(form)
    reader.leave_struck(form)
    reader.read_total(form)
    reader.join_broken_rows(form)
    reader.leave_headings(form)
    reader.read_shares(form)
    for name in ("category", "origin", "grade"):
        if len(words := chosen(form.text(name))) > 1:
            form.doubts.append(f"{form.ref(name)} 勾选了“{'”“'.join(words)}”，不能确定是哪一项，按原文读取")
    after = max((line.row for line in form.lines), default=region.bottom)
    if notes := [cell for cell in sheet.begun(after + 1, region.bottom) if is_note(sheet, cell.row)]:
        form.head["footnotes"] = notes[0]._replace(text="\n".join(cell.text for cell in notes))
    return form


class _Reader:
    def __init__(self, sheet: Sheet, region: Range, *, unlabelled_score: bool) -> None:
        self.sheet, self.top, self.bottom = sheet, region.top, region.bottom
        self.blocks = Blocks(sheet, region, unlabelled_score=unlabelled_score)
        self._unlabelled_score = unlabelled_score
        self.weighed = False  # a reading was chosen by the figures of this very form

    # -- head ---------------------------------------------------------------------------------------------

    def read_head(self, form: Form) -> None:
        """Title, key–value fields, goals, money unit."""
        if title := find_title(self.sheet, self.top, self.blocks.next_block() - 1):
            form.head["title"] = title
        first = title.row if title else self.top  # what stands above it may be of the whole sheet
        labels = self.sheet.begun_labels
        for label in (*labels(first, self.bottom), *labels(self.top, first - 1)):
            name = label.fields.get("head")
            if name is None or name == "manager" or self.blocks.holds(label.cell):
                continue
            block, value = "blocks" in label.fields, self.sheet.beside(label)
            named = (block or name in _GOALS) and names_block(self.sheet, label.cell)
            part = block or (name not in _GOALS and self.sheet.is_label(value))
            if named or (part and self.blocks.holds(value)):
                continue
            if name in _GOALS:
                if (goal := self._goal(form, label, value)) is None:
                    continue
                before = form.head.setdefault(name, goal)
                if before is not goal and _NUMBERED.match(label.cell.text) and not is_nil(goal.text):
                    form.head[name] = before._replace(text=f"{before.text}\n{goal.text}".strip())
                    form.taken.append(goal)
            elif name == "head_total":
                if label.cell.row != self.blocks.total_row:  # whose score stands in the score column
                    self._take_total(form, label)
            else:
                form.head.setdefault(name, self._value(label))
        for name, cell in self.sheet.stated_fields(self.top, self.bottom):
            if name != "manager" and not self.blocks.holds(cell):
                form.head.setdefault("total" if name == "head_total" else name, cell)
        if "department" not in form.head and (above := form.head.pop("department_above", None)):
            form.head["department"] = above
        self._take_money_unit(form)
        if "year" not in form.head and (year := year_cell(self.sheet, self.top, self.blocks.next_block() - 1)):
            form.head["year"] = year

    def _value(self, label: Label) -> Cell:
        """Value of a key: the cell to the right, unless that is the next key."""
        cell, below = self.sheet.beside(label), self.sheet.below(label)
        if label.area.right >= self.sheet.last_column:  # a section line, or the head of a column: its text stands below
            return below if not self.sheet.is_label(below) else below._replace(text="", stored="empty")
        key = "head" in self.sheet.fields_of(cell)
        if cell in self.sheet.stated.get(cell.row, ()):  # the next key with its value (主管部门：乙)
            name = stated(self.sheet.vocabulary, cell.text)[0][0]
            key = key or (name in _WHOSE and name != label.fields.get("head"))
        if cell.text and not key:
            return cell
        # a row of labels over a row of their values
        alone = not any(below.row in rows for rows in (self.sheet.labels, self.sheet.stated, self.sheet.notes))
        alone = alone and below.row <= self.bottom and all(map(self.sheet.is_label, self.sheet.row(label.cell.row)))
        if not cell.text:  # or a section line that does not reach the edge, over its text
            alone = alone and self.sheet.area(below)[1::2] == label.area[1::2] and self.sheet.row(below.row) == [below]
            alone = alone and (label.area.right > label.area.left or not _WORD.fullmatch(below.text))
            alone = alone and not says_nothing(self.sheet.vocabulary, below.text)
        return below if alone and below.text else Cell(label.cell.row, label.area.right + 1, "", "empty")

    def _take_total(self, form: Form, label: Label) -> None:
        """A total outside the table: its figures are points and score, below those columns or in their order."""
        following = self.sheet.part(label.cell.row, label.area.right + 1, self.sheet.last_column)
        own = (c for c in following if c.row == label.cell.row and not self.blocks.holds(c))
        figures = [cell for cell in own if read_points(cell.text) is not None]
        if len(figures) < 2:
            form.head.setdefault("total", self._value(label))
            return
        for field, name, cell in (("total_points", "points", figures[0]), ("total", "score", figures[-1])):
            bands = self.blocks.indicator_bands[-1:]
            below = next((band.cell(self.sheet, label.cell.row, name) for band in bands), None)
            form.head.setdefault(field, below if below in figures else cell)

    def _goal(self, form: Form, label: Label, right: Cell) -> Cell | None:
        """Value of a goal label: below it when goal labels stand side by side, else beside it; None where unsure."""
        below = self.sheet.below(label)
        if right.text and not self.sheet.is_label(right):
            row = (other.fields for other in self.sheet.labels[label.cell.row])
            goals = sum(fields.get("head") in _GOALS and "blocks" not in fields for fields in row)
            text = below.text and not meanings_of(self.sheet.vocabulary)[below.text] and not self.blocks.holds(below)
            # else a heading of unknown words over its text, beside the known one (实际完成目标), or a short goal
            if goals > 1 or not text or not _WORD.fullmatch(right.text):
                return self._joined(form, right, label.area.bottom + 1)
            if _WORD.fullmatch(below.text):
                return None
        elif self.sheet.is_label(below):
            return Cell(label.cell.row, label.area.right + 1, "", "empty")
        return self._joined(form, below, self.blocks.next_block(label.area.bottom + 1))

    def _joined(self, form: Form, first: Cell, stop: int) -> Cell:
        """A cell and those under it, joined when a goal is written over several rows."""
        cells = [first]
        for row in range(self.sheet.area(first).bottom + 1, min(stop, self.bottom + 1)):
            cell = self.sheet.at(row, first.column)
            if not cell.text or not all(_NUMBERED.match(o.cell.text) for o in self.sheet.begun_labels(row, row)):
                break
            cells += [cell] if cell.row == row else []
        form.taken += cells[1:]
        return first._replace(text="\n".join(cell.text for cell in cells)) if len(cells) > 1 else first

    def _take_money_unit(self, form: Form) -> None:
        """The unit that the head, the labels of the fund blocks, a note below or the sheet's name state.

        Two statements that differ state nothing: which of them is right has to be asked.
        """
        cells = [*filter(None, [form.head.get("money_unit")]), *self._statements()]
        stages = [(self.sheet.fields_of(cell).get("fund", ""), cell) for cell in cells]  # whose column or row they head
        columns = {name: cell for name, cell in stages if name in MONEY}
        unit_of_columns(self.sheet, columns, (cell for name, cell in stages if name not in MONEY)).give(form)

    def _statements(self) -> Iterator[Cell]:
        """Cells that may state the unit of money."""
        first = self.blocks.next_block()
        blocks = self.blocks.fund_areas
        tops = {area.top for area in blocks}
        last = max((area.bottom for area in (*self.blocks.tables, *blocks)), default=self.bottom)
        for row in range(self.top, self.bottom + 1):
            inside = any(area.top <= row <= area.bottom for area in blocks)
            for cell in self.sheet.row(row):
                if cell[0] != row or "元" not in cell[2]:
                    continue
                if inside and cell in self.sheet.amounts.get(row, ()):  # 全年预算数（万元）：16.81
                    yield cell._replace(text=cell[2].replace("：", ":").partition(":")[0])
                said = may_state_unit(cell[2]) and (row < first or row > last or not self.blocks.holds(cell))
                headed = row in tops and unit_in_label(cell[2])  # 资金（万元） beside the header, whatever it is called
                if said or headed or ((inside or row < first) and self.sheet.is_label(cell)):
                    yield cell

    # -- funds --------------------------------------------------------------------------------------------

    def read_funds(self, form: Form) -> None:
        for area in self.blocks.fund_areas:
            for label in self.sheet.labels.get(area.top, ()):  # 预算执行情况（20分）, 得分（10分）
                heads = "blocks" in label.fields or label.fields.get("fund") == "score"
                if heads and printed_points(label.cell.text):
                    form.head.setdefault("execution_points", label.cell)
            # the budget that the headers themselves name as base: 全年预算数(A) beside 执行率(B/A)
            labels = [label for row in range(area.top, area.bottom + 1) for label in self.sheet.labels.get(row, ())]
            said = [(label, fold(label.cell.text).upper()) for label in labels]
            if any("B/A" in text for _, text in said):
                named = (label.fields.get("fund", "") for label, text in said if text.endswith("(A)"))
                form.rate_base = next((name for name in named if name in ("initial", "adjusted")), "")
            lines, left = len(form.funds), len(form.unlabelled)
            self.weighed |= read_funds(form, self.sheet, area, self.blocks.region)
            if self._unlabelled_score and form.funds[lines:]:
                score = next((c for c in form.unlabelled[left:] if c.column == self.sheet.last_column), None)
                if score is not None and read_points(score.text) is not None:
                    form.funds[lines].cells.setdefault("score", score)

    def read_goal_scores(self, form: Form) -> None:
        """Scores given to the goal block as a whole, in the unlabelled last column."""
        first = self.blocks.indicator_bands[0].top if self.blocks.indicator_bands else self.bottom + 1
        start = max((area.bottom + 1 for area in self.blocks.fund_areas), default=self.top)
        side = min(column for _, column in self.sheet.grid.cells)
        block: Cell | None = None
        for row in range(start, first):
            score, label = self.sheet.at(row, self.sheet.last_column), self.sheet.at(row, side)
            block = label if label.text else block  # a file without merges names the block on its first row only
            if read_points(score.text) is not None and block is not None:
                named = {"level1": block, "level3": block, "score": score}
                form.lines.append(Line(row, named, self.sheet.grid.sheet))

    # -- indicators ---------------------------------------------------------------------------------------

    def read_indicators(self, form: Form) -> None:
        """Lines of the indicator blocks with levels inherited inside the same parent."""
        bands = self.blocks.indicator_bands
        form.has_points = any("points" in band.columns for band in bands)
        form.columns = frozenset(name for band in bands for name in band.columns)
        form.taken += self.blocks.repeated
        inherited: dict[str, Cell] = {}
        for at, (band, area) in enumerate(zip(bands, self.blocks.tables, strict=True)):
            unknown = [*(c for c in band.unknown if not self.sheet.is_label(c)), *(cell for _, _, cell in band.again)]
            inside = [cell for cell in unknown if area.left <= cell.column <= area.right]
            form.tables.append(Table(area, band.bottom + 1, band.columns, inside))
            if form.plan is None or not form.plan.covered:
                rows = range(band.top, band.bottom + 1)
                heads = (c for row in rows for c in self.sheet.part(row, area.left, area.right))
                form.taken += (cell for cell in heads if cell not in inside)
            if at and not self.blocks.goes_on(bands[at - 1], band):
                inherited = {}
            for row in range(band.bottom + 1, area.bottom + 1):
                if line := self._indicator_line(form, band, row, inherited):
                    form.lines += _separated(line)
        self._read_scores(form)

    def _read_scores(self, form: Form) -> None:
        """Points and scores that stand in a table of their own below the indicators, a row for each name."""
        for band in self.blocks.score_bands:
            by_name = {fold(line.text("level3")): line for line in reversed(form.lines)}
            form.has_points = form.has_points or "points" in band.columns
            last = min(self.blocks.total_row or self.bottom + 1, self.bottom + 1)
            form.taken += (c for row in range(band.top, band.bottom + 1) for c in self.sheet.row(row))
            for row in range(band.bottom + 1, last):
                cells = band.cells(self.sheet, row)
                if cells["score"].text and (line := by_name.get(fold(cells["level3"].text))):
                    form.taken.append(cells["level3"])
                    line.cells |= {name: cells[name] for name in ("points", "score", "reason") if name in cells}

    def _indicator_line(self, form: Form, band: Band, row: int, inherited: dict[str, Cell]) -> Line | None:
        cells = band.cells(self.sheet, row)
        if band.ticks:
            self._take_tick(form, band, row, cells)
        if "content" in cells:  # 评价内容 spans the level and the name of a process row (Guangshui form)
            first, last = band.columns["content"]
            del cells["content"]
            cells["level1"] = self.sheet.at(row, first)
            if called := next((c for c in self.sheet.part(row, first + 1, last) if c.row == row), None):
                cells["level2"] = cells["level3"] = called
        _take_pairs(cells)
        if (sign := cells.get("sign")) and (unit := cells.get("unit")) and (target := cells.get("target")):
            words = unit.row == row and unit.text.strip() and is_nil(target.text)
            # the words of a qualitative target stand in 单位（文字描述）, its 值 is empty (Hebei)
            if words and fold(sign.text) in self.sheet.vocabulary.words("signs", "words"):
                cells["target"], cells["unit"] = unit, unit._replace(text="", stored="empty")
        own = {cell[:2] for cell in cells.values() if cell[2] and cell[0] == row}
        if not own or (len(own) == 1 and is_page(self.sheet, row)):
            return None
        get = cells.get
        level2, level = get("level2", _NOTHING), self.sheet.vocabulary.level
        # no indicator: 产出指标 alone in the first of its columns (csv), a text across a name and a value column
        alone = "level1" not in cells and own == {level2[:2]} and level(level2.text, "level1")
        called = level2 if alone else get("level3") or level2
        if alone or (called[2] and any(called is get(name) for name in ("actual", "points", "score"))):
            if level(called.text, "level1") and not cells.keys().isdisjoint(LEVELS[:2]):
                enter_level(inherited, "level1", {"level3": called})
                form.doubts += [f"{called.ref}“{called.text}”中的得分没有核对"] if "得" in called.text else []
            else:
                self._inherit({name: cell for name, cell in cells.items() if cell is not called}, inherited)
            return None
        if not has_values(cells):  # 小计, 产出指标小计: a row that sums up those above says so in its lowest name
            names = [named[2] for level in LEVELS if (named := get(level)) and named[2] and named[0] == row]
            if names and self.sheet.vocabulary.names_a_sum(names[-1]):
                return None
        if cells.keys().isdisjoint(LEVELS[:2]):  # 指标完成情况 of the platform: levels are rows of their own
            following = band.cells(self.sheet, row + 1) if row < self.bottom else None
            if which := level_of(self.sheet, cells, form.lines, following):
                enter_level(inherited, which, cells)
                form.taken += cells.values()
                return None
            cells |= inherited
        if "points" not in cells and (named := cells.get("level3")) and (points := printed_points(named.text)):
            cells["points"] = named._replace(text=points)  # 三级指标及分值: 健康档案建档率（10分）
            form.has_points = True
        self._inherit(cells, inherited)
        tall = self.sheet.geometry.tall
        shared = frozenset([name for name in cells.keys() - LEVELS[:2] if cells[name][:2] in tall])
        for name in shared & _OF_ONE_LINE:
            if cells[name].row != row:
                cells[name] = Cell(row, cells[name].column, "", "empty")
        comments = self.sheet.grid.comments
        if comments and not cells.get("reason", _NOTHING).text:
            for cell in map(get, ("score", "actual", "target", "level3")):
                # 偏差原因：… is one, a colleague's remark (数字来自签到册) is none, whatever cell it is pinned to
                opens = _LABELLED.match(comments.get(cell[:2], "")) if cell and cell[0] == row else None
                if cell and opens and self.sheet.vocabulary.match(opens[1], "indicator") == "reason":
                    cells["reason"] = cell._replace(text=opens[2].strip(), stored="text")
                    break
        return Line(row, cells, self.sheet.grid.sheet, shared)

    def _take_tick(self, form: Form, band: Band, row: int, cells: dict[str, Cell]) -> None:
        """The actual of a row that ticks one of 完成 │ 基本完成 │ 未完成: its heading, or a text in its place."""
        filled = [cell for column in band.ticks if (cell := self.sheet.at(row, column)).text]
        marked = [cell for cell in filled if tick(cell.text) is not False and not is_nil(cell.text)]
        if len(marked) > 1 or (not marked and 0 < len(filled) < len(band.ticks)):
            del cells["actual"]  # two ticks, or a lone ○ or ×: which column is meant nobody can say
            form.doubts += [f"{'、'.join(c.ref for c in marked)} 同时打了勾，不能确定完成情况"] if marked else []
            form.tables[-1].unknown += (band.ticks[cell.column] for cell in filled)
            return
        form.taken += filled
        one = marked[0] if marked else cells["actual"]._replace(text="")
        said = band.ticks[one.column].text.rpartition("：")[2] if tick(one.text) else one.text
        cells["actual"] = ticked_as(said, one)

    def _inherit(self, cells: dict[str, Cell], inherited: dict[str, Cell]) -> None:
        """Fill level 1 and 2 from above (T1: written once, merged or not), never across a change of the level above."""
        for at, name in enumerate(LEVELS[:2]):
            own, above = cells.get(name), inherited.get(name)
            if own is not None and own[2]:
                if above is None or (own[2] != above[2] and fold(own[2]) != fold(above[2])):
                    for lower in LEVELS[at + 1 :]:
                        inherited.pop(lower, None)
                inherited[name] = own
            elif above is not None:
                cells[name] = above

    # -- total --------------------------------------------------------------------------------------------

    def leave_struck(self, form: Form) -> None:
        """Take out the indicators that a colleague took back: all of the row is struck through, and stays as it is."""
        for line in list(form.lines) if self.sheet.grid.struck else ():
            own = {c[:2] for name, c in line.cells.items() if name not in LEVELS[:2] and c[2] and c[0] == line.row}
            if own and own <= self.sheet.grid.struck:
                form.lines.remove(line)
                form.taken += line.cells.values()
                form.doubts.append(f"第{line.row}行整行划去，没有计入；恢复的请去掉删除线")

    def read_total(self, form: Form) -> None:
        """Total points, total score and the grade word of the total line."""
        if self.blocks.total_row is None:
            return
        *_, band = bands = self.blocks.indicator_bands
        halves = (b for b in reversed(bands) if b.bottom == band.bottom)  # of a folded table either may have the total
        scored = (b for b in halves if (cell := b.cell(self.sheet, self.blocks.total_row, "score")) and cell.text)
        band = next(scored, band)
        for name, key in (("points", "total_points"), ("score", "total")):
            cell = band.cell(self.sheet, self.blocks.total_row, name)
            if cell is not None and not self.sheet.is_label(cell):
                form.head.setdefault(key, cell)
        form.taken += self.sheet.part(self.blocks.total_row, *self.blocks.tables[-1][1::2])  # sums of columns
        for cell in self.sheet.row(self.blocks.total_row):
            if fold(cell.text) in _GRADES:
                form.head.setdefault("grade", cell)

    def join_broken_rows(self, form: Form) -> None:
        """Put indicators together whose texts PDF converters broke over unmerged rows, their figures on the first.

        Sure where the points make a whole without the second row, and it goes on with more texts than the name or half
        the names are broken; else it may be an indicator not filled in and stays one (IN02 asks).
        """
        lines: list[Line] = []
        broken: list[tuple[Line, dict[str, Cell]]] = []
        for line in form.lines:
            if lines and (texts := self._goes_on(lines[-1], line)):
                broken.append((lines[-1], texts))
            else:
                lines.append(line)
        if not broken:
            return
        points = {c[:2]: read_points(c.text) or 0 for line in lines if (c := line.cells.get("points"))}
        printed = [*(line.text("points") for line in form.funds[:1]), printed_points(form.text("execution_points"))]
        sums = {sum(points.values()), sum(points.values()) + next(filter(None, map(read_points, printed)), 0)}
        whole = not sums.isdisjoint((100, read_points(form.text("total_points"))))
        joined: set[int] = set()
        for above, texts in broken:
            more = texts.keys() != {"level3"} and all(map(above.text, texts))
            sure = whole and (more or 2 * len(broken) >= len(lines))
            joined.update(cell.row for cell in texts.values() if sure)
            for name, cell in texts.items():
                if sure or (name != "level3" and (above.text(name) or above.text("score") != above.text("points"))):
                    above.cells[name] = above.cells[name]._replace(text=above.text(name) + cell.text)
                    form.taken.append(cell)
        form.lines = [line for line in form.lines if line.row not in joined]
        if rows := "、".join(map(str, sorted(joined))):
            form.doubts.append(f"第{rows}行没有分值和得分，只接着写上一行的文字，按上一行的指标合并读取")

    def leave_headings(self, form: Form) -> None:
        """Take out rows that only head the indicators below them: (一)管网工程, where no indicator is numbered so."""
        (heading,) = self.sheet.vocabulary.patterns("names_of_units", "heading")
        named = [heading.match(fold(line.text("level3"))) is not None for line in form.lines]
        values = (c for line in compress(form.lines, named) for n, c in line.cells.items() if n[:5] != "level")
        if any(cell.text for cell in values):
            return
        heads = list(compress(form.lines, (some and not below for some, below in pairwise(named))))
        for cell in (line.cells["level3"] for line in heads):
            form.taken.append(cell)
            form.doubts.append(f"{cell.ref}“{cell.text}”只有名称，是下面各行指标的标题，不是指标")
        form.lines = [line for line in form.lines if line not in heads]

    def read_shares(self, form: Form) -> None:
        """Points that are shares of one (权重 0.15, all of them 1) count in percent, as with a percent format."""
        own, funds = ([o.cells for o in some if o.text("points")] for some in (form.lines, form.funds))
        cells = {places["points"][:2]: places["points"] for places in own}
        points = (read_points(cell.text, stored=cell.stored) or 1 for cell in cells.values())
        shares = list(takewhile(lambda share: share < 1, points))
        if len(shares) < max(len(cells), 2):
            return
        worth = [read_points(one["points"].text, stored=one["points"].stored) or Decimal(1) for one in funds]
        if sum(shares) + sum(one if one < 1 else one.scaleb(-2) for one in worth) != 1:  # 0.1, 10% or 10 of the money
            return
        for places in (*own, *(places for places, one in zip(funds, worth, strict=True) if one < 1)):
            places["points"] = places["points"]._replace(stored="percent")
        if read_points(form.text("total_points")) == 1:
            form.head["total_points"] = form.head["total_points"]._replace(stored="percent")
        form.doubts.append(f"{next(iter(cells.values())).ref} 等处的分值合计为1，按权重读取（0.15即15分）")

    def _goes_on(self, above: Line, line: Line) -> dict[str, Cell]:
        """The texts of a row that only goes on with those of the row above; none for a row of its own."""
        if (points := line.cells.get("points")) and points.text and points.row == line.row:
            return {}
        texts = {n: c for n, c in line.cells.items() if c.text and c.row == line.row and n not in LEVELS[:2]}
        same = all(line.text(level) == above.text(level) for level in LEVELS[:2])
        if not same or not texts.keys() <= _BROKEN or is_nil(above.text("points")) or not any(map(above.text, texts)):
            return {}
        values = [name for name in ("target", "actual") if name in texts]  # of which a unit alone is the rest
        rest = all((over := above.text(name)) and _is_rest(over, line.text(name)) for name in values)
        (begins,) = self.sheet.vocabulary.patterns("placeholders", "begins")
        return texts if rest and not begins.match(line.text("level3").strip()) else {}


def _is_rest(above: str, text: str) -> bool:
    """Whether a value only ends the one above it: its unit (元), or the day of its month (2023年11月 │ 30日前)."""
    whole = read_target(above + text)
    dated = whole.kind == "date" and whole.date_to and _REST_OF_DATE.match(text)
    return bool(dated) or read_target(text).kind == "nil"


def _separated(line: Line) -> list[Line]:
    """The indicators of a row that holds several, one below the other in every cell; the row itself where it holds one.

    They are told apart only where name, target and actual have the same number of lines; other cells are split where
    they have that number too, and are said of each where they do not.
    """
    if "\n" not in line.cells.get("level3", _NOTHING).text:
        return [line]
    texts = {name: cell.text for name, cell in line.cells.items()}
    count, *others = (len(texts.get(name, "").strip().splitlines()) for name in ("level3", "target", "actual"))
    if count < 2 or others != [count, count]:
        return [line]
    parts = {name: text.split("\n") for name, text in texts.items()}
    if any(len(parts[name]) not in (1, count) for name in ("points", "score") if name in parts):
        return [line]
    for which, text in texts.items():
        if len(parts[which]) != count or which in LEVELS[:2]:
            parts[which] = [text] * count
    cells = ({n: c._replace(text=parts[n][at].strip()) for n, c in line.cells.items()} for at in range(count))
    return [Line(line.row, own, line.sheet, line.shared) for own in cells]


def _take_pairs(cells: dict[str, Cell]) -> None:
    """Cells that hold two values: target and actual (≥95%/96%), score and points (9.5/10)."""
    both = cells.pop("target_and_actual", None)
    if both is not None:
        parts = _PAIR.split(both.text.strip(), maxsplit=1)
        found = parts if len(parts) == 2 else ["", ""]
        for name, text in zip(("target", "actual"), found, strict=True):
            cells.setdefault(name, both._replace(text=_SAID.sub("", text.strip())))
    scored = cells.pop("points_and_score", None) or cells.get("score")
    if scored is None or (pair := _FRACTION.fullmatch(fold(scored[2]))) is None:
        return
    own, (first, second) = cells.get("points", _NOTHING).text, pair.groups()
    if own and fold(own) not in (first, second):
        return
    if float(first) > float(second):  # the points stand before the score (10/9.5)
        first, second = second, first
    cells["score"] = scored._replace(text=first)
    if not own:
        cells["points"] = scored._replace(text=second)
