"""WT: points (权重) — their sums, their split, their form."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from perfbatch.checks.context import Hit, number
from perfbatch.checks.form import COUNTED, ZERO, Form, Row, apart, more, sum_of
from perfbatch.checks.register import check
from perfbatch.decimals import decimals, total
from perfbatch.notation import fold, is_nil
from perfbatch.schema import CONVERTED, grouped

Shares = Mapping[str, Decimal]
# level-1 word of a weight profile → canonical level-1 names it covers
_PARTS: Mapping[str, tuple[str, ...]] = {
    "产出": ("产出指标",), "效益": ("效益指标",), "满意度": ("满意度指标",), "成本": ("成本指标",),
    "效益和满意度": ("效益指标", "满意度指标"), "债券资金管理": ("债券资金管理指标",),
}  # fmt: skip
_WORDS = {"产出": "产出", "效益": "(?:效益|效果)", "满意度": "满意度", "成本": "成本"}
_NOTED = {part: re.compile(rf"{word}(?:指标)?[^\d分]{{0,6}}(\d+(?:\.\d+)?)分") for part, word in _WORDS.items()}
_EXECUTION = "执行率"
_SINGLE = ("产出", "效益", "满意度", "成本", _EXECUTION)  # 债券资金管理 and the like are compared with nothing
_ORDER = (_EXECUTION, *_PARTS)
_TOTAL_CELLS = ("cell_total_points", "cell_total", "cell")


@check("WT01", of="form")
def points_total(form: Form) -> Iterator[Hit]:
    """The points of all rows and of the execution rate do not add up to the total.

    The platform refuses such a form, and a score out of another total compares with nothing. Silent while a
    row has no points (WT05). A form whose own printed total is the sum is only warned about.
    """
    printed, whole, slack = form.printed_execution_points, form["total_points"], form["tol_points"]
    rows = form.points_sum
    points = rows + (printed or ZERO)
    if not form.points_known or form.has(CONVERTED) or not apart(points, whole, slack):
        return
    if printed is None and not apart(rows + form["exec_points"], whole, slack):
        return  # room for the execution rate, whose points the form does not print
    if printed and not apart(points - sum_of(_execution_rows(form), "worth"), whole, slack):
        return  # the rate scored twice: FU15 reports it
    rate = f"，加执行率{number(printed)}分，共{number(points)}分" if printed else ""
    told, seen, due = f"指标分值合计{number(rows)}分{rate}，应为{number(whole)}分。", number(points), number(whole)
    own = form.total_points is not None and not apart(points, form.total_points, slack)
    yield form.hit(_TOTAL_CELLS, told, seen=seen, expected=due, severity="warning" if own else "")


def _execution_rows(form: Form) -> list[Row]:
    """The execution rate where it stands among the indicators."""
    return [row for row in form.rows if row.role == "execution"]


@check("WT02", of="form")
def group_points_total(form: Form) -> Iterator[Hit]:
    """The points of the rows of a group do not add up to the points printed in its heading, 产出指标(50分)."""
    if form.damaged or not form.headed:
        return
    open_rows = {row.at for row in form.without_points}
    for name, columns in (("level1", ("level1_text",)), ("level2", ("level1_text", "level2_text"))):
        for group in form.groups(*columns):
            rows = [row for row in group if row.role in COUNTED]
            known = [row.points for row in rows if row.points is not None]
            if not known or any(row.at in open_rows for row in group):
                continue
            if form.cut and group[-1] is form.rows[-1]:
                continue  # the last group of a fragment, some of whose rows may be lost
            points = total(known)
            off = (row for row in rows if apart(points, getattr(row, f"{name}_points"), form["tol_points"]))
            if (row := next(off, None)) is not None:
                heading, printed = getattr(row, f"{name}_text"), number(getattr(row, f"{name}_points"))
                told = f"“{heading.strip()}”所列分值为{printed}分，本组各行分值合计{number(points)}分，两者不符。"
                yield row.hit(f"cell_{name}", told, expected=f"{printed}分")


@check("WT03", of="form")
def unusual_shares(form: Form) -> Iterator[Hit]:
    """The points by level 1 differ from the ruleset's profile and no note on the form says why.

    Real forms deviate constantly, and the rule allows it in special cases: information, not an error.
    """
    if not form.points_known or (form.footnotes and any(p.search(fold(form.footnotes)) for p in _NOTED.values())):
        return
    shares = _shares(form)
    if total(shares[part] for part in _SINGLE) != form["total_points"]:
        return  # points under level-1 names that no profile has
    usual, *others = form.once("weight profiles", lambda: _profiles(form))
    slack = form["tol_points"]
    for profile in (usual, *others):  # parts that a profile leaves open do not matter
        if not any(apart(shares[part], wanted, slack) for part, wanted in profile.items()):
            return
    printed = _in_words(shares, usual)
    told = f"一级指标分值为{printed}，与通用结构不同，没有说明。"
    yield form.hit(_TOTAL_CELLS, told, seen=printed, expected=_in_words(usual, usual))


def _shares(form: Form) -> Shares:
    """Points of each part of a profile."""
    levels = grouped((row.level1, row.worth or ZERO) for row in form.summed)
    shares = {part: total(worth for name in names for worth in levels[name]) for part, names in _PARTS.items()}
    rate = (form.printed_execution_points or ZERO) + sum_of(_execution_rows(form), "worth")
    return shares | {_EXECUTION: rate}


def _profiles(form: Form) -> list[Shares]:
    """The profile to compare with, then the others that would do.

    A ruleset that takes the points as printed (``free``) accepts every complete profile it knows: 成本 20 is
    as good as none.
    """
    known, chosen = form["weight_profiles"], form["weights_profile"]
    if chosen != "free":
        return [_named(known.get(chosen or "", {}))]
    others = [
        {**dict.fromkeys(_SINGLE, ZERO), **points} if set(points) <= set(_SINGLE) else points
        for points in known.values()
        if sum(points.values()) == form["total_points"] and set(points) <= set(_ORDER)
    ]
    return [_named(known.get(form["weights_compare"] or "", {})), *others]


def _named(points: Shares) -> Shares:
    return {part: worth for part, worth in points.items() if part in _ORDER}


def _in_words(shares: Shares, profile: Shares) -> str:
    return "、".join(f"{part}{number(shares[part])}" for part in _ORDER if part in profile)


@check("WT04", of="form")
def heavy_row(form: Form) -> Iterator[Hit]:
    """One indicator carries more than a large share of all points, so that it alone decides the result."""
    whole = max(form.points_sum + (form.printed_execution_points or ZERO), form["total_points"])
    share = form["max_share"]
    limit = None if share is None else whole * share
    for row in form.indicators:
        if not row.group_points and more(row.worth, limit):
            told = f"“{row.level3.strip()}”分值{row.points_text.strip()}，超过总分值{number(whole)}分的"
            told += f"{number(share * 100)}%，一个指标决定了总分。"
            yield row.hit("cell_points", told, expected=f"不超过{number(limit)}")


@check("WT05", of="form")
def bad_points(form: Form) -> Iterator[Hit]:
    """A scored row has no points, points that are no number, or points that are not positive.

    A row that only has an actual value is warned about: it may be meant as an illustration. Scores on a form with
    points nowhere are said once: none of them could be checked.
    """
    headed = any(more(row.level1_points, ZERO) or more(row.level2_points, ZERO) for row in form.rows)
    bare = [row for row in form.summed if row.score_declared is not None]
    if bare and not form.has("points_elsewhere") and not form.has_points and not headed:
        told = f"本表{len(bare)}行指标有得分而没有任何分值，得分是否正确无法核对，请补填分值。"
        yield bare[0].hit(("cell_points", "cell_score"), told, expected="各行分值", severity="info")
    if not form.has_points or form.has(CONVERTED):
        return
    missing = {row.at for row in form.without_points}
    for row in form.summed:
        if not row.cell_points or not row.applicable or row.role == "execution":
            continue
        scored = row.score_declared is not None
        used = scored or not is_nil(row.actual_text)
        unread = row.at in missing and not is_nil(row.points_text)
        if unread or (used and row.points is not None and row.points <= 0):
            told = f"“{row.level3.strip()}”分值“{row.points_text.strip()}”不是大于0的数字。"
            yield row.hit("cell_points", told, expected="大于0的分值")
        elif row.at in missing and used and row.role != "process":
            claimed = f"，却有得分{row.score_text.strip()}。" if scored else "。"
            told = f"“{row.level3}”没有填写分值{claimed}"
            yield row.hit("cell_points", told, expected="大于0的分值", severity="" if scored else "warning")


@check("WT06", of="form")
def note_contradicts(form: Form) -> Iterator[Hit]:
    """The weight note printed on the form (产出指标50分、效益指标30分 …) contradicts its own groups."""
    if not form.footnotes:
        return
    note = fold(form.footnotes)
    groups = form.groups("level1")
    for part, pattern in _NOTED.items():
        if (found := pattern.search(note)) is None:
            continue
        noted = Decimal(found.group(1))
        for group in groups:
            rows = [row for row in group if row.role in COUNTED]
            points = sum_of(rows, "worth") if form.points_known else None
            for row in rows:
                own = points if row.level1_points is None else row.level1_points
                if row.level1 in _PARTS[part] and apart(own, noted, form["tol_points"]):
                    told = f"附注写明{part}指标{number(noted)}分，表中该组为{number(own)}分，两处矛盾。"
                    yield row.hit("cell_level1", told, expected=f"{number(noted)}分")
                    break


@check("WT08", of="form")
def odd_points(form: Form) -> Iterator[Hit]:
    """Points with many decimals, or a group split into equal fractions: computed, not judged by importance."""
    places = form["max_point_decimals"]
    broken = [row for row in form.summed if row.points is not None and row.points % 1]
    if not broken:
        return
    for row in (row for row in broken if decimals(row.points) > places):
        told = f"“{row.level3.strip()}”分值{row.points_text.strip()}小数位过多。"
        yield row.hit("cell_points", told, expected="整数或一位小数")
    for group in form.groups("level1_text", "level2_text"):
        rows = [row for row in group if row.role in COUNTED and row.points is not None]
        first = next((row for row in rows if row.points % 1 and decimals(row.points) <= places), None)
        if first is not None and _all_equal(rows):
            told = f"“{first.level2.strip()}”各行分值都是{first.points_text.strip()}，疑似平均分配。"
            yield first.hit("cell_points", told)


@check("WT09", of="form")
def equal_points(form: Form) -> Iterator[Hit]:
    """Every indicator of a form has the same points, however many there are: a mechanical split."""
    rows = [row for row in form.indicators if row.points is not None and not row.group_points]
    if len(rows) >= form["min_rows"] and _all_equal(rows):
        told = f"本表{len(rows)}个指标的分值都是{rows[0].points_text.strip()}，没有区分重要程度。"
        yield rows[0].hit("cell_points", told)


def _all_equal(rows: list[Row]) -> bool:
    """Whether at least two rows have all the same points."""
    return len(rows) > 1 and len({row.points for row in rows}) == 1
