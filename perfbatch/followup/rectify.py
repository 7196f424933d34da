"""整改台账: one row per problem to be mended, with what humans wrote about it carried from run to run.

A problem is recognised again by unit, project, indicator and check code. Last year's open rows (``--previous``) stay in
the list: still found → carried over, no longer found → marked as mended, not looked at this year → said so.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from perfbatch.decimals import percent, plain
from perfbatch.followup import ledger_reader as sheet
from perfbatch.followup import quality
from perfbatch.followup.batch import Batch
from perfbatch.followup.ledger_reader import LedgerRow, LedgerSheet
from perfbatch.followup.quality import Weakness
from perfbatch.followup.summaries import SLOT
from perfbatch.followup.yearafter import YearAfter
from perfbatch.identity.names import name_key
from perfbatch.model import BY_PERSON, BY_SETTING
from perfbatch.schema import grouped, rows
from perfbatch.totals.lines import Deviation, ProjectLine
from perfbatch.totals.sums import Totals

NEW, CARRIED, UNSEEN, ADDED = "新增", "上年沿用", "未核对", "人工登记"
HOW_MENDED = "同一单位、项目、指标和检查编号的问题本年未再出现"
_IDLE, _GRADE, _LOST = "未执行", "等级", "失分"
_POOR = 2  # grades from the third one down need mending
_GAP = "XP13"
_TEXTS = (sheet.PROJECT, sheet.UNIT, sheet.INDICATOR, sheet.PROBLEM, sheet.BASIS, sheet.CAUSE, sheet.CODE)


class LedgerEntry(NamedTuple):
    """One row of the ledger; `typed` holds what humans wrote, by heading.

    `group` is that of problems that stand in one row for all projects of a unit, or all indicators of a project.
    """

    project_id: str
    project: str
    unit: str
    indicator: str
    problem: str
    basis: str
    cause: str
    code: str
    file: str = ""
    sheet: str = ""
    cell: str = ""
    group: str = ""
    key: str = ""
    state: str = ""
    typed: Mapping[str, str] = {}
    mended: bool = False
    printed: str = ""  # the cause as this program would print it


def ledger(batch: Batch, totals: Totals, weak: Sequence[Weakness]) -> list[LedgerEntry]:
    """This year's problems by project, then last year's that were not found again, then rows somebody added.

    `weak` are the targets that the results call into question (`perfbatch.followup.quality`).
    """
    typed: LedgerSheet = batch.typed or LedgerSheet()
    last: LedgerSheet = batch.previous.ledger if batch.previous is not None else LedgerSheet()
    entries, seen = [], set()
    for key, problem in _keyed(_problems(batch, totals, weak)):
        before = last.by_key.get(key)
        carried = before is not None and not before.mended
        words = (before.typed if before and carried else {}) | _typed(typed, key)
        printed = f"{problem.cause}{sheet.COPIED}" if problem.cause else SLOT
        cause, state = words.pop(sheet.CAUSE, printed), CARRIED if carried else NEW
        entries.append(problem._replace(key=key, state=state, typed=words, cause=cause, printed=printed))
        seen.add(key)
    gone = [(row, _typed(typed, row.key)) for row in last.rows if row.key not in seen and not row.mended]
    entries += _gone(batch, totals, gone, "本年")
    seen |= {row.key for row, _ in gone}
    kept = [(row, row.typed) for row in typed.rows if (row.typed or row.added) and row.key not in seen]
    return [*entries, *_gone(batch, totals, kept, "本次")]


def measures(sheets: Iterable[LedgerSheet | None]) -> dict[str, str]:
    """Project name → measures somebody entered, as the checks take it (extras ``rectification``)."""
    found: dict[str, str] = {}
    for row in (row for one in sheets if one for row in one.rows):
        if sheet.MEASURES in row.typed and row.texts.get(sheet.PROJECT):
            found.setdefault(row.texts[sheet.PROJECT], row.typed[sheet.MEASURES])
    return found


def _typed(typed: LedgerSheet, key: str) -> dict[str, str]:
    row = typed.by_key.get(key)
    return row.typed if row else {}


def _gone(
    batch: Batch, totals: Totals, rows_: Sequence[tuple[LedgerRow, Mapping[str, str]]], when: str
) -> Iterator[LedgerEntry]:
    """Rows that no finding of this run stands for; `when` is 本年 for rows of last year, else 本次.

    A problem counts as mended only where its project and its check were looked at again, at a target no easier.
    """
    if not rows_:
        return
    known: set[tuple[str, str]] = set()  # projects by name and unit, and by name alone
    for line in totals.lines:
        known |= {(name_key(line.name), name_key(line.unit)), (name_key(line.name), "")}
    states = {outcome.code: outcome.state for outcome in batch.checks}
    after, this_year = YearAfter(batch), when == "本年"
    for row, typed in rows_:
        project, unit, indicator, problem, basis, cause, code = (row.texts.get(word, "") for word in _TEXTS)
        if not row.key:
            state, why = ADDED, CARRIED if this_year else ""
        elif project and (name_key(project), name_key(unit)) not in known:
            other = after.renamed(project, unit) if this_year else ""
            state, why = UNSEEN, f"{when}没有这个项目" + (f"，是否改名为“{other}”？" if other else "")
        elif states.get(code, "clear") in ("unchecked", "off", "errored"):
            state, why = UNSEEN, f"{when}没有做{code}检查"
        elif this_year and (easier := after.lowered(project, unit, indicator)):
            state, why = CARRIED, f"{easier}，降低目标不算整改"
        else:
            state, why = sheet.MENDED, f"{when}未再发现"
        words = row.typed | dict(typed)
        yield LedgerEntry(
            "", project, unit, indicator, problem, basis, words.pop(sheet.CAUSE, cause), code, key=row.key,
            state=f"{state}（{why}）" if why else state, typed=words, mended=state == sheet.MENDED,
            printed=SLOT if sheet.CAUSE in row.typed else cause,
        )  # fmt: skip


def _keyed(problems: Iterable[LedgerEntry]) -> Iterator[tuple[str, LedgerEntry]]:
    """Each problem with its key; the second of one kind at one indicator is told apart by a number."""
    counts: dict[str, int] = {}
    for problem in problems:
        about = (problem.project, problem.indicator) if not problem.group else (problem.group, "")
        parts = (problem.unit, *about, problem.code)
        text = "\0".join((*map(name_key, parts[:3]), parts[3]))
        key = "Z" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:14]
        counts[key] = counts.get(key, 0) + 1
        yield (key if counts[key] == 1 else f"{key}-{counts[key]}"), problem


def _problems(batch: Batch, totals: Totals, weak: Sequence[Weakness]) -> Iterator[LedgerEntry]:
    """Problems project by project: execution and grade, errors, targets, points lost, review."""
    found = list(_of_findings(batch, {line.project_id: line for line in totals.lines}))
    by_project = grouped((problem.project_id, problem) for problem in found)
    named = {(problem.project_id, problem.indicator) for problem in found}
    named |= {(one.finding.project_id, one.indicator) for one in weak}
    lost = [(row.project.project_id, row) for row in (*totals.under, *totals.lost)]
    others = grouped((key, row) for key, row in lost if (key, row.indicator.name) not in named)
    for project_id, rows_ in others.items():
        by_project[project_id].append(_of_deviations(rows_))
    # (ruleset, grade word) of the grades that call for mending (中、差)
    poor = {(name, word) for name, rules in batch.rulesets.items() for word in rules["grade_words"][_POOR:]}
    for line in totals.lines:
        told = None
        if line.executed == 0:
            told = "项目全年未执行", "预算执行情况（全年执行数为0）", line.reason, _IDLE
        elif (line.ruleset, line.grade) in poor:
            told = f"项目自评等级为“{line.grade}”", "自评等级", line.reason, _GRADE
        if told:
            yield LedgerEntry(line.project_id, line.name, line.unit, "", *told, line.file, line.sheet, line.cell)
        yield from by_project.get(line.project_id, ())
    yield from by_project.get("", ())
    yield from _of_targets(weak)


def _of_findings(batch: Batch, lines: Mapping[str, ProjectLine]) -> Iterator[LedgerEntry]:
    """Errors left open on the forms, and self-scores far above the review."""
    reviewed = set(batch.review.files) if batch.review is not None else set()
    found = []
    for finding in batch.findings:
        error = finding.severity == "error" and finding.file not in reviewed and finding.code not in quality.codes()
        if finding.accepted_by not in (BY_PERSON, BY_SETTING) and (error or finding.code == _GAP):
            found.append(finding)
    places = {(finding.project_id, finding.sheet, finding.cell) for finding in found}
    names: dict[tuple[str, str, str], tuple[str, str]] = {}  # indicator and reason by place
    wanted, frame = {key for key, *_ in places}, batch.frames.indicators
    columns = ("cell_level3", "cell_target", "cell_actual", "cell_points", "cell_score", "cell_reason")
    for key, page, level3, reason, *cells in rows(frame, "project_id", "sheet", "level3", "reason", *columns):
        for cell in cells if key in wanted else ():
            if (key, page, cell) in places:
                names.setdefault((key, page, cell), (level3, reason))
    for finding in found:
        line = lines.get(finding.project_id)
        indicator, reason = names.get((finding.project_id, finding.sheet, finding.cell), ("", ""))
        yield LedgerEntry(
            finding.project_id, finding.project, line.unit if line else "", indicator, finding.message,
            finding.basis, reason or (line.reason if line and not indicator else ""), finding.code,
            finding.file, finding.sheet, finding.cell,
        )  # fmt: skip


def _of_targets(weak: Iterable[Weakness]) -> Iterator[LedgerEntry]:
    """Targets that the results call into question: a row a kind and unit, with all the indicators it is about."""
    groups = grouped(((one.unit, one.kind.name, one.finding.code), one) for one in weak)
    for (unit, kind, code), some in groups.items():
        first, projects = some[0].finding, {one.finding.project_id for one in some}
        indicators, told, reason = some[0].indicator, first.message, some[0].row.reason
        if len(some) > 1:
            by_project: dict[str, list[str]] = {}
            for one in some:
                target = f"（{one.row.target_text}）" if one.row.target_text else ""
                by_project.setdefault(one.finding.project, []).append(f"{one.indicator}{target}")
            listed = (f"{project}：{'、'.join(filter(None, named))}" for project, named in by_project.items())
            told = f"{some[0].kind.title}：{len(projects)}个项目的{len(some)}个指标。"
            indicators, reason = "；".join(listed), ""
        project = (first.project_id, first.project) if len(projects) == 1 else ("", "")
        yield LedgerEntry(
            *project, unit, indicators, told, first.basis, reason, code, first.file, first.sheet, first.cell,
            f"目标设定 {kind}",
        )  # fmt: skip


def _of_deviations(some: Sequence[Deviation]) -> LedgerEntry:
    """The points that a project lost, in one row."""
    project, rows_ = some[0].project, [one.indicator for one in some]
    reasons = dict.fromkeys(reason for row in rows_ if (reason := row.reason.strip()))
    said, told = "；".join(reason.rstrip("。；") for reason in reasons), ""
    for row in rows_:
        rate = f"，完成率{percent(row.completion_rate)}" if row.completion_rate is not None else ""
        lost = f"，扣{plain(row.lost)}分" if row.lost else ""
        told += f"指标“{row.name}”目标“{row.target}”，实际“{row.actual}”{rate}{lost}。"
    return LedgerEntry(
        project.project_id, project.name, project.unit, "、".join(row.name for row in rows_), told,
        "自评表指标得分低于分值", said, _LOST, project.file, rows_[0].sheet, rows_[0].cell_actual, project.name,
    )  # fmt: skip
