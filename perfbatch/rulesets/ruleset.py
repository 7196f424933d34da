"""Rulesets: dated, cited parameters in TOML, one file per official document or region.

A file names the ruleset it extends; what it leaves open is inherited from there and stays marked with the
file it came from. The loader refuses a value without a citation, an unknown key and a value out of range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from perfbatch.errors import UsageError
from perfbatch.messages import expect, expect_key, read_toml, shipped, suggest
from perfbatch.rulesets.parameters import FOLDER, BadValueError, parameters

STATUSES = {
    "seen": "已见原文或表样",
    "recalled H": "据记忆，未核对原文，把握高",
    "recalled M": "据记忆，未核对原文，把握中",
    "recalled L": "仅为线索，未核对",
    "recalled*": "由表样或配置推断",
    "option": "本程序约定，无文件出处",
}
RANGE_SOURCE = "区间目标的计分办法为本程序约定，无文件出处"  # no parameter: no document offers another
_HEAD: dict[str, type] = {
    "name": str, "title": str, "region": str, "extends": str, "abstract": bool, "from_year": int, "seen_to_year": int,
    "values": dict,
}  # fmt: skip
_SOURCE: dict[str, type] = dict.fromkeys(("citation", "clause", "since", "status", "note"), str)
_NOT_RULESETS = ("parameters", "choice", "divisions")
_FIRST = ("national-2020", "national-2021", "platform-default")
ELSEWHERE = "参考其他地区做法，非本地规定"
_MARK = re.compile("（[^（）]*(?:据记忆|未核|仅为线索)[^（）]*）")
_DOUBTFUL = re.compile("未核|据记忆|没有核对")
_DATE = re.compile(r"(\d{4}(-\d{2}-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Value:
    """One parameter value with its source. `since` is the date of effect, empty where none is known.

    `origin` is the ruleset whose file states the value, which may be an ancestor of the one in use.
    """

    value: Any
    citation: str
    clause: str
    since: str
    status: str
    note: str
    origin: str


@dataclass(frozen=True)
class Ruleset:
    """All parameters in force, own over inherited; `from_year` and `seen_to_year` bound its edition."""

    name: str
    title: str
    values: Mapping[str, Value]
    extends: str = ""
    from_year: int | None = None
    seen_to_year: int | None = None
    abstract: bool = False
    region: str = ""

    def __getitem__(self, key: str) -> Any:
        """Plain value of `key`; None means off."""
        return self.values[key].value

    def basis(self, key: str) -> str:
        """The source of `key` in one Chinese phrase: document and clause, as it is cited to forms of this ruleset."""
        value = self.values[key]
        return "，".join(filter(None, (fitting(value.citation, self.region), unmarked(value.clause))))

    def recalled(self) -> frozenset[str]:
        """The parameters whose source was not verified."""
        return frozenset(key for key, value in self.values.items() if value.status.startswith("recalled"))

    def plain(self) -> dict[str, Any]:
        """Key → plain value, for the parameters of the checks."""
        return {key: value.value for key, value in self.values.items()}

    def with_values(self, changes: Mapping[str, Any], citation: str) -> Ruleset:
        """A copy in which the user's own `changes` (raw TOML values) are in force; raises UsageError."""
        source = {"citation": citation, "status": "seen", "note": "本单位设置，未载施行日期"}
        own = {key: _value(citation, citation, key, {"value": raw}, source) for key, raw in changes.items()}
        return replace(self, values={**self.values, **own})


def names() -> list[str]:
    """Names of the shipped rulesets that can be chosen, national ones first."""
    usable = [name for name in _shipped() if not load(name).abstract]
    return sorted(usable, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))


@lru_cache(maxsize=1)
def _shipped() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem not in _NOT_RULESETS)


def load(name_or_path: str) -> Ruleset:
    """The ruleset of that name, or the user's own file; raises UsageError for anything wrong in it."""
    if name_or_path.endswith(".toml"):
        path = Path(name_or_path)
        if not path.is_file():
            raise UsageError(f"找不到规则集文件“{name_or_path}”，请检查路径。")
        return _read(str(path), path.stat().st_mtime_ns)
    if name_or_path not in _shipped():
        told = f"没有名为“{name_or_path}”的规则集{suggest(name_or_path, _shipped(), '；')}"
        raise UsageError(f"{told}可用 perfbatch rulesets 查看，或给出以 .toml 结尾的规则集文件。")
    return _read(str(FOLDER / f"{name_or_path}.toml"), 0)


@lru_cache(maxsize=64)
def _read(path: str, _modified: int, /) -> Ruleset:
    return _build(path, seen=())


def _build(path: str, seen: tuple[str, ...]) -> Ruleset:
    table = read_toml(Path(path), f"规则集文件“{path}”", parse_float=Decimal)
    kinds = _HEAD | _SOURCE
    for key, value in table.items():
        expect_key(key, kinds, f"规则集文件“{path}”中的项")
        expect(value, kinds[key], f"规则集文件“{path}”的“{key}”")
    name = table.get("name") or Path(path).stem
    parent = _parent(path, table, seen)
    defaults = {key: table[key] for key in _SOURCE if key in table}
    if Path(path).parent != FOLDER:
        defaults = {"status": "seen", "since": "", "note": "本单位规则集，未载施行日期"} | defaults
    own = {}
    for key, raw in table.get("values", {}).items():
        is_table = key in parameters() and parameters()[key].type == "table"
        bare = not isinstance(raw, dict) or (is_table and "value" not in raw)  # cited at the head of the file
        own[key] = _value(path, name, key, {"value": raw} if bare else raw, defaults)
    inherited = parent.values if parent else {}
    missing = parameters().keys() - own.keys() - inherited.keys()
    if missing and not table.get("abstract"):
        raise UsageError(f"规则集文件“{path}”缺少参数“{min(missing)}”，请补充，或用 extends 继承。")
    known = {**inherited, **own}
    return Ruleset(
        name=name,
        title=table.get("title", name),
        values={key: known[key] for key in parameters() if key in known},
        extends=table.get("extends", ""),
        from_year=table.get("from_year", parent.from_year if parent else None),
        seen_to_year=table.get("seen_to_year", parent.seen_to_year if parent else None),
        abstract=bool(table.get("abstract")),
        region=table.get("region", parent.region if parent else ""),
    )


def _parent(path: str, table: dict[str, Any], seen: tuple[str, ...]) -> Ruleset | None:
    wanted = table.get("extends")
    if not wanted:
        return None
    if not wanted.endswith(".toml"):
        try:
            return load(wanted)
        except UsageError as error:
            raise UsageError(f"规则集文件“{path}”的 extends 不对：{error}") from error
    target = str(Path(path).parent / wanted)
    if target in (*seen, path):
        raise UsageError(f"规则集文件“{path}”的 extends 循环引用，请改为继承另一个规则集。")
    if not Path(target).is_file():
        raise UsageError(f"规则集文件“{path}”继承的“{wanted}”不存在，请检查文件名。")
    return _build(target, (*seen, path))


def _value(path: str, origin: str, key: str, entry: dict[str, Any], defaults: Mapping[str, str]) -> Value:
    where = f"“{path}”的参数“{key}”"
    if key not in parameters():
        otherwise = "；全部参数见 perfbatch rulesets national-2020。"
        raise UsageError(f"{where}无法识别{suggest(key, parameters(), otherwise)}")
    stray = [name for name in entry if name not in ("value", *_SOURCE)]
    if stray or "value" not in entry:
        raise UsageError(f"{where}应写成 value、citation、clause、since、status、note 几项，至少有 value。")
    source = {name: str(entry.get(name, defaults.get(name, ""))).strip() for name in _SOURCE}
    if not source["citation"]:
        raise UsageError(f"{where}没有写出处（citation），请写明文件名称和文号，本单位自定的写“本单位规定”。")
    if source["status"] not in STATUSES:
        raise UsageError(f"{where}的 status 应为以下之一：{'、'.join(STATUSES)}。")
    if not _DATE.fullmatch(source["since"]) or not (source["since"] or source["note"]):
        raise UsageError(f"{where}的 since 应为施行日期（如 2020-02-25）；不知道时留空并在 note 中说明。")
    try:
        return Value(parameters()[key].read(entry["value"]), origin=origin, **source)
    except BadValueError as problem:
        raise UsageError(f"{where}的值不对：{problem}。") from problem


# --- how a source is cited to a form ---
#
# Without the rules of other regions, without marks of what was not verified: whether a text was verified stands in the
# manuals, in ``perfbatch rulesets`` and in one footnote of 规则依据; a finding, a comment or a workpaper that an office
# issues names the document and no doubt of ours.


@lru_cache(maxsize=1)
def _regions() -> dict[str, str]:
    """Word of a source → the region it belongs to."""
    table = shipped("rulesets/choice.toml")["citing"]
    return {word: region for region, words in table.items() for word in words}


def unmarked(text: str) -> str:
    """The text without the marks of what was not verified."""
    return _MARK.sub("", text)


def plainly(note: str, region: str) -> str:
    """A note without the sentences that only tell what was not verified, or what other regions do."""
    parts = unmarked(note).split("；")
    return "；".join(part for part in parts if not _DOUBTFUL.search(part) and _of(part) <= {region})


@lru_cache(maxsize=4096)
def fitting(basis: str, *regions: str) -> str:
    """The sources of `basis` (joined by ；) that hold in `regions`; where none does, that it is only a reference."""
    parts = [part for part in unmarked(basis).split("；") if part]
    own = [part for part in parts if _of(part) <= {*regions}]
    return "；".join(own) if own or not parts else ELSEWHERE


def _of(part: str) -> set[str]:
    return {region for word, region in _regions().items() if word in part}
