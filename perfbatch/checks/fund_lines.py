"""FU, second part: units and forms of the amounts, single lines, and the rate among the indicators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import numpy as np

from perfbatch.checks import words
from perfbatch.checks.context import EPSILON, Context, Floats, Hit, Mask, Row
from perfbatch.checks.funds import COLUMNS, HEBEI, base_of, carried_over
from perfbatch.checks.register import check
from perfbatch.checks.rows import rows as shared_rows
from perfbatch.checks.tally import tally
from perfbatch.exact import percent
from perfbatch.notation import fold, read_rate

MONEY = {**COLUMNS, "left_over": "结余"}
_HEADED_PERCENT = ("F6",)  # 预算执行进度(%): a bare figure is right there
_CELL_UNIT = re.compile(r"\d(亿元|千元|百元|万元|元)$")
_WHOLE = 100.0


@check("FU10")
def unclear_unit(ctx: Context) -> Iterator[Hit]:
    """No unit in the heading, a unit written again in the cell, or an amount 10 000 times off a linked one.

    元 typed under a heading in 万元 is the most expensive slip of the whole form.
    """
    tables = ctx.alike("projects", "file", "layout")  # said once of a list, and of the forms of a workbook
    amount = ("cell_money_unit", "cell_adjusted", "cell_executed", "cell_initial")
    yield from ctx.hits(
        "projects", tables.firsts(ctx.isin("projects", "money_how", "unknown")), cell=amount,
        seen="adjusted_text", expected="表头注明万元或元",
        message="表上没有写明金额单位，金额没有换算和计算，请在 perfbatch.toml 中写 money_unit 后重新运行。",
    )  # fmt: skip
    yield from ctx.hits(
        "projects", tables.firsts(ctx.isin("projects", "money_how", "decided")), cell=amount,
        seen="adjusted_text", expected="表头注明万元或元", severity="info",
        message="表上没有写明金额单位，按{money_unit}读取（依据见“读取情况”），不对请在 perfbatch.toml 中写 "
        "money_unit。",
    )  # fmt: skip
    yield from ctx.hits(
        "projects", ctx.isin("projects", "money_how", "contradicted"), cell=amount[1:],
        seen="adjusted_text", expected="与成本指标相同的单位",
        message="全表按{money_unit}读取，本项目的金额与成本指标写明的金额不是同一单位，疑似元与万元混用。",
    )  # fmt: skip
    for name, title in MONEY.items():
        written = ctx.where("funds", f"{name}_text", lambda text: bool(_CELL_UNIT.search(fold(text))))
        yield from ctx.hits(
            "funds", written, cell=f"cell_{name}", seen=f"{name}_text", expected="只填数字",
            severity=partial(_same_unit, f"cell_{name}"),
            message=f"{title}“{{{name}_text}}”在单元格内又写了单位，按单元格内的单位读取。",
        )  # fmt: skip
    yield from _far_off(ctx)


def _same_unit(cell: str, row: Row) -> str:
    """Harmless when the unit in the cell is that of the heading."""
    own = [note for note in row.money_status.split("；") if note.startswith(f"{getattr(row, cell)}：")]
    return "" if any("表头为" in note for note in own) else "info"


def _far_off(ctx: Context) -> Iterator[Hit]:
    """Amounts about 10 000 times (or a 10 000th of) another amount of the same project."""
    budget, executed = ctx.f["adjusted"], ctx.f["executed"]
    yield from ctx.hits(
        "funds", _apart(ctx, "funds", executed, budget), cell="cell_executed", seen="executed_text",
        expected="{adjusted}",
        message="执行数{executed}万元与全年预算数{adjusted}万元相差约一万倍，疑似元与万元混用。",
    )  # fmt: skip
    linked = ctx.isin("indicators", "level2", "成本指标", "经济成本指标") & ctx.role("indicator")
    whole = ctx.spread("indicators", ctx.p["budget_adjusted"])
    base = shared_rows(ctx).wan[0]
    yield from ctx.hits(
        "indicators", linked & _apart(ctx, "indicators", base, whole), cell="cell_target", seen="target_text",
        whole=whole, expected="{whole}万元",
        message="成本指标值“{target_text}”与全年预算数{whole}万元相差约一万倍，疑似元与万元混用。",
    )  # fmt: skip


def _apart(ctx: Context, table: str, one: Floats, other: Floats) -> Mask:
    ratio = ctx.threshold(table, "unit_ratio")  # type: ignore[arg-type]
    slack = ctx.threshold(table, "unit_ratio_tol")  # type: ignore[arg-type]
    both = (one > 0) & (other > 0)
    share = np.divide(one, other, out=np.full(len(one), np.nan), where=both)
    found: Mask = (np.abs(share / ratio - 1) <= slack) | (np.abs(share * ratio - 1) <= slack)
    return found


@check("FU11")
def rate_points_twice(ctx: Context) -> Iterator[Hit]:
    """Points of the execution rate stand in the total line and again in a line below it.

    A sum over the column would count them twice.
    """
    points = ctx.f["points"]
    main = ctx.by_project("funds").spread(tally(ctx).execution_points)
    twice = ctx.isin("funds", "role", "sub") & (points > 0) & (np.abs(points - main) <= EPSILON)
    yield from ctx.hits(
        "funds", twice, cell="cell_points", seen="points_text", expected="—",
        message="“{source}”行重复填写了执行率分值{points}，只应在年度资金总额行填写。",
    )  # fmt: skip


@check("FU12")
def malformed_money(ctx: Context) -> Iterator[Hit]:
    """An amount that is no number: commas out of place, two decimal points, words.

    It is not guessed, so every sum and rate with it stays open.
    """
    for name, title in MONEY.items():
        cells, status = ctx.text("funds", f"cell_{name}"), ctx.text("funds", "money_status")
        unread = np.isnan(ctx.f[name]) & ctx.filled("funds", "money_status")
        for at in np.flatnonzero(unread):
            own = [note for note in str(status[at]).split("；") if note.startswith(f"{cells[at]}：")]
            unread[at] = any("单位未注明" not in note for note in own)
        yield from ctx.hits(
            "funds", unread, cell=f"cell_{name}", seen=f"{name}_text", expected="规范的数字",
            message=f"{title}“{{{name}_text}}”不是规范的金额，未作计算。",
        )  # fmt: skip


@check("FU13")
def left_over_wrong(ctx: Context) -> Iterator[Hit]:
    """Left-over is not arrived − spent, or the arrived total is not the sum of its sources."""
    slack = ctx.threshold("funds", "tol_money") + EPSILON
    arrived, left = ctx.f["arrived"], ctx.f["left_over"]
    had = np.where(ctx.filled("funds", "cell_arrived"), arrived, ctx.f["adjusted"])
    due = had - ctx.f["executed"]
    yield from ctx.hits(
        "funds", np.abs(left - due) > slack, cell="cell_left_over", seen="left_over_text",
        expected="{due}万元",
        due=due, had=had,
        message="“{source}”结余应为到位{had}－支出{executed}＝{due}万元，表中为{left_over_text}。",
    )  # fmt: skip
    blocks = ctx.by_project("funds")
    sub, total = ctx.isin("funds", "role", "sub"), ctx.isin("funds", "role", "total")
    unread = sub & np.isnan(arrived) & ~ctx.nil("funds", "arrived_text")
    usable = blocks.spread(blocks.any(sub & ~np.isnan(arrived)) & ~blocks.any(unread))
    sums = blocks.spread(blocks.sum(arrived, sub))
    off = blocks.firsts(total) & usable & (np.abs(arrived - sums) > slack) & ~ctx.layout("funds", HEBEI)
    yield from ctx.hits(
        "funds", off, cell="cell_arrived", seen="arrived_text", expected="{sums}万元", sums=sums,
        message="到位资金合计为{arrived}万元，各项来源之和为{sums}万元，两者不符。",
    )  # fmt: skip


@check("FU14")
def spent_more_than_arrived(ctx: Context) -> Iterator[Hit]:
    """More was executed than had arrived: one of the two figures is wrong, or money was advanced."""
    over = ctx.f["executed"] > ctx.f["arrived"] + ctx.threshold("funds", "tol_money") + EPSILON
    yield from ctx.hits(
        "funds", over, cell="cell_executed", seen="executed_text", expected="不超过{arrived}万元",
        message="“{source}”执行数{executed}万元大于到位数{arrived}万元。",
    )  # fmt: skip


@check("FU15")
def rate_as_indicator(ctx: Context) -> Iterator[Hit]:
    """The execution rate is scored in the fund block and again as an indicator, or with another value.

    Under any of its usual names (项目资金执行率, 资金支出率); a rate of one part of the money is no such row.
    """
    row = ctx.role("execution")
    named = ctx.role("indicator") & words.saying(ctx, "indicators", "level3", "rate_of_execution")
    row |= named & ctx.isin("indicators", "unit", "%", "")
    twice = row & (ctx.i["points"] > 0) & ctx.spread("indicators", tally(ctx).execution_points > 0)
    value = ctx.i["actual_value"] / _WHOLE
    rate = ctx.spread("indicators", ctx.p["execution_rate"])
    slack = ctx.threshold("indicators", "tol_rate")
    apart = row & (np.abs(value - rate) * _WHOLE > slack + EPSILON)
    apart &= ctx.isin("indicators", "actual_unit", "%", "")
    told = ctx.spread("indicators", ctx.text("projects", "execution_rate"))
    yield from ctx.hits(
        "indicators", twice | apart, cell=("cell_actual", "cell_level3"), seen="actual_text", twice=twice,
        rate=told, apart=apart, expected=lambda r: percent(r.rate) if r.apart else "只在一处计分",
        message=lambda r: (
            "预算执行率" + ("在资金栏已经计分，又作为指标计分" if r.twice else "作为指标列出")
            + (f"，填报{r.actual_text.strip()}，与资金栏的{percent(r.rate)}不一致。" if r.apart else "。")
        ),
    )  # fmt: skip


@check("FU16")
def rate_form(ctx: Context) -> Iterator[Hit]:
    """The execution rate is printed as a fraction (0.97, 1) or as a bare number (20): it can be misread."""
    odd = ctx.where("funds", "rate_text", _not_percent) & ~ctx.layout("funds", *_HEADED_PERCENT)
    total = odd & ctx.isin("funds", "role", "total")
    blocks = ctx.by_project("funds")
    rate = ctx.text("funds", "rate_declared")
    yield from ctx.hits(
        "funds", blocks.firsts(np.where(blocks.spread(blocks.any(total)), total, odd)), cell="cell_rate",
        seen="rate_text", rate=rate, expected=lambda r: percent(r.rate) or "百分数",
        message="执行率“{rate_text}”没有写成百分数。",
    )  # fmt: skip


def _not_percent(text: str) -> bool:
    value, form = read_rate(text)
    return form in ("bare", "fraction") and value != 0


@check("FU17")
def money_and_output_apart(ctx: Context) -> Iterator[Hit]:
    """Hardly any money was spent though all outputs were reached, or all of it though an output failed.

    Output failed: below the same share that marks a low execution rate, or no output of several reached.
    """
    done, rate = ctx.i["completion_rate"], ctx.p["execution_rate"]
    output = ctx.role("indicator") & ctx.isin("indicators", "level1", "产出指标") & ~np.isnan(done)
    output &= ~ctx.isin("indicators", "level2", "成本指标", "经济成本指标")
    rows, low = ctx.by_project("indicators"), ctx.threshold("projects", "low_exec")
    met, count = rows.size(output & (done >= 1 - EPSILON)), rows.size(output)
    unspent = (rate < low - EPSILON) & (count > 0) & (met == count)
    poor = rows.any(output & (done < ctx.spread("indicators", low) - EPSILON)) | ((met == 0) & (count > 1))
    spent = (rate >= 1 - EPSILON) & poor
    yield from ctx.hits(
        "projects", unspent | spent, cell=("cell_rate", "cell_executed"), seen="rate_text", met=met,
        count=count,
        message=lambda r: f"执行率{percent(r.execution_rate)}，而可比较的产出指标{r.count}项中完成{r.met}项，"
        "资金执行与任务完成不匹配。",
    )  # fmt: skip


@check("FU18")
def carry_over_left_out(ctx: Context) -> Iterator[Hit]:
    """Money carried over stands in its line but not in the total, or a line without money has a rate."""
    blocks = ctx.by_project("funds")
    sub, total = ctx.isin("funds", "role", "sub"), ctx.isin("funds", "role", "total")
    carried = carried_over(ctx)
    slack = ctx.threshold("funds", "tol_money") + EPSILON
    for name in ("initial", "adjusted", "executed"):
        others = blocks.spread(blocks.sum(ctx.f[name], sub & ~carried))
        extra = blocks.spread(blocks.sum(ctx.f[name], carried))
        left_out = (extra > slack) & (np.abs(ctx.f[name] - others) <= slack)
        yield from ctx.hits(
            "funds", blocks.firsts(total) & left_out, cell=f"cell_{name}", seen=f"{name}_text", extra=extra,
            message=f"上年结转{{extra}}万元没有计入资金总额的{COLUMNS[name]}。",
        )  # fmt: skip
    base = base_of(ctx, "funds")
    idle = sub & ~(base > 0) & ~(ctx.f["executed"] > 0) & (ctx.f["rate_declared"] > 0)
    yield from ctx.hits(
        "funds", idle, cell="cell_rate", seen="rate_text", expected="—",
        message="“{source}”行没有金额，却填了执行率{rate_text}。",
    )  # fmt: skip
