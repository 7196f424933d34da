"""A whole run: every input into a stored bundle, a look across them, all outputs published.

What earlier runs left in the store is used where it is still true, so a run that was killed goes on where it
stopped and a second run does only what changed.
"""

import contextlib
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from perfbatch.config import Settings
from perfbatch.errors import PerfbatchError, UsageError, pip_install
from perfbatch.followup import answers, ledger_reader, workpaper_reader
from perfbatch.followup.batch import Batch
from perfbatch.followup.summaries import SUMMARY
from perfbatch.identity import roster
from perfbatch.model import BESIDE, PASSED_OVER, WorkbookResult
from perfbatch.outputs import files, records, summary, workpaper
from perfbatch.outputs.console import Progress
from perfbatch.outputs.summary import targets
from perfbatch.outputs.user_edits import Edited
from perfbatch.passed import shown
from perfbatch.runs import across, archives, earlier_work, engine, mended, papers, work, yearround
from perfbatch.runs.copies import Copies
from perfbatch.runs.documents import published, task
from perfbatch.runs.once import Once, Part
from perfbatch.runs.work import Input
from perfbatch.schema import PROJECT_LIST
from perfbatch.sources import COPY, STORE, Source, Sources, find
from perfbatch.store import fingerprint, lock, tables
from perfbatch.store.published import Published
from perfbatch.store.results import PARTS, UNPACKED, Store
from perfbatch.totals import sampling
from perfbatch.totals.sums import UNSTATED

STOPPING = "正在停止：已读取的文件将汇总发布，其余文件列出；再按一次 Ctrl+C 立即退出。"
TARGETS_OPTION, PUBLISHED_OPTION = "年初目标", "公开清单"  # lead the names of files given with these options
PUBLISHED = ("project_code", "project_name", "total_declared", "executed", "submitted", "deadline")


@dataclass(slots=True)
class RunReport:
    """What the command line needs at the end: the batch, and outputs that could not be published."""

    batch: Batch
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)
    beside: bool = False  # an output went beside one that is open: the same run again has something to do

    @property
    def exit_code(self) -> int:
        """0 clean, 1 error-level findings, 3 a file or an output is missing, or nothing was read at all (contract)."""
        failed = any(result.status in ("refused", "failed") for result in self.batch.results)
        failed = failed or not (self.batch.summed().whole.projects or self.batch.other_forms)
        broken = any(outcome.state == "errored" for outcome in self.batch.checks)
        if failed or broken or self.unpublished:
            return 3
        return 1 if self.batch.summed().severities.get("error") else 0


def run(
    found: Sources,
    output: Path,
    settings: Settings,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    isolated: bool = False,
    run_date: str = "",
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> RunReport:
    """Process all sources and publish everything into `output`.

    With `isolated` not even a single file is read in this process. `progress` is told as files are read, `tell`
    called with sentences that cannot wait. The first interrupt stops reading and publishes what there is; a second one
    passes through. Raises PerfbatchError when another run holds the folder or the folder takes nothing, or last
    year's folder or the size of the sample cannot be read.
    """
    if settings.sample:
        sampling.size_of(settings.sample)  # a wrong one is told before anything is read
    expected = roster.load(settings)
    earlier = earlier_work.load(output, settings)
    store = Store(output / STORE)
    with lock.held(store.root), _engine(workers, found.tasks, scheduler, isolated) as mapper:
        _clean(store, output)
        try:
            try:
                inputs = archives.unpacked(found, store.root / UNPACKED)
            except OSError as error:
                raise lock.unwritable(output, error) from error
            said = tell or (lambda _: None)
            job = _Run(inputs, output, settings, store, mapper, earlier, said, progress or Progress(io.StringIO()))
            return job.run(run_date, expected)
        finally:
            _clean(store, output)  # workers of a killed run may still have been at work on theirs before


def _clean(store: Store, output: Path) -> None:
    """Remove what interrupted runs left half-written."""
    store.clean()
    for folder in (output, output / "data", output / workpaper.FOLDER):
        files.clean_leftovers(folder)


def _engine(workers: int | None, tasks: int, scheduler: str | None, isolated: bool) -> engine.Engine:
    if not scheduler:
        return engine.choose(workers, tasks, isolated=isolated)
    try:
        from perfbatch.runs.cluster import Cluster  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            f"使用 --scheduler 需要先安装集群组件：{pip_install('dask[distributed]')}（集群的每台机器都要安装）。"
        ) from None
    return Cluster(scheduler)


@dataclass
class _Run:
    """One run while it goes on."""

    found: Sources
    output: Path
    settings: Settings
    store: Store
    mapper: engine.Engine
    earlier: earlier_work.Followup
    tell: Callable[[str], None]
    progress: Progress

    def __post_init__(self) -> None:
        found = self.found
        program = (fingerprint.of_program(), fingerprint.of_settings(self.settings, whole_run=False))
        inputs = [_input(source, program) for source in found.files]
        self.mended = mended.find(inputs, found, self.output, self.store, program)
        self.inputs = self.mended.inputs
        found.skipped = [pair for pair in found.skipped if pair not in {(name, COPY) for name in self.mended.taken}]
        beside = _given(found, self.output, self.settings.targets, TARGETS_OPTION)
        public = _given(Sources(), self.output, self.settings.published, PUBLISHED_OPTION)
        self.beside, self.public = ([_input(one, program) for one in some] for some in (beside, public))
        self.report: RunReport
        self.edited = Edited(Published(self.output, self.store))

    def run(self, run_date: str, expected: roster.Roster) -> RunReport:
        """Read, look across, publish."""
        results = _without_copies(self._read(self.inputs, self.progress))
        aside, public = self._read(self.beside), self._read(self.public)
        self.progress.stage("正在核对各表之间的数据")
        pairs = zip(self.inputs, results, strict=True)
        parts = [Part(result, self.store.bundle(one.key)) for one, result in pairs if result.size]
        folder = self.store.root / PARTS
        made = Once(parts, self.settings, {one.name: one.saved for one in self.inputs})
        inputs = zip([*self.inputs, *self.beside], [*results, *aside], strict=True)
        bundles = [self.store.bundle(one.key) for one, result in inputs if result.status not in _UNREAD]
        before = self.earlier.extras()
        sheets = yearround.sheets_of(bundles)
        before |= yearround.beside(sheets, before)
        compared = yearround.compared(
            made, sheets, self.settings, before.get("rectification", {}), before.get("previous")
        )
        extras = before | dict(self.earlier.documents) | yearround.inputs(compared) | self._published(public, parts)
        spanned = across.spanning(made, self.settings, extras, folder)
        sample = across.drawn(made, spanned, self.settings) if self.found.evidence else None
        if sample is not None:
            ids = None if self.settings.evidence_of == "all" else {one.project_id for one in sample.drawn}
            self.earlier = replace(
                self.earlier,
                evidence=papers.gathered(self.found.evidence, made, self.store, self.mapper, ids, self.progress.count),
            )
        else:
            self.store.forget(papers.KEPT, ())
        spanned = across.together(
            spanned, across.spanning(made, self.settings, self.earlier.extras(), folder, papers=True)
        )
        results += [*map(_as_beside, (*aside, *public)), *(_passed_over(*skipped) for skipped in self.found.skipped)]
        read = {part.result.file for part in parts} | spanned.packed.keys()
        of_read = [one for one in self.inputs if one.name in read]
        changed = across.settled(made, spanned, self.earlier.answers)
        known = {
            one.name: work.across(one.name, spanned.packed, made.silent, changed.get(one.name, ())) for one in of_read
        }
        copies = Copies(self.mapper, of_read, known, self.output, self.store.root, self.settings)
        batch: Batch | None = None
        put_aside: list[str] = []
        try:
            copies.start()
            batch, frames = across.gather(
                results, made, spanned, self.settings, self.earlier, run_date, folder, compared, sample, changed
            )
            batch.rubbish, batch.mended = list(self.found.rubbish), self.mended.mended
            units = [unit.name for unit in batch.summed().units if unit.name != UNSTATED]
            batch.attendance = roster.attendance(expected, units, self.settings.units)
            self.report = RunReport(batch, list(self.found.skipped))
            put_aside += [
                *self.mended.told,
                *filter(None, [self.earlier.about_documents]),
                *self.earlier.set_aside(self.output),
                *self.earlier.answers.told(),
                *self.earlier.told(batch),
            ]
            self._publish(frames, copies, put_aside)
        except KeyboardInterrupt:
            self.tell(STOPPING)
            self._stop(copies)
            if batch is None:
                raise
            self._publish(frames, copies, put_aside or self.earlier.set_aside(self.output))
        except BaseException:
            self._stop(copies)
            raise
        return self.report

    def _stop(self, copies: Copies) -> None:
        self.mapper.stop()
        copies.give_up()

    def _published(self, public: Sequence[WorkbookResult], parts: Sequence[Part]) -> dict[str, Any]:
        """Inputs of the checks on what was published, and on when projects were handed in."""
        pairs = zip(self.public, public, strict=True)
        bundles = [self.store.bundle(one.key) for one, result in pairs if result.size]
        sizes = [(part.bundle, part.result.size) for part in parts]
        lists = [bundle for bundle, size in sizes if size and PROJECT_LIST in " ".join(size.traits).split()]
        frames, own = ([tables.to_frame(one.table("projects", PUBLISHED)) for one in some] for some in (bundles, lists))
        found: dict[str, Any] = {"published": published(frames), "task": task([*frames, *own], self.settings.deadline)}
        return {key: value for key, value in found.items() if value}

    # --- reading ---

    def _read(self, inputs: Sequence[Input], progress: Progress | None = None) -> list[WorkbookResult]:
        """The result of every input, in input order: kept ones from the store, others from the workers."""
        done: dict[int, WorkbookResult] = {}
        todo = []
        for at, one in enumerate(inputs):
            if one.refusal:
                done[at] = _refused(one, *one.refusal)
            elif (kept := self.store.find(one.key)) is None:
                todo.append(at)
            else:
                done[at] = work.slim(kept)
        projects = sum(result.size.projects for result in done.values() if result.size)
        try:
            for at, result in self._fresh(inputs, todo):
                done[at] = result
                projects += result.size.projects if result.size else 0
                if progress is not None:
                    progress.update(len(done), len(inputs), projects, result.file)
        except KeyboardInterrupt:
            self.tell(STOPPING)
            self.mapper.stop()
        return [done.get(at) or _stopped(one) for at, one in enumerate(inputs)]

    def _fresh(self, inputs: Sequence[Input], todo: Sequence[int]) -> Iterator[tuple[int, WorkbookResult]]:
        some = [inputs[at] for at in todo]
        tasks = [(one, self.store.root, self.settings) for one in some]
        for at, outcome in self.mapper.map(work.read_one, tasks, [one.size for one in some]):
            result = outcome.value or _failed(some[at], outcome)
            result.sha256 = result.sha256 or some[at].sha256
            yield todo[at], result

    # --- publishing ---

    def _publish(self, frames: Mapping[str, records.Writer], copies: Copies, notices: Sequence[str]) -> None:
        """All outputs; the summary, which names the copies, again where these came out otherwise than expected."""
        report, batch = self.report, self.report.batch
        report.unpublished, report.notices, report.beside = [], [*notices], False
        if not self.mapper.parallel:
            self.progress.stage("正在写批注文件")
            copies.join()
        batch.annotated, batch.outputs = copies.names(), []
        writers = records.writers(batch, frames)
        last = writers.pop(records.RUN)
        known = {text for line in batch.summed().lines for text in (line.name, line.code)}
        if unmatched := [name for name in self.settings.selected if name not in known]:
            unknown = "、".join(f"“{name}”" for name in unmatched)
            told = f"perfbatch.toml 的 selected 中{unknown}没有对应的项目，未抽取；请核对项目名称或编码。"
            report.notices.append(told)
        self.progress.stage("正在写汇总表、报告和底稿")
        self._workpaper(batch)
        written = self._entries()
        write_summary = partial(summary.write_summary, batch=batch)
        names = [self._write(SUMMARY, write_summary)]
        if batch.summed().whole.projects:
            names.append(self._report())
        if (compared := batch.compared) is not None and compared.planned:
            names.append(self._write(targets.PLANNED, lambda path: targets.write_planned(path, batch, compared)))
        entries = [workpaper_reader.NAME] if self.earlier.filled else []
        names += [*batch.workpapers.values(), self._returns(), *entries, *written]
        names += [self._write(name, write) for name, write in writers.items()]
        self.progress.stage("正在写批注文件")
        copies.join()
        if copies.names() != batch.annotated:
            batch.annotated = copies.names()
            names[0] = self._write(SUMMARY, write_summary)
        batch.outputs = [*batch.annotated.values(), *(name for name in names if name)]
        report.unpublished += copies.unpublished
        if name := self._write(records.RUN, last):
            batch.outputs.append(name)
        report.beside = report.beside or copies.beside
        report.notices += [*copies.notices, *self.edited.told]

    def _entries(self) -> list[str]:
        """Keep what people have written into lists of the summary beside it, before it is replaced; the names."""
        kept: dict[str, str] = {}
        answered, typed = self.earlier.answers, self.earlier.typed
        if answered.any:
            kept[answers.NAME] = answered.kept()
        if typed is not None and (typed.entries or typed.before):
            kept[ledger_reader.NAME] = typed.kept()
        return [self._write(name, partial(Path.write_text, data=text, encoding="ascii")) for name, text in kept.items()]

    def _workpaper(self, batch: Batch) -> None:
        """Publish the workpapers of the spot check; one that somebody has filled in is never replaced."""
        if batch.review is not None:
            self.report.notices += batch.review.problems
        batch.workpapers = {}
        for part in workpaper.parts_of(batch) if batch.sample else ():
            target, fresh = workpaper.place_for(self.output, batch, part)
            name = target.relative_to(self.output).as_posix()
            if fresh:
                name = self._write(name, partial(workpaper.write_workpaper, batch=batch, lines=part.lines))
                if target.name != Path(part.name).name and name:
                    told = f"“{Path(part.name).name}”已有核查内容，予以保留；本次抽查的底稿另存为“{name}”。"
                    self.report.notices.append(told)
            if name:
                batch.workpapers[part.name] = name

    def _returns(self) -> str:
        """Publish what each unit gets back, where there is anything to mend; its name."""
        from perfbatch.outputs import returns  # noqa: PLC0415 - not every run writes one

        batch = self.report.batch
        found = batch.summed().severities
        if not (found.get("error") or found.get("warning") or batch.resubmitted):
            return ""
        return self._write(returns.NAME, partial(returns.write_returns, batch=batch))

    def _report(self) -> str:
        """Publish the draft of the report beside one that somebody has written into; its name."""
        from perfbatch.outputs import report  # noqa: PLC0415 - large, and not every run writes one
        from perfbatch.outputs.report import carried  # noqa: PLC0415

        batch, slots = self.report.batch, 0
        before = carried.load(self.output, report.filled(self.output))
        folder = Path(self.settings.previous) if self.settings.previous else None
        last = carried.load(folder, report.filled(folder)).filled if folder is not None else {}
        now = carried.Carried()

        def write(path: Path) -> None:
            nonlocal slots, now
            now = carried.Carried(before.filled, last)  # it may be written twice
            slots = report.write_report(path, batch, self.settings, carried=now)

        wanted = report.place_for(self.output).name
        name = self._write(wanted, write)
        if name:
            carried.remember(self.output, name, now)
            self.report.notices += report.told(name, slots, beside=wanted != report.NAME, used=now.used)
        return name

    def _write(self, name: str, write: records.Writer) -> str:
        """Publish one output; its name in the output folder, empty when there is none."""
        target = self.output / name
        try:
            published = files.publish(target, write, edited=self.edited)
        except PerfbatchError as error:
            if str(error) not in self.report.unpublished:
                self.report.unpublished.append(str(error))
            return ""
        self.report.notices += files.moved(target, published)
        self.report.beside = self.report.beside or published != target
        return published.relative_to(self.output).as_posix()


_UNREAD = ("refused", "failed")


def _given(found: Sources, output: Path, path: str | None, lead: str) -> list[Source]:
    """Files given with an option that are no inputs; raises UsageError for a path that is not there."""
    if not path:
        return []
    known = {os.path.realpath(source.path) for source in found.files}
    return [
        Source(source.path, f"{lead}/{source.name}", source.refusal)
        for source in find([Path(path)], output).files
        if os.path.realpath(source.path) not in known
    ]


def _as_beside(result: WorkbookResult) -> WorkbookResult:
    """A file given with an option: self-evaluations in it are no projects of this run, and that is said."""
    if not result.size:
        return result
    if result.file.startswith(PUBLISHED_OPTION):
        told = f"“{result.file}”是公开的结果清单，读取了{result.size.projects}个项目用于核对，不计入自评项目。"
        return replace(result, size=None, status="skipped", reason=told, reason_code=BESIDE, money=[])
    told = f"“{result.file}”是用 --targets 指定的，其中的自评表没有计入；要计入请放到输入文件夹。"
    return replace(result, size=None, status="skipped", reason=told, reason_code="targets", money=[])


def _input(source: Source, program: Sequence[str]) -> Input:
    sha256, size, saved = "", 0, 0.0
    if not source.refusal:  # else it may be a pipe, or larger than the disk
        with contextlib.suppress(OSError):  # reading it will say why
            known = source.path.stat()
            sha256, size, saved = fingerprint.of_file(source.path), known.st_size, known.st_mtime
    key = fingerprint.of_texts([source.name, sha256, *program])
    return Input(source.path, source.name, sha256, size, key, saved, source.refusal)


def _refused(one: Input, code: str, reason: str) -> WorkbookResult:
    what = "zip" if one.path.suffix.lower() == ".zip" else ""
    return WorkbookResult(one.name, one.sha256, "refused", reason, reason_code=code, container=what)


def _passed_over(name: str, reason: str) -> WorkbookResult:
    return WorkbookResult(name, "", "skipped", f"“{shown(name)}”：{reason}。", reason_code=PASSED_OVER)


def _failed(one: Input, outcome: engine.Outcome) -> WorkbookResult:
    if outcome.kind == "told":
        reason = f"“{one.name}”没有处理完：{outcome.failure}"
    else:
        then = "其他文件不受影响；请用 Excel 或 WPS 打开检查后另存为 .xlsx 再试。"
        reason = f"“{one.name}”{outcome.failure}，{then}"
    return WorkbookResult(one.name, "", "failed", reason, reason_code="crashed")


def _without_copies(results: Sequence[WorkbookResult]) -> list[WorkbookResult]:
    """Of files with the same content only the first with projects is kept: what is said of it holds for all."""
    first: dict[str, str] = {}
    found = []
    for result in results:
        file = first.setdefault(result.sha256, result.file) if result.size and result.sha256 else result.file
        if file == result.file:
            found.append(result)
            continue
        reason = f"“{result.file}”与“{file}”内容完全相同，只处理一份，批注和问题见后者。"
        found.append(WorkbookResult(result.file, result.sha256, "skipped", reason, "copy", container=result.container))
    return found


def _stopped(one: Input) -> WorkbookResult:
    reason = f"“{one.name}”尚未处理：已按要求停止；用同样的命令重新运行即可继续。"
    return WorkbookResult(one.name, "", "failed", reason, reason_code="stopped")
