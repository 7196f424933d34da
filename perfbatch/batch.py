"""A whole run: every input through the pipeline, checks across files, all outputs published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from perfbatch import engine, pipeline, sampling, schema
from perfbatch.checks import register
from perfbatch.config import Settings
from perfbatch.errors import PerfbatchError, UnpublishedOutput
from perfbatch.model import Batch, CheckOutcome, Finding, Frames, WorkbookResult
from perfbatch.outputs import annotate, files, records, summary
from perfbatch.sources import Source, Sources

SUMMARY_NAME = "绩效自评汇总表.xlsx"
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
        failed = any(result.status != "ok" for result in self.batch.results)
        broken = any(outcome.state == "errored" for outcome in self.batch.checks)
        if failed or broken or self.unpublished:
            return 3
        return 1 if any(f.severity == "error" for f in self.batch.findings) else 0


def run(
    sources: Sources,
    output: Path,
    settings: Settings,
    *,
    workers: int | None = None,
    run_date: str = "",
    progress: Progress | None = None,
) -> RunReport:
    """Process all sources and publish everything into `output`."""
    files.clean_leftovers(output)
    results = _process(sources.files, settings, workers, progress)
    batch = assemble(results, settings, run_date)
    report = RunReport(batch, skipped=sources.skipped)
    _annotate_all(report, sources.files, output, workers)
    _publish(report, output, SUMMARY_NAME, lambda path: summary.write_summary(path, batch))
    _publish_records(report, output, settings)
    return report


def _process(
    sources: Sequence[Source], settings: Settings, workers: int | None, progress: Progress | None
) -> list[WorkbookResult]:
    tasks = [(source.path, source.name, settings) for source in sources]
    results: list[WorkbookResult] = []
    projects = 0
    for source, outcome in zip(sources, _in_order(pipeline.process_workbook, tasks, workers), strict=True):
        result = outcome.value or _failed(source, outcome.failure)
        results.append(result)
        projects += len(result.frames.projects) if result.frames else 0
        if progress:
            progress(len(results), len(tasks), projects)
    return results


def _in_order(
    function: Callable[..., Any], tasks: Sequence[engine.Task], workers: int | None
) -> list[engine.Outcome]:
    with engine.choose(workers, len(tasks)) as chosen:
        return [outcome for _, outcome in sorted(chosen.map(function, tasks), key=lambda pair: pair[0])]


def _failed(source: Source, why: str) -> WorkbookResult:
    reason = f"“{source.name}”{why}，其他文件不受影响；请用 Excel 或 WPS 打开检查后另存为 .xlsx 再试。"
    return WorkbookResult(source.name, str(source.path), "", "failed", reason, reason_code="crashed")


def assemble(results: list[WorkbookResult], settings: Settings, run_date: str) -> Batch:
    """Join the results of all files and run the checks that look across them."""
    frames = joined([result.frames for result in results if result.frames is not None])
    in_force = pipeline.in_force(frames.projects["ruleset"], settings)
    findings = [finding for result in results for finding in result.findings]
    checks = merged_outcomes([result.checks for result in results])
    if len(frames.projects):
        context = register.Context(
            frames,
            {name: ruleset.plain() for name, ruleset in in_force.items()},
            batch_year=settings.year,
        )
        across, outcomes = register.run(context, scope="batch", off=settings.off, severities=settings.severity)
        findings += across
        checks += outcomes
    batch = Batch(results, frames, findings, checks, dict(in_force), run_date=run_date)
    if len(frames.projects):
        _sample(batch, settings)
    return batch


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
    batch.sample_note = drawn.note


def joined(parts: Sequence[Frames]) -> Frames:
    """Frames of all files, in input order, with a plain RangeIndex."""

    def column(name: str, columns: dict[str, str]) -> pd.DataFrame:
        tables = [getattr(part, name) for part in parts if len(getattr(part, name))]
        return pd.concat(tables, ignore_index=True) if tables else schema.frame([], columns)

    return Frames(
        column("projects", schema.PROJECTS), column("funds", schema.FUNDS), column("indicators", schema.INDICATORS)
    )


_WORST = ("passed", "off", "skipped", "found", "errored")


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


def _annotate_all(report: RunReport, sources: Sequence[Source], output: Path, workers: int | None) -> None:
    """Annotated copies of all files that were read; each is proven harmless before it is published."""
    batch = report.batch
    by_file: dict[str, list[Finding]] = {}
    for finding in batch.findings:
        by_file.setdefault(finding.file, []).append(finding)
    read = {r.file: r for r in batch.results if r.frames is not None}
    names = files.output_names(list(read))
    todo = [source for source in sources if source.name in read]
    tasks = [
        (source.path, output / names[source.name], by_file.get(source.name, []), read[source.name].sha256)
        for source in todo
    ]
    outcomes = _in_order(annotate_one, tasks, workers)
    for source, outcome in zip(todo, outcomes, strict=True):
        if outcome.failure:
            report.unpublished.append(f"“{source.name}”的批注文件未能生成：{outcome.failure}。")
            continue
        done = outcome.value
        batch.annotated[source.name] = done.path.name
        batch.outputs.append(done.path.name)
        report.notices.extend(done.notes)


def annotate_one(source: Path, target: Path, findings: list[Finding], sha256: str) -> annotate.AnnotationReport:
    """Annotated copy of one file (runs in a worker). Raises UnpublishedOutput when there is none."""
    if hashlib.sha256(source.read_bytes()).hexdigest() != sha256:
        raise UnpublishedOutput("文件在处理过程中被修改，请关闭该文件后重新运行")
    return annotate.annotate(source, target, findings)


def _publish(report: RunReport, output: Path, name: str, write: Callable[[Path], None]) -> None:
    target = output / name
    try:
        published = files.publish(target, write)
    except PerfbatchError as error:
        report.unpublished.append(str(error))
        return
    report.batch.outputs.append(published.relative_to(output).as_posix())
    if published.name != target.name:
        report.notices.append(f"“{name}”正被其他程序打开，结果已另存为“{published.name}”。")


def _publish_records(report: RunReport, output: Path, settings: Settings) -> None:
    for name, write in records.writers(report.batch, settings).items():
        _publish(report, output, name, write)
