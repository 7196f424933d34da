"""Every reading in full, with every note a clerk may see, held against `written_out.txt`.

The case files pin what a reading means; this pins its exact wording and the figures at every boundary. The
inputs are those of the case files and of `edges.toml`. After a wanted change look at the difference that
``PYTHONPATH=tests python tests/notation/test_written_out.py`` makes in the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfbatch.notation import (
    Around,
    Reading,
    compare,
    is_nil,
    on_time,
    read_actual,
    read_money,
    read_points,
    read_rate,
    read_target,
)
from perfbatch.notation.figures import chinese

HERE = Path(__file__).parent
WRITTEN = HERE / "written_out.txt"
Case = Mapping[str, Any]
NONE: Case = {}
EDGES = tomllib.loads((HERE / "edges.toml").read_text(encoding="utf-8"))
STORED = ("text", "number", "percent", "date", "bool", "error")


def _decimals(around: Case) -> dict[str, Any]:
    return {key: Decimal(value) if key == "points" else value for key, value in around.items()}


def _shown(reading: Reading) -> str:
    """The fields that are not empty, then the notes."""
    values = {f.name: getattr(reading, f.name) for f in fields(reading) if f.name not in {"raw", "notes"}}
    plain = {"status": "ok", "op": "none", "applicable": True}
    said = [f"{k}={v}" for k, v in values.items() if v not in (None, "") and plain.get(k) != v]
    return f"{' '.join(said)} │ {'；'.join(reading.notes)}".strip()


def _label(text: str, around: Case) -> str:
    short = text if len(text) <= 60 else f"{text[:12]}…{text[-12:]}〔{len(text)}字〕"
    context = "".join(f"〔{key} {value}〕" for key, value in around.items())
    return repr(short)[1:-1] + context


def _pair(text: str, actual: str, row: Case = NONE, cell: Case = NONE) -> Iterator[str]:
    target = read_target(text, Around(**_decimals(row)))
    beside = {key: value for key, value in row.items() if key not in {"stored", "number_format", "sign"}} | dict(cell)
    reading = read_actual(actual, target, Around(**_decimals(beside)))
    result = compare(target, reading)
    figures = " ".join(str(f) for f in (result.target, result.target2, result.actual))
    yield f"{_label(text, row)} ∥ {_label(actual, cell)} → {_shown(reading)}"
    yield f"    {result.state} {figures} {on_time(target, reading)} │ {result.note}".rstrip()


def _cases() -> Iterator[str]:
    """The readings of the case files."""
    for path in sorted((HERE / "cases").glob("[01]*.toml")):
        yield f"# {path.stem}"
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            row = case.get("row", {})
            yield f"{_label(case['text'], row)} → {_shown(read_target(case['text'], Around(**_decimals(row))))}"
            if "actual" in case:
                yield from _pair(case["text"], case["actual"], row, case.get("row_actual", {}))


def written_out() -> Iterator[str]:
    """All lines of the file."""
    yield from _cases()
    yield "# targets"
    for text, *around in EDGES["targets"]:
        row = around[0] if around else {}
        yield f"{_label(text, row)} → {_shown(read_target(text, Around(**_decimals(row))))}"
    yield "# targets and actuals"
    for target, actual, *around in EDGES["pairs"]:
        yield from _pair(target, actual, *around)
    yield "# money, rates, points, numerals"
    for text, heading in EDGES["money"]:
        yield f"{_label(text, {'表头': heading})} → {read_money(text, heading)}"
    yield from (f"10 {stored} → {read_money('10', '元', stored=stored)}" for stored in STORED)
    for text, *proof in EDGES["rates"]:
        rate = read_rate(text, proof=Decimal(proof[0]) if proof else None)
        around = {"账面": proof[0]} if proof else {}
        yield f"{_label(text, around)} → {rate} {read_rate(text, stored='percent')}"
    for text in EDGES["points"]:
        yield f"{_label(text, {})} → {[str(read_points(text, stored=stored)) for stored in STORED]}"
    yield from (f"{text} → {chinese(text)}" for text in EDGES["numerals"])
    yield from (f"{text} → {is_nil(text)} {is_nil(text, reason=True)}" for text in ("0", "无", "N/A", "n/a", "5"))


def test_readings_are_those_written_out() -> None:
    """Line by line; the file is what a reviewer reads."""
    assert list(written_out()) == WRITTEN.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    WRITTEN.write_text("\n".join(written_out()) + "\n", encoding="utf-8", newline="\n")
