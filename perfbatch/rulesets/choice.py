"""Which ruleset a form gets: the user's wish, else its layout family, else the region its texts name."""

import re
from functools import lru_cache
from typing import Any

from perfbatch.messages import shipped
from perfbatch.rulesets.ruleset import Ruleset, load

_ENDS = re.compile("[省市县区州旗）)]")
_LONGEST = 14  # 积石山保安族东乡族撒拉族自治县
# a county of two characters (雄县, 易县) only where a name begins: 容易县级 is none
_BEGINS = re.compile(r"(?:^|[^一-龥]|[省市州区])$")
# a unit whose name begins with a city without 市: 仙桃财政局
_UNIT = re.compile(r"(?<![一-龥])([一-龥]{2,4})(?=[一-龥]{0,10}(?:局|委|办|厅|政府|中心|院|校|学|所|站|处|队|会|园))")

_NAMED_AFTER = re.compile("市|[大新老中东南西北]?[路街道巷桥里镇乡村屯]|社区|广场|大街|大道")  # 成都路小学 is anywhere


def _table() -> dict[str, Any]:
    return shipped("rulesets/choice.toml")


@lru_cache(maxsize=1)
def _places() -> tuple[dict[str, str], dict[str, str]]:
    """Name → region ('' for a longer name elsewhere), and the same for names without 市 that may begin a unit."""
    divisions = dict(shipped("rulesets/divisions.toml"))
    full = dict.fromkeys(divisions.pop("elsewhere")["names"], "")
    full |= {word: region for region, entry in divisions.items() for word in entry["names"]}
    full |= {word: region for region, words in _table()["regions"].items() for word in words}
    return full, {word: region for region, entry in divisions.items() for word in entry["bare"]}


@lru_cache(maxsize=64)
def region_of_family(family: str) -> str:
    """The region a family of forms (F1 …) belongs to; '' where it is used everywhere."""
    found = _table()["layouts"].get(family)
    return load(found["ruleset"]).region if found else ""


def default() -> Ruleset:
    """The ruleset of forms that have none of their own, by which parameters are explained."""
    return load(_table()["default"])


def choose(layout: str, year: int | None, text: str, wanted: str | None) -> tuple[Ruleset, str]:
    """The ruleset of a form and the reason in one Chinese sentence.

    `layout` is the family (F1 …), `text` the unit, department and title of the form, `wanted` the name or
    file the user gave. Raises UsageError only for a `wanted` that cannot be loaded.
    """
    ruleset, reason = _chosen(layout, text, wanted)
    # a remark where the year lies outside the years for which the edition is known
    first, last, doubt = ruleset.from_year, ruleset.seen_to_year, ""
    if year is None:
        doubt = "；未读到年度，未核对规则集的适用年份"
    elif first is not None and year < first:
        doubt = f"；{year}年度早于该规则集已知的最早年份{first}年，结果仅供参考"
    elif last is not None and year > last + int(_table()["far_years"]):
        doubt = f"；{year}年度晚于该规则集最近见到的{last}年，请确认当地是否已有新规定"
    return ruleset, f"{reason}{doubt}。"


def _chosen(layout: str, text: str, wanted: str | None) -> tuple[Ruleset, str]:
    if wanted:
        ruleset = load(wanted)
        return ruleset, f"按用户指定采用规则集“{ruleset.name}”"
    family = _table()["layouts"].get(layout)
    if family is None:
        ruleset = default()
        return ruleset, f"表样没有对应的规则集，采用默认规则集“{ruleset.name}”"
    allowed = family["regions"]
    found = [] if allowed == "none" else list(_regions(text))
    if allowed != "any":
        found = [(region, word) for region, word in found if region in allowed]
    if len({region for region, _ in found}) == 1:
        region, word = found[0]
        return load(region), f"单位、主管部门或标题中有“{word.rstrip('）)')}”，采用规则集“{region}”"
    ruleset = load(family["ruleset"])
    reason = f"按{family['words']}采用规则集“{ruleset.name}”"
    if found:
        words = "”“".join(dict.fromkeys(word for _, word in found))
        reason += f"（文字中同时出现“{words}”，未按地区选择）"
    return ruleset, reason


@lru_cache(maxsize=4096)
def _regions(text: str) -> tuple[tuple[str, str], ...]:
    """Regions with the names by which the text names them, in its order; of names that end alike the longest."""
    full, bare = _places()
    found = []
    for end in (match.end() for match in _ENDS.finditer(text)):
        for length in range(min(_LONGEST, end), 1, -1):
            name = text[end - length : end]
            if name not in full or (length == 2 and not _BEGINS.search(text[: end - length])):
                continue
            if full[name]:
                found.append((full[name], name))
            break
    for match in _UNIT.finditer(text):
        name = next((match[1][:length] for length in (4, 3, 2) if match[1][:length] in bare), "")
        if name and not _NAMED_AFTER.match(text, match.start() + len(name)):
            found.append((bare[name], name))
    return tuple(found)
