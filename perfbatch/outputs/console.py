"""What the clerk sees in the console window: one progress line, one closing table, never an encoding error.

Tables are drawn with ASCII only: box characters are two columns wide in a Chinese Windows console and would
put the table out of line.
"""

import contextlib
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol, Self, TextIO

from tabulate import tabulate
from wcwidth import wcswidth, wcwidth

from perfbatch.console_io import put, say
from perfbatch.decimals import half_up, percent
from perfbatch.followup.batch import Batch
from perfbatch.followup.summaries import SUMMARY
from perfbatch.followup.workpaper_reader import NAME as _ENTRIES
from perfbatch.model import BESIDE, PASSED_OVER
from perfbatch.outputs import wording
from perfbatch.passed import shown
from perfbatch.schema import grouped
from perfbatch.sources import ANNOTATED_MARK, STORE
from perfbatch.store.fingerprint import of_file
from perfbatch.store.published import Published
from perfbatch.store.results import Store
from perfbatch.totals.sums import Totals

__all__ = ["Progress", "Report", "closing", "one_line", "outdated", "say", "table"]

_BAR = 24
_PLAIN_AFTER, _PLAIN_EVERY = 1.0, 10.0  # seconds before and between progress lines where there is no terminal
_TERMINAL_EVERY = 0.1
_REASONS = 30  # files whose reasons are printed
_OUTPUTS = 12  # names of outputs that are listed
_STEPS = 3  # next steps that are told
_REPORT, _WORKPAPER = "绩效自评报告", "抽查工作底稿.xlsx"
_OLD = 8  # outdated files that are named
_SAID = ("stopped", BESIDE, PASSED_OVER)  # codes of files that are told of otherwise
_JUDGED_AFTER = 3.0  # seconds before a rate and the time left are told


class Report(Protocol):
    """What `closing` reads of a run."""

    batch: Batch
    skipped: list[tuple[str, str]]
    notices: list[str]
    unpublished: list[str]


def closing(report: Report, output: Path) -> str:
    """The end of a run: one line of verdict, totals and outputs as a table, what must be told, at most three steps."""
    batch = report.batch
    lines = [f"[请确认] {asked['question']}" for asked in wording.questions(batch)]
    lines += [f"[金额单位] {text}" for text in wording.money_notes(batch)]
    lines += [f"[同一项目] {text}" for text in wording.counted_once(batch)]
    totals = batch.summed()
    figures = table(totals, outputs=batch.outputs, output=output, asks=bool(wording.questions(batch)))
    lines += [f"[单位名单] {text}" for text in (batch.attendance.told() if batch.attendance else ())]
    lines += [f"[请核实] {text}" for text in (*wording.doubted_money(totals), *wording.beyond_budget(totals))]
    lines += [f"[佐证资料] {text}" for text in (batch.evidence.told() if batch.evidence else ())]
    lines += [f"[未处理] {text}" for text in _unread(batch)]
    skipped = [f"{shown(name)}：{why}" for name, why in report.skipped[:_REASONS]]
    if len(report.skipped) > _REASONS:
        skipped.append(f"另有{len(report.skipped) - _REASONS}个文件，见汇总表的“读取情况”。")
    lines += [f"[已跳过] {text}" for text in (*skipped, *wording.rubbish(batch))]
    lines += [f"[提示] {text}" for text in (*_other_kinds(batch), *_beyond_the_workpaper(batch), *report.notices)]
    lines += [f"[未生成] {text}" for text in report.unpublished]
    steps = _next_steps(report, output)[:_STEPS]
    lines += [f"[下一步] {f'{at}. ' if len(steps) > 1 else ''}{text}" for at, text in enumerate(steps, 1)]
    return "\n".join([one_line(verdict(report)), figures, *map(one_line, lines)])  # names may hold line breaks


def verdict(report: Report) -> str:
    """What a person wants to know first: may it be handed in, and if not, how much stands in the way."""
    batch, totals = report.batch, report.batch.summed()
    errors, doubts = (totals.severities[severity] for severity in ("error", "warning"))
    states = Counter(result.status for result in batch.results)
    if not totals.whole.projects and not batch.other_forms:
        return "【没有读到自评表】没有任何项目可以核对，原因见下面各行。"
    also = f"；已读到的有{errors}处必须更正" if errors else ""
    if missing := states["refused"] + states["failed"]:
        return f"【有文件没有读到】{missing}个文件没有读到（见[未处理]），结果不完整{also}。"
    if half := states["partial"]:
        return f"【有内容没有读到】{half}个文件没有读全（见[未处理]），结果不完整{also}。"
    if report.unpublished or any(outcome.state == "errored" for outcome in batch.checks):
        also = f"，另有{errors}处必须更正" if errors else ""
        return f"【没有做完】有结果没有写出或没有查完（见[未生成]和汇总表的“读取情况”）{also}。"
    if errors:
        return f"【有{errors}处必须更正】" + (f"另有{doubts}处疑问请核实。" if doubts else "改好后重新运行。")
    if wording.questions(batch):
        return "【金额单位待确认】请先回答下面的[请确认]，再重新运行。"
    return "【可以报送】没有发现必须更正的问题" + (f"，有{doubts}处疑问请核实。" if doubts else "。")


def outdated(output: Path, made: Sequence[str]) -> list[str]:
    """What to tell of files in the output folder that an earlier run made and this one did not."""
    published = Published(output, Store(output / STORE))
    known = published.names()
    # also of versions that kept no notes
    kinds = [f"*{ANNOTATED_MARK}{number}.{kind}[xm]" for number in ("", "([0-9])") for kind in ("xls", "doc")]
    if not any(name.startswith(_REPORT) for name in made):  # one that somebody has written into was told of
        kinds.append(f"{_REPORT}*.docx")
    there = {path.name for kind in kinds for path in output.glob(kind)}
    for name in known:
        with contextlib.suppress(OSError):
            there |= {name} if (output / name).is_file() else set()
    unnumbered = {re.sub(r"\(\d+\)(?=\.[^.]+$)", "", other) for other in made}
    told = unnumbered & {f"{_REPORT}.docx", _WORKPAPER}  # of these the run has told by writing another beside them
    ours, theirs = [], []
    # first what people read, then their own copies, then what programs read
    for name in sorted(there - {*made} - {_ENTRIES}, key=lambda name: ("/" in name, ANNOTATED_MARK in name, name)):
        now = ""
        with contextlib.suppress(OSError):  # open in another program: may be written into
            now = of_file(output / name) if name in known else ""
        if name not in known or now in known[name]:
            ours.append(name)
        elif name not in told:
            theirs.append(name)
    changed = "其中有人改过，予以保留；请把需要的内容誊录到新文件后再删除"
    lines = []
    for names, then in ((ours, "内容可能已过时；不再需要的请删除"), (theirs, changed)):
        if names:
            some = "、".join(f"“{name}”" for name in names[:_OLD])
            some += f"等{len(names)}个文件" if len(names) > _OLD else ""
            lines.append(f"[提示] 输出文件夹中的{some}是以前运行留下的，本次没有重新生成，{then}。")
    return lines


def _unread(batch: Batch) -> Iterator[str]:
    """Why files were not processed; of very many only the first, what was merely stopped in one line."""
    stopped = [result for result in batch.results if result.reason_code == "stopped"]
    others = [result.reason for result in batch.results if result.status != "ok" and result.reason_code not in _SAID]
    yield from others[:_REASONS]
    if len(others) > _REASONS:
        yield f"另有{len(others) - _REASONS}个文件没有处理成功，见汇总表的“读取情况”。"
    if len(stopped) > 1:
        yield f"“{stopped[0].file}”等{len(stopped)}个文件尚未处理：已按要求停止；用同样的命令重新运行即可继续。"
    else:
        yield from (result.reason for result in stopped)


def _other_kinds(batch: Batch) -> Iterator[str]:
    """Sheets that are no self-evaluation, a line for each kind of a file: what they are, what to do with them."""
    for result in batch.results:
        if result.reason_code == BESIDE:
            yield result.reason.removesuffix("。") + "。"
        if result.status == "skipped":
            continue  # the reason of the file says it
        forms = ("", "other", "self", "project_list", "indicator_list")
        others = (sheet for sheet in result.sheets if not sheet.projects and sheet.kind not in forms)
        for remark, sheets in grouped((sheet.remark, sheet.sheet) for sheet in others).items():
            several = f"等{len(sheets)}个工作表" if len(sheets) > 1 else ""
            yield f"“{result.file}”的工作表“{sheets[0]}”{several}：{remark}。"


def _next_steps(report: Report, output: Path) -> list[str]:
    """What to do now, the most urgent first."""
    batch, steps = report.batch, []
    found = batch.totals.severities if batch.totals is not None else {}
    if any(result.status in ("refused", "failed", "partial") for result in batch.results):
        steps.append("按[未处理]各行的说明处理没有读到的内容，再重新运行。")
    if wording.questions(batch):
        steps.append("按[请确认]写明金额单位，再重新运行。")
    if batch.annotated and (found.get("error") or found.get("warning")):
        first = output / next(iter(batch.annotated.values()))
        several = "等批注文件" if len(batch.annotated) > 1 else ""
        steps.append(
            f"打开“{first}”{several}，按批注在系统中更正后重新导出、再次运行；属实的在“{SUMMARY}”的“问题清单”中选处理、"
            "写说明；没有错误后，打印汇总表的“汇总”附在报告后。"
        )
    elif batch.annotated and not steps:
        steps.append(f"打开“{output / SUMMARY}”，打印“汇总”附在报告后；报告草稿中标黄的【待填写】填好后一并报送。")
    return steps


def _beyond_the_workpaper(batch: Batch) -> Iterator[str]:
    """How the workpapers are divided, and what to do about drawn projects that have no sheet in any."""
    from perfbatch.outputs.workpaper import FOLDER, parts_of  # noqa: PLC0415 - loads XlsxWriter, which others do without

    if not (papers := len(batch.workpapers)):
        return
    drawn, listed = len(batch.summed().sample), sum(len(part.lines) for part in parts_of(batch))
    if papers > 1:
        where = f"在文件夹“{FOLDER}”中；填好后 perfbatch review 该文件夹"
        yield f"抽中{drawn}个项目，底稿按单位分为{papers}个文件，{where}。"
    if listed < drawn:
        yield f"抽中{drawn}个项目，底稿列出前{listed}个；其余请按单位分别运行（每个单位用各自的输出文件夹）。"


def table(totals: Totals, *, outputs: Sequence[str] = (), output: Path | None = None, asks: bool = False) -> str:
    """Totals of a run and where its outputs are, as an aligned two-column table; `asks`: a unit of money is unknown."""
    unit = "（金额单位未写明）" if asks else ""
    whole, files, found = totals.whole, totals.files, totals.severities
    unread = files["refused"] + files["failed"]
    rows: list[tuple[str, Any]] = [
        ("文件", f"{sum(files.values())}个" + (f"，其中{unread}个未能处理" if unread else "")),
        ("填报单位", totals.unit or f"{len(totals.units)}个"),
        ("项目、指标", f"{whole.projects}个项目，{totals.indicators}条指标"),
        ("年初预算数", _money(whole.stated("initial"), unit)),
        ("全年预算数", _money(whole.stated("adjusted"), unit)),
        ("全年执行数", f"{_money(whole.stated('executed'), unit)}，执行率{percent(whole.rate) or '—'}"),
        *_bands("得分段（自评）", totals.bands),
        *(_bands("得分段（复算）", whole.bands_computed) if whole.bands_differ else ()),
        ("等级", "，".join(f"{name}{count}个" for name, count in totals.grades.items()) or "—"),
        ("未执行项目", f"{whole.unexecuted}个"),
        ("待处理问题", f"错误{found['error']}条，疑问{found['warning']}条，提示{found['info']}条"),
    ]
    if totals.explained or totals.deferred:
        rows.append(("另有", f"已说明{totals.explained}条，留待下年改进{totals.deferred}条"))
    if output is not None:
        rows.append(("输出文件夹", str(output)))
    names = list(outputs)
    if len(names) > _OUTPUTS:  # the annotated copies of a large batch are counted instead of listed
        annotated = [name for name in names if ANNOTATED_MARK in name]
        papers = [name for name in names if name.startswith(f"{Path(_WORKPAPER).stem}/")]
        several = ((annotated, "批注文件"), (papers, "底稿"))
        counted = [f"{some[0]} 等{len(some)}个{what}" for some, what in several if some]
        names = [*counted, *(name for name in names if name not in {*annotated, *papers})]
    rows += [("" if at else "输出文件", name) for at, name in enumerate(names)]
    shown = [(name, one_line(str(value))) for name, value in rows]
    return tabulate(shown, headers=("本次自评核查", "结果"), tablefmt="psql", disable_numparse=True)


def _bands(title: str, bands: Mapping[str, int]) -> list[tuple[str, str]]:
    counts = [f"{wording.band_title(name)}{count}个" for name, count in bands.items()] or ["—"]
    return [("" if at else title, text) for at, text in enumerate(counts)]


def _money(value: Decimal | None, unknown: str = "") -> str:
    return f"—{unknown}" if value is None else f"{half_up(value, 2):,}万元"


def one_line(text: str) -> str:
    """`text` without line breaks and other characters that would put a table out of line."""
    return "".join(char if char.isprintable() else " " for char in text)


class Progress:
    """One progress line on a terminal, a line now and then in a log; silent for short work; a context manager."""

    def __init__(self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._terminal = bool(getattr(self._stream, "isatty", lambda: False)())
        self._began: tuple[float, int, int] | None = None  # when, files and projects that were there already
        self._every = _TERMINAL_EVERY if self._terminal else _PLAIN_EVERY
        self._next = clock() + (0 if self._terminal else _PLAIN_AFTER)
        self._drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn and self._terminal:
            put("\n", self._stream)

    def stage(self, what: str) -> None:
        """Tell what is done after the files were read, where that took long enough to be told of."""
        now = self._clock()
        if self._terminal or now >= self._next:
            self._show(f"{what}……")
            self._next = now + self._every

    def count(self, what: str, done: int, total: int) -> None:
        """Tell how many of many are done; most calls cost nothing and print nothing."""
        if self._due(self._clock(), done, total):
            self._tell(f"{what} {done}/{total}", done, total)

    def update(self, done: int, total: int, projects: int, file: str = "") -> None:
        """Tell files done, files in all, projects so far, the file done last; most calls cost and print nothing."""
        now = self._clock()
        self._began = self._began or (now, done, projects)
        if self._due(now, done, total):
            text = f"已处理 {done}/{total} 个文件，{projects} 份项目数据{self._pace(now, done, total, projects)}"
            self._tell(text + (f"，刚读完“{one_line(file)}”" if file else ""), done, total)

    def _due(self, now: float, done: int, total: int) -> bool:
        """Whether it is time for the next line; the last of a line that was begun always is."""
        if now < self._next and not (done >= total and self._drawn):
            return False
        self._next = now + self._every
        return True

    def _tell(self, text: str, done: int, total: int) -> None:
        filled = _BAR * done // total if total else _BAR
        self._show(text, bar=f"[{'#' * filled}{'.' * (_BAR - filled)}] ")

    def _show(self, text: str, *, bar: str = "") -> None:
        if self._terminal:
            room = shutil.get_terminal_size().columns - 1
            ends = accumulate(max(wcwidth(char), 0) for char in bar + text)
            text = "".join(char for char, end in zip(bar + text, ends, strict=True) if end <= room)
            put(f"\r{text}{' ' * max(0, room - max(wcswidth(text), 0))}", self._stream)
        else:
            put(f"{text}\n", self._stream)
        self._drawn = True

    def _pace(self, now: float, done: int, total: int, projects: int) -> str:
        """Projects a second and the time left, once there is something to judge by."""
        began, files, before = self._began or (now, done, projects)
        if now - began < _JUDGED_AFTER or done <= files or done >= total:
            return ""
        seconds = (now - began) / (done - files) * (total - done)
        minutes = round(seconds / 60)
        left = f"{minutes}分钟" if minutes else f"{max(round(seconds), 1)}秒"
        if minutes >= 60:
            left = f"{minutes // 60}小时{minutes % 60}分"
        return f"，每秒{(projects - before) / (now - began):.0f}份，约剩{left}"
