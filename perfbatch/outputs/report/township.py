"""The report of a township or department (河北乡镇 form), section by section as in the model of 安肃镇 for 2023;
the spot-checked projects by a sentence that lists them, then a paragraph each."""

from collections import Counter
from collections.abc import Iterator

from perfbatch.decimals import percent, plain
from perfbatch.evidence.index import STATES
from perfbatch.followup.review import EQUAL, LARGE, WITHIN
from perfbatch.outputs.report import annexes, quality
from perfbatch.outputs.report.draft import TITLE_LINE, Draft
from perfbatch.outputs.report.facts import Facts
from perfbatch.outputs.report.phrases import (
    NO_NAME,
    VERIFY,
    Piece,
    Slot,
    a_project,
    amount,
    band,
    before_figure,
    clipped,
    common_cause,
    done,
    execution,
    given_reasons,
    inline,
    listed,
    money,
    points,
    rate,
)
from perfbatch.outputs.wording import counted_once
from perfbatch.totals.lines import ProjectLine, lost_points
from perfbatch.totals.reached import MONEY
from perfbatch.totals.sums import UNSTATED

NO_UNIT = "单位名称"


def write(draft: Draft, facts: Facts) -> None:
    """The whole report with its annexes."""
    draft.title(*([] if inline(facts.unit) else [Slot(NO_UNIT)]), title(facts), note=_about(facts))
    _organisation(draft, facts)
    draft.heading(1, "二、绩效目标实现情况")
    draft.heading(2, "（一）部门总体工作开展情况")
    draft.text(facts.told("work", f"{facts.this_year}部门主要职责履行和重点工作完成情况，约一页"))
    draft.heading(2, "（二）具体预算支出项目的预期绩效目标完成情况、存在问题及评价结论")
    _completion(draft, facts)
    if found := list(_kinds_of_problems(facts)):  # that the forms themselves show
        told = "".join(f"{word}是{text}。" for word, text in zip("一二三四五", found, strict=False))
        draft.text(f"存在问题：{told}")
    else:
        draft.text("存在问题：", facts.told("problems", "自评发现的问题；自评表数据中没有反映"), "。")
    _conclusion(draft, facts)
    quality.write(draft, facts)
    quality.write_measures(draft, facts)
    listed_below = annexes.planned(facts)
    draft.enclosures([title for title, _ in listed_below])
    draft.signature(inline(facts.unit) or Slot(NO_UNIT), facts.day)
    for heading, put in listed_below:
        draft.annex(heading)
        put(draft, facts)


def title(facts: Facts) -> str:
    """Unit, year and kind of report; broken after the unit when it takes two lines."""
    unit, year = inline(facts.unit), f"{facts.year}年度" if facts.year else "年度"
    kind = f"{year}部门预算项目绩效自评工作报告"
    return f"{unit}\n{kind}" if unit and len(unit + kind) > TITLE_LINE else unit + kind


def _about(facts: Facts) -> str:
    found, files = facts.totals.severities, facts.totals.files
    parts = [
        "本报告是根据自评表自动生成的草稿。标黄的【待填写：…】须由人工填写，填写前不得作为正式报告报送；"
        "原因等引自自评表的文字请一并核对。",
        f"自评表核查尚有错误{found['error']}条、疑问{found['warning']}条，详见《绩效自评汇总表》的“问题清单”。",
        *counted_once(facts.batch),
    ]
    if unread := files["refused"] + files["failed"]:
        parts.append(
            f"有{unread}个文件未能读取或未能全部读取，本报告不含没有读出的部分，详见《绩效自评汇总表》的“读取情况”。"
        )
    return "\n".join(parts)


def _organisation(draft: Draft, facts: Facts) -> None:
    draft.heading(1, "一、绩效自评工作组织开展情况")
    draft.text(*_work_done(facts))
    draft.text(*_sums(facts))
    if told := list(quality.departments(facts)):
        draft.text(*told)
    notes = []
    whole = facts.totals.whole
    if whole.bands_differ:
        words = "，".join(band(name, count) for name, count in whole.bands_computed.items() if name != UNSTATED)
        notes.append(f"得分段按自评表填写的得分统计；按评分规则复算为：{words}。两者不同，请先核实得分再定稿。")
    if facts.batch.draw.note:
        notes.append(facts.batch.draw.note)
    if of_batch := [finding.message.rstrip("。") for finding in facts.batch.findings if not finding.file]:
        notes.append(f"关于整批：{'；'.join(dict.fromkeys(of_batch))}。")
    counts = dict(facts.totals.bands)
    unknown = counts.pop(UNSTATED, 0)
    bands = "，".join(band(name, count) for name, count in counts.items())
    scored = f"，自评得分{bands}" if any(counts.values()) else ""
    scored += f"，未填自评得分的{unknown}个" if unknown else ""
    spent = ("预算项目支出（全年执行数）总计", whole_sum(facts, "executed"), f"{scored}。")
    draft.text(*spent, *_listing(facts), note="\n".join(notes))
    sampled(draft, facts)


def _work_done(facts: Facts) -> Iterator[Piece]:
    """What was done; of the spot check nothing but what a filled workpaper shows."""
    totals = facts.totals
    whose = "" if facts.several else facts.we
    yield from ("根据", inline(facts.settings.notice) or Slot("开展绩效自评工作的通知名称和文号"), f"要求，{whose}")
    yield facts.told("organisation", "汇报、责任分工等组织领导情况")
    yield (
        f"。{'各单位' if facts.several else '按要求'}填报{facts.this_year}预算项目绩效自评表{totals.whole.projects}份，"
    )
    if totals.indicators:
        yield f"对{totals.indicators}条绩效指标的目标值、完成值和得分逐条核对，"
    reviewed = [facts.reviewed(line.project_id) for line in totals.sample]
    if checked := sum(found is not None and found.score is not None for found in reviewed):
        yield f"对{checked}个抽查项目逐条指标核查佐证资料和得分，"
    elif totals.sample:
        yield f"抽取{len(totals.sample)}个项目作为抽查对象，"
    yield "撰写自评报告。"
    yield facts.told(
        "supervision", "日常绩效监控和资金管理情况；专项监督检查、审计发现问题及整改情况，没有的写明“未发现问题”"
    )
    yield "。"


def whole_sum(facts: Facts, column: str) -> Piece:
    """A sum over all projects, or a slot where no form states the figure."""
    whole = facts.totals.whole
    if whole.unknown[column] == whole.projects:
        return Slot(f"{MONEY[column]}合计，单位万元")
    value = money(whole.money[column])
    if not facts.doubted:
        return value
    return Slot(f"{value}，其中{listed(facts.owned(facts.totals.doubted))}可能填错了金额单位", VERIFY)


def _sums(facts: Facts) -> Iterator[Piece]:
    """Every sum with the column it is of; the figures of groups are in the annex."""
    whole = facts.totals.whole
    if facts.several:
        yield f"本次自评涉及{len(facts.totals.units)}个单位，各单位情况见附件。"
        if attendance := facts.batch.attendance:
            yield from attendance.told()[:1]
    yield from (f"{whole.projects}个项目年初预算数", whole_sum(facts, "initial"))
    yield from ("；全年预算数", whole_sum(facts, "adjusted"))  # apart, as the rate is not of the first figure
    if not facts.doubted and (change := whole.adjustment):  # where every project states both figures
        yield f"（比年初{'增加' if change > 0 else '减少'}{money(abs(change))}）"
    yield from ("，全年执行数", whole_sum(facts, "executed"))
    if not facts.doubted and whole.left_over is not None and whole.left_over > 0:
        yield f"，结余{money(whole.left_over)}"
    yield from ("，", execution(whole.rate, doubted=bool(facts.doubted)), "。") if whole.rate is not None else ("。",)
    gaps = [f"{MONEY[name]}有{count}个项目" for name, count in whole.unknown.items() if 0 < count < whole.projects]
    if gaps:
        yield f"其中{'、'.join(gaps)}未能从自评表读取，未计入。"
    origins = []
    for group in facts.totals.origins:
        if group.name != UNSTATED:
            budget = group.stated("adjusted")
            told = "" if budget is None else f"，全年预算数{money(budget)}"
            origins.append(f"{inline(group.name)}安排的{group.projects}个{told}")
    if origins:
        yield f"按预算安排方式分，{'；'.join(origins)}。"
    sources = facts.totals.reached.by_source
    if len(sources) > 1 and not facts.doubted:
        told_of = []
        for name, source in sources.items():
            budget, spent = source.stated("adjusted"), source.stated("executed")
            text = f"{name}{source.projects}个项目" + ("" if budget is None else f"、{money(budget)}")
            told_of.append(text if spent is None or spent == budget else f"{text}，执行{money(spent)}")
        yield f"按资金来源分，{'；'.join(told_of)}。"


def _completion(draft: Draft, facts: Facts) -> None:
    """How many projects completed their goals; which ones did not and why, in the words of the forms."""
    whole, goals = facts.totals.whole, facts.totals.goals
    missed, unclear = facts.completion.missed, facts.completion.unclear
    text = f"{'' if facts.several else facts.we}{facts.this_year}预算支出项目{whole.projects}个"
    if facts.completion.completed or missed:
        text += f"，{facts.completion.completed}个项目总体完成了预期绩效目标"
    if missed:
        text += f"，{len(missed)}个未完成，具体项目是{listed(facts.owned(facts.completion.missed))}"
    if unclear and len(unclear) == whole.projects:
        text += f"，{_UNCLEAR}"
    definition = (
        f"“总体完成”按全年执行数大于0且自评得分在{points(facts.bounds[0]) if facts.bounds else '最高得分段'}以上统计。"
        f"按定量指标逐条核对，没有未达标指标的项目为{goals['met']}个，有未达标指标的{goals['missed']}个，"
        f"未执行{goals['idle']}个。请确认口径后定稿。"
    )
    draft.text(*_with_causes(facts, text), note=definition)
    if facts.totals.indicators:
        met = [f"{facts.completion.met}个项目完成全部绩效目标"]
        executed, unjudged, idle = facts.completion.executed, facts.completion.open, whole.unexecuted
        if short := executed - facts.completion.met - unjudged:
            met.append(f"{short}个项目有指标未达到指标值或未得满分")
        if idle:
            met.append(f"{idle}个项目全年没有执行")
        if unjudged:
            met.append(f"{unjudged}个项目没有绩效指标或有指标没有完成值、得分，不作判断")
        if unread := whole.projects - executed - idle:
            met.append(f"{unread}个项目的全年执行数未能读取，不作判断")
        draft.text(f"按指标逐条核对，{'，'.join(met)}。")
        draft.text(*_levels(facts))


def _levels(facts: Facts) -> Iterator[str]:
    """Indicators reached by level-1 group with the mean scores, and the range of satisfaction."""
    mean = "平均" if facts.totals.whole.projects > 1 else ""
    told = []
    for name, level in facts.totals.reached.levels.items():
        all_of_them = "均" if level.indicators > 1 else ""
        which = all_of_them if level.rows["met"] == level.indicators else f"，{level.rows['met']}条"
        text = f"{inline(name) or '未分类的指标'}{level.indicators}条{which}达到指标值"
        if level.mean_score is not None and level.mean_points is not None:
            text += f"，{mean}得分{points(level.mean_score)}（{mean}分值{points(level.mean_points)}）"
        told.append(text)
    yield f"按一级指标统计，{'；'.join(told)}。"
    if found := facts.totals.reached.satisfied:
        low, high = (f"{plain(value)}%" for value in (min(found), max(found)))
        span = f"为{low}" if low == high else f"在{low}至{high}之间"
        yield f"已执行项目的满意度指标完成值{span}。"


_UNCLEAR = "没有自评得分或未能读取全年执行数，不能判断是否完成预期绩效目标"


def _with_causes(facts: Facts, text: str) -> Iterator[Piece]:
    """What was completed, why projects were not executed, which ones are not completed though money was spent."""
    idle, unclear = facts.totals.unexecuted, facts.completion.unclear
    yield text
    if idle:
        cause = clipped(_shared_cause(facts))
        yield "，未完成原因是" if len(idle) == len(facts.completion.missed) else "。其中未执行项目的原因是"
        yield cause or Slot("未执行原因；自评表没有填写，或各项目的原因不一致（见附件）")
        yield f"，{len(idle)}个预算项目未执行"
    yield "。"
    scored = [(line, score) for line in facts.completion.missed if line.executed and (score := line.score) is not None]
    if scored:
        names = [f"{inline(facts.owner(line) + line.name) or NO_NAME}（{points(score)}）" for line, score in scored]
        yield f"已执行但自评得分未达到{points(facts.bounds[0])}的项目有{listed(names)}。"
    if unclear and len(unclear) < facts.totals.whole.projects:
        yield f"另有{len(unclear)}个项目{_UNCLEAR}，具体项目是{listed(facts.owned(unclear))}。"


def _shared_cause(facts: Facts) -> str:
    """What all reason cells of all unexecuted projects say, '' when one project has none or they differ."""
    cells: list[str] = []
    for line in facts.totals.unexecuted:
        form = facts.forms.get(line.project_id)
        of_funds = [form.fund_reason] if form and form.fund_reason.strip() else []
        mine = of_funds or [row.reason for row in facts.rows_of[line.project_id] if row.reason.strip()] or [line.reason]
        if not any(text.strip() for text in mine):
            return ""
        cells += mine
    return common_cause(cells)


def _kinds_of_problems(facts: Facts) -> Iterator[str]:
    totals = facts.totals
    if idle := totals.unexecuted:
        yield f"{len(idle)}个项目全年没有执行，涉及全年预算数{money(facts.completion.idle_budget)}"
    if low := totals.low:
        names = [f"{inline(facts.owner(line) + line.name)}（执行率{rate(line.rate)}）" for line in low]
        yield f"{len(low)}个项目预算执行率偏低，分别是{listed(names, most=5)}"
    done = facts.completion
    if done.short:
        text = f"{done.short}个已执行项目的{done.short_rows}条指标未达到指标值或未得满分"
        yield text + (f"，其中{done.wide}条偏差较大" if done.wide else "")
    if totals.over:
        several = f"{done.over}个项目的{totals.off['over']}条" if done.over > 1 else f"有{totals.off['over']}条"
        yield f"{several}指标超额完成幅度较大"
    if facts.completion.unexplained:
        yield f"{facts.completion.unexplained}条扣分指标没有填写偏差原因"


def _conclusion(draft: Draft, facts: Facts) -> None:
    totals, whole = facts.totals, facts.totals.whole
    pieces: list[Piece] = ["评价结论："]
    if whole.declared_mean is not None and totals.highest is not None and totals.lowest is not None:
        of = f"{whole.projects}个项目" if whole.scored == whole.projects else f"填有自评总分的{whole.scored}个项目"
        pieces.append(
            f"{of}平均得分为{points(whole.declared_mean)}，最高{points(totals.highest)}，最低{points(totals.lowest)}；"
            if whole.scored > 1
            else f"{of}自评得分为{points(whole.declared_mean)}；"
        )
    same, computed = totals.agreement, whole.computed_mean
    note = (
        "平均、最高、最低得分和等级按自评表填写的得分统计，没有填写的按复算得分。"
        f"逐条复算：得分一致{same['equal']}条，四舍五入差异{same['near']}条，不一致{same['different']}条，"
        f"不能复算{same['open']}条。" + (f"复算平均得分{points(computed)}。" if computed is not None else "")
    )
    draft.text(*pieces, grades(facts), facts.told("effect", "对项目实施效果的总体评价"), "。", note=note)


def grades(facts: Facts) -> str:
    """How many projects got which grade."""
    counts = dict(facts.totals.grades)
    without = counts.pop(UNSTATED, 0)
    words = "、".join(f"“{name}”{count}个" for name, count in counts.items()) if any(counts.values()) else ""
    rest = f"未评定等级的{without}个" if without else ""
    return "，".join(part for part in (f"评价等级为{words}" if words else "", rest) if part) + "。"


MOST = 30  # projects that get a paragraph; the rest are in the workpaper
_BOUGHT = ("工程", "建设", "采购", "购置", "设备", "维修", "改造")
_TOLD = ("数量指标", "质量指标", "时效指标", "满意度")  # kinds of indicators a paragraph tells of
_GOAL, _SHORT, _LOST = 150, 40, 3  # characters of a goal and of a reason in brackets; points lost that are told
_NOTED = 5  # findings that a margin note lists


def _listing(facts: Facts) -> Iterator[Piece]:
    """The sentence that lists the projects with the money spent, then what share they are."""
    sample = facts.totals.sample
    if known := [line for line in sample[:MOST] if line.executed is not None]:
        yield f"其中，抽查项目{len(sample)}个，{'分别是' if len(known) > 1 else '是'}"
        for at, line in enumerate(known):
            yield f"{'、' if at else ''}{before_figure(line.name)}"
            yield amount(line.executed, "全年执行数", doubted=line.project_id in facts.doubted)
        yield f"等{len(sample)}个项目。" if len(sample) > MOST else "。"
        drawn, (number, share) = facts.totals.drawn, facts.totals.drawn_shares
        if number is not None:
            yield f"抽查项目占项目总数的{percent(number)}，"
        doubted = any(line.project_id in facts.doubted for line in sample)
        yield from ("抽查金额合计", amount(drawn.money["executed"], "抽查金额合计", doubted=doubted))
        if share is not None and not facts.doubted:
            yield f"，占全年执行数的{percent(share)}"
        yield "。"
        found = [made.level for line in sample if (made := facts.reviewed(line.project_id)) and made.level]
        if found:
            words = {EQUAL: "得分一致的", WITHIN: "差异较小的", LARGE: "差异较大的"}
            parts = [f"{word}{found.count(level)}个" for level, word in words.items() if level in found]
            yield f"已复核{len(found)}个项目，复核得分与自评得分相比，{'、'.join(parts)}。"
    if unknown := [facts.owner(line) + line.name for line in sample if line.executed is None]:
        yield f"抽查的{listed(unknown)}未能从自评表读取全年执行数。"


def sampled(draft: Draft, facts: Facts) -> None:
    """A paragraph on each project."""
    sample = facts.totals.sample
    for line in sample[:MOST]:
        draft.text(*_paragraph(facts, line), note=_doubts(facts, line))
    if lacking := [line for line in sample[:MOST] if not facts.basis(line)]:
        whose = "上述抽查项目的" if len(lacking) == len(sample[:MOST]) > 1 else f"{listed(facts.owned(lacking))}的"
        asked = ["逐个写明立项依据（政策文件、批示、会议纪要、协议）"]
        if any(not line.origin.strip() for line in lacking):
            asked.append("预算安排方式（年初预算或追加预算）")
        if any(not line.category.strip() for line in lacking):
            asked.append("项目类别")
        if any(word in line.category + line.name for line in lacking for word in _BOUGHT):
            asked.append("工程和采购项目的采购方式、承建（供应）单位、开工竣工验收时间")
        draft.text(f"{whose}立项依据和实施情况：", Slot("，".join(asked), lasting=True), "。")
    if facts.batch.evidence is not None and sample:
        note = (
            "由程序按佐证材料检索得出，逐项位置见《绩效自评汇总表》的“佐证索引”；找到不同、未找到的请核实后定稿，"
            "图片和扫描件的内容程序没有读取。"
        )
        draft.text(*_papers(facts), note=note)
    if len(sample) > MOST:
        draft.text(f"以上为{len(sample)}个抽查项目中的前{MOST}个，其余见《抽查工作底稿》。")


def _papers(facts: Facts) -> Iterator[Piece]:
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


def _paragraph(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    yield f"{a_project(line.name)}为{inline(line.unit) if facts.several else ''}{facts.this_year}"
    if line.origin.strip():
        yield f"{inline(line.origin)}安排的"
    yield f"{inline(line.category).removesuffix('项目')}项目"
    if basis := facts.basis(line):
        yield f"，项目依据{basis}"
    amounts = list(_money(facts, line))
    yield from ("，", *amounts) if any(amounts) else ("。",)
    form, goals = facts.forms[line.project_id], ""
    if goal := clipped(form.goal_expected, _GOAL):
        goals = f"年度绩效目标为：{goal}。"
    if finished := clipped(form.goal_actual, _GOAL):
        goals += f"完成情况为：{finished}。"
    yield goals
    told = []
    for kind in _TOLD if line.executed != 0 else ():  # the first row of each kind, unless the goals give its figure
        of_kind = (row for row in facts.rows_of[line.project_id] if kind in row.level2)
        row = next((row for row in of_kind if row.name and row.actual_kind != "nil"), None)
        if row is not None:
            actual = inline(row.actual)
            if not (actual[:1].isdigit() and actual in goals):
                told.append(done(inline(row.name), actual))
    if told:
        yield f"主要绩效指标中，{'，'.join(told)}。"
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


def _score(facts: Facts, line: ProjectLine) -> Iterator[Piece]:
    """The score, the points lost with the reasons of the form, and what the review made of it."""
    yield from ("该项目绩效自评得分", Slot("自评得分") if line.score is None else points(line.score))
    lost, said = [], {""}
    if line.executed != 0:
        if of_rate := lost_points(line.execution_points, line.execution_declared, line.execution_score):
            lost.append(f"预算执行率扣{points(of_rate)}" if of_rate > 0 else "")
        for row in facts.rows_of[line.project_id]:
            if row.lost and row.lost > 0:
                reason = given_reasons([row.reason], _SHORT)
                given = "" if reason in said else f"（{reason}）"  # the same reason is given once
                lost.append(f"{inline(row.name)}扣{points(row.lost)}{given}")
                said.add(reason)
    if lost:
        rest = f"等{len(lost)}项" if len(lost) > _LOST else ""
        yield f"，其中{'、'.join(lost[:_LOST])}{rest}"
    found = facts.reviewed(line.project_id)
    if found is not None and found.score is not None:
        yield f"，抽查复核得分{points(found.score)}"
        if found.open:
            yield f"（{found.open}条指标未核查，按自评得分计）"
        if found.difference == 0:
            yield "，与自评得分一致"
        elif found.difference is not None:
            yield f"，比自评得分{'低' if found.difference > 0 else '高'}{points(abs(found.difference))}"
        if found.level == LARGE:
            yield from ("，差异较大，", Slot("差异原因和处理意见"))
    yield "。"


def _doubts(facts: Facts, line: ProjectLine) -> str:
    """Margin note: the findings about this project, and a computed score that differs."""
    found = facts.sampled[line.project_id]
    parts = [f"{finding.code} {finding.message}" for finding in found[:_NOTED]]
    if len(found) > _NOTED:
        parts.append(f"另有{len(found) - _NOTED}条，见《绩效自评汇总表》的“问题清单”。")
    if line.declared is not None and line.computed is not None and line.declared != line.computed:
        parts.append(f"自评得分{points(line.declared)}，按评分规则复算为{points(line.computed)}。")
    return "该项目待核实的事项：\n" + "\n".join(parts) if parts else ""
