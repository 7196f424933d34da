"""Titles: which text of a region names the form."""

from __future__ import annotations

import re
from functools import lru_cache

from perfbatch.layouts.sheet import Sheet
from perfbatch.layouts.vocabulary import Vocabulary
from perfbatch.model import Cell
from perfbatch.notation import fold


def find_title(sheet: Sheet, top: int, bottom: int) -> Cell | None:
    """The title cell: the first text of the region that looks like the name of a form."""
    for row in range(top, min(bottom, sheet.last_row) + 1):
        for cell in sheet.row(row):
            if cell.row == row and is_title(sheet.vocabulary, cell.text):
                return cell
    return None


@lru_cache(maxsize=4096)
def is_title(vocabulary: Vocabulary, text: str) -> bool:
    """Whether a text is a form title such as ``2023年度项目支出绩效自评表``."""
    folded = fold(text)
    return len(folded) <= 60 and any(re.search(pattern, folded) for pattern in vocabulary.raw["titles"]["patterns"])
