"""A drawn workbook as a Word document: each sheet a title, a unit line and a table, as people type them into Word.

Rows above the first row of more than one cell become paragraphs (a title stands outside of the table there), rows of
notes at the end too; everything else is one table with ``w:gridSpan`` and ``w:vMerge``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from strangers.grid import Area, At, Sheet, plain

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
_RELS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def run(text: str) -> str:
    """A run of text; line breaks and tabs as elements."""
    pieces = escape(text).replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    pieces = pieces.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
    return f'<w:r><w:t xml:space="preserve">{pieces}</w:t></w:r>' if text else ""


def paragraph(text: str, comment: int | None = None) -> str:
    """A paragraph, with the mark of a comment at its end."""
    mark = "" if comment is None else f'<w:r><w:commentReference w:id="{comment}"/></w:r>'
    return f"<w:p>{run(text)}{mark}</w:p>"


def package(body: str, path: Path, parts: dict[str, str] | None = None) -> Path:
    """A .docx of a body and further parts; a part given under the name of a usual one replaces it."""
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{SPACE}" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
        'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
        f"<w:body>{body}<w:sectPr/></w:body></w:document>"
    )
    every = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELS, "word/document.xml": document} | (parts or {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in every.items():
            out.writestr(name, text)
    return path


def table(sheet: Sheet, rows: Sequence[int], widths: Sequence[int] = (), notes: list[str] | None = None) -> str:
    """Some rows of a sheet as one table; a merged cell that is cut by the rows goes on in the next table.

    The sheet's comments are added to `notes` and named by their place there.
    """
    owner = {(r, c): a for a in sheet.merges for r in range(a.top, a.bottom + 1) for c in range(a.left, a.right + 1)}
    wide = widths or [1000] * sheet.width
    lines = []
    for r in rows:
        cells, c = [], 1
        while c <= sheet.width:
            area = owner.get((r, c), Area(r, c, r, c))
            span = area.right - area.left + 1
            down = ""
            if area.bottom > area.top:
                first = r == area.top or r == rows[0]
                down = '<w:vMerge w:val="restart"/>' if first else "<w:vMerge/>"
            shown = sheet.cells.get((area.top, area.left), "") if (r, c) == (area.top, area.left) else ""
            width = sum(wide[c - 1 : c - 1 + span])
            number = None
            if notes is not None and (r, c) in sheet.notes:
                number = len(notes)
                notes.append(sheet.notes[r, c])
            *lead, last = plain(shown).split("\n")
            lines_of = "".join(map(paragraph, lead)) + paragraph(last, number)
            across = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
            cells.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{across}{down}</w:tcPr>{lines_of}</w:tc>')
            c += span
        lines.append(f"<w:tr>{''.join(cells)}</w:tr>")
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in wide)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"


def _alone(sheet: Sheet, row: int) -> str | None:
    """The only text of a row without other cells tied to it, else None; empty for an empty row."""
    texts = {at: plain(value) for at, value in sheet.cells.items() if at[0] == row}
    areas = [a for a in sheet.merges if a.top <= row <= a.bottom]
    if len(texts) > 1 or any(a.bottom > a.top or (a.top, a.left) not in texts for a in areas):
        return None
    return next(iter(texts.values()), "")


def body_of(sheet: Sheet, notes: list[str] | None = None) -> str:
    """Title lines, the table, the lines below it."""
    rows = list(range(1, sheet.height + 1))
    above, below = [], []
    while rows and _alone(sheet, rows[0]) is not None:
        above.append(_alone(sheet, rows.pop(0)) or "")
    while rows and (text := _alone(sheet, rows[-1])) is not None and (not text or text.startswith(("注", "填"))):
        below.insert(0, text)
        rows.pop()
    inner = table(sheet, rows, notes=notes) + paragraph("") if rows else ""  # Word wants a paragraph behind a table
    return "".join(map(paragraph, above)) + inner + "".join(map(paragraph, below))


def write(book: Sequence[Sheet], path: Path) -> Path:
    """The document: sheet after sheet, a page break between."""
    broken = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
    notes: list[str] = []
    body = broken.join([body_of(sheet, notes) for sheet in book])
    return package(body, path, commented(notes) if notes else None)


def commented(notes: Sequence[str]) -> dict[str, str]:
    """The parts of a document with comments, numbered from 0."""
    each = "".join(
        f'<w:comment w:id="{n}" w:author="填表人">{paragraph(text)}</w:comment>' for n, text in enumerate(notes)
    )
    override = (
        '<Override PartName="/word/comments.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.comments+xml"/></Types>'
    )
    return {
        "word/comments.xml": f'<?xml version="1.0" encoding="UTF-8"?><w:comments xmlns:w="{SPACE}">{each}</w:comments>',
        "word/_rels/document.xml.rels": _RELS.replace(
            'officeDocument" Target="word/document.xml"', 'comments" Target="comments.xml"'
        ),
        "[Content_Types].xml": _TYPES.replace("</Types>", override),
    }


def places(sheet: Sheet) -> dict[At, At]:
    """Where the cells of a lone sheet stand in the document as it is read: empty rows around the table are none."""
    kept = [r for r in range(1, sheet.height + 1) if _alone(sheet, r) != ""]
    return {(r, c): (n, c) for n, r in enumerate(kept, 1) for c in range(1, sheet.width + 1)}
