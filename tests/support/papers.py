"""Supporting documents drawn from a table (`tests/evidence/reference.toml`): Word, Excel, CSV, HTML, text and PDF."""

from __future__ import annotations

import csv
import html
import io
import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import docx
import xlsxwriter

from perfbatch.evidence.document import Document, read_document
from perfbatch.evidence.index import Read, asked_of
from perfbatch.evidence.matching import Matched
from perfbatch.evidence.project import Evidence, judge, used_twice
from perfbatch.model import Frames
from perfbatch.notation import fold
from perfbatch.sources import Supporting

REFERENCE = Path(__file__).parents[1] / "evidence" / "reference.toml"
Paper = dict[str, Any]


def load(path: Path = REFERENCE) -> dict[str, list[Paper]]:
    """The documents, plants and drops of a table."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def planted(table: dict[str, list[Paper]]) -> list[Paper]:
    """The documents with all plants and drops made."""
    papers = deepcopy(table["paper"])
    for plant in table["plant"]:
        if "copy" in plant:
            (one,) = [paper for paper in papers if paper["file"] == plant["copy"]]
            papers.append(one | {"project": plant["into"]})
            continue
        (one,) = [paper for paper in papers if f"{paper['project']}/{paper['file']}".endswith(plant["file"])]
        if "repeat" in plant:
            one["repeat"] = plant["repeat"]
            continue
        changed = _replaced(one, plant["from"], plant["to"])
        assert changed != one, plant["why"]
        one |= changed
    dropped = {drop["file"] for drop in table["drop"]}
    return [paper for paper in papers if paper["file"] not in dropped]


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, list):
        return [_replaced(part, old, new) for part in value]
    return {key: _replaced(part, old, new) for key, part in value.items()} if isinstance(value, dict) else value


def write(folder: Path, papers: Iterable[Paper]) -> list[Path]:
    """Write the documents below `folder`, each in the folder of its project."""
    written = []
    for paper in papers:
        target = folder / paper["project"].replace("(", "（").replace(")", "）") / paper["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_WRITERS[target.suffix](paper))
        written.append(target)
    return written


def untagged(text: str) -> str:
    """A line without the indicators that it is about."""
    return text.partition("｜")[0]


def about(text: str) -> list[str]:
    """The indicators that a line is about."""
    tags = text.partition("｜")[2]
    return tags.split("、") if tags else []


def letters(text: str) -> str:
    """A text without figures, amounts in capitals and dates."""
    return re.sub("[^一-龥]|[零壹贰叁肆伍陆柒捌玖拾佰仟万元整年月日]", "", fold(text))


def tags(paper: Paper, place: Any) -> list[str]:
    """What a document says at a place (a row of data/evidence.parquet): by its row or line, on a page by the words."""
    if ":" in place.cell:
        return [*paper.get("counts", ()), *paper.get("sums", ())]
    if place.cell:
        listed = [tagged for _, tagged in rows(paper)]
        number = int(re.findall("[0-9]+", place.cell)[-1])
        return listed[number - 1 if "cells" not in paper else number]
    if place.line == place.line and place.line:
        return about(paper["lines"][int(place.line) - 1])
    words = letters(place.words)
    (line,) = {line for line in paper["pages"][int(place.page) - 1] if words == letters(untagged(line))}
    return about(line)


def rows(paper: Paper) -> Iterator[tuple[list[str], list[str]]]:
    """Rows of the table of a document: cells, and the indicators that the row is about."""
    for line in paper.get("table", paper.get("cells", [])):
        yield [cell.strip() for cell in untagged(line).split("│")], about(line)
    count = paper.get("repeat", 0)
    for n in range(1, count + 1):
        share, rest = divmod(paper.get("amounts", 0), max(count, 1))
        text = paper["each"].format(n=n, amount=share + (rest if n == count else 0))
        yield [cell.strip() for cell in text.split("│")], []


_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def _xlsx(paper: Paper) -> bytes:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as book:
        sheet, percent = book.add_worksheet("Sheet1"), book.add_format({"num_format": "0.0%"})
        for at, (cells, _) in enumerate(rows(paper)):
            for column, text in enumerate(cells):
                if _NUMBER.fullmatch(text) and len(text) < 12:
                    sheet.write_number(at, column, float(text))
                elif text.endswith("%") and _NUMBER.fullmatch(text[:-1]):
                    sheet.write_number(at, column, round(float(text[:-1]) / 100, 6), percent)
                elif text:
                    sheet.write_string(at, column, text)
    return sink.getvalue()


def _docx(paper: Paper) -> bytes:
    document, sink = docx.Document(), io.BytesIO()
    for line in paper.get("lines", []):
        document.add_paragraph(untagged(line))
    if listed := list(rows(paper)):
        document.add_paragraph(listed[0][0][0])
        widest = max(len(cells) for cells, _ in listed)
        table = document.add_table(rows=0, cols=widest)
        for cells, _ in listed[1:]:
            line = table.add_row().cells
            for column, text in enumerate(cells):
                line[column].text = text
    document.save(sink)
    return sink.getvalue()


def _csv(paper: Paper) -> bytes:
    sink = io.StringIO()
    csv.writer(sink).writerows(cells for cells, _ in rows(paper))
    return sink.getvalue().encode("gb18030")


def _html(paper: Paper) -> bytes:
    lines = ["".join(f"<td>{html.escape(cell)}</td>" for cell in cells) for cells, _ in rows(paper)]
    return f"<html><body><table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table></body></html>".encode()


def _txt(paper: Paper) -> bytes:
    return "\r\n".join(map(untagged, paper["lines"])).encode("gb18030")


def _pdf(paper: Paper) -> bytes:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    sink = io.BytesIO()
    canvas = Canvas(sink, invariant=1)
    for page in paper["pages"]:
        canvas.setFont("STSong-Light", 12)
        for at, line in enumerate(page):
            canvas.drawString(72, 760 - 22 * at, untagged(line))
        canvas.showPage()
    canvas.save()
    return sink.getvalue()


_WRITERS = {".xlsx": _xlsx, ".docx": _docx, ".csv": _csv, ".html": _html, ".txt": _txt, ".pdf": _pdf}


def supporting(papers: list[Paper], frames: Frames) -> Evidence:
    """Texts as the documents of the projects of `frames`: of the one that each names, else of the first."""
    first = frames.projects["project_name"].iloc[0]
    made, listed = {}, []
    for project in frames.projects.to_dict("records"):
        key, name = project["project_id"], project["project_name"]
        own = [typed(paper, key, name) for paper in papers if paper.get("project", first) == name]
        rows = frames.indicators[frames.indicators["project_id"] == key].to_dict("records")
        if own:
            made[key] = judge(key, name, own, *asked_of(project, rows))
            listed += own
    for doubt in used_twice(made.values()):
        made[doubt.project_id].doubts.append(doubt)
    return Evidence(listed, made)


def typed(paper: Paper, key: str, name: str) -> Read:
    """A document of typed lines; one with cells is a table."""
    file, below = Path(paper["file"]), f"{name}/{paper['file']}"
    text = paper["text"].strip()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "document")
        path.write_bytes(text.replace(" │ ", "\t").encode())
        return Matched(Supporting(file, below, below), key, "名称"), read_document(path, paper["file"])


def read_or_die(path: Path, name: str) -> Document:
    """`perfbatch.evidence.document.read_document`, except that a document named 坏 kills the process that reads it."""
    if "坏" in name:
        os.abort()
    return read_document(path, name)
