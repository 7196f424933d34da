"""Which checks could look at a form: what each needs (`<family>.toml`) against what was read of the form.

A field was read, or has a place that is empty, or may be among the cells that were not understood, or is not on the
form at all. A check is 未检查 where a field that it needs may be among the unread cells, is empty, or stands in a block
that a form of its kind has and nothing of which was read; it is 不适用 where the form has no such field.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from perfbatch.checks.context import Context, Table
from perfbatch.checks.metadata import Entry
from perfbatch.model import Covered

LISTED = "|"  # between fields of which one will do


class Level(IntEnum):
    """What is known of a field of a form, the better the higher."""

    ABSENT = 0  # the form has no such field
    UNREAD = 1  # it may be among the cells that were not understood
    LOST = 2  # nothing of its whole block was read, though forms of this kind have it
    EMPTY = 3  # it has a place where nothing was read
    READ = 4


class Field(NamedTuple):
    """A field: what a person calls it, its block, the columns that name its place and hold its value."""

    word: str
    block: str
    table: Table
    place: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """Why a check did not look at a form. `unread`: its cells may be among those that were not understood."""

    applicable: bool
    reason: str
    unread: bool = False


@cache
def _document() -> Mapping[str, Any]:
    file = resources.files("perfbatch.checks").joinpath("fields.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def fields() -> Mapping[str, Field]:
    """All fields by name (``fund.executed``)."""
    return {
        f"{block}.{name}": Field(told["word"], block, table["table"], told.get("cell", ""), tuple(told["value"]))
        for block, table in _document()["blocks"].items()
        for name, told in table.items()
        if isinstance(told, dict)
    }


Levels = tuple[Level, ...]  # of all fields, in their order
_FIRST = (Level.UNREAD, Level.ABSENT, Level.LOST, Level.EMPTY)  # which of several reasons is told


def levels(context: Context) -> list[Levels]:
    """What is known of each field, for each form in the order of `projects`."""
    ids = context.column("projects", "project_id")
    traits = context.column("projects", "traits")
    # for each form the blocks to which cells of its sheets belong that were not understood
    unread: dict[str, set[str]] = {pid: set() for pid in ids}
    by_sheet: dict[str, set[str]] = defaultdict(set)
    for sheet in context.sheets:
        by_sheet[sheet.sheet].update(left.block for left in sheet.unread)
    tables: tuple[Table, ...] = ("projects", "funds", "indicators")
    for table in tables if any(by_sheet.values()) else ():
        for pid, name in zip(context.column(table, "project_id"), context.column(table, "sheet"), strict=True):
            unread[pid] |= by_sheet.get(name, set())
    lost = _document()["lacking"]
    columns: list[list[Level]] = []
    with_block = {block: set[str]() for block in ("fund", "indicator")}
    known: dict[str, tuple[set[str], set[str]]] = {}
    for name, field in fields().items():
        owners = context.column(field.table, "project_id")
        read = {pid for column in field.values for pid in _filled(context, field.table, column, owners)}
        there = set(_filled(context, field.table, field.place, owners)) | read if field.place else read
        known[name] = read, there
        if field.block in with_block:
            with_block[field.block] |= there
    for name, field in fields().items():
        read, there = known[name]
        column = []
        for pid, told in zip(ids, traits, strict=True):
            if pid in read:
                level = Level.READ
            elif pid in there:
                level = Level.EMPTY
            elif unread[pid] & {field.block, ""} or (field.block == "head" and unread[pid]):
                level = Level.UNREAD
            elif pid not in with_block.get(field.block, (pid,)) and lost.get(field.block) not in told.split():
                level = Level.LOST
            else:
                level = Level.ABSENT
            column.append(level)
        columns.append(column)
    return list(zip(*columns, strict=True))


def _filled(context: Context, table: Table, column: str, owners: list[str]) -> Iterator[str]:
    return (pid for pid, value in zip(owners, context.column(table, column), strict=True) if value not in ("", None))


def state(entry: Entry, traits: str, known: Mapping[str, Level]) -> State | None:
    """Why a check did not look at a form of which so much is known; None where it did."""
    if entry.traits and entry.traits.keys().isdisjoint(traits.split()):
        return State(False, f"只用于{'、'.join(entry.traits.values())}")
    wanted = [(group, Level.READ) for group in entry.needs] + [(group, Level.EMPTY) for group in entry.places]
    lacking: list[tuple[Level, str]] = []
    for group, least in wanted:
        best = max(known[name] for name in group.split(LISTED))
        if best < least:
            lacking.append((best, group))
    lacking += [(Level.UNREAD, name) for name in entry.reads if known[name] is Level.UNREAD]
    if not lacking:
        return None
    level, group = min(lacking, key=lambda one: _FIRST.index(one[0]))
    several = [fields()[name] for name in group.split(LISTED) if known[name] is level]
    words = list(dict.fromkeys(f"“{field.word}”" for field in several))
    said = f"{'、'.join(words[:-1])}和{words[-1]}" if len(words) > 1 else words[0]
    if level is Level.ABSENT:
        return State(False, f"表上没有{said}")
    if level is Level.LOST:
        return State(True, f"没有读到{_document()['blocks'][several[0].block]['word']}")
    if level is Level.EMPTY:
        return State(True, f"{said}没有填写或没有读出")
    return State(True, f"有内容没有识别，没有读到{said}", unread=True)


def needed(entry: Entry) -> str:
    """What a check needs of a form, for the manuals; empty where it looks at any form."""
    wanted = ("或".join(fields()[name].word for name in group.split(LISTED)) for group in (*entry.needs, *entry.places))
    only = f"只用于{'、'.join(entry.traits.values())}" if entry.traits else ""
    return "；".join(filter(None, (only, "、".join(dict.fromkeys(wanted)))))


class Coverage:
    """What the checks could look at, form by form."""

    def __init__(self, context: Context, entries: Mapping[str, Entry]) -> None:
        self._entries = entries
        names = tuple(fields())
        traits = context.column("projects", "traits")
        made: dict[tuple[str, Levels], dict[str, State]] = {}
        self._states: list[dict[str, State]] = []
        for of_form, found in zip(traits, levels(context), strict=True):
            if (key := (of_form, found)) not in made:
                known = dict(zip(names, found, strict=True))
                told = {code: state(entry, of_form, known) for code, entry in entries.items()}
                made[key] = {code: why for code, why in told.items() if why is not None}
            self._states.append(made[key])
        self._ids = context.column("projects", "project_id")

    def unread(self, at: int, code: str) -> bool:
        """Whether a check must not speak of the form `at`: what it needs may be among the unread cells."""
        found = self._states[at].get(code)
        return found is not None and found.unread

    def told(self) -> list[Covered]:
        """Forms by what did not look at them."""
        groups: dict[tuple[tuple[str, State], ...], list[str]] = {}
        for pid, states in zip(self._ids, self._states, strict=True):
            groups.setdefault(tuple(states.items()), []).append(pid)
        found = []
        for why_not, ids in groups.items():
            unchecked = tuple((code, why.reason) for code, why in why_not if why.applicable)
            others = tuple((code, why.reason) for code, why in why_not if not why.applicable)
            found.append(Covered(tuple(ids), unchecked, others))
        return found
