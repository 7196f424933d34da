"""RE: is what fell short, or went far beyond, explained, and does the explanation say something."""

import re
from collections.abc import Iterator
from decimal import Decimal

from perfbatch.checks import words
from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import ZERO, Form, Row, less, more
from perfbatch.checks.indicators_results import over_remark
from perfbatch.checks.register import check
from perfbatch.decimals import percent
from perfbatch.messages import shorten
from perfbatch.notation import fold, says_nothing
from perfbatch.notation.words import verdict, without_mark


def _required(form: Form, trigger: str) -> bool:
    """Whether the ruleset makes a reason mandatory for `trigger`."""
    return trigger in (form["reason_rule"] or ())


@check("RE01", of="form")
def shortfall_without_reason(form: Form) -> Iterator[Hit]:
    """A score below the points and an empty reason cell; the platform refuses to save such a row.

    A form without points (transfer payments) asks for the reason of what was missed all the same: a warning.
    """
    pointless = not any(more(row.points, ZERO) for row in form.rows)
    for row in form.indicators:
        if not row.cell_reason:
            continue
        asked = pointless and row.live and not row.explained
        if asked and (row.missed or row.contradicted or row.late or verdict(fold(row.actual_text)) == "missed"):
            told = f"指标{row.called}目标“{row.target}”，实际“{row.actual}”，没有完成，也没有填写原因。"
            yield row.hit("cell_reason", told, expected="偏差原因及改进措施", severity="warning")
        if row.short and _required(form, "below_points") and not fold(row.reason):
            told = f"指标{row.called}目标“{row.target}”，实际“{row.actual}”，"
            told += f"得{number(row.score_declared)}分（分值{number(row.points)}），没有填写原因。"
            # a note below the table may say why (28.5③)
            noted = any(without_mark(text) != text for text in (row.score_text, row.actual_text))
            yield row.hit("cell_reason", told, expected="偏差原因及改进措施", severity="warning" if noted else "")


@check("RE02", of="form")
def reason_box_empty(form: Form) -> Iterator[Hit]:
    """The form's own box for reasons is empty although rows were missed or points were lost.

    Reasons given in a column of the rows themselves count as an answer.
    """
    if not form.cell_reason_box or not says_nothing(form.reason_box):
        return
    whole = form["total_points"] if form.total_points is None else form.total_points
    lost = any(row.missed or row.short for row in form.indicators)
    if (lost or less(form.total_declared, whole)) and all(row.silent for row in form.indicators):
        told = f"{form.called}有指标未完成或得分未满（总分{number(form.total_declared) or '未填'}），"
        told += "表末原因分析栏却没有填写。"
        # points lost with the money alone may be explained beside it
        yield form.hit("cell_reason_box", told, expected="未完成原因分析", severity="" if lost else "warning")


@check("RE03", of="form")
def overshoot_without_reason(form: Form) -> Iterator[Hit]:
    """The actual is far above a more-is-better target and nobody says why.

    With a target of zero the ratio is undefined; there a fixed figure stands in for it.
    """
    limit, fixed = form["over_reason_ratio"], form["over_zero_target_limit"]
    if not _required(form, "over_ratio"):
        return
    for row in form.indicators:
        if row.direction != "positive" or not row.compared:
            continue
        far = limit is not None and row.ratio is not None and row.ratio >= limit
        zero = row.target_base == 0 and fixed is not None and row.actual_base >= fixed
        if (far or zero) and row.cell_reason and not row.explained:
            times, then = (f"，为目标的{number(row.ratio, 2)}倍", over_remark(row)) if row.ratio else ("", "。")
            told = f"指标{row.called}目标“{row.target}”，实际“{row.actual}”{times}，没有说明原因{then}"
            yield row.hit("cell_reason", told, expected="超额完成的原因")


@check("RE04", of="form")
def reason_says_nothing(form: Form) -> Iterator[Hit]:
    """A row with lost points has a nil word (0, /, 无), template text or a few characters as its reason."""
    for row in form.indicators:
        if row.short and fold(row.reason) and (row.silent or _brief(row)):
            told = f"指标{row.called}得{number(row.score_declared)}分（分值{number(row.points)}），"
            told += f"原因只写了“{row.reason}”，没有说明问题。"
            yield row.hit("cell_reason", told, expected="具体原因和改进措施")


def _brief(row: Row) -> bool:
    return less(Decimal(len(fold(row.reason))), row.form["reason_min_chars"])


@check("RE05", of="form")
def reason_without_shortfall(form: Form) -> Iterator[Hit]:
    """A reason for deviation stands beside a full score although the result neither misses nor far exceeds.

    Where the ruleset asks for the grounds of every qualitative score, such rows are meant to be filled.
    """
    flag, audit = form["over_flag_ratio"], form["audit_dev"]
    for row in form.indicators:
        if not row.full or row.silent or row.missed:
            continue
        over = flag is not None and row.ratio is not None and row.ratio >= flag
        far = audit is not None and row.deviation is not None and abs(row.deviation) > audit
        grounds = row.kind == "qualitative" and _required(form, "qualitative")
        if over or far or grounds or words.says(row.reason, "no_deviation") or row.survey:
            continue
        told = f"指标{row.called}已得满分{number(row.points)}分，又填写了偏差原因“{shorten(row.reason)}”，请核对。"
        yield row.hit("cell_reason", told)


@check("RE06", of="form")
def half_an_explanation(form: Form) -> Iterator[Hit]:
    """The reason of a shortfall names a cause without a measure, or a measure without a cause.

    A hint by words only; a box for measures at the end of the form counts as the measure.
    """
    boxed = not says_nothing(form.measures)
    for row in form.indicators:
        if not row.short or row.silent or _brief(row):
            continue
        clauses = [clause for clause in re.split(r"[,;。]", fold(row.reason)) if clause]
        measures = [words.says(clause, "measure") for clause in clauses]
        measure = any(measures)
        # causes have too many wordings to be listed: a clause that is no mere measure
        cause = not all(measures) or any(words.says(clause, "cause") for clause in clauses)
        lacking = "改进措施" if cause and not measure and not boxed else "原因" if measure and not cause else ""
        if lacking:
            told = f"指标{row.called}的偏差说明“{shorten(row.reason)}”没有写{lacking}，原因和改进措施应当都写明。"
            yield row.hit("cell_reason", told, expected=lacking)


@check("RE07", of="form")
def reason_contradicts_figures(form: Form) -> Iterator[Hit]:
    """The reason says completed while points are lost, or says unspent while the budget is fully executed."""
    for row in form.indicators:
        if row.short and words.says(row.reason, "claims_done"):
            told = f"指标{row.called}得{number(row.score_declared)}分（分值{number(row.points)}），"
            told += f"原因却写“{shorten(row.reason)}”，前后矛盾。"
            yield row.hit("cell_reason", told)
    rate = form.execution_rate
    if rate is not None and rate >= 1 and words.says(form.fund_reason, "claims_unspent"):
        told = f"{form.called}预算执行率{percent(rate)}，资金说明却写“{shorten(form.fund_reason)}”，前后矛盾。"
        yield form.hit(("cell_fund_reason", "cell_executed"), told, seen=form.fund_reason)


@check("RE08", of="form")
def grounds_missing(form: Form) -> Iterator[Hit]:
    """A scored qualitative row without the grounds of its score, where the ruleset asks for them."""
    if not _required(form, "qualitative"):
        return
    for row in form.indicators:
        judged = row.kind == "qualitative" and row.scored and row.score_declared is not None
        if judged and row.cell_reason and row.silent and says_nothing(row.score_basis):
            told = f"定性指标{row.called}得{number(row.score_declared)}分，没有填写得失分依据。"
            yield row.hit("cell_reason", told, expected="得失分依据")


@check("RE09", of="form")
def low_execution_explained_elsewhere(form: Form) -> Iterator[Hit]:
    """Low execution is explained only in an indicator row, or only in the report, not beside the money.

    Asked only of forms that have a place for it there.
    """
    if not less(form.execution_rate, form["reason_exec_below"]):
        return
    if not all(map(says_nothing, (form.fund_reason, form.reason_box, *(line.reason for line in form.funds)))):
        return
    if not form.cell_fund_reason and not form.cell_reason_box:
        return
    told = (row for row in form.rows if row.cell_reason and not row.silent and words.says(row.reason, "money_reason"))
    cell = next((row.cell_reason for row in told), "")
    # else a sentence of last report that names the project together with words about money
    name, report = fold(form.project_name), str(form.context.extras.get("report") or "")
    sentences = map(fold, re.split(r"[。；\n]", report)) if name and not cell else ()
    if cell or any(name in sentence and words.says(sentence, "money_reason") for sentence in sentences):
        message = f"{form.called}预算执行率{percent(form.execution_rate)}，"
        message += f"原因只写在{f'指标行（{cell}）' if cell else '自评报告'}，资金部分没有说明。"
        yield form.hit(
            ("cell_fund_reason", "cell_reason_box"), message, seen=form.fund_reason, expected="执行率偏低的原因"
        )
