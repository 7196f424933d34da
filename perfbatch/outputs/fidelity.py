"""Proof that an annotated copy is the source plus our marks, run before every publication (promise 1).

The proof reads the copy afresh; of the code that wrote it, it takes nothing but the opened source, whose parts are
bytes that nobody changes. Parts that carry no mark must have the same bytes. Parts that carry marks must be identical
in canonical XML once the declared marks are taken away: the format number of marked cells, appended formats, the
reference to the boxes, our comments. So whatever a sheet holds (values, formulas, merges, widths, print settings,
validations, rules, links, panes, extensions nobody knows) is compared without having to be listed.
"""

from __future__ import annotations

import copy
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import Any

from lxml import etree

from perfbatch.errors import RefusedFile, UnpublishedOutput
from perfbatch.intake.grids import RULE, author_of, is_ours
from perfbatch.intake.markup import BrokenPart, local
from perfbatch.intake.package import Package, Sheet, text_of_runs
from perfbatch.model import a1
from perfbatch.outputs import indexsheet
from perfbatch.outputs.cellstyles import records, signature, styles_root, table
from perfbatch.outputs.marks import PALETTE, parse_ref
from perfbatch.outputs.notes import ANCHOR, HEIGHT, IDMAP, NOTE_TYPE, SHAPE, SHAPE_ID, note_place
from perfbatch.outputs.ooxml import CONTENT_TYPES, main_namespace, parse_part, relations_part, serialised
from perfbatch.outputs.sheetxml import Place, number_cells

_BELOW = f"\n{RULE}\n"  # opens what we say below the comment of somebody else
_OUR_KINDS = {"comments", "vmlDrawing", "styles"}
_DRAWING = re.compile(rb"""<(?:[\w.-]+:)?legacyDrawing\s[^>]*?\w:id\s*=\s*["']([^"']*)""")
Cells = Set[tuple[str, str]]  # (sheet, A1 reference)


def prove(source: Package, annotated: Path, marked: Cells, restored: Cells = frozenset()) -> None:
    """Raise Unproven unless `annotated` is `source` plus comments and fills at `marked`, and nothing else.

    Each of `marked` must exist, carry exactly one comment of ours and differ from the source in its fill alone. At
    `restored` a fill of an earlier run may have given way to another one.
    """
    try:
        copied = Package(annotated.read_bytes(), name=annotated.name)
        _Proof(source, copied, marked, restored).run()
    except (BrokenPart, RefusedFile, KeyError) as error:
        raise Unproven(f"批注副本无法读回（{error}），未发布。") from error


class _Proof:
    """One comparison of two packages."""

    def __init__(self, old: Package, new: Package, marked: Cells, restored: Cells) -> None:
        self.old, self.new = old, new
        self.marked, self.restored = _by_sheet(marked), _by_sheet(restored)
        self.styles = Styles(old, new)
        self.touched = {CONTENT_TYPES.lower()}
        self.added: set[str] = set()

    def run(self) -> None:
        """Compare part by part; raises Unproven at the first difference."""
        sheets = self._sheets()
        known = {sheet.name for sheet in sheets if sheet.kind == "worksheet"}
        demand(self.marked.keys() <= known, "有标注位于不存在的工作表")
        old, new = self.old.related("styles"), self.new.related("styles")
        if new is not None and (old is None or self.old.read(old) != self.new.read(new)):
            self._touch(old, new)
            self.styles.prove_prefix()
        self._relations(self.old.workbook_part)
        for sheet in sheets:
            if sheet.kind == "worksheet":
                self._sheet(sheet)
        same_parts(self.old, self.new, self.touched, self.added)
        # no shape of ours may share its id with another shape anywhere in the workbook
        before, after = Counter(_shape_ids(self.old)), Counter(_shape_ids(self.new))
        demand(all(n <= max(1, before[key]) for key, n in after.items()), "批注框的编号重复")

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
        places = self.marked.get(sheet.name, set())
        old_notes, new_notes = self._mark_parts(self.old, sheet), self._mark_parts(self.new, sheet)
        ours = self._comments(sheet, old_notes.get("comments"), new_notes.get("comments"))
        demand(ours == places, f"工作表“{sheet.name}”的批注与问题所在单元格不一致")
        theirs = Notes(self.old.read(old_notes["comments"])).theirs() if "comments" in old_notes else {}
        self._boxes(sheet, old_notes.get("vmlDrawing"), new_notes.get("vmlDrawing"), set(theirs))
        parts = self.old.read(sheet.part), self.new.read(sheet.part)
        if parts[0] != parts[1]:
            restored = self.restored.get(sheet.name, set())
            demand(bool(places or restored), f"没有标注的工作表“{sheet.name}”发生了变化")
            self.touched.add(sheet.part.lower())
            drawn = "vmlDrawing" in old_notes
            same_sheet(sheet.name, parts, places, self.styles, drawn=drawn, restored=restored - places)
        self._relations(sheet.part)

    def _mark_parts(self, package: Package, sheet: Sheet) -> dict[str, str]:
        """The sheet's comments part, and the VML part its <legacyDrawing> leads to."""
        relations = package.relations_of(sheet.part)
        found = {kind: target for kind, target in relations.values() if kind == "comments"}
        if any(kind == "vmlDrawing" for kind, _ in relations.values()):
            xml = package.read(sheet.part)
            xml = serialised(parse_part(xml)) if b"\x00" in xml[:200] else xml
            match = _DRAWING.search(xml, max(xml.rfind(b"sheetData"), 0))
            found["vmlDrawing"] = relations.get(match[1].decode() if match else "", ("", ""))[1]
        return {kind: package.zip.find(target) or target for kind, target in found.items() if target}

    def _comments(self, sheet: Sheet, old: str | None, new: str | None) -> set[Place]:
        """Compare the comments of others; returns where ours are."""
        after = Notes(self.new.read(new) if new else None)
        if self._is_changed(old, new, f"工作表“{sheet.name}”的批注丢失"):
            before = Notes(self.old.read(old) if old else None)
            demand(before.theirs() == after.theirs(), f"工作表“{sheet.name}”原有批注发生了变化")
        return after.ours()

    def _boxes(self, sheet: Sheet, old: str | None, new: str | None, theirs: set[Place]) -> None:
        """Shapes of others must be there as they were; boxes that got more text may reach further down."""
        if not self._is_changed(old, new, f"工作表“{sheet.name}”的批注框丢失") or old is None or new is None:
            return
        source, copied = self.old.read(old), self.new.read(new)
        before = foreign_shapes(source, theirs)
        after = foreign_shapes(copied if NOTE_TYPE in source else copied.replace(NOTE_TYPE, b"", 1), theirs)
        demand(before == after, f"工作表“{sheet.name}”原有的图形或批注框发生了变化")

    def _is_changed(self, old: str | None, new: str | None, lost: str) -> bool:
        """Whether a part of the copy is new or has other bytes, which is noted; it may not be `lost`."""
        if new is None:
            demand(old is None, lost)
            return False
        if old is not None and self.old.read(old) == self.new.read(new):
            return False
        self._touch(old, new)
        return True

    def _touch(self, old: str | None, new: str) -> None:
        if old is None:
            self.added.add(new.lower())
        else:
            demand(old == new, f"部件 {old} 改了名")
            self.touched.add(new.lower())

    def _relations(self, part: str) -> None:
        """Relations of a part: those of the source, and at most new ones to our parts."""
        name = relations_part(part)
        old, new = self.old.relations_of(part), self.new.relations_of(part)
        demand(all(new.get(key) == value for key, value in old.items()), f"部件 {part} 的关联发生了变化")
        fresh = {value for key, value in new.items() if key not in old}
        kinds = {*_OUR_KINDS, "worksheet"} if part == self.old.workbook_part else _OUR_KINDS
        allowed = all(kind in kinds and target.lower() in self.added for kind, target in fresh)
        demand(allowed, f"部件 {part} 多出了关联")
        if fresh:
            (self.touched if old or self.old.zip.find(name) else self.added).add(name.lower())


def _shape_ids(package: Package) -> Iterator[bytes]:
    for name in package.names:
        if name.lower().endswith(".vml"):
            for shape in SHAPE.findall(package.read(name)):
                yield from SHAPE_ID.findall(shape[: shape.index(b">")])[:1]


def _by_sheet(cells: Cells) -> dict[str, set[Place]]:
    found: dict[str, set[Place]] = defaultdict(set)
    for sheet, ref in cells:
        place = parse_ref(ref)
        demand(place is not None, f"标注位置“{sheet}”{ref} 不是单元格")
        found[sheet].add(place or (0, 0))
    return found


def same_parts(old: Package, new: Package, touched: Set[str], added: Set[str]) -> None:
    """Demand the parts of the source and at most those `added`, all but those `touched` with their bytes.

    So it is with the content types, of which the extension of comment boxes may be new. Names are in small letters.
    """
    names, known = ({name.lower(): name for name in package.names} for package in (old, new))
    lost, more = names.keys() - known.keys(), known.keys() - names.keys() - added
    demand(not lost, f"丢失了部件 {', '.join(sorted(lost))}")
    demand(not more, f"多出了部件 {', '.join(sorted(more))}")
    for key in names.keys() - touched:
        same = names[key] == known[key] and old.read(names[key]) == new.read(known[key])
        demand(same, f"不应变化的部件 {names[key]} 发生了变化")
    before, after = (
        {str(one.get("PartName") or one.get("Extension")).lower(): one.get("ContentType") for one in part}
        for part in (parse_part(package.read(CONTENT_TYPES)) for package in (old, new))
    )
    demand(all(after.get(key) == kind for key, kind in before.items()), "部件类型声明发生了变化")
    demand(after.keys() - before.keys() <= {"vml", *(f"/{part}" for part in added)}, "部件类型声明多出了内容")


_ROW_END, _RUN = b"</row>", b"<row>"
_MERGES, _MERGED = re.compile(rb"<mergeCells[\s>].*</mergeCells>", re.DOTALL), b"<mergeCells/>"
_ROW_NUMBER = re.compile(rb"""<row\s[^>]*?(?<=\s)r\s*=\s*["'](\d+)""")
_FILL = frozenset({"fillId", "applyFill"})
_FILLS = {f"FF{rgb}" for rgb in PALETTE.values()}


class Unproven(UnpublishedOutput):
    """The copy differs from its source by more than the declared marks; the text says where, in Chinese."""


def demand(holds: bool, otherwise: str) -> None:
    """Raise Unproven with a Chinese sentence unless something holds."""
    if not holds:
        raise Unproven(f"批注副本与原件核对不一致：{otherwise}，未发布。")


def same_sheet(
    name: str, parts: tuple[bytes, bytes], places: set[Place], styles: Styles, *, drawn: bool, restored: Set[Place]
) -> None:
    """Demand that a sheet part of the copy is that of the source but for the format numbers at `places`.

    `parts` are source and copy, `name` the sheet for the message; `drawn` says that the source had a reference to
    comment boxes already, so that the copy may not have added one. At `restored` the fill may be any.
    """
    old, new = map(parse_part, _without_equal_rows(*parts))
    for root in (old, new):
        if any(cell.get("r") is None for cell in _cells(root)):
            number_cells(root)
    if not drawn:
        _remove(child for child in new if local(child) == "legacyDrawing")
    again = {a1(*place) for place in restored}
    refs = {a1(*place) for place in places} | again
    before = {cell.get("r"): cell for cell in _cells(old) if cell.get("r") in refs}
    rows = {row.get("r"): row for row in old.iterfind("{*}sheetData/{*}row")}
    columns = list(old.iterfind("{*}cols/{*}col"))
    for cell in [cell for cell in _cells(new) if cell.get("r") in refs]:
        where, row, present = f"“{name}”{cell.get('r')}", cell.getparent(), before.get(cell.get("r"))
        own = rows.get(row.get("r"))
        base = _absent_format(cell.get("r"), own, columns) if present is None else int(present.get("s") or 0)
        ours = present is None or cell.get("r") not in again
        same = styles.same_but_fill(base, int(cell.get("s") or 0), ours=ours)
        demand(same, f"单元格{where}的格式除底色外还有变化")
        if present is not None:
            _restore(cell, "s", present.get("s"))
            continue
        demand(len(cell) == 0 and set(cell.attrib) <= {"r", "s"}, f"空单元格{where}有了内容")
        row.remove(cell)
        if len(row) == 0 and own is None:
            demand(set(row.attrib) == {"r"}, f"空行{where}有了格式")
            row.getparent().remove(row)
    demand(_document(old) == _document(new), f"工作表“{name}”除标注外还有变化")


def _absent_format(ref: str, row: Any, columns: Iterable[Any]) -> int:
    """The format that a cell shows which the source does not have: that of its row, else of its column."""
    if row is not None and row.get("customFormat") in ("1", "true"):
        return int(row.get("s") or 0)
    _, column = parse_ref(ref) or (0, 0)
    covering = (c for c in columns if int(c.get("min", "")) <= column <= int(c.get("max", "")))
    return next((int(element.get("style") or 0) for element in covering), 0)


class Styles:
    """The two format tables, compared record by record."""

    def __init__(self, old: Package, new: Package) -> None:
        self._old, self._new = _styles(old), _styles(new)
        self._before, self._after = (records(table(r, "cellXfs"), "xf") for r in (self._old, self._new))
        self._fills = records(table(self._new, "fills"), "fill")
        self._judged: dict[tuple[int, int, bool], bool] = {}

    def same_but_fill(self, old: int, new: int, *, ours: bool) -> bool:
        """Whether format `new` of the copy is format `old` of the source but for a fill, which is to be `ours`."""
        if old == new:
            return True
        key = (old, new, ours)
        if key not in self._judged:
            same = new < len(self._after)
            if same and ours:
                fill = self._fills[int(self._after[new].get("fillId") or 0)]
                colours = [(element.get("rgb") or "").upper() for element in fill.iter("{*}fgColor")]
                same = len(colours) == 1 and colours[0] in _FILLS
            if same:
                base = self._before[old if old < len(self._before) else 0]
                same = signature(base, _FILL) == signature(self._after[new], _FILL)
            self._judged[key] = same
        return self._judged[key]

    def prove_prefix(self) -> None:
        """The styles part must be that of the source with fills and formats appended."""
        appended = copy.deepcopy(self._new)  # lxml renames the prefixes of what is taken out of a tree
        for name in ("fills", "cellXfs"):
            old, new = table(self._old, name), table(appended, name)
            demand(len(new) >= len(old), "样式表缺少内容")
            _remove(list(new)[len(old) :])
            _restore(new, "count", old.get("count"))
        demand(_document(self._old) == _document(appended), "样式表中原有的格式发生了变化")


class Notes:
    """The comments of one part, split into ours and those of others."""

    def __init__(self, xml: bytes | None) -> None:
        root = None if xml is None else parse_part(xml)
        self._authors = [] if root is None else [e.text or "" for e in root.iterfind("{*}authors/{*}author")]
        self._comments = [] if root is None else list(root.iterfind("{*}commentList/{*}comment"))

    def ours(self) -> set[Place]:
        """Places of our comments, each once; those below comments of others included."""
        places = [
            parse_ref(comment.get("ref"))
            for comment in self._comments
            if self._is_ours(comment) or any((t.text or "").startswith(_BELOW) for t in comment.iter("{*}t"))
        ]
        demand(len(places) == len(set(places)), "同一单元格有两条批注")
        return {place for place in places if place}

    def theirs(self) -> dict[Place, tuple[Any, ...]]:
        """Comments of others: author, attributes and every run with its look, without what we said below."""
        return {
            parse_ref(comment.get("ref")) or (0, 0): (
                author_of(comment, self._authors),
                tuple(sorted((k, v) for k, v in comment.attrib.items() if k != "authorId")),
                *_runs(comment),
            )
            for comment in self._comments
            if not self._is_ours(comment)
        }

    def _is_ours(self, comment: Any) -> bool:
        return is_ours("".join(map(text_of_runs, comment)), author_of(comment, self._authors))


def foreign_shapes(vml: bytes, theirs: set[Place]) -> tuple[bytes, list[bytes]]:
    """What a VML part holds but for our boxes: the rest of the text, and the shapes of others.

    The vertical extent of comment boxes of others is left out: it grows with the text below.
    """
    kept = []
    for match in SHAPE.finditer(vml):
        place = note_place(match[0])
        if place is None:
            kept.append(match[0])
        elif place in theirs:
            shape = ANCHOR.sub(lambda m: b",".join(f.strip() for f in m[2].split(b",")[:6]), match[0])
            kept.append(HEIGHT.sub(b"", shape, count=1))
    return IDMAP.sub(b"", SHAPE.sub(b"", vml)), kept


def _document(root: Any) -> bytes:
    """A whole part in canonical form, declared but unused namespaces included; comments and instructions are not."""
    etree.strip_tags(root, etree.ProcessingInstruction)
    body: bytes = etree.tostring(root, method="c14n", with_comments=False)
    return body


def _without_equal_rows(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Both sheet parts with one empty row in place of every run of rows that have the same bytes in both.

    The n-th empty row stands for the same run on both sides, so the parts are equal when the results are.
    Only for plain markup; anything else is returned whole. The first and the last piece always stay: they
    hold what stands around the rows.
    """
    before, after = old.split(_ROW_END), new.split(_ROW_END)
    if b"<!" in old or b"<!" in new or len(before) < 2 or len(after) < 2:
        return old, new
    if (merges := _MERGES.search(before[-1])) and merges[0] in after[-1]:
        before[-1], after[-1] = (piece.replace(merges[0], _MERGED, 1) for piece in (before[-1], after[-1]))
    kept_before, kept_after = before[:1], after[:1]
    at, last, run = 1, len(before) - 1, False
    for piece in after[1:-1]:
        if at < last and before[at] == piece:
            kept_before += [] if run else [_RUN]
            kept_after += [] if run else [_RUN]
            at, run = at + 1, True
            continue
        while at < last and _row_number(before[at]) <= _row_number(piece):
            kept_before.append(before[at])
            at += 1
        kept_after.append(piece)
        run = False
    return _ROW_END.join(kept_before + before[at:]), _ROW_END.join([*kept_after, after[-1]])


def _row_number(piece: bytes) -> int:
    """Number of the last row that starts in a piece of markup."""
    match = _ROW_NUMBER.search(piece, piece.rfind(b"<row"))
    return int(match[1]) if match else 0


def _cells(root: Any) -> Iterable[Any]:
    return root.iter(f"{{{main_namespace(root)}}}c")  # type: ignore[no-any-return]


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
            if not text.startswith(_BELOW):
                found.append((text, look))
    return found


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
