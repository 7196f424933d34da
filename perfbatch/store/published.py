"""What this program published under each name of an output folder, so that it knows what somebody else changed.

Noted before a file gets its name: whatever happens then, what lies there is either noted or somebody's own work.
Of workbooks that people fill in, the bytes are kept too: what they were before somebody saved them again.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from perfbatch.store import renames
from perfbatch.store.fingerprint import of_file, of_texts
from perfbatch.store.results import Store

_KIND = "published"
_MOST = 8  # hashes of a name; more only gather while a file stays open for many runs


class Published:
    """The notes on one output folder; safe to use by several processes for different names."""

    def __init__(self, output: Path, store: Store) -> None:
        self.output, self._store = output, store

    def hashes(self, path: Path) -> list[str]:
        """SHA-256 of what was published as `path` and may lie there, the newest first; empty if it never was."""
        return list(self._store.noted(_KIND, self._key(path)).get("sha256", ()))

    def note(self, path: Path, fresh: Path, lying: Sequence[str], *, with_bytes: bool) -> None:
        """Note that the content of `fresh` is about to be published as `path`, where one of `lying` may lie now.

        Raises OutputFolderFull or UnpublishedOutput.
        """
        before = self.hashes(path)
        now = list(dict.fromkeys([of_file(fresh), *lying]))[:_MOST]
        if with_bytes and not (kept := self._bytes(now[0])).exists():
            with contextlib.suppress(OSError):  # without them, a file that somebody has saved is put aside
                kept.parent.mkdir(parents=True, exist_ok=True)
                temporary = kept.with_name(f"{kept.name}{renames.TEMPORARY}")
                shutil.copyfile(fresh, temporary)
                renames.replace(temporary, kept)
        self._store.note(_KIND, self._key(path), {"name": self._name(path), "sha256": now})
        for sha256 in {*before} - {*now}:
            with contextlib.suppress(OSError):
                self._bytes(sha256).unlink(missing_ok=True)

    def versions(self, path: Path) -> Iterator[Path]:
        """The bytes kept of what was published as `path`, as far as they are still what they were."""
        for sha256 in self.hashes(path):
            with contextlib.suppress(OSError):
                if of_file(self._bytes(sha256)) == sha256:
                    yield self._bytes(sha256)

    def names(self) -> dict[str, list[str]]:
        """Every name that was ever published in this folder, with its hashes."""
        found = {}
        for record in self._store.all(_KIND):
            with contextlib.suppress(KeyError, TypeError):
                found[str(record["name"])] = list(map(str, record["sha256"]))
        return found

    def _name(self, path: Path) -> str:
        return path.relative_to(self.output).as_posix()

    def _key(self, path: Path) -> str:
        return of_texts([self._name(path)])

    def _bytes(self, sha256: str) -> Path:
        return self._store.root / _KIND / f"{sha256[:32]}.kept"
