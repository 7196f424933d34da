"""The annotated copy: the clerk's own workbook with the cells of findings coloured and commented.

The package is patched, not re-saved: sheets with marks, the styles part, comments and their boxes change,
every other part keeps its bytes. Before publishing, `perfbatch.outputs.fidelity` proves that nothing else
changed. What cannot be patched (.xls, .ods, HTML …) is written anew by `perfbatch.outputs.render`.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from perfbatch.errors import RefusedFile, UnpublishedOutput, why
from perfbatch.forms import own_outputs
from perfbatch.intake import office, read_book, sniff
from perfbatch.intake.reader import decrypted
from perfbatch.model import Book, Finding
from perfbatch.outputs import indexsheet
from perfbatch.outputs.fidelity import Unproven
from perfbatch.outputs.files import moved, publish
from perfbatch.outputs.marks import Beneath, Marking, Remarks
from perfbatch.outputs.ooxml import CannotPatch
from perfbatch.outputs.patch import Patch
from perfbatch.outputs.render import Rendering
from perfbatch.outputs.user_edits import Edited

_WORD = ("docx", *office.KINDS)


class AnnotationReport(NamedTuple):
    """What became of one annotated copy.

    `path` is where it was published (``名称(2).xlsx``, which is `beside`, when another program held its own name).
    `marking` is the clerk's own file with the marks (`Patch`, `WordPatch`), or a new workbook with the same cells
    (`Rendering`). `notes` are Chinese sentences for the clerk.
    """

    path: Path
    marking: Marking
    notes: tuple[str, ...]
    beside: bool


def annotate(
    source: Path,
    target: Path,
    findings: Sequence[Finding],
    *,
    remarks: Remarks | None = None,
    sha256: str = "",
    password: str | None = None,
    edited: Edited | None = None,
    forms: int = 0,
    beneath: Beneath | None = None,
) -> AnnotationReport:
    """Write the annotated copy of `source` to `target` and say what was done.

    A workbook of many `forms` gets a first sheet that lists the findings with links (`perfbatch.outputs.indexsheet`).

    `findings` are those of this workbook; `remarks` maps (sheet, A1) to text that is added to the comment of
    the cell. `sha256` is the digest of what was read: a source that has changed since is not annotated. Where the
    content does not fit the suffix of `target` (macros in an .xlsx), the name says both, as ``a_xlsx.xlsm``.
    A source protected by `password` is annotated in the clear, and the notes say so. A copy that somebody has
    changed is never replaced (`edited`). `beneath` are the fills below the marks of a source that is a copy itself.
    Raises UnpublishedOutput when there is no copy, with one Chinese sentence why.
    """
    data, name, said, indexed = _bytes_of(source, sha256), source.name, remarks or {}, forms > indexsheet.FROM
    in_the_clear = f"“{name}”设有打开密码，批注副本没有密码保护，请妥善保管。"
    told: list[str] = []

    def published(marking: Marking, after: Sequence[str]) -> AnnotationReport:
        wanted = target
        if target.suffix.lower() != marking.suffix:
            wanted = target.with_name(f"{target.stem}{target.suffix.replace('.', '_')}{marking.suffix}")
        path = publish(wanted, marking.save, marking.prove, edited)
        notes = (*told, *marking.notes, *moved(wanted, path), *after)
        return AnnotationReport(path, marking, notes, path != wanted)

    unlocked: list[str] = []
    if password and sniff(data) == "encrypted":
        data, unlocked = decrypted(data, name, password)[0], [in_the_clear]
    try:
        kind = sniff(data)
        if kind in _WORD:
            from perfbatch.outputs.wordmarks import WordPatch  # noqa: PLC0415 - few units send Word forms

            if kind in office.KINDS:
                data = office.as_docx(data, kind, name)
                told.append(f"“{name}”不是 .docx，批注写在转换成的 Word 文档上，版面可能与原件略有不同。")
            return published(WordPatch(data, name, findings, said), unlocked)
        if kind not in ("xlsx", "xlsm"):
            raise CannotPatch("原件不是 .xlsx 格式")
        return published(Patch(data, name, findings, said, beneath or {}, indexed=indexed), unlocked)
    except (CannotPatch, ValueError, RefusedFile, Unproven) as reason:  # BrokenPart too, and numbers that are none
        book, by_password = _read(source, password)
        own_outputs.without_index(book)
        why_not = str(reason).rstrip("。") if isinstance(reason, CannotPatch | Unproven) else "原件的内部结构不规范"
        resave = "Word 或 WPS 另存为 .docx" if book.container in _WORD else "Excel 或 WPS 另存为 .xlsx"
        notice = (
            f"“{name}”无法在原件上直接批注（{why_not}），批注副本按读到的内容重新生成，格式与原件不同；"
            f"要保留原来的格式，请用 {resave} 后重新运行。"
        )
        told = [notice]
        rendering = Rendering(book, findings, said, notice, indexed=indexed)
        return published(rendering, [in_the_clear] if by_password else [])


def _bytes_of(source: Path, sha256: str) -> bytes:
    try:
        data = source.read_bytes()
    except OSError as error:
        reason = f"未能再次读取“{source.name}”（{why(error)}）"
        raise UnpublishedOutput(f"{reason}，没有生成批注副本；请确认文件仍在原处后重新运行。") from error
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        reason = f"“{source.name}”在处理过程中被修改"
        raise UnpublishedOutput(f"{reason}，没有生成批注副本；请关闭该文件后重新运行。")
    return data


def _read(source: Path, password: str | None) -> tuple[Book, bool]:
    """The workbook read again, and whether it took the password."""
    for given in dict.fromkeys((None, password)):
        try:
            return read_book(source, name=source.name, password=given), given is not None
        except RefusedFile as error:
            refusal = error
        if refusal.code != "encrypted":
            break
    raise UnpublishedOutput(f"没有生成“{source.name}”的批注副本：{refusal}") from refusal
