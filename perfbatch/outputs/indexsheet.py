"""The first sheet of an annotated copy with many forms: one line a finding, its cell a link.

In a workbook that is patched the sheet is a part of its own with its texts in its cells; of the workbook part only
the list of sheets and the numbers that count sheets change (ECMA-376 Part 1 §18.2.5, §18.2.19, §18.2.30).
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from perfbatch.forms import own_outputs
from perfbatch.intake.markup import local
from perfbatch.model import Finding
from perfbatch.outputs.cells import shortened
from perfbatch.outputs.marks import clean, fill_of
from perfbatch.outputs.ooxml import main_namespace, parse_part, serialised
from perfbatch.outputs.wording import SEVERITY, rank, state_word

NAME, HEADS = own_outputs.INDEX, own_outputs.INDEX_HEADS
WORKSHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
FROM = 10  # forms up to which the marks are found by leafing through the sheets; own convention
MOST = 20_000  # lines; a sheet holds 65 530 links
WIDTHS = (6, 9, 8, 24, 9, 30, 90)
_LINE = 88  # half-width characters of a message


class Line(NamedTuple):
    """One finding: the cells of its line, its cell as a link inside the workbook leads to it, its fill."""

    texts: tuple[str, ...]
    location: str
    rgb: str


def lines(findings: Sequence[Finding], sheets: Sequence[str]) -> tuple[list[Line], int]:
    """A line for each finding of the sheets, those that are open first, then as the sheets lie; how many there are."""
    places = {name: at for at, name in enumerate(sheets)}
    known = [finding for finding in dict.fromkeys(findings) if finding.sheet in places]
    known.sort(key=lambda f: (not f.open, rank(f), places[f.sheet]))
    found = []
    for at, finding in enumerate(known[:MOST], start=1):
        word = SEVERITY.get(finding.severity, "") if finding.open else state_word(finding)
        cell, quoted = finding.cell or "A1", finding.sheet.replace("'", "''")
        message = shortened(finding.message, _LINE)
        texts = (str(at), word, finding.code, finding.sheet, cell, finding.project, message)
        found.append(Line(texts, f"'{quoted}'!{cell}", fill_of(finding)))
    return found, len(known)


def title(found: Sequence[Line], total: int) -> str:
    """What stands above the lines."""
    cut = f"，列出前{len(found)}条" if len(found) < total else ""
    return f"{NAME}：共{total}条{cut}，点击“单元格”打开；本表为核对时添加，不属于自评表，报送前请删除"


def worksheet(space: str, found: Sequence[Line], total: int, styles: dict[str, int]) -> bytes:
    """The worksheet part; `styles` maps a fill to the number of its format, "" to that of plain cells."""
    head = styles.get("head", 0)
    cols = "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(WIDTHS, 1))
    rows = [_row(1, [title(found, total)], [0]), _row(2, HEADS, [head] * len(HEADS))]
    plain = [0] * len(HEADS)
    rows += [_row(at, line.texts, [0, styles.get(line.rgb, 0), *plain[2:]]) for at, line in enumerate(found, start=3)]
    links = "".join(
        f'<hyperlink ref="E{at}" location={quoteattr(clean(line.location))} display={quoteattr(line.texts[4])}/>'
        for at, line in enumerate(found, start=3)
    )
    last = len(found) + 2
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{space}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" '
        'state="frozen"/></sheetView></sheetViews>'
        f'<cols>{cols}</cols><sheetData>{"".join(rows)}</sheetData><autoFilter ref="A2:G{last}"/>'
        + (f"<hyperlinks>{links}</hyperlinks>" if links else "")
        + '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.7" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


def _row(number: int, texts: Sequence[str], looks: Sequence[int]) -> str:
    cells = []
    for at, (text, look) in enumerate(zip(texts, looks, strict=True)):
        plain = escape(re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", clean(text)))
        string = f'<is><t xml:space="preserve">{plain}</t></is>'
        cells.append(f'<c r="{chr(65 + at)}{number}" s="{look}" t="inlineStr">{string}</c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def put_first(workbook: bytes, relation: str, relation_space: str) -> bytes:
    """The workbook part with the sheet before all others; what counts sheets by place, as the open one, goes one up."""
    root = parse_part(workbook)
    space = main_namespace(root)
    sheets = next(child for child in root if local(child) == "sheets")
    numbers = [int(sheet.get("sheetId") or 0) for sheet in sheets]
    own_sheet = etree.Element(f"{{{space}}}sheet", name=NAME, sheetId=str(max(numbers, default=0) + 1))
    own_sheet.set(f"{{{relation_space}}}id", relation)
    sheets.insert(0, own_sheet)
    _count_on(root, 1)
    return serialised(root)


def _count_on(root: Any, by: int) -> None:
    for view in root.iter("{*}workbookView"):
        view.set("activeTab", str(int(view.get("activeTab") or 0) + by))
    for name in root.iter("{*}definedName"):
        if name.get("localSheetId") is not None:
            name.set("localSheetId", str(int(name.get("localSheetId")) + by))


def taken_out(workbook: bytes) -> Any:
    """The root of a workbook part as it was before `put_first`: proves that nothing else was changed."""
    root = parse_part(workbook)
    sheets = next(child for child in root if local(child) == "sheets")
    if len(sheets) and sheets[0].get("name") == NAME:
        sheets.remove(sheets[0])
        _count_on(root, -1)
    for view in root.iter("{*}workbookView"):
        if view.get("activeTab") == "0":  # the default
            del view.attrib["activeTab"]
    return root
