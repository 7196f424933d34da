"""Forms drawn as text: one line a row, ``│`` between cells, ``<`` merged with the left cell, ``^`` with the one above.

``⏎`` is a line break inside a cell, an empty field an empty cell; ``#`` before a number writes it as a number
(``#86%`` as a percent-formatted one). A drawing becomes an xlsx file or a grid; addresses are what Excel shows.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from perfbatch.model import Range, a1

Drawing = dict[tuple[int, int], str]
FORMS = Path(__file__).parent.parent / "forms" / "drawn"


@dataclass(frozen=True)
class Sheet:
    """Cells by (row, column) and merged areas."""

    cells: Drawing
    merges: tuple[Range, ...]

    def edited(self, edits: dict[str, str]) -> Sheet:
        """The same sheet with some cells replaced (A1 → text; empty text removes the cell)."""
        cells = dict(self.cells)
        for ref, text in edits.items():
            cells[_position(ref)] = text
        return Sheet({at: text for at, text in cells.items() if text}, self.merges)


def load(family: str) -> dict[str, Any]:
    """The document of one family: title, grid (or sheets), expectations, derived invalids."""
    return tomllib.loads((FORMS / f"{family}.toml").read_text(encoding="utf-8"))


def families() -> list[str]:
    """All families that are drawn."""
    return sorted((path.stem for path in FORMS.glob("F*.toml")), key=lambda name: (len(name), name))


def parse(drawing: str) -> Sheet:
    """Cells and merges of a drawing."""
    rows = [[field.strip() for field in line.split("│")] for line in drawing.strip("\n").splitlines()]
    cells: Drawing = {}
    areas: dict[tuple[int, int], list[int]] = {}
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for r, row in enumerate(rows, 1):
        for c, text in enumerate(row, 1):
            if text == "<":
                owner[r, c] = owner.get((r, c - 1), (r, c - 1))
            elif text == "^":
                owner[r, c] = owner.get((r - 1, c), (r - 1, c))
            else:
                if text:
                    cells[r, c] = text.replace("⏎", "\n")
                continue
            top, left = owner[r, c]
            area = areas.setdefault((top, left), [r, c])
            area[0], area[1] = max(area[0], r), max(area[1], c)
    return Sheet(cells, tuple(Range(top, left, b, r) for (top, left), (b, r) in sorted(areas.items())))


def write(path: Path, sheets: dict[str, Sheet]) -> Path:
    """An xlsx file with the sheets; texts stay texts."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        styles = {
            "text": book.add_format({"text_wrap": True, "border": 1}),
            "%": book.add_format({"num_format": "0.00%"}),
        }
        for name, sheet in sheets.items():
            page = book.add_worksheet(name)
            for top, left, bottom, right in sheet.merges:
                page.merge_range(top - 1, left - 1, bottom - 1, right - 1, "", styles["text"])
            for (row, column), text in sheet.cells.items():
                _put(page, row - 1, column - 1, text, styles)
    return path


def _put(page: Any, row: int, column: int, text: str, styles: dict[str, Any]) -> None:
    if not text.startswith("#"):
        page.write_string(row, column, text, styles["text"])
    elif text.endswith("%"):
        page.write_number(row, column, float(text[1:-1]) / 100, styles["%"])
    else:
        page.write_number(row, column, float(text[1:]), styles["text"])


def _position(ref: str) -> tuple[int, int]:
    letters = ref.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    row = int(ref[len(letters) :])
    assert a1(row, column) == ref
    return row, column
