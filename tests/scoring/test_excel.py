"""Live formulas, recalculated by LibreOffice, give the program's own figures to the last digit."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from support.scored import changed, indicator, project, scored

from perfbatch.rulesets import names
from perfbatch.scoring import Cells, execution_formula, row_formulas

_OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_office = pytest.mark.skipif(_OFFICE is None, reason="未安装 LibreOffice，无法重算公式")

_VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in names()),
    *(
        ("national-2020", changes)
        for changes in (
            {"round_mode": "truncate"}, {"row_round": 0}, {"row_round": 1}, {"equal_rule": "symmetric"},
            {"equal_rule": "strict"}, {"strict_inequality": False}, {"negative_rule": "ratio"},
            {"negative_rule": "ceiling"}, {"deduction_column": True}, {"exec_cap": False},
            {"over_deduction": [[1.5, 0.2], [1.3, 0.1]]}, {"satisfaction_rule": "steps"},
            {"zero_target_rule": "refuse", "negative_actual": "refuse"},
        )
    ),
]  # fmt: skip
_ROWS = 120


def _figure(draw: random.Random, low: int, high: int) -> str:
    places = draw.choice([0, 0, 1, 2, 3])
    return str(Decimal(draw.randint(low * 10**places, high * 10**places)).scaleb(-places))


def _row(draw: random.Random, at: str) -> dict[str, Any]:
    """A random indicator; many exact ties, zeros, negatives and hits of the target among them."""
    operator = draw.choice(["ge", "gt", "le", "lt", "eq", "range", "none"])
    target, actual = _figure(draw, 0, 300), _figure(draw, 0, 500)
    if draw.random() < 0.25:
        target = str(draw.choice([4, 8, 16, 40, 80, 200, 400, 2000]))
        actual = str(draw.randint(0, 2 * int(target)))
    if draw.random() < 0.15:
        target, actual = _figure(draw, -3, 3), _figure(draw, -3, 3)
    if draw.random() < 0.1:
        actual = target
    return indicator(
        at, operator=operator, t=target, a=actual, u=str(Decimal(target) + draw.randint(0, 50)),
        w=draw.choice(["10", "5", "7.5", "2.25", "0.57", "5.35", _figure(draw, 1, 20)]),
        level1=draw.choice(["产出指标", "满意度指标", "成本指标"]), unit=draw.choice(["%", "个"]),
        deduction=draw.choice(["", "", "1.5", "9"]),
    )  # fmt: skip


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, list[tuple[Any, ...]]]]:
    """(recalculated sheet, expected values by row): score, completion, deviation, execution score."""
    folder = tmp_path_factory.mktemp("live")
    draw = random.Random(20200225)
    rulesets = {f"R{at}": changed(*variant) for at, variant in enumerate(_VARIANTS)}
    projects = [
        project(
            key, key, budget_initial=_figure(draw, 1, 90), budget_adjusted=_figure(draw, 1, 90),
            executed=_figure(draw, 0, 95), execution_points="10",
        )
        for key in rulesets
    ]  # fmt: skip
    result = scored(projects, [_row(draw, key) for key in rulesets for _ in range(_ROWS)], rulesets)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    money = {row.project_id: row for row in result.projects.itertuples(index=False)}
    expected = []
    for at, row in enumerate(result.indicators.itertuples(index=False), start=1):
        owner, rules = money[row.project_id], rulesets[row.project_id]
        base = owner.budget_adjusted if rules["exec_base"] == "adjusted" else owner.budget_initial
        numbers = (row.target_base, row.actual_base, row.points, row.target_base2, row.deduction, owner.executed, base)
        for column, number in zip("ABCDEFG", numbers, strict=True):
            sheet[f"{column}{at}"] = None if number is None else float(number)
        sheet[f"H{at}"] = float(owner.execution_points)
        formulas = row_formulas(row, rules, Cells(f"A{at}", f"B{at}", f"C{at}", f"D{at}", f"E{at}"))
        for column, formula in zip(
            "IJKL", (*formulas, execution_formula(rules, f"F{at}", f"G{at}", f"H{at}")), strict=True
        ):
            sheet[f"{column}{at}"] = formula or None
        expected.append((row.score, row.completion_rate, row.deviation, owner.execution_score))
    book.save(folder / "live.xlsx")
    command = [
        str(_OFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to",
        "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(folder / "live.xlsx"),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    yield openpyxl.load_workbook(folder / "out" / "live.xlsx", data_only=True).worksheets[0], expected


@needs_office
@pytest.mark.parametrize(
    ("column", "which"), [("I", 0), ("J", 1), ("K", 2), ("L", 3)], ids=["得分", "完成率", "偏离度", "执行率得分"]
)
def test_recalculated_figures_equal_the_program_s(recalculated: Any, column: str, which: int) -> None:
    sheet, expected = recalculated
    wrong = []
    for at, values in enumerate(expected, start=1):
        got, want = sheet[f"{column}{at}"].value, values[which]
        if (got or 0) != float(want or 0) or (want is not None and not isinstance(got, int | float)):
            wrong.append((at, want, got, _VARIANTS[(at - 1) // _ROWS]))
    assert not wrong, wrong[:5]
    assert sum(values[which] is not None for values in expected) > len(expected) // 3


@needs_office
def test_sample_contains_exact_ties(recalculated: Any) -> None:
    """Otherwise the rounding of halves would not have been tried."""
    sheet, _ = recalculated
    ties = 0
    for t, a, w in sheet.iter_rows(min_col=1, max_col=3, values_only=True):
        if t and a and 0 < a < t:
            cents = Decimal(str(a)) * Decimal(str(w)) * 100 / Decimal(str(t))
            ties += cents % 1 == Decimal("0.5")
    assert ties > 20
