"""``perfbatch review``: filled workpapers in, reviewed scores in summary and report, a table for the console."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from tabulate import tabulate
from wcwidth import wcwidth

from perfbatch import config, sources
from perfbatch.decimals import half_up
from perfbatch.errors import RefusedFile, UsageError
from perfbatch.followup import rerun, workpaper_reader
from perfbatch.followup.review import Review
from perfbatch.followup.summaries import SUMMARY
from perfbatch.followup.workpaper_reader import Filled, read_workpaper
from perfbatch.model import Finding
from perfbatch.outputs import files
from perfbatch.outputs.console import Progress, one_line
from perfbatch.outputs.records import RUN
from perfbatch.outputs.summary.sample import level_words
from perfbatch.outputs.user_edits import Edited
from perfbatch.outputs.wording import SEVERITY
from perfbatch.outputs.workpaper import FOLDER
from perfbatch.runs import batch
from perfbatch.store.published import Published
from perfbatch.store.renames import UNFINISHED
from perfbatch.store.results import Store

_SHOWN = 40  # findings that the console lists
_NAME = 14  # columns of a console for the name of a project


@dataclass(slots=True)
class Reviewed:
    """How a review ended: the run that took it up, if there was one, and what could not be read."""

    run: batch.RunReport | None = None
    refused: list[str] = field(default_factory=list)

    @property
    def results(self) -> Review | None:
        """The reviewed projects."""
        return self.run.batch.review if self.run is not None else None

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings of severity error about the entries, 3 something was not taken or not published."""
        review = self.results
        if self.refused or review is None or review.problems or (self.run is not None and self.run.unpublished):
            return 3
        return 1 if any(finding.severity == "error" for finding in review.findings) else 0


def run(
    papers: Sequence[Path],
    output: Path,
    *,
    inputs: Sequence[Path] = (),
    run_date: str = "",
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> Reviewed:
    """Read `papers`, keep their entries in `output` and make the outputs there again.

    `inputs` replaces the inputs of the last run into `output`. Raises UsageError when that run is not known,
    an input is gone or a paper does not exist.
    """
    papers = list(_papers(papers))
    origin = rerun.recall(output, inputs)
    settings = config.load(origin.config, **origin.options)
    found = sources.find(origin.inputs, output, settings.evidence)
    if not found.files:
        raise UsageError(f"“{origin.inputs[0]}”里没有自评表，无法复核；请放回原处，或用 --input 指明现在的位置。")
    done = Reviewed()
    filled = _read(papers, done.refused)
    if not filled:
        return done
    told = _keep(output, filled)
    done.run = batch.run(found, output, settings, run_date=run_date, progress=progress, tell=tell)
    done.run.notices += told
    return done


def _papers(given: Sequence[Path]) -> Iterator[Path]:
    """The files given, and the workbooks in the folders given."""
    for path in given:
        if not path.is_dir():
            sources.must_be_file(path)
            yield path
            continue
        pattern = f"{FOLDER}*.xls*" if (path / RUN).is_file() else "*.xls*"
        # not what Excel, or a run that was killed, left behind
        books = (book for book in path.glob(pattern) if not book.name.startswith(("~$", ".")))
        found = sorted(book for book in books if UNFINISHED not in book.name)
        if not found:
            raise UsageError(f"文件夹“{path}”里没有抽查工作底稿，请指明填好的底稿。")
        yield from found


def home_of(papers: Sequence[Path]) -> Path:
    """The output folder in which the first paper lies, also in a folder there, else ``output`` here."""
    near = (papers[0], papers[0].parent, papers[0].parent.parent)
    return next((folder for folder in near if (folder / RUN).is_file()), sources.OUTPUT)


def _read(papers: Sequence[Path], refused: list[str]) -> list[Filled]:
    """The papers somebody has filled in; the others are named in `refused`."""
    filled = []
    for path in papers:
        try:
            book = read_workpaper(path)
        except RefusedFile as refusal:
            refused.append(str(refusal))
            continue
        if book.filled or book.problems:
            filled.append(book)
        else:
            refused.append(f"“{path.name}”中没有填写任何核查内容，没有可读取的结果；请填写后再运行。")
    return filled


def _keep(output: Path, filled: Sequence[Filled]) -> list[str]:
    """Keep the entries for this and later runs; what to tell of the file they are kept in."""
    text = workpaper_reader.text_of(workpaper_reader.merged(workpaper_reader.load(output), filled))
    edited, target = Edited(Published(output, Store(output / sources.STORE))), output / workpaper_reader.NAME
    path = files.publish(target, lambda path: path.write_bytes(text.encode("ascii")), edited=edited)
    return [*edited.told, *files.moved(target, path)]


def closing(done: Reviewed, output: Path) -> str:
    """What the console shows at the end: a line a project, then findings and what was not taken."""
    lines = []
    review = done.results
    if review is not None and done.run is not None:
        lines.append(_table(review))
        lines += [_finding_line(finding) for finding in review.findings[:_SHOWN]]
        if len(review.findings) > _SHOWN:
            lines.append(f"另有{len(review.findings) - _SHOWN}条，见“问题清单”。")
        lines += [f"[未采用] {problem}" for problem in review.problems]
        lines += [f"[提示] {text}" for text in done.run.notices if text not in review.problems]
        lines += [f"[未生成] {text}" for text in done.run.unpublished]
        lines.append(f"核查结果已列入“{output / SUMMARY}”的“抽查名单”“复核结果”。")
    lines += [f"[未处理] {text}" for text in done.refused]
    return "\n".join(lines)


def _table(review: Review) -> str:
    rows = [
        (
            project.name, _score(project.declared), _score(project.score), _score(project.difference),
            level_words(project), f"{project.reviewed}/{project.reviewed + project.open}",
        )
        for project in review.projects
    ]  # fmt: skip
    heads = ("抽查项目", "自评", "核查", "差额", "核查结论", "已核查")
    shown = [[_folded(one_line(name)), *map(one_line, others)] for name, *others in rows]
    return tabulate(shown, headers=heads, tablefmt="psql", disable_numparse=True)


def _folded(name: str) -> str:
    """The name over as many lines as it takes to leave a table of 80 columns."""
    lines, room = [""], _NAME
    for char in name:
        width = max(wcwidth(char), 0)
        if width > room:
            lines, room = [*lines, ""], _NAME
        lines[-1] += char
        room -= width
    return "\n".join(lines)


def _score(value: Decimal | None) -> str:
    return "" if value is None else str(half_up(value, 2))


def _finding_line(finding: Finding) -> str:
    place = f"“{finding.file}”工作表“{finding.sheet}”{finding.cell}"
    return one_line(f"[{SEVERITY.get(finding.severity, finding.severity)}] {place}：{finding.message}")
