"""Target sheets alone (the work of January): what can be checked of a target before anything was done."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from perfbatch import notation
from perfbatch.cycle.approved import Approved, ApprovedRow
from perfbatch.cycle.compare import ERROR, INFO, WARNING, Change, read_in
from perfbatch.decimals import plain, total
from perfbatch.identity.names import name_key, project_key
from perfbatch.model import Frames
from perfbatch.notation import is_nil

COMPLETE, MEASURABLE, SIGN, POINTS, DEADLINE = "TS01", "TS02", "TS03", "TS04", "TS05"
COST, KINDS, COPIED, BEFORE = "TS06", "TS07", "TS08", "TS09"
Key = tuple[str, str]


@cache
def _rules() -> Mapping[str, Any]:
    text = resources.files("perfbatch.cycle").joinpath("planned.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def check(sheets: Sequence[Approved], year: int | None, previous: Frames | None) -> list[Change]:
    """What is wrong with the targets of some projects; `previous` are last year's frames."""
    reached = _reached(previous) if previous is not None else {}
    found: list[Change] = []
    for sheet in sheets:
        own_year = sheet.year or year
        found += [*_complete(sheet), *_points(sheet), *_kinds(sheet), *_twice(sheet)]
        for row in sheet.rows:
            found += [*_row(sheet, row, own_year), *_before(sheet, row, own_year, reached)]
    return found + list(_copied(sheets))


def _said(
    code: str,
    severity: str,
    sheet: Approved,
    row: ApprovedRow | None,
    seen: str,
    expected: str,
    message: str,
    cell: str = "",
) -> Change:
    place = cell or (row.cell if row is not None else sheet.cell)
    name = f"项目“{sheet.name}”" if sheet.name else "没有名称的项目"
    return Change(
        code, severity, "", "book", row.sheet if row is not None else sheet.sheet, row.row if row else None, place,
        sheet.file, seen, expected, f"{name}：{message}", sheet.name, sheet.unit,
        level2=row.level2 if row else "", name=row.name if row else "", approved=row.target.shown if row else "",
    )  # fmt: skip


def _complete(sheet: Approved) -> Iterator[Change]:
    """Goal, indicators and their targets are there; what a sheet has no place for is not asked."""
    missing = [
        what
        for what, blank in (("年度目标", bool(sheet.cell_goal) and is_nil(sheet.goal)), ("绩效指标", not sheet.rows))
        if blank
    ]
    if missing:
        yield _said(COMPLETE, ERROR, sheet, None, "", "、".join(missing), f"目标表没有填写{'、'.join(missing)}。")
    for row in sheet.rows:
        if is_nil(row.target.text):
            yield _said(COMPLETE, ERROR, sheet, row, row.target.text, "指标值", f"“{row.name}”没有填写指标值。")


def _points(sheet: Approved) -> Iterator[Change]:
    given = [row.points for row in sheet.rows if row.points is not None]
    if not given:
        return
    whole, allowed = total(given), _rules()["points"]["totals"]
    if whole not in [Decimal(value) for value in allowed]:
        wanted = "或".join(str(value) for value in allowed)
        yield _said(
            POINTS, WARNING, sheet, None, plain(whole), wanted, f"指标分值合计{plain(whole)}分，应为{wanted}分。"
        )
    for row in sheet.rows:
        if row.points is None or row.points <= 0:
            yield _said(POINTS, WARNING, sheet, row, plain(row.points), "分值", f"“{row.name}”没有分值。")


def _kinds(sheet: Approved) -> Iterator[Change]:
    if not sheet.rows:
        return
    have = {level for row in sheet.rows for level in (row.level1, row.level2) if level}
    if not have:
        return  # a form without levels
    missing = [kind for kind, words in _rules()["kinds"].items() if have.isdisjoint(words)]
    if missing:
        told = "、".join(missing)
        yield _said(KINDS, WARNING, sheet, None, "", told, f"没有设置{told}，请按项目实际补充或说明。")


def _twice(sheet: Approved) -> Iterator[Change]:
    seen: set[tuple[str, str]] = set()
    for row in sheet.rows:
        key = (row.level2, row.key)
        if key in seen:
            yield _said(COPIED, WARNING, sheet, row, row.name, "不重复的指标", f"指标“{row.name}”重复出现。")
        seen.add(key)


def _row(sheet: Approved, row: ApprovedRow, year: int | None) -> Iterator[Change]:
    """Measurable, with sign and unit, within the year and the budget."""
    if is_nil(row.target.text):
        return
    target = read_in(row.target, row.name, row.level2, year)
    for code, severity, expected, told in _faults(row, target, year):
        yield _said(code, severity, sheet, row, row.target.shown, expected, told)
    yield from _cost(sheet, row, target)


def _faults(row: ApprovedRow, target: notation.Reading, year: int | None) -> Iterator[tuple[str, str, str, str]]:
    """What is wrong with a target by itself: code, severity, what is expected, and the sentence."""
    words, shown = _rules()["words"], row.target.shown
    named = f"“{row.name}”的指标值“{shown}”"
    if target.status in ("ambiguous", "multiple"):
        yield MEASURABLE, WARNING, "一个可衡量的数值", f"{named}有几种读法，无法衡量。"
    elif target.kind == "qualitative":
        vague = next((word for word in words["vague"] if word in row.target.text), "")
        if row.level2 in words["measured"]:
            told = f"“{row.name}”是{row.level2}，指标值“{shown}”没有数值，完成后无法衡量。"
            yield MEASURABLE, WARNING, "可衡量的数值", told
        elif vague:
            told = f"{named}用了“{vague}”，完成后难以衡量，建议量化或写明评判标准。"
            yield MEASURABLE, INFO, "可衡量的表述", told
    elif target.kind == "quantitative":
        if target.op == "none":
            yield SIGN, WARNING, "≥、≤或=", f"{named}没有写明方向（≥、≤、=）。"
        if not target.unit:
            yield SIGN, WARNING, "计量单位", f"{named}没有计量单位。"
    elif target.kind == "date" and year and target.date_to and target.date_to.year != year:
        yield DEADLINE, WARNING, f"{year}年内", f"“{row.name}”的时限“{shown}”不在{year}年度内。"


def _cost(sheet: Approved, row: ApprovedRow, target: notation.Reading) -> Iterator[Change]:
    """A limit of the whole cost above the budget."""
    words = _rules()["words"]
    if not {row.level1, row.level2}.intersection(words["cost"]) or sheet.budget is None or target.value is None:
        return
    money = notation.read_money(f"{plain(target.value)}{target.unit}", "")
    if money.value is None or "/" in target.unit or not any(word in row.name for word in words["whole_cost"]):
        return
    if money.value > sheet.budget:
        yield _said(
            COST, WARNING, sheet, row, row.target.shown, f"不超过{plain(sheet.budget)}万元",
            f"“{row.name}”为{row.target.shown}，超过预算{plain(sheet.budget)}万元。",
        )  # fmt: skip


def _copied(sheets: Sequence[Approved]) -> Iterator[Change]:
    """Projects with the same indicators and targets throughout."""
    rules = _rules()["copied"]
    alike: dict[tuple[tuple[str, str], ...], list[Approved]] = defaultdict(list)
    for sheet in sheets:
        key = tuple(sorted((row.key, row.target.key) for row in sheet.rows))
        if len(key) >= rules["rows"]:
            alike[key].append(sheet)
    for some in alike.values():
        names = list(dict.fromkeys(project_key(sheet.name) for sheet in some))
        if len(names) < rules["projects"]:
            continue
        first = some[0]
        for sheet in some[1:]:
            yield _said(
                COPIED, WARNING, sheet, None, sheet.name, "本项目自己的指标",
                f"全部指标和指标值与项目“{first.name}”（{first.file}“{first.sheet}”）相同，请结合本项目设定。",
            )  # fmt: skip


def _reached(previous: Frames) -> dict[Key, tuple[Decimal, str, str]]:
    """Last year's results by project and indicator: figure, unit, text."""
    names = dict(zip(previous.projects["project_id"], previous.projects["project_name"], strict=True))
    columns = ("project_id", "level3", "actual_value", "unit", "actual_text")
    found: dict[Key, tuple[Decimal, str, str]] = {}
    for key, name, value, unit, text in zip(*(previous.indicators[c].tolist() for c in columns), strict=True):
        if value is not None and name:
            found[project_key(names.get(key, "")), name_key(name)] = (value, unit, text)
    return found


def _before(
    sheet: Approved, row: ApprovedRow, year: int | None, reached: Mapping[Key, tuple[Decimal, str, str]]
) -> Iterator[Change]:
    """A target below what was reached last year (its output, or a column of the form)."""
    if is_nil(row.target.text):
        return
    target = read_in(row.target, row.name, row.level2, year)
    _, _, text = reached.get((project_key(sheet.name), name_key(row.name)), (Decimal(0), "", ""))
    text = text or str(row.more.get("last_year") or "")
    if is_nil(text) or target.value is None or target.op not in ("ge", "gt", "le", "lt"):
        return
    around = notation.Around(row.target.sign, row.target.unit, row.name, row.level2, year=year)
    actual = notation.read_actual(text, target, around)
    compared = notation.compare(target, actual)
    if compared.state != "yes" or compared.target is None or compared.actual is None:
        return
    lower = compared.target < compared.actual if target.op in ("ge", "gt") else compared.target > compared.actual
    if lower:
        yield _said(
            BEFORE, INFO, sheet, row, row.target.shown, text,
            f"“{row.name}”的指标值{row.target.shown}低于（宽于）上年实际{text}，请核实目标是否偏低。",
        )  # fmt: skip
