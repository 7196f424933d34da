"""FU: the fund block — amounts and their unit, execution rate and its score, totals, unexplained changes."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from perfbatch.checks import words
from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import ZERO, Book, Form, FundLine, apart, less, more, ratio
from perfbatch.checks.register import check
from perfbatch.decimals import divide, half_up, other_rounding, percent, total
from perfbatch.notation import fold, read_money, read_rate
from perfbatch.schema import CONVERTED

COLUMNS = {"initial": "年初预算数", "adjusted": "全年预算数", "arrived": "到位数", "executed": "全年执行数"}
MONEY = {**COLUMNS, "left_over": "结余"}
_TOTALLED = ("initial", "adjusted", "executed")
_OVERVIEW = ("fund_reason", "conclusion", "problems", "measures", "reason_box", "remarks", "footnotes", "goal_actual")
_KIND = ("origin", "category")  # 追加预算 tells why a budget changed, 年初预算 nothing about its execution
_CELL_UNIT = re.compile(r"\d(亿元|千元|百元|万元|元)$")
_COST = ("成本指标", "经济成本指标")
_NUMBERED = re.compile(r"([一二三四五六七八九十]+、)|(\([一二三四五六七八九十]+\))|(\d+[.、])|(\(\d+\))")  # outer first
_RATE_CELLS = ("cell_fund_reason", "cell_rate", "cell_executed")


# --- what the rate is measured by ---


def base_name(form: Form) -> str:
    """The budget that the execution rate is measured by: the one marked (A) on the form, else the ruleset's."""
    return "initial" if (form.rate_base or form["exec_base"]) == "initial" else "adjusted"


def assumed_base(form: Form) -> bool:
    """Whether the rate is by the initial budget because the ruleset says so, and the form does not."""
    return base_name(form) == "initial" and str(form.rate_base) != "initial"


def base_of(form: Form) -> Decimal | None:
    """That budget in the total line."""
    base: Decimal | None = form.budget_initial if base_name(form) == "initial" else form.budget_adjusted
    return base


def figures(form: Form, line: FundLine) -> tuple[Decimal | None, Decimal | None]:
    """Base and executed of a line; as written where no unit of money is known, since a rate needs none."""
    name = base_name(form)
    base, written = getattr(line, name), getattr(line, f"{name}_raw")
    if (base is None or line.executed is None) and written is not None and line.executed_raw is not None:
        return written, line.executed_raw
    return base, line.executed


def explained(form: Form, about: str, *others: str) -> bool:
    """Whether a form explains something about the money, beside its total or in texts with words of `about`.

    Also the reasons of indicator rows count, so that nothing explained is called unexplained. `others` names
    further columns of the head.
    """
    return (
        not form.nil("fund_reason")
        or any(words.says(getattr(form, column), about) for column in (*_OVERVIEW, *others))
        or any(words.says(line.reason, about) for line in (*form.rows, *form.funds))
    )


# --- rate and score ---


@check("FU01", of="form")
def wrong_rate(form: Form) -> Iterator[Hit]:
    """The printed execution rate is not executed ÷ budget.

    A rate that is right but printed in whole percent is reported as information only. One version of the platform's
    list prints executed ÷ (two other columns): a rate that another budget, or both together, explain is a question, as
    on a form of Beijing that does not mark the initial budget as the base.
    """
    if form.has(CONVERTED):
        return
    for line in form.funds:
        base, executed = figures(form, line)
        printed = line.rate_declared
        if executed is None or printed is None or not base or base < 0 or form["tol_rate"] is None:
            continue
        exact = divide(executed, base)
        if abs(exact - printed) * 100 <= form["tol_rate"]:
            continue
        told = f"执行率应为{number(executed)}÷{COLUMNS[base_name(form)]}{number(base)}＝{percent(exact)}，"
        told += f"表中为{line.rate_text.strip()}"
        severity = ""
        if half_up(exact, 2) == printed:
            told, severity = f"{told}（取整所致）", "info"
        elif form.listed or assumed_base(form):
            both = None if line.initial is None or line.adjusted is None else line.initial + line.adjusted
            others = (ratio(executed, other) for other in (line.initial, line.adjusted, both))
            if any(rate is not None and abs(rate - printed) * 100 <= form["tol_rate"] for rate in others):
                severity = "warning"
        clause = form.clause("exec_base")
        yield line.hit("cell_rate", f"{told}。", expected=percent(exact), severity=severity, basis=clause)


@check("FU02", of="form")
def wrong_rate_score(form: Form) -> Iterator[Hit]:
    """The declared score of the execution rate is not what the ruleset gives.

    A score that is the right one at another rounding (8.62 printed as 9) is reported as information only; a
    warning where the form does not print the points of the rate, or where the rule itself is recalled.
    """
    if not apart(form.execution_score_declared, form.execution_score, form["tol_score"]):
        return
    points, base, fits = form.execution_points, base_of(form), ""
    if form["exec_rule"] == "proportional" and points is not None and base and form.executed is not None:
        exact = divide(form.executed * points, base)
        if exact <= points:  # over the points it is a matter of the cap, not of rounding
            fits = other_rounding(exact, form.execution_score_declared, 1)
    assumed = form.printed_execution_points is None or form.unverified("exec_rule") or assumed_base(form)
    # where the points come from is said only if they are not from the form
    how = form.execution_basis.replace("（表上分值）", "")
    parts = re.sub(r"（规则集 (.+?) 的分值）", r"，分值取自评分规则 \1", how).split("；")
    how = "；".join(part for at, part in enumerate(parts) if not any(part in earlier for earlier in parts[:at]))
    due, agrees = number(form.execution_score), f"，{fits}后一致" if fits else ""
    told = f"执行率得分应为{due}，表中为{form.execution_score_text.strip()}{agrees}；算法：{how}。"
    severity = "info" if fits else "warning" if assumed else ""
    yield form.hit("cell_execution_score", told, expected=due, severity=severity, basis=form.clause("exec_rule"))


@check("FU03", of="form")
def two_rate_scores(form: Form) -> Iterator[Hit]:
    """The fund block prints two scores for the execution rate, in the total line and in a line below.

    Scores of the lines that add up to that of the total are a split, not a contradiction.
    """
    main = form.fund_total.score_declared if form.fund_total is not None else None
    subs = [line for line in form.fund_subs if more(line.adjusted, ZERO) or more(line.executed, ZERO)]
    if main is None or total(line.score_declared for line in subs if line.score_declared is not None) == main:
        return
    for line in subs:
        if apart(line.score_declared, main):
            told = f"“{line.source.strip()}”行的执行率得分为{number(line.score_declared)}，"
            told += f"年度资金总额行为{number(main)}，两处不一致。"
            yield line.hit("cell_score", told, expected=number(main))


@check("FU04", of="form")
def total_not_sum(form: Form) -> Iterator[Hit]:
    """The total line of the fund block is not the sum of the lines below it, column by column.

    Silent where a line cannot be read, where lines only split another of the block, and where only the carry-over of
    last year is left out (FU18).
    """
    for name in _TOTALLED if not form.has(CONVERTED) else ():
        yield from not_the_sum(form, name, f"{COLUMNS[name]}：资金总额为{{}}万元，各项来源之和为{{}}万元，两者不符。")


@check("FU19", of="workbook")
def list_not_summed_up(book: Book) -> Iterator[Hit]:
    """The last 合计 of a list is not what its projects add up to, all of them or those below the 合计 before.

    A row was left out or counted twice, or is no project. Asked where all amounts of the column are read and none has a
    unit of its own; each may be rounded.
    """
    for sheet in book.sheets:
        listed = [form for form in book.forms if form.sheet == sheet.sheet and form.funds] if sheet.sums else []
        for printed in sheet.sums if listed else ():
            lines = [form.funds[0] for form in listed]
            own = [(line, getattr(line, printed.field)) for line in lines if not line.nil(f"{printed.field}_text")]
            whole = read_money(printed.text, printed.unit or listed[0].money_unit)
            texts = [printed.text, *(getattr(line, f"{printed.field}_text") for line, _ in own)]
            if not whole.value or any(amount is None for _, amount in own) or any("元" in text for text in texts):
                continue
            sums = [total(amount for line, amount in own if line.row > since) for since in (0, printed.since)]
            if all(apart(whole.value, one, listed[0]["tol_money"] * len(texts)) for one in sums):
                due = f"{number(sums[0])}万元"
                told = f"列表的合计为{number(whole.value)}万元，表中{len(lines)}个项目之和为{due}，两者不符。"
                yield book.hit(sheet.sheet, printed.cell, told, seen=printed.text, expected=due)


def not_the_sum(form: Form, name: str, told: str) -> Iterator[Hit]:
    """A total that the lines below do not add up to, however they are nested; nothing where one cannot be read.

    Left out are lines that say so (投工投劳（不计入合计）), and may be lines that another one adds up, lines numbered
    below another (1. below 一、), a further 其中 alone or with what follows it.
    """
    main, subs = form.fund_total, [line for line in form.fund_subs if not words.says(line.source, "beside_total")]
    blank = [line for line in subs if getattr(line, name) is None]
    if main is None or len(blank) == len(subs) or not all(line.nil(f"{name}_text") for line in blank):
        return
    if all(line.row == main.row and fold(line.source).startswith("其中") for line in subs):
        return  # 小计 │ 其中：上年结转: what else the total holds is not said
    value, tolerated = getattr(main, name), form["tol_money"]
    if all(way and apart(value, _sum(way, name), tolerated) for way in _ways(subs, name)):
        whole = number(_sum(_outer(subs), name))
        yield main.hit(f"cell_{name}", told.format(number(value), whole), expected=f"{whole}万元")


def _ways(subs: list[FundLine], name: str) -> Iterator[list[FundLine]]:
    """The lines that may make up the total, all of them first: most forms nest nothing."""
    yield subs
    yield _outer(subs)
    levels = [found.lastindex or 0 if (found := _NUMBERED.match(fold(one.source))) else 0 for one in subs]
    yield [line for line, level in zip(subs, levels, strict=True) if level == min(levels)]
    inner = [at for at, line in enumerate(subs) if at and fold(line.source).startswith("其中")]
    yield [line for at, line in enumerate(subs) if at not in inner]
    yield from ([*subs[:at], *subs[end:]] for at in inner for end in range(at + 1, len(subs) + 1))
    yield [line for line in subs if not (name in _TOTALLED and carried_over(line))]


def _outer(lines: list[FundLine]) -> list[FundLine]:
    """Lines without those of which another directly above or below is the sum in every amount (财政拨款小计)."""
    for at, line in enumerate(lines):
        below = [(at + 1, end) for end in range(at + 3, len(lines) + 1)]
        for first, last in [*below, *((start, at) for start in range(at - 1))]:
            run = lines[first:last]
            several = any(sum(bool(getattr(one, name)) for one in run) > 1 for name in _TOTALLED)
            if several and all(_sum([line], name) == _sum(run, name) for name in _TOTALLED):
                return _outer([*lines[:first], *lines[last:]])
    return lines


def _sum(lines: Iterable[FundLine], name: str) -> Decimal:
    return total(getattr(line, name) or ZERO for line in lines)


def carried_over(line: FundLine) -> bool:
    """Whether a line is money carried over from last year."""
    return line.role == "sub" and "结转" in line.source


@check("FU05", of="form")
def overspent(form: Form) -> Iterator[Hit]:
    """More was executed than the adjusted budget, so the rate exceeds 100 %.

    Either the budget was adjusted and the form was not, or a figure is wrong. A source line is named only
    when the total does not show it.
    """
    slack = form["tol_money"]
    known = [line for line in form.funds if line.adjusted is not None and slack is not None]
    over = [line for line in known if more(line.executed, line.adjusted + slack)]
    totals = [line for line in over if line.role == "total"]
    for line in totals or over:
        told = f"“{line.source.strip()}”执行数{number(line.executed)}万元大于全年预算数{number(line.adjusted)}万元，"
        told += "执行率超过100%。"
        yield line.hit("cell_executed", told, expected=f"不超过{number(line.adjusted)}万元")


@check("FU06", of="form")
def no_budget(form: Form) -> Iterator[Hit]:
    """The budget is empty or zero although money was executed or a rate score is claimed.

    The rate is undefined then; the platform divides by one, which yields a meaningless figure.
    """
    name = base_name(form)
    cell = getattr(form, f"cell_{name}")
    claimed = more(form.executed, ZERO) or more(form.execution_score_declared, ZERO)
    if not cell or not claimed or not (form.nil(f"{name}_text") or base_of(form) == 0) or form.unread(form.sheet, cell):
        return
    score = number(form.execution_score_declared)
    told = f"没有填写{COLUMNS[name]}" if form.nil(f"{name}_text") else f"{COLUMNS[name]}为0"
    claim = f"有执行数{number(form.executed)}万元" if form.executed else f"填了执行率得分{score}"
    yield form.hit(f"cell_{name}", f"{told}，却{claim}，无法计算执行率。", expected="大于0的预算数")


# --- what has to be explained ---


@check("FU07", of="form")
def unexplained_change(form: Form) -> Iterator[Hit]:
    """The adjusted budget differs from the initial one and nothing on the form says why."""
    before, after, share = form.budget_initial, form.budget_adjusted, form["adjust_min_ratio"]
    if before is None or share is None or not apart(before, after, max(share * before, form["tol_money"])):
        return
    if not explained(form, "about_change", *_KIND):
        told = f"年初预算数{number(before)}万元，全年预算数{number(after)}万元，没有说明调整原因。"
        seen, cells = f"{form.initial_text.strip()}→{form.adjusted_text.strip()}", ("cell_fund_reason", "cell_adjusted")
        yield form.hit(cells, told, seen=seen, expected="说明调整原因")


@check("FU08", of="form")
def low_rate_unexplained(form: Form) -> Iterator[Hit]:
    """The execution rate is below the threshold for an explanation and none is given."""
    limit = form["reason_exec_below"]
    asked = "exec_below" in (form["reason_rule"] or ())
    if asked and less(form.execution_rate, limit) and not explained(form, "about_money"):
        told = f"执行率{percent(form.execution_rate)}低于{number(limit * 100)}%，没有说明原因。"
        clause = form.clause("reason_exec_below")
        yield form.hit(_RATE_CELLS, told, seen=form.rate_text, expected="说明原因", basis=clause)


@check("FU09", of="form")
def hardly_executed(form: Form) -> Iterator[Hit]:
    """Nothing or little was executed and the form does not explain it on its own.

    Such projects are listed separately in the report to the finance bureau, with cause and measure.
    """
    limit = form["low_exec"]
    if less(form.execution_rate, limit) and not explained(form, "about_money"):
        low = f"执行率{percent(form.execution_rate)}低于{number(limit * 100)}%，没有单独说明原因和措施。"
        told, clause = low if form.executed else "本项目没有执行，也没有说明原因和措施。", form.clause("low_exec")
        yield form.hit(_RATE_CELLS, told, seen=form.rate_text, expected="单独说明原因和措施", basis=clause)


# --- units and forms of the amounts ---


@check("FU10", of="workbook")
def unclear_unit(book: Book) -> Iterator[Hit]:
    """No unit in the heading, a unit written again in the cell, or a cost indicator 10 000 times the budget."""
    amounts = ("cell_money_unit", "cell_title", "cell_adjusted", "cell_executed", "cell_initial")
    said = set()  # once of a list, and of the forms of a workbook
    for form in book.forms:
        unit, key = form.money_unit.strip(), (form.file, form.layout, form.money_how)
        if form.money_how in ("unknown", "decided") and key not in said:
            said.add(key)
            told, severity = f"表上没有写明金额单位，金额按{unit}读取。", "info"
            if form.money_how == "unknown":
                told, severity = "金额单位没有写明或前后不一致，金额没有换算，也没有计算。", ""
            yield form.hit(amounts, told, expected="表头注明金额单位（万元或元）", severity=severity)
        if form.money_how == "contradicted":
            told = f"全表按{unit}读取，本项目的金额与成本指标写明的金额不是同一单位，疑似元与万元混用。"
            yield form.hit(amounts[2:], told, seen=form.adjusted_text, expected="与成本指标相同的单位")
        for line in form.funds:
            for name, title in MONEY.items():
                text = getattr(line, f"{name}_text")
                if text and _CELL_UNIT.search(fold(text)):
                    differs = any("表头为" in note for note in _notes(line, name))  # else it does no harm
                    told = f"{title}“{text.strip()}”在单元格内又写了单位，按单元格内的单位读取。"
                    yield line.hit(f"cell_{name}", told, expected="只填数字", severity="" if differs else "info")
        # a cost indicator about 10 000 times the budget; amounts that are too large themselves are XP17
        whole, factor, slack = form.budget_adjusted, form["unit_ratio"], form["unit_ratio_tol"]
        for row in form.indicators if whole and factor is not None and slack is not None else ():
            cost = row.target_wan if row.level2 in _COST else None
            if cost is not None and abs(divide(cost, whole * factor) - 1) <= slack:
                told = f"成本指标值“{row.target_text.strip()}”约为全年预算数{number(whole)}万元的一万倍，"
                told += "疑似元与万元混用。"
                yield row.hit("cell_target", told, expected=f"{number(whole)}万元")


def _notes(line: FundLine, name: str) -> list[str]:
    """What the reading said of the cell of an amount."""
    cell = getattr(line, f"cell_{name}")
    return [note for note in line.money_status.split("；") if note.startswith(f"{cell}：")]


@check("FU11", of="form")
def rate_points_twice(form: Form) -> Iterator[Hit]:
    """Points of the execution rate stand in the total line and again in a line below it.

    A sum over the column would count them twice.
    """
    for line in form.fund_subs:
        if more(line.points, ZERO) and line.points == form.printed_execution_points:
            told = f"“{line.source.strip()}”行重复填写了执行率分值{number(line.points)}，只应在年度资金总额行填写。"
            yield line.hit("cell_points", told, expected="—")


@check("FU12", of="form")
def malformed_money(form: Form) -> Iterator[Hit]:
    """An amount that is no number: commas out of place, two decimal points, words; a rate in words (约92%).

    It is not guessed, so every sum and rate with it stays open.
    """
    for line in form.funds:
        if read_rate(line.rate_text)[1] == "text" and not form.unread(line.sheet, line.cell_rate):
            told = f"执行率“{line.rate_text.strip()}”不是一个百分数，没有读取和核对。"
            yield line.hit("cell_rate", told, expected="百分数", severity="warning")
        for name, title in MONEY.items() if line.money_status else ():
            if getattr(line, name) is None and any("单位未注明" not in note for note in _notes(line, name)):
                text = getattr(line, f"{name}_text")
                told = f"{title}“{text.strip()}”不是规范的金额，未作计算。"
                yield line.hit(f"cell_{name}", told, expected="规范的数字")


@check("FU13", of="form")
def left_over_wrong(form: Form) -> Iterator[Hit]:
    """Left-over is not arrived − spent, or the arrived total is not the sum of its sources."""
    slack = form["tol_money"]
    for line in form.funds:
        had = line.arrived if line.cell_arrived else line.adjusted
        due = None if had is None or line.executed is None else had - line.executed
        if apart(line.left_over, due, slack):
            told = f"“{line.source.strip()}”结余应为到位{number(had)}－支出{number(line.executed)}＝{number(due)}万元，"
            told += f"表中为{line.left_over_text.strip()}。"
            yield line.hit("cell_left_over", told, expected=f"{number(due)}万元")
    if not form.has(CONVERTED):
        yield from not_the_sum(form, "arrived", "到位资金合计为{}万元，各项来源之和为{}万元，两者不符。")


@check("FU14", of="form")
def spent_more_than_arrived(form: Form) -> Iterator[Hit]:
    """More was executed than had arrived: one of the two figures is wrong, or money was advanced."""
    slack = form["tol_money"]
    for line in form.funds:
        if line.arrived is not None and slack is not None and more(line.executed, line.arrived + slack):
            told = f"“{line.source.strip()}”执行数{number(line.executed)}万元大于到位数{number(line.arrived)}万元。"
            yield line.hit("cell_executed", told, expected=f"不超过{number(line.arrived)}万元")


# --- the rate beside the indicators ---


@check("FU15", of="form")
def rate_as_indicator(form: Form) -> Iterator[Hit]:
    """The execution rate is scored in the fund block and again as an indicator, or with another value.

    Under any of its usual names (项目资金执行率, 资金支出率); a rate of one part of the money is no such row.
    """
    rate = form.execution_rate
    for row in form.rows:
        named = row.role == "indicator" and row.unit in ("%", "") and words.says(row.level3, "rate_of_execution")
        if row.role != "execution" and not named:
            continue
        twice = more(row.points, ZERO) and more(form.printed_execution_points, ZERO)
        value = ratio(row.actual_value, Decimal(100)) if row.actual_unit in ("%", "") else None
        slack = form["tol_rate"]
        differs = slack is not None and apart(value, rate, slack / 100)
        if twice or differs:
            how = "在资金栏已经计分，又作为指标计分" if twice else "作为指标列出"
            beside = f"，填报{row.actual_text.strip()}，与资金栏的{percent(rate)}不一致" if differs else ""
            told, expected = f"预算执行率{how}{beside}。", percent(rate) if differs else "只在一处计分"
            yield row.hit(("cell_actual", "cell_level3"), told, seen=row.actual_text, expected=expected)


@check("FU16", of="form")
def rate_form(form: Form) -> Iterator[Hit]:
    """The execution rate is printed as a fraction (0.97, 1) or as a bare number (20): it can be misread."""
    if form.has(CONVERTED):  # 预算执行进度(%): a bare figure is right there
        return
    for line in sorted(form.funds, key=lambda line: line.role != "total"):
        value, written = read_rate(line.rate_text) if line.rate_text else (None, "")
        if written in ("bare", "fraction") and value != 0:
            told = f"执行率“{line.rate_text.strip()}”没有写成百分数。"
            yield line.hit("cell_rate", told, expected=percent(line.rate_declared) or "百分数")
            return


@check("FU17", of="form")
def money_and_output_apart(form: Form) -> Iterator[Hit]:
    """Hardly any money was spent though all outputs were reached, or all of it though an output failed.

    Output failed: below the same share that marks a low execution rate, or no output of several reached.
    """
    rate, low = form.execution_rate, form["low_exec"]
    if rate is None:
        return
    outputs = [row for row in form.indicators if row.level1 == "产出指标" and row.level2 not in _COST]
    done = [row.completion_rate for row in outputs if row.completion_rate is not None]
    met = sum(share >= 1 for share in done)
    unspent = less(rate, low) and done and met == len(done)
    poor = any(less(share, low) for share in done) or (met == 0 and len(done) > 1)
    if unspent or (rate >= 1 and poor):
        told = f"执行率{percent(rate)}，而可比较的产出指标{len(done)}项中完成{met}项，资金执行与任务完成不匹配。"
        yield form.hit(("cell_rate", "cell_executed"), told, seen=form.rate_text)


@check("FU18", of="form")
def carry_over_left_out(form: Form) -> Iterator[Hit]:
    """Money carried over stands in its line but not in the total, or a line without money has a rate."""
    main, slack = form.fund_total, form["tol_money"]
    for name in _TOTALLED if main is not None and any(map(carried_over, form.fund_subs)) else ():
        extra, whole = _sum(filter(carried_over, form.fund_subs), name), _sum(form.fund_subs, name)
        value = getattr(main, name)
        if more(extra, slack) and value is not None and not apart(value, whole - extra, slack):
            told = f"上年结转{number(extra)}万元没有计入资金总额的{COLUMNS[name]}。"
            yield main.hit(f"cell_{name}", told)  # type: ignore[union-attr]
    base = base_name(form)
    for line in form.fund_subs:
        if not more(getattr(line, base), ZERO) and not more(line.executed, ZERO) and more(line.rate_declared, ZERO):
            told = f"“{line.source.strip()}”行没有金额，却填了执行率{line.rate_text.strip()}。"
            yield line.hit("cell_rate", told, expected="—")
