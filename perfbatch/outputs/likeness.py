"""Whether one part of an annotated copy is that of the source but for our marks: sheets, styles, comments, boxes.

Each comparison takes the declared marks away and compares what is left as a whole. See
`perfbatch.outputs.fidelity`, which walks the package.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Set
from typing import Any

from lxml import etree

from perfbatch.errors import UnpublishedOutput
from perfbatch.intake.grids import RULE, is_ours
from perfbatch.intake.markup import local
from perfbatch.intake.package import Package, text_of_runs
from perfbatch.model import a1
from perfbatch.outputs.cellstyles import records, signature, styles_root, table
from perfbatch.outputs.marks import PALETTE, parse_ref
from perfbatch.outputs.notes import ANCHOR, HEIGHT, IDMAP, SHAPE, note_place
from perfbatch.outputs.ooxml import main_namespace, parse_part
from perfbatch.outputs.sheetxml import Place, number_cells

_ROW_END, _RUN = b"</row>", b"<row>"
_ROW_NUMBER = re.compile(rb"""<row\s[^>]*?(?<=\s)r\s*=\s*["'](\d+)""")
_FILL = frozenset({"fillId", "applyFill"})
_FILLS = {"FF" + shade.rgb for shade in PALETTE.values()}


class Unproven(UnpublishedOutput):
    """The copy differs from its source by more than the declared marks; the text says where, in Chinese."""


def demand(holds: bool, otherwise: str) -> None:
    """Raise Unproven with a Chinese sentence unless something holds."""
    if not holds:
        raise Unproven(f"批注副本与原件核对不一致：{otherwise}，未发布。")


def same_sheet(
    name: str,
    parts: tuple[bytes, bytes],
    places: set[Place],
    styles: Styles,
    *,
    drawn: bool,
    restored: Set[Place] = frozenset(),
) -> None:
    """Demand that a sheet part of the copy is that of the source but for the format numbers at `places`.

    `parts` are source and copy, `name` the sheet for the message; `drawn` says that the source had a reference to
    comment boxes already, so that the copy may not have added one. At `restored` the fill may be any.
    """
    old, new = map(_sheet_root, _without_equal_rows(*parts))
    if not drawn:
        _remove(child for child in new if local(child) == "legacyDrawing")
    again = {a1(*place) for place in restored}
    refs = {a1(*place) for place in places} | again
    before = {cell.get("r"): cell for cell in _cells(old) if cell.get("r") in refs}
    inherited = _Inherited(old) if len(before) < len(refs) else None
    for cell in [cell for cell in _cells(new) if cell.get("r") in refs]:
        where = f"“{name}”{cell.get('r')}"
        present = before.get(cell.get("r"))
        if present is not None:
            _same_but_fill(styles, where, int(present.get("s") or 0), cell, ours=cell.get("r") not in again)
            _restore(cell, "s", present.get("s"))
        elif inherited is not None:
            _same_but_fill(styles, where, inherited.style(cell), cell)
            inherited.take_out(where, cell)
    demand(_document(old) == _document(new), f"工作表“{name}”除标注外还有变化")


def _same_but_fill(styles: Styles, where: str, base: int, cell: Any, *, ours: bool = True) -> None:
    same = styles.same_but_fill(base, int(cell.get("s") or 0), ours=ours)
    demand(same, f"单元格{where}的格式除底色外还有变化")


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
        demand(len(cell) == 0 and set(cell.attrib) <= {"r", "s"}, f"空单元格{where}有了内容")
        row = cell.getparent()
        row.remove(cell)
        if len(row) == 0 and row.get("r") not in self._rows:
            demand(set(row.attrib) == {"r"}, f"空行{where}有了格式")
            row.getparent().remove(row)


class Styles:
    """The two format tables, compared record by record."""

    def __init__(self, old: Package, new: Package) -> None:
        self._old, self._new = _styles(old), _styles(new)
        self._before, self._after = (records(table(r, "cellXfs"), "xf") for r in (self._old, self._new))
        self._fills = records(table(self._new, "fills"), "fill")
        self._judged: dict[tuple[int, int, bool], bool] = {}

    def same_but_fill(self, old: int, new: int, *, ours: bool = True) -> bool:
        """Whether format `new` of the copy is format `old` of the source but for a fill, which is to be `ours`."""
        key = (old, new, ours)
        if key not in self._judged:
            self._judged[key] = old == new or self._judge(old, new, ours=ours)
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

    def _judge(self, old: int, new: int, *, ours: bool) -> bool:
        if new >= len(self._after):
            return False
        fill = self._fills[int(self._after[new].get("fillId") or 0)]
        colours = [element.get("rgb") for element in fill.iter("{*}fgColor")]
        if ours and (len(colours) != 1 or (colours[0] or "").upper() not in _FILLS):
            return False
        base = self._before[old if old < len(self._before) else 0]
        return signature(base, _FILL) == signature(self._after[new], _FILL)


class Notes:
    """The comments of one part, split into ours and those of others."""

    def __init__(self, xml: bytes | None) -> None:
        root = None if xml is None else parse_part(xml)
        self._authors = [] if root is None else [e.text or "" for e in root.iterfind("{*}authors/{*}author")]
        self._comments = [] if root is None else list(root.iterfind("{*}commentList/{*}comment"))

    def ours(self) -> set[Place]:
        """Places of our comments, each once; those below comments of others included."""
        places = [parse_ref(c.get("ref")) for c in self._comments if self._is_ours(c) or _below(c)]
        demand(len(places) == len(set(places)), "同一单元格有两条批注")
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
        return is_ours("".join(map(text_of_runs, comment)), self._author(comment))


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
            kept.append(_without_extent(match[0]))
    return IDMAP.sub(b"", SHAPE.sub(b"", vml)), kept


def _without_extent(shape: bytes) -> bytes:
    shape = ANCHOR.sub(lambda m: b",".join(f.strip() for f in m[2].split(b",")[:6]), shape)
    return HEIGHT.sub(b"", shape, count=1)


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


def _sheet_root(xml: bytes) -> Any:
    """Root of a sheet part with all references written out."""
    root = parse_part(xml)
    if any(cell.get("r") is None for cell in _cells(root)):
        number_cells(root)
    return root


def _cells(root: Any) -> Iterable[Any]:
    return root.iter(f"{{{main_namespace(root)}}}c")  # type: ignore[no-any-return]


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
