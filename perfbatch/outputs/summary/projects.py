"""Sheets with one row a project, a unit or an indicator: 项目得分, 未执行项目, 单位汇总, 指标明细, 偏差分析."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from perfbatch.decimals import divide
from perfbatch.followup.batch import Batch
from perfbatch.outputs.cells import Formula, Value
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary.listing import Field, Rest, Row, difference, place_field, write_list
from perfbatch.outputs.wording import DEVIATION, DIRECTION, NO_REASON, band_title, place
from perfbatch.rulesets import Ruleset
from perfbatch.schema import records
from perfbatch.scoring.excel import Cells, Formulas, execution_formula, row_formulas
from perfbatch.scoring.rows import LESS, rule_of
from perfbatch.totals.lines import by_trouble
from perfbatch.totals.sums import Group, Totals

MONEY_NOTE = "金额单位：万元。"
_ALL = "data/projects.parquet"  # where a list that was cut is whole
_MONEY = {"年初预算": "initial", "全年预算": "adjusted", "全年执行": "executed"}


def write_scores(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 项目得分: declared and recomputed scores of every project, sums at the foot."""
    whole = totals.whole

    def execution_score(row: Row) -> Value:
        figure, rules, text = row.item.execution_score, _rules(batch, row), ""
        if figure is not None and rules is not None:
            text = execution_formula(rules, row.cell("全年执行"), row.cell(_base(rules)), row.cell("执行率分值"))
        return Formula(text, figure) if text else figure

    notes = [
        f"{MONEY_NOTE}执行率、差额、合计为公式，可点击查看；差额＝自评总分－复算总分，复算总分空缺表示有的行没有得分，或读出的分值合计不等于总分值。"
    ]
    fields = [
        *identity(totals),
        *money(batch, whole),
        Field("执行率分值", lambda r: r.item.execution_points, "figure", 7),
        Field("执行率自评得分", lambda r: r.item.execution_declared, "score", 8),
        Field("执行率复算得分", execution_score, "score", 8),
        Field("分项得分合计", lambda r: r.item.parts_declared, "score", 8),
        *marks(),
        Field("错误", lambda r: r.item.errors, "count", 5, total=whole.errors),
        Field("疑问", lambda r: r.item.warnings, "count", 5, total=whole.warnings),
        *_source(batch),
    ]
    rest = Rest("个项目", _ALL, rank=by_trouble, order="问题最多的")
    write_list(paper, "项目得分", "预算项目得分表", fields, totals.lines, notes=notes, summed=True, rest=rest)


def write_unexecuted(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 未执行项目: projects without any execution, then those below the ruleset's limit, with reasons."""
    lines = [*totals.unexecuted, *totals.low]
    fields = [
        *identity(totals),
        Field("情形", lambda r: "未执行" if r.item.executed == 0 else "执行率偏低", "code", 11),
        *money(batch, totals.whole),
        Field("自评总分", lambda r: r.item.declared, "score", 8),
        Field("原因", lambda r: r.item.reason or NO_REASON, "text", 24, 48),
        *_source(batch),
    ]
    notes = [f"{MONEY_NOTE}未执行指全年执行数为0；执行率偏低的界限见“规则依据”（low_exec）；原因摘自自评表。"]
    write_list(paper, "未执行项目", "未执行及执行率偏低项目", fields, lines, notes=notes, rest=Rest("个项目", _ALL))


def write_units(paper: Paper, totals: Totals) -> None:
    """Sheet 单位汇总: units ranked by mean declared score."""
    ranked, places = totals.ranking, totals.places()
    whole = totals.whole
    delta = difference("平均自评得分", "平均复算得分", lambda r: r.item.delta)
    fields = [
        Field("名次", lambda r: places[r.item.name], "seq", 5),
        Field("填报单位", lambda r: r.item.name, "text", 16, 30),
        Field("项目个数", lambda r: r.item.projects, "count", 6, total=whole.projects),
        *money(None, whole, Group.stated),
        Field("平均自评得分", lambda r: r.item.declared_mean, "score", 8, foot=lambda _: whole.declared_mean),
        Field(
            "按预算加权自评得分", lambda r: r.item.declared_weighted, "score", 9, foot=lambda _: whole.declared_weighted
        ),
        Field("平均复算得分", lambda r: r.item.computed_mean, "score", 8, foot=lambda _: whole.computed_mean),
        Field("差额", delta, "score", 8, foot=lambda _: whole.delta),
        *(
            Field(band_title(band), lambda r, band=band: r.item.bands.get(band, 0), "count", 8, total=count)  # type: ignore[misc]
            for band, count in totals.bands.items()
        ),
        Field("未执行", lambda r: r.item.unexecuted, "count", 7, total=whole.unexecuted),
        Field("错误", lambda r: r.item.errors, "count", 6, total=whole.errors),
        Field("疑问", lambda r: r.item.warnings, "count", 6, total=whole.warnings),
    ]
    notes = [
        f"{MONEY_NOTE}按平均自评得分排名；加权得分以全年预算数为权数；差额＝平均自评得分－平均复算得分；"
        "合计行的平均数按全部项目计算。"
    ]
    write_list(paper, "单位汇总", "各单位绩效自评汇总", fields, ranked, notes=notes, numbered=False, summed=True)


def identity(totals: Totals) -> list[Field]:
    """Name, unit where there are several, category and origin of a `ProjectLine`."""
    return [
        Field("项目名称", lambda r: r.item.name, "text", 20, 36),
        *([Field("填报单位", lambda r: r.item.unit, "text", 10, 18)] if len(totals.units) > 1 else []),
        Field("项目类别", lambda r: r.item.category, "code", 10, 14),
        Field("预算安排", lambda r: r.item.origin, "code", 10, 14),
    ]


def money(batch: Batch | None, whole: Group, figure: Callable[[Any, str], Decimal | None] = getattr) -> list[Field]:
    """Budgets, execution and its rate as a live formula; `figure` gives a column of an item.

    The sums are those of the `whole`; none of a column that no project states.
    """

    def rate(row: Row) -> Value:
        if row.item.rate is None:
            return None
        rules = _rules(batch, row)
        executed, base = row.cell("全年执行"), row.cell(_base(rules))
        quotient = f"{executed}/{base}" if rules is None else f"ROUND({executed}/{base},{rules['rate_round']})"
        return Formula(f'=IF(N({base})=0,"",{quotient})', row.item.rate)

    def rate_of_sums(row: Row) -> Value:
        over, under = row.cell("全年执行"), row.cell("全年预算")
        return None if whole.rate is None else Formula(f'=IF({under}=0,"",{over}/{under})', whole.rate)

    sums = [
        Field(title, lambda r, column=column: figure(r.item, column), "money", 10, total=whole.stated(column))  # type: ignore[misc]
        for title, column in _MONEY.items()
    ]
    return [*sums, Field("执行率", rate, "rate", 9, foot=rate_of_sums)]


def _rules(batch: Batch | None, row: Row) -> Ruleset | None:
    return batch.rulesets.get(row.item.ruleset) if batch is not None else None


def marks() -> Sequence[Field]:
    """Declared and computed total, their difference, grade."""
    return (
        Field("自评总分", lambda r: r.item.declared, "score", 8),
        Field("复算总分", lambda r: r.item.computed, "score", 8),
        Field("差额", difference("自评总分", "复算总分", lambda r: r.item.delta), "score", 8),
        Field("等级", lambda r: r.item.grade, "code", 5),
    )


def _source(batch: Batch) -> Sequence[Field]:
    """Where the project stands; only the cell is a link, as linked text does not wrap in every program."""
    return (Field("所在工作表", lambda r: r.item.sheet, "text", 10, 18), place_field(batch, 6))


def _base(rules: Ruleset | None) -> str:
    """Heading of the budget that the execution rate is measured by (exec_base)."""
    return "年初预算" if rules is not None and rules["exec_base"] == "initial" else "全年预算"


_ROLES = ("indicator", "child", "execution", "process")
_COLUMNS = (
    "project_id", "role", "level1", "level2", "level3", "target_text", "actual_text", "direction", "operator",
    "unit", "applicable", "target_value", "target_base", "target_base2", "actual_base", "completion_rate",
    "deviation", "points", "score_declared", "score", "score_delta", "deduction", "formula", "reason",
    "cell_actual",
)  # fmt: skip


def write_indicators(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 指标明细: every indicator with its figures, completion, deviation and both scores."""
    held = set(batch.frames.projects["project_id"])
    owners = {line.project_id: line for line in totals.lines if line.project_id in held}
    items = [item for item in records(batch.frames.indicators, *_COLUMNS) if item.role in _ROLES]
    formulas = _Formulas({key: batch.rulesets.get(line.ruleset) for key, line in owners.items()})
    counts = totals.agreement
    fields = [
        Field("项目名称", lambda r: owners[r.item.project_id].name, "text", 14, 22),
        Field("二级指标", lambda r: r.item.level2, "text", 9, 12),
        Field("三级指标", lambda r: r.item.level3, "text", 12, 19),
        Field("指标值", lambda r: r.item.target_text, "text", 8, 13),
        Field("实际完成值", lambda r: r.item.actual_text, "text", 8, 13),
        Field("方向", lambda r: DIRECTION.get(r.item.direction, ""), "code", 5, 6),
        Field("目标数", lambda r: r.item.target_base, "figure", 8),
        *_where(items, "target_base2", Field("目标上限", lambda r: r.item.target_base2, "figure", 8)),
        Field("完成数", lambda r: r.item.actual_base, "figure", 8),
        Field("完成率", formulas.live("completion", "completion_rate"), "rate", 9),
        Field("偏差", formulas.live("deviation", "deviation"), "signed", 9),
        Field("分值", lambda r: r.item.points, "figure", 6),
        *_where(items, "deduction", Field("扣分", lambda r: r.item.deduction, "figure", 6)),
        Field("自评得分", lambda r: r.item.score_declared, "score", 6),
        Field("复算得分", formulas.live("score", "score"), "score", 6),
        Field("差额", difference("自评得分", "复算得分", lambda r: r.item.score_delta), "score", 6),
        Field("计算说明", lambda r: r.item.formula, "text", 14, 25),
        Field("偏差原因", lambda r: r.item.reason, "text", 10, 18),
        Field("单元格", lambda r: r.item.cell_actual, "code", 6),
    ]
    notes = [
        "完成率、偏差、复算得分、差额为公式，可点击查看算法；目标数、完成数为换算到同一计量单位的数值；"
        "差额＝自评得分－复算得分，不为0的以灰底标出；不能自动计分的写明原因；单元格所在的工作表见“项目得分”。",
        f"自评得分与复算得分：一致{counts['equal']}条，容许差以内{counts['near']}条，"
        f"不一致{counts['different']}条，不能复算{counts['open']}条。",
    ]
    rest = Rest("条指标", "data/indicators.parquet", totals.indicators, order="问题最多的项目的")
    listed = write_list(paper, "指标明细", "绩效指标完成情况明细表", fields, items, notes=notes, frozen=4, rest=rest)
    listed.highlight_unequal("差额")


_ROW = "\x00"  # stands for the row number in a text that is kept for other rows
_HEADINGS = ("目标数", "完成数", "分值", "目标上限", "扣分")
_NONE = Formulas("", "", "")


class _Formulas:
    """Formulas of indicator rows. Rows under the same rule share one text, so it is built once."""

    def __init__(self, rulesets: Mapping[str, Ruleset | None]) -> None:
        self._rulesets = rulesets  # by project
        self._known: dict[tuple[Any, ...], Formulas] = {}
        self._last: tuple[Any, Formulas] = (None, _NONE)  # a row is asked once for each of its formulas

    def live(self, which: str, column: str) -> Callable[[Row], Value]:
        """Fills a column with a figure and its formula, which names cells of its row; alone where none computes it."""

        def value(row: Row) -> Value:
            figure = getattr(row.item, column)
            if figure is not None and row.item is not self._last[0]:
                self._last = row.item, self._of(row)
            text = getattr(self._last[1], which) if figure is not None else ""
            return Formula(text.replace(_ROW, str(row.row + 1)), figure) if text else figure

        return value

    def _of(self, row: Row) -> Formulas:
        item, rules = row.item, self._rulesets[row.item.project_id]
        if rules is None:
            return _NONE
        unit = divide(item.target_base, item.target_value) if item.target_base and item.target_value else None
        unknown = (item.completion_rate is None, item.deviation is None, item.score is None, item.points is None)
        flags = (item.role, item.applicable, LESS in item.formula)
        key = (rules.name, rule_of(item, rules, item.direction), unit, *unknown, *flags)
        if key not in self._known:
            named = (f"{row.letters[title]}{_ROW}" if title in row.letters else "" for title in _HEADINGS)
            self._known[key] = row_formulas(item, rules, Cells(*named))
        return self._known[key]


def _where(items: Sequence[Any], column: str, field: Field) -> list[Field]:
    """`field`, if any item has something in `column`."""
    return [field] if any(getattr(item, column) is not None for item in items) else []


def write_deviations(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 偏差分析: indicators not reached, far exceeded, or with points lost otherwise; the worst first."""
    items = [*totals.under, *totals.over, *totals.lost, *totals.idle]

    def cell(row: Row) -> Value:
        own = row.item.indicator
        return place(batch, row.item.project.file, own.sheet, own.cell_actual)

    fields = [
        Field("情形", lambda r: DEVIATION[r.item.kind], "code", 9),
        Field("项目名称", lambda r: r.item.project.name, "text", 18, 32),
        Field("指标名称", lambda r: r.item.indicator.name, "text", 16, 28),
        Field("指标值", lambda r: r.item.indicator.target, "text", 8, 18),
        Field("实际完成值", lambda r: r.item.indicator.actual, "text", 8, 18),
        Field("完成率", lambda r: r.item.indicator.completion_rate, "rate", 9),
        Field("偏差", lambda r: r.item.indicator.deviation, "signed", 9),
        Field("分值", lambda r: r.item.indicator.points, "figure", 6),
        Field("扣分", lambda r: r.item.indicator.lost, "score", 7),
        Field("偏差原因", lambda r: r.item.indicator.reason or NO_REASON, "text", 20, 40),
        Field("所在工作表", lambda r: r.item.indicator.sheet, "code", 9, 16),
        Field("单元格", cell, "code", 7),
    ]
    notes = [
        "，".join(f"{word}{totals.off[kind]}条" for kind, word in DEVIATION.items())
        + "，各类按偏差绝对值由大到小排列；偏差＝（实际完成值－指标值）÷指标值；"
        "超额完成的界限见“规则依据”（over_flag_ratio）。"
    ]
    rest = Rest("条指标", "data/indicators.parquet", sum(totals.off.values()))
    write_list(paper, "偏差分析", "绩效指标偏差分析表", fields, items, notes=notes, frozen=4, rest=rest)
