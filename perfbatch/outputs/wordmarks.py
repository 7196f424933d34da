"""Putting comments at the cells of a Word form: its own document, every paragraph and table as it was.

Nothing is coloured, since the body must stay what it is; each comment opens with its severity. Comments of an earlier
annotated copy are taken out first. Vocabulary: ECMA-376 Part 1 §17.13.4.
"""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lxml import etree

from perfbatch.intake.grids import AUTHOR
from perfbatch.intake.markup import namespace
from perfbatch.intake.word import Page, blocks, body_of, child, is_own, is_word, layout, number, value
from perfbatch.model import Finding
from perfbatch.outputs.marks import marks_of
from perfbatch.outputs.ooxml import CannotPatch, Draft, parse_part, serialised

COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
ANCHORS = ("commentRangeStart", "commentRangeEnd", "commentReference")
_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
_INITIALS = "核"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class WordPatch:
    """A document with the comments put in, ready to be saved; attributes as of `perfbatch.outputs.patch.Patch`.

    Raises CannotPatch or BrokenPart for what cannot be marked in place.
    """

    def __init__(
        self, data: bytes, name: str, findings: Sequence[Finding], remarks: Mapping[tuple[str, str], str]
    ) -> None:
        self.marked: set[tuple[str, str]] = set()
        self.unplaced: list[Finding] = []
        self.notes: list[str] = []
        self._draft = Draft(data, name)
        part = self._draft.source.workbook_part
        root = parse_part(self._draft.read(part))
        self._space = namespace(root)
        body = body_of(root)
        if is_own(self._draft.source, root):
            raise CannotPatch("是本程序生成的报告")
        existing = self._draft.related(part, "comments")
        self._texts = self._comments(existing)
        earlier = self._take_out_ours()
        strip(root, earlier)
        self._next = max((number(one, "id", -1) for one in self._texts), default=-1) + 1
        by_sheet: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            by_sheet[finding.sheet].append(finding)
        for page in layout(body).pages:
            said = {cell: text for (sheet, cell), text in remarks.items() if sheet == page.name}
            self._mark(page, by_sheet.pop(page.name, []), said)
        self.unplaced += [finding for left in by_sheet.values() for finding in left]
        if self.marked or earlier:
            self._draft.put(part, serialised(root))
            self._draft.put(existing or self._new_part(part), serialised(self._texts))
        if any(one.lower().startswith("_xmlsignatures/") for one in self._draft.source.names):
            self.notes.append("原文件带有数字签名，签名在批注副本中失效，原文件不受影响。")

    @property
    def suffix(self) -> str:
        """Suffix that fits the content."""
        return ".docm" if self._draft.book_type == _MACROS else ".docx"

    @property
    def save(self) -> Callable[..., None]:
        """Writes the package to a path."""
        return self._draft.save

    def _comments(self, part: str | None) -> Any:
        if part is not None:
            return parse_part(self._draft.read(part))
        return etree.Element(self._space + "comments", nsmap={"w": self._space.strip("{}")})

    def _new_part(self, document: str) -> str:
        usual = posixpath.join(posixpath.dirname(document), "comments.xml")
        taken = self._draft.source.zip.find(usual)
        part = self._draft.new_part(usual.replace(".xml", "{}.xml")) if taken else usual
        self._draft.relate(document, "comments", part)
        self._draft.declare(part, COMMENTS_TYPE)
        return part

    def _take_out_ours(self) -> set[str]:
        """Drop the comments of an earlier copy; their ids."""
        ours = [one for one in self._texts if is_word(one, "comment") and value(one, "author") == AUTHOR]
        for one in ours:
            self._texts.remove(one)
        return {value(one, "id") for one in ours}

    def _mark(self, page: Page, found: list[Finding], said: dict[str, str]) -> None:
        merges = [place.area for place in page.places if place.area[:2] != place.area[2:]]
        marks, homeless = marks_of(found, said, merges)
        self.unplaced += homeless
        elements = {(place.area.top, place.area.left): place.element for place in page.places}
        for mark in marks:
            element = elements.get(mark.place)
            if element is None and mark.place == (1, 1):  # said of the whole sheet
                element = page.places[0].element
            if element is None:
                self.unplaced += [finding for finding in found if finding.cell == mark.ref]
                continue
            self._anchor(element)
            self._say(mark.text)
            self._next += 1
            self.marked.add((page.name, mark.ref))

    def _anchor(self, element: Any) -> None:
        """Put the range and the mark of the next comment into a paragraph or the paragraphs of a cell."""
        lines = [element] if is_word(element, "p") else [one for one in blocks(element) if is_word(one, "p")]
        lines = lines or list(element.iter(self._space + "p"))
        if not lines:
            raise CannotPatch("有的单元格里没有段落")
        start, end, run, mark = (self._element(name) for name in ("commentRangeStart", "commentRangeEnd", "r", ""))
        lines[0].insert(0 if child(lines[0], "pPr") is None else 1, start)
        lines[-1].append(end)
        run.append(mark)
        lines[-1].append(run)

    def _element(self, name: str) -> Any:
        named = {self._space + "id": str(self._next)}
        if name == "r":
            return etree.Element(self._space + name)
        return etree.Element(self._space + (name or "commentReference"), named)

    def _say(self, text: str) -> None:
        w = self._space
        attributes = {w + "id": str(self._next), w + "author": AUTHOR, w + "initials": _INITIALS}
        comment = etree.SubElement(self._texts, w + "comment", attributes)
        for line in text.split("\n"):
            run = etree.SubElement(etree.SubElement(comment, w + "p"), w + "r")
            etree.SubElement(run, w + "t", {_SPACE: "preserve"}).text = line.replace("\t", " ")


def strip(root: Any, ids: set[str]) -> None:
    """Take the ranges and marks of comments out of a document."""
    w = namespace(root)
    for one in list(root.iter(*[w + name for name in ANCHORS])):
        if value(one, "id") not in ids:
            continue
        parent = one.getparent()
        _drop(one)
        if is_word(parent, "r") and all(is_word(left, "rPr") for left in parent):
            _drop(parent)


def _drop(element: Any) -> None:
    """Remove an element; a text behind it stays."""
    parent, before = element.getparent(), element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
