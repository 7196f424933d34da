"""Text to the console window, never an encoding error; light, so that it needs no other room."""

from __future__ import annotations

import sys
from typing import TextIO


def say(text: str, stream: TextIO | None = None) -> None:
    """Print `text` and a line break; characters the console cannot show become ``?``, nothing is raised."""
    put(f"{text}\n", sys.stdout if stream is None else stream)


def put(text: str, stream: TextIO | None) -> None:
    """Write `text` as it is, under the same promise; without a console (``pythonw``, closed) it is dropped."""
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding, "replace"))
        stream.flush()
    except (OSError, ValueError, LookupError):
        return  # closed pipe or window: the results are in the files, a message must not stop the run
