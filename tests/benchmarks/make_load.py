"""Many units' exports with planted faults: ``python tests/benchmarks/make_load.py DIR [UNITS] [SEED]``.

Every unit is invented and hands in 83 national forms with its own amounts (and the same indicators, so checks
for copied sets have plenty to do). About one project in eight carries one fault of the kinds clerks make;
``planted.jsonl`` beside the workbooks says which, where and which check ought to find it. Same seed, same
bytes: only `random.random` is used, which Python keeps stable.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from perfbatch.decimals import half_up
from tools.samples.facts import Head, Indicator, Project
from tools.samples.national import write_forms
from tools.samples.sheets import sheet_name
from tools.samples.synthetic import all_projects

FAULTY_SHARE = 0.125
Fault = Callable[[Project], Project]


def _row(project: Project, number: int, **changes: object) -> Project:
    rows = list(project.indicators)
    rows[number] = replace(rows[number], **changes)  # type: ignore[arg-type]
    return replace(project, indicators=tuple(rows))


def _first(project: Project, signs: str = "≥=") -> tuple[int, Indicator]:
    return next((n, row) for n, row in enumerate(project.indicators) if row.sign and row.sign in signs)


def score_above_points(project: Project) -> Project:
    """The first row scores more than its points."""
    number, row = _first(project)
    return _row(project, number, declared=(row.points or Decimal(0)) + 1)


def total_not_the_sum(project: Project) -> Project:
    """The printed total is five points off."""
    return replace(project, declared_total=(project.total or Decimal(0)) - 5)


def missed_with_full_score(project: Project) -> Project:
    """Half of the target reached, full score given."""
    number, row = _first(project)
    half = str(half_up(Decimal(row.target) / 2, 1))
    return _row(project, number, actual=half, declared=row.points, reason="工期顺延；下一步加快进度。")


def missed_without_reason(project: Project) -> Project:
    """Half of the target reached, rightly scored, nothing said."""
    number, row = _first(project)
    return _row(project, number, actual=str(half_up(Decimal(row.target) / 2, 1)), reason="")


def verdict_for_a_number(project: Project) -> Project:
    """A word where a figure is asked for."""
    number, row = _first(project)
    return _row(project, number, actual="已完成", declared=row.points)


def actual_left_empty(project: Project) -> Project:
    """Scored without any actual value."""
    number, row = _first(project)
    return _row(project, number, actual="", unit="", declared=row.points)


def far_over_target(project: Project) -> Project:
    """Three times the target and no word about it."""
    number, row = _first(project, "≥")
    return _row(project, number, actual=str(Decimal(row.target) * 3), unit="项", reason="")


def spent_over_budget(project: Project) -> Project:
    """More executed than budgeted."""
    return replace(project, executed=(project.adjusted or Decimal(0)) + Decimal("3.5"), carried=None)


def template_text_left(project: Project) -> Project:
    """The help text of the form still stands in the reason cell of a row that lost nothing."""
    number = next(n for n, row in enumerate(project.indicators) if row.score == row.points)
    return _row(project, number, reason="（请在此说明，100字以内）")


def points_missing(project: Project) -> Project:
    """The points of the forms add up to less than a hundred."""
    number, row = _first(project)
    return _row(project, number, points=(row.points or Decimal(0)) - 5)


FAULTS: dict[str, Fault] = {  # check that ought to find it → fault
    "SC01": score_above_points,
    "SC03": total_not_the_sum,
    "SC05": missed_with_full_score,
    "RE01": missed_without_reason,
    "IN06": verdict_for_a_number,
    "IN01": actual_left_empty,
    "RE03": far_over_target,
    "FU05": spent_over_budget,
    "TX04": template_text_left,
    "WT01": points_missing,
}


def unit_projects(chance: random.Random) -> Iterator[tuple[Project, str]]:
    """83 invented projects of one unit and the code of the fault planted in each, or an empty string."""
    for number, project in enumerate(all_projects(), 1):
        factor = Decimal(60 + int(chance.random() * 100)) / 100
        name = project.name if "合成数据" in project.name else f"示例项目{number}（合成数据）"
        money = {
            field: half_up(value * factor, 4)
            for field in ("initial", "adjusted", "executed", "carried")
            if (value := getattr(project, field)) is not None
        }
        scaled = replace(project, name=name, **money)  # type: ignore[arg-type]
        code = ""
        if project.executed and chance.random() < FAULTY_SHARE:
            code = sorted(FAULTS)[int(chance.random() * len(FAULTS))]
            scaled = FAULTS[code](scaled)
        yield scaled, code


def make(folder: Path, units: int, seed: int = 2023) -> list[Path]:
    """Write the workbooks of `units` units and ``planted.jsonl`` to `folder`; the workbooks' paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written, planted = [], []
    for unit in range(1, units + 1):
        name = f"示例单位{unit:04d}"
        projects = list(unit_projects(random.Random(f"{seed}-{unit}")))
        path = folder / f"{name}2023年度绩效自评表.xlsx"
        written.append(write_forms(path, Head(name, name, 2023), [project for project, _ in projects]))
        for number, (project, code) in enumerate(projects, 1):
            if code:
                place = {
                    "file": path.name,
                    "sheet": sheet_name(number, project.name),
                    "project": project.name,
                }
                planted.append({"code": code, "fault": FAULTS[code].__name__, **place})
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in planted)
    (folder / "planted.jsonl").write_text(lines, encoding="utf-8")
    return written


if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    files = make(Path(sys.argv[1]), count, int(sys.argv[3]) if len(sys.argv) > 3 else 2023)
    sys.stdout.write(f"{len(files)} workbooks in {sys.argv[1]}\n")
