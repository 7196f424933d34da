"""Proof that an annotated copy is the source plus our marks, run before every publication (promise 1).

The proof reads both files afresh and shares no state with the code that wrote the copy. Parts that carry no
mark must have the same bytes. Parts that carry marks must be identical in canonical XML once the declared
marks are taken away: the format number of marked cells, appended formats, the reference to the boxes, our
comments. So whatever a sheet holds (values, formulas, merges, widths, print settings, validations, rules,
links, panes, extensions nobody knows) is compared without having to be listed.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lxml import etree

from perfbatch.errors import RefusedFile, UnpublishedOutput
from perfbatch.intake.package import BrokenPart, Package, Sheet, local, text_of_runs
from perfbatch.model import a1
from perfbatch.outputs.cellstyles import records, signature, styles_root, table
from perfbatch.outputs.marks import AUTHOR, PALETTE, RULE, parse_ref
from perfbatch.outputs.notes import ANCHOR, HEIGHT, IDMAP, NOTE_TYPE, SHAPE, SHAPE_ID, note_place
from perfbatch.outputs.ooxml import CONTENT_TYPES, main_namespace, parse_part, relations_part, serialised
from perfbatch.outputs.sheetxml import number_cells

Place = tuple[int, int]
_OUR_KINDS = {"comments", "vmlDrawing", "styles"}
_DRAWING = re.compile(rb"""<(?:[\w.-]+:)?legacyDrawing\s[^>]*?\w:id\s*=\s*["']([^"']*)""")
_ROW_END = b"</row>"
_ROW_NUMBER = re.compile(rb"""<row\s[^>]*?(?<=\s)r\s*=\s*["'](\d+)""")
_FILL = frozenset({"fillId", "applyFill"})
_FILLS = {"FF" + shade.rgb for shade in PALETTE.values()}


class Unproven(UnpublishedOutput):
    """The copy differs from its source by more than the declared marks; the text says where, in Chinese."""


def prove(source: bytes | Path, annotated: Path, marked: set[tuple[str, str]]) -> None:
    """Raise Unproven unless `annotated` is `source` plus comments and fills at `marked`, and nothing else.

    `marked` are (sheet, A1 reference) pairs: each must exist, carry exactly one comment of ours and differ
    from the source in its fill alone.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    try:
        copied = Package(annotated.read_bytes(), name=annotated.name)
        _Proof(Package(data, name="source"), copied, marked).run()
    except (BrokenPart, RefusedFile, KeyError) as error:
        raise Unproven(f"批注副本无法读回（{error}），未发布。") from error


class _Proof:
    """One comparison of two packages."""

    def __init__(self, old: Package, new: Package, marked: set[tuple[str, str]]) -> None:
        self.old, self.new = old, new
        self.marked: dict[str, set[Place]] = defaultdict(set)
        for sheet, ref in marked:
            place = parse_ref(ref)
            _demand(place is not None, f"标注位置“{sheet}”{ref} 不是单元格")
            self.marked[sheet].add(place or (0, 0))
        self.styles = _Styles(old, new)
        self.touched = {CONTENT_TYPES.lower()}
        self.added: set[str] = set()

    def run(self) -> None:
        sheets = self.old.sheets()
        _demand(sheets == self.new.sheets(), "工作表清单与原件不同")
        known = {sheet.name for sheet in sheets if sheet.kind == "worksheet"}
        _demand(self.marked.keys() <= known, "有标注位于不存在的工作表")
        self._styles_part()
        for sheet in sheets:
            if sheet.kind == "worksheet":
                self._sheet(sheet)
        self._rest()
        self._content_types()
        self._shape_ids()

    def _sheet(self, sheet: Sheet) -> None:
        """One worksheet with its relations, comments and boxes."""
        places = self.marked.get(sheet.name, set())
        old_notes, new_notes = self._mark_parts(self.old, sheet), self._mark_parts(self.new, sheet)
        ours = self._comments(sheet, old_notes.get("comments"), new_notes.get("comments"))
        _demand(ours == places, f"工作表“{sheet.name}”的批注与问题所在单元格不一致")
        theirs = _Notes(self.old.read(old_notes["comments"])).theirs() if "comments" in old_notes else {}
        self._boxes(sheet, old_notes.get("vmlDrawing"), new_notes.get("vmlDrawing"), set(theirs))
        if self.old.read(sheet.part) != self.new.read(sheet.part):
            _demand(bool(places), f"没有标注的工作表“{sheet.name}”发生了变化")
            self.touched.add(sheet.part.lower())
            self._same_sheet(sheet, places, bool(old_notes.get("vmlDrawing")))
        self._relations(sheet.part)

    def _mark_parts(self, package: Package, sheet: Sheet) -> dict[str, str]:
        """The sheet's comments part, and the VML part its <legacyDrawing> leads to."""
        relations = package.relations_of(sheet.part)
        found = {kind: target for kind, target in relations.values() if kind == "comments"}
        if any(kind == "vmlDrawing" for kind, _ in relations.values()):
            found["vmlDrawing"] = relations.get(_drawing_id(package.read(sheet.part)), ("", ""))[1]
        return {kind: package.zip.find(target) or target for kind, target in found.items() if target}

    def _same_sheet(self, sheet: Sheet, places: set[Place], had_drawing: bool) -> None:
        old, new = map(_sheet_root, _without_equal_rows(self.old.read(sheet.part), self.new.read(sheet.part)))
        if not had_drawing:
            _remove(child for child in new if local(child) == "legacyDrawing")
        refs = {a1(*place) for place in places}
        before = {cell.get("r"): cell for cell in _cells(old) if cell.get("r") in refs}
        inherited = _Inherited(old) if len(before) < len(refs) else None
        for cell in [cell for cell in _cells(new) if cell.get("r") in refs]:
            where = f"“{sheet.name}”{cell.get('r')}"
            present = before.get(cell.get("r"))
            if present is not None:
                self._same_but_fill(where, int(present.get("s") or 0), cell)
                _restore(cell, "s", present.get("s"))
            elif inherited is not None:
                self._same_but_fill(where, inherited.style(cell), cell)
                inherited.take_out(where, cell)
        _demand(_document(old) == _document(new), f"工作表“{sheet.name}”除标注外还有变化")

    def _same_but_fill(self, where: str, base: int, cell: Any) -> None:
        same = self.styles.same_but_fill(base, int(cell.get("s") or 0))
        _demand(same, f"单元格{where}的格式除底色外还有变化")

    def _comments(self, sheet: Sheet, old: str | None, new: str | None) -> set[Place]:
        """Compare the comments of others; returns where ours are."""
        if new is None:
            _demand(old is None, f"工作表“{sheet.name}”的批注丢失")
            return set()
        if old is not None and self.old.read(old) == self.new.read(new):
            return _Notes(self.new.read(new)).ours()
        self._touch(old, new)
        before, after = _Notes(self.old.read(old) if old else None), _Notes(self.new.read(new))
        _demand(before.theirs() == after.theirs(), f"工作表“{sheet.name}”原有批注发生了变化")
        return after.ours()

    def _boxes(self, sheet: Sheet, old: str | None, new: str | None, theirs: set[Place]) -> None:
        """Shapes of others must be there as they were; boxes that got more text may reach further down."""
        if new is None:
            _demand(old is None, f"工作表“{sheet.name}”的批注框丢失")
            return
        if old is not None and self.old.read(old) == self.new.read(new):
            return
        self._touch(old, new)
        if old is None:
            return
        source, copied = self.old.read(old), self.new.read(new)
        before = _shapes(source, theirs)
        after = _shapes(copied if NOTE_TYPE in source else copied.replace(NOTE_TYPE, b"", 1), theirs)
        _demand(before == after, f"工作表“{sheet.name}”原有的图形或批注框发生了变化")

    def _touch(self, old: str | None, new: str) -> None:
        if old is None:
            self.added.add(new.lower())
        else:
            _demand(old == new, f"部件 {old} 改了名")
            self.touched.add(new.lower())

    def _relations(self, part: str) -> None:
        """Relations of a part: those of the source, and at most new ones to our parts."""
        name = relations_part(part)
        old, new = self.old.relations_of(part), self.new.relations_of(part)
        _demand(all(new.get(key) == value for key, value in old.items()), f"部件 {part} 的关联发生了变化")
        fresh = {value for key, value in new.items() if key not in old}
        allowed = all(kind in _OUR_KINDS and target.lower() in self.added for kind, target in fresh)
        _demand(allowed, f"部件 {part} 多出了关联")
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
        _demand(not lost, f"丢失了部件 {', '.join(sorted(lost))}")
        _demand(not more, f"多出了部件 {', '.join(sorted(more))}")
        for key in old.keys() - self.touched:
            same = old[key] == new[key] and self.old.read(old[key]) == self.new.read(new[key])
            _demand(same, f"不应变化的部件 {old[key]} 发生了变化")

    def _content_types(self) -> None:
        old, new = (_types(package.read(CONTENT_TYPES)) for package in (self.old, self.new))
        _demand(all(new.get(key) == value for key, value in old.items()), "部件类型声明发生了变化")
        allowed = {f"/{part}" for part in self.added} | {"vml"}
        _demand(new.keys() - old.keys() <= allowed, "部件类型声明多出了内容")

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
        _demand(all(n <= max(1, before[key]) for key, n in after.items()), "批注框的编号重复")


class _Inherited:
    """Cells that the source does not have: what they look like there, and taking them out of the copy."""

    def __init__(self, root: Any) -> None:
        self._rows = {row.get("r"): row for row in root.iterfind("{*}sheetData/{*}row")}
        self._columns = list(root.iterfind("{*}cols/{*}col"))

    def style(self, cell: Any) -> int:
        """Format that a missing cell shows: that of its row, else of its column."""
        row = self._rows.get(cell.getparent().get("r"))
        if row is not None and row.get("customFormat") in ("1", "true"):
            return int(row.get("s") or 0)
        _, column = parse_ref(cell.get("r")) or (0, 0)
        covering = (c for c in self._columns if int(c.get("min")) <= column <= int(c.get("max")))
        return next((int(element.get("style") or 0) for element in covering), 0)

    def take_out(self, where: str, cell: Any) -> None:
        """Remove an added cell, which must be empty, and its row when that was added too."""
        _demand(len(cell) == 0 and set(cell.attrib) <= {"r", "s"}, f"空单元格{where}有了内容")
        row = cell.getparent()
        row.remove(cell)
        if len(row) == 0 and row.get("r") not in self._rows:
            _demand(set(row.attrib) == {"r"}, f"空行{where}有了格式")
            row.getparent().remove(row)


class _Styles:
    """The two format tables, compared record by record."""

    def __init__(self, old: Package, new: Package) -> None:
        self._old, self._new = _styles(old), _styles(new)
        self._before, self._after = (records(table(r, "cellXfs"), "xf") for r in (self._old, self._new))
        self._fills = records(table(self._new, "fills"), "fill")
        self._judged: dict[tuple[int, int], bool] = {}

    def same_but_fill(self, old: int, new: int) -> bool:
        """Whether format `new` of the copy is format `old` of the source but for a fill of ours."""
        key = (old, new)
        if key not in self._judged:
            self._judged[key] = old == new or self._judge(old, new)
        return self._judged[key]

    def prove_prefix(self) -> None:
        """The styles part must be that of the source with fills and formats appended."""
        appended = copy.deepcopy(self._new)  # lxml renames the prefixes of what is taken out of a tree
        for name in ("fills", "cellXfs"):
            old, new = table(self._old, name), table(appended, name)
            _demand(len(new) >= len(old), "样式表缺少内容")
            _remove(list(new)[len(old) :])
            _restore(new, "count", old.get("count"))
        _demand(_document(self._old) == _document(appended), "样式表中原有的格式发生了变化")

    def _judge(self, old: int, new: int) -> bool:
        if new >= len(self._after):
            return False
        fill = self._fills[int(self._after[new].get("fillId") or 0)]
        colours = [element.get("rgb") for element in fill.iter("{*}fgColor")]
        if len(colours) != 1 or (colours[0] or "").upper() not in _FILLS:
            return False
        base = self._before[old if old < len(self._before) else 0]
        return signature(base, _FILL) == signature(self._after[new], _FILL)


class _Notes:
    """The comments of one part, split into ours and those of others."""

    def __init__(self, xml: bytes | None) -> None:
        root = None if xml is None else parse_part(xml)
        self._authors = [] if root is None else [e.text or "" for e in root.iterfind("{*}authors/{*}author")]
        self._comments = [] if root is None else list(root.iterfind("{*}commentList/{*}comment"))

    def ours(self) -> set[Place]:
        """Places of our comments, each once; those below comments of others included."""
        places = [parse_ref(c.get("ref")) for c in self._comments if self._is_ours(c) or _below(c)]
        _demand(len(places) == len(set(places)), "同一单元格有两条批注")
        return {place for place in places if place}

    def theirs(self) -> dict[Place, tuple[Any, ...]]:
        """Comments of others: author, attributes and every run with its look, without what we said below."""
        return {
            parse_ref(comment.get("ref")) or (0, 0): (
                self._author(comment),
                tuple(sorted((k, v) for k, v in comment.attrib.items() if k != "authorId")),
                *_runs(comment),
            )
            for comment in self._comments
            if not self._is_ours(comment)
        }

    def _author(self, comment: Any) -> str:
        number = int(comment.get("authorId") or 0)
        return self._authors[number] if number < len(self._authors) else ""

    def _is_ours(self, comment: Any) -> bool:
        return self._author(comment) == AUTHOR


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unproven(f"批注副本与原件核对不一致：{otherwise}，未发布。")


def _document(root: Any) -> bytes:
    """A whole part in canonical form, declared but unused namespaces included."""
    body: bytes = etree.tostring(root, method="c14n", with_comments=False)
    return body


def _without_equal_rows(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Both sheet parts without the rows that have the same bytes at the same place in both.

    Only for plain markup; anything else is returned whole. The first and the last piece always stay: they
    hold what stands around the rows.
    """
    if b"<!" in old or b"<!" in new or b"\x00" in old[:200]:
        return old, new
    before, after = old.split(_ROW_END), new.split(_ROW_END)
    kept_before, kept_after = before[:1], after[:1]
    at = 1
    for piece in after[1:-1]:
        while at < len(before) - 1 and _row_number(before[at]) < _row_number(piece):
            kept_before.append(before[at])
            at += 1
        if at < len(before) - 1 and before[at] == piece:
            at += 1
        else:
            kept_after.append(piece)
            if at < len(before) - 1 and _row_number(before[at]) == _row_number(piece):
                kept_before.append(before[at])
                at += 1
    kept_before += before[at:] if len(before) > 1 else []
    kept_after += after[-1:] if len(after) > 1 else []
    return _ROW_END.join(kept_before), _ROW_END.join(kept_after)


def _row_number(piece: bytes) -> int:
    """Number of the last row that starts in a piece of markup."""
    match = _ROW_NUMBER.search(piece, piece.rfind(b"<row"))
    return int(match[1]) if match else 0


def _sheet_root(xml: bytes) -> Any:
    """Root of a sheet part with all references written out."""
    root = parse_part(xml)
    if any(cell.get("r") is None for cell in _cells(root)):
        number_cells(root)
    return root


def _cells(root: Any) -> Iterable[Any]:
    return root.iter(f"{{{main_namespace(root)}}}c")  # type: ignore[no-any-return]


def _drawing_id(xml: bytes) -> str:
    """Relation id of the part that holds the comment boxes of a sheet."""
    if b"\x00" in xml[:200]:
        xml = serialised(parse_part(xml))
    match = _DRAWING.search(xml, max(xml.rfind(b"sheetData"), 0))
    return match[1].decode() if match else ""


def _below(comment: Any) -> bool:
    return any((t.text or "").startswith(f"\n{RULE}\n") for t in comment.iter("{*}t"))


def _runs(comment: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """Text and look of each run that is not ours; plain text counts as a run without look."""
    found: list[tuple[str, tuple[Any, ...]]] = []
    for body in comment:
        if local(body) != "text":
            found.append(("", signature(body)))
            continue
        for child in body:
            look = next((signature(part) for part in child if local(part) == "rPr"), ())
            text = text_of_runs(child) or (child.text or "") * (local(child) == "t")
            if not text.startswith(f"\n{RULE}\n"):
                found.append((text, look))
    return found


def _shapes(vml: bytes, theirs: set[Place]) -> tuple[bytes, list[bytes]]:
    """What a VML part holds but for our boxes: the rest of the text, and the shapes of others.

    The vertical extent of comment boxes of others is left out: it grows with the text below.
    """
    kept = []
    for match in SHAPE.finditer(vml):
        place = note_place(match[0])
        if place is None:
            kept.append(match[0])
        elif place in theirs:
            kept.append(_without_extent(match[0]))
    return IDMAP.sub(b"", SHAPE.sub(b"", vml)), kept


def _without_extent(shape: bytes) -> bytes:
    shape = ANCHOR.sub(lambda m: b",".join(f.strip() for f in m[2].split(b",")[:6]), shape)
    return HEIGHT.sub(b"", shape, count=1)


def _restore(element: Any, name: str, value: str | None) -> None:
    """Give an element of the copy the attribute value of the source."""
    if value is None:
        element.attrib.pop(name, None)
    else:
        element.set(name, value)


def _remove(elements: Iterable[Any]) -> None:
    for element in list(elements):
        element.getparent().remove(element)


def _styles(package: Package) -> Any:
    part = package.related("styles")
    namespace = main_namespace(parse_part(package.read(package.workbook_part)))
    return styles_root(None if part is None else package.read(part), namespace)


def _types(xml: bytes) -> dict[str, str]:
    """Content types by ``/part`` or extension, lower case."""
    found = {}
    for element in parse_part(xml):
        key = element.get("PartName") if local(element) == "Override" else element.get("Extension")
        found[str(key).lower()] = str(element.get("ContentType"))
    return found
