"""One small table in every container the reader takes: makers by name, and what must be read from each."""

from __future__ import annotations

import base64
from collections.abc import Callable

from perfbatch.model import Range
from support import workbooks as wb

FORMATS = (0, "0.00%", "yyyy/m/d", 'm"月"d"日"')
# (row, column, value, style), 0-based; row 4 is hidden and C1 is merged into A1.
ROWS = [
    (0, 0, "项目支出绩效自评表", 0), (1, 0, "预算数", 0), (1, 1, 492125.5, 0), (1, 2, 50, 0),
    (2, 0, "执行率", 0), (2, 1, 0.8619, 1), (2, 2, 45291.0, 2), (3, 0, "备注\n＜甲＞ & “乙”", 0),
    (3, 1, 45303.0, 3), (4, 0, True, 0), (4, 1, "#DIV/0!", 0), (4, 2, "0012", 0),
]  # fmt: skip
EXPECTED = {
    "A1": ("项目支出绩效自评表", "text"), "A2": ("预算数", "text"), "B2": ("492125.5", "number"),
    "C2": ("50", "number"), "A3": ("执行率", "text"), "B3": ("86.19%", "percent"),
    "C3": ("2023-12-31", "date"), "A4": ("备注\n＜甲＞ & “乙”", "text"), "B4": ("1月12日", "date"),
    "A5": ("TRUE", "bool"), "B5": ("#DIV/0!", "error"), "C5": ("0012", "text"),
}  # fmt: skip
MERGE = Range(1, 1, 1, 3)
GRID = [["项目支出绩效自评表"], ["预算数", "492125.5", "50"], ["执行率", "86.19%", "2023-12-31"]]
GRID += [["备注甲乙", "1月12日"], ["TRUE", "#DIV/0!", "0012"]]


def xlsx() -> bytes:
    texts = ["项目支出绩效自评表", "预算数", "执行率", "备注&#10;＜甲＞ &amp; “乙”", "0012"]
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"/></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>492125.5</v></c><c r="C2"><v>50</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3" s="1"><v>0.86190000000000011</v></c>'
        '<c r="C3" s="2"><v>45291</v></c></row>'
        '<row r="4"><c r="A4" t="s"><v>3</v></c><c r="B4" s="3"><v>45303</v></c></row>'
        '<row r="5" hidden="1"><c r="A5" t="b"><v>1</v></c><c r="B5" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="C5" t="s"><v>4</v></c></row>'
    )
    merges = '<mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>'
    part = wb.sheet(rows, after=merges)
    return wb.xlsx({"自评表": part}, texts=[f"<t>{t}</t>" for t in texts], formats=FORMATS)


def strict() -> bytes:
    texts = ["项目支出绩效自评表", "预算数", "执行率", "备注&#10;＜甲＞ &amp; “乙”", "0012"]
    parts = wb.xlsx_parts({"自评表": wb.sheet("")}, texts=[f"<t>{t}</t>" for t in texts], formats=FORMATS)
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>492125.5</v></c><c r="C2"><v>50</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3" s="1"><v>0.8619</v></c>'
        '<c r="C3" s="2" t="d"><v>2023-12-31T00:00:00</v></c></row>'
        '<row r="4"><c r="A4" t="s"><v>3</v></c><c r="B4" s="3" t="d"><v>2024-01-12</v></c></row>'
        '<row r="5" hidden="1"><c r="A5" t="b"><v>1</v></c><c r="B5" t="e"><v>#DIV/0!</v></c>'
        '<c r="C5" t="s"><v>4</v></c></row>'
    )
    merges = '<mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>'
    parts["xl/worksheets/sheet1.xml"] = wb.sheet(rows, after=merges)
    swap = (wb.MAIN, wb.STRICT), (wb.RELATION, wb.RELATION.replace("schemas.openxmlformats", "purl.oclc"))
    for name, body in parts.items():
        text = str(body)
        for old, new in swap:
            text = text.replace(old, new)
        parts[name] = text
    return wb.zipped(parts)


def xls() -> bytes:
    return wb.ole({"Workbook": raw_biff()})


def raw_biff() -> bytes:
    return wb.biff8("自评表", ROWS, formats=FORMATS, merges=[(0, 0, 0, 2)], hidden_rows=[4])


def xlsb() -> bytes:
    return wb.xlsb("自评表", wb.xlsb_sheet(ROWS, merges=[(0, 0, 0, 2)], hidden_rows=[4]), formats=FORMATS)


def ods_tables() -> str:
    def cell(kind: str, shown: str, attributes: str = "") -> str:
        lines = "".join(f"<text:p>{line}</text:p>" for line in shown.split("\n"))
        return f'<table:table-cell office:value-type="{kind}" {attributes}>{lines}</table:table-cell>'

    error = 'table:formula="of:=1/0" office:string-value="" calcext:value-type="error"'
    rows = [
        [cell("string", "项目支出绩效自评表", 'table:number-columns-spanned="3"')],
        [
            cell("string", "预算数"),
            cell("float", "492,125.50", 'office:value="492125.5"'),
            cell("float", "50", 'office:value="50"'),
        ],
        [
            cell("string", "执行率"),
            cell("percentage", "86%", 'office:value="0.8619"'),
            cell("date", "2023/12/31", 'office:date-value="2023-12-31"'),
        ],
        [cell("string", "备注\n＜甲＞ &amp; “乙”"), cell("date", "1月12日", 'office:date-value="2024-01-12"')],
        [
            cell("boolean", "TRUE", 'office:boolean-value="true"'),
            cell("string", "#DIV/0!", error),
            cell("string", "0012"),
        ],
    ]
    hidden = ["", "", "", "", ' table:visibility="collapse"']
    lines = (f"<table:table-row{h}>{''.join(r)}</table:table-row>" for h, r in zip(hidden, rows, strict=True))
    return f'<table:table table:name="自评表">{"".join(lines)}</table:table>'


def xml2003() -> bytes:
    def cell(kind: str, text: str, attributes: str = "") -> str:
        return f'<Cell {attributes}><Data ss:Type="{kind}">{text}</Data></Cell>'

    rows = [
        cell("String", "项目支出绩效自评表", 'ss:MergeAcross="2"'),
        cell("String", "预算数") + cell("Number", "492125.5") + cell("Number", "50"),
        cell("String", "执行率")
        + cell("Number", "0.8619", 'ss:StyleID="p"')
        + cell("DateTime", "2023-12-31T00:00:00.000", 'ss:StyleID="d"'),
        cell("String", "备注&#10;＜甲＞ &amp; “乙”") + cell("DateTime", "2024-01-12T00:00:00.000", 'ss:StyleID="m"'),
        cell("Boolean", "1") + cell("Error", "#DIV/0!", 'ss:Formula="=1/0"') + cell("String", "0012"),
    ]
    styles = (
        '<Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style>'
        '<Style ss:ID="d"><NumberFormat ss:Format="Short Date"/></Style>'
        '<Style ss:ID="m"><NumberFormat ss:Format="m&quot;月&quot;d&quot;日&quot;"/></Style>'
    )
    hidden = ["", "", "", "", ' ss:Hidden="1"']
    lines = "".join(f"<Row{h}>{row}</Row>" for h, row in zip(hidden, rows, strict=True))
    table = f'<Worksheet ss:Name="自评表"><Table>{lines}</Table></Worksheet>'
    return wb.xml2003(table, styles=styles).encode()


TYPED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "xlsx": ("xlsx", xlsx),
    "strict": ("xlsx", strict),
    "xls": ("xls", xls),
    "biff-without-ole": ("xls", raw_biff),
    "xlsb": ("xlsb", xlsb),
    "ods": ("ods", lambda: wb.ods(ods_tables())),
    "fods": ("fods", lambda: wb.ods_content(ods_tables()).encode()),
    "xml2003": ("xml2003", xml2003),
}


def html(encoding: str = "utf-8", charset: str = "utf-8") -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in GRID[1:])
    page = (
        f'<html><head><meta charset="{charset}"></head><body><table>'
        f'<tr><th colspan="3">{GRID[0][0]}</th></tr>{rows}</table></body></html>'
    )
    return page.encode(encoding)


def mht() -> bytes:
    head = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
    part = "Content-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return (head + part).encode() + base64.encodebytes(html("gb18030", "gb2312")) + b"\r\n--b--\r\n"


def lines(separator: str, encoding: str) -> bytes:
    return "\r\n".join(separator.join(row) for row in GRID).encode(encoding)


AS_TEXT: dict[str, tuple[str, Callable[[], bytes]]] = {
    "html": ("html", html),
    "html-gbk": ("html", lambda: html("gb18030", "gb2312")),
    "mht": ("mht", mht),
    "csv": ("csv", lambda: lines(",", "utf-8")),
    "csv-mark": ("csv", lambda: lines(",", "utf-8-sig")),
    "csv-gbk": ("csv", lambda: lines(",", "gbk")),
    "tsv-gbk": ("tsv", lambda: lines("\t", "gbk")),
    "tsv-utf16": ("tsv", lambda: lines("\t", "utf-16")),
}

# What the cases of tests/intake/cells.toml refer to by number.
CELL_FORMATS = (0, 10, 14, 58, 57, 4)
CELL_TEXTS = (
    "<t>甲</t>",
    '<r><rPr><b/></rPr><t>数量</t></r><r><t xml:space="preserve">指标</t></r>',
    '<t>課税</t><rPh sb="0" eb="1"><t>カ</t></rPh><phoneticPr fontId="1"/>',
    "<t> 时效指标 </t>",
    "<t>一_x000D_\n二_x005F_x000D_三_x0000_</t>",
)
