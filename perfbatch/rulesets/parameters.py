"""What a ruleset may contain: the parameter table of `parameters.toml` and the reading of one value.

Numbers become `decimal.Decimal`, integers `int`, lists tuples; ``off`` becomes None.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from perfbatch.messages import shipped
from perfbatch.model import Severity

FOLDER = Path(__file__).parent


class BadValueError(ValueError):
    """A value that its parameter does not allow; the text (Chinese) says what is allowed."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key a ruleset may set: its type, what is allowed, its unit and its meaning in Chinese."""

    key: str
    type: str
    meaning: str
    choices: tuple[str, ...] = ()
    off: bool = False
    min: Decimal | None = None
    max: Decimal | None = None
    unit: str = ""
    of: str = ""

    def read(self, raw: Any) -> Any:
        """The plain value of `raw` as TOML gave it; raises `BadValueError`."""
        if self.off and raw == "off":
            return None
        return _READERS[self.type](self, raw)


@lru_cache(maxsize=1)
def parameters() -> dict[str, Parameter]:
    """All parameters by key, in the order of `parameters.toml`."""
    return {key: _parameter(key, entry) for key, entry in shipped("rulesets/parameters.toml", Decimal).items()}


def _parameter(key: str, entry: dict[str, Any]) -> Parameter:
    limits: dict[str, Any] = {name: Decimal(entry[name]) for name in ("min", "max") if name in entry}
    return Parameter(key, **{**entry, **limits, "choices": tuple(entry.get("choices", ()))})


def _number(parameter: Parameter, raw: Any) -> Decimal:
    if isinstance(raw, float):
        raw = Decimal(repr(raw))
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise BadValueError("应为数字" + ('或 "off"' if parameter.off else ""))
    value = Decimal(raw)
    if not value.is_finite():
        raise BadValueError("应为有限的数字")
    if parameter.min is not None and value < parameter.min:
        raise BadValueError(f"不应小于 {parameter.min}")
    if parameter.max is not None and value > parameter.max:
        raise BadValueError(f"不应大于 {parameter.max}")
    return value


def _integer(parameter: Parameter, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise BadValueError("应为整数")
    return int(_number(parameter, raw))


def _choice(parameter: Parameter, raw: Any) -> str:
    if raw not in parameter.choices:
        off = ["off"] if parameter.off else []
        raise BadValueError("应为以下之一：" + "、".join([*parameter.choices, *off]))
    return str(raw)


def _flag(parameter: Parameter, raw: Any) -> bool:
    if raw in ("on", "off"):
        return bool(raw == "on")
    if not isinstance(raw, bool):
        raise BadValueError("应为 true 或 false")
    return raw


def _words(parameter: Parameter, raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(word, str) for word in raw):
        raise BadValueError('应为文字列表，例如 ["无", "/"]')
    wrong = [word for word in raw if parameter.choices and word not in parameter.choices]
    if wrong:
        raise BadValueError(f"“{wrong[0]}”不在允许范围：" + "、".join(parameter.choices))
    return tuple(raw)


def _numbers(parameter: Parameter, raw: Any) -> tuple[Decimal, ...]:
    if not isinstance(raw, list) or not raw:
        raise BadValueError("应为数字列表")
    return tuple(_number(parameter, item) for item in raw)


def _bounds(parameter: Parameter, raw: Any) -> tuple[Decimal, ...]:
    if isinstance(raw, str):
        parts = raw.split("_")
        if not all(part.isdecimal() for part in parts):
            raise BadValueError("应为由高到低的界限，例如 " + "、".join(parameter.choices or ("90_60",)))
        raw = [int(part) for part in parts]
    values = _numbers(parameter, raw)
    if any(low >= high for high, low in pairwise(values)):
        raise BadValueError("界限应由高到低排列")
    return values


def _steps(parameter: Parameter, raw: Any) -> tuple[tuple[Decimal, Decimal], ...]:
    if not isinstance(raw, list) or not all(isinstance(step, list) and len(step) == 2 for step in raw):
        raise BadValueError("应为 [[界限, 比例], …] 形式的列表")
    steps = tuple((_number(parameter, bound), _number(parameter, share)) for bound, share in raw)
    _bounds(parameter, [bound for bound, _ in steps])
    if any(not 0 <= share <= 1 for _, share in steps):
        raise BadValueError("每档的比例应在 0 到 1 之间")
    return steps


def _table(parameter: Parameter, raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise BadValueError("应为“名称 = 值”的表")
    return {name: _MEMBERS[parameter.of](parameter, item) for name, item in raw.items()}


def _number_table(parameter: Parameter, raw: Any) -> dict[str, Decimal]:
    if not isinstance(raw, dict):
        raise BadValueError("应为“名称 = 数字”的表")
    return {name: _number(parameter, item) for name, item in raw.items()}


def _severity(parameter: Parameter, raw: Any) -> str:
    if raw not in list(Severity):
        raise BadValueError("级别应为 error、warning 或 info")
    return str(raw)


Reader = Callable[[Parameter, Any], Any]
_MEMBERS: dict[str, Reader] = {"words": _words, "number": _number, "numbers": _number_table, "severity": _severity}
_READERS: dict[str, Reader] = {
    "number": _number, "integer": _integer, "choice": _choice, "flag": _flag, "words": _words, "numbers": _numbers,
    "bounds": _bounds, "steps": _steps, "table": _table,
}  # fmt: skip


# --- values as a reader expects them, in the manuals, on the console and in the summary ---


def in_words(value: object) -> str:
    """A value as text: 关闭 (None), 是/否, lists with 、, steps with →, tables with their names."""
    if value is None:
        return "关闭"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "；".join(f"{key}{_part(part)}" for key, part in value.items())
    if isinstance(value, list | tuple | frozenset | set):
        parts = ("→".join(map(in_words, part)) if isinstance(part, tuple) else in_words(part) for part in value)
        return "、".join(parts) or "（空）"
    return str(value)


def _part(part: object) -> str:
    """A value of a table; a table in a table stands in brackets."""
    if isinstance(part, Mapping):
        return f"（{'，'.join(f'{key} {in_words(value)}' for key, value in part.items()) or '空'}）"
    return f"：{in_words(part)}"
