"""Values of rulesets as a reader expects them, in the manuals, on the console and in the summary."""

from __future__ import annotations

from collections.abc import Mapping


def in_words(value: object) -> str:
    """A value as text: 关闭 (None), 是/否, lists with 、, steps with →, tables with their names."""
    if value is None:
        return "关闭"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "；".join(f"{key}{_part(part)}" for key, part in value.items())
    if isinstance(value, list | tuple | frozenset | set):
        return "、".join(_step(part) if isinstance(part, tuple) else in_words(part) for part in value) or "（空）"
    return str(value)


def _part(part: object) -> str:
    """A value of a table; a table in a table stands in brackets."""
    if isinstance(part, Mapping):
        return f"（{'，'.join(f'{key} {in_words(value)}' for key, value in part.items()) or '空'}）"
    return f"：{in_words(part)}"


def _step(step: tuple[object, ...]) -> str:
    return "→".join(map(in_words, step))
