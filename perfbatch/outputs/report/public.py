"""One paragraph a project for the published final accounts (决算公开): score, execution, goals, problems, measures."""

from __future__ import annotations

from collections.abc import Iterator

from perfbatch.decimals import percent
from perfbatch.outputs.report.annexes import MOST_ROWS, selected
from perfbatch.outputs.report.draft import Draft
from perfbatch.outputs.report.facts import Facts
from perfbatch.outputs.report.phrases import Piece, Slot, a_project, amount, day, execution, inline, points
from perfbatch.outputs.report.projectwords import measures, problems, result
from perfbatch.outputs.report.township import grades, whole_sum
from perfbatch.totals.lines import ProjectLine

_BEFORE = (
    "公开前请核对：文字中没有个人姓名、电话等信息；金额、得分与自评表和部门决算一致；涉密项目已经删去；"
    "自评表中的错误和疑问已经处理。"
)


def write(draft: Draft, facts: Facts) -> None:
    """Overview and one paragraph a project."""
    year = f"{facts.year}年度" if facts.year else ""
    draft.title(inline(facts.unit) or Slot("单位名称"), f"{year}项目绩效自评综述", note=_BEFORE)
    draft.text(*_overview(facts))
    shown = selected(facts, MOST_ROWS, described=True)
    for number, (_, line) in enumerate(shown, 1):
        draft.text(*_paragraph(facts, line, number))
    total = facts.totals.whole.projects
    if total > len(shown):
        draft.text(f"注：共{total}个项目，以上为其中{len(shown)}个（未执行、得分低、金额大的项目优先）。")
    draft.signature(inline(facts.unit) or Slot("单位名称"), day(facts.settings.report_date) or Slot("成文日期"))


def _overview(facts: Facts) -> Iterator[Piece]:
    whole = facts.totals.whole
    yield (
        f"根据预算绩效管理要求，{facts.we}组织对{facts.this_year}{whole.projects}个预算项目开展绩效自评，涉及全年预算数"
    )
    yield from (whole_sum(facts, "adjusted"), "，全年执行数", whole_sum(facts, "executed"))
    if whole.rate is not None:
        yield from ("，", execution(whole.rate, doubted=bool(facts.doubted)))
    yield f"。{grades(facts)}"


def _paragraph(facts: Facts, line: ProjectLine, number: int) -> Iterator[Piece]:
    score = line.score
    yield f"{number}. {a_project(line.name)}绩效自评综述：根据年初设定的绩效目标，该项目绩效自评得分为"
    yield Slot("自评得分") if score is None else points(score)
    budget, what = line.adjusted, "全年预算数"
    if budget is None and line.rate is not None and line.initial is not None:  # rulesets that divide by it
        budget, what = line.initial, "年初预算数"
    yield f"。{what}为"
    doubted = line.project_id in facts.doubted
    yield amount(budget, "全年预算数", doubted=doubted)
    yield "，执行数为"
    yield amount(line.executed, "全年执行数", doubted=doubted)
    if line.rate is None or budget is None:
        yield "。"
    else:
        doubt = doubted or line.rate > 1
        yield from ("，", execution(line.rate, doubted=doubted) if doubt else f"完成预算的{percent(line.rate)}", "。")
    yield from _goals(facts, line)
    yield "发现的主要问题及原因："
    yield from problems(facts, line)
    if not _clean(facts, line):
        yield "下一步改进措施："
        yield from measures(facts, line)


def _clean(facts: Facts, line: ProjectLine) -> bool:
    form = facts.forms[line.project_id]
    short = any(row.short for row in facts.rows_of(line.project_id)) or facts.is_low(line)
    return not short and line.executed != 0 and not form.problems.strip() and not form.measures.strip()


def _goals(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    form = facts.forms[line.project_id]
    if done := inline(form.goal_actual):
        yield f"绩效目标完成情况：{done}。"
        return
    met = [row for row in facts.rows_of(line.project_id) if row.met]
    yield "绩效目标完成情况："
    yield "；".join(result(row) for row in met) if met else Slot("绩效目标完成情况")
    yield "。"
