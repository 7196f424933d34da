"""Which checks could look at a form: what each needs (`<family>.toml`) against what was read of the form.

A field was read, or has a place that is empty, or may be among the cells that were not understood, or is not on the
form at all. A check is 未检查 where a field that it needs may be among the unread cells, is empty, or stands in a block
that a form of its kind has and nothing of which was read; it is 不适用 where the form has no such field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, partial
from typing import NamedTuple

from perfbatch.checks.batch import MONEY
from perfbatch.checks.context import Context, Subject, Table
from perfbatch.checks.form import Form, forms
from perfbatch.checks.metadata import Entry
from perfbatch.messages import shipped
from perfbatch.model import Covered
from perfbatch.schema import grouped

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


_document = partial(shipped, "checks/fields.toml")


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


def levels(context: Context, form: Form) -> Levels:
    """What is known of each field of a form."""
    lines: Mapping[Table, Sequence[Subject]] = {"projects": [form], "funds": form.funds, "indicators": form.rows}

    def filled(table: Table, *columns: str) -> bool:
        return any(getattr(line, column) not in ("", None) for line in lines[table] for column in columns)

    # the blocks to which cells of its sheets belong that were not understood
    sheets = {line.sheet for some in lines.values() for line in some}
    unread = {cells.block for sheet in context.sheets if sheet.sheet in sheets for cells in sheet.unread}
    read = {name for name, field in fields().items() if filled(field.table, *field.values)}
    whole = form.fund_total  # its amounts are those that are checked, whatever lines below it say
    if whole is not None:
        read -= {f"fund.{name}" for name in MONEY if getattr(whole, name) is None and not whole.nil(f"{name}_text")}
    there = read | {name for name, field in fields().items() if field.place and filled(field.table, field.place)}
    with_block, lacking = {fields()[name].block for name in there}, _document()["lacking"]

    def level(name: str, block: str) -> Level:
        if name in there:
            return Level.READ if name in read else Level.EMPTY
        if unread & {block, ""} or (block == "head" and unread):
            return Level.UNREAD
        lost = block in lacking and block not in with_block and not form.has(lacking[block])
        return Level.LOST if lost else Level.ABSENT

    return tuple(level(name, field.block) for name, field in fields().items())


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
    lacking += [(Level.UNREAD, name) for name in (*entry.reads, *entry.each) if known[name] is Level.UNREAD]
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
    return State(True, f"有内容没有识别，没有读到{said}", unread=group not in entry.each)


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
        made: dict[tuple[str, Levels], dict[str, State]] = {}
        self._states: list[dict[str, State]] = []
        for form in forms(context):
            if (key := (form.traits, levels(context, form))) not in made:
                known = dict(zip(names, key[1], strict=True))
                told = {code: state(entry, form.traits, known) for code, entry in entries.items()}
                made[key] = {code: why for code, why in told.items() if why is not None}
            self._states.append(made[key])
        self._ids = [form.project_id for form in forms(context)]

    def unread(self, at: int, code: str) -> bool:
        """Whether a check must not speak of the form `at`: what it needs may be among the unread cells."""
        found = self._states[at].get(code)
        return found is not None and found.unread

    def told(self) -> list[Covered]:
        """Forms by what did not look at them."""
        groups = grouped((tuple(states.items()), pid) for pid, states in zip(self._ids, self._states, strict=True))
        found = []
        for why_not, ids in groups.items():
            unchecked = tuple((code, why.reason) for code, why in why_not if why.applicable)
            others = tuple((code, why.reason) for code, why in why_not if not why.applicable)
            found.append(Covered(tuple(ids), unchecked, others))
        return found
