"""The supporting documents of a run: whose they are, read by the workers, held against the forms of their projects."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from perfbatch import schema
from perfbatch.evidence.document import Document, by_name, read_document
from perfbatch.evidence.index import INDICATORS, PROJECTS, Read, asked_of
from perfbatch.evidence.kinds import limit
from perfbatch.evidence.matching import Matched, match
from perfbatch.evidence.project import Evidence, Papers, judge, used_twice
from perfbatch.runs import engine
from perfbatch.runs.once import Once
from perfbatch.sources import Supporting
from perfbatch.store import fingerprint
from perfbatch.store.plain import of_plain, to_plain
from perfbatch.store.results import Store

KEPT = "papers"  # folder of the store
_SLOW = (".doc", ".wps", ".rtf", ".odt")
READING = "正在读取佐证资料"
_LEFT = Document("left", "所属项目没有抽中，没有读取")
Told = Callable[[str, int, int], None]  # what is done, how many are done, how many there are


def gathered(
    papers: Sequence[Supporting],
    made: Once,
    store: Store,
    mapper: engine.Engine,
    sample: Collection[str] | None,
    tell: Told,
) -> Evidence:
    """Everything about the supporting documents of a run.

    Only documents of a project that counts are read, with a `sample` only those of its projects (ids). `tell` hears how
    far the reading is. Raises OutputFolderFull when the store takes nothing.
    """
    matched = match(papers, made.identity)
    documents = _read(matched, sample, store, mapper, tell)
    pairs = list(zip(matched, documents, strict=True))
    read = ((one, document) for one, document in pairs if document is not None and document.state != "left")
    of_project = schema.grouped((one.project_id, (one, document)) for one, document in read)
    links = {paper.name: path for paper in papers if (path := _from(paper.path, store.root))}
    entries = made.identity.entries
    homes = {file for file, key in zip(entries.file, entries.project_id, strict=True) if key in of_project}
    return Evidence(pairs, _judged(of_project, made, homes), links)


def _from(path: Path, root: Path) -> str:
    """The path of a document from the output folder, empty for what was unpacked and will not stay."""
    if path.is_relative_to(root):
        return ""
    try:
        return Path(os.path.relpath(path, root.parent)).as_posix()
    except ValueError:  # another drive
        return ""


# --- reading ---


def _read(
    matched: Sequence[Matched], sample: Collection[str] | None, store: Store, mapper: engine.Engine, tell: Told
) -> list[Document | None]:
    """The documents in their order, None for those of no project: kept ones from the store, others from the workers.

    What the store holds of documents that are no longer there goes with them.
    """
    found: list[Document | None] = [None] * len(matched)
    keys: dict[int, str] = {}
    todo: list[int] = []
    for at, one in enumerate(matched):
        if one.project_id and sample is not None and one.project_id not in sample:
            found[at] = _LEFT
        elif one.project_id:
            keys[at] = _key(one.paper.path, one.paper.name)
            found[at] = _kept(store, keys[at])
            if found[at] is None:
                todo.append(at)
    store.forget(KEPT, set(keys.values()))
    tasks = [(matched[at].paper.path, matched[at].paper.name) for at in todo]
    for done, (number, outcome) in enumerate(mapper.map(read_document, tasks, [_weight(task[0]) for task in tasks]), 1):
        at = todo[number]
        document = outcome.value or Document("unread", f"{outcome.failure}，没有读取")
        if document.state == "read" and _key_of(matched[at].paper.name, document.sha256) == keys[at]:
            store.note(KEPT, keys[at], to_plain(document))
        found[at] = document
        tell(READING, done, len(tasks))
    return found


def _weight(path: Path) -> int:
    """What a document weighs in a group of tasks; one that LibreOffice converts takes seconds and goes by itself."""
    return engine.GROUP_BYTES if path.suffix.lower() in _SLOW else _size(path)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _key(path: Path, name: str) -> str:
    """By what a document is kept: its content, its name (which tells its kind too) and the program; empty for none."""
    if path.is_symlink() or not path.is_file() or _size(path) > limit("bytes") or by_name(name) is not None:
        return ""
    try:
        return _key_of(name, fingerprint.of_file(path))
    except OSError:
        return ""


def _key_of(name: str, digest: str) -> str:
    return fingerprint.of_texts([PurePath(name).name, digest, fingerprint.of_program()])


def _kept(store: Store, key: str) -> Document | None:
    """What an earlier run made of the same content under the same name."""
    if not key or not (record := store.noted(KEPT, key)):
        return None
    try:
        return of_plain(record, Document)
    except (KeyError, TypeError, ValueError):
        return None  # damaged: made again


# --- the forms ---


def _judged(of_project: Mapping[str, list[Read]], made: Once, files: Collection[str]) -> dict[str, Papers]:
    """The projects that have documents, in the order of the input; `files` are those that they stand in."""

    def rows(name: str, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        frame = made.rows(name, columns, of_project, files)
        return (dict(zip(columns, values, strict=True)) for values in schema.rows(frame, *columns))

    indicators = schema.grouped((row["project_id"], row) for row in rows("indicators", INDICATORS))
    found: dict[str, Papers] = {}
    for project in rows("projects", PROJECTS):
        key = project["project_id"]
        found[key] = judge(key, project["project_name"], of_project[key], *asked_of(project, indicators[key]))
    for doubt in used_twice(found.values()):
        found[doubt.project_id].doubts.append(doubt)
    return found
