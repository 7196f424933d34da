"""What the sample exports state: projects with funds, goals and indicators, scored by the platform's rules.

The scores are computed here with plain decimal arithmetic and not by the program's engine: a sample that took
its figures from the engine could not contradict it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from perfbatch.decimals import divide, half_up

QUALITATIVE = "定性"
MORE, LESS = frozenset("≥>="), frozenset("≤<")
LEVEL1 = {
    "数量指标": "产出指标", "质量指标": "产出指标", "时效指标": "产出指标", "成本指标": "产出指标",
    "经济成本指标": "成本指标", "社会成本指标": "成本指标", "生态环境成本指标": "成本指标",
    "经济效益指标": "效益指标", "社会效益指标": "效益指标", "生态效益指标": "效益指标",
    "可持续影响指标": "效益指标", "服务对象满意度指标": "满意度指标", "预算执行率": "预算执行率",
}  # fmt: skip
_ROW = ("level2", "name", "sign", "target", "unit", "actual", "points", "reason", "share")
FOLDER = Path(__file__).parent


def decimal_of(text: str) -> Decimal | None:
    """Finite decimal written in plain ASCII (``-12.50``), else None; never goes through a binary float."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


@dataclass(frozen=True, slots=True)
class Head:
    """Who reports and for which year; `unit_code` and `project_code` are invented."""

    unit: str
    department: str
    year: int | None
    unit_code: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One level-3 indicator. `target` and `actual` are written without sign and unit.

    `sign`: one of ≥ > = < ≤, 定性, or empty for a date. `words`: a word printed instead of the sign where
    sign, value and unit share a cell. `share`: part of the points given to a row that no formula scores.
    `declared`: a score typed against the rules, to plant a fault.
    """

    level2: str
    name: str
    sign: str = ""
    target: str = ""
    unit: str = ""
    actual: str = ""
    points: Decimal | None = None
    reason: str = ""
    share: Decimal = Decimal(1)
    words: str = ""
    declared: Decimal | None = None

    @property
    def level1(self) -> str:
        """Level-1 group that the level-2 kind belongs to (财预〔2021〕101号 kinds included)."""
        return LEVEL1[self.level2]

    @property
    def quantitative(self) -> bool:
        """Whether sign and figures let the platform score the row by itself."""
        return self.sign in MORE | LESS

    @property
    def target_text(self) -> str:
        """Sign, value and unit in one cell: ``≥50个``, ``不超过30万元``, ``2023年12月底前``."""
        sign = (self.words or self.sign) if self.quantitative else ""
        return f"{sign}{self.target}{self.unit}"

    @property
    def actual_text(self) -> str:
        """Value and unit in one cell; verdict words and dates carry no unit."""
        return f"{self.actual}{self.unit}" if decimal_of(self.actual) is not None else self.actual

    @property
    def degree(self) -> Decimal:
        """Part of the points earned, 0-1: A/T, linear above a ceiling, all or none at T = 0, else `share`."""
        target, actual = decimal_of(self.target), decimal_of(self.actual)
        if not self.quantitative or target is None or actual is None:
            return self.share
        if self.sign in LESS or target == 0:
            if actual <= target:
                return Decimal(1)
            return max(Decimal(0), 1 - divide(actual - target, target)) if target else Decimal(0)
        return min(Decimal(1), divide(actual, target))

    @property
    def score(self) -> Decimal | None:
        """Points earned, two decimals half up; or as declared; None on a blank form."""
        if self.declared is not None:
            return self.declared
        return None if self.points is None or not self.actual else half_up(self.degree * self.points, 2)


@dataclass(frozen=True, slots=True)
class Project:
    """One project; money in 万元. All figures are None on a blank form.

    `fund_reason`: why the budget was adjusted or not spent; only the lists have a place for it.
    `declared_total`: a total typed against the sum, to plant a fault.
    """

    name: str
    indicators: tuple[Indicator, ...]
    code: str = ""
    category: str = ""
    origin: str = ""
    initial: Decimal | None = None
    adjusted: Decimal | None = None
    executed: Decimal | None = None
    carried: Decimal | None = None
    goal_expected: str = ""
    goal_actual: str = ""
    fund_reason: str = ""
    declared_total: Decimal | None = None
    execution_points: Decimal = Decimal(10)

    @property
    def rate(self) -> Decimal | None:
        """Executed over the adjusted budget, a fraction of one."""
        if self.adjusted is None or self.executed is None:
            return None
        return divide(self.executed, self.adjusted)

    @property
    def printed_rate(self) -> Decimal | None:
        """The rate as exports print it: a percentage with two decimals."""
        return None if self.rate is None else half_up(self.rate, 4)

    @property
    def execution_score(self) -> Decimal | None:
        """Rate times its points, capped, two decimals half up."""
        return None if self.rate is None else half_up(min(Decimal(1), self.rate) * self.execution_points, 2)

    @property
    def total(self) -> Decimal | None:
        """Execution score plus the scores of all indicators, or the declared total where there is one."""
        if self.declared_total is not None:
            return self.declared_total
        if self.execution_score is None:
            return None
        return self.execution_score + sum((i.score for i in self.indicators if i.score is not None), Decimal(0))

    @property
    def grade(self) -> str:
        """优 ≥ 90, 良 ≥ 80, 中 ≥ 60, else 差; empty on a blank form."""
        if self.total is None:
            return ""
        return next((word for bound, word in ((90, "优"), (80, "良"), (60, "中")) if self.total >= bound), "差")

    @property
    def reasons(self) -> tuple[str, ...]:
        """The different reasons given in rows that lost points, in order."""
        return tuple(dict.fromkeys(i.reason for i in self.indicators if i.reason and i.score != i.points))


def read_toml(name: str) -> dict[str, Any]:
    """A data file of this package."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def indicator(row: list[Any]) -> Indicator:
    """An indicator from its TOML row: level 2, name, sign, target, unit, actual, points, reason, share."""
    fields: dict[str, Any] = dict(zip(_ROW, row, strict=False))
    return Indicator(**fields | {name: Decimal(fields[name]) for name in ("points", "share") if name in fields})


def reference_projects() -> list[Project]:
    """The projects that the town's report for 2023 names, in the report's order."""
    return [_project(entry) for entry in read_toml("reference.toml")["project"]]


def _project(entry: dict[str, Any]) -> Project:
    fields: dict[str, Any] = {name: Decimal(entry[name]) for name in ("initial", "adjusted", "executed")}
    return Project(**entry | fields | {"indicators": tuple(indicator(row) for row in entry["indicators"])})


def head() -> Head:
    """Unit, department and year of the reference case."""
    return Head(**read_toml("reference.toml")["head"])
