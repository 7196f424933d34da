"""Reader of CSV and TSV, in UTF-8, UTF-16 or GB18030, whatever the suffix says."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import PurePath

from perfbatch.intake.grids import Builder, Cells, is_picture
from perfbatch.intake.sniff import encoding_of
from perfbatch.model import Cell, a1

# Web systems write ="0012" so that Excel keeps the zeros; the clerk sees 0012.
_FORCED_TEXT = re.compile(r'="([^"]*)"')
_DIRECTIVE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def decoded(data: bytes, builder: Builder) -> str:
    """Text of a file; where no encoding fits whole, the likeliest with the broken bytes marked, and a note."""
    encoding, fits = encoding_of(data) or ("gb18030", False)
    if not fits:
        text = f"文字编码不完整，按 {encoding.upper()} 读取，个别字可能显示为“�”，请核对原表。"
        builder.notes.add("encoding_assumed", "", "", text)
    return data.decode(encoding, "replace").replace("\0", "")


def read_delimited(data: bytes, builder: Builder, kind: str) -> None:
    """Add the one sheet of a CSV or TSV (`kind`), named after the file. Cells are text as written."""
    text = decoded(data, builder)
    separator = _separator(text[:4096], kind)
    if directive := _DIRECTIVE.match(text):
        separator, text = directive[1], text[directive.end() :]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    sheet = PurePath(builder.file).stem
    builder.add(sheet, cells_of(rows, builder, sheet))


def _separator(head: str, kind: str) -> str:
    """Semicolons where more of them stand than commas; tabs of a TSV, unless they only guard the digits of its codes.

    Web systems end a long code with a tab so that Excel keeps it as text: such a file has commas between all cells.
    """
    lines = [line for line in head.splitlines()[:20] if line.strip()]
    guarded = all(line.count(",") > line.count("\t") for line in lines if "\t" in line)
    if kind == "tsv" and not (lines and guarded and any("," in line for line in lines)):
        return "\t"
    return "," if head.count(",") >= head.count(";") else ";"


def cells_of(rows: Iterable[Iterable[str]], builder: Builder, sheet: str) -> Cells:
    """Cells of plain rows of text, empty ones left out."""
    cells: Cells = {}
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values, 1):
            if value:
                forced = _FORCED_TEXT.fullmatch(value)
                text = forced[1] if forced else value
                if is_picture(text):
                    builder.picture(sheet, a1(row, column))
                else:
                    cells[row, column] = Cell(row, column, text)
        if len(cells) > builder.room:
            raise builder.too_many_cells()
    return cells
