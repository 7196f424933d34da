"""Annexes of the report: summary table, units, projects, unexecuted projects, deviating indicators."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from perfbatch.outputs.report.draft import TABLES, Draft, Figure
from perfbatch.outputs.report.facts import Facts
from perfbatch.outputs.wording import NO_REASON, band_title, named, unit_figures
from perfbatch.totals.lines import ProjectLine
from perfbatch.totals.reached import MONEY
from perfbatch.totals.sums import UNSTATED, Group, share

MOST_ROWS = 500  # of a list; what is left out is said, the workbook has all
_WAN = "金额单位：万元"
Write = Callable[[Draft, Facts], None]


def planned(facts: Facts) -> list[tuple[str, Write]]:
    """The title of each annex of the report, and what writes it."""
    year, totals = facts.period, facts.totals
    return [
        (f"{year}预算项目绩效自评汇总表", _summary),
        *([("各单位绩效自评情况表", _units)] if facts.several else []),
        (f"{year}预算项目绩效自评得分表", _projects),
        *([("未执行和执行率偏低项目情况表", _idle)] if totals.unexecuted or totals.low else []),
        *([("绩效指标偏差情况表", _deviations)] if facts.completion.short or totals.over else []),
    ]


def _summary(draft: Draft, facts: Facts) -> None:
    totals = facts.totals
    rows: list[Sequence[Figure]] = [_sums("合计", totals.whole)]
    for title, groups in (("按预算安排方式", totals.origins), ("按项目类别", totals.categories)):
        if any(group.name != UNSTATED for group in groups):
            rows += [[title], *(_sums(group.name, group) for group in groups)]
    if totals.sample:
        rows += [["抽查项目"], _sums("抽查合计", totals.drawn)]
    draft.table(TABLES["summary"], rows, above=_WAN)
    bands = {band_title(name): count for name, count in totals.bands.items()}
    idle, missed, unclear = totals.whole.unexecuted, len(facts.completion.missed), len(facts.completion.unclear)
    completion = {"总体完成": facts.completion.completed, "已执行、未完成": missed - idle, "未执行": idle}
    completion |= {"不能判断": unclear} if unclear else {}
    counted: list[Sequence[Figure]] = []
    for title, counts in (("自评得分段", bands), ("评价等级", totals.grades), ("完成情况", completion)):
        counted += [[title], *((name, count, share(count, totals.whole.projects)) for name, count in counts.items())]
    below = "注：执行率＝全年执行数÷全年预算数；得分段、评价等级按自评得分统计，没有填写自评得分的按复算得分。"
    draft.table(TABLES["scores"], counted, above="单位：个", below=below)


def _sums(name: str, group: Group) -> Sequence[Figure]:
    return name, group.projects, *map(group.stated, MONEY), group.rate


def _units(draft: Draft, facts: Facts) -> None:
    groups = facts.totals.units
    rows = [(at, *unit_figures(group)) for at, group in enumerate(groups[:MOST_ROWS], 1)]
    draft.table(TABLES["units"], rows, above=_WAN, below=_cut(len(groups), "个单位", "按全年预算数从大到小"))


def _projects(draft: Draft, facts: Facts) -> None:
    several = facts.several
    rows = [
        (
            at, *([line.unit] if several else []), line.name, line.adjusted, line.executed, line.rate, line.score,
            line.grade or "—",
        )
        for at, line in selected(facts, MOST_ROWS)
    ]  # fmt: skip
    how = "未执行、得分低、金额大的项目优先"
    columns = TABLES["projects_of_units" if several else "projects"]
    draft.table(columns, rows, above=_WAN, below=_cut(facts.totals.whole.projects, "个项目", how))


def selected(facts: Facts, most: int, *, described: bool = False) -> list[tuple[int, ProjectLine]]:
    """Numbered lines; of more than `most` those that a reader asks for first, in the order of the forms.

    `described`: only projects whose indicators the batch holds, as their report tells of them.
    """
    lines = list(enumerate(facts.totals.lines, 1))
    if described:
        lines = [(at, line) for at, line in lines if line.project_id in facts.forms]
    if len(lines) <= most:
        return lines

    def wanted(entry: tuple[int, ProjectLine]) -> tuple[bool, Decimal, Decimal]:
        score = entry[1].score
        return entry[1].executed != 0, Decimal(101) if score is None else score, -(entry[1].adjusted or Decimal(0))

    return sorted(sorted(lines, key=wanted)[:most], key=lambda entry: entry[0])


def _cut(total: int, what: str, how: str) -> str:
    if total <= MOST_ROWS:
        return ""
    return f"注：共{total}{what}，本表列出{MOST_ROWS}{what}（{how}），全部见《绩效自评汇总表》。"


def _idle(draft: Draft, facts: Facts) -> None:
    lines = (*facts.totals.unexecuted, *facts.totals.low)
    rows = [
        (at, named(line, facts.totals), line.adjusted, line.executed, line.rate, line.reason or NO_REASON)
        for at, line in enumerate(lines[:MOST_ROWS], 1)
    ]
    draft.table(TABLES["idle"], rows, above=_WAN, below=_cut(len(lines), "个项目", "未执行项目在前"))


def _deviations(draft: Draft, facts: Facts) -> None:
    off, rows, count = facts.totals.off, list[Sequence[Figure]](), 0
    kinds = {"under": ("未达到指标值", facts.totals.under), "lost": ("其他失分", facts.totals.lost)}
    kinds["over"] = ("超额完成", facts.totals.over)
    for kind, (title, some) in kinds.items():
        if shown := some[: MOST_ROWS - count]:
            rows.append([f"{title}（{off[kind]}条）"])
            for at, row in enumerate(shown, count + 1):
                own, name = row.indicator, named(row.project, facts.totals)
                figures = (own.target, own.actual, own.completion_rate, own.lost or None)
                rows.append((at, name, own.name, *figures, own.reason or NO_REASON))
            count += len(shown)
    total = sum(off[kind] for kind in kinds)
    below = "未执行项目的指标不列。" if facts.totals.unexecuted else ""
    draft.table(TABLES["deviations"], rows, below=below + _cut(total, "条指标", "偏差大的在前"))
