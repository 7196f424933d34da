"""Comments on the cells of an OOXML sheet: the notes of Excel and WPS, and the threads of newer Excel.

Some forms keep the reasons for deviations in them. Parts: ECMA-376 Part 1 §18.7; threads: [MS-XLSX] §2.1.18.
"""

from __future__ import annotations

import re

from perfbatch.intake.grids import bare_comment
from perfbatch.intake.markup import parse
from perfbatch.intake.package import Package, text_of_runs
from perfbatch.model import column_number

_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})", re.ASCII)
Comments = dict[tuple[int, int], str]


def comments_of(package: Package, part: str) -> Comments:
    """Text of each comment by (row, column); a thread takes the place of the note older programs see for it.

    Raises BrokenPart when a part of comments is missing or malformed.
    """
    notes: Comments = {}
    threads: Comments = {}
    for kind, target in package.relations_of(part).values():
        if kind == "comments":
            notes |= _notes(package, target)
        elif kind == "threadedComment":
            threads |= _threads(package, target)
    return {at: text for at, text in (notes | threads).items() if text}


def _notes(package: Package, part: str) -> Comments:
    root = parse(package.read(part))
    authors = [author.text or "" for author in root.iterfind("{*}authors/{*}author")]
    found: Comments = {}
    for comment in root.iterfind("{*}commentList/{*}comment"):
        number = str(comment.get("authorId") or "")
        author = authors[int(number)] if re.fullmatch("[0-9]{1,6}", number) and int(number) < len(authors) else ""
        text = comment.find("{*}text")
        if text is not None and (at := _place(comment.get("ref"))):
            found[at] = bare_comment(text_of_runs(text), author)
    return found


def _threads(package: Package, part: str) -> Comments:
    """A thread as its remarks in order, one a line."""
    found: Comments = {}
    for remark in parse(package.read(part)).iterfind("{*}threadedComment"):
        if at := _place(remark.get("ref")):
            text = (remark.findtext("{*}text") or "").strip()
            found[at] = "\n".join(filter(None, (found.get(at, ""), text)))
    return found


def _place(reference: str | None) -> tuple[int, int] | None:
    match = _PLACE.fullmatch(reference or "")
    return (int(match[2]), column_number(match[1])) if match else None


def commented(package: Package) -> bool:
    """Whether a package has comments at all; asked of its list of contents, which most often says no."""
    types = package.zip.find("[Content_Types].xml")
    return types is not None and b"omments+xml" in package.read(types)
