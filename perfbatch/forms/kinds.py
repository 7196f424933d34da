"""What kind of sheet or region this is, decided before it is read: by its title, by words only that kind has.

What else stands above and between: the title of a form, its year, notes, signatures and repeated titles.

The kinds, their words and what to do with them are data (`kinds.toml`; contract: `sheets[].kind` of run.json).
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from perfbatch.forms.sheet import Sheet
from perfbatch.forms.vocabulary import Vocabulary, header_forms
from perfbatch.model import Cell, Range
from perfbatch.notation import fold
from perfbatch.notation.figures import years_in_digits

SELF, PROJECT_LIST, INDICATOR_LIST, OTHER, TARGET = "self", "project_list", "indicator_list", "other", "target"
LISTS = (PROJECT_LIST, INDICATOR_LIST)
_LONGEST_TITLE = 60
_TITLE_ROWS = 6
_YEAR = re.compile(r"20\d\d\s*年")
_LONGEST_YEAR = 20


@dataclass(frozen=True)
class Kind:
    """One kind: its id, what the clerk calls it, whether its forms are projects, what to do with it otherwise."""

    id: str
    name: str
    counts: bool = False
    then: str = ""
    titles: tuple[re.Pattern[str], ...] = ()
    without: tuple[re.Pattern[str], ...] = ()
    words: frozenset[str] = frozenset()
    all_of: tuple[frozenset[str], ...] = ()
    lacks: frozenset[str] = frozenset()
    under_any_title: bool = False  # its words decide even below a title of self-evaluations
    read: str = ""  # what became of a sheet of this kind that was read, {n} its projects

    def titled(self, title: str) -> bool:
        """Whether a folded title names this kind."""
        return any(p.search(title) for p in self.titles) and not any(p.search(title) for p in self.without)

    def worded(self, words: Collection[str], fields: Collection[str]) -> bool:
        """Whether the words and fields on a region are those of this kind alone."""
        if not self.lacks.isdisjoint(fields):
            return False
        all_of = bool(self.all_of) and not any(some.isdisjoint(words) for some in self.all_of)
        return all_of or not self.words.isdisjoint(words)


@cache
def kinds(vocabulary: Vocabulary) -> tuple[Kind, ...]:
    """All kinds, in the order in which they are tried."""
    made = []
    for entry in vocabulary.raw["kind"]:
        patterns = {key: tuple(map(re.compile, entry.get(key, ()))) for key in ("titles", "without")}
        words, *all_of = (frozenset(map(fold, some)) for some in (entry.get("words", ()), *entry.get("all_of", ())))
        lacks = frozenset(entry.get("lacks", ()))
        made.append(Kind(**{**entry, **patterns, "words": words, "all_of": tuple(all_of), "lacks": lacks}))
    return tuple(made)


def kind(vocabulary: Vocabulary, name: str) -> Kind:
    """The kind with an id; lists are kinds of their own."""
    names = {PROJECT_LIST: "一体化系统项目列表", INDICATOR_LIST: "一体化系统指标列表", OTHER: "其他"}
    known = [k for k in kinds(vocabulary) if k.id == name]
    of_name = next((k for k in known if k.read), next(iter(known), None))  # of several shapes the one that is read
    return of_name or Kind(name, names.get(name, name), counts=name in LISTS)


def decide(sheet: Sheet, region: Range, fields: Collection[str], default: str = SELF) -> Kind:
    """The kind of a region. `fields` are those of its header (of the indicator block, or of a list), with the head's.

    A title names it, else words that only one kind has, else the name of the sheet, else `default`.
    """
    known = kinds(sheet.vocabulary)
    titled = next(filter(None, (_by_title(sheet.vocabulary, title) for title in titles(sheet, region))), None)
    if titled is not None and titled.id == SELF:  # or a 自评表 of a bond or of a transfer
        known = tuple(each for each in known if each.counts or each.under_any_title)
    elif titled is not None:
        known = tuple(each for each in known if each.id == titled.id and each is not titled)
    words: set[str] = set()  # words of kinds that stand as labels in the region
    for row in range(region.top, region.bottom + 1):
        for label in sheet.labels.get(row, ()):
            if "kinds" in label.fields and region.left <= label.area.left <= region.right:
                words.update(header_forms(label.cell.text))
    found = next((each for each in known if each.worded(words, fields)), titled)
    return found or _by_title(sheet.vocabulary, fold(sheet.grid.sheet)) or kind(sheet.vocabulary, default)


def names_kind(vocabulary: Vocabulary, text: str) -> bool:
    """Whether a text is the title of any kind of sheet."""
    return len(text) <= _LONGEST_TITLE and _by_title(vocabulary, fold(text)) is not None


@lru_cache(maxsize=4096)
def _by_title(vocabulary: Vocabulary, title: str) -> Kind | None:
    return next((each for each in kinds(vocabulary) if each.titled(title)), None)


def titles(sheet: Sheet, region: Range) -> list[str]:
    """Folded texts that may be the title of a region: those alone on a row above its first labels."""

    def found() -> list[str]:
        texts: list[str] = []
        for row in range(region.top, min(region.top + _TITLE_ROWS, region.bottom + 1)):
            cells = list(_begun(sheet, row, region))
            labels = list(sheet.begun_labels(row, row))
            if len(labels) > 1 or (labels and len(cells) > 1):
                break
            texts += [fold(cell.text) for cell in cells if len(cell.text) <= _LONGEST_TITLE and not labels]
        return texts

    return sheet.once(("titles", region), found)


def _begun(sheet: Sheet, row: int, region: Range) -> Iterator[Cell]:
    """The cells of a region that begin on a row, merged ones with any part of them in it."""
    cells = (cell for cell in sheet.row(row) if cell[0] == row and cell[1] <= region.right)
    return (cell for cell in cells if cell[1] >= region.left or sheet.area(cell).right >= region.left)


def is_sample(sheet: Sheet, region: Range) -> bool:
    """Whether the sheet's name or the title says that a form only shows how to fill it in."""
    return any(_says(sheet.vocabulary, "names", name) for name in (fold(sheet.grid.sheet), *titles(sheet, region)))


def names_instructions(sheet: Sheet) -> bool:
    """Whether the sheet's name says it is a cover or an instruction."""
    return _says(sheet.vocabulary, "instructions", fold(sheet.grid.sheet))


@lru_cache(maxsize=4096)
def _says(vocabulary: Vocabulary, what: str, name: str) -> bool:
    return any(pattern.search(name) for pattern in vocabulary.patterns("samples", what))


def told(found: Kind, read: int = 0) -> str:
    """One sentence on a sheet that is no project: what it is, what became of it (`read` of its forms were read)."""
    if read and found.read:
        return f"这是{found.name}，{found.read.format(n=read)}"
    return f"这是{found.name}，不是项目自评表，没有读取；{found.then}"


def first_title(sheet: Sheet, region: Range) -> Cell | None:
    """The first cell above the labels of a region that names any kind."""
    if not any(_by_title(sheet.vocabulary, title) for title in titles(sheet, region)):
        return None
    rows = range(region.top, min(region.top + _TITLE_ROWS, region.bottom + 1))
    return next((c for row in rows for c in _begun(sheet, row, region) if names_kind(sheet.vocabulary, c.text)), None)


# --- titles, years and notes ---


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
    named = (cell for cell in sheet.begun(top, bottom) if "年" in cell[2])
    short = (cell for cell in named if len(fold(cell[2])) <= _LONGEST_YEAR)  # blanks part it from 金额单位：万元
    return next((cell for cell in short if names_year(cell[2])), None)


@lru_cache(maxsize=4096)
def names_year(text: str) -> bool:
    """Whether a text names a year (2023年度)."""
    return _YEAR.search(years_in_digits(fold(text))) is not None


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
