"""ST: is this a complete form, and could every cell of it be read?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from perfbatch.checks.context import Context, Hit, Mask, number
from perfbatch.checks.register import check
from perfbatch.checks.tally import LISTS

FIELDS = {
    "project_name": "项目名称", "department": "主管部门", "unit": "实施单位", "year": "年度",
    "goal_expected": "年度总体目标（预期目标）", "goal_actual": "年度总体目标完成情况",
}  # fmt: skip
_FIELD_CELLS = {"project_name": ("cell",), "year": ("cell_year", "cell_title")}
_HEADER_PLACES = ("department", "unit", "adjusted", "executed", "goal_expected", "total")
_LINE_PLACES = ("level1", "level2", "level3", "target", "actual", "points", "score", "reason")
_SIDE_SHEETS = re.compile(r"说明|封面|目录|须知|注意|样例|示例|代码|字典|附件|^Sheet\d+$", re.IGNORECASE)
_JOINED = re.compile(r"[及和与、]")
_PROJECT_NOUN = re.compile(r"(?:项目|工程|经费|资金|补助|补贴|采购|修缮|改造|维修|购置|租金)$")


@check("ST01")
def unrecognised(ctx: Context) -> Iterator[Hit]:
    """A sheet that is no known form, or a form known by too few header words.

    What was not recognised was not checked, and must never look like a clean result.
    """
    yield from _unknown_sheets(ctx)
    yield from _unread_cells(ctx)
    found = ctx.filled("projects", "title").astype(float)
    for name in _HEADER_PLACES:
        found += ctx.filled("projects", f"cell_{name}")
    rows = ctx.by_project("indicators")
    for name in _LINE_PLACES:
        found += rows.any(ctx.filled("indicators", f"cell_{name}"))
    least = ctx.threshold("projects", "min_header_hits")
    yield from ctx.hits(
        "projects", (found < least) & ~ctx.layout("projects", *LISTS), cell="cell", found=found, least=least,
        seen=lambda r: number(r.found), expected="至少{least}",
        message="本表只识别到{found}处表头，少于{least}处，可能不是完整的自评表，结果不可靠。",
    )  # fmt: skip


def _unread_cells(ctx: Context) -> Iterator[Hit]:
    """Headers that were not understood above figures of the money or the indicators: those figures were not checked."""
    for sheet in ctx.sheets:
        for left in sheet.unread:
            if left.bears:
                near = f"（最接近的是“{left.nearest}”）" if left.nearest else ""
                header = f"表头“{left.header}”" if left.header else "这里"
                more = f"等{left.cells}格" if left.cells > 1 else ""
                message = f"{header}没有识别{near}，{left.cell}{more}的内容没有读取和核对。"
                yield Hit(
                    "book", -1, left.cell, left.text, "已知的表头", message, "warning", sheet.sheet, file=ctx.file
                )


def _unknown_sheets(ctx: Context) -> Iterator[Hit]:
    for sheet in ctx.sheets:
        if sheet.projects or sheet.layout or sheet.kind not in ("", "other") or not sheet.told:
            continue
        beside = "info" if _SIDE_SHEETS.search(sheet.sheet) else "warning"
        severity = "error" if ctx.projects.empty else beside
        message = f"工作表“{sheet.sheet}”未识别为自评表或导出列表，其中内容没有核对。"
        yield Hit("book", -1, "", "", "自评表或导出列表", message, severity, sheet.sheet, file=ctx.file)


@check("ST02")
def required_field_empty(ctx: Context) -> Iterator[Hit]:
    """A required field of the head is empty; without the project name nothing can be joined or reported.

    Only places that the form has are asked for: a flat list has no goal, an untitled one no year.
    """
    for field, title in FIELDS.items():
        empty = ctx.nil("projects", field) if field != "year" else np.isnan(ctx.p["year"])
        place = {"project_name": ctx.filled("projects", "cell"), "year": _year_place(ctx)}.get(field)
        place = ctx.filled("projects", f"cell_{field}") if place is None else place
        cells = _FIELD_CELLS.get(field, (f"cell_{field}",))
        yield from ctx.hits(
            "projects", empty & place & ctx.listed("projects", "required_fields", field), cell=cells,
            expected=f"填写{title}", message=f"“{title}”没有填写。",
            severity="error" if field == "project_name" else "",
        )  # fmt: skip
    yield from ctx.hits(
        "projects", _executed_empty(ctx), cell="cell_executed", seen="executed_text", expected="填写全年执行数",
        message="有预算数而“全年执行数”没有填写，执行率无法核对；没有执行的请填0。",
    )  # fmt: skip


def _executed_empty(ctx: Context) -> Mask:
    """A budget without the amount executed: neither rate nor score can be checked."""
    used = ~ctx.nil("projects", "adjusted_text") | ~ctx.nil("projects", "initial_text")
    return used & ctx.nil("projects", "executed_text") & ctx.filled("projects", "cell_executed")


def _year_place(ctx: Context) -> Mask:
    return ctx.filled("projects", "cell_year") | ctx.filled("projects", "title")


@check("ST03")
def several_projects(ctx: Context) -> Iterator[Hit]:
    """Several forms on one sheet are counted; a name that joins two projects is a joint form.

    The count lets the clerk see that no form was swallowed; a joint form cannot be split by anybody else.
    """
    sheets = ctx.alike("projects", "file", "sheet")
    grid = ~ctx.layout("projects", *LISTS)
    counts = sheets.spread(sheets.size(grid))
    yield from ctx.hits(
        "projects", sheets.firsts(grid) & (counts > 1), cell="cell", counts=counts,
        seen=lambda r: str(r.counts), message="工作表“{sheet}”中识别到{counts}个项目的自评表，请核对个数。",
    )  # fmt: skip
    yield from ctx.hits(
        "projects", ctx.where("projects", "project_name", _is_joint), cell="cell", seen="project_name",
        expected="一个项目一张表", severity="warning",
        message="项目名称“{project_name}”像是两个项目合填在一张表，请确认；是的话应分别填报。",
    )  # fmt: skip


def _is_joint(name: str) -> bool:
    """Exactly two parts, each a project of its own by its last word (校园修缮及图书采购)."""
    parts = _JOINED.split(name)
    return len(parts) == 2 and all(len(part) >= 4 and _PROJECT_NOUN.search(part) for part in parts)


@check("ST04")
def wrong_year(ctx: Context) -> Iterator[Hit]:
    """The year of the form is not that of the batch, or its title and its year field disagree.

    Last year's form in this year's folder is a frequent mistake and falsifies every total.
    """
    year, titled = ctx.p["year"], ctx.p["title_year"]
    apart = ~np.isnan(titled) & ~np.isnan(year) & (titled != year)
    yield from ctx.hits(
        "projects", apart, cell=("cell_title", "cell_year"), seen=lambda r: f"{r.title_year}年度",
        expected="{year}年度", message="标题为{title_year}年度，而表内年度为{year}年度，两处不一致。",
    )  # fmt: skip
    if ctx.batch_year is None:
        return
    yield from ctx.hits(
        "projects", ~np.isnan(year) & (year != ctx.batch_year) & ~apart, cell=("cell_year", "cell_title"),
        seen=lambda r: f"{r.year}年度", expected=f"{ctx.batch_year}年度",
        message=f"本表为{{year}}年度，而本批自评为{ctx.batch_year}年度。",
    )  # fmt: skip


@check("ST05")
def placeholder_scored(ctx: Context) -> Iterator[Hit]:
    """A template row (指标2：, ……, /) without an indicator carries points or a score.

    Its points swell the total although nothing was measured.
    """
    points, score = ctx.i["points"] > 0, ctx.i["score_declared"] > 0
    bad = ctx.role("placeholder") & (points | score)
    for where, cell, title in ((bad & points, "points", "分值"), (bad & score & ~points, "score", "得分")):
        yield from ctx.hits(
            "indicators", where, cell=f"cell_{cell}", seen=f"{cell}_text", expected="空白",
            message=f"本行没有指标名称和指标值，却填了{title}{{{cell}_text}}。",
        )  # fmt: skip


@check("ST06")
def scored_as_group(ctx: Context) -> Iterator[Hit]:
    """A row with points but without values, whose values stand in rows without points.

    Such a group is scored as declared: no formula applies to it, so it must be looked at by hand.
    """
    yield from ctx.hits(
        "indicators", ctx.role("parent"), cell=("cell_points", "cell_level3"), seen="points_text",
        message="“{level3}”有分值而无数值，数值写在下面的明细行，本组得分按填报数采用，未逐行复算。",
    )  # fmt: skip


@check("ST07")
def merged_points(ctx: Context) -> Iterator[Hit]:
    """Points or score stand in one cell merged over several rows.

    Only the group can be checked then: its score against its points, not each row against its formula.
    """
    merged = ctx.chosen("indicators", "distribute_group", False)
    for name, title in (("points", "分值"), ("score", "得分")):
        cells = ctx.groups("indicators", "sheet", f"cell_{name}")
        size = cells.spread(cells.size(merged & ctx.filled("indicators", f"cell_{name}")))
        first = cells.firsts(merged & (size > 1))
        if name == "score":
            first &= ~_merged_cell(ctx, "points")
        yield from ctx.hits(
            "indicators", first, cell=f"cell_{name}", seen=f"{name}_text", size=size,
            message=f"{title}由{{size}}行合并填写，本组只核对合计，未逐行复算。",
        )  # fmt: skip


def _merged_cell(ctx: Context, name: str) -> Mask:
    cells = ctx.groups("indicators", "sheet", f"cell_{name}")
    everywhere = ctx.filled("indicators", f"cell_{name}")
    return cells.spread(cells.size(everywhere)) > 1
