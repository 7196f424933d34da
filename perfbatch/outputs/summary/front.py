"""Sheet 汇总: one A4 page that can be attached to the self-evaluation report as it is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from xlsxwriter.format import Format

from perfbatch import __version__
from perfbatch.cycle import overall
from perfbatch.exact import percent
from perfbatch.figures.totals import UNSTATED, Group, Totals, merged_tail, share
from perfbatch.model import Batch
from perfbatch.outputs.cells import PADDING, Value, lines_of, shortened
from perfbatch.outputs.paper import Page, Paper
from perfbatch.outputs.wording import (
    NO_REASON,
    band_title,
    beyond_budget,
    counted_once,
    doubted_money,
    heading,
    money_notes,
    named,
    of_units,
    questions,
)

NAME = "汇总"
_GRID = (10.2,) * 12  # widths of the columns in characters
_WIDTH = len(_GRID)
_LINE = 14.5  # points of one line of text
_MOST = {"groups": 6, "unexecuted": 5, "sample": 6, "deviations": 6}
_FONT = {"name": "宋体", "size": 9}
_FILL, _ACCENT = "#A6A6A6", "#404040"  # both keep their weight when printed in grey

Cell = tuple[int, Value, str]  # columns it spans, value, kind of `Paper.body` or "head"


class _Front:
    """The sheet while it grows downward; `row` is the next free row."""

    def __init__(self, paper: Paper, batch: Batch, totals: Totals) -> None:
        self.paper, self.batch, self.totals = paper, batch, totals
        self.page: Page = paper.page(NAME)
        for at, width in enumerate(_GRID):
            self.page.sheet.set_column(at, at, width)
        self.row = 0

    def look(self, kind: str) -> Format:
        """Format of a cell; figures shrink where a sum is too long for its column."""
        if kind == "head":
            return self.paper.heading()
        if kind in ("text", "code"):
            return self.paper.body(kind)  # type: ignore[arg-type]
        return self.paper.body(kind, shrink=True, align="right" if kind == "money" else "center")  # type: ignore[arg-type]

    def line(self, *cells: Cell) -> None:
        """One row of merged cells, as high as its longest text needs."""
        column, lines = 0, 1
        for span, value, kind in cells:
            self.page.merged(self.row, column, column + span - 1, value, self.look(kind))
            if isinstance(value, str):
                lines = max(lines, lines_of(value, _room(column, span)))
            column += span
        self.page.tall(self.row, lines * _LINE + 4)
        self.row += 1

    def section(self, title: str) -> None:
        """A heading over the whole width."""
        look = self.paper.look(font_name="黑体", font_size=11, align="left")
        self.page.merged(self.row, 0, _WIDTH - 1, title, look)
        self.page.tall(self.row, 21)
        self.row += 1

    def left(self, values: Sequence[Value], kinds: Sequence[str], spans: Sequence[int] = (1, 2, 1, 1, 1, 1)) -> None:
        """One row of the seven columns beside a chart."""
        self.line(*zip(spans, values, kinds, strict=True))

    def chart(self, chart: Any, top: int, first: int = 7) -> None:
        """Put `chart` over the columns from `first` to the last and the rows from `top` to the last written."""
        width = sum(round(width * 7 + 5) for width in _GRID[first:])
        chart.set_size({"width": width - 10, "height": round(self.page.height(top, self.row) / 0.75) - 4})
        self.page.sheet.insert_chart(top, first, chart, {"x_offset": 6, "y_offset": 2, "object_position": 1})

    def remark(self, text: str) -> None:
        """Small print over the whole width, as high as it needs."""
        look = self.paper.look(font_size=9, text_wrap=True, align="left", valign="top")
        self.page.merged(self.row, 0, _WIDTH - 1, text, look)
        self.page.tall(self.row, lines_of(text, _room(0, _WIDTH) * 1.08) * 13 + 2)
        self.row += 1


def write(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Write the sheet from `totals`; lists longer than the page allows are cut and say where the rest is."""
    front = _Front(paper, batch, totals)
    _head(front)
    _key_figures(front)
    _departments(front)
    _funds(front)
    _scores(front)
    _unexecuted(front)
    _sample(front)
    _deviations(front)
    _foot(front)
    front.page.printed(front.row - 1, _WIDTH, pages_high=1)


def _head(front: _Front) -> None:
    look = front.paper.look(font_name="黑体", font_size=18, align="center", text_wrap=True)
    title = f"{heading(front.totals)}预算项目绩效自评汇总表"
    front.page.merged(0, 0, _WIDTH - 1, title, look)
    front.page.tall(0, 30 * lines_of(title, 64))
    left, right = front.paper.look(align="left"), front.paper.look(align="right")
    front.page.merged(1, 0, 7, f"填报单位：{of_units(front.totals)}", left)
    front.page.merged(1, 8, 11, "金额单位：万元", right)
    front.page.tall(1, 18)
    front.row = 2


def _key_figures(front: _Front) -> None:
    totals, whole = front.totals, front.totals.whole
    front.section("一、总体情况")
    head = ("项目个数", "指标条数", "年初预算数", "全年预算数", "全年执行数", "预算执行率")
    front.line(*((2, text, "head") for text in head))
    front.line(
        (2, whole.projects, "count"),
        (2, totals.indicators, "count"),
        (2, whole.stated("initial"), "money"),
        (2, whole.stated("adjusted"), "money"),
        (2, whole.stated("executed"), "money"),
        (2, whole.rate, "rate"),
    )
    head = ("平均自评得分", "平均复算得分", "最高自评得分", "最低自评得分", "未执行项目", "需核实的问题")
    front.line(*((2, text, "head") for text in head))
    errors, warnings = totals.severities["error"], totals.severities["warning"]
    front.line(
        (2, whole.declared_mean, "score"),
        (2, whole.computed_mean, "score"),
        (2, totals.highest, "score"),
        (2, totals.lowest, "score"),
        (2, whole.unexecuted, "count"),
        (2, f"错误{errors}条，疑问{warnings}条", "code"),
    )
    unread = totals.files["refused"] + totals.files["failed"]
    words = {"initial": "年初预算数", "adjusted": "全年预算数", "executed": "全年执行数"}
    gaps = [f"{words[name]}缺{count}个" for name, count in whole.unknown.items() if count]
    if gaps:
        front.remark(f"注：有项目金额未能读取，未计入合计（{'、'.join(gaps)}），详见“项目得分”“问题清单”。")
    asked = [str(question["question"]) for question in questions(front.batch)]
    doubts = (*doubted_money(totals), *beyond_budget(totals))
    for text in (*asked, *doubts, *money_notes(front.batch), *counted_once(front.batch)):
        front.remark(f"注：{text}")
    if unread:
        front.remark(f"注：有{unread}个文件未能读取或未能全部读取，本表不含没有读出的部分，详见“读取情况”。")


def _departments(front: _Front) -> None:
    """The departments' overall forms, a line each, apart from the projects."""
    found = front.batch.compared
    forms = found.departments if found is not None else []
    for form in forms[: _MOST["groups"]]:
        front.remark(f"部门整体支出自评（单独核对，不与项目合计）：{overall.told(form)}。")
    if len(forms) > _MOST["groups"]:
        front.remark(f"另有{len(forms) - _MOST['groups']}个部门的整体自评，见 data/overall.parquet。")


def _funds(front: _Front) -> None:
    front.section("二、预算安排与执行")
    top = front.row
    kinds = ("code", "text", "count", "money", "money", "rate")
    front.left(("分类", "名称", "项目个数", "全年预算", "全年执行", "执行率"), ("head",) * 6)
    charted: tuple[str, int, list[Group]] = ("", 0, [])
    for title, all_groups in _divided(front.totals):
        groups = merged_tail(all_groups, _MOST["groups"])
        if len(groups) > 1 or not charted[2]:
            charted = (title, front.row, groups)
        for group in groups:
            front.left((title, group.name, *_figures(group)), kinds)
    front.left(("合计", "", *_figures(front.totals.whole)), kinds)
    title, first, shown = charted
    if not shown:
        return
    chart = front.paper.chart("bar")
    _series(chart, first, first + len(shown) - 1, names=1, values=6, number="0.00%")
    chart.set_title(_chart_title(f"各{title}预算执行率"))
    # room for the labels at the end of the bars
    highest = max((group.rate for group in shown if group.rate is not None), default=Decimal(0))
    axis = {"min": 0, "max": float(max(highest, Decimal(1))) * 1.25, "visible": False}
    chart.set_x_axis(axis | {"major_gridlines": {"visible": False}})
    chart.set_y_axis({"reverse": True, "num_font": _FONT, "line": {"color": _FILL}})
    front.chart(chart, top)


def _divided(totals: Totals) -> list[tuple[str, Sequence[Group]]]:
    """What the money is divided by: what the forms state, else the units where there are several."""
    said: list[tuple[str, Sequence[Group]]] = [("预算安排", totals.origins), ("项目类别", totals.categories)]
    stated = [(title, groups) for title, groups in said if any(group.name != UNSTATED for group in groups)]
    return stated or ([("填报单位", totals.units)] if len(totals.units) > 1 else [])


def _figures(group: Group) -> tuple[Any, ...]:
    return group.projects, group.stated("adjusted"), group.stated("executed"), group.rate


def _scores(front: _Front) -> None:
    front.section("三、得分分布")
    top = front.row
    totals = front.totals
    kinds = ("code", "text", "count", "rate")
    spans = (1, 2, 2, 2)
    front.left(("分类", "得分段、等级", "项目个数", "占项目总数"), ("head",) * 4, spans)
    first = front.row
    for band, count in totals.bands.items():
        values = ("得分段", band_title(band), count, share(count, totals.whole.projects))
        front.left(values, kinds, spans)
    last = front.row - 1
    for grade, count in totals.grades.items():
        front.left(("等级", grade, count, share(count, totals.whole.projects)), kinds, spans)
    if last < first:
        return
    chart = front.paper.chart("column")
    _series(chart, first, last, names=1, values=3, number="0")
    chart.set_title(_chart_title("各得分段项目个数"))
    highest = max(totals.bands.values())
    chart.set_y_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0, "max": max(highest, 1) * 1.2})
    chart.set_x_axis({"num_font": _FONT, "line": {"color": _FILL}})
    front.chart(chart, top)
    if totals.whole.bands_differ:
        words = "，".join(
            f"{band_title(name)}{count}个" for name, count in totals.whole.bands_computed.items() if name != UNSTATED
        )
        front.remark(f"注：按复算得分统计为{words}，与自评得分不同，请核实得分。")


def _unexecuted(front: _Front) -> None:
    lines = front.totals.unexecuted
    front.section(f"四、未执行项目（{len(lines)}个）")
    front.line((1, "序号", "head"), (4, "项目名称", "head"), (2, "全年预算数", "head"), (5, "未执行原因", "head"))
    for at, line in enumerate(lines[: _MOST["unexecuted"]], start=1):
        reason = _short(line.reason or NO_REASON, 5)
        front.line(
            (1, at, "seq"),
            (4, _short(named(line, front.totals), 4), "text"),
            (2, line.adjusted, "money"),
            (5, reason, "text"),
        )
    _rest(front, len(lines), "unexecuted", "未执行项目")


def _sample(front: _Front) -> None:
    lines = front.totals.sample
    number, money = front.totals.drawn_shares
    parts = [f"占{what}的{percent(part)}" for what, part in (("项目数", number), ("执行数", money)) if part is not None]
    share = "".join(f"，{part}" for part in parts) if lines else ""
    front.section(f"五、抽查项目（{len(lines)}个{share}）")
    front.line(
        (1, "序号", "head"),
        (4, "项目名称", "head"),
        (2, "项目类别", "head"),
        (2, "预算安排", "head"),
        (2, "全年执行数", "head"),
        (1, "自评得分", "head"),
    )
    for at, line in enumerate(lines[: _MOST["sample"]], start=1):
        front.line(
            (1, at, "seq"),
            (4, _short(named(line, front.totals), 4), "text"),
            (2, line.category, "code"),
            (2, line.origin, "code"),
            (2, line.executed, "money"),
            (1, line.declared, "score"),
        )
    _rest(front, len(lines), "sample", "抽查名单")


def _deviations(front: _Front) -> None:
    totals = front.totals
    counts = f"未达目标{totals.off['under']}条，超额完成{totals.off['over']}条，其他失分{totals.off['lost']}条"
    front.section(f"六、主要偏差指标（{counts}；未执行项目的指标不列）")
    head = ("序号", "项目名称", "指标名称", "指标值", "完成值", "完成率", "偏差", "扣分", "偏差原因")
    spans = (1, 2, 2, 1, 1, 1, 1, 1, 2)
    kinds = ("seq", "text", "text", "code", "code", "rate", "signed", "score", "text")
    front.line(*((span, text, "head") for span, text in zip(spans, head, strict=True)))
    worst = [*totals.under, *totals.over, *totals.lost]
    first, shown = front.row, worst[: _MOST["deviations"]]
    for at, row in enumerate(shown, start=1):
        values = (
            at, _short(named(row.project, totals), 2), _short(row.indicator, 2), _short(row.target, 1),
            _short(row.actual, 1), row.completion, row.deviation, row.lost, _short(row.reason or NO_REASON, 2, 3),
        )  # fmt: skip
        front.line(*zip(spans, values, kinds, strict=True))
    _rest(front, sum(totals.off[kind] for kind in ("under", "over", "lost")), "deviations", "偏差分析")
    if sum(row.deviation is not None for row in shown) > 1:
        _deviation_chart(front, first, first + len(shown) - 1)


def _deviation_chart(front: _Front, first: int, last: int) -> None:
    top = front.row
    front.page.tall(front.row, 30 + 15 * (last - first + 1))
    front.row += 1
    chart = front.paper.chart("bar")
    _series(chart, first, last, names=3, values=8, number="+0.00%;-0.00%")
    chart.set_title(_chart_title("主要偏差指标的偏差（0为达到指标值）"))
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    # names at the left edge, so that bars to the left of zero do not run over them
    chart.set_y_axis({"reverse": True, "num_font": _FONT, "label_position": "low", "line": {"color": _FILL}})
    front.chart(chart, top, first=0)


def _foot(front: _Front) -> None:
    titles = "；".join(dict.fromkeys(ruleset.title for ruleset in front.batch.rulesets.values()))
    front.remark(
        "说明：执行率＝全年执行数÷全年预算数；得分段、等级按自评总分统计，没有自评总分的按复算总分；完成率、偏差、复算得分由程序按评分规则计算，"
        f"评分规则：{titles or '无'}（依据见“规则依据”）。本表由 perfbatch {__version__} 根据自评表生成，"
        f"生成日期：{front.batch.run_date}。",
    )
    look = front.paper.look(align="left")
    for first, last, text in (
        (0, 2, "单位负责人："),
        (3, 5, "财务负责人："),
        (6, 8, "填表人："),
        (9, 11, "填表日期："),
    ):
        front.page.merged(front.row, first, last, text, look)
    front.page.tall(front.row, 24)
    front.row += 1


def _rest(front: _Front, total: int, what: str, sheet: str) -> None:
    if total == 0:
        front.line((_WIDTH, "无", "code"))
    elif total > _MOST[what]:
        front.remark(f"另有{total - _MOST[what]}个，见“{sheet}”。")


def _room(first: int, span: int) -> float:
    """Characters that fit the columns `first`… merged; a merged cell also gains the paddings between them."""
    return sum(_GRID[first : first + span])


def _short(text: str, span: int, lines: int = 2) -> str:
    """`text` cut so that it fits `lines` lines of a cell (not of the first column)."""
    return shortened(text, int(_room(1, span) - PADDING - 1) * lines)


def _series(chart: Any, first: int, last: int, *, names: int, values: int, number: str) -> None:
    chart.add_series(
        {
            "categories": [NAME, first, names, last, names],
            "values": [NAME, first, values, last, values],
            "fill": {"color": _FILL},
            "border": {"color": _ACCENT, "width": 0.5},
            "gap": 60,
            "data_labels": {"value": True, "num_format": number, "font": _FONT},
        }
    )
    chart.set_legend({"none": True})
    chart.set_chartarea({"border": {"color": _FILL, "width": 0.5}})


def _chart_title(text: str) -> dict[str, Any]:
    return {"name": text, "overlay": False, "name_font": {"name": "黑体", "size": 10, "bold": False}}
