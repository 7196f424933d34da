"""ST, second part: blank forms, unreadable cells, fragments, odd level names and units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from perfbatch.checks.context import Context, Hit, Mask, Row
from perfbatch.checks.register import check
from perfbatch.checks.tally import LISTS, tally
from perfbatch.notation import fold

_LEVEL1 = ("产出指标", "效益指标", "满意度指标", "成本指标", "预算执行率", "过程指标", "债券资金管理指标")
_LEVEL2 = (
    "数量指标", "质量指标", "时效指标", "成本指标", "经济成本指标", "社会成本指标", "生态环境成本指标",
    "经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标", "服务对象满意度指标", "预算执行率",
)  # fmt: skip
# names of local forms that say the same: 服务对象或社会公众满意度, 产出类指标, 可持续性影响, 经济效益情况
_USUAL = {
    "level1": re.compile(
        "(?:项目|部门)?(?:产出|效益|效果|满意度|成本|过程|投入|管理|决策|预算执行)(?:类|情况|绩效)?(?:指标|率)?(?:[0-9]+分)?"
    ),
    "level2": re.compile(
        "(?:项目)?(?:产出|效益)?(?:数量|质量|时效|(?:经济|社会|生态环境|财务)?成本|(?:经济|社会|生态|环境|生态环境)(?:效益|效果|影响)"
        "|可持续(?:性|发展)?(?:影响|效益|效果|能力)?|[一-龥]{0,12}满意[度率])(?:类|情况)?(?:指标)?"
    ),
}
_SINGLE = ("满意度指标", "成本指标", "预算执行率")
_FREE_LEVEL1 = ("F10",)  # its level 1 is 投入、管理、产出、结果
_FREE_LEVEL2 = ("过程指标", "债券资金管理指标", "预算执行率")  # their level-2 names are local
_OFFICE = "(?:局|委|委员会|厅|部|办|办公室|中心|政府|街道办事处)"
_TWO_OFFICES = re.compile(rf".{{2,}}{_OFFICE}\s*[、，,/；;\n]\s*.{{2,}}{_OFFICE}$")
_IN_CHARGE = re.compile(r"(?:局|委|委员会|厅|部|财政所)$")
_CARRIES_OUT = re.compile(r"(?:小学|中学|学校|幼儿园|医院|卫生院|卫生室|敬老院|养老院|图书馆|文化站|村委会|居委会)$")


@check("ST08")
def blank_form(ctx: Context) -> Iterator[Hit]:
    """Indicators with targets, but not one actual value or score: a target sheet only.

    Reported once for the form instead of once for each of its empty cells.
    """
    line = ctx.role("indicator", "parent", "child")
    set_up = line & ~ctx.nil("indicators", "target_text")
    filled = line & (~ctx.nil("indicators", "actual_text") | ~ctx.nil("indicators", "score_text"))
    rows = ctx.by_project("indicators")
    blank = rows.any(set_up) & ~rows.any(filled)
    yield from ctx.hits(
        "indicators", rows.firsts(set_up & rows.spread(blank)), cell=("cell_actual", "cell_target"),
        size=rows.spread(rows.size(set_up)), expected="填写实际完成值和得分",
        message="本表{size}行指标的实际完成值和得分全部空白，尚未自评。",
    )  # fmt: skip


@check("ST09")
def unclear_cell(ctx: Context) -> Iterator[Hit]:
    """A target or actual that can be read in two ways: conversion damage, run-together cells, odd dates.

    Nothing is computed from such a cell; it is listed here so that a person decides.
    """
    line = ctx.role("indicator", "parent", "child", "execution")
    fields = {"target": "指标值", "actual": "实际完成值"}
    marks = {name: line & ctx.isin("indicators", f"{name}_status", "ambiguous") for name in fields}
    rows = ctx.by_project("indicators")
    count = rows.spread(rows.size(marks["target"]) + rows.size(marks["actual"]))
    many = count >= ctx.threshold("indicators", "ocr_max_triggers")
    tail = np.where(many, "；本表这样的单元格较多，可能是转换造成的，请对照原件", "")
    for name, title in fields.items():
        yield from ctx.hits(
            "indicators", marks[name], cell=f"cell_{name}", seen=f"{name}_text", tail=tail,
            message=partial(_unclear, title, name),
        )  # fmt: skip


def _unclear(title: str, name: str, row: Any) -> str:
    """The sentence on one cell, with the notes on its row but not those on the other cell of the row."""
    own, other = row.target_text, row.actual_text
    if name == "actual":
        own, other = other, own
    notes = [note for note in row.notes.split("；") if f"“{other}”" not in note or f"“{own}”" in note]
    why = f"（{'；'.join(notes)}）" if any(notes) else ""
    return f"{title}“{own}”写法不明确{why}，本行未作计算{row.tail}。"


# code of the reading note (`perfbatch.intake.grids`) → severity
_NOTES = {
    "error_cell": "error", "formula_without_value": "warning", "unreadable_cell": "warning",
    "covered_value": "warning", "far_cell_ignored": "warning", "merge_clipped": "info",
    "hidden_sheet": "info", "hidden_rows": "info", "hidden_columns": "info", "duplicate_sheet_names": "info",
    "not_a_worksheet": "info", "external_links": "info", "encoding_assumed": "info", "more_notes": "info",
    "second_reader_differs": "warning", "picture_cell": "warning", "formats_lost": "warning",
    "shown_otherwise": "info", "sheet_aside": "info", "tracked_changes": "warning", "nested_table": "warning",
    "text_unread": "info",
}  # fmt: skip


@check("ST10")
def odd_cell(ctx: Context) -> Iterator[Hit]:
    """What the reader met in cells: formula errors, formulas without result, hidden rows.

    None of it may pass silently: a formula error is a missing figure, hidden rows count like any other.
    """
    for note in ctx.notes:
        if note.code in _NOTES:
            text = note.text.strip().rstrip("。")
            severity = _NOTES[note.code]
            yield Hit("book", -1, note.cell, "", "", f"{text}。", severity, note.sheet, file=ctx.file)


@check("ST11")
def fragment(ctx: Context) -> Iterator[Hit]:
    """The head, the indicators, a column they are judged by or the grand-total row is missing: a cut page or export.

    What is missing could not be checked, so the form must not pass as clean. A project of a list without rows in
    the list of indicators is only asked about: that export may be meant for some projects.
    """
    rows = ctx.by_project("indicators")
    grid = ~ctx.layout("projects", *LISTS)
    no_head = grid & ctx.nil("projects", "project_name")
    for name in ("department", "unit"):
        no_head = no_head & ~ctx.filled("projects", f"cell_{name}")
    no_rows = ~ctx.layout("projects", "F11") & ~rows.any(~ctx.role("placeholder", "execution"))
    scored = rows.any((ctx.i["points"] > 0) | (ctx.i["score_declared"] > 0))
    no_total = tally(ctx).cut & scored
    parts = {"表头（项目名称、主管部门、实施单位）": no_head, "绩效指标": no_rows, "总分行": no_total}
    judged = rows.any(ctx.role("indicator") & ~ctx.nil("indicators", "score_text"))  # else ST08 says so
    for name, title in (("target", "年度指标值"), ("actual", "实际完成值")):
        parts[f"“{title}”列"] = judged & ~rows.any(ctx.filled("indicators", f"cell_{name}"))

    def missing(row: Row) -> str:
        names = "、".join(name for name, mask in parts.items() if mask[row.at])
        return f"本表缺少{names}，可能是残页或导出不完整。"

    cut = np.logical_or.reduce(list(parts.values()))
    yield from ctx.hits("projects", cut, cell="cell", expected="完整的自评表", message=missing)
    listed = ctx.layout("projects", "F11")
    with_rows = listed & rows.any(ctx.role("indicator", "parent"))
    file = ctx.text("projects", "file")
    left_out = listed & ~rows.any(ctx.filled("indicators", "role")) & np.isin(file, file[with_rows])
    yield from ctx.hits(
        "projects", left_out, cell="cell", seen="project_name", expected="本项目的指标", severity="warning",
        message="项目“{project_name}”在项目列表中，指标列表中没有它的指标，指标没有核对。",
    )  # fmt: skip


@check("ST12")
def unknown_level(ctx: Context) -> Iterator[Hit]:
    """A level-1 or level-2 name is unknown, or empty even after inheritance from the merged cell above.

    Weights by group and the required kinds of indicators cannot be checked for such rows.
    """
    line = ctx.role("indicator", "parent")
    own = ~ctx.isin("indicators", "level1", *_FREE_LEVEL2)
    for name, title, known, where in (
        ("level1", "一级指标", _LEVEL1, line & ~ctx.layout("indicators", *_FREE_LEVEL1)),
        ("level2", "二级指标", _LEVEL2, line & own),
    ):
        bad = where & ctx.filled("indicators", f"cell_{name}") & ~ctx.isin("indicators", name, *known)
        bad &= ~ctx.where("indicators", name, partial(_usual, name))
        if name == "level2":  # one group only: the form need not repeat its name
            bad &= ~(ctx.nil("indicators", "level2") & ctx.isin("indicators", "level1", *_SINGLE))
        yield from ctx.hits(
            "indicators", ctx.groups("indicators", "level1_text", f"{name}_text").firsts(bad),
            cell=f"cell_{name}", seen=f"{name}_text", expected=f"规范的{title}名称",
            message=partial(_unknown_level, title, f"{name}_text"),
        )  # fmt: skip


def _usual(name: str, text: str) -> bool:
    return _USUAL[name].fullmatch(fold(text)) is not None


def _unknown_level(title: str, column: str, row: Any) -> str:
    name = str(getattr(row, column))
    return f"{title}名称“{name}”不在规范名称之内。" if name.strip() else f"{title}名称没有填写。"


@check("ST13")
def swapped_units(ctx: Context) -> Iterator[Hit]:
    """Department and unit look exchanged, or one cell names two departments.

    Sums by department are wrong then.
    """
    swapped = _ends(ctx, "department", _CARRIES_OUT) & _ends(ctx, "unit", _IN_CHARGE)
    yield from ctx.hits(
        "projects", swapped, cell="cell_department", seen="department", expected="{unit}",
        message="主管部门“{department}”与实施单位“{unit}”可能填反。",
    )  # fmt: skip
    yield from ctx.hits(
        "projects", _ends(ctx, "department", _TWO_OFFICES), cell="cell_department", seen="department",
        expected="一个主管部门", message="主管部门栏“{department}”填了两个部门。",
    )  # fmt: skip


def _ends(ctx: Context, column: str, pattern: re.Pattern[str]) -> Mask:
    return ctx.where("projects", column, lambda text: bool(pattern.search(text.strip())))
