"""Text to the console window, never an encoding error; light, so that it needs no other room."""

import re
import sys
from typing import TextIO

# what drives a terminal or turns the direction of its text: it may stand in the name of a file
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def say(text: str, stream: TextIO | None = None) -> None:
    """Print `text` and a line break; characters the console cannot show become ``?``, nothing is raised."""
    put(f"{text}\n".replace("\r", "?"), sys.stdout if stream is None else stream)


def json_text(text: str) -> str:
    """JSON that `say` leaves as it is."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def put(text: str, stream: TextIO | None) -> None:
    """Write `text` but for control characters, under the same promise; without a console it is dropped."""
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text = _CONTROLS.sub("?", text)
        stream.write(text.encode(encoding, "replace").decode(encoding, "replace"))
        stream.flush()
    except (OSError, ValueError, LookupError):
        return  # closed pipe or window: the results are in the files, a message must not stop the run
