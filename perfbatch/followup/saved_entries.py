"""Entries of reviewers kept in the output folder (``data/review.json``), so that later runs know them.

What is kept is what was entered, not what it led to: every run judges it again by its own figures.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from perfbatch.errors import UsageError
from perfbatch.followup.workpaper_reader import Entry, Filled, Paper

NAME = "data/review.json"
_FORMAT = 1


def load(folder: Path) -> list[Filled]:
    """The entries kept in an output folder, none without the file. Raises UsageError when it is damaged."""
    path = folder / NAME
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != _FORMAT:
            raise ValueError(record["format"])
        return [_filled(book) for book in record["workpapers"]]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"抽查复核记录“{path}”无法读取；请删除该文件，再用 perfbatch review 重新读取底稿。") from error


def text_of(filled: Sequence[Filled]) -> str:
    """The JSON text to keep; same entries, same text."""
    record = {"format": _FORMAT, "workpapers": [asdict(book) for book in filled]}
    return json.dumps(record, ensure_ascii=True, indent=1) + "\n"


def merged(before: Sequence[Filled], now: Sequence[Filled]) -> list[Filled]:
    """Entries of `now`, and of `before` those on projects that `now` says nothing about."""
    renewed = {paper.project_id for book in now for paper in book.papers if paper.filled}
    kept = []
    for book in before:
        papers = [paper for paper in book.papers if paper.project_id not in renewed]
        if papers:
            kept.append(Filled(book.file, book.sha256, papers, book.digests))
    return [*kept, *(_without_blanks(book) for book in now)]


def _without_blanks(book: Filled) -> Filled:
    papers = [paper for paper in book.papers if paper.filled]
    return Filled(book.file, book.sha256, papers, book.digests, book.problems)


def _filled(book: dict[str, Any]) -> Filled:
    papers = [_paper(paper) for paper in book["papers"]]
    digests = {str(key): str(digest) for key, digest in book["digests"].items()}
    return Filled(str(book["file"]), str(book["sha256"]), papers, digests, [str(p) for p in book["problems"]])


def _paper(paper: dict[str, Any]) -> Paper:
    return Paper(**(paper | {"entries": [Entry(*entry) for entry in paper["entries"]]}))
