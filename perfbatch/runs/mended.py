"""Annotated copies in which somebody has mended cells: each is the newest version of its form and read in its place.

A copy is known by what the run noted when it published it, one among the inputs by its name. Where the form has been
exported again since, the export counts, and both are named: nothing is guessed between two versions.
"""

import contextlib
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from perfbatch.errors import RefusedFile
from perfbatch.forms import own_outputs
from perfbatch.intake import read_book
from perfbatch.intake.grids import is_ours
from perfbatch.model import Book, Change, Mended, a1
from perfbatch.outputs.user_edits import free_name, put_aside, said, text_of
from perfbatch.runs.work import COPIES, Input
from perfbatch.schema import grouped
from perfbatch.sources import Sources, copied_stem
from perfbatch.store.fingerprint import of_file, of_texts
from perfbatch.store.results import Store

_NAMED = 5  # cells that a sentence names


@dataclass(slots=True)
class Found:
    """What was found: the inputs with mended copies in their place, what was mended, sentences for the clerk.

    `taken` are the names of copies among the inputs that were looked at.
    """

    inputs: list[Input]
    mended: list[Mended] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)


class _Copy(NamedTuple):
    """A copy of a form: where it lies, what it is called, its hash, what was noted when it was published."""

    path: Path
    name: str
    sha256: str
    record: Mapping[str, Any]
    ours: bool  # whether it lies in the output folder


def find(inputs: Sequence[Input], sources: Sources, output: Path, store: Store, program: Sequence[str]) -> Found:
    """Look at the copies of all inputs; those as they were published are not even opened."""
    records = {str(record.get("input")): record for record in store.all(COPIES)}
    originals = ((copy, _original(copy.name, inputs)) for copy in sources.copies)
    given = grouped((original, (copy.path, copy.name)) for copy, original in originals if original is not None)
    found = Found([])
    for one in inputs:
        copies = [] if one.refusal else _copies(one, records.get(one.name, {}), given.get(one.name, ()), output)
        found.taken.update(copy.name for copy in copies if not copy.ours)
        found.inputs.append(_newest(one, copies, found, program))
    return found


def _original(copy: str, inputs: Sequence[Input]) -> str | None:
    """The input of which a copy among the inputs is one: that of its name, in its own folder or the only one."""
    folder, _, name = copy.rpartition("/")
    stem = copied_stem(Path(name).stem)
    alike = [one.name for one in inputs if Path(one.name).stem == stem]
    near = [one for one in alike if one.rpartition("/")[0] == folder]
    return next(iter(near or (alike if len(alike) == 1 else [])), None)


def _copies(one: Input, record: Mapping[str, Any], given: Sequence[tuple[Path, str]], output: Path) -> list[_Copy]:
    """Copies that may hold what somebody mended, the one saved last first."""
    found = []
    with contextlib.suppress(OSError):
        path = output / str(record["name"]) if record else None
        if path is not None and path.is_file():
            sha256 = of_file(path)
            if sha256 != record.get("sha256") or record.get("mended"):
                found.append(_Copy(path, path.name, sha256, record, ours=True))
    for path, name in given:
        with contextlib.suppress(OSError):
            found.append(_Copy(path, name, of_file(path), record, ours=False))
    return sorted(found, key=lambda copy: -copy.path.stat().st_mtime)


def _newest(one: Input, copies: Sequence[_Copy], found: Found, program: Sequence[str]) -> Input:
    """The input, or in its place the copy in which somebody has mended something since."""
    for copy in copies:
        try:
            changes, grown = _changes(read_book(one.path, name=one.name), read_book(copy.path, name=copy.name))
        except (RefusedFile, OSError):
            continue  # the reading of the form says why, a copy that cannot be read is put aside when it is in the way
        if not changes and not grown:
            continue
        if _later(one, copy):
            found.told.append(_told_both(one, copy, changes))
            continue
        found.told += _kept_comments(copy)
        found.mended.append(Mended(one.name, copy.name, tuple(changes), grown))
        found.told.append(_told(one, copy, changes, grown=grown))
        key, seen = of_texts([one.name, copy.sha256, *program]), copy.path.stat()
        size, saved = seen.st_size, seen.st_mtime
        return one._replace(path=copy.path, sha256=copy.sha256, size=size, key=key, saved=saved, origin=one.sha256)
    return one


def _kept_comments(copy: _Copy) -> list[str]:
    """What to tell where somebody has written into comments of ours, which are written anew: the copy is kept too."""
    known = set(copy.record.get("said", ()))
    if not copy.ours or not known:
        return []
    try:
        own = [(ref or "", text) for ref, text in said(copy.path) if is_ours(text, "")]
    except (OSError, zipfile.BadZipFile):  # saved in another format
        return []
    if all(of_texts(pair)[:16] in known for pair in own):
        return []
    aside = free_name(copy.path)
    try:
        shutil.copyfile(copy.path, aside)
    except OSError:
        return [f"“{copy.name}”的批注中有人写了字，没能另存；请自行誊录后重新运行。"]
    return [f"“{copy.name}”的批注中有人写了字，原件另存为“{aside.name}”保留；新的批注文件不含所写的字。"]


def _later(one: Input, copy: _Copy) -> bool:
    """Whether the form is newer than the copy: another than the one that was copied, or saved later."""
    if copy.record:
        return bool(copy.record.get("source") != one.sha256)
    return one.saved > copy.path.stat().st_mtime


def _changes(original: Book, copy: Book) -> tuple[list[Change], bool]:
    """The cells that differ, in the order of the form; and whether rows, columns or sheets were put in or taken out."""
    mine, theirs = ({g.sheet: g for g in book.grids if g.sheet != own_outputs.INDEX} for book in (original, copy))
    unknown = {(note.sheet, note.cell) for note in copy.notes if note.code == "formula_without_value"}
    if mine.keys() != theirs.keys() or any(sorted(mine[s].merges) != sorted(theirs[s].merges) for s in mine):
        return [], True
    changes = []
    for sheet, grid in mine.items():
        cells = theirs[sheet].cells
        for place in sorted({*grid.cells, *cells}):
            before, after = grid.cells.get(place), cells.get(place)
            present, right = (text_of(cell) if cell else "" for cell in (before, after))
            if present != right and (sheet, a1(*place)) not in unknown:
                shown = (cell.text if cell else "" for cell in (before, after))
                changes.append(Change(sheet, a1(*place), *shown))
    return changes, False


def _told(one: Input, copy: _Copy, changes: Sequence[Change], *, grown: bool) -> str:
    if grown:
        return (
            f"“{copy.name}”增减了行列或工作表，“{one.name}”按它的内容核对和统计，更正之处不能逐格列出；"
            "请在系统中作同样的更正后重新导出。"
        )
    return (
        f"“{copy.name}”中有人更正了{len(changes)}处（{_places(changes)}），“{one.name}”按更正后的内容核对和统计；"
        "系统中的数据请按汇总表的“系统更正清单”更正后重新导出。"
    )


def _told_both(one: Input, copy: _Copy, changes: Sequence[Change]) -> str:
    """Both have changed: the form counts, the copy is kept."""
    kept = "没有采用"
    if copy.ours and copy.sha256 == copy.record.get("sha256"):  # one changed since is put aside when it is in the way
        aside = put_aside(copy.path)
        kept = f"已改名为“{aside.name}”保留" if aside is not None else "正被打开，没有采用"
    told = f"与新表不同的有{len(changes)}处（{_places(changes)}），" if changes else ""
    return (
        f"“{one.name}”重新导出过，“{copy.name}”也有人更正过，按“{one.name}”核对和统计；“{copy.name}”{kept}，"
        f"{told}仍需更正的请在系统中更正后重新导出。"
    )


def _places(changes: Sequence[Change]) -> str:
    named = "、".join(f"“{change.sheet}”{change.cell}" for change in changes[:_NAMED])
    return named + ("等" if len(changes) > _NAMED else "")
