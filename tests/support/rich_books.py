"""Workbooks rich in what a careless re-save would lose, and editing of their parts."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from perfbatch.model import Finding

Edit = bytes | Callable[[bytes], bytes] | None
MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FORM, LIST, LOCKED, HIDDEN, CHART = "项目一", "清单", "锁定", "隐藏表", "图表页"


def finding(sheet: str, cell: str, severity: str = "error", code: str = "SC01", **fields: str) -> Finding:
    """A finding with invented texts."""
    texts = {
        "message": "得分超过该指标分值。",
        "seen": "12",
        "expected": "≤10",
        "hint": "请核对后修改",
        "basis": "财预〔2020〕10号",
    } | fields
    return Finding(code, severity, "表.xlsx", sheet, cell, "p1", "道路养护", **texts)  # type: ignore[arg-type]


def rich_book(path: Path) -> Path:
    """A workbook with every feature that clerks' exports have been seen to carry."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    looks = _looks(book)
    _form(book, looks)
    _list(book, looks)
    locked = book.add_worksheet(LOCKED)
    locked.protect("secret", {"objects": True})
    locked.write_string("A1", "受保护", looks["text"])
    locked.write_comment("A1", "单位批注", {"author": "李四"})
    hidden = book.add_worksheet(HIDDEN)
    hidden.hide()
    hidden.write_number("A1", 1)
    pie = book.add_chart({"type": "pie"})
    pie.add_series({"values": f"={FORM}!$B$5:$B$8"})
    book.add_chartsheet(CHART).set_chart(pie)
    book.define_name("总分", f"={FORM}!$B$5")
    book.close()
    return inject(path)


def inject(path: Path) -> Path:
    """Add the parts of other vendors: customXml, WPS cell images, printer settings."""
    return edit(
        path,
        {
            "customXml/item1.xml": '<数据 来源="一体化系统">签名</数据>'.encode(),
            "customXml/_rels/item1.xml.rels": _rels(("rId1", "customXmlProps", "itemProps1.xml")),
            "customXml/itemProps1.xml": b"<ds xmlns='http://example.org/ds'/>",
            "xl/cellimages.xml": b"<etc:cellImages xmlns:etc='http://www.wps.cn/officeDocument/2017/etCustomData'/>",
            "xl/printerSettings/printerSettings1.bin": bytes(range(256)),
            "xl/_rels/workbook.xml.rels": lambda xml: xml.replace(
                b"</Relationships>",
                (
                    f'<Relationship Id="rId90" Type="{_OFFICE}/cellImage" Target="cellimages.xml"/>'
                    f'<Relationship Id="rId91" Type="{_OFFICE}/customXml" Target="../customXml/item1.xml"/>'
                    "</Relationships>"
                ).encode(),
            ),
            "[Content_Types].xml": lambda xml: xml.replace(
                b"<Override", b'<Default Extension="bin" ContentType="application/octet-stream"/><Override', 1
            ),
        },
    )


def macro_book(path: Path) -> Path:
    """`rich_book` as a workbook with macros (the project is not a real one: nobody runs it)."""
    rich_book(path)
    return edit(
        path,
        {
            "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 not a real project",
            "xl/_rels/workbook.xml.rels": lambda xml: xml.replace(
                b"</Relationships>",
                b'<Relationship Id="rId95" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"'
                b' Target="vbaProject.bin"/></Relationships>',
            ),
            "[Content_Types].xml": lambda xml: xml.replace(_BOOK_TYPE.encode(), MACRO_TYPE.encode()),
        },
    )


def edit(path: Path, edits: Mapping[str, Edit], target: Path | None = None) -> Path:
    """Rewrite parts of a package: bytes replace or add, a function changes, None removes."""
    parts = parts_of(path)
    for name, change in edits.items():
        if change is None:
            del parts[name]
        elif callable(change):
            after = change(parts[name])
            assert after != parts[name], f"the edit of {name} changes nothing"
            parts[name] = after
        else:
            parts[name] = change
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    (target or path).write_bytes(body.getvalue())
    return target or path


def parts_of(path: Path) -> dict[str, bytes]:
    """All parts of a package by name."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def swap(old: str, new: str, count: int = 1) -> Callable[[bytes], bytes]:
    """An edit that replaces text (a regular expression)."""
    return lambda xml: re.sub(old, new, xml.decode("utf-8"), count=count, flags=re.DOTALL).encode("utf-8")


def png() -> bytes:
    """A picture of one red pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00\xff\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _looks(book: Any) -> dict[str, Any]:
    base = {"border": 1, "valign": "vcenter", "text_wrap": True}
    return {
        "text": book.add_format(base | {"font_name": "宋体"}),
        "head": book.add_format(base | {"bold": True, "bg_color": "#DDEBF7", "font_name": "仿宋", "border": 2}),
        "money": book.add_format(base | {"num_format": "#,##0.00_ ", "locked": False, "border_color": "#0070C0"}),
        "rate": book.add_format(base | {"num_format": "0.00%", "italic": True, "align": "right", "indent": 1}),
        "red": book.add_format({"font_color": "#FF0000", "bold": True}),
    }


def _form(book: Any, looks: dict[str, Any]) -> None:
    sheet = book.add_worksheet(FORM)
    sheet.merge_range("A1:H1", "项目支出绩效自评表", looks["head"])
    sheet.merge_range("A5:A8", "产出指标", looks["text"])
    for row in range(1, 12):
        sheet.write_number(row, 1, row * 1.5, looks["money"])
        sheet.write_string(row, 2, f"指标{row}", looks["text"])
        sheet.write_formula(row, 3, f"=B{row + 1}/100", looks["rate"], row * 0.015)
    sheet.write_rich_string("E3", "未完成：", looks["red"], "原因", looks["text"], "见说明")
    sheet.write_string("F3", "=1+1", looks["text"])
    sheet.write_blank("G3", None, looks["text"])
    sheet.write_url("H3", "https://example.org/help", string="说明")
    sheet.set_column("A:A", 14.5)
    sheet.set_column("J:J", 20, looks["rate"])
    sheet.set_row(20, 30, looks["head"])
    sheet.freeze_panes(2, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0, 1)
    sheet.print_area("A1:H12")
    sheet.set_footer("&C第 &P 页")
    sheet.data_validation("C4:C8", {"validate": "list", "source": ["优", "良", "中", "差"]})
    sheet.conditional_format("B2:B12", {"type": "data_bar", "data_bar_2010": True})
    sheet.insert_image("K2", "dot.png", {"image_data": io.BytesIO(png())})
    bars = book.add_chart({"type": "column"})
    bars.add_series({"values": f"={FORM}!$B$5:$B$8"})
    sheet.insert_chart("K5", bars)
    sheet.insert_button("K20", {"caption": "汇总"})
    sheet.add_sparkline("I2", {"range": f"{FORM}!B2:B8"})
    sheet.insert_textbox("K24", "填表说明")
    sheet.write_comment("C5", "上年已说明", {"author": "张三", "x_scale": 1.5, "color": "#CCFFCC"})


def _list(book: Any, looks: dict[str, Any]) -> None:
    sheet = book.add_worksheet(LIST)
    for column, title in enumerate(("序号", "项目名称", "金额")):
        sheet.write_string(0, column, title, looks["head"])
    for row in range(1, 30):
        sheet.write_row(row, 0, [row, f"项目{row}", row * 10.25], looks["money"])
    sheet.autofilter("A1:C30")
    sheet.set_row(5, None, None, {"hidden": True})


def _rels(*relations: tuple[str, str, str]) -> bytes:
    body = "".join(f'<Relationship Id="{i}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for i, kind, to in relations)
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{space}">{body}</Relationships>'.encode()
