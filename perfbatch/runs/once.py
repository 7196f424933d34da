"""Each project once: which entries of the workbooks of a run count, laid over what each workbook says by itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from perfbatch import pipeline, schema
from perfbatch.config import Settings
from perfbatch.identity import entries, projects, units
from perfbatch.identity.entries import Entries
from perfbatch.identity.projects import Identity
from perfbatch.model import Finding, WorkbookResult
from perfbatch.store import tables
from perfbatch.store.results import Bundle

_SAID = ("project_id", "code", "seen")


class Part(NamedTuple):
    """One workbook that was read: its result without rows, and the bundle with them."""

    result: WorkbookResult
    bundle: Bundle


class Silent(NamedTuple):
    """Which of a workbook's own findings are not said in this run.

    `replaced` are forms that another one replaces; `said` holds, for list rows beside a form, what is said of the form
    (code and value seen).
    """

    replaced: frozenset[str] = frozenset()
    said: Mapping[str, frozenset[tuple[str, str]]] = {}

    def about(self, finding: Finding) -> bool:
        """Whether a finding is not said."""
        key = finding.project_id
        return key in self.replaced or (finding.code, finding.seen) in self.said.get(key, ())

    def text(self) -> str:
        """All of it, for the key of an annotated copy; empty for nothing."""
        listed = sorted((key, sorted(said)) for key, said in self.said.items())
        return repr((sorted(self.replaced), listed)) if self.replaced or listed else ""


class Once:
    """The workbooks of a run (`parts`; `saved`: when each file was, in seconds), the rulesets in force, what counts."""

    def __init__(self, parts: Sequence[Part], settings: Settings, saved: Mapping[str, float]) -> None:
        found, self._spans = Entries(), dict[str, tuple[int, int]]()
        for part in parts:
            start = len(found)
            found.add(tables.to_columns(part.bundle.table("projects", entries.COLUMNS)))
            self._spans[part.result.file] = (start, len(found))
        named = units.resolve(found.file, found.unit, found.department, settings.units)
        names = {name for part in parts if part.result.size for name in part.result.size.rulesets}
        self.parts, self.rulesets = parts, pipeline.in_force(names, settings)
        sheets = ((part.result.file, sheet) for part in parts for sheet in part.result.sheets)
        hidden = {(file, sheet.sheet) for file, sheet in sheets if sheet.hidden}
        self.identity = projects.identify(
            found, named, year=settings.year, saved=saved, chosen=settings.counts, hidden=hidden
        )
        self.silent = _silent(parts, self.identity)

    def laid_over(self, file: str, table: pa.Table) -> pa.Table:
        """Rows of `projects` of a workbook with what the batch knows of them (counted, same_as, unit_id)."""
        own, found = range(*self._spans[file]), self.identity
        others = ("" if found.same_as[at] == at else found.entries.project_id[found.same_as[at]] for at in own)
        table = _with(table, "counted", tables.array([found.counts(at) for at in own], "bool"))
        table = _with(table, "same_as", tables.array(list(others), "str"))
        return _with(table, "unit_id", tables.array([found.unit(at) for at in own], "str"))

    def of_projects(self, part: Part, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A frame of one workbook, or some of its columns: only projects that count, units under their one name."""
        own, read = range(*self._spans[part.result.file]), columns and [*dict.fromkeys(("project_id", *columns))]
        table = part.bundle.table(name, read)
        if name == "projects" and "unit" in table.column_names:
            table = _with(table, "unit", tables.array([self.identity.unit(entry) for entry in own], "str"))
        aside = [self.identity.entries.project_id[entry] for entry in own if not self.identity.counts(entry)]
        if aside:
            table = table.filter(pc.invert(_is_of(table, pa.array(aside, pa.string()))))
        return table if columns is None else table.select(list(columns))

    def rows(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        wanted: Collection[str] | None = None,
        files: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """Rows of a frame of all workbooks, or of some `files`: of the projects `wanted`, of all that count if None."""
        parts = (part for part in self.parts if files is None or part.result.file in files)
        some: Iterable[pa.Table] = (self.of_projects(part, name, columns) for part in parts)
        if wanted is not None:  # joined, so that texts of other projects are not held
            ids = pa.array(sorted(wanted), pa.string())
            some = map(tables.coded, tables.joined((one.filter(_is_of(one, ids)) for one in some), name, columns))
        frame = tables.to_frame(pa.concat_tables([tables.empty(name, columns), *some]))
        pa.default_memory_pool().release_unused()
        return frame


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """A table with other values in one column."""
    field = table.schema.field(name)
    return table.set_column(table.column_names.index(name), field, values.cast(field.type))


def _is_of(table: pa.Table, ids: pa.Array) -> pa.Array:
    return pc.is_in(table.column("project_id").cast(pa.string()), value_set=ids)


def _silent(parts: Sequence[Part], identity: Identity) -> dict[str, Silent]:
    """What is not said, by file: all of replaced forms, of list rows beside a form what is said of the form."""
    found = identity.entries
    replaced: dict[str, set[str]] = defaultdict(set)
    rows: list[tuple[int, int]] = []  # each with the form that it stands beside
    for at, by in enumerate(identity.same_as):
        if at != by and found.kind[at] == found.kind[by]:
            replaced[found.file[at]].add(found.project_id[at])
        elif at != by:
            rows.append((at, by))
    files = {found.file[by] for _, by in rows}
    said: dict[str, set[tuple[str, str]]] = {found.project_id[by]: set() for _, by in rows}  # code and value seen
    for part in parts:
        if part.result.file in files:
            for key, code, seen in schema.rows(tables.to_columns(part.bundle.table("findings", _SAID)), *_SAID):
                if key in said:
                    said[key].add((code, seen))
    of_rows: dict[str, dict[str, frozenset[tuple[str, str]]]] = defaultdict(dict)
    for at, by in rows:
        if own := said[found.project_id[by]]:
            of_rows[found.file[at]][found.project_id[at]] = frozenset(own)
    return {file: Silent(frozenset(replaced.get(file, ())), of_rows.get(file, {})) for file in {**replaced, **of_rows}}
