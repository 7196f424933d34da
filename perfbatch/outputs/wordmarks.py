"""Putting comments at the cells of a Word form: its own document, every paragraph and table as it was.

Nothing is coloured, since the body must stay what it is; each comment opens with its severity. Comments of an earlier
annotated copy are taken out first. Vocabulary: ECMA-376 Part 1 §17.13.4.
"""

import posixpath
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from perfbatch.intake.grids import AUTHOR
from perfbatch.intake.markup import namespace
from perfbatch.intake.word import Page, blocks, body_of, child, is_own, is_word, layout, number, value
from perfbatch.model import Finding
from perfbatch.outputs.marks import Marking, Remarks
from perfbatch.outputs.ooxml import CannotPatch, Draft, parse_part, serialised
from perfbatch.outputs.wordproof import ANCHORS, prove, strip

COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
_INITIALS = "核"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class WordPatch(Marking):
    """A document with the comments put in, ready to be saved; attributes as of `perfbatch.outputs.patch.Patch`.

    Raises CannotPatch or BrokenPart for what cannot be marked in place.
    """

    suffix = ".docx"

    def __init__(self, data: bytes, name: str, findings: Sequence[Finding], remarks: Remarks) -> None:
        super().__init__(findings, remarks)
        self._draft = Draft(data, name)
        if self._draft.book_type == _MACROS:
            self.suffix = ".docm"
        part = self._draft.source.workbook_part
        root = parse_part(self._draft.read(part))
        self._space = namespace(root)
        body = body_of(root)
        if is_own(self._draft.source, root):
            raise CannotPatch("是本程序生成的报告")
        existing = self._draft.source.related("comments")
        if existing is not None:
            self._texts = parse_part(self._draft.read(existing))
        else:
            self._texts = etree.Element(self._space + "comments", nsmap={"w": self._space.strip("{}")})
        ours = [one for one in self._texts if is_word(one, "comment") and value(one, "author") == AUTHOR]
        earlier = {value(one, "id") for one in ours}
        for one in ours:
            self._texts.remove(one)
        strip(root, earlier)
        self._next = max((number(one, "id", -1) for one in self._texts), default=-1) + 1
        for page in layout(body).pages:
            self._mark(page)
        if self.marked or earlier:
            self._draft.put(part, serialised(root))
            if existing is None:
                usual = posixpath.join(posixpath.dirname(part), "comments.xml")
                taken = self._draft.source.zip.find(usual)
                existing = self._draft.new_part(usual.replace(".xml", "{}.xml")) if taken else usual
                self._draft.relate(part, "comments", existing)
                self._draft.declare(existing, COMMENTS_TYPE)
            self._draft.put(existing, serialised(self._texts))
        self.notes += self._draft.signature_notes()

    def save(self, path: Path) -> None:
        """Write the document."""
        self._draft.save(path)

    def prove(self, path: Path) -> None:
        """Raise Unproven unless it is the source with our comments."""
        prove(self._draft.source, path, self.marked)

    def _mark(self, page: Page) -> None:
        merges = [place.area for place in page.places if place.area[:2] != place.area[2:]]
        marks = self.marks(page.name, merges)
        elements = {(place.area.top, place.area.left): place.element for place in page.places}
        for mark in marks:
            element = elements.get(mark.place)
            if element is None and mark.place == (1, 1):  # said of the whole sheet
                element = page.places[0].element
            if element is None:
                continue
            lines = [element] if is_word(element, "p") else [one for one in blocks(element) if is_word(one, "p")]
            lines = lines or list(element.iter(self._space + "p"))
            if not lines:
                raise CannotPatch("有的单元格里没有段落")
            named = {self._space + "id": str(self._next)}
            start, end, anchor = (etree.Element(self._space + name, named) for name in ANCHORS)
            lines[0].insert(0 if child(lines[0], "pPr") is None else 1, start)
            lines[-1].append(end)
            etree.SubElement(lines[-1], self._space + "r").append(anchor)
            w = self._space
            attributes = named | {w + "author": AUTHOR, w + "initials": _INITIALS}
            comment = etree.SubElement(self._texts, w + "comment", attributes)
            for line in mark.text.split("\n"):
                run = etree.SubElement(etree.SubElement(comment, w + "p"), w + "r")
                etree.SubElement(run, w + "t", {_SPACE: "preserve"}).text = line.replace("\t", " ")
            self._next += 1
            self.marked.add((page.name, mark.ref))
