"""Zips of workbooks, as units send them: the members laid out as files of their own."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from perfbatch.intake.guard import Limits, SafeZip, refuse
from perfbatch.intake.reader import bytes_of

_UNSEEN = ("__MACOSX/", ".")


def unpack(path: Path, folder: Path, *, name: str, limits: Limits | None = None) -> list[tuple[str, Path]]:
    """Write the members of a zip into `folder` (made if need be): (name to show, file) in name order.

    The files have numbers for names and keep their suffixes, so no member can choose its path; the name to show
    is ``<name>/<member>``. Hidden members and those of macOS are left out; a zip inside a zip is a member like
    any other, which `read_book` refuses as ``archive``. Raises RefusedFile as for any container, and
    ``unreadable`` when the folder cannot be written.
    """
    limits = limits or Limits()
    archive = SafeZip(bytes_of(path, name, limits), name, limits)
    members = sorted((archive.title(part), part) for part in archive.names if not _hidden(part))
    found: list[tuple[str, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, (title, part) in enumerate(members, 1):
            target = folder / f"{number:05}{_suffix(title)}"
            target.write_bytes(archive.read(part))
            found.append((f"{name}/{title}", target))
    except OSError as error:
        raise refuse("unreadable", name, "解压时无法写入输出文件夹", "请检查磁盘空间和权限") from error
    return found


def _hidden(part: str) -> bool:
    return part.startswith(_UNSEEN) or "/." in part


def _suffix(title: str) -> str:
    suffix = PurePosixPath(title).suffix.lower()
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) < 7 else ""
