"""`perfbatch explain`: every score of a project in a file, from its cells to its clause."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from perfbatch import pipeline
from perfbatch.config import Settings
from perfbatch.errors import RefusedFile, UsageError
from perfbatch.model import Frames, WorkbookResult
from perfbatch.notation import fold
from perfbatch.rulesets import Ruleset
from perfbatch.scoring import explain_execution, explain_indicator, explain_total


def explain(path: Path, project: str | None, indicator: str | None, settings: Settings) -> str:
    """A Chinese explanation of the scores of one project, or of one of its indicators.

    Raises UsageError when no project or indicator of that name is in the file, RefusedFile when the file
    cannot be read.
    """
    result = pipeline.process_workbook(path, path.name, settings)
    if result.frames is None:
        raise RefusedFile(result.reason_code, result.reason)
    row = _project(result.frames, project, path)
    rules = pipeline.in_force([row.ruleset], settings)[row.ruleset]
    lines = [
        f"{row.project_name}（{path.name}，工作表“{row.sheet}”）",
        f"评分规则：{rules.title}；{row.ruleset_reason}",
    ]
    lines += _indicators(result.frames, row, indicator, rules)
    if indicator is None:
        lines += ["", *explain_execution(row, rules).lines(), "", *explain_total(row, rules).lines()]
    lines += _findings(result, row, indicator)
    return "\n".join(lines)


def _project(frames: Frames, name: str | None, path: Path) -> Any:
    rows = list(frames.projects.itertuples(index=False))
    if name is None:
        if len(rows) == 1:
            return rows[0]
        some = "、".join(f"“{row.project_name}”" for row in rows[:5])
        raise UsageError(f"“{path.name}”中有{len(rows)}个项目，请用 --project 指明一个，例如{some}。")
    found = [r for r in rows if name in (r.project_name, r.project_code)] or [
        r for r in rows if fold(name) in fold(str(r.project_name))
    ]
    if len(found) == 1:
        return found[0]
    _refuse("项目", name, [str(r.project_name) for r in rows], len(found), path)


def _refuse(what: str, name: str, known: list[str], found: int, path: Path) -> NoReturn:
    """Raise UsageError: no project or indicator of that name, or several."""
    if found:
        raise UsageError(f"“{path.name}”中有{found}个{what}与“{name}”相符，请写完整名称。")
    near = get_close_matches(name, known, 3, 0.4)
    hint = f"，最接近的是{'、'.join(f'“{n}”' for n in near)}" if near else ""
    raise UsageError(f"“{path.name}”中没有名为“{name}”的{what}{hint}。")


def _indicators(frames: Frames, project: Any, name: str | None, rules: Ruleset) -> Iterator[str]:
    rows = frames.indicators[frames.indicators["project_id"] == project.project_id]
    chosen = [r for r in rows.itertuples(index=False) if r.role == "indicator"]
    if name is not None:
        wanted = [r for r in chosen if r.level3 == name] or [r for r in chosen if fold(name) in fold(str(r.level3))]
        if len(wanted) != 1:
            _refuse("指标", name, [str(r.level3) for r in chosen], len(wanted), Path(str(project.file)))
        chosen = wanted
    for row in chosen:
        yield ""
        yield from explain_indicator(row, rules).lines()


def _findings(result: WorkbookResult, project: Any, indicator: str | None) -> list[str]:
    rows = [f for f in result.findings if f.project_id == project.project_id]
    if indicator is not None or not rows:
        return []
    return ["", "本项目的问题："] + [f"  {f.code} {f.cell}：{f.message}" for f in rows]
