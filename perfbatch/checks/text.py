"""TX: goal texts, conclusions and names as texts. All of them are hints, none is an error."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from perfbatch.checks import words
from perfbatch.checks.amounts import Amount, amounts_in
from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import ZERO, Form, Row, less
from perfbatch.checks.register import check
from perfbatch.decimals import divide
from perfbatch.messages import shorten
from perfbatch.notation import fold, is_nil, is_template

LABELS: dict[str, str] = words.table("text_labels")["of"]
GOALS = ("goal_expected", "goal_actual")
_LONG = ("conclusion", "problems", "measures", "reason_box")
_CELLS = {"target_text": "cell_target", "actual_text": "cell_actual", "project_name": "cell"}
_OF_ROWS = ("level3", "target_text", "actual_text", "reason")


def _texts(
    form: Form, heads: Iterable[str], rows: Iterable[Row], columns: Iterable[str]
) -> Iterator[tuple[Form | Row, str, str]]:
    """Texts of the head, then of rows, that are not empty: where, which column, what."""
    for column in heads:
        if text := getattr(form, column):
            yield form, column, text
    for column in columns:
        for row in rows:
            if text := getattr(row, column):
                yield row, column, text


def _hit(where: Form | Row, column: str, message: str, *, seen: str = "", expected: str = "") -> Hit:
    cell, text = _CELLS.get(column, f"cell_{column}"), seen or shorten(getattr(where, column), 60)
    return where.hit(cell if hasattr(where, cell) else "cell", message, seen=text, expected=expected)


# --- goal and result ---


@check("TX01", of="form")
def goal_is_a_number(form: Form) -> Iterator[Hit]:
    """The goal, or its result, is a bare number or amount: it says nothing of what was to be done."""
    for column in GOALS:
        text = getattr(form, column)
        if text and words.says(text, "bare_amount"):
            told = f"{form.called}的{LABELS[column]}只有数字“{text}”，没有文字内容。"
            yield _hit(form, column, told, expected=f"文字表述的{LABELS[column]}")


@check("TX02", of="form")
def result_repeats_goal(form: Form) -> Iterator[Hit]:
    """The result text equals the goal text word for word."""
    goal, result = form.goal_expected, form.goal_actual
    if not is_nil(goal) and fold(goal) == fold(result) and not words.says(result, "bare_amount"):
        told = f"{form.called}的完成情况与预期目标一字不差，没有反映实际结果。"
        yield _hit(form, "goal_actual", told, expected="实际完成情况")


@check("TX03", of="form")
def result_only_done(form: Form) -> Iterator[Hit]:
    """The result is only 完成 / 已完成, or so short beside it that nothing is told, and without a figure."""
    text = form.goal_actual
    brief = not is_nil(text) and less(Decimal(len(fold(text))), form["min_goal_chars"])
    brief = brief and re.search("完成|达成|达到|实现|落实", text) is not None and not any(c.isdigit() for c in text)
    if brief or words.says(text, "only_done"):
        told = f"{form.called}的目标完成情况只写“{text}”，没有内容。"
        yield _hit(form, "goal_actual", told, expected="完成的内容、数量和效果")


# --- what is written how ---


@check("TX04", of="form")
def template_text_left(form: Form) -> Iterator[Hit]:
    """Prompts of the blank form stand where content should: (100字以内), ……, (≥**个), 对照年度目标…"""
    live = [row for row in form.rows if row.role in ("indicator", "child", "parent")]
    for where, column, text in _texts(form, (*GOALS, *_LONG, "fund_reason"), live, _OF_ROWS):
        if words.says(text, "template") or (is_template(text) and not is_nil(text)):
            told = f"{LABELS[column]}中留有表样提示文字“{shorten(text)}”。"
            yield _hit(where, column, told, expected="本项目内容")


@check("TX05", of="form")
def text_too_long(form: Form) -> Iterator[Hit]:
    """A text is longer than the form allows (blanks are not counted)."""
    limits = form["max_chars"] or {}
    heads = ("fund_reason", "conclusion", "problems", "measures")
    for where, column, text in _texts(form, heads, form.rows, ("reason",)):
        limit, length = limits.get("reason" if column == "fund_reason" else column), len(fold(text))
        if limit is not None and length > limit:
            told = f"{LABELS[column]}有{length}字，超过{number(limit)}字。"
            yield _hit(where, column, told, expected=f"{number(limit)}字以内")


# --- amounts ---


@check("TX06", of="form")
def amount_in_text_differs(form: Form) -> Iterator[Hit]:
    """An amount in the goal or conclusion is a fund figure in the wrong unit, or a budget that is none.

    Any amount is tried for the unit; only one that the words before it call the project's money (or that is
    the whole text) must equal a figure of the form.
    """
    known: list[Decimal] | None = None
    for column in (*GOALS, "conclusion"):
        text = getattr(form, column)
        if "元" not in text:
            continue
        known = _known_amounts(form) if known is None else known
        if known and (remark := _remark(form, amounts_in(text), known)):
            some = "、".join(f"{number(value)}万元" for value in known[:3])
            yield _hit(form, column, f"{form.called}的{LABELS[column]}中{remark}。", expected=some)


def _known_amounts(form: Form) -> list[Decimal]:
    """Every amount of the form in 万元: fund block, cost rows."""
    found = [form.budget_adjusted, form.executed, form.budget_initial, form.arrived, form.left_over]
    for column in ("adjusted", "executed", "initial", "arrived", "left_over"):
        found += [getattr(line, column) for line in form.funds]
    found += [row.target_wan for row in form.rows]
    found += [row.actual_wan for row in form.rows]
    return list(dict.fromkeys(value for value in found if value is not None and value > 0))


def _remark(form: Form, said: list[Amount], known: list[Decimal]) -> str:
    """What is odd about the amounts of a text, or ''."""
    factor, slack, tolerance = form["unit_ratio"], form["unit_ratio_tol"], form["tol_money"]
    for amount in said:
        value, rounding = amount.wan, amount.rounding + (tolerance or ZERO)
        if amount.per_head or value <= 0 or any(abs(value - one) <= rounding for one in known):
            continue
        slips = []
        if factor is not None and slack is not None:
            times = ((divide(max(one, value), min(one, value)), one) for one in known)
            slips = [one for quotient, one in times if abs(quotient / factor - 1) <= slack]
        # two significant digits or fewer may be those of another amount by chance
        telling = len(re.sub(r"[^0-9]", "", amount.text).strip("0")) > 2 or amount.alone
        if slips and (telling or words.says(amount.before, "money_before")):
            return f"“{amount.text}”与资金数{number(slips[0])}万元相差一万倍，疑似元与万元写错"
        if len(said) == 1 and (amount.alone or words.says(amount.before, "amount_context")):
            return f"“{amount.text}”与资金部分的金额不符"
    return ""


# --- conclusion and name ---


@check("TX07", of="form")
def conclusion_says_nothing(form: Form) -> Iterator[Hit]:
    """The form's conclusion is empty although scored, or names no problem below the highest report band."""
    score, bands = form.total_declared, form["report_bands"]
    if score is not None and form.cell_conclusion and (is_nil(form.conclusion) or is_template(form.conclusion)):
        told = f"{form.called}自评{number(score)}分，评价结论没有填写。"
        yield _hit(form, "conclusion", told, expected="评价结论")
    if form.cell_problems and bands and less(score, bands[0]) and words.says(form.problems, "problem_none"):
        told = f"{form.called}自评只有{number(score)}分，存在问题却写“{form.problems or '（空）'}”。"
        yield _hit(form, "problems", told, expected="失分对应的问题")


@check("TX08", of="form")
def noise_in_project_name(form: Form) -> Iterator[Hit]:
    """The project name carries a code, a document number or an amount, so that lists do not match by name."""
    name = form.project_name
    if words.says(name, "name_noise"):
        plain = words.pattern("name_noise").sub("", fold(name)).strip("-_()")
        yield _hit(form, "project_name", f"项目名称“{name}”夹带编码、文号或金额。", expected=plain)


# --- characters and persons ---

_FULL_WIDTH = re.compile(r"[０-９Ａ-Ｚａ-ｚ]")
_HALF_WIDTH = re.compile(r"[0-9A-Za-z]")


@lru_cache(maxsize=65_536)
def _spoilt(text: str) -> str:
    """What is wrong with the characters of a text, or ''."""
    if words.says(text, "garbled"):
        return "乱码"
    if found := words.pattern("traditional").search(text):
        return f"繁体字“{found.group(0)}”"
    return "全角和半角数字、字母混用" if _FULL_WIDTH.search(text) and _HALF_WIDTH.search(text) else ""


@check("TX09", of="form")
def spoilt_characters(form: Form) -> Iterator[Hit]:
    """Broken bytes, traditional characters or mixed widths: signs of a converted or pasted text."""
    for where, column, text in _texts(form, ("project_name", *GOALS, *_LONG), form.rows, _OF_ROWS):
        if spoilt := _spoilt(text):
            told = f"{LABELS[column]}“{shorten(text)}”有{spoilt}。"
            yield _hit(where, column, told, expected="规范的简体字和半角数字")


_MOBILE = re.compile(r"(?<![\d.])1[3-9]\d{9}(?![\d.元万亿])")
_IDENTITY = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, check character


@lru_cache(maxsize=65_536)
def _personal(text: str) -> str:
    """A mobile or identity number in the text, masked, or ''."""
    folded = fold(text)
    for found in _IDENTITY.findall(folded):
        rest = sum(int(digit) * weight for digit, weight in zip(found, _WEIGHTS, strict=False)) % 11
        if "10X98765432"[rest] == found[-1].upper():
            return f"身份证号{found[:4]}**********{found[-2:]}"
    mobile = _MOBILE.search(folded)
    return f"手机号{mobile.group(0)[:3]}****{mobile.group(0)[-4:]}" if mobile else ""


@check("TX10", of="form")
def personal_data(form: Form) -> Iterator[Hit]:
    """A mobile number or a valid identity number stands in a text that will be published; shown masked."""
    heads = ("project_name", "department", "unit", "footnotes", "fund_reason", *GOALS, *_LONG)
    for where, column, text in _texts(form, heads, form.rows, _OF_ROWS):
        if personal := _personal(text):
            told = f"{LABELS[column]}中含{personal}，公开前应当删除。"
            yield _hit(where, column, told, seen=personal, expected="删除个人信息")
