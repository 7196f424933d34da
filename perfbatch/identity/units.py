"""One identity for a unit, however it is written: codes before it, blanks, （本级）, 人民政府, 本单位, aliases."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from perfbatch.identity.names import name_key, similar, split_code
from perfbatch.messages import shipped
from perfbatch.notation import fold
from perfbatch.schema import grouped

Aliases = Mapping[str, Sequence[str]]  # name of a unit → other names of the same (`perfbatch.toml`)
_SUFFIX = 3  # characters of a name that may stand for a longer one (教育局 for 林泉县教育局)


@dataclass(slots=True)
class Units:
    """The units of a batch. `names` by number (0: none stated), `of` the number for each entry.

    `spellings` tells how each was written, `alike` pairs that are probably one unit but were not brought together.
    """

    names: list[str] = field(default_factory=lambda: [""])
    of: list[int] = field(default_factory=list)
    spellings: dict[int, Counter[str]] = field(default_factory=dict)
    alike: list[tuple[int, int]] = field(default_factory=list)


WORDS: Mapping[str, Any] = shipped("identity/words.toml")
_PLACEHOLDERS = frozenset(map(name_key, WORDS["unit"]["placeholders"]))


@lru_cache(maxsize=1 << 16)
def cleaned(text: str) -> tuple[str, str]:
    """Code and name of a unit as written; both empty for a placeholder (本单位, 同上) or nothing."""
    code, name = split_code(text)
    for word in WORDS["unit"]["itself"]:
        if name.endswith(word) and len(name) > len(word):
            name = name.removesuffix(word)
            break
    return (code, name) if name_key(name) not in _PLACEHOLDERS else (code, "")


@lru_cache(maxsize=1 << 16)
def _key(name: str) -> str:
    """Key of a unit's name under its short name (泥沟镇人民政府, 泥沟镇政府, 泥沟镇)."""
    key = name_key(name)
    for rule in WORDS["unit"]["short"]:
        for full in sorted(rule["full"], key=len, reverse=True):
            rest = key.removesuffix(full) + (rule.get("keeps", "") if key.endswith(full) else "")
            if key.endswith(full) and rest.endswith(tuple(rule["after"])) and len(rest) > 1:
                return rest
    return key


def unit_key(name: str) -> str:
    """By which a unit is known, however it is written; empty for a placeholder."""
    code, own = cleaned(name)
    return _key(own or code)


def aliased_names(aliases: Aliases) -> dict[str, str]:
    """Key of every other name → the name of the unit."""
    return {_key(cleaned(other)[1]): cleaned(name)[1] for name, others in aliases.items() for other in others}


def resolve(files: Sequence[str], units: Sequence[str], departments: Sequence[str], aliases: Aliases) -> Units:
    """The units of entries, given file, unit and department of each as written.

    An entry without a unit of its own has that of its department, else the only one of its file.
    """
    aliased = aliased_names(aliases)
    stated = {text: cleaned(text) for text in {*units, *departments}}
    by_code = _names_of_codes(stated[text] for text in set(units))
    own = {text: by_code.get(code, name) or code for text, (code, name) in stated.items()}
    own = {text: aliased.get(_key(name), name) for text, name in own.items()}
    named: dict[str, dict[str, str]] = defaultdict(dict)
    for file, unit in zip(files, units, strict=True):
        if own[unit]:
            named[file].setdefault(_key(own[unit]), own[unit])
    heads = {file: next(iter(some.values())) for file, some in named.items() if len(some) == 1}  # its only unit
    found = Units()
    numbers = {"": 0}  # by key
    for file, unit, department in zip(files, units, departments, strict=True):
        name = own[unit] or own[department] or heads.get(file, "")
        number = numbers.setdefault(_key(name), len(found.names))
        if number == len(found.names):
            found.names.append(name)
            found.spellings[number] = Counter()
        found.of.append(number)
        if number and own[unit]:
            found.spellings[number][unit.strip()] += 1
    for number, spellings in found.spellings.items():
        found.names[number] = _shown(found.names[number], spellings, aliased)
    found.alike = list(_alike(found.names))
    return found


def _names_of_codes(stated: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Code → the one name that stands with it; a code with names that have nothing in common tells nothing."""
    names: dict[str, set[str]] = defaultdict(set)
    for code, name in stated:
        if code and name:
            names[code].add(name)
    longest = {code: max(sorted(some), key=len) for code, some in names.items()}
    return {code: name for code, name in longest.items() if all(similar(_key(one), _key(name)) for one in names[code])}


def _shown(first: str, spellings: Counter[str], aliased: Mapping[str, str]) -> str:
    """The most frequent way in which a unit is written, without its code; the full name before the short one."""
    if first in aliased.values():
        return first
    names = Counter[str]()
    for text, count in spellings.items():
        if name := cleaned(text)[1]:  # in its own width (（ instead of ()
            tails = (text[at:] for at in range(len(text)))
            written = next(("".join(tail.split()) for tail in tails if fold(tail) == name), name)
            names[written] += count
    return max(names, key=lambda name: (names[name], len(name), name)) if names else first


def _alike(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Units of which one's name ends another's, and no third one's (教育局, 林泉县教育局)."""
    keys = {_key(name): number for number, name in enumerate(names) if name}
    endings = ((key[at:], number) for key, number in keys.items() for at in range(1, len(key) - _SUFFIX + 1))
    longer = grouped((ending, number) for ending, number in endings if ending in keys)
    for short, some in longer.items():
        if len(some) == 1:
            yield keys[short], some[0]
