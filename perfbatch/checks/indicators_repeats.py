"""IN, repetition inside one project: the same indicator, the same figures, the same words again and again."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from perfbatch.checks import words
from perfbatch.checks.context import Hit
from perfbatch.checks.form import Form, Row, actual_of, name_of, target_of
from perfbatch.checks.register import check
from perfbatch.notation import fold, is_nil


@check("IN17", of="form")
def duplicate_indicator(form: Form) -> Iterator[Hit]:
    """The same name with the same target stands twice in one project, so the result is counted twice."""
    first: dict[tuple[str, ...], Row] = {}
    for row in form.rows:
        if row.role not in ("indicator", "parent") or is_nil(row.level3):
            continue
        key = tuple(map(fold, (row.level3, row.sign_text, row.target_text, row.unit_text)))
        earlier = first.setdefault(key, row)
        if earlier is not row:
            goal = "" if is_nil(row.target_text) else f"（指标值“{target_of(row)}”）"
            yield row.hit(
                ("cell_level3", "cell_target"),
                f"指标{name_of(row)}{goal}与{earlier.cell_level3}处的指标重复。",
                seen=row.level3,
            )


@check("IN29", of="form")
def same_pair_of_values(form: Form) -> Iterator[Hit]:
    """Two differently named indicators share target and actual to several digits: rarely by chance."""
    least = form["same_pair_digits"]
    first: dict[tuple[str, str], Row] = {}
    for row in form.indicators if least is not None else ():
        if not row.compared or _significant(row.actual_value) < least:
            continue
        earlier = first.setdefault((fold(row.target_text), fold(row.actual_text)), row)
        if earlier.level3 != row.level3:
            yield row.hit(
                "cell_actual",
                f"指标{name_of(row)}与“{earlier.level3}”（{earlier.cell_actual}）的目标、实际完全相同"
                f"（“{target_of(row)}”→“{actual_of(row)}”）。",
            )


def _significant(value: Decimal | None) -> int:
    """Significant digits of a decimal, trailing zeros not counted."""
    return 0 if value is None else len(str(value).replace(".", "").replace("-", "").strip("0"))


@check("IN31", of="form")
def same_verdict_everywhere(form: Form) -> Iterator[Hit]:
    """Nearly every actual of a project is the same verdict word: nothing was measured row by row."""
    answered = [row for row in form.rows if row.role in ("indicator", "child") and row.actual_kind != "nil"]
    share, least = form["same_share"], form["copy_min_rows"]
    if share is None or least is None or len(answered) < least:
        return
    worded = [row for row in answered if _is_word(row.actual_text)]
    alike = Counter(fold(row.actual_text) for row in worded)
    for row in worded:
        count = alike[fold(row.actual_text)]
        if count >= share * len(answered):
            yield row.hit(
                "cell_actual",
                f"{len(answered)}个指标中有{count}个的实际完成值都是“{actual_of(row)}”，看不出各项实际情况。",
                expected="各指标的实际数值",
            )
            return


def _is_word(text: str) -> bool:
    """Whether a text is words without a figure; 已完成100% is, a bare 100% is a measured value."""
    worded = any(c.isalpha() for c in text)
    return worded and (not any(c.isdigit() for c in text) or words.says(text, "only_done"))
