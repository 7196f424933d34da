"""Short cuts from a file on disk to what the program read from it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from perfbatch.forms import frames, money_unit, recognise, vocabulary
from perfbatch.forms.form import Form
from perfbatch.forms.recognise import Recognition
from perfbatch.forms.vocabulary import Vocabulary
from perfbatch.intake import read_book
from perfbatch.model import Frames


def recognised(path: Path) -> Recognition:
    """Forms and sheet readings of a file."""
    return recognise.recognise(read_book(path, name=path.name))


def frames_of(path: Path) -> Frames:
    """Unscored frames of a file."""
    return build(recognised(path).forms)


def build(forms: Iterable[Form], words: Vocabulary | None = None, setting: str = "") -> Frames:
    """Unscored frames of recognised forms, their unit of money settled; `setting` is the user's own word for it."""
    forms = list(forms)
    money_unit.settle(forms, setting)
    return frames.of(forms, words or vocabulary.load())
