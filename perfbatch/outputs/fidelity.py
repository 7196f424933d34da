"""Proof that an annotated copy is the source plus our marks, run before every publication (promise 1).

The proof reads both files afresh and shares no state with the code that wrote the copy. Parts that carry no
mark must have the same bytes. Parts that carry marks must be identical in canonical XML once the declared
marks are taken away: the format number of marked cells, appended formats, the reference to the boxes, our
comments. So whatever a sheet holds (values, formulas, merges, widths, print settings, validations, rules,
links, panes, extensions nobody knows) is compared without having to be listed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Set
from pathlib import Path

from perfbatch.errors import RefusedFile
from perfbatch.intake.markup import BrokenPart, local
from perfbatch.intake.package import Package, Sheet
from perfbatch.outputs import indexsheet
from perfbatch.outputs.cellstyles import signature
from perfbatch.outputs.likeness import Notes, Styles, Unproven, demand, foreign_shapes, same_sheet
from perfbatch.outputs.marks import parse_ref
from perfbatch.outputs.notes import NOTE_TYPE, SHAPE, SHAPE_ID
from perfbatch.outputs.ooxml import CONTENT_TYPES, parse_part, relations_part, serialised
from perfbatch.outputs.sheetxml import Place

__all__ = ["Unproven", "prove"]
_OUR_KINDS = {"comments", "vmlDrawing", "styles"}
_DRAWING = re.compile(rb"""<(?:[\w.-]+:)?legacyDrawing\s[^>]*?\w:id\s*=\s*["']([^"']*)""")


def prove(
    source: bytes | Path,
    annotated: Path,
    marked: set[tuple[str, str]],
    restored: set[tuple[str, str]] | frozenset[tuple[str, str]] = frozenset(),
) -> None:
    """Raise Unproven unless `annotated` is `source` plus comments and fills at `marked`, and nothing else.

    At `restored` a fill of an earlier run may have given way to another one.

    `marked` are (sheet, A1 reference) pairs: each must exist, carry exactly one comment of ours and differ
    from the source in its fill alone.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    try:
        copied = Package(annotated.read_bytes(), name=annotated.name)
        _Proof(Package(data, name="source"), copied, marked, restored).run()
    except (BrokenPart, RefusedFile, KeyError) as error:
        raise Unproven(f"批注副本无法读回（{error}），未发布。") from error


class _Proof:
    """One comparison of two packages."""

    def __init__(
        self, old: Package, new: Package, marked: Set[tuple[str, str]], restored: Set[tuple[str, str]]
    ) -> None:
        self.old, self.new = old, new
        self.marked, self.restored = _by_sheet(marked), _by_sheet(restored)
        self.styles = Styles(old, new)
        self._known: dict[tuple[bool, str], dict[str, tuple[str, str]]] = {}
        self.touched = {CONTENT_TYPES.lower()}
        self.added: set[str] = set()

    def run(self) -> None:
        """Compare part by part; raises Unproven at the first difference."""
        sheets = self._sheets()
        known = {sheet.name for sheet in sheets if sheet.kind == "worksheet"}
        demand(self.marked.keys() <= known, "有标注位于不存在的工作表")
        self._styles_part()
        for sheet in sheets:
            if sheet.kind == "worksheet":
                self._sheet(sheet)
        self._rest()
        self._content_types()
        self._shape_ids()

    def _sheets(self) -> list[Sheet]:
        """The sheets of the source, which the copy has in their order, behind its list of findings if it has one."""
        old, new = self.old.sheets(), self.new.sheets()
        before = [sheet for sheet in old if sheet.name == indexsheet.NAME]
        index = [sheet for sheet in new if sheet.name == indexsheet.NAME]
        if index:
            plain = index[0].state == "visible" and b"<f" not in self.new.read(index[0].part)
            demand(len(index) == 1 and plain, "问题索引不是本程序所写")
            self._touch(before[0].part if before else None, index[0].part)
        if index and not before:
            demand(index == new[:1], "问题索引不在最前")
            workbook = self.old.workbook_part
            parts = (indexsheet.taken_out(package.read(workbook)) for package in (self.old, self.new))
            before_it, after_it = (signature(part) for part in parts)
            demand(before_it == after_it, "工作簿部件与原件不同")
            self.touched.add(workbook.lower())
            new = new[1:]
        demand(old == new, "工作表清单与原件不同")
        return [sheet for sheet in old if sheet.name != indexsheet.NAME]

    def _sheet(self, sheet: Sheet) -> None:
        """One worksheet with its relations, comments and boxes."""
        places = self.marked.get(sheet.name, set())
        old_notes, new_notes = self._mark_parts(self.old, sheet), self._mark_parts(self.new, sheet)
        ours = self._comments(sheet, old_notes.get("comments"), new_notes.get("comments"))
        demand(ours == places, f"工作表“{sheet.name}”的批注与问题所在单元格不一致")
        theirs = Notes(self.old.read(old_notes["comments"])).theirs() if "comments" in old_notes else {}
        self._boxes(sheet, old_notes.get("vmlDrawing"), new_notes.get("vmlDrawing"), set(theirs))
        if self.old.read(sheet.part) != self.new.read(sheet.part):
            restored = self.restored.get(sheet.name, set())
            demand(bool(places or restored), f"没有标注的工作表“{sheet.name}”发生了变化")
            self.touched.add(sheet.part.lower())
            parts = self.old.read(sheet.part), self.new.read(sheet.part)
            drawn = "vmlDrawing" in old_notes
            same_sheet(sheet.name, parts, places, self.styles, drawn=drawn, restored=restored - places)
        self._relations(sheet.part)

    def _related(self, package: Package, part: str) -> dict[str, tuple[str, str]]:
        """Relations of a part, read once."""
        key = (package is self.old, part)
        if key not in self._known:
            self._known[key] = package.relations_of(part)
        return self._known[key]

    def _mark_parts(self, package: Package, sheet: Sheet) -> dict[str, str]:
        """The sheet's comments part, and the VML part its <legacyDrawing> leads to."""
        relations = self._related(package, sheet.part)
        found = {kind: target for kind, target in relations.values() if kind == "comments"}
        if any(kind == "vmlDrawing" for kind, _ in relations.values()):
            found["vmlDrawing"] = relations.get(_drawing_id(package.read(sheet.part)), ("", ""))[1]
        return {kind: package.zip.find(target) or target for kind, target in found.items() if target}

    def _comments(self, sheet: Sheet, old: str | None, new: str | None) -> set[Place]:
        """Compare the comments of others; returns where ours are."""
        if new is None:
            demand(old is None, f"工作表“{sheet.name}”的批注丢失")
            return set()
        if old is not None and self.old.read(old) == self.new.read(new):
            return Notes(self.new.read(new)).ours()
        self._touch(old, new)
        before, after = Notes(self.old.read(old) if old else None), Notes(self.new.read(new))
        demand(before.theirs() == after.theirs(), f"工作表“{sheet.name}”原有批注发生了变化")
        return after.ours()

    def _boxes(self, sheet: Sheet, old: str | None, new: str | None, theirs: set[Place]) -> None:
        """Shapes of others must be there as they were; boxes that got more text may reach further down."""
        if new is None:
            demand(old is None, f"工作表“{sheet.name}”的批注框丢失")
            return
        if old is not None and self.old.read(old) == self.new.read(new):
            return
        self._touch(old, new)
        if old is None:
            return
        source, copied = self.old.read(old), self.new.read(new)
        before = foreign_shapes(source, theirs)
        after = foreign_shapes(copied if NOTE_TYPE in source else copied.replace(NOTE_TYPE, b"", 1), theirs)
        demand(before == after, f"工作表“{sheet.name}”原有的图形或批注框发生了变化")

    def _touch(self, old: str | None, new: str) -> None:
        if old is None:
            self.added.add(new.lower())
        else:
            demand(old == new, f"部件 {old} 改了名")
            self.touched.add(new.lower())

    def _relations(self, part: str) -> None:
        """Relations of a part: those of the source, and at most new ones to our parts."""
        name = relations_part(part)
        old, new = self._related(self.old, part), self._related(self.new, part)
        demand(all(new.get(key) == value for key, value in old.items()), f"部件 {part} 的关联发生了变化")
        fresh = {value for key, value in new.items() if key not in old}
        kinds = {*_OUR_KINDS, "worksheet"} if part == self.old.workbook_part else _OUR_KINDS
        allowed = all(kind in kinds and target.lower() in self.added for kind, target in fresh)
        demand(allowed, f"部件 {part} 多出了关联")
        if fresh:
            (self.touched if old or self.old.zip.find(name) else self.added).add(name.lower())

    def _styles_part(self) -> None:
        old, new = self.old.related("styles"), self.new.related("styles")
        if new is not None and (old is None or self.old.read(old) != self.new.read(new)):
            self._touch(old, new)
            self.styles.prove_prefix()
        self._relations(self.old.workbook_part)

    def _rest(self) -> None:
        """Same list of parts plus the declared ones; all others with their bytes."""
        old, new = {n.lower(): n for n in self.old.names}, {n.lower(): n for n in self.new.names}
        lost, more = old.keys() - new.keys(), new.keys() - old.keys() - self.added
        demand(not lost, f"丢失了部件 {', '.join(sorted(lost))}")
        demand(not more, f"多出了部件 {', '.join(sorted(more))}")
        for key in old.keys() - self.touched:
            same = old[key] == new[key] and self.old.read(old[key]) == self.new.read(new[key])
            demand(same, f"不应变化的部件 {old[key]} 发生了变化")

    def _content_types(self) -> None:
        old, new = (content_types(package.read(CONTENT_TYPES)) for package in (self.old, self.new))
        demand(all(new.get(key) == value for key, value in old.items()), "部件类型声明发生了变化")
        allowed = {f"/{part}" for part in self.added} | {"vml"}
        demand(new.keys() - old.keys() <= allowed, "部件类型声明多出了内容")

    def _shape_ids(self) -> None:
        """No shape of ours may share its id with another shape anywhere in the workbook."""
        before: dict[bytes, int] = defaultdict(int)
        after: dict[bytes, int] = defaultdict(int)
        for package, tally in ((self.old, before), (self.new, after)):
            for name in package.names:
                if name.lower().endswith(".vml"):
                    for shape in SHAPE.findall(package.read(name)):
                        for identity in SHAPE_ID.findall(shape[: shape.index(b">")])[:1]:
                            tally[identity] += 1
        demand(all(n <= max(1, before[key]) for key, n in after.items()), "批注框的编号重复")


def _by_sheet(cells: Set[tuple[str, str]]) -> dict[str, set[Place]]:
    found: dict[str, set[Place]] = defaultdict(set)
    for sheet, ref in cells:
        place = parse_ref(ref)
        demand(place is not None, f"标注位置“{sheet}”{ref} 不是单元格")
        found[sheet].add(place or (0, 0))
    return found


def _drawing_id(xml: bytes) -> str:
    """Relation id of the part that holds the comment boxes of a sheet."""
    if b"\x00" in xml[:200]:
        xml = serialised(parse_part(xml))
    match = _DRAWING.search(xml, max(xml.rfind(b"sheetData"), 0))
    return match[1].decode() if match else ""


def content_types(xml: bytes) -> dict[str, str]:
    """Content types by ``/part`` or extension, lower case."""
    found = {}
    for element in parse_part(xml):
        key = element.get("PartName") if local(element) == "Override" else element.get("Extension")
        found[str(key).lower()] = str(element.get("ContentType"))
    return found
