"""The supporting documents of a run: whose they are, read by the workers, held against the forms of their projects."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from perfbatch.errors import OutputFolderFull
from perfbatch.evidence.asking import INDICATORS, PROJECTS, asked_of
from perfbatch.evidence.document import Document, read_document
from perfbatch.evidence.found import Evidence
from perfbatch.evidence.index import Read
from perfbatch.evidence.matching import Matched, Owner, match
from perfbatch.evidence.project import Papers, judge, used_twice
from perfbatch.evidence.words import limit
from perfbatch.kept import fingerprint, tables
from perfbatch.kept.plain import of_plain, to_plain
from perfbatch.kept.store import Store
from perfbatch.runs import engine
from perfbatch.runs.once import Once, Part
from perfbatch.sources import Supporting

_KEPT = "papers"  # folder of the store


def gathered(
    papers: Sequence[Supporting], parts: Sequence[Part], made: Once, store: Store, mapper: engine.Engine
) -> Evidence | None:
    """Everything about the supporting documents of a run; None where there are none.

    Only documents of a project that counts are read. Raises OutputFolderFull when the store takes nothing.
    """
    if not papers:
        return None
    identity = made.identity
    entries = identity.entries
    owners = [
        Owner(entries.project_id[at], entries.code[at], entries.name[at], identity.unit(at), entries.file[at])
        for at in range(len(entries))
        if identity.counts(at)
    ]
    matched = match(papers, owners)
    documents = _read(matched, store, mapper)
    of_project: dict[str, list[Read]] = defaultdict(list)
    for one, document in zip(matched, documents, strict=True):
        if document is not None:
            of_project[one.project_id].append((one, document))
    links = {paper.name: path for paper in papers if (path := _from(paper.path, store.root))}
    return Evidence(matched, documents, _judged(of_project, parts, made), links)


def _from(path: Path, root: Path) -> str:
    """The path of a document from the output folder, empty for what was unpacked and will not stay."""
    if path.is_relative_to(root):
        return ""
    try:
        return Path(os.path.relpath(path, root.parent)).as_posix()
    except ValueError:  # another drive
        return ""


# --- reading ---


def _read(matched: Sequence[Matched], store: Store, mapper: engine.Engine) -> list[Document | None]:
    """The documents in their order, None for those of no project."""
    found: list[Document | None] = [None] * len(matched)
    wanted = [at for at, one in enumerate(matched) if one.project_id]
    tasks = [(matched[at].paper.path, matched[at].paper.name, store.root) for at in wanted]
    for at, outcome in mapper.map(read_paper, tasks, [_size(task[0]) for task in tasks]):
        if outcome.full:
            raise OutputFolderFull(outcome.failure)
        found[wanted[at]] = outcome.value or Document("unread", f"{outcome.failure}，没有读取")
    return found


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def read_paper(path: Path, name: str, root: Path) -> Document:
    """Read one document, or take what an earlier run made of the same content under the same name."""
    if path.is_symlink() or not path.is_file() or _size(path) > limit("bytes"):
        return read_document(path, name)  # says why it does not
    store = Store(root)
    try:
        digest = fingerprint.of_file(path)
    except OSError:
        return read_document(path, name)
    key = fingerprint.of_texts([PurePath(name).name, digest, fingerprint.of_program()])
    kept = store.noted(_KEPT, key)
    if kept:
        try:
            found: Document = of_plain(kept, Document)
            return found
        except (KeyError, TypeError, ValueError):
            pass  # damaged: made again
    document = read_document(path, name)
    if document.state == "read" and document.sha256 == digest:
        store.note(_KEPT, key, to_plain(document))
    return document


# --- the forms ---


def _judged(of_project: dict[str, list[Read]], parts: Sequence[Part], made: Once) -> dict[str, Papers]:
    """The projects that have documents, in the order of the input."""
    found: dict[str, Papers] = {}
    for part in parts:
        projects = _rows(part, made, "projects", PROJECTS, of_project)
        if not projects:
            continue
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in _rows(part, made, "indicators", INDICATORS, of_project):
            rows[row["project_id"]].append(row)
        for project in projects:
            key = project["project_id"]
            found[key] = judge(key, project["project_name"], of_project[key], *asked_of(project, rows[key]))
    for doubt in used_twice(found.values()):
        found[doubt.project_id].doubts.append(doubt)
    return found


def _rows(part: Part, made: Once, name: str, columns: Sequence[str], wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of a frame of a workbook that belong to projects with documents."""
    table = made.of_projects(part, name, columns)
    ids = pa.array(sorted(wanted), pa.string())
    table = table.filter(pc.is_in(table.column("project_id").cast(pa.string()), value_set=ids))
    frame = tables.to_frame(table)
    return [dict(zip(columns, values, strict=True)) for values in frame[list(columns)].itertuples(index=False)]
