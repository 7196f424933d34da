"""`perfbatch explain`: every score of a project in a file, from its cells to its clause."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from perfbatch import pipeline
from perfbatch.config import Settings
from perfbatch.errors import RefusedFile, UsageError
from perfbatch.messages import nearest
from perfbatch.model import Frames, WorkbookResult
from perfbatch.notation import fold
from perfbatch.rulesets import Ruleset
from perfbatch.scoring import explain_execution, explain_indicator, explain_total

_SHOWN = 5  # names offered to choose from
_QUOTES = "“”\"'‘’「」《》"  # of names copied out of our messages


def explain(path: Path, project: str | None, indicator: str | None, settings: Settings) -> str:
    """A Chinese explanation of the scores of one project, or of one of its indicators.

    Projects (or indicators) of the very same name are explained one after another. Raises UsageError when no or
    no certain project or indicator of that name is in the file, RefusedFile when the file cannot be read.
    """
    result = pipeline.process_workbook(path, path.name, settings)
    if result.frames is None:
        raise RefusedFile(result.reason_code, result.reason)
    rows = _projects(result.frames, project, path)
    return "\n\n\n".join(_explained(result, row, indicator, settings) for row in rows)


def _explained(result: WorkbookResult, row: Any, indicator: str | None, settings: Settings) -> str:
    rules = pipeline.in_force([row.ruleset], settings)[row.ruleset]
    place = f"{row.project_name}（{result.file}，工作表“{row.sheet}”{row.cell}）"
    lines = [place, f"评分规则：{rules.title}；{row.ruleset_reason}"]
    lines += _indicators(result, row, indicator, rules)
    if indicator is None:
        lines += ["", *explain_execution(row, rules).lines(), "", *explain_total(row, rules).lines()]
        found = [f"  {f.code} {f.cell}：{f.message}" for f in result.findings if f.project_id == row.project_id]
        lines += ["", "本项目的问题：", *found] if found else []
    return "\n".join(lines)


def _projects(frames: Frames, name: str | None, path: Path) -> list[Any]:
    rows = list(frames.projects.itertuples(index=False))
    if name is None:
        if len(rows) == 1:
            return rows
        some = _some([_called(row) for row in rows])
        raise UsageError(f"“{path.name}”中有{len(rows)}个项目，请用 --project 指明一个，例如{some}。")
    return _named(rows, name, "项目", (_called, lambda row: row.project_code), path.name)


def _called(row: Any) -> str:
    """What a project goes by: its name, or its sheet where the name is not filled in."""
    return str(row.project_name or row.sheet)


def _named(rows: list[Any], name: str, what: str, names: Sequence[Callable[[Any], str]], file: str) -> list[Any]:
    """The rows of that name, else the rows of the one name that contains it; raises UsageError."""
    wanted = fold(name).strip(_QUOTES)
    found = [row for row in rows if wanted in [fold(named(row)) for named in names]]
    if found:
        return found
    found = [row for row in rows if wanted in fold(names[0](row))]
    called = list(dict.fromkeys(names[0](row) for row in found))
    if len(called) == 1:
        return found
    if called:
        raise UsageError(f"“{file}”中有{len(called)}个{what}的名称含“{name}”：{_some(called)}，请写完整名称。")
    known = [names[0](row) for row in rows]
    near = nearest(wanted, known, 3, 0.4)
    hint = f"最接近的是{_some(near)}" if near else f"有的是{_some(known)}" if known else f"其中没有{what}行"
    raise UsageError(f"“{file}”中没有名为“{name.strip(_QUOTES)}”的{what}，{hint}。")


def _some(names: Sequence[str]) -> str:
    different = list(dict.fromkeys(names))
    return "、".join(f"“{name}”" for name in different[:_SHOWN]) + ("等" if len(different) > _SHOWN else "")


def _indicators(result: WorkbookResult, project: Any, name: str | None, rules: Ruleset) -> Iterator[str]:
    frame = result.frames.indicators if result.frames is not None else None
    rows = [] if frame is None else frame[frame["project_id"] == project.project_id].itertuples(index=False)
    chosen = [row for row in rows if row.role == "indicator"]
    if name is not None:
        chosen = _named(chosen, name, "指标", (lambda row: str(row.level3),), result.file)
    for row in chosen:
        yield ""
        yield from explain_indicator(row, rules).lines()
