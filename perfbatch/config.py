"""Settings of a run: the command line over `perfbatch.toml` over the defaults.

Settings are plain data and travel to worker processes; everything that changes a result is in them, so that
their hash can key stored results.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from perfbatch.errors import UsageError

CONFIG_NAME = "perfbatch.toml"
_KEYS = {
    "ruleset": str,
    "year": int,
    "unit_name": str,
    "money_unit": str,
    "off": list,
    "severity": dict,
    "parameters": dict,
    "synonyms": dict,
    "layout": list,
    "sample": str,
    "seed": int,
    "selected": list,
    "report": str,
    "notice": str,
    "report_date": str,
    "verify": bool,
    "password_file": str,
}
_SEVERITIES = ("error", "warning", "info")
REPORTS = ("township", "hubei", "public")  # forms of the Word report


@dataclass(frozen=True)
class Settings:
    """What a run depends on besides its input files.

    `money_unit` is the unit to assume where a form prints none (empty: leave such amounts unread and say so).
    `off` lists checks that are switched off, `severity` maps codes to another severity, `parameters` overlays
    ruleset values. `synonyms` maps block → field → extra header words. `sample` is ``N`` or ``P%``.
    """

    ruleset: str | None = None
    year: int | None = None
    unit_name: str = ""
    money_unit: str = ""
    off: frozenset[str] = frozenset()
    severity: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    synonyms: Mapping[str, Any] = field(default_factory=dict)
    layout: tuple[Mapping[str, Any], ...] = ()
    sample: str | None = None
    seed: int = 0
    selected: tuple[str, ...] = ()
    report: str = "township"
    notice: str = ""
    report_date: str = ""
    previous: str | None = None
    password_file: str | None = None  # path only: the password itself is in no setting, log or stored result
    verify: bool = False  # read every .xlsx a second time with openpyxl and compare

    def fingerprint(self) -> str:
        """Hash of all values that change a result."""
        plain = {k: sorted(v) if isinstance(v, frozenset) else v for k, v in asdict(self).items()}
        return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


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

    Raises UsageError naming the file and the key for anything unknown or of the wrong type.
    """
    values = _read(path) if path is not None and path.exists() else {}
    values |= {key: value for key, value in overrides.items() if value is not None}
    values["off"] = frozenset(values.get("off", ()))
    for key in ("layout", "selected"):
        values[key] = tuple(values.get(key, ()))
    return Settings(**values)


def _read(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"配置文件 {path.name} 不是有效的 TOML（{error}），请改正后重新运行。") from None
    for key, value in values.items():
        _check(path, key, value)
    return values


def _check(path: Path, key: str, value: Any) -> None:
    if key not in _KEYS:
        near = difflib.get_close_matches(key, _KEYS, 1)
        hint = f"，是否应为“{near[0]}”？" if near else f"；可用的键：{'、'.join(_KEYS)}。"
        raise UsageError(f"配置文件 {path.name} 中的键“{key}”无法识别{hint}")
    if not isinstance(value, _KEYS[key]) or isinstance(value, bool) != (_KEYS[key] is bool):
        raise UsageError(f"配置文件 {path.name} 中“{key}”的值类型不对，应为 {_TYPE_NAMES[_KEYS[key]]}。")
    if isinstance(value, dict) and key == "severity" and (bad := [v for v in value.values() if v not in _SEVERITIES]):
        raise UsageError(f"配置文件 {path.name} 中 severity 的“{bad[0]}”无效，只能是 {'、'.join(_SEVERITIES)}。")
    if key == "report" and value not in REPORTS:
        raise UsageError(f"配置文件 {path.name} 中 report 的“{value}”无效，只能是 {'、'.join(REPORTS)}。")


_TYPE_NAMES = {str: "文字", int: "整数", list: "列表", dict: "表", bool: "true 或 false"}
