"""Target and actual cells: the order in which the notations are tried (NOTATIONS.md sections 0 to 13)."""

import re
from functools import lru_cache

from perfbatch.notation import damage, dates, figures, words
from perfbatch.notation.dates import read_date, read_stored
from perfbatch.notation.names import says_bad, says_percent, says_progress
from perfbatch.notation.reading import Around, Draft, Reading
from perfbatch.notation.signs import SIGN_CHARACTERS, SIGNS, cell_sign
from perfbatch.notation.units import COUNTED, cell_unit, common, is_money, unit_of
from perfbatch.notation.values import actual_figure, denies_survey, nothing_done, target_figure, target_words, unchanged

_ENDS = "。；;，,、"
_WIDE = re.compile("[\uff01-\uff5e\u3000]")
_BLANKS = re.compile(r"\s")
_SQUARED = re.compile(r"(?<=[0-9千百万亿/])(km|m|hm)\^?([23])(?![0-9])")  # 5km2, 3m^3
_POWERS = {"2": "²", "3": "³"}
_QUOTED = re.compile("[“\"'‘’]([^“”\"'‘’]+)[”\"'’]")  # “100%”
_YUAN = re.compile("¥([0-9.,]*[0-9])(元|[万亿]元?)?")  # ¥500, ¥5万
_SHARE = re.compile(rf"(百|千|万)分之([0-9][0-9.]*|{figures.NUMERALS.pattern})")  # 万分之三, 百分之九十五
_SHARES = {"百": "%", "千": "‰", "万": "‱"}
_SIGN_CHARACTERS = frozenset(SIGN_CHARACTERS)
_VARIABLE = re.compile(rf"^[A-Za-z](?=(?:{SIGNS.pattern})[0-9])")  # X≥95%
# 90%≤满意度≤100%
_WITHIN = re.compile(rf"([0-9.,]+[%‰]?)({SIGNS.pattern})[A-Za-z一-龥]{{1,8}}({SIGNS.pattern})([0-9.,]+[%‰]?.*)")
_TURNED = str.maketrans("<>≤≥≦≧⩽⩾", "><≥≤≧≦⩾⩽")
_PERIODS = "日|天|周|星期|月|季度?|半年|学期"
_HOW_MANY = words.alternation(COUNTED - {"日", "号"})  # 每月15日前 is a day
_AMOUNT = rf"(?:[0-9][0-9.,]*|{figures.NUMERALS.pattern})"
_EVERY = re.compile(  # 每月1次, 月均3次, 一年2次 → 次/月, 次/年
    rf"(?:(?:平均)?每个?({_PERIODS})|(日|周|月|季)均|^一个?(年|半年|季度?|月|周|天)(?={_AMOUNT}[次场期回轮]))"
    rf"([^0-9每]{{0,8}}?{_AMOUNT})({_HOW_MANY})(?![·/每])"
)
_PERIODIC = re.compile("每|均|^一个?[年半季月周天]")
_HEADS = "人|户|亩|村|生|床|班|台|套|校|头|栋|公里|平方米"
# 每亩补贴150元 → 元/亩
_EACH = re.compile(rf"(?:每({_HEADS})|({_HEADS})均)([^0-9每均]{{0,8}}[0-9][0-9.,]*(?:万|亿)?元)(?![/·每0-9])")
_INCLUDED = re.compile(r"(?<![0-9.])([0-9.]+%?[一-龥]{0,4})(?=.*?\(含\1\))")  # ≥33个(含33个)
_BETWEEN = re.compile(r"([≥>]=?[0-9.]+%?)([≤<]=?[0-9.]+%?)")  # ≥80%≤100%
_BOUND = re.compile("含[0-9]")  # ≥33个(含3个): a bound that is not the figure's own
_TRAILING = re.compile(r"(.*[^(])\(([^()]+)\)")  # 94.6%(有效问卷210份)
_ENCLOSED = re.compile(r"\(([^()]+)\)")
_ERROR = re.compile("#(?:REF|DIV/0|N/A|VALUE|NAME|NUM|NULL)[!?]?")
_CLAUSES = re.compile(r"[;。]|(?<![0-9]),|,(?![0-9]{3}(?![0-9]))")  # not the commas of 42,025
_GRADE = re.compile(words.WORDS["scales"]["grades"])
_LONG = 200  # beyond this no cell is a value, and looking for one would take time
_ALONE = Around()
_SHORT = 40  # longer texts are prose, where a stray character is no sign of damage


@lru_cache(maxsize=8192)
def read_target(text: str, row: Around = _ALONE) -> Reading:
    """Reading of a target cell (指标值) with what stands around it."""
    draft = Draft(text)
    folded = _prepared(draft, text, row)
    if early := _nothing(draft, folded, row) or _stored(draft, folded, row):
        return early
    sign = cell_sign(row.sign)
    if sign == "no_arithmetic":
        return draft.words(f"计算符号“{row.sign.strip()}”不参与计算")
    if sign == "qualitative":
        return draft.words("指标性质为定性" + ("，指标值却是数字" if figures.RUN.search(folded) else ""))
    found = _value(draft, folded, row, None)
    if isinstance(found, Reading):
        return found
    return target_figure(draft, found, row, sign) if found else target_words(draft, folded)


def read_actual(text: str, target: Reading, row: Around = _ALONE) -> Reading:
    """Reading of an actual cell (实际完成值) beside its target.

    A missing unit is taken from the unit cell or the target; a repeated sign stays in `op` with the status
    ``assumed``. The row's sign only tells that a leading 2 cannot be a misread ≥; its reason that a satisfaction of 0
    is none because nobody was asked.
    """
    if row.remark and not denies_survey(row.remark):  # other reasons say nothing of the value, and fill the cache
        row = row._replace(remark="")
    return _actual(text, target, row)


@lru_cache(maxsize=8192)
def _actual(text: str, target: Reading, row: Around) -> Reading:
    draft = Draft(text)
    folded = _prepared(draft, text, row)
    early = unchanged(draft, folded, target, row) or nothing_done(draft, folded, target, row)
    if early := early or _nothing(draft, folded, row) or _stored(draft, folded, row):
        return early
    found = _value(draft, folded, row, target)
    if isinstance(found, Reading):
        return found
    if found:
        return actual_figure(draft, found, target, row)
    if target.kind != "quantitative":
        return draft.words()
    what = "结论词" if words.verdict(folded) else "文字"
    return draft.words(f"定量指标填写了{what}，没有实际数值")


def _prepared(draft: Draft, text: str, row: Around) -> str:
    """Folded text without quotes, enclosing brackets and closing punctuation, each normalisation noted."""
    bare = words.without_mark(text).strip()
    if bare != text.strip():
        draft.note(f"“{text.strip().removeprefix(bare).strip()}”是注释的标记，不作数值")
    folded = words.fold(bare)
    if _WIDE.search(bare):
        draft.note("全角转半角")
    if _BLANKS.search(bare):
        draft.note("去除空白")
    if folded[-1:] and folded[-1] in _ENDS and folded.rstrip(_ENDS):
        folded = folded.rstrip(_ENDS)
        draft.note("去除句末标点")
    if quoted := _QUOTED.fullmatch(folded):
        folded = quoted[1]
        draft.note("去除引号")
    if "¥" in folded:
        # A currency format beside a unit cell of money says nothing of the scale: ¥16.81 │ 万元 is 16.81万元.
        own = "" if row.unit and is_money(cell_unit(row.unit).name) else "元"
        before, folded = folded, _YUAN.sub(lambda match: match[1] + (match[2] or own), folded)
        if own or before.count("元"):
            draft.note("“¥”按元读取")
    if "分之" in folded:
        folded = _SHARE.sub(_share, folded)
    if _PERIODIC.search(folded):
        folded = _EVERY.sub(lambda match: f"{match[4]}{match[5]}/{match[1] or match[2] or match[3]}", folded)
    if "每" in folded or "均" in folded:
        folded = _EACH.sub(lambda match: f"{match[3]}/{match[1] or match[2]}", folded)
    if folded[:1].isdigit() and (limits := _WITHIN.fullmatch(folded)):
        folded = f"{limits[2].translate(_TURNED)}{limits[1]}且{limits[3]}{limits[4]}"
    if folded[1:2] in _SIGN_CHARACTERS and folded[:1].isalpha():
        folded = _VARIABLE.sub("", folded)
    if included := _INCLUDED.search(folded):
        folded = folded.replace(f"(含{included[1]})", "(含)")
        draft.note(f"“含{included[1]}”按含本数理解")
    if limits := _BETWEEN.fullmatch(folded):
        folded = f"{limits[1]}且{limits[2]}"
    return _SQUARED.sub(lambda match: match[1] + _POWERS[match[2]], folded)


def _share(match: re.Match[str]) -> str:
    """万分之三 → 3‱, 百分之九十五 → 95%; other texts stay."""
    figure = match[2] if match[2][0].isdigit() else figures.chinese(match[2])
    if figure is None or figures.is_clipped(match[2]):
        return "100%" if match[0] == "百分之百" else match[0]
    return f"{figure}{_SHARES[match[1]]}"


def _nothing(draft: Draft, folded: str, row: Around) -> Reading | None:
    """Nil words, 不适用, template text and a bare unit."""
    if row.stored == "empty" or not folded:
        return draft.nil()
    if words.is_picture(folded):
        return draft.nil("单元格是图片，读不出内容")
    folded = words.unpunctuated(folded)
    if folded.lower() in words.NOT_APPLICABLE:
        draft.applicable = False
        return draft.nil("不适用")
    if folded in words.NONE_WORDS and says_bad(row.name):
        return draft.words("“无”是指标值：指标为不应发生的事项")
    if words.is_nil(folded):
        return draft.nil()
    if words.is_template(folded):
        return draft.nil("模板提示文字未替换")
    sign = SIGNS.match(folded)
    unit = unit_of(folded[sign.end() :] if sign else folded)
    if unit.whole:
        draft.unit = unit.name
        return draft.nil("只有符号或单位，没有数值")
    return None


def _stored(draft: Draft, folded: str, row: Around) -> Reading | None:
    """Cells that the workbook stores as an error, truth value or date."""
    if row.stored == "error" or _ERROR.fullmatch(folded):
        return draft.refuse(f"单元格为错误值“{folded}”")
    if row.stored in ("bool", "ticked"):  # the heading above a tick is no figure, whatever the target asks for
        draft.status = "ok" if row.stored == "bool" else "assumed"
        return draft.words()
    return read_stored(draft, folded, row)


def _value(draft: Draft, text: str, row: Around, target: Reading | None) -> Reading | figures.One | None:
    """The notation of a non-empty cell: a finished reading, one figure, or None for words."""
    text = _ENCLOSED.sub(r"\1", text) if _ENCLOSED.fullmatch(text) else text
    if len(text) > _LONG:
        runs = figures.figures_in(figures.without_references(text))
        if len(runs) > 1:
            return draft.several(f"文字中有多个数字：{'、'.join(runs[:4])}", "qualitative")
        if runs:
            draft.note("文字过长，其中的数字未作为指标值")
        return None
    text = _without_evidence(draft, text)
    if "\n" in draft.raw.strip():
        lines = [folded for line in draft.raw.splitlines() if (folded := words.fold(line).rstrip(_ENDS))]
        full = all((part := figures.one(line)) and not part.prose and (part.ops or part.unit.name) for line in lines)
        if full and len(lines) > 1:  # each line is a figure with sign or unit
            return draft.several(f"一格填写了多个数字：{'、'.join(lines)}")
    if len(text) <= _SHORT and (broken := damage.in_text(text)):
        return draft.refuse(broken)
    blanks = figures.blanks_inside(draft.raw.strip())
    if blanks == "unclear" and len(text) <= _SHORT and not dates.looks_dated(text):
        return draft.refuse("数字中间有空格，可能是一个数也可能是多个数")
    if blanks == "group":
        draft.assume("数字中的不间断空格按千位分隔处理")
    if figures.SCORING_RULE.search(text):
        return draft.several("内容为评分规则，不是指标值", "qualitative")
    if words.verdict(text) and not _progress_value(text, row, target):
        return None
    if _GRADE.fullmatch(text):
        return draft.words("等级，不作数值比较")
    if reading := read_date(draft, text, row, target):
        return reading
    found = figures.one(text)
    if found and not found.prose:
        return found
    if figures.RATIO.fullmatch(text):
        return draft.words("比例，只与比例比较")
    if figures.RUN.search(text) is None:
        return found
    if found is None:  # several figures
        if target is not None and (fitting := _fitting(draft, text, target)):
            return fitting
        several = figures.read_several(draft, text, unit=bool(row.unit))
        if isinstance(several, figures.One) and target is not None:
            return draft.several("完成值为区间，无法确定实际数值")
        if several is not None:
            return several
    return _prose(draft, text, row, target)


def _without_evidence(draft: Draft, text: str) -> str:
    """The text before its closing brackets where these only tell about it: 94.6%(有效问卷210份), 320人(其中女性120人).

    A figure of the same kind without a word of its own is another value, and stays.
    """
    while text.endswith(")") and (match := _TRAILING.fullmatch(text)):
        outer, inner = match.groups()
        if not figures.RUN.search(inner) or (main := figures.one(outer)) is None or main.value is None:
            return text
        told = figures.one(inner)
        same = told is not None and not told.prose and common(main.unit.name, told.unit.name).state != "dimension"
        if same or _BOUND.match(inner) or figures.SCORING_RULE.search(inner) or SIGNS.search(inner):
            return text
        draft.note(f"括号内“{inner}”作为说明，不作数值")
        text = outer
    return text


def _progress_value(text: str, row: Around, target: Reading | None) -> bool:
    """Whether 完成100% is a value: as a target, or where name or target themselves measure progress."""
    if not words.is_progress(text):
        return False
    if target is None:
        return not text.startswith("已") or says_progress(row.name)
    aims_at_it = target.status == "multiple" or says_progress(row.name) or words.is_progress(words.fold(target.raw))
    return target.unit in {"", "%"} and aims_at_it


def _fitting(draft: Draft, text: str, target: Reading) -> figures.One | None:
    """The only figure of several that is of the target's kind: 94.6%,210份 beside ≥90%."""
    if target.value is None or not target.unit:
        return None
    parts = [figures.one(part) for part in _CLAUSES.split(text)]
    plain = [part for part in parts if part is not None and part.value is not None and part.unit.name]
    fits = [part for part in plain if common(target.unit, part.unit.name).state != "dimension"]
    if len(plain) < max(len(parts), 2) or len(fits) != 1 or fits[0].noun:
        return None
    if fits[0].head and not says_percent(fits[0].head):
        return None
    draft.assume(f"一格中只有一个数字与目标单位“{target.unit}”同类，取该数字")
    return fits[0]._replace(head="")


def _prose(draft: Draft, text: str, row: Around, target: Reading | None) -> Reading | figures.One | None:
    """Figures in a sentence: the only one, several, or none that is a value."""
    bare = figures.without_references(text)
    runs = figures.figures_in(bare)
    if len(runs) > 1:
        return draft.several(f"文字中有多个数字：{'、'.join(runs[:4])}", "qualitative")
    progress = bare.strip(figures.BLANK)
    if words.is_progress(progress) and not _progress_value(progress, row, target):
        return None
    if not runs:
        draft.note("文中的日期、文号或标准不作为指标值")
        return None
    if (found := figures.one(bare)) is None:
        return None
    notes, assumed = (tuple(note.replace(figures.BLANK, "…") for note in some) for some in (found.notes, found.assumed))
    return found._replace(notes=notes, assumed=assumed)
