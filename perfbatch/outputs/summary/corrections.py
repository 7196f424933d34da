"""Sheet 系统更正清单: what was mended in annotated copies and has to be changed in the platform, in its order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from perfbatch.checks.coverage import fields
from perfbatch.model import Batch, Change
from perfbatch.outputs.cells import Value
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary.listing import Field, Rest, Row, field_of, write_list
from perfbatch.outputs.wording import heading, place
from perfbatch.totals.lines import ProjectLine, rows
from perfbatch.totals.sums import Totals

NAME = "系统更正清单"
_EMPTY = "（空白）"


class _Place(NamedTuple):
    """What stands in a cell: project, indicator, what a person calls the field."""

    project_id: str
    indicator: str
    word: str


class _Line(NamedTuple):
    file: str
    change: Change
    place: _Place


def write_corrections(paper: Paper, batch: Batch, totals: Totals) -> None:
    """A row a cell; nothing where no copy was mended."""
    lines = list(_lines(batch))
    if not lines:
        return
    projects = {line.project_id: line for line in totals.lines}
    notes = [
        f"共{len(lines)}处。下列内容已在批注文件中更正，本次按更正后的内容核对；正式数据以系统为准，"
        "请按本表在系统中逐项更正后重新导出，再次运行。"
    ]
    title = f"{heading(totals)}绩效自评系统更正清单"
    rest = Rest("处", "各批注文件")
    write_list(paper, NAME, title, _fields(batch, lines, projects), lines, notes=notes, rest=rest)


def _fields(batch: Batch, lines: list[_Line], projects: Mapping[str, ProjectLine]) -> list[Field]:
    several = len({line.file for line in lines}) > 1

    def own(row: Row, name: str) -> str:
        return str(getattr(projects.get(row.item.place.project_id), name, ""))

    def cell(row: Row) -> Value:
        link = place(batch, row.item.file, row.item.change.sheet, row.item.change.cell)
        return link if link.url else str(row.item.change.cell)

    return [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("项目编码", lambda r: own(r, "code"), "text", 12, 24),
        field_of("项目名称", lambda r: own(r, "name"), "text", 16, 30),
        field_of("指标", lambda r: r.item.place.indicator, "text", 12, 26),
        field_of("栏目", lambda r: r.item.place.word, "text", 10, 16),
        field_of("系统中现为", lambda r: r.item.change.present or _EMPTY, "text", 14, 34),
        field_of("应改为", lambda r: r.item.change.right or _EMPTY, "text", 14, 34),
        *([field_of("文件", lambda r: r.item.file, "text", 12, 24)] if several else []),
        field_of("工作表", lambda r: r.item.change.sheet, "text", 8, 16),
        field_of("单元格", cell, "code", 7),
        field_of("已在系统中更正", lambda _: "", "code", 8),
    ]


def _lines(batch: Batch) -> Iterator[_Line]:
    changed = {(one.file, change.sheet, change.cell) for one in batch.mended for change in one.changes}
    known = _places(batch, changed) if changed else {}
    for one in batch.mended:
        for change in one.changes:
            yield _Line(one.file, change, known.get((one.file, change.sheet, change.cell), _Place("", "", "")))


def _places(batch: Batch, wanted: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], _Place]:
    """What stands in some cells (file, sheet, A1), by the columns that say where each field was read."""
    found: dict[tuple[str, str, str], _Place] = {}
    for table in ("indicators", "funds", "projects"):
        words = {field.place: field.word for field in fields().values() if field.table == table and field.place}
        frame = getattr(batch.frames, table)
        words = {column: word for column, word in words.items() if column in frame.columns}
        names = frame["level3" if table == "indicators" else "source" if table == "funds" else "project_name"].tolist()
        own = rows(frame, "project_id", "file", "sheet", *words)
        for (project_id, file, sheet, *cells), name in zip(own, names, strict=True):
            for cell, word in zip(cells, words.values(), strict=True):
                if (file, sheet, cell) in wanted:
                    indicator = "" if table == "projects" else str(name)
                    found.setdefault((file, sheet, cell), _Place(project_id, indicator, word))
    return found
