"""The frames of `perfbatch.schema`, made from recognised forms: texts verbatim, each value read once beside its cell.

What each line of an indicator block is (a scored row, a child, a parent, a placeholder …) real forms mix freely
(domain reference on layouts, traps T6–T8, T10, T11, T28, T29). The sheets of the budget cycle make one frame
(`CYCLE`): a row an indicator, its head repeated.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from perfbatch import notation, schema
from perfbatch.decimals import divide
from perfbatch.forms import vocabulary
from perfbatch.forms.blocks import ticked_as
from perfbatch.forms.form import MONEY, Form, Line, is_damaged_code, year_in
from perfbatch.forms.vocabulary import Vocabulary
from perfbatch.model import Cell, Frames, a1
from perfbatch.notation import Around, Reading, fold, is_nil
from perfbatch.notation.units import wan_power

Row = dict[str, Any]  # by the columns of a frame
_FUND_TEXTS, _LINE_TEXTS = (  # field → the column of its text
    {name.removesuffix("_text"): name for name in columns if name.endswith("_text")}
    for columns in (schema.FUNDS, schema.INDICATORS)
)
_LINE_TEXTS |= {
    name: name
    for name in ("method", "verdict", "evidence", "last_year", "initial_target", "target_basis", "score_basis")
}
_HEAD_TEXTS = (
    "department", "category", "origin", "goal_expected", "goal_actual", "conclusion", "problems",
    "measures", "reason_box", "remarks", "footnotes", "title", "submitted", "deadline",
)  # fmt: skip
_OF_TOTAL = {name: name for name in schema.FUNDS if name in schema.PROJECTS and name not in ("sheet", "file")}
_OF_TOTAL |= {  # column of the total line → that of its project
    "initial": "budget_initial",
    "adjusted": "budget_adjusted",
    "score_declared": "execution_score_declared",
    "score_text": "execution_score_text",
    "cell_points": "cell_execution_points",
    "cell_score": "cell_execution_score",
    "cell_reason": "cell_fund_reason",
}
_FUND_PLACES, _LINE_PLACES, _HEAD_PLACES = (  # field → the column that names its cell
    {name.removeprefix("cell_"): name for name in columns if name.startswith("cell_")}
    for columns in (schema.FUNDS, schema.INDICATORS, schema.PROJECTS)
)


def of(forms: Iterable[Form], words: Vocabulary, year: int | None = None) -> Frames:
    """Frames of `forms`, whose unit of money is settled; dates without a year are read in `year`.

    The computed columns stay empty until `perfbatch.scoring.score`, `ruleset` until chosen.
    """
    heads, funds, lines = [], [], []
    for form in forms:
        own = _funds(form, words)
        heads.append(head_row(form, words, own))
        funds += own
        lines += line_rows(form, words, year)
    columns = (schema.PROJECTS, schema.FUNDS, schema.INDICATORS)
    return Frames(*map(schema.frame, (heads, funds, lines), columns))


def head_row(form: Form, words: Vocabulary, funds: Iterable[Row]) -> Row:
    """The row of a form in the frame of projects."""
    code, name = _split(form.text("project_name"), words, "project")
    score, grade = _total(form.text("total"), words)
    code = "" if is_damaged_code(form.head.get("project_code")) else form.text("project_code").strip() or code
    layout, points = words.family(form.layout), form.head.get("total_points", _NOTHING)
    row: Row = {
        "project_id": form.id,
        "counted": True,  # until a batch knows of other entries of the same project
        "project_code": code,
        "project_name": name,
        "unit": _unit(form, words),
        "year": form.year,
        "title_year": year_in(form.text("title")),
        "layout": form.layout,
        "family": str(layout.get("like", form.layout)),
        "traits": " ".join(layout.get("traits", ())),
        "file": form.file,
        "sheet": form.sheet,
        "cell": form.ref("project_name") or form.anchor,
        "money_unit": form.money_unit,
        "money_how": form.money_how,
        "rate_base": form.rate_base,
        "total_text": form.text("total"),
        "total_declared": notation.read_score(score),
        "total_points": notation.read_score(points.text, stored=points.stored),
        "goal_completion": notation.read_points(form.text("goal_completion").rstrip("%％")),
        "grade_declared": notation.ticked(form.text("grade").strip()) or grade,
        "status_text": form.text("status").strip(),
    }
    row |= {n: notation.ticked(form.text(n)) if n in ("category", "origin") else form.text(n) for n in _HEAD_TEXTS}
    row |= {_HEAD_PLACES[name]: form.ref(name) for name in form.head if name in _HEAD_PLACES}
    row["cell_title"] = form.ref("title") or form.anchor
    if (total := next((line for line in funds if line["role"] == "total"), None)) is None:
        return row  # several lines without a total
    row |= {column: total[name] for name, column in _OF_TOTAL.items() if name in total}
    row["fund_reason"] = form.text("fund_reason") or total["reason"]
    row["execution_points"] = total["points"]
    if total["points"] is None:  # not in a cell of its own: printed in the label of the block
        row["execution_points"] = notation.read_points(vocabulary.printed_points(form.text("execution_points")))
    return row


def _split(text: str, words: Vocabulary, which: str) -> tuple[str, str]:
    """Code and name of a cell such as ``51000021R000000019951-工资性支出`` or ``[601001]…`` (traps T16, T18)."""
    text = text.strip()
    found = next(filter(None, (pattern.match(text) for pattern in words.patterns("codes", which))), None)
    return (found[1], text[found.end() :].strip()) if found else ("", text)


def _total(text: str, words: Vocabulary) -> tuple[str, str]:
    """Score and grade of a cell that holds both: 得分：96.5（优）; else its text and no grade."""
    found = words.patterns("total_rows", "with_grade")[0].fullmatch(fold(text))
    return (found[1], found[2] or "") if found and found[1] in text else (text, "")


def _unit(form: Form, words: Vocabulary) -> str:
    """The unit without its code and the place for its seal, else by the nearest folder or archive that carries a name
    of one, where the form has no field that is filled."""
    (seal,), (pattern,) = (words.patterns("names_of_units", which) for which in ("seal", "pattern"))
    if named := seal.sub("", _split(form.text("unit"), words, "unit")[1]):
        return named
    stems = (part.removesuffix(".zip") for part in reversed(PurePosixPath(form.file).parts[:-1]))
    return "" if form.text("department").strip() else next(filter(pattern.search, stems), "")


def _refs(line: Line, places: Mapping[str, str]) -> dict[str, str]:
    """A1 references of the fields that have a column for it."""
    return {places[name]: a1(cell[0], cell[1]) for name, cell in line.cells.items() if name in places}


# -- funds --------------------------------------------------------------------------------------------------------


def _funds(form: Form, words: Vocabulary) -> list[Row]:
    """The rows of the fund block: money in 万元, and as written without any unit, because a rate needs none."""
    alone = len(form.funds) == 1  # whatever its source is called, it is the total
    of_form, rows = {"project_id": form.id, "file": form.file}, []
    for line in form.funds:
        total = alone or vocabulary.is_total_source(words, line.text("source"))
        row: Row = {**of_form, "sheet": line.sheet, "row": line.row}
        row |= _money(form, line) | _refs(line, _FUND_PLACES)
        row |= {
            "role": "total" if total else "sub",
            "source": line.text("source").strip(),
            "reason": line.text("reason"),
            "points": (worth := _own_points(line, "points")),
            "score_declared": _own_points(line, "score", worth),
        }
        row |= {column: line.text(name) for name, column in _FUND_TEXTS.items()}
        rows.append(row)
    return rows


def _money(form: Form, line: Line) -> Row:
    """Amounts and rate of a fund line, and why some were not read."""
    read: dict[str, Decimal | None] = {}
    raw: dict[str, Decimal] = {}
    doubts = []
    for name, cell in ((name, line.cells[name]) for name in MONEY if name in line.cells):
        unit = form.units.get(name, form.money_unit)
        money = notation.read_money(cell.text, unit, stored=cell.stored)
        # a 0 beside amounts of no known unit is in no sum either
        read[name] = None if form.money_how == "unknown" and money.unit_source == "none" else money.value
        written = notation.read_money(cell.text, "万元", stored=cell.stored)  # a figure without a unit in its cell
        if written.value is not None and written.unit_source == "heading" and not form.mixed:
            power = (wan_power(unit) or 0) - (wan_power(form.money_unit) or 0) if form.units else 0
            raw[name] = written.value.scaleb(power) if power else written.value
        if money.note and money.status in ("ambiguous", "assumed"):
            doubts.append(f"{cell.ref}：{money.note}")
    for name, (first, second) in form.contradicted.items():
        if name in read and line is form.funds[0]:
            doubts.append(f"{first.ref}“{first.text}”与{second.ref}“{second.text}”不一致，没有读取")
            read[name] = None
            raw.pop(name, None)
    values: Mapping[str, Decimal | None] = read if form.money_unit else raw
    base, spent = values.get("adjusted") or values.get("initial"), values.get("executed")
    proof = divide(spent, base) if base and spent is not None else None
    rate = line.cells.get("rate")
    return {
        **read,
        **{f"{name}_raw": value for name, value in raw.items()},
        "rate_declared": notation.read_rate(rate.text, stored=rate.stored, proof=proof)[0] if rate else None,
        "money_status": "；".join(doubts),
    }


# -- indicators ---------------------------------------------------------------------------------------------------

_NUMBERS = ("item_score", "review_score", "deduction")
_NOTHING = Cell(1, 1, "", "empty")


def line_rows(form: Form, words: Vocabulary, year: int | None) -> list[Row]:
    """The rows of the indicator block; dates without a year are read in the form's, else in `year`."""

    def level(line: Line, which: str) -> str:
        text = line.text(which).strip()
        return words.level(text, which) or vocabulary.level_key(text)

    year = form.year or year
    levels = [(level(line, "level1"), level(line, "level2")) for line in form.lines]
    roles = _roles(form, words, levels)
    marks = words.raw["placeholders"]["core"], words.raw["placeholders"]["prefix"]
    names = [_name(line.text("level3"), *marks) for line in form.lines]
    points = [_own_points(line, "points") for line in form.lines]
    for line in form.lines:
        if (cell := line.cells.get("actual")) and (said := notation.ticked(cell.text)) != cell.text:  # ☑及时 □不及时
            line.cells["actual"] = ticked_as(said, cell)
    pairs = [_pair(line, name, None, year) for line, (name, _) in zip(form.lines, names, strict=True)]
    # Figures that merely begin with the row's points (10500 at 10 points) are suspected of being glued to them only
    # on a form that shows other damage: on a clean export that would refuse good cells.
    if any(notation.is_damaged(reading) for pair in pairs for reading in pair if reading.notes):
        pairs = [_pair(*row, year) for row in zip(form.lines, (name for name, _ in names), points, strict=True)]
    of_form, rows = {"project_id": form.id, "file": form.file}, []
    columns = zip(form.lines, levels, roles, names, points, pairs, strict=True)
    for line, (level1, level2), (role, parent), (name, core), worth, pair in columns:
        texts = {field: cell[2] for field, cell in line.cells.items()}
        reasons = [text for field in ("reason", "measures") if not is_nil(text := texts.get(field, ""))]
        row: Row = {
            **of_form,
            "sheet": line.sheet,
            "row": line.row,
            "level1": level1,
            "level2": level2,
            "level3": name,
            "role": role,
            "parent_row": parent,
            "core": core,
            "group_points": not line.shared.isdisjoint(("points", "score")),
            "points": worth,
            "score_declared": _own_points(line, "score", worth),
            "weight_share": notation.read_points(texts.get("weight_share", "").rstrip("%％")),
            "target_stored": line.cells.get("target", _NOTHING).stored,
            "reason": "；".join(reasons) or texts.get("reason", ""),  # 未完成原因 │ 改进措施: each with its column
        }
        row |= {field: notation.read_points(texts[field]) for field in _NUMBERS if field in texts}
        for which in ("level1", "level2"):
            printed = vocabulary.printed_points(texts.get(which, "")) or texts.get(f"{which}_points", "")
            row[f"{which}_points"] = notation.read_points(printed)
        row |= pair_columns(*pair) | _refs(line, _LINE_PLACES)
        row |= {column: texts.get(field, "") for field, column in _LINE_TEXTS.items()}
        rows.append(row)
    return rows


def _roles(form: Form, words: Vocabulary, levels: list[tuple[str, str]]) -> list[tuple[str, int | None]]:
    """Role of each line (`perfbatch.schema`) and, for children, the row of the parent.

    `levels` holds the canonical level-1 and level-2 names of the lines.
    """
    # whether points or a score are typed on this very line (a shared group cell counts as such); a target or an actual
    scored = [not (is_nil(line.text("points")) and is_nil(line.text("score"))) for line in form.lines]
    valued = [not (is_nil(line.text("target")) and is_nil(line.text("actual"))) for line in form.lines]
    columns = zip(form.lines, levels, scored, valued, strict=True)
    own = [_own_role(line, words, level, *typed) for line, level, *typed in columns]
    roles: list[tuple[str, int | None]] = []
    parent: Line | None = None
    for at, line in enumerate(form.lines):
        role = own[at]
        if at and levels[at - 1] != levels[at]:
            parent = None
        if role == "indicator" and form.has_points and scored[at] != valued[at]:
            followed = at + 1 < len(own) and levels[at + 1] == levels[at] and valued[at + 1] and not scored[at + 1]
            if scored[at] and followed and own[at + 1] in ("indicator", "child"):
                role = "parent"  # points without values, directly followed by lines with values and without points
            elif parent is not None and valued[at]:
                role = "child"
        if role in ("indicator", "parent") and scored[at]:
            parent = line
        roles.append((role, parent.row if role == "child" and parent else None))
    return roles


def _own_role(line: Line, words: Vocabulary, level: tuple[str, str], scored: bool, valued: bool) -> str:
    name = fold(line.text("level3"))
    if level[0] == "预算执行率" or words.levels["level1"].get(name) == "预算执行率":
        return "execution"  # the execution rate listed as an ordinary indicator (T28)
    if not valued and _is_named(name, words, "names"):
        # 指标2：, ……, / in a group that is not used (T6)
        return "placeholder" if name or not scored else "indicator"
    if level[0] == "过程指标" and not valued:
        return "process"  # rows of the Guangshui form without target and actual (T29)
    if not scored and _is_named(name, words, "child"):
        return "child"  # 其中：… with values and no points (T7)
    return "indicator"


@lru_cache(maxsize=4096)
def _is_named(name: str, words: Vocabulary, which: str) -> bool:
    return any(pattern.match(name) for pattern in words.patterns("placeholders", which))


@lru_cache(maxsize=4096)
def _name(text: str, core: str, prefix: str) -> tuple[str, bool]:
    """Indicator name without ★ and the template's ``指标1：``, its own wording kept; whether ★ marks a core one."""
    name, marked = re.subn(core, "", text.strip())
    return re.sub(prefix, "", name).strip(), bool(marked)


def _own_points(line: Line, name: str, worth: Decimal | None = None) -> Decimal | None:
    """Points or score of this line; a cell merged over several lines counts on its first line only."""
    cell = line.cells.get(name)
    if cell is None or (name in line.shared and cell.row != line.row):
        return None
    return notation.read_score(cell.text, worth, stored=cell.stored)


def _pair(line: Line, name: str, points: Decimal | None, year: int | None) -> tuple[Reading, Reading]:
    sign, unit, level2, remark = map(line.text, ("sign", "unit", "level2", "reason"))
    around = Around(sign, unit, name, level2, year=year, points=points, remark=remark)
    return read_pair(line.cells.get("target", _NOTHING), line.cells.get("actual", _NOTHING), around)


def read_pair(target: Cell, actual: Cell, around: Around) -> tuple[Reading, Reading]:
    """Readings of a target and an actual cell with what stands around them."""
    sign, unit, name, level2, _, year, points, _, remark = around
    beside = Around(sign, unit, name, level2, target.stored, year, points, target.format)
    wanted = notation.read_target(target.text, beside)
    beside = Around(sign, unit, name, level2, actual.stored, year, points, actual.format, remark)
    return wanted, notation.read_actual(actual.text, wanted, beside)


def pair_columns(target: Reading, actual: Reading) -> dict[str, Any]:
    """Columns of the readings of one line, and of both figures in their common base unit."""
    compared = notation.compare(target, actual)
    # a deadline is judged by the last day of a period that ends in time, by the first of a late one
    met, unclear = notation.on_time(target, actual), ""
    done = actual.date_to if met else actual.date_from or actual.date_to
    if met is None and target.kind == actual.kind == "date" and actual.date_from is not None:
        done, unclear = None, "完成时间跨过目标时间，不能判断是否按期"  # 2023年 for 2023年6月底前 cannot be compared
    notes = (*target.notes, *actual.notes, compared.note, unclear)
    return {
        "kind": target.kind,
        "operator": target.op,
        "target_value": target.value,
        "target_value2": target.value2,
        "unit": target.unit,
        "target_status": target.status,
        "target_date": target.date_to.isoformat() if target.date_to else "",
        "actual_kind": actual.kind,
        "actual_operator": actual.op,
        "actual_value": actual.value,
        "actual_unit": actual.unit,
        "actual_status": actual.status,
        "actual_date": done.isoformat() if done else "",
        "applicable": target.applicable and actual.applicable,
        "comparison": "none" if unclear else compared.state,
        "target_base": compared.target,
        "target_base2": compared.target2,
        "actual_base": compared.actual,
        "notes": "；".join(dict.fromkeys(filter(None, notes))),
    }


_LIKELY = ("sure", "maybe", "never")
_SAYS = {"never": ("不可能", "不能"), "maybe": ("可能",), "sure": ("确定", "能", "可以")}  # tried in this order
_TEXTS = {
    "sign_text": "sign", "target_text": "target", "unit_text": "unit", "adjusted_text": "adjusted_target",
    "initial_target": "initial_target", "actual_text": "actual", "forecast_text": "forecast",
    "reason": "reason", "measures": "measures", "rectify": "rectify", "rectified": "rectified",
    "target_basis": "target_basis", "last_year": "last_year", "level2_text": "level2", "description": "description",
    "adjust_note": "adjust_note", "adjust_date": "adjust_date",
}  # fmt: skip
_CYCLE_PLACES = {  # besides those of a self-evaluation
    "level3": "cell_name", "adjusted_target": "cell_adjusted", "forecast": "cell_forecast",
    "likelihood": "cell_likelihood",
}  # fmt: skip
_CAUSES = ("cause_funds", "cause_rules", "cause_staff", "cause_hardware", "cause_other")


def cycle_frame(forms: Iterable[Form], words: Vocabulary, year: int | None = None) -> pd.DataFrame:
    """One frame of all sheets beside the self-evaluation: a row an indicator, or one ``head`` of a sheet without."""
    rows: list[Row] = []
    for form in forms:
        head = _cycle_head(form, words)
        lines = zip(form.lines, line_rows(form, words, year), strict=True)
        rows += [head | row | _cycle_line(line) for line, row in lines] or [head | {"role": "head"}]
    return schema.frame(rows, schema.CYCLE)


def _cycle_head(form: Form, words: Vocabulary) -> Row:
    def money(name: str) -> Decimal | None:
        cell = form.head.get(name)
        return None if cell is None else notation.read_money(cell.text, form.money_unit, stored=cell.stored).value

    row = head_row(form, words, _funds(form, words))
    return row | {  # columns of the same names; those that no such sheet has are left out by the frame
        "sheet_kind": form.kind,
        "department": form.text("department").strip(),
        "unit": "",  # of the indicator here
        "unit_name": row["unit"],
        "execution_rate": row.get("rate_declared"),
        "execution_score": row.get("execution_score_declared"),
        "grade": row["grade_declared"] or form.text("conclusion").strip(),
        "basic": money("basic"),
        "projects": money("projects"),
        "forecast_executed": money("forecast"),
        "months": int(form.text("months")) if form.text("months").isdigit() else None,
        "measures": form.text("measures").strip(),
        "head_note": form.text("adjust_note").strip(),
        "head_date": form.text("adjust_date").strip(),
        "goal_adjusted": form.text("goal_adjusted"),
        "cell_goal": form.ref("goal_expected"),
        "cell_budget": row.get("cell_initial") or row.get("cell_adjusted", ""),
    }


def _cycle_line(line: Line) -> Row:
    """What an indicator of such a sheet has other than that of a self-evaluation."""
    own = line.cells.get("adjusted_points")
    row: Row = {column: line.text(name).strip() for column, name in _TEXTS.items()}
    row |= dict.fromkeys(_CYCLE_PLACES.values(), "") | _refs(line, _CYCLE_PLACES)  # not those of the head
    row |= {
        "target_stored": line.cells["target"].stored if "target" in line.cells else "",
        "adjusted_points": None if own is None else notation.read_points(own.text, stored=own.stored),
        "reason": "；".join(filter(None, (line.text(name).strip() for name in ("reason", *_CAUSES)))),
    }
    # which of 确定能, 有可能, 完全不可能 is ticked, or written in one column
    ticked = [name for name in _LIKELY if not is_nil(line.text(f"likely_{name}"))]
    if len(ticked) == 1:
        return row | {"likelihood": ticked[0], "cell_likelihood": line.cells[f"likely_{ticked[0]}"].ref}
    text = fold(line.text("likelihood"))
    said = (name for name, words in _SAYS.items() if any(word in text for word in words))
    return row | {"likelihood": next(said, "")}
