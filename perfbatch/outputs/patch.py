"""Putting the marks of one workbook into its package: formats, comments, boxes, and what ties them."""

import posixpath
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

from perfbatch.intake.grids import AUTHOR
from perfbatch.intake.package import Sheet
from perfbatch.model import Finding, a1
from perfbatch.outputs import indexsheet
from perfbatch.outputs.cellstyles import STYLES_TYPE, CellStyles
from perfbatch.outputs.fidelity import prove
from perfbatch.outputs.marks import PALETTE, Beneath, Mark, Marking, Remarks, parse_ref
from perfbatch.outputs.notes import COMMENTS_TYPE, VML_TYPE, Boxes, Comments, Geometry, claimed
from perfbatch.outputs.ooxml import BOOKS, MACRO_BOOK, CannotPatch, Draft, main_namespace, parse_part
from perfbatch.outputs.sheetxml import Place, SheetXml

_OUR_FILLS = set(PALETTE.values())
_HEAD = "E7E6E6"  # of the headings of the index
_NAMED = 12


class Patch(Marking):
    """A workbook with the marks put in, ready to be saved.

    Findings on charts are not marked. Raises CannotPatch, BrokenPart or RefusedFile for what cannot be marked in place.
    `beneath` holds what fills marked cells had before (sheet → A1 → markup); of a workbook with earlier marks they are
    given, and cells that are marked no more get them back (`restored`).
    """

    def __init__(
        self, data: bytes, name: str, findings: Sequence[Finding], remarks: Remarks, beneath: Beneath, *, indexed: bool
    ) -> None:
        super().__init__(findings, remarks)
        self.restored: set[tuple[str, str]] = set()
        self._before = beneath
        self._draft = Draft(data, name)
        if self._draft.book_type not in BOOKS:
            raise CannotPatch("内容不是 .xlsx 或 .xlsm 工作簿")
        if self._draft.book_type == MACRO_BOOK:
            self.suffix = ".xlsm"
        self._book = self._draft.source.workbook_part
        self._space = main_namespace(parse_part(self._draft.read(self._book)))
        self._used: set[str] = set()
        self._styles_part = self._draft.source.related("styles")
        styles = self._draft.read(self._styles_part) if self._styles_part else None
        self._styles = CellStyles(styles, self._space)
        names = self._draft.source.names
        self._blocks = claimed(self._draft.read(part) for part in names if part.lower().endswith(".vml"))
        self._sheets = self._draft.source.sheets()
        for sheet in self._sheets:
            if sheet.kind == "worksheet" and sheet.name != indexsheet.NAME:
                comments = self._draft.source.related("comments", sheet.part)
                ours = comments and AUTHOR.encode() in self._draft.read(comments)
                if ours or sheet.name in {*self._found, *self._said, *self._before}:
                    self._mark_sheet(sheet, comments)
        self._put_index(findings, indexed)
        if self._styles_part is None and self.marked:
            self._styles_part = posixpath.join(posixpath.dirname(self._book), "styles.xml")
            self._draft.relate(self._book, "styles", self._styles_part)
            self._draft.declare(self._styles_part, STYLES_TYPE)
        if self._styles_part:
            self._draft.put(self._styles_part, self._styles.to_bytes())
        if self._styles.full:
            self.notes.append("原表的单元格格式已到 Excel 的上限，部分问题单元格只加了批注、没有着色。")
        self.notes += self._draft.signature_notes()

    def save(self, path: Path) -> None:
        """Write the package."""
        self._draft.save(path)

    def prove(self, path: Path) -> None:
        """Raise Unproven unless the package is its source with the marks."""
        prove(self._draft.source, path, self.marked, self.restored)

    def _mark_sheet(self, sheet: Sheet, comments: str | None) -> None:
        xml = SheetXml(self._draft.read(sheet.part))
        marks = self.marks(sheet.name, xml.merges)
        texts = Comments(self._draft.read(comments) if comments else None, self._space)
        whole, below = texts.strip_ours()
        known = self._fills_before(sheet, xml)
        if not marks and not whole and not below and not known:
            return
        if whole or below:
            self._note_old_fills(sheet, xml, {mark.place for mark in marks} | known.keys())
        self._fill(sheet, xml, {mark.place: mark.rgb for mark in marks if mark.rgb}, known)
        fresh: list[tuple[Mark, str]] = []
        merged: dict[Place, str] = {}  # the whole texts of cells that had a comment
        for mark in marks:
            had, text = texts.add(mark.place, mark.ref, mark.text)
            if had:
                merged[mark.place] = text
            else:
                fresh.append((mark, text))
            if had and texts.is_thread(mark.place):
                where = f"“{sheet.name}”{mark.ref} "
                self.notes.append(where + "带有会话式批注，新版 Excel 只显示会话，问题说明请看问题清单。")
        texts.sort()
        source = self._draft.source
        drawing = xml.drawing and source.zip.find(source.relations_of(sheet.part).get(xml.drawing, ("", ""))[1])
        if xml.drawing is not None and drawing is None:
            raise CannotPatch("工作表引用的批注框部件不存在")
        boxes = Boxes(self._draft.read(drawing) if drawing else None, self._blocks)
        boxes.strip(whole)
        geometry = Geometry(xml)
        boxes.add(fresh, geometry)
        boxes.grow(merged, geometry)
        if not drawing:
            drawing = self._new_part("drawings/vmlDrawing{}.vml")
            xml.set_drawing(self._draft.relate(sheet.part, "vmlDrawing", drawing), self._draft.relation_space)
            self._draft.declare_extension("vml", VML_TYPE)
        if not comments:
            comments = self._new_part("comments{}.xml")
            self._draft.relate(sheet.part, "comments", comments)
            self._draft.declare(comments, COMMENTS_TYPE)
        for part, body in ((drawing, boxes.vml), (comments, texts.to_bytes())):
            if part in self._used:
                raise CannotPatch("两个工作表共用一个批注部件")
            self._used.add(part)
            self._draft.put(part, body)
        self._draft.put(sheet.part, xml.to_bytes())
        self.marked |= {(sheet.name, mark.ref) for mark in marks}

    def _new_part(self, pattern: str) -> str:
        return self._draft.new_part(posixpath.join(posixpath.dirname(self._book), pattern))

    def _put_index(self, findings: Sequence[Finding], wanted: bool) -> None:
        """The sheet that lists the findings, before all others; the one of an earlier run is written again."""
        before = next((sheet for sheet in self._sheets if sheet.name == indexsheet.NAME), None)
        if before is None and not (wanted and findings and self.marked):
            return
        names = [sheet.name for sheet in self._sheets if sheet.kind == "worksheet" and sheet is not before]
        found, total = indexsheet.lines(findings, names)
        fills = {line.rgb for line in found if line.rgb}
        styles = {rgb: self._styles.filled(0, rgb) for rgb in sorted(fills)} | {"head": self._styles.filled(0, _HEAD)}
        xml = indexsheet.worksheet(self._space, found, total, styles)
        if before is not None:
            self._draft.put(before.part, xml)
            return
        part = self._new_part("worksheets/sheet{}.xml")
        relation = self._draft.relate(self._book, "worksheet", part)
        self._draft.declare(part, indexsheet.WORKSHEET_TYPE)
        self._draft.put(part, xml)
        workbook = indexsheet.put_first(self._draft.read(self._book), relation, self._draft.relation_space)
        self._draft.put(self._book, workbook)

    def _fill(self, sheet: Sheet, xml: SheetXml, fills: Mapping[Place, str], known: Mapping[Place, str]) -> None:
        """Colour the marked cells, and give those that are marked no more what they had before."""

        def style(place: Place, present: int) -> int:
            plain = self._styles.refilled(present, known[place]) if place in known else present
            if place not in fills:
                self.restored.add((sheet.name, a1(*place)))
                return plain
            self.beneath[sheet.name][a1(*place)] = self._styles.fill_of(plain)
            return self._styles.filled(plain, fills[place])

        xml.restyle({*fills, *known}, style)

    def _fills_before(self, sheet: Sheet, xml: SheetXml) -> dict[Place, str]:
        """The fills below earlier marks, as far as known; rows that somebody has put in leave the marks in order."""
        kept = {place: fill for ref, fill in self._before.get(sheet.name, {}).items() if (place := parse_ref(ref))}
        marked = sorted(xml.styled(self._styles.with_fill(_OUR_FILLS))) if kept else []
        if len(marked) == len(kept):
            return dict(zip(marked, (kept[place] for place in sorted(kept)), strict=True))
        return {place: kept[place] for place in marked if place in kept}

    def _note_old_fills(self, sheet: Sheet, xml: SheetXml, known: Set[Place]) -> None:
        """The colour below an earlier mark is not known: name the cells that keep it without a finding."""
        if left := sorted(xml.styled(self._styles.with_fill(_OUR_FILLS)) - known):
            named = "、".join(a1(*place) for place in left[:_NAMED]) + ("等" if len(left) > _NAMED else "")
            self.notes.append(
                f"工作表“{sheet.name}”已批注过，旧批注已更新；{len(left)} 个单元格（{named}）本次没有问题，"
                "但标色前的底色无从得知，仍保留旧标色，请手工清除。"
            )
