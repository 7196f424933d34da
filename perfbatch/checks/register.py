"""The register of checks, the context they read and the runner that survives a broken one.

A check is a small generator function with the decorator `check`; its docstring says in English what it
finds and why, the decorator's `title` and `hint` are what the clerk reads. Checks see whole frames and mark
rows with boolean masks; only rows that fail are turned into messages.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from perfbatch.model import CheckOutcome, Finding, Frames, ReadingNote, Severity

Table = Literal["projects", "funds", "indicators"]
Mask = npt.NDArray[np.bool_]
Scope = Literal["workbook", "batch"]
EPSILON = 1e-9  # slack for comparing exact decimals as floats; far below any tolerance of a ruleset


class Hit(NamedTuple):
    """One failing row, not yet a finding: the register adds code, project, file, title, hint and basis."""

    table: Table
    row: int  # position in the frame
    cell: str
    seen: str
    expected: str
    message: str
    severity: str = ""  # only where it differs from the check's own
    sheet: str = ""  # only where it differs from the row's own
    basis: str = ""  # only where the ruleset gives a narrower one


class Skipped(Exception):  # noqa: N818 - a verdict, not an error
    """Raised by a check whose input is absent; the text (Chinese) goes to 读取情况."""


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of the register. `parameters` are ruleset keys; `since` is the version that brought it."""

    code: str
    severity: Severity
    title: str
    basis: str
    hint: str
    failing: str
    passing: str
    parameters: tuple[str, ...]
    scope: Scope
    yields_to: tuple[str, ...]
    columns: Mapping[Table, tuple[str, ...]]
    run: Callable[[Context], Iterable[Hit]]

    @property
    def family(self) -> str:
        """The two letters before the number: ST, FU, WT …"""
        return self.code[:2]

    @property
    def explanation(self) -> str:
        """The docstring: what and why."""
        return (self.run.__doc__ or "").strip()


class Numbers:
    """Float views of decimal columns (NaN where null), made once per frame and column."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._cache: dict[str, npt.NDArray[np.float64]] = {}

    def __getitem__(self, column: str) -> npt.NDArray[np.float64]:
        if column not in self._cache:
            values = self._frame[column].to_numpy(dtype=object)
            self._cache[column] = np.array([np.nan if v is None else float(v) for v in values], dtype=float)
        return self._cache[column]


@dataclass
class Context:
    """What a check may read: the scored frames, the parameters in force, the notes of intake.

    `parameters` maps a ruleset name (column `projects.ruleset`) to its plain values (key → value), already
    overlaid with the user's own thresholds. All three frames have a plain RangeIndex.
    """

    frames: Frames
    parameters: Mapping[str, Mapping[str, Any]]
    notes: tuple[ReadingNote, ...] = ()
    batch_year: int | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)  # previous year, review results, report text …

    @property
    def projects(self) -> pd.DataFrame:
        """One row a form."""
        return self.frames.projects

    @property
    def funds(self) -> pd.DataFrame:
        """One row a line of a fund block."""
        return self.frames.funds

    @property
    def indicators(self) -> pd.DataFrame:
        """One row a line of an indicator block."""
        return self.frames.indicators

    @cached_property
    def p(self) -> Numbers:
        """Numeric views of `projects`."""
        return Numbers(self.projects)

    @cached_property
    def f(self) -> Numbers:
        """Numeric views of `funds`."""
        return Numbers(self.funds)

    @cached_property
    def i(self) -> Numbers:
        """Numeric views of `indicators`."""
        return Numbers(self.indicators)

    @cached_property
    def project_row(self) -> dict[str, int]:
        """Position of each project_id in `projects`."""
        return {pid: at for at, pid in enumerate(self.projects["project_id"])}

    def owner(self, table: Table) -> npt.NDArray[np.int64]:
        """For each row of `table` the position of its project in `projects`."""
        if table == "projects":
            return np.arange(len(self.projects))
        return getattr(self, f"_owner_{table}")  # type: ignore[no-any-return]

    @cached_property
    def _owner_funds(self) -> npt.NDArray[np.int64]:
        return self.funds["project_id"].map(self.project_row).to_numpy(dtype=np.int64)

    @cached_property
    def _owner_indicators(self) -> npt.NDArray[np.int64]:
        return self.indicators["project_id"].map(self.project_row).to_numpy(dtype=np.int64)

    def parameter(self, table: Table, key: str) -> npt.NDArray[Any]:
        """The ruleset value `key` for each row of `table` (rows of one frame may have different rulesets)."""
        names = self.projects["ruleset"].to_numpy(dtype=object)
        per_name = {name: self.parameters[name].get(key) for name in set(names)}
        values = np.empty(len(names), dtype=object)
        values[:] = [per_name[name] for name in names]
        return values[self.owner(table)]

    def threshold(self, table: Table, key: str) -> npt.NDArray[np.float64]:
        """Like `parameter`, as floats; ``off``/None becomes NaN, so that every comparison is false."""
        return np.array(
            [np.nan if v is None or isinstance(v, str | bool) else float(v) for v in self.parameter(table, key)],
            dtype=float,
        )

    def spread(self, table: Table, per_project: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A per-project array repeated for each row of `table`."""
        return per_project[self.owner(table)]

    def text(self, table: Table, column: str) -> npt.NDArray[Any]:
        """A text column as an object array."""
        return getattr(self.frames, table)[column].to_numpy(dtype=object)

    def filled(self, table: Table, column: str) -> Mask:
        """Where a text column is not empty."""
        return np.array([bool(v) for v in self.text(table, column)], dtype=bool)

    def role(self, *roles: str) -> Mask:
        """Indicator rows of one of `roles` (see `perfbatch.schema`)."""
        return np.isin(self.text("indicators", "role").astype(str), roles)

    def hits(
        self,
        table: Table,
        bad: Mask,
        *,
        cell: str,
        message: Callable[[Any], str] | str,
        seen: Callable[[Any], str] | str = "",
        expected: Callable[[Any], str] | str = "",
        severity: Callable[[Any], str] | str = "",
        basis: str = "",
    ) -> Iterator[Hit]:
        """A `Hit` for each true position of `bad`.

        `cell` and a string `seen` name columns; the callables get the row as a named tuple (`itertuples`).
        """
        where = np.flatnonzero(bad)
        if not len(where):
            return
        rows = getattr(self.frames, table).iloc[where]
        for position, row in zip(where, rows.itertuples(index=False), strict=True):
            yield Hit(
                table=table,
                row=int(position),
                cell=getattr(row, cell),
                seen=str(getattr(row, seen)) if isinstance(seen, str) and seen else _say(seen, row),
                expected=_say(expected, row),
                message=_say(message, row),
                severity=_say(severity, row),
                basis=basis,
            )


def _say(what: Callable[[Any], str] | str, row: Any) -> str:
    return what(row) if callable(what) else what


_REGISTER: dict[str, Check] = {}


def check(
    code: str,
    *,
    severity: str,
    title: str,
    basis: str,
    hint: str,
    failing: str,
    passing: str,
    parameters: tuple[str, ...] = (),
    scope: Scope = "workbook",
    yields_to: tuple[str, ...] = (),
    columns: Mapping[Table, tuple[str, ...]] | None = None,
) -> Callable[[Callable[[Context], Iterable[Hit]]], Callable[[Context], Iterable[Hit]]]:
    """Enter a function into the register.

    `yields_to` lists codes that, when they report on the same indicator row, silence this one (the
    precedence rules of the catalogue). A ``batch`` check sees the rows of all workbooks, of which only the
    named `columns` are kept.
    """

    def enter(run: Callable[[Context], Iterable[Hit]]) -> Callable[[Context], Iterable[Hit]]:
        if code in _REGISTER:
            raise ValueError(f"check {code} is registered twice")
        _REGISTER[code] = Check(
            code, Severity(severity), title, basis, hint, failing, passing, tuple(parameters), scope,
            tuple(yields_to), dict(columns or {}), run,
        )
        return run

    return enter


def register() -> Mapping[str, Check]:
    """All checks by code, in the order of the catalogue (family order, then number)."""
    from perfbatch.checks import FAMILIES  # noqa: PLC0415 - importing the families fills the register

    order = {family: at for at, family in enumerate(FAMILIES)}
    return dict(sorted(_REGISTER.items(), key=lambda item: (order[item[1].family], item[0])))


def run(
    context: Context,
    *,
    scope: Scope = "workbook",
    off: frozenset[str] = frozenset(),
    severities: Mapping[str, str] | None = None,
) -> tuple[list[Finding], list[CheckOutcome]]:
    """Run every check of `scope`; a check that crashes costs its own findings only and is reported so."""
    kept: list[tuple[Check, Hit]] = []
    outcomes: list[CheckOutcome] = []
    for entry in register().values():
        if entry.scope != scope:
            continue
        if entry.code in off:
            outcomes.append(CheckOutcome(entry.code, "off", 0, "已在配置中关闭"))
            continue
        try:
            hits = list(entry.run(context))
        except Skipped as reason:
            outcomes.append(CheckOutcome(entry.code, "skipped", 0, str(reason)))
            continue
        except Exception:  # noqa: BLE001 - a buggy check is our fault and must not hide the others
            outcomes.append(CheckOutcome(entry.code, "errored", 0, traceback.format_exc(limit=4)))
            continue
        kept.extend((entry, hit) for hit in hits)
        outcomes.append(CheckOutcome(entry.code, "found" if hits else "passed", len(hits), ""))
    return _findings(context, _without_yielding(kept), severities or {}), outcomes


def _without_yielding(kept: list[tuple[Check, Hit]]) -> list[tuple[Check, Hit]]:
    reported = {(entry.code, hit.table, hit.row) for entry, hit in kept}
    return [
        (entry, hit)
        for entry, hit in kept
        if not any((other, hit.table, hit.row) in reported for other in entry.yields_to)
    ]


def _findings(
    context: Context, kept: list[tuple[Check, Hit]], severities: Mapping[str, str]
) -> list[Finding]:
    projects = context.projects
    name, file = projects["project_name"].to_numpy(), projects["file"].to_numpy()
    ids, sheet = projects["project_id"].to_numpy(), projects["sheet"].to_numpy()
    findings = []
    for entry, hit in kept:
        owner = int(context.owner(hit.table)[hit.row])
        findings.append(
            Finding(
                code=entry.code,
                severity=severities.get(entry.code) or hit.severity or entry.severity.value,
                file=file[owner],
                sheet=hit.sheet or sheet[owner],
                cell=hit.cell,
                project_id=ids[owner],
                project=name[owner],
                seen=hit.seen,
                expected=hit.expected,
                message=hit.message,
                hint=entry.hint,
                basis=hit.basis or entry.basis,
            )
        )
    return findings
