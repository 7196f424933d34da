"""Annotated copies in which a person has changed cells: put aside, so that the new copy does not take their place.

Copies are meant to be looked at, but who finds the error marked in front of him will often mend it there.
"""

from __future__ import annotations

import contextlib
from itertools import count
from pathlib import Path
from typing import Any

from perfbatch.errors import RefusedFile
from perfbatch.intake import read_book
from perfbatch.kept.fingerprint import of_file, of_texts
from perfbatch.kept.store import Store
from perfbatch.sources import ANNOTATED_MARK

_COPIES = "copies"  # notes of the store: what was last published under a name


def remember(kept: Store, copy: Path, record: dict[str, Any]) -> None:
    """Note what was published as `copy`, its ``sha256`` among it, so that a later change is noticed."""
    kept.note(_COPIES, of_texts([copy.name]), record)


def remembered(kept: Store, copy: Path) -> dict[str, Any]:
    """What was noted of `copy` when it was published, or an empty mapping."""
    return kept.noted(_COPIES, of_texts([copy.name]))


def put_aside(kept: Store, copy: Path, source: Path, password: str | None) -> tuple[str, ...]:
    """Rename a `copy` of `source` whose cells somebody has changed; what to tell the clerk, or nothing.

    Merely saved again it may be replaced: its cells are those of the source. So may one that was never touched,
    though the source has changed, and one that nothing can be read from.
    """
    with contextlib.suppress(OSError):  # open in Excel: the new copy goes beside it anyway
        if of_file(copy) == remembered(kept, copy).get("sha256"):
            return ()
        if not _changed(copy, source, password):
            return ()
        aside = _free(copy)
        copy.rename(aside)
        told = f"“{copy.name}”中的单元格有人改过，已改名为“{aside.name}”保留，没有覆盖"
        return (f"{told}；改动请同样改到原表或系统中，重新导出后再运行。",)
    return ()


def _changed(copy: Path, source: Path, password: str | None) -> bool:
    try:
        own = _texts(copy, None)
    except RefusedFile as refused:
        return refused.code == "encrypted"  # nobody but a person locks it
    try:
        return own != _texts(source, password)
    except RefusedFile:
        return True


def _texts(path: Path, password: str | None) -> dict[str, dict[tuple[int, int], str]]:
    book = read_book(path, name=path.name, password=password)
    return {grid.sheet: {at: cell.text for at, cell in grid.cells.items()} for grid in book.grids}


def _free(copy: Path) -> Path:
    stem = copy.stem.removesuffix(ANNOTATED_MARK)
    names = (f"{stem}(已修改{number if number > 1 else ''}){ANNOTATED_MARK}{copy.suffix}" for number in count(1))
    return next(path for name in names if not (path := copy.with_name(name)).exists())
