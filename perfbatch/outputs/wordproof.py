"""Proof that an annotated Word document is its source plus our comments, run before every publication (promise 1).

The copy is read afresh. Without our comments and the ranges and marks that belong to them, the documents must be
identical in canonical XML; so must the comments of others; every other part must have the same bytes.
"""

from pathlib import Path
from typing import Any

from lxml import etree

from perfbatch.errors import RefusedFile
from perfbatch.intake.grids import AUTHOR
from perfbatch.intake.markup import BrokenPart, namespace
from perfbatch.intake.package import Package
from perfbatch.intake.word import body_of, is_word, layout, value
from perfbatch.model import a1
from perfbatch.outputs.fidelity import Unproven, demand, same_parts
from perfbatch.outputs.ooxml import CONTENT_TYPES, parse_part, relations_part

ANCHORS = ("commentRangeStart", "commentRangeEnd", "commentReference")


def prove(source: Package, annotated: Path, marked: set[tuple[str, str]]) -> None:
    """Raise Unproven unless `annotated` is `source` plus one comment of ours at each of `marked`, (sheet, A1) pairs."""
    try:
        old, new = source, Package(annotated.read_bytes(), name=annotated.name)
        part = old.workbook_part
        demand(part == new.workbook_part, "正文部件改了名")
        before, after = old.related("comments"), new.related("comments")
        demand(before in (None, after), "批注部件改了名")
        old_comments, new_comments = _comments(old, before), _comments(new, after)
        demand(_theirs(old_comments) == _theirs(new_comments), "原有批注发生了变化")
        old_root, new_root = parse_part(old.read(part)), parse_part(new.read(part))
        _places(new_root, _ours(new_comments), marked)
        strip(old_root, _ours(old_comments))
        strip(new_root, _ours(new_comments))
        demand(_canonical(old_root) == _canonical(new_root), "正文发生了变化")
        _rest(old, new, part, before, after)
    except (BrokenPart, RefusedFile, KeyError) as error:
        raise Unproven(f"批注副本无法读回（{error}），未发布。") from error


def _comments(package: Package, part: str | None) -> list[Any]:
    return [] if part is None else [one for one in parse_part(package.read(part)) if is_word(one, "comment")]


def _ours(comments: list[Any]) -> set[str]:
    return {value(one, "id") for one in comments if value(one, "author") == AUTHOR}


def _theirs(comments: list[Any]) -> list[bytes]:
    return [_canonical(one) for one in comments if value(one, "author") != AUTHOR]


def _canonical(element: Any) -> bytes:
    body: bytes = etree.tostring(element, method="c14n", with_tail=False)
    return body


def _places(root: Any, ours: set[str], marked: set[tuple[str, str]]) -> None:
    """Each comment of ours has one range and one mark, and they stand at the marked cells."""
    w = namespace(root)
    for name in ANCHORS:
        ids = [value(one, "id") for one in root.iter(w + name) if value(one, "id") in ours]
        demand(sorted(ids) == sorted(ours), "批注没有对应的位置")
    found: set[tuple[str, str]] = set()
    for page in layout(body_of(root)).pages:
        for at, place in enumerate(page.places):
            marks = [one for one in place.element.iter(w + "commentReference") if value(one, "id") in ours]
            ref = a1(place.area.top, place.area.left)
            if marks:
                found.add((page.name, ref if at or (page.name, ref) in marked else "A1"))
    demand(found == marked and len(ours) == len(marked), "批注与问题所在单元格不一致")


def _rest(old: Package, new: Package, document: str, before: str | None, after: str | None) -> None:
    """All other parts have their bytes; relations and content types name at most the new comments."""
    relations = relations_part(document)
    added = {after.lower()} if after and before is None else set[str]()
    added |= {relations.lower()} if added and old.zip.find(relations) is None else set()
    same_parts(old, new, {document.lower(), relations.lower(), CONTENT_TYPES.lower(), (before or "").lower()}, added)
    fresh = new.relations_of(document).items() - old.relations_of(document).items()
    demand(old.relations_of(document).items() <= new.relations_of(document).items(), "正文的关联发生了变化")
    demand(all(kind == "comments" and target == after and added for _, (kind, target) in fresh), "正文多出了关联")


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
