"""The sample export states the facts of the real report, in three layouts, and nothing else is wrong with it.

The workbooks are read here cell by cell with openpyxl, not with the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support import seed_facts as seed
from support.rich_books import parts_of

from tools import samples

COMMITTED = Path(__file__).parents[2] / "input_templates"


@dataclass
class Read:
    """One project as read from the cells of a sample."""

    name: str
    category: str
    origin: str
    adjusted: Decimal
    executed: Decimal
    total: Decimal
    initial: Decimal | None = None
    rate: Decimal | None = None
    execution_score: Decimal | None = None
    rows: dict[str, tuple[Any, Any, Decimal, Decimal]] = field(default_factory=dict)  # target, actual, W, S
    reasons: list[str] = field(default_factory=list)


def decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def lines(sheet: Any) -> list[list[Any]]:
    return [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def read_national(path: Path) -> Iterator[Read]:
    for sheet in openpyxl.load_workbook(path):
        rows = {str(row[0]): row for row in lines(sheet) if row}
        funds = next(row for row in lines(sheet) if "年度资金总额" in row)
        initial, adjusted, executed, _, rate, score = map(decimal, funds[1:])
        project = Read(
            rows["项目名称"][1], rows["项目类别"][1], rows["项目类别"][3], adjusted, executed,
            decimal(rows["总分"][2]), initial, rate, score,
        )  # fmt: skip
        header = next(row[0].row for row in sheet.iter_rows() if row[3].value == "三级指标")
        for row in range(header + 1, sheet.max_row):
            name, target, actual, points, score, reason = (sheet.cell(row, c).value for c in range(4, 10))
            project.rows[name] = (target, actual, decimal(points), decimal(score))
            project.reasons += [reason] if reason else []
        yield project


def read_hebei(path: Path) -> Iterator[Read]:
    for sheet in openpyxl.load_workbook(path):
        rows = {str(row[0]): row for row in lines(sheet) if row}
        money = [decimal(v) for v in next(row for row in lines(sheet) if row and isinstance(row[0], int | float))]
        project = Read(
            rows["项目名称"][1], rows["项目类别"][1], rows["项目类别"][3], money[0], money[6],
            decimal(rows["合计"][-1]), rate=money[9] / 100,
        )  # fmt: skip
        header = next(row[0].row for row in sheet.iter_rows() if row[2].value == "三级指标")
        for row in range(header + 2, sheet.max_row - 2):
            cells = [sheet.cell(row, c).value for c in range(3, 14)]
            value = tuple("" if c is None else str(c) for c in cells[3:6])
            project.rows[cells[0]] = (value, cells[6], decimal(cells[2]), decimal(cells[10]))
        yield project


def read_lists(path: Path) -> Iterator[Read]:
    book = openpyxl.load_workbook(path)
    projects: dict[str, Read] = {}
    for row in table(book["项目列表"]):
        projects[row["项目编码"]] = Read(
            row["项目名称"], row["项目类别"], row["预算来源"], decimal(row["调整后预算数"]),
            decimal(row["全年执行数"]), decimal(row["得分"]), decimal(row["全年预算数"]),
            decimal(row["预算执行率"]), decimal(row["执行率得分"]),
        )  # fmt: skip
    for row in table(book["指标完成情况"]):
        if row["计算符号"]:
            target = (row["计算符号"], row["指标值"], row["计量单位"] or "")
            points, score = decimal(row["权重"]), decimal(row["实际得分"])
            projects[row["项目编码"]].rows[row["指标名称"]] = (target, row["实际完成值"], points, score)
    yield from projects.values()


def table(sheet: Any) -> Iterator[dict[str, Any]]:
    header, *rows = sheet.iter_rows(min_row=3, values_only=True)
    yield from (dict(zip(header, row, strict=True)) for row in rows)


READERS = {samples.NATIONAL: read_national, samples.LISTS: read_lists, samples.HEBEI: read_hebei}


@cache
def read(name: str) -> dict[str, Read]:
    """The projects of one committed sample by name; names are unique."""
    projects = list(READERS[name](COMMITTED / name))
    assert len({project.name for project in projects}) == len(projects)
    return {project.name: project for project in projects}


@pytest.fixture(params=READERS, ids=["F1", "F11-F12", "F6"])
def case(request: pytest.FixtureRequest) -> dict[str, Read]:
    return read(request.param)


def test_number_total_and_bands_are_those_of_the_report(case: dict[str, Read]) -> None:
    totals = [project.total for project in case.values()]
    bands = [sum(t >= 90 for t in totals), sum(60 <= t < 90 for t in totals), sum(t < 60 for t in totals)]
    assert len(case) == seed.PROJECTS
    assert sum(project.executed for project in case.values()) == seed.EXECUTED
    assert bands == list(seed.BANDS.values())
    assert sum(project.adjusted for project in case.values()) == seed.SAMPLE_BUDGET_ADJUSTED


def test_spot_checked_projects(case: dict[str, Read]) -> None:
    for name, stated in seed.SAMPLED.items():
        form = case[name]
        assert (form.executed, form.category, form.origin, form.total) == (
            stated.executed, stated.category, stated.origin, stated.score,
        )  # fmt: skip
        if form.initial is not None:
            assert (form.initial == 0) == (stated.origin == "追加预算")
    assert sum(case[name].executed for name in seed.SAMPLED) == seed.SAMPLED_EXECUTED


def test_unexecuted_projects_score_below_sixty_and_everything_else_is_spent(case: dict[str, Read]) -> None:
    assert {name for name, form in case.items() if form.executed == 0} == set(seed.UNEXECUTED)
    assert {name for name, form in case.items() if form.total < 60} == set(seed.UNEXECUTED)
    assert all(case[name].adjusted > 0 for name in seed.UNEXECUTED)
    for name in seed.UNEXECUTED:
        assert all(seed.UNEXECUTED_CAUSE in reason for reason in case[name].reasons)


def test_named_deviations_lose_points_and_their_projects_stay_above_ninety(case: dict[str, Read]) -> None:
    for deviation in seed.DEVIATIONS:
        target, actual, points, score = case[deviation.project].rows[deviation.indicator]
        assert score < points
        assert case[deviation.project].total >= 90
        if deviation.target is not None:
            number, unit = str(deviation.target), deviation.unit
            assert target in (f"={number}{unit}", ("=", number, unit), ("=", float(number), unit))
            assert actual in (f"{deviation.actual}{unit}", float(str(deviation.actual)))
            assert abs(score / points - deviation.completion) < Decimal("0.0005")


def test_greenway_budget_was_adjusted_to_what_was_spent(case: dict[str, Read]) -> None:
    greenway = case[seed.GREENWAY]
    assert (greenway.adjusted, greenway.executed) == (Decimal("29.2375"), Decimal("29.2375"))
    assert greenway.initial in (None, Decimal("49.2125"))
    assert greenway.total == Decimal("92.12")  # 100 - (15 - 11.18) - (10 - 5.94)


def test_every_form_adds_up(case: dict[str, Read]) -> None:
    for form in case.values():
        rows = {name: row for name, row in form.rows.items() if name != "预算执行率"}
        scored = sum(score for _, _, _, score in rows.values())
        assert sum(points for _, _, points, _ in rows.values()) == 90, form.name
        assert all(score <= points for _, _, points, score in rows.values())
        execution = form.execution_score if form.execution_score is not None else form.rows["预算执行率"][3]
        assert form.total == scored + execution, form.name
        assert abs(form.rate - form.executed / form.adjusted) <= Decimal("0.00005")
        assert abs(execution - 10 * form.executed / form.adjusted) <= Decimal("0.005")


def test_names_of_invented_projects_say_so(case: dict[str, Read]) -> None:
    named = {*seed.SAMPLED, *seed.UNEXECUTED, *(deviation.project for deviation in seed.DEVIATIONS)}
    assert {name for name in case if "合成数据" not in name} == named


def test_missed_rows_have_a_reason_in_the_national_form() -> None:
    for form in read(samples.NATIONAL).values():
        missed = [name for name, (_, _, points, score) in form.rows.items() if score < points]
        assert len(form.reasons) >= len(missed), form.name


def test_the_three_layouts_state_the_same_facts() -> None:
    national, lists, hebei = (read(name) for name in READERS)
    assert sum(p.initial for p in national.values()) == seed.SAMPLE_BUDGET_INITIAL
    assert list(national) == list(lists) == list(hebei)
    for name, form in national.items():
        assert [row[2:] for row in form.rows.values()] == [row[2:] for row in lists[name].rows.values()]
        assert [row[2:] for row in form.rows.values()] == [row[2:] for row in list(hebei[name].rows.values())[:-1]]
        assert (form.initial, form.total) == (lists[name].initial, hebei[name].total)


def test_the_committed_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    for path in samples.write_all(tmp_path):
        assert parts_of(path) == parts_of(COMMITTED / path.name), path.name


def test_the_blanks_of_init_are_those_shown() -> None:
    """One made by each run of the generator, so the same bytes."""
    shipped = {path.name: path.read_bytes() for path in samples.BLANKS.iterdir()}
    shown = [*COMMITTED.glob("空白模板_*.xlsx"), COMMITTED / samples.NATIONAL]
    assert shipped == {path.name: path.read_bytes() for path in shown}
    assert len(shipped) == 4


def test_the_same_facts_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = samples.write_all(tmp_path / "一"), samples.write_all(tmp_path / "二")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
