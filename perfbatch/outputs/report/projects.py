"""Reports project by project: one each in the form of Hubei and of Baoshan in Yunnan (conclusion first, then the
evidence), or one paragraph each for the published final accounts (决算公开)."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from perfbatch.decimals import percent, plain
from perfbatch.notation import says_nothing
from perfbatch.outputs.report.annexes import MOST_ROWS, selected
from perfbatch.outputs.report.draft import TABLES, TITLE_LINE, Draft
from perfbatch.outputs.report.facts import Facts
from perfbatch.outputs.report.phrases import (
    Piece,
    Slot,
    a_project,
    amount,
    causes,
    clipped,
    common_cause,
    execution,
    given_reasons,
    inline,
    plans,
    points,
    rate,
)
from perfbatch.outputs.report.township import grades, whole_sum
from perfbatch.totals.lines import Indicator, ProjectLine

MOST = 200  # projects that get a report; one takes about two pages


def write_each(draft: Draft, facts: Facts) -> None:
    """All projects, each on a new page; of too many the first ones, and which."""
    lines = [line for _, line in selected(facts, MOST, described=True)]
    for at, line in enumerate(lines):
        _project(draft, facts, line, first=at == 0)
    if facts.totals.whole.projects > len(lines):
        draft.text(
            f"注：共{facts.totals.whole.projects}个项目，本报告列出{len(lines)}个（未执行、得分低、金额大的项目优先）；"
            "其余项目请分批运行。"
        )


def _project(draft: Draft, facts: Facts, line: ProjectLine, *, first: bool) -> None:
    rows = facts.rows_of[line.project_id]
    title = f"{facts.period}{a_project(line.name)}"
    ending = "\n绩效自评报告" if len(title) > TITLE_LINE - 6 else "绩效自评报告"
    found = f"该项目自评表核查尚有错误{line.errors}条、疑问{line.warnings}条，见《绩效自评汇总表》的“问题清单”。"
    draft.title(title + ending, new_page=not first, note=found if line.errors or line.warnings else "")
    draft.heading(1, "一、自评结论")
    draft.heading(2, "（一）自评得分")
    score = Slot("自评得分") if line.score is None else points(line.score)
    draft.text(f"{a_project(line.name)}绩效自评得分", score, f"，评价等级为“{line.grade}”。" if line.grade else "。")
    draft.heading(2, "（二）绩效目标完成情况")
    draft.heading(3, "1. 预算执行情况")
    doubted = line.project_id in facts.doubted
    initial, adjusted, executed = (
        (what, amount(value, what, doubted=doubted))
        for what, value in (("年初预算数", line.initial), ("全年预算数", line.adjusted), ("全年执行数", line.executed))
    )
    rate_of = ["，", execution(line.rate, doubted=doubted)] if line.rate is not None else []
    draft.text(*initial, "；", *adjusted, "，", *executed, *rate_of, "。")
    draft.heading(3, "2. 完成的绩效目标")
    draft.text(_row_by_row([row for row in rows if row.met]) or "没有达到指标值的指标。")
    draft.heading(3, "3. 未完成的绩效目标")
    draft.text(_missed(rows))
    draft.heading(2, "（三）存在的问题和原因")
    draft.text(*problems(facts, line))
    draft.heading(2, "（四）下一步拟改进措施")
    draft.text(*measures(facts, line))
    draft.heading(1, "二、佐证材料")
    draft.heading(2, "（一）项目基本情况")
    form = facts.forms[line.project_id]
    kind = f"{inline(line.origin)}安排的" if line.origin.strip() else ""
    goal, finished = inline(form.goal_expected), inline(form.goal_actual)
    draft.text(
        f"{a_project(line.name)}为{facts.this_year}{kind}{inline(line.category).removesuffix('项目')}项目，项目依据",
        Slot("立项依据，如政策文件、批示、会议纪要、协议"),
        f"。{f'年度绩效目标为：{goal}。' if goal else ''}{f'完成情况为：{finished}。' if finished else ''}",
    )
    draft.heading(2, "（二）自评工作开展情况")
    draft.text(Slot("自评组织、方法和过程"), "。")
    draft.heading(2, "（三）绩效评价指标分析")
    met = sum(row.met for row in rows)
    which = f"其中{met}条" if met < len(rows) else "均" if met > 1 else ""
    told = f"项目共设置{len(rows)}条绩效指标，{which}达到指标值，逐条情况如下："
    draft.text(told if rows else "自评表没有绩效指标。")
    cells = [
        (
            row.level1, row.level2, row.level3, row.target, row.actual, row.points,
            row.score if row.score_declared is None else row.score_declared, row.reason,
        )
        for row in rows
    ]  # fmt: skip
    if cells:
        draft.table(TABLES["indicators"], cells)
    draft.signature(inline(line.unit or facts.unit) or Slot("单位名称"), facts.day)


def _missed(rows: Sequence[Indicator]) -> str:
    """Rows that fell short, and how many say too little to tell."""
    if not rows:
        return "自评表没有绩效指标。"
    unclear = [row for row in rows if row.open]
    short = _row_by_row([row for row in rows if row.short], reasons=True)
    if not unclear:
        return short or "各项指标均已达到指标值。"
    names = "、".join(inline(row.name) for row in unclear)
    return f"{short}{'另有' if short else ''}{len(unclear)}条指标没有完成值或得分，不能判断是否完成：{names}。"


def _row_by_row(rows: Sequence[Indicator], *, reasons: bool = False) -> str:
    """Rows by level-1 group: name, target and value done; with `reasons` the points lost and why."""
    parts = []
    for level1, some in groupby(rows, key=lambda row: row.level1):
        told = []
        for row in some:
            text = result(row)
            if reasons:
                lost = f"，扣{plain(row.lost)}分" if row.lost and row.lost > 0 else ""
                why = (
                    "没有填写原因" if says_nothing(row.reason) else f"原因是：{causes(row.reason) or plans(row.reason)}"
                )
                text += f"{lost}，{why}"
            told.append(text)
        parts.append(f"{inline(level1)}：{'；'.join(told)}。" if level1 else f"{'；'.join(told)}。")
    return "".join(parts)


def write_public(draft: Draft, facts: Facts) -> None:
    """Overview and one paragraph a project."""
    note = (
        "公开前请核对：文字中没有个人姓名、电话等信息；金额、得分与自评表和部门决算一致；涉密项目已经删去；"
        "自评表中的错误和疑问已经处理。"
    )
    draft.title(inline(facts.unit) or Slot("单位名称"), f"{facts.period}项目绩效自评综述", note=note)
    whole = facts.totals.whole
    rate_of = ["，", execution(whole.rate, doubted=bool(facts.doubted))] if whole.rate is not None else []
    draft.text(
        f"根据预算绩效管理要求，{facts.we}组织对{facts.this_year}{whole.projects}个预算项目开展绩效自评，涉及全年预算数",
        whole_sum(facts, "adjusted"),
        "，全年执行数",
        whole_sum(facts, "executed"),
        *rate_of,
        f"。{grades(facts)}",
    )
    shown = selected(facts, MOST_ROWS, described=True)
    for number, (_, line) in enumerate(shown, 1):
        draft.text(*_paragraph(facts, line, number))
    if whole.projects > len(shown):
        draft.text(f"注：共{whole.projects}个项目，以上为其中{len(shown)}个（未执行、得分低、金额大的项目优先）。")
    draft.signature(inline(facts.unit) or Slot("单位名称"), facts.day)


def _paragraph(facts: Facts, line: ProjectLine, number: int) -> Iterator[Piece]:
    score = line.score
    yield f"{number}. {a_project(line.name)}绩效自评综述：根据年初设定的绩效目标，该项目绩效自评得分为"
    yield Slot("自评得分") if score is None else points(score)
    budget, what = line.adjusted, "全年预算数"
    if budget is None and line.rate is not None and line.initial is not None:  # rulesets that divide by it
        budget, what = line.initial, "年初预算数"
    yield f"。{what}为"
    doubted = line.project_id in facts.doubted
    yield from (amount(budget, "全年预算数", doubted=doubted), "，执行数为")
    yield amount(line.executed, "全年执行数", doubted=doubted)
    if line.rate is None or budget is None:
        yield "。"
    else:
        doubt = doubted or line.rate > 1
        yield from ("，", execution(line.rate, doubted=doubted) if doubt else f"完成预算的{percent(line.rate)}", "。")
    form, rows = facts.forms[line.project_id], facts.rows_of[line.project_id]
    finished, met = inline(form.goal_actual), "；".join(result(row) for row in rows if row.met)
    yield from ("绩效目标完成情况：", finished or met or Slot("绩效目标完成情况"), "。发现的主要问题及原因：")
    yield from problems(facts, line)
    short = line.executed == 0 or line.project_id in facts.low or any(row.short for row in rows)
    if short or form.problems.strip() or form.measures.strip():
        yield "下一步改进措施："
        yield from measures(facts, line)


_SIGNS = "=＝≥≤>＞<＜±"


def result(row: Indicator) -> str:
    """Name, target and value done of one indicator."""
    said = inline(row.target)
    colon = "" if said[:1] in _SIGNS or said[:1].isdigit() else "："
    goal = f"（指标值{colon}{said}）" if said else ""
    return f"{inline(row.name)}{goal}实际为{inline(row.actual) or '（未填写）'}"


def problems(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    """What the form says about problems, else what its rows show with the reasons given; copied, not made up."""
    said = inline(facts.forms[line.project_id].problems)
    rows = [row for row in facts.rows_of[line.project_id] if row.short]
    idle, low = line.executed == 0, line.project_id in facts.low
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
    cells = reason_cells(facts, line)  # each cause once; of an unexecuted project what all its cells share
    if given := clipped(common_cause(cells) if idle else "") or given_reasons(cells):
        yield f"原因是：{given}。"
    elif not said:
        yield from ("原因是", Slot("原因；自评表没有填写"), "。")


def measures(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    """Measures written on the form, in its own box or in the reason cells; else a slot."""
    said = inline(facts.forms[line.project_id].measures)
    given = [said] if said and not says_nothing(said) else []
    given += [text for cell in reason_cells(facts, line) if (text := plans(cell))]
    if given:
        yield f"{'；'.join(dict.fromkeys(given))}。"
    else:
        yield from (Slot("下一步改进措施，没有的写明“无”"), "。")


def reason_cells(facts: Facts, line: ProjectLine) -> list[str]:
    """Reasons on the form: of the funds and of rows that fell short."""
    cells = [facts.forms[line.project_id].fund_reason] if line.executed != line.adjusted else []
    cells += [row.reason for row in facts.rows_of[line.project_id] if row.short]
    return [cell for cell in cells if not says_nothing(cell)]
