"""Data styles of OpenDocument as number format codes, so that one drawing serves every container.

OpenDocument 1.3 Part 3 §16.29 (data styles) and §16.3 (style:map).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from perfbatch.intake.markup import attribute, local

DATA_STYLES = (
    "number-style", "currency-style", "percentage-style", "date-style", "time-style", "boolean-style", "text-style",
)  # fmt: skip
_MOST_PLACES = 30
_THOUSAND = 1_000


class Styles:
    """Format codes of the cell styles met so far; cell styles inherit from their parents."""

    def __init__(self) -> None:
        self._cells: dict[str, tuple[str, str]] = {}  # cell style → data style, parent
        self._codes: dict[str, str] = {}
        self._maps: dict[str, list[tuple[str, str]]] = {}  # data style → (condition, data style)

    def take(self, element: Any) -> None:
        """Take a finished ``style:style`` of cells or a data style; a later one of the same name replaces it."""
        name = attribute(element, "name")
        if local(element) == "style":
            if attribute(element, "family") == "table-cell":
                self._cells[name] = attribute(element, "data-style-name"), attribute(element, "parent-style-name")
            return
        self._codes[name] = _code(element)
        maps = [child for child in element if local(child) == "map"]
        self._maps[name] = [(_condition(child), attribute(child, "apply-style-name")) for child in maps]

    def code(self, style: str) -> str:
        """Format code of a cell style; empty where it has none."""
        for _ in range(10):  # as deep as anybody nests styles, and no circle
            data, style = self._cells.get(style, ("", ""))
            if data in self._codes:
                return self._of_data(data)
            if not style:
                break
        return ""

    def _of_data(self, name: str) -> str:
        parts = [f"[{condition}]{self._codes.get(other, '')}" for condition, other in self._maps[name] if condition]
        return ";".join([*parts, self._codes[name]])


def _condition(element: Any) -> str:
    """``value()>=0`` as a code writes it."""
    text = "".join(attribute(element, "condition").split()).removeprefix("value()").replace("!=", "<>")
    return text if text[:1] in "<>=" else ""


def _code(style: Any) -> str:
    """One section: the children of a data style in order."""
    kind = local(style)
    pieces = [_piece(child, kind) for child in style]
    coloured = any(local(child) == "text-properties" and attribute(child, "color") for child in style)
    return ("[Red]" if coloured else "") + "".join(pieces)


def _quoted(text: str) -> str:
    return "".join('\\"' if run == '"' else f'"{run}"' for run in re.findall('[^"]+|"', text))


def _piece(element: Any, kind: str) -> str:
    tag = local(element)
    draw = _PIECES.get(tag)
    if draw is not None:
        return draw(element)
    if tag in ("text", "currency-symbol"):
        text = element.text or ""
        return "%".join(map(_quoted, text.split("%"))) if kind == "percentage-style" else _quoted(text)
    return ""


def _whole(element: Any, name: str, default: int = 0) -> int:
    text = attribute(element, name)
    return min(int(text), _MOST_PLACES) if text.isascii() and text.isdigit() and len(text) < 4 else default


def _number(element: Any) -> str:
    """Places for digits; text among them as ``0\\.0000`` has it, thousands that are not shown as commas."""
    decimals = attribute(element, "decimal-places")
    inner = {
        _whole(child, "position"): _quoted(child.text or "") for child in element if local(child) == "embedded-text"
    }
    if not decimals and not inner:
        return "General"
    least = _whole(element, "min-integer-digits")
    places = ""
    for at in range(max(least, *inner, 1) + 1 if inner else max(least, 1)):
        places = ("0" if at < least else "#") + (inner.get(at, "") if at else "") + places
    places += inner.get(0, "")
    if attribute(element, "grouping") == "true" and not inner:
        places = "#,##" + places if len(places) < 2 else places[:-3] + "," + places[-3:]
    factor = re.fullmatch(r"([0-9]{1,18})(?:\.0*)?", attribute(element, "display-factor"), re.ASCII)
    commas, left = 0, int(factor[1]) if factor else 1
    while left >= _THOUSAND and left % _THOUSAND == 0:
        commas, left = commas + 1, left // _THOUSAND
    wide = _whole(element, "decimal-places")
    return places + ("." + "0" * wide if wide else "") + "," * commas


def _long(element: Any, short: str, long: str) -> str:
    return long if attribute(element, "style") == "long" else short


def _month(element: Any) -> str:
    return _long(element, "mmm", "mmmm") if attribute(element, "textual") == "true" else _long(element, "m", "mm")


def _hours(element: Any) -> str:
    elapsed = "truncate-on-overflow" in str(element.attrib) and attribute(element, "truncate-on-overflow") == "false"
    return _long(element, "[h]", "[hh]") if elapsed else _long(element, "h", "hh")


_PIECES: dict[str, Callable[[Any], str]] = {
    "number": _number,
    "scientific-number": lambda element: "0.00E+00",
    "fraction": lambda element: "# ?/?",
    "text-content": lambda element: "@",
    "year": lambda element: _long(element, "yy", "yyyy"),
    "month": _month,
    "day": lambda element: _long(element, "d", "dd"),
    "day-of-week": lambda element: _long(element, "aaa", "aaaa"),
    "hours": _hours,
    "minutes": lambda element: _long(element, "m", "mm"),
    "seconds": lambda element: _long(element, "s", "ss"),
    "am-pm": lambda element: "AM/PM",
}
