"""Sheets 佐证索引 (where each figure stands in the documents) and 佐证材料 (what documents there are)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from perfbatch.evidence import kinds
from perfbatch.evidence.document import Document
from perfbatch.evidence.index import STATES, Entry, Place
from perfbatch.evidence.matching import Matched
from perfbatch.evidence.project import Evidence, Papers, kinds_of, spot
from perfbatch.model import Batch
from perfbatch.outputs.cells import Link, Value, file_link
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary.listing import Rest, Row, field_of, write_list
from perfbatch.outputs.wording import heading
from perfbatch.totals.sums import Totals

_PLACES = 3  # of a figure; all are in data/evidence.parquet
_QUOTED = 40  # characters of a document that are quoted
_READ = {"read": "已读取", "picture": "图片或扫描件，未读取", "unread": "未读取", "left": "未读取"}


class _Line(NamedTuple):
    made: Papers
    entry: Entry
    place: Place | None


def write_papers(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Both sheets; left out where no documents were given."""
    evidence: Evidence | None = batch.evidence
    if evidence is None:
        return
    _index(paper, batch, totals, evidence)
    _documents(paper, totals, evidence)


def _index(paper: Paper, batch: Batch, totals: Totals, evidence: Evidence) -> None:
    kind = {one.paper.name: document for one, document in evidence.pairs()}

    def of_place(row: Row) -> str:
        place = row.item.place
        document = kind.get(place.paper.paper.name) if place else None
        return paper_kind(place.paper, document) if place and document else ""

    fields = [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("项目名称", lambda r: r.item.made.name, "text", 14, 22),
        field_of("指标", lambda r: r.item.entry.asked.name, "text", 12, 18),
        field_of("填报数", lambda r: r.item.entry.asked.shown, "text", 9, 13),
        field_of("状态", lambda r: STATES[r.item.entry.state], "code", 8, 9),
        field_of("材料中为", lambda r: r.item.place.figure.shown() if r.item.place else "", "text", 9, 13),
        field_of(
            "是否一致", lambda r: ("一致" if r.item.place.agrees else "不同") if r.item.place else "", "code", 6, 7
        ),
        field_of("佐证材料", lambda r: _link(evidence, r.item.place) if r.item.place else "", "text", 14, 24),
        field_of("材料类别", of_place, "text", 8, 14),
        field_of("位置", lambda r: spot(r.item.place.figure) if r.item.place else "", "text", 10, 16),
        field_of("原文", lambda r: quoted(r.item.place) if r.item.place else "", "text", 14, 30),
        field_of("缺少的材料", _missing, "text", 10, 20),
    ]
    counts = "，".join(f"{word}{evidence.states[state]}项" for state, word in STATES.items())
    notes = [
        f"共核对{evidence.states.total()}项数据：{counts}。本表由程序按佐证材料检索，只说明到哪里查看，是否属实由核查人员判断；"
        f"每项最多列{_PLACES}处，按相符程度排列，全部见 data/evidence.parquet。"
    ]
    rest = Rest("处", "data/evidence.parquet")
    title = f"{heading(totals)}佐证索引"
    write_list(paper, "佐证索引", title, fields, list(_lines(evidence)), notes=notes, frozen=3, rest=rest)


def _lines(evidence: Evidence) -> Iterator[_Line]:
    for made in evidence.projects.values():
        for entry in made.entries:
            yield from (_Line(made, entry, place) for place in entry.places[:_PLACES])
            if not entry.places:
                yield _Line(made, entry, None)


def _missing(row: Row) -> str:
    asked = row.item.entry.asked
    return "；".join(row.item.made.missing.get((asked.sheet, asked.row), ()))


def quoted(place: Place) -> str:
    """The words of a document around a figure, with the figure."""
    return place.figure.words.replace("#", place.figure.shown(), 1)[:_QUOTED]


def paper_kind(one: Matched, document: Document) -> str:
    """The kinds of a document in words."""
    return "、".join(kinds.papers()[kind].name for kind in kinds_of(one.paper.below, document))


def _link(evidence: Evidence, place: Place) -> Value:
    name = place.paper.paper.name
    return Link(
        file_link(evidence.links.get(name, ""), place.figure.sheet, place.figure.cell), PurePosixPath(name).name
    )


def _documents(paper: Paper, totals: Totals, evidence: Evidence) -> None:
    def state(row: Row) -> str:
        one, document = row.item
        if document is None:
            return f"未对应：{one.problem}"
        cut = "（数据过多，未全部核对）" if document.cut else ""
        return f"{_READ[document.state]}{cut}" + (f"：{document.reason}" if document.reason else "")

    fields = [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("项目名称", lambda r: r.item[0].project, "text", 14, 24),
        field_of("佐证材料", lambda r: _document(evidence, r.item[0]), "text", 24, 44),
        field_of("材料类别", lambda r: paper_kind(*r.item) if r.item[1] else "", "text", 10, 18),
        field_of("对应方式", lambda r: r.item[0].how, "text", 8, 12),
        field_of("读取情况", state, "text", 16, 40),
    ]
    title, rest = f"{heading(totals)}佐证材料清单", Rest("份材料", "run.json")
    write_list(paper, "佐证材料清单", title, fields, evidence.pairs(), frozen=0, rest=rest)


def _document(evidence: Evidence, one: Matched) -> Value:
    name = one.paper.name
    return Link(file_link(evidence.links.get(name, ""), "", ""), name)
