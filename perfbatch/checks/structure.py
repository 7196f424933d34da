"""ST: the form as a whole — recognised, complete, filled, of the right year; cells that could not be read."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from perfbatch.checks import words
from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import ZERO, Book, Form, more
from perfbatch.checks.register import check
from perfbatch.messages import shorten
from perfbatch.notation import fold, is_nil
from perfbatch.schema import PROJECT_LIST

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


@check("ST01", of="workbook")
def unrecognised(book: Book) -> Iterator[Hit]:
    """A sheet that is no known form, or a form known by too few header words.

    What was not recognised was not checked, and must never look like a clean result.
    """
    for sheet in book.sheets:
        if not sheet.projects and not sheet.layout and sheet.kind in ("", "other") and sheet.told:
            severity = "info" if _SIDE_SHEETS.search(sheet.sheet) else "warning"
            told = f"工作表“{sheet.sheet}”未识别为自评表或导出列表，其中内容没有核对。"
            severity = severity if book.forms else "error"
            yield book.hit(sheet.sheet, "", told, expected="自评表或导出列表", severity=severity)
    for sheet in book.sheets:
        for left in sheet.unread:
            if left.bears:  # above figures of the money or the indicators, which were not checked
                near = f"（最接近的是“{left.nearest}”）" if left.nearest else ""
                cells = f"{left.cell}等{left.cells}格" if left.cells > 1 else left.cell
                doubt = "与另一列的含义相同" if left.nearest == fold(left.header) else f"没有识别{near}"
                doubt = "与相邻的列不能确定取哪一列" if "：" in left.header[:-1] else doubt
                told, known = f"表头“{left.header}”{doubt}，{cells}的内容没有读取和核对。", "已知的表头"
                if not left.header:
                    told = f"{left.cell}的“{shorten(left.text, 20)}”没有识别，没有读取和核对。"
                yield book.hit(sheet.sheet, left.cell, told, seen=left.text, expected=known, severity="warning")
    for form in book.forms:
        least = form["min_header_hits"]
        found = bool(form.title) + sum(bool(getattr(form, f"cell_{name}")) for name in _HEADER_PLACES)
        found += sum(any(getattr(row, f"cell_{name}") for row in form.rows) for name in _LINE_PLACES)
        if least is not None and found < least and not form.listed:
            told = f"本表只识别到{found}处表头，少于{number(least)}处，可能不是完整的自评表，结果不可靠。"
            yield form.hit("cell", told, seen=str(found), expected=f"至少{number(least)}")


@check("ST02", of="form")
def required_field_empty(form: Form) -> Iterator[Hit]:
    """A required field of the head is empty; without the project name nothing can be joined or reported.

    Only places that the form has are asked for: a flat list has no goal, an untitled one no year.
    """
    required = form["required_fields"] or ()
    for field, title in FIELDS.items():
        cell = form.cell if field == "project_name" else getattr(form, f"cell_{field}")
        if field not in required or not (cell or (field == "year" and form.title)):
            continue
        if form.year is None if field == "year" else form.nil(field):
            # a name whose label is not found may stand beside one that is not known
            named, cells = field == "project_name", _FIELD_CELLS.get(field, (f"cell_{field}",))
            found = not named or form.cell != form.cell_title
            told = f"“{title}”没有填写。" if found else f"没有找到“{title}”，请核对是否填写或用了其他叫法。"
            yield form.hit(cells, told, expected=f"填写{title}", severity="error" if named and found else "")
    # a budget without the amount executed: neither rate nor score can be checked
    if form.cell_executed and form.nil("executed_text") and not form.nil("adjusted_text", "initial_text"):
        told = "有预算数而“全年执行数”没有填写，执行率无法核对；没有执行的请填0。"
        yield form.hit("cell_executed", told, expected="填写全年执行数")


@check("ST03", of="workbook")
def several_projects(book: Book) -> Iterator[Hit]:
    """Several forms on one sheet are counted; a name that joins two projects is a joint form.

    The count lets the clerk see that no form was swallowed; a joint form cannot be split by anybody else.
    """
    forms = [form for form in book.forms if not form.listed]
    counts, said = Counter((form.file, form.sheet) for form in forms), set()
    for form in book.forms:
        place = form.file, form.sheet
        if not form.listed and counts[place] > 1 and place not in said:
            said.add(place)
            told = f"工作表“{form.sheet.strip()}”中识别到{counts[place]}个项目的自评表，请核对个数。"
            yield form.hit("cell", told, seen=str(counts[place]))
        # exactly two parts, each a project of its own by its last word (校园修缮及图书采购)
        parts = _JOINED.split(form.project_name)
        if len(parts) == 2 and all(len(part) >= 4 and _PROJECT_NOUN.search(part) for part in parts):
            told = f"项目名称“{form.project_name.strip()}”可能是两个项目合填在一张表，应分别填报。"
            yield form.hit("cell", told, seen=form.project_name, expected="一个项目一张表", severity="warning")


@check("ST04", of="form")
def wrong_year(form: Form) -> Iterator[Hit]:
    """The year of the form is not that of the batch, or its title and its year field disagree.

    Last year's form in this year's folder is a frequent mistake and falsifies every total.
    """
    year, titled, batch = form.year, form.title_year, form.context.batch_year
    if titled is not None and year is not None and titled != year:
        told = f"标题为{titled}年度，而表内年度为{year}年度，两处不一致。"
        yield form.hit(("cell_title", "cell_year"), told, seen=f"{titled}年度", expected=f"{year}年度")
    elif year is not None and batch is not None and year != batch:
        told = f"本表为{year}年度，而本批自评为{batch}年度。"
        yield form.hit(("cell_year", "cell_title"), told, seen=f"{year}年度", expected=f"{batch}年度")


# --- lines without a score of their own ---


@check("ST05", of="form")
def placeholder_scored(form: Form) -> Iterator[Hit]:
    """A template row (指标2：, ……, /) without an indicator carries points or a score.

    Its points swell the total although nothing was measured.
    """
    for row in form.rows:
        if row.role != "placeholder":
            continue
        for name, title, value in (("points", "分值", row.points), ("score", "得分", row.score_declared)):
            if more(value, ZERO):
                text = getattr(row, f"{name}_text")
                told = f"本行没有指标名称和指标值，却填了{title}{text.strip()}。"
                yield row.hit(f"cell_{name}", told, seen=text, expected="空白")
                break


@check("ST06", of="form")
def scored_as_group(form: Form) -> Iterator[Hit]:
    """A row with points but without values, whose values stand in rows without points.

    Such a group is scored as declared: no formula applies to it, so it must be looked at by hand.
    """
    for row in form.rows:
        if row.role == "parent":
            told = f"“{row.level3.strip()}”有分值而无数值，数值写在下面的明细行，本组得分按填报数采用，未逐行复算。"
            yield row.hit(("cell_points", "cell_level3"), told, seen=row.points_text)


@check("ST07", of="form")
def merged_points(form: Form) -> Iterator[Hit]:
    """Points or score stand in one cell merged over several rows.

    Only the group can be checked then: its score against its points, not each row against its formula.
    """
    if form["distribute_group"] is not False:
        return
    merged = {}
    for name, title in (("points", "分值"), ("score", "得分")):
        groups = [g for g in form.groups("sheet", f"cell_{name}") if len(g) > 1 and getattr(g[0], f"cell_{name}")]
        merged[name] = {row.at for group in groups for row in group}
        for group in groups:
            if name == "points" or group[0].at not in merged["points"]:
                told = f"{title}由{len(group)}行合并填写，本组只核对合计，未逐行复算。"
                yield group[0].hit(f"cell_{name}", told)


# --- what is blank, unclear, missing ---

_LEVELS = words.table("level_names")
_LIKE = {name: re.compile(pattern) for name, pattern in _LEVELS["like"].items()}
_OFFICE = "(?:局|委|委员会|厅|部|办|办公室|中心|政府|街道办事处)"
_TWO_OFFICES = re.compile(rf".{{2,}}{_OFFICE}\s*[、，,/；;\n]\s*.{{2,}}{_OFFICE}$")
_IN_CHARGE = re.compile(r"(?:局|委|委员会|厅|部|财政所)$")
_CARRIES_OUT = re.compile(r"(?:小学|中学|学校|幼儿园|医院|卫生院|卫生室|敬老院|养老院|图书馆|文化站|村委会|居委会)$")


@check("ST08", of="form")
def blank_form(form: Form) -> Iterator[Hit]:
    """Indicators with targets, but not one actual value or score: a target sheet only.

    Reported once for the form instead of once for each of its empty cells.
    """
    rows = [row for row in form.rows if row.role in ("indicator", "parent", "child")]
    set_up = [row for row in rows if not is_nil(row.target_text)]
    if set_up and all(row.nil("actual_text", "score_text") for row in rows):
        told = f"本表{len(set_up)}行指标的实际完成值和得分全部空白，尚未自评。"
        yield set_up[0].hit(("cell_actual", "cell_target"), told, expected="填写实际完成值和得分")


_ERROR = re.compile(r"#(?:DIV/0!|REF!|N/A|NAME\?|VALUE!|NUM!|NULL!)")  # of a formula: ST10 tells of it


@check("ST09", of="form")
def unclear_cell(form: Form) -> Iterator[Hit]:
    """A target or actual that can be read in two ways: conversion damage, run-together cells, odd dates.

    Nothing is computed from such a cell; it is listed here so that a person decides.
    """
    rows = [row for row in form.rows if not row.readable and row.role in ("indicator", "parent", "child", "execution")]
    unclear = [
        (row, side, title)
        for side, title in (("target", "指标值"), ("actual", "实际完成值"))
        for row in rows
        if getattr(row, f"{side}_status") == "ambiguous" and not _ERROR.fullmatch(getattr(row, f"{side}_text").strip())
    ]
    limit = form["ocr_max_triggers"]
    many = limit is not None and len(unclear) >= limit
    tail = "；本表这样的单元格较多，可能是转换造成的，请对照原件" if many else ""
    for row, side, title in unclear:
        text, other = getattr(row, f"{side}_text"), row.actual_text if side == "target" else row.target_text
        # the notes on the row, but not those on its other cell, and not what the sentence says itself
        notes = [note for note in row.notes.split("；") if f"“{other}”" not in note or f"“{text}”" in note]
        notes = [note for note in notes if note != "目标值或完成值无法确定，未比较"]
        why = f"（{'；'.join(notes)}）" if any(notes) else ""
        yield row.hit(f"cell_{side}", f"{title}“{text}”写法不明确{why}，本行未作计算{tail}。", seen=text)


@check("ST10", of="workbook")
def odd_cell(book: Book) -> Iterator[Hit]:
    """What the reader met in cells: formula errors, formulas without result, hidden rows.

    None of it may pass silently: a formula error is a missing figure, hidden rows count like any other.
    """
    for note in book.notes:
        if severity := words.table("note_severity")["of"].get(note.code):
            text = note.text.strip().rstrip("。")
            yield book.hit(note.sheet, note.cell, f"{text}。", severity=severity)


@check("ST11", of="workbook")
def fragment(book: Book) -> Iterator[Hit]:
    """The head, the indicators, a column they are judged by or the grand-total row is missing: a cut page or export.

    What is missing could not be checked, so the form must not pass as clean. Only asked about are parts that the next
    sheet, itself unread, may hold, and a project of a list without indicators (an export may be meant for some).
    """
    lists = (form for form in book.forms if form.has(PROJECT_LIST))
    with_rows = {form.file for form in lists if any(row.role in ("indicator", "parent") for row in form.rows)}
    for form in book.forms:
        if missing := list(_missing_parts(form)):
            told, severity = f"本表缺少{'、'.join(missing)}，可能是残页或导出不完整。", ""
            for rest in (b for a, b in pairwise(book.sheets) if a.sheet == form.sheet and b.kind == "other" and b.told):
                told, severity = f"本表没有{'、'.join(missing)}，可能在没有识别的工作表“{rest.sheet}”中。", "warning"
            for left in (left for sheet in book.sheets if sheet.sheet == form.sheet for left in sheet.unread[:1]):
                told, severity = f"本表没有认出{'、'.join(missing)}，请核对没有识别的{left.cell}等内容。", "warning"
            yield form.hit("cell", told, expected="完整的自评表", severity=severity)
        if form.deducted:
            told = "本表有“扣分”列而没有“得分”列，得分和总分没有核对，请按分值减扣分核对。"
            yield form.hit("cell", told, expected="“得分”列", severity="warning")
        if form.has(PROJECT_LIST) and form.file in with_rows and not form.rows:
            told = f"项目“{form.project_name.strip()}”在项目列表中，指标列表中没有它的指标，指标没有核对。"
            yield form.hit("cell", told, seen=form.project_name, expected="本项目的指标", severity="warning")


def _missing_parts(form: Form) -> Iterator[str]:
    named = not form.nil("project_name") or form.cell_department or form.cell_unit
    if not form.listed and not named:
        yield "表头（项目名称、主管部门、实施单位）"
    if not form.has(PROJECT_LIST) and all(row.role in ("placeholder", "execution") for row in form.rows):
        yield "绩效指标"
    if form.cut and any(more(row.points, ZERO) or more(row.score_declared, ZERO) for row in form.rows):
        yield "总分行"
    if any(not is_nil(row.score_text) for row in form.indicators):  # else ST08 says so
        for name, title in (("target", "年度指标值"), ("actual", "实际完成值")):
            if not any(getattr(row, f"cell_{name}") for row in form.rows):
                yield f"“{title}”列"


# --- names ---


@check("ST12", of="form")
def unknown_level(form: Form) -> Iterator[Hit]:
    """A level-1 or level-2 name is unknown, or empty even after inheritance from the merged cell above.

    Weights by group and the required kinds of indicators cannot be checked for such rows.
    """
    for name, title in (("level1", "一级指标"), ("level2", "二级指标")):
        told = set()
        for row in form.rows:
            level = getattr(row, name)
            if level in _LEVELS[name] or row.role not in ("indicator", "parent") or not getattr(row, f"cell_{name}"):
                continue
            text = getattr(row, f"{name}_text")
            if form.has("free_level1") if name == "level1" else row.level1 in _LEVELS["local_below"]:
                continue
            # a level with one group need not repeat its name
            one_group = name == "level2" and is_nil(level) and row.level1 in _LEVELS["single"]
            if one_group or (row.level1_text, text) in told or _LIKE[name].fullmatch(fold(level)):
                continue
            told.add((row.level1_text, text))
            message = f"{title}名称“{text}”不在规范名称之内。" if text.strip() else f"{title}名称没有填写。"
            yield row.hit(f"cell_{name}", message, seen=text, expected=f"规范的{title}名称")


@check("ST13", of="form")
def swapped_units(form: Form) -> Iterator[Hit]:
    """Department and unit look exchanged, or one cell names two departments.

    Sums by department are wrong then.
    """
    department, unit = form.department.strip(), form.unit.strip()
    if _CARRIES_OUT.search(department) and _IN_CHARGE.search(unit):
        told = f"主管部门“{department}”与实施单位“{unit}”可能填反。"
        yield form.hit("cell_department", told, expected=unit)
    if _TWO_OFFICES.search(department):
        told = f"主管部门栏“{department}”填了两个部门。"
        yield form.hit("cell_department", told, expected="一个主管部门")
