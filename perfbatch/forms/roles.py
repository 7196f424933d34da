"""What each line of an indicator block is: a scored row, a child, a parent, a placeholder …

Real forms mix them freely (domain reference on layouts, traps T6–T8, T10, T11, T28, T29).
"""

from __future__ import annotations

import re
from functools import lru_cache

from perfbatch.forms.form import Form, Line
from perfbatch.forms.vocabulary import Vocabulary
from perfbatch.notation import fold, is_nil

VALUES = ("target", "actual")


def assign(form: Form, vocabulary: Vocabulary, levels: list[tuple[str, str]]) -> list[tuple[str, int | None]]:
    """Role and, for children, the row of the parent, for each line of `form`.

    `levels` holds the canonical level-1 and level-2 names of the lines.
    """
    own = [_own_role(line, vocabulary, level) for line, level in zip(form.lines, levels, strict=True)]
    roles: list[tuple[str, int | None]] = []
    parent: Line | None = None
    parent_levels: tuple[str, str] | None = None
    for at, line in enumerate(form.lines):
        role = own[at]
        if parent_levels != levels[at]:
            parent = None
        if role == "indicator" and form.has_points:
            if _is_parent(form, at, own, levels):
                role = "parent"
            elif parent is not None and not _scored(line) and _valued(line):
                role = "child"
        if role == "child" and parent is None:
            role = "indicator" if _scored(line) else "child"
        if role in ("indicator", "parent") and _scored(line):
            parent, parent_levels = line, levels[at]
        roles.append((role, parent.row if role == "child" and parent else None))
    return roles


def _own_role(line: Line, vocabulary: Vocabulary, level: tuple[str, str]) -> str:
    name = fold(line.text("level3"))
    if level[0] == "预算执行率" or vocabulary.levels["level1"].get(name) == "预算执行率":
        return "execution"
    if _placeholder(name, vocabulary) and not _valued(line):
        return "placeholder" if name or not _scored(line) else "indicator"
    if level[0] == "过程指标" and not _valued(line):
        return "process"
    if _names_child(name, vocabulary) and not _scored(line):
        return "child"
    return "indicator"


def _is_parent(form: Form, at: int, own: list[str], levels: list[tuple[str, str]]) -> bool:
    """Points without values, directly followed by lines with values and without points."""
    line = form.lines[at]
    if not _scored(line) or _valued(line) or at + 1 >= len(form.lines):
        return False
    following = form.lines[at + 1]
    return (
        levels[at + 1] == levels[at]
        and _valued(following)
        and not _scored(following)
        and own[at + 1] in ("indicator", "child")
    )


@lru_cache(maxsize=4096)
def _placeholder(name: str, vocabulary: Vocabulary) -> bool:
    return any(re.match(pattern, name) for pattern in vocabulary.raw["placeholders"]["names"])


@lru_cache(maxsize=4096)
def _names_child(name: str, vocabulary: Vocabulary) -> bool:
    return re.match(vocabulary.raw["placeholders"]["child"], name) is not None


def _scored(line: Line) -> bool:
    """Whether points or a score are typed on this very line (a shared group cell counts as such)."""
    return not (is_nil(line.text("points")) and is_nil(line.text("score")))


def _valued(line: Line) -> bool:
    return any(not is_nil(line.text(name)) for name in VALUES)
