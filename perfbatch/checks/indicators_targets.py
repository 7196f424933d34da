"""IN, target setting: is the target measurable, in the right group, in the right direction, complete."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from perfbatch.checks import words
from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import ZERO, Form, less, more
from perfbatch.checks.register import check
from perfbatch.notation import fold
from perfbatch.notation.figures import change_of
from perfbatch.notation.names import direction_of
from perfbatch.notation.units import dimension

_WHOLE = Decimal(100)  # a percentage of everything
_KINDS: dict[str, list[str]] = {  # kind → canonical level names that satisfy it
    kind: names for kind, names in words.table("kinds").items() if kind not in ("for", "source")
}


@check("IN08", of="form")
def rate_name_with_counts(form: Form) -> Iterator[Hit]:
    """An indicator named 率, 比例 or 占比 carries a count, or one named …人数, …数量 carries a percentage."""
    for row in form.indicators:
        if not row.figures:
            continue
        counted = dimension(row.unit) not in ("", "share", "time")
        if counted and words.says(row.level3, "rate_names"):
            wanted = "百分比"
        elif row.unit in ("%", "‰") and words.says(row.level3, "count_names"):
            wanted = "数量和单位"
        else:
            continue
        told = f"指标{row.called}的名称与指标值“{row.target}”不是同一类数值，请核对。"
        yield row.hit("cell_target", told, expected=wanted)


@check("IN09", of="form")
def percent_out_of_range(form: Form) -> Iterator[Hit]:
    """A percentage above 100 or below 0 where the whole cannot be exceeded, or a 1 that stands for 100 %.

    Growth and completion rates are on an exception list; a target that no name list covers is only warned of.
    """
    for row in form.indicators:
        target, actual = row.target_value, row.actual_value
        for side, what, value, unit in (
            ("target", "指标值", target, row.unit),
            ("actual", "实际完成值", actual, row.actual_unit),
        ):
            if unit != "%" or value is None or 0 <= value <= _WHOLE or not row.live:
                continue
            if not words.says(row.level3, "unlimited_percent") and not change_of(row.target_text):
                text = getattr(row, f"{side}_text")
                told = f"指标{row.called}的{what}“{text}”超出0至100%。"
                yield row.hit(f"cell_{side}", told, seen=text, expected="0至100%")
        if row.unit == "%" and row.compared and 0 < actual <= 1 < target <= actual * _WHOLE:
            due = f"{number(actual * 100)}%"
            told = f"指标{row.called}的目标为{row.target}，实际填“{row.actual}”，疑似应为{due}。"
            yield row.hit("cell_actual", told, expected=due)


@check("IN12", of="form")
def target_not_measurable(form: Form) -> Iterator[Hit]:
    """A qualitative target of vague words (进一步, 有所, 明显提升) without figure or criterion.

    A hint on wording: a method column that states the criterion lets the row pass.
    """
    for row in form.indicators:
        if row.kind == "qualitative" and row.live and row.nil("method") and words.says(row.target_text, "vague"):
            told = f"指标{row.called}的指标值“{row.target}”没有数值也没有标准，无法衡量是否完成。"
            yield row.hit("cell_target", told, expected="数值或可核对的标准")


@check("IN13", of="form")
def actual_copies_target(form: Form) -> Iterator[Hit]:
    """The actual repeats a qualitative target word for word, so that it proves nothing."""
    for row in form.indicators:
        if row.kind != "qualitative" or not row.live or not row.target_text:
            continue
        if fold(row.target_text) == fold(row.actual_text) and not words.says(row.target_text, "yes_no"):
            told = f"指标{row.called}的实际完成值与指标值都是“{row.target}”，看不出实际情况。"
            yield row.hit("cell_actual", told, expected="实际完成情况")


@check("IN18", of="form")
def kinds_missing(form: Form) -> Iterator[Hit]:
    """A project has no indicator of a required kind (quality, timeliness, satisfaction …).

    Only forms whose level names could be read are judged; the missing kinds are named in one finding. It is
    information where only kinds are missing that depend on the project (cost, satisfaction), and on a
    fragment, whose lost rows may hold the kind.
    """
    rows = [row for row in form.rows if row.role in ("indicator", "parent", "child")]
    second = {row.level2 for row in rows}
    there = second | {row.level1 for row in rows}
    if second.isdisjoint(name for names in _KINDS.values() for name in names):
        return
    required, optional = form["required_kinds"] or (), form["optional_kinds"] or ()
    missing = [kind for kind, names in _KINDS.items() if kind in required and there.isdisjoint(names)]
    if missing:
        kinds_, severity = "、".join(missing), "info" if form.cut or set(missing) <= set(optional) else ""
        hit = form.hit("cell", f"{form.called}没有设置{kinds_}方面的指标。", expected=kinds_, severity=severity)
        yield hit._replace(cell=rows[0].cell_level1 or hit.cell)


@cache
def _wrong_group(name: str, level2: str) -> str:
    """The group in which an indicator of that name belongs, when `level2` is a wrong one, else ''."""
    folded = re.sub(r"\([^()]*\)", "", fold(name))
    for rule in words.table("group_stems")["rules"]:
        if level2 in rule["wrong"] and re.search(rule["pattern"], folded):
            return str(rule["right"])
    return ""


@check("IN19", of="form")
def wrong_group(form: Form) -> Iterator[Hit]:
    """An indicator whose name clearly belongs to one kind stands under another (合格率 under 经济效益)."""
    for row in form.indicators:
        if row.live and (right := _wrong_group(row.level3, row.level2)):
            told = f"指标{row.called}列在“{row.level2}”下，从名称看应属“{right}”。"
            yield row.hit(("cell_level3", "cell_level2"), told, seen=row.level2, expected=right)


@check("IN20", of="form")
def satisfaction_without_survey(form: Form) -> Iterator[Hit]:
    """Satisfaction of exactly 100 % or exactly the target while no text of the row names a survey.

    0 % where the row itself says that nobody was asked is no satisfaction either: it is unknown (only
    information where no point was claimed for it).
    """
    for row in form.indicators:
        if row.unsurveyed:
            claimed = more(row.score_declared, ZERO)
            scored = f"，却得了{number(row.score_declared)}分" if claimed else ""
            told = f"满意度指标{row.called}实际填“{row.actual}”，表中写明没有开展调查，满意度未知{scored}。"
            yield row.hit("cell_actual", told, expected="有调查依据的数值", severity="warning" if claimed else "info")
        if row.actual_unit != "%" or not row.compared:
            continue
        smooth = row.actual_value == _WHOLE or row.actual_base == row.target_base
        if smooth and row.satisfaction and not row.survey:
            told = f"满意度指标{row.called}实际填“{row.actual}”（目标“{row.target}”），表中没有问卷、样本等调查依据。"
            yield row.hit("cell_actual", told, expected="有调查依据的数值")


@check("IN21", of="form")
def satisfaction_target_low(form: Form) -> Iterator[Hit]:
    """A satisfaction target below the usual minimum."""
    limit = form["sat_min"]
    for row in form.indicators:
        upward = row.direction in ("positive", "equal") and row.unit == "%"
        if upward and less(row.target_value, limit) and row.figures and row.satisfaction:
            told = f"满意度指标{row.called}的目标“{row.target}”低于{number(limit)}%。"
            yield row.hit("cell_target", told, expected=f"≥{number(limit)}%")


_DOWN = frozenset({"≤", "≦", "<=", "<", "不高于", "不超过", "不大于", "不多于"})
_CLASHES = {(True, "ge"), (True, "gt"), (False, "le"), (False, "lt")}


@cache
def _label_clash(name: str, target: str, sign: str, operator: str) -> str:
    """The sign in the label when it contradicts the sign of the cell, else ''."""
    folded = fold(name)
    found = ""
    if template := words.pattern("label_sign").search(folded):
        found = template[1]
    elif limit := words.pattern("label_limit").search(folded):
        # the target holds the label's figure, with the same unit where both sides write one
        same = re.search(rf"(?<![\d.]){re.escape(limit[2])}(?![\d.])([%‰一-龥]?)", fold(target))
        unit = re.findall(r"^[%‰一-龥]", folded[limit.end() :])
        found = limit[1] if same and len({*unit, same[1]} - {""}) <= 1 else ""
    own = operator if operator != "none" else _written(fold(target)) or _written(fold(sign))
    return found if found and (found in _DOWN, own) in _CLASHES else ""


def _written(text: str) -> str:
    return "ge" if re.match("[≥≧>]", text) else "le" if re.match("[≤≦<]", text) else ""


@check("IN24", of="form")
def label_sign_contradicts(form: Form) -> Iterator[Hit]:
    """The sign printed in the label (as a template, or before the same figure) contradicts the cell."""
    for row in form.indicators:
        hinted = row.live and (words.says(row.level3, "label_sign") or words.says(row.level3, "label_limit"))
        clash = hinted and _label_clash(row.level3, row.target_text, row.sign_text, row.operator)
        if clash:
            told = f"指标{row.called}的名称写“{clash}”，指标值却是“{row.target}”，方向相反。"
            yield row.hit("cell_target", told, seen=row.target, expected=clash)


@check("IN25", of="form")
def wrong_direction(form: Form) -> Iterator[Hit]:
    """≤ where more is better, or ≥ on costs, accidents and complaints: full points come from doing badly.

    Only names whose head says so; a count is questioned where it is of a kind that is a task (培训人数), since many
    counts are also limits (接待批次, 会议次数).
    """
    for row in form.indicators:
        if not row.figures:
            continue
        if row.operator in ("le", "lt") and not row.cost:
            percent = row.unit == "%"
            if percent and row.target_value is not None and row.target_value >= _WHOLE:
                continue  # ≤100% forbids nothing good
            task, way, sign = percent or words.says(row.level3, "more_is_better"), "more", "≥"
        elif row.operator in ("ge", "gt"):
            task, way, sign = True, "less", "≤"
        else:
            continue
        if task and direction_of(row.level3) == (way, True):
            told = f"指标{row.called}的指标值为“{row.target}”，符号方向与指标含义相反。"
            yield row.hit("cell_target", told, seen=row.target, expected=sign)


@check("IN26", of="form")
def limit_without_sign(form: Form) -> Iterator[Hit]:
    """A cost or limit target is a bare figure: whether less is better has to be assumed."""
    for row in form.indicators:
        bare = row.operator == "none" and row.target_value is not None
        if bare and row.cost and row.figures and words.says(row.level3, "limit_rows"):
            told = f"成本类指标{row.called}的指标值“{row.target}”没有写“≤”。"
            yield row.hit("cell_target", told, expected=f"≤{row.target}")


@check("IN27", of="form")
def zero_floor(form: Form) -> Iterator[Hit]:
    """A floor of zero is met by every result, so the row's points are given away."""
    for row in form.indicators:
        if row.operator == "ge" and row.target_value == 0 and row.figures:
            told = f"指标{row.called}的目标“{row.target}”任何结果都能达到，完成率无法计算。"
            yield row.hit("cell_target", told, seen=row.target, expected="大于0的目标，或“=0”")
