"""Sheets of the spot check: 抽查名单 (who was drawn, how, what came out) and 复核结果 (indicator by indicator)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from perfbatch.decimals import plain
from perfbatch.followup.items import COMPLETENESS, completeness
from perfbatch.followup.rescoring import ReviewedRow
from perfbatch.followup.review import EQUAL, LARGE, WITHIN, Review, ReviewedProject
from perfbatch.model import Batch
from perfbatch.outputs.cells import Formula, Link, Value, cell_link
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary import formulas
from perfbatch.outputs.summary.listing import Field, Foot, Rest, Row, field_of, write_list
from perfbatch.outputs.summary.projects import MONEY_NOTE, identity, marks, money, money_foot
from perfbatch.outputs.wording import heading, place
from perfbatch.outputs.workpaper import sheets_of
from perfbatch.outputs.workpaper.form import drawn_words
from perfbatch.totals.sums import Totals

_BASIS = {"entered": "核查分数", "recomputed": "按核查完成值复算", "": "未核查"}
_NOTED = 8  # refused entries that the head of the sheet lists


def level_words(project: ReviewedProject) -> str:
    """The graded difference of a project in words."""
    if not project.level:
        return "未核查" if project.score is None else ""
    if project.level == EQUAL:
        return "一致"
    side = "自评偏高" if project.difference is not None and project.difference > 0 else "自评偏低"
    return {WITHIN: f"基本一致（{side}）", LARGE: f"偏差较大（{side}）"}[project.level]


def write_sample(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 抽查名单: the projects drawn, how and why, the evidence found and the review score."""
    how = {entry.project_id: drawn_words(entry) for entry in batch.drawn}
    fields = [
        *identity(totals),
        field_of("抽取方式", lambda r: how.get(r.item.project_id, ""), "text", 10, 16),
        *money(batch),
        *marks(),
        *(_reviewed(batch.review) if batch.review is not None else []),
        _paper(batch, totals),
        field_of("所在工作表", lambda r: r.item.sheet, "text", 10, 16),
        field_of("单元格", lambda r: place(batch, r.item.file, r.item.sheet, r.item.cell), "code", 6),
    ]
    notes = [f"{MONEY_NOTE}{batch.sample_note or '本次运行未抽取项目。'}"]
    if batch.review is not None:
        notes.append(_levels(batch.review))
    elif totals.sample:
        notes.append("核查后填写“抽查工作底稿”，再运行 perfbatch review 读取，核查结果会列入本表和“复核结果”。")
    sums, quotients = money_foot(totals.drawn)
    foot = Foot(sums=sums, quotients=quotients)
    title, rest = f"{heading(totals)}绩效自评抽查名单", Rest("个项目", "run.json")
    write_list(paper, "抽查名单", title, fields, totals.sample, notes=notes, foot=foot, rest=rest)


def _levels(review: Review) -> str:
    checked = [project for project in review.projects if project.score is not None]
    counts = Counter(project.level for project in checked)
    words = ((EQUAL, "一致"), (WITHIN, "基本一致"), (LARGE, "偏差较大"))
    told = "，".join(f"{word}{counts[level]}个" for level, word in words)
    return (
        f"已核查{len(checked)}个项目：{told}；核查差额＝自评总分－核查得分，界限见“规则依据”（review_gap）；"
        "未核查的指标按自评得分计入核查得分。" + _quality_note(review)
    )


def _quality_note(review: Review) -> str:
    """How the quality of the self-evaluations went into the reviewed scores, where it was judged."""
    judged = [project for project in review.projects if project.quality_score is not None]
    if not judged:
        return ""
    told = "、".join(_with_quality(project) for project in judged[:_NOTED])
    return f"已核查自评质量的{len(judged)}个项目，核查得分按比重合计（review_quality_share）：{told}。"


def _with_quality(project: ReviewedProject) -> str:
    return f"{project.name}{plain(project.quality_score)}分（指标核查得分{plain(project.indicator_score)}）"


def _reviewed(review: Review) -> list[Field]:
    def of(value: Callable[[ReviewedProject], Value], otherwise: Value = None) -> Callable[[Row], Value]:
        def get(row: Row) -> Value:
            project = review.of(row.item.project_id)
            return value(project) if project else otherwise

        return get

    def difference(row: Row) -> Value:
        project = review.of(row.item.project_id)
        if project is None or project.difference is None or project.declared != row.item.declared:
            return project.difference if project else None
        return Formula(formulas.difference(row.cell("自评总分"), row.cell("核查得分")), project.difference)

    return [
        field_of("佐证材料", of(_evidence, "未核查"), "text", 9, 14),
        field_of("已核查指标", of(lambda p: f"{p.reviewed}/{p.reviewed + p.open}", ""), "code", 7, 8),
        field_of("核查得分", of(lambda p: p.score), "score", 8),
        field_of("核查差额", difference, "score", 8),
        field_of("核查结论", of(level_words, "未核查"), "text", 9, 14),
    ]


def _evidence(project: ReviewedProject) -> str:
    counts = Counter(completeness(row.entry.complete) for row in project.rows)
    return "，".join(f"{word}{counts[word]}条" for word in COMPLETENESS if counts[word]) or "未填"


def _paper(batch: Batch, totals: Totals) -> Field:
    """Number of the sheet in the workpaper, leading there."""
    papers = {
        key: Link(cell_link(book, name, "A1"), f"{at:02d}")
        for key, (book, name, at) in sheets_of(batch, totals).items()
    }
    return field_of("底稿", lambda r: papers.get(r.item.project_id, ""), "code", 5, 6)


def write_review(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 复核结果: self-score against reviewed score, row by row; left out when nothing was reviewed."""
    review: Review | None = batch.review
    if review is None:
        return
    items = [(project, row) for project in review.projects for row in project.rows]
    fields = [
        field_of("序号", lambda r: r.at, "seq", 5),
        field_of("项目名称", lambda r: r.item[0].name, "text", 14, 22),
        field_of("三级指标", lambda r: r.item[1].item.name, "text", 12, 18),
        field_of("指标值", lambda r: r.item[1].item.target, "text", 8, 13),
        field_of("实际完成值", lambda r: r.item[1].item.actual, "text", 8, 13),
        field_of("核查完成值", lambda r: r.item[1].entry.actual, "text", 8, 13),
        field_of("佐证材料是否齐全", lambda r: r.item[1].entry.complete, "code", 8, 8),
        field_of("分值", lambda r: r.item[1].item.points, "figure", 6),
        field_of("自评得分", lambda r: r.item[1].item.declared, "score", 7),
        field_of("按核查完成值复算", lambda r: r.item[1].recomputed, "score", 8),
        field_of("核查得分", lambda r: r.item[1].score, "score", 7),
        field_of("差额", _difference, "score", 7),
        field_of("核查得分来源", lambda r: _source_of(r.item[1]), "code", 10, 12),
        field_of("核查意见", lambda r: r.item[1].entry.opinion, "text", 12, 26),
        field_of("底稿位置", lambda r: _place(r.item[0], r.item[1]), "text", 10, 18),
    ]
    notes = [
        f"读取的底稿：{'、'.join(review.files) or '无'}。差额＝自评得分－核查得分，不为0的以灰底标出；"
        "只填核查完成值的按评分规则复算，两项都填的以核查分数为准；未核查的指标不计差额。",
        *review.problems[:_NOTED],
        *_unnoted(len(review.problems)),
        *_opinions(review),
    ]
    title, rest = f"{heading(totals)}绩效自评抽查复核结果", Rest("条指标", "data/review.json")
    listed = write_list(paper, "复核结果", title, fields, items, notes=notes, frozen=3, rest=rest)
    column = [field.column.title for field in fields].index("差额")
    listed.page.highlight_unequal(column, listed.first, listed.last)


def _place(project: ReviewedProject, row: ReviewedRow) -> str:
    where = row.entry.cell_score
    return f"{project.paper.sheet}!{where}" if where else f"{project.paper.sheet}（底稿中没有这一行）"


def _unnoted(count: int) -> list[str]:
    return [f"共{count}处未采用的填写，以上列出{_NOTED}处，全部见控制台输出。"] if count > _NOTED else []


def _opinions(review: Review) -> list[str]:
    """What reviewers said about whole projects, with who and when."""
    told = []
    for project in review.projects:
        who = "，".join(part for part in (project.paper.reviewer, project.paper.date) if part)
        if project.paper.opinion or who:
            told.append(f"{project.name}：{project.paper.opinion or '（未填核查意见）'}{f'（{who}）' if who else ''}")
    return told[:_NOTED]


def _source_of(row: ReviewedRow) -> str:
    if row.item.points is None:
        return "不单独计分"
    return _BASIS[row.basis]


def _difference(row: Row) -> Value:
    reviewed = row.item[1]
    if reviewed.difference is None:
        return None
    return Formula(formulas.difference(row.cell("自评得分"), row.cell("核查得分")), reviewed.difference)
