"""What was monitored within the year (绩效运行监控) against the self-evaluation and the approved targets.

Monitored figures are never the year's: they say what was known when, so that a later change can be dated and a
forecast held against what came.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from perfbatch import notation
from perfbatch.cycle import matching
from perfbatch.cycle.approved import Approved, ApprovedRow, Own, Project, goal_key
from perfbatch.cycle.compare import ERROR, INFO, WARNING, Change, Compared, change_of, read_in
from perfbatch.decimals import percent, plain
from perfbatch.notation import Around, Reading, fold, is_nil, says_nothing

FELL, DATED, JUDGED, COPIED = "MN01", "MN02", "MN03", "MN04"
UNEXPLAINED, RUSH, UNMENDED = "MN05", "MN06", "MN07"
LIKELY = {"sure": "确定能", "maybe": "有可能", "never": "完全不可能"}
_COUNTS = ("数量指标",)
_MONTHS = 12
_USUAL = 7  # until which month monitoring goes where a form does not say (1—7月)


class _Pair(NamedTuple):
    row: ApprovedRow
    own: Own


def compare(
    found: Compared,
    monitored: Sequence[Approved],
    own: Sequence[Project],
    aliases: Mapping[str, Sequence[str]] | None = None,
    mended: Collection[str] = (),
) -> None:
    """Add to `found` what monitoring shows of the projects; `mended` are project names that the ledger of
    rectification has an entry for."""
    numbers, known = matching.units(monitored, own, aliases)
    approved = _approved_rows(found)
    midyear: dict[tuple[str, str, int | None], str] = {}
    seen: set[str] = set()
    for sheet, unit in zip(monitored, numbers, strict=True):
        matched = matching.projects([sheet], [unit], own, known)
        for at in matched.of:
            project = own[at]
            seen.add(project.id)
            pairs = _pairs(sheet, project)
            for pair in pairs:
                midyear[project.id, pair.own.sheet, pair.own.row] = _said(pair.row, sheet)
            found.changes += _of_project(sheet, project, pairs, approved, mended)
    found.monitored = len(seen)
    found.changes = [
        change._replace(midyear=midyear.get((change.project_id, change.sheet, change.row), ""))
        for change in found.changes
    ]


def _approved_rows(found: Compared) -> dict[tuple[str, str, int], ApprovedRow]:
    return {
        (found.own_of[number], own.sheet, own.row): found.approved[number].rows[at]
        for (number, at), own in found.matched_rows.items()
        if number in found.own_of
    }


def _pairs(sheet: Approved, project: Project) -> list[_Pair]:
    same = [("", "")] * (len(sheet.rows) + len(project.rows))
    matched = matching.rows(sheet.rows, project.rows, same)
    return [_Pair(sheet.rows[at], project.rows[pick]) for at, pick in matched.pairs]


def _months(sheet: Approved) -> int:
    return int(sheet.more.get("months") or _USUAL)


def _period(sheet: Approved) -> str:
    return f"1—{_months(sheet)}月"


def _said(row: ApprovedRow, sheet: Approved) -> str:
    """What monitoring said of a row, for the list."""
    more = row.more
    parts = [f"目标{row.target.shown}", f"{_period(sheet)}完成{more['actual_text']}" if more["actual_text"] else ""]
    return "，".join(filter(None, [*parts, LIKELY.get(more["likelihood"], "")]))


def _of_project(
    sheet: Approved,
    project: Project,
    pairs: Sequence[_Pair],
    approved: Mapping[tuple[str, str, int], ApprovedRow],
    mended: Collection[str],
) -> Iterator[Change]:
    year = project.year or sheet.year
    for pair in pairs:
        yield from _fell(sheet, project, pair, year)
        yield from _dated(sheet, project, pair, approved.get((project.id, pair.own.sheet, pair.own.row)), year)
        yield from _judged(sheet, project, pair)
        yield from _unexplained(sheet, project, pair, year)
        yield from _unmended(sheet, project, pair, mended)
    yield from _copied(sheet, project, pairs)
    yield from _money(sheet, project)


def _row_change(code: str, severity: str, sheet: Approved, project: Project, pair: _Pair, **texts: Any) -> Change:
    source = f"{sheet.file}“{pair.row.sheet}”{pair.row.more.get('cell_actual') or pair.row.cell}"
    given = {"seen": pair.own.actual, "expected": "", **texts}
    return change_of(code, severity, project, pair.own, "cell_actual", source=source, **given)


def _reading(row: ApprovedRow, text: str, own: Own, year: int | None) -> Reading:
    target = read_in(row.target, row.name, row.level2 or own.level2, year)
    around = Around(row.target.sign, row.target.unit, own.name, own.level2, year=year)
    return notation.read_actual(text, target, around)


def _is_count(row: ApprovedRow, own: Own, reading: Reading) -> bool:
    """Whether a figure adds up over the year: a quantity of output that is no share."""
    level2 = row.level2 or own.level2
    return level2 in _COUNTS and reading.value is not None and reading.unit not in ("%", "‰") and "率" not in own.name


def _fell(sheet: Approved, project: Project, pair: _Pair, year: int | None) -> Iterator[Change]:
    """A count that is smaller at the end of the year than it was within it."""
    row, own = pair
    before = _reading(row, row.more["actual_text"], own, year)
    if not _is_count(row, own, before):
        return
    after = _reading(row, own.actual, own, year)
    compared = notation.compare(before, after)
    if compared.state not in ("yes", "assumed") or compared.target is None or compared.actual is None:
        return
    if compared.actual < compared.target:
        message = f"“{own.name}”{_period(sheet)}已完成{row.more['actual_text']}，全年实际完成值{own.actual}反而减少。"
        yield _row_change(
            FELL, ERROR, sheet, project, pair, expected=f"不少于{row.more['actual_text']}", message=message
        )


def _dated(
    sheet: Approved, project: Project, pair: _Pair, approved: ApprovedRow | None, year: int | None
) -> Iterator[Change]:
    """When a target changed: before or after the form of monitoring was filled in."""
    row, own = pair
    now = _differs(row, own, year)
    if approved is not None and approved.target.key != own.target.key:
        before = _same(approved, row, own, year)
        if now and not before:
            when = f"监控表（{_period(sheet)}）仍为{row.target.shown}，是监控以后改的"
        elif before and not now:
            when = f"监控表（{_period(sheet)}）已为{row.target.shown}，是批复以后、监控以前改的"
        else:
            return
        message = f"“{own.name}”年初批复{approved.target.shown}，自评表{own.target.shown}，{when}。"
    elif now:
        both = f"的指标值为{row.target.shown}，自评表为{own.target.shown}，两处不一致"
        message = f"“{own.name}”监控表（{_period(sheet)}）{both}。"
    else:
        return
    yield _row_change(
        DATED, INFO, sheet, project, pair, seen=own.target.shown, expected=row.target.shown, message=message
    )


def _differs(row: ApprovedRow, own: Own, year: int | None) -> bool:
    if row.target.key == own.target.key:
        return False
    first = read_in(row.target, row.name, row.level2 or own.level2, year)
    return not _equal(first, read_in(own.target, own.name, own.level2, year))


def _same(approved: ApprovedRow, row: ApprovedRow, own: Own, year: int | None) -> bool:
    """Whether the target at monitoring is no longer the approved one."""
    if approved.target.key == row.target.key:
        return False
    first = read_in(approved.target, approved.name, approved.level2 or own.level2, year)
    return not _equal(first, read_in(row.target, row.name, row.level2 or own.level2, year))


def _equal(one: Reading, other: Reading) -> bool:
    if one.kind == other.kind == "date":
        return one.date_to == other.date_to
    if one.value is None or other.value is None:
        return goal_key(one.raw) == goal_key(other.raw)
    compared = notation.compare(one, other)
    return one.op == other.op and compared.target is not None and compared.target == compared.actual


def _judged(sheet: Approved, project: Project, pair: _Pair) -> Iterator[Change]:
    """确定能 that was missed without a reason, 完全不可能 that got all points."""
    row, own = pair
    likely = row.more["likelihood"]
    missed = own.score is not None and own.points is not None and own.score < own.points
    full = own.declared is not None and own.points is not None and own.declared >= own.points > 0
    if likely == "sure" and missed and says_nothing(own.reason):
        message = f"“{own.name}”监控时判断确定能完成，全年完成{own.actual}没有达到目标，也没有说明原因。"
        yield _row_change(JUDGED, WARNING, sheet, project, pair, expected="偏差原因", message=message)
    elif likely == "never" and full:
        message = f"“{own.name}”监控时判断完全不可能完成，自评得满分{plain(own.declared)}分，请核实完成情况。"
        yield _row_change(JUDGED, WARNING, sheet, project, pair, expected="核实完成情况", message=message)


def _unexplained(sheet: Approved, project: Project, pair: _Pair, year: int | None) -> Iterator[Change]:
    """Doubt about a target, or a count far behind, without reason, measure or adjustment."""
    row, own = pair
    more = row.more
    if not all(says_nothing(more[name]) for name in ("reason", "measures")) or _differs(row, own, year):
        return
    behind = _behind(sheet, row, own, year, project.rules)
    likely = more["likelihood"]
    if likely not in ("maybe", "never") and not behind:
        return
    told = [f"判断为{LIKELY[likely]}" if likely else "", behind]
    forecast = more["forecast_text"]
    tail = ""
    if likely == "never" and fold(forecast) and fold(forecast) == fold(own.actual):
        tail = f"，全年结果{own.actual}与当时的预计相同，没有采取纠正措施"
    what = "，".join(filter(None, told))
    message = f"“{own.name}”监控（{_period(sheet)}）{what}，没有说明原因、措施，也没有调整目标{tail}。"
    yield _row_change(UNEXPLAINED, WARNING, sheet, project, pair, expected="偏差原因和改进措施", message=message)


def _behind(sheet: Approved, row: ApprovedRow, own: Own, year: int | None, rules: Mapping[str, Any]) -> str:
    """How far a count lies behind the months that had passed; empty where it does not."""
    actual = _reading(row, row.more["actual_text"], own, year)
    if not _is_count(row, own, actual):
        return ""
    target = read_in(row.target, row.name, row.level2 or own.level2, year)
    compared = notation.compare(target, actual)
    if compared.target is None or compared.actual is None or compared.target <= 0 or target.op in ("le", "lt"):
        return ""
    due = Decimal(_months(sheet)) / _MONTHS
    done = compared.actual / compared.target
    if done >= due * (1 - rules["monitor_behind"]):
        return ""
    return f"完成{row.more['actual_text']}，为目标的{percent(done, 0)}，落后于时间进度{percent(due, 0)}"


def _copied(sheet: Approved, project: Project, pairs: Sequence[_Pair]) -> Iterator[Change]:
    """A year's result that equals the forecast of the monitoring form in every row."""
    told = [(pair, fold(pair.row.more["forecast_text"])) for pair in pairs]
    told = [(pair, text) for pair, text in told if text and not is_nil(text)]
    if len(told) < project.rules["monitor_copied_rows"]:
        return
    if all(text == fold(pair.own.actual) for pair, text in told):
        message = f"{len(told)}条指标的实际完成值与监控表的全年预计完成情况逐条相同，请核实是否为实际数。"
        yield change_of(
            COPIED, INFO, project, None, "cell", seen=str(len(told)), expected="实际完成情况", message=message
        )


def _money(sheet: Approved, project: Project) -> Iterator[Change]:
    """Spending that shrank, missed its forecast by far, or came at the very end."""
    more, rules = sheet.more, project.rules
    spent, forecast, budget = more["executed"], more["forecast_executed"], project.adjusted or project.initial
    period = _period(sheet)
    source = f"{sheet.file}“{sheet.sheet}”{more['cell_executed'] or sheet.cell}"
    if spent is not None and project.executed is not None and project.executed < spent:
        yield change_of(
            FELL, ERROR, project, None, "cell_executed", seen=plain(project.executed), expected=f"不少于{plain(spent)}",
            name="全年执行数", source=source,
            message=f"全年执行数{plain(project.executed)}万元少于{period}已执行的{plain(spent)}万元。",
        )  # fmt: skip
        return
    if forecast is not None and project.executed is not None and budget:
        gap = abs(project.executed - forecast) / budget
        if gap > rules["monitor_forecast_gap"]:
            yield change_of(
                RUSH, INFO, project, None, "cell_executed", seen=plain(project.executed), expected=plain(forecast),
                name="全年执行数", source=source,
                message=(
                    f"监控时预计全年执行{plain(forecast)}万元，实际执行{plain(project.executed)}万元，"
                    f"相差预算的{percent(gap)}。"
                ),
            )  # fmt: skip
    if spent is None or not budget or project.rate is None:
        return
    rate = spent / budget
    if rate < rules["monitor_low_rate"] and project.rate >= rules["monitor_rush_rate"]:
        yield change_of(
            RUSH, INFO, project, None, "cell_executed", seen=percent(project.rate), expected=percent(rate),
            name="预算执行率", source=source,
            message=f"{period}预算执行率{percent(rate)}，年底为{percent(project.rate)}，支出集中在年底，请核实支出是否合规。",
        )  # fmt: skip


def _unmended(sheet: Approved, project: Project, pair: _Pair, mended: Collection[str]) -> Iterator[Change]:
    """Something that was to be rectified, without a result on the form or in the ledger."""
    asked = fold(pair.row.more["rectify"])
    if asked not in ("是", "需要", "需整改", "√") or not says_nothing(pair.row.more["rectified"]):
        return
    if project.name in mended or project.code in mended:
        return
    message = f"“{pair.own.name}”监控时要求整改，监控表和整改台账中都没有整改结果。"
    yield _row_change(UNMENDED, WARNING, sheet, project, pair, expected="整改结果", message=message)
