"""Approved targets against self-evaluations: seconds of CPU for 10 000 projects, and for twice as many.

    python tests/benchmarks/bench_targets.py

The projects of the sample, again and again under other names; one target in a hundred was lowered. Nothing is asserted.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from perfbatch.config import Settings
from perfbatch.cycle.compare import compare
from perfbatch.cycle.sheets import TARGET, Row, Sheet
from perfbatch.model import Frames
from perfbatch.pipeline import in_force, process_workbook
from perfbatch.schema import CYCLE, blank

SAMPLE = Path(__file__).parents[2] / "input_templates" / "安肃镇2023年度绩效自评表（示例）.xlsx"


def copies(frames: Frames, count: int) -> Frames:
    """At least `count` projects."""
    heads, rows = [], []
    for at in range(-(-count // len(frames.projects))):
        head, line = frames.projects.copy(), frames.indicators.copy()
        for frame in (head, line):
            frame["project_id"] = frame["project_id"] + f"-{at}"
        head["project_name"] = head["project_name"] + f"第{at}标段"
        heads.append(head)
        rows.append(line)
    return Frames(pd.concat(heads, ignore_index=True), frames.funds[:0], pd.concat(rows, ignore_index=True))


def approved(frames: Frames) -> list[Sheet]:
    """The targets of all projects; one in a hundred was a quarter higher."""
    found: dict[str, Sheet] = {}
    columns = ("project_id", "project_name", "unit", "year", "budget_initial", "goal_expected")
    for key, name, unit, year, budget, goal in zip(*(frames.projects[c] for c in columns), strict=True):
        head = {
            "project_id": key, "project_name": name, "unit_name": unit, "year": year, "budget_initial": budget,
            "goal_expected": goal, "file": "目标.xlsx", "sheet": "表", "cell": "B3", "sheet_kind": TARGET,
        }  # fmt: skip
        found[key] = Sheet(**(blank(CYCLE) | head))
        found[key].rows = []
    columns = ("project_id", "level1", "level2", "level3", "target_text", "points", "role", "target_value", "unit")
    for at, (key, one, two, name, text, points, role, value, unit) in enumerate(
        zip(*(frames.indicators[c] for c in columns), strict=True)
    ):
        if role == "indicator":
            shown = f"≥{value * 5 / 4}{unit}" if at % 100 == 0 and value and text.startswith("≥") else text
            line = {"level1": one, "level2": two, "level3": name, "target_text": shown, "points": points, "row": at}
            found[key].rows.append(
                Row(**(blank(CYCLE) | line | {"file": "目标.xlsx", "sheet": "表", "cell_target": "E9"}))
            )
    return list(found.values())


def seconds(count: int) -> tuple[float, int, int]:
    """CPU seconds, projects and changes."""
    result = process_workbook(SAMPLE, SAMPLE.name, Settings())
    assert result.frames is not None
    frames = copies(result.frames, count)
    plans, rulesets = approved(frames), in_force(set(frames.projects["ruleset"]), Settings())

    def some(ids: Sequence[str]) -> Frames:
        wanted = set(ids)
        parts = (f[f["project_id"].isin(wanted)].reset_index(drop=True) for f in (frames.projects, frames.indicators))
        return Frames(next(parts), frames.funds, next(parts))

    begin = time.process_time()
    found = compare(plans, frames, rulesets, some, {})
    return time.process_time() - begin, len(frames.projects), len(found.changes)


def main() -> None:
    """Print 10 000 and 20 000 projects."""
    first, *_ = seconds(10_000)
    for count in (10_000, 20_000):
        spent, projects, changes = seconds(count)
        print(f"{projects} projects: {spent:.1f} s, {changes} changes, {spent / first:.2f} of the first")


if __name__ == "__main__":
    main()
