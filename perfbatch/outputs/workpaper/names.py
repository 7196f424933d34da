"""Names of the sheets of a workpaper: a number, so that they differ whatever the projects are called."""

from __future__ import annotations

from collections.abc import Sequence

from perfbatch.outputs.files import safe_name

_LONGEST = 31  # UTF-16 units


def sheet_names(projects: Sequence[str]) -> list[str]:
    """``01项目名称`` for each project, legal in Excel and different without regard to case."""
    digits = max(2, len(str(len(projects))))
    return [_cut(f"{at:0{digits}}{_legal(name)}") for at, name in enumerate(projects, start=1)]


def _legal(name: str) -> str:
    return safe_name(name).translate(str.maketrans("[]'", "()_"))


def _cut(name: str) -> str:
    return name.encode("utf-16-le")[: _LONGEST * 2].decode("utf-16-le", "ignore").rstrip()
