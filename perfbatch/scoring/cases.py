"""Formulas as ordered tables of cases, applied to whole columns: the first case that holds decides a row.

Each case says the same thing three times: as array arithmetic, as a spreadsheet expression and in Chinese.
They stand side by side so that the figure, the live formula and the explanation cannot drift apart; tests
recalculate the spreadsheet expressions and compare them with the arrays.

Symbols: ``a`` actual, ``t`` target, ``u`` upper bound of a range, ``w`` points, ``n`` the actual with a
negative value as 0, ``k`` figures of one base unit per written unit of the target.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from perfbatch.scoring.arrays import ZERO, Mask, Objects, elementwise, holds, nulls, pick, rounder, texts

Condition = Callable[["Rows"], Any]
Expression = Callable[["Rows"], Objects]
NO_FIGURE = '""'  # what a spreadsheet shows where no figure can be given


class Rows(NamedTuple):
    """Columns of some quantitative rows; all figures known except `w` (nullable) and `u` (ranges only)."""

    a: Objects
    t: Objects
    u: Objects
    w: Objects
    k: Objects

    @property
    def n(self) -> Objects:
        """The actual, a negative value as 0."""
        return pick(holds(self.a < ZERO), ZERO, self.a)

    def at(self, where: Any) -> Rows:
        """The rows at a mask or at positions."""
        return Rows(*(column[where] for column in self))


class Case(NamedTuple):
    """One line of a table. `value` None: no figure can be given; `exact`: the value is not rounded."""

    when: Condition
    value: Expression | None
    text: str = ""
    excel_when: str = ""
    excel: str = NO_FIGURE
    exact: bool = False


class Figures(NamedTuple):
    """Result of a table: unrounded and rounded values (None where no figure can be given) and the texts."""

    unrounded: Objects
    rounded: Objects
    text: Objects


def always(rows: Rows) -> Mask:
    """The condition of a last case."""
    return np.ones(len(rows.a), dtype=np.bool_)


def full(when: Condition, excel_when: str, text: str) -> Case:
    """All points, exactly as printed."""
    return Case(when, lambda rows: rows.w, text + "，得满分 {w}", excel_when, "{w}", exact=True)


def nothing(text: str, when: Condition = always, excel_when: str = "") -> Case:
    """No points."""
    zero = Case(when, lambda rows: np.full(len(rows.a), ZERO, dtype=object), text, excel_when, "0")
    return zero._replace(exact=True)


def refused(text: str, when: Condition, excel_when: str) -> Case:
    """No figure, with the reason."""
    return Case(when, None, text, excel_when)


def decide(cases: Sequence[Case], rows: Rows, mode: str, places: int, *, cap: bool) -> Figures:
    """Apply a table to `rows`; with `cap` rounding never lifts a value above the points."""
    count = len(rows.a)
    result = Figures(nulls(count), nulls(count), np.full(count, "", dtype=object))
    rounded = rounder(mode, places)
    left = np.arange(count)
    for case in cases:
        here = rows.at(left)
        hit = holds(case.when(here))
        chosen, mine = left[hit], here.at(hit)
        left = left[~hit]
        if not len(chosen):
            continue
        if case.value is not None:
            value = case.value(mine)
            final = value if case.exact else rounded(value)
            result.unrounded[chosen] = value
            result.rounded[chosen] = pick(holds(final > mine.w), mine.w, final) if cap else final
        if case.text:
            result.text[chosen] = _told(case.text, mine)
    return result


def _told(template: str, rows: Rows) -> Objects:
    """The Chinese sentence of a case for each row; only the figures that it names are formatted."""
    names = [name for name in ("a", "n", "t", "u", "w") if f"{{{name}}}" in template]
    for at, name in enumerate(names):
        template = template.replace(f"{{{name}}}", f"{{{at}}}")
    return elementwise(template.format, *(texts(getattr(rows, name)) for name in names))
