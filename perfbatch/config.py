"""Settings of a run: the command line over `perfbatch.toml` over the defaults.

Settings are plain data and travel to worker processes; everything that changes a result is in them, so that
their hash can key stored results (`perfbatch.store.fingerprint`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from perfbatch.errors import UsageError
from perfbatch.messages import TYPES, expect, expect_key, read_toml, shipped
from perfbatch.model import Severity

CONFIG_NAME = "perfbatch.toml"
SEVERITIES = tuple(severity.value for severity in Severity)
EVIDENCE_OF = ("sample", "all")
REPORTS = ("township", "hubei", "public")  # forms of the Word report
REPORT_TEXTS = (
    "organisation", "supervision", "work", "problems", "effect", "goals", "verified", "execution", "targets",
    "measures", "results",
)  # fmt: skip
MONEY_UNITS = ("元", "百元", "千元", "万元", "亿元")
_PATHS = ("evidence", "targets", "report_file", "report_template", "published", "roster", "password_file")
YEARS = range(2000, 2100)  # what can be a year of self-evaluation at all; which one a ruleset covers is its own matter


class Key(NamedTuple):
    """One key of `perfbatch.toml`: type, meaning and an example as it is typed there (Chinese)."""

    kind: type
    meaning: str
    example: str


@cache
def keys() -> Mapping[str, Key]:
    """All keys of `perfbatch.toml` in the order in which they are shown."""
    kinds = {kind.__name__: kind for kind in TYPES}
    table = shipped("config.toml")
    return {name: Key(kinds[key["kind"]], key["meaning"], key["example"]) for name, key in table.items()}


@dataclass(frozen=True)
class Settings:
    """What a run depends on besides its input files.

    `money_unit` is the unit to assume where a form prints none (empty: leave such amounts unread and say so).
    `units` maps the name of a unit to other names of it, `counts` a project (name or code) to the file that
    counts.
    `accept` holds findings that need no more attention: ``code``, ``reason``, and ``project``, ``indicator`` where
    it is about one of them only.
    `off` lists checks that are switched off, `severity` maps codes to another severity, `parameters` overlays
    ruleset values. `synonyms` maps block → field → extra header words. `sample` is ``N`` or ``P%``.
    """

    ruleset: str | None = None
    year: int | None = None
    unit_name: str = ""
    money_unit: str = ""
    units: Mapping[str, Sequence[str]] = field(default_factory=dict)
    roster: str | None = None  # a list of the units that are to hand in
    counts: Mapping[str, str] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    accept: tuple[Mapping[str, str], ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    synonyms: Mapping[str, Any] = field(default_factory=dict)
    layout: tuple[Mapping[str, Any], ...] = ()
    sample: str | None = None
    seed: int = 0
    selected: tuple[str, ...] = ()
    report: str = "township"
    notice: str = ""
    report_template: str | None = None  # a Word document whose styles the report takes
    report_date: str = ""
    report_text: Mapping[str, Any] = field(default_factory=dict)
    previous: str | None = None
    deadline: str = ""
    report_file: str | None = None
    published: str | None = None
    targets: str | None = None
    evidence: str | None = None  # a folder of supporting documents besides those below the input
    evidence_of: str = "sample"  # whose documents are read: of the projects drawn, or of all
    password_file: str | None = None  # path only: the password itself is in no setting, log or stored result
    verify: bool = False  # read every .xlsx a second time with openpyxl and compare


def password_of(settings: Settings) -> str | None:
    """The password in the first line of the password file, None without one. Raises UsageError if unreadable."""
    if not settings.password_file:
        return None
    try:
        lines = Path(settings.password_file).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    if not lines or not lines[0]:
        raise UsageError(f"读不到密码文件“{settings.password_file}”，请检查路径，密码写在文件的第一行（UTF-8）。")
    return lines[0]


def load(path: Path | None, **overrides: Any) -> Settings:
    """Settings from a `perfbatch.toml` (when `path` exists) with non-None overrides on top.

    Files and folders named there are sought beside it, those of overrides as they are given.
    Raises UsageError naming the file and the key, or the option, for anything unknown or impossible.
    """
    values = _read(path) if path is not None and path.exists() else {}
    given = {key: value for key, value in overrides.items() if value is not None}
    for key, value in given.items():
        if wrong := _wrong(key, value):
            raise UsageError(f"--{key} 的{wrong}。")
    values |= given
    values["off"] = frozenset(values.get("off", ()))
    for key in ("layout", "selected", "accept"):
        values[key] = tuple(values.get(key, ()))
    return Settings(**values)


def _read(path: Path) -> dict[str, Any]:
    values = read_toml(path, f"配置文件 {path.name}")
    where = f"配置文件 {path.name} 中"
    for key, value in values.items():
        expect_key(key, keys(), f"{where}的键")
        expect(value, keys()[key].kind, f"{where}“{key}”", keys()[key].example)
        if wrong := _wrong(key, value):
            raise UsageError(f"{where} {key} 的{wrong}。")
        if key in _PATHS or (key == "ruleset" and value.endswith(".toml")):
            values[key] = str(path.parent / value)
    return values


def _wrong(key: str, value: Any) -> str:
    """What is wrong with a value of the right type; empty if nothing is."""
    allowed = {"report": REPORTS, "money_unit": MONEY_UNITS, "evidence_of": EVIDENCE_OF}.get(key)
    if allowed and value not in allowed:
        return f"“{value}”无效，只能是 {'、'.join(allowed)}"
    if key == "severity" and (bad := [v for v in value.values() if v not in SEVERITIES]):
        return f"“{bad[0]}”无效，只能是 {'、'.join(SEVERITIES)}"
    if key == "units" and any(not isinstance(some, list) for some in value.values()):
        return "写法无效，每个单位后面写一个方括号中的列表"
    if key == "report_text":
        return _wrong_text(value)
    if key == "counts" and any(not isinstance(file, str) for file in value.values()):
        return "写法无效，每个项目后面写一个带英文双引号的文件名"
    if key == "deadline" and not _is_day(value):
        return f"“{value}”无效，请写成 2025-03-31 的样子"
    if key in ("off", "selected") and (bad := [v for v in value if not isinstance(v, str)]):
        return f"“{bad[0]}”无效，每一项都要写成带英文双引号的文字"
    if key == "accept":
        return next(filter(None, map(_wrong_accept, value)), "")
    if key == "year" and value not in YEARS:
        return f"“{value}”无效，请写四位年份，例如 2024"
    if key == "seed" and value < 0:
        return f"“{value}”无效，应为不小于0的整数"
    return ""


_ACCEPT = ("code", "project", "indicator", "reason")


def _wrong_accept(table: Any) -> str:
    """What is wrong with one ``[[accept]]``; empty if nothing is."""
    if not isinstance(table, dict):
        return "写法无效，每一段以 [[accept]] 开头，下面写 code、project、indicator、reason"
    for name, value in table.items():
        if name not in _ACCEPT:
            return f"键“{name}”无法识别，只能写 {'、'.join(_ACCEPT)}"
        if not isinstance(value, str):
            return f"“{name}”应为带英文双引号的文字"
    missing = [name for name in ("code", "reason") if not table.get(name, "").strip()]
    return f"“{missing[0]}”没有填写，每一段都要写明 code（检查编号）和 reason（理由）" if missing else ""


def _wrong_text(value: Mapping[str, Any]) -> str:
    if unknown := [name for name in value if name not in (*REPORT_TEXTS, "projects")]:
        return f"“{unknown[0]}”无法识别，可用的有：{'、'.join((*REPORT_TEXTS, 'projects'))}"
    projects = value.get("projects", {})
    texts = [text for name, text in value.items() if name != "projects"]
    if not isinstance(projects, dict) or not all(isinstance(text, str) for text in (*texts, *projects.values())):
        return "写法无效，每一项写带英文双引号的文字，projects 下每个项目一行"
    return ""


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
