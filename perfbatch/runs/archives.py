"""Archives as input: the tables inside a .zip become inputs of their own, named ``a.zip/内层.xlsx``.

Everything is inflated under the limits of `perfbatch.intake.guard`; an archive that breaks one is refused as
a whole, because nothing in it can be trusted. Archives inside of archives are named and not opened.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from perfbatch import passed
from perfbatch.errors import RefusedFile
from perfbatch.intake import Limits, sniff
from perfbatch.intake.guard import SafeZip, distinct
from perfbatch.model import ARCHIVE_BYTES
from perfbatch.outputs.files import safe_name
from perfbatch.passed import Kind
from perfbatch.sources import Source, Sources, Supporting, is_evidence, reason_to_skip

LIMITS = Limits(file_bytes=ARCHIVE_BYTES, inflated_bytes=2 << 30, parts=20_000)
_JUNK = "__MACOSX"
_LONGEST = 24  # characters of the name of an unpacked file


def unpacked(found: Sources, folder: Path) -> Sources:
    """`found` with the tables of archives in the place of the archives, unpacked below `folder`.

    A refused archive stays in its place with the refusal. Raises OSError when `folder` takes nothing.
    """
    paths = [*(source.path for source in found.files), *(paper.path for paper in found.evidence)]
    if not any(path.suffix.lower() == ".zip" for path in paths):
        return found
    opened = Sources(skipped=list(found.skipped), rubbish=list(found.rubbish), copies=list(found.copies))
    for paper in found.evidence:
        opened.evidence += _papers(paper, folder / f"e{len(opened.evidence):05d}", opened)
    for source in found.files:
        data = None if source.refusal else _archive(source.path)
        if data is None:
            opened.files.append(source)
            continue
        try:
            members = list(_members(data, source, folder / f"{len(opened.files):05d}", opened))
            empty = ("empty", f"压缩包“{source.name}”里没有表格文件，请确认压缩包内容后重新放入。")
            opened.files += members or [Source(source.path, source.name, empty)]
        except RefusedFile as refusal:
            opened.files.append(Source(source.path, source.name, (refusal.code, str(refusal))))
    return opened


def _papers(paper: Supporting, folder: Path, opened: Sources) -> Iterator[Supporting]:
    """A supporting document, or those in the archive that it is; a broken archive stays one document."""
    data = _archive(paper.path)
    if data is None:
        yield paper
        return
    try:
        archive = SafeZip(data, paper.name, LIMITS, archive=True)
    except RefusedFile:
        yield paper  # what reads the documents says why
        return
    for at, part in enumerate(sorted(archive.names, key=archive.title)):
        inside = PurePosixPath(archive.title(part))
        if _JUNK not in inside.parts and not inside.name.startswith((".", "~$")):
            path = _unpack(archive, part, folder / f"{at:05d}")
            below = f"{paper.below.removesuffix('.zip')}/{inside.as_posix()}"
            yield Supporting(path, f"{paper.name}/{inside.as_posix()}", below, paper.beside)


def _unpack(archive: SafeZip, part: str, folder: Path) -> Path:
    path = folder / _short(safe_name(PurePosixPath(archive.title(part)).name))
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(archive.read(part))
    if saved := archive.saved(part):
        os.utime(path, (saved, saved))
    return path


def _below_evidence(inside: PurePosixPath) -> tuple[str, str] | None:
    """Where a member of an archive of forms lies below its folder of supporting documents, and where that lies."""
    at = next((at for at, name in enumerate(inside.parts[:-1]) if is_evidence(name)), None)
    return None if at is None else ("/".join(inside.parts[at + 1 :]), "/".join(inside.parts[:at]))


def _archive(path: Path) -> bytes | None:
    """The bytes of a plain archive; None of anything else, of which intake says what it is or why it is refused."""
    if path.suffix.lower() == ".zip":
        with contextlib.suppress(OSError):
            if path.stat().st_size <= LIMITS.file_bytes and sniff(data := path.read_bytes()) == "zip":
                return data
    return None


def _members(data: bytes, source: Source, folder: Path, opened: Sources) -> Iterator[Source]:
    archive = SafeZip(data, source.name, LIMITS, archive=True)
    taken: set[str] = set()
    for at, part in enumerate(sorted(archive.names, key=archive.title)):
        inside = PurePosixPath(archive.title(part))
        name = distinct(f"{source.name}/{inside.as_posix()}", taken)
        taken.add(name.lower())
        if _JUNK in inside.parts or passed.is_rubbish(inside.name):
            opened.rubbish.append(name)
            continue
        if (lies := _below_evidence(inside)) is not None:
            path = _unpack(archive, part, folder / f"{at:05d}")
            opened.evidence.append(Supporting(path, name, lies[0], f"{source.name}/{lies[1]}".rstrip("/")))
            continue
        is_nested = inside.suffix.lower() == ".zip"
        reason = _NESTED if is_nested else reason_to_skip(Path(inside.name), explicit=False)
        if isinstance(reason, Kind) and reason.holds:
            yield Source(source.path, name, (reason.code, reason.of(name)))
        elif reason:
            opened.skipped.append((name, reason.reason if isinstance(reason, Kind) else reason))
        elif reason is None:
            yield Source(_unpack(archive, part, folder / f"{at:05d}"), name)


def _short(name: str) -> str:
    """A name that keeps paths short, with its suffix."""
    inner = PurePosixPath(name)
    return f"{inner.stem[:_LONGEST]}{inner.suffix[:8]}"


_NESTED = Kind("archive", "是压缩包内的压缩包，不再解开", "请解压后放入", holds=True)
