"""Sheet 汇总: A4 pages that can be attached to the self-evaluation report as they are, alone and printed in grey.

Every row has a height of its own and every page a break of its own, so that the footer can state the number of pages.
Programs that fit a sheet to the width of the page keep those breaks (LibreOffice) or fill the pages by themselves
(Excel): the last page therefore never holds so little that it might vanish. Nothing is cut: a text that is too long
for a row goes on in the next one.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import takewhile, zip_longest
from typing import Any

from xlsxwriter.format import Format

from perfbatch.cycle import overall
from perfbatch.decimals import percent, plain
from perfbatch.followup.batch import Batch
from perfbatch.identity.names import name_key, project_key
from perfbatch.identity.roster import Attendance
from perfbatch.messages import shipped
from perfbatch.model import Severity
from perfbatch.notation import shown_actual
from perfbatch.outputs import wording
from perfbatch.outputs.cells import Value, lines_of, parts_of
from perfbatch.outputs.paper import Page, Paper
from perfbatch.schema import rows
from perfbatch.totals.lines import Deviation, ProjectLine
from perfbatch.totals.reached import MONEY, Amounts, Level
from perfbatch.totals.sums import UNSTATED, Totals, merged_tail, share

NAME = "汇总"
_SETTINGS = shipped("outputs/summary/front.toml", Decimal)
_MOST: dict[str, int] = _SETTINGS["most"]  # rows of a list
_WIDTH, _COLUMN, _PIXELS = 24, 4.15, 34  # columns, their width in characters and in pixels
_PAGE = 860.0  # points of rows that an A4 page takes where the columns fit its width (85 %), with a reserve of 2 %
_LEAST = 130.0  # points on the last page, so that no program puts it on the page before
_LINE = 14.0  # points of one line of text
_MOST_LINES = 26  # lines of one row; Excel allows 409 points
_FONT = {"name": "宋体", "size": 9}
_FILL, _ACCENT = "#A6A6A6", "#404040"  # both keep their weight when printed in grey
_NUMERALS = "一二三四五六七八九十"

Cell = tuple[int, Value, str]  # columns it spans, value, kind of `Paper.body`, "head" or "fit"


class _Front:
    """The sheet while it grows downward; `row` is the next free row."""

    def __init__(self, paper: Paper, batch: Batch, totals: Totals) -> None:
        self.paper, self.batch, self.totals = paper, batch, totals
        self.page: Page = paper.page(NAME)
        self.page.sheet.set_column(0, _WIDTH - 1, _COLUMN)
        self.row, self.sections = 0, 0
        self.used = 0.0  # points of the page so far
        self.breaks: list[int] = []

    def room(self, points: float) -> bool:
        """Begin a new page where `points` more do not fit this one; whether one was begun."""
        if self.used + points <= _PAGE or not self.used:
            return False
        self.breaks.append(self.row)
        self.used = 0.0
        return True

    def tall(self, points: float) -> None:
        """Give the next row its height and go on to the one after it."""
        self.page.tall(self.row, points)
        self.used += points
        self.row += 1

    def look(self, kind: str) -> Format:
        """Format of a cell; figures shrink where a sum is too long for its columns."""
        if kind == "head":
            return self.paper.heading()
        if kind in ("text", "code"):
            return self.paper.body(kind)  # type: ignore[arg-type]
        if kind == "fit":
            return self.paper.body("code", text_wrap=False, shrink=True)
        return self.paper.body(kind, shrink=True, align="right" if kind == "money" else "center")  # type: ignore[arg-type]

    def line(self, *cells: Cell, head: Sequence[Cell] = ()) -> int:
        """A table row of merged cells, as high as its longest text needs, over several rows where that is too high.

        `head` is repeated where the row opens a page. Returns the row of its figures.
        """
        texts = [
            parts_of(value, _room(span), _MOST_LINES) if isinstance(value, str) else [value] for span, value, _ in cells
        ]
        first = -1
        for parts in zip_longest(*texts, fillvalue=""):
            lines = [
                lines_of(part, _room(span) + (kind == "head"))
                for part, (span, _, kind) in zip(parts, cells, strict=True)
                if isinstance(part, str) and kind != "fit"
            ]
            height = max([1, *lines]) * _LINE + 4
            if self.room(height) and head:
                self.line(*head)
            first = first if first >= 0 else self.row
            column = 0
            for (span, _, kind), part in zip(cells, parts, strict=True):
                self.page.merged(self.row, column, column + span - 1, part, self.look(kind))
                column += span
            self.tall(height)
        return first

    def table(self, name: str, rows: Sequence[Sequence[Value]]) -> range:
        """A table whose columns are those of `name` in front.toml, the rows numbered where it has such a column.

        Returns its rows where they stand one below the other on a page, else those on its first page.
        """
        columns = _SETTINGS["columns"][name]
        head = [(span, title, "head") for span, title, _ in columns]
        self.line(*head)
        placed: list[int] = []
        for number, values in enumerate(rows, 1):
            own = [number, *values] if columns[0][1] == "序号" else values
            cells = [(span, value, kind) for (span, _, kind), value in zip(columns, own, strict=True)]
            placed.append(self.line(*cells, head=head))
        if not rows:
            self.line((_WIDTH, "无", "code"))
            return range(0)
        together = next((at for at in range(1, len(placed)) if placed[at] != placed[0] + at), len(placed))
        return range(placed[0], placed[0] + together)

    def projects(
        self,
        name: str,
        title: str,
        lines: Sequence[ProjectLine],
        values: Callable[[ProjectLine], Sequence[Value]],
        *told: str,
        columns: str = "",
    ) -> range:
        """A section that lists projects, with what is `told` of them behind its title; none without any."""
        if not lines:
            return range(0)
        shown = lines[: _MOST[name]]
        many = f"{len(lines)}个" if len(shown) == len(lines) else f"共{len(lines)}个，列出{len(shown)}个"
        self.section(f"{title}（{'，'.join([many, *told])}）")
        return self.table(columns or name, [(wording.named(line, self.totals), *values(line)) for line in shown])

    def section(self, title: str) -> None:
        """A numbered heading over the whole width, never the last thing on a page."""
        self.room(21 + 3 * _LINE + 40)
        text = f"{_NUMERALS[self.sections]}、{title}"
        lines = lines_of(text, _room(_WIDTH))
        wrapped = {"text_wrap": True} if lines > 1 else {}
        look = self.paper.look(font_name="黑体", font_size=11, align="left", **wrapped)
        self.page.merged(self.row, 0, _WIDTH - 1, text, look)
        self.sections += 1
        self.tall(21 + (lines - 1) * 16)

    def remark(self, text: str) -> None:
        """Small print over the whole width, as high as it needs."""
        look = self.paper.look(font_size=9, text_wrap=True, align="left", valign="top")
        for part in parts_of(text, _room(_WIDTH) * 1.08, _MOST_LINES):
            height = lines_of(part, _room(_WIDTH) * 1.08) * 13 + 2
            self.room(height)
            self.page.merged(self.row, 0, _WIDTH - 1, part, look)
            self.tall(height)


def write(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Write the sheet from `totals`."""
    front = _Front(paper, batch, totals)
    _head(front)
    _units(front)
    _key_figures(front)
    _funds(front)
    _levels(front)
    _scores(front)
    _unexecuted_and_low(front)
    _sample(front)
    _deviations(front)
    _foot(front)
    front.page.printed(front.row - 1, _WIDTH)
    front.page.sheet.set_h_pagebreaks(front.breaks)
    front.page.sheet.set_footer(f'&C&"宋体"&9第 &P 页，共 {len(front.breaks) + 1} 页')


def _head(front: _Front) -> None:
    look = front.paper.look(font_name="黑体", font_size=18, align="center", text_wrap=True)
    title = f"{wording.heading(front.totals)}预算项目绩效自评汇总表"
    front.page.merged(0, 0, _WIDTH - 1, title, look)
    front.tall(30 * lines_of(title, 64))
    left, right = front.paper.look(align="left", text_wrap=True), front.paper.look(align="right")
    who = f"填报单位：{wording.of_units(front.totals)}"
    front.page.merged(1, 0, 16, who, left)
    front.page.merged(1, 17, _WIDTH - 1, "金额单位：万元", right)
    front.tall(18 * lines_of(who, _room(17)))


def _units(front: _Front) -> None:
    """Several units: how each stands, the best first, then those that handed in nothing."""
    totals = front.totals
    attendance = front.batch.attendance or Attendance()
    if len(totals.units) < 2 and not attendance.absent:
        return
    there = f"，应报送{attendance.expected}个" if attendance.listed else ""
    there += f"，未报送{len(attendance.absent)}个" if attendance.listed or attendance.absent else ""
    stated = sum(unit.name != UNSTATED for unit in totals.units)
    front.section(f"各单位情况（{stated}个单位{there}；名次按平均自评得分由高到低）")
    places, most = totals.places(), _MOST["units"]
    rows: list[Sequence[Value]] = [(places[unit.name], *wording.unit_figures(unit)) for unit in totals.ranking[:most]]
    rows += [("", name, "未报送", *[None] * 6) for name in attendance.absent]
    front.table("units", rows)
    if len(totals.ranking) > most:
        front.remark(f"注：共{len(totals.ranking)}个单位，列出名次在前的{most}个。")
    if attendance.unknown:
        front.remark(f"注：有{len(attendance.unknown)}个单位不在单位名单中：{'、'.join(attendance.unknown)}。")


def _key_figures(front: _Front) -> None:
    totals, whole = front.totals, front.totals.whole
    front.section("总体情况")
    ends = "，".join(plain(score) for score in (totals.highest, totals.lowest) if score is not None)
    found = totals.severities
    doubts = f"错误{found[Severity.ERROR.value]}条，疑问{found[Severity.WARNING.value]}条"
    degrees = totals.reached.satisfied
    range_of = dict.fromkeys(f"{plain(value)}%" for value in (min(degrees), max(degrees))) if degrees else ()
    budgets = [whole.stated(column) for column in MONEY]
    scores = (whole.declared_mean, whole.computed_mean, ends, whole.unexecuted, "至".join(range_of), doubts)
    for name, values in (("forms", (whole.projects, totals.indicators, *budgets, whole.rate)), ("results", scores)):
        front.room(3 * _LINE + 12)
        front.table(name, [values])
    for text in _notes(front):
        front.remark(f"注：{text}")


def _notes(front: _Front) -> Iterator[str]:
    """What a reader of the figures must know, in words that stand alone."""
    totals, whole = front.totals, front.totals.whole
    if gaps := [f"{MONEY[name]}缺{count}个" for name, count in whole.unknown.items() if count]:
        yield f"有项目金额未能读取，未计入合计（{'、'.join(gaps)}）。"
    batch = front.batch
    yield from (*wording.unstated_money(batch), *wording.doubted_money(totals), *wording.beyond_budget(totals))
    yield from (*wording.money_notes(batch), *wording.counted_once(batch, attached=True))
    if unread := totals.files["refused"] + totals.files["failed"]:
        yield f"有{unread}个文件未能读取或未能全部读取，本表不含没有读出的部分。"
    forms, most = batch.compared.departments if batch.compared is not None else [], _MOST["notes"]
    for form in forms[:most]:
        yield f"部门整体支出自评（单独核对，不与项目合计）：{overall.told(form)}。"
    if len(forms) > most:
        yield f"部门整体支出自评共{len(forms)}个部门，以上列出{most}个。"


def _funds(front: _Front) -> None:
    """Money by what the forms state, and by source: initial, adjustment, budget, executed, left over."""
    front.section("预算安排与执行")
    rows: list[Sequence[Value]] = []
    # what the forms state; units stand in a table of their own
    for title, groups in (("预算安排", front.totals.origins), ("项目类别", front.totals.categories)):
        if any(group.name != UNSTATED for group in groups):
            rows += [(title, group.name, *_figures(group)) for group in merged_tail(groups, _MOST["groups"])]
    rows += [("资金来源", name, *_figures(source)) for name, source in front.totals.reached.by_source.items()]
    rows.append(("合计", "", *_figures(front.totals.whole)))
    front.table("funds", rows)


def _figures(of: Amounts) -> tuple[Value, ...]:
    """Projects, initial, adjustment, budget, executed, left over, rate; differences only of what all state."""
    return (
        of.projects, of.stated("initial"), of.adjustment, of.stated("adjusted"), of.stated("executed"), of.left_over,
        of.rate,
    )  # fmt: skip


def _levels(front: _Front) -> None:
    """Indicators reached and mean scores by level-1 group, the execution of the budget before them."""
    reached = front.totals.reached
    front.section("绩效指标完成情况")
    rows: list[Sequence[Value]] = []
    if reached.execution.projects:
        of = reached.execution
        rows.append(("预算执行率", *[None] * 5, of.mean_points, of.mean_score, of.rate))
    rows += [(name or UNSTATED, *_reached(level)) for name, level in reached.levels.items()]
    if len(reached.levels) > 1:
        rows.append(("合计", *_reached(reached.whole)))
    front.table("levels", rows)


def _reached(level: Level) -> tuple[Value, ...]:
    states = (level.rows[state] for state in ("met", "short", "unclear"))
    return level.indicators, *states, level.met_share, level.mean_points, level.mean_score, level.rate


def _scores(front: _Front) -> None:
    """Bands and grades side by side."""
    totals = front.totals
    front.section("得分分布")
    sides = []
    for counts in ({wording.band_title(name): count for name, count in totals.bands.items()}, totals.grades):
        sides.append([(name, count, share(count, totals.whole.projects)) for name, count in counts.items()])
    blank: tuple[Value, ...] = ("", None, None)
    rows = [[*left, *right] for left, right in zip_longest(*sides, fillvalue=blank)]
    front.table("scores", rows)
    if totals.whole.bands_differ:
        computed = totals.whole.bands_computed.items()
        words = [f"{wording.band_title(name)}{count}个" for name, count in computed if name != UNSTATED]
        front.remark(f"注：按复算得分统计为{'，'.join(words)}，与自评得分不同，请核实得分。")


def _unexecuted_and_low(front: _Front) -> None:
    """Unexecuted projects, then those below the drawn rate, the lowest first, with a chart where there are some."""
    idle = front.totals.unexecuted
    front.projects("unexecuted", "未执行项目", idle, lambda line: (line.adjusted, line.reason or wording.NO_REASON))
    below = _SETTINGS["chart"]["execution_below"]
    rates = [(line.rate, line) for line in front.totals.lines if line.executed and line.rate is not None]
    lines = [line for rate, line in sorted(rates, key=lambda pair: pair[0]) if rate < below]
    title = f"执行率低于{percent(below)}的项目"
    placed = front.projects(
        "low", title, lines, lambda line: (line.adjusted, line.executed, line.rate, line.reason or wording.NO_REASON)
    )
    _bars(front, placed, names=2, values=14, number="0.00%", title=title, zero=True)


def _sample(front: _Front) -> None:
    number, money = front.totals.drawn_shares
    parts = [f"占{what}的{percent(part)}" for what, part in (("项目数", number), ("执行数", money)) if part is not None]
    review = front.batch.review

    def values(line: ProjectLine) -> list[Value]:
        known: list[Value] = [line.category, line.origin, line.executed, line.declared]
        if review is not None:
            found = review.of(line.project_id)
            known.append(found.score if found is not None and found.score is not None else "未核查")
        return known

    name = "sample_reviewed" if review else "sample"
    front.projects("sample", "抽查项目", front.totals.sample, values, *parts, columns=name)


def _deviations(front: _Front) -> None:
    totals = front.totals
    total = sum(totals.off[kind] for kind in ("under", "over", "lost"))
    counts = f"未达目标{totals.off['under']}条，超额完成{totals.off['over']}条，其他失分{totals.off['lost']}条"
    shown = [*totals.under, *totals.over, *totals.lost][: _MOST["deviations"]]
    listed = f"，列出偏差最大的{len(shown)}条" if len(shown) < total else ""
    idle = "；未执行项目的指标不列" if totals.unexecuted else ""
    front.section(f"主要偏差指标（{counts}{listed}{idle}）")
    before, rows = _last_year(front.batch), []
    for one in shown:
        row = one.indicator
        last_year = [before(one)] if before is not None else []
        rows.append([
            wording.named(one.project, totals), row.name, row.target, row.actual, *last_year, row.completion_rate,
            row.deviation, row.lost, row.reason or wording.NO_REASON,
        ])  # fmt: skip
    name = "deviations_compared" if before else "deviations"
    placed = front.table(name, rows)
    known = list(takewhile(lambda one: one.indicator.deviation is not None, shown))
    columns = _SETTINGS["columns"][name]
    at = sum(span for span, *_ in columns[: [title for _, title, _ in columns].index("偏差")])
    title = "主要偏差指标的偏差（0为达到指标值）"
    _bars(front, placed[: len(known)], names=5, values=at, number="+0.00%;-0.00%", title=title)


def _last_year(batch: Batch) -> Callable[[Deviation], str] | None:
    """What an indicator reached last year, found by the names of project and indicator; None without last year."""
    if batch.previous is None:
        return None
    frames = batch.previous.frames
    names = dict(rows(frames.projects, "project_id", "project_name"))
    columns = ("project_id", "level3", "level2", "actual_text", "unit")
    done: dict[tuple[str, str], str] = {}
    for key, level3, level2, actual, unit in rows(frames.indicators, *columns):
        own = (project_key(names.get(key, "")), name_key(level3 or level2))
        done[own] = "" if own in done else shown_actual(actual, unit)  # of two with one name nothing is said
    return lambda one: done.get((project_key(one.project.name), name_key(one.indicator.name)), "")


def _foot(front: _Front) -> None:
    titles = "；".join(dict.fromkeys(ruleset.title for ruleset in front.batch.rulesets.values()))
    satisfied = front.totals.reached.satisfied.total()
    told = f"满意度为已执行项目以百分数填报的{satisfied}条满意度指标的完成值区间；" if satisfied else ""
    front.remark(
        "说明：调整数＝全年预算数－年初预算数；结余＝全年预算数－全年执行数；执行率＝全年执行数÷全年预算数；"
        "一个项目的各来源之和与资金总额不符的，列为来源未列明；平均分值、平均得分按有该类指标的项目计算；"
        f"{told}得分段、等级按自评总分统计，没有自评总分的按复算总分；完成率、偏差、复算得分按评分规则计算。"
        f"评分规则：{titles or '无'}。"
    )
    front.room(26)
    look = front.paper.look(align="left", valign="top")
    for at, text in enumerate(("单位负责人：", "财务负责人：", "填表人：", "填表日期：")):
        front.page.merged(front.row, at * 6, at * 6 + 5, text, look)
    front.tall(max(24.0, _LEAST - front.used) if front.breaks else 24.0)


def _room(span: int) -> float:
    """Characters that fit some merged columns, with a reserve for lines that break before punctuation."""
    return (span * _PIXELS - 5) / 7 - (1 if span > 4 else 0)


def _bars(front: _Front, rows: range, *, names: int, values: int, number: str, title: str, zero: bool = False) -> None:
    """Horizontal bars of the first rows of a table; too few say no more than the table."""
    chart_of = _SETTINGS["chart"]
    rows = rows[: chart_of["most"]]
    if len(rows) < chart_of["least"]:
        return
    first, last = rows[0], rows[-1]
    chart = front.paper.book.add_chart({"type": "bar"})
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
    chart.set_title({"name": title, "overlay": False, "name_font": {"name": "黑体", "size": 10, "bold": False}})
    axis: dict[str, Any] = {"visible": False, "major_gridlines": {"visible": False}}
    chart.set_x_axis(axis | ({"min": 0, "max": 1.1} if zero else {}))
    # names at the left edge, so that bars to the left of zero do not run over them
    chart.set_y_axis({"reverse": True, "num_font": _FONT, "label_position": "low", "line": {"color": _FILL}})
    height = 34 + 16 * len(rows)  # over the whole width, in a row of its own
    front.room(height)
    chart.set_size({"width": _PIXELS * _WIDTH - 12, "height": round(height / 0.75) - 6})
    front.page.sheet.insert_chart(front.row, 0, chart, {"x_offset": 6, "y_offset": 3, "object_position": 1})
    front.tall(height)
