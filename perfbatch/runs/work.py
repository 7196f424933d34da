"""What one worker does with one file: read it into a stored bundle, later write its annotated copy.

Both may be run twice, by two workers, or be killed at any moment: what they leave behind is published once
and whole, or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from perfbatch import pipeline
from perfbatch.config import Settings, password_of
from perfbatch.intake import uncollected
from perfbatch.model import Finding, WorkbookResult
from perfbatch.outputs import annotate
from perfbatch.outputs.user_edits import Edited, said
from perfbatch.runs.once import Silent
from perfbatch.store import tables
from perfbatch.store.fingerprint import of_file, of_texts
from perfbatch.store.published import Published
from perfbatch.store.results import Store, is_lasting

COPIES = "copies"  # notes of the store: what a copy was made of


class Input(NamedTuple):
    """One file of a run: where it lies, the name it goes by, its hash and size (bytes), the key of its bundle, when it
    was saved (seconds; 0 unknown), why it is not read (code and sentence), and the hash of the form where an annotated
    copy is read in its place."""

    path: Path
    name: str
    sha256: str
    size: int
    key: str
    saved: float = 0.0
    refusal: tuple[str, str] | None = None
    origin: str = ""


class Copied(NamedTuple):
    """A published annotated copy: its name in the output folder, sentences for the clerk, whether it had to go beside
    a file that is open."""

    name: str
    notes: tuple[str, ...] = ()
    beside: bool = False


@uncollected()
def read_one(one: Input, store: Path, settings: Settings) -> WorkbookResult:
    """Read one file and keep the result; returned is the result without frames and findings.

    Raises OutputFolderFull when the output folder takes nothing, MemoryError when the file takes too much.
    """
    kept = Store(store)
    found = kept.find(one.key)  # a worker that died after writing has done this task already
    if found is not None:
        return slim(found)
    result = pipeline.process_workbook(one.path, one.name, settings)
    if result.sha256 and result.sha256 != one.sha256:
        result.status, result.reason_code = "failed", "changed"
        result.reason = f"“{one.name}”在处理过程中被修改，没有处理完；请关闭该文件后重新运行。"
    result.sha256 = one.sha256
    if result.frames is not None:
        result.beyond = tuple(tables.unstorable(result.frames))
    if result.status == "failed":
        result.frames, result.size, result.findings = None, None, []
    elif is_lasting(result):
        kept.put(one.key, result)
    return slim(result)


def slim(result: WorkbookResult) -> WorkbookResult:
    """`result` without what the bundle holds, so that it costs little to send and to keep."""
    checks = [] if result.size else result.checks
    return replace(result, findings=[], frames=None, remarks={}, checks=checks, cycle=None)


class Across(NamedTuple):
    """What a run knows of a file beyond itself: findings across files (packed), its own that are not said, answers."""

    more: bytes = b""
    silent: Silent = Silent()
    answered: tuple[bytes, bytes] = (b"", b"")  # findings as said, and as people's answers leave them (packed)

    def key(self, bundle: str) -> str:
        """What an annotated copy depends on besides the program."""
        return of_texts([bundle, self.more.hex(), self.silent.text(), *(some.hex() for some in self.answered)])


def across(
    file: str, packed: Mapping[str, bytes], silent: Mapping[str, Silent], changed: Sequence[tuple[Finding, Finding]]
) -> Across:
    """What a run knows of a file: of the findings across files, of what is not said, of the answers."""
    before, after = ([pair[side] for pair in changed] for side in (0, 1))
    return Across(packed.get(file, b""), silent.get(file, Silent()), (tables.packed(before), tables.packed(after)))


@uncollected()
def copy_one(one: Input, target: Path, store: Path, known: Across, settings: Settings) -> Copied:
    """Annotate one file with its own findings and those from across files. Raises UnpublishedOutput."""
    kept, password = Store(store), password_of(settings)
    bundle, edited = kept.bundle(one.key), Edited(Published(target.parent, kept))
    own, remarks = tables.to_findings(bundle.table("findings")), bundle.remarks()
    for finding in filter(known.silent.about, own):
        remarks.pop((finding.sheet, finding.cell), None)
    findings = [finding for finding in own if not known.silent.about(finding)] + tables.unpacked(known.more)
    before, after = map(tables.unpacked, known.answered)
    answered = dict(zip(before, after, strict=True))
    findings = [answered.get(finding, finding) for finding in findings]
    fills = kept.noted(COPIES, of_texts([target.name])).get("beneath", {}) if one.origin else {}
    edited.carried |= {one.sha256} if one.origin else set()
    size = bundle.described().size
    report = annotate.annotate(
        one.path, target, findings, remarks=remarks, sha256=one.sha256, password=password, edited=edited,
        beneath=fills, forms=size.projects if size else 0,
    )  # fmt: skip
    notes = list(report.notes)
    record = {
        "made_of": known.key(one.key), "sha256": of_file(report.path), "notes": notes, "name": report.path.name,
        "input": one.name, "source": one.origin or one.sha256, "mended": bool(one.origin),
        "beneath": report.marking.beneath,
        "said": sorted(of_texts([ref or "", text])[:16] for ref, text in said(report.path)),
    }  # fmt: skip
    kept.note(COPIES, of_texts([report.path.name]), record)
    return Copied(report.path.name, (*edited.told, *notes), report.beside)


def copied_before(one: Input, target: Path, store: Path, known: Across) -> Copied | None:
    """The annotated copy of an earlier run, if it is what would be written now and nobody has touched it."""
    record = Store(store).noted(COPIES, of_texts([target.name]))
    if record.get("made_of") != known.key(one.key):
        return None
    try:
        intact = of_file(target) == record.get("sha256")
    except OSError:
        return None
    return Copied(target.name, tuple(map(str, record.get("notes", ())))) if intact else None
