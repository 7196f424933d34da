"""Deriving a marked cell's format from its own: the same record of ``cellXfs`` with another fill.

Records are appended, never renumbered, so every unmarked cell keeps its format. ECMA-376 Part 1 §18.8.10
(cellXfs), §18.8.20 (fill), §18.8.45 (xf).
"""

import copy
from collections.abc import Callable
from typing import Any

from lxml import etree

from perfbatch.intake.markup import local
from perfbatch.outputs.ooxml import main_namespace, parse_part, serialised

MOST_FORMATS = 65_490  # of a workbook, in Excel 2007 and later
STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_MINIMAL = (
    '<styleSheet xmlns="{}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
)


class CellStyles:
    """The styles part of a workbook under change; `xml` is None when there is none (`namespace` given)."""

    def __init__(self, xml: bytes | None, namespace: str = "") -> None:
        self._xml = xml
        self._root = styles_root(xml, namespace)
        self._fills, self._formats = table(self._root, "fills"), table(self._root, "cellXfs")
        self._xfs = records(self._formats, "xf")
        self._known: dict[Any, int] = {signature(xf): number for number, xf in reversed(list(enumerate(self._xfs)))}
        self._derived: dict[tuple[int, str], int] = {}
        self._grown = xml is None
        self.full = False  # whether a cell could not be given its fill

    def filled(self, base: int, rgb: str) -> int:
        """Number of the format that equals format `base` but for a solid fill RRGGBB."""
        key = (base, rgb)
        if key not in self._derived:
            number = self._number_of(lambda fill: _solid_rgb(fill) == rgb, self._solid(rgb))
            self._derived[key] = self._derive(base, number)
        return self._derived[key]

    def fill_of(self, base: int) -> str:
        """The fill of format `base` as markup, empty for none."""
        number = int(self._xfs[base if base < len(self._xfs) else 0].get("fillId") or 0)
        fills = records(self._fills, "fill")
        return etree.tostring(fills[number], encoding="unicode", with_tail=False) if 0 < number < len(fills) else ""

    def refilled(self, base: int, fill: str) -> int:
        """Number of the format that equals format `base` but for a fill as `fill_of` told of it."""
        key = (base, fill)
        if key not in self._derived:
            wanted = parse_part(fill.encode("utf-8")) if fill else None
            said = None if wanted is None else signature(wanted)
            number = 0 if wanted is None else self._number_of(lambda other: signature(other) == said, wanted)
            self._derived[key] = self._derive(base, number)
        return self._derived[key]

    def with_fill(self, rgbs: set[str]) -> set[int]:
        """Numbers of the formats whose fill is solid in one of these colours."""
        ours = {str(n) for n, fill in enumerate(records(self._fills, "fill")) if _solid_rgb(fill) in rgbs}
        return {number for number, xf in enumerate(self._xfs) if xf.get("fillId") in ours}

    def to_bytes(self) -> bytes:
        """The part; the very bytes of the source when nothing had to be added."""
        return serialised(self._root) if self._grown or self._xml is None else self._xml

    def _derive(self, base: int, fill: int) -> int:
        # Excel treats a number past the end as damage; readers show such a cell with the default format.
        xf = copy.deepcopy(self._xfs[base if base < len(self._xfs) else 0])
        xf.tail = None
        xf.set("fillId", str(fill))
        xf.set("applyFill", "1")
        said = signature(xf)
        if said in self._known:
            return self._known[said]
        if len(self._xfs) >= MOST_FORMATS:
            self.full = True
            return base  # Excel calls a workbook with more damaged; the comment is there all the same
        self._formats.append(xf)
        self._xfs.append(xf)
        self._formats.set("count", str(len(self._xfs)))
        self._known[said] = len(self._xfs) - 1
        self._grown = True
        return len(self._xfs) - 1

    def _number_of(self, same: Callable[[Any], bool], otherwise: Any) -> int:
        """Number of the first fill that is the `same`; without one, `otherwise` becomes the last."""
        fills = records(self._fills, "fill")
        for number, fill in enumerate(fills):
            if same(fill):
                return number
        self._fills.append(otherwise)
        self._fills.set("count", str(len(fills) + 1))
        self._grown = True
        return len(fills)

    def _solid(self, rgb: str) -> Any:
        space = main_namespace(self._root)
        fill = etree.Element(f"{{{space}}}fill", nsmap=self._root.nsmap)
        pattern = etree.SubElement(fill, f"{{{space}}}patternFill", patternType="solid")
        etree.SubElement(pattern, f"{{{space}}}fgColor", rgb="FF" + rgb)
        etree.SubElement(pattern, f"{{{space}}}bgColor", indexed="64")
        return fill


def styles_root(xml: bytes | None, namespace: str) -> Any:
    """Root of a styles part in which the tables that formats need are there, if only with their defaults.

    `xml` is None for a workbook without styles part, whose cells all have the default format.
    """
    if xml is None:
        return parse_part(_MINIMAL.format(namespace).encode("utf-8"))
    root = parse_part(xml)
    given = {local(child): child for child in root}
    defaults = parse_part(_MINIMAL.format(main_namespace(root)).encode("utf-8"))
    names = ["numFmts", *map(local, defaults)]
    for default in list(defaults):
        if len(given.get(local(default), ())):
            continue
        before = names[: names.index(local(default))]
        at = sum(local(child) in before for child in root)
        if local(default) in given:
            root.remove(given[local(default)])
        root.insert(at, default)
    return root


def table(root: Any, name: str) -> Any:
    """A table of the styles part, such as ``fills``."""
    return next(child for child in root if local(child) == name)


def records(table: Any, name: str) -> list[Any]:
    """The records of a table in the order of their numbers; of alternatives the one for plain Excel."""
    found = []
    for child in table:
        if local(child) == name:
            found.append(child)
        elif local(child) == "AlternateContent":
            found += list(child.iterfind(f"{{*}}Fallback/{{*}}{name}"))[:1]
    return found


def signature(element: Any, without: frozenset[str] = frozenset()) -> tuple[Any, ...]:
    """What an element says, whatever its prefixes: tag, attributes (of its own none of `without`), text, children."""
    attributes = sorted((str(key), str(value)) for key, value in element.attrib.items() if key not in without)
    text = (element.text or "") if not len(element) else (element.text or "").strip()
    return (str(element.tag), tuple(attributes), text, *map(signature, element))


def _solid_rgb(fill: Any) -> str:
    """RRGGBB of a solid fill with a plain colour, else empty."""
    pattern = next((child for child in fill if local(child) == "patternFill"), None)
    if pattern is None or pattern.get("patternType") != "solid":
        return ""
    colour = next((child for child in pattern if local(child) == "fgColor"), None)
    return "" if colour is None or colour.get("tint") else (colour.get("rgb") or "")[-6:].upper()
