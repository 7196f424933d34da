"""HB: the four-block form of Hebei counties and the red cells of the platform's Hebei mode."""

from collections.abc import Iterator
from decimal import Decimal

from perfbatch.checks.batch import Batch
from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import ZERO, Form, Row, apart, more, sum_of
from perfbatch.checks.funds import not_the_sum
from perfbatch.checks.register import check
from perfbatch.decimals import divide, half_up, percent
from perfbatch.notation import fold
from perfbatch.schema import CONVERTED

_RULESET = "hebei"
_WHOLE = Decimal(100)
_DONE = ("完成", "已完成", "达成", "全部完成", "超额完成")
_NOT_DONE = ("未完成", "未达成", "没有完成", "部分完成", "部分达成", "基本完成")
_UNITS = ("万元", "元")
_EXECUTED, _ARRIVED = ("executed", "arrived", "执行数", "到位数"), ("arrived", "adjusted", "到位数", "预算数")


def _weighed(form: Form) -> list[Row]:
    """Rows that have both a score on the 0–100 scale and a share in percent."""
    return [row for row in form.summed if row.item_score is not None and more(row.weight_share, ZERO)]


def typed_points(form: Form) -> bool:
    """Whether the item scores are points instead of 0–100: each equals its share or the folded one."""
    rows = _weighed(form)
    return (
        len(rows) > 1
        and form["hebei_item_scale"] != "points"
        and all(row.item_score <= row.weight_share < _WHOLE for row in rows)
        and all(row.item_score in (row.weight_share, row.score_declared) for row in rows)
    )


def shrunk_points(form: Form) -> bool:
    """Whether the item scores are points and were multiplied by their share again."""
    return form.has(CONVERTED) and typed_points(form) and any(map(_reduced, _weighed(form)))


def _folded(row: Row) -> Decimal:
    return Decimal(row.item_score * row.weight_share / _WHOLE)


def _reduced(row: Row) -> bool:
    return bool(row.item_score > 0 and row.score_declared == _folded(row))


@check("HB01", of="form")
def wrong_folded_score(form: Form) -> Iterator[Hit]:
    """The folded score is not item score × share; where points were typed as item scores HB02 reports."""
    rows = _weighed(form)
    if not rows or form["hebei_item_scale"] not in ("hundred", "auto") or typed_points(form):
        return
    for row in rows:
        due = _folded(row)
        if apart(row.score_declared, due, form["tol_score"]):
            told = f"折算得分应为单项得分{number(row.item_score)}×权重占比{number(row.weight_share)}%＝{number(due)}，"
            told += f"填报{number(row.score_declared)}。"
            yield row.hit("cell_score", told, expected=number(due))


@check("HB02", of="form")
def points_as_item_scores(form: Form) -> Iterator[Hit]:
    """Every item score equals its share: points were typed where a score of 0–100 belongs.

    Where the folded scores were computed from them (20 × 20 % = 4) the total is certainly wrong; where the
    points were simply repeated the scale itself is in doubt, a warning.
    """
    rows = _weighed(form)
    if rows and typed_points(form):
        seen, severity = number(rows[0].item_score), "" if any(map(_reduced, rows)) else "warning"
        told = f"各行单项得分都不超过权重占比（如{seen}与{number(rows[0].weight_share)}%），"
        told += "疑似填了分值，没有按百分制填写。"
        yield rows[0].hit("cell_item_score", told, seen=seen, expected="0到100的得分", severity=severity)


@check("HB03", of="form")
def shares_total(form: Form) -> Iterator[Hit]:
    """The shares of all rows do not add up to 100; silent while a row has none."""
    rows = [row for row in form.summed if row.cell_weight_share]
    gaps = any(row.weight_share is None and not row.group_points for row in rows)
    if gaps or not any(row.role != "execution" for row in rows):
        return
    shares, whole = sum_of(rows, "weight_share"), form["total_points"]
    if apart(shares, whole, form["tol_points"]):
        told = f"各行权重占比合计{number(shares)}%，应为{number(whole)}%。"
        yield rows[0].hit("cell_weight_share", told, seen=number(shares), expected=number(whole))


@check("HB04", of="form")
def points_and_share_apart(form: Form) -> Iterator[Hit]:
    """Points and share of a row are both filled and differ, though both describe its part of 100."""
    for row in form.summed:
        if apart(row.points, row.weight_share, form["tol_points"]):
            told = f"指标分值为{number(row.points)}，权重占比为{number(row.weight_share)}%，两者不一致。"
            yield row.hit("cell_points", told, expected=number(row.weight_share))


@check("HB05", of="form")
def parts_do_not_add_up(form: Form) -> Iterator[Hit]:
    """Budget, arrived or executed is not the sum of fiscal and other money."""
    for name, title in (("adjusted", "预算数"), ("arrived", "到位数"), ("executed", "执行数")):
        yield from not_the_sum(form, name, f"{title}为{{}}万元，财政资金与其他资金之和为{{}}万元，两者不符。")


@check("HB06", of="form")
def more_than_came_in(form: Form) -> Iterator[Hit]:
    """More was executed than arrived, or more arrived than was budgeted."""
    slack = form["tol_money"]
    for line in form.funds if slack is not None else ():
        for name, limit, title, other in (_EXECUTED, _ARRIVED):
            most, value = getattr(line, limit), getattr(line, name)
            if most is not None and more(value, most + slack):
                told = f"“{line.source.strip()}”{title}{number(value)}万元大于{other}{number(most)}万元。"
                yield line.hit(f"cell_{name}", told, expected=f"不超过{number(most)}万元")


@check("HB07", of="form")
def wrong_progress(form: Form) -> Iterator[Hit]:
    """The printed progress is not executed ÷ budget; right in whole percent is information only."""
    slack = form["tol_rate"]
    for line in form.funds if slack is not None else ():
        if not more(line.adjusted, ZERO) or line.executed is None or line.rate_declared is None:
            continue
        rate = divide(line.executed, line.adjusted)
        if abs(rate - line.rate_declared) * _WHOLE > slack:
            told = f"预算执行进度应为执行数{number(line.executed)}÷预算数{number(line.adjusted)}＝{percent(rate)}，"
            told += f"表中为{line.rate_text.strip()}。"
            severity = "info" if half_up(rate, 2) == line.rate_declared else ""
            yield line.hit("cell_rate", told, expected=percent(rate), severity=severity)


@check("HB08", of="form")
def verdict_contradicts(form: Form) -> Iterator[Hit]:
    """The verdict 完成/未完成 contradicts the comparison of target and actual.

    A warning where a convention was needed to read the figures.
    """
    for row in form.rows:
        if not row.verdict or not row.compared:
            continue
        met = not row.missed and row.direction not in ("none", "")
        said = fold(row.verdict).rstrip("。")
        if (said in _DONE and row.missed) or (said in _NOT_DONE and met):
            how, expected = ("已完成", "完成") if met else ("没有完成", "未完成")
            told = f"目标{row.target}，实际{row.actual}，{how}目标，而完成情况填“{row.verdict.strip()}”。"
            severity = "warning" if row.comparison == "assumed" else ""
            yield row.hit("cell_verdict", told, expected=expected, severity=severity)


@check("HB09", of="form")
def overall_rate_contradicts(form: Form) -> Iterator[Hit]:
    """The overall completion says 100 % although a row missed its target, or less although all rows met it."""
    rate, rows = form.goal_completion, form.indicators
    if rate is None:
        return
    missed = any(row.missed for row in rows)
    all_met = bool(rows) and all(row.compared and not row.missed for row in rows)
    if (rate >= _WHOLE and missed) or (rate < _WHOLE and all_met):
        told = f"总体完成率为{number(rate)}%，而" + ("有指标没有完成目标。" if missed else "各项指标都完成了目标。")
        yield form.hit(("cell_goal_completion", "cell"), told, seen=number(rate))


@check("HB10", of="form")
def rate_row_wrong(form: Form) -> Iterator[Hit]:
    """The last group 预算执行率 is missing on the Hebei form, or its value is not that of block two."""
    if not form.rows:
        return
    rated = [row for row in form.rows if row.role == "execution"]
    if not rated:
        yield form.hit(("cell_rate", "cell"), "绩效指标中没有“预算执行率”一组。", expected="预算执行率指标行")
    rate = None if form.execution_rate is None else form.execution_rate * _WHOLE
    for row in rated:
        if row.actual_unit in ("%", "") and apart(row.actual_value, rate, form["tol_rate"]):
            told = f"预算执行率指标填{row.actual_text.strip()}，资金栏为{number(rate, 2)}%，两处不一致。"
            yield row.hit("cell_actual", told, expected=f"{number(rate, 2)}%")


@check("HB11", of="batch")
def mixed_level_names(batch: Batch) -> Iterator[Hit]:
    """One batch calls the same level 1 效果指标 here and 效益指标 there; the first of the rarer is named."""
    rows = [row for form in batch.forms if form.has(CONVERTED) for row in form.rows if row.level1 == "效益指标"]
    found = {word: [row for row in rows if word in row.level1_text] for word in ("效果", "效益")}
    if all(found.values()):
        first = min(found.values(), key=len)[0]
        told = f"本批自评表一级指标既有“效果指标”（{len(found['效果'])}行）又有“效益指标”（{len(found['效益'])}行），"
        told += "名称不统一。"
        yield first.hit("cell_level1", told)


@check("HB12", of="form")
def red_without_reason(form: Form) -> Iterator[Hit]:
    """A cell the platform's Hebei mode paints red, without an explanation.

    Red: ≥ exceeded by the flag ratio, ≤ exceeded, = different. Forms without a reason column may explain at
    the end of the form.
    """
    if not form.has(CONVERTED) and not form.ruleset.startswith(_RULESET):
        return
    explained, limit = not form.nil("problems", "measures", "reason_box"), form["over_flag_ratio"]
    for row in form.indicators:
        if row.direction == "positive":
            red = bool(limit) and row.ratio is not None and row.ratio >= limit
        elif row.direction == "negative":
            red = more(row.actual_base, row.target_base)
        else:
            red = row.direction == "equal" and row.actual_base != row.target_base
        if red and row.compared and row.silent and (row.cell_reason or not explained):
            told = f"目标{row.target}，实际{row.actual}，系统会标红，没有说明偏差原因。"
            yield row.hit(("cell_reason", "cell_actual"), told, seen=row.actual_text, expected="说明偏差原因")


@check("HB13", of="form")
def money_unit_missing(form: Form) -> Iterator[Hit]:
    """The field 金额单位 is empty or neither 万元 nor 元, so the amounts of block two cannot be read."""
    if not form.cell_money_unit:  # without the field FU10 tells how the unit was found
        return
    stated = form.money_how == "stated"
    if form.money_how not in ("stated", "") or fold(form.money_unit) not in _UNITS:
        told = f"金额单位“{form.money_unit}”不是万元或元。" if stated else "金额单位没有填写。"
        yield form.hit(("cell_money_unit", "cell"), told, seen=form.money_unit if stated else "", expected="万元或元")
