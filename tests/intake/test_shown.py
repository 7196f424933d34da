"""A cell's text is what its number format shows, in every container, as LibreOffice shows it but for rounding."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import workbooks as wb

from perfbatch.intake import read_book
from perfbatch.intake.formats import agrees, beside, number_text, plain_kind, shown, shown_text
from perfbatch.model import Book

FORMATS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("shown.toml").read_text(encoding="utf-8")
)["format"]  # fmt: skip
PAIRS = [(entry, number, text) for entry in FORMATS for number, text in entry["shows"]]
CODES = [entry["code"] for entry in FORMATS]
_MORE = ("0.8619", "168100", "30", "99.996", "7", "-12.5", "1")  # values shown under every format by LibreOffice
_RUN = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")


def _xlsx() -> bytes:
    rows = "".join(
        f'<row r="{r}"><c r="A{r}" s="{CODES.index(entry["code"])}"><v>{number}</v></c></row>'
        for r, (entry, number, _) in enumerate(PAIRS, 1)
    )
    return wb.xlsx({"表": wb.sheet(rows)}, formats=CODES)


def _binary() -> list[tuple[int, int, object, int]]:
    return [(r, 0, float(number), CODES.index(entry["code"])) for r, (entry, number, _) in enumerate(PAIRS)]


def _xml2003() -> bytes:
    styles = "".join(
        f'<Style ss:ID="s{k}"><NumberFormat ss:Format={wb.quoteattr(code)}/></Style>' for k, code in enumerate(CODES)
    )
    rows = "".join(
        f'<Row><Cell ss:StyleID="s{CODES.index(entry["code"])}"><Data ss:Type="Number">{number}</Data></Cell></Row>'
        for entry, number, _ in PAIRS
    )
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}"><Styles>{styles}</Styles>'
        f'<Worksheet ss:Name="表"><Table>{rows}</Table></Worksheet></Workbook>'
    ).encode()


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "xlsx": _xlsx,
    "xls": lambda: wb.ole({"Workbook": wb.biff8("表", _binary(), formats=CODES)}),
    "xlsb": lambda: wb.xlsb("表", wb.xlsb_sheet(_binary()), formats=CODES),
    "xml2003": _xml2003,
}


def read(folder: Path, data: bytes, name: str = "表.xlsx") -> Book:
    path = folder / name
    path.write_bytes(data)
    return read_book(path, name=name)


@pytest.mark.parametrize(("entry", "number", "text"), PAIRS)
def test_a_format_shows(entry: dict[str, Any], number: str, text: str) -> None:
    found = shown(number, entry["code"])
    assert found.text == text
    assert found.apart == (number in entry.get("apart", ()))
    assert found.stored in ("number", "percent", "date")
    if found.stored == "number":
        assert (found.raw or found.text) == number


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_shows_the_same(tmp_path: Path, container: str) -> None:
    book = read(tmp_path, CONTAINERS[container]())
    (grid,) = book.grids
    assert [grid.cells[r, 1].text for r in range(1, len(PAIRS) + 1)] == [text for _, _, text in PAIRS]
    said = [note for note in book.notes if note.code == "shown_otherwise"]
    assert len(said) == len({entry["code"] for entry in FORMATS if entry.get("apart")})
    for note in said:
        entry, number, text = PAIRS[int(note.cell[1:]) - 1]
        count = len(entry["apart"])
        assert number in entry["apart"]
        assert number in note.text
        assert (f"等{count}处" in note.text) == (count > 1)
        assert text in note.text or "不显示" in note.text


@given(
    st.sampled_from(CODES),
    st.decimals(min_value=Decimal("-1e9"), max_value=Decimal("1e9"), places=4),
)
def test_no_digit_is_lost(code: str, value: Decimal) -> None:
    """The number is in the text or beside it, whatever the format."""
    number = number_text(str(value)) or ""
    found = shown(number, code)
    if found.stored == "number":
        assert (found.raw or found.text) == number
    elif found.stored == "percent" and not found.raw:
        assert Decimal(found.text[:-1]) == Decimal(number) * 100


@given(st.text(alphabet="0123456789.,%-()万元≥ ", max_size=12), st.floats(allow_nan=False, allow_infinity=False))
def test_no_displayed_text_breaks_the_reading(displayed: str, value: float) -> None:
    number = number_text(repr(value)) or "0"
    found = beside(displayed, number)
    assert found.stored in ("text", "number", "percent")
    assert agrees(number, number)


@given(
    st.text(alphabet='0#?.,%;"!\\@_*[]<>=万元 \n-()/EeGymd', max_size=16),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_no_code_breaks_the_drawing(code: str, value: float) -> None:
    found = shown(repr(value), code)
    assert found.text
    assert found.stored in ("number", "percent", "date")
    plain_kind(code)
    shown_text("甲", code)


def test_text_formats_put_words_around_texts(tmp_path: Path) -> None:
    assert shown_text("30", '@"元"')[:3] == ("30元", "text", "30")
    assert shown_text("甲", '0;-0;0;"▲"@').text == "▲甲"
    assert shown_text("甲", "0;-0;0;@").text == "甲"
    assert shown_text("甲", ";;;").text == "甲"  # hidden, and kept
    rows = '<row r="1"><c r="A1" t="s" s="1"><v>0</v></c><c r="B1" t="str" s="1"><v>乙</v></c></row>'
    book = read(tmp_path, wb.xlsx({"表": wb.sheet(rows)}, texts=["<t>甲</t>"], formats=(0, '@"村"')))
    assert [cell.text for cell in book.grids[0].cells.values()] == ["甲村", "乙村"]


@pytest.mark.parametrize(
    ("displayed", "number", "text", "stored", "apart"),
    [
        ("16.81", "16.8123", "16.8123", "number", False),
        ("1,756.00", "1756", "1756", "number", False),
        ("16.81万元", "168100", "16.81万元", "text", True),
        ("16.8", "168123", "16.8123", "text", True),
        ("86%", "0.8619", "86.19%", "percent", False),
        ("≥95%", "0.95", "≥95%", "text", False),
        ("95%", "95", "95%", "text", False),
        ("≤30天", "30", "≤30天", "text", False),
        ("(5.50)", "-5.5", "-5.5", "number", False),
        ("-5.5", "-5.5", "-5.5", "number", False),
        ("12.5", "99", "12.5", "text", True),
        ("是", "1", "是", "text", True),
        ("2023年12月", "45291", "2023年12月", "text", True),
        ("", "5", "5", "number", False),
        ("0.00", "0", "0", "number", False),
        ("123456789012345678", "123456789012346000", "123456789012345678", "text", False),
    ],
)  # fmt: skip
def test_a_displayed_text_beside_the_exact_number(
    displayed: str, number: str, text: str, stored: str, apart: bool
) -> None:
    found = beside(displayed, number)
    assert (found.text, found.stored, found.apart) == (text, stored, apart)


def test_html_gives_exact_numbers_and_the_scale_of_the_text(tmp_path: Path) -> None:
    page = (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>预算数</td>'
        '<td x:num="168123">16.8万元</td>'
        '<td x:num="0.8619">86%</td><td x:num="12.3456">12.35</td><td x:num>1,000</td><td x:num="7">9</td></tr></table>'
    )
    book = read(tmp_path, page.encode(), "导出.xls")
    cells = [(cell.text, cell.stored) for cell in book.grids[0].cells.values()]
    assert cells == [
        ("预算数", "text"), ("16.8123万元", "text"), ("86.19%", "percent"), ("12.3456", "number"), ("1,000", "text"),
        ("9", "text"),
    ]  # fmt: skip
    assert [(note.code, note.cell) for note in book.notes] == [("shown_otherwise", "B1")]
    assert "等2处" in book.notes[0].text


# ---- OpenDocument ----------------------------------------------------------------------------------------

STYLES: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("odf_styles.toml").read_text(encoding="utf-8")
)["style"]  # fmt: skip


def _ods_cells(entry: dict[str, Any], own: str) -> tuple[list[str], list[str]]:
    """Markup of the cells of a case with the texts expected of them."""
    cells, texts = [], []
    for value, displayed, text in entry.get("shows", ()):
        lines = "".join(f"<text:p>{line}</text:p>" for line in displayed.split("\n"))
        cells.append(
            f'<table:table-cell {own} office:value-type="float" office:value="{value}">{lines}</table:table-cell>'
        )
        texts.append(text)
    for value, displayed, text in entry.get("dates", ()):
        kind = f'office:value-type="date" office:date-value="{value}"'
        cells.append(f"<table:table-cell {own} {kind}><text:p>{displayed}</text:p></table:table-cell>")
        texts.append(text)
    for value, text in entry.get("texts", ()):
        cells.append(f'<table:table-cell {own} office:value-type="string"><text:p>{value}</text:p></table:table-cell>')
        texts.append(text)
    return cells, texts


@pytest.mark.parametrize("place", ["cell", "row", "column", "parent", "styles.xml"])
@pytest.mark.parametrize("case", [entry["name"] for entry in STYLES])
def test_data_styles_of_opendocument(tmp_path: Path, case: str, place: str) -> None:
    entry = next(entry for entry in STYLES if entry["name"] == case)
    named = 'table:style-name="ce1"' if place in ("cell", "parent", "styles.xml") else ""
    by_default = 'table:default-cell-style-name="ce1"'
    cells, texts = _ods_cells(entry, named)
    row = f"<table:table-row {by_default if place == 'row' else ''}>{''.join(cells)}</table:table-row>"
    column = f'<table:table-column table:number-columns-repeated="9" {by_default if place == "column" else ""}/>'
    number = 'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
    data = str(entry["xml"])
    for kind in ("number", "currency", "percentage", "date", "text"):
        data = data.replace(f"<number:{kind}-style style:", f"<number:{kind}-style {number} style:")
    style = '<style:style style:name="{}" style:family="table-cell" {}/>'
    styles = data + style.format("ce0" if place == "parent" else "ce1", 'style:data-style-name="N1"')
    if place == "parent":
        styles += style.format("ce1", 'style:parent-style-name="ce0"')
    tables = f'<table:table table:name="表">{column}{row}</table:table>'
    data_of = {"automatic": styles} if place != "styles.xml" else {}
    book = tmp_path / "表.ods"
    beside_it = wb.ods_content("", automatic=styles) if place == "styles.xml" else wb.ods_content("")
    book.write_bytes(
        wb.zipped(
            {
                "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                "content.xml": wb.ods_content(tables, **data_of),
                "styles.xml": beside_it,
            }
        )
    )
    read = read_book(book, name="表.ods")
    assert [cell.text for cell in read.grids[0].cells.values()] == texts
    assert [note.code for note in read.notes] == ["shown_otherwise"] * entry.get("apart", False)


# ---- LibreOffice -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every format over every value, as .xlsx and converted by LibreOffice."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("office")
    rows = ""
    for r, entry in enumerate(_office_formats(), 1):
        cells = "".join(
            f'<c r="{chr(65 + k)}{r}" s="{r - 1}"><v>{value}</v></c>' for k, value in enumerate(_values(entry))
        )
        rows += f'<row r="{r}">{cells}</row>'
    source = folder / "formats.xlsx"
    source.write_bytes(wb.xlsx({"表": wb.sheet(rows)}, formats=[entry["code"] for entry in _office_formats()]))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    for wanted in ("csv:Text - txt - csv (StarCalc):44,34,76", "ods", "fods", "xls"):
        command = ["soffice", profile, "--headless", "--convert-to", wanted, "--outdir", str(folder), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder


def _office_formats() -> list[dict[str, Any]]:
    return [entry for entry in FORMATS if entry.get("office", True)]


def _values(entry: dict[str, Any]) -> list[str]:
    """The values of the table and some more; the dates of LibreOffice begin elsewhere before March 1900."""
    own = [number for number, _ in entry["shows"]]
    dated = shown("45291", entry["code"]).stored == "date"
    return list(dict.fromkeys([*own, *(("45292", "46000") if dated else _MORE)]))


def _alike(ours: str, theirs: str) -> bool:
    """Whether two texts are the same but for grouping, rounding, padding and blanks."""
    ours, theirs = "".join(ours.split()), "".join(theirs.split())
    if _RUN.sub("#", ours) != _RUN.sub("#", theirs):
        # LibreOffice drops the sign of what it rounds to nothing, and that of a last section.
        return ours.startswith("-") and _alike(ours[1:], theirs)
    for mine, other in zip(_RUN.findall(ours), _RUN.findall(theirs), strict=True):
        places = len(other.partition(".")[2])
        rounded = Decimal(mine.replace(",", "")).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if rounded != Decimal(other.replace(",", "")):
            return False
    return True


def test_libreoffice_shows_the_same(office: Path) -> None:
    with (office / "formats.csv").open(encoding="utf-8", newline="") as stream:
        shown_there = list(csv.reader(stream))
    apart = [
        (entry["code"], value, shown(value, entry["code"]).text, theirs)
        for entry, row in zip(_office_formats(), shown_there, strict=True)
        for value, theirs in zip(_values(entry), row, strict=False)
        if not _alike(shown(value, entry["code"]).text, theirs)
    ]
    assert not apart, "\n".join(map(str, apart))
    assert sum(map(len, map(_values, _office_formats()))) > 300


@pytest.mark.parametrize("container", ["ods", "fods", "xls"])
def test_what_libreoffice_converts_reads_the_same(office: Path, container: str) -> None:
    source = read_book(office / "formats.xlsx", name="a").grids[0].cells
    converted = read_book(office / f"formats.{container}", name="b").grids[0].cells
    apart = [
        (cell.ref, cell.text, converted[at].text) for at, cell in source.items() if cell.text != converted[at].text
    ]
    assert not apart, "\n".join(map(str, apart))
