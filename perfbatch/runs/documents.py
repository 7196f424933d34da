"""What a run holds its tables against besides other tables: the report that a unit wrote, and what it published."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from perfbatch import schema
from perfbatch.config import Settings
from perfbatch.errors import UsageError
from perfbatch.intake import prose
from perfbatch.notation import read_target
from perfbatch.outputs import report

_LEAST = 60  # characters of a text that can be a report
_WORDS = ("自评", "绩效")


def load(output: Path, settings: Settings) -> tuple[dict[str, Any], str]:
    """The report given, else the one in the output folder that somebody has filled in.

    Returned are inputs of the checks across files, and what has to be said of the document. Raises UsageError for a
    path that is not there or no Word document.
    """
    path = Path(settings.report_file) if settings.report_file else report.filled(output)
    if path is None:
        return {}, ""
    if not path.is_file():
        raise UsageError(f"找不到 --report 指定的报告“{path}”，请核对文件名。")
    try:
        text = "\n".join(prose.paragraphs(path))
    except UsageError:
        if settings.report_file:
            raise
        return {}, ""
    if len(text) < _LEAST or not all(word in text for word in _WORDS):
        return {}, f"“{path.name}”不是绩效自评报告（没有写到绩效自评），没有与自评表核对。"
    return {"report": text, "report_file": path.name}, ""


def task(frames: Sequence[pd.DataFrame], deadline: str) -> dict[str, Any] | None:
    """When projects were handed in, by code and by name (empty: listed without a time), and until when it was due.

    None without a list that has such a column, or without any date that it was due.
    """
    submitted: dict[str, str] = {}
    due: list[str] = []
    for frame in frames:
        rows = list(schema.rows(frame, "project_code", "project_name", "submitted", "deadline"))
        if not any(when.strip() for _, _, when, _ in rows):
            continue
        for code, name, when, until in rows:
            day = _day(when)
            if when.strip() and not day:
                continue  # not a date: nobody knows when
            for key in filter(None, (code.strip(), name.strip())):
                submitted.setdefault(key, day)
            due += filter(None, [_day(until)])
    end = deadline or max(set(due), key=due.count, default="")
    return {"end": end, "submitted": submitted} if end and submitted else None


def _day(text: str) -> str:
    """A date as ISO text; a time of day behind it is left out."""
    found = read_target(text.strip().partition(" ")[0].partition("T")[0]) if text.strip() else None
    return found.date_to.isoformat() if found is not None and found.date_to else ""


def published(frames: Sequence[pd.DataFrame]) -> dict[str, dict[str, Any]]:
    """What lists of projects say was published: by code and by name, score and executed amount (万元)."""
    found: dict[str, dict[str, Any]] = {}
    for frame in frames:
        for code, name, *figures in schema.rows(frame, "project_code", "project_name", "total_declared", "executed"):
            said = {key: value for key, value in zip(("score", "executed"), figures, strict=True) if value is not None}
            for key in filter(None, (code.strip(), name.strip())) if said else ():
                found.setdefault(key, said)
    return found
