"""XP, further inputs: last year, rectification, evidence, submission dates, spot check and review."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from perfbatch.checks.batch import Batch, by_project
from perfbatch.checks.context import Hit, Skipped, number
from perfbatch.checks.form import ZERO, less, more, sum_of
from perfbatch.checks.register import check
from perfbatch.identity.names import name_key
from perfbatch.model import Frames
from perfbatch.notation import Around, fold, is_nil, read_target
from perfbatch.notation.units import common
from perfbatch.schema import rows


@check("XP06", of="batch")
def target_below_last_year(batch: Batch) -> Iterator[Hit]:
    """A more-is-better target lies far below what was reached last year (form column, or last year's run)."""
    previous = batch.given.previous
    if previous is None and not any(text for (text,) in batch.values("last_year")):
        raise Skipped("没有提供上年结果（--previous），表中也没有上年完成值，本项未检查")
    known = {} if previous is None else last_actuals(previous)
    for row in batch.rows:
        if row.direction != "positive" or row.role != "indicator" or row.target_status in ("ambiguous", "multiple"):
            continue
        reached = None
        if row.last_year:  # the form's own 上年完成值, where it is a figure in the unit of the target
            around = Around(unit=row.unit_text, name=row.level3, level2=row.level2)
            reading = read_target(row.last_year, around)
            reached = reading.value if reading.unit in ("", row.unit) else None
        if reached is None and known:
            reached = last_actual(known, row.unit, row.form.project_name, row.form.unit, row.level2, row.level3)
        if reached is not None and less(row.target_value, reached * row.form["last_year_ratio"]):
            done = f"{number(reached)}{row.unit}"
            told = f"指标{row.called}的目标“{row.target_text}”，上年实际{done}，目标明显低于上年实际。"
            yield row.hit("cell_target", told, seen=row.target_text, expected=done)


Reached = dict[tuple[str, ...], tuple[Decimal | None, str] | None]  # a figure and its unit; None of several indicators


def last_actuals(previous: Frames) -> Reached:
    """Last year's actuals by the names of project, unit, level 2 and indicator."""
    named = {key: names for key, *names in rows(previous.projects, "project_id", "project_name", "unit")}
    found: Reached = {}
    columns = ("project_id", "level2", "level3", "actual_value", "unit")
    for project, level2, level3, actual, unit in rows(previous.indicators, *columns):
        key = tuple(map(name_key, (*named.get(project, ("", "")), level2, level3)))
        found[key] = None if key in found else (actual, unit)
    return found


def last_actual(known: Reached, unit: str, *names: str) -> Decimal | None:
    """What an indicator reached last year, found by these names; None where it was counted in another unit."""
    actual, its = known.get(tuple(map(name_key, names))) or (None, "")
    return actual if common(unit, its)[:3] == ("yes", 1, 1) else None


@check("XP08", of="batch")
def no_rectification(batch: Batch) -> Iterator[Hit]:
    """A project below the second grade, or not executed at all, has neither measures nor a ledger entry.

    Forms without a box for measures are judged only when a ledger is given.
    """
    ledger = batch.given.rectification
    if ledger is None and not any(form.cell_measures for form in batch.forms):
        raise Skipped("没有提供整改台账，表中也没有改进措施栏，本项未检查")
    entered = by_project(dict.fromkeys(ledger or (), True))
    for form in batch.forms:
        idle = form.executed == 0
        troubled = idle or less(form.total_declared, form["grades"][1])
        if troubled and (form.cell_measures or ledger is not None) and form.nil("measures") and not entered(form):
            told = "未执行" if idle else f"自评{number(form.total_declared)}分"
            message = f"{form.called}{told}，没有整改措施或整改登记。"
            yield form.hit(("cell_measures", "cell"), message, seen=form.measures, expected="整改措施和时限")


@check("XP09", of="batch")
def evidence_missing(batch: Batch) -> Iterator[Hit]:
    """A scored indicator lists no document, where the form has such a column in use or a list was given.

    With a sample, only the projects drawn are asked.
    """
    listed, sample = batch.given.evidence, batch.given.sample
    if listed is None and all(is_nil(text) for (text,) in set(batch.values("evidence"))):
        raise Skipped("表中没有填写佐证资料栏，也没有提供佐证材料清单，本项未检查")
    documents, lacking = by_project(listed or {}), by_project(batch.given.lacking)
    drawn = by_project(dict.fromkeys(sample or (), True))
    for form in batch.forms:
        if sample and not drawn(form):
            continue
        rows, named = form.rows, documents(form)
        if named is None and all(row.nil("evidence") for row in rows):
            if listed is not None:
                yield form.hit("cell", f"{form.called}没有提供佐证材料。", expected="佐证材料")
            continue
        papers = {fold(name): some for name, some in (lacking(form) or {}).items()}
        with_document = {fold(name) for name in named or ()}
        for row in rows:
            name = fold(row.level3)
            if row.role == "indicator" and more(row.points, ZERO) and row.nil("evidence") and name not in with_document:
                own = papers.get(name, "")
                told = f"缺少佐证材料：{own}。" if own else "没有列出佐证材料。"
                cells = ("cell_level3", "cell_target")
                yield row.hit(cells, f"指标{row.called}{told}", expected=own or "佐证材料")


@check("XP12", of="batch")
def late_submission(batch: Batch) -> Iterator[Hit]:
    """A form came in after the end of the task, or no submission is recorded."""
    task = batch.needed(batch.given.task, "列有提交时间的项目列表（或 --published 清单）和自评截止时间")
    end, submitted = date.fromisoformat(task["end"]), by_project(task["submitted"])
    for form in batch.forms:
        text = submitted(form)  # None: not on the list; empty: listed without a time
        days = (date.fromisoformat(text) - end).days if text else 0
        if text == "" or days > 0:
            told = f"{text}提交，逾期{days}天。" if text else "没有提交记录。"
            told = f"{form.called}自评截止{task['end']}，{told}"
            yield form.hit("cell", told, seen=text or "", expected=task["end"])


@check("XP13", of="batch")
def self_score_above_review(batch: Batch) -> Iterator[Hit]:
    """The self score exceeds by far the review score of the form, of the review results, or of an evaluation."""
    reviewed, evaluated = by_project(batch.given.review or {}), by_project(batch.given.evaluated or {})
    on_forms = any(score is not None for (score,) in batch.values("review_score"))
    none = True
    for form in batch.forms:
        own, score, source = None, None, ""
        if on_forms:  # over the rows that were reviewed on the form itself
            roles = ("indicator", "parent", "process")
            if rows_ := [row for row in form.rows if row.role in roles and row.review_score is not None]:
                own, score = sum_of(rows_, "score_declared"), sum_of(rows_, "review_score")
        if (found := evaluated(form)) is not None:
            source = found["source"]
            if found["score"] is not None:
                own, score = form.total_declared, found["score"]
        if (result := reviewed(form)) is not None and result["score"] is not None:
            own, score, source = form.total_declared, result["score"], ""
        none &= score is None
        if own is not None and score is not None and own - score > form["review_gap"]:
            told = f"绩效评价{number(score)}分（{source}）" if source else f"复核{number(score)}分"
            message = f"{form.called}自评{number(own)}分，{told}，高出{number(own - score)}分。"
            yield form.hit(("cell_total", "cell"), message, seen=number(own), expected=number(score))
    if none:
        if named := "、".join(f"“{name}”" for name in batch.given.evaluated or ()):
            raise Skipped(f"绩效评价评分表上的项目{named}与自评项目对应不上，没有复核得分，本项未检查")
        raise Skipped("没有复核得分和绩效评价得分，本项未检查")


@check("XP14", of="batch")
def sample_too_small(batch: Batch) -> Iterator[Hit]:
    """Fewer projects of a unit were drawn than the share asks for, or a drawn project has no review result.

    The units and their numbers are those of the draw itself; what is lacking is said once, of the batch.
    """
    drawn = by_project(dict.fromkeys(batch.needed(batch.given.sample, "抽查名单"), True))
    lacking = [one for one in batch.given.drawn if one[2] < one[3]]
    if lacking:
        unit, projects, taken, due = lacking[0]
        told = f"{unit or '本批次'}共{projects}个项目，抽查{taken}个，按比例应不少于{due}个。"
        if len(lacking) > 1:
            told = f"有{len(lacking)}个单位抽查数量不足，如{told}"
        seen, expected = sum(one[2] for one in lacking), sum(one[3] for one in lacking)
        yield Hit(None, "", f"{seen}个", f"{expected}个", told)
    if batch.given.review is not None:
        reviewed = by_project(batch.given.review)
        for form in batch.forms:
            if drawn(form) and (reviewed(form) or {}).get("score") is None:
                yield form.hit("cell", f"抽查{form.called}没有复核结果。", expected="复核得分")


@check("XP15", of="batch")
def review_score_out_of_range(batch: Batch) -> Iterator[Hit]:
    """A review score above the points, or none on a scored row of a project that was reviewed or drawn."""
    if not any(cell for (cell,) in batch.values("cell_review_score")):
        raise Skipped("表中没有核查分数（复核分）栏，本项未检查")
    drawn = by_project(dict.fromkeys(batch.given.sample or (), True))
    for form in batch.forms:
        rows = form.rows
        begun = drawn(form) is not None or any(row.review_score is not None for row in rows)
        for row in rows:
            if more(row.review_score, row.points):
                told = f"指标{row.called}核查{number(row.review_score)}分，超过分值{number(row.points)}分。"
                limit = f"不超过{number(row.points)}"
                yield row.hit("cell_review_score", told, seen=str(row.review_score), expected=limit)
            due = begun and row.role in ("indicator", "process") and row.cell_review_score
            scored = row.score_declared is not None and row.score_declared >= 0
            if due and scored and row.review_score is None:
                told = f"指标{row.called}自评{number(row.score_declared)}分，没有填写核查分数。"
                yield row.hit("cell_review_score", told, seen="", expected="核查分数")
