"""TX: goal texts, conclusions and names as texts. All of them are hints, none is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from perfbatch.checks import words
from perfbatch.checks.amounts import Amount, amounts_in
from perfbatch.checks.context import EPSILON, Context, Floats, Hit, Mask, Table, number
from perfbatch.checks.register import check
from perfbatch.checks.rows import highest_band, per_ruleset, project_of, rows
from perfbatch.notation import fold, is_nil, is_template

LABELS = {
    "goal_expected": "预期目标", "goal_actual": "实际完成情况", "conclusion": "评价结论",
    "problems": "存在问题", "measures": "改进措施", "reason_box": "原因分析", "fund_reason": "资金说明",
    "project_name": "项目名称", "department": "主管部门", "unit": "实施单位", "footnotes": "附注",
    "level3": "指标名称", "target_text": "年度指标值", "actual_text": "实际完成值", "reason": "偏差原因",
}  # fmt: skip
GOALS = ("goal_expected", "goal_actual")
_LONG = ("conclusion", "problems", "measures", "reason_box")
_CELLS = {"target_text": "cell_target", "actual_text": "cell_actual", "project_name": "cell"}


def _texts(ctx: Context, table: Table, column: str, bad: Mask, **what: Any) -> Iterator[Hit]:
    """Hits on the cells of one text column."""
    cell = _CELLS.get(column, f"cell_{column}")
    yield from ctx.hits(table, bad, cell=cell, **{"seen": lambda r: _cut(getattr(r, column)), **what})


def _cut(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[:length] + "…"


def _says(ctx: Context, column: str, name: str, table: Table = "projects") -> Mask:
    return words.saying(ctx, table, column, name)


@check("TX01")
def goal_is_a_number(ctx: Context) -> Iterator[Hit]:
    """The goal, or its result, is a bare number or amount: it says nothing of what was to be done."""
    for column in GOALS:
        yield from _texts(
            ctx, "projects", column, _says(ctx, column, "bare_amount"), expected=f"文字表述的{LABELS[column]}",
            message=lambda r, c=column: f"{project_of(r)}的{LABELS[c]}只有数字“{getattr(r, c)}”，没有文字内容。",
        )  # fmt: skip


@check("TX02")
def result_repeats_goal(ctx: Context) -> Iterator[Hit]:
    """The result text equals the goal text word for word."""
    pairs = zip(ctx.text("projects", "goal_expected"), ctx.text("projects", "goal_actual"), strict=True)
    same = np.array([bool(a) and not is_nil(a) and fold(a) == fold(b) for a, b in pairs], dtype=bool)
    same &= ~_says(ctx, "goal_actual", "bare_amount")
    yield from _texts(
        ctx, "projects", "goal_actual", same, expected="实际完成情况",
        message=lambda r: f"{project_of(r)}的完成情况与预期目标一字不差，没有反映实际结果。",
    )  # fmt: skip


@check("TX03")
def result_only_done(ctx: Context) -> Iterator[Hit]:
    """The result is only 完成 / 已完成, or so short beside it that nothing is told, and without a figure."""
    codes, texts = ctx.distinct("projects", "goal_actual")
    length = np.array([len(fold(text)) for text in texts], dtype=float)[codes]
    brief = length < ctx.threshold("projects", "min_goal_chars")
    brief &= ctx.where("projects", "goal_actual", _says_done) & ~ctx.nil("projects", "goal_actual")
    yield from _texts(
        ctx, "projects", "goal_actual", brief | _says(ctx, "goal_actual", "only_done"),
        expected="完成的内容、数量和效果",
        message=lambda r: f"{project_of(r)}的目标完成情况只写“{r.goal_actual}”，没有内容。",
    )  # fmt: skip


def _says_done(text: str) -> bool:
    return re.search("完成|达成|达到|实现|落实", text) is not None and not any(c.isdigit() for c in text)


@check("TX04")
def template_text_left(ctx: Context) -> Iterator[Hit]:
    """Prompts of the blank form stand where content should: (100字以内), ……, (≥**个), 对照年度目标…"""
    live = ctx.role("indicator", "child", "parent")
    places: list[tuple[Table, str]] = [("projects", column) for column in (*GOALS, *_LONG, "fund_reason")]
    places += [("indicators", column) for column in ("level3", "target_text", "actual_text", "reason")]
    for table, column in places:
        left = ctx.where(table, column, _left_over)
        yield from _texts(
            ctx, table, column, left & live if table == "indicators" else left, expected="本项目内容",
            message=lambda r, c=column: f"{LABELS[c]}中留有表样提示文字“{_cut(getattr(r, c), 30)}”。",
        )  # fmt: skip


@lru_cache(maxsize=65_536)
def _left_over(text: str) -> bool:
    return bool(text) and (words.says(text, "template") or (is_template(text) and not is_nil(text)))


@check("TX05")
def text_too_long(ctx: Context) -> Iterator[Hit]:
    """A text is longer than the form allows (blanks are not counted)."""
    places: tuple[tuple[Table, str, str], ...] = (
        ("indicators", "reason", "reason"), ("projects", "fund_reason", "reason"),
        *(("projects", column, column) for column in ("conclusion", "problems", "measures")),
    )  # fmt: skip
    for table, column, key in places:
        codes, texts = ctx.distinct(table, column)
        length = np.array([len(fold(text)) for text in texts], dtype=float)[codes]
        limit = _limits(ctx, table, key)
        yield from _texts(
            ctx, table, column, length > limit, expected=lambda r: f"{number(r.limit)}字以内",
            length=length, limit=limit,
            message=lambda r, c=column: f"{LABELS[c]}有{number(r.length)}字，超过{number(r.limit)}字。",
        )  # fmt: skip


def _limits(ctx: Context, table: Table, key: str) -> Floats:
    limits: Floats = per_ruleset(ctx, table, "max_chars", lambda found: float((found or {}).get(key, np.nan)))
    return limits


@check("TX06")
def amount_in_text_differs(ctx: Context) -> Iterator[Hit]:
    """An amount in the goal or conclusion is a fund figure in the wrong unit, or a budget that is none.

    Any amount is tried for the unit; only one that the words before it call the project's money (or that is
    the whole text) must equal a figure of the form.
    """
    ratio, slack = ctx.threshold("projects", "unit_ratio"), ctx.threshold("projects", "unit_ratio_tol")
    tolerance = ctx.threshold("projects", "tol_money")
    known = _known_amounts(ctx)
    for column in (*GOALS, "conclusion"):
        said = ctx.text("projects", column)
        remarks = np.full(len(said), "", dtype=object)
        for at in np.flatnonzero(ctx.where("projects", column, lambda text: "元" in text)):
            if known[at]:
                remarks[at] = _remark(amounts_in(said[at]), known[at], ratio[at], slack[at], tolerance[at])
        yield from _texts(
            ctx, "projects", column, remarks != "", remarks=remarks,
            expected=lambda r: "、".join(f"{number(v)}万元" for v in known[r.at][:3]),
            message=lambda r, c=column: f"{project_of(r)}的{LABELS[c]}中{r.remarks}。",
        )  # fmt: skip


def _known_amounts(ctx: Context) -> list[list[float]]:
    """Every amount of each project's form in 万元: fund block, cost rows."""
    found: list[list[float]] = [[] for _ in range(len(ctx.projects))]
    for column in ("budget_adjusted", "executed", "budget_initial", "arrived", "left_over"):
        _collect(found, np.arange(len(found)), ctx.p[column])
    for column in ("adjusted", "executed", "initial", "arrived", "left_over"):
        _collect(found, ctx.owner("funds"), ctx.f[column])
    for values in rows(ctx).wan:
        _collect(found, ctx.owner("indicators"), values)
    return found


def _collect(found: list[list[float]], owner: Any, values: Floats) -> None:
    for at in np.flatnonzero(values > 0):
        if values[at] not in found[owner[at]]:
            found[owner[at]].append(float(values[at]))


def _digits(text: str) -> str:
    """The significant digits of an amount: two or fewer may be those of another amount by chance."""
    return re.sub(r"[^0-9]", "", text).strip("0")


def _remark(said: list[Amount], known: list[float], ratio: float, slack: float, tolerance: float) -> str:
    """What is odd about the amounts of a text, or ''."""
    for amount in said:
        value, rounding = float(amount.wan), float(amount.rounding) + tolerance
        if amount.per_head or value <= 0 or any(abs(value - k) <= rounding + EPSILON for k in known):
            continue
        slips = [k for k in known if abs(max(k / value, value / k) / ratio - 1) <= slack]
        if slips and (len(_digits(amount.text)) > 2 or amount.alone or words.says(amount.before, "money_before")):
            return f"“{amount.text}”与资金数{number(slips[0])}万元相差一万倍，疑似元与万元写错"
        if len(said) == 1 and (amount.alone or words.says(amount.before, "amount_context")):
            return f"“{amount.text}”与资金部分的金额不符"
    return ""


@check("TX07")
def conclusion_says_nothing(ctx: Context) -> Iterator[Hit]:
    """The form's conclusion is empty although scored, or names no problem below the highest report band."""
    total = ctx.p["total_declared"]
    empty = ctx.filled("projects", "cell_conclusion") & ctx.where("projects", "conclusion", _nothing)
    yield from _texts(
        ctx, "projects", "conclusion", empty & ~np.isnan(total), expected="评价结论",
        message=lambda r: f"{project_of(r)}自评{number(r.total_declared)}分，评价结论没有填写。",
    )  # fmt: skip
    high = highest_band(ctx)
    silent = ctx.filled("projects", "cell_problems") & _says(ctx, "problems", "problem_none")
    yield from _texts(
        ctx, "projects", "problems", silent & (total < high - EPSILON), expected="失分对应的问题",
        message=lambda r: f"{project_of(r)}自评只有{number(r.total_declared)}分，"
        f"存在问题却写“{r.problems or '（空）'}”。",
    )  # fmt: skip


def _nothing(text: str) -> bool:
    return is_nil(text) or is_template(text)


@check("TX08")
def noise_in_project_name(ctx: Context) -> Iterator[Hit]:
    """The project name carries a code, a document number or an amount, so that lists do not match by name."""
    yield from _texts(
        ctx, "projects", "project_name", _says(ctx, "project_name", "name_noise"),
        expected=lambda r: words.pattern("name_noise").sub("", fold(r.project_name)).strip("-_()"),
        message=lambda r: f"项目名称“{r.project_name}”夹带编码、文号或金额。",
    )  # fmt: skip


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


@check("TX09")
def spoilt_characters(ctx: Context) -> Iterator[Hit]:
    """Broken bytes, traditional characters or mixed widths: signs of a converted or pasted text."""
    places: list[tuple[Table, str]] = [("projects", c) for c in ("project_name", *GOALS, *_LONG)]
    places += [("indicators", c) for c in ("level3", "target_text", "actual_text", "reason")]
    for table, column in places:
        yield from _texts(
            ctx, table, column, ctx.where(table, column, lambda text: bool(_spoilt(text))),
            expected="规范的简体字和半角数字",
            message=lambda r, c=column: f"{LABELS[c]}“{_cut(getattr(r, c), 30)}”有{_spoilt(getattr(r, c))}。",
        )  # fmt: skip


_MOBILE = re.compile(r"(?<![\d.])1[3-9]\d{9}(?![\d.元万亿])")
_IDENTITY = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, check character


def _is_identity(number_: str) -> bool:
    rest = sum(int(digit) * weight for digit, weight in zip(number_, _WEIGHTS, strict=False)) % 11
    return "10X98765432"[rest] == number_[-1].upper()


@lru_cache(maxsize=65_536)
def _personal(text: str) -> str:
    """A mobile or identity number in the text, masked, or ''."""
    folded = fold(text)
    for found in _IDENTITY.findall(folded):
        if _is_identity(found):
            return f"身份证号{found[:4]}**********{found[-2:]}"
    mobile = _MOBILE.search(folded)
    return f"手机号{mobile.group(0)[:3]}****{mobile.group(0)[-4:]}" if mobile else ""


@check("TX10")
def personal_data(ctx: Context) -> Iterator[Hit]:
    """A mobile number or a valid identity number stands in a text that will be published; shown masked."""
    heads = ("project_name", "department", "unit", "footnotes", "fund_reason", *GOALS, *_LONG)
    places: list[tuple[Table, str]] = [("projects", c) for c in heads]
    places += [("indicators", c) for c in ("level3", "target_text", "actual_text", "reason")]
    for table, column in places:
        yield from _texts(
            ctx, table, column, ctx.where(table, column, lambda text: bool(_personal(text))),
            seen=lambda r, c=column: _personal(getattr(r, c)), expected="删除个人信息",
            message=lambda r, c=column: f"{LABELS[c]}中含{_personal(getattr(r, c))}，公开前应当删除。",
        )  # fmt: skip
