"""What hostile workbooks cost: seconds of CPU and memory of the process that reads one and writes its copy.

    python tests/benchmarks/bench_hostile.py

Each file is a form that is right, made hostile in one way, and goes through a process of its own. Wanted: 1.6 million
cells without `r` read within 5 seconds of CPU, no process over 512 MB.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import drawing  # noqa: E402
from tabulate import tabulate  # noqa: E402

SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"
STRINGS = "xl/sharedStrings.xml"
Parts = dict[str, bytes]


def _more_rows(row: bytes, count: int) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", row * count + b"</sheetData>")

    return change


def _merges(count: int) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        areas = b"".join(b'<mergeCell ref="AA%d:AB%d"/>' % (at, at) for at in range(100, 100 + count))
        parts[SHEET] = parts[SHEET].replace(b"</mergeCells>", areas + b"</mergeCells>")

    return change


def _formats(count: int) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        made = b"".join(b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' for _ in range(count))
        parts[STYLES] = parts[STYLES].replace(b"</cellXfs>", made + b"</cellXfs>")

    return change


def _long_text(length: int) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        text = "很长的原因。".encode() * (length // 6)
        row = b'<row r="900"><c r="A900" t="inlineStr"><is><t>' + text + b"</t></is></c></row>"
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", row + b"</sheetData>")

    return change


def _far(parts: Parts) -> None:
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", cell + b"</sheetData>")


def _deep(parts: Parts) -> None:
    nested = b"<a>" * 200_000 + b"</a>" * 200_000
    parts[SHEET] = parts[SHEET].replace(b"</worksheet>", b"<extLst>" + nested + b"</extLst></worksheet>")


def _entities(parts: Parts) -> None:
    lines = b"".join(b'<!ENTITY e%d "%s">' % (at, b"&e%d;" % (at - 1) * 10) for at in range(1, 10))
    head = b'<!DOCTYPE x [<!ENTITY e0 "lol">' + lines + b"]>"
    declared = parts[SHEET].find(b"?>") + 2
    parts[SHEET] = parts[SHEET][:declared] + head + parts[SHEET][declared:]


def _bomb(parts: Parts) -> None:
    parts["xl/media/a.bin"] = bytes(300 << 20)


_TEXT = b'<c r="%c%d" t="inlineStr"><is><t>x%d</t></is></c>'


def _texts(count: int) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        rows = (
            b'<row r="%d">%s</row>' % (at, b"".join(_TEXT % (65 + column, at, at * column) for column in range(20)))
            for at in range(1000, 1000 + count // 20)
        )
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", b"".join(rows) + b"</sheetData>")

    return change


HOSTILE: dict[str, Callable[[Parts], None]] = {
    "1.6 million empty cells without r": _more_rows(b"<row>" + b"<c/>" * 80 + b"</row>", 20_000),
    "1.6 million filled cells without r": _more_rows(b"<row>" + b"<c><v>7</v></c>" * 80 + b"</row>", 20_000),
    "1 million styled empty cells": _more_rows(b'<row><c s="1"/></row>', 1_000_000),
    "400,000 texts": _texts(400_000),
    "500,000 merged areas": _merges(500_000),
    "65,490 cell formats": _formats(65_490 - 60),
    "a text of 20 MB": _long_text(20 << 20),
    "a cell in XFD1048576": _far,
    "elements 200,000 deep": _deep,
    "a billion laughs": _entities,
    "300 MB of zeros": _bomb,
}


def make(path: Path, change: Callable[[Parts], None]) -> Path:
    """The drawn form, made hostile; packed lightly, so that no ratio gives it away."""
    plain = drawing.write(path.with_suffix(".plain.xlsx"), {"自评表": drawing.parse(drawing.load("F1")["grid"])})
    with zipfile.ZipFile(plain) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    plain.unlink()
    return path


def child(path: Path) -> None:
    """Read, check and copy one file; what came of it goes to stdout as JSON."""
    from perfbatch.config import Settings
    from perfbatch.outputs.annotate import annotate
    from perfbatch.pipeline import process_workbook

    start = time.process_time()
    result = process_workbook(path, path.name, Settings())
    read = time.process_time() - start
    if result.frames is not None:
        annotate(path, path.with_suffix(".copy.xlsx"), result.findings, remarks=result.remarks, sha256=result.sha256)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([result.status, result.reason_code, read, time.process_time() - start, used.ru_maxrss >> 10]))


def main() -> int:
    """Print the table; fail where a process needs more than 512 MB."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in HOSTILE:
            path = Path(folder, "表.xlsx")
            own = [sys.executable, __file__, str(path)]  # a child's peak counts its parent's: this process stays small
            subprocess.run([*own, name], check=True)
            run = subprocess.run(own, capture_output=True, text=True, check=True)
            status, code, read, whole, memory = json.loads(run.stdout.splitlines()[-1])
            size = f"{path.stat().st_size >> 10} KB"
            rows.append((name, status, code, size, round(read, 2), round(whole, 2), memory))
    print(tabulate(rows, headers=("", "status", "code", "size", "reading, s CPU", "with copy, s CPU", "MB")))
    return int(any(row[-1] > 512 for row in rows))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        make(Path(sys.argv[1]), HOSTILE[sys.argv[2]])
    elif len(sys.argv) == 2:
        child(Path(sys.argv[1]))
    else:
        sys.exit(main())
