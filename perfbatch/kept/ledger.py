"""What the last complete run was made from and what it made, so that a run with nothing to do does nothing.

Light on purpose: the answer comes before pandas is loaded.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfbatch.config import Settings
from perfbatch.kept import fingerprint
from perfbatch.sources import Sources

_NAME = "last.json"
_COMPLETE = (0, 1)  # exit codes of runs that left nothing undone


@dataclass(frozen=True, slots=True)
class Last:
    """How the last run ended: exit code and closing text."""

    code: int
    closing: str


def state(found: Sources, settings: Settings) -> str:
    """Hash of everything that the outputs of a run depend on; empty when an input cannot be read."""
    try:
        inputs = [text for source in found.files for text in (source.name, fingerprint.of_file(source.path))]
    except OSError:
        return ""
    skipped = [text for pair in found.skipped for text in pair]
    program = (fingerprint.of_program(), fingerprint.of_settings(settings, whole_run=True))
    return fingerprint.of_texts([*program, *inputs, "skipped", *skipped])


def unchanged(folder: Path, output: Path, now: str) -> Last | None:
    """The end of the last run if it was made from the same state and none of its outputs was touched."""
    try:
        record = json.loads((folder / _NAME).read_text(encoding="ascii"))
        body = record["body"]
        if not now or body["state"] != now or record["sha256"] != _digest(body):
            return None
        if any(fingerprint.of_file(output / name) != sha256 for name, sha256 in body["outputs"].items()):
            return None
        return Last(int(body["code"]), str(body["closing"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def record(folder: Path, output: Path, now: str, last: Last, outputs: list[str]) -> None:
    """Remember a complete run; of any other nothing is remembered. A failure to write costs the next run time."""
    path = folder / _NAME
    temporary = path.with_name(f"{_NAME}.{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        if not now or last.code not in _COMPLETE:
            return
        hashes = {name: fingerprint.of_file(output / name) for name in outputs}
        body = {"state": now, "code": last.code, "closing": last.closing, "outputs": hashes}
        temporary.write_text(json.dumps({"sha256": _digest(body), "body": body}), encoding="ascii")
        temporary.replace(path)


def _digest(body: dict[str, Any]) -> str:
    return fingerprint.of_texts([json.dumps(body, sort_keys=True)])
