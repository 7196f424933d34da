"""A whole run: every input into a stored bundle, a look across them, all outputs published.

What earlier runs left in the store is used where it is still true, so a run that was killed goes on where it
stopped and a second run does only what changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from perfbatch.config import Settings
from perfbatch.errors import OutputFolderFull, PerfbatchError
from perfbatch.figures import sampling
from perfbatch.improvement.typed import SUMMARY
from perfbatch.kept import fingerprint, lock
from perfbatch.kept.store import PARTS, UNPACKED, Store
from perfbatch.model import Batch, WorkbookResult
from perfbatch.outputs import files, records, summary, workpaper
from perfbatch.runs import archives, engine, followup, gather, leaves, work
from perfbatch.sources import STORE, Source, Sources

STOPPING = "正在停止：已读取的文件将汇总发布，其余文件列出；再按一次 Ctrl+C 立即退出。"
_WITH_SHEETS = 1_000  # the first workbooks, which are held with their sheets for the list in 读取情况
Progress = Callable[[int, int, int], None]  # files done, files, projects so far


@dataclass(slots=True)
class RunReport:
    """What the command line needs at the end: the batch, and outputs that could not be published."""

    batch: Batch
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 error-level findings, 3 a file or an output is missing (contract)."""
        failed = any(result.status in ("refused", "failed") for result in self.batch.results)
        failed |= not any(result.size and result.size.projects for result in self.batch.results)
        broken = any(outcome.state == "errored" for outcome in self.batch.checks)
        if failed or broken or self.unpublished:
            return 3
        return 1 if self.batch.totals.severities.get("error") else 0


def run(
    found: Sources,
    output: Path,
    settings: Settings,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    run_date: str = "",
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> RunReport:
    """Process all sources and publish everything into `output`.

    `progress` is called as files are read, `tell` with sentences that cannot wait. The first interrupt stops
    reading and publishes what there is; a second one passes through. Raises PerfbatchError when another run
    holds the folder or the folder takes nothing, or last year's folder or the size of the sample cannot be read.
    """
    if settings.sample:
        sampling.size_of(settings.sample)  # a wrong one is told before anything is read
    earlier = followup.load(output, settings)
    store = Store(output / STORE)
    with lock.held(store.root), _engine(workers, len(found.files), scheduler) as mapper:
        _clean(store, output)
        try:
            inputs = _unpacked(found, store.root)
            job = _Run(inputs, output, settings, store, mapper, tell or (lambda _: None))
            job.earlier = earlier
            return job.run(run_date, progress)
        finally:
            _clean(store, output)  # workers of a killed run may still have been at work on theirs before


def _clean(store: Store, output: Path) -> None:
    """Remove what interrupted runs left half-written."""
    store.clean()
    for folder in (output, output / "data"):
        files.clean_leftovers(folder)


def _engine(workers: int | None, tasks: int, scheduler: str | None) -> engine.Engine:
    if not scheduler:
        return engine.choose(workers, tasks)
    from perfbatch.runs.cluster import Cluster  # noqa: PLC0415 - an extra

    return Cluster(scheduler)


class _Run:
    """One run while it goes on."""

    def __init__(
        self,
        inputs: Sources,
        output: Path,
        settings: Settings,
        store: Store,
        mapper: engine.Engine,
        tell: Callable[[str], None],
    ) -> None:
        self.inputs, self.output, self.settings = inputs, output, settings
        self.store, self.mapper, self.tell = store, mapper, tell
        self.hashes = {source.name: _hash(source.path) for source in inputs.files}
        program = (fingerprint.of_program(), fingerprint.of_settings(settings, whole_run=False))
        self.keys = {name: fingerprint.of_texts([name, sha, *program]) for name, sha in self.hashes.items()}
        self.earlier = followup.Followup()
        self.report: RunReport
        self.aside: list[str] = []  # what was said of a summary that had to be put aside
        self.unmatched: list[str] = []  # hand-picked names without a project

    def run(self, run_date: str, progress: Progress | None) -> RunReport:
        """Read, look across, publish."""
        results = self._read(progress)
        bundles = {r.file: self.store.bundle(self.keys[r.file]) for r in results if r.size}
        folder = self.store.root / PARTS
        gathered = gather.gather(
            results, bundles, self.settings, run_date, self.earlier, mapper=self.mapper, folder=folder
        )
        self.report = RunReport(gathered.batch, list(self.inputs.skipped))
        self.unmatched = gathered.unmatched(self.settings.selected)
        behind = _Behind(self, gathered)
        try:
            behind.start()
            self.aside = self.earlier.set_aside(self.output)
            self._publish(gathered, behind)
        except KeyboardInterrupt:
            self.tell(STOPPING)
            self.mapper.stop()
            behind.give_up()
            self._publish(gathered, behind)
        return self.report

    # --- reading ---

    def _read(self, progress: Progress | None) -> list[WorkbookResult]:
        """The result of every input, in input order: kept ones from the store, others from the workers."""
        done: dict[int, WorkbookResult] = {}
        todo = []
        for at, source in enumerate(self.inputs.files):
            if source.refusal:
                done[at] = self._refused(source, *source.refusal)
                continue
            kept = self.store.find(self.keys[source.name])
            if kept is None:
                todo.append(at)
            else:
                done[at] = _lighter(at, work.slim(kept))
        projects = sum(result.size.projects for result in done.values() if result.size)
        try:
            for at, result in self._fresh(todo):
                done[at] = _lighter(at, result)
                projects += result.size.projects if result.size else 0
                if progress:
                    progress(len(done), len(self.inputs.files), projects)
        except KeyboardInterrupt:
            self.tell(STOPPING)
            self.mapper.stop()
        return [done.get(at) or _stopped(source) for at, source in enumerate(self.inputs.files)]

    def _fresh(self, todo: Sequence[int]) -> Iterator[tuple[int, WorkbookResult]]:
        some = [self.inputs.files[at] for at in todo]
        tasks = [(s.path, s.name, self.hashes[s.name], self.store.root, self.keys[s.name], self.settings) for s in some]
        for at, outcome in self.mapper.map(work.read_one, tasks, [_size(s.path) for s in some]):
            if outcome.full:
                raise OutputFolderFull(outcome.failure)
            result = outcome.value or _failed(some[at], outcome.failure)
            result.sha256 = result.sha256 or self.hashes[some[at].name]
            yield todo[at], result

    def _refused(self, source: Source, code: str, reason: str) -> WorkbookResult:
        sha256 = self.hashes[source.name]
        what = "" if source.path.is_dir() else "zip"
        return WorkbookResult(source.name, "", sha256, "refused", reason, reason_code=code, container=what)

    # --- publishing ---

    def _publish(self, gathered: gather.Gathered, behind: _Behind) -> None:
        """All outputs beside what workers write; written while they do, and again if copies came out otherwise."""
        batch, expected = gathered.batch, behind.expected()
        batch.annotated, batch.outputs = dict(expected), []
        tables = {name: partial(leaves.write, table=table) for name, table in gathered.tables.items()}
        writers = records.writers(batch, tables, totals=batch.totals)
        last = writers.pop(records.RUN)
        self.report.unpublished, self.report.notices = [], []
        if not behind.background:
            behind.join()
            batch.annotated = behind.made()
        self.report.notices += self.aside
        if self.unmatched:
            unknown = "、".join(f"“{name}”" for name in self.unmatched)
            told = f"perfbatch.toml 的 selected 中{unknown}没有对应的项目，未抽取；请核对项目名称或编码。"
            self.report.notices.append(told)
        self._workpaper(batch)
        names = [self._write(SUMMARY, self._summary)]
        if batch.totals.whole.projects:
            names.append(self._report())
        names += [batch.workpaper, *self.earlier.files()]
        own = {name: self._write(name, write) for name, write in writers.items() if name not in behind.tables}
        behind.join()
        names += [(own | behind.published).get(name, "") for name in writers]
        if behind.made() != batch.annotated:
            batch.annotated = behind.made()
            names[0] = self._write(SUMMARY, self._summary)
        batch.outputs = [*batch.annotated.values(), *(name for name in names if name)]
        self.report.unpublished += behind.unpublished
        self.report.notices += behind.notices
        if name := self._write(records.RUN, last):
            batch.outputs.append(name)

    def _workpaper(self, batch: Batch) -> None:
        """Publish the spot-check workpaper; one that somebody has filled in is never replaced."""
        if batch.review is not None:
            self.report.notices += batch.review.problems
        if not batch.sample:
            return
        target, fresh = workpaper.place_for(self.output, batch)
        batch.workpaper = target.name
        if fresh:
            write = partial(workpaper.write_workpaper, batch=batch, totals=batch.totals)
            batch.workpaper = self._write(target.name, write)
            if target.name != workpaper.NAME and batch.workpaper:
                told = f"“{workpaper.NAME}”已有核查内容，予以保留；本次抽查的底稿另存为“{batch.workpaper}”。"
                self.report.notices.append(told)

    def _summary(self, path: Path) -> None:
        summary.write_summary(path, self.report.batch, totals=self.report.batch.totals, row_limit=gather.LISTED)

    def _report(self) -> str:
        """Publish the draft of the report beside one that somebody has written into; its name."""
        from perfbatch.outputs import report  # noqa: PLC0415 - large, and not every run writes one

        batch, slots = self.report.batch, 0

        def write(path: Path) -> None:
            nonlocal slots
            slots = report.write_report(path, batch, self.settings, totals=batch.totals)

        wanted = report.place_for(self.output).name
        name = self._write(wanted, write)
        self.report.notices += report.told(name, slots, beside=wanted != report.NAME) if name else []
        return name

    def _write(self, name: str, write: Callable[[Path], None]) -> str:
        """Publish one output; its name in the output folder, empty when there is none."""
        target = self.output / name
        try:
            published = files.publish(target, write)
        except PerfbatchError as error:
            if str(error) not in self.report.unpublished:
                self.report.unpublished.append(str(error))
            return ""
        self.report.notices += files.moved(target, published)
        return published.relative_to(self.output).as_posix()


class _Behind:
    """What is written behind the outputs of the whole run, by workers where there are some: the annotated
    copies, and of a large batch the tables."""

    def __init__(self, run: _Run, gathered: gather.Gathered) -> None:
        self.run, self.across = run, gathered.across
        self.tables = {} if gathered.whole else gathered.tables
        self.published: dict[str, str] = {}  # table → the name it got
        self.unpublished: list[str] = []
        self.notices: list[str] = []
        self.background = run.mapper.parallel
        read = {part.result.file for part in gathered.parts}
        names = files.output_names([part.result.file for part in gathered.parts])
        self._todo = [source for source in run.inputs.files if source.name in read]
        self._targets = {source.name: run.output / names[source.name] for source in self._todo}
        self._done: dict[str, work.Copied] = {}
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self._over = False

    def expected(self) -> dict[str, str]:
        """Input file → name of its copy, if all goes well."""
        return {name: target.name for name, target in self._targets.items()}

    def made(self) -> dict[str, str]:
        """Input file → name of its copy, of those that were made."""
        return {source.name: self._done[source.name].name for source in self._todo if source.name in self._done}

    def start(self) -> None:
        """Begin; returns at once where workers do the work."""
        if self.background:
            self._thread = threading.Thread(target=self._guarded, daemon=True)
            self._thread.start()

    def join(self) -> None:
        """Wait until all copies are made or named as missing; raises what nobody can mend."""
        if self._thread is not None:
            while self._thread.is_alive():
                self._thread.join(0.2)  # in steps, so that an interrupt gets through on Windows too
        elif not self._over:
            self._make()
        if self._error is not None:
            raise self._error

    def give_up(self) -> None:
        """Name what has not been made, after the workers were ended."""
        if self._thread is not None:
            self._thread.join()
        self._over, self._error = True, None
        missing = [f"“{source.name}”的批注文件" for source in self._todo if source.name not in self._done]
        missing += [f"“{name}”" for name in self.tables if name not in self.published]
        self.unpublished = [f"{what}未生成：已按要求停止，重新运行即可补上。" for what in missing]

    def _guarded(self) -> None:
        try:
            self._make()
        except Exception as error:  # raised again by join, in the thread that can tell it
            self._error = error

    def _make(self) -> None:
        self._write_tables()
        self._copy()
        self._over = True

    def _write_tables(self) -> None:
        names = list(self.tables)
        tasks = [(self.run.output / name, self.tables[name]) for name in names]
        for at, outcome in self.run.mapper.map(leaves.published, tasks, files=len(self._todo)):
            if outcome.full:
                raise OutputFolderFull(outcome.failure)
            if outcome.failure:
                self.unpublished.append(outcome.failure)
            else:
                name, told = outcome.value
                self.published[names[at]] = Path(names[at]).with_name(name).as_posix()
                self.notices += told

    def _copy(self) -> None:
        root, todo = self.run.store.root, []
        for source in self._todo:
            more = self.across.get(source.name, b"")
            before = work.copied_before(self._targets[source.name], root, self.run.keys[source.name], more)
            if before is None:
                todo.append((source, more))
            else:
                self._done[source.name] = before
        keys, hashes, settings = self.run.keys, self.run.hashes, self.run.settings
        tasks = [
            (s.path, self._targets[s.name], root, keys[s.name], more, hashes[s.name], settings) for s, more in todo
        ]
        failures = {}
        for at, outcome in self.run.mapper.map(work.copy_one, tasks, [_size(s.path) for s, _ in todo]):
            if outcome.full:
                raise OutputFolderFull(outcome.failure)
            if outcome.failure:
                failures[at] = f"“{todo[at][0].name}”的批注文件未能生成：{outcome.failure.rstrip('。')}。"
            else:
                self._done[todo[at][0].name] = outcome.value
        self.unpublished += [failures[at] for at in sorted(failures)]
        self.notices += [note for s in self._todo if s.name in self._done for note in self._done[s.name].notes]


def _lighter(at: int, result: WorkbookResult) -> WorkbookResult:
    """A result without its sheets where so many files are before it that they are not listed."""
    if at >= _WITH_SHEETS:
        result.sheets = []
    return result


def _unpacked(found: Sources, root: Path) -> Sources:
    try:
        return archives.unpacked(found, root / UNPACKED)
    except OSError as error:
        raise lock.unwritable(root.parent, error) from error


def _hash(path: Path) -> str:
    try:
        return fingerprint.of_file(path)
    except OSError:
        return ""  # reading it will say why


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _failed(source: Source, why: str) -> WorkbookResult:
    reason = f"“{source.name}”{why}，其他文件不受影响；请用 Excel 或 WPS 打开检查后另存为 .xlsx 再试。"
    return WorkbookResult(source.name, "", "", "failed", reason, reason_code="crashed")


def _stopped(source: Source) -> WorkbookResult:
    reason = f"“{source.name}”尚未处理：已按要求停止；用同样的命令重新运行即可继续。"
    return WorkbookResult(source.name, "", "", "failed", reason, reason_code="stopped")
