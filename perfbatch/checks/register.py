"""The register of checks and the runner that survives a broken one.

A check is a small generator function with the decorator `check`; its docstring says in English what it
finds and why, its entry in `<family>.toml` what the clerk reads. It sees one form (`perfbatch.checks.form`), a
workbook, or the whole batch (`perfbatch.checks.batch`).
"""

import importlib
import pkgutil
import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from perfbatch.checks import FAMILIES, metadata
from perfbatch.checks.batch import Batch
from perfbatch.checks.context import Context, Hit, Skipped
from perfbatch.checks.coverage import Coverage
from perfbatch.checks.form import book, forms
from perfbatch.checks.metadata import Entry
from perfbatch.messages import nearest
from perfbatch.model import ACCEPTED, BY_APPROVAL, BY_FORM, CheckOutcome, Finding, Severity, in_order
from perfbatch.notation import fold
from perfbatch.rulesets import fitting, region_of_family

__all__ = ["Check", "Context", "Hit", "Scope", "Skipped", "by_code", "check", "nearest_codes", "register", "run"]

Scope = Literal["workbook", "batch"]
Subject = Literal["form", "workbook", "batch"]
Run = Callable[[Any], Iterable[Hit]]
NOT_THIS_YEAR = "指标和分值已经批复，本年不改，下年设定目标时改进"
_NOT_FAMILIES = ("batch", "context", "coverage", "form", "metadata", "register")
_MILDER = {Severity.INFO.value: 0, Severity.WARNING.value: 1, Severity.ERROR.value: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Entry):
    """One entry of the register: a function and what it is to the clerk (`perfbatch.checks.metadata`)."""

    code: str
    run: Run
    of: Subject

    @property
    def scope(self) -> Scope:
        """Whether it looks at one workbook or at all of them."""
        return "batch" if self.of == "batch" else "workbook"

    @property
    def family(self) -> str:
        """The two letters before the number: ST, FU, WT …"""
        return self.code[:2]

    @property
    def explanation(self) -> str:
        """What and why, in English: the docstring, or `finds`."""
        return self.finds or (self.run.__doc__ or "").strip()


_REGISTER: dict[str, Check] = {}
_BESIDE: dict[str, Check] = {}  # what checks of a workbook say of the batch besides
_UNDESCRIBED: dict[str, list[str]] = {}  # code → what its entry lacks; such a check does not run


def check(code: str, *, of: Subject, entry: Entry | None = None, beside: bool = False) -> Callable[[Run], Run]:
    """Enter a function into the register under the entry of its code in `<family>.toml` (or the `entry` given).

    A check ``of`` a form is a function of `perfbatch.checks.form.Form`, one of a workbook of `Book` there, one of the
    batch of `perfbatch.checks.batch.Batch`. With `beside` it is the second function of a code that has one for
    workbooks.
    """

    def enter(run: Run) -> Run:
        if code in (_BESIDE if beside else _REGISTER):
            raise ValueError(f"check {code} is registered twice")
        if (found := entry or metadata.entry(code)) is None:
            _UNDESCRIBED[code] = metadata.faults(code)
        else:
            told = {field.name: getattr(found, field.name) for field in fields(Entry)}
            (_BESIDE if beside else _REGISTER)[code] = Check(code=code, run=run, of=of, **told)
        return run

    return enter


def faults() -> list[str]:
    """What keeps a check from running, or an entry from meaning anything; a sentence each, empty where all is well."""
    _import_families()
    lacking = [fault for some in _UNDESCRIBED.values() for fault in some]
    idle = [code for code in metadata.written() if code not in _REGISTER and code not in _UNDESCRIBED]
    return [*lacking, *(f"[{code}] of perfbatch/checks has no function with @check({code!r})" for code in idle)]


def register() -> Mapping[str, Check]:
    """All checks by code, in the order of the catalogue (family order, then number)."""
    _import_families()
    order = {family: at for at, family in enumerate(FAMILIES)}
    return dict(sorted(_REGISTER.items(), key=lambda item: (order[item[1].family], item[0])))


def across() -> list[Check]:
    """The checks across files, and what those of a workbook say of the batch besides."""
    return [*(entry for entry in register().values() if entry.scope == "batch"), *_BESIDE.values()]


def by_code(text: str) -> Check | None:
    """The check of that code, in whatever case and width it is typed."""
    return register().get(fold(text).upper())


def nearest_codes(text: str) -> list[str]:
    """Up to three codes that `text` may have meant: ``SC1`` is SC01."""
    plain = fold(text).upper()
    if (typed := re.fullmatch(r"([A-Z]+)-?0*(\d+)", plain)) and f"{typed[1]}{int(typed[2]):02}" in register():
        return [f"{typed[1]}{int(typed[2]):02}"]
    return nearest(plain, register(), 3)


@cache
def _import_families() -> None:
    """Importing the modules of this package fills the register."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name not in _NOT_FAMILIES:
            importlib.import_module(f"{package}.{module.name}")


def run(
    context: Context,
    *,
    scope: Scope = "workbook",
    off: frozenset[str] = frozenset(),
    severities: Mapping[str, str] | None = None,
    only: frozenset[str] | None = None,
    changed: Mapping[str, Any] | None = None,
    covered: Coverage | None = None,
) -> tuple[list[Finding], list[CheckOutcome]]:
    """Run every check of `scope` (of `only` these codes); findings come in reading order of the forms.

    A check that crashes costs its own findings only and is reported as ``errored``. `off` and `severities`
    are the user's; what the ruleset of a project switches off or regrades holds for that project. `changed`
    are the ruleset values that the user has set: outcomes say what is not as documented. `covered` is what was read
    of the forms.
    """
    kept: list[tuple[Check, Hit]] = []
    outcomes: dict[str, CheckOutcome] = {}
    for entry in across() if scope == "batch" else register().values():
        if entry.scope != scope or (only is not None and entry.code not in only):
            continue
        if entry.code in off:
            outcomes[entry.code] = CheckOutcome(entry.code, "off", 0, "已在配置中关闭")
            continue
        try:
            if entry.of == "form":  # those of a family that the check is not meant for are not asked
                subjects: list[Any] = [f for f in forms(context) if not entry.traits or any(map(f.has, entry.traits))]
            else:
                subjects = [book(context) if scope == "workbook" else _batch(context)]
            hits = [hit for subject in subjects for hit in entry.run(subject)]
        except Skipped as reason:
            outcomes[entry.code] = CheckOutcome(entry.code, "unchecked", 0, str(reason))
            continue
        except Exception:  # a buggy check is our fault and must not hide the others
            outcomes[entry.code] = CheckOutcome(entry.code, "errored", 0, traceback.format_exc(limit=4))
            continue
        for hit in hits:  # not said where what the check needs was not read, or the ruleset switches it off
            unread = covered is not None and hit.about is not None and covered.unread(hit.about.head.at, entry.code)
            if not unread and entry.code not in (_in_ruleset(context, hit, "checks_off") or ()):
                kept.append((entry, hit))
        note = "；".join(_otherwise(context, entry, severities or {}, changed or {}))
        outcomes[entry.code] = CheckOutcome(entry.code, "clear", 0, note)
    findings = _findings(context, kept, severities or {})
    counts = Counter(finding.code for finding in findings)
    return findings, [
        told._replace(state="found", findings=counts[told.code]) if counts[told.code] else told
        for told in outcomes.values()
    ]


def _batch(context: Context) -> Batch:
    return context.once("batch", lambda: Batch(context))


def _in_ruleset(context: Context, hit: Hit, key: str) -> Any:
    return context.rulesets[hit.about.head.ruleset][key] if hit.about else None


def _otherwise(
    context: Context, entry: Check, severities: Mapping[str, str], changed: Mapping[str, Any]
) -> Iterator[str]:
    """What differs from the manual: switched off or regraded by a ruleset or the user, values set by the user."""
    rulesets = sorted(context.rulesets.items())
    off = [name for name, rules in rulesets if entry.code in (rules["checks_off"] or ())]
    if off:
        yield f"规则集{'、'.join(off)}已关闭本项"
    if entry.code in severities:
        yield f"本单位设置把级别改为{Severity(severities[entry.code]).word}"
    else:
        for name, rules in rulesets:
            if grade := (rules["check_severity"] or {}).get(entry.code):
                yield f"规则集{name}把级别改为{Severity(grade).word}"
    for key in entry.parameters:
        if key in changed:
            value = changed[key]
            yield f"本单位设置{key}" + (f" = {value}" if isinstance(value, str | int | float | Decimal) else "")


def _findings(context: Context, kept: list[tuple[Check, Hit]], severities: Mapping[str, str]) -> list[Finding]:
    if not kept:  # the usual case, in which a check across files has not read the columns
        return []
    # A cell whose formula was saved without its result is not empty: what is in it nobody knows, ST10 says so.
    unknown = {(note.sheet, note.cell) for note in context.notes if note.code == "formula_without_value"}
    reported = {(entry.code, _of(hit)) for entry, hit in kept}
    findings = []
    for entry, hit in kept:
        if any((other, _of(hit)) in reported for other in entry.yields_to):
            continue
        sheet, cell = _place(hit)
        if hit.about and (sheet, cell) in unknown:
            continue
        # the user's word, else the ruleset's, else the check's; a hit may be milder than a regraded check
        regraded = severities.get(entry.code) or (_in_ruleset(context, hit, "check_severity") or {}).get(entry.code)
        severity = regraded or hit.severity or entry.severity.value
        if regraded and hit.severity:
            severity = min(regraded, hit.severity, key=_MILDER.__getitem__)
        # what ends a finding already: the reason beside it, or that the approved figures are not changed this year
        answered: dict[str, str] = {}
        if severity != Severity.ERROR.value and entry.explained and hit.explained:
            answered = {"state": ACCEPTED, "reason": hit.explained, "accepted_by": BY_FORM}
        elif severity != Severity.ERROR.value and entry.deferred:
            answered = {"state": ACCEPTED, "reason": NOT_THIS_YEAR, "accepted_by": BY_APPROVAL}
        own = hit.about and hit.about.head
        regions = (context.rulesets[own.ruleset].region, region_of_family(own.family)) if own else ("", "")
        findings.append(
            Finding(
                code=entry.code,
                severity=severity,
                file=hit.file or (own.file if own else ""),
                sheet=sheet,
                cell=cell,
                project_id=own.project_id if own else "",
                project=own.project_name if own else "",
                seen=hit.seen,
                expected=hit.expected,
                message=hit.message,
                hint=entry.hint,
                basis=fitting(hit.basis or entry.basis, *regions),
                next_year=entry.next_year,
                **answered,
            )
        )
    read = [(context.file, reading.sheet) for reading in context.sheets]
    there = zip(context.column("projects", "file"), context.column("projects", "sheet"), strict=True)
    return in_order(findings, [*read, *there])


def _of(hit: Hit) -> tuple[type, int] | None:
    return (type(hit.about), hit.about.at) if hit.about else None


def _place(hit: Hit) -> tuple[str, str]:
    """Sheet and cell of a hit: the row's own, or the project's where the hit names no cell.

    ``表二!B3`` is a head field on another sheet than the form begins on.
    """
    if hit.about is None:
        return hit.sheet, hit.cell
    elsewhere, _, cell = (hit.cell or hit.about.head.cell).rpartition("!")
    return elsewhere or hit.sheet or (hit.about if hit.cell else hit.about.head).sheet, cell
