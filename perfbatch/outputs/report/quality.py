"""Sections 三 (how well targets were set: against the approved ones, and by the results) and 四 (rectification)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from perfbatch.cycle import overall
from perfbatch.cycle.compare import BUDGET, DROPPED, ERROR, GOAL, INFO, LOWERED, MISSING, POINTS, Change, Compared
from perfbatch.decimals import percent, plain
from perfbatch.followup.ledger_reader import MEASURES
from perfbatch.followup.rectify import CARRIED
from perfbatch.outputs.report.draft import Draft
from perfbatch.outputs.report.facts import Facts
from perfbatch.outputs.report.phrases import (
    NO_NAME,
    Piece,
    Slot,
    a_project,
    clipped,
    given_reasons,
    inline,
    listed,
    plans,
    target,
)
from perfbatch.totals.lines import Deviation, ProjectLine

_MEASURE, _MEASURES = 40, 3  # characters of a measure, measures of a sentence
MOST_PROJECTS = 10  # projects whose deviations are told in full; the annex lists all


def write(draft: Draft, facts: Facts) -> None:
    """General figures, the wide deviations project by project, then the questions of the checks."""
    draft.heading(1, "三、绩效目标设定质量情况")
    draft.text(*_general(facts))
    told = [list(some) for _, some in groupby(facts.wide, key=lambda row: row.project.project_id)]
    if told:
        limit, done = percent(facts.limit("audit_dev")), facts.completion
        draft.text(f"个别项目绩效指标出现偏差，其中偏差超过{limit}的有{done.wide}条，涉及{done.wide_projects}个项目。")
    for some in told[:MOST_PROJECTS]:
        draft.text(*_deviations(facts, some))
    rest = facts.completion.short_rows - sum(len(some) for some in told[:MOST_PROJECTS])
    if rest > 0:
        how = "偏差较小或未得满分" if len(told) <= MOST_PROJECTS else "未逐条列出"
        draft.text(f"{'另' if told else ''}有{rest}条指标{how}，详见附件。")
    _questions(draft, facts)


def _general(facts: Facts) -> Iterator[Piece]:
    count, doubtful = facts.totals.whole.projects, facts.totals.doubtful
    back, all_of_them = "由自评结果倒查自评表上的绩效目标，", "均" if count > 1 else ""
    yield from compared(facts)
    if not facts.totals.indicators:
        yield "自评表没有绩效指标，未能倒查绩效目标设定质量。"
    elif not doubtful:
        yield f"{back}{count}个项目的绩效目标设定{all_of_them}未发现疑问。"
    elif doubtful == count:
        yield f"{back}{count}个项目的绩效目标设定{all_of_them}有需要核实或改进的事项。"
    else:
        yield (
            f"{back}{count}个项目中，{count - doubtful}个项目的绩效目标设定未发现疑问，"
            f"{doubtful}个项目有需要核实或改进的事项。"
        )
    yield facts.told("goals", "对绩效目标是否清晰准确、全面完整、科学合理、易于评价的总体判断")
    yield "。"


def _deviations(facts: Facts, some: Sequence[Deviation]) -> Iterator[Piece]:
    """One project: every indicator with target, actual, completion, deviation, points lost; then the reasons."""
    yield f"{facts.owner(some[0].project)}{a_project(some[0].project.name)}，"
    told, rows = [], [one.indicator for one in some]
    for row in rows:
        group = ""
        if row.level1 and row.level2:
            own = "" if row.level2 == row.name else inline(row.level2)
            group = f"{inline(row.level1)}中的{own}"
        text = f"{group}{inline(row.name)}设定{target(row.target, row.operator)}，实际完成{inline(row.actual)}"
        if row.completion_rate is not None:
            text += f"，完成率{percent(row.completion_rate)}"
        if row.deviation is not None:
            text += f"，比指标值{'低' if row.deviation < 0 else '高'}{percent(abs(row.deviation))}"
        told.append(text + (f"，扣{plain(row.lost)}分" if row.lost else ""))
    yield "；".join(told)
    if given := given_reasons(row.reason for row in rows):
        yield f"。偏差原因是：{given}。"
    else:
        yield from ("。偏差原因是：", Slot("偏差原因；自评表没有填写"), "。")


def _questions(draft: Draft, facts: Facts) -> None:
    """Findings on target-setting as questions: a comparison of data raises them, only people can answer."""
    if not facts.doubts:
        return
    draft.text("经数据比对，绩效目标设定还有以下疑问，是否属实以核实结果为准：")
    codes = "、".join(kind.code for kind in facts.doubts)
    source = f"以上疑问来自检查项{codes}，逐条见《绩效自评汇总表》的“问题清单”，检查的含义和依据见 perfbatch rules。"
    for number, kind in enumerate(facts.doubts, 1):
        text = f"{number}.{kind.title}"
        if kind.findings <= len(kind.examples):
            text += "。" if kind.findings == 1 else f"（{kind.findings}条）。"
        else:
            where = f"，涉及{kind.projects}个项目" if kind.projects > 1 else ""
            text += f"（{kind.findings}条{where}）。如，"
        for finding in kind.examples:
            name, said = inline(finding.project), f"{inline(finding.message)}。"
            named = name and said.startswith(f"项目“{name}”")
            text += said if named else f"{name or NO_NAME}：{said}"
        if kind.answer:
            text += f"{f'{kind.findings - kind.open}条' if kind.open else ''}{kind.answer}。"
        draft.text(text, note=source if number == 1 else "")
    if left := sum(kind.open for kind in facts.doubts):
        which = "对上述疑问，" if left == sum(kind.findings for kind in facts.doubts) else f"对尚未说明的{left}条疑问，"
        draft.text(which, facts.told("verified", "核实结果和处理意见"), "。")


def write_measures(draft: Draft, facts: Facts) -> None:
    """Section 四: what became of last year's problems, what the data call for, and what the forms plan for it."""
    draft.heading(1, "四、整改措施及结果应用")
    if last := "".join(_last_year(facts)):
        draft.text(last)
    aims = list(_aims(facts))
    ways = "从以下几个方面整改" if len(aims) > 1 else "采取以下措施整改"
    draft.text(f"针对存在的问题，{facts.we}{ways}：")
    for at, (aim, reason, measures) in enumerate(aims):
        number = f"{'一二三四五'[at]}是" if len(aims) > 1 else ""
        draft.text(f"{number}{aim}。{reason}", measures, "。")
    draft.text("在结果应用方面，", facts.told("results", "自评结果与预算安排、政策调整挂钩以及公开的情况"), "。")
    draft.text(
        f"{facts.we}将以此次绩效自评工作为契机，增强绩效观念，强化绩效管理，进一步做好绩效目标管理和绩效自评等工作。",
        kept=True,
    )


def _last_year(facts: Facts) -> Iterator[str]:
    """What became of the problems that last year's ledger left open."""
    previous = facts.batch.previous
    if previous is None or not (before := [row for row in previous.ledger.rows if row.key and not row.mended]):
        return
    now = {entry.key: entry for entry in facts.ledger}
    still = [now[row.key] for row in before if row.key in now and now[row.key].state == CARRIED]
    mended = sum(row.key in now and now[row.key].mended for row in before)
    year = f"{previous.year}年" if previous.year else "上年"
    yield f"{year}整改台账中的{len(before)}个问题，已整改{mended}个"
    if still:
        names = [f"{entry.project}{f'的{entry.indicator}' if entry.indicator else ''}" for entry in still]
        yield f"，仍存在{len(still)}个（{listed(list(dict.fromkeys(names)), most=5)}）"
    if unseen := len(before) - mended - len(still):
        yield f"，本年没有核对的{unseen}个"
    yield "。"


def _aims(facts: Facts) -> Iterator[tuple[str, str, Piece]]:
    """Families of problems found, each with the facts behind it and what the forms or the ledger plan, else a slot."""
    totals = facts.totals
    who = "整改措施、责任人和完成时限"
    if totals.unexecuted or totals.low:
        counts = [f"未执行项目{len(totals.unexecuted)}个"] if totals.unexecuted else []
        counts += [f"执行率偏低项目{len(totals.low)}个"] if totals.low else []
        lines = (*totals.unexecuted, *totals.low)
        planned = _planned(facts, lines, [line.reason for line in lines])
        yield "加强预算执行管理", f"针对{'、'.join(counts)}，", planned or facts.told("execution", who)
    if facts.doubts or facts.wide:
        counts = [f"偏差较大的指标{facts.completion.wide}条"] if facts.wide else []
        counts += [f"绩效目标设定疑问{sum(kind.findings for kind in facts.doubts)}条"] if facts.doubts else []
        rows = facts.wide or facts.totals.under
        planned = _planned(facts, [row.project for row in rows], [row.indicator.reason for row in rows])
        yield "提高绩效目标设定质量", f"针对{'、'.join(counts)}，", planned or facts.told("targets", who)
    more = "自评工作机制、业务学习和部门对接等方面的措施"
    if unexplained := facts.completion.unexplained:
        more += f"；{unexplained}条扣分指标没有填写原因，应予补充"
    yield "规范绩效自评工作", "", facts.told("measures", more)


def _planned(facts: Facts, lines: Sequence[ProjectLine], reasons: Sequence[str]) -> str:
    """Measures for some projects: those typed into the ledger, else what their reasons say of the next steps."""
    ids = {(line.name, line.unit) for line in lines}
    typed = [entry.typed.get(MEASURES, "") for entry in facts.ledger if (entry.project, entry.unit) in ids]
    told = [text for text in typed if text]
    for reason in () if told else reasons:  # one step after the other: 下一步…；下一步…
        steps = (plans(part) for part in re.split("(?=下一步|下步)", inline(reason)))
        told += [re.split("[；;。]", text)[0] for text in steps if text]
    kept = [text for text in dict.fromkeys(clipped(text, _MEASURE) for text in told) if text][:_MEASURES]
    return f"拟采取的措施是：{'；'.join(kept)}" if kept else ""


_EXAMPLES = 3


def compared(facts: Facts) -> Iterator[Piece]:
    """One passage: what was compared, what was lowered, dropped or moved, the scores under the approved targets."""
    found = facts.batch.compared
    if found is None or not found.approved:
        yield "本次没有提供年初批复的绩效目标表，未与年初绩效目标对照，以下只依据自评表。"
        return
    if not found.projects:
        yield "提供的年初绩效目标表与自评项目不对应，未能对照，以下只依据自评表。"
        return
    whole, count = facts.totals.whole.projects, len(found.projects)
    rest = f"，其余{whole - count}个项目没有相应的年初目标" if whole > count else ""
    yield f"通过绩效自评结果对比倒查年初绩效目标，{count}个项目与年初批复的绩效目标逐条对照{rest}，"
    plans_of = found.projects.values()
    points = sum(all(row.points is None for row in plan.rows) for plan in plans_of)
    budgets = sum(plan.budget is None for plan in plans_of)
    if found.kept == count:
        what = ["目标", "指标", *(["分值"] if points < count else []), *(["预算"] if budgets < count else [])]
        yield f"{'、'.join(what[:-1])}和{what[-1]}均与批复一致，或已按程序调整。"
    else:
        yield f"其中{found.kept}个项目一致或已按程序调整，{count - found.kept}个项目有变动。"
    for what_, lacking in (("分值", points), ("预算数", budgets)):
        if lacking:
            yield f"{lacking}个项目的年初目标表没有{what_}，{what_}没有对照。"
    if found.kept == count:
        return
    open_changes = [change for change in found.changes if change.severity != INFO]
    counts = Counter(change.code for change in open_changes)
    words = {
        LOWERED: "降低（放宽）指标值{n}条", DROPPED: "减少指标{n}条", "TG04": "增加指标{n}条", POINTS: "变动分值{n}条",
        "TG06": "改变计量口径{n}条", "TG07": "改变符号{n}条", BUDGET: "年初预算数与批复不一致{n}个",
        GOAL: "改动年度目标{n}个", MISSING: "只有目标或只有自评的项目{n}个",
    }  # fmt: skip
    if told := [text.format(n=counts[code]) for code, text in words.items() if counts[code]]:
        yield f"没有调整手续的变动中，{'、'.join(told)}。"
    if hid := [change for change in open_changes if change.code == LOWERED and change.severity == ERROR]:
        yield from _lowered(found, hid)


def _lowered(found: Compared, hid: Sequence[Change]) -> Iterator[Piece]:
    """Lowered targets that hide a loss of points, and the totals under the approved ones."""
    yield f"其中{len(hid)}条实际没有达到年初目标而得分高于按年初目标应得的分数，如，"
    yield "；".join(
        f"{inline(change.project)}的{inline(change.name)}年初为{inline(change.approved)}，自评表为{inline(change.own)}，"
        f"实际完成{inline(change.actual)}，自评{plain(change.declared)}分，按年初目标应得{plain(change.rescored)}分"
        for change in hid[:_EXAMPLES]
    )
    yield "。"
    names = {change.project_id: change.project for change in found.changes}
    lower = []
    for key, total in found.totals.items():
        if total.rescored is not None and total.declared is not None and total.rescored < total.declared:
            changed = total.would_be and total.grade != total.would_be
            grade = f"，等级由{total.grade}变为{total.would_be}" if changed else ""
            name = inline(names.get(key, ""))
            lower.append(f"{name}为{plain(total.rescored)}分（自评{plain(total.declared)}分{grade}）")
    if lower:
        yield f"按年初目标复算，{'；'.join(lower[:_EXAMPLES])}。"


def departments(facts: Facts) -> Iterator[Piece]:
    """The departments' overall forms: their money, rate and score, apart from the projects."""
    found = facts.batch.compared
    if found is None or not (forms := found.departments):
        return
    yield f"部门整体支出绩效自评{len(forms)}份，资金和得分单独列示，不与项目合计："
    yield "；".join(inline(overall.told(form)) for form in forms[:_EXAMPLES])
    yield f"等{len(forms)}个部门。" if len(forms) > _EXAMPLES else "。"
    if wrong := sum(change.severity == ERROR for change in found.of_departments):
        yield f"其中有{wrong}处错误，见问题清单。"
