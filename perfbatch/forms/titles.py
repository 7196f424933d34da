"""What stands above and between: title, year and unit of money above a form or list; notes, signatures and repeated
titles among the rows of a table.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from perfbatch.forms.sheet import Sheet
from perfbatch.forms.vocabulary import Vocabulary
from perfbatch.model import Cell
from perfbatch.notation import fold
from perfbatch.notation.figures import years_in_digits

_YEAR = re.compile(r"20\d\d\s*年")
_LONGEST_YEAR = 20
_LONGEST_STATEMENT = 120
_UNIT_SAID = re.compile(r"(?:单位(?:为|是|均为)?|^)[:：]?\(?(亿元|万元|千元|百元|元)\)?(?:。|$|;|,)")
_UNIT_IN_LABEL = re.compile(r"[(:](亿元|万元|千元|百元|元)\)?")


def find_title(sheet: Sheet, top: int, bottom: int) -> Cell | None:
    """The title cell: the first text of the region that looks like the name of a form."""
    return next((cell for cell in sheet.begun(top, bottom) if is_title(sheet.vocabulary, cell.text)), None)


@lru_cache(maxsize=4096)
def is_title(vocabulary: Vocabulary, text: str) -> bool:
    """Whether a text is a form title such as ``2023年度项目支出绩效自评表``."""
    folded = fold(text)
    return len(folded) <= 60 and any(p.search(folded) for p in vocabulary.patterns("titles", "patterns"))


def year_cell(sheet: Sheet, top: int, bottom: int) -> Cell | None:
    """The first short cell between two rows that names a year (``（2021年度）``)."""
    short = (cell for cell in sheet.begun(top, bottom) if "年" in cell[2] and len(cell[2]) <= _LONGEST_YEAR)
    return next((cell for cell in short if names_year(cell[2])), None)


@lru_cache(maxsize=4096)
def names_year(text: str) -> bool:
    """Whether a text names a year (2023年度)."""
    return _YEAR.search(years_in_digits(fold(text))) is not None


def stated_units(cells: Iterable[Cell]) -> dict[str, Cell]:
    """Units of money that cells state: in brackets behind a word, after 单位, or alone; each with its first cell."""
    found: dict[str, Cell] = {}
    for cell in cells:
        text = cell.text
        if "元" in text and len(text) <= _LONGEST_STATEMENT and (unit := unit_in_label(text) or _said_unit(text)):
            found.setdefault(unit, cell)
    return found


@lru_cache(maxsize=4096)
def _said_unit(text: str) -> str:
    found = _UNIT_SAID.search(fold(text))
    return found[1] if found else ""


@lru_cache(maxsize=4096)
def unit_in_label(text: str) -> str:
    """Money unit printed in a heading: ``项目资金（万元）`` → ``万元``, else empty."""
    found = _UNIT_IN_LABEL.search(fold(text))
    return found[1] if found else ""


class StatedUnit(NamedTuple):
    """The unit of money of a block or list: one for all, or one a column where their headers differ, or a conflict."""

    text: str = ""
    cell: Cell | None = None
    conflict: str = ""
    columns: Mapping[str, str] = {}
    mixed: bool = False  # a conflict in which a header of a column takes part


def unit_of_columns(labels: Mapping[str, Cell], general: Iterable[Cell]) -> StatedUnit:
    """What the headers of money columns (`labels` by field) and the `general` statements around them come to.

    Headers that differ from one another are each right about their column (全年预算数（万元） beside 全年执行数（元）),
    if the columns without a unit have one in general. A header that differs from what stands above all is asked about.
    """
    own = {name: next(iter(stated_units([cell])), "") for name, cell in labels.items()}
    around = stated_units(general)
    said = {unit for unit in own.values() if unit}
    bare = [name for name, unit in own.items() if not unit]
    if len(said) > 1 and len(around) <= 1 and (around or not bare):
        columns = {name: unit or next(iter(around)) for name, unit in own.items()}
        name = next(name for name in ("adjusted", "initial", "executed", *own) if name in columns)
        return StatedUnit(columns[name], labels[name], columns=columns)
    found = {**around, **stated_units(labels.values())}
    if len(found) > 1:
        told = "，".join(f"{cell.ref}写{unit}" for unit, cell in found.items())
        return StatedUnit(conflict=f"表上写明的金额单位不一致（{told}）", mixed=bool(said))
    return next((StatedUnit(unit, cell) for unit, cell in found.items()), StatedUnit())


def sheet_unit(sheet: Sheet) -> str:
    """Money unit that the name of a sheet states (自评表（万元）), else empty."""
    return unit_in_label(f"({sheet.grid.sheet})") or unit_in_label(sheet.grid.sheet)


def is_note(sheet: Sheet, row: int) -> bool:
    """Whether a row begins with a note (注：…)."""
    return row in sheet.notes and sheet.row(row)[0] is sheet.notes[row]


def is_aside(sheet: Sheet, row: int) -> bool:
    """Whether a row of a list is a note, a line of signatures (填报人：甲) or nothing but a title."""
    shown = sheet.row(row)
    if not shown or shown[0].row != row:
        return False
    first = shown[0]
    if is_note(sheet, row) or any(cell is first for cell in sheet.stated.get(row, ())):
        return True
    page = re.match(sheet.vocabulary.raw["notes"]["pages"], first.text.strip())  # 第1页，共2页, printed between rows
    if len(shown) == 1 and (page or is_title(sheet.vocabulary, first.text)):
        return True
    labels = sheet.labels.get(row, ())
    return any(label.cell is first and label.fields.get("head") == "manager" for label in labels)
