"""What the entries of reviewers make of the scores: recomputed by the ruleset, compared with the self-score; and the
findings about the entries themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from perfbatch import notation
from perfbatch.checks.register import register
from perfbatch.decimals import half_up, plain
from perfbatch.followup.items import COMPLETENESS, EXECUTED, QUALITY, Item, completeness, items_of, quality_items
from perfbatch.followup.workpaper_reader import Entry, Filled, Paper, blank_entry
from perfbatch.forms.frames import pair_columns
from perfbatch.forms.records import read_pair
from perfbatch.model import Cell, Finding, Frames
from perfbatch.notation import fold, is_nil, read_points
from perfbatch.rulesets import Ruleset
from perfbatch.schema import rows, storable
from perfbatch.scoring import score
from perfbatch.totals.sums import ReadBatch

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


def review(batch: ReadBatch, filled: Sequence[Filled]) -> Review:
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
            total = None if all(row.score is None for row in reviewed) else sum(_counted(reviewed), Decimal(0))
            judged_quality = _quality(quality)
            score = _weighted(total, judged_quality, in_force)
            projects.append(
                ReviewedProject(
                    key, name, declared, score, in_force["review_gap"], reviewed, papers[key][0], quality,
                    judged_quality, total,
                )
            )  # fmt: skip
    files = tuple(dict.fromkeys(book.file for book in filled))
    return Review(tuple(projects), tuple(findings), tuple(problems), files)


def _papers(
    batch: ReadBatch, filled: Sequence[Filled], problems: list[str]
) -> dict[str, tuple[Paper, Mapping[str, str]]]:
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


UNREADABLE, OTHER_UNIT = "unreadable", "other_unit"


class Rescored(NamedTuple):
    """The score by the reviewed actual (None where no rule gives one), how, and what was wrong with the entry."""

    score: Decimal | None
    formula: str
    defect: str = ""


class ReviewedRow(NamedTuple):
    """One row as reviewed: `score` is the reviewed score, None where the row was not reviewed.

    `basis`: ``entered`` (the reviewer's own score), ``recomputed`` (from the reviewed actual), ``""``. `defect`
    says why a reviewed actual could not be used.
    """

    item: Item
    entry: Entry
    score: Decimal | None
    recomputed: Decimal | None
    basis: str
    formula: str
    defect: str = ""

    @property
    def difference(self) -> Decimal | None:
        """Self-score minus reviewed score."""
        declared = self.item.declared
        return None if self.score is None or declared is None else declared - self.score


def rescore(batch: ReadBatch, entries: Mapping[str, Sequence[Entry]]) -> dict[str, Rescored]:
    """Scores of the rows for which a reviewed actual was entered, by their key; `entries` by project."""
    frames = _part(batch.frames, entries)
    items = {item.key: item for some in items_of(frames, entries).values() for item in some}
    changes: dict[str, str] = {}
    for entry in (entry for some in entries.values() for entry in some):
        if entry.actual and entry.key in items:
            item = items[entry.key]
            take = _execution if item.role == "execution" else _indicator
            changes[entry.key] = take(frames, batch.rulesets, item, entry)
    scored = score(frames, batch.rulesets)
    after = {item.key: item for some in items_of(scored, entries).values() for item in some}
    formulas = scored.indicators["formula"].tolist()
    basis = dict(rows(scored.projects, "project_id", "execution_basis"))

    def rescored(item: Item, defect: str) -> Rescored:
        told = formulas[item.at] if item.at >= 0 else basis[item.project_id]
        return Rescored(None, "", defect) if defect else Rescored(item.computed, told)

    return {key: rescored(after[key], defect) for key, defect in changes.items()}


def _part(frames: Frames, project_ids: Iterable[str]) -> Frames:
    """Copies of the rows of some projects."""
    wanted = set(project_ids)
    parts = (
        frame[frame["project_id"].isin(wanted)].reset_index(drop=True).copy()
        for frame in (frames.projects, frames.funds, frames.indicators)
    )
    return Frames(*parts)


def _execution(frames: Frames, rulesets: Mapping[str, Ruleset], item: Item, entry: Entry) -> str:
    """Take the reviewed amount, or the amount of the reviewed rate, as what was spent; returns the defect."""
    at = _position(frames.projects, item.project_id)
    spent = _spent(frames.projects, rulesets, at, item, entry)
    if spent is None:
        return UNREADABLE
    _put(frames.projects, at, {"executed": spent})
    return ""


def _spent(
    projects: pd.DataFrame, rulesets: Mapping[str, Ruleset], at: int, item: Item, entry: Entry
) -> Decimal | None:
    """万元; a bare figure is an amount only where the paper shows amounts, and a rate only with its %."""
    text = entry.actual.strip().removeprefix(EXECUTED)  # written as the paper itself writes what was done
    rate, form = notation.read_rate(text, stored=entry.actual_stored)
    if form == "percent":
        ruleset, *budgets = next(rows(projects.iloc[at : at + 1], "ruleset", "budget_initial", "budget_adjusted"))
        base = budgets[0 if rulesets[ruleset]["exec_base"] == "initial" else 1]
        return None if base is None or rate is None else base * rate
    money = notation.read_money(text, "万元" if item.at < 0 else "", stored=entry.actual_stored)
    return money.value


def _position(projects: pd.DataFrame, project_id: str) -> int:
    return projects["project_id"].tolist().index(project_id)


def _indicator(frames: Frames, _rulesets: Mapping[str, Ruleset], item: Item, entry: Entry) -> str:
    """Read the reviewed actual as the form's own would be read; returns the defect of the entry."""
    frame, at = frames.indicators, item.at
    text, stored, name, level2, sign, unit = next(rows(frame.iloc[at : at + 1], *_OWN))
    year = frames.projects["year"].tolist()[_position(frames.projects, item.project_id)]
    typed = Cell(1, 1, entry.actual, entry.actual_stored, entry.actual_format)
    target, actual = read_pair(Cell(1, 1, text, stored), typed, notation.Around(sign, unit, name, level2, year=year))
    changes = pair_columns(target, actual)
    _put(frame, at, changes | {"actual_text": entry.actual})
    if target.kind == "quantitative" and (actual.value is None or actual.status in ("ambiguous", "multiple")):
        return UNREADABLE
    return OTHER_UNIT if changes["comparison"] == "dimension" else ""


_OWN = ("target_text", "target_stored", "level3", "level2_text", "sign_text", "unit_text")


def _put(frame: pd.DataFrame, at: int, values: Mapping[str, Any]) -> None:
    names = frame.columns.tolist()
    for column, value in values.items():
        frame.iat[at, names.index(column)] = value


SCORES, ACTUALS, UNITS, EVIDENCE = "XP15", "IN06", "IN07", "XP09"
CODES = (SCORES, ACTUALS, UNITS, EVIDENCE)
_SHOWN = 40  # characters of an entry that a message quotes


class _Defect(NamedTuple):
    code: str
    cell: str
    seen: str
    expected: str
    message: str
    severity: str = ""


def entry_findings(
    project: str, paper: Paper, reviewed: Sequence[ReviewedRow], quality: Sequence[ReviewedRow] = ()
) -> Iterator[Finding]:
    """Findings about the rows of one sheet; `project` is its name, `quality` the checklist below the table."""
    own = (defect for row in reviewed for defect in _about_row(row))
    checklist = (defect for row in quality for defect in _score(row, f"自评质量核查“{row.item.name}”"))
    for defect in (*own, *_open(project, reviewed), *checklist, *_half(project, quality)):
        check = register()[defect.code]
        yield Finding(
            code=defect.code,
            severity=defect.severity or check.severity.value,
            file=paper.file,
            sheet=paper.sheet,
            cell=defect.cell,
            project_id=paper.project_id,
            project=project,
            seen=defect.seen,
            expected=defect.expected,
            message=defect.message,
            hint=check.hint,
            basis=check.basis,
            next_year=check.next_year,
        )


def _about_row(row: ReviewedRow) -> Iterator[_Defect]:
    name = f"指标“{row.item.name}”"
    yield from _score(row, name)
    actual = _quoted(row.entry.actual)
    if row.defect == UNREADABLE:
        message = f"{name}的核查完成值{actual}不是可以计算的数值，未能复算。"
        yield _Defect(ACTUALS, row.entry.cell_actual, row.entry.actual, row.item.target, message)
    elif row.defect == OTHER_UNIT:
        message = f"{name}的核查完成值{actual}与指标值“{row.item.target}”的计量单位不同，未能复算。"
        yield _Defect(UNITS, row.entry.cell_actual, row.entry.actual, row.item.target, message)
    yield from _evidence(row, name)


def _score(row: ReviewedRow, name: str) -> Iterator[_Defect]:
    text, points, cell = row.entry.score, row.item.points, row.entry.cell_score
    entered = read_points(text)
    if points is None:
        if entered is not None:
            message = f"{name}没有单独的分值，核查分数{_quoted(text)}未采用。"
            yield _Defect(SCORES, cell, text, "", message, "warning")
        return
    limit = f"0至{plain(points)}"
    if entered is None and text and not is_nil(text):
        yield _Defect(SCORES, cell, text, limit, f"{name}的核查分数{_quoted(text)}不是数字，未采用。")
    elif entered is not None and entered > points:
        message = f"{name}核查{plain(entered)}分，超过分值{plain(points)}分，未采用。"
        yield _Defect(SCORES, cell, text, limit, message)
    elif entered is not None and entered < 0:
        yield _Defect(SCORES, cell, text, limit, f"{name}核查{plain(entered)}分，小于0，未采用。")
    elif row.entry.actual and row.score is None and not row.defect:
        message = f"{name}填了核查完成值{_quoted(row.entry.actual)}，按规则不能自动计分，请填写核查分数。"
        yield _Defect(SCORES, cell, text, limit, message)


def _evidence(row: ReviewedRow, name: str) -> Iterator[_Defect]:
    text = row.entry.complete
    word = completeness(text)
    if word in COMPLETENESS[1:] and row.item.points is not None:
        state = "不齐全" if word == COMPLETENESS[1] else "没有提供"
        message = f"{name}的佐证材料{state}（核查填“{word}”）。"
        yield _Defect(EVIDENCE, row.entry.cell_complete, text, COMPLETENESS[0], message)
    elif word and word not in COMPLETENESS:
        message = f"{name}的“佐证材料是否齐全”填了{_quoted(text)}，请填：{'、'.join(COMPLETENESS)}。"
        yield _Defect(EVIDENCE, row.entry.cell_complete, text, "、".join(COMPLETENESS), message)


def _open(project: str, reviewed: Sequence[ReviewedRow]) -> Iterator[_Defect]:
    """Rows that were not reviewed in a sheet that was begun: once for the project."""
    missing = [row for row in reviewed if row.score is None and row.item.points is not None]
    if missing and any(row.score is not None for row in reviewed):
        message = f"项目“{project}”有{len(missing)}条指标没有有效的核查分数，合计按自评得分计入。"
        cell = next((row.entry.cell_score for row in missing if row.entry.cell_score), "")
        yield _Defect(SCORES, cell, "", "核查分数或核查完成值", message, "warning")


def _half(project: str, quality: Sequence[ReviewedRow]) -> Iterator[_Defect]:
    """A checklist that was begun and not finished: it does not count."""
    missing = [row for row in quality if row.score is None]
    if missing and len(missing) < len(quality):
        message = f"项目“{project}”的自评质量核查有{len(missing)}项没有有效的分数，自评质量未计入核查得分。"
        yield _Defect(SCORES, missing[0].entry.cell_score, "", "各项分数", message, "warning")


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}”"
