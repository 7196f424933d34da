"""Findings about what reviewers entered, each at its cell of the workpaper, under the codes of the register.

XP15 for review scores, IN06 and IN07 for reviewed actuals, XP09 for missing evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from perfbatch.checks.register import register
from perfbatch.decimals import plain
from perfbatch.followup.items import COMPLETENESS, completeness
from perfbatch.followup.rescoring import OTHER_UNIT, UNREADABLE, ReviewedRow
from perfbatch.followup.workpaper_reader import Paper
from perfbatch.model import Finding
from perfbatch.notation import is_nil, read_points

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
    own = (defect for row in reviewed for defect in _row(row))
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


def _row(row: ReviewedRow) -> Iterator[_Defect]:
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
