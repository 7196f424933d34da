"""RP, figures: totals, bands, rates and dates of the self-evaluation report against the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from perfbatch.checks.amounts import amounts_in
from perfbatch.checks.context import EPSILON, Context, Floats, Hit, Mask, number
from perfbatch.checks.inputs import figures, given
from perfbatch.checks.register import check
from perfbatch.checks.report_sides import COLUMNS, Sides, sides
from perfbatch.checks.report_text import Band, stated_progress, stated_scores, subject
from perfbatch.decimals import half_up
from perfbatch.notation import fold


@check("RP01", scope="batch", columns=COLUMNS)
def figures_differ(ctx: Context) -> Iterator[Hit]:
    """The total amount, the execution rate or a project's score in the report is not that of the tables.

    The amount may be the budget or the money spent: only a figure that is neither is wrong.
    """
    both = sides(ctx)
    spent, budget = both.sum("executed"), both.sum("budget_adjusted")
    for label, amount in filter(None, (both.report.total, *both.report.whole)):
        slack = float(amount.rounding) + float(ctx.setting("tol_money")) + EPSILON
        if min(abs(float(amount.wan) - value) for value in (spent, budget)) > slack:
            yield both.hit(
                amount.text, f"执行{number(spent)}万元、预算{number(budget)}万元",
                f"报告称“{label}{amount.text}”，自评表全年执行数合计{number(spent)}万元、"
                f"全年预算数合计{number(budget)}万元。",
            )  # fmt: skip
    if both.report.rate is not None and budget > 0:
        rate = 100 * spent / budget
        if abs(float(both.report.rate) - rate) > float(ctx.setting("tol_rate")) + EPSILON:
            yield both.hit(
                f"{both.report.rate}%", f"{number(rate, 2)}%",
                f"报告称执行率{both.report.rate}%，按自评表合计数计算为{number(rate, 2)}%。",
            )  # fmt: skip
    yield from _scores_differ(both)


def _scores_differ(both: Sides) -> Iterator[Hit]:
    about, paragraph = -1, 0
    for statement in both.report.statements:
        named_here = both.find(subject(statement.text)) if statement.paragraph != paragraph else about
        about, paragraph = named_here, statement.paragraph
        for score in stated_scores(statement):
            own = both.scores[about] if about >= 0 else np.nan
            if abs(float(score) - own) > float(both.ctx.setting("tol_score")) + EPSILON:
                yield both.hit(
                    f"{score}分", f"{number(own)}分",
                    f"报告第{paragraph}段称项目“{both.name(about)}”自评{score}分，自评表为{number(own)}分。",
                )  # fmt: skip


@check("RP02", scope="batch", columns=COLUMNS)
def bands_differ(ctx: Context) -> Iterator[Hit]:
    """The numbers of projects per score band do not add up to the projects, or are not those of the tables."""
    both = sides(ctx)
    bands = both.report.bands
    stated = sum(band.projects for band in bands)
    whole = len({band.low is None for band in bands}) == 2 and any(band.high is None for band in bands)
    projects = both.report.projects
    if whole and projects is not None and stated != projects:
        yield both.hit(str(stated), str(projects), f"报告各得分段合计{stated}个，与所称项目{projects}个不符。")
    scores = both.scores[both.counted]
    if np.isnan(scores).any():
        return
    for band in bands:
        count = int((_within(scores, band)).sum())
        if count != band.projects:
            text = _band(band)
            yield both.hit(
                f"{text}{band.projects}个", f"{text}{count}个",
                f"报告称{text}的项目{band.projects}个，自评表中为{count}个。",
            )  # fmt: skip


def _within(scores: Floats, band: Band) -> Mask:
    low = -np.inf if band.low is None else band.low - EPSILON
    high = np.inf if band.high is None else band.high - EPSILON
    return (scores >= low) & (scores < high)


def _band(band: Band) -> str:
    if band.high is None:
        return f"{band.low}分以上"
    return f"{band.high}分以下" if band.low is None else f"{band.low}至{band.high}分"


@check("RP08", scope="batch", columns=COLUMNS)
def total_label_unclear(ctx: Context) -> Iterator[Hit]:
    """The label of the total says spending while the figure is the budget, or the reverse."""
    both = sides(ctx)
    if not both.report.total:
        return
    label, amount = both.report.total
    slack = float(amount.rounding) + float(ctx.setting("tol_money")) + EPSILON
    is_spent, is_budget = (
        abs(float(amount.wan) - both.sum(column)) <= slack for column in ("executed", "budget_adjusted")
    )
    spending = re.search(r"支出|执行|拨付|支付", label) is not None
    if is_spent is not is_budget and spending is not is_spent:
        what, column = ("全年预算数", "budget_adjusted") if is_budget else ("全年执行数", "executed")
        yield both.hit(
            label + amount.text, what,
            f"报告称“{label}{amount.text}”，该数等于{what}合计{number(both.sum(column))}万元，"
            "口径与名称不符。",
        )  # fmt: skip


@check("RP10", scope="batch", columns=COLUMNS)
def percentage_contradicts_amounts(ctx: Context) -> Iterator[Hit]:
    """A rate stated together with its two amounts is not their quotient, allowing for its printed decimals."""
    both = sides(ctx)
    for statement in both.report.statements:
        for budget, spent, rate in stated_progress(statement):
            if budget.wan <= 0:
                continue
            exact = spent.wan / budget.wan * 100
            places = len(rate.partition(".")[2])
            slack = max(Decimal(5).scaleb(-places - 1), Decimal(str(ctx.setting("tol_rate"))))
            if abs(Decimal(rate) - exact) > slack:
                yield both.hit(
                    f"{rate}%", f"{half_up(exact, 2)}%",
                    f"报告第{statement.paragraph}段：预算{budget.text}、支出{spent.text}，比率应为"
                    f"{half_up(exact, 2)}%，报告写{rate}%。",
                )  # fmt: skip


@check("RP11", scope="batch", columns=COLUMNS)
def two_amounts_for_one_project(ctx: Context) -> Iterator[Hit]:
    """One project name is followed directly by different amounts at two places of the report."""
    both = sides(ctx)
    named = [both.name(int(at)) for at in np.flatnonzero(both.counted & both.mentioned)]
    for name in dict.fromkeys((*named, *(item.name for item in both.report.sample))):
        pattern = re.compile(re.escape(fold(name)) + r"(?:项目)?(?:资金|经费)?(\d[\d,]*(?:\.\d+)?(?:亿元|万元|元))")
        found = {amounts_in(text)[0].wan: text for text in pattern.findall(both.report.text) if amounts_in(text)}
        if len(found) > 1:
            yield both.hit(
                "、".join(found.values()), "一个金额", f"报告中“{name}”有不同金额：{'、'.join(found.values())}。"
            )


@check("RP12", scope="batch", columns=COLUMNS)
def report_year_or_date(ctx: Context) -> Iterator[Hit]:
    """The report is dated before the end of its year, or its year is not that of the forms."""
    both = sides(ctx)
    years = {int(year) for year in ctx.text("projects", "year")[both.counted] if year is not None}
    expected = ctx.batch_year or (years.pop() if len(years) == 1 else None)
    stated, dated = both.report.year, both.report.dated
    if stated and expected and stated != expected:
        yield both.hit(f"{stated}年度", f"{expected}年度", f"报告写的是{stated}年度，自评表为{expected}年度。")
    year = expected or stated
    if dated and year and dated <= date(year, 12, 30):
        text = dated.isoformat()
        yield both.hit(text, f"{year}年12月31日以后", f"报告落款日期{text}早于{year}年度结束，不可能是全年结果。")


@check(
    "RP13",
    scope="batch",
    columns={"projects": ("project_code", "total_declared", "executed", "cell_total", "cell_executed")},
)
def published_differs(ctx: Context) -> Iterator[Hit]:
    """The score or expenditure published with the final accounts is not that of the form."""
    published = given(ctx, "published", "公开的决算或结果清单")
    for field, column, unit, key in (
        ("score", "total_declared", "分", "tol_score"), ("executed", "executed", "万元", "tol_money")
    ):  # fmt: skip
        other, own = figures(ctx, published, field), ctx.p[column]
        differs = np.abs(other - own) > ctx.threshold("projects", key) + EPSILON
        yield from ctx.hits(
            "projects", differs,
            cell=(f"cell_{column.removesuffix('_declared')}", "cell"), other=other, own=own,
            seen=lambda r: number(r.own), expected=lambda r: number(r.other), message=_published(unit),
        )  # fmt: skip


def _published(unit: str) -> Any:
    return lambda r: f"项目“{r.project_name}”公开的是{number(r.other)}{unit}，自评表为{number(r.own)}{unit}。"
