"""The annotated copy: the clerk's own workbook with the cells of findings coloured and commented.

The package is patched, not re-saved: sheets with marks, the styles part, comments and their boxes change,
every other part keeps its bytes. Before publishing, `perfbatch.outputs.fidelity` proves that nothing else
changed. What cannot be patched (.xls, .ods, HTML …) is written anew by `perfbatch.outputs.render`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from perfbatch.errors import RefusedFile, UnpublishedOutput
from perfbatch.intake import read_book
from perfbatch.intake.package import BrokenPart
from perfbatch.model import Book, Finding
from perfbatch.outputs.fidelity import Unproven, prove
from perfbatch.outputs.files import publish
from perfbatch.outputs.ooxml import CannotPatch
from perfbatch.outputs.patch import Patch
from perfbatch.outputs.render import render


@dataclass(frozen=True, slots=True)
class AnnotationReport:
    """What became of one annotated copy.

    `path` is where it was published (``名称(2).xlsx`` when the name was locked). `mode` is ``in_place`` for
    the clerk's own workbook with marks, ``rendered`` for a new workbook with the same cells. `marked` are the
    commented cells as (sheet, A1 reference of the cell that shows the mark). `unplaced` are findings whose
    sheet or cell the workbook does not have. `notes` are Chinese sentences for the clerk.
    """

    path: Path
    mode: Literal["in_place", "rendered"]
    marked: frozenset[tuple[str, str]]
    unplaced: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def annotate(
    source: Path,
    target: Path,
    findings: Sequence[Finding],
    *,
    remarks: Mapping[tuple[str, str], str] | None = None,
    book: Book | None = None,
) -> AnnotationReport:
    """Write the annotated copy of `source` to `target` and say what was done.

    `findings` are those of this workbook; `remarks` maps (sheet, A1) to text that is added to the comment of
    the cell. `book` is what intake read; without it a source that must be written anew is read again.
    The suffix of `target` follows the content (``.xlsm`` with macros, else ``.xlsx``). Raises
    UnpublishedOutput when the copy could not be written, or neither way could be proven harmless.
    """
    try:
        data = source.read_bytes()
        patch = Patch(data, source.name, findings, remarks or {})
        path = publish(
            target.with_suffix(patch.suffix), patch.save, lambda written: prove(data, written, patch.marked)
        )
    except (CannotPatch, BrokenPart, RefusedFile, Unproven) as reason:
        notice = (
            f"“{source.name}”无法在原件上直接批注（{str(reason).rstrip('。')}），"
            "批注副本按读到的内容重新生成，格式与原件不同。"
        )
        book = book or _read(source)
        new = render(book, target.with_suffix(".xlsx"), findings, remarks=remarks, notice=notice)
        return AnnotationReport(new.path, "rendered", new.marked, new.unplaced, (notice, *new.notes))
    except FileNotFoundError as error:
        advice = "请确认文件没有被移走后重新运行"
        raise UnpublishedOutput(f"未能再次读取“{source.name}”，没有生成批注副本；{advice}。") from error
    marked = frozenset(patch.marked)
    return AnnotationReport(path, "in_place", marked, tuple(patch.unplaced), tuple(patch.notes))


def _read(source: Path) -> Book:
    try:
        return read_book(source, name=source.name)
    except RefusedFile as error:
        raise UnpublishedOutput(f"没有生成“{source.name}”的批注副本：{error}") from error
