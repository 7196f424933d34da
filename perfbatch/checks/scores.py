"""SC: scores — of the rows, their total, the grade, roundings and special columns."""

import re
from collections.abc import Iterator
from decimal import Decimal

from perfbatch.checks import words
from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import COUNTED, ZERO, Form, Row, apart, less, more, sum_of
from perfbatch.checks.hebei import shrunk_points
from perfbatch.checks.register import check
from perfbatch.decimals import decimals, divide, half_up, other_rounding, plain, total
from perfbatch.notation import fold, is_nil, without_remark
from perfbatch.rulesets import RANGE_SOURCE
from perfbatch.schema import grouped

_HUNDRED = Decimal(100)
_WORKED_OUT = re.compile(r"\d.*[=＝+＋×÷/／一-龥]|[一-龥].*\d")
_GRADES = words.table("grade_words")["places"]
_GRADE_PLACE = {word: place for place, some in enumerate(_GRADES) for word in some}


# --- a score by itself ---


@check("SC01", of="form")
def score_above_points(form: Form) -> Iterator[Hit]:
    """A score above the points of its row, or of its group where the cells are merged.

    The platform resets such a score to zero.
    """
    by_score, by_points = _points_of_cells(form, "cell_score"), _points_of_cells(form, "cell_points")
    for row in form.summed:
        if row.score_declared is None:
            continue
        own = row.worth or ZERO  # where the form has no such cell
        limit = max(by_score.get((row.sheet, row.cell_score), own), by_points.get((row.sheet, row.cell_points), own))
        if 0 < limit < row.score_declared:
            told = f"得分{number(row.score_declared)}高于分值{number(limit)}。"
            yield row.hit("cell_score", told, expected=f"不超过{number(limit)}")
    if more(form.execution_score_declared, form.printed_execution_points):
        told = f"预算执行率得分{number(form.execution_score_declared)}高于分值{number(form.execution_points)}。"
        yield form.hit("cell_execution_score", told, expected=f"不超过{number(form.execution_points)}")


def _points_of_cells(form: Form, cell: str) -> dict[tuple[str, str], Decimal]:
    """Σ points over the rows that share a score (points) cell, by sheet and cell."""
    places = (((row.sheet, getattr(row, cell)), row.worth or ZERO) for row in form.summed)
    return {place: total(worths) for place, worths in grouped(places).items() if place[1]}


@check("SC02", of="form")
def bad_score(form: Form) -> Iterator[Hit]:
    """A score that is no number or negative, or none on a row that has points and an actual value.

    A form on which every score is missing is reported once.
    """
    unread = {row.at for row in form.unread_score}
    for row in form.summed:
        if row.cell_score and (row.at in unread or less(row.score_declared, ZERO)):
            severity = "warning" if _WORKED_OUT.search(row.score_text) else ""  # 20-1=19 may well hold the right one
            told = f"“{row.level3.strip()}”得分“{row.score_text.strip()}”不是0到分值之间的数字"
            told += "，没有核对。" if severity else "。"
            yield row.hit("cell_score", told, expected="0到分值之间的数字", severity=severity)
    missing = []
    for row in form.without_score if not form.damaged else ():
        open_row = row.role in ("indicator", "execution") and not is_nil(row.actual_text)
        if row.cell_score and open_row and row.at not in unread and not form.unread(row.sheet, row.cell_score):
            missing.append(row)
    if any(row.score_declared is not None for row in form.rows):
        for row in missing:
            told = f"“{row.level3.strip()}”有实际完成值和分值{number(row.points)}，没有填写得分。"
            yield row.hit("cell_score", told, seen="", expected="填写得分")
    elif missing:
        told = f"本表{len(missing)}行指标有实际完成值和分值，都没有填写得分。"
        yield missing[0].hit("cell_score", told, seen="", expected="填写得分")
    # points and figures of the execution rate without a score, unless the whole form is still blank
    cell = form.cell_execution_score
    if not cell or form.unread(form.sheet, cell):
        return
    if form.execution_score_declared is None and not form.nil("execution_score_text"):
        told = f"预算执行率得分“{form.execution_score_text.strip()}”不是0到分值之间的数字，没有核对。"
        yield form.hit("cell_execution_score", told, expected="0到分值之间的数字", severity="warning")
    if not form.nil("execution_score_text") or form.execution_rate is None:
        return
    begun = any(row.score_declared is not None or not is_nil(row.actual_text) for row in form.rows)
    blank = not begun and any(row.role in ("indicator", "parent") for row in form.rows)
    if more(form.printed_execution_points, ZERO) and not blank:
        told = f"预算执行率有分值{number(form.execution_points)}和执行数，没有填写得分。"
        yield form.hit("cell_execution_score", told, seen="", expected="填写得分")


# --- the total ---


@check("SC03", of="form")
def total_not_sum(form: Form) -> Iterator[Hit]:
    """The printed total is not the sum of the row scores and the execution score.

    While a score is missing only a total is wrong that no score of those rows could give. A total that is the rounded
    sum is information; one rescaled for rows that do not apply, or lowered by the deduction column, is right. A
    platform list prints no execution score: there the computed one is added, and without it nothing is said.
    """
    if not form.cell_total:
        return
    declared, slack, due = form.total_declared, form["tol_score"], form.total_recomputed_declared
    summed, rate = f"各项得分与执行率得分合计{number(due)}", form.execution_score
    if due is not None and _execution_unprinted(form):
        own, due = number(due), None if rate is None else due + rate
        summed = f"各指标得分合计{own}，加复算的执行率得分{number(rate)}为{number(due)}"
    if declared is None and not form.nil("total_text"):
        told = f"总分“{form.total_text.strip()}”不是数字，没有核对。"
        yield form.hit("cell_total", told, expected="数字", severity="warning")
    elif declared is None:
        if form.scores_known and form.has("total_row") and more(due, ZERO):
            yield form.hit("cell_total", f"{summed}，总分没有填写。", expected=number(due), severity="warning")
    elif not form.scores_known:
        yield from _out_of_reach(form)
    elif due is not None and apart(declared, due, slack):
        rescaled, lowered = _rescaled(form), due - sum_of(form.summed, "deduction")
        if form["deduction_column"] is True and not apart(declared, lowered, slack):
            return
        if rescaled is not None and not apart(declared, rescaled, slack):
            return
        tail, severity = "", ""
        if any(half_up(due, places) == declared for places in (0, 1)):
            tail, severity = "（四舍五入所致）", "info"
        elif _rows_lost(form):
            tail, severity = "，可能缺少指标行", "warning"
        told = f"{summed}，总分填{number(declared)}{tail}。"
        yield form.hit("cell_total", told, expected=number(due), severity=severity)


def _execution_unprinted(form: Form) -> bool:
    """Whether the total of a platform list holds an execution score that the list does not print."""
    if not form.listed or form.cell_execution_score or form.execution_points is None:
        return False
    return bool(form["total_points"] - form.points_sum - form.execution_points >= 0)


def _out_of_reach(form: Form) -> Iterator[Hit]:
    """A total that cannot be while scores are missing, whether such rows have none or all of their points.

    Silent where a row without a score has no points either, where rows do not apply, and on cut or damaged forms.
    """
    slack, lost = form["tol_score"], {row.at: row for row in form.without_score}
    lost |= {row.at: row for row in form.unread_score if more(row.worth, ZERO)}
    if slack is None or not lost or form.cut or form.damaged or _execution_unprinted(form):
        return
    for row in form.rows:
        counted = row.role in COUNTED
        if row.group_points or (counted and (not row.applicable or more(row.deduction, ZERO))):
            return
        if counted and row.score_declared is None and row.at not in lost and not is_nil(row.actual_text):
            return
    rate = form.execution_score_declared
    least = sum_of(form.summed, "score_declared") + (rate or ZERO)
    most = least + sum_of(lost.values(), "worth")
    most += (form.printed_execution_points or ZERO) if rate is None else ZERO
    if not least - slack <= form.total_declared <= most + slack:
        told = f"有的行没有读到得分，各项得分合计只能在{number(least)}至{number(most)}之间，"
        told += f"总分填{number(form.total_declared)}。"
        yield form.hit("cell_total", told, expected=f"{number(least)}至{number(most)}")


def _rows_lost(form: Form) -> bool:
    """Whether the printed total is more than the rows are worth, or the rows have no points at all.

    Rows may be missing then, in the file or in the reading. Families that print scores only are not meant.
    """
    execution = form.execution_points if _execution_unprinted(form) else form.printed_execution_points
    worth = form.points_sum + form.heading_sum + (execution or ZERO)
    short = form["tol_points"] is not None and worth < form["total_points"] - form["tol_points"]
    return short and more(form.total_declared, worth) and not form.has("scores_only")


def _rescaled(form: Form) -> Decimal | None:
    """Declared total on a hundred-point basis without the rows that do not apply; None where all rows apply."""
    absent = any(not row.applicable and more(row.worth, ZERO) for row in form.summed)
    if not absent or form["na_rule"] != "rescale":
        return None
    rows, whole = [row for row in form.summed if row.applicable], form["total_points"]
    points, score = form.printed_execution_points or ZERO, form.execution_score_declared or ZERO
    top, bottom = sum_of(rows, "score_declared"), sum_of(rows, "worth")
    if form["na_includes_exec"] is True:
        return divide((top + score) * whole, bottom + points) if bottom + points > 0 else None
    return divide(top * (whole - points), bottom) + score if bottom > 0 else None


@check("SC14", of="form")
def not_rescaled(form: Form) -> Iterator[Hit]:
    """A row that does not apply was counted as zero or in full instead of being left out and the rest rescaled."""
    due = _rescaled(form)
    if due is not None and form.scores_known and apart(form.total_declared, due, form["tol_score"]):
        rows, due = sum(not row.applicable for row in form.summed), half_up(due, 2)
        told = f"有{rows}行指标不适用，其余得分折算为百分制应为{number(due)}分，总分填{number(form.total_declared)}。"
        yield form.hit("cell_total", told, expected=number(due), basis=form.clause("na_rule"))


# --- a score against the formula ---


@check("SC04", of="form")
def differs_from_computed(form: Form) -> Iterator[Hit]:
    """The declared score of a quantitative row is not what the formula of its direction gives.

    Certain only where target and actual are plain figures and the ruleset's formula is the only one: a score
    that is right at another rounding is information; a warning where a convention was needed to read the
    row, where the row prints its own scoring rule, where the other documented formula fits, or where a
    target was met and a reason is given for the deduction. An execution rate among the indicators is judged alike.
    """
    for row in form.rows:
        if not apart(row.score_declared, row.score, form["tol_score"]):
            continue
        if not (row.rated or (row.scored and row.compared)) or shrunk_points(form):
            continue
        (severity, doubt), due, how = _doubt(row), number(row.score), row.formula.rstrip("。")
        told = f"按公式应得{due}分，填报{number(row.score_declared)}分{doubt}；公式：{how}。"
        yield row.hit("cell_score", told, expected=due, severity=severity, basis=_formula_clause(row))


def _formula_clause(row: Row) -> str:
    """The source of the formula by which a row is scored."""
    if row.rated:
        return row.form.clause("exec_rule")
    if row.direction == "range":
        return RANGE_SOURCE
    return row.form.clause(f"{row.direction if row.direction in ('negative', 'equal') else 'positive'}_rule")


def _doubt(row: Row) -> tuple[str, str]:
    """Severity of a differing score where it is not certain, and the words that say why."""
    rounding = other_rounding(row.score_unrounded, row.score_declared)
    if rounding:
        return "info", f"，{rounding}后一致"
    other = _other_formula(row)
    if other is not None and _same(other, row.score_declared):
        return "warning", "，与另一种通行公式的结果一致，请确认本地采用的公式"
    if any(char.isdigit() for char in row.method):
        return "warning", "，本行另有评分规则，请核对"
    if row.worth is not None and row.score >= row.worth and not row.silent:
        return "warning", "，目标已完成而少计分，已填写原因，请核对是否恰当"
    if row.comparison == "assumed" and row.role != "execution":
        return "warning", "，目标或实际的写法按惯例读取，请核对"
    if row.direction == "range":
        return "warning", "，区间目标没有通用公式，请核对"
    return "", ""


def _other_formula(row: Row) -> Decimal | None:
    """Score by the documented formula for negative rows that the ruleset does not use: T÷A×W or 1−(A−T)÷T."""
    target, actual, points = row.target_base, row.actual_base, row.worth  # a Hebei form has no points: its share of 100
    if row.direction != "negative" or not target or not actual or actual <= target or points is None:
        return None
    proportional = divide(target * points, actual)
    if _same(proportional, row.score):
        return max(divide((2 * target - actual) * points, target), ZERO)
    return proportional


def _same(one: Decimal, other: Decimal | None) -> bool:
    return other is not None and any(half_up(one, places) == other for places in (2, 1))


@check("SC05", of="form")
def missed_with_full_score(form: Form) -> Iterator[Hit]:
    """The target was missed (or the ceiling exceeded) and the row still has all its points.

    A full score that only comes from the form's own rounding (4.9 printed as 5 on a whole-point form) is
    information; a row that was read by a convention is a warning, and so is one above its range, which may be
    better than was asked, and one that only equals a strict bound (>3 → 3). Words that deny the target are a miss as
    well (及时 → 不及时, 优 → 良), and so is what does not apply.
    """
    for row in form.indicators:
        certain = row.at_strict_bound or row.score is None or less(row.score, row.worth)
        if row.full and row.missed and certain and not shrunk_points(form):
            yield _full_though_missed(form, row)
    yield from _denied(form)
    for row in form.indicators:
        idle = not row.applicable and row.actual_kind == "nil" and form["na_rule"] != "full_points"
        if idle and more(row.points, ZERO) and row.score_declared is not None and row.score_declared >= row.points:
            told = f"实际填“{row.actual}”，表示本项不适用，却得满分{number(row.score_declared)}。"
            yield row.hit("cell_score", told, expected="不计分，总分折算", basis=form.clause("na_rule"))


def _full_though_missed(form: Form, row: Row) -> Hit:
    at_bound = row.at_strict_bound
    beyond = more(row.actual_base, row.target_base2) and "±" not in row.target_text  # 30±2 binds on both sides
    places = max(map(decimals, (form.execution_score_declared, *(row.score_declared for row in form.rows))))
    rounded = row.score_unrounded is not None and half_up(row.score_unrounded, places) == row.score_declared
    how = "高于目标区间" if beyond else "恰等于目标" if at_bound else "没有完成目标"
    declared, due = number(row.score_declared), f"，按公式应得{number(row.score)}分"
    told = f"目标{row.target}，实际{row.actual}，{how}却得满分{declared}{'' if row.score is None or at_bound else due}"
    told += "（取整所致）。" if rounded and not at_bound else "。"
    expected = number(row.score) if less(row.score, row.score_declared) else f"小于{declared}"
    severity = "warning" if at_bound or beyond or row.comparison == "assumed" else "info" if rounded else ""
    return row.hit("cell_score", told, expected=expected, severity=severity, basis=_formula_clause(row))


def _denied(form: Form) -> Iterator[Hit]:
    """Words that deny what the target asks for (及时 → 不及时, 无 → 发生1起) and late dates, with all points.

    A bare …月前 is used both with and without the month itself, so that such a late date is only a warning.
    """
    for row in form.indicators:
        if not row.full:
            continue
        worded = row.kind == "qualitative" and not _has_band(row)  # a verdict of the form: SC08
        if (worded or (row.kind == "date" and row.readable)) and row.contradicted:
            sure = row.denied
            told = f"目标“{row.target}”，实际“{row.actual}”，"
            told += f"{'没有完成目标' if sure else '可能没有全部完成目标'}却得满分{number(row.score_declared)}。"
            yield row.hit("cell_score", told, expected=f"小于{number(row.points)}", severity="" if sure else "warning")
        if row.late:
            vague = words.says(row.target_text, "not_a_deadline")
            told = f"要求“{row.target}”，实际“{row.actual}”，已逾期，却得满分{number(row.score_declared)}。"
            yield row.hit("cell_score", told, expected=f"小于{number(row.points)}", severity="warning" if vague else "")


def _has_band(row: Row) -> bool:
    """Whether the verdict word of a row stands for a band of its points."""
    return more(row.score_low, ZERO) or less(row.score_high, row.points)


@check("SC06", of="form")
def equal_target_exceeded(form: Form) -> Iterator[Hit]:
    """A target with = was exceeded, the row has all its points and nothing explains the difference."""
    for row in form.indicators:
        above = row.direction == "equal" and more(row.actual_base, row.target_base)
        if above and row.compared and row.full and row.silent:
            told = f"“等于”类目标{row.target}，实际{row.actual}，两者不同却得满分，也没有说明原因。"
            yield row.hit("cell_actual", told, expected=row.target, basis=form.clause("equal_rule"))


@check("SC07", of="form")
def met_but_scored_down(form: Form) -> Iterator[Hit]:
    """The target was met, the score is below the points and no reason is given.

    Typical: the actual percentage multiplied with the points. A warning where a convention was needed to read
    the row, or where the target was far exceeded and a reduction may be meant.
    """
    slack = form["tol_score"]
    for row in form.rows:
        points, score = row.points, row.score_declared
        if points is None or score is None or slack is None or points - score <= slack or less(row.score, points):
            continue
        if row.score is None or not (row.rated or (row.scored and row.compared)) or not row.silent:
            continue
        boxed = not row.cell_reason and not form.nil("reason_box")  # no column: reasons stand in one box at the end
        if boxed or shrunk_points(form):
            continue
        far = row.ratio is not None and form["over_flag_ratio"] is not None and row.ratio >= form["over_flag_ratio"]
        assumed = row.comparison == "assumed" and row.role != "execution"
        told = f"目标{row.target}，实际{row.actual}，已完成目标，应得{number(points)}分，"
        told += f"填报{number(score)}分，没有说明原因"
        share = row.actual_value if row.actual_unit == "%" else None
        if share is not None and _same(share * points / _HUNDRED, score):
            told += f"（可能是按实际{plain(share)}%×分值计算）"
        due, severity = number(points), "warning" if assumed or far or row.method.strip() else ""
        yield row.hit("cell_score", f"{told}。", expected=due, severity=severity, basis=_formula_clause(row))


@check("SC08", of="form")
def outside_band(form: Form) -> Iterator[Hit]:
    """The score of a qualitative row lies outside the band that its verdict word stands for.

    Only the option words of the ruleset name a band; of any other text nothing is concluded here (SC05).
    """
    for row in form.indicators:
        outside = less(row.score_declared, row.score_low) or more(row.score_declared, row.score_high)
        if outside and row.scored and _has_band(row):
            band = f"{number(row.score_low)}～{number(row.score_high)}"
            told = f"完成情况为“{row.actual_text.strip()}”，得分应在{band}之间，填报{number(row.score_declared)}分。"
            yield row.hit("cell_score", told, expected=band, basis=form.clause("qual_bands"))


# --- the form as a whole ---


@check("SC09", of="form")
def perfect_in_spite(form: Form) -> Iterator[Hit]:
    """The total is full although money was left, a target was missed, or the form itself states problems.

    Money that was left costs no points where the execution rate is only shown.
    """
    if form.total_declared is None or form.total_declared < form["total_points"]:
        return
    slack = form["tol_rate"]
    unspent = slack is not None and less(form.execution_rate, 1 - slack / _HUNDRED)
    facts = {
        "执行率不到100%": unspent and less(form.execution_score, form.execution_points),
        "有指标没有完成目标": any(row.missed for row in form.indicators),
        "表中写明存在问题": not form.nil("problems") and not words.says(form.problems, "problem_none"),
    }
    if any(facts.values()):
        told = f"总分为满分，而{'、'.join(name for name, true in facts.items() if true)}。"
        yield form.hit(
            "cell_total", told, expected="" if form.total_score == form.total_declared else number(form.total_score)
        )


@check("SC10", of="form")
def wrong_grade(form: Form) -> Iterator[Hit]:
    """The grade word printed on the form is not the one its printed total falls in.

    Lists of the platform have no grade column; there the grade word stands under 自评结论.
    """
    name, cell = ("grade_declared", "cell_grade") if form.grade_declared else ("conclusion", "cell_conclusion")
    text = getattr(form, name)
    places = _GRADE_PLACE | {word: place for place, word in enumerate(form["grade_words"])}
    place = places.get(fold(without_remark(text)))
    if place is None and not form.nil("grade_declared"):
        told = f"等级“{text.strip()}”没有识别，没有核对。"
        yield form.hit(cell, told, seen=text, expected="、".join(form["grade_words"]), severity="warning")
    if place is None or form.total_declared is None:
        return
    due = sum(form.total_declared < bound for bound in form["grades"])
    if place != due:
        word = form["grade_words"][due]
        told = f"总分{number(form.total_declared)}分应为“{word}”，表中填“{text.strip()}”。"
        yield form.hit((cell, "cell_total"), told, seen=text, expected=word, basis=form.clause("grades"))


@check("SC11", of="form")
def mixed_rounding(form: Form) -> Iterator[Hit]:
    """Scores of one form are rounded to different places: 6.67 here, 7 for 6.67 there.

    Only scores that had to be rounded tell; a whole score among decimals is natural.
    """
    usual: int | None = None
    for row in form.indicators:
        exact, declared = row.score_unrounded, row.score_declared
        if exact is None or declared is None or exact == declared or abs(exact - declared) >= 1 or not row.scored:
            continue
        # fewest decimals at which the exact score is the declared one
        places = next((places for places in range(3) if half_up(exact, places) == declared), None)
        if places is None:
            continue
        usual = places if usual is None else usual
        if places != usual:
            told = f"本行得分保留{places}位小数，同一张表其他得分保留{usual}位小数，取位不一致。"
            yield row.hit("cell_score", told, expected=f"保留{usual}位小数")
            return


@check("SC12", of="form")
def scored_below_threshold(form: Form) -> Iterator[Hit]:
    """The completion rate is below the pass threshold of the ruleset and the row still has a score.

    Off unless a ruleset sets `pass_threshold`.
    """
    limit = form["pass_threshold"]
    for row in form.indicators if limit is not None else ():
        if less(row.completion_rate, limit) and row.scored and more(row.score_declared, ZERO):
            told = f"完成率{number(row.completion_rate * 100)}%低于及格门槛{number(limit * 100)}%，应得0分，"
            told += f"填报{number(row.score_declared)}分。"
            yield row.hit("cell_score", told, expected="0", basis=form.clause("pass_threshold"))


@check("SC13", of="form")
def deduction_not_applied(form: Form) -> Iterator[Hit]:
    """A deduction is entered but the score exceeds the points less the deduction, or the total is negative."""
    for row in form.summed if form["deduction_column"] is True and form["tol_score"] is not None else ():
        if row.points is None or not more(row.deduction, ZERO):
            continue
        limit = max(row.points - row.deduction, ZERO)
        if more(row.score_declared, limit + form["tol_score"]):
            told = f"分值{number(row.points)}、扣分{number(row.deduction)}，得分应不超过{number(limit)}，"
            told += f"填报{number(row.score_declared)}分。"
            yield row.hit("cell_score", told, expected=f"不超过{number(limit)}")
    if less(form.total_declared, ZERO):
        told = f"总分{number(form.total_declared)}为负数。"
        yield form.hit("cell_total", told, expected="不小于0")


@check("SC15", of="form")
def default_cost_too_heavy(form: Form) -> Iterator[Hit]:
    """The cost row that the platform adds by itself carries more points than its limit (one province's branch)."""
    limit = form["default_cost_row"]
    for row in form.indicators if limit is not None else ():
        added = fold(row.level3) in ("", "成本指标", "成本") and "成本指标" in (row.level1, row.level2)
        if added and (more(row.points, limit) or more(row.score_declared, limit)):
            told = f"系统默认的成本指标分值{number(row.points)}，超过上限{number(limit)}分。"
            yield row.hit(("cell_points", "cell_score"), told, seen=row.points_text, expected=f"不超过{number(limit)}")
