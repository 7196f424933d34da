"""Results kept between runs: one folder a workbook under ``output/.perfbatch/results/``, written once.

A bundle holds ``projects``, ``funds``, ``indicators``, ``findings`` and ``cycle`` as Arrow tables and ``result.json``
with the rest of the `WorkbookResult` and the SHA-256 of every part. It is named by what it depends on (input bytes
and name, settings, program), written under a temporary name and renamed. A bundle that does not prove itself by its
hashes (the power failed before it was on the disk: none is waited for) is thrown away and made again.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from perfbatch.errors import UnpublishedOutput
from perfbatch.model import WorkbookResult
from perfbatch.store import renames, tables
from perfbatch.store.fingerprint import of_texts
from perfbatch.store.lock import unwritable
from perfbatch.store.plain import of_plain, record_in, to_plain

UNPACKED, PARTS = "unpacked", "parts"  # folders that serve one run
TABLES = (*tables.FRAMES, "findings")
_META, _TABLE = "result.json", ".arrows"
_REMARKS = "remarks.json"  # apart from the rest, because only the annotated copy needs it
_CYCLE = "cycle"
_APART = ("frames", "findings", "remarks", "traceback", _CYCLE)  # kept in parts of their own, or not at all
_KEY = 32  # characters of a hash in a path: Windows takes 260 of the whole
_PASSING = frozenset(["unreadable", "too_large"])  # refusals that may be over by the next run


@dataclass(frozen=True, slots=True)
class Bundle:
    """One stored result; knows nothing until asked."""

    folder: Path

    def result(self) -> WorkbookResult | None:
        """Everything but frames and findings; None unless every part is as it was written."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads((self.folder / _META).read_text(encoding="utf-8"))
            body = record["body"]
            found = {name: hashlib.sha256((self.folder / name).read_bytes()).hexdigest() for name in body["parts"]}
            if record["sha256"] == of_texts([_dumped(body)]) and found == body["parts"]:
                return of_plain(body["result"], WorkbookResult)
        return None

    def described(self) -> WorkbookResult:
        """As `result`, of a bundle that has proven itself in this run."""
        body = json.loads((self.folder / _META).read_text(encoding="utf-8"))["body"]
        return of_plain(body["result"], WorkbookResult)

    def remarks(self) -> dict[tuple[str, str], str]:
        """The explanations of questioned scores, by sheet and cell."""
        path = self.folder / _REMARKS
        listed = json.loads(path.read_text(encoding="ascii")) if path.exists() else []
        return {(sheet, cell): text for (sheet, cell), text in listed}

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """One of `TABLES` or ``cycle``, or some of its columns, `coded`; empty where nothing was read."""
        path = self.folder / f"{name}{_TABLE}"
        table = _table(path) if path.exists() else tables.empty(name)
        return table if columns is None else table.select(columns)


@lru_cache(maxsize=128)  # a run asks three times for each; bundles are named by what they hold, so none changes
def _table(path: Path) -> pa.Table:
    return tables.of_bytes(path.read_bytes())


@dataclass(frozen=True, slots=True)
class Store:
    """The bundles below one output folder."""

    root: Path

    def bundle(self, key: str) -> Bundle:
        """The bundle of a key, whether it exists or not."""
        return Bundle(self.root / "results" / key[:2] / key[:_KEY])

    def find(self, key: str) -> WorkbookResult | None:
        """The stored result, or None when there is none; a damaged bundle is removed."""
        bundle = self.bundle(key)
        if not bundle.folder.is_dir():
            return None
        found = bundle.result()
        if found is None:
            shutil.rmtree(bundle.folder, ignore_errors=True)
        return found

    def put(self, key: str, result: WorkbookResult) -> None:
        """Write a bundle unless there is one. Raises OutputFolderFull when the disk or the folder takes nothing."""
        folder = self.bundle(key).folder
        temporary = folder.with_name(f"{folder.name}.{os.getpid()}{renames.TEMPORARY}")
        try:
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            parts: dict[str, str] = {}
            made: dict[str, pa.Table] = {}
            if result.frames is not None:
                made |= {name: tables.of_frame(getattr(result.frames, name), name) for name in tables.FRAMES}
                made["findings"] = tables.of_findings(result.findings)
            if result.cycle is not None:
                made[_CYCLE] = tables.of_frame(result.cycle, _CYCLE)
            for name, table in made.items():
                content = tables.to_bytes(tables.coded(table))
                parts[f"{name}{_TABLE}"] = _write(temporary / f"{name}{_TABLE}", content)
            if result.remarks:
                parts[_REMARKS] = _write(temporary / _REMARKS, json.dumps(to_plain(result.remarks)).encode("ascii"))
            body = _dumped({"result": to_plain(result, _APART), "parts": parts})
            _write(temporary / _META, f'{{"sha256": "{of_texts([body])}", "body": {body}}}'.encode("ascii"))
            try:
                renames.rename(temporary, folder)
            except OSError:  # whoever comes second finds the same bundle there and leaves it
                if not folder.is_dir():
                    raise
        except OSError as error:
            raise _not_kept(self.root.parent, folder, error) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def clean(self) -> None:
        """Remove what interrupted runs left half-written. Only for the holder of the lock."""
        for path in self.root.glob(f"results/*/*{renames.TEMPORARY}"):
            shutil.rmtree(path, ignore_errors=True)
        for pattern in (f"*{renames.TEMPORARY}", f"*/*{renames.TEMPORARY}"):
            for path in self.root.glob(pattern):
                with contextlib.suppress(OSError):
                    path.unlink()
        for name in (UNPACKED, PARTS):
            shutil.rmtree(self.root / name, ignore_errors=True)

    def note(self, kind: str, key: str, record: dict[str, Any]) -> None:
        """Remember a small fact under a key; raises OutputFolderFull."""
        path = self._noted(kind, key)
        try:
            renames.write(path, json.dumps(record, ensure_ascii=True).encode("ascii"))
        except OSError as error:
            raise _not_kept(self.root.parent, path, error) from error

    def noted(self, kind: str, key: str) -> dict[str, Any]:
        """A fact remembered by `note`, or an empty mapping."""
        return record_in(self._noted(kind, key))

    def forget(self, kind: str, keys: Collection[str]) -> None:
        """Remove the facts under other keys than these. Only for the holder of the lock."""
        wanted = {self._noted(kind, key).name for key in keys}
        for path in self.root.glob(f"{kind}/*.json"):
            if path.name not in wanted:
                with contextlib.suppress(OSError):
                    path.unlink()

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Every fact of a kind that `note` remembered, in the order of the keys."""
        return list(filter(None, map(record_in, sorted((self.root / kind).glob("*.json")))))

    def _noted(self, kind: str, key: str) -> Path:
        return self.root / kind / f"{key[:_KEY]}.json"


def is_lasting(result: WorkbookResult) -> bool:
    """Whether the same input must give this result again, so that it may be kept."""
    return result.status != "failed" and result.reason_code not in _PASSING


def _write(path: Path, content: bytes) -> str:
    """Write, and return the SHA-256 of what was written."""
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _not_kept(output: Path, path: Path, error: OSError) -> UnpublishedOutput:
    """Held by another program: a pity for this file; anything else: nothing can be written at all."""
    if not isinstance(error, renames.StillHeld):
        return unwritable(output, error)
    what = f"“{path.relative_to(output).as_posix()}”一直被其他程序占用（多为杀毒软件或同步软件）"
    return UnpublishedOutput(f"输出文件夹“{output}”中的{what}；请稍候重新运行，或把输出文件夹加入其信任名单。")


def _dumped(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=True, sort_keys=True)
