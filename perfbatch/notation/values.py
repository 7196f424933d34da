"""What a figure is worth: of a target its operator, unit and doubts; of an actual the same beside its target.

NOTATIONS.md sections 1 to 5, 7, 9, 10, 12 and 13.
"""

import re
from decimal import Decimal
from typing import cast

from perfbatch.decimals import plain
from perfbatch.notation import damage, names, units
from perfbatch.notation.figures import One, change_of
from perfbatch.notation.reading import Around, Draft, Op, Reading
from perfbatch.notation.signs import BEFORE, OPS, SIGN_OF, SIGNS, cell_sign, merged
from perfbatch.notation.words import NONE_WORDS, WORDS, fold, not_applicable, unpunctuated, verdict

_BUDGET = frozenset(WORDS["budget_words"]["words"])
_SCALE_WORDS = frozenset(WORDS["scales"]["words"])
_STEMS = tuple(WORDS["stems"]["words"])
LIMIT = Decimal(WORDS["rates"]["fraction_limit"])
_PER_HEAD = re.compile("[每均]")  # 每人500元, 人均500元 are no sum
_PER_PERIOD = re.compile("[每逐](?:个)?(?:[日天周旬月季]|半年|学期)")
_HEADS = WORDS["heads"]
_NOT_OWN = re.compile(_HEADS["not_values"])
_FURTHER = re.compile("[并且及和与、]")  # a second demand beside the figure
_CLAUSE = re.compile("(?<![0-9])[,;。]|[,;。](?![0-9])")
_PRODUCT = re.compile("[×*xX+]")  # 2人×12月
_SHARE_OF = re.compile(_HEADS["shares_of"])
_CHINESE = re.compile("[一-龥]+")
_NOUN = 8  # longer words after a unit are a sentence, not the thing counted


def target_words(draft: Draft, text: str) -> Reading:
    """A target in words: verdict, budget limit, scale words, graded prose, or text without a criterion."""
    if text in _BUDGET:
        return draft.words("没有数字，对照预算执行情况核对")
    if text in _SCALE_WORDS:
        return draft.words("只有等级词，没有评判标准")
    if SIGNS.match(text) or BEFORE.match(text):
        return draft.words("有比较要求但没有数字")
    if verdict(text) or any(stem in text for stem in _STEMS):
        return draft.words()
    return draft.words("没有评判标准")


def target_figure(draft: Draft, found: One, row: Around, sign: str) -> Reading:
    """A target with one figure (or a range already drafted); in prose only where a convention allows it."""
    if found.refused:
        return draft.refuse(found.refused)
    if found.prose and not _may_be_target(draft, found, row):
        return draft.words(f"文字中的数字“{plain(found.value)}{found.unit.name}”未作为指标值")
    if conflict := _operator(draft, found, row, sign):
        return draft.refuse(conflict)
    draft.take(found.value, found.notes, found.assumed)
    if doubt := _target_unit(draft, found, row) or _unsigned_doubt(draft, row, signed=draft.op != "none"):
        return draft.refuse(doubt)
    draft.kind = "quantitative"
    if draft.op == "none":
        draft.assume("指标值未写符号")
    return draft.done()


def _may_be_target(draft: Draft, found: One, row: Around) -> bool:
    """Whether one figure among words may be the target: counted noun, sign word, named rate, money."""
    if _SHARE_OF.search(found.head) or _PRODUCT.search(found.noun):
        return False
    unit = found.unit.name
    signed = bool(found.ops) and not _PER_PERIOD.search(found.head)  # 每月≥1次 is not what a year's count meets
    # words that leave it the row's own value: 培训, 全部…村, not 第, 前, 每村 or …并验收
    own = _CHINESE.fullmatch(found.head) and not _NOT_OWN.search(found.head) and len(found.head) <= _HEADS["longest"]
    alone = not _FURTHER.search(found.noun) and not _CLAUSE.search(fold(draft.raw).strip("〔〕()。;,"))
    money = (unit and units.is_money(unit)) or (units.is_scale(unit) and names.says_money(row.name, row.level2))
    counted = unit or (found.value == 0 and names.says_bad(found.noun))
    if found.noun and not found.head and counted and len(found.noun) <= _NOUN:
        draft.assume(f"“{found.noun}”不是计量单位，只取数字" + (f"和“{unit}”" if unit else ""))
    elif signed or (unit == "%" and not found.noun and names.says_percent(found.head)):
        draft.assume("文字中只有一个数字，按数值读取")
    elif money and not _PER_HEAD.search(found.head):
        draft.assume("文字中只有一个金额，按数值读取")
    elif counted and len(found.noun) <= _NOUN and own and alone:
        draft.assume(f"“{found.head}{'…' + found.noun if found.noun else ''}”不影响数值，按数值读取")
    else:
        return False
    return True


def _operator(draft: Draft, found: One, row: Around, sign: str) -> str:
    """Put the operator into the draft; the reason when signs contradict each other."""
    own, conflict = merged(found.ops)
    if conflict:
        return f"符号互相矛盾：“{draft.raw.strip()}”"
    cell: Op | None = cast(Op, sign) if sign in OPS else None
    if sign == "unknown":
        draft.note(f"符号栏“{row.sign.strip()}”无法识别")
    if draft.op == "range":
        return "" if cell in {None, "eq"} else f"符号栏“{row.sign.strip()}”与指标值区间矛盾"
    if cell and own not in {"none", cell}:
        return f"符号栏“{row.sign.strip()}”与指标值中的符号“{SIGN_OF[own]}”矛盾"
    draft.op = cell or own
    hint = names.label_hint(row.name).op if row.name else "none"
    if draft.op == "none" and hint != "none":
        draft.op = hint
        draft.assume(f"符号“{SIGN_OF[hint]}”取自指标名称")
    elif hint not in {"none", draft.op}:
        draft.note(f"指标名称中的符号“{SIGN_OF[hint]}”与指标值不一致")
    return ""


def _target_unit(draft: Draft, found: One, row: Around) -> str:
    """Put the unit into the draft: the cell's own, the unit cell's, the label's; else why they clash."""
    cell = units.cell_unit(row.unit) if row.unit else None
    if units.is_scale(found.unit.name):
        return _target_scale(draft, found.unit, cell, row)
    if own := found.unit.name:
        draft.unit = own
        if cell is not None and cell.name not in ("", own):
            if units.common(own, cell.name).state == "dimension":
                return f"指标值单位“{own}”与单位栏“{cell.name}”不一致"
            draft.assume(f"指标值单位“{own}”与单位栏“{cell.name}”不同，以指标值为准")
        return ""
    if row.percent_stored:
        return stored_percent(draft)
    if cell and cell.name:
        draft.unit = cell.name
        return ""
    hint = names.label_unit(row.name, draft.value) if row.name else ""
    if hint:
        draft.assume(f"单位“{hint}”取自指标名称")
        draft.unit = hint
    elif row.name and names.says_percent(row.name) and names.label_hint(row.name).unit != "%":
        if draft.value and abs(draft.value) < LIMIT:
            return f"“{plain(draft.value)}”可能是{plain(draft.value)}%，也可能是{plain(draft.value * 100)}%"
        draft.assume("按指标名称理解为百分数")
        draft.unit = "%"
    return ""


def stored_percent(draft: Draft) -> str:
    """A fraction in a cell with a percent format."""
    for field in ("value", "value2"):
        figure = getattr(draft, field)
        setattr(draft, field, None if figure is None else figure.scaleb(2))
    draft.unit = "%"
    draft.note("单元格为百分比格式，按百分数读取")
    return ""


def _target_scale(draft: Draft, own: units.Unit, cell: units.Unit | None, row: Around) -> str:
    """Complete 万 or 亿 from the unit cell or from a name that is about money."""
    if cell and cell.name:
        name = cell.name if cell.name.startswith(own.name) else own.name + cell.name
        if cell.known and units.measure(cell.name).power and name != cell.name:
            return f"指标值中的“{own.name}”与单位栏“{cell.name}”不一致"
        draft.unit = name
    elif names.says_money(row.name, row.level2):
        name = units.with_base(own.name, "元")
        draft.assume(f"“{own.name}”按“{name}”读取")
        draft.unit = name
    else:
        draft.unit = own.name
    return ""


def _unsigned_doubt(draft: Draft, row: Around, *, signed: bool) -> str:
    """Reason why the figure looks like a misread sign or glued points (section 13), else ''."""
    value = draft.value
    if value is None or draft.op == "range":
        return ""
    if draft.unit == "%":
        legitimate = signed or names.over_hundred(row.name, actual=False)
        return damage.run_together(value) or ("" if legitimate else damage.in_percent(value, row.points))
    if signed or row.stored == "number" or row.points is None:
        return ""
    rest = damage.glued(value, row.points)
    return damage.glued_note(value, rest, row.points) if rest is not None else ""


_SMALL = Decimal(WORDS["rates"]["small_target"])  # beside a target below it a small figure is a percentage
_NONE_STARTS = tuple(WORDS["nil"]["none_starts"])
_OTHER = {"up": "down", "down": "up"}
_UNCHANGED = frozenset(WORDS["change"]["unchanged"])
_NO_SURVEY = re.compile("|".join(WORDS["survey"]["denied"]))
_RATED = frozenset(WORDS["survey"]["units"])
_SURVEYED = tuple(WORDS["survey"]["names"])
_YES_NO = frozenset({"有", "无", "是", "否", "没有"})


def nothing_done(draft: Draft, folded: str, target: Reading, row: Around) -> Reading | None:
    """无, 未发生, 没有轮换…: zero, a statement, not applicable, or nothing, as the target decides."""
    folded = unpunctuated(folded)
    figure = target.kind == "quantitative"
    zero = figure and target.value == 0
    none_happened = folded.startswith(_NONE_STARTS) and names.says_bad(folded) and (zero or target.op in {"le", "lt"})
    if folded in NONE_WORDS or none_happened:
        if zero or none_happened:
            return _zero(draft, folded, target)
        if not figure and (names.says_bad(row.name) or names.says_bad(target.raw) or target.raw.strip() in _YES_NO):
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


def actual_figure(draft: Draft, found: One, target: Reading, row: Around) -> Reading:
    """An actual with one figure, in prose only where its unit fits the target."""
    if found.refused:
        return draft.refuse(found.refused)
    if found.prose and not _may_be_actual(draft, found, target, row):
        return draft.words(f"文字中的数字“{plain(found.value)}{found.unit.name}”未作为完成值")
    draft.take(found.value, found.notes, found.assumed)
    op, conflict = merged(found.ops)
    if conflict:
        return draft.refuse(f"符号互相矛盾：“{draft.raw.strip()}”")
    if op == "eq" and not SIGNS.search(fold(draft.raw)):
        op = "none"  # "满意度为96%" states the value, it repeats no sign
    if op != "none":
        draft.op = op
        draft.assume(f"完成值带符号“{SIGN_OF[op]}”，真实数值不明")
    doubt = _opposite(draft, found, target, row) or _actual_unit(draft, found, target, row)
    if doubt := doubt or _damage(draft, target, row, signed=op != "none"):
        return draft.refuse(doubt)
    surveyed = draft.unit in _RATED and any(name in row.name or name in row.level2 for name in _SURVEYED)
    if not draft.value and surveyed and (row.remark or denies_survey(draft.raw)):  # 0%（未开展调查）
        return draft.nil(f"没有开展调查，“{plain(found.value)}{found.unit.name}”不是调查结果，完成情况未知")
    draft.kind = "quantitative"
    return draft.done()


def _opposite(draft: Draft, found: One, target: Reading, row: Around) -> str:
    """Give a fall its sign where a rise was asked for, and the other way round; why that cannot be told, else ''.

    增长5% → 下降3% is −3. A fall beside a target that speaks of no change is no value of it, and −3% beside
    下降2% may be meant either way.
    """
    assert draft.value is not None
    if not found.change and draft.value >= 0:
        return ""
    asked = _target_change(target, row)
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


def _target_change(target: Reading, row: Around) -> str:
    """Whether the target, else the name, is about a rise (``up``) or a fall (``down``), else ''."""
    own = change_of(target.raw)
    return own if own in _OTHER else "" if own else names.name_change(row.name)


def unchanged(draft: Draft, folded: str, target: Reading, row: Around) -> Reading | None:
    """持平, 未增长 beside a target of change: no change is 0."""
    asked = target.value is not None and unpunctuated(folded) in _UNCHANGED and _target_change(target, row)
    return _zero(draft, folded, target) if asked else None


def _zero(draft: Draft, folded: str, target: Reading) -> Reading:
    """Words that stand for 0 in the target's unit."""
    draft.kind, draft.value = "quantitative", Decimal(0)
    draft.unit = target.unit
    draft.assume(f"“{folded}”按0读取")
    return draft.done()


def _may_be_actual(draft: Draft, found: One, target: Reading, row: Around) -> bool:
    """Whether one figure among words may be the actual: the target has a figure of the same dimension."""
    none_asked = target.value == 0 and not target.unit and names.says_bad(row.name)  # 0 → 发生1起
    if target.value == 0 == found.value and not found.unit.name and names.says_bad(found.noun):  # 0投诉
        draft.assume(f"“{found.noun}”不是计量单位，只取数字")
        return True
    if target.value is None or not found.unit.name or not (target.unit or none_asked):
        return False
    if not none_asked and units.common(target.unit, found.unit.name).state == "dimension":
        return False
    draft.assume("文字中只有一个数字，按数值读取")
    return True


def _actual_unit(draft: Draft, found: One, target: Reading, row: Around) -> str:
    """Put the unit into the draft: own, stored percent, unit cell, target, label; else why it is unclear."""
    own = found.unit.name
    if own and units.measure(own).base:
        draft.unit = own
        return ""
    if own:
        return _actual_scale(draft, own, target, row)
    if row.percent_stored:
        return stored_percent(draft)
    cell = units.cell_unit(row.unit).name if row.unit else ""
    name = cell or target.unit or names.label_unit(row.name, draft.value if target.value is None else target.value)
    if name == "%" or (not name and names.says_percent(row.name) and draft.value):
        return _percent(draft, target, explicit=bool(cell), given=bool(name))
    if units.is_scale(name) and not cell and draft.value:
        return f"“{plain(draft.value)}”可能是{plain(draft.value)}，也可能是{plain(draft.value)}{name}"
    if not cell and (doubt := units.other_scale(draft.value, target.value, target.unit, "目标")):
        return doubt
    times = units.times_a_year(name)
    if times > 1 and target.value and draft.value and draft.value >= target.value * times / 2:
        # a bare 12 beside 每月1次 is the year's count where that meets the target
        base = name.split("/", maxsplit=1)[0]
        if draft.value < target.value * times:
            return f"“{plain(draft.value)}”可能是全年{plain(draft.value)}{base}，也可能是{plain(draft.value)}{name}"
        draft.assume(f"按全年{plain(draft.value)}{base}读取")
        draft.unit = base
        return ""
    if name and not cell:
        draft.assume(f"按目标单位补全“{name}”" if target.unit else f"单位“{name}”取自指标名称")
    draft.unit = name
    return ""


def _actual_scale(draft: Draft, own: str, target: Reading, row: Around) -> str:
    """Complete 万 or 亿 from the unit cell, the target's unit or a name that is about money."""
    base = units.measure(target.unit).base or (units.measure(units.cell_unit(row.unit).name).base if row.unit else "")
    if not base and names.says_money(row.name, row.level2):
        base = "元"
    if base == "%":
        return f"“{draft.raw.strip()}”与百分数目标不能比较"
    if base:
        draft.assume(f"“{own}”按“{units.with_base(own, base)}”读取")
    draft.unit = units.with_base(own, base)
    return ""


def _percent(draft: Draft, target: Reading, *, explicit: bool, given: bool) -> str:
    """A bare figure beside a percentage: 95 is 95 %, but 0.96 may be 0.96 % or 96 %."""
    value = draft.value
    small = target.value is not None and abs(target.value) < _SMALL
    if value and abs(value) < LIMIT and not (small and (explicit or abs(value) > 1)):
        return f"“{plain(value)}”可能是{plain(value)}%，也可能是{plain(value * 100)}%"
    if not explicit:
        draft.assume("按目标单位补全“%”" if given else "按指标名称理解为百分数")
    draft.unit = "%"
    return ""


def _damage(draft: Draft, target: Reading, row: Around, *, signed: bool) -> str:
    """Reason why the figure looks damaged beside its target (section 13), else ''."""
    value = draft.value
    assert value is not None
    if draft.unit == "%":
        high = target.unit == "%" and target.value is not None and target.value > 100
        legitimate = signed or high or cell_sign(row.sign) or names.over_hundred(row.name, actual=True)
        if doubt := damage.run_together(value) or ("" if legitimate else damage.in_percent(value, row.points)):
            return doubt
    unit = units.common(target.unit, draft.unit)
    if target.value is None or unit.state == "dimension":
        return ""
    goal, own = target.value * unit.first, value * unit.second
    if draft.unit != "%" and not signed and row.stored != "number" and row.points is not None:
        rest = damage.glued(value, row.points)
        if rest is not None and units.near(rest * unit.second, goal) and not units.near(own, goal):
            return damage.glued_note(value, rest, row.points)
    return damage.lost_zeros(goal, own)
