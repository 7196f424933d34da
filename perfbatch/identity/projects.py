"""Which entries are one project, and which of them counts.

Forms, list rows, resubmissions and copies are brought together by code, else by name, unit and year. What is not
certain (a code with two names, a project with two codes, a rename) is decided and said (`Doubt`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key, lru_cache
from itertools import combinations
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

from perfbatch.config import CONFIG_NAME
from perfbatch.identity.entries import FORM, Entries
from perfbatch.identity.names import code_key, project_key, similar
from perfbatch.identity.units import WORDS, Units
from perfbatch.notation import fold
from perfbatch.schema import grouped

RENAMED, TWO_CODES, ONE_CODE, UNCLEAR = "renamed", "two_codes", "one_code", "unclear"
_NAMES = 20  # a code with more names than this is no code
T = TypeVar("T")
_SHARE = 2 / 3  # of the forms that state a year, from which theirs is that of the batch


class Doubt(NamedTuple):
    """What two entries have in common and what not, and whether they count as `one` project.

    `kind`: RENAMED (one code or the same money, another name), TWO_CODES (one name and unit, two codes), ONE_CODE (one
    code for two projects), UNCLEAR (one name without unit and code).
    """

    kind: str
    at: int
    other: int
    one: bool


@dataclass(slots=True)
class Identity:
    """What the entries of a batch are. `same_as` is the number of the entry that counts (its own where it does).

    `how` says of an entry that does not count by what the other is the later one (empty: a list row, or nothing tells).
    `blank` are forms without name, code, money and score: no project at all. `year` is that of the batch, None where no
    year has the greater part; `years` those of the entries.
    """

    entries: Entries
    units: Units
    same_as: list[int]
    years: list[int | None]
    year: int | None
    how: dict[int, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    blank: set[int] = field(default_factory=set)

    def counts(self, at: int) -> bool:
        """Whether an entry is the one by which its project counts."""
        return self.same_as[at] == at and at not in self.blank

    def unit(self, at: int) -> str:
        """The name of an entry's unit, empty where none is stated."""
        return self.units.names[self.units.of[at]]

    def groups(self) -> Iterator[list[int]]:
        """Entries that are one project, where there are several; that which counts is the first."""
        return _groups(self.same_as)


def identify(
    entries: Entries,
    units: Units,
    *,
    year: int | None = None,
    saved: Mapping[str, float] | None = None,
    chosen: Mapping[str, str] | None = None,
    hidden: Collection[tuple[str, str]] = (),
) -> Identity:
    """Bring together what is one project.

    `year` is that of the batch where it is given, `saved` when each file was saved (seconds), `chosen` maps a project's
    name or code to the file whose form counts (`perfbatch.toml`). On `hidden` sheets (file and name) stand older
    copies: none counts beside another one.
    """
    batch_year = year or main_year(Counter(filter(None, entries.year)))
    years = [own or batch_year for own in entries.year]
    joined = _Joined(entries, units.of, years)
    joined.by_code()
    joined.by_name()
    joined.by_money()
    found = Identity(entries, units, list(range(len(entries))), years, batch_year, doubts=joined.doubts)
    found.blank = {at for at in range(len(entries)) if entries.blank(at)}
    for members in joined.groups():
        counted = _counted(found, members, saved or {}, chosen or {}, hidden)
        for at in members:
            found.same_as[at] = counted
    return found


def main_year(stated: Counter[int]) -> int | None:
    """The year that the greater part of those that state one have, else None."""
    if not stated:
        return None
    year, count = max(stated.items(), key=lambda item: (item[1], item[0]))
    return year if count >= _SHARE * stated.total() else None


class _Joined:
    """Entries while they are brought together."""

    def __init__(self, entries: Entries, units: Sequence[int], years: Sequence[int | None]) -> None:
        self.entries, self.units, self.years = entries, units, years
        self.parent = list(range(len(entries)))
        self.names = [project_key(name) for name in entries.name]
        self.codes = [code_key(code) for code in entries.code]
        self.doubts: list[Doubt] = []

    def root(self, at: int) -> int:
        while self.parent[at] != at:
            self.parent[at] = at = self.parent[self.parent[at]]
        return at

    def join(self, one: int, other: int) -> None:
        one, other = self.root(one), self.root(other)
        self.parent[max(one, other)] = min(one, other)

    def groups(self) -> Iterator[list[int]]:
        return _groups(map(self.root, range(len(self.parent))))

    # --- by code ---

    def by_code(self) -> None:
        """One code and year is one project where the names are one, or may be; else it is said."""
        for members in _alike((code, at) for at, code in enumerate(self.codes) if code):
            for some in self._of_one_year(members):
                named = self._by(some, self.names)
                for first, *others in named.values():
                    for at in others:
                        self.join(first, at)
                firsts = [same[0] for same in named.values()]
                for at, other in combinations(firsts if len(firsts) <= _NAMES else [], 2):
                    alike = self._same_money(at, other) or similar(self.names[at], self.names[other])
                    one = alike and self._apart(at, other)
                    if one:
                        self.join(at, other)
                    self.doubts.append(Doubt(RENAMED if one else ONE_CODE, at, other, one))

    def _same_money(self, at: int, other: int) -> bool:
        """Whether the money that both state is the same, and more than nothing."""
        columns = (self.entries.initial, self.entries.adjusted, self.entries.executed)
        both = [(one[at], one[other]) for one in columns if one[at] is not None and one[other] is not None]
        return any(own for own, _ in both) and all(own == its for own, its in both)

    def _apart(self, at: int, other: int) -> bool:
        """Whether two entries do not lie in one file as things of one kind: nobody hands one project in so."""
        files, kinds = self.entries.file, self.entries.kind
        return files[at] != files[other] or kinds[at] != kinds[other]

    # --- by name ---

    def by_name(self) -> None:
        """One name, unit and year is one project, unless codes say otherwise."""
        for members in _alike((name, at) for at, name in enumerate(self.names) if name):
            for some in self._of_one_year(members):
                in_units = self._by(some, self.units)
                homeless = in_units.pop(0, [])
                for same in in_units.values():
                    self._one_name(same, stated=True)
                if homeless and len(in_units) <= 1:
                    self._one_name([*next(iter(in_units.values()), []), *homeless], stated=False)

    def _one_name(self, members: Sequence[int], *, stated: bool) -> None:
        """Entries with one name, year and unit (`stated`: it is written on all of them)."""
        by_code = self._by(members, self.codes)
        bare = by_code.pop("", [])
        if len(by_code) > 1:
            by_code = self._one_project_with_codes(by_code)
        if len(by_code) == 1:
            bare = [*next(iter(by_code.values())), *bare]
        elif by_code:
            bare = self._given_to(by_code, bare)
        firsts: list[int] = []
        for at in bare:
            # without a unit and code, equal names in one file are one project only where all else is equal
            sure = stated or bool(self.codes[at])
            for first in firsts:
                if sure or self._apart(first, at) or self._same_money(first, at):
                    self.join(first, at)
                    break
                self.doubts.append(Doubt(UNCLEAR, first, at, one=False))
            else:
                firsts.append(at)

    def _one_project_with_codes(self, by_code: dict[str, list[int]]) -> dict[str, list[int]]:
        """The entries by code, those put together that are one project under two codes."""
        left = dict(by_code)
        for code, other in combinations(by_code, 2):
            if code not in left or other not in left:
                continue
            at, its = left[code][0], left[other][0]
            kinds = [{self.entries.kind[m] == FORM for m in left[c]} for c in (code, other)]
            alone = len(by_code) == 2 and kinds[0].isdisjoint(kinds[1])  # the form has one, its list row the other
            if self._apart(at, its) and (alone or self._same_money(at, its)):
                self.join(at, its)
                self.doubts.append(Doubt(TWO_CODES, at, its, one=True))
                left[code] = [*left[code], *left.pop(other)]
        return left

    def _given_to(self, by_code: Mapping[str, Sequence[int]], bare: Iterable[int]) -> list[int]:
        """Give entries without a code to that of several codes which has their money; the others are left and said."""
        left = []
        for at in bare:
            fitting = [some for some in by_code.values() if self._same_money(some[0], at)]
            if len(fitting) == 1:
                self.join(fitting[0][0], at)
            else:
                left.append(at)
                self.doubts.append(Doubt(TWO_CODES, next(iter(by_code.values()))[0], at, one=False))
        return left

    # --- by money ---

    def by_money(self) -> None:
        """A form and a list row with the same money and similar names, where no other has them, are asked about."""
        forms: dict[tuple[object, ...], list[int]] = defaultdict(list)
        listed: dict[tuple[object, ...], list[int]] = defaultdict(list)
        paired = {self.root(at) for some in self.groups() for at in some}
        for at, kind in enumerate(self.entries.kind):
            adjusted, executed = self.entries.adjusted[at], self.entries.executed[at]
            if at not in paired and self.root(at) == at and adjusted and executed:
                (forms if kind == FORM else listed)[self.years[at], adjusted, executed].append(at)
        for key in forms.keys() & listed.keys():
            for at in forms[key]:
                fitting = [other for other in listed[key] if self._renamed(at, other)]
                if len(fitting) == 1 and sum(self._renamed(one, fitting[0]) for one in forms[key]) == 1:
                    self.join(at, fitting[0])
                    self.doubts.append(Doubt(RENAMED, at, fitting[0], one=True))

    def _renamed(self, at: int, other: int) -> bool:
        units = {self.units[at], self.units[other]} - {0}
        if self.codes[at] and self.codes[other]:
            return False
        own, its = self.names[at], self.names[other]
        return bool(own and its) and (own == its or (len(units) <= 1 and similar(own, its)))

    # --- help ---

    def _of_one_year(self, members: Sequence[int]) -> list[list[int]]:
        """Members by year; those without one belong to the only year there is."""
        by_year = self._by(members, self.years)
        undated = by_year.pop(None, [])
        if len(by_year) == 1:
            return [sorted([*next(iter(by_year.values())), *undated])]
        return [*by_year.values(), *([undated] if undated else [])]

    @staticmethod
    def _by(members: Iterable[int], column: Sequence[T]) -> dict[T, list[int]]:
        return grouped((column[at], at) for at in members)


def _alike(keyed: Iterable[tuple[str, int]]) -> list[list[int]]:
    """Numbers with an equal key, where there are several."""
    first: dict[str, int] = {}
    more: dict[str, list[int]] = {}
    for key, at in keyed:
        if key not in first:
            first[key] = at
        else:
            more.setdefault(key, [first[key]]).append(at)
    return list(more.values())


def _groups(firsts: Iterable[int]) -> Iterator[list[int]]:
    """Numbers with the same one in `firsts`, that one before the others; those alone are left out."""
    members = grouped((first, at) for at, first in enumerate(firsts) if at != first)
    return ([first, *others] for first, others in members.items())


# --- which one counts ---


def _counted(
    found: Identity,
    members: Sequence[int],
    saved: Mapping[str, float],
    chosen: Mapping[str, str],
    hidden: Collection[tuple[str, str]],
) -> int:
    """The entry of a project that counts: a form before a row of a project list before one of an indicator list; of
    several the chosen one, else the one handed in last, of those that are not hidden if there are any."""
    entries, how = found.entries, found.how
    kind = min(entries.kind[at] for at in members)
    able = [at for at in members if entries.kind[at] == kind]
    for at in able:
        wanted = {chosen.get(text) for text in (entries.name[at], entries.code[at])} - {None}
        if entries.file[at] in wanted:
            how |= dict.fromkeys((other for other in able if other != at), CONFIG_NAME)
            return at
    able = [at for at in able if (entries.file[at], entries.sheet[at]) not in hidden] or able
    handed = {file: submission(file, saved.get(file, 0)) for file in {entries.file[at] for at in able}}

    def compare(one: int, other: int) -> int:
        told = later(handed[entries.file[one]], handed[entries.file[other]])
        return one - other if told is None else (1 if told[0] else -1)

    if kind != FORM and len(handed) == 1:
        return able[0]  # rows of one list have no order: the first counts
    last = max(able, key=cmp_to_key(compare))
    for at in able:
        if at != last and (told := later(handed[entries.file[last]], handed[entries.file[at]])):
            how[at] = told[1]
    return last


# --- which of two files was handed in later: by their names, else by the time they were saved ---

_DATE = re.compile(r"(?<!\d)(20\d{2})[-_.年]?(0?[1-9]|1[0-2])[-_.月]?(0?[1-9]|[12]\d|3[01])日?(?!\d)")
_NUMBER = re.compile(
    r"\((\d{1,2})\)|第(\d{1,2})(?:次|版|稿)|[vV](\d{1,2})(?:\.\d+)?(?!\d)|(?<!\d)(\d{1,2})(?:次|稿|版)"
)
SAVED = "文件保存时间"  # the weakest of the ways to tell
_DIGITS = str.maketrans("一二三四五六七八九", "123456789")


class Submission(NamedTuple):
    """What a file's name says about when it was handed in, and when it was saved (seconds; 0 unknown)."""

    date: str
    number: int
    word: int  # later 1, earlier -1
    saved: float


@lru_cache(maxsize=1 << 14)
def submission(file: str, saved: float) -> Submission:
    """What is known of a file, by its name and its folders."""
    path = PurePosixPath(fold(file).translate(_DIGITS))
    text = "/".join((*path.parts[:-1], path.stem))
    dates = ["".join((y, m.zfill(2), d.zfill(2))) for y, m, d in _DATE.findall(text)]
    numbers = [int(next(filter(None, found))) for found in _NUMBER.findall(text)]
    rules = WORDS["submission"]
    earlier = any(word in text for word in rules["earlier"])
    word = -1 if earlier else int(any(word in text for word in rules["later"]))
    return Submission(max(dates, default=""), max(numbers, default=1), word, saved)


def later(one: Submission, other: Submission) -> tuple[bool, str] | None:
    """Whether `one` was handed in after `other`, and by what that is known (Chinese); None where nothing tells."""
    if one.word * other.word < 0 or (one.word != other.word and -1 in (one.word, other.word)):
        return one.word > other.word, "文件名"
    if one.date and other.date and one.date != other.date:
        return one.date > other.date, "文件名中的日期"
    if one.number != other.number:
        return one.number > other.number, "文件名中的次数"
    if one.word != other.word:
        return one.word > other.word, "文件名"
    if one.saved and other.saved and one.saved != other.saved:
        return one.saved > other.saved, SAVED
    return None
