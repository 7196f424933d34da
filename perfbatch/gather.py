"""From stored bundles to one `Batch`: checks across files, spot check, aggregates, in memory that stays flat.

Up to `LISTED` indicator rows everything is in the batch. Beyond, the workbooks pass by one after the other:
all projects stay, of funds and indicators the rows that lists can show and those of the sample; aggregates
are tallied part by part, findings are kept as compressed columns, ``data/`` is written row group by row group.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, overload

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from perfbatch import pipeline, sampling, tables
from perfbatch.checks import register
from perfbatch.config import Settings
from perfbatch.followup import Followup
from perfbatch.lines import COLUMNS
from perfbatch.model import Batch, CheckOutcome, Finding, Frames, WorkbookResult
from perfbatch.store import Bundle
from perfbatch.totals import Ordered, Tally, concluded, findings_in_order

LISTED = 20_000  # indicator rows up to which a batch is held whole; also the longest list of the summary
_GROUP = 5_000  # indicator rows that are looked at together
_ROW_GROUP = 10_000
_FRAMES = ("projects", "funds", "indicators")
_LONG = ("goal_expected", "goal_actual", "conclusion", "problems", "measures", "reason_box", "footnotes", "fund_reason")
_WORST = ("passed", "off", "skipped", "found", "errored")


@dataclass(frozen=True, slots=True)
class Part:
    """One workbook that was read: its result without rows, and the bundle with them."""

    result: WorkbookResult
    bundle: Bundle

    @property
    def rows(self) -> int:
        """Number of indicator rows."""
        return self.result.size.rows if self.result.size else 0


class InOrder(list[Finding], Ordered):
    """All findings of a small batch, sorted."""


class StoredFindings(Ordered, Sequence[Finding]):
    """The findings of a large batch as Arrow tables, sorted; made into tuples a block at a time."""

    def __init__(self) -> None:
        self._blocks: list[pa.Table] = []
        self._starts: list[int] = []
        self._length = 0
        self._open: tuple[int, list[Finding]] = (-1, [])

    def add(self, findings: Sequence[Finding]) -> None:
        """Append findings that come after all those added before."""
        if findings:
            table = tables.of_findings(findings)
            repeated = ("code", "severity", "file", "sheet", "cell", "project_id", "project", "hint", "basis")
            for name in repeated:
                at = table.schema.get_field_index(name)
                table = table.set_column(at, name, table.column(at).dictionary_encode())
            self._starts.append(self._length)
            self._blocks.append(table)
            self._length += len(findings)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Finding]:
        for block in self._blocks:
            yield from tables.to_findings(block)

    @overload
    def __getitem__(self, at: int) -> Finding: ...
    @overload
    def __getitem__(self, at: slice) -> list[Finding]: ...
    def __getitem__(self, at: int | slice) -> Finding | list[Finding]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(self._length))]
        at = at + self._length if at < 0 else at
        if not 0 <= at < self._length:
            raise IndexError(at)
        block = bisect_right(self._starts, at) - 1
        if self._open[0] != block:
            self._open = (block, tables.to_findings(self._blocks[block]))
        return self._open[1][at - self._starts[block]]


@dataclass(slots=True)
class Gathered:
    """The batch, and what belongs to it but is not in memory."""

    batch: Batch
    parts: list[Part]
    across: dict[str, bytes]  # findings of the checks across files, by file, as `tables.packed` makes them
    whole: bool
    _kept: dict[str, pa.Table] = field(default_factory=dict)

    def writers(self) -> dict[str, Callable[[Path], None]]:
        """Functions that write the tables of ``data/``, row group by row group."""
        return {f"data/{name}.parquet": self._writer(name) for name in (*_FRAMES, "findings")}

    def _writer(self, name: str) -> Callable[[Path], None]:
        def write(target: Path) -> None:
            with pq.ParquetWriter(target, tables.arrow_schema(name), compression="zstd") as writer:
                for table in _collected(self._tables(name), _ROW_GROUP):
                    writer.write_table(table, row_group_size=_ROW_GROUP)
            pa.default_memory_pool().release_unused()

        return write

    def _tables(self, name: str) -> Iterator[pa.Table]:
        if name == "findings":
            for at in range(0, len(self.batch.findings), _GROUP):
                yield tables.of_findings(self.batch.findings[at : at + _GROUP])
        elif name in self._kept:
            yield self._kept[name]
        else:
            for part in self.parts:
                yield part.bundle.table(name)


def gather(
    results: list[WorkbookResult],
    bundles: dict[str, Bundle],
    settings: Settings,
    run_date: str,
    earlier: Followup | None = None,
) -> Gathered:
    """Join the results of all files (`bundles` by file, where there is one) and look across them."""
    earlier = earlier or Followup()
    parts = [Part(result, bundles[result.file]) for result in results if result.size and result.file in bundles]
    whole = sum(part.rows for part in parts) <= LISTED
    held = {name: _joined(parts, name) for name in _FRAMES} if whole else {}
    frames = tables.to_frames(held) if whole else _slim_frames(parts)
    in_force = pipeline.in_force(frames.projects["ruleset"], settings)
    batch = Batch(results, frames, [], merged_outcomes([r.checks for r in results]), dict(in_force), run_date=run_date)
    for result in results:
        result.checks = []
    across = _across(batch, parts, settings, whole, earlier.extras()) if len(frames.projects) else {}
    found: InOrder | StoredFindings = InOrder() if whole else StoredFindings()
    batch.findings = found
    packed = _in_order(batch, parts, across, found)
    pa.default_memory_pool().release_unused()
    if len(frames.projects):
        _sample(batch, settings)
    tally = Tally()
    if whole:
        _add(found, earlier.finish(batch, settings))
        tally.add(batch)
    else:
        _tally_parts(batch, parts, tally)
        _add(found, earlier.finish(batch, settings))  # the rows of the sample are known only now
    batch.totals = concluded(tally, batch)
    return Gathered(batch, parts, packed, whole, held)


def _slim_frames(parts: Sequence[Part]) -> Frames:
    """All projects without their long texts, no funds and no indicators."""
    columns = [name for name in tables.COLUMNS["projects"] if name not in _LONG]
    projects = tables.to_frame(_coded(parts, "projects", columns))
    for at, name in enumerate(tables.COLUMNS["projects"]):
        if name in _LONG:
            projects.insert(at, name, pd.Series([""] * len(projects), dtype=object))
    funds, indicators = (tables.to_frame(tables.arrow_schema(name).empty_table()) for name in _FRAMES[1:])
    return Frames(projects, funds, indicators)


def _joined(parts: Sequence[Part], name: str, columns: Sequence[str] | None = None) -> pa.Table:
    empty = tables.arrow_schema(name).empty_table()
    empty = empty if columns is None else empty.select(columns)
    return pa.concat_tables([empty, *(part.bundle.table(name, columns) for part in parts)])


def _collected(some: Iterator[pa.Table], rows: int) -> Iterator[pa.Table]:
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


# --- checks across files ---


def _across(
    batch: Batch, parts: Sequence[Part], settings: Settings, whole: bool, extras: dict[str, Any]
) -> dict[str, list[Finding]]:
    """Findings across files by file; their outcomes go to the batch.

    In a large batch every check sees its own columns only, so that they are in memory one check at a time.
    """
    parameters = {name: ruleset.plain() for name, ruleset in batch.rulesets.items()}
    if whole:
        found = _run(batch, batch.frames, parameters, settings, only=None, extras=extras)
    else:
        found = []
        for entry in register.register().values():
            if entry.scope == "batch":
                only = frozenset([entry.code])
                found += _run(batch, _Columns(parts, entry.columns), parameters, settings, only=only, extras=extras)
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        by_file[finding.file].append(finding)
    return dict(by_file)


class _Columns(Frames):
    """Frames with the columns of one check, read when the check asks for them (most ask for few or none)."""

    def __init__(self, parts: Sequence[Part], columns: Mapping[Any, Sequence[str]]) -> None:
        self._parts, self._columns = parts, columns
        self._read: dict[str, pd.DataFrame] = {}

    def __getattribute__(self, name: str) -> Any:
        if name not in _FRAMES:
            return super().__getattribute__(name)
        if name not in self._read:
            wanted = dict.fromkeys((*register.BASE_COLUMNS[name], *self._columns.get(name, ())))  # type: ignore[index]
            self._read[name] = tables.to_frame(_coded(self._parts, name, list(wanted)))
        return self._read[name]


def _coded(parts: Sequence[Part], name: str, columns: Sequence[str]) -> pa.Table:
    """Columns of all parts with each distinct value stored once."""

    def coded(table: pa.Table) -> pa.Table:
        kinds = tables.COLUMNS[name]
        arrays = [
            column if kinds[title] == "bool" else column.combine_chunks().dictionary_encode()
            for title, column in zip(table.column_names, table.columns, strict=True)
        ]
        return pa.table(dict(zip(table.column_names, arrays, strict=True)))

    some = (part.bundle.table(name, list(columns)) for part in parts)
    rows = _GROUP if name == "indicators" else _GROUP // 8
    return pa.concat_tables([coded(table.combine_chunks()) for table in _collected(some, rows)])


def _run(
    batch: Batch,
    frames: Frames,
    parameters: dict[str, Any],
    settings: Settings,
    *,
    only: frozenset[str] | None,
    extras: dict[str, Any],
) -> list[Finding]:
    context = register.Context(frames, parameters, batch_year=settings.year, extras=extras)
    found, outcomes = register.run(
        context, scope="batch", off=settings.off, severities=settings.severity, only=only, changed=settings.parameters
    )
    batch.checks += outcomes
    return found


def merged_outcomes(parts: Sequence[Sequence[CheckOutcome]]) -> list[CheckOutcome]:
    """One outcome a check over all files: the worst state, findings added up, reasons kept once."""
    merged: dict[str, CheckOutcome] = {}
    for outcome in (outcome for part in parts for outcome in part):
        before = merged.get(outcome.code)
        if before is None:
            merged[outcome.code] = outcome
            continue
        state = max(before.state, outcome.state, key=_WORST.index)
        reason = before.reason if before.state == state else outcome.reason
        merged[outcome.code] = CheckOutcome(
            outcome.code, state, before.findings + outcome.findings, reason or before.reason
        )
    return list(merged.values())


# --- one workbook after the other: findings in order, sample, aggregates ---


def _in_order(
    batch: Batch, parts: Sequence[Part], across: dict[str, list[Finding]], found: InOrder | StoredFindings
) -> dict[str, bytes]:
    """Fill `found` with all findings, file by file; those of `across` are taken out and returned packed."""
    packed = {}
    for part in parts:
        more = across.pop(part.result.file, [])
        packed[part.result.file] = tables.packed(more)
        own = tables.to_findings(part.bundle.table("findings")) + more
        _add(found, findings_in_order(Batch([part.result], batch.frames, own, [], {})))
    rest = [finding for some in across.values() for finding in some]
    _add(found, findings_in_order(Batch(batch.results, batch.frames, rest, [], {})))
    return packed


def _add(found: InOrder | StoredFindings, more: Sequence[Finding]) -> None:
    if isinstance(found, InOrder):
        found.extend(more)
    else:
        found.add(more)


def _tally_parts(batch: Batch, parts: Sequence[Part], tally: Tally) -> None:
    """Tally group by group, and keep the rows of funds and indicators that lists and the sample need."""
    kept: dict[str, list[pa.Table]] = {"funds": [], "indicators": []}
    texts: list[pa.Table] = [_joined([], "projects", ["project_id", *_LONG])]
    drawn = pa.array(batch.sample, pa.string())
    room = {"first": LISTED, "sample": LISTED}
    place = 0  # of the next finding
    for group in _groups(parts):
        files = {part.result.file for part in group}
        end = place
        while end < len(batch.findings) and batch.findings[end].file in files:
            end += 1
        frames = tables.to_frames({name: _joined(group, name, list(COLUMNS[name])) for name in _FRAMES})
        tally.add(Batch([], frames, batch.findings[place:end], [], batch.rulesets))
        place = end
        texts.append(_of_projects(_joined(group, "projects", ["project_id", *_LONG]), drawn))
        for part in group:
            _keep(part, kept, drawn, room)
        del frames
    batch.frames.funds, batch.frames.indicators = (
        tables.to_frame(pa.concat_tables([tables.arrow_schema(name).empty_table(), *kept[name]]))
        for name in ("funds", "indicators")
    )
    _fill_texts(batch.frames.projects, pa.concat_tables(texts), set(batch.sample))


def _of_projects(table: pa.Table, drawn: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table.column("project_id"), value_set=drawn))


def _fill_texts(projects: pd.DataFrame, texts: pa.Table, drawn: set[str]) -> None:
    """Give the projects of the sample their long texts; `texts` has them in the order of `projects`."""
    at = [place for place, key in enumerate(projects["project_id"]) if key in drawn]
    found = tables.to_frame(texts)
    for name in _LONG:
        column = projects[name].to_numpy(copy=True)
        column[at] = found[name].to_numpy()
        projects[name] = pd.Series(column, dtype=object)


def _keep(part: Part, kept: dict[str, list[pa.Table]], drawn: pa.Array, room: dict[str, int]) -> None:
    which = "first" if room["first"] > 0 else "sample"
    if room[which] <= 0:
        return
    for name, some in kept.items():
        table = part.bundle.table(name)
        if which == "sample":
            table = _of_projects(table, drawn)
        some.append(table)
        if name == "indicators":
            room[which] -= table.num_rows


def _groups(parts: Sequence[Part]) -> Iterator[list[Part]]:
    group: list[Part] = []
    for part in parts:
        group.append(part)
        if sum(one.rows for one in group) >= _GROUP:
            yield group
            group = []
    if group:
        yield group


def _sample(batch: Batch, settings: Settings) -> None:
    """Draw the spot check: as asked for, else the hand-picked list, else the ruleset's share."""
    share = next(iter(batch.rulesets.values()))["sample_share"]
    size = sampling.size_of(settings.sample) if settings.sample else None
    drawn = sampling.draw(
        batch.frames,
        batch.findings,
        size,
        rule=sampling.Size(share=Decimal(str(share))),
        seed=settings.seed,
        selected=settings.selected,
    )
    batch.sample = [entry.project_id for entry in drawn.drawn]
    batch.sample_note, batch.drawn = drawn.note, drawn.drawn
