"""An actual's figure beside its target: unit, repeated sign, doubts (NOTATIONS.md 3 to 5, 9, 12, 13)."""

from __future__ import annotations

import re
from decimal import Decimal

from perfbatch.decimals import plain
from perfbatch.notation import damage
from perfbatch.notation.figures import One
from perfbatch.notation.fold import fold
from perfbatch.notation.labels import (
    label_unit,
    name_change,
    over_hundred,
    says_bad,
    says_money,
    says_percent,
)
from perfbatch.notation.lexicon import WORDS
from perfbatch.notation.nil import NONE_WORDS, not_applicable, unpunctuated, verdict
from perfbatch.notation.reading import Draft, Reading, Row
from perfbatch.notation.several import change_of
from perfbatch.notation.signs import CHINESE, RUN, cell_sign, merged
from perfbatch.notation.targets import LIMIT, set_unit, stored_percent
from perfbatch.notation.units import cell_unit, common, is_scale, measure, near, other_scale, times_a_year, with_base

_SMALL = Decimal(WORDS["rates"]["small_target"])
_NONE_STARTS = tuple(WORDS["nil"]["none_starts"])
_OTHER = {"up": "down", "down": "up"}
_UNCHANGED = frozenset(WORDS["change"]["unchanged"])
_NO_SURVEY = re.compile("|".join(WORDS["survey"]["denied"]))
_RATED = frozenset(WORDS["survey"]["units"])
_SURVEYED = tuple(WORDS["survey"]["names"])
_YES_NO = frozenset({"有", "无", "是", "否", "没有"})


def nothing_done(draft: Draft, folded: str, target: Reading, row: Row) -> Reading | None:
    """无, 未发生, 没有轮换…: zero, a statement, not applicable, or nothing, as the target decides."""
    folded = unpunctuated(folded)
    figure = target.kind == "quantitative"
    bad = says_bad(row.name)
    zero = figure and target.value == 0
    none_happened = folded.startswith(_NONE_STARTS) and says_bad(folded) and (zero or target.op in {"le", "lt"})
    if folded in NONE_WORDS or none_happened:
        if zero or none_happened:
            draft.kind, draft.value = "quantitative", Decimal(0)
            set_unit(draft, target.unit)
            draft.assume(f"“{folded}”按0读取")
            return draft.done()
        if not figure and (bad or says_bad(target.raw) or target.raw.strip() in _YES_NO):
            return draft.words()
        return draft.nil(f"定量指标填写“{folded}”，没有完成值") if figure else None
    if figure and not_applicable(folded):
        draft.applicable = False
        draft.assume(f"“{folded}”理解为不适用")
        return draft.nil()
    return None


def denies_survey(text: str) -> bool:
    """Whether the text says that nobody was asked: 未开展调查, 尚未进行满意度测评."""
    return bool(text) and _NO_SURVEY.search(fold(text)) is not None


def not_surveyed(draft: Draft, row: Row) -> bool:
    """Whether a satisfaction of 0 stands for a survey that was not made (0%（未开展调查）): nothing is known then."""
    if draft.value or draft.unit not in _RATED or not any(name in row.name or name in row.level2 for name in _SURVEYED):
        return False
    return bool(row.remark) or denies_survey(draft.raw)


def actual_words(draft: Draft, text: str, target: Reading) -> Reading:
    """An actual in words; beside a quantitative target it gives no value."""
    level = verdict(text)
    if target.kind == "quantitative":
        return draft.words("定量指标填写了结论词，没有实际数值" if level else "定量指标填写了文字，没有实际数值")
    return draft.words()


def actual_figure(draft: Draft, found: One, target: Reading, row: Row) -> Reading:
    """An actual with one figure, in prose only where its unit fits the target."""
    if found.refused:
        return draft.refuse(found.refused)
    if found.prose and not _allowed(draft, found, target, row):
        return draft.words(f"文字中的数字“{plain(found.value)}{found.unit.name}”未作为完成值")
    draft.value = found.value
    for note in found.notes:
        draft.note(note)
    for note in found.assumed:
        draft.assume(note)
    op, conflict = merged(found.ops)
    if conflict:
        return draft.refuse(f"符号互相矛盾：“{draft.raw.strip()}”")
    if op == "eq" and not RUN.search(fold(draft.raw)):
        op = "none"  # "满意度为96%" states the value, it repeats no sign
    if op != "none":
        draft.op = op
        draft.assume(f"完成值带符号“{CHINESE[op]}”，真实数值不明")
    if doubt := _opposite(draft, found, target, row):
        return draft.refuse(doubt)
    doubt = _unit(draft, found, target, row) or _damage(draft, target, row, signed=op != "none")
    if doubt:
        return draft.refuse(doubt)
    if not_surveyed(draft, row):
        return draft.nil(f"没有开展调查，“{plain(found.value)}{found.unit.name}”不是调查结果，完成情况未知")
    draft.kind = "quantitative"
    return draft.done()


def _opposite(draft: Draft, found: One, target: Reading, row: Row) -> str:
    """Give a fall its sign where a rise was asked for, and the other way round; why that cannot be told, else ''.

    增长5% → 下降3% is −3. A fall beside a target that speaks of no change is no value of it, and −3% beside
    下降2% may be meant either way.
    """
    assert draft.value is not None
    if not found.change and draft.value >= 0:
        return ""
    asked = target_change(target, row)
    if asked == "down" and draft.value < 0:
        return f"目标为下降，“{draft.raw.strip()}”带负号，可能是下降也可能是上升"
    if found.change not in _OTHER or found.change == asked or not draft.value:
        return ""
    if asked == _OTHER[found.change]:
        draft.value = -draft.value
        draft.assume(f"方向与目标相反，按{plain(draft.value)}读取")
        return ""
    if found.change == "down" and target.value is not None:
        return f"“{draft.raw.strip()}”是减少的数量，目标没有写明增减，不能比较"
    return ""


def target_change(target: Reading, row: Row) -> str:
    """Whether the target, else the name, is about a rise (``up``) or a fall (``down``), else ''."""
    own = change_of(target.raw)
    return own if own in _OTHER else "" if own else name_change(row.name)


def unchanged(draft: Draft, folded: str, target: Reading, row: Row) -> Reading | None:
    """持平, 未增长 beside a target of change: no change is 0."""
    if target.value is None or unpunctuated(folded) not in _UNCHANGED or not target_change(target, row):
        return None
    draft.kind, draft.value = "quantitative", Decimal(0)
    set_unit(draft, target.unit)
    draft.assume(f"“{folded}”按0读取")
    return draft.done()


def _allowed(draft: Draft, found: One, target: Reading, row: Row) -> bool:
    """Whether one figure among words may be the actual: the target has a figure of the same dimension."""
    none_asked = target.value == 0 and not target.unit and says_bad(row.name)  # 0 → 发生1起
    if target.value == 0 == found.value and not found.unit.name and says_bad(found.noun):  # 0投诉
        draft.assume(f"“{found.noun}”不是计量单位，只取数字")
        return True
    if target.value is None or not found.unit.name or not (target.unit or none_asked):
        return False
    if not none_asked and common(target.unit, found.unit.name).state == "dimension":
        return False
    draft.assume("文字中只有一个数字，按数值读取")
    return True


def _unit(draft: Draft, found: One, target: Reading, row: Row) -> str:
    """Put the unit into the draft: own, stored percent, unit cell, target, label; else why it is unclear."""
    own = found.unit.name
    if own and measure(own).base:
        set_unit(draft, own)
        return ""
    if own:
        return _scale_only(draft, own, target, row)
    if row.percent_stored:
        return stored_percent(draft)
    cell = cell_unit(row.unit).name if row.unit else ""
    name = cell or target.unit or label_unit(row.name, draft.value if target.value is None else target.value)
    if name == "%" or (not name and says_percent(row.name) and draft.value):
        return _percent(draft, target, explicit=bool(cell), given=bool(name))
    if is_scale(name) and not cell and draft.value:
        return f"“{plain(draft.value)}”可能是{plain(draft.value)}，也可能是{plain(draft.value)}{name}"
    if not cell and (doubt := other_scale(draft.value, target.value, target.unit, "目标")):
        return doubt
    if (times := times_a_year(name)) > 1 and target.value and draft.value and draft.value >= target.value * times / 2:
        return _of_the_year(draft, target, name, times)
    if name and not cell:
        draft.assume(f"按目标单位补全“{name}”" if target.unit else f"单位“{name}”取自指标名称")
    set_unit(draft, name)
    return ""


def _of_the_year(draft: Draft, target: Reading, name: str, times: int) -> str:
    """A bare 12 beside 每月1次 is the year's count where that meets the target; else it may be either."""
    assert draft.value is not None
    assert target.value is not None
    base = name.split("/", maxsplit=1)[0]
    if draft.value < target.value * times:
        return f"“{plain(draft.value)}”可能是全年{plain(draft.value)}{base}，也可能是{plain(draft.value)}{name}"
    draft.assume(f"按全年{plain(draft.value)}{base}读取")
    set_unit(draft, base)
    return ""


def _scale_only(draft: Draft, own: str, target: Reading, row: Row) -> str:
    """Complete 万 or 亿 from the unit cell, the target's unit or a name that is about money."""
    base = measure(target.unit).base or (measure(cell_unit(row.unit).name).base if row.unit else "")
    if not base and says_money(row.name, row.level2):
        base = "元"
    if base == "%":
        return f"“{draft.raw.strip()}”与百分数目标不能比较"
    if base:
        draft.assume(f"“{own}”按“{with_base(own, base)}”读取")
    set_unit(draft, with_base(own, base))
    return ""


def _percent(draft: Draft, target: Reading, *, explicit: bool, given: bool) -> str:
    """A bare figure beside a percentage: 95 is 95 %, but 0.96 may be 0.96 % or 96 %."""
    value = draft.value
    small = target.value is not None and abs(target.value) < _SMALL
    clear = not value or abs(value) >= LIMIT or (small and (explicit or abs(value) > 1))
    if not clear and value is not None:
        return f"“{plain(value)}”可能是{plain(value)}%，也可能是{plain(value * 100)}%"
    if not explicit:
        draft.assume("按目标单位补全“%”" if given else "按指标名称理解为百分数")
    set_unit(draft, "%")
    return ""


def _damage(draft: Draft, target: Reading, row: Row, *, signed: bool) -> str:
    """Reason why the figure looks damaged beside its target (section 13), else ''."""
    value = draft.value
    assert value is not None
    unit = common(target.unit, draft.unit) if target.value is not None else None
    comparable = unit is not None and unit.state != "dimension"
    if draft.unit == "%":
        if doubt := damage.run_together(value):
            return doubt
        high = target.unit == "%" and target.value is not None and target.value > 100
        if not (signed or high or cell_sign(row.sign) or over_hundred(row.name, actual=True)) and (
            doubt := damage.in_percent(value, row.points)
        ):
            return doubt
    elif comparable and not signed and row.stored != "number" and row.points is not None:
        assert unit is not None
        assert target.value is not None
        rest = damage.glued(value, row.points)
        goal = target.value * unit.first
        if rest is not None and near(rest * unit.second, goal) and not near(value * unit.second, goal):
            return damage.glued_note(value, rest, row.points)
    if comparable and unit is not None and target.value is not None:
        return damage.lost_zeros(target.value * unit.first, value * unit.second)
    return ""
