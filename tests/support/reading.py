"""Short cuts from a file on disk to what the program read from it."""

from __future__ import annotations

from pathlib import Path

from perfbatch.forms import frames, recognise
from perfbatch.forms.recognise import Recognition
from perfbatch.intake import read_book
from perfbatch.model import Frames


def recognised(path: Path) -> Recognition:
    """Forms and sheet readings of a file."""
    return recognise.recognise(read_book(path, name=path.name))


def frames_of(path: Path) -> Frames:
    """Unscored frames of a file."""
    return frames.build(recognised(path).forms)
