"""Sentences about one project that the forms by project share: results, problems, measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfbatch.notation import says_nothing
from perfbatch.outputs.report.facts import Facts, Row
from perfbatch.outputs.report.phrases import Piece, Slot, clipped, common_cause, given_reasons, inline, plans, rate
from perfbatch.totals.lines import ProjectLine

_SIGNS = "=＝≥≤>＞<＜±"


def result(row: Row) -> str:
    """Name, target and value done of one indicator."""
    said = inline(row.target)
    colon = "" if said[:1] in _SIGNS or said[:1].isdigit() else "："
    goal = f"（指标值{colon}{said}）" if said else ""
    return f"{inline(row.name)}{goal}实际为{inline(row.actual) or '（未填写）'}"


def problems(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    """What the form says about problems, else what its rows show with the reasons given; copied, not made up."""
    said = inline(facts.forms[line.project_id].problems)
    rows = [row for row in facts.rows_of(line.project_id) if row.short]
    idle, low = line.executed == 0, facts.is_low(line)
    if said and not says_nothing(said):
        yield f"{said}。"
    elif not rows and not idle and not low:
        yield "自评表没有反映存在问题。"
        return
    if idle:
        yield "项目全年没有执行。"
    if low:
        yield f"预算执行率偏低，为{rate(line.rate)}。"
    if rows and not idle:
        names = "、".join(inline(row.name) for row in rows)
        yield f"{len(rows)}条指标未达到指标值或未得满分，{'分别是' if len(rows) > 1 else '为'}{names}。"
    given = _given(reason_cells(facts, line), idle=idle)
    if given:
        yield f"原因是：{given}。"
    elif not said:
        yield "原因是"
        yield Slot("原因；自评表没有填写")
        yield "。"


def _given(cells: Sequence[str], *, idle: bool) -> str:
    """The causes written on the form, each once; of an unexecuted project what all its cells share."""
    shared = common_cause(cells) if idle else ""
    return clipped(shared) or given_reasons(cells)


def measures(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    """Measures written on the form, in its own box or in the reason cells; else a slot."""
    said = inline(facts.forms[line.project_id].measures)
    given = [said] if said and not says_nothing(said) else []
    given += [text for cell in reason_cells(facts, line) if (text := plans(cell))]
    if given:
        yield f"{'；'.join(dict.fromkeys(given))}。"
    else:
        yield Slot("下一步改进措施，没有的写明“无”")
        yield "。"


def reason_cells(facts: Facts, line: ProjectLine) -> list[str]:
    """Reasons on the form: of the funds and of rows that fell short."""
    cells = [facts.forms[line.project_id].fund_reason] if line.executed != line.adjusted else []
    cells += [row.reason for row in facts.rows_of(line.project_id) if row.short]
    return [cell for cell in cells if not says_nothing(cell)]
