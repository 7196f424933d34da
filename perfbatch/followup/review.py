"""What the entries of reviewers make of the scores: recomputed by the ruleset, compared with the self-score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfbatch.decimals import half_up
from perfbatch.followup.entries import entry_findings
from perfbatch.followup.items import QUALITY, Item, items_of, quality_items
from perfbatch.followup.rescoring import Rescored, ReviewedRow, rescore
from perfbatch.followup.workpaper_reader import Entry, Filled, Paper, blank_entry
from perfbatch.model import Batch, Finding
from perfbatch.notation import fold, read_points
from perfbatch.rulesets import Ruleset
from perfbatch.schema import storable
from perfbatch.totals.lines import rows

EQUAL, WITHIN, LARGE = "equal", "within", "large"


@dataclass(frozen=True, slots=True)
class ReviewedProject:
    """One project. `score` sums reviewed scores, and self-scores of rows that were not reviewed.

    Where the quality of the self-evaluation was judged, it is that score by its share and the sum by the rest
    (`indicator_score` is the sum alone). `level` grades the absolute difference by the ruleset's `review_gap`:
    ``equal``, ``within`` or ``large``.
    """

    project_id: str
    name: str
    declared: Decimal | None
    score: Decimal | None
    gap: Decimal | None
    rows: tuple[ReviewedRow, ...]
    paper: Paper
    quality: tuple[ReviewedRow, ...] = ()
    quality_score: Decimal | None = None
    indicator_score: Decimal | None = None

    @property
    def reviewed(self) -> int:
        """Rows that were reviewed."""
        return sum(row.score is not None for row in self.rows)

    @property
    def open(self) -> int:
        """Scored rows that were not reviewed."""
        return sum(row.score is None and row.item.points is not None for row in self.rows)

    @property
    def difference(self) -> Decimal | None:
        """Self-score minus reviewed score."""
        return None if self.declared is None or self.score is None else self.declared - self.score

    @property
    def level(self) -> str:
        """How far apart the two scores are; '' where one is missing."""
        if self.difference is None:
            return ""
        if self.difference == 0:
            return EQUAL
        return LARGE if self.gap is not None and abs(self.difference) > self.gap else WITHIN


@dataclass(frozen=True, slots=True)
class Review:
    """All reviewed projects in the order of the sample, findings about the entries, and what was not taken."""

    projects: tuple[ReviewedProject, ...]
    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    files: tuple[str, ...]

    def scores(self) -> dict[str, dict[str, Decimal]]:
        """Project → review score, as the checks take it (extras ``review``)."""
        return {p.project_id: {"score": p.score} for p in self.projects if p.score is not None}

    def of(self, project_id: str) -> ReviewedProject | None:
        """The result of one project."""
        return next((project for project in self.projects if project.project_id == project_id), None)


def review(batch: Batch, filled: Sequence[Filled]) -> Review:
    """Results of all filled sheets of `filled` for the projects of `batch`.

    A sheet of another batch, a row that does not fit its key and a second paper on the same project are not
    taken and named in `problems`. So are the rows that a paper lacks; like those that were not taken they count at
    the self-score.
    """
    problems = [problem for book in filled for problem in book.problems]
    papers = _papers(batch, filled, problems)
    items = items_of(batch.frames, papers)
    rules = dict(rows(batch.frames.projects, "project_id", "ruleset"))
    items = {key: [*own, *quality_items(key, batch.rulesets[rules[key]])] for key, own in items.items()}
    taken = {key: _matched(paper, items[key], digests, problems) for key, (paper, digests) in papers.items()}
    judged = {key: [entry for item, entry in pairs if item.role != QUALITY] for key, pairs in taken.items()}
    rescored = rescore(batch, judged)
    known = rows(batch.frames.projects, "project_id", "project_name", "ruleset", "total_declared")
    projects: list[ReviewedProject] = []
    findings: list[Finding] = []
    for key, name, ruleset, declared in known:
        if key in papers:
            pairs = [(item.role == QUALITY, _row(item, entry, rescored)) for item, entry in taken[key]]
            reviewed, quality = (tuple(row for is_q, row in pairs if is_q is which) for which in (False, True))
            findings += entry_findings(name, papers[key][0], reviewed, quality)
            in_force = batch.rulesets[ruleset]
            total, judged_quality = _total(reviewed), _quality(quality)
            score = _weighted(total, judged_quality, in_force)
            projects.append(
                ReviewedProject(
                    key, name, declared, score, in_force["review_gap"], reviewed, papers[key][0], quality,
                    judged_quality, total,
                )
            )  # fmt: skip
    files = tuple(dict.fromkeys(book.file for book in filled))
    return Review(tuple(projects), tuple(findings), tuple(problems), files)


def _papers(batch: Batch, filled: Sequence[Filled], problems: list[str]) -> dict[str, tuple[Paper, Mapping[str, str]]]:
    """The filled sheet of each project, with the digests of its workbook."""
    known = set(batch.frames.projects["project_id"])
    held = set(batch.frames.indicators["project_id"]) | set(batch.sample)
    found: dict[str, tuple[Paper, Mapping[str, str]]] = {}
    for book in filled:
        for paper in book.papers:
            where = f"“{paper.file}”工作表“{paper.sheet}”"
            if not paper.filled:
                continue
            if paper.project_id not in known or paper.project_id not in held:
                problems.append(f"{where}的项目不在本次自评表中，未采用；请用本次运行生成的抽查工作底稿。")
            elif paper.project_id not in found:
                found[paper.project_id] = (paper, book.digests)
            elif not _alike(found[paper.project_id][0], paper):
                first = found[paper.project_id][0]
                problems.append(
                    f"{where}与“{first.file}”工作表“{first.sheet}”是同一个项目而内容不同，未采用；请只交一份。"
                )
    return found


def _alike(one: Paper, other: Paper) -> bool:
    def entered(paper: Paper) -> list[tuple[str, ...]]:
        return [(e.key, e.complete, e.actual, e.score, e.opinion) for e in paper.entries if e.filled]

    return entered(one) == entered(other) and one.opinion == other.opinion


def _matched(
    paper: Paper, items: Sequence[Item], digests: Mapping[str, str], problems: list[str]
) -> list[tuple[Item, Entry]]:
    """Every item with the entry about it, a blank one where there is none; what does not fit is named in `problems`."""
    by_key = {item.key: item for item in items}
    found: dict[str, tuple[Item, Entry]] = {}
    refused: set[str] = set()
    for entry in paper.entries:
        where = f"“{paper.file}”工作表“{paper.sheet}”第{entry.row}行"
        item = by_key.get(entry.key)
        if item is None or not _same_name(entry.name, item.name):
            problems.append(
                f"{where}的校验码与三级指标“{entry.name[:20]}”不符，未采用，按自评得分计；请不要改动或移动校验码列。"
            )
        elif digests and digests.get(entry.key) != item.digest:
            refused.add(entry.key)
            problems.append(
                f"{where}“{item.name[:20]}”的指标值或分值在底稿生成后有改动，未采用，按自评得分计；请重新生成底稿后核查。"
            )
        elif entry.key in found and entry.filled:
            problems.append(f"{where}与第{found[entry.key][1].row}行的校验码相同，未采用；请不要复制指标行。")
        elif entry.key not in found:
            found[entry.key] = (item, entry)
    gone = [item for item in items if item.key not in found and item.key not in refused]
    if gone and paper.filled:
        names = "、".join(f"“{item.name[:20]}”" for item in gone[:_NAMED])
        several = f"等{len(gone)}条指标" if len(gone) > _NAMED else ""
        problems.append(
            f"“{paper.file}”工作表“{paper.sheet}”中没有{names}{several}的行，按自评得分计；请从原底稿中恢复后重新读取。"
        )
    return [found.get(item.key, (item, blank_entry(item.key, item.name))) for item in items]


_NAMED = 5  # rows of a sentence


def _same_name(printed: str, own: str) -> bool:
    """Whether the name in a row is that of its item, or gone; a cell may hold less than a form says."""
    return not printed.strip() or fold(printed)[:100] == fold(storable(own))[:100]


def _row(item: Item, entry: Entry, rescored: Mapping[str, Rescored]) -> ReviewedRow:
    entered = read_points(entry.score)
    again = rescored.get(item.key, Rescored(None, ""))
    if item.points is None:
        return ReviewedRow(item, entry, None, None, "", again.formula, again.defect)
    if entered is not None and 0 <= entered <= item.points:
        return ReviewedRow(item, entry, entered, again.score, "entered", again.formula, again.defect)
    basis = "recomputed" if again.score is not None else ""
    return ReviewedRow(item, entry, again.score, again.score, basis, again.formula, again.defect)


def _total(reviewed: Sequence[ReviewedRow]) -> Decimal | None:
    """Sum over the rows, None if none was reviewed."""
    if all(row.score is None for row in reviewed):
        return None
    return sum(_counted(reviewed), Decimal(0))


def _quality(quality: Sequence[ReviewedRow]) -> Decimal | None:
    """Score of the self-evaluation's quality, None until every item of the checklist has one."""
    scores = [row.score for row in quality]
    return sum((score for score in scores if score is not None), Decimal(0)) if scores and None not in scores else None


def _weighted(total: Decimal | None, quality: Decimal | None, rules: Ruleset) -> Decimal | None:
    """Quality by its share and the indicators by the rest; the indicators alone where quality was not judged."""
    if total is None or quality is None:
        return total
    share = rules["review_quality_share"]
    return half_up(quality * share + total * (1 - share), rules["total_round"])


def _counted(reviewed: Sequence[ReviewedRow]) -> Iterator[Decimal]:
    for row in reviewed:
        value = row.score if row.score is not None else row.item.declared
        if value is not None and row.item.role != "child":
            yield value
