"""Target sheets alone (the work of January): what can be checked of a target before anything was done."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perfbatch import notation
from perfbatch.checks.form import less, more
from perfbatch.cycle.compare import ERROR, INFO, WARNING, Change, on_sheet, read_in
from perfbatch.cycle.sheets import Row, Sheet
from perfbatch.decimals import plain, total
from perfbatch.identity.names import name_key, project_key
from perfbatch.messages import shipped
from perfbatch.model import Frames
from perfbatch.notation import Reading, is_nil
from perfbatch.schema import grouped, rows

COMPLETE, MEASURABLE, SIGN, POINTS, DEADLINE = "TS01", "TS02", "TS03", "TS04", "TS05"
COST, KINDS, COPIED, BEFORE = "TS06", "TS07", "TS08", "TS09"


def _rules() -> Mapping[str, Any]:
    return shipped("cycle/planned.toml")


def check(sheets: Sequence[Sheet], year: int | None, previous: Frames | None) -> list[Change]:
    """What is wrong with the targets of some projects; `previous` are last year's frames."""
    reached = _reached(previous) if previous is not None else {}
    found: list[Change] = []
    for sheet in sheets:
        own_year = sheet.year or year
        found += _whole(sheet)
        for row in sheet.rows:
            if is_nil(row.target.text):
                continue
            target = read_in(row.target, row.name, row.level2, own_year)
            found += [*_faults(sheet, row, target, own_year), *_cost(sheet, row, target)]
            text = reached.get((project_key(sheet.project_name), name_key(row.name)), "") or row.last_year
            found += _before(sheet, row, target, own_year, text)
    return found + list(_copied(sheets))


def _said(code: str, severity: str, sheet: Sheet, row: Row | None, seen: str, expected: str, message: str) -> Change:
    name = f"项目“{sheet.project_name}”" if sheet.project_name else "没有名称的项目"
    change = on_sheet(code, severity, sheet, expected, f"{name}：{message}", seen=seen)
    if row is None:
        return change
    return change._replace(
        sheet=row.sheet, row=row.row, cell=row.own_cell, level2=row.level2, name=row.name, approved=row.target.shown
    )


def _whole(sheet: Sheet) -> Iterator[Change]:
    """Goal, indicators, targets, points and kinds are there, none twice; what a sheet has no place for is not asked."""
    blanks = {"年度目标": bool(sheet.cell_goal) and is_nil(sheet.goal_expected), "绩效指标": not sheet.rows}
    if told := "、".join(what for what, blank in blanks.items() if blank):
        yield _said(COMPLETE, ERROR, sheet, None, "", told, f"目标表没有填写{told}。")
    for row in sheet.rows:
        if is_nil(row.target.text):
            yield _said(COMPLETE, ERROR, sheet, row, row.target.text, "指标值", f"“{row.name}”没有填写指标值。")
    if given := [row.points for row in sheet.rows if row.points is not None]:
        whole, allowed = total(given), _rules()["points"]["totals"]
        if whole not in allowed:
            wanted = "或".join(map(str, allowed))
            told = f"指标分值合计{plain(whole)}分，应为{wanted}分。"
            yield _said(POINTS, WARNING, sheet, None, plain(whole), wanted, told)
        for row in sheet.rows:
            if row.points is None or row.points <= 0:
                yield _said(POINTS, WARNING, sheet, row, plain(row.points), "分值", f"“{row.name}”没有分值。")
    have = {level for row in sheet.rows for level in (row.level1, row.level2) if level}  # none: a form without levels
    missing = [kind for kind, words in _rules()["kinds"].items() if have and have.isdisjoint(words)]
    if told := "、".join(missing):
        yield _said(KINDS, WARNING, sheet, None, "", told, f"没有设置{told}，请按项目实际补充或说明。")
    seen: set[tuple[str, str]] = set()
    for row in sheet.rows:
        if (row.level2, row.key) in seen:
            yield _said(COPIED, WARNING, sheet, row, row.name, "不重复的指标", f"指标“{row.name}”重复出现。")
        seen.add((row.level2, row.key))


def _faults(sheet: Sheet, row: Row, target: Reading, year: int | None) -> Iterator[Change]:
    """Whether a target is measurable, with sign and unit, within the year."""
    words, shown = _rules()["words"], row.target.shown
    named = f"“{row.name}”的指标值“{shown}”"
    if target.status in ("ambiguous", "multiple"):
        told = f"{named}有几种读法，无法衡量。"
        yield _said(MEASURABLE, WARNING, sheet, row, shown, "一个可衡量的数值", told)
    elif target.kind == "qualitative":
        vague = next((word for word in words["vague"] if word in row.target.text), "")
        if row.level2 in words["measured"]:
            told = f"“{row.name}”是{row.level2}，指标值“{shown}”没有数值，完成后无法衡量。"
            yield _said(MEASURABLE, WARNING, sheet, row, shown, "可衡量的数值", told)
        elif vague:
            told = f"{named}用了“{vague}”，完成后难以衡量，建议量化或写明评判标准。"
            yield _said(MEASURABLE, INFO, sheet, row, shown, "可衡量的表述", told)
    elif target.kind == "quantitative":
        if target.op == "none":
            yield _said(SIGN, WARNING, sheet, row, shown, "≥、≤或=", f"{named}没有写明方向（≥、≤、=）。")
        if not target.unit:
            yield _said(SIGN, WARNING, sheet, row, shown, "计量单位", f"{named}没有计量单位。")
    elif target.kind == "date" and year and target.date_to and target.date_to.year != year:
        told = f"“{row.name}”的时限“{shown}”不在{year}年度内。"
        yield _said(DEADLINE, WARNING, sheet, row, shown, f"{year}年内", told)


def _cost(sheet: Sheet, row: Row, target: Reading) -> Iterator[Change]:
    """A limit of the whole cost above the budget."""
    words, named = _rules()["words"], {row.level1, row.level2}
    if named.isdisjoint(words["cost"]) or target.value is None or "/" in target.unit:
        return
    if any(word in row.name for word in words["whole_cost"]):
        money = notation.read_money(f"{plain(target.value)}{target.unit}", "")
        if more(money.value, sheet.budget):
            limit = f"{plain(sheet.budget)}万元"
            told = f"“{row.name}”为{row.target.shown}，超过预算{limit}。"
            yield _said(COST, WARNING, sheet, row, row.target.shown, f"不超过{limit}", told)


def _copied(sheets: Sequence[Sheet]) -> Iterator[Change]:
    """Projects with the same indicators and targets throughout."""
    rules = _rules()["copied"]
    alike = grouped((tuple(sheet.says), sheet) for sheet in sheets if len(sheet.rows) >= rules["rows"])
    for first, *others in alike.values():
        if len({project_key(sheet.project_name) for sheet in (first, *others)}) >= rules["projects"]:
            told = (
                f"全部指标和指标值与项目“{first.project_name}”（{first.file}“{first.sheet}”）相同，请结合本项目设定。"
            )
            for sheet in others:
                yield _said(COPIED, WARNING, sheet, None, sheet.project_name, "本项目自己的指标", told)


def _reached(previous: Frames) -> dict[tuple[str, str], str]:
    """Last year's results by project and indicator, as written."""
    names = dict(rows(previous.projects, "project_id", "project_name"))
    return {
        (project_key(names.get(key, "")), name_key(name)): text
        for key, name, value, text in rows(previous.indicators, "project_id", "level3", "actual_value", "actual_text")
        if value is not None and name
    }


def _before(sheet: Sheet, row: Row, target: Reading, year: int | None, text: str) -> Iterator[Change]:
    """A target below what was reached last year (its output, or a column of the form)."""
    if is_nil(text) or target.value is None or target.op not in ("ge", "gt", "le", "lt"):
        return
    around = notation.Around(row.target.sign, row.target.unit, row.name, row.level2, year=year)
    compared = notation.compare(target, notation.read_actual(text, target, around))
    off = less if target.op in ("ge", "gt") else more
    if compared.state == "yes" and off(compared.target, compared.actual):
        shown = row.target.shown
        told = f"“{row.name}”的指标值{shown}低于（宽于）上年实际{text}，请核实目标是否偏低。"
        yield _said(BEFORE, INFO, sheet, row, shown, text, told)
