"""IN, filling: are target and actual there, are they figures, and can they be compared."""

from collections.abc import Iterator

from perfbatch.checks import words
from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import ZERO, Form, Row, more
from perfbatch.checks.register import check
from perfbatch.notation import fold, is_nil
from perfbatch.notation.units import common, dimension

# --- what is empty ---


@check("IN01", of="form")
def actual_empty_but_scored(form: Form) -> Iterator[Hit]:
    """The actual cell is empty or a nil word although the row has a score above zero.

    The platform refuses to save such a row. A warning where a row with a target has neither actual nor score
    while other rows of its form were filled: one was forgotten, and the total is open. 无 stands for a value
    where something unwanted is counted, so it is let pass unless the target is a positive figure.
    """
    filled = any(not is_nil(row.actual_text) for row in form.rows)
    for row in form.indicators:
        if row.actual_kind != "nil" or not row.own or not row.cell_actual or row.unsurveyed:
            continue
        if words.says(row.actual_text, "marked_none") and not more(row.target_value, ZERO):
            continue
        if more(row.score_declared, ZERO):
            told = f"指标{row.called}没有填写实际完成值，却得了{number(row.score_declared)}分。"
            yield row.hit("cell_actual", told, expected="实际完成值")
        elif filled and row.score_declared is None and row.nil("score_text") and not row.nil("target_text"):
            told = f"指标{row.called}的目标为“{row.target}”，没有填写实际完成值，本行未自评。"
            yield row.hit("cell_actual", told, expected="实际完成值", severity="warning")


def _without_target(form: Form) -> list[Row]:
    return [row for row in form.indicators if row.kind == "nil" and row.own and row.cell_target]


@check("IN02", of="form")
def target_empty(form: Form) -> Iterator[Hit]:
    """The target cell is empty on a row with points (on a form without points: with an actual).

    A row of nothing but a name on a form with points may be the rest of the name above it, broken by a converter.
    """
    for row in form.rows if form.has_points else ():
        bare = row.kind == row.actual_kind == "nil" and row.role in ("indicator", "child") and row.level3
        blanked = row.points_text or row.score_text or any(t and is_nil(t) for t in (row.target_text, row.actual_text))
        if bare and not blanked and row.applicable:
            told = f"指标{row.called}只有名称，没有指标值、分值和得分；如果是上一行名称的后半截，请并入上一行。"
            yield row.hit("cell_level3", told, seen=row.level3_text, expected="完整的一行指标")
    for row in _without_target(form):
        if row.scored or (not row.cell_points and row.actual_kind != "nil"):
            told = f"指标{row.called}没有填写年度指标值，无法判断是否完成。"
            yield row.hit("cell_target", told, expected="年度指标值")


@check("IN03", of="form")
def target_inside_label(form: Form) -> Iterator[Hit]:
    """The target cell is empty while the indicator's name carries the figure.

    The figure is offered as a suggestion and never used for scoring (LAYOUTS, trap T12).
    """
    for row in _without_target(form):
        if words.says(row.level3, "label_target") and (row.scored or row.actual_text):
            found = words.pattern("label_target").search(fold(row.level3))
            figure = found.group(0) if found else ""
            told = f"指标{row.called}的指标值为空，数值“{figure}”只写在名称里。"
            yield row.hit("cell_target", told, expected=figure)


@check("IN32", of="form")
def adjusted_target_empty(form: Form) -> Iterator[Hit]:
    """The target of the start of the year exists but the adjusted one is empty: the row escapes scoring."""
    for row in _without_target(form):
        if not row.nil("initial_target"):
            told = f"指标{row.called}的年初指标值为“{row.initial_target}”，调整后的年度指标值却为空。"
            yield row.hit("cell_target", told, expected=row.initial_target)


# --- what is no figure ---


@check("IN04", of="form")
def points_typed_as_value(form: Form) -> Iterator[Hit]:
    """Target and actual are bare figures equal to points and score: the points were typed as the value.

    A whole number under a name that counts something (…人数, …次数) is let pass: it may well agree.
    """
    for row in form.indicators:
        same = row.points is not None and row.target_value == row.points
        if not same or row.actual_value not in (row.points, row.score_declared) or row.actual_value is None:
            continue
        if not row.scored or not _bare(row.target_text) or not _bare(row.actual_text) or not row.nil("unit_text"):
            continue
        if row.points % 1 == 0 and words.says(row.level3, "count_names"):
            continue
        told = f"指标{row.called}的指标值{row.target}、完成值{row.actual}与分值{number(row.points)}相同"
        told += "且没有单位，疑似把分值填成了指标值。"
        yield row.hit("cell_target", told, expected="指标本身的数值和单位")


def _bare(text: str) -> bool:
    return words.says(text, "bare_number")


@check("IN05", of="form")
def sign_on_actual(form: Form) -> Iterator[Hit]:
    """The actual cell carries a sign, usually copied from the target: what was really reached is unknown."""
    for row in form.indicators:
        signed = row.actual_operator in ("ge", "gt", "le", "lt", "eq") and row.actual_kind == "quantitative"
        if signed and row.live:
            told = f"指标{row.called}的实际完成值“{row.actual}”带有符号，看不出实际达到多少。"
            yield row.hit("cell_actual", told, expected="不带符号的实际数值")


@check("IN06", of="form")
def actual_not_a_figure(form: Form) -> Iterator[Hit]:
    """A quantitative target is answered by words (完成, 已落实) or a date, or a date by a figure (100%).

    An error where the target is a plain figure and the actual has none; only a warning where the target's figure had
    to be read out of prose, the actual holds a figure that could not be read, or is ticked (完成 │ 基本完成 │ 未完成).
    """
    for row in form.indicators:
        if row.actual_kind in ("qualitative", "date") and row.figures and row.readable:
            figure = any(char.isdigit() for char in row.actual_text) and not words.says(row.actual_text, "only_done")
            worded = row.actual_kind == "qualitative" and not figure and not words.says(row.actual_text, "ticked")
            worded = worded and row.actual_status == "ok"  # else the heading of a ticked column
            certain = worded and words.says(row.target_text, "plain_figure")
            told = f"指标{row.called}的目标“{row.target}”是数值，实际完成值“{row.actual}”不是数值，无法比较。"
            yield row.hit("cell_actual", told, expected="数值", severity="error" if certain else "warning")
        if row.kind == "date" and row.actual_kind == "quantitative" and row.live and row.readable:
            told = f"指标{row.called}的目标“{row.target}”是日期，实际完成值“{row.actual}”不是日期，"
            told += "不能判断是否按期完成。"
            yield row.hit("cell_actual", told, expected="完成日期", severity="warning")


@check("IN30", of="form")
def two_figures_in_one_cell(form: Form) -> Iterator[Hit]:
    """One cell holds several figures (a count and a rate), so that the row cannot be scored by formula.

    Information where the figures are the grades of a ladder: nothing is to be split, but nothing was recomputed.
    """
    for row in form.indicators:
        if "multiple" not in (row.target_status, row.actual_status) or not row.live:
            continue
        side = "target" if row.target_status == "multiple" else "actual"
        text, graded = getattr(row, f"{side}_text"), words.says(row.target_text, "graded_target")
        told, severity = f"单元格“{text}”含多个数值，不能自动计算完成率和得分。", ""
        if graded:
            told, severity = f"目标“{text}”分档填写，得分没有复算，请按所在档次核对。", "info"
        yield row.hit(f"cell_{side}", f"指标{row.called}的{told}", expected="一个数值", severity=severity)


# --- units ---


@check("IN07", of="form")
def units_differ(form: Form) -> Iterator[Hit]:
    """Target and actual are in units that cannot be compared, or that may not count the same thing.

    An error only where both units are written and measure different things; two count words (人, 户) or a
    unit outside the table are a warning, and so are words that may count different things (场, 次) and a unit on one
    side only that the other side cannot share (500000 beside 50万元). What converts exactly (公里, 米) is no matter.
    """
    for row in form.indicators:
        if row.comparison == "dimension" and row.live and row.readable:
            written = (not _bare(row.target_text) or row.unit_text) and not _bare(row.actual_text)
            kinds = {dimension(row.unit), dimension(row.actual_unit)}
            told = f"指标{row.called}的目标“{row.target}”与实际“{row.actual}”计量单位不同，不能比较，完成率未计算。"
            severity = "error" if written and "" not in kinds and len(kinds) > 1 else "warning"
            yield row.hit("cell_actual", told, expected=row.unit or row.target_text, severity=severity)
        apart = row.unit != row.actual_unit and row.unit and row.actual_unit and row.compared
        # other words may count other things (场, 次), but not periods of one (次/月)
        same = apart and ("/" in row.unit) == ("/" in row.actual_unit)
        if same and common(row.unit, row.actual_unit).state == "assumed":
            told = f"指标{row.called}的目标用“{row.unit}”、实际用“{row.actual_unit}”，按同一单位比较，"
            told += "请确认是同一种数量。"
            yield row.hit("cell_actual", told, expected=row.unit, severity="warning")
        side = _side_without_unit(row) if row.comparison == "none" else ""
        if side:
            told = f"指标{row.called}的目标“{row.target}”与实际“{row.actual}”只有一侧写了单位，"
            told += "另一侧按哪个单位读取不能确定，没有比较，完成率未计算。"
            expected = row.actual_text if side == "target" else row.target_text
            yield row.hit(f"cell_{side}", told, expected=expected, severity="warning")


def _side_without_unit(row: Row) -> str:
    """Which of target and actual lacks a unit where both are readable figures and the other has one; '' where none."""
    if not row.figures or row.actual_kind != "quantitative" or not row.readable or not is_nil(row.unit_text):
        return ""
    target, actual = (words.says(text, "figure_without_unit") for text in (row.target_text, row.actual_text))
    return "" if target == actual else "target" if target else "actual"


@check("IN33", of="form")
def unit_missing_on_one_side(form: Form) -> Iterator[Hit]:
    """Only one of target and actual names a unit; the other is read in the same unit by convention."""
    for row in form.indicators:
        if row.comparison != "none" and (side := _side_without_unit(row)):
            told = f"指标{row.called}的目标“{row.target}”与实际“{row.actual}”只有一侧写了单位，按同一单位比较。"
            yield row.hit(f"cell_{side}", told, expected=row.actual_text if side == "target" else row.target_text)


# --- what rests on a convention, or was not compared ---

_WAYS = {"positive": "越多越好", "negative": "越少越好"}


@check("IN34", of="form")
def comparison_is_assumed(form: Form) -> Iterator[Hit]:
    """Target and actual were compared under a documented convention (a bare target, a borrowed unit, a year).

    The direction that a bare target was given is named. A name that does not say which way is better is a question,
    and the row is not scored unless the actual is the target itself. A date stands at the cell that is unclear.
    """
    for row in form.indicators:
        assumed, bare = row.comparison == "assumed", row.operator == "none"
        if row.compared and bare and row.direction == "none" and row.actual_base != row.target_base:
            told = f"指标{row.called}的指标值“{row.target}”没有符号，从名称看不出越多越好还是越少越好，"
            told += "没有计分，请写明≥或≤。"
            yield row.hit("cell_target", told, expected="带≥、≤或＝的指标值", severity="warning")
        elif row.compared and assumed and (bare or not _side_without_unit(row)):  # else IN33
            way = f"；按“{_WAYS[row.direction]}”计分。" if bare and row.direction in _WAYS else "。"
            told = f"指标{row.called}按推定的读法比较：{row.notes or '目标没有写明符号'}{way}"
            yield row.hit("cell_target", told, expected="带符号和单位的指标值")
        for side in ("target", "actual") if row.kind == "date" and assumed and row.live else ():
            day, text = getattr(row, f"{side}_date"), getattr(row, f"{side}_text")
            if day and getattr(row, f"{side}_status") == "assumed":
                # a month early in the year may answer one late in the year without saying which year it is
                turn = row.target_date[5:7] in ("10", "11", "12") and row.actual_date[5:7] in ("01", "02", "03")
                unclear = side == "actual" and turn and not words.says(row.actual_text, "names_a_year")
                what = "如为次年请写明年份" if unclear else "请核对年份和日期"
                told = f"指标{row.called}的时间“{text}”按{day}理解，{what}。"
                yield row.hit(f"cell_{side}", told, expected=day, severity="warning" if unclear else "")


_NOTHING_COMPARED = ("目标值或完成值没有可比较的数字", "目标值或完成值无法确定，未比较")  # said by the message itself


@check("IN35", of="form")
def figure_not_compared(form: Form) -> Iterator[Hit]:
    """A target with a digit that nothing was compared with: a grade, a rank, a sentence, an actual of another kind.

    Nothing unread may look checked; where another check says so, this one is silent.
    """
    for row in form.indicators:
        if row.comparison in ("yes", "assumed") or not row.live or row.nil("actual_text") or row.unsurveyed:
            continue
        if any(map(str.isdigit, row.target_text)):
            notes = [note for note in row.notes.split("；") if note and note not in _NOTHING_COMPARED]
            why = f"（{'；'.join(notes)}）" if notes else ""
            told = f"指标{row.called}的指标值“{row.target}”含有数字，没有按数值比较{why}，请人工核对。"
            yield row.hit("cell_target", told, expected="符号＋一个数值＋单位")
