"""What was monitored within the year (绩效运行监控) against the self-evaluation and the approved targets.

Monitored figures are never the year's: they say what was known when, so that a later change can be dated and a
forecast held against what came.
"""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from perfbatch import notation
from perfbatch.checks.form import less
from perfbatch.cycle import matching
from perfbatch.cycle.compare import ERROR, INFO, WARNING, Change, Compared, change_of, read_in
from perfbatch.cycle.sheets import Own, Project, Row, Sheet, goal_key
from perfbatch.decimals import percent, plain
from perfbatch.identity.units import Aliases
from perfbatch.notation import Around, Reading, fold, is_nil, says_nothing

FELL, DATED, JUDGED, COPIED = "MN01", "MN02", "MN03", "MN04"
UNEXPLAINED, RUSH, UNMENDED = "MN05", "MN06", "MN07"
LIKELY = {"sure": "确定能", "maybe": "有可能", "never": "完全不可能"}
_COUNTS = ("数量指标",)
_MONTHS = 12
_USUAL = 7  # until which month monitoring goes where a form does not say (1—7月)


class _Pair(NamedTuple):
    """A row of a monitoring form, and the row of the self-evaluation that it is about."""

    sheet: Sheet
    project: Project
    row: Row
    own: Own

    @property
    def year(self) -> int | None:
        year: int | None = self.project.year or self.sheet.year
        return year

    def target(self, row: Row | None = None) -> Reading:
        """The target at monitoring (or another one of this indicator), read."""
        row = row or self.row
        return read_in(row.target, row.name, row.level2 or self.own.level2, self.year)

    def actual(self, text: str) -> Reading:
        """What was reached, read beside the target at monitoring."""
        target = self.row.target
        around = Around(target.sign, target.unit, self.own.level3, self.own.level2, year=self.year)
        return notation.read_actual(text, self.target(), around)

    def is_count(self, reading: Reading) -> bool:
        """Whether a figure adds up over the year: a quantity of output that is no share."""
        output = (self.row.level2 or self.own.level2) in _COUNTS and "率" not in self.own.level3
        return output and reading.value is not None and reading.unit not in ("%", "‰")

    @property
    def changed(self) -> bool:
        """Whether the self-evaluation states another target than the monitoring form."""
        mine = self.own.target
        if self.row.target.key == mine.key:
            return False
        return not _equal(self.target(), read_in(mine, self.own.level3, self.own.level2, self.year))

    def change(self, code: str, severity: str, message: str, expected: str, seen: str | None = None) -> Change:
        """A change at the actual of the row."""
        source = f"{self.sheet.file}“{self.row.sheet}”{self.row.cell_actual or self.row.own_cell}"
        seen = self.own.actual_text if seen is None else seen
        texts = {"seen": seen, "expected": expected, "message": message, "source": source}
        return change_of(code, severity, self.project, self.own, "cell_actual", **texts)


def compare(
    found: Compared, monitored: Sequence[Sheet], own: Sequence[Project], aliases: Aliases, mended: Collection[str]
) -> None:
    """Add to `found` what monitoring shows of the projects; `mended` are project names that the ledger of
    rectification has an entry for."""
    matching.number_units(monitored, own, aliases)
    approved = {
        (plan.own.project_id, row.own.sheet, row.own.row): row
        for plan in found.approved
        for row in plan.rows
        if plan.own and row.own
    }
    midyear: dict[tuple[str, str, int | None], str] = {}
    seen: set[str] = set()
    for sheet in monitored:
        for project in (own[at] for at in matching.projects([sheet], own).of):
            seen.add(project.project_id)
            pairs = [_Pair(sheet, project, *pair) for pair in matching.rows(sheet.rows, project.rows).pairs]
            for pair in pairs:
                place = (project.project_id, pair.own.sheet, pair.own.row)
                done = f"{_period(sheet)}完成{pair.row.actual_text}" if pair.row.actual_text else ""
                told = (f"目标{pair.row.target.shown}", done, LIKELY.get(pair.row.likelihood, ""))
                midyear[place] = "，".join(filter(None, told))
                found.changes += [*_fell(pair), *_dated(pair, approved.get(place)), *_judged(pair)]
                found.changes += [*_unexplained(pair), *_unmended(pair, mended)]
            found.changes += [*_copied(project, pairs), *_money(sheet, project)]
    found.monitored = len(seen)
    for at, change in enumerate(found.changes):
        said = midyear.get((change.project_id, change.sheet, change.row), "")
        found.changes[at] = change._replace(midyear=said)


def _months(sheet: Sheet) -> int:
    return int(sheet.months or _USUAL)


def _period(sheet: Sheet) -> str:
    return f"1—{_months(sheet)}月"


def _fell(pair: _Pair) -> Iterator[Change]:
    """A count that is smaller at the end of the year than it was within it."""
    done, before = pair.row.actual_text, pair.actual(pair.row.actual_text)
    if not pair.is_count(before):
        return
    compared = notation.compare(before, pair.actual(pair.own.actual_text))
    if compared.state in ("yes", "assumed") and less(compared.actual, compared.target):
        told = f"{_period(pair.sheet)}已完成{done}，全年实际完成值{pair.own.actual_text}反而减少"
        yield pair.change(FELL, ERROR, f"“{pair.own.level3}”{told}。", f"不少于{done}")


def _dated(pair: _Pair, approved: Row | None) -> Iterator[Change]:
    """When a target changed: before or after the form of monitoring was filled in."""
    then, now, form = pair.row.target, pair.own.target, f"监控表（{_period(pair.sheet)}）"
    if approved is not None and approved.target.key != now.key:
        before = approved.target.key != then.key and not _equal(pair.target(approved), pair.target())
        if before is pair.changed:
            return
        when = f"已为{then.shown}，是批复以后、监控以前改的" if before else f"仍为{then.shown}，是监控以后改的"
        message = f"“{pair.own.level3}”年初批复{approved.target.shown}，自评表{now.shown}，{form}{when}。"
    elif pair.changed:
        message = f"“{pair.own.level3}”{form}的指标值为{then.shown}，自评表为{now.shown}，两处不一致。"
    else:
        return
    yield pair.change(DATED, INFO, message, then.shown, now.shown)


def _equal(one: Reading, other: Reading) -> bool:
    if one.kind == other.kind == "date":
        return one.date_to == other.date_to
    if one.value is None or other.value is None:
        return goal_key(one.raw) == goal_key(other.raw)
    compared = notation.compare(one, other)
    return one.op == other.op and compared.target is not None and compared.target == compared.actual


def _judged(pair: _Pair) -> Iterator[Change]:
    """确定能 that was missed without a reason, 完全不可能 that got all points."""
    own, likely = pair.own, pair.row.likelihood
    full = own.score_declared is not None and own.points is not None and own.score_declared >= own.points > 0
    if likely == "sure" and less(own.score, own.points) and says_nothing(own.reason):
        message = f"“{own.level3}”监控时判断确定能完成，全年完成{own.actual_text}没有达到目标，也没有说明原因。"
        yield pair.change(JUDGED, WARNING, message, "偏差原因")
    elif likely == "never" and full:
        message = f"“{own.level3}”监控时判断完全不可能完成，自评得满分{plain(own.score_declared)}分，请核实完成情况。"
        yield pair.change(JUDGED, WARNING, message, "核实完成情况")


def _unexplained(pair: _Pair) -> Iterator[Change]:
    """Doubt about a target, or a count far behind, without reason, measure or adjustment."""
    row, own = pair.row, pair.own
    if not says_nothing(row.reason) or not says_nothing(row.measures) or pair.changed:
        return
    behind, likely, tail = _behind(pair), row.likelihood, ""
    if likely not in ("maybe", "never") and not behind:
        return
    if likely == "never" and fold(row.forecast_text) and fold(row.forecast_text) == fold(own.actual_text):
        tail = f"，全年结果{own.actual_text}与当时的预计相同，没有采取纠正措施"
    what = "，".join(filter(None, (f"判断为{LIKELY[likely]}" if likely else "", behind)))
    told = f"监控（{_period(pair.sheet)}）{what}，没有说明原因、措施，也没有调整目标{tail}"
    yield pair.change(UNEXPLAINED, WARNING, f"“{own.level3}”{told}。", "偏差原因和改进措施")


def _behind(pair: _Pair) -> str:
    """How far a count lies behind the months that had passed; empty where it does not."""
    actual, target = pair.actual(pair.row.actual_text), pair.target()
    compared = notation.compare(target, actual)
    if not pair.is_count(actual) or target.op in ("le", "lt"):
        return ""
    if compared.target is None or compared.actual is None or compared.target <= 0:
        return ""
    due, done = Decimal(_months(pair.sheet)) / _MONTHS, compared.actual / compared.target
    told = f"完成{pair.row.actual_text}，为目标的{percent(done, 0)}，落后于时间进度{percent(due, 0)}"
    return told if done < due * (1 - pair.project.rules["monitor_behind"]) else ""


def _copied(project: Project, pairs: Sequence[_Pair]) -> Iterator[Change]:
    """A year's result that equals the forecast of the monitoring form in every row."""
    forecasts = [(fold(pair.row.forecast_text), fold(pair.own.actual_text)) for pair in pairs]
    forecasts = [(text, actual) for text, actual in forecasts if text and not is_nil(text)]
    if len(forecasts) >= project.rules["monitor_copied_rows"] and all(text == actual for text, actual in forecasts):
        told = f"{len(forecasts)}条指标的实际完成值与监控表的全年预计完成情况逐条相同，请核实是否为实际数。"
        texts = {"seen": str(len(forecasts)), "expected": "实际完成情况", "message": told}
        yield change_of(COPIED, INFO, project, None, "cell", **texts)


def _money(sheet: Sheet, project: Project) -> Iterator[Change]:
    """Spending that shrank, missed its forecast by far, or came at the very end."""
    spent, forecast, rules = sheet.executed, sheet.forecast_executed, project.rules
    budget = project.budget_adjusted or project.budget_initial
    period, executed, rate = _period(sheet), plain(project.executed), percent(project.execution_rate)
    texts = {"seen": executed, "name": "全年执行数"}
    texts["source"] = f"{sheet.file}“{sheet.sheet}”{sheet.cell_executed or sheet.cell}"
    if less(project.executed, spent):
        texts["message"] = f"全年执行数{executed}万元少于{period}已执行的{plain(spent)}万元。"
        yield change_of(FELL, ERROR, project, None, "cell_executed", **texts, expected=f"不少于{plain(spent)}")
        return
    if forecast is not None and executed and budget:
        gap = abs(project.executed - forecast) / budget
        if gap > rules["monitor_forecast_gap"]:
            told = f"监控时预计全年执行{plain(forecast)}万元，实际执行{executed}万元，相差预算的{percent(gap)}。"
            given = texts | {"expected": plain(forecast), "message": told}
            yield change_of(RUSH, INFO, project, None, "cell_executed", **given)
    if spent is None or not budget or not rate:
        return
    then = spent / budget
    if then < rules["monitor_low_rate"] and project.execution_rate >= rules["monitor_rush_rate"]:
        texts |= {"seen": rate, "expected": percent(then), "name": "预算执行率"}
        told = f"{period}预算执行率{percent(then)}，年底为{rate}，支出集中在年底，请核实支出是否合规。"
        yield change_of(RUSH, INFO, project, None, "cell_executed", **texts, message=told)


def _unmended(pair: _Pair, mended: Collection[str]) -> Iterator[Change]:
    """Something that was to be rectified, without a result on the form or in the ledger."""
    asked = fold(pair.row.rectify) in ("是", "需要", "需整改", "√")
    entered = pair.project.project_name in mended or pair.project.project_code in mended
    if asked and says_nothing(pair.row.rectified) and not entered:
        message = f"“{pair.own.level3}”监控时要求整改，监控表和整改台账中都没有整改结果。"
        yield pair.change(UNMENDED, WARNING, message, "整改结果")
