"""Renaming, replacing, removing with patience: the one way in which this program moves files.

On Windows a virus scanner or an indexer holds a fresh file or folder for a moment, and Excel holds what it shows
for as long as it shows it: the first is waited for, of the second the caller hears (`StillHeld`).
"""

import contextlib
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 2.5  # seconds; scanners let go within one
_FIRST, _LONGEST = 0.05, 0.5  # pauses between two tries
_WINDOWS = {5, 32, 33}  # access denied, sharing violation, lock violation
TEMPORARY = ".tmp"  # suffix of what is not yet whole, in the store
UNFINISHED = ".perfbatch-tmp"  # in the name of an output that is not yet whole


class StillHeld(PermissionError):
    """Another program has held a file all the time."""


def is_held(error: OSError) -> bool:
    """Whether an error may be over in a moment: another program has the file open, or may have it open."""
    if isinstance(error, PermissionError) or error.errno == errno.EBUSY:
        return True
    return getattr(error, "winerror", None) in _WINDOWS


def patiently(action: Callable[[], T], patience: float | None = None) -> T:
    """The value of `action`, tried again while something is held; raises StillHeld after `patience` seconds."""
    deadline, pause = time.monotonic() + (PATIENCE if patience is None else patience), _FIRST
    while True:
        try:
            return action()
        except OSError as error:
            if not is_held(error):
                raise
            if time.monotonic() + pause > deadline:
                raise StillHeld(error.errno or errno.EACCES, error.strerror, error.filename) from error
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST)


def replace(source: Path, target: Path, patience: float | None = None) -> Path:
    """Rename `source` to `target`, replacing a file that is there."""
    return patiently(lambda: source.replace(target), patience)


def rename(source: Path, target: Path) -> Path:
    """Rename `source`, a file or a folder, to a name that is free."""
    return patiently(lambda: source.rename(target))


def remove(path: Path) -> None:
    """Remove a file, whether it is there or not."""
    patiently(lambda: path.unlink(missing_ok=True))


def flush(path: Path) -> None:
    """Force the content of a file to the disk: a rename must never be older than what it names."""

    def synced() -> None:
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())

    patiently(synced)


def write(path: Path, data: bytes) -> None:
    """Write a small file whole or not at all, flushed to the disk before it gets its name."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        flush(temporary)
        replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):  # the next run removes it
            temporary.unlink(missing_ok=True)
