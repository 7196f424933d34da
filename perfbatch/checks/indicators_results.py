"""IN, results: target against actual: over-completion, deviations, money, dates and sums of sub-rows; and the same
indicator, figures or words again and again."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from perfbatch.checks import words
from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import ZERO, Form, Row, apart, less, more
from perfbatch.checks.register import check
from perfbatch.decimals import divide, percent, plain, total
from perfbatch.notation import fold, is_nil
from perfbatch.notation.units import dimension
from perfbatch.schema import grouped

_OTHER_COST = ("社会成本指标", "生态环境成本指标")


@check("IN10", of="form")
def over_completed(form: Form) -> Iterator[Hit]:
    """The actual is a multiple of a more-is-better target; from the review ratio on, the target was too low.

    Only a reduction is proposed there, no score is changed: no document states a scale. A reason closes
    the question and leaves information.
    """
    tiers = [tier for tier in (form["over_flag_ratio"], form["over_review_ratio"]) if tier is not None]
    for row in form.indicators if tiers else ():  # either tier may be switched off
        if row.direction == "positive" and row.ratio is not None and row.ratio >= min(tiers):
            told = f"指标{row.called}目标“{row.target}”，实际“{row.actual}”，为目标的{number(row.ratio, 2)}倍"
            told += "，已填写原因。" if row.explained else over_remark(row)
            yield row.hit("cell_actual", told, expected=row.target, severity="info" if row.explained else "")


def over_remark(row: Row) -> str:
    """End of a sentence about over-completion: from the review ratio on it questions the target."""
    review = row.form["over_review_ratio"]
    if review is not None and row.ratio is not None and row.ratio >= review:
        return "，目标值可能明显偏低，建议核对目标并考虑酌减得分。"
    return "，请核对数据并分析原因。"


@check("IN11", of="form")
def beyond_audit_limit(form: Form) -> Iterator[Hit]:
    """The actual lies farther from the target than the audit rule allows, in either direction.

    Staying far below a ceiling is not a failure, only a sign of a loose target: information. A reason closes the
    question and leaves information.
    """
    limit = form["audit_dev"]
    for row in form.indicators if limit is not None else ():
        if row.deviation is None or abs(row.deviation) <= limit or not row.compared:
            continue
        saved = row.direction == "negative" and row.deviation < 0
        told = f"指标{row.called}目标“{row.target}”，实际“{row.actual}”，"
        told += f"偏离{percent(row.deviation)}，超过±{number(limit * 100)}%"
        told += "，已填写原因。" if row.explained else "。"
        yield row.hit("cell_actual", told, expected=row.target, severity="info" if saved or row.explained else "")


# --- costs ---


def _budget(form: Form) -> Decimal | None:
    """Adjusted budget in 万元, else the initial one."""
    budget: Decimal | None = form.budget_initial if form.budget_adjusted is None else form.budget_adjusted
    return budget


def _close(one: Decimal | None, other: Decimal | None, slack: Decimal | None) -> bool:
    return None not in (one, other, slack) and not apart(one, other, slack)


@check("IN14", of="form")
def budget_as_quantity(form: Form) -> Iterator[Hit]:
    """The budget amount stands as a quantity indicator, which says nothing about output.

    A single cost row that repeats budget and expenditure is information only: it is true but tells nothing.
    """
    slack, budget = form["tol_money"], _budget(form)
    costs = [row for row in form.indicators if row.cost and row.live]
    for row in form.indicators:
        if row.level2 != "数量指标" or not row.live or not words.says(row.level3, "money_names"):
            continue
        bare = row.target_value if not row.unit and row.figures else None
        if row.target_wan is not None or _close(bare, budget, slack):
            told = f"数量指标{row.called}填的是资金额“{row.target}”，不能反映产出数量。"
            yield row.hit("cell_target", told, expected="实物产出的数量")
    for row in costs if len(costs) == 1 else ():
        target, actual = row.target_wan, row.actual_wan
        if _close(target, budget, slack) and _close(actual, target, slack) and _close(actual, form.executed, slack):
            told = f"成本指标{row.called}的目标和实际都等于预算数，未反映成本控制情况。"
            yield row.hit("cell_target", told, expected="单位成本或分项成本", severity="info")


def _means_project(row: Row) -> bool:
    """Whether a money row means the cost of the whole project, by name or by equalling the budget."""
    form = row.form
    if not row.cost or not row.live or row.level2 in _OTHER_COST:
        return False
    target, slack = row.target_wan, form["tol_money"]
    equal = _close(target, _budget(form), slack) or _close(target, form.budget_initial, slack)
    return equal or words.says(row.level3, "project_total_names")


@check("IN15", of="form")
def cost_differs_from_spending(form: Form) -> Iterator[Hit]:
    """The actual of a whole-project cost row differs from the money spent according to the fund block."""
    spent, slack = form.executed, form["tol_money"]
    for row in form.indicators if spent is not None else ():
        actual = row.actual_wan if row.cost else None
        if apart(actual, spent, slack) and row.readable and _means_project(row):
            told = f"成本指标{row.called}实际为{number(actual)}万元，与全年执行数{number(spent)}万元不一致。"
            yield row.hit("cell_actual", told, expected=f"{number(spent)}万元")


@check("IN16", of="form")
def cost_ceiling_off_budget(form: Form) -> Iterator[Hit]:
    """A cost ceiling far above the budget is no control; below the money spent it is broken.

    The second is asked only of rows that mean the cost of the whole project.
    """
    budget, spent, gap, slack = _budget(form), form.executed, form["cost_gap"], form["tol_money"]
    most = budget * (1 + gap) if budget is not None and budget > 0 and gap is not None else None
    least = None if spent is None or slack is None else spent - slack
    for row in form.indicators:
        if not row.cost or not row.figures or row.level2 in _OTHER_COST:
            continue
        target = row.target_wan if row.operator in ("le", "lt", "eq", "none") else None
        if more(target, most):
            told, expected = f"高于全年预算数{number(budget)}万元", f"不高于{number(budget)}万元"
        elif less(target, least) and _means_project(row):
            told, expected = f"低于全年执行数{number(spent)}万元", f"不低于{number(spent)}万元"
        else:
            continue
        message = f"成本指标{row.called}的上限{number(target)}万元{told}，不能反映成本控制要求。"
        yield row.hit("cell_target", message, expected=expected)


# --- dates ---


@check("IN22", of="form")
def dates_out_of_order(form: Form) -> Iterator[Hit]:
    """Finished after the deadline or not at all, due after the year, or done before it.

    That a late row still has all its points is said at its score (SC05).
    """
    year = form.year
    for row in form.indicators:
        if row.kind != "date" or not row.live or not row.readable:
            continue
        if row.contradicted and row.full:
            told = f"指标{row.called}要求“{row.target}”，实际“{row.actual}”，没有按期完成。"
            yield row.hit("cell_actual", told, expected=row.target)
        if not row.target_date:
            continue
        if row.late:
            told = f"指标{row.called}要求“{row.target}”，实际“{row.actual}”，已逾期。"
            yield row.hit("cell_actual", told, expected=row.target)
        elif year is not None and int(row.target_date[:4]) > year:
            told = f"指标{row.called}的目标时间“{row.target}”晚于{year}年度。"
            yield row.hit("cell_target", told, expected=f"{year}年内")
        elif year is not None and row.actual_date and int(row.actual_date[:4]) < year:
            told = f"指标{row.called}填报的“{row.actual}”早于{year}年度，可能年份填错，或为以前年度完成、本年付款。"
            yield row.hit("cell_actual", told, expected=f"{year}年内", severity="info")


# --- sums of sub-rows, prices ---


@check("IN23", of="form")
def children_do_not_add_up(form: Form) -> Iterator[Hit]:
    """At least two sub-rows in the parent's own unit do not add up to the parent, in target or in actual.

    One sub-row may be one part of many, and percentages cannot be added: not judged. Mixed units (只, 头) are
    not added either, but said.
    """
    below = (row for row in form.rows if row.role == "child" and row.parent_row is not None)
    children = grouped(((row.sheet, row.parent_row), row) for row in below)
    parents = {(row.sheet, row.row): row for row in form.rows} if children else {}
    for key, some in children.items():
        for side in ("target", "actual") if key in parents else ():
            yield from _sum_of_children(parents[key], some, side)


def _sum_of_children(parent: Row, children: list[Row], side: str) -> Iterator[Hit]:
    unit_column = "unit" if side == "target" else "actual_unit"
    value, unit = getattr(parent, f"{side}_value"), getattr(parent, unit_column)
    parts = [getattr(row, f"{side}_value") for row in children]
    if len(children) < 2 or value is None or None in parts or dimension(unit) in ("", "share"):
        return
    text, what = getattr(parent, f"{side}_text"), "指标值" if side == "target" else "实际完成值"
    units = {getattr(row, unit_column) for row in (parent, *children)}
    if len(units) > 1:
        mixed = "、".join(sorted(units))
        message = f"指标“{parent.level3}”的{what}{text}，各“其中”行单位不一（{mixed}），合计未核对。"
        yield parent.hit(f"cell_{side}", message, seen=text, expected="同一单位", severity="info")
    elif apart(total(parts), value, parent.form["tol_sum"]):
        summed = plain(total(parts)) + unit
        message = (
            f"指标“{parent.level3}”的{what}{text}，各“其中”行之和为{summed}（{'+'.join(map(plain, parts))}），不相等。"
        )
        yield parent.hit(f"cell_{side}", message, seen=text, expected=summed)


_QUANTITIES = ("area", "length", "mass", "volume", "count")
_WAN = 10_000  # 元 in one 万元


@check("IN28", of="form")
def implied_prices_differ(form: Form) -> Iterator[Hit]:
    """Cost ÷ quantity of the targets differs from cost ÷ quantity of the actuals: a question, not a verdict.

    Only a missed quantity is paired with a cost that departs from its target (doing as much for less is no
    defect); of several quantities the one whose price changes least is taken, so that one good explanation
    silences the check. A cost that is a price for one already is not divided again.
    """
    limit, missed = form["price_dev"], (row for row in form.indicators if row.level2 == "数量指标" and row.missed)
    quantities = [row for row in missed if _positive(row) and dimension(row.unit) in _QUANTITIES]
    for row in form.indicators if quantities and limit is not None else ():
        if not row.cost or not row.compared or row.target_base == row.actual_base or not _positive(row):
            continue
        if row.target_wan is None or row.actual_wan is None:
            continue
        if words.says(row.level3, "unit_price_names"):
            continue
        prices = [_prices(row, one) for one in quantities]
        changes = [abs(divide(actual, target) - 1) for target, actual in prices]  # of the implied price
        change, _, other = min(zip(changes, range(len(changes)), quantities, strict=True))
        if change > limit:
            yield _price_hit(row, other, change)


def _positive(row: Row) -> bool:
    return more(row.target_value, ZERO) and more(row.actual_value, ZERO)


def _prices(cost: Row, quantity: Row) -> tuple[Decimal, Decimal]:
    """万元 for one base unit, by the targets and by the actuals."""
    target, actual = cost.target_wan or ZERO, cost.actual_wan or ZERO
    return divide(target, quantity.target_base), divide(actual, quantity.actual_base)


def _price_hit(money: Row, amount: Row, change: Decimal) -> Hit:
    base = divide(amount.target_base, amount.target_value)  # common base unit → unit as written
    target, actual = (f"{number(price * _WAN * base, 2)}元/{amount.unit}" for price in _prices(money, amount))
    told = f"指标{money.called}与{amount.called}的指标值折算单价为{target}，完成值折算为{actual}，"
    told += f"相差{number(change * 100, 1)}%，两个指标值可能不是按同一单价测算的。"
    return money.hit("cell_target", told, seen=target, expected="两个指标值按同一单价测算")


# --- repetition inside one project ---


@check("IN17", of="form")
def duplicate_indicator(form: Form) -> Iterator[Hit]:
    """The same name with the same target stands twice in one project, so the result is counted twice."""
    first: dict[tuple[str, ...], Row] = {}
    rows = [row for row in form.rows if row.role in ("indicator", "parent") and not is_nil(row.level3)]
    alike = len({fold(row.level3) for row in rows}) < len(rows)
    for row in rows if alike else ():
        key = tuple(map(fold, (row.level3, row.sign_text, row.target_text, row.unit_text)))
        earlier = first.setdefault(key, row)
        if earlier is not row:
            goal = "" if is_nil(row.target_text) else f"（指标值“{row.target}”）"
            told = f"指标{row.called}{goal}与{earlier.cell_level3}处的指标重复。"
            yield row.hit(("cell_level3", "cell_target"), told, seen=row.level3)


@check("IN29", of="form")
def same_pair_of_values(form: Form) -> Iterator[Hit]:
    """Two differently named indicators share target and actual to several digits: rarely by chance."""
    least = form["same_pair_digits"]
    first: dict[tuple[str, str], Row] = {}
    for row in form.indicators if least is not None else ():
        if not row.compared:
            continue
        digits = str(row.actual_value or "").replace(".", "").replace("-", "").strip("0")
        if len(digits) < least:  # significant ones, trailing zeros not counted
            continue
        earlier = first.setdefault((fold(row.target_text), fold(row.actual_text)), row)
        if earlier.level3 != row.level3:
            told = f"指标{row.called}与“{earlier.level3}”（{earlier.cell_actual}）的目标、实际完全相同"
            told += f"（“{row.target}”→“{row.actual}”）。"
            yield row.hit("cell_actual", told)


@check("IN31", of="form")
def same_verdict_everywhere(form: Form) -> Iterator[Hit]:
    """Nearly every actual of a project is the same verdict word: nothing was measured row by row."""
    answered = [row for row in form.rows if row.role in ("indicator", "child") and row.actual_kind != "nil"]
    share, least = form["same_share"], form["copy_min_rows"]
    if share is None or least is None or len(answered) < least:
        return
    worded = []
    for row in answered:  # words without a figure; 已完成100% is, a bare 100% is a measured value
        figure = any(map(str.isdigit, row.actual_text)) and not words.says(row.actual_text, "only_done")
        if not figure and any(map(str.isalpha, row.actual_text)):
            worded.append(row)
    alike = Counter(fold(row.actual_text) for row in worded)
    for row in worded:
        count = alike[fold(row.actual_text)]
        if count >= share * len(answered):
            told = f"{len(answered)}个指标中有{count}个的实际完成值都是“{row.actual}”，看不出各项实际情况。"
            yield row.hit("cell_actual", told, expected="各指标的实际数值")
            return
