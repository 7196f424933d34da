"""What workers do for a batch too large to be held: the digest of some workbooks, their share of the draw.

A leaf is some workbooks that follow each other. `harvest` reads their stored bundles and gives back little:
sums, short lists, who was drawn; the findings in order go to files that are published whole. All of it may
run twice, or die and run again. `published` writes a table of ``data/`` or ``findings.jsonl`` from them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from perfbatch import pipeline
from perfbatch.config import Settings
from perfbatch.figures import sampling
from perfbatch.figures.digest import COLUMNS as DIGESTED
from perfbatch.figures.digest import Digest, Sums, digest_of, lines_of
from perfbatch.figures.lines import ProjectLine
from perfbatch.figures.sampling import Drawn, Entry
from perfbatch.figures.shortlist import Shortlist
from perfbatch.figures.totals import findings_in_order
from perfbatch.kept import tables
from perfbatch.kept.store import Bundle
from perfbatch.kept.tables import FRAMES, read_parquet
from perfbatch.model import Batch, Finding, Frames
from perfbatch.outputs import files, records
from perfbatch.runs.across import collected

COLUMNS = DIGESTED | {"projects": tuple(dict.fromkeys((*DIGESTED["projects"], *sampling.COLUMNS)))}
ROWS = 5_000  # indicator rows of a leaf
_ROW_GROUP = 10_000


class Leaf(NamedTuple):
    """Workbooks looked at together: number of the leaf, their bundles, what stands before them in the batch."""

    number: int
    bundles: tuple[Bundle, ...]
    projects_before: int
    rows_before: int


class Plan(NamedTuple):
    """The draw of a spot check: places by unit, units that lie in several leaves, and how to draw."""

    places: Mapping[str, int]
    scattered: frozenset[str]
    seed: int
    selected: Sequence[str]


class Placed(NamedTuple):
    """A project with its place in the batch (`line.at`)."""

    entry: Entry
    line: ProjectLine


@dataclass(slots=True)
class Harvest:
    """What one leaf, or several that follow each other, give to the summary.

    `drawn` are the projects of the spot check by their place in the batch; `lines` the first of them, `sums` of
    all of them. `scattered` are the projects of units that the leaf does not hold whole, drawn when all are there.
    """

    digest: Digest
    drawn: list[tuple[int, Drawn]] = field(default_factory=list)
    lines: Shortlist[ProjectLine] = field(default_factory=Shortlist)
    sums: Sums = field(default_factory=Sums)
    scattered: list[Placed] = field(default_factory=list)

    def draw(self, projects: Sequence[Placed], plan: Plan) -> None:
        """Draw from units that are there with all their projects."""
        chosen = {
            drawn.project_id: drawn
            for drawn in sampling.draw_units(
                [project.entry for project in projects], plan.places, seed=plan.seed, selected=plan.selected
            )
        }
        lines = [line for entry, line in projects if entry.project_id in chosen]
        more = [(line.at, chosen[line.project_id]) for line in lines]
        self.drawn = sorted([*self.drawn, *more], key=lambda placed: placed[0])
        for line in lines:
            self.sums.add(line)
        self.lines = self.lines.joined(Shortlist(lines), self.digest.limit, _in_place)

    def merge(self, more: Harvest) -> None:
        """Add what comes after everything added before."""
        self.digest.merge(more.digest)
        self.drawn += more.drawn
        self.lines = self.lines.joined(more.lines, self.digest.limit)
        self.sums.merge(more.sums)
        self.scattered += more.scattered


def _in_place(lines: Sequence[ProjectLine]) -> Sequence[ProjectLine]:
    return sorted(lines, key=lambda line: line.at)


def merged(parts: Sequence[Harvest]) -> Harvest:
    """The harvest of neighbours, given in their order."""
    first, *others = parts
    for part in others:
        first.merge(part)
    return first


def leaves_of(bundles: Iterable[tuple[Bundle, int, int]]) -> list[Leaf]:
    """Leaves of at least `ROWS` indicator rows, of bundles with their numbers of projects and rows."""
    made: list[Leaf] = []
    projects_before = rows_before = 0
    room = 0
    for bundle, projects, own in bundles:
        if room <= 0:
            made.append(Leaf(len(made), (), projects_before, rows_before))
            room = ROWS
        made[-1] = made[-1]._replace(bundles=(*made[-1].bundles, bundle))
        projects_before, rows_before, room = projects_before + projects, rows_before + own, room - own
    return made


def harvest(
    leaf: Leaf,
    more: Sequence[bytes],
    folder: Path,
    rulesets: Sequence[str],
    settings: Settings,
    limit: int,
    plan: Plan,
) -> Harvest:
    """Digest and draw of a leaf; its findings, in order, go to `folder`. Raises OutputFolderFull.

    `more` are the findings across files (packed), one a workbook. Lists are cut to `limit`.
    """
    results = [bundle.described() for bundle in leaf.bundles]
    found: list[Finding] = []
    for result, bundle, packed in zip(results, leaf.bundles, more, strict=True):
        own = tables.to_findings(bundle.table("findings")) + tables.unpacked(packed)
        found += findings_in_order(Batch([result], _NO_FRAMES, own, [], {}))
    _keep_findings(findings_file(folder, leaf), found)
    frames = tables.to_frames({name: joined(leaf.bundles, name, COLUMNS[name]) for name in FRAMES})
    outcomes = [outcome for result in results for outcome in result.checks]
    part = Batch(results, frames, found, outcomes, dict(pipeline.in_force(rulesets, settings)))
    lines = lines_of(part, leaf.projects_before)
    made = Harvest(digest_of(part, lines, limit=limit, rows_before=leaf.rows_before))
    projects = [Placed(*pair) for pair in zip(sampling.entries_of(frames, found), lines, strict=True)]
    made.draw([project for project in projects if project.entry.unit not in plan.scattered], plan)
    made.scattered = [project for project in projects if project.entry.unit in plan.scattered]
    return made


def joined(bundles: Iterable[Bundle], name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """One table over some bundles."""
    empty = tables.arrow_schema(name).empty_table()
    empty = empty if columns is None else empty.select(list(columns))
    return pa.concat_tables([empty, *(bundle.table(name, columns) for bundle in bundles)])


_NO_FRAMES: Frames = Frames(None, None, None)  # type: ignore[arg-type]  # ordering findings reads none


# --- tables of the output folder ---


def findings_file(folder: Path, leaf: Leaf) -> Path:
    """Where `harvest` keeps the findings of a leaf as Parquet; the same as lines of JSON stand beside it."""
    return folder / f"{leaf.number:07}.parquet"


def _keep_findings(path: Path, found: Sequence[Finding]) -> None:
    table = tables.of_findings(found)
    files.publish(path, lambda temporary: _stored(temporary, table))
    files.publish(path.with_suffix(".jsonl"), lambda temporary: _written(temporary, records.json_lines(found)))


def _stored(path: Path, table: pa.Table) -> None:
    with path.open("wb") as sink:
        pq.write_table(table, sink, compression="lz4")


def _written(path: Path, content: bytes) -> None:
    path.write_bytes(content)


class Table(NamedTuple):
    """A file of the output folder that is written from files.

    `name` is a table of `perfbatch.kept.tables.COLUMNS` (from bundles; findings from the files of `harvest`), or
    ``findings.jsonl``; `tail` are packed findings that come after all others.
    """

    name: str
    sources: tuple[Bundle | Path, ...]
    tail: bytes = b""


def published(target: Path, table: Table) -> tuple[str, list[str]]:
    """Publish a table; the name it got and what to tell the clerk. Raises UnpublishedOutput."""
    path = files.publish(target, lambda temporary: write(temporary, table))
    return path.name, files.moved(target, path)


def write(target: Path, table: Table) -> None:
    """Write a table to `target`, some thousand rows at a time."""
    (_write_lines if table.name == records.FINDINGS else _write_table)(target, *table)


def _write_lines(target: Path, name: str, sources: Sequence[Bundle | Path], tail: bytes) -> None:
    with target.open("wb") as stream:
        for source in sources:
            assert isinstance(source, Path)
            with source.with_suffix(".jsonl").open("rb") as lines:
                shutil.copyfileobj(lines, stream, 1 << 20)
        stream.write(records.json_lines(tables.unpacked(tail)))


def _write_table(target: Path, name: str, sources: Sequence[Bundle | Path], tail: bytes) -> None:
    with target.open("wb") as sink, pq.ParquetWriter(sink, tables.arrow_schema(name), compression="zstd") as writer:
        for table in collected(_tables(name, sources, tail), _ROW_GROUP):
            writer.write_table(table, row_group_size=_ROW_GROUP)
    pa.default_memory_pool().release_unused()


def _tables(name: str, sources: Sequence[Bundle | Path], tail: bytes) -> Iterator[pa.Table]:
    for source in sources:
        yield read_parquet(source) if isinstance(source, Path) else source.table(name)
    if tail:
        yield tables.of_findings(tables.unpacked(tail))
