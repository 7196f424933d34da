"""The spot-checked projects: their list in one sentence, then a paragraph on each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from perfbatch.decimals import percent
from perfbatch.evidence.index import STATES
from perfbatch.followup.review import EQUAL, LARGE, WITHIN
from perfbatch.outputs.report.draft import Draft
from perfbatch.outputs.report.facts import Facts, Row
from perfbatch.outputs.report.phrases import (
    Piece,
    Slot,
    a_project,
    amount,
    before_figure,
    clipped,
    done,
    execution,
    given_reasons,
    inline,
    listed,
    money,
    points,
)
from perfbatch.totals.lines import ProjectLine, lost_points

MOST = 30  # projects that get a paragraph; the rest are in the workpaper
_BOUGHT = ("工程", "建设", "采购", "购置", "设备", "维修", "改造")
_TOLD = ("数量指标", "质量指标", "时效指标", "满意度")  # kinds of indicators a paragraph tells of
_GOAL, _SHORT, _LOST = 150, 40, 3  # characters of a goal and of a reason in brackets; points lost that are told
_NOTED = 5  # findings that a margin note lists


def listing(facts: Facts) -> Iterator[Piece]:
    """The sentence that lists the projects with the money spent, then what share they are."""
    sample = facts.totals.sample
    known = [line for line in sample[:MOST] if line.executed is not None]
    if known:
        yield f"其中，抽查项目{len(sample)}个，{'分别是' if len(known) > 1 else '是'}"
        for at, line in enumerate(known):
            yield f"{'、' if at else ''}{before_figure(line.name)}"
            yield amount(line.executed, "全年执行数", doubted=line.project_id in facts.doubted)
        yield f"等{len(sample)}个项目。" if len(sample) > MOST else "。"
        yield from _coverage(facts)
        yield _reviews(facts)
    if unknown := [facts.owner(line) + line.name for line in sample if line.executed is None]:
        yield f"抽查的{listed(unknown)}未能从自评表读取全年执行数。"


def write(draft: Draft, facts: Facts) -> None:
    """A paragraph on each project."""
    sample = facts.totals.sample
    for line in sample[:MOST]:
        draft.text(*_paragraph(facts, line), note=_doubts(facts, line))
    if lacking := [line for line in sample[:MOST] if not facts.basis(line)]:
        whose = "上述抽查项目的" if len(lacking) == len(sample[:MOST]) > 1 else f"{listed(facts.owned(lacking))}的"
        draft.text(f"{whose}立项依据和实施情况：", Slot(_prompt(lacking), lasting=True), "。")
    if facts.batch.evidence is not None and sample:
        draft.text(*_papers(facts), note=_PAPERS_NOTE)
    if len(sample) > MOST:
        draft.text(f"以上为{len(sample)}个抽查项目中的前{MOST}个，其余见《抽查工作底稿》。")


_PAPERS_NOTE = (
    "由程序按佐证材料检索得出，逐项位置见《绩效自评汇总表》的“佐证索引”；找到不同、未找到的请核实后定稿，"
    "图片和扫描件的内容程序没有读取。"
)


def _papers(facts: Facts) -> Iterator[Piece]:
    """What the supporting documents of the sampled projects gave, in figures."""
    evidence = facts.batch.evidence
    ids = [line.project_id for line in facts.totals.sample]
    made = [evidence.projects[key] for key in ids if key in evidence.projects] if evidence is not None else []
    documents = sum(len(one.read) for one in made)
    yield f"抽查项目中有{len(made)}个提供了佐证材料，共{documents}份"
    if unread := sum(document.state != "read" for one in made for _, document in one.read):
        yield f"，其中{unread}份为图片、扫描件或未能读取"
    states = Counter(entry.state for one in made for entry in one.entries)
    if figures := states.total():
        told = "，".join(f"{STATES[state]}的{states[state]}项" for state in STATES if states[state])
        yield f"。核对执行数、完成值和完成时间{figures}项，{told}"
    if lacking := sum(len(one.missing) for one in made):
        yield f"；{lacking}条指标缺少应备的佐证材料"
    yield "。"
    if without := len(ids) - len(made):
        yield f"{without}个抽查项目没有提供佐证材料。"


def _coverage(facts: Facts) -> Iterator[Piece]:
    drawn, (number, share) = facts.totals.drawn, facts.totals.drawn_shares
    if number is not None:
        yield f"抽查项目占项目总数的{percent(number)}，"
    doubted = any(line.project_id in facts.doubted for line in facts.totals.sample)
    yield from ("抽查金额合计", amount(drawn.executed, "抽查金额合计", doubted=doubted))
    if share is not None and not facts.doubted:
        yield f"，占全年执行数的{percent(share)}"
    yield "。"


def _reviews(facts: Facts) -> str:
    found = [made for line in facts.totals.sample if (made := facts.reviewed(line.project_id)) and made.level]
    if not found:
        return ""
    levels = Counter(made.level for made in found)
    words = {EQUAL: "得分一致的", WITHIN: "差异较小的", LARGE: "差异较大的"}
    parts = [f"{word}{levels[level]}个" for level, word in words.items() if levels[level]]
    return f"已复核{len(found)}个项目，复核得分与自评得分相比，{'、'.join(parts)}。"


def _prompt(lines: Sequence[ProjectLine]) -> str:
    """What only people know of some projects, asked for in one place."""
    asked = ["逐个写明立项依据（政策文件、批示、会议纪要、协议）"]
    if any(not line.origin.strip() for line in lines):
        asked.append("预算安排方式（年初预算或追加预算）")
    if any(not line.category.strip() for line in lines):
        asked.append("项目类别")
    if any(word in line.category + line.name for line in lines for word in _BOUGHT):
        asked.append("工程和采购项目的采购方式、承建（供应）单位、开工竣工验收时间")
    return "，".join(asked)


def _paragraph(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    yield f"{a_project(line.name)}为{inline(line.unit) if facts.several else ''}{facts.this_year}"
    if line.origin.strip():
        yield f"{inline(line.origin)}安排的"
    yield f"{inline(line.category)}项目"
    if basis := facts.basis(line):
        yield f"，项目依据{basis}"
    told = list(_money(facts, line))
    yield from ("，", *told) if any(told) else ("。",)
    goals = "".join(_goals(facts, line))
    yield goals
    if line.executed != 0:
        yield _indicators(facts.rows_of(line.project_id), goals)
    yield from _score(facts, line)


def _money(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    doubted = line.project_id in facts.doubted
    if not doubted and line.adjusted and line.executed == line.adjusted:
        yield f"全年执行数{money(line.adjusted)}，为全年预算数的100%。"
        return
    amounts = (("全年预算数", line.adjusted), ("全年执行数", line.executed))
    known = [(label, value) for label, value in amounts if value is not None]
    for at, (label, value) in enumerate(known):
        yield from ("，" if at else "", label, amount(value, label, doubted=doubted))
    if len(known) == 2 and line.rate:
        yield from ("，", execution(line.rate, doubted=doubted))
    yield "。" if known else ""


def _goals(facts: Facts, line: ProjectLine) -> Iterator[str]:
    form = facts.forms[line.project_id]
    if goal := clipped(form.goal_expected, _GOAL):
        yield f"年度绩效目标为：{goal}。"
    if finished := clipped(form.goal_actual, _GOAL):
        yield f"完成情况为：{finished}。"


def _indicators(rows: Sequence[Row], said: str) -> str:
    """The first row of each told kind with the value done, unless its figure stands in the goals already."""
    told = []
    for kind in _TOLD:
        some = (row for row in rows if kind in row.level2 and row.name and row.actual_kind != "nil")
        row = next(some, None)
        if row is not None and not (inline(row.actual)[:1].isdigit() and inline(row.actual) in said):
            told.append(done(inline(row.name), inline(row.actual)))
    return f"主要绩效指标中，{'，'.join(told)}。" if told else ""


def _score(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    """The score, the points lost with the reasons of the form, and what the review made of it."""
    yield "该项目绩效自评得分"
    yield Slot("自评得分") if line.score is None else points(line.score)
    lost = list(_lost(facts, line)) if line.executed != 0 else []
    if lost:
        rest = f"等{len(lost)}项" if len(lost) > _LOST else ""
        yield f"，其中{'、'.join(lost[:_LOST])}{rest}"
    yield from _review(facts, line)
    yield "。"


def _lost(facts: Facts, line: ProjectLine) -> Iterator[str]:
    parts = (line.execution_points, line.execution_declared, line.execution_score)
    if lost := lost_points(*parts):
        yield f"预算执行率扣{points(lost)}" if lost > 0 else ""
    said: set[str] = set()
    for row in facts.rows_of(line.project_id):
        if row.lost and row.lost > 0:
            reason = given_reasons([row.reason], _SHORT)
            yield f"{inline(row.name)}扣{points(row.lost)}" + (f"（{reason}）" if reason and reason not in said else "")
            said.add(reason)


def _review(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    """What the filled workpaper makes of the score; nothing without one."""
    found = facts.reviewed(line.project_id)
    if found is None or found.score is None:
        return
    yield f"，抽查复核得分{points(found.score)}"
    if found.open:
        yield f"（{found.open}条指标未核查，按自评得分计）"
    if found.difference == 0:
        yield "，与自评得分一致"
    elif found.difference is not None:
        yield f"，比自评得分{'低' if found.difference > 0 else '高'}{points(abs(found.difference))}"
    if found.level == LARGE:
        yield "，差异较大，"
        yield Slot("差异原因和处理意见")


def _doubts(facts: Facts, line: ProjectLine) -> str:
    """Margin note: the findings about this project, and a computed score that differs."""
    found = facts.findings_of(line.project_id)
    parts = [f"{finding.code} {finding.message}" for finding in found[:_NOTED]]
    if len(found) > _NOTED:
        parts.append(f"另有{len(found) - _NOTED}条，见《绩效自评汇总表》的“问题清单”。")
    if line.declared is not None and line.computed is not None and line.declared != line.computed:
        parts.append(f"自评得分{points(line.declared)}，按评分规则复算为{points(line.computed)}。")
    return "该项目待核实的事项：\n" + "\n".join(parts) if parts else ""
