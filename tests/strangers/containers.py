"""A drawn workbook in the formats that exports come in; what a format cannot hold (merges, comments) is left out."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from html import escape
from pathlib import Path

import openpyxl
import xlsxwriter
import xlwt
from openpyxl.comments import Comment
from strangers import worddoc
from strangers.grid import Area, At, Sheet, Value, plain

Book = Sequence[Sheet]


def _number(value: Decimal | int) -> float | int:
    return int(value) if value == int(value) else float(value)


def _native(value: Value) -> str | float | int:
    return value if isinstance(value, str) else _number(value)


def xlsx(book: Book, path: Path) -> Path:
    """Saved by Excel or WPS."""
    out = openpyxl.Workbook()
    out.remove(out.active)
    for sheet in book:
        page = out.create_sheet(sheet.name)
        for (row, column), value in sorted(sheet.cells.items()):
            cell = page.cell(row, column, _native(value))
            if isinstance(value, str):
                cell.data_type = "s"
            if form := sheet.formats.get((row, column)):
                cell.number_format = form
        for area in sheet.merges:
            page.merge_cells(None, area.top, area.left, area.bottom, area.right)
        for (row, column), text in sheet.notes.items():
            page.cell(row, column).comment = Comment(text, "填表人")
        for column in sheet.hidden_columns:
            page.column_dimensions[openpyxl.utils.get_column_letter(column)].hidden = True
    out.save(path)
    return path


def inline(book: Book, path: Path) -> Path:
    """Written by a streaming writer: inline strings, no shared table."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as out:
        for sheet in book:
            page = out.add_worksheet(sheet.name)
            for (row, column), value in sorted(sheet.cells.items()):
                if isinstance(value, str):
                    page.write_string(row - 1, column - 1, value)
                else:
                    form = sheet.formats.get((row, column))
                    page.write_number(
                        row - 1, column - 1, float(value), out.add_format({"num_format": form}) if form else None
                    )
            for area in sheet.merges:  # merge_range would write blanks into rows already flushed
                page.merge.append([area.top - 1, area.left - 1, area.bottom - 1, area.right - 1])
            for column in sheet.hidden_columns:
                page.set_column(column - 1, column - 1, None, None, {"hidden": True})
    return path


def xls(book: Book, path: Path) -> Path:
    """An old BIFF workbook, as the platform exports it."""
    out = xlwt.Workbook(encoding="utf-8")
    for sheet in book:
        page = out.add_sheet(sheet.name)
        spanned = {(a.top, a.left): a for a in sheet.merges}
        for at, value in sorted(sheet.cells.items()):
            row, column = at
            style = xlwt.easyxf(num_format_str=sheet.formats[at]) if at in sheet.formats else xlwt.Style.default_style
            if area := spanned.pop(at, None):
                page.write_merge(area.top - 1, area.bottom - 1, area.left - 1, area.right - 1, _native(value), style)
            else:
                page.write(row - 1, column - 1, _native(value), style)
        for area in spanned.values():
            page.merge(area.top - 1, area.bottom - 1, area.left - 1, area.right - 1)
        for column in sheet.hidden_columns:
            page.col(column - 1).hidden = True
    out.save(str(path))
    return path


def _covered(sheet: Sheet) -> dict[At, Area]:
    return {
        (r, c): a
        for a in sheet.merges
        for r in range(a.top, a.bottom + 1)
        for c in range(a.left, a.right + 1)
        if (r, c) != (a.top, a.left)
    }


def html(book: Book, path: Path) -> Path:
    """A web page's table saved as .xls; one sheet."""
    (sheet,) = book
    covered, spanned, lines = _covered(sheet), {(a.top, a.left): a for a in sheet.merges}, []
    for r in range(1, sheet.height + 1):
        cells = []
        for c in range(1, sheet.width + 1):
            if (r, c) in covered:
                continue
            span = ""
            if area := spanned.get((r, c)):
                span = f' colspan="{area.right - area.left + 1}" rowspan="{area.bottom - area.top + 1}"'
            text = escape(plain(sheet.cells.get((r, c), ""))).replace("\n", "<br>")
            cells.append(f"<td{span}>{text}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    path.write_text(
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8"></head>'
        f'<body><table border="1">{"".join(lines)}</table></body></html>',
        encoding="utf-8",
    )
    return path


def xml2003(book: Book, path: Path) -> Path:
    """SpreadsheetML 2003 named .xls."""
    parts = []
    for sheet in book:
        covered, spanned, rows = _covered(sheet), {(a.top, a.left): a for a in sheet.merges}, []
        for r in range(1, sheet.height + 1):
            cells = []
            for c in range(1, sheet.width + 1):
                if (r, c) in covered or ((r, c) not in sheet.cells and (r, c) not in spanned):
                    continue
                span = f' ss:Index="{c}"'
                if area := spanned.get((r, c)):
                    span += f' ss:MergeAcross="{area.right - area.left}" ss:MergeDown="{area.bottom - area.top}"'
                value = sheet.cells.get((r, c))
                data = ""
                if value is not None:
                    kind = "String" if isinstance(value, str) else "Number"
                    data = f'<Data ss:Type="{kind}">{escape(plain(value))}</Data>'.replace("\n", "&#10;")
                cells.append(f"<Cell{span}>{data}</Cell>")
            rows.append(f'<Row ss:Index="{r}">{"".join(cells)}</Row>')
        parts.append(f'<Worksheet ss:Name="{escape(sheet.name)}"><Table>{"".join(rows)}</Table></Worksheet>')
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">{"".join(parts)}</Workbook>',
        encoding="utf-8",
    )
    return path


def csv_gbk(book: Book, path: Path) -> Path:
    """A list as CSV in GBK, long codes guarded by a tab; one sheet, no merges."""
    (sheet,) = book
    text = io.StringIO()
    writer = csv.writer(text)
    for r in range(1, sheet.height + 1):
        row = [plain(sheet.cells.get((r, c), "")) for c in range(1, sheet.width + 1)]
        writer.writerow([f"{x}\t" if len(x) > 14 and x.isalnum() and x.isascii() else x for x in row])
    path.write_bytes(text.getvalue().encode("gbk"))
    return path


def ods(book: Book, path: Path) -> Path:
    """Saved by LibreOffice."""
    tables = []
    for sheet in book:
        covered, spanned, rows = _covered(sheet), {(a.top, a.left): a for a in sheet.merges}, []
        for r in range(1, sheet.height + 1):
            cells = []
            for c in range(1, sheet.width + 1):
                if (r, c) in covered:
                    cells.append("<table:covered-table-cell/>")
                    continue
                span = ""
                if area := spanned.get((r, c)):
                    span = f' table:number-columns-spanned="{area.right - area.left + 1}"'
                    span += f' table:number-rows-spanned="{area.bottom - area.top + 1}"'
                value = sheet.cells.get((r, c))
                if value is None:
                    cells.append(f"<table:table-cell{span}/>")
                    continue
                kind = ' office:value-type="string"'
                if not isinstance(value, str):
                    kind = f' office:value-type="float" office:value="{plain(value)}"'
                lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in plain(value).split("\n"))
                cells.append(f"<table:table-cell{kind}{span}>{lines}</table:table-cell>")
            rows.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
        tables.append(f'<table:table table:name="{escape(sheet.name)}">{"".join(rows)}</table:table>')
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{urn}:office:1.0" '
        f'xmlns:table="{urn}:table:1.0" xmlns:text="{urn}:text:1.0" office:version="1.2"><office:body>'
        f"<office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{urn}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("mimetype", kind)
        out.writestr("content.xml", content)
        out.writestr("META-INF/manifest.xml", manifest)
    return path


CONTAINERS: dict[str, tuple[str, Callable[[Book, Path], Path]]] = {
    "xlsx": (".xlsx", xlsx),
    "inline": (".xlsx", inline),
    "xls": (".xls", xls),
    "xml2003": (".xls", xml2003),
    "ods": (".ods", ods),
    "html": (".xls", html),
    "csv": (".csv", csv_gbk),
    "docx": (".docx", worddoc.write),
}


def write(book: Book, container: str, stem: Path) -> Path:
    """The workbook in a container; `stem` is the path without suffix."""
    suffix, maker = CONTAINERS[container]
    return maker(book, stem.with_name(stem.name + suffix))


def can_hold(container: str, book: Book) -> bool:
    """Whether the container keeps what this workbook says."""
    if container in ("html", "csv") and len(book) > 1:
        return False
    notes = any(sheet.notes for sheet in book)
    shaped = any(sheet.formats or sheet.hidden_columns for sheet in book)
    if notes and container not in ("xlsx", "docx"):
        return False
    if container == "csv":
        return not shaped and not any(a.bottom > a.top for sheet in book for a in sheet.merges)
    return not (shaped and container in ("html", "xml2003", "ods", "docx"))
