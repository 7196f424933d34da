"""Which approved project belongs to which self-evaluation, and which approved row to which row."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from perfbatch.cycle.sheets import Own, Project, Row, Sheet, indicator_key
from perfbatch.identity import units
from perfbatch.identity.names import code_key, project_key, similar
from perfbatch.schema import grouped


@dataclass(slots=True)
class Matched:
    """`of` maps the number of a self-evaluation to that of its approved project; `other_year` are approved projects
    of a year that no self-evaluation of that name has, with the number of the latter; `renamed` pairs that may be one
    project (approved, self-evaluation), which nobody has said."""

    of: dict[int, int] = field(default_factory=dict)
    other_year: dict[int, int] = field(default_factory=dict)
    other_unit: dict[int, int] = field(default_factory=dict)
    renamed: list[tuple[int, int]] = field(default_factory=list)


def number_units(sheets: Sequence[Sheet], own: Sequence[Project], aliases: units.Aliases) -> None:
    """Give the sheets and the self-evaluations the numbers of their units, equal for all spellings of one."""
    both: Sequence[Any] = (*sheets, *own)
    names = [*(sheet.unit_name for sheet in sheets), *(one.unit for one in own)]
    files, departments = ([getattr(one, name) for one in both] for name in ("file", "department"))
    for one, number in zip(both, units.resolve(files, names, departments, aliases).of, strict=True):
        one.unit_number = number


def projects(approved: Sequence[Sheet], own: Sequence[Project]) -> Matched:
    """Match by code, else by name, unit and year. A name that several units have is matched with the unit only."""
    by_code = grouped((code, at) for at, one in enumerate(own) if (code := code_key(one.project_code)))
    by_name = grouped((name, at) for at, one in enumerate(own) if (name := project_key(one.project_name)))
    found, rest = Matched(), []
    for number, project in enumerate(approved):
        same = by_code.get(code_key(project.project_code), [])
        right = [at for at in same if at not in found.of and _year(project, own[at])]
        if len(right) == 1:
            found.of[right[0]] = number
        else:
            rest.append(number)
    for number in rest:
        project, code = approved[number], code_key(approved[number].project_code)
        same = [at for at in by_name.get(project_key(project.project_name), []) if at not in found.of]
        same = [at for at in same if not code or not code_key(own[at].project_code)]
        right = [at for at in same if _year(project, own[at])]
        mine = [at for at in right if project.unit_number and own[at].unit_number == project.unit_number]
        pick = mine or [at for at in right if not project.unit_number or not own[at].unit_number]
        if len(pick) == 1:
            found.of[pick[0]] = number
        elif not right and same:
            found.other_year[number] = same[0]
        elif right and not pick:
            found.other_unit[number] = right[0]
    _renamed(approved, own, found)
    return found


def _year(project: Sheet, one: Project) -> bool:
    return project.year is None or one.year is None or project.year == one.year


def _renamed(approved: Sequence[Sheet], own: Sequence[Project], found: Matched) -> None:
    """Pairs of one unit that nothing matched and whose names are alike."""
    used = set(found.of.values())
    left = grouped((one.unit_number, at) for at, one in enumerate(own) if at not in found.of and one.project_name)
    for number, project in enumerate(approved):
        if number in used or not project.project_name or number in found.other_year or number in found.other_unit:
            continue
        name = project_key(project.project_name)
        near = [at for at in left[project.unit_number] if similar(name, project_key(own[at].project_name))]
        if len(near) == 1 and _year(project, own[near[0]]):
            found.renamed.append((number, near[0]))
            left[project.unit_number].remove(near[0])


@dataclass(slots=True)
class MatchedRows:
    """`pairs` (approved, own), `dropped` approved rows, `added` own rows, and what may be a `renamed` row."""

    pairs: list[tuple[Row, Own]] = field(default_factory=list)
    dropped: list[Row] = field(default_factory=list)
    added: list[Own] = field(default_factory=list)
    renamed: list[tuple[Row, Own]] = field(default_factory=list)


def rows(approved: Sequence[Row], own: Sequence[Own], same: Callable[[Row | Own], str] = lambda _: "") -> MatchedRows:
    """Match rows by level 2 and name, else by name alone where that is one row on both sides.

    `same` tells what a row holds besides (target and points), by which a rename is suspected; nothing where empty.
    """
    found = MatchedRows(added=list(own))
    left = list(approved)
    for with_level in (True, False):
        places = grouped(((one.level2 if with_level else "", indicator_key(one.level3)), one) for one in found.added)
        keys = [(row.level2 if with_level else "", row.key) for row in left]
        counts, still = Counter(keys), []
        for row, key in zip(left, keys, strict=True):
            some = places.get(key, [])
            if some and (with_level or (len(some) == 1 and counts[key] == 1)):
                found.pairs.append((row, some[0]))
                found.added.remove(some.pop(0))
            else:
                still.append(row)
        left = still
    for row in left:
        # it may be one under another name: level 2, target and points alike, or the name alike
        beside = [one for one in found.added if one.level2 == row.level2]
        alike = [one for one in beside if same(row) and same(one) == same(row)]
        if len(alike) != 1:
            alike = [one for one in beside if similar(row.key, indicator_key(one.level3))]
        if len(alike) == 1:
            found.renamed.append((row, alike[0]))
            found.added.remove(alike[0])
        else:
            found.dropped.append(row)
    return found
