"""Single cells of .xlsx: each oddity of the markup and of the number formats, from the two case files."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import workbooks as wb
from support.containers import CELL_FORMATS, CELL_TEXTS

from perfbatch.intake import read_book
from perfbatch.intake.formats import format_code, number_text, percent_text, shown
from perfbatch.model import Cell

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = tomllib.loads((HERE / "cells.toml").read_text(encoding="utf-8"))["case"]
FORMAT_CASES = tomllib.loads((HERE / "formats.toml").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_one_cell(tmp_path: Path, case: dict[str, Any]) -> None:
    rows = f'<row r="1">{case["xml"]}<c r="B1" t="str"><v>旁边</v></c></row>'
    path = tmp_path / "表.xlsx"
    path.write_bytes(wb.xlsx({"表": wb.sheet(rows)}, texts=CELL_TEXTS, formats=CELL_FORMATS))
    book = read_book(path, name="表.xlsx")
    cells = dict(book.grids[0].cells)
    assert cells.pop((1, 2)).text == "旁边"
    expected = Cell(1, 1, case.get("text", ""), case.get("stored", "text"), case.get("format", ""))
    assert cells == ({(1, 1): expected} if "text" in case else {})
    assert [note.code for note in book.notes] == case.get("notes", [])
    assert all(note.cell == "A1" and "A1" in note.text for note in book.notes)


@pytest.mark.parametrize(("number", "code", "text", "kind"), FORMAT_CASES)
def test_number_formats(number: str, code: str | int, text: str, kind: str) -> None:
    named = code if isinstance(code, str) else format_code(code, {})
    assert shown(number, named)[:2] == (text, kind)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_15_digits(value: float) -> None:
    text = number_text(repr(value))
    assert text is not None
    assert "e" not in text.lower()
    assert float(text) == float(f"{value:.15g}")
    assert not ("." in text and text.endswith("0"))


@given(st.decimals(min_value=0, max_value=10, places=4))
def test_percent_is_exact(value: Decimal) -> None:
    text = number_text(str(value))
    assert text is not None
    assert Decimal(percent_text(text).removesuffix("%")) == value * 100


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(alphabet='ymdhse0#.%/-:"年月日[] aAPM\\;', max_size=12),
)
def test_no_format_code_breaks_the_reading(value: float, code: str) -> None:
    text, kind = shown(repr(value), code)[:2]
    assert kind in ("number", "percent", "date")
    assert isinstance(text, str)
