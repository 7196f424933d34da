"""What a check of one form sees: its head, its fund lines and its indicator rows, with exact decimals.

Every column of `perfbatch.schema` is an attribute: `form.total_declared`, `line.executed`, `row.points`. What several
checks ask (which rows count, what is missing) are properties. A check is a generator over such a form::

    @check("SC01")
    def score_above_points(form: Form) -> Iterator[Hit]:
        for row in form.rows:
            if row.score_declared is not None and row.points and row.score_declared > row.points:
                yield row.hit("cell_score", f"得分{number(row.score_declared)}高于分值{number(row.points)}。")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeVar

import pandas as pd

from perfbatch import schema
from perfbatch.checks import words
from perfbatch.checks.context import Context, Hit, Subject, kept
from perfbatch.decimals import divide, total
from perfbatch.model import ReadingNote, SheetReading
from perfbatch.notation import Quoted, contradiction, denies_survey, fold, is_nil, says_nothing
from perfbatch.notation.units import wan_power
from perfbatch.schema import INDICATOR_LIST, PROJECT_LIST

COUNTED = ("indicator", "parent", "process", "execution")  # roles of rows that count in the totals
ZERO = Decimal(0)
T = TypeVar("T")
COST = words.table("kinds")["成本"]
SATISFACTION = words.table("kinds")["满意度"]
UNREADABLE = ("ambiguous", "multiple")
Cells = str | tuple[str, ...]  # columns that name a cell
_TEXTS = {*schema.PROJECTS, *schema.FUNDS, *schema.INDICATORS}  # columns that may hold the text of a cell


class _Record(Subject):
    explanation = ""  # what the form itself says about the line

    def hit(
        self, cell: Cells, message: str, *, seen: str | None = None, expected: str = "", severity: str = "",
        basis: str = "",
    ) -> Hit:  # fmt: skip
        """A hit at the cell that a column names; of several the first that is not empty.

        What is `seen` is the text of the one cell named (``cell_score`` → `score_text`), unless it is given.
        """
        names = (cell,) if isinstance(cell, str) else cell
        place = next((found for name in names if (found := getattr(self, name))), "")
        if seen is None:
            name = cell.removeprefix("cell_") if isinstance(cell, str) else "cell"
            text = f"{name}_text" if f"{name}_text" in _TEXTS else name
            seen = "" if name == "cell" else str(getattr(self, text))
        return Hit(self, place, seen, expected, message, severity, basis=basis, explained=self.explanation)

    def nil(self, *columns: str) -> bool:
        """Whether all of some texts are empty or nil words (/, —, 无)."""
        return all(map(is_nil, [getattr(self, column) for column in columns]))


class _Line(_Record):
    form: Form

    @property
    def head(self) -> Form:
        return self.form


class FundLine(_Line):
    """One line of the fund block. Money in 万元, null where it was not read."""


class Row(Quoted, _Line):
    """One line of the indicator block."""

    @property
    def called(self) -> str:
        """The indicator as messages call it."""
        return f"“{self.level3 or self.level2 or self.level1 or '未命名指标'}”"

    @property
    def target_wan(self) -> Decimal | None:
        """The target in 万元 where it is plain money."""
        return in_wan(self.target_value, self.unit)

    @property
    def actual_wan(self) -> Decimal | None:
        """The actual in 万元 where it is plain money."""
        return in_wan(self.actual_value, self.actual_unit)

    @kept
    def worth(self) -> Decimal | None:
        """Its points; its share of 100 where the form has no column of points (Hebei)."""
        points: Decimal | None = self.points
        return self.weight_share if points is None else points

    @kept
    def live(self) -> bool:
        """An indicator of its own that applies."""
        return bool(self.role == "indicator" and self.applicable)

    @property
    def own(self) -> bool:
        """Live, its points, if any, its own and not those of a merged group."""
        return self.live and not self.group_points

    @kept
    def scored(self) -> bool:
        """An own row with points."""
        return self.own and more(self.worth, ZERO)

    @property
    def rated(self) -> bool:
        """The execution rate itself as a row, with points of its own and a computed score."""
        own = self.role == "execution" and not self.group_points and self.applicable
        return own and more(self.points, ZERO) and self.score is not None

    @property
    def readable(self) -> bool:
        """Whether target and actual could both be read."""
        return self.target_status not in UNREADABLE and self.actual_status not in UNREADABLE

    @property
    def figures(self) -> bool:
        """A live row with a readable quantitative target."""
        return self.live and self.kind == "quantitative" and self.target_status not in UNREADABLE

    @kept
    def compared(self) -> bool:
        """A live row whose target and actual are figures in one unit."""
        known = self.target_base is not None and self.actual_base is not None
        return known and self.live and self.comparison in ("yes", "assumed") and self.readable

    @kept
    def ratio(self) -> Decimal | None:
        """Actual ÷ target where they are compared and the target is positive."""
        return divide(self.actual_base, self.target_base) if self.compared and self.target_base > 0 else None

    @kept
    def missed(self) -> bool:
        """Compared, on the wrong side of its target."""
        if not self.compared:
            return False
        below, above = self.actual_base < self.target_base, self.actual_base > self.target_base
        wrong = {
            "positive": below,
            "negative": above,
            "equal": below or (above and self.target_base == 0),
            "range": below or more(self.actual_base, self.target_base2),
        }
        return wrong.get(self.direction, False) or self.at_strict_bound

    @property
    def at_strict_bound(self) -> bool:
        """Compared, the actual only equal to a target of > or <."""
        strict = self.operator in ("gt", "lt") and self.form["strict_inequality"] is True
        return strict and self.compared and self.actual_base == self.target_base

    @property
    def late(self) -> bool:
        """A live row whose deadline had passed when it was done."""
        dated = self.kind == "date" and self.live and self.readable
        return bool(dated and self.target_date and self.actual_date and self.actual_date > self.target_date)

    @kept
    def denied(self) -> bool | None:
        """Whether words deny what the target asks for (及时 → 不及时, 优 → 良); None where the actual says more."""
        if not self.live or self.kind not in ("qualitative", "date"):
            return False
        found = contradiction(self.target_text, self.actual_text)
        return False if found is None else True if found.sure else None

    @property
    def contradicted(self) -> bool:
        """Whether words deny what the target asks for, surely or by one reading."""
        return self.denied is not False

    @kept
    def short(self) -> bool:
        """Scored below its points."""
        return self.scored and less(self.score_declared, self.worth)

    @kept
    def full(self) -> bool:
        """Scored with all its points."""
        return self.scored and self.score_declared is not None and not self.short

    @kept
    def silent(self) -> bool:
        """Whether the reason says nothing: empty, a nil word (the ruleset's too) or template text."""
        return says_nothing(self.reason) or fold(self.reason) in (self.form["nil_words"] or ())

    @property
    def explained(self) -> bool:
        """Whether its reason, or the form's box for reasons, says something: the question is answered."""
        return not self.silent or not says_nothing(self.form.reason_box)

    @property
    def explanation(self) -> str:  # type: ignore[override]
        """The reason that answers a question about the row: its own where that is no mere word, else the form's box."""
        if not self.silent and not less(Decimal(len(fold(self.reason))), self.form["reason_min_chars"]):
            return str(self.reason)
        return "" if says_nothing(self.form.reason_box) else str(self.form.reason_box)

    @property
    def cost(self) -> bool:
        """A cost indicator, by either level."""
        return self.level2 in COST or self.level1 in COST

    @property
    def satisfaction(self) -> bool:
        """A satisfaction indicator, by either level or by name."""
        return self.level2 in SATISFACTION or self.level1 in SATISFACTION or words.says(self.level3, "satisfaction")

    @property
    def unsurveyed(self) -> bool:
        """Whether a satisfaction is given that is none: 0%（未开展调查）."""
        said = self.actual_kind == "nil" and self.satisfaction and not self.nil("actual_text")
        return said and (denies_survey(self.actual_text) or denies_survey(self.reason))

    @property
    def survey(self) -> bool:
        """Whether its texts or listed evidence name a survey."""
        texts = (self.reason, self.method, self.evidence, self.target_basis, self.actual_text)
        return any(words.says(text, "survey") for text in texts if text)


class Form(_Record):
    """One form, or one project of a list."""

    context: Context

    @property
    def called(self) -> str:
        """The project as messages call it."""
        return f"项目“{self.project_name}”" if self.project_name else "本表"

    @kept
    def rows(self) -> list[Row]:
        """The lines of its indicator block."""
        return []

    @kept
    def funds(self) -> list[FundLine]:
        """The lines of its fund block."""
        return []

    # --- the ruleset in force ---

    def __getitem__(self, key: str) -> Any:
        """The value of the ruleset; None where it is switched off."""
        return self._values[key]

    @kept
    def _values(self) -> dict[str, Any]:
        return self.once("values of the ruleset", self.context.rulesets[self.ruleset].plain)

    def has(self, trait: str) -> bool:
        """Whether forms of its layout are so (traits in `perfbatch/forms/families.toml`)."""
        return trait in self.traits.split()

    @kept
    def listed(self) -> bool:
        """Whether it is a row of a flat export: many projects a sheet, no title, no total row."""
        return self.has(PROJECT_LIST) or self.has(INDICATOR_LIST)

    @property
    def highest_band(self) -> Decimal:
        """Lower bound of the highest band of scores that reports tell apart."""
        return Decimal(self["report_bands"][0])

    def once(self, key: str, make: Callable[[], T]) -> T:
        """The value of `make` that is the same for all forms of a ruleset, made once."""
        return self.context.once((key, self.ruleset), make)

    def clause(self, key: str) -> str:
        """The source of a value of the ruleset."""
        return self.context.rulesets[self.ruleset].basis(key)

    def unverified(self, key: str) -> bool:
        """Whether a value rests on no verified text: no error may rest on it."""
        return key in self.context.rulesets[self.ruleset].recalled()

    def unread(self, sheet: str, cell: str) -> bool:
        """Whether a cell has no value that could be read, as a note of intake says (ST10)."""
        return (sheet, cell) in self.context.unread_places

    # --- fund block ---

    @kept
    def fund_total(self) -> FundLine | None:
        """The total line of the fund block."""
        return next((line for line in self.funds if line.role == "total"), None)

    @kept
    def fund_subs(self) -> list[FundLine]:
        """The lines below the total."""
        return [line for line in self.funds if line.role == "sub"]

    @property
    def printed_execution_points(self) -> Decimal | None:
        """Points of the execution rate as printed in the fund block or its label, None where none are.

        `execution_points` also holds what the ruleset assumes.
        """
        points: Decimal | None = self.execution_points
        return points if self.execution_points_printed else None

    # --- rows, points and scores ---

    @kept
    def summed(self) -> list[Row]:
        """Rows that count in the totals."""
        return [row for row in self.rows if row.role in COUNTED]

    @kept
    def indicators(self) -> list[Row]:
        """Scored rows of their own."""
        return [row for row in self.rows if row.role == "indicator"]

    def groups(self, *columns: str) -> list[list[Row]]:
        """Rows with equal texts in `columns` together, in the order in which the groups begin."""
        if columns not in self._groups:
            key = attrgetter(*columns)
            self._groups[columns] = list(schema.grouped((key(row), row) for row in self.rows).values())
        return self._groups[columns]

    @kept
    def _groups(self) -> dict[tuple[str, ...], list[list[Row]]]:
        return {}

    @kept
    def headed(self) -> bool:
        """Whether any group prints its points in its heading (数量指标15分)."""
        return any(row.level1_points is not None or row.level2_points is not None for row in self.rows)

    @kept
    def heading_sum(self) -> Decimal:
        """Σ points printed in the headings of groups whose rows have none, level 2 before level 1."""
        aside, found = {row.at for row in self.by_heading}, []
        for group in self.groups("level1_text", "level2_text") if aside else ():
            found += [row.level2_points for row in group if row.at in aside][:1]
        for group in self.groups("level1_text") if aside else ():
            found += [row.level1_points for row in group if row.at in aside and row.level2_points is None][:1]
        return total(points for points in found if points is not None)

    @kept
    def points_sum(self) -> Decimal:
        """Σ points of the rows, without the fund block."""
        return sum_of(self.summed, "worth")

    @kept
    def has_points(self) -> bool:
        """Whether any row has points."""
        return any(row.worth is not None for row in self.summed)

    @kept
    def deducted(self) -> bool:
        """Whether its rows say what they lost (扣分) in place of their scores, in totals of many shapes."""
        return any(row.deduction is not None and not row.cell_score for row in self.rows)

    @kept
    def cut(self) -> bool:
        """A fragment, without the total row that its family ends with."""
        return self.has("total_row") and not self.cell_total and not self.deducted

    @kept
    def damaged(self) -> bool:
        """So many unreadable cells that nothing is computed from the table as a whole."""
        limit = self["ocr_max_triggers"]
        unclear = sum((row.target_status == "ambiguous") + (row.actual_status == "ambiguous") for row in self.summed)
        return limit is not None and unclear >= limit

    @kept
    def by_heading(self) -> list[Row]:
        """Rows without points in a group whose heading prints them (数量指标15分) and none of whose rows has any."""
        found: set[int] = set()
        for name, columns in (("level2_points", ("level1_text", "level2_text")), ("level1_points", ("level1_text",))):
            for group in self.groups(*columns) if self.headed else ():
                own = [row for row in group if row.role in COUNTED]
                if all(row.worth is None for row in own):
                    found |= {row.at for row in own if getattr(row, name) is not None}
        return [row for row in self.summed if row.at in found]

    @kept
    def without_points(self) -> list[Row]:
        """Rows that were evaluated but have no points, so that sums of points are open."""
        aside = {row.at for row in self.by_heading}
        return [
            row
            for row in self.summed
            if row.worth is None
            and row.role != "execution"
            and row.applicable
            and row.at not in aside
            and (row.score_declared is not None or not row.nil("target_text", "actual_text"))
            and not self._read_above(row, "cell_points", "worth")
        ]

    @kept
    def unread_score(self) -> list[Row]:
        """Rows with a text in the score cell that is no number."""
        return [
            row
            for row in self.summed
            if row.score_declared is None
            and not is_nil(row.score_text)
            and not self._read_above(row, "cell_score", "score_declared")
        ]

    @kept
    def without_score(self) -> list[Row]:
        """Rows with points but no readable score, so that sums of scores are open."""
        scored = {(row.sheet, row.cell_points) for row in self.summed if row.score_declared is not None}
        return [
            row
            for row in self.summed
            if row.score_declared is None
            and row.applicable
            and more(row.worth, ZERO)
            and not (row.group_points and (row.sheet, row.cell_points) in scored)
            and not self._read_above(row, "cell_score", "score_declared")
        ]

    def _read_above(self, row: Row, cell: str, value: str) -> bool:
        """Whether a value was read on an earlier row of the same merged cell."""
        place = getattr(row, cell)
        same = (other for other in self.rows if getattr(other, cell) == place and other.sheet == row.sheet)
        return bool(place) and any(getattr(other, value) is not None for other in same)

    @kept
    def points_known(self) -> bool:
        """Points on every row of a form that is neither cut nor damaged."""
        return self.has_points and not (self.cut or self.damaged or self.without_points or self.by_heading)

    @kept
    def scores_known(self) -> bool:
        """Scores, none missing, the execution score included where it has points."""
        if self.damaged or not any(row.score_declared is not None for row in self.summed):
            return False
        open_rate = more(self.printed_execution_points, ZERO) and self.execution_score_declared is None
        return not (open_rate or self.without_score or self.unread_score)


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook: its forms, what became of its sheets, what intake met in its cells."""

    file: str
    forms: list[Form]
    sheets: tuple[SheetReading, ...]
    notes: tuple[ReadingNote, ...]

    def hit(
        self, sheet: str, cell: str, message: str, *, seen: str = "", expected: str = "", severity: str = ""
    ) -> Hit:
        """A hit on a sheet, or on a cell that belongs to no form."""
        return Hit(None, cell, seen, expected, message, severity, sheet, file=self.file)


def book(context: Context) -> Book:
    """The workbook of a context."""
    return Book(context.file, forms(context), context.sheets, context.notes)


# --- of one workbook: all columns at hand (of a batch: `perfbatch.checks.batch`) ---


class _ReadFundLine(FundLine, schema.record(*schema.FUNDS)):  # type: ignore[misc]
    pass


class _ReadRow(Row, schema.record(*schema.INDICATORS)):  # type: ignore[misc]
    pass


class _ReadForm(Form, schema.record(*schema.PROJECTS)):  # type: ignore[misc]
    pass


def forms(context: Context) -> list[Form]:
    """The forms of a context, made once."""
    return context.once("forms", lambda: _forms(context))


def _forms(context: Context) -> list[Form]:
    found: list[Form] = list(_records(context.frames.projects, _ReadForm))
    for form in found:
        form.context = context
    by_id = {form.project_id: form for form in found}
    for row in _records(context.frames.indicators, _ReadRow):
        row.form = by_id[row.project_id]
        row.form.rows.append(row)
    for line in _records(context.frames.funds, _ReadFundLine):
        line.form = by_id[line.project_id]
        line.form.funds.append(line)
    return found


R = TypeVar("R", _ReadFundLine, _ReadRow, _ReadForm)


def _records(frame: pd.DataFrame, kind: type[R]) -> Iterator[R]:
    own = frame if tuple(frame.columns) == kind._fields else frame[list(kind._fields)]
    for at, values in enumerate(own.to_numpy(dtype=object).tolist()):
        record = kind._make(values)
        record.at = at
        yield record


def more(one: Decimal | None, other: Decimal | None) -> bool:
    """Whether one figure is above another; never where one of them is missing."""
    return one is not None and other is not None and one > other


def less(one: Decimal | None, other: Decimal | None) -> bool:
    """Whether one figure is below another; never where one of them is missing."""
    return one is not None and other is not None and one < other


def sum_of(rows: Iterable[Any], column: str) -> Decimal:
    """Σ of a column over some lines, as far as it is known."""
    return total(value for row in rows if (value := getattr(row, column)) is not None)


def in_wan(value: Decimal | None, unit: str) -> Decimal | None:
    """A figure in 万元 where its unit is plain money, else None."""
    power = None if value is None else wan_power(unit)
    return None if value is None or power is None else value.scaleb(power)


def apart(one: Decimal | None, other: Decimal | None, slack: Decimal | None = ZERO) -> bool:
    """Whether two figures differ by more than `slack`; never where one of the three is missing."""
    return one is not None and other is not None and slack is not None and abs(one - other) > slack


def ratio(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """`one` ÷ `other`, None where that is undefined."""
    return divide(one, other) if one is not None and other else None
