"""XP, one project in several places: forms twice, lists beside forms; and amounts in another unit than the sheet says
(XP17), known by what else was handed in, in 万元 and exact."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise, permutations
from statistics import median
from typing import Any, NamedTuple

from perfbatch.checks.batch import FORM, INDICATOR_LIST, MONEY, PROJECT_LIST, Batch, Entry
from perfbatch.checks.context import Hit, Skipped, number
from perfbatch.checks.register import check
from perfbatch.identity.names import code_key, name_key, project_key
from perfbatch.identity.projects import ONE_CODE, RENAMED, SAVED, TWO_CODES
from perfbatch.schema import grouped, rows


@check("XP01", of="batch")
def project_twice(batch: Batch) -> Iterator[Hit]:
    """The same project has two forms (or two list rows) of one year: by code, or by name and unit.

    A list row beside a form is no duplicate, and a form that was handed in again says so by its file's name. What may
    be one project or two is XP16. The two lists of the platform are joined inside a workbook only: in two files a
    project counts by the list of projects.
    """
    for project in batch.projects:
        for kind in (FORM, PROJECT_LIST, INDICATOR_LIST):
            for before, entry in pairwise(project.of_kind(kind)):
                beside, how = before.file == entry.file, before.later_by or entry.later_by
                if not beside and how and how != SAVED:
                    continue  # the name of its file says that it was handed in again
                certain = bool(entry.code and before.code) or bool(entry.unit.strip())
                counted = "" if beside else f"，按{entry.place if entry.counted else before.place}处的统计"
                told = f"{_coded(entry)}与{before.place}处的项目重复{counted}。"
                yield entry.hit("", told, seen=entry.name, severity="" if certain and beside else "warning")
    for first, last in _lists_apart(batch):
        counted = "按两个项目统计" if first.counted and last.counted else "指标没有计入本项目"
        told = f"的项目列表和指标列表分在两个文件（另一处在{first.place}），没有合并，{counted}"
        yield last.hit("", f"{_coded(last)}{told}。", seen=last.name)


def _lists_apart(batch: Batch) -> Iterator[list[Entry]]:
    """The two rows of one project in a list of projects and in a list of indicators of another file.

    They are one project by its code or its name and unit, or by its name alone where one of them prints no unit.
    """
    two_codes = {frozenset((doubt.at, doubt.other)) for doubt in batch.identity.doubts if doubt.kind == TWO_CODES}
    named: dict[tuple[str, int | None], list[Entry]] = {}
    for project in batch.projects:
        rows = [*project.of_kind(PROJECT_LIST)[:1], *project.of_kind(INDICATOR_LIST)[:1]]
        if project.form is not None:
            continue
        if len(rows) == 2 and frozenset(row.at for row in rows) not in two_codes:
            yield sorted(rows, key=lambda row: row.at)
        elif len(rows) == 1 and rows[0].name:
            named.setdefault((project_key(rows[0].name), rows[0].judged_year), []).append(rows[0])
    for rows in named.values():
        if len(rows) == 2 and rows[0].kind != rows[1].kind:
            units, codes = {row.unit.strip() for row in rows}, {row.code.strip() for row in rows}
            if "" in units and "" in codes:
                yield sorted(rows, key=lambda row: row.at)


def _coded(entry: Entry) -> str:
    return entry.called + (f"（编码{entry.code}）" if entry.code else "")


def _with_list_and_forms(batch: Batch) -> dict[tuple[int, int | None], int]:
    """Units and years of which a list and forms were given, with the kind of list; of the others nothing is said.

    A list of the whole county does not condemn units whose forms are not part of this batch. The list of projects is
    the list where there is one, else that of the indicators.
    """
    filled = [entry for entry in batch.entries if not entry.blank]
    kinds = grouped(((entry.unit_number, entry.judged_year), entry.kind) for entry in filled)
    given = {kind for some in kinds.values() for kind in some}
    if FORM not in given or given == {FORM}:
        raise Skipped("批次中没有同时提供项目清单和自评表，清单与自评表未核对")
    both = {key: some for key, some in kinds.items() if {FORM} < set(some)}  # forms and something else
    return {key: PROJECT_LIST if PROJECT_LIST in some else INDICATOR_LIST for key, some in both.items()}


@check("XP02", of="batch")
def list_and_forms_differ(batch: Batch) -> Iterator[Hit]:
    """A project of the list has no form, or a form's project is not on the list of its unit."""
    judged = _with_list_and_forms(batch)
    for project in batch.projects:
        entry = project.counted
        lists = {judged.get((one.unit_number, one.judged_year)) for one in project.entries} - {None}
        if not lists:
            continue
        if project.form is None:
            yield entry.hit("", f"{entry.called}在项目清单中，没有对应的自评表。", seen=entry.name)
        elif lists.isdisjoint(one.kind for one in project.entries):
            yield entry.hit("", f"{entry.called}有自评表，不在项目清单中。", seen=entry.name)


_COMPARED = (
    ("adjusted", "全年预算数", "万元", "tol_money"),
    ("executed", "全年执行数", "万元", "tol_money"),
    ("total", "自评得分", "分", "tol_score"),
)


@check("XP04", of="batch")
def list_figures_differ(batch: Batch) -> Iterator[Hit]:
    """Budget, expenditure, score or grade of a list row differ from those by which its project counts (a form, else the
    row of another list). What is another unit of money is XP17."""
    pairs = [(project.counted, row) for project in batch.projects for row in project.listed if not row.counted]
    if not pairs:
        raise Skipped("批次中没有同一项目的清单和自评表，清单与自评表未核对")
    for counted, row in pairs:
        yield from _differing(counted, row)


def _differing(counted: Entry, row: Entry) -> Iterator[Hit]:
    place = f"{'自评表' if counted.is_form else '另一份清单'}（{counted.place}）"
    for field, title, unit, tolerance in _COMPARED:
        listed, own = getattr(row, field), getattr(counted, field)
        allowed = row.rule(tolerance)
        if listed is None or own is None or allowed is None or abs(listed - own) <= Decimal(str(allowed)):
            continue
        near = row.rule("unit_ratio_tol")
        if field in MONEY and (times(listed, own, near) or times(own, listed, near)):
            continue
        told = f"{row.called}清单的{title}为{number(listed)}{unit}，{place}为{number(own)}{unit}。"
        yield row.hit(field, told, seen=number(listed), expected=number(own))
    if row.grade and counted.grade and row.grade != counted.grade:
        message = f"{row.called}清单等级为{row.grade}，{place}为{counted.grade}。"
        yield row.hit("grade", message, seen=row.grade, expected=counted.grade)


@check("XP16", of="batch")
def one_project_or_two(batch: Batch) -> Iterator[Hit]:
    """Two entries have the code, or the name and money, of one project, but not all else: said how they count."""
    for kind, first, second, one in batch.identity.doubts:  # it is said at the second of the two
        other, entry = batch.entries[first], batch.entries[second]
        there, same_code = f"{other.place}处", code_key(entry.code) == code_key(other.code)
        place = f"{there}的“{other.name}”"
        if kind == RENAMED and entry.code and same_code:
            told = f"项目编码{entry.code}相同，项目名称此处为“{entry.name}”，{there}为“{other.name}”"
        elif kind == RENAMED:
            alike = "名称和金额相同，单位不同"
            if entry.name != other.name:
                alike = "金额相同、名称相近，可能是改了名称的同一项目"
            told = f"“{entry.name}”与{place}{alike}"
        elif kind == ONE_CODE:
            told = f"项目编码{entry.code}与{place}相同，但名称或金额不同"
        elif kind == TWO_CODES and entry.code and other.code:
            told = f"{there}还有同名、同单位的项目，项目编码此处为{entry.code}、该处为{other.code}"
        elif kind == TWO_CODES:
            told = f"“{entry.name}”没有填写项目编码，与{there}等同名项目中的哪一个相同不能确定"
        else:
            told = f"“{entry.name}”没有填写单位和项目编码，与{there}的项目同名"
        counts = "按同一个项目统计" if one else "按两个项目统计"
        seen, expected = (entry.name, other.name) if same_code else (entry.code, other.code)
        yield entry.hit("", f"{told}，{counts}。", seen=seen, expected=expected)


@check("XP18", of="batch")
def unit_spelled_differently(batch: Batch) -> Iterator[Hit]:
    """Two names are probably one unit, but were not brought together: each is counted as a unit of its own."""
    names, first = batch.identity.units.names, dict[int, Entry]()
    for entry in batch.entries:
        first.setdefault(entry.unit_number, entry)
    for short, long in batch.identity.units.alike:
        told = f"单位“{names[short]}”与{first[long].place}处的“{names[long]}”可能是同一单位，按两个单位统计。"
        yield first[short].hit("unit", told, seen=names[short], expected=names[long])


@check("ST04", of="batch", beside=True)
def another_year_than_most(batch: Batch) -> Iterator[Hit]:
    """Where no year is set: entries of another year than the greater part of the batch, once a sheet, as a question."""
    asked = batch.entries if batch.given_year is None and batch.year is not None else ()
    odd = (entry for entry in asked if entry.year not in (None, batch.year) and not entry.blank)
    for (_, _, year), some in grouped(((entry.file, entry.sheet, entry.year), entry) for entry in odd).items():
        several = f"等{len(some)}个项目" if len(some) > 1 else ""
        told = f"{some[0].called}{several}为{year}年度，而本批大多数项目为{batch.year}年度，请确认是否放错了年度。"
        yield some[0].hit("year", told, seen=f"{year}年度", expected=f"{batch.year}年度", severity="warning")


# --- XP17 ---


_FACTORS = (1000, 10000)  # 千元 and 元 typed under 万元, or 元 under 千元
_YUAN = 10000  # 元 in 1万元


# an amount of an entry that is too large: which one, what it should be about, and how that is known
_Off = tuple[Entry, str, Decimal, str]


@check("XP17", of="batch")
def money_in_another_unit(batch: Batch) -> Iterator[Hit]:
    """An amount is 10³ or 10⁴ times what it should be, and is marked at its own cell.

    By its list row or form, another amount or a cost indicator of its own form, last year's, or the usual size of the
    unit's (else the batch's) projects.
    """
    said: set[tuple[int, str]] = set()
    for evidence in (_beside_list, _beside_own, _beside_last_year, _beside_habit):
        for entry, field, usual, told in evidence(batch):
            if (entry.at, field) not in said:
                said.add((entry.at, field))
                amount = number(getattr(entry, field))
                message = f"{entry.called}的{MONEY[field]}{amount}万元，{told}，可能填错了金额单位。"
                yield entry.hit(field, message, seen=f"{amount}万元", expected=f"{number(usual)}万元左右")


def times(amount: Decimal | None, other: Decimal | None, tolerance: Decimal | None) -> int:
    """How many times of another amount this one is, where that is about 10³ or 10⁴; else 0.

    `tolerance` says how near (`unit_ratio_tol` of the ruleset, a relative difference).
    """
    if not amount or not other or other < 0 or tolerance is None:
        return 0
    close = Decimal(str(tolerance))
    return next((f for f in _FACTORS if abs(amount - f * other) <= f * other * close), 0)


def _beside_list(batch: Batch) -> Iterator[_Off]:
    for project in batch.projects:
        for row in project.entries:
            for field in MONEY if row.at != project.counted.at else ():
                for one, other in permutations((row, project.counted)):
                    if factor := times(getattr(one, field), getattr(other, field), one.rule("unit_ratio_tol")):
                        less = getattr(other, field)
                        yield one, field, less, f"是{other.place}处{number(less)}万元的{factor}倍"


def _beside_own(batch: Batch) -> Iterator[_Off]:
    """One amount beside another, or a cost indicator, of its form. Only 10⁴: a thousandth may have been executed.

    A cost indicator that is too large itself is FU10.
    """
    for project in batch.projects:
        entry = project.counted
        near, amounts = entry.rule("unit_ratio_tol"), {field: getattr(entry, field) for field in MONEY}
        for (field, amount), (other, less) in permutations(amounts.items(), 2):
            if times(amount, less, near) == _YUAN:
                yield entry, field, less, f"约为同一张表{MONEY[other]}{number(less)}万元的一万倍"
        for cost in batch.given.costs.get(entry.project_id, ()):
            for field, amount in amounts.items():
                if times(amount, cost.value, near) == _YUAN:
                    yield entry, field, cost.value, f"约为成本指标（{cost.cell}）{number(cost.value)}万元的一万倍"


def _beside_last_year(batch: Batch) -> Iterator[_Off]:
    previous = batch.given.previous
    known: dict[str, list[Any] | None] = {}  # adjusted and executed by code and name; None where they name several
    columns = ("project_code", "project_name", "unit", "budget_adjusted", "executed")
    for code, name, unit, *money in rows(previous.projects, *columns) if previous is not None else ():
        for key in filter(None, (code_key(code), f"{project_key(name)} {name_key(unit)}")):
            known[key] = None if key in known else money
    for project in batch.projects if known else ():
        entry = project.counted
        keys = (code_key(entry.code), f"{project_key(entry.name)} {name_key(entry.unit_name)}")
        before = next((found for key in keys if (found := known.get(key)) is not None), [])
        for field, less in zip(("adjusted", "executed"), before, strict=False):
            amount = getattr(entry, field)
            if amount and less and amount >= _FACTORS[0] * less:
                yield entry, field, less, f"是上年{number(less)}万元的{number(amount / less, 0)}倍"


class _Habit(NamedTuple):
    projects: int
    middle: Decimal
    total: Decimal

    def exceeded(self, amount: Decimal, excess: float) -> bool:
        """Whether an amount, one of them, is out of all proportion: a large project among small ones is not."""
        return amount >= _FACTORS[0] * self.middle and amount > Decimal(str(excess)) * (self.total - amount)


def _beside_habit(batch: Batch) -> Iterator[_Off]:
    """Against the other projects of the unit, else of the batch."""
    for field in ("adjusted", "executed"):
        stated = [(one.counted, amount) for one in batch.projects if (amount := getattr(one.counted, field))]
        of_units = grouped((entry.unit_number, amount) for entry, amount in stated)
        usual = {unit: _habit(some) for unit, some in of_units.items()}
        whole = _habit([amount for some in of_units.values() for amount in some])
        for entry, amount in stated:
            least, excess = entry.rule("habit_projects"), entry.rule("habit_excess")
            if least is None or excess is None:
                continue
            own = usual[entry.unit_number].projects > least
            habit = usual[entry.unit_number] if own else whole
            if habit.projects > least and habit.exceeded(amount, excess):
                who = entry.unit_name if own and entry.unit_name else "本批"
                told = f"是{who}{habit.projects}个项目中间值{number(habit.middle)}万元的"
                yield entry, field, habit.middle, f"{told}{number(amount / habit.middle, 0)}倍"


def _habit(amounts: Sequence[Decimal]) -> _Habit:
    return _Habit(len(amounts), median(amounts) if amounts else Decimal(0), sum(amounts, Decimal(0)))
