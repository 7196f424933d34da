"""Texts of the live formulas of the summary workbook."""

from __future__ import annotations

from typing import Any


def execution_rate(executed: str, budget: str) -> str:
    """Execution rate of two cells."""
    return f'=IF({budget}=0,"",{executed}/{budget})'


def difference(minuend: str, subtrahend: str) -> str:
    """Difference of two cells."""
    return f"={minuend}-{subtrahend}"


def base_is_initial(ruleset: Any) -> bool:
    """Whether the execution rate is over the initial budget (exec_base)."""
    return ruleset is not None and ruleset["exec_base"] == "initial"


def completion(item: Any, target: str, actual: str) -> str:
    """Completion rate of an indicator."""
    if item.target_base is None or item.actual_base is None:
        return ""
    return f"={actual}/{target}" if item.target_base else ""


def deviation(item: Any, target: str, actual: str) -> str:
    """Signed deviation of an indicator."""
    if item.target_base is None or item.actual_base is None:
        return ""
    return f"=({actual}-{target})/{target}" if item.target_base else ""


def score(item: Any, target: str, actual: str, points: str, upper: str) -> str:
    """Computed score of an indicator; empty until the scoring rules provide the text."""
    return ""
