"""Forms as recognised become the records of `perfbatch.records`: every value read once, beside its cell.

What each line of an indicator block is (a scored row, a child, a parent, a placeholder …) real forms mix freely
(domain reference on layouts, traps T6–T8, T10, T11, T28, T29).
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePosixPath

from perfbatch import notation
from perfbatch.decimals import divide
from perfbatch.forms import vocabulary
from perfbatch.forms.form import MONEY, Form, Line, is_damaged_code
from perfbatch.forms.vocabulary import Vocabulary
from perfbatch.model import Cell
from perfbatch.notation import Around, Money, Reading, fold, is_nil
from perfbatch.notation.figures import figure, years_in_digits
from perfbatch.notation.units import wan_power
from perfbatch.records import FundLine, Indicator, Project

VALUES = ("target", "actual")


def assign(form: Form, vocabulary: Vocabulary, levels: list[tuple[str, str]]) -> list[tuple[str, int | None]]:
    """Role and, for children, the row of the parent, for each line of `form`.

    `levels` holds the canonical level-1 and level-2 names of the lines.
    """
    own = [_own_role(line, vocabulary, level) for line, level in zip(form.lines, levels, strict=True)]
    roles: list[tuple[str, int | None]] = []
    parent: Line | None = None
    for at, line in enumerate(form.lines):
        role = own[at]
        if at and levels[at - 1] != levels[at]:
            parent = None
        if role == "indicator" and form.has_points:
            after = form.lines[at + 1] if at + 1 < len(form.lines) and levels[at + 1] == levels[at] else None
            followed = after is not None and _valued(after) and not _scored(after)
            if _scored(line) and not _valued(line) and followed and own[at + 1] in ("indicator", "child"):
                role = "parent"  # points without values, directly followed by lines with values and without points
            elif parent is not None and not _scored(line) and _valued(line):
                role = "child"
        if role == "child" and parent is None:
            role = "indicator" if _scored(line) else "child"
        if role in ("indicator", "parent") and _scored(line):
            parent = line
        roles.append((role, parent.row if role == "child" and parent else None))
    return roles


def _own_role(line: Line, vocabulary: Vocabulary, level: tuple[str, str]) -> str:
    name = fold(line.text("level3"))
    if level[0] == "预算执行率" or vocabulary.levels["level1"].get(name) == "预算执行率":
        return "execution"  # the execution rate listed as an ordinary indicator (T28)
    if _is_named(name, vocabulary, "names") and not _valued(line):
        # 指标2：, ……, / in a group that is not used (T6)
        return "placeholder" if name or not _scored(line) else "indicator"
    if level[0] == "过程指标" and not _valued(line):
        return "process"  # rows of the Guangshui form without target and actual (T29)
    if _is_named(name, vocabulary, "child") and not _scored(line):
        return "child"  # 其中：… with values and no points (T7)
    return "indicator"


@lru_cache(maxsize=4096)
def _is_named(name: str, vocabulary: Vocabulary, which: str) -> bool:
    return any(pattern.match(name) for pattern in vocabulary.patterns("placeholders", which))


def _scored(line: Line) -> bool:
    """Whether points or a score are typed on this very line (a shared group cell counts as such)."""
    return not (is_nil(line.text("points")) and is_nil(line.text("score")))


def _valued(line: Line) -> bool:
    return any(not is_nil(line.text(name)) for name in VALUES)


_YEAR, _BARE_YEAR = re.compile(r"(20\d\d)\s*年"), re.compile(r"(20\d\d)")
_RAW = re.compile(r"¥?(-?)¥?([\d,]+(?:\.\d+)?)")
_NUMBERS = ("item_score", "review_score", "deduction")


def of(forms: Iterable[Form], words: Vocabulary, year: int | None = None) -> list[Project]:
    """The records of `forms`, whose unit of money is settled; dates without a year are read in `year`."""
    return [_project(form, words, year) for form in forms]


def year_in(text: str) -> int | None:
    """The first year named in a text (``2023年度``) or standing alone in it, else None."""
    folded = years_in_digits(notation.fold(text))
    found = _YEAR.search(folded) or _BARE_YEAR.fullmatch(folded)
    return int(found[1]) if found else None


def printed_year(form: Form) -> int | None:
    """The year printed on the form itself (its year field, else its title)."""
    return year_in(form.text("year")) or year_in(form.text("title"))


def form_year(form: Form) -> int | None:
    """The year of a form: printed on it, else in the name of its sheet or file."""
    return printed_year(form) or year_in(form.sheet) or year_in(PurePosixPath(form.file).stem)


def project_id(form: Form) -> str:
    """Identity of a form within a run: the same file, sheet and place give the same id."""
    key = "\0".join((form.file, form.sheet, form.anchor))
    return "P" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _project(form: Form, words: Vocabulary, year: int | None) -> Project:
    code, name = _split(form.text("project_name"), words, "project")
    own_year, layout = form_year(form), words.family(form.layout)
    alone = len(form.funds) == 1  # whatever its source is called, it is the total
    funds = [_fund(form, line, words, total=alone) for line in form.funds]
    total = next((line for line in funds if line.role == "total"), None)
    points = total.points if total is not None else None
    if total is not None and points is None:  # not in a cell of its own: printed in the label of the block
        points = notation.read_points(vocabulary.printed_points(form.text("execution_points")))
    return Project(
        cells=form.head,
        id=project_id(form),
        file=form.file,
        sheet=form.sheet,
        anchor=form.anchor,
        kind=form.kind,
        layout=form.layout,
        family=str(layout.get("like", form.layout)),
        traits=" ".join(layout.get("traits", ())),
        name=name,
        code="" if is_damaged_code(form.head.get("project_code")) else form.text("project_code").strip() or code,
        unit=_split(form.text("unit"), words, "unit")[1] or _unit_of_path(form, words),
        year=own_year,
        title_year=year_in(form.text("title")),
        money_unit=form.money_unit,
        rate_base=form.rate_base,
        money_how=form.money_how or ("stated" if form.money_unit else ""),
        total=notation.read_points(form.text("total")),
        total_points=notation.read_points(form.text("total_points")),
        goal_completion=notation.read_points(form.text("goal_completion").rstrip("%％")),
        execution_points=points,
        funds=tuple(funds),
        indicators=tuple(_indicators(form, words, own_year or year)),
        elsewhere=form.elsewhere,
    )


def _split(text: str, words: Vocabulary, which: str) -> tuple[str, str]:
    """Code and name of a cell such as ``51000021R000000019951-工资性支出`` or ``[601001]…`` (traps T16, T18)."""
    text = text.strip()
    found = next(filter(None, (pattern.match(text) for pattern in words.patterns("codes", which))), None)
    return (found[1], text[found.end() :].strip()) if found else ("", text)


def _unit_of_path(form: Form, words: Vocabulary) -> str:
    """The unit by the nearest folder or archive that carries one's name, where the form has no field that is filled."""
    (pattern,) = words.patterns("names_of_units", "pattern")
    stems = (part.removesuffix(".zip") for part in reversed(PurePosixPath(form.file).parts[:-1]))
    return "" if form.text("department").strip() else next(filter(pattern.search, stems), "")


# -- funds --------------------------------------------------------------------------------------------------------


def _fund(form: Form, line: Line, words: Vocabulary, *, total: bool) -> FundLine:
    money: dict[str, Money] = {}
    raw: dict[str, Decimal] = {}
    doubts = []
    for name in MONEY:
        cell = line.cells.get(name)
        if cell is None:
            continue
        unit = form.units.get(name, form.money_unit)
        read = notation.read_money(cell.text, unit, stored=cell.stored)
        if form.money_how == "unknown" and read.unit_source == "none" and read.value is not None:
            read = replace(read, value=None)  # a 0 beside amounts of no known unit is in no sum either
        money[name] = read
        if (written := _raw(cell.text)) is not None and not form.mixed:
            power = (wan_power(unit) or 0) - (wan_power(form.money_unit) or 0) if form.units else 0
            raw[name] = written.scaleb(power) if power else written
        if read.note and read.status in ("ambiguous", "assumed"):
            doubts.append(f"{cell.ref}：{read.note}")
    for name, (first, second) in form.contradicted.items():
        if name in money and line is form.funds[0]:
            doubts.append(f"{first.ref}“{first.text}”与{second.ref}“{second.text}”不一致，没有读取")
            money[name] = replace(money[name], value=None, status="ambiguous")
            raw.pop(name, None)
    values = {name: read.value for name, read in money.items()} if form.money_unit else raw
    base, spent = values.get("adjusted") or values.get("initial"), values.get("executed")
    proof = divide(spent, base) if base and spent is not None else None
    rate = line.cells.get("rate")
    return FundLine(
        cells=line.cells,
        sheet=line.sheet or form.sheet,
        row=line.row,
        role="total" if total or vocabulary.is_total_source(words, line.text("source")) else "sub",
        money=money,
        raw=raw,
        rate=notation.read_rate(rate.text, stored=rate.stored, proof=proof)[0] if rate else None,
        points=notation.read_points(line.text("points")),
        score=notation.read_points(line.text("score")),
        doubts=tuple(doubts),
    )


@lru_cache(maxsize=8192)
def _raw(text: str) -> Decimal | None:
    """The figure of an amount that carries no unit in its cell, else None."""
    found = _RAW.fullmatch(notation.fold(text))
    value = figure(found[2]).value if found else None
    return None if value is None or found is None else -value if found[1] else value


# -- indicators ---------------------------------------------------------------------------------------------------


def _indicators(form: Form, words: Vocabulary, year: int | None) -> list[Indicator]:
    def level(line: Line, which: str) -> str:
        text = line.text(which).strip()
        return words.level(text, which) or vocabulary.level_key(text)

    levels = [(level(line, "level1"), level(line, "level2")) for line in form.lines]
    named = assign(form, words, levels)
    marks = words.raw["placeholders"]["core"], words.raw["placeholders"]["prefix"]
    names = [_name(line.text("level3"), *marks) for line in form.lines]
    points = [_own_points(line, "points") for line in form.lines]
    pairs = [_pair(line, name, None, year) for line, (name, _) in zip(form.lines, names, strict=True)]
    # Figures that merely begin with the row's points (10500 at 10 points) are suspected of being glued to them only
    # on a form that shows other damage: on a clean export that would refuse good cells.
    if any(notation.is_damaged(reading) for pair in pairs for reading in pair):
        pairs = [_pair(*row, year) for row in zip(form.lines, (name for name, _ in names), points, strict=True)]
    found = []
    columns = zip(form.lines, levels, named, names, points, pairs, strict=True)
    for line, (level1, level2), (role, parent), (name, core), worth, (target, actual) in columns:
        numbers = {field: notation.read_points(line.text(field)) for field in _NUMBERS if field in line.cells}
        numbers["weight_share"] = notation.read_points(line.text("weight_share").rstrip("%％"))
        for which in ("level1", "level2"):
            printed = vocabulary.printed_points(line.text(which)) or line.text(f"{which}_points")
            numbers[f"{which}_points"] = notation.read_points(printed)
        found.append(
            Indicator(
                cells=line.cells,
                sheet=line.sheet or form.sheet,
                row=line.row,
                level1=level1,
                level2=level2,
                level3=name,
                role=role,
                parent_row=parent,
                core=core,
                group_points=not line.shared.isdisjoint(("points", "score")),
                points=worth,
                score=_own_points(line, "score"),
                numbers=numbers,
                target=target,
                actual=actual,
            )
        )
    return found


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


def _pair(line: Line, name: str, points: Decimal | None, year: int | None) -> tuple[Reading, Reading]:
    empty = Cell(line.row, 1, "", "empty")
    sign, unit, level2, remark = map(line.text, ("sign", "unit", "level2", "reason"))
    around = Around(sign, unit, name, level2, year=year, points=points, remark=remark)
    return read_pair(line.cells.get("target", empty), line.cells.get("actual", empty), around)


def read_pair(target: Cell, actual: Cell, around: Around) -> tuple[Reading, Reading]:
    """Readings of a target and an actual cell with what stands around them."""
    beside = around._replace(stored=target.stored, number_format=target.format, remark="")
    wanted = notation.read_target(target.text, beside)
    beside = around._replace(stored=actual.stored, number_format=actual.format)
    return wanted, notation.read_actual(actual.text, wanted, beside)
