"""How the last run ended and what it was made from, so that the same run again does nothing.

Light on purpose: the answer comes before pandas is loaded.
"""

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path

from perfbatch.config import Settings
from perfbatch.sources import STORE, Source, Sources
from perfbatch.store import fingerprint, renames

_NAME = f"{STORE}/last.json"
_COMPLETE = (0, 1)  # exit codes of runs that left nothing undone


def state(found: Sources, settings: Settings) -> str:
    """Hash of everything that the outputs of a run depend on; empty when an input cannot be read."""
    try:
        inputs = [text for source in (*found.files, *found.copies) for text in (source.name, _content(source))]
        # size and time of last change of the documents: a folder of videos is not hashed before every run
        seen = [(paper.name, paper.path.lstat()) for paper in found.evidence]
        papers = [text for name, stat in seen for text in (name, str(stat.st_size), str(stat.st_mtime_ns))]
    except OSError:
        return ""
    skipped = [*(text for pair in found.skipped for text in pair), *found.rubbish]
    program = (fingerprint.of_program(), fingerprint.of_settings(settings, whole_run=True))
    return fingerprint.of_texts([*program, *inputs, "skipped", *skipped, "evidence", *papers])


def _content(source: Source) -> str:
    """What a file holds; of one that is refused why, since it may be a pipe or larger than the disk."""
    return " ".join(source.refusal) if source.refusal else fingerprint.of_file(source.path)


def unchanged(output: Path, now: str) -> tuple[int, str] | None:
    """Exit code and closing text of the last run if it was made from the same and no output was touched since."""
    try:
        record = json.loads((output / _NAME).read_text(encoding="ascii"))
        same = now and record["state"] == now and record["outputs"] == _hashes(output, record["outputs"])
        return (int(record["code"]), str(record["closing"])) if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(output: Path, now: str, code: int, closing: str, outputs: Iterable[str]) -> None:
    """Remember a complete run; of any other nothing is remembered. A failure to write costs the next run time."""
    path = output / _NAME
    with contextlib.suppress(OSError):
        renames.remove(path)
        if now and code in _COMPLETE:
            record = {"state": now, "code": code, "closing": closing, "outputs": _hashes(output, outputs)}
            renames.write(path, json.dumps(record).encode("ascii"))


def _hashes(output: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: fingerprint.of_file(output / name) for name in names}
