"""Level cells of a form: each name once, merged down over its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from tools.samples.facts import Indicator
from tools.samples.sheets import Page


def draw_levels(
    sheet: Page, rows: Sequence[Indicator], top: int, levels: Sequence[tuple[int, Callable[[Indicator], str]]]
) -> None:
    """Print level names from row `top` down; a level is a column and the name of an indicator in it."""
    for column, name in levels:
        row = top
        for (_, text), group in groupby(rows, key=lambda i: (i.level1, name(i))):
            size = len(list(group))
            sheet.put(column, text, "centre", row=row, down=size - 1)
            row += size
