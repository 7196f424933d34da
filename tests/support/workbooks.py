"""Makes workbooks byte by byte, so that a test can have exactly the oddity it is about and no other."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from xml.sax.saxutils import escape, quoteattr

from perfbatch.intake.package import _CELL, RawCell, SheetPart, filled_cell

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def raw_cells(xml: bytes) -> Iterator[RawCell]:
    """Every ``<c>`` of a sheet part, in document order; empty styled cells are included."""

    def of_piece(piece: str) -> RawCell:
        if (filled := filled_cell(piece)) is not None:
            return filled
        letters, row, style, kind = _CELL.match(piece).groups()[:4]
        return RawCell(letters, row, kind or "n", int(style or 0), None, None)

    return chain.from_iterable(SheetPart(xml).cells_by(lambda pieces: list(map(of_piece, pieces)), lambda raw: raw))


def zipped(parts: Mapping[str, bytes | str] | Iterable[tuple[str, bytes | str]]) -> bytes:
    """A zip of the parts; pairs may repeat a name."""
    out = io.BytesIO()
    pairs = parts.items() if isinstance(parts, Mapping) else parts
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in pairs:
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def cells_of_part(xml: bytes) -> Iterator[tuple[str, str, int, str | None, str | None]]:
    """Every cell of a sheet part in document order: A1 reference, type, style, raw value, formula."""
    for letters, row, kind, style, value, formula in raw_cells(xml):
        yield letters + row, kind, style, value, formula


def sheet(rows: str, *, before: str = "", after: str = "", namespace: str = MAIN) -> str:
    """A sheet part around raw row markup."""
    root = f'<worksheet xmlns="{namespace}" xmlns:r="{RELATION}">'
    return f"{HEAD}{root}{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def strings(items: Iterable[str]) -> str:
    """A shared-strings part around raw item markup (``<t>…</t>``)."""
    body = "".join(f"<si>{item}</si>" for item in items)
    return f'{HEAD}<sst xmlns="{MAIN}">{body}</sst>'


def styles(formats: Sequence[int | str]) -> str:
    """A styles part whose cell style k has the k-th number format, built-in (int) or custom (code)."""
    custom = [(164 + k, code) for k, code in enumerate(formats) if isinstance(code, str)]
    defined = "".join(f'<numFmt numFmtId="{n}" formatCode={quoteattr(code)}/>' for n, code in custom)
    ids = [164 + k if isinstance(code, str) else code for k, code in enumerate(formats)]
    styled = "".join(f'<xf numFmtId="{n}" fontId="0" fillId="0" borderId="0" xfId="0"/>' for n in ids)
    return (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="{len(custom)}">{defined}</numFmts>'
        '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(ids)}">{styled}</cellXfs></styleSheet>'
    )


def xlsx_parts(
    sheets: Mapping[str, str] | Sequence[tuple[str, str]],
    *,
    texts: Iterable[str] = (),
    formats: Sequence[int | str] = (0,),
    states: Mapping[str, str] | None = None,
    properties: str = "",
    extra: Mapping[str, bytes | str] | None = None,
) -> dict[str, bytes | str]:
    """Parts of an .xlsx whose sheets are given as (name, whole sheet part)."""
    pairs = list(sheets.items() if isinstance(sheets, Mapping) else sheets)
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{k}" r:id="rId{k}"{_state((states or {}).get(name))}/>'
        for k, (name, _) in enumerate(pairs, 1)
    )
    targets = [(f"rId{k}", "worksheet", f"worksheets/sheet{k}.xml") for k in range(1, len(pairs) + 1)]
    targets += [("rIdS", "styles", "styles.xml"), ("rIdT", "sharedStrings", "sharedStrings.xml")]
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": _content_types(len(pairs)),
        "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATION}">{properties}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(targets),
        "xl/styles.xml": styles(formats),
        "xl/sharedStrings.xml": strings(texts),
    }
    parts |= {f"xl/worksheets/sheet{k}.xml": body for k, (_, body) in enumerate(pairs, 1)}
    return parts | dict(extra or {})


def xlsx(sheets: Mapping[str, str] | Sequence[tuple[str, str]], **options: object) -> bytes:
    """Bytes of an .xlsx; options as `xlsx_parts`."""
    return zipped(xlsx_parts(sheets, **options))  # type: ignore[arg-type]


def relations(targets: Iterable[tuple[str, str, str]]) -> str:
    """A relations part of (id, last word of the type, target)."""
    body = "".join(
        f'<Relationship Id="{key}" Type="{RELATION}/{kind}" Target="{target}"/>' for key, kind, target in targets
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{body}</Relationships>'


def _state(state: str | None) -> str:
    return f' state="{state}"' if state else ""


def _content_types(count: int) -> str:
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    named = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    named += [("/xl/sharedStrings.xml", "sharedStrings")]
    named += [(f"/xl/worksheets/sheet{k}.xml", "worksheet") for k in range(1, count + 1)]
    body = "".join(f'<Override PartName="{part}" ContentType="{office}.{kind}+xml"/>' for part, kind in named)
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{defaults}{body}</Types>'


def inline(ref: str, text: str) -> str:
    """Markup of an inline-string cell."""
    return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


# ---- BIFF8 and OLE ---------------------------------------------------------------------------------------

BIFF_ERRORS = {"#DIV/0!": 7, "#N/A": 42}


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _biff_text(text: str, count: str = "<HB") -> bytes:
    return struct.pack(count, len(text), 1) + text.encode("utf-16-le")


def biff8(
    name: str,
    cells: Iterable[tuple[int, int, object, int]],
    *,
    formats: Sequence[int | str] = (0,),
    merges: Sequence[tuple[int, int, int, int]] = (),
    hidden_rows: Iterable[int] = (),
    hidden: bool = False,
    from_1904: bool = False,
    more: bytes = b"",
) -> bytes:
    """A BIFF8 stream of one sheet, `more` records at its end. Cells are (row, column, value, style), 0-based; a text
    starting with ``#`` that names an error is written as the error; merges are (top, bottom, left, right)."""
    customs = [(164 + k, code) for k, code in enumerate(formats) if isinstance(code, str)]
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 1996, 0, 6))
    start += _record(0x42, struct.pack("<H", 1200)) + _record(0x22, struct.pack("<H", from_1904))
    start += b"".join(_record(0x41E, struct.pack("<H", n) + _biff_text(code)) for n, code in customs)
    for k, code in enumerate(formats):
        start += _record(0xE0, struct.pack("<HHH14x", 0, 164 + k if isinstance(code, str) else code, 0))
    cells = list(cells)
    texts = [value for _, _, value, _ in cells if isinstance(value, str) and value not in BIFF_ERRORS]
    shared = struct.pack("<II", len(texts), len(texts)) + b"".join(_biff_text(text) for text in texts)
    bound = struct.pack("<BB", hidden, 0) + _biff_text(name, "<BB")
    offset = len(start) + 4 + 4 + len(bound) + 4 + len(shared) + 4
    start += _record(0x85, struct.pack("<I", offset) + bound) + _record(0xFC, shared) + _record(0x0A)
    body = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0x0DBB, 1996, 0, 6))
    for row in hidden_rows:
        body += _record(0x208, struct.pack("<HHHHHHI", row, 0, 8, 255, 0, 0, 0x120))
    index = 0
    for row, column, value, style in cells:
        at = struct.pack("<HHH", row, column, style)
        if isinstance(value, bool):
            body += _record(0x205, at + struct.pack("<BB", value, 0))
        elif value in BIFF_ERRORS:
            body += _record(0x205, at + struct.pack("<BB", BIFF_ERRORS[str(value)], 1))
        elif isinstance(value, str):
            body += _record(0xFD, at + struct.pack("<I", index))
            index += 1
        else:
            body += _record(0x203, at + struct.pack("<d", value))
    if merges:
        packed = b"".join(struct.pack("<4H", *merge) for merge in merges)
        body += _record(0xE5, struct.pack("<H", len(merges)) + packed)
    return start + body + more + _record(0x0A)


def biff_comment(row: int, column: int, text: str, author: str) -> bytes:
    """Records of a comment on a cell, 0-based: its box, its text, the note itself."""
    box = struct.pack("<HHHHH12x", 0x15, 0x12, 0x19, 1, 0x4011) + struct.pack("<HH", 0, 0)
    head = struct.pack("<HH6xHH4x", 0x212, 0, len(text), 16)
    runs = struct.pack("<HHIHHI", 0, 0, 0, len(text), 0, 0)
    note = struct.pack("<4H", row, column, 0, 1) + _biff_text(author) + b"\0"
    parts = [(0x5D, box), (0x1B6, head), (0x3C, b"\1" + text.encode("utf-16-le")), (0x3C, runs), (0x1C, note)]
    return b"".join(_record(kind, body) for kind, body in parts)


def ole(streams: Mapping[str, bytes]) -> bytes:
    """An OLE compound file of some streams, each padded to 4 KB so that no short-stream table is needed."""
    sector, free, end = 512, 0xFFFFFFFF, 0xFFFFFFFE
    bodies = [body.ljust(max(4096, -(-len(body) // sector) * sector), b"\0") for body in streams.values()]
    table: list[int] = []
    starts: list[int] = []
    for body in bodies:
        starts.append(len(table))
        count = len(body) // sector
        table += [len(table) + k + 1 for k in range(count - 1)] + [end]
    directory_at, directory_size = len(table), -(-(len(streams) + 1) // 4)
    table += [directory_at + k + 1 for k in range(directory_size - 1)] + [end]
    fat_at = len(table)
    fats = 1
    while fats * 128 < len(table) + fats:
        fats += 1
    table += [0xFFFFFFFD] * fats
    packed = struct.pack(f"<{len(table)}I", *table).ljust(fats * sector, b"\xff")
    entries = [_entry("Root Entry", 5, end, 0, child=1)]
    for k, (name, body) in enumerate(zip(streams, bodies, strict=True)):
        following = k + 2 if k + 1 < len(bodies) else free
        entries.append(_entry(name, 2, starts[k], len(body), right=following))
    directory = b"".join(entries).ljust(directory_size * sector, b"\0")
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, fats, directory_at, 0, 4096, end, 0, end, 0,
    )  # fmt: skip
    difat = [fat_at + k for k in range(fats)] + [free] * (109 - fats)
    return header + struct.pack("<109I", *difat) + b"".join(bodies) + directory + packed


def _entry(name: str, kind: int, start: int, size: int, *, child: int = -1, right: int = -1) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    links = (0xFFFFFFFF, right & 0xFFFFFFFF, child & 0xFFFFFFFF)
    packed = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1) + struct.pack("<3I", *links)
    return packed + b"\0" * 36 + struct.pack("<IQ", start, size)


# ---- BIFF12 (.xlsb) --------------------------------------------------------------------------------------


def _record12(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, count = b"", len(body)
    while True:
        size += bytes([count & 0x7F | (0x80 if count > 127 else 0)])
        count >>= 7
        if not count:
            return head + size + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb_sheet(
    cells: Iterable[tuple[int, int, object, int]],
    *,
    merges: Sequence[tuple[int, int, int, int]] = (),
    hidden_rows: Iterable[int] = (),
) -> bytes:
    """A binary sheet part; cells as for `biff8`, texts inline, whole numbers below 2^29 as RK."""
    hidden = set(hidden_rows)
    body, last = _record12(129) + _record12(145), -1
    for row, column, value, style in cells:
        if row != last:
            flag = 0x10 if row in hidden else 0
            body += _record12(0, struct.pack("<IIHBBBI", row, 0, 300, 0, flag, 0, 0))
            last = row
        at = struct.pack("<II", column, style)
        if isinstance(value, bool):
            body += _record12(4, at + bytes([value]))
        elif value in BIFF_ERRORS:
            body += _record12(3, at + bytes([BIFF_ERRORS[str(value)]]))
        elif isinstance(value, str):
            body += _record12(6, at + _wide(value))
        elif isinstance(value, int):
            body += _record12(2, at + struct.pack("<I", (value << 2 | 2) & 0xFFFFFFFF))
        else:
            body += _record12(5, at + struct.pack("<d", value))
    body += _record12(146)
    body += b"".join(_record12(176, struct.pack("<4I", *merge)) for merge in merges)
    return body + _record12(130)


def xlsb(name: str, part: bytes, *, formats: Sequence[int | str] = (0,), hidden: bool = False) -> bytes:
    """An .xlsb of one binary sheet part."""
    customs = [(164 + k, code) for k, code in enumerate(formats) if isinstance(code, str)]
    style = b"".join(_record12(44, struct.pack("<H", n) + _wide(code)) for n, code in customs)
    style += _record12(617, struct.pack("<I", len(formats)))
    for k, code in enumerate(formats):
        number = 164 + k if isinstance(code, str) else code
        style += _record12(47, struct.pack("<HHHHHBBHH", 0xFFFF, number, 0, 0, 0, 0, 0, 0, 0)[:16])
    style += _record12(618)
    book = _record12(131) + _record12(153, struct.pack("<III", 0, 0, 0)) + _record12(143)
    book += _record12(156, struct.pack("<II", hidden, 1) + _wide("rId1") + _wide(name))
    book += _record12(144) + _record12(132)
    types = (
        '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    return zipped(
        {
            "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
            "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.bin")]),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": relations(
                [("rId1", "worksheet", "worksheets/sheet1.bin"), ("rId2", "styles", "styles.bin")]
            ),
            "xl/worksheets/sheet1.bin": part,
            "xl/styles.bin": _record12(278) + style + _record12(279),
        }
    )


# ---- OpenDocument and SpreadsheetML 2003 -----------------------------------------------------------------


def ods_content(tables: str, *, automatic: str = "") -> str:
    """A ``content.xml`` around raw table markup."""
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
    )
    extension = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    return (
        f'{HEAD}<office:document-content {spaces} {extension} office:version="1.3">'
        f"<office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )


def ods(tables: str, *, automatic: str = "") -> bytes:
    """An .ods of raw table markup."""
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": ods_content(tables, automatic=automatic),
        }
    )


def xml2003(worksheets: str, *, styles: str = "") -> str:
    """A SpreadsheetML 2003 document around raw worksheet markup."""
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        f'<Workbook xmlns="{space}" xmlns:ss="{space}" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f"<Styles>{styles}</Styles>{worksheets}</Workbook>"
    )
