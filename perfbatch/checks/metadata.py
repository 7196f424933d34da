"""What each check is to the clerk: the entries of `<family>.toml`, one a code.

A document has `family`, `title` and, where its checks relay what was worked out before (`perfbatch.checks.relay`),
`relays`: the input it is taken from.

Keys of an entry: `title`, `severity`, `at_most` (how severe a hit may be where that is more than `severity`), `basis`,
`hint` (what can be done this year), `next_year` (what only when targets and points are set again), `deferred` (nothing
can be done this year but by error: the finding is accepted as such), `explained` (a reason on the row answers it),
`why`, `failing` and `passing` (one example each), `parameters` (ruleset keys it reads),
`yields_to` (codes that silence it where they report on the same row), `follows` (codes of which it is a consequence in
the same project, on the same row where both are about one: mended with them); `finds` (in English what it finds, where
it has no function of its own) and `relays` (where that differs from the head); and what it needs of a form, in fields
of `fields.toml` (``a|b``: one of them): `needs` (read), `places` (a place, even empty), `reads` (none may be among the
cells not understood), `each` (the same, but a cell that was is judged alone), `traits` (of its layouts, with names).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from perfbatch.checks import FAMILIES
from perfbatch.messages import shipped
from perfbatch.model import Severity

_HEAD = ("family", "title", "relays")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one check is to the clerk."""

    title: str
    severity: Severity
    basis: str
    hint: str
    why: str
    failing: str
    passing: str
    at_most: Severity
    next_year: str = ""
    deferred: bool = False
    explained: bool = False
    parameters: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    traits: Mapping[str, str] = field(default_factory=dict)
    relays: str = ""
    finds: str = ""


_TEXTS = ("title", "severity", "basis", "hint", "why", "failing", "passing")
_LISTS = ("parameters", "yields_to", "follows", "needs", "places", "reads", "each")
_KEYS = {one.name for one in fields(Entry)}


def _families() -> Mapping[str, Mapping[str, Any]]:
    return {family: shipped(f"checks/{stem}.toml") for family, stem in FAMILIES.items()}


def family_title(family: str) -> str:
    """What a family is about, in Chinese."""
    return str(_families()[family]["title"])


def written() -> list[str]:
    """The codes that have an entry."""
    return [code for document in _families().values() for code in document if code not in _HEAD]


def relayed() -> dict[str, str]:
    """The codes without a function of their own, and the input that each is taken from."""
    return {
        code: found.get("relays") or document["relays"]
        for document in _families().values()
        for code, found in document.items()
        if code not in _HEAD and "finds" in found
    }


def entry(code: str) -> Entry | None:
    """The entry of a check; None where it lacks something (`faults` says what)."""
    found = _families().get(code[:2], {}).get(code)
    if found is None or list(_faults(code, found)):
        return None
    severity = Severity(found["severity"])
    known = {**found, "severity": severity, "at_most": Severity(found.get("at_most", severity))}
    return Entry(**known | {name: tuple(found.get(name, ())) for name in _LISTS})


def faults(code: str) -> list[str]:
    """What is wrong with the entry of a check, a sentence each."""
    stem = FAMILIES.get(code[:2])
    if stem is None:
        return [f"{code}: no family {code[:2]}; there are {', '.join(FAMILIES)}"]
    found = _families()[code[:2]].get(code)
    if found is None:
        return [f"{code} has no entry [{code}] in perfbatch/checks/{stem}.toml"]
    return [f"{code} in perfbatch/checks/{stem}.toml {fault}" for fault in _faults(code, found)]


def _faults(code: str, found: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"lacks `{name}`" for name in _TEXTS if not found.get(name))
    yield from (f"has an unknown key `{name}`" for name in sorted(found.keys() - _KEYS))
    grades = [grade.value for grade in Severity]
    for name in ("severity", "at_most"):
        if found.get(name, grades[0]) not in grades:
            yield f"has `{name} = {found[name]!r}`, which is none of {', '.join(grades)}"
    for name in _LISTS:
        if not isinstance(found.get(name, []), list):
            yield f"has `{name}` that is no list"
    if found.get("deferred") and not found.get("next_year"):
        yield "is `deferred`, but has no `next_year`"
    if code in found.get("follows", ()):
        yield "follows itself"
    if code in found.get("yields_to", ()):
        yield "yields to itself"
