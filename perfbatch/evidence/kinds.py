"""Of `evidence.toml`: words and limits, kinds of documents by their words, which of them a reviewer would ask for."""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import PurePath
from typing import Any

from perfbatch.messages import shipped
from perfbatch.notation import fold
from perfbatch.rulesets import unmarked


def table() -> dict[str, Any]:
    """All of `evidence.toml`."""
    return shipped("evidence/evidence.toml")


@cache
def one_of(key: str) -> re.Pattern[str]:
    """Pattern of the words `key`, longest first."""
    return re.compile("|".join(map(re.escape, sorted(map(fold, table()["words"][key]), key=len, reverse=True))))


def limit(key: str) -> int:
    """One of the limits."""
    return int(table()["limits"][key])


@lru_cache(maxsize=1 << 14)
def event_of(text: str) -> int:
    """The group of events that a folded text speaks of by the last of its words, -1 for none."""
    named = ((at, word) for at, event in enumerate(table()["event"]) for word in event["words"] if word in text)
    return max(((text.rfind(word) + len(word), at) for at, word in named), default=(0, -1))[1]


@cache
def events_in(name: str) -> frozenset[int]:
    """All groups of events that a folded name speaks of: 车辆购置完成时间 is a 购置 and a 完成."""
    return frozenset(at for at, event in enumerate(table()["event"]) if any(word in name for word in event["words"]))


@cache
def papers() -> dict[str, Mapping[str, str]]:
    """All kinds of documents by id; `says`: their figures are ``done``, ``planned`` or neither (empty)."""
    return {one["id"]: one for one in table()["paper"]}


def of(whole: str, name: str, opening: str = "") -> tuple[str, ...]:
    """Kinds of a document by its heading, else by its name, else by its text; all folded, the main one first.

    A name is the weaker witness: 合同附件—验收单.docx is what its heading says.
    """
    by_heading, by_name = _titled(opening)[:1], _titled(fold(PurePath(name).stem))
    if by_heading or by_name:
        return tuple(by_heading + ([] if {*by_heading} & {*by_name} else by_name[:1]))
    told = (one for one in table()["paper"] if one["body"] and sum(word in whole for word in one["body"]) >= one["of"])
    return tuple(one["id"] for one in told)[:1]


def _titled(text: str) -> list[str]:
    """Kinds whose word stands in a heading, by where it ends: a 合同验收单 is a 验收单."""
    found: list[tuple[int, str]] = []
    for one in table()["paper"]:
        if ends := [text.rfind(word) + len(word) for word in one["title"] if word in text]:
            found.append((max(ends), one["id"]))
    return [kind for _, kind in sorted(found, key=lambda one: -one[0])]


def says(found: Iterable[str]) -> str:
    """What the figures of a document are: of its main kind."""
    return next((papers()[one]["says"] for one in found), "")


@cache
def _kind(level1: str, level2: str, name: str) -> dict[str, Any] | None:
    pairs = ((text, kind) for text in (level2, level1, name) for kind in table()["kind"])
    return next((dict(kind) for text, kind in pairs if any(word in text for word in kind["words"])), None)


def evidence_for(level1: str, level2: str, name: str = "") -> str:
    """Typical documents for an indicator, joined by 、; the kind is told by level 2, then 1, then the name."""
    kind = _kind(level1, level2, name)
    return "、".join(kind["evidence"]) if kind else str(table()["other"])


def missing(level1: str, level2: str, name: str, there: Collection[str]) -> list[str]:
    """What is asked for and not `there`, each as one phrase: 验收单、检测报告之一; empty when nothing lacks."""
    kind = _kind(level1, level2, name)
    lacking = [some for some in (kind["papers"] if kind else []) if not any(one in there for one in some)]
    names = ["、".join(papers()[one]["name"] for one in some) for some in lacking]
    return [f"{name}之一" if len(some) > 1 else name for name, some in zip(names, lacking, strict=True)]


def remark() -> str:
    """Where the list comes from, in one Chinese phrase."""
    return f"{unmarked(table()['citation'])}，可按实际增减"
