"""Changing an OOXML package part by part: what is not changed is copied byte for byte.

Why not a library that loads and saves workbooks: every one of them rewrites parts it was not asked to touch.
openpyxl loses parts; excelize (0.1.0, tried) rewrites theme, styles, workbook and relation parts, drops the
``scheme`` of fonts and automatic border colours from styles it derives, loses the shape type of buttons, and
gives all comment shapes one id. Sources: ECMA-376 Part 2 (packages), Part 1 §8 and §12.3 (relations).
"""

import io
import posixpath
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree

from perfbatch.errors import UnpublishedOutput
from perfbatch.intake.markup import BrokenPart, local
from perfbatch.intake.package import Package

CONTENT_TYPES = "[Content_Types].xml"
MACRO_BOOK = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
BOOKS = {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", MACRO_BOOK}
_TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_KEPT_COMPRESSED = 0.95
_LEVEL = 3  # a twentieth larger than at the usual 6, in half of the time
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


class CannotPatch(UnpublishedOutput):
    """The package is not of a kind that can be marked in place; the text says why, in Chinese."""


def parse_part(xml: bytes) -> Any:
    """Root element of a part, comments kept; no entities, no network. Raises BrokenPart."""
    try:
        return etree.fromstring(xml, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenPart(str(error)) from error


def serialised(root: Any) -> bytes:
    """A part as bytes, with the declaration that Office writes."""
    body: bytes = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True, standalone=True)
    return body


def main_namespace(root: Any) -> str:
    """Namespace of a part's root: transitional or Strict SpreadsheetML."""
    return str(etree.QName(root).namespace or "")


def relations_part(part: str) -> str:
    """Name of the part that holds the relations of `part`."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


class Draft:
    """A package under change: the parts of the source, overlaid with changed and added ones."""

    def __init__(self, data: bytes, name: str) -> None:
        self.source = Package(data, name=name)
        self.changed: dict[str, bytes] = {}
        self._declared = False
        self._relations: dict[str, Any] = {}  # roots of the relation parts that have got more
        self._free: dict[str, int] = {}  # by pattern of part names: the first number that may be free
        self._known = {part.lower() for part in self.source.names}

    @property
    def book_type(self) -> str:
        """Content type of the workbook part, empty when it is not declared."""
        part = self.source.workbook_part.lower()
        keys = {f"/{part}", part.rpartition(".")[2]}
        found = (one for one in self._types if (one.get("PartName") or one.get("Extension") or "").lower() in keys)
        chosen = max(found, key=lambda element: local(element) == "Override", default=None)
        return "" if chosen is None else str(chosen.get("ContentType"))

    def read(self, part: str) -> bytes:
        """Bytes of a part as it stands now. Raises BrokenPart."""
        return self.changed[part] if part in self.changed else self.source.read(part)

    def put(self, part: str, xml: bytes) -> None:
        """Change or add a part; unchanged bytes leave the part as it is in the source."""
        if part.lower() in self._known and part not in self.changed and self.source.read(part) == xml:
            return
        self._known.add(part.lower())
        self.changed[part] = xml

    def new_part(self, pattern: str) -> str:
        """The first free part name of a pattern such as ``xl/comments{}.xml``."""
        number = self._free.get(pattern, 1)
        while pattern.format(number).lower() in self._known:
            number += 1
        self._free[pattern] = number
        return pattern.format(number)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relation; returns its id. Relations that are there keep theirs."""
        name = relations_part(part)
        name = self.source.zip.find(name) or name
        if name not in self._relations:
            empty = etree.Element(f"{{{_RELATIONS}}}Relationships", nsmap={None: _RELATIONS})
            self._relations[name] = parse_part(self.read(name)) if name.lower() in self._known else empty
        root = self._relations[name]
        taken = {element.get("Id") for element in root}
        identity = next(f"rId{n}" for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
        address = posixpath.relpath("/" + target, "/" + posixpath.dirname(part))
        attributes = {"Id": identity, "Type": f"{self.relation_space}/{kind}", "Target": address}
        etree.SubElement(root, f"{{{_RELATIONS}}}Relationship", attributes)
        return identity

    @cached_property
    def relation_space(self) -> str:
        """Namespace of relation types and ids: Strict packages have their own."""
        root = parse_part(self.source.read(self.source.workbook_part))
        return _STRICT if "purl.oclc.org" in main_namespace(root) else _TRANSITIONAL

    def signature_notes(self) -> list[str]:
        """What to say of a digital signature; nothing without one."""
        signed = any(part.lower().startswith("_xmlsignatures/") for part in self.source.names)
        return ["原文件带有数字签名，签名在批注副本中失效，原文件不受影响。"] if signed else []

    def declare(self, part: str, content_type: str) -> None:
        """Name the content type of an added part."""
        attributes = {"PartName": "/" + part, "ContentType": content_type}
        etree.SubElement(self._types, f"{{{_TYPES}}}Override", attributes)
        self._declared = True

    def declare_extension(self, extension: str, content_type: str) -> None:
        """Name the content type of all parts with an extension, unless it is named already."""
        if any((element.get("Extension") or "").lower() == extension for element in self._types):
            return
        attributes = {"Extension": extension, "ContentType": content_type}
        self._types.insert(0, etree.Element(f"{{{_TYPES}}}Default", attributes))
        self._declared = True

    def save(self, path: Path) -> None:
        """Write the package: source order, source times, unchanged parts with their bytes, new parts last."""
        for name, root in self._relations.items():
            self.put(name, serialised(root))
        if self._declared:
            self.put(self.source.zip.find(CONTENT_TYPES) or CONTENT_TYPES, serialised(self._types))
        entries = self.source.zip.entries
        packed = io.BytesIO()  # zipfile goes back to each entry, on the disk with a write each time
        with zipfile.ZipFile(packed, "w") as new:
            for part in [*entries, *sorted(self.changed.keys() - entries.keys())]:
                entry = _entry(entries.get(part) or zipfile.ZipInfo(part))
                new.writestr(entry, self.read(part), compresslevel=_LEVEL)
        path.write_bytes(packed.getbuffer())

    @cached_property
    def _types(self) -> Any:
        return parse_part(self.source.read(CONTENT_TYPES))


def _entry(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """A fresh directory entry: same name and time; what deflate could not shrink is stored as it is."""
    entry = zipfile.ZipInfo(info.filename, info.date_time)
    entry.external_attr = info.external_attr
    shrunk = info.file_size == 0 or info.compress_size < _KEPT_COMPRESSED * info.file_size
    entry.compress_type = zipfile.ZIP_DEFLATED if shrunk else zipfile.ZIP_STORED
    return entry
