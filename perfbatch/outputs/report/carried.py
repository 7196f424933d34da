"""What a person filled into a draft of the report, carried into the next one by its place: nothing is typed twice.

A draft leaves a record of its paragraphs with slots (`.perfbatch/report.json`). Of the report that somebody has filled
in, each such paragraph is found again by its fixed words; what stands where a slot stood is what was filled in.
"""

import contextlib
import hashlib
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perfbatch.errors import UsageError
from perfbatch.intake import prose
from perfbatch.outputs.report.phrases import Piece, Slot

RECORD = ".perfbatch/report.json"
_OPEN = "【待填写"
LAST_YEAR = "沿用上年，请核对"  # leads what last year's report said
_FIXED = 4  # fixed characters by which a paragraph is known; one with fewer is known by its neighbours
_LONGEST = 4000  # characters of one filled place
Key = tuple[str, str, int]  # heading, prompt without its figures, which of the equal ones below that heading


class _Keys(Counter[tuple[str, str]]):
    """The places of slots, one after the other."""

    def next(self, heading: str, prompt: str) -> Key:
        """The key of the next slot with that prompt below a heading."""
        plain = re.sub(r"\d+(?:\.\d+)?", "#", prompt)
        self[heading, plain] += 1
        return heading, plain, self[heading, plain] - 1


@dataclass(slots=True)
class Carried:
    """`filled` is what a person wrote by place, `last` what stood there in last year's report; `places` are the
    paragraphs with slots of the draft that is being written, `used` how many slots were filled from before."""

    filled: dict[Key, str] = field(default_factory=dict)
    last: dict[Key, str] = field(default_factory=dict)
    places: list[dict[str, Any]] = field(default_factory=list)
    used: int = 0
    _keys: _Keys = field(default_factory=_Keys)
    _before: str = ""  # the paragraph before, where it is fixed words alone

    def paragraph(self, heading: str, pieces: Iterable[Piece]) -> list[Piece]:
        """The pieces of a paragraph with what was filled in; a paragraph with slots is remembered."""
        pieces = list(pieces)
        open_ = any(isinstance(piece, Slot) for piece in pieces)
        fixed = "" if open_ else "".join(map(str, pieces)).strip()
        if self.places and self.places[-1]["after"] is None and (fixed or any(map(bool, pieces))):
            self.places[-1]["after"] = fixed
        before, self._before = self._before, fixed or (self._before if not pieces else "")
        if open_:
            told = [["slot", some.prompt, some.lead] if isinstance(some, Slot) else ["text", some] for some in pieces]
            self.places.append({"heading": heading, "pieces": told, "before": before, "after": None})
        return [self._said(heading, piece) if isinstance(piece, Slot) else piece for piece in pieces]

    def _said(self, heading: str, slot: Slot) -> Piece:
        """What was filled into a slot, else what last year's report said there, else the slot."""
        key = self._keys.next(heading, slot.prompt)
        text, last = self.filled.get(key, ""), self.last.get(key, "") if slot.lasting else ""
        self.used += bool(text)
        return text or (Slot(last, LAST_YEAR) if last else slot)


def load(output: Path, path: Path | None) -> Carried:
    """What was filled into the report `path`, of which a draft of this folder left its record; nothing without one."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, UsageError):
        if path is not None:
            record = json.loads((output / RECORD).read_text(encoding="utf-8"))
            return Carried(dict(_filled(record[path.name], prose.paragraphs(path))))
    return Carried()


def _filled(places: Sequence[dict[str, Any]], texts: Sequence[str]) -> Iterable[tuple[Key, str]]:
    start, keys = 0, _Keys()
    for place in places:
        found = _place(place, texts, start)
        slots = [piece for piece in place["pieces"] if piece[0] == "slot"]
        for number, (_, prompt, lead) in enumerate(slots):
            key = keys.next(place["heading"], prompt)
            text = found[1][number].strip() if found is not None else ""
            left_open = any(mark in text for mark in (_OPEN, f"【{LAST_YEAR}"))
            if text and not left_open and lead == Slot("").lead and len(text) <= _LONGEST:
                yield key, text
        if found is not None:
            start = found[0] + 1


def _place(place: dict[str, Any], texts: Sequence[str], start: int) -> tuple[int, list[str]] | None:
    """The last paragraph of a place of the record in the filled report, and what stands in its slots."""
    pieces = place["pieces"]
    if sum(len(piece[1].strip()) for piece in pieces if piece[0] == "text") < _FIXED:
        return _between(place, texts, start) if len(pieces) == 1 else None
    pattern = re.compile("".join(re.escape(p[1]) if p[0] == "text" else "(.*?)" for p in pieces), re.DOTALL)
    for at in range(start, len(texts)):
        if found := pattern.fullmatch(texts[at]):
            return at, list(found.groups())
    return None


def _between(place: dict[str, Any], texts: Sequence[str], start: int) -> tuple[int, list[str]] | None:
    """What stands between the fixed paragraphs before and after a paragraph that is a slot alone."""
    before, after = place["before"], place["after"]
    if not before or not after:
        return None
    plain = [text.strip() for text in texts]
    first = next((at for at in range(max(start - 1, 0), len(plain)) if plain[at] == before), None)
    last = None if first is None else next((at for at in range(first + 1, len(plain)) if plain[at] == after), None)
    if first is None or last is None:
        return None
    return last - 1, ["\n".join(texts[first + 1 : last])]


def remember(output: Path, name: str, carried: Carried) -> None:
    """Keep where the slots of a draft stand; a failure to write only costs that nothing is carried over."""
    path = output / RECORD
    with contextlib.suppress(OSError, ValueError):
        record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        record[name] = carried.places
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def untouched(path: Path) -> bool:
    """Whether a report is as the program left it; of what cannot be opened, nobody can say so."""
    try:
        with zipfile.ZipFile(path) as package:
            return f">{digest(package.read('word/document.xml'))}<".encode() in package.read("docProps/core.xml")
    except (zipfile.BadZipFile, zlib.error, OSError, KeyError):  # cut off, locked by a password, open, of another kind
        return False


def digest(document: bytes) -> str:
    """What a report keeps in its properties of the document as the program wrote it."""
    return hashlib.sha256(document).hexdigest()
