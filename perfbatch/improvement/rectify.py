"""整改台账: one row per problem to be mended, with what humans wrote about it carried from run to run.

A problem is recognised again by unit, project, indicator and check code. Last year's open rows
(``--previous``) stay in the list: still found → carried over, no longer found → marked as mended, not looked
at this year → said so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from perfbatch.checks.alike import name_key
from perfbatch.exact import percent, plain
from perfbatch.figures.lines import Deviation, ProjectLine, rows
from perfbatch.figures.totals import Totals
from perfbatch.improvement import quality
from perfbatch.improvement.summaries import SLOT
from perfbatch.improvement.typed import (
    BASIS,
    CAUSE,
    CODE,
    HUMAN,
    INDICATOR,
    MEASURES,
    MENDED,
    PROBLEM,
    PROJECT,
    UNIT,
    LedgerRow,
    LedgerSheet,
)  # fmt: skip
from perfbatch.model import BY_PERSON, BY_SETTING, Batch, Finding

NEW, CARRIED, UNSEEN, ADDED = "新增", "上年沿用", "未核对", "人工登记"
HOW_MENDED = "同一单位、项目、指标和检查编号的问题本年未再出现"
COPIED = "（摘自自评表）"
_IDLE, _GRADE, _LOST = "未执行", "等级", "失分"
_POOR = 2  # grades from the third one down need mending
_GAP = "XP13"


class LedgerEntry(NamedTuple):
    """One row of the ledger; `typed` holds what humans wrote, by heading."""

    key: str
    project: str
    unit: str
    indicator: str
    problem: str
    basis: str
    cause: str
    code: str
    state: str
    typed: Mapping[str, str]
    file: str = ""
    sheet: str = ""
    cell: str = ""
    mended: bool = False


class _Problem(NamedTuple):
    project_id: str
    project: str
    unit: str
    indicator: str
    problem: str
    basis: str
    cause: str
    code: str
    file: str
    sheet: str
    cell: str


def ledger(batch: Batch, totals: Totals) -> list[LedgerEntry]:
    """This year's problems by project, then last year's that were not found again, then rows somebody added."""
    typed: LedgerSheet = batch.typed or LedgerSheet()
    last: LedgerSheet = batch.previous.ledger if batch.previous is not None else LedgerSheet()
    entries, seen = [], set()
    for key, problem in _keyed(_problems(batch, totals)):
        before = last.by_key.get(key)
        carried = before is not None and not before.mended
        words = (before.typed if before and carried else {}) | _typed(typed, key)
        entries.append(_entry(key, problem, CARRIED if carried else NEW, words))
        seen.add(key)
    gone = [row for row in last.rows if row.key not in seen and not row.mended]
    entries += [_gone(row, _typed(typed, row.key), fate) for row, fate in _fates(batch, totals, gone, "本年")]
    seen |= {row.key for row in gone}
    kept = [row for row in typed.rows if (row.typed or row.added) and row.key not in seen]
    return entries + [_gone(row, row.typed, fate) for row, fate in _fates(batch, totals, kept, "本次")]


def measures(sheets: Iterable[LedgerSheet | None]) -> dict[str, str]:
    """Project name → measures somebody entered, as the checks take it (extras ``rectification``)."""
    found: dict[str, str] = {}
    for sheet in sheets:
        for row in sheet.rows if sheet else ():
            if MEASURES in row.typed and row.texts.get(PROJECT):
                found.setdefault(row.texts[PROJECT], row.typed[MEASURES])
    return found


def _typed(sheet: LedgerSheet, key: str) -> dict[str, str]:
    row = sheet.by_key.get(key)
    return row.typed if row else {}


def _entry(key: str, problem: _Problem, state: str, typed: Mapping[str, str]) -> LedgerEntry:
    return LedgerEntry(
        key, problem.project, problem.unit, problem.indicator, problem.problem, problem.basis,
        f"{problem.cause}{COPIED}" if problem.cause else SLOT, problem.code, state, typed, *problem[-3:],
    )  # fmt: skip


class _Fate(NamedTuple):
    """What became of a row of the ledger, and why."""

    state: str
    why: str = ""

    @property
    def text(self) -> str:
        """As it stands on the sheet."""
        return f"{self.state}（{self.why}）" if self.why else self.state


def _gone(row: LedgerRow, typed: Mapping[str, str], fate: _Fate) -> LedgerEntry:
    """A row that no finding of this run stands for."""
    project, unit, indicator, problem, basis, cause, code = (
        row.texts.get(word, "") for word in (PROJECT, UNIT, INDICATOR, PROBLEM, BASIS, CAUSE, CODE)
    )
    words = row.typed | dict(typed)
    mended = fate.state == MENDED
    return LedgerEntry(row.key, project, unit, indicator, problem, basis, cause, code, fate.text, words, mended=mended)


def _fates(batch: Batch, totals: Totals, gone: Sequence[LedgerRow], when: str) -> Iterator[tuple[LedgerRow, _Fate]]:
    """What became of rows that are not in this list; `when` is 本年 for rows of last year, else 本次."""
    known: set[tuple[str, str]] = set()  # projects by name and unit, and by name alone
    for line in totals.lines if gone else ():
        known |= {(name_key(line.name), name_key(line.unit)), (name_key(line.name), "")}
    states = {outcome.code: outcome.state for outcome in batch.checks}
    for row in gone:
        if not row.key:
            yield row, _Fate(ADDED, "" if when == "本次" else CARRIED)
        else:
            yield row, _fate(row, known, states, when)


def _fate(row: LedgerRow, known: set[tuple[str, str]], states: Mapping[str, str], when: str) -> _Fate:
    """A problem counts as mended only where its project and its check were looked at again."""
    code, name, unit = (row.texts.get(word, "") for word in (CODE, PROJECT, UNIT))
    if name and (name_key(name), name_key(unit)) not in known:
        return _Fate(UNSEEN, f"{when}没有这个项目")
    if states.get(code, "clear") in ("unchecked", "off", "errored"):
        return _Fate(UNSEEN, f"{when}没有做{code}检查")
    return _Fate(MENDED, f"{when}未再发现")


def _keyed(problems: Iterable[_Problem]) -> Iterator[tuple[str, _Problem]]:
    """Each problem with its key; the second of one kind at one indicator is told apart by a number."""
    counts: dict[str, int] = {}
    for problem in problems:
        parts = (problem.unit, problem.project, problem.indicator, problem.code)
        text = "\0".join((*map(name_key, parts[:3]), parts[3]))
        key = "Z" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:14]
        counts[key] = counts.get(key, 0) + 1
        yield (key if counts[key] == 1 else f"{key}-{counts[key]}"), problem


def _problems(batch: Batch, totals: Totals) -> Iterator[_Problem]:
    """Problems project by project: execution and grade, errors, targets, points lost, review."""
    by_project: dict[str, list[_Problem]] = {}
    named: set[tuple[str, str]] = set()
    lines = {line.project_id: line for line in totals.lines}
    for problem in (*_of_findings(batch, lines), *_of_targets(batch)):
        by_project.setdefault(problem.project_id, []).append(problem)
        named.add((problem.project_id, problem.indicator))
    for row in (*totals.under, *totals.lost):
        if (row.project.project_id, row.indicator) not in named:
            by_project.setdefault(row.project.project_id, []).append(_of_deviation(row))
    poor = _poor_grades(batch)
    for line in totals.lines:
        yield from _of_project(line, poor)
        yield from by_project.get(line.project_id, ())
    yield from by_project.get("", ())


def _poor_grades(batch: Batch) -> set[tuple[str, str]]:
    """(ruleset, grade word) of the grades that call for mending (中、差)."""
    return {(name, word) for name, rules in batch.rulesets.items() for word in rules["grade_words"][_POOR:]}


def _of_project(line: ProjectLine, poor: set[tuple[str, str]]) -> Iterator[_Problem]:
    place = (line.file, line.sheet, line.cell)
    if line.executed == 0:
        yield _Problem(
            line.project_id, line.name, line.unit, "", "项目全年未执行", "预算执行情况（全年执行数为0）",
            line.reason, _IDLE, *place,
        )  # fmt: skip
    elif (line.ruleset, line.grade) in poor:
        yield _Problem(
            line.project_id, line.name, line.unit, "", f"项目自评等级为“{line.grade}”", "自评等级",
            line.reason, _GRADE, *place,
        )  # fmt: skip


def _of_findings(batch: Batch, lines: Mapping[str, ProjectLine]) -> Iterator[_Problem]:
    """Errors left open on the forms, and self-scores far above the review."""
    reviewed = set(batch.review.files) if batch.review is not None else set()
    found = [f for f in batch.findings if _counts(f, reviewed)]
    names = _indicators(batch, {(finding.project_id, finding.sheet, finding.cell) for finding in found})
    for finding in found:
        line = lines.get(finding.project_id)
        indicator, reason = names.get((finding.project_id, finding.sheet, finding.cell), ("", ""))
        yield _Problem(
            finding.project_id, finding.project, line.unit if line else "", indicator, finding.message,
            finding.basis, reason or (line.reason if line and not indicator else ""), finding.code,
            finding.file, finding.sheet, finding.cell,
        )  # fmt: skip


def _counts(finding: Finding, reviewed: set[str]) -> bool:
    if finding.accepted_by in (BY_PERSON, BY_SETTING):
        return False
    if finding.code == _GAP:
        return True
    return finding.severity == "error" and finding.file not in reviewed and finding.code not in quality.codes()


def _indicators(batch: Batch, places: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Indicator name and reason by project, sheet and cell, at some places."""
    wanted = {key for key, *_ in places}
    found: dict[tuple[str, str, str], tuple[str, str]] = {}
    columns = ("cell_level3", "cell_target", "cell_actual", "cell_points", "cell_score", "cell_reason")
    frame = batch.frames.indicators
    for key, sheet, level3, reason, *cells in rows(frame, "project_id", "sheet", "level3", "reason", *columns):
        if key in wanted:
            for cell in cells:
                if (key, sheet, cell) in places:
                    found.setdefault((key, sheet, cell), (level3, reason))
    return found


def _of_targets(batch: Batch) -> Iterator[_Problem]:
    """Targets that the results call into question."""
    for weak in quality.assess(batch):
        finding = weak.finding
        yield _Problem(
            finding.project_id, finding.project, weak.unit, weak.indicator, finding.message, finding.basis,
            weak.reason, finding.code, finding.file, finding.sheet, finding.cell,
        )  # fmt: skip


def _of_deviation(row: Deviation) -> _Problem:
    told = f"，完成率{percent(row.completion)}" if row.completion is not None else ""
    lost = f"，扣{plain(row.lost)}分" if row.lost else ""
    return _Problem(
        row.project.project_id, row.project.name, row.project.unit, row.indicator,
        f"指标“{row.indicator}”目标“{row.target}”，实际“{row.actual}”{told}{lost}。", "自评表指标得分低于分值",
        row.reason, _LOST, row.project.file, row.sheet, row.cell,
    )  # fmt: skip


def open_count(entries: Iterable[LedgerEntry]) -> int:
    """Rows that still need work: neither mended nor finished by what humans wrote."""
    return sum(not entry.mended for entry in entries)


__all__ = ["HUMAN", "LedgerEntry", "ledger", "measures", "open_count"]
