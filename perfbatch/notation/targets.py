"""A target's figure: operator, unit and doubts (NOTATIONS.md sections 1 to 5, 7, 10, 13)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

from perfbatch.decimals import plain
from perfbatch.notation import damage
from perfbatch.notation.figures import One
from perfbatch.notation.fold import fold
from perfbatch.notation.labels import label_hint, label_unit, over_hundred, says_bad, says_money, says_percent
from perfbatch.notation.lexicon import WORDS
from perfbatch.notation.nil import verdict
from perfbatch.notation.reading import Draft, Op, Reading, Row
from perfbatch.notation.signs import BEFORE, CHINESE, OPS, RUN, merged
from perfbatch.notation.units import Unit, cell_unit, common, is_money, is_scale, measure, with_base

_BUDGET = frozenset(WORDS["budget_words"]["words"])
_SCALE_WORDS = frozenset(WORDS["scales"]["words"])
_STEMS = tuple(WORDS["stems"]["words"])
LIMIT = Decimal(WORDS["rates"]["fraction_limit"])
_PER_HEAD = re.compile("[每均]")
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
    if RUN.match(text) or BEFORE.match(text):
        return draft.words("有比较要求但没有数字")
    if verdict(text) or any(stem in text for stem in _STEMS):
        return draft.words()
    return draft.words("没有评判标准")


def target_figure(draft: Draft, found: One, row: Row, sign: str) -> Reading:
    """A target with one figure (or a range already drafted); in prose only where a convention allows it."""
    if found.refused:
        return draft.refuse(found.refused)
    if found.prose and not _allowed(draft, found, row):
        return draft.words(f"文字中的数字“{plain(found.value)}{found.unit.name}”未作为指标值")
    conflict = _operator(draft, found, row, sign)
    if conflict:
        return draft.refuse(conflict)
    draft.value = found.value
    for note in found.notes:
        draft.note(note)
    for note in found.assumed:
        draft.assume(note)
    doubt = _unit(draft, found, row) or unsigned_doubt(draft, row, signed=draft.op != "none")
    if doubt:
        return draft.refuse(doubt)
    draft.kind = "quantitative"
    if draft.op == "none":
        draft.assume("指标值未写符号")
    return draft.done()


def _allowed(draft: Draft, found: One, row: Row) -> bool:
    """Whether one figure among words may be the target: counted noun, sign word, named rate, money."""
    if _SHARE_OF.search(found.head) or _PRODUCT.search(found.noun):
        return False
    unit = found.unit.name
    signed = bool(found.ops) and not _PER_PERIOD.search(found.head)  # 每月≥1次 is not what a year's count meets
    money = (unit and is_money(unit)) or (is_scale(unit) and says_money(row.name, row.level2))
    counted = unit or (found.value == 0 and says_bad(found.noun))
    if found.noun and not found.head and counted and len(found.noun) <= _NOUN:
        draft.assume(f"“{found.noun}”不是计量单位，只取数字" + (f"和“{unit}”" if unit else ""))
    elif signed or (unit == "%" and not found.noun and says_percent(found.head)):
        draft.assume("文字中只有一个数字，按数值读取")
    elif money and not _PER_HEAD.search(found.head):
        draft.assume("文字中只有一个金额，按数值读取")
    elif counted and len(found.noun) <= _NOUN and _plain_head(found, draft.raw):
        draft.assume(f"“{found.head}{'…' + found.noun if found.noun else ''}”不影响数值，按数值读取")
    else:
        return False
    return True


def _plain_head(found: One, raw: str) -> bool:
    """Whether the words around a figure leave it the row's own value: 培训, 全部…村, not 第, 前, 每村 or …并验收."""
    head = found.head
    plain = len(head) <= _HEADS["longest"] and _CHINESE.fullmatch(head) is not None and not _NOT_OWN.search(head)
    return plain and not _FURTHER.search(found.noun) and not _CLAUSE.search(fold(raw).strip("〔〕()。;,"))


def _operator(draft: Draft, found: One, row: Row, sign: str) -> str:
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
        return f"符号栏“{row.sign.strip()}”与指标值中的符号“{CHINESE[own]}”矛盾"
    draft.op = cell or own
    hint = label_hint(row.name).op if row.name else "none"
    if draft.op == "none" and hint != "none":
        draft.op = hint
        draft.assume(f"符号“{CHINESE[hint]}”取自指标名称")
    elif hint not in {"none", draft.op}:
        draft.note(f"指标名称中的符号“{CHINESE[hint]}”与指标值不一致")
    return ""


def set_unit(draft: Draft, name: str) -> None:
    """Put a normalised unit and its scale into the draft."""
    draft.unit, draft.scale = name, Decimal(10 ** measure(name).power)


def _unit(draft: Draft, found: One, row: Row) -> str:
    """Put the unit into the draft: the cell's own, the unit cell's, the label's; else why they clash."""
    cell = cell_unit(row.unit) if row.unit else None
    if is_scale(found.unit.name):
        return _scale_only(draft, found.unit, cell, row)
    if found.unit.name:
        set_unit(draft, found.unit.name)
        return _against_cell(draft, found.unit, cell)
    if row.percent_stored:
        return stored_percent(draft)
    if cell and cell.name:
        set_unit(draft, cell.name)
        return ""
    hint = label_unit(row.name, draft.value) if row.name else ""
    if hint:
        draft.assume(f"单位“{hint}”取自指标名称")
        set_unit(draft, hint)
    elif row.name and says_percent(row.name) and label_hint(row.name).unit != "%":
        return _named_percent(draft)
    return ""


def stored_percent(draft: Draft) -> str:
    """A fraction in a cell with a percent format."""
    for field in ("value", "value2"):
        figure = getattr(draft, field)
        setattr(draft, field, None if figure is None else figure.scaleb(2))
    set_unit(draft, "%")
    draft.note("单元格为百分比格式，按百分数读取")
    return ""


def _scale_only(draft: Draft, own: Unit, cell: Unit | None, row: Row) -> str:
    """Complete 万 or 亿 from the unit cell or from a name that is about money."""
    if cell and cell.name:
        name = cell.name if cell.name.startswith(own.name) else own.name + cell.name
        if cell.scale != 1 and name != cell.name:
            return f"指标值中的“{own.name}”与单位栏“{cell.name}”不一致"
        set_unit(draft, name)
    elif says_money(row.name, row.level2):
        name = with_base(own.name, "元")
        draft.assume(f"“{own.name}”按“{name}”读取")
        set_unit(draft, name)
    else:
        set_unit(draft, own.name)
    return ""


def _against_cell(draft: Draft, own: Unit, cell: Unit | None) -> str:
    """Check the unit in the value against the unit cell; the reason when they measure different things."""
    if cell is None or not cell.name or cell.name == own.name:
        return ""
    if common(own.name, cell.name).state == "dimension":
        return f"指标值单位“{own.name}”与单位栏“{cell.name}”不一致"
    draft.assume(f"指标值单位“{own.name}”与单位栏“{cell.name}”不同，以指标值为准")
    return ""


def _named_percent(draft: Draft) -> str:
    """A bare figure under a name that ends in 率 or 满意度."""
    if draft.value and abs(draft.value) < LIMIT:
        return f"“{plain(draft.value)}”可能是{plain(draft.value)}%，也可能是{plain(draft.value * 100)}%"
    draft.assume("按指标名称理解为百分数")
    set_unit(draft, "%")
    return ""


def unsigned_doubt(draft: Draft, row: Row, *, signed: bool) -> str:
    """Reason why the figure looks like a misread sign or glued points (section 13), else ''."""
    value = draft.value
    if value is None or draft.op == "range":
        return ""
    if draft.unit == "%":
        legitimate = signed or over_hundred(row.name, actual=False)
        return damage.run_together(value) or ("" if legitimate else damage.in_percent(value, row.points))
    if signed or row.stored == "number" or row.points is None:
        return ""
    rest = damage.glued(value, row.points)
    return damage.glued_note(value, rest, row.points) if rest is not None else ""
