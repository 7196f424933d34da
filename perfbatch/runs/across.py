"""From stored bundles to one `Batch`: one path, whatever the number of workbooks.

First the checks across files, each over the columns that it asks for of all workbooks (`spanning`); the annotated
copies can be written from then on. Then one look at every workbook in the order of the input, which gives the figures
and writes the findings (`gather`). Last the spot check, what earlier work adds, and the rows that lists show.

What is held grows by a line a project; rows and findings only up to `perfbatch.totals.lines.LISTED`.
"""

import contextlib
import itertools
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from perfbatch import schema
from perfbatch.checks import register
from perfbatch.checks.batch import ACROSS, PLACES, Cost, cost
from perfbatch.config import Settings
from perfbatch.cycle.compare import Compared
from perfbatch.followup.answers import Answers, Where
from perfbatch.followup.batch import Batch
from perfbatch.identity.entries import FORM
from perfbatch.model import CheckOutcome, Finding, Frames, WorkbookResult
from perfbatch.outputs import records
from perfbatch.outputs.wording import rank
from perfbatch.rulesets import Ruleset
from perfbatch.runs import yearround
from perfbatch.runs.earlier_work import LATER, Followup
from perfbatch.runs.once import Once, Part
from perfbatch.store import tables
from perfbatch.store.lock import unwritable
from perfbatch.store.tables import FRAMES
from perfbatch.totals import lines, sampling
from perfbatch.totals.digest import COLUMNS, Digest, outcomes_of
from perfbatch.totals.lines import ProjectLine, by_trouble, project_lines
from perfbatch.totals.resubmitted import Resubmitted, compare
from perfbatch.totals.sums import Totals

_COSTS = (
    "project_id", "level2", "target_value", "unit", "cell_target", "actual_value", "actual_unit", "cell_actual",
)  # fmt: skip
_ALIKE = ("code", "severity", "hint", "basis")
_PAPERS = "EV"  # family of checks on supporting documents
_WITHOUT_PROJECTS = ("OV", "TS")  # families of checks that need no self-evaluation
_DRAWN = 5_000  # projects of the spot check whose rows are held; these have a sheet in a workpaper


# --- checks across files ---


class Spanning(NamedTuple):
    """What the checks across files found: findings by file, packed (`perfbatch.store.tables`), and the outcomes."""

    packed: Mapping[str, bytes]
    outcomes: Sequence[CheckOutcome]


def spanning(
    made: Once, settings: Settings, extras: Mapping[str, Any], folder: Path, *, papers: bool = False
) -> Spanning:
    """Run the checks across files, one after the other; the columns they need are put together in `folder`.

    Those on supporting documents (`papers`) are run apart from all others: they wait for the spot check. Raises
    OutputFolderFull when `folder` takes nothing.
    """
    if not made.parts and not (extras.get("overall") or extras.get("planned")):
        return Spanning({}, ())
    entries = [entry for entry in register.across() if entry.code not in LATER and (entry.family == _PAPERS) == papers]
    if not papers:
        extras = {**extras, "costs": _costs(made)}
    if not made.parts:
        entries = [entry for entry in entries if entry.family in _WITHOUT_PROJECTS]
    found: list[Finding] = []
    outcomes: list[CheckOutcome] = []
    with _columns(made, PLACES if papers else ACROSS, folder) as frames:
        for entry in entries:  # each with a context of its own: only what one check has read is in memory
            some, told = register.run(
                register.Context(
                    frames, made.rulesets, batch_year=settings.year, extras=extras, identity=made.identity
                ),
                scope="batch",
                off=settings.off,
                severities=settings.severity,
                only=frozenset([entry.code]),
                changed=settings.parameters,
            )
            found += some
            outcomes += told
    by_file = schema.grouped((finding.file, finding) for finding in found)
    return Spanning({file: tables.packed(some) for file, some in by_file.items()}, outcomes)


def drawn(made: Once, spanned: Spanning, settings: Settings) -> sampling.Sample:
    """The spot check while nothing is known of supporting documents: handing some in never changes who is drawn."""
    of_parts = (project_lines(_frames(part, made), _findings(part, made, spanned)) for part in made.parts)
    return _sample(list(itertools.chain.from_iterable(of_parts)), made.rulesets, settings)


def together(one: Spanning, other: Spanning) -> Spanning:
    """What two rounds of checks across files found."""
    packed = dict(one.packed)
    for file, some in other.packed.items():
        packed[file] = tables.packed([*tables.unpacked(packed.get(file, b"")), *tables.unpacked(some)])
    return Spanning(packed, [*one.outcomes, *other.outcomes])


def _costs(made: Once) -> dict[str, list[Cost]]:
    """Cost indicators of the projects with an amount that may be one of 元; hardly any of most batches have one."""
    entries = made.identity.entries
    given = {name: rules["cost_evidence_from"] for name, rules in made.rulesets.items()}
    limits = {name: least for name, least in given.items() if least is not None}
    amounts = zip(entries.initial, entries.adjusted, entries.executed, strict=True)
    wanted = {
        key: file
        for key, file, name, some in zip(entries.project_id, entries.file, entries.ruleset, amounts, strict=True)
        if name in limits and any(amount and amount >= limits[name] for amount in some)
    }
    files = set(wanted.values())
    costs: dict[str, list[Cost]] = defaultdict(list)
    for part in made.parts:
        if part.result.file not in files:
            continue
        for key, level, *figures in schema.rows(tables.to_columns(part.bundle.table("indicators", _COSTS)), *_COSTS):
            for value, unit, cell in (figures[:3], figures[3:]) if key in wanted else ():
                if (found := cost(level, value, unit, cell)) is not None:
                    costs[key].append(found)
    return costs


@contextlib.contextmanager
def _columns(made: Once, columns: Mapping[str, Sequence[str]], folder: Path) -> Iterator[Frames]:
    """Some columns of all workbooks, each read when it is asked for."""
    opened_frames: dict[str, Any] = dict.fromkeys(FRAMES)
    with contextlib.ExitStack() as opened:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for table, wanted in columns.items():
                path = folder / f"{table}.columns"
                parts = (made.of_projects(part, table, wanted) for part in made.parts)
                tables.write_columns(path, parts, table, wanted)
                opened_frames[table] = opened.enter_context(tables.Columns(path))
        except OSError as error:
            raise unwritable(folder.parent.parent, error) from error
        yield Frames(**opened_frames)


# --- answers of people ---


Settled = Mapping[str, Sequence[tuple[Finding, Finding]]]  # by file: findings as said, and as the answers leave them


def settled(made: Once, spanned: Spanning, answers: Answers) -> Settled:
    """The findings of workbooks whose state the answers change."""
    changed: dict[str, list[tuple[Finding, Finding]]] = {}
    if answers.none:
        return changed
    where = _where(made)
    for part in made.parts:
        found = _findings(part, made, spanned)
        after = answers.settle(found, where._replace(indicators=_indicators(made, part) if found else {}))
        if pairs := [pair for pair in zip(found, after, strict=True) if pair[0] != pair[1]]:
            changed[part.result.file] = pairs
    return changed


def _where(made: Once) -> Where:
    """What findings are about, without indicators."""
    entries = made.identity.entries
    units = {key: made.identity.unit(at) for at, key in enumerate(entries.project_id)}
    return Where(units, dict(zip(entries.project_id, entries.code, strict=True)), {})


def _indicators(made: Once, part: Part) -> dict[tuple[str, str, int], str]:
    """The name of the indicator in each row of a workbook, of projects that count, as outputs see them."""
    columns = ("project_id", "sheet", "row", "level3")
    table = tables.to_columns(made.of_projects(part, "indicators", columns))
    return {(key, sheet, row): name for key, sheet, row, name in schema.rows(table, *columns)}


# --- one look at every workbook ---


def gather(
    results: list[WorkbookResult],
    made: Once,
    spanned: Spanning,
    settings: Settings,
    earlier: Followup,
    run_date: str,
    folder: Path,
    compared: Compared | None = None,
    sample: sampling.Sample | None = None,
    changed: Settled | None = None,
) -> tuple[Batch, dict[str, records.Writer]]:
    """Look at all workbooks that were read; findings go to files in `folder`.

    Returned are the batch, and what publishes its frames and findings, most of which it does not hold. The spot
    check is drawn here unless it was before (`sample`); `changed` are the findings that people have answered
    (`settled`). Raises OutputFolderFull when `folder` takes nothing.
    """
    digest = Digest({name: ruleset.plain() for name, ruleset in made.rulesets.items()})
    held: list[Finding] = []
    again = _Again(made)
    try:
        with records.FindingsFiles(folder) as files:
            for part in made.parts:
                described = part.bundle.described()
                after = dict((changed or {}).get(part.result.file, ()))
                found = [after.get(one, one) for one in _findings(part, made, spanned)]
                again.see(part, found)
                files.add(found)
                held += map(_shared, found)
                lines.keep_serious(held, rank)
                digest.add(_frames(part, made), found, described.checks, described.covered)
            chosen = sample or _sample(digest.lines, made.rulesets, settings)
            ids = [one.project_id for one in chosen.drawn]
            batch = Batch(
                results,
                _shown(made, digest.lines, ids),
                lines.most_serious(held, rank),
                list(outcomes_of([digest.outcomes.values(), spanned.outcomes]).values()),
                made.rulesets,
                sample=ids,
                draw=chosen,
                run_date=run_date,
                identity=made.identity,
                resubmitted=again.told(),
                compared=compared,
            )
            late = [*_elsewhere(made, spanned), *earlier.finish(batch, settings)]
            late = earlier.answers.settle(late, _where(made))
            batch.answers = earlier.answers
            files.add(late)
    except OSError as error:
        raise unwritable(folder.parent.parent, error) from error
    batch.findings = [*batch.findings, *late]
    digest.add_late(late)
    batch.checks = [digest.looked.outcome(outcome) for outcome in batch.checks]
    batch.totals = Totals(digest, batch)
    frames: dict[str, records.Writer] = {
        f"data/{name}.parquet": partial(_write_frame, name=name, made=made) for name in FRAMES
    }
    return batch, files.writers() | frames | yearround.writers(compared)


def _elsewhere(made: Once, spanned: Spanning) -> list[Finding]:
    """Findings on files that hold no project: target sheets."""
    read = {part.result.file for part in made.parts}
    return [finding for file, some in spanned.packed.items() if file not in read for finding in tables.unpacked(some)]


class _Again:
    """Findings on forms that were handed in again, and on those that they replace."""

    def __init__(self, made: Once) -> None:
        entries = made.identity.entries
        self._made = made
        self._pairs = [  # the older one, the newer one
            (at, other)
            for at, other in enumerate(made.identity.same_as)
            if at != other
            and entries.kind[at] == entries.kind[other] == FORM
            and entries.file[at] != entries.file[other]
        ]
        self._older, self._newer = ({entries.project_id[pair[side]] for pair in self._pairs} for side in (0, 1))
        self._before: dict[str, list[Finding]] = defaultdict(list)
        self._now: dict[str, list[Finding]] = defaultdict(list)

    def see(self, part: Part, found: Sequence[Finding]) -> None:
        """Take from a workbook what concerns them; `found` are the findings that are said of it."""
        if not self._pairs:
            return
        for finding in found:
            if finding.project_id in self._newer:
                self._now[finding.project_id].append(finding)
        if (silent := self._made.silent.get(part.result.file)) is not None and silent.replaced:
            for finding in tables.to_findings(part.bundle.table("findings")):
                if finding.project_id in self._older:
                    self._before[finding.project_id].append(finding)

    def told(self) -> list[Resubmitted]:
        """What became of each."""
        ids = self._made.identity.entries.project_id
        return [compare(ids[by], self._before[ids[at]], self._now[ids[by]]) for at, by in self._pairs]


def _write_frame(target: Path, name: str, made: Once) -> None:
    def whole(part: Part) -> pa.Table:
        table = part.bundle.table(name)
        return made.laid_over(part.result.file, table) if name == "projects" else table

    records.write_frame(target, name, map(whole, made.parts))


def _findings(part: Part, made: Once, spanned: Spanning) -> list[Finding]:
    """All findings about one workbook, in order."""
    own = tables.to_findings(part.bundle.table("findings"))
    if (silent := made.silent.get(part.result.file)) is not None:
        own = [finding for finding in own if not silent.about(finding)]
    return part.result.in_order([*own, *tables.unpacked(spanned.packed.get(part.result.file, b""))])


def _shared(finding: Finding) -> Finding:
    """The finding with one copy of the texts that are the same for thousands."""
    return finding._replace(**{name: sys.intern(getattr(finding, name)) for name in _ALIKE})


def _sample(lines: Sequence[ProjectLine], rulesets: Mapping[str, Ruleset], settings: Settings) -> sampling.Sample:
    """The spot check: as asked for, else the hand-picked list, else the ruleset's share."""
    if not lines:
        return sampling.Sample()
    rules = next(iter(rulesets.values()))
    whole, nearest = rules["sample_scope"] == "batch", rules["sample_round"] == "nearest"
    rule = sampling.Size(share=Decimal(str(rules["sample_share"])), whole=whole, nearest=nearest)
    wanted = sampling.size_of(settings.sample) if settings.sample else None
    return sampling.draw(lines, wanted, rule=rule, seed=settings.seed, selected=settings.selected)


# --- rows that outputs show ---


def _shown(made: Once, projects: Sequence[ProjectLine], sample: Sequence[str]) -> Frames:
    """The rows of all projects that count; of too many those of the most findings, and of the sample."""
    if sum(line.rows for line in projects) <= lines.LISTED:
        return Frames(*(made.rows(name) for name in FRAMES))
    wanted, rows = set(sample[:_DRAWN]), 0
    for line in sorted(projects, key=by_trouble):
        rows += line.rows
        if rows > lines.LISTED:
            break
        wanted.add(line.project_id)
    homes = {line.file for line in projects if line.project_id in wanted}
    return Frames(*(made.rows(name, wanted=wanted, files=homes) for name in FRAMES))


def _frames(part: Part, made: Once) -> Frames:
    """What a digest reads of the frames of one workbook, only projects that count."""
    return Frames(*(tables.to_columns(made.of_projects(part, name, COLUMNS[name])) for name in FRAMES))
