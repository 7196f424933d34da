"""Which of two files with one project was handed in later: by their names, else by the time they were saved."""

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from perfbatch.identity.units import words
from perfbatch.notation import fold

_DATE = re.compile(r"(?<!\d)(20\d{2})[-_.年]?(0?[1-9]|1[0-2])[-_.月]?(0?[1-9]|[12]\d|3[01])日?(?!\d)")
_NUMBER = re.compile(
    r"\((\d{1,2})\)|第(\d{1,2})(?:次|版|稿)|[vV](\d{1,2})(?:\.\d+)?(?!\d)|(?<!\d)(\d{1,2})(?:次|稿|版)"
)
SAVED = "文件保存时间"  # the weakest of the ways to tell
_DIGITS = str.maketrans("一二三四五六七八九", "123456789")


class Submission(NamedTuple):
    """What a file's name says about when it was handed in, and when it was saved (seconds; 0 unknown)."""

    date: str
    number: int
    word: int
    saved: float


@lru_cache(maxsize=1 << 14)
def named(file: str) -> tuple[str, int, int]:
    """Date, number and word (later 1, earlier -1) in the name of a file and its folders."""
    path = PurePosixPath(fold(file).translate(_DIGITS))
    text = "/".join((*path.parts[:-1], path.stem))
    dates = ["".join((y, m.zfill(2), d.zfill(2))) for y, m, d in _DATE.findall(text)]
    numbers = [int(next(filter(None, found))) for found in _NUMBER.findall(text)]
    rules = words()["submission"]
    earlier = any(word in text for word in rules["earlier"])
    word = -1 if earlier else int(any(word in text for word in rules["later"]))
    return max(dates, default=""), max(numbers, default=1), word


def submission(file: str, saved: float) -> Submission:
    """What is known of a file."""
    return Submission(*named(file), saved)


def later(one: Submission, other: Submission) -> tuple[bool, str] | None:
    """Whether `one` was handed in after `other`, and by what that is known (Chinese); None where nothing tells."""
    if one.word * other.word < 0 or (one.word != other.word and -1 in (one.word, other.word)):
        return one.word > other.word, "文件名"
    if one.date and other.date and one.date != other.date:
        return one.date > other.date, "文件名中的日期"
    if one.number != other.number:
        return one.number > other.number, "文件名中的次数"
    if one.word != other.word:
        return one.word > other.word, "文件名"
    if one.saved and other.saved and one.saved != other.saved:
        return one.saved > other.saved, SAVED
    return None
