"""How projects and units are known: keys that width, blanks, punctuation and codes in front do not change."""

import re
from difflib import SequenceMatcher
from functools import lru_cache

from perfbatch.notation import fold

_PUNCTUATION = re.compile(r"[^\w]+")
# 601001-林泉县教育局, [601001]林泉县教育局, 601001 林泉县教育局: the platform prints codes before names
_CODE_BEFORE = re.compile(r"^[(]?(\d[\dA-Za-z.]{1,40})[)]?[-_.:、 ]*(?=[^\W\d_A-Za-z])")
_SIMILAR = 0.75  # share of equal characters from which two names may be one that was changed
_LEAST = 4  # characters of a name that another one may contain by more than chance
_CODE_LEAST = 4  # shorter ones are numbers of rows


@lru_cache(maxsize=1 << 16)
def name_key(name: str) -> str:
    """A name without width, blanks, punctuation and case, for recognising a project again."""
    return _PUNCTUATION.sub("", fold(name)).lower()


@lru_cache(maxsize=1 << 16)
def project_key(name: str) -> str:
    """Key of a project's name, without a code that is printed before it (13012322P00001-道路养护)."""
    folded = fold(name)
    found = _CODE_BEFORE.match(folded)
    own = folded[found.end() :] if found and len(found[1]) >= _CODE_LEAST and not _is_year(found[1]) else folded
    return name_key(own)


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdigit()


def code_key(code: str) -> str:
    """Key of a project's code; empty where it is none that could tell projects apart (serial numbers, 无, 1.3E+17)."""
    key = _PUNCTUATION.sub("", fold(code)).upper()
    damaged = re.fullmatch(r"\d+E\d+", key) is not None
    least = _CODE_LEAST if key.isdigit() else _CODE_LEAST - 1  # K-17
    return "" if damaged or len(key) < least or not any(char.isdigit() for char in key) else key


def split_code(text: str) -> tuple[str, str]:
    """The code before a unit's name, and the name; a code alone has no name."""
    folded = fold(text)
    if folded.isdigit():
        return folded, ""
    found = _CODE_BEFORE.match(folded)
    if found and found[1].isdigit() and not _is_year(found[1]):
        return found[1], folded[found.end() :]
    return "", folded


def similar(one: str, other: str) -> bool:
    """Whether two keys may be one name that was changed: one in the other, or most characters equal."""
    short, long = sorted((one, other), key=len)
    if one == other or (len(short) >= _LEAST and short in long):
        return True
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _SIMILAR
