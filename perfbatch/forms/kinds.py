"""What kind of sheet or region this is, decided before it is read: by its title, by words only that kind has.

What else stands above and between: the title of a form, its year, notes, signatures and repeated titles.

The kinds, their words and what to do with them are data (`kinds.toml`; contract: `sheets[].kind` of run.json).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, pairwise, takewhile

from perfbatch.forms.sheet import Sheet
from perfbatch.forms.vocabulary import Vocabulary, header_forms, stated
from perfbatch.model import Cell, Range
from perfbatch.notation import fold
from perfbatch.notation.figures import years_in_digits

SELF, PROJECT_LIST, INDICATOR_LIST, OTHER, TARGET = "self", "project_list", "indicator_list", "other", "target"
LISTS = (PROJECT_LIST, INDICATOR_LIST)
_LONGEST_TITLE = 60
_TITLE_ROWS = 6
_YEAR = re.compile(r"20\d\d\s*年(?!\d+月\d+日)")  # a date is when something was signed
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
    known = sorted((k for k in kinds(vocabulary) if k.id == name), key=lambda k: not k.read)  # one that is read first
    return next(iter(known), None) or Kind(name, names.get(name, name), counts=name in LISTS)


def decide(sheet: Sheet, region: Range, fields: Collection[str], default: str = SELF) -> Kind:
    """The kind of a region. `fields` are those of its header (of the indicator block, or of a list), with the head's.

    A title names it, else words that only one kind has, else the name of the sheet, else `default`.
    """
    known = kinds(sheet.vocabulary)
    titled = next(filter(None, (_by_title(sheet.vocabulary, fold(cell.text)) for cell in titles(sheet, region))), None)
    if titled is not None and titled.id == SELF:  # or a 自评表 of a bond or of a transfer
        known = tuple(each for each in known if each.counts or each.under_any_title)
    elif titled is not None:
        known = tuple(each for each in known if each.id == titled.id and each is not titled)
    rows = (sheet.labels.get(row, ()) for row in range(region.top, region.bottom + 1))
    words = {form for labels in rows for o in labels if "kinds" in o.fields for form in header_forms(o.cell.text)}
    found = next((each for each in known if each.worded(words, fields)), titled)
    return found or _by_title(sheet.vocabulary, fold(sheet.grid.sheet)) or kind(sheet.vocabulary, default)


def names_kind(vocabulary: Vocabulary, text: str) -> bool:
    """Whether a text is the title of any kind of sheet."""
    return len(text) <= _LONGEST_TITLE and _by_title(vocabulary, fold(text)) is not None


@lru_cache(maxsize=4096)
def _by_title(vocabulary: Vocabulary, title: str) -> Kind | None:
    return next((each for each in kinds(vocabulary) if each.titled(title)), None)


def titles(sheet: Sheet, region: Range) -> list[Cell]:
    """Cells that may be the title of a region: those alone on a row above its first labels."""

    def found() -> list[Cell]:
        shown: list[Cell] = []
        for row in range(region.top, min(region.top + _TITLE_ROWS, region.bottom + 1)):
            cells = list(sheet.begun(row, row))
            labels = list(sheet.begun_labels(row, row))
            if labels and len(cells) > 1 and not line_fields(sheet, row):  # 填报单位 │ 甲 above the title
                break
            shown += [cell for cell in cells if len(cell.text) <= _LONGEST_TITLE and not labels]
        return shown

    return sheet.once(("titles", region), found)


def is_sample(sheet: Sheet, region: Range) -> bool:
    """Whether the sheet's name or the title says that a form only shows how to fill it in."""
    texts = (sheet.grid.sheet, *(cell.text for cell in titles(sheet, region)))
    return any(says(sheet.vocabulary, "names", text) for text in texts)


@lru_cache(maxsize=4096)
def says(vocabulary: Vocabulary, what: str, text: str) -> bool:
    """Whether a sheet's name or a title says that it is an example (`names`) or a cover; a project's `placeholders`."""
    return any(pattern.search(fold(text)) for pattern in vocabulary.patterns("samples", what))


def told(found: Kind, read: int = 0) -> str:
    """One sentence on a sheet that is no project: what it is, what became of it (`read` of its forms were read)."""
    if read and found.read:
        return f"这是{found.name}，{found.read.format(n=read)}"
    return f"这是{found.name}，不是项目自评表，没有读取；{found.then}"


def first_title(sheet: Sheet, region: Range) -> Cell | None:
    """The first cell above the labels of a region that names any kind."""
    return next((cell for cell in titles(sheet, region) if names_kind(sheet.vocabulary, cell.text)), None)


# --- titles, years, notes and what stands between two forms ---


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
    named = (c for c in sheet.begun(top, bottom) if "年" in c[2] and c not in sheet.stated.get(c[0], ()))
    return next((c for c in named if len(fold(c[2])) <= _LONGEST_YEAR and names_year(c[2])), None)  # with many blanks


@lru_cache(maxsize=4096)
def names_year(text: str) -> bool:
    """Whether a text names a year (2023年度)."""
    return _YEAR.search(years_in_digits(fold(text))) is not None


def is_note(sheet: Sheet, row: int) -> bool:
    """Whether a row begins with a note (注：…)."""
    return row in sheet.notes and sheet.row(row)[0] is sheet.notes[row]


def is_page(sheet: Sheet, row: int) -> bool:
    """Whether nothing but the number of a printed page, or a date, stands on a row: 第1页，共2页, — 1 —."""
    shown = sheet.row(row)
    return len(shown) == 1 and bool(re.match(sheet.vocabulary.raw["notes"]["pages"], shown[0].text.strip()))


def is_aside(sheet: Sheet, row: int) -> bool:
    """Whether a row of a list is a note, a line of signatures (填报人：甲) or nothing but a title."""
    shown = sheet.row(row)
    if not shown or shown[0].row != row:
        return False
    first = shown[0]
    alone = len(shown) == 1 and (is_page(sheet, row) or is_title(sheet.vocabulary, first.text))
    signed = first in sheet.stated.get(row, ()) or sheet.fields_of(first).get("head") == "manager"
    return alone or signed or is_note(sheet, row)


def spans(sheet: Sheet, starts: Sequence[int]) -> list[tuple[int, int]]:
    """First and last row of each form, whose title stands on one of `starts`; a row between two is of neither.

    Unit of money, unit and year above a title are of the form below, signatures below a table of that above. Lines of
    the same fields go where the first form alone has them, or the last; else blank rows part them from a form.
    """
    first = _lines_above(sheet, starts[0], 0).values()
    last = _lines_above(sheet, sheet.last_row + 1, starts[-1]).values()
    tops, ends = [], []
    for floor, start in pairwise([0, *starts]):
        lines = _lines_above(sheet, start, floor)
        top = end = start
        for row, fields in ((row, fields) for row, fields in lines.items() if fields):
            heads = fields - set(sheet.vocabulary.raw["above"]["beside"])
            over = not floor or any(not lines[at] for at in lines if at < row)
            under = any(not lines[at] for at in lines if at > row)
            like = (fields in first) - (fields in last)
            below: bool | None = False
            if like or "annex" in fields:
                below = like >= 0
            elif heads and over != under:
                below = over
            elif heads == fields or fields in first:
                below = (fields not in last and heads.issubset(chain(*first))) or None
            if below:
                top = row
            elif fields != {"manager"} or fields in last:  # else a date goes with the line above it
                end = row if below is None and heads else start
                break
        tops.append(top)
        ends.append(min(top, end) - 1)
    return list(zip(tops, [*ends[1:], sheet.last_row], strict=True))


def _lines_above(sheet: Sheet, start: int, floor: int) -> Mapping[int, frozenset[str]]:
    """The rows with nothing but fields of a head directly above a row, the nearest first; blank ones have none."""
    lines = ((row, line_fields(sheet, row)) for row in range(start - 1, floor, -1))
    return dict(takewhile(lambda line: line[1] or not sheet.row(line[0]) or is_page(sheet, line[0]), lines))


def line_fields(sheet: Sheet, row: int) -> frozenset[str]:
    """The fields of a head that a row names where it holds nothing else: 填报单位：甲 │ 单位：万元."""
    above, cells = sheet.vocabulary.raw["above"], sheet.row(row)
    allowed = {*above["fields"], *above["beside"]}
    found = {name for cell in sheet.stated.get(row, ()) for name, _ in stated(sheet.vocabulary, cell.text)}
    for at, cell in enumerate(cells):
        if not found <= allowed:
            break  # most rows say so in their first cell
        if own := sheet.fields_of(cell):
            found.add("" if "total_rows" in own else own.get("head", ""))
        elif cell not in sheet.stated.get(row, ()) and not (at and sheet.is_label(cells[at - 1])):
            said = (name for name, pattern in above["said"].items() if re.search(pattern, fold(cell.text)))
            found.add(next(said, ""))
    return frozenset(found) if found <= allowed else frozenset()
