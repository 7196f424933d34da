"""Forms become the three frames of `perfbatch.schema`: texts verbatim, parsed values beside them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from perfbatch import notation, schema
from perfbatch.exact import divide
from perfbatch.layouts import roles, values, vocabulary
from perfbatch.layouts.form import Form, Line
from perfbatch.layouts.vocabulary import Vocabulary
from perfbatch.model import Frames, a1
from perfbatch.notation.numerals import years_in_digits

_YEAR = re.compile(r"(20\d\d)\s*年")
_MONEY = ("initial", "adjusted", "arrived", "executed", "left_over")
_FUND_TEXTS = {name: f"{name}_text" for name in (*_MONEY, "rate", "points", "score")}
_LINE_TEXTS = {name: f"{name}_text" for name in ("level3", "sign", "unit", "points", "score", "completion")} | {
    name: name for name in ("method", "verdict", "evidence", "last_year", "initial_target", "target_basis")
}
_TEXT_FIELDS = (
    "department", "unit", "category", "origin", "goal_expected", "goal_actual", "conclusion", "problems",
    "measures", "reason_box", "footnotes", "title",
)  # fmt: skip


def _places(columns: Mapping[str, str]) -> dict[str, str]:
    """Field → the column that names its cell."""
    return {name.removeprefix("cell_"): name for name in columns if name.startswith("cell_")}


_FUND_PLACES, _LINE_PLACES = _places(schema.FUNDS), _places(schema.INDICATORS)


def build(
    forms: Iterable[Form], words: Vocabulary | None = None, money_unit: str = "", year: int | None = None
) -> Frames:
    """Frames of `forms`; computed columns stay empty until `perfbatch.scoring.score`.

    `money_unit` is the user's own word for forms that print none, `year` the one that dates without a year on
    such forms are read in. Column `ruleset` is filled by the pipeline,
    which knows the user's choice.
    """
    words = words or vocabulary.load()
    projects: list[dict[str, Any]] = []
    funds: list[dict[str, Any]] = []
    indicators: list[dict[str, Any]] = []
    for form in forms:
        form.money_unit = form.money_unit or money_unit
        project = _project(form, words)
        rows = _funds(form, project, words)
        _take_totals(project, form, rows)
        projects.append(project)
        funds += rows
        indicators += _indicators(form, project, words, project["year"] or year)
    return Frames(
        schema.frame(projects, schema.PROJECTS),
        schema.frame(funds, schema.FUNDS),
        schema.frame(indicators, schema.INDICATORS),
    )


def year_in(text: str) -> int | None:
    """The first year named in a text (``2023年度``) or standing alone in it, else None."""
    folded = years_in_digits(notation.fold(text))
    found = _YEAR.search(folded)
    if found:
        return int(found.group(1))
    return int(folded) if re.fullmatch(r"20\d\d", folded) else None


def printed_year(form: Form) -> int | None:
    """The year printed on the form itself (its year field, else its title)."""
    return year_in(form.text("year")) or year_in(form.text("title"))


def form_year(form: Form) -> int | None:
    """The year of a form: printed on it, else in the name of its sheet or file."""
    return printed_year(form) or year_in(form.sheet) or year_in(PurePosixPath(form.file).stem)


def _project(form: Form, words: Vocabulary) -> dict[str, Any]:
    code, name = _split(form.text("project_name"), words, "project")
    project = {
        "project_id": project_id(form),
        "project_code": form.text("project_code").strip() or code,
        "project_name": name,
        "year": form_year(form),
        "title_year": year_in(form.text("title")),
        "layout": form.layout,
        "file": form.file,
        "sheet": form.sheet,
        "cell": form.ref("project_name") or form.anchor,
        "money_unit": form.money_unit,
        "total_text": form.text("total"),
        "total_declared": notation.read_points(form.text("total")),
        "total_points": notation.read_points(form.text("total_points")),
        "grade_declared": form.text("grade").strip(),
        "goal_completion": notation.read_points(form.text("goal_completion").rstrip("%％")),
        "status_text": form.text("status").strip(),
    }
    project |= {name: form.text(name) for name in _TEXT_FIELDS}
    project["unit"] = _split(form.text("unit"), words, "unit")[1]
    project |= {f"cell_{name}": form.ref(name) for name in form.head}
    project["cell_title"] = form.ref("title") or form.anchor
    return {name: value for name, value in project.items() if name in schema.PROJECTS}


def project_id(form: Form) -> str:
    """Identity of a form within a run: the same file, sheet and place give the same id."""
    key = "\0".join((form.file, form.sheet, form.anchor))
    return "P" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _split(text: str, words: Vocabulary, which: str) -> tuple[str, str]:
    """Code and name of a cell such as ``51000021R000000019951-工资性支出`` (traps T16, T18)."""
    text = text.strip()
    found = re.match(words.raw["codes"][which], text)
    return (found.group(1), text[found.end() :].strip()) if found else ("", text)


def _funds(form: Form, project: dict[str, Any], words: Vocabulary) -> list[dict[str, Any]]:
    rows = [_fund(form, line, project, words) for line in form.funds]
    if rows and not any(row["role"] == "total" for row in rows) and len(rows) == 1:
        rows[0]["role"] = "total"
    return rows


def _fund(form: Form, line: Line, project: dict[str, Any], words: Vocabulary) -> dict[str, Any]:
    row: dict[str, Any] = {
        "project_id": project["project_id"],
        "source": line.text("source").strip(),
        "file": form.file,
        "sheet": line.sheet or form.sheet,
        "row": line.row,
        "role": _fund_role(line.text("source"), words),
        "reason": line.text("reason"),
        "points": notation.read_points(line.text("points")),
        "score_declared": notation.read_points(line.text("score")),
    }
    problems = []
    for name in _MONEY:
        cell = line.cells.get(name)
        if cell is None:
            continue
        money = notation.read_money(cell.text, form.money_unit, stored=cell.stored)
        row[name] = money.value
        if money.note and money.status in ("ambiguous", "assumed"):
            problems.append(f"{cell.ref}：{money.note}")
    row["money_status"] = "；".join(problems)
    row["rate_declared"] = _rate(line, _proof(row))[0]
    for field, column in _FUND_TEXTS.items():
        row[column] = line.text(field)
    row |= _refs(line, _FUND_PLACES)
    return row


def _refs(line: Line, places: Mapping[str, str]) -> dict[str, str]:
    """A1 references of the fields that have a column for it."""
    return {places[name]: a1(cell[0], cell[1]) for name, cell in line.cells.items() if name in places}


def _fund_role(source: str, words: Vocabulary) -> str:
    totals = words.words("fund_rows", "total")
    return "total" if any(form in totals for form in vocabulary.header_forms(source)) else "sub"


def _proof(row: dict[str, Any]) -> Decimal | None:
    """The execution rate that the figures of the row prove, to read a bare ``20`` or ``1`` by."""
    base = row.get("adjusted") or row.get("initial")
    executed = row.get("executed")
    return divide(executed, base) if base and executed is not None else None


def _rate(line: Line, proof: Decimal | None) -> tuple[Decimal | None, str]:
    cell = line.cells.get("rate")
    return notation.read_rate(cell.text, stored=cell.stored, proof=proof) if cell else (None, "empty")


def _take_totals(project: dict[str, Any], form: Form, rows: list[dict[str, Any]]) -> None:
    """Copy the total line of the fund block to the project; several lines without a total stay null."""
    at = next((i for i, row in enumerate(rows) if row["role"] == "total"), None)
    if at is None:
        return
    total, line = rows[at], form.funds[at]
    project |= {
        "budget_initial": total.get("initial"),
        "budget_adjusted": total.get("adjusted"),
        "arrived": total.get("arrived"),
        "executed": total.get("executed"),
        "left_over": total.get("left_over"),
        "initial_text": line.text("initial"),
        "adjusted_text": line.text("adjusted"),
        "executed_text": line.text("executed"),
        "rate_text": line.text("rate"),
        "rate_declared": total["rate_declared"],
        "execution_points": _execution_points(form, total),
        "execution_score_declared": total["score_declared"],
        "execution_score_text": line.text("score"),
        "fund_reason": project.get("fund_reason") or total["reason"],
    }
    cells = {"points": "execution_points", "score": "execution_score", "reason": "fund_reason"}
    for name, cell in line.cells.items():
        column = f"cell_{cells.get(name, name)}"
        if column in schema.PROJECTS:
            project[column] = cell.ref


def _execution_points(form: Form, total: dict[str, Any]) -> Decimal | None:
    """Points of the execution rate: in its own cell, else printed in the label of the block."""
    if total["points"] is not None:
        return total["points"]  # type: ignore[no-any-return]
    return notation.read_points(vocabulary.printed_points(form.text("execution_points")))


def _indicators(form: Form, project: dict[str, Any], words: Vocabulary, year: int | None) -> list[dict[str, Any]]:
    levels = [(_level(line, "level1", words), _level(line, "level2", words)) for line in form.lines]
    named = roles.assign(form, words, levels)
    rows = [
        _indicator(form, line, project, words) | {"level1": l1, "level2": l2, "role": role, "parent_row": parent}
        for line, (l1, l2), (role, parent) in zip(form.lines, levels, named, strict=True)
    ]
    pairs = values.read(form.lines, rows, year)
    return [row | values.columns(*pair) for row, pair in zip(rows, pairs, strict=True)]


def _level(line: Line, which: str, words: Vocabulary) -> str:
    text = line.text(which).strip()
    return words.level(text, which) or vocabulary.level_key(text)


def _indicator(form: Form, line: Line, project: dict[str, Any], words: Vocabulary) -> dict[str, Any]:
    texts = {name: cell[2] for name, cell in line.cells.items()}
    name, core = _name(texts.get("level3", ""), *_marks(words))
    row = {
        "project_id": project["project_id"],
        "file": form.file,
        "sheet": line.sheet or form.sheet,
        "row": line.row,
        "level3": name,
        "core": core,
        "group_points": not line.shared.isdisjoint(("points", "score")),
        "target_text": texts.get("target", ""),
        "actual_text": texts.get("actual", ""),
        "reason": texts.get("reason", ""),
        "item_score": notation.read_points(texts.get("item_score", "")),
        "weight_share": notation.read_points(texts.get("weight_share", "").rstrip("%％")),
        "review_score": notation.read_points(texts.get("review_score", "")),
        "deduction": notation.read_points(texts.get("deduction", "")),
        "points": _own_points(line, "points"),
        "score_declared": _own_points(line, "score"),
    }
    for which in ("level1", "level2"):
        row[f"{which}_text"] = text = texts.get(which, "")
        printed = vocabulary.printed_points(text) or texts.get(f"{which}_points", "")
        row[f"{which}_points"] = notation.read_points(printed)
    for field, column in _LINE_TEXTS.items():
        row[column] = texts.get(field, "")
    return row | _refs(line, _LINE_PLACES)


def _marks(words: Vocabulary) -> tuple[str, str]:
    marks = words.raw["placeholders"]
    return marks["core"], marks["prefix"]


@lru_cache(maxsize=4096)
def _name(text: str, core: str, prefix: str) -> tuple[str, bool]:
    """Indicator name without ★ and the template's ``指标1：``, its own wording kept; whether ★ marks a core one."""
    name, marked = re.subn(core, "", text.strip())
    return re.sub(prefix, "", name).strip(), bool(marked)


def _own_points(line: Line, name: str) -> Decimal | None:
    """Points or score of this line; a cell merged over several lines counts on its first line only."""
    cell = line.cells.get(name)
    if cell is None or (name in line.shared and cell.row != line.row):
        return None
    return notation.read_points(cell.text, stored=cell.stored)
