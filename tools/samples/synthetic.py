"""The invented projects of the reference case: same stuff, same order, no randomness."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tools.samples.facts import Indicator, Project, read_toml, reference_projects

_COST = frozenset({"成本指标", "经济成本指标"})
_ADDED_EVERY = 6  # every sixth invented project was added during the year


def all_projects() -> list[Project]:
    """The 83 projects of the reference case, the named ones first, with codes in order."""
    named = reference_projects()
    report = read_toml("reference.toml")["report"]
    left = Decimal(report["executed"]) - sum((p.executed or Decimal(0) for p in named), Decimal(0))
    projects = named + invented_projects(left)
    if len(projects) != report["projects"]:
        raise ValueError(f"{len(projects)} projects, but the report states {report['projects']}")
    return [replace(project, code=project_code(number)) for number, project in enumerate(projects, 1)]


def project_code(number: int) -> str:
    """Invented platform code: eight digits, a letter, twelve digits."""
    return f"13060923P{number:012d}"


def invented_projects(total: Decimal) -> list[Project]:
    """Invented projects whose executed amounts add up to `total` (万元)."""
    stuff = read_toml("synthetic.toml")
    amounts = [Decimal(text) for text in stuff["executed"]]
    amounts.append(total - sum(amounts, Decimal(0)))
    if amounts[-1] <= 0:
        raise ValueError("the invented amounts exceed the reported total")
    return [_project(number, amount, stuff) for number, amount in enumerate(amounts, 1)]


def _project(number: int, executed: Decimal, stuff: dict[str, Any]) -> Project:
    theme = stuff["theme"][(number - 1) % len(stuff["theme"])]
    adjusted = Decimal(stuff["adjusted"].get(str(number), executed))
    carried = stuff["carried"].get(str(number))
    added = number % _ADDED_EVERY == 0
    rows = _changed(_indicators(number, theme, stuff), number, stuff["change"])
    first = next(row for row in rows if row.level2 == "数量指标")
    return Project(
        name=stuff["name"].format(number=number, theme=theme["name"]),
        indicators=tuple(rows),
        category=theme["category"],
        origin="追加预算" if added else "年初预算",
        initial=Decimal(0) if added else adjusted,
        adjusted=adjusted,
        executed=executed,
        carried=Decimal(carried) if carried else None,
        fund_reason=stuff["reasons"]["added"] if added else stuff["reasons"]["left"] if adjusted > executed else "",
        goal_expected=f"组织实施{theme['name']}，{first.name}{_goal(first)}，保质保量完成年度任务。",
        goal_actual=f"{theme['name']}各项任务已实施，{first.name}{first.actual}{first.unit}，资金按规定使用。",
    )


def _goal(row: Indicator) -> str:
    return {"=": "达到", ">": "超过"}.get(row.sign, "不少于") + f"{row.target}{row.unit}"


def _indicators(number: int, theme: dict[str, Any], stuff: dict[str, Any]) -> list[Indicator]:
    shape = list(stuff["shapes"].values())[number % len(stuff["shapes"])]
    seen: Counter[str] = Counter()
    rows = []
    for level2, points in shape:
        name, sign, unit, pairs, *words = _choice(level2, number + seen[level2], theme, stuff["pool"])
        target, actual = pairs.split()[(number // 2) % len(pairs.split())].split("→")
        spoken = words[0] if words else ""
        rows.append(Indicator(level2, name, sign, target, unit, actual, Decimal(points), words=spoken))
        seen[level2] += 1
    return rows


def _choice(level2: str, turn: int, theme: dict[str, Any], pool: dict[str, Any]) -> list[str]:
    if level2 in _COST:
        return list(theme["cost"])
    choices = theme["quantity"] if level2 == "数量指标" else pool[level2]
    return list(choices[turn % len(choices)])


def _changed(rows: list[Indicator], number: int, changes: list[dict[str, Any]]) -> list[Indicator]:
    for change in changes:
        if change["project"] == number:
            level2, name, sign, target, unit, actual, reason, share = change["row"]
            place = [row.level2 for row in rows].index(level2)
            rows[place] = Indicator(
                level2, name, sign, target, unit, actual, rows[place].points, reason, Decimal(share)
            )
    return rows
