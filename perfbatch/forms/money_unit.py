"""The unit of money of forms and lists: stated, else decided on evidence and said, else asked (MONEY_UNIT.md).

Stated wins. Where a workbook states none, each project's amounts are held against figures that carry their own unit
(cost indicators, goals, the same project on a sheet that states its unit): votes. Amounts with three decimals cannot
be 元. Without votes the size of the amounts of several projects decides. What contradicts itself is asked, once.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from perfbatch.forms.form import Form
from perfbatch.forms.kinds import LISTS
from perfbatch.forms.sheet import Sheet
from perfbatch.messages import shipped
from perfbatch.model import Cell, MoneyUnit
from perfbatch.notation import fold
from perfbatch.notation.figures import figure
from perfbatch.notation.units import wan_power

_RULES: Mapping[str, Any] = shipped("forms/money_unit.toml")
YUAN, WAN, NEITHER = "元", "万元", "千元"
_STAGES = ("adjusted", "initial", "executed", "arrived")
_AMOUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)(亿元|万元|千元|元)")
_PRICE = re.compile(r"每|人均|户均|亩均|日均|月均|标准|单价|单位成本|/")
_BARE = re.compile(r"-?[\d,]+(?:\.\d+)?")
_TEXTS = ("project_name", "goal_expected", "goal_actual")
_SETTING = "请在 perfbatch.toml 中写 money_unit"
_LONGEST_STATEMENT = 120
_UNIT_SAID = re.compile(r"(?:单位(?:为|是|均为)?|^)[:：]?\(?(亿元|万元|千元|百元|元)\)?(?:。|$|;|,)")
_UNIT_IN_LABEL = re.compile(r"[(:](亿元|万元|千元|百元|元)\)?")


def stated_units(cells: Iterable[Cell]) -> dict[str, Cell]:
    """Units of money that cells state: in brackets behind a word, after 单位, or alone; each with its first cell."""
    found: dict[str, Cell] = {}
    for cell in cells:
        text = cell.text
        if "元" in text and len(text) <= _LONGEST_STATEMENT and (unit := unit_in_label(text) or _said_unit(text)):
            found.setdefault(unit, cell)
    return found


def may_state_unit(text: str) -> bool:
    """Whether a text that is no label may state the unit of money: 金额单位：元, or 万元 in a cell of its own."""
    return "元" in text and ("单位" in text or bool(_said_unit(text)))


@lru_cache(maxsize=4096)
def _said_unit(text: str) -> str:
    found = _UNIT_SAID.search(fold(text))
    return found[1] if found else ""


@lru_cache(maxsize=4096)
def unit_in_label(text: str) -> str:
    """Money unit printed in a heading: ``项目资金（万元）`` → ``万元``, else empty."""
    found = _UNIT_IN_LABEL.search(fold(text))
    return found[1] if found else ""


def sheet_unit(sheet: Sheet) -> str:
    """Money unit that the name of a sheet states (自评表（万元）), else empty."""
    return unit_in_label(f"({sheet.grid.sheet})") or unit_in_label(sheet.grid.sheet)


class StatedUnit(NamedTuple):
    """The unit of money of a block or list: one for all, or one a column where their headers differ, or a conflict."""

    text: str = ""
    cell: Cell | None = None
    conflict: str = ""
    columns: Mapping[str, str] = {}
    mixed: bool = False  # a conflict in which a header of a column takes part

    def give(self, form: Form) -> None:
        """Note on a form what is stated."""
        form.money_unit, form.money_conflict, form.mixed = self.text, self.conflict, self.mixed
        form.units = dict(self.columns)
        if self.cell is not None:
            form.head["money_unit"] = self.cell


def unit_of_columns(sheet: Sheet, labels: Mapping[str, Cell], general: Iterable[Cell]) -> StatedUnit:
    """What the headers of money columns (`labels` by field) and the `general` statements around them come to, else the
    name of the sheet.

    Headers that differ from one another are each right about their column (全年预算数（万元） beside 全年执行数（元）),
    if the columns without a unit have one in general. A header that differs from what stands above all is asked about.
    """
    own = {name: next(iter(stated_units([cell])), "") for name, cell in labels.items()}
    around = stated_units(general)
    said = {unit for unit in own.values() if unit}
    bare = [name for name, unit in own.items() if not unit]
    if len(said) > 1 and len(around) <= 1 and (around or not bare):
        columns = {name: unit or next(iter(around)) for name, unit in own.items()}
        name = next(name for name in ("adjusted", "initial", "executed", *own) if name in columns)
        return StatedUnit(columns[name], labels[name], columns=columns)
    found = {**around, **stated_units(labels.values())}
    if len(found) > 1:
        told = "，".join(f"{cell.ref}写{unit}" for unit, cell in found.items())
        return StatedUnit(conflict=f"表上写明的金额单位不一致（{told}）", mixed=bool(said))
    return next((StatedUnit(unit, cell) for unit, cell in found.items()), StatedUnit(sheet_unit(sheet)))


class Amount(NamedTuple):
    """An amount of the fund block as written: its figure without unit, the decimals it is shown with, its cell."""

    figure: Decimal
    decimals: int
    cell: Cell


Proof = tuple[Decimal, Decimal]  # an amount in 元, and the 元 of its last printed digit


def settle(forms: Sequence[Form], setting: str = "") -> list[MoneyUnit]:
    """Give every form its unit of money; what was found out, once for each list and for the forms of each layout.

    `setting` is the user's own word for forms that state none. Forms that stay without a unit are undecided.
    """
    found: list[MoneyUnit] = []
    groups: dict[tuple[str, str, int], list[Form]] = {}
    for form in forms:
        if form.money_unit:
            form.money_how = "stated"
        elif _amounts(form):
            key = (form.file, *form.list_part) if form.list_part else (form.file, form.layout, 0)
            groups.setdefault(key, []).append(form)
    stated = [form for form in forms if form.money_unit]
    by_list = {(form.file, *form.list_part): form.money_unit for form in stated if form.list_part}
    for key in groups.keys() & by_list.keys():
        for form in groups.pop(key):  # a sheet that goes on without a header has the unit of the list it goes on
            form.money_unit, form.money_how = by_list[key], "stated"
    for unit in dict.fromkeys(form.money_unit for form in stated):
        first = next(form for form in stated if form.money_unit == unit)
        found.append(MoneyUnit(unit, "stated", "", first.sheet, first.ref("money_unit")))
    known: dict[str, list[Proof]] = {}  # amounts of projects on sheets that state their unit, by folded name
    for form in stated if groups else ():
        for amount in _amounts(form):
            proofs = known.setdefault(fold(form.text("project_name")), [])
            proofs.extend(_in_text(f"{amount.figure}{form.money_unit}"))
    return found + [_settle(group, setting, known) for group in groups.values()]


def _settle(group: list[Form], setting: str, known: Mapping[str, list[Proof]]) -> MoneyUnit:
    conflict = next((form.money_conflict for form in group if form.money_conflict), "")
    decided, evidence = ("", conflict) if conflict else _decide(group, known)
    first = group[0]
    cell = next(amount.cell.ref for amount in _amounts(first))
    where = f"“{first.sheet}”" if first.kind in LISTS else ""
    if setting:
        told = "表上未写金额单位，按 perfbatch.toml 的 money_unit 读"
        against = "" if decided == setting else decided
        told += f"作{setting}，但{evidence}，应为{decided}，请核对" if against else "取"
        unit = MoneyUnit(setting, "setting", told, first.sheet, cell, against=against)
    elif decided:
        other = YUAN if decided == WAN else WAN
        told = f'表{where}上未写金额单位，按{decided}读取：{evidence}；不对{_SETTING} = "{other}"'
        unit = MoneyUnit(decided, "decided", told, first.sheet, cell)
    else:
        why = f"，{evidence}" if evidence else ""
        lead = f"“{first.file}”{where}{conflict}" if conflict else f"“{first.file}”的表{where}没有写明金额单位{why}"
        told = f'{lead}，金额没有换算：{_SETTING}（"元"或"万元"）后重新运行'
        unit = MoneyUnit("", "unknown", told, first.sheet, cell)
    for form in group:
        form.money_unit, form.money_how = unit.unit, unit.how
        if unit.how == "decided" and (vote := _vote(form, {})) and vote != unit.unit:
            form.money_how = "contradicted"  # by its own figures
    return unit


Decision = tuple[str, str]  # the unit, empty where nothing decides, and on what evidence


def _decide(group: Sequence[Form], known: Mapping[str, list[Proof]]) -> Decision:
    votes: Counter[str] = Counter(filter(None, (_vote(form, known) for form in group)))
    fewest, most_decimals = _RULES["decimals"]["fewest"], _RULES["decimals"]["most"]  # with which an amount is no 元
    decimals = [a for form in group for a in _amounts(form) if fewest <= a.decimals <= most_decimals]
    total = sum(votes.values())
    if votes:
        unit, most = votes.most_common(1)[0]
        enough = most >= (1 if len(group) == 1 else min(_RULES["votes"]["fewest"], len(group)))
        split = "、".join(f"{count}个项目像{name}" for name, count in votes.most_common())
        if Decimal(most) / total < Decimal(_RULES["votes"]["agreement"]) or unit == NEITHER:
            return "", f"与成本指标等对照的结果不一致（{split}）"
        if unit == YUAN and decimals:
            return "", f"{split}，但{decimals[0].cell.ref}等处金额有{decimals[0].decimals}位小数，不会是元"
        if enough:
            return unit, f"{most}个项目的成本指标或绩效目标中的金额与预算数相等"
    if decimals:
        return WAN, f"{decimals[0].cell.ref}等{len(decimals)}处金额有{fewest}位以上小数，不会是元"
    return ("", "") if votes else _by_size(group)


def _by_size(group: Sequence[Form]) -> Decision:
    rules = _RULES["size"]
    names = "".join(form.text("unit") + form.text("department") for form in group)
    figures = [a for form in group for a in _amounts(form)[:1] if a.figure != 0]
    if len(figures) < rules["fewest"] or re.search(rules["not_for"], names):
        return ("", "")
    share = Decimal(rules["share"]) * len(figures)
    large = sum(a.figure > rules["yuan_from"] for a in figures)
    if large >= share:
        return YUAN, f"{large}个项目的金额大于{rules['yuan_from']}"
    below = [a for a in figures if a.figure < rules["wan_below"]]
    small = sum(a.figure < rules["wan_small"] or a.decimals > 0 for a in below)
    if len(below) >= share and small >= Decimal(rules["wan_small_share"]) * len(figures):
        told = f"{len(below)}个项目的金额小于{rules['wan_below']}，其中{small}个小于{rules['wan_small']}或有小数"
        return WAN, told
    return ("", "")


def _vote(form: Form, known: Mapping[str, list[Proof]]) -> str:
    """The unit that a project's figures with a unit of their own prove for its amounts, empty where none or two fit."""
    fits: set[str] = set()
    for proof in (*_proofs(form), *known.get(fold(form.text("project_name")), ())):
        for amount in _amounts(form):
            fits.update(unit for unit in (YUAN, NEITHER, WAN) if _equal(amount, unit, proof))
    return fits.pop() if len(fits) == 1 else ""


def _equal(amount: Amount, unit: str, proof: Proof) -> bool:
    """Whether an amount in `unit` equals a proof."""
    value, digit = proof
    scale = Decimal(10) ** (4 + (wan_power(unit) or 0))
    mine = amount.figure * scale
    if not mine:
        return False
    last, gap = max(scale.scaleb(-amount.decimals), digit), abs(mine - value)
    return gap <= last / 2 + last / 1000 and gap <= abs(value) * Decimal(_RULES["votes"]["tolerance"])


def _proofs(form: Form) -> Iterator[Proof]:
    """Amounts that indicators, goals and the name state with their own unit; prices (每人50元) prove no sum."""
    for line in form.lines:
        if _PRICE.search(line.text("level3")):
            continue
        unit = fold(line.text("unit"))
        for text in (fold(line.text("target")), fold(line.text("actual"))):
            plain = _BARE.search(text) if unit in (YUAN, WAN, NEITHER, "亿元") else None
            bare = plain is not None and plain[0] == text.lstrip("≤≥<>=")
            yield from _in_text(text + unit if bare else text)
    for name in _TEXTS:
        yield from _in_text(fold(form.text(name)))


def _in_text(text: str) -> Iterator[Proof]:
    if YUAN not in text or _PRICE.search(text):
        return
    for found in _AMOUNT.finditer(text):
        value, power = figure(found[1]).value, wan_power(found[2])
        if value and power is not None:
            scale = Decimal(10) ** (4 + power)
            yield value * scale, scale.scaleb(-len(found[1].partition(".")[2]))


def _amounts(form: Form) -> list[Amount]:
    """Amounts of the total line as written, those with a unit in the cell left out."""
    found = []
    for line in form.funds[:1]:
        for name in _STAGES:
            text = fold(line.text(name))
            read = figure(text.lstrip("¥-")) if _BARE.fullmatch(text.lstrip("¥")) else None
            if read is not None and read.value is not None:
                found.append(Amount(read.value, len(text.partition(".")[2]), line.cells[name]))
    return found
