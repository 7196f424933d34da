"""What stands above a form or list: its title, the year, the unit of money."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from perfbatch.layouts.sheet import Sheet
from perfbatch.layouts.vocabulary import Vocabulary
from perfbatch.model import Cell
from perfbatch.notation import fold
from perfbatch.notation.numerals import years_in_digits

_YEAR = re.compile(r"20\d\d\s*年")
_LONGEST_YEAR = 20
_LONGEST_STATEMENT = 120
_UNIT_SAID = re.compile(r"(?:单位(?:为|是|均为)?|^)[:：]?\(?(亿元|万元|千元|百元|元)\)?(?:。|$|;|,)")
_UNIT_IN_LABEL = re.compile(r"[(:](亿元|万元|千元|百元|元)\)?")


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


def year_cell(sheet: Sheet, top: int, bottom: int) -> Cell | None:
    """The first short cell between two rows that names a year (``（2021年度）``)."""
    for row in range(top, min(bottom, sheet.last_row) + 1):
        for cell in sheet.row(row):
            text = cell[2]
            if "年" in text and cell[0] == row and len(text) <= _LONGEST_YEAR and names_year(text):
                return cell
    return None


@lru_cache(maxsize=4096)
def names_year(text: str) -> bool:
    """Whether a text names a year (2023年度)."""
    return _YEAR.search(years_in_digits(fold(text))) is not None


def stated_units(cells: Iterable[Cell]) -> dict[str, Cell]:
    """Units of money that cells state: in brackets behind a word, after 单位, or alone; each with its first cell."""
    found: dict[str, Cell] = {}
    for cell in cells:
        text = cell.text
        if "元" in text and len(text) <= _LONGEST_STATEMENT and (unit := unit_in_label(text) or _bare_unit(text)):
            found.setdefault(unit, cell)
    return found


def conflict_of(found: Mapping[str, Cell]) -> str:
    """A sentence on two statements of the unit that differ."""
    return "表上写明的金额单位不一致（" + "，".join(f"{cell.ref}写{unit}" for unit, cell in found.items()) + "）"


@lru_cache(maxsize=4096)
def _bare_unit(text: str) -> str:
    found = _UNIT_SAID.search(fold(text))
    return found.group(1) if found else ""


@lru_cache(maxsize=4096)
def unit_in_label(text: str) -> str:
    """Money unit printed in a heading: ``项目资金（万元）`` → ``万元``, else empty."""
    found = _UNIT_IN_LABEL.search(fold(text))
    return found.group(1) if found else ""
