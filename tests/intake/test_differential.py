"""Our reading of .xlsx against python-calamine and openpyxl, cell by cell.

Every difference must be one of the written ones below, each with its reason; a written one that no longer occurs
fails too, so the list cannot outlive its causes.
"""

from __future__ import annotations

import io
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from python_calamine import CalamineError, CalamineWorkbook
from support import containers
from support import workbooks as wb

from perfbatch.intake import read_book
from perfbatch.model import Cell, a1
from tools import samples

Values = dict[tuple[str, str], str]


class Difference(NamedTuple):
    """An allowed difference: whose mistake, why, and when it applies (our cell or None, their value or None)."""

    reader: str
    reason: str
    applies: Callable[[Cell | None, str | None], bool]


ALLOWED = (
    Difference("calamine", "error cells become empty", lambda c, v: v is None and _stored(c) == "error"),
    Difference(
        "calamine", "edge spaces trimmed without xml:space",
        lambda c, v: _text(c) != _text(c).strip() and v == (_text(c).strip() or None),
    ),
    Difference("calamine", "no number format: percent as bare fraction", lambda c, v: _is_percent_of(c, v)),
    Difference("calamine", "a comment ends the value", lambda c, v: (_text(c), v) == ("1234", "12")),
    Difference("calamine", "CDATA is skipped", lambda c, v: (_text(c), v) == ("甲<乙丙", "丙")),
    Difference("calamine", "string index -1 or beyond the table", lambda c, v: c is None and v == "甲"),
    Difference("calamine", "newer error values end the sheet", lambda c, v: (_text(c), v) == ("#SPILL!", "no sheet")),
    Difference("calamine", "ISO date with a zone is text", lambda c, v: str(v).endswith("Z") and _stored(c) == "date"),
    Difference("calamine", "_x0000_ becomes NUL", lambda c, v: "\0" in str(v) and "_x0000_" in _text(c)),
    Difference("calamine", "negative serials are dates", lambda c, v: (_text(c), v) == ("-1", "00:00:00")),
    Difference("openpyxl", "negative serials are dates", lambda c, v: (_text(c), v) == ("-1", "1899-12-29")),
    Difference("openpyxl", "built-in formats 27–36, 50–58 are not dates", lambda c, v: _is_chinese_date(c, v)),
    Difference("openpyxl", "no number format applied: percent as fraction", lambda c, v: _is_percent_of(c, v)),
    Difference("openpyxl", "_x000D_ not decoded", lambda c, v: "_x000D_" in str(v) and "\r" in _text(c)),
    Difference("openpyxl", "string index -1 gives the last string", lambda c, v: c is None and str(v).startswith("一")),
    Difference("openpyxl", "Strict workbooks have no sheets", lambda c, v: c is not None and v == "no sheets"),
)  # fmt: skip


def _text(cell: Cell | None) -> str:
    return cell.text if cell else ""


def _stored(cell: Cell | None) -> str:
    return cell.stored if cell else ""


def _is_percent_of(cell: Cell | None, value: str | None) -> bool:
    if cell is None or cell.stored != "percent" or value is None:
        return False
    return Decimal(cell.text[:-1]) == Decimal(value) * 100


def _is_chinese_date(cell: Cell | None, value: str | None) -> bool:
    return cell is not None and cell.stored == "date" and cell.text.endswith(("日", "月")) and str(value).isdigit()


def canonical(value: object) -> str | None:
    """A value of another reader as our text would be; dates as ISO."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        plain = format(Decimal(f"{value:.15g}"), "f")
        return (plain.rstrip("0").rstrip(".") if "." in plain else plain).removeprefix("-0") or "0"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, (date, time, timedelta)):
        return str(value)
    return str(value)


def by_calamine(data: bytes) -> Values:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    found: Values = {}
    for name in book.sheet_names:
        try:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except CalamineError:
            found[name, "A1"] = "no sheet"
            continue
        for r, row in enumerate(rows, 1):
            found |= {(name, a1(r, c)): text for c, v in enumerate(row, 1) if (text := canonical(v)) is not None}
    return found


def by_openpyxl(data: bytes) -> Values:
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    cells = ((page.title, cell) for page in book.worksheets for row in page.iter_rows() for cell in row)
    found = {(title, cell.coordinate): canonical(cell.value) for title, cell in cells}
    return {at: text for at, text in found.items() if text is not None}


def all_cells() -> bytes:
    """Every case of cells.toml that all readers open at all, one sheet each."""
    cases = tomllib.loads(Path(__file__).with_name("cells.toml").read_text(encoding="utf-8"))["case"]
    skipped = {"style index beyond the table", "prefixed element names", "not a number in a number cell stays verbatim"}
    skipped |= {"shared string index beyond the table"}
    sheets = [
        (f"{k}", wb.sheet(f'<row r="1">{case["xml"]}</row>'))
        for k, case in enumerate(cases) if case["name"] not in skipped
    ]  # fmt: skip
    return wb.xlsx(sheets, texts=containers.CELL_TEXTS, formats=containers.CELL_FORMATS)


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The generated .xlsx files of the project, and those of these tests."""
    folder = tmp_path_factory.mktemp("samples")
    files = {path.name: path.read_bytes() for path in samples.write_all(folder) if path.suffix == ".xlsx"}
    assert len(files) >= 6
    return files | {
        "containers": containers.xlsx(), "strict": containers.strict(), "cells": all_cells(),
    }  # fmt: skip


def differences(data: bytes, path: Path) -> Iterator[tuple[str, str, Cell | None, str | None]]:
    """(reader, place, our cell, their value) wherever they differ."""
    path.write_bytes(data)
    ours = {(g.sheet, cell.ref): cell for g in read_book(path, name="x").grids for cell in g.cells.values()}
    theirs: dict[str, Values] = {"calamine": by_calamine(data), "openpyxl": by_openpyxl(data)}
    for reader, values in theirs.items():
        if not values:
            yield reader, "", next(iter(ours.values())), "no sheets"
            continue
        for at in ours.keys() | values.keys():
            cell, value = ours.get(at), values.get(at)
            if (cell.text if cell else None) != value and not _same_date(cell, value):
                yield reader, str(at), cell, value


def _same_date(cell: Cell | None, value: str | None) -> bool:
    """A date we give as displayed, because its format hides the year or the day, against the whole date."""
    if cell is None or cell.stored != "date" or value is None:
        return False
    try:
        whole = datetime.fromisoformat(value)
    except ValueError:
        return False
    return cell.text in (f"{whole.month}月{whole.day}日", f"{whole.year}年{whole.month}月")


@pytest.fixture(scope="module")
def found(fixtures: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """The differences of every fixture."""
    path = tmp_path_factory.mktemp("compared") / "x.xlsx"
    return {name: list(differences(data, path)) for name, data in fixtures.items()}


def test_every_difference_is_written_and_every_written_one_occurs(found: dict[str, list[Any]]) -> None:
    used: Counter[str] = Counter()
    unexplained: list[Any] = []
    for name, listed in found.items():
        for reader, place, cell, value in listed:
            reasons = [d.reason for d in ALLOWED if d.reader == reader and d.applies(cell, value)]
            used.update(f"{reader}: {reason}" for reason in reasons)
            if not reasons:
                unexplained.append((name, reader, place, cell, value))
    assert not unexplained, "\n".join(map(str, unexplained))
    assert set(used) == {f"{d.reader}: {d.reason}" for d in ALLOWED}


def test_the_samples_agree_but_for_percents(found: dict[str, list[Any]]) -> None:
    for name, listed in found.items():
        if name.endswith(".xlsx"):
            assert all(cell is not None and cell.stored == "percent" for _, _, cell, _ in listed), name
