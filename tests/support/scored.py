"""Small frames for the tests of scoring: one short table per row instead of ninety columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from perfbatch import schema
from perfbatch.model import Frames
from perfbatch.rulesets import Ruleset, load
from perfbatch.scoring import score

_SHORT = {"t": "target_base", "u": "target_base2", "a": "actual_base", "w": "points", "s": "score_declared"}
_BASE = {
    "level1": "产出指标", "level2": "数量指标", "level3": "示例指标", "kind": "quantitative", "operator": "ge",
    "comparison": "yes", "target_status": "ok", "actual_status": "ok", "role": "indicator", "applicable": True,
}  # fmt: skip
_KINDS = {**schema.PROJECTS, **schema.INDICATORS}


def decimals(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with decimal columns read from text (empty text: null)."""
    return {
        key: Decimal(value) if _KINDS.get(key) == "decimal" and value not in ("", None) else value or _blank(key, value)
        for key, value in row.items()
    }


def _blank(key: str, value: Any) -> Any:
    return None if _KINDS.get(key) == "decimal" else value


def indicator(project: str = "P1", **given: Any) -> dict[str, Any]:
    """One indicator row; ``t u a w s`` are target, upper bound, actual, points and declared score as text."""
    row = {**_BASE, "project_id": project}
    row |= {_SHORT.get(key, key): value for key, value in given.items()}
    for short, written in (("t", "target_value"), ("u", "target_value2"), ("a", "actual_value")):
        row.setdefault(written, row.get(_SHORT[short]))
    return decimals(row)


def project(project_id: str = "P1", ruleset: str = "national-2020", **given: Any) -> dict[str, Any]:
    """One project row."""
    return decimals({"project_id": project_id, "ruleset": ruleset, "project_name": project_id, **given})


def frames(projects: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> Frames:
    """Frames with an empty fund table."""
    return Frames(
        schema.frame(list(projects), schema.PROJECTS),
        schema.frame([], schema.FUNDS),
        schema.frame(list(rows), schema.INDICATORS),
    )


def scored(
    projects: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]], rulesets: Mapping[str, Ruleset] | None = None
) -> Frames:
    """Scored frames; rulesets are the shipped ones unless given."""
    if rulesets is None:
        rulesets = {name: load(name) for name in {row["ruleset"] for row in projects}}
    return score(frames(projects, rows), rulesets)


def changed(name: str, changes: Mapping[str, Any]) -> Ruleset:
    """A shipped ruleset with some values changed."""
    return load(name).with_values(dict(changes), "测试设置") if changes else load(name)
