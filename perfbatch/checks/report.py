"""RP: the self-evaluation report against the tables: figures, dates, names, lists, indicators and problems."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from perfbatch.checks import words
from perfbatch.checks.amounts import Amount, amounts_in
from perfbatch.checks.batch import Batch, by_project
from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import Form, apart, less, more
from perfbatch.checks.register import check
from perfbatch.checks.report_text import Report, read_report, stated_progress, stated_scores, stated_value, subject
from perfbatch.decimals import half_up, total
from perfbatch.identity.names import name_key
from perfbatch.notation import Around, fold, read_actual, read_target

_QUOTED = 80  # characters of a sentence that are quoted
_FIGURE = re.compile(
    r"(?:只|实际|仅|已|共)?(?:补偿|完成|发放|支付|建成|补助|培训|种植|拨付)了?(\d[\d,]*(?:\.\d+)?)([一-龥]{1,2})"
)
_LIKELY = 0.6  # similarity of names below which no suggestion is made (difflib ratio)


@dataclass
class Sides:
    """The report on one side, the forms that it speaks of on the other. Of forms and list rows only the forms count."""

    batch: Batch
    report: Report

    @cached_property
    def counted(self) -> list[Form]:
        """The projects the report speaks of."""
        forms = list(self.batch.forms)
        return [form for form in forms if not form.listed] or forms

    @cached_property
    def names(self) -> dict[str, Form]:
        """Name key → project."""
        return {name_key(form.project_name): form for form in self.counted if form.project_name}

    @cached_property
    def mentioned(self) -> list[Form]:
        """The projects whose names stand in the report."""
        return [form for form in self.counted if form.project_name and fold(form.project_name) in self.report.text]

    def find(self, name: str) -> Form | None:
        """The project of exactly that name (the word 项目 at its end does not matter)."""
        key = name_key(name)
        return self.names.get(key) or self.names.get(key.removesuffix("项目"))

    def sum(self, column: str) -> Decimal:
        """Sum of a money column in 万元."""
        return total(value for form in self.counted if (value := getattr(form, column)) is not None)

    def is_sum(self, amount: Amount, column: str) -> bool:
        """Whether an amount is the sum of a money column, but for its printed places."""
        return not apart(amount.wan, self.sum(column), amount.rounding + self.batch.rule("tol_money"))

    def passages(self, form: Form) -> list[str]:
        """The parts of statements that follow a project's name, up to the next 还有 or the end."""
        name = fold(form.project_name)
        after = (said.text[said.text.index(name) + len(name) :] for said in self.report.naming(name))
        return [re.split(r";|还有", text)[0] for text in after]

    def hit(self, seen: str, expected: str, message: str, severity: str = "") -> Hit:
        """A finding in the report itself, which has no cells: the sentence that says so is quoted."""
        said = next((s for s in self.report.statements if seen and fold(seen) in s.text), None)
        if said is not None and "原文" not in message:
            whole = said.text.rstrip("。")
            quoted = whole if len(whole) <= _QUOTED else whole[:_QUOTED] + "…"
            message = f"{message.removesuffix('。')}；第{said.paragraph}段原文：“{quoted}”。"
        return Hit(None, "", seen, expected, message, severity, file=self.batch.given.report_file)


def _sides(batch: Batch) -> Sides:
    """Report and forms of a run; `Skipped` when no report was given."""
    return Sides(batch, read_report(batch.needed(batch.given.report, "自评报告")))


def _score(form: Form) -> Decimal | None:
    """The declared total, the computed one where none is declared."""
    declared: Decimal | None = form.total_declared
    return form.total_score if declared is None else declared


@check("RP01", of="batch")
def figures_differ(batch: Batch) -> Iterator[Hit]:
    """The total amount, the execution rate or a project's score in the report is not that of the tables.

    The amount may be the budget or the money spent: only a figure that is neither is wrong.
    """
    both = _sides(batch)
    spent, budget = both.sum("executed"), both.sum("budget_adjusted")
    for label, amount in filter(None, (both.report.total, *both.report.whole)):
        if not both.is_sum(amount, "executed") and not both.is_sum(amount, "budget_adjusted"):
            told = f"报告称“{label}{amount.text}”，自评表全年执行数合计{number(spent)}万元、"
            told += f"全年预算数合计{number(budget)}万元。"
            yield both.hit(amount.text, f"执行{number(spent)}万元、预算{number(budget)}万元", told)
    if both.report.rate is not None and budget > 0:
        rate = 100 * spent / budget
        if apart(both.report.rate, rate, batch.rule("tol_rate")):
            told = f"报告称执行率{both.report.rate}%，按自评表合计数计算为{number(rate, 2)}%。"
            yield both.hit(f"{both.report.rate}%", f"{number(rate, 2)}%", told)
    about, paragraph = None, 0
    for statement in both.report.statements:
        if statement.paragraph != paragraph:
            about, paragraph = both.find(subject(statement.text)), statement.paragraph
        for score in stated_scores(statement) if about else ():
            if about and apart(score, own := _score(about), batch.rule("tol_score")):
                told = f"报告第{paragraph}段称项目“{about.project_name}”自评{score}分，自评表为{number(own)}分。"
                yield both.hit(f"{score}分", f"{number(own)}分", told)


@check("RP02", of="batch")
def bands_differ(batch: Batch) -> Iterator[Hit]:
    """The numbers of projects per score band do not add up to the projects, or are not those of the tables."""
    both = _sides(batch)
    bands, projects = both.report.bands, both.report.projects
    stated = sum(band.projects for band in bands)
    whole = len({band.low is None for band in bands}) == 2 and any(band.high is None for band in bands)
    if whole and projects is not None and stated != projects:
        yield both.hit(str(stated), str(projects), f"报告各得分段合计{stated}个，与所称项目{projects}个不符。")
    scores = [score for form in both.counted if (score := _score(form)) is not None]
    for band in bands if len(scores) == len(both.counted) else ():
        count = sum(band.holds(score) for score in scores)
        if count != band.projects:
            told = f"报告称{band}的项目{band.projects}个，自评表中为{count}个。"
            yield both.hit(f"{band}{band.projects}个", f"{band}{count}个", told)


@check("RP03", of="batch")
def completed_with_missed_rows(batch: Batch) -> Iterator[Hit]:
    """The report counts more completed projects than have all their indicators met."""
    both = _sides(batch)
    missed = [form for form in both.counted if form.executed == 0 or any(row.missed for row in form.rows)]
    met, completed = len(both.counted) - len(missed), both.report.completed
    if completed is not None and completed > met:
        some = "、".join(f"“{form.project_name}”" for form in missed[:5])
        told = f"报告称{completed}个项目完成预期目标，自评表中指标全部达标的只有{met}个（未达标的有{some}等）。"
        yield both.hit(f"{completed}个", f"{met}个", told)


@check("RP04", of="batch")
def names_differ(batch: Batch) -> Iterator[Hit]:
    """The report calls a project otherwise than its form, in the list of spot checks or in the narrative."""
    both = _sides(batch)
    said = [item.name for item in both.report.sample]
    said += [name for statement in both.report.statements if (name := subject(statement.text))]
    for name in dict.fromkeys(said):
        if both.find(name) is None:
            near = difflib.get_close_matches(name_key(name), both.names, n=1, cutoff=_LIKELY)
            own = both.names[near[0]].project_name if near else ""
            other = f"，自评表中相近的是“{own}”" if near else ""
            yield both.hit(name, own, f"报告中的项目名称“{name}”与自评表不一致{other}。")


@check("RP05", of="batch")
def unexecuted_differ(batch: Batch) -> Iterator[Hit]:
    """Number or names of the projects without any spending differ between report and tables."""
    both = _sides(batch)
    idle = [form.project_name for form in both.counted if form.executed == 0]
    count = both.report.unexecuted
    if count is not None and count != len(idle):
        listing = f"（{'、'.join(f'“{name}”' for name in idle[:5])}）" if idle else ""
        told = f"报告称{count}个项目未执行，自评表中全年执行数为0的有{len(idle)}个{listing}。"
        yield both.hit(f"{count}个", f"{len(idle)}个", told)
    for name in idle:
        if not both.report.naming(name):
            yield both.hit("", name, f"项目“{name}”全年执行数为0，报告没有提到。", "warning")


@check("RP06", of="batch")
def indicators_differ(batch: Batch) -> Iterator[Hit]:
    """A target stated for an indicator, or a figure in its unit beside its project, is not that of the table.

    The first names the indicator and is certain; the second is only tied by unit and therefore a warning.
    """
    both = _sides(batch)
    for form in both.mentioned:
        rows, named = [row for row in form.rows if row.figures], f"报告称项目“{form.project_name}”"
        known = {(value, row.unit) for row in rows for value in (row.target_value, row.actual_value)}
        units = {row.unit for row in rows} - {""}
        for text in both.passages(form) if rows else ():
            for row in rows:
                said = stated_value(text, row.level3) if len(row.level3) > 1 else ""
                if not said or row.target_value is None:
                    continue
                reading = read_target(said, Around(name=row.level3))
                differs = reading.value != row.target_value or (row.unit and reading.unit != row.unit)
                if reading.value is not None and differs:
                    told = f"{named}指标“{row.level3}”的目标为{said}，自评表为“{row.target_text}”。"
                    yield both.hit(said, row.target_text, told)
            for found in _FIGURE.finditer(text):
                reading = read_actual(found[1] + found[2], read_target(""))
                if reading.value is not None and reading.unit in units and (reading.value, reading.unit) not in known:
                    told = f"{named}{found[0]}，与自评表该项目的指标数据都不相符。"
                    yield both.hit(found[1] + reading.unit, "", told, "warning")


@check("RP07", of="batch")
def sample_differs(batch: Batch) -> Iterator[Hit]:
    """Amount or number of the spot-checked projects differ from the forms, or from the sample of this run."""
    both = _sides(batch)
    count, listed = both.report.sample_count, both.report.sample
    if count is not None and listed and count != len(listed):
        yield both.hit(f"{count}个", f"{len(listed)}个", f"报告称抽查{count}个项目，列出的是{len(listed)}个。")
    said = set()
    for item in listed:
        if (form := both.find(item.name)) is None:
            continue
        said.add(form.project_name)
        slack = item.amount.rounding + batch.rule("tol_money")
        if all(apart(item.amount.wan, own, slack) for own in (form.executed, form.budget_adjusted)):
            executed = f"{number(form.executed)}万元"
            told = f"报告中抽查项目“{item.name}”为{item.amount.text}，自评表全年执行数{executed}、"
            yield both.hit(item.amount.text, executed, f"{told}全年预算数{number(form.budget_adjusted)}万元。")
    if listed and batch.given.sample:
        in_sample = by_project(dict.fromkeys(batch.given.sample, True))
        drawn = {form.project_name for form in both.counted if in_sample(form)}
        if drawn != said:
            text = "、".join(sorted(drawn ^ said)[:5])
            yield both.hit("", "", f"报告的抽查项目与本次抽查名单不同：{text}。", "warning")


@check("RP08", of="batch")
def total_label_unclear(batch: Batch) -> Iterator[Hit]:
    """The label of the total says spending while the figure is the budget, or the reverse."""
    both = _sides(batch)
    if not both.report.total:
        return
    label, amount = both.report.total
    is_spent, is_budget = both.is_sum(amount, "executed"), both.is_sum(amount, "budget_adjusted")
    spending = re.search(r"支出|执行|拨付|支付", label) is not None
    if is_spent is not is_budget and spending is not is_spent:
        what, column = ("全年预算数", "budget_adjusted") if is_budget else ("全年执行数", "executed")
        told = f"该数等于{what}合计{number(both.sum(column))}万元，口径与名称不符。"
        yield both.hit(label + amount.text, what, f"报告称“{label}{amount.text}”，{told}")


@check("RP09", of="batch")
def problems_differ(batch: Batch) -> Iterator[Hit]:
    """A project with low score and stated problems is not mentioned in the report, or the reverse.

    The reverse: the report speaks of a deviation of a project whose indicators are all met at full points.
    """
    both = _sides(batch)
    for form in both.counted:
        score, name = _score(form), form.project_name
        low = less(score, form.highest_band) and not words.says(form.problems, "problem_none")
        if low and not both.report.naming(name):
            yield both.hit("", name, f"项目“{name}”自评{number(score)}分并写有存在问题，报告没有提到。")
    for form in both.mentioned:
        if more(form.executed, Decimal(0)) and not any(row.missed or row.short for row in form.rows):
            for text in both.passages(form):
                if re.search(r"偏差|扣分|未完成", text):
                    told = f"报告称项目“{form.project_name}”出现偏差，自评表中该项目各指标均已达标。"
                    yield both.hit(text[:40], "", told)


@check("RP10", of="batch")
def percentage_contradicts_amounts(batch: Batch) -> Iterator[Hit]:
    """A rate stated together with its two amounts is not their quotient, allowing for its printed decimals."""
    both = _sides(batch)
    for statement in both.report.statements:
        for budget, spent, rate in stated_progress(statement):
            if budget.wan <= 0:
                continue
            exact = spent.wan / budget.wan * 100
            places = len(rate.partition(".")[2])
            if apart(Decimal(rate), exact, max(Decimal(5).scaleb(-places - 1), batch.rule("tol_rate"))):
                right = f"{half_up(exact, 2)}%"
                told = f"预算{budget.text}、支出{spent.text}，比率应为{right}，报告写{rate}%。"
                yield both.hit(f"{rate}%", right, f"报告第{statement.paragraph}段：{told}")


@check("RP11", of="batch")
def two_amounts_for_one_project(batch: Batch) -> Iterator[Hit]:
    """One project name is followed directly by different amounts at two places of the report."""
    both = _sides(batch)
    named = (*(form.project_name for form in both.mentioned), *(item.name for item in both.report.sample))
    for name in dict.fromkeys(named):
        pattern = re.compile(re.escape(fold(name)) + r"(?:项目)?(?:资金|经费)?(\d[\d,]*(?:\.\d+)?(?:亿元|万元|元))")
        found = {amounts_in(text)[0].wan: text for text in pattern.findall(both.report.text) if amounts_in(text)}
        if len(found) > 1:
            told = "、".join(found.values())
            yield both.hit(told, "一个金额", f"报告中“{name}”有不同金额：{told}。")


@check("RP12", of="batch")
def report_year_or_date(batch: Batch) -> Iterator[Hit]:
    """The report is dated before the end of its year, or its year is not that of the forms."""
    both = _sides(batch)
    years = {form.year for form in both.counted if form.year is not None}
    expected = batch.given_year or (years.pop() if len(years) == 1 else None)
    stated, dated = both.report.year, both.report.dated
    if stated and expected and stated != expected:
        yield both.hit(f"{stated}年度", f"{expected}年度", f"报告写的是{stated}年度，自评表为{expected}年度。")
    year = expected or stated
    if dated and year and dated <= date(year, 12, 30):
        text = dated.isoformat()
        yield both.hit(text, f"{year}年12月31日以后", f"报告落款日期{text}早于{year}年度结束，不可能是全年结果。")


@check("RP13", of="batch")
def published_differs(batch: Batch) -> Iterator[Hit]:
    """The score or expenditure published with the final accounts is not that of the form."""
    published = by_project(batch.needed(batch.given.published, "公开的决算或结果清单"))
    for form in batch.forms:
        found = published(form) or {}
        for field, own, unit, tolerance, cell in (
            ("score", form.total_declared, "分", "tol_score", "cell_total"),
            ("executed", form.executed, "万元", "tol_money", "cell_executed"),
        ):
            other = found.get(field)
            if apart(other, own, form[tolerance]):
                told = f"公开的是{number(other)}{unit}，自评表为{number(own)}{unit}。"
                told = f"项目“{form.project_name}”{told}"
                yield form.hit((cell, "cell"), told, seen=number(own), expected=number(other))
