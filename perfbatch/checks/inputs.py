"""Inputs that only some runs have, handed to checks in `Context.extras`.

* ``previous``: `perfbatch.model.Frames` of last year's run;
* ``report``: text of the self-evaluation report, ``report_file``: its name;
* ``sample``: projects drawn for the spot check; ``drawn``: (unit, projects, drawn, due by the ruleset) for each unit of
  the draw;
* ``review``: project → ``{"score": review score}``;
* ``evidence``: project → names of the indicators for which a document is listed, ``lacking``: project → name of an
  indicator → the papers that it lacks;
* ``papers``: `perfbatch.evidence.project.Evidence`, the supporting documents of the run;
* ``task``: ``{"end": ISO date, "submitted": project → ISO date}``;
* ``evaluated``: project → ``{"score": …, "source": file and sheet}`` of an evaluation (部门评价, 财政评价);
* ``rectification``: project → entry of the rectification ledger;
* ``published``: project → ``{"score": …, "executed": 万元}`` as published with the final accounts.

A project is named by project_id, code or name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from perfbatch.checks.alike import name_key
from perfbatch.checks.context import Context, Floats, Mask, Skipped


def given(ctx: Context, key: str, what: str) -> Any:
    """The input `key`, or `Skipped` with a reason that names it in Chinese."""
    if ctx.extras.get(key) in (None, ""):
        raise Skipped(f"没有提供{what}，本项未检查")
    return ctx.extras[key]


def per_project(ctx: Context, named: Mapping[str, Any]) -> npt.NDArray[Any]:
    """The value given for each project, None where it is not named."""
    known = {name_key(str(name)): value for name, value in named.items()}
    found = np.empty(len(ctx.projects), dtype=object)
    columns = (ctx.text("projects", c) for c in ("project_id", "project_code", "project_name"))
    for at, names in enumerate(zip(*columns, strict=True)):
        found[at] = next((known[k] for name in names if name and (k := name_key(name)) in known), None)
    return found


def named(ctx: Context, projects: Iterable[str]) -> Mask:
    """Which projects are listed."""
    listed = per_project(ctx, dict.fromkeys(projects, True))
    return np.array([value is not None for value in listed], dtype=bool)


def figures(ctx: Context, named_projects: Mapping[str, Any], field: str) -> Floats:
    """One figure of the value given for each project, NaN where there is none."""
    values = per_project(ctx, named_projects)
    found = [(value or {}).get(field) for value in values]
    return np.array([np.nan if figure is None else float(figure) for figure in found], dtype=float)
