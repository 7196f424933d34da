"""From stored bundles to one `Batch`: checks across files, spot check, aggregates, in memory that stays flat.

Up to `LISTED` indicator rows everything is in the batch. Beyond, nothing long comes here: workers look across
the files, digest the workbooks leaf by leaf and draw from their units (`across`, `leaves`), and what they send
merges into one digest, on a cluster by a tree. Of the rows themselves the batch then holds the first projects,
those of the first lists, and those of the spot check that have a sheet in the workpaper.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from perfbatch import pipeline
from perfbatch.config import Settings
from perfbatch.figures import sampling
from perfbatch.figures.digest import digest_of, lines_of, outcomes_of
from perfbatch.figures.lines import ProjectLine
from perfbatch.figures.shortlist import Shortlist
from perfbatch.figures.totals import Ordered, concluded, findings_in_order
from perfbatch.kept import tables
from perfbatch.kept.store import Bundle
from perfbatch.kept.tables import FRAMES
from perfbatch.model import Batch, CheckOutcome, Finding, Frames, WorkbookResult
from perfbatch.outputs import records
from perfbatch.runs import across, leaves
from perfbatch.runs.engine import Engine, InProcess, Outcome, value_of
from perfbatch.runs.followup import Followup
from perfbatch.runs.leaves import Harvest, Leaf, Plan, Table

LISTED = 20_000  # indicator rows up to which a batch is held whole; also the longest list of the summary
_SHARES = 4  # tasks that the checks across files are dealt out to
_DRAWN = 1_000  # projects of the spot check whose rows are held; the workpaper has sheets for fewer


class Part(NamedTuple):
    """One workbook that was read: its result without rows, and the bundle with them."""

    result: WorkbookResult
    bundle: Bundle


class InOrder(list[Finding], Ordered):
    """Findings that are sorted: all of a small batch, the most serious of a large one."""


@dataclass(slots=True)
class Gathered:
    """The batch, and what belongs to it but is not in memory.

    `across` are the findings of the checks across files, packed by file; `tables` are files of the output
    folder that can be written without the batch, by workers where `whole` is not set.
    """

    batch: Batch
    parts: list[Part]
    across: Mapping[str, bytes]
    tables: dict[str, Table]
    whole: bool

    def unmatched(self, selected: Sequence[str]) -> list[str]:
        """Names picked by hand that are no project's name or code."""
        if not selected:
            return []
        frame = self.batch.frames.projects
        sampled = frame[frame["project_id"].isin(self.batch.sample)]
        known = {*sampled["project_name"], *sampled["project_code"]}
        return [name for name in selected if name not in known]


def gather(
    results: list[WorkbookResult],
    bundles: Mapping[str, Bundle],
    settings: Settings,
    run_date: str,
    earlier: Followup | None = None,
    *,
    mapper: Engine | None = None,
    folder: Path | None = None,
) -> Gathered:
    """Join the results of all files (`bundles` by file, where there is one) and look across them.

    `mapper` does the work of a large batch, with `folder` for its files.
    """
    parts = [Part(result, bundles[result.file]) for result in results if result.size and result.file in bundles]
    names = {name for part in parts if part.result.size for name in part.result.size.rulesets}
    in_force = dict(pipeline.in_force(names, settings))
    batch = Batch(results, _frames({}), InOrder(), [], in_force, run_date=run_date)
    earlier = earlier or Followup()
    rows = sum(part.result.size.rows for part in parts if part.result.size)
    if rows <= LISTED:
        return _whole(batch, parts, settings, earlier)
    if folder is None:
        raise ValueError("a large batch needs a folder for what its leaves write")
    return _large(batch, parts, settings, earlier, mapper or InProcess(), folder)


def _size(settings: Settings) -> sampling.Size | None:
    return sampling.size_of(settings.sample) if settings.sample else None


def _rule(batch: Batch) -> sampling.Size:
    share = next(iter(batch.rulesets.values()))["sample_share"]
    return sampling.Size(share=Decimal(str(share)))


def _units(parts: Sequence[Part]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for part in parts:
        for unit, projects in part.result.size.units if part.result.size else ():
            counts[unit] += projects
    return counts


# --- a batch that is held whole ---


def _whole(batch: Batch, parts: list[Part], settings: Settings, earlier: Followup) -> Gathered:
    batch.frames = tables.to_frames({name: leaves.joined([part.bundle for part in parts], name) for name in FRAMES})
    batch.checks = list(outcomes_of(part.bundle.described().checks for part in parts).values())
    found: dict[str, list[Finding]] = {}
    if len(batch.frames.projects):
        parameters = {name: ruleset.plain() for name, ruleset in batch.rulesets.items()}
        spanning, outcomes = across.run_checks(batch.frames, parameters, settings, earlier.extras())
        batch.checks += outcomes
        for finding in spanning:
            found.setdefault(finding.file, []).append(finding)
    packed = {part.result.file: tables.packed(found.get(part.result.file, ())) for part in parts}
    everything = [finding for part in parts for finding in tables.to_findings(part.bundle.table("findings"))]
    everything += [finding for some in found.values() for finding in some]
    batch.findings = InOrder(findings_in_order(replace(batch, findings=everything)))
    sample = _sample(batch, settings)
    batch.findings.extend(earlier.finish(batch, settings))
    lines = lines_of(batch)
    digest = digest_of(batch, lines)
    drawn = (line for line in lines if line.project_id in sample)
    batch.totals = concluded(digest, batch, Shortlist(drawn))
    return Gathered(batch, parts, packed, _frame_files([part.bundle for part in parts]), True)


def _frame_files(bundles: Sequence[Bundle]) -> dict[str, Table]:
    return {f"data/{name}.parquet": Table(name, tuple(bundles)) for name in FRAMES}


def _sample(batch: Batch, settings: Settings) -> set[str]:
    """Draw the spot check of a batch that is held whole; the drawn projects."""
    if not len(batch.frames.projects):
        return set()
    drawn = sampling.draw(
        batch.frames,
        batch.findings,
        _size(settings),
        rule=_rule(batch),
        seed=settings.seed,
        selected=settings.selected,
    )
    batch.sample = [entry.project_id for entry in drawn.drawn]
    batch.sample_note, batch.drawn = drawn.note, drawn.drawn
    return set(batch.sample)


# --- a batch whose rows stay where they are ---


def _large(
    batch: Batch, parts: list[Part], settings: Settings, earlier: Followup, mapper: Engine, folder: Path
) -> Gathered:
    bundles = [part.bundle for part in parts]
    packed, spanning = _across(batch, bundles, settings, earlier, mapper)
    sizes = [part.result.size for part in parts if part.result.size]
    made = leaves.leaves_of((b, size.projects, size.rows) for b, size in zip(bundles, sizes, strict=True))
    plan = _plan(parts, batch, settings, _scattered(made, parts))
    files = iter(part.result.file for part in parts)
    tasks = [
        (leaf, [packed.get(next(files), b"") for _ in leaf.bundles], folder, [*batch.rulesets], settings, LISTED, plan)
        for leaf in made
    ]
    found: Harvest = mapper.reduce(leaves.harvest, tasks, leaves.merged)
    found.draw(found.scattered, plan)
    batch.checks = [*found.digest.outcomes.values(), *spanning]
    batch.sample = [drawn.project_id for _, drawn in found.drawn]
    batch.drawn = [drawn for _, drawn in found.drawn]
    money = (found.sums.money["executed"], found.digest.whole.money["executed"])
    batch.sample_note = sampling.note(
        batch.drawn, _units(parts), money, _size(settings), rule=_rule(batch), seed=settings.seed,
        selected=settings.selected,
    )  # fmt: skip
    sample = _hold_rows(batch, parts, found)
    batch.findings = _serious(found, batch)
    late = earlier.finish(batch, settings)
    batch.findings.extend(late)
    _count_late(found, late, sample)
    batch.totals = concluded(found.digest, batch, sample, found.sums)
    return Gathered(batch, parts, packed, _files(made, bundles, folder, late), False)


def _plan(parts: Sequence[Part], batch: Batch, settings: Settings, scattered: frozenset[str]) -> Plan:
    """Draw as asked for, else the hand-picked list, else the ruleset's share."""
    size = _size(settings) or (sampling.Size(number=0) if settings.selected else _rule(batch))
    return Plan(sampling.quotas(_units(parts), size), scattered, settings.seed, settings.selected)


def _across(
    batch: Batch, bundles: Sequence[Bundle], settings: Settings, earlier: Followup, mapper: Engine
) -> tuple[dict[str, bytes], list[CheckOutcome]]:
    """Findings across files by file, packed, and what became of the checks."""
    names, extras = across.codes(), earlier.extras()

    def done(shares: Sequence[Sequence[str]]) -> list[tuple[Sequence[str], Outcome]]:
        tasks = [(share, bundles, [*batch.rulesets], settings, extras) for share in shares]
        found = dict(mapper.map(across.findings, tasks, files=len(bundles)))
        return [(share, found[at]) for at, share in enumerate(shares)]

    results = done([names[at::_SHARES] for at in range(_SHARES)])
    failed = [[code] for share, outcome in results if outcome.failure and not outcome.full for code in share]
    results = [result for result in results if not result[1].failure or result[1].full] + done(failed)
    packed: dict[str, bytes] = {}
    outcomes: dict[str, CheckOutcome] = {}
    for share, outcome in results:
        if outcome.failure and not outcome.full:  # one check of its own: it costs itself only
            outcomes[share[0]] = CheckOutcome(share[0], "errored", 0, outcome.failure)
            continue
        found, told = value_of(outcome)
        outcomes |= {one.code: one for one in told}
        for file, some in found.items():
            packed[file] = packed.get(file, b"") + some
    return packed, [outcomes[code] for code in names]


def _scattered(made: Sequence[Leaf], parts: Sequence[Part]) -> frozenset[str]:
    """Units whose projects lie in several leaves."""
    homes: dict[str, int] = {}
    found = set()
    numbers = iter(leaf.number for leaf in made for _ in leaf.bundles)
    for part, number in zip(parts, numbers, strict=True):
        for unit, _ in part.result.size.units if part.result.size else ():
            if homes.setdefault(unit, number) != number:
                found.add(unit)
    return frozenset(found)


def _serious(found: Harvest, batch: Batch) -> InOrder:
    """The kept findings of all severities, in the order of the batch."""
    by_file: dict[str, list[Finding]] = {}
    for kept in found.digest.findings.values():
        for finding in kept:
            by_file.setdefault(finding.file, []).append(finding)
    ordered = InOrder()
    for result in batch.results:
        own = by_file.pop(result.file, [])
        ordered.extend(findings_in_order(replace(batch, results=[result], findings=own)))
    for rest in by_file.values():  # of no file of this run
        ordered.extend(rest)
    return ordered


def _count_late(found: Harvest, late: Sequence[Finding], sample: Sequence[ProjectLine]) -> None:
    """Count findings that came after the digest was made, with the projects that are known here."""
    known = {line.project_id: line for line in (*found.digest.lines, *sample)}
    found.digest.add_findings(late)
    for finding in late:
        if finding.project_id in known:
            found.digest.count_for(known[finding.project_id], finding.severity)


def _hold_rows(batch: Batch, parts: Sequence[Part], found: Harvest) -> Shortlist[ProjectLine]:
    """Hold the rows that lists and the workpaper show; the lines of the sample, placed in the held frame."""
    sizes = [part.result.size for part in parts if part.result.size]
    projects, rows = ([0, *accumulate(column)] for column in ([s.projects for s in sizes], [s.rows for s in sizes]))
    drawn = found.lines[:_DRAWN]
    ids = pa.array([line.project_id for line in drawn], pa.string())
    homes = {bisect_right(projects, line.at) - 1 for line in drawn}
    kept: dict[str, list[pa.Table]] = {name: [] for name in FRAMES}
    for at, part in enumerate(parts):
        for name, some in kept.items():
            if (projects if name == "projects" else rows)[at] < LISTED:
                some.append(part.bundle.table(name))
            elif at in homes:
                table = part.bundle.table(name)
                some.append(table.filter(pc.is_in(table.column("project_id"), value_set=ids)))
    batch.frames = _frames(kept)
    places = {key: at for at, key in enumerate(batch.frames.projects["project_id"])}
    lines = (replace(line, at=places[line.project_id]) for line in found.lines if line.project_id in places)
    return Shortlist(lines, found.lines.whole)


def _frames(kept: Mapping[str, Sequence[pa.Table]]) -> Frames:
    empty = {name: tables.arrow_schema(name).empty_table() for name in FRAMES}
    return tables.to_frames({name: pa.concat_tables([empty[name], *kept.get(name, ())]) for name in FRAMES})


def _files(made: Sequence[Leaf], bundles: Sequence[Bundle], folder: Path, late: Sequence[Finding]) -> dict[str, Table]:
    """What workers write from the bundles and from the files of the leaves."""
    parts = tuple(leaves.findings_file(folder, leaf) for leaf in made)
    tail = tables.packed(late)
    lines, table = Table(records.FINDINGS, parts, tail), Table("findings", parts, tail)
    return {records.FINDINGS: lines} | _frame_files(bundles) | {"data/findings.parquet": table}
