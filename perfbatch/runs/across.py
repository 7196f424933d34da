"""Checks across files, over stored bundles: run where the bundles can be read, a column at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from perfbatch import pipeline
from perfbatch.checks import register
from perfbatch.config import Settings
from perfbatch.kept import tables
from perfbatch.kept.store import Bundle
from perfbatch.model import CheckOutcome, Finding, Frames
from perfbatch.runs.engine import room_for

_ROWS_AT_ONCE = 5_000


def codes() -> list[str]:
    """The checks that look across files."""
    return [entry.code for entry in register.register().values() if entry.scope == "batch"]


class _Columns(Frames):
    """Frames with the columns of one check, read when the check asks for them (most ask for few or none)."""

    def __init__(self, bundles: Sequence[Bundle], columns: Mapping[Any, Sequence[str]]) -> None:
        self._bundles, self._columns = bundles, columns
        self._read: dict[str, pd.DataFrame] = {}

    def __getattribute__(self, name: str) -> Any:
        if name not in tables.FRAMES:
            return super().__getattribute__(name)
        if name not in self._read:
            wanted = dict.fromkeys((*register.BASE_COLUMNS[name], *self._columns.get(name, ())))  # type: ignore[index]
            self._read[name] = tables.to_frame(_coded(self._bundles, name, list(wanted)))
        return self._read[name]


def findings(
    wanted: Sequence[str],
    bundles: Sequence[Bundle],
    rulesets: Sequence[str],
    settings: Settings,
    extras: Mapping[str, Any],
) -> tuple[dict[str, bytes], list[CheckOutcome]]:
    """Findings of the checks `wanted` across all workbooks, packed by file, and the outcomes.

    Every check sees its own columns only, so that one check at a time is in memory.
    """
    parameters = {name: ruleset.plain() for name, ruleset in pipeline.in_force(rulesets, settings).items()}
    by_file: dict[str, list[Finding]] = defaultdict(list)
    outcomes: list[CheckOutcome] = []
    for code in wanted:
        frames = _Columns(bundles, register.register()[code].columns)
        with room_for(len(bundles)):
            found, told = run_checks(frames, parameters, settings, extras, only=frozenset([code]))
        outcomes += told
        for finding in found:
            by_file[finding.file].append(finding)
    return {file: tables.packed(found) for file, found in by_file.items()}, outcomes


def run_checks(
    frames: Frames,
    parameters: Mapping[str, Any],
    settings: Settings,
    extras: Mapping[str, Any],
    *,
    only: frozenset[str] | None = None,
) -> tuple[list[Finding], list[CheckOutcome]]:
    """The checks of scope ``batch`` (of `only` these) over `frames`."""
    context = register.Context(frames, parameters, batch_year=settings.year, extras=extras)
    return register.run(
        context, scope="batch", off=settings.off, severities=settings.severity, only=only, changed=settings.parameters
    )


def _coded(bundles: Sequence[Bundle], name: str, columns: Sequence[str]) -> pa.Table:
    """Columns of all workbooks with each distinct value stored once."""

    def coded(table: pa.Table) -> pa.Table:
        kinds = tables.COLUMNS[name]
        arrays = [
            column if kinds[title] == "bool" else column.combine_chunks().dictionary_encode()
            for title, column in zip(table.column_names, table.columns, strict=True)
        ]
        return pa.table(dict(zip(table.column_names, arrays, strict=True)))

    some = (bundle.table(name, columns) for bundle in bundles)
    rows = _ROWS_AT_ONCE if name == "indicators" else _ROWS_AT_ONCE // 8
    return pa.concat_tables([coded(table.combine_chunks()) for table in collected(some, rows)])


def collected(some: Iterator[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Tables joined to at least `rows` rows."""
    waiting: list[pa.Table] = []
    count = 0
    for table in some:
        waiting.append(table)
        count += table.num_rows
        if count >= rows:
            yield pa.concat_tables(waiting)
            waiting, count = [], 0
    if waiting:
        yield pa.concat_tables(waiting)
