"""What a result depends on, as one hash: the input's bytes and name, the settings, the program and its data.

Light on purpose (no pandas): the question whether anything changed is asked before anything is loaded.
"""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from perfbatch.config import Settings

# settings that change outputs of the whole run but not what is read from one file
_OF_THE_RUN = {
    "sample", "seed", "selected", "accept", "report", "notice", "report_template", "report_date", "report_text",
    "previous", "unit_name", "targets", "report_file", "published", "roster", "deadline", "evidence", "evidence_of",
}  # fmt: skip


def of_file(path: Path) -> str:
    """SHA-256 of a file's bytes; raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def of_program() -> str:
    """SHA-256 of this package: its code, rulesets, vocabularies and word lists."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in (".py", ".toml")):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def of_settings(settings: Settings, *, whole_run: bool) -> str:
    """Hash of the settings that one file's result depends on, or of all that the outputs depend on.

    A setting that names a file (a ruleset of one's own, last year's output) counts with what it holds.
    """
    values = {name: value for name, value in vars(settings).items() if whole_run or name not in _OF_THE_RUN}
    values = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}
    named = {name: _content(value) for name, value in values.items() if isinstance(value, str) and value}
    text = json.dumps([values, named], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _content(value: str) -> str:
    path = Path(value)
    try:
        if path.is_dir():
            return of_texts(f"{p}{p.stat().st_size}{p.stat().st_mtime_ns}" for p in sorted(path.rglob("*")))
        return of_file(path) if path.is_file() else ""
    except (OSError, ValueError):
        return ""


def of_texts(texts: Iterable[str]) -> str:
    """SHA-256 of texts in order, each ended by a zero byte."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "backslashreplace") + b"\0")
    return digest.hexdigest()
