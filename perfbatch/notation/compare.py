"""Target against actual: in one exact unit (NOTATIONS.md section 14), and in words.

For words a small grammar over the target's own (`claims.toml`): a predicate that the target asks for and the actual
denies (及时 → 不及时), a failure by itself (逾期20天, 项目取消), an opposite (显著改善 → 有所恶化), something unwanted
that did happen (无 → 发生1起). Prose that speaks of a shortcoming which is denied or mended states none.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from perfbatch.messages import shipped
from perfbatch.notation.figures import chinese
from perfbatch.notation.names import says_bad
from perfbatch.notation.reading import Comparison, Reading
from perfbatch.notation.units import common, is_scale, measure, near, other_scale
from perfbatch.notation.words import WORDS, alternation, fold, verdict

_RATIO = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?):([0-9]{1,9}(?:\.[0-9]{1,9})?)")
_LIMIT = Decimal(WORDS["rates"]["fraction_limit"])
_REFUSED = {"ambiguous": "目标值或完成值无法确定，未比较", "multiple": "目标值或完成值含多个数字，未比较"}


@lru_cache(maxsize=8192)
def compare(target: Reading, actual: Reading) -> Comparison:
    """Target and actual as exact decimals in one unit, or why they cannot be compared.

    ``yes`` same unit or exact conversion; ``assumed`` a unit was taken from the other side, its wording
    differs, or a side is itself ``assumed``; ``dimension`` the units measure different things; ``none`` one
    side has no figure. Two dates give ``yes`` without figures: ask `on_time`.
    """
    for reading in (target, actual):
        if reading.status in _REFUSED and reading.value is None:
            return Comparison("none", note=_REFUSED[reading.status])
    if target.kind == actual.kind == "date":
        return Comparison("assumed" if "assumed" in {target.status, actual.status} else "yes")
    if target.kind == "date":
        if actual.kind == "qualitative" and verdict(fold(actual.raw)) == "full":
            return Comparison("assumed", note="完成值为结论词，视为按期完成")
        return Comparison("none", note="目标为日期，完成值不是日期，无法判断是否按期")
    if target.value is not None and actual.value is not None:
        return _figures(target, actual)
    return _ratios(target, actual) or Comparison("none", note="目标值或完成值没有可比较的数字")


def _figures(target: Reading, actual: Reading) -> Comparison:
    """Two figures, brought into the smaller of the two units."""
    assert target.value is not None
    assert actual.value is not None
    unit = common(target.unit, actual.unit)
    if unit.state == "dimension":
        return _each(target, actual) or Comparison("dimension", note=unit.note)
    if unit.state == "assumed" and is_scale(unit.name):
        return Comparison("none", note=f"一侧写有“{unit.name}”，另一侧未写，未比较")
    bare = actual.value if target.unit == "%" else target.value
    if unit.state == "assumed" and "%" in (target.unit, actual.unit) and bare and abs(bare) < _LIMIT:
        return Comparison("none", note="一侧为百分数，另一侧数字可能是百分数也可能是小数，未比较")
    # 0.95% beside 96%: a target of at most 1 % is the fraction of an actual a hundred times as large
    alike = target.value * 50 <= actual.value <= target.value * 200 and actual.value >= _LIMIT
    if target.unit == actual.unit == "%" and 0 < target.value <= 1 and alike:
        return Comparison("none", note="目标可能把百分数写成了小数，未比较")
    if not target.unit and (doubt := other_scale(target.value, actual.value, actual.unit, "实际")):
        return Comparison("none", note=f"{doubt}，未比较")
    assumed = "assumed" in (unit.state, target.status, actual.status) or target.status == "multiple"
    second = target.value2 * unit.first if target.value2 is not None else None
    return Comparison(
        "assumed" if assumed else "yes", target.value * unit.first, second, actual.value * unit.second, unit.note
    )


def _each(target: Reading, actual: Reading) -> Comparison | None:
    """1000元/人 beside 980元: where one side leaves out for what, and the figures are alike, it is the same price."""
    a, b = measure(target.unit), measure(actual.unit)
    alike = a.base == b.base == "元" and bool(a.per) != bool(b.per) and target.value2 is None
    if not alike or target.value is None or actual.value is None:
        return None
    power = min(a.power, b.power)
    first, second = target.value * 10 ** (a.power - power), actual.value * 10 ** (b.power - power)
    if first <= 0 or not near(second, first):
        return None
    return Comparison("assumed", first, None, second, f"一侧写“{target.unit}”、一侧写“{actual.unit}”，按同一口径比较")


def _ratios(target: Reading, actual: Reading) -> Comparison | None:
    """Two ratios a:b, cross-multiplied so that the figures stay exact."""
    first, second = _RATIO.fullmatch(fold(target.raw)), _RATIO.fullmatch(fold(actual.raw))
    if first is None or second is None:
        return None
    a, b, c, d = (Decimal(part) for part in (*first.groups(), *second.groups()))
    if not b or not d:
        return None
    return Comparison("assumed", a * d, None, c * b, f"按比值比较：{first[0]}与{second[0]}通分后")


def on_time(target: Reading, actual: Reading) -> bool | None:
    """Whether a deadline was met; None when it cannot be told (other kinds, a coarser or open actual).

    Late when the actual begins after the target ends; in time when it ends by then. A full verdict word
    counts as in time (`compare` then says ``assumed``).
    """
    if target.kind != "date" or target.date_to is None:
        return None
    if actual.kind == "qualitative":
        return True if verdict(fold(actual.raw)) == "full" else None
    if actual.kind != "date" or actual.date_to is None:
        return None
    if actual.date_to <= target.date_to:
        return True
    return False if actual.date_from is not None and actual.date_from > target.date_to else None


_DATA = shipped("notation/claims.toml")
_N = _DATA["negation"]
_NEGATION = f"(?:{alternation(_N['words'])})"
_ADVERBS = f"(?:{alternation(_N['adverbs'])})"
_IDIOM = re.compile(alternation(_N["idioms"]))
_EXISTENCE = re.compile(alternation(_N["existence"]))
_EXISTS = frozenset(_N["existence"])
_REMEDY = re.compile(alternation(_N["remedies"]))
_GOOD = [word for words in _DATA["positive"].values() for word in words]
_CLAIM = re.compile(alternation(_GOOD))
_DENIED = re.compile(f"{_NEGATION}{_ADVERBS}{{0,3}}?({alternation(_GOOD)})")
_DENIES = re.compile(f"({_NEGATION}){_ADVERBS}{{0,3}}")
_WEAK = re.compile(f"(?:{alternation([*_GOOD, '效果', '成效'])}){_DATA['failure']['weak']}")
_FAILURES = [word for kind in ("time", "done", "change", "state") for word in _DATA["failure"][kind]]
_FAILURE = re.compile(alternation(_FAILURES))
_STARTS = re.compile(f"{_NEGATION}")
_TICKS = frozenset(WORDS["ticks"]["ticked"])
_CLAUSES = re.compile(r"[,;。!?、:()]|但是?|其中|另外")
_UP, _DOWN = (re.compile(alternation(_DATA["axes"][way])) for way in ("up", "down"))
_YES, _NO, _FINE, _POOR = (frozenset(_DATA["direct"][word]) for word in ("yes", "no", "fine", "poor"))
_ABSENT, _PRESENT, _COUNTED = (re.compile(_DATA["direct"][word]) for word in ("absent", "present", "counted"))
_NOTHING = re.compile("(?:全年)?(?:无|没有|零|未|不|从未)(?:有)?(?:发生|出现|产生|存在|发现)?(?:任何)?(?:情况|问题)?")
_RANK = {side: re.compile(_DATA["rank"][side]) for side in ("target", "actual")}
_GRADES = {word: at for at, words in enumerate(_DATA["grades"]["steps"]) for word in words}
_AROUND = re.compile(f"{_DATA['grades']['before']}|{_DATA['grades']['after']}")
_LESSER = re.compile(alternation(_DATA["axes"]["lesser"]))
_RATE_OF = re.compile(r"(?:率|天数|次数|数|情况)?(?:为)?0(?![0-9.])|率")  # 逾期天数为0, 逾期率
_SHORT = 14  # characters: longer actuals speak of several things, so that an opposite in them is only a question
_ENDS = "。.;,!"


class Contradiction(NamedTuple):
    """What of the actual contradicts the target; `sure` unless the actual says other things too."""

    words: str
    sure: bool


@lru_cache(maxsize=8192)
def contradiction(target: str, actual: str) -> Contradiction | None:
    """The words of the actual cell that contradict the target cell, both as they stand in their cells."""
    asked, told = fold(target).strip(_ENDS), fold(actual).strip(_ENDS)
    if not asked or not told or asked == told:
        return None
    if (
        (asked in _YES and (told in _NO or _STARTS.match(_bare(told))))  # 是 → 否, 是 → 未验收
        or (asked in {"否", "不是"} and told in _YES)
        or (asked in _FINE and told in _POOR)
        or _is_worse(asked, told)
    ):
        return Contradiction(told, sure=True)
    absent = _ABSENT.match(asked) and not _IDIOM.match(asked)  # that something does not happen: 无, 零事故
    if absent and (len(asked) <= 2 or says_bad(asked) or _NOTHING.fullmatch(asked) or _FAILURE.search(asked)):
        return _happened(told, asked)
    for clause in _clauses(told):
        if _denied(asked, clause) or _failed(asked, clause) or _opposite(asked, clause):
            rest = told.replace(clause, "")
            mixed = any(_CLAIM.search(part) and not _DENIED.search(part) for part in _clauses(rest))
            return Contradiction(clause, sure=not mixed and _TICKS.isdisjoint(told))  # 及时√ 较及时 不及时
    return None


def _is_worse(asked: str, told: str) -> bool:
    """Whether a rank (前3名 → 第5名) or a grade (优 → 良) is behind the one asked for."""
    limit, place = _RANK["target"].search(asked), _RANK["actual"].search(told)
    if limit and place:
        first, second = (Decimal(text) if text.isdigit() else chinese(text) for text in (limit[1], place[1]))
        if first is not None and second is not None and second > first:
            return True
    wanted, given = (_GRADES.get(_AROUND.sub("", text)) for text in (asked, told))
    return wanted is not None and given is not None and given > wanted


def _clauses(text: str) -> list[str]:
    return [clause for clause in _CLAUSES.split(text) if clause]


def _bare(clause: str) -> str:
    """The clause with idioms such as 不断 and 无害化 taken out."""
    return _IDIOM.sub("〓", clause)


def _happened(told: str, asked: str) -> Contradiction | None:
    if told in _YES:
        return Contradiction(told, sure=True)
    for clause in _clauses(told):
        bare = _bare(clause)
        if _EXISTENCE.search(bare) or _REMEDY.search(bare):
            continue
        found = _PRESENT.search(bare) or _COUNTED.search(bare) or _FAILURE.search(bare)
        if found is None or _STARTS.search(bare[: found.start()][-3:]):
            continue
        named = says_bad(clause) or says_bad(asked) or len(asked) <= 2 or _NOTHING.fullmatch(asked) is not None
        if named or found[0] in asked:
            return Contradiction(clause, sure=bool(_COUNTED.search(bare)) or len(told) <= _SHORT)
    return None


def _denied(asked: str, clause: str) -> bool:
    """A claim that the clause denies: one of the general ones, or a word of the target itself."""
    bare = _bare(clause)
    if _EXISTENCE.match(bare) and says_bad(bare):
        return False
    if _REMEDY.search(bare):
        return False
    for match in _DENIES.finditer(bare):
        before, after = bare[: match.start()], bare[match.end(1) :]
        if _EXISTENCE.search(before) or (match[1] in _EXISTS and says_bad(after)):
            continue
        if _own(asked, after) or _DENIED.match(bare, match.start()):
            return True
    return _WEAK.search(bare) is not None and not _EXISTENCE.match(bare)


def _own(asked: str, after: str) -> bool:
    """Whether what follows a negation is a word that the target asks for."""
    word = re.sub(f"^{_ADVERBS}{{0,3}}", "", after)
    bare = _bare(asked)
    for start in {after[:2], word[:2], after[:1] if len(asked) <= 2 or len(after) == 1 else ""}:
        whole = len(start) == 2 or (start and len(asked) <= 2) or (start and start == after)
        at = bare.find(start) if whole else -1
        if at >= 0 and not _STARTS.search(bare[:at][-2:]) and not start.isascii():
            return True
    return False


def _failed(asked: str, clause: str) -> bool:
    """A failure by itself that the target does not speak of: 逾期20天, 项目取消; also what the target rules out."""
    bare = _bare(clause)
    for match in _FAILURE.finditer(bare) if not _REMEDY.search(bare) else ():
        before = bare[: match.start()]
        if _STARTS.search(before[-6:]) or _EXISTENCE.search(before) or _RATE_OF.match(bare, match.end()):
            continue
        if match[0] not in asked or _STARTS.search(asked[: asked.find(match[0])][-3:]):
            return True
    return False


def _opposite(asked: str, clause: str) -> bool:
    """The other end of the axis the target names: 显著提升 → 有所下降; not of what should fall."""
    bare, about = _bare(clause), asked + clause
    if says_bad(about) or _LESSER.search(about) or len(clause) > _SHORT:
        return False
    up, down = _UP.search(asked), _DOWN.search(asked)
    if bool(up) == bool(down):
        return False
    own, other = (_UP, _DOWN) if up else (_DOWN, _UP)
    match = other.search(bare)
    denied = match is not None and _STARTS.search(bare[: match.start()][-3:])
    return match is not None and not denied and not own.search(bare)
