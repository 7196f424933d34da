"""What the entries of reviewers make of the scores: recomputed by the ruleset, compared with the self-score; and the
findings about the entries themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from perfbatch import notation
from perfbatch.checks.register import register
from perfbatch.cycle.compare import put
from perfbatch.decimals import half_up, plain
from perfbatch.followup.items import COMPLETENESS, EXECUTED, QUALITY, Item, completeness, items_of, quality_items
from perfbatch.followup.workpaper_reader import Entry, Filled, Paper
from perfbatch.forms.frames import pair_columns, read_pair
from perfbatch.model import Cell, Finding, Frames
from perfbatch.notation import fold, is_nil, read_points
from perfbatch.rulesets import Ruleset
from perfbatch.schema import records, rows, storable
from perfbatch.scoring import score
from perfbatch.totals.sums import ReadBatch

EQUAL, WITHIN, LARGE = "equal", "within", "large"
UNREADABLE, OTHER_UNIT = "unreadable", "other_unit"
SCORES, ACTUALS, UNITS, EVIDENCE = "XP15", "IN06", "IN07", "XP09"
CODES = (SCORES, ACTUALS, UNITS, EVIDENCE)
_NAMED = 5  # rows of a sentence
_SHOWN = 40  # characters of an entry that a message quotes
Digests = Mapping[str, str]  # what was measured when the paper was printed, by the key of the row


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
    rescored = _rescored(batch, judged)
    known = rows(batch.frames.projects, "project_id", "project_name", "ruleset", "total_declared")
    projects: list[ReviewedProject] = []
    findings: list[Finding] = []
    for key, name, ruleset, declared in known:
        if key in papers:
            paper, in_force = papers[key][0], batch.rulesets[ruleset]
            made = [_row(item, entry, rescored) for item, entry in taken[key]]
            quality = tuple(row for row in made if row.item.role == QUALITY)
            reviewed = tuple(row for row in made if row.item.role != QUALITY)
            findings += _findings(name, paper, reviewed, quality)
            # self-scores of the rows that were not reviewed; quality counts when every item of its list has a score
            of_own = [row for row in reviewed if row.item.role != "child"]
            counted = [row.item.declared if row.score is None else row.score for row in of_own]
            nothing = all(row.score is None for row in reviewed)
            total = None if nothing else sum((value for value in counted if value is not None), Decimal(0))
            scores = [row.score for row in quality if row.score is not None]
            judged_quality = sum(scores, Decimal(0)) if scores and len(scores) == len(quality) else None
            result = total
            if total is not None and judged_quality is not None:
                share = in_force["review_quality_share"]
                result = half_up(judged_quality * share + total * (1 - share), in_force["total_round"])
            projects.append(
                ReviewedProject(
                    key, name, declared, result, in_force["review_gap"], reviewed, paper, quality, judged_quality, total
                )
            )
    files = dict.fromkeys(book.file for book in filled)
    return Review(tuple(projects), tuple(findings), tuple(problems), tuple(files))


def _papers(batch: ReadBatch, filled: Sequence[Filled], problems: list[str]) -> dict[str, tuple[Paper, Digests]]:
    """The filled sheet of each project, with the digests of its workbook."""
    known = set(batch.frames.projects["project_id"])
    held = set(batch.frames.indicators["project_id"]) | set(batch.sample)
    found: dict[str, tuple[Paper, Digests]] = {}
    for book in filled:
        for paper in book.papers:
            where = f"“{paper.file}”工作表“{paper.sheet}”"
            if not paper.filled:
                continue
            if paper.project_id not in known or paper.project_id not in held:
                problems.append(f"{where}的项目不在本次自评表中，未采用；请用本次运行生成的抽查工作底稿。")
            elif paper.project_id not in found:
                found[paper.project_id] = (paper, book.digests)
            elif (first := found[paper.project_id][0]).entered != paper.entered:
                other = f"“{first.file}”工作表“{first.sheet}”"
                problems.append(f"{where}与{other}是同一个项目而内容不同，未采用；请只交一份。")
    return found


def _matched(paper: Paper, items: Sequence[Item], digests: Digests, problems: list[str]) -> list[tuple[Item, Entry]]:
    """Every item with the entry about it, a blank one where there is none; what does not fit is named in `problems`."""
    by_key = {item.key: item for item in items}
    found: dict[str, tuple[Item, Entry]] = {}
    refused: set[str] = set()
    for entry in paper.entries:
        where = f"“{paper.file}”工作表“{paper.sheet}”第{entry.row}行"
        item = by_key.get(entry.key)
        # a cell may hold less of the name than a form says; in an emptied one the key alone tells
        if item is None or (entry.name.strip() and fold(entry.name)[:100] != fold(storable(item.name))[:100]):
            told = f"的校验码与三级指标“{entry.name[:20]}”不符，未采用，按自评得分计；请不要改动或移动校验码列。"
            problems.append(where + told)
        elif digests and digests.get(entry.key) != item.digest:
            refused.add(entry.key)
            told = f"“{item.name[:20]}”的指标值或分值在底稿生成后有改动，未采用，按自评得分计；请重新生成底稿后核查。"
            problems.append(where + told)
        elif entry.key in found and entry.filled:
            problems.append(f"{where}与第{found[entry.key][1].row}行的校验码相同，未采用；请不要复制指标行。")
        elif entry.key not in found:
            found[entry.key] = (item, entry)
    gone = [item for item in items if item.key not in found and item.key not in refused]
    if gone and paper.filled:
        names = "、".join(f"“{item.name[:20]}”" for item in gone[:_NAMED])
        several = f"等{len(gone)}条指标" if len(gone) > _NAMED else ""
        told = f"中没有{names}{several}的行，按自评得分计；请从原底稿中恢复后重新读取。"
        problems.append(f"“{paper.file}”工作表“{paper.sheet}”{told}")
    return [found.get(item.key, (item, Entry(item.key, item.name))) for item in items]


def _row(item: Item, entry: Entry, rescored: Mapping[str, tuple[Decimal | None, str]]) -> ReviewedRow:
    entered = read_points(entry.score)
    again, defect = rescored.get(item.key, (None, ""))
    if item.points is None:
        return ReviewedRow(item, entry, None, None, "", defect)
    if entered is not None and 0 <= entered <= item.points:
        return ReviewedRow(item, entry, entered, again, "entered", defect)
    return ReviewedRow(item, entry, again, again, "" if again is None else "recomputed", defect)


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
    defect: str

    @property
    def difference(self) -> Decimal | None:
        """Self-score minus reviewed score."""
        declared = self.item.declared
        return None if self.score is None or declared is None else declared - self.score


def _rescored(batch: ReadBatch, entries: Mapping[str, Sequence[Entry]]) -> dict[str, tuple[Decimal | None, str]]:
    """By the key of the rows for which a reviewed actual was entered: the score by it (None where no rule gives one),
    and what was wrong with the entry. `entries` by project."""
    parts = (batch.frames.projects, batch.frames.funds, batch.frames.indicators)
    frames = Frames(*(part[part["project_id"].isin(set(entries))].reset_index(drop=True).copy() for part in parts))
    items = {item.key: item for some in items_of(frames, entries).values() for item in some}
    homes = {home.project_id: (at, home) for at, home in enumerate(records(frames.projects, *_HEAD))}
    defects: dict[str, str] = {}
    for entry in (entry for some in entries.values() for entry in some):
        if entry.actual and entry.key in items:
            item = items[entry.key]
            at, home = homes[item.project_id]
            if item.role != "execution":
                defects[entry.key] = _take_actual(frames.indicators, item, entry, home.year)
                continue
            spent = _spent(home, batch.rulesets[home.ruleset], item, entry)
            defects[entry.key] = UNREADABLE if spent is None else ""
            if spent is not None:
                put(frames.projects, at, {"executed": spent})
    scored = score(frames, batch.rulesets)
    after = {item.key: item.computed for some in items_of(scored, entries).values() for item in some}
    return {key: (None if defect else after[key], defect) for key, defect in defects.items()}


_HEAD = ("project_id", "ruleset", "year", "budget_initial", "budget_adjusted")
_OWN = ("target_text", "target_stored", "level3", "level2_text", "sign_text", "unit_text")


def _spent(home: Any, rules: Ruleset, item: Item, entry: Entry) -> Decimal | None:
    """The reviewed amount in 万元, or that of the reviewed rate, None where it cannot be read.

    A bare figure is an amount only where the paper shows amounts, and a rate only with its %.
    """
    text = entry.actual.strip().removeprefix(EXECUTED)  # written as the paper itself writes what was done
    rate, form = notation.read_rate(text, stored=entry.actual_stored)
    if form == "percent":
        base = home.budget_initial if rules["exec_base"] == "initial" else home.budget_adjusted
        return None if base is None or rate is None else base * rate
    return notation.read_money(text, "万元" if item.at < 0 else "", stored=entry.actual_stored).value


def _take_actual(frame: pd.DataFrame, item: Item, entry: Entry, year: int | None) -> str:
    """Read the reviewed actual as the form's own would be read; returns the defect of the entry."""
    text, stored, name, level2, sign, unit = next(rows(frame.iloc[item.at : item.at + 1], *_OWN))
    typed = Cell(1, 1, entry.actual, entry.actual_stored, entry.actual_format)
    target, actual = read_pair(Cell(1, 1, text, stored), typed, notation.Around(sign, unit, name, level2, year=year))
    changes = pair_columns(target, actual)
    put(frame, item.at, changes | {"actual_text": entry.actual})
    if target.kind == "quantitative" and (actual.value is None or actual.status in ("ambiguous", "multiple")):
        return UNREADABLE
    return OTHER_UNIT if changes["comparison"] == "dimension" else ""


class _Defect(NamedTuple):
    code: str
    cell: str
    seen: str
    expected: str
    message: str
    severity: str = ""


def _findings(
    project: str, paper: Paper, reviewed: Sequence[ReviewedRow], quality: Sequence[ReviewedRow]
) -> Iterator[Finding]:
    """Findings about the rows of one sheet; `project` is its name, `quality` the checklist below the table."""
    found = [defect for row in reviewed for defect in _about_row(row)]
    open_rows = [row for row in reviewed if row.score is None and row.item.points is not None]
    if open_rows and any(row.score is not None for row in reviewed):  # a sheet that was begun: said once
        told = f"项目“{project}”有{len(open_rows)}条指标没有有效的核查分数，合计按自评得分计入。"
        cell = next((row.entry.cell_score for row in open_rows if row.entry.cell_score), "")
        found.append(_Defect(SCORES, cell, "", "核查分数或核查完成值", told, "warning"))
    found += [defect for row in quality for defect in _score(row, f"自评质量核查“{row.item.name}”")]
    missing = [row for row in quality if row.score is None]
    if missing and len(missing) < len(quality):  # begun and not finished: it does not count
        told = f"项目“{project}”的自评质量核查有{len(missing)}项没有有效的分数，自评质量未计入核查得分。"
        found.append(_Defect(SCORES, missing[0].entry.cell_score, "", "各项分数", told, "warning"))
    for code, cell, seen, expected, message, severity in found:
        check = register()[code]
        yield Finding(
            code, severity or check.severity.value, paper.file, paper.sheet, cell, paper.project_id, project, seen,
            expected, message, check.hint, check.basis, next_year=check.next_year,
        )  # fmt: skip


def _about_row(row: ReviewedRow) -> Iterator[_Defect]:
    name, entry = f"指标“{row.item.name}”", row.entry
    yield from _score(row, name)
    told = f"{name}的核查完成值{_quoted(entry.actual)}"
    if row.defect == UNREADABLE:
        told = f"{told}不是可以计算的数值，未能复算。"
        yield _Defect(ACTUALS, entry.cell_actual, entry.actual, row.item.target, told)
    elif row.defect == OTHER_UNIT:
        told = f"{told}与指标值“{row.item.target}”的计量单位不同，未能复算。"
        yield _Defect(UNITS, entry.cell_actual, entry.actual, row.item.target, told)
    word, (complete, partly, _) = completeness(entry.complete), COMPLETENESS
    if word in COMPLETENESS[1:] and row.item.points is not None:
        told = f"{name}的佐证材料{'不齐全' if word == partly else '没有提供'}（核查填“{word}”）。"
        yield _Defect(EVIDENCE, entry.cell_complete, entry.complete, complete, told)
    elif word and word not in COMPLETENESS:
        words = "、".join(COMPLETENESS)
        told = f"{name}的“佐证材料是否齐全”填了{_quoted(entry.complete)}，请填：{words}。"
        yield _Defect(EVIDENCE, entry.cell_complete, entry.complete, words, told)


def _score(row: ReviewedRow, name: str) -> Iterator[_Defect]:
    text, points, cell = row.entry.score, row.item.points, row.entry.cell_score
    entered, limit, told = read_points(text), f"0至{plain(points)}", ""
    if points is None:
        if entered is not None:
            told = f"{name}没有单独的分值，核查分数{_quoted(text)}未采用。"
            yield _Defect(SCORES, cell, text, "", told, "warning")
        return
    if entered is None and text and not is_nil(text):
        told = f"{name}的核查分数{_quoted(text)}不是数字，未采用。"
    elif entered is not None and entered > points:
        told = f"{name}核查{plain(entered)}分，超过分值{plain(points)}分，未采用。"
    elif entered is not None and entered < 0:
        told = f"{name}核查{plain(entered)}分，小于0，未采用。"
    elif row.entry.actual and row.score is None and not row.defect:
        told = f"{name}填了核查完成值{_quoted(row.entry.actual)}，按规则不能自动计分，请填写核查分数。"
    if told:
        yield _Defect(SCORES, cell, text, limit, told)


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}”"
