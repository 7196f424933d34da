"""整改台账: one row per problem to be mended, with what humans wrote about it carried from run to run.

A problem is recognised again by unit, project, indicator and check code. Last year's open rows
(``--previous``) stay in the list: still found → carried over, no longer found → marked as mended, not looked
at this year → said so.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from perfbatch.decimals import percent, plain
from perfbatch.followup import quality
from perfbatch.followup.batch import Batch
from perfbatch.followup.ledger_reader import (
    BASIS,
    CAUSE,
    CODE,
    COPIED,
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
from perfbatch.followup.quality import Weakness
from perfbatch.followup.summaries import SLOT
from perfbatch.followup.yearafter import YearAfter
from perfbatch.identity.names import name_key
from perfbatch.model import BY_PERSON, BY_SETTING, Finding
from perfbatch.schema import rows
from perfbatch.totals.lines import Deviation, ProjectLine
from perfbatch.totals.sums import Totals

NEW, CARRIED, UNSEEN, ADDED = "新增", "上年沿用", "未核对", "人工登记"
HOW_MENDED = "同一单位、项目、指标和检查编号的问题本年未再出现"
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
    printed: str = ""  # the cause as this program would print it


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
    group: str = ""  # of problems that stand in one row for all projects of a unit, or all indicators of a project


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
    printed = f"{problem.cause}{COPIED}" if problem.cause else SLOT
    place = (problem.file, problem.sheet, problem.cell)
    words = {word: text for word, text in typed.items() if word != CAUSE}
    return LedgerEntry(
        key, problem.project, problem.unit, problem.indicator, problem.problem, problem.basis,
        typed.get(CAUSE, printed), problem.code, state, words, *place, printed=printed,
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
    own = words.pop(CAUSE, cause)
    printed = SLOT if CAUSE in row.typed else cause
    return LedgerEntry(
        row.key, project, unit, indicator, problem, basis, own, code, fate.text, words, mended=fate.state == MENDED,
        printed=printed,
    )  # fmt: skip


def _fates(batch: Batch, totals: Totals, gone: Sequence[LedgerRow], when: str) -> Iterator[tuple[LedgerRow, _Fate]]:
    """What became of rows that are not in this list; `when` is 本年 for rows of last year, else 本次."""
    known: set[tuple[str, str]] = set()  # projects by name and unit, and by name alone
    for line in totals.lines if gone else ():
        known |= {(name_key(line.name), name_key(line.unit)), (name_key(line.name), "")}
    states = {outcome.code: outcome.state for outcome in batch.checks}
    after = YearAfter(batch)
    for row in gone:
        if not row.key:
            yield row, _Fate(ADDED, "" if when == "本次" else CARRIED)
        else:
            yield row, _fate(row, known, states, after, when)


def _fate(row: LedgerRow, known: set[tuple[str, str]], states: Mapping[str, str], after: YearAfter, when: str) -> _Fate:
    """A problem counts as mended only where its project and its check were looked at again, at a target no easier."""
    code, name, unit, indicator = (row.texts.get(word, "") for word in (CODE, PROJECT, UNIT, INDICATOR))
    if name and (name_key(name), name_key(unit)) not in known:
        other = after.renamed(name, unit) if when == "本年" else ""
        return _Fate(UNSEEN, f"{when}没有这个项目" + (f"，是否改名为“{other}”？" if other else ""))
    if states.get(code, "clear") in ("unchecked", "off", "errored"):
        return _Fate(UNSEEN, f"{when}没有做{code}检查")
    if when == "本年" and (easier := after.lowered(name, unit, indicator)):
        return _Fate(CARRIED, f"{easier}，降低目标不算整改")
    return _Fate(MENDED, f"{when}未再发现")


def _keyed(problems: Iterable[_Problem]) -> Iterator[tuple[str, _Problem]]:
    """Each problem with its key; the second of one kind at one indicator is told apart by a number."""
    counts: dict[str, int] = {}
    for problem in problems:
        about = (problem.project, problem.indicator) if not problem.group else (problem.group, "")
        parts = (problem.unit, *about, problem.code)
        text = "\0".join((*map(name_key, parts[:3]), parts[3]))
        key = "Z" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:14]
        counts[key] = counts.get(key, 0) + 1
        yield (key if counts[key] == 1 else f"{key}-{counts[key]}"), problem


def _problems(batch: Batch, totals: Totals) -> Iterator[_Problem]:
    """Problems project by project: execution and grade, errors, targets, points lost, review."""
    by_project: dict[str, list[_Problem]] = {}
    named: set[tuple[str, str]] = set()
    lines = {line.project_id: line for line in totals.lines}
    for problem in _of_findings(batch, lines):
        by_project.setdefault(problem.project_id, []).append(problem)
        named.add((problem.project_id, problem.indicator))
    weak = quality.assess(batch)
    named |= {(one.finding.project_id, one.indicator) for one in weak}
    lost: dict[str, list[Deviation]] = {}
    for row in (*totals.under, *totals.lost):
        if (row.project.project_id, row.indicator) not in named:
            lost.setdefault(row.project.project_id, []).append(row)
    for project_id, rows_ in lost.items():
        by_project.setdefault(project_id, []).append(_of_deviations(rows_))
    # (ruleset, grade word) of the grades that call for mending (中、差)
    poor = {(name, word) for name, rules in batch.rulesets.items() for word in rules["grade_words"][_POOR:]}
    for line in totals.lines:
        yield from _of_project(line, poor)
        yield from by_project.get(line.project_id, ())
    yield from by_project.get("", ())
    yield from _of_targets(weak)


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


def _of_targets(weak: Iterable[Weakness]) -> Iterator[_Problem]:
    """Targets that the results call into question: a row a kind and unit, with all the indicators it is about."""
    groups: dict[tuple[str, str, str], list[Weakness]] = {}
    for one in weak:
        groups.setdefault((one.unit, one.kind.name, one.finding.code), []).append(one)
    for (unit, kind, code), some in groups.items():
        first = some[0].finding
        projects = {one.finding.project_id for one in some}
        yield _Problem(
            first.project_id if len(projects) == 1 else "", first.project if len(projects) == 1 else "", unit,
            some[0].indicator if len(some) == 1 else _listed(some),
            first.message if len(some) == 1 else f"{some[0].kind.title}：{len(projects)}个项目的{len(some)}个指标。",
            first.basis, some[0].reason if len(some) == 1 else "", code, first.file, first.sheet, first.cell,
            f"目标设定 {kind}",
        )  # fmt: skip


def _listed(some: Sequence[Weakness]) -> str:
    """The indicators with their targets, project by project."""
    by_project: dict[str, list[str]] = {}
    for one in some:
        told = f"{one.indicator}（{one.target}）" if one.target else one.indicator
        by_project.setdefault(one.finding.project, []).append(told)
    return "；".join(f"{project}：{'、'.join(filter(None, named))}" for project, named in by_project.items())


def _of_deviations(some: Sequence[Deviation]) -> _Problem:
    """The points that a project lost, in one row."""
    project = some[0].project
    reasons = dict.fromkeys(reason for row in some if (reason := row.reason.strip()))
    said = "；".join(reason.rstrip("。；") for reason in reasons)
    return _Problem(
        project.project_id, project.name, project.unit, "、".join(row.indicator for row in some),
        "".join(map(_deviation, some)), "自评表指标得分低于分值", said, _LOST, project.file,
        some[0].sheet, some[0].cell, project.name,
    )  # fmt: skip


def _deviation(row: Deviation) -> str:
    told = f"，完成率{percent(row.completion)}" if row.completion is not None else ""
    lost = f"，扣{plain(row.lost)}分" if row.lost else ""
    return f"指标“{row.indicator}”目标“{row.target}”，实际“{row.actual}”{told}{lost}。"


def open_count(entries: Iterable[LedgerEntry]) -> int:
    """Rows that still need work: neither mended nor finished by what humans wrote."""
    return sum(not entry.mended for entry in entries)


__all__ = ["HUMAN", "LedgerEntry", "ledger", "measures", "open_count"]
