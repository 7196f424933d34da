"""FU: the fund block — execution rate and its score, totals, unexplained changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Literal

import numpy as np

from perfbatch.checks.context import EPSILON, Context, Floats, Hit, Mask, Row, number
from perfbatch.checks.register import check
from perfbatch.checks.tally import LISTS, other_rounding, tally
from perfbatch.exact import divide, half_up, percent

HEBEI = "F6"  # its fund block has checks of its own (family HB)
COLUMNS = {"initial": "年初预算数", "adjusted": "全年预算数", "arrived": "到位数", "executed": "全年执行数"}
_BASES = {"adjusted": "全年预算数", "initial": "年初预算数"}
_ABOUT_MONEY = re.compile(
    r"执行|预算|资金|支出|支付|拨付|付款|结余|节约|节余|财力|尾款|质保金|招标|中标|采购|收回|未批复|未实施"
)
_ABOUT_CHANGE = re.compile(r"调整|调减|调增|追加|压减|压缩|核减|核增|收回|下达|变更|批复|结转|增加|减少")
_OVERVIEW = ("fund_reason", "conclusion", "problems", "measures", "reason_box", "footnotes", "goal_actual")
_KIND = ("origin", "category")  # 追加预算 tells why a budget changed, 年初预算 nothing about its execution


def base_of(ctx: Context, table: Literal["funds", "projects"]) -> Floats:
    """The budget that the execution rate is measured by (`exec_base`), for rows of `funds` or `projects`."""
    initial = by_initial(ctx, table)
    if table == "funds":
        return np.where(initial, ctx.f["initial"], ctx.f["adjusted"])
    return np.where(initial, ctx.p["budget_initial"], ctx.p["budget_adjusted"])


def by_initial(ctx: Context, table: Literal["funds", "projects"]) -> Mask:
    """Rows whose rate is measured by the initial budget: the form marks it as (A), else the ruleset says so."""
    marked, unmarked = (ctx.isin("projects", "rate_base", word) for word in ("initial", ""))
    if table == "funds":
        marked, unmarked = ctx.spread("funds", marked), ctx.spread("funds", unmarked)
    found: Mask = marked | (unmarked & ctx.chosen(table, "exec_base", "initial"))
    return found


def rate_figures(ctx: Context) -> tuple[Floats, Floats]:
    """Base and executed of fund rows; as written where no unit of money is known, since a rate needs none."""
    base, executed = base_of(ctx, "funds"), ctx.f["executed"]
    initial = by_initial(ctx, "funds")
    written = np.where(initial, ctx.f["initial_raw"], ctx.f["adjusted_raw"]), ctx.f["executed_raw"]
    bare = (np.isnan(base) | np.isnan(executed)) & ~np.isnan(written[0]) & ~np.isnan(written[1])
    return np.where(bare, written[0], base), np.where(bare, written[1], executed)


def explained(ctx: Context, pattern: re.Pattern[str], *more: str) -> Mask:
    """Projects that explain something about the money, in the fund block or in a text that speaks of it.

    Also the reasons of indicator rows count, so that nothing explained is called unexplained. `more` names
    further columns of the head.
    """
    found = ~ctx.nil("projects", "fund_reason")
    for column in (*_OVERVIEW, *more):
        found |= ctx.where("projects", column, lambda text: bool(pattern.search(text)))
    in_rows = ctx.where("indicators", "reason", lambda text: bool(pattern.search(text)))
    return found | ctx.by_project("indicators").any(in_rows)


def exact_rate(row: Row) -> Decimal | None:
    """Executed ÷ base of a fund row, exactly (as written where no unit is known); null without a positive base."""
    base, executed = figures_of(row)
    return divide(executed, base) if executed is not None and base else None


def figures_of(row: Row) -> tuple[Decimal | None, Decimal | None]:
    """Base and executed of a fund row by its base word, as `rate_figures`."""
    adjusted = row.base_word == _BASES["adjusted"]
    base, written = (row.adjusted, row.adjusted_raw) if adjusted else (row.initial, row.initial_raw)
    if (base is None or row.executed is None) and written is not None and row.executed_raw is not None:
        return written, row.executed_raw
    return base, row.executed


@check("FU01")
def wrong_rate(ctx: Context) -> Iterator[Hit]:
    """The printed execution rate is not executed ÷ budget.

    A rate that is right but printed in whole percent is reported as information only. One version of the platform's
    list prints executed ÷ (two other columns): a rate that the initial budget, or both together, explain is a question.
    """
    (base, executed), printed = rate_figures(ctx), ctx.f["rate_declared"]
    known = (base > 0) & ~np.isnan(executed) & ~np.isnan(printed) & ~ctx.layout("funds", HEBEI)
    rate = np.divide(executed, base, out=np.full(len(base), np.nan), where=known)
    bad = known & (np.abs(rate - printed) * 100 > ctx.threshold("funds", "tol_rate") + EPSILON)
    words = np.where(by_initial(ctx, "funds"), _BASES["initial"], _BASES["adjusted"])

    def rounded(row: Row) -> bool:
        exact = exact_rate(row)
        return exact is not None and half_up(exact, 2) == row.rate_declared

    yield from ctx.hits(
        "funds", bad, cell="cell_rate", seen="rate_text", base_word=words.astype(object), base=base,
        expected=lambda r: percent(exact_rate(r)),
        severity=lambda r: "info" if rounded(r) else "warning" if r.listed else "",
        listed=ctx.layout("funds", *LISTS) & _explained_by_another_base(ctx, executed, printed),
        clause=ctx.clause("funds", "exec_base"), basis="{clause}",
        message=lambda r: (
            f"执行率应为{number(figures_of(r)[1])}÷{r.base_word}{number(figures_of(r)[0])}＝{percent(exact_rate(r))}，"
            f"表中为{r.rate_text.strip()}" + ("（取整所致）。" if rounded(r) else "。")
        ),
    )  # fmt: skip


def _explained_by_another_base(ctx: Context, executed: Floats, printed: Floats) -> Mask:
    """Rows whose printed rate is executed ÷ the initial budget, or ÷ both budgets together."""
    initial, adjusted = ctx.f["initial"], ctx.f["adjusted"]
    slack = ctx.threshold("funds", "tol_rate") + EPSILON
    found = np.zeros(len(executed), dtype=bool)
    for base in (initial, initial + adjusted):
        with np.errstate(divide="ignore", invalid="ignore"):
            found |= np.abs(executed / base - printed) * 100 <= slack
    return found


@check("FU02")
def wrong_rate_score(ctx: Context) -> Iterator[Hit]:
    """The declared score of the execution rate is not what the ruleset gives.

    A score that is the right one at another rounding (8.62 printed as 9) is reported as information only; a
    warning where the form does not print the points of the rate, or where the rule itself is recalled.
    """
    declared, computed = ctx.p["execution_score_declared"], ctx.p["execution_score"]
    bad = np.abs(declared - computed) > ctx.threshold("projects", "tol_score") + EPSILON
    base = base_of(ctx, "projects")

    def fits(row: Row) -> str:
        proportional = row.exec_rule == "proportional" and row.execution_points is not None
        exact = row.executed * row.execution_points / Decimal(repr(float(row.base))) if proportional else None
        if exact is not None and exact > row.execution_points:
            return ""  # over the points: a matter of the cap, not of rounding
        return other_rounding(exact, row.execution_score_declared, 1)

    yield from ctx.hits(
        "projects", bad, cell="cell_execution_score", seen="execution_score_text", base=base,
        exec_rule=ctx.parameter("projects", "exec_rule"), expected="{execution_score}",
        severity=lambda r: "info" if fits(r) else "warning" if r.assumed else "",
        assumed=np.isnan(tally(ctx).execution_points) | ctx.unverified("projects", "exec_rule"),
        clause=ctx.clause("projects", "exec_rule"), basis="{clause}",
        message=lambda r: (
            f"执行率得分应为{number(r.execution_score)}（{r.execution_basis}），"
            f"表中为{r.execution_score_text.strip()}" + (f"，{fits(r)}后一致。" if fits(r) else "。")
        ),
    )  # fmt: skip


@check("FU03")
def two_rate_scores(ctx: Context) -> Iterator[Hit]:
    """The fund block prints two scores for the execution rate, in the total line and in a line below.

    Scores of the lines that add up to that of the total are a split, not a contradiction.
    """
    score, total = ctx.f["score_declared"], tally(ctx).of_fund_total(ctx.f["score_declared"])
    sub = ctx.isin("funds", "role", "sub") & ((ctx.f["adjusted"] > 0) | (ctx.f["executed"] > 0))
    blocks = ctx.by_project("funds")
    split = np.abs(blocks.sum(score, sub) - total) <= EPSILON
    main = blocks.spread(total)
    yield from ctx.hits(
        "funds", sub & ~blocks.spread(split) & (np.abs(score - main) > EPSILON), cell="cell_score",
        seen="score_text", expected="{main}", main=main,
        message="“{source}”行的执行率得分为{score_declared}，年度资金总额行为{main}，两处不一致。",
    )  # fmt: skip


@check("FU04")
def total_not_sum(ctx: Context) -> Iterator[Hit]:
    """The total line of the fund block is not the sum of the lines below it, column by column.

    Silent where a line cannot be read, where lines below 其中 split another line of the block, and where only
    the carry-over of last year is left out (FU18).
    """
    total, sub = ctx.isin("funds", "role", "total"), ctx.isin("funds", "role", "sub")
    blocks = ctx.by_project("funds")
    main = total & blocks.firsts(total) & ~ctx.layout("funds", HEBEI)
    for name in ("initial", "adjusted", "executed"):
        values = ctx.f[name]
        unread = sub & np.isnan(values) & ~ctx.nil("funds", f"{name}_text")
        usable = blocks.any(sub & ~np.isnan(values)) & ~blocks.any(unread)
        sums = blocks.spread(blocks.sum(values, sub))
        slack = ctx.threshold("funds", "tol_money") + EPSILON
        off = np.abs(values - sums) > slack
        for left_out in (_nested(ctx, sub), carried_over(ctx)):
            off &= np.abs(values - blocks.spread(blocks.sum(values, sub & ~left_out))) > slack
        yield from ctx.hits(
            "funds", main & blocks.spread(usable) & off, cell=f"cell_{name}", seen=f"{name}_text", sums=sums,
            expected="{sums}万元",
            message=f"{COLUMNS[name]}：资金总额为{{{name}}}万元，各项来源之和为{{sums}}万元，两者不符。",
        )  # fmt: skip


def carried_over(ctx: Context) -> Mask:
    """Lines of money carried over from last year."""
    return ctx.isin("funds", "role", "sub") & ctx.where("funds", "source", lambda text: "结转" in text)


def _nested(ctx: Context, sub: Mask) -> Mask:
    """Lines that begin with 其中 although another line of the block stands above them: parts of that line."""
    opens = ctx.where("funds", "source", lambda text: text.strip().startswith("其中"))
    nested: Mask = sub & opens & ~ctx.by_project("funds").firsts(sub)
    return nested


@check("FU05")
def overspent(ctx: Context) -> Iterator[Hit]:
    """More was executed than the adjusted budget, so the rate exceeds 100 %.

    Either the budget was adjusted and the form was not, or a figure is wrong. A source line is named only
    when the total does not show it.
    """
    over = ctx.f["executed"] > ctx.f["adjusted"] + ctx.threshold("funds", "tol_money") + EPSILON
    total = ctx.isin("funds", "role", "total")
    blocks = ctx.by_project("funds")
    yield from ctx.hits(
        "funds", over & (total | ~blocks.spread(blocks.any(over & total))), cell="cell_executed",
        seen="executed_text", expected="不超过{adjusted}万元",
        message="“{source}”执行数{executed}万元大于全年预算数{adjusted}万元，执行率超过100%。",
    )  # fmt: skip


@check("FU06")
def no_budget(ctx: Context) -> Iterator[Hit]:
    """The budget is empty or zero although money was executed or a rate score is claimed.

    The rate is undefined then; the platform divides by one, which yields a meaningless figure.
    """
    initial = by_initial(ctx, "projects")
    value = base_of(ctx, "projects")
    for name, mine in (("adjusted", ~initial), ("initial", initial)):
        empty = (ctx.nil("projects", f"{name}_text") | (value == 0)) & ~ctx.unread("projects", f"cell_{name}")
        claimed = (ctx.p["executed"] > 0) | (ctx.p["execution_score_declared"] > 0)
        yield from ctx.hits(
            "projects", mine & empty & claimed & ctx.filled("projects", f"cell_{name}"), cell=f"cell_{name}",
            seen=f"{name}_text", expected="大于0的预算数",
            message=partial(_without_budget, _BASES[name]),
        )  # fmt: skip


def _without_budget(word: str, row: Row) -> str:
    score = number(row.execution_score_declared)
    claim = f"有执行数{number(row.executed)}万元" if row.executed else f"填了执行率得分{score}"
    return f"{word}为空或为0，却{claim}，无法计算执行率。"


@check("FU07")
def unexplained_change(ctx: Context) -> Iterator[Hit]:
    """The adjusted budget differs from the initial one and nothing on the form says why."""
    before, after = ctx.p["budget_initial"], ctx.p["budget_adjusted"]
    changed = np.abs(after - before) > ctx.threshold("projects", "adjust_min_ratio") * before + EPSILON
    changed &= np.abs(after - before) > ctx.threshold("projects", "tol_money") + EPSILON
    yield from ctx.hits(
        "projects", changed & ~explained(ctx, _ABOUT_CHANGE, *_KIND), cell=("cell_fund_reason", "cell_adjusted"),
        seen=lambda r: f"{r.initial_text.strip()}→{r.adjusted_text.strip()}", expected="说明调整原因",
        message="年初预算数{budget_initial}万元，全年预算数{budget_adjusted}万元，没有说明调整原因。",
    )  # fmt: skip


@check("FU08")
def low_rate_unexplained(ctx: Context) -> Iterator[Hit]:
    """The execution rate is below the threshold for an explanation and none is given."""
    low = ctx.p["execution_rate"] < ctx.threshold("projects", "reason_exec_below") - EPSILON
    low &= ctx.listed("projects", "reason_rule", "exec_below") & ~explained(ctx, _ABOUT_MONEY)
    yield from ctx.hits(
        "projects", low, cell=("cell_fund_reason", "cell_rate", "cell_executed"), seen="rate_text",
        limit=ctx.threshold("projects", "reason_exec_below") * 100, expected="说明原因",
        clause=ctx.clause("projects", "reason_exec_below"), basis="{clause}",
        message=lambda r: f"执行率{percent(r.execution_rate)}低于{number(r.limit)}%，没有说明原因。",
    )  # fmt: skip


@check("FU09")
def hardly_executed(ctx: Context) -> Iterator[Hit]:
    """Nothing or little was executed and the form does not explain it on its own.

    Such projects are listed separately in the report to the finance bureau, with cause and measure.
    """
    rate = ctx.p["execution_rate"]
    low = (rate < ctx.threshold("projects", "low_exec") - EPSILON) & ~explained(ctx, _ABOUT_MONEY)
    yield from ctx.hits(
        "projects", low, cell=("cell_fund_reason", "cell_rate", "cell_executed"), seen="rate_text",
        limit=ctx.threshold("projects", "low_exec") * 100, expected="单独说明原因和措施",
        clause=ctx.clause("projects", "low_exec"), basis="{clause}",
        message=lambda r: (
            "本项目没有执行，也没有说明原因和措施。" if not r.executed
            else f"执行率{percent(r.execution_rate)}低于{number(r.limit)}%，没有单独说明原因和措施。"
        ),
    )  # fmt: skip
